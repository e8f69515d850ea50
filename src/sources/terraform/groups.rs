//! Network security groups and their rules, inline and as resources of their own (S140).

use super::document::{Deleted, part};
use super::draft::{Draft, Writer, entries, id_object, node_of, place_or};
use super::kinds;
use super::references::Want;
use super::values::{Said, Values, Why, open};
use crate::finding::{Code, Finding};
use crate::model::Gap;
use crate::sources::json::{Kind, Node, Place};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Azure's key and the attribute, for every plain field of a rule.
const FIELDS: &[(&str, &str)] = &[
    ("name", "name"),
    ("description", "description"),
    ("protocol", "protocol"),
    ("access", "access"),
    ("direction", "direction"),
    ("priority", "priority"),
    ("sourcePortRange", "source_port_range"),
    ("sourcePortRanges", "source_port_ranges"),
    ("destinationPortRange", "destination_port_range"),
    ("destinationPortRanges", "destination_port_ranges"),
    ("sourceAddressPrefix", "source_address_prefix"),
    ("sourceAddressPrefixes", "source_address_prefixes"),
    ("destinationAddressPrefix", "destination_address_prefix"),
    ("destinationAddressPrefixes", "destination_address_prefixes"),
];
/// The same for application security groups, whose ids are a plain list.
const MEMBERS: &[(&str, &str)] = &[
    ("sourceApplicationSecurityGroups", "source_application_security_group_ids"),
    ("destinationApplicationSecurityGroups", "destination_application_security_group_ids"),
];

/// A rule that is a resource of its own.
pub(super) fn rule(mut writer: Writer<'_, '_, '_>) -> Draft {
    let place = writer.place.clone();
    let address = writer.ids.instance(writer.at).address.to_string();
    writer.body = entries(writer.values(), FIELDS, &address, &place);
    for (key, attribute) in MEMBERS {
        let said = writer.values().get(attribute);
        let node = match joined_members(&writer, said, attribute) {
            Some(node) => Some(node),
            None => members(said, &format!("{address}.{attribute}"), &place),
        };
        writer.body.extend(node.map(|node| (Arc::from(*key), node)));
    }
    writer.finish()
}

/// Groups whose ids come later, by what the attribute refers to.
fn joined_members(writer: &Writer<'_, '_, '_>, said: Said<'_>, attribute: &str) -> Option<Node> {
    let place = match said {
        Said::Unset => return None,
        Said::Open(_, at) => at.map_or(&writer.place, Node::place),
        Said::Is(list) => {
            let known = |item: &Values<'_>| item.known.and_then(Node::as_str).is_some();
            if list.items().iter().any(known) {
                return None;
            }
            list.known.map_or(&writer.place, Node::place)
        }
    };
    let want = Want { kind: kinds::MEMBERS, among_others: false };
    let instance = writer.ids.instance(writer.at);
    let all = writer.ids.resolver().all(instance, &[attribute], want)?;
    let items = all.iter().map(|at| id_object(&writer.ids.id(*at), place)).collect();
    Some(Node::new(Kind::array(items), place.clone()))
}

/// A list of ids as Azure writes references.
fn members(said: Said<'_>, address: &str, place: &Place) -> Option<Node> {
    let list = match said {
        Said::Is(list) if list.known.is_some_and(|node| node.as_array().is_some()) => list,
        other => return node_of(other, address, place),
    };
    let here = place_or(list, place);
    let item = |(at, item): (usize, Values<'_>)| {
        let id = item.settle(&format!("{address}[{at}]"), &here);
        let place = id.place().clone();
        Node::new(Kind::object(vec![("id".into(), id)]), place)
    };
    let items = list.items().into_iter().enumerate().map(item).collect();
    Some(Node::new(Kind::array(items), here.clone()))
}

/// A rule inside its group.
fn inline_rule(values: Values<'_>, address: &str, place: &Place) -> Node {
    let here = place_or(values, place);
    if values.known.is_none_or(|node| node.as_object().is_none()) {
        return values.settle(address, &here);
    }
    let mut body = entries(values, FIELDS, address, &here);
    for (key, attribute) in MEMBERS {
        let node = members(values.get(attribute), &format!("{address}.{attribute}"), &here);
        body.extend(node.map(|node| (Arc::from(*key), node)));
    }
    Node::new(Kind::object(body), here)
}

