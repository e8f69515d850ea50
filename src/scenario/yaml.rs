//! YAML as a tree of texts, lists and maps, each with its place: the only module that knows the YAML library.
//!
//! Every scalar is kept as the text that was written, so that a rule may be called `No` or `404`. Keys that
//! stand twice are kept for the reader to name. Depth, aliases and size are bounded by the library's budget.

use super::mistake::Mistake;
use crate::model::Origin;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Location, Spanned};
use std::fmt;
use std::sync::Arc;

/// A value with its place.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) origin: Origin,
    pub(super) value: Value,
}

/// What stands at a place.
#[derive(Debug)]
pub(super) enum Value {
    /// Nothing, `~` or `null`.
    Nothing,
    /// A scalar as it was written, without its quotes.
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    /// The place of the key.
    pub(super) origin: Origin,
    pub(super) value: Node,
}

impl Node {
    /// What the value is, to tell it from what was expected.
    pub(super) fn kind(&self) -> String {
        match &self.value {
            Value::Nothing => "nothing".to_owned(),
            Value::Text(text) => format!("`{text}`"),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a map of keys".to_owned(),
        }
    }
}

/// What the documents and every syntax error say about quotes.
pub(super) const QUOTES: &str = "inside { } and [ ] quote every packet, set, rule and route; elsewhere quote \
    a text that starts with *, [ or { or holds a colon and a blank";

/// Reads one document.
///
/// # Errors
/// The first place that is no YAML.
pub(super) fn read(file: &Arc<str>, text: &str) -> Result<Node, Mistake> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        with_snippet: false
    };
    let tree = serde_saphyr::from_str_with_options::<Spanned<Tree>>(text, options).map_err(|error| {
        let place = error.location().map_or_else(|| Origin::new(file, 1, 1, ""), |at| place(file, &at, ""));
        let what = without_place(&error.to_string());
        Mistake::new(&place, format!("this is no YAML: {what}; {QUOTES}"))
    })?;
    Source { file, text }.node(&tree, "")
}

/// The library's message, without the place that the mistake names itself.
fn without_place(message: &str) -> String {
    match message.rsplit_once(" at line ") {
        Some((what, place)) if place.chars().all(|c| c.is_ascii_digit() || ", column".contains(c)) => {
            what.to_owned()
        }
        _ => message.to_owned(),
    }
}

fn place(file: &Arc<str>, at: &Location, path: &str) -> Origin {
    let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX).max(1);
    Origin::new(file, number(at.line()), number(at.column()), path)
}

/// The document as the library gives it.
enum Tree {
    Nothing,
    Text(String),
    /// A number or the like: its text stands in the document.
    Plain,
    List(Vec<Spanned<Tree>>),
    Map(Vec<(Spanned<Tree>, Spanned<Tree>)>),
}

/// The document's text, to take scalars from as they were written.
struct Source<'a> {
    file: &'a Arc<str>,
    text: &'a str,
}

