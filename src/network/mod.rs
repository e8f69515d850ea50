//! Virtual networks, their subnets, and what is attached to them; all of it as one graph.
//!
//! In: facts with origins, as the readers of `sources` and the scenario files state them. Out: attachment
//! points, with what the words of a rule stand for at each.
//!
//! A reference to something that the input does not hold is kept as unknown, never read as absent.
//!
//! Not here: what a rule matches (`rules`), what happens to a packet (`walk`), which flows are needed
//! (`flows`), file formats (`sources`).

mod attachment;
mod choice;
pub mod effective;
mod endpoints;
mod ends;
pub mod graph;
mod indexed;
mod instance;
mod interfaces;
pub mod members;
mod names;
mod peers;
mod resources;
pub mod routing;
mod supplied;
mod survey;
mod vocabulary;

pub use attachment::{AttachmentPoint, Own};
pub use choice::{ChoiceError, PlaceHint};
pub use effective::Effective;
pub use endpoints::AttachedEndpoint;
pub use ends::{End, EndDoubt, EndKind};
pub use indexed::{Index, Indexed};
pub use instance::{Instance, Location, mode_of};
pub use interfaces::{AttachedInterface, OpenFront};
pub use names::NameError;
pub use peers::AttachedPeer;
pub use resources::{
    EndpointPolicies, Gateway, GroupMembers, Interface, IpConfiguration, NextHopType, Peering,
    PrivateEndpoint, Route, RoutePrefix, RouteTable, SecurityGroup, Subnet, VirtualNetwork,
};
pub use supplied::Supplied;
pub use survey::Counts;

use crate::model::{Fact, Gap, Region, ResourceId};
use indexed::Name;
use ipnet::IpNet;
use std::collections::BTreeMap;

/// All that one input states.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Virtual networks.
    pub virtual_networks: Indexed<Vec<VirtualNetwork>>,
    /// Subnets of all networks.
    pub subnets: Indexed<Vec<Subnet>>,
    /// Network security groups.
    pub security_groups: Indexed<Vec<SecurityGroup>>,
    /// Route tables.
    pub route_tables: Indexed<Vec<RouteTable>>,
    /// Network interfaces.
    pub interfaces: Indexed<Vec<Interface>>,
    /// Gateways to other sites.
    pub gateways: Vec<Gateway>,
    /// Private endpoints.
    pub private_endpoints: Indexed<Vec<PrivateEndpoint>>,
    /// Members of application security groups, where the input shows them (S46).
    pub groups: Indexed<BTreeMap<ResourceId, GroupMembers>>,
    /// API Management instances.
    pub instances: Vec<Instance>,
    /// Regions that the input names, which tell its cloud (S94).
    pub regions: Vec<Region>,
    /// Address space of peers that the user supplied.
    pub peer_prefixes: Vec<IpNet>,
    /// Why there may be subnets that do not stand here: lists of them that are not settled.
    pub unlisted: Vec<Gap>,
    /// What Azure itself says is in force.
    pub effective: Effective,
}

impl Network {
    /// The virtual network of an id.
    pub fn virtual_network(&self, id: &ResourceId) -> Option<&VirtualNetwork> {
        let places = self.virtual_networks.index().of(id);
        self.virtual_networks.at(places).find(|network| network.id == *id)
    }

    /// The subnet of an id.
    pub fn subnet(&self, id: &ResourceId) -> Option<&Subnet> {
        self.subnets.at(self.subnets.index().by_id.of(id)).find(|subnet| subnet.id == *id)
    }

    /// Subnets of a name: `apim` or `hub-vnet/apim`, without regard to case.
    pub fn subnets_named(&self, name: &str) -> Vec<&Subnet> {
        self.subnets
            .at(self.subnets.index().by_name.of(&Name(name)))
            .filter(|subnet| {
                subnet.id.name().eq_ignore_ascii_case(name)
                    || subnet.name().eq_ignore_ascii_case(name)
                    || subnet.id.as_str().eq_ignore_ascii_case(name)
            })
            .collect()
    }

