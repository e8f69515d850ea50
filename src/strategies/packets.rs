//! Packets near the edges of a rule set.
//!
//! In: a rule set and what its words stand for at a place. Out: packets whose addresses and ports are the
//! first, the last, or the nearest outside of a side of some rule; mostly all five fields aim at one rule, so
//! that many packets match it or miss it by one field.

use super::meaning::meaning;
use super::{Edited, Shown};
use crate::model::{Direction, Packet, Protocol};
use crate::rules::{PortTerm, ProtocolTerm, Rule, RuleSet, Side, Surroundings};
use crate::sets::{AddressSet, Point};
use proptest::collection::{SizeRange, vec};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::{NewTree, ValueTree};
use proptest::test_runner::TestRunner;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Packets near the edges of one rule set; tags stand for what they do at the place.
///
/// ```
/// use flowcheck::model::Origin;
/// use flowcheck::rules::{Extent, RuleSet, Surroundings, notation};
/// use flowcheck::sets::AddressSet;
/// use flowcheck::strategies::packets_near;
/// use flowcheck::tags::TagSnapshot;
/// use proptest::prelude::*;
/// use std::collections::BTreeMap;
///
/// let origin = Origin::command_line("example");
/// let rule = notation::rule("AllowWeb", "100 In Allow Tcp Internet -> 10.0.1.0/24:443", &origin)?;
/// let rules = RuleSet::new(vec![rule], &origin);
/// let place = Surroundings::new(TagSnapshot::builtin(), Extent::known(AddressSet::from_nets(["10.0.0.0/16".parse()?])));
/// proptest!(|(packet in packets_near(&rules, &place))| {
///     prop_assert_eq!(packet.source.is_ipv4(), packet.destination.is_ipv4());
/// });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn packets_near(rules: &RuleSet, place: &Surroundings<'_>) -> BoxedStrategy<Shown<Packet>> {
    let edges = Edges::of(rules, place);
    any_aim().prop_map(move |aim| Shown(edges.packet(&aim))).boxed()
}

/// What has edges: a rule set, or one before and after edits.
pub trait HasEdges {
    /// The rule sets to find edges in.
    fn rule_sets(&self) -> Vec<&RuleSet>;
}

impl HasEdges for Shown<RuleSet> {
    fn rule_sets(&self) -> Vec<&RuleSet> {
        vec![self]
    }
}

impl HasEdges for Edited {
    /// As it was and as it is.
    fn rule_sets(&self) -> Vec<&RuleSet> {
        vec![&self.before, &self.after]
    }
}

/// Generated rule sets or edits, each with packets near its own edges.
///
/// Shrinks to the packets that matter, then to a simpler rule set for these same packets, then to plainer
/// packets. Give `count` as a range, such as `1..8`, so that packets can be left out.
///
/// ```
/// use flowcheck::strategies::{Edits, Words, rules, with_packets};
/// # use flowcheck::rules::{Extent, Surroundings};
/// # let place = Surroundings::new(flowcheck::tags::TagSnapshot::builtin(), Extent::default());
/// let words = Words::default();
/// let generated = with_packets(rules(&words, 0..6), &place, 1..8);
/// let edited = with_packets(Edits::changing(&words).of(rules(&words, 0..6), &place), &place, 1..8);
/// # let _ = (generated, edited);
/// ```
pub fn with_packets<'t, R: Strategy>(
    rules: R,
    place: &Surroundings<'t>,
    count: impl Into<SizeRange>,
) -> WithPackets<'t, R> {
    WithPackets { rules, place: place.clone(), count: count.into() }
}

/// The strategy that [`with_packets`] makes.
#[derive(Clone, Debug)]
pub struct WithPackets<'t, R> {
    rules: R,
    place: Surroundings<'t>,
    count: SizeRange,
}

impl<R> Strategy for WithPackets<'_, R>
where
    R: Strategy,
    R::Value: HasEdges,
{
    type Tree = RulesAndPackets<R::Tree>;
    type Value = (R::Value, Vec<Shown<Packet>>);

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let rules = self.rules.new_tree(runner)?;
        let aims = vec(any_aim(), self.count.clone()).new_tree(runner)?.current();
        let mut edges = Edges::default();
        for rules in rules.current().rule_sets() {
            edges.join(Edges::of(rules, &self.place));
        }
        let packets = aims.iter().map(|aim| edges.packet(aim)).collect();
        Ok(RulesAndPackets {
            rules,
            packets,
            fewest: self.count.start(),
            step: Step::Drop(0),
            undo: Undo::Nothing,
        })
    }
}

