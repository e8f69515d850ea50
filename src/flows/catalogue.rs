//! One row of the catalogue, and what stands beside the rows: sources, disputes, parameters.

use super::{Catalogue, Date, Documented, Feature, FlowDirection, Level, LocationKind, Need};
use crate::model::{Mode, Platform, Tier};

/// One record: what one flow needs, under one condition and in one period.
///
/// A flow whose level or tag changes with date, tier, platform or location has several records of one id;
/// the build makes sure that at most one of them holds at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Row {
    /// Name of the flow, kebab case, as in `mgmt-3443`; never reused.
    pub id: &'static str,
    /// Which catalogue it belongs to.
    pub catalogue: Catalogue,
    /// What it is for, in a few words.
    pub purpose: &'static str,
    /// What happens when it is blocked.
    pub breaks: &'static str,
    /// Which way the connection is opened, seen from the subnet.
    pub direction: FlowDirection,
    /// The packets, or another thing that must be so.
    pub need: Need,
    /// How much it matters; [`Row::level_at`] takes the profile into account.
    pub level: Level,
    /// The level while none of its features is on; without one, the row is a note then.
    pub otherwise: Option<Level>,
    /// How the documents mark it.
    pub documented: Documented,
    /// What the service's own network status says: optional or not; `None` where it is silent.
    pub nst_optional: Option<bool>,
    /// When it applies.
    pub condition: Condition,
    /// Flows without which this one is dead although its packets pass.
    pub depends_on: &'static [Dependency],
    /// The first day on which the record counts; `None` is always.
    pub since: Option<Date>,
    /// The first day on which the record no longer counts; `None` is never.
    pub until: Option<Date>,
    /// Whether it is in the seed table, whose rows alone are required in the profile `seed`.
    pub seed: bool,
    /// Keys of the documents that it rests on; see [`super::source`].
    pub sources: &'static [&'static str],
    /// The contradiction that its reading decides, by number; see [`super::dispute`].
    pub dispute: Option<u8>,
    /// What else the reader should know.
    pub note: Option<&'static str>,
}

/// When a row applies. An empty list and `None` ask for nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Condition {
    /// Tiers that have the flow.
    pub tiers: &'static [Tier],
    /// Modes that have the flow.
    pub modes: &'static [Mode],
    /// The platform of the instance.
    pub platform: Option<Platform>,
    /// The least number of units.
    pub units_min: Option<u32>,
    /// The least number of instances (addresses) in the location.
    pub instances_min: Option<u32>,
    /// Features of which any one makes the flow needed. They never make a row not applicable.
    pub flags: &'static [Feature],
    /// Which locations have the flow.
    pub location: Option<LocationKind>,
}

/// A flow on which another depends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Dependency {
    /// The flow on which it depends.
    pub id: &'static str,
    /// Holds only while there is more than one instance.
    pub only_with_several_instances: bool,
}

/// A document.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Source {
    /// Short name, as in `VR25a`.
    pub key: &'static str,
    /// Path or address.
    pub title: &'static str,
    /// The states of it that were read; empty where no date is known.
    pub copies: &'static [SourceCopy],
    /// What else the reader should know.
    pub note: Option<&'static str>,
}

/// One state of a document.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SourceCopy {
    /// Its date as given: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub date: &'static str,
    /// Its commit, where known.
    pub commit: Option<&'static str>,
    /// The fork of the documents that held it, where it was one.
    pub fork: Option<&'static str>,
}

/// A contradiction between documents.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Dispute {
    /// Its number: 14 is D14.
    pub number: u8,
    /// What it is about.
    pub matter: &'static str,
    /// What the documents say.
    pub says: &'static str,
    /// Keys of those documents.
    pub sources: &'static [&'static str],
    /// How the catalogue reads it.
    pub reading: &'static str,
}

/// A fact about the surroundings that the user may give by name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Parameter {
    /// Its name, as in `client_sources`.
    pub name: &'static str,
    /// What it means, in one line.
    pub what: &'static str,
}
