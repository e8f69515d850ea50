//! What Azure's platform does before any rule: traffic that it drops, and traffic that rules cannot touch.

use crate::model::{Direction, Gap, Packet, Protocol};
use crate::rules::surroundings::{ACTIVATION_SERVER, platform_addresses};
use crate::sets::{AddressSet, PacketBox, PacketSet, PortSet, ProtocolSet};
use crate::tags::SpecialTag;
use std::net::IpAddr;
use std::sync::OnceLock;

/// The kinds of traffic that the platform treats in its own way, as disjoint sets for one direction.
pub(super) struct PlatformTraffic {
    /// Dropped whatever the rules say (S18).
    pub(super) dropped: PacketSet,
    /// Delivered whatever the rules say (S101).
    pub(super) exempt: PacketSet,
    /// Delivered unless a rule names the tag made for it (S102, S103).
    pub(super) tagged: PacketSet,
    /// The part of `tagged` that is Windows activation, which a written default route takes the exemption from
    /// (S104).
    pub(super) activation: PacketSet,
    /// ICMP between IPv6 addresses, which no document says how to filter (S19, U4).
    pub(super) unfiltered: PacketSet,
}

impl PlatformTraffic {
    /// The sets of a direction, built once.
    pub(super) fn of(direction: Direction) -> &'static Self {
        static IN: OnceLock<PlatformTraffic> = OnceLock::new();
        static OUT: OnceLock<PlatformTraffic> = OnceLock::new();
        match direction {
            Direction::Inbound => IN.get_or_init(|| Self::build(&PacketSet::empty(), &PacketSet::empty())),
            Direction::Outbound => OUT.get_or_init(|| Self::build(&agent_and_dhcp(), &services())),
        }
    }

    fn build(exempt: &PacketSet, tagged: &PacketSet) -> Self {
        let dropped = dropped().difference(exempt);
        let unfiltered = PacketSet::product(&PacketBox {
            source: AddressSet::all_v6(),
            destination: AddressSet::all_v6(),
            ..any_of([Protocol::ICMP, Protocol::ICMPV6])
        });
        let tagged = tagged.difference(&dropped).difference(exempt);
        let to_activation = PacketSet::between(AddressSet::all(), AddressSet::one(ACTIVATION_SERVER));
        Self {
            activation: tagged.intersection(&to_activation),
            tagged,
            unfiltered: unfiltered.difference(&dropped),
            exempt: exempt.clone(),
            dropped,
        }
    }
}

/// Packets of a direction that the platform drops or delivers before rules for ordinary traffic are looked at
/// (S18, S101 to S103).
pub fn beyond_rules(direction: Direction) -> PacketSet {
    let traffic = PlatformTraffic::of(direction);
    traffic.dropped.union(&traffic.exempt).union(&traffic.tagged)
}

/// Packets of a direction to Azure's own services, which a rule takes part in by the tag made for each alone
/// (S102, S103).
pub fn to_platform_services(direction: Direction) -> &'static PacketSet {
    &PlatformTraffic::of(direction).tagged
}

fn any_of<const N: usize>(protocols: [Protocol; N]) -> PacketBox {
    PacketBox {
        protocols: ProtocolSet::of(protocols),
        source: AddressSet::all(),
        source_ports: PortSet::all(),
        destination: AddressSet::all(),
        destination_ports: PortSet::all(),
    }
}

fn to_ports<const N: usize, const M: usize>(
    protocols: [Protocol; N],
    destination: AddressSet,
    ports: [u16; M],
) -> PacketSet {
    let destination_ports = PortSet::from_intervals(ports.map(|port| (port, port)));
    PacketSet::product(&PacketBox { destination, destination_ports, ..any_of(protocols) })
}

/// S18: GRE, IP in IP, multicast, broadcast, unicast DHCP, and UDP from port 65330.
fn dropped() -> PacketSet {
    const IP_IN_IP: Protocol = Protocol(4);
    let nets = |list: &[&str]| list.iter().filter_map(|net| net.parse::<ipnet::IpNet>().ok()).collect();
    let every_protocol = PacketBox { protocols: ProtocolSet::ALL, ..any_of([]) };
    let to_many =
        PacketBox { destination: nets(&["224.0.0.0/4", "255.255.255.255/32", "ff00::/8"]), ..every_protocol };
    let from_port = |port| PortSet::range(port, port);
    let dhcp = PacketBox {
        source_ports: from_port(68),
        destination_ports: from_port(67),
        ..any_of([Protocol::UDP])
    };
    let reserved = PacketBox { source_ports: from_port(65_330), ..any_of([Protocol::UDP]) };
    [any_of([Protocol::GRE, IP_IN_IP]), to_many, dhcp, reserved]
        .iter()
        .fold(PacketSet::empty(), |all, part| all.union(&PacketSet::product(part)))
}

