//! Arithmetic on integers of 64 bits; what overflows is a fault, never wrapped.

use super::{ANY, Args, Bad, Function, Outcome, value};
use crate::sources::json::{Kind, Node, Number};

pub(super) const FUNCTIONS: &[Function] = &[
    value("add", 2..=2, |args| combine(args, i64::checked_add)),
    value("sub", 2..=2, |args| combine(args, i64::checked_sub)),
    value("mul", 2..=2, |args| combine(args, i64::checked_mul)),
    value("div", 2..=2, |args| combine(args, i64::checked_div)),
    value("mod", 2..=2, |args| combine(args, i64::checked_rem)),
    value("int", 1..=1, to_integer),
    value("float", 1..=1, to_float),
    value("min", 1..=ANY, |args| extreme(args, |numbers| numbers.iter().copied().min())),
    value("max", 1..=ANY, |args| extreme(args, |numbers| numbers.iter().copied().max())),
    value("range", 2..=2, range),
];

/// Azure's own limit of `range`.
const MAX_RANGE: i64 = 10_000;

fn combine(args: &Args<'_>, step: fn(i64, i64) -> Option<i64>) -> Outcome {
    let (left, right) = (args.integer(0)?, args.integer(1)?);
    match step(left, right) {
        Some(number) => args.make_integer(number),
        None => Err(format!("{left} and {right} have no result in 64 bits").into()),
    }
}

fn to_integer(args: &Args<'_>) -> Outcome {
    let node = args.get(0)?;
    let number = match node.kind() {
        Kind::Number(Number::Integer(number)) => Some(*number),
        Kind::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.map_or_else(|| Err(format!("{} is no integer", shown(node)).into()), |n| args.make_integer(n))
}

fn to_float(args: &Args<'_>) -> Outcome {
    let node = args.get(0)?;
    match node.kind() {
        Kind::Number(_) => Ok(node.clone()),
        Kind::String(text) if text.trim().parse::<f64>().is_ok_and(f64::is_finite) => {
            Ok(args.node(Kind::Number(Number::Other(text.trim().into()))))
        }
        _ => Err(format!("{} is no number", shown(node)).into()),
    }
}

fn shown(node: &Node) -> String {
    node.as_str().map_or_else(|| node.type_name().to_owned(), |text| format!("`{text}`"))
}

/// Of a list in one argument, or of several arguments.
fn extreme(args: &Args<'_>, choose: fn(&[i64]) -> Option<i64>) -> Outcome {
    let nodes = match args.nodes {
        [one] => one.as_array().unwrap_or(args.nodes),
        several => several,
    };
    let mut numbers = Vec::with_capacity(nodes.len());
    for node in nodes {
        match node.as_integer() {
            Some(number) => numbers.push(number),
            None if node.gap().is_some() => return Err(Bad::Unsettled),
            None => return Err(format!("{} is no integer", shown(node)).into()),
        }
    }
    choose(&numbers).map_or_else(|| Err("the list is empty".to_owned().into()), |n| args.make_integer(n))
}

fn range(args: &Args<'_>) -> Outcome {
    let (start, count) = (args.integer(0)?, args.integer(1)?);
    if !(0..=MAX_RANGE).contains(&count) {
        return Err(format!("a count of {count} is outside of 0..={MAX_RANGE}").into());
    }
    let Some(end) = start.checked_add(count) else {
        return Err(format!("{start} and {count} have no result in 64 bits").into());
    };
    args.make_array((start..end).map(|number| args.node(Kind::integer(number))).collect())
}
