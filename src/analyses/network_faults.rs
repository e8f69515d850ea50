//! What in networks, peerings, routes, gateways and application security groups Azure refuses, or leads
//! nowhere.
//!
//! Looks at the model alone, and at the network as a whole; what one value says wrongly is reported by whoever
//! reads it. Cost: near linear in what there is.

use crate::finding::{Code, Finding, Severity};
use crate::model::{Fact, ResourceId};
use crate::network::{Network, Peering, RoutePrefix, VirtualNetwork};
use crate::rules::{AddressTerm, Side};
use crate::sets::AddressSet;
use crate::tags::{TagKind, TagSnapshot};
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many unknown tags are compared with the list; the others are named without a suggestion.
const SUGGESTED: usize = 50;

/// Faults of everything but the rules themselves.
pub fn findings(network: &Network, tags: &TagSnapshot) -> Vec<Finding> {
    let all =
        Whole { network, networks: network.virtual_networks.iter().map(|one| (one.id.key(), one)).collect() };
    let mut findings = Vec::new();
    let mut told = BTreeSet::new();
    for one in &network.virtual_networks {
        findings.extend(one.peerings.iter().filter_map(|peering| all.unknown_peer(one, peering)));
        findings.extend(all.overlaps(one, &mut told));
        findings.extend(one.peerings.iter().filter_map(|peering| all.ring(one, peering)));
    }
    findings.extend(all.subnets_outside());
    findings.extend(all.scattered_groups());
    findings.extend(route_tags(network, tags));
    findings
}

struct Whole<'n> {
    network: &'n Network,
    /// By the key of the id.
    networks: HashMap<String, &'n VirtualNetwork>,
}

/// Two things in one order, whichever comes first.
type Pair = (String, String);

fn pair(one: &str, other: &str) -> Pair {
    if one <= other { (one.to_owned(), other.to_owned()) } else { (other.to_owned(), one.to_owned()) }
}

