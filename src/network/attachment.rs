//! Attachment points: where a network security group is in force, and what tags stand for there.

use super::{Network, Peering, RoutePrefix, SecurityGroup, Subnet, VirtualNetwork, outside};
use crate::model::{Assumption, Fact, Gap, Origin, ResourceId, Switch};
use crate::rules::surroundings::UNSEEN_OWN;
use crate::rules::{Extent, Surroundings};
use crate::sets::AddressSet;
use crate::tags::{TagSnapshot, special};
use ipnet::IpNet;

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

/// Address space that a virtual network has when the input does not show it: private addresses.
fn private_space() -> AddressSet {
    ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"]
        .iter()
        .filter_map(|net| net.parse::<IpNet>().ok())
        .collect()
}

impl Network {
    /// The attachment point of a subnet (S72, S73).
    pub fn at_subnet<'n>(&'n self, subnet: &'n Subnet, tags: &'n TagSnapshot) -> AttachmentPoint<'n> {
        let network = self.virtual_network(&subnet.network);
        let own = Own::new(&subnet.prefixes);
        let mut space = VirtualNetworkSpace::default();
        space.add_network(network, subnet);
        space.add_own(&own);
        space.add_peers(self, network);
        space.add_routes(self, subnet);
        if self.effective.unseen.contains(&subnet.id) {
            space.no_routes_shown();
        }
        let group = self.security_group_of(subnet);
        let point = self.place(subnet.name(), group, own, space, &subnet.origin, tags);
        AttachmentPoint { subnet: Some(subnet), ..point }
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
        let Space { virtual_network, within, assumptions } = space.finish(&own);
        let groups = self.groups.iter().map(|(id, members)| (id.clone(), members.extent())).collect();
        AttachmentPoint {
            name,
            subnet: None,
            security_group,
            surroundings: Surroundings {
                tags,
                virtual_network,
                unseen_own: (!own.known).then_some(within),
                groups,
            },
            own,
            assumptions,
            origin: origin.clone(),
        }
    }
}

const NO_ROUTES_SHOWN: &str =
    "no route table sends traffic elsewhere or widens VirtualNetwork: the input does not show the subnet";

/// What is known of `VirtualNetwork` at one place, put together part by part.
#[derive(Default)]
struct VirtualNetworkSpace {
    certain: AddressSet,
    possible: AddressSet,
    gaps: Vec<Gap>,
    /// The network's own address space, where instances can lie.
    network: Option<AddressSet>,
    /// Whether some address space is not shown and taken to be private.
    private_assumed: bool,
    assumptions: Vec<Assumption>,
}

/// What came of it.
struct Space {
    virtual_network: Extent,
    /// Where the own subnet can lie.
    within: AddressSet,
    assumptions: Vec<Assumption>,
}

