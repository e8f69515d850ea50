//! Resources whose type and body are written as for Azure itself (provider azapi).

use super::draft::{Draft, Writer, id_object, lost_node};
use super::ids::{Ids, Pointer};
use super::kinds;
use super::references::{Found, Want};
use super::values::{Said, Why, inside_hole};
use crate::finding::{Code, Finding};
use crate::model::{Gap, ResourceId};
use crate::sources::json::{self, Kind, Node, Place};
use std::collections::HashMap;
use std::sync::Arc;

/// How deep a body may nest.
const MAX_DEPTH: usize = 64;

/// Keys of references in bodies, with the type that they lead to.
const REFERENCES: &[(&str, &str)] = &[
    ("networkSecurityGroup", kinds::GROUP),
    ("routeTable", kinds::ROUTES),
    ("subnet", kinds::SUBNET),
    ("remoteVirtualNetwork", kinds::NETWORK),
];

/// A resource with its body; what stands below `properties` stands beside the name, as az writes it.
pub(super) fn resource(mut writer: Writer<'_, '_, '_>, findings: &mut Vec<Finding>) -> Draft {
    writer.copy_older("location", "location");
    let body = body(&writer, findings);
    writer.body.extend(body);
    writer.finish()
}

/// The keys of a body.
fn body(writer: &Writer<'_, '_, '_>, findings: &mut Vec<Finding>) -> Vec<(Arc<str>, Node)> {
    const BODY: &str = "body";
    let address = writer.address(BODY);
    let settled = match writer.values().get(BODY) {
        Said::Unset => return Vec::new(),
        Said::Open(why, at) => {
            // The whole text is made of something that comes later, so nothing of it shows.
            let place = at.map_or(&writer.place, Node::place);
            return vec![("properties".into(), super::values::open(why, &address, place))];
        }
        Said::Is(values) => values.settle(&address, &writer.place),
    };
    let node = match settled.as_str() {
        None => settled,
        Some(text) => match json::read(&settled.origin().file, text) {
            Ok(document) => placed(&document.root, settled.place(), 0),
            Err(error) => {
                let message = format!("the `body` of `{address}` is no JSON: {}", error.read);
                findings.push(Finding::new(Code::WrongType, &settled.origin(), message).about(&*address));
                let gap = Gap::new(format!("`{address}`, which is no JSON"));
                let kind = Kind::unknown(inside_hole(&address), gap);
                return vec![("properties".into(), Node::new(kind, settled.place().clone()))];
            }
        },
    };
    let node = joined(writer, &node, 0);
    let mut entries = Vec::new();
    for (key, value) in node.entries() {
        match value.as_object() {
            Some(inner) if key.eq_ignore_ascii_case("properties") => {
                entries.extend(inner.entries().iter().cloned());
            }
            _ => entries.push((Arc::clone(key), value.clone())),
        }
    }
    if node.as_object().is_none() {
        entries.push(("properties".into(), node));
    }
    entries
}

/// The same value, all of it at one place: that of the text that holds it.
fn placed(node: &Node, place: &Place, depth: usize) -> Node {
    let kind = match node.kind() {
        _ if depth > MAX_DEPTH => Kind::Null,
        Kind::Array(_) => {
            Kind::array(node.items().iter().map(|item| placed(item, place, depth + 1)).collect())
        }
        Kind::Object(_) => {
            let entry = |(key, value): &(Arc<str>, Node)| (Arc::clone(key), placed(value, place, depth + 1));
            Kind::object(node.entries().iter().map(entry).collect())
        }
        other => other.clone(),
    };
    Node::new(kind, place.clone())
}

/// The same value with ids put in that come later, where the body refers to one resource of their type.
fn joined(writer: &Writer<'_, '_, '_>, node: &Node, depth: usize) -> Node {
    if depth > MAX_DEPTH || node.first_gap().is_none() {
        return node.clone();
    }
    let kind = match node.kind() {
        Kind::Array(_) => {
            Kind::array(node.items().iter().map(|item| joined(writer, item, depth + 1)).collect())
        }
        Kind::Object(_) => {
            let entry = |(key, value): &(Arc<str>, Node)| {
                let node = reference(writer, key, value).unwrap_or_else(|| joined(writer, value, depth + 1));
                (Arc::clone(key), node)
            };
            Kind::object(node.entries().iter().map(entry).collect())
        }
        other => other.clone(),
    };
    Node::new(kind, node.place().clone())
}

