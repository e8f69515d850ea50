//! Plans and states of Terraform to resources of Azure.
//!
//! In: the document of a plan or state, in any form that Terraform has written (`document`). Out: resources
//! in Azure's own words and shape ([`Resource`]), each value at the place that it came from, and findings.
//! This is a translation only: what a resource means for the network is decided in one place for all forms.
//!
//! 1. Instances are collected from one place of the document each.
//! 2. Each instance gets Azure's type, name and id. What is known only after apply is a part `${address.name}`
//!    of them, equal for equal addresses.
//! 3. Attributes are written under Azure's keys. An attribute that comes later is an unknown that names its
//!    address; an id that comes later is joined through the configuration, where only one resource can be
//!    meant (`references`).
//! 4. Associations put references into what they attach to.
//!
//! Serves S138 to S141 and section 16d. `docs/terraform.md` lists types, attributes and limits.
//!
//! Not here: JSON itself, and the network.

mod address;
mod azapi;
mod configuration;
mod document;
mod draft;
mod flat;
mod groups;
mod ids;
mod instances;
mod interfaces;
mod join;
mod keys;
mod kinds;
mod networks;
mod plan;
mod references;
mod routes;
mod sites;
mod templates;
#[cfg(test)]
mod tests;
mod values;

use crate::finding::Finding;
use crate::sources::Resource;
use crate::sources::json::{self, Node, Place};
use crate::sources::resource::MAX_RESOURCES;
use document::{Deleted, Instance};
use draft::{Draft, Writer};
use ids::Ids;
use kinds::Role;
use plan::Plan;
use std::collections::HashSet;
use std::sync::Arc;

pub use document::is_list;

/// What a plan or state deploys.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The resources that say something about a network, in order of writing.
    pub resources: Vec<Resource>,
    /// What is odd about them.
    pub findings: Vec<Finding>,
    /// How many resources of any provider the document holds.
    pub total: usize,
    /// How many of them are of the providers `azurerm` and `azapi`.
    pub of_azure: usize,
    /// How many resources a plan deletes that holds none.
    pub deleted: usize,
    /// Whether more of them than are read say something about a network; then none is here.
    pub is_beyond: bool,
}

/// Reads a plan or state. Never fails: what cannot be read is left out or unknown.
pub fn read(root: &Node) -> Reading {
    let mut document = document::read(root);
    let is_beyond = document.instances.len() > MAX_RESOURCES;
    if is_beyond {
        document.instances.clear();
    }
    json::name_places(names(&document.instances));
    let plan = Plan::new(root, &document);
    let kinds: Vec<Option<Arc<str>>> = document.instances.iter().map(ids::kind_of).collect();
    let ids = Ids::new(&plan, &kinds);
    let mut findings: Vec<Finding> = document.instances.iter().filter_map(templates::unread).collect();
    let drafts = translate(&ids, &document.deleted, &mut findings);
    let resources = drafts.into_iter().map(Draft::finish).collect();
    let (total, of_azure) = (document.resources, document.of_azure);
    let deleted = if total == 0 { document::deleted_alone(root) } else { 0 };
    Reading { resources, findings, total, of_azure, deleted, is_beyond }
}

/// Every resource by its address, where it stands and where its changes do.
fn names(instances: &[Instance]) -> Vec<(Place, Arc<str>)> {
    let named = instances.iter().flat_map(|instance| {
        let places = std::iter::once(&instance.place).chain(&instance.change);
        places.map(|place| (place.clone(), Arc::clone(&instance.address)))
    });
    named.collect()
}

/// The resources, with all that is attached to them.
fn translate(ids: &Ids<'_, '_>, deleted: &Deleted, findings: &mut Vec<Finding>) -> Vec<Draft> {
    let of = |kind: &str| -> Vec<usize> {
        let is_it =
            |at: &usize| ids.instance(*at).role != Role::Azapi && ids.kind(*at).is_some_and(|k| &**k == kind);
        (0..ids.plan.instances.len()).filter(is_it).collect()
    };
    let writer = |at: usize| Writer::new(ids, at);
    let mut drafts: Vec<Draft> = of(kinds::RULE).into_iter().map(|at| groups::rule(writer(at))).collect();
    let own_rules = groups::standalone(&drafts);
    for at in of(kinds::GROUP) {
        drafts.push(groups::group(writer(at), &own_rules, deleted, findings));
    }
    let routes: Vec<Draft> = of(kinds::ROUTE).into_iter().map(|at| routes::route(writer(at))).collect();
    let own_routes: HashSet<String> =
        routes.iter().filter_map(|route| route.id.parent()).map(|table| table.key()).collect();
    drafts.extend(routes);
    drafts.extend(of(kinds::ROUTES).into_iter().map(|at| routes::table(writer(at), &own_routes, deleted)));
    for at in of(kinds::NETWORK) {
        let (network, subnets) = networks::network(writer(at));
        drafts.push(network);
        drafts.extend(subnets);
    }
    drafts.extend(of(kinds::SUBNET).into_iter().map(|at| networks::subnet(writer(at))));
    drafts.extend(of(kinds::PEERING).into_iter().map(|at| networks::peering(writer(at))));
    drafts.extend(of(kinds::INTERFACE).into_iter().map(|at| interfaces::interface(writer(at))));
    drafts.extend(of(kinds::BALANCER).into_iter().map(|at| interfaces::balancer(writer(at))));
    drafts.extend(of(kinds::PUBLIC_ADDRESS).into_iter().map(|at| interfaces::public_address(writer(at))));
    drafts.extend(of(kinds::ENDPOINT).into_iter().map(|at| sites::endpoint(writer(at))));
    drafts.extend(of(kinds::SITE_GATEWAY).into_iter().map(|at| sites::gateway(writer(at))));
    drafts.extend(of(kinds::LOCAL_NETWORK).into_iter().map(|at| sites::local_network(writer(at))));
    drafts.extend(of(kinds::CONNECTION).into_iter().map(|at| sites::connection(writer(at))));
    drafts.extend(of(kinds::MEMBERS).into_iter().map(|at| writer(at).finish()));
    drafts.extend(of(kinds::SERVICE).into_iter().map(|at| instances::service(writer(at))));
    drafts.extend(of(kinds::GATEWAY).into_iter().map(|at| instances::gateway(writer(at))));
    for kind in [kinds::NAMED_VALUE, kinds::CERTIFICATE, kinds::LOGGER, kinds::IDENTITY] {
        drafts.extend(of(kind).into_iter().map(|at| instances::child(writer(at), kind)));
    }
    let all = ids.plan.instances.iter().enumerate();
    for (at, _) in
        all.clone().filter(|(at, instance)| instance.role == Role::Azapi && ids.kind(*at).is_some())
    {
        drafts.push(azapi::resource(writer(at), findings));
    }
    join::associations(ids, deleted, &mut drafts);
    let places = join::places(&drafts);
    for (at, _) in all.filter(|(_, instance)| instance.role == Role::Patch && !instance.data) {
        azapi::patch(ids, at, &mut drafts, &places, findings);
    }
    drafts
}
