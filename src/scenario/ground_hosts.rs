//! Network interfaces and private endpoints of a scenario.

use super::fields::Spot;
use super::ground::{Ground, find, id, is_named, place_for};
use super::host_form::{EndpointForm, InterfaceForm};
use super::mistake::Named;
use crate::model::{Fact, Gap, Origin, ResourceId};
use crate::network::{GroupMembers, Interface, IpConfiguration, PrivateEndpoint, members};
use std::collections::BTreeMap;
use std::net::IpAddr;

impl Ground<'_> {
    /// Adds interfaces, or changes those of the input; they join application security groups beside whatever
    /// else is in them.
    pub(super) fn add_interfaces(&mut self, forms: &[Spot<InterfaceForm>]) {
        let is_meant = |one: &Interface| forms.iter().any(|form| is_named(&one.id, &form.value.name));
        let before: Vec<Interface> =
            self.network.interfaces.iter().filter(|one| is_meant(one)).cloned().collect();
        forms.iter().for_each(|form| self.add_interface(form));
        let after = self.network.interfaces.iter().filter(|one| is_meant(one));
        let subnets = &self.network.subnets;
        let left = members::of_interfaces(&before, subnets).unwrap_or_default();
        let joined = members::of_interfaces(after, subnets).unwrap_or_default();
        exchange(&mut self.network.groups, &left, joined);
    }

    fn add_interface(&mut self, form: &Spot<InterfaceForm>) {
        let Spot { value: form, origin } = form;
        let is_it = |one: &Interface| is_named(&one.id, &form.name);
        let is_new = !self.network.interfaces.iter().any(is_it);
        let subnet = self.place(form.subnet.as_ref(), is_new, "interface", &form.name, origin);
        let group = form.group.as_ref().and_then(|name| self.group_id(name));
        let groups = form.application_groups.as_ref().map(|names| self.group_ids(names));
        let addresses = self.addresses(form.addresses.as_deref(), subnet.as_ref());
        let name = &form.name;
        let blank = IpConfiguration {
            subnet: Fact::Known(None),
            address: Fact::Unknown(Gap::new(format!("the address of the interface `{name}`")).at(origin)),
            groups: Fact::Known(Vec::new()),
            is_public: Fact::Known(false),
            open_front: None,
        };
        let interface = place_for(&mut self.network.interfaces, is_it, || Interface {
            id: id("networkInterfaces", name),
            configurations: vec![blank.clone()],
            security_group: Fact::Known(None),
            forwards: Fact::Known(false),
            doubt: None,
            origin: origin.clone(),
        });
        if let Some(addresses) = addresses {
            let first = interface.configurations.first().cloned().unwrap_or(blank);
            let of_one =
                |address: &IpAddr| IpConfiguration { address: Fact::Known(*address), ..first.clone() };
            interface.configurations = addresses.iter().map(of_one).collect();
        }
        for configuration in &mut interface.configurations {
            if let Some(subnet) = &subnet {
                configuration.subnet = Fact::Known(Some(subnet.clone()));
            }
            if let Some(groups) = &groups {
                configuration.groups = Fact::Known(groups.clone());
            }
            if let Some(is_public) = form.is_public {
                configuration.is_public = Fact::Known(is_public);
                configuration.open_front = None;
            }
        }
        if let Some(group) = group {
            interface.security_group = Fact::Known(Some(group));
        }
        if let Some(forwards) = form.forwards {
            interface.forwards = Fact::Known(forwards);
        }
    }

    pub(super) fn add_endpoint(&mut self, form: &Spot<EndpointForm>) {
        let Spot { value: form, origin } = form;
        let is_it = |one: &PrivateEndpoint| is_named(&one.id, &form.name);
        let is_new = !self.network.private_endpoints.iter().any(is_it);
        let subnet = self.place(form.subnet.as_ref(), is_new, "private endpoint", &form.name, origin);
        let addresses = self.addresses(form.addresses.as_deref(), subnet.as_ref());
        let open =
            |what: &str| Gap::new(format!("the {what} of the private endpoint `{}`", form.name)).at(origin);
        let endpoint = place_for(&mut self.network.private_endpoints, is_it, || PrivateEndpoint {
            id: id("privateEndpoints", &form.name),
            subnet: Fact::Unknown(open("subnet")),
            addresses: Fact::Unknown(open("address")),
            origin: origin.clone(),
        });
        if let Some(subnet) = subnet {
            endpoint.subnet = Fact::Known(subnet);
        }
        if let Some(addresses) = addresses {
            endpoint.addresses = Fact::Known(addresses);
        }
    }

    /// The subnet that something stands in, which something new has to say.
    fn place(
        &mut self,
        subnet: Option<&Spot<String>>,
        is_new: bool,
        what: &str,
        name: &str,
        origin: &Origin,
    ) -> Option<ResourceId> {
        if subnet.is_none() && is_new && !self.mistakes.touch(&format!("{}.subnet", origin.path)) {
            let message = format!("the {what} `{name}` needs a `subnet`, by its name");
            self.mistakes.note::<()>(origin, message);
        }
        subnet.and_then(|name| self.subnet_id(name))
    }

    /// The addresses that are written; one outside its subnet is a mistake.
    fn addresses(
        &mut self,
        spots: Option<&[Spot<IpAddr>]>,
        subnet: Option<&ResourceId>,
    ) -> Option<Vec<IpAddr>> {
        let prefixes = subnet.and_then(|id| self.network.subnet(id)).and_then(|subnet| {
            let prefixes = subnet.prefixes.known().filter(|prefixes| !prefixes.is_empty())?;
            Some((subnet.name(), prefixes.clone()))
        });
        for spot in spots.unwrap_or_default() {
            if let Some((subnet, prefixes)) = &prefixes
                && !prefixes.iter().any(|net| net.contains(&spot.value))
            {
                let message = format!("`{}` lies outside its subnet `{subnet}`", spot.value);
                self.mistakes.note::<()>(&spot.origin, message);
            }
        }
        let all: Vec<IpAddr> = spots?.iter().map(|spot| spot.value).collect();
        (!all.is_empty()).then_some(all)
    }

    fn group_ids(&mut self, names: &[Spot<String>]) -> Vec<ResourceId> {
        let mut ids = Vec::with_capacity(names.len());
        for name in names {
            let found = find(self.network.groups.keys(), "application security group", &name.value)
                .map_err(|message| format!("{message}; `asgs` names them, as in `{}: []`", name.value));
            ids.extend(self.found(Named::ApplicationGroup, &name.value, &name.origin, found));
        }
        ids
    }
}

/// Takes what some interfaces were in groups out of them, and puts in what they are now.
fn exchange(
    groups: &mut BTreeMap<ResourceId, GroupMembers>,
    left: &BTreeMap<ResourceId, GroupMembers>,
    joined: BTreeMap<ResourceId, GroupMembers>,
) {
    for (id, left) in left {
        if let Some(group) = groups.get_mut(id) {
            group.certain.retain(|net| !left.certain.contains(net));
            group.possible.retain(|net| !left.possible.contains(net));
            group.gap = group.gap.take().filter(|_| !group.possible.is_empty());
        }
    }
    for (id, joined) in joined {
        if let Some(group) = groups.get_mut(&id) {
            group.certain.extend(joined.certain);
            group.possible.extend(joined.possible);
            group.gap = joined.gap.or_else(|| group.gap.take());
        }
    }
}
