//! `flowcheck check`.

use super::args::CheckArgs;
use super::input::{Asked, each, read_all};
use super::plan::{Format, Ground, OutputPlan, judgement};
use super::progress::Progress;
use super::{CliError, Exit, complain, output};
use crate::analyses::{CheckAnswer, CheckOptions, InstanceAnswer, check_watched};
use crate::finding::Finding;
use crate::model::{Assumption, Mode, Verdict};
use crate::report::json::Head;
use crate::report::text::TextOptions;
use crate::report::{self, tags_line};
use crate::tags::Versions;

pub(super) fn run(args: &CheckArgs) -> Result<Exit, CliError> {
    let plan = OutputPlan::new(&args.output, &[Format::Text, Format::Json])?;
    output::must_not_overwrite(
        &plan,
        args.inputs.iter().chain(&args.ground.parameters).chain(&args.ground.tags.service_tags),
    )?;
    let judgement = judgement(&args.judge)?;
    let ground = Ground::new(&args.ground)?;
    let inputs = read_all(&args.inputs, &ground)?;
    let mut answer = CheckAnswer { instances: Vec::new(), findings: Vec::new() };
    let mut assumptions = Vec::new();
    let mut failed = inputs.failed;
    for (findings, asked) in ask_all(inputs.asked, &ground, plan.quiet) {
        answer.findings.extend(findings);
        match asked {
            Ok((more, assumed)) => {
                answer.instances.extend(more.instances);
                answer.findings.extend(more.findings);
                assumptions.extend(assumed);
            }
            Err(error) => {
                complain(&error);
                failed += 1;
            }
        }
    }
    answer.findings.sort();
    assumptions.sort();
    assumptions.dedup();
    if answer.instances.is_empty() && answer.findings.is_empty() {
        return match (failed, args.allow_empty) {
            (0, true) => Ok(Exit::Fine),
            (0, false) => Err(CliError::usage("there is nothing to check in the input".into())),
            _ => Ok(Exit::NotAsked),
        };
    }
    let versions = Versions::of(&ground.tags);
    let head = Head { service_tags: Some(versions.clone()), assumptions };
    output::deliver(&plan, |format, color, out| match format {
        Format::Json => report::json::check(&answer, &head, out),
        _ => {
            let text = TextOptions { all: args.all, ..plan.text(color) };
            report::text::check(&answer, &text, &tags_line(&versions), out)
        }
    })?;
    if failed > 0 {
        return Ok(Exit::NotAsked);
    }
    if !args.allow_empty && !has_flows(&answer) {
        complain(&nothing_applies(&answer));
        return Ok(Exit::NotAsked);
    }
    Ok(judgement.of(&answer))
}

/// The answer for one network, and what was taken for granted on the way.
type Answered = Result<(CheckAnswer, Vec<Assumption>), CliError>;

/// What the reading of each network found, which is told even where it cannot be asked, and its answer. Of one
/// network the line shows the locations, of several the networks.
fn ask_all(all: Vec<Asked>, ground: &Ground, quiet: bool) -> Vec<(Vec<Finding>, Answered)> {
    let (networks, is_one) = (all.len(), all.len() == 1);
    let progress = Progress::new(if is_one { "locations" } else { "networks" }, quiet);
    each(all, |mut asked| {
        let findings = std::mem::take(&mut asked.findings);
        let answered = ask(asked, ground, &|locations| {
            if is_one {
                progress.one_of(locations);
            }
        });
        if !is_one {
            progress.one_of(networks);
        }
        (findings, answered)
    })
}

/// Asks one network; `watch` is told of each location that is answered, with the number of all.
pub(super) fn ask(mut asked: Asked, ground: &Ground, watch: &(dyn Fn(usize) + Sync)) -> Answered {
    ground.cloud_must_match(&asked.network)?;
    asked.network.supply_prefixes(&ground.supplied).map_err(CliError::of)?;
    let mut assumptions = asked.assumptions;
    assumptions.extend(asked.network.supply_instance(&ground.supplied).map_err(CliError::of)?);
    assumptions.extend(ground.cloud_assumption(&asked.network));
    let options = CheckOptions {
        tags: &ground.tags,
        profile: ground.profile,
        parameters: &ground.parameters,
        features: &ground.features,
    };
    let mut answer = check_watched(&asked.network, &options, watch);
    answer.findings.extend(asked.findings);
    Ok((answer, assumptions))
}

/// Why there is nothing to check, by the instances that there are.
fn nothing_applies(answer: &CheckAnswer) -> String {
    let one = |instance: &InstanceAnswer| {
        let reason = match instance.mode {
            Mode::None => "which stands in no virtual network".to_owned(),
            mode => format!("and no flow is listed for its mode {mode}"),
        };
        format!("`{}` is {}, {reason}", instance.name, instance.tier)
    };
    let reasons: Vec<String> = answer.instances.iter().map(one).collect();
    let reasons = match reasons.is_empty() {
        true => "the input holds no API Management instance".to_owned(),
        false => reasons.join("; "),
    };
    format!("no flow applies: {reasons} (--allow-empty permits it)")
}

fn has_flows(answer: &CheckAnswer) -> bool {
    answer
        .instances
        .iter()
        .flat_map(|instance| &instance.flows)
        .any(|flow| flow.verdict != Verdict::NotApplicable)
}
