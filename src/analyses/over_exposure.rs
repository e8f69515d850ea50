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
    let asked = from_internet(ground);
    let needed = flows
        .iter()
        .filter(|flow| flow.verdict != Verdict::NotApplicable && flow.row.direction == FlowDirection::In)
        .filter_map(|flow| needed(flow, ground))
        .fold(PacketSet::empty(), |all, packets| all.union(&packets));
    let mut by_rule: BTreeMap<Decider, PacketSet> = BTreeMap::new();
    for part in inbound.ask(&asked) {
        let Some(decider) = part.outcome.decider().filter(|_| part.verdict() == Verdict::Allowed) else {
            continue;
        };
        let beyond = part.packets.difference(&needed);
        if decider.rule.is_some() && !decider.is_default() && !beyond.is_empty() {
            let exposed = by_rule.entry(decider.clone()).or_default();
            *exposed = exposed.union(&beyond);
        }
    }
    by_rule.iter().map(|(decider, packets)| finding(decider, packets)).collect()
}

/// Everything that can come in from the Internet, to the whole subnet; blocks that not every recording of
/// the tag holds are left out, as in the needs (U20).
fn from_internet(ground: &Ground<'_>) -> PacketSet {
    let platform = AddressSet::one(special::WIRE_SERVER.into());
    let inside = ground.point.surroundings.virtual_network.must.union(&platform);
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
fn needed(flow: &FlowAnswer, ground: &Ground<'_>) -> Option<PacketSet> {
    let Need::Packets(need) = flow.row.need else { return None };
    let widen =
        |part: &PacketBox| PacketSet::product(&PacketBox { source_ports: PortSet::all(), ..part.clone() });
    match ground.ask(flow.row, &need) {
        Ok(ask) => {
            Some(ask.packets.boxes().iter().map(widen).fold(PacketSet::empty(), |all, part| all.union(&part)))
        }
        // Who needs it is not known, so nobody is said not to.
        Err(NoAsk::Unknown(_)) => Some(PacketSet::product(&PacketBox {
            protocols: ProtocolSet::ALL,
            source: AddressSet::all(),
            source_ports: PortSet::all(),
            destination: AddressSet::all(),
            destination_ports: match need.ports {
                Ports::Ranges(ranges) => ranges.iter().map(|range| (range.low(), range.high())).collect(),
                Ports::Parameter(_) => PortSet::all(),
            },
        })),
        Err(NoAsk::NotApplicable(_)) => None,
    }
}

fn finding(decider: &Decider, packets: &PacketSet) -> Finding {
    let rule = decider.rule.as_deref().unwrap_or_default();
    let sources = packets.sources();
    let ports = packets.boxes().iter().fold(PortSet::empty(), |all, part| all.union(&part.destination_ports));
    let message = format!(
        "`{rule}` lets {} of the Internet reach {} that no flow needs, as {}",
        address_count(&sources.size()),
        port_list(&ports),
        net_list(&sources, 3)
    );
    Finding::new(Code::OverExposure, &decider.origin, message)
        .fix("narrow the source to the tag or the prefixes that need it, or the ports to those that are needed")
        .about(rule)
}
