//! `flowcheck/reach/1`: how much of a packet set gets through, in exact parts.

use super::shapes::{DeciderShape, GapShape, OriginShape, PartShape, RatioShape, word};
use super::{Head, write};
use crate::analyses::{Class, ReachAnswer, ReachRow, Witness};
use crate::report::packets::{Namer, ports, side_list};
use crate::rules::notation::SideText;
use crate::tags::Vocabulary;
use crate::walk::Part;
use serde::Serialize;
use std::io::{self, Write};

/// Writes the document of `reach`.
///
/// # Errors
/// Those of the writer.
pub fn reach(answer: &ReachAnswer, head: &Head, out: &mut dyn Write) -> io::Result<()> {
    write("reach", head, answer.assumptions.iter(), Body::of(answer), out)
}

#[derive(Serialize)]
struct Body<'a> {
    question: QuestionShape,
    place: &'a str,
    verdict: &'static str,
    share: RatioShape<'a>,
    classes: Vec<ClassShape<'a>>,
    parts: Vec<PartShape<'a>>,
    witnesses: WitnessesShape,
    unknowns: Vec<GapShape<'a>>,
    origin: OriginShape<'a>,
}

#[derive(Serialize)]
struct QuestionShape {
    direction: String,
    protocol: String,
    /// As written; null for the default.
    from: Option<String>,
    to: Option<String>,
    ports: Vec<String>,
}

#[derive(Serialize)]
struct WitnessesShape {
    allowed: Option<String>,
    blocked: Option<String>,
    unknown: Option<String>,
}

#[derive(Serialize)]
struct ClassShape<'a> {
    class: &'static str,
    /// Null for what is left of all addresses: its parts hold it.
    addresses: Option<Vec<String>>,
    verdict: &'static str,
    share: RatioShape<'a>,
    deciders: Vec<ClassDeciderShape<'a>>,
    unknowns: Vec<GapShape<'a>>,
}

/// What decides a part of a class.
#[derive(Serialize)]
struct ClassDeciderShape<'a> {
    verdict: &'static str,
    decider: Option<DeciderShape<'a>>,
    candidates: Vec<DeciderShape<'a>>,
}

impl<'a> Body<'a> {
    fn of(answer: &'a ReachAnswer) -> Self {
        let asked = &answer.question;
        let words = answer.words.without_local();
        let mut namer = Namer::new(&words);
        let witness = |witness: &Option<Witness>| witness.as_ref().map(word);
        Self {
            question: QuestionShape {
                direction: asked.direction.as_str().to_lowercase(),
                protocol: asked.protocols.to_string(),
                from: asked.from.as_ref().map(word),
                to: asked.to.as_ref().map(addresses_of),
                ports: ports(&asked.ports),
            },
            place: &answer.place,
            verdict: answer.verdict.as_str(),
            share: RatioShape::of(&answer.share),
            classes: answer.rows.iter().map(|row| ClassShape::of(row, answer, &words)).collect(),
            parts: answer.parts.iter().flat_map(|part| PartShape::all(part, &mut namer)).collect(),
            witnesses: WitnessesShape {
                allowed: witness(&answer.allowed),
                blocked: witness(&answer.blocked),
                unknown: witness(&answer.unknown),
            },
            unknowns: GapShape::all(&answer.unknowns),
            origin: OriginShape::of(&answer.origin),
        }
    }
}

/// A side without its ports, which stand apart.
fn addresses_of(side: &SideText) -> String {
    side.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

impl<'a> ClassShape<'a> {
    fn of(row: &'a ReachRow, answer: &'a ReachAnswer, words: &Vocabulary) -> Self {
        let class = match row.class {
            Class::Tag(_) => "tag",
            Class::PlatformServices => "platform-services",
            Class::Named => "named-by-rules",
            Class::RestOfInternet => "rest-of-internet",
            Class::Other => "other",
        };
        Self {
            class,
            addresses: match &row.class {
                Class::Tag(name) => Some(vec![name.clone()]),
                Class::PlatformServices | Class::Named => Some(side_list(&row.addresses, words)),
                Class::RestOfInternet | Class::Other => None,
            },
            verdict: row.verdict.as_str(),
            share: RatioShape::of(&row.share),
            deciders: row.parts.iter().map(|place| ClassDeciderShape::of(&answer.parts[*place])).collect(),
            unknowns: GapShape::all(&row.unknowns),
        }
    }
}

impl<'a> ClassDeciderShape<'a> {
    fn of(part: &'a Part) -> Self {
        Self {
            verdict: part.verdict().as_str(),
            decider: DeciderShape::only(part.outcome.candidates()),
            candidates: DeciderShape::all(part.outcome.candidates()),
        }
    }
}
