//! Text of `reach --from A --to B`: the verdict, the ways, every step, and what would have to change.

use super::packet::hue_of;
use super::paint::{Cell, Columns, Hue, Paint, cell, plain};
use super::reach::below;
use super::route::{hop, named};
use super::{TextOptions, WIDTH};
use crate::analyses::{NextHopPart, PathAnswer, PathStep, Witness};
use crate::flows::print_ports;
use crate::model::{Assumption, Direction, Verdict};
use crate::report::phrases::{either, place_of, wrapped};
use crate::sets::address_count;
use std::io::{self, Write};

/// How many routes of one way are shown.
const ROUTES_SHOWN: usize = 3;

/// Writes the text of a path. `ground` is what the whole run takes for granted, `tags` the list that the answer
/// rests on.
///
/// # Errors
/// Those of the writer.
pub fn path(
    answer: &PathAnswer,
    ground: &[Assumption],
    options: &TextOptions,
    tags: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = Paint(options.color);
    writeln!(out, "{}", paint.put(Hue::Head, &sentence(answer)))?;
    if options.quiet {
        return Ok(());
    }
    writeln!(out, "\nThe way ({tags}):")?;
    let rows: Vec<Vec<Cell>> = steps_and_routes(answer);
    let columns = Columns::fit(&rows, 60);
    for row in &rows {
        writeln!(out, "  {}", columns.line(row, paint))?;
    }
    let obstacles: Vec<&PathStep> = answer.steps.iter().filter(|step| step.change.is_some()).collect();
    if !obstacles.is_empty() {
        writeln!(out, "\nWhat would have to change:")?;
    }
    for step in obstacles {
        let text = format!("{} {}: {}", word(step), step.layer, step.change.as_deref().unwrap_or_default());
        for (number, line) in wrapped(&text, WIDTH).iter().enumerate() {
            let mark = if step.verdict == Verdict::Blocked { "x" } else { "?" };
            let mark = if number == 0 { paint.put(hue_of(step.verdict), mark) } else { " ".to_owned() };
            writeln!(out, "  {mark} {line}")?;
        }
    }
    writeln!(out)?;
    for Witness { packet, verdict, .. } in
        [&answer.allowed, &answer.blocked, &answer.unknown].into_iter().flatten()
    {
        writeln!(out, "  for example  {:<8} {packet}", verdict.as_str())?;
    }
    below(&answer.unknowns, ground.iter().chain(&answer.assumptions), paint, out)
}

/// `Tcp 443 from apim (256 addresses) to web (256 addresses): blocked`.
fn sentence(answer: &PathAnswer) -> String {
    let protocols = answer.question.protocols.to_string();
    let ports = if answer.question.ports.is_all() {
        "every port".to_owned()
    } else {
        print_ports(&answer.question.ports)
    };
    let end =
        |end: &crate::analyses::PathEnd| format!("{} ({})", end.name, address_count(&end.addresses.size()));
    format!("{protocols} {ports} from {} to {}: {}", end(&answer.from), end(&answer.to), answer.verdict)
}

/// The steps out of the first end, its routes, the steps into the second, the routes back.
fn steps_and_routes(answer: &PathAnswer) -> Vec<Vec<Cell>> {
    let of = |direction| answer.steps.iter().filter(move |step| step.direction == direction);
    let mut rows: Vec<Vec<Cell>> = of(Direction::Outbound).map(step_row).collect();
    rows.extend(way_rows("way there", &answer.way_there));
    rows.extend(of(Direction::Inbound).map(step_row));
    rows.extend(way_rows("way back", &answer.way_back));
    rows
}

fn step_row(step: &PathStep) -> Vec<Cell> {
    let hue = hue_of(step.verdict);
    vec![
        plain(word(step)),
        plain(step.layer.as_str()),
        cell(step.verdict.as_str(), hue),
        plain(either(&step.deciders)),
        plain(step.deciders.first().and_then(|decider| decider.nsg.clone()).unwrap_or_default()),
        cell(step.deciders.first().map(place_of).unwrap_or_default(), Hue::Dim),
    ]
}

/// `out of hub/apim`, `into hub/web`.
fn word(step: &PathStep) -> String {
    match step.direction {
        Direction::Outbound => format!("out of {}", step.place),
        Direction::Inbound => format!("into {}", step.place),
    }
}

fn way_rows(word: &str, parts: &[NextHopPart]) -> Vec<Vec<Cell>> {
    let routes = parts.iter().flat_map(|part| &part.routes);
    let row = |route| {
        vec![
            cell(word, Hue::Dim),
            cell(hop(route), Hue::Dim),
            cell("", Hue::Dim),
            cell(named(route), Hue::Dim),
        ]
    };
    let mut rows: Vec<Vec<Cell>> = routes.clone().take(ROUTES_SHOWN).map(row).collect();
    let more = routes.count().saturating_sub(ROUTES_SHOWN);
    if more > 0 {
        rows.push(vec![cell(word, Hue::Dim), cell(format!("and {more} more"), Hue::Dim)]);
    }
    rows
}
