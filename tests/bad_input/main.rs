//! Files of every family with damage: cut off, with flipped bytes, with spans gone or there twice, with zero bytes,
//! with words in each other's place. Reading never panics; it gives a network whose places lie in the file, or an
//! error that says where or what the file is.
//!
//! The samples are ours; `PROPTEST_CASES` asks for more than the usual number of damages.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

#[path = "../support/mod.rs"]
mod support;

use flowcheck::report::{Inspected, json, json::Head};
use flowcheck::sources::{Content, InputKind, ReadError, ReadOptions, inspect, read};
use proptest::prelude::*;
use proptest::sample::Index;
use std::path::{Path, PathBuf};
use support::cases;

/// Damages of each family that are tried in an ordinary run.
const USUAL: u32 = 64;

/// One damage. Places are chosen of what there is when the damage is done.
#[derive(Clone, Debug)]
enum Damage {
    /// All behind a place is gone.
    Cut(Index),
    /// A byte is another one.
    Flip(Index, u8),
    /// So many bytes are gone.
    Delete(Index, usize),
    /// So many bytes are there twice.
    Double(Index, usize),
    /// A zero byte more.
    Zero(Index),
    /// Two words in each other's place.
    Swap(Index, Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let place = any::<Index>;
    prop_oneof![
        1 => place().prop_map(Damage::Cut),
        2 => (place(), 1_u8..=255).prop_map(|(at, mask)| Damage::Flip(at, mask)),
        2 => (place(), 1_usize..200).prop_map(|(at, length)| Damage::Delete(at, length)),
        2 => (place(), 1_usize..200).prop_map(|(at, length)| Damage::Double(at, length)),
        1 => place().prop_map(Damage::Zero),
        // Most of these are still JSON, with values of the wrong type and keys that are values.
        6 => (place(), place()).prop_map(|(left, right)| Damage::Swap(left, right)),
    ]
}

impl Damage {
    fn of(&self, bytes: &mut Vec<u8>) {
        let length = bytes.len();
        if length == 0 {
            return;
        }
        let span = |at: &Index, count: usize| at.index(length)..(at.index(length) + count).min(length);
        match self {
            Self::Cut(at) => bytes.truncate(at.index(length)),
            Self::Flip(at, mask) => bytes[at.index(length)] ^= mask,
            Self::Delete(at, count) => drop(bytes.drain(span(at, *count))),
            Self::Double(at, count) => {
                let span = span(at, *count);
                let copy = bytes[span.clone()].to_vec();
                bytes.splice(span.end..span.end, copy);
            }
            Self::Zero(at) => bytes.insert(at.index(length), 0),
            Self::Swap(left, right) => swap(bytes, left, right),
        }
    }
}

/// Puts two words of a text into each other's place.
fn swap(bytes: &mut Vec<u8>, left: &Index, right: &Index) {
    let words = words(bytes);
    if words.is_empty() {
        return;
    }
    let (left, right) = (left.index(words.len()), right.index(words.len()));
    let (first, second) = (words[left.min(right)].clone(), words[left.max(right)].clone());
    if first != second {
        let parts = [
            &bytes[..first.start],
            &bytes[second.clone()],
            &bytes[first.end..second.start],
            &bytes[first.clone()],
            &bytes[second.end..],
        ];
        *bytes = parts.concat();
    }
}

/// Where the words of a JSON text are: strings, and runs of what is no blank and no sign.
fn words(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut words = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        if bytes[at] == b'"' {
            at += 1;
            while at < bytes.len() && bytes[at] != b'"' {
                at += if bytes[at] == b'\\' { 2 } else { 1 };
            }
            at = (at + 1).min(bytes.len());
        } else {
            let is_word = |byte: u8| !byte.is_ascii_whitespace() && !b"{}[],:\"".contains(&byte);
            while at < bytes.len() && is_word(bytes[at]) {
                at += 1;
            }
        }
        if at > start {
            words.push(start..at);
        } else {
            at += 1;
        }
    }
    words
}

/// The samples of a family, as files of the project.
fn samples(paths: &[&str]) -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed = |path: &&str| -> Vec<PathBuf> {
        let path = root.join(path);
        if !path.is_dir() {
            return vec![path];
        }
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    };
    let read = |path: PathBuf| {
        (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap())
    };
    paths.iter().flat_map(listed).map(read).collect()
}

fn check_place(line: u32, lines: usize, what: &str) -> Result<(), TestCaseError> {
    prop_assert!((1..=lines).contains(&(line as usize)), "{what} is in line {line} of {lines}");
    Ok(())
}

