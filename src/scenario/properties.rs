//! A list of properties, wherever it is written: `properties:` of a scenario, a YAML list, or a text with one
//! property a line.

use super::fields::{Spot, texts};
use super::mistake::{Mistake, Mistakes};
use super::yaml::{self, Node, Value};
use crate::model::Origin;
use crate::rules::PropertyText;
use std::sync::Arc;

const WHAT: &str = "a property, as in `every In Tcp Internet:* -> apim:22 is blocked`";

/// Reads properties from a file: a text with one property a line (empty lines and lines that begin with `#`
/// are passed over), a YAML list, or a scenario, whose `properties` are taken.
///
/// # Errors
/// Every mistake of the file, in its order.
pub fn read_properties(file: &Arc<str>, text: &str) -> Result<Vec<Spot<PropertyText>>, Vec<Mistake>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut mistakes = Mistakes::default();
    let found = if is_yaml(text) {
        let node = yaml::read(file, text).map_err(|mistake| vec![mistake])?;
        of_document(&node, &mut mistakes)
    } else {
        of_lines(file, text, &mut mistakes)
    };
    mistakes.settle(Some(found))
}

/// No property begins like a list or a key.
fn is_yaml(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.next().is_some_and(|line| {
        line.starts_with(['-', '[', '{', '%', '"', '\''])
            || line.split_whitespace().next().is_some_and(|word| word.ends_with(':'))
    })
}

fn of_document(node: &Node, mistakes: &mut Mistakes) -> Vec<Spot<PropertyText>> {
    match &node.value {
        Value::Map(entries) => match entries.iter().find(|entry| entry.key == "properties") {
            Some(entry) => of_list(&entry.value, mistakes),
            None => {
                mistakes.add::<()>(&node.origin, "there is no key `properties` here: expected a list of properties, or a scenario that has it");
                Vec::new()
            }
        },
        _ => of_list(node, mistakes),
    }
}

/// Reads the list behind `properties:`.
pub(super) fn of_list(node: &Node, mistakes: &mut Mistakes) -> Vec<Spot<PropertyText>> {
    let written = texts(node, WHAT, mistakes);
    let read = |spot: Spot<String>| {
        let property = mistakes.notation(&spot.origin, spot.value.parse())?;
        Some(Spot::new(property, &spot.origin))
    };
    written.into_iter().filter_map(read).collect()
}

fn of_lines(file: &Arc<str>, text: &str, mistakes: &mut Mistakes) -> Vec<Spot<PropertyText>> {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let written = line.trim();
        if written.is_empty() || written.starts_with('#') {
            continue;
        }
        let blanks = line.chars().take_while(|c| c.is_whitespace()).count();
        let place = |column: usize| Origin::new(file, number(at + 1), number(column + 1), "");
        match written.parse::<PropertyText>() {
            Ok(property) => found.push(Spot::new(property, &place(blanks))),
            Err(error) => {
                let before = written.get(..error.part.start).unwrap_or_default().chars().count();
                mistakes.notation::<()>(&place(blanks + before), Err(error));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_from_lines_from_yaml_and_from_a_scenario() {
        for (text, lines) in [
            (
                "# ours\n\nno In Tcp * -> *:22 is allowed\n  some Out Tcp * -> *:443 is allowed\r\n",
                vec![3, 4],
            ),
            ("- no In Tcp * -> *:22 is allowed\n- 'some Out Tcp * -> *:443 is allowed'\n", vec![1, 2]),
            ("[no In Tcp * -> *:22 is allowed]", vec![1]),
            ("scenario: A\nproperties:\n  - no In Tcp * -> *:22 is allowed\nnetwork: x\n", vec![3]),
            ("properties: no In Tcp * -> *:22 is allowed", vec![1]),
            ("\u{feff}\n", vec![]),
            ("scenario: A\nproperties: []\n", vec![]),
        ] {
            let found = read_properties(&"a".into(), text).unwrap();
            let at: Vec<u32> = found.iter().map(|spot| spot.origin.line).collect();
            assert_eq!(at, lines, "{text}");
        }
    }

    #[test]
    fn every_mistake_is_told_with_its_place() {
        for (text, mistakes) in [
            (
                "no In Tcp * -> *:22 is open\n  all In Tcp * -> * is blocked\n",
                vec![
                    "a:1:24: `open`: expected a verdict (allowed or blocked); did you mean `allowed`?",
                    "a:2:3: `all`: expected a quantifier (every, some or no); did you mean `every`?",
                ],
            ),
            ("- no In Tcp * -> *:22 is open\n", vec!["a:1:3: `open`: expected a verdict"]),
            ("scenario: A\n", vec!["a:1:1: there is no key `properties`"]),
            ("- [a]\n", vec!["a:1:3: expected a property, as in"]),
            ("- a: b: c\n", vec!["a:1:7: this is no YAML"]),
        ] {
            let found = read_properties(&"a".into(), text).unwrap_err();
            assert_eq!(found.len(), mistakes.len(), "{found:?}");
            for (found, says) in found.iter().zip(mistakes) {
                assert!(found.to_string().starts_with(says), "{found}");
            }
        }
    }
}
