//! `flowcheck diff`.

use super::args::DiffArgs;
use super::input::{Asked, read_all};
use super::plan::{Format, Ground, OutputPlan, read_tags, word};
use super::{CliError, Exit, check, output};
use crate::analyses::CheckAnswer;
use crate::analyses::diff::{ChangeKind, DiffAnswer, DiffOptions, DiffSide, FlowsDiff, diff, diff_flows};
use crate::finding::Finding;
use crate::model::{Assumption, Direction};
use crate::network::{ChoiceError, Network, Supplied};
use crate::report;
use crate::report::json::Head;
use crate::report::text::TextOptions;
use crate::report::{DiffHead, DiffInput};
use crate::sources::{self, InputKind, Moment};
use crate::tags::Versions;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

pub(super) fn run(args: &DiffArgs) -> Result<Exit, CliError> {
    let plan = OutputPlan::new(&args.output, &[Format::Text, Format::Json])?;
    output::must_not_overwrite(&plan, files(args))?;
    let is_one_what_if = is_one_what_if(args)?;
    must_ask_something(args, is_one_what_if)?;
    let directions: Option<Direction> = word("--direction", args.direction.as_deref())?;
    let mut old = side(args, args.old_service_tags.as_ref(), &args.old_parameters)?;
    let new = side(args, args.new_service_tags.as_ref(), &args.new_parameters)?;
    if is_one_what_if {
        old.moment = Moment::Before;
    }
    let Some((old_input, new_input)) = read_both(args, &old, &new)? else { return Ok(Exit::NotAsked) };
    let asking = Asking { args, plan: &plan, old: &old, new: &new };
    if args.flows {
        return asking.flows(&old_input, &new_input);
    }
    let directions = directions.map_or_else(|| Direction::ALL.to_vec(), |one| vec![one]);
    asking.traffic(old_input, new_input, directions)
}

/// Every file that is read.
fn files(args: &DiffArgs) -> impl Iterator<Item = &PathBuf> {
    std::iter::once(&args.old)
        .chain(&args.new)
        .chain(&args.ground.parameters)
        .chain(&args.old_parameters)
        .chain(&args.new_parameters)
        .chain(&args.ground.tags.service_tags)
        .chain(&args.old_service_tags)
        .chain(&args.new_service_tags)
}

/// A what-if result alone is its own comparison: before against after. Standard input is read once, so that it
/// has to be a file.
fn is_one_what_if(args: &DiffArgs) -> Result<bool, CliError> {
    if args.new.is_some() || args.old == Path::new("-") || args.old.is_dir() {
        return Ok(false);
    }
    let bytes = super::files::bytes(&args.old)?;
    let said = args.ground.as_kind.as_deref().and_then(|kind| kind.parse().ok());
    let kind = said.or_else(|| sources::kind_of(&bytes, &args.old.to_string_lossy()));
    Ok(kind == Some(InputKind::WhatIf))
}

/// Two inputs, or one that is read in two ways; and no option that would go unheard.
fn must_ask_something(args: &DiffArgs, is_one_what_if: bool) -> Result<(), CliError> {
    let tags = args.old_service_tags.is_some() || args.new_service_tags.is_some();
    let parameters = !args.old_parameters.is_empty() || !args.new_parameters.is_empty();
    let stdin = Path::new("-");
    if args.new.is_none() && !tags && !parameters && !is_one_what_if {
        return Err(CliError::usage(
            "there is nothing to compare with: name OLD and NEW, a what-if result, or one input with --old-service-tags, --new-service-tags, --old-parameters or --new-parameters".into(),
        ));
    }
    if args.old == stdin && args.new.as_deref() == Some(stdin) {
        return Err(CliError::usage("standard input can be one of the two inputs, not both".into()));
    }
    if args.old == stdin && args.new.is_none() && parameters {
        return Err(CliError::usage(
            "standard input is read once: save the template to a file to read it with two parameter files"
                .into(),
        ));
    }
    let ground = &args.ground;
    let of_flows = [
        ("--mode", ground.mode.is_some()),
        ("--tier", ground.tier.is_some()),
        ("--feature", !ground.feature.is_empty()),
        ("--profile", ground.profile.is_some()),
        ("--param", !ground.param.is_empty()),
    ];
    match of_flows.iter().find(|(_, given)| *given && !args.flows) {
        Some((option, _)) => Err(CliError::usage(format!(
            "{option} says something of the required flows: add --flows, or leave it out"
        ))),
        None => Ok(()),
    }
}

