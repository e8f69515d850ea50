//! One resource in several files: what they say differently is unknown, in whatever order they are named.

use super::{Input, ReadOptions, codes, read, summary};
use serde_json::{Value, json};

const NETWORK: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network";
const VNET: &str = "Microsoft.Network/virtualNetworks";
const SUBNET: &str = "Microsoft.Network/virtualNetworks/subnets";
const APIM: &str = "Microsoft.ApiManagement/service";

/// What Azure answers about a resource; `name` is a path below the provider.
fn answer(kind: &str, name: &str, properties: &Value) -> Value {
    let provider = NETWORK.rsplit_once('/').map_or("", |(head, _)| head);
    let (namespace, _) = kind.split_once('/').unwrap_or_default();
    let short = name.rsplit('/').next();
    json!({"id": format!("{provider}/{namespace}/{name}"), "type": kind, "name": short,
        "location": "westeurope", "properties": properties})
}

/// As `az resource list` shows it.
fn bare(kind: &str, name: &str) -> Value {
    let mut one = answer(kind, name, &Value::Null);
    one.as_object_mut().map(|object| object.remove("properties"));
    one
}

fn join(files: &[&Value]) -> Input {
    let read_one = |(index, file): (usize, &&Value)| {
        read(file.to_string().as_bytes(), &format!("{index}.json"), &ReadOptions::default()).unwrap()
    };
    Input::join_all(files.iter().enumerate().map(read_one).collect()).unwrap()
}

/// Reads two files in both orders; the lines and codes must be the same.
fn both_orders(one: &Value, other: &Value) -> (String, String) {
    let said = |files: &[&Value]| {
        let input = join(files);
        (summary(&input.network).join("; "), codes(&input))
    };
    let (forth, back) = (said(&[one, other]), said(&[other, one]));
    assert_eq!(forth, back, "{one} and {other}");
    forth
}

fn group(name: &str) -> Value {
    json!({"id": format!("{NETWORK}/networkSecurityGroups/{name}")})
}

fn subnet(properties: &Value) -> Value {
    answer(SUBNET, "virtualNetworks/v/subnets/s", properties)
}

#[test]
fn a_subnet() {
    let prefix = || json!({"addressPrefix": "10.0.0.0/24"});
    let with = |key: &str, value: Value| {
        let mut properties = prefix();
        properties[key] = value;
        properties
    };
    let x = || with("networkSecurityGroup", group("x"));
    let null = with("networkSecurityGroup", Value::Null);
    let whole = with("provisioningState", json!("Succeeded"));
    for (one, other, expected, found) in [
        (x(), with("networkSecurityGroup", group("x")), "10.0.0.0/24 nsg x", ""),
        (x(), with("networkSecurityGroup", group("y")), "10.0.0.0/24 nsg ?", "duplicate-resource"),
        (x(), null, "10.0.0.0/24 nsg ?", "duplicate-resource"),
        (x(), whole, "10.0.0.0/24 nsg ?", "duplicate-resource"),
        // Some columns of it complete the other file.
        (x(), prefix(), "10.0.0.0/24 nsg x", ""),
        (x(), json!({"addressPrefix": "10.0.1.0/24"}), "? nsg x", "duplicate-resource"),
        (x(), json!({"networkSecurityGroup": group("x")}), "10.0.0.0/24 nsg x", ""),
    ] {
        let (lines, codes) = both_orders(&subnet(&one), &subnet(&other));
        assert_eq!((&*lines, &*codes), (&*format!("subnet v/s {expected} routes none"), found), "{other}");
    }
    let (lines, codes) = both_orders(&subnet(&x()), &bare(SUBNET, "virtualNetworks/v/subnets/s"));
    assert_eq!((&*lines, &*codes), ("subnet v/s 10.0.0.0/24 nsg x routes none", ""));
    let three = [&subnet(&x()), &subnet(&with("networkSecurityGroup", group("y"))), &subnet(&x())];
    let gap = join(&three).network.subnets[0].security_group.gap().cloned().unwrap();
    assert!(gap.missing().contains("0.json:1 and 1.json:1 differ"), "{gap}");
}

