//! Edits that keep the meaning: every packet has the verdict it had, in the default reading.

use super::super::meaning::{is_platform_tag, meaning};
use super::super::rules::{settled, takes_ports};
use super::super::words::halves;
use super::{Bench, Outcome, put};
use crate::model::{Access, Direction, Gap, PortRange, RulePriority};
use crate::rules::{AddressTerm, Extent, PortTerm, ProtocolTerm, Rule, RuleSet, Side};

/// More prefixes than this are too many for one side (S44).
const MOST_PREFIXES: usize = 4_000;

impl Bench<'_, '_> {
    /// Both sides, that of the seed first.
    pub(super) fn sides<'r>(&self, rule: &'r mut Rule) -> [(&'static str, &'r mut Side); 2] {
        let mut sides = [("source", &mut rule.source), ("destination", &mut rule.destination)];
        if self.seed.destination {
            sides.reverse();
        }
        sides
    }

    /// The order of the input means nothing, whatever stands in it (S7).
    pub(super) fn reorder(&self) -> Outcome {
        let mut rules = self.rules.clone();
        let customs = rules.custom().count();
        if customs < 2 || rules.rules[..customs].iter().any(Rule::is_default) {
            return None;
        }
        let custom = &mut rules.rules[..customs];
        if self.seed.destination {
            custom.reverse();
        } else {
            custom.rotate_left(1 + self.seed.other.index(customs - 1));
        }
        Some((rules, "the rules stand in another order".to_owned()))
    }

    pub(super) fn respell(&self, rule: &mut Rule) -> Option<String> {
        for (_, side) in self.sides(rule) {
            for written in &mut side.addresses {
                let AddressTerm::Tag(name) = &mut written.value else { continue };
                let upper = name.to_ascii_uppercase();
                let spelled = if *name == upper { name.to_ascii_lowercase() } else { upper };
                if spelled != *name {
                    let said = format!("{name} is spelled {spelled}");
                    *name = spelled;
                    return Some(said);
                }
            }
        }
        None
    }

    /// Groups are left alone: more than ten are refused (S42).
    pub(super) fn repeat(&self, rule: &mut Rule) -> Option<String> {
        for (name, side) in self.sides(rule) {
            let is_prefix = |term: &AddressTerm| matches!(term, AddressTerm::Prefix { .. });
            if let Some(at) = side.addresses.iter().position(|written| is_prefix(&written.value)) {
                let value = side.addresses[at].value.clone();
                put(&mut side.addresses, at, [value.clone(), value.clone()]);
                return Some(format!("the {name} has {value} twice"));
            }
        }
        None
    }

    pub(super) fn split_prefix(&self, rule: &mut Rule) -> Option<String> {
        for (name, side) in self.sides(rule) {
            for at in 0..side.addresses.len() {
                let AddressTerm::Prefix { net, .. } = side.addresses[at].value else { continue };
                if let Some(parts) = halves(&net) {
                    let terms = parts.map(|net| AddressTerm::Prefix { net, host_bits: false });
                    put(&mut side.addresses, at, terms);
                    return Some(format!("the {name} has {net} as two halves"));
                }
            }
        }
        None
    }

    pub(super) fn split_ports(&self, rule: &mut Rule) -> Option<String> {
        if !takes_ports(&rule.protocol) {
            return None;
        }
        for (name, side) in self.sides(rule) {
            for at in 0..side.ports.len() {
                let PortTerm::Range(range) = side.ports[at].value else { continue };
                let middle = range.low().midpoint(range.high());
                let parts = [
                    PortRange::new(range.low(), middle),
                    middle.checked_add(1).and_then(|next| PortRange::new(next, range.high())),
                ];
                if let [Some(lower), Some(upper)] = parts {
                    put(&mut side.ports, at, [lower, upper].map(PortTerm::Range));
                    return Some(format!("the {name} has the ports {range} as two ranges"));
                }
            }
        }
        None
    }

    pub(super) fn tag_to_addresses(&self, rule: &mut Rule) -> Option<String> {
        for (side_name, side) in self.sides(rule) {
            for at in 0..side.addresses.len() {
                let term = side.addresses[at].value.clone();
                let AddressTerm::Tag(name) = &term else { continue };
                let extent = meaning(&term, self.place);
                if extent.must != extent.may || is_platform_tag(&term, self.place) {
                    continue;
                }
                let nets = extent.must.to_nets();
                if nets.is_empty() || nets.len() > MOST_PREFIXES {
                    continue;
                }
                put(
                    &mut side.addresses,
                    at,
                    nets.into_iter().map(|net| AddressTerm::Prefix { net, host_bits: false }),
                );
                return Some(format!("the {side_name} has the addresses of {name} instead of the tag"));
            }
        }
        None
    }

    /// Numbers are spread anew over the range; equal ones stay equal. Over both directions at once, since a
    /// rule of unknown direction stands in both.
    pub(super) fn renumber(&self) -> Outcome {
        let places = self.places();
        let number = |place: &usize| match self.rules.rules[*place].priority {
            RulePriority::Custom(priority) => Some(priority.number()),
            _ => None,
        };
        let mut numbers: Vec<u16> = places.iter().filter_map(number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let count = u16::try_from(numbers.len()).ok().filter(|count| *count > 0)?;
        let (low, high) = (*self.priorities.start(), *self.priorities.end());
        let widest = (high - low) / count;
        let step = 1 + u16::try_from(self.seed.other.index(usize::from(widest.max(1)))).ok()?;
        let spread =
            |place: usize| u16::try_from(place).ok().map(|place| low + place * step.min(widest.max(1)));
        let mut rules = self.rules.clone();
        for place in &places {
            let Some(old) = number(place) else { continue };
            let new = numbers.binary_search(&old).ok().and_then(spread)?;
            rules.rules[*place].priority = settled(new);
        }
        (rules != *self.rules).then(|| (rules, "other priorities in the same order".to_owned()))
    }

    /// Which of two neighbours decides makes no difference where both would say the same.
    pub(super) fn swap_alike(&self) -> Outcome {
        let open = self.places();
        let pairs: Vec<[usize; 2]> =
            Direction::ALL.iter().flat_map(|direction| self.neighbours(*direction)).collect();
        let alike = |pair: &&[usize; 2]| {
            let [a, b] = pair.map(|place| &self.rules.rules[place]);
            let settled = [a, b].iter().all(|rule| rule.direction.known().is_some());
            settled && a.access.known().is_some() && a.access.known() == b.access.known()
        };
        let open_pairs: Vec<&[usize; 2]> =
            pairs.iter().filter(|pair| pair.iter().all(|place| open.contains(place))).filter(alike).collect();
        if open_pairs.is_empty() {
            return None;
        }
        let [a, b] = **self.seed.other.get(&open_pairs);
        Some(self.swapped(a, b))
    }

    pub(super) fn swapped(&self, a: usize, b: usize) -> (RuleSet, String) {
        let mut rules = self.rules.clone();
        let first = rules.rules[a].priority.clone();
        rules.rules[a].priority = std::mem::replace(&mut rules.rules[b].priority, first);
        let said = format!("{} and {} change places", rules.rules[a].name, rules.rules[b].name);
        (rules, said)
    }

    /// Custom rules that follow on each other in a direction, each alone with its priority.
    fn neighbours(&self, direction: Direction) -> Vec<[usize; 2]> {
        let mut order: Vec<(u16, usize)> = Vec::new();
        for (place, rule) in self.rules.rules.iter().enumerate() {
            let takes_part = rule.may_be_in(direction);
            if let (true, RulePriority::Custom(priority)) = (takes_part, &rule.priority) {
                order.push((priority.number(), place));
            }
        }
        order.sort_unstable();
        let alone = |at: usize| {
            let number = |at: usize| order.get(at).map(|(number, _)| *number);
            at.checked_sub(1).and_then(number) != number(at) && number(at + 1) != number(at)
        };
        (1..order.len())
            .filter(|at| alone(at - 1) && alone(*at))
            .map(|at| [order[at - 1].1, order[at].1])
            .collect()
    }

    /// A copy behind a rule that certainly takes every packet of it, whatever the copy says.
    pub(super) fn add_dead(&self) -> Outcome {
        let end = *self.priorities.end();
        self.places().into_iter().find_map(|place| {
            let rule = &self.rules.rules[place];
            let RulePriority::Custom(priority) = rule.priority else { return None };
            if !self.is_certain(rule) || priority.number() >= end {
                return None;
            }
            let direction = rule.direction.known().copied();
            let number = self.free_priority(direction, priority.number() + 1)?;
            if number <= priority.number() {
                return None;
            }
            let access = match self.seed.destination {
                true => rule.access.clone(),
                false => rule.access.clone().map(other_access),
            };
            let name = self.fresh_name("dead");
            let said = format!("{name}: a rule for the same packets behind {}", rule.name);
            let dead = Rule { name, priority: settled(number), access, ..rule.clone() };
            Some((self.with(dead)?, said))
        })
    }

    /// Whether the packets that a rule may match are those that it must.
    fn is_certain(&self, rule: &Rule) -> bool {
        let known = |side: &Side| {
            let extents =
                side.addresses.iter().map(|written| (&written.value, meaning(&written.value, self.place)));
            let settled = |(term, extent): (&AddressTerm, Extent)| {
                extent.must == extent.may && !matches!(term, AddressTerm::DashRange { .. })
            };
            let groups =
                side.addresses.iter().filter(|written| matches!(written.value, AddressTerm::Group(_)));
            groups.count() <= 10
                && extents.into_iter().all(settled)
                && side.ports.iter().all(|written| !matches!(written.value, PortTerm::Unknown(_)))
        };
        let every_port =
            |side: &Side| side.ports.iter().any(|written| written.value == PortTerm::Range(PortRange::ALL));
        let gaps: [Option<&Gap>; 2] = [rule.doubt.as_ref(), rule.direction.gap()];
        gaps.iter().all(Option::is_none)
            && self.place.unseen_own.is_none()
            && !matches!(rule.protocol, ProtocolTerm::Unknown(_))
            && (takes_ports(&rule.protocol) || every_port(&rule.source) && every_port(&rule.destination))
            && known(&rule.source)
            && known(&rule.destination)
    }
}

pub(super) fn other_access(access: Access) -> Access {
    match access {
        Access::Allow => Access::Deny,
        Access::Deny => Access::Allow,
    }
}
