//! The same question to five representations of packets: which rule decides which packets, or for the control
//! what is allowed. Prints a table, and ends with 1 where two of them disagree.
//!
//! `cargo bench --bench representations`; the figures are in `docs/engine.md`. Resolving tags is in no time,
//! since all begin with the same sets; sorting values into classes is, where a representation needs it.

mod boxes;
mod classes;
#[path = "../support/clock.rs"]
mod clock;
mod decision_bits;
mod diagram;
mod question;
mod rows;
#[path = "../support/rule_sets.rs"]
mod rule_sets;

use boxes::Boxes;
use clock::median;
use decision_bits::Allowed;
use diagram::Diagrams;
use flowcheck::model::{Direction, Verdict};
use flowcheck::rules::{Partition, Policy, Reading, RuleSet};
use flowcheck::sets::Count;
use question::{Parts, Tally, World};
use rows::Rows;
use std::process::ExitCode;
use std::time::Duration;

/// The control stops after so long.
const LIMIT: Duration = Duration::from_secs(20);

impl Parts for Partition<'_> {
    fn size(&self) -> usize {
        self.boxes()
    }

    fn tally(&self) -> Tally {
        let mut tally = Tally::new();
        for part in self.parts() {
            // Everything is known, so that there is one candidate.
            for rule in &part.decision.candidates {
                *tally.entry(*rule).or_default() += part.packets.size();
            }
        }
        tally
    }
}

fn main() -> ExitCode {
    println!("| rules | representation | size | ms | ratio | |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let shapes = [
        ("landing zone, 200", rule_sets::landing_zone(200, 1)),
        ("landing zone, 1,000", rule_sets::landing_zone(1_000, 1)),
        ("classic, 1,000", rule_sets::classic(1_000, 1)),
    ];
    let mut agree = true;
    for (shape, rules) in &shapes {
        agree &= compare(shape, rules);
    }
    if agree { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn compare(shape: &str, rules: &RuleSet) -> bool {
    let place = rule_sets::surroundings();
    let policy = Policy::compile(rules, Direction::Inbound, &place, &Reading::DEFAULT);
    let asked = question::asked();
    let worlds = question::worlds(rules, &place);
    let (partition, base) = median(|| policy.cut(&asked));
    let product = partition.tally();
    let mut table = Table { shape, base, product, agree: true };
    table.row("rows of bits, carved (the product)", "boxes", partition.size(), base, true);
    table.measure("disjoint boxes with intervals for sides", "boxes", &worlds, Boxes::build);
    table.measure("interval decision diagram, shared nodes", "nodes", &worlds, Diagrams::build);
    table.measure("rows of bit sets by protocol and ports", "rows", &worlds, Rows::build);
    let allowed: Count = partition
        .parts()
        .iter()
        .filter(|part| part.decision.verdict == Verdict::Allowed)
        .map(|part| part.packets.size())
        .sum();
    table.control(&worlds, &allowed);
    table.agree
}

struct Table<'t> {
    shape: &'t str,
    /// The milliseconds of the product.
    base: f64,
    product: Tally,
    agree: bool,
}

impl Table<'_> {
    fn measure<T: Parts>(&mut self, name: &str, unit: &str, worlds: &[World], build: impl Fn(&[World]) -> T) {
        let (parts, time) = median(|| build(worlds));
        let agrees = parts.tally() == self.product;
        self.row(name, unit, parts.size(), time, agrees);
    }

    fn control(&mut self, worlds: &[World], expected: &Count) {
        let (allowed, time) = median(|| Allowed::build(worlds, LIMIT));
        let name = "BDD library, the allowed packets alone";
        if allowed.is_complete {
            self.row(name, "nodes", allowed.size(), time, allowed.packets() == *expected);
        } else {
            let (rules, all) = (allowed.rules, worlds.iter().map(|world| world.rules.len()).sum::<usize>());
            let name = format!("{name}; stopped after {rules} of {all} rules");
            self.print(&name, "nodes", allowed.size(), time, "not compared");
        }
    }

    fn row(&mut self, name: &str, unit: &str, size: usize, time: f64, agrees: bool) {
        self.agree &= agrees;
        self.print(name, unit, size, time, if agrees { "agree" } else { "DISAGREE" });
    }

    fn print(&self, name: &str, unit: &str, size: usize, time: f64, remark: &str) {
        let (shape, ratio) = (self.shape, time / self.base);
        println!("| {shape} | {name} | {size} {unit} | {time:.2} | {ratio:.1} | {remark} |");
    }
}
