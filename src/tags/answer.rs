//! What the `tags` commands answer: one tag, who holds an address, what changed, what was meant.

use super::error::{TagError, TagFault};
use super::snapshot::TagSnapshot;
use super::special::SpecialTag;
use super::tag::{Features, Tag, base_of};
use super::text::by_name;
use crate::model::{Cloud, Region};
use crate::sets::{AddressSet, Count};
use std::cmp::Ordering;

/// How large a set of addresses is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TagCounts {
    /// IPv4 prefixes, as few as can be.
    pub v4_prefixes: usize,
    /// IPv6 prefixes, as few as can be.
    pub v6_prefixes: usize,
    /// IPv4 addresses.
    pub v4_addresses: Count,
    /// IPv6 addresses.
    pub v6_addresses: Count,
}

impl TagCounts {
    /// Counts a set.
    pub fn of(addresses: &AddressSet) -> Self {
        Self {
            v4_prefixes: addresses.only_v4().net_count(),
            v6_prefixes: addresses.only_v6().net_count(),
            v4_addresses: addresses.v4.size(),
            v6_addresses: addresses.v6.size(),
        }
    }
}

/// What `tags show` tells of a tag.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TagAnswer {
    /// Azure's spelling.
    pub name: String,
    /// Which computed tag it is, if it is one.
    pub special: Option<SpecialTag>,
    /// For a regional form the name of the global tag.
    pub base: Option<String>,
    /// The region that the list states.
    pub region: Option<Region>,
    /// Where Azure lets one use it; unstated for computed tags.
    pub features: Features,
    /// Its addresses; `None` for computed tags that differ by subnet or are not published. Its prefixes
    /// are [`AddressSet::to_nets`].
    pub addresses: Option<AddressSet>,
    /// How large it is; as `addresses`.
    pub counts: Option<TagCounts>,
    /// Its regional forms, in order of their names.
    pub regional: Vec<RegionalForm>,
    /// What of it lies in no regional form (S92); `None` where there are none.
    pub in_no_region: Option<AddressSet>,
}

/// A regional form of a tag.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RegionalForm {
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: Option<Region>,
    /// Where Azure lets one use it (U28).
    pub features: Features,
    /// How large it is.
    pub counts: TagCounts,
}

pub(super) fn show(list: &TagSnapshot, name: &str) -> Result<TagAnswer, TagError> {
    if let Some((special, _)) = SpecialTag::recognise(name) {
        let addresses = special.fixed();
        return Ok(TagAnswer {
            name: special.as_str().to_owned(),
            special: Some(special),
            base: None,
            region: None,
            features: Features::unstated(),
            counts: addresses.as_ref().map(TagCounts::of),
            addresses,
            regional: Vec::new(),
            in_no_region: None,
        });
    }
    let Some(tag) = list.lookup(name) else { return Err(unknown(&[list], name)) };
    let forms = list.regions_of(&tag.name);
    let in_no_region = (!forms.is_empty()).then(|| tag.addresses.difference(&union(&forms)));
    let regional = forms.into_iter().map(|Tag { name, region, features, addresses, .. }| RegionalForm {
        name,
        region,
        features,
        counts: TagCounts::of(&addresses),
    });
    Ok(TagAnswer {
        regional: regional.collect(),
        special: None,
        name: tag.name,
        base: tag.base,
        region: tag.region,
        features: tag.features,
        counts: Some(TagCounts::of(&tag.addresses)),
        addresses: Some(tag.addresses),
        in_no_region,
    })
}

/// The addresses of all tags, merged at once: a list may have very many.
fn union(tags: &[Tag]) -> AddressSet {
    AddressSet {
        v4: tags
            .iter()
            .flat_map(|tag| tag.addresses.v4.intervals())
            .map(|part| (part.first, part.last))
            .collect(),
        v6: tags
            .iter()
            .flat_map(|tag| tag.addresses.v6.intervals())
            .map(|part| (part.first, part.last))
            .collect(),
    }
}

/// How much of the asked addresses a tag holds.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Share {
    /// Every one.
    All,
    /// Some.
    Part,
}

/// A tag that holds asked addresses.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WhichRow {
    /// The tag's name.
    pub name: String,
    /// Whether it holds all of them.
    pub share: Share,
    /// How many of them it holds.
    pub count: Count,
}

impl WhichRow {
    /// The row of a tag; `None` when it holds none of the asked addresses.
    pub(super) fn of(name: &str, held: &AddressSet, asked: &AddressSet) -> Option<Self> {
        let common = held.intersection(asked);
        let share = if common == *asked { Share::All } else { Share::Part };
        (!common.is_empty()).then(|| Self { name: name.to_owned(), share, count: common.size() })
    }
}

/// Which list is meant, as answers name it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Versions {
    /// Its cloud.
    pub cloud: Cloud,
    /// Its change number.
    pub change_number: u32,
    /// Its day, as in `2025-11-10`, where it is known.
    pub date: Option<String>,
}

impl Versions {
    /// The version of a list.
    pub fn of(list: &TagSnapshot) -> Self {
        Self {
            cloud: list.cloud(),
            change_number: list.change_number(),
            date: list.date().map(str::to_owned),
        }
    }
}

