//! Scenario files.

#![no_main]

use flowcheck::scenario::ScenarioFile;
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

fuzz_target!(|text: &str| {
    let _ = ScenarioFile::read(&Arc::from("scenario.yaml"), text);
});
