//! Text to tokens.
//!
//! Strict JSON with comments, trailing commas and line breaks inside strings. White space is what Unicode
//! calls so. A string without escapes is a piece of the text, so that scanning copies nothing.

use super::fault::Fault;

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

/// A fault and the byte that it begins at.
pub(super) type Scanned<T> = Result<T, (usize, Fault)>;

/// A text while it is read.
pub(super) struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    /// Where the token begins.
    pub(super) start: usize,
    /// Where it ends, and the next is looked for.
    pub(super) end: usize,
    /// The token's text, where it is a string with escapes.
    decoded: Option<String>,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, bytes: text.as_bytes(), start: 0, end: 0, decoded: None }
    }

    /// The text of a string, without its quotes and escapes.
    pub(super) fn string(&self) -> &str {
        match &self.decoded {
            Some(text) => text,
            None => self.text.get(self.start + 1..self.end - 1).unwrap_or_default(),
        }
    }

    /// The token as it is written.
    pub(super) fn written(&self) -> &'t str {
        self.text.get(self.start..self.end).unwrap_or_default()
    }

    /// Moves to the next token.
    pub(super) fn next(&mut self) -> Scanned<Token> {
        loop {
            self.skip_white_space();
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
                b'\'' => return Err((self.start, Fault::SingleQuotes)),
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
            end.ok_or((self.start, Fault::UnclosedComment))? + 4
        } else {
            return Err((self.start, Fault::Value("unexpected token")));
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
        let alone = self.character(end).is_none_or(|next| !next.is_alphanumeric() && next != '$');
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
                return Err((self.start, Fault::Value("unexpected token")));
            }
            self.end += next.len_utf8();
        }
        if self.end == self.start {
            return Err((self.start, Fault::Value("unexpected token")));
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
        let whole = |why| Err((start, Fault::Value(why)));
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
            _ => return Err((self.end, Fault::Value("expected digit following negative sign"))),
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
                return Err((
                    self.end,
                    Fault::Value(match signed {
                        true => "expected digit",
                        false => "expected plus, minus, or digit in number literal",
                    }),
                ));
            }
            self.skip_digits();
        }
        Ok(Token::Number)
    }

    fn scan_string(&mut self) -> Scanned<Token> {
        self.decoded = None;
        let inside = &self.bytes[self.start + 1..];
        match quote_or_escape(inside) {
            Some(length) if inside[length] == b'"' => {
                self.end = self.start + length + 2;
                Ok(Token::String)
            }
            Some(_) => self.scan_escaped(),
            None => Err((self.start, Fault::String("unterminated string literal".to_owned()))),
        }
    }

    fn scan_escaped(&mut self) -> Scanned<Token> {
        let mut decoded = String::new();
        let mut at = self.start + 1;
        loop {
            let inside = self.text.get(at..).unwrap_or_default();
            let Some(length) = quote_or_escape(inside.as_bytes()) else {
                return Err((self.start, Fault::String("unterminated string literal".to_owned())));
            };
            decoded.push_str(&inside[..length]);
            at += length;
            if self.bytes[at] == b'"' {
                self.end = at + 1;
                self.decoded = Some(decoded);
                return Ok(Token::String);
            }
            let fault = |why: String| (at, Fault::String(why));
            let Some(escaped) = self.character(at + 1) else {
                return Err((self.start, Fault::String("unterminated string literal".to_owned())));
            };
            let mut next = at + 2;
            decoded.push(match escaped {
                '"' | '\\' | '/' => escaped,
                'b' => '\u{08}',
                'f' => '\u{0C}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => self.unicode(&mut next).map_err(fault)?,
                '\'' => return Err(fault("invalid escape in double quote string".to_owned())),
                _ => return Err(fault("invalid escape".to_owned())),
            });
            at = next;
        }
    }

    /// A character by its number or by its two halves in UTF-16; `next` stands behind the `\u`.
    fn unicode(&self, next: &mut usize) -> Result<char, String> {
        let (text, number) = self.four_digits(next)?;
        let wrong =
            |what: &str| format!("invalid unicode escape sequence. '{what}' is not a valid UTF8 character");
        if let Some(character) = char::from_u32(number) {
            return Ok(character);
        }
        if (0xDC00..=0xDFFF).contains(&number) {
            return Err(wrong(&format!("{text} (unpaired low surrogate)")));
        }
        if self.bytes.get(*next..*next + 2) != Some(br"\u") {
            return Err(wrong(&format!("{text} (unpaired high surrogate)")));
        }
        *next += 2;
        let (_, low) = self.four_digits(next)?;
        if !(0xDC00..=0xDFFF).contains(&low) {
            return Err(wrong(&format!("{text} (high surrogate not followed by low surrogate)")));
        }
        // A high and a low half always make a character.
        Ok(char::from_u32((number - 0xD800) * 0x400 + (low - 0xDC00) + 0x1_0000).unwrap_or('\u{FFFD}'))
    }

    fn four_digits(&self, next: &mut usize) -> Result<(&'t str, u32), String> {
        let text = self.text.get(*next..*next + 4);
        let text = text.filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let number = text.and_then(|text| Some((text, u32::from_str_radix(text, 16).ok()?)));
        *next += 4;
        number.ok_or_else(|| "expected four hex digits".to_owned())
    }
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
