//! The rules of a policy laid out on the grid of one asked box.
//!
//! In: rules in order of evaluation, and a stored box. Out: those of them that meet the box, each with its
//! *may* and *must* sides as rows of bits. What a rule says outside of the box is gone.

use super::policy::{Pattern, Policy, PolicyRule};
use crate::model::Access;
use crate::sets::grid::{Grid, SortedSides};
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
    access: Option<Access>,
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
    /// Where the bits of each row are.
    extents: Vec<RowExtent>,
    /// How many entries are those of the first of two policies, or exceptions from one.
    pub(super) of_first: usize,
}

/// The words of a row in which each side has its bits: the others have none. A prefix is a few words of a side
/// that has hundreds.
type RowExtent = [(u32, u32); 5];

/// Rows of up to so many words are compared whole.
const SHORT: usize = 16;

/// Rules that meet a box, before they are laid out.
#[derive(Default)]
struct Found<'r> {
    entries: Vec<Entry>,
    boxes: Vec<&'r PacketBox>,
}

/// Where the rules that are laid out end.
#[derive(Clone, Copy, Eq, PartialEq)]
enum End {
    /// Behind the first that settles all that is asked, and those of its priority.
    WhereSettled,
    Never,
}

impl<'r> Found<'r> {
    fn add(&mut self, asked: &PacketBox, rules: &'r [PolicyRule], end: End) {
        let with_ports = !asked.protocols.intersection(ProtocolSet::with_ports()).is_empty();
        let mut place = 0;
        for group in rules.chunk_by(|a, b| a.order == b.order) {
            let start = self.entries.len();
            let mut settled = false;
            for rule in group {
                if let Some(pattern) =
                    rule.pattern_for(with_ports).filter(|pattern| asked.meets(&pattern.may))
                {
                    settled |= pattern.must.as_ref().is_some_and(|must| asked.is_subset(must));
                    self.push(
                        Entry {
                            place,
                            group: start,
                            shares_group: false,
                            access: rule.access,
                            may: 0,
                            must: Must::Nothing,
                        },
                        pattern,
                    );
                }
                place += 1;
            }
            let shares_group = self.entries.len() > start + 1;
            self.entries[start..].iter_mut().for_each(|entry| entry.shares_group = shares_group);
            if settled && end == End::WhereSettled {
                break;
            }
        }
    }

    fn push(&mut self, entry: Entry, pattern: &'r Pattern) {
        let may = self.boxes.len();
        self.boxes.push(&pattern.may);
        let must = match &pattern.must {
            None => Must::Nothing,
            Some(must) if *must == pattern.may => Must::All,
            Some(must) => {
                self.boxes.push(must);
                Must::Some(may + 1)
            }
        };
        self.entries.push(Entry { may, must, ..entry });
    }

    /// Boxes that settle their packets before any rule is looked at.
    fn add_exceptions(&mut self, asked: &PacketBox, boxes: &'r [PacketBox]) {
        for sides in boxes.iter().filter(|sides| asked.meets(sides)) {
            let (group, may) = (self.entries.len(), self.boxes.len());
            self.boxes.push(sides);
            let entry =
                Entry { place: group, group, shares_group: false, access: None, may, must: Must::All };
            self.entries.push(entry);
        }
    }

    fn lay_out(self, asked: &PacketBox) -> Layout {
        self.lay_out_with(None, asked)
    }

    fn lay_out_with(self, sorted: Option<&SortedSides>, asked: &PacketBox) -> Layout {
        let rows = self.boxes.len();
        let grid = Grid::with(sorted, asked, self.boxes.into_iter());
        let spans = grid.spans();
        let extents = (0..rows).map(|row| extent(&spans, grid.row(row))).collect();
        Layout { grid, of_first: self.entries.len(), entries: self.entries, spans, extents }
    }
}

