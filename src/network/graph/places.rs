//! Which subnet holds an address, seen from a virtual network: one of its own, else one of a peer's.
//!
//! Networks that are not peered may have the same addresses, so an address alone says nothing.

use super::super::{Network, Subnet};
use crate::model::ResourceId;
use ipnet::IpNet;
use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

/// The subnets of one network by their prefixes.
#[derive(Default)]
struct Space {
    /// Lengths of prefixes that occur, of both families.
    lengths: BTreeSet<u8>,
    /// The first subnet of each prefix, by its place in the network.
    subnets: HashMap<IpNet, usize>,
}

impl Space {
    /// The subnet with the longest prefix that holds an address.
    fn find(&self, address: IpAddr) -> Option<usize> {
        self.lengths.iter().rev().find_map(|length| {
            let net = IpNet::new(address, *length).ok()?.trunc();
            self.subnets.get(&net).copied()
        })
    }
}

/// All subnets, by network.
pub(super) struct Places<'n> {
    network: &'n Network,
    /// By the key of the network's id.
    spaces: HashMap<String, Space>,
    /// The keys of the networks that one is peered with, in order.
    peers: HashMap<String, Vec<String>>,
}

impl<'n> Places<'n> {
    pub(super) fn new(network: &'n Network) -> Self {
        let mut spaces: HashMap<String, Space> = HashMap::new();
        for (place, subnet) in network.subnets.iter().enumerate() {
            let space = spaces.entry(subnet.network.key()).or_default();
            for net in subnet.prefixes.known().into_iter().flatten() {
                space.lengths.insert(net.prefix_len());
                space.subnets.entry(net.trunc()).or_insert(place);
            }
        }
        let mut peers: HashMap<String, Vec<String>> = HashMap::new();
        for one in &network.virtual_networks {
            let remotes = one.peerings.iter().filter_map(|peering| peering.remote.known());
            peers.entry(one.id.key()).or_default().extend(remotes.map(ResourceId::key));
        }
        Self { network, spaces, peers }
    }

    /// The subnet that holds an address, by its place in the network's list.
    pub(super) fn subnet_of(&self, seen_from: &ResourceId, address: IpAddr) -> Option<usize> {
        let own = seen_from.key();
        let near = self.peers.get(&own).map(Vec::as_slice).unwrap_or_default();
        std::iter::once(&own).chain(near).find_map(|key| self.spaces.get(key)?.find(address))
    }

    /// The subnet of a place.
    pub(super) fn subnet(&self, place: usize) -> &'n Subnet {
        &self.network.subnets[place]
    }
}
