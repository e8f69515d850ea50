//! The lines below a flow that is not simply allowed: what breaks, an example, which part, what helps.

use super::flow_line::Rank;
use super::paint::{Cell, Columns, Hue, Paint, cell, plain};
use super::{TextOptions, WIDTH};
use crate::analyses::{FlowAnswer, InstanceAnswer};
use crate::finding::{Code, Finding};
use crate::flows::{Need, dispute};
use crate::model::Verdict;
use crate::report::packets::{Namer, words_of_flow};
use crate::report::phrases::{Places, by_layer, listed, number, with_fix, wrapped};
use crate::sets::Count;
use crate::walk::Part;

const INDENT: &str = "     ";

/// Whether a finding concerns a flow by the place that both point to.
pub(super) fn is_of_place(finding: &Finding) -> bool {
    matches!(finding.code, Code::MissingNsg | Code::Delegation)
}

/// Whether a finding concerns a flow by the row that it names.
pub(super) fn is_of_row(finding: &Finding) -> bool {
    finding.code == Code::NearMissPort
}

/// Whether a finding is told below a flow.
pub(super) fn concerns(finding: &Finding, flow: &FlowAnswer) -> bool {
    match (finding.code, &flow.row.need) {
        (Code::NearMissPort, _) => finding.message.contains(&format!("`{}`", flow.row.id)),
        (Code::MissingNsg, Need::Nsg) | (Code::Delegation, Need::Delegation { .. }) => {
            flow.verdict == Verdict::Blocked && finding.origin == flow.origin
        }
        _ => false,
    }
}

/// The lines below a flow. `told` are the findings that concern it.
pub(super) fn lines(
    instance: &InstanceAnswer,
    flow: &FlowAnswer,
    told: &[&Finding],
    places: &Places<'_>,
    options: &TextOptions,
    paint: Paint,
) -> Vec<String> {
    let mut lines = Vec::new();
    let mut say = |text: &str, hue: Hue| {
        lines.extend(wrapped(text, WIDTH).iter().map(|line| format!("{INDENT}{}", paint.put(hue, line))));
    };
    let lost = matches!(flow.verdict, Verdict::Blocked | Verdict::Partial);
    let rank = Rank::of(flow);
    if (lost && rank < Rank::OptionalBlocked) || (options.verbose && flow.verdict != Verdict::NotApplicable) {
        say(flow.row.breaks, Hue::Plain);
    }
    for note in &flow.notes {
        if flow.verdict == Verdict::Partial || options.whole() {
            say(note, Hue::Plain);
        }
    }
    if !flow.failed_dependencies.is_empty() {
        let names = listed(&flow.failed_dependencies);
        let verb = if flow.failed_dependencies.len() == 1 { "is" } else { "are" };
        match flow.verdict {
            Verdict::Allowed => say(&format!("dead all the same: {names} {verb} blocked"), Hue::Doubt),
            _ => say(&format!("depends on {names}, which {verb} blocked too"), Hue::Plain),
        }
    }
    if let Some(witness) = flow.witness.as_ref().filter(|_| lost || options.verbose) {
        lines.push(format!("{INDENT}for example  {witness}"));
    }
    lines.extend(part_lines(instance, flow, places, options, paint));
    for finding in told {
        let text = with_fix(finding);
        let mark = format!("{}  {}", finding.code, places.at(&finding.origin));
        for line in wrapped(&text, WIDTH) {
            lines.push(format!("{INDENT}{}", paint.put(Hue::Doubt, &line)));
        }
        if let Some(last) = lines.last_mut() {
            last.push_str(&format!("  {}", paint.put(Hue::Dim, &mark)));
        }
    }
    if options.verbose {
        lines.extend(documents(flow).into_iter().flat_map(|text| {
            wrapped(&text, WIDTH)
                .into_iter()
                .map(|line| format!("{INDENT}{}", paint.put(Hue::Dim, &line)))
                .collect::<Vec<_>>()
        }));
    }
    lines
}

/// Which part is closed, and beside it which is open; nothing where the line above says it all.
fn part_lines(
    instance: &InstanceAnswer,
    flow: &FlowAnswer,
    places: &Places<'_>,
    options: &TextOptions,
    paint: Paint,
) -> Vec<String> {
    let closed: Vec<&Part> = flow.parts.iter().filter(|part| part.verdict() != Verdict::Allowed).collect();
    let some_open = flow.share.as_ref().is_some_and(|share| share.remote.allowed > Count::from(0u8));
    let worth = match flow.verdict {
        Verdict::Partial => true,
        Verdict::Blocked => options.verbose || closed.len() > 1 || some_open,
        // Where hosts lie somewhere in a set, its prefixes say nothing.
        Verdict::Unknown => some_open && closed.iter().any(|part| part.verdict() == Verdict::Unknown),
        Verdict::Allowed => options.verbose,
        Verdict::NotApplicable => false,
    };
    if !worth {
        return Vec::new();
    }
    let words = words_of_flow(instance, flow);
    let mut namer = Namer::new(&words);
    let open = flow.parts.iter().filter(|part| part.verdict() == Verdict::Allowed);
    let (closed, more_closed) = rows(closed.into_iter(), &mut namer, places, options, 3);
    let (open, more_open) = rows(open, &mut namer, places, options, 2);
    let columns = Columns::fit(closed.iter().chain(&open), 70);
    let mut lines: Vec<String> = Vec::new();
    for (cells, more) in [(closed, more_closed), (open, more_open)] {
        lines.extend(cells.iter().map(|cells| format!("{INDENT}{}", columns.line(cells, paint))));
        if more > 0 {
            lines.push(format!(
                "{INDENT}{}",
                paint.put(Hue::Dim, &format!("and {} more: --verbose lists them", number(more)))
            ));
        }
    }
    lines
}

/// The boxes of parts, and how many were left out.
fn rows<'a>(
    parts: impl Iterator<Item = &'a Part>,
    namer: &mut Namer<'_>,
    places: &Places<'_>,
    options: &TextOptions,
    most: usize,
) -> (Vec<Vec<Cell>>, usize) {
    let (most, nets) = if options.verbose { (usize::MAX, usize::MAX) } else { (most, 3) };
    let mut rows = Vec::new();
    let mut left_out = 0;
    for part in parts {
        let (word, hue) = match part.verdict() {
            Verdict::Allowed => ("open", Hue::Good),
            Verdict::Blocked => ("closed", Hue::Bad),
            _ => ("unknown", Hue::Doubt),
        };
        let at = part.outcome.candidates().first().map(|first| places.of(first)).unwrap_or_default();
        for text in namer.boxes(&part.packets) {
            if rows.len() >= most {
                left_out += 1;
                continue;
            }
            rows.push(vec![
                cell(word, hue),
                plain(text.flow_line(nets)),
                plain(by_layer(part)),
                cell(at.clone(), Hue::Dim),
            ]);
        }
    }
    (rows, left_out)
}

/// What the row rests on.
fn documents(flow: &FlowAnswer) -> Vec<String> {
    let row = flow.row;
    let mut texts = Vec::new();
    texts.extend(row.note.map(|note| format!("note: {note}")));
    texts.push(format!("{}; documents: {}", row.level, row.sources.join(", ")));
    texts.extend(
        row.dispute
            .and_then(dispute)
            .map(|dispute| format!("D{}: {}; read as: {}", dispute.number, dispute.matter, dispute.reading)),
    );
    texts
}
