//! The values themselves.

use super::{Place, grow};
use crate::model::{Gap, Origin};
use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Node {
    kind: Kind,
    place: Place,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A settled text.
    String(Arc<str>),
    /// A text with parts that deployment settles, written as in `apim-${uniqueString(resourceGroup().id)}`.
    /// Two texts with the same spelling are the same text.
    Symbol(Arc<Open>),
    /// A list.
    Array(Arc<Array>),
    /// Keys and values.
    Object(Arc<Object>),
    /// Anything else that the input does not settle.
    Unknown(Arc<Open>),
}

/// What is not settled, in its own spelling, and why.
#[derive(Clone, Debug)]
pub struct Open {
    /// For a text the text with its `${...}` parts; for any other value the expression.
    pub text: Arc<str>,
    /// What is missing and what would supply it.
    pub gap: Gap,
}

/// A number: exact where it is an integer of 64 bits, else as it was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Number {
    /// An integer.
    Integer(i64),
    /// Anything else, as written.
    Other(Arc<str>),
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => write!(f, "{number}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// How large a value is, counted as if nothing were shared.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Size {
    /// Values in it, itself among them; a text counts one more for each 64 bytes.
    pub nodes: u32,
    /// Arrays and objects on the longest way down.
    pub depth: u32,
}

impl Size {
    /// Of a value without parts.
    pub(super) fn one() -> Self {
        Self { nodes: 1, depth: 0 }
    }

    /// The same below a key of this length.
    pub(super) fn under_key(self, length: usize) -> Self {
        let more = u32::try_from(length / 64).unwrap_or(u32::MAX);
        Self { nodes: self.nodes.saturating_add(more), ..self }
    }

    /// Of an array or object with these parts.
    pub(super) fn around(parts: impl Iterator<Item = Self>) -> Self {
        let inside = parts.fold(Self::default(), |sum, part| Self {
            nodes: sum.nodes.saturating_add(part.nodes),
            depth: sum.depth.max(part.depth),
        });
        Self { nodes: inside.nodes.saturating_add(1), depth: inside.depth.saturating_add(1) }
    }

    pub(super) fn text(text: &str) -> Self {
        Self { nodes: u32::try_from(text.len() / 64).unwrap_or(u32::MAX).saturating_add(1), depth: 0 }
    }
}

/// The items of a list.
#[derive(Clone)]
pub struct Array(Parts<Vec<Node>>);

/// The entries of an object, in order of writing; a key may be there twice.
#[derive(Clone)]
pub struct Object(Parts<Vec<(Arc<str>, Node)>>);

/// What an array or object holds: there from the start, or made from the text at the first look.
#[derive(Clone)]
struct Parts<T> {
    list: OnceLock<T>,
    text: Option<Place>,
    size: OnceLock<Size>,
}

impl<T> Parts<T> {
    fn made(list: T) -> Self {
        Self { list: list.into(), text: None, size: OnceLock::new() }
    }

    fn unread(place: &Place) -> Self {
        Self { list: OnceLock::new(), text: Some(place.clone()), size: OnceLock::new() }
    }

    fn get(&self, read: impl FnOnce(&Place) -> T) -> &T
    where
        T: Default,
    {
        self.list.get_or_init(|| self.text.as_ref().map_or_else(T::default, read))
    }

    /// The size, counted once: by the parts where they are there, else by the text.
    fn size(&self, of_list: impl FnOnce(&T) -> Size) -> Size {
        *self.size.get_or_init(|| match (self.list.get(), &self.text) {
            (Some(list), _) => of_list(list),
            (None, Some(place)) => grow::size(place),
            (None, None) => Size::one(),
        })
    }
}

impl Array {
    /// An array of a text.
    pub(super) fn unread(place: &Place) -> Self {
        Self(Parts::unread(place))
    }

    /// The items.
    pub fn items(&self) -> &[Node] {
        self.0.get(grow::items)
    }

    fn size(&self) -> Size {
        self.0.size(|items| Size::around(items.iter().map(Node::size)))
    }
}

impl fmt::Debug for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.items()).finish()
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.entries().iter().map(|(key, value)| (key, value))).finish()
    }
}

impl Object {
    /// An object of a text.
    pub(super) fn unread(place: &Place) -> Self {
        Self(Parts::unread(place))
    }

    fn size(&self) -> Size {
        let of_one = |(key, value): &(Arc<str>, Node)| value.size().under_key(key.len());
        self.0.size(|entries| Size::around(entries.iter().map(of_one)))
    }

    /// The value of a key in exactly this spelling; the last one counts.
    pub fn exact(&self, key: &str) -> Option<&Node> {
        self.entries().iter().rev().find(|(name, _)| &**name == key).map(|(_, value)| value)
    }

