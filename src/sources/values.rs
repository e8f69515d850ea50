//! Values of Azure's resources by key: not set, not settled, or there; faults are noted and reading goes on.
//!
//! In: the object of a resource or rule, with its values below `properties` (REST, templates) or beside the
//! name (az). Out: typed values. `null`, a missing key, an empty text and an empty list all mean "not set".
//!
//! Not here: what a value means (`fields`, `azure`).

use super::json::{Kind, Node};
use crate::finding::{Code, Finding};
use crate::model::{Fact, Gap, Region, ResourceId};
use ipnet::IpNet;

/// What an object says under one key.
#[derive(Debug)]
pub(super) enum Value<T> {
    /// Nothing.
    Unset,
    /// Something that the input does not settle, or that has the wrong type.
    Open(Gap),
    /// This.
    Is(T),
}

impl<T> Value<T> {
    /// The same about another type.
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Value<U> {
        match self {
            Self::Unset => Value::Unset,
            Self::Open(gap) => Value::Open(gap),
            Self::Is(value) => Value::Is(change(value)),
        }
    }

    /// A fact, with what holds when nothing is said.
    pub(super) fn or(self, unset: impl FnOnce() -> Fact<T>) -> Fact<T> {
        match self {
            Self::Unset => unset(),
            Self::Open(gap) => Fact::Unknown(gap),
            Self::Is(value) => Fact::Known(value),
        }
    }

    /// The value, where there is one.
    pub(super) fn is(self) -> Option<T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Unset | Self::Open(_) => None,
        }
    }
}

/// The value of a key below `properties`, or beside the name where there is no such object.
pub(super) fn field<'n>(node: &'n Node, key: &str) -> Value<&'n Node> {
    match holder(node) {
        Value::Is(holder) => direct(holder, key),
        unread => unread,
    }
}

/// What holds the fields of a resource or rule: its `properties`, or where there is no such object itself.
pub(super) fn holder(node: &Node) -> Value<&Node> {
    match node.get("properties") {
        Some(inner) if inner.as_object().is_some() => Value::Is(inner),
        Some(inner) if inner.gap().is_some() => Value::Open(gap_of(inner)),
        Some(inner) if !inner.is_null() => {
            Value::Open(Gap::new(format!("`properties`, which is {}", inner.type_name())).at(&inner.origin()))
        }
        _ => Value::Is(node),
    }
}

/// The value of a key of the object itself.
pub(super) fn direct<'n>(holder: &'n Node, key: &str) -> Value<&'n Node> {
    if let Kind::Unknown(_) = holder.kind() {
        return Value::Open(gap_of(holder));
    }
    match holder.get(key) {
        None => Value::Unset,
        Some(value) => match value.kind() {
            Kind::Null => Value::Unset,
            Kind::Unknown(_) => Value::Open(gap_of(value)),
            _ => Value::Is(value),
        },
    }
}

/// The key as the user wrote it, where that is another than Azure's: Terraform's words have underscores.
fn written(at: &Node, what: &str) -> String {
    let origin = at.origin();
    let key = origin.path.rsplit('.').next().and_then(|key| key.split('[').next()).unwrap_or_default();
    if key.contains('_') { key.to_owned() } else { what.to_owned() }
}

/// Why a value is not settled, with its place.
pub(super) fn gap_of(node: &Node) -> Gap {
    match node.gap() {
        Some(gap) if gap.origin().is_some() => gap.clone(),
        Some(gap) => gap.clone().at(&node.origin()),
        None => Gap::new("a value that is not readable").at(&node.origin()),
    }
}

/// About what is made of the items of a list, in bytes: a rule with what is wrong with it, or a prefix.
fn made_of(items: &[Node]) -> usize {
    let each = if items.first().is_some_and(|item| item.as_object().is_some()) { 1_500 } else { 64 };
    items.len() * each
}

/// Whether an object has anything in it.
fn says_something(node: &Node) -> bool {
    node.entries().iter().any(|(_, value)| !value.is_null())
}

