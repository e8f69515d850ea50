//! Rows of bit sets: for each kind of protocol and ports, and each class of destinations, the classes of
//! sources that each rule decides.
//!
//! Kinds that the same rules match share their rows; a rule whose addresses an earlier one of them holds has no
//! part in it.

use crate::classes::{FIELDS, Field, fields, ones, words};
use crate::question::{Parts, Tally, World};
use flowcheck::sets::Count;
use rustc_hash::FxHashMap;

/// The rows of each world.
pub(crate) struct Rows(Vec<Table>);

struct Table {
    fields: [Field; FIELDS],
    /// How many kinds of packets share a list of rules, in packets a pair of addresses.
    weights: Vec<u64>,
    /// List of rules, class of destinations, rule.
    keys: Vec<(u32, u32, usize)>,
    /// For each key the classes of sources.
    bits: Vec<u64>,
}

impl Rows {
    pub(crate) fn build(worlds: &[World]) -> Self {
        Self(worlds.iter().map(Table::build).collect())
    }
}

impl Table {
    fn build(world: &World) -> Self {
        let fields = fields(world);
        let (lists, weights) = kinds(&fields, world.rules.len());
        let mut table = Self { fields, weights, keys: Vec::new(), bits: Vec::new() };
        for (number, list) in (0..).zip(&lists) {
            table.decide(number, list, world);
        }
        table
    }

    fn decide(&mut self, number: u32, list: &[u64], world: &World) {
        let [_, _, source, destination, _] = &self.fields;
        let width = words(source.count());
        let mut open = vec![0u64; width * destination.count()];
        let mut full = vec![0u64; width];
        (0..source.count()).for_each(|class| full[class / 64] |= 1 << (class % 64));
        open.chunks_exact_mut(width).for_each(|row| row.copy_from_slice(&full));
        let mut closed = 0;
        for rule in ones(list) {
            let sources = source.of(rule);
            for class in ones(destination.of(rule)) {
                let row = &mut open[class * width..][..width];
                let start = self.bits.len();
                self.bits.extend(row.iter().zip(sources).map(|(open, source)| open & source));
                if self.bits[start..].iter().all(|word| *word == 0) {
                    self.bits.truncate(start);
                    continue;
                }
                self.keys.push((number, class as u32, world.rules[rule].rule));
                row.iter_mut().zip(sources).for_each(|(open, source)| *open &= !source);
                closed += usize::from(row.iter().all(|word| *word == 0));
            }
            if closed == destination.count() {
                return;
            }
        }
    }
}

/// The distinct lists of rules that packets of one protocol and both ports meet, with the packets of each.
fn kinds(fields: &[Field; FIELDS], rules: usize) -> (Vec<Vec<u64>>, Vec<u64>) {
    let [protocols, destination_ports, _, _, source_ports] = fields;
    let holders = |field: &Field| {
        let mut holders = vec![vec![0u64; words(rules)]; field.count()];
        for rule in 0..rules {
            ones(field.of(rule)).for_each(|class| holders[class][rule / 64] |= 1 << (rule % 64));
        }
        holders
    };
    let (by_protocol, by_port, by_source_port) =
        (holders(protocols), holders(destination_ports), holders(source_ports));
    let hidden_by = hidden_by(fields, rules);
    let mut known: FxHashMap<Vec<u64>, usize> = FxHashMap::default();
    let (mut lists, mut weights) = (Vec::new(), Vec::new());
    let common = |a: &[u64], b: &[u64]| a.iter().zip(b).map(|(a, b)| a & b).collect::<Vec<u64>>();
    for (protocol, size) in by_protocol.iter().zip(&protocols.sizes) {
        for (port, ports) in by_port.iter().zip(&destination_ports.sizes) {
            let both = common(protocol, port);
            for (source_port, source_ports) in by_source_port.iter().zip(&source_ports.sizes) {
                let mut list = common(&both, source_port);
                for rule in ones(&list.clone()) {
                    if hidden_by[rule].iter().zip(&list).any(|(a, b)| a & b != 0) {
                        list[rule / 64] &= !(1 << (rule % 64));
                    }
                }
                let number = *known.entry(list).or_insert_with_key(|list| {
                    lists.push(list.clone());
                    weights.push(0);
                    weights.len() - 1
                });
                weights[number] += size * ports * source_ports;
            }
        }
    }
    (lists, weights)
}

/// For each rule the earlier ones that hold it in both address fields.
fn hidden_by(fields: &[Field; FIELDS], rules: usize) -> Vec<Vec<u64>> {
    let [_, _, source, destination, _] = fields;
    let holds = |field: &Field, outer: usize, inner: usize| {
        field.of(outer).iter().zip(field.of(inner)).all(|(outer, inner)| inner & !outer == 0)
    };
    let row = |inner: usize| {
        let mut row = vec![0u64; words(rules)];
        let outer =
            (0..inner).filter(|outer| holds(source, *outer, inner) && holds(destination, *outer, inner));
        outer.for_each(|outer| row[outer / 64] |= 1 << (outer % 64));
        row
    };
    (0..rules).map(row).collect()
}

impl Parts for Rows {
    fn size(&self) -> usize {
        self.0.iter().map(|table| table.keys.len()).sum()
    }

    fn tally(&self) -> Tally {
        let mut tally = Tally::new();
        for Table { fields: [_, _, source, destination, _], weights, keys, bits } in &self.0 {
            for ((list, class, rule), row) in keys.iter().zip(bits.chunks_exact(words(source.count()))) {
                let sources: u64 = ones(row).map(|class| source.sizes[class]).sum();
                *tally.entry(*rule).or_default() +=
                    Count::from(weights[*list as usize]) * destination.sizes[*class as usize] * sources;
            }
        }
        tally
    }
}
