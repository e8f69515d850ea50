//! Virtual networks with their peerings, and the subnets inside and beside them.

use super::subnets::{Draft, Subnets};
use super::twice::{Declared, Each, Pair, Second};
use super::{doubt, of_kind, parent};
use crate::finding::{Code, Finding};
use crate::model::{Fact, Gap, ResourceId};
use crate::network::{Peering, Subnet, VirtualNetwork, outside};
use crate::sources::Resource;
use crate::sources::json::Node;
use crate::sources::values::{Faults, Value, direct, field, gap_of};
use ipnet::IpNet;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;

const NETWORK: &str = "Microsoft.Network/virtualNetworks";
const SUBNET: &str = "Microsoft.Network/virtualNetworks/subnets";
const PEERING: &str = "Microsoft.Network/virtualNetworks/virtualNetworkPeerings";

/// The networks, the subnets, and why there may be subnets that are not among them.
pub(super) fn read(
    resources: &[Resource],
    faults: &mut Faults,
) -> (Vec<VirtualNetwork>, Vec<Subnet>, Vec<Gap>) {
    let mut unlisted: Vec<Gap> = Vec::new();
    let mut networks = Each::new();
    let mut subnets = Subnets::default();
    let shown: HashSet<String> = of_kind(resources, NETWORK)
        .filter(|resource| !Declared::by(resource).is_bare())
        .map(|resource| resource.id.key())
        .collect();
    for resource in of_kind(resources, NETWORK) {
        let network = network(resource, faults);
        let by = Declared::by(resource);
        let inside = inline_subnets(resource, &mut subnets, faults);
        // The subnets of a network that an answer only names stand where it is shown.
        if !(by.is_bare() && shown.contains(&resource.id.key())) {
            unlisted.extend(inside);
        }
        if let Some((network, earlier, known)) = networks.add(&resource.id, &by, network) {
            twice(earlier, network, known, by, faults);
        }
    }
    // A subnet of its own is deployed after its network, so what it says stands.
    for resource in of_kind(resources, SUBNET) {
        let Some(network) = parent(resource, "subnet", faults) else { continue };
        let draft = Draft::read(&resource.body, resource.id.clone(), network, Declared::by(resource), faults);
        subnets.add(draft.in_doubt(doubt(resource, "subnet").as_ref()), faults);
    }
    let mut children: BTreeMap<usize, Vec<Peering>> = BTreeMap::new();
    for resource in of_kind(resources, PEERING) {
        let Some(id) = parent(resource, "peering", faults) else { continue };
        let mut peering = peering(&resource.body, resource.id.name(), faults);
        if let Some(gap) = doubt(resource, "peering") {
            peering.access = Fact::Unknown(gap);
        }
        let place = networks.place_or(&id, &Declared::by(resource), || elsewhere(id.clone(), resource));
        children.entry(place).or_default().push(peering);
    }
    let mut networks = networks.into_items();
    for (place, children) in children {
        add_peerings(&mut networks[place].peerings, children, faults);
    }
    (networks, subnets.finish(), unlisted)
}

fn network(resource: &Resource, faults: &mut Faults) -> VirtualNetwork {
    let (body, name) = (&resource.body, resource.id.name());
    let not_stated =
        || Fact::Unknown(Gap::new(format!("the address space of `{name}`")).at(&resource.origin));
    let prefixes = match field(body, "addressSpace") {
        Value::Unset => not_stated(),
        Value::Open(gap) => Fact::Unknown(gap),
        Value::Is(space) => prefixes(space, name, faults).unwrap_or_else(not_stated),
    };
    let mut network = VirtualNetwork {
        id: resource.id.clone(),
        prefixes,
        dns_servers: dns_servers(body, name, faults),
        peerings: peerings(body, name, faults),
        origin: resource.origin.clone(),
    };
    if let Some(gap) = doubt(resource, "virtual network") {
        network.prefixes = Fact::Unknown(gap.clone());
        network.dns_servers = Fact::Unknown(gap.clone());
        for peering in &mut network.peerings {
            peering.access = Fact::Unknown(gap.clone());
        }
    }
    network
}

/// The prefixes of an address space, `None` where it has none.
fn prefixes(space: &Node, name: &str, faults: &mut Faults) -> Option<Fact<Vec<IpNet>>> {
    if space.as_object().is_none() {
        return Some(Fact::Unknown(match space.gap() {
            Some(_) => gap_of(space),
            None => faults.wrong_type(space, "addressSpace", name, "an object with `addressPrefixes`"),
        }));
    }
    match faults.list(direct(space, "addressPrefixes"), "addressPrefixes", name) {
        Value::Unset => None,
        Value::Open(gap) => Some(Fact::Unknown(gap)),
        Value::Is((items, _)) => Some(faults.prefixes(items, "addressPrefixes", name)),
    }
}

