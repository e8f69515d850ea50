//! Resources of Azure while they are put together from attributes.

use super::ids::{Ids, Pointer};
use super::references::Lost;
use super::values::{Said, Values, Why, open};
use crate::model::{Fact, Gap, ResourceId};
use crate::sources::Resource;
use crate::sources::json::{Kind, Node, Place};
use std::sync::Arc;

/// A resource of Azure that is not finished yet.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) kind: Arc<str>,
    pub(super) id: ResourceId,
    /// Azure's keys and values.
    pub(super) body: Vec<(Arc<str>, Node)>,
    pub(super) place: Place,
    /// Whether others deploy it.
    pub(super) existing: bool,
    /// The address in Terraform.
    pub(super) address: Arc<str>,
}

impl Draft {
    /// Sets a key, in place of what it said before.
    pub(super) fn set(&mut self, key: &str, value: Node) {
        self.body.retain(|(name, _)| !name.eq_ignore_ascii_case(key));
        self.body.push((key.into(), value));
    }

    /// What a key says.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.body.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
    }

    pub(super) fn finish(self) -> Resource {
        let text = self.id.names().join("/");
        let name = Node::new(text_kind(text, "the name"), self.place.clone());
        Resource {
            kind: self.kind.to_string(),
            origin: self.place.origin(),
            document: self.place.origin().file,
            body: Node::new(Kind::object(self.body), self.place),
            id: self.id,
            name,
            exists: Fact::Known(true),
            existing: self.existing,
        }
    }
}

/// A text, a symbol where it has open parts.
fn text_kind(text: String, what: &str) -> Kind {
    if !text.contains("${") {
        return Kind::string(text);
    }
    let gap = Gap::new(format!("{what} `{text}`, parts of which are known only after apply"));
    Kind::symbol(text, gap)
}

/// An object with an id.
pub(super) fn id_object(id: &ResourceId, place: &Place) -> Node {
    id_under("id", id, place)
}

/// An object with an id under a key.
pub(super) fn id_under(key: &str, id: &ResourceId, place: &Place) -> Node {
    let id = Node::new(text_kind(id.to_string(), "the id"), place.clone());
    Node::new(Kind::object(vec![(key.into(), id)]), place.clone())
}

/// A value that cannot be told, with what would have told it.
pub(super) fn lost_node(address: &str, why: Why, lost: &Lost, place: &Place) -> Node {
    let gap = why.gap(address);
    let gap = match &*lost.why {
        "" => gap,
        reason => Gap::new(format!("{}: {reason}", gap.missing())),
    };
    Node::new(Kind::unknown(super::values::inside_hole(address), gap), place.clone())
}

/// Puts one resource together from the attributes of an instance.
pub(super) struct Writer<'d, 'p, 'w> {
    pub(super) ids: &'w Ids<'d, 'p>,
    pub(super) at: usize,
    pub(super) place: Place,
    pub(super) body: Vec<(Arc<str>, Node)>,
}

impl<'d: 'p, 'p: 'w, 'w> Writer<'d, 'p, 'w> {
    pub(super) fn new(ids: &'w Ids<'d, 'p>, at: usize) -> Self {
        Self { ids, at, place: ids.instance(at).place.clone(), body: Vec::new() }
    }

