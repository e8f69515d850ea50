//! Network interfaces, and the front ends of load balancers that they may stand behind.

use super::draft::{Draft, Writer, entries, place_or};
use super::kinds;
use super::values::{Said, Values};
use crate::sources::json::{Kind, Node};

/// An interface with its addresses.
pub(super) fn interface(mut writer: Writer<'_, '_, '_>) -> Draft {
    const LIST: &str = "ip_configuration";
    writer.copy("location", "location");
    // Before 2.0 the interface named its group itself.
    writer.refer("networkSecurityGroup", "id", &["network_security_group_id"], kinds::GROUP);
    // Before 4.0 under the other name.
    if !writer.copy_written("enableIPForwarding", "ip_forwarding_enabled") {
        writer.copy_written("enableIPForwarding", "enable_ip_forwarding");
    }
    writer.list("ipConfigurations", LIST, configuration);
    writer.finish()
}

/// A load balancer with its front ends.
pub(super) fn balancer(mut writer: Writer<'_, '_, '_>) -> Draft {
    writer.list("frontendIPConfigurations", "frontend_ip_configuration", |writer, (at, values)| {
        let place = place_or(values, &writer.place);
        let address = format!("{}[{at}]", writer.address("frontend_ip_configuration"));
        let mut body = entries(values, &[("name", "name")], &address, &place);
        let at = at.to_string();
        for (key, attribute) in
            [("publicIPAddress", "public_ip_address_id"), ("publicIPPrefix", "public_ip_prefix_id")]
        {
            let path = ["frontend_ip_configuration", &at, attribute];
            body.extend(writer.referred(key, values, &path, kinds::PUBLIC_ADDRESS));
        }
        Node::new(Kind::object(body), place)
    });
    writer.finish()
}

/// A public address with its SKU.
pub(super) fn public_address(mut writer: Writer<'_, '_, '_>) -> Draft {
    writer.copy("sku", "sku");
    writer.finish()
}

fn configuration(writer: &Writer<'_, '_, '_>, (at, values): (usize, Values<'_>)) -> Node {
    let place = place_or(values, &writer.place);
    let address = format!("{}[{at}]", writer.address("ip_configuration"));
    let fields = [("name", "name"), ("privateIPAddress", "private_ip_address")];
    let mut body = entries(values, &fields, &address, &place);
    let at = at.to_string();
    for (key, attribute, kind) in [
        ("subnet", "subnet_id", kinds::SUBNET),
        ("publicIPAddress", "public_ip_address_id", kinds::PUBLIC_ADDRESS),
    ] {
        body.extend(writer.referred(key, values, &["ip_configuration", &at, attribute], kind));
    }
    // Before 2.0 the groups stood here.
    if let Said::Is(list) = values.older("application_security_group_ids") {
        let item = |item: Values<'_>| super::networks::wrapped("id", item.settle(&address, &place));
        let items = list.items().into_iter().map(item).collect();
        body.push(("applicationSecurityGroups".into(), Node::new(Kind::array(items), place.clone())));
    }
    Node::new(Kind::object(body), place)
}
