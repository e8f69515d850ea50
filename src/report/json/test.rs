//! `flowcheck/test/1`: the outcome of a test run.

use super::shapes::{DeciderShape, OriginShape};
use super::{Head, write};
use crate::scenario::{Checked, Mistake, Outcome};
use serde::Serialize;
use std::io::{self, Write};

/// Writes the document of `test`.
///
/// # Errors
/// Those of the writer.
pub fn test(outcomes: &[Outcome], head: &Head, out: &mut dyn Write) -> io::Result<()> {
    let passed = outcomes.iter().filter(|outcome| outcome.passed).count();
    let body = Body {
        scenarios: outcomes.iter().map(ScenarioShape::of).collect(),
        passed,
        failed: outcomes.len() - passed,
    };
    write("test", head, std::iter::empty(), body, out)
}

#[derive(Serialize)]
struct Body<'a> {
    scenarios: Vec<ScenarioShape<'a>>,
    passed: usize,
    failed: usize,
}

#[derive(Serialize)]
struct ScenarioShape<'a> {
    file: &'a str,
    name: &'a str,
    passed: bool,
    mistakes: Vec<MistakeShape<'a>>,
    expectations: Vec<ExpectationShape<'a>>,
}

impl<'a> ScenarioShape<'a> {
    fn of(scenario: &'a Outcome) -> Self {
        Self {
            file: &scenario.file,
            name: &scenario.name,
            passed: scenario.passed,
            mistakes: scenario.mistakes.iter().map(MistakeShape::of).collect(),
            expectations: scenario.expectations.iter().map(ExpectationShape::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct MistakeShape<'a> {
    message: &'a str,
    origin: OriginShape<'a>,
}

impl<'a> MistakeShape<'a> {
    fn of(mistake: &'a Mistake) -> Self {
        Self { message: &mistake.message, origin: OriginShape::of(&mistake.origin) }
    }
}

#[derive(Serialize)]
struct ExpectationShape<'a> {
    line: u32,
    asked: &'a str,
    passed: bool,
    expected: &'a str,
    actual: &'a str,
    decider: Option<DeciderShape<'a>>,
    witness: Option<&'a str>,
}

impl<'a> ExpectationShape<'a> {
    fn of(expectation: &'a Checked) -> Self {
        Self {
            line: expectation.line,
            asked: &expectation.asked,
            passed: expectation.passed,
            expected: &expectation.expected,
            actual: &expectation.actual,
            decider: expectation.decider.as_ref().map(DeciderShape::of),
            witness: expectation.witness.as_deref(),
        }
    }
}
