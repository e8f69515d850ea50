//! Shapes that several documents share (design, section 7).

use crate::analyses::Ratio;
use crate::finding::Finding;
use crate::model::{Assumption, Gap, Origin};
use crate::report::packets::{BoxText, NETS_LISTED, Namer};
use crate::sets::Count;
use crate::tags::Versions;
use crate::walk::{Decider, Part};
use serde::{Serialize, Serializer};

/// A word of a vocabulary, by its printed form.
pub(super) fn word(value: impl std::fmt::Display) -> String {
    value.to_string()
}

/// A number of any size: a JSON number as far as 64 bits reach, then a text.
pub(super) struct Number<'a>(pub(super) &'a Count);

impl Serialize for Number<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match u64::try_from(self.0) {
            Ok(number) => serializer.serialize_u64(number),
            Err(_) => serializer.serialize_str(&self.0.to_string()),
        }
    }
}

#[derive(Serialize)]
pub(super) struct VersionsShape<'a> {
    cloud: &'static str,
    change_number: u32,
    date: Option<&'a str>,
}

impl<'a> VersionsShape<'a> {
    pub(super) fn of(versions: &'a Versions) -> Self {
        Self {
            cloud: versions.cloud.as_str(),
            change_number: versions.change_number,
            date: versions.date.as_deref(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct AssumptionShape<'a> {
    switch: Option<String>,
    text: &'a str,
}

impl<'a> AssumptionShape<'a> {
    pub(super) fn of(assumption: &'a Assumption) -> Self {
        Self { switch: assumption.switch.map(word), text: &assumption.text }
    }

    pub(super) fn all(assumptions: &'a [Assumption]) -> Vec<Self> {
        assumptions.iter().map(Self::of).collect()
    }
}

#[derive(Serialize)]
pub(super) struct OriginShape<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    path: &'a str,
    within: Option<&'a str>,
}

impl<'a> OriginShape<'a> {
    pub(super) fn of(origin: &'a Origin) -> Self {
        let Origin { file, line, column, path, within } = origin;
        Self { file, line: *line, column: *column, path, within: within.as_deref() }
    }
}

#[derive(Serialize)]
pub(super) struct GapShape<'a> {
    missing: &'a str,
    supply: Option<&'a str>,
    origin: Option<OriginShape<'a>>,
}

impl<'a> GapShape<'a> {
    pub(super) fn all(gaps: &'a [Gap]) -> Vec<Self> {
        let one = |gap: &'a Gap| Self {
            missing: gap.missing(),
            supply: gap.supply(),
            origin: gap.origin().map(OriginShape::of),
        };
        gaps.iter().map(one).collect()
    }
}

#[derive(Serialize)]
pub(super) struct DeciderShape<'a> {
    layer: &'static str,
    nsg: Option<&'a str>,
    rule: Option<&'a str>,
    priority: Option<i64>,
    access: Option<&'static str>,
    origin: OriginShape<'a>,
}

impl<'a> DeciderShape<'a> {
    pub(super) fn of(decider: &'a Decider) -> Self {
        Self {
            layer: decider.layer.as_str(),
            nsg: decider.nsg.as_deref(),
            rule: decider.rule.as_deref(),
            priority: decider.priority,
            access: decider.access.map(crate::model::Access::as_str),
            origin: OriginShape::of(&decider.origin),
        }
    }

    pub(super) fn all(deciders: &'a [Decider]) -> Vec<Self> {
        deciders.iter().map(Self::of).collect()
    }

    /// The decider, where there is exactly one.
    pub(super) fn only(deciders: &'a [Decider]) -> Option<Self> {
        match deciders {
            [one] => Some(Self::of(one)),
            _ => None,
        }
    }
}

/// One box of one part.
#[derive(Serialize)]
pub(super) struct PartShape<'a> {
    verdict: &'static str,
    protocol: String,
    source: Vec<String>,
    source_ports: Vec<String>,
    destination: Vec<String>,
    destination_ports: Vec<String>,
    decider: Option<DeciderShape<'a>>,
    candidates: Vec<DeciderShape<'a>>,
}

impl<'a> PartShape<'a> {
    /// The boxes of a part, each with the part's verdict and deciders. A side of many prefixes that is most of
    /// a word is written with exceptions.
    pub(super) fn all(part: &'a Part, namer: &mut Namer<'_>) -> Vec<Self> {
        let one = |text: BoxText| Self {
            verdict: part.verdict().as_str(),
            protocol: text.protocol,
            source: text.source.list(NETS_LISTED),
            source_ports: text.source_ports,
            destination: text.destination.list(NETS_LISTED),
            destination_ports: text.destination_ports,
            decider: DeciderShape::only(part.outcome.candidates()),
            // Every layer that settles the part: traffic inside the subnet is let through twice.
            candidates: part
                .outcome
                .decisive()
                .iter()
                .flat_map(|step| DeciderShape::all(&step.deciders))
                .collect(),
        };
        namer.boxes(&part.packets).into_iter().map(one).collect()
    }
}

#[derive(Serialize)]
pub(super) struct RatioShape<'a> {
    allowed: Number<'a>,
    total: Number<'a>,
}

impl<'a> RatioShape<'a> {
    pub(super) fn of(ratio: &'a Ratio) -> Self {
        Self { allowed: Number(&ratio.allowed), total: Number(&ratio.total) }
    }
}

#[derive(Serialize)]
pub(super) struct FindingShape<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    subject: Option<&'a str>,
    origin: OriginShape<'a>,
    fix: Option<&'a str>,
}

impl<'a> FindingShape<'a> {
    pub(super) fn of(finding: &'a Finding) -> Self {
        Self {
            code: finding.code.as_str(),
            severity: finding.severity.as_str(),
            message: &finding.message,
            subject: finding.subject.as_deref(),
            origin: OriginShape::of(&finding.origin),
            fix: finding.fix.as_deref(),
        }
    }

    pub(super) fn all(findings: &'a [Finding]) -> Vec<Self> {
        findings.iter().map(Self::of).collect()
    }
}
