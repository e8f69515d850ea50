//! Subnets, inline and as resources of their own, put together by id.

use crate::finding::{Code, Finding};
use crate::model::{Fact, Gap, Origin, ResourceId};
use crate::network::{EndpointPolicies, Subnet};
use crate::sources::json::Node;
use crate::sources::values::{Faults, Value, direct, field};
use ipnet::IpNet;
use std::collections::HashMap;

/// A subnet as one declaration states it.
pub(super) struct Draft {
    subnet: Subnet,
    says_prefixes: bool,
    says_group: bool,
    says_routes: bool,
    says_delegations: bool,
    says_services: bool,
    says_endpoint_policy: bool,
    says_policies: bool,
}

impl Draft {
    /// Reads the object of a subnet.
    pub(super) fn read(
        node: &Node,
        id: ResourceId,
        network: ResourceId,
        origin: &Origin,
        faults: &mut Faults,
    ) -> Self {
        let name = id.name().to_owned();
        let prefixes = prefixes(node, &name, faults);
        let mut reference = |key: &str| faults.reference(field(node, key), key, &name);
        let group = reference("networkSecurityGroup");
        let routes = reference("routeTable");
        let delegations = delegations(node, &name, faults);
        let services = service_endpoints(node, &name, faults);
        let endpoint_policy = endpoint_policy(node, &name, faults);
        let policies = endpoint_policies(node, &name, faults);
        let not_stated = || {
            let gap = Gap::new(format!("the prefix of the subnet `{name}`")).at(origin);
            Fact::Unknown(gap.supplied_by("--subnet-prefix PREFIX"))
        };
        Self {
            says_prefixes: !matches!(prefixes, Value::Unset),
            says_group: !matches!(group, Value::Unset),
            says_routes: !matches!(routes, Value::Unset),
            says_delegations: !matches!(delegations, Value::Unset),
            says_services: !matches!(services, Value::Unset),
            says_endpoint_policy: !matches!(endpoint_policy, Value::Unset),
            says_policies: !matches!(policies, Value::Unset),
            subnet: Subnet {
                prefixes: prefixes.or(not_stated),
                security_group: group.map(Some).or(|| Fact::Known(None)),
                route_table: routes.map(Some).or(|| Fact::Known(None)),
                delegations: delegations.or(|| Fact::Known(Vec::new())),
                service_endpoints: services.or(|| Fact::Known(Vec::new())),
                endpoint_policy: endpoint_policy.or(|| Fact::Known(false)),
                // S109: neither rules nor routes, unless something else is said.
                private_endpoint_policies: policies.or(|| Fact::Known(EndpointPolicies::Disabled)),
                ..Subnet::new(id, network, origin)
            },
        }
    }

    /// The same subnet where it is not certain that it is deployed: then nothing of it is known.
    pub(super) fn in_doubt(mut self, gap: Option<&Gap>) -> Self {
        if let Some(gap) = gap {
            self.subnet.prefixes = Fact::Unknown(gap.clone());
            self.subnet.security_group = Fact::Unknown(gap.clone());
            self.subnet.route_table = Fact::Unknown(gap.clone());
            self.subnet.delegations = Fact::Unknown(gap.clone());
            self.subnet.service_endpoints = Fact::Unknown(gap.clone());
            self.subnet.endpoint_policy = Fact::Unknown(gap.clone());
            self.subnet.private_endpoint_policies = Fact::Unknown(gap.clone());
        }
        self
    }
}

fn prefixes(node: &Node, name: &str, faults: &mut Faults) -> Value<Vec<IpNet>> {
    let value = |fact: Fact<Vec<IpNet>>| match fact {
        Fact::Known(nets) => Value::Is(nets),
        Fact::Unknown(gap) => Value::Open(gap),
    };
    match faults.list(field(node, "addressPrefixes"), "addressPrefixes", name) {
        Value::Is((items, _)) => return value(faults.prefixes(items, "addressPrefixes", name)),
        Value::Open(gap) => return Value::Open(gap),
        Value::Unset => {}
    }
    // PowerShell writes its list under the singular name, beside the name of the subnet.
    if node.get("properties").is_none()
        && let Value::Is(written) = field(node, "addressPrefix")
        && let Some(items @ [_, ..]) = written.as_array()
    {
        return value(faults.prefixes(items, "addressPrefix", name));
    }
    match faults.text(field(node, "addressPrefix"), "addressPrefix", name) {
        Value::Unset => Value::Unset,
        Value::Open(gap) => Value::Open(gap),
        Value::Is((text, at)) => match faults.prefix(text, at, "addressPrefix", name) {
            Ok(net) => Value::Is(vec![net]),
            Err(gap) => Value::Open(gap),
        },
    }
}

