//! Cutting a box of packets along the rules that meet it, first match first.
//!
//! In: rules on a grid. Out: disjoint boxes, each with the rules that may decide it. A piece is a box and the
//! list of rules that still meet it. The first rule of the list cuts the piece side by side: what lies outside
//! of a side goes on with the rules that meet it there, what lies inside is decided, or goes on with the rule
//! noted down where it only may match. A list ends at a rule that settles the whole piece.
//!
//! Rules can be written whose parts no machine could hold. Where the [`Effort`] is spent the rest is closed as it
//! is, cut off, so that the answer for it is unknown and never wrong.
//!
//! Pieces and lists live on two stacks, so that a cut allocates nothing. Cost: for each part the length of the
//! lists that led to it; both shrink with every cut.

use super::effort::Effort;
use super::first_match::End;
use super::layout::Layout;
use rustc_hash::FxHashMap;
use std::ops::ControlFlow;

/// What it costs to hold a rule against a piece, beside a word of a row.
pub(super) const LOOK: usize = 8;

/// Rules that may decide a box, as a number: see [`Chains`].
pub(super) type Chain = u32;

/// Lists of rules as a tree of numbers, since pieces share their beginnings.
#[derive(Default)]
pub(super) struct Chains {
    /// The list before the last rule, and that rule.
    links: Vec<(Chain, u32)>,
    /// How long each list is, and whether a box was closed with it.
    lengths: Vec<(u32, bool)>,
    known: FxHashMap<(Chain, u32), Chain>,
}

impl Chains {
    /// The list without a rule.
    pub(super) const EMPTY: Chain = 0;

    /// A list with one more rule behind.
    fn with(&mut self, chain: Chain, entry: u32) -> Chain {
        let Self { links, lengths, known } = self;
        *known.entry((chain, entry)).or_insert_with(|| {
            links.push((chain, entry));
            let before = (chain as usize).checked_sub(1).map_or(0, |before| lengths[before].0);
            lengths.push((before + 1, false));
            Chain::try_from(links.len()).unwrap_or(Chain::MAX)
        })
    }

    /// How many rules a list has, the first time that it is asked for.
    fn length_once(&mut self, chain: Chain) -> usize {
        let Some((length, seen)) = (chain as usize).checked_sub(1).map(|at| &mut self.lengths[at]) else {
            return 0;
        };
        if std::mem::replace(seen, true) { 0 } else { *length as usize }
    }

    /// The rules of a list, as entries of the layout, in order.
    pub(super) fn entries(&self, chain: Chain) -> Vec<u32> {
        let mut entries = Vec::new();
        let mut at = chain;
        while at != Self::EMPTY {
            let (before, entry) = self.links[at as usize - 1];
            entries.push(entry);
            at = before;
        }
        entries.reverse();
        entries
    }
}

/// A box whose decision is found.
pub(super) struct Closed<'c> {
    /// The packets, as a row of the grid.
    pub(super) packets: &'c [u64],
    /// The rules that may decide them.
    pub(super) chain: Chain,
    /// Whether the last rule, or one of its group, matches for certain.
    pub(super) end: End,
    /// The rules that were not looked at any more, where the box is cut off.
    pub(super) left: &'c [u32],
    /// Where its chain stands.
    pub(super) chains: &'c Chains,
}

impl Closed<'_> {
    /// The rules that are named as candidates, and how their list ends. Of a box that is cut off none are: which
    /// come besides is not known.
    pub(super) fn outcome(&self) -> (Chain, End) {
        let chain = if self.end == End::CutOff { Chains::EMPTY } else { self.chain };
        (chain, self.end)
    }
}

/// A piece on the stack; its row and its list lie at the ends of their stacks.
#[derive(Clone, Copy)]
struct Piece {
    /// Where its list starts.
    list: usize,
    chain: Chain,
    /// An entry that matches for certain, so that only its group is still looked at.
    settled_by: Option<u32>,
}

/// A walk over a layout.
pub(super) struct Carver<'l> {
    layout: &'l Layout,
    pub(super) chains: Chains,
    pieces: Vec<Piece>,
    rows: Vec<u64>,
    lists: Vec<u32>,
    /// What may still be done.
    pub(super) effort: Effort,
}

impl<'l> Carver<'l> {
    /// A walk that has not begun, within an effort. Whoever goes on with the same takes it back from the field.
    pub(super) fn new(layout: &'l Layout, effort: &Effort) -> Self {
        Self {
            layout,
            chains: Chains::default(),
            pieces: Vec::new(),
            rows: Vec::new(),
            lists: Vec::new(),
            effort: effort.clone(),
        }
    }

