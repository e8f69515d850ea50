//! `inspect` as text and as JSON: inputs with gaps, and files that are no input.

use crate::golden::compare;
use crate::schema::valid;
use flowcheck::report::json::Head;
use flowcheck::report::text::TextOptions;
use flowcheck::report::{Inspected, Refused, json, text};
use flowcheck::sources::{ReadOptions, inspect};

/// Two parameters without a value, a loop, a group that is elsewhere, a condition that is false, a resource
/// of a type that nobody looks at.
const TEMPLATE: &str = r#"{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "languageVersion": "2.0",
  "parameters": {"space": {"type": "string"}, "ports": {"type": "array"}},
  "resources": {
    "hub": {
      "type": "Microsoft.Network/virtualNetworks", "apiVersion": "2023-09-01", "name": "hub",
      "properties": {"addressSpace": {"addressPrefixes": ["[parameters('space')]"]}, "subnets": [
        {"name": "apim", "properties": {"addressPrefix": "10.0.1.0/24",
          "networkSecurityGroup": {"id": "[resourceId('Microsoft.Network/networkSecurityGroups', 'elsewhere')]"}}}]}
    },
    "group": {
      "type": "Microsoft.Network/networkSecurityGroups", "apiVersion": "2023-09-01", "name": "own",
      "properties": {"copy": [{"name": "securityRules", "count": 2, "input": {
        "name": "[format('r{0}', copyIndex('securityRules'))]",
        "properties": {"priority": "[add(100, copyIndex('securityRules'))]", "direction": "Inbound",
          "access": "allow", "protocol": "Tcp", "sourceAddressPrefix": "Internet", "sourcePortRange": "*",
          "destinationAddressPrefix": "*",
          "destinationPortRange": "[parameters('ports')[copyIndex('securityRules')]]"}}}]}
    },
    "store": {"type": "Microsoft.Storage/storageAccounts", "apiVersion": "2023-01-01", "name": "store"},
    "off": {"type": "Microsoft.Network/routeTables", "apiVersion": "2023-09-01", "name": "off",
      "condition": false, "properties": {}},
    "old": {"existing": true, "type": "Microsoft.Network/publicIPAddresses", "apiVersion": "2023-09-01", "name": "ip"}
  }
}
"#;

/// What is counted in a file, and how many of it there are.
type Counted = &'static [(&'static str, usize)];

/// Files that are no input: name, text, kind, and what is counted.
const OTHERS: &[(&str, &str, &str, Counted)] = &[
    (
        "main.parameters.json",
        r#"{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
            "parameters": {"rules": {"value": [{"name": "a", "properties": {"access": "Allow", "direction": "Inbound"}}]}}}"#,
        "parameters",
        &[("parameters", 1), ("rule objects", 1)],
    ),
    (
        "flows.json",
        r#"{"records": [{"time": "2024-01-01T00:00:00Z", "category": "NetworkSecurityGroupFlowEvent",
            "properties": {"Version": 2, "flows": [{"rule": "UserRule_a", "flows": [{"mac": "x",
            "flowTuples": ["1,10.0.0.4,10.0.0.5,1,443,T,I,A,B,,,,", "2,10.0.0.4,10.0.0.5,1,443,T,I,A,E,1,1,1,1"]}]}]}}]}"#,
        "flow-log",
        &[("records", 1), ("rules", 1), ("flow tuples", 2)],
    ),
    (
        "lines.json",
        "{\"time\": \"1\", \"category\": \"FlowLogFlowEvent\", \"flowRecords\": {\"flows\": [{\"flowGroups\": [{\"rule\": \"a\", \"flowTuples\": [\"1\"]}]}]}}\n{\"time\": \"2\", \"category\": \"FlowLogFlowEvent\", \"flowRecords\": {\"flows\": []}}\n",
        "flow-log",
        &[("records", 2), ("rules", 1), ("flow tuples", 1)],
    ),
    (
        "error.json",
        r#"{"error": {"code": "InvalidTemplate", "message": "no", "details": [{"code": "a"}, {"code": "b"}]}}"#,
        "error",
        &[("error `InvalidTemplate`", 1), ("details", 2)],
    ),
    ("main.bicep", "param name string\n", "bicep", &[("lines", 1)]),
    ("main.bicepparam", "using 'main.bicep'\n", "bicepparam", &[("lines", 1)]),
    ("main.tf", "resource \"azurerm_subnet\" \"a\" {\n}\n", "terraform-source", &[("lines", 2)]),
];

