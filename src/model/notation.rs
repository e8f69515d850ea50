//! What is wrong with a text in one of our notations: the place, what stands there, what could.
//!
//! Packets, packet sets, rules and properties share it, so that a mistake looks alike wherever it was written.

use super::{Direction, Protocol, WordError};
use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use unicode_width::UnicodeWidthChar;

/// Why a text is no packet, packet set, rule or property.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NotationError {
    /// The whole text as it was written.
    pub text: String,
    /// The bytes of the part that could not be read; empty where something is missing.
    pub part: Range<usize>,
    /// What could stand there, with an example.
    pub expected: String,
    /// What was probably meant in its place.
    pub meant: Option<String>,
}

impl NotationError {
    /// The part that could not be read; empty where something is missing.
    pub fn found(&self) -> &str {
        self.text.get(self.part.clone()).unwrap_or_default()
    }

    /// The text on one line, and carets under the part on the next.
    pub fn excerpt(&self) -> String {
        pointed(&self.text, self.part.clone())
    }
}

impl fmt::Display for NotationError {
    /// One line, without the text around the part.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.found() {
            "" if self.text[self.part.end.min(self.text.len())..].trim().is_empty() => {
                write!(f, "the text ends where {} was expected", self.expected)?;
            }
            "" => write!(f, "nothing stands where {} was expected", self.expected)?,
            found => write!(f, "`{found}`: expected {}", self.expected)?,
        }
        self.meant.as_ref().map_or(Ok(()), |meant| write!(f, "; did you mean `{meant}`?"))
    }
}

impl std::error::Error for NotationError {}

/// How many characters of a text are shown before and behind the part that is pointed at.
const SHOWN: usize = 60;

/// A text on one line, and on the next carets under a part of it; of a long text what is near the part.
///
/// What takes two columns of a terminal, or none, counts as that.
pub fn pointed(text: &str, part: Range<usize>) -> String {
    let piece = |range: Range<usize>| -> Vec<char> {
        let plain = |c: char| if c.is_control() { ' ' } else { c };
        text.get(range).unwrap_or_default().chars().map(plain).collect()
    };
    let (before, inside, behind) = (piece(0..part.start), piece(part.clone()), piece(part.end..text.len()));
    let first = before.len().saturating_sub(SHOWN);
    let (begin, end) = (if first > 0 { "..." } else { "" }, if behind.len() > SHOWN { "..." } else { "" });
    let shown: String = before[first..].iter().chain(&inside).chain(behind.iter().take(SHOWN)).collect();
    let columns = |letters: &[char]| letters.iter().filter_map(|letter| letter.width()).sum::<usize>();
    let blanks = begin.len() + columns(&before[first..]);
    format!("{begin}{}{end}\n{}{}", shown.trim_end(), " ".repeat(blanks), "^".repeat(columns(&inside).max(1)))
}

/// `Tcp`, `In or Out`, `every, some or no`.
fn alternatives(words: &[&str]) -> String {
    match words {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        few => few.concat(),
    }
}

/// A text that is being read; mistakes name parts of it, which are slices of it.
#[derive(Clone, Copy)]
pub(crate) struct Notation<'a>(pub(crate) &'a str);

impl Notation<'_> {
    /// The mistake of a part in whose place something else was expected.
    pub(crate) fn expected(self, part: &str, expected: impl Into<String>) -> NotationError {
        let part = part.trim();
        let start = part.as_ptr().addr().wrapping_sub(self.0.as_ptr().addr()).min(self.0.len());
        let end = (start + part.len()).min(self.0.len());
        NotationError { text: self.0.to_owned(), part: start..end, expected: expected.into(), meant: None }
    }

    /// Reads a word of a vocabulary. `others` are words that people use for those of it.
    pub(crate) fn word<T: FromStr<Err = WordError>>(
        self,
        part: &str,
        others: &[(&str, &str)],
    ) -> Result<T, NotationError> {
        part.parse().map_err(|error: WordError| {
            let article = if error.expected.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
            let expected = format!("{article} {} ({})", error.expected, alternatives(&error.accepted));
            let other = others.iter().find(|(other, _)| other.eq_ignore_ascii_case(part.trim()));
            let meant =
                other.map(|(_, meant)| *meant).or_else(|| closest(part, error.accepted.iter().copied()));
            NotationError { meant: meant.map(str::to_owned), ..self.expected(part, expected) }
        })
    }
}

/// The words before the arrow, taken one by one; the rest are the two sides.
pub(crate) struct Words<'a> {
    notation: Notation<'a>,
    rest: &'a str,
}

impl<'a> Words<'a> {
    /// The words of a part of the text.
    pub(crate) fn new(notation: Notation<'a>, part: &'a str) -> Self {
        Self { notation, rest: part.trim() }
    }

