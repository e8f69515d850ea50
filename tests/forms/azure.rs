//! What Azure's own words leave open, and what they add up to.

use super::same::azure;
use super::*;

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

/// S63: an address of the Basic SKU, which is also one without a SKU, may be open where no group is.
#[test]
fn a_front_end_of_the_basic_sku_may_be_open() {
    let address = |sku: &Value| {
        let mut one = declared("publicIPAddresses", "ip", json!({}));
        one["sku"] = sku.clone();
        one
    };
    let balancer = |key: &str, target: &str| {
        let front = nested("f", json!({key: to(target)}));
        by_name(&declared("loadBalancers", "lb", json!({"frontendIPConfigurations": [front]})))
    };
    let nic = |key: &str, target: Value| {
        let one = nested("one", json!({"privateIPAddress": "10.0.0.4", key: target}));
        by_name(&declared("networkInterfaces", "n", json!({"ipConfigurations": [one]})))
    };
    let straight = || vec![nic("publicIPAddress", to("publicIPAddresses/ip"))];
    let behind = || {
        let pool = json!([to("loadBalancers/lb/backendAddressPools/p")]);
        vec![
            balancer("publicIPAddress", "publicIPAddresses/ip"),
            nic("loadBalancerBackendAddressPools", pool),
        ]
    };
    for (sku, open) in [
        (json!({"name": "Basic"}), " open"),
        (json!({"name": "basic", "tier": "Regional"}), " open"),
        (Value::Null, " open"),
        (json!({"name": "[parameters('sku')]"}), " open"),
        (json!({"name": "Standard"}), ""),
        (json!({"name": "StandardV2"}), ""),
    ] {
        for mut resources in [straight(), behind()] {
            resources.push(address(&sku));
            let said = said(&input(&template(&resources)), "interface");
            let expected = format!("; 10.0.0.4 in none groups [] public true{open}");
            assert!(said.ends_with(&expected), "{sku}: {said}");
        }
    }
    // Nothing is said of an address that is elsewhere.
    let elsewhere = said(&input(&template(&straight())), "interface");
    assert!(elsewhere.ends_with("public true"), "{elsewhere}");
}

#[test]
fn of_two_declarations_of_an_interface_neither_is_believed() {
    let one = |address: &str| {
        let properties = json!({"ipConfigurations": [nested("one", json!({"privateIPAddress": address}))]});
        answered("networkInterfaces", "n", nested("n", properties))
    };
    // As `az resource list` shows it.
    let bare =
        json!({"id": id("networkInterfaces/n"), "type": "Microsoft.Network/networkInterfaces", "name": "n"});
    for (resources, expected, found) in [
        (vec![one("10.0.0.4"), one("10.0.0.4")], "; 10.0.0.4 in none groups [] public false", ""),
        (
            vec![one("10.0.0.4"), one("10.0.0.5")],
            " ?; 10.0.0.5 in none groups [] public false; 10.0.0.4 in none groups [] public false",
            "duplicate-resource",
        ),
        (vec![bare.clone(), one("10.0.0.4")], "; 10.0.0.4 in none groups [] public false", ""),
        (vec![one("10.0.0.4"), bare.clone()], "; 10.0.0.4 in none groups [] public false", ""),
    ] {
        let input = input(&Value::Array(resources));
        assert_eq!(said(&input, "interface"), format!("interface n nsg none forwards false{expected}"));
        assert_eq!(codes(&input), found, "{expected}");
    }
    assert_eq!(said(&input(&bare), "interface"), "interface n nsg ? forwards ? ?");
    let with = |key: &str, value: Value| {
        let properties = json!({"ipConfigurations": [], key: value});
        answered("networkInterfaces", "n", nested("n", properties))
    };
    let group = |name: &str| with("networkSecurityGroup", to(&format!("networkSecurityGroups/{name}")));
    let forwards = |value: bool| with("enableIPForwarding", json!(value));
    for (first, second, expected) in [
        (group("x"), group("X"), "nsg X forwards false"),
        (group("x"), group("y"), "nsg ? forwards false ?"),
        (forwards(true), forwards(false), "nsg none forwards ? ?"),
    ] {
        let said = said(&input(&json!([first, second])), "interface");
        assert_eq!(said, format!("interface n {expected}"));
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
        let properties = with(
            json!({"ipConfigurations": [nested("one", json!({"privateIPAddress": "10.1.4.7"}))]}),
            &more,
        );
        answered("networkInterfaces", "sql.nic", nested("sql.nic", properties))
    };
    let endpoint = |more: Value| {
        let properties = with(json!({"subnet": to("virtualNetworks/v/subnets/s")}), &more);
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
        let properties = with(
            json!({"gatewayType": "Vpn", "ipConfigurations": [
            nested("one", json!({"subnet": to("virtualNetworks/hub/subnets/GatewaySubnet")}))]}),
            &more,
        );
        answered("virtualNetworkGateways", "gw", nested("gw", properties))
    };
    let link = |name: &str, site: &str, more: Value| {
        let properties = with(
            json!({"virtualNetworkGateway1": to("virtualNetworkGateways/gw"),
            "localNetworkGateway2": to(&format!("localNetworkGateways/{site}"))}),
            &more,
        );
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
        let properties = with(json!({"addressPrefix": "10.0.1.0/24"}), &more);
        declared("virtualNetworks/subnets", "v/s", properties)
    };
    let peering = |more: Value| {
        let properties = with(
            json!({"remoteVirtualNetwork": {"id": id("virtualNetworks/hub")}, "allowVirtualNetworkAccess": true}),
            &more,
        );
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

/// Whatever is open is told with its place.
#[test]
fn the_survey_counts_and_tells_what_is_open() {
    let whole = input(&by_name(&template(&azure(declared, nested)))).network;
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
        let mut gaps = input(&template(std::slice::from_ref(&resource))).network.unknowns();
        // A subnet alone lacks its network too.
        gaps.retain(|gap| !gap.missing().starts_with("the virtual network"));
        assert_eq!(gaps.len(), 1, "{resource}: {gaps:?}");
        assert!(gaps[0].origin().is_some(), "{gaps:?}");
    }
}
