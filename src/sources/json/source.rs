//! Where the nodes of one text stand.
//!
//! One table for each text, shared by all its nodes: for each value the byte where it begins, its parent,
//! its key and where it ends. A place is an index into that table, so that reading costs no work for origins
//! that nobody asks for.

use super::grow::Texts;
use super::scan::string;
use crate::model::Origin;
use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// The most memory that a text may take with its values: with what readers make of them it fits a gibibyte.
pub(super) const MAX_MEMORY: usize = 896 << 20;

/// The last step of a key path, packed: nothing for the root, an index, or where the key stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Step(u32);

impl Step {
    /// The whole document.
    pub(super) const ROOT: Self = Self(u32::MAX);
    /// Set for keys. Texts are shorter than two gibibytes, so that the bits suffice.
    const KEY: u32 = 1 << 31;

    /// An item of a list.
    pub(super) fn index(index: usize) -> Self {
        Self(saturated(index) & !Self::KEY)
    }

    /// A value of an object, by the byte where its key begins.
    pub(super) fn key(start: usize) -> Self {
        Self(saturated(start) | Self::KEY)
    }

    /// Where the key begins.
    pub(super) fn key_start(self) -> Option<usize> {
        (self != Self::ROOT && self.0 & Self::KEY != 0).then_some((self.0 & !Self::KEY) as usize)
    }
}

/// One value of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) offset: u32,
    pub(super) parent: u32,
    pub(super) step: Step,
    /// For an array or object the number of the first value behind it, else the byte behind the value.
    pub(super) end: u32,
}

/// A text and the places in it.
pub(super) struct Source {
    file: Arc<str>,
    text: Box<str>,
    prefix: Box<str>,
    /// Filled when the text has been read to its end.
    table: OnceLock<Vec<Entry>>,
    texts: Mutex<Texts>,
    /// Bytes that nodes take so far.
    spent: AtomicUsize,
    /// Whether more was asked for than there is.
    is_refused: AtomicBool,
    /// Whether all that matters has been looked at.
    is_read: AtomicBool,
    index: OnceLock<Index>,
    /// What the source calls some of its values, in order of their numbers.
    names: OnceLock<Vec<(u32, Arc<str>)>>,
}

impl Source {
    /// A text of which nothing is read yet.
    pub(super) fn new(file: &Arc<str>, text: impl Into<Box<str>>, prefix: &str) -> Self {
        Self {
            file: Arc::clone(file),
            text: text.into(),
            prefix: prefix.into(),
            table: OnceLock::new(),
            texts: Mutex::default(),
            spent: AtomicUsize::new(0),
            is_refused: AtomicBool::new(false),
            is_read: AtomicBool::new(false),
            index: OnceLock::new(),
            names: OnceLock::new(),
        }
    }

    /// The text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The text, when it is of no use here any more.
    pub(super) fn into_text(self) -> String {
        self.text.into()
    }

    /// Takes the places of all values, once.
    pub(super) fn fill(&self, entries: Vec<Entry>) {
        let _ = self.table.set(entries);
    }

    /// The texts that nodes share.
    pub(super) fn texts(&self) -> MutexGuard<'_, Texts> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes memory for nodes; false where there is no more.
    pub(super) fn spend(&self, bytes: usize) -> bool {
        if self.is_read.load(Ordering::Relaxed) {
            return true;
        }
        let before = self.spent.fetch_add(bytes, Ordering::Relaxed);
        let fits = before.saturating_add(bytes) <= self.affordable();
        if !fits {
            self.is_refused.store(true, Ordering::Relaxed);
        }
        fits
    }

