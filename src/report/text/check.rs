//! Text of `check`: each location with its flows, then what else was found, then the summary.

use super::TextOptions;
use super::details::{concerns, is_of_place, is_of_row, lines};
use super::findings;
use super::flow_line::{Footnotes, Rank, cells};
use super::paint::{Cell, Columns, Hue, Paint};
use crate::analyses::{CheckAnswer, FlowAnswer, InstanceAnswer};
use crate::finding::Finding;
use crate::flows::{LocationKind, Need};
use crate::model::{Assumption, Gap, Mode, Origin, Verdict};
use crate::report::phrases::{Places, assumed, counted, listed, number, place, region_name, wrapped};
use crate::walk::Part;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Writes the text of `check`; `tags_line` names the service tag list, as [`crate::report::tags_line`] does.
///
/// # Errors
/// Those of the writer.
pub fn check(
    answer: &CheckAnswer,
    options: &TextOptions,
    tags_line: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = Paint(options.color);
    let below = BelowFlows::of(answer, options);
    for some in answer.instances.chunks(AT_ONCE) {
        let text = |instance: &InstanceAnswer| {
            let mut text = Vec::new();
            location(instance, &below, options, &mut text).map(|()| text)
        };
        // For a single one threads are not worth starting.
        let texts: Vec<io::Result<Vec<u8>>> = if some.len() < 2 {
            some.iter().map(text).collect()
        } else {
            some.par_iter().map(text).collect()
        };
        texts.into_iter().try_for_each(|text| out.write_all(&text?))?;
    }
    let rest = answer.findings.iter().zip(&below.told);
    let rest = rest.filter(|(_, told)| !told.load(Ordering::Relaxed)).map(|(finding, _)| finding);
    findings::write(rest, options, out)?;
    if !options.quiet {
        assumptions(answer, options, paint, out)?;
    }
    writeln!(out, "{}", summary(answer, tags_line))
}

/// How many locations are worded before they are written.
const AT_ONCE: usize = 256;

/// The findings that are told below a flow, and which of all have been told.
struct BelowFlows<'a> {
    findings: &'a [Finding],
    told: Vec<AtomicBool>,
    /// The places of those that may concern a flow: by the flow's row, and by their own place.
    by_row: BTreeMap<&'static str, Vec<usize>>,
    by_origin: BTreeMap<&'a Origin, Vec<usize>>,
    /// By finding, the flow that tells it: a slip in one rule is told once, however many locations have the row.
    first: Vec<Option<&'a FlowAnswer>>,
}

/// Whether findings are told below a flow that is printed. A slip that hurts nothing yet stands among the others.
fn tells(flow: &FlowAnswer, options: &TextOptions) -> bool {
    flow.verdict != Verdict::Allowed && Rank::of(flow).is_shown(options.all, options.quiet)
}

impl<'a> BelowFlows<'a> {
    fn of(answer: &'a CheckAnswer, options: &TextOptions) -> Self {
        let findings = &answer.findings[..];
        let places = |wanted: fn(&Finding) -> bool| {
            findings.iter().enumerate().filter(move |(_, finding)| wanted(finding))
        };
        let mut by_origin: BTreeMap<&Origin, Vec<usize>> = BTreeMap::new();
        for (at, finding) in places(is_of_place) {
            by_origin.entry(&finding.origin).or_default().push(at);
        }
        let slips: Vec<(usize, &Finding)> = places(is_of_row).collect();
        let mut by_row: BTreeMap<&'static str, Vec<usize>> = BTreeMap::new();
        for flow in answer.instances.iter().flat_map(|instance| &instance.flows) {
            by_row.entry(flow.row.id).or_insert_with(|| {
                slips.iter().filter(|(_, slip)| concerns(slip, flow)).map(|(at, _)| *at).collect()
            });
        }
        let told = findings.iter().map(|_| AtomicBool::new(false)).collect();
        let mut first: Vec<Option<&FlowAnswer>> = vec![None; findings.len()];
        let flows = answer.instances.iter().flat_map(|instance| &instance.flows);
        for flow in flows.filter(|flow| tells(flow, options)) {
            for at in by_row.get(flow.row.id).into_iter().flatten() {
                first[*at].get_or_insert(flow);
            }
        }
        Self { findings, told, by_row, by_origin, first }
    }

