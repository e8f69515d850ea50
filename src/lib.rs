//! placeholder
pub mod finding;
pub mod model;
