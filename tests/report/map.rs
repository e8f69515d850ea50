//! `map` as text, as pictures and as JSON: a hub and a spoke with one of everything, much of it open or outside.

use crate::golden::{PLAIN, compare};
use crate::schema::valid;
use flowcheck::model::{Fact, Gap, Origin, ResourceId};
use flowcheck::network::graph::{Graph, NodeKind};
use flowcheck::network::{
    Network, NextHopType, Peering, Route, RoutePrefix, RouteTable, Subnet, VirtualNetwork,
};
use flowcheck::report::json::{self, Head};
use flowcheck::report::{drawing, text};
use flowcheck::sources::{self, ReadOptions};
use flowcheck::tags::TagSnapshot;
use serde_json::Value;

/// A hub with an appliance, and a gateway that is not shown; a spoke that uses it, with an instance whose group
/// is elsewhere, members of an application security group and a private endpoint; a peer that is not shown; a
/// table that nobody has; an address that is a parameter without a value.
const TEMPLATE: &str = r#"{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {"branch": {"type": "string"}},
  "resources": [
    {"type": "Microsoft.Network/virtualNetworks", "apiVersion": "2023-09-01", "name": "hub",
      "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
        "subnets": [
          {"name": "firewall", "properties": {"addressPrefix": "10.0.0.64/26"}},
          {"name": "GatewaySubnet", "properties": {"addressPrefix": "10.0.3.0/27"}}],
        "virtualNetworkPeerings": [
          {"name": "to-spoke", "properties": {"allowVirtualNetworkAccess": true, "allowGatewayTransit": true,
            "remoteVirtualNetwork": {"id": "[resourceId('Microsoft.Network/virtualNetworks', 'spoke')]"}}},
          {"name": "to-other", "properties": {"allowVirtualNetworkAccess": true, "peeringState": "Disconnected",
            "remoteVirtualNetwork": {"id": "[resourceId('Microsoft.Network/virtualNetworks', 'other')]"}}}]}},
    {"type": "Microsoft.Network/virtualNetworks", "apiVersion": "2023-09-01", "name": "spoke",
      "properties": {"addressSpace": {"addressPrefixes": ["10.1.0.0/16"]},
        "subnets": [
          {"name": "apim", "properties": {"addressPrefix": "10.1.1.0/24",
            "networkSecurityGroup": {"id": "[resourceId('Microsoft.Network/networkSecurityGroups', 'elsewhere')]"},
            "routeTable": {"id": "[resourceId('Microsoft.Network/routeTables', 'forced')]"},
            "serviceEndpoints": [{"service": "Microsoft.Storage"}]}},
          {"name": "web", "properties": {"addressPrefix": "10.1.2.0/24",
            "networkSecurityGroup": {"id": "[resourceId('Microsoft.Network/networkSecurityGroups', 'web-nsg')]"},
            "routeTable": {"id": "[resourceId('Microsoft.Network/routeTables', 'forced')]"}}}],
        "virtualNetworkPeerings": [
          {"name": "to-hub", "properties": {"allowVirtualNetworkAccess": true, "allowForwardedTraffic": true,
            "useRemoteGateways": true,
            "remoteVirtualNetwork": {"id": "[resourceId('Microsoft.Network/virtualNetworks', 'hub')]"}}}]}},
    {"type": "Microsoft.Network/networkSecurityGroups", "apiVersion": "2023-09-01", "name": "web-nsg", "properties": {}},
    {"type": "Microsoft.Network/networkSecurityGroups", "apiVersion": "2023-09-01", "name": "nobodys", "properties": {}},
    {"type": "Microsoft.Network/routeTables", "apiVersion": "2023-09-01", "name": "forced",
      "properties": {"routes": [
        {"name": "all", "properties": {"addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.0.68"}},
        {"name": "control", "properties": {"addressPrefix": "ApiManagement", "nextHopType": "Internet"}},
        {"name": "sites", "properties": {"addressPrefix": "192.168.0.0/16", "nextHopType": "VirtualNetworkGateway"}},
        {"name": "drop", "properties": {"addressPrefix": "10.9.0.0/16", "nextHopType": "None"}},
        {"name": "own", "properties": {"addressPrefix": "10.1.0.0/16", "nextHopType": "VnetLocal"}},
        {"name": "lost", "properties": {"addressPrefix": "10.8.0.0/16", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "172.16.0.4"}},
        {"name": "branch", "properties": {"addressPrefix": "10.7.0.0/16", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "[parameters('branch')]"}}]}},
    {"type": "Microsoft.Network/applicationSecurityGroups", "apiVersion": "2023-09-01", "name": "web-asg", "properties": {}},
    {"type": "Microsoft.Network/networkInterfaces", "apiVersion": "2023-09-01", "name": "firewall-nic",
      "properties": {"enableIPForwarding": true, "ipConfigurations": [{"name": "a", "properties": {
        "subnet": {"id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'hub', 'firewall')]"},
        "privateIPAllocationMethod": "Static", "privateIPAddress": "10.0.0.68"}}]}},
    {"type": "Microsoft.Network/networkInterfaces", "apiVersion": "2023-09-01", "name": "web-nic",
      "properties": {"ipConfigurations": [{"name": "a", "properties": {
        "subnet": {"id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'spoke', 'web')]"},
        "applicationSecurityGroups": [{"id": "[resourceId('Microsoft.Network/applicationSecurityGroups', 'web-asg')]"}],
        "publicIPAddress": {"id": "[resourceId('Microsoft.Network/publicIPAddresses', 'web-ip')]"},
        "privateIPAllocationMethod": "Dynamic"}}]}},
    {"type": "Microsoft.Network/privateEndpoints", "apiVersion": "2023-09-01", "name": "sql-endpoint",
      "properties": {"subnet": {"id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'spoke', 'web')]"},
        "ipConfigurations": [{"name": "a", "properties": {"privateIPAddress": "10.1.2.9"}}]}},
    {"type": "Microsoft.ApiManagement/service", "apiVersion": "2023-05-01-preview", "name": "apim-contoso",
      "location": "westeurope", "sku": {"name": "Premium", "capacity": 1},
      "properties": {"virtualNetworkType": "Internal", "virtualNetworkConfiguration": {
        "subnetResourceId": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'spoke', 'apim')]"}}}
  ]
}
"#;

