//! What is wrong in a scenario file, and where.

pub(super) use crate::model::closest;
use crate::model::{NotationError, Origin, WordError};
use std::fmt;

/// One mistake of a scenario file, with its place and, where there are few, the words that would do.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Mistake {
    /// Where it stands.
    pub origin: Origin,
    /// What is wrong: a clause without capital or full stop; what the user wrote is quoted in backticks.
    pub message: String,
    /// For a text in a notation of ours: the text on one line, and on the next carets under the part.
    pub excerpt: Option<String>,
}

impl Mistake {
    /// A mistake at a place.
    pub(super) fn new(origin: &Origin, message: impl Into<String>) -> Self {
        Self { origin: origin.clone(), message: message.into(), excerpt: None }
    }
}

impl fmt::Display for Mistake {
    /// `file:line:column: message` on one line, without the excerpt.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Origin { file, line, column, .. } = &self.origin;
        write!(f, "{file}:{line}:{column}: {}", self.message)
    }
}

/// All mistakes of a file: reading, building and looking up go on behind each.
///
/// What could not be read is lost, with its key path. What only fails because something is lost is no
/// mistake of its own, and the later steps ask for that here.
#[derive(Debug, Default)]
pub(super) struct Mistakes {
    list: Vec<Mistake>,
    lost: Vec<String>,
}

/// What a name stands for, to tell where a lost one would have been.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Named {
    /// A virtual network.
    Network,
    /// A subnet of any network.
    Subnet,
    /// A network security group.
    Group,
    /// A rule of any group.
    Rule,
    /// A route table.
    RouteTable,
    /// An application security group.
    ApplicationGroup,
    /// Any of these.
    Anything,
}

impl Mistakes {
    /// Notes a mistake; `None` for the value that could not be read, which is lost.
    pub(super) fn add<T>(&mut self, origin: &Origin, message: impl Into<String>) -> Option<T> {
        self.lose(&origin.path);
        self.note(origin, message)
    }

    /// Notes a mistake behind which nothing is lost.
    pub(super) fn note<T>(&mut self, origin: &Origin, message: impl Into<String>) -> Option<T> {
        self.list.push(Mistake::new(origin, message));
        None
    }

    /// Notes a mistake as it is, behind which nothing is lost.
    pub(super) fn push(&mut self, mistake: Mistake) {
        self.list.push(mistake);
    }

    /// Says that what stands at a key path is not to be had.
    pub(super) fn lose(&mut self, path: &str) {
        if !path.is_empty() {
            self.lost.push(path.to_lowercase());
        }
    }

    /// Whether something is lost at a key path, above or below it.
    pub(super) fn touch(&self, path: &str) -> bool {
        let path = path.to_lowercase();
        self.lost.iter().any(|lost| lies_in(lost, &path) || lies_in(&path, lost))
    }

    /// Whether a name that leads nowhere may be that of something lost.
    pub(super) fn hide(&self, what: Named, name: &str) -> bool {
        let name = name.rsplit('/').next().unwrap_or_default().trim().to_lowercase();
        self.lost.iter().any(|lost| lost == "input" || may_have_held(lost, what, &name))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The value, or its error as a mistake.
    pub(super) fn take<T, E: fmt::Display>(&mut self, origin: &Origin, read: Result<T, E>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(error) => self.add(origin, error.to_string()),
        }
    }

    /// What a text in a notation of ours says, or a mistake that points at the part.
    pub(super) fn notation<T>(&mut self, origin: &Origin, read: Result<T, NotationError>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(error) => {
                self.lose(&origin.path);
                let mistake = Mistake::new(origin, error.to_string());
                self.list.push(Mistake { excerpt: Some(error.excerpt()), ..mistake });
                None
            }
        }
    }

    /// The word, or a mistake that names the closest one.
    pub(super) fn word<T>(&mut self, origin: &Origin, read: Result<T, WordError>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(error) => {
                let hint = did_you_mean(&error.found, error.accepted.iter().copied());
                self.add(origin, format!("{error}{hint}"))
            }
        }
    }

    /// The value if there were no mistakes, else all of them in order of the file.
    pub(super) fn settle<T>(self, value: Option<T>) -> Result<T, Vec<Mistake>> {
        match value {
            Some(value) if self.list.is_empty() => Ok(value),
            _ => Err(self.into_list()),
        }
    }

    /// All mistakes, in order of the file.
    pub(super) fn into_list(mut self) -> Vec<Mistake> {
        self.list.sort();
        self.list.dedup();
        self.list
    }
}

/// Whether a key path is another or lies below it.
fn lies_in(path: &str, other: &str) -> bool {
    path.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Whether the thing of a name may have stood at a lost key path; groups, route tables and the like are
/// there as soon as their names are.
fn may_have_held(lost: &str, what: Named, name: &str) -> bool {
    let sections: &[&str] = match what {
        Named::Network | Named::Subnet => &["vnets"],
        Named::Group | Named::Rule => &["nsgs"],
        Named::RouteTable => &["routes"],
        Named::ApplicationGroup => &["asgs"],
        Named::Anything => &["vnets", "nsgs", "routes", "asgs"],
    };
    let Some(path) = lost.strip_prefix("network.") else { return lost == "network" };
    sections.iter().any(|section| {
        let Some(rest) = path.strip_prefix(section) else { return false };
        let Some(rest) = rest.strip_prefix('.') else { return rest.is_empty() };
        let is_it = rest.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        let around = !rest.contains('.') || rest.ends_with(".subnets");
        is_it || (around && matches!(what, Named::Subnet | Named::Rule | Named::Anything))
    })
}

/// `; did you mean X?` for the closest of the candidates, empty where none is close.
pub(super) fn did_you_mean<'a>(found: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    closest(found, candidates).map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

/// `a, b and c`, each in backticks.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match &names[..] {
        [] => "none".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
