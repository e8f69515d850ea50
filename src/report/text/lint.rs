//! Text of `lint`: findings, worst first, each about a rule's standing with the rules behind it; with
//! everything asked for each rule and what is left of it; then the summary.

use super::findings::{MOST, head, one};
use super::paint::{Cell, Columns, Hue, Paint, cell, plain};
use super::{TextOptions, WIDTH};
use crate::analyses::lint::{Kind, LintAnswer, LintFinding, RuleStanding};
use crate::finding::{Code, Severity};
use crate::model::{Direction, Gap};
use crate::report::phrases::{assumed, counted, listed, number, place, wrapped};
use crate::walk::Decider;
use std::cmp::Reverse;
use std::io::{self, Write};

/// How many rules of a cover are listed unless everything is asked for.
const RULES_LISTED: usize = 4;

/// Writes the text of `lint`; `tags_line` names the service tag list, as [`crate::report::tags_line`] does.
///
/// # Errors
/// Those of the writer.
pub fn lint(
    answer: &LintAnswer,
    options: &TextOptions,
    tags_line: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = Paint(options.color);
    let (mut shown, mut hidden): (Vec<&LintFinding>, Vec<&LintFinding>) =
        answer.findings.iter().partition(|found| is_shown(found, options));
    // Those of one code stand together, in order of their places.
    shown.sort_by_key(|found| (Reverse(found.finding.severity), found.finding.code));
    listing(answer, &shown, options, out)?;
    hidden.retain(|found| found.finding.severity == Severity::Note);
    let unsettled = if options.quiet { 0 } else { not_settled(answer, options, out)? };
    if !options.quiet {
        hidden_notes(&hidden, paint, out)?;
    }
    if !shown.is_empty() || unsettled > 0 || !hidden.is_empty() && !options.quiet {
        writeln!(out)?;
    }
    if options.all && !options.quiet {
        table(answer, paint, out)?;
    }
    if !options.quiet {
        assumptions(answer, options, paint, out)?;
    }
    writeln!(out, "{}", summary(answer, tags_line))
}

/// Notes that ask for nothing are counted, unless everything is asked for; a quiet listing has none.
fn is_shown(found: &LintFinding, options: &TextOptions) -> bool {
    match found.finding.severity {
        Severity::Error | Severity::Warning => true,
        Severity::Note if options.quiet => false,
        Severity::Note => {
            options.whole()
                || matches!(
                    found.finding.code,
                    Code::ShadowedRule | Code::RedundantRule | Code::PartlyShadowedRule | Code::DeadRule
                )
        }
    }
}

fn listing(
    answer: &LintAnswer,
    shown: &[&LintFinding],
    options: &TextOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = Paint(options.color);
    let heads: Vec<Vec<Cell>> = shown.iter().map(|found| head(&found.finding)).collect();
    let columns = Columns::fit(&heads, 60);
    let mut lines = shown.iter().zip(heads).peekable();
    let mut of_code = 0;
    while let Some((found, cells)) = lines.next() {
        of_code += 1;
        if of_code <= MOST || options.whole() {
            one(&found.finding, cells, &columns, paint, out)?;
            if let Some(standing) = &found.standing {
                details(answer, standing, options, out)?;
            }
        }
        let sort = |found: &LintFinding| (found.finding.severity, found.finding.code);
        if lines.peek().is_none_or(|(next, _)| sort(next) != sort(found)) {
            if of_code > MOST && !options.whole() {
                let more = number(of_code - MOST);
                writeln!(out, "     and {more} more of `{}`: --all lists them", found.finding.code)?;
            }
            of_code = 0;
        }
    }
    Ok(())
}

/// The rule, those before it or behind it, and a packet that it decides.
fn details(
    answer: &LintAnswer,
    standing: &RuleStanding,
    options: &TextOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    if options.quiet || standing.kind == Kind::RepeatsDefault && !options.verbose {
        return Ok(());
    }
    let paint = Paint(options.color);
    let mut rows = vec![vec![plain("the rule"), plain(standing.text.clone())]];
    let (label, others) = match standing.kind {
        Kind::Redundant | Kind::RepeatsDefault => ("behind it", &standing.heirs),
        _ => ("before it", &standing.cover),
    };
    let most = if options.whole() { usize::MAX } else { RULES_LISTED };
    for (at, other) in others.iter().take(most).enumerate() {
        let label = if at == 0 { label } else { "" };
        rows.push(vec![
            plain(label),
            plain(text_of(answer, other)),
            plain(other.to_string()),
            cell(place_beside(&standing.rule, other), Hue::Dim),
        ]);
    }
    let columns = Columns::fit(&rows, 70);
    for row in &rows {
        writeln!(out, "     {}", columns.line(row, paint))?;
    }
    if others.len() > most {
        let more = counted(others.len() - most, "more rule", "more rules");
        writeln!(out, "     and {more}: --all lists them")?;
    }
    if let Some(witness) =
        standing.witness.filter(|_| standing.kind == Kind::PartlyShadowed || options.verbose)
    {
        writeln!(out, "     still decides  {witness}")?;
    }
    if options.verbose
        && let Some(share) = &standing.share
    {
        let (decides, matches) = (counted_packets(&share.decides), counted_packets(&share.matches));
        writeln!(out, "     decides {decides} of {matches} packets")?;
    }
    Ok(())
}

