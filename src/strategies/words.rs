//! The words that generated rules are made of.

use crate::model::{Gap, PortRange, ResourceId};
use crate::rules::{AddressTerm, PortTerm, RuleSet};
use ipnet::IpNet;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;

/// Tags, prefixes, ports and groups that generated rules name.
///
/// Rules find each other's edges only when they speak of the same things, so the words are few. From a
/// prefix its halves, its neighbour and its first address are made besides, from ports the ranges between
/// them.
///
/// ```
/// use flowcheck::strategies::Words;
///
/// let words = Words::none().tags(["Internet", "Storage"]).prefixes(["10.1.0.0/24".parse()?]).ports([22, 443]);
/// # let _ = words;
/// # Ok::<(), ipnet::AddrParseError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Words {
    tags: Vec<String>,
    prefixes: Vec<IpNet>,
    ports: Vec<PortRange>,
    groups: Vec<ResourceId>,
}

/// A private network with some of its parts, both families, public space, and everything.
const USUAL_PREFIXES: [&str; 7] = [
    "10.0.1.0/24",
    "10.0.0.0/16",
    "10.0.2.0/24",
    "203.0.113.0/24",
    "0.0.0.0/0",
    "fd00:1::/64",
    "2001:db8::/32",
];

/// Names that no list has, a classic spelling, and tags that ordinary traffic never meets (S91, S93, S100).
const ODD_NAMES: [&str; 5] =
    ["CorpNetSaw", "VIRTUAL_NETWORK", "Storag", "AzurePlatformDNS", "azureplatformlkm"];

impl Default for Words {
    /// Words of an ordinary landing zone: the tags that most rules name, a private network with its parts,
    /// two public prefixes, both families, and well-known ports. No groups: only an input knows members.
    fn default() -> Self {
        Self::none()
            .tags(["Internet", "VirtualNetwork", "AzureLoadBalancer", "ApiManagement", "Storage", "Sql"])
            .prefixes(USUAL_PREFIXES.iter().filter_map(|net| net.parse().ok()))
            .ports([443, 80, 22, 3389, 1433, 3443, 6390])
            .port_ranges([PortRange::new(1024, u16::MAX)].into_iter().flatten())
    }
}

/// What is made of a prefix.
#[derive(Clone, Copy, Debug)]
enum Cut {
    Itself,
    LowerHalf,
    UpperHalf,
    Neighbour,
    First,
}

impl Words {
    /// No words: rules of `*` alone, until some are added.
    pub fn none() -> Self {
        Self { tags: Vec::new(), prefixes: Vec::new(), ports: Vec::new(), groups: Vec::new() }
    }

    /// The words that a rule set uses itself, so that what is generated meets its rules.
    pub fn of(rules: &RuleSet) -> Self {
        Self::none().and(rules)
    }

    /// Tags besides. Azure has to know them for a generated rule set to be one that it accepts.
    #[must_use]
    pub fn tags<T: Into<String>>(mut self, tags: impl IntoIterator<Item = T>) -> Self {
        self.tags.extend(tags.into_iter().map(Into::into));
        self
    }

    /// Prefixes besides; host bits are dropped.
    #[must_use]
    pub fn prefixes(mut self, prefixes: impl IntoIterator<Item = IpNet>) -> Self {
        self.prefixes.extend(prefixes.into_iter().map(|net| net.trunc()));
        self
    }

    /// Ports besides.
    #[must_use]
    pub fn ports(self, ports: impl IntoIterator<Item = u16>) -> Self {
        self.port_ranges(ports.into_iter().map(PortRange::one))
    }

    /// Ranges of ports besides.
    #[must_use]
    pub fn port_ranges(mut self, ranges: impl IntoIterator<Item = PortRange>) -> Self {
        self.ports.extend(ranges);
        self
    }

    /// Application security groups besides.
    #[must_use]
    pub fn groups(mut self, groups: impl IntoIterator<Item = ResourceId>) -> Self {
        self.groups.extend(groups);
        self
    }

