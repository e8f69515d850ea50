//! What a person states about a set of packets, as one line of text.
//!
//! ```text
//! every In Tcp Internet:* -> apim:22 is blocked
//! ```

use super::{PacketSetText, packet_set};
use crate::model::{Notation, NotationError, words};
use std::fmt;
use std::str::FromStr;

words! {
    /// How many packets of a set a property is about.
    Quantifier ("quantifier") {
        /// All of them.
        Every = "every",
        /// At least one.
        Some = "some",
        /// Not one.
        No = "no",
    }
}

words! {
    /// What a property says of packets.
    Claim ("verdict") {
        /// They get through.
        Allowed = "allowed",
        /// They do not.
        Blocked = "blocked",
    }
}

impl Claim {
    /// What is the case where this is not.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Allowed => Self::Blocked,
            Self::Blocked => Self::Allowed,
        }
    }
}

/// A property as written: names are not yet looked up.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PropertyText {
    /// How many packets of the set it is about.
    pub quantifier: Quantifier,
    /// The set.
    pub set: PacketSetText,
    /// What it says of them.
    pub claim: Claim,
}

/// Words that people use for ours.
const QUANTIFIERS: &[(&str, &str)] = &[
    ("all", "every"),
    ("each", "every"),
    ("any", "some"),
    ("a", "some"),
    ("one", "some"),
    ("none", "no"),
    ("never", "no"),
];
const CLAIMS: &[(&str, &str)] = &[
    ("open", "allowed"),
    ("permitted", "allowed"),
    ("accepted", "allowed"),
    ("not blocked", "allowed"),
    ("closed", "blocked"),
    ("denied", "blocked"),
    ("deny", "blocked"),
    ("dropped", "blocked"),
    ("not allowed", "blocked"),
];

impl FromStr for PropertyText {
    type Err = NotationError;

    /// Reads quantifier, set, `is` and verdict, without regard to case.
    fn from_str(text: &str) -> Result<Self, NotationError> {
        let notation = Notation(text);
        let (word, rest) = cut_word(text.trim());
        if word.is_empty() {
            let example = "`every In Tcp Internet:* -> apim:22 is blocked`";
            return Err(notation.expected(word, format!("a property such as {example}")));
        }
        let quantifier = notation.word(word, QUANTIFIERS)?;
        let (set, claim) = match last_is(rest) {
            Some((set, claim)) => (set, claim),
            None => return Err(without_is(notation, rest)),
        };
        let set = packet_set(notation, set)?;
        Ok(Self { quantifier, set, claim: read_claim(notation, claim)? })
    }
}

/// The first word, and what stands behind it.
fn cut_word(text: &str) -> (&str, &str) {
    text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()))
}

/// What stands before and behind the last word `is`.
fn last_is(text: &str) -> Option<(&str, &str)> {
    let mut words = text.split_whitespace().filter(|word| word.eq_ignore_ascii_case("is"));
    let word = words.next_back()?;
    let at = word.as_ptr().addr() - text.as_ptr().addr();
    Some((&text[..at], &text[at + word.len()..]))
}

/// Without `is` a mistake in the set comes first, since the set may be all that could be read.
fn without_is(notation: Notation<'_>, rest: &str) -> NotationError {
    const WHAT: &str = "`is allowed` or `is blocked`";
    let last = rest.trim_end().rsplit(char::is_whitespace).next().unwrap_or_default();
    let before = &rest.trim_end()[..rest.trim_end().len() - last.len()];
    if !last.contains(':') && packet_set(notation, before).is_ok() {
        return match notation.word::<Claim>(last, CLAIMS) {
            Ok(claim) => notation.expected(last, WHAT).meaning(format!("is {claim}")),
            Err(NotationError { meant: Some(claim), .. }) => {
                notation.expected(last, WHAT).meaning(format!("is {claim}"))
            }
            Err(_) => notation.expected(last, WHAT),
        };
    }
    match packet_set(notation, rest) {
        Ok(_) => notation.expected(&rest[rest.len()..], WHAT),
        Err(mistake) => mistake,
    }
}

