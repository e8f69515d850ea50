//! Outside oracles: `range-set-blaze` for sets of numbers and addresses, and a library of binary decision
//! diagrams for sets of packets and for what rule sets allow. They share no code with ours.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use biodivine_lib_bdd::{Bdd, BddVariable, BddVariableSet};
use flowcheck::model::{Access, Direction, Packet, Protocol, Verdict};
use flowcheck::rules::reference::Facts;
use flowcheck::rules::{AddressTerm, Policy, PortTerm, ProtocolTerm, Reading, Rule, RuleSet, Side};
use flowcheck::sets::{AddressSet, IntervalSet, PacketBox, PacketSet, Point, PortSet, ProtocolSet};
use flowcheck::strategies::{Shown, rules, with_packets};
use ipnet::IpNet;
use proptest::prelude::*;
use range_set_blaze::{Integer, RangeSetBlaze};
use std::net::IpAddr;
use std::ops::Sub;
use support::{cases, facts, surroundings, words};

// Numbers and addresses against range-set-blaze.

type Parts<T> = Vec<(T, T)>;

/// Intervals close to each other and to both ends, in any order, some backwards.
fn any_parts<T: Point + TryFrom<u64> + Sub<Output = T>>() -> impl Strategy<Value = Parts<T>> {
    let point = (any::<bool>(), 0u64..24).prop_map(|(from_end, at)| {
        let at = T::try_from(at).ok().unwrap();
        if from_end { T::LAST - at } else { at }
    });
    prop::collection::vec((point.clone().boxed(), point.boxed()), 0..8)
}

fn oracle<T: Point + Integer>(parts: &Parts<T>) -> RangeSetBlaze<T> {
    parts.iter().filter(|(first, last)| first <= last).map(|(first, last)| *first..=*last).collect()
}

fn same<T: Point + Integer<SafeLen: ToString>>(
    ours: &IntervalSet<T>,
    theirs: &RangeSetBlaze<T>,
) -> Result<(), TestCaseError> {
    let intervals: Vec<(T, T)> = ours.intervals().iter().map(|part| (part.first, part.last)).collect();
    let ranges: Vec<(T, T)> = theirs.ranges().map(|range| (*range.start(), *range.end())).collect();
    prop_assert_eq!(&intervals, &ranges);
    // One more than the greatest number is written as a sum there.
    let theirs_len =
        theirs.len().to_string().replace("(u128::MAX + 1)", "340282366920938463463374607431768211456");
    prop_assert_eq!(ours.size().to_string(), theirs_len);
    prop_assert_eq!(ours.is_empty(), theirs.is_empty());
    prop_assert_eq!(ours.is_all(), theirs.is_universal());
    prop_assert_eq!(ours.first(), theirs.first());
    for value in
        intervals.iter().flat_map(|(first, last)| [first.previous(), Some(*first), Some(*last), last.next()])
    {
        let Some(value) = value else { continue };
        prop_assert_eq!(ours.contains(value), theirs.contains(value));
    }
    Ok(())
}

fn operations<T: Point + Integer<SafeLen: ToString>>(
    a: &Parts<T>,
    b: &Parts<T>,
) -> Result<(), TestCaseError> {
    let (ours_a, ours_b) = (IntervalSet::from_intervals(a.clone()), IntervalSet::from_intervals(b.clone()));
    let (theirs_a, theirs_b) = (oracle(a), oracle(b));
    same(&ours_a, &theirs_a)?;
    same(&ours_a.union(&ours_b), &(&theirs_a | &theirs_b))?;
    same(&ours_a.intersection(&ours_b), &(&theirs_a & &theirs_b))?;
    same(&ours_a.difference(&ours_b), &(&theirs_a - &theirs_b))?;
    same(&ours_a.complement(), &!&theirs_a)?;
    prop_assert_eq!(ours_a.is_subset(&ours_b), theirs_a.is_subset(&theirs_b));
    prop_assert_eq!(ours_a.meets(&ours_b), !theirs_a.is_disjoint(&theirs_b));
    prop_assert_eq!(ours_a == ours_b, theirs_a == theirs_b);
    Ok(())
}

fn prefixes(nets: &[IpNet]) -> (RangeSetBlaze<u32>, RangeSetBlaze<u128>) {
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for net in nets {
        match (net.network(), net.broadcast()) {
            (IpAddr::V4(first), IpAddr::V4(last)) => v4.push(first.to_bits()..=last.to_bits()),
            (IpAddr::V6(first), IpAddr::V6(last)) => v6.push(first.to_bits()..=last.to_bits()),
            _ => {}
        }
    }
    (v4.into_iter().collect(), v6.into_iter().collect())
}

