//! Text to tokens.
//!
//! Strict JSON with comments, trailing commas and line breaks inside strings. White space is what Unicode
//! calls so. Scanning copies nothing: a string is checked where it stands, and its escapes are worked out only
//! for who asks ([`string`]).

use super::fault::Fault;
use std::borrow::Cow;

/// A piece of JSON.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Token {
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    Comma,
    Colon,
    String,
    Number,
    True,
    False,
    Null,
    /// Letters and digits that are no JSON.
    Word,
    /// The end of the text.
    End,
}

/// What was scanned, or a fault and the byte that it begins at; boxed, since there is one in a text at most.
pub(super) type Scanned<T> = Result<T, Box<(usize, Fault)>>;

/// A fault at a byte.
#[cold]
pub(super) fn fault<T>(start: usize, fault: Fault) -> Scanned<T> {
    Err(Box::new((start, fault)))
}

/// A text while it is read.
pub(super) struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    /// Where the token begins.
    pub(super) start: usize,
    /// Where it ends, and the next is looked for.
    pub(super) end: usize,
    /// Whether it is a string with escapes.
    pub(super) escaped: bool,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, bytes: text.as_bytes(), start: 0, end: 0, escaped: false }
    }

    /// Moves to the next token.
    pub(super) fn next(&mut self) -> Scanned<Token> {
        loop {
            // In files for programs tokens stand close together.
            if !self.peek().is_some_and(|byte| byte.is_ascii_graphic()) {
                self.skip_white_space();
            }
            self.start = self.end;
            let Some(byte) = self.peek() else { return Ok(Token::End) };
            let mark = match byte {
                b'"' => return self.scan_string(),
                b',' => Token::Comma,
                b':' => Token::Colon,
                b'{' => Token::OpenBrace,
                b'}' => Token::CloseBrace,
                b'[' => Token::OpenBracket,
                b']' => Token::CloseBracket,
                b'-' | b'+' | b'0'..=b'9' => return self.scan_number(),
                b'.' if self.bytes.get(self.end + 1).is_some_and(u8::is_ascii_digit) => {
                    return self.scan_number();
                }
                b't' if self.take_word("true") => return Ok(Token::True),
                b'f' if self.take_word("false") => return Ok(Token::False),
                b'n' if self.take_word("null") => return Ok(Token::Null),
                b'\'' => return fault(self.start, Fault::SingleQuotes),
                b'/' => {
                    self.skip_comment()?;
                    continue;
                }
                _ => return self.scan_word(),
            };
            self.end += 1;
            return Ok(mark);
        }
    }

    /// Takes a comma or colon that stands right behind the last token.
    pub(super) fn takes(&mut self, mark: u8) -> bool {
        let is_there = self.peek() == Some(mark);
        self.end += usize::from(is_there);
        is_there
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.end).copied()
    }

    /// The character at a byte, which begins one.
    fn character(&self, at: usize) -> Option<char> {
        self.text.get(at..).and_then(|rest| rest.chars().next())
    }

    fn skip_white_space(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' => self.skip_blanks(),
                b'\n' | b'\r' | b'\t' | 0x0B | 0x0C => self.end += 1,
                0x80.. => match self.character(self.end).filter(|c| c.is_whitespace()) {
                    Some(space) => self.end += space.len_utf8(),
                    None => return,
                },
                _ => return,
            }
        }
    }

    /// Lines are indented by many blanks: eight bytes are looked at together.
    fn skip_blanks(&mut self) {
        const BLANKS: u64 = u64::from_le_bytes([b' '; 8]);
        while let Some(bytes) = self.bytes[self.end..].first_chunk::<8>() {
            let other = u64::from_le_bytes(*bytes) ^ BLANKS;
            self.end += other.trailing_zeros() as usize / 8;
            if other != 0 {
                return;
            }
        }
        while self.peek() == Some(b' ') {
            self.end += 1;
        }
    }

    fn skip_comment(&mut self) -> Scanned<()> {
        let rest = &self.bytes[self.start..];
        let length = if rest.starts_with(b"//") {
            rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len())
        } else if rest.starts_with(b"/*") {
            let inside = &rest[2..];
            let end = inside.windows(2).position(|pair| pair == b"*/");
            match end {
                Some(end) => end + 4,
                None => return fault(self.start, Fault::UnclosedComment),
            }
        } else {
            return fault(self.start, Fault::Value("unexpected token"));
        };
        self.end = self.start + length;
        Ok(())
    }

    /// Takes a word that nothing follows which could belong to it.
    fn take_word(&mut self, word: &str) -> bool {
        let end = self.end + word.len();
        if self.bytes.get(self.end..end) != Some(word.as_bytes()) {
            return false;
        }
        let alone = match self.bytes.get(end) {
            Some(next @ ..0x80) => !next.is_ascii_alphanumeric() && *next != b'$',
            _ => self.character(end).is_none_or(|next| !next.is_alphanumeric()),
        };
        if alone {
            self.end = end;
        }
        alone
    }

    /// What is no JSON: a word, or a character that belongs nowhere.
    fn scan_word(&mut self) -> Scanned<Token> {
        while let Some(next) = self.character(self.end) {
            let ends = match next {
                ascii if ascii.is_ascii() => ascii.is_ascii_whitespace() || ascii == ':',
                other => other.is_whitespace(),
            };
            if ends {
                break;
            }
            if !next.is_alphanumeric() && !matches!(next, '-' | '_' | '$') {
                return fault(self.start, Fault::Value("unexpected token"));
            }
            self.end += next.len_utf8();
        }
        if self.end == self.start {
            return fault(self.start, Fault::Value("unexpected token"));
        }
        Ok(Token::Word)
    }

    fn skip_digits(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.end += 1;
        }
    }

    fn scan_number(&mut self) -> Scanned<Token> {
        let start = self.start;
        let whole = |why| fault(start, Fault::Value(why));
        match self.peek() {
            Some(b'+') => return whole("unary plus on numbers is not allowed"),
            Some(b'-') => self.end += 1,
            _ => {}
        }
        match self.peek() {
            Some(b'0') => {
                self.end += 1;
                if matches!(self.peek(), Some(b'x' | b'X')) {
                    return whole("hexadecimal numbers are not allowed");
                }
            }
            Some(b'1'..=b'9') => self.skip_digits(),
            Some(b'.') if self.bytes.get(self.end + 1).is_some_and(u8::is_ascii_digit) => {
                return whole(NO_BARE_POINT);
            }
            Some(b'I') if self.take_word("Infinity") => return whole("infinity and NaN are not allowed"),
            Some(b'N') if self.take_word("NaN") => return whole("infinity and NaN are not allowed"),
            _ => return fault(self.end, Fault::Value("expected digit following negative sign")),
        }
        if self.peek() == Some(b'.') {
            self.end += 1;
            if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                return whole(NO_BARE_POINT);
            }
            self.skip_digits();
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.end += 1;
            let signed = matches!(self.peek(), Some(b'-' | b'+'));
            self.end += usize::from(signed);
            if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                let why = match signed {
                    true => "expected digit",
                    false => "expected plus, minus, or digit in number literal",
                };
                return fault(self.end, Fault::Value(why));
            }
            self.skip_digits();
        }
        Ok(Token::Number)
    }

    fn scan_string(&mut self) -> Scanned<Token> {
        let inside = &self.bytes[self.start + 1..];
        match quote_or_escape(inside) {
            Some(length) if inside[length] == b'"' => {
                self.end = self.start + length + 2;
                self.escaped = false;
                Ok(Token::String)
            }
            Some(length) => self.scan_escaped(self.start + 1 + length),
            None => self.unterminated(),
        }
    }

    /// The rest of a string from its first escape on.
    fn scan_escaped(&mut self, mut at: usize) -> Scanned<Token> {
        self.escaped = true;
        loop {
            if self.bytes[at] == b'"' {
                self.end = at + 1;
                return Ok(Token::String);
            }
            match escape(self.text, at) {
                Ok((_, behind)) => at = behind,
                Err(Some(why)) => return fault(at, Fault::String(why)),
                Err(None) => return self.unterminated(),
            }
            match self.bytes.get(at..).and_then(quote_or_escape) {
                Some(length) => at += length,
                None => return self.unterminated(),
            }
        }
    }

    fn unterminated(&self) -> Scanned<Token> {
        fault(self.start, Fault::String("unterminated string literal".to_owned()))
    }
}

