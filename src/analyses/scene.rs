//! One location of one instance with its two checkpoints: each row of the catalogue, answered.

use super::answer::{FlowAnswer, Ratio, Share, Witness};
use super::flow_routes::{self, FlowRoute};
use super::share::{Judged, at_side, certainly_lost, judge, within};
use crate::flows::{
    Applies, Ask, Asks, FlowDirection, Ground, Loss, Need, NoAsk, Packets, Profile, Remote, RouteClass, Row,
    Selected, Situation,
};
use crate::model::{Assumption, Direction, Fact, Gap, Origin, Verdict};
use crate::network::AttachmentPoint;
use crate::sets::{AddressSet, PacketBox, PacketSet, address_count};
use crate::tags::special;
use crate::walk::{Arrival, Checkpoint, Part};
use std::cell::RefCell;

/// How many missing facts are named for one flow.
const GAPS_NAMED: usize = 20;

/// A place with its two checkpoints and what was asked there: all locations that stand at it share them.
pub(super) struct Evaluated<'a> {
    pub(super) point: &'a AttachmentPoint<'a>,
    pub(super) inbound: Checkpoint<'a>,
    pub(super) outbound: Checkpoint<'a>,
    asked: RefCell<Vec<Asked>>,
}

impl<'a> Evaluated<'a> {
    pub(super) fn new(point: &'a AttachmentPoint<'a>) -> Self {
        let (inbound, outbound) = Checkpoint::both(point);
        Self { point, inbound, outbound, asked: RefCell::default() }
    }
}

/// One location at its place.
pub(super) struct Scene<'a> {
    pub(super) ground: Ground<'a>,
    profile: Profile,
    place: &'a Evaluated<'a>,
}

/// A question that was put before, and its answer.
struct Asked {
    directions: &'static [Direction],
    arrival: Arrival,
    packets: Vec<PacketBox>,
    parts: Vec<Part>,
}

impl<'a> Scene<'a> {
    /// A location at its place.
    pub(super) fn new(ground: Ground<'a>, profile: Profile, place: &'a Evaluated<'a>) -> Self {
        Self { ground, profile, place }
    }

