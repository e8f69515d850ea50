//! The layers of a place together: admin rules, the subnet's group, an interface's group, routes. Each is
//! evaluated by itself in the plainest way, and the answers are joined by hand (S58 to S62, S126, S131).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use flowcheck::model::{Direction, Fact, Gap, Layer, Origin, Packet, Protocol, ResourceId, Verdict};
use flowcheck::network::effective::AdminRules;
use flowcheck::network::routing::RoutesInForce;
use flowcheck::network::{
    AttachedInterface, AttachmentPoint, Network, NextHopType, Own, Route, RoutePrefix, RouteTable,
    SecurityGroup, Subnet, VirtualNetwork,
};
use flowcheck::rules::{RuleSet, notation, reference};
use flowcheck::sets::{AddressSet, PacketSet};
use flowcheck::strategies::with_packets;
use flowcheck::walk::{Checkpoint, beyond_rules};
use proptest::prelude::*;
use proptest::sample::select;
use std::net::IpAddr;
use support::{any_packet, any_rules, cases, facts, nets, surroundings, tags};

const OWN: &str = "10.0.1.5";

/// Admin rules, and the plain reading of them: what becomes of a packet before the groups.
const ADMIN: [&[&str]; 5] = [
    &[],
    &["1 In Deny Tcp *:* -> *:443"],
    &["2 In AlwaysAllow Tcp 13.69.0.0/16:* -> *:*", "3 In Deny * *:* -> *:*"],
    &["10 Out Allow * *:* -> *:*", "20 Out Deny * *:* -> *:*"],
    &["7 Out Deny * *:* -> 0.0.0.0/0:*"],
];

fn admin_verdict(which: usize, packet: &Packet) -> Option<Verdict> {
    let (inbound, tcp) = (packet.direction == Direction::Inbound, packet.protocol == Protocol::TCP);
    let from_wide = nets("13.69.0.0/16")[0].contains(&packet.source);
    match which {
        1 if inbound && tcp && packet.destination_port == 443 => Some(Verdict::Blocked),
        2 if inbound && tcp && from_wide => Some(Verdict::Allowed),
        2 if inbound => Some(Verdict::Blocked),
        4 if !inbound && packet.destination.is_ipv4() => Some(Verdict::Blocked),
        _ => None,
    }
}

fn group(name: &str, rules: RuleSet) -> SecurityGroup {
    SecurityGroup {
        id: ResourceId::new(name),
        rules,
        replaced: Vec::new(),
        subnets: Vec::new(),
        doubt: None,
        origin: Origin::command_line(name),
    }
}

fn admin(which: usize) -> Vec<AdminRules> {
    let origin = Origin::command_line("admin");
    let read =
        |(number, text): (usize, &&str)| notation::admin_rule(&format!("a{number}"), text, &origin).unwrap();
    let rules: Vec<_> = ADMIN[which].iter().enumerate().map(read).collect();
    let always =
        rules.iter().enumerate().filter(|(_, (_, always))| *always).map(|(place, _)| place).collect();
    let rules = RuleSet { rules: rules.into_iter().map(|(rule, _)| rule).collect() };
    if rules.rules.is_empty() {
        return Vec::new();
    }
    vec![AdminRules { manager: ResourceId::new("avnm"), rules, always, origin }]
}

