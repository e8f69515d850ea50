//! The exact difference of two inputs as traffic.
//!
//! In: the networks of an old and a new input, each with its service tag list. Out: for each attachment point
//! the packets whose verdict changes, with what decided before and what decides after. A comparison without
//! changes is a proof: every packet that was asked for has the same verdict on both sides.
//!
//! | step | module |
//! | --- | --- |
//! | which place of the new input is which of the old | `matching` |
//! | two places made comparable: own addresses, what one side alone shows | `sides` |
//! | the packets that change, by pair of deciders | `compare` |
//! | what differs around the rules | `causes` |
//! | undocumented points that the difference hangs on | `readings` |
//! | whether two doubts are one | `reasons` |
//! | the required flows alone | `flows` |
//!
//! Every packet of a direction is asked, the platform's own addresses with it: this is about rules, and nothing
//! may be hidden. The own side is narrowed to the subnet's addresses where they are known, since no other
//! packet occurs there. Where they are not, every address that a machine can have is asked for, each taken to lie
//! in `VirtualNetwork`. What is missing on both sides is taken to be the same on both.
//!
//! ```
//! use flowcheck::analyses::diff::{ChangeKind, DiffOptions, DiffSide, diff};
//! use flowcheck::model::Direction;
//! use flowcheck::sources::{ReadOptions, read};
//! use flowcheck::tags::TagSnapshot;
//!
//! let (old, new) = (
//!     include_bytes!("../../../examples/external/main.json"),
//!     include_bytes!("../../../examples/external/fixed.json"),
//! );
//! let old = [read(old, "main.json", &ReadOptions::default())?.network];
//! let new = [read(new, "fixed.json", &ReadOptions::default())?.network];
//! let old = DiffSide { networks: &old, tags: TagSnapshot::builtin() };
//! let new = DiffSide { networks: &new, tags: TagSnapshot::builtin() };
//! let options =
//!     DiffOptions { directions: vec![Direction::Inbound, Direction::Outbound], ..DiffOptions::default() };
//!
//! let answer = diff(&old, &new, &options)?;
//! let opened = answer.changes().find(|change| change.kind == ChangeKind::NewlyAllowed).unwrap();
//! assert_eq!(opened.old.decider().unwrap().to_string(), "DenyAllOutbound (4096)");
//! assert_eq!(opened.new.decider().unwrap().to_string(), "AllowSql (110)");
//! // No change at all is a proof for every packet.
//! assert_eq!(diff(&old, &old, &options)?.changes().count(), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Not here: reading inputs (`cli`), wording (`report`), what rules decide (`rules`, `walk`).

mod answer;
mod causes;
mod compare;
mod flows;
mod matching;
mod readings;
mod reasons;
mod sides;

pub use answer::{
    Cause, ChangeKind, DiffAnswer, DirectionDiff, FlowChange, FlowTurn, FlowsDiff, GroupState, LocationDiff,
    LocationHead, MatchedBy, PlaceDiff, PlaceKind, PlaceSide, TrafficChange,
};
pub use flows::diff_flows;

use crate::model::Direction;
use crate::network::{ChoiceError, Network};
use crate::rules::Effort;
use crate::sets::AddressSet;
use crate::tags::TagSnapshot;
use ipnet::IpNet;
use matching::{Pair, match_places};
use rayon::prelude::*;
use sides::Place;

/// One of the two inputs.
#[derive(Clone, Copy, Debug)]
pub struct DiffSide<'a> {
    /// Its networks; an input that is a directory may hold several.
    pub networks: &'a [Network],
    /// The service tag list that its rules are read with.
    pub tags: &'a TagSnapshot,
}

/// What narrows the question, and what the inputs lack.
#[derive(Clone, Debug, Default)]
pub struct DiffOptions {
    /// The directions to compare.
    pub directions: Vec<Direction>,
    /// Only the subnet of this name.
    pub subnet: Option<String>,
    /// Only places with the security group of this name.
    pub group: Option<String>,
    /// Address space around groups whose subnet is not shown.
    pub vnet_prefixes: Vec<IpNet>,
    /// Prefixes of the subnet of such groups.
    pub subnet_prefixes: Vec<IpNet>,
    /// Address space of peers of such groups.
    pub peer_prefixes: Vec<IpNet>,
}

/// Compares everything that has rules.
///
/// # Errors
/// [`ChoiceError`] when a name is unknown in both inputs, or neither holds anything that has rules.
pub fn diff(
    old: &DiffSide<'_>,
    new: &DiffSide<'_>,
    options: &DiffOptions,
) -> Result<DiffAnswer, ChoiceError> {
    let matched = match_places(old.networks, new.networks);
    let all: Vec<Place<'_>> = matched.places().collect();
    if all.is_empty() {
        return Err(ChoiceError {
            reason: "there is nothing to compare: the inputs hold no subnet and no network security group"
                .to_owned(),
            choices: Vec::new(),
        });
    }
    let asked = |places: &[&Place<'_>]| places.iter().any(|place| place.is_asked(options));
    let pairs: Vec<&Pair<'_>> = matched.pairs.iter().filter(|pair| asked(&[&pair.old, &pair.new])).collect();
    let only = |places: &[Place<'_>]| -> Vec<PlaceSide> {
        places.iter().filter(|place| asked(&[place])).map(Place::side).collect()
    };
    let (removed, added) = (only(&matched.only_old), only(&matched.only_new));
    if pairs.is_empty() && removed.is_empty() && added.is_empty() {
        return Err(no_such_place(options, &all));
    }
    // Each pair has its share of the work by the number of its rules.
    let all = pairs.iter().map(|pair| rules_of(pair)).sum();
    let place = |pair: &&Pair<'_>| {
        let effort = Effort::together().share(rules_of(pair), all);
        compare::place(pair, old.tags, new.tags, options, &effort)
    };
    let places = pairs.par_iter().map(place).collect();
    Ok(DiffAnswer { places, removed, added })
}

/// How many rules are compared, and one more.
fn rules_of(pair: &Pair<'_>) -> usize {
    let rules = |place: &Place<'_>| place.shown_group().map_or(0, |group| group.rules.rules.len());
    1 + rules(&pair.old) + rules(&pair.new)
}

/// The own addresses that are asked for where the subnet's are not known.
pub fn every_own() -> AddressSet {
    compare::every_own()
}

fn no_such_place(options: &DiffOptions, all: &[Place<'_>]) -> ChoiceError {
    let (what, name) = match (&options.subnet, &options.group) {
        (Some(name), None) => ("subnet", name.clone()),
        (None, Some(name)) => ("network security group", name.clone()),
        (subnet, group) => (
            "subnet with its network security group",
            format!("{} {}", subnet.as_deref().unwrap_or_default(), group.as_deref().unwrap_or_default()),
        ),
    };
    let by_group = options.subnet.is_none() && options.group.is_some();
    let mut choices: Vec<String> = all
        .iter()
        .filter_map(|place| if by_group { place.group_name() } else { place.subnet_name() })
        .collect();
    choices.sort();
    choices.dedup();
    ChoiceError { reason: format!("no {what} of either input is named `{name}`; they have"), choices }
}
