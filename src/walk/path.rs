//! A whole way between two ends: out of one place, into another, and the routes there and back.

use super::checkpoint::{Checkpoint, Manner};
use super::crossing::between;
use super::outcome::Part;
use crate::model::Verdict;
use crate::sets::PacketSet;

/// The parts of a set of packets that passes the source's layers, where the source is a place, and then the
/// destination's. Steps of the source are outbound, those of the destination inbound (S65). Between two places
/// it crosses the peerings of their networks.
pub fn along(
    source: Option<&Checkpoint<'_>>,
    destination: Option<&Checkpoint<'_>>,
    packets: &PacketSet,
    manner: Manner,
) -> Vec<Part> {
    let out = source.map(|checkpoint| checkpoint.ask_in(packets, manner));
    let into = destination.map(|checkpoint| checkpoint.ask_in(packets, manner));
    match (out, into) {
        (Some(out), Some(into)) => {
            let parts = Checkpoint::then(&out, &into);
            match (source, destination) {
                (Some(source), Some(destination)) => {
                    let gates = between(source.point, destination.point, packets);
                    gates.iter().fold(parts, |parts, gate| cross(parts, gate, manner))
                }
                _ => parts,
            }
        }
        (Some(parts), None) | (None, Some(parts)) => parts,
        (None, None) => Vec::new(),
    }
}

/// Parts cut where a gate has a say. What is blocked needs it only where every layer is asked.
fn cross(parts: Vec<Part>, gate: &Part, manner: Manner) -> Vec<Part> {
    let mut passed = Vec::new();
    for part in parts {
        if part.verdict() == Verdict::Blocked && !manner.every_layer {
            passed.push(part);
            continue;
        }
        let rest = part.packets.difference(&gate.packets);
        passed.extend(part.and_then(gate));
        if !rest.is_empty() {
            passed.push(Part { packets: rest, ..part });
        }
    }
    passed
}
