//! Virtual networks, their subnets, and what is attached to them.
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
mod instance;
mod names;
mod supplied;
mod survey;
mod vocabulary;

pub use attachment::{AttachmentPoint, Own};
pub use choice::{ChoiceError, PlaceHint};
pub use effective::Effective;
pub use instance::{Instance, Location, mode_of};
pub use names::NameError;
pub use supplied::Supplied;
pub use survey::Counts;

use crate::model::{Fact, Gap, Origin, Region, ResourceId};
use crate::rules::{Extent, Rule, RuleSet};
use crate::sets::AddressSet;
use ipnet::IpNet;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// A virtual network.
#[derive(Clone, Debug)]
pub struct VirtualNetwork {
    /// Its id.
    pub id: ResourceId,
    /// Its address space.
    pub prefixes: Fact<Vec<IpNet>>,
    /// Its own DNS servers; empty where Azure's are used.
    pub dns_servers: Fact<Vec<IpAddr>>,
    /// Peerings to other networks.
    pub peerings: Vec<Peering>,
    /// Where it was written.
    pub origin: Origin,
}

/// A peering, seen from its own network (S77).
#[derive(Clone, Debug)]
pub struct Peering {
    /// Its name.
    pub name: String,
    /// The other network's id.
    pub remote: Fact<ResourceId>,
    /// The other network's address space, where the peering itself states it.
    pub remote_prefixes: Option<Vec<IpNet>>,
    /// Whether traffic between the two networks flows: `allowVirtualNetworkAccess`.
    pub access: Fact<bool>,
    /// The state, where the input shows one; `Connected` in a network that works.
    pub state: Option<String>,
    /// Where it was written.
    pub origin: Origin,
}

/// A subnet.
#[derive(Clone, Debug)]
pub struct Subnet {
    /// Its id.
    pub id: ResourceId,
    /// The id of its network.
    pub network: ResourceId,
    /// Its prefixes.
    pub prefixes: Fact<Vec<IpNet>>,
    /// The id of its network security group, `None` where it has none.
    pub security_group: Fact<Option<ResourceId>>,
    /// The id of its route table, `None` where it has none.
    pub route_table: Fact<Option<ResourceId>>,
    /// The services that it is delegated to.
    pub delegations: Fact<Vec<String>>,
    /// Where it was written.
    pub origin: Origin,
}

impl Subnet {
    /// `network/subnet`, as people name it.
    pub fn name(&self) -> String {
        match self.id.names()[..] {
            [.., network, subnet] => format!("{network}/{subnet}"),
            _ => self.id.name().to_owned(),
        }
    }
}

/// A network security group.
#[derive(Clone, Debug)]
pub struct SecurityGroup {
    /// Its id.
    pub id: ResourceId,
    /// Its rules, custom and default.
    pub rules: RuleSet,
    /// Inline rules that a child resource of the same name replaces (U27).
    pub replaced: Vec<Rule>,
    /// Subnets that the group itself says it is attached to (S58).
    pub subnets: Vec<ResourceId>,
    /// Why the group's rules are not all known.
    pub doubt: Option<Gap>,
    /// Where it was written.
    pub origin: Origin,
}

impl SecurityGroup {
    /// Its name.
    pub fn name(&self) -> &str {
        self.id.name()
    }
}

/// A route table: only what can widen `VirtualNetwork` is looked at yet (S72 to S75).
#[derive(Clone, Debug)]
pub struct RouteTable {
    /// Its id.
    pub id: ResourceId,
    /// Its routes.
    pub routes: Vec<Route>,
    /// Where it was written.
    pub origin: Origin,
}

/// A user-defined route.
#[derive(Clone, Debug)]
pub struct Route {
    /// Its name.
    pub name: String,
    /// The prefix or service tag that it is for.
    pub prefix: Fact<RoutePrefix>,
    /// The next hop type in Azure's spelling, as in `VirtualAppliance`.
    pub next_hop: Fact<String>,
    /// The appliance's address, `None` for next hops that have none.
    pub next_hop_address: Fact<Option<IpAddr>>,
    /// Where it was written.
    pub origin: Origin,
}

/// What a route is for (S123).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RoutePrefix {
    /// A prefix.
    Net(IpNet),
    /// A service tag.
    Tag(String),
}

/// The addresses of an application security group's members.
#[derive(Clone, Debug, Default)]
pub struct GroupMembers {
    /// Addresses of members.
    pub certain: Vec<IpNet>,
    /// Where members without a settled address can lie.
    pub possible: Vec<IpNet>,
    /// What would settle those.
    pub gap: Option<Gap>,
}

impl GroupMembers {
    /// Members that are all known.
    pub fn known(members: Vec<IpNet>) -> Self {
        Self { certain: members, possible: Vec::new(), gap: None }
    }

    fn extent(&self) -> Extent {
        let must: AddressSet = self.certain.iter().copied().collect();
        let may = must.union(&self.possible.iter().copied().collect());
        Extent { must, may, gaps: self.gap.iter().cloned().collect() }
    }
}

/// All that one input states.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Virtual networks.
    pub virtual_networks: Vec<VirtualNetwork>,
    /// Subnets of all networks.
    pub subnets: Vec<Subnet>,
    /// Network security groups.
    pub security_groups: Vec<SecurityGroup>,
    /// Route tables.
    pub route_tables: Vec<RouteTable>,
    /// Members of application security groups, where the input shows them (S46).
    pub groups: BTreeMap<ResourceId, GroupMembers>,
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
        self.virtual_networks.iter().find(|network| network.id == *id)
    }

    /// The subnet of an id.
    pub fn subnet(&self, id: &ResourceId) -> Option<&Subnet> {
        self.subnets.iter().find(|subnet| subnet.id == *id)
    }

    /// Subnets of a name: `apim` or `hub-vnet/apim`, without regard to case.
    pub fn subnets_named(&self, name: &str) -> Vec<&Subnet> {
        self.subnets
            .iter()
            .filter(|subnet| {
                subnet.id.name().eq_ignore_ascii_case(name)
                    || subnet.name().eq_ignore_ascii_case(name)
                    || subnet.id.as_str().eq_ignore_ascii_case(name)
            })
            .collect()
    }

    /// The security group of an id.
    pub fn security_group(&self, id: &ResourceId) -> Option<&SecurityGroup> {
        self.security_groups.iter().find(|group| group.id == *id)
    }

    /// Security groups of a name or id, without regard to case.
    pub fn security_groups_named(&self, name: &str) -> Vec<&SecurityGroup> {
        self.security_groups
            .iter()
            .filter(|group| {
                group.name().eq_ignore_ascii_case(name) || group.id.as_str().eq_ignore_ascii_case(name)
            })
            .collect()
    }

    /// The route table of an id.
    pub fn route_table(&self, id: &ResourceId) -> Option<&RouteTable> {
        self.route_tables.iter().find(|table| table.id == *id)
    }

    /// The security group of a subnet: by the subnet's own reference, else by the group's (S58). A
    /// reference that leads out of the input is unknown, with the command that would show the group.
    pub fn security_group_of(&self, subnet: &Subnet) -> Fact<Option<&SecurityGroup>> {
        match &subnet.security_group {
            Fact::Unknown(gap) => Fact::Unknown(gap.clone()),
            Fact::Known(None) => {
                let claims = |group: &&SecurityGroup| group.subnets.contains(&subnet.id);
                Fact::Known(self.security_groups.iter().find(claims))
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
