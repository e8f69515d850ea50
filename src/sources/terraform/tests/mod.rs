//! Small plans and states to networks: forms, attributes of each generation, joins, what stays unknown.

mod attributes;
mod corpus;
mod forms;
mod joins;
mod rules;

use crate::sources::tests::summary;
use crate::sources::{Input, ReadOptions, read};
use serde_json::{Value, json};

/// One resource of a plan: its address, what is known of it, and what comes later.
type Planned<'a> = (&'a str, Value, Value);

/// The parts of an address: module, type, name, key.
fn parts(address: &str) -> (&str, &str, &str, Value) {
    let start = ["azurerm_", "azapi_", "random_"].iter().find_map(|mark| address.find(mark)).unwrap();
    let (module, rest) =
        (address[..start].trim_end_matches("data.").trim_end_matches('.'), &address[start..]);
    let (kind, rest) = rest.split_once('.').unwrap();
    let (name, key) = rest.split_once('[').map_or((rest, Value::Null), |(name, key)| {
        (name, serde_json::from_str(key.trim_end_matches(']')).unwrap())
    });
    (module, kind, name, key)
}

/// A resource as plans and states hold it.
fn resource(address: &str, values: &Value) -> Value {
    let (_, kind, name, key) = parts(address);
    let mode = if address.contains("data.") { "data" } else { "managed" };
    json!({"address": address, "mode": mode, "type": kind, "name": name, "index": key, "values": values})
}

fn change((address, values, later): &Planned<'_>) -> Value {
    let (module, kind, name, key) = parts(address);
    let change = json!({"actions": ["create"], "before": null, "after": values, "after_unknown": later});
    json!({"address": address, "module_address": module, "mode": "managed", "type": kind, "name": name,
        "index": key, "change": change})
}

/// `root_module` with the resources of each module.
fn root_module(resources: &[Planned<'_>]) -> Value {
    let mut modules: Vec<&str> = resources.iter().map(|(address, ..)| parts(address).0).collect();
    modules.sort_unstable();
    modules.dedup();
    let of = |module: &str| -> Vec<Value> {
        let here = resources.iter().filter(|(address, ..)| parts(address).0 == module);
        here.map(|(address, values, _)| resource(address, values)).collect()
    };
    let children: Vec<Value> = modules
        .iter()
        .filter(|module| !module.is_empty())
        .map(|module| json!({"address": module, "resources": of(module)}))
        .collect();
    json!({"resources": of(""), "child_modules": children})
}

/// A whole plan.
fn plan(resources: &[Planned<'_>], configuration: &Value) -> String {
    let changes: Vec<Value> = resources.iter().map(change).collect();
    let plan = json!({
        "format_version": "1.2", "terraform_version": "1.9.0",
        "planned_values": {"root_module": root_module(resources)},
        "resource_changes": changes,
        "configuration": {"root_module": configuration},
    });
    serde_json::to_string_pretty(&plan).unwrap()
}

/// A block of a configuration.
fn block(address: &str, expressions: &Value) -> Value {
    json!({"address": address, "expressions": expressions})
}

/// An expression that refers to these.
fn refers(references: &[&str]) -> Value {
    json!({ "references": references })
}

fn input(text: &str) -> Input {
    read(text.as_bytes(), "plan.json", &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// The lines of a network that begin with one of the words.
fn lines(input: &Input, words: &[&str]) -> String {
    let all = summary(&input.network);
    let wanted = all.iter().filter(|line| words.iter().any(|word| line.trim_start().starts_with(word)));
    wanted.cloned().collect::<Vec<_>>().join("\n")
}

fn codes(input: &Input) -> String {
    input.findings.iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>().join(" ")
}

/// The fields of a rule that most tests do not care about.
fn rule(name: &str, priority: u32) -> Value {
    json!({"name": name, "priority": priority, "direction": "Inbound", "access": "Allow", "protocol": "Tcp",
        "source_address_prefix": "Internet", "source_address_prefixes": [], "source_port_range": "*",
        "source_port_ranges": [], "destination_address_prefix": "*", "destination_address_prefixes": [],
        "destination_port_range": "443", "destination_port_ranges": [], "description": "",
        "source_application_security_group_ids": [], "destination_application_security_group_ids": []})
}

/// A rule of its own: as inside a group, with the names of the group.
fn own_rule(name: &str, priority: u32, group: &str) -> Value {
    let mut rule = rule(name, priority);
    rule["network_security_group_name"] = group.into();
    rule["resource_group_name"] = "rg".into();
    rule
}
