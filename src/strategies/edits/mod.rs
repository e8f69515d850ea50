//! Edits of a rule set: those that keep its meaning, and those that may change it.
//!
//! In: rule sets, what their words stand for at a place, and words for what is added. Out: each rule set as
//! it was and as it is after a few edits, and what was done in words. A rule set that Azure would accept
//! stays one.

mod change;
mod keep;

use super::rules::plain_rule;
use super::{Shown, Words};
use crate::model::{Direction, Priority, RulePriority};
use crate::rules::{Rule, RuleSet, Surroundings, Written};
use proptest::collection::{SizeRange, vec};
use proptest::prelude::*;
use proptest::sample::Index;
use std::fmt;
use std::ops::RangeInclusive;

/// One kind of edit.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum EditKind {
    /// The rules stand in another order in the file (S7).
    Reorder,
    /// A tag in other letters (U2).
    Respell,
    /// A value stands twice in its list (S6).
    Repeat,
    /// A prefix as its two halves.
    SplitPrefix,
    /// A range of ports as two that follow on each other (S21).
    SplitPorts,
    /// A tag as the prefixes that it stands for (S88).
    TagToAddresses,
    /// Other numbers in the same order (S2).
    Renumber,
    /// Two neighbours of one access change places.
    SwapAlike,
    /// A rule behind one that takes all its packets.
    AddDead,

    /// A rule more.
    Add,
    /// A rule less.
    Remove,
    /// `Allow` becomes `Deny`, or the other way round.
    FlipAccess,
    /// Another protocol.
    ChangeProtocol,
    /// A prefix one bit shorter, or `*`.
    WidenAddresses,
    /// Half a prefix, one value less, or a prefix instead of `*` or a tag.
    NarrowAddresses,
    /// Every port, or as many again.
    WidenPorts,
    /// Half the ports, or one range less.
    NarrowPorts,
    /// Another address, tag or group.
    ReplaceAddress,
    /// Another priority.
    Move,
    /// Two rules change places.
    Swap,
}

impl EditKind {
    /// Edits after which every packet has the verdict it had.
    pub const KEEPING: &'static [Self] = &[
        Self::Reorder,
        Self::Respell,
        Self::Repeat,
        Self::SplitPrefix,
        Self::SplitPorts,
        Self::TagToAddresses,
        Self::Renumber,
        Self::SwapAlike,
        Self::AddDead,
    ];

    /// Edits after which some packets may have another verdict.
    pub const CHANGING: &'static [Self] = &[
        Self::Add,
        Self::Remove,
        Self::FlipAccess,
        Self::ChangeProtocol,
        Self::WidenAddresses,
        Self::NarrowAddresses,
        Self::WidenPorts,
        Self::NarrowPorts,
        Self::ReplaceAddress,
        Self::Move,
        Self::Swap,
    ];
}

/// Which edits are made, and how many at once.
///
/// ```
/// use flowcheck::model::{Direction, Origin};
/// use flowcheck::rules::{Extent, Policy, Reading, Surroundings};
/// use flowcheck::sets::{AddressSet, PacketSet};
/// use flowcheck::strategies::{Edits, Words, rules};
/// use flowcheck::tags::TagSnapshot;
/// use proptest::prelude::*;
/// use std::collections::BTreeMap;
///
/// let place = Surroundings::new(TagSnapshot::builtin(), Extent::known(AddressSet::from_nets(["10.0.0.0/16".parse()?])));
/// let words = Words::none().tags(["Internet", "VirtualNetwork"]).ports([22, 443]);
/// let edits = Edits::keeping(&words).times(1..3);
/// let config = ProptestConfig { cases: 16, ..ProptestConfig::default() };
/// proptest!(config, |(edited in edits.of(rules(&words, 0..4), &place))| {
///     let policy = |rules| Policy::compile(rules, Direction::Inbound, &place, &Reading::DEFAULT);
///     let (before, after) = (policy(&edited.before), policy(&edited.after));
///     prop_assert!(before.difference(&after, &PacketSet::all()).is_empty());
/// });
/// # Ok::<(), ipnet::AddrParseError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Edits {
    kinds: Vec<EditKind>,
    words: Words,
    priorities: RangeInclusive<u16>,
    times: SizeRange,
}

