//! `flowcheck prove`.

use super::args::ProveArgs;
use super::exit::UnknownAs;
use super::plan::{Format, Ground, OutputPlan, unknown_as};
use super::{CliError, Exit, complain, files, input, output};
use crate::analyses::{Proof, Prover, Truth};
use crate::model::{Origin, pointed};
use crate::network::{AttachmentPoint, PlaceHint};
use crate::report;
use crate::report::json::Head;
use crate::report::tags_line;
use crate::rules::PropertyText;
use crate::scenario::read_properties;
use crate::tags::Versions;
use std::path::Path;

/// A property, and where it was written; what was typed stands nowhere.
struct Asked {
    property: PropertyText,
    /// Its text as it was written or would be printed, to point at a part of it.
    text: String,
    origin: Option<Origin>,
}

pub(super) fn run(args: &ProveArgs) -> Result<Exit, CliError> {
    let plan = OutputPlan::new(&args.output, &[Format::Text, Format::Json])?;
    let inputs = std::iter::once(&args.input).chain(&args.files);
    output::must_not_overwrite(
        &plan,
        inputs.clone().chain(&args.ground.parameters).chain(&args.ground.tags.service_tags),
    )?;
    if inputs.filter(|path| *path == Path::new("-")).count() > 1 {
        return Err(CliError::usage("standard input can be only one of the input and the properties".into()));
    }
    let unknown = unknown_as(args.unknown.as_deref())?;
    let properties = properties(args)?;
    let ground = Ground::new(&args.ground)?;
    let mut asked = input::read_one(&args.input, &ground)?;
    ground.cloud_must_match(&asked.network)?;
    asked.network.supply_prefixes(&ground.supplied).map_err(CliError::of)?;
    let proofs = proofs(&properties, &asked.network, &ground)?;
    let versions = Versions::of(&ground.tags);
    let head = Head { service_tags: Some(versions.clone()), assumptions: Vec::new() };
    output::deliver(&plan, |format, color, out| match format {
        Format::Json => report::json::prove(&proofs, &head, out),
        _ => report::text::prove(&proofs, &plan.text(color), &tags_line(&versions), out),
    })?;
    Ok(if args.exit_zero { Exit::Fine } else { status(&proofs, unknown) })
}

/// A false property counts before an unknown one.
fn status(proofs: &[Proof], unknown: UnknownAs) -> Exit {
    let any = |truth| proofs.iter().any(|proof| proof.truth == truth);
    match (any(Truth::False), any(Truth::Unknown), unknown) {
        (true, ..) | (_, true, UnknownAs::Blocked) => Exit::Failed,
        (_, true, UnknownAs::Unknown) => Exit::Unknown,
        _ => Exit::Fine,
    }
}

/// What was typed, then what the files hold. Every mistake of all of them is told.
fn properties(args: &ProveArgs) -> Result<Vec<Asked>, CliError> {
    let (mut found, mut mistakes) = (Vec::new(), Vec::new());
    for text in &args.properties {
        match text.parse::<PropertyText>() {
            Ok(property) => found.push(Asked { property, text: text.clone(), origin: None }),
            Err(error) => mistakes.push(told(&error.to_string(), Some(error.excerpt()))),
        }
    }
    for path in &args.files {
        let name = path.to_string_lossy();
        let text = String::from_utf8(files::bytes(path)?)
            .map_err(|_| CliError::usage(format!("{name}: the text is not UTF-8")))?;
        match read_properties(&(&*name).into(), &text) {
            Ok(spots) => found.extend(spots.into_iter().map(|spot| Asked {
                text: spot.value.to_string(),
                property: spot.value,
                origin: Some(spot.origin),
            })),
            Err(list) => {
                mistakes.extend(list.into_iter().map(|mistake| told(&mistake.to_string(), mistake.excerpt)));
            }
        }
    }
    match (mistakes.is_empty(), found.is_empty()) {
        (false, _) => Err(each_told(mistakes)),
        (true, true) => {
            let names: Vec<_> = args.files.iter().map(|path| path.to_string_lossy()).collect();
            Err(CliError::usage(format!("{}: there is no property to prove", names.join(", "))))
        }
        (true, false) => Ok(found),
    }
}

/// Tells every mistake but the last, which is the error.
fn each_told(mut mistakes: Vec<String>) -> CliError {
    let last = mistakes.pop().unwrap_or_default();
    for mistake in &mistakes {
        complain(mistake);
    }
    CliError::usage(last)
}

/// A message, and below it the text with carets under a part.
fn told(message: &str, excerpt: Option<String>) -> String {
    let excerpt = excerpt.map(|excerpt| format!("\n{excerpt}").replace('\n', "\n  ")).unwrap_or_default();
    format!("{message}{excerpt}")
}

fn proofs(
    properties: &[Asked],
    network: &crate::network::Network,
    ground: &Ground,
) -> Result<Vec<Proof>, CliError> {
    let hint =
        PlaceHint { subnet: ground.supplied.subnet.as_deref(), group: ground.supplied.group.as_deref() };
    // Properties of one place are asked of rules that are compiled once.
    let mut points: Vec<AttachmentPoint<'_>> = Vec::new();
    let mut places = Vec::new();
    for asked in properties {
        let point = network
            .place_for_set(hint, &asked.property.set, &ground.tags)
            .map_err(|error| CliError::usage(format!("{}: {error}", asked.text)))?;
        let known = points.iter().position(|known| known.name == point.name && known.origin == point.origin);
        places.push(known.unwrap_or_else(|| {
            points.push(point);
            points.len() - 1
        }));
    }
    let provers: Vec<Prover<'_>> = points.iter().map(|point| Prover::new(network, point)).collect();
    let (mut found, mut mistakes) = (Vec::new(), Vec::new());
    for (asked, place) in properties.iter().zip(places) {
        match provers[place].prove(&asked.property) {
            Ok(proof) => found.push(Proof { origin: asked.origin.clone(), ..proof }),
            Err(error) => {
                let at = asked.origin.as_ref().map(|origin| format!("{origin}: ")).unwrap_or_default();
                let excerpt = match error.part_of(&asked.text) {
                    Some(part) => pointed(&asked.text, part),
                    None => asked.text.clone(),
                };
                mistakes.push(told(&format!("{at}{error}"), Some(excerpt)));
            }
        }
    }
    if mistakes.is_empty() { Ok(found) } else { Err(each_told(mistakes)) }
}
