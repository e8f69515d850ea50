//! The groups of network interfaces, beside that of their subnet (S58 to S62).
//!
//! Inbound the subnet's group is asked first, outbound the interface's (S59); both must allow (S60). Where the
//! subnet has no group and the interface has one, the interface's alone is asked (S62).

use super::group::{GroupView, unknown_group};
use super::outcome::{LayerStep, Outcome, Part};
use crate::model::{Direction, Fact, Layer, Packet, Verdict};
use crate::network::{AttachedInterface, AttachmentPoint, SecurityGroup};
use crate::rules::{Effort, Policy, Reading};
use crate::sets::{AddressSet, PacketSet};

/// The group of one interface, in one direction.
pub(super) struct InterfaceGate<'n> {
    attached: &'n AttachedInterface<'n>,
    direction: Direction,
    policy: Option<(&'n SecurityGroup, Policy)>,
}

impl<'n> InterfaceGate<'n> {
    pub(super) fn all(point: &'n AttachmentPoint<'n>, direction: Direction) -> Vec<Self> {
        let gate = |attached: &'n AttachedInterface<'n>| {
            let group = attached.security_group.known().copied();
            let policy = group.map(|group| {
                let place = &point.surroundings;
                (group, Policy::compile(&group.rules, direction, place, &Reading::DEFAULT))
            });
            Self { attached, direction, policy }
        };
        point.interfaces.iter().map(gate).collect()
    }

    /// Whether a packet's own side may be this interface.
    pub(super) fn may_be_own(&self, packet: &Packet) -> bool {
        self.attached.addresses.contains(packet.local())
    }

    /// All packets whose own side may be this interface.
    pub(super) fn own(&self) -> PacketSet {
        let any = AddressSet::all;
        let own = self.attached.addresses.clone();
        let (source, destination) = match self.direction {
            Direction::Outbound => (own, any()),
            Direction::Inbound => (any(), own),
        };
        PacketSet::between(source, destination)
    }

    /// Parts after the interface's group, cut where they are its own.
    pub(super) fn pass(&self, parts: Vec<Part>) -> Vec<Part> {
        let own = self.own();
        let mut passed = Vec::new();
        for part in parts {
            let mine = part.packets.intersection(&own);
            if mine.is_empty() {
                passed.push(part);
                continue;
            }
            for step in self.ask(&mine) {
                let outcome = self.join(&part.outcome, &step.outcome);
                passed.push(Part { packets: step.packets, outcome });
            }
            let rest = part.packets.difference(&own);
            if !rest.is_empty() {
                passed.push(Part { packets: rest, ..part });
            }
        }
        passed
    }

    fn ask(&self, mine: &PacketSet) -> Vec<Part> {
        match (&self.policy, &self.attached.security_group) {
            (Some((group, policy)), _) => {
                GroupView { layer: Layer::NicNsg, direction: self.direction, group, policy }
                    .parts(mine, &mut Effort::question())
            }
            (None, Fact::Unknown(gap)) => {
                vec![unknown_group(Layer::NicNsg, self.direction, mine.clone(), gap)]
            }
            (None, Fact::Known(_)) => Vec::new(),
        }
    }

    /// The subnet's outcome and the interface's together, in their order.
    fn join(&self, subnet: &Outcome, interface: &Outcome) -> Outcome {
        let interface = &without_repeats(interface, subnet);
        let without_group = subnet.layers.iter().all(|step| step.layer == Layer::NoNsg);
        let whole = match self.direction {
            _ if without_group => interface.clone(),
            Direction::Inbound => subnet.and_then(interface),
            Direction::Outbound => interface.and_then(subnet),
        };
        // Where it is not certain whose address it is, the subnet's outcome stands as well.
        let Some(gap) = &self.attached.doubt else { return whole };
        let (first, second) = match self.direction {
            Direction::Inbound => (subnet, interface),
            Direction::Outbound => (interface, subnet),
        };
        let layers = first.layers.iter().chain(&second.layers).cloned().collect();
        if whole.verdict == subnet.verdict {
            return Outcome { layers, ..whole };
        }
        let gaps = first.gaps.iter().chain(&second.gaps).cloned().collect();
        Outcome { verdict: Verdict::Unknown, layers, gaps }.in_doubt(gap)
    }
}

/// What an interface says, without what another that may have the address says in the same words of one group.
fn without_repeats(interface: &Outcome, said: &Outcome) -> Outcome {
    let is_said = |step: &LayerStep| {
        said.layers.iter().any(|known| (known.layer, &known.deciders) == (step.layer, &step.deciders))
    };
    let layers = interface.layers.iter().filter(|step| !is_said(step)).cloned().collect();
    Outcome { layers, ..interface.clone() }
}
