//! What each rule still does among the others: how much of what it matches it decides, which earlier rules
//! take the rest, and whether anything would change without it.
//!
//! In: a [`Policy`]. Out: a [`Standing`] for each of its rules. Serves S2 (first match). Exact: counts are of
//! packets, and a rule is dead only where no packet reaches it. What is unknown never counts against a rule:
//! rules before it take only what they match for certain. Where the [`Effort`] is spent, rules are said to be
//! open, and nothing else of them.

use super::carve::{Carver, Chain, Closed, LOOK};
use super::cover;
use super::effort::Effort;
use super::first_match::{End, decide};
use super::layout::Layout;
use super::policy::Policy;
use crate::model::{Direction, Packet, Verdict};
use crate::sets::{Count, PacketBox, PacketSet};
use std::collections::{BTreeMap, BTreeSet};

/// What one rule does among the others of its direction.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Standing {
    /// The rule's place in [`RuleSet::rules`](super::RuleSet::rules).
    pub rule: usize,
    /// How many packets it may match.
    pub matches: Count,
    /// How many of them it decides, or may decide; none for a dead rule.
    pub decides: Count,
    /// A packet that it decides, or may decide.
    pub witness: Option<Packet>,
    /// Earlier rules that take for certain what the rule does not decide, by their places in the rule set and
    /// in order of evaluation: the fewest that cover it where it is dead, else each that takes a part. Empty
    /// where it decides all that it matches.
    pub cover: Vec<usize>,
    /// The rules that would decide its packets without it, or may, in order of evaluation; only where it is
    /// redundant.
    pub heirs: Vec<usize>,
    /// Whether the verdict of every packet stays the same without it. True for a dead rule; never for a rule
    /// that shares its priority (S8), since its neighbours decide with it, or where nothing settles its packets.
    pub redundant: bool,
    /// Whether not all of its packets were looked at, since the rules cut them into too many pieces: then of all
    /// this only `rule` and `matches` are whole.
    pub open: bool,
}

/// A dead rule and what covers it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Shadowed {
    /// The rule's place in [`RuleSet::rules`](super::RuleSet::rules).
    pub rule: usize,
    /// The fewest earlier rules that match for certain all that it may match, in order of evaluation. Empty
    /// where it matches nothing at all, and where the search for it was too long.
    pub cover: Vec<usize>,
}

impl Policy {
    /// The standing of each rule, in order of evaluation. `direction` is that of the witnesses.
    pub fn standings(&self, direction: Direction) -> Vec<Standing> {
        self.standings_among(&PacketSet::all(), direction)
    }

    /// The standing of each rule when no other packets than these are ever asked about.
    pub fn standings_among(&self, asked: &PacketSet, direction: Direction) -> Vec<Standing> {
        self.standings_within(asked, direction, &mut Effort::question())
    }

    /// The same within an effort that other questions share.
    pub fn standings_within(
        &self,
        asked: &PacketSet,
        direction: Direction,
        effort: &mut Effort,
    ) -> Vec<Standing> {
        let mut tallies = vec![Tally::default(); self.rules.len()];
        let surveys = self.surveys(asked, effort);
        for survey in &surveys {
            survey.count(&mut tallies, effort);
            effort.next_question();
        }
        let homes = self.homes();
        let own = tallies.into_iter().enumerate().filter(|(place, _)| homes[*place] == *place);
        own.map(|(place, tally)| self.standing(&surveys, place, tally, direction, effort)).collect()
    }

    /// The rules that decide nothing, with what covers each.
    pub fn shadowed(&self) -> Vec<Shadowed> {
        let mut alive = vec![false; self.rules.len()];
        let effort = &mut Effort::question();
        let surveys = self.surveys(&PacketSet::all(), effort);
        surveys.iter().for_each(|survey| survey.find_alive(&mut alive, effort));
        let homes = self.homes();
        let dead = (0..self.rules.len()).filter(|place| homes[*place] == *place && !alive[*place]);
        dead.map(|place| {
            let cover = self.cover(&surveys, place, effort).unwrap_or_default();
            Shadowed { rule: self.rules[place].index, cover }
        })
        .collect()
    }

