//! The one spelling of what is not settled, so that equal expressions are equal texts.
//!
//! A text that deployment completes is written as in Bicep, `apim-${uniqueString(resourceGroup().id)}`; a
//! value inside an expression as the expression that makes it, with parameters and variables put in.

use super::evaluate::MAX_TEXT;
use super::expression::quoted;
use crate::model::{Gap, hole_length};
use crate::sources::json::{Kind, Node};
use std::borrow::Cow;

/// Texts of the scope that have a shorter spelling inside an expression.
const SHORT: &[(&str, &str)] = &[
    (
        "/subscriptions/${subscription().subscriptionId}/resourceGroups/${resourceGroup().name}",
        "resourceGroup().id",
    ),
    ("/subscriptions/${subscription().subscriptionId}", "subscription().id"),
];

/// The expression that makes a value.
pub(super) fn spell(node: &Node) -> String {
    match node.kind() {
        Kind::Null => "null()".to_owned(),
        Kind::Bool(value) => format!("{value}()"),
        Kind::Number(number) => number.to_string(),
        Kind::String(text) => quoted(text),
        Kind::Symbol(open) => {
            let short = SHORT.iter().find(|(long, _)| *long == &*open.text).map(|(_, short)| *short);
            match short.or_else(|| whole_hole(&open.text)) {
                Some(inner) => inner.to_owned(),
                None => format!("'{}'", open.text),
            }
        }
        Kind::Unknown(open) => open.text.to_string(),
        Kind::Array(_) => call("createArray", node.items()),
        Kind::Object(_) => {
            let pairs: Vec<String> = node
                .entries()
                .iter()
                .map(|(key, value)| format!("{}, {}", quoted(key), spell(value)))
                .collect();
            format!("createObject({})", pairs.join(", "))
        }
    }
}

/// The call of a function with settled and unsettled arguments.
pub(super) fn call(name: &str, arguments: &[Node]) -> String {
    let arguments: Vec<String> = arguments.iter().map(spell).collect();
    format!("{name}({})", arguments.join(", "))
}

/// A settled text as a part of an unsettled one.
fn escaped(text: &str) -> Cow<'_, str> {
    if text.contains('$') { text.replace("${", "\\${").into() } else { text.into() }
}

/// A text that is put together from settled and open parts.
pub(super) struct Parts {
    /// The text as if it were settled, as far as it is, and as a symbol.
    plain: String,
    symbol: String,
    gap: Option<Gap>,
}

impl Default for Parts {
    /// With room for most ids.
    fn default() -> Self {
        Self { plain: String::with_capacity(128), symbol: String::with_capacity(256), gap: None }
    }
}

impl Parts {
    /// Whether the text is too long already; what is added now is dropped.
    pub(super) fn is_full(&self) -> bool {
        self.symbol.len() > MAX_TEXT
    }

    /// Settled characters.
    pub(super) fn literal(&mut self, text: &str) {
        if self.is_full() {
            return;
        }
        if self.gap.is_none() {
            self.plain.push_str(text);
        }
        self.symbol.push_str(&escaped(text));
    }

    /// A text that already has the spelling of a symbol, as those of the scope.
    pub(super) fn spelled(&mut self, text: &str) {
        self.symbol.push_str(text);
        if self.gap.is_some() {
            return;
        }
        self.plain.push_str(text);
        if text.contains("${") {
            self.gap = Some(Gap::new(format!("`{text}` is settled by the deployment only")));
        }
    }

    /// A value: a text, a number or boolean, or something open. False for anything else.
    pub(super) fn value(&mut self, node: &Node) -> bool {
        match node.kind() {
            Kind::String(text) => self.literal(text),
            Kind::Number(number) => self.literal(&number.to_string()),
            Kind::Bool(value) => self.literal(if *value { "True" } else { "False" }),
            _ if self.is_full() => {}
            Kind::Symbol(open) => self.open(&open.text, &open.gap),
            Kind::Unknown(open) => self.open(&format!("${{{}}}", open.text), &open.gap),
            Kind::Null | Kind::Array(_) | Kind::Object(_) => return false,
        }
        true
    }

