//! Members of application security groups, by the interfaces that join them (S46).
//!
//! A group's addresses are given only where all of them are known: the group itself and each address of its
//! members stand in the input. Else the group stays unknown (S50).

use super::of_kind;
use crate::model::{Fact, ResourceId};
use crate::sources::arm::Resource;
use crate::sources::json::Node;
use crate::sources::values::{Faults, Value, direct, field};
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

const GROUP: &str = "Microsoft.Network/applicationSecurityGroups";
const INTERFACE: &str = "Microsoft.Network/networkInterfaces";

pub(super) fn read(resources: &[Resource], faults: &mut Faults) -> BTreeMap<ResourceId, Vec<IpNet>> {
    let mut members = Members::default();
    for interface in of_kind(resources, INTERFACE) {
        members.add(interface, faults);
    }
    let declared: BTreeSet<&ResourceId> =
        of_kind(resources, GROUP).filter(|group| group.exists == Fact::Known(true)).map(|g| &g.id).collect();
    let Members { addresses, open, any_open } = members;
    if any_open {
        return BTreeMap::new();
    }
    addresses.into_iter().filter(|(id, _)| declared.contains(id) && !open.contains(id)).collect()
}

#[derive(Default)]
struct Members {
    addresses: BTreeMap<ResourceId, Vec<IpNet>>,
    /// Groups with a member whose address is not known.
    open: BTreeSet<ResourceId>,
    /// Whether some interface may be a member of any group.
    any_open: bool,
}

impl Members {
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
        for group in groups {
            match (faults.id(direct(group, "id"), GROUPS, name), address) {
                (Value::Is(id), Some(address)) if certain => {
                    self.addresses.entry(id).or_default().push(IpNet::from(address));
                }
                (Value::Is(id), _) => {
                    self.open.insert(id);
                }
                (Value::Open(_) | Value::Unset, _) => self.any_open = true,
            }
        }
    }
}
