//! Which state of the documents counts.

use super::tables::NEWEST;
use super::{Date, DateError, Row};
use std::fmt;
use std::str::FromStr;

/// A day whose rows count, and whether the seed table alone is required.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Profile {
    date: Date,
    seed: bool,
}

/// A text that is no profile.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProfileError {
    /// The text as read.
    pub found: String,
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no profile: YYYY, YYYY-MM, YYYY-MM-DD or seed", self.found)
    }
}

impl std::error::Error for ProfileError {}

impl From<DateError> for ProfileError {
    fn from(error: DateError) -> Self {
        Self { found: error.found }
    }
}

impl Profile {
    /// The seed table of 2025-04-17 as the minimum: its rows alone are required.
    pub const SEED: Self = Self { date: Date::SEED, seed: true };

    /// The newest date of the catalogue: that of its youngest source or row. It is data, not a clock.
    pub const fn newest() -> Self {
        Self { date: NEWEST, seed: false }
    }

    /// The rows of a day.
    pub const fn at(date: Date) -> Self {
        Self { date, seed: false }
    }

    /// The day whose rows count.
    pub const fn date(self) -> Date {
        self.date
    }

    /// Whether the seed table alone is required.
    pub const fn is_seed(self) -> bool {
        self.seed
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::newest()
    }
}

impl FromStr for Profile {
    type Err = ProfileError;

    /// Reads a date, whose short forms mean their last day, or `seed`.
    fn from_str(text: &str) -> Result<Self, ProfileError> {
        if text.trim().eq_ignore_ascii_case("seed") {
            return Ok(Self::SEED);
        }
        Ok(Self::at(Date::last_of(text)?))
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.seed { f.pad("seed") } else { self.date.fmt(f) }
    }
}

impl Row {
    /// Whether the record counts at the date of a profile: from `since` on, and before `until`.
    pub fn in_force(&self, profile: Profile) -> bool {
        self.since.is_none_or(|since| since <= profile.date)
            && self.until.is_none_or(|until| profile.date < until)
    }
}
