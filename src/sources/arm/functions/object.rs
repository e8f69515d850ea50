//! Objects, and sets of values.

use super::text::decoded;
use super::{ANY, Args, Bad, Call, Function, Outcome, open, value};
use crate::model::Gap;
use crate::sources::arm::by_name::ByName;
use crate::sources::arm::equal;
use crate::sources::arm::expression::quoted;
use crate::sources::arm::spell::{Marked, spell};
use crate::sources::json::{Kind, Node, Open, read};
use std::collections::HashSet;
use std::sync::Arc;

pub(super) const FUNCTIONS: &[Function] = &[
    open("createObject", 0..=ANY, create),
    value("union", 1..=ANY, union),
    value("intersection", 2..=ANY, intersection),
    value("shallowMerge", 1..=1, shallow_merge),
    value("items", 1..=1, items),
    value("objectKeys", 1..=1, keys),
    open("tryGet", 2..=ANY, try_get),
    open("json", 1..=1, json_text),
    value("base64ToJson", 1..=1, |args| json(args, &decoded(args.text(0)?)?)),
];

type Entries = Vec<(Arc<str>, Node)>;

fn create(call: &mut Call<'_>) -> Outcome {
    let arguments = call.all()?;
    if !arguments.len().is_multiple_of(2) {
        return Err("the arguments are keys and values, so their number is even".to_owned().into());
    }
    let mut entries = Vec::with_capacity(arguments.len() / 2);
    for pair in arguments.chunks_exact(2) {
        match pair[0].join_text() {
            Some(key) => entries.push((Arc::from(&*key), pair[1].clone())),
            None => return Err(format!("a key is {}, expected a string", pair[0].type_name()).into()),
        }
    }
    Ok(call.node(Kind::object(entries)))
}

/// Lists: each value once. Objects: later keys win, objects inside are joined in their turn.
fn union(args: &Args<'_>) -> Outcome {
    if args.get(0)?.as_array().is_some() {
        let (mut all, mut seen) = (Vec::new(), HashSet::new());
        for index in 0..args.len() {
            for item in args.array(index)? {
                // An open item that may be one of the others stays: it takes nothing away.
                if seen.insert(identity(item)) {
                    all.push(item.clone());
                }
            }
        }
        return args.make_array(all);
    }
    let mut all: Entries = Vec::new();
    for index in 0..args.len() {
        all = merged(args, &all, args.object(index)?);
    }
    Ok(args.node(Kind::object(all)))
}

/// Equal values have equal texts: keys are compared without regard to order and case.
fn identity(node: &Node) -> String {
    match node.kind() {
        Kind::Object(_) => {
            let mut entries: Vec<String> = node
                .entries()
                .iter()
                .map(|(key, value)| format!("{}: {}", quoted(&key.to_lowercase()), identity(value)))
                .collect();
            entries.sort_unstable();
            format!("{{{}}}", entries.join(", "))
        }
        Kind::Array(_) => {
            let items: Vec<String> = node.items().iter().map(identity).collect();
            format!("[{}]", items.join(", "))
        }
        _ => spell(node),
    }
}

fn merged(args: &Args<'_>, left: &[(Arc<str>, Node)], right: &[(Arc<str>, Node)]) -> Entries {
    let mut all = left.to_vec();
    let mut places: ByName<String, usize> =
        all.iter().enumerate().map(|(at, (key, _))| (key.to_lowercase(), at)).collect();
    for (key, value) in right {
        match places.get(&key.to_lowercase()).copied() {
            Some(at) => {
                let old = &all[at].1;
                let both = old.as_object().zip(value.as_object());
                all[at].1 = match both {
                    Some((old, new)) => args.node(Kind::object(merged(args, old.entries(), new.entries()))),
                    None => value.clone(),
                };
            }
            None => {
                places.insert(key.to_lowercase(), all.len());
                all.push((Arc::clone(key), value.clone()));
            }
        }
    }
    all
}

fn intersection(args: &Args<'_>) -> Outcome {
    let same = |left: &Node, right: &Node| equal(left, right).ok_or(Bad::Unsettled);
    if args.get(0)?.as_array().is_some() {
        if args.nodes.iter().any(|node| node.first_gap().is_some()) {
            return Err(Bad::Unsettled);
        }
        let mut lists = Vec::new();
        for index in 1..args.len() {
            lists.push(args.array(index)?.iter().map(identity).collect::<HashSet<String>>());
        }
        let (mut common, mut seen) = (Vec::new(), HashSet::new());
        for item in args.array(0)? {
            let key = identity(item);
            if lists.iter().all(|list| list.contains(&key)) && seen.insert(key) {
                common.push(item.clone());
            }
        }
        return args.make_array(common);
    }
    let mut common = Vec::new();
    'entries: for (key, value) in args.object(0)? {
        for index in 1..args.len() {
            args.object(index)?;
            match args.get(index)?.get(key) {
                Some(other) if same(value, other)? => {}
                _ => continue 'entries,
            }
        }
        common.push((Arc::clone(key), value.clone()));
    }
    Ok(args.node(Kind::object(common)))
}

