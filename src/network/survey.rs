//! What a network holds, counted, and everything in it that the input does not settle.

use super::{
    Gateway, Instance, Interface, Location, Network, Peering, PrivateEndpoint, Route, RoutePrefix,
    SecurityGroup, Subnet, VirtualNetwork, outside,
};
use crate::model::{Fact, Gap, Origin, ResourceId, RulePriority};
use crate::rules::{AddressTerm, PortTerm, ProtocolTerm, Rule};
use std::cmp::Ordering;
use std::collections::HashSet;

/// How many things of each kind a network has.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Virtual networks.
    pub virtual_networks: usize,
    /// Subnets of all networks.
    pub subnets: usize,
    /// Peerings of all networks.
    pub peerings: usize,
    /// Network security groups.
    pub security_groups: usize,
    /// Rules that people wrote; those that a child resource of the same name replaces among them.
    pub rules: usize,
    /// Route tables.
    pub route_tables: usize,
    /// Routes of all tables.
    pub routes: usize,
    /// Application security groups whose members the input shows.
    pub application_groups: usize,
    /// Network interfaces; those of private endpoints are the endpoints'.
    pub interfaces: usize,
    /// Gateways to other sites.
    pub gateways: usize,
    /// Private endpoints.
    pub private_endpoints: usize,
    /// API Management instances.
    pub instances: usize,
    /// Routes in force, in dumps.
    pub effective_routes: usize,
    /// Rules of network managers, in dumps.
    pub admin_rules: usize,
    /// Endpoints that instances say they try to reach.
    pub endpoints: usize,
}

impl Network {
    /// How many things of each kind there are.
    pub fn counts(&self) -> Counts {
        let rules = |group: &SecurityGroup| group.rules.custom().count() + group.replaced.len();
        Counts {
            virtual_networks: self.virtual_networks.len(),
            subnets: self.subnets.len(),
            peerings: self.virtual_networks.iter().map(|network| network.peerings.len()).sum(),
            security_groups: self.security_groups.len(),
            rules: self.security_groups.iter().map(rules).sum(),
            route_tables: self.route_tables.len(),
            routes: self.route_tables.iter().map(|table| table.routes.len()).sum(),
            application_groups: self.groups.len(),
            interfaces: self.interfaces.len(),
            gateways: self.gateways.len(),
            private_endpoints: self.private_endpoints.len(),
            instances: self.instances.len(),
            effective_routes: self.effective.routes.iter().map(|dump| dump.routes.len()).sum(),
            admin_rules: self.effective.admin.iter().map(|admin| admin.rules.rules.len()).sum(),
            endpoints: self.effective.status.iter().map(|status| status.entries.len()).sum(),
        }
    }

    /// Everything that the input does not settle, each once, in order of places; references that lead out of
    /// the input among them, each thing that is not there once, where it is first named.
    pub fn unknowns(&self) -> Vec<Gap> {
        let mut found = Unknowns {
            network: self,
            subnets: self.subnets.iter().map(|subnet| subnet.id.key()).collect(),
            groups: self.security_groups.iter().map(|group| group.id.key()).collect(),
            gaps: Vec::new(),
            seen: HashSet::new(),
            outside: Vec::new(),
        };
        self.virtual_networks.iter().for_each(|network| found.of_network(network));
        self.unlisted.iter().for_each(|gap| found.add(gap));
        self.subnets.iter().for_each(|subnet| found.of_subnet(subnet));
        self.security_groups.iter().for_each(|group| found.of_group(group));
        self.interfaces.iter().for_each(|interface| found.of_interface(interface));
        self.gateways.iter().for_each(|gateway| found.of_gateway(gateway));
        self.private_endpoints.iter().for_each(|endpoint| found.of_endpoint(endpoint));
        for table in &self.route_tables {
            found.fact(&table.propagates, &table.origin);
            table.routes.iter().for_each(|route| found.of_route(route));
        }
        for members in self.groups.values() {
            members.gap.iter().for_each(|gap| found.add(gap));
        }
        self.instances.iter().for_each(|instance| found.of_instance(instance));
        let Unknowns { mut gaps, mut outside, .. } = found;
        // One thing that many refer to is supplied once: its first place stands for all.
        outside.sort_by(by_place);
        let mut told = HashSet::new();
        outside
            .retain(|gap| told.insert((gap.missing().to_lowercase(), gap.supply().map(str::to_lowercase))));
        gaps.extend(outside);
        gaps.sort_by(by_place);
        gaps
    }
}

fn by_place(left: &Gap, right: &Gap) -> Ordering {
    (left.origin(), left).cmp(&(right.origin(), right))
}

/// Gaps while they are gathered.
struct Unknowns<'n> {
    network: &'n Network,
    /// The keys of the ids of all subnets, and of all security groups.
    subnets: HashSet<String>,
    groups: HashSet<String>,
    gaps: Vec<Gap>,
    seen: HashSet<Gap>,
    /// References that lead out of the input, each where it stands.
    outside: Vec<Gap>,
}

