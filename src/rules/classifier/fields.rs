//! From the fields of a packet to its rows.
//!
//! Protocol and destination port are one field, the *service*: for TCP and for UDP a row for each class of
//! destination ports, for every other protocol one row. A port's class is read from a table of all ports; an
//! address's is found by its high half, which leads to the few runs of classes that begin in that half.

use super::entries::{AddressClasses, AddressSide, Addresses, Entries, Entry, FieldClasses, Pair, Service};
use super::lanes::Lanes;
use super::rows::{Draft, Rows};
use crate::model::{Packet, Protocol};
use crate::sets::{Classes, Point, bits};
use rustc_hash::FxHashMap;
use std::net::IpAddr;

/// How many rows a packet has: service, source, destination, source port.
pub(super) const FIELDS: usize = 4;

/// The look-ups of a classifier.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    /// The row of each protocol; for TCP and UDP that of the first class of ports.
    services: Vec<u32>,
    destination_ports: Ports,
    source: Addressed,
    destination: Addressed,
    source_ports: Ports,
    first_source_port: u32,
    /// The row for packets without ports.
    no_source_port: u32,
}

/// The look-ups of an address field.
#[derive(Clone, Debug)]
struct Addressed {
    v4: Runs<u32>,
    v6: Runs<u128>,
}

impl Fields {
    /// The look-ups and what they lead to: rows of what may match, and of what must where that differs.
    pub(super) fn new(
        entries: &Entries,
        classes: &FieldClasses,
        lanes: &Lanes,
    ) -> (Self, Rows, Option<Rows>) {
        let draft = |half: Half| DraftRows::new(entries, classes, lanes, half);
        let may = draft(Half::May);
        let must = (!entries.exact).then(|| Rows::new(&draft(Half::Must).rows, lanes));
        let starts = &may.starts;
        let addressed = |classes: &AddressClasses, [v4, v6]: [u32; 2]| Addressed {
            v4: Runs::new(&classes.v4, v4),
            v6: Runs::new(&classes.v6, v6),
        };
        let fields = Self {
            services: may.services.clone(),
            destination_ports: Ports::new(&classes.destination_ports),
            source: addressed(&classes.source, starts.source),
            destination: addressed(&classes.destination, starts.destination),
            source_ports: Ports::new(&classes.source_ports),
            first_source_port: starts.source_ports,
            no_source_port: starts.no_source_port,
        };
        (fields, Rows::new(&may.rows, lanes), must)
    }

    /// The rows of a packet.
    #[inline]
    pub(super) fn rows(&self, packet: &Packet) -> [u32; FIELDS] {
        let source_port = if packet.protocol.has_ports() {
            self.first_source_port + self.source_ports.class(packet.source_port)
        } else {
            self.no_source_port
        };
        [
            self.service(packet),
            self.source.row(packet.source),
            self.destination.row(packet.destination),
            source_port,
        ]
    }

    #[inline]
    fn service(&self, packet: &Packet) -> u32 {
        let first = self.services[usize::from(packet.protocol.0)];
        if packet.protocol.has_ports() {
            first + self.destination_ports.class(packet.destination_port)
        } else {
            first
        }
    }

    /// Bytes on the heap.
    pub(super) fn size(&self) -> usize {
        self.services.len() * size_of::<u32>()
            + (self.destination_ports.classes.len() + self.source_ports.classes.len()) * size_of::<u16>()
            + self.source.size()
            + self.destination.size()
    }
}

impl Addressed {
    #[inline]
    fn row(&self, address: IpAddr) -> u32 {
        match address {
            IpAddr::V4(address) => self.v4.row(address.to_bits()),
            IpAddr::V6(address) => self.v6.row(address.to_bits()),
        }
    }

    fn size(&self) -> usize {
        self.v4.size() + self.v6.size()
    }
}

/// The class of each port.
#[derive(Clone, Debug)]
struct Ports {
    /// There are no more classes than ports, so that the last number fits.
    classes: Vec<u16>,
}

impl Ports {
    fn new(classes: &Classes<u16>) -> Self {
        let mut all = Vec::with_capacity(1 << 16);
        for (run, class) in classes.runs() {
            all.resize(usize::from(run.last) + 1, class as u16);
        }
        Self { classes: all }
    }

    #[inline]
    fn class(&self, port: u16) -> u32 {
        u32::from(self.classes[usize::from(port)])
    }
}

