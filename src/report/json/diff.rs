//! `flowcheck/diff/1`: what differs between two inputs as traffic.

use super::shapes::{
    AssumptionShape, DeciderShape, FindingShape, GapShape, Number, OriginShape, RatioShape, VersionsShape,
    word,
};
use super::{Head, write};
use crate::analyses::FlowAnswer;
use crate::analyses::diff::{
    Cause, ChangeKind, DiffAnswer, DirectionDiff, FlowChange, FlowTurn, FlowsDiff, GroupState, LocationDiff,
    LocationHead, MatchedBy, PlaceDiff, PlaceKind, PlaceSide, TrafficChange,
};
use crate::report::changed::{DiffHead, DiffInput};
use crate::report::packets::{BoxText, NETS_LISTED, Namer};
use crate::sets::AddressSet;
use crate::tags::Vocabulary;
use crate::walk::Outcome;
use serde::Serialize;
use std::io::{self, Write};

/// How many changes of one direction and parts of one change are listed, unless everything is asked for.
const MOST_CHANGES: usize = 200;
const MOST_PARTS: usize = 100;

/// How many of a list are written.
#[derive(Clone, Copy)]
struct Limits {
    changes: usize,
    parts: usize,
}

impl Limits {
    fn new(all: bool) -> Self {
        match all {
            true => Self { changes: usize::MAX, parts: usize::MAX },
            false => Self { changes: MOST_CHANGES, parts: MOST_PARTS },
        }
    }
}

/// Writes the document of `diff`; with `all` nothing is left out of it.
///
/// # Errors
/// Those of the writer.
pub fn diff(
    answer: &DiffAnswer,
    about: &DiffHead,
    all: bool,
    head: &Head,
    out: &mut dyn Write,
) -> io::Result<()> {
    let limits = Limits::new(all);
    let count = |kind| answer.count(kind);
    let body = Body {
        old: InputShape::of(&about.old),
        new: InputShape::of(&about.new),
        places: answer.places.iter().map(|place| PlaceShape::of(place, limits)).collect(),
        added: answer.added.iter().map(SideShape::of).collect(),
        removed: answer.removed.iter().map(SideShape::of).collect(),
        flows: None,
        findings: FindingShape::all(&about.findings),
        summary: SummaryShape {
            equal: !answer.has_changed() && count(ChangeKind::Unsettled) == 0,
            compared: answer.places.len(),
            changed: answer.places.iter().filter(|place| !place.is_equal()).count(),
            added: answer.added.len(),
            removed: answer.removed.len(),
            newly_allowed: count(ChangeKind::NewlyAllowed),
            newly_blocked: count(ChangeKind::NewlyBlocked),
            newly_unknown: count(ChangeKind::NewlyUnknown),
            no_longer_unknown: count(ChangeKind::NoLongerUnknown),
            unsettled: count(ChangeKind::Unsettled),
        },
    };
    let more = answer.places.iter().flat_map(|place| &place.assumptions);
    write("diff", head, more, body, out)
}

/// Writes the document of `diff --flows`.
///
/// # Errors
/// Those of the writer.
pub fn diff_flows(
    answer: &FlowsDiff,
    about: &DiffHead,
    all: bool,
    head: &Head,
    out: &mut dyn Write,
) -> io::Result<()> {
    let limits = Limits::new(all);
    let count = |turn| answer.count(turn);
    let body = Body {
        old: InputShape::of(&about.old),
        new: InputShape::of(&about.new),
        places: Vec::new(),
        added: Vec::new(),
        removed: Vec::new(),
        flows: Some(FlowsShape {
            locations: answer.locations.iter().map(|location| LocationShape::of(location, limits)).collect(),
            added: answer.added.iter().map(HeadShape::of).collect(),
            removed: answer.removed.iter().map(HeadShape::of).collect(),
        }),
        findings: FindingShape::all(&about.findings),
        summary: SummaryShape {
            equal: !answer.has_changed(),
            compared: answer.locations.iter().map(|location| location.compared).sum(),
            changed: answer.changes().count(),
            added: answer.added.len(),
            removed: answer.removed.len(),
            newly_allowed: count(FlowTurn::Opened),
            newly_blocked: count(FlowTurn::Closed),
            newly_unknown: count(FlowTurn::NewlyUnknown),
            no_longer_unknown: count(FlowTurn::NoLongerUnknown),
            unsettled: 0,
        },
    };
    let more = answer.locations.iter().flat_map(|location| &location.assumptions);
    write("diff", head, more, body, out)
}

