//! Interfaces of a subnet that have a group of their own.

use super::effective::EffectiveGroup;
use super::{Interface, IpConfiguration, Network, SecurityGroup, Subnet, outside};
use crate::model::{Fact, Gap, ResourceId};
use crate::sets::AddressSet;
use ipnet::IpNet;
use std::cell::LazyCell;
use std::net::IpAddr;

/// An interface in a subnet, with its own network security group (S58).
#[derive(Clone, Debug)]
pub struct AttachedInterface<'n> {
    /// Its name.
    pub name: &'n str,
    /// Its addresses in the subnet; where they are not settled, every address that it may have.
    pub addresses: AddressSet,
    /// Why it is not certain that an address of these is its own.
    pub doubt: Option<Gap>,
    /// Its group.
    pub security_group: Fact<&'n SecurityGroup>,
}

/// The addresses that an interface certainly has, each with its subnet: no other interface has them.
pub(super) fn settled(interface: &Interface) -> impl Iterator<Item = (&ResourceId, IpAddr)> {
    let parts = if interface.doubt.is_none() { interface.configurations.as_slice() } else { &[] };
    parts.iter().filter_map(|part| Some((part.subnet.known()?.as_ref()?, *part.address.known()?)))
}

/// Addresses whose public front end may be open where no group is (S63).
#[derive(Clone, Debug)]
pub struct OpenFront {
    /// The addresses; where the interface's own is not settled, every one that it may have.
    pub addresses: AddressSet,
    /// Why it may be open.
    pub gap: Gap,
}

impl Network {
    /// The addresses of a subnet whose public front end may be open where no group is.
    pub(super) fn open_fronts(&self, subnet: &Subnet) -> Vec<OpenFront> {
        let places = self.interfaces.index().in_subnet(&subnet.id);
        let may_be_here =
            |part: &&IpConfiguration| part.subnet.known().is_none_or(|id| id.as_ref() == Some(&subnet.id));
        let parts = self.interfaces.at(&places).flat_map(|one| &one.configurations).filter(may_be_here);
        let front = |part: &IpConfiguration| {
            let addresses = match &part.address {
                Fact::Known(address) => AddressSet::one(*address),
                Fact::Unknown(_) => self.unsettled_in(subnet),
            };
            Some(OpenFront { addresses, gap: part.open_front.clone()? })
        };
        parts.filter_map(front).collect()
    }

    /// The interfaces of a subnet that have a group of their own, or may have one.
    pub fn interfaces_with_groups(&self, subnet: &Subnet) -> Vec<AttachedInterface<'_>> {
        let places = self.interfaces.index().in_subnet(&subnet.id);
        let free = LazyCell::new(|| self.unsettled_in(subnet));
        self.interfaces.at(&places).filter_map(|interface| self.attached(interface, subnet, &free)).collect()
    }

    /// The addresses of a subnet that may be those of an interface or endpoint whose address is not known: all that
    /// no other certainly has.
    pub(super) fn unsettled_in(&self, subnet: &Subnet) -> AddressSet {
        let all: AddressSet = subnet.prefixes.known().into_iter().flatten().copied().collect();
        let places = self.interfaces.index().in_subnet(&subnet.id);
        let of_interfaces = self
            .interfaces
            .at(&places)
            .flat_map(settled)
            .filter(|(home, _)| **home == subnet.id)
            .map(|(_, address)| address);
        let of_endpoints =
            self.private_endpoints_in(subnet).filter_map(|one| one.addresses.known()).flatten().copied();
        let taken: AddressSet = of_interfaces.chain(of_endpoints).map(IpNet::from).collect();
        all.difference(&taken)
    }

    /// The groups that a dump shows at its interface, beside the one at its subnet. All that a dump says is of
    /// that interface, so every address is its own.
    pub(super) fn interfaces_of_dump(&self, group: &SecurityGroup) -> Vec<AttachedInterface<'_>> {
        let attached = |entry: &'_ EffectiveGroup| {
            let group = self.security_group(&entry.group)?;
            let security_group = match &group.doubt {
                Some(gap) => Fact::Unknown(gap.clone()),
                None => Fact::Known(group),
            };
            Some(AttachedInterface {
                name: group.name(),
                addresses: AddressSet::all(),
                doubt: None,
                security_group,
            })
        };
        self.effective.at_interfaces_beside(&group.id).filter_map(attached).collect()
    }

    fn attached<'n>(
        &'n self,
        interface: &'n Interface,
        subnet: &Subnet,
        free: &AddressSet,
    ) -> Option<AttachedInterface<'n>> {
        let security_group = match &interface.security_group {
            Fact::Known(None) => return None,
            Fact::Known(Some(id)) => self.settled_group(id, interface),
            Fact::Unknown(gap) => Fact::Unknown(gap.clone()),
        };
        let mut addresses = AddressSet::empty();
        let mut doubt = interface.doubt.clone();
        let in_subnet =
            |found: &Fact<Option<_>>| found.known().is_none_or(|id| id.as_ref() == Some(&subnet.id));
        for configuration in interface.configurations.iter().filter(|one| in_subnet(&one.subnet)) {
            match (&configuration.address, configuration.subnet.gap()) {
                (Fact::Known(address), open) => {
                    addresses = addresses.union(&AddressSet::one(*address));
                    doubt = doubt.or_else(|| open.cloned());
                }
                (Fact::Unknown(gap), _) => {
                    addresses = addresses.union(free);
                    doubt = doubt.or_else(|| Some(gap.clone()));
                }
            }
        }
        let name = interface.id.name();
        (!addresses.is_empty()).then_some(AttachedInterface { name, addresses, doubt, security_group })
    }

    fn settled_group(&self, id: &ResourceId, interface: &Interface) -> Fact<&SecurityGroup> {
        match self.security_group(id) {
            Some(group) => match &group.doubt {
                Some(gap) => Fact::Unknown(gap.clone()),
                None => Fact::Known(group),
            },
            None => Fact::Unknown(outside("network security group", "nsg", id).at(&interface.origin)),
        }
    }
}
