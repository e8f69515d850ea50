//! Addresses of Terraform, as of resources (`module.net.azurerm_subnet.apim["a"]`) and in references
//! (`var.subnets["a"].name`).

use crate::sources::json::Node;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

/// The key of one instance among several, from `count` or `for_each`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) enum Index {
    Number(i64),
    Text(Arc<str>),
}

impl Index {
    /// The key that a document states; `None` for an only instance.
    pub(super) fn of(node: &Node) -> Option<Self> {
        match (node.as_integer(), node.as_str()) {
            (Some(number), _) => Some(Self::Number(number)),
            (_, Some(text)) => Some(Self::Text(text.into())),
            _ => None,
        }
    }
}

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "[{number}]"),
            Self::Text(text) => write!(f, "[\"{}\"]", text.replace('\\', "\\\\").replace('"', "\\\"")),
        }
    }
}

/// One step of an address.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Step {
    Name(Arc<str>),
    Index(Index),
}

/// The steps of an address; `None` where the text is none.
pub(super) fn steps(text: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let (index, after) = index(inner)?;
            steps.push(Step::Index(index));
            rest = after;
            continue;
        }
        let from = if steps.is_empty() { rest } else { rest.strip_prefix('.')? };
        let end = from.find(['.', '[']).unwrap_or(from.len());
        if end == 0 {
            return None;
        }
        steps.push(Step::Name(from[..end].into()));
        rest = &from[end..];
    }
    Some(steps)
}

/// A key and what follows its bracket.
fn index(text: &str) -> Option<(Index, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (number, after) = text.split_once(']')?;
        return Some((Index::Number(number.trim().parse().ok()?), after));
    };
    let mut key = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((Index::Text(key.into()), quoted[at + 1..].strip_prefix(']')?)),
            '\\' => key.push(characters.next()?.1),
            other => key.push(other),
        }
    }
    None
}

/// The way from the root module to one instance of a module.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Module(Vec<(Arc<str>, Option<Index>)>);

impl Module {
    /// The module that an address such as `module.a["k"].module.b` names; of none the root.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut calls = Vec::new();
        let mut steps = steps(text)?.into_iter().peekable();
        while let Some(step) = steps.next() {
            let (Step::Name(word), Some(Step::Name(name))) = (step, steps.next()) else { return None };
            if &*word != "module" {
                return None;
            }
            let index = match steps.peek() {
                Some(Step::Index(index)) => Some(index.clone()),
                _ => None,
            };
            if index.is_some() {
                steps.next();
            }
            calls.push((name, index));
        }
        Some(Self(calls))
    }

    /// A module that this one calls.
    pub(super) fn child(&self, name: &Arc<str>, index: Option<Index>) -> Self {
        let mut calls = self.0.clone();
        calls.push((Arc::clone(name), index));
        Self(calls)
    }

    /// The module that calls this one, by which name, as which instance; `None` for the root.
    pub(super) fn call(&self) -> Option<(Self, &Arc<str>, Option<&Index>)> {
        let ((name, index), around) = self.0.split_last()?;
        Some((Self(around.to_vec()), name, index.as_ref()))
    }

    /// The names of the calls: what all instances of a module have in common.
    pub(super) fn names(&self) -> String {
        self.0.iter().map(|(name, _)| &**name).collect::<Vec<_>>().join("/")
    }

    /// The address of something in the module.
    pub(super) fn address(&self, inside: &str) -> String {
        if self.0.is_empty() { inside.to_owned() } else { format!("{self}.{inside}") }
    }

    /// How many calls deep it lies.
    pub(super) fn depth(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, index)) in self.0.iter().enumerate() {
            f.write_str(if at == 0 { "module." } else { ".module." })?;
            f.write_str(name)?;
            index.iter().try_for_each(|index| index.fmt(f))?;
        }
        Ok(())
    }
}

/// What an address says of a resource inside its module.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Own {
    pub(super) data: bool,
    pub(super) name: Arc<str>,
    pub(super) index: Option<Index>,
}

impl Own {
    /// The end of an address: `data.`, the type, the name, the key.
    pub(super) fn of(address: &str, kind: &str) -> Option<Self> {
        let mut steps = steps(address)?;
        let index = match steps.last()? {
            Step::Index(index) => Some(index.clone()),
            Step::Name(_) => None,
        };
        steps.truncate(steps.len() - usize::from(index.is_some()));
        let [before @ .., Step::Name(found), Step::Name(name)] = &steps[..] else { return None };
        if &**found != kind {
            return None;
        }
        let data = matches!(before.last(), Some(Step::Name(word)) if &**word == "data")
            && !matches!(before, [.., Step::Name(word), _] if &**word == "module");
        Some(Self { data, name: Arc::clone(name), index })
    }
}

/// What a reference begins with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Head {
    /// A resource, `data.` before it for a data source.
    Resource {
        data: bool,
        kind: Arc<str>,
        name: Arc<str>,
    },
    /// A module that the same module calls.
    Module(Arc<str>),
    /// An input variable of the module.
    Variable(Arc<str>),
    /// A local value; plans do not say what it is.
    Local,
    /// `each.key`, `each.value`, `count.index`.
    EachKey,
    EachValue,
    CountIndex,
    /// Something that is known whenever a plan is made, as `path.module`.
    Fixed,
}

