//! From a template to the resources that it declares.
//!
//! First names and ids of all resources of a template, loops unrolled, so that references find them; then
//! the templates inside nested deployments; last the bodies, each at most once and on demand.

use super::Expansion;
use super::by_name::ByName;
use super::evaluate::{Engine, Env, Loop};
use super::loops::Count;
use super::scope::{Declared, Given, Scope, Target, Values, memo};
use super::spell::Parts;
use crate::finding::{Code, Finding};
use crate::model::{Fact, Gap, ResourceId, split_outside};
use crate::sources::Resource;
use crate::sources::json::{Kind, Node};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

const DEPLOYMENT: &str = "Microsoft.Resources/deployments";
const RESOURCE_GROUP: &str = "Microsoft.Resources/resourceGroups";
/// Resources of a whole template, loops unrolled; Azure itself takes 800.
const MAX_RESOURCES: u32 = 50_000;
/// How deep deployments may nest in one another.
const MAX_DEPLOYMENTS: usize = 20;
/// Keys of a resource that steer the deployment and are no part of it.
const STEERING: &[&str] =
    &["copy", "condition", "resources", "dependsOn", "comments", "metadata", "existing"];

/// What a child resource has from the resource around it.
#[derive(Clone)]
struct Parent {
    kind: String,
    name: Node,
    exists: Fact<bool>,
}

impl Engine {
    /// Declares the resources of a template and of all templates inside it.
    pub(super) fn declare(&mut self, scope: &Rc<Scope>) {
        if scope.declared.borrow().is_some() {
            return;
        }
        *scope.declared.borrow_mut() = Some(Vec::new());
        let mut list = Vec::new();
        if let Some(resources) = scope.template.get("resources") {
            self.declare_all(scope, resources, None, &mut list);
        }
        for one in &list {
            if !one.existing {
                self.by_id.entry(one.id.key()).or_insert_with(|| Rc::clone(one));
            }
        }
        *scope.names.borrow_mut() = by_name(&list);
        *scope.declared.borrow_mut() = Some(list.clone());
        for one in &list {
            if one.kind.eq_ignore_ascii_case(DEPLOYMENT)
                && !one.existing
                && let Some(inner) = self.inner(scope, one)
            {
                self.declare(&inner);
                *one.inner.borrow_mut() = Some(inner);
            }
        }
    }

    /// An array, or an object by symbolic names.
    fn declare_all(
        &mut self,
        scope: &Rc<Scope>,
        raw: &Node,
        parent: Option<&Parent>,
        list: &mut Vec<Rc<Declared>>,
    ) {
        let env = Env::new(scope, raw.place());
        match raw.kind() {
            Kind::Array(_) => {
                for resource in raw.items() {
                    self.declare_looped(&env, resource, None, parent, list);
                }
            }
            Kind::Object(_) => {
                for (name, resource) in raw.entries() {
                    self.declare_looped(&env, resource, Some(name), parent, list);
                }
            }
            other => {
                let message = format!("`resources` is {}, expected an array or an object", other.type_name());
                self.report(&raw.origin(), message);
            }
        }
    }

    fn declare_looped(
        &mut self,
        env: &Env,
        raw: &Node,
        symbolic: Option<&Arc<str>>,
        parent: Option<&Parent>,
        list: &mut Vec<Rc<Declared>>,
    ) {
        let looped = raw.get("copy").filter(|copy| copy.as_object().is_some());
        let Some(looped) = looped else {
            return self.declare_one(env, raw, symbolic, parent, list);
        };
        let name: Arc<str> = looped.get("name").and_then(Node::as_str).unwrap_or_default().into();
        match self.count(env, looped) {
            Count::Times(times) => {
                for index in 0..times {
                    if !self.step(looped.place()) {
                        return;
                    }
                    let inside = self.inside(env, &name, index, true, looped);
                    self.declare_one(&inside, raw, symbolic, parent, list);
                }
            }
            Count::Unknown(gap) => {
                // One stands for all of them, and may not be there at all.
                let index = Kind::unknown(format!("copyIndex('{name}')"), gap.clone());
                let index = Node::new(index, looped.place().clone());
                let copies = env.copies.with(Loop { name, index, of_resource: true });
                let before = list.len();
                self.declare_one(&Env { copies, ..env.clone() }, raw, symbolic, parent, list);
                for one in &mut list[before..] {
                    if let Some(one) = Rc::get_mut(one) {
                        one.exists = Fact::Unknown(gap.clone());
                    }
                }
            }
            Count::Wrong => {}
        }
    }

