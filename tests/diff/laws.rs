//! The laws of a difference, over ugly rule sets and packets at the edges of what rules name.

use crate::networks::options;
use crate::support::{any_packet, any_rules, tags};
use flowcheck::analyses::diff::{ChangeKind, DiffAnswer, DiffSide, TrafficChange, diff};
use flowcheck::model::{Direction, Fact, Gap, Origin, Packet, ResourceId, Verdict};
use flowcheck::network::{Network, SecurityGroup, Subnet, VirtualNetwork};
use flowcheck::rules::RuleSet;
use flowcheck::sets::AddressSet;
use flowcheck::tags::special;
use flowcheck::walk::Checkpoint;
use ipnet::IpNet;
use proptest::prelude::*;

const OWN: &str = "10.0.1.0/24";

/// A network of one subnet with these rules; a network space of `None` is not known, and without own prefixes the
/// group stands alone.
fn network(rules: &RuleSet, space: Option<&str>, own: Option<IpNet>) -> Network {
    let origin = Origin::command_line("test");
    let group = SecurityGroup {
        id: ResourceId::new("/providers/Microsoft.Network/networkSecurityGroups/nsg"),
        rules: rules.clone(),
        replaced: Vec::new(),
        subnets: Vec::new(),
        doubt: None,
        origin: origin.clone(),
    };
    let vnet = ResourceId::new("/providers/Microsoft.Network/virtualNetworks/hub");
    let subnet = own.map(|own| Subnet {
        prefixes: Fact::Known(vec![own]),
        security_group: Fact::Known(Some(group.id.clone())),
        ..Subnet::new(ResourceId::new(format!("{vnet}/subnets/apim")), vnet.clone(), &origin)
    });
    let prefixes = match space {
        Some(space) => Fact::Known(vec![space.parse().unwrap()]),
        None => Fact::Unknown(Gap::new("the address space of the virtual network")),
    };
    let shown = VirtualNetwork::new(vnet, prefixes, &origin);
    Network {
        virtual_networks: subnet.iter().map(|_| shown.clone()).collect(),
        subnets: subnet.into_iter().collect(),
        security_groups: vec![group].into(),
        ..Network::default()
    }
}

fn at_hub(rules: &RuleSet) -> Network {
    network(rules, Some("10.0.0.0/16"), Some(OWN.parse().unwrap()))
}

fn difference(old: &Network, new: &Network) -> DiffAnswer {
    let side = |network| DiffSide { networks: std::slice::from_ref(network), tags: tags() };
    diff(&side(old), &side(new), &options()).unwrap()
}

fn verdict(network: &Network, packet: &Packet) -> Verdict {
    let point = network.at_subnet(&network.subnets[0], tags());
    Checkpoint::new(&point, packet.direction).ask_packet(packet).verdict()
}

/// The changes that hold a packet, those aside that only may be one.
fn holding<'a>(answer: &'a DiffAnswer, packet: &Packet) -> Vec<&'a TrafficChange> {
    let directions = answer.places[0].directions.iter();
    let of_packet = directions.filter(|found| found.direction == packet.direction);
    of_packet
        .flat_map(|found| &found.changes)
        .filter(|change| change.kind != ChangeKind::Unsettled && change.packets.contains(packet))
        .collect()
}

/// A packet whose own side is an address of the subnet.
fn own_packet() -> impl Strategy<Value = Packet> {
    (any_packet(), any::<u8>()).prop_filter_map("both addresses of one family", |(packet, last)| {
        let own = std::net::Ipv4Addr::new(10, 0, 1, last).into();
        let (source, destination) = match packet.direction {
            Direction::Inbound => (packet.source, own),
            Direction::Outbound => (own, packet.destination),
        };
        let Packet { direction, protocol, source_port, destination_port, .. } = *packet;
        Packet::new(direction, protocol, (source, source_port), (destination, destination_port)).ok()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn nothing_differs_from_itself_nor_from_its_rules_in_another_order(rules in any_rules()) {
        let network = at_hub(&rules);
        let answer = difference(&network, &network);
        prop_assert!(answer.places[0].is_equal(), "{:?}", answer.places[0].directions);
        let mut turned = rules;
        turned.rules.reverse();
        let answer = difference(&network, &at_hub(&turned));
        prop_assert!(!answer.has_changed(), "{:?}", answer.places[0].directions);
    }

    #[test]
    fn a_packet_lies_in_a_change_where_its_verdicts_differ(
        old in any_rules(),
        new in any_rules(),
        packets in proptest::collection::vec(own_packet(), 24),
    ) {
        let (old, new) = (at_hub(&old), at_hub(&new));
        let answer = difference(&old, &new);
        for packet in packets {
            let (before, after) = (verdict(&old, &packet), verdict(&new, &packet));
            let found = holding(&answer, &packet);
            prop_assert_eq!(found.len(), usize::from(before != after), "{} {} {}", packet, before, after);
            for change in found {
                prop_assert_eq!((change.old.verdict, change.new.verdict), (before, after), "{}", packet);
            }
        }
    }

    #[test]
    fn the_way_back_is_the_mirror(old in any_rules(), new in any_rules()) {
        let (old, new) = (at_hub(&old), at_hub(&new));
        let (there, back) = (difference(&old, &new), difference(&new, &old));
        for (there, back) in there.places[0].directions.iter().zip(&back.places[0].directions) {
            let sizes = |changes: &[TrafficChange], turned: bool| {
                let one = |change: &TrafficChange| {
                    let (old, new) = (change.old.clone(), change.new.clone());
                    let (old, new) = if turned { (new, old) } else { (old, new) };
                    (format!("{:?} {:?}", old.layers, new.layers), change.size.to_string())
                };
                let mut sizes: Vec<_> = changes.iter().map(one).collect();
                sizes.sort();
                sizes
            };
            prop_assert_eq!(sizes(&there.changes, false), sizes(&back.changes, true));
        }
    }

    #[test]
    fn a_witness_changes_as_its_change_says(old in any_rules(), new in any_rules()) {
        let (old, new) = (at_hub(&old), at_hub(&new));
        let answer = difference(&old, &new);
        for change in answer.changes() {
            let packet = change.witness.as_ref().unwrap().packet;
            prop_assert!(change.packets.contains(&packet), "{}", packet);
            prop_assert_eq!(verdict(&old, &packet), change.old.verdict, "{}", packet);
            prop_assert_eq!(verdict(&new, &packet), change.new.verdict, "{}", packet);
        }
    }

    #[test]
    fn a_group_alone_changes_for_an_own_address_as_at_a_subnet_of_that_address(
        old in any_rules(),
        new in any_rules(),
        packets in proptest::collection::vec(own_packet(), 12),
    ) {
        let alone = difference(&network(&old, None, None), &network(&new, None, None));
        prop_assert!(alone.places[0].own.is_none());
        // At a subnet some addresses have a route to nowhere; a group alone has no routes.
        let nowhere: AddressSet = special::system_none_routes().into_iter().collect();
        let routed = |packet: &Packet| packet.source != packet.destination && !nowhere.contains(packet.remote());
        for packet in packets.into_iter().filter(routed) {
            let at = |rules| network(rules, None, Some(packet.local().into()));
            let (before, after) = (verdict(&at(&old), &packet), verdict(&at(&new), &packet));
            prop_assert_eq!(holding(&alone, &packet).len(), usize::from(before != after), "{} {} {}", packet, before, after);
        }
    }
}