/// A number of packets; what has more digits than people read is its power of ten.
fn counted_packets(count: &crate::sets::Count) -> String {
    let digits = count.to_string();
    if digits.len() > 15 { format!("10^{}", digits.len() - 1) } else { crate::sets::thousands(count) }
}

/// Where a rule stands that is named below another one: the file is told where it is another.
fn place_beside(rule: &Decider, other: &Decider) -> String {
    match (other.is_default(), other.origin.file == rule.origin.file) {
        (true, _) => "default".to_owned(),
        (false, true) => format!("line {}", other.origin.line),
        (false, false) => place(&other.origin),
    }
}

/// A custom rule in one line; a default rule by what it does.
fn text_of(answer: &LintAnswer, decider: &Decider) -> String {
    let same = |standing: &&RuleStanding| standing.rule == *decider;
    match answer.rules.iter().find(same) {
        Some(standing) => standing.text.clone(),
        None => decider.access.map(|access| access.to_string()).unwrap_or_default(),
    }
}

/// Rules of which nothing is said, and why. Returns how many there are.
fn not_settled(answer: &LintAnswer, options: &TextOptions, out: &mut dyn Write) -> io::Result<usize> {
    let paint = Paint(options.color);
    let open: Vec<&RuleStanding> =
        answer.rules.iter().filter(|standing| standing.kind == Kind::Unsettled).collect();
    let most = if options.whole() { usize::MAX } else { RULES_LISTED };
    let row = |standing: &&RuleStanding| {
        let missing = standing.unknowns.first().map_or("something that is not known", Gap::missing);
        let more = match standing.unknowns.len() {
            0 | 1 => String::new(),
            several => format!(" and {} more", number(several - 1)),
        };
        vec![
            cell(" ?", Hue::Doubt),
            plain(standing.rule.to_string()),
            cell(place(&standing.rule.origin), Hue::Dim),
            plain(format!("not settled: it hangs on {missing}{more}")),
        ]
    };
    let rows: Vec<Vec<Cell>> = open.iter().take(most).map(row).collect();
    let columns = Columns::fit(&rows, 60);
    for row in &rows {
        writeln!(out, "{}", columns.line(row, paint))?;
    }
    if open.len() > most {
        let more = counted(open.len() - most, "more rule is", "more rules are");
        writeln!(out, "     and {more} not settled: --all lists them")?;
    }
    Ok(open.len())
}

/// ` - 7 rules repeat the defaults, 2 notes of other kinds: --all lists them`.
fn hidden_notes(hidden: &[&LintFinding], paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    if hidden.is_empty() {
        return Ok(());
    }
    let repeats = hidden.iter().filter(|found| found.finding.code == Code::RepeatsDefault).count();
    let mut others: Vec<&str> = hidden
        .iter()
        .map(|found| found.finding.code)
        .filter(|code| *code != Code::RepeatsDefault)
        .map(Code::as_str)
        .collect();
    let count = others.len();
    others.sort_unstable();
    others.dedup();
    let mut words = Vec::new();
    if repeats > 0 {
        words.push(counted(repeats, "rule repeats the defaults", "rules repeat the defaults"));
    }
    if count > 0 {
        words.push(format!("{} of {}", counted(count, "note", "notes"), listed(&others)));
    }
    writeln!(out, "{} {}: --all lists them", paint.put(Hue::Dim, " -"), words.join(", "))
}

