//! Which attachment point a question is put to, when the user names none or half of one.

use super::{AttachmentPoint, Network, SecurityGroup, Subnet};
use crate::model::{Direction, Fact, ResourceId};
use crate::rules::PacketSetText;
use crate::rules::notation::AddressText;
use crate::sets::AddressSet;
use crate::tags::TagSnapshot;
use std::fmt;
use std::net::IpAddr;

/// Why no attachment point can be chosen.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChoiceError {
    /// What is wrong, lower case, no full stop.
    pub reason: String,
    /// The names that could be chosen.
    pub choices: Vec<String>,
}

impl fmt::Display for ChoiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        match self.choices[..] {
            [] => Ok(()),
            ref all => write!(f, ": {}", some_of(all)),
        }
    }
}

/// How many names are told; nobody reads all of thousands.
const SHOWN: usize = 20;

/// The first names, and how many more there are.
pub(super) fn some_of(names: &[String]) -> String {
    let shown = &names[..names.len().min(SHOWN)];
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

impl std::error::Error for ChoiceError {}

/// What the user says about the place.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlaceHint<'a> {
    /// A subnet's name.
    pub subnet: Option<&'a str>,
    /// A security group's name.
    pub group: Option<&'a str>,
}

impl Network {
    /// The attachment point that a packet is asked at: the one named, else the only one with a security
    /// group, else the subnet that holds the local address (design, section 6).
    ///
    /// # Errors
    /// [`ChoiceError`] when a name is unknown or ambiguous, or nothing tells the places apart.
    pub fn place_for<'n>(
        &'n self,
        hint: PlaceHint<'_>,
        local: Option<IpAddr>,
        tags: &'n TagSnapshot,
    ) -> Result<AttachmentPoint<'n>, ChoiceError> {
        if let Some(name) = hint.subnet {
            return Ok(self.at_subnet(self.only_subnet(name)?, tags));
        }
        if let Some(name) = hint.group {
            return self.place_of_group(self.only_group(name)?, local, tags);
        }
        let with_group: Vec<&Subnet> = self
            .subnets
            .iter()
            .filter(|subnet| !matches!(self.security_group_of(subnet), Fact::Known(None)))
            .collect();
        let lone: Vec<&SecurityGroup> =
            self.security_groups.iter().filter(|group| self.subnets_of(group).is_empty()).collect();
        let holding = local.map(|local| (local, self.subnets_holding(local)));
        let is_held = holding.as_ref().is_some_and(|(_, holding)| !holding.is_empty());
        match (&with_group[..], &lone[..]) {
            ([subnet], []) => Ok(self.at_subnet(subnet, tags)),
            // An interface's group is no place beside the subnet that holds the address: it is a layer there.
            ([], [group]) if !(is_held && self.is_of_interface(group)) => Ok(self.at_group(group, tags)),
            _ => match holding {
                Some((_, ref holding)) if let [subnet] = holding[..] => Ok(self.at_subnet(subnet, tags)),
                Some((local, holding)) if !holding.is_empty() => Err(ChoiceError {
                    reason: format!("{local} lies in several subnets: choose one"),
                    choices: holding.iter().map(|subnet| format!("--subnet {}", subnet.name())).collect(),
                }),
                _ => Err(self.no_choice()),
            },
        }
    }

    /// The attachment point that a packet set is asked at: the one named, else the subnet that the set names
    /// on its own side, else as for a packet from its first address there.
    ///
    /// # Errors
    /// [`ChoiceError`] as for a packet.
    pub fn place_for_set<'n>(
        &'n self,
        hint: PlaceHint<'_>,
        set: &PacketSetText,
        tags: &'n TagSnapshot,
    ) -> Result<AttachmentPoint<'n>, ChoiceError> {
        if hint.subnet.is_some() || hint.group.is_some() {
            return self.place_for(hint, None, tags);
        }
        let own = match set.direction {
            Direction::Inbound => &set.destination,
            Direction::Outbound => &set.source,
        };
        match &own.addresses[..] {
            [AddressText::Subnet(name)] => {
                self.place_for(PlaceHint { subnet: Some(name), ..hint }, None, tags)
            }
            [AddressText::Name(name)] if self.subnets_named(name).len() == 1 => {
                self.place_for(PlaceHint { subnet: Some(name), ..hint }, None, tags)
            }
            [AddressText::Prefix(net, _), ..] => self.place_for(hint, Some(net.addr()), tags),
            _ => self.place_for(hint, None, tags),
        }
    }

    /// The subnet of a name.
    ///
    /// # Errors
    /// [`ChoiceError`] when there is none or more than one.
    pub fn only_subnet(&self, name: &str) -> Result<&Subnet, ChoiceError> {
        match self.subnets_named(name)[..] {
            [subnet] => Ok(subnet),
            [] => Err(ChoiceError {
                reason: format!("no subnet of the input is named `{name}`; it has"),
                choices: self.subnets.iter().map(Subnet::name).collect(),
            }),
            ref many => Err(ChoiceError {
                reason: format!("`{name}` names several subnets"),
                choices: many.iter().map(|subnet| subnet.name()).collect(),
            }),
        }
    }

    /// The security group of a name.
    ///
    /// # Errors
    /// [`ChoiceError`] when there is none or more than one.
    pub fn only_group(&self, name: &str) -> Result<&SecurityGroup, ChoiceError> {
        match self.security_groups_named(name)[..] {
            [group] => Ok(group),
            [] => Err(ChoiceError {
                reason: format!("no network security group of the input is named `{name}`; it has"),
                choices: self.security_groups.iter().map(|group| group.name().to_owned()).collect(),
            }),
            ref many => Err(ChoiceError {
                reason: format!("`{name}` names several network security groups"),
                choices: many.iter().map(|group| group.id.to_string()).collect(),
            }),
        }
    }

    /// Subnets that a group is attached to.
    pub fn subnets_of(&self, group: &SecurityGroup) -> Vec<&Subnet> {
        let attached = |subnet: &&Subnet| match &subnet.security_group {
            Fact::Known(Some(id)) => *id == group.id,
            Fact::Known(None) => group.subnets.contains(&subnet.id),
            Fact::Unknown(_) => false,
        };
        let index = self.subnets.index();
        let mut places = index.by_group.of(&group.id).to_vec();
        places.extend(group.subnets.iter().flat_map(|id| index.by_id.of(id)));
        places.sort_unstable();
        places.dedup();
        self.subnets.at(&places).filter(attached).collect()
    }

    /// Whether some subnet or interface names the group, or may.
    pub fn may_be_named(&self, group: &SecurityGroup) -> bool {
        let (subnets, interfaces) = (self.subnets.index(), self.interfaces.index());
        let is_it =
            |id: &Fact<Option<ResourceId>>| id.known().is_some_and(|id| id.as_ref() == Some(&group.id));
        subnets.open_group
            || interfaces.open_group
            || self.subnets.at(subnets.by_group.of(&group.id)).any(|one| is_it(&one.security_group))
            || self.interfaces.at(interfaces.by_group.of(&group.id)).any(|one| is_it(&one.security_group))
    }

    /// Whether a place is the group of an interface alone: a layer of the subnet that holds it, and no place where
    /// that is shown.
    pub fn is_of_interfaces_alone(&self, point: &AttachmentPoint<'_>) -> bool {
        let group = point.security_group.known().copied().flatten();
        point.subnet.is_none() && group.is_some_and(|group| self.is_of_interface(group))
    }

    /// Whether an interface of the input names the group.
    fn is_of_interface(&self, group: &SecurityGroup) -> bool {
        let named = self.interfaces.at(self.interfaces.index().by_group.of(&group.id)).next();
        named.is_some()
    }

    fn place_of_group<'n>(
        &'n self,
        group: &'n SecurityGroup,
        local: Option<IpAddr>,
        tags: &'n TagSnapshot,
    ) -> Result<AttachmentPoint<'n>, ChoiceError> {
        let subnets = self.subnets_of(group);
        match subnets[..] {
            [] => Ok(self.at_group(group, tags)),
            [subnet] => Ok(self.at_subnet(subnet, tags)),
            ref many => {
                let holding = many.iter().filter(|subnet| local.is_some_and(|local| holds(subnet, local)));
                let holding: Vec<&&Subnet> = holding.collect();
                match holding[..] {
                    [subnet] => Ok(self.at_subnet(subnet, tags)),
                    _ => Err(ChoiceError {
                        reason: format!(
                            "`{}` is attached to several subnets: choose one with --subnet",
                            group.name()
                        ),
                        choices: many.iter().map(|subnet| subnet.name()).collect(),
                    }),
                }
            }
        }
    }

    /// More than one where networks that are not peered use the same addresses.
    fn subnets_holding(&self, local: IpAddr) -> Vec<&Subnet> {
        self.subnets.iter().filter(|subnet| holds(subnet, local)).collect()
    }

    /// The name of a group; its id where another group has the same name.
    fn telling_name<'a>(&self, group: &'a SecurityGroup) -> &'a str {
        match self.security_groups_named(group.name())[..] {
            [_] => group.name(),
            _ => group.id.as_str(),
        }
    }

    fn no_choice(&self) -> ChoiceError {
        let subnets = self.subnets.iter().map(Subnet::name);
        let groups = self
            .security_groups
            .iter()
            .filter(|group| self.subnets_of(group).is_empty())
            .map(|group| format!("--nsg {}", self.telling_name(group)));
        let choices: Vec<String> = subnets.map(|name| format!("--subnet {name}")).chain(groups).collect();
        let reason = match choices[..] {
            [] => "the input holds no subnet and no network security group".to_owned(),
            _ => "the question fits several places: choose one".to_owned(),
        };
        ChoiceError { reason, choices }
    }
}

fn holds(subnet: &Subnet, local: IpAddr) -> bool {
    subnet
        .prefixes
        .known()
        .is_some_and(|prefixes| prefixes.iter().copied().collect::<AddressSet>().contains(local))
}
