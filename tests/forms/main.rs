//! Interfaces, private endpoints, gateways and the switches of subnets, peerings and route tables: the same
//! facts from every form of input.

#![allow(missing_docs, clippy::panic, clippy::unwrap_used, reason = "a test has no users")]

mod azure;
mod plans;
mod same;
mod scenarios;

use flowcheck::model::{Fact, ResourceId};
use flowcheck::network::Network;
use flowcheck::scenario::{ScenarioFile, network};
use flowcheck::sources::{Input, ReadOptions, read};
use flowcheck::tags::TagSnapshot;
use serde_json::{Value, json};
use std::fmt::Display;

fn word<T: Display>(fact: &Fact<T>) -> String {
    fact.known().map_or_else(|| "?".to_owned(), ToString::to_string)
}

fn list<T: Display>(fact: &Fact<Vec<T>>) -> String {
    let Fact::Known(items) = fact else { return "?".to_owned() };
    let mut items: Vec<String> = items.iter().map(ToString::to_string).collect();
    items.sort();
    format!("[{}]", items.join(" "))
}

fn name(fact: &Fact<Option<ResourceId>>) -> String {
    match fact {
        Fact::Known(Some(id)) => id.name().to_owned(),
        Fact::Known(None) => "none".to_owned(),
        Fact::Unknown(_) => "?".to_owned(),
    }
}

fn names(fact: &Fact<Vec<ResourceId>>) -> String {
    list(&fact.clone().map(|ids| ids.iter().map(|id| id.name().to_owned()).collect()))
}

/// What this page is about, one line for each thing.
fn facts(network: &Network) -> Vec<String> {
    let mut lines = Vec::new();
    for one in &network.interfaces {
        let doubt = if one.doubt.is_some() { " ?" } else { "" };
        let head = format!(
            "interface {} nsg {} forwards {}{doubt}",
            one.id.name(),
            name(&one.security_group),
            word(&one.forwards)
        );
        lines.push(head);
        for part in &one.configurations {
            let (address, subnet) = (word(&part.address), name(&part.subnet));
            let (groups, is_public) = (names(&part.groups), word(&part.is_public));
            let open = if part.open_front.is_some() { " open" } else { "" };
            lines.push(format!("  {address} in {subnet} groups {groups} public {is_public}{open}"));
        }
    }
    for one in &network.private_endpoints {
        let subnet = one.subnet.clone().map(Some);
        lines.push(format!("endpoint {} in {} {}", one.id.name(), name(&subnet), list(&one.addresses)));
    }
    for one in &network.gateways {
        lines.push(format!("gateway in {} {}", name(&one.network.clone().map(Some)), list(&one.prefixes)));
    }
    for (id, members) in &network.groups {
        let (certain, possible) =
            (Fact::Known(members.certain.clone()), Fact::Known(members.possible.clone()));
        lines.push(format!("group {} {} possible {}", id.name(), list(&certain), list(&possible)));
    }
    for one in &network.subnets {
        let (services, policy) = (list(&one.service_endpoints), word(&one.endpoint_policy));
        let policies = word(&one.private_endpoint_policies);
        lines.push(format!("subnet {} services {services} policy {policy} private {policies}", one.name()));
    }
    for one in &network.virtual_networks {
        for peering in &one.peerings {
            lines.push(format!(
                "peering {} -> {} access {} forwarded {} transit {} remote {}",
                one.id.name(),
                name(&peering.remote.clone().map(Some)),
                word(&peering.access),
                word(&peering.forwarded),
                word(&peering.gateway_transit),
                word(&peering.remote_gateways)
            ));
        }
    }
    lines.extend(
        network
            .route_tables
            .iter()
            .map(|one| format!("table {} propagates {}", one.id.name(), word(&one.propagates))),
    );
    lines.sort_by_key(|line| !line.starts_with("interface") && !line.starts_with("  "));
    lines
}

/// Lines of the facts that begin with a word.
fn said(input: &Input, word: &str) -> String {
    let all = facts(&input.network);
    let lines = all.iter().filter(|line| {
        line.trim_start().starts_with(word) || (word == "interface" && line.starts_with("  "))
    });
    lines.map(|line| line.trim()).collect::<Vec<_>>().join("; ")
}

fn input(document: &Value) -> Input {
    let text = serde_json::to_string_pretty(document).unwrap();
    read(text.as_bytes(), "main.json", &ReadOptions::default())
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn codes(input: &Input) -> String {
    let mut codes: Vec<&str> = input.findings.iter().map(|finding| finding.code.as_str()).collect();
    codes.sort_unstable();
    codes.join(" ")
}

const GROUP: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network";

fn id(tail: &str) -> String {
    format!("{GROUP}/{tail}")
}

/// A reference by id.
fn to(tail: &str) -> Value {
    json!({ "id": id(tail) })
}

/// An object with more in it.
fn with(mut object: Value, more: &Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        object[key] = value.clone();
    }
    object
}

/// An object with what it is beside its properties.
fn flat(name: &str, mut properties: Value) -> Value {
    properties["name"] = name.into();
    properties
}

fn nested(name: &str, properties: Value) -> Value {
    Value::Object(
        [("name".to_owned(), name.into()), ("properties".to_owned(), properties)].into_iter().collect(),
    )
}

/// The same with ids as a template writes them.
fn by_name(value: &Value) -> Value {
    match value {
        Value::String(text) if text.starts_with(GROUP) => {
            let parts: Vec<&str> = text[GROUP.len() + 1..].split('/').collect();
            let kinds: Vec<&str> = parts.iter().step_by(2).copied().collect();
            let names: Vec<String> =
                parts.iter().skip(1).step_by(2).map(|name| format!("'{name}'")).collect();
            format!("[resourceId('Microsoft.Network/{}', {})]", kinds.join("/"), names.join(", ")).into()
        }
        Value::Array(items) => items.iter().map(by_name).collect(),
        Value::Object(entries) => entries
            .iter()
            .map(|(key, value)| (key.clone(), by_name(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

fn template(resources: &[Value]) -> Value {
    json!({"$schema": "https://x/deploymentTemplate.json#", "contentVersion": "1.0.0.0", "resources": resources})
}

/// A resource of a template.
fn declared(kind: &str, name: &str, properties: Value) -> Value {
    let mut one = nested(name, properties);
    one["type"] = format!("Microsoft.Network/{kind}").into();
    one["apiVersion"] = "2024-05-01".into();
    one
}

/// A resource as Azure answers it: `inner` makes the form of az or of REST.
fn answered(kind: &str, name: &str, inner: Value) -> Value {
    let mut one = inner;
    one["id"] = id(&format!("{kind}/{name}")).into();
    one["type"] = format!("Microsoft.Network/{kind}").into();
    one
}

/// The network of a scenario.
fn scenario(text: &str) -> Network {
    let file = ScenarioFile::read(&"a.yaml".into(), text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    network(&file, Network::default(), TagSnapshot::builtin())
        .unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}
