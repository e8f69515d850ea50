//! Priorities of rules.

use super::Gap;
use std::fmt;

/// The place that the author of a rule gave it; smaller numbers come first.
///
/// Always one of the numbers that Azure accepts, 100 to 4096 (S9). The numbers of the default rules are held by
/// [`RulePriority::Default`] alone, out of reach of any input.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Priority(u16);

impl Priority {
    /// Takes a number as an input states it.
    ///
    /// # Errors
    /// [`PriorityError`] for a number that Azure would refuse (S9); it is never moved into the range.
    pub fn custom(found: i64) -> Result<Self, PriorityError> {
        match u16::try_from(found) {
            Ok(number @ 100..=4096) => Ok(Self(number)),
            _ => Err(PriorityError { found }),
        }
    }

    /// The number.
    pub fn number(self) -> u16 {
        self.0
    }
}

/// A custom priority outside 100..=4096 (S9).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PriorityError {
    /// The number that was found.
    pub found: i64,
}

impl fmt::Display for PriorityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "priority {} is not in 100..=4096", self.found)
    }
}

impl std::error::Error for PriorityError {}

/// The place of a rule in the order of evaluation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RulePriority {
    /// A custom rule (S9).
    Custom(Priority),
    /// One of the six default rules: 65000, 65001 or 65500 (S10).
    Default(u16),
    /// A security admin rule: 1 to 4096 (S131).
    Admin(u16),
    /// A number that Azure refuses (S9): the rule may match, and never must.
    OutOfRange(i64),
    /// Not known: the rule may stand anywhere, so it is looked at first and never must match.
    Unknown(Gap),
}

impl RulePriority {
    /// The number, where there is one.
    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Custom(priority) => Some(i64::from(priority.number())),
            Self::Default(number) | Self::Admin(number) => Some(i64::from(*number)),
            Self::OutOfRange(number) => Some(*number),
            Self::Unknown(_) => None,
        }
    }

    /// What rules are ordered by (S2): the number, and the unknown before all.
    pub fn order(&self) -> i64 {
        self.number().unwrap_or(i64::MIN)
    }

    /// Whether Azure would accept the rule at this place, so that a match is a match.
    pub fn is_settled(&self) -> bool {
        matches!(self, Self::Custom(_) | Self::Default(_) | Self::Admin(_))
    }
}

impl fmt::Display for RulePriority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number() {
            Some(number) => write!(f, "{number}"),
            None => f.write_str("?"),
        }
    }
}
