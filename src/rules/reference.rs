//! The reference evaluator: one packet, one rule set, the plainest code.
//!
//! It shares the words of the model with the fast evaluators and nothing else: no sets, no compiled
//! policies, prefixes compared one by one. Each step names its clause, so that a reader with Azure's
//! documents beside the screen can follow it. Property tests hold the fast evaluators against it.

use super::{AddressTerm, PortTerm, ProtocolTerm, Rule, RuleSet, Side};
use crate::model::{Access, Packet, ResourceId, RulePriority, Verdict};
use ipnet::IpNet;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What the words of the rules stand for, as plain lists.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Prefixes that are certainly in `VirtualNetwork`, 168.63.129.16 among them (S72).
    pub virtual_network: Vec<IpNet>,
    /// Prefixes that may be in it besides.
    pub virtual_network_perhaps: Vec<IpNet>,
    /// Service tags by name in lower case (S88).
    pub tags: BTreeMap<String, Vec<IpNet>>,
    /// Members of application security groups (S46).
    pub groups: BTreeMap<ResourceId, Vec<IpNet>>,
}

/// Whether a rule, or a field of it, matches.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Match {
    No,
    Perhaps,
    Yes,
}

impl Match {
    /// All conditions hold only as surely as the least of them (S6).
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            _ => Self::Perhaps,
        }
    }

    /// A list matches as surely as the surest of its members (S6).
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, Self::No) => Self::No,
            _ => Self::Perhaps,
        }
    }

    fn of(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

/// The verdict for a packet, and the rules that may decide it, in order, by their place in the rule set.
pub fn decide(rules: &RuleSet, packet: &Packet, facts: &Facts) -> (Verdict, Vec<usize>) {
    // S1: only rules of the packet's direction take part; one of unknown direction may.
    let mut order: Vec<usize> = (0..rules.rules.len())
        .filter(|index| {
            let direction = &rules.rules[*index].direction;
            direction.known().is_none_or(|known| *known == packet.direction)
        })
        .collect();
    // S2, S7: ascending priority, whatever the order of the input.
    order.sort_by_key(|index| rules.rules[*index].priority.order());

    let (mut candidates, mut can_allow, mut can_deny) = (Vec::new(), false, false);
    let mut settled_at = None;
    let mut settled_somewhere = false;
    for index in order {
        let rule = &rules.rules[index];
        // S8: rules of one priority are looked at together; after them a match has ended the walk.
        if settled_at.is_some_and(|priority| priority != rule.priority.order()) {
            break;
        }
        // S9: whatever its priority is, a custom rule comes before the default ones.
        if rule.priority.order() >= 65_000 && settled_somewhere {
            settled_at = Some(i64::MAX);
            break;
        }
        match matches(rule, packet, facts) {
            Match::No => continue,
            Match::Yes => settled_at = Some(rule.priority.order()),
            Match::Perhaps => {
                let placed = matches!(rule.priority, RulePriority::Unknown(_));
                settled_somewhere |=
                    placed && fields_match(rule, packet, facts) == Match::Yes && is_certain(rule);
            }
        }
        candidates.push(index);
        // S4: the decision is the rule's access; one that is not known can be either.
        can_allow |= rule.access.known() != Some(&Access::Deny);
        can_deny |= rule.access.known() != Some(&Access::Allow);
    }
    let verdict = match (settled_at, can_allow, can_deny) {
        (Some(_), true, false) => Verdict::Allowed,
        (Some(_), false, true) => Verdict::Blocked,
        _ => Verdict::Unknown,
    };
    (verdict, candidates)
}

fn matches(rule: &Rule, packet: &Packet, facts: &Facts) -> Match {
    // S9: a rule that Azure refuses, or that may not exist, is never certain.
    let certain = rule.priority.is_settled() && is_certain(rule);
    let fields = fields_match(rule, packet, facts);
    if certain { fields } else { fields.and(Match::Perhaps) }
}

/// Whether the rule is there, and of this direction.
fn is_certain(rule: &Rule) -> bool {
    rule.doubt.is_none() && rule.direction.known().is_some()
}

/// S6: all five conditions.
fn fields_match(rule: &Rule, packet: &Packet, facts: &Facts) -> Match {
    protocol(&rule.protocol, packet)
        .and(address(&rule.source, packet.source, false, rule, facts))
        .and(address(&rule.destination, packet.destination, true, rule, facts))
        .and(ports(rule, packet))
}

fn protocol(term: &ProtocolTerm, packet: &Packet) -> Match {
    match term {
        // S17, U3: every protocol that the network carries.
        ProtocolTerm::Any => Match::Yes,
        ProtocolTerm::One(protocol) => Match::of(*protocol == packet.protocol),
        ProtocolTerm::Unknown(_) => Match::Perhaps,
    }
}

fn ports(rule: &Rule, packet: &Packet) -> Match {
    if packet.protocol.has_ports() {
        return port(&rule.source, packet.source_port).and(port(&rule.destination, packet.destination_port));
    }
    // S23, S24: without ports, a port condition holds only where it is every port.
    match (condition(&rule.source), condition(&rule.destination)) {
        (Condition::Nothing, _) | (_, Condition::Nothing) => Match::No,
        (Condition::Every, Condition::Every) => Match::Yes,
        // U6: a rule of such a protocol with narrow ports is not documented; one for * does not match.
        (Condition::Narrow, _) | (_, Condition::Narrow) => match rule.protocol {
            ProtocolTerm::Any => Match::No,
            _ => Match::Perhaps,
        },
        _ => Match::Perhaps,
    }
}

/// What the ports of a side ask for, all in all.
enum Condition {
    Every,
    Narrow,
    NotKnown,
    Nothing,
}

fn condition(side: &Side) -> Condition {
    let unknown = side.ports.iter().any(|written| matches!(written.value, PortTerm::Unknown(_)));
    let ranges: Vec<_> = side
        .ports
        .iter()
        .filter_map(|written| match &written.value {
            PortTerm::Range(range) => Some(*range),
            _ => None,
        })
        .collect();
    // S21: every port is named when one can go from 0 to 65535 by ranges that follow on each other.
    let mut next = 0u32;
    while let Some(range) = ranges.iter().find(|r| (u32::from(r.low())..=u32::from(r.high())).contains(&next))
    {
        next = u32::from(range.high()) + 1;
    }
    let every = next > u32::from(u16::MAX);
    match (every, unknown, ranges.is_empty()) {
        (true, ..) => Condition::Every,
        (_, true, _) => Condition::NotKnown,
        (_, _, true) => Condition::Nothing,
        _ => Condition::Narrow,
    }
}

fn port(side: &Side, port: u16) -> Match {
    side.ports.iter().fold(Match::No, |so_far, written| {
        so_far.or(match &written.value {
            // S20: both ends are included.
            PortTerm::Range(range) => Match::of(range.low() <= port && port <= range.high()),
            // S22: a range that runs backwards never matches.
            PortTerm::Never => Match::No,
            PortTerm::Unknown(_) => Match::Perhaps,
        })
    })
}

fn address(side: &Side, address: IpAddr, asked: bool, rule: &Rule, facts: &Facts) -> Match {
    let groups =
        side.addresses.iter().filter(|written| matches!(written.value, AddressTerm::Group(_))).count();
    side.addresses.iter().fold(Match::No, |so_far, written| {
        so_far.or(match &written.value {
            // S32, U9.
            AddressTerm::Any | AddressTerm::LiteralAny => Match::Yes,
            // S12: in a default rule the literal means both families.
            AddressTerm::Prefix { net, .. } if rule.is_default() && net.prefix_len() == 0 => Match::Yes,
            // S33, S96: a prefix matches its own family alone.
            AddressTerm::Prefix { net, .. } => Match::of(net.contains(&address)),
            // S35, U11.
            AddressTerm::DashRange { .. } => Match::Perhaps,
            AddressTerm::Tag(name) => tag(name, address, asked, facts),
            // S139: what Azure says that the tag stands for.
            AddressTerm::Expanded { prefixes, .. } => {
                Match::of(prefixes.iter().any(|net| net.contains(&address)))
            }
            // S42: at most ten groups on a side.
            AddressTerm::Group(_) if groups > 10 => Match::Perhaps,
            // S46, S50.
            AddressTerm::Group(id) => match facts.groups.get(id) {
                Some(members) => Match::of(members.iter().any(|net| net.contains(&address))),
                None => Match::Perhaps,
            },
            AddressTerm::Unknown(_) => Match::Perhaps,
        })
    })
}

/// `asked` says that the tag stands for the side that is asked.
fn tag(name: &str, address: IpAddr, asked: bool, facts: &Facts) -> Match {
    let name = name.to_lowercase(); // U2
    let inside = |nets: &[IpNet]| nets.iter().any(|net| net.contains(&address));
    match name.as_str() {
        // S72.
        "virtualnetwork" => match inside(&facts.virtual_network) {
            true => Match::Yes,
            false if inside(&facts.virtual_network_perhaps) => Match::Perhaps,
            false => Match::No,
        },
        "internet" => Match::of(is_internet(address)),
        // S83.
        "azureloadbalancer" => Match::of(
            ["168.63.129.16", "fe80::1234:5678:9abc"].iter().any(|probe| probe.parse() == Ok(address)),
        ),
        // S100: as a destination, these are for traffic to Azure's own services, which is not asked here.
        "azureplatformdns" | "azureplatformimds" | "azureplatformlkm" if asked => Match::No,
        "azureplatformdns" => Match::of("168.63.129.16".parse() == Ok(address)),
        "azureplatformimds" => Match::of("169.254.169.254".parse() == Ok(address)),
        "azureplatformlkm" => Match::No,
        // S88, S93: by the list; a name that is not in it is not known.
        _ => match facts.tags.get(&name) {
            Some(nets) => Match::of(inside(nets)),
            None => Match::Perhaps,
        },
    }
}

/// S81 as amended: IPv4 without the special-use blocks and the system None routes, and 2000::/3.
fn is_internet(address: IpAddr) -> bool {
    const OUTSIDE: [&str; 25] = [
        // Special use (S80).
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.2.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "224.0.0.0/3",
        // System None routes of 2022 besides those (S117 as amended).
        "20.35.252.0/22",
        "23.103.0.0/18",
        "25.4.0.0/14",
        "25.33.0.0/16",
        "25.41.0.0/20",
        "25.48.0.0/12",
        "40.108.0.0/17",
        "40.109.0.0/16",
        "104.146.0.0/17",
        "104.147.0.0/16",
        "157.59.0.0/16",
        // IPv6 outside global unicast.
        "::/3",
        "4000::/2",
        "8000::/1",
        "::/128",
    ];
    !OUTSIDE.iter().any(|net| net.parse::<IpNet>().is_ok_and(|net| net.contains(&address)))
}
