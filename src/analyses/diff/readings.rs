//! Undocumented points whose other reading would change what differs.
//!
//! In: two checkpoints and what differs between them. Out: the switches that the difference hangs on. A point
//! that both sides hang on in the same way is none: then nothing differs in either reading.

use crate::model::{Assumption, Origin, Switch, Verdict};
use crate::network::SecurityGroup;
use crate::rules::policy::Reading;
use crate::rules::stakes::Stakes;
use crate::rules::{ChangedPart, Effort, Policy, Rule, RuleSet};
use crate::sets::{Count, PacketSet};
use crate::walk::{Change, Checkpoint, Part};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The undocumented points that the difference of two checkpoints hangs on.
pub(super) fn at_stake(
    old: &Checkpoint<'_>,
    new: &Checkpoint<'_>,
    asked: &PacketSet,
    found: &[Change],
    effort: Effort,
) -> Vec<Assumption> {
    let part = |change: &Change| Part { packets: change.packets.clone(), outcome: change.new.clone() };
    let parts: Vec<Part> = found.iter().map(part).collect();
    // What hangs on the packets alone, and on no reading of a rule.
    let mut assumptions = new.assumptions(&PacketSet::empty(), &parts);
    match (old.group(), new.group()) {
        (Some(before), Some(after)) => {
            let changed = Changed::new(before, after);
            let sides = Readings { old, new, before, after, changed, effort: RefCell::new(effort) };
            assumptions.extend(sides.switches(asked).into_iter().map(Assumption::of));
        }
        // Without rules on one side, the difference hangs on what the other side's rules hang on.
        (Some(_), None) => assumptions.extend(old.assumptions(asked, &[])),
        (None, Some(_)) => assumptions.extend(new.assumptions(asked, &[])),
        (None, None) => {}
    }
    assumptions
}

/// Rules that only one side has, whatever they are called and wherever they stand in their file.
struct Changed {
    rules: RuleSet,
}

impl Changed {
    fn new(before: &SecurityGroup, after: &SecurityGroup) -> Self {
        let (old, new) = (by_order(before), by_order(after));
        let only = |rules: &BTreeMap<i64, Vec<Rule>>, others: &BTreeMap<i64, Vec<Rule>>| {
            let changed = rules.iter().filter(|(order, rules)| others.get(order) != Some(*rules));
            changed.flat_map(|(_, rules)| rules.clone()).collect::<Vec<Rule>>()
        };
        let rules = [only(&old, &new), only(&new, &old)].concat();
        Self { rules: RuleSet { rules } }
    }
}

/// The rules of a group without their names and places, by their order; those of one order as in the input.
fn by_order(group: &SecurityGroup) -> BTreeMap<i64, Vec<Rule>> {
    let mut rules: BTreeMap<i64, Vec<Rule>> = BTreeMap::new();
    for rule in &group.rules.rules {
        let bare = Rule { name: String::new(), origin: Origin::command_line(""), ..rule.clone() };
        rules.entry(rule.priority.order()).or_default().push(bare);
    }
    rules
}

struct Readings<'a> {
    old: &'a Checkpoint<'a>,
    new: &'a Checkpoint<'a>,
    before: &'a SecurityGroup,
    after: &'a SecurityGroup,
    changed: Changed,
    /// What all readings together may still cost.
    effort: RefCell<Effort>,
}

impl Readings<'_> {
    /// The switches of either side under whose other reading something else differs.
    fn switches(&self, asked: &PacketSet) -> Vec<Switch> {
        if self.has_same_words() && self.changed.rules.rules.is_empty() {
            return Vec::new();
        }
        let mut stakes: BTreeMap<Switch, PacketSet> = BTreeMap::new();
        for (checkpoint, group) in [(self.old, self.before), (self.new, self.after)] {
            let found = Stakes::new(&group.rules, checkpoint.direction, &checkpoint.point.surroundings);
            for stake in found.of(asked) {
                let known = stakes.entry(stake.switch).or_default();
                *known = known.union(&stake.packets);
            }
        }
        let default = self.policies(&Reading::DEFAULT);
        let hangs = stakes.into_iter().filter(|(switch, packets)| self.hangs_on(*switch, packets, &default));
        let mut switches: Vec<Switch> = hangs.map(|(switch, _)| switch).collect();
        // Which of two rules of one name was deployed last is not known on either side.
        if !self.before.replaced.is_empty() || !self.after.replaced.is_empty() {
            switches.push(Switch::INLINE_AND_CHILD);
        }
        switches
    }

    /// Whether words of rules stand for the same on both sides.
    fn has_same_words(&self) -> bool {
        let (here, there) = (&self.old.point.surroundings, &self.new.point.surroundings);
        std::ptr::eq(here.tags, there.tags)
            && here.virtual_network == there.virtual_network
            && here.groups == there.groups
    }

    /// Whether another reading changes what differs among some packets.
    fn hangs_on(&self, switch: Switch, packets: &PacketSet, default: &(Policy, Policy)) -> bool {
        let reading = Reading::alternative(switch);
        let packets = self.touched(packets, &reading);
        if packets.is_empty() {
            return false;
        }
        let of_services = switch == Switch::PLATFORM_TAG_ORDER;
        let pick = |policy: &Policy| if of_services { policy.for_platform() } else { policy.clone() };
        let pair = |(old, new): &(Policy, Policy)| [pick(old), pick(new)];
        let ([old, new], [other_old, other_new]) = (pair(default), pair(&self.policies(&reading)));
        // Only where a reading changes one of the sides can it change what differs between them.
        [(&old, &other_old), (&new, &other_new)].into_iter().any(|(side, read_otherwise)| {
            let parts = self.difference(side, read_otherwise, &packets);
            let boxes = parts.iter().flat_map(|part| part.packets.boxes()).cloned().collect();
            let moved = PacketSet::from_disjoint(boxes);
            // What is not looked at to the end may hang on it.
            !moved.is_empty()
                && (self.is_spent()
                    || !is_same(
                        &self.difference(&old, &new, &moved),
                        &self.difference(&other_old, &other_new, &moved),
                    ))
        })
    }

    fn difference(&self, before: &Policy, after: &Policy, packets: &PacketSet) -> Vec<ChangedPart> {
        let mut effort = self.effort.borrow_mut();
        let parts = before.difference_within(after, packets, &mut effort);
        effort.next_question();
        parts
    }

    fn is_spent(&self) -> bool {
        self.effort.borrow().is_spent()
    }

    /// The packets that one of a few changed rules may match in either reading: no others can differ. All of them
    /// where many rules changed, or words stand for something else.
    fn touched(&self, packets: &PacketSet, reading: &Reading) -> PacketSet {
        const FEW: usize = 32;
        if self.changed.rules.rules.len() > FEW || !self.has_same_words() {
            return packets.clone();
        }
        let matched = |reading: &Reading| {
            let place = &self.old.point.surroundings;
            let policy = Policy::compile(&self.changed.rules, self.old.direction, place, reading);
            let with_services = [policy.for_platform(), policy];
            with_services.iter().fold(PacketSet::empty(), |all, policy| {
                let parts = policy.partition_within(packets, &mut self.effort.borrow_mut()).into_iter();
                let boxes = parts
                    .filter(|part| part.decision.cut_off || !part.decision.candidates.is_empty())
                    .flat_map(|part| part.packets.boxes().to_vec());
                all.union(&PacketSet::from_disjoint(boxes.collect()))
            })
        };
        matched(&Reading::DEFAULT).union(&matched(reading))
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
