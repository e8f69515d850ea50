//! The undocumented points that could change an answer, so that nothing else is evaluated twice.

use super::{AddressTerm, Reading, Rule, RuleSet, Side, Surroundings, Written};
use crate::model::{Direction, Protocol, Switch};
use crate::sets::{AddressSet, PacketBox, PacketSet, PortSet, ProtocolSet};
use crate::tags::special;
use std::net::IpAddr;

/// A point that is at stake, and the packets whose verdict could hang on it.
pub struct Stake {
    /// The point.
    pub switch: Switch,
    /// Its other reading.
    pub reading: Reading,
    /// The packets of the question that the other reading could treat in another way.
    pub packets: PacketSet,
}

impl Stake {
    /// A point that may concern every packet of a question.
    pub fn of_all(switch: Switch, asked: &PacketSet) -> Self {
        Self { switch, reading: Reading::alternative(switch), packets: asked.clone() }
    }
}

/// The oddities of the rules of one direction at one place, looked for once.
#[derive(Clone, Debug)]
pub struct Stakes {
    /// Points that concern every packet.
    for_all: Vec<Switch>,
    /// Points that concern IPv6 packets alone.
    for_v6: Vec<Switch>,
    /// Public addresses that `VirtualNetwork` covers too (S82).
    shadowed: AddressSet,
    /// Public prefixes that the network itself has (S81).
    public_prefixes: AddressSet,
    /// What is in `VirtualNetwork` by one reading of U17 alone.
    by_routes: AddressSet,
}

impl Stakes {
    /// Looks through the rules. What is not found cannot change an answer.
    pub fn new(rules: &RuleSet, direction: Direction, place: &Surroundings<'_>) -> Self {
        let relevant: Vec<&Rule> = rules.rules.iter().filter(|rule| rule.may_be_in(direction)).collect();
        let sides: Vec<(&Side, &Rule)> =
            relevant.iter().flat_map(|rule| [(&rule.source, *rule), (&rule.destination, *rule)]).collect();
        let mut for_all = of_addresses(&sides);
        if same_priorities(&relevant) {
            for_all.push(Switch::EQUAL_PRIORITY);
        }
        let names = |wanted: &dyn Fn(&str) -> bool| {
            any_address(&sides, |_, written| matches!(&written.value, AddressTerm::Tag(name) if wanted(name)))
        };
        if names(&|name| place.is_refused_tag(name)) {
            for_all.push(Switch::REGIONAL_TAG);
        }
        let names_remote_group = |rule: &Rule| {
            let (_, remote) = rule.own_and_remote(direction);
            remote.addresses.iter().any(|written| matches!(written.value, AddressTerm::Group(_)))
        };
        if relevant.iter().any(|rule| names_remote_group(rule)) {
            for_all.push(Switch::REMOTE_ASG);
        }
        if names(&|name| has_prefix(name, "AzurePlatform")) {
            for_all.push(Switch::PLATFORM_TAG_ORDER);
        }
        for_all.sort_unstable();
        let mut for_v6 = Vec::new();
        if names(&|name| has_prefix(name, "AzureCloud")) {
            for_v6.push(Switch::AZURE_CLOUD_IPV6);
        }
        let is_zero = |rule: &Rule, written: &Written<AddressTerm>| {
            !rule.is_default()
                && matches!(&written.value, AddressTerm::Prefix { net, .. } if net.prefix_len() == 0 && matches!(net.addr(), IpAddr::V4(_)))
        };
        if any_address(&sides, is_zero) {
            for_v6.push(Switch::LITERAL_ZERO);
        }
        Self {
            for_all,
            for_v6,
            shadowed: place.public_space(),
            public_prefixes: place.public_private_space(),
            by_routes: place.unsettled_by_routes(),
        }
    }

