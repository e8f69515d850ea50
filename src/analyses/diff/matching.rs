//! Which place of the new input is which place of the old one.
//!
//! In: the networks of both inputs. Out: pairs of places, and what only one input has. Resource ids come first,
//! without regard to case; then names that occur once in each input; then the one place where each input holds
//! exactly one. A security group that its input shows alone belongs to the subnet that the other input
//! attaches it to.
//!
//! Not here: how two places are compared (`sides`, `compare`).

use super::MatchedBy;
use super::sides::Place;
use crate::network::Network;
use std::collections::{BTreeMap, BTreeSet};

/// Two places that are taken to be the same one.
pub(super) struct Pair<'n> {
    pub(super) old: Place<'n>,
    pub(super) new: Place<'n>,
    pub(super) matched: MatchedBy,
}

/// How the places of two inputs belong together.
pub(super) struct Matching<'n> {
    /// In order of the new input.
    pub(super) pairs: Vec<Pair<'n>>,
    pub(super) only_old: Vec<Place<'n>>,
    pub(super) only_new: Vec<Place<'n>>,
}

impl<'n> Matching<'n> {
    /// Every place of both inputs.
    pub(super) fn places(&self) -> impl Iterator<Item = Place<'n>> + '_ {
        let paired = self.pairs.iter().flat_map(|pair| [pair.old, pair.new]);
        paired.chain(self.only_old.iter().copied()).chain(self.only_new.iter().copied())
    }
}

/// Matches the places of two inputs.
pub(super) fn match_places<'n>(old: &'n [Network], new: &'n [Network]) -> Matching<'n> {
    let mut table = Table { old: places(old), new: places(new), pairs: Vec::new() };
    let has_one = |wanted: fn(&Place<'n>) -> bool| {
        [&table.old, &table.new]
            .into_iter()
            .all(|places| places.iter().filter(|place| wanted(place)).count() == 1)
    };
    let (one_subnet, one_guarded) = (has_one(Place::is_subnet), has_one(Place::has_group));
    table.by_key(MatchedBy::Id, Place::id_key, false);
    table.by_key(MatchedBy::Name, Place::name_key, true);
    table.by_key(MatchedBy::Name, Place::own_name_key, true);
    table.by_attachment();
    if one_subnet {
        table.only_one(Place::is_subnet);
    }
    // Where each input has one group, the places that it is in force at are compared, whatever their names.
    if one_guarded {
        table.only_one(Place::has_group);
    }
    table.finish(old, new)
}

/// Every subnet, and every group that no subnet uses, in order of the input.
fn places(networks: &[Network]) -> Vec<Place<'_>> {
    networks.iter().flat_map(places_of).collect()
}

fn places_of(network: &Network) -> impl Iterator<Item = Place<'_>> {
    let subnets = network.subnets.iter().map(move |subnet| Place::Subnet { network, subnet });
    let lone = network.security_groups.iter().filter(|group| network.subnets_of(group).is_empty());
    subnets.chain(lone.map(move |group| Place::Group { network, group }))
}

/// Places that are still alone, and pairs by the place of the new one in its input.
struct Table<'n> {
    old: Vec<Place<'n>>,
    new: Vec<Place<'n>>,
    pairs: Vec<Pair<'n>>,
}

impl<'n> Table<'n> {
    /// Pairs the places with equal keys, one by one in order; with `unique` only where each has one.
    fn by_key(&mut self, matched: MatchedBy, key: impl Fn(&Place<'n>) -> Option<String>, unique: bool) {
        let mut keys: BTreeMap<String, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for (at, place) in self.old.iter().enumerate() {
            if let Some(key) = key(place) {
                keys.entry(key).or_default().0.push(at);
            }
        }
        for (at, place) in self.new.iter().enumerate() {
            if let Some(key) = key(place) {
                keys.entry(key).or_default().1.push(at);
            }
        }
        let counts = |old: &[usize], new: &[usize]| !unique || old.len() == 1 && new.len() == 1;
        let found: Vec<(usize, usize)> = keys
            .into_values()
            .filter(|(old, new)| counts(old, new))
            .flat_map(|(old, new)| old.into_iter().zip(new))
            .collect();
        self.pair(&found, matched);
    }

    fn pair(&mut self, found: &[(usize, usize)], matched: MatchedBy) {
        self.pairs.extend(found.iter().map(|(old, new)| Pair {
            old: self.old[*old],
            new: self.new[*new],
            matched,
        }));
        let (old, new): (BTreeSet<usize>, BTreeSet<usize>) = found.iter().copied().unzip();
        let mut at = 0..;
        self.old.retain(|_| at.next().is_none_or(|at| !old.contains(&at)));
        let mut at = 0..;
        self.new.retain(|_| at.next().is_none_or(|at| !new.contains(&at)));
    }

    /// A group that one input shows alone, against each subnet that the other one attaches it to.
    fn by_attachment(&mut self) {
        let belong = |lone: &Place<'_>, subnet: &Place<'_>| {
            !lone.is_subnet() && subnet.is_subnet() && lone.has_same_group(subnet)
        };
        let mut taken_old = vec![false; self.old.len()];
        let mut taken_new = vec![false; self.new.len()];
        for (old_at, old) in self.old.iter().enumerate() {
            for (new_at, new) in self.new.iter().enumerate() {
                if belong(old, new) && !taken_new[new_at] || belong(new, old) && !taken_old[old_at] {
                    (taken_old[old_at], taken_new[new_at]) = (true, true);
                    self.pairs.push(Pair { old: *old, new: *new, matched: MatchedBy::Attachment });
                }
            }
        }
        let mut taken = taken_old.into_iter();
        self.old.retain(|_| taken.next() != Some(true));
        let mut taken = taken_new.into_iter();
        self.new.retain(|_| taken.next() != Some(true));
    }

    /// The one place of a kind that each input holds, where neither belongs to another.
    fn only_one(&mut self, wanted: impl Fn(&Place<'n>) -> bool) {
        let old: Vec<usize> = (0..self.old.len()).filter(|at| wanted(&self.old[*at])).collect();
        let new: Vec<usize> = (0..self.new.len()).filter(|at| wanted(&self.new[*at])).collect();
        if let ([old], [new]) = (&old[..], &new[..]) {
            self.pair(&[(*old, *new)], MatchedBy::OnlyOne);
        }
    }

    /// What is left is only in one input; a group that the other input attaches is not: its subnet tells.
    fn finish(mut self, old: &'n [Network], new: &'n [Network]) -> Matching<'n> {
        let order = places(new);
        let at = |place: &Place<'n>| order.iter().position(|known| known.is(place));
        self.pairs.sort_by_key(|pair| at(&pair.new));
        let held = |place: &Place<'_>, networks: &[Network]| {
            !place.is_subnet() && networks.iter().any(|network| place.group_is_attached_in(network))
        };
        // An input without any subnet says nothing of those without rules.
        let shows_subnets = |networks: &[Network]| networks.iter().any(|network| !network.subnets.is_empty());
        let told = |place: &Place<'_>, networks: &[Network]| {
            !held(place, networks) && (place.has_group() || shows_subnets(networks))
        };
        self.old.retain(|place| told(place, new));
        self.new.retain(|place| told(place, old));
        Matching { pairs: self.pairs, only_old: self.old, only_new: self.new }
    }
}