/// A default route to an appliance, one tag straight to the Internet, one prefix to nowhere.
fn routes() -> RoutesInForce {
    let origin = Origin::command_line("routes");
    let route = |name: &str, prefix: RoutePrefix, next_hop, address: Option<&str>| Route {
        name: name.to_owned(),
        prefix: Fact::Known(prefix),
        next_hop: Fact::Known(next_hop),
        next_hop_address: Fact::Known(address.map(|address| address.parse().unwrap())),
        origin: origin.clone(),
    };
    let net = |text: &str| RoutePrefix::Net(text.parse().unwrap());
    let (vnet, table) = (ResourceId::new("vnet"), ResourceId::new("rt"));
    let network = Network {
        virtual_networks: vec![VirtualNetwork::new(vnet.clone(), Fact::Known(nets("10.0.0.0/16")), &origin)]
            .into(),
        subnets: vec![Subnet {
            prefixes: Fact::Known(nets("10.0.1.0/24")),
            route_table: Fact::Known(Some(table.clone())),
            ..Subnet::new(ResourceId::new("vnet/apim"), vnet, &origin)
        }]
        .into(),
        route_tables: vec![RouteTable {
            id: table,
            routes: vec![
                route("all", net("0.0.0.0/0"), NextHopType::VirtualAppliance, Some("10.0.9.4")),
                route("wide", RoutePrefix::Tag("Wide".to_owned()), NextHopType::Internet, None),
                route("gone", net("13.69.64.0/24"), NextHopType::None, None),
            ],
            propagates: Fact::Known(true),
            origin: origin.clone(),
        }]
        .into(),
        ..Network::default()
    };
    network.at_subnet(&network.subnets[0], tags()).routes.unwrap()
}

/// What the routes of [`routes`] do, by hand.
fn route_verdict(packet: &Packet) -> Verdict {
    let remote = packet.remote();
    let within = |list: &str| nets(list).iter().any(|net| net.contains(&remote));
    match () {
        // The network that the routes are made for has no IPv6 and no 20.0.0.0/31: the Internet has them, which
        // does not lead to private addresses.
        () if within("fc00::/7 20.0.0.0/31") => Verdict::Blocked,
        () if remote.is_ipv6() => Verdict::Allowed,
        () if within("168.63.129.16/32 169.254.169.254/32 10.0.0.0/16") => Verdict::Allowed,
        // Longer than the /24 that leads nowhere are only the prefixes of the tag inside it.
        () if within("13.69.64.0/24") => Verdict::Blocked,
        () if within("13.69.0.0/16 20.0.0.0/30") => Verdict::Allowed,
        // Replies to private sources by an appliance are taken to go back the way that they came (R7).
        () if packet.direction == Direction::Inbound
            && within("10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 20.0.0.0/31") =>
        {
            Verdict::Allowed
        }
        () => Verdict::Unknown,
    }
}

fn both(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (Verdict::Blocked, _) | (_, Verdict::Blocked) => Verdict::Blocked,
        (Verdict::Unknown, _) | (_, Verdict::Unknown) => Verdict::Unknown,
        _ => Verdict::Allowed,
    }
}