    /// The next word; `what` is expected in its place where there is none.
    pub(crate) fn next(&mut self, what: &str) -> Result<&'a str, NotationError> {
        let end = self.rest.find(char::is_whitespace).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        if word.is_empty() || word.starts_with("->") {
            return Err(self.notation.expected(word, what));
        }
        self.rest = rest.trim_start();
        Ok(word)
    }

    /// `In` or `Out`.
    pub(crate) fn direction(&mut self) -> Result<Direction, NotationError> {
        let word = self.next("In or Out, as in `In Tcp Internet:* -> apim:443`,")?;
        self.notation.word(word, &[("from", "In"), ("to", "Out"), ("ingress", "In"), ("egress", "Out")])
    }

    /// A protocol by name or number; where `or_any`, the caller has looked for `*`.
    pub(crate) fn protocol(&mut self, or_any: bool) -> Result<Protocol, NotationError> {
        let word = self.next("a protocol, as in Tcp, or *")?;
        if word == "*" && !or_any {
            return Err(self.notation.expected(word, "one protocol, as in Tcp, since this is one packet"));
        }
        let any: &[(&str, &str)] = if or_any { &[("any", "*"), ("all", "*")] } else { &[] };
        self.notation.word(word, any)
    }

    /// Whether the next word is `*`; it is taken.
    pub(crate) fn star(&mut self) -> bool {
        let behind = self.rest.strip_prefix('*').filter(|behind| behind.starts_with(char::is_whitespace));
        if let Some(behind) = behind {
            self.rest = behind.trim_start();
        }
        behind.is_some()
    }

    /// What stands before and behind the arrow.
    pub(crate) fn sides(self) -> Result<(&'a str, &'a str), NotationError> {
        const WHAT: &str = "an arrow `->` between source and destination";
        if let Some(sides) = self.rest.split_once("->") {
            return Ok(sides);
        }
        let alike = ["=>", ">", "\u{2192}", "\u{2013}>", "to"];
        let mut behind = self.rest.split_whitespace().skip(1);
        Err(match self.rest.split_whitespace().find(|word| alike.contains(word)) {
            Some(word) => self.notation.expected(word, WHAT).meaning("->"),
            None => self.notation.expected(behind.next().unwrap_or(&self.rest[self.rest.len()..]), WHAT),
        })
    }
}

/// What stands in place of IPv6 without brackets.
pub(crate) const IN_BRACKETS: &str = "IPv6 in brackets, as in [2001:db8::1]:443 or [2001:db8::/32]";

/// Whether an address was written as IPv6 without its brackets.
pub(crate) fn looks_like_ipv6(text: &str) -> bool {
    let is_of_it = |c: char| c.is_ascii_hexdigit() || ":./".contains(c);
    text.chars().all(is_of_it) && (text.contains("::") || text.matches(':').count() > 2)
}

impl NotationError {
    /// The same mistake with what was probably meant.
    #[must_use]
    pub(crate) fn meaning(self, meant: impl Into<String>) -> Self {
        Self { meant: Some(meant.into()), ..self }
    }
}

/// The candidate that was probably meant, without regard to case.
pub fn closest<'a>(found: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = found.trim().to_lowercase();
    let mut closest: Option<(f64, &str)> = None;
    for candidate in candidates {
        let candidate_low = candidate.to_lowercase();
        // Two letters that changed places in a short word share too little for the other measure.
        let one_slip = wanted.len() > 2 && strsim::osa_distance(&wanted, &candidate_low) == 1;
        let score = strsim::jaro_winkler(&wanted, &candidate_low).max(if one_slip { 0.8 } else { 0.0 });
        if score >= 0.8 && closest.is_none_or(|(best, _)| score > best) {
            closest = Some((score, candidate));
        }
    }
    closest.map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_stand_under_the_part_whatever_stands_around_it() {
        for (text, part, shown) in [
            ("In Tpc a -> b", 3..6, "In Tpc a -> b\n   ^^^"),
            ("In Tcp", 6..6, "In Tcp\n      ^"),
            ("In\tTcp é -> ü:x", 16..17, "In Tcp é -> ü:x\n              ^"),
            ("In Tcp 中文 -> 東:x", 21..22, "In Tcp 中文 -> 東:x\n                  ^"),
            ("In Tcp 中文:x", 7..13, "In Tcp 中文:x\n       ^^^^"),
        ] {
            assert_eq!(pointed(text, part), shown);
        }
        let long = format!("{}x{}", "a".repeat(90), "b".repeat(90));
        let shown = pointed(&long, 90..91);
        let (text, carets) = shown.split_once('\n').unwrap();
        assert_eq!(text.find('x'), carets.find('^'));
        assert!(text.len() < 130 && text.starts_with("...a") && text.ends_with("b..."), "{text}");
    }
}
