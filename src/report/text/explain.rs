//! Text of `explain`.

use super::paint::{Hue, Paint};
use super::{TextOptions, WIDTH};
use crate::flows::{Source, SourceCopy};
use crate::report::explain::Explanation;
use crate::report::phrases::wrapped;
use std::io::{self, Write};

/// Writes explanations, a blank line between them.
///
/// # Errors
/// Those of the writer.
pub fn explain(found: &[Explanation], options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(options.color);
    for (number, one) in found.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        let title = if one.title.is_empty() { String::new() } else { format!(", {}", one.title) };
        writeln!(out, "{}  ({}{title})", paint.put(Hue::Head, &one.name), one.kind)?;
        for line in wrapped(&one.meaning, WIDTH) {
            writeln!(out, "  {line}")?;
        }
        for (label, text) in &one.details {
            labelled(label, text, paint, out)?;
        }
        if let Some(remedy) = &one.remedy {
            labelled("what to do", remedy, paint, out)?;
        }
        for dispute in &one.disputes {
            let text = format!("{}: {}; read as: {}", dispute.matter, dispute.says, dispute.reading);
            labelled(&format!("D{}", dispute.number), &text, paint, out)?;
        }
        for (number, source) in one.sources.iter().enumerate() {
            labelled(if number == 0 { "sources" } else { "" }, &source_line(source), paint, out)?;
        }
        if !one.see_also.is_empty() {
            labelled("see also", &one.see_also.join(", "), paint, out)?;
        }
    }
    Ok(())
}

fn labelled(label: &str, text: &str, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    for (number, line) in wrapped(text, WIDTH - 17).iter().enumerate() {
        let label = if number == 0 { label } else { "" };
        writeln!(out, "  {} {line}", paint.put(Hue::Dim, &format!("{label:<14}")))?;
    }
    Ok(())
}

/// `VR25b  virtual-network-reference.md, 2025-06-17 (03e5750a), 2025-06-17 (1ca24f6b, fork specialized806)`
fn source_line(source: &Source) -> String {
    let copy = |copy: &SourceCopy| {
        let marks: Vec<String> = copy
            .commit
            .map(str::to_owned)
            .into_iter()
            .chain(copy.fork.map(|fork| format!("fork {fork}")))
            .collect();
        match marks.is_empty() {
            true => copy.date.to_owned(),
            false => format!("{} ({})", copy.date, marks.join(", ")),
        }
    };
    let copies: Vec<String> = source.copies.iter().map(copy).collect();
    let copies =
        if copies.is_empty() { ", no date known".to_owned() } else { format!(", {}", copies.join(", ")) };
    let note = source.note.map(|note| format!("; {note}")).unwrap_or_default();
    format!("{}: {}{copies}{note}", source.key, source.title)
}
