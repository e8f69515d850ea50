//! Laws of route choice: the sets agree with single packets, single packets with the documents read one clause
//! after the other, and what is not settled holds every way of settling it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use flowcheck::model::{Fact, Gap, Origin, ResourceId};
use flowcheck::network::routing::RoutesInForce;
use flowcheck::network::{
    EndpointPolicies, Gateway, Network, NextHopType, Peering, PrivateEndpoint, Route, RoutePrefix,
    RouteTable, Subnet, VirtualNetwork,
};
use flowcheck::sets::AddressSet;
use flowcheck::tags::{TagSnapshot, special};
use ipnet::IpNet;
use proptest::prelude::*;
use proptest::sample::select;
use std::net::IpAddr;

/// A network in short.
#[derive(Clone, Debug)]
struct Plan {
    space: Vec<&'static str>,
    routes: Vec<(&'static str, NextHopType, Option<&'static str>)>,
    peers: Vec<(&'static str, bool)>,
    sites: Vec<&'static str>,
    propagates: bool,
    services: Vec<&'static str>,
    endpoint: Option<EndpointPolicies>,
}

const PREFIXES: [&str; 16] = [
    "0.0.0.0/0",
    "10.0.0.0/8",
    "10.0.0.0/16",
    "10.0.1.0/24",
    "10.0.5.0/24",
    "10.0.5.4/32",
    "10.1.0.0/16",
    "10.1.2.0/24",
    "13.69.40.16/28",
    "13.0.0.0/8",
    "172.16.0.0/12",
    "172.20.0.0/16",
    "192.168.0.0/16",
    "192.168.50.0/24",
    "40.0.0.0/8",
    "10.0.0.0/15",
];
const TAGS: [&str; 5] =
    ["Storage", "Storage.WestEurope", "AzureCloud", "AzureCloud.westeurope", "ApiManagement"];

fn nets(texts: &[&str]) -> Vec<IpNet> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn plan() -> impl Strategy<Value = Plan> {
    use NextHopType::{Internet, None as Nowhere, VirtualAppliance, VirtualNetworkGateway, VnetLocal};
    let written = [PREFIXES.as_slice(), TAGS.as_slice()].concat();
    let hop =
        select(vec![VirtualAppliance, VirtualAppliance, Internet, Nowhere, VnetLocal, VirtualNetworkGateway]);
    let appliance = select(vec![Some("10.0.9.4"), Some("10.1.9.4"), Some("203.0.113.9"), None]);
    let policies = select(EndpointPolicies::ALL);
    (
        select(vec![
            vec!["10.0.0.0/16"],
            vec!["10.0.0.0/8"],
            vec!["10.0.0.0/16", "172.20.0.0/16"],
            vec!["10.0.0.0/15", "192.168.0.0/16"],
        ]),
        prop::collection::vec((select(written), hop, appliance), 0..6),
        prop::collection::vec(
            (select(vec!["10.1.0.0/16", "10.2.0.0/16", "13.69.0.0/16"]), any::<bool>()),
            0..2,
        ),
        prop::collection::vec(
            select(vec!["192.168.0.0/16", "10.1.2.0/24", "0.0.0.0/0", "13.69.40.0/24"]),
            0..3,
        ),
        any::<bool>(),
        prop::collection::vec(select(vec!["Microsoft.Storage", "Microsoft.Sql"]), 0..2),
        prop::option::of(policies),
    )
        .prop_map(|(space, routes, peers, sites, propagates, services, endpoint)| {
            // Azure refuses two routes of one prefix; what such a table does is open.
            let mut seen = std::collections::BTreeSet::new();
            let routes = routes
                .into_iter()
                .filter(|(prefix, ..)| seen.insert(*prefix))
                .map(|(prefix, hop, address)| (prefix, hop, address.filter(|_| hop == VirtualAppliance)))
                .collect();
            Plan { space, routes, peers, sites, propagates, services, endpoint }
        })
}

fn id(kind: &str, name: &str) -> ResourceId {
    ResourceId::new(format!("/providers/Microsoft.Network/{kind}/{name}"))
}

fn network(plan: &Plan) -> Network {
    let origin = Origin::command_line("test");
    let (hub, table) = (id("virtualNetworks", "hub"), id("routeTables", "rt"));
    let subnet = |name: &str, prefix: &str| Subnet {
        prefixes: Fact::Known(nets(&[prefix])),
        ..Subnet::new(ResourceId::new(format!("{hub}/subnets/{name}")), hub.clone(), &origin)
    };
    let route = |(number, (prefix, hop, address)): (usize, &(&str, NextHopType, Option<&str>))| Route {
        name: format!("r{number}"),
        prefix: Fact::Known(match prefix.parse() {
            Ok(net) => RoutePrefix::Net(net),
            Err(_) => RoutePrefix::Tag((*prefix).to_owned()),
        }),
        next_hop: Fact::Known(*hop),
        next_hop_address: Fact::Known(address.map(|address| address.parse().unwrap())),
        origin: origin.clone(),
    };
    let peering = |(number, (space, access)): (usize, &(&str, bool))| Peering {
        remote_prefixes: Some(nets(&[space])),
        access: Fact::Known(*access),
        ..Peering::new(
            format!("p{number}"),
            Fact::Known(id("virtualNetworks", &format!("peer{number}"))),
            &origin,
        )
    };
    let endpoint = plan.endpoint.map(|_| PrivateEndpoint {
        id: id("privateEndpoints", "sql"),
        subnet: Fact::Known(ResourceId::new(format!("{hub}/subnets/endpoints"))),
        addresses: Fact::Known(vec!["10.0.5.4".parse().unwrap()]),
        origin: origin.clone(),
    });
    Network {
        virtual_networks: vec![VirtualNetwork {
            peerings: plan.peers.iter().enumerate().map(peering).collect(),
            ..VirtualNetwork::new(hub.clone(), Fact::Known(nets(&plan.space)), &origin)
        }]
        .into(),
        subnets: vec![
            Subnet {
                route_table: Fact::Known(Some(table.clone())),
                service_endpoints: Fact::Known(plan.services.iter().map(|&name| name.to_owned()).collect()),
                ..subnet("apim", "10.0.1.0/24")
            },
            Subnet {
                private_endpoint_policies: Fact::Known(plan.endpoint.unwrap_or(EndpointPolicies::Disabled)),
                ..subnet("endpoints", "10.0.5.0/24")
            },
        ]
        .into(),
        route_tables: vec![RouteTable {
            id: table,
            routes: plan.routes.iter().enumerate().map(route).collect(),
            propagates: Fact::Known(plan.propagates),
            origin: origin.clone(),
        }]
        .into(),
        gateways: (!plan.sites.is_empty())
            .then(|| Gateway {
                id: id("virtualNetworkGateways", "gw"),
                network: Fact::Known(hub),
                prefixes: Fact::Known(nets(&plan.sites)),
                origin: origin.clone(),
            })
            .into_iter()
            .collect(),
        private_endpoints: endpoint.into_iter().collect(),
        ..Network::default()
    }
}

fn routes(network: &Network) -> RoutesInForce {
    network.at_subnet(&network.subnets[0], TagSnapshot::builtin()).routes.unwrap()
}

/// One route of the plain reading: length, rank of its maker, rank among tags, next hop, appliance.
type Plain = (u8, u8, u8, NextHopType, Option<IpAddr>);

/// The next hop of one address, read from the documents one clause after the other.
fn by_the_documents(plan: &Plan, to: IpAddr) -> (NextHopType, Option<IpAddr>) {
    let tags = TagSnapshot::builtin();
    let holding = |set: &AddressSet| set.nets().find(|net| net.contains(&to)).map(|net| net.prefix_len());
    let near: Vec<IpNet> = plan
        .space
        .iter()
        .chain(plan.peers.iter().filter(|(_, access)| *access).map(|(space, _)| space))
        .chain(&["10.0.1.0/24"])
        .map(|net| net.parse().unwrap())
        .collect();
    let mut users: Vec<Plain> = Vec::new();
    for (prefix, hop, address) in &plan.routes {
        let address: Option<IpAddr> = address.map(|address| address.parse().unwrap());
        // S146
        let reached = address.is_none_or(|address| near.iter().any(|net| net.contains(&address)));
        let hop = if reached { *hop } else { NextHopType::None };
        let (length, tie) = match prefix.parse::<IpNet>() {
            Ok(net) => (net.contains(&to).then(|| net.prefix_len()), 0),
            // S123
            Err(_) => {
                let tie = match *prefix {
                    "Storage.WestEurope" => 1,
                    "AzureCloud.westeurope" => 3,
                    "AzureCloud" => 4,
                    _ => 2,
                };
                (holding(&tags.addresses(prefix).unwrap()), tie)
            }
        };
        users.extend(length.map(|length| (length, 0, tie, hop, address)));
    }
    let mut others: Vec<Plain> = Vec::new();
    let mut own = |net: &str, rank: u8, hop: NextHopType| {
        let net: IpNet = net.parse().unwrap();
        if net.contains(&to) {
            others.push((net.prefix_len(), rank, 0, hop, None));
        }
    };
    plan.space.iter().for_each(|net| own(net, 2, NextHopType::VnetLocal));
    plan.peers
        .iter()
        .filter(|(_, access)| *access)
        .for_each(|(net, _)| own(net, 2, NextHopType::VNetPeering));
    own("0.0.0.0/0", 2, NextHopType::Internet);
    // S118, S119
    if !plan.routes.iter().any(|(prefix, ..)| *prefix == "0.0.0.0/0") {
        for net in special::system_none_routes() {
            let space = nets(&plan.space);
            if !space.iter().any(|own| own.contains(&net)) {
                own(&net.to_string(), 2, NextHopType::None);
            }
        }
    }
    for service in &plan.services {
        let tag = if *service == "Microsoft.Sql" { "Sql" } else { "Storage" };
        let length = holding(&tags.addresses(tag).unwrap());
        others.extend(length.map(|length| (length, 2, 0, NextHopType::VirtualNetworkServiceEndpoint, None)));
    }
    // S116: the network's own, peers' and service endpoints' routes keep those of gateways out.
    let keeps_out = |route: &Plain| !matches!(route.3, NextHopType::Internet | NextHopType::None);
    if plan.propagates && !others.iter().any(keeps_out) {
        for net in nets(&plan.sites).into_iter().filter(|net| net.contains(&to)) {
            others.push((net.prefix_len(), 1, 0, NextHopType::VirtualNetworkGateway, None));
        }
    }
    // S112
    if let Some(policies) = plan.endpoint.filter(|_| to == IpAddr::from([10, 0, 5, 4])) {
        let space = nets(&plan.space).into_iter().find(|net| net.contains(&to)).unwrap().prefix_len();
        users.retain(|route| policies.routes_apply() && route.0 >= space);
        others = vec![(0, 2, 0, NextHopType::InterfaceEndpoint, None)];
    }
    let all = users.into_iter().chain(others);
    let best =
        all.enumerate().min_by_key(|(place, (length, rank, tie, ..))| (255 - length, *rank, *tie, *place));
    best.map(|(_, (.., hop, address))| (hop, address)).unwrap()
}

/// Addresses at the edges of every prefix that plays a part.
fn edges(plan: &Plan) -> Vec<IpAddr> {
    let mut nets = nets(&PREFIXES);
    nets.extend(plan.space.iter().chain(&plan.sites).map(|net| net.parse::<IpNet>().unwrap()));
    nets.extend(special::system_none_routes());
    for tag in TAGS {
        nets.extend(
            TagSnapshot::builtin()
                .addresses(tag)
                .unwrap()
                .nets()
                .filter(|net| net.addr().is_ipv4())
                .step_by(97),
        );
    }
    let around = |address: IpAddr| {
        let IpAddr::V4(address) = address else { unreachable!() };
        let number = address.to_bits();
        [number.wrapping_sub(1), number, number.wrapping_add(1)].map(|number| IpAddr::V4(number.into()))
    };
    nets.iter().flat_map(|net| [net.network(), net.broadcast()]).flat_map(around).collect()
}

fn cases() -> ProptestConfig {
    let given = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { cases: given.unwrap_or(48), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases())]

