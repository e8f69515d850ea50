//! What a document says about one value: the value itself, what is known only after apply, and what is left
//! out because it is sensitive. The three stand in trees of one shape, and are looked at side by side.

use crate::model::Gap;
use crate::sources::json::{Kind, Node, Place};
use std::sync::Arc;

/// A value with what stands beside it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Values<'n> {
    pub(super) known: Option<&'n Node>,
    /// `after_unknown`: `true` where the value is known only after apply.
    pub(super) unknown: Option<&'n Node>,
    /// `sensitive_values` or `after_sensitive`: `true` where the value is sensitive.
    pub(super) sensitive: Option<&'n Node>,
    /// Whether a value that is not there may still be known only after apply: no `after_unknown` tells.
    pub(super) partial: bool,
}

/// What is said about one value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Said<'n> {
    /// Nothing: Terraform writes unset values as `null`, `""` and `[]`.
    Unset,
    /// That it comes later, or is kept back; at this place.
    Open(Why, Option<&'n Node>),
    /// This.
    Is(Values<'n>),
}

/// Why a value is not there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Why {
    /// Known only after apply.
    Later,
    /// Sensitive.
    Masked,
    /// Not in the document, which does not say why.
    Absent,
}

impl Why {
    /// The gap of a value by its address.
    pub(super) fn gap(self, address: &str) -> Gap {
        let why = match self {
            Self::Later => "which is known only after apply",
            Self::Masked => "which is sensitive and not shown",
            Self::Absent => "which does not stand in this document",
        };
        Gap::new(format!("`{address}`, {why}"))
    }
}

fn is_true(node: Option<&Node>) -> bool {
    node.and_then(Node::as_bool) == Some(true)
}

/// Whether nothing is written here, as Terraform writes nothing.
fn is_unset(node: &Node) -> bool {
    match node.kind() {
        Kind::Null => true,
        Kind::String(text) => text.is_empty(),
        Kind::Array(_) => node.items().is_empty(),
        _ => false,
    }
}

impl<'n> Values<'n> {
    /// What is said of the whole.
    pub(super) fn said(self) -> Said<'n> {
        match self.known {
            _ if is_true(self.unknown) => Said::Open(Why::Later, self.unknown),
            Some(node) if !is_unset(node) => Said::Is(self),
            None if is_true(self.sensitive) => Said::Open(Why::Masked, self.sensitive),
            _ => Said::Unset,
        }
    }

    /// What is said under a key.
    pub(super) fn get(self, key: &str) -> Said<'n> {
        match self.older(key) {
            Said::Unset if self.partial && self.below(key).known.is_none() => {
                Said::Open(Why::Absent, self.known)
            }
            said => said,
        }
    }

    /// The same of a key that not every generation of the provider has, so that its absence says nothing.
    pub(super) fn older(self, key: &str) -> Said<'n> {
        if is_true(self.unknown) {
            return Said::Open(Why::Later, self.unknown);
        }
        self.below(key).said()
    }

    fn below(self, key: &str) -> Self {
        let inside = |node: Option<&'n Node>| node?.as_object()?.exact(key);
        Self {
            known: inside(self.known),
            unknown: inside(self.unknown),
            sensitive: inside(self.sensitive),
            partial: false,
        }
    }

    /// The items of a list. An object alone is a list of it: blocks that may stand once are written both ways.
    pub(super) fn items(self) -> Vec<Self> {
        let Some(known) = self.known else { return Vec::new() };
        let Some(items) = known.as_array() else { return vec![self] };
        let at = |node: Option<&'n Node>, index: usize| match node {
            Some(node) if node.as_array().is_some() => node.items().get(index),
            other => other,
        };
        let item = |(index, item)| Self {
            known: Some(item),
            unknown: at(self.unknown, index),
            sensitive: at(self.sensitive, index),
            partial: false,
        };
        items.iter().enumerate().map(item).collect()
    }

    /// The first block of a kind that may stand once.
    pub(super) fn block(self, key: &str) -> Said<'n> {
        match self.get(key) {
            Said::Is(list) => list.items().first().map_or(Said::Unset, |item| item.said()),
            said => said,
        }
    }

    /// A text, where it is settled.
    pub(super) fn text(self, key: &str) -> Option<&'n str> {
        match self.older(key) {
            Said::Is(value) => {
                value.known.and_then(Node::as_str).map(str::trim).filter(|text| !text.is_empty())
            }
            _ => None,
        }
    }

    /// The value as one node, in which what is known only after apply is an unknown; `address` names it.
    pub(super) fn settle(self, address: &str, place: &Place) -> Node {
        self.settle_to(address, place, 0)
    }

    fn settle_to(self, address: &str, place: &Place, depth: usize) -> Node {
        if is_true(self.unknown) || depth > MAX_DEPTH {
            return open(Why::Later, address, self.known.map_or(place, Node::place));
        }
        let Some(known) = self.known else {
            let why = if is_true(self.sensitive) { Why::Masked } else { Why::Absent };
            return open(why, address, place);
        };
        if !self.unknown.is_some_and(says_true) {
            return known.clone();
        }
        let kind = match known.kind() {
            Kind::Array(_) => {
                let item = |(at, item): (usize, Self)| {
                    item.settle_to(&format!("{address}[{at}]"), known.place(), depth + 1)
                };
                Kind::array(self.items().into_iter().enumerate().map(item).collect())
            }
            Kind::Object(object) => {
                let mut entries: Vec<(Arc<str>, Node)> = Vec::new();
                let inside = |key: &str| self.below(key);
                for (key, _) in object.entries() {
                    let node = inside(key).settle_to(&format!("{address}.{key}"), known.place(), depth + 1);
                    entries.push((Arc::clone(key), node));
                }
                let later = self.unknown.map(Node::entries).unwrap_or_default();
                for (key, value) in later.iter().filter(|(key, _)| object.exact(key).is_none()) {
                    if value.as_bool() == Some(true) {
                        let node = open(Why::Later, &format!("{address}.{key}"), known.place());
                        entries.push((Arc::clone(key), node));
                    }
                }
                Kind::object(entries)
            }
            _ => return known.clone(),
        };
        Node::new(kind, known.place().clone())
    }
}