/// What evaluation of one side rests on: that of both, with what was said of this side.
fn side(args: &DiffArgs, tags: Option<&PathBuf>, parameters: &[PathBuf]) -> Result<Ground, CliError> {
    let mut ground = Ground::new(&args.ground)?;
    if let Some(file) = tags {
        ground.tags = Cow::Owned(read_tags(file)?);
    }
    ground.template.files.extend(parameters.iter().cloned());
    Ok(ground)
}

/// One side, read.
struct SideInput {
    name: String,
    networks: Vec<Network>,
    findings: Vec<Finding>,
}

/// Both sides; `None` where one cannot be read, which has been complained of. One input that is read in one way
/// is read once.
fn read_both(
    args: &DiffArgs,
    old: &Ground,
    new: &Ground,
) -> Result<Option<(SideInput, SideInput)>, CliError> {
    let Some(before) = read(&args.old, old)? else { return Ok(None) };
    let same_way = old.template.files == new.template.files && old.moment == new.moment;
    let after = match &args.new {
        Some(path) => read(path, new)?,
        None if same_way => Some(SideInput {
            name: before.name.clone(),
            networks: before.networks.clone(),
            findings: before.findings.clone(),
        }),
        None => read(&args.old, new)?,
    };
    Ok(after.map(|after| (before, after)))
}

fn read(path: &PathBuf, ground: &Ground) -> Result<Option<SideInput>, CliError> {
    let inputs = read_all(std::slice::from_ref(path), ground)?;
    if inputs.failed > 0 {
        return Ok(None);
    }
    if inputs.asked.is_empty() {
        return Err(CliError::usage(format!("{}: nothing was read", path.display())));
    }
    let name = match &ground.stdin_name {
        Some(name) if path == Path::new("-") => name.clone(),
        _ => path.to_string_lossy().into_owned(),
    };
    let name = match ground.moment {
        Moment::Before => format!("{name} (before)"),
        Moment::After => name,
    };
    let mut input = SideInput { name, networks: Vec::new(), findings: Vec::new() };
    for asked in inputs.asked {
        ground.cloud_must_match(&asked.network)?;
        input.networks.push(asked.network);
        input.findings.extend(asked.findings);
    }
    Ok(Some(input))
}

/// The question, put in either of its two forms.
struct Asking<'a> {
    args: &'a DiffArgs,
    plan: &'a OutputPlan,
    old: &'a Ground,
    new: &'a Ground,
}

impl Asking<'_> {
    /// All traffic.
    fn traffic(
        &self,
        mut old: SideInput,
        mut new: SideInput,
        directions: Vec<Direction>,
    ) -> Result<Exit, CliError> {
        let supplied = &self.new.supplied;
        supply(&mut old.networks, &mut new.networks, supplied)?;
        let options = DiffOptions {
            directions,
            subnet: supplied.subnet.clone(),
            group: supplied.group.clone(),
            vnet_prefixes: supplied.vnet_prefixes.clone(),
            subnet_prefixes: supplied.subnet_prefixes.clone(),
            peer_prefixes: supplied.peer_prefixes.clone(),
        };
        let before = DiffSide { networks: &old.networks, tags: &self.old.tags };
        let after = DiffSide { networks: &new.networks, tags: &self.new.tags };
        let answer = diff(&before, &after, &options).map_err(CliError::of)?;
        let (about, head) = self.heads(&old, &new, self.cloud_assumptions(&new));
        let all = self.args.all;
        output::deliver(self.plan, |format, color, out| match format {
            Format::Json => report::json::diff(&answer, &about, all, &head, out),
            _ => report::text::diff(&answer, &about, &self.text(color), out),
        })?;
        Ok(self.judged(traffic_exit(&answer)))
    }

    /// The required flows alone.
    fn flows(&self, old: &SideInput, new: &SideInput) -> Result<Exit, CliError> {
        let (before, _) = answers(old, self.old)?;
        let (after, assumptions) = answers(new, self.new)?;
        let answer = diff_flows(&before, &after);
        let nothing = answer.locations.iter().all(|location| location.compared == 0);
        if nothing && !answer.has_changed() {
            return Err(CliError::usage("there is no required flow to compare in the inputs".into()));
        }
        let (about, head) = self.heads(old, new, assumptions);
        let all = self.args.all;
        output::deliver(self.plan, |format, color, out| match format {
            Format::Json => report::json::diff_flows(&answer, &about, all, &head, out),
            _ => report::text::diff_flows(&answer, &about, &self.text(color), out),
        })?;
        Ok(self.judged(flows_exit(&answer)))
    }

    fn text(&self, color: bool) -> TextOptions {
        TextOptions { all: self.args.all, ..self.plan.text(color) }
    }

    fn cloud_assumptions(&self, new: &SideInput) -> Vec<Assumption> {
        new.networks.iter().filter_map(|network| self.new.cloud_assumption(network)).collect()
    }

    fn heads(&self, old: &SideInput, new: &SideInput, mut assumptions: Vec<Assumption>) -> (DiffHead, Head) {
        assumptions.sort();
        assumptions.dedup();
        let input = |side: &SideInput, ground: &Ground| DiffInput {
            name: side.name.clone(),
            service_tags: Versions::of(&ground.tags),
        };
        let mut findings = [&old.findings[..], &new.findings[..]].concat();
        findings.sort();
        findings.dedup();
        let about = DiffHead { old: input(old, self.old), new: input(new, self.new), findings };
        let service_tags = Some(about.new.service_tags.clone());
        (about, Head { service_tags, assumptions })
    }

    fn judged(&self, exit: Exit) -> Exit {
        if self.args.fail_on_change { exit } else { Exit::Fine }
    }
}

