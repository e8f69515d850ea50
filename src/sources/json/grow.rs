//! Nodes out of the table, one level at a time, when somebody looks.
//!
//! An array or object of a text knows its number in the text's table; its parts become nodes at the first look
//! and stay. So the memory of a large file goes with what is read of it, and is counted: what does not fit is
//! given as empty, and the document says so ([`super::Document::memory`]).

use super::node::{Array, Number, Object, Size};
use super::scan::string;
use super::source::{Entry, Source};
use super::{Kind, Node, Place};
use rustc_hash::FxHasher;
use std::borrow::Cow;
use std::hash::Hasher;
use std::mem::size_of;
use std::sync::Arc;

/// Longer texts hardly ever stand twice in a file.
const SHARED_LENGTH: usize = 40;
/// How many keys, and how many texts, are remembered to be shared.
const SHARED_TEXTS: usize = 1 << 11;
/// What a text takes besides its bytes, and what an array or object takes besides its parts.
const PER_TEXT: usize = 32;
const PER_LIST: usize = size_of::<Object>() + 32;

/// The value of a whole text.
pub(super) fn root(source: &Arc<Source>) -> Node {
    let place = Place::new(source, 0);
    let kind = source.entry(0).map_or(Kind::Null, |entry| kind(&place, &entry, &mut Texts::default()));
    Node::new(kind, place)
}

/// The items of an array.
pub(super) fn items(array: &Place) -> Vec<Node> {
    let source = array.source();
    let Some(children) = affordable(array, size_of::<Node>()) else { return Vec::new() };
    let mut texts = source.texts();
    let item = |(index, entry): (u32, Entry)| {
        let place = Place::new(source, index);
        Node::new(kind(&place, &entry, &mut texts), place)
    };
    let items = children.map(item).collect();
    source.refund(texts.take_saved());
    items
}

/// The keys and values of an object.
pub(super) fn entries(object: &Place) -> Vec<(Arc<str>, Node)> {
    let source = object.source();
    let Some(children) = affordable(object, size_of::<(Arc<str>, Node)>()) else { return Vec::new() };
    let mut texts = source.texts();
    let field = |(index, entry): (u32, Entry)| {
        let place = Place::new(source, index);
        let key = texts.key(&key(source, &entry));
        (key, Node::new(kind(&place, &entry, &mut texts), place))
    };
    let fields = children.map(field).collect();
    source.refund(texts.take_saved());
    fields
}

fn key<'s>(source: &'s Source, entry: &Entry) -> Cow<'s, str> {
    entry.step.key_start().map_or(Cow::Borrowed(""), |start| string(source.text(), start))
}

/// The text under a key of an object, without a node for any part of it; as [`super::Node::get`] finds it.
pub(super) fn text_under<'s>(object: &'s Place, key: &str) -> Option<Cow<'s, str>> {
    let source: &Source = object.source();
    let mut found: Option<(bool, Entry)> = None;
    for (_, entry) in Children::of(source, object.index()) {
        let Some(start) = entry.step.key_start() else { continue };
        let name = string(source.text(), start);
        let is_exact = *name == *key;
        // The last in this spelling counts, else the last in any.
        if is_exact || (name.eq_ignore_ascii_case(key) && found.is_none_or(|(exact, _)| !exact)) {
            found = Some((is_exact, entry));
        }
    }
    let (_, entry) = found.filter(|(_, entry)| source.byte(entry) == b'"')?;
    Some(string(source.text(), entry.offset as usize))
}

/// The values under some keys, at any depth, in order of the text, without a node for anything else.
pub(super) fn under(around: &Place, keys: &[&str]) -> Vec<(Arc<str>, Node)> {
    let source = around.source();
    let end = source.entry(around.index()).map_or(0, |entry| entry.end);
    let mut texts = source.texts();
    let mut found = Vec::new();
    for index in around.index() + 1..end {
        let Some(entry) = source.entry(index) else { break };
        let Some(start) = entry.step.key_start() else { continue };
        let name = string(source.text(), start);
        if keys.iter().any(|key| name.eq_ignore_ascii_case(key)) {
            let place = Place::new(source, index);
            found.push((texts.key(&name), Node::new(kind(&place, &entry, &mut texts), place)));
        }
    }
    found
}

/// How large a value is, without a node for any part of it.
pub(super) fn size(place: &Place) -> Size {
    let source = place.source();
    source.entry(place.index()).map_or_else(Size::default, |entry| measure(source, place.index(), &entry))
}

