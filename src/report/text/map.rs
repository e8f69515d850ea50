//! `map`: a tree by network, then what is outside the input, what hangs on nothing, what is not settled.

use super::TextOptions;
use super::paint::{Cell, Columns, Hue, Paint, cell, plain};
use crate::model::Gap;
use crate::network::graph::{EdgeKind, Graph, Joined, Link, Node, NodeId, NodeKind};
use crate::report::mapped::{full_title, hop, is_unseen, label, prefix, prefixes, title};
use crate::report::phrases::{counted, listed, number, place};
use std::collections::{BTreeSet, HashSet};
use std::io::{self, Write};

/// How many gaps are printed unless everything is asked for.
const MOST: usize = 20;

/// Writes the map of a network.
///
/// # Errors
/// Those of the writer.
pub fn map(graph: &Graph<'_>, options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut tree = Tree {
        graph,
        inside: vec![Vec::new(); graph.node_count()],
        has_edges: vec![false; graph.node_count()],
        told: HashSet::new(),
        rows: Vec::new(),
    };
    for (id, node) in graph.nodes() {
        if let Some(home) = node.parent {
            tree.inside[home.place()].push(id);
        }
    }
    for joined in graph.edges() {
        tree.has_edges[joined.to.place()] = true;
    }
    let paint = Paint(options.color);
    let is_root = |node: &Node| node.parent.is_none();
    let outermost: Vec<(NodeId, &Node)> = graph.nodes().filter(|(_, node)| is_root(node)).collect();
    let mut parts: Vec<(&str, Vec<Vec<Cell>>)> = Vec::new();
    let mut of = |head: &'static str, wanted: &dyn Fn(NodeId, &Node, &Tree<'_, '_>) -> bool| {
        for (id, node) in &outermost {
            if wanted(*id, node, &tree) {
                tree.node(*id, usize::from(!head.is_empty()));
            }
        }
        parts.push((head, std::mem::take(&mut tree.rows)));
    };
    of("", &|_, node, _| node.kind == NodeKind::VirtualNetwork && !node.outside);
    of("In no network of the input:", &|_, node, _| in_no_network(node) && !node.outside);
    // Where it is not settled which one something has, it may be any.
    let may_be_attached = |kind| graph.nodes().any(|(_, node)| node.kind == kind && node.name == "?");
    let hangs_on_nothing = |id: NodeId, node: &Node, tree: &Tree<'_, '_>| {
        is_attached(node.kind) && !node.outside && !tree.has_edges[id.place()]
    };
    of("Attached to nothing:", &|id, node, tree| {
        hangs_on_nothing(id, node, tree) && !may_be_attached(node.kind)
    });
    of("Attached to nothing that is settled:", &|id, node, tree| {
        hangs_on_nothing(id, node, tree) && may_be_attached(node.kind)
    });
    of("Outside the input:", &|_, node, _| node.outside);
    let columns = Columns::fit(parts.iter().flat_map(|(_, rows)| rows), 60);
    for (head, rows) in parts.iter().filter(|(_, rows)| !rows.is_empty()) {
        if !head.is_empty() {
            writeln!(out, "{}", paint.put(Hue::Head, head))?;
        }
        for row in rows {
            writeln!(out, "{}", columns.line(row, paint))?;
        }
    }
    let gaps = gaps(graph);
    not_settled(&gaps, options, paint, out)?;
    writeln!(out, "{}.", sum(graph, gaps.len()))
}

fn in_no_network(node: &Node) -> bool {
    matches!(
        node.kind,
        NodeKind::Instance | NodeKind::Interface | NodeKind::PrivateEndpoint | NodeKind::Subnet
    ) || (node.kind == NodeKind::Gateway && node.origin.is_some())
}

fn is_attached(kind: NodeKind) -> bool {
    matches!(kind, NodeKind::SecurityGroup | NodeKind::RouteTable | NodeKind::ApplicationGroup)
}

/// Rows of the tree, as far as they are made.
struct Tree<'g, 'n> {
    graph: &'g Graph<'n>,
    /// What is drawn in each node.
    inside: Vec<Vec<NodeId>>,
    /// Whether any edge leads to a node.
    has_edges: Vec<bool>,
    /// Route tables whose routes stand further up.
    told: HashSet<NodeId>,
    rows: Vec<Vec<Cell>>,
}

