//! `route` for people and for programs.

use crate::golden::{PLAIN, compare, tags};
use crate::networks::{HEALTHY, Setting, network};
use crate::schema::{head, valid};
use flowcheck::analyses::{NextHopAnswer, next_hops};
use flowcheck::model::{Fact, Gap, Origin, ResourceId};
use flowcheck::network::{Network, NextHopType, Route, RoutePrefix, RouteTable};
use flowcheck::report::{json, text};
use flowcheck::sets::AddressSet;
use flowcheck::tags::TagSnapshot;

/// The small network with a default route to an appliance, the control plane straight to the Internet, and a
/// route whose prefix is a parameter without a value.
fn forced(with_gap: bool) -> Network {
    let file = "main.json".into();
    let route = |line: u32, name: &str, prefix: Fact<RoutePrefix>, next_hop, address: Option<&str>| Route {
        name: name.to_owned(),
        prefix,
        next_hop: Fact::Known(next_hop),
        next_hop_address: Fact::Known(address.map(|address| address.parse().unwrap())),
        origin: Origin::new(&file, line, 9, "routes[]"),
    };
    let prefix = |text: &str| Fact::Known(RoutePrefix::Net(text.parse().unwrap()));
    let tag = |name: &str| Fact::Known(RoutePrefix::Tag(name.to_owned()));
    let gap = Gap::new("the parameter `branch`, which has no value").supplied_by("--set branch=VALUE");
    let mut routes = vec![
        route(81, "to-firewall", prefix("0.0.0.0/0"), NextHopType::VirtualAppliance, Some("10.0.9.4")),
        route(84, "control-plane", tag("ApiManagement"), NextHopType::Internet, None),
        route(87, "nowhere", prefix("10.8.0.0/16"), NextHopType::VirtualAppliance, Some("203.0.113.9")),
    ];
    if with_gap {
        routes.push(route(90, "branch", Fact::Unknown(gap), NextHopType::None, None));
    }
    let table = ResourceId::new("/providers/Microsoft.Network/routeTables/apim-rt");
    let mut network = network(&Setting::rules(HEALTHY));
    network.subnets[0].route_table = Fact::Known(Some(table.clone()));
    network.route_tables = vec![RouteTable {
        id: table,
        routes,
        propagates: Fact::Known(true),
        origin: Origin::new(&file, 80, 5, "resources[2]"),
    }]
    .into();
    network
}

fn asked(network: &Network, to: &str) -> NextHopAnswer {
    let point = network.at_subnet(&network.subnets[0], TagSnapshot::builtin());
    let nets = to.split(',').map(|net| net.parse().unwrap());
    next_hops(&point, &AddressSet::from_nets(nets)).unwrap()
}

const ASKED: [&str; 5] = [
    "0.0.0.0/0",
    "51.145.179.78/32",
    "10.0.2.4/32,10.8.1.1/32",
    "168.63.129.16/32,172.20.1.1/32",
    "13.64.0.0/11",
];

#[test]
fn route_says_where_it_goes_and_by_which_route() {
    let mut out = Vec::new();
    for with_gap in [false, true] {
        let network = forced(with_gap);
        for to in ASKED {
            text::route(&asked(&network, to), to, &[], &PLAIN, &tags(), &mut out).unwrap();
            out.push(b'\n');
        }
    }
    compare("route", &out);
}

#[test]
fn route_is_valid_and_names_the_candidates_of_what_is_open() {
    for with_gap in [false, true] {
        let network = forced(with_gap);
        for to in ASKED {
            let answer = asked(&network, to);
            let document = valid("route", |out| json::route(&answer, to, &head(), out).unwrap());
            for result in document["results"].as_array().unwrap() {
                assert_eq!(result["route"].is_null(), with_gap, "{to}");
                assert_eq!(result["candidates"].as_array().unwrap().len() > 1, with_gap, "{to}");
            }
        }
    }
}
