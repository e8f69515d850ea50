//! What is known of one instance in one location.

use super::FeatureSet;
use crate::model::words;
use crate::model::{Mode, Platform, Tier};

words! {
    /// Which of an instance's regions is meant.
    LocationKind ("location") {
        /// The one where the instance was made, with management and portal.
        Primary = "primary",
        /// A further one, with gateways only.
        Added = "added",
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
    pub location: LocationKind,
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
            location: LocationKind::Primary,
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
