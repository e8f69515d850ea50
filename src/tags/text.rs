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

use super::error::{TagError, TagFault};
use super::special::SpecialTag;
use super::tag::{Features, is_feature};
use crate::model::Cloud;
use crate::sets::{AddressSet, IntervalSet};
use ipnet::IpNet;
use std::cmp::Ordering;
use std::fmt::Write as _;
use std::net::IpAddr;

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
        let (mut v4, mut v6) = (Vec::with_capacity(self.prefixes.len() / 14), Vec::new());
        let mut others = Vec::new();
        let mut rest = self.prefixes;
        while !rest.is_empty() {
            let length = if let Some((ends, length)) = plain_v4(rest.as_bytes()) {
                v4.push(ends);
                length
            } else if let Some((ends, length)) = plain_v6(rest.as_bytes()) {
                v6.push(ends);
                length
            } else {
                let length = rest.find(' ').unwrap_or(rest.len());
                let read =
                    |text| prefix(text).expect("a list is kept only after each of its prefixes was read");
                others.extend((length > 0).then(|| read(&rest[..length])));
                length
            };
            rest = rest.get(length + 1..).unwrap_or_default();
        }
        let all = AddressSet { v4: IntervalSet::from_intervals(v4), v6: IntervalSet::from_intervals(v6) };
        if others.is_empty() { all } else { all.union(&AddressSet::from_nets(others)) }
    }
}

/// Order of names: bytes without regard to case, so that `A.x` follows `A` before `Ab`.
pub(super) fn by_name(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.bytes(), b.bytes());
    a.map(|byte| byte.to_ascii_lowercase()).cmp(b.map(|byte| byte.to_ascii_lowercase()))
}

/// Reads an address or a prefix; host bits are the set's matter (U10).
pub(super) fn prefix(text: &str) -> Option<IpNet> {
    match text.contains('/') {
        true => text.parse().ok(),
        false => text.parse::<IpAddr>().ok().map(IpNet::from),
    }
}

/// The first and last address of the IPv4 address or prefix that a text begins with, in its usual spelling, and
/// how many bytes it has; a blank or nothing follows. `None` for anything else, which [`prefix`] reads or
/// refuses. Lists have tens of thousands of them.
fn plain_v4(text: &[u8]) -> Option<((u32, u32), usize)> {
    let mut at = 0;
    let mut address = 0;
    for place in 0..4 {
        if place > 0 {
            (text.get(at) == Some(&b'.')).then_some(())?;
            at += 1;
        }
        let number = plain_number(text, &mut at)?;
        (number <= 255).then_some(())?;
        address = address << 8 | number;
    }
    let mut length = 32;
    if text.get(at) == Some(&b'/') {
        at += 1;
        length = plain_number(text, &mut at)?;
        (length <= 32).then_some(())?;
    }
    let hosts = u32::MAX.checked_shr(length).unwrap_or(0);
    let ends = text.get(at).is_none_or(|next| *next == b' ');
    ends.then_some(((address & !hosts, address | hosts), at))
}

/// The same of an IPv6 address or prefix: groups of hexadecimal digits with at most one gap, which is not at the
/// beginning.
fn plain_v6(text: &[u8]) -> Option<((u128, u128), usize)> {
    let (mut at, mut groups, mut address) = (0, 0, 0u128);
    // What stands before the gap, and how many groups that is.
    let mut before: Option<(u128, u32)> = None;
    loop {
        let Some(group) = plain_group(text, &mut at) else {
            // Nothing stands behind a gap at the end.
            before.filter(|(_, count)| *count == groups && text.get(at - 1) == Some(&b':'))?;
            break;
        };
        address = address << 16 | group;
        groups += 1;
        match text.get(at..).unwrap_or_default() {
            [b':', b':', ..] if before.is_none() => {
                before = Some((address, groups));
                address = 0;
                at += 2;
            }
            [b':', ..] => at += 1,
            _ => break,
        }
    }
    let address = match before {
        None => (groups == 8).then_some(address)?,
        Some((high, count)) => (groups < 8).then(|| high << (16 * (8 - count)) | address)?,
    };
    let mut length = 128;
    if text.get(at) == Some(&b'/') {
        at += 1;
        length = plain_number(text, &mut at)?;
        (length <= 128).then_some(())?;
    }
    let hosts = u128::MAX.checked_shr(length).unwrap_or(0);
    let ends = text.get(at).is_none_or(|next| *next == b' ');
    ends.then_some(((address & !hosts, address | hosts), at))
}

