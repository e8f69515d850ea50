//! What two policies decide differently: the exact packets, with both decisions.
//!
//! In: an old and a new [`Policy`] of one direction, and the packets asked about. Out: disjoint parts on which
//! the verdicts differ; none at all is a proof that the two policies are equal there. Serves S1 to S9.

use super::{Decision, Policy};
use crate::sets::PacketSet;

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

impl Policy {
    /// The packets of a set whose verdict another policy changes. In order of the old and new deciding rules.
    pub fn difference(&self, new: &Self, asked: &PacketSet) -> Vec<ChangedPart> {
        let (old, new) = (self.partition(asked), new.partition(asked));
        let mut changes = Vec::new();
        for before in &old {
            for after in new.iter().filter(|after| after.decision.verdict != before.decision.verdict) {
                let packets = before.packets.intersection(&after.packets);
                if !packets.is_empty() {
                    changes.push(ChangedPart {
                        packets,
                        old: before.decision.clone(),
                        new: after.decision.clone(),
                    });
                }
            }
        }
        changes
    }
}
