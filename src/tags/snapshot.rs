//! A service tag list: one text, searched where it lies.

use super::date;
use super::error::{TagError, TagFault};
use super::special::SpecialTag;
use super::tag::{Features, Tag, TagKind, TagName, base_of, location};
use super::text::{self, Entry, HEAD, Head, Line, by_name};
use super::{answer, microsoft};
use crate::model::{Cloud, Region};
use crate::sets::AddressSet;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// The newest public list, in our text form.
const BUILTIN: &str = include_str!("../../data/service-tags/public.tags");

/// One dated list of service tags of one cloud.
///
/// Holds the text and finds tags in it by binary search; the addresses of a tag are read when it is
/// looked up, and kept. Two lists are equal when their texts are.
pub struct TagSnapshot {
    head: Head,
    file: Option<String>,
    text: Cow<'static, str>,
    /// Where the lines with tags start.
    body: usize,
    /// The tags that were asked for, by the place of their line.
    read: RwLock<FxHashMap<usize, Arc<Tag>>>,
    /// The places that were searched for, by the name as it was written; `None` where there is no such tag.
    found: RwLock<FxHashMap<String, Option<usize>>>,
}

impl TagSnapshot {
    /// The list that is part of the program. Reads its head and nothing else.
    pub fn builtin() -> &'static Self {
        static SNAPSHOT: OnceLock<TagSnapshot> = OnceLock::new();
        SNAPSHOT.get_or_init(|| {
            let head = text::read_head(BUILTIN, "built-in").expect("a test reads the whole embedded list");
            Self::of(head, None, Cow::Borrowed(BUILTIN))
        })
    }

    /// Reads a list in any of the three forms, told apart by content: our text, Microsoft's download, the
    /// output of `az network list-service-tags`.
    ///
    /// UTF-8 with or without a byte order mark, UTF-16 with one (as PowerShell writes it), any line ends.
    /// `date` is for lists that do not state theirs: as in `2025-11-10`, else the only eight digits of the
    /// file name that are a date.
    ///
    /// # Errors
    /// As [`Self::parse`] and [`Self::from_microsoft_json`]; [`TagFault::NotTags`] for other text,
    /// [`TagFault::Encoding`], [`TagFault::Date`] for a wrong `date`.
    pub fn read(bytes: &[u8], file: &str, date: Option<&str>) -> Result<Self, TagError> {
        let text = decode(bytes).ok_or_else(|| TagError::new(Some(file), TagFault::Encoding))?;
        match text.trim_start().bytes().next() {
            Some(b'{' | b'[') => Self::from_microsoft_json(&text, file, date),
            _ if text.starts_with(HEAD.trim_end()) => {
                let mut list = Self::parse(&text, file)?;
                if let Some(date) = date {
                    let date = date::checked_date(date).map_err(|fault| TagError::new(None, fault))?;
                    let (head, entries) = text::read(&list.text, file)?;
                    list = Self::build(Head { date: Some(date), ..head }, file, &entries);
                }
                Ok(list)
            }
            None => {
                Err(TagError::new(Some(file), TagFault::NotTags { looks_like: "an empty file".to_owned() }))
            }
            Some(_) => {
                Err(TagError::new(Some(file), TagFault::NotTags { looks_like: "some other text".to_owned() }))
            }
        }
    }

    /// Reads a list in our text form; lines may stand in any order, prefixes need not be aggregated.
    ///
    /// # Errors
    /// The first fault with its line: [`TagFault::NotTags`], [`TagFault::Version`], [`TagFault::Missing`],
    /// [`TagFault::Columns`], [`TagFault::Name`], [`TagFault::Word`], [`TagFault::Prefix`],
    /// [`TagFault::Twice`], [`TagFault::Computed`], [`TagFault::TooMany`] and those of the head.
    pub fn parse(text: &str, file: &str) -> Result<Self, TagError> {
        let (head, entries) = text::read(text, file)?;
        Ok(Self::build(head, file, &entries))
    }

    /// Reads a list in one of Microsoft's JSON shapes (section 16e).
    ///
    /// `date` as in [`Self::read`]. Computed tags in the list are left out (S93).
    ///
    /// # Errors
    /// [`TagFault::NotTags`] for other JSON, [`TagFault::Truncated`], [`TagFault::Json`] with line and
    /// column, [`TagFault::Missing`], [`TagFault::Cloud`], [`TagFault::ChangeNumber`], [`TagFault::Date`],
    /// [`TagFault::Name`], [`TagFault::Word`], [`TagFault::Twice`], [`TagFault::TooMany`].
    pub fn from_microsoft_json(text: &str, file: &str, date: Option<&str>) -> Result<Self, TagError> {
        let date = match date {
            Some(date) => Some(date::checked_date(date).map_err(|fault| TagError::new(None, fault))?),
            None => date::date_of_file(file),
        };
        let (head, entries) = microsoft::read(text, file, date)?;
        Ok(Self::build(head, file, &entries))
    }

    fn build(head: Head, file: &str, entries: &[Entry]) -> Self {
        let text = text::write(&head, entries);
        Self::of(head, Some(file.to_owned()), Cow::Owned(text))
    }

    fn of(head: Head, file: Option<String>, text: Cow<'static, str>) -> Self {
        let above = |line: &&str| line.starts_with('#');
        let body = text.split_inclusive('\n').take_while(above).map(str::len).sum();
        Self { head, file, text, body, read: RwLock::default(), found: RwLock::default() }
    }

    /// The cloud whose addresses these are (S94).
    pub fn cloud(&self) -> Cloud {
        self.head.cloud
    }

    /// Microsoft's number of the list, as in 376; not the change number of one tag.
    pub fn change_number(&self) -> u32 {
        self.head.change_number
    }

    /// The day of the list, as in `2025-11-10`, where it is known.
    pub fn date(&self) -> Option<&str> {
        self.head.date.as_deref()
    }

    /// The file that it was read from; `None` for the one that is part of the program.
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// The list in our text form. Reading it gives the same list, and the same text again.
    pub fn to_text(&self) -> &str {
        &self.text
    }

    /// The names in the list's spelling, in order without regard to case.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.lines().map(|line| line.name)
    }

    /// The tag of that name without regard to case (U2); `None` when it is not in the list. Computed tags
    /// never are: see [`SpecialTag::recognise`] and [`Self::classify`].
    pub fn lookup(&self, name: &str) -> Option<Tag> {
        let at = self.find(name)?;
        Some(Tag::clone(&self.tag_at(at)))
    }

    /// The addresses of the tag of that name; `None` when it is not in the list.
    pub fn addresses(&self, name: &str) -> Option<AddressSet> {
        self.find(name).map(|at| self.tag_at(at).addresses.clone())
    }

    /// Whether the list marks the tag of that name for use in security groups (U28); `None` where it does not
    /// say so, or has no such tag.
    pub fn is_for_groups(&self, name: &str) -> Option<bool> {
        self.features(name)?.nsg()
    }

    /// Whether the list marks the tag of that name for use in routes (S123); `None` where it does not say so,
    /// or has no such tag.
    pub fn is_for_routes(&self, name: &str) -> Option<bool> {
        self.features(name)?.udr()
    }

    fn features(&self, name: &str) -> Option<Features> {
        let at = self.find(name)?;
        // The rest of the line, which may be long, is not looked at.
        let features = self.body()[at..].split('|').nth(1).unwrap_or_default();
        Some(Features::read(features).unwrap_or_default())
    }

    /// The list's spelling of a name, without reading addresses; `None` when it is not in the list.
    pub fn spelling(&self, name: &str) -> Option<&str> {
        self.find(name).map(|at| self.name_at(at))
    }

    /// What a name is: a computed tag, one of the list, or neither.
    pub fn classify(&self, written: &str) -> TagName {
        let kind = match (SpecialTag::recognise(written), self.spelling(written)) {
            (Some((tag, classic)), _) => TagKind::Special { tag, classic },
            (None, Some(name)) => TagKind::Listed { name: name.to_owned() },
            (None, None) => TagKind::Unknown,
        };
        TagName { written: written.to_owned(), kind }
    }

    /// The regional forms of a tag, in order of their names (S88, S89).
    pub fn regions_of(&self, base: &str) -> Vec<Tag> {
        self.regional_lines(base).map(|at| Tag::clone(&self.tag_at(at))).collect()
    }

    /// The form of a tag for one region, in whichever spelling the list has it: `AzureCloud` for
    /// `francecentral` is `AzureCloud.centralfrance` (S90).
    pub fn regional(&self, base: &str, region: &Region) -> Option<Tag> {
        self.regional_lines(base)
            .find(|at| location(self.line_at(*at).region).as_ref() == Some(region))
            .map(|at| Tag::clone(&self.tag_at(at)))
    }

    /// The tags that hold all or some of the addresses, by name; then the computed tags that do and are
    /// the same for every subnet.
    pub fn which(&self, asked: &AddressSet) -> Vec<answer::WhichRow> {
        let listed = self.lines().map(|line| (line.name, line.addresses()));
        let computed = SpecialTag::ALL.iter().filter_map(|tag| Some((tag.as_str(), tag.fixed()?)));
        listed.chain(computed).filter_map(|(name, held)| answer::WhichRow::of(name, &held, asked)).collect()
    }

    /// At most three names that come close to one that is unknown, best first, computed tags included.
    pub fn suggest(&self, name: &str) -> Vec<String> {
        answer::suggest(self, name)
    }

    /// What `tags show` tells of a tag, computed ones included.
    ///
    /// # Errors
    /// [`TagFault::Unknown`] with suggestions.
    pub fn show(&self, name: &str) -> Result<answer::TagAnswer, TagError> {
        answer::show(self, name)
    }

    /// The lines in order.
    pub(super) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.body().lines().map(read_once)
    }

    fn body(&self) -> &str {
        &self.text[self.body..]
    }

    /// The place of the first line whose name is not below `key`, in bytes from the body's start.
    ///
    /// Halves bytes, not lines, and goes back to the start of the line it meets: no index is needed.
    fn lower_bound(&self, key: &str) -> usize {
        let body = self.body();
        let (mut low, mut high) = (0, body.len()); // both at the start of a line, or at the end
        while low < high {
            let middle = low.midpoint(high);
            let start = body[..middle].rfind('\n').map_or(0, |end| end + 1);
            if by_name(self.name_at(start), key).is_lt() {
                low = start + self.length_at(start);
            } else {
                high = start;
            }
        }
        low
    }

    fn find(&self, name: &str) -> Option<usize> {
        if let Some(place) = self.found.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return *place;
        }
        let place = self.search(name);
        self.found.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), place);
        place
    }

    fn search(&self, name: &str) -> Option<usize> {
        let at = self.lower_bound(name);
        let found = at < self.body().len() && by_name(self.name_at(at), name).is_eq();
        found.then_some(at)
    }

    /// The length of the line at a place, its end included.
    fn length_at(&self, at: usize) -> usize {
        let rest = &self.body()[at..];
        rest.find('\n').map_or(rest.len(), |end| end + 1)
    }

    /// The name in the line at a place; the rest of the line, which may be long, is not looked at.
    fn name_at(&self, at: usize) -> &str {
        let rest = &self.body()[at..];
        rest.split_once('|').map_or(rest, |(name, _)| name)
    }

    fn line_at(&self, at: usize) -> Line<'_> {
        read_once(self.body()[at..at + self.length_at(at)].trim_end_matches('\n'))
    }

    /// The places of the regional forms of a tag.
    fn regional_lines(&self, base: &str) -> impl Iterator<Item = usize> {
        let key = format!("{base}.");
        let mut at = self.lower_bound(&key);
        std::iter::from_fn(move || {
            while at < self.body().len() {
                let (here, line) = (at, self.line_at(at));
                at += self.length_at(here);
                let start = line.name.get(..key.len())?;
                if !start.eq_ignore_ascii_case(&key) {
                    return None;
                }
                if base_of(line.name, line.region).is_some_and(|base| base.len() + 1 == key.len()) {
                    return Some(here);
                }
            }
            None
        })
    }

    fn tag_at(&self, at: usize) -> Arc<Tag> {
        if let Some(tag) = self.read.read().unwrap_or_else(PoisonError::into_inner).get(&at) {
            return Arc::clone(tag);
        }
        let line = self.line_at(at);
        let tag = Arc::new(tag_of(line, line.addresses()));
        self.read.write().unwrap_or_else(PoisonError::into_inner).insert(at, Arc::clone(&tag));
        tag
    }
}

