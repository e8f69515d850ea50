//! Attributes of every generation of the provider, and azapi.

use super::*;
use crate::model::Fact;
use crate::sources::Resource;

fn of<'i>(input: &'i Input, kind: &str) -> &'i Resource {
    input.resources.iter().find(|resource| resource.kind.ends_with(kind)).unwrap()
}

/// What a key of Azure says after translation, as text.
fn said(address: &str, values: &Value, kind: &str, key: &str) -> String {
    let mut values = values.clone();
    values["name"] = "x".into();
    values["resource_group_name"] = "rg".into();
    let input = input(&plan(&[(address, values, json!({"id": true}))], &json!({})));
    let body = &of(&input, kind).body;
    body.get(key).map_or_else(|| "-".to_owned(), text)
}

fn text(node: &crate::sources::json::Node) -> String {
    match node.kind() {
        crate::sources::json::Kind::Bool(value) => value.to_string(),
        crate::sources::json::Kind::Number(number) => number.to_string(),
        crate::sources::json::Kind::Array(_) => {
            format!("[{}]", node.items().iter().map(text).collect::<Vec<_>>().join(" "))
        }
        crate::sources::json::Kind::Object(_) => {
            let entry = |(key, value): &(std::sync::Arc<str>, _)| format!("{key}={}", text(value));
            node.entries().iter().map(entry).collect::<Vec<_>>().join(",")
        }
        _ => node.join_text().unwrap_or_default().into_owned(),
    }
}

#[test]
fn every_generation_says_the_same_in_its_own_words() {
    let subnet = "azurerm_subnet.x";
    let table = "azurerm_route_table.x";
    let network = "azurerm_virtual_network.x";
    for (address, values, kind, key, expected) in [
        (subnet, json!({"address_prefixes": ["10.0.0.0/24"]}), "subnets", "addressPrefixes", "[10.0.0.0/24]"),
        (subnet, json!({"address_prefix": "10.0.0.0/24"}), "subnets", "addressPrefix", "10.0.0.0/24"),
        (
            subnet,
            json!({"private_endpoint_network_policies": "RouteTableEnabled"}),
            "subnets",
            "privateEndpointNetworkPolicies",
            "RouteTableEnabled",
        ),
        (
            subnet,
            json!({"private_endpoint_network_policies_enabled": true}),
            "subnets",
            "privateEndpointNetworkPolicies",
            "Enabled",
        ),
        (
            subnet,
            json!({"private_endpoint_network_policies_enabled": false}),
            "subnets",
            "privateEndpointNetworkPolicies",
            "Disabled",
        ),
        (
            subnet,
            json!({"enforce_private_link_endpoint_network_policies": true}),
            "subnets",
            "privateEndpointNetworkPolicies",
            "Disabled",
        ),
        (
            subnet,
            json!({"enforce_private_link_endpoint_network_policies": false}),
            "subnets",
            "privateEndpointNetworkPolicies",
            "Enabled",
        ),
        (
            subnet,
            json!({"service_endpoints": ["Microsoft.Sql"]}),
            "subnets",
            "serviceEndpoints",
            "[service=Microsoft.Sql]",
        ),
        (
            subnet,
            json!({"service_endpoint": [{"service": "Microsoft.Storage.Global"}]}),
            "subnets",
            "serviceEndpoints",
            "[service=Microsoft.Storage.Global]",
        ),
        (
            subnet,
            json!({"default_outbound_access_enabled": false}),
            "subnets",
            "defaultOutboundAccess",
            "false",
        ),
        (
            subnet,
            json!({"delegation": [{"name": "d", "service_delegation": [{"name": "Microsoft.Web/serverFarms"}]}]}),
            "subnets",
            "delegations",
            "[name=d,serviceName=Microsoft.Web/serverFarms]",
        ),
        (subnet, json!({"delegation": []}), "subnets", "delegations", "-"),
        (
            subnet,
            json!({"network_security_group_id": "/x/providers/Microsoft.Network/networkSecurityGroups/n"}),
            "subnets",
            "networkSecurityGroup",
            "id=/x/providers/Microsoft.Network/networkSecurityGroups/n",
        ),
        (subnet, json!({"network_security_group_id": ""}), "subnets", "networkSecurityGroup", "-"),
        (
            table,
            json!({"disable_bgp_route_propagation": true}),
            "routeTables",
            "disableBgpRoutePropagation",
            "true",
        ),
        (
            table,
            json!({"bgp_route_propagation_enabled": false}),
            "routeTables",
            "disableBgpRoutePropagation",
            "true",
        ),
        (
            table,
            json!({"bgp_route_propagation_enabled": true}),
            "routeTables",
            "disableBgpRoutePropagation",
            "false",
        ),
        (
            table,
            json!({"disable_bgp_route_propagation": "true"}),
            "routeTables",
            "disableBgpRoutePropagation",
            "true",
        ),
        (
            table,
            json!({"route": [{"name": "r", "address_prefix": "0.0.0.0/0", "next_hop_type": "VirtualAppliance", "next_hop_in_ip_address": "10.0.9.4"}]}),
            "routeTables",
            "routes",
            "[name=r,addressPrefix=0.0.0.0/0,nextHopType=VirtualAppliance,nextHopIpAddress=10.0.9.4]",
        ),
        (
            network,
            json!({"address_space": ["10.0.0.0/8"]}),
            "virtualNetworks",
            "addressSpace",
            "addressPrefixes=[10.0.0.0/8]",
        ),
        (
            network,
            json!({"dns_servers": ["10.0.0.4"]}),
            "virtualNetworks",
            "dhcpOptions",
            "dnsServers=[10.0.0.4]",
        ),
        (
            network,
            json!({"subnet": [{"name": "s", "address_prefix": "10.0.1.0/24", "security_group": ""}]}),
            "subnets",
            "addressPrefix",
            "10.0.1.0/24",
        ),
        (
            network,
            json!({"subnet": [{"name": "s", "address_prefixes": ["10.0.1.0/24"]}]}),
            "subnets",
            "addressPrefixes",
            "[10.0.1.0/24]",
        ),
    ] {
        assert_eq!(said(address, &values, kind, key), expected, "{values}");
    }
}

