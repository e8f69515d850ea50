//! Scenario files on the disk: the only part of this room that does input.

use super::mistake::Mistake;
use super::outcome::Outcome;
use super::run::{Files, run};
use crate::model::Origin;
use crate::sources::Beside;
use crate::tags::TagSnapshot;
use std::path::{Path, PathBuf};

/// Files of this machine.
#[derive(Clone, Copy, Debug)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        std::fs::read(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
            _ => error.to_string().to_lowercase(),
        })
    }

    fn beside(&self, path: &Path) -> Beside {
        Beside::on_disk(path)
    }
}

/// Runs scenario files, and those of directories with everything below them, in order of their paths.
///
/// In a directory, files named `*.yaml` and `*.yml` are scenarios; a file that is named itself is one
/// whatever it is called. `builtin` is the service tag list of scenarios that name none.
pub fn run_paths(paths: &[PathBuf], builtin: &TagSnapshot) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut found = Vec::new();
            let listed = collect(path, &mut found);
            found.sort();
            found.dedup();
            outcomes.extend(found.iter().map(|file| run(file, &Disk, builtin)));
            outcomes.extend(listed.err().map(|error| refused(path, &error)));
        } else {
            outcomes.push(run(path, &Disk, builtin));
        }
    }
    outcomes
}

fn refused(path: &Path, error: &str) -> Outcome {
    let file = path.display().to_string();
    let origin = Origin::new(&file.as_str().into(), 1, 1, "");
    Outcome::refused(&file, &file, vec![Mistake::new(&origin, format!("cannot be read: {error}"))])
}

/// Links to directories are not followed, so that the search ends.
fn collect(directory: &Path, found: &mut Vec<PathBuf>) -> Result<(), String> {
    let readable = |error: std::io::Error| error.to_string().to_lowercase();
    for entry in std::fs::read_dir(directory).map_err(readable)? {
        let entry = entry.map_err(readable)?;
        let path = entry.path();
        let is_scenario = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
        if entry.file_type().map_err(readable)?.is_dir() {
            collect(&path, found)?;
        } else if is_scenario && path.is_file() {
            found.push(path);
        }
    }
    Ok(())
}
