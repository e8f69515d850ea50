//! Nodes and edges of the graph in words, the same in every form of the map.

use crate::model::Fact;
use crate::network::graph::{Edge, Graph, Link, Node, NodeId, NodeKind};
use crate::network::{NextHopType, Peering, Route, RoutePrefix};

/// What a kind of node is called.
fn called(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::VirtualNetwork => "virtual network",
        NodeKind::Subnet => "subnet",
        NodeKind::SecurityGroup => "network security group",
        NodeKind::RouteTable => "route table",
        NodeKind::ApplicationGroup => "application security group",
        NodeKind::Interface => "network interface",
        NodeKind::PrivateEndpoint => "private endpoint",
        NodeKind::Gateway => "gateway",
        NodeKind::Instance => "API Management",
        NodeKind::Appliance => "appliance",
        NodeKind::Service => "service",
        NodeKind::NextHop => "next hop",
        NodeKind::OnPremises | NodeKind::Internet | NodeKind::Nowhere => "",
    }
}

/// `subnet apim`; what has no name of its own by what it is.
pub(super) fn title(node: &Node) -> String {
    match node.kind {
        NodeKind::OnPremises | NodeKind::Internet => node.name.clone(),
        NodeKind::Nowhere => "nowhere".to_owned(),
        kind => format!("{} {}", called(kind), node.name),
    }
}

/// `subnet hub-vnet/apim`, where it is not drawn inside its network.
pub(super) fn full_title(graph: &Graph<'_>, id: NodeId) -> String {
    let node = graph.node(id);
    match (node.kind, node.parent) {
        (NodeKind::Subnet, Some(home)) => {
            format!("{} {}/{}", called(node.kind), graph.node(home).name, node.name)
        }
        _ => title(node),
    }
}

/// Prefixes, and addresses without the length.
pub(super) fn prefixes(node: &Node) -> Vec<String> {
    let is_space = matches!(node.kind, NodeKind::VirtualNetwork | NodeKind::Subnet | NodeKind::OnPremises);
    let one = |net: &ipnet::IpNet| match net.prefix_len() == net.max_prefix_len() && !is_space {
        true => net.addr().to_string(),
        false => net.to_string(),
    };
    // An appliance is named by its address.
    if node.kind == NodeKind::Appliance { Vec::new() } else { node.prefixes.iter().map(one).collect() }
}

/// What is told of an edge besides its ends and kind.
pub(super) fn label(edge: &Edge<'_>) -> String {
    match edge.link {
        Link::Plain(_) => String::new(),
        Link::Route(route) => format!("{} ({})", prefix(route), route.name),
        Link::Peering(peering) => flags(peering).join(", "),
    }
}

/// What a route is for.
pub(super) fn prefix(route: &Route) -> String {
    match &route.prefix {
        Fact::Known(RoutePrefix::Net(net)) => net.to_string(),
        Fact::Known(RoutePrefix::Tag(tag)) => tag.clone(),
        Fact::Unknown(_) => "?".to_owned(),
    }
}

/// Whether a route leads to the network itself, a gateway or an appliance of which the node says no more.
pub(super) fn hop(route: &Route) -> &'static str {
    route.next_hop.known().copied().map_or("?", NextHopType::as_str)
}

/// What a peering switches on, and what is unusual about it.
fn flags(peering: &Peering) -> Vec<String> {
    let mut flags: Vec<String> = Vec::new();
    let connected = |state: &&String| !state.eq_ignore_ascii_case("Connected");
    match &peering.state {
        Fact::Known(state) => flags.extend(state.as_ref().filter(connected).cloned()),
        Fact::Unknown(_) => flags.push("state?".to_owned()),
    }
    for (fact, usual, word) in [
        (&peering.access, true, "no access"),
        (&peering.whole, true, "some subnets alone"),
        (&peering.forwarded, false, "takes forwarded traffic"),
        (&peering.gateway_transit, false, "offers its gateway"),
        (&peering.remote_gateways, false, "uses the other's gateway"),
    ] {
        match fact {
            Fact::Known(is) if *is == usual => {}
            Fact::Known(_) => flags.push(word.to_owned()),
            Fact::Unknown(_) => flags.push(format!("{word}?")),
        }
    }
    flags
}

/// What turns the direction of writing or has no width; it could make a name look like another.
pub(super) fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
