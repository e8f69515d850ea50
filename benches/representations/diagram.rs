//! An interval decision diagram with shared nodes, folded from the last rule to the first.
//!
//! A node has the values of one field as intervals of class numbers, each with the node of the next field;
//! below the last field stands the rule that decides. Equal nodes are one. A rule is laid over the diagram of
//! the rules behind it; what becomes of a node is remembered for as long as the rule is.

use crate::classes::{FIELDS, Field, fields, ones};
use crate::question::{Parts, Tally, World};
use flowcheck::sets::Count;
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// The diagram of each world.
pub(crate) struct Diagrams(Vec<Diagram>);

/// The last class of an interval, and the node or the decider below it.
type Edges = Rc<[(u32, u32)]>;

struct Diagram {
    fields: [Field; FIELDS],
    nodes: Vec<Edges>,
    known: [FxHashMap<Edges, u32>; FIELDS],
    root: u32,
    /// The rules by the number under which they decide.
    deciders: Vec<usize>,
}

/// Below the last field: no rule decides.
const NOBODY: u32 = u32::MAX;

impl Diagrams {
    pub(crate) fn build(worlds: &[World]) -> Self {
        Self(worlds.iter().map(Diagram::build).collect())
    }
}

impl Diagram {
    fn build(world: &World) -> Self {
        let mut diagram = Self {
            fields: fields(world),
            nodes: Vec::new(),
            known: Default::default(),
            root: NOBODY,
            deciders: world.rules.iter().map(|matcher| matcher.rule).collect(),
        };
        for level in (0..FIELDS).rev() {
            let last = diagram.fields[level].count() as u32 - 1;
            diagram.root = diagram.node(level, vec![(last, diagram.root)]);
        }
        let mut done = FxHashMap::default();
        for rule in (0..world.rules.len()).rev() {
            let sides: [Vec<(u32, u32)>; FIELDS] =
                std::array::from_fn(|level| intervals(diagram.fields[level].of(rule)));
            done.clear();
            diagram.root = diagram.lay(0, diagram.root, &sides, rule as u32, &mut done);
        }
        diagram
    }

    fn node(&mut self, level: usize, edges: Vec<(u32, u32)>) -> u32 {
        let edges: Edges = edges.into();
        let Self { nodes, known, .. } = self;
        *known[level].entry(edges).or_insert_with_key(|edges| {
            nodes.push(Rc::clone(edges));
            nodes.len() as u32 - 1
        })
    }

    /// The node with a rule over it.
    fn lay(
        &mut self,
        level: usize,
        node: u32,
        sides: &[Vec<(u32, u32)>; FIELDS],
        rule: u32,
        done: &mut FxHashMap<u32, u32>,
    ) -> u32 {
        if level == FIELDS {
            return rule;
        }
        // Nodes of different fields have different numbers, so one memory serves all.
        if let Some(known) = done.get(&node) {
            return *known;
        }
        let old = Rc::clone(&self.nodes[node as usize]);
        let mut edges: Vec<(u32, u32)> = Vec::with_capacity(old.len() + 2);
        let mut side = sides[level].iter().copied().peekable();
        let mut at = 0;
        for (last, child) in old.iter().copied() {
            while let Some((first, end)) = side.peek().copied().filter(|(first, _)| *first <= last) {
                if first > at {
                    push(&mut edges, first - 1, child);
                }
                let below = self.lay(level + 1, child, sides, rule, done);
                push(&mut edges, end.min(last), below);
                at = end.min(last) + 1;
                if end > last {
                    // The interval goes on in the next edge.
                    break;
                }
                side.next();
            }
            if at <= last {
                push(&mut edges, last, child);
                at = last + 1;
            }
        }
        let new = self.node(level, edges);
        done.insert(node, new);
        new
    }

    /// Nodes that the root leads to, each field's before the next one's, with the packets that reach each.
    fn reached(&self) -> Vec<FxHashMap<u32, Count>> {
        let mut levels = vec![FxHashMap::from_iter([(self.root, Count::from(1u8))])];
        for level in 0..FIELDS {
            let mut next: FxHashMap<u32, Count> = FxHashMap::default();
            let mut nodes: Vec<(&u32, &Count)> = levels[level].iter().collect();
            nodes.sort_unstable();
            for (node, packets) in nodes {
                let mut first = 0;
                for (last, child) in self.nodes[*node as usize].iter() {
                    let values: u64 = self.fields[level].sizes[first..=*last as usize].iter().sum();
                    *next.entry(*child).or_default() += packets * values;
                    first = *last as usize + 1;
                }
            }
            levels.push(next);
        }
        levels
    }
}

fn push(edges: &mut Vec<(u32, u32)>, last: u32, child: u32) {
    match edges.last_mut() {
        Some(edge) if edge.1 == child => edge.0 = last,
        _ => edges.push((last, child)),
    }
}

fn intervals(classes: &[u64]) -> Vec<(u32, u32)> {
    let mut intervals: Vec<(u32, u32)> = Vec::new();
    for class in ones(classes).map(|class| class as u32) {
        match intervals.last_mut() {
            Some((_, last)) if *last + 1 == class => *last = class,
            _ => intervals.push((class, class)),
        }
    }
    intervals
}

impl Parts for Diagrams {
    fn size(&self) -> usize {
        let nodes = |diagram: &Diagram| diagram.reached()[..FIELDS].iter().map(FxHashMap::len).sum::<usize>();
        self.0.iter().map(nodes).sum()
    }

    fn tally(&self) -> Tally {
        let mut tally = Tally::new();
        for diagram in &self.0 {
            let mut decided: Vec<(u32, Count)> = diagram.reached().pop().into_iter().flatten().collect();
            decided.sort_unstable();
            for (number, packets) in decided {
                if let Some(rule) = diagram.deciders.get(number as usize) {
                    *tally.entry(*rule).or_default() += packets;
                }
            }
        }
        tally
    }
}
