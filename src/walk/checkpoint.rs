//! One attachment point and one direction: every layer that a packet passes there.

use super::admin::AdminGate;
use super::endpoint::EndpointGate;
use super::group::{GroupView, unknown_group};
use super::interface::InterfaceGate;
use super::outcome::{Decider, LayerStep, Outcome, Part};
use super::platform::{PlatformTraffic, activation_gap, icmpv6_gap, is_platform_business};
use super::route::{Arrival, RouteGate};
use crate::model::{Access, Assumption, Direction, Fact, Gap, Layer, Packet, Protocol, Switch, Verdict};
use crate::network::routing::RoutesInForce;
use crate::network::{AttachmentPoint, SecurityGroup};
use crate::rules::classifier::Answer;
use crate::rules::stakes::{Stake, Stakes};
use crate::rules::{Classifier, Decision, Effort, Hull, Policy, Reading, RuleOutcome, RulePart};
use crate::sets::{AddressSet, PacketBox, PacketSet, PortSet, ProtocolSet};
use crate::tags::special;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

mod changes;
mod without_group;

/// How a set is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Manner {
    /// How packets from outside arrive, which decides about their replies (S125).
    pub arrival: Arrival,
    /// Whether every layer is asked, those behind one that blocks among them: then every obstacle shows.
    pub every_layer: bool,
}

impl Manner {
    /// As far as the verdict needs it.
    pub const USUAL: Self = Self { arrival: Arrival::Either, every_layer: false };
}

/// An attachment point in one direction, ready for many questions.
pub struct Checkpoint<'n> {
    /// The attachment point.
    pub point: &'n AttachmentPoint<'n>,
    /// The direction.
    pub direction: Direction,
    policy: Option<Policy>,
    admin: Vec<AdminGate<'n>>,
    endpoints: Vec<EndpointGate<'n>>,
    interfaces: Vec<InterfaceGate<'n>>,
    routes: Option<RouteGate<'n>>,
    classifier: OnceLock<Classifier>,
    /// The rules for the platform's services, for batches.
    services: OnceLock<Policy>,
    stakes: OnceLock<Stakes>,
    /// What each question may cost.
    effort: Effort,
    /// The rules under other readings, by their switch, as far as they were needed.
    other_readings: Mutex<BTreeMap<Switch, Arc<Policy>>>,
}

impl<'n> Checkpoint<'n> {
    /// Compiles what is in force at the point.
    pub fn new(point: &'n AttachmentPoint<'n>, direction: Direction) -> Self {
        let group = point.security_group.known().copied().flatten();
        Self {
            point,
            direction,
            policy: group.map(|group| compile(group, point, direction, &Reading::DEFAULT)),
            admin: AdminGate::all(point, direction),
            endpoints: EndpointGate::all(point, direction),
            interfaces: InterfaceGate::all(point, direction),
            routes: RouteGate::of(point, direction),
            classifier: OnceLock::new(),
            services: OnceLock::new(),
            stakes: OnceLock::new(),
            effort: Effort::question(),
            other_readings: Mutex::default(),
        }
    }

    /// The same where each question may cost so much.
    #[must_use]
    pub fn within(self, effort: Effort) -> Self {
        Self { effort, ..self }
    }

    /// What each question may cost.
    pub fn effort(&self) -> Effort {
        self.effort.clone()
    }

    /// The checkpoints of both directions, inbound first. What costs most in wide questions is done once for both.
    pub fn both(point: &'n AttachmentPoint<'n>) -> (Self, Self) {
        let mut inbound = Self::new(point, Direction::Inbound);
        let mut outbound = Self::new(point, Direction::Outbound);
        if let (Some(one), Some(other)) = (&mut inbound.policy, &mut outbound.policy) {
            one.share_sides(other);
        }
        (inbound, outbound)
    }