impl Tree<'_, '_> {
    /// A node, what hangs on it, and what stands in it.
    fn node(&mut self, id: NodeId, depth: usize) {
        let graph = self.graph;
        let node = graph.node(id);
        let hue = if depth == 0 { Hue::Head } else { Hue::Plain };
        self.row(depth, &title(node), hue, node, None);
        // Of a subnet that nobody knows it is not said what it has.
        let is_known = node.kind == NodeKind::Subnet && !node.outside && node.name != "?";
        if is_known && !self.has_group(id) {
            self.rows.push(vec![plain(indented(depth + 1, "no network security group"))]);
        }
        if node.kind == NodeKind::RouteTable {
            self.routes(id, depth + 1);
        }
        for joined in graph.from(id) {
            self.edge(&joined, node, depth + 1);
        }
        for child in self.inside[id.place()].clone() {
            self.node(child, depth + 1);
        }
    }

    /// Whether a subnet has a network security group, or may have one.
    fn has_group(&self, id: NodeId) -> bool {
        let kind_of = |joined: &Joined<'_, '_>| self.graph.node(joined.to).kind;
        self.graph.from(id).iter().any(|joined| kind_of(joined) == NodeKind::SecurityGroup)
    }

    fn edge(&mut self, joined: &Joined<'_, '_>, from: &Node, depth: usize) {
        let to = self.graph.node(joined.to);
        let other = full_title(self.graph, joined.to);
        let text = match joined.edge.kind() {
            EdgeKind::Route => return,
            // These stand inside of each other.
            EdgeKind::Contains | EdgeKind::Holds if to.parent == Some(joined.from) => return,
            EdgeKind::StandsIn if from.parent == Some(joined.to) => return,
            EdgeKind::Attached => {
                self.row(depth, &other, Hue::Plain, to, Some(joined));
                if to.kind == NodeKind::RouteTable {
                    self.routes(joined.to, depth + 1);
                }
                return;
            }
            EdgeKind::Member => format!("member of {other}"),
            EdgeKind::Peering => format!("peered with {other}"),
            EdgeKind::Holds => format!("has the address of {other}"),
            EdgeKind::Contains => format!("holds {other} too"),
            EdgeKind::Connects => format!("leads to {other}"),
            EdgeKind::ServiceEndpoint => format!("service endpoint for {}", to.name),
            EdgeKind::StandsIn => format!("stands in {other} too"),
            EdgeKind::Public => "reached from the Internet".to_owned(),
        };
        self.row(depth, &text, Hue::Plain, to, Some(joined));
    }

    /// The routes of a table, once.
    fn routes(&mut self, table: NodeId, depth: usize) {
        let graph = self.graph;
        let routes = graph.from(table);
        if !self.told.insert(table) {
            if !routes.is_empty() {
                self.rows.push(vec![plain(indented(depth, "its routes stand above"))]);
            }
            return;
        }
        for joined in routes {
            let Link::Route(route) = joined.edge.link else { continue };
            let to = graph.node(joined.to);
            let leads = match to.kind {
                NodeKind::Appliance => format!("{} {}", hop(route), to.name),
                NodeKind::Gateway => format!("{} {}", hop(route), to.name),
                _ => hop(route).to_owned(),
            };
            let holder = graph.to(joined.to).into_iter().find(|one| one.edge.kind() == EdgeKind::Holds);
            let mut remarks: Vec<String> =
                holder.map(|one| format!("in {}", full_title(graph, one.from))).into_iter().collect();
            remarks.extend(mark(to, Some(&joined)));
            self.rows.push(vec![
                cell(
                    indented(depth, &format!("{} -> {leads}", prefix(route))),
                    if remarks.is_empty() { Hue::Plain } else { hue(to, Some(&joined)) },
                ),
                plain(seen(&route.name)),
                plain(seen(&remarks.join(", "))),
                cell(place(&route.origin), Hue::Dim),
            ]);
        }
    }

    fn row(&mut self, depth: usize, text: &str, shown: Hue, node: &Node, by: Option<&Joined<'_, '_>>) {
        let mut told = prefixes(node);
        told.extend(node.words.iter().cloned());
        let mut remarks: Vec<String> = by.map(|joined| label(joined.edge)).into_iter().collect();
        // Of a network that is peered with, its own lines tell; an address that is public is no one's prefix.
        if by.is_some() && matches!(node.kind, NodeKind::VirtualNetwork | NodeKind::Subnet) {
            told.clear();
        }
        remarks.extend(mark(node, by));
        remarks.retain(|remark| !remark.is_empty());
        let origin = match by {
            Some(joined) if node.origin.is_none() || joined.edge.kind() != EdgeKind::Attached => {
                joined.edge.origin.as_ref()
            }
            _ => node.origin.as_ref(),
        };
        let hue = match hue(node, by) {
            Hue::Plain => shown,
            other => other,
        };
        self.rows.push(vec![
            cell(indented(depth, text), hue),
            plain(seen(&told.join(", "))),
            plain(seen(&remarks.join(", "))),
            cell(origin.map(place).unwrap_or_default(), Hue::Dim),
        ]);
    }
}

