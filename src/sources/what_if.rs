//! What-if results: the resources as they are, or as they will be.
//!
//! In: the document of a what-if, REST or az. Out: resources of the state before or after, each as its own
//! `before` or `after` shows it whole; `delta` is not applied. What a change does not show is unknown, never
//! absent: `Deploy` and `Unsupported` carry no content, potential changes may or may not happen, and values
//! that only the deployment computes stay expressions.

use super::json::{Kind, Node};
use super::rest::{self, Answer};
use super::{Resource, azure};
use crate::finding::{Code, Finding, Severity};
use crate::model::{Fact, Gap, ResourceId};
use std::collections::HashSet;
use std::sync::Arc;

/// Which of the two states of a what-if is meant.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Moment {
    /// Before the deployment.
    Before,
    /// After it.
    #[default]
    After,
}

/// What is known of a resource at the moment that is asked for.
enum State<'n> {
    /// It is this.
    Is(&'n Node),
    /// It is there, and the change does not show it.
    Unknown(&'static str),
    /// It is not there.
    Absent,
}

/// Reads the state of one moment.
pub(super) fn read(root: &Node, moment: Moment, file: &Arc<str>) -> Answer {
    let mut answer = Answer::default();
    let list = |key: &str| {
        let found = root.get(key).or_else(|| root.at(&["properties", key]));
        found.map(Node::items).unwrap_or_default()
    };
    let mut potential: HashSet<String> = HashSet::new();
    for change in list("potentialChanges") {
        let (earlier, later) = (state(change, Moment::Before), state(change, Moment::After));
        if moment == Moment::Before {
            // What is there before does not hang on what may happen.
            if let State::Is(body) = earlier {
                potential.extend(id_of(change).map(|id| id.key()));
                add(change, body, file, None, &mut answer);
            }
            continue;
        }
        potential.extend(id_of(change).map(|id| id.key()));
        let gap = Gap::new("whether a potential change of the what-if result happens").at(&change.origin());
        match (earlier, later) {
            (State::Absent, State::Is(body)) | (State::Is(body), State::Absent) => {
                add(change, body, file, Some(gap), &mut answer);
            }
            (State::Absent, State::Absent) => {}
            _ => unknown(change, "it may be changed or not", file, &mut answer),
        }
    }
    for change in list("changes") {
        if id_of(change).is_some_and(|id| potential.contains(&id.key())) {
            continue;
        }
        match state(change, moment) {
            State::Is(body) => add(change, body, file, None, &mut answer),
            State::Unknown(why) => unknown(change, why, file, &mut answer),
            State::Absent => {}
        }
    }
    answer
}

fn state(change: &Node, moment: Moment) -> State<'_> {
    let shown = |key: &str| change.get(key).filter(|body| body.as_object().is_some());
    let (before, after) = (shown("before"), shown("after"));
    let kind = change.get("changeType").and_then(Node::as_str).unwrap_or_default().to_ascii_lowercase();
    match (kind.as_str(), moment) {
        ("create", Moment::Before) | ("delete", Moment::After) => State::Absent,
        ("create" | "modify", Moment::After) => or(after, "what it will be is not shown"),
        ("delete" | "modify", Moment::Before) => or(before, "what it is is not shown"),
        // What the template does not name stays as it is.
        ("nochange" | "noeffect", Moment::After) => or(after.or(before), "it is not shown"),
        ("ignore" | "nochange" | "noeffect", _) => or(before.or(after), "it is not shown"),
        ("deploy", _) => State::Unknown("it is deployed, and the result does not show with what"),
        ("unsupported", _) => State::Unknown("what-if does not support it"),
        _ => State::Unknown("its change is of a kind that is not known"),
    }
}

/// What is shown, or why it is not known.
fn or<'n>(found: Option<&'n Node>, why: &'static str) -> State<'n> {
    found.map_or(State::Unknown(why), State::Is)
}

fn id_of(change: &Node) -> Option<ResourceId> {
    let id = change.get("resourceId").and_then(Node::as_str).map(str::trim)?;
    (!id.is_empty()).then(|| ResourceId::new(id))
}

fn add(change: &Node, body: &Node, file: &Arc<str>, doubt: Option<Gap>, answer: &mut Answer) {
    let body = settled(body);
    let kind = rest::kind_of(&body).or_else(|| id_of(change).and_then(|id| id.kind()));
    let Some(kind) = kind else { return unknown(change, "its type is not shown", file, answer) };
    let mut resource = rest::resource(&body, kind, file);
    if body.get("id").is_none()
        && let Some(id) = id_of(change)
    {
        resource.id = id;
    }
    if let Some(gap) = doubt {
        resource.exists = Fact::Unknown(gap);
    }
    answer.resources.push(resource);
}

/// A resource that is there, and of which nothing is known.
fn unknown(change: &Node, why: &str, file: &Arc<str>, answer: &mut Answer) {
    let Some(id) = id_of(change) else { return };
    let Some(kind) = id.kind() else { return };
    let name = id.name().to_owned();
    let reason = change.get("unsupportedReason").and_then(Node::as_str);
    let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    let gap = Gap::new(format!("what `{name}` holds: {why}{reason}")).at(&change.origin());
    let place = change.place();
    let text = |text: &str| Node::new(Kind::string(text), place.clone());
    let body = Node::new(
        Kind::object(vec![
            (Arc::from("id"), text(id.as_str())),
            (Arc::from("name"), text(&name)),
            (Arc::from("properties"), Node::new(Kind::unknown("properties", gap), place.clone())),
        ]),
        place.clone(),
    );
    if azure::reads(&kind) {
        let message = format!("what `{name}` holds is not known: {why}{reason}");
        let mut finding = Finding::new(Code::UnknownReference, &change.origin(), message).about(&name);
        finding.severity = Severity::Warning;
        answer.findings.push(finding);
    }
    let resource: Resource = rest::resource(&body, kind, file);
    answer.resources.push(resource);
}

/// The same value with expressions that only the deployment evaluates as unknowns.
fn settled(node: &Node) -> Node {
    let kind = match node.kind() {
        Kind::String(text) if text.starts_with('[') && text.ends_with(']') && !text.starts_with("[[") => {
            let missing = format!("the value of `{text}`, which the deployment computes");
            let inside = text.trim_start_matches('[').trim_end_matches(']');
            Kind::unknown(inside, Gap::new(missing).at(&node.origin()))
        }
        Kind::Array(_) => Kind::array(node.items().iter().map(settled).collect()),
        Kind::Object(object) => {
            let entries = object.entries().iter().map(|(key, value)| (Arc::clone(key), settled(value)));
            Kind::object(entries.collect())
        }
        other => other.clone(),
    };
    Node::new(kind, node.place().clone())
}