    /// The group in force, where there is one and it is known.
    pub fn group(&self) -> Option<&'n SecurityGroup> {
        self.point.security_group.known().copied().flatten()
    }

    /// The exact parts of a set of packets, by verdict and deciders.
    pub fn ask(&self, asked: &PacketSet) -> Vec<Part> {
        self.ask_arriving(asked, Arrival::Either)
    }

    /// The same where it is known how packets from outside arrive, which decides about their replies (S125).
    pub fn ask_arriving(&self, asked: &PacketSet, arrival: Arrival) -> Vec<Part> {
        self.ask_in(asked, Manner { arrival, ..Manner::USUAL })
    }

    /// The same in a manner of its own.
    pub fn ask_in(&self, asked: &PacketSet, manner: Manner) -> Vec<Part> {
        self.ask_under(self.policy.as_ref(), asked, manner)
    }

    /// For each outcome of the group's rules with a verdict, the smallest box of all its packets of a set; what
    /// the platform settles whatever the rules say, and the stored boxes `beyond`, are no part of the question.
    /// Empty where no group is in force or it is not known.
    pub fn hulls(
        &self,
        verdict: Verdict,
        asked: &PacketSet,
        beyond: &[PacketBox],
    ) -> Vec<(PacketBox, Outcome)> {
        let Some((policy, group)) = self.rules() else { return Vec::new() };
        let platform = PlatformTraffic::of(self.direction);
        let kinds = [&platform.dropped, &platform.exempt, &platform.unfiltered, &platform.tagged];
        let settled = kinds.into_iter().flat_map(PacketSet::boxes);
        let beyond: Vec<PacketBox> = settled.chain(beyond).cloned().collect();
        let view = self.view(policy, group);
        let outcome = |hull: Hull| (hull.sides, view.outcome(&hull.decision));
        let asked = self.left_to_the_group(asked);
        policy.hulls_within(verdict, &asked, &beyond, &mut self.effort()).into_iter().map(outcome).collect()
    }

    fn ask_under(&self, policy: Option<&Policy>, asked: &PacketSet, manner: Manner) -> Vec<Part> {
        let platform = PlatformTraffic::of(self.direction);
        let mut parts = Vec::new();
        let mut rest = asked.clone();
        for (kind, verdict) in [(&platform.dropped, Verdict::Blocked), (&platform.exempt, Verdict::Allowed)] {
            parts.extend(self.platform_part(rest.intersection(kind), verdict, Vec::new()));
            rest = rest.difference(kind);
        }
        let unfiltered = rest.intersection(&platform.unfiltered);
        parts.extend(self.platform_part(unfiltered, Verdict::Unknown, vec![icmpv6_gap()]));
        rest = rest.difference(&platform.unfiltered);
        if self.has_forced_activation() {
            let forced = rest.intersection(&platform.activation);
            parts.extend(self.platform_part(forced, Verdict::Unknown, vec![activation_gap()]));
            rest = rest.difference(&platform.activation);
        }
        parts.extend(self.to_services(policy, &rest.intersection(&platform.tagged)));
        rest = rest.difference(&platform.tagged);
        if !rest.is_empty() {
            let unrouted = self.endpoints.iter().filter(|gate| gate.is_unrouted());
            let unrouted = unrouted.fold(PacketSet::empty(), |all, gate| all.union(&gate.own()));
            let to_endpoints = rest.intersection(&unrouted);
            if !to_endpoints.is_empty() {
                parts.extend(self.behind(&self.admin, policy, &to_endpoints, manner));
            }
            let rest = rest.difference(&unrouted);
            let ordinary = self.behind(&self.admin, policy, &rest, manner);
            parts.extend(match &self.routes {
                Some(gate) if manner.every_layer => gate.cut(ordinary, manner.arrival),
                Some(gate) => gate.pass(ordinary, manner.arrival),
                None => ordinary,
            });
        }
        parts
    }

    /// What becomes of one packet, as the only part of an answer.
    pub fn ask_packet(&self, packet: &Packet) -> Part {
        let one = one_packet(packet);
        let part = self.ask(&one).into_iter().next();
        // Every packet is of one kind or another, so the answer has exactly one part.
        let mut part = part.unwrap_or(Part {
            packets: one,
            outcome: Outcome { verdict: Verdict::Unknown, layers: Vec::new(), gaps: Vec::new() },
        });
        let layers = &mut part.outcome.layers;
        let is_routed = |step: &LayerStep| matches!(step.layer, Layer::Platform | Layer::Route);
        let is_unrouted = self.endpoints.iter().any(|gate| gate.is_unrouted() && gate.is_own(packet));
        if let Some(gate) = self.routes.as_ref().filter(|_| !is_unrouted && !layers.iter().any(is_routed)) {
            layers.extend(gate.step_of(packet));
        }
        part
    }

    /// The decision about one packet alone: the layer, and the rules by their place in the group's rule set.
    pub fn decide(&self, packet: &Packet) -> (Layer, Decision) {
        let (layer, answer) = self.answer(packet);
        (layer, answer.into())
    }

    /// The same for batches: without allocation where one rule settles it.
    pub fn answer(&self, packet: &Packet) -> (Layer, Answer) {
        let has_layers_of_its_own = !self.admin.is_empty()
            || self.endpoints.iter().any(|gate| gate.is_own(packet))
            || self.interfaces.iter().any(|gate| gate.may_be_own(packet));
        if has_layers_of_its_own {
            let part = self.ask_packet(packet);
            let layer = part.outcome.decisive().last().map_or(Layer::NoNsg, |step| step.layer);
            return without_rule(layer, part.verdict());
        }
        // Everything that the platform treats in its own way is its business.
        let of_platform = is_platform_business(packet).then(|| self.answer_of_platform(packet)).flatten();
        let is_ordinary = of_platform.is_none() && self.policy.is_some();
        let answer = match (of_platform, &self.policy) {
            (Some(answer), _) => answer,
            (None, Some(policy)) => {
                let classifier = self.classifier.get_or_init(|| Classifier::new(policy));
                (Layer::SubnetNsg, classifier.answer(packet))
            }
            (None, None) => {
                let part = self.ask_packet(packet);
                let layer = part.outcome.decisive().last().map_or(Layer::NoNsg, |step| step.layer);
                without_rule(layer, part.verdict())
            }
        };
        match &self.routes {
            Some(gate) if is_ordinary => after_routes(gate, packet, answer),
            _ => answer,
        }
    }

    /// Who may decide about a packet in the layer that settles it, where [`Self::answer`] names no rule of the
    /// subnet's group: rules of other layers, and routes.
    pub fn deciders(&self, packet: &Packet) -> Vec<Decider> {
        self.ask_packet(packet).outcome.candidates().to_vec()
    }

    fn answer_of_platform(&self, packet: &Packet) -> Option<(Layer, Answer)> {
        let platform = PlatformTraffic::of(self.direction);
        let verdicts = [
            (&platform.dropped, Verdict::Blocked),
            (&platform.exempt, Verdict::Allowed),
            (&platform.unfiltered, Verdict::Unknown),
        ];
        if let Some((_, verdict)) = verdicts.into_iter().find(|(kind, _)| kind.contains(packet)) {
            return Some(without_rule(Layer::Platform, verdict));
        }
        if !platform.tagged.contains(packet) {
            return None;
        }
        if self.has_forced_activation() && platform.activation.contains(packet) {
            return Some(without_rule(Layer::Platform, Verdict::Unknown));
        }
        let Some(policy) = &self.policy else {
            return Some(match self.point.security_group.known() {
                None => without_rule(Layer::SubnetNsg, Verdict::Unknown),
                Some(_) => without_rule(Layer::Platform, Verdict::Allowed),
            });
        };
        let services = self.services.get_or_init(|| policy.for_platform());
        Some(match self.services_decision(services.first_match(packet)) {
            Some(decision) => (Layer::SubnetNsg, Answer::Unsettled(decision)),
            None => without_rule(Layer::Platform, Verdict::Allowed),
        })
    }

    fn platform_decider(&self) -> Decider {
        Decider {
            layer: Layer::Platform,
            nsg: None,
            rule: None,
            priority: None,
            access: None,
            origin: self.point.origin.clone(),
        }
    }

    fn platform_part(&self, packets: PacketSet, verdict: Verdict, gaps: Vec<Gap>) -> Option<Part> {
        let step = self.step(Layer::Platform, verdict, vec![self.platform_decider()]);
        (!packets.is_empty())
            .then_some(Part { packets, outcome: Outcome { verdict, layers: vec![step], gaps } })
    }

    fn step(&self, layer: Layer, verdict: Verdict, deciders: Vec<Decider>) -> LayerStep {
        LayerStep { layer, direction: self.direction, verdict, deciders }
    }

    /// The group's rules as the subnet's layer.
    fn view<'a>(&self, policy: &'a Policy, group: &'a SecurityGroup) -> GroupView<'a> {
        GroupView { layer: Layer::SubnetNsg, direction: self.direction, group, policy }
    }

    /// S104: under a written default route activation is not exempt any more; it goes to addresses that no
    /// document lists.
    fn has_forced_activation(&self) -> bool {
        self.point.routes.as_ref().is_some_and(RoutesInForce::has_written_default)
    }

    /// S102, S103, S105: only rules that name the tag made for the service count; none means delivered.
    fn to_services(&self, policy: Option<&Policy>, asked: &PacketSet) -> Vec<Part> {
        if asked.is_empty() {
            return Vec::new();
        }
        let Some((policy, group)) = policy.zip(self.group()) else {
            return match self.point.security_group.gap() {
                Some(gap) => {
                    vec![unknown_group(Layer::SubnetNsg, self.direction, asked.clone(), gap)]
                }
                None => self.platform_part(asked.clone(), Verdict::Allowed, Vec::new()).into_iter().collect(),
            };
        };
        let services = policy.for_platform();
        let view = self.view(&services, group);
        let part = |part: RulePart| match self.services_decision(part.decision) {
            Some(decision) => Some(Part { packets: part.packets, outcome: view.outcome(&decision) }),
            None => self.platform_part(part.packets, Verdict::Allowed, Vec::new()),
        };
        services.partition_within(asked, &mut self.effort()).into_iter().filter_map(part).collect()
    }

    /// `None` where no rule can keep the platform's services from being delivered: none matches for certain,
    /// and those that may match allow.
    fn services_decision(&self, decision: Decision) -> Option<Decision> {
        let rules = self.group().map(|group| &group.rules.rules[..]).unwrap_or_default();
        let allows =
            |index: &usize| rules.get(*index).is_some_and(|rule| rule.access == Fact::Known(Access::Allow));
        let delivered = decision.verdict == Verdict::Unknown
            && !decision.cut_off
            && decision.candidates.iter().all(allows);
        (!delivered).then_some(decision)
    }

    /// Ordinary traffic through every layer of rules: the admin rules of each manager, then the groups (S131).
    fn behind(
        &self,
        admin: &[AdminGate<'_>],
        policy: Option<&Policy>,
        asked: &PacketSet,
        manner: Manner,
    ) -> Vec<Part> {
        let Some((first, later)) = admin.split_first() else {
            return self.through_groups(policy, asked, manner.arrival);
        };
        let mut parts = Vec::new();
        for ruled in first.cut(asked) {
            if !ruled.goes_on && !manner.every_layer {
                parts.extend(ruled.then(None));
                continue;
            }
            let behind = self.behind(later, policy, &ruled.packets, manner);
            parts.extend(behind.iter().filter_map(|part| ruled.then(Some(part))));
        }
        parts
    }

    /// The subnet's group and those of its interfaces (S58 to S62).
    fn through_groups(&self, policy: Option<&Policy>, asked: &PacketSet, arrival: Arrival) -> Vec<Part> {
        let mut to_endpoints = Vec::new();
        let mut rest = asked.clone();
        for gate in self.endpoints.iter().filter(|gate| gate.doubt().is_none()) {
            let own = gate.own();
            to_endpoints.extend(gate.ask(&rest.intersection(&own)));
            rest = rest.difference(&own);
        }
        let subnet = if rest.is_empty() { Vec::new() } else { self.through_group(policy, &rest, arrival) };
        let mut parts = self.interfaces.iter().fold(subnet, |parts, gate| gate.pass(parts));
        for gate in &self.endpoints {
            if let Some(gap) = gate.doubt() {
                parts = gate.doubtful(parts, gap);
            }
        }
        parts.extend(to_endpoints.into_iter().filter(|part| !part.packets.is_empty()));
        parts
    }

    fn through_group(&self, policy: Option<&Policy>, asked: &PacketSet, arrival: Arrival) -> Vec<Part> {
        match (&self.point.security_group, policy, self.group()) {
            (Fact::Unknown(gap), ..) => {
                vec![unknown_group(Layer::SubnetNsg, self.direction, asked.clone(), gap)]
            }
            (_, Some(policy), Some(group)) => self.view(policy, group).parts(asked, &mut self.effort()),
            _ => self.without_group(asked, arrival),
        }
    }

    /// One packet held against each rule in order, by the rule's place in the group's rule set, up to the
    /// rule that must match.
    pub fn trace(&self, packet: &Packet) -> Vec<(usize, RuleOutcome)> {
        let mut steps = Vec::new();
        for step in self.policy.iter().flat_map(|policy| policy.outcomes(packet)) {
            steps.push(step);
            if step.1 == RuleOutcome::Matches {
                break;
            }
        }
        steps
    }

    /// The undocumented points whose other reading would change the verdict of a question.
    pub fn assumptions(&self, asked: &PacketSet, parts: &[Part]) -> Vec<Assumption> {
        let mut assumptions = Vec::new();
        if parts.iter().any(|part| part.outcome.gaps.contains(&icmpv6_gap())) {
            assumptions.push(Assumption::of(Switch::ICMPV6));
        }
        assumptions.extend(self.routes.iter().flat_map(|gate| gate.assumptions(parts)));
        let Some(group) = self.group() else { return assumptions };
        let stakes =
            self.stakes.get_or_init(|| Stakes::new(&group.rules, self.direction, &self.point.surroundings));
        let mut stakes = stakes.of(asked);
        if !group.replaced.is_empty() {
            stakes.push(Stake::of_all(Switch::INLINE_AND_CHILD, asked));
        }
        let changed = stakes.into_iter().filter(|stake| self.has_other_verdict(group, stake));
        assumptions.extend(changed.map(|stake| Assumption::of(stake.switch)));
        if self.direction == Direction::Outbound && touches_port_25(parts) {
            assumptions.push(Assumption::new(
                "the subscription lets TCP 25 out: some kinds of subscription block it whatever the rules say (S108)",
            ));
        }
        assumptions
    }

    /// Whether the other reading of a point changes the verdict of some of its packets.
    fn has_other_verdict(&self, group: &SecurityGroup, stake: &Stake) -> bool {
        let mut known = self.other_readings.lock().unwrap_or_else(PoisonError::into_inner);
        let other = known
            .entry(stake.switch)
            .or_insert_with(|| Arc::new(compile(group, self.point, self.direction, &stake.reading)));
        let other = Arc::clone(other);
        drop(known);
        let Some(policy) = &self.policy else { return false };
        let (services, ordinary) = self.services_and_ordinary(&stake.packets);
        // What the routes stop is stopped by either reading.
        let ordinary = self.routes.as_ref().map_or(ordinary.clone(), |gate| gate.not_blocked(&ordinary));
        !policy.difference_within(&other, &ordinary, &mut self.effort()).is_empty()
            || !same_verdicts(&self.ask(&services), &self.ask_under(Some(&other), &services, Manner::USUAL))
    }

    /// Of a set, the packets to Azure's own services, and those that the rules decide. What the platform
    /// settles whatever the rules say is in neither.
    fn services_and_ordinary(&self, asked: &PacketSet) -> (PacketSet, PacketSet) {
        let platform = PlatformTraffic::of(self.direction);
        let settled = [&platform.dropped, &platform.exempt, &platform.unfiltered];
        let open = settled.into_iter().fold(asked.clone(), |rest, settled| rest.difference(settled));
        (open.intersection(&platform.tagged), open.difference(&platform.tagged))
    }

    /// Of a set of ordinary packets, those about which the subnet's group alone decides: no admin rule stands
    /// before it, no interface has a group, and the routes let them through.
    fn left_to_the_group(&self, asked: &PacketSet) -> PacketSet {
        if !self.admin.is_empty() {
            return PacketSet::empty();
        }
        let asked = self.interfaces.iter().fold(asked.clone(), |rest, gate| rest.difference(&gate.own()));
        let asked = self.endpoints.iter().fold(asked, |rest, gate| rest.difference(&gate.own()));
        self.routes.as_ref().map_or(asked.clone(), |gate| gate.allowed(&asked))
    }

    /// The rules in force, where there are some and they are known.
    fn rules(&self) -> Option<(&Policy, &'n SecurityGroup)> {
        self.policy.as_ref().zip(self.group())
    }

    /// The parts of traffic that passes this check and then another (S65).
    pub fn then(parts: &[Part], next: &[Part]) -> Vec<Part> {
        Part::all_and_then(parts, next).into_iter().map(|(_, part)| part).collect()
    }
}

