//! placeholder
pub mod finding;
pub mod flows;
pub mod model;
