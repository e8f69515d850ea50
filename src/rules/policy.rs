//! Rules compiled for one direction and one attachment point: exact sets for every side.
//!
//! Each rule becomes at most two patterns, one for protocols with ports and one for those without (S23).
//! A pattern has the packets that *may* match, whatever the input leaves open, and those that *must*.

use super::surroundings::{Extent, Surroundings, TagMeaning, UNSEEN_OWN, platform_addresses};
use super::{AddressTerm, PortTerm, ProtocolTerm, Rule, RuleSet, Side, Written};
use crate::model::{Access, Direction, Gap, Packet, Protocol, RulePriority, Switch};
use crate::sets::grid::SortedSides;
use crate::sets::{AddressSet, PacketBox, PortSet, ProtocolSet};
use ipnet::IpNet;
use rustc_hash::{FxHashMap, FxHasher};
use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

/// How the undocumented points are read: the default everywhere but at the switches taken.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Reading {
    alternatives: u32,
}

impl Reading {
    /// The default reading of every point.
    pub const DEFAULT: Self = Self { alternatives: 0 };

    /// The default reading but for one switch.
    pub fn alternative(switch: Switch) -> Self {
        Self { alternatives: 1 << switch.number() }
    }

    /// Whether the alternative of the switch is taken.
    pub fn takes(&self, switch: Switch) -> bool {
        self.alternatives & (1 << switch.number()) != 0
    }
}

/// What a rule matches among the protocols with ports, or among those without.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Pattern {
    /// Packets that the rule can match.
    pub(super) may: PacketBox,
    /// Packets that it matches whatever is missing; `None` where there are none.
    pub(super) must: Option<PacketBox>,
}

/// A rule compiled for one place.
#[derive(Clone, Debug)]
pub(super) struct PolicyRule {
    /// Its place in [`RuleSet::rules`].
    pub(super) index: usize,
    /// What it does, where that is known.
    pub(super) access: Option<Access>,
    /// What rules are ordered by; equal for rules of one group (S8).
    pub(super) order: i64,
    pub(super) patterns: Vec<Pattern>,
    /// What is missing wherever it may match and not must.
    pub(super) gaps: Vec<Gap>,
}

/// The rules of one direction at one attachment point, ready for questions.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Rules for ordinary traffic, in order of evaluation.
    pub(super) rules: Vec<PolicyRule>,
    /// Rules for traffic to Azure's own services, which only a tag made for each can match (S100).
    pub(super) platform: Vec<PolicyRule>,
    /// The sides of `rules`, sorted for the first wide question; policies can share them.
    pub(super) sorted: Arc<SortedSides>,
    /// The first place of each rule in `rules`, by its place in the rule set; for the first question of it.
    places: OnceLock<FxHashMap<usize, usize>>,
}

impl Policy {
    /// Compiles the rules of a direction (S1). Cost: one pass over the rules, one look-up for each tag.
    pub fn compile(
        rules: &RuleSet,
        direction: Direction,
        place: &Surroundings<'_>,
        reading: &Reading,
    ) -> Self {
        let compiler = Compiler { place, reading, direction };
        let (mut ordinary, mut platform) = (Vec::new(), Vec::new());
        for (index, rule) in rules.rules.iter().enumerate() {
            if rule.direction.known().is_some_and(|known| *known != direction) {
                continue;
            }
            for (for_platform, compiled) in [(false, &mut ordinary), (true, &mut platform)] {
                if let Some(rule) = compiler.part_for(rule, for_platform) {
                    compiled.extend(compiler.rule(index, &rule));
                }
            }
        }
        if reading.takes(Switch::EQUAL_PRIORITY) {
            number_in_input_order(&mut ordinary);
        }
        ordinary.sort_by_key(|rule| rule.order);
        platform.sort_by_key(|rule| rule.order);
        if reading.takes(Switch::PLATFORM_TAG_ORDER) {
            platform.sort_by_key(|rule| rule.access == Some(Access::Allow));
        }
        let sorted = Arc::new(sides_of(&ordinary));
        Self { rules: ordinary, platform, sorted, places: OnceLock::new() }
    }

