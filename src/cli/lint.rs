//! `flowcheck lint`.

use super::args::LintArgs;
use super::input::{Asked, each, read_all};
use super::plan::{Format, Ground, OutputPlan, judgement};
use super::{CliError, Exit, complain, output};
use crate::analyses::CheckOptions;
use crate::analyses::lint::{LintAnswer, lint_within, weight};
use crate::model::ResourceId;
use crate::network::Network;
use crate::report::json::Head;
use crate::report::text::TextOptions;
use crate::report::{self, tags_line};
use crate::rules::Effort;
use crate::tags::Versions;

pub(super) fn run(args: &LintArgs) -> Result<Exit, CliError> {
    let plan = OutputPlan::new(&args.output, &[Format::Text, Format::Json])?;
    output::must_not_overwrite(
        &plan,
        args.inputs.iter().chain(&args.ground.parameters).chain(&args.ground.tags.service_tags),
    )?;
    let judgement = judgement(&args.judge)?;
    let ground = Ground::new(&args.ground)?;
    let mut inputs = read_all(&args.inputs, &ground)?;
    let mut failed = inputs.failed;
    // What the reading of an input found is told even where it cannot be asked.
    let findings: Vec<_> = inputs.asked.iter_mut().map(|asked| std::mem::take(&mut asked.findings)).collect();
    let mut answers = Vec::new();
    for answer in ask_all(inputs.asked, &ground) {
        match answer {
            Ok(answer) => answers.push(answer),
            Err(error) => {
                complain(&error);
                failed += 1;
            }
        }
    }
    let mut read = LintAnswer::default();
    read.add(findings.into_iter().flatten());
    let answer = LintAnswer::join_all(std::iter::once(read).chain(answers));
    let nothing = answer.rule_count == 0;
    if !(nothing && answer.findings.is_empty()) {
        let versions = Versions::of(&ground.tags);
        let head = Head { service_tags: Some(versions.clone()), assumptions: Vec::new() };
        output::deliver(&plan, |format, color, out| match format {
            Format::Json => report::json::lint(&answer, &head, out),
            _ => {
                let text = TextOptions { all: args.all, ..plan.text(color) };
                report::text::lint(&answer, &text, &tags_line(&versions), out)
            }
        })?;
    }
    if failed > 0 {
        return Ok(Exit::NotAsked);
    }
    if nothing && !args.allow_empty {
        let of = match (&args.ground.subnet, &args.ground.nsg) {
            (Some(subnet), _) => format!("the network security group of {subnet}, if it has one"),
            (None, Some(group)) => group.clone(),
            (None, None) => "the input".to_owned(),
        };
        complain(&format_args!("there is no rule to look at in {of} (--allow-empty permits it)"));
        return Ok(Exit::NotAsked);
    }
    Ok(judgement.of_lint(&answer))
}

/// The answers about all networks, in their order. Each has its share of what all may cost, by its rules.
fn ask_all(all: Vec<Asked>, ground: &Ground) -> Vec<Result<LintAnswer, CliError>> {
    let rules: usize = all.iter().map(|asked| weight(&asked.network)).sum();
    let ask = |asked: Asked| {
        let effort = Effort::together().share(weight(&asked.network), rules);
        ask(asked, ground, &effort)
    };
    each(all, ask)
}

fn ask(mut asked: Asked, ground: &Ground, effort: &Effort) -> Result<LintAnswer, CliError> {
    ground.cloud_must_match(&asked.network)?;
    let supplied = &ground.supplied;
    asked.network.supply_prefixes(supplied).map_err(CliError::of)?;
    // An instance is asked for as `check` does, for its near misses; none is made up unless something is
    // said of it.
    let says = supplied.mode.is_some() || supplied.tier.is_some() || supplied.region.is_some();
    let mut assumptions = asked.assumptions;
    if says || !asked.network.instances.is_empty() && supplied.subnet.is_none() && supplied.group.is_none() {
        assumptions.extend(asked.network.supply_instance(supplied).map_err(CliError::of)?);
    }
    only_named(&mut asked.network, ground)?;
    assumptions.extend(ground.cloud_assumption(&asked.network));
    let options = CheckOptions {
        tags: &ground.tags,
        profile: ground.profile,
        parameters: &ground.parameters,
        features: &ground.features,
    };
    let mut answer = lint_within(&asked.network, supplied.subnet.as_deref(), &options, effort);
    answer.assumptions.extend(assumptions);
    Ok(answer)
}

/// With a subnet or a group named, only its rules are looked at, and instances that stand there.
fn only_named(network: &mut Network, ground: &Ground) -> Result<(), CliError> {
    let subnets: Option<Vec<ResourceId>> = match (&ground.supplied.subnet, &ground.supplied.group) {
        (Some(name), _) => Some(vec![network.only_subnet(name).map_err(CliError::of)?.id.clone()]),
        (None, Some(name)) => {
            let group = network.only_group(name).map_err(CliError::of)?;
            Some(network.subnets_of(group).iter().map(|subnet| subnet.id.clone()).collect())
        }
        (None, None) => None,
    };
    if let Some(name) = &ground.supplied.group {
        let id = network.only_group(name).map_err(CliError::of)?.id.clone();
        network.security_groups.retain(|group| group.id == id);
    }
    let Some(subnets) = subnets else { return Ok(()) };
    if ground.supplied.subnet.is_some() {
        let in_force: Vec<ResourceId> = network
            .security_groups
            .iter()
            .filter(|group| network.subnets_of(group).iter().any(|subnet| subnets.contains(&subnet.id)))
            .map(|group| group.id.clone())
            .collect();
        network.security_groups.retain(|group| in_force.contains(&group.id));
    }
    network.instances.retain(|instance| {
        let mut locations = std::iter::once(&instance.primary).chain(&instance.added);
        locations.any(|location| {
            location.subnet.known().and_then(Option::as_ref).is_some_and(|id| subnets.contains(id))
        })
    });
    Ok(())
}
