//! Packets from a CSV file, answered row by row, in constant memory.
//!
//! The head of the file says which column is which, so they may stand in any order and among others, which are
//! copied. Each row is written back as it was read, with the answer in five more columns (design, section 7).

use crate::model::{Direction, Layer, Packet, Protocol, Verdict};
use crate::network::AttachmentPoint;
use crate::rules::Decision;
use crate::rules::classifier::Answer;
use crate::sets::AddressSet;
use crate::walk::{Checkpoint, Decider};
use csv::ByteRecord;
use ipnet::IpNet;
use std::borrow::Cow;
use std::io::{Read, Write};
use std::net::IpAddr;

/// How many bad rows are told one by one.
const ROWS_TOLD: usize = 20;

/// What came of a batch.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct BatchOutcome {
    pub(super) rows: u64,
    pub(super) bad: u64,
    pub(super) allowed: u64,
    pub(super) blocked: u64,
    pub(super) unknown: u64,
}

/// The places that packets of a batch can be asked at.
pub(super) struct Places<'n> {
    places: Vec<Place<'n>>,
    /// Addresses of more than one of them, as where networks that are not peered use the same.
    shared: AddressSet,
}

struct Place<'n> {
    own: AddressSet,
    group: String,
    inbound: Checkpoint<'n>,
    outbound: Checkpoint<'n>,
    /// Rules by their place in the group's set: name and priority as they are written out.
    rules: Vec<(String, String)>,
}

impl<'n> Places<'n> {
    /// One place is asked every packet; of several, the one that holds the packet's local address.
    pub(super) fn new(points: &'n [AttachmentPoint<'n>]) -> Self {
        let place = |point: &'n AttachmentPoint<'n>| {
            let inbound = Checkpoint::new(point, Direction::Inbound);
            let group = inbound.group();
            Place {
                own: point.own.prefixes.iter().copied().collect(),
                group: group.map(|group| group.name().to_owned()).unwrap_or_default(),
                rules: group.map_or_else(Vec::new, |group| {
                    let printed = |rule: &crate::rules::Rule| (rule.name.clone(), rule.priority.to_string());
                    group.rules.rules.iter().map(printed).collect()
                }),
                inbound,
                outbound: Checkpoint::new(point, Direction::Outbound),
            }
        };
        let places: Vec<Place<'_>> = points.iter().map(place).collect();
        let nets = places.iter().flat_map(|place| place.own.to_nets()).collect();
        Self { places, shared: shared(nets) }
    }

    fn of(&self, local: IpAddr) -> Result<&Place<'n>, String> {
        let many = match &self.places[..] {
            [only] => return Ok(only),
            many => many,
        };
        let mut holding = many.iter().filter(|place| place.own.contains(local));
        if self.shared.contains(local) {
            let names: Vec<&str> = holding.take(3).map(|place| place.inbound.point.name.as_str()).collect();
            return Err(format!(
                "{local} lies in several subnets, {} among them: choose one with --subnet",
                names.join(" and ")
            ));
        }
        holding.next().ok_or_else(|| {
            format!("no subnet of the input holds the local address {local}: choose one with --subnet")
        })
    }
}

/// The addresses that more than one of these prefixes has. Prefixes lie in one another or apart, so in order each is
/// held against the widest one before it.
fn shared(mut nets: Vec<IpNet>) -> AddressSet {
    nets.sort_by_key(|net| (net.addr(), net.prefix_len()));
    let mut widest: Option<IpNet> = None;
    let mut inside = Vec::new();
    for net in nets {
        match widest.filter(|wide| wide.contains(&net)) {
            Some(_) => inside.push(net),
            None => widest = Some(net),
        }
    }
    inside.into_iter().collect()
}

/// Where the fields of a packet stand in a row.
struct Columns {
    direction: usize,
    protocol: usize,
    source: usize,
    source_port: Option<usize>,
    destination: usize,
    destination_port: usize,
}

