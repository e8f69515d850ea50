//! Two places compared: the packets whose verdict changes, by pair of deciders.
//!
//! In: a pair of places. Out: what changes in each direction, parts of one pair of deciders as one, the largest
//! first. Packets that are unknown on both sides are compared by what may decide them: the same rules for the
//! same missing facts are no change, others may be one, and are told apart from those that certainly are.

use super::matching::Pair;
use super::reasons::Reason;
use super::sides::{Sides, at_any_own, comparable, for_any_own};
use super::{ChangeKind, DiffOptions, DirectionDiff, PlaceDiff, TrafficChange, causes, readings};
use crate::analyses::Witness;
use crate::model::{Assumption, Direction, Gap, Layer, Packet, Verdict};
use crate::network::SecurityGroup;
use crate::rules::notation::AddressText;
use crate::rules::{Effort, Policy, Reading};
use crate::sets::{AddressSet, PacketBox, PacketSet, PortSet, ProtocolSet};
use crate::tags::{SpecialTag, TagSnapshot, Vocabulary, special};
use crate::walk::{Change, Checkpoint, Decider, LayerStep, Outcome, Part};
use ipnet::IpNet;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

/// Compares two places.
pub(super) fn place(
    pair: &Pair<'_>,
    old_tags: &TagSnapshot,
    new_tags: &TagSnapshot,
    options: &DiffOptions,
    effort: &Effort,
) -> PlaceDiff {
    let sides = comparable(pair, old_tags, new_tags, options);
    let causes = causes::of(pair, &sides);
    let mut assumptions = sides.assumptions.clone();
    let mut directions = Vec::new();
    for direction in &options.directions {
        let (found, more) = compared(pair, &sides, *direction, &effort.part(1, options.directions.len()));
        assumptions.extend(more);
        directions.push(found);
    }
    assumptions.sort();
    assumptions.dedup();
    let (old, new, matched) = (pair.old.side(), pair.new.side(), pair.matched);
    PlaceDiff { old, new, matched, own: sides.own, causes, directions, assumptions }
}

/// Half of the effort is for the comparison of the rules, a quarter for other readings, and the rest for the four
/// questions to one side or the other.
fn compared(
    pair: &Pair<'_>,
    sides: &Sides<'_>,
    direction: Direction,
    effort: &Effort,
) -> (DirectionDiff, Vec<Assumption>) {
    let rewritten = |group: Option<&SecurityGroup>| {
        group.filter(|_| sides.own.is_none()).map(|group| for_any_own(group, direction))
    };
    let in_force =
        |fact: &crate::model::Fact<Option<&SecurityGroup>>| rewritten(fact.known().copied().flatten());
    let (old_group, new_group) = (in_force(&sides.old.security_group), in_force(&sides.new.security_group));
    let (mut old_point, mut new_point) = (sides.old.clone(), sides.new.clone());
    if sides.own.is_none() {
        old_point = at_any_own(&old_point, old_group.as_ref());
        new_point = at_any_own(&new_point, new_group.as_ref());
    }
    let each = effort.part(1, 16).at_most_a_question();
    let checkpoint = |point| Checkpoint::new(point, direction).within(each.clone());
    let (old, new) = (checkpoint(&old_point), checkpoint(&new_point));
    let asked = asked(sides.own.as_ref(), direction);
    let mut found = old.difference_within(&new, &asked, &mut effort.part(1, 2).at_most_a_question());
    let assumptions = readings::at_stake(&old, &new, &asked, &found, effort.part(1, 4));
    found.extend(unsettled(&old, &new, &asked));
    let usable = sides.own.as_ref().map(|_| sides.old.own.usable.union(&sides.new.own.usable));
    let example = |packets: &PacketSet, _: &Outcome, _: &Outcome| {
        Some((example(packets, direction, usable.as_ref())?, None))
    };
    let changes = merged(&found, direction, &example);
    debug_assert!(changes.iter().all(|change| has_unknown(change) || is_replayed(change, &old, &new)));
    let words = words(pair, sides, direction);
    (DirectionDiff { direction, changes, words }, assumptions)
}

/// The words that mean the same on both sides, as rules mean them: `Internet` with the platform's address.
fn words(pair: &Pair<'_>, sides: &Sides<'_>, direction: Direction) -> Vocabulary {
    let names = |words: &Vocabulary| -> Vec<AddressText> {
        words.words().map(|(name, _)| AddressText::Name(name.to_owned())).collect()
    };
    let old = |asked: &[AddressText]| pair.old.network().vocabulary(&sides.old, direction, asked);
    let new = pair.new.network().vocabulary(&sides.new, direction, &names(&old(&[])));
    let old = old(&names(&new));
    let mut words = Vocabulary::default();
    words.add("*", AddressSet::all());
    words.add(SpecialTag::Internet.as_str(), special::internet());
    if sides.own.is_none() {
        words.add("own", every_own());
    }
    let (before, after) = (&sides.old.surroundings.virtual_network, &sides.new.surroundings.virtual_network);
    if before == after && after.must == after.may {
        words.add(SpecialTag::VirtualNetwork.as_str(), after.must.clone());
    }
    words.extend(&old, |name, addresses| new.addresses(name) == Some(addresses));
    words
}

