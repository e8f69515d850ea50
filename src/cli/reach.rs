//! `flowcheck reach`.

use super::args::ReachArgs;
use super::input::{self, Asked};
use super::plan::{Format, Ground, OutputPlan, expected, word};
use super::{CliError, Exit, output};
use crate::analyses::{PathAnswer, PathQuestion, ReachQuestion, path, reach};
use crate::model::{self, Direction, Verdict};
use crate::network::{AttachmentPoint, PlaceHint};
use crate::report;
use crate::report::json::Head;
use crate::report::text::TextOptions;
use crate::rules::notation::{self, AddressText, NotationError, SideText};
use crate::sets::{PortSet, ProtocolSet};
use crate::tags::{TagKind, Versions};
use crate::walk::Checkpoint;
use crate::walk::question::QuestionError;
use std::fmt::Display;
use std::ops::Range;

pub(super) fn run(args: &ReachArgs) -> Result<Exit, CliError> {
    let verdicts = [Verdict::Allowed, Verdict::Blocked, Verdict::Partial, Verdict::Unknown];
    let expected = expected(args.expect.as_deref(), &verdicts)?;
    let question = question(args)?;
    let plan = OutputPlan::new(&args.output, &[Format::Text, Format::Json])?;
    output::must_not_overwrite(&plan, [&args.input])?;
    let ground = Ground::new(&args.ground)?;
    let mut asked = input::read_one(&args.input, &ground)?;
    ground.cloud_must_match(&asked.network)?;
    asked.network.supply_prefixes(&ground.supplied).map_err(CliError::of)?;
    let versions = Versions::of(&ground.tags);
    let tags = report::tags_line(&versions);
    let assumptions = ground.cloud_assumption(&asked.network).into_iter().collect();
    let head = Head { service_tags: Some(versions), assumptions };
    if let Some(answer) = whole_way(args, &asked, &ground, &question)? {
        output::deliver(&plan, |format, color, out| match format {
            Format::Json => report::json::path(&answer, &head, out),
            _ => {
                let options = TextOptions { all: args.all, ..plan.text(color) };
                report::text::path(&answer, &head.assumptions, &options, &tags, out)
            }
        })?;
        return Ok(exit(expected, answer.verdict));
    }
    let point = place(&asked, &ground, &question)?;
    let checkpoint = Checkpoint::new(&point, question.direction);
    let answer = reach(&asked.network, &checkpoint, &question).map_err(|error| not_asked(args, &error))?;
    output::deliver(&plan, |format, color, out| match format {
        Format::Json => report::json::reach(&answer, &head, out),
        _ => {
            let options = TextOptions { all: args.all, ..plan.text(color) };
            report::text::reach(&answer, &head.assumptions, &options, &tags, out)
        }
    })?;
    Ok(exit(expected, answer.verdict))
}

fn exit(expected: Option<Verdict>, verdict: Verdict) -> Exit {
    let as_expected = expected.is_none_or(|expected| expected == verdict);
    if as_expected { Exit::Fine } else { Exit::Failed }
}

/// The whole way, where both ends are named, no place and no direction is, and one of them is a place of the
/// input; `None` where one place is asked alone.
fn whole_way(
    args: &ReachArgs,
    asked: &Asked,
    ground: &Ground,
    question: &ReachQuestion,
) -> Result<Option<PathAnswer>, CliError> {
    let (Some(from), Some(to)) = (&question.from, &question.to) else { return Ok(None) };
    let one_place = ground.supplied.subnet.is_some() || ground.supplied.group.is_some();
    if args.direction.is_some() || one_place {
        return Ok(None);
    }
    let end = |option: &str, text: &Option<String>, side: &SideText| {
        asked.network.end(side, &ground.tags).map_err(|error| {
            let text = text.as_deref().unwrap_or_default();
            let error = QuestionError::Name(error);
            match error.part_of(text) {
                Some(part) => CliError::usage(pointed(option, text, part, &error)),
                None => CliError::of(error),
            }
        })
    };
    let (from, to) = (end("--from", &args.from, from)?, end("--to", &args.to, to)?);
    let question = PathQuestion {
        protocols: question.protocols,
        source_ports: question.from.as_ref().map_or_else(PortSet::all, SideText::port_set),
        ports: question.ports.clone(),
    };
    path(&from, &to, &question).map(Some).map_err(CliError::of)
}

