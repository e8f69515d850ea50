//! What `flowcheck::strategies` generates: rule sets that Azure would take, rule sets with every oddity, packets
//! at edges, edits; that all of it prints in the notation; and that failures end in the example to expect.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use flowcheck::model::{Direction, Fact, Origin, Packet, PortRange, Protocol, RulePriority, Verdict};
use flowcheck::rules::{
    AddressTerm, Policy, PortTerm, ProtocolTerm, Reading, Rule, RuleSet, Side, Written, notation,
};
use flowcheck::sets::{Count, PacketSet};
use flowcheck::strategies::{
    EditKind, Edits, MOST_RULES, Shown, Words, packets_near, rule, rule_as_written, rules, rules_as_written,
    with_packets,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, RngSeed, TestError, TestRng, TestRunner};
use std::collections::BTreeSet;
use std::fmt::Debug;
use support::{cases, surroundings, words};

fn read(name: &str, text: &str) -> Rule {
    notation::rule(name, text, &Origin::command_line("test")).unwrap()
}

/// What is there in so many draws, the same every time.
fn draws<S: Strategy>(strategy: &S, count: usize) -> Vec<S::Value> {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

fn policy(rules: &RuleSet, direction: Direction) -> Policy {
    Policy::compile(rules, direction, &surroundings(), &Reading::DEFAULT)
}

/// The rule that is read from a printed line, or nothing where the line has a remark.
fn read_back(rule: &Rule) -> Option<Rule> {
    let line = format!("{:?}", Shown(rule.clone()));
    let (name, text) = line.split_once(": ").unwrap();
    if text.contains("   # ") {
        return None;
    }
    let same_place = Rule { origin: rule.origin.clone(), ..read(name, text) };
    Some(same_place)
}

/// Why Azure would not take a rule set.
fn refusal(rules: &RuleSet) -> Option<String> {
    let mut taken = BTreeSet::new();
    for rule in rules.custom() {
        let (RulePriority::Custom(priority), Fact::Known(direction), Fact::Known(_)) =
            (&rule.priority, &rule.direction, &rule.access)
        else {
            return Some(format!("{rule}: something unknown"));
        };
        if !taken.insert((*direction, *priority)) {
            return Some(format!("{rule}: the priority is taken"));
        }
        let narrow = [&rule.source, &rule.destination].iter().any(|side| !every_port(side));
        match rule.protocol {
            ProtocolTerm::Unknown(_) => return Some(format!("{rule}: protocol")),
            ProtocolTerm::One(protocol) if !protocol.has_ports() && narrow => {
                return Some(format!("{rule}: ports of a protocol without"));
            }
            _ => {}
        }
        for side in [&rule.source, &rule.destination] {
            let lone = side.addresses.len() == 1 && !side.addresses[0].plural;
            let list = side.addresses.len() > 1
                && side.addresses.iter().all(|written| {
                    written.plural && matches!(written.value, AddressTerm::Prefix { host_bits: false, .. })
                });
            let ports = side.ports.iter().all(|written| {
                written.plural == (side.ports.len() > 1) && matches!(written.value, PortTerm::Range(_))
            });
            if !(lone || list) || !ports || side.ports.is_empty() || rule.doubt.is_some() {
                return Some(format!("{rule}: a side"));
            }
        }
    }
    (taken.len() > MOST_RULES).then(|| "too many rules".to_owned())
}

fn every_port(side: &Side) -> bool {
    side.ports == [Written::singular(PortTerm::Range(PortRange::ALL))]
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn what_the_notation_can_say_prints_as_it(plain in rule(&words()), ugly in rule_as_written(&words())) {
        prop_assert_eq!(read_back(&plain), Some(plain.into_inner()));
        if let Some(read) = read_back(&ugly) {
            prop_assert_eq!(&read, &*ugly);
        }
    }

    #[test]
    fn azure_would_take_it(rules in rules(&Words::default(), 0..12)) {
        prop_assert_eq!(refusal(&rules), None);
        prop_assert_eq!(rules.custom().count() + 6, rules.rules.len());
    }

    #[test]
    fn edits_leave_what_azure_would_take(
        kept in Edits::keeping(&words()).times(0..6).of(rules(&words(), 0..6), &surroundings()),
        changed in Edits::changing(&words()).times(0..6).of(rules(&words(), 0..6), &surroundings()),
    ) {
        let words_twice = |rules: &RuleSet| rules.custom().filter(|rule| refusal_of_one(rule)).count();
        prop_assert_eq!(refusal(&changed.after), None, "{:?}", changed);
        prop_assert_eq!(words_twice(&kept.after), 0, "{:?}", kept);
        prop_assert_eq!(refusal(&kept.after), None, "{:?}", kept);
    }

    #[test]
    fn a_team_stays_within_its_numbers(
        edited in prop_oneof![Just(Edits::changing(&words())), Just(Edits::keeping(&words()))]
            .prop_flat_map(|edits| edits.within(1000..=1999).times(1..6).of(rules(&words(), 0..8), &surroundings())),
    ) {
        let outside = |rules: &RuleSet| {
            let mut others: Vec<Rule> = rules.rules.clone();
            others.retain(|rule| !(1000..=1999).contains(&rule.priority.number().unwrap()));
            others.sort_by_key(|rule| (rule.direction.known().copied(), rule.priority.number()));
            others
        };
        prop_assert_eq!(outside(&edited.before), outside(&edited.after));
    }
}

fn refusal_of_one(rule: &Rule) -> bool {
    refusal(&RuleSet { rules: vec![rule.clone()] }).is_some()
}

#[test]
fn a_full_group_has_a_thousand_rules_and_no_more() {
    let full = &draws(&rules(&words(), 1_000..3_000), 1)[0];
    assert_eq!((full.custom().count(), refusal(full)), (MOST_RULES, None));
    let added =
        draws(&Edits::of_kinds(&words(), &[EditKind::Add]).of(Just(full.clone()), &surroundings()), 1);
    assert_eq!(added[0].edits, Vec::<String>::new());
}

/// A way to write rules that somebody has used.
type Oddity = fn(&RuleSet) -> bool;

#[test]
fn whatever_people_write_turns_up() {
    fn sides(rules: &RuleSet) -> impl Iterator<Item = &Side> {
        rules.custom().flat_map(|rule| [&rule.source, &rule.destination])
    }
    fn addresses(rules: &RuleSet) -> impl Iterator<Item = &Written<AddressTerm>> {
        sides(rules).flat_map(|side| &side.addresses)
    }
    fn ports(rules: &RuleSet) -> impl Iterator<Item = &PortTerm> {
        sides(rules).flat_map(|side| &side.ports).map(|written| &written.value)
    }
    fn names(rules: &RuleSet) -> impl Iterator<Item = &str> {
        addresses(rules).filter_map(|written| match &written.value {
            AddressTerm::Tag(name) => Some(name.as_str()),
            _ => None,
        })
    }
    let oddities: &[(&str, Oddity)] = &[
        ("odd case", |rules| names(rules).any(|name| name == "INTERNET" || name == "virtualnetwork")),
        ("unknown tag", |rules| names(rules).any(|name| name == "CorpNetSaw")),
        ("both forms", |rules| sides(rules).any(|side| Written::in_both_forms(&side.addresses))),
        ("both port forms", |rules| sides(rules).any(|side| Written::in_both_forms(&side.ports))),
        ("host bits", |rules| {
            addresses(rules).any(|term| matches!(term.value, AddressTerm::Prefix { host_bits: true, .. }))
        }),
        ("tag in a list", |rules| {
            addresses(rules).any(|term| term.plural && matches!(term.value, AddressTerm::Tag(_)))
        }),
        ("dash", |rules| addresses(rules).any(|term| matches!(term.value, AddressTerm::DashRange { .. }))),
        ("Any", |rules| addresses(rules).any(|term| term.value == AddressTerm::LiteralAny)),
        ("group", |rules| addresses(rules).any(|term| matches!(term.value, AddressTerm::Group(_)))),
        ("expression", |rules| addresses(rules).any(|term| matches!(term.value, AddressTerm::Unknown(_)))),
        ("empty list", |rules| sides(rules).any(|side| side.addresses.is_empty())),
        ("reversed range", |rules| ports(rules).any(|port| *port == PortTerm::Never)),
        ("unknown port", |rules| ports(rules).any(|port| matches!(port, PortTerm::Unknown(_)))),
        ("narrow source port", |rules| rules.custom().any(|rule| !every_port(&rule.source))),
        ("Esp with ports", |rules| {
            rules.custom().any(|rule| {
                rule.protocol == ProtocolTerm::One(Protocol::ESP) && !every_port(&rule.destination)
            })
        }),
        ("IPv6", |rules| {
            let is_v6 = |term: &AddressTerm| match term {
                AddressTerm::Prefix { net, .. } => net.addr().is_ipv6(),
                _ => false,
            };
            addresses(rules).any(|term| is_v6(&term.value))
        }),
        ("equal priorities", |rules| {
            let mut seen = BTreeSet::new();
            rules.custom().filter_map(|rule| rule.priority.number()).any(|number| !seen.insert(number))
        }),
        ("refused priority", |rules| {
            rules.custom().any(|rule| matches!(rule.priority, RulePriority::OutOfRange(_)))
        }),
        ("unknown priority", |rules| {
            rules.custom().any(|rule| matches!(rule.priority, RulePriority::Unknown(_)))
        }),
        ("unknown access", |rules| rules.custom().any(|rule| rule.access.known().is_none())),
        ("doubtful rule", |rules| rules.custom().any(|rule| rule.doubt.is_some())),
        ("no rule", |rules| rules.custom().next().is_none()),
    ];
    let drawn = draws(&rules_as_written(&words(), 0..8), 400);
    for (name, holds) in oddities {
        assert!(drawn.iter().any(|rules| holds(rules)), "{name}");
    }
}

#[test]
fn packets_are_at_every_edge_of_every_side() {
    let origin = Origin::command_line("test");
    let rules = RuleSet::new(
        vec![
            read("a", "100 In Allow Tcp Narrow:1024-65535 -> 10.0.1.0/24:443"),
            read("b", "200 Out Deny Udp [fd00:1::/64] -> asg:app:53"),
        ],
        &origin,
    );
    let packets: Vec<Packet> =
        draws(&packets_near(&rules, &surroundings()), 4_000).iter().map(|p| **p).collect();
    let of = |direction| packets.iter().filter(move |packet| packet.direction == direction);
    for source in ["13.69.64.75", "13.69.64.76", "13.69.64.77", "13.69.64.78", "13.69.64.79", "13.69.64.80"] {
        assert!(of(Direction::Inbound).any(|packet| packet.source.to_string() == source), "{source}");
    }
    for destination in ["10.0.0.255", "10.0.1.0", "10.0.1.255", "10.0.2.0"] {
        assert!(
            of(Direction::Inbound).any(|packet| packet.destination.to_string() == destination),
            "{destination}"
        );
    }
    for destination in ["10.0.1.4", "10.0.1.5", "10.0.1.6", "10.0.2.6", "10.0.2.7", "10.0.2.8"] {
        assert!(
            of(Direction::Outbound).any(|packet| packet.destination.to_string() == destination),
            "{destination}"
        );
    }
    for source in ["fd00:1::", "fd00:1:0:1::", "fd00:0:ffff:ffff:ffff:ffff:ffff:ffff"] {
        assert!(of(Direction::Outbound).any(|packet| packet.source.to_string() == source), "{source}");
    }
    for port in [442, 443, 444] {
        assert!(of(Direction::Inbound).any(|packet| packet.destination_port == port), "{port}");
    }
    for port in [1023, 1024, 65_535] {
        assert!(of(Direction::Inbound).any(|packet| packet.source_port == port), "{port}");
    }
    // Aimed: a good share matches the narrow rule, all five fields of it.
    let policy = policy(&rules, Direction::Inbound);
    let matching =
        of(Direction::Inbound).filter(|packet| policy.first_match(packet).candidates == [0]).count();
    assert!(matching > 50, "{matching} of {} match the first rule", packets.len());
}

#[test]
fn every_kind_of_edit_finds_a_place_and_does_what_it_says() {
    let place = surroundings();
    for kind in EditKind::KEEPING.iter().chain(EditKind::CHANGING) {
        let edits = Edits::of_kinds(&words(), &[*kind]).of(rules(&words(), 1..5), &place);
        let (mut made, mut changed) = (0, 0);
        for edited in draws(&edits, 150) {
            // Enough was seen: the rest is for kinds that seldom change anything.
            if made > 20 && (changed > 0 || EditKind::KEEPING.contains(kind)) {
                break;
            }
            made += usize::from(!edited.edits.is_empty());
            assert_eq!(edited.edits.is_empty(), edited.before == edited.after, "{edited:?}");
            changed += usize::from(Direction::ALL.iter().any(|direction| {
                let (old, new) = (policy(&edited.before, *direction), policy(&edited.after, *direction));
                !old.difference(&new, &PacketSet::all()).is_empty()
            }));
        }
        assert!(made > 10, "{kind:?} found {made} places");
        assert_eq!(changed > 0, EditKind::CHANGING.contains(kind), "{kind:?} changed {changed}");
    }
}

/// What a failing property ends in, from several starts.
fn minimal<S>(strategy: &S, holds: impl Fn(&S::Value) -> bool) -> Vec<String>
where
    S: Strategy,
    S::Value: Debug,
{
    let from = |seed: u64| {
        let config = ProptestConfig {
            cases: 1_000,
            failure_persistence: None,
            max_shrink_iters: 20_000,
            rng_seed: RngSeed::Fixed(seed),
            ..ProptestConfig::default()
        };
        let result = TestRunner::new(config).run(strategy, |value| {
            prop_assert!(holds(&value));
            Ok(())
        });
        match result {
            Err(TestError::Fail(_, value)) => format!("{value:?}"),
            other => panic!("the property holds: {other:?}"),
        }
    };
    let mut ends: Vec<String> = (0..3).map(from).collect();
    ends.dedup();
    ends
}

/// Whether a packet is not allowed.
fn closed(rules: &RuleSet, packet: &str) -> bool {
    let packet: Packet = packet.parse().unwrap();
    policy(rules, packet.direction).first_match(&packet).verdict != Verdict::Allowed
}

#[test]
fn a_property_that_fails_ends_in_the_example_to_expect() {
    for strategy in [rules(&words(), 0..12), rules_as_written(&words(), 0..12)] {
        let ends = minimal(&strategy, |rules| closed(rules, "In Tcp 8.8.8.8 -> 10.0.1.4:22"));
        assert_eq!(ends, ["{\n    r1: 100 In Allow * *:* -> *:*\n}"]);
    }

    let one_port = |rules: &Shown<RuleSet>| {
        let remote_desktop = PortTerm::Range(PortRange::one(443));
        !rules.custom().any(|rule| rule.destination.ports[0].value == remote_desktop)
    };
    let ends = minimal(&rules(&words(), 0..12), one_port);
    assert_eq!(ends, ["{\n    r1: 100 In Allow * *:* -> *:443\n}"]);

    let shadowed = |rules: &Shown<RuleSet>| {
        let standings = policy(rules, Direction::Inbound).standings(Direction::Inbound);
        let is_custom = |index: usize| !rules.rules[index].is_default();
        let nothing = Count::ZERO;
        !standings.iter().any(|standing| {
            is_custom(standing.rule) && standing.matches != nothing && standing.decides == nothing
        })
    };
    // Two rules depend on each other here, so which of them is plain can differ; two remain, whatever happens.
    let ends = minimal(&rules(&words(), 0..6), shadowed);
    let plainest = "{\n    r1: 100 In Allow * *:* -> *:*\n    r2: 101 In Allow * *:* -> *:*\n}";
    assert!(ends.iter().any(|end| end == plainest), "{ends:?}");
    assert!(ends.iter().all(|end| end.lines().count() == 4), "{ends:?}");
}

#[test]
fn what_the_notation_cannot_say_is_remarked_on() {
    let certain = |rules: &Shown<RuleSet>| rules.custom().all(|rule| rule.access.known().is_some());
    let ends = minimal(&rules_as_written(&words(), 0..8), certain);
    assert_eq!(
        ends,
        ["{\n    r1: 100 In ? * *:* -> *:*   # access: the value of `[parameters('x')]` is not known\n}"]
    );
    let no_tag = |rules: &Shown<RuleSet>| {
        let unknown = AddressTerm::Tag("Storag".to_owned());
        !rules.custom().any(|rule| rule.source.addresses.iter().any(|term| term.value == unknown))
    };
    let ends = minimal(&rules_as_written(&words(), 0..8), no_tag);
    assert_eq!(ends, ["{\n    r1: 100 In Allow * Storag:* -> *:*\n}"]);
}

#[test]
fn packets_and_edits_shrink_with_their_rules() {
    let near = with_packets(rules(&words(), 0..8), &surroundings(), 1..8);
    let nothing_in = |(rules, packets): &(Shown<RuleSet>, Vec<Shown<Packet>>)| {
        packets.iter().all(|packet| {
            let allowed = policy(rules, packet.direction).first_match(packet);
            packet.direction == Direction::Outbound
                || allowed.verdict != Verdict::Allowed
                || !custom(rules, &allowed.candidates)
        })
    };
    let ends = minimal(&near, nothing_in);
    assert_eq!(ends, ["({\n    r1: 100 In Allow * *:* -> *:*\n}, [In Tcp 10.0.2.4:50000 -> 10.0.1.4:443])"]);

    let edits = Edits::changing(&words()).of(rules(&words(), 0..8), &surroundings());
    let ends = minimal(&edits, |edited| {
        let packet = "In Tcp 8.8.8.8 -> 10.0.1.4:22";
        !closed(&edited.before, packet) || closed(&edited.after, packet)
    });
    let added = "before { no rule but the six default ones }\n\
                 edit: added1 is added\n\
                 after {\n    added1: 100 In Allow * *:* -> *:*\n}";
    assert!(ends.iter().any(|end| end == added), "{ends:#?}");
    // An edit stays at its rule while others go, so some may be left; one edit it is in any case.
    assert!(ends.iter().all(|end| end.lines().count() <= 13 && end.contains("edit: ")), "{ends:#?}");
}

fn custom(rules: &RuleSet, candidates: &[usize]) -> bool {
    candidates.iter().any(|place| !rules.rules[*place].is_default())
}
