//! Route tables with their routes, inline and as resources of their own.

use super::twice::{Declared, Each};
use super::{doubt, of_kind, parent};
use crate::finding::{Code, Finding};
use crate::model::{Fact, Gap};
use crate::network::{NextHopType, Route, RoutePrefix, RouteTable, outside};
use crate::sources::Resource;
use crate::sources::json::Node;
use crate::sources::values::{Faults, Value, field};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;

const TABLE: &str = "Microsoft.Network/routeTables";
const ROUTE: &str = "Microsoft.Network/routeTables/routes";

pub(super) fn read(resources: &[Resource], faults: &mut Faults) -> Vec<RouteTable> {
    let mut tables = Each::new();
    for resource in of_kind(resources, TABLE) {
        let by = Declared::by(resource);
        let table = table(resource, faults);
        let Some((table, earlier, known)) = tables.add(&resource.id, &by, table) else { continue };
        match (known.is_bare(), by.is_bare()) {
            (_, true) => {}
            (true, false) => (*earlier, *known) = (table, by),
            (false, false) => twice(earlier, table, faults),
        }
    }
    let mut children: BTreeMap<usize, Vec<Route>> = BTreeMap::new();
    for resource in of_kind(resources, ROUTE) {
        let Some(id) = parent(resource, "route", faults) else { continue };
        let Some(place) = tables.place(&id) else {
            // Whoever refers to that table gets the gap that it is not in the input.
            let gap = outside("route table", "route-table", &id);
            let message =
                format!("the route `{}` is left out, since it needs {}", resource.id.name(), gap.missing());
            let mut finding = Finding::new(Code::UnknownReference, &resource.origin, message);
            finding.fix = gap.supply().map(|command| format!("add what `{command}` prints"));
            faults.findings.push(finding);
            continue;
        };
        let child = match doubt(resource, "route") {
            Some(gap) => unknown(&resource.body, &gap),
            None => route(&resource.body, resource.id.name(), faults),
        };
        children.entry(place).or_default().push(child);
    }
    let mut tables = tables.into_items();
    for (place, children) in children {
        let names: HashSet<String> = children.iter().map(|route| route.name.to_lowercase()).collect();
        let routes = &mut tables[place].routes;
        routes.retain(|inline| !names.contains(&inline.name.to_lowercase()));
        routes.extend(children);
    }
    tables
}

fn table(resource: &Resource, faults: &mut Faults) -> RouteTable {
    let routes = match faults.list(field(&resource.body, "routes"), "routes", resource.id.name()) {
        Value::Unset => Vec::new(),
        Value::Open(gap) => vec![unknown(&resource.body, &gap)],
        Value::Is((items, _)) => items
            .iter()
            .map(|item| {
                let name = item.get("name").and_then(Node::join_text).unwrap_or_default();
                route(item, &name, faults)
            })
            .collect(),
    };
    let routes = match doubt(resource, "route table") {
        Some(gap) => vec![unknown(&resource.body, &gap)],
        None => routes,
    };
    let propagates = match doubt(resource, "route table") {
        Some(gap) => Fact::Unknown(gap),
        None => propagates(resource, faults),
    };
    RouteTable { id: resource.id.clone(), routes, propagates, origin: resource.origin.clone() }
}

/// S127: whether routes of gateways come in too, as they do where nothing is said.
fn propagates(resource: &Resource, faults: &mut Faults) -> Fact<bool> {
    const KEY: &str = "disableBgpRoutePropagation";
    let disabled = faults.flag(field(&resource.body, KEY), KEY, resource.id.name());
    disabled.map(|disabled| !disabled).or(|| Fact::Known(true))
}

/// A route, or any number of them, of which nothing is known.
fn unknown(at: &Node, gap: &Gap) -> Route {
    Route {
        name: "(unknown)".to_owned(),
        prefix: Fact::Unknown(gap.clone()),
        next_hop: Fact::Unknown(gap.clone()),
        next_hop_address: Fact::Unknown(gap.clone()),
        origin: at.origin(),
    }
}

fn route(node: &Node, name: &str, faults: &mut Faults) -> Route {
    if node.as_object().is_none() {
        let gap = match node.gap() {
            Some(_) => crate::sources::values::gap_of(node),
            None => faults.wrong_type(node, "routes[]", name, "an object"),
        };
        return unknown(node, &gap);
    }
    let origin = node.origin();
    let missing = |what: &str| Gap::new(format!("the `{what}` of the route `{name}`")).at(&origin);
    let prefix = match faults.text(field(node, "addressPrefix"), "addressPrefix", name) {
        Value::Unset => Fact::Unknown(missing("addressPrefix")),
        Value::Open(gap) => Fact::Unknown(gap),
        // S123: a service tag can stand for the prefix.
        Value::Is((text, _))
            if text.starts_with(|c: char| c.is_ascii_alphabetic()) && !text.contains(':') =>
        {
            Fact::Known(RoutePrefix::Tag(text.to_owned()))
        }
        Value::Is((text, at)) => match faults.prefix(text, at, "addressPrefix", name) {
            Ok(net) => Fact::Known(RoutePrefix::Net(net)),
            Err(gap) => Fact::Unknown(gap),
        },
    };
    let next_hop = next_hop(node, name, faults);
    let next_hop_address = appliance(address(node, name, faults), &next_hop, node, name, faults);
    Route { name: name.to_owned(), prefix, next_hop, next_hop_address, origin }
}

