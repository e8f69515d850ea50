//! A checkpoint decides one packet in two ways: through sets, with layers and names, and through the tables
//! that batches use. They agree, with and without a group, on the platform's own traffic too.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use flowcheck::model::{Direction, Fact, Gap, Origin, Packet, Protocol, ResourceId, Verdict};
use flowcheck::network::{AttachmentPoint, Own, SecurityGroup};
use flowcheck::rules::RuleSet;
use flowcheck::sets::AddressSet;
use flowcheck::strategies::{Shown, with_packets};
use flowcheck::walk::Checkpoint;
use proptest::prelude::*;
use support::{any_packet, any_rules, cases, surroundings};

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
        own: Own { prefixes: Vec::new(), usable: AddressSet::empty(), known: false },
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

/// Packets that the platform treats in its own way, and their neighbours.
fn platform_packet() -> impl Strategy<Value = Shown<Packet>> {
    let address = proptest::sample::select(vec![
        "168.63.129.15",
        "168.63.129.16",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "0.0.0.2",
        "10.0.1.5",
    ]);
    let port = proptest::sample::select(vec![52u16, 53, 67, 68, 79, 80, 81, 1688, 32_526, 65_330]);
    let protocol = proptest::sample::select(vec![
        Protocol::TCP,
        Protocol::UDP,
        Protocol::ICMP,
        Protocol::GRE,
        Protocol(4),
        Protocol::ESP,
    ]);
    let direction = proptest::sample::select(Direction::ALL);
    (direction, protocol, address.clone(), port.clone(), address, port).prop_map(
        |(direction, protocol, source, source_port, destination, destination_port)| {
            let (source, destination) = (source.parse().unwrap(), destination.parse().unwrap());
            Shown(
                Packet::new(direction, protocol, (source, source_port), (destination, destination_port))
                    .unwrap(),
            )
        },
    )
}

fn agree(
    point: &AttachmentPoint<'_>,
    group: Option<&SecurityGroup>,
    packet: &Packet,
) -> Result<(), TestCaseError> {
    let checkpoint = Checkpoint::new(point, packet.direction);
    let part = checkpoint.ask_packet(packet);
    let (layer, decision) = checkpoint.decide(packet);
    prop_assert!(part.packets.contains(packet));
    prop_assert_eq!(part.verdict(), decision.verdict, "{}", packet);
    prop_assert_eq!(part.outcome.layers.last().map(|step| step.layer), Some(layer), "{}", packet);
    let named: Vec<_> = part.outcome.candidates().iter().filter_map(|decider| decider.priority).collect();
    let placed = decision.candidates.iter().filter_map(|index| group?.rules.rules[*index].priority.number());
    prop_assert_eq!(named, placed.collect::<Vec<_>>(), "{}", packet);
    Ok(())
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn sets_and_tables_agree(
        (rules, mut packets) in with_packets(any_rules(), &surroundings(), 1..8),
        others in proptest::collection::vec(prop_oneof![any_packet(), platform_packet()], 1..12),
    ) {
        packets.extend(others);
        let group = group(rules.into_inner());
        let with_group = point(Fact::Known(Some(&group)));
        let without = point(Fact::Known(None));
        let unknown = point(Fact::Unknown(Gap::new("the group")));
        for packet in packets {
            agree(&with_group, Some(&group), &packet)?;
            agree(&without, None, &packet)?;
            agree(&unknown, None, &packet)?;
        }
    }
}

#[test]
fn without_a_group_the_place_is_closed_from_outside_and_open_from_within() {
    let point = point(Fact::Known(None));
    for (packet, verdict) in [
        ("In Tcp 8.8.8.8 -> 10.0.1.5:443", Verdict::Blocked), // S63
        ("In Tcp 10.0.7.7 -> 10.0.1.5:443", Verdict::Allowed), // S62, S64
        ("In Tcp 168.63.129.16 -> 10.0.1.5:6390", Verdict::Allowed), // S72
        ("In Tcp 192.168.1.1 -> 10.0.1.5:443", Verdict::Unknown), // perhaps a peer
        ("Out Tcp 10.0.1.5 -> 8.8.8.8:443", Verdict::Allowed), // S62
    ] {
        let packet: Packet = packet.parse().unwrap();
        assert_eq!(
            Checkpoint::new(&point, packet.direction).ask_packet(&packet).verdict(),
            verdict,
            "{packet}"
        );
    }
}
