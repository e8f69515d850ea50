//! What a scenario expects, and how it is written.

use super::fields::{Fields, Spot, items, text, texts};
use super::mistake::{Mistakes, did_you_mean, list as names};
use super::yaml::Node;
use crate::finding::{Code, Severity};
use crate::flows;
use crate::model::{Direction, Layer, Origin, Packet, Region, Switch, Verdict};
use crate::network::NextHopType;
use crate::rules::notation::SideText;
use crate::rules::{Claim, PacketSetText, PropertyText, Quantifier};
use std::fmt;
use std::net::IpAddr;

/// One expectation.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// What is asked.
    pub question: Question,
    /// The answer that is expected; for a finding that it is there.
    pub verdict: Verdict,
    /// Who decides a part of it.
    pub by: Option<Spot<String>>,
    /// The one layer that is asked, whatever the others say.
    pub layer: Option<Layer>,
    /// The severity of a flow.
    pub severity: Option<Severity>,
    /// Flows without which a flow is dead.
    pub dead: Vec<&'static str>,
    /// Undocumented points on which the answer rests.
    pub depends_on: Vec<Switch>,
    /// Where it stands.
    pub origin: Origin,
    /// Where the text of the question stands.
    pub asked: Origin,
}

/// An expectation as far as it could be read, so that its names are looked up whatever else is wrong.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) question: Option<Question>,
    pub(super) verdict: Option<Verdict>,
    pub(super) by: Option<Spot<String>>,
    pub(super) layer: Option<Layer>,
    pub(super) severity: Option<Severity>,
    pub(super) dead: Vec<&'static str>,
    pub(super) depends_on: Vec<Switch>,
    pub(super) names: Names,
    pub(super) origin: Origin,
    pub(super) asked: Origin,
}

/// Names beside a question.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub(super) subnet: Option<Spot<String>>,
    pub(super) location: Option<Spot<Region>>,
    pub(super) at: Option<Spot<String>>,
}

impl Draft {
    /// The expectation, where its question and its verdict could be read.
    pub(super) fn whole(&self) -> Option<Expectation> {
        Some(Expectation {
            question: self.question.clone()?,
            verdict: self.verdict?,
            by: self.by.clone(),
            layer: self.layer,
            severity: self.severity,
            dead: self.dead.clone(),
            depends_on: self.depends_on.clone(),
            origin: self.origin.clone(),
            asked: self.asked.clone(),
        })
    }
}

/// What an expectation asks.
#[derive(Clone, Debug)]
pub enum Question {
    /// One flow of the catalogue.
    Flow {
        /// Its id.
        id: &'static str,
        /// The location's region; the primary location where none is named.
        location: Option<Spot<Region>>,
        /// One of the two checks of a flow inside the subnet.
        direction: Option<Direction>,
    },
    /// Every required flow.
    Required {
        /// The location's region; all locations where none is named.
        location: Option<Spot<Region>>,
    },
    /// One packet.
    Packet {
        /// The packet.
        packet: Packet,
        /// Where it is asked.
        subnet: Option<Spot<String>>,
    },
    /// A set of packets.
    Set {
        /// How much of it the verdict is about.
        amount: Quantifier,
        /// The set; names are not yet looked up.
        set: PacketSetText,
        /// Where it is asked.
        subnet: Option<Spot<String>>,
    },
    /// The whole way between two ends.
    Path {
        /// The packets, from one end to the other; names are not yet looked up.
        set: PacketSetText,
    },
    /// The next hop of what leaves a subnet.
    Route {
        /// Where it goes; names are not yet looked up.
        to: SideText,
        /// The subnet that it leaves.
        subnet: Option<Spot<String>>,
        /// The next hop that is expected.
        next_hop: NextHop,
    },
    /// A remark.
    Finding {
        /// Its code.
        code: Code,
        /// What it is about, by name.
        at: Option<Spot<String>>,
        /// Whether it is expected to be absent.
        absent: bool,
    },
}

/// A next hop as an expectation states it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NextHop {
    /// Of this type, and of this address where one is stated.
    Known {
        /// The type.
        hop: NextHopType,
        /// The address.
        address: Option<IpAddr>,
    },
    /// The input does not settle it.
    Unknown,
}