impl Columns {
    fn find(header: &ByteRecord) -> Result<Self, String> {
        let find = |name: &str| {
            header.iter().position(|column| column.trim_ascii().eq_ignore_ascii_case(name.as_bytes()))
        };
        let need = |name: &str| {
            find(name).ok_or_else(|| {
                let found: Vec<String> =
                    header.iter().map(|column| format!("`{}`", String::from_utf8_lossy(column))).collect();
                let read = if found.is_empty() { "an empty file".to_owned() } else { found.join(", ") };
                format!(
                    "the header has no column `{name}`: read {read}, expected direction, protocol, src, sport, dst, dport"
                )
            })
        };
        Ok(Self {
            direction: need("direction")?,
            protocol: need("protocol")?,
            source: need("src")?,
            source_port: find("sport"),
            destination: need("dst")?,
            destination_port: need("dport")?,
        })
    }

    fn packet(&self, row: &ByteRecord) -> Result<Packet, String> {
        let text = |column: usize, name: &str| match row.get(column) {
            None => Err(format!("the row has no column `{name}`")),
            Some(bytes) => std::str::from_utf8(bytes)
                .map(str::trim)
                .map_err(|_| format!("the column `{name}` is no UTF-8 text")),
        };
        let direction = text(self.direction, "direction")?.parse::<Direction>().map_err(|e| e.to_string())?;
        let protocol = text(self.protocol, "protocol")?.parse::<Protocol>().map_err(|e| e.to_string())?;
        let address = |column, name: &str| {
            let found = text(column, name)?;
            found.parse::<IpAddr>().map_err(|_| format!("`{found}` in `{name}` is no address"))
        };
        let source = address(self.source, "src")?;
        let destination = address(self.destination, "dst")?;
        // Ports of a protocol without ports may hold anything.
        let port = |column: Option<usize>, name: &str, missing: Option<u16>| {
            let found = match column {
                Some(column) if protocol.has_ports() => text(column, name)?,
                _ => return Ok(missing.unwrap_or_default()),
            };
            match (found, missing) {
                ("", Some(port)) => Ok(port),
                _ => found.parse::<u16>().map_err(|_| format!("`{found}` in `{name}` is no port")),
            }
        };
        let source_port = port(self.source_port, "sport", Some(Packet::DEFAULT_SOURCE_PORT))?;
        let destination_port = port(Some(self.destination_port), "dport", None)?;
        Packet::new(direction, protocol, (source, source_port), (destination, destination_port))
            .map_err(|error| error.to_string())
    }
}

/// Answers every row of `input` on `output`; what is wrong with a row goes to `problems` with its line.
///
/// # Errors
/// A text for people when the header lacks a column, or reading or writing fails.
pub(super) fn run(
    places: &Places<'_>,
    input: impl Read,
    output: impl Write,
    mut problems: impl FnMut(String),
) -> Result<BatchOutcome, String> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).buffer_capacity(1 << 18).from_reader(input);
    let mut writer = csv::WriterBuilder::new().flexible(true).buffer_capacity(1 << 18).from_writer(output);
    let header = reader.byte_headers().map_err(|error| error.to_string())?.clone();
    let columns = Columns::find(&header)?;
    let failed = |error: csv::Error| error.to_string();
    let mut row = header;
    let width = row.len();
    for name in ["verdict", "layer", "nsg", "rule", "priority"] {
        row.push_field(name.as_bytes());
    }
    writer.write_byte_record(&row).map_err(failed)?;
    let mut outcome = BatchOutcome::default();
    let mut added = Added::default();
    loop {
        match reader.read_byte_record(&mut row) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => return Err(error.to_string()),
        }
        outcome.rows += 1;
        let line = row.position().map_or(0, csv::Position::line);
        let asked = columns.packet(&row).and_then(|packet| {
            let place = places.of(packet.local())?;
            Ok((packet, place))
        });
        match asked {
            Ok((packet, place)) => added.put(place, &packet, &mut outcome),
            Err(problem) => {
                outcome.bad += 1;
                added.put_error();
                match outcome.bad as usize {
                    told if told <= ROWS_TOLD => problems(format!("line {line}: {problem}")),
                    told if told == ROWS_TOLD + 1 => problems("further bad rows are counted only".to_owned()),
                    _ => {}
                }
            }
        }
        // A row that is short gets empty fields, so that what is added stands in its columns.
        for _ in row.len()..width {
            row.push_field(b"");
        }
        for field in added.fields() {
            row.push_field(field.as_bytes());
        }
        writer.write_byte_record(&row).map_err(failed)?;
    }
    writer.flush().map_err(|error| error.to_string())?;
    Ok(outcome)
}

