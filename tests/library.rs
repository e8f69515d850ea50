//! What a program that links the library relies on.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use flowcheck::analyses::diff::DiffAnswer;
use flowcheck::analyses::{LintAnswer, Proof, Prover, ReachAnswer};
use flowcheck::network::{AttachmentPoint, Network};
use flowcheck::rules::{ChangedPart, Classifier, Partition, Policy, RulePart, RuleSet, Shadowed, Standing};
use flowcheck::sets::{AddressSet, PacketSet, PortSet};
use flowcheck::tags::{TagSnapshot, Vocabulary};
use flowcheck::walk::{Change, Checkpoint, Outcome, Part};

/// A program needs no crate beside this one to write the prefixes that it asks about.
#[test]
fn prefixes_are_written_without_a_further_crate() {
    let net: flowcheck::ipnet::IpNet =
        flowcheck::ipnet::Ipv4Net::new_assert([10, 20, 0, 0].into(), 16).into();
    assert_eq!(AddressSet::from_nets([net]), AddressSet::from_nets(["10.20.0.0/16".parse().unwrap()]));
}

/// One network, one list of tags and one compiled policy serve all threads.
#[test]
fn what_is_built_once_is_asked_from_many_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<(Network, AttachmentPoint<'_>, RuleSet, TagSnapshot, Vocabulary)>();
    shared::<(Policy, Classifier, Partition<'_>, RulePart, ChangedPart, Standing, Shadowed)>();
    shared::<(Checkpoint<'_>, Part, Change, Outcome)>();
    shared::<(PacketSet, AddressSet, PortSet)>();
    shared::<(Prover<'_>, Proof, ReachAnswer, DiffAnswer, LintAnswer)>();
}
