//! Look-ups by id and by name that cost the same however much there is.
//!
//! Whoever asks holds what an index gives against the question once more, so that an index may give too much and
//! must not give too little.
//!
//! | collection | looked up by |
//! | --- | --- |
//! | networks, route tables | id |
//! | subnets | id, network, group, name in any of its forms |
//! | security groups | id, the subnets that they name, name in any of its forms |
//! | interfaces | subnet, group |
//! | private endpoints | subnet |
//! | application security groups | all of them at once, as their extents |

use super::{GroupMembers, Interface, PrivateEndpoint, RouteTable, SecurityGroup, Subnet, VirtualNetwork};
use crate::model::{Fact, ResourceId};
use crate::rules::Extent;
use rustc_hash::{FxHashMap, FxHasher};
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, OnceLock};

/// A collection of a network, with an index that is made when it is first asked for.
///
/// To read and to change it is to read and to change the collection inside. There is no way to a changed collection
/// but by `&mut`, which forgets the index: one of what was there before cannot be asked.
#[derive(Clone, Debug, Default)]
pub struct Indexed<C: Index> {
    all: C,
    index: OnceLock<C::Index>,
}

/// A collection that an index can be made of.
pub trait Index {
    /// The index.
    type Index;

    /// Makes it.
    fn index(&self) -> Self::Index;
}

impl<C: Index> Indexed<C> {
    pub(super) fn index(&self) -> &C::Index {
        self.index.get_or_init(|| self.all.index())
    }
}

impl<T> Indexed<Vec<T>>
where
    Vec<T>: Index,
{
    /// What stands at these places.
    pub(super) fn at<'a, 'p>(&'a self, places: &'p [usize]) -> impl Iterator<Item = &'a T> + use<'a, 'p, T> {
        places.iter().filter_map(|place| self.all.get(*place))
    }
}

impl<C: Index> From<C> for Indexed<C> {
    fn from(all: C) -> Self {
        Self { all, index: OnceLock::new() }
    }
}

impl<T> FromIterator<T> for Indexed<Vec<T>>
where
    Vec<T>: Index,
{
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Vec::from_iter(items).into()
    }
}

impl<C: Index> Deref for Indexed<C> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.all
    }
}

impl<C: Index> DerefMut for Indexed<C> {
    fn deref_mut(&mut self) -> &mut C {
        self.index.take();
        &mut self.all
    }
}

impl<C: Index + IntoIterator> IntoIterator for Indexed<C> {
    type Item = C::Item;
    type IntoIter = C::IntoIter;

    fn into_iter(self) -> C::IntoIter {
        self.all.into_iter()
    }
}

impl<'a, C: Index> IntoIterator for &'a Indexed<C>
where
    &'a C: IntoIterator,
{
    type Item = <&'a C as IntoIterator>::Item;
    type IntoIter = <&'a C as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        self.all.into_iter()
    }
}

impl<'a, C: Index> IntoIterator for &'a mut Indexed<C>
where
    &'a mut C: IntoIterator,
{
    type Item = <&'a mut C as IntoIterator>::Item;
    type IntoIter = <&'a mut C as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        (&mut **self).into_iter()
    }
}

/// Places in a collection by some key, in order. Keys of the same hash share their places.
#[derive(Clone, Debug, Default)]
pub struct Places(FxHashMap<u64, Vec<usize>>);

impl Places {
    pub(super) fn of(&self, key: &impl Hash) -> &[usize] {
        self.0.get(&digest(key)).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, key: &impl Hash, place: usize) {
        let places = self.0.entry(digest(key)).or_default();
        if places.last() != Some(&place) {
            places.push(place);
        }
    }

    fn by_id<'a>(ids: impl Iterator<Item = &'a ResourceId>) -> Self {
        let mut places = Self::default();
        ids.enumerate().for_each(|(place, id)| places.add(id, place));
        places
    }
}

fn digest(key: &impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    key.hash(&mut hasher);
    hasher.finish()
}

/// A name, as it is compared: without regard to case.
pub(super) struct Name<'a>(pub(super) &'a str);

impl Hash for Name<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.bytes().for_each(|byte| state.write_u8(byte.to_ascii_lowercase()));
    }
}