    fn declare_one(
        &mut self,
        env: &Env,
        raw: &Node,
        symbolic: Option<&Arc<str>>,
        parent: Option<&Parent>,
        list: &mut Vec<Rc<Declared>>,
    ) {
        self.resources += 1;
        if self.resources > MAX_RESOURCES {
            if self.resources == MAX_RESOURCES + 1 {
                self.report(
                    &raw.origin(),
                    format!("more than {MAX_RESOURCES} resources; the rest is not read"),
                );
            }
            return;
        }
        let Some(kind) = self.text_of(env, raw, "type") else { return };
        let Some(name) = raw.get("name").map(|name| self.value(env, name)) else {
            self.report(&raw.origin(), "a resource without `name`");
            return;
        };
        if name.join_text().is_none() {
            let message = format!("the name of a resource is {}, expected a string", name.type_name());
            self.report(&name.origin(), message);
            return;
        }
        let own = raw.get("condition").map(|condition| self.condition(env, condition));
        let around = parent.map_or_else(|| env.scope.exists.clone(), |parent| parent.exists.clone());
        let exists = both(around, own.unwrap_or(Fact::Known(true)));
        // A child inside its parent may be named alone or with its parent's name.
        let (kind, name) = match parent {
            Some(parent) if !kind.to_lowercase().starts_with(&(parent.kind.to_lowercase() + "/")) => {
                let mut parts = Parts::default();
                parts.value(&parent.name);
                parts.literal("/");
                parts.value(&name);
                let full = Node::new(parts.finish(), name.place().clone());
                (format!("{}/{kind}", parent.kind), full)
            }
            _ => (kind, name),
        };
        let id = self.id_of(env, raw, &kind, &name);
        let inside = Parent { kind: kind.clone(), name: name.clone(), exists: exists.clone() };
        list.push(Rc::new(Declared {
            raw: raw.clone(),
            kind,
            name,
            id,
            env: env.clone(),
            exists,
            existing: raw.get("existing").and_then(Node::as_bool) == Some(true),
            symbolic: symbolic.cloned(),
            body: memo(),
            inner: RefCell::new(None),
        }));
        if let Some(children) = raw.get("resources") {
            let children = children.items().iter().map(|child| (None, child));
            let named = raw.get("resources").map(Node::entries).unwrap_or_default();
            for (symbolic, child) in children.chain(named.iter().map(|(key, child)| (Some(key), child))) {
                self.declare_looped(env, child, symbolic, Some(&inside), list);
            }
        }
    }

    fn text_of(&mut self, env: &Env, raw: &Node, key: &str) -> Option<String> {
        let value = raw.get(key).map(|value| self.value(env, value));
        let text = value.as_ref().and_then(Node::join_text).map(std::borrow::Cow::into_owned);
        if text.is_none() {
            let found = value.as_ref().map_or("missing", |value| value.type_name());
            self.report(&raw.origin(), format!("the `{key}` of a resource is {found}, expected a string"));
        }
        text
    }

    fn condition(&mut self, env: &Env, raw: &Node) -> Fact<bool> {
        let value = self.value(env, raw);
        match (value.as_bool(), value.gap(), value.as_str()) {
            (Some(value), _, _) => Fact::Known(value),
            (_, Some(gap), _) => Fact::Unknown(gap.clone()),
            (_, _, Some(text)) if text.eq_ignore_ascii_case("true") => Fact::Known(true),
            (_, _, Some(text)) if text.eq_ignore_ascii_case("false") => Fact::Known(false),
            _ => {
                let message = format!("the `condition` is {}, expected a boolean", value.type_name());
                self.report(&raw.origin(), message);
                Fact::Unknown(Gap::new("a condition is not readable").at(&raw.origin()))
            }
        }
    }

