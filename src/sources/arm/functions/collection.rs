//! Arrays, and what works on arrays, texts and objects alike.

use super::{ANY, Args, Bad, Call, Function, Outcome, alike, open, value};
use crate::sources::arm::equal;
use crate::sources::arm::spell::settled_prefix;
use crate::sources::json::{Kind, Node};

pub(super) const FUNCTIONS: &[Function] = &[
    open("createArray", 0..=ANY, |call| {
        let items = call.all()?;
        Ok(call.node(Kind::array(items)))
    }),
    open("array", 1..=1, array),
    open("empty", 1..=1, empty),
    value("length", 1..=1, length),
    value("contains", 2..=2, contains),
    value("indexOf", 2..=2, |args| position(args, false)),
    value("lastIndexOf", 2..=2, |args| position(args, true)),
    alike("first", 1..=1, |args| end(args, false)),
    alike("last", 1..=1, |args| end(args, true)),
    alike("skip", 2..=2, |args| part(args, false)),
    alike("take", 2..=2, |args| part(args, true)),
    value("flatten", 1..=1, flatten),
    value("indexFromEnd", 2..=2, |args| from_end(args, false)),
    value("tryIndexFromEnd", 2..=2, |args| from_end(args, true)),
];

fn array(call: &mut Call<'_>) -> Outcome {
    let node = call.eval(0)?;
    Ok(match node.kind() {
        Kind::Array(_) => node,
        Kind::Unknown(_) => call.unsettled(&[node]),
        _ => call.node(Kind::array(vec![node])),
    })
}

fn empty(call: &mut Call<'_>) -> Outcome {
    let node = call.eval(0)?;
    let empty = match node.kind() {
        Kind::Null => true,
        Kind::String(text) => text.is_empty(),
        Kind::Array(_) => node.items().is_empty(),
        Kind::Object(_) => node.entries().is_empty(),
        // A settled character in it is enough.
        Kind::Symbol(open) if !settled_prefix(&open.text).is_empty() => false,
        Kind::Symbol(_) | Kind::Unknown(_) => return Ok(call.unsettled(&[node])),
        other => return Err(format!("{} is never empty", other.type_name()).into()),
    };
    Ok(call.node(Kind::Bool(empty)))
}

fn length(args: &Args<'_>) -> Outcome {
    let node = args.get(0)?;
    let length = match node.kind() {
        Kind::String(text) => text.chars().count(),
        Kind::Array(_) => node.items().len(),
        Kind::Object(_) => node.entries().len(),
        other => return Err(format!("{} has no length", other.type_name()).into()),
    };
    args.make_integer(i64::try_from(length).unwrap_or(i64::MAX))
}

/// Three-valued search: an open item may be the one.
fn find(items: &[Node], wanted: &Node, last: bool) -> Result<Option<usize>, Bad> {
    let mut found = None;
    for (index, item) in items.iter().enumerate() {
        match equal(item, wanted) {
            Some(true) if last => found = Some(index),
            Some(true) => return Ok(Some(index)),
            Some(false) => {}
            None => return Err(Bad::Unsettled),
        }
    }
    Ok(found)
}

fn contains(args: &Args<'_>) -> Outcome {
    let (container, wanted) = (args.get(0)?, args.get(1)?);
    let found = match container.kind() {
        Kind::Array(_) => {
            container.items().iter().any(|item| equal(item, wanted) == Some(true))
                || find(container.items(), wanted, false)?.is_some()
        }
        Kind::Object(object) => object.get(args.text(1)?).is_some(),
        Kind::String(text) => match wanted.as_integer() {
            Some(number) => text.contains(&number.to_string()),
            None => text.contains(args.text(1)?),
        },
        other => return Err(format!("{} contains nothing", other.type_name()).into()),
    };
    args.make_bool(found)
}

fn position(args: &Args<'_>, last: bool) -> Outcome {
    let (container, wanted) = (args.get(0)?, args.get(1)?);
    let found = match container.kind() {
        Kind::Array(_) => find(container.items(), wanted, last)?,
        _ => {
            let (text, wanted) = (args.text(0)?.to_lowercase(), args.text(1)?.to_lowercase());
            let at = if last { text.rfind(&wanted) } else { text.find(&wanted) };
            at.map(|at| text[..at].chars().count())
        }
    };
    args.make_integer(found.and_then(|at| i64::try_from(at).ok()).unwrap_or(-1))
}

fn end(args: &Args<'_>, last: bool) -> Outcome {
    let node = args.get(0)?;
    if let Some(items) = node.as_array() {
        let item = if last { items.last() } else { items.first() };
        return Ok(item.cloned().unwrap_or_else(|| args.node(Kind::Null)));
    }
    let text = args.expected(0, node.as_str(), "an array or a string")?;
    let letter = if last { text.chars().next_back() } else { text.chars().next() };
    args.make_text(letter.map(String::from).unwrap_or_default())
}

fn part(args: &Args<'_>, front: bool) -> Outcome {
    let count = usize::try_from(args.integer(1)?.max(0)).unwrap_or(usize::MAX);
    let node = args.get(0)?;
    if let Some(items) = node.as_array() {
        let cut = count.min(items.len());
        return args.make_array(if front { items[..cut].to_vec() } else { items[cut..].to_vec() });
    }
    let text = args.expected(0, node.as_str(), "an array or a string")?;
    let part: String =
        if front { text.chars().take(count).collect() } else { text.chars().skip(count).collect() };
    args.make_text(part)
}

fn flatten(args: &Args<'_>) -> Outcome {
    let mut flat = Vec::new();
    for item in args.array(0)? {
        match item.as_array() {
            Some(inner) => flat.extend_from_slice(inner),
            None if item.gap().is_some() => return Err(Bad::Unsettled),
            None => flat.push(item.clone()),
        }
    }
    args.make_array(flat)
}

fn from_end(args: &Args<'_>, lenient: bool) -> Outcome {
    let (items, index) = (args.array(0)?, args.integer(1)?);
    let at = usize::try_from(index).ok().filter(|at| *at > 0).and_then(|at| items.len().checked_sub(at));
    match at.and_then(|at| items.get(at)) {
        Some(item) => Ok(item.clone()),
        None if lenient => Ok(args.node(Kind::Null)),
        None => Err(format!("there is no item {index} from the end: the array has {}", items.len()).into()),
    }
}