fn dns_servers(body: &Node, name: &str, faults: &mut Faults) -> Fact<Vec<IpAddr>> {
    let options = match field(body, "dhcpOptions") {
        Value::Unset => return Fact::Known(Vec::new()),
        Value::Open(gap) => return Fact::Unknown(gap),
        Value::Is(options) => options,
    };
    if options.gap().is_some() {
        return Fact::Unknown(gap_of(options));
    }
    match faults.list(direct(options, "dnsServers"), "dnsServers", name) {
        Value::Unset => Fact::Known(Vec::new()),
        Value::Open(gap) => Fact::Unknown(gap),
        Value::Is((items, _)) => {
            let mut servers = Vec::with_capacity(items.len());
            for item in items {
                match faults.text(Value::Is(item), "dnsServers", name) {
                    Value::Unset => {}
                    Value::Open(gap) => return Fact::Unknown(gap),
                    Value::Is((text, node)) => match text.parse() {
                        Ok(address) => servers.push(address),
                        Err(_) => {
                            let message =
                                format!("the `dnsServers` of `{name}` hold `{text}`, expected an address");
                            faults.note(Code::AddressText, node, name, message);
                            let gap = Gap::new(format!("the DNS server `{text}` of `{name}`"));
                            return Fact::Unknown(gap.at(&node.origin()));
                        }
                    },
                }
            }
            Fact::Known(servers)
        }
    }
}

/// Peerings inside a network. A list that is not settled is one peering of which nothing is known.
fn peerings(body: &Node, name: &str, faults: &mut Faults) -> Vec<Peering> {
    match faults.list(field(body, "virtualNetworkPeerings"), "virtualNetworkPeerings", name) {
        Value::Unset => Vec::new(),
        Value::Open(gap) => vec![Peering {
            name: "(unknown)".to_owned(),
            remote: Fact::Unknown(gap.clone()),
            remote_prefixes: None,
            access: Fact::Unknown(gap.clone()),
            state: Fact::Unknown(gap.clone()),
            whole: Fact::Unknown(gap.clone()),
            forwarded: Fact::Unknown(gap.clone()),
            gateway_transit: Fact::Unknown(gap.clone()),
            remote_gateways: Fact::Unknown(gap),
            origin: body.origin(),
        }],
        Value::Is((items, _)) => items
            .iter()
            .map(|item| {
                let name = item.get("name").and_then(Node::join_text).unwrap_or_default();
                peering(item, &name, faults)
            })
            .collect(),
    }
}

fn peering(node: &Node, name: &str, faults: &mut Faults) -> Peering {
    let origin = node.origin();
    let missing = |what: &str| Gap::new(format!("{what} of the peering `{name}`")).at(&origin);
    let remote = faults
        .reference(field(node, "remoteVirtualNetwork"), "remoteVirtualNetwork", name)
        .or(|| Fact::Unknown(missing("the other network")));
    let spaces = ["remoteVirtualNetworkAddressSpace", "remoteAddressSpace"];
    let remote_prefixes =
        spaces.iter().find_map(|key| match prefixes(field(node, key).is()?, name, faults)? {
            Fact::Known(prefixes) => Some(prefixes),
            Fact::Unknown(_) => None,
        });
    // No document says what holds when this is left out.
    let access = faults
        .flag(field(node, "allowVirtualNetworkAccess"), "allowVirtualNetworkAccess", name)
        .or(|| Fact::Unknown(missing("`allowVirtualNetworkAccess`")));
    // What is left out is off.
    let mut flag = |key: &str| faults.flag(field(node, key), key, name).or(|| Fact::Known(false));
    let (forwarded, gateway_transit, remote_gateways) =
        (flag("allowForwardedTraffic"), flag("allowGatewayTransit"), flag("useRemoteGateways"));
    let whole =
        faults.flag(field(node, "peerCompleteVnets"), "peerCompleteVnets", name).or(|| Fact::Known(true));
    let state = match faults.text(field(node, "peeringState"), "peeringState", name) {
        Value::Unset => Fact::Known(None),
        Value::Open(gap) => Fact::Unknown(gap),
        Value::Is((text, _)) => Fact::Known(Some(text.to_owned())),
    };
    Peering {
        name: name.to_owned(),
        remote,
        remote_prefixes,
        access,
        state,
        whole,
        forwarded,
        gateway_transit,
        remote_gateways,
        origin,
    }
}

/// Adds the subnets inside a network; where the list or an item of it is not settled, the reason.
fn inline_subnets(resource: &Resource, subnets: &mut Subnets, faults: &mut Faults) -> Option<Gap> {
    let name = resource.id.name();
    let gap = doubt(resource, "virtual network");
    let mut unlisted = None;
    let items = match faults.list(field(&resource.body, "subnets"), "subnets", name) {
        Value::Unset => return None,
        Value::Open(reason) => return Some(not_listed(&reason, resource)),
        Value::Is((items, _)) => items,
    };
    for item in items {
        if item.as_object().is_none() {
            let reason = match item.gap() {
                Some(_) => gap_of(item),
                None => faults.wrong_type(item, "subnets[]", name, "an object"),
            };
            unlisted = unlisted.or_else(|| Some(not_listed(&reason, resource)));
            continue;
        }
        let written = item.get("id").and_then(Node::as_text).filter(|id| id.contains("/subnets/"));
        let id = match (written, item.get("name").and_then(Node::join_text)) {
            (Some(id), _) => ResourceId::new(id),
            (None, Some(subnet)) => ResourceId::new(format!("{}/subnets/{subnet}", resource.id)),
            (None, None) => {
                let message = format!("a subnet of `{name}` has no `name`, expected a string");
                faults.note(Code::WrongType, item, name, message);
                continue;
            }
        };
        let draft =
            Draft::read(item, id, resource.id.clone(), Declared::by(resource).inside(&item.origin()), faults);
        subnets.add(draft.in_doubt(gap.as_ref()), faults);
    }
    unlisted
}

