//! Public files of every family, where they lie beside the project: each is read whole or refused with the true
//! reason.
//!
//! In: the folder `data/corpus` of `FLOWCHECK_SHARED`, or of `../shared`. Where it is absent, every test says so
//! and passes. Nothing of the files is copied here, only facts about them.
//!
//! | question | module |
//! | --- | --- |
//! | how many of what does `inspect` find, and is it what a person counts | `counts`, `counts.tsv` |
//! | is every rule object of the raw text accounted for | `crude` |
//! | does every rule set of API Management get an answer of `check` | `gateways` |
//! | does `conform` read the recorded dumps as Azure meant them | `dumps` |

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod counts;
mod crude;
mod dumps;
mod gateways;

use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file of the folder.
pub(crate) struct File {
    /// The folder that it lies in: what kind of file it is.
    pub(crate) family: String,
    /// `family/name`.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

/// All files of the folder in order of names; says where it was looked for when it is absent.
pub(crate) fn files() -> Option<Vec<File>> {
    let shared = std::env::var_os("FLOWCHECK_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"));
    let folder = shared.join("data/corpus");
    if !folder.is_dir() {
        let told = format!(
            "SKIPPED: no corpus at {}; FLOWCHECK_SHARED names the folder above data\n",
            folder.display()
        );
        // Written past the capture of a test that passes.
        std::io::stderr().write_all(told.as_bytes()).unwrap();
        return None;
    }
    let names = |folder: &Path| -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    };
    let last = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let mut files = Vec::new();
    for folder in names(&folder).into_iter().filter(|path| path.is_dir()) {
        let family = last(&folder);
        for path in names(&folder) {
            files.push(File { name: format!("{family}/{}", last(&path)), family: family.clone(), path });
        }
    }
    Some(files)
}

/// The one file of a family whose name holds a text.
pub(crate) fn the<'f>(files: &'f [File], family: &str, part: &str) -> &'f File {
    let mut found = files.iter().filter(|file| file.family == family && file.name.contains(part));
    let file = found.next().unwrap_or_else(|| panic!("no file of {family} with {part}"));
    assert!(found.next().is_none(), "{part} of {family} names two files");
    file
}

/// What the program answers: exit status, standard output, standard error.
pub(crate) fn flowcheck(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_flowcheck")).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// What the program answers as JSON, and the exit status.
pub(crate) fn document(arguments: &[&str]) -> (i32, Value) {
    let (status, out, err) = flowcheck(arguments);
    let document = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {err}"));
    (status, document)
}

/// What `inspect` says of every file, by the order of the files: the file's object, or the reason of a refusal.
pub(crate) fn inspected(files: &[File]) -> Vec<Result<Value, String>> {
    let mut arguments = vec!["inspect", "--format", "json"];
    arguments.extend(files.iter().map(|file| file.path.to_str().unwrap()));
    let (status, document) = document(&arguments);
    let list = |key: &str| document[key].as_array().unwrap().clone();
    let (read, refused) = (list("files"), list("refused"));
    assert_eq!(read.len() + refused.len(), files.len(), "each file is read or refused");
    assert_eq!(status, if refused.is_empty() { 0 } else { 2 });
    let of = |list: &[Value], file: &File| {
        list.iter().find(|one| one["file"].as_str() == file.path.to_str()).cloned()
    };
    let answer = |file: &File| match (of(&read, file), of(&refused, file)) {
        (Some(object), None) => Ok(object),
        (None, Some(refusal)) => Err(refusal["reason"].as_str().unwrap().to_owned()),
        _ => panic!("{} is neither read nor refused", file.name),
    };
    files.iter().map(answer).collect()
}
