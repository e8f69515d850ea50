//! What changes from one checkpoint to another: the rules compared as rules where they alone decide, all layers by
//! their answers elsewhere.

use super::super::outcome::{Change, Part};
use super::Checkpoint;
use crate::rules::{ChangedPart, Effort};
use crate::sets::PacketSet;

impl Checkpoint<'_> {
    /// The packets of a set whose verdict changes from this checkpoint to another one, as after an edit of the
    /// rules or under another service tag list; none is a proof that the two are equal there.
    pub fn difference(&self, new: &Checkpoint<'_>, asked: &PacketSet) -> Vec<Change> {
        self.difference_within(new, asked, &mut self.effort())
    }

    /// The same where the comparison of the rules may cost so much.
    pub fn difference_within(
        &self,
        new: &Checkpoint<'_>,
        asked: &PacketSet,
        effort: &mut Effort,
    ) -> Vec<Change> {
        let (Some((policy, group)), Some((new_policy, new_group))) = (self.rules(), new.rules()) else {
            return moved(&self.ask(asked), &new.ask(asked));
        };
        // What the platform settles is the same on both sides but for rules that name its services.
        let (services, ordinary) = self.services_and_ordinary(asked);
        // Where other layers have a say on one side, all are compared together.
        let open = new.left_to_the_group(&self.left_to_the_group(&ordinary));
        let rest = services.union(&ordinary.difference(&open));
        let mut changes = moved(&self.ask(&rest), &new.ask(&rest));
        let change = |part: ChangedPart| Change {
            packets: part.packets,
            old: self.view(policy, group).outcome(&part.old),
            new: new.view(new_policy, new_group).outcome(&part.new),
        };
        changes.extend(policy.difference_within(new_policy, &open, effort).into_iter().map(change));
        changes
    }
}

/// The packets of two answers to one question whose verdicts differ.
fn moved(old: &[Part], new: &[Part]) -> Vec<Change> {
    Change::between(old, new, |one, other| old[one].verdict() != new[other].verdict())
}
