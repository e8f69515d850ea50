//! What each rule still does among the others: how much of what it matches it decides, which earlier rules
//! take the rest, and whether anything would change without it.
//!
//! In: a [`Policy`]. Out: a [`Standing`] for each of its rules. Serves S2 (first match). Exact: counts are of
//! packets, and a rule is dead only where no packet reaches it. What is unknown never counts against a rule:
//! rules before it take only what they match for certain.

use super::carve::{Carver, Chain, Closed};
use super::cover;
use super::first_match::decide;
use super::layout::Layout;
use super::policy::{Policy, PolicyRule};
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
}

/// A dead rule and what covers it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Shadowed {
    /// The rule's place in [`RuleSet::rules`](super::RuleSet::rules).
    pub rule: usize,
    /// The fewest earlier rules that match for certain all that it may match, in order of evaluation. Empty
    /// where it matches nothing at all.
    pub cover: Vec<usize>,
}

impl Policy {
    /// The standing of each rule, in order of evaluation. `direction` is that of the witnesses.
    pub fn standings(&self, direction: Direction) -> Vec<Standing> {
        self.standings_among(&PacketSet::all(), direction)
    }

    /// The standing of each rule when no other packets than these are ever asked about.
    pub fn standings_among(&self, asked: &PacketSet, direction: Direction) -> Vec<Standing> {
        let mut tallies = vec![Tally::default(); self.rules.len()];
        let surveys = self.surveys(asked);
        surveys.iter().for_each(|survey| survey.count(&mut tallies));
        let homes = self.homes();
        let own = tallies.into_iter().enumerate().filter(|(place, _)| homes[*place] == *place);
        own.map(|(place, tally)| self.standing(&surveys, place, tally, asked, direction)).collect()
    }

    /// The rules that decide nothing, with what covers each.
    pub fn shadowed(&self) -> Vec<Shadowed> {
        let mut alive = vec![false; self.rules.len()];
        let surveys = self.surveys(&PacketSet::all());
        surveys.iter().for_each(|survey| survey.find_alive(&mut alive));
        let homes = self.homes();
        let dead = (0..self.rules.len()).filter(|place| homes[*place] == *place && !alive[*place]);
        dead.map(|place| Shadowed { rule: self.rules[place].index, cover: self.cover(&surveys, place) })
            .collect()
    }

    /// The rules among the packets that are asked about, box by box.
    fn surveys(&self, asked: &PacketSet) -> Vec<Survey<'_>> {
        asked.boxes().iter().map(|asked| Survey::new(self, asked)).collect()
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
        asked: &PacketSet,
        direction: Direction,
    ) -> Standing {
        let index = |places: &BTreeSet<usize>| {
            places.iter().map(|place| self.rules[*place].index).collect::<Vec<usize>>()
        };
        let cover = match tally.first {
            None => self.cover(surveys, place),
            Some(_) if tally.decides == tally.matches => Vec::new(),
            Some(_) => index(&self.takers(place, asked)),
        };
        let witness = tally.first.and_then(|first| PacketSet::from_disjoint(vec![first]).witness(direction));
        let heirs = if tally.needed { Vec::new() } else { index(&tally.heirs) };
        Standing {
            rule: self.rules[place].index,
            matches: tally.matches,
            decides: tally.decides,
            witness,
            cover,
            heirs,
            redundant: !tally.needed,
        }
    }

    /// The fewest earlier rules that cover a dead rule.
    fn cover(&self, surveys: &[Survey<'_>], place: usize) -> Vec<usize> {
        let places = cover::fewest(surveys.iter().map(|survey| &survey.layout), place);
        places.into_iter().map(|place| self.rules[place].index).collect()
    }

    /// The earlier rules that take a part of what a rule may match.
    fn takers(&self, place: usize, asked: &PacketSet) -> BTreeSet<usize> {
        let mut takers = BTreeSet::new();
        // Rules of its own priority do not stand before it (S8).
        let before = self.rules[..place].partition_point(|rule| rule.order < self.rules[place].order);
        for asked in self.rules[place].boxes_among(asked) {
            let layout = Layout::new(&asked, &self.rules[..before]);
            let mut carver = Carver::new(&layout);
            let mut settled: Vec<(Vec<u64>, Chain)> = Vec::new();
            carver.carve_all(|part| {
                if part.settled {
                    settled.push((part.packets.to_vec(), part.chain));
                }
            });
            for (row, chain) in settled {
                // Of rules that share a priority, not each settles what they decide.
                let settling =
                    carver.chains.entries(chain).into_iter().find(|entry| layout.settles(*entry, &row));
                takers.extend(settling.map(|entry| layout.place(entry)));
            }
        }
        takers
    }
}

