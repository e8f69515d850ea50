//! Rules inline and as resources of their own (S140), and what is not known of them.

use super::*;

fn group(rules: &Value) -> Planned<'static> {
    let values = json!({"name": "n", "resource_group_name": "rg", "security_rule": rules});
    ("azurerm_network_security_group.n", values, json!({"id": true}))
}

/// A group whose list the provider fills in.
fn filled_in() -> Planned<'static> {
    let values = json!({"name": "n", "resource_group_name": "rg"});
    ("azurerm_network_security_group.n", values, json!({"id": true, "security_rule": true}))
}

fn of_its_own(name: &'static str, priority: u32) -> Planned<'static> {
    let address =
        if name == "web" { "azurerm_network_security_rule.web" } else { "azurerm_network_security_rule.b" };
    (address, own_rule(name, priority, "n"), json!({"id": true}))
}

fn written(expressions: &Value) -> Value {
    json!({"resources": [block("azurerm_network_security_group.n", expressions)]})
}

#[test]
fn inline_and_own_rules_are_united_with_a_finding() {
    let inline = written(&json!({"security_rule": {"constant_value": []}}));
    let silent = written(&json!({"name": {"constant_value": "n"}}));
    let rules = |names: &[&str]| json!(names.iter().map(|name| rule(name, 100)).collect::<Vec<_>>());
    for (what, resources, configuration, expected, code) in [
        ("inline alone", vec![group(&rules(&["a"]))], &inline, "nsg n|  a", ""),
        ("own alone", vec![filled_in(), of_its_own("web", 110)], &silent, "nsg n|  web", ""),
        (
            "both",
            vec![group(&rules(&["a"])), of_its_own("web", 110)],
            &inline,
            "nsg n|  a|  web",
            "mixed-rules",
        ),
        // What Terraform read back into the group is no rule of the group's own.
        ("read back", vec![group(&rules(&["web"])), of_its_own("web", 110)], &silent, "nsg n|  web", ""),
        ("state", vec![group(&rules(&["WEB"])), of_its_own("web", 110)], &json!({}), "nsg n|  web", ""),
        (
            "dynamic",
            vec![group(&rules(&["a"])), of_its_own("web", 110)],
            &silent,
            "nsg n|  a|  web",
            "mixed-rules",
        ),
        (
            "one name twice",
            vec![group(&rules(&["web"])), of_its_own("web", 110)],
            &inline,
            "nsg n|  web",
            "mixed-rules same-rule-twice",
        ),
    ] {
        let input = input(&plan(&resources, configuration));
        let found: Vec<String> = summary(&input.network)
            .iter()
            .map(|line| line.split_once(": ").map_or(line.as_str(), |(name, _)| name).to_owned())
            .collect();
        assert_eq!(found.join("|"), expected, "{what}");
        assert_eq!(codes(&input), code, "{what}");
    }
}

#[test]
fn a_rule_that_the_plan_deletes_is_gone_from_its_group_too() {
    let rules = json!([rule("web", 100), rule("kept", 200)]);
    let resources = [group(&rules)];
    let mut plan: Value = serde_json::from_str(&plan(&resources, &written(&json!({})))).unwrap();
    let mut deleted = change(&of_its_own("web", 100));
    deleted["change"]["before"] = deleted["change"]["after"].take();
    deleted["change"]["actions"] = json!(["delete"]);
    plan["resource_changes"].as_array_mut().unwrap().push(deleted);
    // The group is written too: what is done last counts.
    let found = input(&plan.to_string());
    let rules = &found.network.security_groups[0].rules.rules;
    assert!(format!("{:?}", rules[0].access).contains("whether the rule `web` is left"), "{:?}", rules[0]);
    plan["resource_changes"][0]["change"]["actions"] = json!(["no-op"]);
    let found = input(&plan.to_string());
    assert_eq!(lines(&found, &["web", "kept"]), "  kept: 200 In Allow Tcp Internet:* -> *:443");
    // A rule of another group with the same name has nothing to do with it.
    plan["resource_changes"][1]["change"]["before"]["resource_group_name"] = "other".into();
    assert_eq!(input(&plan.to_string()).network.security_groups[0].rules.custom().count(), 2);
}

/// `removed` with `destroy = false`: Terraform stops to look after the rule, and Azure keeps it.
#[test]
fn a_rule_that_the_plan_forgets_stays() {
    let rules = json!([rule("web", 100)]);
    let mut plan: Value = serde_json::from_str(&plan(&[group(&rules)], &written(&json!({})))).unwrap();
    let mut forgotten = change(&of_its_own("b", 110));
    forgotten["change"]["before"] = forgotten["change"]["after"].take();
    forgotten["change"]["actions"] = json!(["forget"]);
    plan["resource_changes"].as_array_mut().unwrap().push(forgotten);
    let names = |plan: &Value| {
        let found = input(&plan.to_string());
        let rules = found.network.security_groups[0].rules.custom().map(|rule| rule.name.to_string());
        rules.collect::<Vec<_>>()
    };
    assert_eq!(names(&plan), ["web", "b"]);
    plan.as_object_mut().unwrap().remove("planned_values");
    assert_eq!(names(&plan), ["web", "b"]);
}

#[test]
fn rules_that_come_later_make_the_group_unknown() {
    let doubt = |resources: &[Planned<'_>], configuration: &Value| {
        let input = input(&plan(resources, configuration));
        input.network.security_groups[0]
            .doubt
            .as_ref()
            .map(|gap| gap.missing().to_owned())
            .unwrap_or_default()
    };
    let silent = written(&json!({}));
    let later = "`azurerm_network_security_group.n.security_rule`, which is known only after apply";
    assert_eq!(doubt(&[filled_in()], &written(&json!({"security_rule": refers(&["local.rules"])}))), later);
    assert!(
        doubt(&[filled_in()], &silent).starts_with(&format!("{later}: the configuration shows no rules"))
    );
    assert_eq!(doubt(&[filled_in(), of_its_own("web", 100)], &silent), "");
    // Without a configuration nobody can tell a list that is filled in.
    assert_eq!(doubt(&[filled_in(), of_its_own("web", 100)], &json!({})), later);
}

#[test]
fn a_value_that_comes_later_is_unknown_and_a_blank_one_is_not_set() {
    let mut one = rule("web", 100);
    one.as_object_mut().unwrap().remove("source_address_prefix");
    one["destination_address_prefix"] = "".into();
    one["destination_address_prefixes"] = json!(["10.0.1.0/24", null]);
    one["destination_port_range"] = Value::Null;
    one["destination_port_ranges"] = json!(["443", "3443"]);
    let later = json!({"security_rule": [{"source_address_prefix": true,
        "destination_address_prefixes": [false, true], "destination_port_ranges": [false, false]}]});
    let (address, values, _) = group(&json!([one]));
    let input = input(&plan(&[(address, values, later)], &written(&json!({}))));
    let rule = &input.network.security_groups[0].rules.rules[0];
    let gaps: Vec<String> = [&rule.source.addresses, &rule.destination.addresses]
        .iter()
        .flat_map(|terms| terms.iter())
        .map(|term| format!("{:?}", term.value))
        .collect();
    assert!(
        gaps[0].contains("security_rule[0].source_address_prefix`, which is known only after apply"),
        "{gaps:?}"
    );
    assert!(gaps[1].contains("10.0.1.0/24") && gaps.len() == 3, "{gaps:?}");
    assert!(
        gaps[2].contains("destination_address_prefixes[1]`, which is known only after apply"),
        "{gaps:?}"
    );
    assert_eq!(rule.destination.ports.len(), 2);
    assert_eq!(codes(&input), "");
}

#[test]
fn a_sensitive_value_that_is_left_out_is_unknown() {
    let (address, mut values, later) = of_its_own("web", 100);
    values.as_object_mut().unwrap().remove("source_address_prefix");
    let mut plan: Value =
        serde_json::from_str(&plan(&[filled_in(), (address, values, later)], &written(&json!({})))).unwrap();
    let listed = &mut plan["planned_values"]["root_module"]["resources"][1];
    listed["sensitive_values"] = json!({"source_address_prefix": true});
    let input = input(&plan.to_string());
    let rule = &input.network.security_groups[0].rules.rules[0];
    let term = format!("{:?}", rule.source.addresses);
    assert!(term.contains("source_address_prefix`, which is sensitive and not shown"), "{term}");
}

#[test]
fn application_security_groups_are_joined_by_what_a_rule_refers_to() {
    let (address, mut values, _) = of_its_own("web", 100);
    values["source_address_prefix"] = "".into();
    values.as_object_mut().unwrap().remove("source_application_security_group_ids");
    let later = json!({"id": true, "source_application_security_group_ids": true});
    let member = (
        "azurerm_application_security_group.web",
        json!({"name": "asg", "resource_group_name": "rg"}),
        json!({"id": true}),
    );
    let references =
        refers(&["azurerm_application_security_group.web.id", "azurerm_application_security_group.web"]);
    let configuration = json!({"resources": [
        block("azurerm_network_security_group.n", &json!({})),
        block("azurerm_network_security_rule.web", &json!({"source_application_security_group_ids": references})),
    ]});
    let resources = [filled_in(), (address, values, later), member];
    let text = plan(&resources, &configuration);
    assert!(lines(&input(&text), &["web"]).contains("asg:asg"), "{}", lines(&input(&text), &["web"]));
    // The interfaces in it: by an association, whose address is fixed.
    let interface = json!({"name": "nic", "resource_group_name": "rg",
        "ip_configuration": [{"name": "i", "private_ip_address": "10.0.1.9"}]});
    let joins = (
        "azurerm_network_interface_application_security_group_association.a",
        json!({}),
        json!({"network_interface_id": true, "application_security_group_id": true}),
    );
    let mut resources = resources.to_vec();
    resources.push((
        "azurerm_network_interface.nic",
        interface,
        json!({"id": true, "ip_configuration": [{"subnet_id": true}]}),
    ));
    resources.push(joins);
    let mut configuration = configuration;
    configuration["resources"].as_array_mut().unwrap().push(block(
        "azurerm_network_interface_application_security_group_association.a",
        &json!({"network_interface_id": refers(&["azurerm_network_interface.nic.id"]),
            "application_security_group_id": refers(&["azurerm_application_security_group.web.id"])}),
    ));
    let input = input(&plan(&resources, &configuration));
    let (id, members) = input.network.groups.first_key_value().unwrap();
    assert_eq!((id.name(), members.certain.len()), ("asg", 1));
}