impl<'n> Whole<'n> {
    fn remote(&self, peering: &Peering) -> Option<&'n VirtualNetwork> {
        self.networks.get(&peering.remote.known()?.key()).copied()
    }

    /// A peer that a scenario names by its prefix alone is no network of another file.
    fn unknown_peer(&self, own: &VirtualNetwork, peering: &Peering) -> Option<Finding> {
        let id = peering.remote.known()?;
        let is_network =
            id.kind().is_some_and(|kind| kind.eq_ignore_ascii_case("Microsoft.Network/virtualNetworks"));
        if self.remote(peering).is_some() || !is_network {
            return None;
        }
        let name = &peering.name;
        let message = format!(
            "the peering `{name}` of `{}` leads to `{}`, which is not in the input: nothing in it is judged",
            own.id.name(),
            id.name()
        );
        Some(Finding::new(Code::UnknownPeer, &peering.origin, message).about(name))
    }

    /// Common addresses of a network and its peers, and of two of its peers; each pair of networks once.
    fn overlaps(&self, own: &VirtualNetwork, told: &mut BTreeSet<Pair>) -> Vec<Finding> {
        let own_key = own.id.key();
        let mut nets: Vec<(IpNet, &str, &Peering)> = Vec::new();
        let peers: Vec<(String, &Peering, &[IpNet])> =
            own.peerings.iter().filter_map(|peering| self.space(peering)).collect();
        let Some((_, first, _)) = peers.first() else { return Vec::new() };
        let own_nets = own.prefixes.known().map(Vec::as_slice).unwrap_or_default();
        nets.extend(own_nets.iter().map(|net| (*net, own_key.as_str(), *first)));
        for (key, peering, prefixes) in &peers {
            nets.extend(prefixes.iter().map(|net| (*net, key.as_str(), *peering)));
        }
        // Prefixes lie in one another or apart, so each is held against the widest one before it.
        nets.sort_by_key(|(net, key, _)| (net.addr(), net.prefix_len(), *key != own_key, *key));
        let mut findings = Vec::new();
        let mut widest: Option<(IpNet, &str, &Peering)> = None;
        for (net, key, peering) in nets {
            let Some((wide, other, second)) = widest.filter(|(wide, ..)| wide.contains(&net)) else {
                widest = Some((net, key, peering));
                continue;
            };
            if key == other || !told.insert(pair(key, other)) {
                continue;
            }
            // The peering of the one that is not the network itself.
            let at = if key == own_key { second } else { peering };
            let (one, two) = (self.name(other, own), self.name(key, own));
            let message = match other == own_key || key == own_key {
                true => {
                    format!("`{one}` and `{two}` are peered and have common addresses: {net} lies in {wide}")
                }
                false => format!(
                    "`{}` is peered with `{one}` and `{two}`, which have common addresses: {net} lies in {wide}",
                    own.id.name()
                ),
            };
            findings.push(Finding::new(Code::OverlappingPeers, &at.origin, message).about(&at.name));
        }
        findings
    }

    /// A peer with its address space, as its network or else the peering states it.
    fn space<'p>(&self, peering: &'p Peering) -> Option<(String, &'p Peering, &'p [IpNet])>
    where
        'n: 'p,
    {
        let key = peering.remote.known()?.key();
        let prefixes = match self.remote(peering) {
            Some(remote) => remote.prefixes.known()?,
            None => peering.remote_prefixes.as_ref()?,
        };
        Some((key, peering, prefixes))
    }

    fn name(&self, key: &str, own: &VirtualNetwork) -> String {
        let of_peer = || {
            let ids = own.peerings.iter().filter_map(|peering| peering.remote.known());
            ids.into_iter().find(|id| id.key() == key).map(ResourceId::name)
        };
        match self.networks.get(key) {
            Some(network) => network.id.name().to_owned(),
            None => of_peer().unwrap_or(key).to_owned(),
        }
    }

    /// S130: each of the two uses the other's gateway. The network that is named first tells.
    fn ring(&self, own: &VirtualNetwork, peering: &Peering) -> Option<Finding> {
        let uses = |peering: &Peering| peering.remote_gateways == Fact::Known(true);
        let remote = self.remote(peering).filter(|remote| uses(peering) && own.id.key() < remote.id.key())?;
        let answers = |back: &&Peering| uses(back) && back.remote.known() == Some(&own.id);
        let back = remote.peerings.iter().find(answers)?;
        let message = format!(
            "`{}` and `{}` each use the gateway of the other (`{}` and `{}`), so neither leads anywhere",
            own.id.name(),
            remote.id.name(),
            peering.name,
            back.name
        );
        Some(Finding::new(Code::GatewayRing, &peering.origin, message).about(&peering.name))
    }

    fn subnets_outside(&self) -> Vec<Finding> {
        let mut spaces: HashMap<String, AddressSet> = HashMap::new();
        let mut findings = Vec::new();
        for subnet in &self.network.subnets {
            let key = subnet.network.key();
            let Some(network) = self.networks.get(&key) else { continue };
            let (Fact::Known(own), Fact::Known(around)) = (&subnet.prefixes, &network.prefixes) else {
                continue;
            };
            let space = spaces.entry(key).or_insert_with(|| around.iter().copied().collect());
            let outside = own.iter().find(|net| !AddressSet::from_nets([**net]).is_subset(space));
            if let Some(net) = outside.filter(|_| !around.is_empty()) {
                let name = subnet.id.name();
                let message = format!(
                    "{net} of the subnet `{name}` lies outside the address space of `{}`",
                    network.id.name()
                );
                findings.push(Finding::new(Code::SubnetOutside, &subnet.origin, message).about(name));
            }
        }
        findings
    }

    /// S49: all members of an application security group are in one network, and so are the two groups of a
    /// rule.
    fn scattered_groups(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut homes: BTreeMap<&ResourceId, ResourceId> = BTreeMap::new();
        let mut told: BTreeSet<&ResourceId> = BTreeSet::new();
        for interface in &self.network.interfaces {
            for configuration in &interface.configurations {
                let (Fact::Known(Some(subnet)), Fact::Known(groups)) =
                    (&configuration.subnet, &configuration.groups)
                else {
                    continue;
                };
                let Some(home) = subnet.parent() else { continue };
                for group in groups {
                    let first = homes.entry(group).or_insert_with(|| home.clone());
                    // Ids with open parts may turn out to be one.
                    if *first != home && !first.may_be(&home) && told.insert(group) {
                        let message = format!(
                            "the application security group `{}` has members in `{}` and, as `{}`, in `{}`",
                            group.name(),
                            first.name(),
                            interface.id.name(),
                            home.name()
                        );
                        let finding = Finding::new(Code::GroupAcrossNetworks, &interface.origin, message);
                        findings.push(finding.about(group.name()));
                    }
                }
            }
        }
        findings.extend(self.scattered_rules(&homes));
        findings
    }

    fn scattered_rules(&self, homes: &BTreeMap<&ResourceId, ResourceId>) -> Vec<Finding> {
        let of_side = |side: &'n Side| -> Vec<(&ResourceId, &ResourceId)> {
            let home = |term: &'n AddressTerm| match term {
                AddressTerm::Group(id) => Some((id, homes.get(id)?)),
                _ => None,
            };
            side.addresses.iter().filter_map(|written| home(&written.value)).collect()
        };
        let differs = |home: &ResourceId, there: &ResourceId| home != there && !home.may_be(there);
        let mut findings = Vec::new();
        for rule in self.network.security_groups.iter().flat_map(|group| group.rules.custom()) {
            let (from, to) = (of_side(&rule.source), of_side(&rule.destination));
            let ([(one, home), ..], [(other, there), ..]) = (&from[..], &to[..]) else { continue };
            // Against the first of the other side: where all of one side are in one network, that is enough.
            let far = to
                .iter()
                .find(|(_, there)| differs(home, there))
                .map(|(id, there)| (*one, *home, *id, *there));
            let near = || {
                from.iter()
                    .find(|(_, home)| differs(home, there))
                    .map(|(id, home)| (*id, *home, *other, *there))
            };
            let apart = far.or_else(near);
            if let Some((one, home, other, there)) = apart {
                let message = format!(
                    "`{}` leads from the application security group `{}` in `{}` to `{}` in `{}`",
                    rule.name,
                    one.name(),
                    home.name(),
                    other.name(),
                    there.name()
                );
                let finding = Finding::new(Code::GroupAcrossNetworks, &rule.origin, message);
                findings.push(finding.about(&*rule.name));
            }
        }
        findings
    }
}

