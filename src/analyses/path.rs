//! Whether traffic gets from one end to another: both ends' layers, the route there and the way back.
//!
//! In: two ends and the ports. Out: [`PathAnswer`] with exact parts and *every* obstacle, those behind the first
//! one too, each with what would have to change.
//!
//! Not here: looking up ends (`network`), what one place says alone (`reach`), wording by format (`report`).

use super::answer::Witness;
use super::next_hop::{NextHopPart, next_hops};
use super::path_change::{change, stops_straight_ones};
use super::reach::in_order;
use crate::model::{Assumption, Direction, Gap, Layer, Verdict};
use crate::network::{AttachmentPoint, End, EndKind};
use crate::sets::{AddressSet, PacketBox, PacketSet, PortSet, ProtocolSet};
use crate::tags::{SpecialTag, Vocabulary, special};
use crate::walk::{Arrival, Checkpoint, Decider, Manner, Part, along, share_verdict};

/// How packets from outside are taken to come, where the way back hangs on it.
const STRAIGHT: &str = "packets from outside come straight from the Internet (S125): one that an appliance or gateway passes on is answered by it; asked of the place alone (--direction in), that is left open";

/// What is asked of a path.
#[derive(Clone, Debug)]
pub struct PathQuestion {
    /// The protocols.
    pub protocols: ProtocolSet,
    /// Ports of the end that opens the connection.
    pub source_ports: PortSet,
    /// Ports of the end that is asked.
    pub ports: PortSet,
}

/// Whether and how traffic gets from one end to another.
#[derive(Clone, Debug)]
pub struct PathAnswer {
    /// What was asked.
    pub question: PathQuestion,
    /// The end that opens the connection.
    pub from: PathEnd,
    /// The end that is asked.
    pub to: PathEnd,
    /// By the share that gets through.
    pub verdict: Verdict,
    /// The exact parts by decider: allowed, unknown, blocked.
    pub parts: Vec<Part>,
    /// Every step of the way with what it says, in order.
    pub steps: Vec<PathStep>,
    /// The ways out of the first end, where it is a place.
    pub way_there: Vec<NextHopPart>,
    /// The ways back out of the second end, where it is a place.
    pub way_back: Vec<NextHopPart>,
    /// A packet that gets through.
    pub allowed: Option<Witness>,
    /// A packet that does not.
    pub blocked: Option<Witness>,
    /// A packet of which the input does not tell.
    pub unknown: Option<Witness>,
    /// What is missing, where something is unknown.
    pub unknowns: Vec<Gap>,
    /// What the answer rests on.
    pub assumptions: Vec<Assumption>,
    /// The words that name sets of addresses.
    pub words: Vocabulary,
}

/// An end as the answer names it.
#[derive(Clone, Debug)]
pub struct PathEnd {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: EndKind,
    /// Its addresses.
    pub addresses: AddressSet,
}

/// What one layer at one end says about some of the packets.
#[derive(Clone, Debug, PartialEq)]
pub struct PathStep {
    /// The place: the first end's outbound, the second's inbound.
    pub place: String,
    /// The direction of the check there.
    pub direction: Direction,
    /// The layer.
    pub layer: Layer,
    /// What it says.
    pub verdict: Verdict,
    /// Who may decide.
    pub deciders: Vec<Decider>,
    /// The packets.
    pub packets: PacketSet,
    /// What would have to change, for what does not let them through.
    pub change: Option<String>,
}

/// Why a path cannot be asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PathError {
    /// Neither end is a place of the input.
    BothOutside,
    /// A private endpoint opens no connection (S111).
    FromEndpoint,
    /// The ends have no address family in common, or no address.
    NoPacket,
}

impl std::fmt::Display for PathError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::BothOutside => {
                "neither end is a subnet, interface or instance of the input, so nothing of it is passed"
            }
            Self::FromEndpoint => "a private endpoint opens no connection (S111)",
            Self::NoPacket => "the two ends have no address family in common",
        })
    }
}

impl std::error::Error for PathError {}

