//! The expectation about every required flow.

use super::expect::Expectation;
use super::fields::Spot;
use super::judge::{Stage, flow_reply};
use super::mistake::Mistake;
use super::outcome::Checked;
use super::verdicts::{View, show};
use crate::analyses::{FlowAnswer, InstanceAnswer};
use crate::flows::LocationKind;
use crate::model::{Region, Verdict};

impl Stage<'_> {
    /// Every required flow: allowed if all are, blocked if none gets through, else partial.
    pub(super) fn required(
        &self,
        expectation: &Expectation,
        location: Option<&Spot<Region>>,
    ) -> Result<Checked, Mistake> {
        let primary = self.instance(&expectation.origin, location)?;
        let meant = |answer: &&InstanceAnswer| location.is_none() || answer.region == primary.region;
        let flows: Vec<(&InstanceAnswer, &FlowAnswer)> = self
            .answer
            .instances
            .iter()
            .filter(meant)
            .flat_map(|instance| instance.flows.iter().map(move |flow| (instance, flow)))
            .filter(|(_, flow)| flow.required && flow.verdict != Verdict::NotApplicable)
            .collect();
        let with = |verdict| flows.iter().filter(move |(_, flow)| flow.verdict == verdict);
        let count = |verdict| with(verdict).count();
        let (allowed, partial) = (count(Verdict::Allowed), count(Verdict::Partial));
        let blocked = count(Verdict::Blocked);
        let verdict = match () {
            () if flows.is_empty() => Verdict::NotApplicable,
            () if allowed == flows.len() => Verdict::Allowed,
            () if blocked == flows.len() => Verdict::Blocked,
            () if partial > 0 || (allowed > 0 && blocked > 0) => Verdict::Partial,
            () => Verdict::Unknown,
        };
        let troubled: Vec<&(&InstanceAnswer, &FlowAnswer)> =
            with(Verdict::Blocked).chain(with(Verdict::Partial)).chain(with(Verdict::Unknown)).collect();
        let named = |(instance, flow): &&(&InstanceAnswer, &FlowAnswer)| match &instance.region.known() {
            Some(region) if instance.location == LocationKind::Added => {
                format!("{} {} in {region}", flow.row.id, flow.verdict)
            }
            _ => format!("{} {}", flow.row.id, flow.verdict),
        };
        let names: Vec<String> = troubled.iter().map(named).collect();
        let actual = match (&names[..], flows.len()) {
            (_, 0) => "no flow is required".to_owned(),
            ([], all) => format!("{verdict}: all {all} allowed"),
            (names, all) => format!("{verdict}: {allowed} of {all} allowed, {}", names.join(", ")),
        };
        let reply = troubled.first().map(|(instance, flow)| flow_reply(instance, flow, None));
        let shown = reply.as_ref().and_then(|reply| {
            show(
                &reply.parts,
                View::default(),
                (expectation.verdict, reply.verdict),
                reply.own_name.as_deref(),
            )
        });
        Ok(Checked {
            line: expectation.origin.line,
            asked: expectation.question.to_string(),
            passed: verdict == expectation.verdict,
            expected: expectation.verdict.to_string(),
            actual,
            decider: shown.as_ref().and_then(|shown| shown.deciders.first().map(|it| (*it).clone())),
            witness: shown.and_then(|shown| shown.witness),
        })
    }
}