    /// The value of a key: in this spelling, else without regard to case.
    pub fn get(&self, key: &str) -> Option<&Node> {
        let mut other = None;
        for (name, value) in self.entries().iter().rev().filter(|(name, _)| same_key(name, key)) {
            if **name == *key {
                return Some(value);
            }
            other = other.or(Some(value));
        }
        other
    }

    /// Keys and values, in order of writing.
    pub fn entries(&self) -> &[(Arc<str>, Node)] {
        self.0.get(grow::entries)
    }
}

/// Azure reads keys without regard to case.
fn same_key(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
}

impl Kind {
    /// A settled text.
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Self::String(text.into())
    }

    /// An integer.
    pub fn integer(number: i64) -> Self {
        Self::Number(Number::Integer(number))
    }

    /// A list.
    pub fn array(items: Vec<Node>) -> Self {
        Self::Array(Arc::new(Array(Parts::made(items))))
    }

    /// An object.
    pub fn object(entries: Vec<(Arc<str>, Node)>) -> Self {
        Self::Object(Arc::new(Object(Parts::made(entries))))
    }

    /// A text with parts that deployment settles.
    pub fn symbol(text: impl Into<Arc<str>>, gap: Gap) -> Self {
        Self::Symbol(Arc::new(Open { text: text.into(), gap }))
    }

    /// A value that is not settled, by its expression.
    pub fn unknown(expression: impl Into<Arc<str>>, gap: Gap) -> Self {
        Self::Unknown(Arc::new(Open { text: expression.into(), gap }))
    }

    /// The kind with its article, for messages.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(Number::Integer(_)) => "an integer",
            Self::Number(Number::Other(_)) => "a number",
            Self::String(_) | Self::Symbol(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
            Self::Unknown(_) => "an unknown value",
        }
    }
}

impl Node {
    /// A value at a place.
    pub fn new(kind: Kind, place: Place) -> Self {
        Self { kind, place }
    }

    /// What it is.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// Where it stands.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// File, line, column and key path.
    pub fn origin(&self) -> Origin {
        self.place.origin()
    }

