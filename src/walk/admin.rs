//! Security admin rules of Virtual Network Manager, which stand before every group (S131).
//!
//! `Deny` ends with a drop, `AlwaysAllow` with delivery past the groups; `Allow`, and no match, go on to them.

use super::group::{cut_off_gap, rule_decider};
use super::outcome::{LayerStep, Outcome, Part};
use crate::model::{Access, Direction, Fact, Gap, Layer, Verdict};
use crate::network::AttachmentPoint;
use crate::network::effective::AdminRules;
use crate::rules::{Decision, Effort, Policy, Reading, RulePart};
use crate::sets::PacketSet;

/// The admin rules of one manager at a place, in one direction.
pub(super) struct AdminGate<'n> {
    rules: &'n AdminRules,
    direction: Direction,
    policy: Policy,
}

/// Packets by what the admin rules do with them.
pub(super) struct Ruled {
    pub(super) packets: PacketSet,
    /// The ways that it may end here; `true` in `goes_on` where the groups may be asked.
    blocked: bool,
    delivered: bool,
    pub(super) goes_on: bool,
    step: Option<LayerStep>,
    gaps: Vec<Gap>,
}

impl<'n> AdminGate<'n> {
    pub(super) fn all(point: &'n AttachmentPoint<'n>, direction: Direction) -> Vec<Self> {
        let gate = |rules: &&'n AdminRules| Self {
            rules,
            direction,
            policy: Policy::compile(&rules.rules, direction, &point.surroundings, &Reading::DEFAULT),
        };
        point.admin.iter().map(gate).collect()
    }

    /// Cuts a set by what the rules do with it.
    pub(super) fn cut(&self, asked: &PacketSet) -> Vec<Ruled> {
        self.policy
            .partition_within(asked, &mut Effort::question())
            .into_iter()
            .map(|part| self.ruled(part))
            .collect()
    }

    fn ruled(&self, part: RulePart) -> Ruled {
        let Decision { verdict, candidates, cut_off } = &part.decision;
        let rule = |index: &usize| &self.rules.rules.rules[*index];
        let always = |index: &usize| self.rules.always.contains(index);
        let access = |index: &usize| rule(index).access.clone();
        let blocked = *cut_off || candidates.iter().any(|index| access(index) != Fact::Known(Access::Allow));
        let delivered =
            *cut_off || candidates.iter().any(|index| always(index) || access(index).known().is_none());
        let allows = |index: &usize| !always(index) && access(index) != Fact::Known(Access::Deny);
        let goes_on = *verdict == Verdict::Unknown || candidates.is_empty() || candidates.iter().any(allows);
        let outcome = match (blocked, delivered, goes_on) {
            (true, false, false) => Verdict::Blocked,
            (false, _, _) => Verdict::Allowed,
            _ => Verdict::Unknown,
        };
        let deciders = candidates
            .iter()
            .map(|index| rule_decider(Layer::Admin, self.rules.manager.name(), &self.rules.rules, *index));
        let step = LayerStep {
            layer: Layer::Admin,
            direction: self.direction,
            verdict: outcome,
            deciders: deciders.collect(),
        };
        let missing = candidates.iter().flat_map(|index| self.policy.gaps(*index)).cloned();
        let gaps = missing.chain(cut_off.then(cut_off_gap)).collect();
        let step = (!candidates.is_empty()).then_some(step);
        Ruled { packets: part.packets, blocked, delivered, goes_on, step, gaps }
    }
}

impl Ruled {
    /// What becomes of the packets where the groups end them so; `None` where the groups are not asked.
    pub(super) fn then(&self, part: Option<&Part>) -> Option<Part> {
        let packets = match part {
            Some(part) => self.packets.intersection(&part.packets),
            None => self.packets.clone(),
        };
        if packets.is_empty() {
            return None;
        }
        let ends = [(self.blocked, Verdict::Blocked), (self.delivered, Verdict::Allowed)];
        let mut may: Vec<Verdict> =
            ends.into_iter().filter_map(|(may, verdict)| may.then_some(verdict)).collect();
        may.extend(part.filter(|_| self.goes_on).map(Part::verdict));
        let verdict = match may.first() {
            Some(first) if may.iter().all(|other| other == first) => *first,
            _ => Verdict::Unknown,
        };
        let mut gaps = part.map(|part| part.outcome.gaps.clone()).unwrap_or_default();
        if verdict == Verdict::Unknown {
            gaps.extend(self.gaps.iter().cloned());
        } else {
            gaps.clear();
        }
        let later = part.map(|part| &part.outcome.layers[..]).unwrap_or_default();
        let mut layers: Vec<LayerStep> = self.step.iter().chain(later).cloned().collect();
        // The rule that may deliver, past a group that blocks, is what it hangs on.
        if verdict == Verdict::Unknown && layers.iter().all(|step| step.verdict != Verdict::Unknown) {
            layers.iter_mut().take(1).for_each(|step| step.verdict = Verdict::Unknown);
        }
        Some(Part { packets, outcome: Outcome { verdict, layers, gaps } })
    }
}
