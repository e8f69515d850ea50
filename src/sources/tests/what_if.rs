//! What-if results, and rows of Resource Graph.

use super::super::{InputKind, Moment, ReadOptions, read};
use super::{assert_lines, codes, input, summary};

const GROUP: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups";

/// A group of one rule, as `before` and `after` show it.
fn group(name: &str, port: &str) -> String {
    format!(
        "{{\"id\": \"{GROUP}/{name}\", \"type\": \"Microsoft.Network/networkSecurityGroups\", \"name\": \"{name}\",
          \"apiVersion\": \"2023-01-01\", \"properties\": {{\"securityRules\": [{{\"name\": \"R\", \"properties\": {{
          \"protocol\": \"Tcp\", \"access\": \"Allow\", \"direction\": \"Inbound\", \"priority\": 100,
          \"sourcePortRange\": \"*\", \"destinationPortRange\": \"{port}\", \"sourceAddressPrefix\": \"*\",
          \"destinationAddressPrefix\": \"*\"}}}}]}}}}"
    )
}

fn change(name: &str, kind: &str, before: &str, after: &str) -> String {
    format!(
        "{{\"resourceId\": \"{GROUP}/{name}\", \"changeType\": \"{kind}\", \"before\": {before}, \"after\": {after},
           \"delta\": null, \"unsupportedReason\": null}}"
    )
}

fn at(text: &str, moment: Moment) -> (Vec<String>, String) {
    let options = ReadOptions { moment, ..ReadOptions::default() };
    let input = read(text.as_bytes(), "what-if.json", &options).unwrap();
    assert_eq!(input.kind, InputKind::WhatIf);
    (summary(&input.network), codes(&input))
}

#[test]
fn the_states_before_and_after_are_two_networks() {
    let changes = [
        change("created", "Create", "null", &group("created", "1")),
        change("deleted", "Delete", &group("deleted", "2"), "null"),
        change("kept", "NoChange", &group("kept", "3"), &group("kept", "3")),
        change("modified", "Modify", &group("modified", "4"), &group("modified", "5")),
        change("live", "Ignore", &group("live", "6"), "null"),
    ]
    .join(",");
    let rule = |port: &str| format!("  R: 100 In Allow Tcp *:* -> *:{port}");
    // az gives the changes beside the status, REST below `properties`.
    for text in [
        format!("{{\"status\": \"Succeeded\", \"changes\": [{changes}]}}"),
        format!("{{\"status\": \"succeeded\", \"properties\": {{\"changes\": [{changes}]}}}}"),
    ] {
        let (before, _) = at(&text, Moment::Before);
        let lines = [
            "nsg deleted",
            &rule("2"),
            "nsg kept",
            &rule("3"),
            "nsg modified",
            &rule("4"),
            "nsg live",
            &rule("6"),
        ];
        assert_lines(&before, &lines);
        let (after, codes) = at(&text, Moment::After);
        let lines = [
            "nsg created",
            &rule("1"),
            "nsg kept",
            &rule("3"),
            "nsg modified",
            &rule("5"),
            "nsg live",
            &rule("6"),
        ];
        assert_lines(&after, &lines);
        assert_eq!(codes, "");
    }
}

#[test]
fn what_a_change_does_not_show_is_unknown_and_said() {
    for (kind, says) in [
        ("Deploy", "the result does not show with what"),
        ("Unsupported", "what-if does not support it"),
        ("Modify", "what it will be is not shown"),
        ("Rewrite", "of a kind that is not known"),
    ] {
        let text = format!("{{\"changes\": [{}]}}", change("nsg", kind, &group("nsg", "1"), "null"));
        let (after, codes) = at(&text, Moment::After);
        assert!(after[0].starts_with("nsg nsg ? what `nsg` holds") && after[0].contains(says), "{after:?}");
        assert_eq!((after.len(), &*codes), (1, "unknown-reference"));
    }
}

#[test]
fn potential_changes_may_happen_or_not() {
    let text = |kind: &str, before: &str, after: &str| {
        let fixed = change("nsg", "NoChange", &group("nsg", "1"), &group("nsg", "1"));
        let change = change("nsg", kind, before, after);
        format!("{{\"changes\": [{fixed}], \"potentialChanges\": [{change}]}}")
    };
    let (one, two) = (group("nsg", "1"), group("nsg", "2"));
    for (text, expected) in [
        (text("Create", "null", &two), "nsg nsg ? whether the network security group `nsg` is deployed"),
        (text("Delete", &one, "null"), "nsg nsg ? whether the network security group `nsg` is deployed"),
        (text("Modify", &one, &two), "nsg nsg ? what `nsg` holds: it may be changed or not"),
    ] {
        let (after, _) = at(&text, Moment::After);
        assert!(after[0].starts_with(expected), "{after:?}");
    }
    let (before, _) = at(&text("Modify", &one, &two), Moment::Before);
    assert_lines(&before, &["nsg nsg", "  R: 100 In Allow Tcp *:* -> *:1"]);
}

#[test]
fn expressions_that_are_left_are_unknown_values() {
    let after = group("nsg", "[reference('x').port]");
    let text = format!("{{\"changes\": [{}]}}", change("nsg", "Create", "null", &after));
    let (lines, codes) = at(&text, Moment::After);
    assert_eq!((lines[1].as_str(), &*codes), ("  R: 100 In Allow Tcp *:* -> *:?", ""));
}

#[test]
fn rows_of_resource_graph_are_read_in_every_form() {
    let row = group("nsg", "1").replace("networkSecurityGroups\",", "networksecuritygroups\",");
    let values = row.replace('\n', " ");
    let cells = format!(
        "[\"{GROUP}/nsg\", \"microsoft.network/networksecuritygroups\", \"nsg\", {}]",
        &values[values.find("\"properties\": ").unwrap() + 14..values.len() - 1]
    );
    let columns = ["id", "type", "name", "properties"]
        .map(|name| format!("{{\"name\": \"{name}\", \"type\": \"string\"}}"))
        .join(",");
    for text in [
        format!("[{row}]"),
        format!("{{\"count\": 1, \"data\": [{row}], \"skip_token\": null, \"total_records\": 1}}"),
        format!(
            "{{\"totalRecords\": 1, \"count\": 1, \"data\": [{row}], \"facets\": [], \"resultTruncated\": \"false\"}}"
        ),
        format!(
            "{{\"count\": 1, \"totalRecords\": 1, \"resultTruncated\": \"false\",
               \"data\": {{\"columns\": [{columns}], \"rows\": [{cells}]}}}}"
        ),
    ] {
        let input = input(&text);
        assert_lines(&summary(&input.network), &["nsg nsg", "  R: 100 In Allow Tcp *:* -> *:1"]);
        assert_eq!((codes(&input), input.kind), (String::new(), InputKind::AzureJson), "{text}");
        let part = text.replace("\"resultTruncated\": \"false\"", "\"resultTruncated\": \"true\"");
        if part != text {
            assert_eq!(codes(&super::input(&part)), "unknown-reference", "it says that it is not whole");
        }
    }
}

#[test]
fn a_row_without_properties_is_unknown_and_never_an_empty_group() {
    for more in ["", ", \"properties\": null"] {
        let text =
            format!("[{{\"id\": \"{GROUP}/nsg\", \"name\": \"nsg\", \"location\": \"westeurope\"{more}}}]");
        let lines = summary(&input(&text).network);
        assert!(
            lines[0].starts_with("nsg nsg ? what `nsg` holds: this answer shows its name alone"),
            "{lines:?}"
        );
    }
}
