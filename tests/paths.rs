//! Whole ways: what two ends say together is what each says alone, packet by packet.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use flowcheck::analyses::{PathQuestion, matrix, path};
use flowcheck::model::{Direction, Fact, Origin, Packet, Protocol, ResourceId, Verdict};
use flowcheck::network::{
    EndKind, Network, NextHopType, Route, RoutePrefix, RouteTable, SecurityGroup, Subnet, VirtualNetwork,
};
use flowcheck::rules::RuleSet;
use flowcheck::rules::notation::{SideText, ports, protocols};
use flowcheck::sets::PortSet;
use flowcheck::walk::Checkpoint;
use proptest::prelude::*;
use proptest::sample::select;
use std::net::IpAddr;
use support::{any_rules, cases, nets, tags};

/// Two subnets of one network with a group each; the first has a route table.
fn network(one: RuleSet, other: RuleSet, route: Option<(&str, NextHopType)>) -> Network {
    let origin = Origin::command_line("test");
    let (vnet, table) =
        (ResourceId::new("/providers/Microsoft.Network/virtualNetworks/v"), ResourceId::new("rt"));
    let group = |name: &str, rules| SecurityGroup {
        id: ResourceId::new(name),
        rules,
        replaced: Vec::new(),
        subnets: Vec::new(),
        doubt: None,
        origin: origin.clone(),
    };
    let subnet = |name: &str, prefix: &str| Subnet {
        prefixes: Fact::Known(nets(prefix)),
        security_group: Fact::Known(Some(ResourceId::new(format!("{name}-nsg")))),
        ..Subnet::new(ResourceId::new(format!("{vnet}/subnets/{name}")), vnet.clone(), &origin)
    };
    let routes = route.map(|(prefix, next_hop)| Route {
        name: "bend".to_owned(),
        prefix: Fact::Known(RoutePrefix::Net(prefix.parse().unwrap())),
        next_hop: Fact::Known(next_hop),
        next_hop_address: Fact::Known(Some("10.0.9.4".parse().unwrap())),
        origin: origin.clone(),
    });
    Network {
        virtual_networks: vec![VirtualNetwork::new(vnet.clone(), Fact::Known(nets("10.0.0.0/16")), &origin)]
            .into(),
        subnets: vec![
            Subnet { route_table: Fact::Known(Some(table.clone())), ..subnet("one", "10.0.1.0/24") },
            subnet("two", "10.0.2.0/25"),
        ]
        .into(),
        security_groups: vec![group("one-nsg", one), group("two-nsg", other)].into(),
        route_tables: vec![RouteTable {
            id: table,
            routes: routes.into_iter().collect(),
            propagates: Fact::Known(true),
            origin: origin.clone(),
        }]
        .into(),
        ..Network::default()
    }
}

fn side(text: &str) -> SideText {
    text.parse().unwrap()
}

fn both(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (Verdict::Blocked, _) | (_, Verdict::Blocked) => Verdict::Blocked,
        (Verdict::Unknown, _) | (_, Verdict::Unknown) => Verdict::Unknown,
        _ => Verdict::Allowed,
    }
}

