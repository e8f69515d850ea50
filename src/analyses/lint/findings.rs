//! Places of a group put together: one standing for all of them where they agree, and the findings.
//!
//! In: a group and its places. Out: the rules' standings with names, and what is worth a remark.

use super::at_place::{self, AtPlace, Reason};
use super::worlds::Worlds;
use super::{Kind, LintFinding, RuleStanding};
use crate::finding::{Code, Finding, Severity};
use crate::model::{Access, Layer};
use crate::network::{AttachmentPoint, SecurityGroup};
use crate::rules::{Effort, Rule};
use crate::walk::Decider;
use std::collections::BTreeSet;

/// How many rules a message names; the details name all.
const NAMED: usize = 3;

/// What became of a group's rules, and what is remarked on them.
pub(super) struct OfGroup {
    pub(super) rules: Vec<RuleStanding>,
    pub(super) findings: Vec<LintFinding>,
}

/// One rule with what it is at its places, those alike together.
struct Merged {
    index: usize,
    at: Vec<(AtPlace, Vec<String>)>,
}

/// Looks at a group at each of its places.
pub(super) fn of_group(
    group: &SecurityGroup,
    places: &[(Vec<&AttachmentPoint<'_>>, Worlds<'_>)],
    mut effort: Effort,
) -> OfGroup {
    let mut rules: Vec<Merged> = Vec::new();
    for (left, (points, worlds)) in (1..=places.len()).rev().zip(places) {
        let names: Vec<String> =
            points.iter().filter(|point| point.subnet.is_some()).map(|point| point.name.clone()).collect();
        let found = effort.with_part(left, |effort| at_place::of_group(group, worlds, effort));
        for (at, (index, found)) in found.into_iter().enumerate() {
            if rules.len() <= at {
                rules.push(Merged { index, at: Vec::new() });
            }
            let alike = &mut rules[at].at;
            match alike.iter_mut().find(|(known, _)| known.is_like(&found)) {
                Some((_, places)) => places.extend(names.iter().cloned()),
                None => alike.push((found, names.clone())),
            }
        }
    }
    let removable: BTreeSet<usize> =
        rules.iter().filter(|rule| rule.is_removable()).map(|rule| rule.index).collect();
    let naming = Naming { group, removable };
    let mut answer = OfGroup { rules: Vec::new(), findings: Vec::new() };
    for rule in &rules {
        let standings: Vec<RuleStanding> =
            rule.at.iter().map(|(at, places)| naming.standing(rule, at, places)).collect();
        for ((at, _), standing) in rule.at.iter().zip(&standings) {
            answer.findings.extend(naming.finding(rule, at, standing));
        }
        answer.rules.extend(standings);
    }
    answer.findings.extend(naming.not_looked_at(&rules));
    answer
}

impl Merged {
    /// Whether nothing changes anywhere without the rule.
    fn is_removable(&self) -> bool {
        self.at.iter().all(|(at, _)| at.kind.is_removable())
    }
}

/// Indices of a group's rules become names.
struct Naming<'a> {
    group: &'a SecurityGroup,
    /// Rules that are said to be removable.
    removable: BTreeSet<usize>,
}

