//! Which boxes of two lists have packets in common, without holding each against each.
//!
//! In: boxes. Out: for one box, the places of those of a list that may meet it: all that do, and few others. For
//! each side the list keeps where its boxes begin and cease to hold a value, sorted; the boxes that a set meets are
//! those that hold the start of one of its intervals, and those that begin inside. A set that occurs again is not
//! looked up again.

use super::{IntervalSet, PacketBox, Point, bits};
use rustc_hash::FxHashMap;
use std::borrow::Borrow;

/// Calls `each` with the place of every one of some boxes and the places, ascending, of those of `others` that may
/// meet it.
pub(super) fn for_each<B: Borrow<PacketBox>>(
    boxes: &[B],
    others: &[B],
    mut each: impl FnMut(usize, &[usize]),
) {
    /// Below so many boxes on one side each is held against each; tests of sets look both ways.
    const FEW: usize = if cfg!(test) { 2 } else { 64 };
    if boxes.len().min(others.len()) < FEW {
        let all: Vec<usize> = (0..others.len()).collect();
        return (0..boxes.len()).for_each(|place| each(place, &all));
    }
    let mut index = Index::new(others);
    let mut met = Vec::new();
    for (place, one) in boxes.iter().enumerate() {
        index.meeting(one.borrow(), &mut met);
        each(place, &met);
    }
}

