//! Every form in which Terraform shows resources, to a list of their instances.
//!
//! | form | where the values stand |
//! | --- | --- |
//! | plan | `planned_values`, what is not known yet in `resource_changes` |
//! | plan with changes only | `resource_changes[].change.after` |
//! | state by `terraform show -json` | `values` |
//! | a list of such resources, as policy tools pass them on | the items |
//! | raw state 4 | `resources[].instances[].attributes` |
//! | raw state 3 and older | `modules[].resources`, attributes flat |
//!
//! Each resource is taken from one place only; `prior_state` and `configuration` hold no resources of the
//! result.

use super::address::{Index, Module, Own};
use super::flat::unflatten;
use super::kinds::{Role, is_azure, role};
use super::values::Values;
use crate::sources::json::{Node, Place};
use crate::sources::resource::MAX_RESOURCES;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// One instance of a resource that says something about a network.
#[derive(Debug)]
pub(super) struct Instance {
    /// The whole address.
    pub(super) address: Arc<str>,
    pub(super) module: Module,
    pub(super) kind: Arc<str>,
    pub(super) name: Arc<str>,
    pub(super) index: Option<Index>,
    pub(super) role: Role,
    /// Whether it is a data source: deployed by others.
    pub(super) data: bool,
    values: Option<Node>,
    unknown: Option<Node>,
    sensitive: Option<Node>,
    partial: bool,
    /// Where it stands.
    pub(super) place: Place,
    /// Where what is not known of it stands.
    pub(super) change: Option<Place>,
    /// Whether the plan leaves it as it is.
    pub(super) untouched: bool,
}

impl Instance {
    /// Its attributes.
    pub(super) fn values(&self) -> Values<'_> {
        Values {
            known: self.values.as_ref(),
            unknown: self.unknown.as_ref(),
            sensitive: self.sensitive.as_ref(),
            partial: self.partial,
        }
    }

    /// The address of one of its attributes.
    pub(super) fn attribute(&self, name: &str) -> String {
        format!("{}.{name}", self.address)
    }

    /// The address without the instance's key, as configurations have it, inside its module.
    pub(super) fn declaration(&self) -> String {
        declaration(self.data, &self.kind, &self.name)
    }
}

/// The address of a resource block inside its module.
pub(super) fn declaration(data: bool, kind: &str, name: &str) -> String {
    if data { format!("data.{kind}.{name}") } else { format!("{kind}.{name}") }
}

/// All instances of a document, and how many resources it holds besides.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) instances: Vec<Instance>,
    /// Resources of any provider.
    pub(super) resources: usize,
    /// Those of the providers for Azure.
    pub(super) of_azure: usize,
    pub(super) deleted: Deleted,
}

/// What a plan deletes: others, which Terraform read it back into, still show it.
#[derive(Debug, Default)]
pub(super) struct Deleted {
    /// Rules and routes, by [`part`].
    pub(super) parts: HashSet<String>,
    /// Subnets by their ids in lower case.
    pub(super) subnets: HashSet<String>,
    /// Subnets from which a group or a route table is taken: type of the association and id in lower case.
    pub(super) links: HashSet<(String, String)>,
}

/// What tells a rule or route that is part of another resource: resource group, owner and name.
pub(super) fn part(group: &str, owner: &str, name: &str) -> String {
    format!("{group}/{owner}/{name}").to_lowercase()
}

/// Whether a document is a list of resources as plans hold them.
pub fn is_list(root: &Node) -> bool {
    listed(root).is_some()
}

fn listed(root: &Node) -> Option<&[Node]> {
    let inner = || root.get("result")?.items().first()?.get("expressions")?.items().first()?.get("value");
    let items = root.as_array().or_else(|| inner()?.as_array())?;
    let first = items.first()?;
    let is_resource = first.get("address").and_then(Node::as_str).is_some()
        && first.get("type").is_some_and(|kind| kind.as_str().is_some_and(|kind| !kind.contains('/')))
        && (first.get("values").is_some() || first.get("change").is_some());
    is_resource.then_some(items)
}

/// Reads a document.
pub(super) fn read(root: &Node) -> Document {
    let mut reader = Reader { document: Document::default(), changes: HashMap::new(), whole: true };
    let changes = root.get("resource_changes").map(Node::items).unwrap_or_default();
    if let Some(module) = root.at(&["planned_values", "root_module"]) {
        reader.whole = root.get("resource_changes").is_some();
        for change in changes.iter().filter(|change| is_listed(change)) {
            reader.deleted(change);
            if let Some(address) = change.get("address").and_then(Node::as_str).filter(|_| is_current(change))
            {
                reader.changes.insert(address.to_owned(), change.clone());
            }
        }
        reader.module(module, &Module::default());
        changes.iter().filter(|change| is_listed(change)).for_each(|change| reader.forgotten(change));
    } else if !changes.is_empty() {
        changes.iter().for_each(|change| reader.change(change));
    } else if let Some(module) = root.at(&["values", "root_module"]) {
        reader.module(module, &Module::default());
    } else if let Some(items) = listed(root) {
        reader.whole = false;
        for item in items {
            if item.get("change").is_some() { reader.change(item) } else { reader.resource(item, None) }
        }
    } else if let Some(resources) = root.get("resources").and_then(Node::as_array) {
        resources.iter().for_each(|resource| reader.state_resource(resource));
    } else {
        root.get("modules").map(Node::items).unwrap_or_default().iter().for_each(|m| reader.old_module(m));
    }
    reader.document
}

