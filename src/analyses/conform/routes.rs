//! Routes in force against the routes of the input's table.
//!
//! A route of a person is found by its prefix or tag, which is one of a kind in a table. Routes that nobody
//! wrote (the platform's own, a gateway's) are no difference: they are explained.

use super::rules::Place;
use super::{ConformAnswer, FieldDifference, Kind};
use crate::finding::Severity;
use crate::model::{Fact, Gap, Origin};
use crate::network::effective::{EffectiveRoute, EffectiveRoutes};
use crate::network::{Network, NextHopType, Route, RoutePrefix, RouteTable, Subnet, outside};
use std::net::IpAddr;

/// A route in force that nobody wrote, or several that are there for one reason.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Explained {
    /// The source in Azure's word.
    pub source: String,
    /// The next hop type in Azure's word.
    pub next_hop: String,
    /// How many prefixes they are for.
    pub prefixes: usize,
    /// The first of them.
    pub example: Option<ipnet::IpNet>,
    /// Why it is there.
    pub why: &'static str,
    /// Where the first stands.
    pub origin: Origin,
}

pub(super) fn compare(
    dump: &Network,
    input: &Network,
    named: Option<&Subnet>,
    places: &[Place<'_>],
    answer: &mut ConformAnswer,
) {
    for routes in &dump.effective.routes {
        answer.compared.routes += routes.routes.len();
        explain(routes, answer);
        let table = match table_of(input, named, places) {
            Ok(table) => table,
            Err(gap) => {
                answer.leaves_open("routes", gap);
                continue;
            }
        };
        by_hand(routes, table, answer);
    }
}

/// The input's table for the place of the dump: of the named subnet, of the one that the dump shows beside the
/// routes, else the only one that subnets have. `None` where none is attached.
fn table_of<'n>(
    input: &'n Network,
    named: Option<&Subnet>,
    places: &[Place<'_>],
) -> Result<Option<&'n RouteTable>, Gap> {
    let of_subnet = |subnet: &Subnet| match &subnet.route_table {
        Fact::Known(None) => Ok(None),
        Fact::Known(Some(id)) => match input.route_table(id) {
            Some(table) => Ok(Some(table)),
            None => Err(outside("route table", "route-table", id).at(&subnet.origin)),
        },
        Fact::Unknown(gap) => Err(gap.clone()),
    };
    let shown = || places.iter().find_map(|place| place.subnet);
    if let Some(subnet) = named.or_else(shown) {
        return of_subnet(subnet);
    }
    match (&input.subnets[..], &input.route_tables[..]) {
        ([subnet], _) => of_subnet(subnet),
        ([], [table]) => Ok(Some(table)),
        ([], []) => Ok(None),
        ([], tables) => Err(Gap::new(format!(
            "which of the {} route tables of the input the routes are of: it holds no subnet",
            tables.len()
        ))),
        _ => Err(Gap::new("which subnet of the input the routes are of, which the dump does not say")
            .supplied_by("--subnet NAME")),
    }
}

fn by_hand(in_force: &EffectiveRoutes, table: Option<&RouteTable>, answer: &mut ConformAnswer) {
    let mut left: Vec<&EffectiveRoute> =
        in_force.routes.iter().filter(|route| route.is_from("User")).collect();
    let mut any_open = false;
    for route in table.into_iter().flat_map(|table| &table.routes) {
        let prefix = match &route.prefix {
            Fact::Known(prefix) => prefix,
            Fact::Unknown(gap) => {
                any_open = true;
                answer.leaves_open(&route.name, gap.clone());
                continue;
            }
        };
        let found = left.iter().position(|other| is_for(other, prefix));
        match found.or_else(|| left.iter().position(|other| is_unfolded(other, &route.name, prefix))) {
            Some(place) => {
                hops(left.remove(place), route, answer);
                left.retain(|other| !is_unfolded(other, &route.name, prefix));
            }
            None => {
                let message = format!("the route `{}` ({}) is not in force", route.name, written(prefix));
                let difference = answer.differs(Kind::MissingRoute, Severity::Error, &route.name, message);
                difference.in_force = Some(in_force.origin.clone());
                difference.input = Some(route.origin.clone());
                difference.hint = Some("is the table attached to the subnet of this interface?".to_owned());
            }
        }
    }
    for route in left {
        let name = name_of(route);
        if any_open {
            let missing =
                format!("whether the route {name} in force is one of those that the input leaves open");
            answer.leaves_open(&name, Gap::new(missing).at(&route.origin));
            continue;
        }
        let hop = route.next_hop.known().map_or("?", String::as_str);
        let to = route.next_hop_addresses.iter().map(|address| format!(" {address}")).collect::<String>();
        let message = format!("the route {name} -> {hop}{to} is in force and not in the input");
        let difference = answer.differs(Kind::AddedRoute, Severity::Error, &name, message);
        difference.in_force = Some(route.origin.clone());
        difference.input = table.map(|table| table.origin.clone());
        difference.hint = Some("add it to the input, or delete it in Azure".to_owned());
    }
}

fn is_for(route: &EffectiveRoute, prefix: &RoutePrefix) -> bool {
    match prefix {
        RoutePrefix::Net(net) => route.prefixes.known().is_some_and(|nets| nets.contains(net)),
        RoutePrefix::Tag(tag) => route.tags.iter().any(|other| other.eq_ignore_ascii_case(tag)),
    }
}

