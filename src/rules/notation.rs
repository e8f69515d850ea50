//! The text form of rules, packet sets and properties (design, section 4).
//!
//! ```text
//! packet set   In Tcp ApiManagement:* -> apim:3443
//! rule         110 In Allow Tcp ApiManagement:* -> VirtualNetwork:3443
//! property     every In Tcp Internet:* -> apim:22 is blocked
//! ```
//!
//! Letter case does not matter to the reader. There is one way to print a value, and a text that was printed
//! once comes back the same.

use super::{AddressTerm, PortTerm, ProtocolTerm, Rule, Side, Written};
pub use crate::model::NotationError;
use crate::model::notation::{IN_BRACKETS, Words, looks_like_ipv6};
use crate::model::{
    Access, Direction, Fact, Notation, Origin, PortError, PortRange, Priority, Protocol, ResourceId,
    RulePriority,
};
use crate::sets::{PortSet, ProtocolSet};
use ipnet::IpNet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

mod property;

pub use property::{Claim, PropertyText, Quantifier};

/// One side as written: names are not yet looked up.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SideText {
    /// Addresses and names, alternatives of one another.
    pub addresses: Vec<AddressText>,
    /// Ports, alternatives of one another; `None` where none were written.
    pub ports: Option<Vec<PortRange>>,
}

impl SideText {
    /// The ports; every port where none were written.
    pub fn port_set(&self) -> PortSet {
        match &self.ports {
            Some(ports) => ports.iter().map(|range| (range.low(), range.high())).collect(),
            None => PortSet::all(),
        }
    }
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
        packet_set(Notation(text), text)
    }
}

/// Reads a packet set that is a part of a text.
fn packet_set(notation: Notation<'_>, part: &str) -> Result<PacketSetText, NotationError> {
    let mut words = Words::new(notation, part);
    let direction = words.direction()?;
    let protocol = protocol(&mut words)?;
    let (source, destination) = sides(notation, words)?;
    Ok(PacketSetText { direction, protocol, source, destination })
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
    let in_range = |number| Priority::custom(number).ok().map(RulePriority::Custom);
    rule_of(name, text, origin, ("a priority from 100 to 4096", &in_range), |notation, word| {
        notation.word(word, &[("permit", "Allow"), ("block", "Deny")])
    })
}

/// Reads a security admin rule: as [`rule`], with a priority from 1 and the access `AlwaysAllow` besides (S131).
/// Returns the rule, and whether it always allows; its access is then `Allow`.
///
/// # Errors
/// As [`rule`].
pub fn admin_rule(name: &str, text: &str, origin: &Origin) -> Result<(Rule, bool), NotationError> {
    let in_range = |number| match u16::try_from(number) {
        Ok(number @ 1..=4096) => Some(RulePriority::Admin(number)),
        _ => None,
    };
    let mut always = false;
    let rule = rule_of(name, text, origin, ("a priority from 1 to 4096", &in_range), |notation, word| {
        always = word.eq_ignore_ascii_case("AlwaysAllow");
        if always {
            Ok(Access::Allow)
        } else {
            notation.word(word, &[("permit", "Allow"), ("block", "Deny")])
        }
    })?;
    Ok((rule, always))
}

fn rule_of<'t>(
    name: &str,
    text: &'t str,
    origin: &Origin,
    (range, in_range): (&str, &dyn Fn(i64) -> Option<RulePriority>),
    access: impl FnOnce(Notation<'t>, &'t str) -> Result<Access, NotationError>,
) -> Result<Rule, NotationError> {
    let notation = Notation(text);
    let mut words = Words::new(notation, text);
    let priority = words.next("a priority, as in `110 In Allow Tcp * -> *:443`,")?;
    let number: i64 = priority.parse().map_err(|_| notation.expected(priority, range))?;
    let direction = words.direction()?;
    let access = access(notation, words.next("Allow or Deny")?)?;
    let protocol = protocol(&mut words)?;
    let (source, destination) = sides(notation, words)?;
    Ok(Rule {
        name: name.to_owned(),
        priority: in_range(number).unwrap_or(RulePriority::OutOfRange(number)),
        direction: Fact::Known(direction),
        access: Fact::Known(access),
        protocol: protocol.map_or(ProtocolTerm::Any, ProtocolTerm::One),
        source: rule_side(source),
        destination: rule_side(destination),
        doubt: None,
        origin: origin.clone(),
    })
}

