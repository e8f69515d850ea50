//! Strategies that the integration tests share: rule sets as people write them, and packets that aim at
//! the edges of a rule set.

#![allow(unreachable_pub, clippy::unwrap_used, reason = "helpers of tests fail the test")]

use flowcheck::model::{
    Access, Direction, Fact, Gap, Origin, Packet, PortRange, Priority, Protocol, ResourceId, RulePriority,
};
use flowcheck::rules::reference::Facts;
use flowcheck::rules::{
    AddressTerm, Extent, PortTerm, ProtocolTerm, Rule, RuleSet, Side, Surroundings, Written,
};
use flowcheck::sets::AddressSet;
use flowcheck::tags::TagSnapshot;
use ipnet::IpNet;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A list whose tags overlap each other, the network and the private ranges on purpose.
const TAGS: &str = "# flowcheck service tags 1
# cloud: Public
# change number: 1
# date: 2025-01-01
Narrow|NSG||13.69.64.76 13.69.64.78/31
Wide|NSG||13.69.0.0/16 20.0.0.0/30 2603:1000::/40
Wide.WestEurope|-|westeurope|13.69.64.0/26
Within|NSG||10.0.1.4/30 10.0.0.128/25
";

pub fn tags() -> &'static TagSnapshot {
    static LIST: std::sync::OnceLock<TagSnapshot> = std::sync::OnceLock::new();
    LIST.get_or_init(|| TagSnapshot::parse(TAGS, "tags").unwrap())
}

fn nets(list: &str) -> Vec<IpNet> {
    list.split_whitespace().map(|net| net.parse().unwrap()).collect()
}

const NETWORK: &str = "10.0.0.0/16 20.0.0.0/31 fd00:1::/48 168.63.129.16/32";
const PERHAPS: &str = "192.168.0.0/16";
const GROUP: &str = "10.0.1.5/32 10.0.2.7/32";

/// One set of surroundings, as the fast evaluators take it.
pub fn surroundings() -> Surroundings<'static> {
    let certain: AddressSet = nets(NETWORK).into_iter().collect();
    let possible: AddressSet = nets(PERHAPS).into_iter().collect();
    Surroundings {
        tags: tags(),
        virtual_network: Extent {
            may: certain.union(&possible),
            must: certain,
            gaps: vec![Gap::new("the peer's address space")],
        },
        unseen_own: None,
        groups: BTreeMap::from([(ResourceId::new("app"), Extent::known(nets(GROUP).into_iter().collect()))]),
    }
}

/// The same surroundings, as the reference evaluator takes them.
pub fn facts() -> Facts {
    let listed = tags().names().map(|name| {
        let addresses = tags().lookup(name).unwrap().addresses;
        (name.to_lowercase(), addresses.to_nets())
    });
    Facts {
        virtual_network: nets(NETWORK),
        virtual_network_perhaps: nets(PERHAPS),
        tags: listed.collect(),
        groups: BTreeMap::from([(ResourceId::new("app"), nets(GROUP))]),
    }
}

/// Prefixes whose edges are worth aiming at.
const PREFIXES: [&str; 14] = [
    "10.0.1.0/24",
    "10.0.1.0/25",
    "10.0.1.128/25",
    "10.0.1.5/32",
    "10.0.0.0/16",
    "13.69.64.76/32",
    "13.69.64.0/24",
    "0.0.0.0/0",
    "128.0.0.0/1",
    "168.63.129.16/32",
    "192.168.1.0/24",
    "fd00:1::/64",
    "2603:1000::/41",
    "::/0",
];

const TAG_NAMES: [&str; 11] = [
    "VirtualNetwork",
    "INTERNET",
    "azureloadbalancer",
    "Narrow",
    "WIDE",
    "wide.westeurope",
    "Within",
    "CorpNetSaw",
    "VIRTUAL_NETWORK",
    "AzurePlatformDNS",
    "Storag",
];

fn gap() -> Gap {
    Gap::new("the value of `[parameters('x')]`")
}

fn any_term() -> impl Strategy<Value = AddressTerm> {
    prop_oneof![
        4 => Just(AddressTerm::Any),
        8 => proptest::sample::select(&PREFIXES[..]).prop_map(|net| AddressTerm::Prefix { net: net.parse().unwrap(), host_bits: false }),
        8 => proptest::sample::select(&TAG_NAMES[..]).prop_map(|name| AddressTerm::Tag(name.to_owned())),
        1 => Just(AddressTerm::LiteralAny),
        1 => Just(AddressTerm::Group(ResourceId::new("app"))),
        1 => Just(AddressTerm::Group(ResourceId::new("lost"))),
        1 => Just(AddressTerm::DashRange { first: "10.0.1.1".parse().unwrap(), last: "10.0.1.9".parse().unwrap() }),
        1 => Just(AddressTerm::Unknown(gap())),
    ]
}

fn any_port_term() -> impl Strategy<Value = PortTerm> {
    let edge = proptest::sample::select(vec![
        0u16, 1, 79, 80, 81, 442, 443, 444, 1023, 1024, 50_000, 65_534, 65_535,
    ]);
    prop_oneof![
        6 => Just(PortTerm::Range(PortRange::ALL)),
        8 => (edge.clone(), edge).prop_map(|(a, b)| PortTerm::Range(PortRange::new(a.min(b), a.max(b)).unwrap())),
        1 => Just(PortTerm::Never),
        1 => Just(PortTerm::Unknown(gap())),
    ]
}

