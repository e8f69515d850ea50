//! Edits that may change the meaning.

use super::super::rules::{every_port, settled, takes_ports};
use super::super::words::halves;
use super::keep::other_access;
use super::{Bench, Outcome, put};
use crate::model::{Fact, PortRange, Protocol, RulePriority};
use crate::rules::{AddressTerm, PortTerm, ProtocolTerm, Rule, RuleSet, Written};

impl Bench<'_, '_> {
    pub(super) fn add(&self) -> Outcome {
        let new = &self.seed.new;
        let wanted = new.priority.number().and_then(|number| u16::try_from(number).ok()).unwrap_or(100);
        let number = self.free_priority(new.direction.known().copied(), wanted)?;
        let name = self.fresh_name("added");
        let said = format!("{name} is added");
        let rule = Rule { name, priority: settled(number), ..new.clone() };
        Some((self.with(rule)?, said))
    }

    pub(super) fn remove(&self) -> Outcome {
        let place = *self.places().first()?;
        let mut rules = self.rules.clone();
        let removed = rules.rules.remove(place);
        Some((rules, format!("{} is removed", removed.name)))
    }

    pub(super) fn flip_access(&self, rule: &mut Rule) -> Option<String> {
        let access = other_access(*rule.access.known()?);
        rule.access = Fact::Known(access);
        Some(format!("{access}"))
    }

    /// To a protocol without ports only where the rule names none (U6).
    pub(super) fn change_protocol(&self, rule: &mut Rule) -> Option<String> {
        let narrow = |ports: &[Written<PortTerm>]| ports != every_port();
        let ported = [Protocol::TCP, Protocol::UDP].map(ProtocolTerm::One);
        let mut choices = vec![ProtocolTerm::Any];
        choices.extend(ported);
        if !narrow(&rule.source.ports) && !narrow(&rule.destination.ports) {
            choices.extend([Protocol::ICMP, Protocol::ESP, Protocol::AH].map(ProtocolTerm::One));
        }
        choices.retain(|choice| *choice != rule.protocol);
        rule.protocol = self.seed.other.get(&choices).clone();
        Some(format!("protocol {}", rule.protocol))
    }

    pub(super) fn widen_addresses(&self, rule: &mut Rule) -> Option<String> {
        for (name, side) in self.sides(rule) {
            for at in 0..side.addresses.len() {
                let AddressTerm::Prefix { net, .. } = side.addresses[at].value else { continue };
                let Some(wider) = net.supernet() else { continue };
                put(&mut side.addresses, at, [AddressTerm::Prefix { net: wider.trunc(), host_bits: false }]);
                return Some(format!("the {name} is widened from {net} to {}", wider.trunc()));
            }
            if side.addresses.iter().all(|written| written.value != AddressTerm::Any) {
                side.addresses = vec![Written::singular(AddressTerm::Any)];
                return Some(format!("the {name} is widened to *"));
            }
        }
        None
    }

    pub(super) fn narrow_addresses(&self, rule: &mut Rule) -> Option<String> {
        let word = self.seed.new.source.addresses.iter().find_map(|written| match &written.value {
            AddressTerm::Prefix { net, .. } if net.prefix_len() > 0 => Some(*net),
            _ => None,
        });
        for (name, side) in self.sides(rule) {
            if side.addresses.len() > 1 {
                let at = self.seed.other.index(side.addresses.len());
                let value = side.addresses[at].value.clone();
                put(&mut side.addresses, at, []);
                return Some(format!("the {name} loses {value}"));
            }
            let narrower = match side.addresses.first().map(|written| &written.value)? {
                AddressTerm::Prefix { net, .. } => halves(net).map(|parts| *self.seed.other.get(&parts)),
                AddressTerm::Any => word,
                _ => None,
            };
            if let Some(net) = narrower {
                put(&mut side.addresses, 0, [AddressTerm::Prefix { net, host_bits: false }]);
                return Some(format!("the {name} is narrowed to {net}"));
            }
        }
        None
    }

    pub(super) fn widen_ports(&self, rule: &mut Rule) -> Option<String> {
        for (name, side) in self.sides(rule) {
            let known = |written: &Written<PortTerm>| match written.value {
                PortTerm::Range(range) => Some(range),
                _ => None,
            };
            let Some((at, range)) = side.ports.iter().enumerate().find_map(|(at, p)| Some((at, known(p)?)))
            else {
                continue;
            };
            if range.is_all() {
                continue;
            }
            let more = (range.high() - range.low()).saturating_add(1);
            let wider = match self.seed.other.index(2) {
                0 => PortRange::ALL,
                _ => PortRange::new(range.low().saturating_sub(more), range.high().saturating_add(more))?,
            };
            // A list with `*` in it is not one that Azure takes.
            if wider.is_all() {
                side.ports = every_port();
            } else {
                put(&mut side.ports, at, [PortTerm::Range(wider)]);
            }
            return Some(format!("the {name}'s ports are widened from {range} to {wider}"));
        }
        None
    }

    pub(super) fn narrow_ports(&self, rule: &mut Rule) -> Option<String> {
        if !takes_ports(&rule.protocol) {
            return None;
        }
        for (name, side) in self.sides(rule) {
            if side.ports.len() > 1 {
                let at = self.seed.other.index(side.ports.len());
                let value = side.ports[at].value.clone();
                put(&mut side.ports, at, []);
                return Some(format!("the {name} loses the ports {value}"));
            }
            let Some(PortTerm::Range(range)) = side.ports.first().map(|written| written.value.clone()) else {
                continue;
            };
            let middle = range.low().midpoint(range.high());
            let halves = [
                PortRange::new(range.low(), middle),
                middle.checked_add(1).and_then(|m| PortRange::new(m, range.high())),
            ];
            if let [Some(lower), Some(upper)] = halves {
                let half = *self.seed.other.get(&[lower, upper]);
                put(&mut side.ports, 0, [PortTerm::Range(half)]);
                return Some(format!("the {name}'s ports are narrowed from {range} to {half}"));
            }
        }
        None
    }

    /// The side that the new rule of the seed has, so that lists stay as Azure takes them.
    pub(super) fn replace_address(&self, rule: &mut Rule) -> Option<String> {
        let new = self.seed.new.source.addresses.clone();
        let (name, side) = self.sides(rule).into_iter().next()?;
        if new == side.addresses {
            return None;
        }
        let words: Vec<String> = new.iter().map(|written| written.value.to_string()).collect();
        side.addresses = new;
        Some(format!("the {name} becomes {}", words.join(",")))
    }

    pub(super) fn change_priority(&self, rule: &mut Rule) -> Option<String> {
        let RulePriority::Custom(old) = rule.priority else { return None };
        let number = self.free_priority(rule.direction.known().copied(), self.seed.priority)?;
        rule.priority = settled(number);
        Some(format!("moved from {} to {number}", old.number()))
    }

    /// Of one direction: another's number may be taken there.
    pub(super) fn swap(&self) -> Outcome {
        let places = self.places();
        let first = *places.first()?;
        let direction = |place: usize| self.rules.rules[place].direction.known();
        let partners: Vec<usize> = places
            .into_iter()
            .skip(1)
            .filter(|place| direction(*place) == direction(first) && direction(first).is_some())
            .collect();
        if partners.is_empty() {
            return None;
        }
        let (rules, said): (RuleSet, String) = self.swapped(first, *self.seed.other.get(&partners));
        Some((rules, said))
    }
}