/// What [`WithPackets`] generated, on its way to something simpler.
///
/// The packets stay what they are while the rules get simpler: aimed anew at other rules they would no
/// longer show what failed.
#[derive(Clone, Debug)]
pub struct RulesAndPackets<T> {
    rules: T,
    packets: Vec<Packet>,
    fewest: usize,
    step: Step,
    undo: Undo,
}

/// What to try next.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Leave out the packet at a place.
    Drop(usize),
    Rules,
    /// Make a packet plainer, by a number of [`PLAINER`].
    Plain(usize, usize),
}

/// How to take back what was tried last.
#[derive(Clone, Debug)]
enum Undo {
    Nothing,
    Dropped(usize, Packet),
    Rules,
    Changed(usize, Packet),
}

/// Ways to make a packet plainer.
const PLAINER: [fn(&Packet) -> Packet; 6] = [
    |packet| Packet { source: ordinary_source(false), destination: ordinary(false), ..*packet },
    |packet| match packet.protocol.has_ports() {
        true => Packet { protocol: Protocol::TCP, ..*packet },
        false => ordinary_ports(&Packet { protocol: Protocol::TCP, ..*packet }),
    },
    |packet| Packet { destination_port: packet.destination_port, ..ordinary_ports(packet) },
    |packet| Packet { source_port: packet.source_port, ..ordinary_ports(packet) },
    |packet| Packet { source: ordinary_source(packet.source.is_ipv6()), ..*packet },
    |packet| Packet { destination: ordinary(packet.source.is_ipv6()), ..*packet },
];

/// The packet with ports that nobody looks twice at, where it has any.
fn ordinary_ports(packet: &Packet) -> Packet {
    match packet.protocol.has_ports() {
        true => Packet { source_port: Packet::DEFAULT_SOURCE_PORT, destination_port: 443, ..*packet },
        false => *packet,
    }
}

impl<T> ValueTree for RulesAndPackets<T>
where
    T: ValueTree,
    T::Value: HasEdges,
{
    type Value = (T::Value, Vec<Shown<Packet>>);

    fn current(&self) -> Self::Value {
        (self.rules.current(), self.packets.iter().copied().map(Shown).collect())
    }

    fn simplify(&mut self) -> bool {
        loop {
            match self.step {
                Step::Drop(at) if at < self.packets.len() && self.packets.len() > self.fewest => {
                    self.undo = Undo::Dropped(at, self.packets.remove(at));
                    return true;
                }
                Step::Drop(_) => self.step = Step::Rules,
                Step::Rules if self.rules.simplify() => {
                    self.undo = Undo::Rules;
                    return true;
                }
                Step::Rules => self.step = Step::Plain(0, 0),
                Step::Plain(at, way) => {
                    let (Some(packet), Some(plainer)) = (self.packets.get_mut(at), PLAINER.get(way)) else {
                        if at >= self.packets.len() {
                            return false;
                        }
                        self.step = Step::Plain(at + 1, 0);
                        continue;
                    };
                    self.step = Step::Plain(at, way + 1);
                    let changed = plainer(packet);
                    if changed != *packet {
                        self.undo = Undo::Changed(at, std::mem::replace(packet, changed));
                        return true;
                    }
                }
            }
        }
    }

    fn complicate(&mut self) -> bool {
        match std::mem::replace(&mut self.undo, Undo::Nothing) {
            Undo::Nothing => false,
            Undo::Rules => {
                let more = self.rules.complicate();
                if more {
                    self.undo = Undo::Rules;
                }
                more
            }
            Undo::Dropped(at, packet) => {
                self.packets.insert(at, packet);
                self.step = Step::Drop(at + 1);
                true
            }
            Undo::Changed(at, packet) => {
                self.packets[at] = packet;
                true
            }
        }
    }
}

/// Where one packet is aimed, whatever the rule set is.
#[derive(Clone, Debug)]
struct Aim {
    rule: Index,
    outbound: bool,
    v6: bool,
    source: AddressAim,
    destination: AddressAim,
    source_port: PortAim,
    destination_port: PortAim,
    protocol: (Option<Index>, bool),
}

