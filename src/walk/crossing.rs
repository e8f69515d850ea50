//! Between two places: whether a peering joins their networks, and whether it takes what an appliance forwards.
//!
//! In: the two places and the packets of a whole way. Out: parts that hold the way open, as the layer `peering`.
//! A peering takes packets that come from neither of its networks only with `allowForwardedTraffic`, which counts
//! at the network that they come to (S130). Whether an appliance puts its own address in their place is not in the
//! input, so such a way is never certain, and never certainly lost.
//!
//! Not here: whether traffic between peers flows at all (`network`), what the appliance lets through (`route`).

use super::outcome::{Decider, LayerStep, Outcome, Part};
use crate::model::{Direction, Fact, Gap, Layer, Verdict};
use crate::network::routing::{RouteEntry, RoutePart};
use crate::network::{AttachedPeer, AttachmentPoint, NextHopType};
use crate::sets::{AddressSet, PacketSet};
use std::net::IpAddr;

/// What holds the way of packets between two places open, there and back.
pub(super) fn between(
    from: &AttachmentPoint<'_>,
    to: &AttachmentPoint<'_>,
    packets: &PacketSet,
) -> Vec<Part> {
    let there = Crossing { sender: from, receiver: to, direction: Direction::Outbound };
    let back = Crossing { sender: to, receiver: from, direction: Direction::Inbound };
    let mut parts = there.parts(&packets.destinations());
    parts.extend(back.parts(&packets.sources()));
    parts
}

/// One way between two places.
struct Crossing<'c, 'n> {
    sender: &'c AttachmentPoint<'n>,
    receiver: &'c AttachmentPoint<'n>,
    /// Of the way: the reply goes in the other one.
    direction: Direction,
}

impl Crossing<'_, '_> {
    /// The parts that are held open, of packets to these addresses of the receiver.
    fn parts(&self, addresses: &AddressSet) -> Vec<Part> {
        let is_joined = self.is_joined();
        if is_joined && self.receiver.peers.is_empty() {
            return Vec::new();
        }
        let mut parts = Vec::new();
        let mut apart = if is_joined { AddressSet::empty() } else { addresses.clone() };
        for part in self.sender.routes.iter().flat_map(|routes| routes.partition(addresses)) {
            let appliances = self.appliances(&part);
            if !appliances.is_empty() && appliances.iter().all(|address| self.reaches(*address)) {
                apart = apart.difference(&part.to);
            }
            let closed = appliances.iter().filter_map(|address| Some((*address, self.closed_to(*address)?)));
            parts.extend(closed.map(|(appliance, peer)| self.forwarded(&part.to, appliance, peer)));
        }
        // The way back is asked by itself only where the way there is joined.
        if !apart.is_empty() && self.direction == Direction::Outbound {
            parts.push(self.apart(&apart));
        }
        parts
    }

    /// Whether the networks are one, or peers. A place without its network is taken as it is.
    fn is_joined(&self) -> bool {
        let network = self.receiver.subnet.map(|subnet| &subnet.network);
        self.sender.subnet.is_none() || network.is_none_or(|network| self.sender.reached.contains(network))
    }

    /// The appliances that may get the packets; none where some may go another way.
    fn appliances(&self, part: &RoutePart) -> Vec<IpAddr> {
        let Some(routes) = &self.sender.routes else { return Vec::new() };
        let by_appliance = |entry: &RouteEntry| entry.next_hop == Fact::Known(NextHopType::VirtualAppliance);
        let entries: Vec<&RouteEntry> = routes.of(&part.choice).collect();
        if !entries.iter().all(|entry| by_appliance(entry)) {
            return Vec::new();
        }
        entries.iter().flat_map(|entry| &entry.addresses).copied().collect()
    }

    /// Whether an appliance stands in the receiver's network or in one that is peered with it.
    fn reaches(&self, appliance: IpAddr) -> bool {
        self.is_at_receiver(appliance) || self.peer_of(appliance).is_some()
    }

    fn is_at_receiver(&self, address: IpAddr) -> bool {
        let in_peer = self.peer_of(address).is_some();
        !in_peer && self.receiver.routes.as_ref().is_some_and(|routes| routes.near().contains(address))
    }

    fn peer_of(&self, address: IpAddr) -> Option<&AttachedPeer<'_>> {
        self.receiver.peers.iter().find(|peer| peer.prefixes.contains(address))
    }

    /// The peering to an appliance's network by which the receiver does not take what comes from elsewhere.
    fn closed_to(&self, appliance: IpAddr) -> Option<&AttachedPeer<'_>> {
        let peer = self.peer_of(appliance)?;
        let home = self.sender.subnet.map(|subnet| &subnet.network);
        let comes_from_there = home.is_some() && peer.peering.remote.known() == home;
        (!comes_from_there && peer.peering.forwarded != Fact::Known(true)).then_some(peer)
    }

    fn forwarded(&self, to: &AddressSet, appliance: IpAddr, peer: &AttachedPeer<'_>) -> Part {
        let peering = peer.peering;
        let gap = match &peering.forwarded {
            Fact::Unknown(gap) => gap.clone(),
            Fact::Known(_) => Gap::new(format!(
                "whether the appliance {appliance} puts its own address in the place of the sender's: the peering `{}` takes nothing else from there, since `allowForwardedTraffic` is off (S130)",
                peering.name
            ))
            .at(&peering.origin),
        };
        let decider = Decider {
            layer: Layer::Peering,
            nsg: None,
            rule: Some(peering.name.clone()),
            priority: None,
            access: None,
            origin: peering.origin.clone(),
        };
        self.open(to, vec![decider], gap)
    }

    /// The networks are not joined by a peering of the input, so the routes lead to whoever else has the addresses.
    fn apart(&self, to: &AddressSet) -> Part {
        let (from, there) = (&self.sender.name, &self.receiver.name);
        let gap = Gap::new(format!(
            "who has these addresses beyond {from}: no peering of the input joins its network with that of {there}"
        ));
        self.open(to, Vec::new(), gap.at(&self.sender.origin))
    }

    fn open(&self, to: &AddressSet, deciders: Vec<Decider>, gap: Gap) -> Part {
        let (verdict, direction) = (Verdict::Unknown, self.direction);
        let (source, destination) = match direction {
            Direction::Outbound => (AddressSet::all(), to.clone()),
            Direction::Inbound => (to.clone(), AddressSet::all()),
        };
        let step = LayerStep { layer: Layer::Peering, direction, verdict, deciders };
        let outcome = Outcome { verdict, layers: vec![step], gaps: vec![gap] };
        Part { packets: PacketSet::between(source, destination), outcome }
    }
}
