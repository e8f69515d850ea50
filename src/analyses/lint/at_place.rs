//! What each rule of a group is at one place.
//!
//! In: the group's rules of both directions in every world of the place. Out: one [`AtPlace`] for each custom
//! rule. Only what holds in every world is said, and nothing that hangs on another unknown: where a rule may
//! match something that is not known, or shares its priority with another, no order of events is certain.

use super::worlds::{Standings, World, Worlds};
use super::{Kind, Left, PacketShare};
use crate::model::{Access, Direction, Fact, Gap, Packet};
use crate::network::SecurityGroup;
use crate::rules::{AddressTerm, Effort, PortTerm, Rule, Side, Standing, Written};
use crate::sets::{AddressSet, Count, PacketBox, PacketSet, PortSet, ProtocolSet};
use crate::tags::special;
use rustc_hash::FxHashMap;
use std::cell::{Cell, RefCell};

/// What it costs to hold what one rule matches against what another one does, in the words of an [`Effort`].
const COMPARISON: usize = 2_000;

/// What it costs to compile a rule in one world, lay it out and word what becomes of it: estimated from what 280 groups
/// of 900 rules took besides the walks (some 4 microseconds a rule).
const PREPARED: usize = 4_000;

/// Why a rule matches nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Reason {
    /// Every port of a side is a range that runs backwards (S22).
    ReversedPorts,
    /// Source and destination have no family in common.
    Families,
    /// The source holds no address.
    Source,
    /// The destination holds no address.
    Destination,
    /// The platform settles all of it before rules are looked at (S18, S100).
    Platform,
    /// Nothing meets all conditions together.
    Together,
}

/// What a rule is at one place. Rules are named by their place in the rule set.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct AtPlace {
    pub(super) kind: Kind,
    /// Why, for a dead rule.
    pub(super) reason: Option<Reason>,
    pub(super) share: Option<PacketShare>,
    pub(super) left: Option<Left>,
    pub(super) cover: Vec<usize>,
    pub(super) heirs: Vec<usize>,
    /// What is missing, for a rule that is not settled.
    pub(super) unknowns: Vec<Gap>,
    /// A packet that the rule decides in every world, where there is one that is at hand.
    pub(super) witness: Option<Packet>,
    /// Whether the rule was not looked at to the end, since that is too much work.
    pub(super) cut_off: bool,
}

impl AtPlace {
    /// Whether it is the same but for numbers and examples.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let of = |one: &Self| {
            (one.kind, one.reason, one.cut_off, one.cover.clone(), one.heirs.clone(), one.left.clone())
        };
        of(self) == of(other)
    }
}

/// One direction of the group.
struct Way<'t> {
    direction: Direction,
    worlds: Vec<World<'t>>,
    standings: Vec<Standings>,
    /// How many rules there are of each priority.
    of_priority: FxHashMap<i64, usize>,
}

impl<'t> Way<'t> {
    fn new(group: &SecurityGroup, worlds: &'t Worlds<'_>, direction: Direction, effort: &mut Effort) -> Self {
        let worlds = worlds.compile(&group.rules, direction);
        let rules = group.rules.rules.iter().filter(|rule| rule.may_be_in(direction));
        effort.take_work(PREPARED * worlds.len() * rules.clone().count());
        // As much is left for what is asked of single rules as each world has.
        let left = (2..worlds.len() + 2).rev();
        let of =
            |(left, world): (usize, &World<'_>)| effort.with_part(left, |effort| world.standings(effort));
        let standings = left.zip(&worlds).map(of).collect();
        let mut of_priority: FxHashMap<i64, usize> = FxHashMap::default();
        for rule in rules {
            *of_priority.entry(rule.priority.order()).or_default() += 1;
        }
        Self { direction, worlds, standings, of_priority }
    }
}

/// What each custom rule is, in the order of the input.
pub(super) fn of_group(
    group: &SecurityGroup,
    worlds: &Worlds<'_>,
    effort: &mut Effort,
) -> Vec<(usize, AtPlace)> {
    let network_gaps = worlds.gaps();
    let rules = |direction| 1 + group.rules.custom().filter(|rule| rule.may_be_in(direction)).count();
    let mut left: usize = Direction::ALL.iter().map(|direction| rules(*direction)).sum();
    let way = |direction: &Direction| {
        let own = rules(*direction);
        let way = effort.with_share(own, left, |effort| Way::new(group, worlds, *direction, effort));
        left -= own;
        way
    };
    let ways: Vec<Way<'_>> = Direction::ALL.iter().map(way).collect();
    let left = RefCell::new(effort.clone());
    let custom = group.rules.rules.iter().enumerate().filter(|(_, rule)| !rule.is_default());
    let one = |(index, rule): (usize, &Rule)| {
        let way = ways.iter().find(|way| rule.direction == Fact::Known(way.direction));
        let found = way.map(|way| {
            let cut_off = Cell::new(false);
            InEveryWorld { group, way, index, rule, network_gaps, effort: &left, cut_off }.judge()
        });
        let way_open = || AtPlace {
            unknowns: rule.direction.gap().into_iter().cloned().collect(),
            ..AtPlace::plain(Kind::Unsettled)
        };
        (index, found.unwrap_or_else(way_open))
    };
    let found = custom.map(one).collect();
    *effort = left.into_inner();
    found
}

impl AtPlace {
    fn plain(kind: Kind) -> Self {
        Self {
            kind,
            reason: None,
            share: None,
            left: None,
            cover: Vec::new(),
            heirs: Vec::new(),
            unknowns: Vec::new(),
            witness: None,
            cut_off: false,
        }
    }

