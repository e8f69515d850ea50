//! From an address to its row.
//!
//! IPv4 is read from tables: one for the first 16 bits, and where these do not settle it, one for the next 8,
//! the next 4, the last 4. Nothing is compared, so that there is little for a processor to guess wrong. IPv6
//! is found by its first 16 bits and a search among the few runs of classes that begin there.

use super::entries::AddressClasses;
use crate::sets::Classes;
use std::net::IpAddr;

/// The rows of the classes of an address field, by family.
pub(super) struct AddressRows<'r> {
    pub(super) v4: &'r [u32],
    pub(super) v6: &'r [u32],
}

/// The look-ups of an address field.
#[derive(Clone, Debug)]
pub(super) struct Addresses {
    v4: Tables,
    v6: Runs,
}

impl Addresses {
    pub(super) fn new(classes: &AddressClasses, rows: &AddressRows<'_>) -> Self {
        Self { v4: Tables::new(&classes.v4, rows.v4), v6: Runs::new(&classes.v6, rows.v6) }
    }

    #[inline]
    pub(super) fn row(&self, address: IpAddr) -> u32 {
        match address {
            IpAddr::V4(address) => self.v4.row(address.to_bits()),
            IpAddr::V6(address) => self.v6.row(address.to_bits()),
        }
    }

    /// Bytes on the heap.
    pub(super) fn size(&self) -> usize {
        self.v4.entries.len() * size_of::<u32>() + self.v6.size()
    }
}

/// Tables of the bits of an IPv4 address, one behind the other, the one of the first 16 bits first. An entry
/// is a row, or with [`Tables::LINK`] the place of the table for the next bits.
#[derive(Clone, Debug)]
struct Tables {
    entries: Vec<u32>,
}

/// The bits that a table is for: how many bits follow them, and how many entries they make.
const LEVELS: [(u32, usize); 4] = [(16, 1 << 16), (8, 1 << 8), (4, 1 << 4), (0, 1 << 4)];

impl Tables {
    /// Set in entries that lead to a table. Rows and tables fill memory long before their numbers need it.
    const LINK: u32 = 1 << 31;

    /// `rows` are by class.
    fn new(classes: &Classes<u32>, rows: &[u32]) -> Self {
        let mut tables = Self { entries: vec![0; LEVELS[0].1] };
        for (run, class) in classes.runs() {
            tables.fill(0, 0, (run.first, run.last), rows[class as usize]);
        }
        tables
    }

    /// Lets a range of addresses lead to a row, in the table at `start`, which holds all of the range.
    fn fill(&mut self, start: usize, level: usize, (first, last): (u32, u32), row: u32) {
        let (shift, len) = LEVELS[level];
        let place = |address: u32| start + ((address >> shift) as usize & (len - 1));
        let below = (1 << shift) - 1;
        let (mut from, mut to) = (place(first), place(last) + 1);
        let (cut_first, cut_last) = (first & below != 0, last & below != below);
        if from + 1 == to && (cut_first || cut_last) {
            return self.fill_part(from, level, (first, last), row);
        }
        if cut_first {
            self.fill_part(from, level, (first, first | below), row);
            from += 1;
        }
        if cut_last {
            to -= 1;
            self.fill_part(to, level, (last & !below, last), row);
        }
        self.entries[from..to].fill(row);
    }

    /// The same for a range within one entry, in the table that the entry leads to.
    fn fill_part(&mut self, at: usize, level: usize, range: (u32, u32), row: u32) {
        if self.entries[at] & Self::LINK == 0 {
            self.entries[at] = Self::LINK | self.entries.len() as u32;
            self.entries.resize(self.entries.len() + LEVELS[level + 1].1, 0);
        }
        self.fill((self.entries[at] & !Self::LINK) as usize, level + 1, range, row);
    }

    #[inline]
    fn row(&self, address: u32) -> u32 {
        let mut entry = self.entries[(address >> 16) as usize];
        for (shift, len) in &LEVELS[1..] {
            if entry & Self::LINK == 0 {
                break;
            }
            let place = (address >> shift) as usize & (len - 1);
            entry = self.entries[(entry & !Self::LINK) as usize + place];
        }
        entry
    }
}

/// Runs of IPv6 addresses of one class, found by the first 16 bits of an address.
#[derive(Clone, Debug)]
struct Runs {
    /// For each value of the first 16 bits the first run that begins there or later, and one more.
    by_high: Vec<u32>,
    starts: Vec<u128>,
    rows: Vec<u32>,
}

impl Runs {
    /// `rows` are by class.
    fn new(classes: &Classes<u128>, rows: &[u32]) -> Self {
        let mut runs =
            Self { by_high: Vec::with_capacity((1 << 16) + 1), starts: Vec::new(), rows: Vec::new() };
        for (number, (run, class)) in (0..).zip(classes.runs()) {
            // Nothing happens where another run has begun in the same high half.
            let highs = runs.by_high.len().max(high(run.first) + 1);
            runs.by_high.resize(highs, number);
            runs.starts.push(run.first);
            runs.rows.push(rows[class as usize]);
        }
        runs.by_high.resize((1 << 16) + 1, runs.starts.len() as u32);
        runs
    }

    #[inline]
    fn row(&self, value: u128) -> u32 {
        let high = high(value);
        let mut below = self.by_high[high] as usize;
        let mut left = self.by_high[high + 1] as usize - below;
        // All runs before `below` begin at or before the value; so may some of the next `left`.
        while left > 0 {
            let half = left.div_ceil(2);
            below += if self.starts[below + half - 1] <= value { half } else { 0 };
            left -= half;
        }
        // The first run begins at the first value, so that there is one.
        self.rows[below - 1]
    }

    fn size(&self) -> usize {
        (self.by_high.len() + self.rows.len()) * size_of::<u32>() + self.starts.len() * size_of::<u128>()
    }
}

#[inline]
fn high(value: u128) -> usize {
    (value >> 112) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sets::IntervalSet;
    use proptest::prelude::*;

    fn any_end() -> impl Strategy<Value = u32> {
        let near = |at: u32| (0u32..40).prop_map(move |more| at.wrapping_add(more).wrapping_sub(20));
        prop_oneof![near(0), near(0x0a00_0000), near(0x0a00_0100), near(0x0a01_0000), any::<u32>()]
    }

    proptest! {
        #[test]
        fn every_address_leads_to_its_class(
            ends in proptest::collection::vec((any_end(), any_end()), 0..12),
            asked in proptest::collection::vec(any_end(), 40),
        ) {
            let sets: Vec<IntervalSet<u32>> =
                ends.iter().map(|(a, b)| IntervalSet::range(*a.min(b), *a.max(b))).collect();
            let classes = Classes::new(&IntervalSet::all(), &sets);
            let rows: Vec<u32> = (0..classes.count() as u32).map(|class| class + 7).collect();
            let tables = Tables::new(&classes, &rows);
            let of_ends = ends.iter().flat_map(|(a, b)| [*a, *b]);
            for address in asked.into_iter().chain(of_ends).flat_map(|a| [a.wrapping_sub(1), a, a.wrapping_add(1)]) {
                let run = classes.runs().find(|(run, _)| run.first <= address && address <= run.last);
                prop_assert_eq!(Some(tables.row(address)), run.map(|(_, class)| class + 7));
            }
        }
    }
}
