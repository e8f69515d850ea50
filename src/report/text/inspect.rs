//! `inspect`: what each file is and holds, what it leaves open, what was not looked at.

use super::paint::{Cell, Columns, Hue, Paint, cell, plain};
use super::{TextOptions, WIDTH, findings};
use crate::finding::Finding;
use crate::model::Gap;
use crate::network::Counts;
use crate::report::Inspected;
use crate::report::phrases::{counted, listed, number, place, within, wrapped};
use crate::sources::{Content, Input, Inspection};
use std::cmp::Reverse;
use std::io::{self, Write};

/// How many unknowns of a file are printed unless everything is asked for.
const MOST: usize = 20;

/// Writes what was found in files.
///
/// # Errors
/// Those of the writer.
pub fn inspect(answer: &Inspected, options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { paint: Paint(options.color), options, out };
    for inspection in &answer.inspections {
        page.file(inspection)?;
    }
    page.sum(answer)
}

struct Page<'o, 'w> {
    paint: Paint,
    options: &'o TextOptions,
    out: &'w mut dyn Write,
}

impl Page<'_, '_> {
    fn file(&mut self, inspection: &Inspection) -> io::Result<()> {
        let kind = inspection.kind;
        writeln!(self.out, "{}   {}", self.paint.put(Hue::Head, &inspection.file), kind.described())?;
        match &inspection.content {
            Content::Network(input) => self.network(input)?,
            Content::Other(counts) => {
                let counts: Vec<String> = counts
                    .iter()
                    .map(|count| match count.number {
                        1 => format!("1 {}", count.what.strip_suffix('s').unwrap_or(&count.what)),
                        many => format!("{} {}", number(many), count.what),
                    })
                    .collect();
                self.lines("   ", &listed(&counts))?;
                self.lines("   no input of its own: ", kind.remedy())?;
            }
        }
        let ends_with_findings =
            matches!(&inspection.content, Content::Network(input) if !input.findings.is_empty());
        if ends_with_findings { Ok(()) } else { writeln!(self.out) }
    }

    fn network(&mut self, input: &Input) -> io::Result<()> {
        let of_types = |read: bool| {
            let types = input.types().into_iter().filter(move |count| count.read == read);
            types.map(|count| format!("{} {}", number(count.number), count.kind)).collect::<Vec<_>>()
        };
        let (read, other) = (of_types(true), of_types(false));
        let words = what_there_is(&input.network.counts()).unwrap_or_else(|| match &read[..] {
            [] => "nothing of a network".to_owned(),
            read => format!("nothing that stands without the rest of its network: {}", listed(read)),
        });
        self.lines("   ", &words)?;
        if self.options.whole() && !read.is_empty() {
            self.lines("   read from: ", &read.join(", "))?;
        }
        if !other.is_empty() {
            self.lines("   not looked at: ", &other.join(", "))?;
        }
        if input.dropped > 0 {
            let text = counted(
                input.dropped,
                "resource whose condition is false",
                "resources whose condition is false",
            );
            self.lines("   left out: ", &text)?;
        }
        if input.referred_to() > 0 {
            let text = counted(input.referred_to(), "resource", "resources");
            self.lines("   only referred to, and deployed by others: ", &text)?;
        }
        self.gaps(&input.file, "parameter without a value", "parameters without a value", &input.missing)?;
        let unknowns: Vec<Gap> =
            input.network.unknowns().into_iter().filter(|gap| !input.missing.contains(gap)).collect();
        self.gaps(&input.file, "thing is not settled", "things are not settled", &unknowns)?;
        if input.findings.is_empty() {
            return Ok(());
        }
        self.remarks(&input.findings)
    }

    /// What reading remarked, worst first. The reading of the file is the question, so notes belong to it.
    fn remarks(&mut self, findings: &[Finding]) -> io::Result<()> {
        writeln!(self.out, "   {}:", counted(findings.len(), "remark", "remarks"))?;
        let mut worst: Vec<&Finding> = findings.iter().collect();
        worst.sort_by_key(|finding| Reverse(finding.severity));
        let left = if self.options.whole() { 0 } else { worst.len().saturating_sub(MOST) };
        worst.truncate(worst.len() - left);
        findings::write(worst.into_iter(), &TextOptions { all: true, ..*self.options }, self.out)?;
        match left {
            0 => Ok(()),
            _ => writeln!(self.out, "   and {} more remarks: --verbose lists them\n", number(left)),
        }
    }

