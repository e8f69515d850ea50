//! `flowcheck matrix`.

use super::args::MatrixArgs;
use super::plan::{Format, Ground, OutputPlan};
use super::reach::{mistaken, ports};
use super::{CliError, Exit, input, output};
use crate::analyses::{PathQuestion, matrix};
use crate::report;
use crate::report::json::Head;
use crate::rules::notation;
use crate::sets::PortSet;
use crate::tags::Versions;

pub(super) fn run(args: &MatrixArgs) -> Result<Exit, CliError> {
    let plan = OutputPlan::new(&args.output, &[Format::Text, Format::Json])?;
    output::must_not_overwrite(&plan, [&args.input])?;
    let protocols = notation::protocols(&args.protocol).map_err(|error| mistaken("--protocol", &error))?;
    if args.port.is_empty() {
        return Err(CliError::usage("which port? write --port 443, a list or range, or --port all".into()));
    }
    let question = PathQuestion { protocols, source_ports: PortSet::all(), ports: ports(&args.port)? };
    let ground = Ground::new(&args.ground)?;
    let mut asked = input::read_one(&args.input, &ground)?;
    ground.cloud_must_match(&asked.network)?;
    asked.network.supply_prefixes(&ground.supplied).map_err(CliError::of)?;
    if asked.network.subnets.is_empty() {
        return Err(CliError::usage("the input holds no subnet".into()));
    }
    let answer = matrix(&asked.network, &ground.tags, &question).map_err(CliError::of)?;
    let versions = Versions::of(&ground.tags);
    let tags = report::tags_line(&versions);
    let assumptions = ground.cloud_assumption(&asked.network).into_iter().collect();
    let head = Head { service_tags: Some(versions), assumptions };
    output::deliver(&plan, |format, color, out| match format {
        Format::Json => report::json::matrix(&answer, &head, out),
        _ => report::text::matrix(&answer, &head.assumptions, &plan.text(color), &tags, out),
    })?;
    Ok(Exit::Fine)
}
