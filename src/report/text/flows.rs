//! Text of `flows`: the catalogue as a table, and one flow in detail.

use super::TextOptions;
use super::paint::{Cell, Columns, Hue, Paint, cell, plain};
use crate::flows::{Level, Profile, Row};
use crate::report::explain::{Unexplained, explain};
use crate::report::phrases::counted;
use crate::report::rows::{condition_of, packets_of, period_of};
use std::io::{self, Write};

/// Writes the text of `flows` for many rows.
///
/// # Errors
/// Those of the writer.
pub fn flows(
    rows: &[&'static Row],
    profile: Option<Profile>,
    options: &TextOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = Paint(options.color);
    let mut last = None;
    let lines: Vec<Vec<Cell>> = rows.iter().map(|row| line(row)).collect();
    let columns = Columns::fit(&lines, 64);
    for (row, cells) in rows.iter().zip(&lines) {
        if last != Some(row.catalogue) {
            if last.is_some() {
                writeln!(out)?;
            }
            writeln!(out, "{}", paint.put(Hue::Head, row.catalogue.as_str()))?;
            last = Some(row.catalogue);
        }
        writeln!(out, "  {}", columns.line(cells, paint))?;
        if options.verbose {
            writeln!(out, "      {}", row.purpose)?;
            writeln!(
                out,
                "      {}",
                paint.put(Hue::Dim, &format!("documents: {}", row.sources.join(", ")))
            )?;
        }
    }
    if !rows.is_empty() {
        writeln!(out)?;
    }
    let of = profile.map(|profile| format!(" (profile {profile})")).unwrap_or_default();
    writeln!(out, "{}{of}. `flowcheck flows ID` tells all about one.", counted(rows.len(), "row", "rows"))
}

/// Writes everything about one flow, by its id.
///
/// # Errors
/// Those of the writer; inside, that there is no such flow.
pub fn flow(id: &str, options: &TextOptions, out: &mut dyn Write) -> io::Result<Result<(), Unexplained>> {
    match explain(id) {
        Ok(found) => super::explain(&found, options, out).map(Ok),
        Err(error) => Ok(Err(error)),
    }
}

fn line(row: &Row) -> Vec<Cell> {
    let hue = match row.level {
        Level::Required => Hue::Head,
        Level::RequiredIf => Hue::Plain,
        _ => Hue::Dim,
    };
    vec![
        plain(row.id),
        cell(row.level.as_str(), hue),
        plain(packets_of(row)),
        cell(condition_of(row), Hue::Dim),
        cell(period_of(row).unwrap_or_default(), Hue::Dim),
    ]
}
