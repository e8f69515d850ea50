//! The bytes of files and of standard input, within limits.

use super::CliError;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

/// Files larger than this are not read (design, section 10).
const LARGEST: u64 = 64 << 20;

/// The bytes of a file, or of standard input for `-`.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, CliError> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin()
            .take(LARGEST + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| CliError::usage(format!("-: standard input cannot be read: {error}")))?;
        return limited(path, bytes);
    }
    let shown = path.display();
    let unreadable = |error: io::Error| unreadable(path, &error);
    let meta = fs::metadata(path).map_err(unreadable)?;
    if meta.is_dir() {
        return Err(CliError::usage(format!("{shown}: is a directory, and a file was expected")));
    }
    if meta.len() > LARGEST {
        return Err(too_large(path));
    }
    fs::read(path).map_err(unreadable)
}

/// Why a file cannot be read.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> CliError {
    let shown = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => CliError::usage(format!("{shown}: there is no such file")),
        _ => CliError::usage(format!("{shown}: cannot be read: {error}")),
    }
}

fn limited(path: &Path, bytes: Vec<u8>) -> Result<Vec<u8>, CliError> {
    if bytes.len() as u64 > LARGEST { Err(too_large(path)) } else { Ok(bytes) }
}

fn too_large(path: &Path) -> CliError {
    CliError::usage(format!("{}: is larger than the limit of 64 MiB", path.display()))
}