/// The string that begins at a byte, without quotes and escapes; of a text that was scanned.
pub(super) fn string(text: &str, start: usize) -> Cow<'_, str> {
    let inside = text.get(start + 1..).unwrap_or_default();
    let length = quote_or_escape(inside.as_bytes()).unwrap_or(inside.len());
    match inside.as_bytes().get(length) {
        Some(b'\\') => Cow::Owned(unescaped(inside, length)),
        _ => Cow::Borrowed(&inside[..length]),
    }
}

/// A string up to its quote, with its first escape.
fn unescaped(inside: &str, mut at: usize) -> String {
    let mut text = inside[..at].to_owned();
    while let Ok((character, behind)) = escape(inside, at) {
        text.push(character);
        let rest = inside.get(behind..).unwrap_or_default();
        let length = quote_or_escape(rest.as_bytes()).unwrap_or(rest.len());
        text.push_str(&rest[..length]);
        at = behind + length;
        if inside.as_bytes().get(at) != Some(&b'\\') {
            break;
        }
    }
    text
}

/// The character of the escape at a byte and where it ends; else what is wrong with it, nothing where the
/// text ends.
fn escape(text: &str, at: usize) -> Result<(char, usize), Option<String>> {
    let rest = text.get(at + 1..).unwrap_or_default();
    let escaped = rest.chars().next().ok_or(None)?;
    let mut behind = at + 1 + escaped.len_utf8();
    let character = match escaped {
        '"' | '\\' | '/' => escaped,
        'b' => '\u{08}',
        'f' => '\u{0C}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => unicode(text, &mut behind)?,
        '\'' => return Err(Some("invalid escape in double quote string".to_owned())),
        _ => return Err(Some("invalid escape".to_owned())),
    };
    Ok((character, behind))
}

