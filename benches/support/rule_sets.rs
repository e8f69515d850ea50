//! Rule sets to measure with: shaped like those of real networks, of any length, the same every time.
//!
//! In: how many rules, and a seed. Out: a [`RuleSet`] with the default rules, and the surroundings to compile
//! it in. Tags are those of the embedded list. Everything is known and of IPv4: nothing here tests meaning.

#![allow(dead_code, reason = "each bench and example takes what it needs")]

use flowcheck::model::{Access, Direction, Fact, Origin, PortRange, Priority, Protocol, RulePriority};
use flowcheck::rules::{
    AddressTerm, Extent, PortTerm, ProtocolTerm, Rule, RuleSet, Side, Surroundings, Written, defaults,
};
use flowcheck::sets::AddressSet;
use flowcheck::tags::{TagSnapshot, special};
use ipnet::{IpNet, Ipv4Net};
use std::net::{IpAddr, Ipv4Addr};

/// A stream of numbers that looks random and is not (splitmix64).
pub(crate) struct Spread(u64);

impl Spread {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number under `end`.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        ((u128::from(self.next()) * u128::from(end)) >> 64) as u32
    }

    /// A number of both ends or between.
    pub(crate) fn within(&mut self, first: u16, last: u16) -> u16 {
        first + self.below(u32::from(last - first) + 1) as u16
    }

    /// One member of a list that has some.
    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len() as u32) as usize]
    }

    fn in_hundred(&mut self, share: u32) -> bool {
        self.below(100) < share
    }
}

/// What the tags of the rules stand for: a network of one /16.
pub(crate) fn surroundings() -> Surroundings<'static> {
    let own = AddressSet::from_nets([net(NETWORK, 16)]);
    let platform = AddressSet::one(special::WIRE_SERVER.into());
    Surroundings::new(TagSnapshot::builtin(), Extent::known(own.union(&platform)))
}

/// The rules of a large landing zone. About half are inbound. The other side is a service tag, a computed tag
/// or a few prefixes, the own side the network, a subnet or hosts; every tenth rule narrows an earlier one.
pub(crate) fn landing_zone(count: usize, seed: u64) -> RuleSet {
    let mut author = Author::new(seed);
    author.write(count, Author::landing_zone)
}

/// Inbound rules as packet filters had them before there were tags: one prefix a side, and lists of ports out
/// of the same twelve.
pub(crate) fn classic(count: usize, seed: u64) -> RuleSet {
    let mut author = Author::new(seed);
    author.write(count, Author::classic)
}

const NETWORK: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 0);
const SUBNETS: u32 = 16;
const WELL_KNOWN: [u16; 24] = [
    22, 25, 53, 80, 88, 123, 135, 389, 443, 445, 636, 1433, 1688, 3306, 3389, 3443, 5432, 5671, 5985, 6380,
    6390, 8080, 8443, 9443,
];
const TWELVE: [u16; 12] = [22, 25, 53, 80, 110, 143, 443, 993, 1433, 3306, 3389, 8080];
const LENGTHS: [u8; 12] = [16, 20, 22, 24, 24, 24, 26, 27, 28, 29, 32, 32];

struct Author {
    spread: Spread,
    tags: Vec<&'static str>,
    regional_tags: Vec<&'static str>,
    rules: Vec<Rule>,
    origin: Origin,
}

impl Author {
    fn new(seed: u64) -> Self {
        let (regional_tags, tags) = TagSnapshot::builtin().names().partition(|name| name.contains('.'));
        let origin = Origin::command_line("generated");
        Self { spread: Spread::new(seed), tags, regional_tags, rules: Vec::new(), origin }
    }

    fn write(&mut self, count: usize, one: impl Fn(&mut Self) -> Rule) -> RuleSet {
        for number in 0..count {
            let mut rule = one(self);
            rule.name = format!("rule-{number}");
            rule.priority = priority(number, count);
            self.rules.push(rule);
        }
        let mut rules = std::mem::take(&mut self.rules);
        rules.extend(defaults::rules(&self.origin));
        RuleSet { rules }
    }

