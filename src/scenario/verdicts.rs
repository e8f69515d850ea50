//! Verdicts and deciders of the parts of an answer, as a whole or of one of the two checks inside a subnet.

use crate::analyses::Witness;
use crate::model::{Direction, Verdict};
use crate::walk::{Decider, LayerStep, Part};

/// The layers of one check, or of both.
fn steps(part: &Part, half: Option<Direction>) -> impl Iterator<Item = &LayerStep> {
    part.outcome.layers.iter().filter(move |step| half.is_none_or(|half| step.direction == half))
}

/// The verdict of a part: of one check where a half is asked.
pub(super) fn half_verdict(part: &Part, half: Option<Direction>) -> Verdict {
    if half.is_none() {
        return part.verdict();
    }
    let any = |verdict| steps(part, half).any(|step| step.verdict == verdict);
    match (any(Verdict::Blocked), any(Verdict::Unknown)) {
        (true, _) => Verdict::Blocked,
        (false, true) => Verdict::Unknown,
        (false, false) => Verdict::Allowed,
    }
}

/// The verdict of all parts by the share that gets through.
pub(super) fn share(parts: &[Part], half: Option<Direction>) -> Verdict {
    let any = |verdict| parts.iter().any(|part| half_verdict(part, half) == verdict);
    match (any(Verdict::Allowed), any(Verdict::Blocked), any(Verdict::Unknown)) {
        (true, true, _) => Verdict::Partial,
        (_, _, true) => Verdict::Unknown,
        (_, true, false) => Verdict::Blocked,
        _ => Verdict::Allowed,
    }
}

/// Whoever decides the part's verdict: every check that allows, or each that blocks or leaves open.
pub(super) fn deciders(part: &Part, half: Option<Direction>) -> Vec<&Decider> {
    let verdict = half_verdict(part, half);
    let mut found: Vec<&Decider> = Vec::new();
    for decider in steps(part, half).filter(|step| step.verdict == verdict).flat_map(|step| &step.deciders) {
        if !found.contains(&decider) {
            found.push(decider);
        }
    }
    found
}

/// A part that shows an answer, and a packet of it.
pub(super) struct Shown<'a> {
    pub(super) part: &'a Part,
    pub(super) deciders: Vec<&'a Decider>,
    pub(super) witness: Option<String>,
}

/// The part that best shows why an answer is not the expected one, or the answer itself.
pub(super) fn show<'a>(
    parts: &'a [Part],
    half: Option<Direction>,
    (expected, actual): (Verdict, Verdict),
    own_name: Option<&str>,
) -> Option<Shown<'a>> {
    use Verdict::{Allowed, Blocked, Partial, Unknown};
    let wanted: &[Verdict] = match (expected, actual) {
        (Blocked, Partial) => &[Allowed, Unknown],
        (Blocked, Unknown) => &[Unknown, Allowed],
        (_, Allowed) => &[Allowed],
        (_, Unknown) => &[Unknown, Blocked, Allowed],
        _ => &[Blocked, Unknown, Allowed],
    };
    let part =
        wanted.iter().find_map(|verdict| parts.iter().find(|part| half_verdict(part, half) == *verdict))?;
    let verdict = half_verdict(part, half);
    let step = steps(part, half).find(|step| step.verdict == verdict)?;
    let witness = part.packets.witness(step.direction).map(|packet| {
        let own_name = own_name.map(str::to_owned);
        Witness { packet, verdict, own_name }.to_string()
    });
    Some(Shown { part, deciders: deciders(part, half), witness })
}