    /// The rules among the packets that are asked about, box by box.
    fn surveys(&self, asked: &PacketSet, effort: &mut Effort) -> Vec<Survey<'_>> {
        let surveys: Vec<Survey<'_>> = asked.boxes().iter().map(|asked| Survey::new(self, asked)).collect();
        surveys.iter().for_each(|survey| effort.take_work(survey.layout.size()));
        surveys
    }

    /// For each place the first place of its rule: one of unknown priority stands in two.
    fn homes(&self) -> Vec<usize> {
        let mut first = BTreeMap::new();
        self.rules.iter().enumerate().map(|(place, rule)| *first.entry(rule.index).or_insert(place)).collect()
    }

    fn standing(
        &self,
        surveys: &[Survey<'_>],
        place: usize,
        tally: Tally,
        direction: Direction,
        effort: &mut Effort,
    ) -> Standing {
        let index = |places: &BTreeSet<usize>| {
            places.iter().map(|place| self.rules[*place].index).collect::<Vec<usize>>()
        };
        let cover = match tally.first {
            _ if tally.open => None,
            None => self.cover(surveys, place, effort),
            Some(_) if tally.decides == tally.matches => Some(Vec::new()),
            Some(_) => takers(surveys, place, effort).map(|takers| index(&takers)),
        };
        let witness = tally.first.and_then(|first| PacketSet::from_disjoint(vec![first]).witness(direction));
        let heirs = if tally.needed { Vec::new() } else { index(&tally.heirs) };
        Standing {
            rule: self.rules[place].index,
            matches: tally.matches,
            decides: tally.decides,
            witness,
            open: cover.is_none(),
            cover: cover.unwrap_or_default(),
            heirs,
            redundant: !tally.needed,
        }
    }

    /// The fewest earlier rules that cover a dead rule; `None` where the search was too long.
    fn cover(&self, surveys: &[Survey<'_>], place: usize, effort: &mut Effort) -> Option<Vec<usize>> {
        let places = cover::fewest(surveys.iter().map(|survey| &survey.layout), place, effort)?;
        Some(places.into_iter().map(|place| self.rules[place].index).collect())
    }
}

/// The earlier rules that take a part of what a rule may match; `None` where they cut it into too many pieces.
fn takers(surveys: &[Survey<'_>], place: usize, effort: &mut Effort) -> Option<BTreeSet<usize>> {
    let mut takers = BTreeSet::new();
    for Survey { layout, .. } in surveys {
        let Some(entry) = layout.entry_at(place) else { continue };
        let row = layout.may(entry);
        // Rules of its own priority do not stand before it (S8).
        let before = layout.first_of_group(entry);
        let met: Vec<u32> = (0..before).filter(|other| layout.meet(layout.may(*other), row)).collect();
        effort.take_work(LOOK * before as usize);
        let mut carver = Carver::new(layout, effort);
        let mut settled: Vec<(Vec<u64>, Chain)> = Vec::new();
        let mut is_whole = true;
        carver.carve(row, &met, |part| match part.end {
            End::Settled => settled.push((part.packets.to_vec(), part.chain)),
            End::CutOff => is_whole = false,
            End::Open => {}
        });
        *effort = carver.effort.clone();
        effort.next_question();
        if !is_whole {
            return None;
        }
        for (row, chain) in settled {
            // Of rules that share a priority, not each settles what they decide.
            let settling =
                carver.chains.entries(chain).into_iter().find(|entry| layout.settles(*entry, &row));
            takers.extend(settling.map(|entry| layout.place(entry)));
        }
    }
    Some(takers)
}

/// What is found about a rule.
#[derive(Clone, Default)]
struct Tally {
    matches: Count,
    decides: Count,
    /// The first box of packets that it decides.
    first: Option<PacketBox>,
    /// Whether the verdict of a packet hangs on it.
    needed: bool,
    heirs: BTreeSet<usize>,
    /// Whether some of its packets were not looked at.
    open: bool,
}

/// The rules of a policy among the packets of one stored box.
struct Survey<'p> {
    policy: &'p Policy,
    homes: Vec<usize>,
    layout: Layout,
}

impl<'p> Survey<'p> {
    fn new(policy: &'p Policy, asked: &PacketBox) -> Self {
        Self { policy, homes: policy.homes(), layout: Layout::of_all(asked, &policy.rules) }
    }

    fn find_alive(&self, alive: &mut [bool], effort: &mut Effort) {
        let mut carver = Carver::new(&self.layout, effort);
        let mut chains: BTreeSet<Chain> = BTreeSet::new();
        carver.carve_all(|part| {
            chains.insert(part.chain);
            part.left.iter().for_each(|entry| alive[self.home(*entry)] = true);
        });
        *effort = carver.effort.clone();
        effort.next_question();
        for entry in chains.iter().flat_map(|chain| carver.chains.entries(*chain)) {
            alive[self.home(entry)] = true;
        }
    }

    fn count(&self, tallies: &mut [Tally], effort: &mut Effort) {
        let layout = &self.layout;
        let (mut reader, mut counter) = (layout.grid.reader(), layout.grid.counter());
        for entry in (0..).take(layout.entries.len()) {
            tallies[layout.place(entry)].matches += &counter.packets(layout.may(entry));
        }
        let mut carver = Carver::new(layout, effort);
        let (mut rows, mut closed): (Vec<u64>, Vec<(Chain, End)>) = (Vec::new(), Vec::new());
        let mut open: BTreeSet<Chain> = BTreeSet::new();
        carver.carve_all(|Closed { packets, chain, end, left }| {
            if end == End::CutOff {
                open.insert(chain);
                left.iter().for_each(|entry| tallies[self.home(*entry)].open = true);
            } else {
                rows.extend_from_slice(packets);
                closed.push((chain, end));
            }
        });
        *effort = carver.effort.clone();
        effort.next_question();
        for (row, (chain, end)) in rows.chunks_exact(layout.grid.words()).zip(closed) {
            if effort.is_spent() {
                open.insert(chain);
                continue;
            }
            // Where nothing settles them, the list is that of all rules that may match.
            let entries = carver.chains.entries(chain);
            effort.take_work(row.len() + LOOK * entries.len());
            let size = counter.packets(row);
            let homes: BTreeSet<usize> = entries.iter().map(|entry| self.home(*entry)).collect();
            for home in homes {
                let tally = &mut tallies[home];
                tally.decides += &size;
                tally.first.get_or_insert_with(|| reader.packets(row));
                if !tally.needed && !tally.open {
                    self.look_without(home, &entries, end, row, tally, effort);
                }
            }
        }
        for entry in open.iter().flat_map(|chain| carver.chains.entries(*chain)) {
            tallies[self.home(entry)].open = true;
        }
    }

    fn home(&self, entry: u32) -> usize {
        self.homes[self.layout.place(entry)]
    }

    /// What becomes of a box without one of the rules that may decide it.
    fn look_without(
        &self,
        home: usize,
        entries: &[u32],
        end: End,
        row: &[u64],
        tally: &mut Tally,
        effort: &mut Effort,
    ) {
        let layout = &self.layout;
        let is_other = |entry: &u32| self.home(*entry) != home;
        if end != End::Settled || entries.iter().any(|entry| !is_other(entry) && layout.shares_group(*entry))
        {
            tally.needed = true;
            return;
        }
        let verdict = self.verdict(entries, end);
        let others: Vec<u32> = entries.iter().copied().filter(is_other).collect();
        if let (Some(last), Some(settling)) = (others.last(), entries.last())
            && last == settling
        {
            // The rule may decide, and another one settles what it does not.
            tally.needed = self.verdict(&others, end) != verdict;
            tally.heirs.extend(others.iter().map(|entry| layout.place(*entry)));
            return;
        }
        let later = self.later(home, &others, entries, row, effort);
        let mut carver = Carver::new(layout, effort);
        let mut closed: BTreeSet<(Chain, End)> = BTreeSet::new();
        carver.carve(row, &later, |part| {
            closed.insert(part.outcome());
        });
        *effort = carver.effort.clone();
        effort.next_question();
        for (chain, end) in closed {
            tally.open |= end == End::CutOff;
            let found = carver.chains.entries(chain);
            let all: Vec<u32> = others.iter().chain(&found).copied().collect();
            tally.needed |= self.verdict(&all, end) != verdict;
            tally.heirs.extend(all.into_iter().map(|entry| layout.place(entry)));
        }
    }

    /// The rules behind one that meet a box, beside those that may decide it with the rule; up to one that settles
    /// it and those of its priority.
    fn later(
        &self,
        home: usize,
        others: &[u32],
        entries: &[u32],
        row: &[u64],
        effort: &mut Effort,
    ) -> Vec<u32> {
        let layout = &self.layout;
        let first = entries.iter().copied().find(|entry| self.home(*entry) == home).unwrap_or_default();
        let (mut later, mut last, mut looks) = (Vec::new(), None, 0);
        for entry in (first..).take(layout.entries.len() - first as usize) {
            if last.is_some_and(|last| !layout.same_group(last, entry)) {
                break;
            }
            looks += 1;
            let is_new = self.home(entry) != home && others.binary_search(&entry).is_err();
            if is_new && layout.meet(layout.may(entry), row) {
                later.push(entry);
                if last.is_none() && layout.settles(entry, row) {
                    last = Some(entry);
                }
            }
        }
        effort.take_work(LOOK * looks);
        later
    }

    fn verdict(&self, entries: &[u32], end: End) -> Verdict {
        let rules = entries.iter().map(|entry| &self.policy.rules[self.layout.place(*entry)]);
        decide(rules.map(|rule| (rule.index, rule.access)), end).verdict
    }
}
