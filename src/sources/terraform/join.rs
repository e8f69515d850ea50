//! Associations: resources of Terraform that Azure does not have, which attach one thing to another.

use super::document::{Deleted, Instance};
use super::draft::{Draft, lost_node, node_of, pointed};
use super::ids::{Ids, Pointer};
use super::kinds::{self, Role};
use crate::model::{Gap, ResourceId};
use crate::sources::json::{Kind, Node, Place};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Attaches what the associations of a document attach.
pub(super) fn associations(ids: &Ids<'_, '_>, deleted: &Deleted, drafts: &mut Vec<Draft>) {
    fold_doubles(deleted, drafts);
    for (role, what, attribute, kind) in [
        (Role::SubnetGroup, "networkSecurityGroup", "network_security_group_id", kinds::GROUP),
        (Role::SubnetRoutes, "routeTable", "route_table_id", kinds::ROUTES),
    ] {
        let links = links(ids, role, ("subnet_id", kinds::SUBNET), (attribute, kind));
        attach(ids, &links, what, drafts);
    }
    let groups = ("network_security_group_id", kinds::GROUP);
    let interface = ("network_interface_id", kinds::INTERFACE);
    attach(ids, &links(ids, Role::InterfaceGroup, interface, groups), "networkSecurityGroup", drafts);
    let (asg, pool, rule) = (kinds::MEMBERS, kinds::POOL, kinds::BALANCER_RULE);
    for (role, attribute, kind, key) in [
        (Role::InterfaceMember, "application_security_group_id", asg, "applicationSecurityGroups"),
        (Role::InterfacePool, "backend_address_pool_id", pool, "loadBalancerBackendAddressPools"),
        (Role::InterfaceRule, "nat_rule_id", rule, "loadBalancerInboundNatRules"),
    ] {
        members(&links(ids, role, interface, (attribute, kind)), key, drafts);
    }
    endpoint_members(ids, drafts);
    dns_servers(ids, drafts);
    host_names(ids, drafts);
}

/// One association: to what, and what.
struct Link<'p> {
    instance: &'p Instance,
    to: Pointer,
    what: Option<Node>,
    place: Place,
}

/// All associations of one type: the attribute and type of what is attached to, and of what is attached.
fn links<'p>(
    ids: &Ids<'_, 'p>,
    role: Role,
    (to, to_kind): (&str, &str),
    (what, what_kind): (&str, &str),
) -> Vec<Link<'p>> {
    let mut links = Vec::new();
    for (at, instance) in ids.plan.instances.iter().enumerate() {
        if instance.role != role || instance.data {
            continue;
        }
        let place =
            instance.values().known.and_then(|node| node.get(what)).map_or(&instance.place, Node::place);
        // Both ends are required, so that one which does not stand there is not "none".
        let end = |name: &str, kind: &str| ids.pointer_of(at, instance.values().get(name), &[name], kind);
        let node = pointed(end(what, what_kind), "id", &instance.attribute(what), place);
        let to = end(to, to_kind);
        links.push(Link { instance, to, what: node, place: place.clone() });
    }
    links
}