/// Whether the type of a resource or change is looked at.
fn is_listed(node: &Node) -> bool {
    node.text_under("type").is_some_and(|kind| role(&kind).is_some())
}

/// An object that was replaced and not yet destroyed is none of the result.
fn is_current(change: &Node) -> bool {
    change.get("deposed").is_none_or(Node::is_null)
}

struct Reader {
    document: Document,
    changes: HashMap<String, Node>,
    /// Whether a value that is not there is not set.
    whole: bool,
}

/// Where a resource stands and what it is called.
struct Named {
    module: Module,
    kind: Arc<str>,
    name: Arc<str>,
    index: Option<Index>,
    data: bool,
}

impl Reader {
    fn module(&mut self, module: &Node, path: &Module) {
        for resource in module.get("resources").map(Node::items).unwrap_or_default() {
            self.resource(resource, Some(path));
        }
        for child in module.get("child_modules").map(Node::items).unwrap_or_default() {
            let address = child.get("address").and_then(Node::as_str).unwrap_or_default();
            // Without a readable address the resources' own tell where they stand.
            let path = Module::parse(address).filter(|path| path.depth() > 0);
            self.module(child, path.as_ref().unwrap_or(&Module::default()));
        }
    }

    /// A resource with `values`.
    fn resource(&mut self, node: &Node, module: Option<&Module>) {
        let Some(named) = self.named(node, module) else { return };
        let change = node.get("address").and_then(Node::as_str).and_then(|address| self.changes.get(address));
        let change = change.cloned();
        let said = |key: &str| change.as_ref().and_then(|change| change.at(&["change", key]).cloned());
        let sensitive = node.get("sensitive_values").cloned().or_else(|| said("after_sensitive"));
        let values = node.get("values").cloned();
        let unknown = said("after_unknown");
        // Without its change nothing tells what comes later.
        let partial = !self.whole || (!self.changes.is_empty() && change.is_none());
        self.add(named, node, values, unknown, sensitive, partial);
        if let (Some(instance), Some(change)) = (self.document.instances.last_mut(), &change) {
            instance.change = Some(change.place().clone());
            instance.untouched = change.get("change").is_some_and(leaves);
        }
    }

    /// A resource as it is after a change.
    fn change(&mut self, node: &Node) {
        self.deleted(node);
        let Some(change) = node.get("change").filter(|_| is_current(node)) else { return };
        if forgets(change) {
            return self.forgotten(node);
        }
        if deletes(change) {
            return;
        }
        let Some(named) = self.changed(node) else { return };
        let said = |key: &str| change.get(key).cloned();
        let values = said("after").filter(|after| !after.is_null());
        // A change that was cut down does not tell what comes later.
        let partial = change.get("after_unknown").is_none();
        self.add(named, node, values, said("after_unknown"), said("after_sensitive"), partial);
        if let Some(instance) = self.document.instances.last_mut() {
            instance.untouched = leaves(change);
        }
    }

    fn changed(&mut self, node: &Node) -> Option<Named> {
        let module = node.get("module_address").and_then(Node::as_str).and_then(Module::parse);
        self.named(node, module.as_ref())
    }

    /// What Terraform forgets (`removed` with `destroy = false`) stays in Azure as it was.
    fn forgotten(&mut self, node: &Node) {
        let Some(change) = node.get("change").filter(|change| is_current(node) && forgets(change)) else {
            return;
        };
        let Some(before) = change.get("before").filter(|before| before.as_object().is_some()) else { return };
        if let Some(named) = self.changed(node) {
            self.add(named, node, Some(before.clone()), None, change.get("before_sensitive").cloned(), false);
        }
    }

    /// Remembers what the plan deletes.
    fn deleted(&mut self, node: &Node) {
        let Some(kind) = node.get("type").and_then(Node::as_str) else { return };
        let Some(change) = node.get("change").filter(|change| is_current(node) && deletes(change)) else {
            return;
        };
        let before = |key: &str| change.at(&["before", key]).and_then(Node::as_str).unwrap_or_default();
        let deleted = &mut self.document.deleted;
        let group = before("resource_group_name");
        match kind {
            "azurerm_network_security_rule" => {
                deleted.parts.insert(part(group, before("network_security_group_name"), before("name")));
            }
            "azurerm_route" => {
                deleted.parts.insert(part(group, before("route_table_name"), before("name")));
            }
            "azurerm_subnet" => {
                deleted.subnets.insert(before("id").to_lowercase());
            }
            _ if matches!(role(kind), Some(Role::SubnetGroup | Role::SubnetRoutes)) => {
                deleted.links.insert((kind.to_owned(), before("subnet_id").to_lowercase()));
            }
            _ => {}
        }
    }

