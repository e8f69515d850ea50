//! The map as a picture: DOT for Graphviz, and Mermaid, which GitHub draws.
//!
//! Networks and subnets are boxes around what is in them. Names come from the input, so both writers let
//! through only what cannot end a text or mean anything in it.

use super::mapped::{is_unseen, label, prefixes, title};
use crate::network::graph::{EdgeKind, Graph, Joined, Node, NodeId, NodeKind};
use std::io::{self, Write};

/// How many prefixes of a node are drawn.
const NETS_DRAWN: usize = 4;

/// The name of a node in pictures and documents: `n1`, in the order of the graph.
pub(super) fn name_of(id: NodeId) -> String {
    format!("n{}", id.place() + 1)
}

/// Writes the map for Graphviz.
///
/// # Errors
/// Those of the writer.
pub fn dot(graph: &Graph<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "digraph network {{")?;
    writeln!(out, "  rankdir=LR; compound=true;")?;
    writeln!(out, "  node [shape=box, style=filled, fillcolor=white, fontname=\"sans-serif\"];")?;
    writeln!(out, "  edge [fontname=\"sans-serif\", fontsize=10];")?;
    draw(graph, &Dot, out)?;
    writeln!(out, "}}")
}

/// Writes the map as a Mermaid flowchart.
///
/// # Errors
/// Those of the writer.
pub fn mermaid(graph: &Graph<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "flowchart LR")?;
    draw(graph, &Mermaid, out)?;
    for style in Style::ALL {
        let drawn: Vec<String> = graph
            .nodes()
            .filter(|(_, node)| Style::of(node) == Some(style))
            .map(|(id, _)| name_of(id))
            .collect();
        if !drawn.is_empty() {
            let (name, look) = style.mermaid();
            writeln!(out, "  classDef {name} {look}")?;
            writeln!(out, "  class {} {name}", drawn.join(","))?;
        }
    }
    Ok(())
}

/// What is set off by its look. What is open or outside is so before anything else.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Style {
    Group,
    Table,
    Outside,
    Open,
}

impl Style {
    const ALL: [Self; 4] = [Self::Group, Self::Table, Self::Outside, Self::Open];

    fn of(node: &Node) -> Option<Self> {
        match node.kind {
            _ if node.outside => Some(Self::Outside),
            _ if !node.open.is_empty() => Some(Self::Open),
            NodeKind::SecurityGroup => Some(Self::Group),
            NodeKind::RouteTable => Some(Self::Table),
            _ => None,
        }
    }

    fn dot(self) -> &'static str {
        match self {
            Self::Group => ", fillcolor=\"#fde8d7\", color=\"#b35900\"",
            Self::Table => ", fillcolor=\"#dcebfa\", color=\"#1f5f99\"",
            Self::Outside => ", style=\"filled,dashed\", fillcolor=\"#eeeeee\", color=\"#777777\"",
            Self::Open => ", style=\"filled,dotted\", fillcolor=\"#fff7cc\", color=\"#8a6d00\"",
        }
    }

    fn mermaid(self) -> (&'static str, &'static str) {
        match self {
            Self::Group => ("group", "fill:#fde8d7,stroke:#b35900,color:#000"),
            Self::Table => ("table", "fill:#dcebfa,stroke:#1f5f99,color:#000"),
            Self::Outside => ("outside", "fill:#eee,stroke:#777,color:#000,stroke-dasharray:6 4"),
            Self::Open => ("open", "fill:#fff7cc,stroke:#8a6d00,color:#000,stroke-dasharray:2 3"),
        }
    }
}

/// One language of pictures.
trait Language {
    fn begin_box(&self, name: &str, text: &str, outside: bool) -> String;
    fn end_box(&self) -> &'static str;
    fn node(&self, name: &str, lines: &[String], node: &Node) -> String;
    fn edge(&self, from: &str, to: &str, label: &str, look: Look) -> String;
}

