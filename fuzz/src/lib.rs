//! What the targets hold: reading any bytes gives a network or an error that says where, and never panics.

use flowcheck::sources::{InputKind, ReadError, ReadOptions, inspect, read};

/// Reads bytes as a file of one kind, or of the kind that they look like, and looks through what came of it.
pub fn hold(kind: Option<InputKind>, bytes: &[u8]) {
    let options = ReadOptions { as_kind: kind, ..ReadOptions::default() };
    match read(bytes, "input", &options) {
        Ok(input) => {
            let _ = (input.network.counts(), input.network.unknowns(), input.types());
        }
        Err(error) => hold_error(&error),
    }
    if let Err(error) = inspect(bytes, "input", &options) {
        hold_error(&error);
    }
}

/// An error says where, or what the file is and what to do.
pub fn hold_error(error: &ReadError) {
    let says =
        error.at.is_some_and(|(line, _)| line > 0) || error.looks_like.is_some() || !error.remedy.is_empty();
    assert!(says, "{error}");
}
