//! Scenario files: tests of a network that people write in YAML.
//!
//! In: a scenario file, and through [`Files`] what it names. Out: an [`Outcome`] with one line for each
//! expectation, or every mistake of the file.
//!
//! | step | module |
//! | --- | --- |
//! | YAML to a tree with places; the only module that knows the library | `yaml` |
//! | strict keys and words, each mistake with its line | `fields`, `mistake` |
//! | the file as typed | `file`, `place_form`, `link_form`, `host_form`, `expect` |
//! | names looked up, ids made, the input overridden | `ground`, `ground_links`, `ground_hosts`, `ground_instance` |
//! | every name of an expectation looked up | `names` |
//! | the questions asked | `run` |
//! | the answers held against the expectations | `judge`, `required`, `about`, with `by` and `verdicts` |
//! | a list of properties, in whatever file | `properties` |
//! | files and directories, the only part that touches the disk | `disk` |
//!
//! Every step goes on behind a mistake, so that one run shows all that do not follow from one another.
//! Nothing that is written is ignored: a key that cannot be evaluated is a mistake.
//!
//! Not here: what flows are needed (`flows`, `analyses`), what becomes of packets (`walk`), wording by
//! output format (`report`).

mod about;
mod by;
mod disk;
mod expect;
mod fields;
mod file;
mod ground;
mod ground_hosts;
mod ground_instance;
mod ground_links;
mod host_form;
mod judge;
mod link_form;
mod mistake;
mod names;
mod next_hop;
mod outcome;
mod place_form;
mod properties;
mod required;
mod run;
mod verdicts;
mod yaml;

pub use disk::{Disk, run_paths};
pub use expect::{Expectation, Question};
pub use fields::Spot;
pub use file::ScenarioFile;
pub use ground::network;
pub use host_form::{EndpointForm, InterfaceForm};
pub use link_form::{GatewayForm, PeeringForm, RouteForm, RouteTableForm};
pub use mistake::Mistake;
pub use outcome::{Checked, Outcome};
pub use place_form::{InstanceForm, LocationForm, NetworkForm, SubnetForm, VirtualNetworkForm};
pub use properties::read_properties;
pub use run::{Files, Loaded, ScenarioInput, run};
