//! The prefixes of a tag: one of them, and all of a line, of which lists have tens of thousands.

use crate::sets::{AddressSet, IntervalSet};
use ipnet::IpNet;
use std::net::IpAddr;

/// The addresses of prefixes with blanks between, each of which [`prefix`] has read once before.
pub(super) fn known(prefixes: &str) -> AddressSet {
    let (mut v4, mut v6) = (Vec::with_capacity(prefixes.len() / 14), Vec::new());
    let mut others = Vec::new();
    let mut rest = prefixes;
    while !rest.is_empty() {
        let length = if let Some((ends, length)) = plain_v4(rest.as_bytes()) {
            v4.push(ends);
            length
        } else if let Some((ends, length)) = plain_v6(rest.as_bytes()) {
            v6.push(ends);
            length
        } else {
            let length = rest.find(' ').unwrap_or(rest.len());
            let read = |text| prefix(text).expect("a list is kept only after each of its prefixes was read");
            others.extend((length > 0).then(|| read(&rest[..length])));
            length
        };
        rest = rest.get(length + 1..).unwrap_or_default();
    }
    let all = AddressSet { v4: IntervalSet::from_intervals(v4), v6: IntervalSet::from_intervals(v6) };
    if others.is_empty() { all } else { all.union(&AddressSet::from_nets(others)) }
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
/// refuses.
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
    let length = plain_length(text, &mut at, 32)?;
    let hosts = u32::MAX.checked_shr(length).unwrap_or(0);
    Some(((address & !hosts, address | hosts), at))
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
    let length = plain_length(text, &mut at, 128)?;
    let hosts = u128::MAX.checked_shr(length).unwrap_or(0);
    Some(((address & !hosts, address | hosts), at))
}

/// The length of a prefix, which is stepped over; that of one address where none is written. Nothing or a blank
/// follows.
fn plain_length(text: &[u8], at: &mut usize, most: u32) -> Option<u32> {
    let mut length = most;
    if text.get(*at) == Some(&b'/') {
        *at += 1;
        length = plain_number(text, at)?;
    }
    let ends = text.get(*at).is_none_or(|next| *next == b' ');
    (length <= most && ends).then_some(length)
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
                        let plain: AddressSet = texts.iter().filter_map(|text| prefix(text)).collect();
            prop_assert_eq!(known(&texts.join(" ")), plain);
        }
    }
}
