//! Which of the flows that each instance needs get through, and what stops the others.
//!
//! Serves `check`: every location of every instance, every row of the catalogue that applies there.

use super::answer::{CheckAnswer, FlowAnswer, InstanceAnswer};
use super::scene::{Evaluated, Scene, blank};
use super::{near_miss, network_faults, over_exposure, rule_faults};
use crate::finding::{Code, Finding, Severity};
use crate::flows::{
    Applies, Feature, FeatureSet, FeatureState, Ground, LocationKind, Need, ParameterValues, Profile,
    Selected, Situation, known_region, select,
};
use crate::model::{Assumption, Fact, Gap, Mode, ResourceId, Tier, Verdict};
use crate::network::{AttachmentPoint, Instance, Location, Network, outside};
use crate::sets::SharedSets;
use crate::tags::TagSnapshot;
use rayon::prelude::*;
use std::collections::HashMap;

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

/// How many locations of instances are asked in one run.
const MOST_LOCATIONS: usize = 20_000;

/// Answers for every location of every instance of the network.
pub fn check(network: &Network, options: &CheckOptions<'_>) -> CheckAnswer {
    check_watched(network, options, &|_| ())
}

/// The same for whoever wants to see how far it is: `watch` is told of each location that is answered, from
/// whatever thread, with the number of all.
pub fn check_watched(
    network: &Network,
    options: &CheckOptions<'_>,
    watch: &(dyn Fn(usize) + Sync),
) -> CheckAnswer {
    let mut findings = rule_faults::findings(network, options.tags);
    findings.extend(network_faults::findings(network, options.tags));
    let mut all: Vec<(&Instance, LocationKind, &Location)> = network
        .instances
        .iter()
        .flat_map(|instance| locations(instance).map(move |(kind, location)| (instance, kind, location)))
        .collect();
    if let Some((instance, _, beyond)) = all.get(MOST_LOCATIONS) {
        let message = format!(
            "`{}` and what follows is not asked: the limit is {MOST_LOCATIONS} locations of instances",
            instance.name
        );
        let mut finding = Finding::new(Code::TooManyRules, &beyond.origin, message);
        finding.severity = Severity::Error;
        findings.push(finding.fix("split the input"));
    }
    all.truncate(MOST_LOCATIONS);
    let shared = SharedSets::default();
    let ask_there = |places: &Vec<usize>| {
        let there = places.iter().filter_map(|place| Some((*place, all.get(*place)?)));
        let there: Vec<(usize, AtLocation<'_>)> = there
            .map(|(place, (instance, kind, location))| {
                (place, AtLocation { network, options, instance, location, kind: *kind })
            })
            .collect();
        let point = there.first().and_then(|(_, first)| first.point());
        let evaluated = point.as_ref().map(Evaluated::new);
        let ask = |(place, at): &(usize, AtLocation<'_>)| {
            let (mut answer, found) = at.answer(evaluated.as_ref());
            let parts = answer.flows.iter_mut().flat_map(|flow| &mut flow.parts);
            parts.for_each(|part| part.packets.share_sides(&shared));
            watch(all.len());
            (*place, answer, found)
        };
        there.iter().map(ask).collect::<Vec<_>>()
    };
    let together = by_subnet(network, &all);
    // For a single one threads are not worth starting.
    let answers: Vec<Vec<(usize, InstanceAnswer, Vec<Finding>)>> = match together.len() {
        0 | 1 => together.iter().map(ask_there).collect(),
        _ => together.par_iter().map(ask_there).collect(),
    };
    let mut answers: Vec<_> = answers.into_iter().flatten().collect();
    answers.sort_by_key(|(place, ..)| *place);
    let mut instances = Vec::with_capacity(answers.len());
    for (_, answer, found) in answers {
        instances.push(answer);
        findings.extend(found);
    }
    findings.sort();
    findings.dedup();
    CheckAnswer { instances, findings }
}

/// The places of the locations, those of one subnet together: its group is evaluated once in its surroundings.
/// What the input does not show is another gap for each location.
fn by_subnet(network: &Network, all: &[(&Instance, LocationKind, &Location)]) -> Vec<Vec<usize>> {
    let mut together: Vec<Vec<usize>> = Vec::new();
    let mut known: HashMap<&ResourceId, usize> = HashMap::new();
    for (place, (_, _, location)) in all.iter().enumerate() {
        let subnet = location.subnet.known().and_then(Option::as_ref);
        let shown = subnet.filter(|id| network.subnet(id).is_some());
        match shown.and_then(|id| known.get(id)) {
            Some(group) => together[*group].push(place),
            None => {
                known.extend(shown.map(|id| (id, together.len())));
                together.push(vec![place]);
            }
        }
    }
    together
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
        if let Some(gap) = &instance.added_gap {
            assumptions.push(Assumption::new(format!(
                "added locations are not asked for, which hang on {}",
                gap.missing()
            )));
        }
        if let Some(gap) = &instance.doubt {
            assumptions
                .push(Assumption::new(format!("the instance is deployed, which hangs on {}", gap.missing())));
        }
        Self { tier, mode, mode_gap, assumptions }
    }
}

