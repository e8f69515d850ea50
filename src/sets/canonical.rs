//! Boxes in the one form that depends on their packets alone.
//!
//! In: disjoint boxes. Out: few boxes, sorted; the same for the same packets, however they were cut.
//!
//! The sides are taken in a fixed order (protocol, destination port, source, destination, source port), as a
//! decision diagram: a node stands for boxes that agree in the sides before, and values of a side that lead to
//! the same node are one group. Nodes are shared, by the boxes that reach them and by what they say, so that
//! the cost is nodes times classes and not boxes squared.

use super::{AddressSet, Classes, IntervalSet, PacketBox, Point, PortSet, ProtocolSet, bits};
use crate::model::Protocol;
use rustc_hash::FxHashMap;

/// The rows of boxes, each the product of its sides. Takes the words that it looks at from `work`; `None` where
/// those are not enough.
pub(super) fn rows(boxes: &[PacketBox], work: &mut u64) -> Option<Vec<PacketBox>> {
    if boxes.is_empty() {
        return Some(Vec::new());
    }
    let mut diagram = Diagram::new(boxes, *work);
    let mut all = vec![0; bits::words(boxes.len())];
    (0..boxes.len()).for_each(|place| bits::set(&mut all, place));
    let mut rows = Vec::new();
    let found = diagram.node(0, &all).and_then(|root| diagram.read(0, root, &nothing(), &mut rows));
    *work = diagram.work;
    found?;
    rows.sort();
    Some(rows)
}

/// A box whose sides are still to be filled in.
fn nothing() -> PacketBox {
    PacketBox {
        protocols: ProtocolSet::EMPTY,
        source: AddressSet::empty(),
        source_ports: PortSet::empty(),
        destination: AddressSet::empty(),
        destination_ports: PortSet::empty(),
    }
}

/// Values of a side, whatever the side is.
enum Values {
    Ports(Classes<u16>),
    Addresses(Classes<u32>, Classes<u128>),
}

/// One side of all boxes.
struct Side {
    values: Values,
    /// For each class the boxes that hold it.
    holders: Vec<Vec<u64>>,
    fill: fn(&mut PacketBox, &AddressSet, &PortSet),
}

/// Nodes by number; the last level leads to [`END`].
struct Diagram {
    sides: Vec<Side>,
    /// Groups of classes, and the node that each leads to.
    nodes: Vec<Vec<(Vec<u64>, u32)>>,
    by_boxes: FxHashMap<(usize, Vec<u64>), u32>,
    by_content: FxHashMap<Vec<(Vec<u64>, u32)>, u32>,
    /// Words that may still be looked at.
    work: u64,
}

const END: u32 = u32::MAX;

/// What a side of a row costs beside its words.
const FILL: usize = 50;

impl Diagram {
    fn new(boxes: &[PacketBox], work: u64) -> Self {
        let numbers = |boxes: &PacketBox| {
            let all = boxes.protocols.iter();
            all.map(|Protocol(number)| (u16::from(number), u16::from(number))).collect::<PortSet>()
        };
        let sides = vec![
            ports(boxes, numbers, |row, _, numbers| row.protocols = protocols(numbers)),
            ports(
                boxes,
                |part| part.destination_ports.clone(),
                |row, _, ports| {
                    row.destination_ports = ports.clone();
                },
            ),
            addresses(boxes, |part| &part.source, |row, addresses, _| row.source = addresses.clone()),
            addresses(
                boxes,
                |part| &part.destination,
                |row, addresses, _| row.destination = addresses.clone(),
            ),
            ports(boxes, |part| part.source_ports.clone(), |row, _, ports| row.source_ports = ports.clone()),
        ];
        let (by_boxes, by_content) = (FxHashMap::default(), FxHashMap::default());
        Self { sides, nodes: Vec::new(), by_boxes, by_content, work }
    }

    /// Takes work; `None` where it is not there.
    fn take(&mut self, words: usize) -> Option<()> {
        self.work = self.work.checked_sub(words as u64)?;
        Some(())
    }

