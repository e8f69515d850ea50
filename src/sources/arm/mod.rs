//! Templates of Azure Resource Manager, also as compiled from Bicep, to resources.
//!
//! In: the document of a template ([`crate::sources::json`]) and values for its parameters. Out: every
//! resource that it would deploy ([`Resource`]) with its id, its body free of expressions, and its place;
//! and findings about what cannot be evaluated. What only a deployment can settle stays in the values as a
//! text with `${...}` parts or as an unknown that remembers its expression; equal expressions have one
//! spelling, so that a resource and a reference to it join by [`crate::model::ResourceId`].
//!
//! The origin of a value is the line to edit: a literal's own place, wherever parameters and variables
//! carried it; for a computed value the place of the expression.
//!
//! ```
//! use flowcheck::sources::{arm, json};
//!
//! let text = r#"{"resources": [{"type": "Microsoft.Network/networkSecurityGroups",
//!     "name": "[concat('nsg-', parameters('env'))]", "properties": {}}],
//!     "parameters": {"env": {"type": "string"}}}"#;
//! let document = json::read(&"main.json".into(), text).unwrap();
//! let set = arm::ParameterSource::Set { name: "env".into(), value: "test".into() };
//! let expansion = arm::expand(&document.root, &[set]);
//! assert_eq!(expansion.resources[0].name.as_str(), Some("nsg-test"));
//! ```
//!
//! Not here: what a resource means for the network; linked templates that are not beside the input.

mod by_name;
mod deployment;
mod evaluate;
mod expression;
mod functions;
mod linked;
mod loops;
mod names;
mod parameters;
mod scope;
mod spell;

pub use parameters::ParameterSource;

use crate::finding::Finding;
use crate::model::{Fact, Gap};
use crate::sources::Resource;
use crate::sources::beside::Beside;
use crate::sources::json::{self, Kind, Node};
use by_name::ByName;
use evaluate::Engine;
use scope::{Scope, Target, Values};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// What a template deploys.
#[derive(Clone, Debug, Default)]
pub struct Expansion {
    /// The resources, in order of writing.
    pub resources: Vec<Resource>,
    /// What is wrong with the template or the parameters.
    pub findings: Vec<Finding>,
    /// Parameters that have no value, by name.
    pub missing: Vec<Gap>,
    /// How many resources a false condition leaves out.
    pub dropped: usize,
    /// The linked templates that were read.
    pub linked: Vec<json::Document>,
}

/// Whether a document is a template: it has `resources`, and a schema or version of one.
pub fn is_template(root: &Node) -> bool {
    let schema = root.get("$schema").and_then(Node::as_str).unwrap_or_default().to_ascii_lowercase();
    let resources = root.get("resources");
    let is_list = resources.is_some_and(|node| node.as_array().is_some() || node.as_object().is_some());
    is_list && (schema.contains("deploymenttemplate") || root.get("contentVersion").is_some())
}

/// Whether a document is a parameter file of the first shape.
pub fn is_parameter_file(root: &Node) -> bool {
    let schema = root.get("$schema").and_then(Node::as_str).unwrap_or_default().to_ascii_lowercase();
    schema.contains("deploymentparameters")
}

/// Works out the resources of a template.
///
/// Never fails: what cannot be worked out is a finding and an unknown value. Bounded by the limits that the
/// findings name.
pub fn expand(template: &Node, sources: &[ParameterSource]) -> Expansion {
    expand_beside(template, sources, &Beside::default())
}

/// As [`expand`], with the templates that the template links by their path.
pub fn expand_beside(template: &Node, sources: &[ParameterSource], beside: &Beside) -> Expansion {
    let mut engine = Engine::default();
    engine.linked.beside = beside.clone();
    let mut expansion = Expansion::default();
    if template.as_object().is_none() {
        let message = format!("a template is an object, and this is {}", template.type_name());
        engine.report(&template.origin(), message);
        expansion.findings = engine.findings;
        return expansion;
    }
    json::name_places(names::places(template));
    let given = engine.given(template, sources);
    let scope = root_scope(template, given);
    engine.declare(&scope);
    engine.collect(&scope, &mut expansion);
    expansion.missing = missing(&scope.values);
    scope.release();
    expansion.findings = engine.findings;
    expansion.linked = engine.linked.documents();
    // A loop makes one mistake many times.
    expansion.findings.sort();
    expansion.findings.dedup();
    expansion
}

