//! Two declarations of one resource.
//!
//! In one document the later one is deployed last and counts. Documents have no order: what two of them say
//! differently is unknown, and the reason names both places.

use crate::finding::{Code, Finding};
use crate::model::{Fact, Gap, Origin, ResourceId};
use crate::sources::Resource;
use crate::sources::values::Faults;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

/// Resources of one type in order of writing, each id once.
pub(super) struct Each<T> {
    items: Vec<T>,
    places: HashMap<String, (usize, Declared)>,
}

impl<T> Each<T> {
    pub(super) fn new() -> Self {
        Self { items: Vec::new(), places: HashMap::new() }
    }

    /// Adds a resource where none of its id is there. Else hands it back, with the one that is and who declares that.
    pub(super) fn add(
        &mut self,
        id: &ResourceId,
        by: &Declared,
        item: T,
    ) -> Option<(T, &mut T, &mut Declared)> {
        match self.places.entry(id.key()) {
            Entry::Vacant(free) => {
                free.insert((self.items.len(), by.clone()));
                self.items.push(item);
                None
            }
            Entry::Occupied(known) => {
                let (place, known) = known.into_mut();
                Some((item, &mut self.items[*place], known))
            }
        }
    }

    /// Where the resource of an id stands; one is made where none is there.
    pub(super) fn place_or(&mut self, id: &ResourceId, by: &Declared, make: impl FnOnce() -> T) -> usize {
        let (place, _) = self.places.entry(id.key()).or_insert_with(|| {
            self.items.push(make());
            (self.items.len() - 1, by.clone())
        });
        *place
    }

    /// Where the resource of an id stands.
    pub(super) fn place(&self, id: &ResourceId) -> Option<usize> {
        self.places.get(&id.key()).map(|(place, _)| *place)
    }

    /// Who declares the resource of an id.
    pub(super) fn declared(&self, id: &ResourceId) -> Option<&Declared> {
        self.places.get(&id.key()).map(|(_, by)| by)
    }

    pub(super) fn into_items(self) -> Vec<T> {
        self.items
    }
}

/// Who declares a resource.
#[derive(Clone)]
pub(super) struct Declared {
    origin: Origin,
    /// None where several documents were put together.
    document: Option<Arc<str>>,
    /// An answer that shows the name alone says nothing against another.
    bare: bool,
}

impl Declared {
    pub(super) fn by(resource: &Resource) -> Self {
        let properties = resource.body.get("properties");
        Self {
            origin: resource.origin.clone(),
            document: Some(Arc::clone(&resource.document)),
            bare: resource.body.get("id").is_some() && properties.is_some_and(|inner| inner.gap().is_some()),
        }
    }

    /// The same, of a part that is declared inside.
    pub(super) fn inside(self, origin: &Origin) -> Self {
        Self { origin: origin.clone(), ..self }
    }

    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(super) fn is_bare(&self) -> bool {
        self.bare
    }

    fn is_apart(&self, other: &Self) -> bool {
        self.document.is_none() || self.document != other.document
    }
}

/// What is to be done with a second declaration.
pub(super) enum Second {
    /// The first one stands.
    Ignored,
    /// It stands for both.
    Taken,
    /// Neither is believed where the two differ.
    Weighed(Pair),
}

impl Second {
    pub(super) fn of(earlier: &Declared, later: &Declared, what: &'static str, name: &str) -> Self {
        match (earlier.bare, later.bare) {
            (_, true) => Self::Ignored,
            (true, false) => Self::Taken,
            (false, false) if earlier.is_apart(later) => {
                Self::Weighed(Pair::new(what, name, &earlier.origin, &later.origin))
            }
            (false, false) => Self::Taken,
        }
    }
}

/// Two declarations of one resource in documents without an order.
pub(super) struct Pair {
    what: &'static str,
    name: String,
    earlier: Origin,
    later: Origin,
    /// The first thing that they say differently.
    differs: Option<Gap>,
}

impl Pair {
    pub(super) fn new(what: &'static str, name: &str, earlier: &Origin, later: &Origin) -> Self {
        let (earlier, later) = (earlier.clone(), later.clone());
        Self { what, name: name.to_owned(), earlier, later, differs: None }
    }

    /// What both say of one thing.
    pub(super) fn weigh<T: PartialEq>(&mut self, thing: &str, one: Fact<T>, other: Fact<T>) -> Fact<T> {
        match (one, other) {
            (Fact::Known(one), Fact::Known(other)) if one == other => Fact::Known(one),
            (Fact::Known(_), Fact::Known(_)) => Fact::Unknown(self.differ(thing)),
            (Fact::Unknown(gap), _) | (_, Fact::Unknown(gap)) => Fact::Unknown(gap),
        }
    }

    /// The same of a list, whose order says nothing.
    pub(super) fn weigh_list<T: Ord>(
        &mut self,
        thing: &str,
        one: Fact<Vec<T>>,
        other: Fact<Vec<T>>,
    ) -> Fact<Vec<T>> {
        self.weigh(thing, one.map(sorted), other.map(sorted))
    }

    /// Notes that the two differ; why this thing is not known.
    pub(super) fn differ(&mut self, thing: &str) -> Gap {
        let Self { what, name, earlier, later, differs } = self;
        let gap = Gap::new(format!("{thing} of the {what} `{name}`: {earlier} and {later} differ")).at(later);
        differs.get_or_insert_with(|| gap.clone());
        gap
    }

    /// What they say differently, where they do.
    pub(super) fn gap(&self) -> Option<&Gap> {
        self.differs.as_ref()
    }

    /// Tells a difference; who declares the resource from now on.
    pub(super) fn finish(self, faults: &mut Faults) -> Declared {
        let Self { what, name, earlier, later, differs } = self;
        if differs.is_some() {
            let message = format!(
                "the {what} `{name}` is declared here and at {earlier}, and the two differ; files have no order, so neither is believed"
            );
            faults.findings.push(Finding::new(Code::DuplicateResource, &later, message).about(&name));
        }
        Declared { origin: later, document: None, bare: false }
    }
}

/// A list whose order says nothing.
pub(super) fn sorted<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort();
    list
}