    /// The node for some boxes at a side.
    fn node(&mut self, level: usize, boxes: &[u64]) -> Option<u32> {
        if level == self.sides.len() {
            return Some(END);
        }
        let key = (level, boxes.to_vec());
        if let Some(known) = self.by_boxes.get(&key) {
            return Some(*known);
        }
        let classes = self.sides[level].holders.len();
        self.take(classes * boxes.len())?;
        let mut groups: Vec<(Vec<u64>, u32)> = Vec::new();
        let mut place_of: FxHashMap<u32, usize> = FxHashMap::default();
        for class in 0..classes {
            let here: Vec<u64> =
                boxes.iter().zip(&self.sides[level].holders[class]).map(|(a, b)| a & b).collect();
            if bits::count(&here) == 0 {
                continue;
            }
            let next = self.node(level + 1, &here)?;
            let place = *place_of.entry(next).or_insert_with(|| {
                groups.push((vec![0; bits::words(classes)], next));
                groups.len() - 1
            });
            bits::set(&mut groups[place].0, class);
        }
        let Self { nodes, by_content, .. } = self;
        let number = *by_content.entry(groups).or_insert_with_key(|groups| {
            nodes.push(groups.clone());
            u32::try_from(nodes.len() - 1).unwrap_or(END)
        });
        self.by_boxes.insert(key, number);
        Some(number)
    }

    fn read(&mut self, level: usize, node: u32, row: &PacketBox, rows: &mut Vec<PacketBox>) -> Option<()> {
        if level == self.sides.len() {
            rows.push(row.clone());
            return Some(());
        }
        for group in 0..self.nodes[node as usize].len() {
            let (classes, next) = &self.nodes[node as usize][group];
            let (next, words) = (*next, classes.len());
            let side = &self.sides[level];
            let (addresses, ports) = side.read(classes);
            let mut row = row.clone();
            (side.fill)(&mut row, &addresses, &ports);
            self.take(words + FILL)?;
            self.read(level + 1, next, &row, rows)?;
        }
        Some(())
    }
}

impl Side {
    fn read(&self, classes: &[u64]) -> (AddressSet, PortSet) {
        match &self.values {
            Values::Ports(ports) => (AddressSet::empty(), ports.values(classes)),
            Values::Addresses(v4, v6) => {
                // The classes of IPv6 follow on those of IPv4.
                let (mut first, mut second) =
                    (vec![0; bits::words(v4.count())], vec![0; bits::words(v6.count())]);
                for class in bits::ones(classes) {
                    match class.checked_sub(v4.count()) {
                        None => bits::set(&mut first, class),
                        Some(class) => bits::set(&mut second, class),
                    }
                }
                (AddressSet { v4: v4.values(&first), v6: v6.values(&second) }, PortSet::empty())
            }
        }
    }
}

fn protocols(numbers: &PortSet) -> ProtocolSet {
    let all = numbers.intervals().iter().flat_map(|some| some.first..=some.last);
    ProtocolSet::of(all.filter_map(|number| u8::try_from(number).ok()).map(Protocol))
}

fn ports(
    boxes: &[PacketBox],
    side: impl Fn(&PacketBox) -> PortSet,
    fill: fn(&mut PacketBox, &AddressSet, &PortSet),
) -> Side {
    let (classes, holders) = classes(boxes, side);
    Side { values: Values::Ports(classes), holders, fill }
}

fn addresses(
    boxes: &[PacketBox],
    side: impl Fn(&PacketBox) -> &AddressSet,
    fill: fn(&mut PacketBox, &AddressSet, &PortSet),
) -> Side {
    let (v4, mut holders) = classes(boxes, |part| side(part).v4.clone());
    let (v6, more) = classes(boxes, |part| side(part).v6.clone());
    holders.extend(more);
    Side { values: Values::Addresses(v4, v6), holders, fill }
}

/// The classes of one side, and for each the boxes that hold it.
fn classes<T: Point + std::hash::Hash>(
    boxes: &[PacketBox],
    side: impl Fn(&PacketBox) -> IntervalSet<T>,
) -> (Classes<T>, Vec<Vec<u64>>) {
    let mut distinct: Vec<IntervalSet<T>> = Vec::new();
    let mut known: FxHashMap<IntervalSet<T>, usize> = FxHashMap::default();
    let number = |part| {
        let set: IntervalSet<T> = side(part);
        *known.entry(set).or_insert_with_key(|set| {
            distinct.push(set.clone());
            distinct.len() - 1
        })
    };
    let numbers: Vec<usize> = boxes.iter().map(number).collect();
    let classes = Classes::new(&union(&distinct), &distinct);
    let mut holders = vec![vec![0; bits::words(boxes.len())]; classes.count()];
    for (place, number) in numbers.into_iter().enumerate() {
        for class in bits::ones(classes.of(number)) {
            bits::set(&mut holders[class], place);
        }
    }
    (classes, holders)
}

fn union<T: Point>(sets: &[IntervalSet<T>]) -> IntervalSet<T> {
    let all = sets.iter().flat_map(IntervalSet::intervals);
    IntervalSet::from_intervals(all.map(|interval| (interval.first, interval.last)))
}