/// What the rules cut into too many pieces is unknown, though one packet of it is not.
fn has_unknown(change: &TrafficChange) -> bool {
    [&change.old, &change.new].iter().any(|outcome| outcome.verdict == Verdict::Unknown)
}

/// A witness has the verdicts that the sets say it has.
fn is_replayed(change: &TrafficChange, old: &Checkpoint<'_>, new: &Checkpoint<'_>) -> bool {
    change.witness.as_ref().is_some_and(|witness| {
        old.ask_packet(&witness.packet).verdict() == change.old.verdict
            && new.ask_packet(&witness.packet).verdict() == change.new.verdict
    })
}

/// Every packet of a direction, to or from the own addresses where they are known, else to or from every address
/// that a machine can have.
fn asked(own: Option<&AddressSet>, direction: Direction) -> PacketSet {
    between(&AddressSet::all(), own.unwrap_or(&every_own()), direction)
}

/// Every address but those of groups of machines and those kept for later use.
pub(super) fn every_own() -> AddressSet {
    let nobody = ["224.0.0.0/3", "ff00::/8"];
    let nobody = nobody.iter().filter_map(|net| net.parse::<IpNet>().ok()).collect();
    AddressSet::all().difference(&nobody)
}

fn between(remote: &AddressSet, own: &AddressSet, direction: Direction) -> PacketSet {
    let (source, destination) = match direction {
        Direction::Inbound => (remote, own),
        Direction::Outbound => (own, remote),
    };
    PacketSet::product(&PacketBox {
        protocols: ProtocolSet::ALL,
        source: source.clone(),
        source_ports: PortSet::all(),
        destination: destination.clone(),
        destination_ports: PortSet::all(),
    })
}

/// Packets that are unknown on both sides, by other rules or for another reason.
fn unsettled(old: &Checkpoint<'_>, new: &Checkpoint<'_>, asked: &PacketSet) -> Vec<Change> {
    if !may_doubt(old) || !may_doubt(new) {
        return Vec::new();
    }
    let unknown = |checkpoint: &Checkpoint<'_>, asked: &PacketSet| -> Vec<Part> {
        let mut parts = checkpoint.ask(asked);
        parts.retain(|part| part.verdict() == Verdict::Unknown);
        parts
    };
    let before = unknown(old, asked);
    let boxes: Vec<PacketBox> = before.iter().flat_map(|part| part.packets.boxes()).cloned().collect();
    let doubtful = PacketSet::from_disjoint(boxes);
    let after = unknown(new, &doubtful);
    if are_too_many(&before, &after, old, new) {
        return vec![not_compared(doubtful, old.direction)];
    }
    let reasons = |parts: &[Part], checkpoint: &Checkpoint<'_>| -> Vec<Reason> {
        parts.iter().map(|part| Reason::of(&part.outcome, checkpoint)).collect()
    };
    let (why_before, why_after) = (reasons(&before, old), reasons(&after, new));
    Change::between(&before, &after, |one, other| why_before[one] != why_after[other])
}

/// How many steps the doubts of two places are compared in.
const COMPARISONS: usize = 50_000_000;

/// Whether there are more doubts than are held against each other.
fn are_too_many(before: &[Part], after: &[Part], old: &Checkpoint<'_>, new: &Checkpoint<'_>) -> bool {
    let boxes = |parts: &[Part]| parts.iter().map(|part| part.packets.boxes().len()).sum::<usize>();
    let named = |parts: &[Part], checkpoint: &Checkpoint<'_>| {
        let rules = checkpoint.group().map_or(0, |group| group.rules.rules.len());
        parts.iter().map(|part| part.outcome.candidates().len()).sum::<usize>() * rules
    };
    // Each decider is looked up among the rules, and each part is cut with each.
    let pairs = COMPARISONS / 10;
    boxes(before).saturating_mul(boxes(after)) > pairs
        || named(before, old).saturating_add(named(after, new)) > COMPARISONS
}

/// What is said of doubts that are too many.
fn not_compared(packets: PacketSet, direction: Direction) -> Change {
    let gap = Gap::new("whether the same is unknown on both sides: more parts are unknown than are compared");
    let step =
        LayerStep { layer: Layer::SubnetNsg, direction, verdict: Verdict::Unknown, deciders: Vec::new() };
    let outcome = Outcome { verdict: Verdict::Unknown, layers: vec![step], gaps: vec![gap] };
    Change { packets, old: outcome.clone(), new: outcome }
}

