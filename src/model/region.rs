//! Azure regions.

use std::fmt;

/// A region, compared without blanks and case: `West Europe` is `westeurope`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Region(String);

impl Region {
    /// A region from a display name or a short name.
    pub fn new(text: &str) -> Self {
        Self(text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect())
    }

    /// The short name, as in `westeurope`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
