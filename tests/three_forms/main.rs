//! Scenarios of routes, layers and endpoints as ARM templates and as Terraform plans: every form of one network
//! gets the same answers.
//!
//! `fixtures/t07a/` holds the network and the instance of `scenarios/t07a-*.yaml` in every other form. Each file
//! takes the place of `apim` and `network` in that scenario, and the answers are held against the scenario's own.

#![allow(missing_docs, clippy::panic, clippy::unwrap_used, reason = "a test has no users")]

use flowcheck::flows;
use flowcheck::scenario::{Checked, Disk, Files, Outcome, run};
use flowcheck::tags::TagSnapshot;
use std::fs;
use std::path::{Path, PathBuf};

const FIXTURES: &str = "tests/three_forms/fixtures";

/// A scenario whose text is given, with files of the disk beside it.
struct Given(String);

impl Files for Given {
    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        match path.extension() {
            Some(end) if end == "yaml" => Ok(self.0.clone().into_bytes()),
            _ => Disk.read(path),
        }
    }
}

/// What stands in a folder, in order.
fn listed(folder: &str) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

/// The text of the scenario that begins with `t07a-`.
fn scenario(case: &str) -> String {
    let head = format!("{case}-");
    let found = listed("scenarios").into_iter().find(|path| name(path).starts_with(&head));
    fs::read_to_string(found.unwrap_or_else(|| panic!("there is no scenario {case}"))).unwrap()
}

/// The scenario with a file in place of its network and instance. Every other line stays where it is.
fn with_input(scenario: &str, file: &str) -> String {
    let mut key = "";
    let mut lines = Vec::new();
    for line in scenario.lines() {
        let begins = !line.starts_with([' ', '#']);
        if begins {
            key = line.split(':').next().unwrap();
        }
        lines.push(match key {
            "network" if begins => format!("input: {file}"),
            "network" | "apim" => String::new(),
            _ => line.to_owned(),
        });
    }
    lines.join("\n") + "\n"
}

/// The scenario with a question for each flow of the catalogue.
fn with_every_flow(scenario: &str) -> String {
    let ask = |id| format!("  - {{ flow: {id}, verdict: allowed }}\n");
    [scenario.to_owned()].into_iter().chain(flows::ids().map(ask)).collect()
}

fn outcome(folder: &str, text: String) -> Outcome {
    let outcome = run(&Path::new(folder).join("a.yaml"), &Given(text), TagSnapshot::builtin());
    assert!(outcome.mistakes.is_empty(), "{folder}: {:?}", outcome.mistakes);
    outcome
}

/// An answer as far as no file has a word in it: what was asked, the verdict or next hop with every decider, the
/// group or table of the first, and the packet that shows it. Places differ by file, and so do the words for what
/// a file leaves open.
fn answer(checked: &Checked) -> String {
    let by = checked
        .decider
        .as_ref()
        .map(|by| format!("{} {:?} {:?} {:?}", by.layer, by.nsg, by.rule, by.priority));
    let Checked { line, asked, passed, witness, .. } = checked;
    let (actual, _) = checked.actual.split_once(": it depends on").unwrap_or((&checked.actual, ""));
    format!("line {line}: {asked}: {actual} [{by:?}] for example {witness:?}; passed: {passed}")
}

#[test]
fn every_form_of_a_scenarios_network_gets_the_same_answers() {
    let mut cases = 0;
    let mut differences = Vec::new();
    for folder in listed(FIXTURES) {
        let text = scenario(name(&folder));
        let own = outcome("scenarios", text.clone());
        assert!(own.passed, "{}: {:?}", own.file, own.expectations);
        let wanted = outcome("scenarios", with_every_flow(&text)).expectations;
        let folder = folder.to_str().unwrap();
        let forms = listed(folder);
        assert!(forms.len() > 1, "{folder} holds a template and a plan");
        for form in &forms {
            let text = with_input(&text, name(form));
            let form = form.display();
            let found = outcome(folder, with_every_flow(&text)).expectations;
            assert_eq!(found.len(), wanted.len(), "{form}");
            for (found, wanted) in found.iter().zip(&wanted) {
                let (found, wanted) = (answer(found), answer(wanted));
                if found != wanted {
                    differences.push(format!("{form}\n  is       {found}\n  scenario {wanted}"));
                }
            }
        }
        cases += 1;
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(cases >= 10, "{cases} cases");
}
