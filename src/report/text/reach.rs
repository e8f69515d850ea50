//! Text of `reach`: a sentence that can be read aloud, then from where, by what, and for example which packet.

use super::packet::hue_of;
use super::paint::{Cell, Columns, Hue, Paint, cell, plain};
use super::{TextOptions, WIDTH};
use crate::analyses::{Class, ReachAnswer, ReachRow};
use crate::model::{Assumption, Direction, Gap, Verdict};
use crate::report::packets::{Namer, ports, side_text};
use crate::report::phrases::{Places, assumed, counted, either, listed, number, place, wrapped};
use crate::rules::notation::SideText;
use crate::sets::{Count, ProtocolSet, address_count, thousands};
use crate::walk::{Decider, Part};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// How many tags have a line of their own.
const TAGS_SHOWN: usize = 12;
/// How many lines of exact parts of each verdict are shown.
const PARTS_SHOWN: usize = 8;
/// How many lines of one decider are shown.
const LINES_OF_ONE: usize = 3;
/// How many lines tell which part of a class is open.
const LINES_OF_CLASS: usize = 3;
/// How many classes are named in the sentence.
const CLASSES_SPOKEN: usize = 6;

/// Writes the text of `reach`. `ground` is what the whole run takes for granted, `tags` the list that the answer
/// rests on.
///
/// # Errors
/// Those of the writer.
pub fn reach(
    answer: &ReachAnswer,
    ground: &[Assumption],
    options: &TextOptions,
    tags: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = Paint(options.color);
    for line in wrapped(&capital(&sentence(answer)), WIDTH) {
        writeln!(out, "{}", paint.put(Hue::Head, &line))?;
    }
    if options.quiet {
        return Ok(());
    }
    let subject = capital(&subject(answer));
    writeln!(out, "\n{subject}, asked of {} ({tags}):", answer.origin.file)?;
    let origins =
        answer.parts.iter().flat_map(|part| part.outcome.candidates()).map(|decider| &decider.origin);
    let mut page = Page {
        answer,
        options,
        paint,
        places: Places::below(&answer.origin, origins),
        namer: Namer::new(&answer.words),
    };
    if !answer.rows.is_empty() {
        page.classes(out)?;
    }
    if answer.rows.is_empty() || options.whole() {
        if !answer.rows.is_empty() {
            writeln!(out, "\nThe exact parts:")?;
        }
        page.exact_parts(out)?;
    }
    examples(answer, paint, out)?;
    below(&answer.unknowns, ground.iter().chain(&answer.assumptions), paint, out)
}

/// Below the sentence: how, where and in what words.
struct Page<'a> {
    answer: &'a ReachAnswer,
    options: &'a TextOptions,
    paint: Paint,
    places: Places<'a>,
    namer: Namer<'a>,
}

