//! Which of the flows that each instance needs get through, and what stops the others.
//!
//! Serves `check`: every location of every instance, every row of the catalogue that applies there.

use super::answer::{CheckAnswer, FlowAnswer, InstanceAnswer, Ratio, Share, Witness};
use super::share::{Judged, judge};
use super::{near_miss, over_exposure, rule_faults};
use crate::finding::{Code, Finding};
use crate::flows::{
    Applies, Ask, Asks, Feature, FeatureSet, FeatureState, FlowDirection, Ground, LocationKind, Loss, Need,
    NoAsk, Packets, ParameterValues, Profile, Row, Selected, Situation, select,
};
use crate::model::{Assumption, Direction, Fact, Gap, Mode, Tier, Verdict};
use crate::network::{AttachmentPoint, Instance, Location, Network, outside};
use crate::sets::{AddressSet, PacketSet};
use crate::tags::TagSnapshot;
use crate::walk::{Checkpoint, Part};

/// What the question rests on besides the network.
#[derive(Clone, Copy, Debug)]
pub struct CheckOptions<'a> {
    /// The service tag list.
    pub tags: &'a TagSnapshot,
    /// The state of the documents that counts.
    pub profile: Profile,
    /// Values of the catalogue's parameters.
    pub parameters: &'a ParameterValues,
    /// Features that the user says are on.
    pub features: &'a [Feature],
}

/// Answers for every location of every instance of the network.
pub fn check(network: &Network, options: &CheckOptions<'_>) -> CheckAnswer {
    let mut instances = Vec::new();
    let mut findings = rule_faults::findings(network, options.tags);
    for instance in &network.instances {
        for (kind, location) in locations(instance) {
            let (answer, found) = AtLocation { network, options, instance, location, kind }.answer();
            instances.push(answer);
            findings.extend(found);
        }
    }
    findings.sort();
    findings.dedup();
    CheckAnswer { instances, findings }
}

fn locations(instance: &Instance) -> impl Iterator<Item = (LocationKind, &Location)> {
    std::iter::once((LocationKind::Primary, &instance.primary))
        .chain(instance.added.iter().map(|location| (LocationKind::Added, location)))
}

/// One location of one instance, to be answered.
struct AtLocation<'a> {
    network: &'a Network,
    options: &'a CheckOptions<'a>,
    instance: &'a Instance,
    location: &'a Location,
    kind: LocationKind,
}

/// What is taken for an instance's tier and mode, and what hangs on them.
struct Standing {
    tier: Tier,
    mode: Mode,
    mode_gap: Option<Gap>,
    assumptions: Vec<Assumption>,
}

impl Standing {
    /// A tier that is not known is taken as Premium, which needs most; a mode that is not known leaves open
    /// what only one of the two modes needs.
    fn of(instance: &Instance) -> Self {
        let mut assumptions = Vec::new();
        let tier = instance.tier.known().copied().unwrap_or_else(|| {
            assumptions.push(Assumption::new("the tier is not known: taken as Premium (say --tier)"));
            Tier::Premium
        });
        let mode_gap = instance.mode.gap().cloned();
        let mode = instance.mode.known().copied().unwrap_or_else(|| {
            assumptions.push(Assumption::new(
                "the mode is not known: what only external or only internal instances need is left open (say --mode)",
            ));
            Mode::External
        });
        if let Some(gap) = &instance.doubt {
            assumptions
                .push(Assumption::new(format!("the instance is deployed, which hangs on {}", gap.missing())));
        }
        Self { tier, mode, mode_gap, assumptions }
    }
}

