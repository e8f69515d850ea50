//! What `inspect` answers about all files of a run.

use crate::sources::Inspection;

/// The files of a run: those that were recognised, and those that were not.
#[derive(Clone, Debug, Default)]
pub struct Inspected {
    /// Files of a known kind, in order of asking.
    pub inspections: Vec<Inspection>,
    /// Files that cannot be read.
    pub refused: Vec<Refused>,
}

/// A file that cannot be read, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refused {
    /// The file as the user named it.
    pub file: String,
    /// The reason, with the place where there is one and what to do.
    pub reason: String,
}