/// A line of a list that was checked when it was read.
fn read_once(line: &str) -> Line<'_> {
    Line::split(line).expect("a list is kept only after each of its lines was read")
}

fn tag_of(line: Line<'_>, addresses: AddressSet) -> Tag {
    Tag {
        name: line.name.to_owned(),
        base: base_of(line.name, line.region).map(str::to_owned),
        region: location(line.region),
        features: Features::read(line.features).unwrap_or_default(),
        addresses,
    }
}

impl fmt::Debug for TagSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TagSnapshot")
            .field("head", &self.head)
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for TagSnapshot {
    /// As the summary names it: `service tags 376`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "service tags {}", self.head.change_number)
    }
}

impl Clone for TagSnapshot {
    fn clone(&self) -> Self {
        Self::of(self.head.clone(), self.file.clone(), self.text.clone())
    }
}

impl PartialEq for TagSnapshot {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for TagSnapshot {}

/// Turns a list in any form into our text form: what `tags import` writes.
///
/// # Errors
/// As [`TagSnapshot::read`].
pub fn import(bytes: &[u8], file: &str, date: Option<&str>) -> Result<String, TagError> {
    TagSnapshot::read(bytes, file, date).map(|list| list.text.into_owned())
}

/// Refuses a list of one cloud for a network of another (S94).
///
/// # Errors
/// [`TagFault::OtherCloud`].
pub fn cloud_must_match(network: Cloud, list: &TagSnapshot) -> Result<(), TagError> {
    if network == list.cloud() {
        Ok(())
    } else {
        Err(TagError::new(list.file(), TagFault::OtherCloud { network, list: list.cloud() }))
    }
}

/// The text of a file in UTF-8, or in UTF-16 with a byte order mark.
fn decode(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let utf16 = |bytes: &[u8], number: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| number(*pair)).collect();
        rest.is_empty().then(|| String::from_utf16(&units).ok()).flatten().map(Cow::Owned)
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => std::str::from_utf8(rest).ok().map(Cow::Borrowed),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        plain => std::str::from_utf8(plain).ok().map(Cow::Borrowed),
    }
}
