//! Why a service tag list cannot be read or used.

use super::text::{HEAD, MOST_TAGS};
use crate::model::{Cloud, WordError};
use std::fmt;

/// A fault of a service tag list, with its place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TagError {
    /// The file as the user named it; `None` where the fault is of no file.
    pub file: Option<String>,
    /// The line, from 1, where there is one.
    pub line: Option<u32>,
    /// The column in bytes, from 1, where there is one.
    pub column: Option<u32>,
    /// What is wrong.
    pub fault: TagFault,
}

/// What is wrong with a service tag list, or with what was asked of it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TagFault {
    /// The file is something else.
    NotTags {
        /// What it looks like, with its article, as in `an ARM template`.
        looks_like: String,
    },
    /// The file is neither UTF-8 nor UTF-16 with a byte order mark.
    Encoding,
    /// The JSON ends before it is complete.
    Truncated,
    /// The JSON is not well formed, or holds a value of another type.
    Json {
        /// What the JSON reader says.
        reason: String,
    },
    /// A form of ours that is newer than this program.
    Version {
        /// The version as read.
        found: String,
    },
    /// The head lacks a line, or the JSON a field.
    Missing {
        /// What is missing.
        what: &'static str,
    },
    /// A cloud that is none of Azure's.
    Cloud(WordError),
    /// A change number that is no number from 0 to 4294967295.
    ChangeNumber {
        /// The text as read.
        found: String,
    },
    /// A date that is none.
    Date {
        /// The text as read.
        found: String,
    },
    /// A line without the four columns.
    Columns {
        /// How many columns it has.
        found: usize,
    },
    /// A name that no tag can have.
    Name {
        /// The text as read.
        found: String,
    },
    /// A word in the column of features or regions that none can be.
    Word {
        /// What it should be.
        expected: &'static str,
        /// The text as read.
        found: String,
    },
    /// A text that is no address and no prefix.
    Prefix {
        /// The text as read.
        found: String,
    },
    /// A name that stands twice; letter case does not tell names apart (U2).
    Twice {
        /// The name as read the second time.
        name: String,
    },
    /// More than 100,000 tags, which no list of Azure's comes near.
    TooMany,
    /// A name that Azure computes and no list defines (S93).
    Computed {
        /// The name as read.
        name: String,
    },
    /// A list of one cloud for a network of another (S94).
    OtherCloud {
        /// The cloud of the network.
        network: Cloud,
        /// The cloud of the list.
        list: Cloud,
    },
    /// Two lists of different clouds, which cannot be compared (S94).
    CloudsDiffer {
        /// The cloud of the old list.
        old: Cloud,
        /// The cloud of the new list.
        new: Cloud,
    },
    /// A tag that is not in the list.
    Unknown {
        /// The name as asked.
        name: String,
        /// Names that come close, best first.
        suggestions: Vec<String>,
    },
}

impl TagError {
    /// A fault of no file, or of no line.
    pub(super) fn new(file: Option<&str>, fault: TagFault) -> Self {
        Self { file: file.map(str::to_owned), line: None, column: None, fault }
    }

    /// A fault in a line of a file.
    pub(super) fn at(file: &str, line: usize, column: Option<usize>, fault: TagFault) -> Self {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { file: Some(file.to_owned()), line: Some(number(line)), column: column.map(number), fault }
    }
}

impl fmt::Display for TagError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}:")?;
            for number in [self.line, self.column].into_iter().flatten() {
                write!(f, "{number}:")?;
            }
            f.write_str(" ")?;
        }
        self.fault.fmt(f)
    }
}

impl std::error::Error for TagError {}

impl fmt::Display for TagFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotTags { looks_like } => write!(
                f,
                "this looks like {looks_like}, not like a service tag list: expected Microsoft's JSON (an \
                 object with `changeNumber`, `cloud` and `values`) or a text whose first line is `{HEAD}1`"
            ),
            Self::Encoding => f.write_str("the text is neither UTF-8 nor UTF-16 with a byte order mark"),
            Self::Truncated => f.write_str("the JSON ends too early: the file is not complete"),
            Self::Json { reason } => write!(f, "this service tag list cannot be read: {reason}"),
            Self::Version { found } => {
                write!(f, "version `{found}` of the text form is not known here: expected `1`")
            }
            Self::Missing { what } => write!(f, "the service tag list does not say its {what}"),
            Self::Cloud(error) => error.fmt(f),
            Self::ChangeNumber { found } => write!(f, "`{found}` is no change number: expected as in `376`"),
            Self::Date { found } => write!(f, "`{found}` is no date: expected as in `2025-11-10`"),
            Self::Columns { found } => write!(
                f,
                "a line of {found} column{}: expected `name|features|region|prefixes`",
                if *found == 1 { "" } else { "s" }
            ),
            Self::Name { found } => {
                write!(f, "`{found}` is no tag name: expected letters, digits, dots, hyphens and underscores")
            }
            Self::Word { expected, found } => write!(f, "`{found}` is no {expected}"),
            Self::Prefix { found } => {
                write!(
                    f,
                    "`{found}` is no address prefix: expected as in `13.69.64.76/31` or `2603:1020::/32`"
                )
            }
            Self::Twice { name } => write!(f, "the tag `{name}` stands twice in the list"),
            Self::TooMany => write!(f, "the list has more than {MOST_TAGS} tags, the most that are read"),
            Self::Computed { name } => {
                write!(f, "the tag `{name}` is computed for each subnet, so no list can define it")
            }
            Self::OtherCloud { network, list } => write!(
                f,
                "this service tag list is of the cloud {list}, the network of the cloud {network}: tags have \
                 other addresses in each cloud; give a list of {network} with `--service-tags`, or state the \
                 network's cloud with `--cloud`"
            ),
            Self::CloudsDiffer { old, new } => {
                write!(
                    f,
                    "the lists cannot be compared: the old one is of the cloud {old}, the new one of {new}"
                )
            }
            Self::Unknown { name, suggestions } => {
                write!(f, "the tag `{name}` is not in the service tag list")?;
                let quoted: Vec<String> = suggestions.iter().map(|name| format!("`{name}`")).collect();
                match &quoted[..] {
                    [] => Ok(()),
                    [one] => write!(f, "; did you mean {one}?"),
                    [first @ .., last] => write!(f, "; did you mean {} or {last}?", first.join(", ")),
                }
            }
        }
    }
}
