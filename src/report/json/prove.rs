//! `flowcheck/prove/1`: whether properties hold, and what shows it.

use super::shapes::{AssumptionShape, DeciderShape, GapShape, Number, OriginShape, word};
use super::{Head, write};
use crate::analyses::{Evidence, Measure, Proof, Truth};
use serde::Serialize;
use std::io::{self, Write};

/// Writes the document of `prove`.
///
/// # Errors
/// Those of the writer.
pub fn prove(proofs: &[Proof], head: &Head, out: &mut dyn Write) -> io::Result<()> {
    let count = |truth| proofs.iter().filter(|proof| proof.truth == truth).count();
    let body = Body {
        results: proofs.iter().map(ProofShape::of).collect(),
        summary: SummaryShape {
            r#true: count(Truth::True),
            r#false: count(Truth::False),
            unknown: count(Truth::Unknown),
        },
    };
    write("prove", head, proofs.iter().flat_map(|proof| &proof.assumptions), body, out)
}

#[derive(Serialize)]
struct Body<'a> {
    results: Vec<ProofShape<'a>>,
    summary: SummaryShape,
}

#[derive(Serialize)]
struct SummaryShape {
    r#true: usize,
    r#false: usize,
    unknown: usize,
}

#[derive(Serialize)]
struct ProofShape<'a> {
    property: String,
    origin: Option<OriginShape<'a>>,
    place: &'a str,
    answer: &'static str,
    covered: MeasureShape<'a>,
    shown: MeasureShape<'a>,
    witness: Option<WitnessShape>,
    evidence: Vec<EvidenceShape<'a>>,
    unknowns: Vec<GapShape<'a>>,
    assumptions: Vec<AssumptionShape<'a>>,
}

impl<'a> ProofShape<'a> {
    fn of(proof: &'a Proof) -> Self {
        Self {
            property: word(&proof.property),
            origin: proof.origin.as_ref().map(OriginShape::of),
            place: &proof.place,
            answer: proof.truth.as_str(),
            covered: MeasureShape::of(&proof.covered),
            shown: MeasureShape::of(&proof.shown),
            witness: proof
                .witness
                .as_ref()
                .map(|witness| WitnessShape { packet: word(witness), verdict: witness.verdict.as_str() }),
            evidence: proof.evidence.iter().map(EvidenceShape::of).collect(),
            unknowns: GapShape::all(&proof.unknowns),
            assumptions: AssumptionShape::all(&proof.assumptions),
        }
    }
}

#[derive(Serialize)]
struct MeasureShape<'a> {
    packets: Number<'a>,
    sources: Number<'a>,
    destinations: Number<'a>,
}

impl<'a> MeasureShape<'a> {
    fn of(size: &'a Measure) -> Self {
        Self {
            packets: Number(&size.packets),
            sources: Number(&size.sources),
            destinations: Number(&size.destinations),
        }
    }
}

#[derive(Serialize)]
struct WitnessShape {
    packet: String,
    verdict: &'static str,
}

#[derive(Serialize)]
struct EvidenceShape<'a> {
    verdict: &'static str,
    size: MeasureShape<'a>,
    decider: Option<DeciderShape<'a>>,
    candidates: Vec<DeciderShape<'a>>,
}

impl<'a> EvidenceShape<'a> {
    fn of(evidence: &'a Evidence) -> Self {
        let candidates = evidence.outcome.candidates();
        Self {
            verdict: evidence.outcome.verdict.as_str(),
            size: MeasureShape::of(&evidence.size),
            decider: DeciderShape::only(candidates),
            candidates: DeciderShape::all(candidates),
        }
    }
}