impl Naming<'_> {
    fn rule(&self, index: usize) -> &Rule {
        &self.group.rules.rules[index]
    }

    fn decider(&self, index: usize) -> Decider {
        let rule = self.rule(index);
        Decider {
            layer: Layer::SubnetNsg,
            nsg: Some(self.group.name().to_owned()),
            rule: Some(rule.name.clone()),
            priority: rule.priority.number(),
            access: rule.access.known().copied(),
            origin: rule.origin.clone(),
        }
    }

    fn deciders(&self, indices: &[usize]) -> Vec<Decider> {
        indices.iter().map(|index| self.decider(*index)).collect()
    }

    fn standing(&self, merged: &Merged, at: &AtPlace, places: &[String]) -> RuleStanding {
        let rule = self.rule(merged.index);
        let keep = at.heirs.iter().filter(|heir| self.removable.contains(heir)).copied();
        RuleStanding {
            rule: self.decider(merged.index),
            text: rule.to_string(),
            direction: rule.direction.known().copied(),
            kind: at.kind,
            places: places.to_vec(),
            everywhere: merged.at.len() == 1,
            share: at.share.clone(),
            left: at.left.clone(),
            cover: self.deciders(&at.cover),
            access_differs: self.access_differs(rule, &at.cover),
            heirs: self.deciders(&at.heirs),
            keep: self.deciders(&keep.collect::<Vec<_>>()),
            unknowns: at.unknowns.clone(),
            witness: at.witness,
        }
    }

    /// The rules that were not looked at to the end.
    fn not_looked_at(&self, rules: &[Merged]) -> Option<LintFinding> {
        let cut_off = rules.iter().filter(|rule| rule.at.iter().any(|(at, _)| at.cut_off));
        let named = self.deciders(&cut_off.map(|rule| rule.index).collect::<Vec<_>>());
        if named.is_empty() {
            return None;
        }
        let message = format!(
            "`{}`: what {} of its {} rules do is not known, since the rules cut their packets into more pieces than \
             are looked at: {}",
            self.group.name(),
            named.len(),
            rules.len(),
            some(&named, "and")
        );
        let mut finding = Finding::new(Code::TooManyRules, &self.group.origin, message)
            .fix("ask for the group alone (`--nsg`), or split it")
            .about(self.group.name());
        finding.severity = Severity::Note;
        Some(LintFinding { finding, standing: None })
    }

    /// Whether some rule of the cover has the other access; where one is not known, only if another has it.
    fn access_differs(&self, rule: &Rule, cover: &[usize]) -> Option<bool> {
        let own = rule.access.known()?;
        let known: Vec<Option<&Access>> =
            cover.iter().map(|index| self.rule(*index).access.known()).collect();
        if known.iter().flatten().any(|access| *access != own) {
            return Some(true);
        }
        (!known.is_empty() && known.iter().all(Option::is_some)).then_some(false)
    }

    /// What is remarked. That a rule does nothing is told for each place where it is so, that it can go only
    /// where it can go from all of them.
    fn finding(&self, merged: &Merged, at: &AtPlace, standing: &RuleStanding) -> Option<LintFinding> {
        let code = at.kind.code()?;
        let here_alone = !standing.everywhere && !merged.is_removable();
        if here_alone && !matches!(at.kind, Kind::Dead | Kind::Shadowed | Kind::PartlyShadowed) {
            return None;
        }
        let (message, fix) = match at.kind {
            Kind::Dead => dead(standing, at.reason),
            Kind::Shadowed => shadowed(standing),
            Kind::PartlyShadowed => partly(standing),
            _ => changes_nothing(standing),
        };
        let message = match standing.everywhere {
            true => message,
            false => {
                let places: Vec<String> = standing.places.iter().map(|place| format!("`{place}`")).collect();
                let subnet = if places.len() == 1 { "subnet" } else { "subnets" };
                format!("at {subnet} {} {message}", joined(&places, "and"))
            }
        };
        let mut finding = Finding::new(code, &standing.rule.origin, message).about(name(&standing.rule));
        if !here_alone {
            finding = finding.fix(fix);
        }
        // What a rule does not do at one subnet it may be there for at another.
        if here_alone || code == Code::ShadowedRule && standing.access_differs != Some(true) {
            finding.severity = Severity::Note;
        }
        Some(LintFinding { finding, standing: Some(standing.clone()) })
    }
}

fn name(decider: &Decider) -> &str {
    decider.rule.as_deref().unwrap_or_default()
}

/// `` `AllowSql` (110)``.
fn quoted(decider: &Decider) -> String {
    let priority = decider.priority.map_or_else(|| "?".to_owned(), |number| number.to_string());
    format!("`{}` ({priority})", name(decider))
}

/// The first few rules, and how many more there are.
fn some(deciders: &[Decider], last: &str) -> String {
    let mut names: Vec<String> = deciders.iter().take(NAMED).map(quoted).collect();
    if deciders.len() > NAMED {
        names.push(format!("{} more", deciders.len() - NAMED));
    }
    joined(&names, last)
}

fn joined(words: &[String], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

fn verb(access: Option<Access>, many: bool) -> &'static str {
    match (access, many) {
        (Some(Access::Allow), false) => "allows",
        (Some(Access::Allow), true) => "allow",
        (Some(Access::Deny), false) => "denies",
        (Some(Access::Deny), true) => "deny",
        (None, false) => "decides",
        (None, true) => "decide",
    }
}

/// What they all do, where that is one thing.
fn access_of(deciders: &[Decider]) -> Option<Access> {
    let first = deciders.first()?.access;
    deciders.iter().all(|decider| decider.access == first).then_some(first)?
}

