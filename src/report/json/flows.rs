//! `flowcheck/flows/1`: rows of the catalogue with every field, and the documents that they rest on.

use super::shapes::word;
use super::{Head, write};
use crate::flows::{Dispute, Need, Ports, Profile, Row, Source, dispute, source};
use serde::Serialize;
use std::io::{self, Write};

/// Writes the document of `flows`.
///
/// # Errors
/// Those of the writer.
pub fn flows(
    rows: &[&'static Row],
    profile: Option<Profile>,
    head: &Head,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut keys: Vec<&str> = rows.iter().flat_map(|row| row.sources).copied().collect();
    let mut numbers: Vec<u8> = rows.iter().filter_map(|row| row.dispute).collect();
    keys.extend(numbers.iter().filter_map(|number| dispute(*number)).flat_map(|dispute| dispute.sources));
    keys.sort_unstable();
    keys.dedup();
    numbers.sort_unstable();
    numbers.dedup();
    let body = Body {
        profile: profile.map(word),
        flows: rows.iter().map(|row| RowShape::of(row)).collect(),
        sources: keys.into_iter().filter_map(source).map(SourceShape::of).collect(),
        disputes: numbers.into_iter().filter_map(dispute).map(DisputeShape::of).collect(),
    };
    write("flows", head, std::iter::empty(), body, out)
}

#[derive(Serialize)]
struct Body {
    profile: Option<String>,
    flows: Vec<RowShape>,
    sources: Vec<SourceShape>,
    disputes: Vec<DisputeShape>,
}

#[derive(Serialize)]
struct RowShape {
    id: &'static str,
    catalogue: &'static str,
    purpose: &'static str,
    breaks: &'static str,
    direction: &'static str,
    level: &'static str,
    otherwise: Option<&'static str>,
    documented: &'static str,
    nst_optional: Option<bool>,
    need: NeedShape,
    condition: ConditionShape,
    depends_on: Vec<DependencyShape>,
    since: Option<String>,
    until: Option<String>,
    seed: bool,
    sources: &'static [&'static str],
    dispute: Option<String>,
    note: Option<&'static str>,
}

#[derive(Serialize)]
struct DependencyShape {
    id: &'static str,
    only_with_several_instances: bool,
}

#[derive(Serialize)]
struct ConditionShape {
    tiers: Vec<&'static str>,
    modes: Vec<&'static str>,
    platform: Option<&'static str>,
    units_min: Option<u32>,
    instances_min: Option<u32>,
    features: Vec<&'static str>,
    location: Option<&'static str>,
}

/// What must be so: `kind` says which of the other keys mean something.
#[derive(Default, Serialize)]
struct NeedShape {
    kind: &'static str,
    remote: Option<String>,
    hosts: &'static [&'static str],
    ports: Vec<String>,
    protocols: Vec<String>,
    quantifier: Option<&'static str>,
    core: Option<&'static str>,
    seen: Option<&'static str>,
    default_rules: &'static [u16],
    route_class: Option<&'static str>,
    delegation: Option<&'static str>,
    prefix_at_most: Option<u8>,
    reason: Option<&'static str>,
}

impl NeedShape {
    fn of(need: &Need) -> Self {
        match need {
            Need::Packets(need) => Self {
                kind: "packets",
                remote: Some(word(need.remote)),
                hosts: need.hosts,
                ports: match need.ports {
                    Ports::Ranges(ranges) => ranges.iter().map(word).collect(),
                    Ports::Parameter(name) => vec![format!("${name}")],
                },
                protocols: need.protocols.iter().map(word).collect(),
                quantifier: Some(need.quantifier.as_str()),
                core: Some(need.core.as_str()),
                seen: need.seen.map(crate::flows::Seen::as_str),
                default_rules: need.default_rules,
                route_class: need.route_class.map(crate::flows::RouteClass::as_str),
                ..Self::default()
            },
            Need::Nsg => Self { kind: "nsg", ..Self::default() },
            Need::Delegation { must_be } => {
                Self { kind: "delegation", delegation: *must_be, ..Self::default() }
            }
            Need::SubnetPrefix { at_most } => {
                Self { kind: "subnet-prefix", prefix_at_most: Some(*at_most), ..Self::default() }
            }
            Need::Nothing { reason } => Self { kind: "nothing", reason: Some(reason), ..Self::default() },
        }
    }
}

impl RowShape {
    fn of(row: &'static Row) -> Self {
        let condition = &row.condition;
        let dependency = |on: &crate::flows::Dependency| DependencyShape {
            id: on.id,
            only_with_several_instances: on.only_with_several_instances,
        };
        Self {
            id: row.id,
            catalogue: row.catalogue.as_str(),
            purpose: row.purpose,
            breaks: row.breaks,
            direction: row.direction.as_str(),
            level: row.level.as_str(),
            otherwise: row.otherwise.map(crate::flows::Level::as_str),
            documented: row.documented.as_str(),
            nst_optional: row.nst_optional,
            need: NeedShape::of(&row.need),
            condition: ConditionShape {
                tiers: condition.tiers.iter().map(|tier| tier.as_str()).collect(),
                modes: condition.modes.iter().map(|mode| mode.as_str()).collect(),
                platform: condition.platform.map(crate::model::Platform::as_str),
                units_min: condition.units_min,
                instances_min: condition.instances_min,
                features: condition.flags.iter().map(|flag| flag.info().name).collect(),
                location: condition.location.map(crate::flows::LocationKind::as_str),
            },
            depends_on: row.depends_on.iter().map(dependency).collect(),
            since: row.since.map(word),
            until: row.until.map(word),
            seed: row.seed,
            sources: row.sources,
            dispute: row.dispute.map(|number| format!("D{number}")),
            note: row.note,
        }
    }
}

#[derive(Serialize)]
pub(super) struct SourceShape {
    key: &'static str,
    title: &'static str,
    copies: Vec<CopyShape>,
    note: Option<&'static str>,
}

#[derive(Serialize)]
struct CopyShape {
    date: &'static str,
    commit: Option<&'static str>,
    fork: Option<&'static str>,
}

impl SourceShape {
    pub(super) fn of(source: &'static Source) -> Self {
        let copy = |copy: &'static crate::flows::SourceCopy| CopyShape {
            date: copy.date,
            commit: copy.commit,
            fork: copy.fork,
        };
        Self {
            key: source.key,
            title: source.title,
            copies: source.copies.iter().map(copy).collect(),
            note: source.note,
        }
    }
}

#[derive(Serialize)]
pub(super) struct DisputeShape {
    id: String,
    matter: &'static str,
    says: &'static str,
    reading: &'static str,
    sources: &'static [&'static str],
}

impl DisputeShape {
    pub(super) fn of(dispute: &'static Dispute) -> Self {
        Self {
            id: format!("D{}", dispute.number),
            matter: dispute.matter,
            says: dispute.says,
            reading: dispute.reading,
            sources: dispute.sources,
        }
    }
}
