//! Virtual networks, subnets and peerings.

use super::draft::{Draft, Writer, entries, id_object, node_of, place_or, pointed};
use super::ids::Pointer;
use super::kinds;
use super::values::{Said, Values, escaped, hole};
use crate::model::{Gap, ResourceId};
use crate::sources::json::{Kind, Node, Place};
use std::sync::Arc;

/// A network, and the subnets that are written in it.
pub(super) fn network(mut writer: Writer<'_, '_, '_>) -> (Draft, Vec<Draft>) {
    writer.copy("location", "location");
    let space =
        node_of(writer.values().get("address_space"), &writer.address("address_space"), &writer.place);
    if let Some(space) = space {
        writer.put("addressSpace", wrapped("addressPrefixes", space));
    }
    let instance = writer.ids.instance(writer.at);
    // Left out, DNS servers are Azure's own; the provider writes that they come later.
    if !writer.ids.plan.is_computed(instance, "dns_servers") {
        let servers =
            node_of(writer.values().get("dns_servers"), &writer.address("dns_servers"), &writer.place);
        if let Some(servers) = servers {
            writer.put("dhcpOptions", wrapped("dnsServers", servers));
        }
    }
    writer.copy_older("flowTimeoutInMinutes", "flow_timeout_in_minutes");
    let subnets = match writer.values().older("subnet") {
        Said::Is(list) => {
            list.items().into_iter().enumerate().filter_map(|item| inline(&writer, item)).collect()
        }
        _ => Vec::new(),
    };
    (writer.finish(), subnets)
}

/// An object with one key.
pub(super) fn wrapped(key: &str, value: Node) -> Node {
    let place = value.place().clone();
    Node::new(Kind::object(vec![(key.into(), value)]), place)
}

/// A subnet that is written in its network.
fn inline(writer: &Writer<'_, '_, '_>, (at, values): (usize, Values<'_>)) -> Option<Draft> {
    values.known?.as_object()?;
    let place = place_or(values, &writer.place);
    let address = format!("{}[{at}]", writer.address("subnet"));
    let name = values.text("name").map_or_else(|| hole(&format!("{address}.name")), escaped);
    let stated = values.text("id").filter(|id| id.contains("/subnets/")).map(ResourceId::new);
    let id =
        stated.unwrap_or_else(|| ResourceId::new(format!("{}/subnets/{name}", writer.ids.id(writer.at))));
    let mut body = subnet_fields(values, &address, &place);
    let written = writer.ids.plan.block_of_set(writer.ids.instance(writer.at), "subnet", values.known?);
    // No number is that of no block.
    let number = written.map_or_else(String::new, |at| at.to_string());
    for (key, attribute, kind) in [
        ("networkSecurityGroup", "security_group", kinds::GROUP),
        ("routeTable", "route_table_id", kinds::ROUTES),
    ] {
        let path = ["subnet", &number, attribute];
        let pointer = writer.ids.pointer_of(writer.at, values.older(attribute), &path, kind);
        let node = pointed(pointer, "id", &format!("{address}.{attribute}"), &place);
        body.extend(node.map(|node| (Arc::from(key), node)));
    }
    let instance = writer.ids.instance(writer.at);
    Some(Draft {
        kind: kinds::SUBNET.into(),
        id,
        body,
        place,
        existing: instance.data,
        address: address.into(),
    })
}

/// A subnet of its own.
pub(super) fn subnet(mut writer: Writer<'_, '_, '_>) -> Draft {
    let address = writer.ids.instance(writer.at).address.to_string();
    writer.body = subnet_fields(writer.values(), &address, &writer.place);
    for (key, attribute, kind) in [
        ("networkSecurityGroup", "network_security_group_id", kinds::GROUP),
        ("routeTable", "route_table_id", kinds::ROUTES),
    ] {
        // Before 2.0 the subnet named both; since 5.0 it can again, in attributes that no plan shows.
        writer.refer(key, "id", &[attribute], kind);
        let hidden = format!("{attribute}_wo");
        let instance = writer.ids.instance(writer.at);
        let is_said = writer.body.iter().any(|(name, _)| &**name == key);
        let is_hidden = writer.ids.plan.expression(instance, &[&hidden]).is_some()
            || matches!(writer.values().older(&format!("{hidden}_version")), Said::Is(_));
        if !is_said && is_hidden {
            let said = Said::Open(super::values::Why::Absent, writer.values().known);
            let pointer = writer.ids.pointer_of(writer.at, said, &[&hidden], kind);
            let node = pointed(pointer, "id", &writer.address(&hidden), &writer.place);
            writer.body.extend(node.map(|node| (Arc::from(key), node)));
        }
    }
    writer.finish()
}

/// What a subnet says about itself, wherever it is written.
fn subnet_fields(values: Values<'_>, address: &str, place: &Place) -> Vec<(Arc<str>, Node)> {
    let mut body = Vec::new();
    // Before 3.0 (in networks 4.0) there was one prefix.
    let older = node_of(values.older("address_prefix"), &format!("{address}.address_prefix"), place);
    let prefixes = match (values.older("address_prefixes"), &older) {
        (Said::Unset, Some(_)) => Said::Unset,
        _ => values.get("address_prefixes"),
    };
    match node_of(prefixes, &format!("{address}.address_prefixes"), place) {
        Some(node) => body.push((Arc::from("addressPrefixes"), node)),
        None => body.extend(older.map(|node| (Arc::from("addressPrefix"), node))),
    }
    body.extend(delegations(values, address, place).map(|node| (Arc::from("delegations"), node)));
    body.extend(policies(values, address, place));
    body.extend(service_endpoints(values, address, place).map(|node| (Arc::from("serviceEndpoints"), node)));
    let policies = "service_endpoint_policy_ids";
    let node = node_of(values.older(policies), &format!("{address}.{policies}"), place);
    body.extend(node.map(|node| (Arc::from("serviceEndpointPolicies"), node)));
    let outbound = "default_outbound_access_enabled";
    let node = node_of(values.older(outbound), &format!("{address}.{outbound}"), place);
    body.extend(node.map(|node| (Arc::from("defaultOutboundAccess"), node)));
    body
}

