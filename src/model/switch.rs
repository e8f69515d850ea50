//! The points that Azure's documents leave open, and how each is read.

use std::fmt;
use std::str::FromStr;

/// An undocumented point `U1` to `U28` of Azure's behaviour.
///
/// The engine takes the default reading. Where the alternative would change an answer, the answer lists
/// the switch as an assumption.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Switch(u8);

/// What a switch is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SwitchText {
    /// The open question.
    pub question: &'static str,
    /// The reading that the engine takes.
    pub default: &'static str,
    /// The other reading, where there is one.
    pub alternative: Option<&'static str>,
    /// The clauses that it belongs to.
    pub clauses: &'static str,
}

/// Builds the table: one line a switch, in order.
macro_rules! switches {
    ($($constant:ident = $number:literal: $question:literal, $default:literal, $alternative:expr, $clauses:literal;)+) => {
        impl Switch {
            $(#[doc = concat!("U", $number, ": ", $question, " Default: ", $default, ".")]
            pub const $constant: Self = Self($number);)+

            /// Every switch, in order.
            pub const ALL: &'static [Self] = &[$(Self::$constant,)+];

            /// Question, readings and clauses.
            pub fn text(self) -> SwitchText {
                match self.0 {
                    $($number => SwitchText {
                        question: $question, default: $default, alternative: $alternative, clauses: $clauses,
                    },)+
                    _ => SwitchText { question: "", default: "", alternative: None, clauses: "" },
                }
            }
        }
    };
}

switches! {
    EQUAL_PRIORITY = 1: "Two rules of one direction have the same priority: which is looked at first?", "invalid input; unknown where the order matters", Some("the order of the input"), "S8";
    LETTER_CASE = 2: "Does letter case matter in protocols, tags and ids?", "no", None, "S16, S88";
    STAR_PROTOCOL = 3: "Does protocol * match ESP, AH and other protocols without ports?", "yes", Some("only TCP, UDP and ICMP"), "S17";
    ICMPV6 = 4: "Can ICMP between IPv6 addresses be filtered?", "unknown", Some("it is allowed"), "S19";
    PORT_TEXT = 5: "How is a port text with blanks or a reversed range read?", "blanks are dropped, a reversed range never matches", None, "S22";
    PORTLESS_PORTS = 6: "Does a rule with a narrow port match ICMP, ESP or AH?", "unknown for a rule of that protocol, no for protocol *", Some("the port is the ICMP type"), "S24, S25";
    PLURAL_TAG = 7: "A tag or * stands in a list of addresses.", "it is read as part of the list", Some("the rule is invalid"), "S30";
    SINGULAR_AND_PLURAL = 8: "The singular and the plural field are both set.", "both are read", Some("the plural one wins"), "S31";
    LITERAL_ANY = 9: "The text `Any` stands for an address.", "it is read as *", Some("the rule is invalid"), "S32";
    HOST_BITS = 10: "A prefix has host bits set, as in 10.0.0.5/24.", "it is masked to its network", Some("the rule is invalid"), "S34";
    DASH_RANGE = 11: "An address range is written with a dash.", "the rule is invalid", Some("it is read as the range"), "S35";
    MANY_ASGS = 12: "Several application security groups stand on one side.", "they are united, at most ten", Some("the rule is invalid"), "S42";
    REMOTE_ASG = 13: "An application security group stands on the remote side.", "it is the set of its members' addresses", Some("the rule is skipped for non-members"), "S48";
    FLOATING_IP = 14: "Which destination does the NSG see under floating IP?", "both are tested", Some("the back end's address"), "S55";
    NO_NSG_PRIVATE = 15: "Standard load balancer, no NSG: is private traffic open?", "yes", Some("no"), "S64";
    PORTLESS_STATE = 16: "Are ICMP, ESP and AH stateful?", "ICMP is, ESP and AH are checked in each direction", None, "S70";
    ROUTE_PREFIXES = 17: "Which next hops put a route's prefix into VirtualNetwork?", "VirtualAppliance, VirtualNetworkGateway and VnetLocal", Some("all, or VirtualAppliance alone"), "S75";
    SERVICE_ENDPOINT_PREFIXES = 18: "Do service endpoints widen VirtualNetwork?", "no", Some("yes"), "S76";
    PEERING_STATE = 19: "Is a peering that is not Connected in VirtualNetwork?", "no", Some("yes"), "S77";
    INTERNET_EXTENT = 20: "Which addresses exactly are Internet?", "IPv4 without the special-use blocks and the system None routes, and 2000::/3", Some("another recorded list"), "S80, S81";
    TAG_SHADOW = 21: "Does Internet leave out what VirtualNetwork covers?", "no", Some("yes"), "S82";
    AZURE_CLOUD_IPV6 = 22: "Does AzureCloud hold IPv6 addresses?", "as the service tag list says", Some("no"), "S86";
    LITERAL_ZERO = 23: "Does the literal 0.0.0.0/0 of a custom rule mean IPv6 too?", "no", Some("yes"), "S96";
    PLATFORM_TAG_ORDER = 24: "An Allow stands before a Deny on a platform tag.", "the first rule that matches decides", Some("any Deny wins"), "S105";
    NONE_ROUTES = 25: "Which prefixes have a system route to None?", "the 17 of 2022 with 172.16.0.0/12 and 127.0.0.0/8", Some("another recorded set"), "S117";
    PARTLY_MATCHING_SETS = 26: "How is a set answered that a rule matches in part?", "it is split", Some("the rule counts as not matched"), "S136";
    INLINE_AND_CHILD = 27: "An inline rule and a child resource have one name.", "the child resource wins", Some("the inline rule wins"), "S138";
    REGIONAL_TAG = 28: "A regional tag that the list does not mark for NSGs.", "it is read with its addresses", Some("the rule is refused"), "S88";
}

impl Switch {
    /// The number behind the `U`.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "U{}", self.0)
    }
}

impl FromStr for Switch {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let number =
            text.trim().strip_prefix(['U', 'u']).and_then(|digits| digits.parse::<u8>().ok()).ok_or(())?;
        Self::ALL.iter().copied().find(|switch| switch.0 == number).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_and_in_order() {
        let numbers: Vec<u8> = Switch::ALL.iter().map(|switch| switch.number()).collect();
        assert_eq!(numbers, (1..=28).collect::<Vec<u8>>());
        assert_eq!("u17".parse::<Switch>().unwrap(), Switch::ROUTE_PREFIXES);
        assert!("U29".parse::<Switch>().is_err());
    }
}
