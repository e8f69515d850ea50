//! What can be wrong with a text that should be JSON, in words.

/// What is wrong at one place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Fault {
    /// The end of the file before the end of an object or array.
    Unclosed,
    UnclosedComment,
    TooDeep,
    NoComma,
    NoColon,
    NoValue,
    SecondRoot,
    SingleQuotes,
    NoKey,
    /// In a string; what is wrong with it.
    String(String),
    /// Where a value should stand; what stands there instead.
    Value(&'static str),
}

/// How deep values may lie: objects, their keys and arrays count one each.
pub(super) const MAX_DEPTH: usize = 512;

impl Fault {
    /// What would have been accepted, and what to do.
    pub(super) fn expectation(&self) -> (String, &'static str) {
        let (expected, remedy) = match self {
            Self::Unclosed => (
                "the end of the object or array that begins here",
                "is the file cut off? close it, or fetch it again",
            ),
            Self::UnclosedComment => ("the end of the comment that begins here", "write */ behind it"),
            Self::TooDeep => ("at most 512 levels of objects, keys and arrays", "flatten the value"),
            Self::NoComma => ("a comma or the end of the object or array", "write the comma"),
            Self::NoColon => ("a colon behind the key", "write the colon and the value"),
            Self::NoValue => ("a value behind the colon", "write the value, or fetch the file again"),
            Self::SecondRoot => ("the end of the file", "keep one JSON value in a file"),
            Self::SingleQuotes => ("a string in double quotes", "write double quotes"),
            Self::NoKey => {
                ("a key in double quotes or the end of the object", "write the key in double quotes")
            }
            Self::String(why) => {
                return (
                    format!("a whole JSON string ({why})"),
                    "correct the string, or fetch the file again if it is cut off",
                );
            }
            Self::Value(why) => {
                return (format!("a JSON value ({why})"), "correct it; is this file JSON at all?");
            }
        };
        (expected.to_owned(), remedy)
    }
}
