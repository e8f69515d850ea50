//! Scenarios of routes, layers and endpoints as ARM templates and as Terraform plans: every form of one network
//! gets the same answers, to what the scenario asks and to what could be asked besides.
//!
//! `fixtures/t07a/` holds the network and the instance of `scenarios/t07a-*.yaml` in every other form. Each file
//! takes the place of `apim` and `network` in that scenario, and the answers are held against the scenario's own.

#![allow(missing_docs, clippy::panic, clippy::unwrap_used, reason = "a test has no users")]

use flowcheck::analyses::diff::{DiffOptions, DiffSide, diff};
use flowcheck::analyses::next_hops;
use flowcheck::finding::Code;
use flowcheck::flows;
use flowcheck::model::{Direction, Fact, ResourceId, Verdict};
use flowcheck::network::{Network, PlaceHint};
use flowcheck::scenario::{self, Checked, Disk, Files, ScenarioFile, network, run};
use flowcheck::sets::AddressSet;
use flowcheck::sources::{ReadOptions, read};
use flowcheck::tags::TagSnapshot;
use flowcheck::walk::Outcome;
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
fn text_of(case: &str) -> String {
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

/// The scenario with a question for each flow of the catalogue and for each kind of finding.
fn with_every_question(scenario: &str) -> String {
    let flows = flows::ids().map(|id| format!("  - {{ flow: {id}, verdict: allowed }}\n"));
    let findings = Code::ALL.iter().map(|code| format!("  - {{ no_finding: {code} }}\n"));
    [scenario.to_owned()].into_iter().chain(flows).chain(findings).collect()
}

fn outcome(folder: &str, text: String) -> scenario::Outcome {
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
    // A finding is one of a kind and about something; then comes its place.
    let mark = if checked.actual.starts_with("found ") { ", " } else { ": it depends on" };
    let actual = checked.actual.split(mark).next().unwrap();
    format!("line {line}: {asked}: {actual} [{by:?}] for example {witness:?}; passed: {passed}")
}

/// Each case with the text of its scenario and the files that hold the same network.
fn cases() -> Vec<(String, Vec<PathBuf>)> {
    let case = |folder: PathBuf| (text_of(name(&folder)), listed(folder.to_str().unwrap()));
    listed(FIXTURES).into_iter().map(case).collect()
}

#[test]
fn every_case_has_a_template_and_a_plan() {
    let cases = cases();
    assert!(cases.len() >= 10, "{} cases", cases.len());
    for (text, forms) in cases {
        let kinds: Vec<&str> =
            forms.iter().map(|form| name(form).split(['-', '.']).next().unwrap()).collect();
        assert!(kinds.contains(&"main") && kinds.contains(&"plan"), "{kinds:?} of {text}");
    }
}

#[test]
fn every_form_of_a_scenarios_network_gets_the_same_answers() {
    let mut differences = Vec::new();
    for (text, forms) in cases() {
        let own = outcome("scenarios", text.clone());
        assert!(own.passed, "{}: {:?}", own.name, own.expectations);
        let wanted = outcome("scenarios", with_every_question(&text)).expectations;
        for form in &forms {
            let text = with_every_question(&with_input(&text, name(form)));
            let found = outcome(form.parent().unwrap().to_str().unwrap(), text).expectations;
            assert_eq!(found.len(), wanted.len(), "{}", form.display());
            for (found, wanted) in found.iter().zip(&wanted) {
                let (found, wanted) = (answer(found), answer(wanted));
                if found != wanted {
                    differences.push(format!("{}\n  is       {found}\n  scenario {wanted}", form.display()));
                }
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Where every address goes from every subnet, and by which route.
fn ways(network: &Network) -> Vec<String> {
    let mut lines = Vec::new();
    for subnet in &network.subnets {
        let name = subnet.name();
        let hint = PlaceHint { subnet: Some(&name), group: None };
        let point = network.place_for(hint, None, TagSnapshot::builtin()).unwrap();
        let Some(answer) = next_hops(&point, &AddressSet::all()) else { continue };
        lines.extend(answer.parts.iter().map(|part| {
            let routes: Vec<String> =
                part.routes.iter().map(|route| format!("{:?} {route}", route.name)).collect();
            format!("{name}: {:?} by {}", part.to, routes.join(" or "))
        }));
    }
    lines.sort();
    lines
}

/// What a network holds, each thing by name: whom an answer could name though no question has it do so.
fn things(network: &Network) -> Vec<String> {
    let name = |id: &ResourceId| id.name().to_owned();
    let joined = |fact: &Fact<Option<ResourceId>>| fact.known().map(|id| id.as_ref().map(name));
    let rules = network.security_groups.iter().flat_map(|group| {
        let own = group.rules.rules.iter().filter(|rule| !rule.is_default());
        let of_group = name(&group.id);
        own.map(move |rule| format!("rule {of_group}/{}: {rule}", rule.name))
    });
    let groups = network.security_groups.iter().map(|group| format!("group {}", group.name()));
    let tables = network.route_tables.iter().map(|table| {
        let routes: Vec<&str> = table.routes.iter().map(|route| route.name.as_str()).collect();
        format!("table {} {:?} with {routes:?}", name(&table.id), table.propagates.known())
    });
    let subnets = network.subnets.iter().map(|subnet| {
        let (group, table) = (joined(&subnet.security_group), joined(&subnet.route_table));
        format!("subnet {} {:?} {group:?} {table:?}", subnet.name(), subnet.prefixes.known())
    });
    let interfaces = network.interfaces.iter().map(|interface| {
        let parts: Vec<String> = interface
            .configurations
            .iter()
            .map(|part| {
                let (address, is_public) = (part.address.known(), part.is_public.known());
                format!("{address:?} in {:?} public {is_public:?}", joined(&part.subnet))
            })
            .collect();
        format!("interface {} {:?} {parts:?}", name(&interface.id), joined(&interface.security_group))
    });
    let endpoints = network.private_endpoints.iter().map(|endpoint| {
        let subnet = endpoint.subnet.known().map(name);
        format!("endpoint {} {subnet:?} {:?}", name(&endpoint.id), endpoint.addresses.known())
    });
    let instances = network.instances.iter().map(|instance| {
        let (tier, mode, home) = (instance.tier.known(), instance.mode.known(), &instance.primary);
        let (region, units, subnet) = (home.region.known(), home.units.known(), joined(&home.subnet));
        format!("instance {} {tier:?} {mode:?} {region:?} {units:?} {subnet:?}", instance.name)
    });
    let hosts = interfaces.chain(endpoints).chain(instances);
    let mut lines: Vec<String> = rules.chain(groups).chain(tables).chain(subnets).chain(hosts).collect();
    lines.sort();
    lines
}

#[test]
fn every_form_settles_every_packet_and_every_next_hop_alike() {
    let tags = TagSnapshot::builtin();
    let options =
        DiffOptions { directions: vec![Direction::Inbound, Direction::Outbound], ..DiffOptions::default() };
    for (text, forms) in cases() {
        let file = ScenarioFile::read(&"a.yaml".into(), &text).unwrap();
        let own = network(&file, Network::default(), tags).unwrap();
        let (held, wanted) = (things(&own), ways(&own));
        assert!(!wanted.is_empty(), "{}", file.title);
        let own = [own];
        for form in forms {
            let shown = form.display().to_string();
            let read = read(fs::read(&form).unwrap(), &shown, &ReadOptions::default()).unwrap();
            assert_eq!(things(&read.network), held, "{shown}");
            assert_eq!(ways(&read.network), wanted, "{shown}");
            let (old, new) =
                (DiffSide { networks: &own, tags }, DiffSide { networks: &[read.network], tags });
            let answer = diff(&old, &new, &options).unwrap();
            // Unknown in both is alike, whatever words each file has for what it leaves open.
            let open = |outcome: &Outcome| outcome.verdict == Verdict::Unknown;
            let mut changes = answer.changes().filter(|change| !(open(&change.old) && open(&change.new)));
            assert!(changes.next().is_none(), "{shown}: {:#?}", answer.changes().collect::<Vec<_>>());
            assert_eq!((answer.added.len(), answer.removed.len()), (0, 0), "{shown}: {answer:#?}");
        }
    }
}
