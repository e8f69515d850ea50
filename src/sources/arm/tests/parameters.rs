//! Values of parameters: defaults, files, the command line, deployments, and the types that they are held against.

use super::{expanded, expanded_with, file, findings, set, value};

#[test]
fn parameters_come_from_defaults_then_files_in_order_then_the_command_line() {
    let template = r#"{"parameters": {"a": {"type": "string", "defaultValue": "1"}, "b": {"type": "string"},
        "c": {"type": "array"}, "d": {"type": "int"}, "e": {"type": "string"}},
        "resources": [{"type": "A.B/c", "name": "n", "properties": {"a": "[parameters('A')]", "b": "[parameters('b')]",
        "c": "[parameters('c')]", "d": "[parameters('d')]", "e": "[parameters('e')]"}}]}"#;
    let document = r#"{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
        "parameters": {"a": {"value": "2"}, "B": {"value": "[x]"}, "c": {"value": []}, "e": {"value": "e"}}}"#;
    let bare = r#"{"a": {"value": "3"}, "c": [1]}"#;
    let sources = [file(document), file(bare), set("d", "4"), set("e", "5")];
    let expansion = expanded_with(template, &sources);
    assert_eq!(findings(&expansion), [""; 0]);
    // A parameter file holds no expressions, and a text stays a text.
    assert_eq!(
        value(&expansion, 0, &["properties"]),
        "createObject('a', '3', 'b', '[x]', 'c', createArray(1), 'd', 4, 'e', '5')"
    );
    let b = expansion.resources[0].body.at(&["properties", "b"]).unwrap().origin();
    assert_eq!((&*b.file, &*b.path), ("parameters.json", "parameters.B.value"));
    let e = expansion.resources[0].body.at(&["properties", "e"]).unwrap().origin();
    assert_eq!((&*e.file, &*e.path), ("command line", "--set e"));
}