/// A subnet in its network and as a resource of its own is one subnet: Terraform reads it back into both.
/// What only the network says of it, others attached.
fn fold_doubles(deleted: &Deleted, drafts: &mut Vec<Draft>) {
    drafts.retain(|draft| !deleted.subnets.contains(&draft.id.key()));
    for draft in drafts.iter_mut().filter(|draft| &*draft.kind == kinds::SUBNET) {
        for (kind, key) in [
            ("azurerm_subnet_network_security_group_association", "networkSecurityGroup"),
            ("azurerm_subnet_route_table_association", "routeTable"),
        ] {
            if deleted.links.contains(&(kind.to_owned(), draft.id.key())) {
                draft.body.retain(|(name, _)| &**name != key);
            }
        }
    }
    let mut own: HashMap<String, usize> = HashMap::new();
    let mut doubles: Vec<usize> = Vec::new();
    let is_subnet = |draft: &Draft| &*draft.kind == kinds::SUBNET && !draft.existing;
    let is_inline = |draft: &Draft| draft.address.contains(".subnet[");
    for (at, draft) in drafts.iter().enumerate().filter(|(_, draft)| is_subnet(draft) && !is_inline(draft)) {
        own.entry(draft.id.key()).or_insert(at);
    }
    for at in 0..drafts.len() {
        if !is_subnet(&drafts[at]) || !is_inline(&drafts[at]) {
            continue;
        }
        let Some(place) = own.get(&drafts[at].id.key()).copied() else { continue };
        for key in ["networkSecurityGroup", "routeTable"] {
            if let Some(node) = drafts[at].get(key).cloned().filter(|_| drafts[place].get(key).is_none()) {
                drafts[place].set(key, node);
            }
        }
        doubles.push(at);
    }
    let mut at = 0;
    drafts.retain(|_| {
        at += 1;
        doubles.binary_search(&(at - 1)).is_err()
    });
}

