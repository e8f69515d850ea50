//! One network in every form.

use super::plans::{named, plan, refers};
use super::*;

/// The resources of the network, with `wrap` around the properties of each thing.
pub(crate) fn azure(
    resource: impl Fn(&str, &str, Value) -> Value,
    inner: impl Fn(&str, Value) -> Value,
) -> Vec<Value> {
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
        ("azurerm_public_ip.web", named("web-ip", json!({"sku": "Standard"})), later(), json!({})),
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

#[test]
fn every_form_says_the_same() {
    let az = azure(|kind, name, properties| answered(kind, name, flat(name, properties)), flat);
    let rest = azure(|kind, name, properties| answered(kind, name, nested(name, properties)), nested);
    let rows = json!({"count": rest.len(), "data": rest, "total_records": rest.len()});
    for (form, document) in [
        ("template", by_name(&template(&azure(declared, nested)))),
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