fn indented(depth: usize, text: &str) -> String {
    format!("{}{}", "   ".repeat(depth), seen(text))
}

/// A name of the input stays on its line, and stands there as it is.
fn seen(text: &str) -> String {
    text.chars().map(|c| if is_unseen(c) { ' ' } else { c }).collect()
}

/// What a reader must know of a node or of what leads to it.
fn mark(node: &Node, by: Option<&Joined<'_, '_>>) -> Option<String> {
    let open = !node.open.is_empty() || by.is_some_and(|joined| joined.edge.open.is_some());
    let mark = if node.outside { Some("outside the input") } else { open.then_some("not settled") };
    mark.map(str::to_owned)
}

fn hue(node: &Node, by: Option<&Joined<'_, '_>>) -> Hue {
    if mark(node, by).is_some() { Hue::Doubt } else { Hue::Plain }
}

/// What is not settled, once each, in order of the nodes.
fn gaps<'g>(graph: &'g Graph<'_>) -> Vec<&'g Gap> {
    let of_nodes = graph.nodes().flat_map(|(_, node)| &node.open);
    let of_edges = graph.edges().filter_map(|joined| joined.edge.open.as_ref());
    let mut told: BTreeSet<&Gap> = BTreeSet::new();
    graph.open.iter().chain(of_nodes).chain(of_edges).filter(|gap| told.insert(gap)).collect()
}

fn not_settled(gaps: &[&Gap], options: &TextOptions, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    if gaps.is_empty() || options.quiet {
        return Ok(());
    }
    writeln!(out, "{}", paint.put(Hue::Head, "Not settled:"))?;
    let shown = if options.whole() { gaps.len() } else { gaps.len().min(MOST) };
    let row = |gap: &&Gap| {
        vec![
            plain(indented(1, gap.missing())),
            cell(gap.origin().map(place).unwrap_or_default(), Hue::Dim),
            cell(gap.supply().map(|supply| format!("supply it: {supply}")).unwrap_or_default(), Hue::Dim),
        ]
    };
    let rows: Vec<Vec<Cell>> = gaps.iter().take(shown).map(row).collect();
    let columns = Columns::fit(&rows, 60);
    for row in &rows {
        writeln!(out, "{}", columns.line(row, paint))?;
    }
    match gaps.len() - shown {
        0 => Ok(()),
        more => writeln!(out, "   and {} more: --verbose lists them", number(more)),
    }
}

/// `1 virtual network and 2 subnets, 1 thing outside the input`.
fn sum(graph: &Graph<'_>, gaps: usize) -> String {
    let count = |kind: NodeKind| {
        graph.nodes().filter(|(_, node)| node.kind == kind && !node.outside && node.name != "?").count()
    };
    let mut parts: Vec<String> = Vec::new();
    for (kind, one, many) in [
        (NodeKind::VirtualNetwork, "virtual network", "virtual networks"),
        (NodeKind::Subnet, "subnet", "subnets"),
        (NodeKind::SecurityGroup, "network security group", "network security groups"),
        (NodeKind::RouteTable, "route table", "route tables"),
        (NodeKind::ApplicationGroup, "application security group", "application security groups"),
        (NodeKind::Interface, "network interface", "network interfaces"),
        (NodeKind::PrivateEndpoint, "private endpoint", "private endpoints"),
        (NodeKind::Gateway, "gateway", "gateways"),
        (NodeKind::Appliance, "appliance", "appliances"),
        (NodeKind::Instance, "API Management instance", "API Management instances"),
    ] {
        match count(kind) {
            0 => {}
            found => parts.push(counted(found, one, many)),
        }
    }
    let outside = graph.nodes().filter(|(_, node)| node.outside).count();
    let mut text = if parts.is_empty() { "Nothing of a network".to_owned() } else { listed(&parts) };
    if outside > 0 {
        text += &format!("; {} outside the input", number(outside));
    }
    if gaps > 0 {
        text += &format!("; {}", counted(gaps, "thing is not settled", "things are not settled"));
    }
    text
}
