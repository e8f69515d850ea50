//! Bytes of a file to its text: encodings of Windows, and what a terminal leaves in captured output.

use super::error::ReadError;
use super::kind::InputKind;
use std::borrow::Cow;
use std::sync::Arc;

/// The largest file that is read.
pub(super) const MAX_BYTES: usize = 64 * 1024 * 1024;

/// The text of a file.
///
/// UTF-8 with or without its mark, or UTF-16 with one, as PowerShell redirects it.
pub(super) fn decode<'b>(bytes: impl Into<Cow<'b, [u8]>>, file: &Arc<str>) -> Result<String, ReadError> {
    let bytes = bytes.into();
    if bytes.len() > MAX_BYTES {
        let message = format!("the file has {} bytes, and at most {MAX_BYTES} are read", bytes.len());
        return Err(ReadError::new(file, message, "split the file"));
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(ReadError::kind(file, InputKind::Archive));
    }
    let wide = |unit: fn([u8; 2]) -> u16| {
        let units = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let text: Result<String, _> = char::decode_utf16(units).collect();
        // A single byte at the end is half of what was cut off.
        text.ok().filter(|_| bytes.len().is_multiple_of(2)).ok_or_else(|| {
            let remedy = "fetch the file again, or save it as UTF-8";
            ReadError::new(file, "the file begins as UTF-16 and holds half a character", remedy)
        })
    };
    match *bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        _ => String::from_utf8(bytes.into_owned())
            .map_err(|error| no_utf8(error.as_bytes(), error.utf8_error().valid_up_to(), file)),
    }
}

/// The error about the first byte that is no UTF-8.
fn no_utf8(bytes: &[u8], valid: usize, file: &Arc<str>) -> ReadError {
    let before = &bytes[..valid];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let last_line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let column = String::from_utf8_lossy(last_line).chars().count() + 1;
    let place = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let remedy = "save the file as UTF-8; is this a text file at all?";
    ReadError::new(file, "a byte that is no UTF-8", remedy).at(place(line), place(column))
}

/// The text with a progress line of az blanked out, so that all places stay as they are.
///
/// az writes `- Finished ..` or `\ Running ..` to the terminal, and a capture of both streams has it before
/// or right behind the first bracket.
pub(super) fn without_spinner(text: String) -> String {
    let head_end = text.find('"').unwrap_or(text.len()).min(2_000);
    let Some(head) = text.get(..head_end).filter(|head| head.contains("..")) else { return text };
    let mut blanked = head.to_owned();
    for mark in ["Finished ..", "Running ..", "Starting .."] {
        while let Some(at) = blanked.find(mark) {
            let before = blanked[..at].trim_end();
            let start = before.strip_suffix(['-', '\\', '|', '/']).map_or(at, str::len);
            let end = at + mark.len();
            blanked.replace_range(start..end, &" ".repeat(end - start));
        }
    }
    blanked.push_str(&text[head_end..]);
    blanked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_of_windows_are_read() {
        let file: Arc<str> = "a.json".into();
        let wide = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(bytes).collect()
        };
        assert_eq!(decode(wide("{\"ä\": 1}", u16::to_le_bytes), &file).unwrap(), "{\"ä\": 1}");
        assert_eq!(decode(wide("[]", u16::to_be_bytes), &file).unwrap(), "[]");
        let error = decode(b"{\n \"a\": \"\xff\"}", &file).unwrap_err().to_string();
        assert!(error.starts_with("a.json:2:8: a byte that is no UTF-8"), "{error}");
        for half in [&b"\xff\xfe[\0]\0 "[..], b"\xff\xfe\"\0\x00\xd8\"\0"] {
            let error = decode(half, &file).unwrap_err().to_string();
            assert!(error.contains("half a character"), "{error}");
        }
        assert!(decode(b"PK\x03\x04xx", &file).unwrap_err().to_string().contains("terraform show -json"));
    }

    #[test]
    fn a_spinner_is_blanked_and_moves_nothing() {
        for (text, blanked) in [
            ("{- Finished ..\n \"a\": 1}", "{             \n \"a\": 1}"),
            (" - Finished ..{\"a\": 1}", "              {\"a\": 1}"),
            ("\\ Running ..\r{\"a\": 1}", "            \r{\"a\": 1}"),
            ("{\"a\": \"- Finished ..\"}", "{\"a\": \"- Finished ..\"}"),
            ("[]", "[]"),
        ] {
            assert_eq!(without_spinner(text.to_owned()), blanked);
        }
    }
}
