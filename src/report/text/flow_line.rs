//! One flow on one line: how it fares, how much of it, by what, where.

use super::paint::{Cell, Hue, Paint, cell, plain};
use crate::analyses::{FlowAnswer, InstanceAnswer, Ratio};
use crate::finding::Severity;
use crate::model::{Gap, Verdict};
use crate::report::phrases::{Places, by_layer, listed, number, wrapped};
use crate::report::rows::packets_at;
use crate::sets::{Count, address_count, thousands};
use std::io::{self, Write};

/// The order of flows, worst first; those of one rank keep the catalogue's order.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Rank {
    BlockedError,
    PartialError,
    BlockedWarning,
    PartialWarning,
    UnknownError,
    UnknownWarning,
    /// Its packets pass, and something that it depends on is blocked.
    Dead,
    Allowed,
    /// Optional: shown on demand only, from here on.
    OptionalBlocked,
    OptionalPartial,
    OptionalUnknown,
    OptionalAllowed,
    NotApplicable,
}

impl Rank {
    pub(super) fn of(flow: &FlowAnswer) -> Self {
        let weighs = flow.required || flow.severity >= Severity::Warning;
        match (flow.verdict, flow.severity) {
            (Verdict::NotApplicable, _) => Self::NotApplicable,
            (Verdict::Allowed, _) if weighs && !flow.failed_dependencies.is_empty() => Self::Dead,
            (Verdict::Allowed, _) if weighs => Self::Allowed,
            (Verdict::Allowed, _) => Self::OptionalAllowed,
            (Verdict::Blocked, Severity::Error) => Self::BlockedError,
            (Verdict::Blocked, Severity::Warning) => Self::BlockedWarning,
            (Verdict::Blocked, Severity::Note) => Self::OptionalBlocked,
            (Verdict::Partial, Severity::Error) => Self::PartialError,
            (Verdict::Partial, Severity::Warning) => Self::PartialWarning,
            (Verdict::Partial, Severity::Note) => Self::OptionalPartial,
            (Verdict::Unknown, Severity::Error) => Self::UnknownError,
            (Verdict::Unknown, Severity::Warning) => Self::UnknownWarning,
            (Verdict::Unknown, Severity::Note) => Self::OptionalUnknown,
        }
    }

    /// Whether a flow of the rank is printed.
    pub(super) fn is_shown(self, all: bool, quiet: bool) -> bool {
        all || self <= if quiet { Self::Dead } else { Self::Allowed }
    }
}

/// What is missing, once each, in the order of first mention: flows point to it by number.
#[derive(Default)]
pub(super) struct Footnotes(Vec<Footnote>);

struct Footnote {
    gap: Gap,
    /// Parameters of the catalogue that would supply it: each flow may have its own.
    parameters: Vec<String>,
}

impl Footnote {
    /// Whether the gap is the note's, apart from the parameter that supplies it.
    fn is(&self, gap: &Gap) -> bool {
        self.gap == *gap
            || (parameter_of(gap).is_some()
                && !self.parameters.is_empty()
                && self.gap.missing() == gap.missing()
                && self.gap.origin() == gap.origin())
    }

    fn supply(&self) -> Option<String> {
        match &self.parameters[..] {
            [] | [_] => self.gap.supply().map(str::to_owned),
            names => Some(format!("--param NAME=ADDRESS for {}", listed(names))),
        }
    }
}

/// The parameter of the catalogue that would supply what is missing.
fn parameter_of(gap: &Gap) -> Option<&str> {
    gap.supply()?.strip_prefix("--param ")?.strip_suffix("=ADDRESS")
}

impl Footnotes {
    fn number(&mut self, gap: &Gap) -> usize {
        let at = self.0.iter().position(|known| known.is(gap)).unwrap_or_else(|| {
            self.0.push(Footnote { gap: gap.clone(), parameters: Vec::new() });
            self.0.len() - 1
        });
        let known = &mut self.0[at].parameters;
        known.extend(parameter_of(gap).map(str::to_owned).filter(|name| !known.contains(name)));
        at + 1
    }

