//! What was taken for granted on the way to an answer.

use super::Switch;
use std::fmt;

/// One thing that was taken for granted.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Assumption {
    /// The undocumented point whose default reading was taken, if that is what it is.
    pub switch: Option<Switch>,
    /// What was assumed, as a clause without capital or full stop.
    pub text: String,
}

impl Assumption {
    /// An assumption in words.
    pub fn new(text: impl Into<String>) -> Self {
        Self { switch: None, text: text.into() }
    }

    /// The default reading of a switch.
    pub fn of(switch: Switch) -> Self {
        let text = switch.text();
        Self { switch: Some(switch), text: format!("{} taken as: {}", text.question, text.default) }
    }
}

impl fmt::Display for Assumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.switch {
            Some(switch) => write!(f, "{switch}: {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}
