//! Names and ids of instances: as the document states them, else put together from what is known, with
//! `${address.attribute}` for what is not. Equal addresses make equal parts, so that ids join.

use super::document::Instance;
use super::kinds::{self, Role};
use super::plan::Plan;
use super::references::{Compared, Found, Lost, Resolver, Want};
use super::values::{Said, Why, escaped, hole};
use crate::model::ResourceId;
use crate::sources::json::Node;
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

/// How deep a resource may stand below others.
const MAX_DEPTH: usize = 8;

/// What an attribute with an id says.
#[derive(Clone, Debug)]
pub(super) enum Pointer {
    /// Nothing.
    Nothing,
    /// This resource; where the id is written or was joined from.
    To(ResourceId),
    /// Something that cannot be told.
    Lost { why: Why, lost: Lost },
}

/// Names and ids of all instances.
pub(super) struct Ids<'d, 'p> {
    pub(super) plan: &'p Plan<'d>,
    kinds: &'p [Option<Arc<str>>],
    compared: RefCell<Compared>,
    ids: Vec<OnceCell<ResourceId>>,
    groups: Vec<OnceCell<String>>,
    /// Instances by type, resource group and name, all in lower case.
    by_name: HashMap<(String, String, String), Vec<usize>>,
    /// Those whose resource group comes later, by type and name.
    in_new_groups: HashMap<(String, String), Vec<usize>>,
    depth: std::cell::Cell<usize>,
}

/// Azure's type of an instance.
pub(super) fn kind_of(instance: &Instance) -> Option<Arc<str>> {
    match instance.role {
        Role::Resource(kind) => Some(kind.into()),
        Role::Azapi => {
            let kind = instance.values().text("type")?;
            let kind = kind.split('@').next().unwrap_or_default();
            Some(kinds::usual_spelling(kind).unwrap_or(kind).into())
        }
        _ => None,
    }
}

impl<'d, 'p> Ids<'d, 'p> {
    pub(super) fn new(plan: &'p Plan<'d>, kinds: &'p [Option<Arc<str>>]) -> Self {
        let count = plan.instances.len();
        let mut ids = Self {
            plan,
            kinds,
            compared: RefCell::default(),
            ids: vec![OnceCell::new(); count],
            groups: vec![OnceCell::new(); count],
            by_name: HashMap::new(),
            in_new_groups: HashMap::new(),
            depth: std::cell::Cell::new(0),
        };
        for (at, kind) in kinds.iter().enumerate() {
            let Some(kind) = kind.as_deref().filter(|kind| kind.matches('/').count() == 1) else { continue };
            let key = (kind.to_lowercase(), ids.group(at).to_lowercase(), ids.name(at).to_lowercase());
            if key.1.contains("${") && !plan.instances[at].data {
                ids.in_new_groups.entry((key.0.clone(), key.2.clone())).or_default().push(at);
            }
            ids.by_name.entry(key).or_default().push(at);
        }
        ids
    }

    /// Azure's type of an instance by its number.
    pub(super) fn kind(&self, at: usize) -> Option<&Arc<str>> {
        self.kinds[at].as_ref()
    }

    pub(super) fn instance(&self, at: usize) -> &'p Instance
    where
        'd: 'p,
    {
        &self.plan.instances[at]
    }

    /// A new way to follow references.
    pub(super) fn resolver(&self) -> Resolver<'d, '_> {
        Resolver::new(self.plan, self.kinds, &self.compared)
    }

    /// Its name, in the spelling of a symbol.
    pub(super) fn name(&self, at: usize) -> String {
        let instance = self.instance(at);
        // There is one of each kind, and it has no name in Terraform.
        if self.kind(at).is_some_and(|kind| &**kind == kinds::IDENTITY) {
            return "aad".to_owned();
        }
        match (instance.values().text("name"), self.known_id(at)) {
            (Some(name), _) => escaped(name),
            (None, Some(id)) => id.name().to_owned(),
            (None, None) => hole(&instance.attribute("name")),
        }
    }

