//! The network as one graph: what there is, what it stands in, what is attached to it, where it leads.
//!
//! In: a [`Network`]. Out: a [`Graph`] whose nodes and edges carry the places that they come from. It is the map
//! that people draw of a network, not the way of a packet: routes that Azure adds by itself are not edges.
//!
//! What the input leaves open is a node or an edge with its gap, and what it refers to without holding it a node
//! that is marked `outside`; neither is left out. Nodes stand in the order of the input, those that are only
//! referred to behind them. Cost: near linear; every reference is looked up by its key.
//!
//! | step | module |
//! | --- | --- |
//! | nodes, and the edges of what stands in what | `build` |
//! | where a route's next hop leads | `hops` |
//! | which subnet holds an address, seen from a network | `places` |
//! | rings: gateways of each other (S130), routes that send traffic back | `rings` |
//!
//! Not here: which route is taken (`routing`), wording and drawing (`report`).

mod build;
mod hops;
mod places;
mod rings;

pub use rings::{GatewayRing, LoopStep, RouteLoop};

use super::{Network, Peering, Route};
use crate::model::{Gap, Origin, ResourceId, words};
use ipnet::IpNet;
use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

words! {
    /// What a node of the graph is.
    NodeKind ("kind of node") {
        /// A virtual network.
        VirtualNetwork = "virtual-network",
        /// A subnet.
        Subnet = "subnet",
        /// A network security group.
        SecurityGroup = "network-security-group",
        /// A route table.
        RouteTable = "route-table",
        /// An application security group.
        ApplicationGroup = "application-security-group",
        /// A network interface.
        Interface = "network-interface",
        /// A private endpoint.
        PrivateEndpoint = "private-endpoint",
        /// A gateway to other sites.
        Gateway = "gateway",
        /// An API Management instance.
        Instance = "api-management",
        /// An appliance, known by the address that routes lead to.
        Appliance = "appliance",
        /// A service of Azure that a service endpoint leads to.
        Service = "azure-service",
        /// Sites behind a gateway.
        OnPremises = "on-premises",
        /// The Internet.
        Internet = "internet",
        /// Where routes with the next hop `None` lead: packets are dropped (S122).
        Nowhere = "nowhere",
        /// A next hop that is not settled, or that leads to nothing that the input shows.
        NextHop = "next-hop",
    }
}

/// What there is in a network.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Its own name, `?` where it is not settled.
    pub name: String,
    /// Its id, for what is a resource.
    pub id: Option<ResourceId>,
    /// Where it was written; none for what only follows from something else.
    pub origin: Option<Origin>,
    /// Its address space, prefixes or addresses, as far as they are known.
    pub prefixes: Vec<IpNet>,
    /// What else is told of it in Azure's words: tier and mode of an instance, delegations of a subnet.
    pub words: Vec<String>,
    /// What is not settled about it.
    pub open: Vec<Gap>,
    /// Whether the input refers to it and does not hold it.
    pub outside: bool,
    /// What it is drawn in: the network of a subnet, the subnet of an interface.
    pub parent: Option<NodeId>,
}

impl Node {
    fn new(kind: NodeKind, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
            id: None,
            origin: None,
            prefixes: Vec::new(),
            words: Vec::new(),
            open: Vec::new(),
            outside: false,
            parent: None,
        }
    }

    /// A resource that the input holds.
    fn resource(kind: NodeKind, id: &ResourceId, origin: &Origin) -> Self {
        Self { id: Some(id.clone()), origin: Some(origin.clone()), ..Self::new(kind, id.name()) }
    }
}