/// How deep values are looked through.
const MAX_DEPTH: usize = 64;

/// Whether `true` stands anywhere in it.
fn says_true(node: &Node) -> bool {
    node.as_bool() == Some(true)
        || node.items().iter().any(says_true)
        || node.entries().iter().any(|(_, value)| says_true(value))
}

/// An unknown value.
pub(super) fn open(why: Why, address: &str, place: &Place) -> Node {
    Node::new(Kind::unknown(inside_hole(address), why.gap(address)), place.clone())
}

/// A text that can stand in `${...}`: without quotes and braces that would end it early.
pub(super) fn inside_hole(text: &str) -> String {
    text.replace('\'', "%27").replace('{', "%7B").replace('}', "%7D").replace('\\', "%5C")
}

/// A part of a name or id that is not known: equal for equal addresses.
pub(super) fn hole(address: &str) -> String {
    format!("${{{}}}", inside_hole(address))
}

/// A settled text as a part of one with open parts.
pub(super) fn escaped(text: &str) -> String {
    text.replace("${", "\\${")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::json;

    fn read(text: &str) -> Node {
        json::read(&"plan.json".into(), text).unwrap().root
    }

    #[test]
    fn unset_unknown_and_masked_are_three_things() {
        let known = read(r#"{"a": "", "b": null, "c": [], "d": "x", "e": [null, "y"], "g": null}"#);
        let unknown = read(r#"{"e": [true, false], "f": true, "d": false, "g": true}"#);
        let sensitive = read(r#"{"h": true, "d": true}"#);
        let values = Values {
            known: Some(&known),
            unknown: Some(&unknown),
            sensitive: Some(&sensitive),
            partial: false,
        };
        for (key, expected) in [
            ("a", "unset"),
            ("b", "unset"),
            ("c", "unset"),
            ("d", "is"),
            ("e", "is"),
            ("f", "Later"),
            ("g", "Later"),
            ("h", "Masked"),
            ("i", "unset"),
        ] {
            let said = match values.get(key) {
                Said::Unset => "unset".to_owned(),
                Said::Open(why, _) => format!("{why:?}"),
                Said::Is(_) => "is".to_owned(),
            };
            assert_eq!(said, expected, "{key}");
        }
        assert!(matches!(Values { partial: true, ..values }.get("i"), Said::Open(Why::Absent, _)));
        let Said::Is(list) = values.get("e") else { panic!() };
        let node = list.settle("r.e", known.place());
        assert_eq!(node.items()[0].gap().unwrap().missing(), "`r.e[0]`, which is known only after apply");
        assert_eq!(node.items()[1].as_str(), Some("y"));
    }
}
