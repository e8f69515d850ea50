//! placeholder
pub mod finding;
pub mod model;
pub mod sets;
pub mod tags;
