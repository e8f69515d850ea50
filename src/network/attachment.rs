//! Attachment points: where a network security group is in force, and what tags stand for there.

use super::effective::AdminRules;
use super::endpoints::AttachedEndpoint;
use super::interfaces::{AttachedInterface, OpenFront};
use super::peers::{AttachedPeer, Neighbours, PeerSpace};
use super::routing::{RoutesInForce, propagates};
use super::{
    Network, NextHopType, Route, RoutePrefix, RouteTable, SecurityGroup, Subnet, VirtualNetwork, outside,
};
use crate::model::{Assumption, Fact, Gap, Origin, ResourceId};
use crate::rules::surroundings::{RoutePrefixes, UNSEEN_OWN};
use crate::rules::{Extent, Surroundings};
use crate::sets::AddressSet;
use crate::tags::{TagSnapshot, special};
use ipnet::IpNet;
use std::sync::Arc;

/// A place that traffic passes: a subnet, or a security group whose subnet is not known.
#[derive(Clone, Debug)]
pub struct AttachmentPoint<'n> {
    /// `network/subnet`, or the group's name.
    pub name: String,
    /// The subnet, where one is known.
    pub subnet: Option<&'n Subnet>,
    /// The security group in force.
    pub security_group: Fact<Option<&'n SecurityGroup>>,
    /// The subnet's own addresses.
    pub own: Own,
    /// What the words of a rule stand for here.
    pub surroundings: Surroundings<'n>,
    /// The routes in force; `None` where the input shows none, as for a group without its subnet.
    pub routes: Option<RoutesInForce>,
    /// Interfaces in it with groups of their own.
    pub interfaces: Vec<AttachedInterface<'n>>,
    /// Addresses in it whose public front end may be open where no group is.
    pub open_fronts: Vec<OpenFront>,
    /// Private endpoints in it.
    pub endpoints: Vec<AttachedEndpoint<'n>>,
    /// The networks that are reached privately from here: its own, and peers that the input names.
    pub reached: Vec<ResourceId>,
    /// The peers that are reached from here.
    pub peers: Vec<AttachedPeer<'n>>,
    /// Security admin rules that stand before the groups (S131).
    pub admin: Vec<&'n AdminRules>,
    /// What was taken for granted about the place.
    pub assumptions: Vec<Assumption>,
    /// The subnet's place, else the group's.
    pub origin: Origin,
}

/// Addresses of a subnet that instances can have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Own {
    /// The prefixes, empty when they are not known.
    pub prefixes: Vec<IpNet>,
    /// The usable IPv4 addresses: all but the first four and the last of each prefix, which Azure keeps.
    /// When the prefix is not known, the one stand-in [`UNSEEN_OWN`].
    pub usable: AddressSet,
    /// Whether the prefix is known.
    pub known: bool,
}

impl Own {
    fn new(prefixes: &Fact<Vec<IpNet>>) -> Self {
        match prefixes {
            Fact::Known(prefixes) if !prefixes.is_empty() => {
                Self { usable: usable(prefixes), prefixes: prefixes.clone(), known: true }
            }
            _ => Self::not_known(),
        }
    }

    fn not_known() -> Self {
        Self { prefixes: Vec::new(), usable: AddressSet::one(UNSEEN_OWN), known: false }
    }
}

/// Every IPv4 address of the prefixes but the first four and the last of each.
fn usable(prefixes: &[IpNet]) -> AddressSet {
    let of_one = |net: &IpNet| match net {
        IpNet::V4(net) => {
            let (first, last) = (net.network().to_bits(), net.broadcast().to_bits());
            let (first, last) = (first.saturating_add(4), last.saturating_sub(1));
            AddressSet { v4: crate::sets::IntervalSet::range(first, last), ..AddressSet::empty() }
        }
        IpNet::V6(_) => AddressSet::empty(),
    };
    let parts: Vec<AddressSet> = prefixes.iter().map(of_one).collect();
    AddressSet::union_all(parts.iter())
}

