//! Values for a template's parameters: files of three shapes, and `--set`.
//!
//! Later sources win. A mistake in one is a finding and takes nothing from the others.

use super::by_name::ByName;
use super::evaluate::Engine;
use super::scope::Given;
use crate::finding::{Code, Finding, Severity};
use crate::sources::json::{Kind, Node, Place, read_under};
use std::sync::Arc;

/// Where values of parameters come from.
#[derive(Clone, Debug)]
pub enum ParameterSource {
    /// A parameter file: a deploymentParameters document, `{name: {"value": ..}}` or `{name: value}`.
    File(Node),
    /// `--set NAME=VALUE`: JSON where it is JSON and the parameter is no text, else text.
    Set {
        /// The parameter.
        name: String,
        /// What was typed.
        value: String,
    },
}

impl Engine {
    /// The values by name in lower case.
    pub(super) fn given(&mut self, template: &Node, sources: &[ParameterSource]) -> ByName<String, Given> {
        let mut given = ByName::default();
        for source in sources {
            match source {
                ParameterSource::File(root) => self.read_file(template, root, &mut given),
                ParameterSource::Set { name, value } => {
                    let place = Place::command_line(&format!("--set {name}"));
                    let node = typed(template, name, value, &place);
                    self.give(template, name, Given::Literal(node.clone()), &node, &mut given);
                }
            }
        }
        given
    }

    fn read_file(&mut self, template: &Node, root: &Node, given: &mut ByName<String, Given>) {
        let Some(object) = root.as_object() else {
            let message = format!("a parameter file is an object, and this is {}", root.type_name());
            self.report(&root.origin(), message);
            return;
        };
        let is_document = root.get("parameters").is_some_and(|inner| inner.as_object().is_some())
            && (root.get("$schema").is_some()
                || object.entries().len() == 1
                || root.get("contentVersion").is_some());
        let inner = if is_document { root.get("parameters") } else { None };
        if inner.is_none() && root.get("$schema").is_some() {
            self.report(&root.origin(), "the parameter file has no `parameters` object");
            return;
        }
        for (name, entry) in inner.unwrap_or(root).entries() {
            let wrapped = entry
                .as_object()
                .is_some_and(|object| object.exact("value").is_some() || object.exact("reference").is_some());
            let value = match (wrapped, entry.get("value"), entry.get("reference")) {
                (true, Some(value), _) => Given::Literal(value.clone()),
                (true, None, Some(secret)) => Given::Secret(secret.clone()),
                _ if is_document => {
                    let message = format!(
                        "parameter `{name}` is {}, expected an object with `value`",
                        entry.type_name()
                    );
                    self.report(&entry.origin(), message);
                    Given::Literal(entry.clone())
                }
                _ => Given::Literal(entry.clone()),
            };
            self.give(template, name, value, entry, given);
        }
    }

    fn give(
        &mut self,
        template: &Node,
        name: &str,
        value: Given,
        at: &Node,
        given: &mut ByName<String, Given>,
    ) {
        let declared = template.get("parameters");
        if declared.is_none_or(|declared| declared.get(name).is_none()) {
            let names = declared.map(Node::entries).unwrap_or_default().iter().map(|(name, _)| &**name);
            let words = super::unknown_name("parameter", name, names);
            self.report(&at.origin(), words);
            return;
        }
        if let Given::Literal(node) = &value
            && let Some(text) = node.as_str().filter(|text| is_call(text))
        {
            let message = format!(
                "parameter `{name}` is given `{text}`, which is no value: only a template's own expressions are worked out, so that this stays a text"
            );
            let mut finding = Finding::new(Code::Template, &node.origin(), message);
            finding.severity = Severity::Warning;
            self.findings.push(finding);
        }
        given.insert(name.to_lowercase(), value);
    }
}

/// Whether a text reads as an expression that calls a function: `[concat('a', 'b')]`.
fn is_call(text: &str) -> bool {
    let inside = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let called = inside.and_then(|text| text.split_once('(')).map(|(name, _)| name.trim());
    called.is_some_and(|name| {
        name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.chars().all(|one| one.is_ascii_alphanumeric() || one == '.' || one == '_')
    })
}

/// What was typed, as the declared type asks.
fn typed(template: &Node, name: &str, value: &str, place: &Place) -> Node {
    let text = || Node::new(Kind::string(value), place.clone());
    let declaration = template.get("parameters").and_then(|all| all.get(name));
    let declaration = declaration.map(|declaration| super::scope::resolved(template, declaration));
    let declared = declaration.as_ref().and_then(|declaration| declaration.get("type")?.as_str());
    if declared.is_some_and(|kind| matches!(&*kind.to_lowercase(), "string" | "securestring")) {
        // A quoted text is the text inside the quotes.
        let inner = read_under(&Arc::from("command line"), value, &place.origin().path).ok();
        return inner
            .map(|document| document.root)
            .filter(|node| node.as_str().is_some())
            .unwrap_or_else(text);
    }
    match read_under(&Arc::from("command line"), value, &place.origin().path) {
        Ok(document) => document.root,
        Err(_) => text(),
    }
}
