//! Ids that come later are joined through the configuration, where only one resource can be meant.

use super::*;
use crate::model::Fact;

/// A subnet, a group or an association as a plan creates it: with names, without ids.
fn subnet(name: &str) -> (Value, Value) {
    let values = json!({"name": name, "resource_group_name": "rg", "virtual_network_name": "v",
        "address_prefixes": ["10.0.1.0/24"]});
    (values, json!({"id": true, "address_prefixes": [false]}))
}

fn group(name: &str) -> (Value, Value) {
    (json!({"name": name, "resource_group_name": "rg", "security_rule": []}), json!({"id": true}))
}

fn association() -> (Value, Value) {
    (json!({}), json!({"id": true, "subnet_id": true, "network_security_group_id": true}))
}

/// Resources by their addresses.
fn resources<'a>(addresses: &[&'a str]) -> Vec<Planned<'a>> {
    addresses
        .iter()
        .map(|address| {
            let (module, kind, name, key) = parts(address);
            let name = key.as_str().map_or_else(|| format!("{module}{name}{key}"), str::to_owned);
            let (values, later) = match kind {
                "azurerm_subnet" => subnet(&name),
                "azurerm_network_security_group" => group(&name),
                _ => association(),
            };
            (*address, values, later)
        })
        .collect()
}

const ASSOCIATION: &str = "azurerm_subnet_network_security_group_association.a";

/// The configuration of one association: what its two attributes refer to.
fn associating(subnet: &[&str], group: &[&str], more: &Value) -> Value {
    let mut block =
        block(ASSOCIATION, &json!({"subnet_id": refers(subnet), "network_security_group_id": refers(group)}));
    if let (Some(block), Some(more)) = (block.as_object_mut(), more.as_object()) {
        block.extend(more.clone());
    }
    block
}

fn groups_of(input: &Input) -> Vec<String> {
    let named = input.network.subnets.iter().map(|subnet| match &subnet.security_group {
        Fact::Known(Some(id)) => format!("{}: {}", subnet.id.name(), id.name()),
        Fact::Known(None) => format!("{}: none", subnet.id.name()),
        Fact::Unknown(gap) => format!("{}: ? {}", subnet.id.name(), gap.missing()),
    });
    named.collect()
}

fn check(addresses: &[&str], configuration: &Value, expected: &[&str]) {
    let input = input(&plan(&resources(addresses), configuration));
    assert_eq!(groups_of(&input).join("\n"), expected.join("\n"), "{configuration}");
}

#[test]
fn an_association_joins_what_it_refers_to() {
    let to = |references: &[&str]| json!({"resources": [associating(references, &["azurerm_network_security_group.n.id"], &json!({}))]});
    let group = "azurerm_network_security_group.n";
    let (a, b) = ("azurerm_subnet.s[\"a\"]", "azurerm_subnet.s[\"b\"]");
    let one = ["azurerm_subnet.s", group, ASSOCIATION];
    check(&one, &to(&["azurerm_subnet.s.id", "azurerm_subnet.s"]), &["snull: nnull"]);
    // Terraform before 0.15 names the resource alone.
    check(&one, &to(&["azurerm_subnet.s"]), &["snull: nnull"]);
    check(&[a, b, group, ASSOCIATION], &to(&["azurerm_subnet.s[\"b\"].id"]), &["a: none", "b: nnull"]);
    // `one(azurerm_subnet.s[*].id)`
    check(&[a, group, ASSOCIATION], &to(&["azurerm_subnet.s"]), &["a: nnull"]);
}

#[test]
fn what_cannot_be_told_is_unknown_and_says_why() {
    let group = "azurerm_network_security_group.n";
    let (a, b, c) = ("azurerm_subnet.s[\"a\"]", "azurerm_subnet.s[\"b\"]", "azurerm_subnet.c");
    let later = format!("? `{ASSOCIATION}.subnet_id`, which is known only after apply");
    for (references, why, others) in [
        (
            vec!["azurerm_subnet.s"],
            "which of the 2 instances of `azurerm_subnet.s` is meant cannot be told",
            "none".to_owned(),
        ),
        (vec!["azurerm_subnet.s[\"z\"].id"], "there is no instance [\"z\"]", String::new()),
        (vec!["local.x"], "it goes through `local.x`, and plans do not show what locals are", String::new()),
        (vec!["var.x"], "it refers to `var.x`, whose value the plan does not show", String::new()),
        (
            vec!["azurerm_subnet.zz.id"],
            "it refers to `azurerm_subnet.zz.id`, which this document does not hold",
            String::new(),
        ),
        (vec!["module.m.x"], "it refers to `module.m`, whose outputs the plan does not show", String::new()),
        (
            vec!["azurerm_subnet.c.id", "azurerm_subnet.s[\"a\"].id"],
            "it names 2 resources: `azurerm_subnet.c`, `azurerm_subnet.s[\"a\"]`",
            String::new(),
        ),
    ] {
        let block = associating(&references, &["azurerm_network_security_group.n.id"], &json!({}));
        let input = input(&plan(&resources(&[a, b, c, group, ASSOCIATION]), &json!({"resources": [block]})));
        let found = groups_of(&input);
        assert!(found[0].contains(&later) && found[0].contains(why), "{references:?}: {found:?}");
        if others == "none" {
            assert_eq!(found[2], "cnull: none", "{references:?}");
        }
    }
}

