//! Our own text form of a service tag list.
//!
//! ```text
//! # flowcheck service tags 1
//! # cloud: Public
//! # change number: 376
//! # date: 2025-11-10
//! # One tag a line: ...
//! ApiManagement.FranceCentral|API,NSG,UDR,FW|centralfrance|20.43.92.106/31 40.66.60.111
//! ```
//!
//! Written: sorted by name without regard to case, prefixes aggregated, in order, IPv4 first, without a
//! prefix length for one address; features `-` for none, `?` where not stated; the region as Microsoft
//! spells it. Read: lines and prefixes in any order, so that a list can be written by hand.

use super::date::checked_date;
use super::error::{TagError, TagFault};
use super::prefixes::{self, Collector, prefix};
use super::special::SpecialTag;
use super::tag::{Features, is_feature};
use crate::model::Cloud;
use crate::sets::AddressSet;
use std::cmp::Ordering;
use std::fmt::Write as _;

/// The first line of the form, up to its version.
pub(super) const HEAD: &str = "# flowcheck service tags ";

/// The line that says what the content is.
const NOTE: &str = "# One tag a line: name|features|region|prefixes. The facts are Microsoft's published \
    list of service tags; the prefixes are aggregated.";

/// The most tags that a list may have; Microsoft's have about 3,000.
pub(super) const MOST_TAGS: usize = 100_000;

/// What stands above the tags.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Head {
    pub(super) cloud: Cloud,
    pub(super) change_number: u32,
    /// As in `2025-11-10`.
    pub(super) date: Option<String>,
}

/// A tag as it stands in a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) features: Features,
    /// In Microsoft's spelling; empty for none.
    pub(super) region: String,
    pub(super) addresses: AddressSet,
}

/// A line of a list that was read once before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    pub(super) name: &'a str,
    pub(super) features: &'a str,
    pub(super) region: &'a str,
    pub(super) prefixes: &'a str,
}

impl<'a> Line<'a> {
    /// The four columns; `None` for a line with more or fewer.
    pub(super) fn split(line: &'a str) -> Option<Self> {
        let mut columns = line.split('|');
        let line = Self {
            name: columns.next()?,
            features: columns.next()?,
            region: columns.next()?,
            prefixes: columns.next()?,
        };
        columns.next().is_none().then_some(line)
    }

    /// The addresses.
    pub(super) fn addresses(&self) -> AddressSet {
        prefixes::known(self.prefixes)
    }
}

/// Order of names: bytes without regard to case, so that `A.x` follows `A` before `Ab`.
pub(super) fn by_name(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.bytes(), b.bytes());
    a.map(|byte| byte.to_ascii_lowercase()).cmp(b.map(|byte| byte.to_ascii_lowercase()))
}

/// Whether a tag can have the name.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

/// Puts entries in order and refuses names that stand twice; `place` gives the error its place.
pub(super) fn in_order(
    mut entries: Vec<(usize, Entry)>,
    place: impl Fn(usize, TagFault) -> TagError,
) -> Result<Vec<Entry>, TagError> {
    entries.sort_by(|(_, a), (_, b)| by_name(&a.name, &b.name));
    for pair in entries.windows(2) {
        if let [(_, first), (line, second)] = pair
            && by_name(&first.name, &second.name).is_eq()
        {
            return Err(place(*line, TagFault::Twice { name: second.name.clone() }));
        }
    }
    Ok(entries.into_iter().map(|(_, entry)| entry).collect())
}

/// Writes the form; the entries are in order.
pub(super) fn write(head: &Head, entries: &[Entry]) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{HEAD}1\n# cloud: {}\n# change number: {}", head.cloud, head.change_number);
    if let Some(date) = &head.date {
        let _ = writeln!(text, "# date: {date}");
    }
    let _ = writeln!(text, "{NOTE}");
    for entry in entries {
        let _ = write!(text, "{}|{}|{}|", entry.name, entry.features, entry.region);
        for (at, net) in entry.addresses.to_nets().iter().enumerate() {
            let blank = if at == 0 { "" } else { " " };
            let _ = if net.prefix_len() == net.max_prefix_len() {
                write!(text, "{blank}{}", net.addr())
            } else {
                write!(text, "{blank}{net}")
            };
        }
        text.push('\n');
    }
    text
}