impl Page<'_> {
    fn classes(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let (shown, left_out) = shown_rows(&self.answer.rows, self.options);
        let rows: Vec<(Vec<Cell>, Vec<Vec<Cell>>)> =
            shown.iter().map(|row| (self.class_row(row), self.class_lines(row))).collect();
        let columns = Columns::fit(rows.iter().map(|(row, _)| row), 45);
        let below = Columns::fit(rows.iter().flat_map(|(_, lines)| lines), 70);
        for (row, lines) in &rows {
            writeln!(out, "  {}", columns.line(row, self.paint))?;
            for line in lines {
                writeln!(out, "      {}", below.line(line, self.paint))?;
            }
        }
        if !left_out.is_empty() {
            let text = format!("and {}: --all lists them", tally(&left_out));
            writeln!(out, "  {}", self.paint.put(Hue::Dim, &text))?;
        }
        Ok(())
    }

    fn class_row(&self, row: &ReachRow) -> Vec<Cell> {
        let word = if self.answer.question.direction == Direction::Inbound { "from" } else { "to" };
        let hue = hue_of(row.verdict);
        let deciders = deciders(row, self.answer);
        let count = match row.verdict {
            _ if !row.is_counted() => String::new(),
            Verdict::Partial => ratio(&row.share.allowed, &row.share.total),
            _ => address_count(&row.share.total),
        };
        vec![
            plain(format!("{word} {}", class_name(&row.class))),
            cell(share_word(row.verdict), hue),
            plain(count),
            plain(by(&deciders, if row.verdict == Verdict::Unknown { "or" } else { "and" })),
            cell(deciders.first().map(|decider| self.places.of(decider)).unwrap_or_default(), Hue::Dim),
        ]
    }

    /// Which part of a class is open, where only a part is.
    fn class_lines(&mut self, row: &ReachRow) -> Vec<Vec<Cell>> {
        if row.verdict != Verdict::Partial {
            return Vec::new();
        }
        let open = self.answer.parts_of(row, |verdict| verdict != Verdict::Blocked);
        let most = if self.options.whole() { usize::MAX } else { LINES_OF_CLASS };
        let (mut lines, left_out) = self.part_rows(open.iter(), most);
        if left_out > 0 {
            lines.push(vec![cell("", Hue::Dim), cell(format!("and {} more", number(left_out)), Hue::Dim)]);
        }
        lines
    }

    fn exact_parts(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let most = if self.options.whole() { usize::MAX } else { PARTS_SHOWN };
        let answer = self.answer;
        let groups = [Verdict::Allowed, Verdict::Unknown, Verdict::Blocked].map(|verdict| {
            self.part_rows(answer.parts.iter().filter(|part| part.verdict() == verdict), most)
        });
        let columns = Columns::fit(groups.iter().flat_map(|(rows, _)| rows), 70);
        for (rows, left_out) in &groups {
            for row in rows {
                writeln!(out, "  {}", columns.line(row, self.paint))?;
            }
            if *left_out > 0 {
                let count = counted(*left_out, "smaller part", "smaller parts");
                let text = format!("and {count}: --all lists them");
                writeln!(out, "  {}", self.paint.put(Hue::Dim, &text))?;
            }
        }
        Ok(())
    }

    /// Lines for parts, the largest first, and how many parts or boxes of parts were left out.
    fn part_rows<'p>(
        &mut self,
        parts: impl Iterator<Item = &'p Part>,
        most: usize,
    ) -> (Vec<Vec<Cell>>, usize) {
        let whole = self.options.whole();
        let (nets, of_one) = if whole { (usize::MAX, usize::MAX) } else { (3, LINES_OF_ONE) };
        let mut sized: Vec<(Count, &Part)> = parts.map(|part| (part.packets.size(), part)).collect();
        sized.sort_by(|(a, _), (b, _)| b.cmp(a));
        let mut rows = Vec::new();
        let mut left_out = 0;
        for (_, part) in sized {
            if rows.len() >= most {
                left_out += 1;
                continue;
            }
            let word = match part.verdict() {
                Verdict::Allowed => "open",
                Verdict::Blocked => "closed",
                _ => "unknown",
            };
            let candidates = part.outcome.candidates();
            let place = candidates.first().map(|first| self.places.of(first)).unwrap_or_default();
            let (texts, more) = self.namer.largest(&part.packets, of_one.min(most - rows.len()));
            left_out += more;
            rows.extend(texts.iter().map(|text| {
                vec![
                    cell(word, hue_of(part.verdict())),
                    plain(text.line(nets)),
                    plain(either(candidates)),
                    cell(place.clone(), Hue::Dim),
                ]
            }));
        }
        (rows, left_out)
    }
}

