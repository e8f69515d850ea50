//! API Management instances, workspace gateways, and what shows their features.

use super::draft::{Draft, Writer, entries, node_of, place_or, pointed};
use super::kinds;
use super::values::{Said, Values};
use crate::sources::json::{Kind, Node, Place};
use std::sync::Arc;

const NETWORK: &str = "virtual_network_configuration";

/// An instance.
pub(super) fn service(mut writer: Writer<'_, '_, '_>) -> Draft {
    writer.copy("location", "location");
    sku(&mut writer);
    writer.copy("virtualNetworkType", "virtual_network_type");
    writer.copy_older("publicIpAddressId", "public_ip_address_id");
    writer.copy_older("zones", "zones");
    let network = network(&writer, writer.values(), "", &[NETWORK, "0", "subnet_id"]);
    writer.body.extend(network.map(|node| ("virtualNetworkConfiguration".into(), node)));
    match writer.values().get("additional_location") {
        Said::Is(list) => {
            let place = place_or(list, &writer.place);
            let items = list.items().into_iter().enumerate().map(|item| location(&writer, item)).collect();
            writer.put("additionalLocations", Node::new(Kind::array(items), place));
        }
        _ => writer.copy("additionalLocations", "additional_location"),
    }
    let mut hosts = Vec::new();
    if let Said::Is(values) = writer.values().block("hostname_configuration") {
        hosts = host_names(values, &writer.address("hostname_configuration"), &writer.place);
    }
    if !hosts.is_empty() {
        let place = writer.place.clone();
        writer.put("hostnameConfigurations", Node::new(Kind::array(hosts), place));
    }
    writer.finish()
}

/// `Premium_2` is a tier and its units; before 2.0 both stood in a block.
fn sku(writer: &mut Writer<'_, '_, '_>) {
    let name = "sku_name";
    let node = match writer.values().older(name) {
        Said::Is(value) => value.known.and_then(|node| split_sku(node, node.as_str()?)),
        _ => None,
    };
    if let Some(node) = node {
        writer.put("sku", node);
        return;
    }
    if let Said::Is(block) = writer.values().older("sku") {
        let first = block.items().first().copied().unwrap_or(block);
        let fields = [("name", "name"), ("capacity", "capacity")];
        let body = entries(first, &fields, &writer.address("sku"), &writer.place);
        let place = writer.place.clone();
        writer.put("sku", Node::new(Kind::object(body), place));
        return;
    }
    writer.copy("sku", name);
}

fn split_sku(node: &Node, text: &str) -> Option<Node> {
    let (tier, units) = text.split_once('_').unwrap_or((text, ""));
    let at = |kind| Node::new(kind, node.place().clone());
    let mut body = vec![(Arc::from("name"), at(Kind::string(tier)))];
    if let Ok(units) = units.parse::<i64>() {
        body.push(("capacity".into(), at(Kind::integer(units))));
    }
    Some(at(Kind::object(body)))
}

/// The subnet of a location.
fn network(writer: &Writer<'_, '_, '_>, values: Values<'_>, inside: &str, path: &[&str]) -> Option<Node> {
    let place = writer.place.clone();
    let said = match values.block(NETWORK) {
        Said::Is(block) => block.get("subnet_id"),
        Said::Unset => return None,
        other => other,
    };
    let address = writer.address(&format!("{inside}{NETWORK}.subnet_id"));
    let place = match said {
        Said::Is(value) => place_or(value, &place),
        _ => place,
    };
    let pointer = writer.ids.pointer_of(writer.at, said, path, kinds::SUBNET);
    pointed(pointer, "subnetResourceId", &address, &place)
}

/// An added location; without a number of its own it has as many units as the first.
fn location(writer: &Writer<'_, '_, '_>, (at, values): (usize, Values<'_>)) -> Node {
    let inside = format!("additional_location[{at}]");
    let (address, place) = (writer.address(&inside), place_or(values, &writer.place));
    let mut body = entries(values, &[("location", "location")], &address, &place);
    let own = |name: &str| writer.body.iter().find(|(key, _)| &**key == name).map(|(_, node)| node);
    let capacity = match node_of(values.older("capacity"), &format!("{address}.capacity"), &place) {
        Some(node) => Some(node),
        None => own("sku").and_then(|sku| sku.get("capacity")).cloned(),
    };
    if let Some(capacity) = capacity {
        body.push(("sku".into(), super::networks::wrapped("capacity", capacity)));
    }
    let number = at.to_string();
    let path = ["additional_location", &number, NETWORK, "0", "subnet_id"];
    let network = network(writer, values, &format!("{inside}."), &path);
    body.extend(network.map(|node| (Arc::from("virtualNetworkConfiguration"), node)));
    Node::new(Kind::object(body), place)
}