    /// The id, as `resourceId` would write it.
    fn id_of(&mut self, env: &Env, raw: &Node, kind: &str, name: &Node) -> ResourceId {
        let (scope, _) = self.target_of(env, raw);
        let scope_text = raw.get("scope").map(|scope| self.value(env, scope));
        let base = match scope_text.as_ref().and_then(Node::join_text) {
            Some(text) if text == "/" => String::new(),
            Some(text) if text.starts_with('/') || text.starts_with("${") => text.into_owned(),
            _ => scope.id(),
        };
        let name_text = name.join_text().unwrap_or_default();
        if kind.eq_ignore_ascii_case(RESOURCE_GROUP) {
            return ResourceId::new(format!("{base}/resourceGroups/{name_text}"));
        }
        let mut segments = kind.split('/');
        let mut id = format!("{base}/providers/{}", segments.next().unwrap_or_default());
        let names = split_outside(&name_text, '/');
        let types: Vec<&str> = segments.collect();
        if names.len() == types.len() {
            for (kind, name) in types.iter().zip(&names) {
                id.push_str(&format!("/{kind}/{name}"));
            }
        } else {
            if name.as_str().is_some() {
                let message = format!(
                    "the name `{name_text}` has {} parts, and the type `{kind}` needs {}",
                    names.len(),
                    types.len()
                );
                self.report(&name.origin(), message);
            }
            id.push_str(&format!("/{}/{name_text}", types.join("/")));
        }
        ResourceId::new(id)
    }

    /// Where a resource is, and whether it says so itself.
    fn target_of(&mut self, env: &Env, raw: &Node) -> (Target, bool) {
        let mut target = env.scope.target.clone();
        let is_deployment =
            raw.get("type").and_then(Node::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case(DEPLOYMENT));
        // A resource that is deployed elsewhere names its group in the same words.
        let existing = raw.get("existing").and_then(Node::as_bool) == Some(true);
        if !is_deployment && !existing {
            return (target, false);
        }
        let mut text = |key: &str| {
            let value = raw.get(key).map(|value| self.value(env, value))?;
            value.join_text().map(|text| Arc::from(&*text))
        };
        let (subscription, group) = (text("subscriptionId"), text("resourceGroup"));
        let said = subscription.is_some() || group.is_some();
        if subscription.is_some() {
            target = Target { subscription, group: None };
        }
        if group.is_some() {
            let own = || Some(Arc::from("${subscription().subscriptionId}"));
            target.subscription = target.subscription.or_else(own);
            target.group = group;
        }
        (target, said)
    }

