//! API Management instances and where they stand.

use crate::model::{Fact, Mode, Origin, Region, ResourceId, Tier};

/// The compute platform of a classic instance.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Platform {
    /// The platform that retired in 2024.
    Stv1,
    /// The present platform.
    #[default]
    Stv2,
}

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
    /// Features that the input shows to be on, by their names in the catalogue.
    pub features: Vec<String>,
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
/// Developer and Premium are injected, v2 tiers integrated or, for Premium v2 with `Internal`, injected;
/// the other tiers stand in no network.
pub fn mode_of(tier: Tier, network_type: &str) -> Mode {
    let external = network_type.eq_ignore_ascii_case("External");
    let internal = network_type.eq_ignore_ascii_case("Internal");
    match tier {
        Tier::Developer | Tier::Premium if external => Mode::External,
        Tier::Developer | Tier::Premium if internal => Mode::Internal,
        Tier::StandardV2 | Tier::PremiumV2 if external => Mode::Integrated,
        Tier::PremiumV2 if internal => Mode::Injected,
        _ => Mode::None,
    }
}
