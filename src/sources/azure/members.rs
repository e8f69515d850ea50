//! Members of application security groups, by the interfaces that join them (S46).
//!
//! A group is known when it stands in the input itself, with the interfaces that join it; a member whose
//! address only the deployment settles lies somewhere in its subnet. Else the group stays unknown (S50).

use super::{of_kind, subnets};
use crate::model::{Fact, Gap, ResourceId};
use crate::network::{GroupMembers, Subnet};
use crate::sources::Resource;
use crate::sources::json::Node;
use crate::sources::values::{Faults, Value, direct, field};
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

const GROUP: &str = "Microsoft.Network/applicationSecurityGroups";
const INTERFACE: &str = "Microsoft.Network/networkInterfaces";

pub(super) fn read(
    resources: &[Resource],
    subnets: &[Subnet],
    faults: &mut Faults,
) -> BTreeMap<ResourceId, GroupMembers> {
    let mut members = Members { subnets, groups: BTreeMap::new(), any_open: false };
    for interface in of_kind(resources, INTERFACE) {
        members.add(interface, faults);
    }
    let declared: BTreeSet<&ResourceId> =
        of_kind(resources, GROUP).filter(|group| group.exists == Fact::Known(true)).map(|g| &g.id).collect();
    if members.any_open {
        return BTreeMap::new();
    }
    members.groups.into_iter().filter(|(id, _)| declared.contains(id)).collect()
}

struct Members<'a> {
    subnets: &'a [Subnet],
    groups: BTreeMap<ResourceId, GroupMembers>,
    /// Whether some interface may be a member of any group.
    any_open: bool,
}

impl Members<'_> {
    fn add(&mut self, interface: &Resource, faults: &mut Faults) {
        let name = interface.id.name();
        match faults.list(field(&interface.body, "ipConfigurations"), "ipConfigurations", name) {
            Value::Unset => {}
            Value::Open(_) => self.any_open = true,
            Value::Is((items, _)) => {
                for item in items {
                    self.configuration(item, name, interface.exists == Fact::Known(true), faults);
                }
            }
        }
    }

    fn configuration(&mut self, node: &Node, name: &str, certain: bool, faults: &mut Faults) {
        const GROUPS: &str = "applicationSecurityGroups";
        let (groups, _) = match faults.list(field(node, GROUPS), GROUPS, name) {
            Value::Unset => return,
            Value::Open(_) => {
                self.any_open = true;
                return;
            }
            Value::Is(groups) => groups,
        };
        let address = match faults.text(field(node, "privateIPAddress"), "privateIPAddress", name) {
            Value::Is((text, _)) => text.parse::<IpAddr>().ok(),
            Value::Unset | Value::Open(_) => None,
        };
        let subnet = subnets::named(field(node, "subnet"), "id", name, faults);
        for group in groups {
            let Value::Is(id) = faults.id(direct(group, "id"), GROUPS, name) else {
                self.any_open = true;
                continue;
            };
            let members = self.groups.entry(id).or_default();
            match address {
                Some(address) if certain => members.certain.push(IpNet::from(address)),
                Some(address) => {
                    members.possible.push(IpNet::from(address));
                    members.gap = Some(Gap::new(format!("whether the interface `{name}` is deployed")));
                }
                None => {
                    members.possible.extend(prefixes_of(self.subnets, &subnet));
                    members.gap = Some(Gap::new(format!("the address of the interface `{name}`")));
                }
            }
        }
    }
}

/// Where an address of a subnet can lie: in its prefixes, or anywhere when they are not known.
fn prefixes_of(subnets: &[Subnet], id: &Fact<Option<ResourceId>>) -> Vec<IpNet> {
    let subnet = id.known().and_then(|id| subnets.iter().find(|subnet| Some(&subnet.id) == id.as_ref()));
    match subnet.map(|subnet| &subnet.prefixes) {
        Some(Fact::Known(prefixes)) => prefixes.clone(),
        _ => ["0.0.0.0/0", "::/0"].iter().filter_map(|net| net.parse().ok()).collect(),
    }
}
