//! Ids of resources, and what is known of resources in the same file.
//!
//! The id that `resourceId` writes and the id of a declared resource are made by the same code, so that a
//! reference joins its resource by text.

use super::{ANY, Bad, Call, Function, Makes, Outcome, Run};
use crate::model::ResourceId;
use crate::sources::arm::deployment::with_child_ids;
use crate::sources::arm::scope::{Declared, Slot};
use crate::sources::arm::spell::Parts;
use crate::sources::json::{Kind, Node};
use std::rc::Rc;

const fn id(name: &'static str, run: fn(&mut Call<'_>) -> Outcome) -> Function {
    Function { name, takes: 2..=ANY, makes: Makes::Text, identity: ANY, run: Run::Open(run) }
}

const fn by_id(name: &'static str, most: usize, run: fn(&mut Call<'_>) -> Outcome) -> Function {
    Function { name, takes: 1..=most, makes: Makes::Value, identity: 1, run: Run::Open(run) }
}

pub(super) const FUNCTIONS: &[Function] = &[
    id("resourceId", |call| build(call, Scope::Target)),
    id("subscriptionResourceId", |call| build(call, Scope::Subscription)),
    id("tenantResourceId", |call| build(call, Scope::Tenant)),
    id("managementGroupResourceId", |call| build(call, Scope::ManagementGroup)),
    id("extensionResourceId", |call| build(call, Scope::Extension)),
    by_id("reference", 3, reference),
    by_id("references", 2, references),
    by_id("resourceInfo", 1, resource_info),
];

#[derive(Clone, Copy, Eq, PartialEq)]
enum Scope {
    Target,
    Subscription,
    Tenant,
    ManagementGroup,
    Extension,
}

impl Scope {
    /// How many arguments may stand before the type.
    fn leading(self) -> std::ops::RangeInclusive<usize> {
        match self {
            Self::Target => 0..=2,
            Self::Subscription | Self::ManagementGroup => 0..=1,
            Self::Tenant => 0..=0,
            Self::Extension => 1..=1,
        }
    }
}

/// The type is the argument whose number of slashes fits the number of names behind it.
fn build(call: &mut Call<'_>, scope: Scope) -> Outcome {
    let arguments = call.all()?;
    let slashes = |node: &Node| node.as_str().map_or(0, |text| text.matches('/').count());
    let fits = |at: &usize| {
        let kind = arguments.get(*at);
        kind.is_some_and(|kind| slashes(kind) > 0 && slashes(kind) == arguments.len() - at - 1)
    };
    let Some(at) = scope.leading().find(fits) else {
        if arguments.iter().take(scope.leading().end() + 1).any(|node| node.gap().is_some()) {
            return Ok(call.unsettled(&arguments));
        }
        let kind = arguments.iter().find(|node| slashes(node) > 0).and_then(Node::as_str);
        let found = kind
            .map_or("there is no type such as `Microsoft.Network/virtualNetworks`".to_owned(), |kind| {
                format!("`{kind}` needs {} names behind it", kind.matches('/').count())
            });
        return Err(found.into());
    };
    let target = &call.env.scope.values.target;
    let subscription = target.subscription.as_deref().unwrap_or("${subscription().subscriptionId}");
    let mut parts = Parts::default();
    let add = |parts: &mut Parts, index: usize| -> Result<(), Bad> {
        let node = &arguments[index];
        if parts.value(node) {
            return Ok(());
        }
        Err(format!("argument {} is {}, expected a string", index + 1, node.type_name()).into())
    };
    match (scope, at) {
        (Scope::Target, 0) => parts.spelled(&target.id()),
        (Scope::Target | Scope::Subscription, _) => {
            parts.spelled("/subscriptions/");
            // With one leading argument it is the group for `resourceId`, else the subscription.
            let own_group = scope == Scope::Target && at == 1;
            if at == 0 || own_group {
                parts.spelled(subscription);
            } else {
                add(&mut parts, 0)?;
            }
            if scope == Scope::Target {
                parts.literal("/resourceGroups/");
                add(&mut parts, at - 1)?;
            }
        }
        (Scope::ManagementGroup, _) => {
            parts.literal("/providers/Microsoft.Management/managementGroups/");
            if at == 1 { add(&mut parts, 0)? } else { parts.spelled("${managementGroup().name}") }
        }
        (Scope::Extension, _) => add(&mut parts, 0)?,
        (Scope::Tenant, _) => {}
    }
    parts.literal("/providers/");
    let mut segments = arguments[at].as_str().unwrap_or_default().split('/');
    parts.literal(segments.next().unwrap_or_default());
    for (segment, index) in segments.zip(at + 1..) {
        parts.literal("/");
        parts.literal(segment);
        parts.literal("/");
        add(&mut parts, index)?;
    }
    Ok(call.node(parts.finish()))
}

