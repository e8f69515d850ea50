//! Input files to the network model: one file a form.
//!
//! In: bytes of a template, of a parameter file, of a Terraform plan or state, or of what az and REST answer. Out: an [`Input`]: the network
//! with an origin (file, line, column, key path) for whatever can decide an answer, and findings about the
//! file. The kind of a file is told from its content. All faults of a file are told in one run, and what can
//! still be read is read; only a file that cannot be read at all is a [`ReadError`].
//!
//! | step | module |
//! | --- | --- |
//! | bytes to text | `text` |
//! | text to values with places | [`json`] |
//! | which kind of file it is | `kind` |
//! | a template to resources | [`arm`] |
//! | plans and states of Terraform to resources | [`terraform`] |
//! | answers of az and REST to resources | `rest` |
//! | what Azure says is in force, to resources | `effective` |
//! | a what-if result, to the resources before or after | `what_if` |
//! | resources to a network | [`azure`], with the fields of rules in `fields` |
//! | what a file is and holds, counted | `inspect` |
//! | files beside an input | `beside` |
//!
//! The mouth of the room is [`read_file`], with [`Beside::on_disk`] for what it links; all else is pure.
//!
//! Not here: what a rule means (`rules`), what can be seen from the rules afterwards (`analyses`), wording of
//! reports (`report`).

pub mod arm;
pub mod azure;
mod beside;
mod effective;
mod error;
mod fields;
mod inspect;
pub mod json;
mod kind;
mod resource;
mod rest;
pub mod terraform;
#[cfg(test)]
mod tests;
mod text;
mod values;
mod what_if;

pub use beside::Beside;
pub use error::ReadError;
pub use inspect::{Content, Count, Inspection, TypeCount, inspect};
pub use kind::InputKind;
use resource::MAX_RESOURCES;
pub use resource::Resource;
pub use what_if::Moment;

use crate::finding::{Code, Finding, Severity};
use crate::model::Gap;
use crate::network::Network;
use arm::ParameterSource;
use json::Node;
use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

/// How a file is to be read.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// The kind that the user says it is, against what its content tells.
    pub as_kind: Option<InputKind>,
    /// Parameter files, by name; of two values for one parameter the later counts.
    pub parameters: Vec<(String, Vec<u8>)>,
    /// Single parameters and their values, which outrank the files.
    pub set: Vec<(String, String)>,
    /// Which state of a what-if result is read.
    pub moment: Moment,
    /// The files beside the input, for linked templates; [`read_file`] looks for them by itself.
    pub beside: Beside,
}

/// What was read from one file, or from several that were joined.
#[derive(Clone, Debug)]
pub struct Input {
    /// The file as the user named it; of joined files the first.
    pub file: Arc<str>,
    /// What kind of file it is.
    pub kind: InputKind,
    /// The network.
    pub network: Network,
    /// What is wrong or odd, in order of places.
    pub findings: Vec<Finding>,
    /// Every resource that was recognised, of whatever type.
    pub resources: Vec<Resource>,
    /// Parameters of a template that have no value.
    pub missing: Vec<Gap>,
    /// How many resources a false condition leaves out.
    pub dropped: usize,
    /// The files of templates that it links and that were read with it, as origins name them.
    pub linked: Vec<Arc<str>>,
    /// The findings about the file itself; those about the network change when inputs are joined.
    of_file: Vec<Finding>,
    /// The values of the file that were looked at: freeing them takes long, and a program that ends need not.
    #[expect(dead_code, reason = "it is only kept")]
    documents: Vec<json::Document>,
}

impl Input {
    /// Several inputs as one network; `None` without any. Who reads many files to join them reads [`Piece`]s.
    pub fn join_all(inputs: Vec<Self>) -> Option<Self> {
        let mut inputs = inputs.into_iter();
        let first = inputs.next()?;
        Some(if inputs.len() == 0 { first } else { first.joined(inputs) })
    }

    fn joined(self, others: impl Iterator<Item = Self>) -> Self {
        let (file, kind) = (Arc::clone(&self.file), self.kind);
        let mut all = Parts::default();
        std::iter::once(self).chain(others).for_each(|input| all.add(input.into_parts()));
        all.build(&file, kind)
    }

    fn into_parts(self) -> Parts {
        let Self { of_file: findings, resources, missing, dropped, linked, .. } = self;
        Parts { findings, resources, missing, dropped, linked }
    }
}

/// What a reader of one form gives, before it is a network.
#[derive(Debug, Default)]
struct Parts {
    findings: Vec<Finding>,
    resources: Vec<Resource>,
    missing: Vec<Gap>,
    dropped: usize,
    linked: Vec<Arc<str>>,
}