fn delegations(node: &Node, name: &str, faults: &mut Faults) -> Value<Vec<String>> {
    words(node, "delegations", "serviceName", name, faults)
}

/// S113.
fn service_endpoints(node: &Node, name: &str, faults: &mut Faults) -> Value<Vec<String>> {
    words(node, "serviceEndpoints", "service", name, faults)
}

/// The texts under one key of all items of a list.
fn words(node: &Node, list: &str, key: &str, name: &str, faults: &mut Faults) -> Value<Vec<String>> {
    match faults.list(field(node, list), list, name) {
        Value::Unset => Value::Unset,
        Value::Open(gap) => Value::Open(gap),
        Value::Is((items, _)) => {
            let mut words = Vec::with_capacity(items.len());
            for item in items {
                match faults.text(field(item, key), key, name) {
                    Value::Unset => {}
                    Value::Open(gap) => return Value::Open(gap),
                    Value::Is((text, _)) => words.push(text.to_owned()),
                }
            }
            Value::Is(words)
        }
    }
}

fn endpoint_policy(node: &Node, name: &str, faults: &mut Faults) -> Value<bool> {
    const KEY: &str = "serviceEndpointPolicies";
    faults.list(field(node, KEY), KEY, name).map(|_| true)
}

fn endpoint_policies(node: &Node, name: &str, faults: &mut Faults) -> Value<EndpointPolicies> {
    const KEY: &str = "privateEndpointNetworkPolicies";
    match faults.text(field(node, KEY), KEY, name) {
        Value::Unset => Value::Unset,
        Value::Open(gap) => Value::Open(gap),
        Value::Is((text, at)) => match text.parse() {
            Ok(policies) => Value::Is(policies),
            Err(_) => {
                let all: Vec<&str> = EndpointPolicies::ALL.iter().map(|word| word.as_str()).collect();
                let message = format!("`{text}` of `{name}` is no `{KEY}`: one of {}", all.join(", "));
                faults.note(Code::WordValue, at, name, message);
                Value::Open(Gap::new(format!("the `{KEY}` of `{name}`, which is `{text}`")).at(&at.origin()))
            }
        },
    }
}

/// All subnets, each id once.
#[derive(Default)]
pub(super) struct Subnets {
    drafts: Vec<Draft>,
    places: HashMap<String, usize>,
}

impl Subnets {
    /// Adds a declaration; it is taken to be deployed after the earlier ones of the same subnet.
    pub(super) fn add(&mut self, later: Draft, faults: &mut Faults) {
        let key = later.subnet.id.key();
        let Some(place) = self.places.get(&key) else {
            self.places.insert(key, self.drafts.len());
            self.drafts.push(later);
            return;
        };
        let earlier = &mut self.drafts[*place];
        if differ(earlier, &later) {
            let name = later.subnet.name();
            let taken =
                if name_different_things(earlier, &later) { "" } else { "; what this one says is taken" };
            let message = format!(
                "the subnet `{name}` is declared here and at {}, and the two differ{taken}",
                earlier.subnet.origin
            );
            let finding = Finding::new(Code::DuplicateResource, &later.subnet.origin, message);
            faults.findings.push(finding.about(&name));
        }
        merge(earlier, later);
    }

    pub(super) fn finish(self) -> Vec<Subnet> {
        self.drafts.into_iter().map(|draft| draft.subnet).collect()
    }
}

fn differ(earlier: &Draft, later: &Draft) -> bool {
    let (left, right) = (&earlier.subnet, &later.subnet);
    (earlier.says_prefixes && later.says_prefixes && left.prefixes != right.prefixes)
        || left.security_group != right.security_group
        || left.route_table != right.route_table
}

fn clash(one: &Fact<Option<ResourceId>>, other: &Fact<Option<ResourceId>>) -> bool {
    matches!((one, other), (Fact::Known(Some(one)), Fact::Known(Some(other))) if one != other)
}

/// Whether two files attach different groups or route tables.
fn name_different_things(earlier: &Draft, later: &Draft) -> bool {
    let (left, right) = (&earlier.subnet, &later.subnet);
    left.origin.file != right.origin.file
        && (clash(&left.security_group, &right.security_group)
            || clash(&left.route_table, &right.route_table))
}

