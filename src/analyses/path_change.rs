//! What would have to change for a step of a way to let its packets through.
//!
//! In: a step that does not, and the two ends. Out: a sentence that says what to write, and where. A route is told
//! by what it does: the same route may lead nowhere, to somebody who is not in the input, or to a place that nothing
//! shows, and each has its own way out.
//!
//! Not here: which steps stand in the way (`path`), advice of the catalogue's flows (`flow_routes`).

use super::path::PathStep;
use crate::model::{Direction, Fact, Gap, Layer, Verdict};
use crate::network::routing::{RouteEntry, RouteSource, RoutesInForce};
use crate::network::{AttachmentPoint, End, EndKind, NextHopType};
use crate::sets::{AddressSet, PortSet};
use crate::tags::{SpecialTag, TagSnapshot, special};
use crate::walk::{Decider, Part};
use ipnet::IpNet;

/// Routes that one table can hold (S44).
const ROUTES_OF_A_TABLE: u64 = 400;

/// An end of more prefixes is not written out.
const PREFIXES_WRITTEN: u64 = 25;

/// What would have to change for a step to let its packets through; `None` where it does.
pub(super) fn change(step: &PathStep, from: &End<'_>, to: &End<'_>, ports: &PortSet) -> Option<String> {
    if step.verdict == Verdict::Allowed {
        return None;
    }
    let (name, rule) = match step.deciders.first() {
        Some(decider) => (decider.nsg.clone().unwrap_or_default(), decider.to_string()),
        None => (String::new(), String::new()),
    };
    let traffic = || traffic(step, from, to, ports);
    Some(match (step.layer, step.verdict) {
        (Layer::Route, _) => route_change(step, from, to),
        (Layer::Peering, _) => peering_change(step, from, to),
        (Layer::NoNsg, _) => {
            format!("attach a network security group to {} that allows {}", step.place, traffic())
        }
        (Layer::Platform, _) => "the platform drops it whatever is written".to_owned(),
        (_, Verdict::Unknown) => "settle what is missing".to_owned(),
        (Layer::Admin, _) => format!("allow {} before {rule} in the admin rules of {name}", traffic()),
        _ => format!("allow {} before {rule} in {name}", traffic()),
    })
}

/// Whether a route to an appliance or gateway stops the replies to packets that come straight.
pub(super) fn stops_straight_ones(parts: &[Part], destination: &AttachmentPoint<'_>) -> bool {
    let by_somebody = |decider: &Decider| entry(decider, destination).is_some_and(leads_by_somebody);
    parts.iter().flat_map(|part| &part.outcome.layers).any(|step| {
        step.layer == Layer::Route
            && step.direction == Direction::Inbound
            && step.verdict == Verdict::Blocked
            && step.deciders.iter().any(by_somebody)
    })
}

fn leads_by_somebody(entry: &RouteEntry) -> bool {
    matches!(entry.next_hop, Fact::Known(NextHopType::VirtualAppliance | NextHopType::VirtualNetworkGateway))
}

/// What a rule must allow: one rule for each family that is stopped, since none can combine the two (S96).
fn traffic(step: &PathStep, from: &End<'_>, to: &End<'_>, ports: &PortSet) -> String {
    let stopped = step.packets.sources();
    let families = [AddressSet::all_v4(), AddressSet::all_v6()];
    let rules = families.iter().filter(|family| family.meets(&stopped)).map(|family| {
        let (from, to) = (side_within(from, family), side_within(to, family));
        format!("{from} -> {to}:{}", crate::flows::print_ports(ports))
    });
    let mut rules: Vec<String> = rules.collect();
    rules.dedup();
    rules.join(" and ")
}

/// An end in a rule: its addresses where they are few, else its name.
fn side(end: &End<'_>) -> String {
    side_within(end, &AddressSet::all())
}

/// The same of the addresses of one family.
fn side_within(end: &End<'_>, family: &AddressSet) -> String {
    let addresses = end.addresses.intersection(family);
    match addresses.net_count() {
        1..=2 => addresses.nets().map(|net| net.to_string()).collect::<Vec<_>>().join(","),
        _ => end.name.clone(),
    }
}

/// The route that a decider is, at its place.
fn entry<'p>(decider: &Decider, place: &'p AttachmentPoint<'_>) -> Option<&'p RouteEntry> {
    let is_it = |entry: &&RouteEntry| {
        entry.origin == decider.origin
            && decider.rule.as_ref().is_some_and(|rule| match &entry.name {
                Some(name) => name == rule,
                None => entry.to_string() == *rule,
            })
    };
    place.routes.as_ref()?.entries().iter().find(is_it)
}

