//! What each decision about a set reaches, side by side, without the exact parts.
//!
//! In: a policy, a verdict, a set of packets, and boxes that are no part of the question. Out: for each decision
//! with the verdict about what is left the smallest box that holds all its packets. Sources, ports and protocols
//! of "what this rule lets in" are read off it; which of them go together is not.
//!
//! Cost: that of cutting the set; one row a decision is kept and read back, not one a part.

use super::carve::{Carver, Chain, Closed, LOOK};
use super::effort::Effort;
use super::first_match::{Decision, End, decide};
use super::layout::Layout;
use super::policy::Policy;
use crate::model::Verdict;
use crate::sets::grid::HullRow;
use crate::sets::{PacketBox, PacketSet};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// The sides of the packets that one list of rules decides.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hull {
    /// Each side of any of the packets.
    pub sides: PacketBox,
    /// What is decided about each of them.
    pub decision: Decision,
}

impl Policy {
    /// The hulls of the parts of a set with a verdict, by decision, in order of the deciding rules. Packets of
    /// `beyond`, stored boxes that may overlap, are no part of the question; a decision without other packets has
    /// no hull.
    pub fn hulls(&self, verdict: Verdict, asked: &PacketSet, beyond: &[PacketBox]) -> Vec<Hull> {
        self.hulls_within(verdict, asked, beyond, &mut Effort::question())
    }

    /// The same within an effort that other questions share.
    pub fn hulls_within(
        &self,
        verdict: Verdict,
        asked: &PacketSet,
        beyond: &[PacketBox],
        effort: &mut Effort,
    ) -> Vec<Hull> {
        let decision = |(candidates, end): &(Vec<usize>, End)| {
            let rules = candidates.iter().map(|place| &self.rules[*place]);
            decide(rules.map(|rule| (rule.index, rule.access)), *end)
        };
        let mut hulls: BTreeMap<(Vec<usize>, End), Hull> = BTreeMap::new();
        for asked in asked.boxes() {
            if effort.is_spent() {
                let outcome = (Vec::new(), End::CutOff);
                let decision = decision(&outcome);
                if decision.verdict == verdict {
                    let hull =
                        hulls.entry(outcome).or_insert_with(|| Hull { sides: asked.clone(), decision });
                    hull.sides = hull.sides.hull(asked);
                }
                continue;
            }
            effort.take_work(LOOK * self.rules.len());
            let layout = Layout::beyond(beyond, asked, self);
            let mut reader = layout.grid.reader();
            for (outcome, hull) in rows(&layout, effort) {
                let decision = decision(&outcome);
                if decision.verdict != verdict {
                    continue;
                }
                let sides = reader.packets(hull.row());
                match hulls.get_mut(&outcome) {
                    Some(known) => known.sides = known.sides.hull(&sides),
                    None => {
                        hulls.insert(outcome, Hull { sides, decision });
                    }
                }
            }
        }
        // A rule of unknown priority stands in two places, so that one decision can come of several lists.
        let mut merged: Vec<Hull> = Vec::with_capacity(hulls.len());
        let mut places: FxHashMap<Vec<usize>, usize> = FxHashMap::default();
        for hull in hulls.into_values() {
            let place = *places.entry(hull.decision.candidates.clone()).or_insert(merged.len());
            match merged.get_mut(place) {
                Some(known) => known.sides = known.sides.hull(&hull.sides),
                None => merged.push(hull),
            }
        }
        merged
    }
}

/// The hull of each outcome's rows: rules by their places in the policy, and how their list ends.
fn rows(layout: &Layout, effort: &mut Effort) -> Vec<((Vec<usize>, End), HullRow)> {
    effort.take_work(layout.size());
    let mut carver = Carver::new(layout, effort);
    let mut places: FxHashMap<(Chain, End), usize> = FxHashMap::default();
    let mut rows: Vec<((Chain, End), HullRow)> = Vec::new();
    carver.carve_all(|closed: Closed<'_>| {
        let place = *places.entry(closed.outcome()).or_insert(rows.len());
        match rows.get_mut(place) {
            Some((_, hull)) => hull.add(closed.packets),
            None => rows.push((closed.outcome(), HullRow::of(closed.packets))),
        }
    });
    *effort = carver.effort.clone();
    let outcome = |((chain, end), hull)| {
        let entries = carver.chains.entries(chain);
        // An exception comes before every rule and settles, so its packets have it first.
        let left = entries.first().is_none_or(|first| *first as usize >= layout.of_first);
        left.then(|| ((entries.into_iter().map(|entry| layout.place(entry)).collect(), end), hull))
    };
    rows.into_iter().filter_map(outcome).collect()
}
