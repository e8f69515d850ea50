//! What an API Management instance says of its own connections, against the flows that `check` computes.
//!
//! The service tries its endpoints every few minutes and says which it reached (apim-required-flows, section
//! 14). An endpoint is one address or a few, a flow a whole tag: one that is reached proves a flow that is not
//! blocked whole, and one that fails proves nothing about the rules where the flow is allowed.

use super::{ConformAnswer, Kind};
use crate::analyses::answer::{FlowAnswer, InstanceAnswer};
use crate::analyses::needed_flows::{CheckOptions, check};
use crate::finding::Severity;
use crate::flows::LocationKind;
use crate::model::{Gap, Origin, Region, Verdict};
use crate::network::Network;
use crate::network::effective::{Connectivity, NetworkStatus};

/// Kinds of endpoints in the service's words, without blanks and case, and the flows that reach them.
const FLOWS: &[(&str, &[&str])] = &[
    ("blobstorage", &["storage-443"]),
    ("tablestorage", &["storage-443"]),
    ("queue", &["storage-443"]),
    ("smtpqueue", &["storage-443", "smtp-queue"]),
    ("filestorage", &["git-445"]),
    ("sourcecontrol", &["git-445"]),
    ("sqldatabase", &["sql-1433"]),
    ("azurekeyvault", &["keyvault-443"]),
    ("keyvault", &["keyvault-443"]),
    ("monitoring", &["monitor-443"]),
    ("metrics", &["monitor-1886"]),
    ("apimanagementcontrolplane", &["mgmt-3443"]),
    ("azureactivedirectory", &["entra-443"]),
    ("regionalazureactivedirectory", &["entra-443"]),
    ("captchaendpoint", &["portal-captcha-443"]),
    ("internalcache", &["cache-internal"]),
];

/// One endpoint beside the flows that reach it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StatusRow {
    /// The location, where the status is for several.
    pub location: Option<String>,
    /// The endpoint's name.
    pub endpoint: String,
    /// The service's word for its kind.
    pub resource_type: String,
    /// The service's word for how it stands.
    pub status: String,
    /// The flows that reach it, each with its verdict; empty where none is known to, or no instance is there.
    pub flows: Vec<(&'static str, Verdict)>,
    /// Whether both say the same; `None` where that cannot be said.
    pub agrees: Option<bool>,
    /// Where it stands.
    pub origin: Origin,
}

pub(super) fn compare(
    dump: &Network,
    input: &Network,
    options: &CheckOptions<'_>,
    answer: &mut ConformAnswer,
) {
    if dump.effective.status.is_empty() {
        return;
    }
    let computed = check(input, options);
    for status in &dump.effective.status {
        let instance = match instance_of(status, &computed.instances) {
            Ok(instance) => instance,
            Err(gap) => {
                answer.leaves_open("network status", gap.at(&status.origin));
                continue;
            }
        };
        answer.assumptions.extend(instance.assumptions.iter().cloned());
        for entry in &status.entries {
            endpoint(entry, status, instance, answer);
        }
    }
}

/// The location of the input that a status is of: by its region, else the only one, else the primary one.
fn instance_of<'a>(
    status: &NetworkStatus,
    instances: &'a [InstanceAnswer],
) -> Result<&'a InstanceAnswer, Gap> {
    if let Some(location) = &status.location {
        let region = Region::new(location);
        let mut there = instances.iter().filter(|one| one.region.known() == Some(&region));
        match (there.next(), there.next()) {
            (Some(only), None) => return Ok(only),
            (Some(_), Some(_)) => {
                return Err(Gap::new(format!("which of several instances in {location} the status is of")));
            }
            (None, _) => {}
        }
    }
    let mut primary = instances.iter().filter(|one| one.location == LocationKind::Primary);
    match (primary.next(), primary.next()) {
        (Some(only), None) if status.location.is_none() || only.region.known().is_none() => Ok(only),
        (None, _) => Err(Gap::new("the instance that the status is of, which the input does not hold")
            .supplied_by("--subnet NAME --mode MODE --tier TIER --region REGION")),
        (Some(_), Some(_)) => Err(Gap::new("which of the input's instances the status is of")),
        (Some(_), None) => {
            let location = status.location.as_deref().unwrap_or("?");
            Err(Gap::new(format!("the instance's location {location}, which the input does not hold")))
        }
    }
}