/// A group of one to four hexadecimal digits, which is stepped over.
fn plain_group(text: &[u8], at: &mut usize) -> Option<u128> {
    let mut group = 0;
    let mut digits = 0;
    while let Some(digit) = text.get(*at).and_then(|byte| char::from(*byte).to_digit(16)) {
        digits += 1;
        (digits <= 4).then_some(())?;
        group = group << 4 | u128::from(digit);
        *at += 1;
    }
    (digits > 0).then_some(group)
}

/// A number of one to three digits without a zero before others, which is stepped over.
fn plain_number(text: &[u8], at: &mut usize) -> Option<u32> {
    let first = text.get(*at)?;
    let mut number = 0;
    let mut digits = 0;
    while let Some(digit) = text.get(*at).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10)
        && digits < 4
    {
        number = number * 10 + u32::from(digit);
        digits += 1;
        *at += 1;
    }
    ((1..=3).contains(&digits) && (digits == 1 || *first != b'0')).then_some(number)
}

/// Whether a tag can have the name.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

/// Collects prefixes into a set in bounded memory: duplicates and neighbours are merged as they come.
#[derive(Default)]
pub(super) struct Collector {
    done: AddressSet,
    pending: Vec<IpNet>,
}

impl Collector {
    /// Takes one more prefix.
    pub(super) fn push(&mut self, net: IpNet) {
        self.pending.push(net);
        // As many as are done already, so that merging stays cheap over all.
        let done = self.done.v4.intervals().len() + self.done.v6.intervals().len();
        if self.pending.len() >= done.max(1 << 16) {
            self.merge();
        }
    }

    /// The set of all that was taken.
    pub(super) fn finish(mut self) -> AddressSet {
        self.merge();
        self.done
    }

    fn merge(&mut self) {
        self.done = self.done.union(&AddressSet::from_nets(self.pending.drain(..)));
    }
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

/// A date as in `2025-11-10`, or as eight digits; returned with hyphens.
///
/// # Errors
/// [`TagFault::Date`] for any other text and for a day that no calendar has.
pub(super) fn checked_date(text: &str) -> Result<String, TagFault> {
    let fault = || TagFault::Date { found: text.to_owned() };
    let plain = match text.as_bytes() {
        [_, _, _, _, b'-', _, _, b'-', _, _] => text.replace('-', ""),
        _ => text.to_owned(),
    };
    if plain.len() != 8 || !plain.bytes().all(|b| b.is_ascii_digit()) {
        return Err(fault());
    }
    let (year, month, day) = (&plain[..4], &plain[4..6], &plain[6..]);
    let number = |digits: &str| digits.parse::<u16>().map_err(|_| fault());
    let leap = number(year)?.is_multiple_of(4)
        && (!number(year)?.is_multiple_of(100) || number(year)?.is_multiple_of(400));
    let last = match number(month)? {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return Err(fault()),
    };
    if (1..=last).contains(&number(day)?) { Ok(format!("{year}-{month}-{day}")) } else { Err(fault()) }
}

/// The date in a file's name: its only run of exactly eight digits that is a date.
pub(super) fn date_of_file(file: &str) -> Option<String> {
    let name = file.rsplit(['/', '\\']).next()?;
    let mut dates = name
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() == 8)
        .filter_map(|digits| checked_date(digits).ok());
    let date = dates.next()?;
    dates.next().is_none().then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What the quick reader takes is what the plain one reads; the usual spellings it takes all.
        #[test]
        fn prefixes_are_read_as_the_library_reads_them(
            bits in any::<u32>(),
            length in 0u8..=32,
            odd in "[0-9]{0,4}(\\.[0-9]{0,4}){0,4}(/[0-9]{0,3})?[ :a]?",
        ) {
            let ends = |text: &str| {
                let set = AddressSet::from_nets([prefix(text)?]);
                set.v4.intervals().first().map(|part| (part.first, part.last))
            };
            let address = std::net::Ipv4Addr::from_bits(bits);
            for usual in [address.to_string(), format!("{address}/{length}")] {
                let read = ends(&usual).map(|ends| (ends, usual.len()));
                prop_assert!(read.is_some());
                prop_assert_eq!(plain_v4(usual.as_bytes()), read);
                prop_assert_eq!(plain_v4(format!("{usual} 1.2.3.4").as_bytes()), read);
            }
            if let Some((read, length)) = plain_v4(odd.as_bytes()) {
                prop_assert_eq!(Some(read), ends(&odd[..length]));
                prop_assert!(odd[length..].is_empty() || odd[length..].starts_with(' '));
            }
        }