impl Edits {
    /// One edit of any kind that keeps the meaning.
    pub fn keeping(words: &Words) -> Self {
        Self::of_kinds(words, EditKind::KEEPING)
    }

    /// One edit of any kind that may change the meaning.
    pub fn changing(words: &Words) -> Self {
        Self::of_kinds(words, EditKind::CHANGING)
    }

    /// One edit of the kinds given.
    pub fn of_kinds(words: &Words, kinds: &[EditKind]) -> Self {
        Self { kinds: kinds.to_vec(), words: words.clone(), priorities: 100..=4096, times: 1.into() }
    }

    /// The same edits, so many at once, each of what the one before left.
    #[must_use]
    pub fn times(mut self, times: impl Into<SizeRange>) -> Self {
        self.times = times.into();
        self
    }

    /// The same edits, of rules with these priorities alone: others are not touched, and no rule gets a
    /// number outside. As for a team that may write in a range of its own.
    #[must_use]
    pub fn within(mut self, priorities: RangeInclusive<u16>) -> Self {
        self.priorities = priorities;
        self
    }

    /// Rule sets with edits made to them. An edit for which there is no place is left out; `Just(..)`
    /// makes a strategy of one rule set.
    pub fn of<'t, R>(&self, rules: R, place: &Surroundings<'t>) -> impl Strategy<Value = Edited> + use<'t, R>
    where
        R: Strategy<Value = Shown<RuleSet>>,
    {
        let (edits, place) = (self.clone(), place.clone());
        (rules, vec(any_seed(&self.words), self.times.clone())).prop_map(move |(before, seeds)| {
            let mut edited = Edited { after: before.clone(), before, edits: Vec::new() };
            for seed in seeds {
                if let Some((after, said)) = edits.apply(&seed, &edited.after, &place) {
                    edited.after = Shown(after);
                    edited.edits.push(said);
                }
            }
            edited
        })
    }

    /// The first kind, from the seed's on, for which there is a place.
    fn apply(&self, seed: &Seed, rules: &RuleSet, place: &Surroundings<'_>) -> Option<(RuleSet, String)> {
        if self.kinds.is_empty() {
            return None;
        }
        let bench = Bench { rules, place, seed, priorities: &self.priorities };
        let first = seed.kind.index(self.kinds.len());
        let mut kinds = self.kinds.iter().cycle().skip(first).take(self.kinds.len());
        kinds.find_map(|kind| bench.edit(*kind))
    }
}

/// A rule set before and after some edits. `Debug` prints both, and what was done.
#[derive(Clone, Eq, PartialEq)]
pub struct Edited {
    /// The rule set as it was.
    pub before: Shown<RuleSet>,
    /// What was done, in words and in order; empty where no edit had a place.
    pub edits: Vec<String>,
    /// The rule set as it is now.
    pub after: Shown<RuleSet>,
}

impl fmt::Debug for Edited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let edits = if self.edits.is_empty() { "nothing".to_owned() } else { self.edits.join("; ") };
        write!(f, "before {:?}\nedit: {edits}\nafter {:?}", self.before, self.after)
    }
}

/// What an edit needs to choose, whatever the rule set is.
#[derive(Clone, Debug)]
struct Seed {
    kind: Index,
    rule: Index,
    other: Index,
    priority: u16,
    destination: bool,
    new: Rule,
}

fn any_seed(words: &Words) -> impl Strategy<Value = Seed> + use<> {
    (any::<Index>(), any::<Index>(), any::<Index>(), 100..=4096u16, any::<bool>(), plain_rule(words))
        .prop_map(|(kind, rule, other, priority, destination, new)| Seed {
            kind,
            rule,
            other,
            priority,
            destination,
            new,
        })
}

/// One edit at work.
struct Bench<'a, 't> {
    rules: &'a RuleSet,
    place: &'a Surroundings<'t>,
    seed: &'a Seed,
    priorities: &'a RangeInclusive<u16>,
}

/// What came of an edit: the rules, and what was done in words.
type Outcome = Option<(RuleSet, String)>;

