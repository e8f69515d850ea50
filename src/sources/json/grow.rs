//! Nodes out of the table, one level at a time, when somebody looks.
//!
//! An array or object of a text knows its number in the text's table; its parts become nodes at the first look
//! and stay. So the memory of a large file goes with what is read of it, and is counted: what does not fit is
//! given as empty, and the document says so ([`super::Document::memory`]).

use super::node::{Array, Number, Object, Size};
use super::scan::{decoded, inside};
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
    source.spend(texts.take_spent());
    items
}

/// The keys and values of an object.
pub(super) fn entries(object: &Place) -> Vec<(Arc<str>, Node)> {
    let source = object.source();
    let Some(children) = affordable(object, size_of::<(Arc<str>, Node)>()) else { return Vec::new() };
    let mut texts = source.texts();
    let field = |(index, entry): (u32, Entry)| {
        let place = Place::new(source, index);
        let key =
            entry.step.key_start().map_or(Cow::Borrowed(""), |start| decoded(inside(source.text(), start)));
        (texts.key(&key), Node::new(kind(&place, &entry, &mut texts), place))
    };
    let fields = children.map(field).collect();
    source.spend(texts.take_spent());
    fields
}

/// How large a value is, without a node for any part of it.
pub(super) fn size(place: &Place) -> Size {
    let source = place.source();
    source.entry(place.index()).map_or_else(Size::default, |entry| measure(source, place.index(), &entry))
}

fn measure(source: &Source, index: u32, entry: &Entry) -> Size {
    match source.byte(entry) {
        b'{' | b'[' => Size::around(Children::of(source, index).map(|(index, entry)| {
            let key = entry.step.key_start().map_or(0, |start| decoded(inside(source.text(), start)).len());
            measure(source, index, &entry).under_key(key)
        })),
        b'"' => Size::text(&decoded(inside(source.text(), entry.offset as usize))),
        _ => Size::one(),
    }
}

/// The parts of a value, where there is room for nodes of this size.
fn affordable(place: &Place, each: usize) -> Option<impl Iterator<Item = (u32, Entry)>> {
    let source = place.source();
    let count = Children::of(source, place.index()).count();
    let children = Children { left: count, ..Children::of(source, place.index()) };
    source.spend(count.saturating_mul(each)).then_some(children)
}

fn kind(place: &Place, entry: &Entry, texts: &mut Texts) -> Kind {
    let source = place.source();
    match source.byte(entry) {
        b'{' => {
            texts.spent += PER_LIST;
            Kind::Object(Arc::new(Object::unread(place)))
        }
        b'[' => {
            texts.spent += PER_LIST;
            Kind::Array(Arc::new(Array::unread(place)))
        }
        b'"' => Kind::String(texts.value(&decoded(inside(source.text(), entry.offset as usize)))),
        b't' => Kind::Bool(true),
        b'f' => Kind::Bool(false),
        b'n' => Kind::Null,
        _ => Kind::Number(number(source.written(entry), texts)),
    }
}

fn number(text: &str, texts: &mut Texts) -> Number {
    text.parse().map_or_else(|_| Number::Other(texts.value(text)), Number::Integer)
}

/// The parts of an array or object by their numbers.
struct Children<'s> {
    source: &'s Source,
    next: u32,
    end: u32,
    /// How many there are still, where they were counted.
    left: usize,
}

impl<'s> Children<'s> {
    fn of(source: &'s Source, index: u32) -> Self {
        let end = source.entry(index).map_or(0, |entry| entry.end);
        Self { source, next: index + 1, end, left: 0 }
    }
}

impl Iterator for Children<'_> {
    type Item = (u32, Entry);

    fn next(&mut self) -> Option<Self::Item> {
        let index = self.next;
        let entry = self.source.entry(index).filter(|_| index < self.end)?;
        let is_list = matches!(self.source.byte(&entry), b'{' | b'[');
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
    /// Bytes that the texts take which were made since the last count.
    spent: usize,
}

impl Texts {
    fn key(&mut self, text: &str) -> Arc<str> {
        shared(&mut self.keys, text, &mut self.spent)
    }

    fn value(&mut self, text: &str) -> Arc<str> {
        if text.len() > SHARED_LENGTH {
            self.spent += PER_TEXT + text.len();
            return text.into();
        }
        shared(&mut self.values, text, &mut self.spent)
    }

    fn take_spent(&mut self) -> usize {
        std::mem::take(&mut self.spent)
    }
}

fn shared(slots: &mut Vec<Option<Arc<str>>>, text: &str, spent: &mut usize) -> Arc<str> {
    if slots.is_empty() {
        slots.resize(SHARED_TEXTS, None);
    }
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    // Always below the number of slots.
    let slot = &mut slots[hasher.finish() as usize % SHARED_TEXTS];
    match slot {
        Some(known) if **known == *text => Arc::clone(known),
        _ => {
            *spent += PER_TEXT + text.len();
            Arc::clone(slot.insert(text.into()))
        }
    }
}
