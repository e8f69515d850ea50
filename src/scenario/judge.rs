//! Answers held against expectations.

use super::by::{By, in_words};
use super::expect::{Expectation, Question};
use super::fields::Spot;
use super::ground::unknown;
use super::mistake::{Mistake, did_you_mean, list};
use super::outcome::Checked;
use super::verdicts::{View, deciders, share, show, verdict_of};
use crate::analyses::prove::{Truth, judge};
use crate::analyses::{CheckAnswer, FlowAnswer, InstanceAnswer};
use crate::analyses::{PathQuestion, path};
use crate::flows::{FlowDirection, LocationKind};
use crate::model::{Assumption, Direction, Gap, Layer, Origin, Packet, Region, Verdict};
use crate::network::{AttachmentPoint, Network, PlaceHint, Subnet};
use crate::rules::{PacketSetText, Quantifier};
use crate::sets::ProtocolSet;
use crate::tags::TagSnapshot;
use crate::walk::question::question;
use crate::walk::{Checkpoint, Part, one_packet};
use std::net::IpAddr;

/// What the questions of one scenario are asked of.
pub(super) struct Stage<'a> {
    pub(super) network: &'a Network,
    pub(super) tags: &'a TagSnapshot,
    pub(super) answer: &'a CheckAnswer,
}

/// An answer in one form, whatever was asked.
pub(super) struct Reply {
    pub(super) verdict: Verdict,
    /// Whether the expectation holds, where that is not a matter of the whole verdict.
    holds: Option<bool>,
    pub(super) parts: Vec<Part>,
    view: View,
    assumptions: Vec<Assumption>,
    gaps: Vec<Gap>,
    /// What else the answer says.
    remark: Option<String>,
    /// The name of the own subnet where its prefix is not known.
    pub(super) own_name: Option<String>,
}

impl Reply {
    /// The same answer as one layer alone gives it.
    fn seen_by(mut self, layer: Option<Layer>) -> Self {
        if layer.is_some() {
            self.view.layer = layer;
            self.verdict = share(&self.parts, self.view);
        }
        self
    }
}

