//! A dead rule is covered by the rules that are said to cover it, and by no fewer: all smaller sets are tried.

mod support;

use flowcheck::model::{Direction, Origin};
use flowcheck::rules::{Policy, Reading, Rule, RuleSet};
use flowcheck::sets::{Count, PacketSet};
use proptest::prelude::*;
use support::{any_rules, cases, surroundings};

const IN: Direction = Direction::Inbound;

fn with_defaults(rules: &[Rule]) -> RuleSet {
    RuleSet::new(rules.to_vec(), &Origin::command_line("test"))
}

fn policy(rules: &RuleSet) -> Policy {
    Policy::compile(rules, IN, &surroundings(), &Reading::DEFAULT)
}

/// Whether the rule decides nothing when only some of the others are there.
fn is_dead_under(rules: &RuleSet, rule: usize, others: &[usize]) -> bool {
    let kept = (0..rules.rules.len()).filter(|index| *index == rule || others.contains(index));
    let kept: Vec<usize> = kept.collect();
    let few = RuleSet { rules: kept.iter().map(|index| rules.rules[*index].clone()).collect() };
    let parts = policy(&few).partition(&PacketSet::all());
    !parts.iter().any(|part| part.decision.candidates.iter().any(|candidate| kept[*candidate] == rule))
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn a_dead_rule_is_covered_and_by_no_fewer(rules in any_rules()) {
        let policy = policy(&rules);
        let dead = policy.shadowed();
        for standing in policy.standings(IN).iter().filter(|standing| standing.decides == Count::ZERO) {
            prop_assert!(dead.iter().any(|dead| dead.rule == standing.rule && dead.cover == standing.cover));
        }
        for dead in dead {
            prop_assert!(is_dead_under(&rules, dead.rule, &dead.cover));
            let others: Vec<usize> = (0..rules.rules.len()).filter(|index| *index != dead.rule).collect();
            for chosen in 0u32..1 << others.len() {
                if (chosen.count_ones() as usize) < dead.cover.len() {
                    let fewer: Vec<usize> = (0..others.len()).filter(|at| chosen >> at & 1 == 1).map(|at| others[at]).collect();
                    prop_assert!(!is_dead_under(&rules, dead.rule, &fewer), "rule {}: {:?}", dead.rule, fewer);
                }
            }
        }
    }
}

#[test]
fn the_smallest_cover_is_found_among_larger_ones() {
    let origin = Origin::command_line("test");
    let rule = |text: &str| flowcheck::rules::notation::rule(text, text, &origin).unwrap();
    let rules = with_defaults(
        &[
            "100 In Allow Tcp * -> *:80-89",
            "101 In Deny Tcp * -> *:90-94",
            "102 In Allow Tcp * -> *:80-84",
            "103 In Allow Tcp * -> *:85-99",
            "104 In Deny Tcp * -> *:95-99",
            "105 In Allow Tcp * -> *:80-99",
        ]
        .map(rule),
    );
    let shadowed = policy(&rules).shadowed();
    let found: Vec<(usize, Vec<usize>)> = shadowed.into_iter().map(|dead| (dead.rule, dead.cover)).collect();
    assert_eq!(found, [(2, vec![0]), (4, vec![3]), (5, vec![0, 3])]);
}

#[test]
fn a_rule_of_the_same_priority_covers_nothing() {
    let origin = Origin::command_line("test");
    let rule = |text: &str| flowcheck::rules::notation::rule(text, text, &origin).unwrap();
    let rules = with_defaults(
        &[
            "4095 In Allow * *:* -> *:*",
            "100 In Allow * 0.0.0.0/0:* -> *:*",
            "4095 In Allow * *:* -> 10.0.1.0/24:*",
        ]
        .map(rule),
    );
    let dead = policy(&rules).shadowed().into_iter().find(|dead| dead.rule == 2);
    assert_eq!(dead.map(|dead| dead.cover), Some(vec![1]));
}
