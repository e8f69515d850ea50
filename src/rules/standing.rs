//! What each rule still does among the others: how much of what it matches it decides, which earlier rules
//! take the rest, and whether anything would change without it.
//!
//! In: a [`Policy`]. Out: a [`Standing`] for each of its rules. Serves S2 (first match). Exact: counts are of
//! packets, and a rule is dead only where no packet reaches it. What is unknown never counts against a rule:
//! rules before it take only what they match for certain. Where the [`Effort`] is spent, rules are said to be
//! open, and nothing else of them.

use super::carve::{Carver, Chain, Chains, Closed, LOOK};
use super::cover;
use super::effort::{Effort, Kept};
use super::first_match::End;
use super::layout::Layout;
use super::policy::Policy;
use crate::model::{Access, Direction, Packet, Verdict};
use crate::sets::{Count, PacketBox, PacketSet, bits};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// How many heirs all rules of a policy may name: twice as many as a thousand rules have that all may match the
/// same. Ten thousand such rules would name a hundred million.
const HEIRS: usize = 2_000_000;

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
        let mut surveys = self.surveys(asked, effort);
        let mut kept = effort.kept();
        for survey in &mut surveys {
            survey.count(&mut tallies, &mut kept, effort);
        }
        let homes = self.homes();
        let own = tallies.into_iter().enumerate().filter(|(place, _)| homes[*place] == *place);
        let mut named = HEIRS;
        let all = own.map(|(place, tally)| {
            let standing = self.standing(&surveys, place, tally, direction, effort);
            named = named.saturating_sub(standing.heirs.len());
            match named {
                0 if !standing.heirs.is_empty() => Standing { heirs: Vec::new(), open: true, ..standing },
                _ => standing,
            }
        });
        let all = all.collect();
        effort.next_question();
        all
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
        let index = |places: &mut dyn Iterator<Item = usize>| {
            places.map(|place| self.rules[place].index).collect::<Vec<usize>>()
        };
        let cover = match tally.first {
            _ if tally.open => None,
            None => self.cover(surveys, place, effort),
            Some(_) if tally.decides == tally.matches => Some(Vec::new()),
            Some(_) => takers(surveys, place, effort).map(|takers| index(&mut takers.into_iter())),
        };
        let witness = tally.first.and_then(|first| PacketSet::from_disjoint(vec![first]).witness(direction));
        let heirs = if tally.needed { Vec::new() } else { index(&mut bits::ones(&tally.heirs)) };
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
    for survey in surveys {
        survey.add_takers(place, &mut takers, effort)?;
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
    /// The places of the rules that would decide without it, as a row of bits; no word before there is one.
    heirs: Vec<u64>,
    /// Whether some of its packets were not looked at.
    open: bool,
}

impl Tally {
    /// Adds heirs; the rule itself is none.
    fn inherit(&mut self, heirs: &[u64]) {
        self.heirs.resize(heirs.len().max(self.heirs.len()), 0);
        self.heirs.iter_mut().zip(heirs).for_each(|(all, more)| *all |= more);
    }
}

/// The rules of a policy among the packets of one stored box.
struct Survey<'p> {
    policy: &'p Policy,
    homes: Vec<usize>,
    /// The last place of the rule at each place.
    last_places: Vec<usize>,
    layout: Layout,
    parts: Parts,
}

/// What all that is asked is cut into.
#[derive(Default)]
struct Parts {
    /// The rows of the parts, one behind the other.
    rows: Vec<u64>,
    /// The rules that may decide each of them.
    outcomes: Vec<(Chain, End)>,
    /// The entry that settles a part, and the part; in this order.
    settled: Vec<(u32, u32)>,
    /// The rows of what was not looked at.
    open: Vec<u64>,
}

/// The rules that may decide some parts, and how many of them do what.
struct Candidates {
    /// Entries in order of evaluation.
    entries: Vec<u32>,
    end: End,
    can_allow: usize,
    can_deny: usize,
    /// The places of the entries, as a row of bits.
    places: Vec<u64>,
}