/// The resource that an unknown id in a body must be.
fn reference(writer: &Writer<'_, '_, '_>, key: &str, value: &Node) -> Option<Node> {
    let subnet_id = key.eq_ignore_ascii_case("subnetResourceId") && value.gap().is_some();
    let named = REFERENCES.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, kind)| *kind);
    let id = value.get("id").filter(|id| id.gap().is_some());
    let kind = if subnet_id { kinds::SUBNET } else { named.filter(|_| id.is_some())? };
    let want = Want { kind, among_others: true };
    let instance = writer.ids.instance(writer.at);
    let found = writer.ids.resolver().attribute(instance, &["body"], want);
    let Found::One(at) = found else {
        let Found::Lost(lost) = found else { return None };
        let unknown = lost_node(&writer.address("body"), Why::Later, &lost, value.place());
        return Some(unknown);
    };
    let object = id_object(&writer.ids.id(at), value.place());
    if subnet_id { object.get("id").cloned() } else { Some(object) }
}

/// Changes other resources by what `azapi_update_resource` says of them; of what the document does not hold
/// they say too little.
pub(super) fn patch(
    ids: &Ids<'_, '_>,
    at: usize,
    drafts: &mut [Draft],
    places: &HashMap<String, usize>,
    findings: &mut Vec<Finding>,
) {
    let writer = Writer::new(ids, at);
    let kind = writer.values().text("type").unwrap_or_default().split('@').next().unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with("microsoft.network/")
        && !kind.to_ascii_lowercase().starts_with("microsoft.apimanagement/service")
    {
        return;
    }
    let target = target(ids, at, kind);
    let draft = target.and_then(|id| drafts.get_mut(*places.get(&id.key())?));
    let Some(draft) = draft else {
        let address = &ids.instance(at).address;
        let message =
            format!("`{address}` changes a resource that is not in this document; what it says is left out");
        findings
            .push(Finding::new(Code::UnknownReference, &writer.place.origin(), message).about(&**address));
        return;
    };
    for (key, value) in body(&writer, findings) {
        let merged = match draft.get(&key) {
            Some(old) => merge(old, &value, 0),
            None => value,
        };
        draft.set(&key, merged);
    }
}

fn target(ids: &Ids<'_, '_>, at: usize, kind: &str) -> Option<ResourceId> {
    if let Pointer::To(id) = ids.pointer(at, &["resource_id"], kind) {
        return Some(id);
    }
    let name = ids.instance(at).values().text("name")?;
    let parent_kind = kind.rsplit_once('/').map(|(parent, _)| parent).filter(|parent| parent.contains('/'));
    let Pointer::To(parent) = ids.pointer(at, &["parent_id"], parent_kind.unwrap_or(kinds::RESOURCE_GROUP))
    else {
        return None;
    };
    Some(match (parent_kind, kind.rsplit_once('/')) {
        (Some(_), Some((_, segment))) => ResourceId::new(format!("{parent}/{segment}/{name}")),
        _ => ResourceId::new(format!("{parent}/providers/{kind}/{name}")),
    })
}

/// Objects key by key, everything else by the newer value.
fn merge(old: &Node, new: &Node, depth: usize) -> Node {
    let (Some(before), Some(after)) = (old.as_object(), new.as_object()) else { return new.clone() };
    if depth > MAX_DEPTH {
        return new.clone();
    }
    let mut entries: Vec<(Arc<str>, Node)> = before.entries().to_vec();
    for (key, value) in after.entries() {
        match entries.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(key)) {
            Some((_, known)) => *known = merge(known, value, depth + 1),
            None => entries.push((Arc::clone(key), value.clone())),
        }
    }
    Node::new(Kind::object(entries), new.place().clone())
}
