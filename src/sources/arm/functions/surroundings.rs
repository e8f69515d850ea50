//! What stands around an expression: parameters, variables, loops, and the scope that is deployed to.
//!
//! The scope is not known offline. Its parts are symbols that spell themselves, so that ids built from them
//! join, and members that only Azure knows are unknown.

use super::{Args, Bad, Call, Function, Makes, Outcome, Run, open, value};
use crate::sources::arm::spell::Parts;
use crate::sources::json::{Kind, Node};

pub(super) const FUNCTIONS: &[Function] = &[
    open("parameters", 1..=1, parameters),
    open("variables", 1..=1, variables),
    open("copyIndex", 0..=2, copy_index),
    open("resourceGroup", 0..=0, resource_group),
    open("subscription", 0..=0, subscription),
    open("deployment", 0..=0, deployment),
    value("environment", 0..=0, settled_by_azure),
    value("tenant", 0..=0, settled_by_azure),
    value("deployer", 0..=0, settled_by_azure),
    value("managementGroup", 0..=0, settled_by_azure),
    value("providers", 1..=2, settled_by_azure),
    value("pickZones", 3..=5, settled_by_azure),
    value("externalInput", 1..=2, settled_by_azure),
    Function {
        name: "toLogicalZone",
        takes: 3..=3,
        makes: Makes::Text,
        identity: 3,
        run: Run::Settled(settled_by_azure),
    },
    Function {
        name: "toPhysicalZone",
        takes: 3..=3,
        makes: Makes::Text,
        identity: 3,
        run: Run::Settled(settled_by_azure),
    },
    value("toLogicalZones", 3..=3, settled_by_azure),
    value("toPhysicalZones", 3..=3, settled_by_azure),
];

fn settled_by_azure(_args: &Args<'_>) -> Outcome {
    Err(Bad::Unsettled)
}

fn parameters(call: &mut Call<'_>) -> Outcome {
    named(call, |call, name| match &call.env.arguments {
        Some(arguments) => arguments
            .get(&name.to_lowercase())
            .cloned()
            .ok_or_else(|| format!("the function has no parameter `{name}`")),
        None => call.engine.parameter(call.env, name),
    })
}

fn variables(call: &mut Call<'_>) -> Outcome {
    named(call, |call, name| call.engine.variable(call.env, name))
}

fn named(call: &mut Call<'_>, find: impl FnOnce(&mut Call<'_>, &str) -> Result<Node, String>) -> Outcome {
    let name = call.eval(0)?;
    match name.as_str() {
        Some(text) => find(call, text).map_err(Bad::Alone),
        None if name.gap().is_some() => Ok(call.unsettled(&[name])),
        None => Err(format!("the name is {}, expected a string", name.type_name()).into()),
    }
}

/// `copyIndex()`, `copyIndex(offset)`, `copyIndex('loop')`, `copyIndex('loop', offset)`.
fn copy_index(call: &mut Call<'_>) -> Outcome {
    let arguments = call.all()?;
    let name = arguments.first().and_then(Node::as_str);
    let found = match name {
        Some(name) => call.env.copies.find(|each| each.name.eq_ignore_ascii_case(name)),
        None => call.env.copies.find(|each| each.of_resource).or_else(|| call.env.copies.find(|_| true)),
    };
    let Some(found) = found else {
        return Err(match name {
            Some(name) => format!("there is no loop `{name}` around this").into(),
            None => "there is no loop around this".to_owned().into(),
        });
    };
    let Some(index) = found.index.as_integer() else { return Ok(found.index.clone()) };
    let offset = match arguments.get(usize::from(name.is_some())) {
        Some(node) if node.gap().is_some() => return Ok(call.unsettled(&arguments)),
        Some(node) => node.as_integer().ok_or_else(|| "the offset is no integer".to_owned())?,
        None => 0,
    };
    match index.checked_add(offset) {
        Some(number) => Ok(call.node(Kind::integer(number))),
        None => Err("the index has no 64 bits".to_owned().into()),
    }
}

fn spelled(call: &Call<'_>, text: &str) -> Node {
    let mut parts = Parts::default();
    parts.spelled(text);
    call.node(parts.finish())
}

fn object(call: &Call<'_>, entries: &[(&str, &str)]) -> Node {
    let entries = entries.iter().map(|(key, text)| ((*key).into(), spelled(call, text))).collect();
    call.node(Kind::object(entries))
}

fn resource_group(call: &mut Call<'_>) -> Outcome {
    let target = &call.env.scope.values.target;
    let Some(group) = &target.group else {
        return Err("the template is not deployed to a resource group".to_owned().into());
    };
    let location = if group.starts_with("${") {
        "${resourceGroup().location}".to_owned()
    } else {
        format!("${{resourceGroup('{group}').location}}")
    };
    let entries = [
        ("id", &*target.id()),
        ("name", group),
        ("type", "Microsoft.Resources/resourceGroups"),
        ("location", &*location),
    ];
    Ok(object(call, &entries))
}

fn subscription(call: &mut Call<'_>) -> Outcome {
    let Some(subscription) = &call.env.scope.values.target.subscription else {
        return Err("the template is not deployed to a subscription".to_owned().into());
    };
    let entries = [
        ("id", &*format!("/subscriptions/{subscription}")),
        ("subscriptionId", subscription),
        ("tenantId", "${subscription().tenantId}"),
        ("displayName", "${subscription().displayName}"),
    ];
    Ok(object(call, &entries))
}

fn deployment(call: &mut Call<'_>) -> Outcome {
    let label = &call.env.scope.values.label;
    let name = match label.is_empty() {
        true => "${deployment().name}",
        false => label.rsplit('/').next().unwrap_or_default(),
    };
    Ok(object(call, &[("name", name), ("location", "${deployment().location}")]))
}
