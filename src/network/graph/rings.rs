//! Rings: networks that use each other's gateways, and routes that send traffic back to where it came from.
//!
//! Both are strongly connected components. Whether routes in one send some address round is then asked of the
//! routes in force, one address of each part: a ring is told only where every step of it is certain.

use super::super::peers::Neighbours;
use super::super::routing::{RouteEntry, RoutesInForce};
use super::super::{Network, NextHopType, Peering, Subnet, VirtualNetwork};
use super::places::Places;
use crate::model::Fact;
use crate::sets::AddressSet;
use crate::tags::TagSnapshot;
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

/// Networks of which each uses the gateway of another of them (S130), by their ids.
#[derive(Clone, Debug)]
pub struct GatewayRing<'n> {
    /// Each with its peering to another of the ring.
    pub networks: Vec<(&'n VirtualNetwork, &'n Peering)>,
}

/// Subnets whose routes send traffic round: from each to an appliance in the next, and from the last to one
/// in the first.
#[derive(Clone, Debug)]
pub struct RouteLoop<'n> {
    /// An address for which it is so.
    pub to: IpAddr,
    /// The steps, from the subnet that stands first in the input.
    pub steps: Vec<LoopStep<'n>>,
}

/// One step of a ring.
#[derive(Clone, Debug)]
pub struct LoopStep<'n> {
    /// The subnet that the traffic leaves.
    pub subnet: &'n Subnet,
    /// The route that it leaves by.
    pub route: RouteEntry,
    /// The appliance that the route names, which stands in the next subnet.
    pub appliance: IpAddr,
}

/// Components of more than one node, and nodes that lead to themselves; each in order, and so are they.
fn rings(nodes: usize, edges: impl IntoIterator<Item = (usize, usize)>) -> Vec<Vec<usize>> {
    let mut graph: DiGraph<(), ()> = DiGraph::new();
    for _ in 0..nodes {
        graph.add_node(());
    }
    for (from, to) in edges {
        graph.add_edge(NodeIndex::new(from), NodeIndex::new(to), ());
    }
    let mut rings: Vec<Vec<usize>> = kosaraju_scc(&graph)
        .into_iter()
        .filter(|ring| match ring[..] {
            [only] => graph.contains_edge(only, only),
            _ => true,
        })
        .map(|ring| ring.into_iter().map(NodeIndex::index).collect())
        .collect();
    rings.iter_mut().for_each(|ring: &mut Vec<usize>| ring.sort_unstable());
    rings.sort_unstable();
    rings
}

impl Network {
    /// Networks that use each other's gateways, so that none of them has one (S130).
    pub fn gateway_rings(&self) -> Vec<GatewayRing<'_>> {
        // By key, and so is the answer: the network that comes first tells.
        let networks: BTreeMap<String, &VirtualNetwork> =
            self.virtual_networks.iter().rev().map(|one| (one.id.key(), one)).collect();
        let places: HashMap<&str, usize> =
            networks.keys().enumerate().map(|(place, key)| (key.as_str(), place)).collect();
        let mut used: BTreeMap<(usize, usize), &Peering> = BTreeMap::new();
        for (place, one) in networks.values().enumerate() {
            for peering in one.peerings.iter().filter(|one| one.remote_gateways == Fact::Known(true)) {
                let remote = peering.remote.known().and_then(|id| places.get(id.key().as_str()));
                if let Some(remote) = remote.filter(|remote| **remote != place) {
                    used.insert((place, *remote), peering);
                }
            }
        }
        let networks: Vec<&VirtualNetwork> = networks.into_values().collect();
        let found = rings(networks.len(), used.keys().copied());
        let ring = |members: Vec<usize>| {
            let of = |place: &usize| {
                let mut from = used.range((*place, 0)..=(*place, usize::MAX));
                let (_, peering) = from.find(|((_, to), _)| members.binary_search(to).is_ok())?;
                Some((networks[*place], *peering))
            };
            GatewayRing { networks: members.iter().filter_map(of).collect() }
        };
        found.into_iter().map(ring).collect()
    }

    /// Rings of routes to appliances; of those that hang together the first.
    ///
    /// An appliance sends what it forwards by the routes of the subnet that it stands in. Where they lead to
    /// an appliance whose own subnet sends the same address back, nothing arrives.
    pub fn route_loops(&self, tags: &TagSnapshot) -> Vec<RouteLoop<'_>> {
        let places = Places::new(self);
        let found = rings(self.subnets.len(), self.steps(&places));
        found.iter().filter_map(|ring| RingOfRoutes::new(self, &places, ring, tags).find()).collect()
    }

    /// From each subnet with routes to appliances to the subnets that those stand in, as far as the routes as
    /// written lead there.
    fn steps(&self, places: &Places<'_>) -> BTreeSet<(usize, usize)> {
        let tables: HashMap<String, usize> = self
            .route_tables
            .iter()
            .enumerate()
            .rev()
            .map(|(place, table)| (table.id.key(), place))
            .collect();
        // Subnets of one network with one table lead to the same places.
        let mut seen: HashMap<(usize, String), Vec<usize>> = HashMap::new();
        let mut steps = BTreeSet::new();
        for (from, subnet) in self.subnets.iter().enumerate() {
            let Fact::Known(Some(id)) = &subnet.route_table else { continue };
            let Some(table) = tables.get(&id.key()) else { continue };
            let targets = seen.entry((*table, subnet.network.key())).or_insert_with(|| {
                let routes = self.route_tables[*table].routes.iter();
                let appliances = routes
                    .filter(|route| route.next_hop == Fact::Known(NextHopType::VirtualAppliance))
                    .filter_map(|route| *route.next_hop_address.known()?);
                let mut targets: Vec<usize> =
                    appliances.filter_map(|address| places.subnet_of(&subnet.network, address)).collect();
                targets.sort_unstable();
                targets.dedup();
                targets
            });
            steps.extend(targets.iter().map(|to| (from, *to)));
        }
        steps
    }
}

