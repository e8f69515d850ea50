//! `flowcheck/packet/1`: what becomes of each packet, and why.

use super::shapes::{AssumptionShape, DeciderShape, GapShape, OriginShape, word};
use super::{Head, write};
use crate::analyses::{PacketAnswer, TraceRow};
use crate::report::text::outcome_of_rule;
use crate::walk::LayerStep;
use serde::Serialize;
use std::io::{self, Write};

/// Writes the document of `packet`; `trace` adds each rule in order.
///
/// # Errors
/// Those of the writer.
pub fn packet(answers: &[PacketAnswer], trace: bool, head: &Head, out: &mut dyn Write) -> io::Result<()> {
    let results = answers.iter().map(|answer| ResultShape::of(answer, trace)).collect();
    let more = answers.iter().flat_map(|answer| &answer.assumptions);
    write("packet", head, more, Body { results }, out)
}

#[derive(Serialize)]
struct Body<'a> {
    results: Vec<ResultShape<'a>>,
}

#[derive(Serialize)]
struct ResultShape<'a> {
    packet: String,
    place: &'a str,
    verdict: &'static str,
    decider: Option<DeciderShape<'a>>,
    candidates: Vec<DeciderShape<'a>>,
    layers: Vec<LayerShape<'a>>,
    unknowns: Vec<GapShape<'a>>,
    assumptions: Vec<AssumptionShape<'a>>,
    trace: Option<Vec<TraceShape<'a>>>,
}

impl<'a> ResultShape<'a> {
    fn of(answer: &'a PacketAnswer, trace: bool) -> Self {
        let part = &answer.part;
        Self {
            packet: word(answer.packet),
            place: &answer.place,
            verdict: part.verdict().as_str(),
            decider: DeciderShape::only(part.outcome.candidates()),
            candidates: DeciderShape::all(part.outcome.candidates()),
            layers: part.outcome.layers.iter().map(LayerShape::of).collect(),
            unknowns: GapShape::all(&part.outcome.gaps),
            assumptions: AssumptionShape::all(&answer.assumptions),
            trace: trace.then(|| answer.trace.iter().map(TraceShape::of).collect()),
        }
    }
}

#[derive(Serialize)]
struct LayerShape<'a> {
    layer: &'static str,
    verdict: &'static str,
    decider: Option<DeciderShape<'a>>,
    candidates: Vec<DeciderShape<'a>>,
}

impl<'a> LayerShape<'a> {
    fn of(step: &'a LayerStep) -> Self {
        Self {
            layer: step.layer.as_str(),
            verdict: step.verdict.as_str(),
            decider: DeciderShape::only(&step.deciders),
            candidates: DeciderShape::all(&step.deciders),
        }
    }
}

#[derive(Serialize)]
struct TraceShape<'a> {
    rule: &'a str,
    text: &'a str,
    /// `matches`, `may match`, or the field that does not, as in `no: destination port`.
    outcome: String,
    origin: OriginShape<'a>,
}

impl<'a> TraceShape<'a> {
    fn of(row: &'a TraceRow) -> Self {
        Self {
            rule: &row.rule,
            text: &row.text,
            outcome: outcome_of_rule(row.outcome),
            origin: OriginShape::of(&row.origin),
        }
    }
}