    fn landing_zone(&mut self) -> Rule {
        if !self.rules.is_empty() && self.spread.in_hundred(10) {
            return self.narrowed();
        }
        let direction = if self.spread.in_hundred(50) { Direction::Inbound } else { Direction::Outbound };
        let remote = self.remote();
        let own = self.own();
        let is_wide = matches!(&remote[..], [AddressTerm::Any])
            || matches!(&remote[..], [AddressTerm::Tag(name)] if name == "Internet");
        let protocol = match self.spread.below(20) {
            0 if !is_wide => ProtocolTerm::One(Protocol::ICMP),
            0..=12 => ProtocolTerm::One(Protocol::TCP),
            13..=16 => ProtocolTerm::One(Protocol::UDP),
            _ => ProtocolTerm::Any,
        };
        let has_ports = protocol != ProtocolTerm::One(Protocol::ICMP);
        let ports = if has_ports { self.ports(is_wide) } else { vec![PortRange::ALL] };
        let source_ports = match has_ports && self.spread.in_hundred(5) {
            true => range(self.spread.within(1024, 50_000), u16::MAX),
            false => PortRange::ALL,
        };
        let (source, destination) = match direction {
            Direction::Inbound => (remote, own),
            Direction::Outbound => (own, remote),
        };
        self.rule(direction, 25, protocol, (source, vec![source_ports]), (destination, ports))
    }

    fn classic(&mut self) -> Rule {
        let protocol = ProtocolTerm::One(*self.spread.pick(&[Protocol::TCP, Protocol::TCP, Protocol::UDP]));
        // Prefixes of all lengths under a few networks, so that they nest.
        let network = 11 + self.spread.below(16);
        let length = self.spread.within(8, 32) as u8;
        let source = prefix((network << 24) + self.spread.below(1 << 24), length);
        let length = self.spread.within(16, 32) as u8;
        let destination = prefix(NETWORK.to_bits() + self.spread.below(1 << 16), length);
        let ports = (0..self.spread.within(1, 5)).map(|_| PortRange::one(*self.spread.pick(&TWELVE)));
        let ports = ports.collect();
        let (source, destination) = ((vec![source], vec![PortRange::ALL]), (vec![destination], ports));
        self.rule(Direction::Inbound, 35, protocol, source, destination)
    }

    fn rule(
        &mut self,
        direction: Direction,
        denied: u32,
        protocol: ProtocolTerm,
        source: (Vec<AddressTerm>, Vec<PortRange>),
        destination: (Vec<AddressTerm>, Vec<PortRange>),
    ) -> Rule {
        Rule {
            name: String::new(),
            priority: RulePriority::Default(0),
            direction: Fact::Known(direction),
            access: Fact::Known(self.access(denied)),
            protocol,
            source: side(source),
            destination: side(destination),
            doubt: None,
            origin: self.origin.clone(),
        }
    }

    fn access(&mut self, denied: u32) -> Access {
        if self.spread.in_hundred(denied) { Access::Deny } else { Access::Allow }
    }

    /// The side that is not the network's own.
    fn remote(&mut self) -> Vec<AddressTerm> {
        let tag = |name: &str| vec![AddressTerm::Tag(name.to_owned())];
        match self.spread.below(30) {
            0..10 => {
                let list = if self.spread.below(3) == 0 { &self.regional_tags } else { &self.tags };
                let name: &&str = self.spread.pick(list);
                tag(name)
            }
            10..13 => tag("Internet"),
            13..16 => tag("VirtualNetwork"),
            16 => tag("AzureLoadBalancer"),
            17..19 => vec![AddressTerm::Any],
            _ => (0..self.spread.within(1, 6)).map(|_| self.elsewhere()).collect(),
        }
    }

    /// A prefix outside of the network: of partners, of other sites, of peered networks.
    fn elsewhere(&mut self) -> AddressTerm {
        let length = *self.spread.pick(&LENGTHS);
        let bits = match self.spread.below(4) {
            0 => Ipv4Addr::new(10, 64, 0, 0).to_bits() + self.spread.below(1 << 22),
            1 => Ipv4Addr::new(172, 16, 0, 0).to_bits() + self.spread.below(1 << 20),
            _ => ((20 + self.spread.below(100)) << 24) + self.spread.below(1 << 24),
        };
        prefix(bits, length)
    }

    /// The network's own side.
    fn own(&mut self) -> Vec<AddressTerm> {
        match self.spread.below(20) {
            0..7 => vec![AddressTerm::Tag("VirtualNetwork".to_owned())],
            7..15 => vec![self.subnet()],
            15..18 => (0..self.spread.within(1, 3)).map(|_| self.host()).collect(),
            _ => vec![AddressTerm::Any],
        }
    }

    fn subnet(&mut self) -> AddressTerm {
        prefix(NETWORK.to_bits() + (self.spread.below(SUBNETS) << 8), 24)
    }

