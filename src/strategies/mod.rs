//! Strategies of [`proptest`] for rule sets: properties that hold for every rule set of a kind, every packet
//! near its edges and every edit, with the smallest example where one does not. Behind the feature
//! `strategies`.
//!
//! In: the words that rules are made of ([`Words`]), and what they stand for at a place
//! ([`Surroundings`](crate::rules::Surroundings)). Out: strategies. Values print in the notation, a rule a
//! line ([`Shown`]), so that what a failing property shows can be read, and pasted into a scenario.
//!
//! | to generate | use |
//! | --- | --- |
//! | a rule, a rule set that Azure would accept | [`rule()`], [`rules()`] |
//! | the same as people write them, with every oddity | [`rule_as_written`], [`rules_as_written`] |
//! | packets at the edges of your rule set | [`packets_near`] |
//! | generated rule sets or edits with packets at their edges | [`with_packets`] |
//! | a rule set before and after edits | [`Edits`]: `keeping` the meaning, or perhaps `changing` it |
//!
//! A property over a rule set of your own, with packets near its edges. Sets answer for all packets at once,
//! so most properties need no packets: `difference` and `partition` are exact.
//!
//! ```
//! use flowcheck::model::{Direction, Origin, Verdict};
//! use flowcheck::rules::{Extent, Policy, Reading, RuleSet, Surroundings, notation};
//! use flowcheck::sets::{AddressSet, PacketSet};
//! use flowcheck::strategies::{Edits, Shown, Words, packets_near};
//! use flowcheck::tags::TagSnapshot;
//! use proptest::prelude::*;
//! use std::collections::BTreeMap;
//!
//! let origin = Origin::command_line("ours");
//! let ours = RuleSet::new(
//!     vec![
//!         notation::rule("DenySsh", "100 In Deny Tcp Internet -> *:22", &origin)?,
//!         notation::rule("AllowWeb", "200 In Allow Tcp Internet -> 10.0.1.0/24:443", &origin)?,
//!     ],
//!     &origin,
//! );
//! let place = Surroundings::new(TagSnapshot::builtin(), Extent::known(AddressSet::from_nets(["10.0.0.0/16".parse()?])));
//! let policy = |rules: &RuleSet| Policy::compile(rules, Direction::Inbound, &place, &Reading::DEFAULT);
//!
//! // Packets: nothing near an edge of our rules is undecided.
//! proptest!(|(packet in packets_near(&ours, &place))| {
//!     if packet.direction == Direction::Inbound {
//!         prop_assert_ne!(policy(&ours).first_match(&packet).verdict, Verdict::Unknown);
//!     }
//! });
//!
//! // Edits: however the file is rewritten, it means the same.
//! let edits = Edits::keeping(&Words::of(&ours)).times(1..4);
//! let config = ProptestConfig { cases: 8, ..ProptestConfig::default() };
//! proptest!(config, |(edited in edits.of(Just(Shown(ours.clone())), &place))| {
//!     let changed = policy(&edited.before).difference(&policy(&edited.after), &PacketSet::all());
//!     prop_assert!(changed.is_empty());
//! });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What a failure shows:
//!
//! ```text
//! minimal failing input: rules = {
//!     r1: 100 In Allow * *:* -> *:*
//! }
//! ```
//!
//! Everything shrinks: rules are left out, their fields become `*`, priorities go down to 100, packets
//! that do not matter are dropped. `docs/property-testing.md` is the guide; `examples/` has two
//! programs to copy.
//!
//! Not here: what a property should say; generated networks and files.

mod edits;
mod meaning;
mod packets;
mod preferring;
mod rules;
mod shown;
mod words;

pub use edits::{EditKind, Edited, Edits};
pub use packets::{HasEdges, RulesAndPackets, WithPackets, packets_near, with_packets};
pub use rules::{MOST_RULES, rule, rule_as_written, rules, rules_as_written};
pub use shown::{Notation, Shown};
pub use words::Words;
