//! `flowcheck tags`.

use super::args::TagsCommand;
use super::plan::{Format, OutputPlan, read_tags, service_tags};
use super::{CliError, Exit, files, output};
use crate::report::json::Head;
use crate::report::{self, tags_line};
use crate::sets::AddressSet;
use crate::tags::{self, TagSnapshot, Versions};
use ipnet::IpNet;
use std::io::{self, Write};
use std::net::IpAddr;

const FORMATS: &[Format] = &[Format::Text, Format::Json];

pub(super) fn run(command: &TagsCommand) -> Result<Exit, CliError> {
    match command {
        TagsCommand::Show { tag, tags, output: args } => {
            let plan = OutputPlan::new(args, FORMATS)?;
            let list = service_tags(tags)?;
            let answer = list.show(tag).map_err(CliError::of)?;
            let head = head(&list);
            output::deliver(&plan, |format, color, out| match format {
                Format::Json => report::json::tags_show(&answer, &head, out),
                _ => {
                    report::text::tags_show(&answer, &plan.text(color), &tags_line(&Versions::of(&list)), out)
                }
            })?;
        }
        TagsCommand::Which { address, tags, output: args } => {
            let plan = OutputPlan::new(args, FORMATS)?;
            let list = service_tags(tags)?;
            let net = address
                .parse::<IpNet>()
                .or_else(|_| address.parse::<IpAddr>().map(IpNet::from))
                .map_err(|_| CliError::usage(format!("`{address}` is neither an address nor a prefix")))?;
            let rows = list.which(&AddressSet::from_nets([net]));
            let head = head(&list);
            output::deliver(&plan, |format, color, out| match format {
                Format::Json => report::json::tags_which(&net.to_string(), &rows, &head, out),
                _ => report::text::tags_which(
                    &net.to_string(),
                    &rows,
                    &plan.text(color),
                    &tags_line(&Versions::of(&list)),
                    out,
                ),
            })?;
        }
        TagsCommand::Diff { old, new, tag, output: args } => {
            let plan = OutputPlan::new(args, FORMATS)?;
            let (old, new) = (read_tags(old)?, read_tags(new)?);
            let diff = tags::diff(&old, &new, tag.as_deref()).map_err(CliError::of)?;
            let head = head(&new);
            output::deliver(&plan, |format, color, out| match format {
                Format::Json => report::json::tags_diff(&diff, &head, out),
                _ => report::text::tags_diff(&diff, &plan.text(color), out),
            })?;
        }
        TagsCommand::Import { file, date, output } => {
            let bytes = files::bytes(file)?;
            let text =
                tags::import(&bytes, &file.to_string_lossy(), date.as_deref()).map_err(CliError::of)?;
            match output {
                Some(file) => output::whole(file, text.as_bytes())?,
                None => io::stdout().write_all(text.as_bytes()).map_err(CliError::of)?,
            }
        }
    }
    Ok(Exit::Fine)
}

fn head(list: &TagSnapshot) -> Head {
    Head { service_tags: Some(Versions::of(list)), assumptions: Vec::new() }
}