#[derive(Serialize)]
struct Body<'a> {
    old: InputShape<'a>,
    new: InputShape<'a>,
    places: Vec<PlaceShape<'a>>,
    added: Vec<SideShape<'a>>,
    removed: Vec<SideShape<'a>>,
    /// Null where all traffic is compared.
    flows: Option<FlowsShape<'a>>,
    findings: Vec<FindingShape<'a>>,
    summary: SummaryShape,
}

#[derive(Serialize)]
struct SummaryShape {
    equal: bool,
    compared: usize,
    changed: usize,
    added: usize,
    removed: usize,
    newly_allowed: usize,
    newly_blocked: usize,
    newly_unknown: usize,
    no_longer_unknown: usize,
    unsettled: usize,
}

#[derive(Serialize)]
struct InputShape<'a> {
    name: &'a str,
    service_tags: VersionsShape<'a>,
}

impl<'a> InputShape<'a> {
    fn of(input: &'a DiffInput) -> Self {
        Self { name: &input.name, service_tags: VersionsShape::of(&input.service_tags) }
    }
}

#[derive(Serialize)]
struct SideShape<'a> {
    kind: &'static str,
    name: &'a str,
    nsg: Option<&'a str>,
    /// What is missing, where the group is not known.
    unknown_nsg: Option<&'a str>,
    origin: OriginShape<'a>,
}

impl<'a> SideShape<'a> {
    fn of(side: &'a PlaceSide) -> Self {
        Self {
            kind: match side.kind {
                PlaceKind::Subnet => "subnet",
                PlaceKind::Group => "nsg",
            },
            name: &side.name,
            nsg: match &side.group {
                GroupState::Named(name) => Some(name),
                _ => None,
            },
            unknown_nsg: match &side.group {
                GroupState::Unknown(missing) => Some(missing),
                _ => None,
            },
            origin: OriginShape::of(&side.origin),
        }
    }
}

#[derive(Serialize)]
struct PlaceShape<'a> {
    old: SideShape<'a>,
    new: SideShape<'a>,
    matched_by: &'static str,
    /// Null where every address was asked for.
    own: Option<Vec<String>>,
    causes: Vec<CauseShape<'a>>,
    equal: bool,
    directions: Vec<DirectionShape<'a>>,
    assumptions: Vec<AssumptionShape<'a>>,
}

impl<'a> PlaceShape<'a> {
    fn of(place: &'a PlaceDiff, limits: Limits) -> Self {
        Self {
            old: SideShape::of(&place.old),
            new: SideShape::of(&place.new),
            matched_by: match place.matched {
                MatchedBy::Id => "id",
                MatchedBy::Name => "name",
                MatchedBy::OnlyOne => "only-one",
                MatchedBy::Attachment => "attachment",
            },
            own: place.own.as_ref().map(nets),
            causes: place.causes.iter().map(CauseShape::of).collect(),
            equal: place.is_equal(),
            directions: place.directions.iter().map(|one| DirectionShape::of(one, limits)).collect(),
            assumptions: AssumptionShape::all(&place.assumptions),
        }
    }
}

fn nets(addresses: &AddressSet) -> Vec<String> {
    addresses.to_nets().iter().map(ToString::to_string).collect()
}

