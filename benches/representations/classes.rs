//! The values of each field by which rules hold them: what the diagram and the rows of bits begin with.
//!
//! Written for the comparison, in the plainest way that is not slow: the product's own are out of reach here.

use crate::question::World;
use flowcheck::sets::{AddressSet, IntervalSet, PacketBox, Point, PortSet, ProtocolSet};
use rustc_hash::FxHashMap;

/// How many fields a box has.
pub(crate) const FIELDS: usize = 5;

/// The classes of one field.
pub(crate) struct Field {
    /// How many values each class has.
    pub(crate) sizes: Vec<u64>,
    /// The classes of each distinct side, one bit a class.
    sides: Vec<Vec<u64>>,
    /// The side of each rule.
    of_rule: Vec<usize>,
}

impl Field {
    /// The classes that a rule holds.
    pub(crate) fn of(&self, rule: usize) -> &[u64] {
        &self.sides[self.of_rule[rule]]
    }

    pub(crate) fn count(&self) -> usize {
        self.sizes.len()
    }
}

/// The classes of all fields: protocol, destination port, source, destination, source port.
pub(crate) fn fields(world: &World) -> [Field; FIELDS] {
    let sides: [fn(&PacketBox) -> Ranges; FIELDS] = [
        |sides| protocols(sides.protocols),
        |sides| ports(&sides.destination_ports),
        |sides| addresses(&sides.source),
        |sides| addresses(&sides.destination),
        |sides| ports(&sides.source_ports),
    ];
    std::array::from_fn(|at| {
        let is_port = at == 1 || at == 4;
        let mut field = field(world, sides[at]);
        if is_port && !world.has_ports() {
            field.sizes = vec![1; field.count()];
        }
        field
    })
}

type Ranges = Vec<(u32, u32)>;

fn ranges<T: Point + Into<u32>>(set: &IntervalSet<T>) -> Ranges {
    set.intervals().iter().map(|interval| (interval.first.into(), interval.last.into())).collect()
}

fn addresses(set: &AddressSet) -> Ranges {
    ranges(&set.v4)
}

fn ports(set: &PortSet) -> Ranges {
    ranges(set)
}

fn protocols(set: ProtocolSet) -> Ranges {
    let numbers = set.iter().map(|protocol| (u16::from(protocol.0), u16::from(protocol.0)));
    ranges(&numbers.collect::<PortSet>())
}

fn field(world: &World, side: fn(&PacketBox) -> Ranges) -> Field {
    let mut known: FxHashMap<Ranges, usize> = FxHashMap::default();
    let within = side(&world.asked);
    let mut distinct = Vec::new();
    let of_rule = world
        .rules
        .iter()
        .map(|matcher| {
            *known.entry(side(&matcher.sides)).or_insert_with_key(|ranges| {
                distinct.push(ranges.clone());
                distinct.len() - 1
            })
        })
        .collect();
    let (sizes, sides) = sweep(&within, &distinct);
    Field { sizes, sides, of_rule }
}

/// One pass over all ends of all sets. Bit 0 of the state is what is asked.
fn sweep(within: &Ranges, sets: &[Ranges]) -> (Vec<u64>, Vec<Vec<u64>>) {
    let mut ends: Vec<(u64, usize)> = Vec::new();
    for (bit, set) in std::iter::once(within).chain(sets).enumerate() {
        for (first, last) in set {
            ends.push((u64::from(*first), bit));
            ends.push((u64::from(*last) + 1, bit));
        }
    }
    ends.sort_unstable();
    let mut now = vec![0u64; (sets.len() + 1).div_ceil(64)];
    let mut known: FxHashMap<Vec<u64>, usize> = FxHashMap::default();
    let mut sizes: Vec<u64> = Vec::new();
    let mut at = 0;
    while at < ends.len() {
        let value = ends[at].0;
        while at < ends.len() && ends[at].0 == value {
            now[ends[at].1 / 64] ^= 1 << (ends[at].1 % 64);
            at += 1;
        }
        if now[0] & 1 == 1 {
            let class = match known.get(&now) {
                Some(class) => *class,
                None => {
                    sizes.push(0);
                    known.insert(now.clone(), sizes.len() - 1);
                    sizes.len() - 1
                }
            };
            sizes[class] += ends[at].0 - value;
        }
    }
    let mut rows: Vec<(&Vec<u64>, usize)> = known.iter().map(|(row, class)| (row, *class)).collect();
    rows.sort_unstable_by_key(|(_, class)| *class);
    let mut members = vec![vec![0; words(sizes.len())]; sets.len()];
    for (row, class) in rows {
        for set in ones(row).filter(|set| *set > 0) {
            members[set - 1][class / 64] |= 1 << (class % 64);
        }
    }
    (sizes, members)
}

pub(crate) fn words(bits: usize) -> usize {
    bits.div_ceil(64).max(1)
}

/// The set bits, ascending.
pub(crate) fn ones(row: &[u64]) -> impl Iterator<Item = usize> + '_ {
    row.iter().enumerate().flat_map(|(at, word)| {
        let mut word = *word;
        std::iter::from_fn(move || {
            (word != 0).then(|| {
                let bit = word.trailing_zeros() as usize;
                word &= word - 1;
                at * 64 + bit
            })
        })
    })
}
