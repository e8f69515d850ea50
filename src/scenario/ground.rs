//! From what a scenario says to a [`Network`]: names looked up, ids made, the input's facts overridden.
//!
//! What a scenario writes stands at the scenario's lines; what it takes over from its input keeps the
//! input's. Names are those of this file and of the input; each resource gets an id of one fixed scheme.

use super::fields::Spot;
use super::file::ScenarioFile;
use super::link_form::PeeringForm;
use super::mistake::{Mistake, Mistakes, Named, did_you_mean, list};
use super::place_form::{NetworkForm, SubnetForm, VirtualNetworkForm};
use crate::model::{Cloud, Fact, Gap, Origin, ResourceId};
use crate::network::effective::AdminRules;
use crate::network::{GroupMembers, Network, SecurityGroup, Subnet, Supplied, VirtualNetwork};
use crate::rules::{AddressTerm, Rule, RuleSet, Side, Written};
use crate::tags::{TagKind, TagSnapshot, cloud_must_match};

/// Puts the scenario's network and instance on top of what its input holds.
///
/// # Errors
/// Names that lead nowhere, and what a new resource lacks.
pub fn network(file: &ScenarioFile, base: Network, tags: &TagSnapshot) -> Result<Network, Vec<Mistake>> {
    let (network, mistakes) = build(file, base, tags, Mistakes::default());
    mistakes.settle(Some(network))
}

/// As [`network`], behind the mistakes so far: what is lost among them is not missed here.
pub(super) fn build(
    file: &ScenarioFile,
    base: Network,
    tags: &TagSnapshot,
    mistakes: Mistakes,
) -> (Network, Mistakes) {
    let mut ground = Ground { network: base, tags, mistakes };
    if let Some(form) = &file.network {
        ground.add_network(form);
    }
    ground.supply(file);
    if let Some(form) = &file.instance {
        ground.add_instance(form);
    }
    ground.hold_cloud(file);
    let Ground { network, mistakes, .. } = ground;
    (network, mistakes)
}

pub(super) struct Ground<'t> {
    pub(super) network: Network,
    pub(super) tags: &'t TagSnapshot,
    pub(super) mistakes: Mistakes,
}

/// The id of a resource that a scenario writes.
pub(super) fn id(kind: &str, name: &str) -> ResourceId {
    ResourceId::new(format!(
        "/subscriptions/scenario/resourceGroups/scenario/providers/Microsoft.Network/{kind}/{name}"
    ))
}

/// A new resource, or the one of that name.
pub(super) fn place_for<T>(all: &mut Vec<T>, is_it: impl Fn(&T) -> bool, new: impl FnOnce() -> T) -> &mut T {
    let at = all.iter().position(is_it).unwrap_or_else(|| {
        all.push(new());
        all.len() - 1
    });
    &mut all[at]
}

pub(super) fn is_named(id: &ResourceId, name: &str) -> bool {
    id.name().eq_ignore_ascii_case(name)
}

