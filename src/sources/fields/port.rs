//! Ports of one side of a rule (S20 to S22, S31).

use super::{Reader, SideKeys};
use crate::finding::Code;
use crate::model::{Gap, PortError, PortRange};
use crate::rules::{PortTerm, Written};
use crate::sources::json::{Kind, Node, Number};
use crate::sources::values::{Value, gap_of};
use std::borrow::Cow;

/// A port of which nothing is known.
pub(super) fn unknown(gap: &Gap) -> Written<PortTerm> {
    Written::singular(PortTerm::Unknown(gap.clone()))
}

impl Reader<'_, '_> {
    /// The ports of a side, from the singular and the plural field.
    pub(super) fn ports(&mut self, keys: &SideKeys) -> Vec<Written<PortTerm>> {
        let mut terms = Vec::new();
        match self.field(keys.port) {
            Value::Unset => {}
            Value::Open(gap) => terms.push(unknown(&gap)),
            Value::Is(node) => {
                let port = |reader: &mut Self, item: &Node| reader.port(item, keys.port, keys.ports);
                terms.extend(self.singular(node, keys.port, port));
            }
        }
        let found = self.field(keys.ports);
        match self.faults.list(found, keys.ports, self.rule) {
            Value::Unset => {}
            Value::Open(gap) => terms.push(Written::plural(PortTerm::Unknown(gap))),
            Value::Is((items, _)) => {
                for item in items {
                    terms.extend(self.port(item, keys.ports, keys.ports).map(Written::plural));
                }
            }
        }
        if terms.is_empty() {
            // S37: never "any".
            let gap = self.missing(&format!("{} port", keys.side));
            terms.push(unknown(&gap));
        }
        terms
    }

    /// One port; `None` where nothing is written.
    fn port(&mut self, node: &Node, field: &str, plural: &str) -> Option<PortTerm> {
        let text = match node.kind() {
            Kind::Null => return None,
            Kind::String(text) if text.trim().is_empty() => return None,
            Kind::String(text) => Cow::Borrowed(&**text),
            Kind::Number(Number::Integer(number)) => Cow::Owned(number.to_string()),
            Kind::Symbol(_) | Kind::Unknown(_) => return Some(PortTerm::Unknown(gap_of(node))),
            _ => {
                let gap = self.faults.wrong_type(node, field, self.rule, "a port as a string");
                return Some(PortTerm::Unknown(gap));
            }
        };
        let term = match text.parse::<PortRange>() {
            Ok(range) => PortTerm::Range(range),
            Err(PortError::Reversed { .. }) => {
                // S22, U5: it never matches.
                self.refused(
                    Code::ReversedRange,
                    node,
                    &text,
                    "the range runs backwards, so it never matches",
                );
                PortTerm::Never
            }
            Err(PortError::Comma { .. }) => {
                let why = format!("a list of ports in one string is refused by Azure; it goes in `{plural}`");
                let gap = self.refused(Code::CommaPort, node, &text, &why);
                let items: Vec<String> = text.split(',').map(|item| format!("\"{}\"", item.trim())).collect();
                if let Some(finding) = self.faults.findings.last_mut() {
                    finding.fix = Some(format!("write `{plural}`: [{}]", items.join(", ")));
                }
                PortTerm::Unknown(gap)
            }
            Err(PortError::NotAPort { .. }) => {
                let why = "it is not a port from 0 to 65535, a range such as 80-443, or *";
                PortTerm::Unknown(self.refused(Code::PortText, node, &text, why))
            }
        };
        Some(term)
    }
}