    /// Its resource group, in the spelling of a symbol.
    fn group(&self, at: usize) -> String {
        self.groups[at].get_or_init(|| self.group_of(at)).clone()
    }

    fn group_of(&self, at: usize) -> String {
        const NAME: &str = "resource_group_name";
        let instance = self.instance(at);
        if let Some(group) = self.known_id(at).as_ref().and_then(|id| id.segment("resourceGroups")) {
            return escaped(group);
        }
        if let Some(name) = instance.values().text(NAME) {
            return escaped(name);
        }
        let want = Want { kind: kinds::RESOURCE_GROUP, among_others: false };
        match self.resolver().attribute(instance, &[NAME], want) {
            Found::One(group) => self.name(group),
            Found::Value(Some(name)) if name.as_str().is_some() => escaped(name.as_str().unwrap_or_default()),
            _ => hole(&instance.attribute(NAME)),
        }
    }

    /// The id that the document states.
    fn known_id(&self, at: usize) -> Option<ResourceId> {
        let values = self.instance(at).values();
        values.text("id").filter(|id| id.starts_with('/')).map(ResourceId::new)
    }

    /// Its id.
    pub(super) fn id(&self, at: usize) -> ResourceId {
        if let Some(id) = self.ids[at].get() {
            return id.clone();
        }
        let depth = self.depth.get();
        if depth > MAX_DEPTH {
            return ResourceId::new(hole(&self.instance(at).attribute("id")));
        }
        self.depth.set(depth + 1);
        let id = self.known_id(at).unwrap_or_else(|| self.made_id(at));
        self.depth.set(depth);
        self.ids[at].get_or_init(|| id).clone()
    }

    fn made_id(&self, at: usize) -> ResourceId {
        let name = self.name(at);
        let instance = self.instance(at);
        let Some(kind) = self.kind(at).cloned() else {
            return ResourceId::new(hole(&instance.attribute("id")));
        };
        if instance.role == Role::Azapi {
            return self.id_below_parent(at, &kind, &name);
        }
        if &*kind == kinds::RESOURCE_GROUP {
            return ResourceId::new(format!(
                "/subscriptions/{}/resourceGroups/{name}",
                self.subscription(at)
            ));
        }
        match kind.rsplit_once('/') {
            Some((parent, segment)) if parent.contains('/') => {
                ResourceId::new(format!("{}/{segment}/{name}", self.owner(at, parent)))
            }
            _ => ResourceId::new(format!("{}/providers/{kind}/{name}", self.scope(at))),
        }
    }

    /// `/subscriptions/../resourceGroups/..`.
    fn scope(&self, at: usize) -> String {
        format!("/subscriptions/{}/resourceGroups/{}", self.subscription(at), self.group(at))
    }

    /// The subscription is that of the provider.
    fn subscription(&self, at: usize) -> String {
        let written = self.plan.written(self.instance(at));
        let provider = written.and_then(|block| block.get("provider_config_key")).and_then(Node::as_str);
        let provider = provider.and_then(|key| key.rsplit(':').next()).unwrap_or("azurerm");
        hole(&format!("{provider}.subscription_id"))
    }

    /// azapi names the parent by its id.
    fn id_below_parent(&self, at: usize, kind: &str, name: &str) -> ResourceId {
        let parent_kind = match kind.rsplit_once('/') {
            Some((parent, _)) if parent.contains('/') => parent,
            _ => kinds::RESOURCE_GROUP,
        };
        let parent = match self.pointer(at, &["parent_id"], parent_kind) {
            Pointer::To(id) => id.to_string(),
            _ => hole(&self.instance(at).attribute("parent_id")),
        };
        match kind.rsplit_once('/') {
            Some((above, segment)) if above.contains('/') => {
                ResourceId::new(format!("{parent}/{segment}/{name}"))
            }
            _ => ResourceId::new(format!("{parent}/providers/{kind}/{name}")),
        }
    }

