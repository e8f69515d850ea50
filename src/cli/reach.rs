//! `flowcheck reach`.

use super::args::ReachArgs;
use super::input::{self, Asked};
use super::plan::{Format, Ground, OutputPlan, word};
use super::{CliError, Exit, output};
use crate::analyses::{ReachQuestion, reach};
use crate::model::{Direction, PortRange, Protocol, Verdict};
use crate::network::{AttachmentPoint, PlaceHint};
use crate::report;
use crate::report::json::Head;
use crate::report::text::TextOptions;
use crate::rules::notation::{AddressText, SideText};
use crate::sets::{PortSet, ProtocolSet};
use crate::tags::{TagKind, Versions};
use crate::walk::Checkpoint;
use crate::walk::question::{Emptiness, QuestionError};

pub(super) fn run(args: &ReachArgs) -> Result<Exit, CliError> {
    let expected = expected(args)?;
    let question = question(args)?;
    let plan = OutputPlan::new(&args.output, &[Format::Text, Format::Json])?;
    output::must_not_overwrite(&plan, [&args.input])?;
    let ground = Ground::new(&args.ground)?;
    let mut asked = input::read_one(&args.input, &ground)?;
    ground.cloud_must_match(&asked.network)?;
    asked.network.supply_prefixes(&ground.supplied).map_err(CliError::of)?;
    let point = place(&asked, &ground, &question)?;
    let checkpoint = Checkpoint::new(&point, question.direction);
    let answer = reach(&asked.network, &checkpoint, &question).map_err(|error| not_asked(args, &error))?;
    let versions = Versions::of(&ground.tags);
    let tags = report::tags_line(&versions);
    let assumptions = ground.cloud_assumption(&asked.network).into_iter().collect();
    let head = Head { service_tags: Some(versions), assumptions };
    output::deliver(&plan, |format, color, out| match format {
        Format::Json => report::json::reach(&answer, &head, out),
        _ => {
            let options = TextOptions { all: args.all, ..plan.text(color) };
            report::text::reach(&answer, &head.assumptions, &options, &tags, out)
        }
    })?;
    let as_expected = expected.is_none_or(|expected| expected == answer.verdict);
    Ok(if as_expected { Exit::Fine } else { Exit::Failed })
}

fn expected(args: &ReachArgs) -> Result<Option<Verdict>, CliError> {
    match word("--expect", args.expect.as_deref())? {
        Some(Verdict::NotApplicable) => {
            Err(CliError::usage("--expect not_applicable: one of allowed, blocked, partial, unknown".into()))
        }
        expected => Ok(expected),
    }
}

/// What was typed as a question; names are not looked up yet.
fn question(args: &ReachArgs) -> Result<ReachQuestion, CliError> {
    let side = |option: &str, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => text
            .parse::<SideText>()
            .map(Some)
            .map_err(|error| CliError::usage(pointed(option, text, error.found(), &error.to_string()))),
    };
    let (from, to) = (side("--from", &args.from)?, side("--to", &args.to)?);
    let direction = word("--direction", Some(&args.direction))?.unwrap_or(Direction::Inbound);
    let protocols = protocols(&args.protocol)?;
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

fn protocols(text: &str) -> Result<ProtocolSet, CliError> {
    let mut protocols = ProtocolSet::EMPTY;
    for one in text.split(',').map(str::trim) {
        let one = match one {
            "*" => ProtocolSet::ALL,
            name => ProtocolSet::of([name.parse::<Protocol>().map_err(|error| {
                CliError::usage(pointed("--protocol", text, name, &format!("{error}, or *")))
            })?]),
        };
        protocols = protocols.union(one);
    }
    Ok(protocols)
}

fn ports(texts: &[String]) -> Result<PortSet, CliError> {
    let mut ports = PortSet::empty();
    for text in texts {
        for one in text.split(',').map(str::trim) {
            let range = match one {
                one if one.eq_ignore_ascii_case("all") => PortRange::ALL,
                one => one.parse().map_err(|error| {
                    CliError::usage(pointed("--port", text, one, &format!("{error}, or all")))
                })?,
            };
            ports = ports.union(&PortSet::range(range.low(), range.high()));
        }
    }
    Ok(ports)
}

/// The text with a mark under the part that is wrong, and what is wrong with it.
fn pointed(option: &str, text: &str, found: &str, wrong: &str) -> String {
    let at = if found.is_empty() { Some(text.len()) } else { text.find(found) };
    let Some(at) = at else { return format!("{option} {text}: {wrong}") };
    let blanks = " ".repeat(option.chars().count() + 1 + text[..at].chars().count());
    let marks = "^".repeat(found.chars().count().max(1));
    format!("{wrong}\n  {option} {text}\n  {blanks}{marks}")
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
    let found = match error {
        QuestionError::Name(name) => &name.found,
        QuestionError::Empty { why: Emptiness::Source(side) | Emptiness::Destination(side), .. } => side,
        QuestionError::Empty { .. } => return CliError::of(error),
    };
    let options = [("--from", &args.from), ("--to", &args.to)];
    let typed = options.iter().find_map(|(option, text)| {
        let text = text.as_deref().filter(|text| text.contains(found.as_str()))?;
        Some(CliError::usage(pointed(option, text, found, &error.to_string())))
    });
    typed.unwrap_or_else(|| CliError::of(error))
}
