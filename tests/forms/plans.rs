//! Plans of Terraform for these tests, and what only Terraform writes.

use super::*;

/// A resource of Terraform: its address, what is known, what comes later, what its expressions refer to.
pub(crate) type Planned = (&'static str, Value, Value, Value);

pub(crate) fn plan(resources: &[Planned]) -> Value {
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
pub(crate) fn named(name: &str, mut values: Value) -> Value {
    values["name"] = name.into();
    values["resource_group_name"] = "g".into();
    values
}

pub(crate) fn refers(to: &str) -> Value {
    json!({"references": [to]})
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
                nic(
                    json!({"ip_configuration": [{"name": "one", "private_ip_address": "10.0.0.4",
                        "public_ip_address_id": id("publicIPAddresses/ip")}]}),
                    open.clone(),
                ),
                (
                    "azurerm_public_ip.ip",
                    named("ip", json!({"sku": "Basic", "id": id("publicIPAddresses/ip")})),
                    json!({}),
                    json!({}),
                ),
            ],
            "interface",
            "interface n nsg none forwards false; 10.0.0.4 in none groups [] public true open",
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