/// A decider that is no rule of the subnet's group: the name and priority of a rule, or a route.
fn named(decider: Decider) -> Option<(String, String)> {
    let priority = decider.priority.map(|priority| priority.to_string()).unwrap_or_default();
    Some((decider.rule?, priority))
}

/// The added fields of one row. What is joined from several rules is kept from row to row, and the rest is
/// borrowed, so that nothing is allocated for most rows.
#[derive(Default)]
struct Added<'p> {
    verdict: &'static str,
    layer: &'static str,
    nsg: Cow<'p, str>,
    rules: AddedRules<'p>,
    joined: (String, String),
}

#[derive(Clone, Copy, Default)]
enum AddedRules<'p> {
    /// Name and priority of the only one.
    One(&'p str, &'p str),
    /// None, or those that were joined.
    #[default]
    Joined,
}

impl<'p> Added<'p> {
    fn fields(&self) -> [&str; 5] {
        let (rule, priority) = match self.rules {
            AddedRules::One(name, priority) => (name, priority),
            AddedRules::Joined => (self.joined.0.as_str(), self.joined.1.as_str()),
        };
        [self.verdict, self.layer, &self.nsg, rule, priority]
    }

    fn put_error(&mut self) {
        (self.verdict, self.layer, self.nsg) = ("error", "", Cow::Borrowed(""));
        self.join([].iter());
    }

    fn put(&mut self, place: &'p Place<'_>, packet: &Packet, outcome: &mut BatchOutcome) {
        let checkpoint = match packet.direction {
            Direction::Inbound => &place.inbound,
            Direction::Outbound => &place.outbound,
        };
        let (layer, answer) = checkpoint.answer(packet);
        self.layer = layer.as_str();
        self.nsg = Cow::Borrowed(if layer == Layer::SubnetNsg { &place.group } else { "" });
        let verdict = match answer {
            Answer::Settled { rule, access } => {
                let (name, priority) = &place.rules[rule];
                self.rules = AddedRules::One(name, priority);
                access.verdict()
            }
            Answer::Unsettled(Decision { verdict, candidates, .. }) => {
                let names_none = candidates.is_empty() && !matches!(layer, Layer::Platform | Layer::NoNsg);
                let deciders = if names_none { checkpoint.deciders(packet) } else { Vec::new() };
                if let Some(nsg) = deciders.iter().find_map(|decider| decider.nsg.clone()) {
                    self.nsg = Cow::Owned(nsg);
                }
                let others: Vec<(String, String)> = deciders.into_iter().filter_map(named).collect();
                self.join(candidates.iter().map(|index| &place.rules[*index]).chain(&others));
                verdict
            }
        };
        self.verdict = verdict.as_str();
        match verdict {
            Verdict::Allowed => outcome.allowed += 1,
            Verdict::Blocked => outcome.blocked += 1,
            _ => outcome.unknown += 1,
        }
    }

    fn join<'a>(&mut self, rules: impl Iterator<Item = &'a (String, String)>) {
        let (names, priorities) = &mut self.joined;
        names.clear();
        priorities.clear();
        for (at, (name, priority)) in rules.enumerate() {
            if at > 0 {
                names.push(' ');
                priorities.push(' ');
            }
            names.push_str(name);
            priorities.push_str(priority);
        }
        self.rules = AddedRules::Joined;
    }
}
