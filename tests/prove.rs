//! Properties are what the packets of their set say one by one, and their texts survive printing.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use flowcheck::analyses::{Prover, Truth, ask_packet};
use flowcheck::model::{Direction, Fact, Gap, Origin, Packet, PortRange, Protocol, ResourceId, Verdict};
use flowcheck::network::{AttachmentPoint, Network, Own, SecurityGroup};
use flowcheck::rules::notation::{self, AddressText};
use flowcheck::rules::{Claim, PacketSetText, PropertyText, Quantifier, RuleSet, SideText};
use flowcheck::sets::{AddressSet, Count};
use flowcheck::walk::Checkpoint;
use ipnet::IpNet;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::net::IpAddr;
use support::{any_packet, any_rules, surroundings};

fn group(rules: RuleSet) -> SecurityGroup {
    SecurityGroup {
        id: ResourceId::new("nsg"),
        rules,
        replaced: Vec::new(),
        subnets: Vec::new(),
        doubt: None,
        origin: Origin::command_line("group"),
    }
}

fn point(security_group: Fact<Option<&SecurityGroup>>) -> AttachmentPoint<'_> {
    AttachmentPoint {
        name: "vnet/apim".to_owned(),
        subnet: None,
        security_group,
        own: Own { prefixes: Vec::new(), usable: AddressSet::empty(), known: true },
        surroundings: surroundings(),
        routes: None,
        interfaces: Vec::new(),
        open_fronts: Vec::new(),
        endpoints: Vec::new(),
        reached: Vec::new(),
        peers: Vec::new(),
        admin: Vec::new(),
        assumptions: Vec::new(),
        origin: Origin::command_line("subnet"),
    }
}

/// A set small enough to write out, around the edges that rules have.
fn small_set() -> impl Strategy<Value = PacketSetText> {
    let bits = proptest::sample::select(vec![0u8, 1, 2]);
    let more = proptest::sample::select(vec![0u16, 1]);
    (any_packet(), bits.clone(), bits, more.clone(), more).prop_map(
        |(packet, source, destination, from, to)| {
            let side = |address: IpAddr, bits: u8, port: u16, more: u16| {
                let most = if address.is_ipv4() { 32 } else { 128 };
                let net = IpNet::new(address, most - bits).unwrap().trunc();
                let range = PortRange::new(port, port.saturating_add(more)).unwrap();
                SideText { addresses: vec![AddressText::Prefix(net, false)], ports: Some(vec![range]) }
            };
            PacketSetText {
                direction: packet.direction,
                protocol: Some(packet.protocol),
                source: side(packet.source, source, packet.source_port, from),
                destination: side(packet.destination, destination, packet.destination_port, to),
            }
        },
    )
}

/// Every packet of a small set.
fn written_out(set: &PacketSetText) -> BTreeSet<Packet> {
    let addresses = |side: &SideText| -> Vec<IpAddr> {
        match side.addresses[0] {
            AddressText::Prefix(IpNet::V4(net), _) => (net.network().to_bits()..=net.broadcast().to_bits())
                .map(|bits| std::net::Ipv4Addr::from_bits(bits).into())
                .collect(),
            AddressText::Prefix(IpNet::V6(net), _) => (net.network().to_bits()..=net.broadcast().to_bits())
                .map(|bits| std::net::Ipv6Addr::from_bits(bits).into())
                .collect(),
            _ => Vec::new(),
        }
    };
    let ports = |side: &SideText| {
        let range = side.ports.as_ref().unwrap()[0];
        range.low()..=range.high()
    };
    let mut packets = BTreeSet::new();
    for source in addresses(&set.source) {
        for destination in addresses(&set.destination) {
            for from in ports(&set.source) {
                for to in ports(&set.destination) {
                    let protocol = set.protocol.unwrap();
                    packets.insert(
                        Packet::new(set.direction, protocol, (source, from), (destination, to)).unwrap(),
                    );
                }
            }
        }
    }
    packets
}

fn verdict_of(claim: Claim) -> Verdict {
    if claim == Claim::Allowed { Verdict::Allowed } else { Verdict::Blocked }
}

