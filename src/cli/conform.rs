//! `flowcheck conform`.

use super::args::ConformArgs;
use super::input::{Asked, read_one};
use super::plan::{Format, Ground, OutputPlan, TemplateValues, judgement};
use super::{CliError, Exit, output};
use crate::analyses::{CheckOptions, conform};
use crate::network::PlaceHint;
use crate::report::json::Head;
use crate::report::text::TextOptions;
use crate::report::{self, ConformHead, tags_line};
use crate::tags::Versions;
use std::path::Path;

pub(super) fn run(args: &ConformArgs) -> Result<Exit, CliError> {
    let plan = OutputPlan::new(&args.output, &[Format::Text, Format::Json])?;
    output::must_not_overwrite(
        &plan,
        [&args.dump, &args.input]
            .into_iter()
            .chain(&args.ground.parameters)
            .chain(&args.ground.tags.service_tags),
    )?;
    let judgement = judgement(&args.judge)?;
    let stdin = Path::new("-");
    if args.dump == stdin && args.input == stdin {
        return Err(CliError::usage("standard input can be the dump or the input, not both".into()));
    }
    let mut ground = Ground::new(&args.ground)?;
    let dump = read_dump(&args.dump, &mut ground)?;
    let mut input = read_one(&args.input, &ground)?;
    must_be_a_dump(&args.dump, &dump, &input)?;
    ground.cloud_must_match(&input.network)?;
    let supplied = &ground.supplied;
    let says_prefixes = !(supplied.vnet_prefixes.is_empty()
        && supplied.subnet_prefixes.is_empty()
        && supplied.peer_prefixes.is_empty());
    if says_prefixes {
        input.network.supply_prefixes(supplied).map_err(CliError::of)?;
    }
    let mut assumptions = std::mem::take(&mut input.assumptions);
    let has_status = !dump.network.effective.status.is_empty();
    if has_status
        && (input.network.instances.is_empty()
            || supplied.mode.is_some()
            || supplied.tier.is_some()
            || supplied.region.is_some())
    {
        assumptions.extend(input.network.supply_instance(supplied).map_err(CliError::of)?);
    }
    assumptions.extend(ground.cloud_assumption(&input.network));
    let options = CheckOptions {
        tags: &ground.tags,
        profile: ground.profile,
        parameters: &ground.parameters,
        features: &ground.features,
    };
    let hint = PlaceHint { subnet: supplied.subnet.as_deref(), group: supplied.group.as_deref() };
    let answer = conform(&dump.network, &input.network, hint, &options).map_err(CliError::of)?;
    let compared = answer.compared;
    let nothing = compared.groups + compared.tags + compared.routes + compared.endpoints == 0;
    if nothing && answer.differences.is_empty() && answer.open.is_empty() {
        return Err(CliError::usage("the dump holds nothing to compare with the input".into()));
    }
    let mut findings = [&dump.findings[..], &input.findings[..]].concat();
    findings.sort();
    findings.dedup();
    let name = |path: &Path| match &ground.stdin_name {
        Some(name) if path == stdin => name.clone(),
        _ => path.to_string_lossy().into_owned(),
    };
    let about = ConformHead { dump: name(&args.dump), input: name(&args.input), findings };
    let versions = Versions::of(&ground.tags);
    let head = Head { service_tags: Some(versions.clone()), assumptions };
    output::deliver(&plan, |format, color, out| match format {
        Format::Json => report::json::conform(&answer, &about, &head, out),
        _ => {
            let text = TextOptions { all: args.all, ..plan.text(color) };
            report::text::conform(&answer, &about, &text, &tags_line(&versions), out)
        }
    })?;
    Ok(judgement.of_conform(&answer))
}

/// The dump is recognised by its content, and has no parameters: what was said of the input is set aside.
fn read_dump(path: &Path, ground: &mut Ground) -> Result<Asked, CliError> {
    let as_kind = ground.as_kind.take();
    let none = TemplateValues { files: Vec::new(), set: Vec::new() };
    let template = std::mem::replace(&mut ground.template, none);
    let dump = read_one(path, ground);
    ground.as_kind = as_kind;
    ground.template = template;
    dump
}

fn must_be_a_dump(path: &Path, dump: &Asked, input: &Asked) -> Result<(), CliError> {
    if !dump.network.effective.is_empty() {
        return Ok(());
    }
    let name = path.to_string_lossy();
    Err(CliError::usage(match input.network.effective.is_empty() {
        true => format!(
            "{name}: is no dump of what is in force; give what `az network nic list-effective-nsg`, `az network nic show-effective-route-table` or an instance's `networkstatus` answers"
        ),
        false => {
            format!("{name}: is no dump of what is in force, and the second file is: name the dump first")
        }
    }))
}