/// A side of the rule aimed at, or of another; one of its intervals; which end.
#[derive(Clone, Debug)]
struct AddressAim {
    elsewhere: Option<Index>,
    interval: Index,
    end: End,
}

#[derive(Clone, Debug)]
struct PortAim {
    elsewhere: Option<Index>,
    port: Index,
}

#[derive(Clone, Copy, Debug)]
enum End {
    First,
    Last,
    Before,
    After,
}

fn elsewhere() -> impl Strategy<Value = Option<Index>> {
    prop_oneof![7 => Just(None), 1 => any::<Index>().prop_map(Some)]
}

fn any_aim() -> impl Strategy<Value = Aim> {
    let ends =
        vec![End::First, End::First, End::First, End::Last, End::Last, End::Last, End::Before, End::After];
    let address = (elsewhere(), any::<Index>(), prop::sample::select(ends))
        .prop_map(|(elsewhere, interval, end)| AddressAim { elsewhere, interval, end })
        .boxed();
    let port =
        (elsewhere(), any::<Index>()).prop_map(|(elsewhere, port)| PortAim { elsewhere, port }).boxed();
    let sides = (address.clone(), address, port.clone(), port);
    (any::<Index>(), any::<bool>(), any::<bool>(), sides, (elsewhere(), any::<bool>())).prop_map(
        |(rule, outbound, v6, (source, destination, source_port, destination_port), protocol)| Aim {
            rule,
            outbound,
            v6,
            source,
            destination,
            source_port,
            destination_port,
            protocol,
        },
    )
}

/// What each rule says, as sets and ports to take ends from.
#[derive(Clone, Debug, Default)]
struct Edges {
    rules: Vec<RuleEdges>,
    /// Places of the rules to aim at: custom ones more often than default ones.
    targets: Vec<usize>,
}

#[derive(Clone, Debug)]
struct RuleEdges {
    direction: Option<Direction>,
    protocol: Option<Protocol>,
    source: SideEdges,
    destination: SideEdges,
}

#[derive(Clone, Debug, Default)]
struct SideEdges {
    /// The intervals of each term, with what is certain of it apart from what may be.
    v4: Vec<(u32, u32)>,
    v6: Vec<(u128, u128)>,
    ports: Vec<u16>,
}

/// Protocols to try besides those that a rule names; 99 is one that no rule can.
const PROTOCOLS: [Protocol; 6] =
    [Protocol::TCP, Protocol::UDP, Protocol::ICMP, Protocol::ESP, Protocol::AH, Protocol(99)];

impl Edges {
    fn of(rules: &RuleSet, place: &Surroundings<'_>) -> Self {
        let edges = |rule: &Rule| RuleEdges {
            direction: rule.direction.known().copied(),
            protocol: match rule.protocol {
                ProtocolTerm::One(protocol) => Some(protocol),
                _ => None,
            },
            source: SideEdges::of(&rule.source, place),
            destination: SideEdges::of(&rule.destination, place),
        };
        let mut all = Self::default();
        for rule in &rules.rules {
            let weight = if rule.is_default() { 1 } else { 3 };
            all.targets.extend(std::iter::repeat_n(all.rules.len(), weight));
            all.rules.push(edges(rule));
        }
        all
    }

    fn join(&mut self, other: Self) {
        let before = self.rules.len();
        self.targets.extend(other.targets.into_iter().map(|place| before + place));
        self.rules.extend(other.rules);
    }

    fn rule(&self, index: &Index) -> Option<&RuleEdges> {
        if self.targets.is_empty() { None } else { self.rules.get(*index.get(&self.targets)) }
    }

