//! Verdicts and deciders of the parts of an answer: as a whole, of one of the two checks inside a subnet, or of
//! one layer.

use crate::analyses::Witness;
use crate::model::{Direction, Layer, Verdict};
use crate::walk::{Decider, LayerStep, Part};

/// What of an answer is looked at.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct View {
    /// One of the two checks inside a subnet (S65).
    pub(super) half: Option<Direction>,
    /// One layer alone, whatever the others say.
    pub(super) layer: Option<Layer>,
}

impl View {
    fn is_whole(self) -> bool {
        self == Self::default()
    }

    fn shows(self, step: &LayerStep) -> bool {
        self.half.is_none_or(|half| step.direction == half)
            && self.layer.is_none_or(|layer| step.layer == layer)
    }
}

/// The layers that are looked at.
fn steps(part: &Part, view: View) -> impl Iterator<Item = &LayerStep> {
    part.outcome.layers.iter().filter(move |step| view.shows(step))
}

/// The verdict of a part as far as it is looked at.
pub(super) fn verdict_of(part: &Part, view: View) -> Verdict {
    if view.is_whole() {
        return part.verdict();
    }
    let any = |verdict| steps(part, view).any(|step| step.verdict == verdict);
    match (any(Verdict::Blocked), any(Verdict::Unknown)) {
        (true, _) => Verdict::Blocked,
        (false, true) => Verdict::Unknown,
        (false, false) => Verdict::Allowed,
    }
}

/// The verdict of all parts by the share that gets through.
pub(super) fn share(parts: &[Part], view: View) -> Verdict {
    let any = |verdict| parts.iter().any(|part| verdict_of(part, view) == verdict);
    match (any(Verdict::Allowed), any(Verdict::Blocked), any(Verdict::Unknown)) {
        (true, true, _) => Verdict::Partial,
        (_, _, true) => Verdict::Unknown,
        (_, true, false) => Verdict::Blocked,
        _ => Verdict::Allowed,
    }
}

/// Whoever decides the part's verdict: every check that allows, or each that blocks or leaves open.
pub(super) fn deciders(part: &Part, view: View) -> Vec<&Decider> {
    let verdict = verdict_of(part, view);
    let mut found: Vec<&Decider> = Vec::new();
    for decider in steps(part, view).filter(|step| step.verdict == verdict).flat_map(|step| &step.deciders) {
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
    view: View,
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
        wanted.iter().find_map(|verdict| parts.iter().find(|part| verdict_of(part, view) == *verdict))?;
    let verdict = verdict_of(part, view);
    let step = steps(part, view).find(|step| step.verdict == verdict)?;
    let witness = part.packets.witness(step.direction).map(|packet| {
        let own_name = own_name.map(str::to_owned);
        Witness { packet, verdict, own_name }.to_string()
    });
    Some(Shown { part, deciders: deciders(part, view), witness })
}
