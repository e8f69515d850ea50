//! The evaluators agree: reference, first match, partition and classifier, over ugly rule sets and packets
//! at the edges of everything that a rule can name.

mod support;

use flowcheck::model::{Packet, Verdict};
use flowcheck::rules::{Classifier, Policy, Reading, RuleSet, reference};
use flowcheck::sets::PacketSet;
use flowcheck::walk::one_packet;
use proptest::prelude::*;
use support::{any_packet, any_rule_set, facts, surroundings};

fn policy(rules: &RuleSet, packet: &Packet) -> Policy {
    Policy::compile(rules, packet.direction, &surroundings(), &Reading::DEFAULT)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn first_match_is_what_the_clauses_say(rules in any_rule_set(), packets in proptest::collection::vec(any_packet(), 12)) {
        for packet in packets {
            let decision = policy(&rules, &packet).first_match(&packet);
            let (verdict, candidates) = reference::decide(&rules, &packet, &facts());
            prop_assert_eq!(decision.verdict, verdict, "{}", packet);
            prop_assert_eq!(decision.candidates, candidates, "{}", packet);
        }
    }

    #[test]
    fn the_classifier_is_first_match(rules in any_rule_set(), packets in proptest::collection::vec(any_packet(), 12)) {
        for packet in packets {
            let policy = policy(&rules, &packet);
            prop_assert_eq!(Classifier::new(&policy).decision(&packet), policy.first_match(&packet), "{}", packet);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn the_partition_of_all_packets_decides_each_as_first_match(rules in any_rule_set(), packets in proptest::collection::vec(any_packet(), 12)) {
        for packet in packets {
            let policy = policy(&rules, &packet);
            let parts = policy.partition(&PacketSet::all());
            let holding: Vec<_> = parts.iter().filter(|part| part.packets.contains(&packet)).collect();
            prop_assert_eq!(holding.len(), 1, "{} lies in one part", packet);
            prop_assert_eq!(&holding[0].decision, &policy.first_match(&packet), "{}", packet);
        }
    }

    #[test]
    fn the_partition_covers_what_was_asked_and_nothing_else(rules in any_rule_set(), packet in any_packet()) {
        let policy = policy(&rules, &packet);
        for asked in [PacketSet::all(), one_packet(&packet), one_packet(&packet).complement()] {
            let parts = policy.partition(&asked);
            let total: flowcheck::sets::Count = parts.iter().map(|part| part.packets.size()).sum();
            prop_assert_eq!(total, asked.size());
            let all = parts.iter().fold(PacketSet::empty(), |all, part| all.union(&part.packets));
            prop_assert!(all == asked);
        }
    }
}

#[test]
fn equal_priorities_are_unknown_where_the_order_matters() {
    let origin = flowcheck::model::Origin::command_line("test");
    let rule = |name, text| flowcheck::rules::notation::rule(name, text, &origin).unwrap();
    let rules = RuleSet::new(
        vec![rule("a", "100 In Allow Tcp * -> *:80-443"), rule("b", "100 In Deny Tcp * -> *:443-500")],
        &origin,
    );
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
