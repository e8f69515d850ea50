//! The text form of rules and packet sets (design, section 4).
//!
//! ```text
//! packet set   In Tcp ApiManagement:* -> apim:3443
//! rule         110 In Allow Tcp ApiManagement:* -> VirtualNetwork:3443
//! ```
//!
//! Letter case does not matter to the reader. There is one way to print a value, and a text that was printed
//! once comes back the same.

use super::{AddressTerm, PortTerm, ProtocolTerm, Rule, Side, Written};
use crate::model::{
    Access, Direction, Fact, Origin, PortError, PortRange, Priority, Protocol, ResourceId, RulePriority,
    WordError,
};
use ipnet::IpNet;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// Why a text is no rule or packet set.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NotationError {
    /// The part that could not be read; empty at the end of the text.
    pub found: String,
    /// What could stand there, with an example.
    pub expected: String,
}

impl fmt::Display for NotationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.found.as_str() {
            "" => write!(f, "the text ends where {} was expected", self.expected),
            found => write!(f, "`{found}`: expected {}", self.expected),
        }
    }
}

impl std::error::Error for NotationError {}

impl From<WordError> for NotationError {
    fn from(error: WordError) -> Self {
        Self {
            found: error.found.clone(),
            expected: format!("{}: {}", error.expected, error.accepted.join(", ")),
        }
    }
}

impl From<PortError> for NotationError {
    fn from(error: PortError) -> Self {
        let found = match &error {
            PortError::NotAPort { text } | PortError::Comma { text } | PortError::Reversed { text } => {
                text.clone()
            }
        };
        Self { found, expected: format!("a port ({error})") }
    }
}

fn expected(found: &str, expected: &str) -> NotationError {
    NotationError { found: found.trim().to_owned(), expected: expected.to_owned() }
}

/// One side as written: names are not yet looked up.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SideText {
    /// Addresses and names, alternatives of one another.
    pub addresses: Vec<AddressText>,
    /// Ports, alternatives of one another; `None` where none were written.
    pub ports: Option<Vec<PortRange>>,
}

/// One address or name of a side.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AddressText {
    /// `*`.
    Any,
    /// A prefix or a bare address; the flag says whether host bits were set.
    Prefix(IpNet, bool),
    /// A tag, or a subnet where no tag has the name.
    Name(String),
    /// `subnet:NAME`.
    Subnet(String),
    /// `asg:NAME`.
    Group(String),
}

/// A packet set as written: names are not yet looked up.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PacketSetText {
    /// The direction.
    pub direction: Direction,
    /// One protocol, or `None` for `*`.
    pub protocol: Option<Protocol>,
    /// The side that opens the connection.
    pub source: SideText,
    /// The side that is asked.
    pub destination: SideText,
}

impl FromStr for PacketSetText {
    type Err = NotationError;

    fn from_str(text: &str) -> Result<Self, NotationError> {
        let mut words = Words::new(text);
        let direction = words.next("In or Out, as in `In Tcp Internet:* -> apim:443`")?.parse()?;
        let protocol = protocol(words.next("a protocol, as in Tcp, or *")?)?;
        let (source, destination) = words.sides()?;
        Ok(Self { direction, protocol, source, destination })
    }
}

impl fmt::Display for PacketSetText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = self.protocol.map_or_else(|| "*".to_owned(), |protocol| protocol.to_string());
        write!(f, "{} {protocol} {} -> {}", self.direction, self.source, self.destination)
    }
}

/// Reads a rule such as `110 In Allow Tcp ApiManagement:* -> VirtualNetwork:3443`.
///
/// A priority outside 100..=4096 is kept as [`RulePriority::OutOfRange`], so that scenarios can show it.
///
/// # Errors
/// [`NotationError`] with the part that could not be read and what could stand there.
pub fn rule(name: &str, text: &str, origin: &Origin) -> Result<Rule, NotationError> {
    let mut words = Words::new(text);
    let priority = words.next("a priority, as in `110 In Allow Tcp * -> *:443`")?;
    let number: i64 = priority.parse().map_err(|_| expected(priority, "a priority from 100 to 4096"))?;
    let direction: Direction = words.next("In or Out")?.parse()?;
    let access: Access = words.next("Allow or Deny")?.parse()?;
    let protocol = protocol(words.next("a protocol, as in Tcp, or *")?)?;
    let (source, destination) = words.sides()?;
    Ok(Rule {
        name: name.to_owned(),
        priority: Priority::custom(number).map_or(RulePriority::OutOfRange(number), RulePriority::Custom),
        direction: Fact::Known(direction),
        access: Fact::Known(access),
        protocol: protocol.map_or(ProtocolTerm::Any, ProtocolTerm::One),
        source: rule_side(source),
        destination: rule_side(destination),
        doubt: None,
        origin: origin.clone(),
    })
}

fn protocol(text: &str) -> Result<Option<Protocol>, NotationError> {
    if text == "*" { Ok(None) } else { Ok(Some(text.parse()?)) }
}