#[test]
fn instances_of_api_management_are_read() {
    let id = |name: &str| {
        format!(
            "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/{name}"
        )
    };
    let base = json!({"name": "apim", "resource_group_name": "rg", "location": "West Europe",
        "virtual_network_type": "Internal", "sku_name": "Premium_2",
        "virtual_network_configuration": [{"subnet_id": id("a")}]});
    let with = |key: &str, value: Value| {
        let mut values = base.clone();
        values[key] = value;
        values
    };
    let later = json!({"id": true});
    let host = json!([{"proxy": [{"host_name": "h", "key_vault_id": "https://v", "certificate_source": "KeyVault"}]}]);
    let added = json!([{"location": "northeurope", "virtual_network_configuration": [{"subnet_id": id("b")}]},
        {"location": "uksouth", "capacity": 1, "virtual_network_configuration": [{}]}]);
    for (values, later, expected) in [
        (base.clone(), later.clone(), "apim apim Premium internal westeurope a x2"),
        (with("sku_name", json!("StandardV2_1")), later.clone(), "apim apim StandardV2 none westeurope a x1"),
        (
            with("virtual_network_type", json!("None")),
            later.clone(),
            "apim apim Premium none westeurope a x2",
        ),
        (
            with("additional_location", added),
            later.clone(),
            "apim apim Premium internal westeurope a x2 + northeurope b x2 + uksouth none x1",
        ),
        (
            with("hostname_configuration", host),
            later.clone(),
            "apim apim Premium internal westeurope a x2 custom-domain-kv",
        ),
        // Before 2.0 the tier was a block.
        (
            with("sku_name", Value::Null)
                .as_object()
                .map(|map| {
                    let mut map = map.clone();
                    map.insert("sku".into(), json!([{"name": "Developer", "capacity": 1}]));
                    Value::Object(map)
                })
                .unwrap(),
            later.clone(),
            "apim apim Developer internal westeurope a x1",
        ),
        (
            with("virtual_network_configuration", json!([{}])),
            json!({"virtual_network_configuration": [{"subnet_id": true}]}),
            "apim apim Premium internal westeurope ? x2",
        ),
        (with("sku_name", Value::Null), json!({"sku_name": true}), "apim apim ? internal westeurope a ?"),
    ] {
        let input = input(&plan(&[("azurerm_api_management.a", values.clone(), later)], &json!({})));
        let line = lines(&input, &["apim"]).replace("x?", "?");
        assert_eq!(line, expected, "{values}");
    }
}

