//! A fact that the input may or may not state.

use super::Origin;
use std::fmt;
use std::sync::Arc;

/// A value that the input settles, or the reason why it does not.
///
/// Unknown is never the same as absent: an NSG in another deployment is [`Fact::Unknown`], no NSG is
/// `Known(None)`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fact<T> {
    /// The input states the value.
    Known(T),
    /// The input does not state it; the gap says what is missing.
    Unknown(Gap),
}

impl<T> Fact<T> {
    /// The value, where it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }

    /// The gap, where the value is not known.
    pub fn gap(&self) -> Option<&Gap> {
        match self {
            Self::Known(_) => None,
            Self::Unknown(gap) => Some(gap),
        }
    }

    /// The same fact about another type; a gap stays as it is.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Self::Known(value) => Fact::Known(change(value)),
            Self::Unknown(gap) => Fact::Unknown(gap),
        }
    }
}

/// What is missing for an answer: the statement, where it would stand, and how to supply it.
///
/// Cheap to clone, since one gap is named by every answer that it touches.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Gap(Arc<GapText>);

#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
struct GapText {
    missing: String,
    supply: Option<String>,
    origin: Option<Origin>,
}

impl Gap {
    /// A gap in words that end a sentence "the answer depends on ...": without capital or full stop, and with
    /// backticks around what the user wrote.
    pub fn new(missing: impl Into<String>) -> Self {
        Self(Arc::new(GapText { missing: missing.into(), supply: None, origin: None }))
    }

    /// The same gap with the place where the missing value would stand.
    #[must_use]
    pub fn at(self, origin: &Origin) -> Self {
        let mut text = Arc::unwrap_or_clone(self.0);
        text.origin = Some(origin.clone());
        Self(Arc::new(text))
    }

    /// The same gap with what would supply it: an option of ours or an `az ... show` command.
    #[must_use]
    pub fn supplied_by(self, command: impl Into<String>) -> Self {
        let mut text = Arc::unwrap_or_clone(self.0);
        text.supply = Some(command.into());
        Self(Arc::new(text))
    }

    /// What is missing, in words.
    pub fn missing(&self) -> &str {
        &self.0.missing
    }

    /// The command or option that would supply it.
    pub fn supply(&self) -> Option<&str> {
        self.0.supply.as_deref()
    }

    /// Where the missing value would stand.
    pub fn origin(&self) -> Option<&Origin> {
        self.0.origin.as_ref()
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.missing)?;
        match &self.0.supply {
            Some(command) => write!(f, " (supply it with `{command}`)"),
            None => Ok(()),
        }
    }
}