impl Parts {
    fn add(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.resources.extend(other.resources);
        self.missing.extend(other.missing);
        self.dropped += other.dropped;
        self.linked.extend(other.linked);
    }

    fn build(self, file: &Arc<str>, kind: InputKind) -> Input {
        let Self { findings: of_file, resources, missing, dropped, linked } = self;
        let (network, mut findings) = azure::build(&resources);
        findings.extend(of_file.iter().cloned());
        findings.sort();
        findings.dedup();
        let (file, documents) = (Arc::clone(file), Vec::new());
        Input { file, kind, network, findings, resources, missing, dropped, linked, of_file, documents }
    }
}

/// What one file deploys, before it is a network: of many files that are joined, each network would be made for
/// nothing.
#[derive(Debug)]
pub struct Piece {
    /// The file as the user named it.
    pub file: Arc<str>,
    /// What kind of file it is.
    pub kind: InputKind,
    parts: Parts,
    document: json::Document,
}

impl Piece {
    /// The files of templates that it links and that were read with it, as origins name them.
    pub fn linked(&self) -> &[Arc<str>] {
        &self.parts.linked
    }

    /// The input that it is alone.
    ///
    /// # Errors
    /// [`ReadError`] when its values have no room.
    pub fn into_input(self) -> Result<Input, ReadError> {
        let input = self.parts.build(&self.file, self.kind);
        // Without room for its values whatever was made of them is wrong.
        self.document.memory()?;
        Ok(Input { documents: vec![self.document], ..input })
    }

    /// Several as one network, under the name and kind of the first; `None` without any.
    ///
    /// # Errors
    /// [`ReadError`] when the values of one have no room.
    pub fn join(pieces: Vec<Self>) -> Result<Option<Input>, ReadError> {
        let Some(first) = pieces.first() else { return Ok(None) };
        let (file, kind) = (Arc::clone(&first.file), first.kind);
        let (mut all, mut documents) = (Parts::default(), Vec::with_capacity(pieces.len()));
        for piece in pieces {
            all.add(piece.parts);
            documents.push(piece.document);
        }
        let input = all.build(&file, kind);
        documents.iter().try_for_each(json::Document::memory)?;
        Ok(Some(Input { documents, ..input }))
    }
}

/// Reads a file from disk.
///
/// # Errors
/// [`ReadError`] when the file is not there, is a directory, is too large, or as [`read`].
pub fn read_file(path: &Path, options: &ReadOptions) -> Result<Input, ReadError> {
    let name = path.display().to_string();
    let file: Arc<str> = Arc::from(&*name);
    if path.is_dir() {
        return Err(ReadError::new(&file, "this is a directory", "name a file in it"));
    }
    let size = std::fs::metadata(path).map_or(0, |data| data.len());
    if usize::try_from(size).is_ok_and(|size| size > text::MAX_BYTES) {
        let message = format!("the file has {size} bytes, and at most {} are read", text::MAX_BYTES);
        return Err(ReadError::new(&file, message, "split the file"));
    }
    match std::fs::read(path) {
        Ok(bytes) => {
            let beside = Beside::on_disk(path);
            read(bytes, &name, &ReadOptions { beside, ..options.clone() })
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(ReadError::new(&file, "there is no such file", "is the path right?"))
        }
        Err(error) => Err(ReadError::new(&file, format!("the file cannot be read ({error})"), "")),
    }
}

/// Reads the bytes of a file; `file_name` is what origins show. Bytes that are given away are not copied.
///
/// # Errors
/// [`ReadError`] when the file is empty, no JSON, cut off, of a kind that is not read as an input, or holds
/// nothing of a network; and when a parameter file is no JSON object.
pub fn read<'b>(
    bytes: impl Into<Cow<'b, [u8]>>,
    file_name: &str,
    options: &ReadOptions,
) -> Result<Input, ReadError> {
    read_piece(bytes, file_name, options)?.into_input()
}

/// Reads the bytes of a file that may be joined with others.
///
/// # Errors
/// As [`read`].
pub fn read_piece<'b>(
    bytes: impl Into<Cow<'b, [u8]>>,
    file_name: &str,
    options: &ReadOptions,
) -> Result<Piece, ReadError> {
    let file: Arc<str> = Arc::from(file_name);
    let text = text::without_spinner(text::decode(bytes, &file)?);
    let document = json::read_owned(&file, text).map_err(|error| other_text(error.0, &error.1, &file))?;
    match parts_of(&document, &file, options) {
        Ok((kind, parts)) => Ok(Piece { file, kind, parts, document }),
        // Without room for its values nothing is known of the file.
        Err(error) => {
            document.memory()?;
            Err(error)
        }
    }
}

