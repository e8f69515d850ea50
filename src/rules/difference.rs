//! What two policies decide differently: the exact packets, with both decisions.
//!
//! In: an old and a new [`Policy`] of one direction, and the packets asked about. Out: disjoint parts on which
//! the verdicts differ; none at all is a proof that the two policies are equal there. Serves S1 to S9. Where
//! the [`Effort`] is spent the rest is one part that is unknown on both sides, so that nothing is proved of it.
//!
//! Both lists of rules cut one box in lock-step. A piece is dropped as soon as both lists are the same there,
//! or can only give one verdict; a rule at the head of both takes its packets out. After a small edit only the
//! packets of the rules that were touched are looked at.

use super::carve::{Carver, Chain, Chains, Closed, LOOK};
use super::effort::Effort;
use super::first_match::{Decision, End, decide};
use super::layout::Layout;
use super::policy::{Policy, PolicyRule};
use crate::model::{Access, Verdict};
use crate::sets::{PacketBox, PacketSet};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Packets whose verdict changes, under one pair of decisions.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChangedPart {
    /// The packets.
    pub packets: PacketSet,
    /// What the old policy decides about each of them.
    pub old: Decision,
    /// What the new policy decides.
    pub new: Decision,
}

/// Up to so many touched rules are looked at one by one; beyond, all that is asked is.
const FEW: usize = 32;

/// Rules that may decide, by their places in their policy, and how their list ends.
type Outcome = (Vec<usize>, End);

impl Policy {
    /// The packets of a set whose verdict another policy changes. In order of the old and new deciding rules.
    /// Where the rules cut the set into more pieces than are looked at, what is left is a part too, unknown before
    /// or after or both.
    pub fn difference(&self, new: &Self, asked: &PacketSet) -> Vec<ChangedPart> {
        self.difference_within(new, asked, &mut Effort::question())
    }

    /// The same within an effort that other questions share.
    pub fn difference_within(&self, new: &Self, asked: &PacketSet, effort: &mut Effort) -> Vec<ChangedPart> {
        let asked = self.touched_with(new, asked);
        // Where nothing can differ that shows at the first look, so a few boxes are laid out in any case.
        let asked_many = asked.boxes().len() > FEW;
        let mut changes: BTreeMap<(Outcome, Outcome), Vec<PacketBox>> = BTreeMap::new();
        let open = || (Vec::new(), End::CutOff);
        for asked in asked.boxes() {
            if effort.is_spent() && asked_many {
                changes.entry((open(), open())).or_default().push(asked.clone());
                continue;
            }
            effort.take_work(LOOK * (self.rules.len() + new.rules.len()));
            let layout = Layout::pair(asked, &self.rules, &new.rules);
            effort.take_work(layout.size());
            let mut comparison = Comparison {
                old: self,
                new,
                layout: &layout,
                changes: Changes::default(),
                effort: effort.clone(),
            };
            comparison.run();
            *effort = comparison.effort.clone();
            comparison.read_into(&mut changes);
        }
        let part = |((old, new_outcome), boxes): ((Outcome, Outcome), Vec<PacketBox>)| ChangedPart {
            packets: PacketSet::from_disjoint(boxes),
            old: self.decision(&old),
            new: new.decision(&new_outcome),
        };
        changes.into_iter().map(part).collect()
    }

    fn decision(&self, (places, end): &Outcome) -> Decision {
        decide(places.iter().map(|place| (self.rules[*place].index, self.rules[*place].access)), *end)
    }

    /// The packets of a set that a rule may match which is not in both policies, or not in the same order:
    /// for all others both have the same rules in the same order.
    fn touched_with(&self, new: &Self, asked: &PacketSet) -> PacketSet {
        let touched = touched(&self.rules, &new.rules);
        if touched.len() > FEW {
            return asked.clone();
        }
        let matched = touched.iter().flat_map(|rule| &rule.patterns);
        matched.fold(PacketSet::empty(), |all, pattern| {
            all.union(&asked.intersection(&PacketSet::product(&pattern.may)))
        })
    }
}

