//! Many networks at once: the same answers however many threads there are, in the input's order; and an index
//! that finds what a look at everything finds.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

#[path = "../benches/support/fleet.rs"]
mod fleet;

use flowcheck::analyses::{CheckAnswer, CheckOptions, check, check_watched};
use flowcheck::flows::{ParameterValues, Profile};
use flowcheck::model::{Fact, Gap, Origin, ResourceId};
use flowcheck::network::{Network, PrivateEndpoint, SecurityGroup, Subnet, Supplied};
use flowcheck::report::json::Head;
use flowcheck::report::text::TextOptions;
use flowcheck::report::{json, text};
use flowcheck::sources::{Input, ReadOptions, read};
use flowcheck::tags::TagSnapshot;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};

fn network(networks: usize) -> Network {
    let mut inputs = Vec::new();
    let Ok(()) = fleet::write(networks, 7, |name, text| -> Result<(), Infallible> {
        let input = read(text.as_bytes(), name, &ReadOptions::default()).unwrap();
        assert_eq!(input.findings, [], "{name}");
        inputs.push(input);
        Ok(())
    });
    Input::join_all(inputs).unwrap().network
}

fn options(parameters: &ParameterValues) -> CheckOptions<'_> {
    CheckOptions { tags: TagSnapshot::builtin(), profile: Profile::newest(), parameters, features: &[] }
}

fn bytes(answer: &CheckAnswer) -> (String, String) {
    let (mut words, mut document) = (Vec::new(), Vec::new());
    text::check(answer, &TextOptions::default(), "list", &mut words).unwrap();
    json::check(answer, &Head::default(), &mut document).unwrap();
    (String::from_utf8(words).unwrap(), String::from_utf8(document).unwrap())
}

#[test]
fn the_generator_makes_what_it_promises() {
    let counts = network(40).counts();
    assert_eq!((counts.virtual_networks, counts.subnets, counts.instances), (40, 200, 40));
    assert_eq!((counts.security_groups, counts.rules), (100, 4_000));
}

#[test]
fn one_thread_and_many_give_the_same_bytes_in_the_inputs_order() {
    let mut network = network(12);
    // Two that stand in one subnet share its evaluation, with another instance between them.
    let mut twin = network.instances[0].clone();
    twin.name = "twin".to_owned();
    network.instances.insert(2, twin);
    let parameters = ParameterValues::default();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let answer = check(&network, &options(&parameters));
            let bytes = bytes(&answer);
            (answer, bytes)
        })
    };
    let (one, written) = with(1);
    assert_eq!(with(4).1, written);
    let names: Vec<&str> = one.instances.iter().map(|instance| &*instance.name).collect();
    let given: Vec<&str> = network.instances.iter().map(|instance| &*instance.name).collect();
    assert_eq!(names, given);
    // What each is told alone is what it is told among all.
    for (place, instance) in network.instances.iter().enumerate() {
        let mut alone = network.clone();
        alone.instances = vec![instance.clone()];
        let answer = check(&alone, &options(&parameters));
        assert_eq!(format!("{:?}", answer.instances[0]), format!("{:?}", one.instances[place]));
    }
}

#[test]
fn whoever_watches_hears_of_every_location() {
    let network = network(8);
    let heard = AtomicUsize::new(0);
    let watch = |all: usize| {
        assert_eq!(all, 8);
        heard.fetch_add(1, Ordering::Relaxed);
    };
    check_watched(&network, &options(&ParameterValues::default()), &watch);
    assert_eq!(heard.into_inner(), 8);
}

