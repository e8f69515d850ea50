//! Nodes for everything that the input holds, then the edges between them; what an edge leads to that is not
//! there becomes a node of its own.

use super::super::{
    Gateway, Instance, Interface, Location, Network, PrivateEndpoint, Subnet, VirtualNetwork, outside,
};
use super::places::Places;
use super::{Edge, EdgeKind, Graph, Link, Node, NodeId, NodeKind};
use crate::model::{Fact, Gap, Mode, Origin, ResourceId};
use ipnet::IpNet;
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

/// A graph while it is built.
pub(super) struct Builder<'n> {
    pub(super) network: &'n Network,
    pub(super) places: Places<'n>,
    graph: DiGraph<Node, Edge<'n>>,
    /// Nodes by kind and key: that of the id, else what tells them apart.
    known: HashMap<(NodeKind, String), NodeIndex>,
    /// Nodes of what is not settled, one for each gap.
    unsettled: HashMap<(NodeKind, Gap), NodeIndex>,
    /// Edges without details, of which one is enough.
    joined: HashSet<(NodeIndex, NodeIndex, EdgeKind)>,
    /// Interfaces by subnet and address.
    pub(super) holders: HashMap<(String, IpAddr), NodeIndex>,
    /// The networks of the subnets that have a route table, by the table's key.
    pub(super) scopes: HashMap<String, Vec<ResourceId>>,
    /// The gateways of a network, by its key.
    pub(super) gateways: HashMap<String, Vec<NodeIndex>>,
    /// The networks whose gateways one uses or may use, by keys (S130).
    pub(super) remotes: HashMap<String, Vec<String>>,
}

impl<'n> Builder<'n> {
    pub(super) fn new(network: &'n Network) -> Self {
        Self {
            network,
            places: Places::new(network),
            graph: DiGraph::new(),
            known: HashMap::new(),
            unsettled: HashMap::new(),
            joined: HashSet::new(),
            holders: HashMap::new(),
            scopes: HashMap::new(),
            gateways: HashMap::new(),
            remotes: HashMap::new(),
        }
    }

    /// Nodes first, so that no reference takes something for missing that stands further down.
    pub(super) fn finish(mut self) -> Graph<'n> {
        let all = self.network;
        let networks = each(&all.virtual_networks, |one| self.virtual_network(one));
        let subnets = each(&all.subnets, |one| self.subnet(one));
        for group in &all.security_groups {
            let node = Node::resource(NodeKind::SecurityGroup, &group.id, &group.origin);
            self.declare(Node { open: group.doubt.iter().cloned().collect(), ..node });
        }
        let tables = each(&all.route_tables, |table| {
            let node = Node::resource(NodeKind::RouteTable, &table.id, &table.origin);
            let open = table.propagates.gap().cloned().into_iter().collect();
            self.declare(Node { open, ..node })
        });
        for (id, members) in &all.groups {
            let node = Node::new(NodeKind::ApplicationGroup, id.name());
            let (prefixes, open) = (members.certain.clone(), members.gap.iter().cloned().collect());
            self.declare(Node {
                id: Some(id.clone()),
                origin: members.origin.clone(),
                prefixes,
                open,
                ..node
            });
        }
        let interfaces = each(&all.interfaces, |one| self.interface(one));
        let endpoints = each(&all.private_endpoints, |one| self.private_endpoint(one));
        let gateways = each(&all.gateways, |one| self.gateway(one));
        let instances = each(&all.instances, |one| self.instance(one));

