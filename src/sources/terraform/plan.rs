//! A document with the ways to look things up in it.

use super::address::{Index, Module};
use super::configuration::Configuration;
use super::document::{Document, Instance};
use super::values::{Said, Why};
use crate::sources::json::Node;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Instances by address, and the configuration that made them.
#[derive(Debug)]
pub(super) struct Plan<'d> {
    pub(super) instances: &'d [Instance],
    pub(super) configuration: Configuration<'d>,
    /// Values of the root module's variables.
    variables: Option<&'d Node>,
    /// Instances by module instance and block.
    by_block: HashMap<(String, String), Vec<usize>>,
    /// Instances of a module by the module instance that calls it and the call's name.
    by_call: HashMap<(String, Arc<str>), Vec<Option<Index>>>,
    modules: HashSet<Module>,
    /// Instances by the first of their block and their key.
    by_index: HashMap<(usize, Index), usize>,
    /// Instances with a key by the first of their block and their name in Azure.
    by_name: HashMap<usize, HashMap<&'d str, Vec<usize>>>,
    /// Subnets of their own by their names in lower case.
    subnets: HashMap<String, Vec<usize>>,
}

impl<'d> Plan<'d> {
    pub(super) fn new(root: &'d Node, document: &'d Document) -> Self {
        let mut plan = Self {
            instances: &document.instances,
            configuration: Configuration::read(root),
            variables: root.get("variables"),
            by_block: HashMap::new(),
            by_call: HashMap::new(),
            modules: HashSet::new(),
            by_index: HashMap::new(),
            by_name: HashMap::new(),
            subnets: HashMap::new(),
        };
        for (at, instance) in document.instances.iter().enumerate() {
            let key = (instance.module.to_string(), instance.declaration());
            let is_new_module = !plan.by_block.contains_key(&key);
            let block = plan.by_block.entry(key).or_default();
            block.push(at);
            let first = block[0];
            if let Some(index) = &instance.index {
                plan.by_index.entry((first, index.clone())).or_insert(at);
                if let Some(name) = instance.values().text("name") {
                    plan.by_name.entry(first).or_default().entry(name).or_default().push(at);
                }
            }
            if &*instance.kind == "azurerm_subnet"
                && !instance.data
                && let Some(name) = instance.values().text("name")
            {
                plan.subnets.entry(name.to_lowercase()).or_default().push(at);
            }
            if is_new_module {
                plan.note_module(&instance.module);
            }
        }
        plan
    }

    fn note_module(&mut self, module: &Module) {
        let mut inner = module.clone();
        while let Some((around, name, index)) = inner.call() {
            if self.modules.contains(&inner) {
                return;
            }
            let known = self.by_call.entry((around.to_string(), Arc::clone(name))).or_default();
            known.push(index.cloned());
            let next = around;
            self.modules.insert(inner);
            inner = next;
        }
    }

    /// The instances of a block in a module instance.
    pub(super) fn block(&self, module: &Module, declaration: &str) -> &[usize] {
        let key = (module.to_string(), declaration.to_owned());
        self.by_block.get(&key).map(Vec::as_slice).unwrap_or_default()
    }

    /// The instance of a block with a key; `first` is the block's first instance.
    pub(super) fn instance(&self, first: usize, index: &Index) -> Option<usize> {
        self.by_index.get(&(first, index.clone())).copied()
    }