/// S123: the tags that routes are for.
fn route_tags(network: &Network, tags: &TagSnapshot) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut suggested = 0;
    for route in network.route_tables.iter().flat_map(|table| &table.routes) {
        let Fact::Known(RoutePrefix::Tag(tag)) = &route.prefix else { continue };
        let name = &route.name;
        let finding = |code, message: String| Finding::new(code, &route.origin, message).about(&**name);
        match tags.classify(tag).kind {
            TagKind::Special { .. } => {
                let message = format!("the route `{name}` is for `{tag}`, which no route can be for");
                findings
                    .push(finding(Code::RoutePrefix, message).fix("write a prefix, or a tag of a service"));
            }
            TagKind::Listed { name: listed } => {
                let base = listed.split('.').next().unwrap_or(&listed);
                if tags.is_for_routes(base) == Some(false) {
                    let message =
                        format!("the route `{name}` is for `{listed}`, which is not marked for routes");
                    let mut finding = finding(Code::RoutePrefix, message);
                    finding.severity = Severity::Warning;
                    findings.push(finding);
                }
            }
            TagKind::Unknown => {
                suggested += 1;
                let near = if suggested > SUGGESTED { Vec::new() } else { tags.suggest(tag) };
                let fix = match near[..] {
                    [] => "give a service tag list that has it, with --service-tags".to_owned(),
                    _ => format!("did you mean {}?", near.join(" or ")),
                };
                let message = format!("the route `{name}` is for `{tag}`, which is in no service tag list");
                findings.push(finding(Code::UnknownTag, message).fix(fix));
            }
        }
    }
    findings
}
