//! What in networks, peerings, routes, gateways and application security groups Azure refuses, or leads
//! nowhere.
//!
//! Looks at the model alone, and at the network as a whole; what one value says wrongly is reported by whoever
//! reads it. Cost: near linear in what there is.

use crate::finding::{Code, Finding, Severity};
use crate::model::{Fact, ResourceId};
use crate::network::graph::{GatewayRing, LoopStep, RouteLoop};
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
    }
    findings.extend(all.rings());
    findings.extend(all.subnets_outside());
    findings.extend(all.scattered_groups());
    findings.extend(route_tags(network, tags));
    findings.extend(network.route_loops(tags).iter().filter_map(route_loop));
    findings
}

/// Routes that send traffic round; the first subnet's route tells.
fn route_loop(ring: &RouteLoop<'_>) -> Option<Finding> {
    let step = |step: &LoopStep<'_>| {
        let (route, table) = (step.route.name.as_deref(), step.route.table.as_deref());
        format!(
            "`{}` of `{}` sends it from `{}` to {}",
            route.unwrap_or("?"),
            table.unwrap_or("?"),
            step.subnet.name(),
            step.appliance
        )
    };
    let first = ring.steps.first()?;
    let message = match &ring.steps[..] {
        [only] => {
            format!("{} goes round: {}, which stands in that subnet itself", only.route.prefix, step(only))
        }
        steps => format!(
            "{} goes round: {}, where it began",
            first.route.prefix,
            steps.iter().map(step).collect::<Vec<_>>().join(", ")
        ),
    };
    let finding = Finding::new(Code::RouteLoop, &first.route.origin, message);
    Some(finding.about(first.route.name.as_deref().unwrap_or_default()))
}

struct Whole<'n> {
    network: &'n Network,
    /// By the key of the id.
    networks: HashMap<String, &'n VirtualNetwork>,
}

/// Two things in one order, whichever comes first.
type Pair = (String, String);

fn pair(one: String, other: String) -> Pair {
    if one <= other { (one, other) } else { (other, one) }
}

/// The address space of a network, or of one of its peers.
#[derive(Clone, Copy)]
struct Space<'n> {
    id: &'n ResourceId,
    /// The peering to it; none for the network itself.
    peering: Option<&'n Peering>,
    nets: &'n [IpNet],
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
    fn overlaps(&self, own: &'n VirtualNetwork, told: &mut BTreeSet<Pair>) -> Vec<Finding> {
        let peers: Vec<Space<'_>> = own.peerings.iter().filter_map(|peering| self.space(peering)).collect();
        let own_nets = own.prefixes.known().map(Vec::as_slice).unwrap_or_default();
        let all = std::iter::once(Space { id: &own.id, peering: None, nets: own_nets }).chain(peers);
        let mut nets: Vec<(IpNet, Space<'_>)> =
            all.flat_map(|space| space.nets.iter().map(move |net| (*net, space))).collect();
        // Prefixes lie in one another or apart, so each is held against the widest one before it.
        nets.sort_by_key(|(net, space)| (net.addr(), net.prefix_len(), space.peering.is_some()));
        let mut findings = Vec::new();
        let mut widest: Option<(IpNet, Space<'_>)> = None;
        for (net, space) in nets {
            let Some((wide, other)) = widest.filter(|(wide, _)| wide.contains(&net)) else {
                widest = Some((net, space));
                continue;
            };
            let keys = (space.id.key(), other.id.key());
            // The later of two peers, or the one that is not the network itself.
            let Some(at) = space.peering.or(other.peering).filter(|_| keys.0 != keys.1) else { continue };
            if !told.insert(pair(keys.0, keys.1)) {
                continue;
            }
            let (one, two) = (other.id.name(), space.id.name());
            let message = if space.peering.is_some() && other.peering.is_some() {
                format!(
                    "`{}` is peered with `{one}` and `{two}`, which have common addresses: {net} lies in {wide}",
                    own.id.name()
                )
            } else {
                format!("`{one}` and `{two}` are peered and have common addresses: {net} lies in {wide}")
            };
            findings.push(Finding::new(Code::OverlappingPeers, &at.origin, message).about(&at.name));
        }
        findings
    }

    /// A peer with its address space, as its network or else the peering states it.
    fn space(&self, peering: &'n Peering) -> Option<Space<'n>> {
        let id = peering.remote.known()?;
        let nets = match self.remote(peering) {
            Some(remote) => remote.prefixes.known()?,
            None => peering.remote_prefixes.as_ref()?,
        };
        Some(Space { id, peering: Some(peering), nets })
    }

    /// S130: networks that use each other's gateways. The first of them tells.
    fn rings(&self) -> Vec<Finding> {
        let told = |ring: GatewayRing<'_>| {
            let names: Vec<String> =
                ring.networks.iter().map(|(network, _)| format!("`{}`", network.id.name())).collect();
            let peerings: Vec<String> =
                ring.networks.iter().map(|(_, peering)| format!("`{}`", peering.name)).collect();
            let (_, first) = ring.networks.first()?;
            let message = match (&names[..], &peerings[..]) {
                ([one, other], [there, back]) => format!(
                    "{one} and {other} each use the gateway of the other ({there} and {back}), so neither leads \
                     anywhere"
                ),
                _ => format!(
                    "{} use each other's gateways in a ring ({}), so none leads anywhere",
                    names.join(", "),
                    peerings.join(", ")
                ),
            };
            Some(Finding::new(Code::GatewayRing, &first.origin, message).about(&first.name))
        };
        self.network.gateway_rings().into_iter().filter_map(told).collect()
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
