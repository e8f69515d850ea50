//! Changed traffic in words and rows, shared by every output of `diff`.
//!
//! Not here: packets as rows (`packets`).

use super::phrases::{either, number};
use crate::analyses::diff::{ChangeKind, FlowTurn, GroupState};
use crate::finding::Finding;
use crate::sets::{AddressSet, Count, address_count};
use crate::tags::Versions;
use crate::walk::Outcome;

/// What the outputs of `diff` say besides the answer.
#[derive(Clone, Debug)]
pub struct DiffHead {
    /// The old input.
    pub old: DiffInput,
    /// The new input.
    pub new: DiffInput,
    /// What reading the inputs found.
    pub findings: Vec<Finding>,
}

/// One of the two inputs, as it was named.
#[derive(Clone, Debug)]
pub struct DiffInput {
    /// The file or directory.
    pub name: String,
    /// The service tag list that its rules were read with.
    pub service_tags: Versions,
}

/// How many addresses, in figures as far as people read them.
pub(super) fn addresses(count: &Count) -> String {
    let digits = count.to_string().len();
    if digits > 13 { format!("more than 10^{} addresses", digits - 1) } else { address_count(count) }
}

/// `allowed by AllowSsh (200)`.
pub(super) fn decided(outcome: &Outcome) -> String {
    let layers: Vec<String> = outcome
        .decisive()
        .iter()
        .map(|step| either(&step.deciders))
        .filter(|deciders| !deciders.is_empty())
        .collect();
    match layers.is_empty() {
        true => format!("{} by rules that are not known", outcome.verdict),
        false => format!("{} by {}", outcome.verdict, layers.join(" then ")),
    }
}

/// The kind in words.
pub(super) fn kind(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::NewlyAllowed => "newly allowed",
        ChangeKind::NewlyBlocked => "newly blocked",
        ChangeKind::NewlyUnknown => "newly unknown",
        ChangeKind::NoLongerUnknown => "no longer unknown",
        ChangeKind::Unsettled => "may differ",
    }
}

/// The turn of a flow in words.
pub(super) fn turn(turn: FlowTurn) -> &'static str {
    match turn {
        FlowTurn::Opened => "opened",
        FlowTurn::Closed => "closed",
        FlowTurn::NewlyUnknown => "newly unknown",
        FlowTurn::NoLongerUnknown => "no longer unknown",
        FlowTurn::NewlyRequired => "newly required",
        FlowTurn::NoLongerRequired => "no longer required",
    }
}

/// `nsg apim-nsg`, `no nsg`, `nsg not known`.
pub(super) fn group(state: &GroupState) -> String {
    match state {
        GroupState::None => "no nsg".to_owned(),
        GroupState::Named(name) => format!("nsg {name}"),
        GroupState::Unknown(_) => "nsg not known".to_owned(),
    }
}

/// Prefixes in words, at most so many.
pub(super) fn prefixes(addresses: &AddressSet, most: usize) -> String {
    let nets = addresses.to_nets();
    let shown: Vec<String> = nets.iter().take(most).map(ToString::to_string).collect();
    match nets.len().saturating_sub(most) {
        0 if shown.is_empty() => "none".to_owned(),
        0 => shown.join(","),
        more => format!("{} and {} more prefixes", shown.join(","), number(more)),
    }
}
