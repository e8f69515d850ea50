//! What tags and groups stand for at one attachment point.
//!
//! `VirtualNetwork` is computed for each point (S72, S73), so the same rule can mean two things on two
//! subnets. What the input does not show is kept apart: an [`Extent`] has the addresses that are certainly
//! meant, those that may be, and what is missing in between.

use super::Reading;
use crate::model::{Gap, ResourceId, Switch};
use crate::sets::AddressSet;
use crate::tags::{SpecialTag, TagSnapshot, special};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// Addresses that a word stands for: certainly, and at most.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Extent {
    /// Addresses that are meant whatever is missing.
    pub must: AddressSet,
    /// Addresses that may be meant; holds `must`.
    pub may: AddressSet,
    /// What would settle the difference.
    pub gaps: Vec<Gap>,
}

impl Extent {
    /// An extent without doubt.
    pub fn known(addresses: AddressSet) -> Self {
        Self { must: addresses.clone(), may: addresses, gaps: Vec::new() }
    }

    /// Any address or none: what an unknown tag or expression stands for (S36, S93).
    pub fn unknown(gap: Gap) -> Self {
        Self { must: AddressSet::empty(), may: AddressSet::all(), gaps: vec![gap] }
    }

    /// The extent of two words that are alternatives of one another (S6).
    pub fn join(&mut self, other: Self) {
        self.must = self.must.union(&other.must);
        self.may = self.may.union(&other.may);
        self.gaps.extend(other.gaps);
    }
}

/// The address that stands for "an instance in a subnet whose prefix the input does not show".
///
/// It lies in 0.0.0.0/8, which no network uses, so no rule but one for every address names it. Whether a
/// rule's prefixes hold it is worked out from where the subnet can lie ([`Surroundings::unseen_own`]).
pub const UNSEEN_OWN: IpAddr = IpAddr::V4(Ipv4Addr::new(0, 0, 0, 1));

/// The address that stands for Azure's Windows activation servers, which no document lists (S103).
pub const ACTIVATION_SERVER: IpAddr = IpAddr::V4(Ipv4Addr::new(0, 0, 0, 2));

/// Addresses that stand for others and that no machine has.
pub fn stand_ins() -> AddressSet {
    AddressSet::one(UNSEEN_OWN).union(&AddressSet::one(ACTIVATION_SERVER))
}

/// Where traffic to one of Azure's own services goes, as a tag made for it means it (S102, S103).
pub fn platform_addresses(tag: SpecialTag) -> AddressSet {
    tag.fixed().unwrap_or_else(|| AddressSet::one(ACTIVATION_SERVER))
}

/// What the words of a rule stand for where the rule is in force.
#[derive(Clone, Debug)]
pub struct Surroundings<'t> {
    /// The service tag list.
    pub tags: &'t TagSnapshot,
    /// `VirtualNetwork` at this place (S72).
    pub virtual_network: Extent,
    /// Address space that is reached privately whatever people's routes say: the part of `VirtualNetwork` that
    /// is the network's own, its peers' and that of sites behind gateways.
    pub private: AddressSet,
    /// The prefixes of written routes, which `VirtualNetwork` holds by their next hops (S75, U17).
    pub routes: RoutePrefixes,
    /// Where the own subnet's addresses can lie, when its prefix is not known.
    pub unseen_own: Option<AddressSet>,
    /// Members of application security groups (S46); a group that is not here is unknown (S50). Shared by all
    /// places of a network.
    pub groups: Arc<BTreeMap<ResourceId, Extent>>,
}

/// Prefixes of user-defined routes, by what their next hops mean for `VirtualNetwork` (S75, U17).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RoutePrefixes {
    /// Those that count: to appliances, gateways and the network itself. They are in the tag.
    pub counted: AddressSet,
    /// Those to appliances alone.
    pub by_appliance: AddressSet,
    /// All of them, those to the Internet and to nowhere too; not those for tags.
    pub written: AddressSet,
}

/// What a tag of a rule stands for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TagMeaning {
    /// A set of addresses.
    Addresses(Extent),
    /// One of the tags that only Azure's own services can be reached by (S100 to S103).
    Platform(SpecialTag),
}

/// What another reading does to a tag.
enum Moved {
    In(AddressSet),
    Out(AddressSet),
}

impl<'t> Surroundings<'t> {
    /// Surroundings where routes add nothing, the own subnet is known, and no group has members.
    pub fn new(tags: &'t TagSnapshot, virtual_network: Extent) -> Self {
        Self {
            tags,
            private: virtual_network.must.clone(),
            virtual_network,
            routes: RoutePrefixes::default(),
            unseen_own: None,
            groups: Arc::default(),
        }
    }
}

