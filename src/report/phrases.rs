//! Numbers, plurals, names and line breaks, the same in every output.

use crate::finding::Finding;
use crate::flows::CONTROL_PLANE;
use crate::model::{Assumption, Origin, Region};
use crate::sets::{Count, thousands};
use crate::tags::Versions;
use crate::walk::{Decider, Outcome, Part};

/// `2009` as `2,009`.
pub(super) fn number(number: usize) -> String {
    thousands(&Count::from(number))
}

/// `1 flow`, `2 flows`, `1,000 flows`.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", number(count), if count == 1 { one } else { many })
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
    Places::default().of(decider)
}

/// `main.json:12`; what was typed is named by its option.
pub(super) fn place(origin: &Origin) -> String {
    if is_typed(origin) { origin.path.to_string() } else { origin.to_string() }
}

/// `main.json:12:9`, for what is to be mended there; what was typed is named by its option.
pub(super) fn exact_place(origin: &Origin) -> String {
    if is_typed(origin) {
        return origin.path.to_string();
    }
    format!("{}:{}:{}{}", origin.file, origin.line, origin.column, within(origin))
}

/// ` in apimNsg`, where the resource has a name in its source.
pub(super) fn within(origin: &Origin) -> String {
    origin.within.iter().map(|name| format!(" in {name}")).collect()
}

fn is_typed(origin: &Origin) -> bool {
    &*origin.file == "command line" && !origin.path.is_empty()
}

/// Places below a head that names their file: a long path is not repeated in every line.
#[derive(Default)]
pub(super) struct Places<'a> {
    /// The file whose name is printed without its folders.
    shortened: Option<&'a str>,
}

impl<'a> Places<'a> {
    /// How many characters of a path are still short.
    const SHORT: usize = 40;

    /// Places below a head; shortened where its file's path is long and all of them lie in it.
    pub(super) fn below(head: &'a Origin, mut all: impl Iterator<Item = &'a Origin>) -> Self {
        let is_long = head.file.chars().count() > Self::SHORT;
        let shortens = is_long && all.all(|origin| origin.file == head.file || is_typed(origin));
        Self { shortened: shortens.then_some(&*head.file) }
    }

    /// `azuredeploy.json:12`, with the folders where they are not known from the head.
    pub(super) fn at(&self, origin: &Origin) -> String {
        if self.shortened != Some(&*origin.file) {
            return place(origin);
        }
        let name = origin.file.rsplit(['/', '\\']).next().unwrap_or_default();
        format!("{name}:{}{}", origin.line, within(origin))
    }

    /// Where a decider stands; for a rule that Azure adds to every group the place of the group.
    pub(super) fn of(&self, decider: &Decider) -> String {
        let place = self.at(&decider.origin);
        if decider.is_default() { format!("{place} (default)") } else { place }
    }
}

/// The deciders of one layer: `A (100)`, or `A (100) or B (100)` where the input does not settle which.
pub(super) fn either(deciders: &[Decider]) -> String {
    match deciders {
        [first, second, third, rest @ ..] if !rest.is_empty() => {
            format!("{first} or {second} or {third} or {} more", number(rest.len()))
        }
        few => few.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or "),
    }
}

/// The deciders of a part, layer by layer: `A (100) then B (100)` where two checks let it through.
pub(super) fn by_layer(part: &Part) -> String {
    by_layer_of(&part.outcome)
}

/// The same for what becomes of packets.
pub(super) fn by_layer_of(outcome: &Outcome) -> String {
    let layers: Vec<String> = outcome.decisive().iter().map(|step| either(&step.deciders)).collect();
    layers.join(" then ")
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
    fn lines_break_at_blanks_and_keep_every_word() {
        assert_eq!(wrapped("one two  three", 7), ["one two", "three"]);
        assert_eq!(wrapped("abcdefghij k", 4), ["abcdefghij", "k"]);
        assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
    }

    #[test]
    fn a_long_path_is_printed_once_where_every_place_lies_in_its_file() {
        let long = "samples/quickstarts/api-management/azuredeploy.json";
        let at = |file: &str, line| Origin::new(&file.into(), line, 7, "resources[0]");
        let (head, below, other) = (at(long, 4), at(long, 118), at("main.json", 3));
        let typed = Origin::command_line("--subnet-prefix");
        let near = [&below, &typed];
        assert_eq!(Places::below(&head, near.into_iter()).at(&below), "azuredeploy.json:118");
        assert_eq!(Places::below(&head, near.into_iter()).at(&typed), "--subnet-prefix");
        let far = [&below, &other];
        assert_eq!(Places::below(&head, far.into_iter()).at(&below), format!("{long}:118"));
        assert_eq!(Places::below(&other, [&other].into_iter()).at(&other), "main.json:3");
        assert_eq!(exact_place(&below), format!("{long}:118:7"));
    }

    #[test]
    fn a_region_has_its_printed_name() {
        assert_eq!(region_name(&Region::new("westeurope")), "West Europe");
        assert_eq!(region_name(&Region::new("atlantis")), "atlantis");
    }
}
