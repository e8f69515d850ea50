//! What becomes of packets where no group is: open, but for what comes to a public front end.

use super::super::outcome::{Decider, Outcome, Part};
use super::super::route::Arrival;
use super::Checkpoint;
use crate::model::{Access, Direction, Gap, Layer, Verdict};
use crate::sets::{AddressSet, PacketSet};
use crate::tags::special;

impl Checkpoint<'_> {
    /// S62 to S64: without a group the place is open, but closed to what comes from outside by way of a
    /// public front end, as for the load balancer of an API Management instance. That a route widens
    /// `VirtualNetwork` opens no front end: what it is for may only come by the appliance or gateway instead.
    pub(super) fn without_group(&self, asked: &PacketSet, arrival: Arrival) -> Vec<Part> {
        let decider = |access| Decider {
            layer: Layer::NoNsg,
            nsg: None,
            rule: None,
            priority: None,
            access: Some(access),
            origin: self.point.origin.clone(),
        };
        let part = |packets: PacketSet, verdict, access, gaps: &[Gap]| {
            let step = self.step(Layer::NoNsg, verdict, vec![decider(access)]);
            (!packets.is_empty()).then(|| Part {
                packets,
                outcome: Outcome { verdict, layers: vec![step], gaps: gaps.to_vec() },
            })
        };
        if self.direction == Direction::Outbound {
            return part(asked.clone(), Verdict::Allowed, Access::Allow, &[]).into_iter().collect();
        }
        let surroundings = &self.point.surroundings;
        let network = &surroundings.virtual_network;
        // S64: a private address does not come by a public front end.
        let private = surroundings.private.union(&special::private_use());
        let private = private.union(&AddressSet::one(special::WIRE_SERVER.into()));
        let inside = asked.intersection(&from(&network.must.intersection(&private)));
        let sent_on = asked.intersection(&from(&network.must.difference(&private)));
        let perhaps = asked.intersection(&from(&network.may.difference(&network.must)));
        let outside = asked.difference(&from(&network.must.union(&network.may)));
        let (lost, sent_on) = match arrival {
            Arrival::Straight => (sent_on, PacketSet::empty()),
            Arrival::Either => (PacketSet::empty(), sent_on),
        };
        let mut outside = outside.union(&lost);
        let mut open = Vec::new();
        for front in &self.point.open_fronts {
            let to_front = PacketSet::between(AddressSet::all(), front.addresses.clone());
            let mine = outside.intersection(&to_front).difference(&from(&private));
            outside = outside.difference(&mine);
            open.extend(part(mine, Verdict::Unknown, Access::Deny, std::slice::from_ref(&front.gap)));
        }
        [
            part(inside, Verdict::Allowed, Access::Allow, &[]),
            part(sent_on, Verdict::Unknown, Access::Deny, &[self.front_end_gap()]),
            part(perhaps, Verdict::Unknown, Access::Deny, &network.gaps),
            part(outside, Verdict::Blocked, Access::Deny, &[]),
        ]
        .into_iter()
        .flatten()
        .chain(open)
        .collect()
    }

    fn front_end_gap(&self) -> Gap {
        Gap::new("whether the packet came by the appliance or gateway that a route sends its replies to: one that comes straight to a public front end is not let in without a network security group (S63)")
            .at(&self.point.origin)
    }
}

fn from(source: &AddressSet) -> PacketSet {
    PacketSet::between(source.clone(), AddressSet::all())
}
