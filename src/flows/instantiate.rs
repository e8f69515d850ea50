//! A row of the catalogue at one location of one instance: which packets, and how much of them.

use super::{
    Core, FeatureState, FlowDirection, LocationKind, Packets, ParameterValue, ParameterValues, Ports,
    Quantifier, Remote, Row, Situation, TagRegion, control_plane,
};
use crate::model::{Direction, Fact, Gap, Protocol, Region};
use crate::network::{AttachmentPoint, Network};
use crate::rules::surroundings::platform_addresses;
use crate::sets::{AddressSet, PacketBox, PacketSet, PortSet, ProtocolSet};
use crate::tags::{SpecialTag, TagSnapshot, special};

/// How much of the remote side must get through.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Asks {
    /// All of it.
    All,
    /// Some is enough.
    Some,
    /// The addresses of hosts, which lie somewhere in it.
    Hosts,
    /// The part of a region that is not known: all is enough, none is not, some leaves it open.
    SomeRegion,
}

/// A flow as packets.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The checks that it passes, one after the other.
    pub directions: &'static [Direction],
    /// The packets.
    pub packets: PacketSet,
    /// The other side.
    pub remote: AddressSet,
    /// How much of the other side must get through.
    pub asks: Asks,
    /// The part of the other side whose loss blocks the flow, with its name.
    pub core: Option<(AddressSet, String)>,
    /// The rest of the whole tag beside the region's part: it is told, and not needed.
    pub rest: Option<PacketSet>,
    /// Each region's part of the other side, where the region is not known.
    pub regions: Vec<AddressSet>,
    /// The flow in words.
    pub text: String,
}

/// Why a flow cannot be put as packets.
#[derive(Clone, Debug)]
pub enum NoAsk {
    /// It is not one of this instance's: nothing was given to test.
    NotApplicable(String),
    /// It is, and something is missing.
    Unknown(Gap),
}

/// What instantiating looks at, the same for every row of a location.
pub struct Ground<'a> {
    /// The network of the input.
    pub network: &'a Network,
    /// Where the location stands.
    pub point: &'a AttachmentPoint<'a>,
    /// What is known of the instance there.
    pub situation: &'a Situation,
    /// The location's region.
    pub region: &'a Fact<Region>,
    /// The primary location's region.
    pub primary: &'a Fact<Region>,
    /// Values of the catalogue's parameters.
    pub parameters: &'a ParameterValues,
}

/// A remote side: what it is called, its addresses, and ports and protocol where a value has its own.
struct Target {
    addresses: AddressSet,
    ports: Option<PortSet>,
    protocol: Option<Protocol>,
}

/// The remote side of a row, resolved.
struct Resolved {
    targets: Vec<Target>,
    name: String,
    asks: Asks,
    rest: Option<AddressSet>,
    regions: Vec<AddressSet>,
}

impl Resolved {
    fn one(addresses: AddressSet, name: impl Into<String>, asks: Asks) -> Self {
        let target = Target { addresses, ports: None, protocol: None };
        Self { targets: vec![target], name: name.into(), asks, rest: None, regions: Vec::new() }
    }
}