proptest! {
    #![proptest_config(cases(40))]

    /// Every packet of a way has the verdict of both ends together, and the parts hold each once.
    #[test]
    fn a_way_is_what_both_ends_say_of_each_packet(
        one in any_rules(),
        other in any_rules(),
        route in proptest::option::of((
            select(vec!["0.0.0.0/0", "10.0.2.0/24", "10.0.2.64/26", "10.0.0.0/8"]),
            select(vec![NextHopType::None, NextHopType::VirtualAppliance, NextHopType::Internet]),
        )),
        (from, to) in select(vec![("one", "two"), ("two", "one"), ("one", "one")]),
        packets in proptest::collection::vec((4u8..120, 4u8..120, select(vec![79u16, 80, 443, 1024])), 8),
    ) {
        let network = network(one.into_inner(), other.into_inner(), route);
        let (a, b) = (network.end(&side(from), tags()).unwrap(), network.end(&side(to), tags()).unwrap());
        let question =
            PathQuestion { protocols: protocols("tcp").unwrap(), source_ports: PortSet::all(), ports: PortSet::all() };
        let answer = path(&a, &b, &question).unwrap();
        let (source, destination) = (a.place.as_ref().unwrap(), b.place.as_ref().unwrap());
        let out = Checkpoint::new(source, Direction::Outbound);
        let into = Checkpoint::new(destination, Direction::Inbound);
        let base = |name: &str| if name == "one" { [10, 0, 1] } else { [10, 0, 2] };
        for (x, y, port) in packets {
            let address = |[a, b, c]: [u8; 3], last| IpAddr::from([a, b, c, last]);
            let ends = (address(base(from), x), address(base(to), y));
            let packet = |direction| {
                Packet::new(direction, Protocol::TCP, (ends.0, 50_000), (ends.1, port)).unwrap()
            };
            let expected = both(
                out.ask_packet(&packet(Direction::Outbound)).verdict(),
                into.ask_packet(&packet(Direction::Inbound)).verdict(),
            );
            let holding: Vec<_> = answer
                .parts
                .iter()
                .filter(|part| part.packets.contains(&packet(Direction::Outbound)))
                .collect();
            prop_assert_eq!(holding.len(), 1, "{}", packet(Direction::Outbound));
            prop_assert_eq!(holding[0].verdict(), expected, "{}", packet(Direction::Outbound));
        }
        // The matrix gives the verdict of the same way.
        let all = matrix(&network, tags(), &question).unwrap();
        let place = |name: &str| usize::from(name == "two");
        prop_assert_eq!(all.verdicts[place(from)][place(to)], Some(answer.verdict));
        // What blocks or leaves open is told, with what would have to change.
        for step in answer.steps.iter().filter(|step| step.verdict != Verdict::Allowed) {
            prop_assert!(step.change.is_some());
        }
        prop_assert_eq!(answer.verdict == Verdict::Allowed, answer.steps.iter().all(|step| step.change.is_none()));
    }
}

#[test]
fn ends_are_looked_up_by_every_word_that_people_use() {
    let network = network(RuleSet::default(), RuleSet::default(), None);
    for (text, kind, place) in [
        ("one", EndKind::Subnet, Some("v/one")),
        ("subnet:two", EndKind::Subnet, Some("v/two")),
        ("10.0.2.4", EndKind::Subnet, Some("v/two")),
        ("10.0.2.0/26,10.0.2.64/26", EndKind::Subnet, Some("v/two")),
        ("10.9.0.0/16", EndKind::Addresses, None),
        ("Internet", EndKind::Tag, None),
        ("Wide", EndKind::Tag, None),
    ] {
        let end = network.end(&side(text), tags()).unwrap();
        assert_eq!((end.kind, end.place.map(|place| place.name).as_deref()), (kind, place), "{text}");
    }
    for (text, reason) in [
        ("one,10.0.2.4", "different places"),
        ("10.0.0.0/16", "covers v/one and v/two"),
        ("onne", "no service tag"),
        ("VirtualNetwork", "another set at each place"),
        ("on-premises", "no gateway"),
    ] {
        let error = network.end(&side(text), tags()).unwrap_err().to_string();
        assert!(error.contains(reason), "{text}: {error}");
    }
}

#[test]
fn every_obstacle_is_told_and_not_the_first_alone() {
    let rules = |text: &str| {
        let origin = Origin::command_line("rules");
        let rules = text.lines().map(|line| {
            let (name, rule) = line.trim().split_once(": ").unwrap();
            flowcheck::rules::notation::rule(name, rule, &origin).unwrap()
        });
        RuleSet::new(rules.collect(), &origin)
    };
    let network = network(
        rules("NoOut: 100 Out Deny * *:* -> *:*"),
        rules("NoIn: 100 In Deny * *:* -> *:*"),
        Some(("10.0.2.0/24", NextHopType::None)),
    );
    let question = PathQuestion {
        protocols: protocols("tcp").unwrap(),
        source_ports: PortSet::all(),
        ports: ports("443").unwrap(),
    };
    let end = |text: &str| network.end(&side(text), tags()).unwrap();
    let answer = path(&end("one"), &end("two"), &question).unwrap();
    let obstacles: Vec<String> = answer
        .steps
        .iter()
        .filter(|step| step.change.is_some())
        .map(|step| format!("{} {} {}", step.direction, step.layer, step.deciders[0]))
        .collect();
    assert_eq!(
        obstacles,
        ["Out subnet-nsg NoOut (100)", "Out route the route bend", "In subnet-nsg NoIn (100)"]
    );
}
