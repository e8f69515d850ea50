//! Whole sets: what the symbolic peers are asked, on the inbound IPv4 half of the same rules.

use super::print_job;
use flowcheck::model::{Access, Direction, Fact, Protocol};
use flowcheck::network::{AttachmentPoint, Network};
use flowcheck::rules::{ChangedPart, Policy, Reading, RuleSet};
use flowcheck::sets::{AddressSet, PacketBox, PacketSet, PortSet, ProtocolSet};
use flowcheck::sources::{ReadOptions, read};
use flowcheck::tags::TagSnapshot;
use std::error::Error;
use std::path::Path;

/// How often each job is run; the median counts.
const TIMES: usize = 15;

/// Prints a figure for each job, where the folder has the rules as a template.
pub(crate) fn run(dir: &Path) -> Result<(), Box<dyn Error>> {
    let template = dir.join("nsg.arm.json");
    if !template.exists() {
        return Ok(());
    }
    let input = read(&std::fs::read(&template)?, &template.to_string_lossy(), &ReadOptions::default())?;
    let network = &input.network;
    let tags = TagSnapshot::builtin();
    let point = network.at_subnet(&network.subnets[0], tags);
    let Fact::Known(Some(group)) = point.security_group else { return Err("the subnet has no group".into()) };
    let names = names_in_order(dir)?;
    let rules = &group.rules;
    let reordered = reordered(rules, &names.swap)?;
    let edited = compile(&edited(rules, &names.a)?, &point);
    let (asked, flow) = (all_v4(), management(tags));
    let policy = compile(rules, &point);

    print("tags to sets and partition", || partition_from_nothing(network, rules, &asked), boxes);
    print("partition, tags known", || policy.cut(&asked).boxes(), boxes);
    print("partition as exact sets", || policy.partition(&asked).len(), |_| String::new());
    print("partition, both families", || policy.cut(&PacketSet::all()).boxes(), boxes);
    print("sort of 280,000 pairs", sort_of_pairs(), |_| String::new());
    let equal = |changes: &Vec<ChangedPart>| format!(", \"answer\": {}", changes.is_empty());
    print("equal to reordered", || compile(&reordered, &point).difference(&policy, &asked), equal);
    print("equal to one-rule edit", || policy.difference(&edited, &asked), equal);
    print("all shadowed rules", || policy.shadowed(), |dead| format!(", \"answer\": {}", dead.len()));
    print("standings of all rules", || policy.standings(Direction::Inbound), |_| String::new());
    print("3443 as a set, cold", || policy.partition(&flow), |_| String::new());
    print("3443 as a set, rules compiled too", || compile(rules, &point).partition(&flow), |_| String::new());
    Ok(())
}

/// Times a job as often as all others.
fn print<T>(what: &str, job: impl FnMut() -> T, more: impl Fn(&T) -> String) {
    print_job(what, TIMES, job, more);
}

fn boxes(count: &usize) -> String {
    format!(", \"answer\": \"{count} boxes\"")
}

fn compile(rules: &RuleSet, point: &AttachmentPoint<'_>) -> Policy {
    Policy::compile(rules, Direction::Inbound, &point.surroundings, &Reading::DEFAULT)
}

/// The list of tags is as it is when the program starts, no tag read yet.
fn partition_from_nothing(network: &Network, rules: &RuleSet, asked: &PacketSet) -> usize {
    let tags = TagSnapshot::builtin().clone();
    let point = network.at_subnet(&network.subnets[0], &tags);
    compile(rules, &point).cut(asked).boxes()
}

/// A job that sorts numbers without order, the same every time.
fn sort_of_pairs() -> impl FnMut() -> Vec<(u32, u32)> {
    let pairs: Vec<(u32, u32)> =
        (0..280_000u32).map(|number| (number.wrapping_mul(2_654_435_769), number)).collect();
    move || {
        let mut pairs = pairs.clone();
        pairs.sort_unstable();
        pairs
    }
}

fn all_v4() -> PacketSet {
    packets(ProtocolSet::ALL, AddressSet::all_v4(), AddressSet::all_v4(), PortSet::all())
}

/// In Tcp ApiManagement -> 10.0.1.0/24:3443.
fn management(tags: &TagSnapshot) -> PacketSet {
    let source = tags.lookup("ApiManagement").map(|tag| tag.addresses.only_v4()).unwrap_or_default();
    let subnet = AddressSet::range([10, 0, 1, 0].into(), [10, 0, 1, 255].into());
    packets(ProtocolSet::of([Protocol::TCP]), source, subnet, PortSet::range(3443, 3443))
}

fn packets(protocols: ProtocolSet, source: AddressSet, destination: AddressSet, ports: PortSet) -> PacketSet {
    PacketSet::product(&PacketBox {
        protocols,
        source,
        source_ports: PortSet::all(),
        destination,
        destination_ports: ports,
    })
}

/// The names of the inbound rules in order: as they are, and reordered without a change of meaning.
#[derive(serde::Deserialize)]
struct Names {
    a: Vec<Name>,
    swap: Vec<Name>,
}

#[derive(serde::Deserialize)]
struct Name {
    name: String,
}

fn names_in_order(dir: &Path) -> Result<Names, Box<dyn Error>> {
    Ok(serde_json::from_slice(&std::fs::read(dir.join("resolved.json"))?)?)
}

fn place_of(rules: &RuleSet, name: &str) -> Result<usize, Box<dyn Error>> {
    let found = rules.rules.iter().position(|rule| rule.name.eq_ignore_ascii_case(name));
    found.ok_or_else(|| format!("no rule `{name}`").into())
}

/// The rules with priorities in the order of the names; default rules stay where they are.
fn reordered(rules: &RuleSet, names: &[Name]) -> Result<RuleSet, Box<dyn Error>> {
    let places: Result<Vec<usize>, _> = names.iter().map(|name| place_of(rules, &name.name)).collect();
    let places: Vec<usize> = places?.into_iter().filter(|place| !rules.rules[*place].is_default()).collect();
    let mut priorities: Vec<_> = places.iter().map(|place| rules.rules[*place].priority.clone()).collect();
    priorities.sort_by_key(flowcheck::model::RulePriority::order);
    let mut new = rules.clone();
    for (place, priority) in places.into_iter().zip(priorities) {
        new.rules[place].priority = priority;
    }
    Ok(new)
}

/// The rules with the other access at the middle one.
fn edited(rules: &RuleSet, names: &[Name]) -> Result<RuleSet, Box<dyn Error>> {
    let place = place_of(rules, &names[names.len() / 2].name)?;
    let mut new = rules.clone();
    let access = &mut new.rules[place].access;
    *access = Fact::Known(match access {
        Fact::Known(Access::Allow) => Access::Deny,
        _ => Access::Allow,
    });
    Ok(new)
}
