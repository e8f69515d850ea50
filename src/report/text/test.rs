//! Text of `test`: like a test runner, with the counts alone on the last line.

use super::TextOptions;
use super::paint::{Hue, Paint};
use crate::report::phrases::place_of;
use crate::scenario::{Checked, Outcome};
use std::io::{self, Write};

/// Writes the text of `test`. Scenarios that pass are named with `verbose` or `all` only.
///
/// # Errors
/// Those of the writer.
pub fn test(outcomes: &[Outcome], options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(options.color);
    for outcome in outcomes {
        if !outcome.passed {
            failed(outcome, paint, out)?;
        } else if options.whole() && !options.quiet {
            let mark = paint.put(Hue::Good, "ok");
            let at = paint.put(Hue::Dim, &outcome.file);
            writeln!(out, "{mark}    {}  {at}", outcome.name)?;
        }
    }
    let passed = outcomes.iter().filter(|outcome| outcome.passed).count();
    writeln!(out, "{passed} passed, {} failed", outcomes.len() - passed)
}

fn failed(outcome: &Outcome, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let mark = paint.put(Hue::Bad, "FAIL");
    let at = paint.put(Hue::Dim, &outcome.file);
    match outcome.name.is_empty() || outcome.name == outcome.file {
        true => writeln!(out, "{mark}  {at}")?,
        false => writeln!(out, "{mark}  {}  {at}", outcome.name)?,
    }
    for mistake in &outcome.mistakes {
        writeln!(out, "      {mistake}")?;
        for line in mistake.excerpt.iter().flat_map(|excerpt| excerpt.lines()) {
            writeln!(out, "        {line}")?;
        }
    }
    for checked in outcome.expectations.iter().filter(|checked| !checked.passed) {
        let Checked { line, asked, expected, actual, decider, witness, .. } = checked;
        writeln!(out, "      {}", paint.put(Hue::Dim, &format!("{}:{line}", outcome.file)))?;
        writeln!(out, "        expected  {asked}: {expected}")?;
        let at = decider.as_ref().map(|decider| format!("   {}", paint.put(Hue::Dim, &place_of(decider))));
        writeln!(out, "        answer    {}{}", paint.put(Hue::Bad, actual), at.unwrap_or_default())?;
        if let Some(witness) = witness {
            writeln!(out, "        packet    {witness}")?;
        }
    }
    writeln!(out)
}
