//! What happens to packets at an attachment point, layer by layer.
//!
//! In: an [`AttachmentPoint`](crate::network::AttachmentPoint) and a packet or packet set of one direction.
//! Out: exact parts, each with its verdict, the deciders by name and place, what every layer says, and what
//! is missing.
//!
//! | layer | clauses |
//! | --- | --- |
//! | the platform: what it drops, and what it exempts from the rules | S18, S19, S100 to S107 |
//! | security admin rules | S131 |
//! | the network security groups of the subnet and of its interfaces | S58 to S62 |
//! | private endpoints, to which the subnet's rules may not apply | S109, S111 |
//! | no group: closed from outside, open from within | S62 to S64 |
//! | routes: where the packet goes, or the reply to it | S115 to S126 |
//! | of a whole way, the peerings that it crosses | S77, S130 |
//!
//! A set that people write is put as a question at a point by [`question`].
//!
//! Not here: what rules match (`rules`), which flows are needed (`flows`), wording (`report`).

mod admin;
mod checkpoint;
mod crossing;
mod endpoint;
mod group;
mod interface;
mod outcome;
mod path;
mod platform;
pub mod question;
mod route;

pub use checkpoint::{Checkpoint, Manner, one_packet};
pub use outcome::{Change, Decider, LayerStep, Outcome, Part, share_verdict};
pub use path::along;
pub use platform::{beyond_rules, to_platform_services};
pub use route::{Arrival, TAG_PREFIXES};
