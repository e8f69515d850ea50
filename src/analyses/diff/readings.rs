//! Undocumented points whose other reading would change what differs.
//!
//! In: two checkpoints and what differs between them. Out: the switches that the difference hangs on. A point
//! that both sides hang on in the same way is none: then nothing differs in either reading.

use crate::model::{Assumption, Switch, Verdict};
use crate::network::SecurityGroup;
use crate::rules::policy::Reading;
use crate::rules::stakes::Stakes;
use crate::rules::{ChangedPart, Policy, Rule};
use crate::sets::{Count, PacketSet};
use crate::walk::{Change, Checkpoint, Part};
use std::collections::BTreeMap;

/// The undocumented points that the difference of two checkpoints hangs on.
pub(super) fn at_stake(
    old: &Checkpoint<'_>,
    new: &Checkpoint<'_>,
    asked: &PacketSet,
    found: &[Change],
) -> Vec<Assumption> {
    let part = |change: &Change| Part { packets: change.packets.clone(), outcome: change.new.clone() };
    let parts: Vec<Part> = found.iter().map(part).collect();
    // What hangs on the packets alone, and on no reading of a rule.
    let mut assumptions = new.assumptions(&PacketSet::empty(), &parts);
    match (old.group(), new.group()) {
        (Some(before), Some(after)) => {
            if !is_unchanged(old, new, before, after) {
                let differs = Readings { old, new, before, after };
                assumptions.extend(differs.switches(asked).into_iter().map(Assumption::of));
            }
        }
        // Without rules on one side, the difference hangs on what the other side's rules hang on.
        (Some(_), None) => assumptions.extend(old.assumptions(asked, &[])),
        (None, Some(_)) => assumptions.extend(new.assumptions(asked, &[])),
        (None, None) => {}
    }
    assumptions
}

/// Whether the rules and what their words stand for are the same, so that every reading gives no difference.
fn is_unchanged(
    old: &Checkpoint<'_>,
    new: &Checkpoint<'_>,
    before: &SecurityGroup,
    after: &SecurityGroup,
) -> bool {
    let (here, there) = (&old.point.surroundings, &new.point.surroundings);
    let same = |(rule, other): (&Rule, &Rule)| {
        let Rule { name, origin, .. } = rule;
        *rule == Rule { name: name.clone(), origin: origin.clone(), ..other.clone() }
    };
    let (before, after) = (&before.rules.rules, &after.rules.rules);
    std::ptr::eq(here.tags, there.tags)
        && here.virtual_network == there.virtual_network
        && here.groups == there.groups
        && before.len() == after.len()
        && before.iter().zip(after).all(same)
}

struct Readings<'a> {
    old: &'a Checkpoint<'a>,
    new: &'a Checkpoint<'a>,
    before: &'a SecurityGroup,
    after: &'a SecurityGroup,
}

impl Readings<'_> {
    /// The switches of either side under whose other reading something else differs.
    fn switches(&self, asked: &PacketSet) -> Vec<Switch> {
        let mut stakes: BTreeMap<Switch, PacketSet> = BTreeMap::new();
        for (checkpoint, group) in [(self.old, self.before), (self.new, self.after)] {
            let found = Stakes::new(&group.rules, checkpoint.direction, &checkpoint.point.surroundings);
            for stake in found.of(asked) {
                let known = stakes.entry(stake.switch).or_default();
                *known = known.union(&stake.packets);
            }
        }
        let (old, new) = self.policies(&Reading::DEFAULT);
        let hangs = |(switch, packets): (Switch, PacketSet)| {
            let (other_old, other_new) = self.policies(&Reading::alternative(switch));
            // Only where a reading changes one of the sides can it change what differs between them.
            let mut moved = old.difference(&other_old, &packets);
            moved.extend(new.difference(&other_new, &packets));
            let moved = moved.iter().fold(PacketSet::empty(), |all, part| all.union(&part.packets));
            let same = moved.is_empty()
                || is_same(&old.difference(&new, &moved), &other_old.difference(&other_new, &moved));
            (!same).then_some(switch)
        };
        stakes.into_iter().filter_map(hangs).collect()
    }

    fn policies(&self, reading: &Reading) -> (Policy, Policy) {
        let compile = |checkpoint: &Checkpoint<'_>, group: &SecurityGroup| {
            Policy::compile(&group.rules, checkpoint.direction, &checkpoint.point.surroundings, reading)
        };
        (compile(self.old, self.before), compile(self.new, self.after))
    }
}

/// How many packets go from one verdict to another.
fn sizes(parts: &[ChangedPart]) -> BTreeMap<(&'static str, &'static str), Count> {
    let mut sizes = BTreeMap::new();
    for part in parts {
        let verdict = |verdict: Verdict| verdict.as_str();
        let pair = (verdict(part.old.verdict), verdict(part.new.verdict));
        *sizes.entry(pair).or_default() += part.packets.size();
    }
    sizes
}

/// Whether the same packets change in the same way. Told by their numbers first, which is all that is looked at
/// where there are very many parts.
fn is_same(parts: &[ChangedPart], other: &[ChangedPart]) -> bool {
    const COMPARED: usize = 2000;
    if sizes(parts) != sizes(other) {
        return false;
    }
    let boxes = |parts: &[ChangedPart]| parts.iter().map(|part| part.packets.boxes().len()).sum::<usize>();
    if boxes(parts) + boxes(other) > COMPARED {
        return true;
    }
    parts.iter().all(|part| {
        let alike = other
            .iter()
            .filter(|other| other.old.verdict == part.old.verdict && other.new.verdict == part.new.verdict);
        let rest = alike.fold(part.packets.clone(), |rest, other| rest.difference(&other.packets));
        rest.is_empty()
    })
}
