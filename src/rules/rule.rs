//! A rule as it was written, with every oddity kept.

use crate::model::{Access, Direction, Fact, Gap, Origin, PortRange, Protocol, ResourceId, RulePriority};
use crate::tags::SpecialTag;
use ipnet::IpNet;
use std::net::IpAddr;
use std::sync::Arc;

/// One rule of a network security group.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rule {
    /// Its bare name, without `securityRules/` or `UserRule_` before it (S135).
    pub name: String,
    /// Its place in the order (S2).
    pub priority: RulePriority,
    /// The direction that it takes part in (S1).
    pub direction: Fact<Direction>,
    /// What it does with its packets (S4).
    pub access: Fact<Access>,
    /// The protocols that it matches (S15 to S19).
    pub protocol: ProtocolTerm,
    /// The side that opens the connection (S3).
    pub source: Side,
    /// The side that is asked.
    pub destination: Side,
    /// Why it is not certain that the rule exists, as under a condition that cannot be evaluated.
    pub doubt: Option<Gap>,
    /// Where it was written; for a default rule where its group was.
    pub origin: Origin,
}

impl Rule {
    /// Whether this is one of the six default rules (S10).
    pub fn is_default(&self) -> bool {
        matches!(self.priority, RulePriority::Default(_))
    }

    /// Whether it stands in a direction, or may: one whose direction is not known may stand in either.
    pub fn may_be_in(&self, direction: Direction) -> bool {
        self.direction.known().is_none_or(|known| *known == direction)
    }

    /// The side of the protected resource and the other side, for a direction (S3).
    pub fn own_and_remote(&self, direction: Direction) -> (&Side, &Side) {
        match direction {
            Direction::Inbound => (&self.destination, &self.source),
            Direction::Outbound => (&self.source, &self.destination),
        }
    }
}

/// The protocol of a rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ProtocolTerm {
    /// `*` (S17, U3).
    Any,
    /// One protocol.
    One(Protocol),
    /// Not known, or a text that Azure refuses.
    Unknown(Gap),
}

/// Addresses and ports of one side; the members of each list are alternatives (S6).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Side {
    /// Addresses, tags and groups.
    pub addresses: Vec<Written<AddressTerm>>,
    /// Ports.
    pub ports: Vec<Written<PortTerm>>,
}

/// A value with the kind of field that it was written in, since two readings hang on it (U7, U8).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Written<T> {
    /// The value.
    pub value: T,
    /// Whether it stands in the plural field.
    pub plural: bool,
}

impl<T> Written<T> {
    /// A value of the singular field.
    pub fn singular(value: T) -> Self {
        Self { value, plural: false }
    }

    /// A value of the plural field.
    pub fn plural(value: T) -> Self {
        Self { value, plural: true }
    }

    /// Whether both the singular and the plural field hold something (S31).
    pub fn in_both_forms(terms: &[Self]) -> bool {
        terms.iter().any(|written| written.plural) && terms.iter().any(|written| !written.plural)
    }
}

/// What can stand for the address of a side (S29, S30).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AddressTerm {
    /// `*`: every address of both families (S32).
    Any,
    /// The text `Any` (U9).
    LiteralAny,
    /// A prefix or a bare address (S33).
    Prefix {
        /// The prefix with its host bits masked.
        net: IpNet,
        /// Whether host bits were set (U10).
        host_bits: bool,
    },
    /// A range written with a dash (U11).
    DashRange {
        /// The first address.
        first: IpAddr,
        /// The last address.
        last: IpAddr,
    },
    /// A service tag by name, known or not.
    Tag(String),
    /// A service tag with the addresses that Azure itself says it stands for where the rule is in force; they
    /// outrank every list (S139). Never one of the platform's own tags (S100).
    Expanded {
        /// The tag's name.
        tag: String,
        /// What it stands for there.
        prefixes: Arc<[IpNet]>,
    },
    /// An application security group (S46).
    Group(ResourceId),
    /// Not known, or a text that Azure refuses (S36).
    Unknown(Gap),
}

impl AddressTerm {
    /// The service tag that is named, with or without the addresses that Azure gives for it.
    pub fn tag(&self) -> Option<&str> {
        match self {
            Self::Tag(name) | Self::Expanded { tag: name, .. } => Some(name),
            _ => None,
        }
    }

    /// Whether a name is that of a tag that only Azure's own services can be reached by (S100).
    pub fn names_platform(name: &str) -> bool {
        use SpecialTag::{AzurePlatformDns, AzurePlatformImds, AzurePlatformLkm};
        let special = SpecialTag::recognise(name).map(|(tag, _)| tag);
        matches!(special, Some(AzurePlatformDns | AzurePlatformImds | AzurePlatformLkm))
    }

    /// Whether the tag for the own network is named (S72).
    pub fn is_virtual_network(&self) -> bool {
        let special = self.tag().and_then(SpecialTag::recognise);
        special == Some((SpecialTag::VirtualNetwork, false))
    }
}

/// What can stand for the port of a side (S20).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PortTerm {
    /// One port, a range, or `*`.
    Range(PortRange),
    /// A range that runs backwards: it never matches (S22, U5).
    Never,
    /// Not known, or a text that Azure refuses.
    Unknown(Gap),
}

/// The rules of one network security group, custom and default.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RuleSet {
    /// All rules, in the order of the input, default rules last (S7).
    pub rules: Vec<Rule>,
}

impl RuleSet {
    /// The rule set of custom rules; the six default rules are added when the input has none of its own (S5).
    ///
    /// `group` is the place of the group itself, which the added rules are said to come from.
    pub fn new(mut rules: Vec<Rule>, group: &Origin) -> Self {
        if !rules.iter().any(Rule::is_default) {
            rules.extend(super::defaults::rules(group));
        }
        Self { rules }
    }

    /// The rules that people wrote.
    pub fn custom(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|rule| !rule.is_default())
    }
}
