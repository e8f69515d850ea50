//! Service tags: dated lists of names and addresses, and the tags that Azure computes.
//!
//! In: Microsoft's list in its two JSON shapes (section 16e), or our own text form; a name. Out: the
//! addresses that the name stands for, or that it is not known. Also: which tags hold an address, what
//! changed between two lists, which names come close to a misspelt one.
//! Pure: bytes come in with a file name, nothing is opened here. Serves S79 to S95, U2, U20, U28.
//!
//! | what | how | cost |
//! | --- | --- | --- |
//! | [`TagSnapshot::builtin`] | the newest public list, embedded as text, nothing read but its head | nothing |
//! | [`TagSnapshot::lookup`] | binary search over the text; one line is read, once | microseconds |
//! | [`TagSnapshot::which`], [`diff`] | every line is read | milliseconds |
//!
//! The text is the only representation: sorted by name without regard to case, so the regional forms
//! of a tag follow it. Every list that a user supplies is brought into it, and from then on all lists
//! are alike.
//!
//! Not here: what `VirtualNetwork` is at a subnet (`network`), what a rule makes of an unknown name
//! (`rules`), files and wording (`cli`, `report`).

mod answer;
mod date;
mod error;
mod microsoft;
mod prefixes;
mod snapshot;
pub mod special;
mod tag;
mod text;
pub mod vocabulary;

pub use answer::{RegionalForm, Share, TagAnswer, TagChange, TagCounts, TagDiff, Versions, WhichRow, diff};
pub use error::{TagError, TagFault};
pub use snapshot::{TagSnapshot, cloud_must_match, import};
pub use special::{
    IMDS, SpecialTag, WIRE_SERVER, internet, load_balancer, system_none_routes, unsettled_internet,
};
pub use tag::{Features, Tag, TagKind, TagName};
pub use vocabulary::Vocabulary;
