//! Network interfaces.

use super::draft::{Draft, Writer, entries, place_or, pointed};
use super::kinds;
use super::values::{Said, Values};
use crate::sources::json::{Kind, Node};
use std::sync::Arc;

/// An interface with its addresses.
pub(super) fn interface(mut writer: Writer<'_, '_, '_>) -> Draft {
    const LIST: &str = "ip_configuration";
    writer.copy("location", "location");
    // Before 2.0 the interface named its group itself.
    writer.refer("networkSecurityGroup", "id", &["network_security_group_id"], kinds::GROUP);
    match writer.values().get(LIST) {
        Said::Is(list) => {
            let place = place_or(list, &writer.place);
            let items =
                list.items().into_iter().enumerate().map(|item| configuration(&writer, item)).collect();
            writer.put("ipConfigurations", Node::new(Kind::array(items), place));
        }
        _ => writer.copy("ipConfigurations", LIST),
    }
    writer.finish()
}

fn configuration(writer: &Writer<'_, '_, '_>, (at, values): (usize, Values<'_>)) -> Node {
    let place = place_or(values, &writer.place);
    let address = format!("{}[{at}]", writer.address("ip_configuration"));
    let fields = [("name", "name"), ("privateIPAddress", "private_ip_address")];
    let mut body = entries(values, &fields, &address, &place);
    let number = at.to_string();
    let path = ["ip_configuration", &number, "subnet_id"];
    let pointer = writer.ids.pointer_of(writer.at, values.older("subnet_id"), &path, kinds::SUBNET);
    let node = pointed(pointer, "id", &format!("{address}.subnet_id"), &place);
    body.extend(node.map(|node| (Arc::from("subnet"), node)));
    // Before 2.0 the groups stood here.
    if let Said::Is(list) = values.older("application_security_group_ids") {
        let item = |item: Values<'_>| super::networks::wrapped("id", item.settle(&address, &place));
        let items = list.items().into_iter().map(item).collect();
        body.push(("applicationSecurityGroups".into(), Node::new(Kind::array(items), place.clone())));
    }
    Node::new(Kind::object(body), place)
}