/// The kind of a document and what it deploys.
fn parts_of(
    document: &json::Document,
    file: &Arc<str>,
    options: &ReadOptions,
) -> Result<(InputKind, Parts), ReadError> {
    let root = kind::answered(&document.root);
    let kind = match options.as_kind.or_else(|| kind::of_json(root)) {
        Some(kind) if kind.is_read() => kind,
        Some(kind) => return Err(ReadError::kind(file, kind)),
        None => return Err(no_kind(root, file)),
    };
    let mut parts = match kind {
        InputKind::Template => template(kind::exported(root), options)?,
        InputKind::TerraformPlan | InputKind::TerraformState => terraform(root, kind, file, options)?,
        _ => answer(root, kind, document.text(), file, options)?,
    };
    parts.findings.extend(document.findings.iter().cloned());
    Ok((kind, parts))
}

/// What kind of file the bytes are, by their content; `None` for what is no JSON or of no known kind.
pub fn kind_of(bytes: &[u8], file_name: &str) -> Option<InputKind> {
    let file: Arc<str> = Arc::from(file_name);
    let text = text::without_spinner(text::decode(bytes, &file).ok()?);
    let document = json::read_owned(&file, text).ok()?;
    kind::of_json(kind::answered(&document.root))
}

fn template(root: &Node, options: &ReadOptions) -> Result<Parts, ReadError> {
    let (mut sources, mut parameter_files) = (Vec::new(), Vec::new());
    let mut findings = Vec::new();
    for (name, bytes) in &options.parameters {
        let file: Arc<str> = Arc::from(&**name);
        let text = text::decode(bytes, &file)?;
        let document = json::read_owned(&file, text).map_err(|error| other_text(error.0, &error.1, &file))?;
        // What `bicep build-params --stdout` prints has the parameter file as a text inside.
        let document = match document.root.get("parametersJson").and_then(Node::as_str) {
            Some(inside) => json::read_under(&file, inside, "parametersJson")?,
            None => document,
        };
        if arm::is_template(&document.root) {
            let remedy = "give the file with `parameters` and their values";
            return Err(ReadError::new(&file, "this is a template, expected a parameter file", remedy));
        }
        findings.extend(document.findings.iter().cloned());
        sources.push(ParameterSource::File(document.root.clone()));
        parameter_files.push(document);
    }
    for (name, value) in &options.set {
        sources.push(ParameterSource::Set { name: name.clone(), value: value.clone() });
    }
    let expansion = arm::expand_beside(root, &sources, &options.beside);
    for document in parameter_files.iter().chain(&expansion.linked) {
        document.memory()?;
    }
    findings.extend(expansion.linked.iter().flat_map(|document| document.findings.iter().cloned()));
    findings.extend(expansion.findings);
    let (mut resources, missing, dropped) = (expansion.resources, expansion.missing, expansion.dropped);
    // What it links is deployed with it, in its order.
    let file = root.origin().file;
    resources.iter_mut().for_each(|resource| resource.document = Arc::clone(&file));
    let linked = expansion.linked.iter().map(|document| document.root.origin().file).collect();
    Ok(Parts { findings, resources, missing, dropped, linked })
}

fn answer(
    root: &Node,
    kind: InputKind,
    text: &str,
    file: &Arc<str>,
    options: &ReadOptions,
) -> Result<Parts, ReadError> {
    if let Some(offset) = text.find("\"@{") {
        // Objects that PowerShell cut off are strings; what they held is lost.
        let before = &text[..offset];
        let line = u32::try_from(before.matches('\n').count() + 1).unwrap_or(u32::MAX);
        let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
        let remedy = "convert again with `ConvertTo-Json -Depth 20`";
        let error = ReadError::new(file, "PowerShell cut off the objects below this depth", remedy);
        return Err(error.at(line, u32::try_from(column).unwrap_or(u32::MAX)));
    }
    let answer = match kind {
        InputKind::EffectiveRules => effective::rules(root, file),
        InputKind::EffectiveRoutes => effective::routes(root, file),
        InputKind::NetworkStatus => effective::status(root, file),
        InputKind::WhatIf => what_if::read(root, options.moment, file),
        _ => rest::read(root, file),
    };
    if !answer.is_of_a_network() {
        return Err(nothing_of_a_network(&answer.resources, root, file));
    }
    let rest::Answer { resources, mut findings, .. } = answer;
    if resources.len() > MAX_RESOURCES {
        return Err(too_many_resources(file));
    }
    parameters_of_no_template(root, options, &mut findings);
    Ok(Parts { findings, resources, ..Parts::default() })
}

