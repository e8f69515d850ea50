//! Boxes of packets on a grid: each side a row of bits over the classes of its field.
//!
//! In: one asked box and any boxes. Out: for each box the part of it that is asked, as one short row of
//! words, on which cutting is a few machine operations; and back, rows as boxes of exact sets. All boxes of a
//! grid are of one address family and of one kind of protocol, as the asked box is.
//!
//! Cost: [`Classes`] of each field over the distinct sides of the boxes.

use super::{
    AddressSet, Atlas, Classes, Count, Distinct, IntervalSet, PacketBox, PortSet, ProtocolSet, bits,
};
use crate::model::Protocol;
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;
use std::sync::OnceLock;

/// A side of a box.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Field {
    Protocol,
    Source,
    SourcePort,
    Destination,
    DestinationPort,
}

/// Boxes on the classes of five fields.
#[derive(Clone, Debug)]
pub(crate) struct Grid {
    protocols: Classes<u16>,
    source: AddressClasses,
    source_ports: Classes<u16>,
    destination: AddressClasses,
    destination_ports: Classes<u16>,
    /// The words of each field within a row, in the order in which boxes are best cut.
    spans: [(Field, Range<usize>); 5],
    words: usize,
    rows: Vec<u64>,
}

/// The classes of an address field, in the one family that is asked.
#[derive(Clone, Debug)]
enum AddressClasses {
    V4(Classes<u32>),
    V6(Classes<u128>),
}

impl AddressClasses {
    fn count(&self) -> usize {
        match self {
            Self::V4(classes) => classes.count(),
            Self::V6(classes) => classes.count(),
        }
    }

    fn of(&self, set: usize) -> &[u64] {
        match self {
            Self::V4(classes) => classes.of(set),
            Self::V6(classes) => classes.of(set),
        }
    }

    fn values(&self, row: &[u64]) -> AddressSet {
        match self {
            Self::V4(classes) => AddressSet { v4: classes.values(row), v6: IntervalSet::empty() },
            Self::V6(classes) => AddressSet { v4: IntervalSet::empty(), v6: classes.values(row) },
        }
    }

    fn sizes(&self) -> Vec<Count> {
        match self {
            Self::V4(classes) => classes.sizes(),
            Self::V6(classes) => classes.sizes(),
        }
    }
}

/// The numbers of a box's sides among the distinct ones.
struct Sides {
    protocols: usize,
    source: usize,
    source_ports: usize,
    destination: usize,
    destination_ports: usize,
}