fn compile(
    group: &SecurityGroup,
    point: &AttachmentPoint<'_>,
    direction: Direction,
    reading: &Reading,
) -> Policy {
    if !reading.takes(Switch::INLINE_AND_CHILD) {
        return Policy::compile(&group.rules, direction, &point.surroundings, reading);
    }
    let mut rules = group.rules.clone();
    for rule in rules.rules.iter_mut().filter(|rule| !rule.is_default()) {
        let inline = group.replaced.iter().find(|inline| inline.name.eq_ignore_ascii_case(&rule.name));
        if let Some(inline) = inline {
            *rule = inline.clone();
        }
    }
    Policy::compile(&rules, direction, &point.surroundings, reading)
}

/// The set of one packet.
pub fn one_packet(packet: &Packet) -> PacketSet {
    let port = |port| PortSet::range(port, port);
    PacketSet::product(&PacketBox {
        protocols: ProtocolSet::of([packet.protocol]),
        source: AddressSet::one(packet.source),
        source_ports: port(packet.source_port),
        destination: AddressSet::one(packet.destination),
        destination_ports: port(packet.destination_port),
    })
}

/// The answer of the rules and then of the routes: three-valued AND, and the first that settles it is named.
fn after_routes(gate: &RouteGate<'_>, packet: &Packet, answer: (Layer, Answer)) -> (Layer, Answer) {
    let by_rules = match &answer.1 {
        Answer::Settled { access, .. } => access.verdict(),
        Answer::Unsettled(decision) => decision.verdict,
    };
    let by_routes = gate.of_packet(packet).map_or(Verdict::Allowed, |outcome| outcome.verdict);
    match (by_rules, by_routes) {
        (Verdict::Blocked, _) | (_, Verdict::Allowed) | (Verdict::Unknown, Verdict::Unknown) => answer,
        (_, by_routes) => without_rule(Layer::Route, by_routes),
    }
}

fn without_rule(layer: Layer, verdict: Verdict) -> (Layer, Answer) {
    (layer, Answer::Unsettled(Decision { verdict, candidates: Vec::new(), cut_off: false }))
}

fn of_verdict(parts: &[Part], verdict: Verdict) -> PacketSet {
    let boxes = parts
        .iter()
        .filter(|part| part.verdict() == verdict)
        .flat_map(|part| part.packets.boxes().iter().cloned())
        .collect();
    PacketSet::from_disjoint(boxes)
}

fn same_verdicts(parts: &[Part], other: &[Part]) -> bool {
    [Verdict::Allowed, Verdict::Blocked]
        .into_iter()
        .all(|verdict| of_verdict(parts, verdict) == of_verdict(other, verdict))
}

fn touches_port_25(parts: &[Part]) -> bool {
    let smtp = PortSet::range(25, 25);
    parts.iter().filter(|part| part.verdict() == Verdict::Allowed).flat_map(|part| part.packets.boxes()).any(
        |part| {
            part.protocols.contains(Protocol::TCP)
                && part.destination_ports.meets(&smtp)
                && part.destination.meets(&special::internet())
        },
    )
}