/// A cause, with prefixes or numbers before and after as far as it has any.
#[derive(Serialize)]
struct CauseShape<'a> {
    cause: &'static str,
    name: Option<&'a str>,
    old: Option<Vec<String>>,
    new: Option<Vec<String>>,
    gained: Option<Vec<String>>,
    lost: Option<Vec<String>>,
    gained_addresses: Option<Number<'a>>,
    lost_addresses: Option<Number<'a>>,
}

impl<'a> CauseShape<'a> {
    fn of(cause: &'a Cause) -> Self {
        let shape = |cause| Self {
            cause,
            name: None,
            old: None,
            new: None,
            gained: None,
            lost: None,
            gained_addresses: None,
            lost_addresses: None,
        };
        let one = |name: &Option<String>| name.iter().cloned().collect();
        match cause {
            Cause::Group { old, new } => {
                let name = |state: &GroupState| match state {
                    GroupState::Named(name) => Some(vec![name.clone()]),
                    GroupState::None => Some(Vec::new()),
                    GroupState::Unknown(_) => None,
                };
                Self { old: name(old), new: name(new), ..shape("nsg") }
            }
            Cause::SubnetPrefix { old, new } => {
                Self { old: Some(nets(old)), new: Some(nets(new)), ..shape("subnet-prefix") }
            }
            Cause::AddressSpace { old, new } => {
                Self { old: old.as_ref().map(nets), new: new.as_ref().map(nets), ..shape("address-space") }
            }
            Cause::Peering { name, there: (before, after) } => {
                let there = |there: &bool| Some(if *there { vec![name.clone()] } else { Vec::new() });
                Self { name: Some(name), old: there(before), new: there(after), ..shape("peering") }
            }
            Cause::Routes { old, new } => {
                Self { old: Some(one(old)), new: Some(one(new)), ..shape("routes") }
            }
            Cause::VirtualNetwork { gained, lost } => {
                Self { gained: Some(nets(gained)), lost: Some(nets(lost)), ..shape("virtual-network") }
            }
            Cause::Tag { name, gained, lost } => Self {
                name: Some(name),
                gained_addresses: Some(Number(gained)),
                lost_addresses: Some(Number(lost)),
                ..shape("service-tag")
            },
            Cause::Members { name } => Self { name: Some(name), ..shape("asg-members") },
        }
    }
}

#[derive(Serialize)]
struct DirectionShape<'a> {
    direction: &'static str,
    changes: Vec<ChangeShape<'a>>,
    left_out: usize,
}

impl<'a> DirectionShape<'a> {
    fn of(found: &'a DirectionDiff, limits: Limits) -> Self {
        Self {
            direction: found.direction.as_str(),
            changes: ChangeShape::all(&found.changes, &found.words.without_local(), limits),
            left_out: found.changes.len().saturating_sub(limits.changes),
        }
    }
}

#[derive(Serialize)]
struct OutcomeShape<'a> {
    verdict: &'static str,
    decider: Option<DeciderShape<'a>>,
    candidates: Vec<DeciderShape<'a>>,
    unknowns: Vec<GapShape<'a>>,
}

impl<'a> OutcomeShape<'a> {
    fn of(outcome: &'a Outcome) -> Self {
        Self {
            verdict: outcome.verdict.as_str(),
            decider: DeciderShape::only(outcome.candidates()),
            candidates: outcome
                .decisive()
                .iter()
                .flat_map(|step| DeciderShape::all(&step.deciders))
                .collect(),
            unknowns: GapShape::all(&outcome.gaps),
        }
    }
}

#[derive(Serialize)]
struct ChangeShape<'a> {
    change: &'static str,
    old: OutcomeShape<'a>,
    new: OutcomeShape<'a>,
    packets: Number<'a>,
    remote_addresses: Number<'a>,
    witness: Option<String>,
    parts: Vec<PartShape>,
    left_out: usize,
}

