//! The security group view of Network Watcher, which is older than the dumps of effective rules: for each
//! interface the rules of its group and of its subnet's group, the default rules, and all of them together as
//! they are in force.

use super::rule::{as_written, is_default};
use super::{GROUP, GROUP_IN_FORCE, list, object, resource};
use crate::finding::{Code, Finding, Severity};
use crate::model::ResourceId;
use crate::sources::fields::bare_name;
use crate::sources::json::{Kind, Node};
use crate::sources::rest::Answer;
use std::sync::Arc;

/// Reads one interface.
pub(super) fn read(interface: &Node, answer: &mut Answer) {
    let Some(associations) = interface.get("securityRuleAssociations") else { return };
    let in_force = associations.get("effectiveSecurityRules").map(Node::items).unwrap_or_default();
    let defaults = associations.get("defaultSecurityRules").map(Node::items).unwrap_or_default();
    for (key, role) in [("networkInterfaceAssociation", "networkInterface"), ("subnetAssociation", "subnet")]
    {
        let Some(association) = associations.get(key).filter(|found| found.as_object().is_some()) else {
            continue;
        };
        let rules = association.get("securityRules").map(Node::items).unwrap_or_default();
        let place = association.get("id").and_then(Node::as_str).unwrap_or_default();
        let named = rules.iter().find_map(group_of);
        let group = named.clone().unwrap_or_else(|| unnamed(association, place, answer));
        let written = |rule: &Node| as_written(rule, print_of(rule, in_force), None);
        // The defaults are listed once for both groups.
        let default = defaults.iter().filter(|rule| is_default(rule)).map(written).collect();
        let body = vec![
            ("securityRules", list(association, rules.iter().map(written).collect())),
            ("defaultSecurityRules", list(association, default)),
        ];
        answer.resources.push(resource(GROUP, group.clone(), object(association, &group, body)));
        let reference = |id: &str| object(association, &ResourceId::new(id), Vec::new());
        let at =
            Node::new(Kind::object(vec![(Arc::from(role), reference(place))]), association.place().clone());
        let mut body = vec![("association", at)];
        body.extend(named.map(|id| ("networkSecurityGroup", reference(id.as_str()))));
        answer.resources.push(resource(GROUP_IN_FORCE, group.clone(), object(association, &group, body)));
    }
}

/// The group that a rule's id names.
fn group_of(rule: &Node) -> Option<ResourceId> {
    let id = ResourceId::new(rule.get("id")?.as_str()?);
    id.parent().filter(|group| !group.name().is_empty())
}

/// A group of which no custom rule is listed is not named anywhere.
fn unnamed(association: &Node, place: &str, answer: &mut Answer) -> ResourceId {
    let name = ResourceId::new(place).name().to_owned();
    let message = format!("the group at `{name}` has no rule of its own, so the dump does not name it");
    let mut finding = Finding::new(Code::UnknownReference, &association.origin(), message);
    finding.severity = Severity::Note;
    answer.findings.push(finding);
    ResourceId::new(format!("{place}/providers/Microsoft.Network/networkSecurityGroups/group of {name}"))
}

/// The print of the same rule among those in force: of one name, direction and priority.
fn print_of<'n>(rule: &Node, in_force: &'n [Node]) -> Option<&'n Node> {
    let value = |node: &Node, key: &str| {
        let inner = node.get("properties").unwrap_or(node);
        inner.get(key).map(|found| match found.as_integer() {
            Some(number) => number.to_string(),
            None => found.as_str().unwrap_or_default().to_ascii_lowercase(),
        })
    };
    let key = |node: &Node| {
        let name = node.get("name").and_then(Node::as_str).unwrap_or_default();
        (bare_name(name).to_lowercase(), value(node, "direction"), value(node, "priority"))
    };
    let wanted = key(rule);
    in_force.iter().find(|print| key(print) == wanted)
}
