//! Times of questions in large networks: a route table that is cut by next hop, and a path through a fleet.
//!
//! `cargo bench --bench fleet`. The fleet is that of `examples/fleet.rs` in its usual size; what its whole check
//! takes is measured from outside, as `docs/performance.md` says.

#[path = "support/fleet.rs"]
mod fleet;

use criterion::{Criterion, criterion_group, criterion_main};
use flowcheck::analyses::{PathQuestion, path};
use flowcheck::model::Protocol;
use flowcheck::network::Network;
use flowcheck::rules::SideText;
use flowcheck::rules::notation::AddressText;
use flowcheck::sets::{AddressSet, PortSet, ProtocolSet};
use flowcheck::sources::{Input, ReadOptions, read};
use flowcheck::tags::TagSnapshot;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::hint::black_box;

const NETWORKS: usize = 2_000;
const ROUTES: usize = 400;
const TAGS: [&str; 25] = [
    "ApiManagement",
    "AppConfiguration",
    "AppService",
    "AzureActiveDirectory",
    "AzureCloud.westeurope",
    "AzureContainerRegistry",
    "AzureCosmosDB",
    "AzureDataLake",
    "AzureEventGrid",
    "AzureFrontDoor.Backend",
    "AzureKeyVault",
    "AzureMonitor",
    "AzureResourceManager",
    "AzureTrafficManager",
    "BatchNodeManagement",
    "DataFactory",
    "EventHub",
    "LogicApps",
    "ServiceBus",
    "ServiceFabric",
    "Sql",
    "Sql.WestEurope",
    "Storage",
    "Storage.NorthEurope",
    "Storage.WestEurope",
];

fn routes(c: &mut Criterion) {
    let network = join([("table", &table())]);
    let subnet = network.subnets_named("apim")[0];
    let tags = TagSnapshot::builtin();
    let cloud = tags.addresses("AzureCloud").unwrap_or_default();
    let mut group = c.benchmark_group(format!("AzureCloud over {ROUTES} routes, {} for tags", TAGS.len()));
    let parts = |point: &flowcheck::network::AttachmentPoint<'_>, asked: &AddressSet| {
        point.routes.as_ref().map_or(0, |routes| routes.partition(asked).len())
    };
    let point = network.at_subnet(subnet, tags);
    let entries = point.routes.as_ref().map_or(0, |routes| routes.entries().len());
    println!("{entries} routes in force, {} parts", parts(&point, &cloud));
    group.bench_function("the place, its table and the first partition", |b| {
        b.iter(|| parts(&network.at_subnet(subnet, tags), black_box(&cloud)));
    });
    group.bench_function("another partition", |b| b.iter(|| parts(&point, black_box(&cloud))));
    group.finish();
}

fn paths(c: &mut Criterion) {
    let mut files: Vec<(String, Input)> = Vec::new();
    let written = fleet::write(NETWORKS, 1, |name, text| -> Result<(), Infallible> {
        files.extend(
            read(text.as_bytes(), name, &ReadOptions::default()).ok().map(|one| (name.to_owned(), one)),
        );
        Ok(())
    });
    assert!(written.is_ok());
    let inputs = files.into_iter().map(|(_, input)| input).collect();
    let Some(Input { network, .. }) = Input::join_all(inputs) else { return };
    let tags = TagSnapshot::builtin();
    let question = PathQuestion {
        protocols: ProtocolSet::of([Protocol::TCP]),
        source_ports: PortSet::all(),
        ports: PortSet::range(443, 443),
    };
    let side = |name: &str| SideText { addresses: vec![AddressText::Name(name.to_owned())], ports: None };
    let mut group = c.benchmark_group(format!("reach among {} subnets", network.subnets.len()));
    // The first look-up makes the index, once for all questions.
    for (what, from, to) in [
        ("to the hub", "vnet-01001/app", "vnet-01000/data"),
        ("inside a network", "vnet-01001/app", "vnet-01001/apim"),
        ("into another network", "vnet-01001/app", "vnet-00043/apim"),
    ] {
        group.bench_function(what, |b| {
            b.iter(|| {
                let ends = (network.end(&side(from), tags), network.end(&side(to), tags));
                let (Ok(from), Ok(to)) = ends else { return None };
                path(&from, &to, black_box(&question)).ok().map(|answer| answer.verdict)
            });
        });
    }
    group.finish();
}

fn join<'t>(files: impl IntoIterator<Item = (&'t str, &'t Value)>) -> Network {
    let read = |(name, value): (&str, &Value)| {
        read(value.to_string().into_bytes(), name, &ReadOptions::default()).ok()
    };
    Input::join_all(files.into_iter().filter_map(read).collect())
        .map(|input| input.network)
        .unwrap_or_default()
}

/// A subnet with a table of as many routes as Azure allows.
fn table() -> Value {
    let id = |kind: &str, name: &str| {
        format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/{kind}/{name}")
    };
    let (network, table) = (id("virtualNetworks", "hub"), id("routeTables", "rt"));
    let prefix = |number: usize| match number {
        0 => "0.0.0.0/0".to_owned(),
        _ => format!("{}.{}.0.0/{}", 11 + number % 180, (number * 7) % 256 / 4 * 4, 14 + number % 3),
    };
    let prefixes = (0..ROUTES - TAGS.len()).map(prefix).chain(TAGS.iter().map(|tag| (*tag).to_owned()));
    let route = |(number, prefix): (usize, String)| {
        let hop = if number % 5 == 1 { "Internet" } else { "VirtualAppliance" };
        let address = (hop == "VirtualAppliance").then(|| format!("10.0.9.{}", 4 + number % 8));
        json!({"name": format!("r{number}"), "addressPrefix": prefix, "nextHopType": hop,
            "nextHopIpAddress": address})
    };
    let routes: Vec<Value> = prefixes.enumerate().map(route).collect();
    json!([
        {"id": network, "type": "Microsoft.Network/virtualNetworks", "name": "hub",
         "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
         "subnets": [{"id": format!("{network}/subnets/apim"), "name": "apim", "addressPrefix": "10.0.1.0/24",
            "routeTable": {"id": table}}]},
        {"id": table, "type": "Microsoft.Network/routeTables", "name": "rt", "routes": routes}
    ])
}

criterion_group!(benches, routes, paths);
criterion_main!(benches);