impl Stage<'_> {
    /// The answer to one expectation, and whether it is the expected one.
    ///
    /// # Errors
    /// A name in the expectation that leads nowhere.
    pub(super) fn judge(&self, expectation: &Expectation) -> Result<Checked, Mistake> {
        let by = expectation.by.as_ref().map(|written| By::find(written, self.network)).transpose()?;
        match &expectation.question {
            Question::Flow { id, location, direction } => {
                let instance = self.instance(&expectation.origin, location.as_ref())?;
                let Some(flow) = instance.flows.iter().find(|flow| flow.row.id == *id) else {
                    let message = format!("the flow `{id}` is in no answer of this profile");
                    return Err(Mistake::new(&expectation.origin, message));
                };
                let reply = flow_reply(instance, flow, *direction).seen_by(expectation.layer);
                Ok(self.compare(expectation, by.as_ref(), &reply, Some(flow)))
            }
            Question::Required { location } => self.required(expectation, location.as_ref()),
            Question::Packet { packet, subnet } => {
                let point = self.point(&expectation.asked, subnet.as_ref(), Some(packet.local()))?;
                let reply = packet_reply(&point, packet).seen_by(expectation.layer);
                Ok(self.compare(expectation, by.as_ref(), &reply, None))
            }
            Question::Set { amount, set, subnet } => {
                let point = self.point_of_set(&expectation.asked, subnet.as_ref(), set)?;
                let reply = self.set_reply(expectation, &point, *amount, set)?;
                Ok(self.compare(expectation, by.as_ref(), &reply, None))
            }
            Question::Path { set } => {
                let reply = self.path_reply(expectation, set)?.seen_by(expectation.layer);
                Ok(self.compare(expectation, by.as_ref(), &reply, None))
            }
            Question::Route { to, subnet, next_hop } => {
                self.next_hop(expectation, (to, subnet.as_ref()), next_hop, by.as_ref())
            }
            Question::Finding { code, at, absent } => {
                let at = at.as_ref().map(|at| at.value.as_str());
                Ok(self.finding(expectation, *code, at, *absent))
            }
        }
    }

    fn compare(
        &self,
        expectation: &Expectation,
        by: Option<&By>,
        reply: &Reply,
        flow: Option<&FlowAnswer>,
    ) -> Checked {
        let expected = expectation.verdict;
        let decides = |by: &By| {
            reply
                .parts
                .iter()
                .filter(|part| expected == Verdict::Partial || verdict_of(part, reply.view) == expected)
                .flat_map(|part| deciders(part, reply.view))
                .any(|decider| by.is(decider))
        };
        let failed = flow.map(|flow| &flow.failed_dependencies[..]).unwrap_or_default();
        let severity = flow.map(|flow| flow.severity);
        let rests_on = |switch| reply.assumptions.iter().any(|it| it.switch == Some(switch));
        let passed = reply.holds.unwrap_or(reply.verdict == expected)
            && by.is_none_or(decides)
            && (expectation.severity.is_none() || expectation.severity == severity)
            && expectation.dead.iter().all(|id| failed.contains(id))
            && expectation.depends_on.iter().all(|switch| rests_on(*switch));

        let amount = match expectation.question {
            Question::Set { amount, .. } => amount,
            _ => Quantifier::Every,
        };
        // What contradicts `no packet allowed` is an allowed one.
        let contradicted = match (amount, expected) {
            (Quantifier::No, Verdict::Allowed) => Verdict::Blocked,
            (Quantifier::No, _) => Verdict::Allowed,
            _ => expected,
        };
        let shown = show(&reply.parts, reply.view, (contradicted, reply.verdict), reply.own_name.as_deref());
        let mut actual = reply.verdict.to_string();
        if let Some(shown) = &shown {
            let names: Vec<String> = shown.deciders.iter().map(|decider| in_words(decider)).collect();
            if !names.is_empty() {
                let part = verdict_of(shown.part, reply.view);
                let some = if part == reply.verdict { String::new() } else { format!(", some {part}") };
                actual.push_str(&format!("{some} by {}", names.join(" or ")));
            }
        }
        let mut wanted = match amount {
            Quantifier::Every => expected.to_string(),
            Quantifier::Some | Quantifier::No => format!("{} packet {expected}", amount.as_str()),
        };
        if let Some(layer) = expectation.layer {
            wanted = format!("{layer} {wanted}");
            actual = format!("{layer} {actual}");
        }
        if let Some(by) = by {
            wanted.push_str(&format!(" by {by}"));
        }
        if let (Some(asked), Some(is)) = (expectation.severity, severity) {
            wanted.push_str(&format!(", severity {asked}"));
            actual.push_str(&format!(", severity {is}"));
        }
        if !expectation.dead.is_empty() {
            wanted.push_str(&format!(", dead without {}", expectation.dead.join(", ")));
            let without = if failed.is_empty() {
                "not dead".to_owned()
            } else {
                format!("dead without {}", failed.join(", "))
            };
            actual.push_str(&format!(", {without}"));
        }
        if !expectation.depends_on.is_empty() {
            let names = |switches: &[String]| {
                if switches.is_empty() { "no switch".to_owned() } else { switches.join(", ") }
            };
            let asked: Vec<String> = expectation.depends_on.iter().map(ToString::to_string).collect();
            let are: Vec<String> = reply
                .assumptions
                .iter()
                .filter_map(|it| it.switch)
                .map(|switch| switch.to_string())
                .collect();
            wanted.push_str(&format!(", resting on {}", names(&asked)));
            actual.push_str(&format!(", resting on {}", names(&are)));
        }
        if let Some(remark) = &reply.remark {
            actual.push_str(&format!(": {remark}"));
        } else if let (Verdict::Unknown, Some(gap)) = (reply.verdict, reply.gaps.first()) {
            actual.push_str(&format!(": it depends on {gap}"));
        }
        let decider =
            shown.as_ref().and_then(|shown| shown.deciders.first().map(|decider| (*decider).clone()));
        Checked {
            line: expectation.origin.line,
            asked: expectation.question.to_string(),
            passed,
            expected: wanted,
            actual,
            decider,
            witness: shown.and_then(|shown| shown.witness),
        }
    }

    /// The location of the instance that is asked about: the primary one unless a region is named.
    pub(super) fn instance(
        &self,
        origin: &Origin,
        location: Option<&Spot<Region>>,
    ) -> Result<&InstanceAnswer, Mistake> {
        let all = &self.answer.instances;
        let refuse = |message: String| Err(Mistake::new(origin, message));
        let Some(first) = all.first() else {
            return refuse("there is no instance to ask about: write `apim`".to_owned());
        };
        if let Some(other) = all.iter().find(|other| other.name != first.name) {
            let names = list([first.name.as_str(), other.name.as_str()]);
            return refuse(format!(
                "the input has several instances, {names} among them: say which with `apim: {{ name: .. }}`"
            ));
        }
        let is_meant = |answer: &&InstanceAnswer| match location {
            None => answer.location == LocationKind::Primary,
            Some(region) => answer.region.known() == Some(&region.value),
        };
        match (all.iter().find(is_meant), location) {
            (Some(instance), _) => Ok(instance),
            (None, Some(region)) => {
                let known: Vec<&str> =
                    all.iter().filter_map(|answer| answer.region.known()).map(Region::as_str).collect();
                Err(Mistake::new(&region.origin, unknown("location", region.value.as_str(), &known)))
            }
            (None, None) => refuse("the instance has no primary location".to_owned()),
        }
    }

    pub(super) fn point(
        &self,
        origin: &Origin,
        subnet: Option<&Spot<String>>,
        local: Option<IpAddr>,
    ) -> Result<AttachmentPoint<'_>, Mistake> {
        let hint = PlaceHint { subnet: subnet.map(|subnet| subnet.value.as_str()), group: None };
        self.network.place_for(hint, local, self.tags).map_err(|error| match subnet {
            Some(subnet) => {
                let known = self.network.subnets.iter().map(|subnet| subnet.id.name());
                let hint = did_you_mean(&subnet.value, known);
                Mistake::new(&subnet.origin, format!("{error}{hint}"))
            }
            None => self.no_place(origin),
        })
    }

    fn no_place(&self, origin: &Origin) -> Mistake {
        let names: Vec<String> = self.network.subnets.iter().map(Subnet::name).collect();
        let names = list(names.iter().map(String::as_str));
        Mistake::new(
            origin,
            format!("it is not clear where this is asked: say it with `subnet`, one of {names}"),
        )
    }

    /// A set is asked at the subnet that it names on its own side, else as a packet is.
    pub(super) fn point_of_set(
        &self,
        origin: &Origin,
        subnet: Option<&Spot<String>>,
        set: &PacketSetText,
    ) -> Result<AttachmentPoint<'_>, Mistake> {
        if subnet.is_some() {
            return self.point(origin, subnet, None);
        }
        let hint = PlaceHint::default();
        self.network.place_for_set(hint, set, self.tags).map_err(|_| self.no_place(origin))
    }

    /// The whole way, every layer of both ends.
    fn path_reply(&self, expectation: &Expectation, set: &PacketSetText) -> Result<Reply, Mistake> {
        let wrong = |error: &dyn std::fmt::Display| Mistake::new(&expectation.asked, error.to_string());
        let end = |side| self.network.end(side, self.tags).map_err(|error| wrong(&error));
        let (from, to) = (end(&set.source)?, end(&set.destination)?);
        let question = PathQuestion {
            protocols: set.protocol.map_or(ProtocolSet::ALL, |protocol| ProtocolSet::of([protocol])),
            source_ports: set.source.port_set(),
            ports: set.destination.port_set(),
        };
        let answer = path(&from, &to, &question).map_err(|error| wrong(&error))?;
        Ok(Reply {
            verdict: answer.verdict,
            holds: None,
            parts: answer.parts,
            view: View::default(),
            assumptions: answer.assumptions,
            gaps: answer.unknowns,
            remark: None,
            own_name: None,
        })
    }

    fn set_reply(
        &self,
        expectation: &Expectation,
        point: &AttachmentPoint<'_>,
        amount: Quantifier,
        set: &PacketSetText,
    ) -> Result<Reply, Mistake> {
        let asked = question(self.network, point, set)
            .map_err(|error| Mistake::new(&expectation.asked, error.to_string()))?;
        let checkpoint = Checkpoint::new(point, asked.direction);
        let answer = asked.parts(&checkpoint);
        // A share, or that nothing is known, is asked of the verdict alone.
        let claim = expectation.verdict.as_str().parse().ok();
        let holds = claim.map(|claim| judge(amount, claim, &answer) == Truth::True);
        let (verdict, parts) = answer.whole();
        let mut assumptions = asked.assumptions.clone();
        assumptions.extend(checkpoint.assumptions(&asked.packets, &parts));
        let gaps =
            asked.gaps.iter().chain(parts.iter().flat_map(|part| &part.outcome.gaps)).cloned().collect();
        let own_name = (!point.own.known).then(|| point.name.clone());
        Ok(Reply { verdict, holds, parts, view: View::default(), assumptions, gaps, remark: None, own_name })
    }
}

