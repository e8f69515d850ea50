//! What Azure says is in force, against what an input says.
//!
//! In: a dump and an input, each as a [`Network`], and the service tags. Out: a [`ConformAnswer`]: every
//! difference with its place on both sides, what could not be compared, and how much was.
//!
//! | question | module |
//! | --- | --- |
//! | rules missing in force, added by hand or changed; groups on other subnets | `rules` |
//! | tags that stand for other addresses than the tag list says | `tags` |
//! | routes of the input's table that are not in force, and others that are | `routes` |
//! | what an instance says of its connections, against the flows | `status` |
//!
//! What the input leaves open is never a difference: it is told as open. Only what the dump shows is compared;
//! groups of the input that it does not show are counted.
//!
//! Not here: reading either side (`sources`), wording by output format (`report`).

mod routes;
mod rules;
mod status;
mod tags;

pub use routes::Explained;
pub use status::StatusRow;
pub use tags::TagDifference;

use super::needed_flows::CheckOptions;
use crate::finding::Severity;
use crate::model::{Assumption, Gap, Origin};
use crate::network::{ChoiceError, Network, PlaceHint};
use std::collections::BTreeSet;

/// What kind of difference it is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// A rule of the input is not in force.
    MissingRule,
    /// A rule is in force that the input does not have.
    AddedRule,
    /// A rule is in force with other fields.
    ChangedRule,
    /// A group is in force that the input does not have.
    UnknownGroup,
    /// A subnet has another group in force than the input says.
    OtherGroup,
    /// A tag stands for other addresses than the list says.
    Tag,
    /// A route of the input is not in force.
    MissingRoute,
    /// A route is in force that a person made and the input does not have.
    AddedRoute,
    /// A route is in force with another next hop.
    ChangedRoute,
    /// The service cannot reach what the rules let it reach.
    FailsThoughAllowed,
    /// The service reaches what the rules block.
    ReachesThoughBlocked,
}

impl Kind {
    /// The word as it is printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MissingRule => "missing-rule",
            Self::AddedRule => "added-rule",
            Self::ChangedRule => "changed-rule",
            Self::UnknownGroup => "unknown-group",
            Self::OtherGroup => "other-group",
            Self::Tag => "tag",
            Self::MissingRoute => "missing-route",
            Self::AddedRoute => "added-route",
            Self::ChangedRoute => "changed-route",
            Self::FailsThoughAllowed => "fails-though-allowed",
            Self::ReachesThoughBlocked => "reaches-though-blocked",
        }
    }
}

/// One thing that differs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// What kind of difference it is.
    pub kind: Kind,
    /// How much it matters.
    pub severity: Severity,
    /// The rule, group, tag, route or endpoint, by name.
    pub subject: String,
    /// What is the case: a clause without capital or full stop.
    pub message: String,
    /// The fields that differ.
    pub fields: Vec<FieldDifference>,
    /// Where the dump says so.
    pub in_force: Option<Origin>,
    /// Where the input says otherwise.
    pub input: Option<Origin>,
    /// What it can mean, or what to do.
    pub hint: Option<String>,
}

/// A field of a rule or route that differs, as both sides print it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FieldDifference {
    /// The field.
    pub field: &'static str,
    /// What is in force.
    pub in_force: String,
    /// What the input says.
    pub input: String,
}

/// What could not be compared, and what would settle it.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Open {
    /// What it is about.
    pub subject: String,
    /// What is missing.
    pub gap: Gap,
}

/// How much was compared.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Compared {
    /// Groups that both sides have.
    pub groups: usize,
    /// Custom rules of the dump's groups and of theirs in the input.
    pub rules: usize,
    /// Tags that the dump says the meaning of.
    pub tags: usize,
    /// Routes in force.
    pub routes: usize,
    /// Endpoints that an instance tells the state of and a flow stands for.
    pub endpoints: usize,
    /// Groups of the input that the dump does not show.
    pub not_shown: usize,
}

/// What came of the comparison.
#[derive(Clone, Debug, Default)]
pub struct ConformAnswer {
    /// What differs, worst first.
    pub differences: Vec<Difference>,
    /// Tags that stand for other addresses, with how many.
    pub tags: Vec<TagDifference>,
    /// Routes in force that no person made, with where they come from.
    pub routes: Vec<Explained>,
    /// Each endpoint that an instance tells the state of, beside its flows.
    pub status: Vec<StatusRow>,
    /// What could not be compared.
    pub open: Vec<Open>,
    /// How much was compared.
    pub compared: Compared,
    /// What the comparison rests on.
    pub assumptions: Vec<Assumption>,
}

impl ConformAnswer {
    fn differs(&mut self, kind: Kind, severity: Severity, subject: &str, message: String) -> &mut Difference {
        let at = self.differences.len();
        self.differences.push(Difference {
            kind,
            severity,
            subject: subject.to_owned(),
            message,
            fields: Vec::new(),
            in_force: None,
            input: None,
            hint: None,
        });
        &mut self.differences[at]
    }

    fn leaves_open(&mut self, subject: &str, gap: Gap) {
        self.open.push(Open { subject: subject.to_owned(), gap });
    }
}

/// Compares a dump with an input. The hint names the input's subnet that the dump is of, and the group of the
/// input that is the dump's only one, where ids and names do not tell.
///
/// # Errors
/// [`ChoiceError`] where the input has no such subnet or group, or a group is named and the dump has several.
pub fn conform(
    dump: &Network,
    input: &Network,
    hint: PlaceHint<'_>,
    options: &CheckOptions<'_>,
) -> Result<ConformAnswer, ChoiceError> {
    let named = hint.subnet.map(|name| input.only_subnet(name)).transpose()?;
    let group = hint.group.map(|name| input.only_group(name)).transpose()?;
    let in_force: BTreeSet<&str> = dump.effective.groups.iter().map(|entry| entry.group.name()).collect();
    if group.is_some() && in_force.len() != 1 {
        return Err(ChoiceError {
            reason: format!(
                "a group of the input is named, and the dump does not hold just one but {}",
                in_force.len()
            ),
            choices: in_force.into_iter().map(str::to_owned).collect(),
        });
    }
    let mut answer = ConformAnswer::default();
    let places = rules::compare(dump, input, named, group, &mut answer);
    tags::compare(dump, input, &places, options.tags, &mut answer);
    routes::compare(dump, input, named, &places, &mut answer);
    status::compare(dump, input, options, &mut answer);
    answer.differences.sort_by(|left, right| {
        let key = |one: &Difference| {
            (std::cmp::Reverse(one.severity), one.kind, one.in_force.clone(), one.input.clone())
        };
        key(left).cmp(&key(right)).then_with(|| left.subject.cmp(&right.subject))
    });
    answer.open.sort();
    answer.open.dedup();
    answer.assumptions.sort();
    answer.assumptions.dedup();
    Ok(answer)
}
