//! The routes of one subnet, or of a dump, put together.

use super::super::effective::EffectiveRoutes;
use super::super::peers::{Neighbours, PeerSpace, SiteSpace};
use super::super::{Network, NextHopType, PrivateEndpoint, Route, RoutePrefix, RouteTable, Subnet, outside};
use super::{RouteEntry, RouteSource, RoutesInForce};
use crate::model::{Assumption, Fact, Gap, Origin, ResourceId};
use crate::rules::surroundings::UNSEEN_OWN;
use crate::sets::AddressSet;
use crate::tags::{TagKind, TagSnapshot, special};
use ipnet::IpNet;
use rustc_hash::FxHashSet;
use std::net::IpAddr;

/// The tags whose addresses a service endpoint's routes are for (S113, S141), by the service's name.
const SERVICE_TAGS: [(&str, &str); 9] = [
    ("Microsoft.Storage", "Storage"),
    ("Microsoft.Sql", "Sql"),
    ("Microsoft.KeyVault", "AzureKeyVault"),
    ("Microsoft.EventHub", "EventHub"),
    ("Microsoft.ServiceBus", "ServiceBus"),
    ("Microsoft.AzureCosmosDB", "AzureCosmosDB"),
    ("Microsoft.AzureActiveDirectory", "AzureActiveDirectory"),
    ("Microsoft.Web", "AppService"),
    ("Microsoft.ContainerRegistry", "AzureContainerRegistry"),
];

/// The tag of a service that has service endpoints; `Microsoft.Storage.Global` is Storage too (S141).
fn service_tag(service: &str) -> Option<&'static str> {
    let is_it = |(name, _): &&(&str, &str)| {
        service.split_at_checked(name.len()).is_some_and(|(head, rest)| {
            head.eq_ignore_ascii_case(name) && (rest.is_empty() || rest.eq_ignore_ascii_case(".Global"))
        })
    };
    SERVICE_TAGS.iter().find(is_it).map(|(_, tag)| *tag)
}

impl RoutesInForce {
    /// The routes in force at a subnet (S115 to S123).
    pub(in super::super) fn at(
        all: &Network,
        subnet: &Subnet,
        neighbours: &Neighbours<'_>,
        tags: &TagSnapshot,
    ) -> Self {
        let mut gather = Gather {
            all,
            subnet,
            tags,
            routes: Self::default(),
            nearby: AddressSet::empty(),
            all_near: true,
            no_gateway: None,
        };
        gather.own_network();
        neighbours.peers.iter().for_each(|peer| gather.peer(peer));
        let table = all.route_table_of(subnet);
        gather.sites(&neighbours.sites, &table);
        gather.no_gateway = gather.without_gateway(&neighbours.sites);
        gather.service_endpoints();
        gather.private_endpoints(neighbours);
        gather.written(&table);
        gather.platform_defaults(&table);
        gather.routes
    }

    /// The routes of a dump: they are what Azure says, and nothing is added to them.
    pub fn of_dump(dump: &EffectiveRoutes, tags: &TagSnapshot) -> Self {
        let mut routes = Self::default();
        for route in dump.routes.iter().filter(|route| route.is_active()) {
            let source = route.source.known().and_then(|source| source.parse().ok());
            let next_hop = match &route.next_hop {
                Fact::Known(word) => match word.parse() {
                    Ok(hop) => Fact::Known(hop),
                    Err(_) => Fact::Unknown(
                        Gap::new(format!("where the next hop `{word}` of a route leads")).at(&route.origin),
                    ),
                },
                Fact::Unknown(gap) => Fact::Unknown(gap.clone()),
            };
            let nets = route.prefixes.known().map(Vec::as_slice).unwrap_or_default();
            let by_tag =
                route.tags.iter().filter_map(|tag| tags.addresses(tag)).flat_map(|set| set.to_nets());
            let nets: Vec<IpNet> = nets.iter().copied().chain(by_tag).collect();
            let prefix = match (&route.tags[..], &nets[..]) {
                ([tag, ..], _) => tag.clone(),
                ([], [net]) => net.to_string(),
                ([], [first, rest @ ..]) => format!("{first} and {} more", rest.len()),
                ([], []) => "?".to_owned(),
            };
            let entry = RouteEntry {
                source: source.unwrap_or(RouteSource::Default),
                next_hop,
                addresses: route.next_hop_addresses.clone(),
                name: route.name.clone(),
                doubt: route.state.gap().cloned(),
                ..RouteEntry::by_azure(prefix, NextHopType::None, &route.origin)
            };
            let is_space =
                matches!(entry.next_hop, Fact::Known(NextHopType::VnetLocal | NextHopType::VNetPeering));
            if is_space && entry.source == RouteSource::Default && entry.doubt.is_none() {
                routes.near = routes.near.union(&nets.iter().copied().collect());
            }
            match &route.prefixes {
                Fact::Known(_) => routes.add(entry, nets),
                Fact::Unknown(gap) => routes.add_anywhere(RouteEntry { doubt: Some(gap.clone()), ..entry }),
            }
        }
        routes
    }
}

