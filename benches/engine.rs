//! Times of the parts that a question is made of, on the embedded service tags.
//!
//! `cargo bench` prints medians; compare within one run only. `docs/performance.md` has the whole-process
//! figures and their commands.

#![expect(clippy::panic, reason = "a bench without its input cannot go on, and has no users")]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use flowcheck::analyses::{CheckOptions, check};
use flowcheck::flows::{ParameterValues, Profile};
use flowcheck::model::{Direction, Packet};
use flowcheck::network::Network;
use flowcheck::rules::{Classifier, Policy, Reading};
use flowcheck::sets::PacketSet;
use flowcheck::sources::{ReadOptions, read};
use flowcheck::tags::TagSnapshot;
use std::hint::black_box;

const TEMPLATE: &str = include_str!("../examples/external/main.json");

fn network() -> Network {
    match read(TEMPLATE.as_bytes(), "main.json", &ReadOptions::default()) {
        Ok(input) => input.network,
        Err(error) => panic!("the shipped template cannot be read: {error}"),
    }
}

fn tags(c: &mut Criterion) {
    let list = TagSnapshot::builtin();
    for name in ["ApiManagement", "Storage", "AzureCloud"] {
        c.bench_function(&format!("tag, cold: {name}"), |b| {
            // A clone has nothing read yet.
            b.iter_batched(|| list.clone(), |list| black_box(list.lookup(name)), BatchSize::SmallInput);
        });
    }
}

fn template(c: &mut Criterion) {
    c.bench_function("read the shipped template", |b| b.iter(network));
    let network = network();
    let parameters = ParameterValues::default();
    let options = CheckOptions {
        tags: TagSnapshot::builtin(),
        profile: Profile::newest(),
        parameters: &parameters,
        features: &[],
    };
    c.bench_function("check the shipped template, tags read", |b| {
        b.iter(|| black_box(check(&network, &options)));
    });
}

fn rules(c: &mut Criterion) {
    let network = network();
    let subnet = &network.subnets[0];
    let point = network.at_subnet(subnet, TagSnapshot::builtin());
    let Some(group) = point.security_group.known().copied().flatten() else { return };
    let compile =
        || Policy::compile(&group.rules, Direction::Outbound, &point.surroundings, &Reading::DEFAULT);
    c.bench_function("compile the rules of one direction", |b| b.iter(compile));
    let policy = compile();
    c.bench_function("partition of all packets", |b| b.iter(|| policy.partition(&PacketSet::all())));
    let classifier = Classifier::new(&policy);
    c.bench_function("build the classifier", |b| b.iter(|| Classifier::new(&policy)));
    let Ok(packet) = "Out Tcp 10.0.1.5 -> 13.69.104.5:1433".parse::<Packet>() else { return };
    c.bench_function("one packet, first match", |b| b.iter(|| policy.first_match(black_box(&packet))));
    c.bench_function("one packet, classifier", |b| b.iter(|| classifier.decision(black_box(&packet))));
}

criterion_group!(benches, tags, template, rules);
criterion_main!(benches);
