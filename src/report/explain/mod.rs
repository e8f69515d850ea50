//! What a word of ours means: a finding code, a switch, a clause, a contradiction, a flow, a feature, a
//! parameter, or a symptom in the user's own words.
//!
//! In: the text as typed. Out: explanations as plain values, which text and JSON print. The texts come from
//! where each thing is defined; only the clauses have theirs here.

mod clauses;
mod symptom;

use super::rows::{condition_of, packets_of, period_of};
use crate::finding::Code;
use crate::flows::{
    Dispute, FEATURES, PARAMETERS, Ports, ROWS, Remote, Row, Source, dispute, find, ids, parameter, source,
};
use crate::model::{Switch, words};
use std::fmt;

words! {
    /// What kind of thing is explained.
    Kind ("kind") {
        /// A code of a finding.
        Finding = "finding",
        /// An undocumented point.
        Switch = "switch",
        /// A clause of Azure's behaviour.
        Clause = "clause",
        /// A contradiction between documents.
        Dispute = "dispute",
        /// A flow of the catalogue.
        Flow = "flow",
        /// A feature of an instance.
        Feature = "feature",
        /// A parameter of the catalogue.
        Parameter = "parameter",
    }
}

/// One explanation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Explanation {
    /// What kind of thing it is.
    pub kind: Kind,
    /// Its name, as in `near-miss-port`.
    pub name: String,
    /// A few words beside the name, as its severity or level.
    pub title: String,
    /// What it means.
    pub meaning: String,
    /// Further facts with their labels, in order.
    pub details: Vec<(&'static str, String)>,
    /// What to do.
    pub remedy: Option<String>,
    /// The documents that it rests on.
    pub sources: Vec<&'static Source>,
    /// Contradictions that it decides.
    pub disputes: Vec<&'static Dispute>,
    /// What else can be asked.
    pub see_also: Vec<String>,
}

impl Explanation {
    fn new(
        kind: Kind,
        name: impl fmt::Display,
        title: impl Into<String>,
        meaning: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            name: name.to_string(),
            title: title.into(),
            meaning: meaning.into(),
            details: Vec::new(),
            remedy: None,
            sources: Vec::new(),
            disputes: Vec::new(),
            see_also: Vec::new(),
        }
    }
}

/// A text that is nothing we know, and describes no symptom.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unexplained {
    /// The text as typed.
    pub asked: String,
    /// Names that come close.
    pub closest: Vec<&'static str>,
}

impl fmt::Display for Unexplained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is nothing to explain about `{}`", self.asked)?;
        if !self.closest.is_empty() {
            write!(f, "; did you mean `{}`?", self.closest.join("` or `"))?;
        }
        f.write_str(
            "\nwhat can be explained: finding codes (near-miss-port), flows (mgmt-3443), switches (U7), clauses \
             (S102), contradictions (D18), features, parameters, and symptoms ('Failed to connect to management \
             endpoint')",
        )
    }
}

impl std::error::Error for Unexplained {}

/// Explains a name or a symptom; never empty.
///
/// # Errors
/// [`Unexplained`] with the names that come closest.
pub fn explain(asked: &str) -> Result<Vec<Explanation>, Unexplained> {
    let name = asked.trim();
    if let Ok(code) = name.parse::<Code>() {
        return Ok(vec![of_code(code)]);
    }
    if let Ok(switch) = name.parse::<Switch>() {
        return Ok(vec![of_switch(switch)]);
    }
    if let Some(clause) = numbered(name, 'S').and_then(of_clause) {
        return Ok(vec![clause]);
    }
    if let Some(dispute) = numbered(name, 'D').and_then(|number| dispute(u8::try_from(number).ok()?)) {
        return Ok(vec![of_dispute(dispute)]);
    }
    if let Ok(records) = find(name) {
        return Ok(records.iter().map(of_row).collect());
    }
    if let Some(feature) = FEATURES.iter().find(|feature| feature.name.eq_ignore_ascii_case(name)) {
        let title = format!("{} unless stated", feature.default);
        let mut found = Explanation::new(Kind::Feature, feature.name, title, feature.what);
        found.remedy = Some(format!("say --feature {} where it is on", feature.name));
        found.see_also =
            flows_where(|row| row.condition.flags.iter().any(|flag| flag.info().name == feature.name));
        return Ok(vec![found]);
    }
    if let Ok(parameter) = parameter(name) {
        let mut found = Explanation::new(Kind::Parameter, parameter.name, "", parameter.what);
        found.remedy = Some(format!("say --param {}=ADDRESS", parameter.name));
        found.see_also = flows_where(|row| names_parameter(row, parameter.name));
        return Ok(vec![found]);
    }
    let rows = symptom::rows(name);
    if rows.is_empty() {
        return Err(Unexplained { asked: name.to_owned(), closest: closest(name) });
    }
    Ok(rows.into_iter().map(of_row).collect())
}