/// Host names by the endpoint that has them.
pub(super) fn host_names(values: Values<'_>, address: &str, place: &Place) -> Vec<Node> {
    const ENDPOINTS: [(&str, &str); 6] = [
        ("proxy", "Proxy"),
        ("gateway", "Proxy"),
        ("management", "Management"),
        ("portal", "Portal"),
        ("developer_portal", "DeveloperPortal"),
        ("scm", "Scm"),
    ];
    let mut hosts = Vec::new();
    for (name, kind) in ENDPOINTS {
        let Said::Is(list) = values.older(name) else { continue };
        for (at, item) in list.items().into_iter().enumerate() {
            let (address, here) = (format!("{address}.{name}[{at}]"), place_or(item, place));
            let mut body = vec![(Arc::from("type"), Node::new(Kind::string(kind), here.clone()))];
            let fields = [("hostName", "host_name"), ("certificateSource", "certificate_source")];
            body.extend(entries(item, &fields, &address, &here));
            // The second name is that of provider 4.
            for vault in ["key_vault_id", "key_vault_certificate_id"] {
                if let Said::Is(_) = item.older(vault) {
                    body.extend(entries(item, &[("keyVaultId", vault)], &address, &here));
                }
            }
            hosts.push(Node::new(Kind::object(body), here));
        }
    }
    hosts
}

/// A workspace gateway.
pub(super) fn gateway(mut writer: Writer<'_, '_, '_>) -> Draft {
    writer.copy("location", "location");
    writer.copy("virtualNetworkType", "virtual_network_type");
    if let Said::Is(block) = writer.values().block("sku") {
        let fields = [("name", "name"), ("capacity", "capacity")];
        let body = entries(block, &fields, &writer.address("sku"), &writer.place);
        let place = writer.place.clone();
        writer.put("sku", Node::new(Kind::object(body), place));
    }
    let path = ["backend_subnet_id"];
    let place = writer.place_of(&path);
    let pointer = writer.ids.pointer(writer.at, &path, kinds::SUBNET);
    if let Some(node) = pointed(pointer, "id", &writer.address(path[0]), &place) {
        writer.put("backend", super::networks::wrapped("subnet", node));
    }
    writer.finish()
}

/// A part of an instance that shows a feature.
pub(super) fn child(mut writer: Writer<'_, '_, '_>, kind: &str) -> Draft {
    let vault = |writer: &mut Writer<'_, '_, '_>, said: Said<'_>, name: &str| {
        let node = node_of(said, &writer.address(name), &writer.place);
        writer
            .body
            .extend(node.map(|node| ("keyVault".into(), super::networks::wrapped("secretIdentifier", node))));
    };
    let word = |writer: &mut Writer<'_, '_, '_>, key: &str, word: &str| {
        let place = writer.place.clone();
        writer.put(key, Node::new(Kind::string(word), place));
    };
    match kind {
        kinds::NAMED_VALUE => {
            if let Said::Is(block) = writer.values().block("value_from_key_vault") {
                vault(&mut writer, block.older("secret_id"), "value_from_key_vault");
            }
        }
        kinds::CERTIFICATE => {
            let said = writer.values().older("key_vault_secret_id");
            vault(&mut writer, said, "key_vault_secret_id");
        }
        kinds::LOGGER => {
            for (block, kind) in
                [("eventhub", "azureEventHub"), ("application_insights", "applicationInsights")]
            {
                if let Said::Is(_) = writer.values().older(block) {
                    word(&mut writer, "loggerType", kind);
                }
            }
        }
        kinds::IDENTITY => word(&mut writer, "type", "aad"),
        _ => {}
    }
    writer.finish()
}