    /// The resource that an instance is a part of, by the names that it gives for it.
    fn owner(&self, at: usize, kind: &str) -> ResourceId {
        let attribute = match kind {
            kinds::GROUP => "network_security_group",
            kinds::NETWORK => "virtual_network",
            kinds::ROUTES => "route_table",
            kinds::BALANCER => "loadbalancer",
            _ => "api_management",
        };
        let (id, name) = (format!("{attribute}_id"), format!("{attribute}_name"));
        if let Pointer::To(id) = self.pointer(at, &[&id], kind) {
            return id;
        }
        let instance = self.instance(at);
        let own_group = self.group(at);
        let written = instance.values().text(&name).map(escaped);
        if let Some(name) = &written
            && let Some(found) = self.named(kind, &own_group, name)
        {
            return self.id(found);
        }
        let want = Want { kind, among_others: false };
        if let Found::One(found) = self.resolver().attribute(instance, &[&name], want) {
            let same = |one: &str, other: &str| {
                one.eq_ignore_ascii_case(other) || one.contains("${") || other.contains("${")
            };
            let name_fits = written.as_deref().is_none_or(|name| same(name, &self.name(found)));
            if name_fits && same(&own_group, &self.group(found)) {
                return self.id(found);
            }
        }
        // A resource group whose name comes later is new, so whatever is in it comes from this document.
        if let Some(name) = written.as_ref().filter(|_| own_group.contains("${"))
            && let Some([found]) =
                self.in_new_groups.get(&(kind.to_lowercase(), name.to_lowercase())).map(Vec::as_slice)
        {
            return self.id(*found);
        }
        let name = written.unwrap_or_else(|| hole(&instance.attribute(&name)));
        ResourceId::new(format!("{}/providers/{kind}/{name}", self.scope(at)))
    }

    /// The only instance of a type with a name in a resource group.
    fn named(&self, kind: &str, group: &str, name: &str) -> Option<usize> {
        let key = (kind.to_lowercase(), group.to_lowercase(), name.to_lowercase());
        match self.by_name.get(&key).map(Vec::as_slice)? {
            [one] => Some(*one),
            // A data source and what it reads are one resource.
            many => {
                let mut own = many.iter().filter(|at| !self.instance(**at).data);
                own.next().copied().filter(|_| own.next().is_none())
            }
        }
    }

    /// What an attribute with an id points to; `path` as in `Plan::expression`.
    pub(super) fn pointer(&self, at: usize, path: &[&str], kind: &str) -> Pointer {
        let instance = self.instance(at);
        let mut said = Said::Is(instance.values());
        for step in path {
            said = match (said, step.parse::<usize>()) {
                (Said::Is(values), Ok(index)) => {
                    values.items().get(index).map_or(Said::Unset, |item| item.said())
                }
                (Said::Is(values), Err(_)) => values.older(step),
                (other, _) => other,
            };
        }
        self.pointer_of(at, said, path, kind)
    }

    /// The same for a value that was looked up already.
    pub(super) fn pointer_of(&self, at: usize, said: Said<'_>, path: &[&str], kind: &str) -> Pointer {
        let why = match said {
            Said::Unset => return Pointer::Nothing,
            Said::Is(value) => match value.known.and_then(Node::as_str) {
                Some(id) => return Pointer::To(ResourceId::new(id.trim())),
                None => Why::Absent,
            },
            Said::Open(why, _) => why,
        };
        let want = Want { kind, among_others: false };
        match self.resolver().attribute(self.instance(at), path, want) {
            Found::One(found) => Pointer::To(self.id(found)),
            Found::Value(Some(id)) if id.as_str().is_some_and(|id| id.contains("/providers/")) => {
                Pointer::To(ResourceId::new(id.as_str().unwrap_or_default()))
            }
            Found::Value(_) => Pointer::Lost { why, lost: Lost::default() },
            Found::Lost(lost) => Pointer::Lost { why, lost },
        }
    }
}
