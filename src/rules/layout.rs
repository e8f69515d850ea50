//! The rules of a policy laid out on the grid of one asked box.
//!
//! In: rules in order of evaluation, and a stored box. Out: those of them that meet the box, each with its
//! *may* and *must* sides as rows of bits. What a rule says outside of the box is gone.

use super::policy::{Pattern, PolicyRule};
use crate::sets::grid::Grid;
use crate::sets::{PacketBox, ProtocolSet, bits};
use std::ops::Range;

/// A rule on a grid.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// Its place among the rules given.
    pub(super) place: usize,
    /// Entries of one group have one number (S8).
    group: usize,
    /// Whether another rule of its group meets the asked box.
    shares_group: bool,
    may: usize,
    must: Must,
}

/// What a rule matches for certain, against what it may match.
#[derive(Clone, Copy, Debug)]
enum Must {
    Nothing,
    /// All that it may match.
    All,
    /// A row of its own.
    Some(usize),
}

/// Rules on the grid of a box.
pub(super) struct Layout {
    pub(super) grid: Grid,
    pub(super) entries: Vec<Entry>,
    pub(super) spans: [Range<usize>; 5],
}

impl Layout {
    /// Lays out the rules that meet the box, up to one that settles all of it.
    pub(super) fn new<'r>(asked: &PacketBox, rules: impl Iterator<Item = &'r PolicyRule>) -> Self {
        let with_ports = !asked.protocols.intersection(ProtocolSet::with_ports()).is_empty();
        let mut found: Vec<(usize, i64, &Pattern)> = Vec::new();
        let mut settled = None;
        for (place, rule) in rules.enumerate() {
            // A rule that settles everything ends the list after its group.
            if settled.is_some_and(|order| order != rule.order) {
                break;
            }
            let Some(pattern) = rule.pattern_for(with_ports) else { continue };
            if asked.meets(&pattern.may) {
                found.push((place, rule.order, pattern));
                if pattern.must.as_ref().is_some_and(|must| asked.is_subset(must)) {
                    settled = Some(rule.order);
                }
            }
        }
        Self::of(asked, &found)
    }

    fn of(asked: &PacketBox, found: &[(usize, i64, &Pattern)]) -> Self {
        let mut boxes: Vec<&PacketBox> = Vec::with_capacity(found.len());
        let mut entries: Vec<Entry> = Vec::with_capacity(found.len());
        for (group, rules) in found.chunk_by(|a, b| a.1 == b.1).enumerate() {
            for (place, _, pattern) in rules {
                let may = boxes.len();
                boxes.push(&pattern.may);
                let must = match &pattern.must {
                    None => Must::Nothing,
                    Some(must) if *must == pattern.may => Must::All,
                    Some(must) => {
                        boxes.push(must);
                        Must::Some(boxes.len() - 1)
                    }
                };
                entries.push(Entry { place: *place, group, shares_group: rules.len() > 1, may, must });
            }
        }
        let grid = Grid::new(asked, boxes.into_iter());
        let spans = grid.spans();
        Self { grid, entries, spans }
    }

    /// What a rule may match.
    pub(super) fn may(&self, entry: u32) -> &[u64] {
        self.grid.row(self.entries[entry as usize].may)
    }

    /// What it matches for certain; sides without a bit where that is nothing.
    pub(super) fn must(&self, entry: u32) -> Option<&[u64]> {
        match self.entries[entry as usize].must {
            Must::Nothing => None,
            Must::All => Some(self.may(entry)),
            Must::Some(row) => Some(self.grid.row(row)),
        }
    }

    /// Whether the rule matches for certain whatever it may match.
    pub(super) fn is_certain(&self, entry: u32) -> bool {
        matches!(self.entries[entry as usize].must, Must::All)
    }

    /// Whether the rule matches every packet of a box for certain.
    pub(super) fn settles(&self, entry: u32, packets: &[u64]) -> bool {
        self.must(entry).is_some_and(|must| bits::holds(must, packets))
    }

    /// Whether two rules have one priority.
    pub(super) fn same_group(&self, a: u32, b: u32) -> bool {
        self.entries[a as usize].group == self.entries[b as usize].group
    }

    /// Whether there is another rule of its priority.
    pub(super) fn shares_group(&self, entry: u32) -> bool {
        self.entries[entry as usize].shares_group
    }

    /// Whether two boxes have a packet in common.
    pub(super) fn meet(&self, a: &[u64], b: &[u64]) -> bool {
        self.spans.iter().all(|span| bits::meets(&a[span.clone()], &b[span.clone()]))
    }
}