fn network() -> Network {
    named("hub")
}

/// The same with another name for the hub.
fn named(hub: &str) -> Network {
    let json = serde_json::to_string(hub).unwrap();
    let text = TEMPLATE.replace("\"name\": \"hub\"", &format!("\"name\": {json}"));
    sources::read(text.into_bytes(), "main.json", &ReadOptions::default()).unwrap().network
}

fn printed(write: impl Fn(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn map_reads_well_in_every_form() {
    let network = network();
    let graph = Graph::of(&network);
    compare("map", printed(|out| text::map(&graph, &PLAIN, out)).as_bytes());
    compare("map-dot", printed(|out| drawing::dot(&graph, out)).as_bytes());
    compare("map-mermaid", printed(|out| drawing::mermaid(&graph, out)).as_bytes());
}

/// The ends of the edges of a kind, by name.
fn edges(document: &Value, kind: &str) -> Vec<(String, String)> {
    let nodes = document["nodes"].as_array().unwrap();
    let name = |id: &Value| {
        let node = nodes.iter().find(|node| node["id"] == *id).unwrap();
        node["name"].as_str().unwrap().to_owned()
    };
    let all = document["edges"].as_array().unwrap().iter().filter(|edge| edge["kind"] == kind);
    all.map(|edge| (name(&edge["from"]), name(&edge["to"]))).collect()
}

#[test]
fn the_document_is_valid_and_holds_every_edge_once() {
    let network = network();
    let graph = Graph::of(&network);
    let document = valid("map", |out| json::map(&graph, &Head::default(), out).unwrap());
    for (kind, ends) in [
        ("peering", "hub spoke, hub other, spoke hub"),
        ("attached", "apim elsewhere, apim forced, web web-nsg, web forced"),
        ("member", "web-nic web-asg"),
        ("holds", "firewall-nic 10.0.0.68"),
        ("service-endpoint", "apim Microsoft.Storage"),
        ("stands-in", "apim-contoso apim"),
        ("public", "web-nic Internet"),
        ("connects", "? on-premises"),
        (
            "route",
            "forced 10.0.0.68, forced Internet, forced ?, forced None, forced spoke, forced 172.16.0.4, forced ?",
        ),
        (
            "contains",
            "hub firewall, hub GatewaySubnet, spoke apim, spoke web, firewall firewall-nic, web web-nic, \
             web sql-endpoint, hub ?",
        ),
    ] {
        let found: Vec<String> =
            edges(&document, kind).into_iter().map(|(from, to)| format!("{from} {to}")).collect();
        assert_eq!(found.join(", "), ends, "{kind}");
    }
    let outside = document["nodes"].as_array().unwrap().iter().filter(|node| node["outside"] == true);
    let outside: Vec<&str> = outside.map(|node| node["name"].as_str().unwrap()).collect();
    assert_eq!(outside, ["elsewhere", "other", "172.16.0.4"]);
    for node in document["nodes"].as_array().unwrap() {
        let is_open = !node["open"].as_array().unwrap().is_empty();
        assert!(node["origin"].is_object() || is_open || node["parent"].is_null(), "{node}");
        assert!(node["name"] != "?" || is_open, "{node}");
        assert!(
            node["origin"].is_object() || node["resource"].is_null() || node["outside"] == true,
            "{node}"
        );
    }
}

/// Names that would end a text, a line or a box, or mean something in the language of the picture.
const ODD: [&str; 9] = [
    "a\"]; evil [label=\"x",
    "a\nend\nn99[\"x\"]",
    "back\\",
    "\\\"] -> n1 //",
    "`markdown` **b**",
    "<script>alert(1)</script>&quot;#quot;",
    "|pipe|\"--> n7",
    "höhe-網路-🛰",
    "\u{202e}txt\u{200b}\r\t%%{init: {}}%%",
];

/// Whether every quotation mark of a line has its other.
fn quotes_close(line: &str, escape: Option<char>) -> bool {
    let (mut inside, mut escaped) = (false, false);
    for c in line.chars() {
        match c {
            _ if escaped => escaped = false,
            c if inside && Some(c) == escape => escaped = true,
            '"' => inside = !inside,
            _ => {}
        }
    }
    !inside
}

/// A line with every text in quotation marks taken out: what is left is the language of the picture.
fn bare(line: &str, escape: Option<char>) -> String {
    let (mut inside, mut escaped) = (false, false);
    let mut left = String::new();
    for c in line.chars() {
        match c {
            _ if escaped => escaped = false,
            c if inside && Some(c) == escape => escaped = true,
            '"' => inside = !inside,
            c if !inside => left.push(c),
            _ => {}
        }
    }
    left
}

/// A picture without its texts.
fn bones(picture: &str, escape: Option<char>) -> String {
    picture.lines().map(|line| bare(line, escape) + "\n").collect()
}

#[test]
fn no_name_breaks_a_picture_or_a_line() {
    let plain = named("zzz");
    let plain = Graph::of(&plain);
    let dot_of = |graph: &Graph<'_>| printed(|out| drawing::dot(graph, out));
    let mermaid_of = |graph: &Graph<'_>| printed(|out| drawing::mermaid(graph, out));
    let text_of = |graph: &Graph<'_>| printed(|out| text::map(graph, &PLAIN, out));
    for name in ODD {
        let network = named(name);
        let graph = Graph::of(&network);
        let (dot, mermaid, text) = (dot_of(&graph), mermaid_of(&graph), text_of(&graph));
        assert!(dot.lines().all(|line| quotes_close(line, Some('\\'))), "{dot}");
        assert!(mermaid.lines().all(|line| quotes_close(line, None)), "{mermaid}");
        assert_eq!(bones(&dot, Some('\\')), bones(&dot_of(&plain), Some('\\')), "{name:?}");
        assert_eq!(bones(&mermaid, None), bones(&mermaid_of(&plain), None), "{name:?}");
        let inside: String = mermaid.split('"').skip(1).step_by(2).collect();
        let inside = inside.replace("<br/>", "");
        let meaning = ['[', ']', '<', '>', '`', '|', '*', '&', '{', '}', '%', '\\'];
        assert!(!inside.contains(meaning), "{inside}");
        assert_eq!(text.lines().count(), text_of(&plain).lines().count(), "{text}");
        let unseen = |text: &str| text.contains(['\u{202e}', '\u{200b}', '\r', '\t']);
        assert!(!unseen(&dot) && !unseen(&mermaid) && !unseen(&text), "{text}");
    }
    assert!(mermaid_of(&graph_with_letters()).contains("h\u{f6}he-\u{7db2}\u{8def}-#128752;"));
}

fn graph_with_letters() -> Graph<'static> {
    Graph::of(Box::leak(Box::new(named(ODD[7]))))
}

fn at(line: u32) -> Origin {
    Origin::new(&"main.json".into(), line, 1, "")
}

fn id(kind: &str, name: &str) -> ResourceId {
    ResourceId::new(format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/{kind}/{name}"))
}

/// A network by name, with subnets `NAME PREFIX TABLE`.
type Subnets<'a> = (&'a str, &'a [(&'a str, &'a str, &'a str)]);

