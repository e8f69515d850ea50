//! The difference of two policies is what their parts say, and what each packet's two first matches say.

mod support;

use flowcheck::model::{Direction, Origin};
use flowcheck::rules::{Policy, Reading, Rule, RuleSet};
use flowcheck::sets::PacketSet;
use proptest::prelude::*;
use proptest::sample::Index;
use support::{any_packet, any_rule, surroundings};

/// A policy as it was and after some edits of its rules.
fn before_and_after() -> impl Strategy<Value = (Vec<Rule>, Vec<Rule>)> {
    let edit = (0..4u8, any::<Index>(), any::<Index>(), any_rule());
    (proptest::collection::vec(any_rule(), 1..7), proptest::collection::vec(edit, 0..3)).prop_map(
        |(old, edits)| {
            let mut new = old.clone();
            for (kind, at, other, rule) in edits {
                match kind {
                    _ if new.is_empty() => new.push(rule),
                    0 => new.insert(at.index(new.len()), rule),
                    1 => drop(new.remove(at.index(new.len()))),
                    2 => {
                        let at = at.index(new.len());
                        new[at] = rule;
                    }
                    _ => {
                        // The two change places in the order of evaluation.
                        let (a, b) = (at.index(new.len()), other.index(new.len()));
                        let priority = new[a].priority.clone();
                        new[a].priority = new[b].priority.clone();
                        new[b].priority = priority;
                    }
                }
            }
            (old, new)
        },
    )
}

fn policy(rules: &[Rule], direction: Direction) -> Policy {
    let rules = RuleSet::new(rules.to_vec(), &Origin::command_line("test"));
    Policy::compile(&rules, direction, &surroundings(), &Reading::DEFAULT)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_packet_lies_in_a_change_where_its_verdicts_differ(
        (old, new) in before_and_after(),
        packets in proptest::collection::vec(any_packet(), 12),
    ) {
        for direction in Direction::ALL {
            let (old, new) = (policy(&old, *direction), policy(&new, *direction));
            let changes = old.difference(&new, &PacketSet::all());
            for packet in packets.iter().filter(|packet| packet.direction == *direction) {
                let (before, after) = (old.first_match(packet), new.first_match(packet));
                let holding: Vec<_> = changes.iter().filter(|change| change.packets.contains(packet)).collect();
                prop_assert_eq!(holding.len(), usize::from(before.verdict != after.verdict), "{}", packet);
                for change in holding {
                    prop_assert_eq!(&change.old, &before, "{}", packet);
                    prop_assert_eq!(&change.new, &after, "{}", packet);
                }
            }
        }
    }

    #[test]
    fn the_difference_is_as_large_as_the_parts_say((old, new) in before_and_after()) {
        let (old, new) = (policy(&old, Direction::Inbound), policy(&new, Direction::Inbound));
        let all = PacketSet::all();
        let mut expected = flowcheck::sets::Count::ZERO;
        let after = new.partition(&all);
        for before in old.partition(&all) {
            for after in after.iter().filter(|after| after.decision.verdict != before.decision.verdict) {
                expected += before.packets.intersection(&after.packets).size();
            }
        }
        let changed: flowcheck::sets::Count =
            old.difference(&new, &all).iter().map(|change| change.packets.size()).sum();
        prop_assert_eq!(changed, expected);
    }
}
