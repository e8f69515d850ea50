//! How much of a packet set gets through at one attachment point: all, some or none, in exact parts.
//!
//! In: a checkpoint and the question by its sides. Out: a [`ReachAnswer`]: verdict, parts by decider, a witness
//! for each verdict. A question that names no other side is about every address there is, and is answered by
//! class too: one [`ReachRow`] for `VirtualNetwork`, for each tag that the rules name, for the rest of the
//! Internet. The classes cover every address; what is in none of the named ones is a class of its own.
//!
//! ```
//! use flowcheck::analyses::{Class, ReachQuestion, reach};
//! use flowcheck::model::{Direction, Verdict};
//! use flowcheck::rules::notation;
//! use flowcheck::sources::{ReadOptions, read};
//! use flowcheck::tags::TagSnapshot;
//! use flowcheck::walk::Checkpoint;
//!
//! let template = include_bytes!("../../examples/external/main.json");
//! let network = read(template, "main.json", &ReadOptions::default())?.network;
//! let point = network.at_subnet(network.subnets_named("apim")[0], TagSnapshot::builtin());
//! // The rules are compiled once, and asked as often as one likes, from many threads.
//! let inbound = Checkpoint::new(&point, Direction::Inbound);
//!
//! // Is port 3443 reachable, and from where?
//! let question = ReachQuestion {
//!     direction: Direction::Inbound,
//!     protocols: notation::protocols("tcp")?,
//!     ports: notation::ports("3443")?,
//!     from: None,
//!     to: None,
//! };
//! let answer = reach(&network, &inbound, &question)?;
//! assert_eq!(answer.verdict, Verdict::Partial);
//! let open: Vec<&Class> =
//!     answer.rows.iter().filter(|row| row.verdict == Verdict::Allowed).map(|row| &row.class).collect();
//! assert_eq!(open, [&Class::Tag("ApiManagement".to_owned())]);
//!
//! // The same of one side.
//! let question = ReachQuestion { from: Some("Storage,10.0.0.0/8".parse()?), ..question };
//! assert_eq!(reach(&network, &inbound, &question)?.verdict, Verdict::Blocked);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Not here: paths between two places (one point is asked), reading what was typed (`cli`), wording (`report`).

use super::answer::{Ratio, Witness};
use super::one_packet::no_activation_server;
use super::share::at_side;
use crate::model::{Assumption, Direction, Gap, Layer, Origin, Protocol, Verdict};
use crate::network::{AttachmentPoint, Network};
use crate::rules::AddressTerm;
use crate::rules::notation::SideText;
use crate::rules::surroundings::{ACTIVATION_SERVER, UNSEEN_OWN};
use crate::sets::{AddressSet, Count, PacketBox, PacketSet, PortSet, ProtocolSet};
use crate::tags::{SpecialTag, Vocabulary, special};
use crate::walk::question::{End, Question, QuestionError, Sides, Who, question_of};
use crate::walk::{Checkpoint, Part, share_verdict};
use ipnet::IpNet;
use rustc_hash::FxHashMap;
use std::net::Ipv4Addr;

/// What is asked, by its sides.
#[derive(Clone, Debug)]
pub struct ReachQuestion {
    /// The direction.
    pub direction: Direction,
    /// The protocols.
    pub protocols: ProtocolSet,
    /// Ports of the side that is asked.
    pub ports: PortSet,
    /// The side that opens the connection; `None` for the own subnet (out) or every address (in).
    pub from: Option<SideText>,
    /// The side that is asked; `None` for the own subnet (in) or every address (out). Its ports are not looked
    /// at: they are `ports`.
    pub to: Option<SideText>,
}

/// How much of a packet set gets through.
#[derive(Clone, Debug)]
pub struct ReachAnswer {
    /// What was asked.
    pub question: ReachQuestion,
    /// The attachment point: `network/subnet`, or a group's name.
    pub place: String,
    /// The own addresses that were asked about.
    pub own: AddressSet,
    /// Every remote address that was asked about.
    pub remote: AddressSet,
    /// By the share that gets through.
    pub verdict: Verdict,
    /// How many remote addresses have a packet that gets through.
    pub share: Ratio,
    /// The exact parts by decider: allowed, unknown, blocked; each in the order of the rules.
    pub parts: Vec<Part>,
    /// The classes of the other side, where the question names none; they cover every address.
    pub rows: Vec<ReachRow>,
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
    /// The words that name sets of addresses here.
    pub words: Vocabulary,
    /// The place of the subnet, else of its group.
    pub origin: Origin,
}

