//! Private endpoints: a subnet, and addresses from whichever of three places shows them.

use super::interfaces::{address, joined, parsed};
use super::twice::{Declared, Each, Second};
use super::{doubt, of_kind};
use crate::model::{Fact, Gap, ResourceId};
use crate::network::{Interface, IpConfiguration, PrivateEndpoint};
use crate::sources::Resource;
use crate::sources::values::{Faults, Value, direct, field};
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

const ENDPOINT: &str = "Microsoft.Network/privateEndpoints";

/// Private endpoints, and what the interfaces of the input say about them.
pub(super) struct Endpoints {
    pub(super) endpoints: Vec<PrivateEndpoint>,
    /// Each endpoint that joins application security groups, as if it were an interface.
    pub(super) members: Vec<Interface>,
    /// The keys of the interfaces that are an endpoint's.
    pub(super) interfaces: HashSet<String>,
}

pub(super) fn read(resources: &[Resource], interfaces: &[Interface], faults: &mut Faults) -> Endpoints {
    let by_id: HashMap<String, &Interface> = interfaces.iter().map(|one| (one.id.key(), one)).collect();
    let mut endpoints = Each::new();
    let mut read = Endpoints {
        endpoints: Vec::new(),
        members: Vec::new(),
        interfaces: super::interfaces::of_endpoints(resources),
    };
    for resource in of_kind(resources, ENDPOINT) {
        let name = resource.id.name();
        let own = own_interfaces(resource, faults);
        read.interfaces.extend(own.iter().map(ResourceId::key));
        let not_deployed = doubt(resource, "private endpoint");
        let stated = faults.reference(field(&resource.body, "subnet"), "subnet", name);
        let subnet = stated.or(|| {
            Fact::Unknown(
                Gap::new(format!("the subnet of the private endpoint `{name}`")).at(&resource.origin),
            )
        });
        let addresses = addresses(resource, &own, &by_id, faults);
        let (subnet, addresses) = match &not_deployed {
            Some(gap) => (Fact::Unknown(gap.clone()), Fact::Unknown(gap.clone())),
            None => (subnet, addresses),
        };
        let endpoint =
            PrivateEndpoint { id: resource.id.clone(), subnet, addresses, origin: resource.origin.clone() };
        let by = Declared::by(resource);
        let known = endpoints.declared(&endpoint.id);
        if known.is_some() && by.is_bare() {
            continue;
        }
        if known.is_some_and(Declared::is_bare) {
            read.members.retain(|member| member.id != endpoint.id);
        }
        let groups = joined(&resource.body, name, faults);
        if groups.known().is_none_or(|groups| !groups.is_empty()) {
            read.members.push(member(&endpoint, &groups, not_deployed));
        }
        let Some((endpoint, earlier, known)) = endpoints.add(&resource.id, &by, endpoint) else { continue };
        match Second::of(known, &by, "private endpoint", name) {
            Second::Ignored => {}
            Second::Taken => {
                *known = by;
                // The one with addresses says more.
                if endpoint.addresses.known().is_some() || earlier.addresses.known().is_none() {
                    *earlier = endpoint;
                }
            }
            Second::Weighed(mut pair) => {
                earlier.subnet = pair.weigh("the subnet", earlier.subnet.clone(), endpoint.subnet);
                earlier.addresses = match (earlier.addresses.clone(), endpoint.addresses) {
                    // Azure chooses an address that nobody writes, so only an answer shows it.
                    (known @ Fact::Known(_), Fact::Unknown(_))
                    | (Fact::Unknown(_), known @ Fact::Known(_))
                        if earlier.subnet.known().is_some() =>
                    {
                        known
                    }
                    (one, other) => pair.weigh_list("the addresses", one, other),
                };
                if let Some(gap) = pair.gap() {
                    // What it adds to groups hangs on what they say differently.
                    let members = read.members.iter_mut().filter(|member| member.id == earlier.id);
                    members.for_each(|member| member.doubt = Some(gap.clone()));
                }
                *known = pair.finish(faults);
            }
        }
    }
    read.endpoints = endpoints.into_items();
    read
}

