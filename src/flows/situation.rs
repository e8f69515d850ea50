//! What is known of one instance in one location.

use super::{FeatureSet, words};
use crate::model::{Mode, Tier};

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
    /// Which of an instance's regions is meant.
    Location ("location") {
        /// The one where the instance was made, with management and portal.
        Primary = "primary",
        /// A further one, with gateways only.
        Added = "added",
    }
}

words! {
    /// `virtualNetworkType` of a resource.
    VirtualNetworkType ("virtual network type") {
        /// In no virtual network.
        None = "None",
        /// Reached by a public address; for the v2 tiers, outbound integration.
        External = "External",
        /// Reached by a private address; for Premium v2, injection.
        Internal = "Internal",
    }
}

/// What is known of one instance in one location.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Situation {
    /// Its tier.
    pub tier: Tier,
    /// How it stands in the virtual network.
    pub mode: Mode,
    /// Its platform.
    pub platform: Platform,
    /// Units in this location, where known.
    pub units: Option<u32>,
    /// Which location is asked about.
    pub location: Location,
    /// Its features; `multi-region` among them, which whoever reads the input derives from the added locations.
    pub features: FeatureSet,
}

impl Situation {
    /// The primary location of an instance on the present platform, with nothing else known.
    pub fn new(tier: Tier, mode: Mode) -> Self {
        Self {
            tier,
            mode,
            platform: Platform::Stv2,
            units: None,
            location: Location::Primary,
            features: FeatureSet::default(),
        }
    }

    /// The number of addresses that the instance has in this location, where known: Developer has one, a
    /// Premium unit two; other tiers are counted by unit.
    pub fn instances(&self) -> Option<u32> {
        match self.tier {
            Tier::Developer => Some(1),
            Tier::Premium => Some(self.units.unwrap_or(1).max(1).saturating_mul(2)),
            _ => self.units,
        }
    }
}

/// The mode that a template's `sku.name` and `virtualNetworkType` stand for.
///
/// Developer and Premium take both words as they are; StandardV2 and PremiumV2 with `External` are
/// integrated; PremiumV2 with `Internal` is injected, which no document says in so many words. A workspace
/// gateway's own resource is read in the same way. Whatever else is combined has no place in a network,
/// since Azure refuses it.
pub fn mode_of(tier: Tier, virtual_network_type: VirtualNetworkType) -> Mode {
    use VirtualNetworkType::{External, Internal};
    match (tier, virtual_network_type) {
        (Tier::Developer | Tier::Premium, External) => Mode::External,
        (Tier::Developer | Tier::Premium, Internal) => Mode::Internal,
        (Tier::StandardV2 | Tier::PremiumV2 | Tier::Workspace, External) => Mode::Integrated,
        (Tier::PremiumV2 | Tier::Workspace, Internal) => Mode::Injected,
        _ => Mode::None,
    }
}