fn route_change(step: &PathStep, from: &End<'_>, to: &End<'_>) -> String {
    let outbound = step.direction == Direction::Outbound;
    let (own, target) = if outbound { (from, to) } else { (to, from) };
    let reply = if outbound { "" } else { ", by which the reply leaves," };
    let rules = step.deciders.iter().filter_map(|decider| decider.rule.clone());
    let route = rules.into_iter().next().unwrap_or_default();
    let entries: Vec<&RouteEntry> = match &own.place {
        Some(place) => step.deciders.iter().filter_map(|decider| entry(decider, place)).collect(),
        None => Vec::new(),
    };
    match (step.verdict, &entries[..]) {
        (Verdict::Unknown, entries) => {
            let mut told: Vec<String> =
                entries.iter().filter_map(|entry| open_change(entry, reply, own)).collect();
            told.dedup();
            if told.is_empty() {
                told.push(must_pass(&route, reply));
            }
            told.join("; ")
        }
        (_, [entry, ..]) if !outbound && leads_by_somebody(entry) => straight_back(own, target, step, &route),
        (_, [entry, ..]) => closed_change(entry, reply, own, target),
        (_, []) => {
            format!(
                "`{route}`{reply} leads nowhere: add a route, a peering or a gateway for {}",
                side(target)
            )
        }
    }
}

/// A route of which something is not settled.
fn open_change(entry: &RouteEntry, reply: &str, own: &End<'_>) -> Option<String> {
    let name = called(entry);
    let supplied = |gap: &Gap| gap.supply().map(|supply| format!(" ({supply})")).unwrap_or_default();
    let hop = match (&entry.next_hop, &entry.doubt) {
        (Fact::Unknown(gap), _) => {
            return Some(format!("settle where `{name}`{reply} leads{}", supplied(gap)));
        }
        (Fact::Known(hop), Some(gap)) if entry.source == RouteSource::User => {
            let does = match hop {
                NextHopType::None => "drops what it is for".to_owned(),
                hop => format!("leads to {hop}"),
            };
            return Some(format!("settle what `{name}`{reply} is for: it {does}{}", supplied(gap)));
        }
        // Azure's own, and a gateway's: it is not certain that they are there.
        (Fact::Known(_), Some(gap)) => {
            return Some(format!("settle whether `{name}`{reply} is there{}", supplied(gap)));
        }
        (Fact::Known(hop), None) => *hop,
    };
    let network = own.place.as_ref().and_then(|place| place.subnet).map(|subnet| subnet.network.name());
    match (hop, &entry.dead_end, &entry.address_gap) {
        (NextHopType::VirtualNetworkGateway, Some(gap), _) if gap.supply().is_some() => Some(format!(
            "settle whether `{}` has the gateway that `{name}`{reply} leads to{}",
            network.unwrap_or("?"),
            supplied(gap)
        )),
        (NextHopType::VirtualNetworkGateway, Some(_), _) => Some(format!(
            "`{name}`{reply} needs a gateway in `{}`, or a peering with `useRemoteGateways` to a network that lends one (`allowGatewayTransit`); else give it the next hop that leads on",
            network.unwrap_or("?")
        )),
        (NextHopType::VnetLocal, Some(_), _) => Some(format!(
            "`{name}`{reply} sends into `{}` what it does not have: give it the next hop that leads on, or add the addresses or a peering",
            network.unwrap_or("?")
        )),
        (NextHopType::VirtualAppliance | NextHopType::VirtualNetworkGateway, None, None) => {
            Some(must_pass(&name, reply))
        }
        (NextHopType::VirtualAppliance, _, Some(gap)) => Some(format!(
            "settle which appliance `{name}`{reply} leads to{}; it must let it pass, or a longer route must lead past it",
            supplied(gap)
        )),
        _ => None,
    }
}

fn must_pass(route: &str, reply: &str) -> String {
    format!("what `{route}` leads to{reply} must let it pass, or a longer route must lead past it")
}

