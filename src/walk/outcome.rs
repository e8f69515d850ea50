//! What becomes of packets at an attachment point: verdict, layers, deciders, and what is missing.

use crate::model::{Access, Direction, Gap, Layer, Origin, Verdict};
use crate::sets::{AddressSet, PacketSet};
use rustc_hash::FxHasher;
use std::fmt;
use std::hash::{Hash, Hasher};

/// The rule, exemption or missing group that settles a packet.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Decider {
    /// The layer that it stands in.
    pub layer: Layer,
    /// The group's name, for a rule.
    pub nsg: Option<String>,
    /// The rule's bare name, for a rule.
    pub rule: Option<String>,
    /// The rule's priority, where it is known.
    pub priority: Option<i64>,
    /// What it does, where that is known.
    pub access: Option<Access>,
    /// The rule's place; for a default rule the group's, for an exemption or a missing group the subnet's.
    pub origin: Origin,
}

impl Decider {
    /// Whether the rule is one of the six defaults (S10).
    pub fn is_default(&self) -> bool {
        self.priority.is_some_and(|priority| priority >= 65_000)
    }
}

impl fmt::Display for Decider {
    /// `AllowSql (110)`, or the layer where no rule decides.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.rule, self.priority) {
            (Some(route), _) if self.layer == Layer::Route => write!(f, "the route {route}"),
            (Some(peering), _) if self.layer == Layer::Peering => write!(f, "the peering {peering}"),
            (Some(rule), Some(priority)) => write!(f, "{rule} ({priority})"),
            (Some(rule), None) => write!(f, "{rule} (?)"),
            (None, _) if self.layer == Layer::NoNsg => f.write_str("no network security group"),
            (None, _) if self.layer == Layer::Platform => f.write_str("the platform"),
            (None, _) => self.layer.fmt(f),
        }
    }
}

/// What one layer says about a part.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LayerStep {
    /// The layer.
    pub layer: Layer,
    /// The direction of the check: traffic inside a subnet is checked twice (S65).
    pub direction: Direction,
    /// What it says.
    pub verdict: Verdict,
    /// What may decide there, in order.
    pub deciders: Vec<Decider>,
}

/// What becomes of packets that nothing tells apart.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Outcome {
    /// `Allowed`, `Blocked` or `Unknown`.
    pub verdict: Verdict,
    /// Every layer that was passed, in order.
    pub layers: Vec<LayerStep>,
    /// What is missing, where the verdict is unknown.
    pub gaps: Vec<Gap>,
}

impl Outcome {
    /// The layers that settle it: the first with its verdict; all of them where it is allowed, since each had
    /// to let it through. A route only leads on: it is named where it stops something.
    pub fn decisive(&self) -> &[LayerStep] {
        if self.verdict == Verdict::Allowed {
            let last = self.layers.iter().rposition(|step| step.layer != Layer::Route);
            return &self.layers[..last.map_or(0, |last| last + 1)];
        }
        let first = self.layers.iter().position(|step| step.verdict == self.verdict);
        first.map_or(&[], |at| &self.layers[at..=at])
    }

    /// What may decide in the last layer that settles it. More than one where the input does not settle which.
    pub fn candidates(&self) -> &[Decider] {
        self.decisive().last().map_or(&[], |step| &step.deciders)
    }

    /// The one decider, where the input settles it.
    pub fn decider(&self) -> Option<&Decider> {
        match self.candidates() {
            [one] => Some(one),
            _ => None,
        }
    }

    /// A number that is equal for equal outcomes, so that few of many need to be held against each other.
    pub fn digest(&self) -> u64 {
        let mut hasher = FxHasher::default();
        for decider in self.layers.iter().flat_map(|step| &step.deciders) {
            (&decider.rule, decider.priority).hash(&mut hasher);
        }
        hasher.finish()
    }

    /// The outcome where it is not certain that what blocks applies: unknown, and so is each step that blocks.
    pub(super) fn in_doubt(mut self, gap: &Gap) -> Self {
        self.verdict = Verdict::Unknown;
        for step in self.layers.iter_mut().filter(|step| step.verdict == Verdict::Blocked) {
            step.verdict = Verdict::Unknown;
        }
        if !self.gaps.contains(gap) {
            self.gaps.push(gap.clone());
        }
        self
    }