/// Puts references into the bodies of what they are attached to.
fn attach(ids: &Ids<'_, '_>, links: &[Link<'_>], key: &str, drafts: &mut Vec<Draft>) {
    let mut places = places(drafts);
    let existing: HashMap<String, usize> =
        drafts.iter().enumerate().filter(|(_, d)| d.existing).map(|(at, d)| (d.id.key(), at)).collect();
    let mut attached: HashMap<usize, &Link<'_>> = HashMap::new();
    for link in links {
        let Pointer::To(id) = &link.to else { continue };
        let at = *places.entry(id.key()).or_insert_with(|| {
            let read = existing.get(&id.key()).map(|at| &drafts[*at]);
            drafts.push(outside(id, link, read));
            drafts.len() - 1
        });
        let Some(node) = link.what.clone() else { continue };
        match attached.insert(at, link) {
            Some(other) if other.what.as_ref().map(text) != link.what.as_ref().map(text) => {
                let gap = Gap::new(format!(
                    "which of `{}` and `{}` is in force at `{}`",
                    other.instance.address,
                    link.instance.address,
                    id.name()
                ));
                let open = super::values::inside_hole(&link.instance.address);
                drafts[at].set(key, Node::new(Kind::unknown(open, gap), link.place.clone()));
            }
            _ => drafts[at].set(key, node),
        }
    }
    lost_links(ids, links, key, drafts, |at| attached.contains_key(&at));
}

/// What a lost association attaches may be attached to any that has nothing attached for certain.
fn lost_links(
    ids: &Ids<'_, '_>,
    links: &[Link<'_>],
    key: &str,
    drafts: &mut [Draft],
    attached: impl Fn(usize) -> bool,
) {
    let places = places(drafts);
    let mut told: HashSet<&[usize]> = HashSet::new();
    for link in links {
        let Pointer::Lost { why, lost } = &link.to else { continue };
        if !told.insert(&lost.candidates) {
            continue;
        }
        let (attribute, kind) = match link.instance.role {
            Role::InterfaceGroup => ("network_interface_id", kinds::INTERFACE),
            _ => ("subnet_id", kinds::SUBNET),
        };
        let node = lost_node(&link.instance.attribute(attribute), *why, lost, &link.place);
        let meant: Vec<usize> = match &lost.candidates[..] {
            [] => (0..drafts.len()).collect(),
            some => some.iter().filter_map(|at| places.get(&ids.id(*at).key()).copied()).collect(),
        };
        for at in meant {
            if &*drafts[at].kind == kind && !drafts[at].existing && !attached(at) {
                drafts[at].set(key, node.clone());
            }
        }
    }
}

/// Drafts of what the document deploys, by id.
pub(super) fn places(drafts: &[Draft]) -> HashMap<String, usize> {
    let mut places = HashMap::new();
    for (at, draft) in drafts.iter().enumerate().filter(|(_, draft)| !draft.existing) {
        places.entry(draft.id.key()).or_insert(at);
    }
    places
}

fn text(node: &Node) -> String {
    let id = node.get("id").unwrap_or(node);
    id.join_text().map(|text| text.to_lowercase()).unwrap_or_default()
}

/// What is not known of a subnet or interface that the document does not hold.
const NOT_SHOWN: &[&str] = &[
    "networkSecurityGroup",
    "routeTable",
    "delegations",
    "serviceEndpoints",
    "serviceEndpointPolicies",
    "privateEndpointNetworkPolicies",
    "ipConfigurations",
    "enableIPForwarding",
];

/// What an association attaches to and the document does not deploy: as a data source reads it, else with all
/// unknown that is not attached here.
fn outside(id: &ResourceId, link: &Link<'_>, read: Option<&Draft>) -> Draft {
    let body = match read {
        Some(read) => read.body.clone(),
        None => NOT_SHOWN
            .iter()
            .map(|key| {
                let is_interface = id.kind().is_some_and(|kind| kind.eq_ignore_ascii_case(kinds::INTERFACE));
                let what = if is_interface { "nic" } else { "vnet subnet" };
                let show = format!("az network {what} show --ids {id}");
                let gap = Gap::new(format!("the `{key}` of `{}`, which is not in the input", id.name()));
                let open = super::values::inside_hole(&format!("{}.{key}", link.instance.address));
                (Arc::from(*key), Node::new(Kind::unknown(open, gap.supplied_by(show)), link.place.clone()))
            })
            .collect(),
    };
    Draft {
        kind: id.kind().unwrap_or_default().into(),
        id: id.clone(),
        body,
        place: link.instance.place.clone(),
        existing: false,
        address: Arc::clone(&link.instance.address),
    }
}

/// Interfaces in application security groups and behind load balancers: a list in each of their
/// configurations, or in the one that the association names.
fn members(links: &[Link<'_>], key: &str, drafts: &mut [Draft]) {
    let (by_interface, open) = joined(links);
    for draft in drafts.iter_mut().filter(|draft| &*draft.kind == kinds::INTERFACE && !draft.existing) {
        let joined = by_interface.get(&draft.id.key()).map(Vec::as_slice).unwrap_or_default();
        let Some(list) = draft.get("ipConfigurations").cloned() else { continue };
        if joined.is_empty() && open.is_none() || list.as_array().is_none() {
            continue;
        }
        let item = |item: &Node| {
            let name = item.get("name").and_then(Node::as_str).unwrap_or_default();
            let is_meant = |link: &&&Link<'_>| {
                let named = link.instance.values().text("ip_configuration_name");
                named.is_none_or(|named| named.eq_ignore_ascii_case(name) || name.is_empty())
            };
            let here: Vec<&Link<'_>> = joined.iter().filter(is_meant).copied().collect();
            let mut entries = item.entries().to_vec();
            let before = item.get(key).map(Node::items).unwrap_or_default();
            if let Some(node) = list_of(before, &here, open, list.place()) {
                entries.retain(|(name, _)| &**name != key);
                entries.push((key.into(), node));
            }
            Node::new(Kind::object(entries), item.place().clone())
        };
        let items = list.items().iter().map(item).collect();
        draft.set("ipConfigurations", Node::new(Kind::array(items), list.place().clone()));
    }
}

/// Private endpoints in application security groups.
fn endpoint_members(ids: &Ids<'_, '_>, drafts: &mut [Draft]) {
    const KEY: &str = "applicationSecurityGroups";
    let to = ("private_endpoint_id", kinds::ENDPOINT);
    let what = ("application_security_group_id", kinds::MEMBERS);
    let links = links(ids, Role::EndpointMember, to, what);
    let (by_endpoint, open) = joined(&links);
    for draft in drafts.iter_mut().filter(|draft| &*draft.kind == kinds::ENDPOINT && !draft.existing) {
        let here = by_endpoint.get(&draft.id.key()).map(Vec::as_slice).unwrap_or_default();
        if let Some(node) = list_of(&[], here, open, &draft.place) {
            draft.set(KEY, node);
        }
    }
}

/// Associations by what they attach to, and one that may attach to anything.
fn joined<'l, 'p>(links: &'l [Link<'p>]) -> (BTreeMap<String, Vec<&'l Link<'p>>>, Option<&'l Link<'p>>) {
    let mut by_holder: BTreeMap<String, Vec<&Link<'_>>> = BTreeMap::new();
    let mut open = None;
    for link in links {
        match (&link.to, &link.what) {
            (Pointer::To(id), Some(what)) if what.get("id").is_some() => {
                by_holder.entry(id.key()).or_default().push(link);
            }
            _ => open = Some(link),
        }
    }
    (by_holder, open)
}

/// What associations add to a list; `None` where they add nothing.
fn list_of(before: &[Node], here: &[&Link<'_>], open: Option<&Link<'_>>, place: &Place) -> Option<Node> {
    match open {
        // Nobody knows which one it is, so it may be this one.
        Some(link) => {
            let gap = Gap::new(format!("what `{}` joins", link.instance.address));
            let text = super::values::inside_hole(&link.instance.address);
            Some(Node::new(Kind::unknown(text, gap), link.place.clone()))
        }
        None if here.is_empty() => None,
        None => {
            let all =
                before.iter().cloned().chain(here.iter().filter_map(|link| link.what.clone())).collect();
            Some(Node::new(Kind::array(all), place.clone()))
        }
    }
}

/// DNS servers that are a resource of their own.
fn dns_servers(ids: &Ids<'_, '_>, drafts: &mut [Draft]) {
    const KEY: &str = "dhcpOptions";
    let places = places(drafts);
    let mut any = None;
    for (at, instance) in ids.plan.instances.iter().enumerate() {
        if instance.role != Role::DnsServers || instance.data {
            continue;
        }
        let name = "dns_servers";
        let servers = node_of(instance.values().get(name), &instance.attribute(name), &instance.place);
        let Some(servers) = servers else { continue };
        match ids.pointer(at, &["virtual_network_id"], kinds::NETWORK) {
            Pointer::To(id) => {
                if let Some(place) = places.get(&id.key()) {
                    drafts[*place].set(KEY, super::networks::wrapped("dnsServers", servers));
                }
            }
            Pointer::Lost { why, lost } => {
                let address = instance.attribute("virtual_network_id");
                any = any.or_else(|| Some(lost_node(&address, why, &lost, &instance.place)));
            }
            Pointer::Nothing => {}
        }
    }
    let Some(any) = any else { return };
    for draft in drafts.iter_mut().filter(|draft| &*draft.kind == kinds::NETWORK && !draft.existing) {
        draft.set(KEY, any.clone());
    }
}

/// Host names that are a resource of their own.
fn host_names(ids: &Ids<'_, '_>, drafts: &mut [Draft]) {
    const KEY: &str = "hostnameConfigurations";
    let places = places(drafts);
    for (at, instance) in ids.plan.instances.iter().enumerate() {
        if instance.role != Role::CustomDomain || instance.data {
            continue;
        }
        let Pointer::To(id) = ids.pointer(at, &["api_management_id"], kinds::SERVICE) else { continue };
        let Some(place) = places.get(&id.key()) else { continue };
        let hosts = super::instances::host_names(instance.values(), &instance.address, &instance.place);
        let draft = &mut drafts[*place];
        let before = draft.get(KEY).map(Node::items).unwrap_or_default().to_vec();
        let all = before.into_iter().chain(hosts).collect();
        draft.set(KEY, Node::new(Kind::array(all), instance.place.clone()));
    }
}
