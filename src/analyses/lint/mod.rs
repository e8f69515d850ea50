//! What each rule still does among the others, and all else that can be remarked on an input.
//!
//! In: a [`Network`], the service tags, and what the user supplied. Out: a [`LintAnswer`]: every finding but
//! over-exposure (that is `check`'s), and for each custom rule of each group what became of it.
//!
//! | step | module |
//! | --- | --- |
//! | a group's rules at one place, for everything that `VirtualNetwork` may stand for there | `worlds` |
//! | what each rule is there: dead, shadowed, redundant ... | `at_place` |
//! | what is left of a rule, in a measure that people know | `left` |
//! | places put together, one finding a rule | `findings` |
//!
//! A statement about a rule holds at every place where its group is in force, or names those where it does.
//! What hangs on something unknown is never said: such a rule is [`Kind::Unsettled`].
//!
//! ```
//! use flowcheck::analyses::lint::{Kind, standings};
//! use flowcheck::sources::{ReadOptions, read};
//! use flowcheck::tags::TagSnapshot;
//!
//! let template = include_bytes!("../../../examples/external/main.json");
//! let network = read(template, "main.json", &ReadOptions::default())?.network;
//! let answer = standings(&network, None, TagSnapshot::builtin());
//! let superfluous = answer.rules.iter().filter(|standing| standing.kind.is_removable());
//! let names: Vec<&str> = superfluous.filter_map(|standing| standing.rule.rule.as_deref()).collect();
//! assert_eq!(names, ["AllowStorage", "AllowKeyVault", "AllowSignIn"]);
//! assert_eq!(answer.count(Kind::Redundant), 3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Not here: how standings are worked out (`rules`), wording of details (`report`).

mod at_place;
mod findings;
mod left;
mod worlds;

pub use left::Left;

use super::needed_flows::{CheckOptions, check};
use crate::finding::{Code, Finding};
use crate::model::{Assumption, Direction, Fact, Gap, Packet, ResourceId};
use crate::network::{AttachmentPoint, Network, SecurityGroup, Subnet};
use crate::rules::Effort;
use crate::sets::Count;
use crate::tags::TagSnapshot;
use crate::walk::Decider;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use worlds::Worlds;

/// What became of a rule.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// No packet matches it.
    Dead,
    /// Earlier rules take every packet that it matches.
    Shadowed,
    /// The default rules alone would do the same.
    RepeatsDefault,
    /// Without it later rules would do the same.
    Redundant,
    /// Earlier rules of the other access take some of what it matches.
    PartlyShadowed,
    /// What it does hangs on something that the input does not say, or on an order that Azure refuses.
    Unsettled,
    /// It decides something, and is not known to be any of the others.
    Alive,
}

impl Kind {
    /// Every kind, in the order in which they are counted out.
    pub const ALL: [Self; 7] = [
        Self::Dead,
        Self::Shadowed,
        Self::PartlyShadowed,
        Self::Redundant,
        Self::RepeatsDefault,
        Self::Unsettled,
        Self::Alive,
    ];

    /// The word of the JSON document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dead => "dead",
            Self::Shadowed => "shadowed",
            Self::RepeatsDefault => "repeats-default",
            Self::Redundant => "redundant",
            Self::PartlyShadowed => "partly-shadowed",
            Self::Unsettled => "unsettled",
            Self::Alive => "alive",
        }
    }

    /// The code under which it is a finding.
    pub fn code(self) -> Option<Code> {
        match self {
            Self::Dead => Some(Code::DeadRule),
            Self::Shadowed => Some(Code::ShadowedRule),
            Self::RepeatsDefault => Some(Code::RepeatsDefault),
            Self::Redundant => Some(Code::RedundantRule),
            Self::PartlyShadowed => Some(Code::PartlyShadowedRule),
            Self::Unsettled | Self::Alive => None,
        }
    }

    /// Whether the rules decide every packet the same without the rule.
    pub fn is_removable(self) -> bool {
        matches!(self, Self::Dead | Self::Shadowed | Self::RepeatsDefault | Self::Redundant)
    }
}

/// How many packets a rule matches, and how many of them it decides.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PacketShare {
    /// Decided by the rule.
    pub decides: Count,
    /// Matched by it.
    pub matches: Count,
}

