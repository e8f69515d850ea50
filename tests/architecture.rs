//! The rooms import only rooms above them: `docs/architecture.md` says which, and this test reads the code.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The table in `docs/architecture.md`: room and what it may import, in its own words.
fn table() -> BTreeMap<String, Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/architecture.md")).unwrap();
    let rows = text.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split('|').map(str::trim);
        let room = cells.next()?.trim_end_matches('`').to_owned();
        let imports = cells.nth(1)?;
        let names = imports.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        Some((room, names))
    });
    rows.collect()
}

fn sources_of(room: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![root.join(format!("{room}.rs"))];
    let mut folders = vec![root.join(room)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.retain(|file| file.is_file() && file.extension().is_some_and(|kind| kind == "rs"));
    files
}

/// Rooms named after `crate::` in code; comments do not count.
fn imported(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code: String = code.flat_map(|line| [line, "\n"]).collect();
    let word =
        |rest: &str| -> String { rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect() };
    code.match_indices("crate::")
        .filter(|(at, _)| !code[..*at].ends_with('$'))
        .map(|(at, mark)| word(&code[at + mark.len()..]))
        .collect()
}

#[test]
fn every_room_imports_only_what_the_map_allows() {
    let table = table();
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let rooms: Vec<&str> =
        lib.lines().filter_map(|line| line.trim().strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert!(rooms.len() > 10, "lib.rs declares the rooms, one a line");
    for room in rooms {
        let allowed =
            table.get(room).unwrap_or_else(|| panic!("docs/architecture.md has no row for `{room}`"));
        for file in sources_of(room) {
            for import in imported(&file) {
                assert!(
                    import == room || allowed.contains(&import),
                    "{} imports `{import}`, which the map does not allow for `{room}`",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn the_map_has_no_ring() {
    let table = table();
    let mut order: Vec<&str> = Vec::new();
    while order.len() < table.len() {
        let ready = table.iter().find(|(room, imports)| {
            !order.contains(&room.as_str()) && imports.iter().all(|import| order.contains(&import.as_str()))
        });
        let (room, _) = ready.expect("some rooms of the map import each other");
        order.push(room);
    }
}

/// Readers of different forms share the model and the values of a document, not each other.
#[test]
fn readers_of_templates_and_of_terraform_share_nothing() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sources");
    for (folder, other) in [("arm", "terraform"), ("terraform", "arm")] {
        let mut folders = vec![sources.join(folder)];
        let mut files = 0;
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                files += 1;
                let text = fs::read_to_string(&path).unwrap();
                let shared = format!("sources::{other}");
                assert!(!text.contains(&shared), "{} uses {shared}", path.display());
            }
        }
        assert!(files > 5, "{folder}");
    }
}
