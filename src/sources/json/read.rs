//! Text to nodes. The only file that knows the JSON parser.

use super::source::{Entry, Source, Step, saturated};
use super::{Kind, Node, Number, Place};
use crate::finding::{Code, Finding};
use crate::model::Origin;
use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::ParseErrorKind;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

/// A text that was read.
#[derive(Clone, Debug)]
pub struct Document {
    /// The value.
    pub root: Node,
    /// What is odd about the text: keys that are there twice.
    pub findings: Vec<Finding>,
}

/// Why a text is no JSON.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReadError {
    /// Where reading stopped.
    pub origin: Origin,
    /// What stands there.
    pub read: String,
    /// What would have been accepted.
    pub expected: String,
    /// What to do.
    pub remedy: &'static str,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, read, expected, remedy } = self;
        write!(
            f,
            "{}:{}:{}: read {read}, expected {expected}; {remedy}",
            origin.file, origin.line, origin.column
        )
    }
}

impl std::error::Error for ReadError {}

/// Reads a JSON text with comments and trailing commas.
///
/// # Errors
/// [`ReadError`] when the text is empty, is no JSON, ends too early, nests deeper than 512 levels of objects, keys and arrays, or holds more
/// than 3,000,000 values.
pub fn read(file: &Arc<str>, text: &str) -> Result<Document, ReadError> {
    read_under(file, text, "")
}

/// Reads a text whose key paths begin with a prefix, as for an option of the command line.
///
/// # Errors
/// As [`read`].
pub fn read_under(file: &Arc<str>, text: &str, prefix: &str) -> Result<Document, ReadError> {
    // Offsets count from the first character behind the mark, which no editor shows as a column.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let error = |offset: usize, read: String, expected: &str, remedy| {
        let root = Entry { offset: saturated(offset), parent: 0, step: Step::Root };
        let place = Place::new(&Arc::new(Source::new(file, text, prefix, vec![root])), 0);
        ReadError { origin: place.origin(), read, expected: expected.to_owned(), remedy }
    };
    if u32::try_from(text.len()).is_err() {
        return Err(error(0, "more than 4 GiB".to_owned(), "a smaller file", "split the file"));
    }
    if text.len() > MANY_BYTES && values(text) > MAX_VALUES {
        let expected = format!("at most {MAX_VALUES} values");
        return Err(error(0, "more than that".to_owned(), &expected, "split the file"));
    }
    let parsed = parse_to_ast(text, &CollectOptions::default(), &strict()).map_err(|fault| {
        let (expected, remedy) = expectation(fault.kind());
        let start = fault.range().start.min(text.len());
        error(start, excerpt(text, start), &expected, remedy)
    })?;
    let Some(value) = parsed.value else {
        let remedy = "give the file that holds the template or the output";
        return Err(error(0, "an empty file".to_owned(), "a JSON value", remedy));
    };
    let mut places = Places { entries: Vec::new(), keys: HashMap::new(), twice: Vec::new() };
    places.note(&value, 0, Step::Root);
    let Places { entries, twice, .. } = places;
    let source = Arc::new(Source::new(file, text, prefix, entries));
    let findings = twice.iter().map(|index| doubled(&source, *index)).collect();
    let root = Builder { source: &source, next: 0 }.node(&value);
    Ok(Document { root, findings })
}

/// The most values that are read from one text: with the text they fit into a gibibyte.
const MAX_VALUES: usize = 3_000_000;
/// Shorter texts cannot hold as many.
const MANY_BYTES: usize = 2 * MAX_VALUES;

/// How many values a text holds, near enough: one for each comma and opening bracket outside of strings.
fn values(text: &str) -> usize {
    let (mut count, mut in_string, mut escaped) = (0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b',' | b'[' | b'{' if !in_string => count += 1,
            _ => {}
        }
    }
    count
}

