//! What the routes of a place do with packets: those that leave it, and the replies to those that come in.
//!
//! Outbound the destination is looked up, inbound the source, where the reply goes (S126): a table acts on what
//! leaves its subnet. The platform's own addresses are not routed (S107).
//!
//! | next hop | outbound | inbound, for the reply |
//! | --- | --- | --- |
//! | the network, a peer, an endpoint | allowed | allowed |
//! | Internet | allowed; private addresses are lost there | the same |
//! | None | blocked (S122) | the same |
//! | the network itself by a written route | unknown for addresses that neither it nor a peer has | the same |
//! | a gateway by a written route, where there may be none | unknown | the same |
//! | an appliance | unknown: it is not in the input what it lets through | private sources allowed; others unknown, and blocked where they come straight from the Internet (S125) |
//! | a gateway | private addresses allowed, others unknown | the same |

use super::outcome::{Decider, LayerStep, Outcome, Part};
use crate::model::{Access, Assumption, Direction, Fact, Gap, Layer, Packet, Switch, Verdict};
use crate::network::routing::{Choice, RouteEntry, RouteSource, RoutesInForce};
use crate::network::{AttachmentPoint, NextHopType};
use crate::sets::{AddressSet, PacketSet};
use crate::tags::special;
use std::net::IpAddr;

/// What is taken for granted where an explicit prefix wins against a tag (S123).
pub const TAG_PREFIXES: &str = "the prefixes of a tag are as wide as its addresses allow: the list does not keep how Azure cuts them, and a narrower one would win against an explicit prefix (S123)";

/// How packets from outside the network arrive.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Arrival {
    /// Straight, or by way of an appliance: the packet does not tell.
    Either,
    /// Straight from the Internet, as those of clients and of the control plane.
    Straight,
}

/// The routes of a place, for one direction.
pub(super) struct RouteGate<'n> {
    routes: &'n RoutesInForce,
    point: &'n AttachmentPoint<'n>,
    direction: Direction,
    /// Private addresses, whoever has them.
    private: AddressSet,
}

/// Addresses of the other side, and what the routes do with their packets.
pub(super) struct Passage {
    pub(super) remote: AddressSet,
    pub(super) outcome: Outcome,
}

impl<'n> RouteGate<'n> {
    /// The gate of a place; `None` where the input shows no routes.
    pub(super) fn of(point: &'n AttachmentPoint<'n>, direction: Direction) -> Option<Self> {
        let routes = point.routes.as_ref()?;
        let private = point.surroundings.private.union(&special::private_use());
        Some(Self { routes, point, direction, private })
    }

    /// Addresses by what the routes do, those that simply pass left out.
    pub(super) fn obstacles(&self, remote: &AddressSet, arrival: Arrival) -> Vec<Passage> {
        let mut obstacles = Vec::new();
        for part in self.routes.partition(&remote.difference(&special::platform_only())) {
            for (remote, whose) in self.whose(&part.to) {
                let outcome = self.outcome(&part.choice, whose, arrival);
                if outcome.verdict != Verdict::Allowed {
                    obstacles.push(Passage { remote, outcome });
                }
            }
        }
        obstacles
    }

    /// What the routes do with one packet; `None` for the platform's addresses, and where no route is.
    pub(super) fn of_packet(&self, packet: &Packet) -> Option<Outcome> {
        let remote = self.remote_of(packet);
        if special::platform_only().contains(remote) {
            return None;
        }
        let choice = self.routes.choose(remote)?;
        let near = self.routes.near().contains(remote);
        let whose = Whose { private: self.private.contains(remote), near };
        Some(self.outcome(choice, whose, Arrival::Either))
    }

    /// Addresses by whose they are.
    fn whose(&self, addresses: &AddressSet) -> Vec<(AddressSet, Whose)> {
        let private = addresses.intersection(&self.private);
        let public = addresses.difference(&private);
        let mut found = Vec::new();
        for (addresses, private) in [(private, true), (public, false)] {
            let near = addresses.intersection(self.routes.near());
            let far = addresses.difference(&near);
            found.push((near, Whose { private, near: true }));
            found.push((far, Whose { private, near: false }));
        }
        found.retain(|(addresses, _)| !addresses.is_empty());
        found
    }

