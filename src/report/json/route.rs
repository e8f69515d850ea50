//! `flowcheck/route/1`: next hops in exact parts (design, section 7).

use super::shapes::{GapShape, OriginShape};
use super::{Head, write};
use crate::analyses::{NextHopAnswer, NextHopPart};
use crate::model::Fact;
use crate::network::routing::RouteEntry;
use crate::sets::AddressSet;
use serde::Serialize;
use std::io::{self, Write};

/// Writes the document of `route`.
///
/// # Errors
/// Those of the writer.
pub fn route(answer: &NextHopAnswer, to: &str, head: &Head, out: &mut dyn Write) -> io::Result<()> {
    write("route", head, answer.assumptions.iter(), Body::of(answer, to), out)
}

#[derive(Serialize)]
struct Body<'a> {
    from: &'a str,
    to: &'a str,
    results: Vec<ResultShape<'a>>,
    /// Addresses that only the platform uses, which are not routed (S107).
    platform: Vec<String>,
    unrouted: Vec<String>,
    unknowns: Vec<GapShape<'a>>,
    origin: OriginShape<'a>,
}

#[derive(Serialize)]
struct ResultShape<'a> {
    to: Vec<String>,
    /// Null where the routes that may be taken go different ways.
    next_hop: Option<HopShape>,
    /// Null where it is not settled which: then the candidates are.
    route: Option<RouteShape<'a>>,
    candidates: Vec<RouteShape<'a>>,
}

/// Where a route sends traffic.
#[derive(Serialize)]
pub(super) struct HopShape {
    #[serde(rename = "type")]
    kind: &'static str,
    /// The first of them, else null.
    address: Option<String>,
    addresses: Vec<String>,
}

/// A route in force.
#[derive(Serialize)]
pub(super) struct RouteShape<'a> {
    source: &'static str,
    prefix: &'a str,
    name: Option<&'a str>,
    table: Option<&'a str>,
    next_hop: Option<HopShape>,
    origin: OriginShape<'a>,
}

impl<'a> Body<'a> {
    fn of(answer: &'a NextHopAnswer, to: &'a str) -> Self {
        Self {
            from: &answer.place,
            to,
            results: answer.parts.iter().map(ResultShape::of).collect(),
            platform: nets(&answer.platform),
            unrouted: nets(&answer.unrouted),
            unknowns: GapShape::all(&answer.unknowns),
            origin: OriginShape::of(&answer.origin),
        }
    }
}

impl<'a> ResultShape<'a> {
    fn of(part: &'a NextHopPart) -> Self {
        let candidates = if part.route().is_some() { &[][..] } else { &part.routes };
        Self {
            to: nets(&part.to),
            next_hop: part.way().and_then(HopShape::of),
            route: part.route().map(RouteShape::of),
            candidates: candidates.iter().map(RouteShape::of).collect(),
        }
    }
}

impl HopShape {
    fn of(route: &RouteEntry) -> Option<Self> {
        let Fact::Known(hop) = route.next_hop else { return None };
        let addresses: Vec<String> = route.addresses.iter().map(ToString::to_string).collect();
        Some(Self { kind: hop.as_str(), address: addresses.first().cloned(), addresses })
    }
}

impl<'a> RouteShape<'a> {
    pub(super) fn of(route: &'a RouteEntry) -> Self {
        Self {
            source: route.source.as_str(),
            prefix: &route.prefix,
            name: route.name.as_deref(),
            table: route.table.as_deref(),
            next_hop: HopShape::of(route),
            origin: OriginShape::of(&route.origin),
        }
    }
}

fn nets(addresses: &AddressSet) -> Vec<String> {
    addresses.nets().map(|net| net.to_string()).collect()
}