    /// The template inside a deployment.
    fn inner(&mut self, scope: &Rc<Scope>, one: &Declared) -> Option<Rc<Scope>> {
        let name = one.name.join_text().unwrap_or_default().into_owned();
        let properties = one.raw.get("properties");
        let written = properties.and_then(|properties| properties.get("template"));
        let linked = if written.is_some() { Ok(None) } else { self.linked(&one.env, properties) };
        let is_linked = matches!(linked, Ok(Some(_)));
        let (template, file) = match (written, linked) {
            (Some(template), _) => (template.clone(), Arc::clone(&scope.file)),
            (None, Ok(Some(linked))) => linked,
            (None, why) => {
                let why = why.err().map(|why| format!(", {why}")).unwrap_or_default();
                let message = format!(
                    "the template of the deployment `{name}` is in another file, which is not read{why}"
                );
                let finding = Finding::new(Code::UnknownReference, &one.raw.origin(), message).about(&name);
                self.findings.push(finding);
                return None;
            }
        };
        let template = &template;
        let label = if scope.values.label.is_empty() {
            name.clone()
        } else {
            format!("{}/{name}", scope.values.label)
        };
        let depth = scope.depth + 1;
        if depth > MAX_DEPLOYMENTS {
            self.report(&one.raw.origin(), format!("deployments nest deeper than {MAX_DEPLOYMENTS}"));
            return None;
        }
        let (mut target, said) = self.target_of(&one.env, &one.raw);
        if !said && let Some(schema) = template.get("$schema").and_then(Node::as_str) {
            // A template for another kind of scope says so in its schema alone.
            let of_schema = Target::of_schema(schema);
            if of_schema.group.is_none() && target.group.is_some() && of_schema.subscription.is_some() {
                target.group = None;
            }
        }
        let evaluation = properties.and_then(|node| node.at(&["expressionEvaluationOptions", "scope"]));
        // What is linked knows nothing of the file that links it.
        let is_inner = is_linked
            || evaluation.and_then(Node::as_str).is_some_and(|word| word.eq_ignore_ascii_case("inner"));
        let values = if is_inner {
            let mut given = ByName::default();
            for (key, value) in
                properties.and_then(|node| node.get("parameters")).map(Node::entries).unwrap_or_default()
            {
                let bound = match (value.get("value"), value.get("reference")) {
                    (Some(value), _) => Given::Bound(value.clone(), one.env.clone()),
                    (None, Some(secret)) => Given::Secret(secret.clone()),
                    _ => Given::Wrapped(value.clone(), one.env.clone()),
                };
                given.insert(key.to_lowercase(), bound);
            }
            self.check_given(template, given.keys().map(String::as_str), &one.raw, &name);
            Rc::new(Values::of(template, &label, &target, given))
        } else {
            Rc::clone(&scope.values)
        };
        Some(Rc::new(Scope {
            template: template.clone(),
            file,
            values,
            target,
            parent: Some(Rc::clone(scope)),
            depth,
            exists: one.exists.clone(),
            declared: RefCell::new(None),
            names: RefCell::new(ByName::default()),
        }))
    }

    fn check_given<'a>(
        &mut self,
        template: &Node,
        given: impl Iterator<Item = &'a str>,
        at: &Node,
        name: &str,
    ) {
        let declared = template.get("parameters");
        let mut unknown: Vec<&str> =
            given.filter(|key| declared.is_none_or(|declared| declared.get(key).is_none())).collect();
        unknown.sort_unstable();
        for key in unknown {
            let names = declared.map(Node::entries).unwrap_or_default().iter().map(|(name, _)| &**name);
            let words = super::unknown_name("parameter", key, names);
            self.report(&at.origin(), format!("the deployment `{name}`: {words}"));
        }
    }

    /// The body of a resource with all expressions replaced; of a deployment its outputs.
    pub(super) fn body(&mut self, one: &Rc<Declared>) -> Result<Node, String> {
        let label = format!("reference('{}')", one.name.join_text().unwrap_or_default());
        self.once(label, &one.body, |engine| {
            let is_deployment = one.kind.eq_ignore_ascii_case(DEPLOYMENT);
            let mut entries = Vec::new();
            for (key, value) in one.raw.entries() {
                if STEERING.iter().any(|steering| steering.eq_ignore_ascii_case(key))
                    || (is_deployment && key.eq_ignore_ascii_case("properties"))
                {
                    continue;
                }
                let value = match &**key {
                    "name" => one.name.clone(),
                    _ => engine.value(&one.env, value),
                };
                entries.push((Arc::clone(key), value));
            }
            let inner = one.inner.borrow().clone();
            if let Some(inner) = inner.filter(|_| is_deployment) {
                let outputs = engine.outputs(&inner);
                let place = one.raw.place();
                let properties =
                    Kind::object(vec![("outputs".into(), Node::new(Kind::object(outputs), place.clone()))]);
                entries.push(("properties".into(), Node::new(properties, place.clone())));
            }
            engine.made(one.raw.place(), Kind::object(entries))
        })
    }

    fn outputs(&mut self, scope: &Rc<Scope>) -> Vec<(Arc<str>, Node)> {
        let mut made = Vec::new();
        for (name, output) in scope.template.get("outputs").map(Node::entries).unwrap_or_default() {
            let env = Env::new(scope, output.place());
            let value = match (output.get("copy"), output.get("value")) {
                (Some(looped), _) => self.property_loop(&env, looped),
                (None, Some(value)) => self.value(&env, value),
                _ => continue,
            };
            let value = Kind::object(vec![("value".into(), value)]);
            made.push((Arc::clone(name), Node::new(value, output.place().clone())));
        }
        made
    }

    /// The resources of a template and of the templates inside, in order of writing.
    pub(super) fn collect(&mut self, scope: &Rc<Scope>, expansion: &mut Expansion) {
        let list = scope.declared.borrow().clone().unwrap_or_default();
        for one in list {
            if one.exists != Fact::Known(false) {
                let body = self.body(&one).unwrap_or_else(|message| {
                    self.report(&one.raw.origin(), message);
                    self.lost(&one.raw, "the body of a resource that needs itself")
                });
                expansion.resources.push(Resource {
                    kind: one.kind.clone(),
                    id: one.id.clone(),
                    name: one.name.clone(),
                    body,
                    exists: one.exists.clone(),
                    existing: one.existing,
                    origin: one.raw.origin(),
                    document: one.raw.origin().file,
                });
                let inner = one.inner.borrow().clone();
                if let Some(inner) = inner {
                    self.collect(&inner, expansion);
                }
            } else {
                expansion.dropped += 1;
            }
        }
    }
}