/// A route that certainly leads nowhere for these addresses.
fn closed_change(entry: &RouteEntry, reply: &str, own: &End<'_>, target: &End<'_>) -> String {
    let (name, for_them) = (called(entry), side(target));
    let place = own.place.as_ref().map_or(&own.name, |place| &place.name);
    match (&entry.next_hop, &entry.addresses[..], entry.source) {
        // S146
        (Fact::Known(NextHopType::None), [appliance, ..], _) => format!(
            "`{name}`{reply} names the appliance {appliance}, which no network that is reached from {place} has: name one that does, or peer with its network"
        ),
        (Fact::Known(NextHopType::None), [], RouteSource::User) if leads_on_without(entry, own, target) => {
            format!("`{name}`{reply} drops it: take it away, or add a longer route for {for_them}")
        }
        (Fact::Known(NextHopType::None), [], RouteSource::User) => format!(
            "`{name}`{reply} drops it, and nothing else leads to {for_them}: add a longer route for it, or a peering or a gateway and take `{name}` away"
        ),
        (Fact::Known(NextHopType::Internet), ..) => format!(
            "`{name}`{reply} leads to the Internet, which has no private addresses: add a route, a peering or a gateway for {for_them}"
        ),
        _ => format!("`{name}`{reply} leads nowhere: add a route, a peering or a gateway for {for_them}"),
    }
}

/// Whether some other route would lead to the other end if one were taken away. Private space is nobody's but by a
/// route of its own (S117).
fn leads_on_without(gone: &RouteEntry, own: &End<'_>, target: &End<'_>) -> bool {
    let routes = own.place.as_ref().and_then(|place| place.routes.as_ref());
    let others = routes.into_iter().flat_map(RoutesInForce::entries).filter(|entry| {
        let nowhere = [NextHopType::None, NextHopType::Internet];
        *entry != gone && !nowhere.into_iter().any(|hop| entry.next_hop == Fact::Known(hop))
    });
    let reached: AddressSet = others.filter_map(|entry| entry.prefix.parse::<IpNet>().ok()).collect();
    target.addresses.intersection(&special::private_use()).is_subset(&reached)
}

/// Replies to what came straight from outside must go straight back (S125).
fn straight_back(own: &End<'_>, target: &End<'_>, step: &PathStep, route: &str) -> String {
    let tags: Option<&TagSnapshot> = own.place.as_ref().map(|place| place.surroundings.tags);
    let lead = format!("at {}: the reply leaves by `{route}`", step.place);
    let is_internet = SpecialTag::recognise(&target.name).is_some();
    let prefixes = target.addresses.net_count() as u64;
    if target.kind == EndKind::Tag && !is_internet {
        let names: Vec<&str> = target.name.split(',').collect();
        let is_no_prefix = |name: &&&str| {
            let base = name.split('.').next().unwrap_or(name);
            tags.and_then(|tags| tags.is_for_routes(base)) == Some(false)
        };
        return match names.iter().find(is_no_prefix) {
            None => {
                let routes: Vec<String> = names.iter().map(|name| format!("`{name} -> Internet`")).collect();
                let a = if routes.len() == 1 { "the route" } else { "the routes" };
                format!("add {a} {} {lead}", routes.join(" and "))
            }
            Some(name) => {
                let many = if prefixes > ROUTES_OF_A_TABLE {
                    format!(", of which a table holds {ROUTES_OF_A_TABLE}: those that must get in")
                } else {
                    String::new()
                };
                format!(
                    "no route can be for `{name}`: add a route `PREFIX -> Internet` for its prefixes (`flowcheck tags show {name}` lists them{many}) {lead}"
                )
            }
        };
    }
    if prefixes > PREFIXES_WRITTEN {
        return format!("add a route `PREFIX -> Internet` for each client that must get in {lead}");
    }
    let routes: Vec<String> = target.addresses.nets().map(|net| format!("`{net} -> Internet`")).collect();
    let a = if routes.len() == 1 { "a route" } else { "the routes" };
    format!("add {a} {} {lead}", routes.join(", "))
}

fn peering_change(step: &PathStep, from: &End<'_>, to: &End<'_>) -> String {
    let network = |end: &End<'_>| {
        let subnet = end.place.as_ref().and_then(|place| place.subnet);
        subnet.map_or_else(|| end.name.clone(), |subnet| subnet.network.name().to_owned())
    };
    let receiver = if step.direction == Direction::Outbound { to } else { from };
    match step.deciders.first().and_then(|decider| decider.rule.as_ref()) {
        Some(peering) => format!(
            "switch on `allowForwardedTraffic` of the peering `{peering}` of `{}`, unless the appliance puts its own address in the place of the sender's",
            network(receiver)
        ),
        None => format!("peer `{}` with `{}`, each with the other", network(from), network(to)),
    }
}

/// A route as an answer names it.
fn called(entry: &RouteEntry) -> String {
    entry.name.clone().unwrap_or_else(|| entry.to_string())
}