    /// The rules that traffic to Azure's own services is held against: those that name a tag made for it,
    /// with its addresses in place (S102, S103, S105).
    #[must_use]
    pub fn for_platform(&self) -> Self {
        let sorted = Arc::new(sides_of(&self.platform));
        Self { rules: self.platform.clone(), platform: Vec::new(), sorted, places: OnceLock::new() }
    }

    /// Lets two policies share the sorting of their sides. Those of the two directions of one group name mostly
    /// the same tags.
    pub fn share_sides(&mut self, other: &mut Self) {
        let both = Arc::new(self.sorted.joined(&other.sorted));
        self.sorted = Arc::clone(&both);
        other.sorted = both;
    }

    /// What is missing for a rule, by its place in [`RuleSet::rules`].
    pub fn gaps(&self, index: usize) -> &[Gap] {
        let places = self.places.get_or_init(|| {
            let mut places = FxHashMap::default();
            for (place, rule) in self.rules.iter().enumerate() {
                places.entry(rule.index).or_insert(place);
            }
            places
        });
        places.get(&index).map_or(&[], |place| &self.rules[*place].gaps)
    }
}

/// A condition of a rule, in the order that they are looked at (S6, S134).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FieldOfRule {
    /// The protocol.
    Protocol,
    /// The source address.
    Source,
    /// The source port.
    SourcePort,
    /// The destination address.
    Destination,
    /// The destination port.
    DestinationPort,
}

/// What comes of holding a packet against one rule.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RuleOutcome {
    /// The rule matches.
    Matches,
    /// It may match: something is missing.
    MayMatch,
    /// It does not match, first of all by this field.
    Misses(FieldOfRule),
}

impl Policy {
    /// Each rule in order with what comes of it, by its place in [`RuleSet::rules`].
    pub fn outcomes<'p>(&'p self, packet: &'p Packet) -> impl Iterator<Item = (usize, RuleOutcome)> + 'p {
        self.rules.iter().map(|rule| (rule.index, rule.outcome(packet)))
    }
}

impl PolicyRule {
    /// Whether two rules match the same packets and do the same with them, wherever they stand.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        self.access == other.access && self.patterns == other.patterns
    }

    /// A number that is equal for rules that say the same; cheap rather than telling.
    pub(super) fn digest(&self) -> u64 {
        let mut hasher = FxHasher::default();
        for pattern in &self.patterns {
            let sides = &pattern.may;
            sides.protocols.hash(&mut hasher);
            sides.destination_ports.hash(&mut hasher);
            (sides.source.first(), sides.source.v4.intervals().len()).hash(&mut hasher);
            (sides.destination.first(), sides.destination.v4.intervals().len()).hash(&mut hasher);
        }
        hasher.finish()
    }

    /// What it matches among the protocols with ports, or among those without.
    pub(super) fn pattern_for(&self, with_ports: bool) -> Option<&Pattern> {
        let ported = ProtocolSet::with_ports();
        self.patterns
            .iter()
            .find(|pattern| pattern.may.protocols.intersection(ported).is_empty() != with_ports)
    }

    fn outcome(&self, packet: &Packet) -> RuleOutcome {
        let speaks = |pattern: &&Pattern| pattern.may.protocols.contains(packet.protocol);
        let Some(pattern) = self.patterns.iter().find(speaks) else {
            return RuleOutcome::Misses(self.missed_by_protocol(packet.protocol));
        };
        let ported = packet.protocol.has_ports();
        let sides = &pattern.may;
        let conditions = [
            (FieldOfRule::Source, sides.source.contains(packet.source)),
            (FieldOfRule::SourcePort, !ported || sides.source_ports.contains(packet.source_port)),
            (FieldOfRule::Destination, sides.destination.contains(packet.destination)),
            (
                FieldOfRule::DestinationPort,
                !ported || sides.destination_ports.contains(packet.destination_port),
            ),
        ];
        if let Some((field, _)) = conditions.iter().find(|(_, holds)| !holds) {
            return RuleOutcome::Misses(*field);
        }
        match pattern.must.as_ref().is_some_and(|must| must.contains(packet)) {
            true => RuleOutcome::Matches,
            false => RuleOutcome::MayMatch,
        }
    }

    /// S23: a rule for every protocol that has no pattern without ports names a port.
    fn missed_by_protocol(&self, protocol: Protocol) -> FieldOfRule {
        let for_both = |pattern: &Pattern| pattern.may.protocols == ProtocolSet::with_ports();
        if !protocol.has_ports() && self.patterns.iter().any(for_both) {
            FieldOfRule::DestinationPort
        } else {
            FieldOfRule::Protocol
        }
    }
}

