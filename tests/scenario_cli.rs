//! `flowcheck test` from outside: exit statuses, and what is said where.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test has no users")]

use std::path::PathBuf;
use std::process::Command;

const GOOD: &str = "scenario: Good
network:
  vnets: { v: { prefixes: [10.0.0.0/16], subnets: { s: { prefix: 10.0.1.0/24, nsg: n } } } }
  nsgs: { n: {} }
expect:
  - { packet: 'In Tcp 8.8.8.8 -> 10.0.1.5:22', verdict: blocked }
";

/// A fresh folder with files: `g` holds, `f` fails, `b` has a mistake; `e` is an empty folder.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("e")).unwrap();
    let write = |file: &str, text: String| std::fs::write(folder.join(file), text).unwrap();
    write("g.yaml", GOOD.to_owned());
    write("f.yaml", GOOD.replace("blocked", "allowed"));
    write("b.yaml", GOOD.replace("verdict", "verdct"));
    write("notes.txt", "no scenario".to_owned());
    folder
}

/// Runs `flowcheck test` in a folder: status, standard output, standard error.
fn test(folder: &PathBuf, arguments: &str) -> (i32, String, String) {
    let run = Command::new(env!("CARGO_BIN_EXE_flowcheck"))
        .arg("test")
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (run.status.code().unwrap(), text(run.stdout), text(run.stderr))
}

#[test]
fn the_status_says_whether_everything_could_be_asked_and_held() {
    let folder = folder("test-status");
    for (arguments, status, out, err) in [
        ("g.yaml", 0, "1 passed, 0 failed", ""),
        ("f.yaml g.yaml", 1, "1 passed, 1 failed", "1 of 2 scenarios failed"),
        ("f.yaml g.yaml --exit-zero", 0, "1 passed, 1 failed", "1 of 2 scenarios failed"),
        ("b.yaml g.yaml", 2, "1 passed, 1 failed", "1 of 2 scenarios failed"),
        ("b.yaml f.yaml g.yaml --exit-zero", 2, "1 passed, 2 failed", "2 of 3 scenarios failed"),
        ("gone.yaml g.yaml", 2, "1 passed, 1 failed", "1 of 2 scenarios failed"),
        ("gone.yaml", 2, "gone.yaml:1:1: cannot be read: there is no such file", ""),
        ("e", 2, "", "there is no scenario file to run"),
        ("e --allow-empty", 0, "0 passed, 0 failed", ""),
        ("e g.yaml", 2, "1 passed, 0 failed", "e: there is no scenario file to run"),
        ("e g.yaml --allow-empty", 0, "1 passed, 0 failed", ""),
        (".", 2, "1 passed, 2 failed", "2 of 3 scenarios failed"),
        ("", 2, "", "Usage"),
    ] {
        let found = test(&folder, arguments);
        assert!(
            found.0 == status && found.1.contains(out) && found.2.contains(err),
            "{arguments}: {found:?}"
        );
    }
}

#[test]
fn a_mistake_shows_file_line_and_column() {
    let (_, out, _) = test(&folder("test-mistake"), "b.yaml");
    assert!(out.contains("b.yaml:6:48: `verdct` is no key"), "{out}");
}

#[test]
fn json_names_the_list_of_service_tags() {
    let (status, out, _) = test(&folder("test-json"), "g.yaml --format json");
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(status, 0);
    assert_eq!(document["service_tags"]["cloud"], "Public", "{out}");
    assert!(document["service_tags"]["change_number"].is_u64(), "{out}");
}