/// Routes while they are gathered.
struct Gather<'n> {
    all: &'n Network,
    subnet: &'n Subnet,
    tags: &'n TagSnapshot,
    routes: RoutesInForce,
    /// Address space of the network and its peers, where appliances can stand (S146).
    nearby: AddressSet,
    /// Whether that is all there is.
    all_near: bool,
    /// Why no gateway certainly takes what a written route sends to one.
    no_gateway: Option<Gap>,
}

impl<'n> Gather<'n> {
    /// S117: each prefix of the network's own. What is not shown may be any private space.
    fn own_network(&mut self) {
        let network = self.all.virtual_network(&self.subnet.network);
        let (prefixes, origin) = match network {
            Some(network) => (network.prefixes.clone(), &network.origin),
            None => {
                let gap = outside("virtual network", "vnet", &self.subnet.network).at(&self.subnet.origin);
                (Fact::Unknown(gap), &self.subnet.origin)
            }
        };
        self.space(&prefixes, NextHopType::VnetLocal, None, origin);
        // The subnet lies in its network, whether that is shown or not.
        let own = match &self.subnet.prefixes {
            Fact::Known(prefixes) if !prefixes.is_empty() => prefixes.clone(),
            _ => vec![IpNet::from(UNSEEN_OWN)],
        };
        let known: AddressSet = prefixes.known().into_iter().flatten().copied().collect();
        for net in own {
            self.is_near(&[net], true);
            if ![net].into_iter().collect::<AddressSet>().is_subset(&known) {
                let shown =
                    if net.addr() == UNSEEN_OWN { "(the subnet)".to_owned() } else { net.to_string() };
                self.routes
                    .add(RouteEntry::by_azure(shown, NextHopType::VnetLocal, &self.subnet.origin), [net]);
            }
        }
    }

    /// One route for each prefix of a space; a space that is not shown may be any private one.
    fn space(&mut self, prefixes: &Fact<Vec<IpNet>>, hop: NextHopType, doubt: Option<&Gap>, origin: &Origin) {
        match prefixes {
            Fact::Known(nets) => {
                for net in nets {
                    let entry =
                        RouteEntry { doubt: doubt.cloned(), ..RouteEntry::by_azure(net, hop, origin) };
                    self.routes.add(entry, [*net]);
                }
                self.is_near(nets, doubt.is_none());
                self.all_near &= doubt.is_none();
            }
            Fact::Unknown(gap) => {
                let entry = RouteEntry {
                    doubt: Some(gap.clone()),
                    ..RouteEntry::by_azure("(not shown)", hop, origin)
                };
                self.routes.add_of_any_length(entry, special::private_use_nets());
                self.all_near = false;
            }
        }
    }

    fn is_near(&mut self, nets: &[IpNet], certainly: bool) {
        let nets: AddressSet = nets.iter().copied().collect();
        self.nearby = self.nearby.union(&nets);
        if certainly {
            self.routes.near = self.routes.near.union(&nets);
        }
    }

    /// S120: the prefixes of a peer.
    fn peer(&mut self, peer: &PeerSpace<'_>) {
        self.space(&peer.prefixes, NextHopType::VNetPeering, peer.doubt.as_ref(), &peer.peering.origin);
    }

