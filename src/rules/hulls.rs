//! What each decision about a set reaches, side by side, without the exact parts.
//!
//! In: a policy, a verdict, a set of packets, and boxes that are no part of the question. Out: for each decision
//! with the verdict about what is left the smallest box that holds all its packets. Sources, ports and protocols
//! of "what this rule lets in" are read off it; which of them go together is not.
//!
//! Cost: that of cutting the set; one row a decision is kept and read back, not one a part.

use super::carve::{Carver, Chain, Closed};
use super::first_match::{Decision, decide};
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
        let decision = |(candidates, settled): &(Vec<usize>, bool)| {
            let rules = candidates.iter().map(|place| &self.rules[*place]);
            decide(rules.map(|rule| (rule.index, rule.access)), *settled)
        };
        let mut hulls: BTreeMap<(Vec<usize>, bool), Hull> = BTreeMap::new();
        for asked in asked.boxes() {
            let layout = Layout::beyond(beyond, asked, self);
            let mut reader = layout.grid.reader();
            for (outcome, hull) in rows(&layout) {
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

/// The hull of each outcome's rows: rules by their places in the policy, and whether the last settles it.
fn rows(layout: &Layout) -> Vec<((Vec<usize>, bool), HullRow)> {
    let mut carver = Carver::new(layout);
    let mut places: FxHashMap<(Chain, bool), usize> = FxHashMap::default();
    let mut rows: Vec<((Chain, bool), HullRow)> = Vec::new();
    carver.carve_all(|Closed { packets, chain, settled }| {
        let place = *places.entry((chain, settled)).or_insert(rows.len());
        match rows.get_mut(place) {
            Some((_, hull)) => hull.add(packets),
            None => rows.push(((chain, settled), HullRow::of(packets))),
        }
    });
    let outcome = |((chain, settled), hull)| {
        let entries = carver.chains.entries(chain);
        // An exception comes before every rule and settles, so its packets have it first.
        let left = entries.first().is_none_or(|first| *first as usize >= layout.of_first);
        left.then(|| ((entries.into_iter().map(|entry| layout.place(entry)).collect(), settled), hull))
    };
    rows.into_iter().filter_map(outcome).collect()
}