    /// One address, by the sweep and by the documents (S112, S115 to S119, S121, S123, S146).
    #[test]
    fn one_address_goes_where_the_documents_say(plan in plan()) {
        let network = network(&plan);
        let routes = routes(&network);
        let platform = special::platform_only();
        for to in edges(&plan).into_iter().filter(|to| !platform.contains(*to)) {
            let choice = routes.choose(to).unwrap();
            prop_assert_eq!(Some(choice.clone()), routes.choose_plainly(to), "{}", to);
            let found: Vec<_> = routes.of(choice).collect();
            prop_assert_eq!(found.len(), 1, "{} is settled: {:?}", to, found);
            let way = (*found[0].next_hop.known().unwrap(), found[0].addresses.first().copied());
            prop_assert_eq!(way, by_the_documents(&plan, to), "{} by {}", to, found[0]);
        }
    }

    /// The parts of a set are disjoint, hold all of it, and say of each address what it says alone.
    #[test]
    fn sets_agree_with_single_addresses(plan in plan(), asked in select(vec!["0.0.0.0/0", "10.0.0.0/8", "13.64.0.0/10"])) {
        let network = network(&plan);
        let routes = routes(&network);
        let asked: AddressSet = nets(&[asked]).into_iter().collect();
        let parts = routes.partition(&asked);
        let whole = parts.iter().fold(AddressSet::empty(), |all, part| {
            assert!(!all.meets(&part.to));
            all.union(&part.to)
        });
        prop_assert_eq!(&whole, &asked);
        for to in edges(&plan).into_iter().filter(|to| asked.contains(*to)) {
            let part = parts.iter().find(|part| part.to.contains(to)).unwrap();
            prop_assert_eq!(Some(&part.choice), routes.choose(to), "{}", to);
        }
    }

