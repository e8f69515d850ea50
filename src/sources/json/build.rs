//! Tokens to nodes, in one pass.
//!
//! Each value's entry in the table of places is written before the value's own parts are read, so that nodes
//! are numbered in the order of the text. Parts wait on two stacks until their array or object ends, so that
//! each gets a list of exactly its length. Keys and short texts are kept once and shared.

use super::fault::{Fault, MAX_DEPTH, MAX_VALUES};
use super::scan::{Scanned, Scanner, Token};
use super::source::{Entry, Source, Step, saturated};
use super::{Kind, Node, Number, Place};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Longer texts hardly ever stand twice in a file.
const SHARED_LENGTH: usize = 40;
/// How many texts are remembered to be shared; keys always are.
const SHARED_TEXTS: usize = 1 << 16;

/// What was read from a text.
pub(super) struct Built {
    /// `None` where there is nothing but white space and comments.
    pub(super) root: Option<Node>,
    /// Values whose key stands in its object a second time, in order.
    pub(super) twice: Vec<u32>,
}

/// What surrounds a value.
#[derive(Clone, Copy)]
struct Around {
    /// The value that it is a part of.
    parent: u32,
    /// Objects, keys and arrays around it.
    depth: usize,
    /// Where the innermost of them begins.
    start: usize,
}

/// Reads the whole text of a source and fills the source's table of places.
pub(super) fn build(source: &Arc<Source>) -> Scanned<Built> {
    let mut builder = Builder {
        source,
        scanner: Scanner::new(source.text()),
        places: Vec::new(),
        texts: Texts::default(),
        items: Vec::new(),
        fields: Vec::new(),
        twice: Vec::new(),
    };
    let token = builder.scanner.next()?;
    if token == Token::End {
        return Ok(Built { root: None, twice: Vec::new() });
    }
    let root = builder.value(token, Step::ROOT, Around { parent: 0, depth: 0, start: 0 })?;
    if builder.scanner.next()? != Token::End {
        return Err((builder.scanner.start, Fault::SecondRoot));
    }
    let Builder { places, texts, mut twice, .. } = builder;
    source.fill(places, texts.list);
    twice.sort_unstable();
    Ok(Built { root: Some(root), twice })
}

/// Texts, each once.
#[derive(Default)]
struct Texts {
    list: Vec<Arc<str>>,
    known: FxHashMap<Arc<str>, u32>,
}

impl Texts {
    /// The number of a key.
    fn key(&mut self, text: &str) -> u32 {
        match self.known.get(text) {
            Some(number) => *number,
            None => self.insert(text.into()),
        }
    }

    /// A text that is no key.
    fn value(&mut self, text: &str) -> Arc<str> {
        if text.len() > SHARED_LENGTH {
            return text.into();
        }
        match self.known.get(text) {
            Some(number) => Arc::clone(&self.list[*number as usize]),
            None if self.list.len() < SHARED_TEXTS => {
                let text: Arc<str> = text.into();
                self.insert(Arc::clone(&text));
                text
            }
            None => text.into(),
        }
    }

    fn insert(&mut self, text: Arc<str>) -> u32 {
        let number = saturated(self.list.len());
        self.list.push(Arc::clone(&text));
        self.known.insert(text, number);
        number
    }
}

struct Builder<'s> {
    source: &'s Arc<Source>,
    scanner: Scanner<'s>,
    places: Vec<Entry>,
    texts: Texts,
    /// Items of arrays that have not ended.
    items: Vec<Node>,
    /// Entries of objects that have not ended.
    fields: Vec<(Arc<str>, Node)>,
    twice: Vec<u32>,
}

