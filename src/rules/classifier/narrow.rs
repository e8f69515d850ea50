//! Rules of large sets that stand in short lists instead of rows.
//!
//! A bit for each of ten thousand rules in each row lies far from the processor, and nearly all of them are
//! of rules with two small prefixes. So where there are more rules than any one group has, a rule that is
//! narrow on one address side stands in a list for each class of that side, with all else that it asks of a
//! packet. A packet is held against the lists of its two addresses, a few rules each. Listed are rules whose
//! sides are one IPv4 range each, one range of ports, and certain; what else there is stays in rows.

use super::entries::{Entries, Entry, FieldClasses, Service};
use super::rows::STRETCH;
use crate::model::{Packet, Protocol};
use crate::sets::{Classes, IntervalSet, Point, bits};
use std::net::IpAddr;

/// Rule sets of up to so many entries are in rows alone: these are looked at in one stretch.
const ROWS_ALONE: usize = 64 * STRETCH;

/// A narrow side holds at most one in so many classes of its field.
const NARROW: usize = 16;

/// Protocols are told apart by a bit for each combination of them that listed rules name.
const COMBINATIONS: usize = u32::BITS as usize;

/// The listed rules.
#[derive(Clone, Debug)]
pub(super) struct Narrow {
    source: Lists,
    destination: Lists,
    /// For each protocol a bit for each combination that has it.
    combinations: Vec<u32>,
}

/// Lists for the classes of one side.
#[derive(Clone, Debug, Default)]
struct Lists {
    /// List by list, in order of ranks.
    items: Vec<Item>,
    /// Where the list of each class begins, and the end of the last.
    starts: Vec<u32>,
}

/// A rule in a list.
#[derive(Clone, Copy, Debug)]
struct Item {
    rank: u32,
    /// The address on the side that the list is not for.
    other: Range<u32>,
    source_port: Range<u16>,
    destination_port: Range<u16>,
    /// The number of its combination of protocols.
    combination: u32,
}

/// A range of values.
#[derive(Clone, Copy, Debug)]
struct Range<T> {
    first: T,
    last: T,
}

impl<T: Point> Range<T> {
    /// A set that is one range.
    fn of(set: &IntervalSet<T>) -> Option<Self> {
        match set.intervals() {
            [one] => Some(Self { first: one.first, last: one.last }),
            _ => None,
        }
    }

    #[inline]
    fn holds(self, value: T) -> bool {
        (self.first <= value) & (value <= self.last)
    }
}

/// What a packet is asked for.
struct Asked {
    other: u32,
    source_port: u16,
    destination_port: u16,
    combinations: u32,
}

impl Item {
    #[inline]
    fn matches(&self, asked: &Asked) -> bool {
        self.other.holds(asked.other)
            & self.destination_port.holds(asked.destination_port)
            & self.source_port.holds(asked.source_port)
            & (asked.combinations >> self.combination & 1 != 0)
    }
}

impl Narrow {
    /// Lists what can be listed; gives the numbers of the other entries too.
    pub(super) fn new(entries: &Entries, classes: &FieldClasses) -> (Self, Vec<usize>) {
        let mut combinations = Combinations::default();
        let (mut source, mut destination) = (Vec::new(), Vec::new());
        let mut rest = Vec::new();
        for (number, entry) in entries.list.iter().enumerate() {
            let large = entries.list.len() > ROWS_ALONE;
            match large.then(|| listed(entries, classes, entry, &mut combinations)).flatten() {
                Some((Side::Source, set, item)) => source.push((set, item)),
                Some((Side::Destination, set, item)) => destination.push((set, item)),
                None => rest.push(number),
            }
        }
        let narrow = Self {
            source: Lists::new(&classes.source.v4, &source),
            destination: Lists::new(&classes.destination.v4, &destination),
            combinations: combinations.by_protocol(entries),
        };
        (narrow, rest)
    }

    /// The list of a class, as one word; zero where it is empty, so that rows without lists stay equal.
    pub(super) fn list(&self, side: Side, class: usize) -> u64 {
        let lists = self.lists(side);
        match lists.starts.get(class..class + 2) {
            Some(&[start, end]) if start < end => u64::from(start) << 32 | u64::from(end),
            _ => 0,
        }
    }