impl Surroundings<'_> {
    /// What a tag stands for; case does not matter (U2). A tag that is not in the list is unknown (S93).
    pub fn tag(&self, name: &str, reading: &Reading) -> TagMeaning {
        let special = match SpecialTag::recognise(name) {
            None => return TagMeaning::Addresses(self.listed(name, reading)),
            // S91 as amended: Resource Manager refuses the classic spellings.
            Some((special, true)) => {
                let gap =
                    Gap::new(format!("what Azure makes of `{name}`, the classic spelling of {special}"));
                return TagMeaning::Addresses(Extent::unknown(gap));
            }
            Some((special, false)) => special,
        };
        TagMeaning::Addresses(match special {
            SpecialTag::VirtualNetwork => self.virtual_network(reading),
            SpecialTag::Internet => self.internet(reading),
            SpecialTag::AzureLoadBalancer => Extent::known(special::load_balancer()),
            platform => return TagMeaning::Platform(platform),
        })
    }

    /// U17: by the other reading all routes count, or where all do so already, those to appliances alone. What
    /// is in the tag for another reason stays in it.
    fn virtual_network(&self, reading: &Reading) -> Extent {
        let Extent { must, may, gaps } = &self.virtual_network;
        let Some(moved) = self.moved_by_routes().filter(|_| reading.takes(Switch::ROUTE_PREFIXES)) else {
            return self.virtual_network.clone();
        };
        let change = |set: &AddressSet| match &moved {
            Moved::In(more) => set.union(more),
            Moved::Out(less) => set.difference(less),
        };
        Extent { must: change(must), may: change(may), gaps: gaps.clone() }
    }

    /// The addresses that the other reading of U17 moves into or out of the tag; `None` where it moves none.
    fn moved_by_routes(&self) -> Option<Moved> {
        let more = self.routes.written.difference(&self.virtual_network.must);
        if !more.is_empty() {
            return Some(Moved::In(more));
        }
        let RoutePrefixes { counted, by_appliance, .. } = &self.routes;
        let less = counted.difference(by_appliance).difference(&self.private);
        (!less.is_empty()).then_some(Moved::Out(less))
    }

    /// The addresses that are in `VirtualNetwork` by one reading of U17 alone.
    pub fn unsettled_by_routes(&self) -> AddressSet {
        match self.moved_by_routes() {
            Some(Moved::In(addresses) | Moved::Out(addresses)) => addresses,
            None => AddressSet::empty(),
        }
    }

    fn listed(&self, name: &str, reading: &Reading) -> Extent {
        let Some(addresses) = self.tags.addresses(name) else {
            return Extent::unknown(
                Gap::new(format!("the addresses of the tag `{name}`, which is not in the service tag list"))
                    .supplied_by("--service-tags FILE"),
            );
        };
        let is_azure_cloud = || name.to_ascii_lowercase().starts_with("azurecloud");
        if reading.takes(Switch::AZURE_CLOUD_IPV6) && is_azure_cloud() {
            return Extent::known(addresses.only_v4());
        }
        Extent::known(addresses)
    }

    /// Whether the list does not mark a tag for use in rules, so that Azure may refuse it (U28).
    pub fn is_refused_tag(&self, name: &str) -> bool {
        self.tags.is_for_groups(name) == Some(false)
    }

    /// Whether a tag is one of those that only Azure's own services can be reached by (S100).
    pub(super) fn is_platform_tag(name: &str) -> bool {
        use SpecialTag::{AzureLoadBalancer, Internet, VirtualNetwork};
        match SpecialTag::recognise(name) {
            Some((special, false)) => !matches!(special, VirtualNetwork | Internet | AzureLoadBalancer),
            _ => false,
        }
    }

    /// S81 as amended: a public prefix of the network stays in Internet, the platform's address too.
    fn internet(&self, reading: &Reading) -> Extent {
        let mut internet = special::internet();
        if reading.takes(Switch::INTERNET_EXTENT) {
            // Each address that one recorded list holds and another does not, the other way round.
            // A public prefix of the network is left out by S81 as it stood before its amendment.
            let unsettled = special::unsettled_internet();
            internet = internet.difference(&unsettled).union(&unsettled.difference(&internet));
            internet = internet.difference(&self.public_private_space());
        }
        if reading.takes(Switch::TAG_SHADOW) {
            internet = internet.difference(&self.public_space());
        }
        Extent::known(internet)
    }

    /// Public prefixes of the network, its peers and other sites (S81); the platform's is not one of them.
    pub fn public_private_space(&self) -> AddressSet {
        let platform = AddressSet::one(special::WIRE_SERVER.into());
        self.private.difference(&platform).intersection(&special::internet())
    }

    /// Public addresses that `VirtualNetwork` covers too (S82), by routes above all (S74); the platform's is
    /// not one of them.
    pub fn public_space(&self) -> AddressSet {
        let platform = AddressSet::one(special::WIRE_SERVER.into());
        self.virtual_network.must.difference(&platform).intersection(&special::internet())
    }

    /// Adds the own subnet's stand-in to a side's addresses, where the side may hold the subnet.
    pub(super) fn place_unseen_own(&self, side: &mut Extent) {
        let Some(within) = &self.unseen_own else { return };
        let stand_in = AddressSet::one(UNSEEN_OWN);
        if within.is_subset(&side.must) {
            side.must = side.must.union(&stand_in);
            side.may = side.may.union(&stand_in);
        } else if within.meets(&side.may) && !side.must.contains(UNSEEN_OWN) {
            side.may = side.may.union(&stand_in);
            side.gaps.push(Gap::new("the prefix of the subnet").supplied_by("--subnet-prefix PREFIX"));
        }
    }
}