    /// An open part as symbols spell it.
    fn open(&mut self, text: &str, gap: &Gap) {
        if self.is_full() {
            return;
        }
        self.symbol.push_str(text);
        self.gap.get_or_insert_with(|| gap.clone());
    }

    /// The text, a symbol as soon as one part is open.
    pub(super) fn finish(self) -> Kind {
        match self.gap {
            Some(gap) => Kind::symbol(self.symbol, gap),
            None => Kind::string(self.plain),
        }
    }
}

/// A text in which one character of private use stands for each open part.
pub(super) struct Marked<'t> {
    pub(super) text: String,
    holes: Vec<&'t str>,
}

/// The first character that stands for an open part; no text of a template has any of the plane.
const MARK: char = '\u{F0000}';
/// How many there are.
const MARKS: usize = 0xFFFD;

impl<'t> Marked<'t> {
    /// `None` where a symbol has more open parts than there are marks, or such a character of its own.
    pub(super) fn of(symbol: &'t str) -> Option<Self> {
        let mut marked = Self { text: String::new(), holes: Vec::new() };
        if symbol.chars().any(|character| character >= MARK) {
            return None;
        }
        let mut rest = symbol;
        while let Some(at) = rest.find("${") {
            if let Some(before) = rest[..at].strip_suffix('\\') {
                marked.text.push_str(before);
                marked.text.push_str("${");
                rest = &rest[at + 2..];
                continue;
            }
            let length = hole_length(&rest[at..]).filter(|_| marked.holes.len() < MARKS)?;
            let mark =
                u32::try_from(marked.holes.len()).ok().and_then(|n| char::from_u32(MARK as u32 + n))?;
            marked.text.push_str(&rest[..at]);
            marked.text.push(mark);
            marked.holes.push(&rest[at..at + length]);
            rest = &rest[at + length..];
        }
        marked.text.push_str(rest);
        Some(marked)
    }

    fn hole(&self, character: char) -> Option<&'t str> {
        let number = (character as u32).checked_sub(MARK as u32)?;
        self.holes.get(usize::try_from(number).ok()?).copied()
    }

    /// Whether open parts belong into a text.
    pub(super) fn has_mark(&self, text: &str) -> bool {
        text.chars().any(|character| self.hole(character).is_some())
    }

    /// A text with the open parts in the places of their marks.
    pub(super) fn filled(&self, text: &str, gap: &Gap) -> Kind {
        let mut parts = Parts::default();
        for piece in text.split_inclusive(|character| self.hole(character).is_some()) {
            let last = piece.chars().next_back().unwrap_or_default();
            match self.hole(last) {
                Some(hole) => {
                    parts.literal(&piece[..piece.len() - last.len_utf8()]);
                    parts.open(hole, gap);
                }
                None => parts.literal(piece),
            }
        }
        parts.finish()
    }
}

/// The text before the first open part.
pub(super) fn settled_prefix(symbol: &str) -> String {
    let mut start = 0;
    while let Some(at) = symbol[start..].find("${").map(|at| at + start) {
        if !symbol[..at].ends_with('\\') {
            return symbol[..at].replace("\\${", "${");
        }
        start = at + 2;
    }
    symbol.replace("\\${", "${")
}

/// The inside of a text that is one `${...}` and nothing else.
fn whole_hole(text: &str) -> Option<&str> {
    let length = hole_length(text)?;
    (length == text.len()).then(|| &text[2..length - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_is_found_past_quotes_and_braces() {
        assert_eq!(whole_hole("${f('}')}"), Some("f('}')"));
        assert_eq!(whole_hole("${f('a${g()}b')}"), Some("f('a${g()}b')"));
        assert_eq!(whole_hole("${a}-${b}"), None);
        assert_eq!(whole_hole("${a"), None);
    }
}
