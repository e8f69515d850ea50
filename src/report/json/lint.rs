//! `flowcheck/lint/1`: findings, with the facts behind those about a rule's standing; every rule.

use super::shapes::{DeciderShape, FindingShape, GapShape, Number, word};
use super::{Head, write};
use crate::analyses::lint::{Kind, LintAnswer, PacketShare, RuleStanding};
use crate::model::Direction;
use serde::Serialize;
use std::io::{self, Write};

/// Writes the document of `lint`.
///
/// # Errors
/// Those of the writer.
pub fn lint(answer: &LintAnswer, head: &Head, out: &mut dyn Write) -> io::Result<()> {
    let body = Body {
        findings: answer
            .findings
            .iter()
            .map(|found| LintFindingShape {
                finding: FindingShape::of(&found.finding),
                standing: found.standing.as_ref().map(StandingShape::of),
            })
            .collect(),
        rules: answer.rules.iter().map(StandingShape::of).collect(),
        summary: SummaryShape::of(answer),
    };
    write("lint", head, answer.assumptions.iter(), body, out)
}

#[derive(Serialize)]
struct Body<'a> {
    findings: Vec<LintFindingShape<'a>>,
    rules: Vec<StandingShape<'a>>,
    summary: SummaryShape,
}

#[derive(Serialize)]
struct LintFindingShape<'a> {
    #[serde(flatten)]
    finding: FindingShape<'a>,
    standing: Option<StandingShape<'a>>,
}

#[derive(Serialize)]
struct ShareShape<'a> {
    decides: Number<'a>,
    matches: Number<'a>,
}

impl<'a> ShareShape<'a> {
    fn of(share: &'a PacketShare) -> Self {
        Self { decides: Number(&share.decides), matches: Number(&share.matches) }
    }
}

#[derive(Serialize)]
struct StandingShape<'a> {
    rule: DeciderShape<'a>,
    text: &'a str,
    direction: Option<&'static str>,
    standing: &'static str,
    places: &'a [String],
    everywhere: bool,
    share: Option<ShareShape<'a>>,
    left: Option<String>,
    cover: Vec<DeciderShape<'a>>,
    access_differs: Option<bool>,
    heirs: Vec<DeciderShape<'a>>,
    keep: Vec<DeciderShape<'a>>,
    unknowns: Vec<GapShape<'a>>,
    witness: Option<String>,
}

impl<'a> StandingShape<'a> {
    fn of(standing: &'a RuleStanding) -> Self {
        Self {
            rule: DeciderShape::of(&standing.rule),
            text: &standing.text,
            direction: standing.direction.map(Direction::as_str),
            standing: standing.kind.as_str(),
            places: &standing.places,
            everywhere: standing.everywhere,
            share: standing.share.as_ref().map(ShareShape::of),
            left: standing.left.as_ref().map(word),
            cover: DeciderShape::all(&standing.cover),
            access_differs: standing.access_differs,
            heirs: DeciderShape::all(&standing.heirs),
            keep: DeciderShape::all(&standing.keep),
            unknowns: GapShape::all(&standing.unknowns),
            witness: standing.witness.map(word),
        }
    }
}

#[derive(Serialize)]
struct SummaryShape {
    rules: usize,
    groups: usize,
    dead: usize,
    shadowed: usize,
    partly_shadowed: usize,
    redundant: usize,
    repeats_default: usize,
    unsettled: usize,
    alive: usize,
}

impl SummaryShape {
    fn of(answer: &LintAnswer) -> Self {
        Self {
            rules: answer.rule_count,
            groups: answer.group_count,
            dead: answer.count(Kind::Dead),
            shadowed: answer.count(Kind::Shadowed),
            partly_shadowed: answer.count(Kind::PartlyShadowed),
            redundant: answer.count(Kind::Redundant),
            repeats_default: answer.count(Kind::RepeatsDefault),
            unsettled: answer.count(Kind::Unsettled),
            alive: answer.count(Kind::Alive),
        }
    }
}