    /// S120: prefixes of sites behind gateways, unless the route table keeps them out (S127). A gateway whose
    /// routes are not shown may have private prefixes, and a default route.
    fn sites(&mut self, sites: &[SiteSpace], table: &Fact<Option<&RouteTable>>) {
        let propagates = propagates(table);
        if propagates == Fact::Known(false) {
            return;
        }
        for site in sites {
            let doubt = site.doubt.as_ref().or(propagates.gap());
            let hop = NextHopType::VirtualNetworkGateway;
            let learned = |prefix: String, doubt: Option<&Gap>| RouteEntry {
                source: RouteSource::VirtualNetworkGateway,
                doubt: doubt.cloned(),
                ..RouteEntry::by_azure(prefix, hop, &site.origin)
            };
            match &site.prefixes {
                Fact::Known(nets) => {
                    for net in nets {
                        self.routes.add(learned(net.to_string(), doubt), [*net]);
                    }
                }
                Fact::Unknown(gap) => {
                    let private = learned("(private prefixes that are not shown)".to_owned(), Some(gap));
                    self.routes.add_of_any_length(private, special::private_use_nets());
                    let default = learned("0.0.0.0/0".to_owned(), Some(gap));
                    self.routes.add(default, whole_families());
                }
            }
        }
    }

    /// Why it is not certain that the network has a gateway, its own or a peer's (S130). No document says what
    /// becomes of a written route's traffic where there is none.
    fn without_gateway(&self, sites: &[SiteSpace]) -> Option<Gap> {
        if sites.iter().any(|site| site.doubt.is_none()) {
            return None;
        }
        let doubt = sites.iter().find_map(|site| site.doubt.clone());
        let network = self.all.virtual_network(&self.subnet.network);
        Some(doubt.unwrap_or_else(|| match network {
            Some(network) => Gap::new(format!(
                "which gateway takes it: the input shows none in `{}`, and no peering by which it uses another's",
                network.id.name()
            ))
            .at(&network.origin),
            None => outside("virtual network", "vnet", &self.subnet.network).at(&self.subnet.origin),
        }))
    }

    /// S113: the addresses of a service, at this subnet alone.
    fn service_endpoints(&mut self) {
        let hop = NextHopType::VirtualNetworkServiceEndpoint;
        let origin = &self.subnet.origin;
        match &self.subnet.service_endpoints {
            Fact::Known(services) => {
                for service in services {
                    let nets = service_tag(service).and_then(|tag| self.tags.addresses(tag));
                    match nets {
                        Some(nets) => {
                            self.routes.add(RouteEntry::by_azure(service, hop, origin), nets.to_nets());
                        }
                        None => self.routes.assumptions.push(Assumption::new(format!(
                            "the service endpoint `{service}` changes no route that is asked about: no tag is known for it"
                        ))),
                    }
                }
            }
            Fact::Unknown(gap) => {
                let entry = RouteEntry {
                    doubt: Some(gap.clone()),
                    ..RouteEntry::by_azure("(services)", hop, origin)
                };
                let all = SERVICE_TAGS.iter().filter_map(|(_, tag)| self.tags.addresses(tag));
                let all: Vec<IpNet> = all.flat_map(|set| set.to_nets()).collect();
                self.routes.add(entry, all);
            }
        }
    }

    /// S112: an address for each private endpoint of the network and of its peers.
    fn private_endpoints(&mut self, neighbours: &Neighbours<'_>) {
        if self.all.private_endpoints.is_empty() {
            return;
        }
        let peers = neighbours.peers.iter().filter_map(|peer| peer.peering.remote.known());
        let networks: Vec<&ResourceId> = std::iter::once(&self.subnet.network).chain(peers).collect();
        // Of the endpoints of a subnet whose addresses are not known one speaks for all.
        let mut spoken_for: FxHashSet<&str> = FxHashSet::default();
        for (endpoint, subnet) in self.all.endpoints_of(&networks) {
            if endpoint.addresses.known().is_some() || spoken_for.insert(subnet.id.as_str()) {
                self.private_endpoint(endpoint, subnet);
            }
        }
    }

    fn private_endpoint(&mut self, endpoint: &PrivateEndpoint, subnet: &Subnet) {
        let addresses = match &endpoint.addresses {
            Fact::Known(addresses) => addresses,
            Fact::Unknown(gap) => return self.unseen_endpoint(endpoint, subnet, gap),
        };
        for address in addresses {
            let overridden_from = self.overridden_from(subnet, IpNet::from(*address));
            let net = IpNet::from(*address);
            let entry = RouteEntry {
                overridden_from: Some(overridden_from),
                ..RouteEntry::by_azure(net, NextHopType::InterfaceEndpoint, &endpoint.origin)
            };
            self.routes.add(entry, [net]);
        }
    }

