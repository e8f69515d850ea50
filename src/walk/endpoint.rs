//! Private endpoints inside a subnet: whether its rules apply to traffic to them (S109, S111).

use super::group::{GroupView, unknown_group};
use super::outcome::{Decider, LayerStep, Outcome, Part};
use crate::model::{Direction, Fact, Layer, Packet, PortRange, Verdict};
use crate::network::{AttachedEndpoint, AttachmentPoint, SecurityGroup};
use crate::rules::{Policy, PortTerm, Reading, RuleSet, Written};
use crate::sets::{AddressSet, PacketBox, PacketSet, PortSet, ProtocolSet};

/// The private endpoints of a place, seen by traffic that comes in.
pub(super) struct EndpointGate<'n> {
    attached: &'n AttachedEndpoint<'n>,
    /// The group's rules with every source port, for endpoints that rules apply to.
    policy: Option<(&'n SecurityGroup, Policy)>,
    point: &'n AttachmentPoint<'n>,
}

impl<'n> EndpointGate<'n> {
    /// The gates of a place; none for traffic that leaves it, since endpoints open no connection (S111).
    pub(super) fn all(point: &'n AttachmentPoint<'n>, direction: Direction) -> Vec<Self> {
        if direction == Direction::Outbound {
            return Vec::new();
        }
        let gate = |attached: &'n AttachedEndpoint<'n>| {
            let rules_apply = attached.rules_apply != Fact::Known(false);
            let group = point.security_group.known().copied().flatten().filter(|_| rules_apply);
            let policy = group.map(|group| {
                let rules = RuleSet { rules: group.rules.rules.iter().map(with_every_source_port).collect() };
                (group, Policy::compile(&rules, direction, &point.surroundings, &Reading::DEFAULT))
            });
            Self { attached, policy, point }
        };
        point.endpoints.iter().map(gate).collect()
    }

    /// Whether a packet goes to the endpoint.
    pub(super) fn is_own(&self, packet: &Packet) -> bool {
        self.attached.addresses.contains(packet.destination)
    }

    /// All packets to the endpoint.
    pub(super) fn own(&self) -> PacketSet {
        PacketSet::product(&PacketBox {
            protocols: ProtocolSet::ALL,
            source: AddressSet::all(),
            source_ports: PortSet::all(),
            destination: self.attached.addresses.clone(),
            destination_ports: PortSet::all(),
        })
    }

    /// What becomes of packets to the endpoint.
    pub(super) fn ask(&self, asked: &PacketSet) -> Vec<Part> {
        let delivered = || self.delivered(asked.clone());
        match &self.attached.rules_apply {
            Fact::Known(false) => vec![delivered()],
            Fact::Known(true) => self.by_rules(asked),
            // Either reading may hold; where both deliver it is settled.
            Fact::Unknown(gap) => {
                let either = |part: Part| match part.verdict() {
                    Verdict::Allowed => part,
                    _ => {
                        let mut gaps = part.outcome.gaps;
                        gaps.push(gap.clone());
                        let outcome =
                            Outcome { verdict: Verdict::Unknown, layers: part.outcome.layers, gaps };
                        Part { packets: part.packets, outcome }
                    }
                };
                self.by_rules(asked).into_iter().map(either).collect()
            }
        }
    }

    fn by_rules(&self, asked: &PacketSet) -> Vec<Part> {
        let (layer, direction) = (Layer::SubnetNsg, Direction::Inbound);
        match (&self.policy, self.point.security_group.gap()) {
            (Some((group, policy)), _) => GroupView { layer, direction, group, policy }.parts(asked),
            (None, Some(gap)) => vec![unknown_group(layer, direction, asked.clone(), gap)],
            (None, None) => vec![self.delivered(asked.clone())],
        }
    }

    fn delivered(&self, packets: PacketSet) -> Part {
        let decider = Decider {
            layer: Layer::Platform,
            nsg: None,
            rule: None,
            priority: None,
            access: None,
            origin: self.attached.origin.clone(),
        };
        let step = LayerStep {
            layer: Layer::Platform,
            direction: Direction::Inbound,
            verdict: Verdict::Allowed,
            deciders: vec![decider],
        };
        let outcome = Outcome { verdict: Verdict::Allowed, layers: vec![step], gaps: Vec::new() };
        Part { packets, outcome }
    }
}

/// S111: conditions on the source port are read as every port.
fn with_every_source_port(rule: &crate::rules::Rule) -> crate::rules::Rule {
    let mut rule = rule.clone();
    rule.source.ports = vec![Written { value: PortTerm::Range(PortRange::ALL), plural: false }];
    rule
}
