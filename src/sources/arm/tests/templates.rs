//! Templates as texts.

use super::{GROUP, expanded, findings, value};
use crate::sources::arm::{Expansion, expand};
use crate::sources::json::read;

const NSG: &str = "Microsoft.Network/networkSecurityGroups";

/// Ids, with `@` for the resource group.
fn ids(expansion: &Expansion) -> Vec<String> {
    expansion
        .resources
        .iter()
        .map(|one| one.id.as_str().replace(GROUP, "@").replace("/providers/Microsoft.Network/", "/"))
        .collect()
}

#[test]
fn children_inside_a_parent_get_its_type_and_name() {
    let expansion = expanded(
        r#"{"parameters": {"nsg": {"type": "string"}}, "resources": [
        {"type": "Microsoft.Network/networkSecurityGroups", "name": "[parameters('nsg')]", "properties": {},
         "resources": [{"type": "securityRules", "name": "r1", "properties": {"priority": 100}}]},
        {"type": "Microsoft.Network/networkSecurityGroups/securityRules", "name": "[format('{0}/r2', parameters('nsg'))]"}]}"#,
    );
    assert_eq!(
        ids(&expansion),
        [
            "@/networkSecurityGroups/${parameters('nsg')}",
            "@/networkSecurityGroups/${parameters('nsg')}/securityRules/r1",
            "@/networkSecurityGroups/${parameters('nsg')}/securityRules/r2",
        ]
    );
    assert_eq!(expansion.resources[1].kind, format!("{NSG}/securityRules"));
    assert_eq!(expansion.resources[1].id.parent(), Some(expansion.resources[0].id.clone()));
    assert_eq!(expansion.missing[0].supply(), Some("--set nsg=VALUE"));
    assert_eq!(findings(&expansion), [""; 0]);
}

#[test]
fn a_reference_joins_the_resource_without_a_value_for_its_name() {
    let expansion = expanded(
        r#"{"parameters": {"name": {"type": "string"}},
        "variables": {"nsg": "[concat(parameters('name'), '-', uniqueString(resourceGroup().id))]",
                      "id": "[resourceId('microsoft.network/NETWORKSECURITYGROUPS', variables('nsg'))]"},
        "resources": [{"type": "Microsoft.Network/networkSecurityGroups", "name": "[variables('nsg')]"},
          {"type": "Microsoft.Network/virtualNetworks", "name": "v", "properties": {"nsg": {"id": "[variables('id')]"}}}]}"#,
    );
    let id = expansion.resources[1].body.at(&["properties", "nsg", "id"]).unwrap().as_text().unwrap();
    assert_eq!(crate::model::ResourceId::new(id), expansion.resources[0].id);
}

#[test]
fn loops_on_resources_properties_and_variables() {
    let expansion = expanded(
        r#"{"variables": {"copy": [{"name": "ports", "count": 2, "input": "[add(80, copyIndex('ports'))]"}],
                       "inner": {"copy": [{"name": "list", "count": 2, "input": {"n": "[copyIndex('list', 1)]"}}], "kept": 1}},
        "resources": [{"type": "Microsoft.Network/networkSecurityGroups", "name": "[concat('nsg', copyIndex(1))]",
          "copy": {"name": "nsgs", "count": "[length(variables('ports'))]"},
          "properties": {"copy": [{"name": "securityRules", "count": 2,
            "input": {"name": "[format('r{0}{1}', copyIndex(), copyIndex('securityRules'))]"}}],
            "inner": "[variables('inner')]", "ports": "[variables('ports')]"}}]}"#,
    );
    assert_eq!(findings(&expansion), [""; 0]);
    assert_eq!(ids(&expansion), ["@/networkSecurityGroups/nsg1", "@/networkSecurityGroups/nsg2"]);
    assert_eq!(
        value(&expansion, 1, &["properties", "securityRules"]),
        "createArray(createObject('name', 'r10'), createObject('name', 'r11'))"
    );
    assert_eq!(value(&expansion, 0, &["properties", "ports"]), "createArray(80, 81)");
    assert_eq!(
        value(&expansion, 0, &["properties", "inner"]),
        "createObject('list', createArray(createObject('n', 1), createObject('n', 2)), 'kept', 1)"
    );
    assert_eq!(expansion.resources[1].origin.within.as_deref(), Some("loop nsgs"));
}

