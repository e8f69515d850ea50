//! What came of a scenario: plain values that a report prints.

use super::mistake::Mistake;
use crate::walk::Decider;

/// What came of one scenario file.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The file as the user named it.
    pub file: String,
    /// Its title; the file's name where it could not be read.
    pub name: String,
    /// Whether every expectation held.
    pub passed: bool,
    /// One for each expectation, in order of the file; empty where there are mistakes.
    pub expectations: Vec<Checked>,
    /// What is wrong with the file, so that nothing could be asked.
    pub mistakes: Vec<Mistake>,
}

impl Outcome {
    /// The outcome of a file that could not be asked.
    pub(super) fn refused(file: &str, name: &str, mistakes: Vec<Mistake>) -> Self {
        Self {
            file: file.to_owned(),
            name: name.to_owned(),
            passed: false,
            expectations: Vec::new(),
            mistakes,
        }
    }
}

/// One expectation held against its answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Checked {
    /// The line of the expectation.
    pub line: u32,
    /// What was asked, as in `flow sql-1433`.
    pub asked: String,
    /// Whether the answer is the expected one.
    pub passed: bool,
    /// What was expected, as in `allowed by AllowSql`.
    pub expected: String,
    /// What is the case, as in `blocked by DenyAllOut (4096)`.
    pub actual: String,
    /// Who decides the part that shows it, with its place.
    pub decider: Option<Decider>,
    /// A packet that shows it.
    pub witness: Option<String>,
}