    /// The kind with its article, for messages.
    pub fn type_name(&self) -> &'static str {
        self.kind.type_name()
    }

    /// How large it is.
    pub fn size(&self) -> Size {
        match &self.kind {
            Kind::Array(array) => array.size(),
            Kind::Object(object) => object.size(),
            Kind::String(text) => Size::text(text),
            Kind::Symbol(open) | Kind::Unknown(open) => Size::text(&open.text),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) => Size::one(),
        }
    }

    /// The value of a key where this is an object: in this spelling, else without regard to case.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_object()?.get(key)
    }

    /// The text under a key, as [`Self::get`] finds it; for who looks at one key of very many objects, of which
    /// nothing else is made into nodes.
    pub fn text_under(&self, key: &str) -> Option<Cow<'_, str>> {
        let object = self.as_object()?;
        match (object.0.list.get(), &object.0.text) {
            (None, Some(place)) => grow::text_under(place, key),
            _ => object.get(key)?.as_str().map(Cow::Borrowed),
        }
    }

    /// The values under some keys, at any depth below this one, without regard to case. Of a text nothing else is
    /// made into nodes.
    pub fn under(&self, keys: &[&str]) -> Vec<(Arc<str>, Self)> {
        if let Some(place) = self.text_place() {
            return grow::under(place, keys);
        }
        let is_asked = |key: &str| keys.iter().any(|asked| same_key(asked, key));
        let mut found = Vec::new();
        for (key, value) in self.entries() {
            if is_asked(key) {
                found.push((Arc::clone(key), value.clone()));
            }
            found.extend(value.under(keys));
        }
        found.extend(self.items().iter().flat_map(|item| item.under(keys)));
        found
    }

    /// The same value, of which nothing has been looked at where it comes from a text: what is made of it now goes
    /// with it. For who looks once at very many large ones.
    #[must_use]
    pub fn afresh(&self) -> Self {
        let kind = match (&self.kind, self.text_place()) {
            (Kind::Array(_), Some(place)) => Kind::Array(Arc::new(Array::unread(place))),
            (Kind::Object(_), Some(place)) => Kind::Object(Arc::new(Object::unread(place))),
            (kind, _) => kind.clone(),
        };
        Self::new(kind, self.place.clone())
    }

    /// The place in the text that an array or object is made of; `None` for any other value.
    fn text_place(&self) -> Option<&Place> {
        match &self.kind {
            Kind::Array(array) => array.0.text.as_ref(),
            Kind::Object(object) => object.0.text.as_ref(),
            _ => None,
        }
    }

    /// The value at the end of a row of keys.
    pub fn at(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text, where it is settled.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The text, settled or with `${...}` parts.
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            Kind::Symbol(open) => Some(&open.text),
            _ => None,
        }
    }

    /// The text by which this value joins others: also of an unknown one, as `${expression}`.
    pub fn join_text(&self) -> Option<Cow<'_, str>> {
        match &self.kind {
            Kind::Unknown(open) => Some(Cow::Owned(format!("${{{}}}", open.text))),
            _ => self.as_text().map(Cow::Borrowed),
        }
    }

    /// The integer.
    pub fn as_integer(&self) -> Option<i64> {
        match &self.kind {
            Kind::Number(Number::Integer(number)) => Some(*number),
            _ => None,
        }
    }

    /// The boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The object.
    pub fn as_object(&self) -> Option<&Object> {
        match &self.kind {
            Kind::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The items, where this is an array.
    pub fn as_array(&self) -> Option<&[Self]> {
        match &self.kind {
            Kind::Array(array) => Some(array.items()),
            _ => None,
        }
    }

    /// The items of an array, none of anything else.
    pub fn items(&self) -> &[Self] {
        self.as_array().unwrap_or_default()
    }

    /// The entries of an object, none of anything else.
    pub fn entries(&self) -> &[(Arc<str>, Self)] {
        self.as_object().map(Object::entries).unwrap_or_default()
    }

    /// The items of an array, the values of an object.
    pub fn children(&self) -> impl Iterator<Item = &Self> {
        self.items().iter().chain(self.entries().iter().map(|(_, value)| value))
    }

    /// This value and all values in it, at any depth, in no promised order.
    pub fn walk(&self) -> impl Iterator<Item = &Self> {
        let mut open = vec![self];
        std::iter::from_fn(move || {
            let node = open.pop()?;
            open.extend(node.children());
            Some(node)
        })
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    /// Why it is not settled, where it is a symbol or unknown.
    pub fn gap(&self) -> Option<&Gap> {
        match &self.kind {
            Kind::Symbol(open) | Kind::Unknown(open) => Some(&open.gap),
            _ => None,
        }
    }

    /// The first thing in it, at any depth, that is not settled.
    pub fn first_gap(&self) -> Option<&Gap> {
        // All that a text says is settled.
        if self.text_place().is_some() {
            return None;
        }
        match &self.kind {
            Kind::Array(array) => array.items().iter().find_map(Self::first_gap),
            Kind::Object(object) => object.entries().iter().find_map(|(_, value)| value.first_gap()),
            _ => self.gap(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::{Kind, Node};

    const TEXT: &str =
        r#"{"a": 1, "b": [{"A": {"c": [], "a": "2"}}, {"\u0061": null, "d": {"a": [3]}}], "e": "a"}"#;

    fn root() -> Node {
        read(&"main.json".into(), TEXT).unwrap().root
    }

    /// The same value, made and not of a text.
    fn made(node: &Node) -> Node {
        let kind = match node.kind() {
            Kind::Array(_) => Kind::array(node.items().iter().map(made).collect()),
            Kind::Object(_) => {
                Kind::object(node.entries().iter().map(|(key, value)| (key.clone(), made(value))).collect())
            }
            kind => kind.clone(),
        };
        Node::new(kind, node.place().clone())
    }

    fn is_looked_at(node: &Node) -> bool {
        matches!(node.kind(), Kind::Object(object) if object.0.list.get().is_some())
    }

    #[test]
    fn values_under_a_key_are_found_at_any_depth_in_texts_and_in_what_is_made() {
        let row = |node: &Node, keys: &[&str]| -> Vec<String> {
            node.under(keys).iter().map(|(key, value)| format!("{key} {}", value.origin().path)).collect()
        };
        let all = ["a a", "A b[0].A", "a b[0].A.a", "a b[1].\\u0061", "a b[1].d.a"];
        for (keys, expected) in [(&["a"][..], &all[..]), (&["C", "e"], &["c b[0].A.c", "e e"]), (&["f"], &[])]
        {
            let unread = root();
            let expected: Vec<String> = expected.iter().map(|line| line.replace("\\u0061", "a")).collect();
            assert_eq!(row(&unread, keys), expected);
            assert!(!is_looked_at(&unread), "no other node is made");
            assert_eq!(row(&made(&root()), keys), expected);
        }
    }

    #[test]
    fn what_is_looked_at_afresh_leaves_nothing_behind() {
        let unread = root();
        let afresh = unread.afresh();
        assert_eq!(format!("{afresh:?}"), format!("{:?}", root()));
        assert!(is_looked_at(&afresh) && !is_looked_at(&unread));
        assert!(is_looked_at(&made(&unread).afresh()), "what is of no text has nothing to be made from");
    }
}