words! {
    /// How two nodes hang together.
    EdgeKind ("kind of edge") {
        /// A network holds a subnet or a gateway, a subnet an interface or a private endpoint.
        Contains = "contains",
        /// A subnet or an interface has a network security group, a subnet a route table.
        Attached = "attached",
        /// An interface is a member of an application security group.
        Member = "member",
        /// A network is peered with another, seen from the first.
        Peering = "peering",
        /// A route table sends traffic there.
        Route = "route",
        /// An interface has an appliance's address, or a subnet has it in its prefix.
        Holds = "holds",
        /// A gateway leads to sites.
        Connects = "connects",
        /// A subnet has a service endpoint for a service (S113).
        ServiceEndpoint = "service-endpoint",
        /// A location of an instance stands in a subnet.
        StandsIn = "stands-in",
        /// It has a public address, or stands behind one.
        Public = "public",
    }
}

/// How two nodes hang together, with what tells the details.
#[derive(Clone, Copy, Debug)]
pub enum Link<'n> {
    /// Without details.
    Plain(EdgeKind),
    /// A peering.
    Peering(&'n Peering),
    /// A route.
    Route(&'n Route),
}

/// An edge of the graph.
#[derive(Clone, Debug)]
pub struct Edge<'n> {
    /// What it is.
    pub link: Link<'n>,
    /// Why it is not certain that it is there, or where it leads.
    pub open: Option<Gap>,
    /// Where it was written.
    pub origin: Option<Origin>,
}

impl Edge<'_> {
    /// What it is, in one word.
    pub fn kind(&self) -> EdgeKind {
        match self.link {
            Link::Plain(kind) => kind,
            Link::Peering(_) => EdgeKind::Peering,
            Link::Route(_) => EdgeKind::Route,
        }
    }
}

/// A node, by its place in the order of the graph.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct NodeId(NodeIndex);

impl NodeId {
    /// Its place, from 0.
    pub fn place(self) -> usize {
        self.0.index()
    }
}

/// An edge with its ends.
#[derive(Clone, Copy, Debug)]
pub struct Joined<'g, 'n> {
    /// Where it begins.
    pub from: NodeId,
    /// Where it leads.
    pub to: NodeId,
    /// What it is.
    pub edge: &'g Edge<'n>,
}

/// All nodes and edges of a network.
#[derive(Clone, Debug, Default)]
pub struct Graph<'n> {
    graph: DiGraph<Node, Edge<'n>>,
    /// Why there may be more than is shown: lists of subnets that are not settled.
    pub open: Vec<Gap>,
}

impl<'n> Graph<'n> {
    /// The graph of a network.
    pub fn of(network: &'n Network) -> Self {
        build::Builder::new(network).finish()
    }

    /// Every node, in order.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.graph.node_indices().zip(self.graph.node_weights()).map(|(index, node)| (NodeId(index), node))
    }

    /// A node of this graph.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.graph[id.0]
    }

    /// Every edge, in order.
    pub fn edges(&self) -> impl Iterator<Item = Joined<'_, 'n>> {
        self.graph.edge_references().map(|edge| Joined {
            from: NodeId(edge.source()),
            to: NodeId(edge.target()),
            edge: edge.weight(),
        })
    }

    /// The edges that begin at a node, in order.
    pub fn from(&self, id: NodeId) -> Vec<Joined<'_, 'n>> {
        self.at(id, Direction::Outgoing)
    }

    /// The edges that lead to a node, in order.
    pub fn to(&self, id: NodeId) -> Vec<Joined<'_, 'n>> {
        self.at(id, Direction::Incoming)
    }

    fn at(&self, id: NodeId, direction: Direction) -> Vec<Joined<'_, 'n>> {
        // They are listed the last one first.
        let mut edges: Vec<_> = self.graph.edges_directed(id.0, direction).collect();
        edges.sort_by_key(EdgeRef::id);
        edges
            .into_iter()
            .map(|edge| Joined {
                from: NodeId(edge.source()),
                to: NodeId(edge.target()),
                edge: edge.weight(),
            })
            .collect()
    }

    /// How many nodes there are.
    pub fn node_count(&self) -> usize {
        self.graph.node_count()
    }

    /// How many edges there are.
    pub fn edge_count(&self) -> usize {
        self.graph.edge_count()
    }
}
