//! Writes the input of the batch figures in `docs/performance.md`: a group of 200 generated rules (or as many
//! as asked), and a million packets. The same bytes every time.
//!
//! `cargo run --release --example batch_input -- FOLDER [RULES]`

#[path = "../benches/support/rule_sets.rs"]
mod rule_sets;

use flowcheck::rules::{Rule, RuleSet, Side, Written};
use rule_sets::{Spread, landing_zone, own_host};
use serde_json::{Map, Value, json};
use std::fmt::Display;
use std::io::{self, BufWriter, Write};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::{env, fs};

fn main() -> io::Result<()> {
    let folder = PathBuf::from(env::args().nth(1).unwrap_or_else(|| "target/batch".to_owned()));
    let rules = match env::args().nth(2).map(|count| count.parse::<usize>()) {
        None => 200,
        Some(Ok(count @ 1..=3997)) => count,
        Some(_) => return Err(io::Error::other("RULES: expected a number from 1 to 3997")),
    };
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("nsg.json"), format!("{:#}\n", group(&landing_zone(rules, 1))))?;
    let mut packets = BufWriter::new(fs::File::create(folder.join("packets.csv"))?);
    writeln!(packets, "direction,protocol,src,sport,dst,dport")?;
    let mut spread = Spread::new(2);
    for number in 0..1_000_000 {
        let remote = Ipv4Addr::from_bits(spread.below(u32::MAX));
        let own = own_host(&mut spread);
        let (client, other) = (spread.within(1024, u16::MAX), spread.within(0, u16::MAX));
        let port = *spread.pick(&[443, 80, 1433, 3443, other]);
        match number % 2 {
            0 => writeln!(packets, "In,Tcp,{remote},{client},{own},{port}")?,
            _ => writeln!(packets, "Out,Udp,{own},{client},{remote},{port}")?,
        }
    }
    packets.flush()
}

/// The group as `az network nsg show` prints it.
fn group(rules: &RuleSet) -> Value {
    json!({
        "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/nsg",
        "name": "nsg",
        "type": "Microsoft.Network/networkSecurityGroups",
        "location": "westeurope",
        "securityRules": rules.custom().map(rule).collect::<Vec<Value>>(),
    })
}

fn rule(rule: &Rule) -> Value {
    let mut fields = Map::new();
    let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    set("name", json!(rule.name));
    set("priority", json!(rule.priority.number()));
    set("direction", json!(rule.direction.known().map(|direction| format!("{direction:?}"))));
    set("access", json!(rule.access.known().map(|access| access.as_str())));
    set("protocol", json!(rule.protocol.to_string()));
    for (name, Side { addresses, ports }) in [("source", &rule.source), ("destination", &rule.destination)] {
        let (field, value) = one_or_list(&format!("{name}AddressPrefix"), "es", addresses);
        set(&field, value);
        let (field, value) = one_or_list(&format!("{name}PortRange"), "s", ports);
        set(&field, value);
    }
    Value::Object(fields)
}

/// A value in the singular field, or several in the plural one.
fn one_or_list<T: Display>(singular: &str, ending: &str, terms: &[Written<T>]) -> (String, Value) {
    match terms {
        [one] => (singular.to_owned(), json!(one.value.to_string())),
        _ => {
            let list: Vec<String> = terms.iter().map(|term| term.value.to_string()).collect();
            (format!("{singular}{ending}"), json!(list))
        }
    }
}
