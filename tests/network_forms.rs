//! Interfaces, private endpoints, gateways and the switches of subnets, peerings and route tables: the same
//! facts from every form of input.

#![allow(missing_docs, clippy::panic, clippy::unwrap_used, reason = "a test has no users")]

use flowcheck::model::{Fact, ResourceId};
use flowcheck::network::Network;
use flowcheck::scenario::{ScenarioFile, network};
use flowcheck::sources::{Input, ReadOptions, read};
use flowcheck::tags::TagSnapshot;
use serde_json::{Value, json};
use std::fmt::Display;

fn word<T: Display>(fact: &Fact<T>) -> String {
    fact.known().map_or_else(|| "?".to_owned(), ToString::to_string)
}

fn list<T: Display>(fact: &Fact<Vec<T>>) -> String {
    let Fact::Known(items) = fact else { return "?".to_owned() };
    let mut items: Vec<String> = items.iter().map(ToString::to_string).collect();
    items.sort();
    format!("[{}]", items.join(" "))
}

fn name(fact: &Fact<Option<ResourceId>>) -> String {
    match fact {
        Fact::Known(Some(id)) => id.name().to_owned(),
        Fact::Known(None) => "none".to_owned(),
        Fact::Unknown(_) => "?".to_owned(),
    }
}

fn names(fact: &Fact<Vec<ResourceId>>) -> String {
    list(&fact.clone().map(|ids| ids.iter().map(|id| id.name().to_owned()).collect()))
}

/// What this page is about, one line for each thing.
fn facts(network: &Network) -> Vec<String> {
    let mut lines = Vec::new();
    for one in &network.interfaces {
        let doubt = if one.doubt.is_some() { " ?" } else { "" };
        let head = format!(
            "interface {} nsg {} forwards {}{doubt}",
            one.id.name(),
            name(&one.security_group),
            word(&one.forwards)
        );
        lines.push(head);
        for part in &one.configurations {
            let (address, subnet) = (word(&part.address), name(&part.subnet));
            let (groups, is_public) = (names(&part.groups), word(&part.is_public));
            lines.push(format!("  {address} in {subnet} groups {groups} public {is_public}"));
        }
    }
    for one in &network.private_endpoints {
        let subnet = one.subnet.clone().map(Some);
        lines.push(format!("endpoint {} in {} {}", one.id.name(), name(&subnet), list(&one.addresses)));
    }
    for one in &network.gateways {
        lines.push(format!("gateway in {} {}", name(&one.network.clone().map(Some)), list(&one.prefixes)));
    }
    for (id, members) in &network.groups {
        let (certain, possible) =
            (Fact::Known(members.certain.clone()), Fact::Known(members.possible.clone()));
        lines.push(format!("group {} {} possible {}", id.name(), list(&certain), list(&possible)));
    }
    for one in &network.subnets {
        let (services, policy) = (list(&one.service_endpoints), word(&one.endpoint_policy));
        let policies = word(&one.private_endpoint_policies);
        lines.push(format!("subnet {} services {services} policy {policy} private {policies}", one.name()));
    }
    for one in &network.virtual_networks {
        for peering in &one.peerings {
            lines.push(format!(
                "peering {} -> {} access {} forwarded {} transit {} remote {}",
                one.id.name(),
                name(&peering.remote.clone().map(Some)),
                word(&peering.access),
                word(&peering.forwarded),
                word(&peering.gateway_transit),
                word(&peering.remote_gateways)
            ));
        }
    }
    lines.extend(
        network
            .route_tables
            .iter()
            .map(|one| format!("table {} propagates {}", one.id.name(), word(&one.propagates))),
    );
    lines.sort_by_key(|line| !line.starts_with("interface") && !line.starts_with("  "));
    lines
}

