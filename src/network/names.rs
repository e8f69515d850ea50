//! Names that people write for addresses, looked up in a network.

use super::{GroupMembers, Network};
use crate::model::{Fact, ResourceId};
use crate::rules::notation::AddressText;
use crate::rules::{Reading, Surroundings, surroundings::TagMeaning};
use crate::sets::AddressSet;
use crate::tags::{TagKind, special};
use std::fmt;

/// A name that stands for no addresses here.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NameError {
    /// The name as written.
    pub found: String,
    /// Why it stands for nothing: the rest of a sentence that the name begins.
    pub reason: String,
    /// Names that come close.
    pub suggestions: Vec<String>,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.found, self.reason)?;
        match self.suggestions[..] {
            [] => Ok(()),
            _ => write!(f, "; did you mean {}?", self.suggestions.join(" or ")),
        }
    }
}

impl std::error::Error for NameError {}

impl Network {
    /// The addresses that a word of a question stands for at an attachment point.
    ///
    /// Where a tag and a subnet share a name, it is the tag. `*` and tags do not mean the platform's two addresses
    /// (168.63.129.16, 169.254.169.254): nobody else sends from there, so whoever asks about them says
    /// `AzureLoadBalancer` or writes the address (design, section 3).
    ///
    /// # Errors
    /// [`NameError`] for a name that is neither, or whose addresses the input does not show.
    pub fn addresses_of(
        &self,
        text: &AddressText,
        place: &Surroundings<'_>,
    ) -> Result<AddressSet, NameError> {
        let platform = special::platform_only();
        match text {
            AddressText::Any => Ok(AddressSet::all().difference(&platform)),
            AddressText::Prefix(net, _) => Ok(AddressSet::from_nets([*net])),
            AddressText::Subnet(name) => self.addresses_of_subnet(name),
            AddressText::Group(name) => self.addresses_of_group(name),
            AddressText::Name(name) => match place.tags.classify(name).kind {
                TagKind::Special { classic: false, .. } | TagKind::Listed { .. } => {
                    match place.tag(name, &Reading::DEFAULT) {
                        TagMeaning::Addresses(extent) if name.eq_ignore_ascii_case("AzureLoadBalancer") => {
                            Ok(extent.must)
                        }
                        TagMeaning::Addresses(extent) => Ok(extent.must.difference(&platform)),
                        TagMeaning::Platform(tag) => Ok(crate::rules::surroundings::platform_addresses(tag)),
                    }
                }
                _ if !self.subnets_named(name).is_empty() => self.addresses_of_subnet(name),
                _ => Err(NameError {
                    found: name.clone(),
                    reason: "is neither a service tag nor a subnet of the input".to_owned(),
                    suggestions: self.names_like(name, place),
                }),
            },
        }
    }

    fn addresses_of_subnet(&self, name: &str) -> Result<AddressSet, NameError> {
        let fail = |reason: &str| NameError {
            found: name.to_owned(),
            reason: reason.to_owned(),
            suggestions: Vec::new(),
        };
        match self.subnets_named(name)[..] {
            [subnet] => match &subnet.prefixes {
                Fact::Known(prefixes) => Ok(prefixes.iter().copied().collect()),
                Fact::Unknown(gap) => Err(fail(&format!("is a subnet whose prefix is not known: {gap}"))),
            },
            [] => Err(fail("is no subnet of the input")),
            _ => Err(fail("names several subnets: write network/subnet")),
        }
    }

    fn addresses_of_group(&self, name: &str) -> Result<AddressSet, NameError> {
        match self.group_named(name) {
            Some(members) => Ok(members.certain.iter().copied().collect()),
            None => Err(NameError {
                found: name.to_owned(),
                reason: "is no application security group with known members".to_owned(),
                suggestions: Vec::new(),
            }),
        }
    }

    /// The members of an application security group, by its name.
    pub fn group_named(&self, name: &str) -> Option<&GroupMembers> {
        let named = |id: &ResourceId| id.name().eq_ignore_ascii_case(name);
        self.groups.iter().find(|(id, _)| named(id)).map(|(_, members)| members)
    }

    fn names_like(&self, name: &str, place: &Surroundings<'_>) -> Vec<String> {
        let wanted = name.to_lowercase();
        let near = |subnet: &str| strsim::jaro_winkler(&wanted, &subnet.to_lowercase()) > 0.85;
        let subnets =
            self.subnets.iter().map(|subnet| subnet.id.name().to_owned()).filter(|subnet| near(subnet));
        subnets.chain(place.tags.suggest(name)).take(3).collect()
    }
}
