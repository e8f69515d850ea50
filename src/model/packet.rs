//! One concrete packet, and protocols.

use super::{Direction, WordError};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

/// An IP protocol by its IANA number.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Protocol(pub u8);

impl Protocol {
    /// ICMP for IPv4.
    pub const ICMP: Self = Self(1);
    /// TCP.
    pub const TCP: Self = Self(6);
    /// UDP.
    pub const UDP: Self = Self(17);
    /// Generic routing encapsulation, which the platform drops (S18).
    pub const GRE: Self = Self(47);
    /// IPsec ESP.
    pub const ESP: Self = Self(50);
    /// IPsec AH.
    pub const AH: Self = Self(51);
    /// ICMP for IPv6, which NSGs cannot filter (S19).
    pub const ICMPV6: Self = Self(58);

    const NAMES: [(Self, &'static str); 7] = [
        (Self::TCP, "Tcp"),
        (Self::UDP, "Udp"),
        (Self::ICMP, "Icmp"),
        (Self::ESP, "Esp"),
        (Self::AH, "Ah"),
        (Self::ICMPV6, "IcmpV6"),
        (Self::GRE, "Gre"),
    ];

    /// Whether packets of this protocol carry ports (S23).
    pub fn has_ports(self) -> bool {
        self == Self::TCP || self == Self::UDP
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::NAMES.iter().find(|(protocol, _)| protocol == self) {
            Some((_, name)) => f.pad(name),
            None => f.pad(&self.0.to_string()),
        }
    }
}

impl FromStr for Protocol {
    type Err = WordError;

    /// Reads a name without regard to case, or an IANA number.
    fn from_str(text: &str) -> Result<Self, WordError> {
        let text = text.trim();
        if let Some((protocol, _)) = Self::NAMES.iter().find(|(_, name)| name.eq_ignore_ascii_case(text)) {
            return Ok(*protocol);
        }
        if text.bytes().all(|byte| byte.is_ascii_digit())
            && let Ok(number) = text.parse()
        {
            return Ok(Self(number));
        }
        Err(WordError {
            expected: "protocol",
            accepted: vec!["Tcp", "Udp", "Icmp", "Esp", "Ah", "a number from 0 to 255"],
            found: text.to_owned(),
        })
    }
}

/// One packet as a check sees it: the initiating packet of a connection (S3).
///
/// Both addresses are of one family. A protocol without ports has both ports 0, so that two packets that
/// no rule can tell apart are equal (S23).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Packet {
    /// Which way it goes, seen from the attachment point.
    pub direction: Direction,
    /// Its protocol; ICMP between IPv6 addresses is [`Protocol::ICMPV6`].
    pub protocol: Protocol,
    /// The side that opens the connection.
    pub source: IpAddr,
    /// Its port.
    pub source_port: u16,
    /// The side that is asked.
    pub destination: IpAddr,
    /// Its port.
    pub destination_port: u16,
}

/// Why a text is no packet.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PacketError {
    /// Not of the form `In Tcp 13.69.64.76:50000 -> 10.0.1.5:3443`.
    Form {
        /// The text as read.
        text: String,
        /// What was expected at the place where reading stopped.
        expected: &'static str,
    },
    /// A direction or protocol that does not exist.
    Word(WordError),
    /// A side that is no address, or an address with a port that is none.
    Side {
        /// The side as read.
        text: String,
    },
    /// One side is IPv4, the other IPv6.
    Families,
    /// TCP or UDP without a port at the destination.
    NoPort,
}

impl fmt::Display for PacketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form { text, expected } => {
                write!(f, "`{text}`: expected {expected}, as in `In Tcp 13.69.64.76:50000 -> 10.0.1.5:3443`")
            }
            Self::Word(error) => error.fmt(f),
            Self::Side { text } => {
                write!(f, "`{text}` is no address with a port: write 10.0.1.5:443 or [2001:db8::1]:443")
            }
            Self::Families => f.write_str("one address is IPv4 and the other IPv6"),
            Self::NoPort => f.write_str("the destination needs a port, as in 10.0.1.5:443"),
        }
    }
}

impl std::error::Error for PacketError {}

impl From<WordError> for PacketError {
    fn from(error: WordError) -> Self {
        Self::Word(error)
    }
}

impl Packet {
    /// The source port of a packet that was written without one (design, section 4).
    pub const DEFAULT_SOURCE_PORT: u16 = 50_000;

    /// A packet from its fields; ports of a protocol without ports are dropped, ICMP between IPv6
    /// addresses becomes ICMPv6.
    ///
    /// # Errors
    /// [`PacketError::Families`] when the two addresses are not of one family.
    pub fn new(
        direction: Direction,
        protocol: Protocol,
        (source, source_port): (IpAddr, u16),
        (destination, destination_port): (IpAddr, u16),
    ) -> Result<Self, PacketError> {
        if source.is_ipv4() != destination.is_ipv4() {
            return Err(PacketError::Families);
        }
        let protocol =
            if protocol == Protocol::ICMP && source.is_ipv6() { Protocol::ICMPV6 } else { protocol };
        let (source_port, destination_port) =
            if protocol.has_ports() { (source_port, destination_port) } else { (0, 0) };
        Ok(Self { direction, protocol, source, source_port, destination, destination_port })
    }

