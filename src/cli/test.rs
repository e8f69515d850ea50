//! `flowcheck test`: a file or path that cannot be asked makes the status 2, and the others still run.

use super::args::TestArgs;
use super::plan::{Format, OutputPlan, service_tags};
use super::{CliError, Exit, complain, output};
use crate::report;
use crate::report::json::Head;
use crate::scenario::{Outcome, run_paths};
use crate::tags::Versions;
use std::path::{Path, PathBuf};

pub(super) fn run(args: &TestArgs) -> Result<Exit, CliError> {
    let plan = OutputPlan::new(&args.output, &[Format::Text, Format::Json])?;
    output::must_not_overwrite(&plan, &args.paths)?;
    let tags = service_tags(&args.tags)?;
    let outcomes = run_paths(&args.paths, &tags);
    if outcomes.is_empty() && !args.allow_empty {
        return Err(CliError::usage("there is no scenario file to run (--allow-empty permits it)".into()));
    }
    // A path is as good as forgotten when it holds nothing, though the others do.
    let is_of = |outcome: &Outcome, path: &Path| Path::new(&outcome.file).starts_with(path);
    let empty = |path: &&PathBuf| !outcomes.iter().any(|outcome| is_of(outcome, path));
    let empty: Vec<&PathBuf> = args.paths.iter().filter(empty).collect();
    let head = Head { service_tags: Some(Versions::of(&tags)), assumptions: Vec::new() };
    output::deliver(&plan, |format, color, out| match format {
        Format::Json => report::json::test(&outcomes, &head, out),
        _ => report::text::test(&outcomes, &plan.text(color), out),
    })?;
    let unread = outcomes.iter().any(|outcome| !outcome.mistakes.is_empty());
    let lacking = !empty.is_empty() && !args.allow_empty;
    if lacking {
        for path in &empty {
            complain(&format_args!(
                "{}: there is no scenario file to run (--allow-empty permits it)",
                path.display()
            ));
        }
    }
    let failed = outcomes.iter().filter(|outcome| !outcome.passed).count();
    if failed > 0 {
        complain(&format_args!("{failed} of {} scenarios failed", outcomes.len()));
    }
    Ok(match (unread || lacking, failed) {
        (true, _) => Exit::NotAsked,
        (false, 0) => Exit::Fine,
        _ if args.exit_zero => Exit::Fine,
        _ => Exit::Failed,
    })
}
