//! Text of `flows`: the catalogue as a table, and one flow in detail.

use super::TextOptions;
use super::paint::{Cell, Columns, Hue, Paint, cell, plain};
use crate::flows::{FlowDirection, Level, Profile, Row};
use crate::report::explain::{Unexplained, explain, packets_of};
use crate::report::phrases::{counted, listed};
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
    let packets = match row.direction {
        FlowDirection::None => packets_of(row),
        _ => packets_of(row),
    };
    vec![
        plain(row.id),
        cell(row.level.as_str(), hue),
        plain(packets),
        cell(condition_of(row), Hue::Dim),
        cell(period_of(row).unwrap_or_default(), Hue::Dim),
    ]
}

/// Who has the flow: `Developer, Premium; external; features kv-refs`.
pub(in crate::report) fn condition_of(row: &Row) -> String {
    let condition = &row.condition;
    let mut words: Vec<String> = Vec::new();
    if !condition.tiers.is_empty() {
        words.push(condition.tiers.iter().map(|tier| tier.as_str()).collect::<Vec<_>>().join(", "));
    }
    if !condition.modes.is_empty() {
        words.push(condition.modes.iter().map(|mode| mode.as_str()).collect::<Vec<_>>().join(", "));
    }
    words.extend(condition.platform.map(|platform| platform.to_string()));
    words.extend(condition.location.map(|location| format!("{location} location")));
    words.extend(condition.units_min.map(|units| format!("from {units} units on")));
    words.extend(condition.instances_min.map(|instances| format!("from {instances} instances on")));
    if !condition.flags.is_empty() {
        let flags: Vec<&str> = condition.flags.iter().map(|flag| flag.info().name).collect();
        words.push(format!("with {}", listed(&flags).replace(" and ", " or ")));
    }
    if words.is_empty() { "every instance".to_owned() } else { words.join("; ") }
}

/// When the record counts: `from 2025-06-17`, `until 2024-01-01`.
pub(in crate::report) fn period_of(row: &Row) -> Option<String> {
    let words: Vec<String> = [("from", row.since), ("until", row.until)]
        .iter()
        .filter_map(|(word, date)| Some(format!("{word} {}", (*date)?)))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}