/// Asks whether traffic gets from one end to the other.
///
/// # Errors
/// [`PathError`] where the question is about nothing.
pub fn path(from: &End<'_>, to: &End<'_>, question: &PathQuestion) -> Result<PathAnswer, PathError> {
    match (&from.place, &to.place, from.kind) {
        (None, None, _) => return Err(PathError::BothOutside),
        (_, _, EndKind::PrivateEndpoint) => return Err(PathError::FromEndpoint),
        _ => {}
    }
    let packets = packets(from, to, question);
    if packets.is_empty() {
        return Err(PathError::NoPacket);
    }
    let source = from.place.as_ref().map(|place| Checkpoint::new(place, Direction::Outbound));
    let destination = to.place.as_ref().map(|place| Checkpoint::new(place, Direction::Inbound));
    let manner = Manner { arrival: arrival(from), every_layer: true };
    let parts = along(source.as_ref(), destination.as_ref(), &packets, manner);
    let parts = in_order(parts);
    let steps = steps(&parts, from, to, question);
    let verdict = verdict(&parts, from, to, question);
    let mut unknowns: Vec<Gap> = parts.iter().flat_map(|part| part.outcome.gaps.iter().cloned()).collect();
    if verdict == Verdict::Unknown {
        unknowns.extend([from, to].into_iter().filter_map(|end| Some(end.doubt.as_ref()?.gap.clone())));
    }
    unknowns.sort();
    unknowns.dedup();
    let ways = |place: &Option<AttachmentPoint<'_>>, asked: &AddressSet| {
        let answer = place.as_ref().and_then(|place| next_hops(place, asked));
        answer.map(|answer| answer.parts).unwrap_or_default()
    };
    let direction = if source.is_some() { Direction::Outbound } else { Direction::Inbound };
    let witness = |verdict| {
        let part = parts.iter().find(|part| part.verdict() == verdict)?;
        Some(Witness { packet: part.packets.witness(direction)?, verdict, own_name: None })
    };
    Ok(PathAnswer {
        question: question.clone(),
        verdict,
        steps,
        way_there: ways(&from.place, &packets.destinations()),
        way_back: ways(&to.place, &packets.sources()),
        allowed: witness(Verdict::Allowed),
        blocked: witness(Verdict::Blocked),
        unknown: witness(Verdict::Unknown),
        unknowns,
        assumptions: assumptions([source.as_ref(), destination.as_ref()], &packets, &parts, manner.arrival),
        words: words(from, to),
        from: PathEnd::of(from),
        to: PathEnd::of(to),
        parts,
    })
}

impl PathEnd {
    fn of(end: &End<'_>) -> Self {
        Self { name: end.name.clone(), kind: end.kind, addresses: end.addresses.clone() }
    }
}

