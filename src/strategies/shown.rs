//! Values that print in the notation, so that a failing property can be read, and its rules pasted.

use crate::model::{Fact, Gap, Packet, RulePriority};
use crate::rules::{AddressTerm, PortTerm, ProtocolTerm, Rule, RuleSet, Side, Written};
use std::fmt;
use std::ops::{Deref, DerefMut};

/// A value whose `Debug` is the notation of design.md section 4, a rule a line.
///
/// It stands for the value everywhere else: `&Shown<RuleSet>` goes where `&RuleSet` does.
///
/// ```
/// use flowcheck::model::Origin;
/// use flowcheck::rules::{RuleSet, notation};
/// use flowcheck::strategies::Shown;
///
/// let origin = Origin::command_line("example");
/// let rule = notation::rule("AllowWeb", "100 in allow TCP Internet -> 10.0.1.0/24:443", &origin)?;
/// let rules = Shown(RuleSet::new(vec![rule], &origin));
/// assert_eq!(format!("{rules:?}"), "{\n    AllowWeb: 100 In Allow Tcp Internet:* -> 10.0.1.0/24:443\n}");
/// # Ok::<(), flowcheck::rules::NotationError>(())
/// ```
#[derive(Clone, Copy, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Shown<T>(
    /// The value.
    pub T,
);

impl<T> Shown<T> {
    /// The value alone.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Shown<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Shown<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> From<T> for Shown<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Notation> fmt::Debug for Shown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write_notation(f)
    }
}

/// What has a notation.
pub trait Notation {
    /// Writes the value as people write it.
    ///
    /// # Errors
    /// Those of the formatter.
    fn write_notation(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

impl Notation for Packet {
    fn write_notation(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Notation for Rule {
    /// `name: rule`, and behind a `#` whatever the notation has no sign for.
    fn write_notation(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.name.is_empty() {
            write!(f, "{}: ", self.name)?;
        }
        write!(f, "{self}")?;
        let remarks = remarks(self);
        if remarks.is_empty() { Ok(()) } else { write!(f, "   # {}", remarks.join("; ")) }
    }
}

impl Notation for RuleSet {
    /// The custom rules in braces, a line each in the order of the input; the default rules go without saying.
    fn write_notation(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.custom().next().is_none() {
            return f.write_str("{ no rule but the six default ones }");
        }
        f.write_str("{")?;
        for rule in self.custom() {
            f.write_str("\n    ")?;
            rule.write_notation(f)?;
        }
        f.write_str("\n}")
    }
}

/// What the notation has no sign for, or reads as something else.
fn remarks(rule: &Rule) -> Vec<String> {
    let mut remarks: Vec<String> = Vec::new();
    if let RulePriority::Unknown(gap) = &rule.priority {
        remarks.push(unknown("priority", gap));
    }
    if let Fact::Unknown(gap) = &rule.direction {
        remarks.push(unknown("direction", gap));
    }
    if let Fact::Unknown(gap) = &rule.access {
        remarks.push(unknown("access", gap));
    }
    if let ProtocolTerm::Unknown(gap) = &rule.protocol {
        remarks.push(unknown("protocol", gap));
    }
    for (name, side) in [("source", &rule.source), ("destination", &rule.destination)] {
        remarks_on(name, side, &mut remarks);
    }
    if let Some(gap) = &rule.doubt {
        remarks.push(format!("it may not exist: {}", gap.missing()));
    }
    remarks
}

fn remarks_on(name: &str, side: &Side, remarks: &mut Vec<String>) {
    for written in &side.addresses {
        match &written.value {
            AddressTerm::Unknown(gap) => remarks.push(unknown(name, gap)),
            AddressTerm::Prefix { net, host_bits: true } => {
                remarks.push(format!("{name}: host bits set in {net}"));
            }
            AddressTerm::DashRange { .. } => remarks.push(format!("{name}: a range with a dash")),
            AddressTerm::Expanded { tag, prefixes } => {
                let prefixes: Vec<String> = prefixes.iter().map(ToString::to_string).collect();
                remarks.push(format!("{name}: {tag} stands for {}", prefixes.join(", ")));
            }
            AddressTerm::LiteralAny => remarks.push(format!("{name}: the text `Any`")),
            _ => {}
        }
    }
    for written in &side.ports {
        match &written.value {
            PortTerm::Unknown(gap) => remarks.push(unknown(&format!("{name} port"), gap)),
            PortTerm::Never => remarks.push(format!("{name} port: a range that runs backwards")),
            PortTerm::Range(_) => {}
        }
    }
    remarks.extend(form(&side.addresses).map(|form| format!("{name}: {form}")));
    remarks.extend(form(&side.ports).map(|form| format!("{name} ports: {form}")));
}

fn unknown(field: &str, gap: &Gap) -> String {
    format!("{field}: {} is not known", gap.missing())
}

/// How a list is written, where that is not what the notation reads: one value singular, several plural.
fn form<T>(terms: &[Written<T>]) -> Option<&'static str> {
    match terms {
        [] => Some("an empty list"),
        [one] if one.plural => Some("a list of one"),
        _ if Written::in_both_forms(terms) => Some("singular and plural at once"),
        [_, _, ..] if terms.iter().all(|written| !written.plural) => {
            Some("several values in a singular field")
        }
        _ => None,
    }
}
