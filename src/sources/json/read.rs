//! The mouth of this room: a text becomes a document, or one error that says where, what and what to do.

use super::build::{Built, build};
use super::source::{MAX_MEMORY, Source};
use super::{Node, Place};
use crate::finding::{Code, Finding};
use crate::model::Origin;
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

/// Texts are shorter, so that a place fits 31 bits.
const MAX_BYTES: usize = 1 << 31;
/// How many keys that are there twice are told one by one.
const MAX_DOUBLED: usize = 1_000;

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

impl Document {
    /// The text that was read, without a byte order mark.
    pub fn text(&self) -> &str {
        self.root.place().source().text()
    }

    /// Whether all that was looked at so far had room in memory; asked once, when all is read.
    ///
    /// # Errors
    /// [`ReadError`] when there was no room: then what was found so far is wrong and of no use.
    pub fn memory(&self) -> Result<(), ReadError> {
        let source = self.root.place().source();
        if !source.end() {
            return Ok(());
        }
        Err(ReadError {
            origin: source.origin_at(0),
            read: "more than that".to_owned(),
            expected: format!("values that take at most {} MiB of memory", MAX_MEMORY >> 20),
            remedy: "split the file",
        })
    }
}

/// Reads a JSON text with comments and trailing commas.
///
/// # Errors
/// [`ReadError`] when the text is empty, is no JSON, ends too early, nests deeper than 512 levels of objects,
/// keys and arrays, or has 2 GiB.
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
    read_source(&Arc::new(Source::new(file, text, prefix)))
}

/// Reads a text without copying it, and gives it back where it is no JSON.
///
/// # Errors
/// As [`read`].
pub fn read_owned(file: &Arc<str>, mut text: String) -> Result<Document, Box<(ReadError, String)>> {
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    let source = Arc::new(Source::new(file, text, ""));
    read_source(&source).map_err(|error| {
        let text = Arc::into_inner(source).map(Source::into_text).unwrap_or_default();
        Box::new((error, text))
    })
}

fn read_source(source: &Arc<Source>) -> Result<Document, ReadError> {
    let text = source.text();
    let error = |offset: usize, read: String, expected: &str, remedy| ReadError {
        origin: source.origin_at(offset),
        read,
        expected: expected.to_owned(),
        remedy,
    };
    if text.len() >= MAX_BYTES {
        return Err(error(0, "2 GiB or more".to_owned(), "a smaller file", "split the file"));
    }
    let Built { root, twice } = build(source).map_err(|fault| {
        let (start, fault) = *fault;
        let (expected, remedy) = fault.expectation();
        error(start, excerpt(text, start), &expected, remedy)
    })?;
    let Some(root) = root else {
        let remedy = "give the file that holds the template or the output";
        return Err(error(0, "an empty file".to_owned(), "a JSON value", remedy));
    };
    Ok(Document { root, findings: doubled_keys(source, &twice) })
}

/// The findings about keys that are there twice.
fn doubled_keys(source: &Arc<Source>, twice: &[u32]) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        twice.iter().take(MAX_DOUBLED).map(|index| doubled(source, *index)).collect();
    if let Some(first) = twice.get(MAX_DOUBLED) {
        let more = twice.len() - MAX_DOUBLED;
        let origin = Place::new(source, *first).origin();
        let message = format!("{more} more keys from here on are in their objects a second time");
        findings.push(Finding::new(Code::DuplicateKey, &origin, message));
    }
    findings
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

fn doubled(source: &Arc<Source>, index: u32) -> Finding {
    let origin = Place::new(source, index).origin();
    let key = origin.path.rsplit(['.', ']']).next().unwrap_or_default().to_owned();
    Finding::new(Code::DuplicateKey, &origin, format!("the key `{key}` is here a second time"))
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
        assert!(read(&file(), &deep).unwrap_err().to_string().contains("at most 512"));
    }

    #[test]
    fn what_has_no_room_is_given_as_empty_and_told_at_the_end() {
        let document = read(&file(), "{\"a\": [1, 2]}").unwrap();
        assert!(document.root.place().affords(800 << 20));
        assert_eq!(document.root.get("a").unwrap().type_name(), "an array");
        assert!(!document.root.place().affords(800 << 20));
        assert!(document.root.get("a").unwrap().items().is_empty());
        let error = document.memory().unwrap_err().to_string();
        assert!(
            error.contains("expected values that take at most 896 MiB of memory; split the file"),
            "{error}"
        );
        let small = read(&file(), "{\"a\": [1, 2]}").unwrap();
        assert_eq!(small.root.walk().count(), 4);
        assert!(small.memory().is_ok());
    }

    #[test]
    fn one_text_is_found_without_nodes_as_it_is_with_them() {
        let text = r#"{"a": "1", "A": "2", "a": "3", "b\u0063": "x\ny", "BC": 4, "d": 5, "D": "6", "e": {"a": "7"}}"#;
        for key in ["a", "A", "bc", "Bc", "d", "D", "e", "f"] {
            let unread = read(&file(), text).unwrap().root;
            let looked = unread.text_under(key).map(std::borrow::Cow::into_owned);
            assert_eq!(looked.as_deref(), unread.get(key).and_then(Node::as_str), "{key}");
            assert_eq!(looked.as_deref(), unread.text_under(key).as_deref(), "{key}");
        }
    }

    #[test]
    fn a_size_is_the_same_before_and_after_its_parts_are_looked_at() {
        let text = format!("{{\"{0}\": [\"{0}\", {{\"a\": [[]]}}, 1], \"b\": null}}", "x".repeat(130));
        let (unread, looked) = (read(&file(), &text).unwrap().root, read(&file(), &text).unwrap().root);
        assert_eq!(looked.walk().count(), 8);
        assert_eq!(unread.size(), looked.size());
        assert_eq!((unread.size().nodes, unread.size().depth), (12, 5));
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
