//! The one question that every representation answers: which rule decides which packets.
//!
//! In: a generated rule set. Out: for each stored box of the question the rules of one direction, in order,
//! with plain boxes for sides. Resolved here from the terms, apart from the product's own compiler.

use flowcheck::model::{Access, Direction};
use flowcheck::rules::surroundings::TagMeaning;
use flowcheck::rules::{
    AddressTerm, PortTerm, ProtocolTerm, Reading, Rule, RuleSet, Side, Surroundings, Written,
};
use flowcheck::sets::{AddressSet, Count, PacketBox, PacketSet, PortSet, ProtocolSet};
use std::collections::BTreeMap;

/// How many packets each rule decides, by its place in the rule set.
pub(crate) type Tally = BTreeMap<usize, Count>;

/// A partition of the packets of a question, however it is held.
pub(crate) trait Parts {
    /// How large it is, in its own unit.
    fn size(&self) -> usize;
    /// What it says.
    fn tally(&self) -> Tally;
}

/// A rule within one world: what it matches there.
pub(crate) struct Matcher {
    pub(crate) rule: usize,
    pub(crate) allows: bool,
    pub(crate) sides: PacketBox,
}

/// One stored box of the question: protocols with ports, or without, and the rules that meet it.
pub(crate) struct World {
    pub(crate) asked: PacketBox,
    pub(crate) rules: Vec<Matcher>,
}

impl World {
    /// Whether its packets have ports to tell apart; each has one port of a kind where not.
    pub(crate) fn has_ports(&self) -> bool {
        has_ports(&self.asked)
    }
}

/// All packets of IPv4, inbound.
pub(crate) fn asked() -> PacketSet {
    PacketSet::product(&PacketBox {
        protocols: ProtocolSet::ALL,
        source: AddressSet::all_v4(),
        source_ports: PortSet::all(),
        destination: AddressSet::all_v4(),
        destination_ports: PortSet::all(),
    })
}

/// The question about a rule set, split as packet sets are stored.
pub(crate) fn worlds(rules: &RuleSet, place: &Surroundings<'_>) -> Vec<World> {
    let mut inbound: Vec<(usize, &Rule)> = rules
        .rules
        .iter()
        .enumerate()
        .filter(|(_, rule)| rule.direction.known() == Some(&Direction::Inbound))
        .collect();
    inbound.sort_by_key(|(_, rule)| rule.priority.order());
    let sides: Vec<(usize, bool, PacketBox)> = inbound
        .into_iter()
        .map(|(index, rule)| (index, rule.access.known() == Some(&Access::Allow), resolve(rule, place)))
        .collect();
    let world = |asked: &PacketBox| {
        let meeting = sides.iter().filter(|(_, _, sides)| matches_in(sides, asked));
        let matcher = |(rule, allows, sides): &(usize, bool, PacketBox)| Matcher {
            rule: *rule,
            allows: *allows,
            sides: sides.clone(),
        };
        World { asked: asked.clone(), rules: meeting.map(matcher).collect() }
    };
    asked().boxes().iter().map(world).collect()
}

/// S23: a rule with a narrow port says nothing about packets without ports.
fn matches_in(sides: &PacketBox, asked: &PacketBox) -> bool {
    let every_port = sides.source_ports.is_all() && sides.destination_ports.is_all();
    (every_port || has_ports(asked)) && asked.meets(sides)
}

fn has_ports(asked: &PacketBox) -> bool {
    !asked.protocols.intersection(ProtocolSet::with_ports()).is_empty()
}

fn resolve(rule: &Rule, place: &Surroundings<'_>) -> PacketBox {
    PacketBox {
        protocols: match rule.protocol {
            ProtocolTerm::One(protocol) => ProtocolSet::of([protocol]),
            _ => ProtocolSet::ALL,
        },
        source: addresses(&rule.source, place),
        source_ports: ports(&rule.source),
        destination: addresses(&rule.destination, place),
        destination_ports: ports(&rule.destination),
    }
}

fn addresses(side: &Side, place: &Surroundings<'_>) -> AddressSet {
    let one = |written: &Written<AddressTerm>| match &written.value {
        AddressTerm::Any => AddressSet::all_v4(),
        AddressTerm::Prefix { net, .. } => AddressSet::from_nets([*net]),
        AddressTerm::Tag(name) => match place.tag(name, &Reading::DEFAULT) {
            TagMeaning::Addresses(extent) => extent.may.only_v4(),
            TagMeaning::Platform(_) => AddressSet::empty(),
        },
        _ => AddressSet::empty(),
    };
    match &side.addresses[..] {
        // One term keeps its set, which rules of one tag then share.
        [term] => one(term),
        terms => terms.iter().fold(AddressSet::empty(), |all, term| all.union(&one(term))),
    }
}

fn ports(side: &Side) -> PortSet {
    let ranges = side.ports.iter().filter_map(|written| match written.value {
        PortTerm::Range(range) => Some((range.low(), range.high())),
        _ => None,
    });
    PortSet::from_intervals(ranges)
}
