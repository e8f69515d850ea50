//! Network security groups.
//!
//! 1. Each group with its inline rules and, where the input has them, its default rules (S5).
//! 2. Rules that are resources of their own join the group of their id; of two with one name the child
//!    wins (S138, U27).
//! 3. Rules of a group that the input does not hold make a group in doubt: it has other rules too.

use super::twice::{Declared, Pair};
use super::{doubt, of_kind, parent};
use crate::finding::{Code, Finding};
use crate::model::{Gap, Origin, ResourceId};
use crate::network::effective::expansion;
use crate::network::{SecurityGroup, outside};
use crate::rules::{Rule, RuleSet, defaults};
use crate::sources::Resource;
use crate::sources::fields::{List, rule};
use crate::sources::json::Node;
use crate::sources::values::{Faults, Value, direct, field};
use ipnet::IpNet;
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap};

const GROUP: &str = "Microsoft.Network/networkSecurityGroups";
const RULE: &str = "Microsoft.Network/networkSecurityGroups/securityRules";
const DEFAULT_RULE: &str = "Microsoft.Network/networkSecurityGroups/defaultSecurityRules";

/// How many rules of one group are evaluated.
const MOST_RULES: usize = 20_000;

/// So many groups are worth starting threads for.
const MANY: usize = 200;

/// A group while rules are added to it.
struct Draft {
    id: ResourceId,
    rules: Vec<Rule>,
    children: Vec<Rule>,
    subnets: Vec<ResourceId>,
    doubt: Option<Gap>,
    /// Whether an answer names it and does not show it.
    bare: bool,
    origin: Origin,
}

pub(super) fn read(resources: &[Resource], faults: &mut Faults) -> Vec<SecurityGroup> {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (draft, found) in groups(resources) {
        faults.findings.extend(found.findings);
        match places.get(&draft.id.key()) {
            Some(_) if draft.bare => {}
            Some(place) if drafts[*place].bare => drafts[*place] = draft,
            Some(place) => twice(&mut drafts[*place], &draft, faults),
            None => {
                places.insert(draft.id.key(), drafts.len());
                drafts.push(draft);
            }
        }
    }
    for (kind, list) in [(RULE, List::Custom), (DEFAULT_RULE, List::Default)] {
        for resource in of_kind(resources, kind) {
            let Some(id) = parent(resource, "rule", faults) else { continue };
            let mut child = rule(&resource.body.afresh(), Some(resource.id.name()), list, faults);
            child.doubt = doubt(resource, "rule");
            if !places.contains_key(&id.key()) {
                add_where_it_may_belong(&mut drafts, &id, &child);
            }
            let place = *places.entry(id.key()).or_insert_with(|| {
                drafts.push(elsewhere(id, &resource.origin));
                drafts.len() - 1
            });
            drafts[place].children.push(child);
        }
    }
    drafts.into_iter().map(|draft| finish(draft, faults)).collect()
}

/// A rule of a group that is not in the input by its name: where names have open parts, it may be a rule of
/// a group that is.
fn add_where_it_may_belong(drafts: &mut [Draft], id: &ResourceId, child: &Rule) {
    for draft in drafts.iter_mut().filter(|draft| draft.id.may_be(id)) {
        let gap = Gap::new(format!(
            "whether the rule `{}` belongs to `{}` or to `{}`, which depends on the deployment",
            child.name,
            draft.id.name(),
            id.name()
        ));
        let doubt = child.doubt.clone().or_else(|| Some(gap.at(&child.origin)));
        draft.children.push(Rule { doubt, ..child.clone() });
    }
}

/// Each group with its inline rules and what is wrong with them, in order.
fn groups(resources: &[Resource]) -> Vec<(Draft, Faults)> {
    let one = |resource: &Resource| {
        let mut faults = Faults::default();
        (group(resource, &mut faults), faults)
    };
    let all: Vec<&Resource> = of_kind(resources, GROUP).collect();
    if all.len() < MANY { all.into_iter().map(one).collect() } else { all.into_par_iter().map(one).collect() }
}