    /// The route that a packet meets: where people wrote it, a gateway learned it, or it does not lead on. That
    /// Azure's own lead on goes without saying.
    pub(super) fn step_of(&self, packet: &Packet) -> Option<LayerStep> {
        let choice = self.routes.choose(self.remote_of(packet))?;
        let step = self.of_packet(packet)?.layers.pop()?;
        let is_own = |entry: &RouteEntry| entry.source == RouteSource::Default;
        let goes_without_saying = step.verdict == Verdict::Allowed && self.routes.of(choice).all(is_own);
        (!goes_without_saying).then_some(step)
    }

    /// What the way of packets rests on that the rules do not stop.
    pub(super) fn assumptions(&self, parts: &[Part]) -> Vec<Assumption> {
        let unsettled = special::unsettled_none_routes();
        let mut assumptions = Vec::new();
        let by_routes = |part: &&Part| {
            part.outcome.candidates().first().is_none_or(|decider| decider.layer == Layer::Route)
                || part.verdict() != Verdict::Blocked
        };
        let remote: Vec<AddressSet> =
            parts.iter().filter(by_routes).map(|part| self.remote(&part.packets)).collect();
        let remote = AddressSet::union_all(&remote).difference(&special::platform_only());
        for part in self.routes.partition(&remote) {
            if part.choice.rests_on_tag_prefixes {
                assumptions.push(Assumption::new(TAG_PREFIXES));
            }
            let by_azure = |entry: &RouteEntry| {
                entry.source == RouteSource::Default && entry.next_hop == Fact::Known(NextHopType::None)
            };
            let drops = self.direction == Direction::Outbound && self.routes.of(&part.choice).any(by_azure);
            if drops && part.to.meets(&unsettled) {
                assumptions.push(Assumption::of(Switch::NONE_ROUTES));
            }
        }
        assumptions.sort();
        assumptions.dedup();
        assumptions
    }

    fn remote_of(&self, packet: &Packet) -> IpAddr {
        if self.direction == Direction::Outbound { packet.destination } else { packet.source }
    }

    /// All packets whose other side is one of these addresses.
    pub(super) fn packets_of(&self, remote: &AddressSet) -> PacketSet {
        let any = AddressSet::all;
        let (source, destination) = match self.direction {
            Direction::Outbound => (any(), remote.clone()),
            Direction::Inbound => (remote.clone(), any()),
        };
        PacketSet::between(source, destination)
    }

    fn remote(&self, packets: &PacketSet) -> AddressSet {
        if self.direction == Direction::Outbound { packets.destinations() } else { packets.sources() }
    }

    /// Parts after the routes: each cut where they do something with its packets. What the rules block is not
    /// cut: the first that blocks is the decider (design, section 3).
    pub(super) fn pass(&self, parts: Vec<Part>, arrival: Arrival) -> Vec<Part> {
        let (blocked, parts): (Vec<Part>, Vec<Part>) =
            parts.into_iter().partition(|part| part.verdict() == Verdict::Blocked);
        let mut passed = self.cut(parts, arrival);
        passed.extend(blocked);
        passed
    }

