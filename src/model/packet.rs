//! One concrete packet, and protocols.

use super::notation::{IN_BRACKETS, Words, looks_like_ipv6};
use super::{Direction, Notation, NotationError, WordError};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
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

/// Why fields are no packet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PacketError {
    /// One side is IPv4, the other IPv6.
    Families,
}

impl fmt::Display for PacketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Families => f.write_str("one address is IPv4 and the other IPv6"),
        }
    }
}

impl std::error::Error for PacketError {}

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
    type Err = NotationError;

    /// Reads `In Tcp 13.69.64.76:50000 -> 10.0.1.5:3443`; a source port left out is 50000.
    fn from_str(text: &str) -> Result<Self, NotationError> {
        let mut words = Words::new(Notation(text), text);
        let direction = words.direction()?;
        let protocol = words.protocol(false)?;
        let (source, destination) = words.sides()?;
        let notation = Notation(text);
        let (from, from_port) = side(notation, source, "a source address")?;
        let (to, to_port) = side(notation, destination, "a destination address")?;
        if from.is_ipv4() != to.is_ipv4() {
            let family = if from.is_ipv4() { "IPv4" } else { "IPv6" };
            let expected = format!("an {family} address, as the source is one");
            return Err(notation.expected(destination, expected));
        }
        if protocol.has_ports() && to_port.is_none() {
            let end = destination.trim_end();
            return Err(notation.expected(&end[end.len()..], "a colon and a port, as in 10.0.1.5:443,"));
        }
        let from_port = from_port.unwrap_or(Self::DEFAULT_SOURCE_PORT);
        Self::new(direction, protocol, (from, from_port), (to, to_port.unwrap_or(0)))
            .map_err(|error| notation.expected(destination, error.to_string()))
    }
}

/// An address, and a port if one is written behind it.
fn side(notation: Notation<'_>, text: &str, what: &str) -> Result<(IpAddr, Option<u16>), NotationError> {
    let text = text.trim();
    let wrong = |part: &str, expected: &str| Err(notation.expected(part, expected));
    let address = format!("{what}, as in 10.0.1.5 or [2001:db8::1]");
    if let Some((first, more)) = text.split_once(char::is_whitespace) {
        let expected = if first.ends_with(':') {
            PORT
        } else {
            "the end of the side, which has one address and one port"
        };
        return wrong(if first.ends_with(':') { text } else { more }, expected);
    }
    let (written, rest) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((inside, behind)) => (inside, behind),
            None => return wrong(&text[text.len()..], "a closing bracket `]` behind the IPv6 address"),
        },
        None if looks_like_ipv6(text) => return wrong(text, IN_BRACKETS),
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let parsed = match text.starts_with('[') {
        true => written.parse::<Ipv6Addr>().map(IpAddr::V6).ok(),
        false => written.parse::<Ipv4Addr>().map(IpAddr::V4).ok(),
    };
    let Some(parsed) = parsed else { return wrong(written, &address) };
    match rest.strip_prefix(':') {
        Some(port) => {
            match port.bytes().all(|byte| byte.is_ascii_digit()).then(|| port.parse().ok()).flatten() {
                Some(number) => Ok((parsed, Some(number))),
                None => wrong(port, PORT),
            }
        }
        None if rest.is_empty() => Ok((parsed, None)),
        None => wrong(rest, "a colon and a port behind the address"),
    }
}

/// What a packet has for a port: one, since it is one packet.
const PORT: &str = "a port: one number from 0 to 65535";

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

    /// A mistake in a text: the part in the text's second line, and what the message says.
    #[track_caller]
    fn check(text: &str, carets: &str, says: &[&str]) {
        let error = text.parse::<Packet>().unwrap_err();
        assert_eq!(error.excerpt(), format!("{text}\n{carets}"), "{error}");
        let message = error.to_string();
        assert!(says.iter().all(|says| message.contains(says)), "{text}: {message}");
    }

    #[test]
    fn a_mistake_points_at_the_part_and_says_what_was_expected() {
        #[rustfmt::skip]
        let cases: [(&str, &str, &[&str]); 17] = [
            ("In Tcp 10.0.0.1 10.0.0.2:1",
             "                ^^^^^^^^^^", &["`10.0.0.2:1`: expected an arrow `->`"]),
            ("In Tcp 10.0.0.1 => 10.0.0.2:1",
             "                ^^", &["`=>`", "did you mean `->`?"]),
            ("Inn Tcp 10.0.0.1 -> 10.0.0.2:1",
             "^^^", &["`Inn`: expected a direction (In or Out)", "did you mean `In`?"]),
            ("In Quic 10.0.0.1 -> 10.0.0.2:1",
             "   ^^^^", &["`Quic`: expected a protocol (Tcp, Udp"]),
            ("In 10.0.0.1 -> 10.0.0.2:1",
             "   ^^^^^^^^", &["`10.0.0.1`: expected a protocol"]),
            ("In * 10.0.0.1 -> 10.0.0.2:1",
             "   ^", &["`*`: expected one protocol"]),
            ("In Tcp apim -> 10.0.0.2:1",
             "       ^^^^", &["`apim`: expected a source address"]),
            ("In Tcp -> 10.0.0.2:1",
             "       ^", &["nothing stands where a source address"]),
            ("In Tcp 10.0.0.1 ->",
             "                  ^", &["the text ends where a destination address"]),
            ("In Tcp 10.0.0.1 -> 10.0.0.2",
             "                           ^", &["the text ends where a colon and a port"]),
            ("In Tcp 10.0.0.1 -> 10.0.0.2:",
             "                            ^", &["the text ends where a port"]),
            ("In Tcp 10.0.0.1:70000 -> 10.0.0.2:1",
             "                ^^^^^", &["`70000`: expected a port: one number"]),
            ("In Tcp 10.0.0.1 -> 10.0.0.2:80-90",
             "                            ^^^^^", &["`80-90`: expected a port: one number"]),
            ("In Tcp 10.0.0.1 -> 10.0.0.0/24:80",
             "                   ^^^^^^^^^^^", &["`10.0.0.0/24`: expected a destination address"]),
            ("In Tcp 10.0.0.1 -> [fd00::5]:1",
             "                   ^^^^^^^^^^^", &["expected an IPv4 address, as the source is one"]),
            ("In Tcp fd00::5 -> [fd00::5]:1",
             "       ^^^^^^^", &["`fd00::5`: expected IPv6 in brackets"]),
            ("In Tcp [fd00::5 -> [fd00::5]:1",
             "               ^", &["a closing bracket"]),
        ];
        for (text, carets, says) in cases {
            check(text, carets, says);
        }
    }
}