#[test]
fn instances_join_by_equal_keys() {
    let key = |name: &str, key: &str| format!("{name}[{key}]");
    let all = |keys: &[&str], others: &[&str]| -> Vec<String> {
        let mut addresses: Vec<String> = others.iter().map(|k| key("azurerm_subnet.s", k)).collect();
        addresses.extend(keys.iter().map(|k| key("azurerm_network_security_group.n", k)));
        addresses.extend(keys.iter().map(|k| key(ASSOCIATION, k)));
        addresses
    };
    let by = |index: &str| {
        associating(&["azurerm_subnet.s", index], &["azurerm_network_security_group.n", index], &json!({}))
    };
    let run = |addresses: &[String], index: &str, expected: &[&str]| {
        let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
        check(&addresses, &json!({"resources": [by(index)]}), expected);
    };
    run(&all(&["\"a\"", "\"b\""], &["\"a\"", "\"b\""]), "each.key", &["a: a", "b: b"]);
    run(&all(&["\"a\""], &["\"a\"", "\"b\""]), "each.key", &["a: a", "b: none"]);
    run(&all(&["0", "1"], &["0", "1"]), "count.index", &["s0: n0", "s1: n1"]);
    // `count.index + 1` looks the same, so another number of instances tells nothing.
    let addresses = all(&["0", "1"], &["0", "1", "2"]);
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let input = input(&plan(&resources(&addresses), &json!({"resources": [by("count.index")]})));
    assert!(groups_of(&input)[0].contains("which of the 3 instances"), "{:?}", groups_of(&input));
    // Keys that are worked out of a key are not among the others.
    let addresses = all(&["\"a\"", "\"c\""], &["\"a\"", "\"b\""]);
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let input = super::input(&plan(&resources(&addresses), &json!({"resources": [by("each.key")]})));
    assert!(groups_of(&input)[0].contains("which of the 2 instances"), "{:?}", groups_of(&input));
}

#[test]
fn each_value_is_followed_where_the_plan_shows_it() {
    let (a, b) = ("azurerm_subnet.s[\"a\"]", "azurerm_subnet.s[\"b\"]");
    let group = "azurerm_network_security_group.n";
    let one = format!("{ASSOCIATION}[\"x\"]");
    let addresses = [a, b, group, &one];
    let map = json!({"x": {"subnet": "b"}});
    let with = |for_each: Value, references: &[&str]| {
        let more = json!({ "for_each_expression": for_each });
        let block = associating(references, &["azurerm_network_security_group.n.id"], &more);
        json!({"resources": [block], "variables": {"wanted": {"default": map}}})
    };
    let by_value = ["azurerm_subnet.s", "each.value.subnet", "each.value"];
    check(&addresses, &with(json!({"constant_value": map}), &by_value), &["a: none", "b: nnull"]);
    check(&addresses, &with(refers(&["var.wanted"]), &by_value), &["a: none", "b: nnull"]);
    let input = input(&plan(&resources(&addresses), &with(refers(&["local.wanted"]), &by_value)));
    assert!(groups_of(&input)[0].contains("goes through `local.wanted`"), "{:?}", groups_of(&input));
    // `for_each = azurerm_subnet.s` and `subnet_id = each.value.id`
    let (one, other) = (format!("{ASSOCIATION}[\"a\"]"), format!("{ASSOCIATION}[\"b\"]"));
    let chained = with(refers(&["azurerm_subnet.s"]), &["each.value.id", "each.value"]);
    check(&[a, b, group, &one, &other], &chained, &["a: nnull", "b: nnull"]);
}

