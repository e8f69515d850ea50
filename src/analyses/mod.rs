//! One question about a network a file.
//!
//! In: a [`Network`](crate::network::Network), the service tags, and what the user supplied. Out: plain
//! answers with origins.
//!
//! | question | module |
//! | --- | --- |
//! | which needed flows of which instance are blocked | [`needed_flows`] |
//! | what in the rules Azure refuses, or reads in another way than people think | [`rule_faults`] |
//! | what in networks, routes, peerings and gateways Azure refuses | [`network_faults`] |
//! | which port is a typing error of the one that a flow needs | [`near_miss`] |
//! | what each rule still does among the others | [`mod@lint`] |
//! | what becomes of one packet | [`one_packet`] |
//! | how much of a packet set gets through, and from where | [`mod@reach`] |
//! | whether traffic gets from one end to another, and every obstacle on the way | [`mod@path`] |
//! | all pairs of subnets for a port | [`mod@matrix`] |
//! | where traffic that leaves a place goes | [`next_hop`] |
//! | what differs between two inputs as traffic | [`mod@diff`] |
//! | what Azure says is in force, against what an input says | [`mod@conform`] |
//! | whether a property holds for every packet of a set | [`prove`] |
//! | what lets in more of the Internet than a flow needs | [`over_exposure`] |
//!
//! Not here: reading files (`sources`), wording by output format (`report`).

mod answer;
mod answer_text;
pub mod conform;
pub mod diff;
mod flow_routes;
pub mod lint;
pub mod matrix;
pub mod near_miss;
pub mod needed_flows;
pub mod network_faults;
pub mod next_hop;
pub mod one_packet;
pub mod over_exposure;
pub mod path;
mod path_change;
pub mod prove;
pub mod reach;
pub mod rule_faults;
mod scene;
mod share;

pub use conform::{ConformAnswer, conform};
pub use flow_routes::FlowRoute;
pub use lint::{LintAnswer, lint};
pub use matrix::{MatrixAnswer, matrix};
pub use needed_flows::{CheckOptions, check, check_watched};
pub use next_hop::{NextHopAnswer, NextHopPart, next_hops, next_hops_by};
pub use one_packet::{PacketAnswer, TraceRow, ask_packet};
pub use path::{PathAnswer, PathEnd, PathQuestion, PathStep, path};
pub use prove::{Evidence, Measure, Proof, Prover, Truth};
pub use reach::{Class, ReachAnswer, ReachQuestion, ReachRow, reach};

pub use answer::{CheckAnswer, FlowAnswer, InstanceAnswer, Ratio, Share, Summary, Witness};