fn input(document: &Value) -> Input {
    let text = serde_json::to_string_pretty(document).unwrap();
    read(text.as_bytes(), "main.json", &ReadOptions::default())
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn codes(input: &Input) -> String {
    let mut codes: Vec<&str> = input.findings.iter().map(|finding| finding.code.as_str()).collect();
    codes.sort_unstable();
    codes.join(" ")
}

const GROUP: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network";

fn id(tail: &str) -> String {
    format!("{GROUP}/{tail}")
}

/// A reference by id.
fn to(tail: &str) -> Value {
    json!({ "id": id(tail) })
}

/// The resources of the network, with `wrap` around the properties of each thing.
fn azure(resource: impl Fn(&str, &str, Value) -> Value, inner: impl Fn(&str, Value) -> Value) -> Vec<Value> {
    let subnet = |name: &str, prefix: &str, mut more: Value| {
        more["addressPrefix"] = prefix.into();
        inner(name, more)
    };
    let peering = |name: &str, other: &str, transit: bool, remote: bool| {
        inner(
            name,
            json!({"remoteVirtualNetwork": to(&format!("virtualNetworks/{other}")),
            "allowVirtualNetworkAccess": true, "allowForwardedTraffic": true, "allowGatewayTransit": transit,
            "useRemoteGateways": remote}),
        )
    };
    vec![
        resource(
            "virtualNetworks",
            "hub",
            json!({"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
            "subnets": [subnet("firewall", "10.0.0.64/26", json!({})), subnet("GatewaySubnet", "10.0.3.0/27", json!({}))],
            "virtualNetworkPeerings": [peering("a", "spoke", true, false)]}),
        ),
        resource(
            "virtualNetworks",
            "spoke",
            json!({"addressSpace": {"addressPrefixes": ["10.1.0.0/16"]},
            "subnets": [
                subnet("apim", "10.1.1.0/24", json!({"routeTable": to("routeTables/rt"),
                    "serviceEndpoints": [{"service": "Microsoft.Storage"}, {"service": "Microsoft.Sql"}]})),
                subnet("web", "10.1.2.0/24", json!({})),
                subnet("private", "10.1.4.0/24", json!({"privateEndpointNetworkPolicies": "Enabled"}))],
            "virtualNetworkPeerings": [peering("b", "hub", false, true)]}),
        ),
        resource("networkSecurityGroups", "nic-nsg", json!({"securityRules": []})),
        resource("applicationSecurityGroups", "web", json!({})),
        resource(
            "networkInterfaces",
            "firewall-1",
            json!({"enableIPForwarding": true, "ipConfigurations": [
            inner("one", json!({"privateIPAddress": "10.0.0.68", "subnet": to("virtualNetworks/hub/subnets/firewall")}))]}),
        ),
        resource(
            "networkInterfaces",
            "web-1",
            json!({"networkSecurityGroup": to("networkSecurityGroups/nic-nsg"),
            "ipConfigurations": [
            inner("one", json!({"privateIPAddress": "10.1.2.4", "subnet": to("virtualNetworks/spoke/subnets/web"),
                "applicationSecurityGroups": [to("applicationSecurityGroups/web")],
                "publicIPAddress": to("publicIPAddresses/web-ip")}))]}),
        ),
        resource(
            "privateEndpoints",
            "sql",
            json!({"subnet": to("virtualNetworks/spoke/subnets/private"),
            "ipConfigurations": [inner("one", json!({"groupId": "sqlServer", "privateIPAddress": "10.1.4.4"}))]}),
        ),
        resource(
            "routeTables",
            "rt",
            json!({"disableBgpRoutePropagation": true, "routes": [
            inner("all", json!({"addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.0.68"}))]}),
        ),
        resource(
            "virtualNetworkGateways",
            "gw",
            json!({"gatewayType": "Vpn", "enableBgp": false, "ipConfigurations": [
            inner("one", json!({"subnet": to("virtualNetworks/hub/subnets/GatewaySubnet")}))]}),
        ),
        resource(
            "localNetworkGateways",
            "site",
            json!({"localNetworkAddressSpace": {"addressPrefixes": ["192.168.0.0/16"]}}),
        ),
        resource(
            "connections",
            "link",
            json!({"connectionType": "IPsec", "virtualNetworkGateway1": to("virtualNetworkGateways/gw"),
            "localNetworkGateway2": to("localNetworkGateways/site")}),
        ),
    ]
}

/// An object with what it is beside its properties.
fn flat(name: &str, mut properties: Value) -> Value {
    properties["name"] = name.into();
    properties
}

fn nested(name: &str, properties: Value) -> Value {
    json!({"name": name, "properties": properties})
}

fn template(resources: &[Value]) -> Value {
    json!({"$schema": "https://x/deploymentTemplate.json#", "contentVersion": "1.0.0.0", "resources": resources})
}

/// A resource of a template.
fn declared(kind: &str, name: &str, properties: Value) -> Value {
    let mut one = nested(name, properties);
    one["type"] = format!("Microsoft.Network/{kind}").into();
    one["apiVersion"] = "2024-05-01".into();
    one
}

/// A resource as Azure answers it: `inner` makes the form of az or of REST.
fn answered(kind: &str, name: &str, inner: Value) -> Value {
    let mut one = inner;
    one["id"] = id(&format!("{kind}/{name}")).into();
    one["type"] = format!("Microsoft.Network/{kind}").into();
    one
}

/// A resource of Terraform: its address, what is known, what comes later, what its expressions refer to.
type Planned = (&'static str, Value, Value, Value);

fn plan(resources: &[Planned]) -> Value {
    let parts = |address: &str| {
        let (kind, name) = address.split_once('.').unwrap();
        (kind.to_owned(), name.to_owned())
    };
    let planned: Vec<Value> = resources
        .iter()
        .map(|(address, values, ..)| {
            let (kind, name) = parts(address);
            json!({"address": address, "mode": "managed", "type": kind, "name": name, "values": values})
        })
        .collect();
    let changes: Vec<Value> = resources
        .iter()
        .map(|(address, values, later, _)| {
            let (kind, name) = parts(address);
            json!({"address": address, "mode": "managed", "type": kind, "name": name,
                "change": {"actions": ["create"], "before": null, "after": values, "after_unknown": later}})
        })
        .collect();
    let configuration: Vec<Value> = resources
        .iter()
        .map(|(address, _, _, expressions)| {
            let (kind, name) = parts(address);
            json!({"address": address, "mode": "managed", "type": kind, "name": name, "expressions": expressions})
        })
        .collect();
    json!({"format_version": "1.2", "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": planned}}, "resource_changes": changes,
        "configuration": {"root_module": {"resources": configuration}}})
}

/// Names that every resource of Terraform has.
fn named(name: &str, mut values: Value) -> Value {
    values["name"] = name.into();
    values["resource_group_name"] = "g".into();
    values
}

fn refers(to: &str) -> Value {
    json!({"references": [to]})
}

