//! The parts of a scenario that say what stands where: `apim:` and `network:`.

use super::fields::{Fields, Spot, count, items, named, text, texts};
use super::host_form::{self, EndpointForm, InterfaceForm};
use super::link_form::{self, GatewayForm, PeeringForm, RouteTableForm};
use super::mistake::Mistakes;
use super::yaml::Node;
use crate::flows::Feature;
use crate::model::{Mode, Origin, Platform, Region, Tier};
use crate::network::EndpointPolicies;
use crate::rules::{Rule, notation};
use ipnet::IpNet;
use std::net::IpAddr;

/// The instance as written; what is left out comes from the input or from the defaults.
#[derive(Clone, Debug)]
pub struct InstanceForm {
    /// Its name.
    pub name: Option<Spot<String>>,
    /// Its subnet by name.
    pub subnet: Option<Spot<String>>,
    /// How it stands in its network.
    pub mode: Option<Spot<Mode>>,
    /// Its tier.
    pub tier: Option<Spot<Tier>>,
    /// Its platform.
    pub platform: Option<Spot<Platform>>,
    /// Units of the primary location.
    pub units: Option<u32>,
    /// The primary region.
    pub region: Option<Spot<Region>>,
    /// Added locations, where they are written.
    pub locations: Option<Vec<LocationForm>>,
    /// Features that are on.
    pub features: Vec<Feature>,
    /// Where it stands.
    pub origin: Origin,
}

/// An added location.
#[derive(Clone, Debug)]
pub struct LocationForm {
    /// Its region.
    pub region: Spot<Region>,
    /// Its subnet by name.
    pub subnet: Option<Spot<String>>,
    /// Its units.
    pub units: Option<u32>,
}

/// Security admin rules, and whether each always allows.
pub(super) type AdminRuleForms = Vec<(Rule, bool)>;

/// The network as written, each part by name.
#[derive(Clone, Debug, Default)]
pub struct NetworkForm {
    /// Virtual networks.
    pub networks: Vec<Spot<VirtualNetworkForm>>,
    /// Security groups with their rules; names in the rules are not yet looked up.
    pub groups: Vec<Spot<(String, Vec<Rule>)>>,
    /// Route tables with their routes.
    pub route_tables: Vec<Spot<RouteTableForm>>,
    /// Application security groups with their members' addresses; interfaces may add more.
    pub application_groups: Vec<Spot<(String, Vec<IpNet>)>>,
    /// Peerings.
    pub peerings: Vec<Spot<PeeringForm>>,
    /// Network interfaces.
    pub interfaces: Vec<Spot<InterfaceForm>>,
    /// Private endpoints.
    pub endpoints: Vec<Spot<EndpointForm>>,
    /// Gateways to other sites.
    pub gateways: Vec<Spot<GatewayForm>>,
    /// Network managers with their security admin rules, and whether each always allows.
    pub managers: Vec<Spot<(String, AdminRuleForms)>>,
}

/// A virtual network.
#[derive(Clone, Debug)]
pub struct VirtualNetworkForm {
    /// Its name.
    pub name: String,
    /// Its address space, where it is written.
    pub prefixes: Option<Vec<IpNet>>,
    /// Its own DNS servers, where they are written.
    pub dns_servers: Option<Vec<IpAddr>>,
    /// Subnets.
    pub subnets: Vec<Spot<SubnetForm>>,
    /// Networks or prefixes that it is peered with.
    pub peerings: Vec<Spot<String>>,
}

/// A subnet.
#[derive(Clone, Debug)]
pub struct SubnetForm {
    /// Its name.
    pub name: String,
    /// Its prefixes, where they are written.
    pub prefixes: Option<Vec<IpNet>>,
    /// Its security group by name.
    pub group: Option<Spot<String>>,
    /// Its route table by name.
    pub routes: Option<Spot<String>>,
    /// The services that it is delegated to, where they are written.
    pub delegations: Option<Vec<String>>,
    /// The services that have a service endpoint in it, where they are written.
    pub service_endpoints: Option<Vec<String>>,
    /// What applies to traffic to its private endpoints, where it is written.
    pub endpoint_policies: Option<EndpointPolicies>,
}