#[test]
fn an_expression_in_a_parameter_file_is_told_and_stays_a_text() {
    let template = r#"{"parameters": {"a": {"type": "string"}},
        "resources": [{"type": "A.B/c", "name": "[parameters('a')]"}]}"#;
    for (given, told) in
        [("[concat('8', '0')]", 1), ("[x]", 0), ("[::1]", 0), ("[[concat('a')]", 0), ("x(y)", 0)]
    {
        let expansion = expanded_with(template, &[file(&format!(r#"{{"a": {{"value": "{given}"}}}}"#))]);
        let found = findings(&expansion);
        assert_eq!(found.len(), told, "{given}: {found:?}");
        assert!(found.iter().all(|found| found.contains("which is no value")), "{found:?}");
        assert_eq!(expansion.resources[0].name.as_str(), Some(given));
    }
}

#[test]
fn a_wrong_parameter_is_a_finding_and_takes_nothing_away() {
    let template = r#"{"parameters": {"vnetName": {"type": "string", "defaultValue": "v", "allowedValues": ["v", "w"]}},
        "resources": [{"type": "A.B/c", "name": "[parameters('vnetName')]"}]}"#;
    for (source, says) in [
        (set("vnetNam", "x"), "there is no parameter `vnetNam`; did you mean `vnetName`?"),
        (
            file(r#"{"vnetName": {"value": 5}}"#),
            "parameter `vnetName` is declared as `string`, and its value is an integer",
        ),
        (file("[1]"), "a parameter file is an object, and this is an array"),
        (file(r#"{"$schema": "x"}"#), "the parameter file has no `parameters` object"),
        (
            file(r#"{"parameters": {"vnetName": "w"}}"#),
            "parameter `vnetName` is a string, expected an object with `value`",
        ),
        (set("vnetName", "z"), "parameter `vnetName` has a value that its `allowedValues` do not list"),
    ] {
        let expansion = expanded_with(template, &[source]);
        assert!(
            findings(&expansion).iter().any(|one| one.contains(says)),
            "{says}: {:?}",
            findings(&expansion)
        );
    }
}

#[test]
fn a_default_of_null_is_no_value() {
    let expansion = expanded(
        r#"{"parameters": {"id": {"type": "string", "defaultValue": null}, "may": {"type": "string", "nullable": true}},
        "resources": [{"type": "A.B/c", "name": "[parameters('id')]", "properties": {"x": "[parameters('may')]"}}]}"#,
    );
    assert_eq!(findings(&expansion), [""; 0]);
    assert_eq!(expansion.missing.len(), 1);
    assert_eq!(value(&expansion, 0, &["properties", "x"]), "null()");
}

#[test]
fn null_that_a_deployment_passes_on_stands_for_the_default() {
    let expansion = expanded(
        r#"{"parameters": {"subnet": {"type": "object", "defaultValue": {"name": "s"}}},
        "resources": [{"type": "Microsoft.Resources/deployments", "name": "d", "properties": {
          "expressionEvaluationOptions": {"scope": "inner"}, "parameters": {
            "endpoints": {"value": "[tryGet(parameters('subnet'), 'endpoints')]"},
            "may": {"value": "[tryGet(parameters('subnet'), 'may')]"},
            "given": {"value": "[tryGet(parameters('subnet'), 'name')]"}},
          "template": {"parameters": {"endpoints": {"type": "array", "defaultValue": ["e"]},
            "may": {"type": "string", "nullable": true}, "given": {"type": "string", "defaultValue": "d"}},
          "resources": [{"type": "A.B/c", "name": "n", "properties": {"all":
            "[createArray(length(parameters('endpoints')), parameters('may'), parameters('given'))]"}}]}}}]}"#,
    );
    assert_eq!(findings(&expansion), [""; 0]);
    assert_eq!(value(&expansion, 1, &["properties", "all"]), "createArray(1, null(), 's')");
    let file = file(r#"{"p": {"value": null}}"#);
    let template = r#"{"parameters": {"p": {"type": "string", "defaultValue": "d"}},
        "resources": [{"type": "A.B/c", "name": "[parameters('p')]"}]}"#;
    assert_eq!(expanded_with(template, &[file]).resources[0].name.as_str(), Some("d"));
}

/// Types of their own, in both ways that compiled Bicep says that they may be null.
#[test]
fn a_parameter_of_a_type_that_may_be_null_needs_no_value() {
    let template = |declaration: &str, definitions: &str| {
        format!(
            r#"{{"resources": [{{"type": "Microsoft.Resources/deployments", "name": "d", "properties": {{
            "expressionEvaluationOptions": {{"scope": "inner"}}, "template": {{
            "definitions": {{{definitions}}}, "parameters": {{"rules": {{{declaration}}}}},
            "resources": [{{"type": "A.B/c", "name": "n", "properties": {{"x": "[parameters('rules')]"}}}}]}}}}}}]}}"#
        )
    };
    let list = r##""list": {"type": "array", "nullable": true}"##;
    let ring = r##""list": {"$ref": "#/definitions/list"}"##;
    let of = r##""$ref": "#/definitions/list""##;
    let chain = r##""list": {"$ref": "#/definitions/of"}, "of": {"type": "array", "nullable": true}"##;
    let told = "the deployment `d` gives parameter `rules` no value";
    for (declaration, definitions, expected) in [
        (of, list, None),
        (of, chain, None),
        (r##""$ref": "#/definitions/list", "nullable": true"##, r#""list": {"type": "array"}"#, None),
        (of, r#""list": {"type": "array"}"#, Some(told)),
        (of, ring, Some(told)),
        (of, "", Some(told)),
    ] {
        let expansion = expanded(&template(declaration, definitions));
        let found = findings(&expansion).join("; ");
        assert_eq!(found.contains(told), expected.is_some(), "{declaration} of {definitions}: {found}");
        if expected.is_none() {
            assert_eq!(
                (found.as_str(), value(&expansion, 1, &["properties", "x"])),
                ("", "null()".to_owned())
            );
        }
    }
}

#[test]
fn what_is_typed_for_a_text_of_a_type_of_its_own_is_a_text() {
    let template = r##"{"definitions": {"word": {"type": "string"}},
        "parameters": {"p": {"$ref": "#/definitions/word"}},
        "resources": [{"type": "A.B/c", "name": "[parameters('p')]"}]}"##;
    let expansion = expanded_with(template, &[set("p", "12")]);
    assert_eq!(findings(&expansion), [""; 0]);
    assert_eq!(expansion.resources[0].name.as_str(), Some("12"));
}

#[test]
fn an_expression_may_make_the_object_with_the_value_of_a_parameter() {
    let expansion = expanded(
        r#"{"parameters": {"use": {"type": "bool", "defaultValue": true}, "open": {"type": "bool"}},
        "resources": [{"type": "Microsoft.Resources/deployments", "name": "d", "properties": {
          "expressionEvaluationOptions": {"scope": "inner"}, "parameters": {
            "one": "[if(parameters('use'), createObject('value', resourceId('A.B/c', 'x')), createObject('value', ''))]",
            "none": "[if(parameters('use'), createObject('value', null()), createObject('value', 'a'))]",
            "open": "[if(parameters('open'), createObject('value', 'a'), createObject('value', 'b'))]",
            "secret": "[createObject('reference', createObject('secretName', 's'))]"},
          "template": {"parameters": {"one": {"type": "string"}, "open": {"type": "string"},
            "secret": {"type": "securestring"}, "none": {"type": "string", "defaultValue": "default"}},
          "resources": [{"type": "A.B/c", "name": "n", "properties": {"one": "[parameters('one')]",
            "none": "[parameters('none')]", "open": "[concat('x-', parameters('open'))]",
            "secret": "[parameters('secret')]"}}]}}}]}"#,
    );
    assert_eq!(findings(&expansion), [""; 0]);
    for (key, expected) in [
        ("one", "@/providers/A.B/c/x"),
        ("none", "default"),
        ("open", "x-${parameters('d/open')}"),
        ("secret", "${parameters('d/secret')}"),
    ] {
        assert_eq!(value(&expansion, 1, &["properties", key]), expected, "{key}");
    }
    let gap = expansion.resources[1].body.at(&["properties", "open"]).unwrap().gap().unwrap();
    assert_eq!(gap.missing(), "parameter `open` has no value");
}