/// The same network, all ids known only after apply.
fn terraform() -> Value {
    let later = || json!({"id": true});
    let subnet = |network: &str, prefix: &str, mut more: Value| {
        more["virtual_network_name"] = network.into();
        more["address_prefixes"] = json!([prefix]);
        more
    };
    let peering = |network: &str, transit: bool, remote: bool| {
        json!({"virtual_network_name": network, "allow_virtual_network_access": true,
            "allow_forwarded_traffic": true, "allow_gateway_transit": transit, "use_remote_gateways": remote})
    };
    let block = |values: Value| json!([values]);
    plan(&[
        (
            "azurerm_virtual_network.hub",
            named("hub", json!({"address_space": ["10.0.0.0/16"]})),
            later(),
            json!({}),
        ),
        (
            "azurerm_virtual_network.spoke",
            named("spoke", json!({"address_space": ["10.1.0.0/16"]})),
            later(),
            json!({}),
        ),
        (
            "azurerm_subnet.firewall",
            named("firewall", subnet("hub", "10.0.0.64/26", json!({}))),
            later(),
            json!({}),
        ),
        (
            "azurerm_subnet.gw",
            named("GatewaySubnet", subnet("hub", "10.0.3.0/27", json!({}))),
            later(),
            json!({}),
        ),
        (
            "azurerm_subnet.apim",
            named(
                "apim",
                subnet(
                    "spoke",
                    "10.1.1.0/24",
                    json!({"service_endpoints": ["Microsoft.Storage", "Microsoft.Sql"]}),
                ),
            ),
            later(),
            json!({}),
        ),
        ("azurerm_subnet.web", named("web", subnet("spoke", "10.1.2.0/24", json!({}))), later(), json!({})),
        (
            "azurerm_subnet.private",
            named(
                "private",
                subnet("spoke", "10.1.4.0/24", json!({"private_endpoint_network_policies": "Enabled"})),
            ),
            later(),
            json!({}),
        ),
        (
            "azurerm_virtual_network_peering.a",
            named("a", peering("hub", true, false)),
            json!({"id": true, "remote_virtual_network_id": true}),
            json!({"remote_virtual_network_id": refers("azurerm_virtual_network.spoke.id")}),
        ),
        (
            "azurerm_virtual_network_peering.b",
            named("b", peering("spoke", false, true)),
            json!({"id": true, "remote_virtual_network_id": true}),
            json!({"remote_virtual_network_id": refers("azurerm_virtual_network.hub.id")}),
        ),
        (
            "azurerm_network_security_group.nic",
            named("nic-nsg", json!({"security_rule": []})),
            later(),
            json!({}),
        ),
        ("azurerm_application_security_group.web", named("web", json!({})), later(), json!({})),
        ("azurerm_public_ip.web", named("web-ip", json!({})), later(), json!({})),
        (
            "azurerm_network_interface.firewall",
            named(
                "firewall-1",
                json!({"ip_forwarding_enabled": true,
            "ip_configuration": [{"name": "one", "private_ip_address": "10.0.0.68"}]}),
            ),
            json!({"id": true, "ip_configuration": [{"subnet_id": true}]}),
            json!({"ip_configuration": block(json!({"subnet_id": refers("azurerm_subnet.firewall.id")}))}),
        ),
        (
            "azurerm_network_interface.web",
            named(
                "web-1",
                json!({"ip_forwarding_enabled": false,
            "ip_configuration": [{"name": "one", "private_ip_address": "10.1.2.4"}]}),
            ),
            json!({"id": true, "ip_configuration": [{"subnet_id": true, "public_ip_address_id": true}]}),
            json!({"ip_configuration": block(json!({"subnet_id": refers("azurerm_subnet.web.id"),
                "public_ip_address_id": refers("azurerm_public_ip.web.id")}))}),
        ),
        (
            "azurerm_network_interface_security_group_association.x",
            json!({}),
            json!({"network_interface_id": true, "network_security_group_id": true}),
            json!({"network_interface_id": refers("azurerm_network_interface.web.id"),
                "network_security_group_id": refers("azurerm_network_security_group.nic.id")}),
        ),
        (
            "azurerm_network_interface_application_security_group_association.x",
            json!({}),
            json!({"network_interface_id": true, "application_security_group_id": true}),
            json!({"network_interface_id": refers("azurerm_network_interface.web.id"),
                "application_security_group_id": refers("azurerm_application_security_group.web.id")}),
        ),
        (
            "azurerm_private_endpoint.sql",
            named("sql", json!({"ip_configuration": [{"name": "one", "private_ip_address": "10.1.4.4"}]})),
            json!({"id": true, "subnet_id": true}),
            json!({"subnet_id": refers("azurerm_subnet.private.id")}),
        ),
        (
            "azurerm_route_table.rt",
            named(
                "rt",
                json!({"bgp_route_propagation_enabled": false, "route": [{"name": "all",
            "address_prefix": "0.0.0.0/0", "next_hop_type": "VirtualAppliance", "next_hop_in_ip_address": "10.0.0.68"}]}),
            ),
            later(),
            json!({}),
        ),
        (
            "azurerm_subnet_route_table_association.x",
            json!({}),
            json!({"subnet_id": true, "route_table_id": true}),
            json!({"subnet_id": refers("azurerm_subnet.apim.id"), "route_table_id": refers("azurerm_route_table.rt.id")}),
        ),
        (
            "azurerm_virtual_network_gateway.gw",
            named("gw", json!({"type": "Vpn", "ip_configuration": [{"name": "one"}]})),
            json!({"id": true, "enable_bgp": true, "ip_configuration": [{"subnet_id": true}]}),
            json!({"ip_configuration": block(json!({"subnet_id": refers("azurerm_subnet.gw.id")}))}),
        ),
        (
            "azurerm_local_network_gateway.site",
            named("site", json!({"address_space": ["192.168.0.0/16"]})),
            later(),
            json!({}),
        ),
        (
            "azurerm_virtual_network_gateway_connection.link",
            named("link", json!({"type": "IPsec"})),
            json!({"id": true, "enable_bgp": true, "virtual_network_gateway_id": true, "local_network_gateway_id": true}),
            json!({"virtual_network_gateway_id": refers("azurerm_virtual_network_gateway.gw.id"),
                "local_network_gateway_id": refers("azurerm_local_network_gateway.site.id")}),
        ),
    ])
}

