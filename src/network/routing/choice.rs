//! Which of the routes that cover an address is taken.

use super::super::NextHopType;
use super::{Length, RouteEntry, RouteSource};
use crate::model::Fact;
use std::cmp::Reverse;

/// The routes that may be taken, by their place among the entries.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Choice {
    /// The one that is taken, where nothing is open; else every one that may be, the strongest first.
    pub(super) candidates: Vec<usize>,
    /// Whether it rests on how a tag's prefixes are cut, which the service tag list does not keep (S123).
    pub rests_on_tag_prefixes: bool,
}

/// Chooses among the routes that cover an address.
///
/// 1. A gateway's route loses to the network's own, a peer's and a service endpoint's (S116).
/// 2. A private endpoint's route loses to people's routes that may override it, and wins against all others (S112).
/// 3. Of the rest the longest prefix wins; among equal ones people's, then a gateway's, then Azure's (S115);
///    among people's an explicit prefix, then the narrower tag (S123).
/// 4. A route that may not be there leaves the next one in the running.
pub(super) fn choose(
    entries: &[RouteEntry],
    covers: &mut Vec<(Length, usize)>,
    anywhere: &[usize],
) -> Choice {
    let protected = protection(entries, covers);
    if protected == Some(Certainty::Sure) {
        covers.retain(|(_, place)| entries[*place].source != RouteSource::VirtualNetworkGateway);
    }
    let endpoint =
        covers.iter().map(|(_, place)| &entries[*place]).find_map(|entry| entry.overridden_from.as_ref());
    covers.sort_by_key(|(length, place)| {
        let entry = &entries[*place];
        (step(entry, *length, endpoint), Reverse(*length), entry.source, entry.tie, *place)
    });
    let mut candidates = anywhere.to_vec();
    for (at, (length, place)) in covers.iter().enumerate() {
        candidates.push(*place);
        let entry = &entries[*place];
        // Two of one prefix that go different ways: no document says which is taken.
        let is_twin = |(other, next): &(Length, usize)| {
            let next = &entries[*next];
            entry.source == RouteSource::User
                && next.source == RouteSource::User
                && (other, next.tie) == (length, entry.tie)
                && !next.same_way(entry)
        };
        let is_open = covers.get(at + 1).is_some_and(is_twin)
            || entry.doubt.is_some()
            || *length == Length::Any
            || (protected.is_some() && entry.source == RouteSource::VirtualNetworkGateway)
            || (step(entry, *length, endpoint) == 0 && matches!(endpoint, Some(Fact::Unknown(_))));
        if !is_open {
            break;
        }
    }
    let rests_on_tag_prefixes = rests_on_tag_prefixes(entries, covers);
    Choice { candidates, rests_on_tag_prefixes }
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Certainty {
    Sure,
    Doubtful,
}

/// Whether some route of Azure's own keeps those of gateways out (S116).
fn protection(entries: &[RouteEntry], covers: &[(Length, usize)]) -> Option<Certainty> {
    let keeps_out = |entry: &&RouteEntry| {
        let hop = entry.next_hop.known();
        entry.source == RouteSource::Default
            && hop.is_some_and(|hop| !matches!(hop, NextHopType::Internet | NextHopType::None))
    };
    let doubts = covers.iter().map(|(_, place)| &entries[*place]).filter(keeps_out).map(|entry| &entry.doubt);
    doubts
        .map(|doubt| if doubt.is_some() { Certainty::Doubtful } else { Certainty::Sure })
        .min_by_key(|one| *one == Certainty::Doubtful)
}

/// The step in which a route is looked at where a private endpoint has the address: people's routes that
/// override it, the endpoint's own, the rest. Without an endpoint all are looked at together.
fn step(entry: &RouteEntry, length: Length, endpoint: Option<&Fact<u8>>) -> u8 {
    match (endpoint, &entry.overridden_from) {
        (None, _) => 0,
        (_, Some(_)) => 1,
        (Some(from), None) if entry.source == RouteSource::User => match (from, length) {
            (Fact::Known(from), Length::Bits(length)) if length < *from => 2,
            _ => 0,
        },
        _ => 2,
    }
}

/// Whether an explicit prefix wins against a tag only since the list has the tag's prefixes put together.
fn rests_on_tag_prefixes(entries: &[RouteEntry], covers: &[(Length, usize)]) -> bool {
    let user = |place: &usize| entries[*place].source == RouteSource::User;
    let mut users = covers.iter().map(|(_, place)| place).filter(|place| user(place));
    let Some(first) = users.next().map(|place| &entries[*place]) else { return false };
    first.tie == 0 && users.any(|place| entries[*place].tie > 0 && !entries[*place].same_way(first))
}