/// Networks, each with subnets `NAME PREFIX TABLE`, and tables of routes `PREFIX ADDRESS`.
fn routed(networks: &[Subnets<'_>], tables: &[(&str, &[(&str, &str)])]) -> Network {
    let mut network = Network::default();
    for (name, subnets) in networks {
        let own = id("virtualNetworks", name);
        let nets = subnets.iter().map(|(_, prefix, _)| prefix.parse().unwrap()).collect();
        network.virtual_networks.push(VirtualNetwork::new(own.clone(), Fact::Known(nets), &at(1)));
        for (subnet, prefix, table) in *subnets {
            let here = ResourceId::new(format!("{own}/subnets/{subnet}"));
            network.subnets.push(Subnet {
                prefixes: Fact::Known(vec![prefix.parse().unwrap()]),
                route_table: Fact::Known((!table.is_empty()).then(|| id("routeTables", table))),
                ..Subnet::new(here, own.clone(), &at(2))
            });
        }
    }
    for (name, routes) in tables {
        let route = |(prefix, address): &(&str, &str)| Route {
            name: format!("{name}-{prefix}"),
            prefix: match prefix.parse() {
                Ok(net) => Fact::Known(RoutePrefix::Net(net)),
                Err(_) => Fact::Unknown(Gap::new("a prefix")),
            },
            next_hop: Fact::Known(NextHopType::VirtualAppliance),
            next_hop_address: Fact::Known(Some(address.parse().unwrap())),
            origin: at(3),
        };
        network.route_tables.push(RouteTable {
            id: id("routeTables", name),
            routes: routes.iter().map(route).collect(),
            propagates: Fact::Known(true),
            origin: at(4),
        });
    }
    network
}

type Tables = &'static [(&'static str, &'static [(&'static str, &'static str)])];

#[test]
fn a_ring_is_told_where_some_address_goes_round_and_nowhere_else() {
    const ALL: &str = "0.0.0.0/0";
    let networks: &[Subnets<'_>] = &[(
        "hub",
        &[("a", "10.0.1.0/24", "a-rt"), ("b", "10.0.2.0/24", "b-rt"), ("c", "10.0.3.0/24", "c-rt")],
    )];
    let cases: &[(&str, Tables, &str)] = &[
        ("there and back", &[("a-rt", &[(ALL, "10.0.2.4")]), ("b-rt", &[(ALL, "10.0.1.4")])], "a b"),
        ("its own subnet", &[("a-rt", &[(ALL, "10.0.1.4")])], "a"),
        (
            "three",
            &[("a-rt", &[(ALL, "10.0.2.4")]), ("b-rt", &[(ALL, "10.0.3.4")]), ("c-rt", &[(ALL, "10.0.1.4")])],
            "a b c",
        ),
        ("one way", &[("a-rt", &[(ALL, "10.0.2.4")])], ""),
        (
            "each for other addresses",
            &[("a-rt", &[("8.0.0.0/8", "10.0.2.4")]), ("b-rt", &[("9.0.0.0/8", "10.0.1.4")])],
            "",
        ),
        (
            "for a part of the addresses",
            &[("a-rt", &[(ALL, "10.0.2.4")]), ("b-rt", &[("9.1.0.0/16", "10.0.1.4")])],
            "a b",
        ),
        (
            "a longer prefix leads away",
            &[
                ("a-rt", &[("9.0.0.0/8", "10.0.2.4")]),
                (
                    "b-rt",
                    &[("9.0.0.0/8", "10.0.1.4"), ("9.0.0.0/9", "172.16.0.1"), ("9.128.0.0/9", "172.16.0.1")],
                ),
            ],
            "",
        ),
        ("what is for the appliance arrives", &[("a-rt", &[("10.0.1.4/32", "10.0.1.4")])], ""),
        ("a prefix that is not known", &[("a-rt", &[("?", "10.0.1.4")])], ""),
        ("an appliance out of reach", &[("a-rt", &[(ALL, "172.16.0.1")])], ""),
    ];
    for (what, tables, ring) in cases {
        let network = routed(networks, tables);
        let loops = network.route_loops(TagSnapshot::builtin());
        let found: Vec<Vec<&str>> =
            loops.iter().map(|one| one.steps.iter().map(|step| step.subnet.id.name()).collect()).collect();
        let expected: Vec<Vec<&str>> =
            if ring.is_empty() { Vec::new() } else { vec![ring.split(' ').collect()] };
        assert_eq!(found, expected, "{what}");
    }
}

