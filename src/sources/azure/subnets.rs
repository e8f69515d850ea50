//! Subnets, inline and as resources of their own, put together by id.

use super::twice::{Declared, Pair, Second, sorted};
use crate::finding::{Code, Finding};
use crate::model::{Fact, Gap, Origin, ResourceId};
use crate::network::{EndpointPolicies, Subnet};
use crate::sources::json::Node;
use crate::sources::values::{Faults, Value, direct, field, holder};
use ipnet::IpNet;
use std::collections::HashMap;

/// What one declaration says of one thing.
struct Said<T> {
    fact: Fact<T>,
    /// Whether it is written.
    written: bool,
    /// Whether that it is not written says that there is none.
    silence_tells: bool,
}

impl<T> Said<T> {
    fn new(value: Value<T>, silence_tells: bool, unset: impl FnOnce() -> Fact<T>) -> Self {
        let written = !matches!(value, Value::Unset);
        Self { fact: value.or(unset), written, silence_tells }
    }

    fn map<U>(self, change: impl FnOnce(T) -> U) -> Said<U> {
        Said { fact: self.fact.map(change), written: self.written, silence_tells: self.silence_tells }
    }
}

/// A subnet as one declaration states it.
pub(super) struct Draft {
    id: ResourceId,
    network: ResourceId,
    origin: Origin,
    declared: Declared,
    prefixes: Said<Vec<IpNet>>,
    security_group: Said<Option<ResourceId>>,
    route_table: Said<Option<ResourceId>>,
    delegations: Said<Vec<String>>,
    services: Said<Vec<String>>,
    endpoint_policy: Said<bool>,
    policies: Said<EndpointPolicies>,
}

impl Draft {
    /// Reads the object of a subnet.
    pub(super) fn read(
        node: &Node,
        id: ResourceId,
        network: ResourceId,
        declared: Declared,
        faults: &mut Faults,
    ) -> Self {
        let name = id.name().to_owned();
        let origin = declared.origin().clone();
        let whole = is_whole(node);
        let mut attached = |key: &str| {
            let found = faults.reference(field(node, key), key, &name).map(Some);
            let null = holder(node).is().is_some_and(|holder| says_null(holder, key));
            Said::new(found, whole || null, || Fact::Known(None))
        };
        let not_stated = || {
            let gap = Gap::new(format!("the prefix of the subnet `{name}`")).at(&origin);
            Fact::Unknown(gap.supplied_by("--subnet-prefix PREFIX"))
        };
        let none = || Fact::Known(Vec::new());
        Self {
            security_group: attached("networkSecurityGroup"),
            route_table: attached("routeTable"),
            prefixes: Said::new(prefixes(node, &name, faults), false, not_stated),
            delegations: Said::new(delegations(node, &name, faults), whole, none),
            services: Said::new(service_endpoints(node, &name, faults), whole, none),
            endpoint_policy: Said::new(endpoint_policy(node, &name, faults), whole, || Fact::Known(false)),
            // S109: neither rules nor routes, unless something else is said.
            policies: Said::new(endpoint_policies(node, &name, faults), whole, || {
                Fact::Known(EndpointPolicies::Disabled)
            }),
            id,
            network,
            origin,
            declared,
        }
    }

    /// The same subnet where it is not certain that it is deployed: then nothing of it is known.
    pub(super) fn in_doubt(mut self, gap: Option<&Gap>) -> Self {
        if let Some(gap) = gap {
            self.prefixes.fact = Fact::Unknown(gap.clone());
            self.security_group.fact = Fact::Unknown(gap.clone());
            self.route_table.fact = Fact::Unknown(gap.clone());
            self.delegations.fact = Fact::Unknown(gap.clone());
            self.services.fact = Fact::Unknown(gap.clone());
            self.endpoint_policy.fact = Fact::Unknown(gap.clone());
            self.policies.fact = Fact::Unknown(gap.clone());
        }
        self
    }

    /// `network/subnet`, as people name it.
    fn name(&self) -> String {
        Subnet::new(self.id.clone(), self.network.clone(), &self.origin).name()
    }

    fn finish(self) -> Subnet {
        Subnet {
            prefixes: self.prefixes.fact,
            security_group: self.security_group.fact,
            route_table: self.route_table.fact,
            delegations: self.delegations.fact,
            service_endpoints: self.services.fact,
            endpoint_policy: self.endpoint_policy.fact,
            private_endpoint_policies: self.policies.fact,
            ..Subnet::new(self.id, self.network, &self.origin)
        }
    }
}