const SCENARIO: &str = r#"scenario: The same network
apim: { subnet: apim, mode: external, tier: premium, region: westeurope }
network:
  vnets:
    hub:
      prefixes: [10.0.0.0/16]
      subnets: { firewall: { prefix: 10.0.0.64/26 }, GatewaySubnet: { prefix: 10.0.3.0/27 } }
    spoke:
      prefixes: [10.1.0.0/16]
      subnets:
        apim: { prefix: 10.1.1.0/24, routes: rt, service_endpoints: [Microsoft.Storage, Microsoft.Sql] }
        web: { prefix: 10.1.2.0/24 }
        private: { prefix: 10.1.4.0/24, private_endpoint_policies: Enabled }
  nsgs: { nic-nsg: {} }
  asgs: { web: [] }
  interfaces:
    firewall-1: { subnet: firewall, address: 10.0.0.68, forwards: true }
    web-1: { subnet: web, address: 10.1.2.4, nsg: nic-nsg, asgs: [web], public: true }
  endpoints: { sql: { subnet: private, address: 10.1.4.4 } }
  routes:
    rt: { propagation: false, routes: { all: "0.0.0.0/0 -> VirtualAppliance 10.0.0.68" } }
  gateways: { hub: [192.168.0.0/16] }
  peerings:
    - { from: hub, to: spoke, gateway_transit: true }
    - { from: spoke, to: hub, remote_gateways: true }
expect:
  - { flow: sql-1433, verdict: allowed }
"#;

const WHOLE: &str = "interface firewall-1 nsg none forwards true
  10.0.0.68 in firewall groups [] public false
interface web-1 nsg nic-nsg forwards false
  10.1.2.4 in web groups [web] public true
endpoint sql in private [10.1.4.4]
gateway in hub [192.168.0.0/16]
group web [10.1.2.4/32] possible []
subnet hub/firewall services [] policy false private Disabled
subnet hub/GatewaySubnet services [] policy false private Disabled
subnet spoke/apim services [Microsoft.Sql Microsoft.Storage] policy false private Disabled
subnet spoke/web services [] policy false private Disabled
subnet spoke/private services [] policy false private Enabled
peering hub -> spoke access true forwarded true transit true remote false
peering spoke -> hub access true forwarded true transit false remote true
table rt propagates false";

