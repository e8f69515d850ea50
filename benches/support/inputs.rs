//! Large inputs of our own: plans of Terraform as `terraform show -json` prints them, and templates.
//!
//! The same bytes every time. A plan is a row of landing zones, each a module with a network and, as in real
//! plans, more that is none: storage, vaults, machines, role assignments. Every second zone is deployed already,
//! so that it also stands in the prior state and leaves its changes as they are.

use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// A plan of at least this many bytes, on one line.
pub(crate) fn plan(bytes: usize) -> String {
    let mut parts = Parts::default();
    let mut zone = 0;
    while parts.len() < bytes {
        parts.add(zone);
        zone += 1;
    }
    parts.finish()
}

/// The five places of a plan that speak of each zone, written as it grows.
#[derive(Default)]
struct Parts {
    planned: String,
    changes: String,
    prior: String,
    written: String,
}

impl Parts {
    fn len(&self) -> usize {
        self.planned.len() + self.changes.len() + self.prior.len() + self.written.len()
    }

    fn add(&mut self, zone: usize) {
        let module = format!("module.zone{zone}");
        let is_there = zone % 2 == 1;
        let (mut planned, mut prior, mut written) = (Vec::new(), Vec::new(), Vec::new());
        for resource in zone_resources(zone) {
            let Resource { kind, name, attributes, later, references } = resource;
            let address = format!("{module}.{kind}.{name}");
            let head = json!({"address": address, "mode": "managed", "type": kind, "name": name,
                "provider_name": "registry.terraform.io/hashicorp/azurerm", "schema_version": 0});
            let settled = object(&attributes, |key, _| !later.contains(&key.as_str()));
            let before = if is_there { attributes.clone() } else { Value::Null };
            let after = if is_there { &attributes } else { &settled };
            let unknown: Map<String, Value> = match is_there {
                true => Map::new(),
                false => later.iter().map(|key| ((*key).to_owned(), Value::Bool(true))).collect(),
            };
            planned.push(with(&head, json!({"values": after, "sensitive_values": shape(after)})));
            let change = json!({
                "actions": [if is_there { "no-op" } else { "create" }], "before": before, "after": after,
                "after_unknown": unknown, "before_sensitive": if is_there { shape(&attributes) } else { json!(false) },
                "after_sensitive": shape(after)});
            let change = with(&head, json!({"module_address": module, "change": change}));
            let _ = write!(self.changes, "{}{change}", comma(&self.changes));
            if is_there {
                prior
                    .push(with(&head, json!({"values": attributes, "sensitive_values": shape(&attributes)})));
            }
            let expressions = expressions(&attributes, &references);
            written.push(
                json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name,
                "provider_config_key": "azurerm", "expressions": expressions, "schema_version": 0}),
            );
        }
        let around = |resources: Vec<Value>| json!({"resources": resources, "address": module});
        let _ = write!(self.planned, "{}{}", comma(&self.planned), around(planned));
        if is_there {
            let _ = write!(self.prior, "{}{}", comma(&self.prior), around(prior));
        }
        let call = json!({"source": "./zone", "expressions": {"number": {"constant_value": zone}},
            "module": {"resources": written, "variables": {"number": {}}}});
        let _ = write!(self.written, "{}\"zone{zone}\":{call}", comma(&self.written));
    }

    fn finish(self) -> String {
        let Self { planned, changes, prior, written } = self;
        format!(
            "{{\"format_version\":\"1.2\",\"terraform_version\":\"1.9.5\",\
             \"planned_values\":{{\"root_module\":{{\"child_modules\":[{planned}]}}}},\
             \"resource_changes\":[{changes}],\
             \"prior_state\":{{\"format_version\":\"1.0\",\"terraform_version\":\"1.9.5\",\
             \"values\":{{\"root_module\":{{\"child_modules\":[{prior}]}}}}}},\
             \"configuration\":{{\"provider_config\":{{\"azurerm\":{{\"name\":\"azurerm\"}}}},\
             \"root_module\":{{\"module_calls\":{{{written}}}}}}},\
             \"timestamp\":\"2026-01-01T00:00:00Z\",\"applyable\":true,\"complete\":true,\"errored\":false}}\n"
        )
    }
}

fn comma(before: &str) -> &'static str {
    if before.is_empty() { "" } else { "," }
}

/// One resource of a zone.
struct Resource {
    kind: &'static str,
    name: String,
    attributes: Value,
    /// Attributes that are known only after apply where the resource is new.
    later: &'static [&'static str],
    /// Attributes that are written as references, and to what.
    references: Vec<(&'static str, String)>,
}