    /// The words of a rule set besides, those that are new.
    #[must_use]
    pub fn and(mut self, rules: &RuleSet) -> Self {
        for side in rules.rules.iter().flat_map(|rule| [&rule.source, &rule.destination]) {
            for written in &side.addresses {
                match &written.value {
                    AddressTerm::Tag(name) | AddressTerm::Expanded { tag: name, .. } => {
                        push_new(&mut self.tags, name);
                    }
                    AddressTerm::Prefix { net, .. } => push_new(&mut self.prefixes, net),
                    AddressTerm::Group(id) => push_new(&mut self.groups, id),
                    _ => {}
                }
            }
            for written in &side.ports {
                if let PortTerm::Range(range) = &written.value
                    && !range.is_all()
                {
                    push_new(&mut self.ports, range);
                }
            }
        }
        self
    }

    /// `*`, a prefix, a tag or a group: what Azure takes for a side of one value (S29).
    pub(super) fn single_address(&self) -> BoxedStrategy<AddressTerm> {
        let mut kinds = vec![(3, Just(AddressTerm::Any).boxed())];
        kinds.extend(self.prefix().map(|prefix| (7, prefix)));
        if !self.tags.is_empty() {
            kinds.push((7, select(self.tags.clone()).prop_map(AddressTerm::Tag).boxed()));
        }
        kinds.extend(self.group().map(|group| (1, group)));
        Union::new_weighted(kinds).boxed()
    }

    /// A prefix of the words or one made from it; `None` where there are no prefixes.
    pub(super) fn prefix(&self) -> Option<BoxedStrategy<AddressTerm>> {
        let cuts = vec![
            Cut::Itself,
            Cut::Itself,
            Cut::Itself,
            Cut::Itself,
            Cut::LowerHalf,
            Cut::UpperHalf,
            Cut::Neighbour,
            Cut::First,
        ];
        if self.prefixes.is_empty() {
            return None;
        }
        let term = |(net, cut)| AddressTerm::Prefix { net: cut_prefix(net, cut), host_bits: false };
        Some((select(self.prefixes.clone()), select(cuts)).prop_map(term).boxed())
    }

    /// A tag with prefixes of the words as what Azure says it stands for (S139); also one that no list has.
    fn expanded(&self) -> Option<BoxedStrategy<AddressTerm>> {
        let mut tags = self.tags.clone();
        tags.push("Unlisted".to_owned());
        tags.retain(|name| !AddressTerm::names_platform(name));
        let prefixes = proptest::collection::vec(self.prefix()?, 1..4);
        let nets = prefixes.prop_map(|terms| {
            let net = |term| match term {
                AddressTerm::Prefix { net, .. } => Some(net),
                _ => None,
            };
            terms.into_iter().filter_map(net).collect()
        });
        let term = |(tag, prefixes)| AddressTerm::Expanded { tag, prefixes };
        Some((select(tags), nets).prop_map(term).boxed())
    }

    fn group(&self) -> Option<BoxedStrategy<AddressTerm>> {
        (!self.groups.is_empty()).then(|| select(self.groups.clone()).prop_map(AddressTerm::Group).boxed())
    }

    /// `*`, ports of the words, and ranges between them.
    pub(super) fn port_range(&self) -> BoxedStrategy<PortRange> {
        let mut kinds = vec![(3, Just(PortRange::ALL).boxed())];
        if !self.ports.is_empty() {
            kinds.push((5, select(self.ports.clone()).boxed()));
            let ends = || select(self.port_ends());
            let between = |(a, b): (u16, u16)| PortRange::new(a.min(b), a.max(b)).unwrap_or(PortRange::ALL);
            kinds.push((2, (ends(), ends()).prop_map(between).boxed()));
        }
        Union::new_weighted(kinds).boxed()
    }

    fn port_ends(&self) -> Vec<u16> {
        let mut ends = Vec::new();
        for range in &self.ports {
            push_new(&mut ends, &range.low());
            push_new(&mut ends, &range.high());
        }
        push_new(&mut ends, &u16::MAX);
        push_new(&mut ends, &0);
        ends
    }

