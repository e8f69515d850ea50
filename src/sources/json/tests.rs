//! The reader against two others: `serde_json` for what is JSON, `jsonc-parser` for everything else.

use super::fault::Fault;
use super::{Kind, Node, Number, read};
use jsonc_parser::errors::ParseErrorKind;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use proptest::prelude::*;
use serde_json::Value;
use std::sync::Arc;

fn file() -> Arc<str> {
    "main.json".into()
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{0,6}",
        "[ -~]{0,60}",
        any::<String>(),
        Just("\u{1F600}\u{0}\u{7f}\r\n\t\"\\".to_owned())
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>()
            .prop_filter_map("finite", |number| serde_json::Number::from_f64(number).map(Value::Number)),
        any_text().prop_map(Value::String),
    ];
    leaf.prop_recursive(5, 60, 20, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..20).prop_map(Value::Array),
            proptest::collection::vec((any_text(), inner), 0..20)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn is_same(node: &Node, value: &Value) -> bool {
    match (node.kind(), value) {
        (Kind::Null, Value::Null) => true,
        (Kind::Bool(a), Value::Bool(b)) => a == b,
        (Kind::Number(Number::Integer(a)), Value::Number(b)) => b.as_i64() == Some(*a),
        (Kind::Number(Number::Other(a)), Value::Number(b)) => **a == *b.to_string(),
        (Kind::String(a), Value::String(b)) => **a == **b,
        (Kind::Array(_), Value::Array(b)) => {
            node.items().len() == b.len() && node.items().iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (Kind::Object(_), Value::Object(b)) => {
            node.entries().len() == b.len()
                && node.entries().iter().zip(b).all(|((k, a), (l, b))| **k == **l && is_same(a, b))
        }
        _ => false,
    }
}

/// Every value's origin leads to the value: what stands there is read to the same once more.
fn has_its_place(node: &Node, text: &str) -> bool {
    let origin = node.origin();
    let line = text.split('\n').nth(origin.line as usize - 1).unwrap_or_default();
    let at = line.char_indices().nth(origin.column as usize - 1).map_or(line.len(), |(at, _)| at);
    let first = line[at..].chars().next();
    let begins = match node.kind() {
        Kind::Null => first == Some('n'),
        Kind::Bool(value) => first == Some(if *value { 't' } else { 'f' }),
        Kind::Number(number) => line[at..].starts_with(&number.to_string()),
        Kind::String(_) => first == Some('"'),
        Kind::Array(_) => first == Some('['),
        Kind::Object(_) => first == Some('{'),
        _ => false,
    };
    begins
        && node.items().iter().all(|item| has_its_place(item, text))
        && node.entries().iter().all(|(_, value)| has_its_place(value, text))
}

/// What the other parser says of a text: how many values, or where it stops and what it expected.
fn other_says(text: &str) -> Result<usize, (usize, String)> {
    let options = ParseOptions {
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
    };
    match parse_to_ast(text, &CollectOptions::default(), &options) {
        Ok(parsed) => Ok(parsed.value.map_or(0, |value| count(&value))),
        Err(fault) => Err((fault.range().start.min(text.len()), wording(fault.kind()))),
    }
}

fn count(value: &jsonc_parser::ast::Value<'_>) -> usize {
    use jsonc_parser::ast::Value as V;
    1 + match value {
        V::Array(array) => array.elements.iter().map(count).sum(),
        V::Object(object) => object.properties.iter().map(|property| count(&property.value)).sum(),
        _ => 0,
    }
}

fn wording(kind: &ParseErrorKind) -> String {
    use ParseErrorKind as K;
    let fault = match kind {
        K::UnterminatedObject | K::UnterminatedArray => Fault::Unclosed,
        K::UnterminatedCommentBlock => Fault::UnclosedComment,
        K::NestingDepthExceeded => Fault::TooDeep,
        K::ExpectedComma => Fault::NoComma,
        K::ExpectedColonAfterObjectKey => Fault::NoColon,
        K::ExpectedObjectValue => Fault::NoValue,
        K::MultipleRootJsonValues => Fault::SecondRoot,
        K::SingleQuotedStringsNotAllowed => Fault::SingleQuotes,
        K::ExpectedStringObjectProperty | K::UnexpectedTokenInObject => Fault::NoKey,
        K::String(fault) => Fault::String(lower_first(&fault.to_string())),
        other => return format!("a JSON value ({})", lower_first(&other.to_string())),
    };
    fault.expectation().0
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

fn we_say(text: &str) -> Result<usize, (usize, String)> {
    let source = Arc::new(super::source::Source::new(&file(), text, ""));
    match super::build::build(&source) {
        Ok(built) => Ok(built.root.map_or(0, |root| nodes(&root))),
        Err(fault) => Err((fault.0, fault.1.expectation().0)),
    }
}

fn nodes(node: &Node) -> usize {
    let items = node.items().iter().map(nodes).sum::<usize>();
    1 + items + node.entries().iter().map(|(_, value)| nodes(value)).sum::<usize>()
}

proptest! {
    #[test]
    fn what_is_json_is_read_as_others_read_it(value in any_value()) {
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            let document = read(&file(), &text).unwrap();
            prop_assert!(is_same(&document.root, &value), "{text}");
            prop_assert!(has_its_place(&document.root, &text), "{text}");
            prop_assert!(document.findings.is_empty());
        }
    }

    #[test]
    fn what_others_refuse_is_refused_at_the_same_place(
        text in "([\\[\\]{}:,]|\"[a-c\\\\'u\n0-9dD8]{0,6}\"?|-?[0-9.]{1,3}([eE][-+]?[0-9]?)?|true|fals|null|[a-zI$_-]{1,2}| |\n|\u{a0}|\u{b}|ä|'|/\\*.?\\*?/?|//|0x1|[+.]1|-Infinity|-NaN|\\\\u[dD][89cCdD][0-9]{2}){0,12}",
    ) {
        prop_assert_eq!(we_say(&text), other_says(&text));
    }

    #[test]
    fn one_damaged_character_is_seen_as_others_see_it(value in any_value(), at in any::<prop::sample::Index>(), with in "[\\[\\]{}:,\"\\\\ u0e.+x/*-]?") {
        let mut text: Vec<char> = value.to_string().chars().collect();
        let at = at.index(text.len());
        text.splice(at..=at, with.chars());
        let text: String = text.into_iter().collect();
        prop_assert_eq!(we_say(&text), other_says(&text));
    }
}

#[test]
fn depth_is_counted_as_others_count_it() {
    for levels in [255, 256, 257, 511, 512, 513, 514] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
            for text in [format!("{}1{}", open.repeat(levels), close.repeat(levels)), open.repeat(levels)] {
                assert_eq!(we_say(&text), other_says(&text), "{levels} {open}");
            }
        }
    }
}

#[test]
fn doubled_keys_are_told_in_order_however_many_keys_there_are() {
    let many: String =
        (0..40).map(|number| format!("\"k{}\": {{\"k1\": 1, \"k1\": 2}},\n", number % 39)).collect();
    let document = read(&file(), &format!("{{{many}}}")).unwrap();
    let lines: Vec<u32> = document.findings.iter().map(|finding| finding.origin.line).collect();
    let expected: Vec<u32> = (1..=40).chain([40]).collect();
    assert_eq!(lines, expected);
}
