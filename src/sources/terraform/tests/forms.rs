//! Every form in which Terraform shows one network gives the same network.

use super::*;
use crate::sources::{InputKind, read};
use proptest::prelude::*;

const NETWORK: &str = "vnet v 10.0.0.0/16
subnet v/apim 10.0.1.0/24 nsg n routes none
nsg n
  web: 100 In Allow Tcp Internet:* -> *:443";

fn id(tail: &str) -> String {
    format!("/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/{tail}")
}

/// The network as a state knows it: with ids.
fn known() -> Vec<Planned<'static>> {
    let names = |name: &str, tail: &str| json!({"name": name, "resource_group_name": "rg", "id": id(tail)});
    let with = |mut values: Value, key: &str, value: Value| {
        values[key] = value;
        values
    };
    let subnet = "virtualNetworks/v/subnets/apim";
    let group = "networkSecurityGroups/n";
    let no = || json!({});
    let vnet = with(names("v", "virtualNetworks/v"), "address_space", json!(["10.0.0.0/16"]));
    let of_vnet = with(names("apim", subnet), "virtual_network_name", json!("v"));
    vec![
        ("azurerm_virtual_network.v", vnet, no()),
        ("module.net.azurerm_subnet.apim", with(of_vnet, "address_prefixes", json!(["10.0.1.0/24"])), no()),
        (
            "azurerm_network_security_group.n",
            with(names("n", group), "security_rule", json!([rule("web", 100)])),
            no(),
        ),
        (
            "azurerm_subnet_network_security_group_association.a",
            json!({"subnet_id": id(subnet), "network_security_group_id": id(group), "id": id(subnet)}),
            no(),
        ),
    ]
}