fn answer() -> Inspected {
    let options = ReadOptions::default();
    let mut answer = Inspected::default();
    answer.inspections.push(inspect(TEMPLATE.as_bytes(), "main.json", &options).unwrap());
    for (name, text, ..) in OTHERS {
        answer.inspections.push(inspect(text.as_bytes(), name, &options).unwrap());
    }
    let error = inspect(b"{\"a\": 1", "cut.json", &options).unwrap_err();
    answer.refused.push(Refused { file: "cut.json".into(), reason: error.to_string() });
    answer
}

#[test]
fn inspect_reads_well() {
    for (name, options) in [
        ("inspect", TextOptions::default()),
        ("inspect-verbose", TextOptions { verbose: true, ..TextOptions::default() }),
    ] {
        let mut out = Vec::new();
        text::inspect(&answer(), &options, &mut out).unwrap();
        compare(name, &out);
    }
}

#[test]
fn inspect_counts_what_there_is() {
    let answer = answer();
    let document = valid("inspect", |out| json::inspect(&answer, &Head::default(), out).unwrap());
    let first = &document["files"][0];
    assert_eq!(first["kind"], "arm");
    let counts = ["virtual_networks", "subnets", "security_groups", "rules", "route_tables", "instances"];
    assert_eq!(counts.map(|count| first["counts"][count].as_u64().unwrap()), [1, 1, 1, 2, 0, 0]);
    assert_eq!((first["left_out"].as_u64(), first["referred_to"].as_u64()), (Some(1), Some(1)));
    assert_eq!(first["missing"].as_array().unwrap().len(), 2);
    let unknowns: Vec<&str> =
        first["unknowns"].as_array().unwrap().iter().map(|gap| gap["missing"].as_str().unwrap()).collect();
    // The address space, the ports of both rules, the group that is elsewhere.
    assert!(unknowns.iter().any(|text| text.contains("elsewhere")), "{unknowns:?}");
    assert!(unknowns.iter().any(|text| text.contains("space")), "{unknowns:?}");
    assert!(unknowns.iter().any(|text| text.contains("ports")), "{unknowns:?}");
    assert_eq!(document["refused"][0]["file"], "cut.json");
}

#[test]
fn files_that_are_no_input_are_counted_and_say_what_to_do() {
    let answer = answer();
    let document = valid("inspect", |out| json::inspect(&answer, &Head::default(), out).unwrap());
    for (index, (name, _, kind, counts)) in OTHERS.iter().enumerate() {
        let file = &document["files"][index + 1];
        assert_eq!((file["file"].as_str(), file["kind"].as_str()), (Some(*name), Some(*kind)));
        let found: Vec<(&str, usize)> = file["other_counts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|count| {
                (count["what"].as_str().unwrap(), usize::try_from(count["count"].as_u64().unwrap()).unwrap())
            })
            .collect();
        assert_eq!(found, *counts, "{name}");
        assert!(!file["remedy"].as_str().unwrap().is_empty(), "{name}");
    }
}

