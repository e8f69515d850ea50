//! Comparisons, conditions and choices. Only the branch that is taken is worked out.

use super::{ANY, Args, Bad, Call, Function, Outcome, open, value};
use crate::sources::arm::equal;
use crate::sources::json::{Kind, Node, Number};
use std::cmp::Ordering;

pub(super) const FUNCTIONS: &[Function] = &[
    open("if", 3..=3, choose),
    open("and", 2..=ANY, |call| junction(call, false)),
    open("or", 2..=ANY, |call| junction(call, true)),
    value("not", 1..=1, |args| args.make_bool(!args.bool(0)?)),
    open("equals", 2..=2, equals),
    value("less", 2..=2, |args| compare(args, Ordering::is_lt)),
    value("lessOrEquals", 2..=2, |args| compare(args, Ordering::is_le)),
    value("greater", 2..=2, |args| compare(args, Ordering::is_gt)),
    value("greaterOrEquals", 2..=2, |args| compare(args, Ordering::is_ge)),
    value("true", 0..=0, |args| args.make_bool(true)),
    value("false", 0..=0, |args| args.make_bool(false)),
    value("null", 0..=0, |args| Ok(args.node(Kind::Null))),
    value("bool", 1..=1, to_bool),
    open("coalesce", 1..=ANY, coalesce),
    value("fail", 1..=1, |args| Err(Bad::Words(args.text(0)?.to_owned()))),
];

fn choose(call: &mut Call<'_>) -> Outcome {
    let condition = call.eval(0)?;
    if let Some(value) = condition.as_bool() {
        return call.eval(if value { 1 } else { 2 });
    }
    if condition.gap().is_none() {
        return Err(format!("the condition is {}, expected a boolean", condition.type_name()).into());
    }
    // Where both ways lead to one value, the condition does not matter.
    let (yes, no) = (call.eval(1)?, call.eval(2)?);
    if equal(&yes, &no) == Some(true) {
        return Ok(yes);
    }
    let texts = yes.as_text().is_some() && no.as_text().is_some();
    let arguments = [condition, yes, no];
    Ok(if texts { call.unsettled_text(&arguments) } else { call.unsettled(&arguments) })
}

/// `and` ends at the first false, `or` at the first true, whatever else is not settled.
fn junction(call: &mut Call<'_>, ends: bool) -> Outcome {
    let mut open = Vec::new();
    for index in 0..call.raw.len() {
        let node = call.eval(index)?;
        match node.as_bool() {
            Some(value) if value == ends => return Ok(call.node(Kind::Bool(ends))),
            Some(_) => {}
            None if node.gap().is_some() => open.push(node),
            None => {
                let message = format!("argument {} is {}, expected a boolean", index + 1, node.type_name());
                return Err(message.into());
            }
        }
    }
    match open.len() {
        0 => Ok(call.node(Kind::Bool(!ends))),
        1 => Ok(open.swap_remove(0)),
        _ => Ok(call.unsettled(&open)),
    }
}

fn equals(call: &mut Call<'_>) -> Outcome {
    let arguments = call.all()?;
    arguments.iter().for_each(|node| call.engine.walked(node));
    match equal(&arguments[0], &arguments[1]) {
        Some(same) => Ok(call.node(Kind::Bool(same))),
        None => Ok(call.unsettled(&arguments)),
    }
}

fn compare(args: &Args<'_>, holds: fn(Ordering) -> bool) -> Outcome {
    let order = match (args.get(0)?.kind(), args.get(1)?.kind()) {
        (Kind::Number(Number::Integer(left)), Kind::Number(Number::Integer(right))) => left.cmp(right),
        (Kind::String(left), Kind::String(right)) => left.cmp(right),
        (left, right) => {
            let (left, right) = (left.type_name(), right.type_name());
            return Err(format!("compares two integers or two strings, not {left} with {right}").into());
        }
    };
    args.make_bool(holds(order))
}

fn to_bool(args: &Args<'_>) -> Outcome {
    let node = args.get(0)?;
    let value = match node.kind() {
        Kind::Bool(value) => Some(*value),
        Kind::Number(Number::Integer(number)) => Some(*number != 0),
        Kind::String(text) => text.trim().to_ascii_lowercase().parse().ok(),
        _ => None,
    };
    match value {
        Some(value) => args.make_bool(value),
        None => Err(format!("{} is no boolean", node.type_name()).into()),
    }
}

fn coalesce(call: &mut Call<'_>) -> Outcome {
    let mut last = None;
    for index in 0..call.raw.len() {
        let node = call.eval(index)?;
        match node.kind() {
            Kind::Null => last = Some(node),
            // What is not known may be null, unless it is a text.
            Kind::Unknown(_) => {
                let mut rest: Vec<Node> = vec![node];
                for later in index + 1..call.raw.len() {
                    rest.push(call.eval(later)?);
                }
                return Ok(if rest.len() == 1 { rest.swap_remove(0) } else { call.unsettled(&rest) });
            }
            _ => return Ok(node),
        }
    }
    Ok(last.unwrap_or_else(|| call.node(Kind::Null)))
}
