//! Compiles the flow catalogue in `data/flows` into constants, so that starting the program costs nothing.
//!
//! A fault in the data ends the build with the file, the record and what to do.

mod catalogue;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(faults) => {
            for fault in faults {
                eprintln!("error: {fault}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Vec<String>> {
    for path in ["build", "data/flows", "src/flows/date.rs"] {
        println!("cargo:rerun-if-changed={path}");
    }
    let files = files(Path::new("data/flows")).map_err(|error| vec![format!("data/flows: {error}")])?;
    let data = catalogue::read(&files)?;
    let faults = catalogue::check::faults(&data);
    if !faults.is_empty() {
        return Err(faults);
    }
    let source = catalogue::emit::source(&data).map_err(|fault| vec![fault])?;
    let folder = env::var_os("OUT_DIR").ok_or_else(|| vec!["OUT_DIR is not set: run by cargo".to_owned()])?;
    let target = PathBuf::from(folder).join("catalogue.rs");
    fs::write(&target, source).map_err(|error| vec![format!("{}: {error}", target.display())])
}

/// Name and text of each YAML file, sorted by name.
fn files(folder: &Path) -> std::io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, fs::read_to_string(&path)?));
        }
    }
    files.sort();
    Ok(files)
}