impl PolicyRule {
    /// What a rule may match of some packets, as stored boxes.
    fn boxes_among(&self, asked: &PacketSet) -> Vec<PacketBox> {
        let matched =
            self.patterns.iter().map(|pattern| asked.intersection(&PacketSet::product(&pattern.may)));
        matched.flat_map(|matched| matched.boxes().to_vec()).collect()
    }
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

    fn find_alive(&self, alive: &mut [bool]) {
        let mut carver = Carver::new(&self.layout);
        let mut chains: BTreeSet<Chain> = BTreeSet::new();
        carver.carve_all(|part| {
            chains.insert(part.chain);
            if !part.settled {
                self.meeting(part.packets).for_each(|entry| alive[self.home(entry)] = true);
            }
        });
        for entry in chains.iter().flat_map(|chain| carver.chains.entries(*chain)) {
            alive[self.home(entry)] = true;
        }
    }

    /// The rules that may match a packet of a box; where nothing settles it, each of them may decide it.
    fn meeting<'r>(&'r self, row: &'r [u64]) -> impl Iterator<Item = u32> + 'r {
        let all = (0..).take(self.layout.entries.len());
        all.filter(|entry| self.layout.meet(self.layout.may(*entry), row))
    }

    fn count(&self, tallies: &mut [Tally]) {
        let layout = &self.layout;
        let (mut reader, mut counter) = (layout.grid.reader(), layout.grid.counter());
        for entry in (0..).take(layout.entries.len()) {
            tallies[layout.place(entry)].matches += &counter.packets(layout.may(entry));
        }
        let mut carver = Carver::new(layout);
        let (mut rows, mut closed): (Vec<u64>, Vec<(Chain, bool)>) = (Vec::new(), Vec::new());
        carver.carve_all(|Closed { packets, chain, settled, .. }| {
            rows.extend_from_slice(packets);
            closed.push((chain, settled));
        });
        for (row, (chain, settled)) in rows.chunks_exact(layout.grid.words()).zip(closed) {
            let entries = match settled {
                true => carver.chains.entries(chain),
                false => self.meeting(row).collect(),
            };
            let size = counter.packets(row);
            let homes: BTreeSet<usize> = entries.iter().map(|entry| self.home(*entry)).collect();
            for home in homes {
                let tally = &mut tallies[home];
                tally.decides += &size;
                tally.first.get_or_insert_with(|| reader.packets(row));
                if !tally.needed {
                    self.look_without(home, &entries, settled, row, tally);
                }
            }
        }
    }

    fn home(&self, entry: u32) -> usize {
        self.homes[self.layout.place(entry)]
    }

    /// What becomes of a box without one of the rules that may decide it.
    fn look_without(&self, home: usize, entries: &[u32], settled: bool, row: &[u64], tally: &mut Tally) {
        let layout = &self.layout;
        let is_other = |entry: &u32| self.home(*entry) != home;
        if !settled || entries.iter().any(|entry| !is_other(entry) && layout.shares_group(*entry)) {
            tally.needed = true;
            return;
        }
        let verdict = self.verdict(entries, settled);
        let others: Vec<u32> = entries.iter().copied().filter(is_other).collect();
        if let (Some(last), Some(settling)) = (others.last(), entries.last())
            && last == settling
        {
            // The rule may decide, and another one settles what it does not.
            tally.needed = self.verdict(&others, settled) != verdict;
            tally.heirs.extend(others.iter().map(|entry| layout.place(*entry)));
            return;
        }
        let behind = (0..).take(layout.entries.len()).skip_while(|entry| is_other(entry));
        let meets = |entry: &u32| is_other(entry) && layout.meet(layout.may(*entry), row);
        let later: Vec<u32> = behind.filter(|entry| !others.contains(entry)).filter(meets).collect();
        let mut carver = Carver::new(layout);
        let mut closed: BTreeSet<(Chain, bool)> = BTreeSet::new();
        carver.carve(row, &later, |part| {
            closed.insert((part.chain, part.settled));
        });
        for (chain, settled) in closed {
            let found = carver.chains.entries(chain);
            let all: Vec<u32> = others.iter().chain(&found).copied().collect();
            tally.needed |= self.verdict(&all, settled) != verdict;
            tally.heirs.extend(all.into_iter().map(|entry| layout.place(entry)));
        }
    }

    fn verdict(&self, entries: &[u32], settled: bool) -> Verdict {
        let rules = entries.iter().map(|entry| &self.policy.rules[self.layout.place(*entry)]);
        decide(rules.map(|rule| (rule.index, rule.access)), settled).verdict
    }
}