/// Subnets of a network that are there and do not stand in the input.
fn not_listed(reason: &Gap, resource: &Resource) -> Gap {
    let missing = format!("which subnets `{}` has: {}", resource.id.name(), reason.missing());
    let gap = Gap::new(missing).at(reason.origin().unwrap_or(&resource.origin));
    match reason.supply() {
        Some(supply) => gap.supplied_by(supply),
        None => gap,
    }
}

/// A network that is known by a peering alone.
fn elsewhere(id: ResourceId, resource: &Resource) -> VirtualNetwork {
    let gap = outside("virtual network", "vnet", &id).at(&resource.origin);
    VirtualNetwork {
        id,
        prefixes: Fact::Unknown(gap.clone()),
        dns_servers: Fact::Unknown(gap),
        peerings: Vec::new(),
        origin: resource.origin.clone(),
    }
}

/// Two declarations of one network: in one document the later one counts.
fn twice(
    first: &mut VirtualNetwork,
    second: VirtualNetwork,
    known: &mut Declared,
    by: Declared,
    faults: &mut Faults,
) {
    let name = second.id.name().to_owned();
    match Second::of(known, &by, "virtual network", &name) {
        Second::Ignored => {}
        Second::Taken if known.is_bare() => (*first, *known) = (second, by),
        Second::Taken => {
            if first.prefixes.known() != second.prefixes.known() {
                let message = format!(
                    "the virtual network `{name}` is declared here and at {} with another address space",
                    first.origin
                );
                let finding = Finding::new(Code::DuplicateResource, &second.origin, message);
                faults.findings.push(finding.about(&name));
            }
            first.prefixes = second.prefixes;
            first.dns_servers = second.dns_servers;
            add_peerings(&mut first.peerings, second.peerings, faults);
            *known = by;
        }
        Second::Weighed(mut pair) => {
            let early = first.clone();
            first.prefixes = pair.weigh_list("the address space", early.prefixes, second.prefixes);
            first.dns_servers = pair.weigh_list("the DNS servers", early.dns_servers, second.dns_servers);
            add_peerings(&mut first.peerings, second.peerings, faults);
            *known = pair.finish(faults);
        }
    }
}

/// Adds peerings. Of two with one name the new one is taken, where one file declares both; else nobody knows
/// what the two files say differently. One of which only one file tells is often made apart from its network.
fn add_peerings(peerings: &mut Vec<Peering>, new: Vec<Peering>, faults: &mut Faults) {
    let key = |peering: &Peering| peering.name.to_ascii_lowercase();
    let mut places: HashMap<String, usize> =
        peerings.iter().enumerate().map(|(place, peering)| (key(peering), place)).collect();
    for peering in new {
        let known = places.get(&key(&peering)).and_then(|place| peerings.get_mut(*place));
        match known {
            None => {
                places.insert(key(&peering), peerings.len());
                peerings.push(peering);
            }
            Some(old) if old.origin.file == peering.origin.file => *old = peering,
            Some(old) => {
                let mut pair = Pair::new("peering", &old.name, &old.origin, &peering.origin);
                weigh_peering(old, peering, &mut pair);
                pair.finish(faults);
            }
        }
    }
}

fn weigh_peering(old: &mut Peering, new: Peering, pair: &mut Pair) {
    let was = old.clone();
    let mut flag = |what: &str, one: &Fact<bool>, other| pair.weigh(what, one.clone(), other);
    old.access = flag("the access", &was.access, new.access);
    old.whole = flag("the extent", &was.whole, new.whole);
    old.forwarded = flag("`allowForwardedTraffic`", &was.forwarded, new.forwarded);
    old.gateway_transit = flag("`allowGatewayTransit`", &was.gateway_transit, new.gateway_transit);
    old.remote_gateways = flag("`useRemoteGateways`", &was.remote_gateways, new.remote_gateways);
    old.remote = pair.weigh("the other network", was.remote.clone(), new.remote);
    if was.remote_prefixes != new.remote_prefixes && was.remote_prefixes.is_some() {
        old.remote_prefixes = None;
    }
    // Only answers show a state.
    if was.state == Fact::Known(None) {
        old.state = new.state;
    } else if new.state != Fact::Known(None) {
        old.state = pair.weigh("the state", was.state.clone(), new.state);
    }
}
