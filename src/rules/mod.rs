//! Rules of network security groups: what they say, and what they decide.
//!
//! In: rules as people write them, and the surroundings of an attachment point (what its tags stand for).
//! Out: for one packet or a whole set of packets the verdict and the rules that decide.
//! Pure: no files, no clock.
//!
//! | step | module | clauses |
//! | --- | --- | --- |
//! | a rule with every oddity that was written | [`rule`], [`defaults`] | S10 to S14, S28 to S37 |
//! | the text form of rules, packet sets and properties | [`notation`] | design, section 4 |
//! | what tags and groups stand for at one place | [`surroundings`] | S46, S72 to S99 |
//! | rules with exact sets for sides: what *must* and what *may* match | [`policy`] | S15 to S50 |
//! | which undocumented points could change an answer | [`stakes`] | section 15 |
//! | one packet | [`Policy::first_match`] | S1 to S9 |
//! | whole sets | [`Policy::partition`] | S1 to S9 |
//! | what each decision about a set reaches, side by side | [`Policy::hulls`] | S1 to S9 |
//! | what two policies decide differently | [`Policy::difference`] | S1 to S9 |
//! | what each rule still does among the others | [`Policy::standings`] | S2 |
//! | many packets | [`classifier`] | S1 to S9 |
//! | the plainest evaluator, which the others are held against | [`mod@reference`] | all of these |
//!
//! `first_match`, `partition`, the classifier and the reference must agree; property tests hold them together.
//!
//! A policy is compiled once and asked many questions, from as many threads as there are:
//!
//! ```
//! use flowcheck::model::{Direction, Origin, Verdict};
//! use flowcheck::rules::{Extent, Policy, Reading, RuleSet, Surroundings, notation};
//! use flowcheck::sets::{AddressSet, PacketSet};
//! use flowcheck::tags::TagSnapshot;
//!
//! let origin = Origin::command_line("example");
//! let rules = |ssh: &str| -> Result<RuleSet, notation::NotationError> {
//!     Ok(RuleSet::new(
//!         vec![
//!             notation::rule("Management", "110 In Allow Tcp ApiManagement:* -> VirtualNetwork:3443", &origin)?,
//!             notation::rule("Ssh", ssh, &origin)?,
//!             notation::rule("SshFromOffice", "210 In Allow Tcp 203.0.113.0/24:* -> *:22", &origin)?,
//!         ],
//!         &origin,
//!     ))
//! };
//! let network: AddressSet = ["10.0.0.0/16".parse::<ipnet::IpNet>()?].into_iter().collect();
//! let place = Surroundings::new(TagSnapshot::builtin(), Extent::known(network));
//! let compile = |rules: &RuleSet| Policy::compile(rules, Direction::Inbound, &place, &Reading::DEFAULT);
//! let policy = compile(&rules("200 In Allow Tcp *:* -> *:22")?);
//!
//! // One packet.
//! let packet = "In Tcp 198.51.100.7 -> 10.0.1.5:22".parse()?;
//! assert_eq!(policy.first_match(&packet).verdict, Verdict::Allowed);
//!
//! // All packets at once, by what decides them.
//! let parts = policy.partition(&PacketSet::all());
//! assert!(parts.iter().any(|part| part.packets.contains(&packet) && part.decision.candidates == [1]));
//!
//! // The rule for the office decides nothing: the one before it takes all that it matches.
//! let dead = policy.shadowed();
//! assert_eq!((dead.len(), dead[0].rule, &dead[0].cover[..]), (1, 2, &[1][..]));
//!
//! // What an edit changes, and nothing else.
//! let edited = compile(&rules("200 In Deny Tcp Internet:* -> *:22")?);
//! let changes = policy.difference(&edited, &PacketSet::all());
//! assert!(changes.iter().any(|change| change.packets.contains(&packet)));
//! assert!(policy.difference(&policy, &PacketSet::all()).is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Not here: Azure's own exemptions and layers (`walk`), which rule set lies on a path (`network`), wording
//! (`report`).

mod carve;
pub mod classifier;
mod cover;
pub mod defaults;
mod difference;
mod effort;
mod first_match;
mod hulls;
mod layout;
pub mod notation;
mod partition;
pub mod policy;
pub mod reference;
pub mod rule;
pub mod stakes;
mod standing;
pub mod surroundings;

pub use classifier::Classifier;
pub use difference::ChangedPart;
pub use effort::Effort;
pub use first_match::Decision;
pub use hulls::Hull;
pub use notation::{Claim, NotationError, PacketSetText, PropertyText, Quantifier, SideText};
pub use partition::{Partition, RulePart};
pub use policy::{FieldOfRule, Policy, Reading, RuleOutcome};
pub use rule::{AddressTerm, PortTerm, ProtocolTerm, Rule, RuleSet, Side, Written};
pub use standing::{Shadowed, Standing};
pub use surroundings::{Extent, Surroundings};
