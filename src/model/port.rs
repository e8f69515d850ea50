//! Ports of TCP and UDP.

use std::fmt;
use std::str::FromStr;

/// A range of ports with both ends included (S20); the low end is never above the high one.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PortRange {
    low: u16,
    high: u16,
}

/// Why a text is no port, range or `*`.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PortError {
    /// Neither a number in 0..=65535, a range `low-high`, nor `*` (S20).
    NotAPort {
        /// The text as read.
        text: String,
    },
    /// A list in one string, which Azure refuses (S20).
    Comma {
        /// The text as read.
        text: String,
    },
    /// A range whose low end is above its high end (S22).
    Reversed {
        /// The text as read.
        text: String,
    },
}

impl fmt::Display for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAPort { text } => {
                write!(f, "`{text}` is not a port: a number from 0 to 65535, a range such as 80-443, or *")
            }
            Self::Comma { text } => write!(f, "`{text}`: a list of ports goes in the plural field"),
            Self::Reversed { text } => write!(f, "`{text}`: the range runs backwards, so it never matches"),
        }
    }
}

impl std::error::Error for PortError {}

impl PortRange {
    /// Every port: `*` and `0-65535` are the same (S21).
    pub const ALL: Self = Self { low: 0, high: u16::MAX };

    /// One port.
    pub const fn one(port: u16) -> Self {
        Self { low: port, high: port }
    }

    /// The ports from `low` to `high`, or `None` when they run backwards.
    pub const fn new(low: u16, high: u16) -> Option<Self> {
        if low <= high { Some(Self { low, high }) } else { None }
    }

    /// The first port.
    pub fn low(self) -> u16 {
        self.low
    }

    /// The last port.
    pub fn high(self) -> u16 {
        self.high
    }

    /// Whether the port lies in the range.
    pub fn contains(self, port: u16) -> bool {
        (self.low..=self.high).contains(&port)
    }

    /// Whether this is every port.
    pub fn is_all(self) -> bool {
        self == Self::ALL
    }
}

impl FromStr for PortRange {
    type Err = PortError;

    /// Reads `443`, `1024-65535` or `*`; blanks around the numbers are dropped (U5).
    fn from_str(text: &str) -> Result<Self, PortError> {
        let trimmed = text.trim();
        if trimmed == "*" {
            return Ok(Self::ALL);
        }
        if trimmed.contains(',') {
            return Err(PortError::Comma { text: text.to_owned() });
        }
        let not_a_port = || PortError::NotAPort { text: text.to_owned() };
        let (low, high) = trimmed.split_once('-').unwrap_or((trimmed, trimmed));
        let low = number(low).ok_or_else(not_a_port)?;
        let high = number(high).ok_or_else(not_a_port)?;
        Self::new(low, high).ok_or_else(|| PortError::Reversed { text: text.to_owned() })
    }
}

/// Digits only: `+80` and the like are not what Azure reads.
fn number(text: &str) -> Option<u16> {
    let digits = text.trim();
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.is_all(), self.low == self.high) {
            (true, _) => f.write_str("*"),
            (_, true) => write!(f, "{}", self.low),
            _ => write!(f, "{}-{}", self.low, self.high),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_text_is_read_as_azure_reads_it() {
        for (text, printed) in [
            ("443", "443"),
            ("*", "*"),
            ("0-65535", "*"),
            ("1024-65535", "1024-65535"),
            (" 65503-65534 ", "65503-65534"),
            ("80-80", "80"),
        ] {
            assert_eq!(text.parse::<PortRange>().unwrap().to_string(), printed, "{text}");
        }
    }

    #[test]
    fn what_azure_refuses_is_an_error_that_says_why() {
        for (text, says) in [
            ("80,443", "plural field"),
            ("443-80", "runs backwards"),
            ("65536", "not a port"),
            ("+80", "not a port"),
            ("-1", "not a port"),
            ("", "not a port"),
            ("http", "not a port"),
        ] {
            let error = text.parse::<PortRange>().unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