/// How an edge is drawn.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Look {
    /// Something goes there.
    Arrow,
    /// It belongs there.
    Line,
    /// It is not settled.
    Open,
}

fn draw(graph: &Graph<'_>, language: &impl Language, out: &mut dyn Write) -> io::Result<()> {
    let mut inside: Vec<Vec<NodeId>> = vec![Vec::new(); graph.node_count()];
    let mut outermost = Vec::new();
    for (id, node) in graph.nodes() {
        match node.parent {
            Some(home) => inside[home.place()].push(id),
            None => outermost.push(id),
        }
    }
    let mut page = Page { graph, language, inside: &inside, out };
    for id in outermost {
        page.node(id, 1)?;
    }
    for joined in graph.edges().filter(|joined| !is_nesting(graph, joined)) {
        page.edge(&joined)?;
    }
    Ok(())
}

/// Whether the boxes say it already.
fn is_nesting(graph: &Graph<'_>, joined: &Joined<'_, '_>) -> bool {
    match joined.edge.kind() {
        EdgeKind::Contains | EdgeKind::Holds => graph.node(joined.to).parent == Some(joined.from),
        EdgeKind::StandsIn => graph.node(joined.from).parent == Some(joined.to),
        _ => false,
    }
}

struct Page<'p, 'n, L> {
    graph: &'p Graph<'n>,
    language: &'p L,
    inside: &'p [Vec<NodeId>],
    out: &'p mut dyn Write,
}

impl<L: Language> Page<'_, '_, L> {
    fn node(&mut self, id: NodeId, depth: usize) -> io::Result<()> {
        let (node, inside) = (self.graph.node(id), self.inside);
        let indent = "  ".repeat(depth);
        let name = name_of(id);
        let children = &inside[id.place()];
        if children.is_empty() {
            let mut lines = vec![title(node)];
            lines.extend(details(node));
            return writeln!(self.out, "{indent}{}", self.language.node(&name, &lines, node));
        }
        // A box cannot be the end of an edge everywhere: a node in it stands for it.
        let head = self.language.begin_box(&format!("cluster_{name}"), &title(node), node.outside);
        writeln!(self.out, "{indent}{head}")?;
        let mut lines = details(node);
        if lines.is_empty() {
            lines.push(title(node));
        }
        writeln!(self.out, "{indent}  {}", self.language.node(&name, &lines, node))?;
        children.iter().try_for_each(|child| self.node(*child, depth + 1))?;
        writeln!(self.out, "{indent}{}", self.language.end_box())
    }

    fn edge(&mut self, joined: &Joined<'_, '_>) -> io::Result<()> {
        let kind = joined.edge.kind();
        let look = match kind {
            _ if joined.edge.open.is_some() => Look::Open,
            EdgeKind::Contains
            | EdgeKind::Attached
            | EdgeKind::Member
            | EdgeKind::Holds
            | EdgeKind::StandsIn => Look::Line,
            _ => Look::Arrow,
        };
        let told = label(joined.edge);
        let text = match kind {
            EdgeKind::Attached | EdgeKind::Contains | EdgeKind::Holds | EdgeKind::Connects => told,
            EdgeKind::Route => told,
            _ if told.is_empty() => kind.as_str().replace('-', " "),
            _ => format!("{kind}: {told}"),
        };
        let line = self.language.edge(&name_of(joined.from), &name_of(joined.to), &text, look);
        writeln!(self.out, "  {line}")
    }
}

/// Prefixes, and what else is told of a node, a line each.
fn details(node: &Node) -> Vec<String> {
    let nets = prefixes(node);
    let mut lines: Vec<String> = Vec::new();
    if let Some(more) = nets.len().checked_sub(NETS_DRAWN).filter(|more| *more > 0) {
        lines.push(format!("{} and {more} more", nets[..NETS_DRAWN].join(", ")));
    } else if !nets.is_empty() {
        lines.push(nets.join(", "));
    }
    if !node.words.is_empty() {
        lines.push(node.words.join(", "));
    }
    if node.outside {
        lines.push("outside the input".to_owned());
    } else if !node.open.is_empty() {
        lines.push("not settled".to_owned());
    }
    lines
}

