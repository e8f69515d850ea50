//! placeholder
pub mod analyses;
pub mod cli;
pub mod finding;
pub mod flows;
pub mod model;
pub mod network;
pub mod report;
pub mod rules;
pub mod scenario;
pub mod sets;
pub mod sources;
pub mod tags;
pub mod walk;