fn traffic_exit(answer: &DiffAnswer) -> Exit {
    match (answer.has_changed(), answer.count(ChangeKind::Unsettled)) {
        (true, _) => Exit::Failed,
        (false, 0) => Exit::Fine,
        _ => Exit::Unknown,
    }
}

fn flows_exit(answer: &FlowsDiff) -> Exit {
    if answer.has_changed() { Exit::Failed } else { Exit::Fine }
}

/// The answers of `check` for every network of a side, as one.
fn answers(side: &SideInput, ground: &Ground) -> Result<(CheckAnswer, Vec<Assumption>), CliError> {
    let mut all = CheckAnswer { instances: Vec::new(), findings: Vec::new() };
    let mut assumptions = Vec::new();
    for network in &side.networks {
        let asked = Asked { network: network.clone(), findings: Vec::new(), assumptions: Vec::new() };
        let (answer, assumed) = check::ask(asked, ground, &|_| ())
            .map_err(|error| CliError::usage(format!("{}: {error}", side.name)))?;
        all.instances.extend(answer.instances);
        assumptions.extend(assumed);
    }
    Ok((all, assumptions))
}

/// Adds what the inputs lack to the side that lacks it. A prefix that neither side has a use for is an error.
fn supply(old: &mut [Network], new: &mut [Network], supplied: &Supplied) -> Result<(), CliError> {
    // Groups that stand alone take prefixes by themselves.
    let lone =
        |network: &Network| network.security_groups.iter().any(|group| network.subnets_of(group).is_empty());
    let has_lone = old.iter().chain(new.iter()).any(lone);
    let kinds = [
        Supplied { vnet_prefixes: supplied.vnet_prefixes.clone(), ..Supplied::default() },
        Supplied {
            subnet_prefixes: supplied.subnet_prefixes.clone(),
            subnet: supplied.subnet.clone(),
            ..Supplied::default()
        },
        Supplied { peer_prefixes: supplied.peer_prefixes.clone(), ..Supplied::default() },
    ];
    for kind in kinds {
        if kind.vnet_prefixes.is_empty() && kind.subnet_prefixes.is_empty() && kind.peer_prefixes.is_empty() {
            continue;
        }
        let mut error: Option<ChoiceError> = None;
        let mut used = has_lone;
        for network in old.iter_mut().chain(new.iter_mut()).filter(|network| !network.subnets.is_empty()) {
            let mut trial = network.clone();
            match trial.supply_prefixes(&kind) {
                Ok(()) => {
                    *network = trial;
                    used = true;
                }
                Err(found) => error = Some(found),
            }
        }
        if let Some(error) = error.filter(|_| !used) {
            return Err(CliError::of(error));
        }
    }
    Ok(())
}
