//! Rows, sources, disputes and parameters by name, with the closest name where there is none.

use super::tables::{DISPUTES, PARAMETERS, ROWS, SOURCES};
use super::{Dispute, Parameter, Profile, Row, Source};
use std::fmt;

/// A name that the catalogue does not have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnknownName {
    /// What kind of name was expected, as in `flow`.
    pub what: &'static str,
    /// The text as read.
    pub found: String,
    /// The closest name, where one is close.
    pub closest: Option<&'static str>,
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no {} `{}`", self.what, self.found)?;
        match (self.closest, self.what) {
            (Some(closest), _) => write!(f, "; did you mean `{closest}`?"),
            (None, "feature") => f.write_str("; `flowcheck flows --features` lists them"),
            (None, "parameter") => f.write_str("; `flowcheck flows --params` lists them"),
            (None, "flow") => f.write_str("; `flowcheck flows` lists them"),
            (None, _) => Ok(()),
        }
    }
}

impl std::error::Error for UnknownName {}

/// The error for a name that is none of the candidates.
pub(super) fn unknown(
    what: &'static str,
    found: &str,
    candidates: impl Iterator<Item = &'static str>,
) -> UnknownName {
    let wanted = found.trim().to_ascii_lowercase();
    // Jaro-Winkler favours a common beginning, which is how flow ids are grouped.
    let mut closest: Option<(f64, &'static str)> = None;
    for candidate in candidates {
        let score = strsim::jaro_winkler(&wanted, &candidate.to_ascii_lowercase());
        if score >= 0.8 && closest.is_none_or(|(best, _)| score > best) {
            closest = Some((score, candidate));
        }
    }
    UnknownName { what, found: found.to_owned(), closest: closest.map(|(_, name)| name) }
}

/// Every record of a flow, by its id without regard to case; never empty.
///
/// # Errors
/// There is no such flow; the error names the closest one.
pub fn find(id: &str) -> Result<&'static [Row], UnknownName> {
    let is_it = |row: &Row| row.id.eq_ignore_ascii_case(id.trim());
    let Some(start) = ROWS.iter().position(is_it) else {
        return Err(unknown("flow", id, ids()));
    };
    let length = ROWS[start..].iter().take_while(|row| is_it(row)).count();
    Ok(&ROWS[start..start + length])
}

/// The id of every flow, once, in the order of the catalogue.
pub fn ids() -> impl Iterator<Item = &'static str> {
    ROWS.chunk_by(|one, next| one.id == next.id).map(|records| records[0].id)
}

/// The records that count at the date of a profile, of every tier and mode.
pub fn rows_at(profile: Profile) -> impl Iterator<Item = &'static Row> {
    ROWS.iter().filter(move |row| row.in_force(profile))
}

/// The document of a key.
pub fn source(key: &str) -> Option<&'static Source> {
    SOURCES.iter().find(|source| source.key == key)
}

/// The contradiction of a number: 14 is D14.
pub fn dispute(number: u8) -> Option<&'static Dispute> {
    DISPUTES.iter().find(|dispute| dispute.number == number)
}

/// The parameter of a name; `-` and `_` are the same.
///
/// # Errors
/// There is no such parameter; the error names the closest one.
pub fn parameter(name: &str) -> Result<&'static Parameter, UnknownName> {
    let wanted = name.trim().replace('-', "_");
    PARAMETERS
        .iter()
        .find(|parameter| parameter.name.eq_ignore_ascii_case(&wanted))
        .ok_or_else(|| unknown("parameter", name, PARAMETERS.iter().map(|parameter| parameter.name)))
}