        pairs(&all.subnets, &subnets, |subnet, node| self.edges_of_subnet(subnet, node));
        self.claims_of_groups();
        pairs(&all.interfaces, &interfaces, |one, node| self.edges_of_interface(one, node));
        pairs(&all.private_endpoints, &endpoints, |one, node| {
            let home = self.settled(NodeKind::Subnet, &one.subnet, &one.origin);
            self.inside(home, node, &one.origin);
        });
        pairs(&all.gateways, &gateways, |one, node| self.edges_of_gateway(one, node));
        self.gateways_unseen();
        pairs(&all.instances, &instances, |one, node| self.edges_of_instance(one, node));
        pairs(&all.virtual_networks, &networks, |one, node| self.peerings_of(one, node));
        pairs(&all.route_tables, &tables, |table, node| self.routes_of(table, node));
        self.supplied_peers(&networks);
        Graph { graph: self.graph, open: all.unlisted.clone() }
    }

    /// A node of the input. Of two with one id references lead to the first, as everywhere.
    fn declare(&mut self, node: Node) -> NodeIndex {
        let key = node.id.as_ref().map(|id| (node.kind, id.key()));
        let index = self.graph.add_node(node);
        if let Some(key) = key {
            self.known.entry(key).or_insert(index);
        }
        index
    }

    fn virtual_network(&mut self, one: &VirtualNetwork) -> NodeIndex {
        let node = Node::resource(NodeKind::VirtualNetwork, &one.id, &one.origin);
        self.declare(Node { prefixes: listed(&one.prefixes), open: gaps([one.prefixes.gap()]), ..node })
    }

    fn subnet(&mut self, one: &Subnet) -> NodeIndex {
        let node = Node::resource(NodeKind::Subnet, &one.id, &one.origin);
        let open = gaps([one.prefixes.gap(), one.delegations.gap(), one.private_endpoint_policies.gap()]);
        let words = listed(&one.delegations);
        self.declare(Node { prefixes: listed(&one.prefixes), words, open, ..node })
    }

    fn interface(&mut self, one: &Interface) -> NodeIndex {
        let addresses = one.configurations.iter().filter_map(|here| here.address.known());
        let mut open = gaps([one.doubt.as_ref(), one.forwards.gap()]);
        for here in &one.configurations {
            open.extend(gaps([here.address.gap(), here.is_public.gap()]));
        }
        open.dedup();
        let forwards = one.forwards == Fact::Known(true);
        self.declare(Node {
            prefixes: addresses.copied().map(IpNet::from).collect(),
            words: forwards.then(|| "IP forwarding".to_owned()).into_iter().collect(),
            open,
            ..Node::resource(NodeKind::Interface, &one.id, &one.origin)
        })
    }

    fn private_endpoint(&mut self, one: &PrivateEndpoint) -> NodeIndex {
        let node = Node::resource(NodeKind::PrivateEndpoint, &one.id, &one.origin);
        let prefixes = listed(&one.addresses).into_iter().map(IpNet::from).collect();
        self.declare(Node { prefixes, open: gaps([one.addresses.gap()]), ..node })
    }

    fn gateway(&mut self, one: &Gateway) -> NodeIndex {
        let index = self.declare(Node::resource(NodeKind::Gateway, &one.id, &one.origin));
        if let Fact::Known(home) = &one.network {
            self.gateways.entry(home.key()).or_default().push(index);
        }
        index
    }

    fn instance(&mut self, one: &Instance) -> NodeIndex {
        let tier = one.tier.known().map(ToString::to_string);
        let mode = one.mode.known().map(ToString::to_string);
        let open = [one.tier.gap(), one.mode.gap(), one.added_gap.as_ref(), one.doubt.as_ref()];
        let (words, open) = (tier.into_iter().chain(mode).collect(), gaps(open));
        let node = Node::new(NodeKind::Instance, &*one.name);
        self.declare(Node { origin: Some(one.origin.clone()), words, open, ..node })
    }

    fn edges_of_subnet(&mut self, subnet: &'n Subnet, node: NodeIndex) {
        let home = self.refer(NodeKind::VirtualNetwork, &subnet.network, &subnet.origin);
        self.inside(home, node, &subnet.origin);
        for (kind, reference) in
            [(NodeKind::SecurityGroup, &subnet.security_group), (NodeKind::RouteTable, &subnet.route_table)]
        {
            if let Some(to) = self.optional(kind, reference, &subnet.origin) {
                self.join(node, to, EdgeKind::Attached, reference.gap(), &subnet.origin);
            }
        }
        if let Fact::Known(Some(table)) = &subnet.route_table {
            let scopes = self.scopes.entry(table.key()).or_default();
            // Subnets of one network mostly stand together.
            if scopes.last() != Some(&subnet.network) && !scopes.contains(&subnet.network) {
                scopes.push(subnet.network.clone());
            }
        }
        match &subnet.service_endpoints {
            Fact::Known(services) => {
                for service in services {
                    let to = self.named(NodeKind::Service, service);
                    let gap = subnet.endpoint_policy.gap();
                    self.join(node, to, EdgeKind::ServiceEndpoint, gap, &subnet.origin);
                }
            }
            Fact::Unknown(gap) => {
                let to = self.open_node(NodeKind::Service, gap);
                self.join(node, to, EdgeKind::ServiceEndpoint, Some(gap), &subnet.origin);
            }
        }
    }

    /// S58: a group may say itself which subnets it is attached to. The subnet's own word comes first.
    fn claims_of_groups(&mut self) {
        let subnets = self.network.subnets.iter();
        let spoken: HashMap<String, bool> =
            subnets.map(|one| (one.id.key(), one.security_group != Fact::Known(None))).collect();
        for group in &self.network.security_groups {
            let to = self.refer(NodeKind::SecurityGroup, &group.id, &group.origin);
            for id in &group.subnets {
                if spoken.get(&id.key()) != Some(&true) {
                    let from = self.refer(NodeKind::Subnet, id, &group.origin);
                    self.join(from, to, EdgeKind::Attached, None, &group.origin);
                }
            }
        }
    }

    fn edges_of_interface(&mut self, one: &'n Interface, node: NodeIndex) {
        for here in &one.configurations {
            if let Some(home) = self.optional(NodeKind::Subnet, &here.subnet, &one.origin) {
                self.inside(home, node, &one.origin);
            }
            if let (Fact::Known(Some(subnet)), Fact::Known(address)) = (&here.subnet, &here.address) {
                self.holders.entry((subnet.key(), *address)).or_insert(node);
            }
            match &here.groups {
                Fact::Known(groups) => {
                    for group in groups {
                        let to = self.refer(NodeKind::ApplicationGroup, group, &one.origin);
                        self.join(node, to, EdgeKind::Member, one.doubt.as_ref(), &one.origin);
                    }
                }
                Fact::Unknown(gap) => {
                    let to = self.open_node(NodeKind::ApplicationGroup, gap);
                    self.join(node, to, EdgeKind::Member, Some(gap), &one.origin);
                }
            }
            if here.is_public != Fact::Known(false) {
                let to = self.named(NodeKind::Internet, "Internet");
                self.join(node, to, EdgeKind::Public, here.is_public.gap(), &one.origin);
            }
        }
        if let Some(to) = self.optional(NodeKind::SecurityGroup, &one.security_group, &one.origin) {
            self.join(node, to, EdgeKind::Attached, one.security_group.gap(), &one.origin);
        }
    }

    fn edges_of_gateway(&mut self, one: &'n Gateway, node: NodeIndex) {
        let home = self.settled(NodeKind::VirtualNetwork, &one.network, &one.origin);
        self.inside(home, node, &one.origin);
        let prefixes = listed(&one.prefixes);
        let open = gaps([one.prefixes.gap()]);
        let to = self.graph.add_node(Node { prefixes, open, ..sites() });
        self.join(node, to, EdgeKind::Connects, one.prefixes.gap(), &one.origin);
    }

    /// A subnet that is there for gateways, where none is shown: there may be one.
    fn gateways_unseen(&mut self) {
        // One whose network is not settled may be it.
        if self.network.gateways.iter().any(|gateway| gateway.network.gap().is_some()) {
            return;
        }
        let is_for_gateways = |subnet: &&Subnet| subnet.id.name().eq_ignore_ascii_case("GatewaySubnet");
        for subnet in self.network.subnets.iter().filter(is_for_gateways) {
            let key = subnet.network.key();
            if self.gateways.contains_key(&key) {
                continue;
            }
            let words =
                format!("the gateway that may stand in the `GatewaySubnet` of `{}`", subnet.network.name());
            let gap = Gap::new(words).supplied_by("--peer-prefix PREFIX").at(&subnet.origin);
            let node =
                self.graph.add_node(Node { open: vec![gap.clone()], ..Node::new(NodeKind::Gateway, "?") });
            self.gateways.insert(key, vec![node]);
            let home = self.refer(NodeKind::VirtualNetwork, &subnet.network, &subnet.origin);
            self.parent(home, node);
            self.join(home, node, EdgeKind::Contains, Some(&gap), &subnet.origin);
            let to = self.graph.add_node(Node { open: vec![gap.clone()], ..sites() });
            self.join(node, to, EdgeKind::Connects, Some(&gap), &subnet.origin);
        }
    }

    fn edges_of_instance(&mut self, one: &'n Instance, node: NodeIndex) {
        for Location { subnet, origin, .. } in std::iter::once(&one.primary).chain(&one.added) {
            if let Some(home) = self.optional(NodeKind::Subnet, subnet, origin) {
                self.parent(home, node);
                self.join(node, home, EdgeKind::StandsIn, subnet.gap().or(one.doubt.as_ref()), origin);
            }
        }
        if one.mode == Fact::Known(Mode::External) {
            let to = self.named(NodeKind::Internet, "Internet");
            self.join(node, to, EdgeKind::Public, one.doubt.as_ref(), &one.origin);
        }
    }

    fn peerings_of(&mut self, one: &'n VirtualNetwork, node: NodeIndex) {
        for peering in &one.peerings {
            if let (Fact::Known(remote), true) =
                (&peering.remote, peering.remote_gateways != Fact::Known(false))
            {
                self.remotes.entry(one.id.key()).or_default().push(remote.key());
            }
            let to = match (&peering.remote, &peering.remote_prefixes) {
                (Fact::Known(id), Some(prefixes)) => {
                    let to = self.refer(NodeKind::VirtualNetwork, id, &peering.origin);
                    // The peering tells the other network's addresses itself.
                    let there = &mut self.graph[to];
                    if there.outside && there.prefixes.is_empty() {
                        there.prefixes.clone_from(prefixes);
                    }
                    to
                }
                (remote, _) => self.settled(NodeKind::VirtualNetwork, remote, &peering.origin),
            };
            let open = [
                peering.remote.gap(),
                peering.access.gap(),
                peering.forwarded.gap(),
                peering.gateway_transit.gap(),
                peering.remote_gateways.gap(),
            ];
            let open = open.into_iter().flatten().next().cloned();
            self.add(
                node,
                to,
                Edge { link: Link::Peering(peering), open, origin: Some(peering.origin.clone()) },
            );
        }
    }

    /// Address space that the user states for every network.
    fn supplied_peers(&mut self, networks: &[NodeIndex]) {
        if self.network.peer_prefixes.is_empty() {
            return;
        }
        let origin = Origin::command_line("--peer-prefix");
        let prefixes = self.network.peer_prefixes.clone();
        let node = Node::new(NodeKind::OnPremises, "--peer-prefix");
        let to = self.graph.add_node(Node { prefixes, origin: Some(origin.clone()), outside: true, ..node });
        for from in networks {
            self.join(*from, to, EdgeKind::Connects, None, &origin);
        }
    }

    /// The node of a reference, made where the input does not hold it.
    pub(super) fn refer(&mut self, kind: NodeKind, id: &ResourceId, at: &Origin) -> NodeIndex {
        let key = (kind, id.key());
        if let Some(index) = self.known.get(&key) {
            return *index;
        }
        let (what, command) = asked_of(kind);
        let node = Node::new(kind, if id.name().is_empty() { "?" } else { id.name() });
        let open = vec![outside(what, command, id).at(at)];
        let index = self.graph.add_node(Node { id: Some(id.clone()), open, outside: true, ..node });
        self.known.insert(key, index);
        if let Some(home) = id.parent().filter(|_| kind == NodeKind::Subnet) {
            let home = self.refer(NodeKind::VirtualNetwork, &home, at);
            self.inside(home, index, at);
        }
        index
    }

    /// The node of a name that needs no id: the Internet, a service.
    pub(super) fn named(&mut self, kind: NodeKind, name: &str) -> NodeIndex {
        let graph = &mut self.graph;
        let key = (kind, name.to_lowercase());
        *self.known.entry(key).or_insert_with(|| graph.add_node(Node::new(kind, name)))
    }

    /// A node that follows from others, told apart by a key of its own.
    pub(super) fn derived(&mut self, key: String, node: Node) -> (NodeIndex, bool) {
        let key = (node.kind, key);
        if let Some(index) = self.known.get(&key) {
            return (*index, false);
        }
        let index = self.graph.add_node(node);
        self.known.insert(key, index);
        (index, true)
    }

    /// The node of what a gap leaves open.
    pub(super) fn open_node(&mut self, kind: NodeKind, gap: &Gap) -> NodeIndex {
        let graph = &mut self.graph;
        let node = || Node { open: vec![gap.clone()], ..Node::new(kind, "?") };
        *self.unsettled.entry((kind, gap.clone())).or_insert_with(|| graph.add_node(node()))
    }

    fn settled(&mut self, kind: NodeKind, reference: &Fact<ResourceId>, at: &Origin) -> NodeIndex {
        match reference {
            Fact::Known(id) => self.refer(kind, id, at),
            Fact::Unknown(gap) => self.open_node(kind, gap),
        }
    }

    fn optional(
        &mut self,
        kind: NodeKind,
        reference: &Fact<Option<ResourceId>>,
        at: &Origin,
    ) -> Option<NodeIndex> {
        match reference {
            Fact::Known(None) => None,
            Fact::Known(Some(id)) => Some(self.refer(kind, id, at)),
            Fact::Unknown(gap) => Some(self.open_node(kind, gap)),
        }
    }

    fn inside(&mut self, home: NodeIndex, node: NodeIndex, at: &Origin) {
        self.parent(home, node);
        let open = self.graph[home].open.first().filter(|_| self.graph[home].name == "?").cloned();
        self.join(home, node, EdgeKind::Contains, open.as_ref(), at);
    }

    /// What a node is drawn in; the first word counts.
    pub(super) fn parent(&mut self, home: NodeIndex, node: NodeIndex) {
        self.graph[node].parent.get_or_insert(NodeId(home));
    }

    pub(super) fn join(
        &mut self,
        from: NodeIndex,
        to: NodeIndex,
        kind: EdgeKind,
        open: Option<&Gap>,
        at: &Origin,
    ) {
        if self.joined.insert((from, to, kind)) {
            let edge = Edge { link: Link::Plain(kind), open: open.cloned(), origin: Some(at.clone()) };
            self.add(from, to, edge);
        }
    }

    pub(super) fn add(&mut self, from: NodeIndex, to: NodeIndex, edge: Edge<'n>) {
        self.graph.add_edge(from, to, edge);
    }

    /// The node of a subnet of the input.
    pub(super) fn node_of(&self, subnet: &Subnet) -> Option<NodeIndex> {
        self.known.get(&(NodeKind::Subnet, subnet.id.key())).copied()
    }
}