impl AtLocation<'_> {
    /// The answer at the place that the location stands at; `None` where it stands in no network.
    fn answer(&self, place: Option<&Evaluated<'_>>) -> (InstanceAnswer, Vec<Finding>) {
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
        let region = self.location.region.known();
        if let Some(unknown) = region.and_then(|region| known_region(region, self.options.tags).err()) {
            standing
                .assumptions
                .push(Assumption::new(format!("{unknown}, so regional tags are tested for every region")));
        }
        let Some(place) = place else {
            let flows = self.without_network(&situation, &standing);
            return (self.instance_answer(&standing, None, flows), Vec::new());
        };
        let point = place.point;
        standing.assumptions.extend(point.assumptions.iter().cloned());
        let ground = Ground {
            network: self.network,
            point,
            situation: &situation,
            region: &self.location.region,
            primary: &self.instance.primary.region,
            parameters: self.options.parameters,
        };
        let scene = Scene::new(ground, self.options.profile, place);
        let mut flows: Vec<FlowAnswer> =
            self.selected(&situation, &standing).into_iter().map(|(row, why)| scene.flow(row, why)).collect();
        name_failed_dependencies(&mut flows, &situation);
        let mut findings = structural_findings(&flows, point);
        findings.extend(near_miss::findings(&flows, &place.inbound, &place.outbound));
        findings.extend(over_exposure::findings(&flows, &scene.ground, &place.inbound));
        (self.instance_answer(&standing, Some(point), flows), findings)
    }

    /// The attachment point of the location; `None` where it stands in no network.
    fn point(&self) -> Option<AttachmentPoint<'_>> {
        let mode = Standing::of(self.instance).mode;
        let tags = self.options.tags;
        let unseen = |gap: &Gap| {
            let id = ResourceId::new("subnet");
            Some(self.network.at_unseen_subnet(&id, gap, &self.location.origin, tags))
        };
        match &self.location.subnet {
            Fact::Known(None) if mode == Mode::None => None,
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
            Fact::Unknown(_) if mode == Mode::None => None,
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
        // Where it is not known whether locations are added, what hangs on it is asked and left open.
        let added = !self.instance.added.is_empty() || self.instance.added_gap.is_some();
        derive("multi-region", added);
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

    /// Every row with whether it applies. Where the mode is not known, a row that only one of the modes has
    /// is left open; so is a row for several regions where the added locations are not known.
    fn selected(&self, situation: &Situation, standing: &Standing) -> Vec<(Selected, Option<Gap>)> {
        let rows = select(situation, self.options.profile);
        let Some(gap) = &standing.mode_gap else {
            let gap = |row: &Selected| self.region_gap(row);
            return rows.into_iter().map(|row| (gap(&row), row)).map(|(gap, row)| (row, gap)).collect();
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

    fn region_gap(&self, selected: &Selected) -> Option<Gap> {
        let several = Feature::named("multi-region").ok()?;
        let hangs = selected.row.condition.flags.contains(&several) && self.instance.added.is_empty();
        self.instance.added_gap.clone().filter(|_| hangs)
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
            tags: point.map(|point| self.network.tags_of_rules(point)).unwrap_or_default(),
            flows,
            assumptions: standing.assumptions.clone(),
            origin: self.location.origin.clone(),
        }
    }
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
