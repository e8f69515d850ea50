//! Text of `test`: like a test runner, with the counts alone on the last line.

use super::TextOptions;
use super::paint::{Hue, Paint};
use crate::report::phrases::place_of;
use crate::report::{ExpectationReport, ScenarioReport, TestReport};
use std::io::{self, Write};

/// Writes the text of `test`. Scenarios that pass are named with `verbose` or `all` only.
///
/// # Errors
/// Those of the writer.
pub fn test(report: &TestReport, options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(options.color);
    for scenario in &report.scenarios {
        if !scenario.passed() {
            failed(scenario, paint, out)?;
        } else if options.whole() && !options.quiet {
            let mark = paint.put(Hue::Good, "ok");
            let at = paint.put(Hue::Dim, &scenario.file);
            writeln!(out, "{mark}    {}  {at}", scenario.name)?;
        }
    }
    writeln!(out, "{} passed, {} failed", report.passed(), report.failed())
}

fn failed(scenario: &ScenarioReport, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let mark = paint.put(Hue::Bad, "FAIL");
    let at = paint.put(Hue::Dim, &scenario.file);
    match scenario.name.is_empty() {
        true => writeln!(out, "{mark}  {at}")?,
        false => writeln!(out, "{mark}  {}  {at}", scenario.name)?,
    }
    if let Some(error) = &scenario.error {
        for line in error.lines() {
            writeln!(out, "      {line}")?;
        }
    }
    for expectation in scenario.expectations.iter().filter(|expectation| !expectation.passed) {
        let ExpectationReport { line, expected, actual, decider, witness, .. } = expectation;
        writeln!(out, "      {}", paint.put(Hue::Dim, &format!("{}:{line}", scenario.file)))?;
        writeln!(out, "        expected  {expected}")?;
        let by = decider
            .as_ref()
            .map(|decider| format!("   by {decider}  {}", paint.put(Hue::Dim, &place_of(decider))));
        writeln!(out, "        answer    {}{}", paint.put(Hue::Bad, actual), by.unwrap_or_default())?;
        if let Some(witness) = witness {
            writeln!(out, "        packet    {witness}")?;
        }
    }
    writeln!(out)
}