/// JSON as Azure's tools accept it: the parser's own defaults are far looser.
fn strict() -> ParseOptions {
    ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

fn excerpt(text: &str, start: usize) -> String {
    let rest = text.get(start..).unwrap_or_default();
    let word: String = rest.chars().take(24).take_while(|c| !matches!(c, '\n' | '\r')).collect();
    let word = word.trim_end();
    match (rest.trim().is_empty(), word.is_empty()) {
        (true, _) => "the end of the file".to_owned(),
        (_, true) => "the end of the line".to_owned(),
        _ => format!("`{word}`"),
    }
}

/// What the parser would have accepted, and what to do.
fn expectation(kind: &ParseErrorKind) -> (String, &'static str) {
    use ParseErrorKind as K;
    let (expected, remedy) = match kind {
        K::UnterminatedObject | K::UnterminatedArray => (
            "the end of the object or array that begins here",
            "is the file cut off? close it, or fetch it again",
        ),
        K::UnterminatedCommentBlock => ("the end of the comment that begins here", "write */ behind it"),
        K::NestingDepthExceeded => ("at most 512 levels of objects, keys and arrays", "flatten the value"),
        K::ExpectedComma => ("a comma or the end of the object or array", "write the comma"),
        K::ExpectedColonAfterObjectKey => ("a colon behind the key", "write the colon and the value"),
        K::ExpectedObjectValue => ("a value behind the colon", "write the value, or fetch the file again"),
        K::MultipleRootJsonValues => ("the end of the file", "keep one JSON value in a file"),
        K::SingleQuotedStringsNotAllowed => ("a string in double quotes", "write double quotes"),
        K::ExpectedStringObjectProperty | K::UnexpectedTokenInObject => {
            ("a key in double quotes or the end of the object", "write the key in double quotes")
        }
        K::String(fault) => {
            return (
                format!("a whole JSON string ({})", lower_first(&fault.to_string())),
                "correct the string, or fetch the file again if it is cut off",
            );
        }
        other => {
            let text = format!("a JSON value ({})", lower_first(&other.to_string()));
            return (text, "correct it; is this file JSON at all?");
        }
    };
    (expected.to_owned(), remedy)
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

fn doubled(source: &Arc<Source>, index: u32) -> Finding {
    let origin = Place::new(source, index).origin();
    let key = origin.path.rsplit(['.', ']']).next().unwrap_or_default().to_owned();
    Finding::new(Code::DuplicateKey, &origin, format!("the key `{key}` is here a second time"))
}

/// First walk: the table of places, in the order in which the second walk numbers its nodes.
struct Places<'a> {
    entries: Vec<Entry>,
    keys: HashMap<&'a str, Arc<str>>,
    twice: Vec<u32>,
}

impl<'a> Places<'a> {
    fn note(&mut self, value: &'a Value<'_>, parent: u32, step: Step) {
        let index = saturated(self.entries.len());
        self.entries.push(Entry { offset: saturated(value.range().start), parent, step });
        match value {
            Value::Array(array) => {
                for (number, element) in array.elements.iter().enumerate() {
                    self.note(element, index, Step::Index(saturated(number)));
                }
            }
            Value::Object(object) => self.note_object(object, index),
            _ => {}
        }
    }

    fn note_object(&mut self, object: &'a Object<'_>, index: u32) {
        let mut seen = HashSet::with_capacity(object.properties.len());
        for property in &object.properties {
            let key = property.name.as_str();
            if !seen.insert(key) {
                self.twice.push(saturated(self.entries.len()));
            }
            let shared = Arc::clone(self.keys.entry(key).or_insert_with(|| key.into()));
            self.note(&property.value, index, Step::Key(shared));
        }
    }
}

/// Second walk: the nodes, now that the table that they point into is whole.
struct Builder<'a> {
    source: &'a Arc<Source>,
    next: u32,
}

impl Builder<'_> {
    fn node(&mut self, value: &Value<'_>) -> Node {
        let place = Place::new(self.source, self.next);
        self.next = self.next.saturating_add(1);
        let kind = match value {
            Value::NullKeyword(_) => Kind::Null,
            Value::BooleanLit(literal) => Kind::Bool(literal.value),
            Value::NumberLit(literal) => Kind::Number(number(literal.value)),
            Value::StringLit(literal) => Kind::string(&*literal.value),
            Value::Array(array) => {
                Kind::array(array.elements.iter().map(|element| self.node(element)).collect())
            }
            Value::Object(object) => Kind::object(
                object
                    .properties
                    .iter()
                    .map(|property| (self.source.key(self.next), self.node(&property.value)))
                    .collect(),
            ),
        };
        Node::new(kind, place)
    }
}