impl fmt::Display for NextHop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("unknown"),
            Self::Known { hop, address: None } => hop.fmt(f),
            Self::Known { hop, address: Some(address) } => write!(f, "{hop} {address}"),
        }
    }
}

impl fmt::Display for Question {
    /// As a report names it: `flow sql-1433`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |f: &mut fmt::Formatter<'_>, subnet: &Option<Spot<String>>| match subnet {
            Some(subnet) => write!(f, " at {}", subnet.value),
            None => Ok(()),
        };
        match self {
            Self::Flow { id, location, direction } => {
                write!(f, "flow {id}")?;
                direction.map_or(Ok(()), |direction| write!(f, " {}", direction.as_str().to_lowercase()))?;
                location.as_ref().map_or(Ok(()), |region| write!(f, " in {}", region.value))
            }
            Self::Required { location } => {
                f.write_str("required flows")?;
                location.as_ref().map_or(Ok(()), |region| write!(f, " in {}", region.value))
            }
            Self::Packet { packet, subnet } => {
                write!(f, "packet {packet}")?;
                place(f, subnet)
            }
            Self::Set { amount, set, subnet } => {
                write!(f, "{} {set}", amount.as_str())?;
                place(f, subnet)
            }
            Self::Path { set } => {
                let text = set.to_string();
                write!(f, "path {}", text.split_once(' ').map_or(&*text, |(_, rest)| rest))
            }
            Self::Route { to, subnet, .. } => {
                write!(f, "route to {to}")?;
                place(f, subnet)
            }
            Self::Finding { code, at, .. } => {
                write!(f, "finding {code}")?;
                at.as_ref().map_or(Ok(()), |at| write!(f, " at {}", at.value))
            }
        }
    }
}

/// The keys that say what an item asks; each item has one of them.
const HEADS: [&str; 10] =
    ["flow", "flows", "packet", "every", "some", "no", "path", "route", "finding", "no_finding"];

/// The keys that may stand beside each head.
fn companions(head: &str) -> &'static [&'static str] {
    match head {
        "flow" => &["location", "direction", "verdict", "by", "layer", "severity", "dead", "depends_on"],
        "packet" => &["subnet", "verdict", "by", "layer", "depends_on"],
        "flows" => &["location", "verdict"],
        "finding" | "no_finding" => &["at"],
        "route" => &["subnet", "next_hop", "by"],
        "path" => &["verdict", "by", "layer", "depends_on"],
        // Nobody decides what is not.
        "no" => &["subnet", "verdict", "depends_on"],
        _ => &["subnet", "verdict", "by", "depends_on"],
    }
}

/// Reads `expect:`.
pub(super) fn list(node: &Node, mistakes: &mut Mistakes) -> Vec<Draft> {
    let items = items(node, "expectations", mistakes);
    if items.is_empty() && !mistakes.touch(&node.origin.path) {
        mistakes.add::<()>(&node.origin, "`expect` is empty: a scenario states at least one expectation");
    }
    items.iter().filter_map(|item| expectation(item, mistakes)).collect()
}