    /// The points that could change the answer to a question, in order.
    pub fn of(&self, asked: &PacketSet) -> Vec<Stake> {
        let usual = ProtocolSet::with_ports().union(ProtocolSet::of([Protocol::ICMP]));
        let with = |protocols| PacketBox { protocols, ..every() };
        let v6 = PacketBox { source: AddressSet::all_v6(), destination: AddressSet::all_v6(), ..every() };
        let mut stakes: Vec<(Switch, PacketSet)> =
            self.for_all.iter().map(|switch| (*switch, asked.clone())).collect();
        stakes.extend(self.for_v6.iter().map(|switch| (*switch, part(asked, &v6))));
        stakes.push((Switch::STAR_PROTOCOL, part(asked, &with(ProtocolSet::ALL.difference(usual)))));
        let portless = ProtocolSet::ALL.difference(ProtocolSet::with_ports());
        stakes.push((Switch::PORTLESS_PORTS, part(asked, &with(portless))));
        let unsettled = special::unsettled_internet().union(&self.public_prefixes);
        stakes.push((Switch::INTERNET_EXTENT, touching(asked, &unsettled)));
        stakes.push((Switch::ROUTE_PREFIXES, touching(asked, &self.by_routes)));
        stakes.push((Switch::TAG_SHADOW, touching(asked, &self.shadowed)));
        stakes.retain(|(_, packets)| !packets.is_empty());
        stakes.sort_by_key(|(switch, _)| *switch);
        stakes
            .into_iter()
            .map(|(switch, packets)| Stake { switch, reading: Reading::alternative(switch), packets })
            .collect()
    }
}

fn of_addresses(sides: &[(&Side, &Rule)]) -> Vec<Switch> {
    let both_forms =
        |side: &Side| Written::in_both_forms(&side.addresses) || Written::in_both_forms(&side.ports);
    let groups = |side: &Side| {
        side.addresses.iter().filter(|written| matches!(written.value, AddressTerm::Group(_))).count()
    };
    let has = |wanted: fn(&Written<AddressTerm>) -> bool| any_address(sides, |_, written| wanted(written));
    [
        (
            Switch::PLURAL_TAG,
            has(|written| written.plural && matches!(written.value, AddressTerm::Tag(_) | AddressTerm::Any)),
        ),
        (Switch::SINGULAR_AND_PLURAL, sides.iter().any(|(side, _)| both_forms(side))),
        (Switch::LITERAL_ANY, has(|written| written.value == AddressTerm::LiteralAny)),
        (
            Switch::HOST_BITS,
            has(|written| matches!(written.value, AddressTerm::Prefix { host_bits: true, .. })),
        ),
        (Switch::DASH_RANGE, has(|written| matches!(written.value, AddressTerm::DashRange { .. }))),
        (Switch::MANY_ASGS, sides.iter().any(|(side, _)| groups(side) > 1)),
    ]
    .into_iter()
    .filter_map(|(switch, found)| found.then_some(switch))
    .collect()
}

fn any_address(sides: &[(&Side, &Rule)], wanted: impl Fn(&Rule, &Written<AddressTerm>) -> bool) -> bool {
    sides.iter().any(|(side, rule)| side.addresses.iter().any(|written| wanted(rule, written)))
}

fn same_priorities(rules: &[&Rule]) -> bool {
    let mut priorities: Vec<i64> = rules.iter().map(|rule| rule.priority.order()).collect();
    priorities.sort_unstable();
    priorities.windows(2).any(|pair| pair[0] == pair[1])
}

fn has_prefix(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn every() -> PacketBox {
    PacketBox {
        protocols: ProtocolSet::ALL,
        source: AddressSet::all(),
        source_ports: PortSet::all(),
        destination: AddressSet::all(),
        destination_ports: PortSet::all(),
    }
}

fn part(asked: &PacketSet, sides: &PacketBox) -> PacketSet {
    asked.intersection(&PacketSet::product(sides))
}

/// Packets with one of the addresses on either side.
fn touching(asked: &PacketSet, addresses: &AddressSet) -> PacketSet {
    let touches = |part: &PacketBox| part.source.meets(addresses) || part.destination.meets(addresses);
    if !asked.boxes().iter().any(touches) {
        return PacketSet::empty();
    }
    let from = part(asked, &PacketBox { source: addresses.clone(), ..every() });
    let to = part(asked, &PacketBox { destination: addresses.clone(), ..every() });
    from.union(&to)
}