/// S100, S101: the guest agent and DHCP at the platform's address.
fn agent_and_dhcp() -> PacketSet {
    let wire = platform_addresses(SpecialTag::AzurePlatformDns);
    to_ports([Protocol::TCP], wire.clone(), [80, 32_526]).union(&to_ports([Protocol::UDP], wire, [67]))
}

/// S102, S103: names, instance metadata, Windows activation.
fn services() -> PacketSet {
    let at = platform_addresses;
    to_ports([Protocol::TCP, Protocol::UDP], at(SpecialTag::AzurePlatformDns), [53])
        .union(&to_ports([Protocol::TCP], at(SpecialTag::AzurePlatformImds), [80]))
        .union(&to_ports([Protocol::TCP], at(SpecialTag::AzurePlatformLkm), [1688]))
}

/// Whether the platform's own sets can hold the packet; most packets are ruled out by this alone.
pub(super) fn is_platform_business(packet: &Packet) -> bool {
    let special_target = match packet.destination {
        IpAddr::V4(address) => {
            address.is_multicast() || address.is_broadcast() || {
                let [a, b, ..] = address.octets();
                (a, b) == (168, 63) || (a, b) == (169, 254) || a == 0
            }
        }
        IpAddr::V6(address) => address.is_multicast() || !packet.protocol.has_ports(),
    };
    let odd_udp =
        packet.protocol == Protocol::UDP && (packet.source_port == 65_330 || packet.destination_port == 67);
    special_target || odd_udp || matches!(packet.protocol, Protocol::GRE | Protocol(4))
}

/// Why ICMP between IPv6 addresses is open.
pub(super) fn icmpv6_gap() -> Gap {
    Gap::new("whether ICMP between IPv6 addresses is filtered (U4)")
}

/// Why activation is open under a written default route.
pub(super) fn activation_gap() -> Gap {
    Gap::new(
        "where Windows activation goes under a default route: it is not exempt there (S104), and the addresses of its servers are published nowhere",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Packet;

    #[test]
    fn the_kinds_of_traffic_are_disjoint() {
        for direction in Direction::ALL {
            let PlatformTraffic { dropped, exempt, tagged, unfiltered, .. } = PlatformTraffic::of(*direction);
            let kinds = [dropped, exempt, tagged, unfiltered];
            for (at, kind) in kinds.iter().enumerate() {
                for other in &kinds[at + 1..] {
                    assert!(kind.intersection(other).is_empty(), "{direction}");
                }
            }
        }
    }

    #[test]
    fn each_kind_holds_the_packets_that_the_documents_name() {
        let holds = |text: &str| {
            let packet: Packet = text.parse().unwrap();
            let traffic = PlatformTraffic::of(packet.direction);
            match () {
                () if traffic.dropped.contains(&packet) => "dropped",
                () if traffic.exempt.contains(&packet) => "exempt",
                () if traffic.tagged.contains(&packet) => "tagged",
                () if traffic.unfiltered.contains(&packet) => "unfiltered",
                () => "ordinary",
            }
        };
        for (packet, kind) in [
            ("Out Gre 10.0.1.5 -> 8.8.8.8", "dropped"),
            ("Out 4 10.0.1.5 -> 8.8.8.8", "dropped"),
            ("Out Tcp 10.0.1.5 -> 224.0.0.5:80", "dropped"),
            ("In Udp 10.0.1.5:68 -> 10.0.1.6:67", "dropped"),
            ("Out Udp 10.0.1.5:65330 -> 8.8.8.8:53", "dropped"),
            ("Out Udp 10.0.1.5:68 -> 168.63.129.16:67", "exempt"),
            ("Out Tcp 10.0.1.5 -> 168.63.129.16:80", "exempt"),
            ("Out Tcp 10.0.1.5 -> 168.63.129.16:32526", "exempt"),
            ("In Tcp 168.63.129.16 -> 10.0.1.5:80", "ordinary"),
            ("Out Udp 10.0.1.5 -> 168.63.129.16:53", "tagged"),
            ("Out Tcp 10.0.1.5 -> 169.254.169.254:80", "tagged"),
            ("Out Tcp 10.0.1.5 -> 168.63.129.16:443", "ordinary"),
            ("Out Icmp [fd00::1] -> [2001:db8::1]", "unfiltered"),
            ("Out Tcp [fd00::1] -> [2001:db8::1]:443", "ordinary"),
        ] {
            assert_eq!(holds(packet), kind, "{packet}");
        }
    }
}