/// What the words mean, packet by packet.
fn truth(quantifier: Quantifier, claim: Claim, verdicts: &[Verdict]) -> Truth {
    let all = |verdict| verdicts.iter().all(|found| *found == verdict);
    let any = |verdict| verdicts.contains(&verdict);
    let (wanted, other) = (verdict_of(claim), verdict_of(claim.opposite()));
    let (yes, no) = match quantifier {
        Quantifier::Every => (all(wanted), any(other)),
        Quantifier::Some => (any(wanted), all(other)),
        Quantifier::No => (all(other), any(wanted)),
    };
    match (yes, no) {
        (true, _) => Truth::True,
        (_, true) => Truth::False,
        _ => Truth::Unknown,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn a_property_is_what_its_packets_say_one_by_one(
        rules in any_rules(),
        // ICMP between IPv6 addresses is another protocol in a packet than in a set (U4).
        set in small_set().prop_filter("one protocol", |set| set.protocol != Some(Protocol::ICMPV6)),
        grouped in proptest::bool::weighted(0.9),
    ) {
        let group = group(rules.into_inner());
        let point = point(Fact::Known(grouped.then_some(&group)));
        let network = Network::default();
        let prover = Prover::new(&network, &point);
        let checkpoint = Checkpoint::new(&point, set.direction);
        let packets = written_out(&set);
        let verdicts: Vec<Verdict> =
            packets.iter().map(|packet| checkpoint.decide(packet).1.verdict).collect();
        for quantifier in Quantifier::ALL {
            for claim in Claim::ALL {
                let property = PropertyText { quantifier: *quantifier, set: set.clone(), claim: *claim };
                let proof = prover.prove(&property).unwrap();
                prop_assert_eq!(proof.truth, truth(*quantifier, *claim, &verdicts), "{}", property);
                prop_assert_eq!(&proof.covered.packets, &Count::from(packets.len()), "{}", property);
                let evidence: Count = proof.evidence.iter().map(|one| one.size.packets.clone()).sum();
                prop_assert_eq!(&proof.shown.packets, &evidence, "{}", property);
                prop_assert_eq!(proof.unknowns.is_empty(), proof.truth != Truth::Unknown, "{}", property);
                let witness = proof.witness.unwrap();
                prop_assert!(packets.contains(&witness.packet), "{}: {}", property, witness);
                let replayed = ask_packet(&point, &witness.packet).part;
                prop_assert_eq!(replayed.verdict(), witness.verdict, "{}: {}", property, witness);
                prop_assert_eq!(&replayed.outcome, &proof.evidence[0].outcome, "{}: {}", property, witness);
                let contradicts = match (quantifier, proof.truth) {
                    (Quantifier::Every, Truth::False) => Some(claim.opposite()),
                    (Quantifier::No, Truth::False) | (Quantifier::Some, Truth::True) => Some(*claim),
                    _ => None,
                };
                prop_assert!(contradicts.is_none_or(|claim| witness.verdict == verdict_of(claim)));
            }
        }
    }

    #[test]
    fn what_every_denies_some_affirms(rules in any_rules(), set in small_set()) {
        let group = group(rules.into_inner());
        let point = point(Fact::Known(Some(&group)));
        let network = Network::default();
        let prover = Prover::new(&network, &point);
        let ask = |quantifier, claim| {
            prover.prove(&PropertyText { quantifier, set: set.clone(), claim }).unwrap().truth
        };
        for claim in Claim::ALL {
            let (every, some) = (ask(Quantifier::Every, claim.opposite()), ask(Quantifier::Some, *claim));
            prop_assert_eq!(every == Truth::False, some == Truth::True);
            prop_assert_eq!(every == Truth::True, some == Truth::False);
            prop_assert_eq!(every, ask(Quantifier::No, *claim));
        }
    }

    #[test]
    fn printing_what_was_parsed_from_a_printed_text_changes_nothing(property in any_property()) {
        let printed = property.to_string();
        let read: PropertyText = printed.parse().unwrap();
        prop_assert_eq!(read.to_string(), printed.clone());
        let shouted = printed.to_uppercase().replace("ASG:", "asg:").replace("SUBNET:", "subnet:");
        prop_assert_eq!(shouted.parse::<PropertyText>().unwrap().to_string().to_lowercase(), printed.to_lowercase());
    }
}

fn any_side() -> impl Strategy<Value = SideText> {
    let net = (any::<IpAddr>(), 0u8..=32).prop_map(|(address, length)| {
        AddressText::Prefix(IpNet::new(address, length).unwrap().trunc(), false)
    });
    let name = "[a-zA-Z_][a-zA-Z0-9_./-]{0,8}[a-zA-Z0-9]"
        .prop_filter("not all of IPv6's letters", |name| !name.contains("->"));
    let address = prop_oneof![
        Just(AddressText::Any),
        net,
        any::<IpAddr>().prop_map(|address| AddressText::Prefix(address.into(), false)),
        name.clone().prop_map(AddressText::Name),
        name.clone().prop_map(AddressText::Subnet),
        name.prop_map(AddressText::Group),
    ];
    let port = (any::<u16>(), any::<u16>()).prop_map(|(a, b)| PortRange::new(a.min(b), a.max(b)).unwrap());
    (proptest::collection::vec(address, 1..4), proptest::option::of(proptest::collection::vec(port, 1..4)))
        .prop_map(|(addresses, ports)| SideText { addresses, ports })
}

fn any_property() -> impl Strategy<Value = PropertyText> {
    let set = (
        proptest::sample::select(Direction::ALL),
        proptest::option::of(any::<u8>().prop_map(Protocol)),
        any_side(),
        any_side(),
    )
        .prop_map(|(direction, protocol, source, destination)| PacketSetText {
            direction,
            protocol,
            source,
            destination,
        });
    (proptest::sample::select(Quantifier::ALL), set, proptest::sample::select(Claim::ALL))
        .prop_map(|(quantifier, set, claim)| PropertyText { quantifier, set, claim })
}

/// `Nowhere` is no tag of the list; 192.168.0.0/16 may be a peer's, so that `VirtualNetwork` may hold it.
const RULES: [&str; 11] = [
    "100 In Deny Tcp *:* -> *:22",
    "110 In Allow Tcp 10.0.0.0/16,20.0.0.0/31:* -> *:82",
    "120 In Deny Tcp *:* -> *:82",
    "130 In Allow Tcp Nowhere:* -> *:83",
    "140 In Deny Tcp *:* -> *:83",
    "150 In Allow Tcp *:* -> *:84",
    "160 In Deny Tcp 192.168.0.0/16:* -> *:85",
    "170 In Allow Tcp *:* -> *:85",
    "180 In Allow Tcp 192.168.0.0/16:* -> *:86",
    "190 In Allow Tcp Nowhere:* -> *:86",
    "200 In Deny Tcp *:* -> *:86",
];

#[track_caller]
fn check(property: &str, truth: Truth, missing: &[&str]) {
    let origin = Origin::command_line("test");
    let rules = RULES.iter().map(|text| notation::rule(text, text, &origin).unwrap()).collect();
    let group = group(RuleSet::new(rules, &origin));
    let point = point(Fact::Known(Some(&group)));
    let network = Network::default();
    let proof = Prover::new(&network, &point).prove(&property.parse().unwrap()).unwrap();
    assert_eq!(proof.truth, truth, "{property}");
    assert_eq!(proof.unknowns.len(), missing.len(), "{property}: {:?}", proof.unknowns);
    for (gap, says) in proof.unknowns.iter().zip(missing) {
        assert!(gap.missing().contains(says), "{property}: {gap}");
    }
}

#[test]
fn what_is_missing_leaves_an_answer_open_only_where_it_could_turn_it() {
    use Truth::{False, True, Unknown};
    let tag = &["the tag `Nowhere`"][..];
    let peer = &["the peer's address space"][..];
    // A tag that is not known.
    check("every In Tcp 8.8.8.8 -> 10.0.1.5:83 is blocked", Unknown, tag);
    check("every In Tcp 8.8.8.8 -> 10.0.1.5:83 is allowed", Unknown, tag);
    check("some In Tcp 8.8.8.8 -> 10.0.1.5:83 is allowed", Unknown, tag);
    check("no In Tcp 8.8.8.8 -> 10.0.1.5:83 is allowed", Unknown, tag);
    // One certain packet settles it whatever the tag holds.
    check("every In Tcp 8.8.8.8 -> 10.0.1.5:83-84 is blocked", False, &[]);
    check("no In Tcp 8.8.8.8 -> 10.0.1.5:83-84 is allowed", False, &[]);
    check("some In Tcp 8.8.8.8 -> 10.0.1.5:83-84 is allowed", True, &[]);
    check("some In Tcp 8.8.8.8 -> 10.0.1.5:83-84 is blocked", Unknown, tag);
    check("every In Tcp 8.8.8.8 -> 10.0.1.5:83-84 is allowed", Unknown, tag);
    // It is not known how far the network reaches.
    check("every In Tcp VirtualNetwork -> 10.0.1.5:22 is blocked", True, &[]);
    check("some In Tcp VirtualNetwork -> 10.0.1.5:22 is allowed", False, &[]);
    check("every In Tcp VirtualNetwork -> 10.0.1.5:82 is allowed", Unknown, peer);
    check("no In Tcp VirtualNetwork -> 10.0.1.5:82 is blocked", Unknown, peer);
    check("some In Tcp VirtualNetwork -> 10.0.1.5:82 is blocked", Unknown, peer);
    check("some In Tcp VirtualNetwork -> 10.0.1.5:85 is blocked", Unknown, peer);
    check("some In Tcp VirtualNetwork -> 10.0.1.5:85 is allowed", True, &[]);
    check("every In Tcp VirtualNetwork -> 10.0.1.5:82,85 is blocked", False, &[]);
    // Whether the peer is meant changes nothing here.
    check("every In Tcp VirtualNetwork -> 10.0.1.5:86 is allowed", Unknown, tag);
    // Both at once.
    check(
        "every In Tcp VirtualNetwork -> 10.0.1.5:82-83 is allowed",
        Unknown,
        &["the tag `Nowhere`", "the peer's"],
    );
}

#[test]
fn a_group_that_is_not_known_leaves_everything_open_but_what_the_platform_settles() {
    let point = point(Fact::Unknown(Gap::new("the group")));
    let network = Network::default();
    let prover = Prover::new(&network, &point);
    for (property, truth) in [
        ("every In Tcp 8.8.8.8 -> 10.0.1.5:22 is blocked", Truth::Unknown),
        ("every In Gre 8.8.8.8 -> 10.0.1.5 is blocked", Truth::True),
        ("some Out Tcp 10.0.1.5 -> 168.63.129.16:80 is blocked", Truth::False),
    ] {
        assert_eq!(prover.prove(&property.parse().unwrap()).unwrap().truth, truth, "{property}");
    }
}

#[test]
fn one_prover_serves_many_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    let point = point(Fact::Known(None));
    let network = Network::default();
    shared(&Prover::new(&network, &point));
}
