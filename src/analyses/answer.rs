//! What `check` answers: plain values that a report prints.

use super::flow_routes::FlowRoute;
use crate::finding::{Finding, Severity};
use crate::flows::{LocationKind, Row};
use crate::model::{Assumption, Direction, Fact, Gap, Mode, Origin, Packet, Region, Tier, Verdict};
use crate::rules::surroundings::{ACTIVATION_SERVER, UNSEEN_OWN};
use crate::sets::Count;
use crate::tags::Vocabulary;
use crate::walk::Part;
use std::net::IpAddr;

/// The answer to "which flows of which instance are blocked".
#[derive(Clone, Debug)]
pub struct CheckAnswer {
    /// One entry for each location of each instance, in order of the input.
    pub instances: Vec<InstanceAnswer>,
    /// Remarks about the input and the rules, in order of file, line, code.
    pub findings: Vec<Finding>,
}

/// One location of one instance.
#[derive(Clone, Debug)]
pub struct InstanceAnswer {
    /// The instance's name.
    pub name: String,
    /// Its tier, as known or assumed.
    pub tier: Tier,
    /// How it stands in its network, as known or assumed.
    pub mode: Mode,
    /// Which of its locations this is.
    pub location: LocationKind,
    /// The location's region.
    pub region: Fact<Region>,
    /// `network/subnet`, `None` where the location is in no network.
    pub subnet: Option<String>,
    /// The subnet's prefixes as printed, empty where they are not known.
    pub prefixes: Vec<String>,
    /// The network security group's name, where one is attached and known.
    pub nsg: Option<String>,
    /// The tags of the list that its rules name, by which parts are told.
    pub tags: Vocabulary,
    /// Every flow of the catalogue, in its order.
    pub flows: Vec<FlowAnswer>,
    /// What the answers of this location rest on.
    pub assumptions: Vec<Assumption>,
    /// Where the instance was written.
    pub origin: Origin,
}

/// One flow of one location.
#[derive(Clone, Debug)]
pub struct FlowAnswer {
    /// The record of the catalogue.
    pub row: &'static Row,
    /// What its quantifier makes of the share that gets through.
    pub verdict: Verdict,
    /// How much it weighs that the flow is not allowed; for an allowed flow, how much it would.
    pub severity: Severity,
    /// Whether the flow is among the required ones: it counts in the summary.
    pub required: bool,
    /// Why the flow is not one of this location's, for `NotApplicable`.
    pub not_applicable: Option<String>,
    /// The flow in words, as in `out Tcp apim -> Sql.WestEurope:1433`; empty for rows without packets.
    pub packets: String,
    /// How much of each side gets through, for rows with packets.
    pub share: Option<Share>,
    /// The exact parts, by decider: what is not allowed first.
    pub parts: Vec<Part>,
    /// The ways that packets to the other side take, or the replies to packets from there; empty where the
    /// input shows no routes.
    pub routes: Vec<FlowRoute>,
    /// A packet that is blocked, else one that is unknown, else one that is allowed.
    pub witness: Option<Witness>,
    /// What is missing, where the verdict is unknown.
    pub unknowns: Vec<Gap>,
    /// Whether a part that is needed is certainly blocked although the verdict is unknown: no value of what
    /// is missing makes the flow whole.
    pub certainly_lost: bool,
    /// Flows on which this one depends and that are blocked.
    pub failed_dependencies: Vec<&'static str>,
    /// What else is worth knowing, as what is closed of a tag outside the region's part.
    pub notes: Vec<String>,
    /// What the verdict rests on.
    pub assumptions: Vec<Assumption>,
    /// Where the answer points when no part has a decider: the subnet, else the instance.
    pub origin: Origin,
}

/// How many addresses have at least one packet that gets through.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Share {
    /// Of the other side.
    pub remote: Ratio,
    /// Of the own subnet; `None` where its prefix is not known.
    pub own: Option<Ratio>,
}

/// Some of a number.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ratio {
    /// How many get through.
    pub allowed: Count,
    /// Of how many.
    pub total: Count,
}

/// A packet as an example.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Witness {
    /// The packet.
    pub packet: Packet,
    /// What becomes of it.
    pub verdict: Verdict,
    /// The name of the subnet when the own address is not known, to print in its place.
    pub own_name: Option<String>,
}

impl std::fmt::Display for Witness {
    /// The packet in canonical notation, with names for addresses that only stand for something.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Packet { direction, protocol, source, source_port, destination, destination_port } = self.packet;
        let named = |address: IpAddr, own: bool| match (&self.own_name, address) {
            (Some(name), _) if own => Some(name.as_str()),
            (Some(name), UNSEEN_OWN) => Some(name.as_str()),
            (_, ACTIVATION_SERVER) => Some("AzurePlatformLKM"),
            _ => None,
        };
        let from = named(source, direction == Direction::Outbound);
        let to = named(destination, direction == Direction::Inbound);
        if from.is_none() && to.is_none() {
            return self.packet.fmt(f);
        }
        let from = from.map_or_else(|| source.to_string(), str::to_owned);
        let to = to.map_or_else(|| destination.to_string(), str::to_owned);
        write!(f, "{direction} {protocol} {from}:{source_port} -> {to}:{destination_port}")
    }
}

/// How many required flows have each verdict.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Summary {
    /// All of it gets through.
    pub allowed: usize,
    /// Some of it does.
    pub partial: usize,
    /// None of it does.
    pub blocked: usize,
    /// The input does not settle it.
    pub unknown: usize,
}

impl Summary {
    /// Counts the required flows.
    pub fn of<'a>(flows: impl IntoIterator<Item = &'a FlowAnswer>) -> Self {
        let mut summary = Self::default();
        for flow in flows.into_iter().filter(|flow| flow.required) {
            match flow.verdict {
                Verdict::Allowed => summary.allowed += 1,
                Verdict::Partial => summary.partial += 1,
                Verdict::Blocked => summary.blocked += 1,
                Verdict::Unknown => summary.unknown += 1,
                Verdict::NotApplicable => {}
            }
        }
        summary
    }

    /// All required flows.
    pub fn total(&self) -> usize {
        self.allowed + self.partial + self.blocked + self.unknown
    }
}

impl CheckAnswer {
    /// How the required flows of all instances fare.
    pub fn summary(&self) -> Summary {
        Summary::of(self.instances.iter().flat_map(|instance| &instance.flows))
    }
}