impl Source<'_> {
    fn node(&self, tree: &Spanned<Tree>, path: &str) -> Result<Node, Mistake> {
        let value = match &tree.value {
            Tree::Nothing => Value::Nothing,
            Tree::Text(text) => Value::Text(text.clone()),
            Tree::Plain => Value::Text(self.written(tree)),
            Tree::List(items) => Value::List(
                items
                    .iter()
                    .enumerate()
                    .map(|(at, item)| self.node(item, &format!("{path}[{at}]")))
                    .collect::<Result<_, _>>()?,
            ),
            Tree::Map(entries) => Value::Map(
                entries.iter().map(|(key, value)| self.entry(key, value, path)).collect::<Result<_, _>>()?,
            ),
        };
        Ok(Node { origin: place(self.file, &tree.referenced, path), value })
    }

    fn entry(&self, key: &Spanned<Tree>, value: &Spanned<Tree>, path: &str) -> Result<Entry, Mistake> {
        let text = match &key.value {
            Tree::Text(text) => text.clone(),
            Tree::Plain | Tree::Nothing => self.written(key),
            Tree::List(_) | Tree::Map(_) => {
                let message = format!("a key is a text, and this is a list or a map; {QUOTES}");
                return Err(Mistake::new(&place(self.file, &key.referenced, path), message));
            }
        };
        let path = if path.is_empty() { text.clone() } else { format!("{path}.{text}") };
        let origin = place(self.file, &key.referenced, &path);
        Ok(Entry { value: self.node(value, &path)?, key: text, origin })
    }

    fn written(&self, tree: &Spanned<Tree>) -> String {
        let span = tree.defined.span();
        let bytes = span.byte_offset().zip(span.byte_len()).and_then(|(start, length)| {
            let start = usize::try_from(start).ok()?;
            self.text.get(start..start.checked_add(usize::try_from(length).ok()?)?)
        });
        bytes.unwrap_or_default().trim().to_owned()
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a list or a map")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Nothing)
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Nothing)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Tree, E> {
        Ok(Tree::Plain)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Tree, E> {
        Ok(Tree::Plain)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Tree, E> {
        Ok(Tree::Plain)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Tree, E> {
        Ok(Tree::Plain)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Tree, E> {
        Ok(Tree::Plain)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Tree, E> {
        Ok(Tree::Plain)
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            list.push(entry);
        }
        Ok(Tree::Map(list))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(text: &str) -> Vec<(String, String, u32, u32)> {
        let node = read(&"a.yaml".into(), text).unwrap();
        let Value::Map(entries) = node.value else { return Vec::new() };
        let one = |entry: Entry| {
            (entry.key, entry.value.kind(), entry.value.origin.line, entry.value.origin.column)
        };
        entries.into_iter().map(one).collect()
    }

    #[test]
    fn scalars_are_kept_as_they_were_written() {
        let read = entries("No: 0404\n404: 1.50\nyes: ~\n\"é\": 0x1F\nn: &a true\nm: *a\n");
        let texts: Vec<(&str, &str)> =
            read.iter().map(|(key, kind, ..)| (key.as_str(), kind.as_str())).collect();
        let wanted = [
            ("No", "`0404`"),
            ("404", "`1.50`"),
            ("yes", "nothing"),
            ("é", "`0x1F`"),
            ("n", "`true`"),
            ("m", "`true`"),
        ];
        assert_eq!(texts, wanted);
    }

    #[test]
    fn a_byte_order_mark_and_windows_line_ends_change_nothing() {
        let read = entries("\u{feff}a: 010\r\nb: yes\r\n");
        assert_eq!(read[0], ("a".to_owned(), "`010`".to_owned(), 1, 4));
        assert_eq!(read[1], ("b".to_owned(), "`yes`".to_owned(), 2, 4));
    }

    #[test]
    fn every_value_has_its_line_and_column() {
        let read = entries("# a comment\na: 1\nb:\n  - x\nb: \"y\"\n");
        let places: Vec<(&str, u32, u32)> =
            read.iter().map(|(key, _, line, column)| (key.as_str(), *line, *column)).collect();
        assert_eq!(places, [("a", 2, 4), ("b", 4, 3), ("b", 5, 4)]);
    }

    #[test]
    fn what_is_no_yaml_names_its_place_and_speaks_of_quotes() {
        for (text, line) in [("a: b: c\n", 1), ("x: 1\na: *:80 -> b\n", 2), ("a: [1\nb: 2\n", 2)] {
            let mistake = read(&"a.yaml".into(), text).unwrap_err();
            assert_eq!(mistake.origin.line, line, "{mistake}");
            assert!(mistake.message.contains("quote"), "{mistake}");
            assert!(!mistake.message.contains(" at line "), "{mistake}");
        }
        assert!(read(&"a.yaml".into(), &format!("a: {}", "[".repeat(5000))).is_err());
    }
}