    fn host(&mut self) -> AddressTerm {
        let subnet = self.spread.below(SUBNETS) << 8;
        prefix(NETWORK.to_bits() + subnet + 4 + self.spread.below(250), 32)
    }

    fn ports(&mut self, is_wide: bool) -> Vec<PortRange> {
        match self.spread.below(20) {
            0..3 if !is_wide => vec![PortRange::ALL],
            0..12 => vec![self.port()],
            12..16 => vec![self.port_range()],
            _ => (0..self.spread.within(2, 5))
                .map(|_| if self.spread.in_hundred(20) { self.port_range() } else { self.port() })
                .collect(),
        }
    }

    fn port(&mut self) -> PortRange {
        PortRange::one(match self.spread.in_hundred(70) {
            true => *self.spread.pick(&WELL_KNOWN),
            false => self.spread.within(1024, 49_151),
        })
    }

    fn port_range(&mut self) -> PortRange {
        let low = self.spread.within(1, 48) * 1000;
        range(low, low + *self.spread.pick(&[9, 99, 255, 999, 4999]))
    }

    /// A copy of an earlier rule that is narrower in a side or two, as exceptions and leftovers are.
    fn narrowed(&mut self) -> Rule {
        let mut rule = self.spread.pick(&self.rules).clone();
        rule.access = Fact::Known(self.access(25));
        let inbound = rule.direction == Fact::Known(Direction::Inbound);
        let which = self.spread.below(3);
        if which != 0 {
            let own = if inbound { &rule.destination } else { &rule.source };
            let own = match own.addresses.first().map(|written| &written.value) {
                Some(AddressTerm::Prefix { net: IpNet::V4(net), .. }) if net.prefix_len() < 32 => {
                    prefix(net.network().to_bits() + 4 + self.spread.below(250), 32)
                }
                Some(AddressTerm::Prefix { net, .. }) => AddressTerm::Prefix { net: *net, host_bits: false },
                _ => self.subnet(),
            };
            let side = if inbound { &mut rule.destination } else { &mut rule.source };
            side.addresses = vec![Written::singular(own)];
        }
        if which != 1 {
            let side = if inbound { &mut rule.source } else { &mut rule.destination };
            let one = self.spread.pick(&side.addresses).value.clone();
            side.addresses = vec![Written::singular(one)];
            let has_ports = rule.protocol != ProtocolTerm::One(Protocol::ICMP);
            if has_ports && let PortTerm::Range(some) = self.spread.pick(&rule.destination.ports).value {
                let one = PortRange::one(self.spread.within(some.low(), some.high()));
                rule.destination.ports = vec![Written::singular(PortTerm::Range(one))];
            }
        }
        rule
    }
}

/// Distinct and ascending, spread over the numbers that Azure takes. Sets that are longer than Azure allows go
/// on in the numbers before the default rules, so that every rule still settles what it matches.
fn priority(number: usize, count: usize) -> RulePriority {
    let step = (3_997 / count).max(1);
    let order = 100 + number * step;
    i64::try_from(order)
        .ok()
        .and_then(|order| Priority::custom(order).ok())
        .map_or_else(|| RulePriority::Default(order.min(64_000) as u16), RulePriority::Custom)
}

fn net(address: Ipv4Addr, length: u8) -> IpNet {
    IpNet::V4(Ipv4Net::new_assert(address, length).trunc())
}

fn prefix(bits: u32, length: u8) -> AddressTerm {
    AddressTerm::Prefix { net: net(Ipv4Addr::from_bits(bits), length), host_bits: false }
}

fn range(low: u16, high: u16) -> PortRange {
    PortRange::new(low, high).unwrap_or(PortRange::one(low))
}

/// Lists stand in the plural field.
fn side((addresses, ports): (Vec<AddressTerm>, Vec<PortRange>)) -> Side {
    fn written<T>(mut list: Vec<T>) -> Vec<Written<T>> {
        match list.len() {
            1 => list.drain(..).map(Written::singular).collect(),
            _ => list.drain(..).map(Written::plural).collect(),
        }
    }
    Side { addresses: written(addresses), ports: written(ports.into_iter().map(PortTerm::Range).collect()) }
}

/// A bare address, for packets.
pub(crate) fn own_host(spread: &mut Spread) -> IpAddr {
    Ipv4Addr::from_bits(NETWORK.to_bits() + (spread.below(SUBNETS) << 8) + 4 + spread.below(250)).into()
}