    fn cut_off() -> Self {
        let gap = Gap::new(
            "what the rule does among the others: they cut its packets into more pieces than are looked at",
        );
        Self { unknowns: vec![gap], cut_off: true, ..Self::plain(Kind::Unsettled) }
    }
}

/// One rule in every world of its place.
struct InEveryWorld<'a> {
    group: &'a SecurityGroup,
    way: &'a Way<'a>,
    index: usize,
    rule: &'a Rule,
    /// What would settle the address space.
    network_gaps: &'a [Gap],
    effort: &'a RefCell<Effort>,
    /// Whether something was too much work.
    cut_off: Cell<bool>,
}

impl InEveryWorld<'_> {
    fn judge(&self) -> AtPlace {
        let is_open = |of: &Standings| of.of_rule(self.index).any(|standing| standing.open);
        if self.way.standings.iter().any(is_open) {
            return AtPlace::cut_off();
        }
        let found = self.judge_whole();
        if self.cut_off.get() { AtPlace::cut_off() } else { found }
    }

    fn judge_whole(&self) -> AtPlace {
        let mut found = AtPlace::plain(Kind::Alive);
        if self.every(|_, of| !self.meets_anything(of)) {
            found.kind = Kind::Dead;
            found.reason = Some(self.reason());
            return found;
        }
        found.cover = self.in_order(|standing| &standing.cover);
        found.share = self.share();
        if self.every(|_, of| self.own(of).iter().all(|standing| is_nothing(&standing.decides))) {
            found.kind = Kind::Shadowed;
            return found;
        }
        found.witness = self.witness();
        found.kind = self.kind_of_deciding();
        if found.kind == Kind::Unsettled {
            found.unknowns = self.unknowns();
        }
        if found.kind.is_removable() {
            found.heirs = self.in_order(|standing| &standing.heirs);
        }
        let settled = found.kind != Kind::Unsettled && !self.is_unsettled();
        if settled && self.every(|_, of| self.own(of).iter().any(|standing| loses_some(standing))) {
            found.left = self.left();
            if found.kind == Kind::Alive && self.is_cut_across(&found.cover) {
                found.kind = Kind::PartlyShadowed;
            }
        }
        found
    }

    /// What a rule is that decides something, or may.
    fn kind_of_deciding(&self) -> Kind {
        let Some(access) = self.rule.access.known().copied() else { return Kind::Unsettled };
        // Where all that may follow do what the rule does, it is the same whatever is missing.
        let is_in_doubt = self.has_peers() || self.group.doubt.is_some();
        if !is_in_doubt && self.every(|_, of| self.is_redundant(of, access)) {
            let rules = &self.group.rules.rules;
            return match self
                .in_order(|standing| &standing.heirs)
                .iter()
                .all(|heir| rules[*heir].is_default())
            {
                true => Kind::RepeatsDefault,
                false => Kind::Redundant,
            };
        }
        // What is shadowed in one world and not in another hangs on the address space.
        let decides = |of: &Standings| self.own(of).iter().any(|one| !is_nothing(&one.decides));
        if self.is_unsettled() || !self.every(|_, of| decides(of)) {
            return Kind::Unsettled;
        }
        // Without an example nothing is said to decide: ICMP between IPv6 addresses has none (U4).
        let shown = self.every(|world, of| self.examples(of).any(|packet| self.decides(world, &packet)));
        if shown { Kind::Alive } else { Kind::Unsettled }
    }

    fn every(&self, holds: impl Fn(&World<'_>, &Standings) -> bool) -> bool {
        self.way.worlds.iter().zip(&self.way.standings).all(|(world, of)| holds(world, of))
    }

    /// The rule's standings in one world: none where it takes no part, several where its place is not known.
    fn own<'s>(&self, standings: &'s Standings) -> Vec<&'s Standing> {
        standings.of_rule(self.index).collect()
    }

    /// Rules that any world names, once each and in order of evaluation.
    fn in_order(&self, named: impl Fn(&Standing) -> &Vec<usize>) -> Vec<usize> {
        let all = self.way.standings.iter().flat_map(|of| self.own(of));
        let mut found: Vec<usize> = all.flat_map(|standing| named(standing).iter().copied()).collect();
        // What Azure delivers without a rule is none of the group's rules.
        found.retain(|index| *index < self.group.rules.rules.len());
        found.sort_by_key(|index| (self.group.rules.rules[*index].priority.order(), *index));
        found.dedup();
        found
    }

    /// Whether some packet that the rule may match is one that rules are asked about.
    fn meets_anything(&self, of: &Standings) -> bool {
        self.own(of).iter().any(|standing| !is_nothing(&standing.matches))
    }

    fn reason(&self) -> Reason {
        let reversed = |side: &Side| {
            !side.ports.is_empty() && side.ports.iter().all(|written| written.value == PortTerm::Never)
        };
        if reversed(&self.rule.source) || reversed(&self.rule.destination) {
            return Reason::ReversedPorts;
        }
        if self.way.worlds.iter().any(|world| world.would_match_anything(self.index)) {
            return Reason::Platform;
        }
        let any = || vec![Written::singular(AddressTerm::Any)];
        let with = |change: &dyn Fn(&mut Rule)| {
            self.way.worlds.iter().any(|world| world.would_match(self.index, |rule| change(rule)))
        };
        let by_source = with(&|rule| rule.source.addresses = any());
        let by_destination = with(&|rule| rule.destination.addresses = any());
        match (by_source, by_destination) {
            (true, true) => Reason::Families,
            (true, false) => Reason::Source,
            (false, true) => Reason::Destination,
            (false, false) => Reason::Together,
        }
    }

    /// Whether what the rule does hangs on something unknown, or on the order of rules of one priority.
    fn is_unsettled(&self) -> bool {
        self.has_peers()
            || self.group.doubt.is_some()
            || self.way.worlds.iter().any(|world| has_gap(world, self.index))
    }

    /// S8: whether another rule of the direction has the same priority.
    fn has_peers(&self) -> bool {
        self.way.of_priority.get(&self.rule.priority.order()).is_some_and(|rules| *rules > 1)
    }

    /// What would settle the rule.
    fn unknowns(&self) -> Vec<Gap> {
        let mut gaps: Vec<Gap> = self.group.doubt.iter().cloned().collect();
        if self.has_peers() {
            let number = &self.rule.priority;
            gaps.push(Gap::new(format!("which rule of priority {number} is looked at first (U1)")));
        }
        for world in &self.way.worlds {
            gaps.extend(world.ordinary.gaps(self.index).iter().cloned());
            gaps.extend(world.services.gaps(self.index).iter().cloned());
        }
        if gaps.is_empty() {
            gaps.extend(self.network_gaps.iter().cloned());
        }
        if gaps.is_empty() {
            gaps.push(Gap::new("whether ICMP between IPv6 addresses is filtered (U4)"));
        }
        gaps.sort();
        gaps.dedup();
        gaps
    }

    /// Whether everything stays the same without the rule: the engine says so, and all that would follow it,
    /// or may, do the same as it does.
    fn is_redundant(&self, of: &Standings, access: Access) -> bool {
        let rules = &self.group.rules.rules;
        let follows = |heir: &usize| match rules.get(*heir) {
            Some(rule) => rule.access == Fact::Known(access),
            // Azure's own services are delivered where no rule says otherwise.
            None => access == Access::Allow,
        };
        self.own(of).iter().all(|standing| standing.redundant && standing.heirs.iter().all(follows))
    }

    /// The share of packets, where every world has the same.
    fn share(&self) -> Option<PacketShare> {
        let of = |standings: &Standings| {
            let own = self.own(standings);
            let sum = |number: fn(&Standing) -> &Count| own.iter().map(|standing| number(standing)).sum();
            PacketShare {
                decides: sum(|standing| &standing.decides),
                matches: sum(|standing| &standing.matches),
            }
        };
        let mut shares = self.way.standings.iter().map(of);
        let first = shares.next()?;
        shares.all(|share| share == first).then_some(first)
    }

    /// What is left of the rule, where every world says the same.
    fn left(&self) -> Option<Left> {
        let of = |world: &World<'_>| {
            let found = world.decided_and_matched(self.index, &mut self.effort.borrow_mut());
            let Some((decided, matched)) = found else {
                self.cut_off.set(true);
                return None;
            };
            (!decided.is_empty() && decided.size() < matched.size()).then(|| Left::of(&decided, &matched))
        };
        let mut all = self.way.worlds.iter().map(of);
        let first = all.next()??;
        all.all(|left| left.as_ref() == Some(&first)).then_some(first)
    }

    /// Whether an earlier rule of the other access takes a part that is not the whole of what it matches
    /// itself. A rule that lies in this one as a whole is an exception that people write on purpose, as the
    /// allow rules before a rule that denies the rest. The addresses that only the platform uses lie in several
    /// tags, which nobody has in mind.
    fn is_cut_across(&self, cover: &[usize]) -> bool {
        let rules = &self.group.rules.rules;
        let other = |index: &&usize| matches!((rules[**index].access.known(), self.rule.access.known()), (Some(a), Some(b)) if a != b);
        let others: Vec<usize> = cover.iter().filter(other).copied().collect();
        if others.is_empty() {
            return false;
        }
        self.every(|world, _| {
            let matched = world.matched(self.index);
            others.iter().any(|earlier| {
                self.take_work(COMPARISON);
                if self.cut_off.get() {
                    return false;
                }
                let taken = world.matched(*earlier);
                !taken.is_subset(matched) && !besides_platform(&taken.intersection(matched)).is_empty()
            })
        })
    }

    /// A packet that the rule decides in every world, else none; replayed through the plain walk.
    fn witness(&self) -> Option<Packet> {
        let mut packets = self.way.standings.iter().flat_map(|of| self.examples(of));
        packets.find(|packet| self.way.worlds.iter().all(|world| self.decides(world, packet)))
    }

    fn take_work(&self, work: usize) {
        let mut effort = self.effort.borrow_mut();
        effort.take_work(work);
        self.cut_off.set(self.cut_off.get() || effort.is_spent());
    }

    fn examples(&self, of: &Standings) -> impl Iterator<Item = Packet> {
        self.own(of).into_iter().filter_map(|standing| standing.witness).collect::<Vec<_>>().into_iter()
    }

    /// Whether the plain walk ends at the rule, or may.
    fn decides(&self, world: &World<'_>, packet: &Packet) -> bool {
        world.decides(self.index, packet)
    }
}

fn is_nothing(count: &Count) -> bool {
    *count == Count::default()
}

fn loses_some(standing: &Standing) -> bool {
    standing.decides < standing.matches
}

fn has_gap(world: &World<'_>, index: usize) -> bool {
    !world.ordinary.gaps(index).is_empty() || !world.services.gaps(index).is_empty()
}

fn besides_platform(packets: &PacketSet) -> PacketSet {
    let side = |source: AddressSet, destination: AddressSet| {
        PacketSet::product(&PacketBox {
            protocols: ProtocolSet::ALL,
            source,
            source_ports: PortSet::all(),
            destination,
            destination_ports: PortSet::all(),
        })
    };
    let platform = special::platform_only();
    packets
        .difference(&side(platform.clone(), AddressSet::all()))
        .difference(&side(AddressSet::all(), platform))
}
