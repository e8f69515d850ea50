//! What differs in the surroundings of the rules of two places, as causes that a reader can look up.
//!
//! In: a pair of places and their attachment points. Out: each difference that can change what an unchanged rule
//! matches. Whether it does is what `compare` finds; a cause may be without any effect.

use super::Cause;
use super::matching::Pair;
use super::sides::{Place, Sides, state_of};
use crate::model::{Fact, ResourceId};
use crate::network::effective::expansion;
use crate::network::{AttachmentPoint, Peering, RouteTable};
use crate::rules::surroundings::{TagMeaning, UNSEEN_OWN};
use crate::rules::{AddressTerm, Reading, Surroundings};
use crate::sets::AddressSet;
use crate::tags::SpecialTag;
use std::collections::BTreeSet;

/// The causes of a pair, the nearest first.
pub(super) fn of(pair: &Pair<'_>, sides: &Sides<'_>) -> Vec<Cause> {
    let mut causes = Vec::new();
    let (old, new) = (state_of(&sides.old.security_group), state_of(&sides.new.security_group));
    if old != new {
        causes.push(Cause::Group { old, new });
    }
    let prefixes = |own: &crate::network::Own| AddressSet::from_nets(own.prefixes.iter().copied());
    let (old, new) = (prefixes(&sides.old.own), prefixes(&sides.new.own));
    if old != new {
        causes.push(Cause::SubnetPrefix { old, new });
    }
    if pair.old.is_subnet() && pair.new.is_subnet() {
        causes.extend(address_space(&pair.old, &pair.new));
        causes.extend(peerings(&pair.old, &pair.new));
        causes.extend(routes(&pair.old, &pair.new));
    }
    let (old, new) = (&sides.old.surroundings, &sides.new.surroundings);
    causes.extend(virtual_network(old, new));
    causes.extend(words(sides, old, new));
    causes
}

fn address_space(old: &Place<'_>, new: &Place<'_>) -> Option<Cause> {
    let space = |place: &Place<'_>| {
        let network = place.network().virtual_network(&place.subnet()?.network)?;
        network.prefixes.known().map(|prefixes| AddressSet::from_nets(prefixes.iter().copied()))
    };
    let (old, new) = (space(old), space(new));
    (old != new).then_some(Cause::AddressSpace { old, new })
}

/// Peerings of the place's network, by the key of the other network or, where that is not known, their name.
fn peerings(old: &Place<'_>, new: &Place<'_>) -> Vec<Cause> {
    let of = |place: &Place<'_>| -> Vec<(String, String, String)> {
        let subnet = place.subnet();
        let network = subnet.and_then(|subnet| place.network().virtual_network(&subnet.network));
        let one = |peering: &Peering| {
            let remote = peering
                .remote
                .known()
                .map_or_else(|| peering.name.to_lowercase(), |id| id.name().to_lowercase());
            (remote, peering.name.clone(), peering_text(place, peering))
        };
        network.iter().flat_map(|network| &network.peerings).map(one).collect()
    };
    let (old, new) = (of(old), of(new));
    let keys: BTreeSet<&String> = old.iter().chain(&new).map(|(key, ..)| key).collect();
    let mut causes = Vec::new();
    for key in keys {
        let find = |all: &[(String, String, String)]| all.iter().find(|(other, ..)| other == key).cloned();
        let (old, new) = (find(&old), find(&new));
        let text =
            |peering: &Option<(String, String, String)>| peering.as_ref().map(|(.., text)| text.clone());
        if text(&old) != text(&new) {
            let there = (old.is_some(), new.is_some());
            let name = new.or(old).map(|(_, name, _)| name).unwrap_or_default();
            causes.push(Cause::Peering { name, there });
        }
    }
    causes
}

/// What of a peering can widen `VirtualNetwork` (S77).
fn peering_text(place: &Place<'_>, peering: &Peering) -> String {
    let shown = peering.remote.known().and_then(|id| place.network().virtual_network(id));
    let mut prefixes = match (&peering.remote_prefixes, shown.map(|network| &network.prefixes)) {
        (Some(prefixes), _) | (None, Some(Fact::Known(prefixes))) => prefixes.clone(),
        _ => Vec::new(),
    };
    prefixes.sort();
    let (access, state, whole) = (peering.access.known(), peering.state.known(), peering.whole.known());
    format!("{access:?} {state:?} {whole:?} {prefixes:?}")
}

