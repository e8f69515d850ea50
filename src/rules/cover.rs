//! The fewest rules that cover another one.
//!
//! In: all rules on the grid of each box that is asked about, and one rule all of whose packets there earlier
//! ones match for certain. Out: the smallest set of them that does. Every packet of the rule must be matched by one of the
//! set, so the search takes a packet that few of them match, tries each of these, and goes on with what is
//! left; sets of one are tried first, then of two, and so on. The question is a hard one in general (set
//! cover): after [`STEPS`] the search settles for a set from which no rule can be left out, and where the [`Effort`]
//! is spent for none.
//!
//! Whether one rule holds all of it is asked on the rows which the rules have anyway, a few words each; no grid
//! is laid out for a single rule.

use super::carve::LOOK;
use super::effort::Effort;
use super::layout::Layout;
use crate::sets::bits;

/// How many sets of rules are looked at for one rule.
const STEPS: usize = 2_000;

/// The places of the rules that cover the rule at `place`, ascending; empty where it matches nothing, and `None`
/// where the search was too long.
pub(super) fn fewest<'l>(
    layouts: impl Iterator<Item = &'l Layout>,
    place: usize,
    effort: &mut Effort,
) -> Option<Vec<usize>> {
    let worlds: Vec<World<'_>> = layouts.filter_map(|layout| World::new(layout, place)).collect();
    if worlds.is_empty() {
        return Some(Vec::new());
    }
    effort.take_work(LOOK * worlds.iter().map(|world| world.earlier as usize).sum::<usize>());
    if let Some(one) = one_that_holds(&worlds) {
        return Some(vec![one]);
    }
    let search = Search { worlds: worlds.into_iter().map(World::with_near).collect() };
    let whole: Open = search.worlds.iter().map(|world| vec![world.row().to_vec()]).collect();
    let mut limit = Limit { steps: STEPS, effort };
    for size in 2.. {
        let mut chosen = Vec::new();
        match search.within(size, &whole, &mut chosen, &mut limit) {
            Found::Yes => {
                chosen.sort_unstable();
                return Some(chosen);
            }
            Found::No => {}
            Found::GaveUp => break,
        }
    }
    search.irredundant(&whole, limit.effort)
}

/// A stored box with a part of the rule that is to be covered.
struct World<'l> {
    layout: &'l Layout,
    /// The rule.
    entry: u32,
    /// How many rules come before it. Those of its own priority do not (S8).
    earlier: u32,
    /// Earlier rules that match packets of it for certain.
    near: Vec<u32>,
}

impl<'l> World<'l> {
    fn new(layout: &'l Layout, place: usize) -> Option<Self> {
        let entry = layout.entry_at(place)?;
        let earlier = (0..entry).find(|other| layout.same_group(*other, entry)).unwrap_or(entry);
        Some(Self { layout, entry, earlier, near: Vec::new() })
    }

    fn with_near(self) -> Self {
        let meets = |entry: &u32| self.layout.must_meet(*entry, self.row());
        Self { near: (0..self.earlier).filter(meets).collect(), ..self }
    }

    /// What the rule may match.
    fn row(&self) -> &'l [u64] {
        self.layout.may(self.entry)
    }

    /// Whether an earlier rule matches all of that for certain.
    fn is_held_by(&self, entry: u32) -> bool {
        self.layout.must(entry).is_some_and(|must| {
            // Most rules are let go at the first side or the second.
            self.layout.spans.iter().all(|side| bits::holds(&must[side.clone()], &self.row()[side.clone()]))
        })
    }

    /// The places of the rules that match all of a box for certain.
    fn matching(&self, row: &[u64]) -> Vec<usize> {
        let near = self.near.iter().filter(|entry| self.layout.settles(**entry, row));
        near.map(|entry| self.layout.place(*entry)).collect()
    }
}

/// The first rule that holds the whole rule in each of its worlds.
fn one_that_holds(worlds: &[World<'_>]) -> Option<usize> {
    let (first, others) = worlds.split_first()?;
    let holding = (0..first.earlier).filter(|entry| first.is_held_by(*entry));
    holding.map(|entry| first.layout.place(entry)).find(|place| {
        others.iter().all(|world| world.layout.entry_at(*place).is_some_and(|entry| world.is_held_by(entry)))
    })
}

/// What a search may still cost.
struct Limit<'e> {
    steps: usize,
    effort: &'e mut Effort,
}

