//! Sets by number, so that a set that many rules share is looked at once.

use rustc_hash::FxHashMap;
use std::hash::Hash;

/// Distinct sets, numbered in the order in which they came.
#[derive(Clone, Debug)]
pub(crate) struct Distinct<S, K> {
    /// Each set once, by its number.
    pub(crate) sets: Vec<S>,
    by_address: FxHashMap<K, usize>,
    by_content: FxHashMap<S, usize>,
}

impl<S: Clone + Eq + Hash, K: Eq + Hash> Distinct<S, K> {
    /// No set yet.
    pub(crate) fn new() -> Self {
        Self { sets: Vec::new(), by_address: FxHashMap::default(), by_content: FxHashMap::default() }
    }

    /// The number of a set. `address` is equal only for equal sets: it saves looking at the content.
    pub(crate) fn number(&mut self, set: &S, address: K) -> usize {
        let Self { sets, by_address, by_content } = self;
        *by_address.entry(address).or_insert_with(|| {
            *by_content.entry(set.clone()).or_insert_with(|| {
                sets.push(set.clone());
                sets.len() - 1
            })
        })
    }

    /// The number of a set, where it has one.
    pub(crate) fn find(&self, set: &S, address: &K) -> Option<usize> {
        self.by_address.get(address).or_else(|| self.by_content.get(set)).copied()
    }
}