fn routes(old: &Place<'_>, new: &Place<'_>) -> Option<Cause> {
    let table = |place: &Place<'_>| -> Option<ResourceId> { place.subnet()?.route_table.known()?.clone() };
    let text = |place: &Place<'_>, table: &Option<ResourceId>| {
        let shown = table.as_ref().and_then(|id| place.network().route_table(id));
        shown.map(routes_text)
    };
    let (old_table, new_table) = (table(old), table(new));
    let name = |table: &Option<ResourceId>| table.as_ref().map(|id| id.name().to_owned());
    let same_routes = text(old, &old_table) == text(new, &new_table);
    let same_table = old_table.is_some() == new_table.is_some();
    (!same_routes || !same_table).then(|| Cause::Routes { old: name(&old_table), new: name(&new_table) })
}

/// What of a route table can widen `VirtualNetwork` (S72 to S75), in no order that means anything.
fn routes_text(table: &RouteTable) -> Vec<String> {
    let one =
        |route: &crate::network::Route| format!("{:?} {:?}", route.prefix.known(), route.next_hop.known());
    let mut routes: Vec<String> = table.routes.iter().map(one).collect();
    routes.sort();
    routes
}

fn virtual_network(old: &Surroundings<'_>, new: &Surroundings<'_>) -> Option<Cause> {
    let stand_in = AddressSet::one(UNSEEN_OWN);
    let certain = |place: &Surroundings<'_>| place.virtual_network.must.difference(&stand_in);
    let (old, new) = (certain(old), certain(new));
    (old != new).then(|| Cause::VirtualNetwork { gained: new.difference(&old), lost: old.difference(&new) })
}

/// Tags and application security groups that a rule of either side names, and that stand for other addresses.
fn words(sides: &Sides<'_>, old: &Surroundings<'_>, new: &Surroundings<'_>) -> Vec<Cause> {
    let mut tags: BTreeSet<String> = BTreeSet::new();
    let mut groups: BTreeSet<String> = BTreeSet::new();
    let mut causes = Vec::new();
    let in_force = [&sides.old, &sides.new]
        .into_iter()
        .filter_map(|point| point.security_group.known().copied().flatten());
    let terms = in_force
        .flat_map(|group| &group.rules.rules)
        .flat_map(|rule| rule.source.addresses.iter().chain(&rule.destination.addresses));
    for written in terms {
        match &written.value {
            AddressTerm::Tag(name) | AddressTerm::Expanded { tag: name, .. }
                if !written.value.is_virtual_network() && tags.insert(name.to_lowercase()) =>
            {
                causes.extend(expanded(name, sides).or_else(|| {
                    let is_listed = SpecialTag::recognise(name).is_none();
                    is_listed.then(|| tag(name, old, new)).flatten()
                }));
            }
            AddressTerm::Group(id) => {
                let changed = old.groups.get(id) != new.groups.get(id);
                if groups.insert(id.key()) && changed {
                    causes.push(Cause::Members { name: id.name().to_owned() });
                }
            }
            _ => {}
        }
    }
    causes
}

/// What a tag stands for by Azure's own word at one of the places at least, where that is not the same (S139).
fn expanded(name: &str, sides: &Sides<'_>) -> Option<Cause> {
    let meaning = |point: &AttachmentPoint<'_>| {
        let rules = &point.security_group.known().copied().flatten()?.rules.rules;
        let sides = rules.iter().flat_map(|rule| [&rule.source, &rule.destination]);
        let (_, prefixes) = sides.filter_map(expansion).find(|(tag, _)| tag.eq_ignore_ascii_case(name))?;
        Some(AddressSet::from_nets(prefixes.iter().copied()))
    };
    let (old, new) = (meaning(&sides.old), meaning(&sides.new));
    if old.is_none() && new.is_none() {
        return None;
    }
    let or_listed = |found: Option<AddressSet>, place: &Surroundings<'_>| match found {
        Some(addresses) => addresses,
        None => match place.tag(name, &Reading::DEFAULT) {
            TagMeaning::Addresses(extent) => extent.must,
            TagMeaning::Platform(_) => AddressSet::empty(),
        },
    };
    let (old, new) = (or_listed(old, &sides.old.surroundings), or_listed(new, &sides.new.surroundings));
    (old != new).then(|| Cause::Tag {
        name: name.to_owned(),
        gained: new.difference(&old).size(),
        lost: old.difference(&new).size(),
    })
}

fn tag(name: &str, old: &Surroundings<'_>, new: &Surroundings<'_>) -> Option<Cause> {
    // One list for both sides gives one answer.
    if std::ptr::eq(old.tags, new.tags) {
        return None;
    }
    let addresses = |place: &Surroundings<'_>| match place.tag(name, &Reading::DEFAULT) {
        TagMeaning::Addresses(extent) => extent.must,
        TagMeaning::Platform(_) => AddressSet::empty(),
    };
    let (old, new) = (addresses(old), addresses(new));
    (old != new).then(|| Cause::Tag {
        name: name.to_owned(),
        gained: new.difference(&old).size(),
        lost: old.difference(&new).size(),
    })
}