struct Dot;

impl Dot {
    /// A text between quotation marks, in which Graphviz knows `\` and `"` alone.
    fn text(text: &str) -> String {
        let mut quoted = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '"' | '\\' => quoted.extend(['\\', c]),
                c if is_unseen(c) => quoted.push(' '),
                // Graphviz reads entities of HTML in labels.
                '&' => quoted.push_str("&amp;"),
                c => quoted.push(c),
            }
        }
        quoted
    }

    fn lines(lines: &[String]) -> String {
        lines.iter().map(|line| Self::text(line)).collect::<Vec<_>>().join("\\n")
    }
}

impl Language for Dot {
    fn begin_box(&self, name: &str, text: &str, outside: bool) -> String {
        let style = if outside { " style=dashed;" } else { "" };
        format!("subgraph {name} {{ label=\"{}\";{style}", Self::text(text))
    }

    fn end_box(&self) -> &'static str {
        "}"
    }

    fn node(&self, name: &str, lines: &[String], node: &Node) -> String {
        let shape = match node.kind {
            NodeKind::SecurityGroup => ", shape=hexagon",
            NodeKind::RouteTable => ", shape=note",
            NodeKind::Internet | NodeKind::OnPremises | NodeKind::Service => ", shape=ellipse",
            NodeKind::Instance => ", shape=box3d",
            _ => "",
        };
        let style = Style::of(node).map(Style::dot).unwrap_or_default();
        format!("{name} [label=\"{}\"{shape}{style}];", Self::lines(lines))
    }

    fn edge(&self, from: &str, to: &str, label: &str, look: Look) -> String {
        let look = match look {
            Look::Arrow => "",
            Look::Line => ", dir=none, style=dotted",
            Look::Open => ", style=dashed, color=\"#8a6d00\"",
        };
        format!("{from} -> {to} [label=\"{}\"{look}];", Self::text(label))
    }
}

struct Mermaid;

impl Mermaid {
    /// A text between quotation marks. All but letters, digits and a few signs is written as a number, since
    /// Mermaid reads Markdown, HTML and its own notation in texts.
    fn text(text: &str) -> String {
        let mut quoted = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                c if c.is_alphanumeric() || " -./:,()_?".contains(c) => quoted.push(c),
                c if is_unseen(c) => quoted.push(' '),
                c => quoted.push_str(&format!("#{};", u32::from(c))),
            }
        }
        quoted
    }
}

impl Language for Mermaid {
    fn begin_box(&self, name: &str, text: &str, _: bool) -> String {
        format!("subgraph {name}[\"{}\"]", Self::text(text))
    }

    fn end_box(&self) -> &'static str {
        "end"
    }

    fn node(&self, name: &str, lines: &[String], node: &Node) -> String {
        let (open, close) = match node.kind {
            NodeKind::SecurityGroup => ("{{", "}}"),
            NodeKind::RouteTable => ("[/", "/]"),
            NodeKind::Internet | NodeKind::OnPremises | NodeKind::Service => ("([", "])"),
            NodeKind::Instance => ("[[", "]]"),
            _ => ("[", "]"),
        };
        let lines: Vec<String> = lines.iter().map(|line| Self::text(line)).collect();
        format!("{name}{open}\"{}\"{close}", lines.join("<br/>"))
    }

    fn edge(&self, from: &str, to: &str, label: &str, look: Look) -> String {
        let arrow = match look {
            Look::Arrow => "-->",
            Look::Line => "---",
            Look::Open => "-.->",
        };
        match label {
            "" => format!("{from} {arrow} {to}"),
            label => format!("{from} {arrow}|\"{}\"| {to}", Self::text(label)),
        }
    }
}
