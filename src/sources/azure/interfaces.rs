//! Network interfaces, and the application security groups that they join.
//!
//! An interface of a private endpoint is the endpoint's address and nothing of its own: it only lends it.

use super::fronts::Fronts;
use super::twice::{Declared, Each};
use super::{doubt, of_kind, subnets};
use crate::finding::{Code, Finding};
use crate::model::{Fact, Gap, Origin, ResourceId};
use crate::network::{GroupMembers, Interface, IpConfiguration, Subnet, members};
use crate::sources::Resource;
use crate::sources::json::Node;
use crate::sources::values::{Faults, Value, direct, field, gap_of};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;

const INTERFACE: &str = "Microsoft.Network/networkInterfaces";
const GROUP: &str = "Microsoft.Network/applicationSecurityGroups";
const SECURITY_GROUP: &str = "Microsoft.Network/networkSecurityGroups";

/// All interfaces of the input, each id once; those of private endpoints among them.
pub(super) fn read(resources: &[Resource], faults: &mut Faults) -> Vec<Interface> {
    let fronts = Fronts::of(resources);
    let mut interfaces = Each::new();
    for resource in of_kind(resources, INTERFACE) {
        let interface = interface(resource, &fronts, faults);
        if let Some((second, first, _)) = interfaces.add(&resource.id, &Declared::by(resource), interface) {
            twice(first, second, faults);
        }
    }
    interfaces.into_items()
}

/// The ids of the interfaces that say that they are a private endpoint's.
pub(super) fn of_endpoints(resources: &[Resource]) -> HashSet<String> {
    let is_one = |resource: &&Resource| field(&resource.body, "privateEndpoint").is().is_some();
    of_kind(resources, INTERFACE).filter(is_one).map(|resource| resource.id.key()).collect()
}

/// Members of the application security groups that stand in the input themselves (S46, S50).
pub(super) fn groups<'a>(
    resources: &[Resource],
    interfaces: impl IntoIterator<Item = &'a Interface>,
    subnets: &[Subnet],
) -> BTreeMap<ResourceId, GroupMembers> {
    let declared = of_kind(resources, GROUP).filter(|group| group.exists == Fact::Known(true));
    let declared: BTreeMap<&ResourceId, &Origin> = declared.map(|group| (&group.id, &group.origin)).collect();
    let members = members::of_interfaces(interfaces, subnets).unwrap_or_default();
    let of_declared = |(id, members): (ResourceId, GroupMembers)| {
        let origin = Some((*declared.get(&id)?).clone());
        Some((id, GroupMembers { origin, ..members }))
    };
    members.into_iter().filter_map(of_declared).collect()
}

/// S58: a group names the interfaces that it is on, also where they do not name it.
pub(super) fn join_back(resources: &[Resource], interfaces: &mut [Interface], faults: &mut Faults) {
    const KEY: &str = "networkInterfaces";
    let mut named: HashMap<String, ResourceId> = HashMap::new();
    for group in of_kind(resources, SECURITY_GROUP) {
        let list = faults.list(field(&group.body, KEY), KEY, group.id.name()).is();
        for item in list.map(|(items, _)| items).unwrap_or_default() {
            if let Value::Is(id) = faults.id(direct(item, "id"), KEY, group.id.name()) {
                named.entry(id.key()).or_insert_with(|| group.id.clone());
            }
        }
    }
    for interface in interfaces.iter_mut().filter(|one| one.security_group == Fact::Known(None)) {
        interface.security_group = Fact::Known(named.get(&interface.id.key()).cloned());
    }
}

fn interface(resource: &Resource, fronts: &Fronts<'_>, faults: &mut Faults) -> Interface {
    const LIST: &str = "ipConfigurations";
    let (body, name) = (&resource.body, resource.id.name());
    let mut open = doubt(resource, "network interface");
    let configurations = match faults.list(field(body, LIST), LIST, name) {
        Value::Unset => Vec::new(),
        Value::Open(gap) => {
            open = open.or(Some(gap));
            Vec::new()
        }
        Value::Is((items, _)) => items.iter().map(|item| configuration(item, name, fronts, faults)).collect(),
    };
    let group = faults.reference(field(body, "networkSecurityGroup"), "networkSecurityGroup", name);
    let forwards = faults.flag(field(body, "enableIPForwarding"), "enableIPForwarding", name);
    Interface {
        id: resource.id.clone(),
        configurations,
        security_group: group.map(Some).or(|| Fact::Known(None)),
        forwards: forwards.or(|| Fact::Known(false)),
        doubt: open,
        origin: resource.origin.clone(),
    }
}