/// What Terraform shows, in a plan or a state.
fn terraform(
    root: &Node,
    kind: InputKind,
    file: &Arc<str>,
    options: &ReadOptions,
) -> Result<Parts, ReadError> {
    let terraform::Reading { resources, mut findings, total, of_azure, deleted, is_beyond } =
        terraform::read(root);
    if is_beyond {
        return Err(too_many_resources(file));
    }
    if resources.is_empty() {
        let holds = match (total, of_azure) {
            (0, _) if deleted > 0 => {
                let remedy = "before it is applied, the state is the network: `terraform show -json`";
                let deleted = counted(deleted);
                let message = format!("{} that deletes {deleted} and keeps none", kind.described());
                return Err(ReadError::new(file, message, remedy));
            }
            (0, _) => "no resources".to_owned(),
            (_, 0) => format!("{}, none of azurerm or azapi", counted(total)),
            _ => format!(
                "{}, of which {of_azure} of azurerm or azapi, and nothing of a network",
                counted(total)
            ),
        };
        // A template that it deploys may be where the network is.
        let unread: String = findings.iter().map(|finding| format!("; {}", finding.message)).collect();
        let holds = holds + &unread;
        let remedy = "give the plan or state of the configuration that holds the network";
        return Err(ReadError::new(file, format!("{} with {holds}", kind.described()), remedy));
    }
    parameters_of_no_template(root, options, &mut findings);
    Ok(Parts { findings, resources, ..Parts::default() })
}

fn too_many_resources(file: &Arc<str>) -> ReadError {
    let message = format!("more than {MAX_RESOURCES} resources, and at most so many are read");
    ReadError::new(file, message, "split the file")
}

fn counted(resources: usize) -> String {
    if resources == 1 { "1 resource".to_owned() } else { format!("{resources} resources") }
}

/// Parameters are of use for templates only.
fn parameters_of_no_template(root: &Node, options: &ReadOptions, findings: &mut Vec<Finding>) {
    if !options.set.is_empty() || !options.parameters.is_empty() {
        let message = "parameters are given, and this file is no template".to_owned();
        let mut finding = Finding::new(Code::Template, &root.origin(), message);
        finding.severity = Severity::Warning;
        findings.push(finding);
    }
}

/// A text that is no JSON: another kind of file, or JSON with a fault.
fn other_text(error: json::ReadError, text: &str, file: &Arc<str>) -> ReadError {
    if text.trim().is_empty() {
        return error.into();
    }
    let starts_as_json = text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']);
    if starts_as_json {
        // Flow logs also come with one record a line.
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let record = json::read(file, first.trim()).ok();
        if record.is_some_and(|document| kind::of_json(&document.root) == Some(InputKind::FlowLog)) {
            return ReadError::kind(file, InputKind::FlowLog);
        }
        return error.into();
    }
    match kind::of_text(text, file) {
        Some(kind) => ReadError::kind(file, kind),
        None => error.into(),
    }
}

const EXPECTED: &str = "give an ARM template, a Terraform plan or state, or what `az network nsg show`, `az network vnet show` or `az apim show` print";

/// JSON of no kind that is known: its keys, so that the user sees which file this is.
fn no_kind(root: &Node, file: &Arc<str>) -> ReadError {
    let keys: Vec<String> = root.entries().iter().take(5).map(|(key, _)| format!("`{key}`")).collect();
    let message = match (root.as_array(), keys.is_empty()) {
        (Some([]), _) => "an empty list: the command that made it found nothing".to_owned(),
        (Some(items), _) => {
            format!("a list of {} values, none of which is a resource of Azure", items.len())
        }
        (None, false) => {
            format!("an object with the keys {}, which is no known kind of file", keys.join(", "))
        }
        (None, true) if root.as_object().is_some() => "an object without any key".to_owned(),
        (None, true) => format!("{}, expected an object or an array", root.type_name()),
    };
    let origin = root.origin();
    let empty_answer =
        root.get("value").is_some_and(|value| value.as_array().is_some_and(<[Node]>::is_empty));
    let message = if empty_answer {
        "an empty list: the request that made it found nothing".to_owned()
    } else {
        message
    };
    ReadError::new(file, message, EXPECTED).at(origin.line, origin.column)
}

fn nothing_of_a_network(resources: &[Resource], root: &Node, file: &Arc<str>) -> ReadError {
    let kind = resources.first().map_or("", |resource| &*resource.kind);
    if kind.is_empty() {
        return no_kind(root, file);
    }
    let message = format!("resources of the type `{kind}`, and nothing of a network");
    ReadError::new(file, message, EXPECTED)
}