/// Rules of their own by the id of their group: name and address.
pub(super) type Standalone = HashMap<String, Vec<(String, Arc<str>)>>;

/// Finds the groups of all rules that are resources of their own.
pub(super) fn standalone(drafts: &[Draft]) -> Standalone {
    let mut all = Standalone::new();
    for draft in drafts.iter().filter(|draft| &*draft.kind == kinds::RULE && !draft.existing) {
        if let Some(group) = draft.id.parent() {
            let name = draft.id.name().to_lowercase();
            all.entry(group.key()).or_default().push((name, Arc::clone(&draft.address)));
        }
    }
    all
}

/// A group with its inline rules.
///
/// Terraform shows rules of their own inside the group too, once it has read them back; those are taken from
/// their own resources, and those that the plan deletes are gone.
pub(super) fn group(
    mut writer: Writer<'_, '_, '_>,
    standalone: &Standalone,
    deleted: &Deleted,
    findings: &mut Vec<Finding>,
) -> Draft {
    const RULES: &str = "security_rule";
    writer.copy("location", "location");
    let instance = writer.ids.instance(writer.at);
    let id = writer.ids.id(writer.at);
    let others = standalone.get(&id.key()).map(Vec::as_slice).unwrap_or_default();
    let written = writer.ids.plan.written(instance).and_then(|block| block.get("expressions"));
    let is_written = written.is_some_and(|written| written.get(RULES).is_some());
    match writer.values().get(RULES) {
        Said::Unset => {}
        Said::Is(list) => {
            let address = writer.address(RULES);
            let place = place_or(list, &writer.place);
            let names: HashSet<&str> = others.iter().map(|(name, _)| &**name).collect();
            let resource_group = id.segment("resourceGroups").unwrap_or_default();
            let mut items = Vec::new();
            for (at, item) in list.items().into_iter().enumerate() {
                let name = item.text("name").unwrap_or_default();
                let address = format!("{address}[{at}]");
                let is_deleted = deleted.parts.contains(&part(resource_group, id.name(), name));
                if !is_written && names.contains(&*name.to_lowercase()) || is_deleted && instance.untouched {
                    continue;
                }
                items.push(if is_deleted {
                    in_doubt(name, &address, &item, &place)
                } else {
                    inline_rule(item, &address, &place)
                });
            }
            if let ([_, ..], [(_, first), ..]) = (&items[..], others) {
                findings.push(mixed(&writer, id.name(), items.len(), others.len(), first));
            }
            if list.known.is_some_and(|node| node.as_array().is_some()) {
                writer.put("securityRules", Node::new(Kind::array(items), place));
            } else {
                writer.put("securityRules", list.settle(&address, &place));
            }
        }
        // Without inline rules the provider fills the list in; with rules of their own that is the usual way.
        Said::Open(Why::Later, _) if writer.ids.plan.is_computed(instance, RULES) && !others.is_empty() => {}
        Said::Open(why, at) => {
            let place = at.map_or(&writer.place, Node::place).clone();
            let node = if writer.ids.plan.is_computed(instance, RULES) {
                let gap = why.gap(&writer.address(RULES));
                let gap = Gap::new(format!(
                    "{}: the configuration shows no rules of this group, as with `dynamic` blocks or none at all",
                    gap.missing()
                ));
                Node::new(Kind::unknown(super::values::inside_hole(&writer.address(RULES)), gap), place)
            } else {
                open(why, &writer.address(RULES), &place)
            };
            writer.put("securityRules", node);
        }
    }
    writer.finish()
}

/// A rule that one resource of a plan deletes and another writes: what is done last counts.
fn in_doubt(name: &str, address: &str, item: &Values<'_>, place: &Place) -> Node {
    let gap = Gap::new(format!(
        "whether the rule `{name}` is left, which the plan writes at `{address}` and deletes as well"
    ));
    Node::new(Kind::unknown(super::values::inside_hole(address), gap), place_or(*item, place))
}

fn mixed(writer: &Writer<'_, '_, '_>, name: &str, inline: usize, own: usize, first: &str) -> Finding {
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let message = format!(
        "the network security group `{name}` has {inline} inline rule{} and {own} rule{} of its own, as `{first}`; all are read, and an apply may remove some",
        plural(inline),
        plural(own),
    );
    Finding::new(Code::MixedRules, &writer.place.origin(), message).about(name)
}
