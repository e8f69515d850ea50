//! Strict reading of maps, lists and words out of the YAML tree.

use super::mistake::{Mistakes, closest, did_you_mean, list};
use super::yaml::{Entry, Node, Value};
use crate::model::{Origin, WordError};
use std::str::FromStr;

/// What an unquoted comma does inside braces.
pub(super) const COMMA: &str = "inside { } a comma begins a new key, so quote the text before it";

/// A value with the place where it was written.
#[derive(Clone, Debug)]
pub struct Spot<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub origin: Origin,
}

impl<T> Spot<T> {
    pub(super) fn new(value: T, origin: &Origin) -> Self {
        Self { value, origin: origin.clone() }
    }
}

/// A map whose keys are known and stand once each.
pub(super) struct Fields<'a> {
    entries: &'a [Entry],
    /// Where the map stands.
    pub(super) origin: &'a Origin,
}

impl<'a> Fields<'a> {
    /// Reads a map; keys that are not accepted, stand twice or have nothing behind them are mistakes.
    pub(super) fn of(node: &'a Node, what: &str, accepted: &[&str], mistakes: &mut Mistakes) -> Option<Self> {
        let Value::Map(entries) = &node.value else {
            let message = format!(
                "expected {what}, a map of {}, found {}",
                list(accepted.iter().copied()),
                node.kind()
            );
            return mistakes.add(&node.origin, message);
        };
        for (at, entry) in entries.iter().enumerate() {
            if !accepted.contains(&entry.key.as_str()) {
                mistakes.note::<()>(&entry.origin, unknown_key(entry, what, accepted));
                lose_meant(&node.origin.path, &entry.key, accepted, mistakes);
            } else if matches!(entry.value.value, Value::Nothing) {
                let message =
                    format!("nothing stands behind `{}`: leave it out or write its value", entry.key);
                mistakes.add::<()>(&entry.origin, message);
            }
            twice(entries, at, false, mistakes);
        }
        Some(Self { entries, origin: &node.origin })
    }

    /// A map of which only some keys are looked at, since it is not clear which are accepted.
    pub(super) fn loose(node: &'a Node) -> Self {
        let entries = match &node.value {
            Value::Map(entries) => &entries[..],
            _ => &[],
        };
        Self { entries, origin: &node.origin }
    }

    /// Whether a key is neither written nor lost behind a mistake.
    pub(super) fn lacks(&self, key: &str, mistakes: &Mistakes) -> bool {
        let Origin { path, .. } = self.origin;
        let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        self.key(key).is_none() && !mistakes.touch(&path)
    }

    /// The value of a key; `None` where it is not written or nothing stands behind it.
    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        (!matches!(entry.value.value, Value::Nothing)).then_some(&entry.value)
    }

    /// The place of a key, where it is written.
    pub(super) fn key(&self, key: &str) -> Option<&'a Origin> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.origin)
    }

    /// The text of a key.
    pub(super) fn text(&self, key: &str, what: &str, mistakes: &mut Mistakes) -> Option<Spot<String>> {
        text(self.get(key)?, what, mistakes)
    }

    /// Yes or no.
    pub(super) fn flag(&self, key: &str, mistakes: &mut Mistakes) -> Option<bool> {
        let written = self.text(key, "`true` or `false`", mistakes)?;
        match written.value.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => mistakes.add(&written.origin, format!("`{}` is neither `true` nor `false`", written.value)),
        }
    }

    /// A word of a vocabulary.
    pub(super) fn word<T: FromStr<Err = WordError>>(
        &self,
        key: &str,
        mistakes: &mut Mistakes,
    ) -> Option<Spot<T>> {
        let written = self.text(key, "a word", mistakes)?;
        let word = mistakes.word(&written.origin, written.value.parse::<T>())?;
        Some(Spot::new(word, &written.origin))
    }
}

