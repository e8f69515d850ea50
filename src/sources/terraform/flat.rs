//! Attributes of states before version 4: one flat map of texts, in which `security_rule.1234.name` is a
//! field, `security_rule.#` how many items a list or set has, `tags.%` how many keys a map has.

use crate::sources::json::{Kind, Node, Place};
use std::collections::HashMap;
use std::sync::Arc;

/// How deep lists may stand in lists.
const MAX_DEPTH: usize = 16;

/// The attributes as newer states write them; all values stay texts.
pub(super) fn unflatten(attributes: &Node) -> Node {
    let flat: Vec<(&str, &Node)> = attributes.entries().iter().map(|(key, value)| (&**key, value)).collect();
    Node::new(Kind::object(object(&flat, 0)), attributes.place().clone())
}

/// Entries that begin with the same name, under that name, in order of writing.
fn grouped<'n>(flat: &[(&'n str, &'n Node)]) -> Vec<(&'n str, Vec<(&'n str, &'n Node)>)> {
    let mut groups: Vec<(&str, Vec<(&str, &Node)>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (key, value) in flat {
        let (name, rest) = key.split_once('.').unwrap_or((key, ""));
        let place = *places.entry(name).or_insert_with(|| {
            groups.push((name, Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push((rest, *value));
    }
    groups
}

fn object(flat: &[(&str, &Node)], depth: usize) -> Vec<(Arc<str>, Node)> {
    grouped(flat)
        .into_iter()
        .filter(|(name, _)| *name != "%")
        .filter_map(|(name, inside)| Some((Arc::from(name), value(&inside, depth)?)))
        .collect()
}

/// A text, a list or a map.
fn value(inside: &[(&str, &Node)], depth: usize) -> Option<Node> {
    let (first, node) = inside.first()?;
    if first.is_empty() || depth >= MAX_DEPTH {
        return Some((*node).clone());
    }
    let place: &Place = node.place();
    let kind = if inside.iter().any(|(key, _)| *key == "#") {
        let items = grouped(inside).into_iter().filter(|(name, _)| *name != "#");
        Kind::array(items.filter_map(|(_, item)| value(&item, depth + 1)).collect())
    } else {
        Kind::object(object(inside, depth + 1))
    };
    Some(Node::new(kind, place.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::json;

    #[test]
    fn lists_maps_and_fields_are_put_back() {
        let text = r##"{"name": "n", "rule.#": "2", "rule.77.name": "a", "rule.77.ports.#": "1",
            "rule.77.ports.9": "80", "rule.5.name": "b", "tags.%": "1", "tags.x": "y", "none.#": "0"}"##;
        let node = unflatten(&json::read(&"s".into(), text).unwrap().root);
        let rules = node.get("rule").unwrap().items();
        assert_eq!(rules.len(), 2);
        assert_eq!(rules[0].at(&["name"]).unwrap().as_str(), Some("a"));
        assert_eq!(rules[0].get("ports").unwrap().items()[0].as_str(), Some("80"));
        assert_eq!(node.at(&["tags", "x"]).unwrap().as_str(), Some("y"));
        assert!(node.get("none").unwrap().items().is_empty());
        assert_eq!(rules[1].get("name").unwrap().origin().line, 2);
    }
}
