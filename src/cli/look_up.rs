//! `flowcheck flows` and `flowcheck explain`: what the program knows without any input.

use super::args::{ExplainArgs, FlowsArgs};
use super::plan::{Format, OutputPlan, word};
use super::{CliError, Exit, output};
use crate::flows::{self, FEATURES, Feature, Level, PARAMETERS, Profile, ROWS, Row};
use crate::model::{Mode, Tier};
use crate::report;
use crate::report::explain::{Explanation, explain as explained};
use crate::report::json::Head;

const FORMATS: &[Format] = &[Format::Text, Format::Json];

pub(super) fn flows(args: &FlowsArgs) -> Result<Exit, CliError> {
    if args.params || args.features {
        let names: Vec<&str> = match args.params {
            true => PARAMETERS.iter().map(|parameter| parameter.name).collect(),
            false => FEATURES.iter().map(|feature| feature.name).collect(),
        };
        return show(&names, &names.join(" "), &OutputPlan::new(&args.output, FORMATS)?);
    }
    let plan = OutputPlan::new(&args.output, FORMATS)?;
    let filter = Filter::new(args)?;
    let rows: Vec<&'static Row> = ROWS.iter().filter(|row| filter.wants(row)).collect();
    if rows.is_empty() {
        return Err(CliError::usage(
            "no row of the catalogue is asked for: the filters exclude each other".into(),
        ));
    }
    if let ([only], None) = (&args.ids[..], args.profile.as_deref())
        && plan.sinks.iter().all(|sink| sink.format == Format::Text)
    {
        return show(&[only], only, &plan);
    }
    output::deliver(&plan, |format, color, out| match format {
        Format::Json => report::json::flows(&rows, filter.profile, &Head::default(), out),
        _ => report::text::flows(&rows, filter.profile, &plan.text(color), out),
    })?;
    Ok(Exit::Fine)
}

pub(super) fn explain(args: &ExplainArgs) -> Result<Exit, CliError> {
    let plan = OutputPlan::new(&args.output, FORMATS)?;
    // Several words are one symptom, unless each is a name of its own.
    let whole = args.what.join(" ");
    let each: Result<Vec<_>, _> = args.what.iter().map(|what| explained(what)).collect();
    match explained(&whole) {
        Ok(found) => deliver(&whole, &found, &plan),
        Err(error) => match each {
            Ok(found) => deliver(&whole, &found.concat(), &plan),
            Err(_) => Err(CliError::of(error)),
        },
    }
}

fn show(names: &[&str], asked: &str, plan: &OutputPlan) -> Result<Exit, CliError> {
    let found: Result<Vec<_>, _> = names.iter().map(|name| explained(name)).collect();
    deliver(asked, &found.map_err(CliError::of)?.concat(), plan)
}

fn deliver(asked: &str, found: &[Explanation], plan: &OutputPlan) -> Result<Exit, CliError> {
    output::deliver(plan, |format, color, out| match format {
        Format::Json => report::json::explain(asked, found, &Head::default(), out),
        _ => report::text::explain(found, &plan.text(color), out),
    })?;
    Ok(Exit::Fine)
}

/// Which rows of the catalogue are wanted.
struct Filter {
    ids: Vec<String>,
    tier: Option<Tier>,
    mode: Option<Mode>,
    feature: Option<Feature>,
    level: Option<Level>,
    /// `None` for every record, of whatever date.
    profile: Option<Profile>,
}

impl Filter {
    fn new(args: &FlowsArgs) -> Result<Self, CliError> {
        for id in &args.ids {
            flows::find(id).map_err(CliError::of)?;
        }
        let feature = args.feature.as_deref().map(Feature::named).transpose().map_err(CliError::of)?;
        let any = args.profile.as_deref().is_some_and(|text| text.eq_ignore_ascii_case("any"));
        Ok(Self {
            ids: args.ids.clone(),
            tier: word("--tier", args.tier.as_deref())?,
            mode: word("--mode", args.mode.as_deref())?,
            feature,
            level: word("--level", args.level.as_deref())?,
            profile: if any {
                None
            } else {
                Some(word("--profile", args.profile.as_deref())?.unwrap_or_default())
            },
        })
    }

    fn wants(&self, row: &Row) -> bool {
        let condition = &row.condition;
        let level = self.profile.map_or(row.level, |profile| row.level_at(profile));
        (self.ids.is_empty() || self.ids.iter().any(|id| id.eq_ignore_ascii_case(row.id)))
            && self.tier.is_none_or(|tier| condition.tiers.is_empty() || condition.tiers.contains(&tier))
            && self.mode.is_none_or(|mode| condition.modes.is_empty() || condition.modes.contains(&mode))
            && self.feature.is_none_or(|feature| condition.flags.contains(&feature))
            && self.level.is_none_or(|wanted| wanted == level)
            && self.profile.is_none_or(|profile| row.in_force(profile))
    }
}
