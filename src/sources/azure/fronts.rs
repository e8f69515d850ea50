//! Public front ends of interfaces: addresses of their own, and load balancers before them.
//!
//! S63: a front end is closed to the Internet until a group allows something; one of the Basic SKU is open. Azure
//! retired that SKU on 30 September 2025, so where the input shows one it is not settled which holds. A front end whose
//! address is not in the input is taken as one of the others.

use super::of_kind;
use crate::model::{Fact, Gap, ResourceId};
use crate::network::outside;
use crate::sources::Resource;
use crate::sources::json::Node;
use crate::sources::values::{Faults, Value, direct, field, gap_of};
use std::collections::HashMap;

const BALANCER: &str = "Microsoft.Network/loadBalancers";
const ADDRESS: &str = "Microsoft.Network/publicIPAddresses";

/// What stands between an address of an interface and the Internet.
pub(super) struct Front {
    /// Whether it has a public address, or stands behind a load balancer with one.
    pub(super) is_public: Fact<bool>,
    /// Why it may be open where no group is.
    pub(super) open: Option<Gap>,
}

impl Front {
    const NONE: Self = Self { is_public: Fact::Known(false), open: None };

    /// Both together.
    fn and(self, other: Self) -> Self {
        let is_public = match (self.is_public, other.is_public) {
            (Fact::Known(true), _) | (_, Fact::Known(true)) => Fact::Known(true),
            (Fact::Unknown(gap), _) | (_, Fact::Unknown(gap)) => Fact::Unknown(gap),
            _ => Fact::Known(false),
        };
        Self { is_public, open: self.open.or(other.open) }
    }

    fn unknown(gap: Gap) -> Self {
        Self { is_public: Fact::Unknown(gap), open: None }
    }
}

/// The load balancers and public addresses of the input.
pub(super) struct Fronts<'r> {
    balancers: HashMap<String, &'r Resource>,
    addresses: HashMap<String, &'r Resource>,
}

impl<'r> Fronts<'r> {
    pub(super) fn of(resources: &'r [Resource]) -> Self {
        let all = |kind| of_kind(resources, kind).map(|resource| (resource.id.key(), resource)).collect();
        Self { balancers: all(BALANCER), addresses: all(ADDRESS) }
    }

    /// What is before an address configuration of an interface.
    pub(super) fn before(&self, node: &Node, name: &str, faults: &mut Faults) -> Front {
        let own = self.of_address(field(node, "publicIPAddress"));
        ["loadBalancerBackendAddressPools", "loadBalancerInboundNatRules"]
            .into_iter()
            .fold(own, |front, key| front.and(self.of_balancers(node, key, name, faults)))
    }

    fn of_balancers(&self, node: &Node, key: &str, name: &str, faults: &mut Faults) -> Front {
        let items = match faults.list(field(node, key), key, name) {
            Value::Unset => return Front::NONE,
            Value::Open(gap) => return Front::unknown(gap),
            Value::Is((items, _)) => items,
        };
        items.iter().fold(Front::NONE, |front, item| {
            front.and(match faults.id(direct(item, "id"), key, name) {
                Value::Unset => Front::NONE,
                Value::Open(gap) => Front::unknown(gap),
                Value::Is(id) => self.of_balancer(&id, item),
            })
        })
    }

    /// The front ends of the load balancer of a pool or rule that is named at `at`.
    fn of_balancer(&self, part: &ResourceId, at: &Node) -> Front {
        const LIST: &str = "frontendIPConfigurations";
        let id = part.parent().unwrap_or_else(|| part.clone());
        let Some(balancer) = self.balancers.get(&id.key()) else {
            return Front::unknown(outside("load balancer", "lb", &id).at(&at.origin()));
        };
        let list = match field(&balancer.body, LIST) {
            Value::Is(list) if list.gap().is_some() => return Front::unknown(gap_of(list)),
            Value::Is(list) => list.items(),
            Value::Open(gap) => return Front::unknown(gap),
            Value::Unset => &[],
        };
        list.iter()
            .flat_map(|item| [field(item, "publicIPAddress"), field(item, "publicIPPrefix")])
            .fold(Front::NONE, |front, reference| front.and(self.of_address(reference)))
    }

    /// The front end of a reference to a public address.
    fn of_address(&self, reference: Value<&Node>) -> Front {
        match reference {
            Value::Unset => Front::NONE,
            Value::Open(gap) => Front::unknown(gap),
            Value::Is(reference) => Front { is_public: Fact::Known(true), open: self.open(reference) },
        }
    }

    /// Why the front end of an address may be open: it is of the Basic SKU, or names none, which is the same, or one
    /// that is not settled.
    fn open(&self, reference: &Node) -> Option<Gap> {
        // What is wrong with a reference to an address keeps nothing from being public, and is not told.
        let id = Faults::default().id(direct(reference, "id"), "id", "").is()?;
        let address = self.addresses.get(&id.key())?;
        let sku = match direct(&address.body, "sku") {
            Value::Is(sku) if sku.as_object().is_some() => direct(sku, "name"),
            word => word,
        };
        let sku = match sku {
            Value::Open(gap) => return Some(gap),
            Value::Unset => "no SKU, which is Basic",
            Value::Is(name) => name.as_str().filter(|name| name.eq_ignore_ascii_case("Basic"))?,
        };
        let name = address.id.name();
        let gap = Gap::new(format!(
            "whether the public address `{name}` ({sku}) is still in use: Azure retired the Basic SKU on 30 September 2025, and it is open where no network security group is (S63)"
        ));
        Some(gap.at(&address.origin))
    }
}