    /// Gaps as lines with place and what supplies them.
    fn gaps(&mut self, file: &str, one: &str, many: &str, gaps: &[Gap]) -> io::Result<()> {
        if gaps.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "   {}:", counted(gaps.len(), one, many))?;
        let shown = if self.options.whole() { gaps.len() } else { gaps.len().min(MOST) };
        let rows: Vec<Vec<Cell>> = gaps.iter().take(shown).map(|gap| row(file, gap)).collect();
        let columns = Columns::fit(&rows, 60);
        for row in &rows {
            writeln!(self.out, "{}", columns.line(row, self.paint))?;
        }
        if shown < gaps.len() {
            writeln!(self.out, "      and {} more: --verbose lists them", number(gaps.len() - shown))?;
        }
        Ok(())
    }

    fn lines(&mut self, head: &str, text: &str) -> io::Result<()> {
        for (index, line) in wrapped(text, WIDTH).iter().enumerate() {
            writeln!(self.out, "{}{line}", if index == 0 { head } else { "      " })?;
        }
        Ok(())
    }

    fn sum(&mut self, answer: &Inspected) -> io::Result<()> {
        let read = answer.inspections.iter().filter(|one| matches!(one.content, Content::Network(_))).count();
        let other = answer.inspections.len() - read;
        let mut parts = Vec::new();
        if read > 0 {
            parts.push(counted(read, "input", "inputs"));
        }
        if other > 0 {
            parts.push(counted(other, "file of another kind", "files of another kind"));
        }
        if !answer.refused.is_empty() {
            parts.push(counted(
                answer.refused.len(),
                "file that cannot be read",
                "files that cannot be read",
            ));
        }
        writeln!(self.out, "{}.", listed(&parts))
    }
}

/// The place, what is missing, what supplies it. The file stands in the head, so a place in it is a line.
fn row(file: &str, gap: &Gap) -> Vec<Cell> {
    let at = match gap.origin() {
        Some(origin) if &*origin.file == file => {
            format!("line {}{}", origin.line, within(origin))
        }
        origin => origin.map(place).unwrap_or_default(),
    };
    vec![
        plain("     "),
        cell(at, Hue::Dim),
        plain(gap.missing()),
        cell(gap.supply().map(|supply| format!("supply it: {supply}")).unwrap_or_default(), Hue::Dim),
    ]
}

/// `1 virtual network, 2 subnets and 1 network security group with 12 rules`; nothing where all counts are zero.
fn what_there_is(counts: &Counts) -> Option<String> {
    let with = |holder: String, count: usize, one: &str, many: &str| match count {
        0 => holder,
        _ => format!("{holder} with {}", counted(count, one, many)),
    };
    let groups = counted(counts.security_groups, "network security group", "network security groups");
    let tables = counted(counts.route_tables, "route table", "route tables");
    let words = [
        (counts.virtual_networks, counted(counts.virtual_networks, "virtual network", "virtual networks")),
        (counts.subnets, counted(counts.subnets, "subnet", "subnets")),
        (counts.peerings, counted(counts.peerings, "peering", "peerings")),
        (counts.security_groups, with(groups, counts.rules, "rule", "rules")),
        (counts.route_tables, with(tables, counts.routes, "route", "routes")),
        (
            counts.application_groups,
            counted(counts.application_groups, "application security group", "application security groups"),
        ),
        (counts.interfaces, counted(counts.interfaces, "network interface", "network interfaces")),
        (
            counts.private_endpoints,
            counted(counts.private_endpoints, "private endpoint", "private endpoints"),
        ),
        (counts.gateways, counted(counts.gateways, "gateway", "gateways")),
        (counts.instances, counted(counts.instances, "API Management instance", "API Management instances")),
        (counts.effective_routes, counted(counts.effective_routes, "route in force", "routes in force")),
        (
            counts.admin_rules,
            counted(counts.admin_rules, "rule of a network manager", "rules of network managers"),
        ),
        (
            counts.endpoints,
            counted(counts.endpoints, "endpoint with its status", "endpoints with their status"),
        ),
    ];
    let words: Vec<String> =
        words.into_iter().filter(|(count, _)| *count > 0).map(|(_, words)| words).collect();
    (!words.is_empty()).then(|| listed(&words))
}
