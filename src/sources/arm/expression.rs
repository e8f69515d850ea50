//! The expression language of templates: text to tree and back.
//!
//! In: the text of a string such as `[concat('a', parameters('b').c[0])]`. Out: an [`Expr`] whose parts know
//! their bytes, or a [`SyntaxError`]. Hand-written recursive descent, bounded in depth:
//!
//! ```text
//! term   = string | integer | name [ "." name ] "(" [ term { "," term } ] ")" , { access }
//! access = "." name | "?." name | "[" term "]" | "[?" term "]"
//! ```
//!
//! Not here: what a function does (`functions`), names and values (`evaluate`).

use std::fmt;
use std::sync::Arc;

/// How deep calls, members and indices may nest in one expression.
pub(super) const MAX_DEPTH: usize = 100;

/// Azure's own limit for the length of an expression, in bytes here.
pub(super) const MAX_LENGTH: usize = 24_576;

/// A part of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Expr {
    pub(super) form: Form,
    /// Byte in the string at which it begins.
    pub(super) start: usize,
    /// Byte behind its end.
    pub(super) end: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Form {
    Text(Arc<str>),
    Integer(i64),
    /// A function, `namespace.name` for one of the user's.
    Call {
        name: Arc<str>,
        arguments: Vec<Expr>,
    },
    /// `base.key` and `base[index]`; `safe` for `?.` and `[?`, where what is missing is null.
    Access {
        base: Box<Expr>,
        index: Box<Expr>,
        safe: bool,
    },
}

/// Why a text is no expression.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct SyntaxError {
    /// Byte in the string.
    pub(super) at: usize,
    /// What was read and what was expected.
    pub(super) message: String,
}

/// What a string of a template is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Content<'a> {
    /// A text that stands for itself.
    Literal,
    /// A text behind the escape `[[`.
    Escaped(&'a str),
    /// An expression in brackets.
    Expression,
}

/// Sorts a string: Azure takes it as an expression when it begins with `[` and ends with `]`.
pub(super) fn content(text: &str) -> Content<'_> {
    if !text.starts_with('[') || !text.ends_with(']') {
        return Content::Literal;
    }
    match text.strip_prefix("[[") {
        Some(_) => Content::Escaped(&text[1..]),
        None => Content::Expression,
    }
}

