//! `flowcheck diff` from the command line: exit statuses, and what cannot be asked.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const EXAMPLE: &str = "examples/external/main.json";

/// Runs the program with the example on standard input.
fn flowcheck(arguments: &[&str]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_flowcheck"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that does not read it has nothing to lose.
    let _ = child.stdin.take().unwrap().write_all(&example());
    child.wait_with_output().unwrap()
}

fn example() -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(EXAMPLE)).unwrap()
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The example with one text for another.
fn edited(folder: &Path, name: &str, from: &str, to: &str) -> String {
    let text = String::from_utf8(example()).unwrap();
    assert!(text.contains(from), "{from}");
    let path = folder.join(name);
    fs::write(&path, text.replace(from, to)).unwrap();
    path.to_str().unwrap().to_owned()
}

fn check(arguments: &[&str], status: i32, says: &str) {
    let output = flowcheck(&[&["diff"], arguments].concat());
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {out}{err}");
    let told = if status == 2 { &err } else { &out };
    assert!(told.contains(says), "{arguments:?}: expected {says:?} in\n{told}");
}

#[test]
fn the_status_says_whether_anything_differs_when_it_is_asked_to() {
    let folder = folder("diff-status");
    let fixed = &edited(&folder, "fixed.json", "\"1443\"", "\"1433\"");
    let one = &edited(
        &folder,
        "one.json",
        "\"sourceAddressPrefix\": \"ApiManagement\"",
        "\"sourceAddressPrefix\": \"Apim1\"",
    );
    let two = &edited(
        &folder,
        "two.json",
        "\"sourceAddressPrefix\": \"ApiManagement\"",
        "\"sourceAddressPrefix\": \"Apim2\"",
    );
    check(&[EXAMPLE, EXAMPLE], 0, "The same for all packets: 2 attachment points compared");
    check(&[EXAMPLE, EXAMPLE, "--fail-on-change"], 0, "The same for all packets");
    check(&[EXAMPLE, fixed], 0, "1 newly allowed, 1 newly blocked");
    check(&[EXAMPLE, fixed, "--fail-on-change"], 1, "1 newly allowed, 1 newly blocked");
    check(&[EXAMPLE, fixed, "--fail-on-change", "--direction", "in"], 0, "compared, inbound (");
    check(&[EXAMPLE, fixed, "--fail-on-change", "--subnet", "backends"], 0, "1 attachment point compared");
    check(&[EXAMPLE, fixed, "--fail-on-change", "--nsg", "apim-nsg"], 1, "2 changes at 1 of 1");
    check(&[one, two], 0, "No change is certain");
    check(&[one, two, "--fail-on-change"], 3, "1 set of packets may differ");
    check(&[EXAMPLE, fixed, "--flows"], 0, "sql-1433");
    check(&[EXAMPLE, fixed, "--flows", "--fail-on-change"], 1, "1 of 12 required flows changed: 1 opened");
    check(&[EXAMPLE, EXAMPLE, "--flows", "--fail-on-change"], 0, "12 required flows compared");
    check(&["-", fixed, "--stdin-filename", "before.json"], 0, "before.json:");
    check(&[fixed, "-"], 0, "2 changes");
    check(&["examples", "examples"], 0, "The same for all packets");
    check(&[EXAMPLE, fixed, "--format", "json"], 0, "\"flowcheck/diff/1\"");
}

#[test]
fn one_input_is_enough_for_two_lists_or_two_parameter_files() {
    let folder = folder("diff-one");
    let list = |name: &str, number: u32, nets: &str| {
        let path = folder.join(name);
        let text = format!(
            "# flowcheck service tags 1\n# cloud: Public\n# change number: {number}\nApiManagement|NSG||{nets}\n"
        );
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (old, new) = (&list("old.txt", 1, "192.0.2.0/24"), &list("new.txt", 2, "192.0.2.0/25"));
    check(
        &[EXAMPLE, "--old-service-tags", old, "--new-service-tags", new],
        0,
        "the service tag ApiManagement loses 128 addresses",
    );
    check(
        &["-", "--old-service-tags", old, "--new-service-tags", new],
        0,
        "service tags 1 before, service tags 2 after",
    );
    check(&[EXAMPLE, "--service-tags", old, "--new-service-tags", old], 0, "The same for all packets");
    let named = &edited(
        &folder,
        "main.json",
        "\"nsgName\": \"apim-nsg\",",
        "\"nsgName\": \"apim-nsg\", \"port\": \"[string(parameters('units'))]\",",
    );
    let text = fs::read_to_string(named)
        .unwrap()
        .replace("\"destinationPortRange\": \"3443\"", "\"destinationPortRange\": \"[variables('port')]\"");
    fs::write(named, text).unwrap();
    let values = |name: &str, units: u32| {
        let path = folder.join(name);
        fs::write(&path, format!("{{\"parameters\": {{\"units\": {{\"value\": {units}}}}}}}")).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (three, four) = (&values("three.json", 3), &values("four.json", 4));
    check(
        &[named, "--old-parameters", three, "--new-parameters", four],
        0,
        "1 newly allowed, 1 newly blocked",
    );
    check(&[named, "--old-parameters", three, "--new-parameters", three], 0, "The same for all packets");
}

#[test]
fn what_cannot_be_asked_is_said() {
    let folder = folder("diff-bad");
    let broken = folder.join("broken.json");
    fs::write(&broken, "{ \"resources\": [").unwrap();
    let broken = broken.to_str().unwrap();
    check(&[EXAMPLE], 2, "there is nothing to compare with: name OLD and NEW");
    check(&["-", "-"], 2, "standard input can be one of the two inputs");
    check(&["-", "--old-parameters", "a.json"], 2, "standard input is read once");
    check(&[EXAMPLE, "no-such-file.json"], 2, "no-such-file.json: there is no such file");
    check(&[broken, EXAMPLE], 2, "broken.json");
    check(&[EXAMPLE, EXAMPLE, "--subnet", "nope"], 2, "they have: hub-vnet/apim, hub-vnet/backends");
    check(&[EXAMPLE, EXAMPLE, "--direction", "up"], 2, "--direction up");
    check(
        &[EXAMPLE, EXAMPLE, "--tier", "Premium"],
        2,
        "--tier says something of the required flows: add --flows",
    );
    check(&[EXAMPLE, EXAMPLE, "--vnet-prefix", "10.0.0.0/16"], 2, "--vnet-prefix is not needed");
    check(&[EXAMPLE, EXAMPLE, "--new-service-tags", "none.txt"], 2, "none.txt: there is no such file");
    check(&[EXAMPLE, EXAMPLE, "--flows", "--direction", "in"], 2, "cannot be used with");
    check(&[EXAMPLE, EXAMPLE, "--output", EXAMPLE], 2, "the answer would overwrite it");
}
