//! The words that an answer about an attachment point may use for addresses.
//!
//! In: the point, its rules, the words of the question. Out: a [`Vocabulary`], each word with what it means in
//! a question, so that a printed answer can be asked again. Only tags that rules or the question name are
//! looked up: a list has thousands.

use super::{AttachmentPoint, Network, Subnet};
use crate::model::{Direction, Fact};
use crate::rules::notation::AddressText;
use crate::rules::surroundings::{ACTIVATION_SERVER, UNSEEN_OWN};
use crate::rules::{RuleSet, Side};
use crate::sets::AddressSet;
use crate::tags::{SpecialTag, TagKind, Vocabulary};
use std::collections::{BTreeMap, BTreeSet};

impl Network {
    /// The words for addresses at a point: the own subnet, the computed tags, the tags that its rules and the
    /// question name, `*`, the other subnets. Of equal words the earlier is used.
    pub fn vocabulary<'t>(
        &self,
        point: &AttachmentPoint<'_>,
        direction: Direction,
        asked: impl IntoIterator<Item = &'t AddressText>,
    ) -> Vocabulary {
        let mut words = Vocabulary::default();
        let mut spellings: BTreeMap<String, usize> = BTreeMap::new();
        for subnet in &self.subnets {
            *spellings.entry(subnet.id.name().to_lowercase()).or_default() += 1;
        }
        let name_of = |subnet| word_for(subnet, point, &spellings);
        if point.own.known {
            let name = point.subnet.map_or_else(|| point.name.clone(), name_of);
            words.add_local(name, point.own.prefixes.iter().copied().collect());
        } else {
            words.add(point.name.clone(), AddressSet::one(UNSEEN_OWN));
        }
        let mut named: BTreeSet<String> = BTreeSet::new();
        let rules = point.security_group.known().copied().flatten().map(|group| &group.rules);
        named.extend(rules.into_iter().flat_map(|rules| listed_tags(point, rules, direction)));
        let asked = asked.into_iter().filter_map(|text| match text {
            AddressText::Name(name) => listed(point, name),
            _ => None,
        });
        named.extend(asked);
        let mut special = vec![SpecialTag::VirtualNetwork, SpecialTag::Internet];
        // Outbound, its address is that of the platform's services.
        if direction == Direction::Inbound || named.contains(SpecialTag::AzureLoadBalancer.as_str()) {
            special.push(SpecialTag::AzureLoadBalancer);
        }
        for name in special.iter().map(|tag| tag.as_str().to_owned()).chain(named) {
            let text = AddressText::Name(name.clone());
            // A tag that stands for nothing here is no word.
            if let Ok(addresses) = self.addresses_of(&text, &point.surroundings) {
                words.add(name, addresses);
            }
        }
        words.add(SpecialTag::AzurePlatformLkm.as_str(), AddressSet::one(ACTIVATION_SERVER));
        if let Ok(any) = self.addresses_of(&AddressText::Any, &point.surroundings) {
            words.add("*", any);
        }
        for subnet in &self.subnets {
            if let Fact::Known(prefixes) = &subnet.prefixes {
                words.add_local(name_of(subnet), prefixes.iter().copied().collect());
            }
        }
        words
    }
}

impl Network {
    /// The tags of the list that the rules at a point name: what the parts of an answer are likely made of.
    pub fn tags_of_rules(&self, point: &AttachmentPoint<'_>) -> Vocabulary {
        let group = point.security_group.known().copied().flatten();
        let directions = [Direction::Inbound, Direction::Outbound];
        let named = group.into_iter().flat_map(|group| {
            directions.into_iter().flat_map(|direction| listed_tags(point, &group.rules, direction))
        });
        let tags = point.surroundings.tags;
        let mut words = Vocabulary::default();
        for name in named.filter(|name| matches!(tags.classify(name).kind, TagKind::Listed { .. })) {
            if let Ok(addresses) = self.addresses_of(&AddressText::Name(name.clone()), &point.surroundings) {
                words.add(name, addresses);
            }
        }
        words
    }
}

/// The shortest text that means a subnet in a question: a tag of its name comes first there, and a digit begins
/// an address.
fn word_for(subnet: &Subnet, point: &AttachmentPoint<'_>, spellings: &BTreeMap<String, usize>) -> String {
    let name = subnet.id.name();
    let is_tag = point.surroundings.tags.classify(name).kind != TagKind::Unknown;
    match spellings.get(&name.to_lowercase()) {
        Some(2..) => subnet.name(),
        _ if is_tag || name.starts_with(|c: char| c.is_ascii_digit()) => format!("subnet:{name}"),
        _ => name.to_owned(),
    }
}

/// The tags that rules of a direction name and the list knows, as the list spells them.
fn listed_tags(point: &AttachmentPoint<'_>, rules: &RuleSet, direction: Direction) -> Vec<String> {
    let applying = rules.rules.iter().filter(|rule| rule.may_be_in(direction));
    let sides = applying.flat_map(|rule| [&rule.source, &rule.destination]);
    let names: BTreeSet<&str> = sides.flat_map(tags_of).collect();
    names.into_iter().filter_map(|name| listed(point, name)).collect()
}

fn tags_of(side: &Side) -> impl Iterator<Item = &str> {
    side.addresses.iter().filter_map(|written| written.value.tag())
}

/// The name as the list spells it; `None` for one that the list does not know.
fn listed(point: &AttachmentPoint<'_>, name: &str) -> Option<String> {
    let name = point.surroundings.tags.classify(name);
    match name.kind {
        TagKind::Unknown | TagKind::Special { classic: true, .. } => None,
        _ => Some(name.to_string()),
    }
}