    /// The security group of an id.
    pub fn security_group(&self, id: &ResourceId) -> Option<&SecurityGroup> {
        let places = self.security_groups.index().by_id.of(id);
        self.security_groups.at(places).find(|group| group.id == *id)
    }

    /// Security groups of a name or id, without regard to case.
    pub fn security_groups_named(&self, name: &str) -> Vec<&SecurityGroup> {
        self.security_groups
            .at(self.security_groups.index().by_name.of(&Name(name)))
            .filter(|group| {
                group.name().eq_ignore_ascii_case(name) || group.id.as_str().eq_ignore_ascii_case(name)
            })
            .collect()
    }

    /// The route table of an id.
    pub fn route_table(&self, id: &ResourceId) -> Option<&RouteTable> {
        self.route_tables.at(self.route_tables.index().of(id)).find(|table| table.id == *id)
    }

    /// The subnets of a virtual network.
    pub fn subnets_in(&self, network: &ResourceId) -> impl Iterator<Item = &Subnet> {
        let places = self.subnets.index().by_network.of(network);
        self.subnets.at(places).filter(move |subnet| subnet.network == *network)
    }

    /// The route table of a subnet; one that leads out of the input is unknown, with the command that would
    /// show it.
    pub fn route_table_of(&self, subnet: &Subnet) -> Fact<Option<&RouteTable>> {
        match &subnet.route_table {
            Fact::Unknown(gap) => Fact::Unknown(gap.clone()),
            Fact::Known(None) => Fact::Known(None),
            Fact::Known(Some(id)) => match self.route_table(id) {
                Some(table) => Fact::Known(Some(table)),
                None => Fact::Unknown(outside("route table", "route-table", id).at(&subnet.origin)),
            },
        }
    }

    /// The security group of a subnet: by the subnet's own reference, else by the group's (S58). A
    /// reference that leads out of the input is unknown, with the command that would show the group.
    pub fn security_group_of(&self, subnet: &Subnet) -> Fact<Option<&SecurityGroup>> {
        match &subnet.security_group {
            Fact::Unknown(gap) => Fact::Unknown(gap.clone()),
            Fact::Known(None) => {
                let claims = |group: &&SecurityGroup| group.subnets.contains(&subnet.id);
                let places = self.security_groups.index().by_subnet.of(&subnet.id);
                Fact::Known(self.security_groups.at(places).find(claims))
            }
            Fact::Known(Some(id)) => match self.security_group(id) {
                Some(group) => match &group.doubt {
                    Some(gap) => Fact::Unknown(gap.clone()),
                    None => Fact::Known(Some(group)),
                },
                None => Fact::Unknown(outside("network security group", "nsg", id).at(&subnet.origin)),
            },
        }
    }
}

/// The gap of a reference that leads out of the input, and the `az` command that would show what is there.
pub fn outside(what: &str, command: &str, id: &ResourceId) -> Gap {
    let settled = !id.as_str().contains("${");
    let show = match (settled, id.segment("resourceGroups")) {
        (true, _) => format!("az network {command} show --ids {id}"),
        (false, Some(group)) if !group.contains("${") => {
            format!("az network {command} show --resource-group {group} {}", named(command, id))
        }
        _ => format!("az network {command} show --resource-group GROUP {}", named(command, id)),
    };
    Gap::new(format!("the {what} `{}`, which is not in the input", id.names().join("/"))).supplied_by(show)
}

/// The options that name a resource, outermost last, as `az` wants them.
fn named(command: &str, id: &ResourceId) -> String {
    match (command, &id.names()[..]) {
        ("vnet subnet", [.., network, subnet]) => format!("--vnet-name {network} --name {subnet}"),
        (_, [.., name]) => format!("--name {name}"),
        _ => "--name NAME".to_owned(),
    }
}