#[test]
fn a_loop_beyond_the_limit_is_a_finding_and_is_never_expanded() {
    for (count, says) in [
        ("1000000000", "a `copy` loop of 1000000000 is outside of 0..=800, Azure's limit"),
        ("-1", "a `copy` loop of -1 is outside"),
        ("\"x\"", "the `count` of a `copy` loop is a string, expected an integer"),
    ] {
        let expansion = expanded(&format!(
            r#"{{"resources": [{{"type": "A.B/c", "name": "n", "copy": {{"name": "l", "count": {count}}}}},
            {{"type": "A.B/c", "name": "m"}}]}}"#
        ));
        assert!(findings(&expansion)[0].contains(says), "{:?}", findings(&expansion));
        assert_eq!(expansion.resources.len(), 1);
    }
}

#[test]
fn a_loop_with_an_unknown_count_leaves_one_that_may_not_be_there() {
    let expansion = expanded(
        r#"{"parameters": {"n": {"type": "int"}}, "resources": [{"type": "A.B/c", "name": "[concat('n', copyIndex())]",
        "copy": {"name": "l", "count": "[parameters('n')]"}}]}"#,
    );
    assert_eq!(expansion.resources[0].exists.gap().unwrap().supply(), Some("--set n=VALUE"));
    assert!(expansion.resources[0].id.as_str().ends_with("/n${copyIndex('l')}"));
}

#[test]
fn conditions_drop_keep_or_leave_open() {
    let expansion = expanded(
        r#"{"parameters": {"flag": {"type": "bool"}}, "resources": [
        {"type": "A.B/c", "name": "gone", "condition": "[equals(1, 2)]"},
        {"type": "A.B/c", "name": "kept", "condition": true},
        {"type": "A.B/c", "name": "open", "condition": "[parameters('flag')]",
         "resources": [{"type": "d", "name": "child"}]}]}"#,
    );
    let names: Vec<&str> = expansion.resources.iter().map(|one| one.id.name()).collect();
    assert_eq!(names, ["kept", "open", "child"]);
    assert_eq!(expansion.dropped, 1);
    assert!(expansion.resources[2].exists.gap().is_some());
}

#[test]
fn the_origin_is_the_line_to_edit() {
    let expansion = expanded(
        "{\"parameters\": {\"rules\": {\"type\": \"array\", \"defaultValue\": [\n {\"name\": \"r\",\n  \"port\": \"[concat('2', '2')]\"}]}},\n\
         \"variables\": {\"v\": \"literal\"},\n\
         \"resources\": [{\"type\": \"A.B/c\", \"name\": \"n\", \"properties\": {\n\
         \"rules\": \"[parameters('rules')]\",\n\"v\": \"[variables('v')]\",\n\"made\": \"[concat('a', 'b')]\"}}]}",
    );
    let properties = expansion.resources[0].body.get("properties").unwrap();
    let line = |keys: &[&str]| properties.at(keys).unwrap().origin().line;
    let rule = &properties.get("rules").unwrap().items()[0];
    assert_eq!(rule.get("name").unwrap().origin().line, 2);
    assert_eq!(rule.get("port").unwrap().origin().line, 3);
    assert_eq!(&*rule.get("port").unwrap().origin().path, "parameters.rules.defaultValue[0].port");
    assert_eq!((line(&["v"]), line(&["made"])), (4, 8));
}

#[test]
fn rings_are_named() {
    let expansion = expanded(
        r#"{"variables": {"a": "[variables('b')]", "b": "[concat(variables('c'), 'x')]", "c": "[variables('a')]"},
        "resources": [{"type": "A.B/c", "name": "[variables('a')]"}]}"#,
    );
    let says = "needs itself: variables('a') -> variables('b') -> variables('c') -> variables('a')";
    assert_eq!(findings(&expansion).len(), 1);
    assert!(findings(&expansion)[0].contains(says), "{:?}", findings(&expansion));
    assert_eq!(expansion.resources.len(), 1);
}

