//! A group's rules at one place, once for everything that `VirtualNetwork` may stand for there.
//!
//! Where the input does not show the address space, a rule that names `VirtualNetwork` may match much and must
//! match little, and two rules that name it would seem to have nothing to do with each other. But they mean the
//! same addresses, whichever those are. What happens to a packet hangs only on whether its source and whether
//! its destination lie in the tag, so four worlds are enough: each side reads the tag at its least or at its
//! most. What holds in all four holds whatever the address space is. (Source and destination read the tag
//! apart, which at worst asks for more than need be.)
//!
//! In: [`Surroundings`]. Out: compiled policies, whose only unknowns are others.

use crate::model::{Access, Direction, Fact, Gap, Origin, Packet, PortRange, ResourceId, RulePriority};
use crate::rules::surroundings::UNSEEN_OWN;
use crate::rules::{
    AddressTerm, Classifier, Effort, Extent, Policy, PortTerm, ProtocolTerm, Reading, Rule, RuleSet, Side,
    Standing, Surroundings, Written,
};
use crate::sets::{AddressSet, Count, PacketSet};
use crate::tags::SpecialTag;
use crate::walk::{beyond_rules, to_platform_services};
use rustc_hash::FxHashMap;
use std::cell::OnceCell;

/// The stand-ins of `VirtualNetwork` on each side, as groups that no input can name.
const SIDES: [&str; 2] = ["VirtualNetwork as source", "VirtualNetwork as destination"];

/// What the words of a rule may stand for at one place.
pub(super) struct Worlds<'t> {
    base: &'t Surroundings<'t>,
    least: AddressSet,
    most: AddressSet,
}

impl<'t> Worlds<'t> {
    /// The worlds of a place. The subnet's own addresses play no part: statements are about all packets.
    pub(super) fn of(base: &'t Surroundings<'t>) -> Self {
        let stand_in = AddressSet::one(UNSEEN_OWN);
        let Extent { must, may, .. } = &base.virtual_network;
        Self { base, least: must.difference(&stand_in), most: may.difference(&stand_in) }
    }

    /// Whether the address space is not settled.
    pub(super) fn is_open(&self) -> bool {
        self.least != self.most
    }

    /// What would settle the address space.
    pub(super) fn gaps(&self) -> &[Gap] {
        &self.base.virtual_network.gaps
    }

    /// Whether no rule can tell the two places apart.
    pub(super) fn are_those_of(&self, other: &Self) -> bool {
        self.least == other.least && self.most == other.most
    }

    /// The rules of a direction in each world; the one where the tag is at its most comes first.
    pub(super) fn compile(&self, rules: &RuleSet, direction: Direction) -> Vec<World<'_>> {
        let sides = match self.is_open() {
            false => vec![(&self.most, &self.most)],
            true => [&self.most, &self.least]
                .into_iter()
                .flat_map(|source| [(source, &self.most), (source, &self.least)])
                .collect(),
        };
        let rules = RuleSet { rules: rules.rules.iter().map(rewritten).collect() };
        sides.into_iter().map(|sides| self.world(rules.clone(), sides, direction)).collect()
    }

    fn world(
        &self,
        rules: RuleSet,
        (source, destination): (&AddressSet, &AddressSet),
        direction: Direction,
    ) -> World<'_> {
        let mut groups = (*self.base.groups).clone();
        for (name, addresses) in SIDES.into_iter().zip([source, destination]) {
            groups.insert(ResourceId::new(name), Extent::known(addresses.clone()));
        }
        let surroundings = Surroundings {
            groups: groups.into(),
            ..Surroundings::new(self.base.tags, Extent::known(self.most.clone()))
        };
        let mut with_delivery = rules.clone();
        with_delivery.rules.push(delivery(direction));
        let ordinary = Policy::compile(&with_delivery, direction, &surroundings, &Reading::DEFAULT);
        let services = ordinary.for_platform();
        let matched = vec![OnceCell::new(); rules.rules.len()];
        let asked = PacketSet::all().difference(&beyond_rules(direction));
        let classifiers = [OnceCell::new(), OnceCell::new()];
        World { rules, surroundings, direction, asked, ordinary, services, matched, classifiers }
    }
}

/// The last place of a rule of the group. Numbers beyond it are ones that Azure refuses; such rules may match and
/// never must, so that taking them to share this place claims nothing that does not hold.
const LAST: u16 = u16::MAX - 1;

/// What becomes of traffic to Azure's own services where no rule says otherwise (S102, S103), as a rule behind
/// all others; ordinary traffic never meets it. Its place is behind the group's own rules.
fn delivery(direction: Direction) -> Rule {
    let side =
        |addresses| Side { addresses, ports: vec![Written::singular(PortTerm::Range(PortRange::ALL))] };
    let tags = [SpecialTag::AzurePlatformDns, SpecialTag::AzurePlatformImds, SpecialTag::AzurePlatformLkm];
    let tags = tags.iter().map(|tag| Written::plural(AddressTerm::Tag(tag.as_str().to_owned())));
    Rule {
        name: String::new(),
        priority: RulePriority::Default(LAST + 1),
        direction: Fact::Known(direction),
        access: Fact::Known(Access::Allow),
        protocol: ProtocolTerm::Any,
        source: side(vec![Written::singular(AddressTerm::Any)]),
        destination: side(tags.collect()),
        doubt: None,
        origin: Origin::command_line(""),
    }
}

