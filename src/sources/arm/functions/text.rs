//! Texts. What deployment settles stays inside as `${...}`, so that names still join.

use super::{ANY, Args, Bad, Call, Function, Makes, Outcome, Run, open, text, value};
use crate::model::split_outside;
use crate::sources::arm::evaluate::{MAX_NODES, MAX_TEXT};
use crate::sources::arm::spell::Parts;
use crate::sources::json::{Kind, Node};
use std::fmt::Write as _;

pub(super) const FUNCTIONS: &[Function] = &[
    open("concat", 0..=ANY, concat),
    open("format", 1..=ANY, format_text),
    open("string", 1..=1, string),
    open("split", 2..=2, split),
    text("toLower", 1..=1, |args| args.make_text(args.text(0)?.to_lowercase())),
    text("toUpper", 1..=1, |args| args.make_text(args.text(0)?.to_uppercase())),
    text("trim", 1..=1, |args| args.make_text(args.text(0)?.trim())),
    text("replace", 3..=3, replace),
    text("substring", 2..=3, substring),
    text("padLeft", 2..=3, pad_left),
    text("join", 2..=2, join),
    value("startsWith", 2..=2, |args| {
        args.make_bool(args.text(0)?.to_lowercase().starts_with(&args.text(1)?.to_lowercase()))
    }),
    value("endsWith", 2..=2, |args| {
        args.make_bool(args.text(0)?.to_lowercase().ends_with(&args.text(1)?.to_lowercase()))
    }),
    text("base64", 1..=1, |args| args.make_text(encode(args.text(0)?.as_bytes()))),
    text("base64ToString", 1..=1, |args| args.make_text(decoded(args.text(0)?)?)),
    text("uriComponent", 1..=1, |args| args.make_text(percent(args.text(0)?))),
    text("uriComponentToString", 1..=1, |args| args.make_text(unpercent(args.text(0)?)?)),
    text("uri", 2..=2, uri),
    text("dataUri", 1..=1, |args| {
        args.make_text(format!("data:text/plain;charset=utf8;base64,{}", encode(args.text(0)?.as_bytes())))
    }),
    text("dataUriToString", 1..=1, |args| {
        let text = args.text(0)?;
        args.make_text(decoded(text.split_once("base64,").map_or(text, |(_, data)| data))?)
    }),
    text("uniqueString", 1..=ANY, never),
    text("guid", 1..=ANY, never),
    text("utcNow", 0..=1, never),
    text("dateTimeAdd", 2..=3, never),
    text("dateTimeFromEpoch", 1..=1, never),
    value("dateTimeToEpoch", 1..=1, never),
    Function { name: "newGuid", takes: 0..=0, makes: Makes::Text, identity: ANY, run: Run::Open(new_guid) },
];

/// Settled by Azure alone.
fn never(_args: &Args<'_>) -> Outcome {
    Err(Bad::Unsettled)
}

/// Two calls never give the same, so each gets a number of its own.
fn new_guid(call: &mut Call<'_>) -> Outcome {
    call.engine.fresh += 1;
    let number = call.node(Kind::integer(i64::from(call.engine.fresh)));
    Ok(call.unsettled(&[number]))
}

/// Joins texts, or lists where the first argument is a list.
fn concat(call: &mut Call<'_>) -> Outcome {
    let arguments = call.all()?;
    if arguments.iter().any(|node| node.as_array().is_some()) {
        let mut items = Vec::new();
        for (index, node) in arguments.iter().enumerate() {
            match node.as_array() {
                Some(more) => items.extend_from_slice(more),
                None if node.gap().is_some() => return Ok(call.unsettled(&arguments)),
                None => {
                    let found = node.type_name();
                    return Err(format!("argument {} is {found}, expected an array", index + 1).into());
                }
            }
            if items.len() as u64 > MAX_NODES {
                return Err(format!("the list is longer than {MAX_NODES}").into());
            }
        }
        return Ok(call.node(Kind::array(items)));
    }
    // One unknown value alone, or only unknown ones: they may be lists.
    let only_unknown =
        !arguments.is_empty() && arguments.iter().all(|n| matches!(n.kind(), Kind::Unknown(_)));
    if only_unknown {
        return Ok(call.unsettled(&arguments));
    }
    let mut parts = Parts::default();
    for (index, node) in arguments.iter().enumerate() {
        if !parts.value(node) {
            let found = node.type_name();
            return Err(format!("argument {} is {found}, expected a string", index + 1).into());
        }
    }
    Ok(call.node(parts.finish()))
}