/// Prefixes of both families that nest and touch, as the rules of the place name them.
fn any_nets() -> impl Strategy<Value = Vec<IpNet>> {
    rules(&words(), 0..6).prop_map(|rules| {
        let sides = rules.rules.iter().flat_map(|rule| [&rule.source, &rule.destination]);
        let terms = sides.flat_map(|side| &side.addresses).filter_map(|written| match &written.value {
            AddressTerm::Prefix { net, .. } => Some(*net),
            _ => None,
        });
        terms.collect()
    })
}

proptest! {
    #![proptest_config(cases(160))]

    #[test]
    fn intervals_of_ports(a in any_parts::<u16>(), b in any_parts::<u16>()) {
        operations(&a, &b)?;
    }

    #[test]
    fn intervals_of_ipv4_addresses(a in any_parts::<u32>(), b in any_parts::<u32>()) {
        operations(&a, &b)?;
    }

    #[test]
    fn intervals_of_ipv6_addresses(a in any_parts::<u128>(), b in any_parts::<u128>()) {
        operations(&a, &b)?;
    }

    #[test]
    fn sets_of_addresses(a in any_nets(), b in any_nets()) {
        let (ours_a, ours_b) = (AddressSet::from_nets(a.clone()), AddressSet::from_nets(b.clone()));
        let ((a4, a6), (b4, b6)) = (prefixes(&a), prefixes(&b));
        for (ours, v4, v6) in [
            (ours_a.clone(), a4.clone(), a6.clone()),
            (ours_a.union(&ours_b), &a4 | &b4, &a6 | &b6),
            (ours_a.intersection(&ours_b), &a4 & &b4, &a6 & &b6),
            (ours_a.difference(&ours_b), &a4 - &b4, &a6 - &b6),
            (ours_a.complement(), !&a4, !&a6),
        ] {
            same(&ours.v4, &v4)?;
            same(&ours.v6, &v6)?;
            let nets = ours.to_nets();
            prop_assert_eq!(prefixes(&nets), (v4, v6), "the prefixes are the set");
        }
        prop_assert_eq!(ours_a.is_subset(&ours_b), a4.is_subset(&b4) && a6.is_subset(&b6));
    }
}

// Packets against binary decision diagrams.

/// All packets of one family as bits: protocol, addresses and ports. A packet without ports has both 0.
struct Universe {
    variables: BddVariableSet,
    all: Vec<BddVariable>,
    address_bits: u16,
}

/// Where a field begins and how many bits it has.
type Field = (u16, u16);

impl Universe {
    fn new(address_bits: u16) -> Self {
        let variables = BddVariableSet::new_anonymous(8 + 2 * address_bits + 32);
        Self { all: variables.variables(), variables, address_bits }
    }

    fn protocol(&self) -> Field {
        (0, 8)
    }

    fn destination_port(&self) -> Field {
        (8, 16)
    }

    fn source_port(&self) -> Field {
        (24, 16)
    }

    fn source(&self) -> Field {
        (40, self.address_bits)
    }

    fn destination(&self) -> Field {
        (40 + self.address_bits, self.address_bits)
    }

    /// Values of a field up to `bound`, or from it on.
    fn bounded(&self, (start, bits): Field, bound: u128, at_most: bool) -> Bdd {
        let mut set = self.variables.mk_true();
        for place in 0..bits {
            // From the least bit up; the field begins with its greatest.
            let bit = self.variables.mk_var(self.all[usize::from(start + bits - 1 - place)]);
            let one = bound >> place & 1 == 1;
            set = match (at_most, one) {
                (true, true) => bit.not().or(&set),
                (true, false) => bit.not().and(&set),
                (false, true) => bit.and(&set),
                (false, false) => bit.or(&set),
            };
        }
        set
    }

    fn ranges(&self, field: Field, ranges: impl IntoIterator<Item = (u128, u128)>) -> Bdd {
        ranges.into_iter().fold(self.variables.mk_false(), |all, (first, last)| {
            all.or(&self.bounded(field, first, false).and(&self.bounded(field, last, true)))
        })
    }

    fn protocols(&self, protocols: impl IntoIterator<Item = Protocol>) -> Bdd {
        self.ranges(
            self.protocol(),
            protocols.into_iter().map(|protocol| (protocol.0.into(), protocol.0.into())),
        )
    }