    /// Whatever a missing value turns out to be, the way was among those that were left open.
    #[test]
    fn what_is_open_holds_every_way_of_settling_it(plan in plan(), hidden in 0usize..7, number in any::<prop::sample::Index>()) {
        let settled = network(&plan);
        let mut open = settled.clone();
        let gap = Gap::new("a value that is not shown");
        let table = &mut open.route_tables[0];
        let place = (!table.routes.is_empty()).then(|| number.index(table.routes.len()));
        match (hidden, place) {
            (0, Some(place)) => table.routes[place].prefix = Fact::Unknown(gap),
            (1, Some(place)) => table.routes[place].next_hop = Fact::Unknown(gap),
            (2, _) => table.propagates = Fact::Unknown(gap),
            (3, _) => open.subnets[0].route_table = Fact::Unknown(gap),
            (4, _) => open.subnets[1].private_endpoint_policies = Fact::Unknown(gap),
            (5, _) => {
                open.subnets[0].service_endpoints = Fact::Unknown(gap);
            }
            (6, _) => {
                let endpoints = open.private_endpoints.iter_mut();
                endpoints.for_each(|endpoint| endpoint.addresses = Fact::Unknown(gap.clone()));
            }
            _ => {}
        }
        let (settled, open) = (routes(&settled), routes(&open));
        for to in edges(&plan) {
            let (Some(is), Some(may)) = (settled.choose(to), open.choose(to)) else { continue };
            let is = settled.of(is).next().unwrap();
            let may: Vec<_> = open.of(may).collect();
            let same = |other: &&flowcheck::network::routing::RouteEntry| other.next_hop.known().is_none() || other.same_way(is);
            prop_assert!(may.iter().any(same), "{}: {} is not among {:?}", to, is, may);
        }
    }
}
