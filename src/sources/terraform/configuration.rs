//! The part of a plan that says how values are written: `configuration`, by module and block.
//!
//! No value is read from it, only what an expression refers to, so that resources join whose ids are known
//! only after apply.

use super::kinds::role;
use crate::sources::json::Node;
use std::collections::HashMap;

/// The configuration of one module.
#[derive(Debug, Default)]
pub(super) struct ModuleBlock<'n> {
    /// Those that say something about a network, by address.
    resources: HashMap<&'n str, &'n Node>,
    /// `module_calls` by name.
    pub(super) calls: HashMap<&'n str, &'n Node>,
    /// `outputs` by name.
    pub(super) outputs: Option<&'n Node>,
    /// `variables` by name.
    pub(super) variables: Option<&'n Node>,
}

/// All modules by the names of the calls that lead to them.
#[derive(Debug, Default)]
pub(super) struct Configuration<'n> {
    modules: HashMap<String, ModuleBlock<'n>>,
}

impl<'n> Configuration<'n> {
    pub(super) fn read(root: &'n Node) -> Self {
        let mut configuration = Self::default();
        let mut open: Vec<(String, &Node)> = Vec::new();
        open.extend(root.at(&["configuration", "root_module"]).map(|module| (String::new(), module)));
        while let Some((names, module)) = open.pop() {
            let mut block = ModuleBlock {
                outputs: module.get("outputs"),
                variables: module.get("variables"),
                ..ModuleBlock::default()
            };
            for resource in module.get("resources").map(Node::items).unwrap_or_default() {
                let is_listed = resource.text_under("type").is_none_or(|kind| role(&kind).is_some());
                if is_listed && let Some(address) = resource.get("address").and_then(Node::as_str) {
                    block.resources.insert(address, resource);
                }
            }
            for (name, call) in module.get("module_calls").map(Node::entries).unwrap_or_default() {
                block.calls.insert(name, call);
                let inner = if names.is_empty() { name.to_string() } else { format!("{names}/{name}") };
                open.extend(call.get("module").map(|module| (inner, module)));
            }
            configuration.modules.insert(names, block);
        }
        configuration
    }

    /// Whether the document shows no configuration, as a state.
    pub(super) fn is_empty(&self) -> bool {
        self.modules.is_empty()
    }

    /// A module by the names of the calls.
    pub(super) fn module(&self, names: &str) -> Option<&ModuleBlock<'n>> {
        self.modules.get(names)
    }

    /// A resource block by its module and its address there.
    pub(super) fn resource(&self, names: &str, declaration: &str) -> Option<&'n Node> {
        self.module(names)?.resources.get(declaration).copied()
    }
}