    /// A resource of a raw state, with all its instances.
    fn state_resource(&mut self, node: &Node) {
        for instance in node.get("instances").map(Node::items).unwrap_or_default() {
            if !is_current(instance) {
                continue;
            }
            let module = node.get("module").and_then(Node::as_str).and_then(Module::parse);
            let Some(mut named) = self.named(node, Some(&module.unwrap_or_default())) else { continue };
            named.index = instance.get("index_key").and_then(Index::of);
            let flat = || instance.get("attributes_flat").map(unflatten);
            let values = instance.get("attributes").cloned().filter(|values| !values.is_null()).or_else(flat);
            self.add(named, instance, values, None, None, false);
        }
    }

    /// A module of a state before version 4.
    fn old_module(&mut self, module: &Node) {
        let mut path = Module::default();
        for name in module.get("path").map(Node::items).unwrap_or_default().iter().skip(1) {
            path = path.child(&name.as_str().unwrap_or_default().into(), None);
        }
        for (key, node) in module.get("resources").map(Node::entries).unwrap_or_default() {
            let rest = key.strip_prefix("data.");
            let data = rest.is_some();
            let mut parts = rest.unwrap_or(key).split('.');
            let kind: Arc<str> = parts.next().unwrap_or_default().into();
            if !self.count(&kind) {
                continue;
            }
            let name: Arc<str> = parts.next().unwrap_or_default().into();
            let index = parts.next().and_then(|text| text.parse().ok()).map(Index::Number);
            let Some(attributes) = node.at(&["primary", "attributes"]) else { continue };
            let named = Named { module: path.clone(), kind, name, index, data };
            self.add(named, node, Some(unflatten(attributes)), None, None, false);
        }
    }

    /// Counts a resource; false where it says nothing about a network.
    fn count(&mut self, kind: &str) -> bool {
        self.document.resources += 1;
        self.document.of_azure += usize::from(is_azure(kind));
        role(kind).is_some()
    }

    /// The name of a resource that is looked at.
    fn named(&mut self, node: &Node, module: Option<&Module>) -> Option<Named> {
        // Most resources of a plan say nothing about a network.
        let kind = &*node.text_under("type")?;
        if !self.count(kind) {
            return None;
        }
        // What was cut down for a policy tool has mode, name and key in the address alone.
        let address = || node.text_under("address").and_then(|address| Own::of(&address, kind));
        let own = if node.get("name").is_none() { address() } else { None };
        let name = match &own {
            Some(own) => Arc::clone(&own.name),
            None => node.get("name").and_then(Node::as_str)?.into(),
        };
        let is_data = own.as_ref().is_some_and(|own| own.data);
        let data = is_data || node.get("mode").and_then(Node::as_str) == Some("data");
        let module = match module {
            Some(module) if module.depth() > 0 => module.clone(),
            _ => module_of(node, kind, data).unwrap_or_default(),
        };
        let index = node.get("index").and_then(Index::of).or_else(|| own?.index);
        Some(Named { module, kind: kind.into(), name, index, data })
    }

    fn add(
        &mut self,
        named: Named,
        at: &Node,
        values: Option<Node>,
        unknown: Option<Node>,
        sensitive: Option<Node>,
        partial: bool,
    ) {
        let Named { module, kind, name, index, data } = named;
        let Some(role) = role(&kind) else { return };
        if self.document.instances.len() > MAX_RESOURCES {
            return;
        }
        let mut address = module.address(&declaration(data, &kind, &name));
        if let Some(index) = &index {
            address.push_str(&index.to_string());
        }
        self.document.instances.push(Instance {
            address: address.into(),
            module,
            kind,
            name,
            index,
            role,
            data,
            values,
            unknown,
            sensitive,
            partial,
            place: at.place().clone(),
            change: None,
            untouched: true,
        });
    }
}

/// The module in a resource's own address, where nothing else tells it.
fn module_of(node: &Node, kind: &str, data: bool) -> Option<Module> {
    let address = node.get("address").and_then(Node::as_str)?;
    let inside = if data { format!(".data.{kind}.") } else { format!(".{kind}.") };
    Module::parse(&address[..address.find(&inside)?])
}

fn actions(change: &Node) -> impl Iterator<Item = &str> {
    change.get("actions").map(Node::items).unwrap_or_default().iter().filter_map(Node::as_str)
}

/// Whether a change leaves everything as it is.
fn leaves(change: &Node) -> bool {
    actions(change).all(|action| matches!(action, "no-op" | "read"))
}

/// Whether Terraform only stops to look after a resource.
fn forgets(change: &Node) -> bool {
    only(change, "forget")
}

/// Whether a change only deletes.
fn deletes(change: &Node) -> bool {
    only(change, "delete")
}

fn only(change: &Node, wanted: &str) -> bool {
    let mut actions = actions(change).peekable();
    actions.peek().is_some() && actions.all(|action| action == wanted)
}

/// How many resources a plan deletes and does not make again.
pub(super) fn deleted_alone(plan: &Node) -> usize {
    let changes = plan.get("resource_changes").map(Node::items).unwrap_or_default();
    changes.iter().filter_map(|node| node.get("change")).filter(|change| deletes(change)).count()
}
