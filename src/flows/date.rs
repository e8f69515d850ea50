//! Days of the calendar, as the catalogue's periods and profiles name them.
//!
//! In: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. Out: a day. No clock, no time zone.
//! The build script reads this file too, so it uses nothing of the crate.

use std::fmt;

/// A day; days compare in the order of time.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// A text that is no day, month or year.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DateError {
    /// The text as read.
    pub found: String,
}

impl fmt::Display for DateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no date: YYYY, YYYY-MM or YYYY-MM-DD", self.found)
    }
}

impl std::error::Error for DateError {}

impl Date {
    /// The date of the seed table.
    pub const SEED: Self = Self { year: 2025, month: 4, day: 17 };

    /// A day, or `None` when the calendar does not have it.
    pub const fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        if year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= days_in(year, month) {
            Some(Self { year, month, day })
        } else {
            None
        }
    }

    /// The first day that the text covers: `2025-06` is 2025-06-01.
    ///
    /// # Errors
    /// The text has another form, or the calendar has no such day.
    pub fn first_of(text: &str) -> Result<Self, DateError> {
        let (year, month, day) = parts(text)?;
        Self::new(year, month.unwrap_or(1), day.unwrap_or(1)).ok_or_else(|| wrong(text))
    }

    /// The last day that the text covers: `2025-06` is 2025-06-30.
    ///
    /// # Errors
    /// The text has another form, or the calendar has no such day.
    pub fn last_of(text: &str) -> Result<Self, DateError> {
        let (year, month, day) = parts(text)?;
        let month = month.unwrap_or(12);
        Self::new(year, month, day.unwrap_or(days_in(year, month))).ok_or_else(|| wrong(text))
    }

    /// Year, month and day.
    pub const fn ymd(self) -> (u16, u8, u8) {
        (self.year, self.month, self.day)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:04}-{:02}-{:02}", self.year, self.month, self.day))
    }
}

const fn days_in(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

fn wrong(text: &str) -> DateError {
    DateError { found: text.to_owned() }
}

/// Year, month and day as written; each has its full width, so that `2025-6` is not read as something else.
fn parts(text: &str) -> Result<(u16, Option<u8>, Option<u8>), DateError> {
    let mut fields = text.trim().split('-');
    let year = fields.next().and_then(|field| digits(field, 4));
    let month = fields.next().map(|field| digits(field, 2).and_then(|n| u8::try_from(n).ok()));
    let day = fields.next().map(|field| digits(field, 2).and_then(|n| u8::try_from(n).ok()));
    match (year, month, day, fields.next()) {
        (Some(year), None, None, None) => Ok((year, None, None)),
        (Some(year), Some(Some(month)), None, None) => Ok((year, Some(month), None)),
        (Some(year), Some(Some(month)), Some(Some(day)), None) => Ok((year, Some(month), Some(day))),
        _ => Err(wrong(text)),
    }
}

fn digits(field: &str, width: usize) -> Option<u16> {
    (field.len() == width && field.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| field.parse().ok())
        .flatten()
}
