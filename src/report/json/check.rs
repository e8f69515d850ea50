//! `flowcheck/check/1`: every flow of every location, findings, and how the required flows fare.

use super::route::RouteShape;
use super::shapes::{
    AssumptionShape, FindingShape, GapShape, Number, OriginShape, PartShape, RatioShape, word,
};
use super::{Head, write_long};
use crate::analyses::{CheckAnswer, FlowAnswer, FlowRoute, InstanceAnswer, Share};
use crate::flows::{FlowDirection, Need, RouteClass};
use crate::report::packets::{Namer, words_of_flow};
use serde::Serialize;
use std::io::{self, Write};

/// Writes the document of `check`.
///
/// # Errors
/// Those of the writer.
pub fn check(answer: &CheckAnswer, head: &Head, out: &mut dyn Write) -> io::Result<()> {
    let more = answer.instances.iter().flat_map(|instance| {
        instance.assumptions.iter().chain(instance.flows.iter().flat_map(|flow| &flow.assumptions))
    });
    let summary = answer.summary();
    let body = Body {
        instances: [],
        findings: FindingShape::all(&answer.findings),
        summary: SummaryShape {
            allowed: summary.allowed,
            partial: summary.partial,
            blocked: summary.blocked,
            unknown: summary.unknown,
        },
    };
    let instances = answer.instances.iter().map(InstanceShape::of);
    write_long("check", head, more, body, ("instances", instances), out)
}

#[derive(Serialize)]
struct Body<'a> {
    /// Written one by one: their parts are long.
    instances: [(); 0],
    findings: Vec<FindingShape<'a>>,
    summary: SummaryShape,
}

#[derive(Serialize)]
struct SummaryShape {
    allowed: usize,
    partial: usize,
    blocked: usize,
    unknown: usize,
}

#[derive(Serialize)]
struct InstanceShape<'a> {
    name: &'a str,
    subnet: Option<&'a str>,
    prefixes: &'a [String],
    nsg: Option<&'a str>,
    mode: &'static str,
    tier: &'static str,
    region: Option<&'a str>,
    location: &'static str,
    origin: OriginShape<'a>,
    assumptions: Vec<AssumptionShape<'a>>,
    flows: Vec<FlowShape<'a>>,
}

impl<'a> InstanceShape<'a> {
    fn of(instance: &'a InstanceAnswer) -> Self {
        Self {
            name: &instance.name,
            subnet: instance.subnet.as_deref(),
            prefixes: &instance.prefixes,
            nsg: instance.nsg.as_deref(),
            mode: instance.mode.as_str(),
            tier: instance.tier.as_str(),
            region: instance.region.known().map(crate::model::Region::as_str),
            location: instance.location.as_str(),
            origin: OriginShape::of(&instance.origin),
            assumptions: AssumptionShape::all(&instance.assumptions),
            flows: instance.flows.iter().map(|flow| FlowShape::of(instance, flow)).collect(),
        }
    }
}

#[derive(Serialize)]
struct ShareShape<'a> {
    remote: RatioShape<'a>,
    own: Option<RatioShape<'a>>,
}

impl<'a> ShareShape<'a> {
    fn of(share: &'a Share) -> Self {
        Self { remote: RatioShape::of(&share.remote), own: share.own.as_ref().map(RatioShape::of) }
    }
}

#[derive(Serialize)]
struct FlowShape<'a> {
    id: &'static str,
    purpose: &'static str,
    /// None for a property of the subnet.
    direction: Option<&'static str>,
    level: &'static str,
    required: bool,
    verdict: &'static str,
    severity: &'static str,
    quantifier: Option<&'static str>,
    packets: Option<&'a str>,
    share: Option<ShareShape<'a>>,
    parts: Vec<PartShape<'a>>,
    witness: Option<String>,
    unknowns: Vec<GapShape<'a>>,
    failed_dependencies: &'a [&'static str],
    notes: &'a [String],
    /// Null for rows without packets, and where the input shows no routes.
    route: Option<FlowRouteShape<'a>>,
    breaks: &'static str,
    not_applicable: Option<&'a str>,
    assumptions: Vec<AssumptionShape<'a>>,
    origin: OriginShape<'a>,
}

/// The ways that a flow's packets take, or the replies to them.
#[derive(Serialize)]
struct FlowRouteShape<'a> {
    class: Option<&'static str>,
    ways: Vec<WayShape<'a>>,
}

#[derive(Serialize)]
struct WayShape<'a> {
    addresses: Number<'a>,
    /// Several where the input does not settle which.
    routes: Vec<RouteShape<'a>>,
}

impl<'a> FlowRouteShape<'a> {
    fn of(flow: &'a FlowAnswer) -> Option<Self> {
        let Need::Packets(need) = flow.row.need else { return None };
        let way = |route: &'a FlowRoute| WayShape {
            addresses: Number(&route.addresses),
            routes: route.routes.iter().map(RouteShape::of).collect(),
        };
        (!flow.routes.is_empty()).then(|| Self {
            class: need.route_class.map(RouteClass::as_str),
            ways: flow.routes.iter().map(way).collect(),
        })
    }
}

impl<'a> FlowShape<'a> {
    fn of(instance: &'a InstanceAnswer, flow: &'a FlowAnswer) -> Self {
        let row = flow.row;
        let words = words_of_flow(instance, flow).without_local();
        let mut namer = Namer::new(&words);
        Self {
            id: row.id,
            purpose: row.purpose,
            direction: match row.direction {
                FlowDirection::None => None,
                direction => Some(direction.as_str()),
            },
            level: row.level.as_str(),
            required: flow.required,
            verdict: flow.verdict.as_str(),
            severity: flow.severity.as_str(),
            quantifier: match row.need {
                Need::Packets(need) => Some(need.quantifier.as_str()),
                _ => None,
            },
            packets: (!flow.packets.is_empty()).then_some(&*flow.packets),
            share: flow.share.as_ref().map(ShareShape::of),
            parts: flow.parts.iter().flat_map(|part| PartShape::all(part, &mut namer)).collect(),
            witness: flow.witness.as_ref().map(word),
            unknowns: GapShape::all(&flow.unknowns),
            failed_dependencies: &flow.failed_dependencies,
            notes: &flow.notes,
            route: FlowRouteShape::of(flow),
            breaks: row.breaks,
            not_applicable: flow.not_applicable.as_deref(),
            assumptions: AssumptionShape::all(&flow.assumptions),
            origin: OriginShape::of(&flow.origin),
        }
    }
}
