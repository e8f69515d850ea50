//! `flowcheck/conform/1`: what differs between what is in force and an input, with both places.

use super::shapes::{FindingShape, GapShape, Number, OriginShape, word};
use super::{Head, write};
use crate::analyses::conform::{
    Compared, ConformAnswer, Difference, Explained, FieldDifference, Open, StatusRow, TagDifference,
};
use crate::report::ConformHead;
use serde::Serialize;
use std::io::{self, Write};

/// Writes the document of `conform`.
///
/// # Errors
/// Those of the writer.
pub fn conform(
    answer: &ConformAnswer,
    about: &ConformHead,
    head: &Head,
    out: &mut dyn Write,
) -> io::Result<()> {
    let body = Body {
        dump: &about.dump,
        input: &about.input,
        differences: answer.differences.iter().map(DifferenceShape::of).collect(),
        open: answer.open.iter().map(OpenShape::of).collect(),
        tags: answer.tags.iter().map(TagShape::of).collect(),
        endpoints: answer.status.iter().map(EndpointShape::of).collect(),
        routes: answer.routes.iter().map(RouteShape::of).collect(),
        findings: FindingShape::all(&about.findings),
        summary: SummaryShape::of(answer),
    };
    write("conform", head, answer.assumptions.iter(), body, out)
}

#[derive(Serialize)]
struct Body<'a> {
    dump: &'a str,
    input: &'a str,
    differences: Vec<DifferenceShape<'a>>,
    open: Vec<OpenShape<'a>>,
    tags: Vec<TagShape<'a>>,
    endpoints: Vec<EndpointShape<'a>>,
    routes: Vec<RouteShape<'a>>,
    findings: Vec<FindingShape<'a>>,
    summary: SummaryShape,
}

#[derive(Serialize)]
struct FieldShape<'a> {
    field: &'a str,
    in_force: &'a str,
    input: &'a str,
}

#[derive(Serialize)]
struct DifferenceShape<'a> {
    kind: &'static str,
    severity: &'static str,
    subject: &'a str,
    message: &'a str,
    fields: Vec<FieldShape<'a>>,
    in_force: Option<OriginShape<'a>>,
    input: Option<OriginShape<'a>>,
    hint: Option<&'a str>,
}

impl<'a> DifferenceShape<'a> {
    fn of(one: &'a Difference) -> Self {
        let field = |one: &'a FieldDifference| FieldShape {
            field: one.field,
            in_force: &one.in_force,
            input: &one.input,
        };
        Self {
            kind: one.kind.as_str(),
            severity: one.severity.as_str(),
            subject: &one.subject,
            message: &one.message,
            fields: one.fields.iter().map(field).collect(),
            in_force: one.in_force.as_ref().map(OriginShape::of),
            input: one.input.as_ref().map(OriginShape::of),
            hint: one.hint.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct OpenShape<'a> {
    subject: &'a str,
    unknowns: Vec<GapShape<'a>>,
}

impl<'a> OpenShape<'a> {
    fn of(one: &'a Open) -> Self {
        Self { subject: &one.subject, unknowns: GapShape::all(std::slice::from_ref(&one.gap)) }
    }
}

#[derive(Serialize)]
struct TagShape<'a> {
    tag: &'a str,
    against: &'static str,
    more: Number<'a>,
    less: Number<'a>,
    more_examples: Vec<String>,
    less_examples: Vec<String>,
}

impl<'a> TagShape<'a> {
    fn of(one: &'a TagDifference) -> Self {
        Self {
            tag: &one.tag,
            against: one.against,
            more: Number(&one.more),
            less: Number(&one.less),
            more_examples: one.more_examples.iter().map(word).collect(),
            less_examples: one.less_examples.iter().map(word).collect(),
        }
    }
}

#[derive(Serialize)]
struct FlowShape {
    id: &'static str,
    verdict: &'static str,
}

#[derive(Serialize)]
struct EndpointShape<'a> {
    location: Option<&'a str>,
    endpoint: &'a str,
    resource_type: &'a str,
    status: &'a str,
    flows: Vec<FlowShape>,
    agrees: Option<bool>,
    origin: OriginShape<'a>,
}

impl<'a> EndpointShape<'a> {
    fn of(one: &'a StatusRow) -> Self {
        let flow = |(id, verdict): &(&'static str, crate::model::Verdict)| FlowShape {
            id,
            verdict: verdict.as_str(),
        };
        Self {
            location: one.location.as_deref(),
            endpoint: &one.endpoint,
            resource_type: &one.resource_type,
            status: &one.status,
            flows: one.flows.iter().map(flow).collect(),
            agrees: one.agrees,
            origin: OriginShape::of(&one.origin),
        }
    }
}

#[derive(Serialize)]
struct RouteShape<'a> {
    source: &'a str,
    next_hop: &'a str,
    prefixes: usize,
    example: Option<String>,
    why: &'static str,
    origin: OriginShape<'a>,
}

impl<'a> RouteShape<'a> {
    fn of(one: &'a Explained) -> Self {
        Self {
            source: &one.source,
            next_hop: &one.next_hop,
            prefixes: one.prefixes,
            example: one.example.map(word),
            why: one.why,
            origin: OriginShape::of(&one.origin),
        }
    }
}

#[derive(Serialize)]
struct SummaryShape {
    groups: usize,
    rules: usize,
    tags: usize,
    routes: usize,
    endpoints: usize,
    groups_not_shown: usize,
    differences: usize,
    open: usize,
}

impl SummaryShape {
    fn of(answer: &ConformAnswer) -> Self {
        let Compared { groups, rules, tags, routes, endpoints, not_shown } = answer.compared;
        Self {
            groups,
            rules,
            tags,
            routes,
            endpoints,
            groups_not_shown: not_shown,
            differences: answer.differences.len(),
            open: answer.open.len(),
        }
    }
}
