//! Coded remarks about an input: code, severity, place, and what to change.
//!
//! In: nothing; out: the vocabulary of findings. No wording by output format (that is `report`).

use crate::model::Origin;
use std::fmt;
use std::str::FromStr;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// For information.
    Note,
    /// It may hurt, or the documents do not agree that it does.
    Warning,
    /// It breaks something, or Azure refuses it.
    Error,
}

impl Severity {
    /// The word as it is printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One remark.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Finding {
    /// Where it stands.
    pub origin: Origin,
    /// Which remark it is.
    pub code: Code,
    /// How much it matters here.
    pub severity: Severity,
    /// What is the case: a clause without capital or full stop; what the user wrote is quoted in backticks.
    pub message: String,
    /// What to change, where there is one thing to change.
    pub fix: Option<String>,
    /// The rule, subnet or resource that it is about, by name.
    pub subject: Option<String>,
}

impl Finding {
    /// A finding of the code's own severity.
    pub fn new(code: Code, origin: &Origin, message: impl Into<String>) -> Self {
        Self {
            origin: origin.clone(),
            code,
            severity: code.severity(),
            message: message.into(),
            fix: None,
            subject: None,
        }
    }

    /// The same finding with what to change.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// The same finding, about a rule or resource by name.
    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }
}

/// Defines the codes: `Variant = "code", Severity, "meaning", "what to do"`.
macro_rules! codes {
    ($($variant:ident = $code:literal, $severity:ident, $meaning:literal, $remedy:literal;)+) => {
        /// A code of a finding, in kebab case. Users filter by it, so it keeps its name and is given to nothing else.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum Code {
            $(#[doc = $meaning]
            $variant,)+
        }

        impl Code {
            /// Every code, in order of the vocabulary.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code as it is printed.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// What it means.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }

            /// What to do about it.
            pub fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)+ }
            }

            /// How much it matters unless the place says otherwise.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)+ }
            }
        }
    };
}

