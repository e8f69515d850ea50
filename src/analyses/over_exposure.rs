//! What the rules let in from the Internet that no flow of the instance needs.

use super::FlowAnswer;
use super::answer_text::{net_list, port_list};
use crate::finding::{Code, Finding};
use crate::flows::{FlowDirection, Ground, Need, NoAsk, Ports};
use crate::model::Verdict;
use crate::sets::{AddressSet, PacketBox, PacketSet, PortSet, ProtocolSet, address_count};
use crate::tags::special;
use crate::walk::{Checkpoint, Decider};
use std::collections::BTreeMap;

/// One finding for each custom rule that lets in traffic from the Internet beyond what the applicable rows
/// of the catalogue need, their optional ones included.
pub fn findings(flows: &[FlowAnswer], ground: &Ground<'_>, inbound: &Checkpoint<'_>) -> Vec<Finding> {
    if inbound.group().is_none() {
        return Vec::new();
    }
    let needed: Vec<PacketBox> = flows
        .iter()
        .filter(|flow| flow.verdict != Verdict::NotApplicable && flow.row.direction == FlowDirection::In)
        .flat_map(|flow| needed(flow, ground))
        .collect();
    let mut by_rule: BTreeMap<Decider, PacketBox> = BTreeMap::new();
    // A finding names sources and ports, not which go together: the hulls of what is let in say it all.
    for (sides, outcome) in inbound.hulls(Verdict::Allowed, &from_internet(ground), &needed) {
        let Some(decider) = outcome.decider() else { continue };
        if decider.rule.is_some() && !decider.is_default() {
            let exposed = by_rule.entry(decider.clone()).or_insert_with(|| sides.clone());
            *exposed = exposed.hull(&sides);
        }
    }
    by_rule.iter().map(|(decider, sides)| finding(decider, sides)).collect()
}

/// Everything that can come in from the Internet, to the whole subnet; blocks that not every recording of
/// the tag holds are left out, as in the needs (U20).
fn from_internet(ground: &Ground<'_>) -> PacketSet {
    let platform = AddressSet::one(special::WIRE_SERVER.into());
    let inside = ground.point.surroundings.private.union(&platform);
    let left_out = inside.union(&special::unsettled_internet());
    PacketSet::product(&PacketBox {
        protocols: ProtocolSet::ALL,
        source: special::internet().only_v4().difference(&left_out),
        source_ports: PortSet::all(),
        destination: ground.point.own.usable.clone(),
        destination_ports: PortSet::all(),
    })
}

/// What a row needs, from any source port, since rules leave it open.
fn needed(flow: &FlowAnswer, ground: &Ground<'_>) -> Vec<PacketBox> {
    let Need::Packets(need) = flow.row.need else { return Vec::new() };
    match ground.ask(flow.row, &need) {
        Ok(ask) => {
            let widen = |part: &PacketBox| PacketBox { source_ports: PortSet::all(), ..part.clone() };
            ask.packets.boxes().iter().map(widen).collect()
        }
        // Who needs it is not known, so nobody is said not to.
        Err(NoAsk::Unknown(_)) => PacketSet::product(&PacketBox {
            protocols: ProtocolSet::ALL,
            source: AddressSet::all(),
            source_ports: PortSet::all(),
            destination: AddressSet::all(),
            destination_ports: match need.ports {
                Ports::Ranges(ranges) => ranges.iter().map(|range| (range.low(), range.high())).collect(),
                Ports::Parameter(_) => PortSet::all(),
            },
        })
        .boxes()
        .to_vec(),
        Err(NoAsk::NotApplicable(_)) => Vec::new(),
    }
}

fn finding(decider: &Decider, sides: &PacketBox) -> Finding {
    let rule = decider.rule.as_deref().unwrap_or_default();
    let message = format!(
        "`{rule}` lets {} of the Internet reach {} that no flow needs, as {}",
        address_count(&sides.source.size()),
        port_list(&sides.destination_ports),
        net_list(&sides.source, 3)
    );
    Finding::new(Code::OverExposure, &decider.origin, message)
        .fix("narrow the source to the tag or the prefixes that need it, or the ports to those that are needed")
        .about(rule)
}