#[test]
fn variables_and_outputs_of_modules_are_followed() {
    let inner = "module.net.module.deep.azurerm_subnet.s[\"a\"]";
    let other = "module.net.module.deep.azurerm_subnet.s[\"b\"]";
    let group = "azurerm_network_security_group.n";
    let association = format!("module.join[\"one\"].{ASSOCIATION}");
    let addresses = [inner, other, group, &association];
    let configuration = |subnet: &[&str]| {
        let joining = associating(&["var.subnet"], &["var.group"], &json!({}));
        json!({
            "module_calls": {
                "net": {"module": {
                    "outputs": {"ids": {"expression": refers(&["module.deep.ids", "module.deep"])},
                        "b": {"expression": refers(&["module.deep.ids[\"b\"]", "module.deep.ids", "module.deep"])}},
                    "module_calls": {"deep": {"module": {
                        "outputs": {"ids": {"expression": refers(&["azurerm_subnet.s"])}},
                    }}},
                }},
                "join": {
                    "for_each_expression": {"constant_value": {"one": {"key": "a"}}},
                    "expressions": {"subnet": refers(subnet), "group": refers(&["azurerm_network_security_group.n.id"])},
                    "module": {"resources": [joining], "variables": {"subnet": {}, "group": {}}},
                },
            },
        })
    };
    let a = ["a: nnull", "b: none"];
    let b = ["a: none", "b: nnull"];
    check(&addresses, &configuration(&["module.net.ids[\"a\"]", "module.net.ids", "module.net"]), &a);
    check(&addresses, &configuration(&["module.net.ids.b", "module.net.ids", "module.net"]), &b);
    check(&addresses, &configuration(&["module.net.b", "module.net"]), &b);
    check(&addresses, &configuration(&["module.net.ids", "each.value.key", "each.value"]), &a);
    let input = input(&plan(&resources(&addresses), &configuration(&["module.net.ids", "local.key"])));
    assert!(groups_of(&input)[0].contains("goes through `local.key`"), "{:?}", groups_of(&input));
}

#[test]
fn instances_of_modules_join_by_their_own_keys() {
    let addresses = [
        "module.net[\"a\"].azurerm_subnet.s",
        "module.net[\"b\"].azurerm_subnet.s",
        "module.nsg[\"a\"].azurerm_network_security_group.n",
        "module.nsg[\"b\"].azurerm_network_security_group.n",
        "azurerm_subnet_network_security_group_association.a[\"a\"]",
        "azurerm_subnet_network_security_group_association.a[\"b\"]",
    ];
    let module = |output: &str, reference: &str| {
        json!({"module": {"outputs": {output: {"expression": refers(&[reference])},
            "name": {"expression": {"constant_value": "x"}}}}})
    };
    // `module.net[each.key].id` shows as the module and the key.
    let configuration = json!({
        "resources": [associating(&["module.net", "each.key"], &["module.nsg", "each.key"], &json!({}))],
        "module_calls": {"net": module("id", "azurerm_subnet.s.id"),
            "nsg": module("id", "azurerm_network_security_group.n.id")},
    });
    let input = input(&plan(&resources(&addresses), &configuration));
    let (a, b) =
        ("module.net[\"a\"]snull: module.nsg[\"a\"]nnull", "module.net[\"b\"]snull: module.nsg[\"b\"]nnull");
    assert_eq!(groups_of(&input), [a, b]);
}

#[test]
fn a_ring_of_variables_and_outputs_ends() {
    let configuration = json!({
        "resources": [associating(&["module.m.out"], &["azurerm_network_security_group.n.id"], &json!({}))],
        "module_calls": {"m": {
            "expressions": {"v": refers(&["module.m.out", "module.m.out2"])},
            "module": {"outputs": {"out": {"expression": refers(&["var.v", "var.w"])},
                "out2": {"expression": refers(&["var.v"])}}, "variables": {"v": {}, "w": {}}},
        }},
    });
    let addresses = ["azurerm_subnet.s", "azurerm_network_security_group.n", ASSOCIATION];
    let input = input(&plan(&resources(&addresses), &configuration));
    assert!(groups_of(&input)[0].starts_with("snull: ?"), "{:?}", groups_of(&input));
}

#[test]
fn an_id_that_is_known_outranks_the_configuration() {
    let id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/elsewhere";
    let mut all = resources(&["azurerm_subnet.s", "azurerm_network_security_group.n", ASSOCIATION]);
    all[2].1 = json!({ "network_security_group_id": id });
    all[2].2 = json!({"subnet_id": true});
    let block = associating(&["azurerm_subnet.s.id"], &["azurerm_network_security_group.n.id"], &json!({}));
    let input = input(&plan(&all, &json!({"resources": [block]})));
    assert_eq!(groups_of(&input), ["snull: elsewhere"]);
}

