//! What is wrong in a scenario file, and where.

use crate::model::{Origin, WordError};
use std::fmt;

/// One mistake of a scenario file, with its place and, where there are few, the words that would do.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Mistake {
    /// Where it stands.
    pub origin: Origin,
    /// What is wrong: a clause without capital or full stop; what the user wrote is quoted in backticks.
    pub message: String,
}

impl Mistake {
    /// A mistake at a place.
    pub(super) fn new(origin: &Origin, message: impl Into<String>) -> Self {
        Self { origin: origin.clone(), message: message.into() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.origin, self.message)
    }
}

/// All mistakes of a file: reading goes on behind each.
#[derive(Debug, Default)]
pub(super) struct Mistakes(Vec<Mistake>);

impl Mistakes {
    /// Notes a mistake; `None` for the value that could not be read.
    pub(super) fn add<T>(&mut self, origin: &Origin, message: impl Into<String>) -> Option<T> {
        self.0.push(Mistake::new(origin, message));
        None
    }

    /// The value, or its error as a mistake.
    pub(super) fn take<T, E: fmt::Display>(&mut self, origin: &Origin, read: Result<T, E>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(error) => self.add(origin, error.to_string()),
        }
    }

    /// The word, or a mistake that names the closest one.
    pub(super) fn word<T>(&mut self, origin: &Origin, read: Result<T, WordError>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(error) => {
                let hint = did_you_mean(&error.found, error.accepted.iter().copied());
                self.add(origin, format!("{error}{hint}"))
            }
        }
    }

    /// The value if there were no mistakes, else all of them in order of the file.
    pub(super) fn settle<T>(self, value: Option<T>) -> Result<T, Vec<Mistake>> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self.into_list()),
        }
    }

    /// All mistakes, in order of the file.
    pub(super) fn into_list(mut self) -> Vec<Mistake> {
        self.0.sort();
        self.0.dedup();
        self.0
    }
}

/// `; did you mean X?` for the closest of the candidates, empty where none is close.
pub(super) fn did_you_mean<'a>(found: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let wanted = found.trim().to_lowercase();
    let mut closest: Option<(f64, &str)> = None;
    for candidate in candidates {
        let score = strsim::jaro_winkler(&wanted, &candidate.to_lowercase());
        if score >= 0.8 && closest.is_none_or(|(best, _)| score > best) {
            closest = Some((score, candidate));
        }
    }
    closest.map_or_else(String::new, |(_, name)| format!("; did you mean `{name}`?"))
}

/// `a, b and c`, each in backticks.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match &names[..] {
        [] => "none".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
