//! One rule of a dump, written again as a template writes it.
//!
//! A dump says `All` for `*`, `0.0.0.0/0` twice for an address of `*`, and gives each value in the singular and
//! in the plural field. What a tag stands for is beside it, or in the dump's `tagMap`; it stays in the field
//! that the reader of rules knows (S139). Places are those of the dump.

use crate::rules::AddressTerm;
use crate::sources::json::{Kind, Node};
use std::sync::Arc;

/// The address that Azure prints for `*`.
const EVERY: &str = "0.0.0.0/0";

/// Whether a rule is one of the platform's: by its name's prefix, else by its priority (S10, S135).
pub(super) fn is_default(item: &Node) -> bool {
    let name = item.get("name").and_then(Node::as_str).unwrap_or_default().to_ascii_lowercase();
    let named = |prefixes: [&str; 2]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    if named(["defaultsecurityrules/", "defaultrule_"]) {
        return true;
    }
    let priority = value(item, "priority").and_then(Node::as_integer);
    !named(["securityrules/", "userrule_"]) && priority.is_some_and(|priority| priority >= 65_000)
}

/// The rule as a template would hold it. `also` is another print of the same rule, which may say more of its
/// tags.
pub(super) fn as_written(item: &Node, also: Option<&Node>, tag_map: Option<&Node>) -> Node {
    if item.as_object().is_none() {
        return item.clone();
    }
    let mut entries: Vec<(Arc<str>, Node)> = Vec::new();
    entries.extend(item.get("name").map(|name| (Arc::from("name"), name.clone())));
    for key in ["direction", "access", "priority"] {
        entries.extend(value(item, key).map(|found| (Arc::from(key), found.clone())));
    }
    if let Some(protocol) = value(item, "protocol") {
        let is_all = protocol.as_str().is_some_and(|text| text.eq_ignore_ascii_case("All"));
        let protocol = if is_all { put(protocol, "*") } else { protocol.clone() };
        entries.push((Arc::from("protocol"), protocol));
    }
    for side in ["source", "destination"] {
        let ports = both(item, &format!("{side}PortRange"), &format!("{side}PortRanges"));
        entries.extend(field(&format!("{side}PortRange"), item, ports, "s"));
        addresses(item, also, tag_map, side, &mut entries);
        let groups = format!("{side}ApplicationSecurityGroups");
        entries.extend(value(item, &groups).map(|found| (Arc::from(groups.as_str()), found.clone())));
    }
    Node::new(Kind::object(entries), item.place().clone())
}

/// The addresses of a side, and what its tag stands for.
fn addresses(
    item: &Node,
    also: Option<&Node>,
    tag_map: Option<&Node>,
    side: &str,
    entries: &mut Vec<(Arc<str>, Node)>,
) {
    let (singular, plural) = (format!("{side}AddressPrefix"), format!("{side}AddressPrefixes"));
    let capital = if side == "source" { "Source" } else { "Destination" };
    let key = format!("expanded{capital}AddressPrefix");
    let lists = |node: &&Node| !node.items().is_empty();
    let shown = value(item, &key).or_else(|| also.and_then(|also| value(also, &key))).filter(lists);
    let twice = value(item, &plural)
        .is_some_and(|list| list.items().iter().filter(|item| item.as_str() == Some(EVERY)).count() > 1);
    let mut found = both(item, &singular, &plural);
    for node in &mut found {
        if node.as_str() != Some(EVERY) {
            continue;
        }
        // A tag that is printed as every address is known by what it stands for.
        let stands_for_less =
            |list: &Node| list.items().iter().all(|item| item.as_str().is_some_and(|text| text != EVERY));
        if shown.is_some_and(stands_for_less) {
            *node = put(node, "Internet");
        } else if twice {
            *node = put(node, "*");
        }
    }
    let expansion = shown.cloned().or_else(|| from_map(&found, tag_map));
    entries.extend(field(&singular, item, found, "es"));
    entries.extend(expansion.map(|list| (Arc::from(key), list)));
}

/// What the tags of a side stand for by the dump's list, where it has every one of them.
fn from_map(found: &[Node], tag_map: Option<&Node>) -> Option<Node> {
    let tag_map = tag_map?;
    let is_tag = |node: &&Node| {
        node.as_str().is_some_and(|text| {
            text.starts_with(|c: char| c.is_ascii_alphabetic())
                && !text.contains(':')
                && !AddressTerm::names_platform(text)
        })
    };
    let mut items = Vec::new();
    let mut at = None;
    for tag in found.iter().filter(is_tag) {
        let list = tag_map.get(tag.as_str()?)?;
        at.get_or_insert(list);
        items.extend(list.items().iter().cloned());
    }
    let at = at.filter(|_| !items.is_empty())?;
    Some(Node::new(Kind::array(items), at.place().clone()))
}

/// The value of a key of the rule itself, or below its `properties`.
fn value<'n>(item: &'n Node, key: &str) -> Option<&'n Node> {
    let inner = item.get("properties").filter(|inner| inner.as_object().is_some()).unwrap_or(item);
    inner.get(key).filter(|found| !found.is_null())
}

/// The values of the plural field and of the singular one, each text once.
fn both(item: &Node, singular: &str, plural: &str) -> Vec<Node> {
    let listed = value(item, plural).map(|list| list.as_array().unwrap_or(std::slice::from_ref(list)));
    let mut found: Vec<Node> = Vec::new();
    for node in listed.unwrap_or_default().iter().chain(value(item, singular)) {
        let text = node.as_str();
        let is_new = text.is_none() || found.iter().all(|earlier| earlier.as_str() != text);
        if is_new && text.is_none_or(|text| !text.trim().is_empty()) {
            found.push(node.clone());
        }
    }
    found
}

/// One value goes into the singular field, several into the plural one, whose name has the ending `plural`.
fn field(singular: &str, at: &Node, mut values: Vec<Node>, plural: &str) -> Option<(Arc<str>, Node)> {
    match values.len() {
        0 => None,
        1 => Some((Arc::from(singular), values.remove(0))),
        _ => {
            let place = value(at, singular).unwrap_or(at).place().clone();
            Some((Arc::from(format!("{singular}{plural}")), Node::new(Kind::array(values), place)))
        }
    }
}

/// Another text at the place of a value.
fn put(at: &Node, text: &str) -> Node {
    Node::new(Kind::string(text), at.place().clone())
}