impl Ground<'_> {
    /// Puts a row with packets as a question.
    ///
    /// Source ports are those of clients, 1024 to 65535 (S27); UDP leaves out 65330, which the platform
    /// drops from anyone (S18). IPv4 alone: no document gives an IPv6 flow.
    ///
    /// # Errors
    /// [`NoAsk`] where a parameter, a region or a tag is missing.
    pub fn ask(&self, row: &Row, need: &Packets) -> Result<Ask, NoAsk> {
        let resolved = self.resolve(row, need)?;
        let directions: &[Direction] = match row.direction {
            FlowDirection::In => &[Direction::Inbound],
            FlowDirection::Out | FlowDirection::None => &[Direction::Outbound],
            FlowDirection::Inside => &[Direction::Outbound, Direction::Inbound],
        };
        let inbound = directions == [Direction::Inbound];
        let own = &self.point.own.usable;
        let packets = |remote: &AddressSet, target: &Target| {
            let ports = target.ports.clone().unwrap_or_else(|| fixed_ports(need));
            let protocols: Vec<Protocol> = match target.protocol {
                Some(protocol) => vec![protocol],
                None if need.protocols.is_empty() => vec![Protocol::TCP],
                None => need.protocols.to_vec(),
            };
            let one = |protocol: Protocol| {
                let (source, destination) = if inbound { (remote, own) } else { (own, remote) };
                PacketSet::product(&PacketBox {
                    protocols: ProtocolSet::of([protocol]),
                    source: source.clone(),
                    source_ports: client_ports(protocol),
                    destination: destination.clone(),
                    destination_ports: ports.clone(),
                })
            };
            protocols.into_iter().map(one).fold(PacketSet::empty(), |all, part| all.union(&part))
        };
        let all = |set: &dyn Fn(&Target) -> PacketSet| {
            resolved.targets.iter().map(set).fold(PacketSet::empty(), |all, part| all.union(&part))
        };
        let remote = resolved.targets.iter().fold(AddressSet::empty(), |all, t| all.union(&t.addresses));
        Ok(Ask {
            directions,
            packets: all(&|target| packets(&target.addresses, target)),
            core: self.core(need, &remote),
            rest: resolved.rest.as_ref().map(|rest| all(&|target| packets(rest, target))),
            text: self.text(row, need, &resolved),
            asks: resolved.asks,
            regions: resolved.regions,
            remote,
        })
    }

    fn resolve(&self, row: &Row, need: &Packets) -> Result<Resolved, NoAsk> {
        let Remote::Parameter { name, default } = need.remote else {
            return self.resolve_fixed(need, &need.remote, asks(need.quantifier));
        };
        let given = self.parameters.of(name);
        if !given.is_empty() {
            return self.resolve_given(name, given);
        }
        if let Some(resolved) = self.resolve_shown(name) {
            return resolved;
        }
        match default {
            Some(default) => {
                let asks = match need.quantifier {
                    Quantifier::Par => Asks::Some,
                    other => asks(other),
                };
                self.resolve_fixed(need, default, asks)
            }
            None if row.feature_state(self.situation) == FeatureState::On => Err(NoAsk::Unknown(
                Gap::new(format!("the parameter `{name}`")).supplied_by(format!("--param {name}=ADDRESS")),
            )),
            None => Err(NoAsk::NotApplicable(format!("the parameter `{name}` is not given"))),
        }
    }

    fn resolve_given(&self, name: &str, given: &[ParameterValue]) -> Result<Resolved, NoAsk> {
        let mut targets = Vec::new();
        for value in given {
            let mut addresses = AddressSet::empty();
            for text in &value.side.addresses {
                let found = self.network.addresses_of(text, &self.point.surroundings).map_err(|error| {
                    NoAsk::Unknown(Gap::new(format!("what the parameter `{name}` means: {error}")))
                })?;
                addresses = addresses.union(&found.only_v4());
            }
            let ports =
                value.side.ports.as_ref().map(|ports| {
                    PortSet::from_intervals(ports.iter().map(|range| (range.low(), range.high())))
                });
            targets.push(Target { addresses, ports, protocol: value.protocol });
        }
        let texts: Vec<String> =
            given.iter().flat_map(|value| value.side.addresses.iter().map(ToString::to_string)).collect();
        let shown = match &texts[..] {
            [first, second, third, rest @ ..] if !rest.is_empty() => {
                format!("{first},{second},{third} and {} more", rest.len())
            }
            few => few.join(","),
        };
        Ok(Resolved { targets, name: shown, asks: Asks::All, rest: None, regions: Vec::new() })
    }

    /// What the input itself shows of a parameter: the DNS servers of the virtual network.
    fn resolve_shown(&self, name: &str) -> Option<Result<Resolved, NoAsk>> {
        if name != "dns_servers" {
            return None;
        }
        let network = self.point.subnet.and_then(|subnet| self.network.virtual_network(&subnet.network));
        let servers = match network.map(|network| &network.dns_servers) {
            Some(Fact::Known(servers)) if servers.is_empty() => return None,
            Some(Fact::Known(servers)) => servers,
            Some(Fact::Unknown(gap)) => return Some(Err(NoAsk::Unknown(gap.clone()))),
            None => {
                let gap = Gap::new("the DNS servers of the virtual network, which is not in the input")
                    .supplied_by("--param dns_servers=ADDRESS");
                return Some(Err(NoAsk::Unknown(gap)));
            }
        };
        let addresses: AddressSet = servers.iter().map(|server| ipnet::IpNet::from(*server)).collect();
        let names: Vec<String> = servers.iter().map(ToString::to_string).collect();
        Some(Ok(Resolved::one(addresses.only_v4(), names.join(","), Asks::All)))
    }

    fn resolve_fixed(&self, need: &Packets, remote: &Remote, asks: Asks) -> Result<Resolved, NoAsk> {
        let place = &self.point.surroundings;
        let platform = special::platform_only();
        Ok(match remote {
            Remote::Internet => {
                // Hosts are outside the network; callers by a public address are, too. Blocks that not every
                // recording of the tag holds are left out (U20): no host of a flow lies in them.
                let outside = place.private.union(&platform).union(&special::unsettled_internet());
                Resolved::one(special::internet().only_v4().difference(&outside), "Internet", asks)
            }
            Remote::VirtualNetwork => {
                // What written routes add to the tag (S74) is not where private clients are.
                let inside = place.private.only_v4().difference(&platform);
                Resolved::one(inside, "VirtualNetwork", asks)
            }
            Remote::LoadBalancer => {
                Resolved::one(special::load_balancer().only_v4(), "AzureLoadBalancer", asks)
            }
            Remote::Subnet => Resolved::one(self.point.own.usable.clone(), self.own_name(), asks),
            Remote::AzureDns => {
                let dns = platform_addresses(SpecialTag::AzurePlatformDns);
                Resolved::one(dns, special::WIRE_SERVER.to_string(), asks)
            }
            Remote::Tag { name, region } => return self.resolve_tag(need, name, *region, asks),
            // The build lets no parameter be another's default.
            Remote::Parameter { name, .. } => {
                return Err(NoAsk::NotApplicable(format!("the parameter `{name}` is not given")));
            }
        })
    }

    fn resolve_tag(
        &self,
        need: &Packets,
        name: &str,
        region: TagRegion,
        asks: Asks,
    ) -> Result<Resolved, NoAsk> {
        if let Some((special, _)) = SpecialTag::recognise(name) {
            return Ok(Resolved::one(platform_addresses(special), name, asks));
        }
        let tags = self.point.surroundings.tags;
        let Some(global) = tags.lookup(name) else {
            return Err(NoAsk::Unknown(
                Gap::new(format!("the tag `{name}`, which the service tag list does not have"))
                    .supplied_by("--service-tags FILE"),
            ));
        };
        let whole = global.addresses.only_v4();
        let wanted: Vec<&Fact<Region>> = match region {
            TagRegion::Global => return Ok(Resolved::one(whole, global.name, asks)),
            TagRegion::Primary => vec![self.primary],
            // Section 2 of the reference: an added region needs its own part and the primary's.
            TagRegion::Own if self.situation.location == LocationKind::Added => {
                vec![self.region, self.primary]
            }
            TagRegion::Own => vec![self.region],
        };
        let mut part = AddressSet::empty();
        let mut names = Vec::new();
        for region in wanted {
            let regional = region.known().and_then(|region| tags.regional(&global.name, region));
            let Some(regional) = regional else {
                return Ok(some_region(tags, &global.name));
            };
            part = part.union(&regional.addresses.only_v4());
            if !names.contains(&regional.name) {
                names.push(regional.name);
            }
        }
        let rest = (need.quantifier == Quantifier::Reg).then(|| whole.difference(&part));
        Ok(Resolved { rest, ..Resolved::one(part, names.join(","), asks) })
    }

    /// Section 13 of the reference, and D9.
    fn core(&self, need: &Packets, remote: &AddressSet) -> Option<(AddressSet, String)> {
        match need.core {
            Core::None => None,
            Core::ControlPlane => {
                let lines = control_plane(self.region.known()?);
                let addresses: Vec<_> = lines.iter().flat_map(|line| line.addresses).collect();
                let set: AddressSet = addresses
                    .iter()
                    .map(|address| ipnet::IpNet::from(std::net::IpAddr::V4(**address)))
                    .collect();
                let names: Vec<String> = addresses.iter().map(ToString::to_string).collect();
                let name = format!("the control plane of this region ({})", names.join(", "));
                (!set.is_empty()).then_some((set.intersection(remote), name))
            }
            Core::PrimaryRegion => {
                let Remote::Tag { name, .. } = need.remote else { return None };
                let regional = self.point.surroundings.tags.regional(name, self.primary.known()?)?;
                Some((regional.addresses.only_v4(), format!("{} of the primary region", regional.name)))
            }
        }
    }

    fn own_name(&self) -> &str {
        self.point.name.rsplit('/').next().unwrap_or(&self.point.name)
    }

    fn text(&self, row: &Row, need: &Packets, resolved: &Resolved) -> String {
        let protocols: Vec<String> = match resolved.targets.iter().find_map(|target| target.protocol) {
            Some(protocol) => vec![protocol.to_string()],
            None if need.protocols.is_empty() => vec![Protocol::TCP.to_string()],
            None => need.protocols.iter().map(ToString::to_string).collect(),
        };
        let ports = match resolved.targets.iter().find_map(|target| target.ports.as_ref()) {
            Some(ports) => print_ports(ports),
            None => print_ports(&fixed_ports(need)),
        };
        let (own, remote) = (self.own_name(), &resolved.name);
        let (source, destination) =
            if row.direction == FlowDirection::In { (remote.as_str(), own) } else { (own, remote.as_str()) };
        format!("{} {} {source} -> {destination}:{ports}", row.direction, protocols.join(","))
    }
}