    /// The first listed rule that matches, of those with ranks below `before`. `words` name the lists of the
    /// two sides.
    #[inline]
    pub(super) fn first(&self, packet: &Packet, words: [u64; 2], before: u32) -> Option<u32> {
        if words == [0; 2] {
            return None;
        }
        let mut best = before;
        for side in [Side::Destination, Side::Source] {
            let items = self.items(side, words);
            if items.is_empty() {
                continue;
            }
            let Some(asked) = self.asked(packet, side) else { continue };
            let reached = items.iter().take_while(|item| item.rank < best);
            best = reached.into_iter().find(|item| item.matches(&asked)).map_or(best, |item| item.rank);
        }
        (best < before).then_some(best)
    }

    /// The ranks of all listed rules that match.
    pub(super) fn all(&self, packet: &Packet, words: [u64; 2]) -> Vec<usize> {
        let mut ranks = Vec::new();
        for side in [Side::Destination, Side::Source] {
            if let Some(asked) = self.asked(packet, side) {
                let matching = self.items(side, words).iter().filter(|item| item.matches(&asked));
                ranks.extend(matching.map(|item| item.rank as usize));
            }
        }
        ranks
    }

    /// Bytes on the heap.
    pub(super) fn size(&self) -> usize {
        let lists =
            |lists: &Lists| lists.items.len() * size_of::<Item>() + lists.starts.len() * size_of::<u32>();
        lists(&self.source) + lists(&self.destination) + self.combinations.len() * size_of::<u32>()
    }

    fn lists(&self, side: Side) -> &Lists {
        match side {
            Side::Source => &self.source,
            Side::Destination => &self.destination,
        }
    }

    #[inline]
    fn items(&self, side: Side, words: [u64; 2]) -> &[Item] {
        let word = words[side as usize];
        &self.lists(side).items[(word >> 32) as usize..(word & u64::from(u32::MAX)) as usize]
    }

    /// Nothing where the packet is of IPv6, whose rules are not listed.
    #[inline]
    fn asked(&self, packet: &Packet, side: Side) -> Option<Asked> {
        let other = match side {
            Side::Source => packet.destination,
            Side::Destination => packet.source,
        };
        let IpAddr::V4(other) = other else { return None };
        Some(Asked {
            other: other.to_bits(),
            source_port: packet.source_port,
            destination_port: packet.destination_port,
            combinations: self.combinations[usize::from(packet.protocol.0)],
        })
    }
}

/// An address side.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Side {
    Source,
    Destination,
}

impl Lists {
    /// `items` are in order of ranks, each with the number of the set that it is listed by.
    fn new(classes: &Classes<u32>, items: &[(usize, Item)]) -> Self {
        if items.is_empty() {
            return Self::default();
        }
        let mut lists: Vec<Vec<Item>> = vec![Vec::new(); classes.count()];
        for (set, item) in items {
            bits::ones(classes.of(*set)).for_each(|class| lists[class].push(*item));
        }
        let mut all = Self::default();
        for list in &lists {
            all.starts.push(all.items.len() as u32);
            all.items.extend_from_slice(list);
        }
        all.starts.push(all.items.len() as u32);
        all
    }
}

/// How an entry is listed: by which side and which set of it.
fn listed(
    entries: &Entries,
    classes: &FieldClasses,
    entry: &Entry,
    combinations: &mut Combinations,
) -> Option<(Side, usize, Item)> {
    let sides = entry.addresses.may;
    let [source, destination] = [entries.source(sides.source), entries.destination(sides.destination)];
    let v4_alone = source.1.is_empty() || destination.1.is_empty();
    if !v4_alone || !entry.is_exact() {
        return None;
    }
    let (from, to) = (Range::of(source.0)?, Range::of(destination.0)?);
    let part = |classes: &Classes<u32>, set| {
        let (held, all) = (bits::count(classes.of(set)), classes.count());
        // Parts of different fields are compared as millionths.
        (held * NARROW <= all).then_some(held * 1_000_000 / all)
    };
    let of_source = part(&classes.source.v4, sides.source.v4);
    let of_destination = part(&classes.destination.v4, sides.destination.v4);
    let (side, set, other) = match (of_source, of_destination) {
        (None, None) => return None,
        (Some(source), Some(destination)) if source <= destination => (Side::Source, sides.source.v4, to),
        (Some(_), None) => (Side::Source, sides.source.v4, to),
        _ => (Side::Destination, sides.destination.v4, from),
    };
    let [source_port, destination_port] = ports(entries, entry)?;
    let combination = combinations.number(entry)?;
    // Ranks fit: there are fewer entries than bytes of input.
    Some((side, set, Item { rank: entry.rank as u32, other, source_port, destination_port, combination }))
}