fn expectation(node: &Node, mistakes: &mut Mistakes) -> Option<Draft> {
    let keys = written_keys(node);
    let heads: Vec<&str> = HEADS.into_iter().filter(|head| keys.contains(head)).collect();
    let head = match heads[..] {
        [head] => Some(head),
        [] => {
            let hint = keys.iter().map(|key| did_you_mean(key, HEADS)).find(|hint| !hint.is_empty());
            let message = format!("an expectation asks one of {}{}", names(HEADS), hint.unwrap_or_default());
            mistakes.note(&node.origin, message)
        }
        _ => {
            let message = format!("one expectation asks {}: write one item for each", names(heads));
            mistakes.note(&node.origin, message)
        }
    };
    let fields = match head {
        Some(head) => {
            let accepted: Vec<&str> = std::iter::once(head).chain(companions(head).iter().copied()).collect();
            Fields::of(node, &format!("an expectation of `{head}`"), &accepted, mistakes)?
        }
        None => Fields::loose(node),
    };
    let location = fields.text("location", "a region", mistakes);
    let names = Names {
        subnet: fields.text("subnet", "a subnet's name", mistakes),
        location: location.map(|spot| Spot::new(Region::new(&spot.value), &spot.origin)),
        at: fields.text("at", "a name", mistakes),
    };
    let written = head.and_then(|head| fields.text(head, "a text", mistakes));
    let question = match (head, &written) {
        (Some(head), Some(written)) => question(head, written, &fields, &names, mistakes),
        _ => None,
    };
    let verdict = match head {
        Some("finding" | "no_finding" | "route") => Some(Verdict::Allowed),
        Some(head) => verdict(head, &fields, mistakes),
        None => fields.word::<Verdict>("verdict", mistakes).map(|spot| spot.value),
    };
    let dead = fields.get("dead").map(|node| texts(node, "a flow", mistakes)).unwrap_or_default();
    let switches = fields.get("depends_on").map(|node| texts(node, "a switch", mistakes)).unwrap_or_default();
    Some(Draft {
        question,
        verdict,
        by: fields.text("by", "a rule's name", mistakes),
        layer: fields.word::<Layer>("layer", mistakes).map(|spot| spot.value),
        severity: fields.get("severity").and_then(|node| severity(node, mistakes)),
        dead: dead.iter().filter_map(|spot| flow(spot, mistakes)).collect(),
        depends_on: switches.iter().filter_map(|spot| switch(spot, mistakes)).collect(),
        names,
        origin: node.origin.clone(),
        asked: written.map_or_else(|| node.origin.clone(), |written| written.origin),
    })
}

fn written_keys(node: &Node) -> Vec<&str> {
    match &node.value {
        super::yaml::Value::Map(entries) => entries.iter().map(|entry| entry.key.as_str()).collect(),
        _ => Vec::new(),
    }
}

fn question(
    head: &str,
    written: &Spot<String>,
    fields: &Fields<'_>,
    names: &Names,
    mistakes: &mut Mistakes,
) -> Option<Question> {
    let Names { subnet, location, at } = names.clone();
    let amount = match head {
        "every" => Quantifier::Every,
        "some" => Quantifier::Some,
        _ => Quantifier::No,
    };
    match head {
        "flow" => {
            let direction = fields.word::<Direction>("direction", mistakes);
            let id = flow(written, mistakes)?;
            let direction = direction.and_then(|direction| half(id, &direction, mistakes));
            Some(Question::Flow { id, location, direction })
        }
        "flows" if written.value.eq_ignore_ascii_case("required") => Some(Question::Required { location }),
        "flows" => mistakes.add(
            &written.origin,
            format!("`{}` is no group of flows: accepted is `required`", written.value),
        ),
        "packet" => {
            let packet = mistakes.notation(&written.origin, written.value.parse::<Packet>())?;
            Some(Question::Packet { packet, subnet })
        }
        "path" => {
            // A way has both directions: it is written as a set without one.
            let text = format!("Out {}", written.value);
            let set = mistakes.notation(&written.origin, text.parse::<PacketSetText>())?;
            Some(Question::Path { set })
        }
        "route" => {
            let to = mistakes.notation(&written.origin, written.value.parse::<SideText>());
            if fields.lacks("next_hop", mistakes) {
                return mistakes.note(fields.origin, "`next_hop` is missing beside `route`");
            }
            let next_hop =
                fields.text("next_hop", "a next hop, as in VirtualAppliance 10.0.9.4", mistakes)?;
            let next_hop = super::next_hop::read(&next_hop, mistakes)?;
            Some(Question::Route { to: to?, subnet, next_hop })
        }
        "finding" | "no_finding" => {
            let Ok(code) = written.value.parse::<Code>() else {
                let hint = did_you_mean(&written.value, Code::ALL.iter().map(|code| code.as_str()));
                let message = format!("there is no finding `{}`{hint}", written.value);
                return mistakes.add(&written.origin, message);
            };
            Some(Question::Finding { code, at, absent: head == "no_finding" })
        }
        _ => {
            let set = mistakes.notation(&written.origin, written.value.parse::<PacketSetText>())?;
            Some(Question::Set { amount, set, subnet })
        }
    }
}