impl Builder<'_> {
    /// The value that begins with a token.
    fn value(&mut self, token: Token, step: Step, around: Around) -> Scanned<Node> {
        if around.depth > MAX_DEPTH {
            return Err((around.start, Fault::TooDeep));
        }
        if self.places.len() > MAX_VALUES {
            return Err((0, Fault::TooMany));
        }
        let start = self.scanner.start;
        let index = saturated(self.places.len());
        self.places.push(Entry { offset: saturated(start), parent: around.parent, step });
        let inside = Around { parent: index, depth: around.depth + 1, start };
        let kind = match token {
            Token::OpenBrace => self.object(inside)?,
            Token::OpenBracket => self.array(inside)?,
            Token::String => Kind::String(self.texts.value(self.scanner.string())),
            Token::Number => Kind::Number(number(self.scanner.written())),
            Token::True => Kind::Bool(true),
            Token::False => Kind::Bool(false),
            Token::Null => Kind::Null,
            Token::CloseBracket => return Err((start, Fault::Value("unexpected close bracket"))),
            Token::CloseBrace => return Err((start, Fault::Value("unexpected close brace"))),
            Token::Comma => return Err((start, Fault::Value("unexpected comma"))),
            Token::Colon => return Err((start, Fault::Value("unexpected colon"))),
            Token::Word => return Err((start, Fault::Value("unexpected word"))),
            // Who asks for a value looks for the end first.
            Token::End => return Err((start, Fault::NoValue)),
        };
        Ok(Node::new(kind, Place::new(self.source, index)))
    }

    fn array(&mut self, inside: Around) -> Scanned<Kind> {
        let first = self.items.len();
        let mut token = self.scanner.next()?;
        loop {
            match token {
                Token::CloseBracket => break,
                Token::End => return Err((inside.start, Fault::Unclosed)),
                _ => {
                    let step = Step::index(self.items.len() - first);
                    let item = self.value(token, step, inside)?;
                    self.items.push(item);
                }
            }
            let behind = self.scanner.end;
            token = self.scanner.next()?;
            match token {
                Token::Comma => token = self.scanner.next()?,
                Token::OpenBrace | Token::OpenBracket => return Err((behind, Fault::NoComma)),
                Token::String | Token::Number | Token::True | Token::False | Token::Null => {
                    return Err((behind, Fault::NoComma));
                }
                _ => {}
            }
        }
        Ok(Kind::array(self.items.split_off(first)))
    }

    fn object(&mut self, inside: Around) -> Scanned<Kind> {
        let first = self.fields.len();
        let mut token = self.scanner.next()?;
        loop {
            match token {
                Token::CloseBrace => break,
                Token::String => self.field(inside)?,
                Token::End => return Err((inside.start, Fault::Unclosed)),
                _ => return Err((self.scanner.start, Fault::NoKey)),
            }
            let behind = self.scanner.end;
            token = self.scanner.next()?;
            match token {
                Token::Comma => token = self.scanner.next()?,
                Token::String | Token::Number | Token::True | Token::False | Token::Null | Token::Word => {
                    return Err((behind, Fault::NoComma));
                }
                _ => {}
            }
        }
        let fields = self.fields.split_off(first);
        self.note_doubled(&fields);
        Ok(Kind::object(fields))
    }

    fn field(&mut self, inside: Around) -> Scanned<()> {
        let start = self.scanner.start;
        let number = self.texts.key(self.scanner.string());
        if self.scanner.next()? != Token::Colon {
            return Err((self.scanner.start, Fault::NoColon));
        }
        let around = Around { depth: inside.depth + 1, start, ..inside };
        let token = self.scanner.next()?;
        if around.depth <= MAX_DEPTH && token == Token::End {
            return Err((self.scanner.start, Fault::NoValue));
        }
        let value = self.value(token, Step::key(number), around)?;
        self.fields.push((Arc::clone(&self.texts.list[number as usize]), value));
        Ok(())
    }

    /// Remembers the values whose key stood before in their object. Equal keys are one text in memory.
    fn note_doubled(&mut self, fields: &[(Arc<str>, Node)]) {
        let key = |field: &(Arc<str>, Node)| Arc::as_ptr(&field.0).addr();
        if fields.len() <= 16 {
            for (at, field) in fields.iter().enumerate() {
                if fields[..at].iter().any(|before| key(before) == key(field)) {
                    self.twice.push(field.1.place().index());
                }
            }
            return;
        }
        let mut seen = rustc_hash::FxHashSet::default();
        let doubled = fields.iter().filter(|field| !seen.insert(key(field)));
        self.twice.extend(doubled.map(|field| field.1.place().index()));
    }
}

fn number(text: &str) -> Number {
    text.parse().map_or_else(|_| Number::Other(text.into()), Number::Integer)
}
