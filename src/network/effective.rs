//! What Azure itself says is in force: groups at interfaces and subnets, admin rules, routes, and what an API
//! Management instance says of its own connections (S132 to S139).
//!
//! In: dumps, as `sources` reads them. Out: facts beside the network, which `conform` compares with it. The
//! rules of a dump's groups are the network's own; their tags carry what Azure says they stand for.

use super::SecurityGroup;
use crate::model::{Assumption, Fact, Origin, ResourceId};
use crate::rules::{AddressTerm, RuleSet, Side};
use crate::sets::AddressSet;
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// All that dumps say.
#[derive(Clone, Debug, Default)]
pub struct Effective {
    /// Groups, once for each place where one is in force.
    pub groups: Vec<EffectiveGroup>,
    /// Rules of network managers, which stand before every group (S131).
    pub admin: Vec<AdminRules>,
    /// Route tables of interfaces.
    pub routes: Vec<EffectiveRoutes>,
    /// What instances say of their own connections.
    pub status: Vec<NetworkStatus>,
    /// Subnets that are known by a dump alone.
    pub unseen: Vec<ResourceId>,
}

/// A group in force at an interface or a subnet.
#[derive(Clone, Debug)]
pub struct EffectiveGroup {
    /// The group's id.
    pub group: ResourceId,
    /// Whether the dump names the group; else the id is made up.
    pub named: bool,
    /// The subnet that it is attached to.
    pub subnet: Option<ResourceId>,
    /// The interface that it is attached to.
    pub interface: Option<ResourceId>,
    /// What tags stand for there, where the dump lists them beside the rules.
    pub tags: BTreeMap<String, Vec<IpNet>>,
    /// Where it was written.
    pub origin: Origin,
}

/// Rules of a network manager at an interface.
#[derive(Clone, Debug)]
pub struct AdminRules {
    /// The manager's id.
    pub manager: ResourceId,
    /// Its rules; access `Allow` for those that allow and for those that always allow.
    pub rules: RuleSet,
    /// The places of the rules that always allow: no group is asked behind them.
    pub always: BTreeSet<usize>,
    /// Where they were written.
    pub origin: Origin,
}

/// The routes in force at one interface.
#[derive(Clone, Debug)]
pub struct EffectiveRoutes {
    /// The routes, in the order of the dump.
    pub routes: Vec<EffectiveRoute>,
    /// Where they were written.
    pub origin: Origin,
}

/// One route in force.
#[derive(Clone, Debug)]
pub struct EffectiveRoute {
    /// Its name; the platform's own have none.
    pub name: Option<String>,
    /// Who made it: `Default`, `User`, `VirtualNetworkGateway`, as Azure spells it.
    pub source: Fact<String>,
    /// `Active` or `Invalid`.
    pub state: Fact<String>,
    /// The prefixes that it is for; a service endpoint has many.
    pub prefixes: Fact<Vec<IpNet>>,
    /// The service tags that it is for.
    pub tags: Vec<String>,
    /// The next hop type in Azure's spelling.
    pub next_hop: Fact<String>,
    /// The addresses of the next hop.
    pub next_hop_addresses: Vec<IpAddr>,
    /// Where it was written.
    pub origin: Origin,
}

impl EffectiveRoute {
    /// Whether Azure or a person made it, in Azure's word and without regard to case.
    pub fn is_from(&self, source: &str) -> bool {
        self.source.known().is_some_and(|found| found.eq_ignore_ascii_case(source))
    }

    /// Whether traffic goes by it; one whose state is not shown is taken to be in use.
    pub fn is_active(&self) -> bool {
        self.state.known().is_none_or(|state| state.eq_ignore_ascii_case("Active"))
    }
}

/// What an API Management instance says of its connections, for one location.
#[derive(Clone, Debug)]
pub struct NetworkStatus {
    /// The location, where the answer is for several.
    pub location: Option<String>,
    /// One entry for each endpoint that it tries.
    pub entries: Vec<Connectivity>,
    /// Where it was written.
    pub origin: Origin,
}

/// How one endpoint was reached.
#[derive(Clone, Debug)]
pub struct Connectivity {
    /// The endpoint.
    pub name: String,
    /// What kind of resource it is, in the service's word.
    pub resource_type: String,
    /// `success`, `failure` or `initializing`, as written.
    pub status: String,
    /// What the service says went wrong.
    pub error: Option<String>,
    /// Whether the service says that it can do without.
    pub is_optional: Option<bool>,
    /// Where it was written.
    pub origin: Origin,
}

