//! The resources of a network, as inputs state them: plain values with origins.
//!
//! What an input leaves open is unknown in the field that it concerns. References are ids; `Network` looks
//! them up.

use crate::model::{Fact, Gap, Origin, ResourceId, words};
use crate::rules::{Extent, Rule, RuleSet};
use crate::sets::AddressSet;
use ipnet::IpNet;
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

impl VirtualNetwork {
    /// A network without peerings that uses Azure's DNS servers.
    pub fn new(id: ResourceId, prefixes: Fact<Vec<IpNet>>, origin: &Origin) -> Self {
        let dns_servers = Fact::Known(Vec::new());
        Self { id, prefixes, dns_servers, peerings: Vec::new(), origin: origin.clone() }
    }
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
    pub state: Fact<Option<String>>,
    /// Whether the whole networks are peered, and not some of their subnets: `peerCompleteVnets` (S77).
    pub whole: Fact<bool>,
    /// Whether packets that do not come from the other network itself are taken: `allowForwardedTraffic` (S130).
    pub forwarded: Fact<bool>,
    /// Whether the other network may use this one's gateway: `allowGatewayTransit` (S130).
    pub gateway_transit: Fact<bool>,
    /// Whether this network uses the other's gateway: `useRemoteGateways` (S130).
    pub remote_gateways: Fact<bool>,
    /// Where it was written.
    pub origin: Origin,
}

impl Peering {
    /// A peering with access and nothing else switched on, as Azure makes one when nothing is said.
    pub fn new(name: impl Into<String>, remote: Fact<ResourceId>, origin: &Origin) -> Self {
        Self {
            name: name.into(),
            remote,
            remote_prefixes: None,
            access: Fact::Known(true),
            state: Fact::Known(None),
            whole: Fact::Known(true),
            forwarded: Fact::Known(false),
            gateway_transit: Fact::Known(false),
            remote_gateways: Fact::Known(false),
            origin: origin.clone(),
        }
    }
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
    /// The services that have a service endpoint here, as in `Microsoft.Storage` (S113).
    pub service_endpoints: Fact<Vec<String>>,
    /// Whether a service endpoint policy names the accounts that may be reached; it is not looked into.
    pub endpoint_policy: Fact<bool>,
    /// What applies to traffic to the private endpoints in it (S109).
    pub private_endpoint_policies: Fact<EndpointPolicies>,
    /// Where it was written.
    pub origin: Origin,
}

impl Subnet {
    /// A subnet with nothing attached and no prefix.
    pub fn new(id: ResourceId, network: ResourceId, origin: &Origin) -> Self {
        Self {
            id,
            network,
            prefixes: Fact::Known(Vec::new()),
            security_group: Fact::Known(None),
            route_table: Fact::Known(None),
            delegations: Fact::Known(Vec::new()),
            service_endpoints: Fact::Known(Vec::new()),
            endpoint_policy: Fact::Known(false),
            private_endpoint_policies: Fact::Known(EndpointPolicies::Disabled),
            origin: origin.clone(),
        }
    }

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

/// A route table (S121, S126).
#[derive(Clone, Debug)]
pub struct RouteTable {
    /// Its id.
    pub id: ResourceId,
    /// Its routes.
    pub routes: Vec<Route>,
    /// Whether routes of gateways reach the subnets too; `false` for `disableBgpRoutePropagation` (S127).
    pub propagates: Fact<bool>,
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
    /// The next hop type.
    pub next_hop: Fact<NextHopType>,
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
    /// Where the group was written.
    pub origin: Option<Origin>,
}

impl GroupMembers {
    /// Members that are all known.
    pub fn known(members: Vec<IpNet>) -> Self {
        Self { certain: members, ..Self::default() }
    }

