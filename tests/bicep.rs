//! `--bicep`: Bicep sources are compiled by the user's own program, here a small script.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder with a source and, where its text is given, a program of that name.
fn folder(name: &str, programs: &[(&str, &str)]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bicep-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("main.bicep"), "param name string\n").unwrap();
    fs::write(folder.join("main.bicepparam"), "using 'main.bicep'\n").unwrap();
    for (program, text) in programs {
        let path = folder.join(program);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

fn flowcheck(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_flowcheck"))
        .args(arguments)
        .current_dir(folder)
        .env("PATH", folder)
        .output()
        .unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// Prints a template with one group, named after a parameter; `build-params` the value of that.
const BICEP: &str = r#"case "$*" in
"build main.bicep --stdout") echo '{"contentVersion": "1.0.0.0", "parameters": {"name": {"type": "string"}},
  "resources": [{"type": "Microsoft.Network/networkSecurityGroups", "name": "[parameters(\u0027name\u0027)]", "properties": {}}]}';;
"build-params main.bicepparam --stdout") echo '{"parametersJson": "{\"$schema\": \"x/deploymentParameters.json\", \"parameters\": {\"name\": {\"value\": \"nsg\"}}}"}';;
*) echo "unexpected: $*" >&2; exit 9;;
esac"#;
/// The same by `az bicep`.
const AZ: &str = r#"[ "$*" = "bicep build --file main.bicep --stdout" ] || exit 9
echo '{"contentVersion": "1.0.0.0", "resources": [{"type": "Microsoft.Network/networkSecurityGroups", "name": "az", "properties": {}}]}'"#;
const FAILS: &str = "echo 'main.bicep(1,1) : Error BCP018' >&2; exit 1";

#[test]
fn a_source_is_compiled_on_request_alone() {
    let both = folder("both", &[("bicep", BICEP), ("az", AZ)]);
    let (status, out, error) = flowcheck(&both, &["inspect", "--bicep", "main.bicep"]);
    assert_eq!(status, 0, "{error}");
    assert!(out.starts_with("main.bicep (compiled)   an ARM template"), "{out}");
    assert!(out.contains("1 network security group") && out.contains("--set name=VALUE"), "{out}");

    let with = ["inspect", "--bicep", "main.bicep", "--parameters", "main.bicepparam"];
    let (status, out, error) = flowcheck(&both, &with);
    assert!(status == 0 && !out.contains("--set"), "{out}{error}");

    let (status, out, _) = flowcheck(&both, &["inspect", "main.bicep"]);
    assert!(status == 0 && out.contains("az bicep build --file"), "{out}");
    let (status, _, error) = flowcheck(&both, &["lint", "main.bicep"]);
    assert!(status == 2 && error.contains("az bicep build --file"), "{error}");
}

#[test]
fn az_is_asked_where_there_is_no_bicep() {
    let az = folder("az", &[("az", AZ)]);
    let (status, out, error) = flowcheck(&az, &["inspect", "--bicep", "main.bicep"]);
    assert!(status == 0 && out.contains("1 network security group"), "{out}{error}");
}

#[test]
fn what_the_compiler_says_is_told() {
    for (name, programs, status, says) in [
        ("none", &[][..], 2, "neither `bicep` nor `az` is on the PATH"),
        ("fails", &[("bicep", FAILS)], 2, "`bicep build` failed: main.bicep(1,1) : Error BCP018"),
    ] {
        let folder = folder(name, programs);
        let (found, _, error) = flowcheck(&folder, &["lint", "--bicep", "main.bicep"]);
        assert!(found == status && error.contains(says), "{name}: {error}");
    }
}
