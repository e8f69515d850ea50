//! Every output: what a person reads and what a program reads.
//!
//! In: the answer types of the rooms above, and a [`Write`](std::io::Write). Out: bytes, the same for the
//! same answer. All wording lives here; nothing is decided here.
//!
//! | output | module |
//! | --- | --- |
//! | text for a person at a terminal or in a log | [`text`] |
//! | one JSON document a command, with a schema in `docs/schema` | [`json`] |
//! | what a code, a flow, a switch, a clause or a symptom means | [`explain`] |
//!
//! | shared | module |
//! | --- | --- |
//! | sets of packets as few lines, with names for what has no address | `packets` |
//! | numbers, plurals, names of regions, line breaks | `phrases` |
//!
//! Not here: where the bytes go, whether a terminal wants colours, exit codes (`cli`).

pub mod explain;
pub mod json;
mod packets;
mod phrases;
pub mod text;

pub use phrases::tags_line;