impl Grid {
    /// Lays boxes out within the asked box, which is a stored box of a packet set.
    #[cfg(test)]
    pub(crate) fn new<'b>(asked: &PacketBox, boxes: impl Iterator<Item = &'b PacketBox>) -> Self {
        Self::with(None, asked, boxes)
    }

    /// Lays boxes out within the asked box, which is a stored box of a packet set. With the sorted sides of
    /// many boxes at hand, a wide question sorts nothing.
    pub(crate) fn with<'b>(
        sorted: Option<&SortedSides>,
        asked: &PacketBox,
        boxes: impl Iterator<Item = &'b PacketBox>,
    ) -> Self {
        let v4 = asked.source.v6.is_empty();
        let mut protocols = Distinct::new();
        let (mut source_ports, mut destination_ports) = (Distinct::new(), Distinct::new());
        let (mut source, mut destination) = (AddressSides::new(v4), AddressSides::new(v4));
        let sides: Vec<Sides> = boxes
            .map(|sides| Sides {
                protocols: protocols.number(&sides.protocols, sides.protocols),
                source: source.number(&sides.source),
                source_ports: source_ports.number(&sides.source_ports, sides.source_ports.place()),
                destination: destination.number(&sides.destination),
                destination_ports: destination_ports
                    .number(&sides.destination_ports, sides.destination_ports.place()),
            })
            .collect();
        let numbers: Vec<PortSet> = protocols.sets.iter().map(|set| numbers(*set)).collect();
        let mut grid = Self {
            protocols: Classes::new(&self::numbers(asked.protocols), &numbers),
            source: source.classes(&asked.source, sorted),
            source_ports: Classes::new(&asked.source_ports, &source_ports.sets),
            destination: destination.classes(&asked.destination, sorted),
            destination_ports: Classes::new(&asked.destination_ports, &destination_ports.sets),
            spans: std::array::from_fn(|_| (Field::Protocol, 0..0)),
            words: 0,
            rows: Vec::new(),
        };
        grid.lay_spans();
        grid.rows.reserve(sides.len() * grid.words);
        for sides in &sides {
            for (field, _) in &grid.spans {
                let row = match field {
                    Field::Protocol => grid.protocols.of(sides.protocols),
                    Field::Source => grid.source.of(sides.source),
                    Field::SourcePort => grid.source_ports.of(sides.source_ports),
                    Field::Destination => grid.destination.of(sides.destination),
                    Field::DestinationPort => grid.destination_ports.of(sides.destination_ports),
                };
                grid.rows.extend_from_slice(row);
            }
        }
        grid
    }

    /// Small fields that tell most first: protocol, destination port, then the address side with more
    /// classes, the other one, and the source port, which hardly any rule narrows.
    fn lay_spans(&mut self) {
        let (first, second) = if self.source.count() >= self.destination.count() {
            (Field::Source, Field::Destination)
        } else {
            (Field::Destination, Field::Source)
        };
        let fields = [Field::Protocol, Field::DestinationPort, first, second, Field::SourcePort];
        self.spans = fields.map(|field| {
            let start = self.words;
            self.words += bits::words(self.count(field));
            (field, start..self.words)
        });
    }

    fn count(&self, field: Field) -> usize {
        match field {
            Field::Protocol => self.protocols.count(),
            Field::Source => self.source.count(),
            Field::SourcePort => self.source_ports.count(),
            Field::Destination => self.destination.count(),
            Field::DestinationPort => self.destination_ports.count(),
        }
    }

    /// The length of a row.
    pub(crate) fn words(&self) -> usize {
        self.words
    }

    /// The words of each side within a row, in the order in which boxes are best cut.
    pub(crate) fn spans(&self) -> [Range<usize>; 5] {
        self.spans.clone().map(|(_, span)| span)
    }

    /// What is asked of a box, by its place among the boxes given. A side without a bit is empty.
    pub(crate) fn row(&self, place: usize) -> &[u64] {
        &self.rows[place * self.words..][..self.words]
    }

    /// All that is asked.
    pub(crate) fn whole(&self) -> Vec<u64> {
        let mut row = vec![0; self.words];
        for (field, span) in &self.spans {
            for class in 0..self.count(*field) {
                bits::set(&mut row[span.clone()], class);
            }
        }
        row
    }

    /// A reader of rows, which remembers the sides that it has seen.
    pub(crate) fn reader(&self) -> Reader<'_> {
        Reader { grid: self, ports: FxHashMap::default(), addresses: FxHashMap::default() }
    }

    /// A counter of the packets of rows.
    pub(crate) fn counter(&self) -> Counter<'_> {
        let one = |classes: usize| vec![Count::from(1u8); classes];
        let has_ports = self
            .protocols
            .values(&self.whole()[self.spans[0].1.clone()])
            .meets(&numbers(ProtocolSet::with_ports()));
        // A packet without ports has none to count (S23).
        let ports = |classes: &Classes<u16>| if has_ports { classes.sizes() } else { one(classes.count()) };
        let sizes = self.spans.clone().map(|(field, _)| match field {
            Field::Protocol => self.protocols.sizes(),
            Field::Source => self.source.sizes(),
            Field::SourcePort => ports(&self.source_ports),
            Field::Destination => self.destination.sizes(),
            Field::DestinationPort => ports(&self.destination_ports),
        });
        Counter { grid: self, sizes, known: FxHashMap::default() }
    }
}

