//! The control: the allowed packets as a binary decision diagram over the bits of a packet, by a library.
//!
//! It says what is allowed and not by which rule; a diagram for each rule would cost more. Prefixes become
//! diagrams once for each distinct side, then each rule is laid over those behind it.

use crate::classes::FIELDS;
use crate::question::World;
use biodivine_lib_bdd::{Bdd, BddPartialValuation, BddVariable, BddVariableSet};
use flowcheck::sets::{Count, IntervalSet, PacketBox, Point, PortSet};
use rustc_hash::FxHashMap;
use std::time::{Duration, Instant};

/// The allowed packets of each world.
pub(crate) struct Allowed {
    worlds: Vec<(Bdd, bool)>,
    /// How many rules were laid.
    pub(crate) rules: usize,
    /// Whether those are all.
    pub(crate) is_complete: bool,
}

/// Bits of protocol, destination port, source, destination, source port.
const BITS: [u32; FIELDS] = [8, 16, 32, 32, 16];

type Ranges = Vec<(u64, u64)>;

struct Builder {
    set: BddVariableSet,
    bits: Vec<BddVariable>,
    known: FxHashMap<(usize, Ranges), Bdd>,
}

impl Allowed {
    /// Stops laying rules when the time is over.
    pub(crate) fn build(worlds: &[World], limit: Duration) -> Self {
        let begin = Instant::now();
        let set = BddVariableSet::new_anonymous(BITS.iter().sum::<u32>() as u16);
        let mut builder = Builder { bits: set.variables(), set, known: FxHashMap::default() };
        let mut built = Self { worlds: Vec::new(), rules: 0, is_complete: true };
        for world in worlds {
            let mut allowed = builder.set.mk_false();
            for matcher in world.rules.iter().rev() {
                if begin.elapsed() > limit {
                    built.is_complete = false;
                    break;
                }
                let matched = builder.packets(&matcher.sides);
                allowed = if matcher.allows { allowed.or(&matched) } else { allowed.and_not(&matched) };
                built.rules += 1;
            }
            let asked = builder.packets(&world.asked);
            built.worlds.push((allowed.and(&asked), world.has_ports()));
        }
        built
    }

    pub(crate) fn size(&self) -> usize {
        self.worlds.iter().map(|(allowed, _)| allowed.size()).sum()
    }

    /// How many packets are allowed.
    pub(crate) fn packets(&self) -> Count {
        let world = |(allowed, has_ports): &(Bdd, bool)| {
            let bits = allowed.exact_cardinality().to_string().parse::<Count>().unwrap_or_default();
            // Where packets have no ports, those bits are free.
            if *has_ports { bits } else { bits >> 32 }
        };
        self.worlds.iter().map(world).sum()
    }
}

impl Builder {
    fn packets(&mut self, sides: &PacketBox) -> Bdd {
        let numbers = sides.protocols.iter().map(|protocol| (protocol.0.into(), protocol.0.into()));
        let fields = [
            ranges(&numbers.collect::<PortSet>()),
            ranges(&sides.destination_ports),
            ranges(&sides.source.v4),
            ranges(&sides.destination.v4),
            ranges(&sides.source_ports),
        ];
        let mut packets = self.set.mk_true();
        for (field, ranges) in fields.into_iter().enumerate().rev() {
            packets = self.side(field, ranges).and(&packets);
        }
        packets
    }

    fn side(&mut self, field: usize, ranges: Ranges) -> Bdd {
        let Self { set, bits, known } = self;
        let start = BITS[..field].iter().sum::<u32>() as usize;
        let bits = &bits[start..][..BITS[field] as usize];
        known
            .entry((field, ranges))
            .or_insert_with_key(|(field, ranges)| {
                let blocks = ranges.iter().flat_map(|range| blocks(*range, BITS[*field]));
                let clause = |(value, free): (u64, u32)| {
                    let fixed = bits.iter().rev().enumerate().skip(free as usize);
                    BddPartialValuation::from_values_iter(
                        fixed.map(|(place, bit)| (*bit, value >> place & 1 == 1)),
                    )
                };
                set.mk_dnf(&blocks.map(clause).collect::<Vec<_>>())
            })
            .clone()
    }
}

fn ranges<T: Point + Into<u64>>(set: &IntervalSet<T>) -> Ranges {
    set.intervals().iter().map(|interval| (interval.first.into(), interval.last.into())).collect()
}

/// A range as the fewest aligned blocks: the first value of each, and how many bits are free in it.
fn blocks((mut at, last): (u64, u64), bits: u32) -> Vec<(u64, u32)> {
    let mut blocks = Vec::new();
    while at <= last {
        let free = at.trailing_zeros().min(bits).min((last - at + 1).ilog2());
        blocks.push((at, free));
        at += 1 << free;
    }
    blocks
}