fn unknown_key(entry: &Entry, what: &str, accepted: &[&str]) -> String {
    let Entry { key, value, .. } = entry;
    let looks_cut = matches!(value.value, Value::Nothing) || key.starts_with(|c: char| !c.is_alphabetic());
    let hint = did_you_mean(key, accepted.iter().copied());
    if looks_cut && hint.is_empty() {
        return format!("`{key}` is no key of {what}: {COMMA}");
    }
    match hint.as_str() {
        "" => format!("`{key}` is no key of {what}: accepted are {}", list(accepted.iter().copied())),
        hint => format!("`{key}` is no key of {what}{hint}"),
    }
}

/// Behind an unknown key the one that was probably meant is lost, or else the part of the network.
fn lose_meant(path: &str, key: &str, accepted: &[&str], mistakes: &mut Mistakes) {
    match closest(key, accepted.iter().copied()) {
        Some(meant) if path.is_empty() => mistakes.lose(meant),
        Some(meant) => mistakes.lose(&format!("{path}.{meant}")),
        None if path.starts_with("network") => mistakes.lose(path),
        None => {}
    }
}

/// Names the later of two equal keys.
fn twice(entries: &[Entry], at: usize, any_case: bool, mistakes: &mut Mistakes) {
    let entry = &entries[at];
    let same = |other: &&Entry| {
        if any_case { other.key.eq_ignore_ascii_case(&entry.key) } else { other.key == entry.key }
    };
    if let Some(first) = entries[..at].iter().find(same) {
        let message = format!("`{}` stands twice, first in line {}", entry.key, first.origin.line);
        mistakes.note::<()>(&entry.origin, message);
    }
}

/// The entries of a map from names to something. Names of resources are compared without regard to case.
pub(super) fn named<'a>(node: &'a Node, what: &str, any_case: bool, mistakes: &mut Mistakes) -> &'a [Entry] {
    match &node.value {
        Value::Map(entries) => {
            for (at, entry) in entries.iter().enumerate() {
                if entry.key.is_empty() || entry.key.contains('/') {
                    mistakes.note::<()>(
                        &entry.origin,
                        format!("`{}` is no name for {what}: it is empty or holds a slash", entry.key),
                    );
                }
                twice(entries, at, any_case, mistakes);
            }
            entries
        }
        Value::Nothing => &[],
        _ => {
            mistakes.add::<()>(
                &node.origin,
                format!("expected a map from the name to {what}, found {}", node.kind()),
            );
            &[]
        }
    }
}

/// A text.
pub(super) fn text(node: &Node, what: &str, mistakes: &mut Mistakes) -> Option<Spot<String>> {
    match &node.value {
        Value::Text(text) => Some(Spot::new(text.clone(), &node.origin)),
        Value::List(_) | Value::Map(_) => mistakes.add(
            &node.origin,
            format!("expected {what}, found {}: a text that starts with [ or {{ needs quotes", node.kind()),
        ),
        Value::Nothing => mistakes.add(&node.origin, format!("expected {what}, found nothing; {COMMA}")),
    }
}

/// A list of texts; one text alone is a list of one.
pub(super) fn texts(node: &Node, what: &str, mistakes: &mut Mistakes) -> Vec<Spot<String>> {
    match &node.value {
        Value::List(items) => items.iter().filter_map(|item| text(item, what, mistakes)).collect(),
        Value::Nothing => Vec::new(),
        _ => text(node, what, mistakes).into_iter().collect(),
    }
}

/// The items of a list.
pub(super) fn items<'a>(node: &'a Node, what: &str, mistakes: &mut Mistakes) -> &'a [Node] {
    match &node.value {
        Value::List(items) => items,
        _ => {
            mistakes.add::<()>(&node.origin, format!("expected a list of {what}, found {}", node.kind()));
            &[]
        }
    }
}

/// A whole number from 1 on.
pub(super) fn count(node: &Node, what: &str, mistakes: &mut Mistakes) -> Option<u32> {
    let written = text(node, what, mistakes)?;
    match written.value.parse::<u32>() {
        Ok(number) if number > 0 => Some(number),
        _ => mistakes
            .add(&written.origin, format!("`{}` is no {what}: a whole number from 1 on", written.value)),
    }
}