/// The region is not known: every region's part of the tag is tested.
fn some_region(tags: &TagSnapshot, name: &str) -> Resolved {
    let regions: Vec<AddressSet> = tags
        .regions_of(name)
        .iter()
        .map(|tag| tag.addresses.only_v4())
        .filter(|part| !part.is_empty())
        .collect();
    let all = regions.iter().fold(AddressSet::empty(), |all, part| all.union(part));
    Resolved { regions, ..Resolved::one(all, format!("{name}.REGION"), Asks::SomeRegion) }
}

fn asks(quantifier: Quantifier) -> Asks {
    match quantifier {
        Quantifier::All | Quantifier::Reg => Asks::All,
        Quantifier::Any => Asks::Some,
        Quantifier::Par => Asks::All,
        Quantifier::Fqdn => Asks::Hosts,
    }
}

fn fixed_ports(need: &Packets) -> PortSet {
    match need.ports {
        Ports::Ranges(ranges) => {
            PortSet::from_intervals(ranges.iter().map(|range| (range.low(), range.high())))
        }
        // A value without ports of its own means every port.
        Ports::Parameter(_) => PortSet::all(),
    }
}

fn client_ports(protocol: Protocol) -> PortSet {
    let ephemeral = PortSet::range(1024, u16::MAX);
    if protocol == Protocol::UDP { ephemeral.difference(&PortSet::range(65_330, 65_330)) } else { ephemeral }
}

/// Ports as a rule writes them: `443,1886` or `*`.
pub fn print_ports(ports: &PortSet) -> String {
    let one = |interval: &crate::sets::Interval<u16>| {
        crate::model::PortRange::new(interval.first, interval.last).map(|range| range.to_string())
    };
    ports.intervals().iter().filter_map(one).collect::<Vec<_>>().join(",")
}