/// What one rule is at some places of its group, where it is the same at all of them.
#[derive(Clone, Debug)]
pub struct RuleStanding {
    /// The rule.
    pub rule: Decider,
    /// The rule as a line of text.
    pub text: String,
    /// Its direction, where that is known.
    pub direction: Option<Direction>,
    /// What became of it.
    pub kind: Kind,
    /// The subnets where this holds; none for a group that no subnet of the input uses.
    pub places: Vec<String>,
    /// Whether that is every place of the group.
    pub everywhere: bool,
    /// Its share of packets; `None` where something unknown changes it.
    pub share: Option<PacketShare>,
    /// What is left of it, for a rule that earlier ones take something from.
    pub left: Option<Left>,
    /// The fewest earlier rules that take what it does not decide.
    pub cover: Vec<Decider>,
    /// Whether some rule of the cover has the other access; `None` without a cover, or where it is not known.
    pub access_differs: Option<bool>,
    /// The rules that would decide its packets without it.
    pub heirs: Vec<Decider>,
    /// Heirs that are said to be removable too: of these and the rule, not both.
    pub keep: Vec<Decider>,
    /// What is missing, for a rule that is not settled.
    pub unknowns: Vec<Gap>,
    /// A packet that it decides.
    pub witness: Option<Packet>,
}

/// A finding, and for one about a rule's standing the facts.
#[derive(Clone, Debug)]
pub struct LintFinding {
    /// The finding.
    pub finding: Finding,
    /// What it rests on, for the codes of [`Kind::code`].
    pub standing: Option<RuleStanding>,
}

/// The answer of `lint`.
#[derive(Clone, Debug, Default)]
pub struct LintAnswer {
    /// In order of file, line, code.
    pub findings: Vec<LintFinding>,
    /// Every custom rule, in order of groups and input; more than once where places differ.
    pub rules: Vec<RuleStanding>,
    /// How many custom rules there are, each once.
    pub rule_count: usize,
    /// How many groups they are of.
    pub group_count: usize,
    /// What the statements rest on.
    pub assumptions: Vec<Assumption>,
}

impl LintAnswer {
    /// How many rules are of a kind at every place, or in the end: a rule that is of several kinds is counted
    /// under the one that says least against it.
    pub fn count(&self, kind: Kind) -> usize {
        let mut worst: Vec<(&Decider, Kind)> = Vec::new();
        for standing in &self.rules {
            match worst.last_mut() {
                // What a rule is at several places stands together.
                Some((rule, known)) if **rule == standing.rule => *known = (*known).max(standing.kind),
                _ => worst.push((&standing.rule, standing.kind)),
            }
        }
        worst.iter().filter(|(_, known)| *known == kind).count()
    }

    /// The answers about several inputs as one; the findings keep their order.
    pub fn join_all(answers: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::default();
        for other in answers {
            all.findings.extend(other.findings);
            all.rules.extend(other.rules);
            all.rule_count += other.rule_count;
            all.group_count += other.group_count;
            all.assumptions.extend(other.assumptions);
        }
        all.sort();
        all
    }

    /// Adds what was found by the way, as in reading.
    pub fn add(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings.into_iter().map(|finding| LintFinding { finding, standing: None }));
        self.sort();
    }

    fn sort(&mut self) {
        self.findings.sort_by(|a, b| a.finding.cmp(&b.finding));
        self.findings.dedup_by(|a, b| a.finding == b.finding);
        self.assumptions.sort();
        self.assumptions.dedup();
    }
}

/// Everything that can be remarked on a network: faults of rules, near misses of its instances, and what each
/// rule still does. `subnet` asks about the groups at that subnet alone.
pub fn lint(network: &Network, subnet: Option<&str>, options: &CheckOptions<'_>) -> LintAnswer {
    lint_within(network, subnet, options, &Effort::together())
}

/// The same within a share of what several networks may cost together.
pub fn lint_within(
    network: &Network,
    subnet: Option<&str>,
    options: &CheckOptions<'_>,
    effort: &Effort,
) -> LintAnswer {
    let mut answer = standings_within(network, subnet, options.tags, effort);
    let others = check(network, options).findings;
    answer.add(others.into_iter().filter(|finding| finding.code != Code::OverExposure));
    answer
}

