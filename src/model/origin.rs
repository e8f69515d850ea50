//! The place in an input that a value came from.

use std::fmt;
use std::sync::Arc;

/// File, line, column and key path of a value; kept from reading to the last report.
///
/// Line and column count from 1, columns in characters. The path is written as in
/// `resources[2].properties.securityRules[0]`, empty for the whole document.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Origin {
    /// The file as the user named it, or `-` for standard input.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The key path inside the document.
    pub path: Arc<str>,
    /// What the source calls the resource that holds the value, where the line alone does not tell: its
    /// address in Terraform, its symbolic name in a template, the loop or deployment that it comes from.
    pub within: Option<Arc<str>>,
}

impl Origin {
    /// An origin with all its parts.
    pub fn new(file: &Arc<str>, line: u32, column: u32, path: impl Into<Arc<str>>) -> Self {
        Self { file: Arc::clone(file), line, column, path: path.into(), within: None }
    }

    /// An origin for what was typed on the command line.
    pub fn command_line(option: &str) -> Self {
        Self { file: "command line".into(), line: 1, column: 1, path: option.into(), within: None }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        self.within.iter().try_for_each(|name| write!(f, " in {name}"))
    }
}