#[test]
fn names_that_come_later_join_by_the_resource_that_is_named() {
    // The resource group's name has a random part; both name it.
    let later = |mut values: Value, keys: &[&str]| {
        let mut unknown = json!({"id": true});
        for key in keys {
            values.as_object_mut().unwrap().remove(*key);
            unknown[*key] = true.into();
        }
        (values, unknown)
    };
    let group_of = "azurerm_resource_group.rg";
    let rg = refers(&["azurerm_resource_group.rg.name", group_of]);
    let (network, network_later) =
        later(json!({"name": "v", "address_space": ["10.0.0.0/16"]}), &["resource_group_name"]);
    let (subnet_values, subnet_later) = later(subnet("s").0, &["resource_group_name"]);
    let (nsg, nsg_later) = later(json!({"security_rule": []}), &["name", "resource_group_name"]);
    let (rule, rule_later) =
        later(own_rule("r", 100, "n"), &["network_security_group_name", "resource_group_name"]);
    let resources = [
        (group_of, json!({"location": "westeurope"}), json!({"id": true, "name": true})),
        ("azurerm_virtual_network.v", network, network_later),
        ("azurerm_subnet.s", subnet_values, subnet_later),
        ("azurerm_network_security_group.n", nsg, nsg_later),
        ("azurerm_network_security_rule.r", rule, rule_later),
    ];
    let of = |address: &str, mut expressions: Value| {
        expressions["resource_group_name"] = rg.clone();
        block(address, &expressions)
    };
    let configuration = json!({"resources": [
        of("azurerm_virtual_network.v", json!({})),
        of("azurerm_subnet.s", json!({"virtual_network_name": {"constant_value": "v"}})),
        of("azurerm_network_security_group.n", json!({"security_rule": {"constant_value": []}})),
        of("azurerm_network_security_rule.r",
            json!({"network_security_group_name": refers(&["azurerm_network_security_group.n.name"])})),
    ]});
    let input = input(&plan(&resources, &configuration));
    assert_eq!(
        summary(&input.network).join("\n"),
        "vnet v 10.0.0.0/16
subnet v/s 10.0.1.0/24 nsg none routes none
nsg ${azurerm_network_security_group.n.name}
  r: 100 In Allow Tcp Internet:* -> *:443"
    );
    let subnet = &input.network.subnets[0];
    assert!(input.network.virtual_network(&subnet.network).is_some());
    assert!(
        subnet.id.as_str().contains("/resourceGroups/${azurerm_resource_group.rg.name}/"),
        "{}",
        subnet.id
    );
}

#[test]
fn one_id_twice_is_attached_to_in_doubt() {
    let other = "azurerm_subnet_network_security_group_association.b";
    let mut all = resources(&[
        "azurerm_subnet.s",
        "azurerm_network_security_group.n",
        "azurerm_network_security_group.m",
    ]);
    all.extend(resources(&[ASSOCIATION, other]));
    let second = block(
        other,
        &json!({"subnet_id": refers(&["azurerm_subnet.s.id"]),
        "network_security_group_id": refers(&["azurerm_network_security_group.m.id"])}),
    );
    let first = associating(&["azurerm_subnet.s.id"], &["azurerm_network_security_group.n.id"], &json!({}));
    let input = input(&plan(&all, &json!({"resources": [first, second]})));
    assert!(
        groups_of(&input)[0].contains("which of `azurerm_subnet_network_security_group_association.a` and")
    );
}

#[test]
fn a_number_that_a_variable_gives_may_be_counted_on() {
    let plan_of = |subnet: &[&str], group: &[&str], addresses: &[&str]| {
        let configuration = json!({"resources": [associating(subnet, group, &json!({}))]});
        let text = plan(&resources(addresses), &configuration);
        let mut plan: Value = serde_json::from_str(&text).unwrap();
        plan["variables"] = json!({"n": {"value": 1}});
        input(&plan.to_string())
    };
    let subnets = ["azurerm_subnet.s[0]", "azurerm_subnet.s[1]"];
    let group = "azurerm_network_security_group.n";
    // `azurerm_subnet.s[var.n - 1].id` and `azurerm_subnet.s[var.n].id` look the same.
    let found = groups_of(&plan_of(
        &["azurerm_subnet.s", "var.n"],
        &["azurerm_network_security_group.n.id"],
        &[subnets[0], subnets[1], group, ASSOCIATION],
    ));
    assert!(found.iter().all(|found| found.contains("which of the 2 instances")), "{found:?}");
    // One instance is the one.
    let found = groups_of(&plan_of(
        &["azurerm_subnet.s", "var.n"],
        &["azurerm_network_security_group.n.id"],
        &[subnets[0], group, ASSOCIATION],
    ));
    assert!(found[0].ends_with(": nnull"), "{found:?}");
    // `azurerm_network_security_group.n[var.n - count.index].id`
    let groups = [format!("{group}[0]"), format!("{group}[1]")];
    let own = [format!("{ASSOCIATION}[0]"), format!("{ASSOCIATION}[1]")];
    let found = groups_of(&plan_of(
        &["azurerm_subnet.s", "count.index"],
        &["azurerm_network_security_group.n", "var.n", "count.index"],
        &[subnets[0], subnets[1], &groups[0], &groups[1], &own[0], &own[1]],
    ));
    assert!(found.iter().all(|found| found.contains("which of the 2 instances")), "{found:?}");
}