fn sides_of(rules: &[PolicyRule]) -> SortedSides {
    let patterns = rules.iter().flat_map(|rule| &rule.patterns);
    SortedSides::of(patterns.flat_map(|pattern| std::iter::once(&pattern.may).chain(&pattern.must)))
}

/// U1: rules of one priority count as if they stood one behind the other, in the order of the input.
fn number_in_input_order(rules: &mut [PolicyRule]) {
    rules.sort_by_key(|rule| (rule.order, rule.index));
    for (place, rule) in (0..).zip(rules) {
        rule.order = place;
    }
}

struct Compiler<'a> {
    place: &'a Surroundings<'a>,
    reading: &'a Reading,
    direction: Direction,
}

/// Where a custom rule of unknown priority certainly stands: before the default rules (S9).
const BEFORE_DEFAULTS: i64 = 64_999;

/// Ports that a side certainly and possibly names.
struct Ports {
    must: PortSet,
    may: PortSet,
}

/// Protocols that a rule names, and whether it names them one by one.
struct Protocols {
    may: ProtocolSet,
    known: bool,
    any: bool,
}

impl Compiler<'_> {
    /// The rule, and once more before the defaults when its priority is not known: it may stand anywhere
    /// among the custom rules, and behind them it has matched.
    fn rule(&self, index: usize, rule: &Rule) -> Vec<PolicyRule> {
        let first = self.rule_at(index, rule, rule.priority.order(), rule.priority.is_settled());
        match rule.priority {
            RulePriority::Unknown(_) => {
                let last = self.rule_at(index, rule, BEFORE_DEFAULTS, true);
                vec![first, last]
            }
            _ => vec![first],
        }
    }

    fn rule_at(&self, index: usize, rule: &Rule, order: i64, settled_place: bool) -> PolicyRule {
        let mut gaps = Vec::new();
        let mut source = self.addresses(&rule.source, rule.is_default());
        let mut destination = self.addresses(&rule.destination, rule.is_default());
        if self.reading.takes(Switch::REMOTE_ASG) {
            self.only_for_members(rule, &mut source, &mut destination);
        }
        let source_ports = self.ports(&rule.source, &mut gaps);
        let destination_ports = self.ports(&rule.destination, &mut gaps);
        let protocols = self.protocols(&rule.protocol, &mut gaps);
        gaps.extend(source.gaps.iter().chain(&destination.gaps).cloned());

        // S9: a refused priority never settles; neither does a rule that may not exist, or that a reading
        // says Azure refuses.
        let refused = self.is_refused(rule);
        let settled = settled_place && rule.doubt.is_none() && rule.direction.known().is_some() && !refused;
        gaps.extend(unsettled(rule));

        let shape = Shape { source, destination, source_ports, destination_ports };
        let mut patterns = Vec::new();
        patterns.extend(shape.with_ports(&protocols, settled));
        patterns.extend(shape.without_ports(&protocols, settled, self.reading, &mut gaps));
        PolicyRule { index, access: rule.access.known().copied(), order, patterns, gaps: distinct(gaps) }
    }

    /// S15 to S19.
    fn protocols(&self, term: &ProtocolTerm, gaps: &mut Vec<Gap>) -> Protocols {
        match term {
            ProtocolTerm::Any if self.reading.takes(Switch::STAR_PROTOCOL) => Protocols {
                may: ProtocolSet::of([Protocol::TCP, Protocol::UDP, Protocol::ICMP]),
                known: true,
                any: true,
            },
            ProtocolTerm::Any => Protocols { may: ProtocolSet::ALL, known: true, any: true },
            ProtocolTerm::One(protocol) => {
                Protocols { may: ProtocolSet::of([*protocol]), known: true, any: false }
            }
            ProtocolTerm::Unknown(gap) => {
                gaps.push(gap.clone());
                Protocols { may: ProtocolSet::ALL, known: false, any: false }
            }
        }
    }

    /// S20 to S22, S31.
    fn ports(&self, side: &Side, gaps: &mut Vec<Gap>) -> Ports {
        let plural_wins =
            self.reading.takes(Switch::SINGULAR_AND_PLURAL) && Written::in_both_forms(&side.ports);
        let mut ranges = Vec::new();
        let mut unknown = false;
        for written in side.ports.iter().filter(|written| written.plural || !plural_wins) {
            match &written.value {
                PortTerm::Range(range) => ranges.push((range.low(), range.high())),
                PortTerm::Never => {}
                PortTerm::Unknown(gap) => {
                    unknown = true;
                    gaps.push(gap.clone());
                }
            }
        }
        let must = PortSet::from_intervals(ranges);
        let may = if unknown { PortSet::all() } else { must.clone() };
        Ports { must, may }
    }

    /// S28 to S50.
    fn addresses(&self, side: &Side, default_rule: bool) -> Extent {
        let plural_wins =
            self.reading.takes(Switch::SINGULAR_AND_PLURAL) && Written::in_both_forms(&side.addresses);
        let groups =
            side.addresses.iter().filter(|written| matches!(written.value, AddressTerm::Group(_))).count();
        let mut extent = Extent::known(self.prefixes(side, plural_wins));
        for written in side.addresses.iter().filter(|written| written.plural || !plural_wins) {
            // S42: ten groups at most.
            if is_plain_prefix(&written.value) {
                continue;
            }
            let refused = groups > 10 && matches!(written.value, AddressTerm::Group(_));
            extent.join(if refused {
                Extent::unknown(Gap::new(format!("whether Azure accepts `{}` here", written.value)))
            } else {
                self.term(&written.value, default_rule)
            });
        }
        self.place.place_unseen_own(&mut extent);
        extent
    }

    /// All plain prefixes of a side at once: a rule may have thousands.
    fn prefixes(&self, side: &Side, plural_wins: bool) -> AddressSet {
        let counted = side.addresses.iter().filter(|written| written.plural || !plural_wins);
        let nets = counted.filter_map(|written| match &written.value {
            AddressTerm::Prefix { net, .. } if is_plain_prefix(&written.value) => Some(*net),
            _ => None,
        });
        AddressSet::from_nets(nets)
    }

    /// Whether the reading takes the rule to be one that Azure refuses: then it may not be there at all.
    fn is_refused(&self, rule: &Rule) -> bool {
        let groups = |side: &Side| {
            side.addresses.iter().filter(|written| matches!(written.value, AddressTerm::Group(_))).count()
        };
        let refuses = |side: &Side, written: &Written<AddressTerm>| match &written.value {
            AddressTerm::Any if written.plural => self.reading.takes(Switch::PLURAL_TAG),
            AddressTerm::Tag(name) => {
                written.plural && self.reading.takes(Switch::PLURAL_TAG)
                    || self.reading.takes(Switch::REGIONAL_TAG) && self.place.is_refused_tag(name)
            }
            AddressTerm::LiteralAny => self.reading.takes(Switch::LITERAL_ANY),
            AddressTerm::Prefix { host_bits, .. } => *host_bits && self.reading.takes(Switch::HOST_BITS),
            AddressTerm::Group(_) => groups(side) > 1 && self.reading.takes(Switch::MANY_ASGS),
            _ => false,
        };
        [&rule.source, &rule.destination]
            .into_iter()
            .any(|side| side.addresses.iter().any(|written| refuses(side, written)))
    }

    /// S48, U13: the reading in which a rule that names groups on the other side is there for their members
    /// alone.
    fn only_for_members(&self, rule: &Rule, source: &mut Extent, destination: &mut Extent) {
        let (_, remote) = rule.own_and_remote(self.direction);
        let groups = remote.addresses.iter().filter_map(|written| match &written.value {
            AddressTerm::Group(_) => Some(self.term(&written.value, false)),
            _ => None,
        });
        let Some(members) = groups.reduce(|mut all, group| {
            all.join(group);
            all
        }) else {
            return;
        };
        let own = match self.direction {
            Direction::Inbound => destination,
            Direction::Outbound => source,
        };
        own.must = own.must.intersection(&members.must);
        own.may = own.may.intersection(&members.may);
    }

    fn term(&self, term: &AddressTerm, default_rule: bool) -> Extent {
        match term {
            AddressTerm::Any | AddressTerm::LiteralAny => Extent::known(AddressSet::all()),
            // S12, S96: the literal means both families in a default rule, IPv4 in a custom one.
            AddressTerm::Prefix { net, .. } if net.prefix_len() == 0 && net.addr().is_ipv4() => {
                let both = default_rule || self.reading.takes(Switch::LITERAL_ZERO);
                Extent::known(if both { AddressSet::all() } else { AddressSet::all_v4() })
            }
            AddressTerm::Prefix { net, .. } => Extent::known(AddressSet::from_nets([*net])),
            AddressTerm::DashRange { first, last } if self.reading.takes(Switch::DASH_RANGE) => {
                Extent::known(AddressSet::range(*first, *last))
            }
            AddressTerm::DashRange { first, last } => {
                Extent::unknown(Gap::new(format!("whether Azure accepts the range `{first}-{last}`")))
            }
            AddressTerm::Tag(name) => match self.place.tag(name, self.reading) {
                TagMeaning::Addresses(extent) => extent,
                TagMeaning::Platform(tag) => Extent::known(platform_addresses(tag)),
            },
            AddressTerm::Expanded { prefixes, .. } => self.expanded(term, prefixes),
            AddressTerm::Group(id) => self.place.groups.get(id).cloned().unwrap_or_else(|| {
                Extent::unknown(Gap::new(format!(
                    "the members of the application security group `{}`",
                    id.name()
                )))
            }),
            AddressTerm::Unknown(gap) => Extent::unknown(gap.clone()),
        }
    }

    /// S139: what Azure says. The own subnet lies in its own network (S72), also where its prefix is not known.
    fn expanded(&self, term: &AddressTerm, prefixes: &[IpNet]) -> Extent {
        let mut addresses = AddressSet::from_nets(prefixes.iter().copied());
        if self.place.unseen_own.is_some() && term.is_virtual_network() {
            addresses = addresses.union(&AddressSet::one(UNSEEN_OWN));
        }
        Extent::known(addresses)
    }

    /// The rule as ordinary traffic meets it, or as traffic to Azure's own services does: the tags made for
    /// those count for the latter alone (S100), and a destination that is not known may be such a tag. `None`
    /// where the destination has nothing for that kind.
    fn part_for<'r>(&self, rule: &'r Rule, platform: bool) -> Option<Cow<'r, Rule>> {
        let meant = |written: &Written<AddressTerm>| match &written.value {
            AddressTerm::Tag(name) => Surroundings::is_platform_tag(name) == platform,
            AddressTerm::Unknown(_) => true,
            _ => !platform,
        };
        let terms = &rule.destination.addresses;
        if terms.iter().all(meant) {
            return (!terms.is_empty() || !platform).then_some(Cow::Borrowed(rule));
        }
        let mut part = rule.clone();
        part.destination.addresses.retain(meant);
        (!part.destination.addresses.is_empty()).then_some(Cow::Owned(part))
    }
}