pub(super) fn flow_reply(
    instance: &InstanceAnswer,
    flow: &FlowAnswer,
    direction: Option<Direction>,
) -> Reply {
    let half = direction.filter(|_| flow.row.direction == FlowDirection::Inside);
    let view = View { half, layer: None };
    let verdict = match half {
        Some(_) if !flow.parts.is_empty() => share(&flow.parts, view),
        _ => flow.verdict,
    };
    Reply {
        verdict,
        holds: None,
        parts: flow.parts.clone(),
        view,
        assumptions: flow.assumptions.clone(),
        gaps: flow.unknowns.clone(),
        remark: flow.not_applicable.clone(),
        own_name: instance.prefixes.is_empty().then(|| instance.subnet.clone()).flatten(),
    }
}

fn packet_reply(point: &AttachmentPoint<'_>, packet: &Packet) -> Reply {
    let checkpoint = Checkpoint::new(point, packet.direction);
    let part = checkpoint.ask_packet(packet);
    let parts = vec![part];
    Reply {
        verdict: parts[0].verdict(),
        holds: None,
        assumptions: checkpoint.assumptions(&one_packet(packet), &parts),
        gaps: parts[0].outcome.gaps.clone(),
        parts,
        view: View::default(),
        remark: None,
        own_name: None,
    }
}
