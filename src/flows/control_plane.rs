//! Addresses of the control plane by region: the hard core of `mgmt-3443`.
//!
//! They are of 2023, the last time that the documents listed them; the documents ask for the whole tag.

use super::Date;
use super::tables::CONTROL_PLANE;
use crate::model::{Cloud, Region};
use std::net::Ipv4Addr;

/// The addresses of one region.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ControlPlane {
    /// The cloud of the region.
    pub cloud: Cloud,
    /// Short name of the region, as in `westeurope`.
    pub region: &'static str,
    /// Name of the region as it is printed, as in `West Europe`.
    pub name: &'static str,
    /// Its addresses; if there are two, both must be open.
    pub addresses: &'static [Ipv4Addr],
    /// Whether every location of the cloud needs them.
    pub global: bool,
    /// Which of them took the place of which.
    pub moved: Option<Moved>,
    /// What else the reader should know.
    pub note: Option<&'static str>,
}

/// An address that took the place of another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Moved {
    /// From this day on.
    pub date: Date,
    /// The former address, which may be gone since.
    pub old: Ipv4Addr,
    /// The address that counts.
    pub new: Ipv4Addr,
}

/// The lines that an instance in a region needs: its own and the global ones of the cloud.
///
/// Empty where the region is not listed; then there is no hard core to test. Names of regions compare
/// without blanks and case.
pub fn control_plane(region: &Region) -> Vec<&'static ControlPlane> {
    let Some(own) = CONTROL_PLANE.iter().find(|place| !place.global && place.region == region.as_str())
    else {
        return Vec::new();
    };
    let global = CONTROL_PLANE.iter().filter(|place| place.global && place.cloud == own.cloud);
    std::iter::once(own).chain(global).collect()
}