    /// The answer for one row; `may_apply` where it is not known whether the row is one of this instance's.
    pub(super) fn flow(&self, selected: Selected, may_apply: Option<Gap>) -> FlowAnswer {
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
        // A row that may not be one of this instance's: that it gets through is settled all the same.
        if let Some(gap) = may_apply.filter(|_| answer.verdict != Verdict::Allowed) {
            answer.verdict = Verdict::Unknown;
            answer.certainly_lost = false;
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
        let arrival = flow_routes::arrival(need.route_class);
        let parts = self.through(&ask, &ask.packets, arrival);
        let inbound = row.direction == FlowDirection::In;
        let Judged { verdict, beside_core } = self.judged(&ask, need, &parts, inbound);
        answer.verdict = verdict;
        if beside_core {
            answer.severity = row.severity(self.ground.situation, self.profile, Loss::BesidesCore);
            let core = ask.core.as_ref().map_or("", |(_, name)| name);
            answer.notes.push(format!("{core} gets through; some of the rest does not"));
        }
        answer.notes.extend(self.rest_note(&ask));
        self.routes(answer, need, &ask, &parts);
        answer.share = Some(self.share(&ask, &parts, inbound));
        answer.assumptions = self.assumptions(&ask, &parts);
        if verdict == Verdict::Unknown {
            answer.unknowns = unknowns(&parts, &ask, need);
            answer.certainly_lost = certainly_lost(&ask, &parts, verdict);
            if answer.certainly_lost {
                answer.notes.push("some of it is certainly blocked, whatever is missing".to_owned());
            }
        }
        answer.packets = ask.text;
        answer.parts = in_order(parts);
        answer.witness = self.witness(answer, ask.directions);
    }

    /// The verdict of the quantifier. Where some of the Internet is enough, those are clients: addresses that a
    /// route for a service tag or a service endpoint leads back to are services, and make no flow of clients (FT).
    fn judged(&self, ask: &Ask, need: &Packets, parts: &[Part], inbound: bool) -> Judged {
        let routes = self.ground.point.routes.as_ref();
        let of_clients = need.route_class == Some(RouteClass::R2) && ask.asks == Asks::Some;
        let services =
            routes.filter(|_| of_clients).map(|routes| flow_routes::of_services(routes, &ask.remote));
        match services.filter(|services| !services.is_empty()) {
            None => judge(ask, parts, inbound),
            Some(services) => {
                let clients = ask.remote.difference(&services);
                let parts = within(parts, &at_side(&clients, inbound));
                judge(&Ask { remote: clients, ..ask.clone() }, &parts, inbound)
            }
        }
    }

    /// The ways that the flow takes, and what to change where they stand in the way. The platform's own
    /// addresses are not routed (S107).
    fn routes(&self, answer: &mut FlowAnswer, need: &Packets, ask: &Ask, parts: &[Part]) {
        let point = self.ground.point;
        let routed = ask.remote.difference(&special::platform_only());
        answer.routes =
            point.routes.as_ref().map(|routes| FlowRoute::all(routes, &routed)).unwrap_or_default();
        answer.notes.extend(flow_routes::advice(need, point, parts));
        let routes = point.routes.as_ref();
        answer.notes.extend(flow_routes::reply_note(need, ask.directions, routes, &routed));
    }

    /// The parts of a flow through every check that it passes (S65 for traffic inside the subnet). Several rows
    /// ask for the same packets, those of hosts on port 443 above all: they are evaluated once.
    fn through(&self, ask: &Ask, packets: &PacketSet, arrival: Arrival) -> Vec<Part> {
        let mut asked = self.place.asked.borrow_mut();
        let same = |known: &&Asked| {
            known.directions == ask.directions && known.arrival == arrival && known.packets == packets.boxes()
        };
        if let Some(known) = asked.iter().find(same) {
            return known.parts.clone();
        }
        let mut parts: Option<Vec<Part>> = None;
        for direction in ask.directions {
            let next = self.checkpoint(*direction).ask_arriving(packets, arrival);
            parts = Some(match parts {
                None => next,
                Some(parts) => Checkpoint::then(&parts, &next),
            });
        }
        let parts = parts.unwrap_or_default();
        let (directions, packets) = (ask.directions, packets.boxes().to_vec());
        asked.push(Asked { directions, arrival, packets, parts: parts.clone() });
        parts
    }

    fn checkpoint(&self, direction: Direction) -> &Checkpoint<'_> {
        match direction {
            Direction::Inbound => &self.place.inbound,
            Direction::Outbound => &self.place.outbound,
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
            .through(ask, rest, Arrival::Either)
            .into_iter()
            .filter(|part| part.verdict() == Verdict::Blocked)
            .fold(AddressSet::empty(), |all, part| all.union(&part.packets.destinations()));
        (!closed.is_empty()).then(|| {
            format!(
                "closed outside the region's part of the tag, where no document asks for it: {}",
                address_count(&closed.size())
            )
        })
    }

    fn share(&self, ask: &Ask, parts: &[Part], inbound: bool) -> Share {
        // The parts together are all that is asked.
        let whole = parts.iter().all(|part| part.verdict() == Verdict::Allowed) && !parts.is_empty();
        let allowed = |remote: bool| {
            if whole {
                return if remote == inbound { ask.packets.sources() } else { ask.packets.destinations() };
            }
            let allowed = parts.iter().filter(|part| part.verdict() == Verdict::Allowed);
            Part::addresses(allowed, remote == inbound)
        };
        let own = &self.ground.point.own;
        Share {
            remote: Ratio { allowed: allowed(true).size(), total: ask.remote.size() },
            own: own.known.then(|| Ratio { allowed: allowed(false).size(), total: own.usable.size() }),
        }
    }

    /// A packet with the flow's verdict; of a flow that gets through in part, or that hangs on hosts, one that
    /// does not get through.
    fn witness(&self, answer: &FlowAnswer, directions: &[Direction]) -> Option<Witness> {
        let wanted = match answer.verdict {
            Verdict::Partial => Verdict::Blocked,
            verdict => verdict,
        };
        let fitting = answer.parts.iter().find(|part| part.verdict() == wanted);
        let part = fitting.or_else(|| answer.parts.first())?;
        // Traffic inside the subnet is shown by the check that stops it.
        let stopped = part.outcome.layers.iter().find(|step| step.verdict == part.verdict());
        let direction = stopped.map_or(*directions.first()?, |step| step.direction);
        let own = &self.ground.point.own;
        Some(Witness {
            packet: part.packets.witness(direction)?,
            verdict: part.verdict(),
            own_name: (!own.known).then(|| self.ground.point.name.clone()),
        })
    }
}

/// What is missing, once each, in order of the parts.
fn unknowns(parts: &[Part], ask: &Ask, need: &Packets) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = Vec::new();
    for gap in parts.iter().flat_map(|part| &part.outcome.gaps) {
        if !gaps.contains(gap) {
            gaps.push(gap.clone());
        }
        if gaps.len() == GAPS_NAMED {
            break;
        }
    }
    if gaps.is_empty() {
        gaps.push(match ask.asks {
            Asks::SomeRegion => Gap::new("the region of the instance").supplied_by("--region REGION"),
            _ => hosts_gap(need),
        });
    }
    gaps
}

/// Only values of the row's own parameter settle where its hosts lie.
fn hosts_gap(need: &Packets) -> Gap {
    let gap = Gap::new("the addresses of the hosts, of which only some of what may be is open");
    match need.remote {
        Remote::Parameter { name, .. } => gap.supplied_by(format!("--param {name}=ADDRESS")),
        _ => gap,
    }
}

/// What is not allowed first, then by the deciders' order.
fn in_order(mut parts: Vec<Part>) -> Vec<Part> {
    let rank = |verdict| match verdict {
        Verdict::Blocked => 0,
        Verdict::Unknown => 1,
        _ => 2,
    };
    parts.sort_by_key(|part| {
        let first = part.outcome.candidates().first();
        (
            rank(part.verdict()),
            first.and_then(|decider| decider.priority),
            first.and_then(|decider| decider.rule.clone()),
        )
    });
    parts
}

/// An answer with nothing decided yet.
pub(super) fn blank(
    row: &'static Row,
    situation: &Situation,
    profile: Profile,
    origin: &Origin,
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
        routes: Vec::new(),
        witness: None,
        unknowns: Vec::new(),
        certainly_lost: false,
        failed_dependencies: Vec::new(),
        notes: Vec::new(),
        assumptions: Vec::new(),
        origin: origin.clone(),
    }
}
