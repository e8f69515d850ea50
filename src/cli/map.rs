//! `flowcheck map`.

use super::args::MapArgs;
use super::plan::{Format, Ground, OutputPlan};
use super::{CliError, Exit, input, output};
use crate::network::graph::Graph;
use crate::report;
use crate::report::json::Head;

pub(super) fn run(args: &MapArgs) -> Result<Exit, CliError> {
    let plan = OutputPlan::new(&args.output, &[Format::Text, Format::Dot, Format::Mermaid, Format::Json])?;
    output::must_not_overwrite(
        &plan,
        std::iter::once(&args.input).chain(&args.ground.parameters).chain(&args.ground.tags.service_tags),
    )?;
    let ground = Ground::new(&args.ground)?;
    let mut asked = input::read_one(&args.input, &ground)?;
    asked.network.supply_prefixes(&ground.supplied).map_err(CliError::of)?;
    let graph = Graph::of(&asked.network);
    if graph.node_count() == 0 && graph.open.is_empty() {
        return Err(CliError::usage(format!("{}: holds nothing of a network", args.input.display())));
    }
    output::deliver(&plan, |format, color, out| match format {
        Format::Json => report::json::map(&graph, &Head::default(), out),
        Format::Dot => report::drawing::dot(&graph, out),
        Format::Mermaid => report::drawing::mermaid(&graph, out),
        _ => report::text::map(&graph, &plan.text(color), out),
    })?;
    Ok(Exit::Fine)
}