fn numbers(protocols: ProtocolSet) -> PortSet {
    protocols.iter().map(|Protocol(number)| (u16::from(number), u16::from(number))).collect()
}

/// Distinct address sides, in one family.
enum AddressSides {
    V4(Distinct<IntervalSet<u32>, usize>),
    V6(Distinct<IntervalSet<u128>, usize>),
}

impl AddressSides {
    fn new(v4: bool) -> Self {
        if v4 { Self::V4(Distinct::new()) } else { Self::V6(Distinct::new()) }
    }

    fn number(&mut self, side: &AddressSet) -> usize {
        match self {
            Self::V4(sides) => sides.number(&side.v4, side.v4.place()),
            Self::V6(sides) => sides.number(&side.v6, side.v6.place()),
        }
    }

    fn classes(&self, asked: &AddressSet, sorted: Option<&SortedSides>) -> AddressClasses {
        match self {
            Self::V4(sides) => AddressClasses::V4(match sorted.filter(|_| is_wide(&asked.v4)) {
                Some(sorted) => sorted.atlas().classes(&asked.v4, &sides.sets),
                None => Classes::new(&asked.v4, &sides.sets),
            }),
            Self::V6(sides) => AddressClasses::V6(Classes::new(&asked.v6, &sides.sets)),
        }
    }
}

/// Whether a side holds so many addresses that it meets most of what rules name, so that sorting all of it once
/// is no more work than sorting what it meets.
fn is_wide(asked: &IntervalSet<u32>) -> bool {
    let addresses: u64 = asked.intervals().iter().map(|part| u64::from(part.last - part.first)).sum();
    addresses > 1 << 30
}

/// The IPv4 sides of many boxes, sources and destinations, sorted once for all wide questions that are put to
/// them.
#[derive(Clone, Debug, Default)]
pub(crate) struct SortedSides {
    sides: Vec<IntervalSet<u32>>,
    atlas: OnceLock<Atlas<u32>>,
}

impl SortedSides {
    /// The sides of boxes; nothing is sorted before a question needs it.
    pub(crate) fn of<'b>(boxes: impl Iterator<Item = &'b PacketBox>) -> Self {
        let mut seen = FxHashSet::default();
        let sides = boxes.flat_map(|sides| [&sides.source.v4, &sides.destination.v4]);
        let distinct = sides.filter(|side| seen.insert(side.place()));
        Self { sides: distinct.cloned().collect(), atlas: OnceLock::new() }
    }

    /// The sides of both.
    pub(crate) fn joined(&self, other: &Self) -> Self {
        let sides = self.sides.iter().chain(&other.sides).cloned().collect();
        Self { sides, atlas: OnceLock::new() }
    }

    fn atlas(&self) -> &Atlas<u32> {
        self.atlas.get_or_init(|| Atlas::new(self.sides.iter()))
    }
}

/// The union of rows, side by side: the smallest box that holds all their packets.
#[derive(Clone, Debug)]
pub(crate) struct HullRow(Vec<u64>);

impl HullRow {
    /// The hull of one row.
    pub(crate) fn of(row: &[u64]) -> Self {
        Self(row.to_vec())
    }

    /// Takes in one more row.
    pub(crate) fn add(&mut self, row: &[u64]) {
        self.0.iter_mut().zip(row).for_each(|(all, more)| *all |= more);
    }

    /// The hull as a row.
    pub(crate) fn row(&self) -> &[u64] {
        &self.0
    }
}

/// Reads rows of a grid back as boxes.
pub(crate) struct Reader<'g> {
    grid: &'g Grid,
    ports: FxHashMap<(u8, Box<[u64]>), PortSet>,
    addresses: FxHashMap<(u8, Box<[u64]>), AddressSet>,
}

