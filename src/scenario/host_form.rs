//! The parts of a scenario's network that have addresses of their own: interfaces and private endpoints.

use super::fields::{Fields, Spot, texts};
use super::mistake::Mistakes;
use super::yaml::{Entry, Node};
use std::net::IpAddr;

/// A network interface; what is left out comes from the input, or is not there.
#[derive(Clone, Debug)]
pub struct InterfaceForm {
    /// Its name.
    pub name: String,
    /// Its subnet by name.
    pub subnet: Option<Spot<String>>,
    /// Its private addresses, where they are written.
    pub addresses: Option<Vec<Spot<IpAddr>>>,
    /// Its own security group by name.
    pub group: Option<Spot<String>>,
    /// The application security groups that it is a member of, by name.
    pub application_groups: Option<Vec<Spot<String>>>,
    /// Whether it has a public address.
    pub is_public: Option<bool>,
    /// Whether it takes packets that are not for its own address.
    pub forwards: Option<bool>,
}

/// A private endpoint.
#[derive(Clone, Debug)]
pub struct EndpointForm {
    /// Its name.
    pub name: String,
    /// Its subnet by name.
    pub subnet: Option<Spot<String>>,
    /// Its addresses, where they are written.
    pub addresses: Option<Vec<Spot<IpAddr>>>,
}

pub(super) fn interfaces(entries: &[Entry], mistakes: &mut Mistakes) -> Vec<Spot<InterfaceForm>> {
    const KEYS: &[&str] = &["subnet", "address", "nsg", "asgs", "public", "forwards"];
    let one = |entry: &Entry, mistakes: &mut Mistakes| {
        let fields = Fields::of(&entry.value, "a network interface", KEYS, mistakes)?;
        let groups = fields.get("asgs");
        let form = InterfaceForm {
            name: entry.key.clone(),
            subnet: fields.text("subnet", "a subnet's name", mistakes),
            addresses: fields.get("address").map(|node| addresses(node, mistakes)),
            group: fields.text("nsg", "a network security group's name", mistakes),
            application_groups: groups
                .map(|node| texts(node, "an application security group's name", mistakes)),
            is_public: fields.flag("public", mistakes),
            forwards: fields.flag("forwards", mistakes),
        };
        Some(Spot::new(form, &entry.origin))
    };
    entries.iter().filter_map(|entry| one(entry, mistakes)).collect()
}

pub(super) fn endpoints(entries: &[Entry], mistakes: &mut Mistakes) -> Vec<Spot<EndpointForm>> {
    let one = |entry: &Entry, mistakes: &mut Mistakes| {
        let fields = Fields::of(&entry.value, "a private endpoint", &["subnet", "address"], mistakes)?;
        let form = EndpointForm {
            name: entry.key.clone(),
            subnet: fields.text("subnet", "a subnet's name", mistakes),
            addresses: fields.get("address").map(|node| addresses(node, mistakes)),
        };
        Some(Spot::new(form, &entry.origin))
    };
    entries.iter().filter_map(|entry| one(entry, mistakes)).collect()
}

/// One address, or a list of them.
pub(super) fn addresses(node: &Node, mistakes: &mut Mistakes) -> Vec<Spot<IpAddr>> {
    let one = |spot: Spot<String>, mistakes: &mut Mistakes| match spot.value.parse() {
        Ok(address) => Some(Spot::new(address, &spot.origin)),
        Err(_) => mistakes.add(&spot.origin, format!("`{}` is no address, as in 10.0.5.4", spot.value)),
    };
    texts(node, "an address", mistakes).into_iter().filter_map(|spot| one(spot, mistakes)).collect()
}
