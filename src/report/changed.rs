//! Changed traffic in words and rows, shared by every output of `diff`.
//!
//! Exact: a row holds prefixes and ports, or a name for exactly these addresses. [`names`] is the one place where
//! addresses become words.

use super::packets::{BoxText, ports};
use super::phrases::{either, number};
use crate::analyses::diff::{ChangeKind, FlowTurn, GroupState, every_own};
use crate::finding::Finding;
use crate::rules::surroundings::{ACTIVATION_SERVER, UNSEEN_OWN};
use crate::sets::{AddressSet, Count, PacketBox, PacketSet, ProtocolSet, address_count};
use crate::tags::{Versions, special};
use crate::walk::Outcome;
use ipnet::IpNet;
use std::cmp::Reverse;
use std::net::{IpAddr, Ipv4Addr};

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

/// Sets of more boxes than this are printed as they are, since finding the fewest takes too long.
const MOST_FOR_FEWEST: usize = 300;

/// A set of packets as rows, at most so many: the largest, IPv4 first. And how many are left out.
/// `own` is the name of a subnet whose addresses are not known.
pub(super) fn rows(packets: &PacketSet, own: Option<&str>, most: usize) -> (Vec<BoxText>, usize) {
    let mut boxes = match packets.boxes().len() {
        few if few <= MOST_FOR_FEWEST => packets.canonical(),
        _ => packets.boxes().to_vec(),
    };
    let left_out = boxes.len().saturating_sub(most);
    if left_out > 0 {
        boxes.sort_by_cached_key(|row| (Reverse(size(row)), row.clone()));
        boxes.truncate(most);
    }
    boxes.sort_by_cached_key(|row| (row.source.v4.is_empty(), row.clone()));
    (boxes.iter().map(|row| text(row, own)).collect(), left_out)
}

fn size(row: &PacketBox) -> Count {
    let pairs = row.source.size() * row.destination.size() * row.protocols.size();
    match row.protocols.intersection(ProtocolSet::with_ports()).is_empty() {
        true => pairs,
        false => pairs * row.source_ports.size() * row.destination_ports.size(),
    }
}

fn text(row: &PacketBox, own: Option<&str>) -> BoxText {
    BoxText {
        protocol: row.protocols.to_string(),
        source: names(&row.source, own),
        source_ports: ports(&row.source_ports),
        destination: names(&row.destination, own),
        destination_ports: ports(&row.destination_ports),
    }
}

/// Addresses as words: `Internet`, or every address that a machine can have, where they are exactly those of one
/// family; else the fewest prefixes.
fn names(addresses: &AddressSet, own: Option<&str>) -> Vec<String> {
    for (name, whole) in [("Internet", special::internet()), ("*", every_own())] {
        if [whole.only_v4(), whole.only_v6()].contains(addresses) {
            return vec![name.to_owned()];
        }
    }
    let as_such = addresses.contains(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let one = |net: IpNet| match net.addr() {
        _ if net.prefix_len() < net.max_prefix_len() => net.to_string(),
        UNSEEN_OWN if !as_such => own.map_or_else(|| net.to_string(), str::to_owned),
        ACTIVATION_SERVER if !as_such => "AzurePlatformLKM".to_owned(),
        _ => net.to_string(),
    };
    addresses.to_nets().into_iter().map(one).collect()
}

/// A row on one line, with at most `most` prefixes a side: `Tcp Internet:* -> 10.0.1.0/24:22`.
pub(super) fn line(row: &BoxText, most: usize) -> String {
    let bracketed = |net: &String| match net.contains(':') {
        true => format!("[{}]", net.trim_end_matches("/128")),
        false => net.trim_end_matches("/32").to_owned(),
    };
    let side = |nets: &[String], ports: &[String]| {
        // One more prefix takes no more room than saying so.
        let shown = if nets.len() > most.saturating_add(1) { most } else { nets.len() };
        let words: Vec<String> = nets.iter().take(shown).map(bracketed).collect();
        let more = match nets.len() - shown {
            0 => String::new(),
            left => format!(" and {} more prefixes", number(left)),
        };
        format!("{}{more}:{}", words.join(","), ports.join(","))
    };
    format!(
        "{} {} -> {}",
        row.protocol,
        side(&row.source, &row.source_ports),
        side(&row.destination, &row.destination_ports)
    )
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
