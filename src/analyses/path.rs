//! Whether traffic gets from one end to another: both ends' layers, the route there and the way back.
//!
//! In: two ends and the ports. Out: [`PathAnswer`] with exact parts and *every* obstacle, those behind the first
//! one too, each with what would have to change.
//!
//! Not here: looking up ends (`network`), what one place says alone (`reach`), wording by format (`report`).

use super::answer::Witness;
use super::next_hop::{NextHopPart, next_hops};
use super::reach::in_order;
use crate::model::{Assumption, Direction, Gap, Layer, Verdict};
use crate::network::{AttachmentPoint, End, EndKind};
use crate::sets::{AddressSet, PacketBox, PacketSet, PortSet, ProtocolSet};
use crate::tags::{SpecialTag, Vocabulary, special};
use crate::walk::{Arrival, Checkpoint, Decider, Manner, Part, along, share_verdict};

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
    let apart = match (&from.place, &to.place) {
        (Some(source), Some(destination)) => apart(source, destination),
        _ => None,
    };
    let parts = in_order(held_open(parts, apart.as_ref()));
    let steps = steps(&parts, from, to, question);
    let mut unknowns: Vec<Gap> = parts.iter().flat_map(|part| part.outcome.gaps.iter().cloned()).collect();
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
        verdict: share_verdict(&parts),
        steps,
        way_there: ways(&from.place, &packets.destinations()),
        way_back: ways(&to.place, &packets.sources()),
        allowed: witness(Verdict::Allowed),
        blocked: witness(Verdict::Blocked),
        unknown: witness(Verdict::Unknown),
        unknowns,
        assumptions: assumptions([source.as_ref(), destination.as_ref()], &packets, &parts),
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
    Ok(share_verdict(&held_open(parts, apart(source.point, destination.point).as_ref())))
}

/// Why what the first place sends to those addresses may not come to the second: their networks are not joined
/// by a peering of the input, so the routes lead to whoever else has the addresses.
fn apart(from: &AttachmentPoint<'_>, to: &AttachmentPoint<'_>) -> Option<Gap> {
    let network = &to.subnet?.network;
    let is_joined = from.subnet.is_none() || from.reached.contains(network);
    (!is_joined).then(|| {
        Gap::new(format!(
            "who has these addresses beyond {}: no peering of the input joins its network with that of {}",
            from.name, to.name
        ))
        .at(&from.origin)
    })
}

/// What gets through by the layers is not settled where the ends are apart.
fn held_open(parts: Vec<Part>, apart: Option<&Gap>) -> Vec<Part> {
    let Some(gap) = apart else { return parts };
    let hold = |mut part: Part| {
        if part.verdict() != Verdict::Blocked {
            part.outcome.verdict = Verdict::Unknown;
            part.outcome.gaps.push(gap.clone());
        }
        part
    };
    parts.into_iter().map(hold).collect()
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
        let outbound =
            [Layer::Platform, Layer::Admin, Layer::NicNsg, Layer::SubnetNsg, Layer::NoNsg, Layer::Route];
        let inbound =
            [Layer::Platform, Layer::Admin, Layer::SubnetNsg, Layer::NoNsg, Layer::NicNsg, Layer::Route];
        let of = if direction == Direction::Outbound { outbound } else { inbound };
        of.iter().position(|known| *known == layer)
    };
    steps.sort_by_key(|step| (step.direction == Direction::Inbound, order(step.layer, step.direction)));
    for step in &mut steps {
        step.change = change(step, from, to, question);
    }
    steps
}

/// What would have to change for a step to let its packets through.
fn change(step: &PathStep, from: &End<'_>, to: &End<'_>, question: &PathQuestion) -> Option<String> {
    if step.verdict == Verdict::Allowed {
        return None;
    }
    let (name, rule) = match step.deciders.first() {
        Some(decider) => (decider.nsg.clone().unwrap_or_default(), decider.to_string()),
        None => (String::new(), String::new()),
    };
    let traffic = || format!("{} -> {}:{}", side(from), side(to), crate::flows::print_ports(&question.ports));
    Some(match (step.layer, step.verdict) {
        (Layer::Route, _) => route_change(step, from, to),
        (Layer::NoNsg, _) => {
            format!("attach a network security group to {} that allows {}", step.place, traffic())
        }
        (Layer::Platform, _) => "the platform drops it whatever is written".to_owned(),
        (_, Verdict::Unknown) => "settle what is missing".to_owned(),
        (Layer::Admin, _) => format!("allow {} before {rule} in the admin rules of {name}", traffic()),
        _ => format!("allow {} before {rule} in {name}", traffic()),
    })
}

/// An end in a rule: its addresses where they are few, else its name.
fn side(end: &End<'_>) -> String {
    match end.addresses.net_count() {
        1..=2 => end.addresses.nets().map(|net| net.to_string()).collect::<Vec<_>>().join(","),
        _ => end.name.clone(),
    }
}

fn route_change(step: &PathStep, from: &End<'_>, to: &End<'_>) -> String {
    let target = if step.direction == Direction::Outbound { to } else { from };
    let reply = if step.direction == Direction::Outbound { "" } else { ", by which the reply leaves" };
    let route = step.deciders.first().and_then(|decider| decider.rule.clone()).unwrap_or_default();
    let outside = target.place.is_none() && target.kind != EndKind::OnPremises;
    match step.verdict {
        Verdict::Unknown => {
            format!("what `{route}` leads to{reply} must let it pass, or a longer route must lead past it")
        }
        _ if outside && step.direction == Direction::Inbound => {
            let prefix = if target.addresses.net_count() > 25 { "PREFIX".to_owned() } else { side(target) };
            let each = if prefix == "PREFIX" { " for each client that must get in" } else { "" };
            format!(
                "add a route `{prefix} -> Internet`{each} at {}: the reply leaves by `{route}`",
                step.place
            )
        }
        _ => format!(
            "`{route}`{reply} leads nowhere: add a route, a peering or a gateway for {}",
            side(target)
        ),
    }
}

fn assumptions(ends: [Option<&Checkpoint<'_>>; 2], packets: &PacketSet, parts: &[Part]) -> Vec<Assumption> {
    let mut assumptions = Vec::new();
    for checkpoint in ends.into_iter().flatten() {
        assumptions.extend(checkpoint.point.assumptions.iter().cloned());
        assumptions.extend(checkpoint.assumptions(packets, parts));
    }
    assumptions.sort();
    assumptions.dedup();
    assumptions
}
