//! The flows that API Management needs, as data, and which of them one instance needs at which date.
//!
//! In: what is known of an instance ([`Situation`]) and a [`Profile`]. Out: rows of the catalogue, each with
//! whether it applies and why not, and what its loss would weigh.
//! The rows live in `data/flows/*.yaml`; the build script checks them and compiles them in, so that starting costs
//! nothing and a flow is added without code. `docs/catalogue.md` explains the fields and the decisions.
//! Pure: no files, no clock.
//!
//! [`Ground::ask`] puts a row as packets between an instance's subnet and the other side.
//!
//! Not here: how a flow is tested (`walk`, `analyses`), wording (`report`).

mod catalogue;
mod control_plane;
mod date;
mod feature;
mod instantiate;
mod level;
mod lookup;
mod need;
mod parameters;
mod profile;
mod regions;
mod select;
mod situation;
mod tables;

pub use catalogue::{Condition, Dependency, Dispute, Parameter, Row, Source, SourceCopy};
pub use control_plane::{ControlPlane, Moved, control_plane};
pub use date::{Date, DateError};
pub use feature::{Feature, FeatureInfo, FeatureSet, FeatureState};
pub use instantiate::{Ask, Asks, Ground, NoAsk, print_ports};
pub use level::{Catalogue, Documented, Level, Loss};
pub use lookup::{UnknownName, dispute, find, ids, parameter, rows_at, source};
pub use need::{Core, FlowDirection, Need, Packets, Ports, Quantifier, Remote, RouteClass, Seen, TagRegion};
pub use parameters::{ParameterError, ParameterValue, ParameterValues};
pub use profile::{Profile, ProfileError};
pub use regions::{UnknownRegion, known_region};
pub use select::{Applies, Selected, select};
pub use situation::{LocationKind, Situation};
pub use tables::{CONTROL_PLANE, DISPUTES, FEATURES, PARAMETERS, ROWS, SOURCES};