fn dead(standing: &RuleStanding, reason: Option<Reason>) -> (String, String) {
    let rule = quoted(&standing.rule);
    let delete = |part: &str| format!("correct the {part}, or delete the rule");
    match reason {
        Some(Reason::ReversedPorts) => (
            format!("{rule} matches no packet: its port range runs backwards"),
            "exchange the two ends".to_owned(),
        ),
        Some(Reason::Families) => (
            format!("{rule} matches no packet: its source and its destination share no address family"),
            "write both sides in one family".to_owned(),
        ),
        Some(Reason::Source) => {
            (format!("{rule} matches no packet: its source holds no address"), delete("source"))
        }
        Some(Reason::Destination) => {
            (format!("{rule} matches no packet: its destination holds no address"), delete("destination"))
        }
        Some(Reason::Platform) => (
            format!(
                "{rule} never decides: Azure settles all of this traffic before it asks the rules (S18, S100)"
            ),
            "delete it; only the platform's own tags reach its services (S102)".to_owned(),
        ),
        Some(Reason::Together) | None => {
            (format!("{rule} matches no packet: none meets all of its conditions"), delete("conditions"))
        }
    }
}

fn shadowed(standing: &RuleStanding) -> (String, String) {
    let RuleStanding { rule, cover, .. } = standing;
    let (names, many) = (some(cover, "and"), cover.len() > 1);
    let never = verb(rule.access, false);
    match (access_of(cover), standing.access_differs) {
        (does, Some(false)) => (
            format!("{} decides nothing: {names} {} all of it before", quoted(rule), verb(does, many)),
            "delete it".to_owned(),
        ),
        (Some(does), Some(true)) => (
            format!("{} never {never}: {names} {} all of it before", quoted(rule), verb(Some(does), many)),
            move_or_delete(cover),
        ),
        (None, Some(true)) => (
            format!("{} never {never}: {names}, which allow and deny, take all of it before", quoted(rule)),
            move_or_delete(cover),
        ),
        (_, None) => (
            format!(
                "{} decides nothing: {names} {} all of it before",
                quoted(rule),
                if many { "take" } else { "takes" }
            ),
            "delete it, or give it a lower number".to_owned(),
        ),
    }
}

fn move_or_delete(cover: &[Decider]) -> String {
    match cover.first() {
        Some(first) => {
            format!("give it a lower number than {} if it is meant, else delete it", quoted(first))
        }
        None => "delete it".to_owned(),
    }
}

fn partly(standing: &RuleStanding) -> (String, String) {
    let RuleStanding { rule, cover, .. } = standing;
    let other: Vec<Decider> = cover
        .iter()
        .filter(|earlier| earlier.access.is_some() && earlier.access != rule.access)
        .cloned()
        .collect();
    let does = verb(rule.access, false);
    let left = match &standing.left {
        Some(left) => format!("{does} {left}"),
        None => format!("{does} a part of what it matches"),
    };
    let takes = verb(access_of(&other), other.len() > 1);
    let rest = if other.len() == cover.len() { "the rest" } else { "some of the rest" };
    (
        format!("{} {left}: {} {takes} {rest} before", quoted(rule), some(&other, "and")),
        "check which of them is meant to win, and give it the lower number".to_owned(),
    )
}

fn changes_nothing(standing: &RuleStanding) -> (String, String) {
    let RuleStanding { rule, heirs, keep, .. } = standing;
    let (does, many) = (verb(rule.access, heirs.len() > 1), heirs.len() > 1);
    if heirs.is_empty() {
        let message = format!(
            "{} {} what Azure delivers without a rule (S102, S103)",
            quoted(rule),
            verb(rule.access, false)
        );
        return (message, "delete it; it begins to count when a rule denies the same tag".to_owned());
    }
    if standing.kind == Kind::RepeatsDefault {
        let defaults = if many { "the defaults" } else { "the default" };
        let message =
            format!("{} changes nothing: {defaults} {} {does} the same", quoted(rule), some(heirs, "and"));
        return (message, "delete it, or leave it for readers".to_owned());
    }
    let message =
        format!("{} changes nothing: without it {} {does} the same", quoted(rule), some(heirs, "and"));
    let fix = match keep.is_empty() {
        true if many => "delete it, or narrow the later ones".to_owned(),
        true => "delete it, or narrow the later one".to_owned(),
        false => format!("delete it and keep {}", some(keep, "and")),
    };
    (message, fix)
}
