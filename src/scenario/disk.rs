//! Scenario files on the disk: the only part of this room that does input.

use super::mistake::Mistake;
use super::outcome::Outcome;
use super::run::{Files, Loaded, ScenarioInput, run};
use crate::model::Origin;
use std::path::{Path, PathBuf};

/// What reads the file behind `input:`.
pub type Load<'a> = dyn Fn(&Path, &ScenarioInput) -> Result<Loaded, String> + 'a;

/// Files of this machine.
pub struct Disk<'a> {
    /// What reads the file behind `input:`.
    pub load: &'a Load<'a>,
}

impl Files for Disk<'_> {
    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        std::fs::read(path).map_err(|error| error.to_string().to_lowercase())
    }

    fn load(&self, path: &Path, input: &ScenarioInput) -> Result<Loaded, String> {
        (self.load)(path, input)
    }
}

/// Runs scenario files, and those of directories with everything below them, in order of their paths.
///
/// In a directory, files named `*.yaml` and `*.yml` are scenarios; a file that is named itself is one
/// whatever it is called.
pub fn run_paths(paths: &[PathBuf], load: &Load<'_>) -> Vec<Outcome> {
    let disk = Disk { load };
    let mut outcomes = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut found = Vec::new();
            let listed = collect(path, &mut found);
            found.sort();
            found.dedup();
            outcomes.extend(found.iter().map(|file| run(file, &disk)));
            outcomes.extend(listed.err().map(|error| refused(path, &error)));
        } else {
            outcomes.push(run(path, &disk));
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
