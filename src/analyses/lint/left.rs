//! What is left of a rule that earlier ones take something from, in a measure that people know.

use crate::flows::print_ports;
use crate::sets::{AddressSet, Count, PacketBox, PacketSet, PortSet, ProtocolSet, thousands};
use std::fmt;

/// What of its packets a rule decides.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Left {
    /// All packets of some of its source addresses.
    Sources {
        /// How many addresses are left.
        decides: Count,
        /// Of how many.
        of: Count,
    },
    /// All packets to some of its destination addresses.
    Destinations {
        /// How many addresses are left.
        decides: Count,
        /// Of how many.
        of: Count,
    },
    /// All packets from some of its source ports.
    SourcePorts(PortSet),
    /// All packets to some of its destination ports.
    DestinationPorts(PortSet),
    /// All packets of some of its protocols.
    Protocols(ProtocolSet),
    /// Some of its packets, in thousandths; 0 and 1000 mean less than one and more than 999.
    Packets(u16),
}

impl Left {
    /// What `decided` is of `matched`, which holds it and is more.
    pub(super) fn of(decided: &PacketSet, matched: &PacketSet) -> Self {
        // With one field narrowed, the rule still decides all that it matches under the values left.
        let narrowed =
            |to: PacketBox| matched.intersection(&PacketSet::product(&to)).size() == decided.size();
        let (sources, of) = (decided.sources(), matched.sources().size());
        if is_known_number(&of) && narrowed(PacketBox { source: sources.clone(), ..everything() }) {
            return Self::Sources { decides: sources.size(), of };
        }
        let (destinations, of) = (decided.destinations(), matched.destinations().size());
        if is_known_number(&of) && narrowed(PacketBox { destination: destinations.clone(), ..everything() }) {
            return Self::Destinations { decides: destinations.size(), of };
        }
        let protocols =
            decided.boxes().iter().fold(ProtocolSet::EMPTY, |all, part| all.union(part.protocols));
        if narrowed(PacketBox { protocols, ..everything() }) {
            return Self::Protocols(protocols);
        }
        let ports = |side: fn(&PacketBox) -> &PortSet| {
            decided.boxes().iter().fold(PortSet::empty(), |all, part| all.union(side(part)))
        };
        // Packets without ports have every port here, so these two answer for TCP and UDP alone.
        let to = ports(|part| &part.destination_ports);
        if narrowed(PacketBox { destination_ports: to.clone(), ..everything() }) {
            return Self::DestinationPorts(to);
        }
        let from = ports(|part| &part.source_ports);
        if narrowed(PacketBox { source_ports: from.clone(), ..everything() }) {
            return Self::SourcePorts(from);
        }
        let thousandths = decided.size() * Count::from(1000u16) / matched.size();
        Self::Packets(u16::try_from(thousandths).unwrap_or(1000))
    }
}

impl fmt::Display for Left {
    /// `12 of 4,218 source addresses`, `only ports 3443`, `37 % of its packets`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (these, side) = match self {
            Self::Sources { decides, of } => return write_share(f, decides, of, "source"),
            Self::Destinations { decides, of } => return write_share(f, decides, of, "destination"),
            Self::Protocols(protocols) => return write!(f, "only protocol {protocols}"),
            Self::Packets(0..=9) => return f.write_str("less than 1 % of its packets"),
            Self::Packets(991..) => return f.write_str("more than 99 % of its packets"),
            Self::Packets(thousandths) => return write!(f, "{} % of its packets", thousandths / 10),
            Self::SourcePorts(ports) => (ports, "source port"),
            Self::DestinationPorts(ports) => (ports, "port"),
        };
        match these.intervals() {
            [one] if one.first == one.last => write!(f, "only {side} {}", one.first),
            _ => write!(f, "only {side}s {}", print_ports(these)),
        }
    }
}

/// Where little is lost that is the number to know: `all but 2 source addresses`.
fn write_share(f: &mut fmt::Formatter<'_>, decides: &Count, of: &Count, side: &str) -> fmt::Result {
    let lost = of - decides;
    if &lost * 20u8 < *of {
        let addresses = if lost == Count::from(1u8) { "address" } else { "addresses" };
        return write!(f, "all but {} {side} {addresses}", thousands(&lost));
    }
    write!(f, "{} of {} {side} addresses", thousands(decides), thousands(of))
}

/// Nobody knows what a number of IPv6 addresses means.
fn is_known_number(addresses: &Count) -> bool {
    *addresses <= Count::from(u64::from(u32::MAX) + 1)
}

fn everything() -> PacketBox {
    PacketBox {
        protocols: ProtocolSet::ALL,
        source: AddressSet::all(),
        source_ports: PortSet::all(),
        destination: AddressSet::all(),
        destination_ports: PortSet::all(),
    }
}
