//! Every output, whole: text against golden files, JSON against its schemas.
//!
//! `UPDATE_GOLDEN=1 cargo test --test report` writes the golden files anew; read the difference.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod clauses;
mod conform;
mod diff;
mod golden;
mod inspect;
mod lint;
mod map;
mod networks;
mod path;
mod route;
mod schema;
