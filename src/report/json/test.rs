//! `flowcheck/test/1`: the outcome of a test run.

use super::shapes::DeciderShape;
use super::{Head, write};
use crate::report::{ExpectationReport, ScenarioReport, TestReport};
use serde::Serialize;
use std::io::{self, Write};

/// Writes the document of `test`.
///
/// # Errors
/// Those of the writer.
pub fn test(report: &TestReport, head: &Head, out: &mut dyn Write) -> io::Result<()> {
    let body = Body {
        scenarios: report.scenarios.iter().map(ScenarioShape::of).collect(),
        passed: report.passed(),
        failed: report.failed(),
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
    error: Option<&'a str>,
    expectations: Vec<ExpectationShape<'a>>,
}

impl<'a> ScenarioShape<'a> {
    fn of(scenario: &'a ScenarioReport) -> Self {
        Self {
            file: &scenario.file,
            name: &scenario.name,
            passed: scenario.passed(),
            error: scenario.error.as_deref(),
            expectations: scenario.expectations.iter().map(ExpectationShape::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct ExpectationShape<'a> {
    line: u32,
    passed: bool,
    expected: &'a str,
    actual: &'a str,
    decider: Option<DeciderShape<'a>>,
    witness: Option<&'a str>,
}

impl<'a> ExpectationShape<'a> {
    fn of(expectation: &'a ExpectationReport) -> Self {
        Self {
            line: expectation.line,
            passed: expectation.passed,
            expected: &expectation.expected,
            actual: &expectation.actual,
            decider: expectation.decider.as_ref().map(DeciderShape::of),
            witness: expectation.witness.as_deref(),
        }
    }
}
