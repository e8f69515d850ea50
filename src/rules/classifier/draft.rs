//! The rows of all fields, numbered one after the other.
//!
//! Protocol and destination port are one field, the *service*: for TCP and for UDP a row for each class of
//! destination ports, for every other protocol one row.

use super::entries::{AddressClasses, AddressSide, Addresses, Entries, Entry, FieldClasses, Pair, Service};
use super::rows::Draft;
use crate::model::Protocol;
use crate::sets::bits;
use rustc_hash::FxHashMap;
use std::ops::Range;

/// Which half of a pair.
#[derive(Clone, Copy)]
pub(super) enum Half {
    May,
    Must,
}

impl Half {
    fn of<T: Copy>(self, pair: &Pair<T>) -> Option<T> {
        match self {
            Self::May => Some(pair.may),
            Self::Must => pair.must,
        }
    }
}

/// The rows of one half. Both halves number them alike.
pub(super) struct DraftRows {
    /// The row of each protocol; for TCP and UDP that of the first class of ports.
    pub(super) services: Vec<u32>,
    pub(super) first_source_port: u32,
    /// The row for packets without ports.
    pub(super) no_source_port: u32,
    /// The rows of the classes of IPv4, of IPv6.
    pub(super) source: [Range<u32>; 2],
    pub(super) destination: [Range<u32>; 2],
    pub(super) rows: Draft,
}

impl DraftRows {
    /// Rows of so many words for the entries whose numbers are `placed`, in the order of their places.
    pub(super) fn new(
        entries: &Entries,
        placed: &[usize],
        classes: &FieldClasses,
        half: Half,
        words: usize,
    ) -> Self {
        let placed: Vec<&Entry> = placed.iter().map(|number| &entries.list[*number]).collect();
        let with_ports = || {
            let all = placed.iter().enumerate();
            all.filter_map(|(place, entry)| Some((place, half.of(&entry.with_ports?)?)))
        };
        let mut rows = Draft::new(words);
        let first_source_port = rows.next_row();
        rows.push_classes(
            &classes.source_ports,
            with_ports().map(|(place, service)| (place, service.source_ports)),
        );
        let no_source_port = rows.next_row();
        rows.push(&vec![u64::MAX; words]);
        let mut ports = Draft::new(words);
        ports.push_classes(
            &classes.destination_ports,
            with_ports().map(|(place, service)| (place, service.destination_ports)),
        );
        let services = services(entries, &placed, half, &ports, &mut rows, words);
        let mut addresses = |classes: &AddressClasses, side: fn(&Addresses) -> AddressSide| {
            let sides = || {
                let all = placed.iter().enumerate();
                all.filter_map(move |(place, entry)| Some((place, side(&half.of(&entry.addresses)?))))
            };
            let v4 = rows.next_row();
            rows.push_classes(&classes.v4, sides().map(|(place, side)| (place, side.v4)));
            let v6 = rows.next_row();
            rows.push_classes(&classes.v6, sides().map(|(place, side)| (place, side.v6)));
            [v4..v6, v6..rows.next_row()]
        };
        let source = addresses(&classes.source, |sides| sides.source);
        let destination = addresses(&classes.destination, |sides| sides.destination);
        Self { services, first_source_port, no_source_port, source, destination, rows }
    }
}

/// Appends the rows of services; gives the first of each protocol.
fn services(
    entries: &Entries,
    placed: &[&Entry],
    half: Half,
    ports: &Draft,
    rows: &mut Draft,
    words: usize,
) -> Vec<u32> {
    let masks = |of_kind: fn(&Entry) -> Option<Pair<Service>>| {
        let mut masks = vec![vec![0; words]; entries.protocols.len()];
        for (place, entry) in placed.iter().enumerate() {
            if let Some(service) = of_kind(entry).and_then(|pair| half.of(&pair)) {
                bits::set(&mut masks[service.protocols], place);
            }
        }
        masks
    };
    let with_ports = masks(|entry| entry.with_ports);
    let without_ports = masks(|entry| entry.without_ports);
    let mut known: FxHashMap<Vec<bool>, u32> = FxHashMap::default();
    let mut services = Vec::with_capacity(256);
    for protocol in (0..=u8::MAX).map(Protocol) {
        let masks = if protocol.has_ports() { &with_ports } else { &without_ports };
        let holds: Vec<bool> = entries.protocols.iter().map(|set| set.contains(protocol)).collect();
        // Protocols that no set tells apart share a row, but for those with ports, which have many.
        let same = known.get(&holds).copied().filter(|_| !protocol.has_ports());
        services.push(same.unwrap_or_else(|| {
            let first = rows.next_row();
            let mut row = vec![0; words];
            for (_, mask) in holds.iter().zip(masks).filter(|(holds, _)| **holds) {
                row.iter_mut().zip(mask).for_each(|(row, mask)| *row |= mask);
            }
            if protocol.has_ports() {
                rows.push_masked(ports, &row);
            } else {
                rows.push(&row);
                known.insert(holds, first);
            }
            first
        }));
    }
    services
}
