//! What a template calls its parts: symbolic names, loops, nested deployments. They stand in the origins of
//! all that is read below them, so that a line that stands for many things says for which.

use crate::sources::json::{Node, Place};
use std::sync::Arc;

/// The named places of a template, each with its name.
pub(super) fn places(template: &Node) -> Vec<(Place, Arc<str>)> {
    let mut names = Vec::new();
    for (key, held) in template.under(&["resources", "copy"]) {
        if key.eq_ignore_ascii_case("copy") {
            let loops = held.items().iter();
            names.extend(loops.filter_map(|each| Some((each.place().clone(), loop_name(each)?))));
            continue;
        }
        names.extend(held.entries().iter().map(|(key, value)| (value.place().clone(), key.clone())));
        let resources = held.children();
        names.extend(
            resources.filter_map(|resource| Some((resource.place().clone(), resource_name(resource)?))),
        );
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
