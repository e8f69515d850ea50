//! Members of application security groups, from the interfaces that join them (S46).
//!
//! A member whose address is not settled, or that may not be deployed, is a possible one: its address, else any of
//! its subnet that no other interface certainly has. Where an interface may have joined any group, no group is known (S50).

use super::interfaces::settled;
use super::{GroupMembers, Interface, IpConfiguration, Subnet};
use crate::model::{Fact, Gap, ResourceId};
use crate::sets::AddressSet;
use ipnet::IpNet;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The members of every group that some interface joins; `None` where an interface may be in any group.
pub fn of_interfaces<'a>(
    interfaces: impl IntoIterator<Item = &'a Interface>,
    subnets: &[Subnet],
) -> Option<BTreeMap<ResourceId, GroupMembers>> {
    let interfaces: Vec<&Interface> = interfaces.into_iter().collect();
    let mut rooms = Rooms::new(&interfaces, subnets);
    let mut groups: BTreeMap<ResourceId, GroupMembers> = BTreeMap::new();
    for interface in interfaces {
        // Its addresses are not shown, and with them what they join.
        if interface.doubt.is_some() && interface.configurations.is_empty() {
            return None;
        }
        for configuration in &interface.configurations {
            let Fact::Known(joined) = &configuration.groups else { return None };
            for id in joined {
                let members = groups.entry(id.clone()).or_default();
                join(members, (id, configuration), interface.doubt.as_ref(), &mut rooms);
            }
        }
    }
    Some(groups)
}

fn join(
    members: &mut GroupMembers,
    (group, configuration): (&ResourceId, &IpConfiguration),
    doubt: Option<&Gap>,
    rooms: &mut Rooms<'_>,
) {
    match (&configuration.address, doubt) {
        (Fact::Known(address), None) => members.certain.push(IpNet::from(*address)),
        (Fact::Known(address), Some(gap)) => {
            members.possible.push(IpNet::from(*address));
            members.gap = Some(gap.clone());
        }
        (Fact::Unknown(gap), _) => {
            members.possible.extend(rooms.of(group, &configuration.subnet));
            members.gap = Some(gap.clone());
        }
    }
}

/// Where an address of a subnet can lie that nobody states.
struct Rooms<'a> {
    subnets: HashMap<String, &'a Subnet>,
    /// By subnet, the addresses that interfaces certainly have.
    taken: HashMap<String, Vec<IpNet>>,
    /// Groups that have been given a subnet already; one that is not known has no key.
    given: HashSet<(String, Option<String>)>,
}

impl<'a> Rooms<'a> {
    fn new(interfaces: &[&Interface], subnets: &'a [Subnet]) -> Self {
        let mut taken: HashMap<String, Vec<IpNet>> = HashMap::new();
        for (subnet, address) in interfaces.iter().flat_map(|interface| settled(interface)) {
            taken.entry(subnet.key()).or_default().push(IpNet::from(address));
        }
        let subnets = subnets.iter().map(|subnet| (subnet.id.key(), subnet)).collect();
        Self { subnets, taken, given: HashSet::new() }
    }

    /// In the subnet's prefixes, or anywhere when they are not known; once for each group.
    fn of(&mut self, group: &ResourceId, subnet: &Fact<Option<ResourceId>>) -> Vec<IpNet> {
        let key = subnet.known().and_then(Option::as_ref).map(ResourceId::key);
        if !self.given.insert((group.key(), key.clone())) {
            return Vec::new();
        }
        let prefixes = key.as_ref().and_then(|key| self.subnets.get(key)).map(|subnet| &subnet.prefixes);
        let Some(Fact::Known(prefixes)) = prefixes else {
            return ["0.0.0.0/0", "::/0"].iter().filter_map(|net| net.parse().ok()).collect();
        };
        let all: AddressSet = prefixes.iter().copied().collect();
        let taken = key.and_then(|key| self.taken.get(&key)).into_iter().flatten().copied();
        all.difference(&taken.collect()).to_nets()
    }
}
