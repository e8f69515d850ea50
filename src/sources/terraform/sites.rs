//! Gateways to other sites, their connections and local networks, and private endpoints.

use super::draft::{Draft, Writer, entries, node_of, place_or};
use super::kinds;
use super::networks::wrapped;
use super::values::Said;
use crate::sources::json::{Kind, Node};
use std::sync::Arc;

/// A gateway.
pub(super) fn gateway(mut writer: Writer<'_, '_, '_>) -> Draft {
    const LIST: &str = "ip_configuration";
    const CLIENTS: &str = "vpn_client_configuration";
    writer.copy("gatewayType", "type");
    bgp(&mut writer);
    writer.list("ipConfigurations", LIST, |writer, (at, values)| {
        let place = place_or(values, &writer.place);
        let address = format!("{}[{at}]", writer.address(LIST));
        let mut body = entries(values, &[("name", "name")], &address, &place);
        body.extend(writer.referred("subnet", values, &[LIST, &at.to_string(), "subnet_id"], kinds::SUBNET));
        Node::new(Kind::object(body), place)
    });
    let pool = match writer.values().block(CLIENTS) {
        Said::Is(clients) => clients.older("address_space"),
        other => other,
    };
    let address = format!("{}[0].address_space", writer.address(CLIENTS));
    if let Some(node) = node_of(pool, &address, &writer.place) {
        let pool = wrapped("vpnClientAddressPool", wrapped("addressPrefixes", node));
        writer.put("vpnClientConfiguration", pool);
    }
    writer.finish()
}

/// Before 5.0 under the other name; left out, it is off.
fn bgp(writer: &mut Writer<'_, '_, '_>) {
    if !writer.copy_written("enableBgp", "bgp_enabled") {
        writer.copy_written("enableBgp", "enable_bgp");
    }
}

/// A local network: what is on the other side of a gateway.
pub(super) fn local_network(mut writer: Writer<'_, '_, '_>) -> Draft {
    let space =
        node_of(writer.values().get("address_space"), &writer.address("address_space"), &writer.place);
    if let Some(space) = space {
        writer.put("localNetworkAddressSpace", wrapped("addressPrefixes", space));
    }
    writer.finish()
}

/// A connection of a gateway.
pub(super) fn connection(mut writer: Writer<'_, '_, '_>) -> Draft {
    bgp(&mut writer);
    for (key, attribute, kind) in [
        ("virtualNetworkGateway1", "virtual_network_gateway_id", kinds::SITE_GATEWAY),
        ("virtualNetworkGateway2", "peer_virtual_network_gateway_id", kinds::SITE_GATEWAY),
        ("localNetworkGateway2", "local_network_gateway_id", kinds::LOCAL_NETWORK),
    ] {
        writer.refer(key, "id", &[attribute], kind);
    }
    writer.finish()
}

/// A private endpoint: with the addresses that are written, else with those that the provider read back.
pub(super) fn endpoint(mut writer: Writer<'_, '_, '_>) -> Draft {
    const LIST: &str = "ip_configuration";
    const CONNECTION: &str = "private_service_connection";
    const ADDRESS: &str = "private_ip_address";
    writer.refer("subnet", "id", &["subnet_id"], kinds::SUBNET);
    if matches!(writer.values().older(LIST), Said::Is(_)) {
        writer.list("ipConfigurations", LIST, |writer, (at, values)| {
            let place = place_or(values, &writer.place);
            let address = format!("{}[{at}]", writer.address(LIST));
            Node::new(
                Kind::object(entries(values, &[("privateIPAddress", ADDRESS)], &address, &place)),
                place,
            )
        });
        return writer.finish();
    }
    let said = match writer.values().block(CONNECTION) {
        Said::Is(connection) => connection.older(ADDRESS),
        other => other,
    };
    let address = format!("{}[0].{ADDRESS}", writer.address(CONNECTION));
    if let Some(node) = node_of(said, &address, &writer.place) {
        let place = node.place().clone();
        let item = wrapped("privateIPAddress", node);
        writer.put("ipConfigurations", Node::new(Kind::array(vec![item]), place));
    }
    dns(&mut writer);
    writer.finish()
}

/// All addresses of an endpoint, as the provider read them back for DNS.
fn dns(writer: &mut Writer<'_, '_, '_>) {
    const LIST: &str = "custom_dns_configs";
    const ADDRESSES: &str = "ip_addresses";
    let Said::Is(list) = writer.values().older(LIST) else { return };
    let address = writer.address(LIST);
    let place = place_or(list, &writer.place);
    let mut items = Vec::new();
    for (at, item) in list.items().into_iter().enumerate() {
        let node = node_of(item.older(ADDRESSES), &format!("{address}[{at}].{ADDRESSES}"), &place);
        items.extend(node.map(|node| wrapped("ipAddresses", node)));
    }
    writer.body.push((Arc::from("customDnsConfigs"), Node::new(Kind::array(items), place)));
}