/// The rules of either list that are not in both in the same order. Rules that share a priority count as
/// touched, since their neighbours decide with them (S8).
fn touched<'p>(old: &'p [PolicyRule], new: &'p [PolicyRule]) -> Vec<&'p PolicyRule> {
    let single = |rules: &'p [PolicyRule]| {
        rules
            .chunk_by(|a, b| a.order == b.order)
            .flat_map(|group| group.iter().map(|_| group.len() == 1))
            .collect::<Vec<bool>>()
    };
    let (old_single, new_single) = (single(old), single(new));
    let mut places: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
    for (place, rule) in old.iter().enumerate().filter(|(place, _)| old_single[*place]) {
        places.entry(rule.digest()).or_default().push(place);
    }
    // Each new rule with an equal old one that no other has taken.
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (place, rule) in new.iter().enumerate().filter(|(place, _)| new_single[*place]) {
        if let Some(equal) = places.get_mut(&rule.digest())
            && let Some(at) = equal.iter().position(|old_place| old[*old_place].says_the_same(rule))
        {
            pairs.push((equal.remove(at), place));
        }
    }
    let kept = longest_ascending(&pairs);
    let (mut old_kept, mut new_kept) = (vec![false; old.len()], vec![false; new.len()]);
    for (old_place, new_place) in kept {
        old_kept[old_place] = true;
        new_kept[new_place] = true;
    }
    let rest = |rules: &'p [PolicyRule], kept: Vec<bool>| {
        rules.iter().zip(kept).filter(|(_, kept)| !kept).map(|(rule, _)| rule)
    };
    rest(old, old_kept).chain(rest(new, new_kept)).collect()
}

/// The most pairs that ascend in both places; they ascend in the second as given.
fn longest_ascending(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // The last pair of the best chain of each length, and the pair before each pair in its chain.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (at, (old_place, _)) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| pairs[*end].0 < *old_place);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    let mut chain = Vec::with_capacity(ends.len());
    let mut at = ends.last().copied();
    while let Some(here) = at {
        chain.push(pairs[here]);
        at = before[here];
    }
    chain
}

/// Changed rows by the numbers of their outcomes.
#[derive(Default)]
struct Changes {
    known: BTreeMap<Outcome, u32>,
    outcomes: Vec<Outcome>,
    rows: Vec<u64>,
    pairs: Vec<(u32, u32)>,
}

