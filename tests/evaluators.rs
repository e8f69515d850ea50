//! The evaluators agree: reference, first match, partition, classifier, difference and standings, over ugly
//! rule sets, their edits, and packets at the edges of everything that a rule can name.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use flowcheck::model::{Access, Direction, Fact, Origin, Packet, RulePriority, Verdict};
use flowcheck::rules::{
    Classifier, Decision, Effort, Policy, Reading, RuleOutcome, RulePart, RuleSet, Standing, reference,
};
use flowcheck::sets::{Count, PacketBox, PacketSet};
use flowcheck::strategies::{Edited, Edits, Shown, with_packets};
use flowcheck::walk::one_packet;
use proptest::prelude::*;
use support::{any_packet, any_rules, cases, facts, surroundings, words};

fn compile(rules: &RuleSet, direction: Direction) -> Policy {
    Policy::compile(rules, direction, &surroundings(), &Reading::DEFAULT)
}

fn policy(rules: &RuleSet, packet: &Packet) -> Policy {
    compile(rules, packet.direction)
}

/// A rule set, packets near its edges and packets anywhere.
fn any_case() -> impl Strategy<Value = (Shown<RuleSet>, Vec<Shown<Packet>>)> {
    let near = with_packets(any_rules(), &surroundings(), 1..=20);
    (near, proptest::collection::vec(any_packet(), 0..=10)).prop_map(|((rules, mut packets), others)| {
        packets.extend(others);
        (rules, packets)
    })
}

/// An edited rule set, packets near the edges of what it was and of what it is, and packets anywhere.
fn any_edited(edits: &Edits) -> impl Strategy<Value = (Edited, Vec<Shown<Packet>>)> + use<> {
    let place = surroundings();
    let near = with_packets(edits.of(any_rules(), &place), &place, 1..=20);
    (near, proptest::collection::vec(any_packet(), 0..=8)).prop_map(|((edited, mut packets), others)| {
        packets.extend(others);
        (edited, packets)
    })
}

fn size_of<'a>(sets: impl Iterator<Item = &'a PacketSet>) -> Count {
    sets.map(PacketSet::size).sum()
}

