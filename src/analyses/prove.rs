//! Whether a property holds for every packet of a set: `every In Tcp Internet:* -> apim:22 is blocked`.
//!
//! In: properties as people write them, and the attachment point that they are asked at. Out: a [`Proof`] for
//! each: true with how much was covered, false with a packet that shows it, or unknown with what is missing.
//! Exact: the whole set is looked at, and a packet is an example of it, not a sample.
//!
//! The answer is the one that no missing fact can change. Packets whose verdict is not known, and packets of
//! which it is not known whether they are meant, leave it open only where they could turn it: one packet that
//! is certainly allowed makes `every .. is blocked` false whatever becomes of the others.
//!
//! ```
//! use flowcheck::analyses::{Prover, Truth};
//! use flowcheck::sources::{ReadOptions, read};
//! use flowcheck::tags::TagSnapshot;
//!
//! let template = include_bytes!("../../examples/external/main.json");
//! let network = read(template, "main.json", &ReadOptions::default())?.network;
//! let subnet = network.subnets_named("apim")[0];
//! let point = network.at_subnet(subnet, TagSnapshot::builtin());
//! // The rules are compiled once, and asked as often as one likes, from many threads.
//! let prover = Prover::new(&network, &point);
//!
//! let closed = prover.prove(&"every In Tcp Internet:* -> apim:22 is blocked".parse()?)?;
//! assert_eq!(closed.truth, Truth::True);
//! assert_eq!(closed.evidence[0].outcome.decider().unwrap().to_string(), "DenyAllInbound (4096)");
//!
//! let open = prover.prove(&"no In Tcp Internet:* -> apim:22,443 is allowed".parse()?)?;
//! assert_eq!(open.truth, Truth::False);
//! assert_eq!(open.witness.unwrap().packet.destination_port, 443);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Not here: which place is meant (`network`), what a set's names stand for (`walk`), reading files and
//! wording (`scenario`, `report`).

use super::Witness;
use crate::model::{Assumption, Direction, Gap, Origin, Verdict, words};
use crate::network::{AttachmentPoint, Network};
use crate::rules::{Claim, PropertyText, Quantifier};
use crate::sets::{AddressSet, Count, PacketBox, PacketSet, PortSet, ProtocolSet};
use crate::walk::question::{Asked, Question, QuestionError, question};
use crate::walk::{Checkpoint, Outcome, Part};
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::OnceLock;

words! {
    /// Whether a property holds.
    Truth ("answer") {
        /// It holds, whatever is missing.
        True = "true",
        /// It does not, whatever is missing.
        False = "false",
        /// What is missing decides.
        Unknown = "unknown",
    }
}

impl Truth {
    fn negated(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }
}

/// The answer for one property.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The property.
    pub property: PropertyText,
    /// Where it was written, for the caller to say; what was typed stands nowhere.
    pub origin: Option<Origin>,
    /// The attachment point that was asked: `network/subnet`, or a group's name.
    pub place: String,
    /// Whether it holds.
    pub truth: Truth,
    /// How much the property is about.
    pub covered: Measure,
    /// How much of it the evidence is.
    pub shown: Measure,
    /// What settles the answer, the most packets first: all of the set where all of it had to be looked at,
    /// what is as the example where one packet is enough, and what leaves the answer open where it is unknown.
    pub evidence: Vec<Evidence>,
    /// A packet of the first piece of evidence: an example, or what contradicts the property.
    pub witness: Option<Witness>,
    /// What is missing, where the answer is unknown.
    pub unknowns: Vec<Gap>,
    /// What the answer rests on.
    pub assumptions: Vec<Assumption>,
}

/// The size of a set of packets.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Measure {
    /// How many packets there are.
    pub packets: Count,
    /// How many addresses they come from.
    pub sources: Count,
    /// How many addresses they go to.
    pub destinations: Count,
}

/// Packets that one list of deciders settles.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// How many they are.
    pub size: Measure,
    /// What becomes of each, and by whom.
    pub outcome: Outcome,
}