#[test]
fn growth_without_end_stops_at_a_named_limit() {
    let chain = |step: &str, count: usize| {
        let lines: Vec<String> = (1..count)
            .map(|n| format!(r#""v{n}": "{}""#, step.replace("PREV", &format!("v{}", n - 1))))
            .collect();
        let resources: Vec<String> = (0..count)
            .map(|n| {
                format!(
                    r#"{{"type": "A.B/c", "name": "n{n}", "properties": {{"v": "[variables('v{n}')]"}}}}"#
                )
            })
            .collect();
        expanded(&format!(
            r#"{{"variables": {{"v0": ["x"], {}}}, "resources": [{}]}}"#,
            lines.join(","),
            resources.join(",")
        ))
    };
    let doubling = chain("[concat(variables('PREV'), variables('PREV'))]", 64);
    assert!(findings(&doubling)[0].contains("more than 1000000 values"), "{:?}", findings(&doubling));
    assert_eq!(doubling.resources.len(), 64);
    let sharing = chain("[createArray(variables('PREV'), variables('PREV'))]", 64);
    assert!(findings(&sharing)[0].contains("more than 1000000 values"), "{:?}", findings(&sharing));
    let deep = chain("[createArray(variables('PREV'))]", 2000);
    assert!(findings(&deep)[0].contains("nests deeper than 300"), "{:?}", findings(&deep));
    let texts = expanded(
        r#"{"resources": [{"type": "A.B/c", "name": "[reduce(range(0, 60), 'ab', lambda('t', 'i', concat(lambdaVariables('t'), lambdaVariables('t'))))]"}]}"#,
    );
    assert!(findings(&texts)[0].contains("the text is longer than 4194304 bytes"), "{:?}", findings(&texts));
    let resource = r#"{"type": "A.B/c", "name": "n", "copy": {"name": "l", "count": 800}}"#;
    let many = expanded(&format!(r#"{{"resources": [{}]}}"#, vec![resource; 100].join(",")));
    assert!(
        findings(&many)[0].contains("more than 50000 resources; the rest is not read"),
        "{:?}",
        findings(&many)
    );
    assert_eq!(many.resources.len(), 50_000);
    let loops = expanded(
        r#"{"resources": [{"type": "A.B/c", "name": "n", "properties": {"copy": [{"name": "a", "count": 800, "input":
        {"copy": [{"name": "b", "count": 800, "input": {"copy": [{"name": "c", "count": 800, "input": "x"}]}}]}}]}}]}"#,
    );
    assert!(findings(&loops)[0].contains("more than 1000000 values by loops"), "{:?}", findings(&loops));
}

#[test]
fn a_long_chain_of_variables_is_refused_and_not_followed_to_the_end() {
    let lines: Vec<String> = (0..3000).map(|n| format!(r#""v{n}": "[variables('v{}')]""#, n + 1)).collect();
    let expansion = expanded(&format!(
        r#"{{"variables": {{{}, "v3000": "end"}}, "resources": [{{"type": "A.B/c", "name": "[variables('v0')]"}}]}}"#,
        lines.join(",")
    ));
    assert!(findings(&expansion)[0].contains("nests deeper than"), "{:?}", findings(&expansion));
}

#[test]
fn symbolic_names_existing_resources_and_references() {
    let expansion = expanded(
        r#"{"languageVersion": "2.0", "resources": {
        "nsg": {"type": "Microsoft.Network/networkSecurityGroups", "name": "n"},
        "old": {"existing": true, "type": "Microsoft.Network/virtualNetworks/subnets", "name": "[format('{0}/{1}', 'v', 's')]",
                "resourceGroup": "other"},
        "vnet": {"type": "Microsoft.Network/virtualNetworks", "name": "v", "properties": {
            "subnets": [{"name": "apim", "properties": {"networkSecurityGroup": {"id": "[resourceInfo('nsg').id]"}}}]}},
        "user": {"type": "A.B/c", "name": "u", "properties": {
            "subnet": "[reference('vnet').subnets[0].id]", "rule": "[reference('old').addressPrefix]",
            "ip": "[reference('vnet').resourceGuid]"}}}}"#,
    );
    assert_eq!(findings(&expansion), [""; 0]);
    assert_eq!(expansion.resources[1].origin.within.as_deref(), Some("old"));
    assert!(expansion.resources[1].existing && !expansion.resources[0].existing);
    assert_eq!(
        value(&expansion, 3, &["properties", "subnet"]),
        "@/providers/Microsoft.Network/virtualNetworks/v/subnets/apim"
    );
    assert_eq!(
        value(&expansion, 3, &["properties", "rule"]),
        "?reference('/subscriptions/${subscription().subscriptionId}/resourceGroups/other/providers/Microsoft.Network/virtualNetworks/v/subnets/s').addressPrefix"
    );
    assert_eq!(value(&expansion, 3, &["properties", "ip"]), "?reference('vnet').resourceGuid");
}