codes! {
    NearMissPort = "near-miss-port", Warning,
        "A rule allows the right tag of a required flow, but on a port that looks like a typing error of the right one.",
        "Compare the port with the one that the flow needs, and correct it.";
    OverExposure = "over-exposure", Warning,
        "A rule lets in more of the Internet than the flow that it serves needs.",
        "Narrow the source to the tag or prefixes that the flow needs.";
    MissingNsg = "missing-nsg", Error,
        "The subnet of an API Management instance has no network security group, so its load balancer lets nothing in.",
        "Attach a network security group to the subnet.";
    Delegation = "delegation", Error,
        "The subnet's delegation is not the one that the instance's tier and mode need.",
        "Set the delegation that the flow's documents ask for, or use a subnet of its own.";
    DuplicatePriority = "duplicate-priority", Error,
        "Two rules of one direction have the same priority, which Azure refuses (S8).",
        "Give each rule of a direction a priority of its own.";
    DuplicateName = "duplicate-name", Error,
        "Two rules of one network security group have the same name (S13).",
        "Rename one of them; if both are one rule, delete one.";
    PriorityRange = "priority-range", Error,
        "A custom priority is not in 100..=4096, which Azure refuses (S9).",
        "Choose a priority from 100 to 4096.";
    CommaPort = "comma-port", Error,
        "A list of ports stands in one string, which Azure refuses (S20).",
        "Write each port as an item of the plural field.";
    ReversedRange = "reversed-range", Error,
        "A port range runs backwards, so it never matches (S22).",
        "Exchange the two ends.";
    PortText = "port-text", Error,
        "A port is neither a number, a range nor * (S20).",
        "Write a number from 0 to 65535, a range such as 80-443, or *.";
    HostBits = "host-bits", Warning,
        "A prefix has host bits set, which Azure has refused (S34).",
        "Write the network address.";
    AddressText = "address-text", Error,
        "An address is neither *, an address, a prefix nor a tag name (S35, S36).",
        "Write *, an address, a prefix such as 10.0.0.0/24, or a service tag.";
    BareAddress = "bare-address", Note,
        "An address stands without a prefix length; it is one address (S33).",
        "Nothing; write /32 or /128 where it should be plain.";
    LetterCase = "letter-case", Note,
        "A word is not in Azure's own spelling; letter case does not matter (U2).",
        "Nothing; use Azure's spelling for readers.";
    LiteralZero = "literal-zero", Note,
        "The literal 0.0.0.0/0 stands in a rule of a network that has IPv6 too; it is read as IPv4 alone (S96).",
        "Write * for both families.";
    LiteralAny = "literal-any", Warning,
        "`Any` is what the portal shows for *; in a file it is no address (S32).",
        "Write *.";
    PluralTag = "plural-tag", Error,
        "A tag or * stands in a list of addresses, which Azure refuses (S30).",
        "Put the tag alone into the singular field, in a rule of its own.";
    SingularAndPlural = "singular-and-plural", Error,
        "The singular and the plural field of one side are both set (S31).",
        "Keep one of the two.";
    UnknownTag = "unknown-tag", Error,
        "A tag is not in the service tag list, so its addresses are not known.",
        "Correct the spelling, or give a newer list with --service-tags.";
    ClassicTag = "classic-tag", Error,
        "A tag has the spelling of the classic deployment model, which Resource Manager refuses (S91).",
        "Write VirtualNetwork, Internet or AzureLoadBalancer.";
    RegionalTag = "regional-tag", Warning,
        "A regional tag is not marked for use in network security groups; Azure may refuse it (U28).",
        "Use the tag without its region.";
    WrongSideTag = "wrong-side-tag", Warning,
        "A service tag stands on the subnet's own side, where its addresses never are (T13).",
        "Put VirtualNetwork or the subnet's prefix on the own side.";
    PublicDestination = "public-destination", Warning,
        "An inbound rule names a public address of the resource; rules see the private one (S38).",
        "Name the private address, the subnet's prefix or VirtualNetwork.";
    WordValue = "word-value", Error,
        "A protocol, access or direction is none of Azure's words.",
        "Use one of the words that the message lists.";
    WrongType = "wrong-type", Error,
        "A field holds a value of another JSON type than Azure expects.",
        "Write the type that the message names.";
    IncompleteRule = "incomplete-rule", Error,
        "A rule lacks a field that Azure requires; it is read as unknown, never as everything (S37).",
        "Add the field.";
    MixedFamilies = "mixed-families", Error,
        "A rule mixes IPv4 and IPv6 prefixes, which Azure refuses (S96).",
        "Write one rule for each family.";
    SameRuleTwice = "same-rule-twice", Warning,
        "A rule stands inline and as a child resource under one name; the last deployed wins (U27).",
        "Keep one of the two.";
    MixedRules = "mixed-rules", Warning,
        "A network security group in Terraform has inline rules and rules that are resources of their own, which undo each other (S140).",
        "Write all rules of the group in one of the two ways.";
    DuplicateResource = "duplicate-resource", Warning,
        "A resource is declared more than once, and the declarations differ; the last deployed wins.",
        "Keep one declaration, or make them the same.";
    UnknownReference = "unknown-reference", Warning,
        "A reference leads to something that the input does not hold.",
        "Add the file that holds it, or supply it as the message says.";
    UnusedNsg = "unused-nsg", Note,
        "A network security group is attached to nothing in the input.",
        "Attach it, or delete it.";
    NextHop = "next-hop", Error,
        "A route has a next hop that no route can have (S121).",
        "Write one of the next hops that the message lists.";
    ApplianceAddress = "appliance-address", Error,
        "A route leads to an appliance and does not say at which address (S121).",
        "Write the appliance's private address.";
    RoutePrefix = "route-prefix", Error,
        "A route is for a tag that no route can be for (S123).",
        "Write a prefix, or a tag of a service.";
    UnknownPeer = "unknown-peer", Note,
        "A peering leads to a virtual network that the input does not hold, so nothing in it is judged.",
        "Add the file that holds the other network.";
    OverlappingPeers = "overlapping-peers", Error,
        "Two virtual networks with common addresses are peered, which Azure refuses.",
        "Give one of them another address space.";
    SubnetOutside = "subnet-outside", Error,
        "A subnet has addresses that its virtual network does not have, which Azure refuses.",
        "Correct the subnet's prefix, or add it to the virtual network.";
    GroupAcrossNetworks = "asg-across-networks", Error,
        "Members of one application security group, or the two groups of one rule, are in different virtual networks, which Azure refuses (S49).",
        "Make one group for each virtual network.";
    GatewayRing = "gateway-ring", Error,
        "Virtual networks use each other's gateways, two of them or more in a ring, so none has one (S130).",
        "Turn the use of remote gateways off on the side that has the gateway.";
    RouteLoop = "route-loop", Warning,
        "Routes send traffic to an appliance whose own subnet sends it back, so it goes round unless the appliance leaves by another interface.",
        "Give the appliance's subnet a route table that sends the traffic onwards, or none.";
    Template = "template", Error,
        "A template cannot be evaluated here: an expression, a loop or a parameter is wrong or beyond the limits.",
        "Correct what the message names.";
    DuplicateKey = "duplicate-key", Warning,
        "An object of a JSON file holds one key twice; the last value counts.",
        "Keep one of the two.";
    DeadRule = "dead-rule", Warning,
        "A rule matches no packet that rules are asked about, so it does nothing wherever it stands.",
        "Correct the part that the message names, or delete the rule.";
    ShadowedRule = "shadowed-rule", Warning,
        "Earlier rules take every packet that a rule matches, so it decides nothing (S2). A note where they have the rule's own access.",
        "Move the rule before those that take its packets if it is meant to count, else delete it.";
    PartlyShadowedRule = "partly-shadowed-rule", Note,
        "Earlier rules of the other access, which are no mere exceptions from a rule, take some of the packets that it matches (S2).",
        "Check which of the rules is meant to win, and give that one the lower number.";
    RedundantRule = "redundant-rule", Note,
        "Every packet that a rule decides would be decided the same without it.",
        "Delete the rule, unless it is kept for readers.";
    RepeatsDefault = "repeats-default", Note,
        "What a rule decides the default rules alone would decide the same (S10).",
        "Nothing, or delete the rule; it begins to count when a later rule denies what it allows.";
    TooManyRules = "limit", Warning,
        "A limit of Azure is exceeded (S44).",
        "Split or shorten what the message names.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Code {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|code| code.as_str().eq_ignore_ascii_case(text.trim())).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_kebab_case_and_explained() {
        let texts: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(texts.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.as_str().bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{code}");
            assert!(code.meaning().ends_with('.') && code.remedy().ends_with('.'), "{code}");
            assert_eq!(code.as_str().parse::<Code>(), Ok(*code));
        }
    }
}