impl AtLocation<'_> {
    fn answer(&self) -> (InstanceAnswer, Vec<Finding>) {
        let mut standing = Standing::of(self.instance);
        let situation = self.situation(&standing);
        if situation.units.is_none() {
            standing.assumptions.push(Assumption::new("the number of units is not known: taken as one"));
        }
        if self.location.region.known().is_none() && standing.mode != Mode::None {
            standing.assumptions.push(Assumption::new(
                "the region is not known: regional tags are tested for every region (say --region)",
            ));
        }
        let point = self.point(&standing);
        let Some(point) = &point else {
            let flows = self.without_network(&situation, &standing);
            return (self.instance_answer(&standing, None, flows), Vec::new());
        };
        standing.assumptions.extend(point.assumptions.iter().cloned());
        let scene = Scene {
            ground: Ground {
                network: self.network,
                point,
                situation: &situation,
                region: &self.location.region,
                primary: &self.instance.primary.region,
                instance: &self.instance.name,
                parameters: self.options.parameters,
            },
            profile: self.options.profile,
            inbound: Checkpoint::new(point, Direction::Inbound),
            outbound: Checkpoint::new(point, Direction::Outbound),
        };
        let mut flows: Vec<FlowAnswer> =
            self.selected(&situation, &standing).into_iter().map(|(row, why)| scene.flow(row, why)).collect();
        name_failed_dependencies(&mut flows, &situation);
        let mut findings = structural_findings(&flows, point);
        findings.extend(near_miss::findings(&flows, &scene.inbound, &scene.outbound));
        findings.extend(over_exposure::findings(&flows, &scene.ground, &scene.inbound));
        (self.instance_answer(&standing, Some(point), flows), findings)
    }

    /// The attachment point of the location; `None` where it stands in no network.
    fn point(&self, standing: &Standing) -> Option<AttachmentPoint<'_>> {
        let tags = self.options.tags;
        let unseen = |gap: &Gap| {
            let id = crate::model::ResourceId::new("subnet");
            Some(self.network.at_unseen_subnet(&id, gap, &self.location.origin, tags))
        };
        match &self.location.subnet {
            Fact::Known(None) if standing.mode == Mode::None => None,
            // In a network, by its mode, and no subnet is named: Azure refuses that, so something is missing.
            Fact::Known(None) => unseen(
                &Gap::new("the subnet of the instance, which it does not name").at(&self.location.origin),
            ),
            Fact::Known(Some(id)) => Some(match self.network.subnet(id) {
                Some(subnet) => self.network.at_subnet(subnet, tags),
                None => {
                    let gap = outside("subnet", "vnet subnet", id).at(&self.location.origin);
                    self.network.at_unseen_subnet(id, &gap, &self.location.origin, tags)
                }
            }),
            Fact::Unknown(_) if standing.mode == Mode::None => None,
            Fact::Unknown(gap) => unseen(gap),
        }
    }

    fn situation(&self, standing: &Standing) -> Situation {
        let mut features = FeatureSet::default();
        let shown = self.instance.features.iter().filter_map(|name| Feature::named(name).ok());
        for feature in shown.chain(self.options.features.iter().copied()) {
            features.set(feature, FeatureState::On);
        }
        let mut derive = |name: &str, holds: bool| {
            if let Some(feature) = Feature::named(name).ok().filter(|_| holds) {
                features.set(feature, FeatureState::On);
            }
        };
        derive("multi-region", !self.instance.added.is_empty());
        derive("backends", !self.options.parameters.of("backends").is_empty());
        Situation {
            tier: standing.tier,
            mode: standing.mode,
            platform: self.instance.platform,
            units: self.location.units.known().copied(),
            location: self.kind,
            features,
        }
    }

    /// Every row with whether it applies; where the mode is not known, a row that only one of the modes has
    /// is left open.
    fn selected(&self, situation: &Situation, standing: &Standing) -> Vec<(Selected, Option<Gap>)> {
        let rows = select(situation, self.options.profile);
        let Some(gap) = &standing.mode_gap else {
            return rows.into_iter().map(|row| (row, None)).collect();
        };
        let other = select(&Situation { mode: Mode::Internal, ..*situation }, self.options.profile);
        let merge = |(row, other): (Selected, Selected)| match (row.applies.is_yes(), other.applies.is_yes())
        {
            (true, false) => (row, Some(gap.clone())),
            (false, true) => (other, Some(gap.clone())),
            _ => (row, None),
        };
        rows.into_iter().zip(other).map(merge).collect()
    }

    fn without_network(&self, situation: &Situation, standing: &Standing) -> Vec<FlowAnswer> {
        let situation = Situation { mode: Mode::None, ..*situation };
        let not_here = |selected: Selected| {
            let reason = match selected.applies {
                Applies::No { reason } => reason,
                Applies::Yes => "the instance is not in a virtual network".to_owned(),
            };
            blank(selected.row, &situation, self.options.profile, &self.instance.origin, Some(reason))
        };
        debug_assert!(standing.mode_gap.is_none() || standing.mode == Mode::External);
        select(&situation, self.options.profile).into_iter().map(not_here).collect()
    }

    fn instance_answer(
        &self,
        standing: &Standing,
        point: Option<&AttachmentPoint<'_>>,
        flows: Vec<FlowAnswer>,
    ) -> InstanceAnswer {
        let group = point.and_then(|point| point.security_group.known().copied().flatten());
        InstanceAnswer {
            name: self.instance.name.clone(),
            tier: standing.tier,
            mode: standing.mode,
            location: self.kind,
            region: self.location.region.clone(),
            subnet: point.map(|point| point.name.clone()),
            prefixes: point
                .map(|point| point.own.prefixes.iter().map(ToString::to_string).collect())
                .unwrap_or_default(),
            nsg: group.map(|group| group.name().to_owned()),
            flows,
            assumptions: standing.assumptions.clone(),
            origin: self.location.origin.clone(),
        }
    }
}