/// S121: an appliance needs an address.
fn appliance(
    address: Fact<Option<IpAddr>>,
    hop: &Fact<NextHopType>,
    node: &Node,
    name: &str,
    faults: &mut Faults,
) -> Fact<Option<IpAddr>> {
    if address != Fact::Known(None) || *hop != Fact::Known(NextHopType::VirtualAppliance) {
        return address;
    }
    let message = format!("the route `{name}` leads to an appliance and names no `nextHopIpAddress`");
    faults.note(Code::ApplianceAddress, node, name, message);
    let gap = Gap::new(format!("the appliance of the route `{name}`, which names no `nextHopIpAddress`"));
    Fact::Unknown(gap.at(&node.origin()))
}

fn next_hop(node: &Node, name: &str, faults: &mut Faults) -> Fact<NextHopType> {
    const KEY: &str = "nextHopType";
    match faults.text(field(node, KEY), KEY, name) {
        Value::Unset => {
            Fact::Unknown(Gap::new(format!("the `{KEY}` of the route `{name}`")).at(&node.origin()))
        }
        Value::Open(gap) => Fact::Unknown(gap),
        Value::Is((text, at)) => match text.parse::<NextHopType>() {
            Ok(hop) if hop.can_be_written() => Fact::Known(hop),
            _ => {
                let message = format!(
                    "the `{KEY}` of the route `{name}` is `{text}`, which no route can have: one of {}",
                    NextHopType::writable().join(", ")
                );
                faults.note(Code::NextHop, at, name, message);
                let gap = Gap::new(format!("the `{KEY}` `{text}` of `{name}`, which no route can have"));
                Fact::Unknown(gap.at(&at.origin()))
            }
        },
    }
}

/// The appliance's address, where one is set.
fn address(node: &Node, name: &str, faults: &mut Faults) -> Fact<Option<IpAddr>> {
    const KEY: &str = "nextHopIpAddress";
    match faults.text(field(node, KEY), KEY, name) {
        Value::Unset => Fact::Known(None),
        Value::Open(gap) => Fact::Unknown(gap),
        Value::Is((text, at)) => match text.parse() {
            Ok(address) => Fact::Known(Some(address)),
            Err(_) => {
                let message = format!("the `{KEY}` of `{name}` is `{text}`, expected an address");
                faults.note(Code::AddressText, at, name, message);
                let gap = Gap::new(format!("the `{KEY}` `{text}` of `{name}`, which is no address"));
                Fact::Unknown(gap.at(&at.origin()))
            }
        },
    }
}

/// Two declarations of one table: where they differ, the routes of both may be there.
fn twice(first: &mut RouteTable, second: RouteTable, faults: &mut Faults) {
    let name = first.id.name().to_owned();
    let which = Gap::new(format!("which declaration of the route table `{name}` is deployed last"));
    let which = which.at(&second.origin);
    if first.propagates != second.propagates {
        let message = format!(
            "the route table `{name}` is declared here and at {} with another `disableBgpRoutePropagation`",
            first.origin
        );
        faults.findings.push(Finding::new(Code::DuplicateResource, &second.origin, message).about(&name));
        first.propagates = Fact::Unknown(which.clone());
    }
    if unite(&mut first.routes, second.routes, &which) {
        let message =
            format!("the route table `{name}` is declared here and at {} with other routes", first.origin);
        faults.findings.push(Finding::new(Code::DuplicateResource, &second.origin, message).about(&name));
    }
}

/// Adds the routes of a second declaration: what a route does that is not in both hangs on `which` is deployed.
/// Whether there was one.
fn unite(first: &mut Vec<Route>, second: Vec<Route>, which: &Gap) -> bool {
    let [of_first, of_second] =
        [&*first, &second].map(|routes| routes.iter().map(by_name).collect::<HashMap<_, _>>());
    let is_in = |others: &HashMap<String, RouteFacts>, route: &Route| {
        let (name, facts) = by_name(route);
        others.get(&name) == Some(&facts)
    };
    let (both, mut one): (Vec<Route>, Vec<Route>) =
        first.drain(..).partition(|route| is_in(&of_second, route));
    one.extend(second.into_iter().filter(|route| !is_in(&of_first, route)));
    let differs = !one.is_empty();
    first.extend(both);
    first.extend(one.into_iter().map(|route| Route { next_hop: Fact::Unknown(which.clone()), ..route }));
    differs
}

type RouteFacts = (Fact<RoutePrefix>, Fact<NextHopType>, Fact<Option<IpAddr>>);

/// The name of a route, without regard to case, and what two declarations of it must agree on.
fn by_name(route: &Route) -> (String, RouteFacts) {
    let facts = (route.prefix.clone(), route.next_hop.clone(), route.next_hop_address.clone());
    (route.name.to_lowercase(), facts)
}