    fn packet(&self, aim: &Aim) -> Packet {
        let rule = self.rule(&aim.rule);
        let seen = |elsewhere: &Option<Index>| match elsewhere {
            Some(index) => self.rule(index),
            None => rule,
        };
        let any = if aim.outbound { Direction::Outbound } else { Direction::Inbound };
        let direction = rule.and_then(|rule| rule.direction).unwrap_or(any);
        let source_side = seen(&aim.source.elsewhere).map(|rule| &rule.source);
        let destination_side = seen(&aim.destination.elsewhere).map(|rule| &rule.destination);
        let v6 = family(aim.v6, [source_side, destination_side]);
        let address =
            |side: Option<&SideEdges>, aim: &AddressAim| side.and_then(|side| side.address(aim, v6));
        let source = address(source_side, &aim.source).unwrap_or(ordinary_source(v6));
        let destination = address(destination_side, &aim.destination).unwrap_or(ordinary(v6));
        let port = |side: Option<&SideEdges>, aim: &PortAim, usual: u16| {
            side.filter(|side| !side.ports.is_empty()).map_or(usual, |side| *aim.port.get(&side.ports))
        };
        let source_port = port(
            seen(&aim.source_port.elsewhere).map(|rule| &rule.source),
            &aim.source_port,
            Packet::DEFAULT_SOURCE_PORT,
        );
        let destination_port = port(
            seen(&aim.destination_port.elsewhere).map(|rule| &rule.destination),
            &aim.destination_port,
            443,
        );
        let named = rule.and_then(|rule| rule.protocol);
        let protocol = match (&aim.protocol, named) {
            ((Some(index), _), _) => *index.get(&PROTOCOLS),
            ((None, _), Some(protocol)) => protocol,
            ((None, udp), None) => {
                if *udp {
                    Protocol::UDP
                } else {
                    Protocol::TCP
                }
            }
        };
        // Both addresses are of one family, and ports that mean nothing are dropped.
        let packet = Packet::new(direction, protocol, (source, source_port), (destination, destination_port));
        packet.unwrap_or(Packet {
            direction,
            protocol: Protocol::TCP,
            source: ordinary_source(false),
            source_port,
            destination: ordinary(false),
            destination_port,
        })
    }
}

/// An address where a side has none of a family.
fn ordinary(v6: bool) -> IpAddr {
    if v6 { Ipv6Addr::from_bits((0x2001_0db8 << 96) | 1).into() } else { Ipv4Addr::new(10, 0, 1, 4).into() }
}

/// The same for a source: nobody talks to himself.
fn ordinary_source(v6: bool) -> IpAddr {
    if v6 { Ipv6Addr::from_bits((0x2001_0db8 << 96) | 2).into() } else { Ipv4Addr::new(10, 0, 2, 4).into() }
}

/// The family asked for where both sides have it, else one that both have, else the one asked for.
fn family(asked_v6: bool, sides: [Option<&SideEdges>; 2]) -> bool {
    let has = |v6: bool| {
        sides
            .iter()
            .all(|side| side.is_none_or(|side| if v6 { !side.v6.is_empty() } else { !side.v4.is_empty() }))
    };
    if has(asked_v6) || !has(!asked_v6) { asked_v6 } else { !asked_v6 }
}

impl SideEdges {
    fn of(side: &Side, place: &Surroundings<'_>) -> Self {
        let mut edges = Self::default();
        for written in &side.addresses {
            let extent = meaning(&written.value, place);
            edges.add(&extent.may);
            if extent.must != extent.may {
                edges.add(&extent.must);
            }
        }
        let mut ports = Vec::new();
        for written in &side.ports {
            if let PortTerm::Range(range) = &written.value {
                let ends = [range.low(), range.high()];
                let outside = [range.low().checked_sub(1), range.high().checked_add(1)];
                // Within twice as often as outside.
                ports.extend(ends.into_iter().chain(ends).chain(outside.into_iter().flatten()));
            }
        }
        ports.push(Packet::DEFAULT_SOURCE_PORT);
        edges.ports = ports;
        edges
    }

    fn add(&mut self, addresses: &AddressSet) {
        self.v4.extend(addresses.v4.intervals().iter().map(|part| (part.first, part.last)));
        self.v6.extend(addresses.v6.intervals().iter().map(|part| (part.first, part.last)));
    }

    fn address(&self, aim: &AddressAim, v6: bool) -> Option<IpAddr> {
        if v6 {
            end(&self.v6, aim).map(|bits| Ipv6Addr::from_bits(bits).into())
        } else {
            end(&self.v4, aim).map(|bits| Ipv4Addr::from_bits(bits).into())
        }
    }
}

/// The end that is aimed at; where nothing lies outside, the end itself.
fn end<T: Point>(intervals: &[(T, T)], aim: &AddressAim) -> Option<T> {
    if intervals.is_empty() {
        return None;
    }
    let (first, last) = *aim.interval.get(intervals);
    Some(match aim.end {
        End::First => first,
        End::Last => last,
        End::Before => first.previous().unwrap_or(first),
        End::After => last.next().unwrap_or(last),
    })
}
