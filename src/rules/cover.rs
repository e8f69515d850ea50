//! The fewest rules that cover another one.
//!
//! In: earlier rules and a rule, all of whose packets that are asked about they match for certain. Out: the
//! smallest set of them that does. Every packet of the rule must be matched by one of the set, so the search takes a packet that
//! few of them match, tries each of these, and goes on with what is left; sets of one are tried first, then of
//! two, and so on. The question is a hard one in general (set cover): after [`STEPS`] the search settles for
//! a set from which no rule can be left out.

use super::layout::Layout;
use super::policy::PolicyRule;
use crate::sets::{PacketBox, PacketSet, bits};

/// How many sets of rules are looked at for one rule.
const STEPS: usize = 2_000;

/// The rules' places among `earlier`, ascending; empty where the rule matches nothing that is asked about.
pub(super) fn fewest(earlier: &[PolicyRule], rule: &PolicyRule, asked: &PacketSet) -> Vec<usize> {
    let boxes: Vec<PacketBox> = rule.boxes_among(asked);
    if boxes.is_empty() {
        return Vec::new();
    }
    if let Some(one) = earlier.iter().position(|one| holds(one, rule)) {
        return vec![one];
    }
    let search = Search { layouts: boxes.iter().map(|asked| Layout::of_all(asked, earlier)).collect() };
    let whole: Vec<Vec<Vec<u64>>> = search.layouts.iter().map(|layout| vec![layout.grid.whole()]).collect();
    let mut steps = STEPS;
    // One that does not hold all of the rule may still hold all that is asked about.
    for size in 1.. {
        let mut chosen = Vec::new();
        match search.within(size, &whole, &mut chosen, &mut steps) {
            Found::Yes => {
                chosen.sort_unstable();
                return chosen;
            }
            Found::No => {}
            Found::GaveUp => break,
        }
    }
    search.irredundant(&whole)
}

impl PolicyRule {
    /// What a rule may match of some packets, as stored boxes.
    pub(super) fn boxes_among(&self, asked: &PacketSet) -> Vec<PacketBox> {
        let matched =
            self.patterns.iter().map(|pattern| asked.intersection(&PacketSet::product(&pattern.may)));
        matched.flat_map(|matched| matched.boxes().to_vec()).collect()
    }
}

/// Whether one rule matches for certain all that another may match.
fn holds(one: &PolicyRule, rule: &PolicyRule) -> bool {
    rule.patterns.iter().all(|pattern| {
        let musts = one.patterns.iter().filter_map(|pattern| pattern.must.as_ref());
        musts.into_iter().any(|must| pattern.may.is_subset(must))
    })
}

enum Found {
    Yes,
    No,
    GaveUp,
}

/// What is not covered yet: rows for each layout.
type Open = Vec<Vec<Vec<u64>>>;

/// The earlier rules laid out within each stored box of the rule.
struct Search {
    layouts: Vec<Layout>,
}

impl Search {
    /// Looks for a cover of what is open by so many rules; its places are appended to `chosen`.
    fn within(&self, size: usize, open: &Open, chosen: &mut Vec<usize>, steps: &mut usize) -> Found {
        if open.iter().all(Vec::is_empty) {
            return Found::Yes;
        }
        if size == 0 {
            return Found::No;
        }
        for place in self.fewest_matching(open) {
            if *steps == 0 {
                return Found::GaveUp;
            }
            *steps -= 1;
            chosen.push(place);
            match self.within(size - 1, &self.without(open, place), chosen, steps) {
                Found::No => {}
                other => return other,
            }
            chosen.pop();
        }
        Found::No
    }

    /// The rules that match one packet of what is open, for a packet that few match.
    fn fewest_matching(&self, open: &Open) -> Vec<usize> {
        let packets =
            self.layouts.iter().zip(open).flat_map(|(layout, rows)| {
                rows.iter().map(move |row| layout.matching(&layout.one_packet(row)))
            });
        packets.min_by_key(Vec::len).unwrap_or_default()
    }

    /// What is left open when a rule takes its packets.
    fn without(&self, open: &Open, place: usize) -> Open {
        let layouts = self.layouts.iter().zip(open);
        layouts.map(|(layout, rows)| layout.without(rows, place)).collect()
    }

    /// All rules that match anything, less each that the others can do without, the latest first.
    fn irredundant(&self, whole: &Open) -> Vec<usize> {
        let mut chosen: Vec<usize> =
            self.layouts.iter().flat_map(|layout| layout.entries.iter().map(|entry| entry.place)).collect();
        chosen.sort_unstable();
        chosen.dedup();
        for place in chosen.clone().into_iter().rev() {
            let others = chosen.iter().filter(|other| **other != place);
            let open = others.fold(whole.clone(), |open, other| self.without(&open, *other));
            if open.iter().all(Vec::is_empty) {
                chosen.retain(|other| *other != place);
            }
        }
        chosen
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

    /// The places of the rules that match all of a box for certain.
    fn matching(&self, row: &[u64]) -> Vec<usize> {
        let entries = (0..).take(self.entries.len()).filter(|entry| self.settles(*entry, row));
        entries.map(|entry| self.place(entry)).collect()
    }

    /// Boxes less what the rule at a place matches for certain.
    fn without(&self, rows: &[Vec<u64>], place: usize) -> Vec<Vec<u64>> {
        let entry = (0..).take(self.entries.len()).find(|entry| self.place(*entry) == place);
        let Some(must) = entry.and_then(|entry| self.must(entry)) else { return rows.to_vec() };
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
