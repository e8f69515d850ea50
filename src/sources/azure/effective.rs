//! What Azure says is in force: where groups are, admin rules, routes, the network status of instances.

use super::of_kind;
use crate::finding::{Code, Finding, Severity};
use crate::model::{Fact, Gap, Origin, ResourceId};
use crate::network::effective::{
    AdminRules, Connectivity, EffectiveGroup, EffectiveRoute, EffectiveRoutes, NetworkStatus,
};
use crate::network::{Effective, Subnet};
use crate::rules::RuleSet;
use crate::sources::Resource;
use crate::sources::effective::{GROUP_IN_FORCE, ROUTES, STATUS};
use crate::sources::fields::{List, always_allows, rule};
use crate::sources::json::Node;
use crate::sources::values::{Faults, Value, direct, field};
use ipnet::IpNet;

/// Reads what dumps say, and adds the subnets that they alone show.
pub(super) fn read(resources: &[Resource], subnets: &mut Vec<Subnet>, faults: &mut Faults) -> Effective {
    let mut effective = Effective::default();
    for resource in of_kind(resources, GROUP_IN_FORCE) {
        let id_at = |keys: &[&str]| {
            let id = resource.body.at(keys).and_then(Node::as_str).map(str::trim);
            id.filter(|id| !id.is_empty()).map(ResourceId::new)
        };
        if let Some(manager) = id_at(&["association", "networkManager", "id"]) {
            effective.admin.push(admin(resource, manager, faults));
            continue;
        }
        let entry = EffectiveGroup {
            group: resource.id.clone(),
            named: id_at(&["networkSecurityGroup", "id"]).is_some(),
            subnet: id_at(&["association", "subnet", "id"]),
            interface: id_at(&["association", "networkInterface", "id"]),
            tags: tags(&resource.body, faults),
            origin: resource.origin.clone(),
        };
        if let Some(subnet) = &entry.subnet {
            attach(subnet, &entry, subnets, &mut effective.unseen, faults);
        }
        effective.groups.push(entry);
    }
    effective.routes = of_kind(resources, ROUTES).map(|resource| routes(resource, faults)).collect();
    effective.status = of_kind(resources, STATUS).map(|resource| status(resource, faults)).collect();
    effective
}

fn admin(resource: &Resource, manager: ResourceId, faults: &mut Faults) -> AdminRules {
    let list = resource.body.get("securityRules").map(Node::items).unwrap_or_default();
    let rules = list.iter().map(|item| rule(item, None, List::Admin, faults)).collect();
    let always = list.iter().enumerate().filter(|(_, item)| always_allows(item)).map(|(place, _)| place);
    AdminRules {
        manager,
        rules: RuleSet { rules },
        always: always.collect(),
        origin: resource.origin.clone(),
    }
}

fn tags(body: &Node, faults: &mut Faults) -> std::collections::BTreeMap<String, Vec<IpNet>> {
    let entries = body.get("tagMap").map(Node::entries).unwrap_or_default();
    let read = entries.iter().filter_map(|(tag, list)| match faults.prefixes(list.items(), "tagMap", tag) {
        Fact::Known(nets) => Some((tag.to_string(), nets)),
        Fact::Unknown(_) => None,
    });
    read.collect()
}

/// A subnet has the group that Azure says is in force there, whatever else is said of it.
fn attach(
    id: &ResourceId,
    entry: &EffectiveGroup,
    subnets: &mut Vec<Subnet>,
    unseen: &mut Vec<ResourceId>,
    faults: &mut Faults,
) {
    let in_force = Fact::Known(Some(entry.group.clone()));
    let Some(subnet) = subnets.iter_mut().find(|subnet| subnet.id == *id) else {
        unseen.push(id.clone());
        subnets.push(shown_by_dump(id, in_force, &entry.origin));
        return;
    };
    // A group that the dump does not name may well be the one that is known.
    if !entry.named && subnet.security_group != Fact::Known(None) {
        return;
    }
    if let Fact::Known(Some(other)) = &subnet.security_group
        && *other != entry.group
    {
        let name = subnet.name();
        let message = format!(
            "the subnet `{name}` has the group `{}` at {}, and `{}` is in force by this dump, which is taken",
            other.name(),
            subnet.origin,
            entry.group.name()
        );
        let mut finding = Finding::new(Code::DuplicateResource, &entry.origin, message);
        finding.severity = Severity::Warning;
        faults.findings.push(finding.about(&name));
    }
    subnet.security_group = in_force;
}

