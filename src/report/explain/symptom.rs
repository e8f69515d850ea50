//! Flows by what people see when they are blocked.

use crate::flows::{ROWS, Row};

/// Words that tell nothing apart.
const COMMON: [&str; 24] = [
    "the", "and", "for", "with", "that", "this", "from", "not", "are", "was", "has", "have", "can", "cannot",
    "does", "too", "azure", "apim", "error", "failed", "fail", "api", "service", "time",
];

/// The records whose loss shows in the words of the text, best first: all of the most words in common.
///
/// A text needs half of its telling words in common, and two where it has two.
pub(super) fn rows(text: &str) -> Vec<&'static Row> {
    let asked = words(text);
    if asked.is_empty() {
        return Vec::new();
    }
    let least = asked.len().div_ceil(2).max(asked.len().min(2));
    let mut scored: Vec<(usize, &'static Row)> = Vec::new();
    for row in ROWS {
        let told = words(row.breaks);
        let common = asked.iter().filter(|word| told.contains(word)).count();
        // One explanation a flow: its records tell the same, or nearly.
        if common >= least && scored.iter().all(|(_, other)| other.id != row.id) {
            scored.push((common, row));
        }
    }
    let best = scored.iter().map(|(common, _)| *common).max().unwrap_or_default();
    scored.into_iter().filter(|(common, _)| *common == best).map(|(_, row)| row).collect()
}

/// The telling words of a text, once each, in lower case and without a plural's end.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        let word = word.to_lowercase();
        if word.len() < 3 || COMMON.contains(&word.as_str()) {
            continue;
        }
        let stem = word.strip_suffix('s').filter(|stem| stem.len() > 3).unwrap_or(&word).to_owned();
        if !words.contains(&stem) {
            words.push(stem);
        }
    }
    words
}
