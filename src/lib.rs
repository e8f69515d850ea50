//! `flowcheck` says before deployment which network flows of Azure API Management are blocked, by which rule,
//! in which line. It reads what people have, resolves service tags to prefixes, evaluates network security
//! groups as Azure does, and never guesses: what the input does not settle is unknown, with the reason.
//!
//! The paved path, from a template to an answer:
//!
//! ```
//! use flowcheck::analyses::{CheckOptions, check};
//! use flowcheck::flows::{ParameterValues, Profile};
//! use flowcheck::model::Verdict;
//! use flowcheck::sources::{ReadOptions, read};
//! use flowcheck::tags::TagSnapshot;
//!
//! let template = include_bytes!("../examples/external/main.json");
//! let input = read(template, "main.json", &ReadOptions::default())?;
//! let answer = check(&input.network, &CheckOptions {
//!     tags: TagSnapshot::builtin(),
//!     profile: Profile::newest(),
//!     parameters: &ParameterValues::default(),
//!     features: &[],
//! });
//! let blocked: Vec<&str> = answer.instances[0]
//!     .flows
//!     .iter()
//!     .filter(|flow| flow.required && flow.verdict == Verdict::Blocked)
//!     .map(|flow| flow.row.id)
//!     .collect();
//! assert_eq!(blocked, ["sql-1433"]);
//! # Ok::<(), flowcheck::sources::ReadError>(())
//! ```
//!
//! One packet at one place:
//!
//! ```
//! use flowcheck::analyses::ask_packet;
//! use flowcheck::model::Packet;
//! use flowcheck::sources::{ReadOptions, read};
//! use flowcheck::tags::TagSnapshot;
//!
//! # let template = include_bytes!("../examples/external/main.json");
//! # let network = read(template, "main.json", &ReadOptions::default())?.network;
//! let subnet = network.subnets_named("apim")[0];
//! let point = network.at_subnet(subnet, TagSnapshot::builtin());
//! let packet: Packet = "In Tcp 13.69.64.76 -> 10.0.1.5:3443".parse()?;
//! let answer = ask_packet(&point, &packet);
//! assert_eq!(answer.part.outcome.decider().unwrap().to_string(), "AllowManagement (110)");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The rooms, in the direction of imports; `docs/architecture.md` is the map.

/// The crate whose prefixes stand in this library's signatures.
pub use ipnet;

pub mod model;

pub mod finding;

pub mod sets;

pub mod tags;

pub mod rules;

#[cfg(feature = "strategies")]
pub mod strategies;

pub mod network;

pub mod walk;

pub mod flows;

pub mod sources;

pub mod analyses;

pub mod scenario;

pub mod report;

pub mod cli;
