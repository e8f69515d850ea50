//! Inputs: files, directories, standard input; what they hold as networks.

use super::bicep::{self, compiled};
use super::plan::{Ground, TemplateValues};
use super::{CliError, complain};
use crate::finding::Finding;
use crate::model::Assumption;
use crate::network::Network;
use crate::report::{Inspected, Refused};
use crate::sources::{self, Beside, Piece, ReadOptions};
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How many files of directories that are left out are named one by one.
const LEFT_OUT_NAMED: usize = 20;

/// One network to ask, with what its reading remarked.
pub(super) struct Asked {
    pub(super) network: Network,
    pub(super) findings: Vec<Finding>,
    pub(super) assumptions: Vec<Assumption>,
}

/// What could be read of all inputs.
pub(super) struct Inputs {
    pub(super) asked: Vec<Asked>,
    /// How many inputs could not be read; each has been complained of.
    pub(super) failed: usize,
}

/// Reads every input. A template is a network of its own; exports of `az` and REST, whose ids are whole, are
/// joined into one (design, section 6). One that cannot be read is complained of, and the others are asked.
pub(super) fn read_all(paths: &[PathBuf], ground: &Ground) -> Result<Inputs, CliError> {
    let options = options(ground)?;
    let mut inputs = Inputs { asked: Vec::new(), failed: 0 };
    let mut joined: Vec<Piece> = Vec::new();
    let mut left_out: Vec<String> = Vec::new();
    let files = files(paths, &mut inputs.failed);
    let read_one = |(path, from_directory): &(PathBuf, bool)| {
        let piece = read(path, *from_directory, &options, ground)?;
        if ground.join || piece.kind.has_whole_ids() {
            return Ok(Read::Piece(piece));
        }
        piece.into_input().map(|input| Read::Whole(Box::new(input))).map_err(CliError::of)
    };
    let read = each(files.iter().collect(), read_one);
    let linked = parts_of_others(&read.iter().flatten().collect::<Vec<_>>());
    for ((_, from_directory), read) in files.iter().zip(read) {
        match read {
            // It is asked as a part of the template that links it, with the parameters that it gets there.
            Ok(read) if *from_directory && linked.contains(read.file()) => {
                left_out.push(format!("{}: it is read with the template that links it", read.file()));
            }
            Ok(Read::Piece(piece)) => joined.push(piece),
            Ok(Read::Whole(input)) => inputs.asked.push(asked(*input)),
            // A directory holds other files too; they are named, and no reason to fail.
            Err(error) if *from_directory => left_out.push(error.to_string()),
            Err(error) => {
                complain(&error);
                inputs.failed += 1;
            }
        }
    }
    match Piece::join(joined) {
        Ok(input) => inputs.asked.extend(input.map(asked)),
        Err(error) => {
            complain(&error);
            inputs.failed += 1;
        }
    }
    for file in left_out.iter().take(LEFT_OUT_NAMED) {
        complain(&format_args!("left out {file}"));
    }
    if left_out.len() > LEFT_OUT_NAMED {
        complain(&format_args!("left out {} more files", left_out.len() - LEFT_OUT_NAMED));
    }
    Ok(inputs)
}

/// The templates that are a part of others: linked by one that no other links, at once or over further ones. Of
/// templates that only link each other in a ring none is.
fn parts_of_others(read: &[&Read]) -> HashSet<Arc<str>> {
    let links: HashMap<&str, &[Arc<str>]> = read.iter().map(|read| (&**read.file(), read.linked())).collect();
    let linked: HashSet<&str> = links.values().copied().flatten().map(|file| &**file).collect();
    let mut open: Vec<&str> = links.keys().copied().filter(|file| !linked.contains(file)).collect();
    let mut parts = HashSet::new();
    while let Some(file) = open.pop() {
        for part in links.get(file).copied().unwrap_or_default() {
            if parts.insert(Arc::clone(part)) {
                open.push(part);
            }
        }
    }
    parts
}

/// A file that was read.
enum Read {
    /// A network of its own.
    Whole(Box<sources::Input>),
    /// A part of the one that all such files make.
    Piece(Piece),
}

impl Read {
    fn file(&self) -> &Arc<str> {
        match self {
            Self::Whole(input) => &input.file,
            Self::Piece(piece) => &piece.file,
        }
    }

    /// The templates that it links.
    fn linked(&self) -> &[Arc<str>] {
        match self {
            Self::Whole(input) => &input.linked,
            Self::Piece(piece) => piece.linked(),
        }
    }
}

/// One file, still apart; of a directory only those that are named like an input.
fn read(
    path: &Path,
    from_directory: bool,
    options: &ReadOptions,
    ground: &Ground,
) -> Result<Piece, CliError> {
    let name = name_of(path, ground);
    if from_directory && !is_input(path) {
        return Err(CliError::usage(format!("{name}: is not named *.{}", INPUT_ENDS.join(", *."))));
    }
    let bytes = compiled(path, ground.bicep)?;
    sources::read_piece(bytes, &name, &options_at(path, options)).map_err(CliError::of)
}

