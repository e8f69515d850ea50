//! Rows of the catalogue in words: their packets, who has them, when they count.

use super::phrases::listed;
use crate::flows::{FlowDirection, Need, Ports, Remote, Row, TagRegion};

/// The flow as the catalogue states it, with the words of a packet set where it has packets.
pub(super) fn packets_of(row: &Row) -> String {
    let remote = |remote: &Remote| match remote {
        Remote::Parameter { name, default: Some(Remote::AzureDns) } => format!("{name} (else Azure's DNS)"),
        Remote::Parameter { name, default: Some(default) } => format!("{name} (else {default})"),
        Remote::Parameter { name, default: None } => (*name).to_owned(),
        Remote::AzureDns => "Azure's DNS".to_owned(),
        fixed => fixed.to_string(),
    };
    worded(row, "subnet", remote)
}

/// The flow of a row at a location whose packets are not known, or not asked for there: what is missing
/// is named by its parameter, an unsettled region by `REGION`.
pub(super) fn packets_at(row: &Row, subnet: Option<&str>) -> String {
    let own = subnet.and_then(|name| name.rsplit('/').next()).unwrap_or("subnet");
    let remote = |remote: &Remote| match remote {
        Remote::Parameter { name, .. } => (*name).to_owned(),
        Remote::Tag { name, region: TagRegion::Global } => (*name).to_owned(),
        Remote::Tag { name, .. } => format!("{name}.REGION"),
        Remote::AzureDns => "Azure's DNS".to_owned(),
        Remote::Subnet => own.to_owned(),
        fixed => fixed.to_string(),
    };
    worded(row, own, remote)
}

fn worded(row: &Row, own: &str, remote: impl Fn(&Remote) -> String) -> String {
    match row.need {
        Need::Packets(need) => {
            let protocols: Vec<String> = need.protocols.iter().map(ToString::to_string).collect();
            let ports = match (need.ports, need.remote) {
                (Ports::Ranges(ranges), _) => {
                    let texts: Vec<String> = ranges.iter().map(ToString::to_string).collect();
                    format!(":{}", texts.join(","))
                }
                // The values of the other side have their ports with them.
                (Ports::Parameter(ports), Remote::Parameter { name, .. }) if ports == name => String::new(),
                (Ports::Parameter(name), _) => format!(":{name}"),
            };
            let remote = remote(&need.remote);
            let (source, destination) = match row.direction {
                FlowDirection::In => (remote.as_str(), own),
                _ => (own, remote.as_str()),
            };
            let protocols = if protocols.is_empty() { "any".to_owned() } else { protocols.join(",") };
            format!("{} {protocols} {source} -> {destination}{ports}", row.direction)
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