    /// The findings that concern a flow, in their order.
    fn tell(&self, flow: &FlowAnswer) -> Vec<&'a Finding> {
        let Self { findings, told, by_row, by_origin, first } = self;
        let is_first = |at: &&usize| first[**at].is_some_and(|first| std::ptr::eq(first, flow));
        let of_row = by_row.get(flow.row.id).into_iter().flatten().filter(is_first);
        let of_place = by_origin.get(&flow.origin).into_iter().flatten();
        let mut places: Vec<usize> =
            of_row.chain(of_place).copied().filter(|at| concerns(&findings[*at], flow)).collect();
        places.sort_unstable();
        places.iter().for_each(|at| told[*at].store(true, Ordering::Relaxed));
        places.into_iter().map(|at| &findings[at]).collect()
    }
}

fn location(
    instance: &InstanceAnswer,
    below: &BelowFlows<'_>,
    options: &TextOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = Paint(options.color);
    writeln!(out, "{}", head(instance, paint))?;
    if instance.mode == Mode::None || instance.subnet.is_none() {
        writeln!(out, "   not in a virtual network: there is no network security group to check")?;
        if !options.all {
            return writeln!(out);
        }
    }
    let mut flows: Vec<&FlowAnswer> =
        instance.flows.iter().filter(|flow| Rank::of(flow).is_shown(options.all, options.quiet)).collect();
    flows.sort_by_key(|flow| Rank::of(flow));
    if !flows.is_empty() {
        writeln!(out)?;
    }
    let places = Places::below(&instance.origin, flows.iter().flat_map(|flow| origins(flow)));
    let mut footnotes = Footnotes::default();
    let rows: Vec<Vec<Cell>> =
        flows.iter().map(|flow| cells(instance, flow, &places, &mut footnotes)).collect();
    let columns = Columns::fit(&rows, 52);
    for (flow, row) in flows.iter().zip(&rows) {
        writeln!(out, "{}", columns.line(row, paint))?;
        let of_flow = if tells(flow, options) { below.tell(flow) } else { Vec::new() };
        for line in lines(instance, flow, &of_flow, &places, options, paint) {
            writeln!(out, "{line}")?;
        }
    }
    footnotes.write(&places, paint, out)?;
    writeln!(out)
}

/// Every place that the lines of a flow may name.
fn origins(flow: &FlowAnswer) -> impl Iterator<Item = &Origin> {
    let deciders =
        flow.parts.iter().flat_map(|part| part.outcome.candidates()).map(|decider| &decider.origin);
    let gaps = flow.unknowns.iter().filter_map(Gap::origin);
    deciders.chain(gaps).chain(std::iter::once(&flow.origin))
}

/// `apim-contoso   external, Premium, West Europe   subnet hub/apim 10.0.1.0/24   nsg apim-nsg   main.json:41`
fn head(instance: &InstanceAnswer, paint: Paint) -> String {
    let region = instance.region.known().map_or_else(|| "region not known".to_owned(), region_name);
    let mode = match instance.mode {
        Mode::None => "no network".to_owned(),
        mode => mode.to_string(),
    };
    let added = match instance.location {
        LocationKind::Primary => "",
        LocationKind::Added => ", added location",
    };
    let mut words =
        vec![paint.put(Hue::Head, &instance.name), format!("{mode}, {}, {region}{added}", instance.tier)];
    if let Some(subnet) = &instance.subnet {
        let prefixes = match instance.prefixes.is_empty() {
            true => "(prefix not known)".to_owned(),
            false => instance.prefixes.join(" "),
        };
        words.push(format!("subnet {subnet} {prefixes}"));
        words.push(group(instance));
    }
    words.push(paint.put(Hue::Dim, &place(&instance.origin)));
    words.join("   ")
}

