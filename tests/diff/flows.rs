//! The required flows of two inputs, compared.

use flowcheck::analyses::diff::{FlowsDiff, diff_flows};
use flowcheck::analyses::{CheckAnswer, CheckOptions, check};
use flowcheck::flows::{ParameterValues, Profile};
use flowcheck::sources::{ReadOptions, read};
use flowcheck::tags::TagSnapshot;
use std::fs;
use std::path::Path;

fn example() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/external/main.json");
    fs::read_to_string(path).unwrap()
}

fn answer(template: &str) -> CheckAnswer {
    let input = read(template.as_bytes(), "main.json", &ReadOptions::default()).unwrap();
    let options = CheckOptions {
        tags: TagSnapshot::builtin(),
        profile: Profile::newest(),
        parameters: &ParameterValues::default(),
        features: &[],
    };
    check(&input.network, &options)
}

fn lines(diff: &FlowsDiff) -> Vec<String> {
    let line = |change: &flowcheck::analyses::diff::FlowChange| {
        let witness = change.changes.first().and_then(|change| change.witness.as_ref());
        let witness = witness.map(|witness| format!("  {witness}")).unwrap_or_default();
        format!("{} {}{witness}", change.new.row.id, change.turn.as_str())
    };
    diff.changes().map(line).collect()
}

fn differ(from: &str, to: &str) -> FlowsDiff {
    let old = example();
    assert!(old.contains(from), "{from}");
    diff_flows(&answer(&old), &answer(&old.replace(from, to)))
}

#[test]
fn the_same_input_has_the_same_flows() {
    let answer = answer(&example());
    let diff = diff_flows(&answer, &answer);
    assert!(!diff.has_changed() && diff.locations[0].compared > 10);
}

#[test]
fn a_flow_opens_closes_and_becomes_unknown_by_name() {
    for (from, to, expected) in [
        ("\"1443\"", "\"1433\"", &["sql-1433 opened  Out Tcp 10.0.1.4:50000 -> 13.69.104.0:1433"][..]),
        (
            "\"destinationPortRange\": \"3443\"",
            "\"destinationPortRange\": \"3444\"",
            &["mgmt-3443 closed  In Tcp 4.198.207.152:50000 -> 10.0.1.4:3443"],
        ),
        (
            "\"sourceAddressPrefix\": \"ApiManagement\"",
            "\"sourceAddressPrefix\": \"ApiManagment\"",
            &["mgmt-3443 newly-unknown  In Tcp 4.198.207.152:50000 -> 10.0.1.4:3443"],
        ),
    ] {
        assert_eq!(lines(&differ(from, to)), expected, "{to}");
    }
}

#[test]
fn an_instance_with_another_name_is_compared_where_it_is_the_only_one() {
    let diff = differ("\"apim-contoso\"", "\"apim-fabrikam\"");
    assert_eq!(diff.locations.len(), 1);
    assert_eq!(
        (diff.locations[0].old.name.as_str(), diff.locations[0].new.name.as_str()),
        ("apim-contoso", "apim-fabrikam")
    );
    assert!(!diff.has_changed());
}
