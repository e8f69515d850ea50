//! What `diff` answers: plain values that a report prints.

use crate::analyses::{FlowAnswer, Witness};
use crate::flows::LocationKind;
use crate::model::{Assumption, Direction, Origin, Verdict};
use crate::sets::{AddressSet, Count, PacketSet};
use crate::tags::Vocabulary;
use crate::walk::Outcome;

/// How the traffic of two inputs differs.
#[derive(Clone, Debug, Default)]
pub struct DiffAnswer {
    /// Every pair of attachment points that was compared, in order of the new input.
    pub places: Vec<PlaceDiff>,
    /// Attachment points of the old input without a counterpart.
    pub removed: Vec<PlaceSide>,
    /// Attachment points of the new input without a counterpart.
    pub added: Vec<PlaceSide>,
}

/// What a place is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PlaceKind {
    /// A subnet, with the group in force there or none.
    Subnet,
    /// A security group that no subnet of its input uses.
    Group,
}

/// One side of a comparison.
#[derive(Clone, Debug)]
pub struct PlaceSide {
    /// What it is in its input.
    pub kind: PlaceKind,
    /// `network/subnet`, or the group's name.
    pub name: String,
    /// The security group in force.
    pub group: GroupState,
    /// Its place in the input.
    pub origin: Origin,
}

/// The security group of a place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum GroupState {
    /// No group is attached.
    None,
    /// The group of this name.
    Named(String),
    /// Which group it is, or what its rules are, is not known: what is missing.
    Unknown(String),
}

/// Why two places are taken to be the same one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MatchedBy {
    /// Their resource ids are equal.
    Id,
    /// Their names are equal and occur once in each input.
    Name,
    /// Each input holds exactly one.
    OnlyOne,
    /// One input shows a security group alone, which the other one attaches to a subnet.
    Attachment,
}

/// Two places compared.
#[derive(Clone, Debug)]
pub struct PlaceDiff {
    /// As it is in the old input.
    pub old: PlaceSide,
    /// As it is in the new input.
    pub new: PlaceSide,
    /// Why the two belong together.
    pub matched: MatchedBy,
    /// The own addresses that were asked for, of the old and the new prefixes; `None` for every address.
    pub own: Option<AddressSet>,
    /// What differs in the surroundings of the rules.
    pub causes: Vec<Cause>,
    /// The directions that were asked, each with what changes there.
    pub directions: Vec<DirectionDiff>,
    /// What the comparison rests on.
    pub assumptions: Vec<Assumption>,
}

/// One direction of a place.
#[derive(Clone, Debug)]
pub struct DirectionDiff {
    /// The direction.
    pub direction: Direction,
    /// What changes, by kind and then the largest first. None at all is a proof that every packet that was
    /// asked for has the same verdict before and after.
    pub changes: Vec<TrafficChange>,
    /// Words for addresses that mean the same before and after.
    pub words: Vocabulary,
}

/// How a verdict changes.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ChangeKind {
    /// Blocked before, allowed after.
    NewlyAllowed,
    /// Allowed before, blocked after.
    NewlyBlocked,
    /// Settled before, unknown after.
    NewlyUnknown,
    /// Unknown before, settled after.
    NoLongerUnknown,
    /// Unknown before and after, but by other rules: it may have changed.
    Unsettled,
}

impl ChangeKind {
    /// Every kind, in order.
    pub const ALL: [Self; 5] =
        [Self::NewlyAllowed, Self::NewlyBlocked, Self::NewlyUnknown, Self::NoLongerUnknown, Self::Unsettled];

    /// The kind of a change between two verdicts of packets.
    pub fn of(old: Verdict, new: Verdict) -> Self {
        match (old, new) {
            (Verdict::Unknown, Verdict::Unknown) => Self::Unsettled,
            (Verdict::Unknown, _) => Self::NoLongerUnknown,
            (_, Verdict::Unknown) => Self::NewlyUnknown,
            (_, Verdict::Allowed) => Self::NewlyAllowed,
            _ => Self::NewlyBlocked,
        }
    }

    /// The kind in kebab case, for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NewlyAllowed => "newly-allowed",
            Self::NewlyBlocked => "newly-blocked",
            Self::NewlyUnknown => "newly-unknown",
            Self::NoLongerUnknown => "no-longer-unknown",
            Self::Unsettled => "unsettled",
        }
    }
}

/// Packets that one pair of deciders treats in another way than before.
#[derive(Clone, Debug)]
pub struct TrafficChange {
    /// How their verdict changes.
    pub kind: ChangeKind,
    /// The packets.
    pub packets: PacketSet,
    /// How many there are.
    pub size: Count,
    /// How many addresses the other side has.
    pub remote: Count,
    /// What becomes of them before.
    pub old: Outcome,
    /// What becomes of them after.
    pub new: Outcome,
    /// One of them.
    pub witness: Option<Witness>,
}