#[test]
fn equal_addresses_in_networks_that_are_not_peered_are_no_ring() {
    let tables: Tables = &[("a-rt", &[("0.0.0.0/0", "10.0.2.4")]), ("b-rt", &[("0.0.0.0/0", "10.0.1.4")])];
    let network =
        routed(&[("one", &[("a", "10.0.1.0/24", "a-rt")]), ("two", &[("b", "10.0.2.0/24", "b-rt")])], tables);
    assert!(network.route_loops(TagSnapshot::builtin()).is_empty());
    let graph = Graph::of(&network);
    let appliances = graph.nodes().filter(|(_, node)| node.kind == NodeKind::Appliance);
    assert!(appliances.map(|(_, node)| node.outside).eq([true, true]));
}

#[test]
fn a_ring_of_gateways_is_found_at_any_length() {
    for (uses, expected) in [
        (&[(0, 1), (1, 0)][..], "a b"),
        (&[(0, 1), (1, 2), (2, 0)], "a b c"),
        (&[(0, 1), (1, 2)], ""),
        (&[(2, 1), (1, 2), (0, 1)], "b c"),
        (&[(0, 0)], ""),
    ] {
        let mut network = routed(&[("a", &[]), ("b", &[]), ("c", &[])], &[]);
        for (from, to) in uses {
            let remote = network.virtual_networks[*to].id.clone();
            let peering = Peering {
                remote_gateways: Fact::Known(true),
                ..Peering::new("to", Fact::Known(remote), &at(5))
            };
            network.virtual_networks[*from].peerings.push(peering);
        }
        let rings = network.gateway_rings();
        let names: Vec<Vec<&str>> =
            rings.iter().map(|ring| ring.networks.iter().map(|(one, _)| one.id.name()).collect()).collect();
        assert_eq!(names.concat().join(" "), expected, "{uses:?}");
    }
}

