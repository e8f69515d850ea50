//! Members of application security groups, from the interfaces that join them (S46).
//!
//! A member whose address is not settled, or that may not be deployed, is a possible one: its address, else
//! anywhere in its subnet. Where an interface may have joined any group, no group is known (S50).

use super::{GroupMembers, Interface, IpConfiguration, Subnet};
use crate::model::{Fact, Gap, ResourceId};
use ipnet::IpNet;
use std::collections::{BTreeMap, HashMap};

/// The members of every group that some interface joins; `None` where an interface may be in any group.
pub fn of_interfaces<'a>(
    interfaces: impl IntoIterator<Item = &'a Interface>,
    subnets: &[Subnet],
) -> Option<BTreeMap<ResourceId, GroupMembers>> {
    let subnets: HashMap<String, &Subnet> = subnets.iter().map(|subnet| (subnet.id.key(), subnet)).collect();
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
                join(members, configuration, interface.doubt.as_ref(), &subnets);
            }
        }
    }
    Some(groups)
}

fn join(
    members: &mut GroupMembers,
    configuration: &IpConfiguration,
    doubt: Option<&Gap>,
    subnets: &HashMap<String, &Subnet>,
) {
    match (&configuration.address, doubt) {
        (Fact::Known(address), None) => members.certain.push(IpNet::from(*address)),
        (Fact::Known(address), Some(gap)) => {
            members.possible.push(IpNet::from(*address));
            members.gap = Some(gap.clone());
        }
        (Fact::Unknown(gap), _) => {
            members.possible.extend(prefixes_of(&configuration.subnet, subnets));
            members.gap = Some(gap.clone());
        }
    }
}

/// Where an address of a subnet can lie: in its prefixes, or anywhere when they are not known.
fn prefixes_of(id: &Fact<Option<ResourceId>>, subnets: &HashMap<String, &Subnet>) -> Vec<IpNet> {
    let subnet = id.known().and_then(Option::as_ref).and_then(|id| subnets.get(&id.key()));
    match subnet.map(|subnet| &subnet.prefixes) {
        Some(Fact::Known(prefixes)) => prefixes.clone(),
        _ => ["0.0.0.0/0", "::/0"].iter().filter_map(|net| net.parse().ok()).collect(),
    }
}
