//! Gateways to other sites, and the prefixes that they lead to.
//!
//! What a gateway learns from the other side stands in no file. So its prefixes are known only for a VPN
//! gateway without BGP, by the local networks that all its connections name (S120).

use super::twice::{Declared, Each, Second, sorted};
use super::{doubt, of_kind};
use crate::model::{Fact, Gap, ResourceId};
use crate::network::Gateway;
use crate::sources::Resource;
use crate::sources::values::{Faults, Value, direct, field, gap_of};
use ipnet::IpNet;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

const GATEWAY: &str = "Microsoft.Network/virtualNetworkGateways";
const CONNECTION: &str = "Microsoft.Network/connections";
const LOCAL: &str = "Microsoft.Network/localNetworkGateways";
const OPTION: &str = "--peer-prefix PREFIX";

/// Reads the gateways, each id once.
pub(super) fn read(resources: &[Resource], faults: &mut Faults) -> Vec<Gateway> {
    let mut gateways = Each::new();
    let mut own = of_kind(resources, GATEWAY).peekable();
    if own.peek().is_none() {
        return Vec::new();
    }
    let sites = Sites::of(resources, faults);
    for resource in own {
        let network = network(resource, faults);
        let prefixes = sites.prefixes(resource, faults).map_or_else(Fact::Unknown, Fact::Known);
        let gateway = Gateway { id: resource.id.clone(), network, prefixes, origin: resource.origin.clone() };
        let by = Declared::by(resource);
        let Some((gateway, earlier, known)) = gateways.add(&resource.id, &by, gateway) else { continue };
        match Second::of(known, &by, "gateway", gateway.id.name()) {
            Second::Ignored => {}
            Second::Taken => (*earlier, *known) = (gateway, by),
            Second::Weighed(mut pair) => {
                earlier.network = pair.weigh("the virtual network", earlier.network.clone(), gateway.network);
                earlier.prefixes =
                    pair.weigh_list("the prefixes", earlier.prefixes.clone(), gateway.prefixes);
                *known = pair.finish(faults);
            }
        }
    }
    gateways.into_items()
}

/// The network of the subnet that it stands in.
fn network(resource: &Resource, faults: &mut Faults) -> Fact<ResourceId> {
    const LIST: &str = "ipConfigurations";
    let name = resource.id.name();
    if let Some(gap) = doubt(resource, "gateway") {
        return Fact::Unknown(gap);
    }
    let missing = || Gap::new(format!("the virtual network of the gateway `{name}`")).at(&resource.origin);
    let items = match faults.list(field(&resource.body, LIST), LIST, name) {
        Value::Unset => return Fact::Unknown(missing()),
        Value::Open(gap) => return Fact::Unknown(gap),
        Value::Is((items, _)) => items,
    };
    let mut open = None;
    for item in items {
        match faults.reference(field(item, "subnet"), "subnet", name) {
            Value::Is(subnet) => match subnet.parent() {
                Some(network) => return Fact::Known(network),
                None => open = open.or_else(|| Some(missing())),
            },
            Value::Open(gap) => open = open.or(Some(gap)),
            Value::Unset => {}
        }
    }
    Fact::Unknown(open.unwrap_or_else(missing))
}

/// Local networks by id, the last declaration of each document.
type Locals<'r> = HashMap<String, BTreeMap<Arc<str>, &'r Resource>>;

/// The prefixes that a connection leads to, or why they are not known.
type Reached = Result<Vec<IpNet>, String>;

/// What leads from gateways to other sites.
struct Sites {
    /// By the gateway.
    connections: HashMap<String, Vec<Reached>>,
    /// A connection that may be of any gateway.
    unclear: Option<String>,
}

impl Sites {
    fn of(resources: &[Resource], faults: &mut Faults) -> Self {
        let mut locals: Locals<'_> = HashMap::new();
        for local in of_kind(resources, LOCAL) {
            locals.entry(local.id.key()).or_default().insert(Arc::clone(&local.document), local);
        }
        let mut seen: HashMap<String, (ResourceId, Reached)> = HashMap::new();
        let mut sites = Self { connections: HashMap::new(), unclear: None };
        for connection in of_kind(resources, CONNECTION) {
            if Declared::by(connection).is_bare() && seen.contains_key(&connection.id.key()) {
                continue;
            }
            match end(connection, "virtualNetworkGateway1", faults) {
                Value::Is(gateway) => {
                    let reached = reached(connection, &locals, faults);
                    let now = (gateway.clone(), reached.clone());
                    if seen.insert(connection.id.key(), now.clone()).is_some_and(|before| before != now) {
                        let name = connection.id.name();
                        sites.unclear =
                            Some(format!("the connection `{name}` is declared twice, differently"));
                    }
                    sites.connections.entry(gateway.key()).or_default().push(reached);
                }
                Value::Open(_) | Value::Unset => {
                    sites.unclear =
                        Some(format!("whether the connection `{}` is its own", connection.id.name()));
                }
            }
        }
        sites
    }