fn configuration(node: &Node, name: &str, fronts: &Fronts<'_>, faults: &mut Faults) -> IpConfiguration {
    if node.as_object().is_none() {
        let gap = match node.gap() {
            Some(_) => gap_of(node),
            None => faults.wrong_type(node, "ipConfigurations[]", name, "an object"),
        };
        return IpConfiguration {
            subnet: Fact::Unknown(gap.clone()),
            address: Fact::Unknown(gap.clone()),
            groups: Fact::Unknown(gap.clone()),
            is_public: Fact::Unknown(gap),
            open_front: None,
        };
    }
    let front = fronts.before(node, name, faults);
    IpConfiguration {
        subnet: subnets::named(field(node, "subnet"), "id", name, faults),
        address: address(node, name, "interface", faults),
        groups: joined(node, name, faults),
        is_public: front.is_public,
        open_front: front.open,
    }
}

/// The private address of an address configuration.
pub(super) fn address(node: &Node, name: &str, of: &str, faults: &mut Faults) -> Fact<IpAddr> {
    const KEY: &str = "privateIPAddress";
    let missing = || Gap::new(format!("the address of the {of} `{name}`")).at(&node.origin());
    match faults.text(field(node, KEY), KEY, name) {
        Value::Unset => Fact::Unknown(missing()),
        Value::Open(gap) => Fact::Unknown(gap),
        Value::Is((text, at)) => parsed(text, at, KEY, name, faults).map_or_else(Fact::Unknown, Fact::Known),
    }
}

/// One address as text.
pub(super) fn parsed(
    text: &str,
    at: &Node,
    key: &str,
    name: &str,
    faults: &mut Faults,
) -> Result<IpAddr, Gap> {
    text.parse().map_err(|_| {
        let message = format!("the `{key}` of `{name}` is `{text}`, expected an address");
        faults.note(Code::AddressText, at, name, message);
        Gap::new(format!("the `{key}` `{text}` of `{name}`, which is no address")).at(&at.origin())
    })
}

/// The application security groups that a configuration, or a private endpoint, is a member of.
pub(super) fn joined(node: &Node, name: &str, faults: &mut Faults) -> Fact<Vec<ResourceId>> {
    const KEY: &str = "applicationSecurityGroups";
    let items = match faults.list(field(node, KEY), KEY, name) {
        Value::Unset => return Fact::Known(Vec::new()),
        Value::Open(gap) => return Fact::Unknown(gap),
        Value::Is((items, _)) => items,
    };
    let mut groups = Vec::with_capacity(items.len());
    for item in items {
        match faults.id(direct(item, "id"), KEY, name) {
            Value::Is(id) => groups.push(id),
            Value::Open(gap) => return Fact::Unknown(gap),
            Value::Unset => {
                let gap = Gap::new(format!("which application security group `{name}` joins"));
                return Fact::Unknown(gap.at(&item.origin()));
            }
        }
    }
    Fact::Known(groups)
}

/// Two declarations of one interface. Where they differ nobody knows which is deployed: it may have the addresses of
/// both, and what only one says of the rest is unknown.
fn twice(first: &mut Interface, mut second: Interface, faults: &mut Faults) {
    let facts =
        |part: &IpConfiguration| (part.subnet.clone(), part.address.known().copied(), part.groups.clone());
    let all = |one: &Interface| one.configurations.iter().map(facts).collect::<Vec<_>>();
    // A declaration that shows nothing says nothing against the other.
    let is_empty = |one: &Interface| one.configurations.is_empty() && one.doubt.is_some();
    if is_empty(&second) {
        return;
    }
    let (here, there) = (all(&second), all(first));
    let same_group = first.security_group == second.security_group;
    let same_forwards = first.forwards == second.forwards;
    let is_same = here == there && same_group && same_forwards;
    if !is_same && !is_empty(first) {
        let name = second.id.name().to_owned();
        let message = format!(
            "the network interface `{name}` is declared here and at {}, and the two differ; neither is believed",
            first.origin
        );
        faults.findings.push(Finding::new(Code::DuplicateResource, &second.origin, message).about(&name));
        let gap = Gap::new(format!("which declaration of the network interface `{name}` is deployed last"));
        let gap = gap.at(&second.origin);
        let others = std::mem::take(&mut first.configurations);
        second.configurations.extend(others.into_iter().filter(|part| !here.contains(&facts(part))));
        if !same_group {
            second.security_group = Fact::Unknown(gap.clone());
        }
        if !same_forwards {
            second.forwards = Fact::Unknown(gap.clone());
        }
        second.doubt = second.doubt.or(Some(gap));
    }
    *first = second;
}
