//! Every output: what a person reads and what a program reads.
//!
//! In: the answer types of the rooms above, and a [`Write`](std::io::Write). Out: bytes, the same for the
//! same answer. All wording lives here; nothing is decided here.
//!
//! | output | module |
//! | --- | --- |
//! | text for a person at a terminal or in a log | [`text`] |
//! | one JSON document a command, with a schema in `docs/schema` | [`json`] |
//! | a network as a picture, for Graphviz and Mermaid | [`drawing`] |
//! | what a code, a flow, a switch, a clause or a symptom means | [`explain`] |
//!
//! | shared | module |
//! | --- | --- |
//! | sets of packets as few lines, with names for what has no address | `packets` |
//! | changed traffic in words and rows | `changed` |
//! | files that were looked at | `inspected` |
//! | nodes and edges of the graph in words | `mapped` |
//! | numbers, plurals, names of regions, line breaks | `phrases` |
//! | rows of the catalogue in words | `rows` |
//!
//! Not here: where the bytes go, whether a terminal wants colours, exit codes (`cli`).

mod changed;
pub mod drawing;
pub mod explain;
mod inspected;
pub mod json;
mod mapped;
mod packets;
mod phrases;
mod rows;
pub mod text;

pub use changed::{DiffHead, DiffInput};
pub use inspected::{Inspected, Refused};
pub use phrases::tags_line;

/// What is compared by `conform`, and what was found while it was read.
#[derive(Clone, Debug, Default)]
pub struct ConformHead {
    /// The dump, as the user named it.
    pub dump: String,
    /// The input, as the user named it.
    pub input: String,
    /// What is wrong or odd in either.
    pub findings: Vec<crate::finding::Finding>,
}