/// A class of addresses of the other side.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Class {
    /// A tag.
    Tag(String),
    /// What Azure's own services are reached by: names, metadata, activation (S101 to S103).
    PlatformServices,
    /// Addresses of no tag that a rule names.
    Named,
    /// Public addresses of no other class.
    RestOfInternet,
    /// Every address of no other class.
    Other,
}

/// How much of a class gets through.
#[derive(Clone, Debug)]
pub struct ReachRow {
    /// The class.
    pub class: Class,
    /// Its addresses, as far as they are asked about; classes of tags may overlap.
    pub addresses: AddressSet,
    /// By the share that gets through; unknown too where the extent of the class is what is missing.
    pub verdict: Verdict,
    /// How many of the addresses have a packet that gets through. What only stands for an address does not
    /// count.
    pub share: Ratio,
    /// The parts of the answer that have packets of this class, by their place in [`ReachAnswer::parts`].
    pub parts: Vec<usize>,
    /// What is missing, where the verdict is unknown.
    pub unknowns: Vec<Gap>,
}

/// Asks how much of a packet set gets through.
///
/// # Errors
/// [`QuestionError`] for a name that stands for nothing here, and for a side or set without members.
pub fn reach(
    network: &Network,
    checkpoint: &Checkpoint<'_>,
    asked: &ReachQuestion,
) -> Result<ReachAnswer, QuestionError> {
    let point = checkpoint.point;
    let inbound = asked.direction == Direction::Inbound;
    let question = question_of(network, point, &sides(asked))?;
    let (verdict, parts) = question.ask(checkpoint);
    let parts = in_order(parts);
    let everything = question.packets.union(&question.doubtful);
    let side = |source: bool| if source { everything.sources() } else { everything.destinations() };
    let (remote, own) = (side(inbound), side(!inbound));
    let terms = [&asked.from, &asked.to].into_iter().flatten().flat_map(|side| &side.addresses);
    let words = network.vocabulary(point, asked.direction, terms);
    let whole = Whole::new(&parts, &remote, inbound);
    let rows = match away(asked) {
        Some(_) => Vec::new(),
        None => rows(checkpoint, &whole, &words),
    };
    let witness = |verdict| witness(&parts, verdict, point, asked.direction);
    let answer = ReachAnswer {
        question: asked.clone(),
        place: point.name.clone(),
        own,
        verdict,
        share: whole.share(&remote),
        allowed: witness(Verdict::Allowed),
        blocked: witness(Verdict::Blocked),
        unknown: witness(Verdict::Unknown),
        unknowns: unknowns(&question, verdict, &parts),
        assumptions: assumptions(checkpoint, &question, &everything, &parts),
        words,
        origin: point.origin.clone(),
        remote,
        parts,
        rows,
    };
    Ok(answer)
}

/// The side away from the subnet, as it was asked.
fn away(asked: &ReachQuestion) -> Option<&SideText> {
    match asked.direction {
        Direction::Inbound => asked.from.as_ref(),
        Direction::Outbound => asked.to.as_ref(),
    }
}

/// The two sides; a remote side left out is every address, the platform's among them.
fn sides(asked: &ReachQuestion) -> Sides<'_> {
    let source_ports = asked.from.as_ref().map_or_else(PortSet::all, SideText::port_set);
    let inbound = asked.direction == Direction::Inbound;
    Sides {
        direction: asked.direction,
        protocols: asked.protocols,
        source: End { addresses: who(asked.from.as_ref(), !inbound), ports: source_ports },
        destination: End { addresses: who(asked.to.as_ref(), inbound), ports: asked.ports.clone() },
    }
}

fn who(side: Option<&SideText>, own: bool) -> Who<'_> {
    match side {
        Some(side) => Who::Named(&side.addresses),
        None if own => Who::Own,
        None => Who::Everyone,
    }
}

/// Parts with the same outcome as one, allowed first, then unknown, then blocked.
pub(super) fn in_order(parts: Vec<Part>) -> Vec<Part> {
    let mut merged: Vec<Part> = Vec::with_capacity(parts.len());
    // There can be very many: only those whose deciders are named alike are held against each other.
    let mut alike: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
    for part in parts {
        let places = alike.entry(part.outcome.digest()).or_default();
        match places.iter().find(|place| merged[**place].outcome == part.outcome) {
            Some(place) => {
                let known = &mut merged[*place];
                let boxes = known.packets.boxes().iter().chain(part.packets.boxes()).cloned().collect();
                // The parts of one question have no packet in common.
                known.packets = PacketSet::from_disjoint(boxes);
            }
            None => {
                places.push(merged.len());
                merged.push(part);
            }
        }
    }
    merged.sort_by_key(|part| match part.verdict() {
        Verdict::Allowed => 0,
        Verdict::Unknown => 1,
        _ => 2,
    });
    merged
}

