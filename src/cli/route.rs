//! `flowcheck route`.

use super::args::RouteArgs;
use super::input::{self, Asked};
use super::plan::{Format, Ground, OutputPlan};
use super::{CliError, Exit, output};
use crate::analyses::{NextHopAnswer, next_hops, next_hops_by};
use crate::network::routing::RoutesInForce;
use crate::network::{AttachmentPoint, ChoiceError, Subnet};
use crate::report;
use crate::report::json::Head;
use crate::report::text::TextOptions;
use crate::rules::notation::{AddressText, SideText};
use crate::rules::surroundings::stand_ins;
use crate::rules::{Extent, Surroundings};
use crate::sets::AddressSet;
use crate::tags::Versions;

pub(super) fn run(args: &RouteArgs) -> Result<Exit, CliError> {
    let plan = OutputPlan::new(&args.output, &[Format::Text, Format::Json])?;
    output::must_not_overwrite(&plan, [&args.input])?;
    let to: SideText =
        args.to.parse().map_err(|error| CliError::usage(format!("--to {}: {error}", args.to)))?;
    let ground = Ground::new(&args.ground)?;
    let mut asked = input::read_one(&args.input, &ground)?;
    ground.cloud_must_match(&asked.network)?;
    asked.network.supply_prefixes(&ground.supplied).map_err(CliError::of)?;
    let answer = answer(args, &asked, &ground, &to)?;
    let versions = Versions::of(&ground.tags);
    let tags = report::tags_line(&versions);
    let assumptions = ground.cloud_assumption(&asked.network).into_iter().collect();
    let head = Head { service_tags: Some(versions), assumptions };
    output::deliver(&plan, |format, color, out| match format {
        Format::Json => report::json::route(&answer, &args.to, &head, out),
        _ => {
            let options = TextOptions { all: args.all, ..plan.text(color) };
            report::text::route(&answer, &args.to, &head.assumptions, &options, &tags, out)
        }
    })?;
    Ok(Exit::Fine)
}

/// Asks the subnet that is named, else the only one; else the only dump of effective routes.
fn answer(
    args: &RouteArgs,
    asked: &Asked,
    ground: &Ground,
    to: &SideText,
) -> Result<NextHopAnswer, CliError> {
    let network = &asked.network;
    let from = args.from.as_deref().or(ground.supplied.subnet.as_deref());
    let subnet = match (from, &network.subnets[..]) {
        (Some(name), _) => Some(network.only_subnet(name).map_err(CliError::of)?),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    match (subnet, &network.effective.routes[..]) {
        (Some(subnet), _) => {
            let point = network.at_subnet(subnet, &ground.tags);
            let to = addresses(asked, &point.surroundings, (&args.to, to))?;
            next_hops(&point, &to).ok_or_else(|| not_shown(&point))
        }
        (None, [dump]) => {
            let place = Surroundings::new(&ground.tags, Extent::default());
            let to = addresses(asked, &place, (&args.to, to))?;
            let routes = RoutesInForce::of_dump(dump, &ground.tags);
            Ok(next_hops_by(&routes, "the interface of the dump", &dump.origin, &to))
        }
        (None, _) => Err(CliError::of(ChoiceError {
            reason: match network.subnets[..] {
                [] => "the input holds no subnet and no dump of effective routes".to_owned(),
                _ => "the question fits several subnets: choose one with --from".to_owned(),
            },
            choices: network.subnets.iter().map(Subnet::name).collect(),
        })),
    }
}

fn not_shown(point: &AttachmentPoint<'_>) -> CliError {
    CliError::usage(format!(
        "the input shows no routes of {}: it is known by a dump of its rules alone",
        point.name
    ))
}

/// The addresses that the words of `--to` stand for.
fn addresses(
    asked: &Asked,
    place: &Surroundings<'_>,
    (word, to): (&str, &SideText),
) -> Result<AddressSet, CliError> {
    let mut all = AddressSet::empty();
    for text in &to.addresses {
        all = all.union(&asked.network.addresses_of(text, place).map_err(CliError::of)?);
    }
    if !all.is_subset(&stand_ins()) {
        return Ok(all);
    }
    let is_word = |text: &AddressText| !matches!(text, AddressText::Any | AddressText::Prefix(..));
    Err(CliError::usage(if to.addresses.iter().any(is_word) {
        format!("no address of `{word}` is known, so no route can be looked up")
    } else {
        format!("no machine has the address {word}, so nothing is routed there")
    }))
}