/// What is wrong with the input so far, and the readers that note it.
#[derive(Default)]
pub(super) struct Faults {
    pub(super) findings: Vec<Finding>,
}

impl Faults {
    /// Notes a finding at a value's place.
    pub(super) fn note(&mut self, code: Code, at: &Node, about: &str, message: String) -> &mut Finding {
        let finding = Finding::new(code, &at.origin(), message).about(about);
        let index = self.findings.len();
        self.findings.push(finding);
        &mut self.findings[index]
    }

    /// Notes a value of the wrong JSON type; what it says is not known.
    pub(super) fn wrong_type(&mut self, at: &Node, what: &str, about: &str, expected: &str) -> Gap {
        let what = written(at, what);
        let message = format!("the `{what}` of `{about}` is {}, expected {expected}", at.type_name());
        self.note(Code::WrongType, at, about, message);
        Gap::new(format!("the `{what}` of `{about}`, which is {}", at.type_name())).at(&at.origin())
    }

    /// A text; an open one is not settled.
    pub(super) fn text<'n>(
        &mut self,
        found: Value<&'n Node>,
        what: &str,
        about: &str,
    ) -> Value<(&'n str, &'n Node)> {
        let node = match found {
            Value::Unset => return Value::Unset,
            Value::Open(gap) => return Value::Open(gap),
            Value::Is(node) => node,
        };
        match node.kind() {
            Kind::String(text) if text.trim().is_empty() => Value::Unset,
            Kind::String(text) => Value::Is((text.trim(), node)),
            Kind::Symbol(_) | Kind::Unknown(_) => Value::Open(gap_of(node)),
            _ => Value::Open(self.wrong_type(node, what, about, "a string")),
        }
    }

    /// An id: settled, or with open parts that still say which resource is meant.
    pub(super) fn id(&mut self, found: Value<&Node>, what: &str, about: &str) -> Value<ResourceId> {
        if let Value::Is(node) = &found
            && let Kind::Symbol(open) = node.kind()
            && open.text.to_ascii_lowercase().contains("/providers/")
        {
            return Value::Is(ResourceId::new(&*open.text));
        }
        self.text(found, what, about).map(|(text, _)| ResourceId::new(text))
    }

    /// The id inside a reference such as `networkSecurityGroup: {"id": ..}`.
    pub(super) fn reference(&mut self, found: Value<&Node>, what: &str, about: &str) -> Value<ResourceId> {
        match found {
            Value::Unset => Value::Unset,
            Value::Open(gap) => Value::Open(gap),
            Value::Is(node) if node.as_object().is_some() => match self.id(direct(node, "id"), what, about) {
                Value::Unset if says_something(node) => Value::Open(self.without_id(node, what, about)),
                id => id,
            },
            Value::Is(node) if node.gap().is_some() => Value::Open(gap_of(node)),
            Value::Is(node) => Value::Open(self.wrong_type(node, what, about, "an object with `id`")),
        }
    }

    /// A resource written out where its id belongs. Templates with such groups deploy, and no document says
    /// what becomes of them; so it is neither the reference that was meant nor none.
    fn without_id(&mut self, node: &Node, what: &str, about: &str) -> Gap {
        let message = format!("the `{what}` of `{about}` has no `id`; what is written out there is not read");
        self.note(Code::UnknownReference, node, about, message).fix =
            Some(format!("declare it as a resource and write `{what}: {{id: ...}}`"));
        Gap::new(format!("what the `{what}` of `{about}`, which has no `id`, becomes")).at(&node.origin())
    }

    /// The items of a list; an empty one is not set.
    pub(super) fn list<'n>(
        &mut self,
        found: Value<&'n Node>,
        what: &str,
        about: &str,
    ) -> Value<(&'n [Node], &'n Node)> {
        let node = match found {
            Value::Unset => return Value::Unset,
            Value::Open(gap) => return Value::Open(gap),
            Value::Is(node) => node,
        };
        match node.as_array() {
            Some([]) => Value::Unset,
            Some(items) if !node.place().affords(made_of(items)) => Value::Unset,
            Some(items) => Value::Is((items, node)),
            None if node.gap().is_some() => Value::Open(gap_of(node)),
            None => Value::Open(self.wrong_type(node, what, about, "an array")),
        }
    }

    /// A boolean, also as the texts `true` and `false`.
    pub(super) fn flag(&mut self, found: Value<&Node>, what: &str, about: &str) -> Value<bool> {
        let node = match found {
            Value::Unset => return Value::Unset,
            Value::Open(gap) => return Value::Open(gap),
            Value::Is(node) => node,
        };
        match (node.as_bool(), node.as_str()) {
            (Some(value), _) => Value::Is(value),
            (_, Some(text)) if text.eq_ignore_ascii_case("true") => Value::Is(true),
            (_, Some(text)) if text.eq_ignore_ascii_case("false") => Value::Is(false),
            _ if node.gap().is_some() => Value::Open(gap_of(node)),
            _ => Value::Open(self.wrong_type(node, what, about, "a boolean")),
        }
    }

    /// An integer, also as digits in a text.
    pub(super) fn integer(&mut self, found: Value<&Node>, what: &str, about: &str) -> Value<i64> {
        let node = match found {
            Value::Unset => return Value::Unset,
            Value::Open(gap) => return Value::Open(gap),
            Value::Is(node) => node,
        };
        match (node.as_integer(), node.as_str()) {
            (Some(number), _) => Value::Is(number),
            (_, Some(text)) if text.trim().is_empty() => Value::Unset,
            (_, Some(text)) if text.trim().parse::<i64>().is_ok() => {
                text.trim().parse().map_or(Value::Unset, Value::Is)
            }
            _ if node.gap().is_some() => Value::Open(gap_of(node)),
            _ => Value::Open(self.wrong_type(node, what, about, "an integer")),
        }
    }

    /// A region.
    pub(super) fn region(&mut self, found: Value<&Node>, about: &str) -> Value<Region> {
        self.text(found, "location", about).map(|(text, _)| Region::new(text))
    }

    /// Prefixes of a network or subnet; one that is not readable makes all of them unknown.
    pub(super) fn prefixes(&mut self, items: &[Node], what: &str, about: &str) -> Fact<Vec<IpNet>> {
        let mut nets = Vec::with_capacity(items.len());
        let mut open = None;
        for item in items {
            match self.text(Value::Is(item), what, about) {
                Value::Unset => {}
                Value::Open(gap) => open = open.or(Some(gap)),
                Value::Is((text, node)) => match self.prefix(text, node, what, about) {
                    Ok(net) => nets.push(net),
                    Err(gap) => open = open.or(Some(gap)),
                },
            }
        }
        match open {
            Some(gap) => Fact::Unknown(gap),
            None if nets.is_empty() => Fact::Unknown(Gap::new(format!("the `{what}` of `{about}`"))),
            None => Fact::Known(nets),
        }
    }

    /// One prefix.
    pub(super) fn prefix(&mut self, text: &str, at: &Node, what: &str, about: &str) -> Result<IpNet, Gap> {
        let what = written(at, what);
        let parsed = text.parse::<IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from));
        let Ok(net) = parsed else {
            let message =
                format!("the `{what}` of `{about}` is `{text}`, expected a prefix as in 10.0.1.0/24");
            self.note(Code::AddressText, at, about, message);
            return Err(
                Gap::new(format!("the `{what}` `{text}` of `{about}`, which is no prefix")).at(&at.origin())
            );
        };
        if net != net.trunc() {
            let message = format!("the `{what}` `{text}` of `{about}` has host bits set");
            self.note(Code::HostBits, at, about, message).fix = Some(format!("write {}", net.trunc()));
        }
        Ok(net.trunc())
    }
}
