//! `diff`: text against golden files, JSON against its schema.

use crate::golden::{PLAIN, compare};
use crate::networks::{HEALTHY, Setting, mistakes, network, with};
use crate::schema::{head, valid};
use flowcheck::analyses::diff::{DiffAnswer, DiffOptions, DiffSide, FlowsDiff, diff, diff_flows};
use flowcheck::model::Direction;
use flowcheck::network::Network;
use flowcheck::report::text::{self, TextOptions};
use flowcheck::report::{DiffHead, DiffInput, json};
use flowcheck::tags::{TagSnapshot, Versions};

fn about() -> DiffHead {
    let input =
        |name: &str| DiffInput { name: name.to_owned(), service_tags: Versions::of(TagSnapshot::builtin()) };
    DiffHead { old: input("old.json"), new: input("new.json"), findings: Vec::new() }
}

fn networks(old: &Network, new: &Network) -> DiffAnswer {
    let side = |network| DiffSide { networks: std::slice::from_ref(network), tags: TagSnapshot::builtin() };
    let options = DiffOptions { directions: Direction::ALL.to_vec(), ..DiffOptions::default() };
    diff(&side(old), &side(new), &options).unwrap()
}

fn flows(new: &Setting) -> FlowsDiff {
    diff_flows(&crate::networks::answer(&Setting::rules(HEALTHY)), &crate::networks::answer(new))
}

/// Pairs of networks that show every kind of change, by a name for files.
fn pairs() -> Vec<(&'static str, Network, Network)> {
    let healthy = || network(&Setting::rules(HEALTHY));
    let ssh = with(HEALTHY, "AllowVault", "AllowSsh: 111 In Allow Tcp Internet:* -> *:22");
    let unknown = with(HEALTHY, "AllowSql", "AllowSql: 110 Out Allow Tcp VirtualNetwork:* -> Sqll:1433");
    let other = with(HEALTHY, "AllowSql", "AllowSql: 110 Out Allow Tcp VirtualNetwork:* -> Sqlll:1433");
    let rules = |rules: &str| network(&Setting::rules(rules));
    let mut wider = healthy();
    wider.virtual_networks[0].prefixes = flowcheck::model::Fact::Known(vec!["10.0.0.0/15".parse().unwrap()]);
    let no_group =
        network(&Setting { rules: None, group: flowcheck::model::Fact::Known(false), ..Setting::rules("") });
    let mut alone = healthy();
    alone.subnets.clear();
    alone.virtual_networks.clear();
    let mut open = alone.clone();
    open.security_groups[0].rules.rules.retain(|rule| rule.name != "AllowManagement");
    vec![
        ("equal", healthy(), healthy()),
        ("rules", healthy(), rules(&ssh)),
        ("unknown", healthy(), rules(&unknown)),
        ("known", rules(&unknown), healthy()),
        ("unsettled", rules(&unknown), rules(&other)),
        ("network", healthy(), wider),
        ("no-group", healthy(), no_group),
        ("alone", alone, open),
    ]
}

fn write(answer: &DiffAnswer, options: &TextOptions) -> Vec<u8> {
    let mut out = Vec::new();
    text::diff(answer, &about(), options, &mut out).unwrap();
    out
}

#[test]
fn diff_reads_well_for_each_kind_of_change() {
    let mut whole = Vec::new();
    for (name, old, new) in pairs() {
        whole.extend(format!("== {name}\n").bytes());
        whole.extend(write(&networks(&old, &new), &PLAIN));
        whole.push(b'\n');
    }
    compare("diff", &whole);
}

#[test]
fn diff_is_valid_for_each_kind_of_change() {
    let mut kinds = Vec::new();
    for (name, old, new) in pairs() {
        let answer = networks(&old, &new);
        let document = valid("diff", |out| json::diff(&answer, &about(), false, &head(), out).unwrap());
        // A larger network changes nothing where rules deny all that they do not name.
        assert_eq!(document["summary"]["equal"], ["equal", "network"].contains(&name), "{name}");
        assert_eq!(document["flows"], serde_json::Value::Null);
        for direction in document["places"][0]["directions"].as_array().unwrap() {
            for change in direction["changes"].as_array().unwrap() {
                kinds.push(change["change"].as_str().unwrap().to_owned());
                assert!(!change["parts"].as_array().unwrap().is_empty(), "{name}");
                assert!(!change["new"]["candidates"].as_array().unwrap().is_empty(), "{name}");
            }
        }
    }
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds, ["newly-allowed", "newly-blocked", "newly-unknown", "no-longer-unknown", "unsettled"]);
}

#[test]
fn large_differences_are_cut_and_everything_is_there_on_demand() {
    let rule = |number: u32| {
        format!("Rule{number}: {} In Allow Tcp 192.0.2.{number}:* -> *:{number}\n", 1000 + number)
    };
    let many: String = (1..=15).map(rule).collect();
    let answer = networks(&network(&Setting::rules("")), &network(&Setting::rules(&many)));
    let text = String::from_utf8(write(&answer, &PLAIN)).unwrap();
    assert!(text.contains(" and 5 newly allowed more: --all lists them"), "{text}");
    let text = String::from_utf8(write(&answer, &TextOptions { all: true, ..PLAIN })).unwrap();
    assert_eq!(text.matches("allowed by Rule").count(), 15, "{text}");
    assert!(!text.contains("--all"), "{text}");
}

#[test]
fn flows_read_well_and_are_valid() {
    let mut whole = Vec::new();
    for (name, setting) in mistakes() {
        let answer = flows(&setting);
        whole.extend(format!("== {name}\n").bytes());
        text::diff_flows(&answer, &about(), &PLAIN, &mut whole).unwrap();
        whole.push(b'\n');
        let document = valid("diff", |out| json::diff_flows(&answer, &about(), false, &head(), out).unwrap());
        assert_eq!(document["places"].as_array().unwrap().len(), 0);
        assert_eq!(document["summary"]["equal"] == true, answer.changes().next().is_none(), "{name}");
        let text = document.to_string();
        assert!(!text.contains("\"0.0.0.1") && !text.contains("\"0.0.0.2"), "{name}");
    }
    compare("diff-flows", &whole);
}

#[test]
fn colours_of_diff_change_nothing_but_colours() {
    for (name, old, new) in pairs() {
        let answer = networks(&old, &new);
        let colored = String::from_utf8(write(&answer, &TextOptions { color: true, ..PLAIN })).unwrap();
        let stripped = anstream::adapter::strip_str(&colored).to_string();
        assert_eq!(stripped.into_bytes(), write(&answer, &PLAIN), "{name}");
        let plain = String::from_utf8(write(&answer, &PLAIN)).unwrap();
        assert!(plain.lines().all(|line| line.trim_end() == line), "{name}: {plain}");
    }
}
