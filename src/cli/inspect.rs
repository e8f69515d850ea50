//! `flowcheck inspect`.

use super::args::InspectArgs;
use super::input::inspect_all;
use super::plan::{Format, Ground, OutputPlan};
use super::{CliError, Exit, complain, output};
use crate::report;
use crate::report::json::Head;

pub(super) fn run(args: &InspectArgs) -> Result<Exit, CliError> {
    let plan = OutputPlan::new(&args.output, &[Format::Text, Format::Json])?;
    output::must_not_overwrite(&plan, args.inputs.iter().chain(&args.ground.parameters))?;
    let ground = Ground::new(&args.ground)?;
    let answer = inspect_all(&args.inputs, &ground)?;
    for refused in &answer.refused {
        complain(&refused.reason);
    }
    if !answer.inspections.is_empty() {
        output::deliver(&plan, |format, color, out| match format {
            Format::Json => report::json::inspect(&answer, &Head::default(), out),
            _ => report::text::inspect(&answer, &plan.text(color), out),
        })?;
    }
    let exit = if answer.refused.is_empty() { Exit::Fine } else { Exit::NotAsked };
    // The process ends here; of a large plan freeing value by value takes a fifth of the time.
    std::mem::forget(answer);
    Ok(exit)
}
