//! Resources of Azure to the network model.
//!
//! In: resources as template expansion gives them, and as the readers of REST and az build them: one shape
//! ([`Resource`]). Out: the [`Network`] and findings. Joins are by id, without regard to case; ids with open
//! parts (`${...}`) join by their text. What a resource refers to and the input does not hold stays an id,
//! for which `network` makes the gap. What is not settled is never read as absent.
//!
//! | resource | module | clauses |
//! | --- | --- | --- |
//! | network security groups, their rules inline and as resources | `groups` | S5, S58, S138 |
//! | virtual networks, subnets, peerings | `networks` | S58, S77 |
//! | route tables | `routes` | S72 to S75 |
//! | what Azure says is in force, from dumps | `effective` | S132 to S139 |
//! | network interfaces, and the application security groups that they join | `interfaces` | S46, S50, S58 |
//! | public addresses and load balancers before interfaces | `fronts` | S63 |
//! | private endpoints | `endpoints` | S109, S110 |
//! | gateways to other sites, their connections and local networks | `gateways` | S120 |
//! | API Management instances and workspace gateways | `instances` | flows, section 7 |
//! | one resource in several documents | `twice` | |
//!
//! Not here: fields of a rule (`fields`), file forms (`arm`, `rest`).

mod effective;
mod endpoints;
mod features;
mod fronts;
mod gateways;
mod groups;
mod instances;
mod interfaces;
mod networks;
mod routes;
mod subnets;
mod twice;

use super::Resource;
use super::values::{Faults, Value, direct};
use crate::finding::{Code, Finding};
use crate::model::{Fact, Gap, Region, ResourceId};
use crate::network::Network;

/// Types that a network is made of; their children too.
const READ: [&str; 13] = [
    "Microsoft.Network/networkSecurityGroups",
    "Microsoft.Network/virtualNetworks",
    "Microsoft.Network/routeTables",
    "Microsoft.Network/networkInterfaces",
    "Microsoft.Network/applicationSecurityGroups",
    "Microsoft.Network/privateEndpoints",
    "Microsoft.Network/virtualNetworkGateways",
    "Microsoft.Network/connections",
    "Microsoft.Network/localNetworkGateways",
    "Microsoft.Network/loadBalancers",
    "Microsoft.Network/publicIPAddresses",
    instances::SERVICE,
    instances::GATEWAY,
];

/// Whether resources of this type say something about a network.
pub fn reads(kind: &str) -> bool {
    READ.iter().any(|read| {
        kind.split_at_checked(read.len()).is_some_and(|(head, rest)| {
            head.eq_ignore_ascii_case(read) && (rest.is_empty() || rest.starts_with('/'))
        })
    })
}

/// Puts resources together to a network.
///
/// Resources that are only referred to (`existing`) state nothing and are left out. Never fails: what cannot
/// be read is a finding and an unknown.
pub fn build(resources: &[Resource]) -> (Network, Vec<Finding>) {
    let mut faults = Faults::default();
    check_properties(resources, &mut faults);
    let security_groups = groups::read(resources, &mut faults);
    let (virtual_networks, mut subnets, unlisted) = networks::read(resources, &mut faults);
    let effective = effective::read(resources, &mut subnets, &mut faults);
    let route_tables = routes::read(resources, &mut faults);
    let mut interfaces = interfaces::read(resources, &mut faults);
    interfaces::join_back(resources, &mut interfaces, &mut faults);
    let private = endpoints::read(resources, &interfaces, &mut faults);
    interfaces.retain(|one| !private.interfaces.contains(&one.id.key()));
    let members = interfaces.iter().chain(&private.members);
    let groups = interfaces::groups(resources, members, &subnets);
    let gateways = gateways::read(resources, &mut faults);
    let instances = instances::read(resources, &mut faults);
    let network = Network {
        virtual_networks: virtual_networks.into(),
        subnets: subnets.into(),
        security_groups: security_groups.into(),
        route_tables: route_tables.into(),
        interfaces: interfaces.into(),
        gateways,
        private_endpoints: private.endpoints.into(),
        groups: groups.into(),
        instances,
        regions: regions(resources),
        peer_prefixes: Vec::new(),
        unlisted,
        effective,
    };
    (network, faults.findings)
}

/// Notes properties of another type than an object; all that they would say is then unknown.
fn check_properties(resources: &[Resource], faults: &mut Faults) {
    for resource in resources.iter().filter(|resource| !resource.existing) {
        let kind = resource.kind.to_ascii_lowercase();
        if !(kind.starts_with("microsoft.network/") || kind.starts_with("microsoft.apimanagement/")) {
            continue;
        }
        if let Some(properties) = resource.body.get("properties")
            && !properties.is_null()
            && properties.as_object().is_none()
            && properties.gap().is_none()
            // A rule tells this itself.
            && !kind.ends_with("rules")
        {
            faults.wrong_type(properties, "properties", resource.id.name(), "an object");
        }
    }
}

/// The resources of one type that the input itself states.
fn of_kind<'r>(resources: &'r [Resource], kind: &'r str) -> impl Iterator<Item = &'r Resource> {
    resources.iter().filter(move |resource| !resource.existing && resource.kind.eq_ignore_ascii_case(kind))
}

/// Why it is not certain that a resource is deployed.
fn doubt(resource: &Resource, what: &str) -> Option<Gap> {
    let Fact::Unknown(reason) = &resource.exists else { return None };
    let text = format!("whether the {what} `{}` is deployed: {}", resource.id.name(), reason.missing());
    let gap = Gap::new(text).at(reason.origin().unwrap_or(&resource.origin));
    Some(match reason.supply() {
        Some(command) => gap.supplied_by(command),
        None => gap,
    })
}

/// What a child's id says it belongs to; a child whose id does not say is told, and left out.
fn parent(resource: &Resource, what: &str, faults: &mut Faults) -> Option<ResourceId> {
    let parent = resource.id.parent();
    if parent.is_none() {
        let message = format!(
            "the {what} `{}` is left out, since its id `{}` does not say what it belongs to",
            resource.id.name(),
            resource.id
        );
        let finding = Finding::new(Code::UnknownReference, &resource.origin, message);
        faults
            .findings
            .push(finding.about(resource.id.name()).fix("write its whole id, or its type and full name"));
    }
    parent
}

/// A gap that says how to supply what is missing, where it did not say so yet.
fn supplied(gap: Gap, option: &str) -> Gap {
    if gap.supply().is_some() { gap } else { gap.supplied_by(option) }
}

/// The regions that the input names, in order of first mention.
fn regions(resources: &[Resource]) -> Vec<Region> {
    let mut regions: Vec<Region> = Vec::new();
    let mut add = |place: &super::json::Node| {
        if let Value::Is(node) = direct(place, "location")
            && let Some(text) = node.as_str().map(str::trim).filter(|text| !text.is_empty())
        {
            let region = Region::new(text);
            if region.as_str() != "global" && !regions.contains(&region) {
                regions.push(region);
            }
        }
    };
    for resource in resources.iter().filter(|resource| !resource.existing) {
        add(&resource.body);
        if resource.kind.eq_ignore_ascii_case(instances::SERVICE)
            && let Value::Is(added) = super::values::field(&resource.body, "additionalLocations")
        {
            added.items().iter().for_each(&mut add);
        }
    }
    regions
}
