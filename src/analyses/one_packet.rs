//! What becomes of one packet at one attachment point, and why.

use crate::model::{Assumption, Direction, Origin, Packet};
use crate::network::AttachmentPoint;
use crate::rules::RuleOutcome;
use crate::walk::{Checkpoint, Part, one_packet};

/// The answer for one packet.
#[derive(Clone, Debug)]
pub struct PacketAnswer {
    /// The packet.
    pub packet: Packet,
    /// The attachment point that was asked: `network/subnet`, or a group's name.
    pub place: String,
    /// Verdict, layers, deciders and what is missing.
    pub part: Part,
    /// What the verdict rests on.
    pub assumptions: Vec<Assumption>,
    /// Each rule in order up to the one that must match.
    pub trace: Vec<TraceRow>,
}

/// One rule that the packet was held against.
#[derive(Clone, Debug)]
pub struct TraceRow {
    /// The rule's name.
    pub rule: String,
    /// The rule as a line of text.
    pub text: String,
    /// Its place.
    pub origin: Origin,
    /// Whether it matched, or the first field that did not.
    pub outcome: RuleOutcome,
}

/// Asks one packet, in its own direction.
pub fn ask_packet(point: &AttachmentPoint<'_>, packet: &Packet) -> PacketAnswer {
    ask_at(&Checkpoint::new(point, packet.direction), packet)
}

/// Asks one packet at a checkpoint of its direction.
fn ask_at(checkpoint: &Checkpoint<'_>, packet: &Packet) -> PacketAnswer {
    let part = checkpoint.ask_packet(packet);
    let mut assumptions = checkpoint.point.assumptions.clone();
    assumptions.extend(checkpoint.assumptions(&one_packet(packet), std::slice::from_ref(&part)));
    if packet.direction == Direction::Outbound && packet.destination_port == 1688 && packet.protocol.0 == 6 {
        assumptions.push(no_activation_server());
    }
    let row = |(index, outcome): (usize, RuleOutcome)| {
        let rule = &checkpoint.group()?.rules.rules[index];
        Some(TraceRow {
            rule: rule.name.clone(),
            text: rule.to_string(),
            origin: rule.origin.clone(),
            outcome,
        })
    };
    let trace = checkpoint.trace(packet).into_iter().filter_map(row).collect();
    PacketAnswer { packet: *packet, place: checkpoint.point.name.clone(), part, assumptions, trace }
}

/// What an answer about TCP 1688 outbound rests on, unless it asks about those servers.
pub(super) fn no_activation_server() -> Assumption {
    Assumption::new(
        "the destination is not one of Azure's Windows activation servers, which rules do not touch (S103)",
    )
}