    /// Whatever has been seen in the place of an address: the words, spelled in any case and with host
    /// bits, names that no list has, ranges with a dash, expressions that cannot be evaluated.
    pub(super) fn address_as_written(&self) -> BoxedStrategy<AddressTerm> {
        let mut kinds = vec![(4, Just(AddressTerm::Any).boxed())];
        if let Some(prefix) = self.prefix() {
            let with_host_bits = (prefix, prop::bool::weighted(0.1)).prop_map(|(term, set)| match term {
                AddressTerm::Prefix { net, .. } => {
                    AddressTerm::Prefix { net, host_bits: set && net.prefix_len() < net.max_prefix_len() }
                }
                other => other,
            });
            kinds.push((8, with_host_bits.boxed()));
            kinds.push((1, select(self.prefixes.clone()).prop_map(dash_range).boxed()));
        }
        if !self.tags.is_empty() {
            let spelled = (select(self.tags.clone()), select(vec![Case::AsIs, Case::Upper, Case::Lower]));
            kinds.push((7, spelled.prop_map(|(name, case)| AddressTerm::Tag(case.spell(&name))).boxed()));
        }
        kinds.extend(self.expanded().map(|expanded| (2, expanded)));
        kinds.push((2, select(&ODD_NAMES[..]).prop_map(|name| AddressTerm::Tag(name.to_owned())).boxed()));
        kinds.extend(self.group().map(|group| (1, group)));
        kinds.push((1, Just(AddressTerm::Group(ResourceId::new("lost"))).boxed()));
        kinds.push((1, Just(AddressTerm::LiteralAny).boxed()));
        kinds.push((1, Just(AddressTerm::Unknown(expression())).boxed()));
        Union::new_weighted(kinds).boxed()
    }

    /// Whatever has been seen in the place of a port.
    pub(super) fn port_as_written(&self) -> BoxedStrategy<PortTerm> {
        prop_oneof![
            14 => self.port_range().prop_map(PortTerm::Range),
            1 => Just(PortTerm::Never),
            1 => Just(PortTerm::Unknown(expression())),
        ]
        .boxed()
    }
}

/// What an input leaves open.
pub(super) fn expression() -> Gap {
    Gap::new("the value of `[parameters('x')]`")
}

#[derive(Clone, Copy, Debug)]
enum Case {
    AsIs,
    Upper,
    Lower,
}

impl Case {
    fn spell(self, name: &str) -> String {
        match self {
            Self::AsIs => name.to_owned(),
            Self::Upper => name.to_uppercase(),
            Self::Lower => name.to_lowercase(),
        }
    }
}

fn push_new<T: Clone + PartialEq>(list: &mut Vec<T>, value: &T) {
    if !list.contains(value) {
        list.push(value.clone());
    }
}

fn dash_range(net: IpNet) -> AddressTerm {
    AddressTerm::DashRange { first: net.network(), last: net.broadcast() }
}

fn cut_prefix(net: IpNet, cut: Cut) -> IpNet {
    match cut {
        Cut::Itself => net,
        Cut::LowerHalf => halves(&net).map_or(net, |[lower, _]| lower),
        Cut::UpperHalf => halves(&net).map_or(net, |[_, upper]| upper),
        Cut::Neighbour => neighbour(&net),
        Cut::First => net.network().into(),
    }
}

/// The two halves of a prefix; `None` for a single address.
pub(super) fn halves(net: &IpNet) -> Option<[IpNet; 2]> {
    let mut parts = net.subnets(net.prefix_len().checked_add(1)?).ok()?;
    Some([parts.next()?, parts.next()?])
}

/// The prefix that makes a wider one together with this one; itself where there is none wider.
fn neighbour(net: &IpNet) -> IpNet {
    let wider = net.supernet().as_ref().and_then(halves);
    wider.and_then(|pair| pair.into_iter().find(|half| half != net)).unwrap_or(*net)
}