#[test]
fn subnets_of_a_network_are_a_set_whose_order_says_nothing() {
    let network = json!({"name": "v", "resource_group_name": "rg", "address_space": ["10.0.0.0/16"],
        "subnet": [{"name": "s1", "address_prefixes": ["10.0.1.0/24"]},
                   {"name": "s2", "address_prefixes": ["10.0.2.0/24"]}]});
    let later = json!({"id": true, "subnet": [{"id": true, "security_group": true},
                                              {"id": true, "security_group": true}]});
    let groups = ["azurerm_network_security_group.n[\"1\"]", "azurerm_network_security_group.n[\"2\"]"];
    let mut all = resources(&groups);
    all.push(("azurerm_virtual_network.v", network, later));
    let written = |subnets: [(Value, Value, &str); 2]| {
        let blocks = subnets.map(|(name, prefixes, group)| {
            json!({"name": name, "address_prefixes": prefixes, "security_group": refers(&[group])})
        });
        block("azurerm_virtual_network.v", &json!({ "subnet": blocks }))
    };
    let said = |value: Value| json!({ "constant_value": value });
    let (first, second) = (format!("{}.id", groups[0]), format!("{}.id", groups[1]));
    let found = |subnets| groups_of(&input(&plan(&all, &json!({"resources": [written(subnets)]}))));
    let later = || refers(&["var.x"]);
    // Told by their names, or by their prefixes, in the order of the source.
    let by_name = [(said(json!("s2")), later(), &*second), (said(json!("s1")), later(), &*first)];
    assert_eq!(found(by_name), ["s1: 1", "s2: 2"]);
    let prefixes = |prefix: &str| said(json!([prefix]));
    let by_prefix =
        [(later(), prefixes("10.0.2.0/24"), &*second), (later(), prefixes("10.0.1.0/24"), &*first)];
    assert_eq!(found(by_prefix), ["s1: 1", "s2: 2"]);
    // By nothing: either may be either.
    let by_nothing = [(later(), later(), &*second), (later(), later(), &*first)];
    let found = found(by_nothing);
    assert!(found.iter().all(|found| found.contains("does not show what it refers to")), "{found:?}");
}

#[test]
fn the_id_of_a_subnet_may_be_put_together_of_its_network_and_its_name() {
    let network = json!({"name": "v", "resource_group_name": "rg", "address_space": ["10.0.0.0/16"]});
    let own = [format!("{ASSOCIATION}[\"a\"]"), format!("{ASSOCIATION}[\"b\"]")];
    let group = "azurerm_network_security_group.n";
    let subnets = ["azurerm_subnet.s[\"a\"]", "azurerm_subnet.s[\"b\"]"];
    let mut all = resources(&[subnets[0], subnets[1], group, &own[0]]);
    all.push(("azurerm_virtual_network.v", network, json!({"id": true})));
    let found = |more: &[&str]| {
        let names = json!({"a": {"name": "b", "other": "a"}});
        let for_each = json!({"for_each_expression": {"constant_value": names}});
        let subnet = [&["azurerm_virtual_network.v.id", "azurerm_virtual_network.v"], more].concat();
        let block = associating(&subnet, &["azurerm_network_security_group.n.id"], &for_each);
        groups_of(&input(&plan(&all, &json!({"resources": [block]}))))
    };
    assert_eq!(found(&["each.value.name", "each.value"]), ["a: none", "b: nnull"]);
    assert_eq!(found(&["each.key"]), ["a: nnull", "b: none"]);
    // `"${each.key}-${each.value.name}"` is another name, and one that is written out is not shown.
    for open in [&["each.key", "each.value.name", "each.value"][..], &[]] {
        let found = found(open);
        assert!(
            found.iter().all(|one| one.contains("it also refers to `azurerm_virtual_network.v`")),
            "{found:?}"
        );
    }
}