    /// The address of the protected resource (S3).
    pub fn local(&self) -> IpAddr {
        match self.direction {
            Direction::Inbound => self.destination,
            Direction::Outbound => self.source,
        }
    }

    /// The address of the other side.
    pub fn remote(&self) -> IpAddr {
        match self.direction {
            Direction::Inbound => self.source,
            Direction::Outbound => self.destination,
        }
    }
}

impl FromStr for Packet {
    type Err = PacketError;

    /// Reads `In Tcp 13.69.64.76:50000 -> 10.0.1.5:3443`; a source port left out is 50000.
    fn from_str(text: &str) -> Result<Self, PacketError> {
        let form = |expected| PacketError::Form { text: text.trim().to_owned(), expected };
        let (head, destination) = text.split_once("->").ok_or_else(|| form("an arrow `->`"))?;
        let mut words = head.split_whitespace();
        let direction = words.next().ok_or_else(|| form("In or Out"))?.parse()?;
        let protocol: Protocol = words.next().ok_or_else(|| form("a protocol"))?.parse()?;
        let source = words.next().ok_or_else(|| form("a source address"))?;
        if words.next().is_some() {
            return Err(form("an arrow `->` after the source address"));
        }
        let (source, source_port) = side(source)?;
        let (destination, destination_port) = side(destination.trim())?;
        if protocol.has_ports() && destination_port.is_none() {
            return Err(PacketError::NoPort);
        }
        Self::new(
            direction,
            protocol,
            (source, source_port.unwrap_or(Self::DEFAULT_SOURCE_PORT)),
            (destination, destination_port.unwrap_or(0)),
        )
    }
}

/// An address, and a port if one is written behind it.
fn side(text: &str) -> Result<(IpAddr, Option<u16>), PacketError> {
    let wrong = || PacketError::Side { text: text.to_owned() };
    let port = |text: &str| text.parse::<u16>().map_err(|_| wrong());
    if let Some(rest) = text.strip_prefix('[') {
        let (address, rest) = rest.split_once(']').ok_or_else(wrong)?;
        let address = IpAddr::V6(address.parse().map_err(|_| wrong())?);
        return match rest.strip_prefix(':') {
            Some(digits) => Ok((address, Some(port(digits)?))),
            None if rest.is_empty() => Ok((address, None)),
            None => Err(wrong()),
        };
    }
    match text.split_once(':') {
        Some((address, digits)) => {
            Ok((address.parse::<Ipv4Addr>().map_err(|_| wrong())?.into(), Some(port(digits)?)))
        }
        None => Ok((text.parse::<Ipv4Addr>().map_err(|_| wrong())?.into(), None)),
    }
}

impl fmt::Display for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.direction, self.protocol)?;
        write_side(f, self.source, self.protocol, self.source_port)?;
        f.write_str(" -> ")?;
        write_side(f, self.destination, self.protocol, self.destination_port)
    }
}

fn write_side(f: &mut fmt::Formatter<'_>, address: IpAddr, protocol: Protocol, port: u16) -> fmt::Result {
    match address {
        IpAddr::V4(address) => write!(f, "{address}")?,
        IpAddr::V6(address) => write!(f, "[{address}]")?,
    }
    if protocol.has_ports() { write!(f, ":{port}") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_read_and_printed_canonically() {
        for (text, printed) in [
            ("In Tcp 13.69.64.76 -> 10.0.1.5:3443", "In Tcp 13.69.64.76:50000 -> 10.0.1.5:3443"),
            ("outbound ICMP 10.0.1.5 -> 8.8.8.8", "Out Icmp 10.0.1.5 -> 8.8.8.8"),
            ("In 6 [2001:db8::1]:9 -> [fd00::5]:443", "In Tcp [2001:db8::1]:9 -> [fd00::5]:443"),
            ("In Icmp [2001:db8::1] -> [fd00::5]", "In IcmpV6 [2001:db8::1] -> [fd00::5]"),
            ("In Esp 10.0.0.1:7 -> 10.0.0.2:8", "In Esp 10.0.0.1 -> 10.0.0.2"),
        ] {
            let packet: Packet = text.parse().unwrap();
            assert_eq!(packet.to_string(), printed);
            assert_eq!(packet.to_string().parse::<Packet>().unwrap(), packet);
        }
    }

    #[test]
    fn a_mistake_says_what_was_expected() {
        for (text, says) in [
            ("In Tcp 10.0.0.1 10.0.0.2:1", "an arrow"),
            ("Sideways Tcp 10.0.0.1 -> 10.0.0.2:1", "no direction"),
            ("In Quic 10.0.0.1 -> 10.0.0.2:1", "no protocol"),
            ("In Tcp apim -> 10.0.0.2:1", "`apim` is no address"),
            ("In Tcp 10.0.0.1 -> 10.0.0.2", "needs a port"),
            ("In Tcp 10.0.0.1 -> [fd00::5]:1", "IPv4 and the other IPv6"),
            ("In Tcp 10.0.0.1:70000 -> 10.0.0.2:1", "is no address with a port"),
        ] {
            let error = text.parse::<Packet>().unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
