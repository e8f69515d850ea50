//! Two places made comparable: one set of own addresses for both, and what one side alone shows.
//!
//! In: a pair of places. Out: their attachment points, which differ in nothing but what the inputs state. Where
//! one input shows a security group alone, it is put to the subnet of the other one; where only one knows the
//! subnet's prefix, both have it. What was supposed is said.

use super::matching::Pair;
use super::{DiffOptions, GroupState, PlaceKind, PlaceSide};
use crate::model::{Assumption, Direction, Fact, Origin};
use crate::network::{AttachmentPoint, Network, Own, SecurityGroup, Subnet};
use crate::rules::surroundings::UNSEEN_OWN;
use crate::rules::{AddressTerm, Extent, Rule, Surroundings};
use crate::sets::AddressSet;
use crate::tags::{TagSnapshot, special};

/// A place of an input that has rules, or could have.
#[derive(Clone, Copy)]
pub(super) enum Place<'n> {
    /// A subnet, with the group in force there.
    Subnet {
        /// The network that holds it.
        network: &'n Network,
        /// The subnet.
        subnet: &'n Subnet,
    },
    /// A security group that no subnet of its input uses.
    Group {
        /// The network that holds it.
        network: &'n Network,
        /// The group.
        group: &'n SecurityGroup,
    },
}

impl<'n> Place<'n> {
    pub(super) fn is_subnet(&self) -> bool {
        matches!(self, Self::Subnet { .. })
    }

    /// Whether a security group is in force here, shown or not.
    pub(super) fn has_group(&self) -> bool {
        !matches!(self.group(), Fact::Known(None))
    }

    /// Whether both are one and the same place of one input.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Subnet { subnet, .. }, Self::Subnet { subnet: other, .. }) => {
                std::ptr::eq(*subnet, *other)
            }
            (Self::Group { group, .. }, Self::Group { group: other, .. }) => std::ptr::eq(*group, *other),
            _ => false,
        }
    }

    pub(super) fn network(&self) -> &'n Network {
        match self {
            Self::Subnet { network, .. } | Self::Group { network, .. } => network,
        }
    }

    pub(super) fn subnet(&self) -> Option<&'n Subnet> {
        match self {
            Self::Subnet { subnet, .. } => Some(subnet),
            Self::Group { .. } => None,
        }
    }

    fn group(&self) -> Fact<Option<&'n SecurityGroup>> {
        match self {
            Self::Subnet { network, subnet } => network.security_group_of(subnet),
            Self::Group { group, .. } => Fact::Known(Some(group)),
        }
    }

    pub(super) fn shown_group(&self) -> Option<&'n SecurityGroup> {
        self.group().known().copied().flatten()
    }

    /// What places are matched by first.
    pub(super) fn id_key(&self) -> Option<String> {
        Some(match self {
            Self::Subnet { subnet, .. } => format!("subnet {}", subnet.id.key()),
            Self::Group { group, .. } => format!("group {}", group.id.key()),
        })
    }

    /// `network/subnet` or the group's name, without regard to case.
    pub(super) fn name_key(&self) -> Option<String> {
        Some(match self {
            Self::Subnet { subnet, .. } => format!("subnet {}", subnet.name().to_lowercase()),
            Self::Group { group, .. } => format!("group {}", group.name().to_lowercase()),
        })
    }

    /// The subnet's own name, without that of its network.
    pub(super) fn own_name_key(&self) -> Option<String> {
        self.subnet().map(|subnet| subnet.id.name().to_lowercase())
    }

    pub(super) fn group_name(&self) -> Option<String> {
        self.shown_group().map(|group| group.name().to_owned())
    }

    pub(super) fn subnet_name(&self) -> Option<String> {
        self.subnet().map(Subnet::name)
    }

    /// Whether the same group is in force at both, by id or name.
    pub(super) fn has_same_group(&self, other: &Self) -> bool {
        match (self.shown_group(), other.shown_group()) {
            (Some(group), Some(other)) => is_same(group, other),
            _ => false,
        }
    }

    /// Whether a network attaches the place's group to one of its subnets.
    pub(super) fn group_is_attached_in(&self, network: &Network) -> bool {
        let Some(group) = self.shown_group() else { return false };
        let known = network.security_groups.iter().filter(|other| is_same(group, other));
        known.into_iter().any(|other| !network.subnets_of(other).is_empty())
    }

    /// Whether the question is about this place.
    pub(super) fn is_asked(&self, options: &DiffOptions) -> bool {
        let is = |name: &str, wanted: &str| name.eq_ignore_ascii_case(wanted);
        let by_subnet = options.subnet.as_ref().is_none_or(|wanted| {
            self.subnet().is_some_and(|subnet| {
                is(subnet.id.name(), wanted) || is(&subnet.name(), wanted) || is(subnet.id.as_str(), wanted)
            })
        });
        let by_group = options.group.as_ref().is_none_or(|wanted| {
            self.shown_group().is_some_and(|group| is(group.name(), wanted) || is(group.id.as_str(), wanted))
        });
        by_subnet && by_group
    }

    /// The place as an answer names it.
    pub(super) fn side(&self) -> PlaceSide {
        let (kind, name, origin): (_, _, &Origin) = match self {
            Self::Subnet { subnet, .. } => (PlaceKind::Subnet, subnet.name(), &subnet.origin),
            Self::Group { group, .. } => (PlaceKind::Group, group.name().to_owned(), &group.origin),
        };
        PlaceSide { kind, name, group: state_of(&self.group()), origin: origin.clone() }
    }

    fn point(&self, tags: &'n TagSnapshot, options: &DiffOptions) -> AttachmentPoint<'n> {
        match self {
            Self::Subnet { network, subnet } => network.at_subnet(subnet, tags),
            Self::Group { network, group } => supplied(network.at_group(group, tags), options),
        }
    }
}