    /// Their addresses, certainly and at most.
    pub fn extent(&self) -> Extent {
        let must: AddressSet = self.certain.iter().copied().collect();
        let may = must.union(&self.possible.iter().copied().collect());
        Extent { must, may, gaps: self.gap.iter().cloned().collect() }
    }
}

words! {
    /// Where a route sends traffic (S121). People write the first five; Azure adds the others itself.
    NextHopType ("next hop type") {
        /// Inside the virtual network.
        VnetLocal = "VnetLocal" | "VirtualNetwork",
        /// To a gateway.
        VirtualNetworkGateway = "VirtualNetworkGateway",
        /// To the Internet, or to Azure's public services over its backbone (S124).
        Internet = "Internet",
        /// To an appliance, by its address.
        VirtualAppliance = "VirtualAppliance",
        /// Nowhere: the packet is dropped (S122).
        None = "None",
        /// To a peered network.
        VNetPeering = "VNetPeering" | "VirtualNetworkPeering" | "VNetGlobalPeering",
        /// To a service over a service endpoint (S113).
        VirtualNetworkServiceEndpoint = "VirtualNetworkServiceEndpoint",
        /// To a private endpoint (S112).
        InterfaceEndpoint = "InterfaceEndpoint",
    }
}

impl NextHopType {
    /// Whether a route that people write may have it (S121).
    pub fn can_be_written(self) -> bool {
        !matches!(self, Self::VNetPeering | Self::VirtualNetworkServiceEndpoint | Self::InterfaceEndpoint)
    }

    /// The words of those that a route may have.
    pub fn writable() -> Vec<&'static str> {
        Self::ALL.iter().filter(|hop| hop.can_be_written()).map(|hop| hop.as_str()).collect()
    }
}

words! {
    /// What of its own subnet applies to traffic to a private endpoint (S109).
    EndpointPolicies ("private endpoint network policy") {
        /// Neither rules nor routes: the default.
        Disabled = "Disabled",
        /// Rules alone.
        NetworkSecurityGroupEnabled = "NetworkSecurityGroupEnabled",
        /// Routes alone.
        RouteTableEnabled = "RouteTableEnabled",
        /// Rules and routes.
        Enabled = "Enabled",
    }
}

impl EndpointPolicies {
    /// Whether rules apply.
    pub fn rules_apply(self) -> bool {
        matches!(self, Self::NetworkSecurityGroupEnabled | Self::Enabled)
    }

    /// Whether user-defined routes can bend the way to the endpoint (S112).
    pub fn routes_apply(self) -> bool {
        matches!(self, Self::RouteTableEnabled | Self::Enabled)
    }
}

/// A network interface.
#[derive(Clone, Debug)]
pub struct Interface {
    /// Its id.
    pub id: ResourceId,
    /// Its addresses, each in a subnet.
    pub configurations: Vec<IpConfiguration>,
    /// The id of its own network security group, `None` where it has none.
    pub security_group: Fact<Option<ResourceId>>,
    /// Whether it takes packets that are not for its own address, as an appliance's must.
    pub forwards: Fact<bool>,
    /// Why it is not certain that it is deployed, or that its addresses are all known.
    pub doubt: Option<Gap>,
    /// Where it was written.
    pub origin: Origin,
}

/// One address of an interface.
#[derive(Clone, Debug)]
pub struct IpConfiguration {
    /// The id of its subnet.
    pub subnet: Fact<Option<ResourceId>>,
    /// Its private address.
    pub address: Fact<IpAddr>,
    /// The application security groups that it is a member of (S46).
    pub groups: Fact<Vec<ResourceId>>,
    /// Whether it has a public address, or stands behind a public load balancer (S63).
    pub is_public: Fact<bool>,
    /// Why a public front end of it may be open where no group is (S63).
    pub open_front: Option<Gap>,
}

/// A gateway to other sites, in a subnet of its own.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// Its id.
    pub id: ResourceId,
    /// The id of the virtual network that it stands in.
    pub network: Fact<ResourceId>,
    /// The prefixes of other sites that it sends traffic to; unknown where they are learned (S120).
    pub prefixes: Fact<Vec<IpNet>>,
    /// Where it was written.
    pub origin: Origin,
}

/// A private endpoint: a service's address inside a virtual network.
#[derive(Clone, Debug)]
pub struct PrivateEndpoint {
    /// Its id.
    pub id: ResourceId,
    /// The id of its subnet.
    pub subnet: Fact<ResourceId>,
    /// Its addresses.
    pub addresses: Fact<Vec<IpAddr>>,
    /// Where it was written.
    pub origin: Origin,
}