/// Boxes by their sides. Protocols and source ports, which are few, are left to whoever looks at a box.
struct Index<'b> {
    ports: Marks<'b, u16>,
    source: [Family<'b>; 2],
    destination: [Family<'b>; 2],
}

/// One family of a side.
enum Family<'b> {
    V4(Marks<'b, u32>),
    V6(Marks<'b, u128>),
}

impl<'b> Index<'b> {
    fn new<B: Borrow<PacketBox>>(boxes: &'b [B]) -> Self {
        let boxes: Vec<&PacketBox> = boxes.iter().map(Borrow::borrow).collect();
        let v4 = |side: fn(&'b PacketBox) -> &'b IntervalSet<u32>| Family::V4(Marks::new(&boxes, side));
        let v6 = |side: fn(&'b PacketBox) -> &'b IntervalSet<u128>| Family::V6(Marks::new(&boxes, side));
        Self {
            ports: Marks::new(&boxes, |one| &one.destination_ports),
            source: [v4(|one| &one.source.v4), v6(|one| &one.source.v6)],
            destination: [v4(|one| &one.destination.v4), v6(|one| &one.destination.v6)],
        }
    }

    /// The places of the boxes that may meet one.
    fn meeting(&mut self, one: &'b PacketBox, places: &mut Vec<usize>) {
        let mut met = self.ports.meeting(&one.destination_ports).to_vec();
        for (families, side) in [(&mut self.source, &one.source), (&mut self.destination, &one.destination)] {
            let mut either = vec![0; met.len()];
            for family in families {
                let row = match family {
                    Family::V4(marks) => marks.meeting(&side.v4),
                    Family::V6(marks) => marks.meeting(&side.v6),
                };
                either.iter_mut().zip(row).for_each(|(word, more)| *word |= more);
            }
            met.iter_mut().zip(either).for_each(|(word, some)| *word &= some);
        }
        places.clear();
        places.extend(bits::ones(&met));
    }
}

/// Where boxes begin and cease to hold a value of one side.
struct Marks<'b, T> {
    /// The value from which on, and the box's place: it begins to hold or, where it held the value before, ceases.
    marks: Vec<(T, u32)>,
    /// Words of a row of boxes.
    words: usize,
    /// So many marks lie between two rows.
    step: usize,
    /// The boxes that hold the values before each `step`th mark.
    rows: Vec<u64>,
    /// What was looked up, by the set's place in memory, where it stays as long as it is borrowed.
    known: FxHashMap<usize, (&'b IntervalSet<T>, Vec<u64>)>,
}

impl<'b, T: Point> Marks<'b, T> {
    fn new(boxes: &[&'b PacketBox], side: impl Fn(&'b PacketBox) -> &'b IntervalSet<T>) -> Self {
        /// Words that all rows of a side may be.
        const ROWS: usize = 1 << 20;
        let places = (0_u32..).zip(boxes);
        let mut marks: Vec<(T, u32)> = places
            .flat_map(|(place, one)| {
                let ends = |interval: &super::Interval<T>| [Some(interval.first), interval.last.next()];
                side(one).intervals().iter().flat_map(ends).flatten().map(move |value| (value, place))
            })
            .collect();
        marks.sort_unstable();
        let words = bits::words(boxes.len());
        let step = (marks.len().saturating_mul(words) / ROWS).max(64);
        let mut rows = Vec::new();
        let mut held = vec![0; words];
        for some in marks.chunks(step) {
            rows.extend_from_slice(&held);
            some.iter().for_each(|(_, place)| bits::flip(&mut held, *place as usize));
        }
        rows.extend_from_slice(&held);
        Self { marks, words, step, rows, known: FxHashMap::default() }
    }

    /// The boxes that hold some value of a set.
    fn meeting(&mut self, set: &'b IntervalSet<T>) -> &[u64] {
        /// Words that are kept of what was looked up.
        const KEPT: usize = 1 << 22;
        if self.known.len().saturating_mul(self.words) > KEPT {
            self.known.clear();
        }
        let Self { marks, words, step, rows, known, .. } = self;
        let (_, row) = known.entry(set.place()).or_insert_with(|| {
            let mut met = vec![0; *words];
            let mut held = vec![0; *words];
            for interval in set.intervals() {
                let start = marks.partition_point(|(value, _)| *value <= interval.first);
                let row = start / *step;
                held.copy_from_slice(&rows[row * *words..(row + 1) * *words]);
                marks[row * *step..start]
                    .iter()
                    .for_each(|(_, place)| bits::flip(&mut held, *place as usize));
                met.iter_mut().zip(&held).for_each(|(word, more)| *word |= more);
                // A box that ceases here held the start, or began after it.
                let inside = marks[start..].iter().take_while(|(value, _)| *value <= interval.last);
                inside.for_each(|(_, place)| bits::set(&mut met, *place as usize));
            }
            (set, met)
        });
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sets::{AddressSet, PortSet, ProtocolSet};
    use proptest::prelude::*;
    use std::net::IpAddr;

    /// A box of a few small values, of one family or both.
    fn any_box() -> impl Strategy<Value = PacketBox> {
        let ports = || proptest::collection::vec((0_u16..60, 0_u16..9), 1..3);
        let addresses = || proptest::collection::vec((any::<bool>(), 0_u8..60, 0_u8..9), 1..3);
        let set = |parts: Vec<(u16, u16)>| {
            PortSet::from_intervals(parts.into_iter().map(|(first, more)| (first, first + more)))
        };
        let side = |parts: Vec<(bool, u8, u8)>| {
            let range = |(is_v6, first, more): (bool, u8, u8)| {
                let [first, last] = [first, first + more].map(|last| match is_v6 {
                    true => IpAddr::from([0, 0, 0, 0, 0, 0, 0, last.into()]),
                    false => IpAddr::from([0, 0, 0, last]),
                });
                AddressSet::range(first, last)
            };
            AddressSet::union_all(&parts.into_iter().map(range).collect::<Vec<_>>())
        };
        (addresses(), addresses(), ports()).prop_map(move |(source, destination, ports)| PacketBox {
            protocols: ProtocolSet::ALL,
            source: side(source),
            source_ports: PortSet::all(),
            destination: side(destination),
            destination_ports: set(ports),
        })
    }

    proptest! {
        #[test]
        fn all_that_meet_are_found_and_no_others(
            boxes in proptest::collection::vec(any_box(), 1..120),
            asked in proptest::collection::vec(any_box(), 1..8),
        ) {
            let others: Vec<&PacketBox> = boxes.iter().collect();
            let mut index = Index::new(&others);
            let mut found = Vec::new();
            for one in asked.iter().chain(&asked) {
                index.meeting(one, &mut found);
                let expected: Vec<usize> = (0..boxes.len()).filter(|place| one.meets(&boxes[*place])).collect();
                prop_assert_eq!(&found, &expected);
            }
        }
    }
}