/// Whether what an object does not say is not there: a declaration, which has no id, or a whole answer of Azure
/// and not some columns of it.
fn is_whole(node: &Node) -> bool {
    let of_azure = |key: &&str| field(node, key).is().is_some() || direct(node, key).is().is_some();
    node.get("id").is_none() || ["etag", "provisioningState"].iter().any(of_azure)
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
        let key = later.id.key();
        let Some(place) = self.places.get(&key) else {
            self.places.insert(key, self.drafts.len());
            self.drafts.push(later);
            return;
        };
        let earlier = &mut self.drafts[*place];
        let name = later.name();
        match Second::of(&earlier.declared, &later.declared, "subnet", &name) {
            Second::Ignored => {}
            Second::Taken if earlier.declared.is_bare() => *earlier = later,
            Second::Taken => {
                if differ(earlier, &later) {
                    let message = format!(
                        "the subnet `{name}` is declared here and at {}, and the two differ; what this one says is taken",
                        earlier.origin
                    );
                    let finding = Finding::new(Code::DuplicateResource, &later.origin, message);
                    faults.findings.push(finding.about(&name));
                }
                succeed(earlier, later);
            }
            Second::Weighed(mut pair) => {
                weigh(earlier, later, &mut pair);
                earlier.declared = pair.finish(faults);
            }
        }
    }

    pub(super) fn finish(self) -> Vec<Subnet> {
        self.drafts.into_iter().map(Draft::finish).collect()
    }
}

fn differ(earlier: &Draft, later: &Draft) -> bool {
    (earlier.prefixes.written && later.prefixes.written && earlier.prefixes.fact != later.prefixes.fact)
        || earlier.security_group.fact != later.security_group.fact
        || earlier.route_table.fact != later.route_table.fact
}

/// Two declarations in one document: what the later one says stands. Where it is silent on what is attached,
/// nobody knows whether that stays.
fn succeed(earlier: &mut Draft, later: Draft) {
    fn next<T>(early: &mut Said<T>, late: Said<T>) {
        if late.written || !early.written {
            *early = late;
        }
    }
    let silent = |what: &str, early: &Said<Option<ResourceId>>, late: &Said<Option<ResourceId>>| {
        let Fact::Known(Some(id)) = &early.fact else { return None };
        if late.written || late.fact.gap().is_some() {
            return None;
        }
        let gap = Gap::new(format!(
            "whether the subnet `{}` keeps the {what} `{}`, which only one of its two declarations names",
            later.name(),
            id.name()
        ));
        Some(gap.at(&later.origin))
    };
    let group_gap = silent("network security group", &earlier.security_group, &later.security_group);
    let table_gap = silent("route table", &earlier.route_table, &later.route_table);
    for (early, late, gap) in [
        (&mut earlier.security_group, later.security_group, group_gap),
        (&mut earlier.route_table, later.route_table, table_gap),
    ] {
        match gap {
            Some(gap) => early.fact = Fact::Unknown(gap),
            // One that may not be deployed is not settled either, whatever it says.
            None if !late.written && late.fact.gap().is_some() => early.fact = late.fact,
            None => next(early, late),
        }
    }
    next(&mut earlier.prefixes, later.prefixes);
    next(&mut earlier.delegations, later.delegations);
    next(&mut earlier.services, later.services);
    next(&mut earlier.endpoint_policy, later.endpoint_policy);
    next(&mut earlier.policies, later.policies);
    (earlier.origin, earlier.declared) = (later.origin, later.declared);
}

/// Declarations in two documents: what only one of them shows completes the other, and what they say
/// differently is unknown.
fn weigh(earlier: &mut Draft, later: Draft, pair: &mut Pair) {
    fn one<T: Clone + PartialEq>(thing: &str, early: &mut Said<T>, late: Said<T>, pair: &mut Pair) {
        let tells = |said: &Said<T>| said.written || said.silence_tells;
        match (tells(early), tells(&late)) {
            (true, true) => {
                early.fact = pair.weigh(thing, early.fact.clone(), late.fact);
                early.written |= late.written;
            }
            (true, false) => {}
            (false, _) => *early = late,
        }
    }
    fn list<T: Clone + Ord>(thing: &str, early: &mut Said<Vec<T>>, late: Said<Vec<T>>, pair: &mut Pair) {
        early.fact = early.fact.clone().map(sorted);
        one(thing, early, late.map(sorted), pair);
    }
    list("the prefix", &mut earlier.prefixes, later.prefixes, pair);
    one("the network security group", &mut earlier.security_group, later.security_group, pair);
    one("the route table", &mut earlier.route_table, later.route_table, pair);
    list("the delegations", &mut earlier.delegations, later.delegations, pair);
    list("the service endpoints", &mut earlier.services, later.services, pair);
    one("the service endpoint policy", &mut earlier.endpoint_policy, later.endpoint_policy, pair);
    one("the private endpoint policies", &mut earlier.policies, later.policies, pair);
    earlier.origin = later.origin;
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
