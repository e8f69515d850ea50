//! Rules as entries: one for each pair of addresses that a rule names, with its sides as numbers of
//! distinct sets.
//!
//! A rule has one pattern for protocols with ports and one for those without. Nearly always they name the same
//! addresses, and make one entry; where they do not, each is an entry of its own. A packet is of one kind, so
//! it meets at most one entry of a rule.

use super::super::policy::{Pattern, PolicyRule};
use crate::sets::{AddressSet, Classes, Distinct, IntervalSet, PacketBox, PortSet, ProtocolSet};

/// A thing that is said twice: for the packets that a rule may match, and for those that it must match.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Pair<T> {
    pub(super) may: T,
    /// `None` where there is no packet that must match.
    pub(super) must: Option<T>,
}

impl<T: Copy> Pair<T> {
    pub(super) fn map<U>(&self, change: impl Fn(T) -> U) -> Pair<U> {
        Pair { may: change(self.may), must: self.must.map(change) }
    }
}

/// The numbers of an address side: its IPv4 part, its IPv6 part.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct AddressSide {
    pub(super) v4: usize,
    pub(super) v6: usize,
}

/// The sides of a pattern, but for its ports, as numbers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Addresses {
    pub(super) source: AddressSide,
    pub(super) destination: AddressSide,
}

/// The protocols and ports of a pattern, as numbers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Service {
    pub(super) protocols: usize,
    pub(super) source_ports: usize,
    pub(super) destination_ports: usize,
}

/// A rule, or the half of a rule that speaks of one kind of protocol.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// The rule's place in the order of evaluation.
    pub(super) rank: usize,
    pub(super) addresses: Pair<Addresses>,
    pub(super) with_ports: Option<Pair<Service>>,
    pub(super) without_ports: Option<Pair<Service>>,
}

/// All entries, and the sets that they name.
pub(super) struct Entries {
    /// In order of their ranks.
    pub(super) list: Vec<Entry>,
    /// Whether every entry must match whatever it may match.
    pub(super) exact: bool,
    pub(super) protocols: Vec<ProtocolSet>,
    source: AddressSets,
    destination: AddressSets,
    source_ports: Vec<PortSet>,
    destination_ports: Vec<PortSet>,
}

struct AddressSets {
    v4: Vec<IntervalSet<u32>>,
    v6: Vec<IntervalSet<u128>>,
}

impl AddressSets {
    fn of(&self, side: AddressSide) -> (&IntervalSet<u32>, &IntervalSet<u128>) {
        (&self.v4[side.v4], &self.v6[side.v6])
    }
}

/// The classes of each field over the sets of the entries.
pub(super) struct FieldClasses {
    pub(super) source: AddressClasses,
    pub(super) destination: AddressClasses,
    pub(super) source_ports: Classes<u16>,
    pub(super) destination_ports: Classes<u16>,
}

/// The classes of an address field, by family.
pub(super) struct AddressClasses {
    pub(super) v4: Classes<u32>,
    pub(super) v6: Classes<u128>,
}

impl Entries {
    /// Numbers the sides of rules that are in order of evaluation.
    pub(super) fn new(rules: &[PolicyRule]) -> Self {
        let mut numbers = Numbers::new();
        let mut list: Vec<Entry> = Vec::with_capacity(rules.len());
        for (rank, rule) in rules.iter().enumerate() {
            let first_of_rule = list.len();
            for pattern in &rule.patterns {
                let entry = numbers.entry(rank, pattern);
                let joined = list[first_of_rule..].first_mut().is_some_and(|other| other.join(&entry));
                if !joined {
                    list.push(entry);
                }
            }
        }
        let exact = list.iter().all(Entry::is_exact);
        Self {
            list,
            exact,
            protocols: numbers.protocols.sets,
            source: numbers.source.sets(),
            destination: numbers.destination.sets(),
            source_ports: numbers.source_ports.sets,
            destination_ports: numbers.destination_ports.sets,
        }
    }

    /// The two families of a source side.
    pub(super) fn source(&self, side: AddressSide) -> (&IntervalSet<u32>, &IntervalSet<u128>) {
        self.source.of(side)
    }

    /// The two families of a destination side.
    pub(super) fn destination(&self, side: AddressSide) -> (&IntervalSet<u32>, &IntervalSet<u128>) {
        self.destination.of(side)
    }