impl Network {
    /// The attachment point of a subnet (S72, S73).
    pub fn at_subnet<'n>(&'n self, subnet: &'n Subnet, tags: &'n TagSnapshot) -> AttachmentPoint<'n> {
        let network = self.virtual_network(&subnet.network);
        let own = Own::new(&subnet.prefixes);
        let neighbours = network.map(|network| Neighbours::of(self, network)).unwrap_or_default();
        let table = self.route_table_of(subnet);
        let mut space = VirtualNetworkSpace::default();
        space.add_network(network, subnet);
        space.add_own(&own);
        space.assumptions.extend(neighbours.assumptions.iter().cloned());
        space.add_peers(&neighbours);
        space.add_sites(&neighbours, &propagates(&table));
        space.add_routes(&table);
        let routes = self.routes_at(subnet, &neighbours, tags);
        if routes.is_none() {
            space.no_routes_shown();
        }
        let group = self.security_group_of(subnet);
        let point = self.place(subnet.name(), group, own, space, &subnet.origin, tags);
        let mut interfaces = self.interfaces_with_groups(subnet);
        interfaces.extend(point.interfaces.iter().cloned());
        let endpoints = self.endpoints_in(subnet);
        let spared = ADMIN_SPARES.iter().any(|name| subnet.id.name().eq_ignore_ascii_case(name));
        let admin = if spared { Vec::new() } else { point.admin.clone() };
        let peers: Vec<AttachedPeer<'_>> = neighbours.peers.iter().map(PeerSpace::attached).collect();
        let others = peers.iter().filter_map(|peer| peer.peering.remote.known().cloned());
        let reached = std::iter::once(subnet.network.clone()).chain(others).collect();
        AttachmentPoint {
            subnet: Some(subnet),
            routes,
            interfaces,
            open_fronts: self.open_fronts(subnet),
            endpoints,
            reached,
            peers,
            admin,
            ..point
        }
    }

    /// The routes in force at a subnet, whose network has these neighbours; `None` where the input shows none.
    pub(super) fn routes_at(
        &self,
        subnet: &Subnet,
        neighbours: &Neighbours<'_>,
        tags: &TagSnapshot,
    ) -> Option<RoutesInForce> {
        let unseen = self.effective.unseen.contains(&subnet.id);
        (!unseen).then(|| RoutesInForce::at(self, subnet, neighbours, tags))
    }

    /// The attachment point of a security group whose subnet the input does not show.
    pub fn at_group<'n>(&'n self, group: &'n SecurityGroup, tags: &'n TagSnapshot) -> AttachmentPoint<'n> {
        let mut space = VirtualNetworkSpace::default();
        space.not_shown(
            Gap::new("the address space of the virtual network").supplied_by("--vnet-prefix PREFIX"),
        );
        space.no_routes_shown();
        let in_force = match &group.doubt {
            Some(gap) => Fact::Unknown(gap.clone()),
            None => Fact::Known(Some(group)),
        };
        self.place(group.name().to_owned(), in_force, Own::not_known(), space, &group.origin, tags)
    }

    /// The attachment point of a subnet that the input refers to and does not hold: its security group and
    /// prefix are not known, and the gap names the command that would show it.
    pub fn at_unseen_subnet<'n>(
        &'n self,
        id: &ResourceId,
        gap: &Gap,
        origin: &Origin,
        tags: &'n TagSnapshot,
    ) -> AttachmentPoint<'n> {
        let mut space = VirtualNetworkSpace::default();
        let network = id.parent().and_then(|network| self.virtual_network(&network));
        match network.map(|network| &network.prefixes) {
            Some(Fact::Known(prefixes)) => {
                let prefixes: AddressSet = prefixes.iter().copied().collect();
                space.certain = prefixes.clone();
                space.network = Some(prefixes);
            }
            _ => space.not_shown(gap.clone()),
        }
        space.no_routes_shown();
        let name = match id.names()[..] {
            [.., network, subnet] => format!("{network}/{subnet}"),
            _ => id.name().to_owned(),
        };
        self.place(name, Fact::Unknown(gap.clone()), Own::not_known(), space, origin, tags)
    }

    fn place<'n>(
        &'n self,
        name: String,
        security_group: Fact<Option<&'n SecurityGroup>>,
        own: Own,
        space: VirtualNetworkSpace,
        origin: &Origin,
        tags: &'n TagSnapshot,
    ) -> AttachmentPoint<'n> {
        let mut space = space;
        if let Fact::Known(Some(group)) = &security_group {
            if let Some(in_force) = group.virtual_network_in_force() {
                space.as_azure_says(in_force);
            }
            space.assumptions.extend(self.effective.assumptions(&group.id));
        }
        let group = security_group.known().copied().flatten();
        let Space { virtual_network, private, routes, within, assumptions } = space.finish(&own);
        let groups = Arc::clone(self.groups.index());
        AttachmentPoint {
            name,
            subnet: None,
            security_group,
            surroundings: Surroundings {
                tags,
                virtual_network,
                private,
                routes,
                unseen_own: (!own.known).then_some(within),
                groups,
            },
            own,
            routes: self.routes_of_dump(tags),
            interfaces: group.map(|group| self.interfaces_of_dump(group)).unwrap_or_default(),
            open_fronts: Vec::new(),
            endpoints: Vec::new(),
            reached: Vec::new(),
            peers: Vec::new(),
            admin: self.effective.admin_of(group.map(|group| &group.id)),
            assumptions,
            origin: origin.clone(),
        }
    }

    /// The routes of the only dump of effective routes, for places whose own are not shown.
    fn routes_of_dump(&self, tags: &TagSnapshot) -> Option<RoutesInForce> {
        match &self.effective.routes[..] {
            [only] => Some(RoutesInForce::of_dump(only, tags)),
            _ => None,
        }
    }
}