fn root_scope(template: &Node, given: ByName<String, scope::Given>) -> Rc<Scope> {
    let target = Target::of_schema(template.get("$schema").and_then(Node::as_str).unwrap_or_default());
    Rc::new(Scope {
        file: file_name(template),
        template: template.clone(),
        values: Rc::new(Values::of(template, "", &target, given)),
        target,
        parent: None,
        depth: 0,
        exists: Fact::Known(true),
        declared: RefCell::new(None),
        names: RefCell::new(ByName::default()),
    })
}

/// The name of a template's file, without its folder.
fn file_name(template: &Node) -> Arc<str> {
    let file = template.origin().file;
    file.rsplit(['/', '\\']).next().unwrap_or_default().into()
}

/// The parameters that were used and have no value.
fn missing(values: &Values) -> Vec<Gap> {
    let mut gaps: Vec<(&str, Gap)> = values
        .parameters
        .values()
        .filter(|parameter| parameter.given.is_none() && scope::default_of(&parameter.declaration).is_none())
        .filter_map(|parameter| match &*parameter.memo.borrow() {
            scope::Slot::Done(node) => Some((&*parameter.name, node.gap()?.clone())),
            _ => None,
        })
        .collect();
    gaps.sort();
    gaps.into_iter().map(|(_, gap)| gap).collect()
}

/// Whether two values are one; `None` where what is open decides.
fn equal(left: &Node, right: &Node) -> Option<bool> {
    match (left.kind(), right.kind()) {
        (Kind::Unknown(left), Kind::Unknown(right)) if left.text == right.text => Some(true),
        (Kind::Unknown(_), _) | (_, Kind::Unknown(_)) => None,
        (Kind::Symbol(left), Kind::Symbol(right)) => (left.text == right.text).then_some(true),
        (Kind::Symbol(open), Kind::String(text)) | (Kind::String(text), Kind::Symbol(open)) => {
            let may_be = text.starts_with(&spell::settled_prefix(&open.text));
            if may_be { None } else { Some(false) }
        }
        (Kind::Null, Kind::Null) => Some(true),
        (Kind::Bool(left), Kind::Bool(right)) => Some(left == right),
        (Kind::Number(left), Kind::Number(right)) => Some(left == right),
        (Kind::String(left), Kind::String(right)) => Some(left == right),
        (Kind::Array(_), Kind::Array(_)) => {
            let (left, right) = (left.items(), right.items());
            if left.len() != right.len() {
                return Some(false);
            }
            all(left.iter().zip(right).map(|(left, right)| equal(left, right)))
        }
        (Kind::Object(_), Kind::Object(_)) => {
            let entries = left.entries();
            if entries.len() != right.entries().len() {
                return Some(false);
            }
            all(entries.iter().map(|(key, value)| match right.get(key) {
                Some(other) => equal(value, other),
                None => Some(false),
            }))
        }
        _ => Some(false),
    }
}

fn all(mut parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    parts
        .try_fold(Some(true), |sum, part| match part {
            Some(false) => Err(()),
            Some(true) => Ok(sum),
            None => Ok(None),
        })
        .unwrap_or(Some(false))
}

/// The words for a name that is not there, with the nearest that is.
fn unknown_name<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    match nearest(name, known) {
        Some(near) => format!("there is no {what} `{name}`; did you mean `{near}`?"),
        None => format!("there is no {what} `{name}`"),
    }
}

/// The known name that a typing error is nearest to; of two the first in order of letters.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    known
        .map(|known| (strsim::damerau_levenshtein(&lower, &known.to_lowercase()), known))
        .filter(|(distance, known)| *distance <= 1 + name.len().min(known.len()) / 4)
        .min()
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests;
