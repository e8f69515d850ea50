//! What a template calls its parts: symbolic names, loops, nested deployments. They stand in the origins of
//! all that is read below them, so that a line that stands for many things says for which.

use crate::sources::json::{Node, Place};
use std::sync::Arc;

/// The named places of a template, each with its name.
pub(super) fn places(template: &Node) -> Vec<(Place, Arc<str>)> {
    let mut names = Vec::new();
    for node in template.walk() {
        if let Some(resources) = node.get("resources") {
            names.extend(resources.entries().iter().map(|(key, value)| (value.place().clone(), key.clone())));
        }
        for resource in node.get("resources").into_iter().flat_map(Node::children) {
            names.extend(resource_name(resource).map(|name| (resource.place().clone(), name)));
        }
        for each in node.get("copy").map(Node::items).unwrap_or_default() {
            names.extend(loop_name(each).map(|name| (each.place().clone(), name)));
        }
    }
    names
}

/// What a resource is known by that has no symbolic name: its loop, or that it is a deployment of others.
fn resource_name(resource: &Node) -> Option<Arc<str>> {
    if let Some(name) = resource.get("copy").and_then(loop_name) {
        return Some(name);
    }
    let kind = resource.get("type").and_then(Node::as_str)?;
    let is_deployment = kind.eq_ignore_ascii_case("Microsoft.Resources/deployments");
    is_deployment.then(|| resource.get("name").and_then(Node::as_str)).flatten().map(|name| {
        // A name that is worked out is long and says little.
        if name.starts_with('[') { "a nested deployment".into() } else { format!("deployment {name}").into() }
    })
}

fn loop_name(each: &Node) -> Option<Arc<str>> {
    Some(format!("loop {}", each.get("name")?.as_str()?).into())
}
