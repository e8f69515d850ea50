//! Rules and rule sets: as Azure would accept them, and as people write them.

use super::Shown;
use super::preferring::preferring;
use super::words::{Words, expression};
use crate::model::{Access, Direction, Fact, Origin, PortRange, Priority, Protocol, RulePriority};
use crate::rules::{AddressTerm, PortTerm, ProtocolTerm, Rule, RuleSet, Side, Written};
use proptest::collection::{self, SizeRange};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;

/// How many rules a group may have (S44).
pub const MOST_RULES: usize = 1_000;

/// A rule that Azure would accept, where it knows the tags of the words.
///
/// One tag or group a side at most, several values only in lists of prefixes, narrow ports only where the
/// protocol has ports, nothing unknown. Shrinks to `100 In Allow * *:* -> *:*`.
pub fn rule(words: &Words) -> BoxedStrategy<Shown<Rule>> {
    plain_rule(words).prop_map(|rule| Shown(named(rule, 0))).boxed()
}

/// A rule as it may stand in somebody's file; see [`rules_as_written`].
pub fn rule_as_written(words: &Words) -> BoxedStrategy<Shown<Rule>> {
    ugly_rule(words).prop_map(|rule| Shown(named(rule, 0))).boxed()
}

/// A rule set that Azure would accept: its rules as [`rule`] makes them, priorities that differ within a
/// direction, [`MOST_RULES`] at most.
///
/// Shrinks by leaving out rules and making each simpler; rules that remain are numbered from 100.
///
/// ```
/// use flowcheck::strategies::{Words, rules};
/// use proptest::prelude::*;
///
/// proptest!(|(rules in rules(&Words::default(), 0..6))| {
///     prop_assert!(rules.custom().all(|rule| rule.priority.is_settled()));
/// });
/// ```
pub fn rules(words: &Words, size: impl Into<SizeRange>) -> BoxedStrategy<Shown<RuleSet>> {
    let size = size.into();
    let size = size.start().min(MOST_RULES)..=size.end_incl().min(MOST_RULES);
    let differing = |mut rules: Vec<Rule>| {
        make_priorities_differ(&mut rules);
        rule_set(rules)
    };
    collection::vec(plain_rule(words), size).prop_map(differing).boxed()
}

/// A rule set as people write them, with what a reader of files must be ready for: tags in any case, tags
/// and `*` in lists, singular beside plural, host bits, unknown tags and groups, ranges that run backwards
/// or have a dash, `Any`, expressions that cannot be evaluated, priorities that are equal, out of range or
/// unknown, narrow source ports, protocols without ports with narrow ports, empty lists, rules that may not
/// exist.
///
/// ```
/// use flowcheck::strategies::{Words, rules_as_written};
/// use proptest::prelude::*;
///
/// proptest!(|(rules in rules_as_written(&Words::default(), 0..6))| {
///     // Whatever is wrong with them: there are default rules behind.
///     prop_assert_eq!(rules.rules.len(), rules.custom().count() + 6);
/// });
/// ```
pub fn rules_as_written(words: &Words, size: impl Into<SizeRange>) -> BoxedStrategy<Shown<RuleSet>> {
    collection::vec(ugly_rule(words), size).prop_map(rule_set).boxed()
}

/// The rules with names by their place, and the default ones behind.
fn rule_set(rules: Vec<Rule>) -> Shown<RuleSet> {
    let rules = rules.into_iter().enumerate().map(|(place, rule)| named(rule, place));
    Shown(RuleSet::new(rules.collect(), &origin(0)))
}

fn named(rule: Rule, place: usize) -> Rule {
    Rule { name: format!("r{}", place + 1), origin: origin(place), ..rule }
}

fn origin(place: usize) -> Origin {
    Origin::new(&"generated".into(), u32::try_from(place + 1).unwrap_or(u32::MAX), 1, "")
}

pub(super) fn plain_rule(words: &Words) -> BoxedStrategy<Rule> {
    let protocol = prop_oneof![
        3 => Just(ProtocolTerm::Any),
        6 => select(&[Protocol::TCP, Protocol::UDP][..]).prop_map(ProtocolTerm::One),
        2 => select(&[Protocol::ICMP, Protocol::ESP, Protocol::AH][..]).prop_map(ProtocolTerm::One),
    ];
    (
        custom_priority(100, 4096),
        select(Direction::ALL),
        select(Access::ALL),
        plain_side(words, 0.2),
        plain_side(words, 0.8),
        // Last, so that ports are as plain as can be before they begin to count.
        preferring(protocol, ProtocolTerm::Any),
    )
        .prop_map(|(priority, direction, access, source, destination, protocol)| {
            let mut rule = Rule {
                name: String::new(),
                priority,
                direction: Fact::Known(direction),
                access: Fact::Known(access),
                protocol,
                source,
                destination,
                doubt: None,
                origin: origin(0),
            };
            // S24, S25, U6: such a rule with narrow ports would be one whose meaning is not known.
            if !takes_ports(&rule.protocol) {
                rule.source.ports = every_port();
                rule.destination.ports = every_port();
            }
            rule
        })
        .boxed()
}

/// Whether ports of a rule of that protocol mean something (S23 to S25).
pub(super) fn takes_ports(protocol: &ProtocolTerm) -> bool {
    !matches!(protocol, ProtocolTerm::One(protocol) if !protocol.has_ports())
}

pub(super) fn every_port() -> Vec<Written<PortTerm>> {
    vec![Written::singular(PortTerm::Range(PortRange::ALL))]
}

fn custom_priority(low: u16, high: u16) -> impl Strategy<Value = RulePriority> + Clone {
    (low..=high).prop_map(settled)
}