/// The interfaces that Azure made for an endpoint.
fn own_interfaces(resource: &Resource, faults: &mut Faults) -> Vec<ResourceId> {
    const KEY: &str = "networkInterfaces";
    let Value::Is((items, _)) = faults.list(field(&resource.body, KEY), KEY, resource.id.name()) else {
        return Vec::new();
    };
    items.iter().filter_map(|item| faults.id(direct(item, "id"), KEY, resource.id.name()).is()).collect()
}

/// Where the addresses stand: those that people chose, those that Azure gives for DNS, those of the interface.
fn addresses(
    resource: &Resource,
    own: &[ResourceId],
    interfaces: &HashMap<String, &Interface>,
    faults: &mut Faults,
) -> Fact<Vec<IpAddr>> {
    let chosen = chosen(resource, faults);
    if let Some(known @ Fact::Known(_)) = chosen {
        return known;
    }
    if let Some(known) = for_dns(resource, faults) {
        return Fact::Known(known);
    }
    let of_one = |id: &ResourceId| {
        let one = interfaces.get(&id.key()).filter(|one| one.doubt.is_none())?;
        one.configurations.iter().map(|part| part.address.known().copied()).collect::<Option<Vec<IpAddr>>>()
    };
    let shown: Option<Vec<Vec<IpAddr>>> = own.iter().map(of_one).collect();
    let shown: Vec<IpAddr> = shown.into_iter().flatten().flatten().collect();
    if !shown.is_empty() {
        return Fact::Known(shown);
    }
    chosen.unwrap_or_else(|| {
        let gap = Gap::new(format!("the address of the private endpoint `{}`", resource.id.name()));
        let gap = gap.at(&resource.origin);
        Fact::Unknown(match own {
            [id, ..] => gap.supplied_by(format!("az network nic show --ids {id}")),
            [] => gap,
        })
    })
}

/// `ipConfigurations`, `None` where there are none.
fn chosen(resource: &Resource, faults: &mut Faults) -> Option<Fact<Vec<IpAddr>>> {
    const KEY: &str = "ipConfigurations";
    let name = resource.id.name();
    let items = match faults.list(field(&resource.body, KEY), KEY, name) {
        Value::Unset => return None,
        Value::Open(gap) => return Some(Fact::Unknown(gap)),
        Value::Is((items, _)) => items,
    };
    let mut all = Vec::with_capacity(items.len());
    for item in items {
        match address(item, name, "private endpoint", faults) {
            Fact::Known(address) => all.push(address),
            Fact::Unknown(gap) => return Some(Fact::Unknown(gap)),
        }
    }
    Some(Fact::Known(all))
}

/// `customDnsConfigs`, which Azure fills in.
fn for_dns(resource: &Resource, faults: &mut Faults) -> Option<Vec<IpAddr>> {
    const LIST: &str = "customDnsConfigs";
    const KEY: &str = "ipAddresses";
    let name = resource.id.name();
    let (items, _) = faults.list(field(&resource.body, LIST), LIST, name).is()?;
    let mut all: Vec<IpAddr> = Vec::new();
    for item in items {
        let (texts, _) = faults.list(direct(item, KEY), KEY, name).is()?;
        for text in texts {
            let (text, at) = faults.text(Value::Is(text), KEY, name).is()?;
            let address = parsed(text, at, KEY, name, faults).ok()?;
            if !all.contains(&address) {
                all.push(address);
            }
        }
    }
    (!all.is_empty()).then_some(all)
}

/// What an endpoint adds to the groups that it joins.
fn member(endpoint: &PrivateEndpoint, groups: &Fact<Vec<ResourceId>>, doubt: Option<Gap>) -> Interface {
    let subnet = endpoint.subnet.clone().map(Some);
    let configuration = |address| IpConfiguration {
        subnet: subnet.clone(),
        address,
        groups: groups.clone(),
        is_public: Fact::Known(false),
        open_front: None,
    };
    let configurations = match &endpoint.addresses {
        Fact::Known(all) => all.iter().map(|address| configuration(Fact::Known(*address))).collect(),
        Fact::Unknown(gap) => vec![configuration(Fact::Unknown(gap.clone()))],
    };
    Interface {
        id: endpoint.id.clone(),
        configurations,
        security_group: Fact::Known(None),
        forwards: Fact::Known(false),
        doubt,
        origin: endpoint.origin.clone(),
    }
}