fn zone_resources(zone: usize) -> Vec<Resource> {
    let group = format!("rg-zone{zone}");
    let scope = format!("/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/{group}");
    let id = |path: &str| format!("{scope}/providers/{path}");
    let tags =
        json!({"environment": "production", "owner": "platform", "cost-centre": format!("{}", 1000 + zone)});
    let of_group = |more: Value| {
        let common =
            json!({"location": "westeurope", "resource_group_name": group, "tags": tags, "timeouts": null});
        with(&common, more)
    };
    let (a, b) = (zone / 256 % 256, zone % 256);
    let mut all = vec![Resource {
        kind: "azurerm_resource_group",
        name: "this".to_owned(),
        attributes: json!({"id": scope, "location": "westeurope", "name": group, "managed_by": "", "tags": tags, "timeouts": null}),
        later: &["id"],
        references: Vec::new(),
    }];
    all.push(Resource {
        kind: "azurerm_virtual_network",
        name: "this".to_owned(),
        attributes: of_group(json!({"id": id(&format!("Microsoft.Network/virtualNetworks/vnet-{zone}")),
            "name": format!("vnet-{zone}"), "address_space": [format!("10.{a}.{b}.0/24")], "bgp_community": "",
            "ddos_protection_plan": [], "dns_servers": ["10.0.0.4", "10.0.0.5"], "edge_zone": "", "encryption": [],
            "flow_timeout_in_minutes": 0, "guid": format!("00000000-0000-0000-0000-{zone:012}"), "subnet": []})),
        later: &["id", "guid", "subnet"],
        references: vec![("resource_group_name", "azurerm_resource_group.this".to_owned())],
    });
    for part in 0..4 {
        let subnet = id(&format!("Microsoft.Network/virtualNetworks/vnet-{zone}/subnets/snet-{part}"));
        let nsg = id(&format!("Microsoft.Network/networkSecurityGroups/nsg-{part}"));
        all.push(Resource {
            kind: "azurerm_subnet",
            name: format!("part{part}"),
            attributes: json!({"id": subnet, "name": format!("snet-{part}"), "resource_group_name": group,
                "virtual_network_name": format!("vnet-{zone}"), "address_prefixes": [format!("10.{a}.{b}.{}/26", part * 64)],
                "default_outbound_access_enabled": true, "delegation": [], "private_endpoint_network_policies": "Disabled",
                "private_link_service_network_policies_enabled": true, "service_endpoint_policy_ids": [],
                "service_endpoints": ["Microsoft.KeyVault", "Microsoft.Sql", "Microsoft.Storage"], "timeouts": null}),
            later: &["id"],
            references: vec![("virtual_network_name", "azurerm_virtual_network.this".to_owned())],
        });
        all.push(Resource {
            kind: "azurerm_network_security_group",
            name: format!("part{part}"),
            attributes: of_group(
                json!({"id": nsg, "name": format!("nsg-{part}"), "security_rule": rules(zone, part)}),
            ),
            later: &["id"],
            references: vec![("resource_group_name", "azurerm_resource_group.this".to_owned())],
        });
        all.push(Resource {
            kind: "azurerm_subnet_network_security_group_association",
            name: format!("part{part}"),
            attributes: json!({"id": subnet, "subnet_id": subnet, "network_security_group_id": nsg, "timeouts": null}),
            later: &["id", "subnet_id", "network_security_group_id"],
            references: vec![
                ("subnet_id", format!("azurerm_subnet.part{part}")),
                ("network_security_group_id", format!("azurerm_network_security_group.part{part}")),
            ],
        });
        all.extend(others(zone, part, &of_group, &id));
    }
    all
}

/// Rules of a group as the provider writes them, every field of each.
fn rules(zone: usize, part: usize) -> Vec<Value> {
    let rule = |number: usize| {
        let (access, direction) = if number % 4 == 3 { ("Deny", "Outbound") } else { ("Allow", "Inbound") };
        json!({"access": access, "description": format!("rule {number} of the baseline, see the wiki of the platform"),
            "destination_address_prefix": "VirtualNetwork", "destination_address_prefixes": [],
            "destination_application_security_group_ids": [], "destination_port_range": "",
            "destination_port_ranges": ["443", format!("{}", 8000 + number)], "direction": direction,
            "name": format!("Rule-{number}"), "priority": 100 + 10 * number, "protocol": "Tcp",
            "source_address_prefix": "", "source_address_prefixes": [format!("10.{}.{part}.0/24", zone % 256)],
            "source_application_security_group_ids": [], "source_port_range": "*", "source_port_ranges": []})
    };
    (0..6).map(rule).collect()
}