/// The answer as a sentence: `Tcp 3443 is reachable in apim from ApiManagement, and from nowhere else.`
fn sentence(answer: &ReachAnswer) -> String {
    let what = traffic(answer);
    let inbound = answer.question.direction == Direction::Inbound;
    let own = own_name(answer);
    if let Some(remote) = remote_side(answer) {
        let remote = spelled(remote, inbound);
        let (set, way) = match inbound {
            true => (format!("{what} from {remote}"), format!("let into {own}")),
            false => (format!("{what} from {own} to {remote}"), "let out".to_owned()),
        };
        return match answer.verdict {
            Verdict::Allowed => format!("All {set} is {way}."),
            Verdict::Blocked => format!("No {set} is {way}."),
            Verdict::Partial => format!(
                "Some {set} is {way}, some is not: packets of {}{} get through.",
                if answer.share.allowed == answer.share.total { "all " } else { "" },
                ratio(&answer.share.allowed, &answer.share.total)
            ),
            _ => format!("It is not known whether {set} is {way}."),
        };
    }
    let (verb, from, anywhere, everywhere, nowhere) = match inbound {
        true => (
            format!("{what} is reachable in {own}"),
            "from ",
            "from anywhere",
            "from everywhere",
            "from nowhere else",
        ),
        false => {
            (format!("{what} gets out of {own}"), "to ", "to anywhere", "to everywhere", "to nowhere else")
        }
    };
    match answer.verdict {
        Verdict::Allowed => return format!("{verb} {everywhere}."),
        Verdict::Blocked => {
            let not = if inbound { "is not reachable in" } else { "does not get out of" };
            return format!("{what} {not} {own} {anywhere}.");
        }
        _ => {}
    }
    let named = |verdict| spoken(&answer.rows, verdict);
    let mut clauses: Vec<String> = Vec::new();
    clauses.extend(named(Verdict::Allowed).map(|names| format!("{from}{names}")));
    clauses.extend(named(Verdict::Partial).map(|names| format!("in part {from}{names}")));
    let rest = named(Verdict::Blocked);
    match (clauses.is_empty(), named(Verdict::Unknown)) {
        (true, Some(unknown)) => {
            let rest = rest.map(|_| format!("; {nowhere} it is")).unwrap_or_default();
            format!("Whether {verb} {from}{unknown} is not known{rest}.")
        }
        (_, Some(unknown)) => {
            format!("{verb} {}; whether {from}{unknown} too is not known.", clauses.join(", "))
        }
        (_, None) => {
            let rest = rest.map(|_| format!(", and {nowhere}")).unwrap_or_default();
            format!("{verb} {}{rest}.", clauses.join(", "))
        }
    }
}

/// The classes of a verdict by name; tags beyond a few are counted.
fn spoken(rows: &[ReachRow], verdict: Verdict) -> Option<String> {
    let mut names: Vec<String> =
        rows.iter().filter(|row| row.verdict == verdict).map(|row| class_name(&row.class)).collect();
    if names.len() > CLASSES_SPOKEN {
        let more = names.len() - (CLASSES_SPOKEN - 1);
        names.truncate(CLASSES_SPOKEN - 1);
        names.push(counted(more, "more class", "more classes"));
    }
    (!names.is_empty()).then(|| listed(&names))
}

fn class_name(class: &Class) -> String {
    match class {
        Class::Tag(name) => name.clone(),
        Class::PlatformServices => "the platform's own services".to_owned(),
        Class::Named => "other addresses that rules name".to_owned(),
        Class::RestOfInternet => "the rest of the Internet".to_owned(),
        Class::Other => "every other address".to_owned(),
    }
}