fn is_same(group: &SecurityGroup, other: &SecurityGroup) -> bool {
    group.id == other.id || group.name().eq_ignore_ascii_case(other.name())
}

/// The group in force, as an answer names it.
pub(super) fn state_of(group: &Fact<Option<&SecurityGroup>>) -> GroupState {
    match group {
        Fact::Known(None) => GroupState::None,
        Fact::Known(Some(group)) => GroupState::Named(group.name().to_owned()),
        Fact::Unknown(gap) => GroupState::Unknown(gap.missing().to_owned()),
    }
}

/// What the user says of the network around a group whose subnet is not shown.
fn supplied<'n>(mut point: AttachmentPoint<'n>, options: &DiffOptions) -> AttachmentPoint<'n> {
    let known = |prefixes: &[ipnet::IpNet]| AddressSet::from_nets(prefixes.iter().copied());
    if !options.vnet_prefixes.is_empty() {
        let platform = AddressSet::one(special::WIRE_SERVER.into());
        let space = known(&options.vnet_prefixes).union(&known(&options.peer_prefixes)).union(&platform);
        let own = AddressSet::one(UNSEEN_OWN);
        point.surroundings.virtual_network = Extent::known(space.union(&own));
        point.surroundings.unseen_own = Some(known(&options.vnet_prefixes));
        point.assumptions =
            vec![Assumption::new("no route table widens VirtualNetwork: the input does not show the subnet")];
    }
    if !options.subnet_prefixes.is_empty() {
        let prefixes = options.subnet_prefixes.clone();
        settle_own(&mut point, &Own { usable: known(&prefixes), prefixes, known: true });
    }
    point
}

/// Two attachment points that can be compared.
pub(super) struct Sides<'n> {
    pub(super) old: AttachmentPoint<'n>,
    pub(super) new: AttachmentPoint<'n>,
    /// The own addresses that are asked for; `None` for every address.
    pub(super) own: Option<AddressSet>,
    /// What was supposed.
    pub(super) assumptions: Vec<Assumption>,
}