/// Ten thousand subnets behind one table: each edge once, each thing once, and a depth that no stack minds.
#[test]
fn a_large_network_is_drawn_whole() {
    let names: Vec<(String, String)> =
        (0..10_000).map(|n| (format!("s{n}"), format!("10.{}.{}.0/24", n / 250, n % 250))).collect();
    let subnets: Vec<(&str, &str, &str)> =
        names.iter().map(|(name, prefix)| (name.as_str(), prefix.as_str(), "rt")).collect();
    let network = routed(&[("hub", &subnets)], &[("rt", &[("0.0.0.0/0", "10.0.9.4")])]);
    let graph = Graph::of(&network);
    // Subnets, their network and table, an appliance; contains, attached, the route, holds.
    assert_eq!((graph.node_count(), graph.edge_count()), (10_003, 20_002));
    let text = printed(|out| text::map(&graph, &PLAIN, out));
    assert_eq!(text.matches("0.0.0.0/0 -> ").count(), 1);
    assert_eq!(printed(|out| drawing::mermaid(&graph, out)).matches("subnet s").count(), 10_000);
}

/// Two subnets, one with a group that a parameter without a value names: the group that no subnet names may be it.
#[test]
fn a_group_may_be_the_one_that_is_not_settled() {
    let text = |group: &str| {
        let template = format!(
            r#"{{"contentVersion": "1.0.0.0", "parameters": {{"group": {{"type": "object"}}}}, "resources": [
                {{"type": "Microsoft.Network/networkSecurityGroups", "name": "own", "properties": {{}}}},
                {{"type": "Microsoft.Network/routeTables", "name": "table", "properties": {{}}}},
                {{"type": "Microsoft.Network/virtualNetworks", "name": "v", "properties": {{
                  "addressSpace": {{"addressPrefixes": ["10.0.0.0/16"]}}, "subnets": [
                  {{"name": "a", "properties": {{"addressPrefix": "10.0.0.0/24", "networkSecurityGroup": {group}}}}},
                  {{"name": "b", "properties": {{"addressPrefix": "10.0.1.0/24"}}}}]}}}}]}}"#
        );
        let network =
            sources::read(template.as_bytes(), "main.json", &ReadOptions::default()).unwrap().network;
        let mut out = Vec::new();
        text::map(&Graph::of(&network), &PLAIN, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let open = text(r#""[parameters('group')]""#);
    assert!(open.contains("Attached to nothing:\n   route table table"), "{open}");
    assert!(open.contains("Attached to nothing that is settled:\n   network security group own"), "{open}");
    let none = text("null");
    assert!(none.contains("Attached to nothing:\n   network security group own"), "{none}");
    assert!(!none.contains("that is settled"), "{none}");
}

/// The subnet of an instance that nobody can tell may have a group.
#[test]
fn of_a_subnet_that_is_not_known_nothing_is_said() {
    let template = r#"{"contentVersion": "1.0.0.0", "parameters": {"subnet": {"type": "string"}}, "resources": [
        {"type": "Microsoft.ApiManagement/service", "apiVersion": "2023-05-01-preview", "name": "a",
         "location": "westeurope", "sku": {"name": "Developer", "capacity": 1},
         "properties": {"virtualNetworkType": "Internal",
            "virtualNetworkConfiguration": {"subnetResourceId": "[parameters('subnet')]"}}}]}"#;
    let network = sources::read(template.as_bytes(), "main.json", &ReadOptions::default()).unwrap().network;
    let text = printed(|out| text::map(&Graph::of(&network), &PLAIN, out));
    assert!(text.contains("subnet ?") && !text.contains("no network security group"), "{text}");
}