/// The resource of this file that an id, a symbolic name or a plain name means.
fn target(call: &Call<'_>, node: &Node) -> Option<Rc<Declared>> {
    let text = node.join_text()?;
    if let Some(found) = call.engine.by_id.get(&text.to_lowercase()) {
        return Some(Rc::clone(found));
    }
    let mut scope = Some(&call.env.scope);
    while let Some(here) = scope {
        if let Some(found) = here.names.borrow().get(&text.to_lowercase()) {
            return Some(Rc::clone(found));
        }
        scope = here.parent.as_ref();
    }
    None
}

/// The properties of a resource as the file writes them; what Azure adds is unknown.
fn reference(call: &mut Call<'_>) -> Outcome {
    let mut arguments = call.all()?;
    let declared = target(call, &arguments[0]);
    // A resource that is deployed over itself asks for what its parent wrote of it.
    let usable = declared.filter(|one| !matches!(*one.body.borrow(), Slot::Running));
    let Some(declared) = usable else {
        if let Some(properties) = inline(call, &arguments[0])? {
            return Ok(properties);
        }
        return match target(call, &arguments[0]) {
            Some(ring) => Ok(call.engine.body(&ring)?),
            None => Ok(call.unsettled(&arguments)),
        };
    };
    if declared.existing {
        let mut parts = Parts::default();
        parts.spelled(declared.id.as_str());
        arguments[0] = call.node(parts.finish());
        return Ok(call.unsettled(&arguments));
    }
    let full = arguments.get(2).and_then(Node::as_str).is_some_and(|word| word.eq_ignore_ascii_case("Full"));
    let body = call.engine.body(&declared)?;
    if full {
        return Ok(body);
    }
    match body.get("properties") {
        Some(properties) => Ok(with_child_ids(properties, &declared.id)),
        None => Ok(call.unsettled(&arguments)),
    }
}

/// The properties of a part that its parent holds in a list, as a subnet in its network.
fn inline(call: &mut Call<'_>, node: &Node) -> Result<Option<Node>, Bad> {
    let Some(text) = node.join_text() else { return Ok(None) };
    let mut segments = text.rsplit('/');
    let (Some(name), Some(list)) = (segments.next(), segments.next()) else { return Ok(None) };
    let Some(parent) = ResourceId::new(text.as_ref()).parent() else { return Ok(None) };
    let Some(parent) = call.engine.by_id.get(&parent.key()).map(Rc::clone) else { return Ok(None) };
    if matches!(*parent.body.borrow(), Slot::Running) {
        return Ok(None);
    }
    let body = call.engine.body(&parent)?;
    let items = body.at(&["properties", list]).map(Node::items).unwrap_or_default();
    let named = |item: &&Node| {
        item.get("name").and_then(Node::join_text).is_some_and(|found| found.eq_ignore_ascii_case(name))
    };
    Ok(items.iter().find(named).and_then(|item| item.get("properties")).cloned())
}

/// The same of each resource that a symbolic name's loop makes.
fn references(call: &mut Call<'_>) -> Outcome {
    let arguments = call.all()?;
    let name = arguments[0].as_str().unwrap_or_default();
    let full = arguments.get(1).and_then(Node::as_str).is_some_and(|word| word.eq_ignore_ascii_case("Full"));
    let declared = call.env.scope.declared.borrow().clone().unwrap_or_default();
    let named =
        |one: &&Rc<Declared>| one.symbolic.as_deref().is_some_and(|found| found.eq_ignore_ascii_case(name));
    let all: Vec<Rc<Declared>> = declared.iter().filter(named).cloned().collect();
    if all.is_empty() || all.iter().any(|one| one.existing) {
        return Ok(call.unsettled(&arguments));
    }
    let mut items = Vec::with_capacity(all.len());
    for one in all {
        let body = call.engine.body(&one)?;
        match body.get("properties") {
            _ if full => items.push(body),
            Some(properties) => items.push(with_child_ids(properties, &one.id)),
            None => return Ok(call.unsettled(&arguments)),
        }
    }
    Ok(call.node(Kind::array(items)))
}

fn resource_info(call: &mut Call<'_>) -> Outcome {
    let arguments = call.all()?;
    let Some(declared) = target(call, &arguments[0]) else {
        return Ok(call.unsettled(&arguments));
    };
    let mut parts = Parts::default();
    parts.spelled(declared.id.as_str());
    let entries = vec![
        ("id".into(), call.node(parts.finish())),
        ("name".into(), declared.name.clone()),
        ("type".into(), call.node(Kind::string(declared.kind.as_str()))),
    ];
    Ok(call.node(Kind::object(entries)))
}