/// Whether anything but ICMP between IPv6 addresses can be unknown at a checkpoint; that is the same everywhere.
fn may_doubt(checkpoint: &Checkpoint<'_>) -> bool {
    let point = checkpoint.point;
    let Some(group) = checkpoint.group() else {
        return point.security_group.known().is_none() || !point.surroundings.virtual_network.gaps.is_empty();
    };
    let rules = &group.rules.rules;
    let policy = Policy::compile(&group.rules, checkpoint.direction, &point.surroundings, &Reading::DEFAULT);
    let has_gap = (0..rules.len()).any(|index| !policy.gaps(index).is_empty());
    let mut orders: Vec<i64> = rules
        .iter()
        .filter(|rule| rule.may_be_in(checkpoint.direction))
        .map(|rule| rule.priority.order())
        .collect();
    orders.sort_unstable();
    let same_priority = orders.windows(2).any(|pair| pair[0] == pair[1]);
    has_gap || same_priority || !orders.contains(&65_500)
}

/// What parts are one change by: deciders and missing facts, before and after.
type Key<'a> = (ChangeKind, Vec<&'a Decider>, Vec<&'a Gap>, Vec<&'a Decider>, Vec<&'a Gap>);

/// Picks an example of some packets under two outcomes, and the name of an own subnet whose address only stands
/// for something.
pub(super) type Example<'a> = dyn Fn(&PacketSet, &Outcome, &Outcome) -> Option<(Packet, Option<String>)> + 'a;

/// Parts with the same deciders on both sides as one change, by kind and then the largest first.
pub(super) fn merged(found: &[Change], direction: Direction, example: &Example<'_>) -> Vec<TrafficChange> {
    let mut groups: BTreeMap<Key<'_>, Vec<&Change>> = BTreeMap::new();
    for change in found {
        let kind = ChangeKind::of(change.old.verdict, change.new.verdict);
        let (old, missing_old) = reasons(&change.old);
        let (new, missing_new) = reasons(&change.new);
        groups.entry((kind, old, missing_old, new, missing_new)).or_default().push(change);
    }
    let one = |((kind, ..), parts): (Key<'_>, Vec<&Change>)| {
        let boxes = parts.iter().flat_map(|part| part.packets.boxes()).cloned().collect();
        let packets = PacketSet::from_disjoint(boxes);
        let first = parts.first()?;
        let remote = match direction {
            Direction::Inbound => packets.sources(),
            Direction::Outbound => packets.destinations(),
        };
        let witness = example(&packets, &first.old, &first.new);
        Some(TrafficChange {
            kind,
            size: packets.size(),
            remote: remote.size(),
            old: first.old.clone(),
            new: first.new.clone(),
            witness: witness.map(|(packet, own_name)| Witness {
                packet,
                verdict: first.new.verdict,
                own_name,
            }),
            packets,
        })
    };
    let mut changes: Vec<TrafficChange> = groups.into_iter().filter_map(one).collect();
    changes.sort_by_key(|change| (change.kind, Reverse(change.size.clone())));
    changes
}

fn reasons(outcome: &Outcome) -> (Vec<&Decider>, Vec<&Gap>) {
    let deciders = outcome.layers.iter().flat_map(|step| &step.deciders);
    (deciders.collect(), outcome.gaps.iter().collect())
}

/// A packet that a reader takes for a usual one, where the set has any: a well-known host on the Internet, an
/// address that a machine of the subnet can have, a port that is in use.
fn example(packets: &PacketSet, direction: Direction, usable: Option<&AddressSet>) -> Option<Packet> {
    let nets =
        |texts: &[&str]| texts.iter().filter_map(|net| net.parse::<IpNet>().ok()).collect::<AddressSet>();
    let host = AddressSet::one(IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8)));
    let private = nets(&["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]);
    let public = special::internet().difference(&special::platform_only());
    let remotes = [host, public, private.clone(), AddressSet::all()];
    let owns = match usable {
        Some(usable) => vec![usable.clone(), AddressSet::all()],
        None => vec![nets(&["10.0.0.4/32"]), private, AddressSet::all()],
    };
    let narrowed = owns.iter().flat_map(|own| remotes.iter().map(move |remote| (remote, own)));
    let found = narrowed
        .map(|(remote, own)| packets.intersection(&between(remote, own, direction)))
        .find(|some| !some.is_empty())?;
    let ports = [PortSet::range(443, 443), PortSet::range(1, u16::MAX)];
    let usual = ports.into_iter().find_map(|ports| {
        let every = AddressSet::all();
        found
            .intersection(&PacketSet::product(&PacketBox {
                protocols: ProtocolSet::with_ports(),
                source: every.clone(),
                source_ports: PortSet::all(),
                destination: every,
                destination_ports: ports,
            }))
            .witness(direction)
    });
    usual.or_else(|| found.witness(direction))
}
