//! Rows of the catalogue in words: their packets, who has them, when they count.

use super::phrases::listed;
use crate::flows::{FlowDirection, Need, Ports, Row};

/// The flow as the catalogue states it, with the words of a packet set where it has packets.
pub(super) fn packets_of(row: &Row) -> String {
    match row.need {
        Need::Packets(need) => {
            let protocols: Vec<String> = need.protocols.iter().map(ToString::to_string).collect();
            let ports = match need.ports {
                Ports::Ranges(ranges) => ranges.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
                Ports::Parameter(name) => format!("${name}"),
            };
            let remote = need.remote.to_string();
            let (source, destination) = match row.direction {
                FlowDirection::In => (remote.as_str(), "subnet"),
                _ => ("subnet", remote.as_str()),
            };
            let protocols = if protocols.is_empty() { "any".to_owned() } else { protocols.join(",") };
            format!("{} {protocols} {source} -> {destination}:{ports}", row.direction)
        }
        Need::Nsg => "the subnet must have a network security group".to_owned(),
        Need::Delegation { must_be: None } => "the subnet must not be delegated".to_owned(),
        Need::Delegation { must_be: Some(service) } => format!("the subnet must be delegated to {service}"),
        Need::SubnetPrefix { at_most } => format!("the subnet's prefix must be /{at_most} or shorter"),
        Need::Nothing { reason } => reason.to_owned(),
    }
}

/// Who has the flow: `Developer, Premium; external; features kv-refs`.
pub(super) fn condition_of(row: &Row) -> String {
    let condition = &row.condition;
    let mut words: Vec<String> = Vec::new();
    if !condition.tiers.is_empty() {
        words.push(condition.tiers.iter().map(|tier| tier.as_str()).collect::<Vec<_>>().join(", "));
    }
    if !condition.modes.is_empty() {
        words.push(condition.modes.iter().map(|mode| mode.as_str()).collect::<Vec<_>>().join(", "));
    }
    words.extend(condition.platform.map(|platform| platform.to_string()));
    words.extend(condition.location.map(|location| format!("{location} location")));
    words.extend(condition.units_min.map(|units| format!("from {units} units on")));
    words.extend(condition.instances_min.map(|instances| format!("from {instances} instances on")));
    if !condition.flags.is_empty() {
        let flags: Vec<&str> = condition.flags.iter().map(|flag| flag.info().name).collect();
        words.push(format!("with {}", listed(&flags).replace(" and ", " or ")));
    }
    if words.is_empty() { "every instance".to_owned() } else { words.join("; ") }
}

/// When the record counts: `from 2025-06-17`, `until 2024-01-01`.
pub(super) fn period_of(row: &Row) -> Option<String> {
    let words: Vec<String> = [("from", row.since), ("until", row.until)]
        .iter()
        .filter_map(|(word, date)| Some(format!("{word} {}", (*date)?)))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}