/// Routes and endpoints of a dump are no routes of a table; they are counted by themselves.
#[test]
fn what_a_dump_holds_is_counted() {
    for (name, text, counted, says) in [
        (
            "routes.json",
            include_str!("conform/routes.json"),
            ["effective_routes", "routes"],
            "routes in force",
        ),
        ("status.json", include_str!("conform/status.json"), ["endpoints", "instances"], "with their status"),
    ] {
        let mut answer = Inspected::default();
        answer.inspections.push(inspect(text.as_bytes(), name, &ReadOptions::default()).unwrap());
        let document = valid("inspect", |out| json::inspect(&answer, &Head::default(), out).unwrap());
        let [shown, not] = counted.map(|count| document["files"][0]["counts"][count].as_u64().unwrap());
        assert!(shown > 1, "{name}");
        assert_eq!(not, 0, "{name}");
        let mut out = Vec::new();
        text::inspect(&answer, &TextOptions::default(), &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(out.contains(says) && !out.contains("nothing of a network"), "{out}");
    }
}

/// What was found in one text, as people and programs read it.
fn both(text: &str) -> (String, serde_json::Value) {
    let mut answer = Inspected::default();
    answer.inspections.push(inspect(text.as_bytes(), "one.json", &ReadOptions::default()).unwrap());
    let mut out = Vec::new();
    text::inspect(&answer, &TextOptions::default(), &mut out).unwrap();
    let document = valid("inspect", |out| json::inspect(&answer, &Head::default(), out).unwrap());
    (String::from_utf8(out).unwrap(), document["files"][0].clone())
}

/// A route whose table is elsewhere counts for nothing, and is no nothing.
#[test]
fn what_needs_the_rest_of_its_network_is_named() {
    let (out, file) = both(
        r#"{"id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/routeTables/rt/routes/out",
            "name": "out", "type": "Microsoft.Network/routeTables/routes",
            "properties": {"addressPrefix": "0.0.0.0/0", "nextHopType": "Internet"}}"#,
    );
    assert_eq!(file["counts"]["route_tables"], 0);
    let says = "nothing that stands without the rest of its network: 1 Microsoft.Network/routeTables/routes";
    assert!(out.contains(says), "{out}");
    assert!(out.contains("network route-table show --ids"), "{out}");
}

/// Three subnets of one network that is elsewhere: one command brings it.
#[test]
fn a_thing_that_many_refer_to_is_missing_once() {
    let subnet = |name: &str| {
        format!(
            r#"{{"id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/{name}",
            "name": "{name}", "type": "Microsoft.Network/virtualNetworks/subnets",
            "properties": {{"addressPrefix": "10.0.{name}.0/24", "networkSecurityGroup": {{"id":
            "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/all"}}}}}}"#
        )
    };
    let (_, file) = both(&format!("[{},\n{},\n{}]", subnet("1"), subnet("2"), subnet("3")));
    let unknowns: Vec<(&str, u64)> = file["unknowns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gap| (gap["missing"].as_str().unwrap(), gap["origin"]["line"].as_u64().unwrap()))
        .collect();
    assert_eq!(
        unknowns,
        [
            ("the network security group `all`, which is not in the input", 1),
            ("the virtual network `hub`, which is not in the input", 1)
        ]
    );
}

#[test]
fn a_deployment_whose_template_was_read_is_looked_at() {
    let deployment = |name: &str, rest: &str| {
        format!(
            r#"{{"type": "Microsoft.Resources/deployments", "apiVersion": "2021-04-01", "name": "{name}",
                "properties": {{"mode": "Incremental", {rest}}}}}"#
        )
    };
    let group = r#""template": {"contentVersion": "1.0.0.0", "resources": [
        {"type": "Microsoft.Network/networkSecurityGroups", "apiVersion": "2023-09-01", "name": "n", "properties": {}}]}"#;
    let elsewhere = r#""templateLink": {"uri": "https://example.com/a.json"}"#;
    let template = format!(
        r#"{{"contentVersion": "1.0.0.0", "resources": [{}, {}]}}"#,
        deployment("inside", group),
        deployment("elsewhere", elsewhere)
    );
    let inspection = inspect(template.as_bytes(), "main.json", &ReadOptions::default()).unwrap();
    let flowcheck::sources::Content::Network(input) = inspection.content else { panic!("no network") };
    let types: Vec<String> =
        input.types().iter().map(|one| format!("{} {} {}", one.number, one.kind, one.read)).collect();
    assert_eq!(
        types,
        ["1 Microsoft.Network/networkSecurityGroups true", "1 Microsoft.Resources/deployments false"]
    );
}