    /// Parts cut where the routes do something with their packets.
    pub(super) fn cut(&self, parts: Vec<Part>, arrival: Arrival) -> Vec<Part> {
        let remote: Vec<AddressSet> = parts.iter().map(|part| self.remote(&part.packets)).collect();
        let obstacles = self.obstacles(&AddressSet::union_all(&remote), arrival);
        if obstacles.is_empty() {
            return parts;
        }
        let gates: Vec<Part> = obstacles
            .into_iter()
            .map(|passage| Part { packets: self.packets_of(&passage.remote), outcome: passage.outcome })
            .collect();
        let stopped =
            AddressSet::union_all(&gates.iter().map(|gate| self.remote(&gate.packets)).collect::<Vec<_>>());
        let stopped = self.packets_of(&stopped);
        let mut passed = Vec::new();
        let mut at_gates = Part::all_and_then(&parts, &gates).into_iter().peekable();
        for (place, part) in parts.into_iter().enumerate() {
            passed.extend(
                std::iter::from_fn(|| at_gates.next_if(|(at, _)| *at == place)).map(|(_, part)| part),
            );
            let rest = part.packets.difference(&stopped);
            if !rest.is_empty() {
                passed.push(Part { packets: rest, ..part });
            }
        }
        passed
    }

    /// Of a set, the packets that the routes let through for certain.
    pub(super) fn allowed(&self, asked: &PacketSet) -> PacketSet {
        self.without(asked, |_| true)
    }

    /// Of a set, the packets that the routes do not certainly stop.
    pub(super) fn not_blocked(&self, asked: &PacketSet) -> PacketSet {
        self.without(asked, |outcome| outcome.verdict == Verdict::Blocked)
    }

    fn without(&self, asked: &PacketSet, gone: impl Fn(&Outcome) -> bool) -> PacketSet {
        let obstacles = self.obstacles(&self.remote(asked), Arrival::Either);
        let gone: Vec<AddressSet> = obstacles
            .into_iter()
            .filter(|passage| gone(&passage.outcome))
            .map(|passage| passage.remote)
            .collect();
        if gone.is_empty() {
            asked.clone()
        } else {
            asked.difference(&self.packets_of(&AddressSet::union_all(&gone)))
        }
    }

    /// What a choice means for packets. Several routes that may be the one leave it open unless all agree.
    fn outcome(&self, choice: &Choice, whose: Whose, arrival: Arrival) -> Outcome {
        let entries: Vec<&RouteEntry> = self.routes.of(choice).collect();
        let judged: Vec<(Verdict, Option<Gap>)> =
            entries.iter().map(|entry| self.judge(entry, whose, arrival)).collect();
        let first = judged.first().map_or(Verdict::Unknown, |(verdict, _)| *verdict);
        let verdict =
            if judged.iter().all(|(verdict, _)| *verdict == first) { first } else { Verdict::Unknown };
        let mut gaps: Vec<Gap> = Vec::new();
        if verdict == Verdict::Unknown {
            let doubts = entries.iter().filter_map(|entry| entry.doubt.clone()).filter(|_| entries.len() > 1);
            gaps = doubts.chain(judged.into_iter().filter_map(|(_, gap)| gap)).collect();
            gaps.sort();
            gaps.dedup();
        }
        let deciders = entries.into_iter().map(|entry| decider(entry, verdict)).collect();
        let step = LayerStep { layer: Layer::Route, direction: self.direction, verdict, deciders };
        Outcome { verdict, layers: vec![step], gaps }
    }

    fn judge(&self, entry: &RouteEntry, whose: Whose, arrival: Arrival) -> (Verdict, Option<Gap>) {
        use NextHopType as Hop;
        let private = whose.private;
        let outbound = self.direction == Direction::Outbound;
        let hop = match &entry.next_hop {
            Fact::Known(hop) => *hop,
            Fact::Unknown(gap) => return (Verdict::Unknown, Some(gap.clone())),
        };
        let is_gateway = hop == Hop::VirtualNetworkGateway;
        // S125: a route to a gateway has no way back for what came straight, whether there is one or not.
        let is_lost = is_gateway && !outbound && !private && arrival == Arrival::Straight;
        if let Some(gap) = entry.dead_end.as_ref().filter(|_| !is_lost && (is_gateway || !whose.near)) {
            return (Verdict::Unknown, Some(gap.clone()));
        }
        match hop {
            Hop::VnetLocal | Hop::VNetPeering | Hop::InterfaceEndpoint => (Verdict::Allowed, None),
            Hop::VirtualNetworkServiceEndpoint => self.service_endpoint(entry),
            Hop::Internet if private => (Verdict::Blocked, None),
            Hop::Internet => (Verdict::Allowed, None),
            Hop::None => (Verdict::Blocked, None),
            Hop::VirtualAppliance if !outbound && private => (Verdict::Allowed, None),
            Hop::VirtualNetworkGateway if private => (Verdict::Allowed, None),
            Hop::VirtualAppliance | Hop::VirtualNetworkGateway
                if !outbound && arrival == Arrival::Straight =>
            {
                (Verdict::Blocked, None)
            }
            Hop::VirtualAppliance | Hop::VirtualNetworkGateway => {
                (Verdict::Unknown, Some(self.beyond(entry, hop)))
            }
        }
    }