enum Found {
    Yes,
    No,
    GaveUp,
}

/// What is not covered yet: rows for each world.
type Open = Vec<Vec<Vec<u64>>>;

struct Search<'l> {
    worlds: Vec<World<'l>>,
}

impl Search<'_> {
    /// Looks for a cover of what is open by so many rules; its places are appended to `chosen`.
    fn within(&self, size: usize, open: &Open, chosen: &mut Vec<usize>, limit: &mut Limit<'_>) -> Found {
        if open.iter().all(Vec::is_empty) {
            return Found::Yes;
        }
        if size == 0 {
            return Found::No;
        }
        limit.effort.take_work(self.cost(open));
        for place in self.fewest_matching(open) {
            if limit.steps == 0 || limit.effort.is_spent() {
                return Found::GaveUp;
            }
            limit.steps -= 1;
            chosen.push(place);
            match self.within(size - 1, &self.without(open, place), chosen, limit) {
                Found::No => {}
                other => return other,
            }
            chosen.pop();
        }
        Found::No
    }

    /// What it costs to look through what is open.
    fn cost(&self, open: &Open) -> usize {
        let of = |(world, rows): (&World<'_>, &Vec<Vec<u64>>)| {
            rows.len() * (2 * world.row().len() + LOOK * world.near.len())
        };
        self.worlds.iter().zip(open).map(of).sum()
    }

    /// The rules that match one packet of what is open, for a packet that few match.
    fn fewest_matching(&self, open: &Open) -> Vec<usize> {
        let packets = self.worlds.iter().zip(open).flat_map(|(world, rows)| {
            rows.iter().map(move |row| world.matching(&world.layout.one_packet(row)))
        });
        packets.min_by_key(Vec::len).unwrap_or_default()
    }

    /// What is left open when a rule takes its packets.
    fn without(&self, open: &Open, place: usize) -> Open {
        let worlds = self.worlds.iter().zip(open);
        worlds.map(|(world, rows)| world.layout.without(rows, place)).collect()
    }

    /// All rules that match anything, less each that the others can do without, the latest first.
    fn irredundant(&self, whole: &Open, effort: &mut Effort) -> Option<Vec<usize>> {
        let places = |world: &World<'_>| -> Vec<usize> {
            world.near.iter().map(|entry| world.layout.place(*entry)).collect()
        };
        let mut chosen: Vec<usize> = self.worlds.iter().flat_map(places).collect();
        chosen.sort_unstable();
        chosen.dedup();
        for place in chosen.clone().into_iter().rev() {
            let mut open = whole.clone();
            for other in chosen.iter().filter(|other| **other != place) {
                effort.take_work(
                    self.worlds.iter().zip(&open).map(|(world, rows)| rows.len() * world.row().len()).sum(),
                );
                if effort.is_spent() {
                    return None;
                }
                open = self.without(&open, *other);
            }
            if open.iter().all(Vec::is_empty) {
                chosen.retain(|other| *other != place);
            }
        }
        Some(chosen)
    }
}

impl Layout {
    /// One packet of a box, as a row with one bit a side.
    fn one_packet(&self, row: &[u64]) -> Vec<u64> {
        let mut packet = vec![0; row.len()];
        for side in &self.spans {
            if let Some(class) = bits::ones(&row[side.clone()]).next() {
                bits::set(&mut packet[side.clone()], class);
            }
        }
        packet
    }

    /// Boxes less what the rule at a place matches for certain.
    fn without(&self, rows: &[Vec<u64>], place: usize) -> Vec<Vec<u64>> {
        let Some(must) = self.entry_at(place).and_then(|entry| self.must(entry)) else {
            return rows.to_vec();
        };
        let mut rest = Vec::with_capacity(rows.len());
        for row in rows {
            if self.meet(must, row) {
                let mut inside = row.clone();
                self.cut(&mut inside, must, |_, outside, _| rest.push(outside.to_vec()));
            } else {
                rest.push(row.clone());
            }
        }
        rest
    }
}