/// Reads a whole list in our form, every line of it.
///
/// # Errors
/// The first fault with its line.
pub(super) fn read(text: &str, file: &str) -> Result<(Head, Vec<Entry>), TagError> {
    let head = read_head(text, file)?;
    let mut entries = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if entries.len() == MOST_TAGS {
            return Err(TagError::at(file, at + 1, None, TagFault::TooMany));
        }
        let entry = read_line(line).map_err(|fault| TagError::at(file, at + 1, None, fault))?;
        entries.push((at + 1, entry));
    }
    let entries = in_order(entries, |line, fault| TagError::at(file, line, None, fault))?;
    Ok((head, entries))
}

/// Reads the lines above the first tag. Lines that start with `#` and say nothing known are remarks.
pub(super) fn read_head(text: &str, file: &str) -> Result<Head, TagError> {
    let fault = |line: usize, fault| TagError::at(file, line, None, fault);
    let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    match lines.next().and_then(|(_, first)| first.strip_prefix(HEAD)) {
        Some("1") => {}
        Some(other) => return Err(fault(1, TagFault::Version { found: other.to_owned() })),
        None => return Err(fault(1, TagFault::NotTags { looks_like: "some other text".to_owned() })),
    }
    let (mut cloud, mut change_number, mut date) = (None, None, None);
    for (at, line) in lines.take_while(|(_, line)| line.is_empty() || line.starts_with('#')) {
        let Some((key, value)) = line.trim_start_matches('#').split_once(':') else { continue };
        let value = value.trim();
        match key.trim() {
            "cloud" => cloud = Some(value.parse().map_err(|error| fault(at, TagFault::Cloud(error)))?),
            "change number" => {
                let found = value.to_owned();
                change_number = Some(value.parse().map_err(|_| fault(at, TagFault::ChangeNumber { found }))?);
            }
            "date" => date = Some(checked_date(value).map_err(|error| fault(at, error))?),
            _ => {}
        }
    }
    let missing = |what| TagError::new(Some(file), TagFault::Missing { what });
    Ok(Head {
        cloud: cloud.ok_or_else(|| missing("cloud"))?,
        change_number: change_number.ok_or_else(|| missing("change number"))?,
        date,
    })
}

/// Reads one tag.
fn read_line(line: &str) -> Result<Entry, TagFault> {
    let columns = Line::split(line).ok_or_else(|| TagFault::Columns { found: line.split('|').count() })?;
    let name = checked_name(columns.name.trim())?;
    if SpecialTag::recognise(name).is_some() {
        return Err(TagFault::Computed { name: name.to_owned() });
    }
    let features = columns.features.trim();
    let features = Features::read(features)
        .ok_or_else(|| TagFault::Word { expected: "list of features", found: features.to_owned() })?;
    let region = checked_region(columns.region.trim())?;
    let mut addresses = Collector::default();
    for text in columns.prefixes.split_ascii_whitespace() {
        addresses.push(prefix(text).ok_or_else(|| TagFault::Prefix { found: text.to_owned() })?);
    }
    let (name, region) = (name.to_owned(), region.to_owned());
    Ok(Entry { name, features, region, addresses: addresses.finish() })
}

/// A text that can be a tag's name.
pub(super) fn checked_name(name: &str) -> Result<&str, TagFault> {
    if is_name(name) { Ok(name) } else { Err(TagFault::Name { found: name.to_owned() }) }
}

/// A text that can be a region, or none.
pub(super) fn checked_region(region: &str) -> Result<&str, TagFault> {
    if region.is_empty() || is_feature(region) {
        Ok(region)
    } else {
        Err(TagFault::Word { expected: "region", found: region.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn names_are_in_order_without_regard_to_case_and_regions_follow_their_tag() {
        let mut names = ["Sqlb", "sql.WestEurope", "SQL", "Sql.eastus", "Storage"];
        names.sort_by(|a, b| by_name(a, b));
        assert_eq!(names, ["SQL", "Sql.eastus", "sql.WestEurope", "Sqlb", "Storage"]);
    }
}
