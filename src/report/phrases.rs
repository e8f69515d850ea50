//! Numbers, plurals, names and line breaks, the same in every output.

use crate::finding::Finding;
use crate::flows::CONTROL_PLANE;
use crate::model::{Assumption, Origin, Region};
use crate::sets::Count;
use crate::tags::Versions;
use crate::walk::Decider;

/// `2009` as `2,009`.
pub(super) fn thousands(number: &Count) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 flow`, `2 flows`, `1,000 flows`.
pub(super) fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", thousands(&Count::from(number)), if number == 1 { one } else { many })
}

/// `1 address`, `2,009 addresses`.
pub(super) fn addresses(number: &Count) -> String {
    let one = *number == Count::from(1u8);
    format!("{} {}", thousands(number), if one { "address" } else { "addresses" })
}

/// The name of a region as people write it: `West Europe`; the short name where none is known.
pub(super) fn region_name(region: &Region) -> String {
    CONTROL_PLANE
        .iter()
        .find(|place| !place.global && place.region == region.as_str())
        .map_or_else(|| region.to_string(), |place| place.name.to_owned())
}

/// Where a decider stands: `main.json:12`; for a rule that Azure adds to every group the place of the group.
pub(super) fn place_of(decider: &Decider) -> String {
    let place = place(&decider.origin);
    if decider.is_default() { format!("{place} (default)") } else { place }
}

/// `main.json:12`; what was typed is named by its option.
pub(super) fn place(origin: &Origin) -> String {
    if &*origin.file == "command line" && !origin.path.is_empty() {
        origin.path.to_string()
    } else {
        origin.to_string()
    }
}

/// The deciders of one layer: `A (100)`, or `A (100) or B (100)` where the input does not settle which.
pub(super) fn either(deciders: &[Decider]) -> String {
    match deciders {
        [first, second, third, rest @ ..] if !rest.is_empty() => {
            format!("{first} or {second} or {third} or {} more", rest.len())
        }
        few => few.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or "),
    }
}

/// The list that an answer rests on, for a summary: `service tags 376`.
pub fn tags_line(tags: &Versions) -> String {
    match tags.cloud {
        crate::model::Cloud::Public => format!("service tags {}", tags.change_number),
        cloud => format!("service tags {} of {cloud}", tags.change_number),
    }
}

/// `A`, `A and B`, `A, B and C`.
pub(super) fn listed(words: &[impl AsRef<str>]) -> String {
    match words {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// What was taken for granted: for an undocumented point its question and both readings.
pub(super) fn assumed(assumption: &Assumption) -> String {
    let Some(switch) = assumption.switch else { return assumption.text.clone() };
    let text = switch.text();
    let other = text.alternative.map(|other| format!("; the other reading: {other}")).unwrap_or_default();
    let question = text.question.strip_suffix('.').map(|question| format!("{question}:"));
    format!("{switch}: {} {}{other}", question.as_deref().unwrap_or(text.question), text.default)
}

/// The message of a finding and its fix as one sentence.
pub(super) fn with_fix(finding: &Finding) -> String {
    let Some(fix) = &finding.fix else { return finding.message.clone() };
    let fix = fix.trim_end_matches('.');
    let mut letters = fix.chars();
    // A sentence of the vocabulary of codes; a name such as `AllowSql` keeps its letter.
    let first = letters.next().filter(|letter| letter.is_uppercase());
    match first.filter(|_| letters.clone().take_while(|c| c.is_alphabetic()).all(char::is_lowercase)) {
        Some(first) => format!("{}: {}{}", finding.message, first.to_lowercase(), letters.as_str()),
        None => format!("{}: {fix}", finding.message),
    }
}

/// The text in lines of at most `width` characters, broken at blanks; a longer word keeps its line.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_thousands_separators() {
        for (number, text) in [(0u32, "0"), (999, "999"), (1000, "1,000"), (4_294_967_295, "4,294,967,295")] {
            assert_eq!(thousands(&Count::from(number)), text);
        }
        assert_eq!(addresses(&Count::from(1u8)), "1 address");
    }

    #[test]
    fn lines_break_at_blanks_and_keep_every_word() {
        assert_eq!(wrapped("one two  three", 7), ["one two", "three"]);
        assert_eq!(wrapped("abcdefghij k", 4), ["abcdefghij", "k"]);
        assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
    }

    #[test]
    fn a_region_has_its_printed_name() {
        assert_eq!(region_name(&Region::new("westeurope")), "West Europe");
        assert_eq!(region_name(&Region::new("atlantis")), "atlantis");
    }
}
