//! Tokens to the table of values, in one pass.
//!
//! Each value's entry is written before the value's own parts are read, so that values are numbered in the
//! order of the text, and all that lies in one follows it. Nothing else is made of a value here: most of a
//! large file is never looked at, and what is becomes nodes level by level ([`super::grow`]).
//!
//! Keys wait on a stack until their object ends, so that one which stands there twice is told.

use super::Node;
use super::fault::{Fault, MAX_DEPTH};
use super::grow;
use super::scan::{Scanned, Scanner, Token, fault, string};
use super::source::{Entry, Source, Step, saturated};
use std::sync::Arc;

/// Objects with more keys are sorted to find those that stand twice.
const FEW_KEYS: usize = 64;

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

/// A key of an object that has not ended.
#[derive(Clone, Copy)]
struct Key {
    /// The inside of its quotes.
    start: u32,
    end: u32,
    /// The same for equal keys, save those with escapes.
    mark: u32,
    /// The number of its value.
    value: u32,
}

/// Reads the whole text of a source and fills the source's table of places.
pub(super) fn build(source: &Arc<Source>) -> Scanned<Built> {
    let text = source.text();
    let scanner = Scanner::new(text);
    let mut builder = Builder { text, scanner, entries: Vec::new(), keys: Vec::new(), twice: Vec::new() };
    let token = builder.scanner.next()?;
    if token == Token::End {
        return Ok(Built { root: None, twice: Vec::new() });
    }
    builder.value(token, Step::ROOT, Around { parent: 0, depth: 0, start: 0 })?;
    if builder.scanner.next()? != Token::End {
        return fault(builder.scanner.start, Fault::SecondRoot);
    }
    let Builder { entries, mut twice, .. } = builder;
    source.fill(entries);
    twice.sort_unstable();
    Ok(Built { root: Some(grow::root(source)), twice })
}

struct Builder<'s> {
    text: &'s str,
    scanner: Scanner<'s>,
    entries: Vec<Entry>,
    /// Keys of objects that have not ended.
    keys: Vec<Key>,
    twice: Vec<u32>,
}