/// Makes a pair comparable.
pub(super) fn comparable<'n>(
    pair: &Pair<'n>,
    old_tags: &'n TagSnapshot,
    new_tags: &'n TagSnapshot,
    options: &DiffOptions,
) -> Sides<'n> {
    let mut old = pair.old.point(old_tags, options);
    let mut new = pair.new.point(new_tags, options);
    let mut assumptions = Vec::new();
    match (pair.old.is_subnet(), pair.new.is_subnet()) {
        (false, true) => assumptions.push(put_to_subnet(&mut old, &new, "old", "new")),
        (true, false) => assumptions.push(put_to_subnet(&mut new, &old, "new", "old")),
        _ => {}
    }
    match (old.own.known, new.own.known) {
        (true, false) => assumptions.push(take_prefix(&mut new, &old, "new", "old")),
        (false, true) => assumptions.push(take_prefix(&mut old, &new, "old", "new")),
        (false, false) => assumptions.push(Assumption::new(
            "the addresses of the subnet are not known: asked for every own address, each taken to lie in VirtualNetwork (say --subnet-prefix)",
        )),
        (true, true) => {}
    }
    let known = old.own.known && new.own.known;
    let own = known.then(|| {
        let prefixes = old.own.prefixes.iter().chain(&new.own.prefixes);
        AddressSet::from_nets(prefixes.copied())
    });
    assumptions.extend(old.assumptions.iter().chain(&new.assumptions).cloned());
    Sides { old, new, own, assumptions }
}

/// A group that is shown alone, at the subnet that the other input attaches it to.
fn put_to_subnet<'n>(
    alone: &mut AttachmentPoint<'n>,
    shown: &AttachmentPoint<'n>,
    input: &str,
    other: &str,
) -> Assumption {
    let tags = alone.surroundings.tags;
    alone.surroundings = Surroundings { tags, ..shown.surroundings.clone() };
    alone.own = shown.own.clone();
    alone.assumptions = Vec::new();
    Assumption::new(format!(
        "the {input} input shows the group `{}` alone: asked at the subnet {} of the {other} one",
        alone.name, shown.name
    ))
}

/// The prefix that only one input shows is that of both.
fn take_prefix(
    point: &mut AttachmentPoint<'_>,
    shown: &AttachmentPoint<'_>,
    input: &str,
    other: &str,
) -> Assumption {
    settle_own(point, &shown.own);
    let prefixes: Vec<String> = shown.own.prefixes.iter().map(ToString::to_string).collect();
    Assumption::new(format!(
        "the {input} input does not show the prefix of the subnet: taken as that of the {other} one, {}",
        prefixes.join(" and ")
    ))
}

fn settle_own(point: &mut AttachmentPoint<'_>, own: &Own) {
    forget_stand_in(&mut point.surroundings);
    let prefixes = own.prefixes.iter().copied().collect();
    let network = &mut point.surroundings.virtual_network;
    network.must = network.must.union(&prefixes);
    network.may = network.may.union(&prefixes);
    point.own = own.clone();
}

/// Own addresses are asked for as such, so none stands for the others.
fn forget_stand_in(place: &mut Surroundings<'_>) {
    place.unseen_own = None;
    let stand_in = AddressSet::one(UNSEEN_OWN);
    let network = &mut place.virtual_network;
    network.must = network.must.difference(&stand_in);
    network.may = network.may.difference(&stand_in);
}

/// The rules of a group for a subnet whose addresses are not known: wherever it lies, it lies in its own virtual
/// network, so `VirtualNetwork` on the own side matches (S72). Where Azure itself says what the tag stands for,
/// those are the addresses (S139).
pub(super) fn for_any_own(group: &SecurityGroup, direction: Direction) -> SecurityGroup {
    let mut group = group.clone();
    for rule in group.rules.rules.iter_mut().chain(&mut group.replaced) {
        own_network_is_any(rule, direction);
    }
    group
}

fn own_network_is_any(rule: &mut Rule, direction: Direction) {
    let own = match direction {
        Direction::Inbound => &mut rule.destination,
        Direction::Outbound => &mut rule.source,
    };
    for written in &mut own.addresses {
        if matches!(written.value, AddressTerm::Tag(_)) && written.value.is_virtual_network() {
            written.value = AddressTerm::Any;
        }
    }
}

/// The point with those rules in force, for every own address.
pub(super) fn at_any_own<'a>(
    point: &AttachmentPoint<'a>,
    group: Option<&'a SecurityGroup>,
) -> AttachmentPoint<'a> {
    let mut point = point.clone();
    forget_stand_in(&mut point.surroundings);
    if group.is_some() {
        point.security_group = Fact::Known(group);
    }
    point
}
