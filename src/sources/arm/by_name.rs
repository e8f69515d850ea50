//! Maps by name, of which one template asks some thousands of times.

use rustc_hash::{FxHasher, FxSeededState};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;

/// What stands under each name. Nothing is ever taken from it in its own order.
pub(super) type ByName<K, V> = HashMap<K, V, QuickState>;

/// Quick hashes of short texts, begun with a number of this run, so that no file can be written in which all are
/// equal.
#[derive(Clone)]
pub(super) struct QuickState(FxSeededState);

impl Default for QuickState {
    fn default() -> Self {
        static SEED: OnceLock<usize> = OnceLock::new();
        // Which half of the number is left out on a smaller machine does not matter.
        let seed = *SEED.get_or_init(|| RandomState::new().hash_one(0) as usize);
        Self(FxSeededState::with_seed(seed))
    }
}

impl BuildHasher for QuickState {
    type Hasher = FxHasher;

    fn build_hasher(&self) -> FxHasher {
        self.0.build_hasher()
    }
}