    /// An endpoint whose address is not known has one of its subnet.
    fn unseen_endpoint(&mut self, endpoint: &PrivateEndpoint, subnet: &Subnet, gap: &Gap) {
        let nets = self.all.unsettled_in(subnet).to_nets();
        let Some(first) = nets.first() else { return };
        let entry = RouteEntry {
            overridden_from: Some(self.overridden_from(subnet, *first)),
            doubt: Some(gap.clone()),
            ..RouteEntry::by_azure(
                format!("an address of {}", subnet.name()),
                NextHopType::InterfaceEndpoint,
                &endpoint.origin,
            )
        };
        self.routes.add_of_full_length(entry, nets);
    }

    /// The least length of a people's route that wins against an endpoint's, by its subnet and address (S112).
    fn overridden_from(&self, subnet: &Subnet, at: IpNet) -> Fact<u8> {
        let network = self.all.virtual_network(&subnet.network).and_then(|network| network.prefixes.known());
        let space = network.into_iter().flatten().find(|net| net.contains(&at.addr()));
        match (&subnet.private_endpoint_policies, space) {
            (Fact::Unknown(gap), _) => Fact::Unknown(gap.clone()),
            (Fact::Known(policies), Some(space)) if policies.routes_apply() => {
                Fact::Known(space.prefix_len())
            }
            // The address space is not shown: any route may be narrow enough.
            (Fact::Known(policies), None) if policies.routes_apply() => Fact::Unknown(
                Gap::new("the address space of the private endpoint's network").at(&subnet.origin),
            ),
            _ => Fact::Known(u8::MAX),
        }
    }

    /// S121, S123: the routes that people wrote.
    fn written(&mut self, table: &Fact<Option<&RouteTable>>) {
        let table = match table {
            Fact::Known(None) => return,
            Fact::Known(Some(table)) => table,
            Fact::Unknown(gap) => return self.unseen_table(gap),
        };
        for route in &table.routes {
            self.route(table, route);
        }
    }

    /// A route table that is not shown can hold any route.
    fn unseen_table(&mut self, gap: &Gap) {
        let origin = gap.origin().unwrap_or(&self.subnet.origin).clone();
        let entry = RouteEntry {
            source: RouteSource::User,
            next_hop: Fact::Unknown(gap.clone()),
            doubt: Some(gap.clone()),
            ..RouteEntry::by_azure("(not shown)", NextHopType::None, &origin)
        };
        self.routes.add_anywhere(entry);
    }

    fn route(&mut self, table: &RouteTable, route: &Route) {
        let mut entry = RouteEntry {
            source: RouteSource::User,
            next_hop: self.hop(route),
            addresses: route.next_hop_address.known().copied().flatten().into_iter().collect(),
            address_gap: route.next_hop_address.gap().cloned(),
            dead_end: self.dead_end(route),
            name: Some(route.name.clone()),
            table: Some(table.id.name().to_owned()),
            ..RouteEntry::by_azure("?", NextHopType::None, &route.origin)
        };
        match &route.prefix {
            Fact::Unknown(gap) => self.routes.add_anywhere(RouteEntry { doubt: Some(gap.clone()), ..entry }),
            Fact::Known(RoutePrefix::Net(net)) => {
                entry.prefix = net.to_string();
                self.routes.add(entry, [*net]);
            }
            Fact::Known(RoutePrefix::Tag(tag)) => {
                entry.prefix = self.tags.spelling(tag).unwrap_or(tag).to_owned();
                entry.tie = tie(&entry.prefix, self.tags);
                match self.tags.addresses(tag) {
                    Some(addresses) => self.routes.add(entry, addresses.to_nets()),
                    None => {
                        let doubt = Some(self.unknown_tag(tag, route));
                        self.routes.add_anywhere(RouteEntry { doubt, ..entry });
                    }
                }
            }
        }
    }

    /// S123: special tags are for rules alone; no list would give their addresses.
    fn unknown_tag(&self, tag: &str, route: &Route) -> Gap {
        match self.tags.classify(tag).kind {
            TagKind::Special { .. } => Gap::new(format!(
                "what the route `{}` is for: `{tag}` is no prefix that a route can have (S123)",
                route.name
            ))
            .at(&route.origin),
            _ => Gap::new(format!("the addresses of the tag `{tag}` of the route `{}`", route.name))
                .at(&route.origin)
                .supplied_by("--service-tags FILE"),
        }
    }

