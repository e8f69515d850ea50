//! Where traffic that leaves a place goes: next hops, by the routes in force.
//!
//! In: an attachment point and the addresses that are asked about. Out: [`NextHopAnswer`], the exact parts by
//! route. Answers like Azure's own next-hop query (S121), for a whole set at once.
//!
//! Not here: whether rules let the traffic through (`reach`), how routes are chosen (`network::routing`).

use crate::model::{Assumption, Gap, Origin, Switch};
use crate::network::AttachmentPoint;
use crate::network::NextHopType;
use crate::network::routing::{RouteEntry, RouteSource, RoutesInForce};
use crate::rules::surroundings::stand_ins;
use crate::sets::AddressSet;
use crate::tags::special;
use crate::walk::TAG_PREFIXES;

/// The next hops of a set of addresses, from one place.
#[derive(Clone, Debug)]
pub struct NextHopAnswer {
    /// The place: `network/subnet`, or a dump's file.
    pub place: String,
    /// The parts, in order of their first address.
    pub parts: Vec<NextHopPart>,
    /// Addresses that only the platform uses and that are not routed (S107).
    pub platform: AddressSet,
    /// Addresses that no route is for.
    pub unrouted: AddressSet,
    /// What is missing, where the route is not settled.
    pub unknowns: Vec<Gap>,
    /// What the answer rests on.
    pub assumptions: Vec<Assumption>,
    /// Where the place was written.
    pub origin: Origin,
}

/// Addresses that go one way.
#[derive(Clone, Debug)]
pub struct NextHopPart {
    /// The addresses.
    pub to: AddressSet,
    /// The route; several where the input does not settle which.
    pub routes: Vec<RouteEntry>,
}

impl NextHopPart {
    /// The route, where it is settled.
    pub fn route(&self) -> Option<&RouteEntry> {
        match &self.routes[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    /// The way, where every route that may be taken goes it.
    pub fn way(&self) -> Option<&RouteEntry> {
        let first = self.routes.first()?;
        self.routes.iter().all(|route| route.same_way(first)).then_some(first)
    }
}

/// The next hops from an attachment point; `None` where the input shows no routes for it.
pub fn next_hops(point: &AttachmentPoint<'_>, asked: &AddressSet) -> Option<NextHopAnswer> {
    let routes = point.routes.as_ref()?;
    let mut answer = next_hops_by(routes, &point.name, &point.origin, asked);
    answer.assumptions.splice(0..0, point.assumptions.iter().cloned());
    Some(answer)
}

/// The next hops by the routes of a dump, or of any place.
pub fn next_hops_by(
    routes: &RoutesInForce,
    place: &str,
    origin: &Origin,
    asked: &AddressSet,
) -> NextHopAnswer {
    let platform = asked.intersection(&special::platform_only());
    // Stand-ins are nobody's addresses.
    let asked = asked.difference(&platform).difference(&stand_ins());
    let mut assumptions = routes.assumptions.clone();
    let mut parts = Vec::new();
    for part in routes.partition(&asked) {
        if part.choice.rests_on_tag_prefixes {
            assumptions.push(Assumption::new(TAG_PREFIXES));
        }
        parts.push(NextHopPart { routes: routes.of(&part.choice).cloned().collect(), to: part.to });
    }
    if parts.iter().any(rests_on_none_routes) {
        assumptions.push(Assumption::of(Switch::NONE_ROUTES));
    }
    let mut unknowns: Vec<Gap> = parts
        .iter()
        .filter(|part| part.way().is_none())
        .flat_map(|part| &part.routes)
        .flat_map(|route| route.doubt.iter().chain(route.next_hop.gap()))
        .cloned()
        .collect();
    unknowns.sort();
    unknowns.dedup();
    assumptions.sort();
    assumptions.dedup();
    let routed: Vec<AddressSet> = parts.iter().map(|part| part.to.clone()).collect();
    NextHopAnswer {
        place: place.to_owned(),
        unrouted: asked.difference(&AddressSet::union_all(&routed)),
        parts,
        platform,
        unknowns,
        assumptions,
        origin: origin.clone(),
    }
}

/// Whether Azure's own routes to nowhere decide where their number changed over time (U25).
fn rests_on_none_routes(part: &NextHopPart) -> bool {
    let unsettled = || part.to.meets(&special::unsettled_none_routes());
    let by_azure = |route: &RouteEntry| {
        route.source == RouteSource::Default
            && route
                .next_hop
                .known()
                .is_some_and(|hop| matches!(hop, NextHopType::None | NextHopType::Internet))
    };
    part.routes.iter().any(by_azure) && unsettled()
}
