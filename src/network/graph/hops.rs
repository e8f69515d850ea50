//! Where a route's next hop leads, seen from the networks whose subnets have its table.

use super::super::{NextHopType, Route, RouteTable};
use super::build::Builder;
use super::{Edge, EdgeKind, Link, Node, NodeKind};
use crate::model::{Fact, Gap, ResourceId};
use ipnet::IpNet;
use petgraph::graph::NodeIndex;
use std::net::IpAddr;

impl<'n> Builder<'n> {
    /// One edge for each route and each place that it leads to.
    pub(super) fn routes_of(&mut self, table: &'n RouteTable, node: NodeIndex) {
        let scopes = self.scopes.get(&table.id.key()).cloned().unwrap_or_default();
        for route in &table.routes {
            let mut targets = self.targets(route, &scopes);
            targets.sort();
            targets.dedup();
            let open = route.next_hop.gap().or(route.prefix.gap()).or(route.next_hop_address.gap());
            for to in targets {
                let edge = Edge {
                    link: Link::Route(route),
                    open: open.cloned(),
                    origin: Some(route.origin.clone()),
                };
                self.add(node, to, edge);
            }
        }
    }

    fn targets(&mut self, route: &'n Route, scopes: &[ResourceId]) -> Vec<NodeIndex> {
        let hop = match &route.next_hop {
            Fact::Known(hop) => *hop,
            Fact::Unknown(gap) => return vec![self.open_node(NodeKind::NextHop, gap)],
        };
        match hop {
            NextHopType::Internet => vec![self.named(NodeKind::Internet, "Internet")],
            NextHopType::None => vec![self.named(NodeKind::Nowhere, "None")],
            NextHopType::VirtualAppliance => self.appliances(route, scopes),
            NextHopType::VnetLocal if !scopes.is_empty() => scopes
                .iter()
                .map(|scope| self.refer(NodeKind::VirtualNetwork, scope, &route.origin))
                .collect(),
            NextHopType::VirtualNetworkGateway if !scopes.is_empty() => {
                scopes.iter().flat_map(|scope| self.gateways_for(scope, route)).collect()
            }
            // A table that no subnet of the input has, or a next hop that nobody can write (S121).
            _ => vec![self.named(NodeKind::NextHop, hop.as_str())],
        }
    }

    fn appliances(&mut self, route: &Route, scopes: &[ResourceId]) -> Vec<NodeIndex> {
        match &route.next_hop_address {
            Fact::Unknown(gap) => vec![self.open_node(NodeKind::Appliance, gap)],
            Fact::Known(None) => {
                let gap =
                    Gap::new(format!("at which address the appliance of the route `{}` stands", route.name));
                vec![self.open_node(NodeKind::Appliance, &gap.at(&route.origin))]
            }
            Fact::Known(Some(address)) if scopes.is_empty() => vec![self.appliance(None, *address, route)],
            Fact::Known(Some(address)) => {
                scopes.iter().map(|scope| self.appliance(Some(scope), *address, route)).collect()
            }
        }
    }

    /// The appliance that has an address, at the interface or in the subnet that holds it; where the input
    /// shows neither, one outside for each network that sends traffic to it.
    fn appliance(&mut self, scope: Option<&ResourceId>, address: IpAddr, route: &Route) -> NodeIndex {
        let at = Some(route.origin.clone());
        let prefixes = vec![IpNet::from(address)];
        let node = Node { origin: at, prefixes, ..Node::new(NodeKind::Appliance, address.to_string()) };
        let found = scope.and_then(|scope| self.places.subnet_of(scope, address));
        let Some(place) = found else {
            let whose = scope.map(ResourceId::key).unwrap_or_default();
            let gap = Gap::new(format!("the subnet that holds the appliance {address}")).at(&route.origin);
            let node = Node { outside: true, open: vec![gap], ..node };
            return self.derived(format!("{address} {whose}"), node).0;
        };
        let subnet = self.places.subnet(place);
        let (index, is_new) = self.derived(format!("{address} in {place}"), node);
        let Some(home) = self.node_of(subnet).filter(|_| is_new) else { return index };
        self.parent(home, index);
        let holder = self.holders.get(&(subnet.id.key(), address)).copied().unwrap_or(home);
        self.join(holder, index, EdgeKind::Holds, None, &route.origin);
        index
    }

    /// The gateways that the subnets of a network use: its own, else those of a peer that it uses (S130), else
    /// one that is not shown.
    fn gateways_for(&mut self, scope: &ResourceId, route: &Route) -> Vec<NodeIndex> {
        let own = self.gateways.get(&scope.key()).cloned().unwrap_or_default();
        if !own.is_empty() {
            return own;
        }
        let remotes = self.remotes.get(&scope.key()).into_iter().flatten();
        let mut found: Vec<NodeIndex> =
            remotes.filter_map(|remote| self.gateways.get(remote)).flatten().copied().collect();
        if found.is_empty() {
            let gap = Gap::new(format!("the gateway that `{}` sends traffic to", scope.name()));
            let open = vec![gap.at(&route.origin)];
            let node = Node { open, outside: true, ..Node::new(NodeKind::Gateway, "?") };
            found.push(self.derived(format!("of {}", scope.key()), node).0);
        }
        found
    }
}