/// A character by its number or by its two halves in UTF-16; `next` stands behind the `\u`.
fn unicode(text: &str, next: &mut usize) -> Result<char, String> {
    let (digits, number) = four_digits(text, next)?;
    let wrong =
        |what: &str| format!("invalid unicode escape sequence. '{what}' is not a valid UTF8 character");
    if let Some(character) = char::from_u32(number) {
        return Ok(character);
    }
    if (0xDC00..=0xDFFF).contains(&number) {
        return Err(wrong(&format!("{digits} (unpaired low surrogate)")));
    }
    if text.as_bytes().get(*next..*next + 2) != Some(br"\u") {
        return Err(wrong(&format!("{digits} (unpaired high surrogate)")));
    }
    *next += 2;
    let (_, low) = four_digits(text, next)?;
    if !(0xDC00..=0xDFFF).contains(&low) {
        return Err(wrong(&format!("{digits} (high surrogate not followed by low surrogate)")));
    }
    // A high and a low half always make a character.
    Ok(char::from_u32((number - 0xD800) * 0x400 + (low - 0xDC00) + 0x1_0000).unwrap_or('\u{FFFD}'))
}

fn four_digits<'t>(text: &'t str, next: &mut usize) -> Result<(&'t str, u32), String> {
    let digits = text.get(*next..*next + 4);
    let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let number = digits.and_then(|digits| Some((digits, u32::from_str_radix(digits, 16).ok()?)));
    *next += 4;
    number.ok_or_else(|| "expected four hex digits".to_owned())
}

/// Where the first quote or backslash stands; eight bytes are looked at together.
fn quote_or_escape(bytes: &[u8]) -> Option<usize> {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = EACH << 7;
    // The lowest high bit of what comes out is right: a borrow only reaches bytes above a zero.
    let zeros = |bytes: u64| bytes.wrapping_sub(EACH) & !bytes & HIGH;
    let (blocks, rest) = bytes.as_chunks::<8>();
    for (block, bytes) in blocks.iter().enumerate() {
        let bytes = u64::from_le_bytes(*bytes);
        let found = zeros(bytes ^ (EACH * b'"' as u64)) | zeros(bytes ^ (EACH * b'\\' as u64));
        if found != 0 {
            return Some(block * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    let behind = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
    Some(blocks.len() * 8 + behind)
}

const NO_BARE_POINT: &str = "leading or trailing decimal points on numbers are not allowed";