impl Builder<'_> {
    /// The value that begins with a token.
    fn value(&mut self, token: Token, step: Step, around: Around) -> Scanned<()> {
        if around.depth > MAX_DEPTH {
            return fault(around.start, Fault::TooDeep);
        }
        let (start, end) = (self.scanner.start, saturated(self.scanner.end));
        self.entries.push(Entry { offset: saturated(start), parent: around.parent, step, end });
        match token {
            Token::String | Token::Number | Token::True | Token::False | Token::Null => Ok(()),
            _ => self.list(token, around.depth + 1),
        }
    }

    /// The rest of an array or object that has its entry.
    #[inline(never)]
    fn list(&mut self, token: Token, depth: usize) -> Scanned<()> {
        let (start, index) = (self.scanner.start, self.entries.len() - 1);
        let inside = Around { parent: saturated(index), depth, start };
        match token {
            Token::OpenBrace => self.object(inside)?,
            Token::OpenBracket => self.array(inside)?,
            Token::CloseBracket => return fault(start, Fault::Value("unexpected close bracket")),
            Token::CloseBrace => return fault(start, Fault::Value("unexpected close brace")),
            Token::Comma => return fault(start, Fault::Value("unexpected comma")),
            Token::Colon => return fault(start, Fault::Value("unexpected colon")),
            Token::Word => return fault(start, Fault::Value("unexpected word")),
            // Who asks for a value looks for the end first.
            _ => return fault(start, Fault::NoValue),
        }
        let behind = saturated(self.entries.len());
        if let Some(entry) = self.entries.get_mut(index) {
            entry.end = behind;
        }
        Ok(())
    }

    fn array(&mut self, inside: Around) -> Scanned<()> {
        let mut number = 0;
        let mut token = self.scanner.next()?;
        loop {
            match token {
                Token::CloseBracket => return Ok(()),
                Token::End => return fault(inside.start, Fault::Unclosed),
                _ => self.value(token, Step::index(number), inside)?,
            }
            number += 1;
            let behind = self.scanner.end;
            let is_comma = self.scanner.takes(b',');
            token = self.scanner.next()?;
            if is_comma {
                continue;
            }
            match token {
                Token::Comma => token = self.scanner.next()?,
                Token::OpenBrace | Token::OpenBracket => return fault(behind, Fault::NoComma),
                Token::String | Token::Number | Token::True | Token::False | Token::Null => {
                    return fault(behind, Fault::NoComma);
                }
                _ => {}
            }
        }
    }

    fn object(&mut self, inside: Around) -> Scanned<()> {
        let first = self.keys.len();
        let mut token = self.scanner.next()?;
        loop {
            match token {
                Token::CloseBrace => break,
                Token::String => self.field(inside)?,
                Token::End => return fault(inside.start, Fault::Unclosed),
                _ => return fault(self.scanner.start, Fault::NoKey),
            }
            let behind = self.scanner.end;
            let is_comma = self.scanner.takes(b',');
            token = self.scanner.next()?;
            if is_comma {
                continue;
            }
            match token {
                Token::Comma => token = self.scanner.next()?,
                Token::String | Token::Number | Token::True | Token::False | Token::Null | Token::Word => {
                    return fault(behind, Fault::NoComma);
                }
                _ => {}
            }
        }
        self.note_doubled(first);
        self.keys.truncate(first);
        Ok(())
    }

    fn field(&mut self, inside: Around) -> Scanned<()> {
        let (start, end) = (self.scanner.start, self.scanner.end);
        let value = saturated(self.entries.len());
        let key = self.text.as_bytes().get(start + 1..end - 1).unwrap_or_default();
        let mark = if self.scanner.escaped { ESCAPED } else { mark(key) };
        self.keys.push(Key { start: saturated(start + 1), end: saturated(end - 1), mark, value });
        if !self.scanner.takes(b':') && self.scanner.next()? != Token::Colon {
            return fault(self.scanner.start, Fault::NoColon);
        }
        let around = Around { depth: inside.depth + 1, start, ..inside };
        let token = self.scanner.next()?;
        if around.depth <= MAX_DEPTH && token == Token::End {
            return fault(self.scanner.start, Fault::NoValue);
        }
        self.value(token, Step::key(start), around)
    }

    /// Remembers the values whose key stood before in their object.
    fn note_doubled(&mut self, first: usize) {
        let keys = &self.keys[first..];
        if keys.len() > FEW_KEYS || keys.iter().any(|key| key.mark == ESCAPED) {
            return self.note_doubled_by_order(first);
        }
        // A bit for each mark seen: nearly all keys differ there already.
        let mut seen = 0u64;
        for (at, key) in keys.iter().enumerate() {
            let bit = 1 << (key.mark % 64);
            let may_be = seen & bit != 0;
            seen |= bit;
            let same =
                |before: &Key| before.mark == key.mark && raw(self.text, before) == raw(self.text, key);
            if may_be && keys[..at].iter().any(same) {
                self.twice.push(key.value);
            }
        }
    }

    /// The same for many keys, or such with escapes, in a time that no text can make long.
    fn note_doubled_by_order(&mut self, first: usize) {
        let keys = &self.keys[first..];
        let spelled = |at: u32| keys.get(at as usize).map(|key| string(self.text, key.start as usize - 1));
        let mut order: Vec<u32> = (0..saturated(keys.len())).collect();
        order.sort_unstable_by(|one, other| spelled(*one).cmp(&spelled(*other)).then(one.cmp(other)));
        let doubled = order.windows(2).filter(|pair| spelled(pair[0]) == spelled(pair[1]));
        self.twice.extend(doubled.filter_map(|pair| keys.get(pair[1] as usize)).map(|key| key.value));
    }
}

/// The mark of keys with escapes, whatever they spell.
const ESCAPED: u32 = 0;

/// A number from a key's length and its first and last bytes.
fn mark(key: &[u8]) -> u32 {
    let (first, last) = match (key.first_chunk(), key.last_chunk()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => (key.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)), 0),
    };
    let mixed = (first ^ last.rotate_left(23) ^ key.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed >> 32) as u32).max(ESCAPED + 1)
}

fn raw<'t>(text: &'t str, key: &Key) -> &'t str {
    text.get(key.start as usize..key.end as usize).unwrap_or_default()
}