    /// Cuts all that is asked.
    pub(super) fn carve_all(&mut self, close: impl FnMut(Closed<'_>)) {
        let whole = self.layout.grid.whole();
        let entries: Vec<u32> = (0..).take(self.layout.entries.len()).collect();
        self.carve(&whole, &entries, close);
    }

    /// Cuts a box along some of the rules, which all meet it.
    pub(super) fn carve(&mut self, packets: &[u64], entries: &[u32], mut close: impl FnMut(Closed<'_>)) {
        let _ = self.carve_until(packets, entries, |closed| {
            close(closed);
            ControlFlow::Continue(())
        });
    }

    /// The same, up to the first part that is enough; what is left is not looked at.
    pub(super) fn carve_until(
        &mut self,
        packets: &[u64],
        entries: &[u32],
        mut close: impl FnMut(Closed<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let found = self.walk(packets, entries, &mut close);
        self.pieces.clear();
        self.rows.clear();
        self.lists.clear();
        found
    }

    fn walk(
        &mut self,
        packets: &[u64],
        entries: &[u32],
        close: &mut impl FnMut(Closed<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let (mut row, mut list) = (Vec::new(), Vec::new());
        self.push(packets, None, entries, Chains::EMPTY, None);
        while let Some(piece) = self.pieces.pop() {
            list.clear();
            let mut entries = self.lists.drain(piece.list..);
            let head = entries.next();
            list.extend(entries);
            row.clear();
            row.extend(self.rows.drain(self.rows.len() - packets.len()..));
            if !self.effort.take_piece(row.len() + LOOK * list.len()) {
                if let Some(head) = head {
                    list.insert(0, head);
                }
                let chains = &self.chains;
                close(Closed { packets: &row, chain: piece.chain, end: End::CutOff, left: &list, chains })?;
                continue;
            }
            self.step(piece, &mut row, head, &mut list, close)?;
        }
        ControlFlow::Continue(())
    }

    /// Cuts a piece along the head of its list; `list` is what comes after it.
    fn step(
        &mut self,
        piece: Piece,
        row: &mut [u64],
        head: Option<u32>,
        list: &mut Vec<u32>,
        close: &mut impl FnMut(Closed<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some(head) = head else {
            let end = End::from(piece.settled_by.is_some());
            return self.close(row, piece.chain, end, close);
        };
        let layout = self.layout;
        self.cut(row, layout.may(head), piece, list);
        let inside = Piece { chain: self.chains.with(piece.chain, head), ..piece };
        if !layout.is_certain(head) {
            let Some(must) = layout.must(head).filter(|_| layout.must_meet(head, row)) else {
                self.push(row, None, list, inside.chain, inside.settled_by);
                return ControlFlow::Continue(());
            };
            self.cut(row, must, inside, list);
        }
        let is_peer = |entry: &u32| layout.same_group(head, *entry);
        if layout.shares_group(head) && list.iter().any(is_peer) {
            list.retain(is_peer);
            self.push(row, None, list, inside.chain, Some(head));
            ControlFlow::Continue(())
        } else {
            self.close(row, inside.chain, End::Settled, close)
        }
    }

    fn close(
        &mut self,
        packets: &[u64],
        chain: Chain,
        end: End,
        close: &mut impl FnMut(Closed<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        self.effort.keep(packets.len());
        self.effort.name(self.chains.length_once(chain));
        close(Closed { packets, chain, end, left: &[], chains: &self.chains })
    }

    /// Cuts a piece down to what is inside of a row, side by side. What is outside of a side goes on the stack
    /// as `piece` says; rules that no longer meet the piece leave the list.
    fn cut(&mut self, row: &mut [u64], inside: &[u64], piece: Piece, list: &mut Vec<u32>) {
        let layout = self.layout;
        layout.cut(row, inside, |span, outside, row| {
            self.push(outside, Some(span), list, piece.chain, piece.settled_by);
            list.retain(|entry| layout.meets_in(*entry, row, span));
        });
    }

    /// Puts a piece on the stack, with those rules of the list that meet it in the side that was cut, up to
    /// one that settles it.
    fn push(&mut self, row: &[u64], cut: Option<usize>, list: &[u32], chain: Chain, settled_by: Option<u32>) {
        let start = self.lists.len();
        self.effort.take_work(row.len() + LOOK * list.len());
        self.layout.filter_into(list, row, cut, &mut self.lists);
        self.rows.extend_from_slice(row);
        self.pieces.push(Piece { list: start, chain, settled_by });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Direction, Origin};
    use crate::rules::{Policy, Reading, RuleSet, notation};
    use crate::sets::{PacketBox, PacketSet};

    #[test]
    fn what_is_beyond_the_limit_is_unsettled_and_nothing_is_lost() {
        let origin = Origin::command_line("test");
        let rule = |(text, number)| notation::rule(&format!("r{number}"), text, &origin).unwrap();
        let texts =
            ["100 In Allow Tcp * -> *:80", "101 In Deny Tcp 10.0.0.0/8 -> *:1-90", "102 In Allow * * -> *"];
        let rules = RuleSet::new(texts.into_iter().zip(1..).map(rule).collect(), &origin);
        let place = crate::rules::Surroundings::new(
            crate::tags::TagSnapshot::builtin(),
            crate::rules::Extent::default(),
        );
        let policy = Policy::compile(&rules, Direction::Inbound, &place, &Reading::DEFAULT);
        let all = PacketSet::all();
        let asked: &PacketBox = &all.boxes()[0];
        let layout = Layout::new(asked, &policy.rules);
        let cut = |effort: &Effort| {
            let mut carver = Carver::new(&layout, effort);
            let (mut counter, mut total, mut open) = (layout.grid.counter(), crate::sets::Count::ZERO, 0);
            carver.carve_all(|part| {
                total += counter.packets(part.packets);
                open += usize::from(part.end != End::Settled);
            });
            (total, open)
        };
        let (whole, open) = cut(&Effort::question());
        assert_eq!(open, 0);
        for steps in 0..4 {
            let (total, open) = cut(&Effort::of_pieces(steps));
            assert!(open > 0, "{steps}");
            assert_eq!(total, whole, "{steps}");
        }
    }
}