    fn prefixes(&self, gateway: &Resource, faults: &mut Faults) -> Result<Vec<IpNet>, Gap> {
        let open = |why: &str| {
            let gap = Gap::new(format!("the prefixes behind the gateway `{}`: {why}", gateway.id.name()));
            gap.at(&gateway.origin).supplied_by(OPTION)
        };
        let word = faults.text(field(&gateway.body, "gatewayType"), "gatewayType", gateway.id.name()).is();
        let is_vpn = word.is_some_and(|(word, _)| word.eq_ignore_ascii_case("Vpn"));
        if !is_vpn || speaks_bgp(gateway, faults) != Fact::Known(false) {
            return Err(open("what it learns from the other side stands in no file"));
        }
        if let Some(why) = &self.unclear {
            return Err(open(why));
        }
        let Some(connections) = self.connections.get(&gateway.id.key()) else {
            return Err(open("no connection of it is in the input"));
        };
        let mut prefixes = pool(gateway, faults)?;
        for reached in connections {
            prefixes.extend(reached.as_ref().map_err(|why| open(why))?);
        }
        prefixes.sort();
        prefixes.dedup();
        Ok(prefixes)
    }
}

/// The resource at an end of a connection.
fn end(connection: &Resource, key: &str, faults: &mut Faults) -> Value<ResourceId> {
    faults.reference(field(&connection.body, key), key, connection.id.name())
}

fn reached(connection: &Resource, locals: &Locals<'_>, faults: &mut Faults) -> Reached {
    let name = connection.id.name();
    if let Some(gap) = doubt(connection, "connection") {
        return Err(gap.missing().to_owned());
    }
    if speaks_bgp(connection, faults) != Fact::Known(false) {
        return Err(format!("the connection `{name}` learns them by BGP, so they stand in no file"));
    }
    let id = match end(connection, "localNetworkGateway2", faults) {
        Value::Is(id) => id,
        Value::Open(gap) => return Err(gap.missing().to_owned()),
        Value::Unset => return Err(format!("the connection `{name}` leads to no local network")),
    };
    match locals.get(&id.key()) {
        Some(declared) => of_all(declared.values(), id.name(), faults),
        None => Err(format!("the local network `{}` of `{name}` is not in the input", id.name())),
    }
}

/// The prefixes of a local network that several documents may declare.
fn of_all<'r>(declared: impl Iterator<Item = &'r &'r Resource>, name: &str, faults: &mut Faults) -> Reached {
    let (bare, told): (Vec<&Resource>, Vec<&Resource>) =
        declared.copied().partition(|local| Declared::by(local).is_bare());
    let spaces = if told.is_empty() { bare } else { told };
    let mut spaces = spaces.into_iter().map(|local| space(local, faults).map(sorted));
    let first =
        spaces.next().unwrap_or_else(|| Err(format!("the local network `{name}` is not in the input")));
    if spaces.any(|other| other != first) {
        return Err(format!("two files declare the local network `{name}` differently"));
    }
    first
}

/// The prefixes of a local network.
fn space(local: &Resource, faults: &mut Faults) -> Reached {
    const SPACE: &str = "localNetworkAddressSpace";
    let name = local.id.name();
    if let Some(gap) = doubt(local, "local network") {
        return Err(gap.missing().to_owned());
    }
    let none = || format!("the local network `{name}` states none");
    let space = match field(&local.body, SPACE) {
        Value::Is(space) if space.gap().is_some() => return Err(gap_of(space).missing().to_owned()),
        Value::Is(space) => space,
        Value::Open(gap) => return Err(gap.missing().to_owned()),
        Value::Unset => return Err(none()),
    };
    match faults.list(direct(space, "addressPrefixes"), "addressPrefixes", name) {
        Value::Unset => Err(none()),
        Value::Open(gap) => Err(gap.missing().to_owned()),
        Value::Is((items, _)) => match faults.prefixes(items, "addressPrefixes", name) {
            Fact::Known(prefixes) => Ok(prefixes),
            Fact::Unknown(gap) => Err(gap.missing().to_owned()),
        },
    }
}

/// Addresses of clients that dial in one by one.
fn pool(gateway: &Resource, faults: &mut Faults) -> Result<Vec<IpNet>, Gap> {
    let name = gateway.id.name();
    let mut list = field(&gateway.body, "vpnClientConfiguration");
    for key in ["vpnClientAddressPool", "addressPrefixes"] {
        list = match list {
            Value::Is(node) => direct(node, key),
            other => other,
        };
    }
    match faults.list(list, "addressPrefixes", name) {
        Value::Unset => Ok(Vec::new()),
        Value::Open(gap) => Err(super::supplied(gap, OPTION)),
        Value::Is((items, _)) => match faults.prefixes(items, "addressPrefixes", name) {
            Fact::Known(prefixes) => Ok(prefixes),
            Fact::Unknown(gap) => Err(super::supplied(gap, OPTION)),
        },
    }
}

fn speaks_bgp(resource: &Resource, faults: &mut Faults) -> Fact<bool> {
    faults.flag(field(&resource.body, "enableBgp"), "enableBgp", resource.id.name()).or(|| Fact::Known(false))
}