#[test]
fn nested_deployments_see_their_own_values_and_hand_out_outputs() {
    let expansion = expanded(
        r#"{"parameters": {"name": {"type": "string", "defaultValue": "outer"}}, "resources": [
        {"type": "Microsoft.Resources/deployments", "name": "net", "resourceGroup": "net-rg", "properties": {
          "expressionEvaluationOptions": {"scope": "inner"}, "mode": "Incremental",
          "parameters": {"name": {"value": "[concat(parameters('name'), '-nsg')]"}},
          "template": {"parameters": {"name": {"type": "string"}},
            "resources": [{"type": "Microsoft.Network/networkSecurityGroups", "name": "[parameters('name')]"}],
            "outputs": {"id": {"type": "string", "value": "[resourceId('Microsoft.Network/networkSecurityGroups', parameters('name'))]"}}}}},
        {"type": "Microsoft.Resources/deployments", "name": "shared", "properties": {"mode": "Incremental",
          "template": {"parameters": {"name": {"type": "string"}},
            "resources": [{"type": "A.B/c", "name": "[parameters('name')]"}]}}},
        {"type": "A.B/c", "name": "user", "properties": {"nsg":
          "[reference(resourceId('net-rg', 'Microsoft.Resources/deployments', 'net')).outputs.id.value]",
          "near": "[reference('net').outputs.id.value]"}}]}"#,
    );
    assert_eq!(findings(&expansion), [""; 0]);
    let nsg = &expansion.resources[1];
    let id = "/subscriptions/${subscription().subscriptionId}/resourceGroups/net-rg/providers/Microsoft.Network/networkSecurityGroups/outer-nsg";
    assert_eq!(nsg.id.as_str(), id);
    assert_eq!(nsg.origin.within.as_deref(), Some("deployment net"));
    // Outer scope, the default: the template's own parameters do not count.
    assert_eq!(expansion.resources[3].id.name(), "outer");
    assert_eq!(value(&expansion, 4, &["properties", "nsg"]), id);
    assert_eq!(value(&expansion, 4, &["properties", "near"]), id);
}

#[test]
fn a_part_of_its_parent_answers_for_itself() {
    let expansion = expanded(
        r#"{"resources": [{"type": "Microsoft.Network/virtualNetworks", "name": "v", "properties": {
          "subnets": [{"name": "s", "properties": {"addressPrefix": "10.0.0.0/24"}}]}},
        {"type": "Microsoft.Network/virtualNetworks/subnets", "name": "v/s", "properties": {
          "addressPrefix": "[reference(resourceId('Microsoft.Network/virtualNetworks/subnets', 'v', 's')).addressPrefix]"}},
        {"type": "A.B/c", "name": "me", "properties": {"a": "[reference('me').a]"}}]}"#,
    );
    assert_eq!(value(&expansion, 1, &["properties", "addressPrefix"]), "10.0.0.0/24");
    assert_eq!(findings(&expansion).len(), 1);
    assert!(findings(&expansion)[0].contains("`reference('me')` needs itself"), "{:?}", findings(&expansion));
}

