//! Route tables and routes.

use super::document::{Deleted, part};
use super::draft::{Draft, Writer, entries, node_of, place_or};
use super::networks::flag;
use super::values::{Said, Values, Why};
use crate::sources::json::{Kind, Node};
use std::collections::HashSet;

const FIELDS: &[(&str, &str)] = &[
    ("name", "name"),
    ("addressPrefix", "address_prefix"),
    ("nextHopType", "next_hop_type"),
    ("nextHopIpAddress", "next_hop_in_ip_address"),
];

/// A table with its inline routes; `own` are the tables that have routes of their own, by id.
pub(super) fn table(mut writer: Writer<'_, '_, '_>, own: &HashSet<String>, deleted: &Deleted) -> Draft {
    const ROUTES: &str = "route";
    writer.copy("location", "location");
    propagation(&mut writer);
    let instance = writer.ids.instance(writer.at);
    let address = writer.address(ROUTES);
    match writer.values().get(ROUTES) {
        Said::Unset => {}
        Said::Is(list) if list.known.is_some_and(|node| node.as_array().is_some()) => {
            let place = place_or(list, &writer.place);
            let item = |(at, item): (usize, Values<'_>)| {
                let (address, here) = (format!("{address}[{at}]"), place_or(item, &place));
                match item.known {
                    Some(node) if node.as_object().is_some() => {
                        Node::new(Kind::object(entries(item, FIELDS, &address, &here)), here)
                    }
                    _ => item.settle(&address, &here),
                }
            };
            let id = writer.ids.id(writer.at);
            let is_left = |(_, item): &(usize, Values<'_>)| {
                let name = item.text("name").unwrap_or_default();
                let part = part(id.segment("resourceGroups").unwrap_or_default(), id.name(), name);
                !(instance.untouched && deleted.parts.contains(&part))
            };
            let items = list.items().into_iter().enumerate().filter(is_left).map(item).collect();
            writer.put("routes", Node::new(Kind::array(items), place));
        }
        // Routes of their own: the provider fills the list in.
        Said::Open(Why::Later, _)
            if writer.ids.plan.is_computed(instance, ROUTES)
                && own.contains(&writer.ids.id(writer.at).key()) => {}
        said => {
            let node = node_of(said, &address, &writer.place);
            writer.body.extend(node.map(|node| ("routes".into(), node)));
        }
    }
    writer.finish()
}

/// Azure says "disable", as the provider did before 4.0; since then it says "enabled", with the opposite
/// sense.
fn propagation(writer: &mut Writer<'_, '_, '_>) {
    const KEY: &str = "disableBgpRoutePropagation";
    if matches!(writer.values().older("disable_bgp_route_propagation"), Said::Is(_)) {
        writer.copy_older(KEY, "disable_bgp_route_propagation");
        return;
    }
    let name = "bgp_route_propagation_enabled";
    let Some(node) = node_of(writer.values().older(name), &writer.address(name), &writer.place) else {
        return;
    };
    let node = match flag(&node) {
        Some(enabled) => Node::new(Kind::Bool(!enabled), node.place().clone()),
        None => node,
    };
    writer.put(KEY, node);
}

/// A route of its own.
pub(super) fn route(mut writer: Writer<'_, '_, '_>) -> Draft {
    let address = writer.ids.instance(writer.at).address.to_string();
    writer.body = entries(writer.values(), FIELDS, &address, &writer.place);
    writer.finish()
}
