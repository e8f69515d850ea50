//! Keys that stand in expressions, and the way down into a value by them.

use super::address::{Index, Module, Step};
use crate::sources::json::Node;
use std::sync::Arc;

/// The instances among which one stands.
#[derive(Clone, Eq, Hash, PartialEq)]
pub(super) enum Among {
    /// Those of the block that this instance begins.
    Block(usize),
    /// Those of a module, by the calling module instance and the call's name.
    Call(Module, Arc<str>),
}

/// A key that may tell which instance is meant.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) index: Index,
    pub(super) from: From,
}

/// What a key was read from.
#[derive(Clone, PartialEq)]
pub(super) enum From {
    /// `each.key` or `count.index`, one among these.
    Each(Among),
    /// What is taken of an output or variable: a key, or the name of a field that may be one.
    Rest,
    Field,
    /// The value of a variable, which may be about something else.
    Value,
}

/// Two paths, one behind the other.
pub(super) fn joined(first: &[Step], second: &[Step]) -> Vec<Step> {
    first.iter().chain(second).cloned().collect()
}

/// Keys in what is taken of a value.
pub(super) fn keys_of(rest: &[Step]) -> impl Iterator<Item = Key> {
    rest.iter().map(|step| match step {
        Step::Index(index) => Key { index: index.clone(), from: From::Rest },
        Step::Name(name) => Key { index: Index::Text(Arc::clone(name)), from: From::Field },
    })
}

/// The value at the end of a path; where that is a map, of one of the keys.
pub(super) fn descend_by<'d>(value: &'d Node, rest: &[Step], keys: &[Key]) -> Option<&'d Node> {
    let value = descend(value, rest)?;
    let by_key = |key: &Key| descend(value, &[Step::Index(key.index.clone())]);
    let is_one = value.as_object().is_none() && value.as_array().is_none();
    if is_one { Some(value) } else { keys.iter().find_map(by_key).or(Some(value)) }
}

/// The value at the end of a path; of a list also by an item's own text, as in a set.
fn descend<'d>(value: &'d Node, rest: &[Step]) -> Option<&'d Node> {
    rest.iter().try_fold(value, |value, step| match step {
        Step::Index(Index::Number(at)) => value.items().get(usize::try_from(*at).ok()?),
        Step::Index(Index::Text(text)) if value.as_array().is_some() => {
            value.items().iter().find(|item| item.as_str() == Some(text))
        }
        Step::Index(Index::Text(text)) | Step::Name(text) => value.as_object()?.exact(text),
    })
}