fn shallow_merge(args: &Args<'_>) -> Outcome {
    let mut all: Entries = Vec::new();
    for node in args.array(0)? {
        let Some(object) = node.as_object() else {
            return match node.gap() {
                Some(_) => Err(Bad::Unsettled),
                None => Err(format!("an item is {}, expected an object", node.type_name()).into()),
            };
        };
        for (key, value) in object.entries() {
            match all.iter_mut().find(|(seen, _)| seen.eq_ignore_ascii_case(key)) {
                Some(entry) => entry.1 = value.clone(),
                None => all.push((Arc::clone(key), value.clone())),
            }
        }
    }
    Ok(args.node(Kind::object(all)))
}

/// Keys and values as a list, in order of the keys.
fn items(args: &Args<'_>) -> Outcome {
    let mut entries: Vec<&(Arc<str>, Node)> = args.object(0)?.iter().collect();
    entries.sort_by_key(|(key, _)| key.to_lowercase());
    let pair = |(key, value): &(Arc<str>, Node)| {
        let key = args.node(Kind::String(Arc::clone(key)));
        args.node(Kind::object(vec![("key".into(), key), ("value".into(), value.clone())]))
    };
    args.make_array(entries.into_iter().map(pair).collect())
}

fn keys(args: &Args<'_>) -> Outcome {
    let mut keys: Vec<&Arc<str>> = args.object(0)?.iter().map(|(key, _)| key).collect();
    keys.sort_by_key(|key| key.to_lowercase());
    args.make_array(keys.into_iter().map(|key| args.node(Kind::String(Arc::clone(key)))).collect())
}

/// Members down the way, null as soon as one is missing.
fn try_get(call: &mut Call<'_>) -> Outcome {
    let arguments = call.all()?;
    let mut node = arguments[0].clone();
    for key in &arguments[1..] {
        if node.gap().is_some() || key.gap().is_some() {
            return Ok(call.unsettled(&arguments));
        }
        let found = match (key.as_str(), key.as_integer()) {
            (Some(name), _) => node.get(name),
            (_, Some(index)) => usize::try_from(index).ok().and_then(|index| node.items().get(index)),
            _ => return Err(format!("a key is {}, expected a string or an integer", key.type_name()).into()),
        };
        match found {
            Some(found) => node = found.clone(),
            None => return Ok(call.node(Kind::Null)),
        }
    }
    Ok(node)
}

/// A value written as JSON text. Parts that are not settled may stand inside its strings, as in
/// `json(concat('{"id": "', resourceId(..), '"}'))`.
fn json_text(call: &mut Call<'_>) -> Outcome {
    let arguments = call.all()?;
    let args = Args { nodes: &arguments, place: &call.env.place };
    let made = match arguments[0].kind() {
        Kind::Symbol(open) => json_with_holes(&args, open),
        Kind::Unknown(_) => None,
        _ => return json(&args, args.text(0)?),
    };
    match made {
        Some(node) => Ok(node),
        None => Ok(call.unsettled(&arguments)),
    }
}

/// JSON with open parts; `None` where one stands outside the strings, or the text around them is no JSON.
fn json_with_holes(args: &Args<'_>, open: &Open) -> Option<Node> {
    let marked = Marked::of(&open.text)?;
    let document = read(&"json()".into(), &marked.text).ok()?;
    filled(args, &document.root, &marked, &open.gap)
}

/// The same value with the open parts back in their places.
fn filled(args: &Args<'_>, node: &Node, marked: &Marked<'_>, gap: &Gap) -> Option<Node> {
    Some(args.node(match node.kind() {
        Kind::Array(_) => {
            let items = node.items().iter().map(|item| filled(args, item, marked, gap));
            Kind::array(items.collect::<Option<_>>()?)
        }
        Kind::Object(_) => {
            let entry = |(key, value): &(Arc<str>, Node)| {
                let settled = !marked.has_mark(key);
                Some((Arc::clone(key), filled(args, value, marked, gap)?)).filter(|_| settled)
            };
            Kind::object(node.entries().iter().map(entry).collect::<Option<_>>()?)
        }
        Kind::String(text) => marked.filled(text, gap),
        other => other.clone(),
    }))
}

/// A value written as JSON text.
fn json(args: &Args<'_>, text: &str) -> Outcome {
    match read(&"json()".into(), text) {
        Ok(document) => Ok(replaced(args, &document.root)),
        Err(error) => Err(format!("read {}, expected {}", error.read, error.expected).into()),
    }
}

/// The same value, standing where the expression stands.
fn replaced(args: &Args<'_>, node: &Node) -> Node {
    args.node(match node.kind() {
        Kind::Array(_) => Kind::array(node.items().iter().map(|item| replaced(args, item)).collect()),
        Kind::Object(_) => Kind::object(
            node.entries().iter().map(|(key, value)| (Arc::clone(key), replaced(args, value))).collect(),
        ),
        other => other.clone(),
    })
}