fn numbered(name: &str, letter: char) -> Option<u16> {
    let rest = name.strip_prefix([letter, letter.to_ascii_lowercase()])?;
    rest.bytes().all(|byte| byte.is_ascii_digit()).then(|| rest.parse().ok()).flatten()
}

fn of_code(code: Code) -> Explanation {
    let mut found = Explanation::new(Kind::Finding, code, code.severity().as_str(), code.meaning());
    found.remedy = Some(code.remedy().to_owned());
    found.see_also = cited(code.meaning());
    found
}

fn of_switch(switch: Switch) -> Explanation {
    let text = switch.text();
    let mut found = Explanation::new(Kind::Switch, switch, "not documented by Azure", text.question);
    found.details.push(("read as", text.default.to_owned()));
    found.details.push((
        "other reading",
        text.alternative.unwrap_or("none is tried: the answer does not hang on it, or is unknown").to_owned(),
    ));
    found.remedy = Some(
        "where an answer lists it, the other reading would change the verdict: write the rule so that both agree"
            .to_owned(),
    );
    found.see_also = cited(text.clauses);
    found
}

fn of_clause(number: u16) -> Option<Explanation> {
    let cites = |text: &str| cited(text).contains(&format!("S{number}"));
    let switches = Switch::ALL.iter().filter(|switch| cites(switch.text().clauses)).map(ToString::to_string);
    let codes = Code::ALL.iter().filter(|code| cites(code.meaning())).map(ToString::to_string);
    let text = clauses::text(number);
    let see_also: Vec<String> = switches.chain(codes).collect();
    if text.is_none() && see_also.is_empty() {
        return None;
    }
    let meaning = text.unwrap_or("Its text is not part of the program; what rests on it is named below.");
    let mut found =
        Explanation::new(Kind::Clause, format_args!("S{number}"), "how Azure filters traffic", meaning);
    found.see_also = see_also;
    Some(found)
}

fn of_dispute(dispute: &'static Dispute) -> Explanation {
    let name = format!("D{}", dispute.number);
    let mut found = Explanation::new(Kind::Dispute, name, "documents contradict each other", dispute.matter);
    found.details.push(("they say", dispute.says.to_owned()));
    found.details.push(("read as", dispute.reading.to_owned()));
    found.sources = dispute.sources.iter().filter_map(|key| source(key)).collect();
    found.see_also = flows_where(|row| row.dispute == Some(dispute.number));
    found
}

fn of_row(row: &'static Row) -> Explanation {
    let mut found = Explanation::new(Kind::Flow, row.id, row.level.as_str(), row.purpose);
    found.details.push(("packets", packets_of(row)));
    found.details.push(("when blocked", row.breaks.to_owned()));
    found.details.push(("needed by", condition_of(row)));
    if let Some(dates) = period_of(row) {
        found.details.push(("counts", dates));
    }
    if let Some(note) = row.note {
        found.details.push(("note", note.to_owned()));
    }
    found.remedy = remedy_of(row);
    found.sources = row.sources.iter().filter_map(|key| source(key)).collect();
    found.disputes = row.dispute.into_iter().filter_map(dispute).collect();
    found.see_also = row.depends_on.iter().map(|on| on.id.to_owned()).collect();
    found
}