/// Subnets of Azure's own services, which security admin rules do not touch (S131 as amended).
const ADMIN_SPARES: [&str; 5] = [
    "GatewaySubnet",
    "AzureBastionSubnet",
    "AzureFirewallSubnet",
    "AzureFirewallManagementSubnet",
    "RouteServerSubnet",
];

/// Prefixes shorter than this are routes to the rest of the world, not the address space of a site.
const LEAST_OF_A_SITE: u8 = 8;

const NO_ROUTES_SHOWN: &str =
    "no route table sends traffic elsewhere or widens VirtualNetwork: the input does not show the subnet";

/// What is known of `VirtualNetwork` at one place, put together part by part.
#[derive(Default)]
struct VirtualNetworkSpace {
    certain: AddressSet,
    possible: AddressSet,
    gaps: Vec<Gap>,
    /// What written routes add (S75).
    routes: RoutePrefixes,
    /// The network's own address space, where instances can lie.
    network: Option<AddressSet>,
    /// Whether some address space is not shown and taken to be private.
    private_assumed: bool,
    assumptions: Vec<Assumption>,
}

/// What came of it.
struct Space {
    virtual_network: Extent,
    private: AddressSet,
    routes: RoutePrefixes,
    /// Where the own subnet can lie.
    within: AddressSet,
    assumptions: Vec<Assumption>,
}

impl VirtualNetworkSpace {
    /// Address space that exists and is not shown: it may be any private address.
    fn not_shown(&mut self, gap: Gap) {
        self.possible = self.possible.union(&special::private_use());
        self.private_assumed = true;
        self.gaps.push(gap);
    }

    /// S72: every prefix of the network's own address space.
    fn add_network(&mut self, network: Option<&VirtualNetwork>, subnet: &Subnet) {
        match network.map(|network| &network.prefixes) {
            Some(Fact::Known(prefixes)) => {
                let space: AddressSet = prefixes.iter().copied().collect();
                self.certain = self.certain.union(&space);
                self.network = Some(space);
            }
            Some(Fact::Unknown(gap)) => self.not_shown(gap.clone()),
            None => {
                let gap = outside("virtual network", "vnet", &subnet.network).at(&subnet.origin);
                self.not_shown(gap);
            }
        }
    }

    /// The own subnet lies in its network, shown or not.
    fn add_own(&mut self, own: &Own) {
        let prefixes: AddressSet = own.prefixes.iter().copied().collect();
        self.certain = self.certain.union(&prefixes);
    }

    /// S77: peers with access on.
    fn add_peers(&mut self, neighbours: &Neighbours<'_>) {
        for peer in &neighbours.peers {
            match (&peer.prefixes, &peer.doubt) {
                (Fact::Known(prefixes), None) => self.add_certain(prefixes),
                (Fact::Known(prefixes), Some(gap)) => self.add_possible(prefixes, gap),
                (Fact::Unknown(gap), _) => self.not_shown(gap.clone()),
            }
        }
    }

    /// S72, S127: sites behind gateways. One whose routes are not shown may send a default route (S74).
    fn add_sites(&mut self, neighbours: &Neighbours<'_>, propagates: &Fact<bool>) {
        if *propagates == Fact::Known(false) {
            return;
        }
        for site in &neighbours.sites {
            match (&site.prefixes, site.doubt.as_ref().or(propagates.gap())) {
                (Fact::Known(prefixes), None) => {
                    // S74: a default route, whole or in halves, makes the tag wide and is no site's own space.
                    let (wide, own): (Vec<IpNet>, Vec<IpNet>) =
                        prefixes.iter().partition(|net| net.prefix_len() < LEAST_OF_A_SITE);
                    self.add_certain(&own);
                    let wide: AddressSet = wide.into_iter().collect();
                    self.routes.by_appliance = self.routes.by_appliance.union(&wide);
                    self.routes.counted = self.routes.counted.union(&wide);
                }
                (Fact::Known(prefixes), Some(gap)) => self.add_possible(prefixes, gap),
                (Fact::Unknown(gap), _) => self.any_route(gap.clone()),
            }
        }
    }

