//! Text of `conform`: what differs, worst first, with both sides of each field; what is not settled; endpoints
//! and routes with everything asked for; then the summary.

use super::paint::{Cell, Columns, Hue, Paint, cell, plain};
use super::{TextOptions, WIDTH};
use crate::analyses::conform::{ConformAnswer, Difference, Open, StatusRow};
use crate::finding::Severity;
use crate::report::phrases::{assumed, counted, exact_place, listed, number, wrapped};
use crate::report::{ConformHead, text::findings};
use std::io::{self, Write};

/// How many differences of one kind, and open points, are listed unless everything is asked for.
const MOST: usize = 10;

/// Writes the text of `conform`; `tags_line` names the service tag list, as [`crate::report::tags_line`] does.
///
/// # Errors
/// Those of the writer.
pub fn conform(
    answer: &ConformAnswer,
    about: &ConformHead,
    options: &TextOptions,
    tags_line: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = Paint(options.color);
    if !options.quiet {
        writeln!(out, "In force by {}, against {}:\n", about.dump, about.input)?;
        findings::write(about.findings.iter(), options, out)?;
    }
    differences(answer, options, out)?;
    not_settled(&answer.open, options, out)?;
    if !options.quiet {
        if options.whole() {
            endpoints(answer, paint, out)?;
            routes(answer, paint, out)?;
        }
        for assumption in &answer.assumptions {
            for line in wrapped(&assumed(assumption), WIDTH) {
                writeln!(out, "     {line}")?;
            }
        }
        if !answer.assumptions.is_empty() {
            writeln!(out)?;
        }
    }
    writeln!(out, "{}", summary(answer, tags_line))
}

fn differences(answer: &ConformAnswer, options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(options.color);
    let shown: Vec<&Difference> = answer
        .differences
        .iter()
        .filter(|one| one.severity >= Severity::Warning || options.whole() && !options.quiet)
        .collect();
    let heads: Vec<Vec<Cell>> = shown.iter().map(|one| head(one)).collect();
    let columns = Columns::fit(&heads, 60);
    let mut of_kind = 0;
    for (at, (one, cells)) in shown.iter().zip(heads).enumerate() {
        of_kind += 1;
        if of_kind <= MOST || options.whole() {
            difference(one, cells, &columns, options, out)?;
        }
        let is_last =
            shown.get(at + 1).is_none_or(|next| (next.severity, next.kind) != (one.severity, one.kind));
        if is_last && of_kind > MOST && !options.whole() {
            let more = number(of_kind - MOST);
            writeln!(out, "     and {more} more of `{}`: --all lists them", one.kind.as_str())?;
        }
        if is_last {
            of_kind = 0;
        }
    }
    let notes = answer.differences.iter().filter(|one| one.severity == Severity::Note).count();
    if notes > 0 && !options.whole() && !options.quiet {
        let text = counted(notes, "difference of no weight", "differences of no weight");
        writeln!(out, "{}", paint.put(Hue::Dim, &format!(" - {text}: --all lists them")))?;
    }
    if !shown.is_empty() || notes > 0 && !options.quiet {
        writeln!(out)?;
    }
    Ok(())
}

fn head(one: &Difference) -> Vec<Cell> {
    let (symbol, hue) = match one.severity {
        Severity::Error => ('x', Hue::Bad),
        Severity::Warning => ('!', Hue::Doubt),
        Severity::Note => ('-', Hue::Dim),
    };
    let place = one.input.as_ref().or(one.in_force.as_ref()).map(exact_place).unwrap_or_default();
    vec![cell(format!(" {symbol}"), hue), plain(one.kind.as_str()), cell(place, Hue::Dim)]
}

fn difference(
    one: &Difference,
    mut cells: Vec<Cell>,
    columns: &Columns,
    options: &TextOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = Paint(options.color);
    if one.message.chars().count() <= WIDTH {
        cells.push(plain(one.message.clone()));
        writeln!(out, "{}", columns.line(&cells, paint))?;
    } else {
        writeln!(out, "{}", columns.line(&cells, paint))?;
        for line in wrapped(&one.message, WIDTH) {
            writeln!(out, "     {line}")?;
        }
    }
    if options.quiet {
        return Ok(());
    }
    let field = |found: &crate::analyses::conform::FieldDifference| {
        vec![
            plain(found.field),
            cell("in force", Hue::Dim),
            plain(found.in_force.clone()),
            cell("input", Hue::Dim),
            plain(found.input.clone()),
        ]
    };
    let rows: Vec<Vec<Cell>> = one.fields.iter().map(field).collect();
    let columns = Columns::fit(&rows, 50);
    for row in &rows {
        writeln!(out, "     {}", columns.line(row, paint))?;
    }
    if let (Some(in_force), Some(_)) = (&one.in_force, &one.input) {
        writeln!(out, "     {}", paint.put(Hue::Dim, &format!("in force by {}", exact_place(in_force))))?;
    }
    for line in one.hint.iter().flat_map(|hint| wrapped(hint, WIDTH)) {
        writeln!(out, "     {line}")?;
    }
    Ok(())
}

