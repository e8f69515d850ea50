//! Public examples, where they lie beside the project.

use super::super::{InputKind, ReadOptions, read_file};
use super::summary;
use std::path::{Path, PathBuf};

fn folder() -> Option<PathBuf> {
    let shared = std::env::var_os("FLOWCHECK_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"));
    let folder = shared.join("data/corpus");
    if !folder.is_dir() {
        eprintln!("SKIPPED: no corpus; set FLOWCHECK_SHARED to the folder that holds data/corpus");
        return None;
    }
    Some(folder)
}

fn files(folder: &Path, kind: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder.join(kind)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn print() {
    let Some(folder) = folder() else { return };
    if std::env::var_os("FLOWCHECK_PRINT").is_none() {
        return;
    }
    for entry in std::fs::read_dir(&folder).unwrap() {
        let kind = entry.unwrap().file_name().to_string_lossy().into_owned();
        if !folder.join(&kind).is_dir() {
            continue;
        }
        for path in files(&folder, &kind) {
            println!("== {kind}/{}", path.file_name().unwrap().to_string_lossy());
            match read_file(&path, &ReadOptions::default()) {
                Ok(input) => {
                    println!("   {}", input.kind);
                    for line in summary(&input.network) {
                        println!("   {line}");
                    }
                    for finding in &input.findings {
                        println!(
                            "   ! {}:{} {} {}",
                            finding.origin.line, finding.origin.column, finding.code, finding.message
                        );
                    }
                }
                Err(error) => println!("   E {}", error.to_string().replace(folder.to_str().unwrap(), "")),
            }
        }
    }
    let _ = InputKind::ALL;
}