    pub(super) fn source_ports(&self, number: usize) -> &PortSet {
        &self.source_ports[number]
    }

    pub(super) fn destination_ports(&self, number: usize) -> &PortSet {
        &self.destination_ports[number]
    }

    /// Sorts the values of each field into classes.
    pub(super) fn classes(&self) -> FieldClasses {
        let addresses = |sets: &AddressSets| AddressClasses {
            v4: Classes::new(&IntervalSet::all(), &sets.v4),
            v6: Classes::new(&IntervalSet::all(), &sets.v6),
        };
        let ports = |sets: &[PortSet]| Classes::new(&PortSet::all(), sets);
        FieldClasses {
            source: addresses(&self.source),
            destination: addresses(&self.destination),
            source_ports: ports(&self.source_ports),
            destination_ports: ports(&self.destination_ports),
        }
    }
}

impl Entry {
    /// Takes in the other half of the rule where it names the same addresses.
    fn join(&mut self, other: &Self) -> bool {
        let (own, others) = (&mut self.addresses, &other.addresses);
        let same_must = own.must.is_none() || others.must.is_none() || own.must == others.must;
        let apart = (self.with_ports.is_none() || other.with_ports.is_none())
            && (self.without_ports.is_none() || other.without_ports.is_none());
        let joins = apart && own.may == others.may && same_must;
        if joins {
            // Without a service that must match, what stands here for addresses says nothing.
            own.must = own.must.or(others.must);
            self.with_ports = self.with_ports.or(other.with_ports);
            self.without_ports = self.without_ports.or(other.without_ports);
        }
        joins
    }

    /// Whether the entry must match whatever it may match.
    pub(super) fn is_exact(&self) -> bool {
        let exact =
            |service: &Option<Pair<Service>>| service.is_none_or(|service| service.must == Some(service.may));
        self.addresses.must == Some(self.addresses.may)
            && exact(&self.with_ports)
            && exact(&self.without_ports)
    }
}

/// The distinct sets met so far.
struct Numbers {
    protocols: Distinct<ProtocolSet, ProtocolSet>,
    source: AddressNumbers,
    destination: AddressNumbers,
    source_ports: Distinct<PortSet, usize>,
    destination_ports: Distinct<PortSet, usize>,
}

impl Numbers {
    fn new() -> Self {
        Self {
            protocols: Distinct::new(),
            source: AddressNumbers::new(),
            destination: AddressNumbers::new(),
            source_ports: Distinct::new(),
            destination_ports: Distinct::new(),
        }
    }

    /// The entry that a pattern is by itself.
    fn entry(&mut self, rank: usize, pattern: &Pattern) -> Entry {
        let may = self.sides(&pattern.may);
        let must = pattern.must.as_ref().map(|must| self.sides(must));
        let sides = Pair { may, must };
        let service = Some(sides.map(|(_, service)| service));
        let ported = !pattern.may.protocols.intersection(ProtocolSet::with_ports()).is_empty();
        let (with_ports, without_ports) = if ported { (service, None) } else { (None, service) };
        Entry { rank, addresses: sides.map(|(addresses, _)| addresses), with_ports, without_ports }
    }

    fn sides(&mut self, sides: &PacketBox) -> (Addresses, Service) {
        let addresses = Addresses {
            source: self.source.number(&sides.source),
            destination: self.destination.number(&sides.destination),
        };
        let ports = |numbers: &mut Distinct<PortSet, usize>, set: &PortSet| numbers.number(set, set.place());
        let service = Service {
            protocols: self.protocols.number(&sides.protocols, sides.protocols),
            source_ports: ports(&mut self.source_ports, &sides.source_ports),
            destination_ports: ports(&mut self.destination_ports, &sides.destination_ports),
        };
        (addresses, service)
    }
}

struct AddressNumbers {
    v4: Distinct<IntervalSet<u32>, usize>,
    v6: Distinct<IntervalSet<u128>, usize>,
}

impl AddressNumbers {
    fn new() -> Self {
        Self { v4: Distinct::new(), v6: Distinct::new() }
    }

    fn number(&mut self, set: &AddressSet) -> AddressSide {
        AddressSide {
            v4: self.v4.number(&set.v4, set.v4.place()),
            v6: self.v6.number(&set.v6, set.v6.place()),
        }
    }

    fn sets(self) -> AddressSets {
        AddressSets { v4: self.v4.sets, v6: self.v6.sets }
    }
}
