//! What each rule still does among the others: how much of what it matches it decides, which earlier rules
//! take the rest, and whether anything would change without it.
//!
//! In: a [`Policy`]. Out: a [`Standing`] for each of its rules. Serves S2 (first match) and S135 (names are
//! the caller's). Exact: counts are of packets, and a rule is dead only where no packet reaches it.

use super::{Policy, RulePart};
use crate::model::{Direction, Packet};
use crate::sets::{Count, PacketSet};

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
    /// The fewest earlier rules that take for certain what the rule does not decide, by their places in the
    /// rule set and in order of evaluation. Empty where it decides all that it matches.
    pub cover: Vec<usize>,
    /// The rules that would decide its packets without it, in order of evaluation.
    pub heirs: Vec<usize>,
    /// Whether the verdict of every packet stays the same without it. True for a dead rule.
    pub redundant: bool,
}

impl Policy {
    /// The standing of each rule, in order of evaluation. `direction` is that of the witnesses.
    pub fn standings(&self, direction: Direction) -> Vec<Standing> {
        (0..self.rules.len()).map(|place| self.standing(place, direction)).collect()
    }

    fn standing(&self, place: usize, direction: Direction) -> Standing {
        let rule = &self.rules[place];
        let matched = rule
            .patterns
            .iter()
            .fold(PacketSet::empty(), |all, pattern| all.union(&PacketSet::product(&pattern.may)));
        let parts = self.partition(&matched);
        let own = parts.iter().filter(|part| part.decision.candidates.contains(&rule.index));
        let decided = own.fold(PacketSet::empty(), |all, part| all.union(&part.packets));
        let without = Self {
            rules: self.rules.iter().filter(|other| other.index != rule.index).cloned().collect(),
            platform: self.platform.clone(),
        };
        let mut heirs: Vec<usize> =
            without.partition(&decided).into_iter().flat_map(|part| part.decision.candidates).collect();
        let order = |index: &usize| self.rules.iter().position(|rule| rule.index == *index);
        heirs.sort_by_key(order);
        heirs.dedup();
        let taken = parts.iter().filter(|part| !part.decision.candidates.contains(&rule.index));
        let mut cover: Vec<usize> = taken.flat_map(|part| self.takers(part)).collect();
        cover.sort_by_key(order);
        cover.dedup();
        Standing {
            rule: rule.index,
            matches: matched.size(),
            decides: decided.size(),
            witness: decided.witness(direction),
            cover,
            heirs,
            redundant: self.difference(&without, &decided).is_empty(),
        }
    }

    /// The candidates of a part that take its packets for certain: mostly the last one, but of rules with one
    /// priority any, and one of unknown priority stands among them where it was first met.
    fn takers(&self, part: &RulePart) -> Vec<usize> {
        let (mut rest, mut takers) = (part.packets.clone(), Vec::new());
        for index in part.decision.candidates.iter().rev() {
            let patterns =
                self.rules.iter().filter(|rule| rule.index == *index).flat_map(|rule| &rule.patterns);
            let left = patterns
                .filter_map(|pattern| pattern.must.as_ref())
                .fold(rest.clone(), |left, must| left.difference(&PacketSet::product(must)));
            if left.size() < rest.size() {
                takers.push(*index);
                rest = left;
            }
        }
        takers
    }
}