fn state_4(resources: &[Planned<'_>]) -> Value {
    let list: Vec<Value> = resources
        .iter()
        .map(|(address, values, _)| {
            let (module, kind, name, key) = parts(address);
            let mut resource = json!({"mode": "managed", "type": kind, "name": name,
                "instances": [{"attributes": values, "index_key": key}, {"deposed": "0a", "attributes": values}]});
            if !module.is_empty() {
                resource["module"] = module.into();
            }
            resource
        })
        .collect();
    json!({"version": 4, "terraform_version": "1.9.0", "lineage": "l", "resources": list})
}

/// Attributes as states had them before version 4.
fn flat(values: &Value, prefix: &str, into: &mut serde_json::Map<String, Value>) {
    let inside = |key: &str| if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") };
    match values {
        Value::Object(map) => map.iter().for_each(|(key, value)| flat(value, &inside(key), into)),
        Value::Array(items) => {
            into.insert(inside("#"), items.len().to_string().into());
            items.iter().enumerate().for_each(|(at, item)| flat(item, &inside(&(at + 77).to_string()), into));
        }
        Value::String(text) => drop(into.insert(prefix.to_owned(), text.as_str().into())),
        other => drop(into.insert(prefix.to_owned(), other.to_string().into())),
    }
}

fn state_3(resources: &[Planned<'_>]) -> Value {
    let modules: Vec<Value> = ["", "net"]
        .iter()
        .map(|name| {
            let mut map = serde_json::Map::new();
            for (address, values, _) in resources {
                let (module, kind, block, _) = parts(address);
                if module.trim_start_matches("module.") == *name {
                    let mut attributes = serde_json::Map::new();
                    flat(values, "", &mut attributes);
                    let resource = json!({"type": kind, "primary": {"attributes": attributes}});
                    map.insert(format!("{kind}.{block}"), resource);
                }
            }
            let path = if name.is_empty() { json!(["root"]) } else { json!(["root", name]) };
            json!({"path": path, "resources": map})
        })
        .collect();
    json!({"version": 3, "terraform_version": "0.11.10", "modules": modules})
}

#[test]
fn one_network_in_every_form() {
    let known = known();
    let module = root_module(&known);
    let changes: Vec<Value> = known.iter().map(change).collect();
    let listed: Vec<Value> = known.iter().map(|(address, values, _)| resource(address, values)).collect();
    use InputKind::{TerraformPlan as Plan, TerraformState as State};
    for (form, text, kind) in [
        ("plan", json!({"planned_values": {"root_module": module}, "resource_changes": changes}), Plan),
        ("changes", json!({"resource_changes": changes}), Plan),
        ("state", json!({"format_version": "1.0", "values": {"root_module": module}}), State),
        ("list", json!(listed), Plan),
        ("list of changes", json!(changes), Plan),
        ("list inside", json!({"result": [{"expressions": [{"value": listed}]}]}), Plan),
        ("state 4", state_4(&known), State),
        ("state 3", state_3(&known), State),
    ] {
        let input = input(&text.to_string());
        assert_eq!(input.kind, kind, "{form}");
        assert_eq!(summary(&input.network).join("\n"), NETWORK, "{form}");
        assert!(input.findings.is_empty(), "{form}: {:?}", input.findings);
        let subnet = &input.network.subnets[0];
        assert_eq!(subnet.origin.within.as_deref(), Some("module.net.azurerm_subnet.apim"), "{form}");
        let rule = &input.network.security_groups[0].rules.rules[0];
        assert_eq!(rule.origin.within.as_deref(), Some("azurerm_network_security_group.n"), "{form}");
        assert!(rule.origin.path.contains("security_rule"), "{form}: {}", rule.origin.path);
    }
}

#[test]
fn what_a_plan_deletes_is_not_there_and_what_it_replaces_is_there_once() {
    let mut resources = known();
    resources.truncate(1);
    for (actions, there) in [
        (json!(["create"]), true),
        (json!(["no-op"]), true),
        (json!(["read"]), true),
        (json!(["delete", "create"]), true),
        (json!(["create", "delete"]), true),
        (json!(["delete"]), false),
    ] {
        let mut of_vnet = change(&resources[0]);
        of_vnet["change"]["actions"] = actions.clone();
        if actions == json!(["delete"]) {
            of_vnet["change"]["after"] = Value::Null;
        }
        let mut deposed = of_vnet.clone();
        deposed["deposed"] = "0a".into();
        let group = json!({"name": "g", "resource_group_name": "rg", "security_rule": []});
        let other = change(&("azurerm_network_security_group.g", group, json!({})));
        let input = input(&json!({"resource_changes": [deposed, of_vnet, other]}).to_string());
        assert_eq!(input.network.virtual_networks.len(), usize::from(there), "{actions}");
    }
}

#[test]
fn changes_cut_down_for_policy_tools_have_their_names_in_the_address() {
    let mut changes: Vec<Value> = known().iter().map(change).collect();
    for one in &mut changes {
        let one = one.as_object_mut().unwrap();
        ["name", "mode", "index", "module_address"].iter().for_each(|key| drop(one.remove(*key)));
    }
    let input = input(&json!({ "resource_changes": changes }).to_string());
    assert_eq!(lines(&input, &["vnet", "subnet", "nsg", "web"]), NETWORK);
}

#[test]
fn a_change_without_what_comes_later_does_not_say_that_nothing_is_attached() {
    let cut = |address: &str, after: Value| {
        let (_, kind, ..) = parts(address);
        json!({"address": address, "type": kind, "change": {"actions": ["create"], "after": after}})
    };
    let subnet = json!({"name": "s", "resource_group_name": "rg", "virtual_network_name": "v",
        "address_prefixes": ["10.0.1.0/24"]});
    let group = json!({"name": "n", "resource_group_name": "rg", "security_rule": []});
    let association = "azurerm_subnet_network_security_group_association.a";
    let changes = [
        cut("azurerm_subnet.s", subnet),
        cut("azurerm_network_security_group.n", group),
        cut(association, json!({})),
    ];
    let expressions = json!({"subnet_id": refers(&["azurerm_subnet.s.id", "azurerm_subnet.s"]),
        "network_security_group_id": refers(&["azurerm_network_security_group.n.id"])});
    for (configuration, expected) in [
        (
            json!({"resources": [block(association, &expressions)]}),
            "subnet v/s 10.0.1.0/24 nsg n routes none",
        ),
        (json!({}), "subnet v/s 10.0.1.0/24 nsg ? routes none"),
    ] {
        let plan = json!({"resource_changes": changes, "configuration": {"root_module": configuration}});
        let line = lines(&input(&plan.to_string()), &["subnet"]);
        assert_eq!(line.split(" (").next().unwrap(), expected);
    }
}

#[test]
fn a_document_without_azure_says_what_it_holds() {
    let other = |kind: &str| json!({"address": format!("{kind}.x"), "type": kind, "name": "x", "values": {}});
    for (resources, says) in [
        (json!([]), "a Terraform plan with no resources"),
        (json!([other("aws_vpc")]), "a Terraform plan with 1 resource, none of azurerm or azapi"),
        (
            json!([other("aws_vpc"), other("azurerm_key_vault"), other("null_resource")]),
            "with 3 resources, of which 1 of azurerm or azapi, and nothing of a network",
        ),
    ] {
        let text = json!({"planned_values": {"root_module": {"resources": resources}}}).to_string();
        let error = read(text.as_bytes(), "plan.json", &ReadOptions::default()).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    let options = ReadOptions { as_kind: Some(InputKind::TerraformState), ..ReadOptions::default() };
    let error = read(b"{\"a\": 1}", "x.json", &options).unwrap_err().to_string();
    assert!(error.contains("a Terraform state with no resources"), "{error}");
}

#[test]
fn a_data_source_states_nothing_and_lends_its_id() {
    let mut resources = known();
    resources[1].0 = "data.azurerm_subnet.apim";
    let input = input(&plan(&resources, &json!({})));
    // The subnet is others'; that it has the group is said here, and its prefix by what was read.
    assert_eq!(lines(&input, &["subnet"]), "subnet v/apim 10.0.1.0/24 nsg n routes none");
    resources.pop();
    let input = super::input(&plan(&resources, &json!({})));
    assert_eq!(lines(&input, &["subnet"]), "");
}

/// Keys and values that plans are made of, put together at random.
fn any_json() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "azurerm_subnet",
        "azurerm_network_security_group",
        "azurerm_network_security_rule",
        "azapi_resource",
        "azurerm_virtual_network",
        "azurerm_subnet_network_security_group_association",
        "azurerm_api_management",
        "a",
        "module.m",
        "module.m.azurerm_subnet.a",
        "azurerm_subnet.a.id",
        "azurerm_subnet.a[\"k\"]",
        "var.v",
        "each.key",
        "each.value.x",
        "module.m.o",
        "local.l",
        "managed",
        "data",
        "delete",
        "[",
        "${",
        "Premium_1",
        "Microsoft.Network/virtualNetworks@2023",
        "{\"properties\": {\"x\": [1]}}",
        "10.0.0.0/8",
        "",
    ]);
    let leaf = prop_oneof![
        word.prop_map(|word| json!(word)),
        Just(Value::Null),
        any::<bool>().prop_map(|flag| json!(flag)),
        (-2i64..70_000).prop_map(|number| json!(number)),
    ];
    let key = prop::sample::select(vec![
        "planned_values",
        "root_module",
        "resources",
        "child_modules",
        "values",
        "address",
        "type",
        "name",
        "index",
        "mode",
        "resource_changes",
        "change",
        "actions",
        "after",
        "after_unknown",
        "configuration",
        "module_calls",
        "module",
        "expressions",
        "references",
        "constant_value",
        "outputs",
        "expression",
        "o",
        "m",
        "v",
        "for_each_expression",
        "variables",
        "default",
        "subnet_id",
        "network_security_group_id",
        "virtual_network_name",
        "security_rule",
        "priority",
        "body",
        "parent_id",
        "instances",
        "attributes",
        "modules",
        "path",
        "primary",
        "security_rule.#",
        "security_rule.1.name",
        "sku_name",
        "id",
        "value",
        "address_prefixes",
        "virtual_network_configuration",
        "additional_location",
        "route",
        "subnet",
    ]);
    leaf.prop_recursive(8, 96, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::vec((key.clone(), inner), 0..8).prop_map(|entries| {
                Value::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_json_makes_reading_panic(values in any_json(), configuration in any_json(), state in any::<bool>()) {
        let resource = |kind: &str| json!({"address": format!("{kind}.a"), "mode": "managed", "type": kind,
            "name": "a", "values": values.clone()});
        let kinds = ["azurerm_subnet", "azurerm_network_security_group", "azurerm_api_management",
            "azurerm_subnet_network_security_group_association", "azapi_resource", "azurerm_virtual_network",
            "azurerm_network_interface", "azurerm_route_table", "azurerm_network_security_rule"];
        let listed: Vec<Value> = kinds.iter().map(|kind| resource(kind)).collect();
        let text = if state { values.clone() } else {
            json!({"planned_values": {"root_module": {"resources": listed, "child_modules": values}},
                "resource_changes": configuration, "configuration": {"root_module": configuration}})
        };
        for kind in [InputKind::TerraformPlan, InputKind::TerraformState] {
            let options = ReadOptions { as_kind: Some(kind), ..ReadOptions::default() };
            let _ = read(text.to_string().as_bytes(), "plan.json", &options);
        }
    }
}

/// What is said of a template that Terraform deploys, beside a group.
#[test]
fn a_template_that_is_deployed_is_a_stated_gap() {
    let group =
        ("azurerm_network_security_group.g", json!({"name": "g", "resource_group_name": "rg"}), json!({}));
    let with = |address: &'static str, values: Value, later: Value| {
        let input = input(&plan(&[group.clone(), (address, values, later)], &json!({})));
        let said = input.findings.iter().find(|finding| finding.code.as_str() == "unknown-reference");
        said.map(|finding| finding.message.clone())
    };
    let template = |kind: &str| json!({"resources": [{"type": kind, "name": "n"}]}).to_string();
    let network = template("microsoft.network/networkSecurityGroups");
    for (kind, attribute) in [
        ("azurerm_resource_group_template_deployment.d", "template_content"),
        ("azurerm_template_deployment.d", "template_body"),
    ] {
        let said = with(kind, json!({attribute: network}), json!({})).unwrap();
        let expected = format!("the ARM template in `{kind}.{attribute}` is not read");
        assert!(said.starts_with(&expected), "{said}");
        assert_eq!(with(kind, json!({attribute: template("Microsoft.Web/sites")}), json!({})), None);
        let later = with(kind, json!({}), json!({attribute: true})).unwrap();
        assert!(later.contains("known only after apply"), "{later}");
    }
    let alone = ("azurerm_template_deployment.d", json!({"template_body": network}), json!({}));
    let text = plan(&[alone], &json!({}));
    let refused = read(text.as_bytes(), "plan.json", &ReadOptions::default()).unwrap_err().to_string();
    assert!(refused.contains("`azurerm_template_deployment.d.template_body` is not read"), "{refused}");
}