#[test]
fn the_subnet_of_an_instance_is_joined_through_its_association() {
    let instance = json!({"name": "apim", "resource_group_name": "rg", "location": "westeurope",
        "virtual_network_type": "External", "sku_name": "Developer_1", "virtual_network_configuration": [{}]});
    let subnet = json!({"name": "s", "resource_group_name": "rg", "virtual_network_name": "v",
        "address_prefixes": ["10.0.1.0/24"]});
    let association = "azurerm_subnet_network_security_group_association.a";
    let resources = [
        (
            "azurerm_api_management.a",
            instance,
            json!({"virtual_network_configuration": [{"subnet_id": true}]}),
        ),
        ("azurerm_subnet.s", subnet, json!({"id": true})),
        (association, json!({}), json!({"id": true, "subnet_id": true, "network_security_group_id": true})),
    ];
    // People wait for the association by taking the subnet's id from it.
    let by = refers(&["azurerm_subnet_network_security_group_association.a.subnet_id", association]);
    let configuration = json!({"resources": [
        block("azurerm_api_management.a", &json!({"virtual_network_configuration": [{ "subnet_id": by }]})),
        block(association, &json!({"subnet_id": refers(&["azurerm_subnet.s.id"])})),
    ]});
    let input = input(&plan(&resources, &configuration));
    assert_eq!(lines(&input, &["apim"]), "apim apim Developer external westeurope s x1");
}

#[test]
fn children_show_features() {
    let instance = json!({"name": "apim", "resource_group_name": "rg", "location": "westeurope",
        "virtual_network_type": "None", "sku_name": "Premium_1"});
    let part = |more: Value| {
        let mut values = json!({"name": "x", "resource_group_name": "rg", "api_management_name": "apim"});
        for (key, value) in more.as_object().unwrap() {
            values[key] = value.clone();
        }
        values
    };
    let later = || json!({"id": true});
    let resources = [
        ("azurerm_api_management.a", instance, later()),
        ("azurerm_api_management_logger.l", part(json!({"eventhub": [{"name": "e"}]})), later()),
        (
            "azurerm_api_management_named_value.n",
            part(json!({"value_from_key_vault": [{"secret_id": "https://v"}]})),
            later(),
        ),
        ("azurerm_api_management_identity_provider_aad.i", part(json!({})), later()),
    ];
    let input = input(&plan(&resources, &json!({})));
    let line = lines(&input, &["apim"]);
    for feature in ["eventhub-log", "kv-refs", "entra"] {
        assert!(line.contains(feature), "{line}");
    }
}

