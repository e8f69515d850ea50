//! Text of `route`: where each part of what was asked goes, by which route.

use super::TextOptions;
use super::paint::{Cell, Columns, Hue, Paint, cell, plain};
use super::reach::below;
use crate::analyses::{NextHopAnswer, NextHopPart};
use crate::model::{Assumption, Fact};
use crate::network::NextHopType;
use crate::network::routing::{RouteEntry, RouteSource};
use crate::report::phrases::{number, place};
use crate::sets::{AddressSet, address_count};
use std::io::{self, Write};

/// How many prefixes of a part are shown.
const NETS_SHOWN: usize = 2;

/// Writes the text of `route`. `to` is what was asked in the user's words, `ground` what the whole run takes for
/// granted, `tags` the list that the answer rests on.
///
/// # Errors
/// Those of the writer.
pub fn route(
    answer: &NextHopAnswer,
    to: &str,
    ground: &[Assumption],
    options: &TextOptions,
    tags: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = Paint(options.color);
    let head = format!("From {} to {to}", answer.place);
    writeln!(out, "{}, by the routes of {} ({tags}):", paint.put(Hue::Head, &head), place(&answer.origin))?;
    let most = if options.whole() { usize::MAX } else { NETS_SHOWN };
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for part in &answer.parts {
        rows.extend(part_rows(part, most));
    }
    for (addresses, word) in
        [(&answer.platform, "the platform itself (S107)"), (&answer.unrouted, "no route")]
    {
        if !addresses.is_empty() {
            rows.push(vec![
                plain(nets(addresses, most)),
                plain(address_count(&addresses.size())),
                plain(word),
            ]);
        }
    }
    let columns = Columns::fit(&rows, 60);
    for row in &rows {
        writeln!(out, "  {}", columns.line(row, paint))?;
    }
    if options.quiet {
        return Ok(());
    }
    below(&answer.unknowns, ground.iter().chain(&answer.assumptions), paint, out)
}

/// One line for the way, and one for each further route that may be the one.
fn part_rows(part: &NextHopPart, most: usize) -> Vec<Vec<Cell>> {
    let head = [plain(nets(&part.to, most)), plain(address_count(&part.to.size()))];
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for (number, route) in part.routes.iter().enumerate() {
        let mut row: Vec<Cell> =
            if number == 0 { head.to_vec() } else { vec![plain(""), cell("or", Hue::Dim)] };
        row.extend([
            cell(hop(route), hue(part, route)),
            plain(named(route)),
            cell(place(&route.origin), Hue::Dim),
        ]);
        rows.push(row);
    }
    rows
}

fn nets(addresses: &AddressSet, most: usize) -> String {
    let shown: Vec<String> = addresses.nets().take(most).map(|net| net.to_string()).collect();
    match addresses.net_count().saturating_sub(most) {
        0 => shown.join(", "),
        more => format!("{} and {} more", shown.join(", "), number(more)),
    }
}

/// `VirtualAppliance 10.0.9.4`.
pub(super) fn hop(route: &RouteEntry) -> String {
    let hop = match &route.next_hop {
        Fact::Known(hop) => hop.to_string(),
        Fact::Unknown(_) => "unknown".to_owned(),
    };
    let addresses: Vec<String> = route.addresses.iter().map(ToString::to_string).collect();
    if addresses.is_empty() { hop } else { format!("{hop} {}", addresses.join(", ")) }
}

/// `to-firewall of apim-rt (0.0.0.0/0)`; Azure's own routes have no name.
pub(super) fn named(route: &RouteEntry) -> String {
    let who = match (&route.name, &route.table, route.source) {
        (Some(name), Some(table), _) => format!("{name} of {table}"),
        (Some(name), None, _) => name.clone(),
        (None, _, RouteSource::User) => "a written route".to_owned(),
        (None, _, RouteSource::VirtualNetworkGateway) => "a gateway's route".to_owned(),
        (None, _, RouteSource::Default) => "Azure's route".to_owned(),
    };
    format!("{who} ({})", route.prefix)
}

fn hue(part: &NextHopPart, route: &RouteEntry) -> Hue {
    match (part.way(), route.next_hop.known()) {
        (None, _) | (_, None) => Hue::Doubt,
        (_, Some(NextHopType::None)) => Hue::Bad,
        (_, Some(NextHopType::VirtualAppliance)) => Hue::Doubt,
        _ => Hue::Good,
    }
}