impl<'p> Survey<'p> {
    fn new(policy: &'p Policy, asked: &PacketBox) -> Self {
        let layout = Layout::of_all(asked, &policy.rules);
        let homes = policy.homes();
        let mut last_places: Vec<usize> = (0..homes.len()).collect();
        homes.iter().enumerate().for_each(|(place, home)| last_places[*home] = place);
        Self { policy, homes, last_places, layout, parts: Parts::default() }
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

    /// Cuts all that is asked, and counts what each rule decides of it.
    fn count(&mut self, tallies: &mut [Tally], kept: &mut Kept, effort: &mut Effort) {
        let mut counter = self.layout.grid.counter();
        for entry in (0..).take(self.layout.entries.len()) {
            tallies[self.layout.place(entry)].matches += &counter.packets(self.layout.may(entry));
        }
        let (parts, chains) = self.cut(tallies, kept, effort);
        let mut sizes: FxHashMap<(Chain, End), Count> = FxHashMap::default();
        let mut first: Vec<((Chain, End), usize)> = Vec::new();
        for (part, (row, outcome)) in parts.each(&self.layout).enumerate() {
            let size = counter.packets(row);
            sizes.entry(*outcome).and_modify(|all| *all += &size).or_insert_with(|| {
                first.push((*outcome, part));
                size
            });
        }
        let mut known: FxHashMap<(Chain, End), Candidates> = FxHashMap::default();
        let mut reader = self.layout.grid.reader();
        for ((chain, end), part) in first {
            let candidates = self.candidates(chains.entries(chain), end);
            let first = || reader.packets(parts.row(part, &self.layout));
            self.tell(&candidates, &sizes[&(chain, end)], first, tallies, effort);
            known.insert((chain, end), candidates);
        }
        let settled = parts.each(&self.layout).zip(0..).filter_map(|((row, outcome), part)| {
            let candidates = known.get(outcome)?;
            Some((self.settling(candidates, row)?, part))
        });
        let mut settled: Vec<(u32, u32)> = settled.collect();
        settled.sort_unstable();
        for of_rule in settled.chunk_by(|a, b| a.0 == b.0) {
            let mut behind: Option<Vec<u32>> = None;
            for (entry, part) in of_rule {
                let part = *part as usize;
                let Some(candidates) = parts.outcomes.get(part).and_then(|outcome| known.get(outcome)) else {
                    continue;
                };
                let home = self.home(*entry);
                if tallies[home].needed || tallies[home].open {
                    break;
                }
                let behind = behind.get_or_insert_with(|| self.behind(*entry, effort));
                let row = parts.row(part, &self.layout);
                self.look_behind(home, candidates, behind, row, &mut tallies[home], effort);
            }
        }
        self.parts = Parts { settled, outcomes: Vec::new(), ..parts };
    }

    /// Cuts all that is asked along the rules. Rules that may decide what is not looked at are open.
    fn cut(&self, tallies: &mut [Tally], kept: &mut Kept, effort: &mut Effort) -> (Parts, Chains) {
        let mut carver = Carver::new(&self.layout, &effort.keeping(*kept));
        let mut parts = Parts::default();
        let mut open: BTreeSet<Chain> = BTreeSet::new();
        carver.carve_all(|Closed { packets, chain, end, left, .. }| {
            if end == End::CutOff {
                open.insert(chain);
                left.iter().for_each(|entry| tallies[self.home(*entry)].open = true);
                parts.open.extend_from_slice(packets);
            } else {
                parts.rows.extend_from_slice(packets);
                parts.outcomes.push((chain, end));
            }
        });
        for entry in open.into_iter().flat_map(|chain| carver.chains.entries(chain)) {
            tallies[self.home(entry)].open = true;
        }
        effort.take_back(&carver.effort);
        *kept = carver.effort.kept();
        (parts, carver.chains)
    }

    fn home(&self, entry: u32) -> usize {
        self.homes[self.layout.place(entry)]
    }

    fn candidates(&self, entries: Vec<u32>, end: End) -> Candidates {
        let mut places = vec![0; bits::words(self.policy.rules.len())];
        let (mut can_allow, mut can_deny) = (0, 0);
        for entry in &entries {
            let place = self.layout.place(*entry);
            bits::set(&mut places, place);
            let access = self.policy.rules[place].access;
            can_allow += usize::from(access != Some(Access::Deny));
            can_deny += usize::from(access != Some(Access::Allow));
        }
        Candidates { entries, end, can_allow, can_deny, places }
    }

    /// The entry that settles a part. Of rules that share a priority, not each settles what they decide.
    fn settling(&self, candidates: &Candidates, row: &[u64]) -> Option<u32> {
        let last = *candidates.entries.last().filter(|_| candidates.end == End::Settled)?;
        let of_group =
            candidates.entries.iter().rev().take_while(|entry| self.layout.same_group(last, **entry));
        of_group.copied().filter(|entry| self.layout.settles(*entry, row)).last()
    }

    /// Notes what the rules that may decide some parts are to them, as far as that is the same for all those parts.
    fn tell(
        &self,
        candidates: &Candidates,
        size: &Count,
        mut first: impl FnMut() -> PacketBox,
        tallies: &mut [Tally],
        effort: &mut Effort,
    ) {
        let Candidates { entries, end, .. } = candidates;
        let settling = entries.last().map(|entry| self.home(*entry));
        let mut homes: Vec<usize> = entries.iter().map(|entry| self.home(*entry)).collect();
        homes.sort_unstable();
        homes.dedup();
        effort.take_work((LOOK + candidates.places.len()) * entries.len());
        let shares = |entry: &u32| *end != End::Settled || self.layout.shares_group(*entry);
        for entry in entries.iter().filter(|entry| shares(entry)) {
            tallies[self.home(*entry)].needed = true;
        }
        let is_spent = effort.is_spent();
        for home in homes {
            let tally = &mut tallies[home];
            tally.decides += size;
            tally.first.get_or_insert_with(&mut first);
            tally.open |= is_spent;
            // Where the rule may decide, and another one settles what it does not.
            if !tally.needed && !tally.open && settling != Some(home) {
                tally.needed = self.verdict_without(home, candidates) != self.verdict(candidates);
                tally.inherit(&candidates.places);
                self.forget(home, &mut tally.heirs);
            }
        }
    }

    /// A rule is none of its own heirs, wherever it stands.
    fn forget(&self, home: usize, heirs: &mut [u64]) {
        let again = self.last_places[home];
        for place in [home, again] {
            if bits::has(heirs, place) {
                bits::flip(heirs, place);
            }
        }
    }

    fn verdict(&self, candidates: &Candidates) -> Verdict {
        verdict(candidates.can_allow, candidates.can_deny, candidates.end)
    }

    /// The verdict of the others, where one of them settles it.
    fn verdict_without(&self, home: usize, candidates: &Candidates) -> Verdict {
        let access = self.policy.rules[home].access;
        let times = [home, self.last_places[home]];
        let times = if times[0] == times[1] { &times[..1] } else { &times[..] };
        let times = times.iter().filter(|place| bits::has(&candidates.places, **place)).count();
        let allows = if access == Some(Access::Deny) { 0 } else { times };
        let denies = if access == Some(Access::Allow) { 0 } else { times };
        verdict(candidates.can_allow - allows, candidates.can_deny - denies, candidates.end)
    }

    /// What becomes of a part without the rule that settles it: the rules behind it have it.
    fn look_behind(
        &self,
        home: usize,
        candidates: &Candidates,
        behind: &[u32],
        row: &[u64],
        tally: &mut Tally,
        effort: &mut Effort,
    ) {
        let layout = &self.layout;
        let is_other = |entry: &u32| self.home(*entry) != home;
        let others: Vec<u32> = candidates.entries.iter().copied().filter(is_other).collect();
        let verdict = self.verdict(candidates);
        let later = self.later(&others, behind, row, effort);
        let mut carver = Carver::new(layout, &effort.aside());
        let (mut reading, mut read) = (effort.clone(), 0);
        let mut heirs = vec![0; candidates.places.len()];
        let mut looked: FxHashSet<(Chain, End)> = FxHashSet::default();
        // The first verdict that differs is enough.
        let _ = carver.carve_until(row, &later, |Closed { chain, chains, end, .. }| {
            tally.open = end == End::CutOff || reading.is_spent();
            if tally.open {
                return ControlFlow::Break(());
            }
            if !looked.insert((chain, end)) {
                return ControlFlow::Continue(());
            }
            let all = [others.clone(), chains.entries(chain)].concat();
            let work = LOOK * all.len() + heirs.len();
            reading.take_work(work);
            read += work;
            let found = self.candidates(all, end);
            heirs.iter_mut().zip(&found.places).for_each(|(all, more)| *all |= more);
            tally.needed = self.verdict(&found) != verdict;
            if tally.needed { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        effort.take_back(&carver.effort);
        effort.take_work(read);
        tally.inherit(&heirs);
    }

    /// Adds the earlier rules that take a part of what a rule may match here; `None` where that is too much work.
    fn add_takers(&self, place: usize, takers: &mut BTreeSet<usize>, effort: &mut Effort) -> Option<()> {
        let layout = &self.layout;
        let Some(entry) = layout.entry_at(place) else { return Some(()) };
        let row = layout.may(entry);
        // Rules of its own priority do not stand before it (S8).
        let before = layout.first_of_group(entry);
        for parts in self.parts.settled.chunk_by(|a, b| a.0 == b.0) {
            let settling = parts.first().map_or(before, |(settling, _)| *settling);
            if settling >= before {
                break;
            }
            effort.take_work(LOOK);
            if effort.is_spent() {
                return None;
            }
            if !layout.may_meet(settling, row) {
                continue;
            }
            let meets =
                |(_, part): &(u32, u32)| layout.may_meet(entry, self.parts.row(*part as usize, layout));
            let met = parts.iter().position(meets);
            effort.take_work(LOOK * (1 + met.unwrap_or(parts.len())));
            if met.is_some() {
                takers.insert(layout.place(settling));
            }
        }
        for open in self.parts.open.chunks_exact(layout.grid.words()) {
            effort.take_work(LOOK);
            if layout.may_meet(entry, open) {
                let common: Vec<u64> = open.iter().zip(row).map(|(a, b)| a & b).collect();
                self.cut_takers(&common, before, takers, effort)?;
            }
        }
        Some(())
    }

    /// The same for a box that was not looked at, which earlier rules are cut along for this.
    fn cut_takers(
        &self,
        row: &[u64],
        before: u32,
        takers: &mut BTreeSet<usize>,
        effort: &mut Effort,
    ) -> Option<()> {
        let layout = &self.layout;
        let met: Vec<u32> = (0..before).filter(|other| layout.may_meet(*other, row)).collect();
        effort.take_work(LOOK * before as usize);
        let mut carver = Carver::new(layout, &effort.aside());
        let mut settled: Vec<(Vec<u64>, Chain)> = Vec::new();
        let whole = carver.carve_until(row, &met, |part| match part.end {
            End::Settled => {
                settled.push((part.packets.to_vec(), part.chain));
                ControlFlow::Continue(())
            }
            End::CutOff => ControlFlow::Break(()),
            End::Open => ControlFlow::Continue(()),
        });
        effort.take_back(&carver.effort);
        if whole.is_break() {
            return None;
        }
        for (row, chain) in settled {
            let candidates = self.candidates(carver.chains.entries(chain), End::Settled);
            takers.extend(self.settling(&candidates, &row).map(|entry| layout.place(entry)));
        }
        Some(())
    }

    /// The rules behind one that meet what it may match.
    fn behind(&self, entry: u32, effort: &mut Effort) -> Vec<u32> {
        let row = self.layout.may(entry);
        let others = (0..).take(self.layout.entries.len()).skip(entry as usize + 1);
        let found: Vec<u32> = others.filter(|other| self.layout.may_meet(*other, row)).collect();
        effort.take_work(LOOK * (self.layout.entries.len() - entry as usize));
        found
    }

    /// Of the rules behind one, those that meet a box, beside those that may decide it with the rule; up to one
    /// that settles it and those of its priority.
    fn later(&self, others: &[u32], behind: &[u32], row: &[u64], effort: &mut Effort) -> Vec<u32> {
        let layout = &self.layout;
        let (mut later, mut last, mut looks) = (Vec::new(), None, 0);
        for entry in behind {
            if last.is_some_and(|last| !layout.same_group(last, *entry)) {
                break;
            }
            looks += 1;
            if others.binary_search(entry).is_err() && layout.may_meet(*entry, row) {
                later.push(*entry);
                if last.is_none() && layout.settles(*entry, row) {
                    last = Some(*entry);
                }
            }
        }
        effort.take_work(LOOK * looks);
        later
    }
}

impl Parts {
    fn row<'s>(&'s self, part: usize, layout: &Layout) -> &'s [u64] {
        let words = layout.grid.words();
        &self.rows[part * words..][..words]
    }

    fn each<'s>(&'s self, layout: &Layout) -> impl Iterator<Item = (&'s [u64], &'s (Chain, End))> {
        self.rows.chunks_exact(layout.grid.words()).zip(&self.outcomes)
    }
}

/// As [`decide`](super::first_match::decide) has it, of so many rules that may allow and may deny.
fn verdict(can_allow: usize, can_deny: usize, end: End) -> Verdict {
    match (end, can_allow, can_deny) {
        (End::Settled, 1.., 0) => Verdict::Allowed,
        (End::Settled, 0, 1..) => Verdict::Blocked,
        _ => Verdict::Unknown,
    }
}