/// What reading gives holds together.
fn check(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<(), TestCaseError> {
    // A text of another encoding has as many lines as it has of these bytes, and one more.
    let lines = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 2;
    match read(bytes, name, options) {
        Ok(input) => {
            for finding in &input.findings {
                check_place(finding.origin.line, lines, &finding.message)?;
            }
            for gap in input.network.unknowns() {
                let Some(origin) = gap.origin() else { continue };
                check_place(origin.line, lines, gap.missing())?;
            }
            for rule in input.network.security_groups.iter().flat_map(|group| group.rules.custom()) {
                check_place(rule.origin.line, lines, &rule.name)?;
            }
        }
        Err(error) => check_error(&error, lines)?,
    }
    inspected(name, bytes, options, lines)
}

/// An error says where, or at least what the file is.
fn check_error(error: &ReadError, lines: usize) -> Result<(), TestCaseError> {
    match error.at {
        Some((line, _)) => check_place(line, lines, &error.message),
        None => {
            prop_assert!(error.looks_like.is_some() || !error.remedy.is_empty(), "{error}");
            Ok(())
        }
    }
}

/// `inspect` answers too, and what it says is written.
fn inspected(name: &str, bytes: &[u8], options: &ReadOptions, lines: usize) -> Result<(), TestCaseError> {
    match inspect(bytes, name, options) {
        Ok(inspection) => {
            if let Content::Other(counts) = &inspection.content {
                prop_assert!(counts.iter().all(|count| count.number <= bytes.len()));
            }
            let mut answer = Inspected::default();
            answer.inspections.push(inspection);
            let mut out = Vec::new();
            json::inspect(&answer, &Head::default(), &mut out).unwrap();
            prop_assert!(serde_json::from_slice::<serde_json::Value>(&out).is_ok());
            Ok(())
        }
        Err(error) => check_error(&error, lines),
    }
}

/// Holds a family: each of its samples as it is, and with damages.
fn hold(paths: &[&str]) {
    let samples = samples(paths);
    let options = ReadOptions::default();
    for (name, bytes) in &samples {
        check(name, bytes, &options).unwrap_or_else(|error| panic!("{name} as it is: {error}"));
    }
    let damaged = (any::<Index>(), prop::collection::vec(damage(), 1..5));
    let mut runner = proptest::test_runner::TestRunner::new(cases(USUAL));
    let result = runner.run(&damaged, |(which, damages)| {
        let (name, bytes) = which.get(&samples);
        let mut bytes = bytes.clone();
        damages.iter().for_each(|damage| damage.of(&mut bytes));
        check(name, &bytes, &options)
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn templates() {
    hold(&["examples/external/main.json", "tests/bad_input/samples/symbolic-template.json"]);
}

#[test]
fn inputs_of_scenarios() {
    hold(&["scenarios/inputs"]);
}

#[test]
fn answers_of_az_and_rest() {
    hold(&[
        "tests/bad_input/samples/rest.json",
        "tests/bad_input/samples/export.json",
        "tests/bad_input/samples/resource-graph.json",
        "tests/report/conform/input.json",
    ]);
}

#[test]
fn plans_of_terraform() {
    hold(&["examples/terraform/plan.json"]);
}

#[test]
fn states_of_terraform() {
    hold(&["tests/bad_input/samples/state-3.tfstate", "tests/bad_input/samples/state-4.tfstate"]);
}

#[test]
fn dumps() {
    hold(&[
        "examples/in-force/effective-rules.json",
        "tests/report/conform/rules.json",
        "tests/report/conform/routes.json",
        "tests/report/conform/status.json",
    ]);
}

#[test]
fn what_if_results() {
    hold(&["tests/bad_input/samples/what-if.json"]);
}

#[test]
fn files_that_are_no_input() {
    hold(&[
        "examples/external/parameters.json",
        "tests/bad_input/samples/flows.json",
        "tests/bad_input/samples/service-tags.json",
        "tests/bad_input/samples/error.json",
    ]);
}

/// What a parameter file with damage does to a template.
#[test]
fn parameter_files() {
    let [(template, template_bytes), (name, parameters)] =
        &samples(&["examples/external/main.json", "examples/external/parameters.json"])[..]
    else {
        panic!("two files")
    };
    let mut runner = proptest::test_runner::TestRunner::new(cases(USUAL));
    let result = runner.run(&prop::collection::vec(damage(), 1..5), |damages| {
        let mut bytes = parameters.clone();
        damages.iter().for_each(|damage| damage.of(&mut bytes));
        let options = ReadOptions { parameters: vec![(name.clone(), bytes)], ..ReadOptions::default() };
        if let Err(error) = read(template_bytes, template, &options) {
            prop_assert_eq!(&*error.file, &**name);
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// Whatever the user says that a file is, reading it does not panic.
#[test]
fn a_file_read_as_another_kind() {
    let samples =
        samples(&["tests/bad_input/samples", "examples/external/main.json", "tests/report/conform"]);
    let kinds = [
        InputKind::Template,
        InputKind::AzureJson,
        InputKind::TerraformPlan,
        InputKind::TerraformState,
        InputKind::EffectiveRules,
        InputKind::EffectiveRoutes,
        InputKind::NetworkStatus,
        InputKind::WhatIf,
        InputKind::FlowLog,
    ];
    for (name, bytes) in &samples {
        for kind in kinds {
            let options = ReadOptions { as_kind: Some(kind), ..ReadOptions::default() };
            check(name, bytes, &options).unwrap_or_else(|error| panic!("{name} as {kind}: {error}"));
        }
    }
}

#[test]
fn words_of_a_text_are_found() {
    let found = |text: &str| -> Vec<String> {
        words(text.as_bytes()).into_iter().map(|range| text[range].to_owned()).collect()
    };
    assert_eq!(found("{\"a\": [1, true,\"b c\"]}"), ["\"a\"", "1", "true", "\"b c\""]);
    assert_eq!(found("\"open \\"), ["\"open \\"]);
}

proptest! {
    #[test]
    fn a_swap_loses_no_byte(left in any::<Index>(), right in any::<Index>()) {
        let before = b"{\"a\": [1, true, \"b\"], \"c\": null}".to_vec();
        let mut after = before.clone();
        swap(&mut after, &left, &right);
        let sorted = |bytes: &[u8]| { let mut bytes = bytes.to_vec(); bytes.sort_unstable(); bytes };
        prop_assert_eq!(sorted(&before), sorted(&after));
    }
}
