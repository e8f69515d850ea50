//! `flowcheck test`.

use super::args::TestArgs;
use super::plan::{Format, OutputPlan, service_tags};
use super::{CliError, Exit, complain, output};
use crate::report;
use crate::report::json::Head;
use crate::scenario::run_paths;
use crate::tags::Versions;

pub(super) fn run(args: &TestArgs) -> Result<Exit, CliError> {
    let plan = OutputPlan::new(&args.output, &[Format::Text, Format::Json])?;
    for path in &args.paths {
        if !path.exists() {
            return Err(CliError::usage(format!("{}: there is no such file", path.display())));
        }
    }
    let tags = service_tags(&args.tags)?;
    let outcomes = run_paths(&args.paths, &tags);
    if outcomes.is_empty() && !args.allow_empty {
        return Err(CliError::usage("there is no scenario file to run (--allow-empty permits it)".into()));
    }
    let head = Head { service_tags: Some(Versions::of(&tags)), assumptions: Vec::new() };
    output::deliver(&plan, |format, color, out| match format {
        Format::Json => report::json::test(&outcomes, &head, out),
        _ => report::text::test(&outcomes, &plan.text(color), out),
    })?;
    let unread = outcomes.iter().any(|outcome| !outcome.mistakes.is_empty());
    let failed = outcomes.iter().filter(|outcome| !outcome.passed).count();
    if failed > 0 {
        complain(&format_args!("{failed} of {} scenarios failed", outcomes.len()));
    }
    Ok(match (unread, failed) {
        (true, _) => Exit::NotAsked,
        (false, 0) => Exit::Fine,
        _ if args.exit_zero => Exit::Fine,
        _ => Exit::Failed,
    })
}