/// What a zone holds besides its network.
fn others(
    zone: usize,
    part: usize,
    of_group: &impl Fn(Value) -> Value,
    id: &impl Fn(&str) -> String,
) -> Vec<Resource> {
    let account = format!("stzone{zone}part{part}");
    let retention = json!([{"days": 7, "permanent_delete_enabled": false}]);
    let hosts: Map<String, Value> = ["blob", "dfs", "file", "queue", "table", "web"]
        .iter()
        .flat_map(|service| {
            let host = format!("{account}.{service}.core.windows.net");
            [
                (format!("primary_{service}_endpoint"), json!(format!("https://{host}/"))),
                (format!("primary_{service}_host"), json!(host)),
            ]
        })
        .collect();
    let storage = with(
        &of_group(json!({"id": id(&format!("Microsoft.Storage/storageAccounts/{account}")), "name": account,
        "access_tier": "Hot", "account_kind": "StorageV2", "account_replication_type": "ZRS", "account_tier": "Standard",
        "allow_nested_items_to_be_public": false, "blob_properties": [{"change_feed_enabled": false,
        "container_delete_retention_policy": retention, "cors_rule": [], "delete_retention_policy": retention,
        "versioning_enabled": true}], "custom_domain": [], "identity": [{"identity_ids": [], "type": "SystemAssigned"}],
        "min_tls_version": "TLS1_2", "network_rules": [{"bypass": ["AzureServices"], "default_action": "Deny",
        "ip_rules": [], "private_link_access": [], "virtual_network_subnet_ids": []}], "queue_properties": [],
        "share_properties": [], "static_website": []})),
        Value::Object(hosts),
    );
    let machine = of_group(
        json!({"id": id(&format!("Microsoft.Compute/virtualMachines/vm-{part}")), "name": format!("vm-{part}"),
        "additional_capabilities": [], "admin_password": null, "admin_ssh_key": [{"public_key": "ssh-rsa ".to_owned()
        + &"AAAAB3NzaC1yc2EAAAADAQABAAABgQC7".repeat(12), "username": "azureuser"}], "admin_username": "azureuser",
        "boot_diagnostics": [{"storage_account_uri": ""}], "computer_name": format!("vm-{part}"),
        "custom_data": "I2Nsb3VkLWNvbmZpZwpwYWNrYWdlczoKICAtIG5naW54Cg==".repeat(6), "disable_password_authentication": true,
        "identity": [], "network_interface_ids": [id(&format!("Microsoft.Network/networkInterfaces/nic-{part}"))],
        "os_disk": [{"caching": "ReadWrite", "disk_size_gb": 64, "name": format!("osdisk-{part}"),
        "storage_account_type": "Premium_LRS", "write_accelerator_enabled": false}], "size": "Standard_D2s_v5",
        "source_image_reference": [{"offer": "ubuntu-24_04-lts", "publisher": "Canonical", "sku": "server", "version": "latest"}],
        "zone": "1"}),
    );
    let assignment = json!({"id": id(&format!("Microsoft.Authorization/roleAssignments/{zone:08}-0000-0000-0000-{part:012}")),
        "condition": null, "description": "", "name": format!("{zone:08}-0000-0000-0000-{part:012}"),
        "principal_id": format!("{part:08}-1111-1111-1111-{zone:012}"), "principal_type": "ServicePrincipal",
        "role_definition_name": "Storage Blob Data Contributor", "scope": id(&format!("Microsoft.Storage/storageAccounts/{account}")),
        "timeouts": null});
    let interface = of_group(json!({"id": id(&format!("Microsoft.Network/networkInterfaces/nic-{part}")),
        "name": format!("nic-{part}"), "accelerated_networking_enabled": true, "dns_servers": [],
        "ip_configuration": [{"name": "internal", "primary": true, "private_ip_address": format!("10.0.{part}.4"),
        "private_ip_address_allocation": "Dynamic", "private_ip_address_version": "IPv4", "public_ip_address_id": "",
        "subnet_id": id(&format!("Microsoft.Network/virtualNetworks/vnet-{zone}/subnets/snet-{part}"))}],
        "mac_address": "00-0D-3A-00-00-00", "virtual_machine_id": ""}));
    let resource = |kind, attributes, later, references| Resource {
        kind,
        name: format!("part{part}"),
        attributes,
        later,
        references,
    };
    vec![
        resource("azurerm_storage_account", storage, &["id"], Vec::new()),
        resource("azurerm_linux_virtual_machine", machine, &["id", "zone"], Vec::new()),
        resource(
            "azurerm_role_assignment",
            assignment,
            &["id", "name", "scope"],
            vec![("scope", format!("azurerm_storage_account.part{part}"))],
        ),
        resource("azurerm_network_interface", interface, &["id", "mac_address"], Vec::new()),
    ]
}