/// Every look-up of everything that there is, and of what there is not, beside a look at all.
fn index_agrees(network: &Network) {
    let ids = network.subnets.iter().flat_map(|subnet| [&subnet.id, &subnet.network]);
    let ids = ids.chain(network.security_groups.iter().map(|group| &group.id));
    let ids = ids.chain(network.route_tables.iter().map(|table| &table.id));
    let written: Vec<&str> = ids.map(ResourceId::as_str).collect();
    let other_case = written.iter().map(|id| ResourceId::new(id.to_uppercase()));
    let ids: Vec<ResourceId> = written
        .iter()
        .map(|id| ResourceId::new(*id))
        .chain(other_case)
        .chain([ResourceId::new("none")])
        .collect();
    for id in &ids {
        let at = |found: Option<*const Subnet>| found;
        let plain = network.subnets.iter().find(|one| one.id == *id);
        assert_eq!(at(network.subnet(id).map(std::ptr::from_ref)), plain.map(std::ptr::from_ref), "{id}");
        let plain = network.virtual_networks.iter().find(|one| one.id == *id);
        assert_eq!(network.virtual_network(id).map(std::ptr::from_ref), plain.map(std::ptr::from_ref));
        let plain = network.security_groups.iter().find(|one| one.id == *id);
        assert_eq!(network.security_group(id).map(std::ptr::from_ref), plain.map(std::ptr::from_ref));
        let plain = network.route_tables.iter().find(|one| one.id == *id);
        assert_eq!(network.route_table(id).map(std::ptr::from_ref), plain.map(std::ptr::from_ref));
        let inside = network.subnets.iter().filter(|one| one.network == *id);
        assert!(network.subnets_in(id).map(std::ptr::from_ref).eq(inside.map(std::ptr::from_ref)));
        for name in [id.name().to_owned(), id.names().join("/"), id.to_string()] {
            let is_it = |one: &&Subnet| {
                [one.id.name(), &one.name(), one.id.as_str()]
                    .iter()
                    .any(|word| word.eq_ignore_ascii_case(&name))
            };
            let plain: Vec<_> = network.subnets.iter().filter(is_it).map(std::ptr::from_ref).collect();
            let found: Vec<_> = network.subnets_named(&name).into_iter().map(std::ptr::from_ref).collect();
            assert_eq!(found, plain, "{name}");
            let is_it = |one: &&SecurityGroup| {
                one.name().eq_ignore_ascii_case(&name) || one.id.as_str().eq_ignore_ascii_case(&name)
            };
            let plain: Vec<_> =
                network.security_groups.iter().filter(is_it).map(std::ptr::from_ref).collect();
            let found: Vec<_> =
                network.security_groups_named(&name).into_iter().map(std::ptr::from_ref).collect();
            assert_eq!(found, plain, "{name}");
        }
    }
    for group in &network.security_groups {
        let is_at = |one: &&Subnet| match &one.security_group {
            Fact::Known(Some(id)) => *id == group.id,
            Fact::Known(None) => group.subnets.contains(&one.id),
            Fact::Unknown(_) => false,
        };
        let plain: Vec<_> = network.subnets.iter().filter(is_at).map(std::ptr::from_ref).collect();
        let found: Vec<_> = network.subnets_of(group).into_iter().map(std::ptr::from_ref).collect();
        assert_eq!(found, plain, "{}", group.id);
        let names =
            |id: &Fact<Option<ResourceId>>| id.known().is_none_or(|id| id.as_ref() == Some(&group.id));
        let plain = network.subnets.iter().any(|one| names(&one.security_group))
            || network.interfaces.iter().any(|one| names(&one.security_group));
        assert_eq!(network.may_be_named(group), plain, "{}", group.id);
    }
    for subnet in &network.subnets {
        if subnet.security_group == Fact::Known(None) {
            let plain = network.security_groups.iter().find(|group| group.subnets.contains(&subnet.id));
            let found = network.security_group_of(subnet);
            assert_eq!(found.known().unwrap().map(|group| &group.id), plain.map(|group| &group.id));
        }
        let may_be_here =
            |id: &Fact<Option<ResourceId>>| id.known().is_none_or(|id| id.as_ref() == Some(&subnet.id));
        let has_group = network.interfaces.iter().filter(|one| one.security_group != Fact::Known(None));
        let plain = has_group.filter(|one| one.configurations.iter().any(|one| may_be_here(&one.subnet)));
        let found = network.interfaces_with_groups(subnet);
        assert!(found.iter().map(|one| one.name).eq(plain.map(|one| one.id.name())), "{}", subnet.id);
        let plain = network.private_endpoints.iter().filter(|one| one.subnet.known() == Some(&subnet.id));
        let found = network.endpoints_in(subnet);
        assert!(found.iter().map(|one| one.name).eq(plain.map(|one| one.id.name())), "{}", subnet.id);
    }
}

/// A change of a network, with its first subnet as it was.
type Change = fn(&mut Network, &Subnet);

#[test]
fn the_index_finds_what_a_look_at_everything_finds_after_every_change() {
    let mut network = network(6);
    index_agrees(&network);
    let origin = Origin::command_line("test");
    let gap = || Gap::new("something");
    let first = network.subnets[0].clone();
    let changes: [(&str, Change); 7] = [
        ("a group that is named by the group alone", |network, subnet| {
            network.subnets[1].security_group = Fact::Known(None);
            network.subnets[2].security_group = Fact::Known(None);
            network.security_groups[0].subnets.push(subnet.id.clone());
        }),
        ("one id twice", |network, subnet| network.subnets.push(subnet.clone())),
        ("a subnet less", |network, _| {
            network.subnets.remove(3);
        }),
        ("another name", |network, subnet| {
            network.subnets[4].id = ResourceId::new(format!("{}/subnets/new", subnet.network));
        }),
        ("groups less", |network, _| network.security_groups.retain(|group| !group.name().contains("app"))),
        ("networks the other way round", |network, _| network.virtual_networks.reverse()),
        ("interfaces with groups", |network, _| {
            let group = network.security_groups[0].id.clone();
            for interface in &mut network.interfaces {
                interface.security_group = Fact::Known(Some(group.clone()));
            }
        }),
    ];
    for (what, change) in changes {
        change(&mut network, &first);
        println!("{what}");
        index_agrees(&network);
    }
    network.private_endpoints.push(PrivateEndpoint {
        id: ResourceId::new("/providers/Microsoft.Network/privateEndpoints/sql"),
        subnet: Fact::Known(first.id.clone()),
        addresses: Fact::Known(vec!["10.0.0.9".parse().unwrap()]),
        origin: origin.clone(),
    });
    network.interfaces[0].configurations[0].subnet = Fact::Unknown(gap());
    network.interfaces[1].security_group = Fact::Unknown(gap());
    index_agrees(&network);
    network.subnets[5].security_group = Fact::Unknown(gap());
    index_agrees(&network);
    let name = network.security_groups[1].id.to_string();
    network.virtual_networks.remove(0);
    let supplied = Supplied {
        group: Some(name),
        vnet_prefixes: vec!["10.0.0.0/8".parse().unwrap()],
        ..Supplied::default()
    };
    network.supply_prefixes(&supplied).unwrap();
    index_agrees(&network);
}
