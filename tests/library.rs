//! What a program that links the library relies on.

use flowcheck::network::{AttachmentPoint, Network};
use flowcheck::rules::{ChangedPart, Classifier, Partition, Policy, RulePart, RuleSet, Shadowed, Standing};
use flowcheck::sets::{AddressSet, PacketSet, PortSet};
use flowcheck::tags::{TagSnapshot, Vocabulary};
use flowcheck::walk::{Change, Checkpoint, Outcome, Part};

/// One network, one list of tags and one compiled policy serve all threads.
#[test]
fn what_is_built_once_is_asked_from_many_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<(Network, AttachmentPoint<'_>, RuleSet, TagSnapshot, Vocabulary)>();
    shared::<(Policy, Classifier, Partition<'_>, RulePart, ChangedPart, Standing, Shadowed)>();
    shared::<(Checkpoint<'_>, Part, Change, Outcome)>();
    shared::<(PacketSet, AddressSet, PortSet)>();
}