/// How many addresses there are; what only stands for an address does not count.
fn count(addresses: &AddressSet) -> Count {
    let as_such = addresses.contains(Ipv4Addr::UNSPECIFIED.into());
    let stand_ins = AddressSet::one(UNSEEN_OWN).union(&AddressSet::one(ACTIVATION_SERVER));
    if as_such { addresses.size() } else { addresses.difference(&stand_ins).size() }
}

/// An example of a verdict. Where there is one it is of the Internet, and of an address that an instance can
/// have; nobody would meet the lowest of all addresses.
fn witness(
    parts: &[Part],
    verdict: Verdict,
    point: &AttachmentPoint<'_>,
    direction: Direction,
) -> Option<Witness> {
    let inbound = direction == Direction::Inbound;
    let usable = at_side(&point.own.usable, !inbound);
    let internet = at_side(&special::internet().difference(&special::platform_only()), inbound);
    let of = |part: &Part, cuts: &[&PacketSet]| {
        let cut = cuts.iter().fold(part.packets.clone(), |set, cut| set.intersection(cut));
        cut.witness(direction)
    };
    // The platform's own traffic is a poor example where there is any other.
    let mut parts: Vec<&Part> = parts.iter().filter(|part| part.verdict() == verdict).collect();
    parts.sort_by_cached_key(|part| {
        let is_platform = part.outcome.layers.iter().any(|step| step.layer == Layer::Platform);
        (is_platform, std::cmp::Reverse(part.packets.size()))
    });
    let found = [&[&usable, &internet][..], &[&usable], &[]]
        .into_iter()
        .find_map(|cuts| parts.iter().find_map(|part| of(part, cuts)));
    let packet = found?;
    let own_name = [packet.source, packet.destination].contains(&UNSEEN_OWN).then(|| point.name.clone());
    Some(Witness { packet, verdict, own_name })
}

fn unknowns(question: &Question, verdict: Verdict, parts: &[Part]) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = parts.iter().flat_map(|part| part.outcome.gaps.iter().cloned()).collect();
    if verdict == Verdict::Unknown {
        gaps.extend(question.gaps.iter().cloned());
    }
    gaps.sort();
    gaps.dedup();
    gaps
}

fn assumptions(
    checkpoint: &Checkpoint<'_>,
    question: &Question,
    everything: &PacketSet,
    parts: &[Part],
) -> Vec<Assumption> {
    let mut assumptions = checkpoint.point.assumptions.clone();
    assumptions.extend(question.assumptions.iter().cloned());
    assumptions.extend(checkpoint.assumptions(everything, parts));
    let asks_activation = |part: &PacketBox| {
        part.protocols.contains(Protocol::TCP)
            && part.destination_ports.contains(1688)
            && !part.destination.contains(ACTIVATION_SERVER)
    };
    if question.direction == Direction::Outbound && question.packets.boxes().iter().any(asks_activation) {
        assumptions.push(no_activation_server());
    }
    assumptions
}

/// The whole answer, which classes are cut from.
struct Whole<'a> {
    parts: &'a [Part],
    remote: &'a AddressSet,
    inbound: bool,
    /// Remote addresses with a packet that gets through.
    open: AddressSet,
}

impl<'a> Whole<'a> {
    fn new(parts: &'a [Part], remote: &'a AddressSet, inbound: bool) -> Self {
        let open = Part::addresses(parts.iter().filter(|part| part.verdict() == Verdict::Allowed), inbound);
        Self { parts, remote, inbound, open }
    }

    fn share(&self, addresses: &AddressSet) -> Ratio {
        Ratio { allowed: count(&self.open.intersection(addresses)), total: count(addresses) }
    }

    /// The places of the parts that have packets of these remote addresses.
    fn parts_of(&self, addresses: &AddressSet) -> Vec<usize> {
        let remote = |part: &'a PacketBox| if self.inbound { &part.source } else { &part.destination };
        let touches = |part: &'a Part| part.packets.boxes().iter().any(|part| remote(part).meets(addresses));
        self.parts.iter().enumerate().filter(|(_, part)| touches(part)).map(|(place, _)| place).collect()
    }

    /// The row of a class.
    fn row(&self, class: Class, addresses: &AddressSet) -> ReachRow {
        let addresses = addresses.intersection(self.remote);
        let places = self.parts_of(&addresses);
        let parts = || places.iter().map(|place| &self.parts[*place]);
        let mut unknowns: Vec<Gap> = parts().flat_map(|part| part.outcome.gaps.iter().cloned()).collect();
        unknowns.sort();
        unknowns.dedup();
        ReachRow {
            class,
            verdict: share_verdict(parts()),
            share: self.share(&addresses),
            unknowns,
            parts: places,
            addresses,
        }
    }
}

