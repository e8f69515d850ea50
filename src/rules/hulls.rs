//! What each decision about a set reaches, side by side, without the exact parts.
//!
//! In: a policy, a verdict, a set of packets, and boxes that are no part of the question. Out: for each decision
//! with the verdict about what is left the smallest box that holds all its packets. Sources, ports and protocols
//! of "what this rule lets in" are read off it; which of them go together is not.
//!
//! A box is cut no further once none of its packets could widen a hull, and no part is read back as a set.
//! Cost: at most that of cutting the set; one row a decision is kept and read back, not one a part.

use super::carve::{Carver, Chain, Closed, Open};
use super::first_match::{Decision, decide};
use super::layout::Layout;
use super::policy::Policy;
use crate::model::Verdict;
use crate::sets::grid::HullRow;
use crate::sets::{PacketBox, PacketSet};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
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
            for (outcome, hull) in rows(&layout, verdict) {
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

/// The hulls of a box so far.
struct Hulls<'l> {
    layout: &'l Layout,
    verdict: Verdict,
    by_outcome: FxHashMap<(Chain, bool), usize>,
    rows: Vec<((Chain, bool), HullRow)>,
    /// By entry, the hull of the packets that it alone decides.
    of_one: Vec<Option<usize>>,
}

impl Hulls<'_> {
    fn add(&mut self, closed: &Closed<'_>) {
        let outcome = (closed.chain, closed.settled);
        let place = *self.by_outcome.entry(outcome).or_insert(self.rows.len());
        match self.rows.get_mut(place) {
            Some((_, hull)) => hull.add(closed.packets),
            None => self.rows.push((outcome, HullRow::of(closed.packets))),
        }
        if let Some(entry) = closed.only.filter(|_| closed.settled) {
            self.of_one[entry as usize] = Some(place);
        }
    }

    /// Whether cutting a box could widen a hull: it could not where each rule that may have some of it decides
    /// alone, and gives another verdict, or its hull holds already all that it can have.
    fn is_wanted(&self, open: &Open<'_>) -> bool {
        let layout = self.layout;
        let settled = open.rules.last().is_some_and(|last| layout.settles(*last, open.packets));
        let is_held = |entry: &u32| {
            // Packets of exceptions are no part of the question.
            (*entry as usize) < layout.of_first
                || layout.is_certain(*entry)
                    && !layout.shares_group(*entry)
                    && (layout.verdict_of(*entry) != self.verdict
                        || self.of_one[*entry as usize].is_some_and(|place| {
                            self.rows[place].1.holds_common(open.packets, layout.may(*entry))
                        }))
        };
        !(open.untouched && settled && open.rules.iter().all(is_held))
    }
}

/// The hull of each outcome's rows: rules by their places in the policy, and whether the last settles it. Only
/// those with the verdict are whole.
fn rows(layout: &Layout, verdict: Verdict) -> Vec<((Vec<usize>, bool), HullRow)> {
    let mut carver = Carver::new(layout);
    let hulls = RefCell::new(Hulls {
        layout,
        verdict,
        by_outcome: FxHashMap::default(),
        rows: Vec::new(),
        of_one: vec![None; layout.entries.len()],
    });
    carver.carve_wanted(|open| hulls.borrow().is_wanted(open), |closed| hulls.borrow_mut().add(&closed));
    let outcome = |((chain, settled), hull)| {
        let entries = carver.chains.entries(chain);
        // An exception comes before every rule and settles, so its packets have it first.
        let left = entries.first().is_none_or(|first| *first as usize >= layout.of_first);
        left.then(|| ((entries.into_iter().map(|entry| layout.place(entry)).collect(), settled), hull))
    };
    hulls.into_inner().rows.into_iter().filter_map(outcome).collect()
}
