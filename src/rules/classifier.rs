//! Many packets against one policy: a table look-up for each field, then the first common bit.
//!
//! The values of a field fall into classes that no rule tells apart. Each class holds one bit a rule for
//! *may match* and one for *must match*; the intersection over the fields gives the rules of a packet, in
//! order. Serves S1 to S9, and gives what [`Policy::first_match`] gives. Cost: building, a sort of all
//! interval ends; one packet, four binary searches and as many words as there are rules by 64.

use super::first_match::{Decision, decide};
use super::policy::{Pattern, Policy};
use crate::model::{Access, Packet, Protocol};
use crate::sets::{IntervalSet, PacketBox, Point};
use std::collections::HashMap;
use std::net::IpAddr;

/// A policy compiled for one packet after the other.
#[derive(Clone, Debug)]
pub struct Classifier {
    /// For each place in the order: the rule's place in the rule set, its access, and the end of its group.
    rules: Vec<(usize, Option<Access>, usize)>,
    with_ports: Table,
    without_ports: Table,
}

/// The class tables of one kind of protocol.
#[derive(Clone, Debug)]
struct Table {
    words: usize,
    protocols: Vec<Vec<u64>>,
    source_v4: Classes<u32>,
    source_v6: Classes<u128>,
    destination_v4: Classes<u32>,
    destination_v6: Classes<u128>,
    source_ports: Classes<u16>,
    destination_ports: Classes<u16>,
}

impl Classifier {
    /// Builds the tables of a policy.
    pub fn new(policy: &Policy) -> Self {
        let mut rules: Vec<(usize, Option<Access>, usize)> = Vec::with_capacity(policy.rules.len());
        for group in policy.rules.chunk_by(|a, b| a.order == b.order) {
            let end = rules.len() + group.len();
            rules.extend(group.iter().map(|rule| (rule.index, rule.access, end)));
        }
        let patterns = |with_ports: bool| {
            let of_kind = move |pattern: &&Pattern| {
                pattern.may.protocols.iter().next().is_some_and(|protocol| protocol.has_ports() == with_ports)
            };
            let patterns: Vec<(usize, &Pattern)> = policy
                .rules
                .iter()
                .enumerate()
                .flat_map(|(place, rule)| rule.patterns.iter().filter(of_kind).map(move |p| (place, p)))
                .collect();
            Table::new(policy.rules.len(), &patterns)
        };
        Self { rules, with_ports: patterns(true), without_ports: patterns(false) }
    }

    /// What the policy decides about a packet of its direction.
    pub fn decision(&self, packet: &Packet) -> Decision {
        let table = if packet.protocol.has_ports() { &self.with_ports } else { &self.without_ports };
        let fields = table.fields(packet);
        // The end of the group in which a rule must match.
        let settled = table.first(&fields, Need::Must).map(|place| self.rules[place].2);
        let end = settled.unwrap_or(self.rules.len());
        let candidates = table
            .matching(&fields, Need::May)
            .take_while(|place| *place < end)
            .map(|place| (self.rules[place].0, self.rules[place].1));
        decide(candidates, settled.is_some())
    }
}

/// Which half of a class's bits to read.
#[derive(Clone, Copy)]
enum Need {
    May,
    Must,
}

/// The bits of each field's class for one packet.
type Fields<'t> = [&'t [u64]; 5];

impl Table {
    fn new(rules: usize, patterns: &[(usize, &Pattern)]) -> Self {
        let words = rules.div_ceil(64).max(1);
        let mut protocols = vec![vec![0; 2 * words]; 256];
        for (place, pattern) in patterns {
            for Protocol(number) in pattern.may.protocols.iter() {
                set_bit(&mut protocols[usize::from(number)], *place);
            }
            for Protocol(number) in pattern.must.iter().flat_map(|must| must.protocols.iter()) {
                set_bit(&mut protocols[usize::from(number)][words..], *place);
            }
        }
        macro_rules! classes {
            ($($side:tt)+) => {
                Classes::new(words, patterns, |sides: &PacketBox| sides.$($side)+.clone())
            };
        }
        Self {
            words,
            protocols,
            source_v4: classes!(source.v4),
            source_v6: classes!(source.v6),
            destination_v4: classes!(destination.v4),
            destination_v6: classes!(destination.v6),
            source_ports: classes!(source_ports),
            destination_ports: classes!(destination_ports),
        }
    }

