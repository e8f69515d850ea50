//! `flowcheck/explain/1`: what a word of ours means.

use super::flows::{DisputeShape, SourceShape};
use super::{Head, write};
use crate::report::explain::Explanation;
use serde::Serialize;
use std::io::{self, Write};

/// Writes the document of `explain`; `asked` is the text as typed.
///
/// # Errors
/// Those of the writer.
pub fn explain(asked: &str, found: &[Explanation], head: &Head, out: &mut dyn Write) -> io::Result<()> {
    let one = |found: &Explanation| Shape {
        kind: found.kind.as_str(),
        name: found.name.clone(),
        title: found.title.clone(),
        meaning: found.meaning.clone(),
        details: found.details.iter().map(|(label, text)| Detail { label, text: text.clone() }).collect(),
        remedy: found.remedy.clone(),
        sources: found.sources.iter().map(|source| SourceShape::of(source)).collect(),
        disputes: found.disputes.iter().map(|dispute| DisputeShape::of(dispute)).collect(),
        see_also: found.see_also.clone(),
    };
    let body = Body { asked, entries: found.iter().map(one).collect() };
    write("explain", head, std::iter::empty(), body, out)
}

#[derive(Serialize)]
struct Body<'a> {
    asked: &'a str,
    entries: Vec<Shape>,
}

#[derive(Serialize)]
struct Shape {
    kind: &'static str,
    name: String,
    title: String,
    meaning: String,
    details: Vec<Detail>,
    remedy: Option<String>,
    sources: Vec<SourceShape>,
    disputes: Vec<DisputeShape>,
    see_also: Vec<String>,
}

#[derive(Serialize)]
struct Detail {
    label: &'static str,
    text: String,
}