/// An answer with nothing decided yet.
fn blank(
    row: &'static Row,
    situation: &Situation,
    profile: Profile,
    origin: &crate::model::Origin,
    not_applicable: Option<String>,
) -> FlowAnswer {
    FlowAnswer {
        row,
        verdict: if not_applicable.is_some() { Verdict::NotApplicable } else { Verdict::Unknown },
        severity: row.severity(situation, profile, Loss::Needed),
        required: not_applicable.is_none() && row.counts_as_required(situation, profile),
        not_applicable,
        packets: String::new(),
        share: None,
        parts: Vec::new(),
        witness: None,
        unknowns: Vec::new(),
        failed_dependencies: Vec::new(),
        notes: Vec::new(),
        assumptions: Vec::new(),
        origin: origin.clone(),
    }
}

/// One location with its two checkpoints.
struct Scene<'a> {
    ground: Ground<'a>,
    profile: Profile,
    inbound: Checkpoint<'a>,
    outbound: Checkpoint<'a>,
}

impl Scene<'_> {
    fn flow(&self, selected: Selected, mode_gap: Option<Gap>) -> FlowAnswer {
        let row = selected.row;
        let reason = match selected.applies {
            Applies::Yes => None,
            Applies::No { reason } => Some(reason),
        };
        let point = self.ground.point;
        let mut answer = blank(row, self.ground.situation, self.profile, &point.origin, reason);
        if answer.not_applicable.is_some() {
            return answer;
        }
        match row.need {
            Need::Packets(need) => self.packets(&mut answer, row, &need),
            Need::Nsg => self.settle(&mut answer, self.has_group()),
            Need::Delegation { must_be } => self.settle(&mut answer, self.is_delegated(must_be)),
            Need::SubnetPrefix { at_most } => self.settle(&mut answer, self.is_large(at_most)),
            Need::Nothing { reason } => {
                answer.verdict = Verdict::NotApplicable;
                answer.not_applicable = Some(reason.to_owned());
            }
        }
        if let Some(gap) = mode_gap {
            answer.verdict = Verdict::Unknown;
            answer.unknowns.insert(0, gap);
        }
        answer
    }

    fn settle(&self, answer: &mut FlowAnswer, holds: Fact<bool>) {
        answer.verdict = match holds {
            Fact::Known(true) => Verdict::Allowed,
            Fact::Known(false) => Verdict::Blocked,
            Fact::Unknown(gap) => {
                answer.unknowns.push(gap);
                Verdict::Unknown
            }
        };
    }

    /// A group that is named and not shown is attached all the same.
    fn has_group(&self) -> Fact<bool> {
        match (
            self.ground.point.subnet.map(|subnet| &subnet.security_group),
            &self.ground.point.security_group,
        ) {
            (Some(Fact::Known(Some(_))), _) => Fact::Known(true),
            (_, Fact::Known(group)) => Fact::Known(group.is_some()),
            (_, Fact::Unknown(gap)) => Fact::Unknown(gap.clone()),
        }
    }

    fn subnet_gap(&self) -> Gap {
        let gap = self.ground.point.security_group.gap().cloned();
        gap.unwrap_or_else(|| Gap::new("the subnet's properties, which are not in the input"))
    }

    fn is_delegated(&self, must_be: Option<&str>) -> Fact<bool> {
        match self.ground.point.subnet.map(|subnet| &subnet.delegations) {
            None => Fact::Unknown(self.subnet_gap()),
            Some(Fact::Unknown(gap)) => Fact::Unknown(gap.clone()),
            Some(Fact::Known(services)) => Fact::Known(match must_be {
                None => services.is_empty(),
                Some(service) => services.iter().any(|name| name.eq_ignore_ascii_case(service)),
            }),
        }
    }

    fn is_large(&self, at_most: u8) -> Fact<bool> {
        let own = &self.ground.point.own;
        if own.known {
            Fact::Known(own.prefixes.iter().any(|net| net.addr().is_ipv4() && net.prefix_len() <= at_most))
        } else {
            Fact::Unknown(Gap::new("the prefix of the subnet").supplied_by("--subnet-prefix PREFIX"))
        }
    }

    fn packets(&self, answer: &mut FlowAnswer, row: &'static Row, need: &Packets) {
        let ask = match self.ground.ask(row, need) {
            Ok(ask) => ask,
            Err(NoAsk::NotApplicable(reason)) => {
                answer.verdict = Verdict::NotApplicable;
                answer.required = false;
                answer.not_applicable = Some(reason);
                return;
            }
            Err(NoAsk::Unknown(gap)) => {
                answer.unknowns.push(gap);
                return;
            }
        };
        let parts = self.through(&ask, &ask.packets);
        let inbound = row.direction == FlowDirection::In;
        let Judged { verdict, beside_core } = judge(&ask, &parts, inbound);
        answer.verdict = verdict;
        if beside_core {
            answer.severity = row.severity(self.ground.situation, self.profile, Loss::BesidesCore);
            let core = ask.core.as_ref().map_or("", |(_, name)| name);
            answer.notes.push(format!("{core} gets through; some of the rest does not"));
        }
        answer.notes.extend(self.rest_note(&ask));
        answer.share = Some(self.share(&ask, &parts, inbound));
        answer.assumptions = self.assumptions(&ask, &parts);
        if verdict == Verdict::Unknown {
            answer.unknowns = unknowns(&parts, &ask);
        }
        answer.packets = ask.text;
        answer.parts = in_order(parts);
        answer.witness = self.witness(&answer.parts, ask.directions);
    }

    /// The parts of a flow through every check that it passes (S65 for traffic inside the subnet).
    fn through(&self, ask: &Ask, packets: &PacketSet) -> Vec<Part> {
        let mut parts: Option<Vec<Part>> = None;
        for direction in ask.directions {
            let next = self.checkpoint(*direction).ask(packets);
            parts = Some(match parts {
                None => next,
                Some(parts) => Checkpoint::then(&parts, &next),
            });
        }
        parts.unwrap_or_default()
    }

    fn checkpoint(&self, direction: Direction) -> &Checkpoint<'_> {
        match direction {
            Direction::Inbound => &self.inbound,
            Direction::Outbound => &self.outbound,
        }
    }

    fn assumptions(&self, ask: &Ask, parts: &[Part]) -> Vec<Assumption> {
        let mut assumptions: Vec<Assumption> = match ask.directions {
            [direction] => self.checkpoint(*direction).assumptions(&ask.packets, parts),
            both => both
                .iter()
                .flat_map(|direction| {
                    let checkpoint = self.checkpoint(*direction);
                    checkpoint.assumptions(&ask.packets, &checkpoint.ask(&ask.packets))
                })
                .collect(),
        };
        assumptions.sort();
        assumptions.dedup();
        assumptions
    }

    /// What of the whole tag is closed beside the region's own part: told, not needed.
    fn rest_note(&self, ask: &Ask) -> Option<String> {
        let rest = ask.rest.as_ref().filter(|rest| !rest.is_empty())?;
        let closed = self
            .through(ask, rest)
            .into_iter()
            .filter(|part| part.verdict != Verdict::Allowed)
            .fold(AddressSet::empty(), |all, part| all.union(&part.packets.destinations()));
        (!closed.is_empty()).then(|| {
            format!("{} addresses of the tag outside the region's part are closed; they are not documented as needed", closed.size())
        })
    }

    fn share(&self, ask: &Ask, parts: &[Part], inbound: bool) -> Share {
        let allowed = |remote: bool| {
            parts.iter().filter(|part| part.verdict == Verdict::Allowed).fold(
                AddressSet::empty(),
                |all, part| {
                    let sources = remote == inbound;
                    all.union(&if sources { part.packets.sources() } else { part.packets.destinations() })
                },
            )
        };
        let own = &self.ground.point.own;
        Share {
            remote: Ratio { allowed: allowed(true).size(), total: ask.remote.size() },
            own: own.known.then(|| Ratio { allowed: allowed(false).size(), total: own.usable.size() }),
        }
    }

    fn witness(&self, parts: &[Part], directions: &[Direction]) -> Option<Witness> {
        let part = parts.first()?;
        // Traffic inside the subnet is shown by the check that stops it.
        let stopped = part.layers.iter().find(|step| step.verdict == part.verdict);
        let direction = stopped.map_or(*directions.first()?, |step| step.direction);
        let own = &self.ground.point.own;
        Some(Witness {
            packet: part.packets.witness(direction)?,
            verdict: part.verdict,
            own_name: (!own.known).then(|| self.ground.point.name.clone()),
        })
    }
}