/// What holds whichever of two readings is right.
fn either(one: Verdict, other: Verdict) -> Verdict {
    if one == other { one } else { Verdict::Unknown }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn layers_join_as_they_decide_alone(
        (subnet, mut packets) in with_packets(any_rules(), &surroundings(), 1..6),
        interface in any_rules(),
        which in 0..ADMIN.len(),
        (with_group, with_interface, with_routes, in_doubt) in any::<(bool, bool, bool, bool)>(),
        others in proptest::collection::vec(any_packet(), 1..10),
        own in select(vec![Some(OWN), Some("10.0.1.6"), None]),
    ) {
        packets.extend(others);
        let (subnet, interface) = (group("subnet", subnet.into_inner()), group("nic", interface.into_inner()));
        let (admin, routes) = (admin(which), routes());
        let point = AttachmentPoint {
            name: "vnet/apim".to_owned(),
            subnet: None,
            security_group: Fact::Known(with_group.then_some(&subnet)),
            own: Own { prefixes: Vec::new(), usable: AddressSet::empty(), known: true },
            surroundings: surroundings(),
            routes: with_routes.then(|| routes.clone()),
            interfaces: with_interface
                .then(|| AttachedInterface {
                    name: "nic",
                    addresses: AddressSet::one(OWN.parse().unwrap()),
                    doubt: in_doubt.then(|| Gap::new("whose address it is")),
                    security_group: Fact::Known(&interface),
                })
                .into_iter()
                .collect(),
            open_fronts: Vec::new(),
            endpoints: Vec::new(),
            reached: Vec::new(),
            peers: Vec::new(),
            admin: admin.iter().collect(),
            assumptions: Vec::new(),
            origin: Origin::command_line("subnet"),
        };
        let bare = AttachmentPoint {
            routes: None,
            interfaces: Vec::new(),
            admin: Vec::new(),
            ..point.clone()
        };
        for packet in packets {
            let packet = at_own(*packet, own);
            if beyond_rules(packet.direction).contains(&packet)
                || (!packet.protocol.has_ports() && packet.source.is_ipv6())
            {
                continue;
            }
            let plain = |group: &SecurityGroup| reference::decide(&group.rules, &packet, &facts()).0;
            let on_interface = with_interface && packet.local() == OWN.parse::<IpAddr>().unwrap();
            let groups = match (with_group, on_interface) {
                (true, true) if in_doubt => {
                    either(plain(&subnet), both(plain(&subnet), plain(&interface)))
                }
                (false, true) if in_doubt => {
                    let bare = Checkpoint::new(&bare, packet.direction).ask_packet(&packet).verdict();
                    either(bare, plain(&interface))
                }
                (true, true) => both(plain(&subnet), plain(&interface)),
                (true, false) => plain(&subnet),
                (false, true) => plain(&interface),
                (false, false) => Checkpoint::new(&bare, packet.direction).ask_packet(&packet).verdict(),
            };
            let rules = admin_verdict(which, &packet).unwrap_or(groups);
            let expected = if with_routes { both(rules, route_verdict(&packet)) } else { rules };
            let checkpoint = Checkpoint::new(&point, packet.direction);
            let part = checkpoint.ask_packet(&packet);
            prop_assert_eq!(part.verdict(), expected, "{} {:?}", packet, part.outcome.layers);
            prop_assert_eq!(checkpoint.decide(&packet).1.verdict, expected, "{} in a batch", packet);
            let all = checkpoint.ask(&PacketSet::all());
            let holding: Vec<_> = all.iter().filter(|part| part.packets.contains(&packet)).collect();
            prop_assert_eq!(holding.len(), 1, "{} is in one part", packet);
            prop_assert_eq!(holding[0].verdict(), expected, "{} in a set", packet);
            // What is not known shows where, and why.
            if expected == Verdict::Unknown {
                for part in [&part, holding[0]] {
                    let steps = &part.outcome.layers;
                    prop_assert!(steps.iter().any(|step| step.verdict == Verdict::Unknown), "{:?}", steps);
                    prop_assert!(!part.outcome.gaps.is_empty());
                }
            }
            // The decider is the first layer, in order, that has the verdict (S59).
            if expected == Verdict::Blocked {
                let order: Vec<Layer> = part.outcome.layers.iter().map(|step| step.layer).collect();
                let nic = order.iter().position(|layer| *layer == Layer::NicNsg);
                let net = order.iter().position(|layer| *layer == Layer::SubnetNsg);
                if let (Some(nic), Some(net)) = (nic, net) {
                    prop_assert_eq!(nic < net, packet.direction == Direction::Outbound, "{:?}", order);
                }
            }
        }
    }
}

/// The packet with another own address, where one is given and the families agree.
fn at_own(packet: Packet, own: Option<&str>) -> Packet {
    let Some(own) = own.map(|own| own.parse::<IpAddr>().unwrap()) else { return packet };
    let (source, destination) = match packet.direction {
        Direction::Inbound => (packet.source, own),
        Direction::Outbound => (own, packet.destination),
    };
    let Packet { direction, protocol, source_port, destination_port, .. } = packet;
    Packet::new(direction, protocol, (source, source_port), (destination, destination_port)).unwrap_or(packet)
}
