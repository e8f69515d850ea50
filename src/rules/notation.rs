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
use crate::model::notation::Words;
use crate::model::{
    Access, Direction, Fact, Notation, Origin, PortRange, Priority, Protocol, ResourceId, RulePriority,
};
use std::str::FromStr;

mod print;
mod property;
mod side;

pub use print::write_net;
pub use property::{Claim, PropertyText, Quantifier};
use side::side;
pub use side::{AddressText, SideText, ports, protocols};

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