/// Protocols and ports: `Tcp 80,443`, `Tcp of every port`, `Icmp`, `Tcp and Udp traffic to port 443`.
fn traffic(answer: &ReachAnswer) -> String {
    let asked = &answer.question;
    let has_ports = !asked.protocols.intersection(ProtocolSet::with_ports()).is_empty();
    let is_one = asked.protocols.size() == 1;
    let list = ports(&asked.ports);
    let ports = match (list.len() > 1 || list.iter().any(|range| range.contains('-')), is_one) {
        (_, true) => list.join(","),
        (true, _) => format!("to ports {}", list.join(",")),
        (false, _) => format!("to port {}", list.join(",")),
    };
    let names: Vec<String> = asked.protocols.iter().map(|protocol| protocol.to_string()).collect();
    let what = match () {
        () if asked.protocols.is_all() => "traffic".to_owned(),
        () if is_one => listed(&names),
        () => format!("{} traffic", listed(&names)),
    };
    match (has_ports, asked.ports.is_all()) {
        (true, false) => format!("{what} {ports}"),
        (true, true) if !asked.protocols.is_all() => format!("{what} of every port"),
        _ => what,
    }
}

/// The text with its first letter as a sentence begins.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}

/// `Tcp 3443 into apim (10.0.1.0/24)`.
fn subject(answer: &ReachAnswer) -> String {
    let what = traffic(answer);
    let own = own_name(answer);
    let prefixes = side_text(&answer.own, &answer.words.without_local(), 2);
    let own = if prefixes == own { own } else { format!("{own} ({prefixes})") };
    let inbound = answer.question.direction == Direction::Inbound;
    let remote = remote_side(answer).map(|side| spelled(side, inbound));
    match (answer.question.direction, remote) {
        (Direction::Inbound, None) => format!("{what} into {own}"),
        (Direction::Inbound, Some(remote)) => format!("{what} from {remote} into {own}"),
        (Direction::Outbound, None) => format!("{what} out of {own}"),
        (Direction::Outbound, Some(remote)) => format!("{what} out of {own} to {remote}"),
    }
}

fn remote_side(answer: &ReachAnswer) -> Option<&SideText> {
    match answer.question.direction {
        Direction::Inbound => answer.question.from.as_ref(),
        Direction::Outbound => answer.question.to.as_ref(),
    }
}

/// The own side as it was asked, else the subnet's name.
fn own_name(answer: &ReachAnswer) -> String {
    let (asked, opens) = match answer.question.direction {
        Direction::Inbound => (&answer.question.to, false),
        Direction::Outbound => (&answer.question.from, true),
    };
    match asked {
        Some(side) => spelled(side, opens),
        None => answer.place.rsplit('/').next().unwrap_or_default().to_owned(),
    }
}

/// A side as it was asked. Ports of the side that opens the connection stand nowhere else; those of the side
/// that is asked stand with the protocol.
fn spelled(side: &SideText, opens: bool) -> String {
    let ports = side.ports.clone().filter(|ports| opens && !ports.iter().any(|range| range.is_all()));
    let all = ports.is_none();
    let text = SideText { ports, ..side.clone() }.to_string();
    if all { text.trim_end_matches(":*").to_owned() } else { text }
}

/// `25 of 2,009 addresses`.
fn ratio(allowed: &Count, total: &Count) -> String {
    if allowed == total {
        address_count(total)
    } else {
        format!("{} of {}", thousands(allowed), address_count(total))
    }
}

/// `80 more tags (75 none, 5 all)`.
fn tally(rows: &[&ReachRow]) -> String {
    let words = [Verdict::Allowed, Verdict::Partial, Verdict::Blocked, Verdict::Unknown].into_iter();
    let counts = words.filter_map(|verdict| {
        let count = rows.iter().filter(|row| row.verdict == verdict).count();
        (count > 0).then(|| format!("{} {}", number(count), share_word(verdict)))
    });
    let counts: Vec<String> = counts.collect();
    format!("{} ({})", counted(rows.len(), "more tag", "more tags"), counts.join(", "))
}

