//! Texts with parts that deployment settles, as in `apim-${uniqueString(resourceGroup().id)}`.
//!
//! The parts are expressions, with strings in single quotes that may hold such parts themselves. `\${` is
//! a settled text. Here is only how to find the parts; who makes them is `sources::arm`.

/// How many bytes the `${...}` takes with which the text begins.
pub fn hole_length(text: &str) -> Option<usize> {
    if !text.starts_with("${") {
        return None;
    }
    // Of each level whether it is code (`true`) or a string in quotes, where braces are only text.
    let mut levels = vec![true];
    let bytes = text.as_bytes();
    let mut at = 2;
    loop {
        let code = levels.last().copied().unwrap_or(true);
        // Only these say anything in code, and only those in a string.
        let rest = bytes.get(at..)?;
        at += match code {
            true => rest.iter().position(|byte| matches!(byte, b'\'' | b'}'))?,
            false => rest.iter().position(|byte| matches!(byte, b'\'' | b'\\' | b'$'))?,
        };
        match bytes.get(at)? {
            b'\'' if code => levels.push(false),
            b'\'' => {
                levels.pop();
            }
            b'\\' => at += 1,
            b'$' if bytes.get(at + 1) == Some(&b'{') => {
                levels.push(true);
                at += 1;
            }
            b'}' => {
                levels.pop();
                if levels.is_empty() {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// Cuts a text at a character outside of every `${...}`.
pub fn split_outside(text: &str, separator: char) -> Vec<&str> {
    if !text.contains('$') {
        return text.split(separator).collect();
    }
    let mut parts = Vec::new();
    let (mut start, mut at, mut whole) = (0, 0, true);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("\\${") {
            at += 3;
            continue;
        }
        if whole && rest.starts_with("${") {
            match hole_length(rest) {
                Some(length) => {
                    at += length;
                    continue;
                }
                // One that never ends: what follows is text, and is not searched again.
                None => whole = false,
            }
        }
        let character = rest.chars().next().map_or(1, char::len_utf8);
        if rest.starts_with(separator) {
            parts.push(&text[start..at]);
            start = at + character;
        }
        at += character;
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_at_its_own_slashes_only() {
        assert_eq!(split_outside("${f('a/b')}/rule", '/'), ["${f('a/b')}", "rule"]);
        assert_eq!(split_outside("a/é/", '/'), ["a", "é", ""]);
        assert_eq!(split_outside("${a/b", '/'), ["${a", "b"]);
        assert_eq!(split_outside("\\${a/b}", '/'), ["\\${a", "b}"]);
    }
}