impl Changes {
    fn number(&mut self, outcome: Outcome) -> u32 {
        let Self { known, outcomes, .. } = self;
        *known.entry(outcome).or_insert_with_key(|outcome| {
            outcomes.push(outcome.clone());
            u32::try_from(outcomes.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

impl Changes {
    /// Adds a box of which it is not known what the new rules decide.
    fn add_open(&mut self, old: Outcome, row: &[u64]) {
        let old = self.number(old);
        let open = self.number((Vec::new(), End::CutOff));
        self.rows.extend_from_slice(row);
        self.pairs.push((old, open));
    }
}

/// A piece with the rules of both policies that still meet it.
#[derive(Default)]
struct Piece {
    row: Vec<u64>,
    old: Vec<u32>,
    new: Vec<u32>,
}

/// Pieces that wait, on three stacks.
#[derive(Default)]
struct Waiting {
    rows: Vec<u64>,
    lists: Vec<u32>,
    /// Where the old and the new list of each piece start.
    starts: Vec<(usize, usize)>,
}

impl Waiting {
    /// Makes the last piece the one at hand; `false` where none waits.
    fn take(&mut self, piece: &mut Piece) -> bool {
        let Some((old, new)) = self.starts.pop() else { return false };
        piece.new.clear();
        piece.new.extend(self.lists.drain(new..));
        piece.old.clear();
        piece.old.extend(self.lists.drain(old..));
        let row = self.rows.len() - piece.row.len();
        piece.row.copy_from_slice(&self.rows[row..]);
        self.rows.truncate(row);
        true
    }
}

/// Two policies on one layout: the entries of the old one come first.
struct Comparison<'c> {
    old: &'c Policy,
    new: &'c Policy,
    layout: &'c Layout,
    changes: Changes,
    /// What may still be done.
    effort: Effort,
}

impl Comparison<'_> {
    fn run(&mut self) {
        let layout = self.layout;
        let all: Vec<u32> = (0..).take(layout.entries.len()).collect();
        let (old, new) = all.split_at(layout.of_first);
        let mut piece = Piece { row: layout.grid.whole(), old: old.to_vec(), new: new.to_vec() };
        let mut waiting = Waiting::default();
        loop {
            let work = piece.row.len() + LOOK * (piece.old.len() + piece.new.len());
            match self.effort.take_piece(work) {
                true => self.step(&mut piece, &mut waiting),
                false => self.leave_open(&piece),
            }
            if !waiting.take(&mut piece) {
                break;
            }
        }
    }

    fn step(&mut self, piece: &mut Piece, waiting: &mut Waiting) {
        if self.is_same(piece) {
            return;
        }
        let layout = self.layout;
        let plain = |entry: &u32| layout.is_certain(*entry) && !layout.shares_group(*entry);
        let heads = (piece.old.first().copied().filter(plain), piece.new.first().copied().filter(plain));
        match heads {
            (Some(old), Some(new)) if layout.says_the_same(old, new) => {
                piece.old.remove(0);
                piece.new.remove(0);
                self.cut(piece, old, waiting);
            }
            (Some(head), _) => {
                piece.old.remove(0);
                self.cut(piece, head, waiting);
                let place = layout.place(head);
                let access = self.old.rules[place].access;
                self.compare(&piece.row, (vec![place], End::Settled), verdict_of(access), &piece.new);
            }
            _ => self.carve(piece),
        }
    }

    /// Notes a piece of which nothing is known any more; one where nothing can differ is dropped as ever.
    fn leave_open(&mut self, piece: &Piece) {
        if !self.is_same(piece) {
            self.changes.add_open((Vec::new(), End::CutOff), &piece.row);
        }
    }

    /// Whether both lists decide every packet of the piece alike: they are the same, or only one verdict is
    /// possible.
    fn is_same(&self, piece: &Piece) -> bool {
        let layout = self.layout;
        let pairwise = piece.old.len() == piece.new.len()
            && piece.old.iter().zip(&piece.new).all(|(old, new)| {
                layout.says_the_same(*old, *new) && !layout.shares_group(*old) && !layout.shares_group(*new)
            });
        pairwise || {
            let old = self.only_verdict(self.old, &piece.old, &piece.row);
            old.is_some() && old == self.only_verdict(self.new, &piece.new, &piece.row)
        }
    }

    /// The verdict of every packet of a box, where the list allows no other.
    fn only_verdict(&self, policy: &Policy, list: &[u32], row: &[u64]) -> Option<Verdict> {
        let layout = self.layout;
        let access = |entry: &u32| policy.rules[layout.place(*entry)].access;
        let last = *list.last()?;
        let first = access(&last)?;
        let settled = || {
            let peers = list.iter().rev().take_while(|entry| layout.same_group(**entry, last));
            peers.copied().any(|entry| layout.settles(entry, row))
        };
        (list.iter().all(|entry| access(entry) == Some(first)) && settled()).then(|| verdict_of(Some(first)))
    }

    /// Cuts the piece down to what a rule matches; the rest waits.
    fn cut(&mut self, piece: &mut Piece, head: u32, waiting: &mut Waiting) {
        let (layout, effort) = (self.layout, &mut self.effort);
        let Piece { row, old, new } = piece;
        layout.cut(row, layout.may(head), |side, outside, inside| {
            effort.take_work(outside.len() + LOOK * (old.len() + new.len()));
            waiting.rows.extend_from_slice(outside);
            let start = waiting.lists.len();
            layout.filter_into(old, outside, Some(side), &mut waiting.lists);
            let middle = waiting.lists.len();
            layout.filter_into(new, outside, Some(side), &mut waiting.lists);
            waiting.starts.push((start, middle));
            for list in [&mut *old, &mut *new] {
                list.retain(|entry| layout.meets_in(*entry, inside, side));
            }
        });
    }

    /// Cuts the piece along the old rules, whatever is unknown of them. That may take half of what is left, so that
    /// the new rules have their half.
    fn carve(&mut self, piece: &Piece) {
        let layout = self.layout;
        let mut carver = Carver::new(layout, &self.effort.part(1, 2));
        let mut closed: Vec<(Vec<u64>, (Chain, End))> = Vec::new();
        carver.carve(&piece.row, &piece.old, |part: Closed<'_>| {
            closed.push((part.packets.to_vec(), part.outcome()));
        });
        self.effort.take_back_half(&carver.effort);
        let mut outcomes: FxHashMap<(Chain, End), (Outcome, Verdict)> = FxHashMap::default();
        for (row, end) in closed {
            let (outcome, verdict) = outcomes.entry(end).or_insert_with(|| {
                let outcome = places(layout, &carver.chains, end);
                let verdict = self.old.decision(&outcome).verdict;
                (outcome, verdict)
            });
            self.effort.take_work(row.len() + LOOK * (outcome.0.len() + piece.new.len()));
            if self.effort.is_spent() {
                self.changes.add_open(outcome.clone(), &row);
                continue;
            }
            let new: Vec<u32> =
                piece.new.iter().copied().filter(|entry| layout.may_meet(*entry, &row)).collect();
            self.compare(&row, outcome.clone(), *verdict, &new);
        }
    }

    /// Notes what the new rules decide otherwise about a box.
    fn compare(&mut self, row: &[u64], old: Outcome, verdict: Verdict, list: &[u32]) {
        if self.only_verdict(self.new, list, row) == Some(verdict) {
            return;
        }
        let layout = self.layout;
        let mut carver = Carver::new(layout, &self.effort);
        let mut closed: Vec<(Chain, End)> = Vec::new();
        let mut rows = Vec::new();
        carver.carve(row, list, |part: Closed<'_>| {
            rows.extend_from_slice(part.packets);
            closed.push(part.outcome());
        });
        self.effort = carver.effort.clone();
        let was_cut_off = old.1 == End::CutOff;
        let old = self.changes.number(old);
        let mut outcomes: FxHashMap<(Chain, End), Option<u32>> = FxHashMap::default();
        for (row, end) in rows.chunks_exact(row.len()).zip(closed) {
            let changed = *outcomes.entry(end).or_insert_with(|| {
                let outcome = places(layout, &carver.chains, end);
                self.effort.take_work(LOOK * outcome.0.len());
                let is_cut_off = was_cut_off || outcome.1 == End::CutOff;
                let is_changed = is_cut_off || self.new.decision(&outcome).verdict != verdict;
                is_changed.then(|| self.changes.number(outcome))
            });
            if let Some(new) = changed {
                self.changes.rows.extend_from_slice(row);
                self.changes.pairs.push((old, new));
            }
        }
    }

    fn read_into(&self, into: &mut BTreeMap<(Outcome, Outcome), Vec<PacketBox>>) {
        let mut reader = self.layout.grid.reader();
        let Changes { outcomes, rows, pairs, .. } = &self.changes;
        for (row, (old, new)) in rows.chunks_exact(self.layout.grid.words()).zip(pairs) {
            let outcome = |number: u32| outcomes[number as usize].clone();
            into.entry((outcome(*old), outcome(*new))).or_default().push(reader.packets(row));
        }
    }
}

fn places(layout: &Layout, chains: &Chains, (chain, end): (Chain, End)) -> Outcome {
    let entries = chains.entries(chain).into_iter();
    (entries.map(|entry| layout.entries[entry as usize].place).collect(), end)
}

fn verdict_of(access: Option<Access>) -> Verdict {
    match access {
        Some(Access::Allow) => Verdict::Allowed,
        Some(Access::Deny) => Verdict::Blocked,
        None => Verdict::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Direction, Origin};
    use crate::rules::{Extent, Reading, RuleSet, Surroundings, notation};
    use crate::sets::Count;
    use crate::tags::TagSnapshot;

    fn policy(texts: &[&str]) -> Policy {
        let origin = Origin::command_line("test");
        let rule = |text: &&str| notation::rule(text, text, &origin).unwrap();
        let rules = RuleSet::new(texts.iter().map(rule).collect(), &origin);
        let place = Surroundings::new(TagSnapshot::builtin(), Extent::default());
        Policy::compile(&rules, Direction::Inbound, &place, &Reading::DEFAULT)
    }

    #[test]
    fn what_is_beyond_the_limit_is_told_and_never_taken_for_equal() {
        let old = policy(&[
            "100 In Allow Tcp * -> *:80",
            "101 In Deny Tcp 10.0.0.0/8 -> *:1-90",
            "102 In Allow * * -> *",
        ]);
        let new = policy(&[
            "100 In Deny Tcp * -> *:70-80",
            "101 In Allow Tcp 10.0.0.0/9 -> *:1-80",
            "102 In Allow * * -> *",
        ]);
        let exact = old.difference(&new, &PacketSet::all());
        let size = |parts: &[ChangedPart]| parts.iter().map(|part| part.packets.size()).sum::<Count>();
        let mut open = 0;
        for steps in 0..40 {
            let found = old.difference_within(&new, &PacketSet::all(), &mut Effort::of_pieces(steps));
            for part in &exact {
                let told = found.iter().map(|other| part.packets.intersection(&other.packets).size());
                assert_eq!(told.sum::<Count>(), part.packets.size(), "{steps}");
            }
            let is_open = |part: &&ChangedPart| {
                [&part.old, &part.new].iter().any(|one| one.verdict == Verdict::Unknown)
            };
            open += found.iter().filter(is_open).count();
            let settled: Vec<ChangedPart> = found.iter().filter(|part| !is_open(part)).cloned().collect();
            assert!(size(&settled) <= size(&exact), "{steps}");
        }
        assert!(open > 0);
        assert_eq!(old.difference_within(&new, &PacketSet::all(), &mut Effort::of_pieces(10_000)), exact);
        assert!(old.difference_within(&old, &PacketSet::all(), &mut Effort::of_pieces(0)).is_empty());
    }
}