/// The half of a flow inside the subnet; a flow of one direction has none, so naming its own is no harm.
fn half(id: &str, direction: &Spot<Direction>, mistakes: &mut Mistakes) -> Option<Direction> {
    use flows::FlowDirection;
    let rows = flows::find(id).ok()?;
    let fits = rows.iter().any(|row| match row.direction {
        FlowDirection::Inside | FlowDirection::None => true,
        FlowDirection::In => direction.value == Direction::Inbound,
        FlowDirection::Out => direction.value == Direction::Outbound,
    });
    if !fits {
        let message = format!("the flow `{id}` goes only {}", rows[0].direction);
        return mistakes.add(&direction.origin, message);
    }
    Some(direction.value)
}

fn flow(spot: &Spot<String>, mistakes: &mut Mistakes) -> Option<&'static str> {
    let rows = mistakes.take(&spot.origin, flows::find(&spot.value))?;
    rows.first().map(|row| row.id)
}

fn severity(node: &Node, mistakes: &mut Mistakes) -> Option<Severity> {
    const ALL: [Severity; 3] = [Severity::Error, Severity::Warning, Severity::Note];
    let written = text(node, "a severity", mistakes)?;
    match ALL.into_iter().find(|severity| severity.as_str().eq_ignore_ascii_case(&written.value)) {
        Some(severity) => Some(severity),
        None => {
            let hint = did_you_mean(&written.value, ALL.map(Severity::as_str));
            let message = format!("`{}` is no severity: one of error, warning, note{hint}", written.value);
            mistakes.add(&written.origin, message)
        }
    }
}

fn switch(spot: &Spot<String>, mistakes: &mut Mistakes) -> Option<Switch> {
    match spot.value.parse() {
        Ok(switch) => Some(switch),
        Err(()) => {
            let last = Switch::ALL.last().map(ToString::to_string).unwrap_or_default();
            let message = format!("`{}` is no switch: one of U1 to {last}, as in U23", spot.value);
            mistakes.add(&spot.origin, message)
        }
    }
}

fn verdict(head: &str, fields: &Fields<'_>, mistakes: &mut Mistakes) -> Option<Verdict> {
    if fields.lacks("verdict", mistakes) {
        return mistakes.note(fields.origin, format!("`verdict` is missing beside `{head}`"));
    }
    let verdict = fields.word::<Verdict>("verdict", mistakes)?;
    let reason = match (head, verdict.value) {
        ("packet", Verdict::Partial) => "one packet is never partly allowed",
        ("flow", _) | (_, Verdict::Allowed | Verdict::Blocked) => return Some(verdict.value),
        ("some" | "no", _) => "beside `some` and `no` stands allowed or blocked",
        (_, Verdict::NotApplicable) => "only a flow can be not applicable",
        _ => return Some(verdict.value),
    };
    mistakes.add(&verdict.origin, format!("`{}`: {reason}", verdict.value))
}

/// Reads `properties:`: `every|some|no SET is allowed|blocked`.
pub(super) fn properties(node: &Node, mistakes: &mut Mistakes) -> Vec<Draft> {
    let found = super::properties::of_list(node, mistakes);
    if found.is_empty() && !mistakes.touch(&node.origin.path) {
        mistakes.add::<()>(&node.origin, "`properties` is empty: state a property, or leave it out");
    }
    found.into_iter().map(property).collect()
}

fn property(spot: Spot<PropertyText>) -> Draft {
    let PropertyText { quantifier: amount, set, claim } = spot.value;
    Draft {
        question: Some(Question::Set { amount, set, subnet: None }),
        verdict: Some(match claim {
            Claim::Allowed => Verdict::Allowed,
            Claim::Blocked => Verdict::Blocked,
        }),
        by: None,
        layer: None,
        severity: None,
        dead: Vec::new(),
        depends_on: Vec::new(),
        names: Names::default(),
        origin: spot.origin.clone(),
        asked: spot.origin,
    }
}