/// Each rule in the order in which rules are looked at, with what is left of it.
fn table(answer: &LintAnswer, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let of = |standing: &RuleStanding| (standing.rule.nsg.clone(), standing.direction);
    let mut groups: Vec<(Option<String>, Option<Direction>)> = Vec::new();
    for standing in &answer.rules {
        if !groups.contains(&of(standing)) {
            groups.push(of(standing));
        }
    }
    for group in groups {
        let (name, direction) = &group;
        let way = direction.map_or("direction not known", Direction::azure);
        writeln!(out, "{}   {way}", paint.put(Hue::Head, name.as_deref().unwrap_or_default()))?;
        let mut rules: Vec<&RuleStanding> =
            answer.rules.iter().filter(|standing| of(standing) == group).collect();
        rules.sort_by_key(|standing| standing.rule.priority);
        let row = |standing: &&RuleStanding| {
            let here =
                if standing.everywhere { String::new() } else { format!("at {}", listed(&standing.places)) };
            vec![
                plain(standing.text.clone()),
                plain(standing.rule.rule.clone().unwrap_or_default()),
                cell(what_is_left(standing), hue_of(standing.kind)),
                plain(here),
                cell(place(&standing.rule.origin), Hue::Dim),
            ]
        };
        let rows: Vec<Vec<Cell>> = rules.iter().map(row).collect();
        let columns = Columns::fit(&rows, 80);
        for row in &rows {
            writeln!(out, "   {}", columns.line(row, paint))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn hue_of(kind: Kind) -> Hue {
    match kind {
        Kind::Dead => Hue::Bad,
        Kind::Shadowed | Kind::PartlyShadowed | Kind::Unsettled => Hue::Doubt,
        Kind::Redundant | Kind::RepeatsDefault => Hue::Dim,
        Kind::Alive => Hue::Plain,
    }
}

fn what_is_left(standing: &RuleStanding) -> String {
    let share = standing.share.as_ref();
    let part = match &standing.left {
        Some(left) => format!("decides {left}"),
        None if share.is_some_and(|share| share.decides == share.matches) => "decides all of it".to_owned(),
        None => "decides what is left of it".to_owned(),
    };
    match standing.kind {
        Kind::Dead => "matches nothing".to_owned(),
        Kind::Shadowed => "decides nothing".to_owned(),
        Kind::PartlyShadowed | Kind::Alive => part,
        Kind::Redundant => "changes nothing".to_owned(),
        Kind::RepeatsDefault => "repeats the defaults".to_owned(),
        Kind::Unsettled => "not settled".to_owned(),
    }
}

fn assumptions(
    answer: &LintAnswer,
    options: &TextOptions,
    paint: Paint,
    out: &mut dyn Write,
) -> io::Result<()> {
    if answer.assumptions.is_empty() {
        return Ok(());
    }
    writeln!(out, "Taken for granted:")?;
    let most = if options.whole() { usize::MAX } else { 4 };
    for assumption in answer.assumptions.iter().take(most) {
        for (at, line) in wrapped(&assumed(assumption), WIDTH).iter().enumerate() {
            writeln!(out, "   {} {}", if at == 0 { '-' } else { ' ' }, paint.put(Hue::Dim, line))?;
        }
    }
    if answer.assumptions.len() > most {
        writeln!(out, "   - {} more: --all lists them", number(answer.assumptions.len() - most))?;
    }
    writeln!(out)
}

/// `23 rules of 2 groups: 1 shadowed, 2 redundant (service tags 376). Besides 1 error and 2 notes.`
fn summary(answer: &LintAnswer, tags_line: &str) -> String {
    let rules = counted(answer.rule_count, "rule", "rules");
    let groups = counted(answer.group_count, "group", "groups");
    let counts: Vec<String> = Kind::ALL
        .iter()
        .map(|kind| (answer.count(*kind), *kind))
        .filter(|(count, kind)| *count > 0 && *kind != Kind::Alive)
        .map(|(count, kind)| match kind {
            Kind::RepeatsDefault if count == 1 => "1 repeats the defaults".to_owned(),
            Kind::RepeatsDefault => format!("{} repeat the defaults", number(count)),
            Kind::Unsettled => format!("{} not settled", number(count)),
            kind => format!("{} {}", number(count), kind.as_str().replace('-', " ")),
        })
        .collect();
    let does = match (counts.is_empty(), answer.rule_count) {
        (_, 0) => String::new(),
        (true, 1) => ": it decides something of its own".to_owned(),
        (true, _) => ": each decides something of its own".to_owned(),
        (false, _) => format!(": {}", counts.join(", ")),
    };
    let mut text = format!("{rules} of {groups}{does} ({tags_line}).");
    let others = |severity| {
        answer
            .findings
            .iter()
            .filter(|found| found.standing.is_none() && found.finding.severity == severity)
            .count()
    };
    let besides: Vec<String> = [
        (others(Severity::Error), "error", "errors"),
        (others(Severity::Warning), "warning", "warnings"),
        (others(Severity::Note), "note", "notes"),
    ]
    .iter()
    .filter(|(count, ..)| *count > 0)
    .map(|(count, one, many)| counted(*count, one, many))
    .collect();
    if !besides.is_empty() {
        text.push_str(&format!(" Besides: {}.", besides.join(", ")));
    }
    text
}