/// Runs of addresses of one class, found by the first 16 bits of an address.
#[derive(Clone, Debug)]
struct Runs<T> {
    /// For each value of the first 16 bits the first run that begins there or later, and one more.
    by_high: Vec<u32>,
    starts: Vec<T>,
    rows: Vec<u32>,
}

/// A number whose first 16 bits can be taken.
trait High: Point {
    fn high(self) -> usize;
}

impl High for u32 {
    #[inline]
    fn high(self) -> usize {
        (self >> 16) as usize
    }
}

impl High for u128 {
    #[inline]
    fn high(self) -> usize {
        (self >> 112) as usize
    }
}

impl<T: High> Runs<T> {
    fn new(classes: &Classes<T>, first_row: u32) -> Self {
        let mut runs =
            Self { by_high: Vec::with_capacity((1 << 16) + 1), starts: Vec::new(), rows: Vec::new() };
        for (number, (run, class)) in (0..).zip(classes.runs()) {
            // Nothing happens where another run has begun in the same half.
            let halves = runs.by_high.len().max(run.first.high() + 1);
            runs.by_high.resize(halves, number);
            runs.starts.push(run.first);
            runs.rows.push(first_row + class);
        }
        runs.by_high.resize((1 << 16) + 1, runs.starts.len() as u32);
        runs
    }

    #[inline]
    fn row(&self, value: T) -> u32 {
        let high = value.high();
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
        (self.by_high.len() + self.rows.len()) * size_of::<u32>() + self.starts.len() * size_of::<T>()
    }
}

/// Which half of a pair.
#[derive(Clone, Copy)]
enum Half {
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

/// The first row of each field.
struct Starts {
    source: [u32; 2],
    destination: [u32; 2],
    source_ports: u32,
    no_source_port: u32,
}

/// The rows of one half, before they are summarised. Both halves number them alike.
struct DraftRows {
    services: Vec<u32>,
    starts: Starts,
    rows: Draft,
}

impl DraftRows {
    fn new(entries: &Entries, classes: &FieldClasses, lanes: &Lanes, half: Half) -> Self {
        let placed = || entries.list.iter().enumerate().map(|(number, entry)| (lanes.place(number), entry));
        let with_ports = || placed().filter_map(|(place, entry)| Some((place, half.of(&entry.with_ports?)?)));
        let mut rows = Draft::new(lanes.words());
        let mut addresses = |classes: &AddressClasses, side: fn(&Addresses) -> AddressSide| {
            let sides = || {
                placed().filter_map(move |(place, entry): (usize, &Entry)| {
                    Some((place, side(&half.of(&entry.addresses)?)))
                })
            };
            let v4 = rows.next_row();
            rows.push_classes(&classes.v4, sides().map(|(place, side)| (place, side.v4)));
            let v6 = rows.next_row();
            rows.push_classes(&classes.v6, sides().map(|(place, side)| (place, side.v6)));
            [v4, v6]
        };
        let source = addresses(&classes.source, |sides| sides.source);
        let destination = addresses(&classes.destination, |sides| sides.destination);
        let source_ports = rows.next_row();
        rows.push_classes(
            &classes.source_ports,
            with_ports().map(|(place, service)| (place, service.source_ports)),
        );
        let no_source_port = rows.next_row();
        rows.push(&vec![u64::MAX; lanes.words()]);
        let mut ports = Draft::new(lanes.words());
        ports.push_classes(
            &classes.destination_ports,
            with_ports().map(|(place, service)| (place, service.destination_ports)),
        );
        let services = services(entries, lanes, half, &ports, &mut rows);
        let starts = Starts { source, destination, source_ports, no_source_port };
        Self { services, starts, rows }
    }
}

/// Appends the rows of services; gives the first of each protocol.
fn services(entries: &Entries, lanes: &Lanes, half: Half, ports: &Draft, rows: &mut Draft) -> Vec<u32> {
    let masks = |of_kind: fn(&Entry) -> Option<Pair<Service>>| {
        let mut masks = vec![vec![0; lanes.words()]; entries.protocols.len()];
        for (number, entry) in entries.list.iter().enumerate() {
            if let Some(service) = of_kind(entry).and_then(|pair| half.of(&pair)) {
                bits::set(&mut masks[service.protocols], lanes.place(number));
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
            let mut row = vec![0; lanes.words()];
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