pub(super) fn instance(node: &Node, mistakes: &mut Mistakes) -> Option<InstanceForm> {
    const KEYS: &[&str] =
        &["name", "subnet", "mode", "tier", "platform", "units", "region", "locations", "features"];
    let fields = Fields::of(node, "`apim`", KEYS, mistakes)?;
    let locations = fields.get("locations").map(|node| {
        let items = items(node, "locations, as in [{ region: northeurope, subnet: apim-north }]", mistakes);
        items.iter().filter_map(|item| location(item, mistakes)).collect()
    });
    let features = fields.get("features").map(|node| texts(node, "a feature", mistakes)).unwrap_or_default();
    Some(InstanceForm {
        name: fields.text("name", "a name", mistakes),
        subnet: fields.text("subnet", "a subnet's name", mistakes),
        mode: fields.word("mode", mistakes),
        tier: fields.word("tier", mistakes),
        platform: fields.word("platform", mistakes),
        units: fields.get("units").and_then(|node| count(node, "number of units", mistakes)),
        region: region(&fields, mistakes),
        locations,
        features: features
            .iter()
            .filter_map(|spot| mistakes.take(&spot.origin, Feature::named(&spot.value)))
            .collect(),
        origin: node.origin.clone(),
    })
}

fn region(fields: &Fields<'_>, mistakes: &mut Mistakes) -> Option<Spot<Region>> {
    let written = fields.text("region", "a region, as in westeurope", mistakes)?;
    Some(Spot { value: Region::new(&written.value), origin: written.origin })
}

fn location(node: &Node, mistakes: &mut Mistakes) -> Option<LocationForm> {
    let fields = Fields::of(node, "a location", &["region", "subnet", "units"], mistakes)?;
    let region = region(&fields, mistakes);
    if region.is_none() && fields.lacks("region", mistakes) {
        mistakes.add::<()>(fields.origin, "an added location needs a `region`");
    }
    let subnet = fields.text("subnet", "a subnet's name", mistakes);
    let units = fields.get("units").and_then(|node| count(node, "number of units", mistakes));
    Some(LocationForm { region: region?, subnet, units })
}

pub(super) fn network(node: &Node, mistakes: &mut Mistakes) -> Option<NetworkForm> {
    const KEYS: &[&str] =
        &["vnets", "nsgs", "routes", "peerings", "interfaces", "asgs", "endpoints", "gateways", "admin"];
    let fields = Fields::of(node, "`network`", KEYS, mistakes)?;
    let of = |key: &str, what: &str, mistakes: &mut Mistakes| {
        fields.get(key).map(|node| named(node, what, true, mistakes)).unwrap_or_default()
    };
    let networks = of("vnets", "a virtual network", mistakes);
    let groups = of("nsgs", "a network security group", mistakes);
    let tables = of("routes", "a route table", mistakes);
    let application_groups = of("asgs", "an application security group", mistakes);
    let interfaces = of("interfaces", "a network interface", mistakes);
    let endpoints = of("endpoints", "a private endpoint", mistakes);
    let gateways = of("gateways", "a network with a gateway", mistakes);
    let managers = of("admin", "a network manager", mistakes);
    let mut form = NetworkForm {
        route_tables: link_form::route_tables(tables, mistakes),
        interfaces: host_form::interfaces(interfaces, mistakes),
        endpoints: host_form::endpoints(endpoints, mistakes),
        gateways: link_form::gateways(gateways, mistakes),
        ..NetworkForm::default()
    };
    for entry in networks {
        let network = virtual_network(&entry.key, &entry.value, mistakes);
        form.networks.extend(network.map(|network| Spot::new(network, &entry.origin)));
    }
    for entry in groups {
        let rules = named(
            &entry.value,
            "a rule, as in `AllowClients: 100 In Allow Tcp Internet:* -> *:443`",
            false,
            mistakes,
        );
        let rules = rules.iter().filter_map(|rule| {
            let written =
                text(&rule.value, "a rule, as in `100 In Allow Tcp Internet:* -> *:443`", mistakes)?;
            mistakes.notation(&written.origin, notation::rule(&rule.key, &written.value, &written.origin))
        });
        form.groups.push(Spot::new((entry.key.clone(), rules.collect()), &entry.origin));
    }
    for entry in managers {
        const WHAT: &str = "a security admin rule, as in `10 In AlwaysAllow Tcp *:* -> *:443`";
        let rules = named(&entry.value, WHAT, false, mistakes);
        let rules = rules.iter().filter_map(|rule| {
            let written = text(&rule.value, WHAT, mistakes)?;
            let read = notation::admin_rule(&rule.key, &written.value, &written.origin);
            mistakes.notation(&written.origin, read)
        });
        form.managers.push(Spot::new((entry.key.clone(), rules.collect()), &entry.origin));
    }
    for entry in application_groups {
        let members = prefixes(&entry.value, mistakes);
        form.application_groups.push(Spot::new((entry.key.clone(), members), &entry.origin));
    }
    form.peerings =
        fields.get("peerings").map(|node| link_form::peerings(node, mistakes)).unwrap_or_default();
    Some(form)
}

