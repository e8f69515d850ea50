//! What in the rules Azure refuses, or reads in another way than people think.
//!
//! Looks at the model alone, so that the same fault is found in whatever form a rule was written. What
//! cannot be read at all is reported by whoever reads it.

use crate::finding::{Code, Finding};
use crate::model::{Direction, RulePriority};
use crate::network::{Network, SecurityGroup};
use crate::rules::{AddressTerm, Rule, Side, Written};
use crate::sets::AddressSet;
use crate::tags::{TagKind, TagSnapshot, special};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Deref;

/// Azure's limit of rules in one group (S44).
const RULES_IN_A_GROUP: usize = 1000;

/// How many unknown tags are compared with the list; the others are named without a suggestion.
const SUGGESTED: usize = 50;

/// The service tag list, and how often it was searched for a name that comes close.
struct Tags<'t> {
    list: &'t TagSnapshot,
    suggested: Cell<usize>,
}

impl Tags<'_> {
    fn near(&self, name: &str) -> Vec<String> {
        let so_far = self.suggested.get();
        self.suggested.set(so_far + 1);
        if so_far < SUGGESTED { self.list.suggest(name) } else { Vec::new() }
    }
}

impl Deref for Tags<'_> {
    type Target = TagSnapshot;

    fn deref(&self) -> &TagSnapshot {
        self.list
    }
}

/// Faults of every rule of every group, and of the groups.
pub fn findings(network: &Network, tags: &TagSnapshot) -> Vec<Finding> {
    let space = known_space(network);
    let tags = &Tags { list: tags, suggested: Cell::new(0) };
    let mut findings = Vec::new();
    for group in &network.security_groups {
        findings.extend(unused(network, group));
        findings.extend(too_many(group));
        findings.extend(duplicates(group));
        for rule in group.rules.custom() {
            findings.extend(of_rule(rule, tags, &space));
        }
    }
    findings
}

/// Address space that the input shows to be private to its networks.
fn known_space(network: &Network) -> AddressSet {
    let prefixes = network.virtual_networks.iter().filter_map(|network| network.prefixes.known()).flatten();
    prefixes.copied().chain(network.peer_prefixes.iter().copied()).collect()
}

fn unused(network: &Network, group: &SecurityGroup) -> Option<Finding> {
    // With no subnet in the input, nothing can be said about what the group is attached to.
    let attached = !group.subnets.is_empty()
        || network.effective.shows(&group.id)
        || network.subnets.is_empty()
        || network.may_be_named(group);
    (!attached).then(|| {
        let message = format!("`{}` is attached to no subnet of the input", group.name());
        Finding::new(Code::UnusedNsg, &group.origin, message).about(group.name())
    })
}

fn too_many(group: &SecurityGroup) -> Option<Finding> {
    let rules = group.rules.custom().count();
    (rules > RULES_IN_A_GROUP).then(|| {
        let message = format!("`{}` has {rules} rules; Azure allows {RULES_IN_A_GROUP} (S44)", group.name());
        Finding::new(Code::TooManyRules, &group.origin, message).about(group.name())
    })
}

/// S8 and S13: the later of two is named, with the place of the earlier.
fn duplicates(group: &SecurityGroup) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut names: BTreeMap<String, &Rule> = BTreeMap::new();
    let mut places: BTreeMap<(Direction, i64), &Rule> = BTreeMap::new();
    for rule in group.rules.custom() {
        if let Some(first) = names.insert(rule.name.to_lowercase(), rule) {
            let message = format!("`{}` is the name of another rule too, at {}", rule.name, first.origin);
            findings.push(Finding::new(Code::DuplicateName, &rule.origin, message).about(&*rule.name));
        }
        let (Some(direction), Some(number)) = (rule.direction.known(), rule.priority.number()) else {
            continue;
        };
        if let Some(first) = places.insert((*direction, number), rule) {
            let message = format!(
                "`{}` has priority {number} as `{}` at {} has, both {}",
                rule.name,
                first.name,
                first.origin,
                direction.azure()
            );
            let fix = format!("give one of them a free priority of the direction {}", direction.azure());
            findings.push(
                Finding::new(Code::DuplicatePriority, &rule.origin, message).fix(fix).about(&*rule.name),
            );
        }
    }
    findings
}

fn of_rule(rule: &Rule, tags: &Tags<'_>, space: &AddressSet) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut report = |code: Code, message: String, fix: Option<String>| {
        let mut finding = Finding::new(code, &rule.origin, message).about(&*rule.name);
        finding.fix = fix;
        findings.push(finding);
    };
    if let RulePriority::OutOfRange(number) = rule.priority {
        report(
            Code::PriorityRange,
            format!("`{}` has priority {number}, which is not in 100..=4096", rule.name),
            Some("choose a priority from 100 to 4096".to_owned()),
        );
    }
    for (side, name) in [(&rule.source, "source"), (&rule.destination, "destination")] {
        of_side(rule, side, name, tags, &mut report);
    }
    literal_zero(rule, space, &mut report);
    if let Some(direction) = rule.direction.known() {
        let (own, _) = rule.own_and_remote(*direction);
        wrong_side(rule, own, tags, &mut report);
        if *direction == Direction::Inbound {
            public_destination(rule, own, space, &mut report);
        }
    }
    findings
}

type Report<'a> = dyn FnMut(Code, String, Option<String>) + 'a;

