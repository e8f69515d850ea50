//! First-match evaluation of one policy for one packet.
//!
//! In: a [`Policy`] and a [`Packet`]. Out: a [`Decision`] that names its rules.
//! Serves S1 to S9. Cost: linear in the rules; see [`super::Classifier`] for many packets and
//! [`Policy::partition`] for whole sets.

use super::policy::{Policy, PolicyRule};
use crate::model::{Access, Packet, Verdict};
use rustc_hash::FxHashSet;

/// So many candidates are looked through sooner than a set of them is made.
const FEW: usize = 32;

/// What a rule set says about one packet, or about packets that no rule tells apart.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decision {
    /// `Allowed`, `Blocked` or `Unknown`.
    pub verdict: Verdict,
    /// The rules that may be the first to match, in order, by their place in the rule set; the only one
    /// where the input settles it. The last one matches whatever is missing.
    pub candidates: Vec<usize>,
    /// Whether the rules cut the question into more than is looked at, so that nothing is known of these packets.
    pub cut_off: bool,
}

/// How a list of candidates ends.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) enum End {
    /// No rule of it matches for certain.
    Open,
    /// The last one matches for certain, or one of its group.
    Settled,
    /// What comes behind it was not looked at ([`Effort`](super::Effort)).
    CutOff,
}

impl From<bool> for End {
    fn from(settled: bool) -> Self {
        if settled { Self::Settled } else { Self::Open }
    }
}

impl Policy {
    /// Walks the priorities in order; a rule that must match ends the walk after its group (S2, S8).
    pub fn first_match(&self, packet: &Packet) -> Decision {
        let mut candidates: Vec<&PolicyRule> = Vec::new();
        for group in self.rules.chunk_by(|a, b| a.order == b.order) {
            let mut settled = false;
            for rule in group {
                if rule.patterns.iter().any(|pattern| pattern.may.contains(packet)) {
                    candidates.push(rule);
                }
                settled |= rule
                    .patterns
                    .iter()
                    .any(|pattern| pattern.must.as_ref().is_some_and(|must| must.contains(packet)));
            }
            if settled {
                return decide(candidates.into_iter().map(|rule| (rule.index, rule.access)), End::Settled);
            }
        }
        decide(candidates.into_iter().map(|rule| (rule.index, rule.access)), End::Open)
    }
}

/// The verdict of rules that may decide: theirs where they agree, else unknown. Unless the last of them
/// settles it nothing is known, since no rule at all may match (S4).
pub(super) fn decide(candidates: impl Iterator<Item = (usize, Option<Access>)>, end: End) -> Decision {
    let (mut can_allow, mut can_deny) = (false, false);
    let mut found: Vec<usize> = Vec::new();
    let mut many: FxHashSet<usize> = FxHashSet::default();
    for (index, access) in candidates {
        can_allow |= access != Some(Access::Deny);
        can_deny |= access != Some(Access::Allow);
        // A rule of unknown priority stands in two places.
        let is_new = match found.len() {
            0..FEW => !found.contains(&index),
            _ => {
                if many.is_empty() {
                    many.extend(&found);
                }
                many.insert(index)
            }
        };
        if is_new {
            found.push(index);
        }
    }
    let verdict = match (end, can_allow, can_deny) {
        (End::Settled, true, false) => Verdict::Allowed,
        (End::Settled, false, true) => Verdict::Blocked,
        _ => Verdict::Unknown,
    };
    Decision { verdict, candidates: found, cut_off: end == End::CutOff }
}
