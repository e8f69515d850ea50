//! One JSON document a command: stable keys in a stable order, pretty-printed, a newline at the end.
//!
//! Each document begins with the same head. Each has a schema in `docs/schema/<command>.schema.json`, and
//! tests hold the output against it; a key that the schema does not name fails them.
//!
//! Not here: wording for people (`text`), what is printed where (`cli`).

mod check;
mod conform;
mod diff;
mod explain;
mod flows;
mod inspect;
mod lint;
mod map;
mod packet;
mod path;
mod pretty;
mod prove;
mod reach;
mod route;
mod shapes;
mod tags;
mod test;

pub use check::check;
pub use conform::conform;
pub use diff::{diff, diff_flows};
pub use explain::explain;
pub use flows::flows;
pub use inspect::inspect;
pub use lint::lint;
pub use map::map;
pub use packet::packet;
pub use path::{matrix, path};
pub use prove::prove;
pub use reach::reach;
pub use route::route;
pub use tags::{tags_diff, tags_show, tags_which};
pub use test::test;

use crate::model::Assumption;
use crate::tags::Versions;
use serde::Serialize;
use shapes::{AssumptionShape, VersionsShape};
use std::collections::HashSet;
use std::io::{self, Write};

/// What every document begins with, besides its schema and the program's version.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// The service tag list that the answer rests on.
    pub service_tags: Option<Versions>,
    /// What the whole answer rests on, as the cloud; those of single answers are added to them.
    pub assumptions: Vec<Assumption>,
}

#[derive(Serialize)]
struct Document<'a, B> {
    schema: String,
    version: &'static str,
    service_tags: Option<VersionsShape<'a>>,
    assumptions: Vec<AssumptionShape<'a>>,
    #[serde(flatten)]
    body: B,
}

/// Writes a document; `more` are the assumptions of its answers.
fn write<'a>(
    command: &str,
    head: &'a Head,
    more: impl Iterator<Item = &'a Assumption>,
    body: impl Serialize,
    out: &mut dyn Write,
) -> io::Result<()> {
    write_long(command, head, more, body, ("", std::iter::empty::<()>()), out)
}

/// The same for a document with a list that is too long to be held at once: one item after the other takes the
/// place of the body's empty list of that name.
fn write_long<'a>(
    command: &str,
    head: &'a Head,
    more: impl Iterator<Item = &'a Assumption>,
    body: impl Serialize,
    (list, items): (&str, impl Iterator<Item = impl Serialize>),
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut all: Vec<&Assumption> = Vec::new();
    let mut seen: HashSet<&Assumption> = HashSet::new();
    all.extend(head.assumptions.iter().chain(more).filter(|assumption| seen.insert(assumption)));
    let document = Document {
        schema: format!("flowcheck/{command}/1"),
        version: env!("CARGO_PKG_VERSION"),
        service_tags: head.service_tags.as_ref().map(VersionsShape::of),
        assumptions: all.into_iter().map(AssumptionShape::of).collect(),
        body,
    };
    pretty::write_with(&serde_json::to_value(&document)?, (list, items.map(serde_json::to_value)), out)?;
    out.write_all(b"\n")
}