#[test]
fn azapi_bodies_are_azures_own_as_objects_and_as_texts() {
    let rg = "/subscriptions/s/resourceGroups/rg";
    let body = json!({"properties": {"securityRules": [{"name": "web", "properties": {
        "priority": 100, "direction": "Inbound", "access": "Allow", "protocol": "Tcp",
        "sourceAddressPrefix": "Internet", "sourcePortRange": "*", "destinationAddressPrefix": "*",
        "destinationPortRange": "443"}}]}});
    let group = |body: Value| {
        json!({"type": "Microsoft.Network/networkSecurityGroups@2023-09-01", "name": "n", "parent_id": rg,
            "location": "westeurope", "body": body})
    };
    for body in [body.clone(), body.to_string().into()] {
        let input = input(&plan(&[("azapi_resource.n", group(body), json!({"id": true}))], &json!({})));
        assert_eq!(lines(&input, &["nsg", "web"]), "nsg n\n  web: 100 In Allow Tcp Internet:* -> *:443");
        let rule = &input.network.security_groups[0].rules.rules[0];
        assert_eq!(rule.origin.within.as_deref(), Some("azapi_resource.n"));
        assert!(rule.origin.path.contains(".values.body"), "{}", rule.origin.path);
    }
    let input = input(&plan(&[("azapi_resource.n", group("{".into()), json!({"id": true}))], &json!({})));
    assert_eq!(codes(&input), "wrong-type");
    assert!(input.network.security_groups[0].doubt.is_some());
}

#[test]
fn azapi_ids_that_come_later_are_joined_and_patches_change_what_is_there() {
    let subnet = json!({"type": "Microsoft.Network/virtualNetworks/subnets@2023-09-01", "name": "s",
        "body": {"properties": {"addressPrefix": "10.0.1.0/24", "networkSecurityGroup": {}}}});
    let network = json!({"name": "v", "resource_group_name": "rg", "address_space": ["10.0.0.0/16"]});
    let group = json!({"name": "n", "resource_group_name": "rg", "security_rule": []});
    let patch = json!({"type": "Microsoft.Network/virtualNetworks/subnets@2023-09-01",
        "body": {"properties": {"delegations": [{"name": "d", "properties": {"serviceName": "Microsoft.Web/hostingEnvironments"}}]}}});
    let resources = [
        (
            "azapi_resource.s",
            subnet,
            json!({"id": true, "parent_id": true,
            "body": {"properties": {"networkSecurityGroup": {"id": true}}}}),
        ),
        ("azurerm_virtual_network.v", network, json!({"id": true})),
        ("azurerm_network_security_group.n", group, json!({"id": true})),
        ("azapi_update_resource.p", patch, json!({"resource_id": true})),
    ];
    let configuration = json!({"resources": [
        block("azapi_resource.s", &json!({"parent_id": refers(&["azurerm_virtual_network.v.id"]),
            "body": refers(&["azurerm_network_security_group.n.id", "azurerm_network_security_group.n"])})),
        block("azapi_update_resource.p", &json!({"resource_id": refers(&["azapi_resource.s.id"])})),
    ]});
    let input = input(&plan(&resources, &configuration));
    assert_eq!(lines(&input, &["subnet"]), "subnet v/s 10.0.1.0/24 nsg n routes none");
    assert_eq!(
        input.network.subnets[0].delegations,
        Fact::Known(vec!["Microsoft.Web/hostingEnvironments".to_owned()])
    );
    let alone = [resources[3].clone(), resources[1].clone()];
    assert_eq!(codes(&super::input(&plan(&alone, &json!({})))), "unknown-reference");
}