    fn with_ports(&self) -> Bdd {
        self.protocols([Protocol::TCP, Protocol::UDP])
    }

    /// Every packet there is: ports 0 where there are none, and no ICMP between IPv6 addresses (S19).
    fn everything(&self) -> Bdd {
        let no_port =
            self.ranges(self.source_port(), [(0, 0)]).and(&self.ranges(self.destination_port(), [(0, 0)]));
        let all = self.with_ports().or(&no_port);
        if self.address_bits == 32 { all } else { all.and_not(&self.protocols([Protocol::ICMP])) }
    }

    fn addresses(&self, field: Field, set: &AddressSet) -> Bdd {
        if self.address_bits == 32 {
            self.ranges(field, set.v4.intervals().iter().map(|part| (part.first.into(), part.last.into())))
        } else {
            self.ranges(field, set.v6.intervals().iter().map(|part| (part.first, part.last)))
        }
    }

    /// The product of five sides; ports are asked of packets that have some (S23).
    fn product(&self, sides: &PacketBox) -> Bdd {
        let ports = |field, set: &PortSet| {
            self.ranges(field, set.intervals().iter().map(|part| (part.first.into(), part.last.into())))
        };
        let ports = ports(self.source_port(), &sides.source_ports)
            .and(&ports(self.destination_port(), &sides.destination_ports));
        self.protocols(sides.protocols.iter())
            .and(&self.addresses(self.source(), &sides.source))
            .and(&self.addresses(self.destination(), &sides.destination))
            .and(&ports.or(&self.with_ports().not()))
            .and(&self.everything())
    }

    fn set(&self, set: &PacketSet) -> Bdd {
        self.boxes(set.boxes())
    }

    fn boxes(&self, boxes: &[PacketBox]) -> Bdd {
        boxes.iter().fold(self.variables.mk_false(), |all, part| all.or(&self.product(part)))
    }

    fn packet(&self, packet: &Packet) -> Bdd {
        let bits = |address: IpAddr| match address {
            IpAddr::V4(address) => u128::from(address.to_bits()),
            IpAddr::V6(address) => address.to_bits(),
        };
        [
            (self.protocol(), u128::from(packet.protocol.0)),
            (self.source(), bits(packet.source)),
            (self.destination(), bits(packet.destination)),
            (self.source_port(), packet.source_port.into()),
            (self.destination_port(), packet.destination_port.into()),
        ]
        .into_iter()
        .fold(self.variables.mk_true(), |all, (field, value)| all.and(&self.ranges(field, [(value, value)])))
    }
}

/// Both families; a set of packets is one diagram in each.
fn universes() -> [Universe; 2] {
    [Universe::new(32), Universe::new(128)]
}

fn counts(diagrams: &[Bdd; 2]) -> String {
    diagrams.iter().map(Bdd::exact_cardinality).reduce(|a, b| a + b).unwrap().to_string()
}

/// A set of packets whose sides are those of the rules of the place.
fn any_set() -> impl Strategy<Value = Vec<PacketBox>> {
    rules(&words(), 0..3).prop_map(|rules| rules.custom().map(plain_box).collect())
}

fn plain_box(rule: &Rule) -> PacketBox {
    let addresses = |side: &Side| {
        let nets = side.addresses.iter().filter_map(|written| match &written.value {
            AddressTerm::Prefix { net, .. } => Some(*net),
            _ => None,
        });
        let nets: Vec<IpNet> = nets.collect();
        if nets.is_empty() { AddressSet::all() } else { AddressSet::from_nets(nets) }
    };
    let ports = |side: &Side| {
        PortSet::from_intervals(side.ports.iter().filter_map(|written| match &written.value {
            PortTerm::Range(range) => Some((range.low(), range.high())),
            _ => None,
        }))
    };
    PacketBox {
        protocols: match rule.protocol {
            ProtocolTerm::One(protocol) => ProtocolSet::of([protocol]),
            _ => ProtocolSet::ALL,
        },
        source: addresses(&rule.source),
        source_ports: ports(&rule.source),
        destination: addresses(&rule.destination),
        destination_ports: ports(&rule.destination),
    }
}

fn ours(boxes: &[PacketBox]) -> PacketSet {
    boxes.iter().fold(PacketSet::empty(), |all, sides| all.union(&PacketSet::product(sides)))
}