/// A group with its inline rules.
fn group(resource: &Resource, faults: &mut Faults) -> Draft {
    let mut draft = Draft {
        id: resource.id.clone(),
        rules: Vec::new(),
        children: Vec::new(),
        subnets: Vec::new(),
        doubt: doubt(resource, "network security group"),
        bare: Declared::by(resource).is_bare(),
        origin: resource.origin.clone(),
    };
    // Rules are most of what a large export holds, and nobody else looks at them.
    let body = resource.body.afresh();
    for (key, list) in [("securityRules", List::Custom), ("defaultSecurityRules", List::Default)] {
        match faults.list(field(&body, key), key, resource.id.name()) {
            Value::Unset => {}
            Value::Open(gap) => draft.doubt = draft.doubt.take().or(Some(gap)),
            Value::Is((items, _)) => {
                draft.rules.extend(items.iter().map(|item| rule(item, None, list_of(item, list), faults)));
            }
        }
    }
    let subnets = faults.list(field(&body, "subnets"), "subnets", resource.id.name());
    for subnet in subnets.is().map(|(items, _)| items).unwrap_or_default() {
        draft.subnets.extend(faults.id(direct(subnet, "id"), "subnets", resource.id.name()).is());
    }
    draft
}

/// `az network nsg rule list --include-default` puts both kinds into one list; the id tells them apart.
fn list_of(item: &Node, list: List) -> List {
    let id = item.get("id").and_then(Node::as_str).unwrap_or_default().to_ascii_lowercase();
    if id.contains("/defaultsecurityrules/") { List::Default } else { list }
}

/// A group of which only rules that are resources of their own are in the input.
fn elsewhere(id: ResourceId, origin: &Origin) -> Draft {
    let gap = outside("network security group", "nsg", &id).at(origin);
    Draft {
        id,
        rules: Vec::new(),
        children: Vec::new(),
        subnets: Vec::new(),
        doubt: Some(gap),
        bare: false,
        origin: origin.clone(),
    }
}

/// Two declarations of one group: the same, or nobody knows which one is in force.
fn twice(first: &mut Draft, second: &Draft, faults: &mut Faults) {
    for subnet in &second.subnets {
        if !first.subnets.contains(subnet) {
            first.subnets.push(subnet.clone());
        }
    }
    let lines = |draft: &Draft| {
        let mut lines: Vec<String> =
            draft.rules.iter().map(|rule| format!("{} {rule}", rule.name.to_lowercase())).collect();
        lines.sort();
        lines
    };
    first.doubt = first.doubt.take().or_else(|| second.doubt.clone());
    let name = first.id.name().to_owned();
    if lines(first) == lines(second) {
        match (expansions(first), expansions(second)) {
            (one, other) if one == other || other.is_empty() => {}
            // S139: a dump says more than a declaration.
            (one, _) if one.is_empty() => first.rules.clone_from(&second.rules),
            _ => {
                let gap = Gap::new(format!(
                    "what the tags in the rules of `{name}` stand for: two dumps differ, so ask them one by one"
                ));
                first.doubt = first.doubt.take().or_else(|| Some(gap.at(&second.origin)));
            }
        }
        return;
    }
    let message = format!(
        "the network security group `{name}` is declared here and at {} with other rules",
        first.origin
    );
    faults.findings.push(Finding::new(Code::DuplicateResource, &second.origin, message).about(&name));
    let gap = Gap::new(format!("which declaration of the network security group `{name}` is deployed last"));
    first.doubt = first.doubt.take().or_else(|| Some(gap.at(&second.origin)));
}

/// What the tags of a group's rules stand for by Azure's own word.
fn expansions(draft: &Draft) -> BTreeSet<(String, Vec<IpNet>)> {
    let sides = draft.rules.iter().flat_map(|rule| [&rule.source, &rule.destination]);
    let found = sides.filter_map(expansion);
    found
        .map(|(tag, prefixes)| {
            let mut prefixes = prefixes.to_vec();
            prefixes.sort();
            (tag.to_lowercase(), prefixes)
        })
        .collect()
}