/// Replaces `{0}`, `{0,5}` and `{0:D2}`; `{{` and `}}` are braces.
fn format_text(call: &mut Call<'_>) -> Outcome {
    let arguments = call.all()?;
    let Some(pattern) = arguments[0].as_str() else {
        return match arguments[0].gap() {
            Some(_) => Ok(call.unsettled_text(&arguments)),
            None => Err(format!("argument 1 is {}, expected a string", arguments[0].type_name()).into()),
        };
    };
    let mut parts = Parts::default();
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        parts.literal(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            parts.literal(brace);
            rest = after;
            continue;
        }
        let (hole, after) = match rest.split_once('}') {
            Some(both) if brace == "{" => both,
            _ => return Err(format!("`{pattern}` has a brace without its partner").into()),
        };
        rest = after;
        let (place, style) = hole.split_once(':').unwrap_or((hole, ""));
        let (place, width) = place.split_once(',').unwrap_or((place, ""));
        let node = place.trim().parse::<usize>().ok().and_then(|index| arguments.get(index.checked_add(1)?));
        let Some(node) = node else {
            return Err(format!("`{{{hole}}}` names no argument: there are {}", arguments.len() - 1).into());
        };
        if parts.is_full() {
            break;
        }
        if style.is_empty() && width.is_empty() {
            if !parts.value(node) {
                call.engine.walked(node);
                parts.value(&call.node(Kind::string(written(node).unwrap_or_default())));
            }
        } else {
            match styled(node, style, width.trim()) {
                Some(text) => parts.literal(&text),
                None => return Ok(call.unsettled_text(&arguments)),
            }
        }
    }
    parts.literal(rest);
    Ok(call.node(parts.finish()))
}

/// The number styles that templates use; `None` for any other.
fn styled(node: &Node, style: &str, width: &str) -> Option<String> {
    let digits = match style.strip_prefix(['D', 'd']) {
        Some(digits) => digits.parse().ok()?,
        None if style.chars().all(|c| c == '0') => style.len(),
        None => return None,
    };
    let text = match node.kind() {
        Kind::Number(_) if digits <= 64 => {
            let number = node.as_integer()?;
            let sign = if number < 0 { "-" } else { "" };
            format!("{sign}{:0digits$}", number.unsigned_abs())
        }
        Kind::String(text) => text.to_string(),
        _ => return None,
    };
    match (width.parse::<i16>().unwrap_or(0), text.chars().count()) {
        (0, _) => Some(text),
        (wide, _) if wide > 0 => Some(format!("{text:>wide$}", wide = usize::from(wide.unsigned_abs()))),
        (wide, _) => Some(format!("{text:<wide$}", wide = usize::from(wide.unsigned_abs()))),
    }
}

/// A value as `string` writes it; `None` where a part of it is open.
pub(super) fn written(node: &Node) -> Option<String> {
    Some(match node.kind() {
        Kind::String(text) => text.to_string(),
        Kind::Bool(value) => if *value { "True" } else { "False" }.to_owned(),
        _ => json_text(node)?,
    })
}

