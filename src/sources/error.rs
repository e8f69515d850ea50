//! Why a file cannot be read at all.

use super::json;
use super::kind::InputKind;
use std::fmt;
use std::sync::Arc;

/// Why a file cannot be read at all; what is wrong inside a readable file is a finding instead.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReadError {
    /// The file as the user named it.
    pub file: Arc<str>,
    /// Line and column, where there is one place.
    pub at: Option<(u32, u32)>,
    /// What the file looks like, where it is of another kind.
    pub looks_like: Option<InputKind>,
    /// What is the case.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl ReadError {
    /// An error about a whole file.
    pub(super) fn new(file: &Arc<str>, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        let (file, message, remedy) = (Arc::clone(file), message.into(), remedy.into());
        Self { file, at: None, looks_like: None, message, remedy }
    }

    /// A file of a kind that is not read as an input.
    pub(super) fn kind(file: &Arc<str>, kind: InputKind) -> Self {
        Self {
            looks_like: Some(kind),
            ..Self::new(file, format!("this looks like {}", kind.described()), kind.remedy())
        }
    }

    /// The same error at a place.
    pub(super) fn at(mut self, line: u32, column: u32) -> Self {
        self.at = Some((line, column));
        self
    }
}

impl From<json::ReadError> for ReadError {
    fn from(error: json::ReadError) -> Self {
        Self {
            file: Arc::clone(&error.origin.file),
            message: format!("read {}, expected {}", error.read, error.expected),
            remedy: error.remedy.to_owned(),
            looks_like: None,
            at: Some((error.origin.line, error.origin.column)),
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some((line, column)) => write!(f, "{}:{line}:{column}: {}", self.file, self.message)?,
            None => write!(f, "{}: {}", self.file, self.message)?,
        }
        if self.remedy.is_empty() { Ok(()) } else { write!(f, "; {}", self.remedy) }
    }
}

impl std::error::Error for ReadError {}