/// The same question to each of many, in parallel, with the answers in their order. A single one is asked
/// at once: starting threads takes longer than most files.
pub(super) fn each<T: Send, U: Send>(all: Vec<T>, ask: impl Fn(T) -> U + Sync + Send) -> Vec<U> {
    if all.len() < 2 { all.into_iter().map(ask).collect() } else { all.into_par_iter().map(ask).collect() }
}

/// Ends of the names of files in which inputs come.
const INPUT_ENDS: [&str; 3] = ["json", "jsonc", "tfstate"];

fn is_input(path: &Path) -> bool {
    let end = path.extension().unwrap_or_default();
    INPUT_ENDS.iter().any(|known| end.eq_ignore_ascii_case(known))
}

/// Looks at every file; of a directory at those that can be inputs.
pub(super) fn inspect_all(paths: &[PathBuf], ground: &Ground) -> Result<Inspected, CliError> {
    let options = options(ground)?;
    let mut unreadable = 0;
    let mut answer = Inspected::default();
    let mut files = files(paths, &mut unreadable);
    files.retain(|(path, from_directory)| !from_directory || is_input(path));
    let look = |(path, _): &(PathBuf, bool)| {
        let bytes = compiled(path, ground.bicep)?;
        sources::inspect(bytes, &name_of(path, ground), &options_at(path, &options)).map_err(CliError::of)
    };
    for ((path, _), looked) in files.iter().zip(each(files.iter().collect(), look)) {
        match looked {
            Ok(inspection) => answer.inspections.push(inspection),
            Err(error) => {
                let file = name_of(path, ground);
                answer.refused.push(Refused { file, reason: error.to_string() });
            }
        }
    }
    if unreadable > 0 && answer.inspections.is_empty() && answer.refused.is_empty() {
        return Err(CliError::usage("nothing was read".to_owned()));
    }
    Ok(answer)
}

/// The options for one file, with the files beside it; standard input has none.
fn options_at(path: &Path, options: &ReadOptions) -> ReadOptions {
    let beside = if path == Path::new("-") { Beside::default() } else { Beside::on_disk(path) };
    ReadOptions { beside, ..options.clone() }
}

/// How a file is named in answers.
fn name_of(path: &Path, ground: &Ground) -> String {
    match &ground.stdin_name {
        Some(name) if path == Path::new("-") => name.clone(),
        _ => bicep::name_of(path, path.to_string_lossy().into_owned(), ground.bicep),
    }
}

/// Reads one input.
pub(super) fn read_one(path: &Path, ground: &Ground) -> Result<Asked, CliError> {
    let mut inputs = read_all(&[path.to_owned()], ground)?;
    match inputs.asked.pop() {
        Some(asked) if inputs.asked.is_empty() => Ok(asked),
        Some(_) => Err(CliError::usage(format!("{}: holds several networks; name one file", path.display()))),
        None => Err(CliError::usage(format!("{}: nothing was read", path.display()))),
    }
}

fn asked(input: sources::Input) -> Asked {
    Asked { network: input.network, findings: input.findings, assumptions: Vec::new() }
}

fn options(ground: &Ground) -> Result<ReadOptions, CliError> {
    let TemplateValues { files, set } = &ground.template;
    let file = |path: &PathBuf| {
        let name = bicep::name_of(path, path.to_string_lossy().into_owned(), ground.bicep);
        Ok((name, compiled(path, ground.bicep)?))
    };
    Ok(ReadOptions {
        as_kind: ground.as_kind.as_deref().map(str::parse).transpose().map_err(CliError::of)?,
        parameters: files.iter().map(file).collect::<Result<_, CliError>>()?,
        set: set.clone(),
        moment: ground.moment,
        beside: Beside::default(),
    })
}

/// The files behind the paths, those of a directory in order of their names, and whether each came from one.
fn files(paths: &[PathBuf], failed: &mut usize) -> Vec<(PathBuf, bool)> {
    let mut found = Vec::new();
    for path in paths {
        if !path.is_dir() {
            found.push((path.clone(), false));
            continue;
        }
        let mut inside = Vec::new();
        if let Err(error) = walk(path, &mut inside) {
            complain(&format_args!("{}: cannot be read: {error}", path.display()));
            *failed += 1;
        }
        inside.sort();
        found.extend(inside.into_iter().map(|file| (file, true)));
    }
    found
}

/// Every file below a directory; hidden ones and links to directories are passed over.
fn walk(directory: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        match entry.file_type()? {
            kind if kind.is_dir() => walk(&entry.path(), found)?,
            _ if entry.path().is_file() => found.push(entry.path()),
            _ => {}
        }
    }
    Ok(())
}
