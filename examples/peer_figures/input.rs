//! The input: rules, packets, and what each packet is decided by.

use flowcheck::model::{Access, Direction, Fact, Origin, Packet, Priority, Protocol, RulePriority};
use flowcheck::rules::{
    AddressTerm, Extent, Policy, PortTerm, ProtocolTerm, Reading, Rule, RuleSet, Side, Surroundings, Written,
};
use flowcheck::sets::AddressSet;
use flowcheck::tags::TagSnapshot;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// What the figures are taken on.
pub(crate) struct Input {
    pub(crate) rules: RuleSet,
    pub(crate) packets: Vec<(Packet, Expected)>,
}

/// Who decides a packet, and how.
pub(crate) struct Expected {
    pub(crate) access: Access,
    pub(crate) rule: String,
}

#[derive(Deserialize)]
struct RuleFile {
    rules: Vec<RuleRow>,
    addr: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct RuleRow {
    name: String,
    prio: i64,
    dir: String,
    access: String,
    proto: String,
    src: Vec<String>,
    dst: Vec<String>,
    sp: Vec<(u16, u16)>,
    dp: Vec<(u16, u16)>,
}

/// The greatest priority of a rule that people write (S9).
const LAST_CUSTOM: i64 = 4096;

impl Input {
    pub(crate) fn read(folder: &Path) -> Result<Self, String> {
        let path = folder.join("rules.json");
        let file = std::fs::File::open(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let file: RuleFile = serde_json::from_reader(std::io::BufReader::new(file))
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let rules: Result<Vec<Rule>, String> = file
            .rules
            .iter()
            .map(|row| row.rule(&file.addr).map_err(|e| format!("{}: {e}", row.name)))
            .collect();
        let origin = Origin::command_line("figures");
        Ok(Self { rules: RuleSet::new(rules?, &origin), packets: packets(folder)? })
    }

    /// The rules of a direction. More rules than there are priorities share numbers, and count in the order in
    /// which they stand.
    pub(crate) fn policy(&self, direction: Direction) -> Policy {
        let nothing = Extent::known(AddressSet::empty());
        let surroundings = Surroundings::new(TagSnapshot::builtin(), nothing);
        let in_order = Reading::alternative(flowcheck::model::Switch::EQUAL_PRIORITY);
        Policy::compile(&self.rules, direction, &surroundings, &in_order)
    }
}

impl RuleRow {
    fn rule(&self, tags: &BTreeMap<String, Vec<String>>) -> Result<Rule, String> {
        let priority = match u16::try_from(self.prio) {
            Ok(number @ (65_000 | 65_001 | 65_500)) => RulePriority::Default(number),
            _ => RulePriority::Custom(
                Priority::custom(self.prio.min(LAST_CUSTOM)).map_err(|error| error.to_string())?,
            ),
        };
        let protocol = match self.proto.as_str() {
            "*" => ProtocolTerm::Any,
            name => ProtocolTerm::One(name.parse::<Protocol>().map_err(|error| error.to_string())?),
        };
        Ok(Rule {
            name: self.name.clone(),
            priority,
            direction: Fact::Known(self.dir.parse().map_err(|_| format!("`{}` is no direction", self.dir))?),
            access: Fact::Known(self.access.parse().map_err(|_| format!("`{}` is no access", self.access))?),
            protocol,
            source: side(&self.src, &self.sp, tags)?,
            destination: side(&self.dst, &self.dp, tags)?,
            doubt: None,
            origin: Origin::command_line("figures"),
        })
    }
}

fn side(
    addresses: &[String],
    ports: &[(u16, u16)],
    tags: &BTreeMap<String, Vec<String>>,
) -> Result<Side, String> {
    let mut terms = Vec::new();
    for address in addresses {
        match (address.as_str(), tags.get(address)) {
            ("*", _) => terms.push(Written::plural(AddressTerm::Any)),
            (_, Some(prefixes)) => {
                for prefix in prefixes {
                    terms.push(Written::plural(term(prefix)?));
                }
            }
            (prefix, None) => terms.push(Written::plural(term(prefix)?)),
        }
    }
    let ports = ports.iter().map(|(low, high)| {
        let range = flowcheck::model::PortRange::new(*low, *high)
            .ok_or_else(|| format!("{low}-{high} is no range of ports"))?;
        Ok(Written::plural(PortTerm::Range(range)))
    });
    Ok(Side { addresses: terms, ports: ports.collect::<Result<_, String>>()? })
}

fn term(prefix: &str) -> Result<AddressTerm, String> {
    let net = prefix.parse().map_err(|_| format!("`{prefix}` is no prefix"))?;
    Ok(AddressTerm::Prefix { net, host_bits: false })
}

fn packets(folder: &Path) -> Result<Vec<(Packet, Expected)>, String> {
    let open =
        |name: &str| csv::Reader::from_path(folder.join(name)).map_err(|error| format!("{name}: {error}"));
    let mut found = Vec::new();
    let (mut rows, mut answers) = (open("packets.csv")?, open("expected.csv")?);
    for (row, answer) in rows.records().zip(answers.records()) {
        let (row, answer) = (row.map_err(|e| e.to_string())?, answer.map_err(|e| e.to_string())?);
        let bad = || format!("{row:?}, {answer:?}: cannot be read");
        let (direction, protocol) = (row[0].parse().map_err(|_| bad())?, row[1].parse().map_err(|_| bad())?);
        let source = (row[2].parse().map_err(|_| bad())?, row[3].parse().map_err(|_| bad())?);
        let destination = (row[4].parse().map_err(|_| bad())?, row[5].parse().map_err(|_| bad())?);
        let packet = Packet::new(direction, protocol, source, destination).map_err(|_| bad())?;
        let access = answer[0].parse().map_err(|_| bad())?;
        found.push((packet, Expected { access, rule: answer[1].to_owned() }));
    }
    Ok(found)
}