/// One protocol, or `None` for `*`.
fn protocol(words: &mut Words<'_>) -> Result<Option<Protocol>, NotationError> {
    if words.star() { Ok(None) } else { words.protocol(true).map(Some) }
}

fn sides(notation: Notation<'_>, words: Words<'_>) -> Result<(SideText, SideText), NotationError> {
    let (source, destination) = words.sides()?;
    Ok((side(notation, source)?, side(notation, destination)?))
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

impl FromStr for SideText {
    type Err = NotationError;

    /// Reads addresses with commas, then a colon and ports with commas; the colon of IPv6 is in brackets.
    fn from_str(text: &str) -> Result<Self, NotationError> {
        side(Notation(text), text)
    }
}

const ADDRESS: &str = "an address, a prefix, a tag, a subnet's name, asg:NAME or *";

/// Reads a side that is a part of a text.
fn side(notation: Notation<'_>, part: &str) -> Result<SideText, NotationError> {
    let mut addresses = Vec::new();
    let mut rest = part.trim();
    loop {
        let (address, behind) = address(notation, rest)?;
        addresses.push(address);
        match behind.trim_start().split_at_checked(1) {
            None => return Ok(SideText { addresses, ports: None }),
            Some((",", more)) => rest = more.trim_start(),
            Some((":", ports)) => {
                return Ok(SideText { addresses, ports: Some(port_list(notation, ports)?) });
            }
            Some(_) => return Err(notation.expected(behind, "a comma, or a colon and ports")),
        }
    }
}

/// The ports behind a colon: `443`, `80,443`, `1024-65535`, `*`.
fn port_list(notation: Notation<'_>, text: &str) -> Result<Vec<PortRange>, NotationError> {
    text.split(',')
        .map(|port| port.trim().parse().map_err(|error| port_mistake(notation, port, &error)))
        .collect()
}

/// Reads the ports of a question, which stand without a side: `443`, `80,1024-2000`, `*` or `all`.
///
/// # Errors
/// [`NotationError`] with the port that could not be read.
pub fn ports(text: &str) -> Result<PortSet, NotationError> {
    let notation = Notation(text);
    let one = |part: &str| match part.trim() {
        all if all.eq_ignore_ascii_case("all") => Ok(PortRange::ALL),
        port => port.parse().map_err(|error| port_mistake(notation, part, &error)),
    };
    let range = |part| one(part).map(|range| (range.low(), range.high()));
    text.split(',').map(range).collect()
}

/// Reads the protocols of a question: `tcp`, `tcp,udp`, `47`, `*` or `all`.
///
/// # Errors
/// [`NotationError`] with the name that is none.
pub fn protocols(text: &str) -> Result<ProtocolSet, NotationError> {
    let notation = Notation(text);
    let one = |part: &str| match part.trim() {
        all if all == "*" || all.eq_ignore_ascii_case("all") => Ok(ProtocolSet::ALL),
        _ => notation.word::<Protocol>(part, &[("any", "*")]).map(|protocol| ProtocolSet::of([protocol])),
    };
    text.split(',').try_fold(ProtocolSet::EMPTY, |all, part| Ok(all.union(one(part)?)))
}

fn port_mistake(notation: Notation<'_>, port: &str, error: &PortError) -> NotationError {
    const WHAT: &str = "a port (a number from 0 to 65535, a range such as 80-443, or *)";
    let port = port.trim();
    if let PortError::Reversed { .. } = error {
        let turned = port.split_once('-').map(|(low, high)| format!("{}-{}", high.trim(), low.trim()));
        let mistake = notation.expected(port, "a range that begins with its lower port");
        return mistake.meaning(turned.unwrap_or_default());
    }
    // What ends behind a readable port went on without a comma.
    if let Some((first, more)) = port.split_once(char::is_whitespace)
        && first.parse::<PortRange>().is_ok()
    {
        return notation.expected(more, "a comma and a further port, or nothing");
    }
    let mistake = notation.expected(port, WHAT);
    // Texts that went through a word processor have a longer dash.
    let plain = port.replace(['\u{2013}', '\u{2014}'], "-");
    if plain != port && plain.parse::<PortRange>().is_ok() { mistake.meaning(plain) } else { mistake }
}

/// One address or name at the start of the text, and what stands behind it.
fn address<'a>(notation: Notation<'_>, text: &'a str) -> Result<(AddressText, &'a str), NotationError> {
    if text.starts_with('[') {
        return in_brackets(notation, text);
    }
    for (mark, make) in
        [("subnet:", AddressText::Subnet as fn(String) -> AddressText), ("asg:", AddressText::Group)]
    {
        let Some(behind) = text.get(mark.len()..).filter(|_| text[..mark.len()].eq_ignore_ascii_case(mark))
        else {
            continue;
        };
        let (name, behind) = split_at_end(behind);
        return match is_name(name) {
            true => Ok((make(name.to_owned()), behind)),
            false => Err(notation.expected(name, format!("a name, as in {mark}web"))),
        };
    }
    let alone = &text[..text.find(|c: char| c == ',' || c.is_whitespace()).unwrap_or(text.len())];
    if looks_like_ipv6(alone) {
        return Err(notation.expected(alone, IN_BRACKETS));
    }
    let (word, behind) = split_at_end(text);
    // Two words where one belongs: the comma between them is missing, or there is a second arrow.
    if let Some((_, more)) = word.split_once(char::is_whitespace) {
        return Err(notation.expected(more, "a comma, or a colon and ports, behind an address"));
    }
    let address = match word {
        "*" => AddressText::Any,
        word if word.starts_with(|c: char| c.is_ascii_digit()) && word.contains(['.', '/']) => {
            v4(notation, word)?
        }
        word if is_name(word) && !word.bytes().all(|byte| byte.is_ascii_digit()) => {
            AddressText::Name(word.to_owned())
        }
        word => return Err(notation.expected(word, ADDRESS)),
    };
    Ok((address, behind))
}