/// A dump names a subnet and says nothing else of it.
fn shown_by_dump(id: &ResourceId, security_group: Fact<Option<ResourceId>>, origin: &Origin) -> Subnet {
    let name = id.name();
    let gap = |what: &str, supply: &str| {
        Gap::new(format!("{what} of the subnet `{name}`, which the dump does not show")).supplied_by(supply)
    };
    let show = format!("az network vnet subnet show --ids {id}");
    Subnet {
        prefixes: Fact::Unknown(gap("the prefix", "--subnet-prefix PREFIX")),
        security_group,
        delegations: Fact::Unknown(gap("the delegation", &show)),
        // No route table: what routes do to `VirtualNetwork` is in what Azure says that it stands for.
        ..Subnet::new(id.clone(), id.parent().unwrap_or_else(|| id.clone()), origin)
    }
}

fn routes(resource: &Resource, faults: &mut Faults) -> EffectiveRoutes {
    let routes = resource.body.items().iter().map(|item| route(item, faults)).collect();
    EffectiveRoutes { routes, origin: resource.origin.clone() }
}

fn route(item: &Node, faults: &mut Faults) -> EffectiveRoute {
    let about = item.get("name").and_then(Node::as_str).unwrap_or("(no name)").to_owned();
    let missing = |what: &str| Gap::new(format!("the `{what}` of a route in force")).at(&item.origin());
    let mut word = |key: &str| {
        let text = faults.text(field(item, key), key, &about).map(|(text, _)| text.to_owned());
        text.or(|| Fact::Unknown(missing(key)))
    };
    let (source, state, next_hop) = (word("source"), word("state"), word("nextHopType"));
    let mut texts = |key: &str| -> Vec<(String, Node)> {
        let list = match faults.list(field(item, key), key, &about) {
            Value::Is((items, _)) => items,
            Value::Unset | Value::Open(_) => return Vec::new(),
        };
        let read = list.iter().filter_map(|item| {
            faults.text(Value::Is(item), key, &about).is().map(|(text, node)| (text.to_owned(), node.clone()))
        });
        read.collect()
    };
    let tags = texts("destinationServiceTags").into_iter().map(|(text, _)| text).collect();
    let addresses = texts("nextHopIpAddress");
    let next_hop_addresses = addresses.iter().filter_map(|(text, _)| text.parse().ok()).collect();
    for (text, node) in addresses.iter().filter(|(text, _)| text.parse::<std::net::IpAddr>().is_err()) {
        let message = format!("the `nextHopIpAddress` of a route is `{text}`, expected an address");
        faults.note(Code::AddressText, node, &about, message);
    }
    let prefixes = match faults.list(field(item, "addressPrefix"), "addressPrefix", &about) {
        Value::Is((items, _)) => faults.prefixes(items, "addressPrefix", &about),
        // A route for a service tag may list no prefix.
        Value::Unset => Fact::Known(Vec::new()),
        Value::Open(gap) => Fact::Unknown(gap),
    };
    EffectiveRoute {
        name: item.get("name").and_then(Node::as_str).map(str::to_owned),
        source,
        state,
        prefixes,
        tags,
        next_hop,
        next_hop_addresses,
        origin: item.origin(),
    }
}

fn status(resource: &Resource, faults: &mut Faults) -> NetworkStatus {
    let body = &resource.body;
    let holder = body.get("networkStatus").filter(|inner| inner.as_object().is_some()).unwrap_or(body);
    let list =
        match faults.list(field(holder, "connectivityStatus"), "connectivityStatus", "the network status") {
            Value::Is((items, _)) => items,
            Value::Unset | Value::Open(_) => &[],
        };
    let entries = list.iter().map(|item| {
        let mut text = |key: &str| {
            let found = faults.text(direct(item, key), key, "the network status").is();
            found.map(|(text, _)| text.to_owned())
        };
        Connectivity {
            name: text("name").unwrap_or_default(),
            resource_type: text("resourceType").unwrap_or_default(),
            status: text("status").unwrap_or_default(),
            error: text("error"),
            is_optional: faults.flag(direct(item, "isOptional"), "isOptional", "the network status").is(),
            origin: item.origin(),
        }
    });
    let entries = entries.collect();
    let location = body.get("location").and_then(Node::as_str).map(str::to_owned);
    NetworkStatus { location, entries, origin: resource.origin.clone() }
}