/// The ports of an entry where they are one range for each of its protocols.
fn ports(entries: &Entries, entry: &Entry) -> Option<[Range<u16>; 2]> {
    let all = Range { first: 0, last: u16::MAX };
    let Some(service) = &entry.with_ports else { return Some([all, all]) };
    let Service { source_ports, destination_ports, .. } = service.may;
    let sets = [entries.source_ports(source_ports), entries.destination_ports(destination_ports)];
    // Packets without ports have ports all the same, and no rule asks for them.
    if entry.without_ports.is_some() && !sets.iter().all(|set| set.is_all()) {
        return None;
    }
    Some([Range::of(sets[0])?, Range::of(sets[1])?])
}

/// The combinations of protocols met so far: those with ports and those without, as numbers of sets.
#[derive(Default)]
struct Combinations {
    known: Vec<[Option<usize>; 2]>,
}

impl Combinations {
    fn number(&mut self, entry: &Entry) -> Option<u32> {
        let of = [entry.with_ports, entry.without_ports].map(|half| half.map(|pair| pair.may.protocols));
        let at = self.known.iter().position(|known| *known == of).unwrap_or_else(|| {
            self.known.push(of);
            self.known.len() - 1
        });
        (at < COMBINATIONS).then_some(at as u32)
    }

    fn by_protocol(&self, entries: &Entries) -> Vec<u32> {
        let has = |protocol: Protocol, [with, without]: &[Option<usize>; 2]| {
            let set = if protocol.has_ports() { with } else { without };
            set.is_some_and(|set| entries.protocols[set].contains(protocol))
        };
        let bits = |protocol| {
            let known = self.known.iter().take(COMBINATIONS).enumerate();
            known.fold(0, |bits, (at, of)| bits | u32::from(has(protocol, of)) << at)
        };
        (0..=u8::MAX).map(|number| bits(Protocol(number))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Direction, Origin};
    use crate::rules::{Extent, Policy, Reading, RuleSet, Surroundings, notation};
    use crate::sets::AddressSet;
    use crate::tags::TagSnapshot;

    fn narrow(rules: usize, text: impl Fn(usize) -> String) -> (Narrow, Vec<usize>) {
        let origin = Origin::command_line("test");
        let rule = |number| notation::rule(&format!("r{number}"), &text(number), &origin).unwrap();
        let place = Surroundings::new(TagSnapshot::builtin(), Extent::known(AddressSet::empty()));
        let rules = RuleSet::new((0..rules).map(rule).collect(), &origin);
        let policy = Policy::compile(&rules, Direction::Inbound, &place, &Reading::DEFAULT);
        let entries = Entries::new(&policy.rules);
        Narrow::new(&entries, &entries.classes())
    }

    #[test]
    fn large_sets_list_narrow_rules_by_their_narrower_side() {
        let all_but = |number: usize, odd: &str, even: &str| match number % 2 {
            0 => format!("{} In Allow Tcp {even}", 100 + number),
            _ => format!("{} In Allow Tcp {odd}", 100 + number),
        };
        let text = |number: usize| {
            let (a, b) = (number / 256, number % 256);
            match number {
                0 => all_but(number, "", "* -> *:80"),
                2 => all_but(number, "", "10.0.0.1,10.0.0.3 -> 10.0.0.7:80"),
                4 => all_but(number, "", "10.0.0.1 -> 10.0.0.7:80,82"),
                6 => all_but(number, "", "[fd00::1] -> *:80"),
                _ => all_but(number, &format!("* -> 10.{a}.{b}.0/24:80"), &format!("10.{a}.{b}.1 -> *:80")),
            }
        };
        // Default rules are entries too.
        let (none, _) = narrow(ROWS_ALONE - 8, text);
        assert_eq!(none.source.items.len() + none.destination.items.len(), 0);
        let rules = ROWS_ALONE + 2;
        let (listed, mut rest) = narrow(rules, text);
        rest.retain(|number| *number < rules);
        assert_eq!(rest, [0, 2, 4, 6]);
        assert_eq!(listed.source.items.len(), rules / 2 - 4);
        assert_eq!(listed.destination.items.len(), rules / 2);
    }
}