fn split_at_end(text: &str) -> (&str, &str) {
    let end = text.find([',', ':']).unwrap_or(text.len());
    (text[..end].trim(), &text[end..])
}

/// Names of resources, and `network/subnet`.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "._-/".contains(c))
}

fn v4(notation: Notation<'_>, word: &str) -> Result<AddressText, NotationError> {
    const WHAT: &str = "an IPv4 address or prefix, as in 10.0.1.5 or 10.0.1.0/24";
    let (written, length) = word.split_once('/').map_or((word, None), |(left, right)| (left, Some(right)));
    let address: Ipv4Addr = written.parse().map_err(|_| match written.contains('-') {
        true => notation.expected(word, format!("{WHAT} (a range with a dash is written as its prefixes)")),
        false => notation.expected(written, WHAT),
    })?;
    match length {
        None => Ok(AddressText::Prefix(IpAddr::V4(address).into(), false)),
        Some(length) => net(notation, address.into(), length),
    }
}

/// IPv6 in brackets at the start of the text, and what stands behind it.
fn in_brackets<'a>(notation: Notation<'_>, text: &'a str) -> Result<(AddressText, &'a str), NotationError> {
    let inside = &text[1..];
    let Some((inside, behind)) = inside.split_once(']') else {
        let end = inside.find([',', ' ']).unwrap_or(inside.len());
        let expected = "a closing bracket `]` behind the IPv6 address";
        return Err(notation.expected(&inside[end..end], expected));
    };
    let (written, length) =
        inside.split_once('/').map_or((inside, None), |(left, right)| (left, Some(right)));
    if inside.parse::<IpNet>().is_ok_and(|net| net.addr().is_ipv4()) || written.parse::<Ipv4Addr>().is_ok() {
        let bracketed = &text[..inside.len() + 2];
        return Err(notation.expected(bracketed, "IPv4 without brackets").meaning(inside));
    }
    let address: Ipv6Addr = written.trim().parse().map_err(|_| {
        notation.expected(written, "an IPv6 address or prefix, as in [2001:db8::1] or [2001:db8::/32]")
    })?;
    if let Some(digits) = behind.strip_prefix('/') {
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let whole = &text[..text.len() - digits.len() + end];
        let mistake = notation.expected(whole, "the length of the prefix inside the brackets");
        return Err(mistake.meaning(format!("[{inside}/{}]", &digits[..end])));
    }
    let address = match length {
        None => AddressText::Prefix(IpAddr::V6(address).into(), false),
        Some(length) => net(notation, address.into(), length)?,
    };
    Ok((address, behind))
}