    /// `hangs on (1) and (2)`.
    fn pointers(&mut self, flow: &FlowAnswer) -> String {
        let mut numbers: Vec<String> = Vec::new();
        for gap in &flow.unknowns {
            let number = format!("({})", self.number(gap));
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        match numbers.is_empty() {
            true => String::new(),
            false => format!("hangs on {}", listed(&numbers)),
        }
    }

    /// The notes by their numbers: what is missing, where it would stand, and what supplies it.
    pub(super) fn write(&self, places: &Places<'_>, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
        for (number, note) in self.0.iter().enumerate() {
            let at = note.gap.origin().map(|origin| format!("  {}", places.at(origin))).unwrap_or_default();
            writeln!(out, "   ({}) {}{}", number + 1, note.gap.missing(), paint.put(Hue::Dim, &at))?;
            let Some(supply) = note.supply() else { continue };
            for (number, line) in wrapped(&supply, super::WIDTH).iter().enumerate() {
                let head = if number == 0 { "supply it:" } else { "          " };
                writeln!(out, "       {head} {line}")?;
            }
        }
        Ok(())
    }
}

/// The cells of a flow's line.
pub(super) fn cells(
    instance: &InstanceAnswer,
    flow: &FlowAnswer,
    places: &Places<'_>,
    footnotes: &mut Footnotes,
) -> Vec<Cell> {
    let (symbol, hue) = symbol(flow);
    let (decider, place) = decider(flow, places);
    let much = match flow.verdict {
        Verdict::Unknown => footnotes.pointers(flow),
        _ => how_much(flow),
    };
    let text = match flow.packets.is_empty() {
        true => packets_at(flow.row, instance.subnet.as_deref()),
        false => flow.packets.clone(),
    };
    vec![
        cell(format!(" {symbol}"), hue),
        plain(flow.row.id),
        plain(text),
        cell(verdict(flow), hue),
        plain(much),
        plain(decider),
        cell(place, Hue::Dim),
    ]
}

/// The verdict, and how much it weighs where it is bad news and no error.
fn verdict(flow: &FlowAnswer) -> String {
    match (flow.verdict, flow.severity) {
        (Verdict::NotApplicable, _) => "not applicable".to_owned(),
        (Verdict::Allowed, _) | (_, Severity::Error) => flow.verdict.to_string(),
        (verdict, severity) => format!("{verdict} ({severity})"),
    }
}

fn symbol(flow: &FlowAnswer) -> (char, Hue) {
    match flow.verdict {
        Verdict::Blocked if flow.severity == Severity::Error => ('x', Hue::Bad),
        Verdict::Blocked => ('x', Hue::Doubt),
        Verdict::Partial if flow.severity == Severity::Error => ('~', Hue::Bad),
        Verdict::Partial => ('~', Hue::Doubt),
        Verdict::Unknown => ('?', Hue::Doubt),
        Verdict::Allowed if !flow.failed_dependencies.is_empty() => ('+', Hue::Doubt),
        Verdict::Allowed => ('+', Hue::Good),
        Verdict::NotApplicable => ('-', Hue::Dim),
    }
}

/// The share in words: `all 4,218 addresses`, `25 of 2,009 addresses open`.
fn how_much(flow: &FlowAnswer) -> String {
    let Some(share) = &flow.share else { return String::new() };
    let Ratio { allowed, total } = &share.remote;
    let narrowed = share.own.as_ref().filter(|own| own.allowed < own.total);
    let none = *allowed == Count::from(0u8);
    match flow.verdict {
        Verdict::Blocked if none => match *total == Count::from(1u8) {
            true => "its one address".to_owned(),
            false => format!("all {}", address_count(total)),
        },
        _ if allowed < total => format!("{} of {} open", thousands(allowed), address_count(total)),
        Verdict::Allowed | Verdict::Partial | Verdict::Blocked => match narrowed {
            Some(own) => {
                format!("for {} of the subnet's {}", thousands(&own.allowed), address_count(&own.total))
            }
            None if flow.verdict == Verdict::Allowed => String::new(),
            None => "some ports or protocols".to_owned(),
        },
        _ => String::new(),
    }
}

/// What decides the flow, and its place; the first where several do.
fn decider(flow: &FlowAnswer, places: &Places<'_>) -> (String, String) {
    let decisive = match flow.verdict {
        Verdict::NotApplicable => {
            return (flow.not_applicable.clone().unwrap_or_default(), String::new());
        }
        Verdict::Partial => Verdict::Blocked,
        // Some of it is open and some is not, and which matters is not known: what closes the rest is shown.
        Verdict::Unknown if flow.parts.iter().all(|part| part.verdict() != Verdict::Unknown) => {
            Verdict::Blocked
        }
        verdict => verdict,
    };
    let mut found: Vec<(String, String)> = Vec::new();
    for part in flow.parts.iter().filter(|part| part.verdict() == decisive) {
        if let Some(first) = part.outcome.candidates().first() {
            let one = (by_layer(part), places.of(first));
            if !found.contains(&one) {
                found.push(one);
            }
        }
    }
    match &found[..] {
        [] if flow.verdict == Verdict::Unknown => {
            let gap = flow.unknowns.iter().find_map(Gap::origin);
            (String::new(), gap.map(|origin| places.at(origin)).unwrap_or_default())
        }
        [] => (String::new(), places.at(&flow.origin)),
        [(decider, place)] => (decider.clone(), place.clone()),
        [(decider, place), rest @ ..] => {
            (format!("{decider} and {} more", number(rest.len())), place.clone())
        }
    }
}
