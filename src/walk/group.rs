//! One security group in one direction: what its rules decide, as outcomes of its layer.

use super::outcome::{Decider, LayerStep, Outcome, Part};
use crate::model::{Direction, Gap, Layer, Verdict};
use crate::network::SecurityGroup;
use crate::rules::{Decision, Effort, Policy, RuleSet};
use crate::sets::PacketSet;

/// How many missing facts are named for one part; nobody settles more of them at once.
const GAPS_NAMED: usize = 20;

/// A group with its compiled rules, at a layer.
#[derive(Clone, Copy)]
pub(super) struct GroupView<'a> {
    pub(super) layer: Layer,
    pub(super) direction: Direction,
    pub(super) group: &'a SecurityGroup,
    pub(super) policy: &'a Policy,
}

impl GroupView<'_> {
    /// The exact parts of a set by the rules that decide them.
    pub(super) fn parts(&self, asked: &PacketSet, effort: &mut Effort) -> Vec<Part> {
        let part = |part: crate::rules::RulePart| {
            let outcome = self.outcome(&part.decision);
            Part { packets: part.packets, outcome }
        };
        self.policy.partition_within(asked, effort).into_iter().map(part).collect()
    }

    /// A decision of the group's rules in words of the layer.
    pub(super) fn outcome(&self, decision: &Decision) -> Outcome {
        let deciders = decision.candidates.iter().map(|index| self.decider(*index)).collect();
        let mut gaps: Vec<Gap> = Vec::new();
        if decision.verdict == Verdict::Unknown {
            let missing = decision.candidates.iter().flat_map(|index| self.policy.gaps(*index));
            gaps.extend(missing.take(GAPS_NAMED).cloned());
            gaps.sort();
            gaps.dedup();
            if decision.cut_off {
                gaps.push(cut_off_gap());
            }
            if gaps.is_empty() {
                gaps.push(order_or_defaults_gap(&self.group.rules, decision));
            }
        }
        let (layer, direction, verdict) = (self.layer, self.direction, decision.verdict);
        let step = LayerStep { layer, direction, verdict, deciders };
        Outcome { verdict, layers: vec![step], gaps }
    }

    fn decider(&self, index: usize) -> Decider {
        rule_decider(self.layer, self.group.name(), &self.group.rules, index)
    }
}

/// A rule as a decider, by its place in its rule set.
pub(super) fn rule_decider(layer: Layer, of: &str, rules: &RuleSet, index: usize) -> Decider {
    let rule = &rules.rules[index];
    Decider {
        layer,
        nsg: Some(of.to_owned()),
        rule: Some(rule.name.clone()),
        priority: rule.priority.number(),
        access: rule.access.known().copied(),
        origin: rule.origin.clone(),
    }
}

/// A group that is not known decides something that is not known.
pub(super) fn unknown_group(layer: Layer, direction: Direction, packets: PacketSet, gap: &Gap) -> Part {
    let step = LayerStep { layer, direction, verdict: Verdict::Unknown, deciders: Vec::new() };
    let outcome = Outcome { verdict: Verdict::Unknown, layers: vec![step], gaps: vec![gap.clone()] };
    Part { packets, outcome }
}

fn order_or_defaults_gap(rules: &RuleSet, decision: &Decision) -> Gap {
    let names: Vec<&str> =
        decision.candidates.iter().map(|index| rules.rules[*index].name.as_str()).collect();
    match names[..] {
        [] | [_] => Gap::new("the rest of the rules: the input's default rules are not whole (S4)"),
        _ => Gap::new(format!(
            "which of {} is looked at first, since their priorities are equal (U1)",
            names.join(", ")
        )),
    }
}

/// What is missing where a question was not looked at to its end.
pub(super) fn cut_off_gap() -> Gap {
    Gap::new("what the rest of the rules decides: they cut the question into more pieces than are looked at")
}
