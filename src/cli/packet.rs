//! `flowcheck packet`.

use super::args::PacketArgs;
use super::batch::{self, Places};
use super::input::{self, Asked};
use super::plan::{Format, Ground, OutputPlan, expected};
use super::{CliError, Exit, complain, files, output};
use crate::analyses::{PacketAnswer, ask_packet};
use crate::model::{NotationError, Packet, Verdict};
use crate::network::{AttachmentPoint, ChoiceError, PlaceHint};
use crate::report;
use crate::report::json::Head;
use crate::tags::Versions;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

pub(super) fn run(args: &PacketArgs) -> Result<Exit, CliError> {
    let verdicts = [Verdict::Allowed, Verdict::Blocked, Verdict::Unknown];
    let expected = expected(args.expect.as_deref(), &verdicts)?;
    let ground = Ground::new(&args.ground)?;
    let mut asked = input::read_one(&args.input, &ground)?;
    ground.cloud_must_match(&asked.network)?;
    asked.network.supply_prefixes(&ground.supplied).map_err(CliError::of)?;
    match &args.batch {
        Some(file) => run_batch(args, file, &asked, &ground, expected),
        None => run_packets(args, &asked, &ground, expected),
    }
}

fn place<'n>(
    asked: &'n Asked,
    ground: &'n Ground,
    local: Option<std::net::IpAddr>,
) -> Result<AttachmentPoint<'n>, ChoiceError> {
    let hint =
        PlaceHint { subnet: ground.supplied.subnet.as_deref(), group: ground.supplied.group.as_deref() };
    asked.network.place_for(hint, local, &ground.tags)
}

fn run_packets(
    args: &PacketArgs,
    asked: &Asked,
    ground: &Ground,
    expected: Option<Verdict>,
) -> Result<Exit, CliError> {
    let plan = OutputPlan::new(&args.output, &[Format::Text, Format::Json])?;
    output::must_not_overwrite(&plan, [&args.input])?;
    let mut answers: Vec<PacketAnswer> = Vec::new();
    for text in &args.packets {
        let packet: Packet = text.parse().map_err(|error: NotationError| {
            CliError::usage(format!("{error}\n  {}", error.excerpt().replace('\n', "\n  ")))
        })?;
        let point = place(asked, ground, Some(packet.local())).map_err(CliError::of)?;
        answers.push(ask_packet(&point, &packet));
    }
    let head = Head { service_tags: Some(Versions::of(&ground.tags)), assumptions: Vec::new() };
    output::deliver(&plan, |format, color, out| match (format, &answers[..]) {
        (Format::Json, _) => report::json::packet(&answers, args.trace, &head, out),
        (_, [only]) => report::text::packet(only, args.trace, &plan.text(color), out),
        _ if args.trace || plan.verbose => answers
            .iter()
            .try_for_each(|answer| report::text::packet(answer, args.trace, &plan.text(color), out)),
        _ => report::text::packets(&answers, &plan.text(color), out),
    })?;
    let as_expected = |verdict| expected.is_none_or(|expected| expected == verdict);
    Ok(if answers.iter().all(|answer| as_expected(answer.part.verdict())) {
        Exit::Fine
    } else {
        Exit::Failed
    })
}

fn run_batch(
    args: &PacketArgs,
    file: &Path,
    asked: &Asked,
    ground: &Ground,
    expected: Option<Verdict>,
) -> Result<Exit, CliError> {
    let plan = OutputPlan::new(&args.output, &[Format::Csv])?;
    output::must_not_overwrite(&plan, std::iter::once(&args.input).chain(&args.batch))?;
    if file == Path::new("-") && args.input == Path::new("-") {
        return Err(CliError::usage("standard input cannot be both the input and the batch".into()));
    }
    let points = points(asked, ground)?;
    let places = Places::new(&points);
    let mut outcome = Ok(batch::BatchOutcome::default());
    output::stream(&plan, |out| {
        outcome = open(file).and_then(|input| {
            batch::run(&places, input, out, |problem| {
                complain(&format_args!("{}: {problem}", file.display()));
            })
            .map_err(|error| CliError::usage(format!("{}: {error}", file.display())))
        });
    })?;
    let outcome = outcome?;
    let as_expected = match expected {
        None => true,
        Some(Verdict::Allowed) => outcome.allowed == outcome.rows,
        Some(Verdict::Blocked) => outcome.blocked == outcome.rows,
        Some(_) => outcome.unknown == outcome.rows,
    };
    Ok(match (outcome.bad, as_expected) {
        (0, true) => Exit::Fine,
        (0, false) => Exit::Failed,
        _ => Exit::NotAsked,
    })
}

/// The one place that is meant, else every subnet whose prefix is known.
fn points<'n>(asked: &'n Asked, ground: &'n Ground) -> Result<Vec<AttachmentPoint<'n>>, CliError> {
    let named = ground.supplied.subnet.is_some() || ground.supplied.group.is_some();
    let known = asked.network.subnets.iter().filter(|subnet| subnet.prefixes.known().is_some());
    let subnets =
        || -> Vec<_> { known.map(|subnet| asked.network.at_subnet(subnet, &ground.tags)).collect() };
    match place(asked, ground, None) {
        Ok(point) if !named && asked.network.is_of_interfaces_alone(&point) => {
            let points = subnets();
            Ok(if points.is_empty() { vec![point] } else { points })
        }
        Ok(point) => Ok(vec![point]),
        Err(error) => {
            let points = subnets();
            if named || points.len() < 2 { Err(CliError::of(error)) } else { Ok(points) }
        }
    }
}

fn open(file: &Path) -> Result<Box<dyn Read>, CliError> {
    if file == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    let opened = File::open(file).and_then(|opened| {
        // A directory opens and fails only when it is read.
        if opened.metadata()?.is_dir() { Err(io::Error::other("it is a directory")) } else { Ok(opened) }
    });
    match opened {
        Ok(opened) => Ok(Box::new(opened)),
        Err(error) => Err(files::unreadable(file, &error)),
    }
}
