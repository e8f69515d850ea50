//! Plain values that every other room speaks in: packets, ports, rules' small words, ids and origins.
//!
//! In: text or numbers. Out: values that can only be built from what Azure would understand.
//! Pure: no files, no clock, no sets, no tags.
//!
//! Not here: sets of packets (`sets`), rules (`rules`), anything that decides.

mod assumption;
mod fact;
pub(crate) mod notation;
mod origin;
mod packet;
mod port;
mod priority;
mod region;
mod resource_id;
mod switch;
mod symbol;
mod words;

pub use assumption::Assumption;
pub use fact::{Fact, Gap};
pub(crate) use notation::Notation;
pub use notation::{NotationError, closest, pointed};
pub use origin::Origin;
pub use packet::{Packet, PacketError, Protocol};
pub use port::{PortError, PortRange};
pub use priority::{Priority, PriorityError, RulePriority};
pub use region::Region;
pub use resource_id::ResourceId;
pub use switch::Switch;
pub use symbol::{hole_length, split_outside};
pub(crate) use words::words;
pub use words::{Access, Cloud, Direction, Layer, Mode, Platform, Tier, Verdict, WordError};