fn group(instance: &InstanceAnswer) -> String {
    if let Some(name) = &instance.nsg {
        return format!("nsg {name}");
    }
    let step = |part: &Part| part.outcome.layers.iter().any(|step| step.layer == crate::model::Layer::NoNsg);
    let asks = |flow: &&FlowAnswer| flow.row.need == Need::Nsg && flow.verdict == Verdict::Blocked;
    let none = instance.flows.iter().any(|flow| flow.parts.iter().any(step))
        || instance.flows.iter().any(|flow| asks(&flow));
    if none { "no nsg".to_owned() } else { "nsg not known".to_owned() }
}

/// What the answers rest on: that of locations, and of flows that are printed.
fn assumptions(
    answer: &CheckAnswer,
    options: &TextOptions,
    paint: Paint,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut all: Vec<(&Assumption, Vec<&str>)> = Vec::new();
    let mut places: BTreeMap<&Assumption, usize> = BTreeMap::new();
    let mut add = |assumption, flow: Option<&'static str>| {
        let at = *places.entry(assumption).or_insert_with(|| {
            all.push((assumption, Vec::new()));
            all.len() - 1
        });
        let flows = &mut all[at].1;
        if let Some(flow) = flow.filter(|flow| !flows.contains(flow)) {
            flows.push(flow);
        }
    };
    for instance in &answer.instances {
        for assumption in &instance.assumptions {
            add(assumption, None);
        }
        let shown = instance.flows.iter().filter(|flow| Rank::of(flow).is_shown(options.all, options.quiet));
        for (flow, assumption) in shown.flat_map(|flow| flow.assumptions.iter().map(move |one| (flow, one))) {
            add(assumption, Some(flow.row.id));
        }
    }
    if all.is_empty() {
        return Ok(());
    }
    writeln!(out, "Taken for granted:")?;
    let most = if options.whole() { usize::MAX } else { 6 };
    for (assumption, flows) in all.iter().take(most) {
        let of = if flows.is_empty() { String::new() } else { format!(" ({})", listed(flows)) };
        for (at, line) in wrapped(&format!("{}{of}", assumed(assumption)), super::WIDTH).iter().enumerate() {
            writeln!(out, "   {} {}", if at == 0 { '-' } else { ' ' }, paint.put(Hue::Dim, line))?;
        }
    }
    if all.len() > most {
        writeln!(out, "   - {} more: --all lists them", number(all.len() - most))?;
    }
    writeln!(out)
}

/// `12 required flows: 9 allowed, 1 partial, 1 blocked, 1 unknown (service tags 376). ...`
fn summary(answer: &CheckAnswer, tags_line: &str) -> String {
    let summary = answer.summary();
    let counts = [
        (summary.allowed, "allowed"),
        (summary.partial, "partial"),
        (summary.blocked, "blocked"),
        (summary.unknown, "unknown"),
    ];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", number(*count)))
        .collect();
    let colon = if counts.is_empty() { "" } else { ": " };
    let mut text = format!(
        "{}{colon}{} ({tags_line}).",
        counted(summary.total(), "required flow", "required flows"),
        counts.join(", ")
    );
    let flows = || answer.instances.iter().flat_map(|instance| &instance.flows);
    let dead = flows().filter(|flow| flow.required && Rank::of(flow) == Rank::Dead).count();
    if dead > 0 {
        let dead = counted(dead, "allowed flow is dead", "allowed flows are dead");
        text.push_str(&format!(" {dead} all the same."));
    }
    let count =
        |ranks: &[Rank]| flows().filter(|flow| !flow.required && ranks.contains(&Rank::of(flow))).count();
    let weaker = [
        (count(&[Rank::BlockedWarning]), "blocked"),
        (count(&[Rank::PartialWarning]), "partial"),
        (count(&[Rank::UnknownWarning]), "unknown"),
    ];
    let weaker: Vec<String> = weaker
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", number(*count)))
        .collect();
    if !weaker.is_empty() {
        text.push_str(&format!(" Recommended or disputed: {}.", weaker.join(", ")));
    }
    let optional = count(&[Rank::OptionalBlocked, Rank::OptionalPartial]);
    if optional > 0 {
        let optional = counted(optional, "optional flow is", "optional flows are");
        text.push_str(&format!(" {optional} blocked: --all lists them."));
    }
    text
}
