//! The fields of one rule, as templates, REST and az write them, to a [`Rule`].
//!
//! In: the object of a rule. Out: the rule with every oddity kept, and findings for what the rule cannot
//! keep: wrong types, words, ports and addresses that Azure refuses, missing fields. Nothing that is missing
//! or not readable is ever read as "any": it becomes unknown (S36, S37).
//! Serves S13 to S37, S135.
//!
//! Not here: what can be seen from the rules afterwards, as two rules with one priority (`analyses`).

mod address;
mod port;
#[cfg(test)]
mod tests;

use super::json::{Kind, Node};
use super::values::{Faults, Value, direct, gap_of, holder};
use crate::finding::Code;
use crate::model::{Access, Direction, Fact, Gap, Origin, Priority, Protocol, RulePriority};
use crate::rules::{ProtocolTerm, Rule, Side, Written};

/// Prefixes that Azure's tools put before the name of a rule (S133 to S135).
const NAME_PREFIXES: &[&str] = &["defaultSecurityRules/", "securityRules/", "UserRule_", "DefaultRule_"];

/// The bare name of a rule.
pub(super) fn bare_name(name: &str) -> &str {
    let stripped = NAME_PREFIXES.iter().find_map(|prefix| {
        let (head, rest) = name.split_at_checked(prefix.len())?;
        (head.eq_ignore_ascii_case(prefix) && !rest.is_empty()).then_some(rest)
    });
    stripped.unwrap_or(name)
}

/// Which list a rule stands in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum List {
    /// `securityRules`.
    Custom,
    /// `defaultSecurityRules`.
    Default,
    /// Security admin rules of a network manager (S131).
    Admin,
}

/// Reads one rule; `name` outranks the name in the object, as for a child resource.
pub(super) fn rule(node: &Node, name: Option<&str>, list: List, faults: &mut Faults) -> Rule {
    let origin = origin(node);
    let written = node.get("name").and_then(Node::join_text);
    let given = name.map(str::to_owned).or_else(|| written.map(std::borrow::Cow::into_owned));
    let name = match given.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) => bare_name(name).to_owned(),
        None => "(no name)".to_owned(),
    };
    let unreadable = match node.kind() {
        Kind::Object(_) => None,
        Kind::Unknown(_) | Kind::Symbol(_) => Some(gap_of(node)),
        _ => Some(faults.wrong_type(node, "securityRules[]", &name, "an object with the fields of a rule")),
    };
    if let Some(gap) = unreadable {
        return unknown_rule(name, &gap, node);
    }
    if given.is_none()
        && let Some(odd) = node.get("name").filter(|odd| !odd.is_null())
    {
        faults.wrong_type(odd, "name", &name, "a string");
    } else if given.is_none() {
        faults.note(Code::IncompleteRule, node, &name, "a rule has no `name`".to_owned());
    }
    if let Some(properties) = node.get("properties").filter(|inner| inner.as_object().is_none())
        && properties.gap().is_none()
        && !properties.is_null()
    {
        let gap = faults.wrong_type(properties, "properties", &name, "an object");
        return unknown_rule(name, &gap, node);
    }
    let mut reader = Reader { node, fields: holder(node), rule: &name, faults };
    let priority = reader.priority(list);
    let direction = reader.word("direction", Direction::ALL, Direction::azure);
    let access = match list {
        List::Admin if always_allows(node) => Fact::Known(Access::Allow),
        _ => reader.word("access", Access::ALL, Access::as_str),
    };
    let protocol = reader.protocol();
    let mut side = |keys: &SideKeys| Side { addresses: reader.addresses(keys), ports: reader.ports(keys) };
    let (source, destination) = (side(&SOURCE), side(&DESTINATION));
    Rule { name, priority, direction, access, protocol, source, destination, doubt: None, origin }
}

/// Whether a security admin rule delivers past every group (S131).
pub(super) fn always_allows(node: &Node) -> bool {
    let access = holder(node).is().and_then(|fields| fields.get("access")).and_then(Node::as_str);
    access.is_some_and(|access| access.trim().eq_ignore_ascii_case("AlwaysAllow"))
}

