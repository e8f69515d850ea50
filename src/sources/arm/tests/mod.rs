//! Facts about templates: expressions as a table, templates as texts, and the public examples.

mod corpus;
mod expressions;
mod parameters;
mod templates;

use super::{Expansion, ParameterSource, expand, spell};
use crate::sources::json::{Kind, Node, read};

/// The resources of a template, without parameters from outside.
fn expanded(text: &str) -> Expansion {
    expanded_with(text, &[])
}

fn expanded_with(text: &str, sources: &[ParameterSource]) -> Expansion {
    expand(&read(&"main.json".into(), text).unwrap().root, sources)
}

fn set(name: &str, value: &str) -> ParameterSource {
    ParameterSource::Set { name: name.to_owned(), value: value.to_owned() }
}

fn file(text: &str) -> ParameterSource {
    ParameterSource::File(read(&"parameters.json".into(), text).unwrap().root)
}

/// A value on one line: texts as they are, what is not known behind a question mark.
fn shown(node: &Node) -> String {
    match node.kind() {
        Kind::String(text) => text.to_string(),
        Kind::Symbol(open) => open.text.to_string(),
        Kind::Unknown(open) => format!("?{}", open.text),
        _ => spell::spell(node),
    }
}

fn findings(expansion: &Expansion) -> Vec<String> {
    expansion
        .findings
        .iter()
        .map(|finding| format!("{}:{} {}", finding.origin.line, finding.origin.column, finding.message))
        .collect()
}

/// The open part of ids in a resource group.
const GROUP: &str = "/subscriptions/${subscription().subscriptionId}/resourceGroups/${resourceGroup().name}";

/// What a resource of an expansion says below some keys, with `@` for the resource group.
fn value(expansion: &Expansion, resource: usize, keys: &[&str]) -> String {
    shown(expansion.resources[resource].body.at(keys).unwrap()).replace(GROUP, "@")
}