proptest! {
    #![proptest_config(cases(14))]

    #[test]
    fn the_algebra_of_packets(a in any_set(), b in any_set()) {
        let (ours_a, ours_b) = (ours(&a), ours(&b));
        let universes = universes();
        let [theirs_a, theirs_b] = [&a, &b].map(|boxes| universes.each_ref().map(|universe| universe.boxes(boxes)));
        let whole = universes.each_ref().map(Universe::everything);
        let zip = |combine: fn(&Bdd, &Bdd) -> Bdd| [0, 1].map(|family| combine(&theirs_a[family], &theirs_b[family]));
        for (name, ours, theirs) in [
            ("product", ours_a.clone(), theirs_a.clone()),
            ("union", ours_a.union(&ours_b), zip(Bdd::or)),
            ("intersection", ours_a.intersection(&ours_b), zip(Bdd::and)),
            ("difference", ours_a.difference(&ours_b), zip(Bdd::and_not)),
            ("complement", ours_a.complement(), [0, 1].map(|family| whole[family].and_not(&theirs_a[family]))),
        ] {
            for (universe, theirs) in universes.iter().zip(&theirs) {
                prop_assert!(universe.set(&ours) == *theirs, "{}", name);
                prop_assert!(universe.boxes(&ours.canonical()) == *theirs, "{} in canonical form", name);
            }
            prop_assert_eq!(ours.size().to_string(), counts(&theirs), "{}", name);
            prop_assert_eq!(ours.is_empty(), theirs.iter().all(Bdd::is_false));
        }
        let subset = [0, 1].iter().all(|family| theirs_a[*family].and_not(&theirs_b[*family]).is_false());
        prop_assert_eq!(ours_a.is_subset(&ours_b), subset);
        prop_assert_eq!(ours_a == ours_b, theirs_a == theirs_b);
    }
}

#[test]
fn all_packets_are_all_packets() {
    let all = PacketSet::all();
    let diagrams = universes().map(|universe| universe.everything());
    for (universe, theirs) in universes().iter().zip(&diagrams) {
        assert!(universe.set(&all) == *theirs);
    }
    assert_eq!(all.size().to_string(), counts(&diagrams));
}

/// What a rule certainly and possibly matches, worked out from its text alone.
fn matched(universe: &Universe, rule: &Rule, facts: &Facts) -> [Bdd; 2] {
    let side = |side: &Side, field: Field, asked: bool| -> [Bdd; 2] {
        let mut found = [universe.variables.mk_false(), universe.variables.mk_false()];
        for written in &side.addresses {
            let [must, may] = term(universe, &written.value, field, asked, facts);
            found = [found[0].or(&must), found[1].or(&may)];
        }
        found
    };
    let source = side(&rule.source, universe.source(), false);
    let destination = side(&rule.destination, universe.destination(), true);
    let port = |side: &Side, field: Field| {
        universe.ranges(
            field,
            side.ports.iter().filter_map(|written| match &written.value {
                PortTerm::Range(range) => Some((range.low().into(), range.high().into())),
                _ => None,
            }),
        )
    };
    let ports =
        port(&rule.source, universe.source_port()).and(&port(&rule.destination, universe.destination_port()));
    let protocol = match rule.protocol {
        ProtocolTerm::One(protocol) => universe.protocols([protocol]),
        _ => universe.variables.mk_true(),
    };
    // S23: a packet without ports meets a condition on ports only where that is every port.
    let ported = universe.with_ports();
    let ports = if ports.is_true() { ports } else { ports.and(&ported) };
    [0, 1].map(|sure| {
        protocol.and(&ports).and(&source[sure]).and(&destination[sure]).and(&universe.everything())
    })
}

/// A term as addresses: certainly, and at most.
fn term(universe: &Universe, term: &AddressTerm, field: Field, asked: bool, facts: &Facts) -> [Bdd; 2] {
    let (all, none) = (universe.variables.mk_true(), universe.variables.mk_false());
    let nets = |nets: &[IpNet]| universe.addresses(field, &AddressSet::from_nets(nets.iter().copied()));
    let twice = |set: Bdd| [set.clone(), set];
    let AddressTerm::Tag(name) = term else {
        return match term {
            AddressTerm::Prefix { net, .. } => twice(nets(&[*net])),
            AddressTerm::Group(id) => twice(nets(&facts.groups[id])),
            _ => twice(all),
        };
    };
    match name.to_lowercase().as_str() {
        "virtualnetwork" => {
            let must = nets(&facts.virtual_network);
            [must.clone(), must.or(&nets(&facts.virtual_network_perhaps))]
        }
        "azureloadbalancer" => twice(nets(&support::nets("168.63.129.16/32 fe80::1234:5678:9abc/128"))),
        "internet" => {
            let holes = support::nets(support::NOT_INTERNET);
            twice(if universe.address_bits == 32 {
                nets(&holes).not()
            } else {
                nets(&support::nets("2000::/3"))
            })
        }
        name if name.starts_with("azureplatform") && asked => twice(none),
        name => match facts.tags.get(name) {
            Some(listed) => twice(nets(listed)),
            None => [none, all],
        },
    }
}

