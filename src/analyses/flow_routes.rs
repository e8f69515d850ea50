//! What the routes of a subnet do to a flow, and what to change where they stand in its way.
//!
//! The verdicts come from the route layer (`walk`); here are the ways that the flow's packets take, and the
//! advice of the catalogue's route classes (reference, section 10).

use crate::flows::{Packets, Remote, RouteClass};
use crate::model::{Direction, Fact, Layer, Verdict};
use crate::network::routing::{RouteEntry, RoutesInForce};
use crate::network::{AttachmentPoint, NextHopType};
use crate::sets::{AddressSet, Count};
use crate::walk::{Arrival, Part};

/// Addresses of the other side that packets, or the replies to them, go to in one way.
#[derive(Clone, Debug)]
pub struct FlowRoute {
    /// How many.
    pub addresses: Count,
    /// The route; several where the input does not settle which.
    pub routes: Vec<RouteEntry>,
}

impl FlowRoute {
    /// The ways to a set of addresses.
    pub(super) fn all(routes: &RoutesInForce, remote: &AddressSet) -> Vec<Self> {
        let one = |part: crate::network::routing::RoutePart| Self {
            addresses: part.to.size(),
            routes: routes.of(&part.choice).cloned().collect(),
        };
        routes.partition(remote).into_iter().map(one).collect()
    }
}

/// How the packets of a route class arrive: those that must have a way back to the Internet come from there.
pub(super) fn arrival(class: Option<RouteClass>) -> Arrival {
    match class {
        Some(RouteClass::R1 | RouteClass::R2) => Arrival::Straight,
        _ => Arrival::Either,
    }
}

/// Addresses of a side that belong to services by their routes: a route for a tag, or a service endpoint.
pub(super) fn of_services(routes: &RoutesInForce, remote: &AddressSet) -> AddressSet {
    let is_service = |entry: &RouteEntry| {
        entry.is_for_tag() || entry.next_hop == Fact::Known(NextHopType::VirtualNetworkServiceEndpoint)
    };
    let by_tag =
        |part: &crate::network::routing::RoutePart| routes.of(&part.choice).next().is_some_and(is_service);
    let parts: Vec<AddressSet> =
        routes.partition(remote).into_iter().filter(by_tag).map(|part| part.to).collect();
    AddressSet::union_all(&parts)
}

/// What to change where routes stand in the way of a flow; `None` where they do not.
pub(super) fn advice(need: &Packets, point: &AttachmentPoint<'_>, parts: &[Part]) -> Option<String> {
    let in_the_way = |part: &&Part| {
        part.outcome.layers.iter().any(|step| step.layer == Layer::Route && step.verdict != Verdict::Allowed)
    };
    parts.iter().find(in_the_way)?;
    let table = match point.subnet.map(|subnet| &subnet.route_table) {
        Some(Fact::Known(Some(id))) => format!("to the route table `{}`", id.name()),
        _ => "to the route table of the subnet".to_owned(),
    };
    let tag = match need.remote {
        Remote::Tag { name, .. } => Some(name.split('.').next().unwrap_or(name)),
        _ => None,
    };
    match (need.route_class?, tag) {
        (RouteClass::R1 | RouteClass::R2, Some(tag)) => Some(format!(
            "replies must go straight to the Internet: add the route `{tag} -> Internet` {table}"
        )),
        (RouteClass::R1, None) => Some(format!(
            "replies must go straight to the Internet: add the route `ApiManagement -> Internet` {table}"
        )),
        (RouteClass::R2, None) => Some(format!(
            "replies must go straight to the Internet: add a route `PREFIX -> Internet` for each client {table}"
        )),
        (RouteClass::R3, Some(tag)) => Some(format!(
            "a service endpoint for {} on the subnet keeps it off the default route; else what it goes by must pass all of {tag}",
            endpoint_of(tag)
        )),
        (RouteClass::R5, _) => {
            Some("instances must reach one another inside the subnet: take the route away".to_owned())
        }
        _ => None,
    }
}

/// The service of a tag, as service endpoints name it.
fn endpoint_of(tag: &str) -> String {
    match tag {
        "AzureKeyVault" => "Microsoft.KeyVault".to_owned(),
        other => format!("Microsoft.{other}"),
    }
}

/// R7: the documents are silent on replies to private clients that leave by an appliance.
pub(super) fn reply_note(
    need: &Packets,
    directions: &[Direction],
    routes: Option<&RoutesInForce>,
    remote: &AddressSet,
) -> Option<String> {
    if need.route_class != Some(RouteClass::R7) || directions != [Direction::Inbound] {
        return None;
    }
    let routes = routes?;
    let by_appliance = |entry: &RouteEntry| entry.next_hop == Fact::Known(NextHopType::VirtualAppliance);
    let parts = routes.partition(remote);
    let entry = parts.iter().flat_map(|part| routes.of(&part.choice)).find(|entry| by_appliance(entry))?;
    Some(format!(
        "replies to some of these clients leave by the appliance{} (`{}`): the requests must come the same way",
        entry.addresses.first().map(|address| format!(" {address}")).unwrap_or_default(),
        entry.name.as_deref().unwrap_or(&entry.prefix)
    ))
}