fn json_text(node: &Node) -> Option<String> {
    Some(match node.kind() {
        Kind::Null => "null".to_owned(),
        Kind::Bool(value) => value.to_string(),
        Kind::Number(number) => number.to_string(),
        Kind::String(text) => quoted(text),
        Kind::Array(_) => {
            let items: Option<Vec<String>> = node.items().iter().map(json_text).collect();
            format!("[{}]", items?.join(","))
        }
        Kind::Object(_) => {
            let entry = |(key, value): &(std::sync::Arc<str>, Node)| {
                Some(format!("{}:{}", quoted(key), json_text(value)?))
            };
            let entries: Option<Vec<String>> = node.entries().iter().map(entry).collect();
            format!("{{{}}}", entries?.join(","))
        }
        Kind::Symbol(_) | Kind::Unknown(_) => return None,
    })
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if u32::from(c) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn string(call: &mut Call<'_>) -> Outcome {
    let node = call.eval(0)?;
    if node.as_text().is_some() {
        return Ok(node);
    }
    call.engine.walked(&node);
    match written(&node) {
        Some(text) => Ok(call.node(Kind::string(text))),
        None => Ok(call.unsettled_text(&[node])),
    }
}

/// Cuts at one separator, or at each of a list.
fn split(call: &mut Call<'_>) -> Outcome {
    let arguments = call.all()?;
    let separators: Vec<&str> = match arguments[1].as_str() {
        Some(one) => vec![one],
        None => arguments[1].items().iter().filter_map(Node::as_str).collect(),
    };
    if separators.is_empty() || separators.iter().any(|separator| separator.is_empty()) {
        return match arguments[1].first_gap() {
            Some(_) => Ok(call.unsettled(&arguments)),
            None => Err("argument 2 is no separator or list of separators".to_owned().into()),
        };
    }
    let pieces: Vec<Kind> = match arguments[0].kind() {
        Kind::String(text) => {
            let mut pieces = vec![&**text];
            for separator in &separators {
                pieces = pieces.into_iter().flat_map(|piece| piece.split(separator)).collect();
            }
            pieces.into_iter().map(Kind::string).collect()
        }
        // An id of this scope: its open parts hold no slash.
        Kind::Symbol(open) if separators == ["/"] && only_scope_is_open(&open.text) => {
            let piece = |text: &str| {
                let mut parts = Parts::default();
                parts.spelled(text);
                parts.finish()
            };
            split_outside(&open.text, '/').into_iter().map(piece).collect()
        }
        Kind::Symbol(_) | Kind::Unknown(_) => return Ok(call.unsettled(&arguments)),
        other => return Err(format!("argument 1 is {}, expected a string", other.type_name()).into()),
    };
    if pieces.len() as u64 > MAX_NODES {
        return Err(format!("the text has more than {MAX_NODES} parts").into());
    }
    let items = pieces.into_iter().map(|piece| call.node(piece)).collect();
    Ok(call.node(Kind::array(items)))
}

fn only_scope_is_open(text: &str) -> bool {
    let rest = text.replace("${subscription().subscriptionId}", "").replace("${resourceGroup().name}", "");
    !rest.contains("${")
}

fn replace(args: &Args<'_>) -> Outcome {
    let (text, old, new) = (args.text(0)?, args.text(1)?, args.text(2)?);
    if old.is_empty() {
        return Err("argument 2 is empty".to_owned().into());
    }
    if text.matches(old).count().saturating_mul(new.len()) > MAX_TEXT {
        return Err(format!("the text is longer than {MAX_TEXT} bytes").into());
    }
    args.make_text(text.replace(old, new))
}

fn substring(args: &Args<'_>) -> Outcome {
    let text: Vec<char> = args.text(0)?.chars().collect();
    let start = usize::try_from(args.integer(1)?).ok().filter(|start| *start <= text.len());
    let end = match (start, args.len()) {
        (Some(start), 3) => {
            usize::try_from(args.integer(2)?).ok().and_then(|length| start.checked_add(length))
        }
        _ => Some(text.len()),
    };
    match (start, end.filter(|end| *end <= text.len())) {
        (Some(start), Some(end)) => args.make_text(text[start..end].iter().collect::<String>()),
        _ => Err(format!("the part lies outside of the {} characters", text.len()).into()),
    }
}

fn pad_left(args: &Args<'_>) -> Outcome {
    let node = args.get(0)?;
    let text = match node.as_integer() {
        Some(number) => number.to_string(),
        None => args.text(0)?.to_owned(),
    };
    let width = usize::try_from(args.integer(1)?).ok().filter(|width| *width <= 10_000);
    let Some(width) = width else {
        return Err("argument 2 is outside of 0..=10000".to_owned().into());
    };
    let with = if args.len() == 3 { args.text(2)?.chars().next().unwrap_or(' ') } else { ' ' };
    let missing = width.saturating_sub(text.chars().count());
    args.make_text(std::iter::repeat_n(with, missing).chain(text.chars()).collect::<String>())
}

fn join(args: &Args<'_>) -> Outcome {
    let separator = args.text(1)?;
    let mut parts = Parts::default();
    for (index, node) in args.array(0)?.iter().enumerate() {
        if index > 0 {
            parts.literal(separator);
        }
        if !parts.value(node) {
            return Err(format!("item {index} is {}, expected a string", node.type_name()).into());
        }
    }
    Ok(args.node(parts.finish()))
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = ALPHABET[(word >> (18 - 6 * place) & 63) as usize];
            out.push(if place > chunk.len() { '=' } else { char::from(letter) });
        }
    }
    out
}

/// The text behind Base64.
pub(super) fn decoded(text: &str) -> Result<String, Bad> {
    let wrong = || Bad::Words("argument 1 is no Base64 of a text".to_owned());
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut word, mut bits) = (0u32, 0);
    for byte in text.trim().trim_end_matches('=').bytes() {
        let value = ALPHABET.iter().position(|letter| *letter == byte).ok_or_else(wrong)?;
        word = (word << 6 | u32::try_from(value).unwrap_or(0)) & 0xFF_FFFF;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((word >> bits & 0xFF) as u8);
        }
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

fn percent(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn unpercent(text: &str) -> Result<String, Bad> {
    let wrong = || Bad::Words(format!("`{text}` has a % that begins no byte"));
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|b| char::from(b).to_digit(16)).ok_or_else(wrong);
        let value = digit()? * 16 + digit()?;
        bytes.push(u8::try_from(value).map_err(|_| wrong())?);
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

/// Puts a relative address behind a base, as far as its last slash.
fn uri(args: &Args<'_>) -> Outcome {
    let (base, relative) = (args.text(0)?, args.text(1)?);
    if relative.contains("://") {
        return args.make_text(relative);
    }
    let host_end = base.find("://").map_or(0, |at| at + 3);
    let base = match base[host_end..].rfind('/') {
        Some(at) => base[..host_end + at].to_owned(),
        None => base.to_owned(),
    };
    args.make_text(format!("{base}/{}", relative.trim_start_matches('/')))
}