    /// Gives memory back that was taken and not used.
    pub(super) fn refund(&self, bytes: usize) {
        self.spent.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Ends reading: whether more was asked for than there is. The little that is looked at from now on is given.
    pub(super) fn end(&self) -> bool {
        self.is_read.store(true, Ordering::Relaxed);
        self.is_refused.load(Ordering::Relaxed)
    }

    fn affordable(&self) -> usize {
        // The bytes of the file are there twice while it is read.
        MAX_MEMORY.saturating_sub(2 * self.text.len() + size_of_val(self.entries()))
    }

    /// The byte that a value begins with.
    #[inline]
    pub(super) fn byte(&self, entry: &Entry) -> u8 {
        self.text.as_bytes().get(entry.offset as usize).copied().unwrap_or_default()
    }

    /// A value as it is written, where it is no array or object.
    pub(super) fn written(&self, entry: &Entry) -> &str {
        self.text.get(entry.offset as usize..entry.end as usize).unwrap_or_default()
    }

    /// The place of a byte, as if it were the whole document.
    pub(super) fn origin_at(&self, offset: usize) -> Origin {
        let (line, column) = self.line_column(offset);
        Origin::new(&self.file, line, column, &*self.prefix)
    }

    #[inline]
    pub(super) fn entry(&self, index: u32) -> Option<Entry> {
        self.entries().get(index as usize).copied()
    }

    /// The table, empty before the text has been read to its end.
    #[inline]
    pub(super) fn entries(&self) -> &[Entry] {
        self.table.get().map(Vec::as_slice).unwrap_or_default()
    }

    /// Line and column of a byte, from 1, the column in characters.
    fn line_column(&self, offset: usize) -> (u32, u32) {
        let index = self.index.get_or_init(|| Index::of(&self.text));
        let line = index.lines.partition_point(|start| *start as usize <= offset).max(1);
        let start = index.lines.get(line - 1).map_or(0, |start| *start as usize);
        let column = index.characters(&self.text, offset).saturating_sub(index.characters(&self.text, start));
        (saturated(line), saturated(column + 1))
    }

    /// The names of the values around a value, and its own, outermost first.
    fn within(&self, index: u32) -> Option<Arc<str>> {
        let names = self.names.get()?;
        let name_of =
            |index: u32| names.binary_search_by_key(&index, |(at, _)| *at).ok().and_then(|at| names.get(at));
        let mut found: Vec<&Arc<str>> = Vec::new();
        let mut at = index;
        while let Some(entry) = self.entry(at) {
            found.extend(name_of(at).map(|(_, name)| name));
            if entry.step == Step::ROOT {
                break;
            }
            at = entry.parent;
        }
        match found[..] {
            [] => None,
            [one] => Some(Arc::clone(one)),
            _ => Some(found.iter().rev().map(|name| &***name).collect::<Vec<_>>().join(", ").into()),
        }
    }

    fn path(&self, index: u32) -> String {
        let mut steps = Vec::with_capacity(16);
        let mut at = index;
        while let Some(entry) = self.entry(at).filter(|entry| entry.step != Step::ROOT) {
            steps.push(entry.step);
            at = entry.parent;
        }
        let mut path = String::with_capacity(self.prefix.len() + 16 * steps.len());
        path.push_str(&self.prefix);
        for step in steps.into_iter().rev() {
            // Writing to a string never fails.
            let Some(start) = step.key_start() else {
                let _ = write!(path, "[{}]", step.0);
                continue;
            };
            let key = &*string(&self.text, start);
            if !is_plain(key) {
                let _ = write!(path, "['{key}']");
                continue;
            }
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(key);
        }
        path
    }

    /// How many bytes of the text stand before `decoded` bytes of the string that begins at `offset`.
    fn inside_string(&self, offset: usize, decoded: usize) -> usize {
        let Some(raw) = self.text.get(offset..).and_then(|text| text.strip_prefix('"')) else {
            return offset;
        };
        let mut seen = 0;
        let mut characters = raw.char_indices();
        while let Some((at, character)) = characters.next() {
            if seen >= decoded || character == '"' {
                return offset + 1 + at;
            }
            if character != '\\' {
                seen += character.len_utf8();
                continue;
            }
            seen += 1;
            if characters.next().is_some_and(|(_, escaped)| escaped == 'u') {
                let _digits = characters.by_ref().take(4).count();
            }
        }
        offset
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$'))
}

/// What makes lines and columns quick, also where a whole file is one line.
struct Index {
    /// Byte at which each line begins.
    lines: Vec<u32>,
    /// Characters before each block of bytes; none where every character is one byte.
    characters: Option<Vec<u32>>,
}

impl Index {
    const BLOCK: usize = 1024;

    fn of(text: &str) -> Self {
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes());
        let lines = std::iter::once(0).chain(breaks.map(|at| saturated(at + 1))).collect();
        let characters = (!text.is_ascii()).then(|| {
            let mut count = 0;
            let mut before = Vec::with_capacity(text.len() / Self::BLOCK + 1);
            for block in text.as_bytes().chunks(Self::BLOCK) {
                before.push(saturated(count));
                count += begun(block);
            }
            before
        });
        Self { lines, characters }
    }

    /// Characters before a byte.
    fn characters(&self, text: &str, offset: usize) -> usize {
        let Some(before) = &self.characters else { return offset };
        let block = (offset / Self::BLOCK).min(before.len().saturating_sub(1));
        let rest = text.as_bytes().get(block * Self::BLOCK..offset).unwrap_or_default();
        before.get(block).map_or(0, |count| *count as usize) + begun(rest)
    }
}

/// Characters that begin in these bytes.
fn begun(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

pub(super) fn saturated(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Where a value stands: the text and the value's number in it.
#[derive(Clone)]
pub struct Place {
    source: Arc<Source>,
    index: u32,
}

impl Place {
    pub(super) fn new(source: &Arc<Source>, index: u32) -> Self {
        Self { source: Arc::clone(source), index }
    }

    /// The whole of what was typed on the command line, under the option's name.
    pub fn command_line(option: &str) -> Self {
        Self { source: Arc::new(Source::new(&"command line".into(), "", option)), index: 0 }
    }

    /// The text.
    pub(super) fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// The value's number in its text.
    pub(super) fn index(&self) -> u32 {
        self.index
    }

    /// File, line, column and key path.
    pub fn origin(&self) -> Origin {
        self.origin_of(self.offset())
    }

    /// The same place, moved to the character after `decoded` bytes of the string that begins here.
    pub fn origin_inside(&self, decoded: usize) -> Origin {
        self.origin_of(self.source.inside_string(self.offset(), decoded))
    }

    /// Counts memory that a reader is about to take for what stands here. Where there is no more, the reader goes
    /// without, and reading ends with the error of [`super::Document::memory`].
    pub fn affords(&self, bytes: usize) -> bool {
        self.source.spend(bytes)
    }

    /// Whether this is the same value as the other, or lies inside it.
    pub fn is_in(&self, other: &Self) -> bool {
        if !Arc::ptr_eq(&self.source, &other.source) {
            return false;
        }
        let mut at = self.index;
        while at != other.index {
            match self.source.entry(at) {
                Some(entry) if entry.step != Step::ROOT => at = entry.parent,
                _ => return false,
            }
        }
        true
    }

    fn offset(&self) -> usize {
        self.source.entry(self.index).map_or(0, |entry| entry.offset as usize)
    }

    fn origin_of(&self, offset: usize) -> Origin {
        let (line, column) = self.source.line_column(offset);
        let origin = Origin::new(&self.source.file, line, column, self.source.path(self.index));
        Origin { within: self.source.within(self.index), ..origin }
    }
}

/// Names values of one text, once, after their resources: every origin at or below such a value then has the
/// names in [`Origin::within`]. Places of other texts than the first's are left out; so is all that comes
/// after the first time.
pub fn name_places(names: Vec<(Place, Arc<str>)>) {
    let Some(source) = names.first().map(|(place, _)| Arc::clone(&place.source)) else { return };
    let own = names.into_iter().filter(|(place, _)| Arc::ptr_eq(&place.source, &source));
    let mut names: Vec<(u32, Arc<str>)> = own.map(|(place, name)| (place.index, name)).collect();
    names.sort();
    names.dedup_by_key(|(index, _)| *index);
    let _named_before = source.names.set(names);
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.origin();
        write!(f, "{}:{}:{}", origin.file, origin.line, origin.column)
    }
}