    fn add_certain(&mut self, prefixes: &[IpNet]) {
        self.certain = self.certain.union(&prefixes.iter().copied().collect());
    }

    fn add_possible(&mut self, prefixes: &[IpNet], gap: &Gap) {
        self.possible = self.possible.union(&prefixes.iter().copied().collect());
        self.gaps.push(gap.clone());
    }

    /// S72 to S75: prefixes of user-defined routes, by their next hop (U17). A default route makes it every
    /// address of its family (S74).
    fn add_routes(&mut self, table: &Fact<Option<&RouteTable>>) {
        let table = match table {
            Fact::Known(None) => return,
            Fact::Known(Some(table)) => table,
            Fact::Unknown(gap) => return self.any_route(gap.clone()),
        };
        for route in &table.routes {
            self.add_route(route);
        }
    }

    fn add_route(&mut self, route: &Route) {
        let net = match &route.prefix {
            Fact::Known(RoutePrefix::Net(net)) => *net,
            Fact::Known(RoutePrefix::Tag(_)) => return,
            Fact::Unknown(gap) => return self.any_route(gap.clone()),
        };
        let prefix: AddressSet = [net].into_iter().collect();
        self.routes.written = self.routes.written.union(&prefix);
        match &route.next_hop {
            Fact::Known(NextHopType::VirtualAppliance) => {
                self.routes.by_appliance = self.routes.by_appliance.union(&prefix);
                self.routes.counted = self.routes.counted.union(&prefix);
            }
            Fact::Known(NextHopType::Internet | NextHopType::None) => {}
            Fact::Known(_) => self.routes.counted = self.routes.counted.union(&prefix),
            Fact::Unknown(gap) => self.add_possible(&[net], gap),
        }
    }

    /// A route that is not shown can be for anything, a default route among them.
    fn any_route(&mut self, gap: Gap) {
        self.possible = AddressSet::all();
        self.gaps.push(gap);
    }

    /// The subnet is not shown, and so is its route table.
    fn no_routes_shown(&mut self) {
        self.assumptions.push(Assumption::new(NO_ROUTES_SHOWN));
    }

    /// S139: what Azure itself says outranks what the input lets one work out, routes and peers included. The
    /// own network lies in it. A default route makes the tag everything (S74): then only the private part of it
    /// is anybody's address space.
    fn as_azure_says(&mut self, in_force: AddressSet) {
        let forced = AddressSet::all_v4().is_subset(&in_force);
        let space = if forced { special::private_use() } else { in_force.clone() };
        self.network.get_or_insert(space.difference(&AddressSet::one(special::WIRE_SERVER.into())));
        self.certain = space;
        self.routes = RoutePrefixes::default();
        if forced {
            self.routes.by_appliance = in_force.clone();
            self.routes.counted = in_force;
        }
        self.possible = AddressSet::empty();
        self.gaps.clear();
        self.private_assumed = false;
        // What routes do to the tag is in it; where they send traffic is not.
        let is_that = |assumption: &Assumption| assumption.text == NO_ROUTES_SHOWN;
        if let Some(assumption) = self.assumptions.iter_mut().find(|assumption| is_that(assumption)) {
            *assumption = Assumption::new("no route sends traffic elsewhere: the dump of rules shows none");
        }
    }

    fn finish(mut self, own: &Own) -> Space {
        if self.private_assumed {
            self.assumptions.push(Assumption::new(
                "address space that the input does not show is private (10/8, 172.16/12, 192.168/16, 100.64/10, fc00::/7)",
            ));
        }
        let private = if own.known { self.certain } else { self.certain.union(&AddressSet::one(UNSEEN_OWN)) };
        // S72: the platform's address is in the tag everywhere.
        let certain =
            private.union(&AddressSet::one(special::WIRE_SERVER.into())).union(&self.routes.counted);
        let may = certain.union(&self.possible);
        let within = self.network.unwrap_or_else(special::private_use);
        Space {
            virtual_network: Extent { must: certain, may, gaps: self.gaps },
            private,
            routes: self.routes,
            within,
            assumptions: self.assumptions,
        }
    }
}