fn union_of<'a>(sets: impl Iterator<Item = &'a PacketSet>) -> PacketSet {
    sets.fold(PacketSet::empty(), |all, set| all.union(set))
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn first_match_is_what_the_clauses_say((rules, packets) in any_case()) {
        for packet in packets {
            let decision = policy(&rules, &packet).first_match(&packet);
            let (verdict, candidates) = reference::decide(&rules, &packet, &facts());
            prop_assert_eq!(decision.verdict, verdict, "{}", *packet);
            prop_assert_eq!(decision.candidates, candidates, "{}", *packet);
        }
    }

    #[test]
    fn the_classifier_is_first_match((rules, packets) in any_case()) {
        for direction in Direction::ALL {
            let policy = compile(&rules, *direction);
            let classifier = Classifier::new(&policy);
            for packet in packets.iter().filter(|packet| packet.direction == *direction) {
                prop_assert_eq!(classifier.decision(packet), policy.first_match(packet), "{}", **packet);
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(50))]

    #[test]
    fn the_partition_decides_each_packet_as_first_match((rules, packets) in any_case()) {
        for direction in Direction::ALL {
            let policy = compile(&rules, *direction);
            let parts = policy.partition(&PacketSet::all());
            for packet in packets.iter().filter(|packet| packet.direction == *direction) {
                let holding: Vec<_> = parts.iter().filter(|part| part.packets.contains(packet)).collect();
                prop_assert_eq!(holding.len(), 1, "{} lies in one part", **packet);
                prop_assert_eq!(&holding[0].decision, &policy.first_match(packet), "{}", **packet);
            }
        }
    }

    #[test]
    fn the_partition_covers_what_was_asked_and_nothing_else((rules, packets) in any_case()) {
        let policy = policy(&rules, &packets[0]);
        let few = union_of(packets.iter().map(|packet| one_packet(packet)).collect::<Vec<_>>().iter());
        for asked in [PacketSet::all(), PacketSet::empty(), few.complement(), few] {
            let parts = policy.partition(&asked);
            prop_assert_eq!(size_of(parts.iter().map(|part| &part.packets)), asked.size(), "disjoint");
            prop_assert!(union_of(parts.iter().map(|part| &part.packets)) == asked);
            prop_assert!(parts.iter().all(|part| !part.packets.is_empty()));
            let decisions: Vec<&Decision> = parts.iter().map(|part| &part.decision).collect();
            let repeated = |at: usize| decisions[..at].contains(&decisions[at]);
            prop_assert!(!(0..decisions.len()).any(repeated), "one part for each decision");
        }
    }

    #[test]
    fn policies_that_share_their_sorted_sides_answer_as_before((rules, _) in any_case()) {
        let mut inbound = compile(&rules, Direction::Inbound);
        let mut outbound = compile(&rules, Direction::Outbound);
        let boxes = |policy: &Policy| -> Vec<_> {
            let parts = policy.partition(&PacketSet::all()).into_iter();
            parts.map(|part| (part.packets.boxes().to_vec(), part.decision)).collect()
        };
        let alone = [boxes(&inbound), boxes(&outbound)];
        inbound.share_sides(&mut outbound);
        prop_assert_eq!([boxes(&inbound), boxes(&outbound)], alone);
    }

    #[test]
    fn hulls_are_the_sides_of_the_exact_parts((rules, packets) in any_case()) {
        let policy = policy(&rules, &packets[0]);
        let singles: Vec<PacketSet> = packets.iter().map(|packet| one_packet(packet)).collect();
        let few = union_of(singles.iter());
        // Boxes that overlap: each packet, and every packet to the first one's destination.
        let all = PacketSet::all();
        let to_one = all.boxes().iter().map(|part| PacketBox {
            destination: few.boxes()[0].destination.clone(),
            ..part.clone()
        });
        let to_one = to_one.fold(PacketSet::empty(), |all, part| all.union(&PacketSet::product(&part)));
        let beyond: Vec<PacketBox> = few.boxes().iter().chain(to_one.boxes()).cloned().collect();
        let left_out = few.union(&to_one);
        for (asked, beyond, left_out) in [
            (PacketSet::all(), &[][..], PacketSet::empty()),
            (PacketSet::all(), &beyond[..], left_out.clone()),
            (few.complement(), &beyond[..], left_out),
        ] {
            let sides = |part: RulePart| {
                let left = part.packets.difference(&left_out);
                let hull = left.boxes().iter().cloned().reduce(|all, part| all.hull(&part))?;
                Some((hull, part.decision))
            };
            let exact: Vec<_> = policy.partition(&asked).into_iter().filter_map(sides).collect();
            for verdict in [Verdict::Allowed, Verdict::Blocked, Verdict::Unknown] {
                let hulls = policy.hulls(verdict, &asked, beyond).into_iter();
                let hulls: Vec<_> = hulls.map(|hull| (hull.sides, hull.decision)).collect();
                let of_verdict = exact.iter().filter(|(_, decision)| decision.verdict == verdict);
                prop_assert_eq!(hulls, of_verdict.cloned().collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn a_part_of_the_question_has_the_part_of_the_answer((rules, packets) in any_case()) {
        let policy = policy(&rules, &packets[0]);
        let asked = union_of(packets.iter().map(|packet| one_packet(packet)).collect::<Vec<_>>().iter());
        let whole = policy.partition(&PacketSet::all());
        for part in policy.partition(&asked) {
            let of_whole = whole.iter().find(|other| other.decision == part.decision).unwrap();
            prop_assert!(of_whole.packets.intersection(&asked) == part.packets);
        }
    }

    #[test]
    fn the_difference_is_where_the_verdicts_differ((edited, packets) in any_edited(&Edits::changing(&words()).times(1..4))) {
        for direction in Direction::ALL {
            let (old, new) = (compile(&edited.before, *direction), compile(&edited.after, *direction));
            let parts = old.difference(&new, &PacketSet::all());
            let changed = union_of(parts.iter().map(|part| &part.packets));
            prop_assert_eq!(size_of(parts.iter().map(|part| &part.packets)), changed.size(), "disjoint");
            for part in &parts {
                prop_assert_ne!(part.old.verdict, part.new.verdict);
                let witness = part.packets.witness(*direction).unwrap();
                prop_assert_eq!(&old.first_match(&witness), &part.old, "{}", witness);
                prop_assert_eq!(&new.first_match(&witness), &part.new, "{}", witness);
            }
            for packet in packets.iter().filter(|packet| packet.direction == *direction) {
                let verdicts = [&old, &new].map(|policy| policy.first_match(packet).verdict);
                prop_assert_eq!(changed.contains(packet), verdicts[0] != verdicts[1], "{}", **packet);
                let asked = old.difference(&new, &one_packet(packet));
                prop_assert_eq!(asked.len(), usize::from(changed.contains(packet)), "{}", **packet);
            }
            // The other way round is the same packets.
            let back = union_of(new.difference(&old, &PacketSet::all()).iter().map(|part| &part.packets));
            prop_assert!(back == changed);
            prop_assert!(old.difference(&old, &PacketSet::all()).is_empty());
        }
    }

    #[test]
    fn edits_that_keep_the_meaning_leave_no_difference((edited, packets) in any_edited(&Edits::keeping(&words()).times(1..4))) {
        for packet in &packets {
            let verdicts =
                [&edited.before, &edited.after].map(|rules| reference::decide(rules, packet, &facts()).0);
            prop_assert_eq!(verdicts[0], verdicts[1], "{}", **packet);
        }
        for direction in Direction::ALL {
            let (old, new) = (compile(&edited.before, *direction), compile(&edited.after, *direction));
            prop_assert!(old.difference(&new, &PacketSet::all()).is_empty());
            for verdict in [Verdict::Allowed, Verdict::Blocked, Verdict::Unknown] {
                let (old, new) = (of_verdict(&old, verdict), of_verdict(&new, verdict));
                prop_assert!(old == new);
                prop_assert_eq!(old.canonical(), new.canonical(), "equal sets print equal");
            }
        }
    }
}

/// An effort of so many thousand words.
fn little(thousands: usize) -> Effort {
    Effort::question().part(thousands, 1_000_000)
}

proptest! {
    #![proptest_config(cases(40))]

    /// Whatever an effort is enough for is what no limit says, and of the rest nothing is claimed.
    #[test]
    fn standings_within_a_little_effort_are_those_without_a_limit_or_open((rules, _) in any_case(), thousands in 0usize..60) {
        for direction in Direction::ALL {
            let policy = compile(&rules, *direction);
            let whole = policy.standings(*direction);
            let found = policy.standings_within(&PacketSet::all(), *direction, &mut little(thousands));
            prop_assert_eq!(found.len(), whole.len());
            for (standing, whole) in found.iter().zip(&whole) {
                prop_assert_eq!((standing.rule, &standing.matches), (whole.rule, &whole.matches));
                if !standing.open {
                    prop_assert_eq!(standing, whole);
                }
            }
        }
    }

    #[test]
    fn a_difference_within_a_little_effort_claims_nothing_that_first_match_does_not_say((edited, packets) in any_edited(&Edits::changing(&words()).times(1..40)), thousands in 0usize..20) {
        for direction in Direction::ALL {
            let (old, new) = (compile(&edited.before, *direction), compile(&edited.after, *direction));
            let found = old.difference_within(&new, &PacketSet::all(), &mut little(thousands));
            for packet in packets.iter().filter(|packet| packet.direction == *direction) {
                let decisions = [&old, &new].map(|policy| policy.first_match(packet));
                let part = found.iter().find(|part| part.packets.contains(packet));
                let Some(part) = part else {
                    prop_assert_eq!(decisions[0].verdict, decisions[1].verdict, "{}", **packet);
                    continue;
                };
                for (told, is) in [&part.old, &part.new].into_iter().zip(&decisions) {
                    if told.cut_off {
                        prop_assert_eq!(told.verdict, Verdict::Unknown);
                    } else {
                        prop_assert_eq!(told, is, "{}", **packet);
                    }
                }
            }
        }
    }
}

fn of_verdict(policy: &Policy, verdict: Verdict) -> PacketSet {
    let parts = policy.partition(&PacketSet::all());
    union_of(parts.iter().filter(|part| part.decision.verdict == verdict).map(|part| &part.packets))
}

/// Some of the rules, as a policy of their own.
fn only(rules: &RuleSet, places: &[usize], direction: Direction, access: Option<Access>) -> Policy {
    let mut some: Vec<_> = places.iter().map(|place| rules.rules[*place].clone()).collect();
    if let Some(access) = access {
        some.iter_mut().for_each(|rule| rule.access = Fact::Known(access));
    }
    compile(&RuleSet { rules: some }, direction)
}

/// Whether the rules take every packet of a set for certain, whatever they do with it.
fn cover_all(rules: &RuleSet, places: &[usize], direction: Direction, packets: &PacketSet) -> bool {
    let policy = only(rules, places, direction, Some(Access::Allow));
    policy.partition(packets).iter().all(|part| part.decision.verdict == Verdict::Allowed)
}

/// The packets that a rule decides or may decide, by the parts of all packets.
fn decided(parts: &[RulePart], place: usize) -> PacketSet {
    let own = parts.iter().filter(|part| part.decision.candidates.contains(&place));
    union_of(own.map(|part| &part.packets))
}

fn standing_holds(
    rules: &RuleSet,
    parts: &[RulePart],
    standing: &Standing,
    direction: Direction,
    packets: &[Shown<Packet>],
) -> Result<(), TestCaseError> {
    let policy = compile(rules, direction);
    let alone = only(rules, &[standing.rule], direction, None).partition(&PacketSet::all());
    let (decided, matched) = (self::decided(parts, standing.rule), self::decided(&alone, 0));
    prop_assert_eq!(&standing.decides, &decided.size());
    prop_assert_eq!(&standing.matches, &matched.size());

    prop_assert_eq!(standing.witness.is_none(), decided.is_empty());
    if let Some(witness) = &standing.witness {
        let decision = policy.first_match(witness);
        prop_assert!(decision.candidates.contains(&standing.rule), "{}", witness);
    }

    let mut left = rules.clone();
    left.rules.remove(standing.rule);
    let without = compile(&left, direction);
    let is_same = policy.difference(&without, &PacketSet::all()).is_empty();
    prop_assert!(is_same || !standing.redundant);
    // Where rules share a priority or the defaults are not whole, a rule is not said to be redundant (S8, S5).
    let orders: Vec<i64> = rules.rules.iter().map(|rule| rule.priority.order()).collect();
    let alone = |order: &i64| orders.iter().filter(|other| *other == order).count() == 1;
    let whole = rules.rules.iter().filter(|rule| rule.is_default()).count() == 6;
    if whole && orders.iter().filter(|order| **order < 65_000).all(alone) {
        prop_assert_eq!(standing.redundant, is_same);
    }
    for packet in packets {
        let (with, after) = (policy.first_match(packet), without.first_match(packet));
        prop_assert!(!standing.redundant || with.verdict == after.verdict, "{}", **packet);
        if standing.redundant && with.candidates.contains(&standing.rule) {
            let before_removal = |place: &usize| place + usize::from(*place >= standing.rule);
            let heirs: Vec<usize> = after.candidates.iter().map(before_removal).collect();
            prop_assert!(heirs.iter().all(|heir| standing.heirs.contains(heir)), "{}", **packet);
        }
    }

    cover_holds(rules, standing, direction, &matched.difference(&decided), packets)
}

fn cover_holds(
    rules: &RuleSet,
    standing: &Standing,
    direction: Direction,
    taken: &PacketSet,
    packets: &[Shown<Packet>],
) -> Result<(), TestCaseError> {
    // A rule of unknown priority stands in two places.
    if matches!(rules.rules[standing.rule].priority, RulePriority::Unknown(_)) {
        return Ok(());
    }
    let policy = compile(rules, direction);
    prop_assert_eq!(standing.cover.is_empty(), taken.is_empty());
    let order = |place: usize| rules.rules[place].priority.order();
    prop_assert!(standing.cover.iter().all(|place| order(*place) < order(standing.rule)
        || matches!(rules.rules[*place].priority, RulePriority::Unknown(_))));
    prop_assert!(cover_all(rules, &standing.cover, direction, taken));
    for packet in packets.iter().filter(|packet| taken.contains(packet)) {
        let matches =
            |place: &usize| policy.outcomes(packet).any(|outcome| outcome == (*place, RuleOutcome::Matches));
        prop_assert!(standing.cover.iter().any(matches), "{}", **packet);
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn standings_are_what_first_match_says((rules, packets) in any_case()) {
        for direction in Direction::ALL {
            let packets: Vec<_> =
                packets.iter().filter(|packet| packet.direction == *direction).copied().collect();
            let policy = compile(&rules, *direction);
            let parts = policy.partition(&PacketSet::all());
            for standing in policy.standings(*direction) {
                standing_holds(&rules, &parts, &standing, *direction, &packets)?;
            }
        }
    }
}

fn rule_set(rules: &[&str]) -> RuleSet {
    let origin = Origin::command_line("test");
    let rules = rules
        .iter()
        .enumerate()
        .map(|(place, text)| flowcheck::rules::notation::rule(&format!("r{place}"), text, &origin).unwrap());
    RuleSet::new(rules.collect(), &origin)
}

#[test]
fn empty_and_full_rule_sets_are_whole() {
    let none = RuleSet { rules: Vec::new() };
    let closed = rule_set(&["100 In Deny * * -> *"]);
    let open = rule_set(&["100 In Allow * * -> *"]);
    let all = PacketSet::all();
    for (rules, verdict, rule) in [
        (&none, Verdict::Unknown, None),
        (&closed, Verdict::Blocked, Some(0)),
        (&open, Verdict::Allowed, Some(0)),
    ] {
        let parts = compile(rules, Direction::Inbound).partition(&all);
        let decision = Decision { verdict, candidates: rule.into_iter().collect(), cut_off: false };
        assert_eq!(parts.iter().map(|part| &part.decision).collect::<Vec<_>>(), [&decision]);
        assert!(parts[0].packets == all);
        assert!(compile(rules, Direction::Inbound).partition(&PacketSet::empty()).is_empty());
    }
    let changed = compile(&closed, Direction::Inbound).difference(&compile(&open, Direction::Inbound), &all);
    assert_eq!(changed.len(), 1);
    assert!(changed[0].packets == all);
    let standings = compile(&closed, Direction::Inbound).standings(Direction::Inbound);
    let dead: Vec<usize> = standings
        .iter()
        .filter(|standing| standing.decides == Count::ZERO)
        .map(|standing| standing.rule)
        .collect();
    assert_eq!(dead, [1, 2, 3], "nothing is left for the default rules");
    assert!(standings.iter().all(|standing| standing.rule == 0 || standing.cover == [0]));
}

#[test]
fn equal_priorities_are_unknown_where_the_order_matters() {
    let rules = rule_set(&["100 In Allow Tcp * -> *:80-443", "100 In Deny Tcp * -> *:443-500"]);
    for (port, verdict, names) in [
        (80, Verdict::Allowed, 1),
        (443, Verdict::Unknown, 2),
        (500, Verdict::Blocked, 1),
        (501, Verdict::Blocked, 1),
    ] {
        let packet: Packet = format!("In Tcp 8.8.8.8 -> 10.0.1.5:{port}").parse().unwrap();
        let decision = policy(&rules, &packet).first_match(&packet);
        assert_eq!((decision.verdict, decision.candidates.len()), (verdict, names), "port {port}");
    }
}
