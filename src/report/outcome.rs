//! The outcome of a test run, as reports print it.

use crate::walk::Decider;

/// A run over scenario files.
#[derive(Clone, Debug, Default)]
pub struct TestReport {
    /// Every scenario, in order of the run.
    pub scenarios: Vec<ScenarioReport>,
}

impl TestReport {
    /// How many scenarios passed.
    pub fn passed(&self) -> usize {
        self.scenarios.iter().filter(|scenario| scenario.passed()).count()
    }

    /// How many did not.
    pub fn failed(&self) -> usize {
        self.scenarios.len() - self.passed()
    }
}

/// One scenario.
#[derive(Clone, Debug)]
pub struct ScenarioReport {
    /// The file as the user named it.
    pub file: String,
    /// The scenario's title.
    pub name: String,
    /// Every expectation, in order of the file.
    pub expectations: Vec<ExpectationReport>,
    /// Why the scenario could not be run, with its place where it has one.
    pub error: Option<String>,
}

impl ScenarioReport {
    /// Whether it was run and every expectation holds.
    pub fn passed(&self) -> bool {
        self.error.is_none() && self.expectations.iter().all(|expectation| expectation.passed)
    }
}

/// One expectation.
#[derive(Clone, Debug)]
pub struct ExpectationReport {
    /// Its line in the file.
    pub line: u32,
    /// Whether it holds.
    pub passed: bool,
    /// What was expected, as in `mgmt-3443 allowed by AllowManagement`.
    pub expected: String,
    /// What is the case, in the same words.
    pub actual: String,
    /// What decides, where one thing does.
    pub decider: Option<Decider>,
    /// A packet that shows it.
    pub witness: Option<String>,
}