/// Reads a whole string, brackets included.
pub(super) fn parse(text: &str) -> Result<Expr, SyntaxError> {
    if text.len() > MAX_LENGTH {
        let message = format!("the expression has {} characters, Azure's limit is {MAX_LENGTH}", text.len());
        return Err(SyntaxError { at: 0, message });
    }
    let mut parser = Parser { text, at: 0, depth: 0 };
    parser.expect('[', "`[`")?;
    let expression = parser.term()?;
    parser.expect(']', "`]` or an operator such as `.name` or `[0]`")?;
    parser.blanks();
    if parser.at < text.len() {
        return Err(parser.error("the end of the string"));
    }
    Ok(expression)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn take(&mut self, token: &str) -> bool {
        self.blanks();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn expect(&mut self, token: char, expected: &str) -> Result<(), SyntaxError> {
        let mut bytes = [0; 4];
        if self.take(token.encode_utf8(&mut bytes)) { Ok(()) } else { Err(self.error(expected)) }
    }

    fn error(&self, expected: &str) -> SyntaxError {
        let word: String = self.rest().chars().take(16).collect();
        let read = if word.is_empty() { "the end of the string".to_owned() } else { format!("`{word}`") };
        SyntaxError {
            at: self.at,
            message: format!("malformed expression: read {read}, expected {expected}"),
        }
    }

    fn term(&mut self) -> Result<Expr, SyntaxError> {
        self.deeper()?;
        self.blanks();
        let start = self.at;
        let form = match self.rest().chars().next() {
            Some('\'') => Form::Text(self.string()?),
            Some(c) if c.is_ascii_digit() || c == '-' || c == '+' => Form::Integer(self.integer()?),
            Some(c) if c.is_alphabetic() || c == '_' || c == '$' => self.call()?,
            _ => return Err(self.error("a function, a string in single quotes or an integer")),
        };
        let mut expression = Expr { form, start, end: self.at };
        let mut links = 0;
        while let Some((index, safe)) = self.access()? {
            links += 1;
            self.deeper()?;
            let form = Form::Access { base: Box::new(expression), index: Box::new(index), safe };
            expression = Expr { form, start, end: self.at };
        }
        self.depth -= 1 + links;
        Ok(expression)
    }

    /// Counts a level; a member is one too, since it makes the tree deeper.
    fn deeper(&mut self) -> Result<(), SyntaxError> {
        self.depth += 1;
        if self.depth <= MAX_DEPTH {
            return Ok(());
        }
        Err(SyntaxError { at: self.at, message: format!("the expression nests deeper than {MAX_DEPTH}") })
    }

    fn access(&mut self) -> Result<Option<(Expr, bool)>, SyntaxError> {
        let safe_member = self.take("?.");
        if safe_member || self.take(".") {
            self.blanks();
            let start = self.at;
            let key = self.name("the name of a member")?;
            let form = Form::Text(key.into());
            return Ok(Some((Expr { form, start, end: self.at }, safe_member)));
        }
        let safe_index = self.take("[?");
        if safe_index || self.take("[") {
            let index = self.term()?;
            self.expect(']', "`]` behind the index")?;
            return Ok(Some((index, safe_index)));
        }
        Ok(None)
    }

    fn name(&mut self, expected: &str) -> Result<String, SyntaxError> {
        let rest = self.rest();
        let end =
            rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$' | '-'))).unwrap_or(rest.len());
        if end == 0 {
            return Err(self.error(expected));
        }
        let name = rest[..end].to_owned();
        self.at += end;
        Ok(name)
    }

    fn call(&mut self) -> Result<Form, SyntaxError> {
        let mut name = self.name("a function")?;
        if self.take(".") {
            self.blanks();
            name.push('.');
            name.push_str(&self.name("the name of a function behind its namespace")?);
        }
        self.expect('(', &format!("`(` behind `{name}`: a text stands in single quotes"))?;
        let mut arguments = Vec::new();
        if !self.take(")") {
            loop {
                arguments.push(self.term()?);
                if self.take(")") {
                    break;
                }
                self.expect(',', "`,` or `)`")?;
            }
        }
        Ok(Form::Call { name: name.into(), arguments })
    }

    fn string(&mut self) -> Result<Arc<str>, SyntaxError> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let Some(end) = self.rest().find('\'') else {
                self.at = start;
                return Err(self.error("a closing quote for the string that begins here"));
            };
            text.push_str(&self.rest()[..end]);
            self.at += end + 1;
            if !self.rest().starts_with('\'') {
                return Ok(text.into());
            }
            text.push('\'');
            self.at += 1;
        }
    }

    fn integer(&mut self) -> Result<i64, SyntaxError> {
        let rest = self.rest();
        let digits = rest.strip_prefix(['-', '+']).unwrap_or(rest);
        let length =
            rest.len() - digits.len() + digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let Ok(number) = rest[..length].parse() else {
            return Err(self.error("an integer of 64 bits"));
        };
        self.at += length;
        Ok(number)
    }
}