/// Where a rule is to be edited. One that a loop makes stands where its name does, in the element of the
/// list that the loop goes through; one whose name is worked out stands in the loop.
fn origin(node: &Node) -> Origin {
    match node.get("name").filter(|name| name.as_str().is_some()) {
        Some(name) if !name.place().is_in(node.place()) => {
            Origin { within: node.origin().within, ..name.origin() }
        }
        _ => node.origin(),
    }
}

/// A rule of which nothing is known.
fn unknown_rule(name: String, gap: &Gap, node: &Node) -> Rule {
    let side = || Side { addresses: vec![address::unknown(gap)], ports: vec![port::unknown(gap)] };
    Rule {
        name,
        priority: RulePriority::Unknown(gap.clone()),
        direction: Fact::Unknown(gap.clone()),
        access: Fact::Unknown(gap.clone()),
        protocol: ProtocolTerm::Unknown(gap.clone()),
        source: side(),
        destination: side(),
        doubt: None,
        origin: node.origin(),
    }
}

/// The word that was likely meant: one that begins like the text, or that a typing error is near to.
fn nearest<'w>(text: &str, words: &[&'w str]) -> Option<&'w str> {
    let lower = text.to_lowercase();
    let begins = |word: &&&str| lower.len() > 1 && word.to_lowercase().starts_with(&lower);
    let near =
        |word: &&&str| strsim::damerau_levenshtein(&lower, &word.to_lowercase()) <= 2 && lower.len() > 3;
    if matches!(&*lower, "any" | "all") && words.contains(&"*") {
        return Some("*");
    }
    words.iter().find(begins).or_else(|| words.iter().find(near)).copied()
}

/// The keys of one side of a rule.
struct SideKeys {
    side: &'static str,
    prefix: &'static str,
    prefixes: &'static str,
    expanded: &'static str,
    groups: &'static str,
    port: &'static str,
    ports: &'static str,
}

const SOURCE: SideKeys = SideKeys {
    side: "source",
    prefix: "sourceAddressPrefix",
    prefixes: "sourceAddressPrefixes",
    expanded: "expandedSourceAddressPrefix",
    groups: "sourceApplicationSecurityGroups",
    port: "sourcePortRange",
    ports: "sourcePortRanges",
};

const DESTINATION: SideKeys = SideKeys {
    side: "destination",
    prefix: "destinationAddressPrefix",
    prefixes: "destinationAddressPrefixes",
    expanded: "expandedDestinationAddressPrefix",
    groups: "destinationApplicationSecurityGroups",
    port: "destinationPortRange",
    ports: "destinationPortRanges",
};

/// One rule while its fields are read.
struct Reader<'r, 'n> {
    node: &'n Node,
    /// What holds its fields.
    fields: Value<&'n Node>,
    rule: &'r str,
    faults: &'r mut Faults,
}

