//! Functions that take a lambda, and the functions that a template defines itself.

use super::{Bad, Call, Function, Outcome, open};
use crate::sources::arm::by_name::ByName;
use crate::sources::arm::evaluate::{Engine, Env, Fault, Link};
use crate::sources::arm::expression::{Expr, Form};
use crate::sources::arm::unknown_name;
use crate::sources::json::{Kind, Node};
use std::rc::Rc;
use std::sync::Arc;

pub(super) const FUNCTIONS: &[Function] = &[
    open("map", 2..=2, map),
    open("filter", 2..=2, filter),
    open("reduce", 3..=3, reduce),
    open("sort", 2..=2, sort),
    open("toObject", 2..=3, to_object),
    open("groupBy", 2..=2, group_by),
    open("mapValues", 2..=2, map_values),
    open("lambda", 1..=super::ANY, |_| Err("stands only inside map, filter and the like".to_owned().into())),
    open("lambdaVariables", 1..=1, variable),
];

fn variable(call: &mut Call<'_>) -> Outcome {
    let name = call.eval(0)?;
    let name = name.as_str().unwrap_or_default();
    match call.env.lambdas.find(|(known, _)| known.eq_ignore_ascii_case(name)) {
        Some((_, value)) => Ok(value.clone()),
        None => Err(format!("there is no lambda variable `{name}` here").into()),
    }
}

/// Calls the lambda in an argument with values for its variables; the last of them may be left out.
fn apply(call: &mut Call<'_>, index: usize, values: &[Node]) -> Outcome {
    let lambda = &call.raw[index];
    let arguments = match &lambda.form {
        Form::Call { name, arguments } if name.eq_ignore_ascii_case("lambda") => arguments,
        _ => return Err(format!("argument {} is no lambda", index + 1).into()),
    };
    let Some((body, names)) = arguments.split_last() else {
        return Err("a lambda without a body".to_owned().into());
    };
    let mut env = call.env.clone();
    for (name, value) in names.iter().zip(values) {
        if let Form::Text(name) = &name.form {
            env.lambdas = env.lambdas.with((Arc::clone(name), value.clone()));
        }
    }
    Ok(call.engine.eval(&env, body)?)
}

/// The items of the first argument; an open list makes the whole call open.
fn items(call: &mut Call<'_>) -> Result<Result<Vec<Node>, Node>, Bad> {
    let node = call.eval(0)?;
    match node.as_array() {
        Some(items) => Ok(Ok(items.to_vec())),
        None if node.gap().is_some() => Ok(Err(open_call(call, node))),
        None => Err(format!("argument 1 is {}, expected an array", node.type_name()).into()),
    }
}

/// The call over something open, with the rest of it as it was written.
fn open_call(call: &mut Call<'_>, first: Node) -> Node {
    let gap = first.first_gap().cloned().unwrap_or_else(|| crate::model::Gap::new("a list is not known"));
    let mut arguments = vec![first];
    arguments
        .extend(call.raw.iter().skip(1).map(|raw| call.node(Kind::unknown(raw.to_string(), gap.clone()))));
    call.unsettled(&arguments)
}

fn numbered(call: &Call<'_>, index: usize) -> Node {
    call.node(Kind::integer(i64::try_from(index).unwrap_or(i64::MAX)))
}

fn map(call: &mut Call<'_>) -> Outcome {
    let items = match items(call)? {
        Ok(items) => items,
        Err(open) => return Ok(open),
    };
    let mut made = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let number = numbered(call, index);
        made.push(apply(call, 1, &[item, number])?);
    }
    Ok(call.node(Kind::array(made)))
}

fn filter(call: &mut Call<'_>) -> Outcome {
    let list = match items(call)? {
        Ok(items) => items,
        Err(open) => return Ok(open),
    };
    let mut kept = Vec::new();
    for (index, item) in list.iter().enumerate() {
        let number = numbered(call, index);
        match keeps(&apply(call, 1, &[item.clone(), number])?)? {
            Some(true) => kept.push(item.clone()),
            Some(false) => {}
            None => {
                let first = call.eval(0)?;
                return Ok(open_call(call, first));
            }
        }
    }
    Ok(call.node(Kind::array(kept)))
}

/// What a condition says; `None` where it is open.
fn keeps(node: &Node) -> Result<Option<bool>, Bad> {
    match node.as_bool() {
        Some(value) => Ok(Some(value)),
        None if node.gap().is_some() => Ok(None),
        None => Err(format!("the lambda gives {}, expected a boolean", node.type_name()).into()),
    }
}