/// The verdict alone, as far as it is needed.
///
/// # Errors
/// As [`path`].
pub fn path_verdict(
    (source, from): (&Checkpoint<'_>, &AddressSet),
    (destination, to): (&Checkpoint<'_>, &AddressSet),
    question: &PathQuestion,
) -> Result<Verdict, PathError> {
    let packets = product(from, to, question);
    if packets.is_empty() {
        return Err(PathError::NoPacket);
    }
    let parts = along(Some(source), Some(destination), &packets, Manner::USUAL);
    Ok(share_verdict(&parts))
}

/// The verdict by the share that gets through. Where it is not settled which addresses are meant, that of every
/// reading, or unknown.
fn verdict(parts: &[Part], from: &End<'_>, to: &End<'_>, question: &PathQuestion) -> Verdict {
    let all = share_verdict(parts);
    if from.doubt.is_none() && to.doubt.is_none() {
        return all;
    }
    let certain = product(from.certain(), to.certain(), question);
    let inside =
        parts.iter().map(|part| Part { packets: part.packets.intersection(&certain), ..part.clone() });
    let inside: Vec<Part> = inside.filter(|part| !part.packets.is_empty()).collect();
    // Some address of the group is meant, so what holds for each holds.
    let meant = if inside.is_empty() { all } else { share_verdict(&inside) };
    let is_settled = meant == all && !(inside.is_empty() && all == Verdict::Partial);
    if is_settled { all } else { Verdict::Unknown }
}

/// Who comes from outside comes straight, unless by a private way.
fn arrival(from: &End<'_>) -> Arrival {
    let outside = from.place.is_none() && from.kind != EndKind::OnPremises;
    if outside { Arrival::Straight } else { Arrival::Either }
}

fn packets(from: &End<'_>, to: &End<'_>, question: &PathQuestion) -> PacketSet {
    product(&from.addresses, &to.addresses, question)
}

fn product(from: &AddressSet, to: &AddressSet, question: &PathQuestion) -> PacketSet {
    let of = |source: AddressSet, destination: AddressSet| {
        PacketSet::product(&PacketBox {
            protocols: question.protocols,
            source,
            source_ports: question.source_ports.clone(),
            destination,
            destination_ports: question.ports.clone(),
        })
    };
    let v4 = of(from.only_v4(), to.only_v4());
    v4.union(&of(from.only_v6(), to.only_v6()))
}

fn words(from: &End<'_>, to: &End<'_>) -> Vocabulary {
    let mut words = Vocabulary::default();
    for end in [from, to] {
        let short = end.name.rsplit('/').next().unwrap_or(&end.name);
        words.add_local(short, end.addresses.clone());
    }
    words.add(SpecialTag::Internet.as_str(), special::internet());
    words
}

/// Each layer of each end once for each thing that it says.
fn steps(parts: &[Part], from: &End<'_>, to: &End<'_>, question: &PathQuestion) -> Vec<PathStep> {
    let mut steps: Vec<PathStep> = Vec::new();
    for part in parts {
        for step in &part.outcome.layers {
            let place = if step.direction == Direction::Outbound { from } else { to };
            let same = |known: &&mut PathStep| {
                known.direction == step.direction
                    && known.layer == step.layer
                    && known.verdict == step.verdict
                    && known.deciders == step.deciders
            };
            match steps.iter_mut().find(same) {
                Some(known) => known.packets = known.packets.union(&part.packets),
                None => steps.push(PathStep {
                    place: place
                        .place
                        .as_ref()
                        .map_or_else(|| place.name.clone(), |place| place.name.clone()),
                    direction: step.direction,
                    layer: step.layer,
                    verdict: step.verdict,
                    deciders: step.deciders.clone(),
                    packets: part.packets.clone(),
                    change: None,
                }),
            }
        }
    }
    let order = |layer: Layer, direction: Direction| {
        let groups = match direction {
            Direction::Outbound => [Layer::NicNsg, Layer::SubnetNsg, Layer::NoNsg],
            Direction::Inbound => [Layer::SubnetNsg, Layer::NoNsg, Layer::NicNsg],
        };
        let before = [Layer::Platform, Layer::Admin];
        let of = before.into_iter().chain(groups).chain([Layer::Route, Layer::Peering]);
        of.into_iter().position(|known| known == layer)
    };
    steps.sort_by_key(|step| (step.direction == Direction::Inbound, order(step.layer, step.direction)));
    for step in &mut steps {
        step.change = change(step, from, to, &question.ports);
    }
    steps
}

fn assumptions(
    ends: [Option<&Checkpoint<'_>>; 2],
    packets: &PacketSet,
    parts: &[Part],
    arrival: Arrival,
) -> Vec<Assumption> {
    let mut assumptions = Vec::new();
    let destination = ends[1].map(|checkpoint| checkpoint.point);
    if arrival == Arrival::Straight && destination.is_some_and(|place| stops_straight_ones(parts, place)) {
        assumptions.push(Assumption::new(STRAIGHT));
    }
    for checkpoint in ends.into_iter().flatten() {
        assumptions.extend(checkpoint.point.assumptions.iter().cloned());
        assumptions.extend(checkpoint.assumptions(packets, parts));
    }
    assumptions.sort();
    assumptions.dedup();
    assumptions
}