impl Layout {
    /// Lays out the rules that meet the box, up to one that settles all of it.
    #[cfg(test)]
    pub(super) fn new(asked: &PacketBox, rules: &[PolicyRule]) -> Self {
        let mut found = Found::default();
        found.add(asked, rules, End::WhereSettled);
        found.lay_out(asked)
    }

    /// Lays out the rules of a policy that meet the box, up to one that settles all of it, with the sides that
    /// the policy keeps sorted.
    pub(super) fn of_policy(asked: &PacketBox, policy: &Policy) -> Self {
        Self::beyond(&[], asked, policy)
    }

    /// As [`Self::of_policy`], behind stored boxes that take their packets out of the question: the first
    /// entries, as many as `of_first` says.
    pub(super) fn beyond(exceptions: &[PacketBox], asked: &PacketBox, policy: &Policy) -> Self {
        let mut found = Found::default();
        found.add_exceptions(asked, exceptions);
        let of_first = found.entries.len();
        found.add(asked, &policy.rules, End::WhereSettled);
        Self { of_first, ..found.lay_out_with(Some(&policy.sorted), asked) }
    }

    /// Lays out all rules that meet the box, those too that none of its packets reach.
    pub(super) fn of_all(asked: &PacketBox, rules: &[PolicyRule]) -> Self {
        let mut found = Found::default();
        found.add(asked, rules, End::Never);
        found.lay_out(asked)
    }

    /// Lays out the rules of two policies, those of the first before those of the second.
    pub(super) fn pair(asked: &PacketBox, first: &[PolicyRule], second: &[PolicyRule]) -> Self {
        let mut found = Found::default();
        found.add(asked, first, End::WhereSettled);
        let of_first = found.entries.len();
        found.add(asked, second, End::WhereSettled);
        Self { of_first, ..found.lay_out(asked) }
    }

    /// How many words the rows of the rules have.
    pub(super) fn size(&self) -> usize {
        self.entries.len() * self.grid.words()
    }

    /// A rule's place among the rules of its policy.
    pub(super) fn place(&self, entry: u32) -> usize {
        self.entries[entry as usize].place
    }

    /// The entry of the rule at a place, in a layout of one policy.
    pub(super) fn entry_at(&self, place: usize) -> Option<u32> {
        let found = self.entries.binary_search_by_key(&place, |entry| entry.place);
        // Entries are numbered so everywhere: there are fewer than bytes of input.
        found.ok().map(|entry| entry as u32)
    }

    /// What a rule may match.
    #[inline]
    pub(super) fn may(&self, entry: u32) -> &[u64] {
        self.grid.row(self.entries[entry as usize].may)
    }

    /// What it matches for certain; sides without a bit where that is nothing.
    #[inline]
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
    #[inline]
    pub(super) fn settles(&self, entry: u32, packets: &[u64]) -> bool {
        self.must(entry).is_some_and(|must| bits::holds(must, packets))
    }

    /// Whether two rules have one priority.
    pub(super) fn same_group(&self, a: u32, b: u32) -> bool {
        self.entries[a as usize].group == self.entries[b as usize].group
    }

    /// The first entry of its priority.
    pub(super) fn first_of_group(&self, entry: u32) -> u32 {
        self.entries[entry as usize].group as u32
    }

    /// Whether there is another rule of its priority.
    pub(super) fn shares_group(&self, entry: u32) -> bool {
        self.entries[entry as usize].shares_group
    }

    /// Whether two boxes have a packet in common.
    pub(super) fn meet(&self, a: &[u64], b: &[u64]) -> bool {
        self.spans.iter().all(|span| bits::meets(&a[span.clone()], &b[span.clone()]))
    }

    /// Whether a rule may match packets of a box.
    pub(super) fn may_meet(&self, entry: u32, packets: &[u64]) -> bool {
        self.row_meets(self.entries[entry as usize].may, packets)
    }

