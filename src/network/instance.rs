//! API Management instances and where they stand.

use crate::model::{Fact, Gap, Mode, Origin, Platform, Region, ResourceId, Tier};

/// An API Management instance, or another gateway that the flows are asked for.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Its name, as far as it is known.
    pub name: String,
    /// Its pricing tier.
    pub tier: Fact<Tier>,
    /// How it stands in its network.
    pub mode: Fact<Mode>,
    /// Its platform.
    pub platform: Platform,
    /// The primary location.
    pub primary: Location,
    /// Added locations, each with its own subnet.
    pub added: Vec<Location>,
    /// Why it is not known which locations are added besides.
    pub added_gap: Option<Gap>,
    /// Features that the input shows to be on, by their names in the catalogue.
    pub features: Vec<String>,
    /// Why it is not certain that the instance is deployed, as under a condition that cannot be evaluated.
    pub doubt: Option<Gap>,
    /// Where it was written.
    pub origin: Origin,
}

/// One location of an instance: a region, a subnet, units.
#[derive(Clone, Debug)]
pub struct Location {
    /// The region.
    pub region: Fact<Region>,
    /// The subnet's id, `None` where the location is in no network.
    pub subnet: Fact<Option<ResourceId>>,
    /// Scale units; one unless stated.
    pub units: Fact<u32>,
    /// Where it was written.
    pub origin: Origin,
}

/// How an instance stands in its network, from its tier and `virtualNetworkType`.
///
/// Developer and Premium take `External` and `Internal` as they are; Standard v2 and Premium v2 with
/// `External` are integrated; Premium v2 with `Internal` is injected, which no document says in so many
/// words. A workspace gateway's own resource is read in the same way. Whatever else is combined has no place
/// in a network, since Azure refuses it.
pub fn mode_of(tier: Tier, network_type: &str) -> Mode {
    let external = network_type.eq_ignore_ascii_case("External");
    let internal = network_type.eq_ignore_ascii_case("Internal");
    match tier {
        Tier::Developer | Tier::Premium if external => Mode::External,
        Tier::Developer | Tier::Premium if internal => Mode::Internal,
        Tier::StandardV2 | Tier::PremiumV2 | Tier::Workspace if external => Mode::Integrated,
        Tier::PremiumV2 | Tier::Workspace if internal => Mode::Injected,
        _ => Mode::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tier_and_network_type_give_the_mode() {
        for (tier, network_type, mode) in [
            (Tier::Developer, "External", Mode::External),
            (Tier::Premium, "internal", Mode::Internal),
            (Tier::StandardV2, "External", Mode::Integrated),
            (Tier::StandardV2, "Internal", Mode::None),
            (Tier::PremiumV2, "External", Mode::Integrated),
            (Tier::PremiumV2, "Internal", Mode::Injected),
            (Tier::Premium, "None", Mode::None),
            (Tier::Standard, "External", Mode::None),
        ] {
            assert_eq!(mode_of(tier, network_type), mode, "{tier} {network_type}");
        }
    }
}