/// What was typed as a question; names are not looked up yet.
fn question(args: &ReachArgs) -> Result<ReachQuestion, CliError> {
    let side = |option: &str, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => text.parse::<SideText>().map(Some).map_err(|error| mistaken(option, &error)),
    };
    let (from, to) = (side("--from", &args.from)?, side("--to", &args.to)?);
    let direction = word("--direction", args.direction.as_deref())?.unwrap_or(Direction::Inbound);
    let protocols = notation::protocols(&args.protocol).map_err(|error| mistaken("--protocol", &error))?;
    let of_side = to.as_ref().and_then(|side| side.ports.as_ref());
    let ports = match (of_side, &args.port[..]) {
        (Some(_), [_, ..]) => {
            return Err(CliError::usage("ports stand in --to and in --port: write them once".into()));
        }
        (Some(ports), _) => ports.iter().map(|range| (range.low(), range.high())).collect(),
        (None, []) if protocols.intersection(ProtocolSet::with_ports()).is_empty() => PortSet::all(),
        (None, []) => {
            return Err(CliError::usage(
                "which port? write --port 443, a list or range such as 80,1024-2000, or --port all".into(),
            ));
        }
        (None, texts) => ports(texts)?,
    };
    Ok(ReachQuestion { direction, protocols, ports, from, to })
}

/// Ports of an option that may be repeated.
pub(super) fn ports(texts: &[String]) -> Result<PortSet, CliError> {
    let one = |text: &String| notation::ports(text).map_err(|error| mistaken("--port", &error));
    texts.iter().try_fold(PortSet::empty(), |all, text| Ok(all.union(&one(text)?)))
}

/// What is wrong with the text of an option, and the option with carets under the part.
pub(super) fn mistaken(option: &str, error: &NotationError) -> CliError {
    CliError::usage(pointed(option, &error.text, error.part.clone(), error))
}

/// What is wrong, and below it the option as it was typed with carets under a part of its text.
fn pointed(option: &str, text: &str, part: Range<usize>, wrong: &dyn Display) -> String {
    let at = option.len() + 1;
    let excerpt = model::pointed(&format!("{option} {text}"), part.start + at..part.end + at);
    format!("{wrong}\n{excerpt}").replace('\n', "\n  ")
}

/// The place that is named, else the subnet that the own side names, else as `packet` chooses.
fn place<'n>(
    asked: &'n Asked,
    ground: &'n Ground,
    question: &ReachQuestion,
) -> Result<AttachmentPoint<'n>, CliError> {
    let own = match question.direction {
        Direction::Inbound => question.to.as_ref(),
        Direction::Outbound => question.from.as_ref(),
    };
    let only = match own.map(|side| &side.addresses[..]) {
        Some([only]) => Some(only),
        _ => None,
    };
    let is_subnet = |name: &str| {
        let is_tag = ground.tags.classify(name).kind != TagKind::Unknown;
        !is_tag && !asked.network.subnets_named(name).is_empty()
    };
    let named = match only {
        Some(AddressText::Subnet(name)) => Some(name.as_str()),
        Some(AddressText::Name(name)) if is_subnet(name) => Some(name.as_str()),
        _ => None,
    };
    let local = match only {
        Some(AddressText::Prefix(net, _)) => Some(net.network()),
        _ => None,
    };
    let group = ground.supplied.group.as_deref();
    let subnet = ground.supplied.subnet.as_deref().or(named.filter(|_| group.is_none()));
    asked.network.place_for(PlaceHint { subnet, group }, local, &ground.tags).map_err(CliError::of)
}

/// A name that stands for nothing is shown where it was typed.
fn not_asked(args: &ReachArgs, error: &QuestionError) -> CliError {
    let options = [("--from", &args.from), ("--to", &args.to)];
    let typed = options.iter().find_map(|(option, text)| {
        let text = text.as_deref()?;
        Some(CliError::usage(pointed(option, text, error.part_of(text)?, error)))
    });
    typed.unwrap_or_else(|| CliError::of(error))
}