fn finish(draft: Draft, faults: &mut Faults) -> SecurityGroup {
    let Draft { id, mut rules, mut children, subnets, doubt, origin, bare: _ } = draft;
    doubt_of_files(&mut rules, &mut children, faults);
    let replaced = join(&id, &mut rules, &children, faults);
    rules.extend(children);
    // S5, S10: there are always six; those that the input shows are used, the others are added.
    let (custom, mut default): (Vec<Rule>, Vec<Rule>) =
        rules.into_iter().partition(|rule| !rule.is_default());
    for rule in defaults::rules(&origin) {
        let is_it = |shown: &Rule| shown.direction == rule.direction && shown.priority == rule.priority;
        if !default.iter().any(is_it) {
            default.push(rule);
        }
    }
    let doubt = doubt.or_else(|| too_many(&id, custom.len(), &origin));
    let rules = RuleSet { rules: custom.into_iter().chain(default).collect() };
    SecurityGroup { id, rules, replaced, subnets, doubt, origin }
}

/// Files have no order: of a rule that stands in two of them differently, as a resource of its own at least once,
/// nobody knows which is there.
fn doubt_of_files(inline: &mut [Rule], children: &mut [Rule], faults: &mut Faults) {
    if children.is_empty() {
        return;
    }
    let mut first: HashMap<String, Vec<&mut Rule>> = HashMap::new();
    for rule in inline.iter_mut().chain(children).filter(|rule| !rule.is_default()) {
        first.entry(rule.name.to_lowercase()).or_default().push(rule);
    }
    let mut named: Vec<Vec<&mut Rule>> = first.into_values().filter(|rules| rules.len() > 1).collect();
    named.sort_by(|one, other| one[0].origin.cmp(&other[0].origin));
    for rules in &mut named {
        let (one, others) = (rules[0].to_string(), &rules[1..]);
        let differs = |rule: &&&mut Rule| rule.origin.file != rules[0].origin.file && rule.to_string() != one;
        let Some(other) = others.iter().find(differs) else { continue };
        let mut pair = Pair::new("rule", &rules[0].name, &rules[0].origin, &other.origin);
        let gap = pair.differ("what is said");
        pair.finish(faults);
        for rule in rules.iter_mut() {
            rule.doubt = rule.doubt.take().or_else(|| Some(gap.clone()));
        }
    }
}

/// A group beyond all reason is not evaluated (S44 allows 1,000 rules).
fn too_many(id: &ResourceId, rules: usize, origin: &Origin) -> Option<Gap> {
    (rules > MOST_RULES).then(|| {
        let name = id.name();
        Gap::new(format!(
            "the {rules} rules of `{name}`: more than {MOST_RULES} in one group are not evaluated"
        ))
        .at(origin)
    })
}

/// S138, U27: of two rules with one name the child wins; where it may not be there, the inline rule may be.
/// Returns the inline rules that are replaced.
fn join(id: &ResourceId, inline: &mut Vec<Rule>, children: &[Rule], faults: &mut Faults) -> Vec<Rule> {
    let names = |rules: &[Rule]| -> HashMap<String, usize> {
        let custom = rules.iter().enumerate().filter(|(_, rule)| !rule.is_default());
        custom.map(|(index, rule)| (rule.name.to_lowercase(), index)).collect()
    };
    let places = names(inline);
    for child in children.iter().filter(|child| !child.is_default()) {
        let Some(place) = places.get(&child.name.to_lowercase()) else { continue };
        // That neither of two files is believed is told already.
        if inline[*place].doubt.is_some() && inline[*place].origin.file != child.origin.file {
            continue;
        }
        let message = format!(
            "the rule `{}` of `{}` also stands inline at {}; this one is taken",
            child.name,
            id.name(),
            inline[*place].origin
        );
        faults.findings.push(Finding::new(Code::SameRuleTwice, &child.origin, message).about(&child.name));
    }
    let children_by_name = names(children);
    let mut replaced = Vec::new();
    inline.retain_mut(|rule| {
        let child = children_by_name.get(&rule.name.to_lowercase()).and_then(|index| children.get(*index));
        match child.filter(|_| !rule.is_default()).map(|child| &child.doubt) {
            None => true,
            Some(None) => {
                replaced.push(rule.clone());
                false
            }
            Some(Some(gap)) => {
                rule.doubt = Some(gap.clone());
                true
            }
        }
    });
    replaced
}