impl<'a> ChangeShape<'a> {
    fn all(changes: &'a [TrafficChange], words: &Vocabulary, limits: Limits) -> Vec<Self> {
        let mut namer = Namer::new(words);
        let one = |change: &'a TrafficChange| {
            let (rows, left_out) = namer.largest(&change.packets, limits.parts);
            Self {
                change: change.kind.as_str(),
                old: OutcomeShape::of(&change.old),
                new: OutcomeShape::of(&change.new),
                packets: Number(&change.size),
                remote_addresses: Number(&change.remote),
                witness: change.witness.as_ref().map(word),
                parts: rows.into_iter().map(PartShape::of).collect(),
                left_out,
            }
        };
        changes.iter().take(limits.changes).map(one).collect()
    }
}

/// One box of a change.
#[derive(Serialize)]
struct PartShape {
    protocol: String,
    source: Vec<String>,
    source_ports: Vec<String>,
    destination: Vec<String>,
    destination_ports: Vec<String>,
}

impl PartShape {
    fn of(row: BoxText) -> Self {
        let BoxText { protocol, source, source_ports, destination, destination_ports, .. } = row;
        let (source, destination) = (source.list(NETS_LISTED), destination.list(NETS_LISTED));
        Self { protocol, source, source_ports, destination, destination_ports }
    }
}

#[derive(Serialize)]
struct FlowsShape<'a> {
    locations: Vec<LocationShape<'a>>,
    added: Vec<HeadShape<'a>>,
    removed: Vec<HeadShape<'a>>,
}

#[derive(Serialize)]
struct HeadShape<'a> {
    name: &'a str,
    location: &'static str,
    subnet: Option<&'a str>,
    origin: OriginShape<'a>,
}

impl<'a> HeadShape<'a> {
    fn of(head: &'a LocationHead) -> Self {
        Self {
            name: &head.name,
            location: head.location.as_str(),
            subnet: head.subnet.as_deref(),
            origin: OriginShape::of(&head.origin),
        }
    }
}

#[derive(Serialize)]
struct LocationShape<'a> {
    old: HeadShape<'a>,
    new: HeadShape<'a>,
    compared: usize,
    unknown: usize,
    flows: Vec<FlowChangeShape<'a>>,
    assumptions: Vec<AssumptionShape<'a>>,
}

impl<'a> LocationShape<'a> {
    fn of(location: &'a LocationDiff, limits: Limits) -> Self {
        Self {
            old: HeadShape::of(&location.old),
            new: HeadShape::of(&location.new),
            compared: location.compared,
            unknown: location.unknown,
            flows: location.flows.iter().map(|flow| FlowChangeShape::of(flow, limits)).collect(),
            assumptions: AssumptionShape::all(&location.assumptions),
        }
    }
}

#[derive(Serialize)]
struct FlowChangeShape<'a> {
    id: &'static str,
    turn: &'static str,
    old: FlowSideShape<'a>,
    new: FlowSideShape<'a>,
    changes: Vec<ChangeShape<'a>>,
    left_out: usize,
}

impl<'a> FlowChangeShape<'a> {
    fn of(change: &'a FlowChange, limits: Limits) -> Self {
        Self {
            id: change.new.row.id,
            turn: change.turn.as_str(),
            old: FlowSideShape::of(&change.old),
            new: FlowSideShape::of(&change.new),
            changes: ChangeShape::all(&change.changes, &Vocabulary::default(), limits),
            left_out: change.changes.len().saturating_sub(limits.changes),
        }
    }
}

#[derive(Serialize)]
struct FlowSideShape<'a> {
    verdict: &'static str,
    required: bool,
    packets: Option<&'a str>,
    share: Option<RatioShape<'a>>,
}

impl<'a> FlowSideShape<'a> {
    fn of(flow: &'a FlowAnswer) -> Self {
        Self {
            verdict: flow.verdict.as_str(),
            required: flow.required,
            packets: (!flow.packets.is_empty()).then_some(&*flow.packets),
            share: flow.share.as_ref().map(|share| RatioShape::of(&share.remote)),
        }
    }
}