fn merge(earlier: &mut Draft, later: Draft) {
    let silent = |what: &str, id: &ResourceId| {
        Gap::new(format!(
            "whether the subnet `{}` keeps the {what} `{}`, which only one of its two declarations names",
            later.subnet.name(),
            id.name()
        ))
        .at(&later.subnet.origin)
    };
    let either = |what: &str, one: &ResourceId, other: &ResourceId| {
        let (subnet, one, other) = (later.subnet.name(), one.name(), other.name());
        Gap::new(format!(
            "whether the subnet `{subnet}` has the {what} `{one}` or `{other}`: two files differ"
        ))
        .at(&later.subnet.origin)
    };
    let apart = earlier.subnet.origin.file != later.subnet.origin.file;
    let pick =
        |says: bool, early: &Fact<Option<ResourceId>>, late: &Fact<Option<ResourceId>>, what: &str| match (
            says, early, late,
        ) {
            // Files have no order: two that name different things leave open which is attached.
            (true, Fact::Known(Some(one)), Fact::Known(Some(other))) if one != other && apart => {
                Fact::Unknown(either(what, one, other))
            }
            (true, Fact::Unknown(gap), _) if apart => Fact::Unknown(gap.clone()),
            (true, _, late) => late.clone(),
            (false, _, Fact::Unknown(gap)) => Fact::Unknown(gap.clone()),
            (false, Fact::Known(Some(id)), _) => Fact::Unknown(silent(what, id)),
            (false, early, _) => early.clone(),
        };
    let (old, new) = (&earlier.subnet, &later.subnet);
    let security_group =
        pick(later.says_group, &old.security_group, &new.security_group, "network security group");
    let route_table = pick(later.says_routes, &old.route_table, &new.route_table, "route table");
    earlier.subnet.security_group = security_group;
    earlier.subnet.route_table = route_table;
    if later.says_prefixes || !earlier.says_prefixes {
        earlier.subnet.prefixes = later.subnet.prefixes;
    }
    if later.says_delegations || !earlier.says_delegations {
        earlier.subnet.delegations = later.subnet.delegations;
    }
    if later.says_services || !earlier.says_services {
        earlier.subnet.service_endpoints = later.subnet.service_endpoints;
    }
    if later.says_endpoint_policy || !earlier.says_endpoint_policy {
        earlier.subnet.endpoint_policy = later.subnet.endpoint_policy;
    }
    if later.says_policies || !earlier.says_policies {
        earlier.subnet.private_endpoint_policies = later.subnet.private_endpoint_policies;
    }
    earlier.subnet.origin = later.subnet.origin;
    earlier.says_prefixes |= later.says_prefixes;
    earlier.says_group |= later.says_group;
    earlier.says_routes |= later.says_routes;
    earlier.says_delegations |= later.says_delegations;
    earlier.says_services |= later.says_services;
    earlier.says_endpoint_policy |= later.says_endpoint_policy;
    earlier.says_policies |= later.says_policies;
}

/// `az` writes a reference that is not there as one to null.
fn says_null(node: &Node, key: &str) -> bool {
    node.get(key).is_some_and(Node::is_null)
}

/// The id of a subnet inside an object such as `virtualNetworkConfiguration`.
pub(super) fn named(
    holder: Value<&Node>,
    key: &str,
    about: &str,
    faults: &mut Faults,
) -> Fact<Option<ResourceId>> {
    match holder {
        Value::Unset => Fact::Known(None),
        Value::Open(gap) => Fact::Unknown(gap),
        Value::Is(node) if node.as_object().is_some_and(|object| object.entries().is_empty()) => {
            Fact::Known(None)
        }
        // An object that says something, and not what it refers to, is no way to say "none".
        Value::Is(node) if node.as_object().is_some() => {
            match faults.id(direct(node, key), key, about).map(Some).or(|| Fact::Known(None)) {
                Fact::Known(None) if direct(node, key).is().is_none() && !says_null(node, key) => {
                    let message = format!("a reference of `{about}` has no `{key}`, so it names nothing");
                    faults.note(Code::WrongType, node, about, message);
                    Fact::Unknown(
                        Gap::new(format!("what a reference of `{about}` without `{key}` means"))
                            .at(&node.origin()),
                    )
                }
                settled => settled,
            }
        }
        Value::Is(node) if node.gap().is_some() => Fact::Unknown(crate::sources::values::gap_of(node)),
        Value::Is(node) => Fact::Unknown(faults.wrong_type(node, key, about, "an object")),
    }
}
