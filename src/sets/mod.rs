//! Exact sets of addresses, ports, protocols and packets.
//!
//! In: ranges, prefixes, other sets. Out: sets with union, intersection, difference, emptiness, size,
//! one witness, and printing as the fewest prefixes. Always exact: nothing here samples or rounds.
//! Pure: no tags, no rules, no names.
//!
//! | set | held as | union, intersection, difference |
//! | --- | --- | --- |
//! | [`IntervalSet`] | sorted disjoint intervals behind a shared pointer | linear in the intervals; logarithmic where one side is small |
//! | [`AddressSet`] | one interval set for each family | as its parts |
//! | [`ProtocolSet`] | 256 bits | constant |
//! | `Distinct` | sets by number, each once | numbering: one look-up |
//! | `Classes` | the values of a field by which of some sets hold them | as rows of bits |
//! | `Atlas` | many sets sorted once, for the classes of some of them | reading off: one pass |
//! | `Grid` | boxes over the classes of their sides | cutting: a few words |
//! | `Index` | where boxes begin and cease to hold a value | finding the boxes that meet one: a few rows of bits |
//! | [`PacketSet`] | disjoint boxes whose sides are the sets above | the pairs of boxes that meet |
//!
//! Callers see operations only, so that the representation of [`PacketSet`] can change behind them.
//!
//! Not here: what a tag or a rule stands for (`tags`, `rules`), wording (`report`).

mod address;
pub(crate) mod bits;
mod canonical;
mod classes;
mod count;
mod distinct;
pub(crate) mod grid;
mod interval;
mod meeting;
mod packet;
mod protocol;
mod shared;

pub use address::AddressSet;
pub(crate) use classes::{Atlas, Classes};
pub use count::{address_count, thousands};
pub(crate) use distinct::Distinct;
pub use interval::{Interval, IntervalSet, Point};
pub use num_bigint::BigUint as Count;
pub use packet::{PacketBox, PacketSet};
pub use protocol::ProtocolSet;
pub use shared::SharedSets;

/// A set of ports.
pub type PortSet = IntervalSet<u16>;
