//! Pretty-printing: objects over several lines, a list of plain values on one.
//!
//! A part of a flow may hold a thousand prefixes; a line for each would bury the document.

use serde_json::Value;
use std::io::{self, Write};

/// Writes an object, indented by two blanks a level; the objects of `items` are its list `list`.
pub(super) fn write_with(
    object: &Value,
    (list, items): (&str, impl Iterator<Item = serde_json::Result<Value>>),
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut items = items.peekable();
    let (Some(map), true) = (object.as_object(), items.peek().is_some()) else {
        return at(object, 0, out);
    };
    let mut comma = "{";
    for (key, value) in map {
        write!(out, "{comma}\n  {}: ", Value::from(key.as_str()))?;
        comma = ",";
        if key != list {
            at(value, 1, out)?;
            continue;
        }
        let mut comma = "[";
        for item in items.by_ref() {
            write!(out, "{comma}\n    ")?;
            comma = ",";
            at(&item?, 2, out)?;
        }
        out.write_all(b"\n  ]")?;
    }
    out.write_all(b"\n}")
}

fn at(value: &Value, level: usize, out: &mut dyn Write) -> io::Result<()> {
    match value {
        Value::Object(map) if !map.is_empty() => {
            let lines = map.iter().map(|(key, value)| (Some(key), value));
            over_lines(["{", "}"], lines, level, out)
        }
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            over_lines(["[", "]"], items.iter().map(|item| (None, item)), level, out)
        }
        Value::Array(items) => {
            out.write_all(b"[")?;
            for (number, item) in items.iter().enumerate() {
                if number > 0 {
                    out.write_all(b", ")?;
                }
                serde_json::to_writer(&mut *out, item)?;
            }
            out.write_all(b"]")
        }
        plain => Ok(serde_json::to_writer(&mut *out, plain)?),
    }
}

fn over_lines<'v>(
    [open, close]: [&str; 2],
    items: impl Iterator<Item = (Option<&'v String>, &'v Value)>,
    level: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let indent = |level: usize| "  ".repeat(level);
    out.write_all(open.as_bytes())?;
    for (number, (key, value)) in items.enumerate() {
        let comma = if number > 0 { "," } else { "" };
        write!(out, "{comma}\n{}", indent(level + 1))?;
        if let Some(key) = key {
            serde_json::to_writer(&mut *out, key)?;
            out.write_all(b": ")?;
        }
        at(value, level + 1, out)?;
    }
    write!(out, "\n{}{close}", indent(level))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_lists_keep_one_line_and_nothing_is_lost() {
        let text =
            r#"{"a":[1,"x",null],"b":[],"c":{},"d":[{"e":"\"\n"}],"f":[[1]],"g":18446744073709551615}"#;
        let value: Value = serde_json::from_str(text).unwrap();
        let mut out = Vec::new();
        at(&value, 0, &mut out).unwrap();
        let printed = String::from_utf8(out).unwrap();
        assert!(
            printed.starts_with(
                "{\n  \"a\": [1, \"x\", null],\n  \"b\": [],\n  \"c\": {},\n  \"d\": [\n    {\n"
            )
        );
        assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), value);
        assert_eq!(value.to_string(), text);
        let mut with = Vec::new();
        let mut short = value.clone();
        let items = short["d"].as_array_mut().map(std::mem::take).unwrap();
        write_with(&short, ("d", items.into_iter().map(Ok)), &mut with).unwrap();
        assert_eq!(String::from_utf8(with).unwrap(), printed);
    }
}
