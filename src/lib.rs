//! placeholder
pub mod finding;
pub mod model;
pub mod sources;