/// The network of a scenario.
fn scenario(text: &str) -> Network {
    let file = ScenarioFile::read(text, "a.yaml").unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    network(&file, Network::default(), TagSnapshot::builtin())
        .unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

#[test]
fn every_form_says_the_same() {
    let az = azure(|kind, name, properties| answered(kind, name, flat(name, properties)), flat);
    let rest = azure(|kind, name, properties| answered(kind, name, nested(name, properties)), nested);
    let rows = json!({"count": rest.len(), "data": rest, "total_records": rest.len()});
    for (form, document) in [
        ("template", template(&azure(declared, nested))),
        ("az", Value::Array(az)),
        ("REST", json!({"value": rest})),
        ("Resource Graph", rows),
        ("Terraform", terraform()),
    ] {
        let input = input(&document);
        assert_eq!(facts(&input.network).join("\n"), WHOLE, "{form}");
        assert_eq!(codes(&input), "", "{form}");
    }
    assert_eq!(facts(&scenario(SCENARIO)).join("\n"), WHOLE, "scenario");
}

/// Lines of the facts that begin with a word.
fn said(input: &Input, word: &str) -> String {
    let all = facts(&input.network);
    let lines = all.iter().filter(|line| {
        line.trim_start().starts_with(word) || (word == "interface" && line.starts_with("  "))
    });
    lines.map(|line| line.trim()).collect::<Vec<_>>().join("; ")
}

#[test]
fn what_an_interface_does_not_settle_is_open() {
    let one = |configuration: Value| {
        declared("networkInterfaces", "n", json!({"ipConfigurations": [nested("one", configuration)]}))
    };
    let balancer = |front: Value| {
        declared("loadBalancers", "lb", json!({"frontendIPConfigurations": [nested("f", front)]}))
    };
    let pool = "[resourceId('Microsoft.Network/loadBalancers/backendAddressPools', 'lb', 'p')]";
    let behind =
        || one(json!({"privateIPAddress": "10.0.0.4", "loadBalancerBackendAddressPools": [{"id": pool}]}));
    let here = "[resourceId('Microsoft.Network/networkInterfaces', 'n')]";
    let mut doubtful = one(json!({"privateIPAddress": "10.0.0.4"}));
    doubtful["condition"] = "[equals(reference('x').y, 'z')]".into();
    for (resources, expected) in [
        (vec![one(json!({}))], "interface n nsg none forwards false; ? in none groups [] public false"),
        (
            vec![one(
                json!({"privateIPAddress": "10.0.0.4", "applicationSecurityGroups": "[reference('x').y]"}),
            )],
            "interface n nsg none forwards false; 10.0.0.4 in none groups ? public false",
        ),
        // S63: only a public front end makes it public.
        (vec![behind()], "interface n nsg none forwards false; 10.0.0.4 in none groups [] public ?"),
        (
            vec![behind(), balancer(json!({"publicIPAddress": {"id": "x"}}))],
            "interface n nsg none forwards false; 10.0.0.4 in none groups [] public true",
        ),
        (
            vec![behind(), balancer(json!({"subnet": {"id": "x"}}))],
            "interface n nsg none forwards false; 10.0.0.4 in none groups [] public false",
        ),
        // S58: the group names the interface.
        (
            vec![
                one(json!({"privateIPAddress": "10.0.0.4"})),
                declared(
                    "networkSecurityGroups",
                    "g",
                    json!({"securityRules": [], "networkInterfaces": [{"id": here}]}),
                ),
            ],
            "interface n nsg g forwards false; 10.0.0.4 in none groups [] public false",
        ),
        (vec![doubtful], "interface n nsg none forwards false ?; 10.0.0.4 in none groups [] public false"),
        (
            vec![declared("networkInterfaces", "n", json!({"ipConfigurations": "[reference('x').y]"}))],
            "interface n nsg none forwards false ?",
        ),
    ] {
        assert_eq!(said(&input(&template(&resources)), "interface"), expected, "{resources:?}");
    }
}

#[test]
fn members_that_may_not_be_there_are_possible_ones() {
    let web = "[resourceId('Microsoft.Network/applicationSecurityGroups', 'web')]";
    let group = || declared("applicationSecurityGroups", "web", json!({}));
    let space = || {
        declared(
            "virtualNetworks",
            "v",
            json!({"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
            "subnets": [nested("s", json!({"addressPrefix": "10.0.1.0/24"}))]}),
        )
    };
    let subnet = "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'v', 's')]";
    let member = |name: &str, address: Value, condition: Value| {
        let configuration = json!({"privateIPAddress": address, "subnet": {"id": subnet},
            "applicationSecurityGroups": [{"id": web}]});
        let mut one =
            declared("networkInterfaces", name, json!({"ipConfigurations": [nested("one", configuration)]}));
        one["condition"] = condition;
        one
    };
    let endpoint = declared(
        "privateEndpoints",
        "pe",
        json!({"subnet": {"id": subnet},
        "applicationSecurityGroups": [{"id": web}],
        "ipConfigurations": [nested("one", json!({"privateIPAddress": "10.0.1.9"}))]}),
    );
    let open = declared("networkInterfaces", "open", json!({"ipConfigurations": "[reference('x').y]"}));
    let maybe = || json!("[equals(reference('x').y, 'z')]");
    for (resources, expected) in [
        (vec![member("a", json!("10.0.1.4"), json!(true))], "group web [10.0.1.4/32] possible []"),
        (vec![member("a", Value::Null, json!(true))], "group web [] possible [10.0.1.0/24]"),
        (vec![member("a", json!("10.0.1.4"), maybe())], "group web [] possible [10.0.1.4/32]"),
        (vec![member("a", json!("10.0.1.4"), json!(false))], ""),
        (vec![endpoint], "group web [10.0.1.9/32] possible []"),
        // An interface that may be in any group leaves every group open (S50).
        (vec![member("a", json!("10.0.1.4"), json!(true)), open], ""),
    ] {
        let all: Vec<Value> = resources.into_iter().chain([group(), space()]).collect();
        assert_eq!(said(&input(&template(&all)), "group"), expected);
    }
}

#[test]
fn the_address_of_an_endpoint_stands_in_one_of_three_places() {
    let nic = |more: Value| {
        let mut properties =
            json!({"ipConfigurations": [nested("one", json!({"privateIPAddress": "10.1.4.7"}))]});
        for (key, value) in more.as_object().unwrap() {
            properties[key] = value.clone();
        }
        answered("networkInterfaces", "sql.nic", nested("sql.nic", properties))
    };
    let endpoint = |more: Value| {
        let mut properties = json!({"subnet": to("virtualNetworks/v/subnets/s")});
        for (key, value) in more.as_object().unwrap() {
            properties[key] = value.clone();
        }
        answered("privateEndpoints", "sql", nested("sql", properties))
    };
    let own = json!({"networkInterfaces": [to("networkInterfaces/sql.nic")]});
    for (resources, expected) in [
        (
            vec![endpoint(
                json!({"ipConfigurations": [nested("a", json!({"privateIPAddress": "10.1.4.5"}))]}),
            )],
            "[10.1.4.5]",
        ),
        (
            vec![endpoint(
                json!({"customDnsConfigs": [{"fqdn": "a", "ipAddresses": ["10.1.4.6"]}, {"fqdn": "b", "ipAddresses": ["10.1.4.8"]}]}),
            )],
            "[10.1.4.6 10.1.4.8]",
        ),
        (vec![endpoint(own.clone()), nic(json!({}))], "[10.1.4.7]"),
        (
            vec![endpoint(own.clone()), nic(json!({"privateEndpoint": to("privateEndpoints/sql")}))],
            "[10.1.4.7]",
        ),
        (vec![endpoint(own)], "?"),
        (vec![endpoint(json!({}))], "?"),
    ] {
        let input = input(&Value::Array(resources));
        assert_eq!(said(&input, "endpoint"), format!("endpoint sql in s {expected}"));
        // Its interface is the endpoint.
        assert_eq!(input.network.interfaces.len(), 0);
        if let Some(gap) = input.network.private_endpoints[0].addresses.gap() {
            assert!(gap.origin().is_some());
        }
    }
}

#[test]
fn the_prefixes_behind_a_gateway_are_known_where_nothing_is_learned() {
    let gateway = |more: Value| {
        let mut properties = json!({"gatewayType": "Vpn", "ipConfigurations": [
            nested("one", json!({"subnet": to("virtualNetworks/hub/subnets/GatewaySubnet")}))]});
        for (key, value) in more.as_object().unwrap() {
            properties[key] = value.clone();
        }
        answered("virtualNetworkGateways", "gw", nested("gw", properties))
    };
    let link = |name: &str, site: &str, more: Value| {
        let mut properties = json!({"virtualNetworkGateway1": to("virtualNetworkGateways/gw"),
            "localNetworkGateway2": to(&format!("localNetworkGateways/{site}"))});
        for (key, value) in more.as_object().unwrap() {
            properties[key] = value.clone();
        }
        answered("connections", name, nested(name, properties))
    };
    let site = |name: &str, prefix: &str| {
        let properties = json!({"localNetworkAddressSpace": {"addressPrefixes": [prefix]}});
        answered("localNetworkGateways", name, nested(name, properties))
    };
    let none = || json!({});
    let clients =
        json!({"vpnClientConfiguration": {"vpnClientAddressPool": {"addressPrefixes": ["172.20.0.0/24"]}}});
    for (resources, expected) in [
        (vec![gateway(none()), link("a", "one", none()), site("one", "192.168.0.0/16")], "[192.168.0.0/16]"),
        (
            vec![gateway(clients), link("a", "one", none()), site("one", "192.168.0.0/16")],
            "[172.20.0.0/24 192.168.0.0/16]",
        ),
        (
            vec![
                gateway(none()),
                link("a", "one", none()),
                site("one", "192.168.0.0/24"),
                link("b", "two", none()),
                site("two", "192.168.1.0/24"),
            ],
            "[192.168.0.0/24 192.168.1.0/24]",
        ),
        // One of two local networks is not shown.
        (
            vec![
                gateway(none()),
                link("a", "one", none()),
                site("one", "192.168.0.0/24"),
                link("b", "two", none()),
            ],
            "?",
        ),
        (vec![gateway(none())], "?"),
        (
            vec![
                gateway(json!({"enableBgp": true})),
                link("a", "one", none()),
                site("one", "192.168.0.0/16"),
            ],
            "?",
        ),
        (
            vec![
                gateway(none()),
                link("a", "one", json!({"enableBgp": true})),
                site("one", "192.168.0.0/16"),
            ],
            "?",
        ),
        (
            vec![
                gateway(json!({"gatewayType": "ExpressRoute"})),
                link("a", "one", none()),
                site("one", "192.168.0.0/16"),
            ],
            "?",
        ),
        (vec![gateway(none()), link("a", "one", json!({"localNetworkGateway2": null}))], "?"),
        (
            vec![
                gateway(none()),
                link("a", "one", json!({"virtualNetworkGateway1": null})),
                site("one", "192.168.0.0/16"),
            ],
            "?",
        ),
    ] {
        let input = input(&Value::Array(resources.clone()));
        assert_eq!(said(&input, "gateway"), format!("gateway in hub {expected}"), "{resources:?}");
        if let Some(gap) = input.network.gateways[0].prefixes.gap() {
            assert_eq!(gap.supply(), Some("--peer-prefix PREFIX"));
            assert!(gap.origin().is_some());
        }
    }
}

#[test]
fn switches_that_are_left_out_are_azures_default_and_open_ones_are_open() {
    let subnet = |more: Value| {
        let mut properties = json!({"addressPrefix": "10.0.1.0/24"});
        for (key, value) in more.as_object().unwrap() {
            properties[key] = value.clone();
        }
        declared("virtualNetworks/subnets", "v/s", properties)
    };
    let peering = |more: Value| {
        let mut properties = json!({"remoteVirtualNetwork": {"id": id("virtualNetworks/hub")}, "allowVirtualNetworkAccess": true});
        for (key, value) in more.as_object().unwrap() {
            properties[key] = value.clone();
        }
        declared("virtualNetworks/virtualNetworkPeerings", "v/p", properties)
    };
    let table = |properties: Value| declared("routeTables", "t", properties);
    for (resource, word, expected, found) in [
        (subnet(json!({})), "subnet", "subnet v/s services [] policy false private Disabled", ""),
        (
            subnet(
                json!({"serviceEndpointPolicies": [{"id": "x"}], "privateEndpointNetworkPolicies": "networksecuritygroupenabled"}),
            ),
            "subnet",
            "subnet v/s services [] policy true private NetworkSecurityGroupEnabled",
            "",
        ),
        (
            subnet(json!({"serviceEndpoints": "[reference('x').y]", "privateEndpointNetworkPolicies": "On"})),
            "subnet",
            "subnet v/s services ? policy false private ?",
            "word-value",
        ),
        (
            peering(json!({})),
            "peering",
            "peering v -> hub access true forwarded false transit false remote false",
            "",
        ),
        (
            peering(
                json!({"allowForwardedTraffic": "[reference('x').y]", "useRemoteGateways": true, "allowGatewayTransit": 1}),
            ),
            "peering",
            "peering v -> hub access true forwarded ? transit ? remote true",
            "wrong-type",
        ),
        (table(json!({})), "table", "table t propagates true", ""),
        (table(json!({"disableBgpRoutePropagation": true})), "table", "table t propagates false", ""),
        (
            table(json!({"disableBgpRoutePropagation": "[reference('x').y]"})),
            "table",
            "table t propagates ?",
            "",
        ),
    ] {
        let input = input(&template(&[resource]));
        assert_eq!(said(&input, word), expected);
        assert_eq!(codes(&input), found, "{expected}");
    }
}

/// Attributes of Terraform, by generation of the provider.
#[test]
fn terraform_says_it_in_the_words_of_every_generation() {
    let nic =
        |values: Value, later: Value| ("azurerm_network_interface.n", named("n", values), later, json!({}));
    let address = json!([{"name": "one", "private_ip_address": "10.0.0.4"}]);
    let tf_peering = |values: Value, later: Value| {
        let mut values = named("p", values);
        values["virtual_network_name"] = "v".into();
        values["remote_virtual_network_id"] = id("virtualNetworks/hub").into();
        values["allow_virtual_network_access"] = true.into();
        ("azurerm_virtual_network_peering.p", values, later, json!({}))
    };
    let tf_subnet = |values: Value| {
        let mut values = named("s", values);
        values["virtual_network_name"] = "v".into();
        values["address_prefixes"] = json!(["10.0.1.0/24"]);
        ("azurerm_subnet.s", values, json!({"id": true}), json!({}))
    };
    let open = json!({"id": true});
    let balancer = |front: Value| {
        let values = json!({"frontend_ip_configuration": [front]});
        ("azurerm_lb.lb", named("lb", values), json!({"id": true}), json!({}))
    };
    let pool = (
        "azurerm_lb_backend_address_pool.p",
        json!({"name": "p"}),
        json!({"id": true, "loadbalancer_id": true}),
        json!({"loadbalancer_id": refers("azurerm_lb.lb.id")}),
    );
    let in_pool = (
        "azurerm_network_interface_backend_address_pool_association.x",
        json!({"ip_configuration_name": "one"}),
        json!({"network_interface_id": true, "backend_address_pool_id": true}),
        json!({"network_interface_id": refers("azurerm_network_interface.n.id"),
            "backend_address_pool_id": refers("azurerm_lb_backend_address_pool.p.id")}),
    );
    let two = json!([{"name": "one", "private_ip_address": "10.0.0.4"}, {"name": "two", "private_ip_address": "10.0.0.5"}]);
    for (resources, word, expected) in [
        (
            vec![nic(json!({"enable_ip_forwarding": true, "ip_configuration": address}), open.clone())],
            "interface",
            "interface n nsg none forwards true; 10.0.0.4 in none groups [] public false",
        ),
        (
            vec![nic(json!({"ip_forwarding_enabled": true, "ip_configuration": address}), open.clone())],
            "interface",
            "interface n nsg none forwards true; 10.0.0.4 in none groups [] public false",
        ),
        (
            vec![nic(
                json!({"ip_configuration": [{"name": "one"}]}),
                json!({"ip_configuration": [{"private_ip_address": true}]}),
            )],
            "interface",
            "interface n nsg none forwards false; ? in none groups [] public false",
        ),
        (
            vec![
                nic(json!({"ip_configuration": two}), open.clone()),
                balancer(json!({"name": "f", "public_ip_address_id": id("publicIPAddresses/x")})),
                pool.clone(),
                in_pool.clone(),
            ],
            "interface",
            "interface n nsg none forwards false; 10.0.0.4 in none groups [] public true; 10.0.0.5 in none groups [] public false",
        ),
        (
            vec![
                nic(json!({"ip_configuration": address}), open.clone()),
                balancer(json!({"name": "f", "subnet_id": "x"})),
                pool,
                in_pool,
            ],
            "interface",
            "interface n nsg none forwards false; 10.0.0.4 in none groups [] public false",
        ),
        (
            vec![(
                "azurerm_private_endpoint.e",
                named(
                    "e",
                    json!({"subnet_id": id("virtualNetworks/v/subnets/s"),
                "private_service_connection": [{"name": "c", "private_ip_address": "10.0.1.9"}]}),
                ),
                json!({}),
                json!({}),
            )],
            "endpoint",
            "endpoint e in s [10.0.1.9]",
        ),
        (
            vec![(
                "azurerm_private_endpoint.e",
                named(
                    "e",
                    json!({"subnet_id": id("virtualNetworks/v/subnets/s"),
                "private_service_connection": [{"name": "c"}]}),
                ),
                json!({"private_service_connection": [{"private_ip_address": true}]}),
                json!({}),
            )],
            "endpoint",
            "endpoint e in s ?",
        ),
        // What the provider fills in is off.
        (
            vec![tf_peering(
                json!({}),
                json!({"allow_forwarded_traffic": true, "use_remote_gateways": true}),
            )],
            "peering",
            "peering v -> hub access true forwarded false transit false remote false",
        ),
        (
            vec![tf_peering(
                json!({"allow_forwarded_traffic": true, "use_remote_gateways": true}),
                json!({}),
            )],
            "peering",
            "peering v -> hub access true forwarded true transit false remote true",
        ),
        // T38: the two words have opposite senses.
        (
            vec![(
                "azurerm_route_table.t",
                named("t", json!({"disable_bgp_route_propagation": true})),
                json!({}),
                json!({}),
            )],
            "table",
            "table t propagates false",
        ),
        (
            vec![(
                "azurerm_route_table.t",
                named("t", json!({"bgp_route_propagation_enabled": false})),
                json!({}),
                json!({}),
            )],
            "table",
            "table t propagates false",
        ),
        (
            vec![tf_subnet(
                json!({"service_endpoint": [{"service": "Microsoft.Storage.Global"}], "service_endpoint_policy_ids": ["x"],
                "enforce_private_link_endpoint_network_policies": false}),
            )],
            "subnet",
            "subnet v/s services [Microsoft.Storage.Global] policy true private Enabled",
        ),
        (
            vec![tf_subnet(json!({"private_endpoint_network_policies_enabled": false}))],
            "subnet",
            "subnet v/s services [] policy false private Disabled",
        ),
    ] {
        assert_eq!(said(&input(&plan(&resources)), word), expected, "{resources:?}");
    }
}

#[test]
fn azapi_is_azures_own_form() {
    let body = json!({"properties": {"enableIPForwarding": true, "ipConfigurations": [
        nested("one", json!({"privateIPAddress": "10.0.0.4"}))]}});
    let values = json!({"type": "Microsoft.Network/networkInterfaces@2024-05-01", "name": "n",
        "parent_id": "/subscriptions/s/resourceGroups/g", "body": body});
    let read = input(&plan(&[("azapi_resource.n", values, json!({"id": true}), json!({}))]));
    assert_eq!(
        said(&read, "interface"),
        "interface n nsg none forwards true; 10.0.0.4 in none groups [] public false"
    );
}

/// What a scenario leaves out, and what it changes of what it was given.
#[test]
fn scenarios_state_each_side_of_a_peering() {
    let peerings = |items: &str| {
        let text = format!(
            "scenario: a\nnetwork:\n  vnets: {{ a: {{ prefixes: [10.0.0.0/16] }}, b: {{ prefixes: [10.1.0.0/16] }} }}\n  peerings: {items}\nexpect: [{{ finding: unknown-peer }}]\n"
        );
        let lines = facts(&scenario(&text));
        lines.iter().map(|line| line.trim_start_matches("peering ").to_owned()).collect::<Vec<_>>().join("; ")
    };
    for (items, expected) in [
        (
            "[[a, b]]",
            "a -> b access true forwarded true transit false remote false; b -> a access true forwarded true transit false remote false",
        ),
        (
            "[{ from: a, to: b, access: false, forwarded: false, gateway_transit: true, remote_gateways: true }]",
            "a -> b access false forwarded false transit true remote true; b -> a access false forwarded false transit false remote false",
        ),
        (
            "[{ from: a, to: b, one_way: true }]",
            "a -> b access true forwarded true transit false remote false",
        ),
        (
            "[{ from: a, to: b, gateway_transit: true }, { from: B, to: A, remote_gateways: true }]",
            "a -> b access true forwarded true transit true remote false; b -> a access true forwarded true transit false remote true",
        ),
        ("[{ from: a, to: 10.9.0.0/16 }]", "a -> 16 access true forwarded true transit false remote false"),
    ] {
        assert_eq!(peerings(items), expected, "{items}");
    }
}

#[test]
fn a_scenario_changes_what_its_input_holds() {
    let resources = azure(declared, nested);
    let base = input(&template(&resources)).network;
    let text = r"scenario: a
input: main.json
network:
  asgs: { web: [10.1.2.9] }
  interfaces: { web-1: { address: [10.1.2.5, 10.1.2.6], public: false }, web-2: { subnet: web, asgs: [web] } }
  endpoints: { sql: { address: [10.1.4.5, 10.1.4.6] } }
  gateways: { hub: unknown, spoke: [172.16.0.0/12] }
  routes: { rt: { propagation: true, routes: {} } }
expect: [{ finding: unknown-peer }]
";
    let file = ScenarioFile::read(text, "a.yaml").unwrap();
    let changed = network(&file, base, TagSnapshot::builtin()).unwrap();
    let wanted = ["interface", "  ", "endpoint", "gateway", "group", "table"];
    let lines = facts(&changed);
    let lines: Vec<&str> = lines
        .iter()
        .map(String::as_str)
        .filter(|line| wanted.iter().any(|word| line.starts_with(word)))
        .collect();
    assert_eq!(
        lines.join("\n"),
        "interface firewall-1 nsg none forwards true
  10.0.0.68 in firewall groups [] public false
interface web-1 nsg nic-nsg forwards false
  10.1.2.5 in web groups [web] public false
  10.1.2.6 in web groups [web] public false
interface web-2 nsg none forwards false
  ? in web groups [web] public false
endpoint sql in private [10.1.4.5 10.1.4.6]
gateway in hub ?
gateway in spoke [172.16.0.0/12]
group web [10.1.2.5/32 10.1.2.6/32 10.1.2.9/32] possible [10.1.2.0/24]
table rt propagates true"
    );
    // The subnet still refers to the table.
    let apim = changed.subnets_named("apim")[0];
    assert!(changed.route_table_of(apim).known().is_some_and(Option::is_some));
}

/// Whatever is open is told with its place.
#[test]
fn the_survey_counts_and_tells_what_is_open() {
    let whole = input(&template(&azure(declared, nested))).network;
    let counts = whole.counts();
    assert_eq!(
        (counts.interfaces, counts.private_endpoints, counts.gateways, counts.application_groups),
        (2, 1, 1, 1)
    );
    let open = json!("[reference('x').y]");
    let one = |name: &str, properties: Value| declared("networkInterfaces", name, properties);
    for resource in [
        one("n", json!({"ipConfigurations": [nested("one", json!({}))]})),
        one("n", json!({"enableIPForwarding": open, "ipConfigurations": []})),
        one("n", json!({"networkSecurityGroup": {"id": id("networkSecurityGroups/elsewhere")}})),
        declared(
            "privateEndpoints",
            "e",
            json!({"subnet": {"id": id("virtualNetworks/v/subnets/s")}, "customDnsConfigs": [{"ipAddresses": ["10.0.0.4"]}]}),
        ),
        declared(
            "virtualNetworkGateways",
            "g",
            json!({"ipConfigurations": [nested("one", json!({"subnet": {"id": id("virtualNetworks/v/subnets/s")}}))]}),
        ),
        declared("routeTables", "t", json!({"disableBgpRoutePropagation": open})),
        declared(
            "routeTables",
            "t",
            json!({"routes": [nested("r", json!({"addressPrefix": "10.0.0.0/8", "nextHopType": "VirtualAppliance", "nextHopIpAddress": open}))]}),
        ),
        declared(
            "virtualNetworks/subnets",
            "v/s",
            json!({"addressPrefix": "10.0.0.0/24", "privateEndpointNetworkPolicies": open}),
        ),
    ] {
        let gaps = input(&template(&[resource.clone()])).network.unknowns();
        assert_eq!(gaps.len(), 1, "{resource}: {gaps:?}");
        assert!(gaps[0].origin().is_some(), "{gaps:?}");
    }
}