#[test]
fn loops_of_symbolic_names_are_reached_by_index_and_all_together() {
    let expansion = expanded(
        r#"{"languageVersion": "2.0", "resources": {
        "nsgs": {"type": "Microsoft.Network/networkSecurityGroups", "name": "[format('n{0}', copyIndex())]",
          "copy": {"name": "nsgs", "count": 2}, "properties": {"x": "[copyIndex()]"}},
        "user": {"type": "A.B/c", "name": "u", "properties": {"id": "[resourceInfo(format('nsgs[{0}]', 1)).id]",
          "x": "[reference('nsgs[1]').x]",
          "all": "[map(references('nsgs', 'full'), lambda('n', lambdaVariables('n').name))]"}}}}"#,
    );
    assert_eq!(findings(&expansion), [""; 0]);
    assert_eq!(
        value(&expansion, 2, &["properties"]),
        "createObject('id', '@/providers/Microsoft.Network/networkSecurityGroups/n1', 'x', 1, 'all', createArray('n0', 'n1'))"
    );
}

#[test]
fn a_deployment_that_gives_no_value_and_a_function_that_calls_itself_are_named() {
    let expansion = expanded(
        r#"{"functions": [{"namespace": "my", "members": {"ring": {"parameters": [{"name": "x", "type": "string"}],
          "output": {"type": "string", "value": "[concat('a', my.ring(parameters('x')))]"}}}}],
        "resources": [{"type": "A.B/c", "name": "n", "properties": {"x": "[my.ring('x')]"}},
        {"type": "Microsoft.Resources/deployments", "name": "d", "properties": {
          "expressionEvaluationOptions": {"scope": "inner"}, "template": {"parameters": {"p": {"type": "string"}},
          "resources": [{"type": "A.B/c", "name": "[parameters('p')]"}]}}}]}"#,
    );
    let all = findings(&expansion).join("; ");
    assert!(all.contains("the deployment `d` gives parameter `p` no value"), "{all}");
    assert!(all.contains("nests deeper than 150"), "{all}");
    assert_eq!(expansion.resources[2].id.name(), "${parameters('d/p')}");
}

