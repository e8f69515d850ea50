//! Findings as lines: symbol, code, place, what is the case and what to change.

use super::TextOptions;
use super::paint::{Cell, Columns, Hue, Paint, cell, plain};
use crate::finding::{Code, Finding, Severity};
use crate::report::phrases::{counted, exact_place, number, with_fix, wrapped};
use std::cmp::Reverse;
use std::io::{self, Write};

/// How many findings of one code are printed unless everything is asked for.
pub(super) const MOST: usize = 10;

/// Writes findings, worst first and a blank line behind them. Unless everything is asked for, notes are left
/// out, over-exposure is a count, and a code that is found very often is cut short.
pub(super) fn write<'a>(
    findings: impl Iterator<Item = &'a Finding>,
    options: &TextOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = Paint(options.color);
    let (exposed, mut rest): (Vec<&Finding>, Vec<&Finding>) =
        findings.partition(|finding| finding.code == Code::OverExposure && !options.whole());
    rest.retain(|finding| finding.severity >= Severity::Warning || options.whole());
    // Those of one code stand together, in order of their places.
    rest.sort_by_key(|finding| (Reverse(finding.severity), finding.code));
    let heads: Vec<Vec<Cell>> = rest.iter().map(|finding| head(finding)).collect();
    let columns = Columns::fit(&heads, 60);
    let mut lines = rest.iter().zip(heads).peekable();
    let mut shown = 0;
    while let Some((finding, cells)) = lines.next() {
        shown += 1;
        if shown <= MOST || options.whole() {
            one(finding, cells, &columns, paint, out)?;
        }
        let is_last = lines.peek().is_none_or(|(next, _)| next.code != finding.code);
        if is_last && shown > MOST && !options.whole() {
            writeln!(out, "     and {} more of `{}`: --all lists them", number(shown - MOST), finding.code)?;
        }
        if is_last {
            shown = 0;
        }
    }
    if !exposed.is_empty() {
        let rules = counted(exposed.len(), "rule lets", "rules let");
        let mark = paint.put(Hue::Doubt, " !");
        writeln!(out, "{mark} {rules} in more of the Internet than any flow needs: --all lists them")?;
    }
    if !rest.is_empty() || !exposed.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

pub(super) fn head(finding: &Finding) -> Vec<Cell> {
    let (symbol, hue) = match finding.severity {
        Severity::Error => ('x', Hue::Bad),
        Severity::Warning => ('!', Hue::Doubt),
        Severity::Note => ('-', Hue::Dim),
    };
    vec![
        cell(format!(" {symbol}"), hue),
        plain(finding.code.as_str()),
        cell(exact_place(&finding.origin), Hue::Dim),
    ]
}

/// On the line of the head where it fits, else below it.
pub(super) fn one(
    finding: &Finding,
    mut cells: Vec<Cell>,
    columns: &Columns,
    paint: Paint,
    out: &mut dyn Write,
) -> io::Result<()> {
    let text = with_fix(finding);
    if text.chars().count() <= super::WIDTH {
        cells.push(plain(text));
        return writeln!(out, "{}", columns.line(&cells, paint));
    }
    writeln!(out, "{}", columns.line(&cells, paint))?;
    for line in wrapped(&text, super::WIDTH) {
        writeln!(out, "     {line}")?;
    }
    Ok(())
}