impl VirtualNetworkSpace {
    /// Address space that exists and is not shown: it may be any private address.
    fn not_shown(&mut self, gap: Gap) {
        self.possible = self.possible.union(&private_space());
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

    /// S77: peers with access on, and not their peers.
    fn add_peers(&mut self, all: &Network, network: Option<&VirtualNetwork>) {
        self.certain = self.certain.union(&all.peer_prefixes.iter().copied().collect());
        for peering in network.iter().flat_map(|network| &network.peerings) {
            let connected =
                peering.state.as_ref().is_none_or(|state| state.eq_ignore_ascii_case("Connected"));
            if !connected || peering.access == Fact::Known(false) {
                continue;
            }
            if !self.is_mutual(all, network, peering) {
                continue;
            }
            let space = match (&peering.remote_prefixes, &peering.remote) {
                (Some(prefixes), _) => Fact::Known(prefixes.clone()),
                (None, Fact::Unknown(gap)) => Fact::Unknown(gap.clone()),
                (None, Fact::Known(id)) => match all.virtual_network(id) {
                    Some(remote) => remote.prefixes.clone(),
                    None => Fact::Unknown(outside("peered virtual network", "vnet", id).at(&peering.origin)),
                },
            };
            match (space, &peering.access) {
                (Fact::Known(prefixes), Fact::Known(_)) => {
                    self.certain = self.certain.union(&prefixes.into_iter().collect());
                }
                (Fact::Known(prefixes), Fact::Unknown(gap)) => {
                    self.possible = self.possible.union(&prefixes.into_iter().collect());
                    self.gaps.push(gap.clone());
                }
                (Fact::Unknown(_), _) if !all.peer_prefixes.is_empty() => {}
                (Fact::Unknown(gap), _) => self.not_shown(gap),
            }
        }
    }

    /// S77: a peering connects when both networks have one. Of a network that the input does not hold that is
    /// taken for granted; one that it holds without a peering back is not connected (U19).
    fn is_mutual(&mut self, all: &Network, network: Option<&VirtualNetwork>, peering: &Peering) -> bool {
        let own = network.map(|network| &network.id);
        let remote = peering.remote.known().and_then(|id| all.virtual_network(id));
        let answers = |back: &Peering| back.remote.known().is_none_or(|id| Some(id) == own);
        match (remote, &peering.state) {
            (_, Some(_)) => true,
            (Some(remote), None) if remote.peerings.iter().any(answers) => true,
            (Some(_), None) => {
                self.assumptions.push(Assumption::of(Switch::PEERING_STATE));
                false
            }
            (None, None) => {
                self.assumptions.push(Assumption::new(format!(
                    "the peering `{}` is connected: the other network has one back",
                    peering.name
                )));
                true
            }
        }
    }

    /// S72 to S75: prefixes of user-defined routes. Routes are not judged yet, so what they add is held
    /// open: an answer that hangs on it is unknown, never allowed.
    fn add_routes(&mut self, all: &Network, subnet: &Subnet) {
        let table = match &subnet.route_table {
            Fact::Known(None) => return,
            Fact::Known(Some(id)) => match all.route_table(id) {
                Some(table) => table,
                None => {
                    let gap = outside("route table", "route-table", id).at(&subnet.origin);
                    return self.any_route(gap);
                }
            },
            Fact::Unknown(gap) => return self.any_route(gap.clone()),
        };
        if !table.routes.is_empty() {
            self.not_judged(&format!("`{}`", table.id.name()));
        }
        for route in &table.routes {
            let widens = route.next_hop.known().is_none_or(|hop| {
                ["VirtualAppliance", "VirtualNetworkGateway", "VnetLocal"]
                    .iter()
                    .any(|word| word.eq_ignore_ascii_case(hop))
            });
            let net = match &route.prefix {
                _ if !widens => continue,
                Fact::Known(RoutePrefix::Net(net)) => net,
                Fact::Known(RoutePrefix::Tag(_)) => continue,
                Fact::Unknown(gap) => {
                    self.any_route(gap.clone());
                    continue;
                }
            };
            // S74: a default route widens to every address of its family.
            let prefix: AddressSet = [*net].into_iter().collect();
            if !prefix.is_subset(&self.certain) {
                self.possible = self.possible.union(&prefix);
                self.gaps.push(
                    Gap::new(format!(
                        "how the route `{}` ({net}) of `{}` changes VirtualNetwork and the way of traffic, which is not judged yet",
                        route.name,
                        table.id.name()
                    ))
                    .at(&route.origin),
                );
            }
        }
    }

    /// A route table that is not shown can hold any route, a default route among them.
    fn any_route(&mut self, gap: Gap) {
        self.not_judged(gap.missing());
        self.possible = AddressSet::all();
        self.gaps.push(gap);
    }

    fn not_judged(&mut self, table: &str) {
        self.assumptions.push(Assumption::new(format!(
            "the routes of {table} are not judged: they may send traffic elsewhere"
        )));
    }

    /// The subnet is not shown, and so is its route table.
    fn no_routes_shown(&mut self) {
        self.assumptions.push(Assumption::new(NO_ROUTES_SHOWN));
    }

    /// S139: what Azure itself says outranks what the input lets one work out, routes and peers included. The
    /// own network lies in it.
    fn as_azure_says(&mut self, in_force: AddressSet) {
        let own = in_force.difference(&AddressSet::one(special::WIRE_SERVER.into()));
        self.network.get_or_insert(own);
        self.certain = in_force;
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
        // S72: the platform's address is in the tag everywhere.
        let mut certain = self.certain.union(&AddressSet::one(special::WIRE_SERVER.into()));
        if !own.known {
            certain = certain.union(&AddressSet::one(UNSEEN_OWN));
        }
        let may = certain.union(&self.possible);
        let within = self.network.unwrap_or_else(private_space);
        Space {
            virtual_network: Extent { must: certain, may, gaps: self.gaps },
            within,
            assumptions: self.assumptions,
        }
    }
}