fn expressions(attributes: &Value, references: &[(&str, String)]) -> Value {
    let expression =
        |key: &String, value: &Value| match references.iter().find(|(name, _)| *name == key.as_str()) {
            Some((_, to)) => json!({"references": [format!("{to}.id"), to]}),
            None => json!({"constant_value": value}),
        };
    let is_written = |key: &str, value: &Value| key != "id" && !value.is_null() && *value != json!([]);
    let all = attributes.as_object().into_iter().flatten();
    all.filter(|(key, value)| is_written(key, value))
        .map(|(key, value)| (key.clone(), expression(key, value)))
        .collect()
}

/// Which values are sensitive, as Terraform writes it where none is.
fn shape(value: &Value) -> Value {
    let inside = |value: &Value| matches!(value, Value::Array(_) | Value::Object(_));
    match value {
        Value::Array(items) => {
            items.iter().map(|item| if inside(item) { shape(item) } else { json!(false) }).collect()
        }
        Value::Object(entries) => entries
            .iter()
            .filter(|(_, value)| inside(value))
            .map(|(key, value)| (key.clone(), shape(value)))
            .collect(),
        _ => json!(false),
    }
}

fn object(value: &Value, keep: impl Fn(&String, &Value) -> bool) -> Value {
    let all = value.as_object().into_iter().flatten();
    all.filter(|(key, value)| keep(key, value)).map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn with(first: &Value, second: Value) -> Value {
    let mut all = first.as_object().cloned().unwrap_or_default();
    if let Value::Object(second) = second {
        all.extend(second);
    }
    Value::Object(all)
}

/// A template of about this many bytes: an API Management instance in its network, and groups of rules.
pub(crate) fn template(bytes: usize, number: usize) -> String {
    let mut resources = vec![
        json!({"type": "Microsoft.Network/virtualNetworks", "apiVersion": "2024-05-01", "name": "[variables('network')]",
            "location": "[parameters('location')]", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
            "subnets": [{"name": "apim", "properties": {"addressPrefix": "10.0.1.0/24", "networkSecurityGroup":
            {"id": "[resourceId('Microsoft.Network/networkSecurityGroups', concat(variables('prefix'), '-nsg-0'))]"}}}]}}),
        json!({"type": "Microsoft.ApiManagement/service", "apiVersion": "2024-05-01", "name": format!("apim-{number}"),
            "location": "[parameters('location')]", "sku": {"name": "Premium", "capacity": 1},
            "properties": {"publisherEmail": "a@example.com", "publisherName": "a", "virtualNetworkType": "External",
            "virtualNetworkConfiguration": {"subnetResourceId":
            "[resourceId('Microsoft.Network/virtualNetworks/subnets', variables('network'), 'apim')]"}}}),
    ];
    let mut length = 1_500;
    while length < bytes {
        let group = template_group(resources.len() - 2);
        length += format!("{group:#}").len() + 6 * 90;
        resources.push(group);
    }
    let template = json!({"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0", "parameters": {"location": {"type": "string", "defaultValue": "westeurope"}},
        "variables": {"prefix": "[toLower('Zone')]", "network": "[concat(variables('prefix'), '-vnet')]"},
        "resources": resources});
    format!("{template:#}\n")
}

fn template_group(number: usize) -> Value {
    let rule = |at: usize| {
        let (direction, remote) =
            if at.is_multiple_of(2) { ("Inbound", "ApiManagement") } else { ("Outbound", "Storage") };
        json!({"name": format!("Rule-{at}"), "properties": {"description": "[format('rule of {0}', variables('prefix'))]",
            "protocol": "Tcp", "sourcePortRange": "*", "destinationPortRange": format!("{}", 3000 + at),
            "sourceAddressPrefix": if at.is_multiple_of(2) { remote } else { "VirtualNetwork" },
            "destinationAddressPrefix": if at.is_multiple_of(2) { "VirtualNetwork" } else { remote },
            "access": "Allow", "priority": 100 + at, "direction": direction}})
    };
    let rules: Vec<Value> = (0..10).map(rule).collect();
    json!({"type": "Microsoft.Network/networkSecurityGroups", "apiVersion": "2024-05-01",
        "name": format!("[concat(variables('prefix'), '-nsg-{number}')]"), "location": "[parameters('location')]",
        "properties": {"securityRules": rules}})
}