    /// A policy on the subnet lists the accounts that its service endpoints lead to; it is not looked into.
    fn service_endpoint(&self, entry: &RouteEntry) -> (Verdict, Option<Gap>) {
        let is_storage = entry.prefix.to_ascii_lowercase().starts_with("microsoft.storage");
        let policy = self.point.subnet.map(|subnet| &subnet.endpoint_policy).filter(|_| is_storage);
        match policy {
            Some(Fact::Known(true)) => {
                let gap = Gap::new("which accounts the service endpoint policy of the subnet lets through");
                (Verdict::Unknown, Some(gap.at(&entry.origin)))
            }
            Some(Fact::Unknown(gap)) => (Verdict::Unknown, Some(gap.clone())),
            _ => (Verdict::Allowed, None),
        }
    }

    /// What is not in the input where traffic goes by way of somebody else.
    fn beyond(&self, entry: &RouteEntry, hop: NextHopType) -> Gap {
        let who = match (hop, &entry.addresses[..], &entry.address_gap) {
            (NextHopType::VirtualAppliance, [address], _) => format!("the appliance {address}"),
            (NextHopType::VirtualAppliance, [], Some(gap)) => {
                format!("the appliance whose address is not known ({})", gap.missing())
            }
            (NextHopType::VirtualAppliance, [], None) => "an appliance without an address".to_owned(),
            (NextHopType::VirtualAppliance, all, _) => {
                let all: Vec<String> = all.iter().map(ToString::to_string).collect();
                format!("one of the appliances {}", all.join(", "))
            }
            _ => "the gateway".to_owned(),
        };
        let text = match self.direction {
            Direction::Outbound => {
                format!("what {who} lets through, to which {} sends the packet", named(entry))
            }
            Direction::Inbound => format!(
                "whether the packet came by {who}, by which {} sends the reply; one that came straight from the Internet gets none (S125)",
                named(entry)
            ),
        };
        let gap = Gap::new(text).at(&entry.origin);
        match entry.address_gap.as_ref().and_then(Gap::supply) {
            Some(supply) => gap.supplied_by(supply),
            None => gap,
        }
    }
}

/// Whose addresses are, as far as it matters to a route.
#[derive(Clone, Copy)]
struct Whose {
    /// Whether they are private, whoever has them.
    private: bool,
    /// Whether the network or a peer certainly has them.
    near: bool,
}

/// A route in a sentence: by its name, else as it is written.
pub(super) fn named(entry: &RouteEntry) -> String {
    match (&entry.name, entry.source) {
        (Some(name), _) => format!("the route `{name}` ({entry})"),
        (None, RouteSource::VirtualNetworkGateway) => format!("a gateway's route ({entry})"),
        (None, _) => format!("Azure's route {entry}"),
    }
}

fn decider(entry: &RouteEntry, verdict: Verdict) -> Decider {
    Decider {
        layer: Layer::Route,
        nsg: None,
        rule: Some(entry.name.clone().unwrap_or_else(|| entry.to_string())),
        priority: None,
        access: match verdict {
            Verdict::Allowed => Some(Access::Allow),
            Verdict::Blocked => Some(Access::Deny),
            _ => None,
        },
        origin: entry.origin.clone(),
    }
}