    /// Why a written route to a gateway, or into the network itself, may lead nowhere. No document says what
    /// becomes of traffic into the network for addresses that it does not have.
    fn dead_end(&self, route: &Route) -> Option<Gap> {
        match route.next_hop {
            Fact::Known(NextHopType::VirtualNetworkGateway) => self.no_gateway.clone(),
            Fact::Known(NextHopType::VnetLocal) => Some(
                Gap::new(format!(
                    "who has these addresses: the route `{}` sends them into the network itself, and neither it nor a peer is known to have them",
                    route.name
                ))
                .at(&route.origin),
            ),
            _ => None,
        }
    }

    /// S146: an appliance that lies in no network that is reached from here drops the traffic.
    fn hop(&self, route: &Route) -> Fact<NextHopType> {
        let Fact::Known(NextHopType::VirtualAppliance) = route.next_hop else {
            return route.next_hop.clone();
        };
        match &route.next_hop_address {
            Fact::Known(Some(address)) if self.all_near && !self.nearby.contains(*address) => {
                Fact::Known(NextHopType::None)
            }
            _ => Fact::Known(NextHopType::VirtualAppliance),
        }
    }

    /// S117 to S119: everything to the Internet; some private space nowhere, unless the network has that very
    /// prefix or a wider one, or a written default route takes its place.
    fn platform_defaults(&mut self, table: &Fact<Option<&RouteTable>>) {
        let origin = self.subnet.origin.clone();
        for net in whole_families() {
            self.routes.add(RouteEntry::by_azure(net, NextHopType::Internet, &origin), [net]);
        }
        let doubt = match written_default(table) {
            Fact::Known(true) => return,
            Fact::Known(false) => None,
            Fact::Unknown(gap) => Some(gap),
        };
        let network = self.all.virtual_network(&self.subnet.network);
        let own = network.and_then(|network| network.prefixes.known()).map(Vec::as_slice).unwrap_or_default();
        for net in special::system_none_routes() {
            if own.iter().any(|own| own.contains(&net)) {
                continue;
            }
            let entry =
                RouteEntry { doubt: doubt.clone(), ..RouteEntry::by_azure(net, NextHopType::None, &origin) };
            self.routes.add(entry, [net]);
        }
    }
}

/// Whether routes of gateways reach a subnet with this table (S127).
pub(in super::super) fn propagates(table: &Fact<Option<&RouteTable>>) -> Fact<bool> {
    match table {
        Fact::Known(None) => Fact::Known(true),
        Fact::Known(Some(table)) => table.propagates.clone(),
        Fact::Unknown(gap) => Fact::Unknown(gap.clone()),
    }
}

/// Whether people wrote a route for 0.0.0.0/0.
fn written_default(table: &Fact<Option<&RouteTable>>) -> Fact<bool> {
    let table = match table {
        Fact::Known(None) => return Fact::Known(false),
        Fact::Known(Some(table)) => table,
        Fact::Unknown(gap) => return Fact::Unknown(gap.clone()),
    };
    let is_default = |route: &Route| matches!(route.prefix, Fact::Known(RoutePrefix::Net(IpNet::V4(net))) if net.prefix_len() == 0);
    if table.routes.iter().any(is_default) {
        return Fact::Known(true);
    }
    let open = table.routes.iter().find_map(|route| route.prefix.gap());
    open.map_or(Fact::Known(false), |gap| Fact::Unknown(gap.clone()))
}

fn whole_families() -> [IpNet; 2] {
    [IpNet::from(IpAddr::from([0u8; 4])), IpNet::from(IpAddr::from([0u16; 8]))]
        .map(|net| IpNet::new(net.addr(), 0).unwrap_or(net))
}

/// S123: an explicit prefix, a regional tag, a whole tag, AzureCloud of a region, AzureCloud.
fn tie(tag: &str, tags: &TagSnapshot) -> u8 {
    let base = tag.split('.').next().unwrap_or(tag);
    let is_cloud = base.eq_ignore_ascii_case("AzureCloud");
    let is_regional = tags.lookup(tag).is_some_and(|tag| tag.base.is_some());
    match (is_cloud, is_regional) {
        (false, true) => 1,
        (false, false) => 2,
        (true, true) => 3,
        (true, false) => 4,
    }
}