fn of_side(rule: &Rule, side: &Side, name: &str, tags: &Tags<'_>, report: &mut Report<'_>) {
    for written in &side.addresses {
        of_term(rule, written, name, tags, report);
    }
    if Written::in_both_forms(&side.addresses) || Written::in_both_forms(&side.ports) {
        let message = format!("the {name} of `{}` is set both as one value and as a list", rule.name);
        report(Code::SingularAndPlural, message, Some("keep the list, or the one value".to_owned()));
    }
    let family = |v4: bool| {
        side.addresses.iter().any(
            |written| matches!(&written.value, AddressTerm::Prefix { net, .. } if net.addr().is_ipv4() == v4),
        )
    };
    if family(true) && family(false) {
        let message = format!("the {name} of `{}` holds IPv4 and IPv6 prefixes", rule.name);
        report(Code::MixedFamilies, message, Some("write one rule for each family".to_owned()));
    }
}

fn of_term(
    rule: &Rule,
    written: &Written<AddressTerm>,
    name: &str,
    tags: &Tags<'_>,
    report: &mut Report<'_>,
) {
    let term = &written.value;
    if written.plural && matches!(term, AddressTerm::Tag(_) | AddressTerm::Any) {
        report(
            Code::PluralTag,
            format!("`{term}` stands in the list of the {name} of `{}`", rule.name),
            Some(format!("put `{term}` alone into the singular field, in a rule of its own")),
        );
    }
    match term {
        AddressTerm::Prefix { net, host_bits: true } => report(
            Code::HostBits,
            format!("a prefix of the {name} of `{}` has host bits set", rule.name),
            Some(format!("write {net}")),
        ),
        AddressTerm::LiteralAny => report(
            Code::LiteralAny,
            format!("the {name} of `{}` is `Any`, which no API knows", rule.name),
            Some("write *".to_owned()),
        ),
        AddressTerm::DashRange { first, last } => report(
            Code::AddressText,
            format!("`{first}-{last}` in the {name} of `{}` is a range, not a prefix", rule.name),
            Some("write the prefixes that make up the range".to_owned()),
        ),
        AddressTerm::Tag(tag) => of_tag(rule, tag, name, tags, report),
        _ => {}
    }
}

fn of_tag(rule: &Rule, tag: &str, name: &str, tags: &Tags<'_>, report: &mut Report<'_>) {
    match tags.classify(tag).kind {
        TagKind::Special { tag: special, classic: true } => report(
            Code::ClassicTag,
            format!("`{tag}` in the {name} of `{}` is a spelling of the classic model", rule.name),
            Some(format!("write {special}")),
        ),
        TagKind::Special { .. } => {}
        TagKind::Listed { name: listed } => {
            if tags.is_for_groups(&listed) == Some(false) {
                report(
                    Code::RegionalTag,
                    format!("`{listed}` in the {name} of `{}` is not marked for security groups", rule.name),
                    listed.split_once('.').map(|(base, _)| format!("use {base}")),
                );
            }
        }
        TagKind::Unknown => {
            let suggestions = tags.near(tag);
            let fix = match suggestions[..] {
                [] => "give a service tag list that has it, with --service-tags".to_owned(),
                _ => format!("did you mean {}?", suggestions.join(" or ")),
            };
            let message = format!("`{tag}` in the {name} of `{}` is in no service tag list", rule.name);
            report(Code::UnknownTag, message, Some(fix));
        }
    }
}

/// S96: in a custom rule the literal is IPv4 alone, which matters where the network has IPv6.
fn literal_zero(rule: &Rule, space: &AddressSet, report: &mut Report<'_>) {
    if space.v6.is_empty() {
        return;
    }
    for (side, name) in [(&rule.source, "source"), (&rule.destination, "destination")] {
        let is_zero = |written: &Written<AddressTerm>| matches!(&written.value, AddressTerm::Prefix { net, .. } if net.prefix_len() == 0 && net.addr().is_ipv4());
        if side.addresses.iter().any(is_zero) {
            report(
                Code::LiteralZero,
                format!("0.0.0.0/0 in the {name} of `{}` leaves out IPv6, which the network has", rule.name),
                Some("write * for both families".to_owned()),
            );
        }
    }
}

/// T13: the addresses of a service's tag are never the subnet's own.
fn wrong_side(rule: &Rule, own: &Side, tags: &Tags<'_>, report: &mut Report<'_>) {
    for written in &own.addresses {
        let Some(tag) = written.value.tag() else { continue };
        if let TagKind::Listed { name } = tags.classify(tag).kind {
            report(
                Code::WrongSideTag,
                format!("`{name}` stands on the own side of `{}`, where its addresses never are", rule.name),
                Some("write VirtualNetwork or the subnet's prefix".to_owned()),
            );
        }
    }
}

/// S38, T1: matching happens after translation, so a public destination never matches.
fn public_destination(rule: &Rule, own: &Side, space: &AddressSet, report: &mut Report<'_>) {
    for written in &own.addresses {
        let AddressTerm::Prefix { net, .. } = &written.value else { continue };
        let addresses = AddressSet::from_nets([*net]);
        let public = net.addr().is_ipv4() && addresses.is_subset(&special::internet());
        if public && !addresses.meets(space) {
            report(
                Code::PublicDestination,
                format!(
                    "`{}` lets in traffic to the public address {net}; rules see the private one",
                    rule.name
                ),
                Some("write the subnet's prefix or VirtualNetwork".to_owned()),
            );
        }
    }
}