impl<'n> Reader<'_, 'n> {
    fn field(&self, key: &str) -> Value<&'n Node> {
        match &self.fields {
            Value::Is(holder) => direct(holder, key),
            Value::Open(gap) => Value::Open(gap.clone()),
            Value::Unset => Value::Unset,
        }
    }

    /// What stands under a singular name: one text, or the list of PowerShell.
    fn singular<T>(
        &mut self,
        node: &Node,
        key: &str,
        mut read: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Vec<Written<T>> {
        let items = self.powershell_list(key).unwrap_or(std::slice::from_ref(node));
        let terms = items.iter().filter_map(|item| read(self, item));
        terms.map(|value| Written { value, plural: items.len() > 1 }).collect()
    }

    /// The list that PowerShell writes under a singular name. Its objects are flat and their names begin with
    /// a capital; elsewhere Azure takes one text there and refuses a list.
    fn powershell_list(&self, key: &str) -> Option<&'n [Node]> {
        let is_flat = self.node.get("properties").is_none();
        let (name, value) = self.node.entries().iter().find(|(name, _)| name.eq_ignore_ascii_case(key))?;
        value.as_array().filter(|_| is_flat && name.starts_with(|first: char| first.is_ascii_uppercase()))
    }

    /// A field that Azure requires is not there (S37).
    fn missing(&mut self, what: &str) -> Gap {
        let message = format!("the rule `{}` has no {what}", self.rule);
        self.faults.note(Code::IncompleteRule, self.node, self.rule, message);
        Gap::new(format!("the {what} of the rule `{}`", self.rule)).at(&self.node.origin())
    }

    /// A text that Azure refuses: a finding, and a value that may be anything.
    fn refused(&mut self, code: Code, at: &Node, text: &str, why: &str) -> Gap {
        let message = format!("`{text}` in the rule `{}`: {why}", self.rule);
        self.faults.note(code, at, self.rule, message);
        Gap::new(format!("`{text}` in the rule `{}`, which Azure refuses", self.rule)).at(&at.origin())
    }

    /// S9, S10: the place in the order; a number in a text is a number.
    fn priority(&mut self, list: List) -> RulePriority {
        let found = self.field("priority");
        match self.faults.integer(found, "priority", self.rule) {
            Value::Is(number) => match (list, u16::try_from(number)) {
                (List::Default, Ok(number)) => RulePriority::Default(number),
                (List::Admin, Ok(number @ 1..=4096)) => RulePriority::Admin(number),
                _ => Priority::custom(number).map_or(RulePriority::OutOfRange(number), RulePriority::Custom),
            },
            Value::Open(gap) => RulePriority::Unknown(gap),
            Value::Unset => RulePriority::Unknown(self.missing("`priority`")),
        }
    }

    /// S15, S16: one of Azure's words, in any case.
    fn word<T: Copy>(&mut self, key: &str, all: &[T], azure: impl Fn(T) -> &'static str) -> Fact<T> {
        let found = self.field(key);
        match self.faults.text(found, key, self.rule) {
            Value::Unset => Fact::Unknown(self.missing(&format!("`{key}`"))),
            Value::Open(gap) => Fact::Unknown(gap),
            Value::Is((text, at)) => match all.iter().find(|word| azure(**word).eq_ignore_ascii_case(text)) {
                Some(word) => {
                    self.letter_case(at, azure(*word));
                    Fact::Known(*word)
                }
                None => {
                    let words: Vec<&str> = all.iter().map(|word| azure(*word)).collect();
                    let why = format!("it is no {key}: one of {}", words.join(", "));
                    let gap = self.refused(Code::WordValue, at, text, &why);
                    if let Some(finding) = self.faults.findings.last_mut() {
                        finding.fix = nearest(text, &words).map(|word| format!("write {word}"));
                    }
                    Fact::Unknown(gap)
                }
            },
        }
    }

    fn protocol(&mut self) -> ProtocolTerm {
        const WORDS: [(&str, Option<Protocol>); 6] = [
            ("Tcp", Some(Protocol::TCP)),
            ("Udp", Some(Protocol::UDP)),
            ("Icmp", Some(Protocol::ICMP)),
            ("Esp", Some(Protocol::ESP)),
            ("Ah", Some(Protocol::AH)),
            ("*", None),
        ];
        let indices: Vec<usize> = (0..WORDS.len()).collect();
        match self.word("protocol", &indices, |index| WORDS[index].0) {
            Fact::Known(index) => WORDS[index].1.map_or(ProtocolTerm::Any, ProtocolTerm::One),
            Fact::Unknown(gap) => ProtocolTerm::Unknown(gap),
        }
    }

    /// Azure's own spelling is `Tcp`, `Allow`, `Inbound`; another case is the same word (U2).
    fn letter_case(&mut self, at: &Node, usual: &str) {
        if let Some(text) = at.as_str().filter(|text| *text != usual) {
            let message = format!("`{text}` in the rule `{}` is read as `{usual}`", self.rule);
            self.faults.note(Code::LetterCase, at, self.rule, message).fix = Some(format!("write {usual}"));
        }
    }
}