/// A prefix that means its addresses and nothing else; the literal 0.0.0.0/0 is read in its own way (S12, S96).
fn is_plain_prefix(term: &AddressTerm) -> bool {
    matches!(term, AddressTerm::Prefix { net, .. } if net.prefix_len() > 0 || net.addr().is_ipv6())
}

/// What keeps a rule from settling although its fields are known.
fn unsettled(rule: &Rule) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = rule.doubt.iter().cloned().collect();
    gaps.extend(rule.direction.gap().cloned());
    gaps.extend(rule.access.gap().cloned());
    match &rule.priority {
        RulePriority::Unknown(gap) => gaps.push(gap.clone()),
        RulePriority::OutOfRange(number) => {
            gaps.push(Gap::new(format!(
                "what becomes of the rule `{}`, whose priority {number} Azure refuses",
                rule.name
            )));
        }
        _ => {}
    }
    gaps
}

fn distinct(mut gaps: Vec<Gap>) -> Vec<Gap> {
    gaps.sort();
    gaps.dedup();
    gaps
}

/// The sides of a rule before protocols split them.
struct Shape {
    source: Extent,
    destination: Extent,
    source_ports: Ports,
    destination_ports: Ports,
}

impl Shape {
    fn with_ports(&self, protocols: &Protocols, settled: bool) -> Option<Pattern> {
        let ported = protocols.may.intersection(ProtocolSet::with_ports());
        let may = self.sides(ported, false)?;
        let must = if settled && protocols.known { self.sides(ported, true) } else { None };
        Some(Pattern { may, must })
    }

