//! What tags stand for by Azure's own word, against the service tag list and what the input says of the network.

use super::rules::Place;
use super::{ConformAnswer, Kind};
use crate::finding::Severity;
use crate::model::{Gap, Origin};
use crate::network::Network;
use crate::network::effective::expansion;
use crate::rules::surroundings::{TagMeaning, UNSEEN_OWN, platform_addresses};
use crate::rules::{Extent, Reading, Surroundings};
use crate::sets::{AddressSet, Count, address_count};
use crate::tags::{SpecialTag, TagSnapshot};
use ipnet::IpNet;
use std::collections::BTreeMap;

/// How many prefixes are shown as examples.
const EXAMPLES: usize = 3;

/// A tag that stands for other addresses in force than the list or the input says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TagDifference {
    /// The tag, as the dump spells it.
    pub tag: String,
    /// Addresses that it stands for in force and not by the list.
    pub more: Count,
    /// Addresses that it stands for by the list and not in force.
    pub less: Count,
    /// Some of those that are more.
    pub more_examples: Vec<IpNet>,
    /// Some of those that are less.
    pub less_examples: Vec<IpNet>,
    /// What was compared with: the tag list, the input's network, or the definition of a computed tag.
    pub against: &'static str,
}

/// One meaning of a tag in the dump.
struct Meaning<'n> {
    tag: String,
    addresses: AddressSet,
    origin: &'n Origin,
    place: Option<&'n Place<'n>>,
}

pub(super) fn compare(
    dump: &Network,
    input: &Network,
    places: &[Place<'_>],
    tags: &TagSnapshot,
    answer: &mut ConformAnswer,
) {
    let mut seen: BTreeMap<String, Vec<AddressSet>> = BTreeMap::new();
    for meaning in meanings(dump, places) {
        let known = seen.entry(meaning.tag.to_lowercase()).or_default();
        if known.contains(&meaning.addresses) {
            continue;
        }
        known.push(meaning.addresses.clone());
        answer.compared.tags += 1;
        one(&meaning, input, tags, answer);
    }
}

/// Every meaning that the rules of the dump and its lists give, those of rules first.
fn meanings<'n>(dump: &'n Network, places: &'n [Place<'n>]) -> Vec<Meaning<'n>> {
    let mut found = Vec::new();
    for place in places {
        let rules = place.in_force.rules.rules.iter();
        for (rule, side) in rules.flat_map(|rule| [(rule, &rule.source), (rule, &rule.destination)]) {
            let Some((tag, prefixes)) = expansion(side) else { continue };
            let addresses = AddressSet::from_nets(prefixes.iter().copied());
            found.push(Meaning { tag: tag.to_owned(), addresses, origin: &rule.origin, place: Some(place) });
        }
    }
    for entry in &dump.effective.groups {
        let place = places.iter().find(|place| place.in_force.id == entry.group);
        for (tag, prefixes) in &entry.tags {
            let addresses = AddressSet::from_nets(prefixes.iter().copied());
            found.push(Meaning { tag: tag.clone(), addresses, origin: &entry.origin, place });
        }
    }
    found
}

fn one(meaning: &Meaning<'_>, input: &Network, tags: &TagSnapshot, answer: &mut ConformAnswer) {
    let tag = &meaning.tag;
    let special = SpecialTag::recognise(tag).map(|(special, _)| special);
    let (extent, against, severity) = match special {
        Some(SpecialTag::VirtualNetwork) => match own_network(meaning, input, tags) {
            Ok(extent) => (extent, "the input's network", Severity::Warning),
            Err(gap) => return answer.leaves_open(tag, gap),
        },
        // Azure's own list changes, and no document fixes it (S80).
        Some(SpecialTag::Internet) => (listed(tag, tags), "its definition", Severity::Note),
        Some(_) => (listed(tag, tags), "its definition", Severity::Warning),
        None if tags.lookup(tag).is_none() => {
            let message = format!("`{tag}` is in force, and the tag list does not have it");
            let difference = answer.differs(Kind::Tag, Severity::Warning, tag, message);
            difference.in_force = Some(meaning.origin.clone());
            difference.hint = Some("give a newer list with --service-tags".to_owned());
            return;
        }
        None => (listed(tag, tags), "the tag list", Severity::Warning),
    };
    // A dump of an interface without IPv6 lists none.
    let has_v6 = !meaning.addresses.only_v6().is_empty();
    let counted = |set: AddressSet| if has_v6 { set } else { set.only_v4() };
    let more = counted(meaning.addresses.difference(&extent.may));
    let less = counted(extent.must.difference(&meaning.addresses));
    // Where the input leaves open what the tag is, Azure's word settles it: it lies between the two.
    if more.is_empty() && less.is_empty() {
        return;
    }
    let difference = TagDifference {
        tag: tag.clone(),
        more_examples: more.to_nets().into_iter().take(EXAMPLES).collect(),
        less_examples: less.to_nets().into_iter().take(EXAMPLES).collect(),
        more: more.size(),
        less: less.size(),
        against,
    };
    let message = in_words(&difference);
    let told = answer.differs(Kind::Tag, severity, tag, message);
    told.in_force = Some(meaning.origin.clone());
    told.hint = match special {
        Some(SpecialTag::VirtualNetwork) => Some(
            "peers, routes and gateways add to it: has the network changed, or does the input lack a peer?"
                .to_owned(),
        ),
        Some(_) => None,
        None => Some("the list is of another day: give the one of this day with --service-tags".to_owned()),
    };
    answer.tags.push(difference);
}

/// What the list or the definition says that a tag stands for; the place plays no part.
fn listed(tag: &str, tags: &TagSnapshot) -> Extent {
    let place = Surroundings::new(tags, Extent::default());
    match place.tag(tag, &Reading::DEFAULT) {
        TagMeaning::Addresses(extent) => extent,
        TagMeaning::Platform(tag) => Extent::known(platform_addresses(tag)),
    }
}

/// What the input says that `VirtualNetwork` stands for where the group is in force.
fn own_network(meaning: &Meaning<'_>, input: &Network, tags: &TagSnapshot) -> Result<Extent, Gap> {
    let Some(subnet) = meaning.place.and_then(|place| place.subnet) else {
        let missing = "which subnet of the input the dump is of";
        return Err(Gap::new(missing).supplied_by("--subnet NAME"));
    };
    let stand_in = AddressSet::one(UNSEEN_OWN);
    let mut extent = input.at_subnet(subnet, tags).surroundings.virtual_network;
    extent.must = extent.must.difference(&stand_in);
    extent.may = extent.may.difference(&stand_in);
    Ok(extent)
}

fn in_words(difference: &TagDifference) -> String {
    let part = |count: &Count, examples: &[IpNet], word: &str| {
        let nets: Vec<String> = examples.iter().map(ToString::to_string).collect();
        let more = if nets.len() == EXAMPLES { " ..." } else { "" };
        (*count != Count::ZERO)
            .then(|| format!("{} {word} ({}{more})", address_count(count), nets.join(", ")))
    };
    let parts: Vec<String> = [
        part(&difference.more, &difference.more_examples, "more"),
        part(&difference.less, &difference.less_examples, "less"),
    ]
    .into_iter()
    .flatten()
    .collect();
    format!(
        "`{}` stands in force for {} than {} says",
        difference.tag,
        parts.join(" and "),
        difference.against
    )
}