impl Effective {
    /// Whether no dump was read.
    pub fn is_empty(&self) -> bool {
        let Self { groups, admin, routes, status, unseen } = self;
        groups.is_empty() && admin.is_empty() && routes.is_empty() && status.is_empty() && unseen.is_empty()
    }

    /// Whether a dump shows the group in force somewhere.
    pub fn shows(&self, group: &ResourceId) -> bool {
        self.groups.iter().any(|entry| entry.group == *group)
    }

    /// The admin rules at places of a group: those of the dump that shows it, and those that name no place.
    pub(super) fn admin_of(&self, group: Option<&ResourceId>) -> Vec<&AdminRules> {
        let here = |file: &str| {
            let mut of_file = self.groups.iter().filter(|entry| *entry.origin.file == *file).peekable();
            of_file.peek().is_none() || of_file.any(|entry| Some(&entry.group) == group)
        };
        self.admin.iter().filter(|admin| here(&admin.origin.file)).collect()
    }

    /// The groups at the interface that a dump is of, beside a group that it shows at the subnet: traffic has to
    /// pass both.
    pub(super) fn at_interfaces_beside(&self, group: &ResourceId) -> impl Iterator<Item = &EffectiveGroup> {
        let at_subnet = self.groups.iter().find(|entry| entry.group == *group && entry.subnet.is_some());
        let file = at_subnet.map(|entry| &entry.origin.file);
        let group = group.clone();
        self.groups.iter().filter(move |entry| {
            entry.group != group && entry.interface.is_some() && Some(&entry.origin.file) == file
        })
    }

    /// What an answer about one group takes for granted: that nothing else of its dump stands in the way.
    pub(super) fn assumptions(&self, group: &ResourceId) -> Vec<Assumption> {
        let here: Vec<&EffectiveGroup> = self.groups.iter().filter(|entry| entry.group == *group).collect();
        let same_dump = |origin: &Origin| here.iter().any(|entry| entry.origin.file == origin.file);
        let mut assumptions: Vec<Assumption> = Vec::new();
        let beside: Vec<&EffectiveGroup> = self.at_interfaces_beside(group).collect();
        let is_asked_too = |other: &EffectiveGroup| beside.iter().any(|entry| entry.group == other.group);
        let others = self.groups.iter().filter(|entry| entry.group != *group && same_dump(&entry.origin));
        for other in others.filter(|other| !is_asked_too(other)) {
            let at =
                other.interface.as_ref().or(other.subnet.as_ref()).map_or("the interface", |id| id.name());
            assumptions.push(Assumption::new(format!(
                "the group `{}`, in force at `{at}`, is asked by itself (--nsg {}): traffic has to pass both",
                other.group.name(),
                other.group.name()
            )));
        }
        assumptions.sort();
        assumptions.dedup();
        assumptions
    }
}

/// What a side's only tag stands for, by Azure's own word. Of several tags on one side Azure gives the
/// addresses of all together.
pub fn expansion(side: &Side) -> Option<(&str, &[IpNet])> {
    let mut tags = side.addresses.iter().filter(|written| written.value.tag().is_some());
    match (tags.next().map(|written| &written.value), tags.next()) {
        (Some(AddressTerm::Expanded { tag, prefixes }), None) => Some((tag, prefixes)),
        _ => None,
    }
}

impl SecurityGroup {
    /// What `VirtualNetwork` stands for where the group is in force, by Azure's own word (S139): as the default
    /// rules have it, which every dump lists and nobody edits. `None` where Azure does not say, or says two
    /// things.
    pub fn virtual_network_in_force(&self) -> Option<AddressSet> {
        let mut found: Option<AddressSet> = None;
        let defaults = self.rules.rules.iter().filter(|rule| rule.is_default());
        for side in defaults.flat_map(|rule| [&rule.source, &rule.destination]) {
            let is_it = side.addresses.iter().any(|written| written.value.is_virtual_network());
            let Some((_, prefixes)) = expansion(side).filter(|_| is_it) else { continue };
            let addresses = AddressSet::from_nets(prefixes.iter().copied());
            match &found {
                Some(earlier) if *earlier != addresses => return None,
                _ => found = Some(addresses),
            }
        }
        found
    }
}
