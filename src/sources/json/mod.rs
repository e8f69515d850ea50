//! JSON as people write it, every value with its place.
//!
//! In: the text of a file. Out: a tree of [`Node`]s, each of which knows file, line, column and key path
//! ([`Node::origin`], worked out only when asked for), and findings about the text itself.
//! Comments and trailing commas are read, as Azure's own tools do; everything else is strict JSON, save
//! line breaks inside strings, which templates use. A byte order mark is dropped.
//!
//! The text is scanned to its end into a table of places; arrays and objects become nodes when they are looked
//! at (`grow`), so that reading costs time and memory for what is read. All that stands in a text is checked all
//! the same. A node is two pointers and a small tag, so it is cloned freely; arrays and objects are shared. Nodes can
//! also hold what JSON cannot: a text or value that is not settled before deployment ([`Open`]). Readers
//! of plain JSON never meet those.
//!
//! Not here: what a value means (`arm` and the other readers).

mod build;
mod fault;
mod grow;
mod node;
mod read;
mod scan;
mod source;
#[cfg(test)]
mod tests;

pub use node::{Array, Kind, Node, Number, Object, Open, Size};
pub use read::{Document, ReadError, read, read_owned, read_under};
pub use source::{Place, name_places};