fn number(text: &str) -> Number {
    text.parse().map_or_else(|_| Number::Other(text.into()), Number::Integer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> Arc<str> {
        "main.json".into()
    }

    fn origin_of(text: &str, keys: &[&str]) -> String {
        let document = read(&file(), text).unwrap();
        let origin = document.root.at(keys).unwrap().origin();
        format!("{}:{} {}", origin.line, origin.column, origin.path)
    }

    #[test]
    fn a_value_knows_its_place_in_characters() {
        assert_eq!(origin_of("{\n  \"a\": {\"ä ö\": 1, \"b\": 2}\n}", &["a", "b"]), "2:24 a.b");
        assert_eq!(origin_of("{\n  \"a\": {\"ä ö\": 1, \"b\": 2}\n}", &["a", "ä ö"]), "2:16 a['ä ö']");
        let document = read(&file(), "{\"r\": [0, {\"p\": [true]}]}").unwrap();
        let inner = &document.root.get("r").unwrap().items()[1].get("p").unwrap().items()[0];
        assert_eq!(&*inner.origin().path, "r[1].p[0]");
    }

    #[test]
    fn columns_are_right_far_along_a_line() {
        let text = format!("\n[\"{}\", 1]", "aé€".repeat(2000));
        let document = read(&file(), &text).unwrap();
        let origin = document.root.items()[1].origin();
        assert_eq!((origin.line, origin.column), (2, 6006));
    }

    #[test]
    fn a_byte_order_mark_moves_nothing() {
        assert_eq!(origin_of("\u{feff}{\"a\": 1}", &["a"]), "1:7 a");
    }

    #[test]
    fn comments_trailing_commas_and_line_breaks_in_strings_are_read() {
        let text = "// head\n{ /* x */ \"a\": [1, 2,], \"b\": \"x\ny\", }";
        let document = read(&file(), text).unwrap();
        assert_eq!(document.root.get("a").unwrap().items().len(), 2);
        assert_eq!(document.root.get("b").unwrap().as_str(), Some("x\ny"));
    }

    #[test]
    fn a_key_is_found_in_its_spelling_first_and_then_without_regard_to_case() {
        let document = read(&file(), "{\"Name\": 1, \"name\": 2, \"TYPE\": 3}").unwrap();
        assert_eq!(document.root.get("name").unwrap().as_integer(), Some(2));
        assert_eq!(document.root.get("Name").unwrap().as_integer(), Some(1));
        assert_eq!(document.root.get("type").unwrap().as_integer(), Some(3));
    }

    #[test]
    fn a_doubled_key_is_named_and_the_last_counts() {
        let document = read(&file(), "{\"a\": 1,\n \"a\": 2, \"b\": 3}").unwrap();
        assert_eq!(document.findings.len(), 1);
        assert_eq!(document.findings[0].message, "the key `a` is here a second time");
        assert_eq!(document.findings[0].origin.line, 2);
        assert_eq!(document.root.get("a").unwrap().as_integer(), Some(2));
        assert_eq!(document.root.entries().len(), 3);
    }

    #[test]
    fn integers_are_exact_and_other_numbers_keep_their_text() {
        let document = read(&file(), "[9007199254740993, 1.50, -3, 99999999999999999999]").unwrap();
        let printed: Vec<String> = document.root.items().iter().map(|n| format!("{:?}", n.kind())).collect();
        assert_eq!(
            printed,
            [
                "Number(Integer(9007199254740993))",
                "Number(Other(\"1.50\"))",
                "Number(Integer(-3))",
                "Number(Other(\"99999999999999999999\"))",
            ]
        );
    }

    #[test]
    fn what_is_no_json_says_where_what_and_what_to_do() {
        for (text, says) in [
            ("", "main.json:1:1: read an empty file, expected a JSON value"),
            ("  \n", "read an empty file"),
            ("{\"a\": [1, 2", "main.json:1:7: read `[1, 2`, expected the end of the object or array"),
            ("{\"a\": \"b", "expected a whole JSON string (unterminated string literal)"),
            ("{\"a\": ", "expected a value behind the colon"),
            ("{\"a\" 1}", "expected a colon"),
            ("{\n \"a\": 1\n \"b\": 2}", "main.json:2:8: read the end of the line, expected a comma"),
            ("{'a': 1}", "double quotes"),
            ("resource \"x\" {}", "expected a JSON value (unexpected word)"),
            ("{} {}", "keep one JSON value"),
            ("{\"a\": 0x1F}", "main.json:1:"),
            ("{a: 1}", "a key in double quotes"),
        ] {
            let error = read(&file(), text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
        let deep = "[".repeat(100_000);
        let many = format!("[{}1]", "1,".repeat(3_100_000));
        assert!(read(&file(), &many).unwrap_err().to_string().contains("at most 3000000 values"));
        assert!(read(&file(), &deep).unwrap_err().to_string().contains("at most 512"));
    }

    #[test]
    fn a_place_inside_a_string_counts_escapes() {
        let document = read(&file(), "[\"a\\n\\u00e9b\"]").unwrap();
        let place = document.root.items()[0].place().clone();
        assert_eq!(place.origin_inside(0).column, 3);
        assert_eq!(place.origin_inside(2).column, 6);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_reading_panic(text in "[\\[\\]{}:,\"a1 \\\\/*\n]{0,40}") {
            let _ = read(&file(), &text);
        }
    }
}
