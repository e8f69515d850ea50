//! Every shipped scenario holds, and would not hold if it said something else.

#![allow(missing_docs, clippy::panic, clippy::unwrap_used, reason = "a test has no users")]

use flowcheck::finding::Code;
use flowcheck::scenario::{Disk, Files, Outcome, Question, ScenarioFile, run, run_paths};
use flowcheck::tags::TagSnapshot;
use std::path::{Path, PathBuf};

fn print(outcome: &Outcome) -> String {
    let mut text =
        format!("{} {}  {}\n", if outcome.passed { "ok" } else { "FAIL" }, outcome.file, outcome.name);
    for mistake in &outcome.mistakes {
        text += &format!("  {mistake}\n");
    }
    for checked in outcome.expectations.iter().filter(|checked| !checked.passed) {
        let place = checked.decider.as_ref().map(|decider| decider.origin.to_string()).unwrap_or_default();
        text += &format!(
            "  line {}  {}: expected {}, is {}   {place}\n",
            checked.line, checked.asked, checked.expected, checked.actual
        );
        if let Some(witness) = &checked.witness {
            text += &format!("           for example  {witness}\n");
        }
    }
    text
}

#[test]
fn every_shipped_scenario_holds() {
    let outcomes = run_paths(&[PathBuf::from("scenarios")], TagSnapshot::builtin());
    assert!(outcomes.len() > 100, "{} scenarios", outcomes.len());
    let wrong: Vec<String> = outcomes.iter().filter(|outcome| !outcome.passed).map(print).collect();
    assert!(wrong.is_empty(), "{} of {} do not hold\n{}", wrong.len(), outcomes.len(), wrong.concat());
}

/// Scenario files with words of theirs exchanged.
struct Altered<F: Fn(&str) -> String>(F);

impl<F: Fn(&str) -> String> Files for Altered<F> {
    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        let bytes = Disk.read(path)?;
        match path.extension() {
            Some(end) if end == "yaml" => Ok((self.0)(&String::from_utf8(bytes).unwrap()).into_bytes()),
            _ => Ok(bytes),
        }
    }
}

/// Runs every shipped scenario with its lines altered; each altered line must fail, each other one hold.
fn altered_lines_fail(alter: impl Fn(&str) -> String) {
    let files = Altered(|text: &str| text.lines().map(|line| alter(line) + "\n").collect());
    let mut altered = 0;
    let mut paths: Vec<_> =
        std::fs::read_dir("scenarios").unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|end| end == "yaml")) {
        let text = std::fs::read_to_string(path).unwrap();
        let outcome = run(path, &files, TagSnapshot::builtin());
        assert!(outcome.mistakes.is_empty(), "{}", print(&outcome));
        for checked in &outcome.expectations {
            let line = text.lines().nth(checked.line as usize - 1).unwrap();
            let is_altered = alter(line) != line;
            altered += usize::from(is_altered);
            assert_eq!(
                checked.passed,
                !is_altered,
                "{}:{} {line}\n{}",
                path.display(),
                checked.line,
                print(&outcome)
            );
        }
    }
    assert!(altered > 100, "{altered} lines were altered");
}

#[test]
fn every_verdict_is_looked_at() {
    let expectation =
        |line: &str| line.contains("{ flow") || line.contains("{ packet") || line.contains("{ every");
    altered_lines_fail(|line| match expectation(line) {
        true if line.contains("verdict: allowed") => line.replace("verdict: allowed", "verdict: blocked"),
        true if line.contains("packet") => line.replace("verdict: blocked", "verdict: unknown"),
        true if line.contains("verdict: partial") => line.replace("verdict: partial", "verdict: allowed"),
        true => line.replace("verdict: blocked", "verdict: partial"),
        false => line.to_owned(),
    });
}

#[test]
fn every_decider_is_looked_at() {
    altered_lines_fail(|line| match line.split_once(", by: ") {
        Some((before, after)) => {
            let rest = after.find([',', ' ']).map(|at| &after[at..]).unwrap_or_default();
            let other = if after.starts_with("no-nsg") { "route" } else { "no-nsg" };
            format!("{before}, by: {other}{rest}")
        }
        None => line.to_owned(),
    });
}

/// The first example of the page on scenario files.
struct Page;

impl Files for Page {
    fn read(&self, _: &Path) -> Result<Vec<u8>, String> {
        let page = std::fs::read_to_string("docs/scenarios.md").unwrap();
        let (_, behind) = page.split_once("```yaml\n").unwrap();
        Ok(behind.split_once("```").unwrap().0.as_bytes().to_vec())
    }
}

#[test]
fn the_example_of_the_page_holds() {
    let outcome = run(Path::new("docs/scenarios.md"), &Page, TagSnapshot::builtin());
    assert!(outcome.passed && outcome.expectations.len() == 3, "{}", print(&outcome));
}

#[test]
fn every_finding_is_provoked_by_a_scenario() {
    let mut provoked = std::collections::BTreeSet::new();
    for entry in std::fs::read_dir("scenarios").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "yaml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let file = ScenarioFile::read(&path.display().to_string().as_str().into(), &text).unwrap();
        // That they are found is what the first test asks.
        provoked.extend(file.expectations.iter().filter_map(|expectation| match expectation.question {
            Question::Finding { code, absent: false, .. } => Some(code),
            _ => None,
        }));
    }
    let missing: Vec<&str> =
        Code::ALL.iter().filter(|code| !provoked.contains(code)).map(|code| code.as_str()).collect();
    assert!(missing.is_empty(), "no scenario provokes {}", missing.join(", "));
}
