//! How cost grows with the number of rules. Prints milliseconds, parts, and the exponent from each length to
//! the next; ends with 1 where a part and the plain first match name different rules.
//!
//! `cargo bench --bench growth`; the figures are in `docs/engine.md`. Each figure is the mean over several rule
//! sets of one length, since a single one is lucky or not.

#[path = "support/clock.rs"]
mod clock;
#[path = "support/rule_sets.rs"]
mod rule_sets;

use clock::median;
use flowcheck::model::{Direction, Protocol};
use flowcheck::rules::{Policy, Reading, RuleSet, Surroundings};
use flowcheck::sets::{AddressSet, PacketBox, PacketSet, PortSet, ProtocolSet};
use flowcheck::tags::TagSnapshot;
use std::net::Ipv4Addr;
use std::process::ExitCode;

const LENGTHS: [usize; 5] = [250, 500, 1_000, 2_000, 3_996];
/// Longer than any group; measured with one rule set.
const BEYOND: usize = 10_000;
const SEEDS: [u64; 3] = [1, 2, 3];

/// What is measured at one length.
#[derive(Clone, Copy, Default)]
struct Figures {
    rules: usize,
    /// Compiling while no tag has been read yet.
    cold: f64,
    compile: f64,
    cut: f64,
    parts: f64,
    query: f64,
}

/// One figure out of all.
type Column = fn(&Figures) -> f64;

impl Figures {
    fn partition(&self) -> f64 {
        self.compile + self.cut
    }

    fn with_tags(&self) -> f64 {
        self.cold + self.cut
    }
}

fn main() -> ExitCode {
    let agree = agrees(&rule_sets::landing_zone(LENGTHS[0], SEEDS[0]));
    let mut all: Vec<Figures> = LENGTHS.iter().map(|rules| mean(*rules, &SEEDS)).collect();
    all.push(mean(BEYOND, &SEEDS[..1]));
    println!(
        "| rules | compile with tags, ms | compile, ms | grid and carve, ms | partition, ms | exponent \
         | parts | exponent | query, ms | exponent |"
    );
    println!("|{}", " --- |".repeat(10));
    for (at, now) in all.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| &all[before]);
        let columns: [Column; 3] = [Figures::partition, |figures| figures.parts, |figures| figures.query];
        let exponents = columns
            .map(|of| before.map_or_else(String::new, |before| format!("{:.2}", exponent(before, now, of))));
        println!(
            "| {} | {:.2} | {:.2} | {:.2} | {:.2} | {} | {:.0} | {} | {:.3} | {} |",
            now.rules,
            now.cold,
            now.compile,
            now.cut,
            now.partition(),
            exponents[0],
            now.parts,
            exponents[1],
            now.query,
            exponents[2],
        );
    }
    println!();
    let whole = LENGTHS.len() - 1;
    let spans: [(&str, Column, usize, &str); 6] = [
        ("partition, tags known", Figures::partition, 2, " (bar 1.3)"),
        ("partition, tags known", Figures::partition, whole, " (bar 1.6)"),
        ("partition, tags read", Figures::with_tags, 2, " (bar 1.3)"),
        ("partition, tags read", Figures::with_tags, whole, " (bar 1.6)"),
        ("parts", |figures| figures.parts, whole, ""),
        ("query", |figures| figures.query, whole, " (bar 1.1)"),
    ];
    for (what, of, last, bar) in spans {
        let (first, last) = (&all[0], &all[last]);
        let found = exponent(first, last, of);
        println!("- {what}, {} to {} rules: exponent {found:.2}{bar}", first.rules, last.rules);
    }
    if agree { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The power of the number of rules that a figure grows with.
fn exponent(from: &Figures, to: &Figures, of: Column) -> f64 {
    (of(to) / of(from)).ln() / (to.rules as f64 / from.rules as f64).ln()
}

fn mean(rules: usize, seeds: &[u64]) -> Figures {
    let share = 1.0 / seeds.len() as f64;
    seeds.iter().map(|seed| measure(rules, *seed)).fold(
        Figures { rules, ..Figures::default() },
        |sum, one| Figures {
            rules,
            cold: sum.cold + share * one.cold,
            compile: sum.compile + share * one.compile,
            cut: sum.cut + share * one.cut,
            parts: sum.parts + share * one.parts,
            query: sum.query + share * one.query,
        },
    )
}

fn measure(count: usize, seed: u64) -> Figures {
    let rules = rule_sets::landing_zone(count, seed);
    // A clone of the list has no tag read; the list itself has, from the second run on.
    let (_, cold) = median(|| compile(&rules, &TagSnapshot::builtin().clone()));
    let (policy, compile) = median(|| compile(&rules, TagSnapshot::builtin()));
    let all = everything();
    let (partition, cut) = median(|| policy.cut(&all));
    let parts = partition.boxes() as f64;
    let flow = management_flow();
    // One query is too short for the clock.
    const QUERIES: usize = 20;
    let (_, queries) = median(|| (0..QUERIES).map(|_| policy.cut(&flow).boxes()).max().unwrap_or_default());
    Figures { rules: count, cold, compile, cut, parts, query: queries / QUERIES as f64 }
}

fn compile(rules: &RuleSet, tags: &TagSnapshot) -> Policy {
    let place = Surroundings { tags, ..rule_sets::surroundings() };
    Policy::compile(rules, Direction::Inbound, &place, &Reading::DEFAULT)
}

/// All packets of IPv4.
fn everything() -> PacketSet {
    PacketSet::product(&PacketBox {
        protocols: ProtocolSet::ALL,
        source: AddressSet::all_v4(),
        source_ports: PortSet::all(),
        destination: AddressSet::all_v4(),
        destination_ports: PortSet::all(),
    })
}

/// What API Management needs inbound for its control plane, into one subnet.
fn management_flow() -> PacketSet {
    let control_plane = TagSnapshot::builtin().lookup("ApiManagement").map(|tag| tag.addresses);
    let subnet = AddressSet::range(Ipv4Addr::new(10, 0, 1, 0).into(), Ipv4Addr::new(10, 0, 1, 255).into());
    PacketSet::product(&PacketBox {
        protocols: ProtocolSet::of([Protocol::TCP]),
        source: control_plane.unwrap_or_else(AddressSet::empty).only_v4(),
        source_ports: PortSet::all(),
        destination: subnet,
        destination_ports: PortSet::range(3443, 3443),
    })
}

/// Whether a packet of each box has the decider of its part, and each part of the query is one of the whole.
fn agrees(rules: &RuleSet) -> bool {
    let policy = compile(rules, TagSnapshot::builtin());
    let whole = policy.partition(&everything());
    let query = policy.partition(&management_flow());
    whole.iter().chain(&query).all(|part| {
        part.packets.boxes().iter().all(|packets| {
            let witness = PacketSet::product(packets).witness(Direction::Inbound);
            witness.is_some_and(|packet| policy.first_match(&packet) == part.decision)
        })
    })
}
