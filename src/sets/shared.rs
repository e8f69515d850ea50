//! Equal sets in one piece of memory, for answers that are kept: many places have the same tags.

use super::{AddressSet, IntervalSet, PacketSet, Point};
use rustc_hash::FxHashSet;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// Sets of so few intervals are as large as the reference to them.
const SMALL: usize = 4;

/// Sets of addresses that were met, each once.
#[derive(Debug, Default)]
pub struct SharedSets {
    v4: Mutex<FxHashSet<IntervalSet<u32>>>,
    v6: Mutex<FxHashSet<IntervalSet<u128>>>,
}

impl SharedSets {
    fn share(&self, set: &mut AddressSet) {
        share_one(&self.v4, &mut set.v4);
        share_one(&self.v6, &mut set.v6);
    }
}

fn share_one<P: Point + Hash>(known: &Mutex<FxHashSet<IntervalSet<P>>>, set: &mut IntervalSet<P>) {
    if set.intervals().len() <= SMALL {
        return;
    }
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    match known.get(set) {
        Some(same) => *set = same.clone(),
        None => {
            known.insert(set.clone());
        }
    }
}

impl PacketSet {
    /// Puts sides that are in the shared sets in the place of equal ones of its own.
    pub fn share_sides(&mut self, shared: &SharedSets) {
        for one in self.boxes_mut() {
            shared.share(&mut one.source);
            shared.share(&mut one.destination);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sets::PacketBox;

    #[test]
    fn equal_sets_are_kept_once() {
        let nets = (0..10).filter_map(|third| format!("10.0.{}.0/24", 2 * third).parse().ok());
        let nets: Vec<ipnet::IpNet> = nets.collect();
        let packets = || {
            let every = PacketSet::all().boxes()[0].clone();
            PacketSet::product(&PacketBox { source: AddressSet::from_nets(nets.clone()), ..every })
        };
        let (mut one, mut other) = (packets(), packets());
        let before = one.clone();
        let shared = SharedSets::default();
        one.share_sides(&shared);
        other.share_sides(&shared);
        let place = |set: &PacketSet| set.boxes()[0].source.v4.intervals().as_ptr();
        assert_eq!(place(&one), place(&other));
        assert_eq!(one, before);
    }
}
