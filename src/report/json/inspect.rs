//! `flowcheck/inspect/1`: what each file is and holds.

use super::shapes::{FindingShape, GapShape};
use super::{Head, write};
use crate::model::Gap;
use crate::network::Counts;
use crate::report::Inspected;
use crate::sources::{Content, Inspection};
use serde::Serialize;
use std::io::{self, Write};

/// Writes the document of `inspect`.
///
/// # Errors
/// Those of the writer.
pub fn inspect(answer: &Inspected, head: &Head, out: &mut dyn Write) -> io::Result<()> {
    let gaps: Vec<(Vec<Gap>, Vec<Gap>)> = answer.inspections.iter().map(gaps_of).collect();
    let body = Body {
        files: answer.inspections.iter().zip(&gaps).map(|(one, gaps)| FileShape::of(one, gaps)).collect(),
        refused: answer
            .refused
            .iter()
            .map(|refused| RefusedShape { file: &refused.file, reason: &refused.reason })
            .collect(),
    };
    write("inspect", head, std::iter::empty(), body, out)
}

/// The parameters without a value, and what else is not settled.
fn gaps_of(inspection: &Inspection) -> (Vec<Gap>, Vec<Gap>) {
    match &inspection.content {
        Content::Network(input) => (input.missing.clone(), input.network.unknowns()),
        Content::Other(_) => (Vec::new(), Vec::new()),
    }
}

#[derive(Serialize)]
struct Body<'a> {
    files: Vec<FileShape<'a>>,
    refused: Vec<RefusedShape<'a>>,
}

#[derive(Serialize)]
struct RefusedShape<'a> {
    file: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct FileShape<'a> {
    file: &'a str,
    kind: &'static str,
    counts: Option<CountsShape>,
    other_counts: Vec<OtherCount<'a>>,
    resources: Vec<TypeShape>,
    left_out: usize,
    referred_to: usize,
    missing: Vec<GapShape<'a>>,
    unknowns: Vec<GapShape<'a>>,
    findings: Vec<FindingShape<'a>>,
    remedy: Option<&'static str>,
}

impl<'a> FileShape<'a> {
    fn of(inspection: &'a Inspection, (missing, unknowns): &'a (Vec<Gap>, Vec<Gap>)) -> Self {
        let kind = inspection.kind;
        let mut shape = Self {
            file: &inspection.file,
            kind: kind.as_str(),
            counts: None,
            other_counts: Vec::new(),
            resources: Vec::new(),
            left_out: 0,
            referred_to: 0,
            missing: GapShape::all(missing),
            unknowns: GapShape::all(unknowns),
            findings: Vec::new(),
            remedy: None,
        };
        match &inspection.content {
            Content::Network(input) => {
                shape.counts = Some(CountsShape::of(&input.network.counts()));
                shape.resources = input
                    .types()
                    .into_iter()
                    .map(|count| TypeShape { r#type: count.kind, count: count.number, read: count.read })
                    .collect();
                shape.left_out = input.dropped;
                shape.referred_to = input.referred_to();
                shape.findings = input.findings.iter().map(FindingShape::of).collect();
            }
            Content::Other(counts) => {
                shape.other_counts = counts
                    .iter()
                    .map(|count| OtherCount { what: &count.what, count: count.number })
                    .collect();
                shape.remedy = Some(kind.remedy());
            }
        }
        shape
    }
}

#[derive(Serialize)]
struct OtherCount<'a> {
    what: &'a str,
    count: usize,
}

#[derive(Serialize)]
struct TypeShape {
    r#type: String,
    count: usize,
    read: bool,
}

#[derive(Serialize)]
struct CountsShape {
    virtual_networks: usize,
    subnets: usize,
    peerings: usize,
    security_groups: usize,
    rules: usize,
    route_tables: usize,
    routes: usize,
    application_groups: usize,
    interfaces: usize,
    private_endpoints: usize,
    gateways: usize,
    instances: usize,
    effective_routes: usize,
    admin_rules: usize,
    endpoints: usize,
}

impl CountsShape {
    fn of(counts: &Counts) -> Self {
        Self {
            virtual_networks: counts.virtual_networks,
            subnets: counts.subnets,
            peerings: counts.peerings,
            security_groups: counts.security_groups,
            rules: counts.rules,
            route_tables: counts.route_tables,
            routes: counts.routes,
            application_groups: counts.application_groups,
            interfaces: counts.interfaces,
            private_endpoints: counts.private_endpoints,
            gateways: counts.gateways,
            instances: counts.instances,
            effective_routes: counts.effective_routes,
            admin_rules: counts.admin_rules,
            endpoints: counts.endpoints,
        }
    }
}