/// Writes a text as a string of the language.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Whether a key can stand behind a dot.
pub(super) fn is_name(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '-'))
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.form {
            Form::Text(text) => f.write_str(&quoted(text)),
            Form::Integer(number) => write!(f, "{number}"),
            Form::Call { name, arguments } => {
                write!(f, "{name}(")?;
                for (number, argument) in arguments.iter().enumerate() {
                    write!(f, "{}{argument}", if number == 0 { "" } else { ", " })?;
                }
                f.write_str(")")
            }
            Form::Access { base, index, safe } => match &index.form {
                Form::Text(key) if is_name(key) => write!(f, "{base}{}.{key}", if *safe { "?" } else { "" }),
                _ => write!(f, "{base}[{}{index}]", if *safe { "?" } else { "" }),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_expression_prints_in_one_spelling() {
        for (text, printed) in [
            ("[concat( 'it''s' ,1)]", "concat('it''s', 1)"),
            ("[parameters('a').b['c d'][0]]", "parameters('a').b['c d'][0]"),
            ("[variables('a')['b']]", "variables('a').b"),
            ("[a.b(\n  'x'\n)]", "a.b('x')"),
            ("[f()?.x[?'y z']]", "f()?.x[?'y z']"),
            ("[-7]", "-7"),
            ("[null()]", "null()"),
            ("['[x]']", "'[x]'"),
        ] {
            assert_eq!(parse(text).unwrap().to_string(), printed);
        }
    }

    #[test]
    fn what_is_malformed_says_where_what_was_read_and_what_was_expected() {
        for (text, at, says) in [
            ("[concat('a'", 11, "read the end of the string, expected `,` or `)`"),
            ("[concat('a',)]", 12, "read `)]`, expected a function, a string in single quotes or an integer"),
            ("[concat('a]", 8, "expected a closing quote"),
            ("[concat 'a')]", 8, "expected `(` behind `concat`"),
            ("[]", 1, "expected a function"),
            ("[f() f()]", 5, "read `f()]`, expected `]`"),
            ("[f()]]", 5, "expected the end of the string"),
            ("[f().]", 5, "the name of a member"),
            ("[f()[1]", 7, "expected `]`"),
            ("[99999999999999999999]", 1, "an integer of 64 bits"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.at, at, "{text}: {}", error.message);
            assert!(error.message.contains(says), "{text}: {}", error.message);
        }
        let deep = format!("[{}{}]", "f(".repeat(5000), ")".repeat(5000));
        assert!(parse(&deep).unwrap_err().message.contains("deeper than 100"));
        let huge = format!("['{}']", "x".repeat(30_000));
        assert!(parse(&huge).unwrap_err().message.contains("Azure's limit is 24576"));
        let long = format!("[f(){}]", ".a".repeat(5000));
        assert!(parse(&long).unwrap_err().message.contains("deeper than 100"));
    }

    #[test]
    fn brackets_make_an_expression_and_two_escape_it() {
        assert_eq!(content("[f()]"), Content::Expression);
        assert_eq!(content("[[f()]"), Content::Escaped("[f()]"));
        assert_eq!(content("[f()"), Content::Literal);
        assert_eq!(content(" [f()]"), Content::Literal);
        assert_eq!(content("["), Content::Literal);
    }

    fn any_form() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            "[a-z ']{0,6}".prop_map(|text| quoted(&text)),
            any::<i32>().prop_map(|number| number.to_string()),
            Just("f()".to_owned()),
        ];
        leaf.prop_recursive(4, 24, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3)
                    .prop_map(|args| format!("g({})", args.join(" , "))),
                (inner.clone(), "[a-z]{1,4}").prop_map(|(base, key)| format!("h( {base} ).{key}")),
                (inner.clone(), inner).prop_map(|(base, index)| format!("h({base})[?{index}]")),
            ]
        })
    }

    proptest! {
        /// Printing and reading again changes nothing but the bytes.
        #[test]
        fn print_is_the_inverse_of_parse(text in any_form()) {
            let printed = parse(&format!("[{text}]")).unwrap().to_string();
            prop_assert_eq!(parse(&format!("[{printed}]")).unwrap().to_string(), printed);
        }

        #[test]
        fn no_text_makes_parsing_panic(text in "\\[[a-c('\\[\\].,?0-9é)\\- ]{0,40}\\]?") {
            let _ = parse(&text);
        }
    }
}
