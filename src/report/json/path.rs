//! `flowcheck/path/1`: a whole way between two ends. `flowcheck/matrix/1`: all pairs of subnets.

use super::route::RouteShape;
use super::shapes::{DeciderShape, GapShape, PartShape, word};
use super::{Head, write};
use crate::analyses::{MatrixAnswer, NextHopPart, PathAnswer, PathEnd, PathStep, Witness};
use crate::report::packets::{Namer, ports};
use serde::Serialize;
use std::io::{self, Write};

/// Writes the document of a path.
///
/// # Errors
/// Those of the writer.
pub fn path(answer: &PathAnswer, head: &Head, out: &mut dyn Write) -> io::Result<()> {
    write("path", head, answer.assumptions.iter(), Body::of(answer), out)
}

/// Writes the document of a matrix.
///
/// # Errors
/// Those of the writer.
pub fn matrix(answer: &MatrixAnswer, head: &Head, out: &mut dyn Write) -> io::Result<()> {
    let verdicts = |row: &Vec<Option<crate::model::Verdict>>| {
        row.iter().map(|verdict| verdict.map(crate::model::Verdict::as_str)).collect()
    };
    let body = MatrixBody {
        protocol: answer.question.protocols.to_string(),
        ports: ports(&answer.question.ports),
        subnets: &answer.subnets,
        verdicts: answer.verdicts.iter().map(verdicts).collect(),
    };
    write("matrix", head, answer.assumptions.iter(), body, out)
}

#[derive(Serialize)]
struct MatrixBody<'a> {
    protocol: String,
    ports: Vec<String>,
    subnets: &'a [String],
    /// Rows are sources; null where there is nothing to ask.
    verdicts: Vec<Vec<Option<&'static str>>>,
}

#[derive(Serialize)]
struct Body<'a> {
    from: EndShape<'a>,
    to: EndShape<'a>,
    protocol: String,
    ports: Vec<String>,
    verdict: &'static str,
    steps: Vec<StepShape<'a>>,
    way_there: Vec<WayShape<'a>>,
    way_back: Vec<WayShape<'a>>,
    parts: Vec<PartShape<'a>>,
    witnesses: WitnessesShape,
    unknowns: Vec<GapShape<'a>>,
}

#[derive(Serialize)]
struct EndShape<'a> {
    name: &'a str,
    kind: &'static str,
    addresses: Vec<String>,
}

#[derive(Serialize)]
struct StepShape<'a> {
    place: &'a str,
    direction: String,
    layer: &'static str,
    verdict: &'static str,
    deciders: Vec<DeciderShape<'a>>,
    change: Option<&'a str>,
}

#[derive(Serialize)]
struct WayShape<'a> {
    to: Vec<String>,
    routes: Vec<RouteShape<'a>>,
}

#[derive(Serialize)]
struct WitnessesShape {
    allowed: Option<String>,
    blocked: Option<String>,
    unknown: Option<String>,
}

impl<'a> Body<'a> {
    fn of(answer: &'a PathAnswer) -> Self {
        let mut namer = Namer::new(&answer.words);
        let witness = |witness: &Option<Witness>| witness.as_ref().map(word);
        Self {
            from: EndShape::of(&answer.from),
            to: EndShape::of(&answer.to),
            protocol: answer.question.protocols.to_string(),
            ports: ports(&answer.question.ports),
            verdict: answer.verdict.as_str(),
            steps: answer.steps.iter().map(StepShape::of).collect(),
            way_there: answer.way_there.iter().map(WayShape::of).collect(),
            way_back: answer.way_back.iter().map(WayShape::of).collect(),
            parts: answer.parts.iter().flat_map(|part| PartShape::all(part, &mut namer)).collect(),
            witnesses: WitnessesShape {
                allowed: witness(&answer.allowed),
                blocked: witness(&answer.blocked),
                unknown: witness(&answer.unknown),
            },
            unknowns: GapShape::all(&answer.unknowns),
        }
    }
}

impl<'a> EndShape<'a> {
    fn of(end: &'a PathEnd) -> Self {
        let addresses = end.addresses.nets().map(|net| net.to_string()).collect();
        Self { name: &end.name, kind: end.kind.as_str(), addresses }
    }
}

impl<'a> StepShape<'a> {
    fn of(step: &'a PathStep) -> Self {
        Self {
            place: &step.place,
            direction: step.direction.as_str().to_lowercase(),
            layer: step.layer.as_str(),
            verdict: step.verdict.as_str(),
            deciders: DeciderShape::all(&step.deciders),
            change: step.change.as_deref(),
        }
    }
}

impl<'a> WayShape<'a> {
    fn of(part: &'a NextHopPart) -> Self {
        let to = part.to.nets().map(|net| net.to_string()).collect();
        Self { to, routes: part.routes.iter().map(RouteShape::of).collect() }
    }
}
