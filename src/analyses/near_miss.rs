//! Ports that look like a typing error of the one that a flow needs (D22).

use super::FlowAnswer;
use crate::finding::{Code, Finding};
use crate::flows::{FlowDirection, Need, Packets, Ports, ROWS, Remote, Row};
use crate::model::{Access, Direction, PortRange, Verdict};
use crate::rules::{PortTerm, ProtocolTerm, Rule};
use crate::walk::Checkpoint;

/// Allow rules that name the tag of a needed flow, and a port one slip away from the flow's.
///
/// Asked for flows that no custom rule lets through; a port that some row of the catalogue needs with the
/// same tag is never a slip.
pub fn findings(flows: &[FlowAnswer], inbound: &Checkpoint<'_>, outbound: &Checkpoint<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for flow in flows.iter().filter(|flow| flow.verdict != Verdict::NotApplicable) {
        let Need::Packets(need) = flow.row.need else { continue };
        let (checkpoint, direction) = match flow.row.direction {
            FlowDirection::In => (inbound, Direction::Inbound),
            FlowDirection::Out => (outbound, Direction::Outbound),
            FlowDirection::Inside | FlowDirection::None => continue,
        };
        let (Some(group), Some(tag)) = (checkpoint.group(), tag_of(&need.remote)) else { continue };
        if opened_by_hand(flow) {
            continue;
        }
        for rule in group.rules.custom() {
            findings.extend(slip(flow, &need, tag, rule, direction));
        }
    }
    findings
}

fn tag_of(remote: &Remote) -> Option<&'static str> {
    match remote {
        Remote::Tag { name, .. } => Some(name),
        Remote::LoadBalancer => Some("AzureLoadBalancer"),
        _ => None,
    }
}

/// Whether custom rules let the flow through, whole.
fn opened_by_hand(flow: &FlowAnswer) -> bool {
    flow.verdict == Verdict::Allowed
        && flow.parts.iter().flat_map(|part| part.outcome.candidates()).all(|decider| !decider.is_default())
}

fn slip(flow: &FlowAnswer, need: &Packets, tag: &str, rule: &Rule, direction: Direction) -> Option<Finding> {
    if rule.direction.known() != Some(&direction) || rule.access.known() != Some(&Access::Allow) {
        return None;
    }
    let speaks = match &rule.protocol {
        ProtocolTerm::Any => true,
        ProtocolTerm::One(protocol) => need.protocols.contains(protocol),
        ProtocolTerm::Unknown(_) => false,
    };
    let (_, remote) = rule.own_and_remote(direction);
    let names_tag = remote.addresses.iter().any(|written| {
        written.value.tag().is_some_and(|name| name.eq_ignore_ascii_case(tag) || is_regional(name, tag))
    });
    if !speaks || !names_tag {
        return None;
    }
    let Ports::Ranges(wanted) = need.ports else { return None };
    let written: Vec<u16> = rule
        .destination
        .ports
        .iter()
        .filter_map(|port| match &port.value {
            PortTerm::Range(range) if range.low() == range.high() => Some(range.low()),
            _ => None,
        })
        .collect();
    let wanted = wanted.iter().copied().filter(|range| range.low() == range.high()).map(PortRange::low);
    let (port, right) = wanted
        .filter(|right| !written.contains(right))
        .flat_map(|right| written.iter().map(move |port| (*port, right)))
        .find(|(port, right)| looks_like(*port, *right) && !is_needed(tag, *port, flow.row.direction))?;
    let message = format!("`{}` allows {tag}:{port}; `{}` needs {tag}:{right}", rule.name, flow.row.id);
    Some(
        Finding::new(Code::NearMissPort, &rule.origin, message)
            .fix(format!("write {right} instead of {port}"))
            .about(&*rule.name),
    )
}

fn is_regional(name: &str, tag: &str) -> bool {
    name.split_once('.').is_some_and(|(base, _)| base.eq_ignore_ascii_case(tag))
}

/// One slip of the finger: a digit wrong, missing, too many, or two exchanged.
fn looks_like(port: u16, right: u16) -> bool {
    port != right && strsim::damerau_levenshtein(&port.to_string(), &right.to_string()) == 1
}

/// Whether some row of the catalogue, of whatever date, needs the port with the tag.
fn is_needed(tag: &str, port: u16, direction: FlowDirection) -> bool {
    let of_tag = |row: &&Row| match row.need {
        Need::Packets(need) => {
            tag_of(&need.remote) == Some(tag)
                && matches!(need.ports, Ports::Ranges(ranges) if ranges.iter().any(|range| !range.is_all() && range.contains(port) && range.low() == range.high()))
        }
        _ => false,
    };
    ROWS.iter().filter(|row| row.direction == direction).any(|row| of_tag(&row))
}
