//! A whole way between two ends: out of one place, into another, and the routes there and back.

use super::checkpoint::{Checkpoint, Manner};
use super::outcome::Part;
use crate::sets::PacketSet;

/// The parts of a set of packets that passes the source's layers, where the source is a place, and then the
/// destination's. Steps of the source are outbound, those of the destination inbound (S65).
pub fn along(
    source: Option<&Checkpoint<'_>>,
    destination: Option<&Checkpoint<'_>>,
    packets: &PacketSet,
    manner: Manner,
) -> Vec<Part> {
    let out = source.map(|checkpoint| checkpoint.ask_in(packets, manner));
    let into = destination.map(|checkpoint| checkpoint.ask_in(packets, manner));
    match (out, into) {
        (Some(out), Some(into)) => Checkpoint::then(&out, &into),
        (Some(parts), None) | (None, Some(parts)) => parts,
        (None, None) => Vec::new(),
    }
}