    /// S23 to S25: a packet without ports meets a port condition only where that is every port. Whether a
    /// rule of such a protocol with narrow ports matches is not documented (U6).
    fn without_ports(
        &self,
        protocols: &Protocols,
        settled: bool,
        reading: &Reading,
        gaps: &mut Vec<Gap>,
    ) -> Option<Pattern> {
        let portless = protocols.may.difference(ProtocolSet::with_ports());
        if portless.is_empty() || self.source_ports.may.is_empty() || self.destination_ports.may.is_empty() {
            return None;
        }
        let certain = self.source_ports.must.is_all() && self.destination_ports.must.is_all();
        let possible = self.source_ports.may.is_all() && self.destination_ports.may.is_all();
        if !possible && protocols.any && !reading.takes(Switch::PORTLESS_PORTS) {
            return None;
        }
        if !possible {
            gaps.push(Gap::new("whether a port condition matches a protocol without ports (U6)"));
        }
        let every_port = |extent: &Extent, other: &Extent, must: bool| {
            let pick = |extent: &Extent| if must { extent.must.clone() } else { extent.may.clone() };
            non_empty(PacketBox {
                protocols: portless,
                source: pick(extent),
                source_ports: PortSet::all(),
                destination: pick(other),
                destination_ports: PortSet::all(),
            })
        };
        let may = every_port(&self.source, &self.destination, false)?;
        let must = if settled && protocols.known && certain {
            every_port(&self.source, &self.destination, true)
        } else {
            None
        };
        Some(Pattern { may, must })
    }

    fn sides(&self, protocols: ProtocolSet, must: bool) -> Option<PacketBox> {
        let addresses = |extent: &Extent| if must { extent.must.clone() } else { extent.may.clone() };
        let ports = |ports: &Ports| if must { ports.must.clone() } else { ports.may.clone() };
        non_empty(PacketBox {
            protocols,
            source: addresses(&self.source),
            source_ports: ports(&self.source_ports),
            destination: addresses(&self.destination),
            destination_ports: ports(&self.destination_ports),
        })
    }
}

fn non_empty(sides: PacketBox) -> Option<PacketBox> {
    let empty = sides.protocols.is_empty()
        || sides.source.is_empty()
        || sides.source_ports.is_empty()
        || sides.destination.is_empty()
        || sides.destination_ports.is_empty();
    (!empty).then_some(sides)
}