/// The three-valued walk, on diagrams: allowed, blocked, unknown.
fn walk(universe: &Universe, rules: &RuleSet, direction: Direction) -> [Bdd; 3] {
    let facts = facts();
    let mut order: Vec<&Rule> =
        rules.rules.iter().filter(|rule| rule.direction.known() == Some(&direction)).collect();
    order.sort_by_key(|rule| rule.priority.order());
    let mut open = universe.everything();
    let [mut can_allow, mut can_deny] = [universe.variables.mk_false(), universe.variables.mk_false()];
    for rule in order {
        let [must, may] = matched(universe, rule, &facts);
        let hit = open.and(&may);
        match rule.access.known() {
            Some(Access::Allow) => can_allow = can_allow.or(&hit),
            _ => can_deny = can_deny.or(&hit),
        }
        open = open.and_not(&must);
    }
    [can_allow.and_not(&can_deny), can_deny.and_not(&can_allow), can_allow.and(&can_deny)]
}

proptest! {
    #![proptest_config(cases(10))]

    #[test]
    fn rule_sets_allow_what_the_diagrams_allow(
        (rules, packets) in with_packets(rules(&words().tags(["Storag"]), 0..6), &surroundings(), 1..12),
        direction in prop::sample::select(Direction::ALL),
    ) {
        let policy = Policy::compile(&rules, direction, &surroundings(), &Reading::DEFAULT);
        let parts = policy.partition(&PacketSet::all());
        let universes = universes();
        let theirs = universes.each_ref().map(|universe| walk(universe, &rules, direction));
        for (at, verdict) in [Verdict::Allowed, Verdict::Blocked, Verdict::Unknown].into_iter().enumerate() {
            let ours = parts.iter().filter(|part| part.decision.verdict == verdict);
            let ours = ours.fold(PacketSet::empty(), |all, part| all.union(&part.packets));
            let theirs = theirs.each_ref().map(|family| family[at].clone());
            for (universe, theirs) in universes.iter().zip(&theirs) {
                prop_assert!(universe.set(&ours) == *theirs, "{verdict}");
            }
            prop_assert_eq!(ours.size().to_string(), counts(&theirs), "{}", verdict);
            for packet in packets.iter().filter(|packet| packet.direction == direction) {
                let family = usize::from(packet.source.is_ipv6());
                let within = !universes[family].packet(packet).and(&theirs[family]).is_false();
                prop_assert_eq!(policy.first_match(packet).verdict == verdict, within, "{}", **packet);
            }
        }
    }

    #[test]
    fn the_difference_is_that_of_the_diagrams(a in any_plain(), b in any_plain()) {
        let [old, new] = [&a, &b]
            .map(|rules| Policy::compile(rules, Direction::Inbound, &surroundings(), &Reading::DEFAULT));
        let changed = old.difference(&new, &PacketSet::all());
        for universe in &universes() {
            let [before, after] = [&a, &b].map(|rules| walk(universe, rules, Direction::Inbound));
            let verdicts = [Verdict::Allowed, Verdict::Blocked, Verdict::Unknown];
            for (from, was) in before.iter().enumerate() {
                for (to, is) in after.iter().enumerate().filter(|(to, _)| *to != from) {
                    let ours = changed.iter().filter(|part| {
                        (part.old.verdict, part.new.verdict) == (verdicts[from], verdicts[to])
                    });
                    let ours = ours.fold(PacketSet::empty(), |all, part| all.union(&part.packets));
                    prop_assert!(universe.set(&ours) == was.and(is), "{} to {}", verdicts[from], verdicts[to]);
                }
            }
        }
    }
}

fn any_plain() -> impl Strategy<Value = Shown<RuleSet>> {
    rules(&words(), 0..4)
}
