//! `copy` loops: their counts, and the ones on properties, variables and outputs.
//!
//! A count above Azure's 800, below 0 or of another type is a finding, and nothing is expanded. A count
//! that is not known makes the whole value unknown; nothing is guessed.

use super::evaluate::{Engine, Env, Loop, MAX_COPIES};
use crate::model::Gap;
use crate::sources::json::{Kind, Node};
use std::sync::Arc;

/// How often a loop runs.
pub(super) enum Count {
    Times(i64),
    Unknown(Gap),
    /// A finding was made.
    Wrong,
}

impl Engine {
    /// How often a loop runs.
    pub(super) fn count(&mut self, env: &Env, looped: &Node) -> Count {
        let Some(raw) = looped.get("count") else {
            self.report(&looped.origin(), "a `copy` loop without `count`");
            return Count::Wrong;
        };
        let count = self.value(env, raw);
        if let Some(gap) = count.gap() {
            return Count::Unknown(gap.clone());
        }
        match count.as_integer() {
            Some(times @ 0..=MAX_COPIES) => Count::Times(times),
            Some(times) => {
                let message =
                    format!("a `copy` loop of {times} is outside of 0..={MAX_COPIES}, Azure's limit");
                self.report(&raw.origin(), message);
                Count::Wrong
            }
            None => {
                let message =
                    format!("the `count` of a `copy` loop is {}, expected an integer", count.type_name());
                self.report(&raw.origin(), message);
                Count::Wrong
            }
        }
    }

    /// The properties that a `copy` array makes; `None` where the value is no such array.
    pub(super) fn property_loops(&mut self, env: &Env, value: &Node) -> Option<Vec<(Arc<str>, Node)>> {
        let loops = value.as_array()?;
        let is_loop = |each: &Node| each.get("name").is_some() && each.get("input").is_some();
        if loops.is_empty() || !loops.iter().all(is_loop) {
            return None;
        }
        let mut made = Vec::with_capacity(loops.len());
        for each in loops {
            let name = each.get("name").map(|name| self.value(env, name));
            match name.as_ref().and_then(Node::as_str) {
                Some(name) => made.push((Arc::from(name), self.property_loop(env, each))),
                None => self.report(&each.origin(), "the `name` of a `copy` loop is not known"),
            }
        }
        Some(made)
    }

    /// The array that one loop makes.
    pub(super) fn property_loop(&mut self, env: &Env, looped: &Node) -> Node {
        let name: Arc<str> = looped.get("name").and_then(Node::as_str).unwrap_or_default().into();
        let what = || format!("the loop `{name}`");
        let times = match self.count(env, looped) {
            Count::Times(times) => times,
            Count::Unknown(gap) => {
                return Node::new(Kind::unknown(what(), gap), looped.place().clone());
            }
            Count::Wrong => return self.lost(looped, &what()),
        };
        let Some(input) = looped.get("input") else {
            self.report(&looped.origin(), "a `copy` loop without `input`");
            return self.lost(looped, &what());
        };
        let mut items = Vec::new();
        for index in 0..times {
            if !self.step(looped.place()) {
                return self.lost(looped, &what());
            }
            let inside = self.inside(env, &name, index, false, looped);
            items.push(self.value(&inside, input));
        }
        self.made(input.place(), Kind::array(items))
    }

    /// The surroundings of one iteration.
    pub(super) fn inside(&self, env: &Env, name: &Arc<str>, index: i64, of_resource: bool, at: &Node) -> Env {
        let index = Node::new(Kind::integer(index), at.place().clone());
        let copies = env.copies.with(Loop { name: Arc::clone(name), index, of_resource });
        Env { copies, ..env.clone() }
    }
}
