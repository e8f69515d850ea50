//! What a term of a rule stands for at a place, in the default reading.

use crate::model::Gap;
use crate::rules::surroundings::TagMeaning;
use crate::rules::{AddressTerm, Extent, Reading, Surroundings};
use crate::sets::AddressSet;

/// The addresses of a term, certainly and at most.
pub(super) fn meaning(term: &AddressTerm, place: &Surroundings<'_>) -> Extent {
    match term {
        AddressTerm::Any | AddressTerm::LiteralAny => Extent::known(AddressSet::all()),
        AddressTerm::Prefix { net, .. } => Extent::known(AddressSet::from_nets([*net])),
        // Whether Azure takes it is not known (U11); its ends are edges all the same.
        AddressTerm::Expanded { prefixes, .. } => {
            Extent::known(AddressSet::from_nets(prefixes.iter().copied()))
        }
        AddressTerm::DashRange { first, last } => Extent {
            must: AddressSet::empty(),
            may: AddressSet::range(*first, *last),
            gaps: vec![Gap::new("whether Azure accepts a range with a dash")],
        },
        AddressTerm::Tag(name) => match place.tag(name, &Reading::DEFAULT) {
            TagMeaning::Addresses(extent) => extent,
            // The stand-in for addresses that nobody knows is none that a packet has.
            TagMeaning::Platform(tag) => Extent::known(tag.fixed().unwrap_or_default()),
        },
        AddressTerm::Group(id) => match place.groups.get(id) {
            Some(members) => members.clone(),
            None => Extent::unknown(Gap::new(format!("the members of `{}`", id.name()))),
        },
        AddressTerm::Unknown(gap) => Extent::unknown(gap.clone()),
    }
}

/// Whether a term is a tag that only traffic to Azure's own services is held against (S100).
pub(super) fn is_platform_tag(term: &AddressTerm, place: &Surroundings<'_>) -> bool {
    let AddressTerm::Tag(name) = term else { return false };
    matches!(place.tag(name, &Reading::DEFAULT), TagMeaning::Platform(_))
}
