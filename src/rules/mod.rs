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
//! | what two policies decide differently | [`Policy::difference`] | S1 to S9 |
//! | what each rule still does among the others | [`Policy::standings`] | S2 |
//! | many packets | [`classifier`] | S1 to S9 |
//! | the plainest evaluator, which the others are held against | [`mod@reference`] | all of these |
//!
//! `first_match`, `partition`, the classifier and the reference must agree; property tests hold them together.
//!
//! Not here: Azure's own exemptions and layers (`walk`), which rule set lies on a path (`network`), wording
//! (`report`).

mod carve;
pub mod classifier;
pub mod defaults;
mod difference;
mod first_match;
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
pub use first_match::Decision;
pub use notation::{Claim, NotationError, PacketSetText, PropertyText, Quantifier, SideText};
pub use partition::{Partition, RulePart};
pub use policy::{FieldOfRule, Policy, Reading, RuleOutcome};
pub use rule::{AddressTerm, PortTerm, ProtocolTerm, Rule, RuleSet, Side, Written};
pub use standing::Standing;
pub use surroundings::{Extent, Surroundings};