/// A template of one resource that attaches nothing, against one that does.
#[test]
fn a_subnet_that_a_template_declares_without_a_group_has_none_there() {
    let template = |properties: Value| {
        json!({"$schema": "https://x/deploymentTemplate.json#", "contentVersion": "1.0.0.0", "resources": [
            {"type": SUBNET, "apiVersion": "2023-09-01", "name": "v/s", "properties": properties}]})
    };
    let silent = template(json!({"addressPrefix": "10.0.0.0/24"}));
    let id = format!("[resourceId('Microsoft.Network/networkSecurityGroups', '{}')]", "x");
    let named = template(json!({"addressPrefix": "10.0.0.0/24", "networkSecurityGroup": {"id": id}}));
    let (lines, codes) = both_orders(&silent, &named);
    assert_eq!((&*lines, &*codes), ("subnet v/s 10.0.0.0/24 nsg ? routes none", "duplicate-resource"));
}

#[test]
fn a_network_and_its_peerings() {
    let space = |prefix: &str| json!({"addressSpace": {"addressPrefixes": [prefix]}});
    let peered = |access: bool| {
        let remote = json!({"id": format!("{NETWORK}/virtualNetworks/w")});
        let peering = json!({"name": "p", "properties":
            {"allowVirtualNetworkAccess": access, "remoteVirtualNetwork": remote}});
        json!({"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "virtualNetworkPeerings": [peering]})
    };
    let network = |properties: &Value| answer(VNET, "virtualNetworks/v", properties);
    for (one, other, expected, found) in [
        (network(&space("10.0.0.0/16")), network(&space("10.0.0.0/16")), "vnet v 10.0.0.0/16", ""),
        (network(&space("10.0.0.0/16")), network(&space("10.1.0.0/16")), "vnet v ?", "duplicate-resource"),
        (network(&space("10.0.0.0/16")), bare(VNET, "virtualNetworks/v"), "vnet v 10.0.0.0/16", ""),
        (
            network(&peered(true)),
            network(&space("10.0.0.0/16")),
            "vnet v 10.0.0.0/16; peering p -> w  true -",
            "unknown-reference",
        ),
        (
            network(&peered(true)),
            network(&peered(false)),
            "vnet v 10.0.0.0/16; peering p -> w  ? -",
            "duplicate-resource unknown-reference",
        ),
    ] {
        let (lines, codes) = both_orders(&one, &other);
        let codes = codes.replace("unknown-reference", "").trim().to_owned();
        let found = found.replace("unknown-reference", "").trim().to_owned();
        assert_eq!((&*lines, codes), (expected, found), "{other}");
    }
}

#[test]
fn an_instance() {
    let one = |tier: &str, properties: Value| {
        let mut one = answer(APIM, "service/a", &properties);
        one["sku"] = json!({"name": tier, "capacity": 1});
        one
    };
    let inside = |kind: &str, subnet: &str| {
        let id = format!("{NETWORK}/virtualNetworks/v/subnets/{subnet}");
        json!({"virtualNetworkType": kind, "virtualNetworkConfiguration": {"subnetResourceId": id}})
    };
    let added = |region: &str| {
        let mut properties = inside("Internal", "s");
        properties["additionalLocations"] = json!([{"location": region}]);
        properties
    };
    let first = || one("Premium", inside("Internal", "s"));
    let line = |said: &str| format!("apim a {said} x1");
    for (other, expected, found) in [
        (first(), "Premium internal westeurope s", ""),
        (one("Developer", inside("Internal", "s")), "? internal westeurope s", "duplicate-resource"),
        (one("Premium", inside("External", "s")), "Premium ? westeurope s", "duplicate-resource"),
        (one("Premium", inside("Internal", "t")), "Premium internal westeurope ?", "duplicate-resource"),
        (one("Premium", added("northeurope")), "Premium internal westeurope s", "duplicate-resource"),
        (bare(APIM, "service/a"), "Premium internal westeurope s", ""),
    ] {
        assert_eq!(both_orders(&first(), &other), (line(expected), found.to_owned()), "{other}");
    }
    let joined = join(&[&first(), &one("Premium", added("northeurope"))]);
    assert!(joined.network.instances[0].added_gap.is_some(), "another location may be there");
}

#[test]
fn a_rule_of_its_own() {
    let rule = |access: &str| {
        answer(
            "Microsoft.Network/networkSecurityGroups/securityRules",
            "networkSecurityGroups/g/securityRules/r",
            &json!({"priority": 100, "direction": "Inbound", "access": access, "protocol": "Tcp",
                "sourceAddressPrefix": "*", "sourcePortRange": "*",
                "destinationAddressPrefix": "*", "destinationPortRange": "443"}),
        )
    };
    let doubts = |one: &Value, other: &Value| {
        let input = join(&[one, other]);
        let rules: Vec<bool> =
            input.network.security_groups[0].rules.custom().map(|rule| rule.doubt.is_some()).collect();
        (rules.contains(&true), rules.contains(&false), codes(&input).contains("duplicate-resource"))
    };
    assert_eq!(doubts(&rule("Allow"), &rule("Deny")), (true, false, true));
    assert_eq!(doubts(&rule("Deny"), &rule("Allow")), (true, false, true));
    assert!(!doubts(&rule("Deny"), &rule("Deny")).0);
}

#[test]
fn gateways_and_private_endpoints() {
    let subnet = |network: &str| json!({"id": format!("{NETWORK}/virtualNetworks/{network}/subnets/s")});
    let gateway = |network: &str| {
        let configuration = json!({"name": "c", "properties": {"subnet": subnet(network)}});
        let properties = json!({"gatewayType": "Vpn", "ipConfigurations": [configuration]});
        answer("Microsoft.Network/virtualNetworkGateways", "virtualNetworkGateways/g", &properties)
    };
    let endpoint = |address: &str| {
        let configuration = json!({"name": "c", "properties": {"privateIPAddress": address}});
        let properties = json!({"subnet": subnet("v"), "ipConfigurations": [configuration]});
        answer("Microsoft.Network/privateEndpoints", "privateEndpoints/e", &properties)
    };
    for (one, other, found) in [
        (gateway("v"), gateway("v"), ""),
        (gateway("v"), gateway("w"), "duplicate-resource"),
        (endpoint("10.0.0.4"), endpoint("10.0.0.4"), ""),
        (endpoint("10.0.0.4"), endpoint("10.0.0.5"), "duplicate-resource"),
        (endpoint("10.0.0.4"), bare("Microsoft.Network/privateEndpoints", "privateEndpoints/e"), ""),
    ] {
        assert_eq!(both_orders(&one, &other).1, found, "{other}");
        let network = join(&[&one, &other]).network;
        let gateway = network.gateways.iter().map(|gateway| gateway.network.known().is_some());
        let endpoint = network.private_endpoints.iter().map(|endpoint| endpoint.addresses.known().is_some());
        let known: Vec<bool> = gateway.chain(endpoint).collect();
        assert_eq!(known, [found.is_empty()], "{one} and {other}");
    }
}

/// Groups and tables that an answer only names are told by the other file.
#[test]
fn what_shows_a_name_alone_is_no_conflict() {
    for (kind, name, list) in [
        ("Microsoft.Network/networkSecurityGroups", "networkSecurityGroups/g", "securityRules"),
        ("Microsoft.Network/routeTables", "routeTables/t", "routes"),
    ] {
        let shown = answer(kind, name, &json!({list: []}));
        let alone = summary(&join(&[&shown]).network).join("; ");
        assert_eq!(both_orders(&shown, &bare(kind, name)), (alone, String::new()), "{kind}");
    }
}
