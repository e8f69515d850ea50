//! Dumps and what-if results from the command line: exit statuses, and what cannot be asked.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn flowcheck(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_flowcheck"))
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report/conform"))
        .output()
        .unwrap()
}

#[track_caller]
fn check(arguments: &[&str], status: i32, says: &str) {
    let output = flowcheck(arguments);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {out}{err}");
    let told = if status == 2 { &err } else { &out };
    assert!(told.contains(says), "{arguments:?}: expected {says:?} in\n{told}");
}

/// A file of the test's own, by one that lies there with one text for another.
fn edited(name: &str, of: &str, changes: &[(&str, &str)]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report/conform");
    let mut text = std::fs::read_to_string(root.join(of)).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn the_status_says_whether_anything_differs() {
    check(&["conform", "rules.json", "input.json"], 1, "`AllowStorage` is not in force in `apim-nsg`");
    check(&["conform", "rules.json", "input.json", "--exit-zero"], 0, "differences");
    check(&["conform", "routes.json", "input.json"], 1, "next hop address");
    check(&["conform", "status.json", "input.json"], 1, "fails-though-allowed");
    check(&["conform", "status.json", "input.json", "--unknown", "deny"], 1, "fails-though-allowed");
    let same = edited(
        "conform-same.json",
        "routes.json",
        &[
            ("10.0.9.5", "10.0.9.4"),
            (
                "\"source\": \"User\",\n      \"state\": \"Active\",\n      \"addressPrefix\": [\n        \"198",
                "\"source\": \"Default\",\n      \"state\": \"Active\",\n      \"addressPrefix\": [\n        \"198",
            ),
        ],
    );
    check(&["conform", &same, "input.json"], 0, "7 routes compared: no difference");
    let open = edited(
        "conform-open.json",
        "input.json",
        &[("\"nextHopIpAddress\": \"10.0.9.4\"", "\"nextHopIpAddress\": \"somewhere\"")],
    );
    check(&["conform", &same, &open], 3, "1 not settled");
    check(&["conform", &same, &open, "--unknown", "allow"], 0, "1 not settled");
}

#[test]
fn a_dump_that_is_none_is_told_with_what_to_do() {
    check(
        &["conform", "input.json", "input.json"],
        2,
        "is no dump of what is in force; give what `az network nic",
    );
    check(&["conform", "input.json", "rules.json"], 2, "name the dump first");
    check(&["conform", "-", "-"], 2, "not both");
    let renamed = edited(
        "conform-renamed.json",
        "rules.json",
        &[("networkSecurityGroups/apim-nsg", "networkSecurityGroups/live-nsg")],
    );
    check(&["conform", &renamed, "input.json"], 1, "unknown-group");
    check(&["conform", &renamed, "input.json", "--nsg", "apim-nsg"], 1, "is not in force in `live-nsg`");
    check(&["conform", "routes.json", "input.json", "--nsg", "apim-nsg"], 2, "does not hold just one");
    check(
        &["conform", "rules.json", "input.json", "--subnet", "nowhere"],
        2,
        "no subnet of the input is named",
    );
}

#[test]
fn a_dump_alone_is_asked() {
    check(&["packet", "rules.json", "In Tcp 198.51.100.7 -> 10.0.1.5:22"], 0, "TempSsh (120)");
    check(&["reach", "rules.json", "--port", "22"], 0, "TempSsh (120)");
    // The own subnet is in its network wherever it lies.
    check(&["reach", "rules.json", "--port", "3443"], 0, "AllowVnetInBound (65000)");
    check(&["lint", "rules.json"], 0, "rules of 1 group");
    let asked = ["check", "rules.json", "--mode", "external", "--tier", "premium", "--region", "westeurope"];
    check(&asked, 1, "DenyAllOut (4096)");
}

const WHAT_IF: &str = r#"{"status": "Succeeded", "changes": [{"changeType": "Modify", "delta": null,
  "resourceId": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/nsg",
  "before": BEFORE, "after": AFTER}]}"#;

#[test]
fn a_what_if_result_is_its_own_comparison() {
    let group = |port: &str| {
        format!(
            r#"{{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/nsg",
            "type": "Microsoft.Network/networkSecurityGroups", "name": "nsg", "properties": {{"securityRules": [
            {{"name": "Web", "properties": {{"priority": 100, "direction": "Inbound", "access": "Allow",
            "protocol": "Tcp", "sourceAddressPrefix": "Internet", "sourcePortRange": "*",
            "destinationAddressPrefix": "*", "destinationPortRange": "{port}"}}}}]}}}}"#
        )
    };
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("what-if.json");
    std::fs::write(&path, WHAT_IF.replace("BEFORE", &group("443")).replace("AFTER", &group("8443"))).unwrap();
    let path = path.to_str().unwrap();
    check(&["diff", path], 0, "8443");
    check(&["diff", path, "--fail-on-change"], 1, "before  allowed by Web (100)");
    check(&["packet", path, "In Tcp 198.51.100.7 -> 10.0.1.5:8443"], 0, "Web (100)");
    check(&["packet", path, "In Tcp 198.51.100.7 -> 10.0.1.5:443"], 0, "DenyAllInBound");
    check(&["diff", "input.json"], 2, "a what-if result");
}