/// The flows that an endpoint's kind or name stands for.
fn flows_of(entry: &Connectivity) -> &'static [&'static str] {
    let plain = |text: &str| {
        let kept = text.chars().filter(char::is_ascii_alphanumeric);
        kept.collect::<String>().to_ascii_lowercase()
    };
    let kind = plain(&entry.resource_type);
    // The port is told by the name alone where one kind has two.
    if kind == "monitoring" && entry.name.contains(":1886") {
        return &["monitor-1886"];
    }
    let begins = |(word, _): &&(&str, &[&str])| match *word {
        // Followed by ` - inbound`.
        "apimanagementcontrolplane" => kind.starts_with(word),
        word => kind == word,
    };
    FLOWS.iter().find(begins).map_or(&[], |(_, flows)| flows)
}

fn endpoint(
    entry: &Connectivity,
    status: &NetworkStatus,
    instance: &InstanceAnswer,
    answer: &mut ConformAnswer,
) {
    let flows: Vec<&FlowAnswer> = flows_of(entry)
        .iter()
        .flat_map(|id| instance.flows.iter().filter(move |flow| flow.row.id == *id))
        .filter(|flow| flow.verdict != Verdict::NotApplicable)
        .collect();
    let reached = match entry.status.to_ascii_lowercase().as_str() {
        "success" => Some(true),
        "failure" | "failed" => Some(false),
        _ => None,
    };
    let all = |verdict: Verdict| !flows.is_empty() && flows.iter().all(|flow| flow.verdict == verdict);
    let unsettled = flows.is_empty() || flows.iter().any(|flow| flow.verdict == Verdict::Unknown);
    let (allowed, blocked) = (all(Verdict::Allowed), all(Verdict::Blocked));
    let agrees = match reached {
        None => None,
        Some(true) if blocked => Some(false),
        Some(false) if allowed => Some(false),
        Some(_) if unsettled => None,
        Some(_) => Some(true),
    };
    if !flows.is_empty() {
        answer.compared.endpoints += 1;
    }
    let ids: Vec<&str> = flows.iter().map(|flow| flow.row.id).collect();
    if agrees == Some(false) {
        differs(entry, &ids.join(" and "), reached == Some(true), &flows, answer);
    }
    // What the service can do without leaves nothing open.
    if entry.is_optional != Some(true) && agrees.is_none() && !flows.is_empty() {
        let subject = ids.join(" and ");
        match reached {
            None => {
                let missing = format!(
                    "whether the service reaches {}, which it says is `{}`",
                    entry.name, entry.status
                );
                answer.leaves_open(&subject, Gap::new(missing).at(&entry.origin));
            }
            Some(_) => {
                let unknowns = flows.iter().filter(|flow| flow.verdict == Verdict::Unknown);
                for gap in unknowns.flat_map(|flow| &flow.unknowns) {
                    answer.leaves_open(&subject, gap.clone());
                }
            }
        }
    }
    answer.status.push(StatusRow {
        location: status.location.clone(),
        endpoint: entry.name.clone(),
        resource_type: entry.resource_type.clone(),
        status: entry.status.clone(),
        flows: flows.iter().map(|flow| (flow.row.id, flow.verdict)).collect(),
        agrees,
        origin: entry.origin.clone(),
    });
}

fn differs(
    entry: &Connectivity,
    ids: &str,
    reached: bool,
    flows: &[&FlowAnswer],
    answer: &mut ConformAnswer,
) {
    let severity = if entry.is_optional == Some(true) { Severity::Warning } else { Severity::Error };
    let name = &entry.name;
    let (kind, message, hint) = match reached {
        true => (
            Kind::ReachesThoughBlocked,
            format!("the service reaches {name}, and {ids} is blocked by the input"),
            "the rules in force are others than the input's, or the endpoint is reached by a private address",
        ),
        false => (
            Kind::FailsThoughAllowed,
            format!("the service cannot reach {name}, and the rules of the input allow {ids}"),
            "what is left: a route to an appliance or firewall that drops it, the firewall of the target, DNS, or rules in force that are others than the input's",
        ),
    };
    let error = entry.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
    let subject = flows.first().map_or(ids, |flow| flow.row.id);
    let difference = answer.differs(kind, severity, subject, format!("{message}{error}"));
    difference.in_force = Some(entry.origin.clone());
    difference.input = flows.first().map(|flow| decided_at(flow).unwrap_or(&flow.origin).clone());
    difference.hint = Some(hint.to_owned());
}

/// The rule that decides a flow.
fn decided_at(flow: &FlowAnswer) -> Option<&Origin> {
    let deciders = flow.parts.iter().flat_map(|part| part.outcome.candidates());
    deciders.map(|decider| &decider.origin).next()
}
