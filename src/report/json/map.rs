//! `flowcheck/map/1`: nodes and edges of the graph.

use super::shapes::{GapShape, OriginShape};
use super::{Head, write};
use crate::network::graph::{Graph, Joined, Node, NodeId};
use crate::report::drawing::name_of;
use crate::report::mapped::{label, prefixes};
use serde::Serialize;
use std::io::{self, Write};

/// Writes the document of `map`.
///
/// # Errors
/// Those of the writer.
pub fn map(graph: &Graph<'_>, head: &Head, out: &mut dyn Write) -> io::Result<()> {
    let body = Body {
        nodes: graph.nodes().map(|(id, node)| NodeShape::of(id, node)).collect(),
        edges: graph.edges().map(EdgeShape::of).collect(),
        open: GapShape::all(&graph.open),
    };
    write("map", head, std::iter::empty(), body, out)
}

#[derive(Serialize)]
struct Body<'a> {
    nodes: Vec<NodeShape<'a>>,
    edges: Vec<EdgeShape<'a>>,
    open: Vec<GapShape<'a>>,
}

#[derive(Serialize)]
struct NodeShape<'a> {
    id: String,
    kind: &'static str,
    name: &'a str,
    resource: Option<&'a str>,
    parent: Option<String>,
    prefixes: Vec<String>,
    details: &'a [String],
    origin: Option<OriginShape<'a>>,
    open: Vec<GapShape<'a>>,
    outside: bool,
}

impl<'a> NodeShape<'a> {
    fn of(id: NodeId, node: &'a Node) -> Self {
        Self {
            id: name_of(id),
            kind: node.kind.as_str(),
            name: &node.name,
            resource: node.id.as_ref().map(crate::model::ResourceId::as_str),
            parent: node.parent.map(name_of),
            prefixes: prefixes(node),
            details: &node.words,
            origin: node.origin.as_ref().map(OriginShape::of),
            open: GapShape::all(&node.open),
            outside: node.outside,
        }
    }
}

#[derive(Serialize)]
struct EdgeShape<'a> {
    from: String,
    to: String,
    kind: &'static str,
    label: String,
    open: Vec<GapShape<'a>>,
    origin: Option<OriginShape<'a>>,
}

impl<'a> EdgeShape<'a> {
    fn of(joined: Joined<'a, '_>) -> Self {
        Self {
            from: name_of(joined.from),
            to: name_of(joined.to),
            kind: joined.edge.kind().as_str(),
            label: label(joined.edge),
            open: GapShape::all(joined.edge.open.as_slice()),
            origin: joined.edge.origin.as_ref().map(OriginShape::of),
        }
    }
}