/// The difference of two lists, in order of names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TagDiff {
    /// The old list.
    pub old: Versions,
    /// The new list.
    pub new: Versions,
    /// Tags that only the new list has.
    pub added: Vec<(String, AddressSet)>,
    /// Tags that only the old list has.
    pub removed: Vec<(String, AddressSet)>,
    /// Tags of both whose addresses differ.
    pub changed: Vec<TagChange>,
}

impl TagDiff {
    /// Whether no tag differs.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// What changed in a tag.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TagChange {
    /// Its name, in the new list's spelling.
    pub name: String,
    /// Addresses that only the new list gives it.
    pub added: AddressSet,
    /// Addresses that only the old list gives it.
    pub removed: AddressSet,
}

/// The difference of two lists as sets of addresses; of one tag, where `only` names it (not of its
/// regional forms).
///
/// Spelling, features and prefixes that were only written otherwise make no difference.
///
/// # Errors
/// [`TagFault::CloudsDiffer`] (S94); [`TagFault::Unknown`] when neither list has the tag.
pub fn diff(old: &TagSnapshot, new: &TagSnapshot, only: Option<&str>) -> Result<TagDiff, TagError> {
    if old.cloud() != new.cloud() {
        let fault = TagFault::CloudsDiffer { old: old.cloud(), new: new.cloud() };
        return Err(TagError::new(None, fault));
    }
    if let Some(name) = only
        && old.spelling(name).is_none()
        && new.spelling(name).is_none()
    {
        return Err(unknown(&[new, old], name));
    }
    let asked = |name: &str| only.is_none_or(|only| only.eq_ignore_ascii_case(name));
    let mut before = old.lines().filter(|line| asked(line.name)).peekable();
    let mut after = new.lines().filter(|line| asked(line.name)).peekable();
    let mut diff = TagDiff {
        old: Versions::of(old),
        new: Versions::of(new),
        added: Vec::new(),
        removed: Vec::new(),
        changed: Vec::new(),
    };
    loop {
        let order = match (before.peek(), after.peek()) {
            (Some(a), Some(b)) => by_name(a.name, b.name),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return Ok(diff),
        };
        let gone = if order.is_le() { before.next() } else { None };
        let come = if order.is_ge() { after.next() } else { None };
        match (gone, come) {
            (Some(a), Some(b)) if a.prefixes != b.prefixes => {
                let (a, b, name) = (a.addresses(), b.addresses(), b.name.to_owned());
                diff.changed.push(TagChange { name, added: b.difference(&a), removed: a.difference(&b) });
            }
            (Some(a), None) => diff.removed.push((a.name.to_owned(), a.addresses())),
            (None, Some(b)) => diff.added.push((b.name.to_owned(), b.addresses())),
            _ => {}
        }
    }
}

/// The error for a name that none of the lists has.
fn unknown(lists: &[&TagSnapshot], name: &str) -> TagError {
    let suggestions = lists.iter().map(|list| suggest(list, name)).find(|found| !found.is_empty());
    let file = lists.first().and_then(|list| list.file());
    let fault = TagFault::Unknown { name: name.to_owned(), suggestions: suggestions.unwrap_or_default() };
    TagError::new(file, fault)
}

/// Names that come close to a misspelt one: the same but for blanks, a missing or superfluous `Azure`,
/// a tag that exists only in forms with a dot, few letters wrong; else the global tag.
pub(super) fn suggest(list: &TagSnapshot, name: &str) -> Vec<String> {
    let plain = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric() || *c == '.').flat_map(char::to_lowercase).collect()
    };
    let asked = plain(name);
    // Longer texts are no slips of the pen, and comparing them costs the product of the lengths.
    if asked.is_empty() || asked.len() > 100 {
        return Vec::new();
    }
    let allowed = (asked.len() / 6).clamp(1, 3);
    let special = SpecialTag::ALL.iter().map(|tag| (tag.as_str(), false));
    let listed = list.lines().map(|line| (line.name, base_of(line.name, line.region).is_some()));
    let mut close: Vec<(usize, &str)> = special
        .chain(listed)
        .filter_map(|(candidate, regional)| {
            let text = plain(candidate);
            let without = |text: &str| text.strip_prefix("azure").map(str::to_owned);
            let distance = if text == asked {
                0
            } else if without(&text).as_ref() == Some(&asked)
                || without(&asked).as_ref() == Some(&text)
                || (!regional && text.strip_prefix(&asked).is_some_and(|end| end.starts_with('.')))
            {
                1
            } else if text.len().abs_diff(asked.len()) <= allowed {
                strsim::osa_distance(&text, &asked)
            } else {
                return None;
            };
            (distance <= allowed).then_some((distance, candidate))
        })
        .collect();
    close.sort_by(|(a, x), (b, y)| a.cmp(b).then_with(|| by_name(x, y)));
    if close.is_empty()
        && let Some((base, _)) = name.rsplit_once('.')
    {
        return match list.spelling(base) {
            Some(base) => vec![base.to_owned()],
            None => suggest(list, base),
        };
    }
    // Worse ones say nothing new when one fits.
    let best = close.first().map_or(0, |(distance, _)| *distance);
    close
        .into_iter()
        .filter(|(distance, _)| *distance == best)
        .take(3)
        .map(|(_, name)| name.to_owned())
        .collect()
}