fn reduce(call: &mut Call<'_>) -> Outcome {
    let items = match items(call)? {
        Ok(items) => items,
        Err(open) => return Ok(open),
    };
    let mut value = call.eval(1)?;
    for (index, item) in items.into_iter().enumerate() {
        let number = numbered(call, index);
        value = apply(call, 2, &[value, item, number])?;
    }
    Ok(value)
}

/// Insertion with halving: the lambda says whether its first value comes first.
fn sort(call: &mut Call<'_>) -> Outcome {
    let items = match items(call)? {
        Ok(items) => items,
        Err(open) => return Ok(open),
    };
    let mut sorted: Vec<Node> = Vec::with_capacity(items.len());
    for item in items {
        let (mut low, mut high) = (0, sorted.len());
        while low < high {
            let middle = low.midpoint(high);
            match keeps(&apply(call, 1, &[item.clone(), sorted[middle].clone()])?)? {
                Some(true) => high = middle,
                Some(false) => low = middle + 1,
                None => {
                    let first = call.eval(0)?;
                    return Ok(open_call(call, first));
                }
            }
        }
        sorted.insert(low, item);
    }
    Ok(call.node(Kind::array(sorted)))
}

fn key(node: &Node) -> Result<Arc<str>, Bad> {
    match node.join_text() {
        Some(text) => Ok(Arc::from(&*text)),
        None => Err(format!("the lambda gives {}, expected a string", node.type_name()).into()),
    }
}

fn to_object(call: &mut Call<'_>) -> Outcome {
    let items = match items(call)? {
        Ok(items) => items,
        Err(open) => return Ok(open),
    };
    let mut entries: Vec<(Arc<str>, Node)> = Vec::with_capacity(items.len());
    for item in items {
        let name = key(&apply(call, 1, std::slice::from_ref(&item))?)?;
        let value = if call.raw.len() == 3 { apply(call, 2, &[item])? } else { item };
        entries.push((name, value));
    }
    Ok(call.node(Kind::object(entries)))
}

fn group_by(call: &mut Call<'_>) -> Outcome {
    let items = match items(call)? {
        Ok(items) => items,
        Err(open) => return Ok(open),
    };
    let mut groups: Vec<(Arc<str>, Vec<Node>)> = Vec::new();
    let mut places: ByName<Arc<str>, usize> = ByName::default();
    for item in items {
        let name = key(&apply(call, 1, std::slice::from_ref(&item))?)?;
        let at = *places.entry(Arc::clone(&name)).or_insert_with(|| {
            groups.push((name, Vec::new()));
            groups.len() - 1
        });
        groups[at].1.push(item);
    }
    let entries = groups.into_iter().map(|(name, items)| (name, call.node(Kind::array(items)))).collect();
    Ok(call.node(Kind::object(entries)))
}

fn map_values(call: &mut Call<'_>) -> Outcome {
    let node = call.eval(0)?;
    let Some(object) = node.as_object() else {
        return match node.gap() {
            Some(_) => Ok(open_call(call, node)),
            None => Err(format!("argument 1 is {}, expected an object", node.type_name()).into()),
        };
    };
    let mut entries = Vec::with_capacity(object.entries().len());
    for (name, value) in object.entries() {
        entries.push((Arc::clone(name), apply(call, 1, std::slice::from_ref(value))?));
    }
    Ok(call.node(Kind::object(entries)))
}

impl Engine {
    /// Calls a function that the template defines: it sees its own parameters and nothing else.
    pub(in crate::sources::arm) fn user_function(
        &mut self,
        env: &Env,
        whole: &Expr,
        name: &str,
        raw: &[Expr],
    ) -> Result<Node, Fault> {
        let values = Rc::clone(&env.scope.values);
        let Some(function) = values.functions.get(&name.to_lowercase()) else {
            let known = values.functions.keys().map(String::as_str);
            return Err(env.fault(whole, unknown_name("function", name, known)));
        };
        let declared = function.get("parameters").map(Node::items).unwrap_or_default();
        if declared.len() != raw.len() {
            let message = format!("`{name}` has {} arguments, expected {}", raw.len(), declared.len());
            return Err(env.fault(whole, message));
        }
        let given = self.arguments(env, raw)?;
        let names = declared.iter().map(|one| one.get("name").and_then(Node::as_str).unwrap_or_default());
        let arguments: ByName<String, Node> = names.map(str::to_lowercase).zip(given).collect();
        let Some(output) = function.at(&["output", "value"]) else {
            return Err(env.fault(whole, format!("`{name}` has no `output` with a `value`")));
        };
        let inside = Env {
            arguments: Some(Rc::new(arguments)),
            copies: Link::End,
            lambdas: Link::End,
            ..env.at(output.place())
        };
        Ok(self.value(&inside, output))
    }
}