fn sites() -> Node {
    Node::new(NodeKind::OnPremises, "on-premises")
}

/// How what a reference leads to is called, and the `az` command that shows it.
fn asked_of(kind: NodeKind) -> (&'static str, &'static str) {
    match kind {
        NodeKind::SecurityGroup => ("network security group", "nsg"),
        NodeKind::RouteTable => ("route table", "route-table"),
        NodeKind::ApplicationGroup => ("application security group", "asg"),
        NodeKind::Subnet => ("subnet", "vnet subnet"),
        _ => ("virtual network", "vnet"),
    }
}

fn listed<T: Clone>(fact: &Fact<Vec<T>>) -> Vec<T> {
    fact.known().cloned().unwrap_or_default()
}

fn gaps<const N: usize>(open: [Option<&Gap>; N]) -> Vec<Gap> {
    open.into_iter().flatten().cloned().collect()
}

fn each<T>(all: &[T], add: impl FnMut(&T) -> NodeIndex) -> Vec<NodeIndex> {
    all.iter().map(add).collect()
}

fn pairs<'n, T>(all: &'n [T], nodes: &[NodeIndex], mut join: impl FnMut(&'n T, NodeIndex)) {
    all.iter().zip(nodes).for_each(|(one, node)| join(one, *node));
}