/// A reference inside an expression.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Reference {
    pub(super) head: Head,
    /// The instance of the resource or module.
    pub(super) index: Option<Index>,
    /// What is taken of it.
    pub(super) rest: Vec<Step>,
}

impl Reference {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let steps = steps(text)?;
        let name = |at: usize| match steps.get(at) {
            Some(Step::Name(name)) => Some(Arc::clone(name)),
            _ => None,
        };
        let first = name(0)?;
        let (head, at) = match &*first {
            "data" => (Head::Resource { data: true, kind: name(1)?, name: name(2)? }, 3),
            "module" => (Head::Module(name(1)?), 2),
            "var" => (Head::Variable(name(1)?), 2),
            "local" => (Head::Local, 2),
            "each" if name(1).as_deref() == Some("value") => (Head::EachValue, 2),
            "each" => (Head::EachKey, 2),
            "count" => (Head::CountIndex, 2),
            "path" | "terraform" => (Head::Fixed, 2),
            _ => (Head::Resource { data: false, kind: first, name: name(1)? }, 2),
        };
        let indexed = matches!(head, Head::Resource { .. } | Head::Module(_));
        let index = match steps.get(at) {
            Some(Step::Index(index)) if indexed => Some(index.clone()),
            _ => None,
        };
        let rest = steps.into_iter().skip(at + usize::from(index.is_some())).collect();
        Some(Self { head, index, rest })
    }
}

/// The references of a list, each whole and once: behind `azurerm_subnet.a["k"].id` Terraform lists what it
/// begins with, `azurerm_subnet.a["k"]` and `azurerm_subnet.a`, which elsewhere in the list are references of
/// their own.
pub(super) fn whole(references: &[Node]) -> Vec<&str> {
    let mut whole: Vec<&str> = Vec::new();
    let mut seen = HashSet::new();
    let mut before = "";
    for text in references.iter().filter_map(Node::as_str) {
        let is_beginning = before.strip_prefix(text).is_some_and(|rest| rest.starts_with(['.', '[']));
        if !is_beginning && seen.insert(text) {
            whole.push(text);
        }
        before = text;
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_cut_at_their_own_dots_only() {
        let module = Module::parse("module.a[\"x.y\\\"]\"].module.b[0]").unwrap();
        assert_eq!(module.to_string(), "module.a[\"x.y\\\"]\"].module.b[0]");
        assert_eq!(module.names(), "a/b");
        assert_eq!(module.call().unwrap().1.as_ref(), "b");
        assert_eq!(Module::parse("").unwrap(), Module::default());
        for odd in ["module", "module.", "a.b", "module.a[", "module.a[\"x]", "module..b"] {
            assert_eq!(Module::parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn the_end_of_an_address_names_the_resource() {
        let own =
            |address: &str| Own::of(address, "k").map(|own| (own.data, own.name.to_string(), own.index));
        let text = |key: &str| Some(Index::Text(key.into()));
        for (address, expected) in [
            ("k.a", Some((false, "a".to_owned(), None))),
            ("module.m[0].k.a[\"x.y\"]", Some((false, "a".to_owned(), text("x.y")))),
            ("module.m.data.k.a[1]", Some((true, "a".to_owned(), Some(Index::Number(1))))),
            ("module.data.k.a", Some((false, "a".to_owned(), None))),
            ("k", None),
            ("other.a", None),
            ("k[0]", None),
            ("", None),
        ] {
            assert_eq!(own(address), expected, "{address}");
        }
    }

    #[test]
    fn beginnings_of_a_reference_are_not_references() {
        for (listed, expected) in [
            (&["a.b.id", "a.b"][..], &["a.b.id"][..]),
            (&["a.b[0].id", "a.b[0]", "a.b", "each.key"], &["a.b[0].id", "each.key"]),
            (&["a.b", "each.key", "a.b[0].id", "a.b[0]", "a.b"], &["a.b", "each.key", "a.b[0].id"]),
            (&["a.b[0].id", "a.b[0]", "a.b", "a.b"], &["a.b[0].id", "a.b"]),
            (&["a.bc", "a.b"], &["a.bc", "a.b"]),
        ] {
            let text = format!("{listed:?}");
            let list = crate::sources::json::read(&"x".into(), &text).unwrap().root;
            assert_eq!(whole(list.items()), expected, "{text}");
        }
    }

    #[test]
    fn references_are_read_by_what_they_begin_with() {
        let parse = |text: &str| Reference::parse(text).unwrap();
        let one = parse("azurerm_subnet.apim[\"a.b\"].id");
        assert_eq!(one.index, Some(Index::Text("a.b".into())));
        assert_eq!(one.rest, [Step::Name("id".into())]);
        let data = parse("data.azurerm_subnet.x.id").head;
        assert_eq!(data, Head::Resource { data: true, kind: "azurerm_subnet".into(), name: "x".into() });
        assert_eq!(parse("module.net.ids[\"k\"]").head, Head::Module("net".into()));
        assert_eq!(parse("each.value.subnet").rest, [Step::Name("subnet".into())]);
        assert_eq!(parse("count.index").head, Head::CountIndex);
        assert_eq!(Reference::parse("x"), None);
    }
}