/// A prefix of an address and the text of its length; host bits are masked and remembered (U10).
fn net(notation: Notation<'_>, address: IpAddr, length: &str) -> Result<AddressText, NotationError> {
    let most = if address.is_ipv4() { 32 } else { 128 };
    let digits = length.bytes().all(|byte| byte.is_ascii_digit()).then_some(length);
    let net =
        digits.and_then(|digits| digits.parse().ok()).and_then(|length| IpNet::new(address, length).ok());
    let net = net.ok_or_else(|| {
        notation.expected(length, format!("the length of a prefix (a number from 0 to {most})"))
    })?;
    Ok(AddressText::Prefix(net.trunc(), net != net.trunc()))
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
            Self::Tag(name) | Self::Expanded { tag: name, .. } => f.write_str(name),
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

    /// A mistake in a text: the part in the text's second line, and what the message says.
    #[track_caller]
    fn says(error: &NotationError, carets: &str, says: &str) {
        assert_eq!(error.excerpt().split_once('\n').unwrap().1, carets, "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }

    #[test]
    fn a_mistake_in_a_rule_points_at_the_part_and_says_what_could_stand_there() {
        #[rustfmt::skip]
        let cases = [
            ("", "^", "the text ends where a priority"),
            ("high In Allow Tcp * -> *",
             "^^^^", "`high`: expected a priority"),
            ("110 Sideways Allow Tcp * -> *",
             "    ^^^^^^^^", "`Sideways`: expected a direction (In or Out)"),
            ("110 In Permit Tcp * -> *",
             "       ^^^^^^", "`Permit`: expected an access (Allow or Deny); did you mean `Allow`?"),
            ("110 In Allow Tcp *:443",
             "                      ^", "the text ends where an arrow `->`"),
            ("110 In Allow Tcp -> *",
             "                 ^", "nothing stands where an address, a prefix"),
        ];
        for (text, carets, message) in cases {
            says(&read(text).unwrap_err(), carets, message);
        }
    }

    #[test]
    fn a_mistake_in_a_set_points_at_the_part_and_says_what_could_stand_there() {
        #[rustfmt::skip]
        let cases = [
            ("In", "  ^", "the text ends where a protocol"),
            ("Inward Tcp * -> *",
             "^^^^^^", "`Inward`: expected a direction (In or Out); did you mean `In`?"),
            ("In Any * -> *",
             "   ^^^", "`Any`: expected a protocol (Tcp, Udp, Icmp, Esp, Ah or a number from 0 to 255); did you mean `*`?"),
            ("In Tpc * -> *",
             "   ^^^", "did you mean `Tcp`?"),
            ("In 256 * -> *",
             "   ^^^", "a number from 0 to 255"),
            ("In Internet:* -> apim:22",
             "   ^^^^^^^^^^", "`Internet:*`: expected a protocol"),
            ("In Tcp",
             "      ^", "the text ends where an arrow `->`"),
            ("In Tcp Internet:* apim:22",
             "                  ^^^^^^^", "`apim:22`: expected an arrow `->` between source and destination"),
            ("In Tcp Internet:* => apim:22",
             "                  ^^", "did you mean `->`?"),
            ("In Tcp a -> b -> c:22",
             "              ^^^^", "`-> c`: expected a comma, or a colon and ports"),
            ("In Tcp a b:80 -> c:22",
             "         ^", "`b`: expected a comma"),
            ("In Tcp  -> apim:22",
             "        ^", "nothing stands where an address, a prefix, a tag, a subnet's name, asg:NAME or *"),
            ("In Tcp Internet:* -> ",
             "                    ^", "the text ends where an address"),
            ("In Tcp :80 -> *:22",
             "       ^", "nothing stands where an address"),
            // Lists.
            ("In Tcp 10.0.0.1,,10.0.0.2 -> *:22",
             "                ^", "nothing stands where an address"),
            ("In Tcp 10.0.0.1, -> *:22",
             "                ^", "nothing stands where an address"),
            ("In Tcp * -> apim:80,,443",
             "                    ^", "nothing stands where a port"),
            ("In Tcp * -> apim:80,",
             "                    ^", "the text ends where a port"),
            // Ports.
            ("In Tcp * -> apim:",
             "                 ^", "the text ends where a port (a number from 0 to 65535, a range"),
            ("In Tcp * -> apim:https",
             "                 ^^^^^", "`https`: expected a port"),
            ("In Tcp * -> apim:22,70000",
             "                    ^^^^^", "`70000`: expected a port"),
            ("In Tcp * -> apim:2000-1024",
             "                 ^^^^^^^^^", "a range that begins with its lower port; did you mean `1024-2000`?"),
            ("In Tcp * -> apim:1024\u{2013}2000",
             "                 ^^^^^^^^^", "did you mean `1024-2000`?"),
            ("In Tcp * -> apim:80 443",
             "                    ^^^", "`443`: expected a comma and a further port"),
            ("In Tcp * -> apim:80:443",
             "                 ^^^^^^", "`80:443`: expected a port"),
            // Addresses.
            ("In Tcp 10.0.0.300 -> *",
             "       ^^^^^^^^^^", "`10.0.0.300`: expected an IPv4 address or prefix"),
            ("In Tcp 10.0.1/24 -> *",
             "       ^^^^^^", "`10.0.1`: expected an IPv4 address"),
            ("In Tcp 10.0.1.0/33 -> *",
             "                ^^", "`33`: expected the length of a prefix (a number from 0 to 32)"),
            ("In Tcp 10.0.1.0/ -> *",
             "                ^", "nothing stands where the length of a prefix"),
            ("In Tcp 10.0.0.1-10.0.0.9 -> *",
             "       ^^^^^^^^^^^^^^^^^", "is written as its prefixes"),
            ("In Tcp 443 -> *",
             "       ^^^", "`443`: expected an address"),
            ("In Tcp ap$m -> *",
             "       ^^^^", "`ap$m`: expected an address"),
            ("In Tcp subnet: -> *",
             "              ^", "nothing stands where a name, as in subnet:web"),
            ("In Tcp asg::80 -> *",
             "           ^", "nothing stands where a name, as in asg:web"),
            // IPv6.
            ("In Tcp 2001:db8::1 -> *:22",
             "       ^^^^^^^^^^^", "expected IPv6 in brackets"),
            ("In Tcp fd00::/8:80,* -> *:22",
             "       ^^^^^^^^^^^", "expected IPv6 in brackets"),
            ("In Tcp [::1 -> *",
             "           ^", "nothing stands where a closing bracket"),
            ("In Tcp * -> [::1",
             "                ^", "a closing bracket"),
            ("In Tcp [2001:db8::g] -> *",
             "        ^^^^^^^^^^^", "`2001:db8::g`: expected an IPv6 address"),
            ("In Tcp [] -> *",
             "        ^", "nothing stands where an IPv6 address"),
            ("In Tcp [2001:db8::/129] -> *",
             "                   ^^^", "a number from 0 to 128"),
            ("In Tcp [2001:db8::]/32:80 -> *",
             "       ^^^^^^^^^^^^^^^", "did you mean `[2001:db8::/32]`?"),
            ("In Tcp [10.0.0.1]:80 -> *",
             "       ^^^^^^^^^^", "IPv4 without brackets; did you mean `10.0.0.1`?"),
            ("In Tcp [::1]80 -> *",
             "            ^^", "`80`: expected a comma, or a colon and ports"),
        ];
        for (text, carets, message) in cases {
            says(&text.parse::<PacketSetText>().unwrap_err(), carets, message);
        }
    }

    #[test]
    fn a_priority_that_azure_refuses_is_kept_for_what_it_is() {
        assert_eq!(read("99 In Allow * * -> *").unwrap().priority, RulePriority::OutOfRange(99));
    }
}