fn any_written<T: std::fmt::Debug + Clone>(
    term: impl Strategy<Value = T> + Clone + 'static,
) -> impl Strategy<Value = Vec<Written<T>>> {
    // A lone value, a list, or (oddly) both fields at once.
    let plural = proptest::collection::vec(term.clone(), 1..4);
    prop_oneof![
        5 => term.clone().prop_map(|value| vec![Written::singular(value)]),
        3 => plural.clone().prop_map(|values| values.into_iter().map(Written::plural).collect::<Vec<_>>()),
        1 => (term, plural).prop_map(|(value, values)| {
            let mut all = vec![Written::singular(value)];
            all.extend(values.into_iter().map(Written::plural));
            all
        }),
    ]
}

fn any_side() -> impl Strategy<Value = Side> {
    let ports = prop_oneof![
        2 => Just(vec![Written::singular(PortTerm::Range(PortRange::ALL))]),
        3 => any_written(any_port_term().boxed()),
    ];
    (any_written(any_term().boxed()), ports).prop_map(|(addresses, ports)| Side { addresses, ports })
}

fn any_priority() -> impl Strategy<Value = RulePriority> {
    prop_oneof![
        // Few numbers, so that neighbours and equals are common.
        12 => proptest::sample::select(vec![100i64, 101, 102, 200, 4095, 4096])
            .prop_map(|number| RulePriority::Custom(Priority::custom(number).unwrap())),
        1 => Just(RulePriority::OutOfRange(99)),
        1 => Just(RulePriority::OutOfRange(70_000)),
        1 => Just(RulePriority::Unknown(gap())),
    ]
}

fn fact<T: Clone + std::fmt::Debug + 'static>(values: &'static [T]) -> impl Strategy<Value = Fact<T>> {
    prop_oneof![
        19 => proptest::sample::select(values).prop_map(Fact::Known),
        1 => Just(Fact::Unknown(gap())),
    ]
}

pub fn any_rule() -> impl Strategy<Value = Rule> {
    let protocol = prop_oneof![
        5 => Just(ProtocolTerm::Any),
        8 => proptest::sample::select(vec![Protocol::TCP, Protocol::UDP, Protocol::ICMP, Protocol::ESP, Protocol::AH])
            .prop_map(ProtocolTerm::One),
        1 => Just(ProtocolTerm::Unknown(gap())),
    ];
    (
        any_priority(),
        fact(Direction::ALL),
        fact(Access::ALL),
        protocol,
        any_side(),
        any_side(),
        proptest::bool::weighted(0.05),
    )
        .prop_map(|(priority, direction, access, protocol, source, destination, doubtful)| Rule {
            name: "rule".to_owned(),
            priority,
            direction,
            access,
            protocol,
            source,
            destination,
            doubt: doubtful.then(gap),
            origin: Origin::command_line("test"),
        })
}

pub fn any_rule_set() -> impl Strategy<Value = RuleSet> {
    proptest::collection::vec(any_rule(), 0..7)
        .prop_map(|rules| RuleSet::new(rules, &Origin::command_line("test")))
}

/// The first and last address of a prefix and their neighbours outside.
fn edges(net: &IpNet) -> Vec<IpAddr> {
    match net {
        IpNet::V4(net) => {
            let (first, last) = (net.network().to_bits(), net.broadcast().to_bits());
            [first.wrapping_sub(1), first, last, last.wrapping_add(1)]
                .map(|bits| Ipv4Addr::from_bits(bits).into())
                .to_vec()
        }
        IpNet::V6(net) => {
            let (first, last) = (net.network().to_bits(), net.broadcast().to_bits());
            [first.wrapping_sub(1), first, last, last.wrapping_add(1)]
                .map(|bits| Ipv6Addr::from_bits(bits).into())
                .to_vec()
        }
    }
}

fn any_address() -> impl Strategy<Value = IpAddr> {
    let facts = facts();
    let all = PREFIXES.iter().map(|net| net.parse().unwrap()).chain(nets(NETWORK)).chain(nets(PERHAPS));
    let of_tags = facts.tags.values().flatten().copied().collect::<Vec<_>>();
    // Holes of Internet and their neighbours too.
    let holes = nets(
        "8.8.8.8/32 25.4.0.0/14 172.16.0.0/12 224.0.0.0/3 104.146.0.0/17 2000::/3 fe80::1234:5678:9abc/128",
    );
    let pool: Vec<IpAddr> = all.chain(of_tags).chain(holes).flat_map(|net| edges(&net)).collect();
    proptest::sample::select(pool)
}

pub fn any_packet() -> impl Strategy<Value = Packet> {
    let port = || {
        let edge = proptest::sample::select(vec![
            0u16, 1, 2, 78, 79, 80, 81, 82, 442, 443, 444, 445, 1023, 1024, 1025, 49_999, 50_000, 65_534,
            65_535,
        ]);
        prop_oneof![9 => edge, 1 => any::<u16>()]
    };
    let protocol = proptest::sample::select(vec![
        Protocol::TCP,
        Protocol::TCP,
        Protocol::UDP,
        Protocol::ICMP,
        Protocol::ESP,
        Protocol::AH,
        Protocol(99),
    ]);
    let direction = proptest::sample::select(Direction::ALL);
    (direction, protocol, any_address(), port(), any_address(), port()).prop_filter_map(
        "both addresses of one family",
        |(direction, protocol, source, source_port, destination, destination_port)| {
            Packet::new(direction, protocol, (source, source_port), (destination, destination_port)).ok()
        },
    )
}