/// The rule with the tag replaced by the stand-in of its side.
fn rewritten(rule: &Rule) -> Rule {
    let side = |side: &Side, name: &str| {
        let mut side = side.clone();
        for written in &mut side.addresses {
            let is_network = matches!(&written.value, AddressTerm::Tag(tag)
                if SpecialTag::recognise(tag) == Some((SpecialTag::VirtualNetwork, false)));
            if is_network {
                written.value = AddressTerm::Group(ResourceId::new(name));
            }
        }
        side
    };
    let priority = match &rule.priority {
        RulePriority::OutOfRange(number) => RulePriority::OutOfRange((*number).min(LAST.into())),
        priority => priority.clone(),
    };
    Rule {
        priority,
        source: side(&rule.source, SIDES[0]),
        destination: side(&rule.destination, SIDES[1]),
        ..rule.clone()
    }
}

/// The standings of the rules of one direction in one world: for ordinary traffic, then for Azure's own services.
pub(super) struct Standings {
    all: Vec<Standing>,
    by_rule: FxHashMap<usize, Vec<usize>>,
}

impl Standings {
    fn of(all: Vec<Standing>) -> Self {
        let mut by_rule: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
        for (at, standing) in all.iter().enumerate() {
            by_rule.entry(standing.rule).or_default().push(at);
        }
        Self { all, by_rule }
    }

    /// Those of one rule: none where it takes no part.
    pub(super) fn of_rule(&self, index: usize) -> impl Iterator<Item = &Standing> {
        self.by_rule.get(&index).into_iter().flatten().map(|at| &self.all[*at])
    }
}

/// The rules of one direction in one world.
pub(super) struct World<'t> {
    rules: RuleSet,
    surroundings: Surroundings<'t>,
    direction: Direction,
    /// The packets that ordinary rules are asked about: what the platform settles by itself is not (S18, S100).
    asked: PacketSet,
    /// Rules as ordinary traffic meets them.
    pub(super) ordinary: Policy,
    /// Rules as traffic to Azure's own services meets them (S102, S103).
    pub(super) services: Policy,
    matched: Vec<OnceCell<PacketSet>>,
    /// Of ordinary traffic and of that to Azure's own services, for many packets.
    classifiers: [OnceCell<Classifier>; 2],
}

impl World<'_> {
    /// What each rule does for ordinary traffic, and for traffic to Azure's own services where it can meet any.
    pub(super) fn standings(&self, effort: &mut Effort) -> Standings {
        let own = |mut standings: Vec<Standing>| {
            standings.retain(|of| of.rule < self.rules.rules.len());
            standings
        };
        let traffic = to_platform_services(self.direction);
        let mut services = match traffic.is_empty() {
            true => Vec::new(),
            false => own(self.services.standings_within(traffic, self.direction, effort)),
        };
        services.retain(|of| of.matches != Count::ZERO);
        let mut all = own(self.ordinary.standings_within(&self.asked, self.direction, effort));
        all.extend(services);
        Standings::of(all)
    }

    /// Whether a packet ends at a rule, or may.
    pub(super) fn decides(&self, index: usize, packet: &Packet) -> bool {
        [&self.ordinary, &self.services].into_iter().zip(&self.classifiers).any(|(policy, classifier)| {
            let classifier = classifier.get_or_init(|| Classifier::new(policy));
            classifier.decision(packet).candidates.contains(&index)
        })
    }

    /// The ordinary packets that a rule may match.
    pub(super) fn matched(&self, index: usize) -> &PacketSet {
        self.matched[index]
            .get_or_init(|| matched_by(&self.alone(self.rules.rules[index].clone()), &self.asked))
    }

    /// Whether a rule matches any packet, those that it is never asked about with them.
    pub(super) fn would_match_anything(&self, index: usize) -> bool {
        let alone = self.alone(self.rules.rules[index].clone());
        let matches = |policy: &Policy| !matched_by(policy, &PacketSet::all()).is_empty();
        matches(&alone) || matches(&alone.for_platform())
    }

    /// Whether a changed form of a rule would match anything.
    pub(super) fn would_match(&self, index: usize, change: impl FnOnce(&mut Rule)) -> bool {
        let mut rule = self.rules.rules[index].clone();
        change(&mut rule);
        !matched_by(&self.alone(rule), &PacketSet::all()).is_empty()
    }

    /// The packets that a rule decides, or may decide, of those that it matches; by its words alone, so that what
    /// the platform settles does not show in their measure.
    /// `None` where the rules cut them into too many pieces.
    pub(super) fn decided_and_matched(
        &self,
        index: usize,
        effort: &mut Effort,
    ) -> Option<(PacketSet, PacketSet)> {
        let matched = matched_by(&self.alone(self.rules.rules[index].clone()), &PacketSet::all());
        let parts = self.ordinary.partition_within(&matched, effort);
        if parts.iter().any(|part| part.decision.cut_off) {
            return None;
        }
        let own = parts.into_iter().filter(|part| part.decision.candidates.contains(&index));
        let decided = PacketSet::from_disjoint(own.flat_map(|part| part.packets.boxes().to_vec()).collect());
        Some((decided, matched))
    }

    fn alone(&self, rule: Rule) -> Policy {
        let only = RuleSet { rules: vec![rule] };
        Policy::compile(&only, self.direction, &self.surroundings, &Reading::DEFAULT)
    }
}

/// What the only rule of a policy may match of some packets.
fn matched_by(alone: &Policy, asked: &PacketSet) -> PacketSet {
    let parts = alone.partition(asked);
    let hit = parts.into_iter().filter(|part| !part.decision.candidates.is_empty());
    PacketSet::from_disjoint(hit.flat_map(|part| part.packets.boxes().to_vec()).collect())
}
