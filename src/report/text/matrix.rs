//! Text of `matrix`: one row a source, one column a destination.

use super::TextOptions;
use super::packet::hue_of;
use super::paint::{Cell, Columns, Hue, Paint, cell, plain};
use super::reach::below;
use crate::analyses::MatrixAnswer;
use crate::flows::print_ports;
use crate::model::{Assumption, Verdict};
use std::io::{self, Write};

/// Writes the text of `matrix`. `ground` is what the whole run takes for granted, `tags` the list that the answer
/// rests on.
///
/// # Errors
/// Those of the writer.
pub fn matrix(
    answer: &MatrixAnswer,
    ground: &[Assumption],
    options: &TextOptions,
    tags: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = Paint(options.color);
    let protocols = answer.question.protocols.to_string();
    let ports = print_ports(&answer.question.ports);
    let head = format!("{protocols} {ports} between subnets, row to column ({tags}):");
    writeln!(out, "{}", paint.put(Hue::Head, &head))?;
    let number = |place: usize| (place + 1).to_string();
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let heads = answer.subnets.iter().enumerate().map(|(place, _)| plain(number(place)));
    rows.push([plain(""), plain("")].into_iter().chain(heads).collect());
    for (place, (subnet, verdicts)) in answer.subnets.iter().zip(&answer.verdicts).enumerate() {
        let cells = verdicts.iter().map(|verdict| match verdict {
            None => cell(".", Hue::Dim),
            Some(verdict) => cell(mark(*verdict), hue_of(*verdict)),
        });
        rows.push([plain(number(place)), plain(subnet)].into_iter().chain(cells).collect());
    }
    let columns = Columns::fit(&rows, 60);
    for row in &rows {
        writeln!(out, "  {}", columns.line(row, paint))?;
    }
    writeln!(out, "  + all   ~ some   x none   ? unknown   . nothing to ask")?;
    if options.quiet {
        return Ok(());
    }
    below(&[], ground.iter().chain(&answer.assumptions), paint, out)
}

fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allowed => "+",
        Verdict::Partial => "~",
        Verdict::Blocked => "x",
        Verdict::Unknown => "?",
        Verdict::NotApplicable => ".",
    }
}
