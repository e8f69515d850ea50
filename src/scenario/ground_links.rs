//! Route tables, peerings and gateways of a scenario.

use super::fields::Spot;
use super::ground::{Ground, find, id, is_named, place_for};
use super::link_form::{GatewayForm, PeeringForm, RouteTableForm};
use super::mistake::Named;
use super::place_form::net;
use crate::model::{Fact, Gap, Origin};
use crate::network::{Gateway, Peering, Route, RouteTable};

impl Ground<'_> {
    /// A table of a name that the input has takes that table's place.
    pub(super) fn add_route_table(&mut self, form: &Spot<RouteTableForm>) {
        let Spot { value: form, origin } = form;
        let routes = form.routes.iter().map(|route| Route {
            name: route.name.clone(),
            prefix: Fact::Known(route.prefix.clone()),
            next_hop: Fact::Known(route.next_hop),
            next_hop_address: Fact::Known(route.address),
            origin: route.origin.clone(),
        });
        let known = self.network.route_tables.iter().position(|old| is_named(&old.id, &form.name));
        let id = match known {
            // Subnets of the input refer to it by its own id.
            Some(at) => self.network.route_tables.remove(at).id,
            None => id("routeTables", &form.name),
        };
        self.network.route_tables.push(RouteTable {
            id,
            routes: routes.collect(),
            propagates: Fact::Known(form.propagates),
            origin: origin.clone(),
        });
    }

    /// Each way that is written, then the ways back that follow from them and are not written themselves.
    pub(super) fn add_peerings(&mut self, forms: &[Spot<PeeringForm>]) {
        for Spot { value: form, origin } in forms {
            self.add_peering(form, origin);
        }
        for Spot { value: form, origin } in forms.iter().filter(|form| !form.value.one_way) {
            let is_back = |other: &&Spot<PeeringForm>| {
                other.value.from.eq_ignore_ascii_case(&form.to)
                    && other.value.to.eq_ignore_ascii_case(&form.from)
            };
            if net(&form.to).is_none() && !forms.iter().any(|other| is_back(&other)) {
                self.add_peering(&form.back(), origin);
            }
        }
    }

    pub(super) fn add_peering(&mut self, form: &PeeringForm, origin: &Origin) {
        let ids = || self.network.virtual_networks.iter().map(|network| &network.id);
        let (remote, remote_prefixes) = match net(&form.to) {
            Some(net) => (Ok(id("virtualNetworks", &form.to)), Some(vec![net])),
            None => (find(ids(), "virtual network", &form.to), None),
        };
        let own = find(ids(), "virtual network", &form.from);
        let own = self.found(Named::Network, &form.from, origin, own);
        let remote = self.found(Named::Network, &form.to, origin, remote);
        let (Some(own), Some(remote)) = (own, remote) else { return };
        let peering = Peering {
            remote_prefixes,
            access: Fact::Known(form.access),
            forwarded: Fact::Known(form.forwarded),
            gateway_transit: Fact::Known(form.gateway_transit),
            remote_gateways: Fact::Known(form.remote_gateways),
            ..Peering::new(format!("{}-to-{}", form.from, form.to), Fact::Known(remote), origin)
        };
        let network = self.network.virtual_networks.iter_mut().find(|network| network.id == own);
        network.into_iter().for_each(|network| network.peerings.push(peering.clone()));
    }

    /// The gateway of a network; one that the input has there keeps its id.
    pub(super) fn add_gateway(&mut self, form: &Spot<GatewayForm>) {
        let Spot { value: form, origin } = form;
        let ids = self.network.virtual_networks.iter().map(|network| &network.id);
        let found = find(ids, "virtual network", &form.network);
        let Some(network) = self.found(Named::Network, &form.network, origin, found) else { return };
        let prefixes = match &form.prefixes {
            Some(prefixes) => Fact::Known(prefixes.clone()),
            None => Fact::Unknown(
                Gap::new(format!("the prefixes behind the gateway of `{}`", form.network)).at(origin),
            ),
        };
        let gateway = place_for(
            &mut self.network.gateways,
            |gateway| gateway.network.known() == Some(&network),
            || Gateway {
                id: id("virtualNetworkGateways", &form.network),
                network: Fact::Known(network.clone()),
                prefixes: prefixes.clone(),
                origin: origin.clone(),
            },
        );
        gateway.prefixes = prefixes.clone();
    }
}