fn rule_side(side: SideText) -> Side {
    let many = side.addresses.len() > 1;
    let written = |value| Written { value, plural: many };
    let addresses = side.addresses.into_iter().map(|text| {
        written(match text {
            AddressText::Any => AddressTerm::Any,
            AddressText::Prefix(net, host_bits) => AddressTerm::Prefix { net, host_bits },
            AddressText::Name(name) => AddressTerm::Tag(name),
            AddressText::Subnet(name) => AddressTerm::Tag(format!("subnet:{name}")),
            AddressText::Group(name) => AddressTerm::Group(ResourceId::new(name)),
        })
    });
    let ports = side.ports.unwrap_or_else(|| vec![PortRange::ALL]);
    let many_ports = ports.len() > 1;
    Side {
        addresses: addresses.collect(),
        ports: ports
            .into_iter()
            .map(|range| Written { value: PortTerm::Range(range), plural: many_ports })
            .collect(),
    }
}

/// The words before the arrow, taken one by one; the rest is the source side.
struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text.trim() }
    }

    fn next(&mut self, what: &str) -> Result<&'a str, NotationError> {
        let (word, rest) = self.rest.split_once(char::is_whitespace).unwrap_or((self.rest, ""));
        if word.is_empty() || word.starts_with("->") {
            return Err(expected(word, what));
        }
        self.rest = rest.trim_start();
        Ok(word)
    }

    fn sides(self) -> Result<(SideText, SideText), NotationError> {
        let (source, destination) = self
            .rest
            .split_once("->")
            .ok_or_else(|| expected(self.rest, "a source, an arrow `->` and a destination"))?;
        Ok((source.parse()?, destination.parse()?))
    }
}

impl FromStr for SideText {
    type Err = NotationError;

    /// Reads addresses with commas, then a colon and ports with commas; the colon of IPv6 is in brackets.
    fn from_str(text: &str) -> Result<Self, NotationError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(expected("", "an address, a tag or *, as in 10.0.1.0/24:443"));
        }
        let mut addresses = Vec::new();
        let mut rest = text;
        loop {
            let (address, behind) = address(rest)?;
            addresses.push(address);
            match behind.trim_start().split_at_checked(1) {
                None => return Ok(Self { addresses, ports: None }),
                Some((",", more)) => rest = more.trim_start(),
                Some((":", ports)) => return Ok(Self { addresses, ports: Some(port_list(ports)?) }),
                Some(_) => return Err(expected(behind, "a comma, or a colon and ports")),
            }
        }
    }
}

/// The ports behind a colon: `443`, `80,443`, `1024-65535`, `*`.
fn port_list(text: &str) -> Result<Vec<PortRange>, NotationError> {
    text.split(',').map(|port| port.trim().parse().map_err(NotationError::from)).collect()
}

/// One address or name at the start of the text, and what stands behind it.
fn address(text: &str) -> Result<(AddressText, &str), NotationError> {
    const WHAT: &str = "an address, a prefix, a tag, a subnet's name, asg:NAME or *";
    if let Some(rest) = text.strip_prefix('[') {
        let (inside, behind) = rest.split_once(']').ok_or_else(|| expected(text, "a closing bracket `]`"))?;
        return Ok((prefix(inside).ok_or_else(|| expected(inside, "an IPv6 address or prefix"))?, behind));
    }
    for (mark, make) in
        [("subnet:", AddressText::Subnet as fn(String) -> AddressText), ("asg:", AddressText::Group)]
    {
        if text.len() > mark.len()
            && text.is_char_boundary(mark.len())
            && text[..mark.len()].eq_ignore_ascii_case(mark)
        {
            let (name, behind) = split_at_end(&text[mark.len()..]);
            return Ok((make(name.to_owned()), behind));
        }
    }
    let (word, behind) = split_at_end(text);
    let address = match word {
        "" => return Err(expected(text, WHAT)),
        "*" => AddressText::Any,
        word if word.starts_with(|c: char| c.is_ascii_digit()) => {
            prefix(word).ok_or_else(|| expected(word, "an IPv4 address or prefix, as in 10.0.1.0/24"))?
        }
        word if word.chars().all(|c| c.is_alphanumeric() || "._-/".contains(c)) => {
            AddressText::Name(word.to_owned())
        }
        word => return Err(expected(word, WHAT)),
    };
    Ok((address, behind))
}

fn split_at_end(text: &str) -> (&str, &str) {
    let end = text.find([',', ':']).unwrap_or(text.len());
    (text[..end].trim_end(), &text[end..])
}

fn prefix(text: &str) -> Option<AddressText> {
    let text = text.trim();
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(AddressText::Prefix(address.into(), false));
    }
    let net: IpNet = text.parse().ok()?;
    Some(AddressText::Prefix(net.trunc(), net != net.trunc()))
}