fn read_claim(notation: Notation<'_>, text: &str) -> Result<Claim, NotationError> {
    let text = text.trim();
    let (first, more) = cut_word(text);
    match first.parse::<Claim>() {
        Ok(_) if !more.is_empty() => Err(notation.expected(more, "the end of the property")),
        Ok(claim) => Ok(claim),
        Err(_) => notation.word(text, CLAIMS),
    }
}

impl fmt::Display for PropertyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} is {}", self.quantifier, self.set, self.claim)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_is_read_in_any_case_and_printed_canonically() {
        for (text, printed) in [
            (
                "every In Tcp Internet:* -> apim:22 is blocked",
                "every In Tcp Internet:* -> apim:22 is blocked",
            ),
            (
                " SOME  out UDP apim -> Sql : 1433 , 11000-11999 IS Allowed ",
                "some Out Udp apim:* -> Sql:1433,11000-11999 is allowed",
            ),
            ("no In * [2001:db8::/32] -> is:22 is allowed", "no In * [2001:db8::/32]:* -> is:22 is allowed"),
        ] {
            let property: PropertyText = text.parse().unwrap();
            assert_eq!(property.to_string(), printed);
            assert_eq!(printed.parse::<PropertyText>().unwrap().to_string(), printed);
        }
    }

    /// A mistake in a text: the part in the text's second line, and what the message says.
    #[track_caller]
    fn check(text: &str, carets: &str, says: &str) {
        let error = text.parse::<PropertyText>().unwrap_err();
        assert_eq!(error.excerpt(), format!("{}\n{carets}", text.trim_end()), "{error}");
        assert!(error.to_string().contains(says), "{text}: {error}");
    }

    #[test]
    #[rustfmt::skip]
    fn a_mistake_points_at_the_part_and_says_what_was_expected() {
        check("",
              "^", "the text ends where a property such as `every In Tcp Internet:* -> apim:22 is blocked`");
        check("evry In Tcp * -> *:22 is blocked",
              "^^^^", "`evry`: expected a quantifier (every, some or no); did you mean `every`?");
        check("all In Tcp * -> *:22 is blocked",
              "^^^", "did you mean `every`?");
        check("In Tcp * -> *:22 is blocked",
              "^^", "`In`: expected a quantifier (every, some or no)");
        check("every",
              "     ^", "the text ends where In or Out");
        check("every Inn Tcp * -> *:22 is blocked",
              "      ^^^", "`Inn`: expected a direction (In or Out); did you mean `In`?");
        check("no In Tpc * -> *:22 is blocked",
              "      ^^^", "did you mean `Tcp`?");
        check("no In Tcp * -> *:http is blocked",
              "                 ^^^^", "`http`: expected a port");
        check("no In Tcp * *:22 is blocked",
              "            ^^^^", "an arrow `->`");
        check("no In Tcp * -> is blocked",
              "              ^", "nothing stands where an address");
        check("no In Tcp * -> *:22",
              "                   ^", "the text ends where `is allowed` or `is blocked` was expected");
        check("no In Tcp * -> *:22 blocked",
              "                    ^^^^^^^", "did you mean `is blocked`?");
        check("no In Tcp * -> *:22 denied",
              "                    ^^^^^^", "did you mean `is blocked`?");
        check("no In Tcp * -> *:http",
              "                 ^^^^", "`http`: expected a port");
        check("no In Tcp * -> *:22 is",
              "                      ^", "the text ends where a verdict (allowed or blocked)");
        check("no In Tcp * -> *:22 is blokced",
              "                       ^^^^^^^", "`blokced`: expected a verdict (allowed or blocked); did you mean `blocked`?");
        check("no In Tcp * -> *:22 is not allowed",
              "                       ^^^^^^^^^^^", "did you mean `blocked`?");
        check("no In Tcp * -> *:22 is partial",
              "                       ^^^^^^^", "`partial`: expected a verdict (allowed or blocked)");
        check("no In Tcp * -> *:22 is blocked by DenyAll",
              "                               ^^^^^^^^^^", "`by DenyAll`: expected the end of the property");
    }
}