/// A network at one attachment point, ready for many properties.
pub struct Prover<'n> {
    network: &'n Network,
    point: &'n AttachmentPoint<'n>,
    inbound: OnceLock<Checkpoint<'n>>,
    outbound: OnceLock<Checkpoint<'n>>,
}

impl<'n> Prover<'n> {
    /// Compiles the rules of a direction when the first property asks for it.
    pub fn new(network: &'n Network, point: &'n AttachmentPoint<'n>) -> Self {
        Self { network, point, inbound: OnceLock::new(), outbound: OnceLock::new() }
    }

    /// Whether the property holds here.
    ///
    /// # Errors
    /// [`QuestionError`] for a name that stands for nothing here, and for a set without packets.
    pub fn prove(&self, property: &PropertyText) -> Result<Proof, QuestionError> {
        let asked = question(self.network, self.point, &property.set)?;
        let checkpoint = self.checkpoint(asked.direction);
        let answer = asked.parts(checkpoint);
        let truth = judge(property.quantifier, property.claim, &answer);
        let shown = telling(property, truth, &answer);
        let whole: Vec<&Part> = answer.certain.iter().chain(&answer.doubtful).collect();
        let groups = by_outcome(&shown, !answer.doubtful.is_empty());
        let evidence =
            |group: &Vec<&Part>| Evidence { size: Measure::of(group), outcome: group[0].outcome.clone() };
        Ok(Proof {
            property: property.clone(),
            origin: None,
            place: self.point.name.clone(),
            truth,
            covered: Measure::of(&whole),
            shown: Measure::of(&shown),
            witness: self.witness(&groups, asked.direction),
            evidence: groups.iter().map(evidence).collect(),
            unknowns: if truth == Truth::Unknown { missing(&shown, &asked, &answer) } else { Vec::new() },
            assumptions: self.assumptions(&asked, &answer, checkpoint),
        })
    }

    fn checkpoint(&self, direction: Direction) -> &Checkpoint<'n> {
        let place = match direction {
            Direction::Inbound => &self.inbound,
            Direction::Outbound => &self.outbound,
        };
        place.get_or_init(|| Checkpoint::new(self.point, direction))
    }

    /// A packet of the largest group; of an address that an instance can have, where there is
    /// one (Azure keeps the first of a subnet to itself).
    fn witness(&self, groups: &[Vec<&Part>], direction: Direction) -> Option<Witness> {
        let part = groups.first()?.first()?;
        let usable = part.packets.intersection(&own_side(&self.point.own.usable, direction));
        let packet = usable.witness(direction).or_else(|| part.packets.witness(direction))?;
        let own_name = (!self.point.own.known).then(|| self.point.name.clone());
        Some(Witness { packet, verdict: part.verdict(), own_name })
    }

    fn assumptions(&self, asked: &Question, answer: &Asked, checkpoint: &Checkpoint<'_>) -> Vec<Assumption> {
        let parts: Vec<Part> = answer.certain.iter().chain(&answer.doubtful).cloned().collect();
        let mut assumptions = self.point.assumptions.clone();
        assumptions.extend(asked.assumptions.iter().cloned());
        assumptions.extend(checkpoint.assumptions(&asked.packets.union(&asked.doubtful), &parts));
        assumptions
    }
}

/// What the parts of an answer make of a property: the truth that no missing fact can change, or unknown.
///
/// `some` is what `every` of the opposite is not, and `no` is `every` of the opposite.
pub fn judge(quantifier: Quantifier, claim: Claim, answer: &Asked) -> Truth {
    match quantifier {
        Quantifier::Every => every(claim, answer),
        Quantifier::Some => every(claim.opposite(), answer).negated(),
        Quantifier::No => every(claim.opposite(), answer),
    }
}

/// False by one packet that is certainly meant and certainly the other way; true where none can be.
fn every(claim: Claim, answer: &Asked) -> Truth {
    let mut all = answer.certain.iter().chain(&answer.doubtful);
    match () {
        () if answer.certain.iter().any(|part| is(part, claim.opposite())) => Truth::False,
        () if all.all(|part| is(part, claim)) => Truth::True,
        () => Truth::Unknown,
    }
}

