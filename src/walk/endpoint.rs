//! Private endpoints inside a subnet: whether its rules apply to traffic to them (S109, S111).

use super::group::{GroupView, unknown_group};
use super::outcome::{Decider, LayerStep, Outcome, Part};
use crate::model::{Direction, Fact, Gap, Layer, Packet, PortRange, Verdict};
use crate::network::{AttachedEndpoint, AttachmentPoint, SecurityGroup};
use crate::rules::{Effort, Policy, PortTerm, Reading, RuleSet, Written};
use crate::sets::{AddressSet, PacketSet};
use crate::tags::special;

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
        PacketSet::between(AddressSet::all(), self.attached.addresses.clone())
    }

    /// What becomes of packets to the endpoint.
    pub(super) fn ask(&self, asked: &PacketSet) -> Vec<Part> {
        // It has a private address alone: nothing of the Internet leads to it.
        let public = special::internet().difference(&self.point.surroundings.private);
        let outside = asked.intersection(&PacketSet::between(public, AddressSet::all()));
        let asked = &asked.difference(&outside);
        let delivered = || self.ended(asked.clone(), Verdict::Allowed);
        let mut parts = match &self.attached.rules_apply {
            Fact::Known(false) => vec![delivered()],
            Fact::Known(true) => self.by_rules(asked),
            // Either reading may hold; where both deliver it is settled.
            Fact::Unknown(gap) => {
                let either = |part: Part| match part.verdict() {
                    Verdict::Allowed => part,
                    _ => Part { packets: part.packets, outcome: part.outcome.in_doubt(gap) },
                };
                self.by_rules(asked).into_iter().map(either).collect()
            }
        };
        parts.push(self.ended(outside, Verdict::Blocked));
        parts
    }

    /// Why the endpoint's addresses are not known.
    pub(super) fn doubt(&self) -> Option<&Gap> {
        self.attached.doubt.as_ref()
    }

    /// Whether the subnet's routes have no say about its replies (S109).
    pub(super) fn is_unrouted(&self) -> bool {
        self.attached.doubt.is_none() && self.attached.routes_apply != Fact::Known(true)
    }

    /// Parts of the subnet where an address may be the endpoint's, to which the rules may not apply.
    pub(super) fn doubtful(&self, parts: Vec<Part>, gap: &Gap) -> Vec<Part> {
        let own = self.own();
        let mut found = Vec::new();
        for part in parts {
            let mine = part.packets.intersection(&own);
            if part.verdict() != Verdict::Blocked
                || mine.is_empty()
                || self.attached.rules_apply == Fact::Known(true)
            {
                found.push(part);
                continue;
            }
            let rest = part.packets.difference(&own);
            found.push(Part { packets: mine, outcome: part.outcome.clone().in_doubt(gap) });
            found.push(Part { packets: rest, ..part });
        }
        found.retain(|part| !part.packets.is_empty());
        found
    }

    fn by_rules(&self, asked: &PacketSet) -> Vec<Part> {
        let (layer, direction) = (Layer::SubnetNsg, Direction::Inbound);
        match (&self.policy, self.point.security_group.gap()) {
            (Some((group, policy)), _) => {
                GroupView { layer, direction, group, policy }.parts(asked, &mut Effort::question())
            }
            (None, Some(gap)) => vec![unknown_group(layer, direction, asked.clone(), gap)],
            (None, None) => vec![self.ended(asked.clone(), Verdict::Allowed)],
        }
    }

    /// What the platform does whatever the rules say.
    fn ended(&self, packets: PacketSet, verdict: Verdict) -> Part {
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
            verdict,
            deciders: vec![decider],
        };
        let outcome = Outcome { verdict, layers: vec![step], gaps: Vec::new() };
        Part { packets, outcome }
    }
}

/// S111: conditions on the source port are read as every port.
fn with_every_source_port(rule: &crate::rules::Rule) -> crate::rules::Rule {
    let mut rule = rule.clone();
    rule.source.ports = vec![Written { value: PortTerm::Range(PortRange::ALL), plural: false }];
    rule
}
