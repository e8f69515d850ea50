//! The example plan through every command, and the same network as a template and as a plan.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

const PLAN: &str = "examples/terraform/plan.json";
const TEMPLATE: &str = "examples/external/main.json";

/// Exit status and what was printed.
fn flowcheck(arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_flowcheck"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

/// The answer without places, which are those of two different files.
fn without_places(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for key in ["origin", "version"] {
                map.remove(key);
            }
            map.values_mut().for_each(without_places);
            // Findings and rules come in order of their places.
            for key in ["findings", "rules"] {
                if let Some(Value::Array(listed)) = map.get_mut(key) {
                    listed.sort_by_key(Value::to_string);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_places),
        _ => {}
    }
}

fn answer(arguments: &[&str]) -> Value {
    let (_, text) = flowcheck(arguments);
    let mut value: Value = serde_json::from_str(&text).unwrap();
    without_places(&mut value);
    value
}

#[test]
fn a_plan_and_a_template_of_one_network_get_one_answer() {
    for arguments in [
        &["check", "--format", "json", "--exit-zero"][..],
        &["lint", "--format", "json", "--exit-zero"],
        &["packet", "--format", "json", "Out Tcp 10.0.1.5 -> 13.69.104.5:1433"],
        &["reach", "--format", "json", "--port", "443"],
    ] {
        let of = |input: &str| {
            let mut all = arguments.to_vec();
            all.insert(1, input);
            answer(&all)
        };
        assert_eq!(of(PLAN), of(TEMPLATE), "{arguments:?}");
    }
    let (status, text) = flowcheck(&["diff", TEMPLATE, PLAN, "--fail-on-change"]);
    assert_eq!(status, 0, "{text}");
}

#[test]
fn every_command_takes_a_plan() {
    for (arguments, status, says) in [
        (&["check", PLAN][..], 1, "DenyAllOutbound (4096)"),
        (&["check", PLAN, "--as", "terraform-plan"], 1, "11 allowed, 1 blocked"),
        (&["lint", PLAN], 0, ""),
        (&["reach", PLAN, "--port", "3443"], 0, "from ApiManagement"),
        (&["packet", PLAN, "In Tcp 13.69.64.76 -> 10.0.1.5:3443"], 0, "AllowManagement"),
        (&["prove", PLAN, "no In Tcp Internet:* -> apim:22 is allowed"], 0, "true"),
        (&["diff", PLAN, PLAN], 0, ""),
    ] {
        let (found, text) = flowcheck(arguments);
        assert_eq!(found, status, "{arguments:?}: {text}");
        assert!(text.contains(says), "{arguments:?}: expected {says:?} in\n{text}");
    }
    // The line alone says little in a plan, so the address stands beside it.
    let (_, text) = flowcheck(&["check", PLAN]);
    assert!(text.contains("in module.apim_nsg.azurerm_network_security_rule.this[\"AllowSql\"]"), "{text}");
}

#[test]
fn a_corrected_plan_opens_what_was_closed() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(PLAN)).unwrap();
    assert!(text.contains("\"1443\""));
    let corrected = Path::new(env!("CARGO_TARGET_TMPDIR")).join("corrected-plan.json");
    fs::write(&corrected, text.replace("\"1443\"", "\"1433\"")).unwrap();
    let corrected = corrected.to_str().unwrap();
    let (status, text) = flowcheck(&["diff", PLAN, corrected, "--fail-on-change"]);
    assert_eq!(status, 1, "{text}");
    assert!(text.contains("1433") && text.contains("AllowSql"), "{text}");
    assert_eq!(flowcheck(&["check", corrected]).0, 0);
}