/// Whether the claim is certain of each packet of a part.
fn is(part: &Part, claim: Claim) -> bool {
    match claim {
        Claim::Allowed => part.verdict() == Verdict::Allowed,
        Claim::Blocked => part.verdict() == Verdict::Blocked,
    }
}

/// The parts that show the answer.
fn telling<'a>(property: &PropertyText, truth: Truth, answer: &'a Asked) -> Vec<&'a Part> {
    let (claim, other) = (property.claim, property.claim.opposite());
    let certain = |claim| answer.certain.iter().filter(|part| is(part, claim)).collect::<Vec<_>>();
    // What would make the property false if it is meant, and what may.
    let against = match property.quantifier {
        Quantifier::Every => other,
        Quantifier::Some | Quantifier::No => claim,
    };
    match (property.quantifier, truth) {
        (Quantifier::Some, Truth::True) | (Quantifier::Every | Quantifier::No, Truth::False) => {
            certain(against)
        }
        (_, Truth::Unknown) => {
            let open = answer.certain.iter().filter(|part| part.verdict() == Verdict::Unknown);
            open.chain(answer.doubtful.iter().filter(|part| !is(part, against.opposite()))).collect()
        }
        _ => answer.certain.iter().chain(&answer.doubtful).collect(),
    }
}

/// The parts by what becomes of them, the most packets first; no group is empty. Only where what may be
/// meant besides was asked apart can two of them be one.
fn by_outcome<'a>(parts: &[&'a Part], asked_apart: bool) -> Vec<Vec<&'a Part>> {
    let mut groups: Vec<Vec<&Part>> = Vec::new();
    let mut alike: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
    for part in parts {
        let places = match asked_apart {
            true => alike.entry(part.outcome.digest()).or_default(),
            false => &mut Vec::new(),
        };
        match places.iter().find(|place| groups[**place][0].outcome == part.outcome) {
            Some(place) => groups[*place].push(part),
            None => {
                places.push(groups.len());
                groups.push(vec![part]);
            }
        }
    }
    let size = |group: &Vec<&Part>| group.iter().map(|part| part.packets.size()).sum::<Count>();
    // Stable: groups of one size keep the order of their rules.
    groups.sort_by_cached_key(|group| Reverse(size(group)));
    groups
}

/// What would settle the parts that leave the answer open.
fn missing(open: &[&Part], asked: &Question, answer: &Asked) -> Vec<Gap> {
    let hangs_on_extent = |part: &&Part| answer.doubtful.iter().any(|other| std::ptr::eq(*part, other));
    let of_question = if open.iter().any(hangs_on_extent) { &asked.gaps[..] } else { &[] };
    let mut gaps: Vec<Gap> = Vec::new();
    let mut known: BTreeSet<&Gap> = BTreeSet::new();
    for gap in open.iter().flat_map(|part| &part.outcome.gaps).chain(of_question) {
        if known.insert(gap) {
            gaps.push(gap.clone());
        }
    }
    gaps
}

impl Measure {
    fn of(parts: &[&Part]) -> Self {
        let addresses = |sources| Part::addresses(parts.iter().copied(), sources);
        let (sources, destinations) = (addresses(true), addresses(false));
        Self {
            packets: parts.iter().map(|part| part.packets.size()).sum(),
            sources: sources.size(),
            destinations: destinations.size(),
        }
    }

    /// How many addresses the other side of the attachment point has.
    pub fn remote(&self, direction: Direction) -> &Count {
        match direction {
            Direction::Inbound => &self.sources,
            Direction::Outbound => &self.destinations,
        }
    }
}

fn own_side(own: &AddressSet, direction: Direction) -> PacketSet {
    let (source, destination) = match direction {
        Direction::Inbound => (AddressSet::all(), own.clone()),
        Direction::Outbound => (own.clone(), AddressSet::all()),
    };
    PacketSet::product(&PacketBox {
        protocols: ProtocolSet::ALL,
        source,
        source_ports: PortSet::all(),
        destination,
        destination_ports: PortSet::all(),
    })
}