#[test]
fn networks_are_whole_with_routes_peerings_and_dns() {
    let base = |more: Value| {
        let mut values = json!({"name": "x", "resource_group_name": "rg"});
        for (key, value) in more.as_object().unwrap() {
            values[key] = value.clone();
        }
        values
    };
    let later = || json!({"id": true});
    let remote = "/subscriptions/s/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/hub";
    let resources = [
        (
            "azurerm_virtual_network.v",
            base(json!({"name": "v", "address_space": ["10.0.0.0/16"]})),
            json!({"id": true, "dns_servers": true, "subnet": true}),
        ),
        (
            "azurerm_virtual_network_dns_servers.d",
            json!({"dns_servers": ["10.0.0.4"]}),
            json!({"virtual_network_id": true}),
        ),
        (
            "azurerm_virtual_network_peering.p",
            base(json!({"name": "p", "virtual_network_name": "v",
            "remote_virtual_network_id": remote, "allow_virtual_network_access": true})),
            later(),
        ),
        (
            "azurerm_subnet.s",
            base(json!({"name": "s", "virtual_network_name": "v", "address_prefixes": ["10.0.1.0/24"]})),
            later(),
        ),
        ("azurerm_route_table.t", base(json!({"name": "t"})), json!({"id": true, "route": true})),
        (
            "azurerm_route.r",
            base(json!({"name": "r", "route_table_name": "t", "address_prefix": "0.0.0.0/0",
            "next_hop_type": "VirtualAppliance", "next_hop_in_ip_address": "10.0.9.4"})),
            later(),
        ),
        (
            "azurerm_subnet_route_table_association.a",
            json!({}),
            json!({"subnet_id": true, "route_table_id": true}),
        ),
    ];
    let configuration = json!({"resources": [
        block("azurerm_virtual_network.v", &json!({})),
        block("azurerm_route_table.t", &json!({})),
        block("azurerm_virtual_network_dns_servers.d", &json!({"virtual_network_id": refers(&["azurerm_virtual_network.v.id"])})),
        block("azurerm_subnet_route_table_association.a", &json!({"subnet_id": refers(&["azurerm_subnet.s.id"]),
            "route_table_id": refers(&["azurerm_route_table.t.id"])})),
    ]});
    let input = input(&plan(&resources, &configuration));
    assert_eq!(
        summary(&input.network).join("\n"),
        "vnet v 10.0.0.0/16
peering p -> hub  true -
subnet v/s 10.0.1.0/24 nsg none routes t
route t/r Net(0.0.0.0/0) VirtualAppliance"
    );
    let servers = input.network.virtual_networks[0].dns_servers.known().unwrap();
    assert_eq!(servers[0].to_string(), "10.0.0.4");
}

#[test]
fn a_subnet_that_its_network_shows_too_is_one_subnet() {
    let id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v";
    let group = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/n";
    let shown = json!([{"name": "s", "id": format!("{id}/subnets/s"), "address_prefix": "10.0.1.0/24", "security_group": group},
        {"name": "other", "id": format!("{id}/subnets/other"), "address_prefixes": ["10.0.2.0/24"], "security_group": ""}]);
    let resources = [
        (
            "azurerm_virtual_network.v",
            json!({"name": "v", "resource_group_name": "rg", "id": id,
            "address_space": ["10.0.0.0/16"], "subnet": shown}),
            json!({}),
        ),
        (
            "azurerm_subnet.s",
            json!({"name": "s", "resource_group_name": "rg", "virtual_network_name": "v",
            "id": format!("{id}/subnets/s"), "address_prefixes": ["10.0.1.0/24"]}),
            json!({}),
        ),
    ];
    let input = input(&plan(&resources, &json!({})));
    // Others attached the group: only the network tells.
    assert_eq!(
        lines(&input, &["subnet"]),
        "subnet v/other 10.0.2.0/24 nsg none routes none\nsubnet v/s 10.0.1.0/24 nsg n routes none"
    );
    assert_eq!(codes(&input), "");
    // What the plan deletes is still shown by the network, and is gone.
    let mut plan: Value = serde_json::from_str(&plan(&resources, &json!({}))).unwrap();
    let gone = |kind: &str, before: Value| {
        json!({"address": format!("{kind}.x"), "type": kind, "name": "x", "mode": "managed",
            "change": {"actions": ["delete"], "before": before, "after": null}})
    };
    let association = "azurerm_subnet_network_security_group_association";
    let changes = plan["resource_changes"].as_array_mut().unwrap();
    changes.push(gone(association, json!({"subnet_id": format!("{id}/subnets/s")})));
    changes.push(gone("azurerm_subnet", json!({"id": format!("{id}/subnets/other")})));
    let input = super::input(&plan.to_string());
    assert_eq!(lines(&input, &["subnet"]), "subnet v/s 10.0.1.0/24 nsg none routes none");
}