    /// Whether a rule matches packets of a box for certain.
    pub(super) fn must_meet(&self, entry: u32, packets: &[u64]) -> bool {
        let Entry { may, must, .. } = self.entries[entry as usize];
        match must {
            Must::Nothing => false,
            Must::All => self.row_meets(may, packets),
            Must::Some(row) => self.row_meets(row, packets),
        }
    }

    fn row_meets(&self, row: usize, packets: &[u64]) -> bool {
        let own = self.grid.row(row);
        self.extents[row].iter().all(|(from, to)| {
            let words = *from as usize..*to as usize;
            bits::meets(&own[words.clone()], &packets[words])
        })
    }

    /// Whether two rules say the same within the box.
    pub(super) fn says_the_same(&self, a: u32, b: u32) -> bool {
        let access = |entry: u32| self.entries[entry as usize].access;
        access(a) == access(b)
            && self.may(a) == self.may(b)
            && self.is_certain(a) == self.is_certain(b)
            && (self.is_certain(a) || self.must(a) == self.must(b))
    }

    /// Whether a rule may match packets of a box, as far as one side tells.
    #[inline]
    pub(super) fn meets_in(&self, entry: u32, packets: &[u64], side: usize) -> bool {
        let row = self.entries[entry as usize].may;
        let (from, to) = self.extents[row][side];
        let words = from as usize..to as usize;
        bits::meets(&self.grid.row(row)[words.clone()], &packets[words])
    }

    /// Whether a rule matches every packet of a box for certain, whose bits are there.
    #[inline]
    fn settles_within(&self, entry: u32, packets: &[u64], extent: &RowExtent) -> bool {
        self.must(entry).is_some_and(|must| {
            extent.iter().all(|(from, to)| {
                let words = *from as usize..*to as usize;
                bits::holds(&must[words.clone()], &packets[words])
            })
        })
    }

    /// Appends the rules of a list that meet a box, up to one that settles it and those of its priority. The
    /// list meets the box but perhaps in the side that was cut last.
    pub(super) fn filter_into(&self, list: &[u32], packets: &[u64], cut: Option<usize>, into: &mut Vec<u32>) {
        let extent = (packets.len() > SHORT).then(|| extent(&self.spans, packets));
        let settles = |entry: u32| match &extent {
            Some(extent) => self.settles_within(entry, packets, extent),
            None => self.settles(entry, packets),
        };
        let mut last: Option<u32> = None;
        for entry in list {
            if last.is_some_and(|last| !self.same_group(last, *entry)) {
                break;
            }
            if cut.is_none_or(|side| self.meets_in(*entry, packets, side)) {
                into.push(*entry);
                if last.is_none() && settles(*entry) {
                    last = Some(*entry);
                }
            }
        }
    }

    /// Cuts a box down to what is inside of another, side by side. `outside` is told of each box that is cut
    /// off: the side that was cut, the box, and what is left inside so far.
    pub(super) fn cut(
        &self,
        row: &mut [u64],
        inside: &[u64],
        mut outside: impl FnMut(usize, &[u64], &[u64]),
    ) {
        let mut rest = Vec::new();
        for (number, side) in self.spans.iter().enumerate() {
            if bits::holds(&inside[side.clone()], &row[side.clone()]) {
                continue;
            }
            rest.clear();
            rest.extend_from_slice(row);
            for at in side.clone() {
                rest[at] &= !inside[at];
                row[at] &= inside[at];
            }
            outside(number, &rest, row);
        }
    }
}

fn extent(spans: &[Range<usize>; 5], row: &[u64]) -> RowExtent {
    spans.clone().map(|span| {
        let words = &row[span.clone()];
        let first = words.iter().position(|word| *word != 0).unwrap_or(words.len());
        let behind = words.iter().rposition(|word| *word != 0).map_or(first, |last| last + 1);
        // A row has fewer words than its input has bytes.
        ((span.start + first) as u32, (span.start + behind) as u32)
    })
}
