//! What Azure says is in force, as it answers: effective rules, effective routes, the older security group
//! view, an instance's network status.
//!
//! In: a JSON document. Out: resources in the shape of every other reader ([`Resource`]): each group with its
//! rules as templates write them ([`rule`]), and beside it one of a kind of its own that says where it is in
//! force. Serves S132 to S139.
//!
//! Not here: what the resources say (`azure`).

mod rule;
mod view;

use super::Resource;
use super::json::{Kind, Node};
use super::rest::Answer;
use crate::model::{Fact, ResourceId};
use std::sync::Arc;

/// Where a group is in force; not a type of Azure's but the path of the request that shows it.
pub(super) const GROUP_IN_FORCE: &str = "Microsoft.Network/networkInterfaces/effectiveNetworkSecurityGroups";
/// The routes of an interface.
pub(super) const ROUTES: &str = "Microsoft.Network/networkInterfaces/effectiveRouteTable";
/// What an API Management instance says of its connections.
pub(super) const STATUS: &str = "Microsoft.ApiManagement/service/networkStatus";
const GROUP: &str = "Microsoft.Network/networkSecurityGroups";

/// About what is made of one route, in bytes.
const PER_ROUTE: usize = 1_500;

/// Whether a document is, or lists, effective rules.
pub(super) fn is_rules(root: &Node) -> bool {
    let has = |key: &'static str| move |node: &Node| node.get(key).is_some();
    listed(root).iter().any(has("effectiveSecurityRules"))
        || interfaces(root).iter().any(has("securityRuleAssociations"))
}

/// Whether a document lists effective routes.
pub(super) fn is_routes(root: &Node) -> bool {
    let is_route = |item: &Node| {
        let has = |key: &str| item.get(key).is_some();
        let lists = item.get("addressPrefix").is_some_and(|prefix| prefix.as_array().is_some());
        has("nextHopType") && has("addressPrefix") && (lists || (has("source") && has("state")))
    };
    root.get("type").is_none() && listed(root).first().is_some_and(is_route)
}

/// Whether a document is the network status of one location or of all.
pub(super) fn is_status(root: &Node) -> bool {
    let of_one = |node: &Node| {
        node.get("connectivityStatus").or_else(|| node.at(&["networkStatus", "connectivityStatus"])).is_some()
    };
    of_one(root) || listed(root).iter().any(of_one)
}

/// The items of a list answer, or the document as the only one.
fn listed(root: &Node) -> &[Node] {
    let list = root.as_array().or_else(|| root.get("value").and_then(Node::as_array));
    list.unwrap_or(std::slice::from_ref(root))
}

/// The interfaces of a security group view, also where they stand alone.
fn interfaces(root: &Node) -> &[Node] {
    root.get("networkInterfaces").map_or_else(|| listed(root), Node::items)
}

/// Reads effective rules of either form.
pub(super) fn rules(root: &Node, file: &Arc<str>) -> Answer {
    let mut answer = Answer::default();
    super::rest::more_to_come(root, &mut answer);
    for entry in listed(root).iter().filter(|entry| entry.get("effectiveSecurityRules").is_some()) {
        group_in_force(entry, file, &mut answer);
    }
    for interface in interfaces(root) {
        view::read(interface, &mut answer);
    }
    answer
}

/// Reads effective routes.
pub(super) fn routes(root: &Node, file: &Arc<str>) -> Answer {
    let mut answer = Answer::default();
    super::rest::more_to_come(root, &mut answer);
    let is_room = root.place().affords(listed(root).len() * PER_ROUTE);
    let routes = if is_room { listed(root).to_vec() } else { Vec::new() };
    let list = Node::new(Kind::array(routes), root.place().clone());
    let id = made_up("networkInterfaces/interface/effectiveRouteTable", file);
    answer.resources.push(resource(ROUTES, id, list));
    answer
}

/// Reads a network status.
pub(super) fn status(root: &Node, file: &Arc<str>) -> Answer {
    let mut answer = Answer::default();
    for (number, entry) in listed(root).iter().enumerate() {
        let id = format!(
            "/providers/Microsoft.ApiManagement/service/instance/networkStatus/{number} of {}",
            short(file)
        );
        answer.resources.push(resource(STATUS, ResourceId::new(id), entry.clone()));
    }
    answer
}

/// One group at one place: `{networkSecurityGroup, association, effectiveSecurityRules, tagMap}`.
fn group_in_force(entry: &Node, file: &Arc<str>, answer: &mut Answer) {
    let id_at = |keys: &[&str]| entry.at(keys).and_then(Node::as_str).filter(|id| !id.trim().is_empty());
    let manager = id_at(&["association", "networkManager", "id"]);
    let group = match id_at(&["networkSecurityGroup", "id"]).or(manager) {
        Some(id) => ResourceId::new(id.trim()),
        None => made_up("networkSecurityGroups/nsg", file),
    };
    let rules = entry.get("effectiveSecurityRules").map(Node::items).unwrap_or_default();
    let (mut custom, mut default) = (Vec::new(), Vec::new());
    for item in rules {
        let into = if rule::is_default(item) { &mut default } else { &mut custom };
        into.push(rule::as_written(item, None, entry.get("tagMap")));
    }
    let mut body =
        vec![("securityRules", list(entry, custom)), ("defaultSecurityRules", list(entry, default))];
    if manager.is_none() {
        answer.resources.push(resource(GROUP, group.clone(), object(entry, &group, body.clone())));
        body.clear();
    }
    for key in ["networkSecurityGroup", "association", "tagMap"] {
        body.extend(entry.get(key).map(|value| (key, value.clone())));
    }
    // The place of a group in force is told by the group's id.
    answer.resources.push(resource(GROUP_IN_FORCE, group.clone(), object(entry, &group, body)));
}

fn list(at: &Node, items: Vec<Node>) -> Node {
    Node::new(Kind::array(items), at.place().clone())
}

/// An object of a resource with its name and id before the rest.
fn object(at: &Node, id: &ResourceId, rest: Vec<(&str, Node)>) -> Node {
    let text = |text: &str| Node::new(Kind::string(text), at.place().clone());
    let head = [("id", text(id.as_str())), ("name", text(id.name()))];
    let entries = head.into_iter().chain(rest).map(|(key, value)| (Arc::from(key), value)).collect();
    Node::new(Kind::object(entries), at.place().clone())
}

fn resource(kind: &str, id: ResourceId, body: Node) -> Resource {
    Resource {
        kind: kind.to_owned(),
        name: Node::new(Kind::string(id.name()), body.place().clone()),
        id,
        origin: body.origin(),
        document: body.origin().file,
        body,
        exists: Fact::Known(true),
        existing: false,
    }
}

fn short(file: &Arc<str>) -> &str {
    file.rsplit(['/', '\\']).next().unwrap_or_default()
}

/// An id for what shows none, told apart by the file.
fn made_up(path: &str, file: &Arc<str>) -> ResourceId {
    ResourceId::new(format!("/providers/Microsoft.Network/{path} of {}", short(file)))
}