impl Ground<'_> {
    fn add_network(&mut self, form: &NetworkForm) {
        for network in &form.networks {
            self.add_virtual_network(network);
        }
        for Spot { value: (name, members), origin } in &form.application_groups {
            // The input may have the group under an id of its own.
            let known = self.network.groups.keys().find(|id| is_named(id, name)).cloned();
            let id = known.unwrap_or_else(|| id("applicationSecurityGroups", name));
            let origin = Some(origin.clone());
            let members = GroupMembers { origin, ..GroupMembers::known(members.clone()) };
            self.network.groups.insert(id, members);
        }
        form.route_tables.iter().for_each(|table| self.add_route_table(table));
        // Subnets come before rules, since rules may name them.
        for Spot { value: (name, _), origin } in &form.groups {
            place_for(
                &mut self.network.security_groups,
                |group| is_named(&group.id, name),
                || SecurityGroup {
                    id: id("networkSecurityGroups", name),
                    rules: RuleSet::new(Vec::new(), origin),
                    replaced: Vec::new(),
                    subnets: Vec::new(),
                    doubt: None,
                    origin: origin.clone(),
                },
            );
        }
        for network in &form.networks {
            for subnet in &network.value.subnets {
                self.add_subnet(network, subnet);
            }
        }
        self.add_interfaces(&form.interfaces);
        form.endpoints.iter().for_each(|endpoint| self.add_endpoint(endpoint));
        for Spot { value: (name, rules), .. } in &form.groups {
            self.add_rules(name, rules);
        }
        for Spot { value: (name, rules), origin } in &form.managers {
            self.add_manager(name, rules, origin);
        }
        for network in &form.networks {
            for peer in &network.value.peerings {
                let peering = PeeringForm::new(&network.value.name, &peer.value);
                self.add_peering(&peering, &peer.origin);
            }
        }
        self.add_peerings(&form.peerings);
        form.gateways.iter().for_each(|gateway| self.add_gateway(gateway));
    }

    fn add_virtual_network(&mut self, form: &Spot<VirtualNetworkForm>) {
        let Spot { value: form, origin } = form;
        let is_new = !self.network.virtual_networks.iter().any(|network| is_named(&network.id, &form.name));
        let says_none = form.prefixes.as_ref().is_none_or(Vec::is_empty);
        if is_new && says_none && !self.mistakes.touch(&format!("{}.prefixes", origin.path)) {
            let message =
                format!("the virtual network `{}` needs `prefixes`, as in [10.0.0.0/16]", form.name);
            self.mistakes.note::<()>(origin, message);
        }
        let network = place_for(
            &mut self.network.virtual_networks,
            |network| is_named(&network.id, &form.name),
            || VirtualNetwork::new(id("virtualNetworks", &form.name), Fact::Known(Vec::new()), origin),
        );
        if let Some(prefixes) = &form.prefixes {
            network.prefixes = Fact::Known(prefixes.clone());
        }
        if let Some(servers) = &form.dns_servers {
            network.dns_servers = Fact::Known(servers.clone());
        }
    }

    fn add_subnet(&mut self, network: &Spot<VirtualNetworkForm>, form: &Spot<SubnetForm>) {
        let Spot { value: form, origin } = form;
        let Spot { value: network, origin: around } = network;
        let space_is_lost = self.mistakes.touch(&format!("{}.prefixes", around.path));
        let lost = |mistakes: &Mistakes| {
            ["prefix", "prefixes"].iter().any(|key| mistakes.touch(&format!("{}.{key}", origin.path)))
        };
        let Some(network) =
            self.network.virtual_networks.iter().find(|known| is_named(&known.id, &network.name))
        else {
            return;
        };
        let (network, space) = (network.id.clone(), network.prefixes.clone());
        if let (Some(prefixes), Fact::Known(space), false) = (&form.prefixes, &space, space_is_lost) {
            for prefix in prefixes.iter().filter(|prefix| !space.iter().any(|net| net.contains(*prefix))) {
                let message = format!("`{prefix}` of `{}` lies outside its virtual network", form.name);
                self.mistakes.note::<()>(origin, message);
            }
        }
        let group = form.group.as_ref().and_then(|name| self.group_id(name));
        let table = form.routes.as_ref().and_then(|name| self.route_table_id(name));
        let is_it = |subnet: &Subnet| subnet.network == network && is_named(&subnet.id, &form.name);
        let says_none = form.prefixes.as_ref().is_none_or(Vec::is_empty);
        if !self.network.subnets.iter().any(is_it) && says_none && !lost(&self.mistakes) {
            let message = format!("the subnet `{}` needs a `prefix`, as in 10.0.1.0/24", form.name);
            self.mistakes.note::<()>(origin, message);
        }
        let subnet = place_for(&mut self.network.subnets, is_it, || {
            let id = ResourceId::new(format!("{network}/subnets/{}", form.name));
            Subnet::new(id, network.clone(), origin)
        });
        if let Some(prefixes) = &form.prefixes {
            subnet.prefixes = Fact::Known(prefixes.clone());
        }
        if let Some(group) = group {
            subnet.security_group = Fact::Known(Some(group));
        }
        if let Some(table) = table {
            subnet.route_table = Fact::Known(Some(table));
        }
        if let Some(delegations) = &form.delegations {
            subnet.delegations = Fact::Known(delegations.clone());
        }
        if let Some(services) = &form.service_endpoints {
            subnet.service_endpoints = Fact::Known(services.clone());
        }
        if let Some(policies) = form.endpoint_policies {
            subnet.private_endpoint_policies = Fact::Known(policies);
        }
    }

    pub(super) fn group_id(&mut self, name: &Spot<String>) -> Option<ResourceId> {
        let ids = self.network.security_groups.iter().map(|group| &group.id);
        let found = find(ids, "network security group", &name.value);
        self.found(Named::Group, &name.value, &name.origin, found)
    }

    fn route_table_id(&mut self, name: &Spot<String>) -> Option<ResourceId> {
        let ids = self.network.route_tables.iter().map(|table| &table.id);
        let found = find(ids, "route table", &name.value);
        self.found(Named::RouteTable, &name.value, &name.origin, found)
    }

    /// The id, or a mistake unless what is meant may be lost.
    pub(super) fn found(
        &mut self,
        what: Named,
        name: &str,
        origin: &Origin,
        found: Result<ResourceId, String>,
    ) -> Option<ResourceId> {
        match found {
            Ok(id) => Some(id),
            Err(_) if self.mistakes.hide(what, name) => None,
            Err(message) => self.mistakes.note(origin, message),
        }
    }

    /// The id of the one subnet of a name: `apim` or `hub-vnet/apim`.
    pub(super) fn subnet_id(&mut self, name: &Spot<String>) -> Option<ResourceId> {
        match self.network.subnets_named(&name.value)[..] {
            [subnet] => Some(subnet.id.clone()),
            [] => {
                let names: Vec<&str> = self.network.subnets.iter().map(|subnet| subnet.id.name()).collect();
                let message = unknown("subnet", &name.value, &names);
                self.found(Named::Subnet, &name.value, &name.origin, Err(message))
            }
            _ => {
                let message = format!("`{}` names several subnets: write network/subnet", name.value);
                self.mistakes.note(&name.origin, message)
            }
        }
    }

    /// A rule of a name that the input's group has takes that rule's place.
    fn add_rules(&mut self, name: &str, rules: &[Rule]) {
        let rules: Vec<Rule> = rules.iter().map(|rule| self.looked_up(rule)).collect();
        let Some(group) = self.network.security_groups.iter_mut().find(|group| is_named(&group.id, name))
        else {
            return;
        };
        let (mut customs, defaults): (Vec<Rule>, Vec<Rule>) =
            group.rules.rules.drain(..).partition(|rule| !rule.is_default());
        customs.retain(|old| !rules.iter().any(|new| new.name.eq_ignore_ascii_case(&old.name)));
        customs.extend(rules);
        customs.extend(defaults);
        group.rules = RuleSet::new(customs, &group.origin);
    }

    /// A network manager's rules stand before every group of the scenario (S131).
    fn add_manager(&mut self, name: &str, rules: &[(Rule, bool)], origin: &Origin) {
        let always = rules.iter().enumerate().filter(|(_, (_, always))| *always).map(|(place, _)| place);
        let manager = AdminRules {
            manager: id("networkManagers", name),
            always: always.collect(),
            rules: RuleSet { rules: rules.iter().map(|(rule, _)| self.looked_up(rule)).collect() },
            origin: origin.clone(),
        };
        self.network.effective.admin.retain(|old| !is_named(&old.manager, name));
        self.network.effective.admin.push(manager);
    }

    fn looked_up(&mut self, rule: &Rule) -> Rule {
        let mut rule = rule.clone();
        let origin = rule.origin.clone();
        for side in [&mut rule.source, &mut rule.destination] {
            self.look_up_side(side, &origin);
        }
        rule
    }

    fn look_up_side(&mut self, side: &mut Side, origin: &Origin) {
        let terms = std::mem::take(&mut side.addresses);
        for Written { value, plural } in terms {
            let found = match value {
                AddressTerm::Tag(name) => self.look_up_name(name, origin),
                AddressTerm::Group(group) => {
                    self.application_group(group.as_str(), origin).into_iter().collect()
                }
                other => vec![other],
            };
            let plural = plural || found.len() > 1;
            side.addresses.extend(found.into_iter().map(|value| Written { value, plural }));
        }
    }

    /// A name is looked up among the tags, then among the subnets; what is neither stays a tag that no list holds.
    fn look_up_name(&mut self, name: String, origin: &Origin) -> Vec<AddressTerm> {
        const MARK: &str = "subnet:";
        if let Some(subnet) = name.strip_prefix(MARK) {
            let subnet = Spot::new(subnet.to_owned(), origin);
            return self.subnet_id(&subnet).map(|id| self.prefixes_of(&id)).unwrap_or_default();
        }
        let is_tag = !matches!(self.tags.classify(&name).kind, TagKind::Unknown);
        if is_tag || self.network.subnets_named(&name).is_empty() {
            return vec![AddressTerm::Tag(name)];
        }
        self.subnet_id(&Spot::new(name, origin)).map(|id| self.prefixes_of(&id)).unwrap_or_default()
    }

    fn prefixes_of(&self, id: &ResourceId) -> Vec<AddressTerm> {
        match self.network.subnet(id).map(|subnet| &subnet.prefixes) {
            Some(Fact::Known(prefixes)) => {
                prefixes.iter().map(|net| AddressTerm::Prefix { net: *net, host_bits: false }).collect()
            }
            Some(Fact::Unknown(gap)) => vec![AddressTerm::Unknown(gap.clone())],
            None => vec![AddressTerm::Unknown(Gap::new("the prefix of a subnet"))],
        }
    }

    fn application_group(&mut self, name: &str, origin: &Origin) -> Option<AddressTerm> {
        let found = find(self.network.groups.keys(), "application security group", name);
        self.found(Named::ApplicationGroup, name, origin, found).map(AddressTerm::Group)
    }

    /// What the input lacks, as the options of the command line supply it.
    fn supply(&mut self, file: &ScenarioFile) {
        let (vnet, subnet, peer) = (&file.vnet_prefixes, &file.subnet_prefixes, &file.peer_prefixes);
        let supplied = Supplied {
            vnet_prefixes: vnet.clone(),
            subnet_prefixes: subnet.clone(),
            peer_prefixes: peer.clone(),
            ..Supplied::default()
        };
        // Whether they are of use is a matter of the input.
        let is_lost = ["input", "network"].iter().any(|key| self.mistakes.touch(key));
        if !(is_lost || vnet.is_empty() && subnet.is_empty() && peer.is_empty()) {
            let held = self.network.supply_prefixes(&supplied);
            self.mistakes.take(&file.origin, held);
        }
    }

    /// S94: the list must be of the network's cloud.
    fn hold_cloud(&mut self, file: &ScenarioFile) {
        let is_lost = |key| self.mistakes.touch(key);
        if is_lost("tags") || is_lost("cloud") || (file.cloud.is_none() && is_lost("apim.region")) {
            return;
        }
        let region = self.network.regions.first();
        let cloud = file.cloud.as_ref().map(|spot| spot.value).or_else(|| region.map(Cloud::of_region));
        let Some(cloud) = cloud else { return };
        let region = file.instance.as_ref().and_then(|form| form.region.as_ref()).map(|spot| &spot.origin);
        let origin = file.cloud.as_ref().map(|spot| &spot.origin).or(region).unwrap_or(&file.origin);
        let held = cloud_must_match(cloud, self.tags);
        self.mistakes.take(origin, held);
    }
}

/// The id of a name, or a message that names the closest.
pub(super) fn find<'a>(
    ids: impl Iterator<Item = &'a ResourceId>,
    what: &str,
    name: &str,
) -> Result<ResourceId, String> {
    let ids: Vec<&ResourceId> = ids.collect();
    let by_name = |id: &&&ResourceId| is_named(id, name) || id.as_str().eq_ignore_ascii_case(name);
    match ids.iter().find(by_name) {
        Some(id) => Ok((*id).clone()),
        None => Err(unknown(what, name, &ids.iter().map(|id| id.name()).collect::<Vec<_>>())),
    }
}

/// `there is no subnet X; did you mean Y?`, or the names that there are.
pub(super) fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    let hint = did_you_mean(name, known.iter().copied());
    match (hint.as_str(), known.len()) {
        ("", 1..=8) => format!("there is no {what} `{name}`: there is {}", list(known.iter().copied())),
        (hint, _) => format!("there is no {what} `{name}`{hint}"),
    }
}