/// How many rules of a network are looked at; by their number its share of an effort is measured.
pub fn weight(network: &Network) -> usize {
    network.security_groups.iter().map(|group| group.rules.custom().count()).sum()
}

/// What each rule of each group still does, and the findings about that.
pub fn standings(network: &Network, subnet: Option<&str>, tags: &TagSnapshot) -> LintAnswer {
    standings_within(network, subnet, tags, &Effort::together())
}

/// The same within an effort.
pub fn standings_within(
    network: &Network,
    subnet: Option<&str>,
    tags: &TagSnapshot,
    effort: &Effort,
) -> LintAnswer {
    let uses = Uses::of(network);
    let asked: Vec<(&SecurityGroup, Vec<&Subnet>)> = network
        .security_groups
        .iter()
        .filter(|group| group.rules.custom().next().is_some())
        .filter_map(|group| Some((group, uses.places(group, subnet)?)))
        .collect();
    // Each group has its share by the number of its rules, so that no answer hangs on what came before it.
    let rules = |group: &SecurityGroup| group.rules.custom().count();
    let all = asked.iter().map(|(group, _)| rules(group)).sum();
    let one = |(group, subnets): &(&SecurityGroup, Vec<&Subnet>)| {
        of_group(network, group, subnets, tags, effort.share(rules(group), all))
    };
    LintAnswer::join_all(asked.par_iter().map(one).collect::<Vec<LintAnswer>>())
}

/// What the rules of one group do at its places.
fn of_group(
    network: &Network,
    group: &SecurityGroup,
    subnets: &[&Subnet],
    tags: &TagSnapshot,
    effort: Effort,
) -> LintAnswer {
    let points: Vec<AttachmentPoint<'_>> = match subnets {
        [] => vec![network.at_group(group, tags)],
        _ => subnets.iter().map(|subnet| network.at_subnet(subnet, tags)).collect(),
    };
    let places = by_surroundings(&points);
    let found = findings::of_group(group, &places, effort);
    let hangs_on_place = places
        .iter()
        .filter(|(points, worlds)| worlds.is_open() || points.iter().any(|point| point.subnet.is_none()));
    let assumptions =
        hangs_on_place.flat_map(|(points, _)| points.iter().flat_map(|point| &point.assumptions));
    LintAnswer {
        assumptions: assumptions.cloned().collect(),
        findings: found.findings,
        rules: found.rules,
        rule_count: group.rules.custom().count(),
        group_count: 1,
    }
}

/// Which subnets use which group.
struct Uses<'n> {
    network: &'n Network,
    by_group: FxHashMap<&'n ResourceId, Vec<&'n Subnet>>,
}

impl<'n> Uses<'n> {
    fn of(network: &'n Network) -> Self {
        let mut by_group: FxHashMap<&ResourceId, Vec<&Subnet>> = FxHashMap::default();
        for subnet in &network.subnets {
            if let Fact::Known(Some(group)) = &subnet.security_group {
                by_group.entry(group).or_default().push(subnet);
            }
        }
        Self { network, by_group }
    }

    /// Where a group is in force: its subnets, or by itself where it has none; `None` where it is not at the
    /// subnet that is asked.
    fn places(&self, group: &'n SecurityGroup, asked: Option<&str>) -> Option<Vec<&'n Subnet>> {
        let mut subnets = match group.subnets.is_empty() {
            true => self.by_group.get(&group.id).cloned().unwrap_or_default(),
            false => self.network.subnets_of(group),
        };
        if let Some(asked) = asked {
            let named = self.network.subnets_named(asked);
            subnets.retain(|one| named.iter().any(|subnet| subnet.id == one.id));
            return (!subnets.is_empty()).then_some(subnets);
        }
        Some(subnets)
    }
}

/// Points that no rule tells apart are one place.
fn by_surroundings<'p, 'n>(
    points: &'p [AttachmentPoint<'n>],
) -> Vec<(Vec<&'p AttachmentPoint<'n>>, Worlds<'p>)> {
    let mut places: Vec<(Vec<&AttachmentPoint<'_>>, Worlds<'_>)> = Vec::new();
    for point in points {
        let worlds = Worlds::of(&point.surroundings);
        match places.iter_mut().find(|(_, known)| known.are_those_of(&worlds)) {
            Some((same, _)) => same.push(point),
            None => places.push((vec![point], worlds)),
        }
    }
    places
}