fn measure(source: &Source, index: u32, entry: &Entry) -> Size {
    match source.byte(entry) {
        b'{' | b'[' => Size::around(
            Children::of(source, index)
                .map(|(index, entry)| measure(source, index, &entry).under_key(key(source, &entry).len())),
        ),
        b'"' => Size::text(&string(source.text(), entry.offset as usize)),
        _ => Size::one(),
    }
}

/// The parts of a value, where there is room for them, each in so many bytes and what it points to.
fn affordable(place: &Place, each: usize) -> Option<impl Iterator<Item = (u32, Entry)>> {
    let source = place.source();
    let (mut count, mut cost) = (0, PER_LIST);
    for (_, entry) in Children::of(source, place.index()) {
        let value = match source.byte(&entry) {
            b'{' | b'[' => PER_LIST,
            b't' | b'f' | b'n' => 0,
            _ => PER_TEXT + source.written(&entry).len(),
        };
        let key = entry.step.key_start().map_or(0, |start| PER_TEXT + entry.offset as usize - start);
        count += 1;
        cost += each + value + key;
    }
    let children = Children { left: count, ..Children::of(source, place.index()) };
    source.spend(cost).then_some(children)
}

fn kind(place: &Place, entry: &Entry, texts: &mut Texts) -> Kind {
    let source = place.source();
    match source.byte(entry) {
        b'{' => Kind::Object(Arc::new(Object::unread(place))),
        b'[' => Kind::Array(Arc::new(Array::unread(place))),
        b'"' => Kind::String(texts.value(&string(source.text(), entry.offset as usize))),
        b't' => Kind::Bool(true),
        b'f' => Kind::Bool(false),
        b'n' => Kind::Null,
        _ => Kind::Number(number(source.written(entry), texts)),
    }
}

fn number(text: &str, texts: &mut Texts) -> Number {
    match text.parse() {
        Ok(integer) => {
            texts.saved += PER_TEXT + text.len();
            Number::Integer(integer)
        }
        Err(_) => Number::Other(texts.value(text)),
    }
}

/// The parts of an array or object by their numbers.
struct Children<'s> {
    entries: &'s [Entry],
    text: &'s [u8],
    next: u32,
    end: u32,
    /// How many there are still, where they were counted.
    left: usize,
}

impl<'s> Children<'s> {
    fn of(source: &'s Source, index: u32) -> Self {
        let end = source.entry(index).map_or(0, |entry| entry.end);
        let (entries, text) = (source.entries(), source.text().as_bytes());
        Self { entries, text, next: index + 1, end, left: 0 }
    }
}

impl Iterator for Children<'_> {
    type Item = (u32, Entry);

    fn next(&mut self) -> Option<Self::Item> {
        let index = self.next;
        if index >= self.end {
            return None;
        }
        let entry = *self.entries.get(index as usize)?;
        let is_list = matches!(self.text.get(entry.offset as usize), Some(b'{' | b'['));
        self.next = if is_list { entry.end } else { index + 1 };
        self.left = self.left.saturating_sub(1);
        Some((index, entry))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, None)
    }
}

/// Texts that were made, so that equal ones are mostly one in memory. Each has one slot, which the last text
/// with its hash holds: no file can make looking for one slow.
#[derive(Default)]
pub(super) struct Texts {
    keys: Vec<Option<Arc<str>>>,
    values: Vec<Option<Arc<str>>>,
    /// Bytes that were counted for texts and not taken, since the last count.
    saved: usize,
}

impl Texts {
    fn key(&mut self, text: &str) -> Arc<str> {
        shared(&mut self.keys, text, &mut self.saved)
    }

    fn value(&mut self, text: &str) -> Arc<str> {
        if text.len() > SHARED_LENGTH { text.into() } else { shared(&mut self.values, text, &mut self.saved) }
    }

    fn take_saved(&mut self) -> usize {
        std::mem::take(&mut self.saved)
    }
}

fn shared(slots: &mut Vec<Option<Arc<str>>>, text: &str, saved: &mut usize) -> Arc<str> {
    if slots.is_empty() {
        slots.resize(SHARED_TEXTS, None);
    }
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    // Always below the number of slots.
    let slot = &mut slots[hasher.finish() as usize % SHARED_TEXTS];
    match slot {
        Some(known) if **known == *text => {
            *saved += PER_TEXT + text.len();
            Arc::clone(known)
        }
        _ => Arc::clone(slot.insert(text.into())),
    }
}