impl Index for Vec<VirtualNetwork> {
    type Index = Places;

    fn index(&self) -> Places {
        Places::by_id(self.iter().map(|one| &one.id))
    }
}

impl Index for Vec<RouteTable> {
    type Index = Places;

    fn index(&self) -> Places {
        Places::by_id(self.iter().map(|one| &one.id))
    }
}

/// Where subnets are.
#[derive(Clone, Debug, Default)]
pub struct SubnetPlaces {
    pub(super) by_id: Places,
    pub(super) by_network: Places,
    /// By the group that they name.
    pub(super) by_group: Places,
    pub(super) by_name: Places,
    /// Whether the group of one is not known.
    pub(super) open_group: bool,
}

impl Index for Vec<Subnet> {
    type Index = SubnetPlaces;

    fn index(&self) -> SubnetPlaces {
        let mut places = SubnetPlaces::default();
        for (place, subnet) in self.iter().enumerate() {
            places.by_id.add(&subnet.id, place);
            places.by_network.add(&subnet.network, place);
            for name in [subnet.id.name(), &subnet.name(), subnet.id.as_str()] {
                places.by_name.add(&Name(name), place);
            }
            match &subnet.security_group {
                Fact::Known(id) => id.iter().for_each(|id| places.by_group.add(id, place)),
                Fact::Unknown(_) => places.open_group = true,
            }
        }
        places
    }
}

/// Where security groups are.
#[derive(Clone, Debug, Default)]
pub struct GroupPlaces {
    pub(super) by_id: Places,
    pub(super) by_name: Places,
    /// By the subnets that the groups name themselves.
    pub(super) by_subnet: Places,
}

impl Index for Vec<SecurityGroup> {
    type Index = GroupPlaces;

    fn index(&self) -> GroupPlaces {
        let mut places = GroupPlaces::default();
        for (place, group) in self.iter().enumerate() {
            places.by_id.add(&group.id, place);
            places.by_name.add(&Name(group.name()), place);
            places.by_name.add(&Name(group.id.as_str()), place);
            group.subnets.iter().for_each(|subnet| places.by_subnet.add(subnet, place));
        }
        places
    }
}

/// Where interfaces are.
#[derive(Clone, Debug, Default)]
pub struct InterfacePlaces {
    by_subnet: Places,
    /// Those of which a subnet is not known, which may be in any.
    anywhere: Vec<usize>,
    /// By their own group.
    pub(super) by_group: Places,
    /// Whether the group of one is not known.
    pub(super) open_group: bool,
}

impl InterfacePlaces {
    /// Those that are in a subnet or may be, in order.
    pub(super) fn in_subnet(&self, subnet: &ResourceId) -> Vec<usize> {
        let mut places = [self.by_subnet.of(subnet), &self.anywhere].concat();
        places.sort_unstable();
        places.dedup();
        places
    }
}

impl Index for Vec<Interface> {
    type Index = InterfacePlaces;

    fn index(&self) -> InterfacePlaces {
        let mut places = InterfacePlaces::default();
        for (place, interface) in self.iter().enumerate() {
            for configuration in &interface.configurations {
                match &configuration.subnet {
                    Fact::Known(id) => id.iter().for_each(|id| places.by_subnet.add(id, place)),
                    Fact::Unknown(_) => places.anywhere.push(place),
                }
            }
            match &interface.security_group {
                Fact::Known(id) => id.iter().for_each(|id| places.by_group.add(id, place)),
                Fact::Unknown(_) => places.open_group = true,
            }
        }
        places
    }
}

impl Index for Vec<PrivateEndpoint> {
    type Index = Places;

    fn index(&self) -> Places {
        let mut places = Places::default();
        for (place, endpoint) in self.iter().enumerate() {
            endpoint.subnet.known().into_iter().for_each(|id| places.add(id, place));
        }
        places
    }
}

impl Index for BTreeMap<ResourceId, GroupMembers> {
    type Index = Arc<BTreeMap<ResourceId, Extent>>;

    fn index(&self) -> Self::Index {
        Arc::new(self.iter().map(|(id, members)| (id.clone(), members.extent())).collect())
    }
}
