//! Expectations about routes: `route: ADDRESS` with the `next_hop` that it should have.

use super::by::By;
use super::expect::{Expectation, NextHop};
use super::fields::Spot;
use super::judge::Stage;
use super::mistake::{Mistake, Mistakes, did_you_mean};
use super::outcome::Checked;
use crate::analyses::{NextHopPart, next_hops};
use crate::model::{Fact, Layer};
use crate::network::NextHopType;
use crate::network::routing::RouteEntry;
use crate::rules::notation::SideText;
use crate::sets::AddressSet;
use crate::walk::Decider;

/// Reads `VirtualAppliance 10.0.9.4`, `Internet` or `unknown`.
pub(super) fn read(written: &Spot<String>, mistakes: &mut Mistakes) -> Option<NextHop> {
    let mut words = written.value.split_whitespace();
    let (word, address, rest) = (words.next().unwrap_or_default(), words.next(), words.next());
    if word.eq_ignore_ascii_case("unknown") && address.is_none() {
        return Some(NextHop::Unknown);
    }
    let Ok(hop) = word.parse::<NextHopType>() else {
        let all = NextHopType::ALL.iter().map(|hop| hop.as_str()).chain(["unknown"]);
        let hint = did_you_mean(word, all.clone());
        let all = all.collect::<Vec<_>>().join(", ");
        return mistakes.add(&written.origin, format!("`{word}` is no next hop: one of {all}{hint}"));
    };
    let address = match address.map(str::parse) {
        None => None,
        Some(Ok(address)) => Some(address),
        Some(Err(_)) => {
            let message = format!("`{}` is no address", address.unwrap_or_default());
            return mistakes.add(&written.origin, message);
        }
    };
    if let Some(rest) = rest {
        return mistakes.add(&written.origin, format!("`{rest}` is one word too many"));
    }
    Some(NextHop::Known { hop, address })
}

impl Stage<'_> {
    /// The next hop of everything that is asked about.
    pub(super) fn next_hop(
        &self,
        expectation: &Expectation,
        (to, subnet): (&SideText, Option<&Spot<String>>),
        next_hop: &NextHop,
        by: Option<&By>,
    ) -> Result<Checked, Mistake> {
        let wrong = |message: String| Mistake::new(&expectation.asked, message);
        let point = self.point(&expectation.asked, subnet, None)?;
        let mut asked = AddressSet::empty();
        for text in &to.addresses {
            let found = self.network.addresses_of(text, &point.surroundings);
            asked = asked.union(&found.map_err(|error| wrong(error.to_string()))?);
        }
        let answer = next_hops(&point, &asked)
            .ok_or_else(|| wrong(format!("the input shows no routes of {}", point.name)))?;
        let goes_there = |part: &NextHopPart| match (next_hop, part.way()) {
            (NextHop::Unknown, way) => way.is_none(),
            (NextHop::Known { .. }, None) => false,
            (NextHop::Known { hop, address }, Some(way)) => {
                way.next_hop == Fact::Known(*hop)
                    && address.is_none_or(|address| way.addresses.contains(&address))
            }
        };
        let by_it =
            |part: &NextHopPart| by.is_none_or(|by| part.routes.iter().any(|route| by.is(&decider(route))));
        let fits = |part: &&NextHopPart| goes_there(part) && by_it(part);
        let shown = answer.parts.iter().find(|part| !fits(part)).or(answer.parts.first());
        let mut expected = next_hop.to_string();
        if let Some(by) = by {
            expected.push_str(&format!(" by {by}"));
        }
        Ok(Checked {
            line: expectation.origin.line,
            asked: expectation.question.to_string(),
            passed: !answer.parts.is_empty() && answer.parts.iter().all(|part| fits(&part)),
            expected,
            actual: shown.map_or_else(|| "no route".to_owned(), in_words),
            decider: shown.and_then(|part| part.routes.first()).map(decider),
            witness: shown.and_then(|part| part.to.first()).map(|address| address.to_string()),
        })
    }
}

/// `10.0.9.0/24 -> VnetLocal`, or each route that may be taken.
fn in_words(part: &NextHopPart) -> String {
    let name = |route: &RouteEntry| match &route.name {
        Some(name) => format!("{name} ({route})"),
        None => route.to_string(),
    };
    let routes: Vec<String> = part.routes.iter().map(name).collect();
    match routes.len() {
        1 => routes.concat(),
        _ => format!("unknown: {}", routes.join(" or ")),
    }
}

fn decider(route: &RouteEntry) -> Decider {
    Decider {
        layer: Layer::Route,
        nsg: route.table.clone(),
        rule: route.name.clone(),
        priority: None,
        access: None,
        origin: route.origin.clone(),
    }
}