/// What differs in the surroundings of the rules, and can change what an unchanged rule matches.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Cause {
    /// Another security group is in force, or none.
    Group {
        /// Before.
        old: GroupState,
        /// After.
        new: GroupState,
    },
    /// The subnet's prefixes differ.
    SubnetPrefix {
        /// Before.
        old: AddressSet,
        /// After.
        new: AddressSet,
    },
    /// The virtual network's own address space differs.
    AddressSpace {
        /// Before; `None` where it is not known.
        old: Option<AddressSet>,
        /// After.
        new: Option<AddressSet>,
    },
    /// A peering is there in one input only, or its access, state or address space differs.
    Peering {
        /// Its name.
        name: String,
        /// Whether it was there before and is there after.
        there: (bool, bool),
    },
    /// The routes of the subnet differ.
    Routes {
        /// The route table before, by name.
        old: Option<String>,
        /// The route table after.
        new: Option<String>,
    },
    /// What `VirtualNetwork` certainly stands for differs.
    VirtualNetwork {
        /// Addresses that it has only after.
        gained: AddressSet,
        /// Addresses that it has only before.
        lost: AddressSet,
    },
    /// A service tag that a rule names has other addresses in the two lists.
    Tag {
        /// Its name.
        name: String,
        /// How many addresses it has only after.
        gained: Count,
        /// How many addresses it has only before.
        lost: Count,
    },
    /// An application security group that a rule names has other members.
    Members {
        /// Its name.
        name: String,
    },
}

/// How the required flows of two inputs differ.
#[derive(Clone, Debug, Default)]
pub struct FlowsDiff {
    /// Every location of every instance that both inputs hold.
    pub locations: Vec<LocationDiff>,
    /// Locations of the old input without a counterpart.
    pub removed: Vec<LocationHead>,
    /// Locations of the new input without a counterpart.
    pub added: Vec<LocationHead>,
}

/// One location of an instance.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LocationHead {
    /// The instance's name.
    pub name: String,
    /// Which of its locations it is.
    pub location: LocationKind,
    /// `network/subnet`, where it stands in one.
    pub subnet: Option<String>,
    /// Where it was written.
    pub origin: Origin,
}

/// One location compared.
#[derive(Clone, Debug)]
pub struct LocationDiff {
    /// As it is in the old input.
    pub old: LocationHead,
    /// As it is in the new input.
    pub new: LocationHead,
    /// How many flows are required in one input or both.
    pub compared: usize,
    /// How many of them are unknown in both inputs, without a packet that changes for certain.
    pub unknown: usize,
    /// The required flows whose verdict or share changes, in order of the catalogue.
    pub flows: Vec<FlowChange>,
    /// What the answers rest on.
    pub assumptions: Vec<Assumption>,
}

/// How a required flow changes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FlowTurn {
    /// More of it gets through.
    Opened,
    /// Less of it gets through.
    Closed,
    /// What becomes of it was settled.
    NewlyUnknown,
    /// What becomes of it was not settled.
    NoLongerUnknown,
    /// It is required after, and was not.
    NewlyRequired,
    /// It was required, and is not any more.
    NoLongerRequired,
}

impl FlowTurn {
    /// The turn in kebab case, for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Closed => "closed",
            Self::NewlyUnknown => "newly-unknown",
            Self::NoLongerUnknown => "no-longer-unknown",
            Self::NewlyRequired => "newly-required",
            Self::NoLongerRequired => "no-longer-required",
        }
    }
}

/// One required flow that changes.
#[derive(Clone, Debug)]
pub struct FlowChange {
    /// How.
    pub turn: FlowTurn,
    /// The answer before.
    pub old: FlowAnswer,
    /// The answer after.
    pub new: FlowAnswer,
    /// The packets of both whose verdict changes; empty where only the packets that are asked for differ.
    pub changes: Vec<TrafficChange>,
}

impl DiffAnswer {
    /// All changes of traffic.
    pub fn changes(&self) -> impl Iterator<Item = &TrafficChange> {
        self.places.iter().flat_map(|place| &place.directions).flat_map(|one| &one.changes)
    }

    /// How many changes are of a kind.
    pub fn count(&self, kind: ChangeKind) -> usize {
        self.changes().filter(|change| change.kind == kind).count()
    }

    /// Whether anything is certainly another way than before.
    pub fn has_changed(&self) -> bool {
        let certain = |change: &TrafficChange| change.kind != ChangeKind::Unsettled;
        !self.added.is_empty() || !self.removed.is_empty() || self.changes().any(certain)
    }
}

impl PlaceDiff {
    /// Whether no packet that was asked for changes.
    pub fn is_equal(&self) -> bool {
        self.directions.iter().all(|direction| direction.changes.is_empty())
    }
}

impl FlowsDiff {
    /// All flows that change.
    pub fn changes(&self) -> impl Iterator<Item = &FlowChange> {
        self.locations.iter().flat_map(|location| &location.flows)
    }

    /// How many flows turn in a way.
    pub fn count(&self, turn: FlowTurn) -> usize {
        self.changes().filter(|change| change.turn == turn).count()
    }

    /// Whether anything is another way than before.
    pub fn has_changed(&self) -> bool {
        !self.added.is_empty() || !self.removed.is_empty() || self.changes().next().is_some()
    }
}
