//! What differs between two inputs as traffic: pairs of small networks, and the laws of a difference.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod flows;
mod laws;
mod networks;
mod pairs;
#[path = "../support/mod.rs"]
mod support;
