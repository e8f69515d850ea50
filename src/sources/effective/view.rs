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
    left_over(in_force, associations, answer);
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

/// The print of the same rule among those in force.
fn print_of<'n>(rule: &Node, in_force: &'n [Node]) -> Option<&'n Node> {
    let wanted = same_rule(rule);
    in_force.iter().find(|print| same_rule(print) == wanted)
}

/// What the two forms of one rule have in common: name, direction and priority.
fn same_rule(node: &Node) -> (String, Option<String>, Option<String>) {
    let value = |key: &str| {
        let inner = node.get("properties").unwrap_or(node);
        inner.get(key).map(|found| match found.as_integer() {
            Some(number) => number.to_string(),
            None => found.as_str().unwrap_or_default().to_ascii_lowercase(),
        })
    };
    let name = node.get("name").and_then(Node::as_str).unwrap_or_default();
    (bare_name(name).to_lowercase(), value("direction"), value("priority"))
}

/// Tells rules in force that stand in no group of the view: which group they are of is not said.
fn left_over(in_force: &[Node], associations: &Node, answer: &mut Answer) {
    let of_groups: Vec<_> = associations
        .entries()
        .iter()
        .filter_map(|(_, association)| association.get("securityRules"))
        .flat_map(Node::items)
        .map(same_rule)
        .collect();
    for rule in in_force.iter().filter(|rule| !is_default(rule) && !of_groups.contains(&same_rule(rule))) {
        let name = bare_name(rule.get("name").and_then(Node::as_str).unwrap_or_default());
        let message =
            format!("the rule `{name}` is in force, and the dump does not say of which group it is");
        let finding = Finding::new(Code::UnknownReference, &rule.origin(), message);
        answer.findings.push(finding.about(name).fix("dump with `az network nic list-effective-nsg`"));
    }
}