    /// The instances of a block with a name in Azure.
    pub(super) fn instances_named(&self, first: usize, name: &str) -> &[usize] {
        let names = self.by_name.get(&first);
        names.and_then(|names| names.get(name)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The one subnet of a network with a name.
    pub(super) fn subnet_of(&self, network: &Instance, name: &str) -> Option<usize> {
        let same = |one: Option<&str>, other: Option<&str>| {
            one.is_some_and(|one| other.is_some_and(|other| one.eq_ignore_ascii_case(other)))
        };
        let (owner, group) = (network.values().text("name"), network.values().text("resource_group_name"));
        let is_inside = |at: &&usize| {
            let subnet = self.instances[**at].values();
            same(subnet.text("virtual_network_name"), owner)
                && same(subnet.text("resource_group_name"), group)
        };
        let mut found = self.subnets.get(&name.to_lowercase())?.iter().filter(is_inside);
        found.next().copied().filter(|_| found.next().is_none())
    }

    /// The instances of a module that another calls by a name.
    pub(super) fn calls(&self, around: &Module, name: &Arc<str>) -> &[Option<Index>] {
        let key = (around.to_string(), Arc::clone(name));
        self.by_call.get(&key).map(Vec::as_slice).unwrap_or_default()
    }

    /// The value of a variable of the root module, as given or by default.
    pub(super) fn variable(&self, name: &str) -> Option<&'d Node> {
        let given = self.variables.and_then(|all| all.get(name)).and_then(|one| one.get("value"));
        given.or_else(|| self.configuration.module("")?.variables?.at(&[name, "default"]))
    }

    /// How a resource is written.
    pub(super) fn written(&self, instance: &Instance) -> Option<&'d Node> {
        self.configuration.resource(&instance.module.names(), &instance.declaration())
    }

    /// The expression of an attribute, which may stand in blocks: `["ip_configuration", "0", "subnet_id"]`.
    pub(super) fn expression(&self, instance: &Instance, path: &[&str]) -> Option<&'d Node> {
        let expressions = self.written(instance)?.get("expressions")?;
        path.iter().try_fold(expressions, |node, step| match step.parse::<usize>() {
            Ok(index) if node.as_array().is_some() => node.items().get(index),
            // A block that may stand once is an object without a number.
            Ok(0) if node.get("references").is_none() => Some(node),
            Ok(_) => None,
            Err(_) => node.as_object()?.exact(step),
        })
    }

    /// Which block of the configuration made an item of a set. A set has no order: a plan lists its items by
    /// their hashes, the configuration as they are written, so that only what is written out in a block, its
    /// name at best, tells which is which.
    pub(super) fn block_of_set(&self, instance: &Instance, name: &str, item: &Node) -> Option<usize> {
        let written = self.expression(instance, &[name])?;
        let blocks = written.as_array().map_or(std::slice::from_ref(written), |_| written.items());
        let constant = |block: &'d Node, key: &str| block.get(key)?.get("constant_value");
        let agrees = |block: &&Node| {
            block.entries().iter().all(|(key, expression)| {
                let said = expression.get("constant_value").filter(|said| is_plain(said));
                said.is_none_or(|said| item.get(key).is_some_and(|known| is_same(said, known)))
            })
        };
        let mut able = blocks.iter().enumerate().filter(|(_, block)| agrees(block));
        let (at, block) = able.next()?;
        // Blocks that `dynamic` makes do not show, so one that does not say its name is sure only if all do.
        let shown = match instance.values().older(name) {
            Said::Is(all) => all.items().len(),
            _ => 0,
        };
        let is_sure = constant(block, "name").is_some() || shown == blocks.len();
        (able.next().is_none() && is_sure).then_some(at)
    }

    /// Whether Azure or the provider fills an attribute in: it comes later, and the configuration does not
    /// set it. Blocks that are made by `dynamic` do not show in a configuration, so for those this is open.
    pub(super) fn is_computed(&self, instance: &Instance, name: &str) -> bool {
        let is_later = matches!(instance.values().get(name), Said::Open(Why::Later, _));
        let written = self.written(instance).and_then(|block| block.get("expressions"));
        is_later && written.is_some_and(|written| written.get(name).is_none())
    }
}

/// A text or a list of texts, which the provider hands back as it was written.
fn is_plain(node: &Node) -> bool {
    node.as_str().is_some()
        || (node.as_array().is_some() && node.items().iter().all(|item| item.as_str().is_some()))
}

fn is_same(one: &Node, other: &Node) -> bool {
    let texts = |node: &Node| {
        node.items().iter().map(Node::as_str).map(|text| text.map(str::to_owned)).collect::<HashSet<_>>()
    };
    match (one.as_str(), other.as_str()) {
        (Some(one), Some(other)) => one == other,
        (None, None) => texts(one) == texts(other),
        _ => false,
    }
}