/// The resources by name, where a symbolic name wins over any other and the first over later ones.
fn by_name(list: &[Rc<Declared>]) -> ByName<String, Rc<Declared>> {
    let mut names = ByName::default();
    for one in list {
        if let Some(name) = &one.symbolic {
            // One of a loop is named with its index.
            let index = one.env.copies.find(|each| each.of_resource).and_then(|each| each.index.as_integer());
            if let Some(index) = index {
                names.insert(format!("{name}[{index}]").to_lowercase(), Rc::clone(one));
            }
            names.entry(name.to_lowercase()).or_insert_with(|| Rc::clone(one));
        }
    }
    for one in list {
        if let Some(name) = one.name.join_text() {
            names.entry(name.to_lowercase()).or_insert_with(|| Rc::clone(one));
        }
    }
    names
}

/// What is there only if both are.
fn both(left: Fact<bool>, right: Fact<bool>) -> Fact<bool> {
    match (left, right) {
        (Fact::Known(false), _) | (_, Fact::Known(false)) => Fact::Known(false),
        (Fact::Known(true), other) | (other, Fact::Known(true)) => other,
        (unknown, _) => unknown,
    }
}

/// The properties as Azure answers them: parts with a name have ids below the resource's own.
pub(super) fn with_child_ids(properties: &Node, id: &ResourceId) -> Node {
    let child = |list: &str, item: &Node| {
        let name = item.get("name").filter(|_| item.get("id").is_none() && item.get("properties").is_some());
        let Some(name) = name.and_then(Node::join_text) else { return item.clone() };
        let mut parts = Parts::default();
        parts.spelled(&format!("{id}/{list}/{name}"));
        let mut entries = vec![("id".into(), Node::new(parts.finish(), item.place().clone()))];
        entries.extend_from_slice(item.entries());
        Node::new(Kind::object(entries), item.place().clone())
    };
    let Some(object) = properties.as_object() else { return properties.clone() };
    let entries = object.entries().iter().map(|(key, value)| match value.as_array() {
        Some(items) => {
            let items = items.iter().map(|item| child(key, item)).collect();
            (Arc::clone(key), Node::new(Kind::array(items), value.place().clone()))
        }
        None => (Arc::clone(key), value.clone()),
    });
    Node::new(Kind::object(entries.collect()), properties.place().clone())
}