    fn fields(&self, packet: &Packet) -> Fields<'_> {
        let source = match packet.source {
            IpAddr::V4(address) => self.source_v4.bits(address.to_bits()),
            IpAddr::V6(address) => self.source_v6.bits(address.to_bits()),
        };
        let destination = match packet.destination {
            IpAddr::V4(address) => self.destination_v4.bits(address.to_bits()),
            IpAddr::V6(address) => self.destination_v6.bits(address.to_bits()),
        };
        [
            &self.protocols[usize::from(packet.protocol.0)],
            self.destination_ports.bits(packet.destination_port),
            source,
            destination,
            self.source_ports.bits(packet.source_port),
        ]
    }

    fn word(&self, fields: &Fields<'_>, need: Need, at: usize) -> u64 {
        let at = match need {
            Need::May => at,
            Need::Must => at + self.words,
        };
        fields.iter().fold(u64::MAX, |common, bits| common & bits[at])
    }

    fn first(&self, fields: &Fields<'_>, need: Need) -> Option<usize> {
        (0..self.words).find_map(|at| {
            let word = self.word(fields, need, at);
            (word != 0).then(|| at * 64 + word.trailing_zeros() as usize)
        })
    }

    fn matching<'a>(&'a self, fields: &'a Fields<'_>, need: Need) -> impl Iterator<Item = usize> + 'a {
        (0..self.words).flat_map(move |at| {
            let mut word = self.word(fields, need, at);
            std::iter::from_fn(move || {
                (word != 0).then(|| {
                    let bit = word.trailing_zeros() as usize;
                    word &= word - 1;
                    at * 64 + bit
                })
            })
        })
    }
}

/// The values of one field by class.
#[derive(Clone, Debug)]
struct Classes<T> {
    /// The first value of each run of values of one class, ascending; the first run starts at the first value.
    starts: Vec<T>,
    /// The class of each run, as the place of its bits.
    class: Vec<u32>,
    bits: Vec<u64>,
    width: usize,
}

impl<T: Point + std::hash::Hash> Classes<T> {
    fn new(
        words: usize,
        patterns: &[(usize, &Pattern)],
        side: impl Fn(&PacketBox) -> IntervalSet<T>,
    ) -> Self {
        let width = 2 * words;
        // Where a bit changes: a value and the bit to flip.
        let mut flips: Vec<(T, usize)> = Vec::new();
        for (place, pattern) in patterns {
            flip_ends(&side(&pattern.may), *place, &mut flips);
            if let Some(must) = &pattern.must {
                flip_ends(&side(must), *place + words * 64, &mut flips);
            }
        }
        flips.sort_unstable();
        let mut classes = Self { starts: Vec::new(), class: Vec::new(), bits: Vec::new(), width };
        let mut known: HashMap<Vec<u64>, u32> = HashMap::new();
        let mut now = vec![0; width];
        if flips.first().is_none_or(|(value, _)| *value != T::FIRST) {
            classes.push_run(T::FIRST, &now, &mut known);
        }
        for run in flips.chunk_by(|a, b| a.0 == b.0) {
            for (_, bit) in run {
                now[bit / 64] ^= 1 << (bit % 64);
            }
            classes.push_run(run[0].0, &now, &mut known);
        }
        classes
    }

    fn push_run(&mut self, start: T, bits: &[u64], known: &mut HashMap<Vec<u64>, u32>) {
        let class = match known.get(bits) {
            Some(class) => *class,
            None => {
                let class = (self.bits.len() / self.width) as u32;
                self.bits.extend_from_slice(bits);
                known.insert(bits.to_vec(), class);
                class
            }
        };
        self.starts.push(start);
        self.class.push(class);
    }

    fn bits(&self, value: T) -> &[u64] {
        // The first run starts at the first value, so there is always a run at or before.
        let run = self.starts.partition_point(|start| *start <= value).saturating_sub(1);
        let at = self.class[run] as usize * self.width;
        &self.bits[at..at + self.width]
    }
}

fn flip_ends<T: Point>(set: &IntervalSet<T>, bit: usize, flips: &mut Vec<(T, usize)>) {
    for interval in set.intervals() {
        flips.push((interval.first, bit));
        flips.extend(interval.last.next().map(|next| (next, bit)));
    }
}

fn set_bit(words: &mut [u64], bit: usize) {
    words[bit / 64] |= 1 << (bit % 64);
}