/// What is missing, once each, in order of the parts.
fn unknowns(parts: &[Part], ask: &Ask) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = Vec::new();
    for gap in parts.iter().flat_map(|part| &part.gaps) {
        if !gaps.contains(gap) {
            gaps.push(gap.clone());
        }
    }
    if gaps.is_empty() {
        gaps.push(match ask.asks {
            Asks::SomeRegion => Gap::new("the region of the instance").supplied_by("--region REGION"),
            _ => Gap::new("the addresses of the hosts, of which only some of what may be is open"),
        });
    }
    gaps
}

/// What is not allowed first, then by the deciders' order.
fn in_order(mut parts: Vec<Part>) -> Vec<Part> {
    let rank = |verdict| match verdict {
        Verdict::Blocked => 0,
        Verdict::Unknown => 1,
        _ => 2,
    };
    parts.sort_by_key(|part| {
        let first = part.candidates().first();
        (
            rank(part.verdict),
            first.and_then(|decider| decider.priority),
            first.and_then(|decider| decider.rule.clone()),
        )
    });
    parts
}

/// What is blocked takes with it what depends on it; the verdict stays, and the failure is named beside it.
fn name_failed_dependencies(flows: &mut [FlowAnswer], situation: &Situation) {
    let blocked: Vec<&str> =
        flows.iter().filter(|flow| flow.verdict == Verdict::Blocked).map(|flow| flow.row.id).collect();
    for flow in flows.iter_mut().filter(|flow| flow.verdict != Verdict::NotApplicable) {
        flow.failed_dependencies =
            flow.row.dependencies(situation).filter(|id| blocked.contains(id)).collect();
    }
}

/// Findings for rows that ask for a property of the subnet.
fn structural_findings(flows: &[FlowAnswer], point: &AttachmentPoint<'_>) -> Vec<Finding> {
    let subnet = point.name.rsplit('/').next().unwrap_or(&point.name).to_owned();
    flows
        .iter()
        .filter(|flow| flow.verdict == Verdict::Blocked)
        .filter_map(|flow| {
            let (code, message) = match flow.row.need {
                Need::Nsg => {
                    (Code::MissingNsg, format!("the subnet `{}` has no network security group", point.name))
                }
                Need::Delegation { must_be: None } => (
                    Code::Delegation,
                    format!("the subnet `{}` is delegated, which this tier does not allow", point.name),
                ),
                Need::Delegation { must_be: Some(service) } => {
                    (Code::Delegation, format!("the subnet `{}` is not delegated to {service}", point.name))
                }
                _ => return None,
            };
            let mut finding = Finding::new(code, &point.origin, message).fix(code.remedy()).about(&*subnet);
            finding.severity = flow.severity;
            Some(finding)
        })
        .collect()
}