/// The classes of the remote side; together they hold all of it.
fn rows(checkpoint: &Checkpoint<'_>, whole: &Whole<'_>, words: &Vocabulary) -> Vec<ReachRow> {
    let point = checkpoint.point;
    let inbound = whole.inbound;
    let mut rows: Vec<ReachRow> = Vec::new();
    let mut covered = AddressSet::empty();
    let virtual_network = SpecialTag::VirtualNetwork.as_str();
    let named = named_by_rules(checkpoint);
    let tags = [virtual_network].into_iter().chain(named.tags.iter().map(String::as_str));
    for tag in tags.chain(inbound.then(|| SpecialTag::AzureLoadBalancer.as_str())) {
        let Some(addresses) = words.addresses(tag) else { continue };
        if tag == SpecialTag::Internet.as_str() || rows.iter().any(|row| row.class.is_tag(tag)) {
            continue;
        }
        let mut row = whole.row(Class::Tag(tag.to_owned()), addresses);
        if tag == virtual_network {
            row.hang_on_extent(point, whole);
        }
        covered = covered.union(addresses);
        rows.push(row);
    }
    if !inbound {
        let services = special::platform_only().union(&AddressSet::one(ACTIVATION_SERVER));
        let services = services.difference(&covered);
        covered = covered.union(&services);
        rows.push(whole.row(Class::PlatformServices, &services));
    }
    let internet = special::internet();
    let prefixes = named.prefixes.difference(&covered).difference(&internet);
    covered = covered.union(&prefixes);
    rows.push(whole.row(Class::Named, &prefixes));
    rows.push(whole.row(Class::RestOfInternet, &internet.difference(&covered)));
    covered = covered.union(&internet);
    rows.push(whole.row(Class::Other, &whole.remote.difference(&covered)));
    rows.retain(|row| !row.addresses.is_empty());
    rows
}

/// What rules name at the remote side.
struct NamedByRules {
    /// Tags, as the list spells them, in order.
    tags: Vec<String>,
    /// Prefixes, but those of whole families.
    prefixes: AddressSet,
}

fn named_by_rules(checkpoint: &Checkpoint<'_>) -> NamedByRules {
    let direction = checkpoint.direction;
    let rules = checkpoint.group().map(|group| &group.rules.rules[..]).unwrap_or_default();
    let terms = rules
        .iter()
        .filter(|rule| rule.may_be_in(direction))
        .flat_map(|rule| &rule.own_and_remote(direction).1.addresses);
    let (mut tags, mut nets): (Vec<String>, Vec<IpNet>) = (Vec::new(), Vec::new());
    for term in terms {
        match &term.value {
            AddressTerm::Tag(name) | AddressTerm::Expanded { tag: name, .. } => {
                tags.push(checkpoint.point.surroundings.tags.classify(name).to_string());
            }
            AddressTerm::Prefix { net, .. } if net.prefix_len() > 0 => nets.push(*net),
            _ => {}
        }
    }
    tags.sort();
    tags.dedup();
    NamedByRules { tags, prefixes: AddressSet::from_nets(nets) }
}

impl Class {
    fn is_tag(&self, name: &str) -> bool {
        matches!(self, Self::Tag(tag) if tag == name)
    }
}

impl ReachAnswer {
    /// The parts of a class that are of interest, cut to its packets.
    pub fn parts_of(&self, row: &ReachRow, wanted: impl Fn(Verdict) -> bool) -> Vec<Part> {
        let cut = at_side(&row.addresses, self.question.direction == Direction::Inbound);
        let parts = row.parts.iter().map(|place| &self.parts[*place]);
        let cut_part = |part: &Part| Part { packets: part.packets.intersection(&cut), ..part.clone() };
        parts.filter(|part| wanted(part.verdict())).map(cut_part).collect()
    }
}

impl ReachRow {
    /// Where the extent of `VirtualNetwork` is not known, its verdict is that of both readings, or unknown.
    fn hang_on_extent(&mut self, point: &AttachmentPoint<'_>, whole: &Whole<'_>) {
        let extent = &point.surroundings.virtual_network;
        let may = extent.may.difference(&special::platform_only());
        if may.is_subset(&extent.must) {
            return;
        }
        let possible = whole.row(self.class.clone(), &may);
        if possible.verdict != self.verdict {
            self.verdict = Verdict::Unknown;
            self.unknowns.extend(extent.gaps.iter().cloned());
            self.unknowns.sort();
            self.unknowns.dedup();
        }
    }

    /// Whether how many addresses the class has is known: it has more than what stands for one.
    pub fn is_counted(&self) -> bool {
        self.share.total > Count::from(0u8)
    }
}
