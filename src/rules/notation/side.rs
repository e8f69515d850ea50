//! One side of a packet set or rule, and the ports and protocols of a question.

use super::NotationError;
use crate::model::notation::{IN_BRACKETS, looks_like_ipv6};
use crate::model::{Notation, PortError, PortRange, Protocol};
use crate::sets::{PortSet, ProtocolSet};
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

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

impl FromStr for SideText {
    type Err = NotationError;

    /// Reads addresses with commas, then a colon and ports with commas; the colon of IPv6 is in brackets.
    fn from_str(text: &str) -> Result<Self, NotationError> {
        side(Notation(text), text)
    }
}

const ADDRESS: &str = "an address, a prefix, a tag, a subnet's name, asg:NAME or *";

/// Reads a side that is a part of a text.
pub(super) fn side(notation: Notation<'_>, part: &str) -> Result<SideText, NotationError> {
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