/// The priority of that number.
pub(super) fn settled(number: u16) -> RulePriority {
    let number = i64::from(number);
    Priority::custom(number).map_or(RulePriority::OutOfRange(number), RulePriority::Custom)
}

/// A side as Azure accepts it; its ports are narrow with the given likelihood.
fn plain_side(words: &Words, narrow: f64) -> impl Strategy<Value = Side> + use<> {
    let single = words.single_address().prop_map(|term| vec![Written::singular(term)]);
    let addresses = match words.prefix() {
        None => single.boxed(),
        Some(prefix) => prop_oneof![
            5 => single,
            1 => collection::vec(prefix, 1..=4).prop_map(singular_or_plural),
        ]
        .boxed(),
    };
    let range = words.port_range();
    let ports = prop_oneof![
        4 => range.clone().prop_map(|range| vec![Written::singular(PortTerm::Range(range))]),
        1 => collection::vec(range.prop_map(PortTerm::Range), 1..=3).prop_map(singular_or_plural),
    ];
    let ports = (prop::bool::weighted(narrow), ports)
        .prop_map(|(narrow, ports)| if narrow { ports } else { every_port() });
    side(addresses, ports)
}

/// One value as Azure takes it, or several.
fn singular_or_plural<T>(values: Vec<T>) -> Vec<Written<T>> {
    let plural = values.len() > 1;
    values.into_iter().map(|value| Written { value, plural }).collect()
}

/// Moves each rule to the next free number of its direction (S8); what is free already stays.
fn make_priorities_differ(rules: &mut [Rule]) {
    let mut taken: BTreeSet<(Option<Direction>, u16)> = BTreeSet::new();
    for rule in rules {
        let direction = rule.direction.known().copied();
        let RulePriority::Custom(priority) = rule.priority else { continue };
        let free = |number: &u16| !taken.contains(&(direction, *number));
        let number = (priority.number()..=4096).chain(100..priority.number()).find(free);
        if let Some(number) = number {
            taken.insert((direction, number));
            rule.priority = settled(number);
        }
    }
}

fn ugly_rule(words: &Words) -> BoxedStrategy<Rule> {
    let protocols = [Protocol::TCP, Protocol::UDP, Protocol::ICMP, Protocol::ESP, Protocol::AH];
    let protocol = prop_oneof![
        5 => Just(ProtocolTerm::Any),
        8 => proptest::sample::select(protocols.to_vec()).prop_map(ProtocolTerm::One),
        1 => Just(ProtocolTerm::Unknown(expression())),
    ];
    (
        ugly_priority(),
        fact(Direction::ALL),
        fact(Access::ALL),
        ugly_side(words),
        ugly_side(words),
        preferring(protocol, ProtocolTerm::Any),
        prop::bool::weighted(0.05),
    )
        .prop_map(|(priority, direction, access, source, destination, protocol, doubtful)| Rule {
            name: String::new(),
            priority,
            direction,
            access,
            protocol,
            source,
            destination,
            doubt: doubtful.then(expression),
            origin: origin(0),
        })
        .boxed()
}

fn ugly_priority() -> impl Strategy<Value = RulePriority> {
    prop_oneof![
        // Few numbers, so that neighbours and equals are common.
        12 => select(&[100u16, 101, 102, 200, 4095, 4096][..]).prop_map(settled),
        2 => custom_priority(100, 4096),
        1 => select(&[99i64, 4097, 70_000][..]).prop_map(RulePriority::OutOfRange),
        1 => Just(RulePriority::Unknown(expression())),
    ]
}

fn fact<T: Clone + std::fmt::Debug + 'static>(values: &'static [T]) -> impl Strategy<Value = Fact<T>> {
    prop_oneof![
        19 => select(values).prop_map(Fact::Known),
        1 => Just(Fact::Unknown(expression())),
    ]
}

fn ugly_side(words: &Words) -> impl Strategy<Value = Side> + use<> {
    let ports = prop_oneof![
        2 => Just(every_port()),
        3 => ugly_list(words.port_as_written()),
    ];
    side(ugly_list(words.address_as_written()), ports)
}

/// A side whose addresses and ports are every one where that fails too.
fn side(
    addresses: impl Strategy<Value = Vec<Written<AddressTerm>>>,
    ports: impl Strategy<Value = Vec<Written<PortTerm>>>,
) -> impl Strategy<Value = Side> {
    let any_address = vec![Written::singular(AddressTerm::Any)];
    (preferring(addresses, any_address), preferring(ports, every_port()))
        .prop_map(|(addresses, ports)| Side { addresses, ports })
}

/// How a list is written.
#[derive(Clone, Copy, Debug)]
enum Form {
    Singular,
    Plural,
    Both,
    Empty,
}

/// A lone value, a list, both fields at once, or nothing. The values shrink before the form does, so that one
/// value that matters ends up alone.
fn ugly_list<T: std::fmt::Debug + Clone + 'static>(
    term: BoxedStrategy<T>,
) -> impl Strategy<Value = Vec<Written<T>>> {
    let form = prop_oneof![
        50 => Just(Form::Singular),
        30 => Just(Form::Plural),
        10 => Just(Form::Both),
        2 => Just(Form::Empty),
    ];
    (collection::vec(term, 1..4), form).prop_map(|(values, form)| {
        let written = |(place, value)| Written {
            value,
            plural: match form {
                Form::Both => place > 0,
                _ => matches!(form, Form::Plural),
            },
        };
        let count = match form {
            Form::Singular => 1,
            Form::Plural | Form::Both => values.len(),
            Form::Empty => 0,
        };
        values.into_iter().take(count).enumerate().map(written).collect()
    })
}