        #[test]
        fn prefixes_of_ipv6_are_read_as_the_library_reads_them(
            bits in any::<u128>(),
            holes in any::<u128>(),
            length in 0u8..=128,
            odd in "[0-9a-fA-F:]{0,20}(::?[0-9a-f]{0,5}){0,8}(/[0-9]{0,3})?[ .g]?",
        ) {
            let ends = |text: &str| {
                let set = AddressSet::from_nets([prefix(text)?]);
                set.v6.intervals().first().map(|part| (part.first, part.last))
            };
            // Groups without a bit, so that there are gaps of all lengths.
            let mask = (0..8).filter(|group| holes >> group & 1 == 0).map(|group| 0xffff << (16 * group));
            let address = std::net::Ipv6Addr::from_bits(bits & mask.fold(0u128, |all, group| all | group));
            for usual in [address.to_string(), format!("{address}/{length}")] {
                let read = ends(&usual).map(|ends| (ends, usual.len()));
                prop_assert!(read.is_some());
                let dotted = usual.contains('.');
                if !usual.starts_with(':') && !dotted {
                    prop_assert_eq!(plain_v6(usual.as_bytes()), read, "{}", usual);
                }
            }
            if let Some((read, length)) = plain_v6(odd.as_bytes()) {
                prop_assert_eq!(Some(read), ends(&odd[..length]), "{}", odd);
            }
        }

        #[test]
        fn the_addresses_of_a_line_are_those_of_its_prefixes(
            bits in proptest::collection::vec((any::<u32>(), 0u8..=32, any::<bool>()), 0..20),
        ) {
            let net = |(bits, length, short): (u32, u8, bool)| {
                let address = std::net::Ipv4Addr::from_bits(bits);
                if short { format!("2603:{:x}::/{length}", bits >> 16) } else { format!("{address}/{length}") }
            };
            let texts: Vec<String> = bits.into_iter().map(net).collect();
            let line = Line { name: "A", features: "-", region: "", prefixes: &texts.join(" ") };
            let plain: AddressSet = texts.iter().filter_map(|text| prefix(text)).collect();
            prop_assert_eq!(line.addresses(), plain);
        }
    }

    #[test]
    fn a_date_is_the_eight_digits_of_the_file_name() {
        for (file, date) in [
            ("ServiceTags_Public_20251110.json", Some("2025-11-10")),
            ("lists/ServiceTags_Public_cn376_20251110.json", Some("2025-11-10")),
            ("20240101/tags.json", None),
            ("ServiceTags_Public_cn363_202507.json", None),
            ("tags-20251310.json", None),
            ("tags-123456789.json", None),
            ("20251110-20251117.json", None),
            ("", None),
        ] {
            assert_eq!(date_of_file(file).as_deref(), date, "{file}");
        }
    }

    #[test]
    fn a_day_that_no_calendar_has_is_no_date() {
        for (text, ok) in [
            ("2025-11-10", true),
            ("20251110", true),
            ("2024-02-29", true),
            ("2025-02-29", false),
            ("2000-02-29", true),
            ("2100-02-29", false),
            ("2025-04-31", false),
            ("2025-00-10", false),
            ("2025-13-01", false),
            ("2025-1-10", false),
            ("10.11.2025", false),
            ("", false),
            ("2025-11-00", false),
        ] {
            assert_eq!(checked_date(text).is_ok(), ok, "{text}");
        }
    }

    #[test]
    fn names_are_in_order_without_regard_to_case_and_regions_follow_their_tag() {
        let mut names = ["Sqlb", "sql.WestEurope", "SQL", "Sql.eastus", "Storage"];
        names.sort_by(|a, b| by_name(a, b));
        assert_eq!(names, ["SQL", "Sql.eastus", "sql.WestEurope", "Sqlb", "Storage"]);
    }
}
