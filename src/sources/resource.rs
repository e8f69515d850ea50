//! A resource of Azure, whatever form it was written in: what every reader gives and the builder of the
//! network takes.

use super::json::Node;
use crate::model::{Fact, Origin, ResourceId};
use std::sync::Arc;

/// The most resources of one file that a network is made of. Each takes some kilobytes until then, and the file
/// as few as fifty bytes.
pub(super) const MAX_RESOURCES: usize = 100_000;

/// One resource, in the words and shape of Azure's own API.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The full type, as in `Microsoft.Network/virtualNetworks/subnets`.
    pub kind: String,
    /// The id, as `resourceId` writes it.
    pub id: ResourceId,
    /// The full name, with the parent's before it: `vnet/subnet`.
    pub name: Node,
    /// The object without what only steers the deployment (`condition`, `copy`, `dependsOn`, `resources`);
    /// all expressions replaced. For a nested deployment `properties` holds its `outputs` only.
    pub body: Node,
    /// Whether it is deployed; one that is not is left out.
    pub exists: Fact<bool>,
    /// Whether it is only referred to and deployed by others.
    pub existing: bool,
    /// Where it is declared.
    pub origin: Origin,
    /// The file that was read: for what a linked template declares, the one that links it.
    pub document: Arc<str>,
}

impl Resource {
    /// Whether it is a deployment whose template was read: its resources are among the others.
    pub(super) fn is_unfolded(&self) -> bool {
        let properties = self.body.get("properties").map(Node::entries).unwrap_or_default();
        self.kind.eq_ignore_ascii_case("Microsoft.Resources/deployments")
            && matches!(properties, [(key, _)] if &**key == "outputs")
    }
}