/// Tags beyond a number are left out: what is open comes first, then the larger. The order stays.
fn shown_rows<'a>(rows: &'a [ReachRow], options: &TextOptions) -> (Vec<&'a ReachRow>, Vec<&'a ReachRow>) {
    let mut tags: Vec<&ReachRow> =
        rows.iter().filter(|row| matches!(&row.class, Class::Tag(name) if !is_special(name))).collect();
    if options.whole() || tags.len() <= TAGS_SHOWN + 1 {
        return (rows.iter().collect(), Vec::new());
    }
    tags.sort_by(|a, b| {
        let rank =
            |row: &ReachRow| (row.verdict == Verdict::Blocked, std::cmp::Reverse(row.share.total.clone()));
        rank(a).cmp(&rank(b))
    });
    let left_out: Vec<&ReachRow> = tags.split_off(TAGS_SHOWN);
    let shown = rows.iter().filter(|row| !left_out.iter().any(|left| std::ptr::eq(*left, *row))).collect();
    (shown, left_out)
}

fn is_special(name: &str) -> bool {
    crate::tags::SpecialTag::recognise(name).is_some()
}

fn share_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allowed => "all",
        Verdict::Partial => "some",
        Verdict::Blocked => "none",
        _ => "unknown",
    }
}

/// What decides the verdict of a class: of a class that is open in part, what opens it.
fn deciders<'a>(row: &ReachRow, answer: &'a ReachAnswer) -> Vec<&'a Decider> {
    let wanted = if row.verdict == Verdict::Partial { Verdict::Allowed } else { row.verdict };
    let mut found: Vec<&Decider> = Vec::new();
    let mut known: BTreeSet<&Decider> = BTreeSet::new();
    let parts = row.parts.iter().map(|place| &answer.parts[*place]);
    for part in parts.filter(|part| part.verdict() == wanted) {
        for decider in part.outcome.candidates() {
            if known.insert(decider) {
                found.push(decider);
            }
        }
    }
    found
}

/// `A (100), B (110) and 3 more`; `A (100) or B (110)` where the input does not settle which.
fn by(deciders: &[&Decider], word: &str) -> String {
    match deciders {
        [first, second, rest @ ..] if rest.len() > 1 => {
            format!("{first}, {second} {word} {} more", number(rest.len()))
        }
        [first @ .., last] if !first.is_empty() => {
            let first: Vec<String> = first.iter().map(ToString::to_string).collect();
            format!("{} {word} {last}", first.join(", "))
        }
        few => few.iter().map(ToString::to_string).collect(),
    }
}

fn examples(answer: &ReachAnswer, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let witnesses =
        [&answer.allowed, &answer.blocked, &answer.unknown].into_iter().flatten().collect::<Vec<_>>();
    let rows: Vec<Vec<Cell>> = witnesses
        .iter()
        .map(|witness| {
            let verdict = witness.verdict;
            vec![cell(verdict.as_str(), hue_of(verdict)), plain(witness.to_string())]
        })
        .collect();
    let columns = Columns::fit(&rows, WIDTH);
    for row in &rows {
        writeln!(out, "  for example  {}", columns.line(row, paint))?;
    }
    Ok(())
}

/// What is missing, and what was taken for granted.
pub(super) fn below<'a>(
    unknowns: &[Gap],
    assumptions: impl Iterator<Item = &'a Assumption>,
    paint: Paint,
    out: &mut dyn Write,
) -> io::Result<()> {
    for gap in unknowns {
        hangs_on(gap, paint, out)?;
    }
    for assumption in assumptions {
        for (line, text) in wrapped(&assumed(assumption), WIDTH).iter().enumerate() {
            let head = if line == 0 { "taken for granted: " } else { "                   " };
            writeln!(out, "  {head}{}", paint.put(Hue::Dim, text))?;
        }
    }
    Ok(())
}

fn hangs_on(gap: &Gap, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let at = gap.origin().map(|origin| format!("  {}", place(origin))).unwrap_or_default();
    writeln!(out, "  hangs on {}{}", gap.missing(), paint.put(Hue::Dim, &at))?;
    match gap.supply() {
        Some(supply) => writeln!(out, "  supply it: {supply}"),
        None => Ok(()),
    }
}