/// What could not be compared, and what would settle it.
fn not_settled(open: &[Open], options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(options.color);
    let most = if options.whole() { usize::MAX } else { MOST };
    let row = |one: &Open| {
        let supply = one.gap.supply().map(|command| format!("; supply it: {command}")).unwrap_or_default();
        vec![
            cell(" ?", Hue::Doubt),
            plain(one.subject.clone()),
            plain(format!("hangs on {}{supply}", one.gap.missing())),
        ]
    };
    let rows: Vec<Vec<Cell>> = open.iter().take(most).map(row).collect();
    let columns = Columns::fit(&rows, 40);
    for row in &rows {
        writeln!(out, "{}", columns.line(row, paint))?;
    }
    if open.len() > most {
        writeln!(out, "     and {} more not settled: --all lists them", number(open.len() - most))?;
    }
    if !open.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

/// Every endpoint of an instance's status beside its flows.
fn endpoints(answer: &ConformAnswer, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let row = |one: &StatusRow| {
        let (symbol, hue) = match one.agrees {
            Some(true) => ('+', Hue::Good),
            Some(false) => ('x', Hue::Bad),
            None => ('-', Hue::Dim),
        };
        let flows: Vec<String> =
            one.flows.iter().map(|(id, verdict)| format!("{id} {}", verdict.as_str())).collect();
        let flows = match flows[..] {
            [] => "no flow is known to reach it".to_owned(),
            _ => listed(&flows),
        };
        vec![
            cell(format!(" {symbol}"), hue),
            plain(one.location.clone().unwrap_or_default()),
            plain(one.endpoint.clone()),
            plain(one.status.clone()),
            plain(flows),
        ]
    };
    let rows: Vec<Vec<Cell>> = answer.status.iter().map(row).collect();
    let columns = Columns::fit(&rows, 60);
    for row in &rows {
        writeln!(out, "{}", columns.line(row, paint))?;
    }
    if !rows.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

/// Routes that nobody wrote, and why they are there.
fn routes(answer: &ConformAnswer, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    if answer.routes.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", paint.put(Hue::Head, "Routes that nobody wrote"))?;
    let rows: Vec<Vec<Cell>> = answer
        .routes
        .iter()
        .map(|one| {
            let more = match one.prefixes {
                0 | 1 => String::new(),
                several => format!(" and {} more", number(several - 1)),
            };
            let example = one.example.map(|net| net.to_string()).unwrap_or_default();
            vec![
                plain(format!("{example}{more}")),
                plain(format!("-> {}", one.next_hop)),
                cell(one.source.clone(), Hue::Dim),
                plain(one.why),
            ]
        })
        .collect();
    let columns = Columns::fit(&rows, 60);
    for row in &rows {
        writeln!(out, "   {}", columns.line(row, paint))?;
    }
    writeln!(out)
}

/// `1 group, 12 rules and 3 tags compared: 2 differ, 1 is not settled (service tags 376).`
fn summary(answer: &ConformAnswer, tags_line: &str) -> String {
    let compared = answer.compared;
    let parts: Vec<String> = [
        (compared.groups, "group", "groups"),
        (compared.rules, "rule", "rules"),
        (compared.tags, "tag", "tags"),
        (compared.routes, "route", "routes"),
        (compared.endpoints, "endpoint", "endpoints"),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
    .map(|(count, one, many)| counted(count, one, many))
    .collect();
    let parts = if parts.is_empty() { "nothing".to_owned() } else { listed(&parts) };
    let differ = match answer.differences.len() {
        0 => "no difference".to_owned(),
        count => counted(count, "difference", "differences"),
    };
    let open = match answer.open.len() {
        0 => String::new(),
        count => format!(", {} not settled", number(count)),
    };
    let hidden = match compared.not_shown {
        0 => String::new(),
        count => format!("; the dump does not show {} of the input", counted(count, "group", "groups")),
    };
    format!("{parts} compared: {differ}{open} ({tags_line}){hidden}.")
}