impl Bench<'_, '_> {
    fn edit(&self, kind: EditKind) -> Outcome {
        match kind {
            EditKind::Reorder => self.reorder(),
            EditKind::Respell => self.first(Self::respell),
            EditKind::Repeat => self.first(Self::repeat),
            EditKind::SplitPrefix => self.first(Self::split_prefix),
            EditKind::SplitPorts => self.first(Self::split_ports),
            EditKind::TagToAddresses => self.first(Self::tag_to_addresses),
            EditKind::Renumber => self.renumber(),
            EditKind::SwapAlike => self.swap_alike(),
            EditKind::AddDead => self.add_dead(),
            EditKind::Add => self.add(),
            EditKind::Remove => self.remove(),
            EditKind::FlipAccess => self.first(Self::flip_access),
            EditKind::ChangeProtocol => self.first(Self::change_protocol),
            EditKind::WidenAddresses => self.first(Self::widen_addresses),
            EditKind::NarrowAddresses => self.first(Self::narrow_addresses),
            EditKind::WidenPorts => self.first(Self::widen_ports),
            EditKind::NarrowPorts => self.first(Self::narrow_ports),
            EditKind::ReplaceAddress => self.first(Self::replace_address),
            EditKind::Move => self.first(Self::change_priority),
            EditKind::Swap => self.swap(),
        }
    }

    /// Places of the rules that may be touched, from the seed's on.
    fn places(&self) -> Vec<usize> {
        let is_open = |rule: &Rule| match rule.priority {
            RulePriority::Custom(priority) => self.priorities.contains(&priority.number()),
            RulePriority::Default(_) | RulePriority::Admin(_) => false,
            // Nobody can say whose those are: they are touched where every number is.
            RulePriority::OutOfRange(_) | RulePriority::Unknown(_) => *self.priorities == (100..=4096),
        };
        let rules = self.rules.rules.iter().enumerate();
        let mut places: Vec<usize> =
            rules.filter(|(_, rule)| is_open(rule)).map(|(place, _)| place).collect();
        if !places.is_empty() {
            let first = self.seed.rule.index(places.len());
            places.rotate_left(first);
        }
        places
    }

    /// The edit of the first rule that it can be made of.
    fn first(&self, edit: fn(&Self, &mut Rule) -> Option<String>) -> Outcome {
        self.places().into_iter().find_map(|place| {
            let mut rules = self.rules.clone();
            let rule = &mut rules.rules[place];
            let said = edit(self, rule)?;
            let said = format!("{}: {said}", rule.name);
            Some((rules, said))
        })
    }

    /// The first number from `from` on that no rule of the direction has, around the range.
    fn free_priority(&self, direction: Option<Direction>, from: u16) -> Option<u16> {
        let meets = |rule: &&Rule| match (rule.direction.known(), direction) {
            (Some(a), Some(b)) => *a == b,
            _ => true,
        };
        let taken: Vec<i64> =
            self.rules.rules.iter().filter(meets).filter_map(|rule| rule.priority.number()).collect();
        let (low, high) = (*self.priorities.start(), *self.priorities.end());
        let from = from.clamp(low, high);
        let free =
            |number: &u16| Priority::custom((*number).into()).is_ok() && !taken.contains(&i64::from(*number));
        (from..=high).chain(low..from).find(free)
    }

    /// A name that no rule has.
    fn fresh_name(&self, stem: &str) -> String {
        let is_free = |name: &String| self.rules.rules.iter().all(|rule| rule.name != *name);
        (1..).map(|number| format!("{stem}{number}")).find(is_free).unwrap_or_else(|| stem.to_owned())
    }

    /// The rule set with one rule more, behind the other custom ones.
    fn with(&self, rule: Rule) -> Option<RuleSet> {
        if self.rules.custom().count() >= super::MOST_RULES {
            return None;
        }
        let mut rules = self.rules.clone();
        let end = rules.rules.iter().position(Rule::is_default).unwrap_or(rules.rules.len());
        rules.rules.insert(end, rule);
        Some(rules)
    }
}

/// Several values stand in the plural field, one in the singular; a list that used both keeps them.
fn tidy<T>(list: &mut [Written<T>], was_mixed: bool) {
    let many = list.len() > 1;
    for written in list.iter_mut().filter(|_| !was_mixed) {
        written.plural = many;
    }
}

/// Puts values in the place of one.
fn put<T: Clone>(list: &mut Vec<Written<T>>, at: usize, values: impl IntoIterator<Item = T>) {
    let was_mixed = Written::in_both_forms(list);
    let plural = list[at].plural;
    list.splice(at..=at, values.into_iter().map(|value| Written { value, plural }));
    tidy(list, was_mixed);
}