/// Subnets whose routes may send traffic round, with the routes in force there.
struct RingOfRoutes<'n, 'p> {
    places: &'p Places<'n>,
    routes: BTreeMap<usize, RoutesInForce>,
}

impl<'n, 'p> RingOfRoutes<'n, 'p> {
    fn new(network: &'n Network, places: &'p Places<'n>, ring: &[usize], tags: &TagSnapshot) -> Self {
        // Subnets of one network have the same neighbours.
        let mut neighbours: HashMap<String, Neighbours<'_>> = HashMap::new();
        let of = |place: &usize| {
            let subnet = places.subnet(*place);
            let neighbours = neighbours.entry(subnet.network.key()).or_insert_with(|| {
                let own = network.virtual_network(&subnet.network);
                own.map(|own| Neighbours::of(network, own)).unwrap_or_default()
            });
            Some((*place, network.routes_at(subnet, neighbours, tags)?))
        };
        Self { places, routes: ring.iter().filter_map(of).collect() }
    }

    /// The first ring, by the subnets in order and the addresses in order.
    ///
    /// The routes cut all addresses into parts that go one way at every subnet, and each part begins where a
    /// part of one subnet of its ring does: those beginnings are all that has to be asked.
    fn find(&self) -> Option<RouteLoop<'n>> {
        self.routes.iter().find_map(|(from, routes)| {
            let parts = routes.partition(&AddressSet::all());
            let begin = parts
                .iter()
                .filter(|part| self.certain(routes, &part.choice).is_some())
                .flat_map(|part| part.to.nets().map(|net| net.addr()));
            begin.flat_map(|first| [Some(first), next(first)]).flatten().find_map(|to| self.round(*from, to))
        })
    }

    /// The one route of a choice, where it is certain and leads to an appliance.
    fn certain<'r>(
        &self,
        routes: &'r RoutesInForce,
        choice: &super::super::routing::Choice,
    ) -> Option<(&'r RouteEntry, IpAddr)> {
        let mut candidates = routes.of(choice);
        let only = candidates.next().filter(|_| !choice.rests_on_tag_prefixes)?;
        let is_certain = candidates.next().is_none() && only.doubt.is_none();
        let is_appliance = only.next_hop == Fact::Known(NextHopType::VirtualAppliance);
        Some((only, *only.addresses.first()?)).filter(|_| is_certain && is_appliance)
    }

    /// The way of an address from a subnet, where it comes back to that subnet; it begins at the first of them.
    fn round(&self, from: usize, to: IpAddr) -> Option<RouteLoop<'n>> {
        let mut steps = Vec::new();
        let mut visited = BTreeSet::new();
        let mut at = from;
        while visited.insert(at) {
            let routes = self.routes.get(&at)?;
            let (route, appliance) = self.certain(routes, routes.choose(to)?)?;
            // What is for the appliance itself has arrived.
            if appliance == to {
                return None;
            }
            let subnet = self.places.subnet(at);
            steps.push((at, LoopStep { subnet, route: route.clone(), appliance }));
            at = self.places.subnet_of(&subnet.network, appliance)?;
        }
        let first = visited.iter().next().copied();
        let begin = steps.iter().position(|(place, _)| Some(*place) == first).unwrap_or_default();
        steps.rotate_left(begin);
        let steps = steps.into_iter().map(|(_, step)| step).collect();
        (at == from).then_some(RouteLoop { to, steps })
    }
}

fn next(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => address.to_bits().checked_add(1).map(|bits| IpAddr::V4(bits.into())),
        IpAddr::V6(address) => address.to_bits().checked_add(1).map(|bits| IpAddr::V6(bits.into())),
    }
}
