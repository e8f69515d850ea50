//! Text of `packet`: what becomes of it, and why.

use super::paint::{Cell, Columns, Hue, Paint, cell, plain};
use super::{TextOptions, outcome_of_rule};
use crate::analyses::PacketAnswer;
use crate::model::{Layer, Verdict};
use crate::report::phrases::{assumed, either, place, place_of, wrapped};
use crate::rules::RuleOutcome;
use crate::walk::Decider;
use std::io::{self, Write};

/// Writes the text of `packet` for one packet; `trace` adds each rule in order.
///
/// # Errors
/// Those of the writer.
pub fn packet(
    answer: &PacketAnswer,
    trace: bool,
    options: &TextOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = Paint(options.color);
    let part = &answer.part;
    writeln!(out, "{}   at {}", paint.put(Hue::Head, &answer.packet.to_string()), answer.place)?;
    let mut rows = vec![verdict_row(part.verdict().as_str(), part.verdict(), part.outcome.candidates())];
    if part.outcome.layers.len() > 1 {
        rows.extend(
            part.outcome
                .layers
                .iter()
                .map(|step| verdict_row(&format!("  {}", step.layer), step.verdict, &step.deciders)),
        );
    }
    let columns = Columns::fit(&rows, 60);
    for row in &rows {
        writeln!(out, "  {}", columns.line(row, paint))?;
    }
    for gap in &part.outcome.gaps {
        let at = gap.origin().map(|origin| format!("  {}", place(origin))).unwrap_or_default();
        writeln!(out, "  hangs on {}{}", gap.missing(), paint.put(Hue::Dim, &at))?;
        if let Some(supply) = gap.supply() {
            writeln!(out, "  supply it: {supply}")?;
        }
    }
    if !options.quiet {
        for assumption in &answer.assumptions {
            for (number, line) in wrapped(&assumed(assumption), super::WIDTH).iter().enumerate() {
                let head = if number == 0 { "taken for granted: " } else { "                   " };
                writeln!(out, "  {head}{}", paint.put(Hue::Dim, line))?;
            }
        }
    }
    if trace {
        if part.outcome.layers.iter().all(|step| step.layer == Layer::Platform) && !answer.trace.is_empty() {
            writeln!(out, "    rules do not touch this traffic (flowcheck explain S100); they would say:")?;
        }
        let rows: Vec<Vec<Cell>> = answer.trace.iter().map(trace_row).collect();
        let columns = Columns::fit(&rows, 90);
        for row in &rows {
            writeln!(out, "    {}", columns.line(row, paint))?;
        }
        if answer.trace.is_empty() {
            writeln!(out, "    no rule is looked at")?;
        }
    }
    Ok(())
}

/// Writes the text of `packet` for many packets, one line each.
///
/// # Errors
/// Those of the writer.
pub fn packets(answers: &[PacketAnswer], options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(options.color);
    let row = |answer: &PacketAnswer| {
        let part = &answer.part;
        let mut row = vec![plain(answer.packet.to_string())];
        row.extend(verdict_row(part.verdict().as_str(), part.verdict(), part.outcome.candidates()));
        row
    };
    let rows: Vec<Vec<Cell>> = answers.iter().map(row).collect();
    let columns = Columns::fit(&rows, 70);
    for row in &rows {
        writeln!(out, "{}", columns.line(row, paint))?;
    }
    Ok(())
}

fn verdict_row(word: &str, verdict: Verdict, deciders: &[Decider]) -> Vec<Cell> {
    let hue = hue_of(verdict);
    let first = deciders.first();
    let nsg = first.and_then(|decider| decider.nsg.clone()).unwrap_or_default();
    vec![
        cell(word, hue),
        cell(if word.starts_with(' ') { verdict.as_str() } else { "" }, hue),
        plain(either(deciders)),
        plain(nsg),
        cell(first.map(place_of).unwrap_or_default(), Hue::Dim),
    ]
}

pub(super) fn hue_of(verdict: Verdict) -> Hue {
    match verdict {
        Verdict::Allowed => Hue::Good,
        Verdict::Blocked => Hue::Bad,
        Verdict::Partial | Verdict::Unknown => Hue::Doubt,
        Verdict::NotApplicable => Hue::Dim,
    }
}

/// `110  AllowX  no: destination port  In Allow Tcp ...  main.json:12`: the priority stands in front.
fn trace_row(row: &crate::analyses::TraceRow) -> Vec<Cell> {
    let (priority, rest) = row.text.split_once(' ').unwrap_or(("", &row.text));
    let hue = match row.outcome {
        RuleOutcome::Matches => Hue::Good,
        RuleOutcome::MayMatch => Hue::Doubt,
        RuleOutcome::Misses(_) => Hue::Dim,
    };
    vec![
        plain(priority),
        plain(row.rule.clone()),
        cell(outcome_of_rule(row.outcome), hue),
        plain(rest),
        cell(place(&row.origin), Hue::Dim),
    ]
}