    /// The outcome of passing both: three-valued AND (design, section 3).
    pub(super) fn and_then(&self, next: &Self) -> Self {
        let verdict = match (self.verdict, next.verdict) {
            (Verdict::Blocked, _) | (_, Verdict::Blocked) => Verdict::Blocked,
            (Verdict::Unknown, _) | (_, Verdict::Unknown) => Verdict::Unknown,
            _ => Verdict::Allowed,
        };
        let layers = self.layers.iter().chain(&next.layers).cloned().collect();
        let gaps = if verdict == Verdict::Unknown {
            self.gaps.iter().chain(&next.gaps).cloned().collect()
        } else {
            Vec::new()
        };
        Self { verdict, layers, gaps }
    }
}

/// Packets that one list of deciders settles.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The packets.
    pub packets: PacketSet,
    /// What becomes of them.
    pub outcome: Outcome,
}

impl Part {
    /// The verdict of each of its packets.
    pub fn verdict(&self) -> Verdict {
        self.outcome.verdict
    }

    /// All source or all destination addresses of some parts.
    pub fn addresses<'p>(parts: impl Iterator<Item = &'p Self> + Clone, sources: bool) -> AddressSet {
        let boxes = parts.flat_map(|part| part.packets.boxes());
        AddressSet::union_all(boxes.map(|part| if sources { &part.source } else { &part.destination }))
    }

    /// Each of some parts under each of others, where they have packets in common, with its place among the former.
    pub(super) fn all_and_then(parts: &[Self], next: &[Self]) -> Vec<(usize, Self)> {
        common(parts, next, |_, _| true)
            .into_iter()
            .map(|(one, other, packets)| {
                (one, Self { packets, outcome: parts[one].outcome.and_then(&next[other].outcome) })
            })
            .collect()
    }

    /// The packets of both parts under both parts' layers.
    pub(super) fn and_then(&self, next: &Self) -> Option<Self> {
        let packets = self.packets.intersection(&next.packets);
        (!packets.is_empty()).then(|| Self { packets, outcome: self.outcome.and_then(&next.outcome) })
    }
}

/// Packets whose verdict changes, and what decides them before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The packets.
    pub packets: PacketSet,
    /// What becomes of them before.
    pub old: Outcome,
    /// What becomes of them after.
    pub new: Outcome,
}

impl Change {
    /// The packets of two answers to one question, where the pair of parts, by their places, is `wanted`.
    pub fn between(old: &[Part], new: &[Part], wanted: impl Fn(usize, usize) -> bool) -> Vec<Self> {
        common(old, new, wanted)
            .into_iter()
            .map(|(one, other, packets)| Self {
                packets,
                old: old[one].outcome.clone(),
                new: new[other].outcome.clone(),
            })
            .collect()
    }
}

/// What the parts of two answers have in common, by their places.
fn common(
    parts: &[Part],
    others: &[Part],
    wanted: impl Fn(usize, usize) -> bool,
) -> Vec<(usize, usize, PacketSet)> {
    let [these, those] =
        [parts, others].map(|parts| parts.iter().map(|part| &part.packets).collect::<Vec<_>>());
    PacketSet::common_parts(&these, &those, wanted)
}

/// The verdict of a set by the share of it that gets through (design, section 2).
///
/// `Unknown` as soon as a part is unknown, unless some is certainly allowed and some certainly blocked.
pub fn share_verdict<'p>(parts: impl IntoIterator<Item = &'p Part>) -> Verdict {
    let (mut allowed, mut blocked, mut unknown) = (false, false, false);
    for part in parts.into_iter().filter(|part| !part.packets.is_empty()) {
        match part.verdict() {
            Verdict::Allowed => allowed = true,
            Verdict::Blocked => blocked = true,
            _ => unknown = true,
        }
    }
    match (allowed, blocked, unknown) {
        (true, true, _) => Verdict::Partial,
        (_, _, true) => Verdict::Unknown,
        (_, true, false) => Verdict::Blocked,
        _ => Verdict::Allowed,
    }
}