impl Unknowns<'_> {
    fn add(&mut self, gap: &Gap) {
        if self.seen.insert(gap.clone()) {
            self.gaps.push(gap.clone());
        }
    }

    /// A gap of a holder, whose place stands for one that the gap does not have.
    fn add_at(&mut self, gap: &Gap, holder: &Origin) {
        match gap.origin() {
            Some(_) => self.add(gap),
            None => self.add(&gap.clone().at(holder)),
        }
    }

    fn fact<T>(&mut self, fact: &Fact<T>, holder: &Origin) {
        fact.gap().into_iter().for_each(|gap| self.add_at(gap, holder));
    }

    fn of_network(&mut self, network: &VirtualNetwork) {
        self.fact(&network.prefixes, &network.origin);
        self.fact(&network.dns_servers, &network.origin);
        network.peerings.iter().for_each(|peering| self.of_peering(peering));
    }

    fn of_peering(&mut self, peering: &Peering) {
        self.fact(&peering.remote, &peering.origin);
        for flag in [&peering.access, &peering.forwarded, &peering.gateway_transit, &peering.remote_gateways]
        {
            self.fact(flag, &peering.origin);
        }
        if let (Fact::Known(id), None) = (&peering.remote, &peering.remote_prefixes)
            && self.network.virtual_network(id).is_none()
        {
            self.outside.push(outside("peered virtual network", "vnet", id).at(&peering.origin));
        }
    }

    fn of_subnet(&mut self, subnet: &Subnet) {
        self.fact(&subnet.prefixes, &subnet.origin);
        self.fact(&subnet.security_group, &subnet.origin);
        self.fact(&subnet.route_table, &subnet.origin);
        self.fact(&subnet.delegations, &subnet.origin);
        self.fact(&subnet.service_endpoints, &subnet.origin);
        self.fact(&subnet.endpoint_policy, &subnet.origin);
        self.fact(&subnet.private_endpoint_policies, &subnet.origin);
        let network = self.network;
        // What VirtualNetwork stands for in the subnet hangs on it; what a dump shows of a subnet has its own gaps.
        let is_shown = !network.effective.unseen.contains(&subnet.id);
        if is_shown && network.virtual_network(&subnet.network).is_none() {
            self.outside.push(outside("virtual network", "vnet", &subnet.network).at(&subnet.origin));
        }
        self.group_of(&subnet.security_group, &subnet.origin);
        if let Fact::Known(Some(id)) = &subnet.route_table
            && self.network.route_table(id).is_none()
        {
            self.outside.push(outside("route table", "route-table", id).at(&subnet.origin));
        }
    }

    fn of_group(&mut self, group: &SecurityGroup) {
        group.doubt.iter().for_each(|gap| self.add_at(gap, &group.origin));
        group.rules.rules.iter().for_each(|rule| self.of_rule(rule));
    }

    fn of_rule(&mut self, rule: &Rule) {
        let at = &rule.origin;
        rule.doubt.iter().for_each(|gap| self.add_at(gap, at));
        if let RulePriority::Unknown(gap) = &rule.priority {
            self.add_at(gap, at);
        }
        self.fact(&rule.direction, at);
        self.fact(&rule.access, at);
        if let ProtocolTerm::Unknown(gap) = &rule.protocol {
            self.add_at(gap, at);
        }
        for side in [&rule.source, &rule.destination] {
            for written in &side.addresses {
                if let AddressTerm::Unknown(gap) = &written.value {
                    self.add_at(gap, at);
                }
            }
            for written in &side.ports {
                if let PortTerm::Unknown(gap) = &written.value {
                    self.add_at(gap, at);
                }
            }
        }
    }

    fn of_route(&mut self, route: &Route) {
        self.fact::<RoutePrefix>(&route.prefix, &route.origin);
        self.fact(&route.next_hop, &route.origin);
        self.fact(&route.next_hop_address, &route.origin);
    }

    fn of_interface(&mut self, interface: &Interface) {
        let at = &interface.origin;
        interface.doubt.iter().for_each(|gap| self.add_at(gap, at));
        self.fact(&interface.security_group, at);
        self.fact(&interface.forwards, at);
        for configuration in &interface.configurations {
            self.fact(&configuration.subnet, at);
            self.fact(&configuration.address, at);
            self.fact(&configuration.groups, at);
            self.fact(&configuration.is_public, at);
            self.subnet_of(configuration.subnet.known().and_then(Option::as_ref), at);
        }
        self.group_of(&interface.security_group, at);
    }

    fn of_gateway(&mut self, gateway: &Gateway) {
        self.fact(&gateway.network, &gateway.origin);
        self.fact(&gateway.prefixes, &gateway.origin);
    }

    fn of_endpoint(&mut self, endpoint: &PrivateEndpoint) {
        self.fact(&endpoint.subnet, &endpoint.origin);
        self.fact(&endpoint.addresses, &endpoint.origin);
        self.subnet_of(endpoint.subnet.known(), &endpoint.origin);
    }

    /// A security group that leads out of the input.
    fn group_of(&mut self, group: &Fact<Option<ResourceId>>, at: &Origin) {
        if let Fact::Known(Some(id)) = group
            && !self.groups.contains(&id.key())
        {
            self.outside.push(outside("network security group", "nsg", id).at(at));
        }
    }

    /// A subnet that leads out of the input.
    fn subnet_of(&mut self, id: Option<&ResourceId>, at: &Origin) {
        if let Some(id) = id.filter(|id| !self.subnets.contains(&id.key())) {
            self.outside.push(outside("subnet", "vnet subnet", id).at(at));
        }
    }

    fn of_instance(&mut self, instance: &Instance) {
        let at = &instance.origin;
        instance.doubt.iter().chain(&instance.added_gap).for_each(|gap| self.add_at(gap, at));
        self.fact(&instance.tier, at);
        self.fact(&instance.mode, at);
        let locations = std::iter::once(&instance.primary).chain(&instance.added);
        locations.for_each(|location| self.of_location(location));
    }

    fn of_location(&mut self, location: &Location) {
        self.fact(&location.region, &location.origin);
        self.fact::<Option<ResourceId>>(&location.subnet, &location.origin);
        self.fact(&location.units, &location.origin);
        self.subnet_of(location.subnet.known().and_then(Option::as_ref), &location.origin);
    }
}