    pub(super) fn values(&self) -> Values<'p> {
        self.ids.instance(self.at).values()
    }

    pub(super) fn address(&self, attribute: &str) -> String {
        self.ids.instance(self.at).attribute(attribute)
    }

    pub(super) fn put(&mut self, key: &str, value: Node) {
        self.body.push((key.into(), value));
    }

    /// Copies what an attribute says to Azure's key.
    pub(super) fn copy(&mut self, key: &str, attribute: &str) {
        let said = self.values().get(attribute);
        self.say(key, said, attribute);
    }

    /// The same for an attribute that not every generation of the provider has. Returns whether it said
    /// anything.
    pub(super) fn copy_older(&mut self, key: &str, attribute: &str) -> bool {
        let said = self.values().older(attribute);
        let says = !matches!(said, Said::Unset);
        self.say(key, said, attribute);
        says
    }

    /// The same for an attribute that Azure or the provider fills in where it is left out: what comes later
    /// then is Azure's own default, which is no news.
    pub(super) fn copy_written(&mut self, key: &str, attribute: &str) -> bool {
        let instance = self.ids.instance(self.at);
        !self.ids.plan.is_computed(instance, attribute) && self.copy_older(key, attribute)
    }

    fn say(&mut self, key: &str, said: Said<'_>, attribute: &str) {
        let address = self.address(attribute);
        self.body.extend(node_of(said, &address, &self.place).map(|node| (key.into(), node)));
    }

    /// Copies a reference: an id in an attribute becomes an object with it.
    pub(super) fn refer(&mut self, key: &str, inner: &str, path: &[&str], kind: &str) {
        let pointer = self.ids.pointer(self.at, path, kind);
        let address = self.address(&path.join("."));
        let place = self.place_of(path);
        self.body.extend(pointed(pointer, inner, &address, &place).map(|node| (key.into(), node)));
    }

    /// The blocks of a kind as a list of Azure's, each translated.
    pub(super) fn list(
        &mut self,
        key: &str,
        attribute: &str,
        item: impl Fn(&Self, (usize, Values<'p>)) -> Node,
    ) {
        match self.values().get(attribute) {
            Said::Is(list) => {
                let place = place_or(list, &self.place);
                let items = list.items().into_iter().enumerate().map(|one| item(self, one)).collect();
                self.put(key, Node::new(Kind::array(items), place));
            }
            _ => self.copy(key, attribute),
        }
    }

    /// The entry of a reference inside a block; `path` ends with the attribute.
    pub(super) fn referred(
        &self,
        key: &str,
        block: Values<'p>,
        path: &[&str],
        kind: &str,
    ) -> Option<(Arc<str>, Node)> {
        let attribute = path.last()?;
        let pointer = self.ids.pointer_of(self.at, block.older(attribute), path, kind);
        let address = match path {
            [list, at, attribute] => format!("{}[{at}].{attribute}", self.address(list)),
            _ => self.address(attribute),
        };
        let node = pointed(pointer, "id", &address, &place_or(block, &self.place))?;
        Some((Arc::from(key), node))
    }

    /// The place of an attribute, else of the resource.
    pub(super) fn place_of(&self, path: &[&str]) -> Place {
        let mut node = self.values().known;
        for step in path {
            node = node.and_then(|node| match step.parse::<usize>() {
                Ok(index) => node.items().get(index),
                Err(_) => node.get(step),
            });
        }
        node.map_or(&self.place, Node::place).clone()
    }

    pub(super) fn finish(self) -> Draft {
        let instance = self.ids.instance(self.at);
        Draft {
            kind: self.ids.kind(self.at).cloned().unwrap_or_else(|| "".into()),
            id: self.ids.id(self.at),
            body: self.body,
            place: self.place,
            existing: instance.data,
            address: Arc::clone(&instance.address),
        }
    }
}

/// The node of a pointer: an object with the id; nothing where nothing is said.
pub(super) fn pointed(pointer: Pointer, inner: &str, address: &str, place: &Place) -> Option<Node> {
    match pointer {
        Pointer::Nothing => None,
        Pointer::To(id) => Some(id_under(inner, &id, place)),
        Pointer::Lost { why, lost } => Some(lost_node(address, why, &lost, place)),
    }
}

/// The node of what is said; nothing where nothing is.
pub(super) fn node_of(said: Said<'_>, address: &str, place: &Place) -> Option<Node> {
    match said {
        Said::Unset => None,
        Said::Open(why, at) => Some(open(why, address, at.map_or(place, Node::place))),
        Said::Is(values) => Some(values.settle(address, place)),
    }
}

/// The entries of a block by Azure's keys.
pub(super) fn entries(
    values: Values<'_>,
    names: &[(&str, &str)],
    address: &str,
    place: &Place,
) -> Vec<(Arc<str>, Node)> {
    let entry = |(key, attribute): &(&str, &str)| {
        let node = match values.get(attribute) {
            Said::Unset => return None,
            Said::Is(Values { known: Some(known), unknown: None, .. }) => known.clone(),
            said => node_of(said, &format!("{address}.{attribute}"), place)?,
        };
        Some((Arc::from(*key), node))
    };
    names.iter().filter_map(entry).collect()
}

/// The place of a value, else another.
pub(super) fn place_or(values: Values<'_>, place: &Place) -> Place {
    values.known.map_or(place, Node::place).clone()
}