/// Whether a route in force may be one for a tag, of which a dump without `destinationServiceTags` shows the
/// addresses alone: it has the route's name, which is one of a kind in a table.
fn is_unfolded(route: &EffectiveRoute, name: &str, prefix: &RoutePrefix) -> bool {
    let is_named = route.name.as_deref().is_some_and(|other| other.eq_ignore_ascii_case(name));
    matches!(prefix, RoutePrefix::Tag(_)) && route.tags.is_empty() && is_named
}

fn written(prefix: &RoutePrefix) -> String {
    match prefix {
        RoutePrefix::Net(net) => net.to_string(),
        RoutePrefix::Tag(tag) => tag.clone(),
    }
}

fn name_of(route: &EffectiveRoute) -> String {
    let prefix = route
        .tags
        .first()
        .cloned()
        .or_else(|| route.prefixes.known().and_then(|nets| nets.first()).map(ToString::to_string));
    let prefix = prefix.unwrap_or_else(|| "?".to_owned());
    match &route.name {
        Some(name) => format!("`{name}` ({prefix})"),
        None => prefix,
    }
}

/// Whether the same route goes the same way. S146: one whose appliance lies outside every known network has
/// the next hop `None` in force, and its address is named still.
fn hops(in_force: &EffectiveRoute, input: &Route, answer: &mut ConformAnswer) {
    let mut fields = Vec::new();
    let mut hint = None;
    match (&in_force.next_hop, &input.next_hop) {
        (Fact::Known(ours), Fact::Known(theirs)) if ours.parse() != Ok(*theirs) => {
            if ours.parse() == Ok(NextHopType::None) && *theirs == NextHopType::VirtualAppliance {
                hint = Some("the appliance's address lies in no network that is reached from here, so traffic is dropped (S146)".to_owned());
            }
            let (in_force, input) = (ours.clone(), theirs.to_string());
            fields.push(FieldDifference { field: "next hop", in_force, input });
        }
        (Fact::Known(_), Fact::Known(_)) => {}
        (Fact::Unknown(gap), _) | (_, Fact::Unknown(gap)) => answer.leaves_open(&input.name, gap.clone()),
    }
    match &input.next_hop_address {
        Fact::Known(theirs) => {
            let same = match theirs {
                Some(address) => in_force.next_hop_addresses.contains(address),
                None => in_force.next_hop_addresses.is_empty(),
            };
            if !same {
                let text = |addresses: &[IpAddr]| match addresses {
                    [] => "none".to_owned(),
                    some => some.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
                };
                let theirs: Vec<IpAddr> = theirs.iter().copied().collect();
                let (in_force, input) = (text(&in_force.next_hop_addresses), text(&theirs));
                fields.push(FieldDifference { field: "next hop address", in_force, input });
            }
        }
        Fact::Unknown(gap) => answer.leaves_open(&input.name, gap.clone()),
    }
    if !in_force.is_active() {
        let state = in_force.state.known().cloned().unwrap_or_default();
        fields.push(FieldDifference { field: "state", in_force: state, input: "Active".to_owned() });
        hint = hint.or(Some("the route is there and not used".to_owned()));
    }
    if fields.is_empty() {
        return;
    }
    let names: Vec<&str> = fields.iter().map(|field| field.field).collect();
    let message = format!("the route `{}` is in force with another {}", input.name, names.join(", "));
    let difference = answer.differs(Kind::ChangedRoute, Severity::Error, &input.name, message);
    difference.fields = fields;
    difference.in_force = Some(in_force.origin.clone());
    difference.input = Some(input.origin.clone());
    difference.hint = hint;
}

/// Why the platform or a gateway has a route (S117 for those that drop).
fn why(route: &EffectiveRoute) -> &'static str {
    let hop = route.next_hop.known().map(|hop| hop.to_lowercase()).unwrap_or_default();
    match hop.as_str() {
        _ if route.is_from("VirtualNetworkGateway") => "learned from a gateway, which no template shows",
        "vnetlocal" | "virtualnetwork" => "the address space of the virtual network",
        "vnetpeering" | "vnetglobalpeering" => "the address space of a peered network",
        "internet" => "everything that no other route is for",
        "none" => "a range that Azure drops unless another route is for it",
        "virtualnetworkserviceendpoint" => "a service endpoint of the subnet",
        "interfaceendpoint" => "a private endpoint",
        "connectedgroup" => "a connected group of a network manager",
        _ => "made by Azure",
    }
}

fn explain(routes: &EffectiveRoutes, answer: &mut ConformAnswer) {
    for route in routes.routes.iter().filter(|route| !route.is_from("User")) {
        let source = route.source.known().cloned().unwrap_or_else(|| "?".to_owned());
        let next_hop = route.next_hop.known().cloned().unwrap_or_else(|| "?".to_owned());
        let nets = route.prefixes.known().map(Vec::as_slice).unwrap_or_default();
        let why = why(route);
        let same =
            |other: &&mut Explained| other.source == source && other.next_hop == next_hop && other.why == why;
        match answer.routes.iter_mut().find(same) {
            Some(other) => other.prefixes += nets.len(),
            None => answer.routes.push(Explained {
                source,
                next_hop,
                prefixes: nets.len(),
                example: nets.first().copied(),
                why,
                origin: route.origin.clone(),
            }),
        }
        if let Fact::Unknown(gap) = &route.source {
            answer.leaves_open("routes", gap.clone());
        }
    }
}