fn virtual_network(name: &str, node: &Node, mistakes: &mut Mistakes) -> Option<VirtualNetworkForm> {
    const KEYS: &[&str] = &["prefixes", "dns_servers", "subnets", "peerings"];
    let fields = Fields::of(node, "a virtual network", KEYS, mistakes)?;
    let subnets =
        fields.get("subnets").map(|node| named(node, "a subnet", true, mistakes)).unwrap_or_default();
    let servers = |node, mistakes: &mut Mistakes| {
        host_form::addresses(node, mistakes).into_iter().map(|spot| spot.value).collect()
    };
    Some(VirtualNetworkForm {
        name: name.to_owned(),
        prefixes: fields.get("prefixes").map(|node| prefixes(node, mistakes)),
        dns_servers: fields.get("dns_servers").map(|node| servers(node, mistakes)),
        subnets: subnets
            .iter()
            .filter_map(|entry| Some(Spot::new(subnet(&entry.key, &entry.value, mistakes)?, &entry.origin)))
            .collect(),
        peerings: fields
            .get("peerings")
            .map(|node| texts(node, "a network's name or prefix", mistakes))
            .unwrap_or_default(),
    })
}

fn subnet(name: &str, node: &Node, mistakes: &mut Mistakes) -> Option<SubnetForm> {
    const KEYS: &[&str] = &[
        "prefix",
        "prefixes",
        "nsg",
        "routes",
        "delegation",
        "service_endpoints",
        "private_endpoint_policies",
    ];
    let fields = Fields::of(node, "a subnet", KEYS, mistakes)?;
    if let (Some(_), Some(both)) = (fields.key("prefix"), fields.key("prefixes")) {
        mistakes.note::<()>(both, "`prefix` and `prefixes` both stand here: keep one");
    }
    let written = fields.get("prefix").or_else(|| fields.get("prefixes"));
    let mut services = |key: &str, what: &str| {
        let services = texts(fields.get(key)?, what, mistakes);
        Some(services.into_iter().map(|spot| spot.value).collect())
    };
    let delegations = services("delegation", "a service, as in Microsoft.Web/serverFarms");
    let service_endpoints = services("service_endpoints", "a service, as in Microsoft.Storage");
    Some(SubnetForm {
        name: name.to_owned(),
        prefixes: written.map(|node| prefixes(node, mistakes)),
        group: fields.text("nsg", "a network security group's name", mistakes),
        routes: fields.text("routes", "a route table's name", mistakes),
        delegations,
        service_endpoints,
        endpoint_policies: fields.word("private_endpoint_policies", mistakes).map(|spot| spot.value),
    })
}

/// Prefixes or bare addresses; host bits are a mistake, since Azure refuses them (S34).
pub(super) fn prefixes(node: &Node, mistakes: &mut Mistakes) -> Vec<IpNet> {
    let one = |spot: Spot<String>, mistakes: &mut Mistakes| match net(&spot.value) {
        Some(net) if net == net.trunc() => Some(net),
        Some(net) => {
            mistakes.add(&spot.origin, format!("`{net}` has host bits set: write `{}`", net.trunc()))
        }
        None => mistakes.add(&spot.origin, format!("`{}` is no prefix, as in 10.0.0.0/16", spot.value)),
    };
    texts(node, "a prefix", mistakes).into_iter().filter_map(|spot| one(spot, mistakes)).collect()
}

pub(super) fn net(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
