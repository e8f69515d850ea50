//! First-match evaluation of one policy for a whole set of packets.
//!
//! In: a [`Policy`] and a [`PacketSet`]. Out: disjoint parts that cover the set, each with its [`Decision`].
//! Serves S1 to S9 and the three-valued walk of the design, section 3. How it works, and what it costs:
//! `docs/engine.md`.

use super::carve::{Carver, Chain, Closed, LOOK};
use super::effort::Effort;
use super::first_match::{Decision, End, decide};
use super::layout::Layout;
use super::policy::Policy;
use crate::model::Verdict;
use crate::sets::{PacketBox, PacketSet};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Packets that one list of rules decides.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RulePart {
    /// The packets.
    pub packets: PacketSet,
    /// What is decided about each of them.
    pub decision: Decision,
}

/// A set of packets cut by what decides them: every part as boxes on a grid, ready to be read or counted.
///
/// [`Self::parts`] gives the same as exact sets. That is apart because most of the cost lies there.
pub struct Partition<'p> {
    policy: &'p Policy,
    worlds: Vec<World>,
    /// Boxes that were not looked at.
    open: Vec<PacketBox>,
}

/// What became of one stored box of the question.
struct World {
    layout: Layout,
    /// The rows of all parts, one behind the other.
    rows: Vec<u64>,
    /// For each row the place of its outcome.
    outcomes_of_rows: Vec<u32>,
    /// Rules that may decide, by their places in the policy, and how their list ends.
    outcomes: Vec<(Vec<usize>, End)>,
}

impl Policy {
    /// The parts of a set by decision; parts of one decision are one part. In order of the deciding rules.
    pub fn partition(&self, asked: &PacketSet) -> Vec<RulePart> {
        self.cut(asked).parts()
    }

    /// As [`Self::partition`], within an effort that other questions share; what is beyond it is one part that is
    /// cut off.
    pub fn partition_within(&self, asked: &PacketSet, effort: &mut Effort) -> Vec<RulePart> {
        let parts = self.cut_within(asked, effort).parts();
        effort.next_question();
        parts
    }

    /// Cuts a set by what decides it.
    pub fn cut(&self, asked: &PacketSet) -> Partition<'_> {
        self.cut_within(asked, &mut Effort::question())
    }

    fn cut_within(&self, asked: &PacketSet, effort: &mut Effort) -> Partition<'_> {
        let mut found = Partition { policy: self, worlds: Vec::new(), open: Vec::new() };
        for asked in asked.boxes() {
            if effort.is_spent() {
                found.open.push(asked.clone());
                continue;
            }
            // A question of many boxes is held against all rules for each.
            effort.take_work(LOOK * self.rules.len());
            found.worlds.push(World::new(self, asked, effort));
        }
        found
    }
}

impl World {
    fn new(policy: &Policy, asked: &PacketBox, effort: &mut Effort) -> Self {
        let layout = Layout::of_policy(asked, policy);
        effort.take_work(layout.size());
        let mut carver = Carver::new(&layout, effort);
        let (mut rows, mut keys) = (Vec::new(), Vec::new());
        carver.carve_all(|closed: Closed<'_>| {
            rows.extend_from_slice(closed.packets);
            keys.push(closed.outcome());
        });
        *effort = carver.effort;
        let mut distinct = keys.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let outcomes = distinct.iter().map(|(chain, end)| {
            let entries = carver.chains.entries(*chain);
            (entries.into_iter().map(|entry| layout.entries[entry as usize].place).collect(), *end)
        });
        let outcomes = outcomes.collect();
        let place = |key: &(Chain, End)| distinct.partition_point(|known| known < key) as u32;
        let outcomes_of_rows = keys.iter().map(place).collect();
        Self { layout, rows, outcomes_of_rows, outcomes }
    }
}

impl Partition<'_> {
    /// How many disjoint boxes there are.
    pub fn boxes(&self) -> usize {
        self.open.len() + self.worlds.iter().map(|world| world.outcomes_of_rows.len()).sum::<usize>()
    }

    /// The parts by decision, in order of the deciding rules.
    pub fn parts(&self) -> Vec<RulePart> {
        let cut_off = (Vec::new(), End::CutOff);
        let mut closed: BTreeMap<&(Vec<usize>, End), Vec<PacketBox>> = BTreeMap::new();
        if !self.open.is_empty() {
            closed.insert(&cut_off, self.open.clone());
        }
        for world in &self.worlds {
            let mut reader = world.layout.grid.reader();
            let rows = world.rows.chunks_exact(world.layout.grid.words());
            for (row, outcome) in rows.zip(&world.outcomes_of_rows) {
                let outcome = &world.outcomes[*outcome as usize];
                closed.entry(outcome).or_default().push(reader.packets(row));
            }
        }
        // A rule of unknown priority stands in two places, so that one decision can come of several lists.
        let mut parts: Vec<(Decision, Vec<PacketBox>)> = Vec::with_capacity(closed.len());
        let mut places: FxHashMap<(Vec<usize>, Verdict, bool), usize> = FxHashMap::default();
        for ((candidates, end), boxes) in closed {
            let rules = candidates.iter().map(|place| &self.policy.rules[*place]);
            let decision = decide(rules.map(|rule| (rule.index, rule.access)), *end);
            let key = (decision.candidates.clone(), decision.verdict, decision.cut_off);
            let place = *places.entry(key).or_insert(parts.len());
            match parts.get_mut(place) {
                Some((_, known)) => known.extend(boxes),
                None => parts.push((decision, boxes)),
            }
        }
        let part = |(decision, boxes)| RulePart { packets: PacketSet::from_disjoint(boxes), decision };
        parts.into_iter().map(part).collect()
    }
}