impl fmt::Display for AddressText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Prefix(net, _) => write_net(f, net),
            Self::Name(name) => f.write_str(name),
            Self::Subnet(name) => write!(f, "subnet:{name}"),
            Self::Group(name) => write!(f, "asg:{name}"),
        }
    }
}

/// A prefix as it stands in a side: one address without its length, IPv6 in brackets.
pub fn write_net(f: &mut dyn fmt::Write, net: &IpNet) -> fmt::Result {
    let alone = net.prefix_len() == net.max_prefix_len();
    match (net, alone) {
        (IpNet::V4(net), true) => write!(f, "{}", net.addr()),
        (IpNet::V4(net), false) => write!(f, "{net}"),
        (IpNet::V6(net), true) => write!(f, "[{}]", net.addr()),
        (IpNet::V6(net), false) => write!(f, "[{net}]"),
    }
}

impl fmt::Display for SideText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_list(f, &self.addresses)?;
        match &self.ports {
            Some(ports) => {
                f.write_str(":")?;
                write_list(f, ports)
            }
            None => f.write_str(":*"),
        }
    }
}

fn write_list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: &[T]) -> fmt::Result {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            f.write_str(",")?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

impl fmt::Display for Rule {
    /// The rule in one line; what is not known is printed as `?`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = self.direction.known().map_or("?", |direction| direction.as_str());
        let access = self.access.known().map_or("?", |access| access.as_str());
        write!(f, "{} {direction} {access} {} ", self.priority, self.protocol)?;
        write!(f, "{} -> {}", self.source, self.destination)
    }
}

impl fmt::Display for ProtocolTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::One(protocol) => protocol.fmt(f),
            Self::Unknown(_) => f.write_str("?"),
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_list(f, &self.addresses.iter().map(|written| &written.value).collect::<Vec<_>>())?;
        f.write_str(":")?;
        write_list(f, &self.ports.iter().map(|written| &written.value).collect::<Vec<_>>())
    }
}

impl fmt::Display for AddressTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::LiteralAny => f.write_str("Any"),
            Self::Prefix { net, .. } => write_net(f, net),
            Self::DashRange { first, last } => write!(f, "{first}-{last}"),
            Self::Tag(name) => f.write_str(name),
            Self::Group(id) => write!(f, "asg:{}", id.name()),
            Self::Unknown(_) => f.write_str("?"),
        }
    }
}

impl fmt::Display for PortTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Range(range) => range.fmt(f),
            Self::Never => f.write_str("none"),
            Self::Unknown(_) => f.write_str("?"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Rule, NotationError> {
        rule("r", text, &Origin::command_line("test"))
    }

    #[test]
    fn rules_and_sets_are_read_and_printed_canonically() {
        for (text, printed) in [
            (
                "110 in allow TCP ApiManagement:* -> VirtualNetwork:3443",
                "110 In Allow Tcp ApiManagement:* -> VirtualNetwork:3443",
            ),
            ("4096 Out Deny * * -> *", "4096 Out Deny * *:* -> *:*"),
            ("100 In Deny * 0.0.0.0/0:* -> *:80, 443", "100 In Deny * 0.0.0.0/0:* -> *:80,443"),
            (
                "200 Out Allow Udp 10.0.1.4, [2001:db8::/32]:1024-65535 -> asg:Db:1433",
                "200 Out Allow Udp 10.0.1.4,[2001:db8::/32]:1024-65535 -> asg:Db:1433",
            ),
            ("99 In Allow Icmp 10.0.0.5/24 -> *", "99 In Allow Icmp 10.0.0.0/24:* -> *:*"),
        ] {
            let rule = read(text).unwrap();
            assert_eq!(rule.to_string(), printed);
            assert_eq!(read(printed).unwrap().to_string(), printed);
        }
        for text in ["In Tcp Internet:* -> apim:22", "Out * subnet:Storage:* -> [fd00::5]:443,1024-2000"] {
            assert_eq!(text.parse::<PacketSetText>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_mistake_names_the_part_and_what_could_stand_there() {
        for (text, says) in [
            ("", "the text ends where a priority"),
            ("high In Allow Tcp * -> *", "`high`: expected a priority"),
            ("110 Sideways Allow Tcp * -> *", "`Sideways`: expected direction: In, Out"),
            ("110 In Permit Tcp * -> *", "`Permit`: expected access: Allow, Deny"),
            ("110 In Allow Tcp *:443", "an arrow `->`"),
            ("110 In Allow Tcp * -> *:https", "`https`: expected a port"),
            ("110 In Allow Tcp 10.0.0.300 -> *", "`10.0.0.300`: expected an IPv4 address"),
            ("110 In Allow Tcp -> *", "the text ends where an address, a tag"),
            ("110 In Allow Tcp [::1 -> *", "closing bracket"),
            ("110 In Allow Tcp * -> ", "the text ends where an address"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn a_priority_that_azure_refuses_is_kept_for_what_it_is() {
        assert_eq!(read("99 In Allow * * -> *").unwrap().priority, RulePriority::OutOfRange(99));
    }
}
