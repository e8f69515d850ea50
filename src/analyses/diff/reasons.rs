//! Why packets are unknown, so that the same doubt on both sides is no change.
//!
//! In: what becomes of some packets at a checkpoint. Out: a [`Reason`]. Two of them are equal where the verdicts
//! are equal however the missing facts turn out: the same rules in the same order for the same missing facts,
//! whatever the rules are called, and however their lists are written. Groups are compared by id, since those
//! of two resource groups can have one name.

use crate::model::{Fact, Gap};
use crate::network::AttachmentPoint;
use crate::rules::surroundings::TagMeaning;
use crate::rules::{AddressTerm, Extent, PortTerm, ProtocolTerm, Reading, Rule, Side};
use crate::sets::{AddressSet, PortSet};
use crate::walk::{Checkpoint, Decider, Outcome};
use std::collections::BTreeSet;
use std::fmt::Display;

/// Why packets are unknown.
#[derive(Eq, PartialEq)]
pub(super) struct Reason {
    /// What may decide, in order.
    deciders: Vec<Placed>,
    /// What is missing.
    missing: BTreeSet<String>,
}

/// Something that may decide, and where it stands among the others.
#[derive(Eq, PartialEq)]
struct Placed {
    said: Said,
    /// Whether it has the priority of the one before it, so that nobody knows which comes first (S8).
    is_peer: bool,
    /// Its number, where another one could stand before it or behind it.
    priority: Option<i64>,
}

#[derive(Eq, PartialEq)]
enum Said {
    Rule(Box<RuleSaid>),
    Other(String),
}

/// What a rule says.
#[derive(Eq, PartialEq)]
struct RuleSaid {
    direction: String,
    access: String,
    protocol: String,
    source: SideSaid,
    destination: SideSaid,
}

/// What a side of a rule says: what is known as sets, the rest by its names.
#[derive(Default, Eq, PartialEq)]
struct SideSaid {
    addresses: AddressSet,
    ports: PortSet,
    words: BTreeSet<String>,
}

impl Reason {
    /// Why packets with this outcome are unknown.
    pub(super) fn of(outcome: &Outcome, checkpoint: &Checkpoint<'_>) -> Self {
        let deciders: Vec<&Decider> = outcome.layers.iter().flat_map(|step| &step.deciders).collect();
        let any_place_open = deciders.iter().any(|decider| decider.priority.is_none());
        let placed = |(at, decider): (usize, &&Decider)| Placed {
            said: Said::of(decider, checkpoint),
            is_peer: at > 0 && deciders[at - 1].priority == decider.priority,
            priority: decider.priority.filter(|_| any_place_open),
        };
        Self {
            deciders: deciders.iter().enumerate().map(placed).collect(),
            missing: outcome.gaps.iter().map(|gap| gap.missing().to_owned()).collect(),
        }
    }
}

impl Said {
    fn of(decider: &Decider, checkpoint: &Checkpoint<'_>) -> Self {
        let rules = checkpoint.group().map(|group| &group.rules.rules[..]).unwrap_or_default();
        let is_it = |rule: &&Rule| {
            Some(&rule.name) == decider.rule.as_ref()
                && rule.origin == decider.origin
                && rule.priority.number() == decider.priority
        };
        match rules.iter().find(is_it) {
            Some(rule) => Self::Rule(Box::new(RuleSaid::of(rule, checkpoint.point))),
            None => Self::Other(decider.to_string()),
        }
    }
}

impl RuleSaid {
    fn of(rule: &Rule, point: &AttachmentPoint<'_>) -> Self {
        Self {
            direction: known_or_missing(&rule.direction),
            access: known_or_missing(&rule.access),
            protocol: match &rule.protocol {
                ProtocolTerm::Any => "*".to_owned(),
                ProtocolTerm::One(protocol) => protocol.to_string(),
                ProtocolTerm::Unknown(gap) => unknown(gap),
            },
            source: SideSaid::of(&rule.source, point),
            destination: SideSaid::of(&rule.destination, point),
        }
    }
}

impl SideSaid {
    fn of(side: &Side, point: &AttachmentPoint<'_>) -> Self {
        let mut said = Self::default();
        for written in &side.addresses {
            match address(&written.value, point) {
                Ok(addresses) => said.addresses = said.addresses.union(&addresses),
                Err(word) => {
                    said.words.insert(word);
                }
            }
        }
        let mut ranges = Vec::new();
        for written in &side.ports {
            match &written.value {
                PortTerm::Range(range) => ranges.push((range.low(), range.high())),
                PortTerm::Never => {}
                PortTerm::Unknown(gap) => {
                    said.words.insert(format!("port {}", unknown(gap)));
                }
            }
        }
        said.ports = ranges.into_iter().collect();
        said
    }
}

/// The addresses of a term that is known, else its name.
fn address(term: &AddressTerm, point: &AttachmentPoint<'_>) -> Result<AddressSet, String> {
    let whole = |extent: &Extent| (extent.must == extent.may).then(|| extent.may.clone());
    match term {
        AddressTerm::Any | AddressTerm::LiteralAny => Ok(AddressSet::all()),
        AddressTerm::Prefix { net, .. } => Ok(AddressSet::from_nets([*net])),
        AddressTerm::Expanded { prefixes, .. } => Ok(AddressSet::from_nets(prefixes.iter().copied())),
        AddressTerm::DashRange { first, last } => Err(format!("{first}-{last}")),
        AddressTerm::Tag(name) => match point.surroundings.tag(name, &Reading::DEFAULT) {
            TagMeaning::Addresses(extent) => whole(&extent).ok_or_else(|| name.to_ascii_lowercase()),
            TagMeaning::Platform(_) => Err(name.to_ascii_lowercase()),
        },
        AddressTerm::Group(id) => {
            let members = point.surroundings.groups.get(id).and_then(whole);
            members.ok_or_else(|| id.to_string().to_ascii_lowercase())
        }
        AddressTerm::Unknown(gap) => Err(unknown(gap)),
    }
}

fn known_or_missing<T: Display>(fact: &Fact<T>) -> String {
    match fact {
        Fact::Known(value) => value.to_string(),
        Fact::Unknown(gap) => unknown(gap),
    }
}

fn unknown(gap: &Gap) -> String {
    format!("? {}", gap.missing())
}
