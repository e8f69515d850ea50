//! The flows that API Management needs, as data, and which of them one instance needs at which date.
//!
//! In: what is known of an instance ([`Situation`]) and a [`Profile`]. Out: rows of the catalogue, each with
//! whether it applies and why not, and what its loss would weigh.
//! The rows live in `data/flows/*.yaml`; `build.rs` checks them and compiles them in, so that starting costs
//! nothing and a flow is added without code. `docs/catalogue.md` explains the fields and the decisions.
//! Pure: no files, no clock.
//!
//! Not here: what a tag's addresses are (`tags`), how a flow is tested (`analyses`), wording (`report`).

mod catalogue;
mod control_plane;
mod date;
mod feature;
mod level;
mod lookup;
mod need;
mod profile;
mod select;
mod situation;
mod tables;

pub use catalogue::{Condition, Dependency, Dispute, Parameter, Row, Source, SourceCopy};
pub use control_plane::{ControlPlane, Moved, control_plane};
pub use date::{Date, DateError};
pub use feature::{Feature, FeatureInfo, FeatureSet, FeatureState};
pub use level::{Catalogue, Documented, Level, Loss};
pub use lookup::{UnknownName, dispute, find, ids, parameter, rows_at, source};
pub use need::{Core, FlowDirection, Need, Packets, Ports, Quantifier, Remote, RouteClass, Seen, TagRegion};
pub use profile::{Profile, ProfileError};
pub use select::{Applies, Selected, select};
pub use situation::{Location, Platform, Situation, VirtualNetworkType, mode_of};
pub use tables::{CONTROL_PLANE, DISPUTES, FEATURES, PARAMETERS, ROWS, SOURCES};

/// Defines an enum whose variants are words: `Variant = "printed"`.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident ($what:literal) { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// Every word, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word as it is printed.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::model::WordError;

            /// Reads a word without regard to case.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|word| word.as_str().eq_ignore_ascii_case(text.trim())).ok_or_else(
                    || crate::model::WordError {
                        expected: $what,
                        accepted: Self::ALL.iter().map(|word| word.as_str()).collect(),
                        found: text.to_owned(),
                    },
                )
            }
        }
    };
}
use words;