fn delegations(values: Values<'_>, address: &str, place: &Place) -> Option<Node> {
    let address = format!("{address}.delegation");
    let list = match values.older("delegation") {
        Said::Is(list) => list,
        other => return node_of(other, &address, place),
    };
    let mut items = Vec::new();
    for (at, item) in list.items().into_iter().enumerate() {
        let (address, place) = (format!("{address}[{at}]"), place_or(item, place));
        let mut body = entries(item, &[("name", "name")], &address, &place);
        let inner = match item.block("service_delegation") {
            Said::Is(inner) => inner.older("name"),
            other => other,
        };
        let node = node_of(inner, &format!("{address}.service_delegation.name"), &place);
        body.extend(node.map(|node| (Arc::from("serviceName"), node)));
        items.push(Node::new(Kind::object(body), place));
    }
    Some(Node::new(Kind::array(items), place_or(list, place)))
}

/// Network policies of private endpoints, which three generations of the provider write in three ways, one of
/// them with the opposite sense.
fn policies(values: Values<'_>, address: &str, place: &Place) -> Option<(Arc<str>, Node)> {
    const NAMES: [(&str, Option<bool>); 3] = [
        ("private_endpoint_network_policies", None),
        ("private_endpoint_network_policies_enabled", Some(true)),
        ("enforce_private_link_endpoint_network_policies", Some(false)),
    ];
    // The one that is set tells; all of them are written as coming later where none is.
    let is_set = |name: &&(&str, Option<bool>)| matches!(values.older(name.0), Said::Is(_));
    let (name, enabled_by) = NAMES.iter().find(is_set).unwrap_or(&NAMES[0]);
    let node = node_of(values.older(name), &format!("{address}.{name}"), place)?;
    let node = match (enabled_by, flag(&node)) {
        (Some(sense), Some(value)) => {
            let word = if value == *sense { "Enabled" } else { "Disabled" };
            Node::new(Kind::string(word), node.place().clone())
        }
        _ => node,
    };
    Some(("privateEndpointNetworkPolicies".into(), node))
}

/// A boolean, also as the texts of old states.
pub(super) fn flag(node: &Node) -> Option<bool> {
    node.as_bool().or_else(|| match node.as_str()? {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    })
}

/// A list of names before 5.0, blocks since.
fn service_endpoints(values: Values<'_>, address: &str, place: &Place) -> Option<Node> {
    let (list, name) = match (values.older("service_endpoints"), values.older("service_endpoint")) {
        (Said::Is(list), _) => (list, "service_endpoints"),
        (_, Said::Is(list)) => (list, "service_endpoint"),
        (Said::Unset, other) => return node_of(other, &format!("{address}.service_endpoint"), place),
        (other, _) => return node_of(other, &format!("{address}.service_endpoints"), place),
    };
    let item = |(at, item): (usize, Values<'_>)| {
        let address = format!("{address}.{name}[{at}]");
        match item.known {
            Some(node) if node.as_object().is_some() => Node::new(
                Kind::object(entries(item, &[("service", "service")], &address, place)),
                node.place().clone(),
            ),
            _ => wrapped("service", item.settle(&address, place)),
        }
    };
    let items = list.items().into_iter().enumerate().map(item).collect();
    Some(Node::new(Kind::array(items), place_or(list, place)))
}

/// A peering.
pub(super) fn peering(mut writer: Writer<'_, '_, '_>) -> Draft {
    writer.copy("allowVirtualNetworkAccess", "allow_virtual_network_access");
    writer.copy_written("allowForwardedTraffic", "allow_forwarded_traffic");
    writer.copy_written("allowGatewayTransit", "allow_gateway_transit");
    writer.copy_written("useRemoteGateways", "use_remote_gateways");
    let whole = "peer_complete_virtual_networks_enabled";
    let is_part = match writer.values().older(whole) {
        Said::Is(value) => value.known.and_then(flag) == Some(false),
        _ => false,
    };
    let path = ["remote_virtual_network_id"];
    let place = writer.place_of(&path);
    if is_part {
        let gap = Gap::new(format!("which subnets `{}` peers, which is not judged", writer.address("name")));
        let unknown = super::values::inside_hole(&writer.address(whole));
        writer.put("remoteVirtualNetwork", Node::new(Kind::unknown(unknown, gap), place));
    } else {
        match writer.ids.pointer(writer.at, &path, kinds::NETWORK) {
            Pointer::To(id) => writer.put("remoteVirtualNetwork", id_object(&id, &place)),
            pointer => {
                let address = writer.address(path[0]);
                let node = pointed(pointer, "id", &address, &place);
                writer.body.extend(node.map(|node| (Arc::from("remoteVirtualNetwork"), node)));
            }
        }
    }
    writer.finish()
}