/// The rule that would open a flow, where a tag or computed name says it all.
fn remedy_of(row: &Row) -> Option<String> {
    use crate::flows::{FlowDirection, Need, TagRegion};
    let Need::Packets(need) = row.need else { return Some("see what it needs above".to_owned()) };
    let remote = match need.remote {
        Remote::Tag { name, region: TagRegion::Global } => name.to_owned(),
        Remote::Tag { name, .. } => name.to_owned(),
        Remote::Internet => "Internet".to_owned(),
        Remote::VirtualNetwork => "VirtualNetwork".to_owned(),
        Remote::LoadBalancer => "AzureLoadBalancer".to_owned(),
        Remote::Subnet => "VirtualNetwork".to_owned(),
        Remote::AzureDns => return Some("no rule with the tag AzurePlatformDNS may deny it".to_owned()),
        Remote::Parameter { name, default } => match default {
            Some(default) => default.to_string(),
            None => format!("the addresses of `{name}`"),
        },
    };
    let Ports::Ranges(ranges) = need.ports else { return None };
    let ports: Vec<String> = ranges.iter().map(ToString::to_string).collect();
    let protocol = match need.protocols {
        [one] => one.to_string(),
        _ => "*".to_owned(),
    };
    let ports = ports.join(",");
    let own = "VirtualNetwork";
    Some(match row.direction {
        FlowDirection::In => {
            format!(
                "allow it before any rule that denies it: In Allow {protocol} {remote}:* -> {own}:{ports}"
            )
        }
        FlowDirection::Out | FlowDirection::None => {
            format!(
                "allow it before any rule that denies it: Out Allow {protocol} {own}:* -> {remote}:{ports}"
            )
        }
        FlowDirection::Inside => {
            format!("allow it in both directions: In and Out Allow {protocol} {own}:* -> {own}:{ports}")
        }
    })
}

fn flows_where(holds: impl Fn(&Row) -> bool) -> Vec<String> {
    ids().filter(|id| ROWS.iter().any(|row| row.id == *id && holds(row))).map(str::to_owned).collect()
}

fn names_parameter(row: &Row, name: &str) -> bool {
    match row.need {
        crate::flows::Need::Packets(need) => {
            matches!(need.remote, Remote::Parameter { name: of, .. } if of == name)
                || matches!(need.ports, Ports::Parameter(of) if of == name)
        }
        _ => false,
    }
}

/// The clauses that a text cites: `(S8)`, `S9, S13`.
fn cited(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| numbered(word, 'S').is_some() || word.parse::<Switch>().is_ok())
        .map(str::to_owned)
        .collect()
}

/// Every name that can be explained, clauses left out.
pub fn names() -> impl Iterator<Item = &'static str> {
    Code::ALL
        .iter()
        .map(|code| code.as_str())
        .chain(ids())
        .chain(FEATURES.iter().map(|feature| feature.name))
        .chain(PARAMETERS.iter().map(|parameter| parameter.name))
}

fn closest(name: &str) -> Vec<&'static str> {
    let wanted = name.to_ascii_lowercase();
    let mut scored: Vec<(f64, &'static str)> = names()
        .map(|candidate| (strsim::jaro_winkler(&wanted, candidate), candidate))
        .filter(|(score, _)| *score >= 0.85)
        .collect();
    scored.sort_by(|(a, x), (b, y)| b.total_cmp(a).then_with(|| x.cmp(y)));
    scored.into_iter().take(3).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_ours_is_explained() {
        let switches = Switch::ALL.iter().map(ToString::to_string);
        let disputes = crate::flows::DISPUTES.iter().map(|dispute| format!("D{}", dispute.number));
        for name in names().map(str::to_owned).chain(switches).chain(disputes) {
            let found = explain(&name).unwrap();
            assert!(!found.is_empty(), "{name}");
            assert!(found.iter().all(|one| one.name == name && !one.meaning.is_empty()), "{name}");
        }
    }

    #[test]
    fn every_cited_clause_is_explained_in_words() {
        let texts = Switch::ALL.iter().map(|switch| switch.text().clauses);
        let texts = texts.chain(Code::ALL.iter().map(|code| code.meaning()));
        for clause in texts.flat_map(cited).filter(|name| name.starts_with('S')) {
            let found = explain(&clause).unwrap();
            assert_eq!(found[0].kind, Kind::Clause);
            assert!(!found[0].meaning.starts_with("Its text"), "{clause}");
        }
    }

    #[test]
    fn a_symptom_leads_to_the_flows_that_break_so() {
        for (symptom, flow) in [
            ("Failed to connect to management endpoint", "mgmt-3443"),
            ("Unable to activate API service at this time", "sql-1433"),
            ("unable to activate API service", "storage-443"),
            ("certificates are not renewed", "keyvault-user-443"),
            ("no mail is sent", "smtp-relay"),
        ] {
            let found = explain(symptom).unwrap();
            assert!(found.iter().any(|one| one.name == flow), "{symptom}: {found:?}");
        }
    }

    #[test]
    fn what_is_nothing_is_an_error_that_helps() {
        let error = explain("mgmt-3433").unwrap_err();
        assert_eq!(error.closest[0], "mgmt-3443");
        assert!(explain(&format!("S{}", 999)).unwrap_err().to_string().contains("clauses (S102)"));
        assert!(explain("").is_err());
    }
}
