//! The tables that the build script writes from `data/flows`.

use super::catalogue::{Condition, Dependency, Dispute, Parameter, Row, Source, SourceCopy};
use super::control_plane::{ControlPlane, Moved};
use super::date::Date;
use super::feature::{Feature, FeatureInfo, FeatureState};
use super::level::{Catalogue, Documented, Level};
use super::need::{
    Core, FlowDirection, Need, Packets, Ports, Quantifier, Remote, RouteClass, Seen, TagRegion,
};
use super::situation::LocationKind;
use crate::model::{Cloud, Mode, Platform, PortRange, Protocol, Tier};
use std::net::Ipv4Addr;

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

/// A day that the build has checked; the other arm is never taken.
const fn date(year: u16, month: u8, day: u8) -> Date {
    match Date::new(year, month, day) {
        Some(date) => date,
        None => Date::SEED,
    }
}

/// A range that the build has checked; the other arm is never taken.
const fn port_range(low: u16, high: u16) -> PortRange {
    match PortRange::new(low, high) {
        Some(range) => range,
        None => PortRange::ALL,
    }
}
