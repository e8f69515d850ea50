//! A flat list of disjoint boxes whose sides are sorted intervals, cut rule by rule.

use crate::question::{Parts, Tally, World};
use flowcheck::sets::{PacketBox, PacketSet};

/// The boxes of each rule.
pub(crate) struct Boxes(Vec<(usize, Vec<PacketBox>)>);

impl Boxes {
    pub(crate) fn build(worlds: &[World]) -> Self {
        let mut parts = Vec::new();
        for world in worlds {
            let mut open = vec![world.asked.clone()];
            for matcher in &world.rules {
                let mut rest = Vec::with_capacity(open.len());
                let taken = open.iter().filter_map(|part| part.split(&matcher.sides, &mut rest)).collect();
                parts.push((matcher.rule, taken));
                open = rest;
            }
        }
        Self(parts)
    }
}

impl Parts for Boxes {
    fn size(&self) -> usize {
        self.0.iter().map(|(_, boxes)| boxes.len()).sum()
    }

    fn tally(&self) -> Tally {
        let mut tally = Tally::new();
        for (rule, boxes) in self.0.iter().filter(|(_, boxes)| !boxes.is_empty()) {
            let packets = boxes.iter().map(|part| PacketSet::product(part).size());
            *tally.entry(*rule).or_default() += packets.sum::<flowcheck::sets::Count>();
        }
        tally
    }
}
