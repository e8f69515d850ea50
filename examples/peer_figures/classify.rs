//! The classifier and the plain walk: building, and one packet, warm.

use super::input::Input;
use super::{print_by_packet, print_job};
use flowcheck::model::{Direction, Packet};
use flowcheck::rules::classifier::Answer;
use flowcheck::rules::{Classifier, Policy};
use std::hint::black_box;

/// As often as other engines are timed.
const REPETITIONS: usize = 21;

/// Prints the figures for inbound packets, the half that other classifiers take; answers are compared for
/// both.
pub(crate) fn run(input: &Input) -> Result<(), String> {
    for direction in Direction::ALL {
        let policy = input.policy(*direction);
        let classifier = Classifier::new(&policy);
        let differ = differences(input, *direction, &classifier);
        if *direction == Direction::Inbound {
            print_figures(input, &policy, &classifier, differ);
        } else if differ > 0 {
            return Err(format!("outbound: {differ} answers differ"));
        }
    }
    Ok(())
}

fn print_figures(input: &Input, policy: &Policy, classifier: &Classifier, differ: usize) {
    let packets = packets(input, Direction::Inbound);
    let answer = format!("{differ} of {} differ", packets.len());
    print_job(
        "classifier build",
        REPETITIONS,
        || Classifier::new(policy),
        |built| format!(", \"bytes\": {}", built.size()),
    );
    let batch = || {
        let mut rules = 0;
        classifier.answers(&packets, |answer| rules += rule_of(&answer));
        black_box(rules);
    };
    print_by_packet("classify", REPETITIONS, packets.len(), batch, &answer);
    let one_by_one = || {
        black_box(packets.iter().map(|packet| rule_of(&classifier.answer(packet))).sum::<usize>());
    };
    print_by_packet("classify, one call a packet", REPETITIONS, packets.len(), one_by_one, &answer);
    // The plain walk is slow: a part of the packets tells as much.
    let some = &packets[..packets.len().min(5000)];
    let walk = || {
        black_box(some.iter().map(|packet| policy.first_match(packet).candidates.len()).sum::<usize>());
    };
    print_by_packet("linear scan", 5, some.len(), walk, "");
}

fn packets(input: &Input, direction: Direction) -> Vec<Packet> {
    input.packets.iter().map(|(packet, _)| *packet).filter(|packet| packet.direction == direction).collect()
}

fn rule_of(answer: &Answer) -> usize {
    match answer {
        Answer::Settled { rule, access } => *rule * 2 + *access as usize,
        Answer::Unsettled(_) => 0,
    }
}

/// How many packets get another rule or verdict than is expected.
fn differences(input: &Input, direction: Direction, classifier: &Classifier) -> usize {
    let packets = packets(input, direction);
    let expected = input.packets.iter().filter(|(packet, _)| packet.direction == direction);
    let mut expected = expected.map(|(_, expected)| expected);
    let mut differ = 0;
    classifier.answers(&packets, |answer| {
        let as_expected = match (answer, expected.next()) {
            (Answer::Settled { rule, access }, Some(expected)) => {
                access == expected.access && input.rules.rules[rule].name == expected.rule
            }
            _ => false,
        };
        differ += usize::from(!as_expected);
    });
    differ
}
