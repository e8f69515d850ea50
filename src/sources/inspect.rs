//! What a file is and holds, also where it is no input: parameter files, flow logs, recorded errors, sources
//! of other tools. The first thing to look at when an answer surprises.

use super::json::{self, Node};
use super::{Input, InputKind, Piece, ReadError, ReadOptions, azure, other_text, parts_of, text};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A file that was recognised.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// The file as the user named it.
    pub file: Arc<str>,
    /// What kind of file it is.
    pub kind: InputKind,
    /// What it holds.
    pub content: Content,
}

/// What a file holds.
#[derive(Clone, Debug)]
pub enum Content {
    /// A network.
    Network(Box<Input>),
    /// Something else, counted: how many of what.
    Other(Vec<Count>),
}

/// How many there are of something.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Count {
    /// What is counted, in the plural: `parameters`.
    pub what: String,
    /// How many.
    pub number: usize,
}

/// The resources of one type.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TypeCount {
    /// The type, as the input writes it first.
    pub kind: String,
    /// How many there are, those that are only referred to not counted.
    pub number: usize,
    /// Whether a network is made of this type; of others nothing is looked at.
    pub read: bool,
}

impl Input {
    /// How many resources of each type there are, in order of types; a type in any letter case is one type.
    pub fn types(&self) -> Vec<TypeCount> {
        let mut types: BTreeMap<String, TypeCount> = BTreeMap::new();
        for resource in self.resources.iter().filter(|one| !one.existing && !one.is_unfolded()) {
            let count = types.entry(resource.kind.to_ascii_lowercase()).or_insert_with(|| TypeCount {
                kind: resource.kind.clone(),
                number: 0,
                read: azure::reads(&resource.kind),
            });
            count.number += 1;
        }
        types.into_values().collect()
    }

    /// How many resources are only referred to, as `existing` ones of a template.
    pub fn referred_to(&self) -> usize {
        self.resources.iter().filter(|resource| resource.existing).count()
    }
}

/// Looks at the bytes of a file of any kind.
///
/// # Errors
/// [`ReadError`] when the file is of no kind that is known, or of a known kind and cannot be read.
pub fn inspect<'b>(
    bytes: impl Into<Cow<'b, [u8]>>,
    file_name: &str,
    options: &ReadOptions,
) -> Result<Inspection, ReadError> {
    let file: Arc<str> = Arc::from(file_name);
    let text = text::without_spinner(text::decode(bytes, &file)?);
    let document = match json::read_owned(&file, text) {
        Ok(document) => document,
        Err(fault) => {
            let error = other_text(fault.0, &fault.1, &file);
            let Some(kind) = error.looks_like else { return Err(error) };
            return Ok(Inspection {
                content: Content::Other(counts(kind, None, &fault.1, &file)),
                file,
                kind,
            });
        }
    };
    match parts_of(&document, &file, options) {
        Ok((kind, parts)) => {
            let input = Piece { file: Arc::clone(&file), kind, parts, document }.into_input()?;
            Ok(Inspection { file, kind, content: Content::Network(Box::new(input)) })
        }
        Err(error) => {
            let counts = |kind| counts(kind, Some(&document.root), document.text(), &file);
            let found = error.looks_like.map(|kind| (kind, counts(kind)));
            document.memory()?;
            let (kind, counts) = found.ok_or(error)?;
            Ok(Inspection { file, kind, content: Content::Other(counts) })
        }
    }
}

fn counts(kind: InputKind, root: Option<&Node>, text: &str, file: &Arc<str>) -> Vec<Count> {
    let count = |what: &str, number: usize| Count { what: what.to_owned(), number };
    match (kind, root) {
        (InputKind::Parameters, Some(root)) => {
            let parameters = root.get("parameters").map_or(0, |list| list.entries().len());
            vec![count("parameters", parameters), count("rule objects", rule_objects(root))]
        }
        (InputKind::FlowLog, Some(root)) => flow_log(&[root]),
        // One record a line.
        (InputKind::FlowLog, None) => {
            let lines = text.trim_start_matches('\u{feff}').lines().filter(|line| !line.trim().is_empty());
            let records: Vec<_> = lines.filter_map(|line| json::read(file, line.trim()).ok()).collect();
            flow_log(&records.iter().map(|document| &document.root).collect::<Vec<_>>())
        }
        (InputKind::ErrorBody, Some(root)) => {
            let error = root.get("error").unwrap_or(root);
            let details = error.get("details").map_or(0, |list| list.items().len());
            let code = error.get("code").and_then(Node::as_str).unwrap_or("no code");
            vec![Count { what: format!("error `{code}`"), number: 1 }, count("details", details)]
        }
        (InputKind::ServiceTags, Some(root)) => {
            vec![count("service tags", root.get("values").map_or(0, |list| list.items().len()))]
        }
        _ => vec![count("lines", text.lines().count())],
    }
}

/// Records, flows and tuples of a flow log in any of its versions.
fn flow_log(roots: &[&Node]) -> Vec<Count> {
    let mut records = 0;
    let mut rules = 0;
    let mut tuples = 0;
    for node in roots.iter().flat_map(|root| root.walk()) {
        let is_record = node.get("category").is_some() && node.get("time").is_some();
        records += usize::from(is_record);
        rules += usize::from(node.get("rule").is_some());
        tuples += node.get("flowTuples").map_or(0, |list| list.items().len());
    }
    [("records", records), ("rules", rules), ("flow tuples", tuples)]
        .map(|(what, number)| Count { what: what.to_owned(), number })
        .into()
}

/// Objects that look like rules, wherever they stand.
fn rule_objects(root: &Node) -> usize {
    root.walk().filter(|node| node.get("access").is_some() && node.get("direction").is_some()).count()
}
