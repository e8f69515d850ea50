//! What the README and pages of the docs show is what the program prints. `UPDATE_README=1 cargo test --test
//! readme` writes it anew.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// The words of a shell command; quoted words are one.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in command.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words
}

/// Runs a command of the README that is one of ours, from the project's root.
fn run(command: &str) -> Option<String> {
    let arguments =
        command.strip_prefix("cargo run --release -- ").or_else(|| command.strip_prefix("flowcheck "))?;
    let output = Command::new(env!("CARGO_BIN_EXE_flowcheck"))
        .args(words(arguments))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    Some(String::from_utf8(output.stdout).unwrap())
}

/// What draws the picture of a page.
const PICTURE: &str = "flowcheck map examples/external/main.json --format mermaid";

#[test]
fn the_readme_shows_what_the_program_prints() {
    shows_what_the_program_prints("README.md", 3);
}

#[test]
fn the_page_of_the_network_shows_what_the_program_prints() {
    shows_what_the_program_prints("docs/network.md", 3);
}

#[test]
fn the_page_of_the_map_shows_what_the_program_prints() {
    shows_what_the_program_prints("docs/map.md", 1);
}

/// Holds the outputs of a page, of which there are so many at least, against the program.
fn shows_what_the_program_prints(page: &str, least: usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let text = fs::read_to_string(&path).unwrap();
    let mut blocks: Vec<String> = text.split("```").map(str::to_owned).collect();
    let mut shown = 0;
    // The picture that GitHub draws is what the program writes for it.
    for block in blocks.iter_mut().filter(|block| block.starts_with("mermaid\n")) {
        let now = format!("mermaid\n{}", run(PICTURE).unwrap());
        if env::var_os("UPDATE_README").is_none() {
            assert_eq!(*block, now, "`{PICTURE}` prints something else");
        }
        *block = now;
    }
    for block in blocks.iter_mut().filter(|block| block.starts_with("console\n$ ")) {
        let (command, output) = block["console\n$ ".len()..].split_once('\n').unwrap();
        // Commands that are only named, and sessions of several, show no output.
        if output.trim().is_empty() || output.starts_with("$ ") {
            continue;
        }
        let Some(printed) = run(command) else { panic!("`{command}` is not ours to run") };
        let now = format!("console\n$ {command}\n{printed}");
        if env::var_os("UPDATE_README").is_none() {
            assert_eq!(*block, now, "`{command}` prints something else");
        }
        *block = now;
        shown += 1;
    }
    assert!(shown >= least, "{page} shows {shown} outputs");
    if env::var_os("UPDATE_README").is_some() {
        fs::write(path, blocks.join("```")).unwrap();
    }
}