#[test]
fn children_and_deployments_nest_to_a_limit() {
    let mut child = r#"{"type": "x", "name": "n"}"#.to_owned();
    for _ in 0..120 {
        child = format!(r#"{{"type": "x", "name": "n", "resources": [{child}]}}"#);
    }
    assert_eq!(expanded(&format!(r#"{{"resources": [{child}]}}"#)).resources.len(), 121);
    let mut inner = r#"{"resources": [{"type": "A.B/c", "name": "n"}]}"#.to_owned();
    for _ in 0..60 {
        inner = format!(
            r#"{{"resources": [{{"type": "Microsoft.Resources/deployments", "name": "d", "properties": {{"template": {inner}}}}}]}}"#
        );
    }
    let expansion = expanded(&inner);
    assert!(
        findings(&expansion)[0].contains("deployments nest deeper than 20"),
        "{:?}",
        findings(&expansion)
    );
}

#[test]
fn a_linked_template_is_named() {
    let expansion = expanded(
        r#"{"resources": [{"type": "Microsoft.Resources/deployments", "name": "d",
        "properties": {"templateLink": {"uri": "https://example.org/t.json"}}}]}"#,
    );
    assert!(findings(&expansion)[0].contains("the template of the deployment `d` is in another file"));
    assert_eq!(expansion.resources.len(), 1);
}

#[test]
fn escapes_stay_texts_and_a_mistake_has_its_column() {
    let expansion = expanded(
        "{\"resources\": [{\"type\": \"A.B/c\", \"name\": \"n\", \"properties\": {\"a\": \"[[not('x')]\", \"b\": \"[x\",\n  \"c\": \"[concat('a' 'b')]\"}}]}",
    );
    assert_eq!(value(&expansion, 0, &["properties", "a"]), "[not('x')]");
    assert_eq!(value(&expansion, 0, &["properties", "b"]), "[x");
    assert_eq!(value(&expansion, 0, &["properties", "c"]), "?concat('a' 'b')");
    assert_eq!(findings(&expansion), ["2:21 malformed expression: read `'b')]`, expected `,` or `)`"]);
}

#[test]
fn a_resource_that_cannot_be_read_is_never_lost_in_silence() {
    for (resource, says) in [
        (r#"{"name": "n"}"#, "the `type` of a resource is missing"),
        (r#"{"type": "A.B/c"}"#, "a resource without `name`"),
        (r#"{"type": "A.B/c", "name": 5}"#, "the name of a resource is an integer"),
        (r#"{"type": "A.B/c/d", "name": "n"}"#, "has 1 parts, and the type `A.B/c/d` needs 2"),
        (r#"5"#, "the `type` of a resource is missing"),
    ] {
        let expansion = expanded(&format!(r#"{{"resources": [{resource}]}}"#));
        assert!(
            findings(&expansion).iter().any(|one| one.contains(says)),
            "{says}: {:?}",
            findings(&expansion)
        );
    }
    assert!(findings(&expanded("[1]"))[0].contains("a template is an object"));
    assert!(findings(&expanded(r#"{"resources": 5}"#))[0].contains("`resources` is an integer"));
}

#[test]
fn a_subscription_template_has_ids_of_the_subscription() {
    let expansion = expanded(
        r#"{"$schema": "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#", "resources": [
        {"type": "Microsoft.Resources/resourceGroups", "name": "rg", "location": "[deployment().location]"},
        {"type": "Microsoft.Resources/deployments", "name": "d", "resourceGroup": "rg", "properties": {
          "expressionEvaluationOptions": {"scope": "inner"}, "template": {
          "resources": [{"type": "A.B/c", "name": "n", "location": "[resourceGroup().location]"}]}}}]}"#,
    );
    assert_eq!(findings(&expansion), [""; 0]);
    assert_eq!(
        expansion.resources[0].id.as_str(),
        "/subscriptions/${subscription().subscriptionId}/resourceGroups/rg"
    );
    assert_eq!(
        expansion.resources[2].id.as_str(),
        "/subscriptions/${subscription().subscriptionId}/resourceGroups/rg/providers/A.B/c/n"
    );
    assert_eq!(value(&expansion, 2, &["location"]), "${resourceGroup('rg').location}");
}

proptest::proptest! {
    /// Any JSON is a template that ends.
    #[test]
    fn no_document_makes_expansion_panic(text in "\\{\"(resources|variables)\": ?[\\[{]([\\]\\[{}:,\"a1 ]|\"copy\":|\"name\":|\"type\":|\"\\[a\\(\\)\\]\"){0,20}") {
        if let Ok(document) = read(&"t.json".into(), &text) {
            let _ = expand(&document.root, &[]);
        }
    }
}

/// A part of a template, and the names of what is read there.
#[test]
fn origins_name_the_symbolic_resource_the_loop_and_the_deployment() {
    let nsg = |more: &str, rules: &str| {
        format!(
            r#"{{"type": "Microsoft.Network/networkSecurityGroups", "name": "nsg"{more},
                "properties": {{{rules}}}}}"#
        )
    };
    let table = [
        (format!(r#"{{"languageVersion": "2.0", "resources": {{"apimNsg": {}}}}}"#, nsg("", "")), "apimNsg"),
        (
            format!(r#"{{"resources": [{}]}}"#, nsg(r#", "copy": {"name": "groups", "count": 2}"#, "")),
            "loop groups",
        ),
        (
            format!(
                r#"{{"resources": [{{"type": "Microsoft.Resources/deployments", "name": "net",
                    "properties": {{"template": {{"resources": {{"apimNsg": {}}}}}}}}}]}}"#,
                nsg("", "")
            ),
            "deployment net, apimNsg",
        ),
        (format!(r#"{{"resources": [{}]}}"#, nsg("", "")), ""),
    ];
    for (text, name) in table {
        let expansion = expanded(&text);
        let resource = expansion.resources.iter().find(|found| found.kind.ends_with("Groups")).unwrap();
        assert_eq!(resource.origin.within.as_deref().unwrap_or_default(), name, "{text}");
    }
}
