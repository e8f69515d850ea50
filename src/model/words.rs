//! Small closed vocabularies: direction, access, verdict, layer, tier, mode, cloud.
//!
//! Each is read without regard to case (U2) and printed in one spelling.

use std::fmt;

/// A word that is not of a vocabulary.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WordError {
    /// What kind of word was expected, as in `direction`.
    pub expected: &'static str,
    /// The words that would be accepted, in the order to show them.
    pub accepted: Vec<&'static str>,
    /// The text as read.
    pub found: String,
}

impl fmt::Display for WordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no {}: one of {}", self.found, self.expected, self.accepted.join(", "))
    }
}

impl std::error::Error for WordError {}

/// Defines an enum whose variants are words: `Variant = "printed" | "also read"`.
///
/// Other rooms define vocabularies of their own with it.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident ($what:literal) { $($(#[$vdoc:meta])* $variant:ident = $word:literal $(| $also:literal)*,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// Every word of the vocabulary, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word as it is printed.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::model::WordError;

            /// Reads a word without regard to case.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $(if [$word $(, $also)*].iter().any(|word| word.eq_ignore_ascii_case(text.trim())) {
                    return Ok(Self::$variant);
                })+
                Err($crate::model::WordError { expected: $what, accepted: vec![$($word,)+], found: text.to_owned() })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

pub(crate) use words;

words! {
    /// Which way a connection is opened, seen from the protected resource (S3).
    Direction ("direction") {
        /// Towards the resource.
        Inbound = "In" | "Inbound",
        /// From the resource.
        Outbound = "Out" | "Outbound",
    }
}

impl Direction {
    /// Azure's own spelling, as in `direction` of a rule.
    pub fn azure(self) -> &'static str {
        match self {
            Self::Inbound => "Inbound",
            Self::Outbound => "Outbound",
        }
    }
}

words! {
    /// What a rule does with the packets that it decides.
    Access ("access") {
        /// Lets them pass.
        Allow = "Allow",
        /// Drops them.
        Deny = "Deny",
    }
}

words! {
    /// How a packet, a set of packets or a flow fares.
    ///
    /// `Partial` never stands for one packet, `NotApplicable` only for a flow.
    Verdict ("verdict") {
        /// All of it gets through.
        Allowed = "allowed",
        /// Some of it gets through.
        Partial = "partial",
        /// Nothing gets through.
        Blocked = "blocked",
        /// The input does not settle it.
        Unknown = "unknown",
        /// The flow is not one that this instance has.
        NotApplicable = "not_applicable" | "not applicable",
    }
}

words! {
    /// What a packet passes on its way, in the order of the vocabulary for inbound traffic.
    Layer ("layer") {
        /// Azure's own exemptions and drops (S100 to S108).
        Platform = "platform",
        /// Security admin rules of Virtual Network Manager (S131).
        Admin = "admin",
        /// The NSG of the subnet.
        SubnetNsg = "subnet-nsg",
        /// The NSG of the network interface.
        NicNsg = "nic-nsg",
        /// No NSG where one would be (S62 to S64).
        NoNsg = "no-nsg",
        /// The route table.
        Route = "route",
        /// Of a whole way: the peering that it crosses (S77, S130).
        Peering = "peering",
    }
}

words! {
    /// Pricing tier of an API Management instance.
    Tier ("tier") {
        /// Developer.
        Developer = "Developer",
        /// Basic.
        Basic = "Basic",
        /// Standard.
        Standard = "Standard",
        /// Premium.
        Premium = "Premium",
        /// Basic v2.
        BasicV2 = "BasicV2" | "basic-v2",
        /// Standard v2.
        StandardV2 = "StandardV2" | "standard-v2",
        /// Premium v2.
        PremiumV2 = "PremiumV2" | "premium-v2",
        /// Consumption.
        Consumption = "Consumption",
        /// A workspace gateway, which is a resource of its own.
        Workspace = "Workspace" | "WorkspaceGatewayPremium" | "workspace-gateway",
        /// A self-hosted gateway.
        SelfHosted = "SelfHosted" | "self-hosted",
    }
}

words! {
    /// The compute platform below a classic instance.
    Platform ("platform") {
        /// The old one, which has ended.
        Stv1 = "stv1",
        /// The present one.
        Stv2 = "stv2",
    }
}

words! {
    /// How an API Management instance stands in its virtual network.
    Mode ("mode") {
        /// Classic injection, endpoints on a public address.
        External = "external",
        /// Classic injection, endpoints on a private address.
        Internal = "internal",
        /// v2 injection (Premium v2), workspace injection.
        Injected = "injected",
        /// v2 outbound integration, workspace integration.
        Integrated = "integrated",
        /// Not in a virtual network.
        None = "none",
    }
}

words! {
    /// The Azure cloud that a network or a service tag list belongs to (S94).
    Cloud ("cloud") {
        /// The public cloud.
        Public = "Public" | "AzureCloud" | "AzurePublicCloud",
        /// Azure Government.
        Government = "AzureGovernment" | "Government" | "AzureUSGovernment" | "USGov",
        /// Azure operated by 21Vianet.
        China = "AzureChina" | "China" | "AzureChinaCloud" | "21Vianet",
    }
}

impl Access {
    /// How packets fare that a rule of this access decides (S4).
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::Allow => Verdict::Allowed,
            Self::Deny => Verdict::Blocked,
        }
    }
}

impl Cloud {
    /// The cloud that a region belongs to by its name (design: `usgov*`, `usdod*`, `china*`).
    pub fn of_region(region: &super::Region) -> Self {
        match region.as_str() {
            name if name.starts_with("usgov") || name.starts_with("usdod") => Self::Government,
            name if name.starts_with("china") => Self::China,
            _ => Self::Public,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_without_regard_to_case_and_printed_in_one_spelling() {
        assert_eq!("INBOUND".parse::<Direction>().unwrap().to_string(), "In");
        assert_eq!("premiumv2".parse::<Tier>().unwrap(), Tier::PremiumV2);
        assert_eq!(" allow ".parse::<Access>().unwrap(), Access::Allow);
        assert_eq!("azuregovernment".parse::<Cloud>().unwrap(), Cloud::Government);
    }

    #[test]
    fn another_word_is_an_error_that_lists_what_would_be_accepted() {
        let error = "Permit".parse::<Access>().unwrap_err();
        assert_eq!(error.to_string(), "`Permit` is no access: one of Allow, Deny");
    }
}
