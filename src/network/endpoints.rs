//! Private endpoints of a subnet, and whether its rules apply to them.

use super::{Network, PrivateEndpoint, Subnet};
use crate::model::{Fact, Gap, Origin, ResourceId};
use crate::sets::AddressSet;
use std::cell::LazyCell;

/// A private endpoint in a subnet.
#[derive(Clone, Debug)]
pub struct AttachedEndpoint<'n> {
    /// Its name.
    pub name: &'n str,
    /// Its addresses; where they are not known, all of the subnet's.
    pub addresses: AddressSet,
    /// Why they are not known.
    pub doubt: Option<Gap>,
    /// Whether the subnet's rules apply to traffic to it (S109).
    pub rules_apply: Fact<bool>,
    /// Whether the subnet's route table applies to its replies (S109).
    pub routes_apply: Fact<bool>,
    /// Its place.
    pub origin: Origin,
}

impl Network {
    /// The private endpoints of a subnet.
    pub fn endpoints_in<'n>(&'n self, subnet: &Subnet) -> Vec<AttachedEndpoint<'n>> {
        let anywhere = LazyCell::new(|| self.unsettled_in(subnet));
        let policies = &subnet.private_endpoint_policies;
        let attached = |endpoint: &'n PrivateEndpoint| {
            let known = endpoint.addresses.known();
            AttachedEndpoint {
                name: endpoint.id.name(),
                addresses: known
                    .map_or_else(|| anywhere.clone(), |all| all.iter().map(|one| (*one).into()).collect()),
                doubt: endpoint.addresses.gap().cloned(),
                routes_apply: policies.clone().map(crate::network::EndpointPolicies::routes_apply),
                rules_apply: policies.clone().map(crate::network::EndpointPolicies::rules_apply),
                origin: endpoint.origin.clone(),
            }
        };
        self.private_endpoints_in(subnet).map(attached).collect()
    }

    /// The same as the input has them.
    pub(super) fn private_endpoints_in<'n>(
        &'n self,
        subnet: &Subnet,
    ) -> impl Iterator<Item = &'n PrivateEndpoint> {
        let places = self.private_endpoints.index().of(&subnet.id);
        self.private_endpoints.at(places).filter(|one| one.subnet.known() == Some(&subnet.id))
    }

    /// The private endpoints of some networks, in order of the input, each with its subnet.
    pub(super) fn endpoints_of<'n>(
        &'n self,
        networks: &[&ResourceId],
    ) -> Vec<(&'n PrivateEndpoint, &'n Subnet)> {
        let index = self.private_endpoints.index();
        let subnets = networks.iter().flat_map(|network| self.subnets_in(network));
        let mut places: Vec<usize> = subnets.flat_map(|subnet| index.of(&subnet.id)).copied().collect();
        places.sort_unstable();
        places.dedup();
        let of_them = |endpoint: &'n PrivateEndpoint| {
            let subnet = self.subnet(endpoint.subnet.known()?)?;
            networks.contains(&&subnet.network).then_some((endpoint, subnet))
        };
        places.iter().filter_map(|place| of_them(self.private_endpoints.get(*place)?)).collect()
    }
}