impl Reader<'_> {
    /// The box of a row, whose sides all have a bit.
    pub(crate) fn packets(&mut self, row: &[u64]) -> PacketBox {
        let mut sides = PacketBox {
            protocols: ProtocolSet::EMPTY,
            source: AddressSet::empty(),
            source_ports: PortSet::empty(),
            destination: AddressSet::empty(),
            destination_ports: PortSet::empty(),
        };
        for (field, span) in &self.grid.spans {
            let row = &row[span.clone()];
            match field {
                Field::Protocol => {
                    let numbers = self.ports(*field, row, &self.grid.protocols);
                    let all = numbers.intervals().iter().flat_map(|some| some.first..=some.last);
                    sides.protocols =
                        ProtocolSet::of(all.filter_map(|number| u8::try_from(number).ok()).map(Protocol));
                }
                Field::Source => sides.source = self.addresses(*field, row, &self.grid.source),
                Field::SourcePort => sides.source_ports = self.ports(*field, row, &self.grid.source_ports),
                Field::Destination => sides.destination = self.addresses(*field, row, &self.grid.destination),
                Field::DestinationPort => {
                    sides.destination_ports = self.ports(*field, row, &self.grid.destination_ports);
                }
            }
        }
        sides
    }

    fn ports(&mut self, field: Field, row: &[u64], classes: &Classes<u16>) -> PortSet {
        self.ports.entry((field as u8, row.into())).or_insert_with(|| classes.values(row)).clone()
    }

    fn addresses(&mut self, field: Field, row: &[u64], classes: &AddressClasses) -> AddressSet {
        self.addresses.entry((field as u8, row.into())).or_insert_with(|| classes.values(row)).clone()
    }
}

/// Counts the packets of rows, and remembers the sides that it has seen.
pub(crate) struct Counter<'g> {
    grid: &'g Grid,
    sizes: [Vec<Count>; 5],
    known: FxHashMap<(u8, Box<[u64]>), Count>,
}

impl Counter<'_> {
    /// How many packets the box of a row has.
    pub(crate) fn packets(&mut self, row: &[u64]) -> Count {
        let Self { grid, sizes, known } = self;
        let mut product = Count::from(1u8);
        for ((field, span), sizes) in grid.spans.iter().zip(sizes) {
            let side = &row[span.clone()];
            let size = known
                .entry((*field as u8, side.into()))
                .or_insert_with(|| bits::ones(side).map(|class| &sizes[class]).sum());
            product *= &*size;
        }
        product
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sets::PacketSet;

    #[test]
    fn rows_are_the_asked_part_of_each_box() {
        let side = |net: &str| net.parse::<ipnet::Ipv4Net>().map(AddressSet::from).unwrap();
        let boxes = |source: &str, ports: (u16, u16)| PacketBox {
            protocols: ProtocolSet::with_ports(),
            source: side(source),
            source_ports: PortSet::all(),
            destination: side("10.0.0.0/24"),
            destination_ports: PortSet::range(ports.0, ports.1),
        };
        let asked = boxes("10.0.0.0/8", (80, 443));
        let cut =
            [boxes("10.1.0.0/16", (1, 100)), boxes("0.0.0.0/0", (443, 500)), boxes("11.0.0.0/8", (80, 80))];
        let grid = Grid::new(&asked, cut.iter());
        let (mut reader, mut counter) = (grid.reader(), grid.counter());
        assert_eq!(reader.packets(&grid.whole()), asked);
        for (place, part) in cut.iter().enumerate().take(2) {
            let common = reader.packets(grid.row(place));
            assert_eq!(Some(&common), asked.intersection(part).as_ref());
            assert_eq!(counter.packets(grid.row(place)), PacketSet::product(&common).size());
        }
        assert!(grid.spans().iter().any(|span| bits::count(&grid.row(2)[span.clone()]) == 0));
    }
}
