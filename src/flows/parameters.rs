//! Values that the user gives for parameters of the catalogue, such as `client_sources`.

use super::lookup::{UnknownName, parameter};
use crate::model::Protocol;
use crate::rules::{NotationError, SideText};
use std::collections::BTreeMap;
use std::fmt;

/// One value: addresses as people write them, with ports and a protocol where they matter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ParameterValue {
    /// The protocol, where one was written.
    pub protocol: Option<Protocol>,
    /// Addresses, tags or subnet names, and ports where they were written.
    pub side: SideText,
}

/// Why a parameter cannot be taken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ParameterError {
    /// No parameter of the catalogue has the name.
    Name(UnknownName),
    /// The value is no list of addresses.
    Value(NotationError),
}

impl fmt::Display for ParameterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(error) => error.fmt(f),
            Self::Value(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ParameterError {}

/// Parameters by name, each with all its values.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ParameterValues {
    values: BTreeMap<&'static str, Vec<ParameterValue>>,
}

impl ParameterValues {
    /// Adds a value such as `203.0.113.0/24`, `10.2.0.4:8443` or `Udp 10.2.0.4:514`; several with commas.
    ///
    /// # Errors
    /// [`ParameterError`] for a name that the catalogue does not have, and a value that is no address.
    pub fn add(&mut self, name: &str, text: &str) -> Result<(), ParameterError> {
        let known = parameter(name).map_err(ParameterError::Name)?;
        let text = text.trim();
        let (protocol, side) = match text.split_once(char::is_whitespace) {
            Some((word, rest)) if word.parse::<Protocol>().is_ok() => (word.parse().ok(), rest),
            _ => (None, text),
        };
        let side = side.parse().map_err(ParameterError::Value)?;
        self.values.entry(known.name).or_default().push(ParameterValue { protocol, side });
        Ok(())
    }

    /// The values of a parameter; empty where the user gave none.
    pub fn of(&self, name: &str) -> &[ParameterValue] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// The names that have a value.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.values.keys().copied()
    }
}
