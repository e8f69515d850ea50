//! Private endpoints of a subnet, and whether its rules apply to them.

use super::{Network, Subnet};
use crate::model::{Fact, Origin};
use crate::sets::AddressSet;

/// A private endpoint in a subnet.
#[derive(Clone, Debug)]
pub struct AttachedEndpoint<'n> {
    /// Its name.
    pub name: &'n str,
    /// Its addresses.
    pub addresses: AddressSet,
    /// Whether the subnet's rules apply to traffic to it (S109).
    pub rules_apply: Fact<bool>,
    /// Its place.
    pub origin: Origin,
}

impl Network {
    /// The private endpoints of a subnet whose addresses are known.
    pub fn endpoints_in(&self, subnet: &Subnet) -> Vec<AttachedEndpoint<'_>> {
        let here = self.private_endpoints.iter().filter(|one| one.subnet.known() == Some(&subnet.id));
        here.filter_map(|endpoint| {
            Some(AttachedEndpoint {
                name: endpoint.id.name(),
                addresses: endpoint.addresses.known()?.iter().map(|address| (*address).into()).collect(),
                rules_apply: subnet
                    .private_endpoint_policies
                    .clone()
                    .map(super::EndpointPolicies::rules_apply),
                origin: endpoint.origin.clone(),
            })
        })
        .collect()
    }
}
