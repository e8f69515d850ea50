//! Resources as Azure answers them: REST with `properties` and `value`, az with everything beside the name
//! and bare arrays, rows of Resource Graph; one or many, of one type or mixed.
//!
//! In: a JSON document. Out: resources in the shape of template expansion ([`Resource`]), each of the type
//! that `type`, else the id, else its keys tell; and findings about answers that are not whole.
//!
//! Not here: what the resources say (`azure`).

use super::json::{Kind, Node};
use super::resource::{MAX_RESOURCES, Resource};
use crate::finding::{Code, Finding};
use crate::model::{Fact, Gap, ResourceId};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

const RULE: &str = "Microsoft.Network/networkSecurityGroups/securityRules";
const DEFAULT_RULE: &str = "Microsoft.Network/networkSecurityGroups/defaultSecurityRules";
const GROUP: &str = "Microsoft.Network/networkSecurityGroups";
/// How many values that are no resources are told one by one.
const MAX_LEFT_OUT: usize = 1_000;
const TOO_MANY_LEFT_OUT: usize = MAX_LEFT_OUT + 1;
/// How deep lists may stand in lists.
const MAX_LISTS: usize = 8;

/// Keys that tell a resource without type and id, in order: the first row of which all keys are there.
const SHAPES: &[(&[&str], &str)] = &[
    (&["securityRules"], GROUP),
    (&["defaultSecurityRules"], GROUP),
    (&["addressSpace"], "Microsoft.Network/virtualNetworks"),
    (&["access", "direction"], RULE),
    (&["routes"], "Microsoft.Network/routeTables"),
    (&["nextHopType"], "Microsoft.Network/routeTables/routes"),
    (&["remoteVirtualNetwork"], "Microsoft.Network/virtualNetworks/virtualNetworkPeerings"),
    (&["addressPrefix", "delegations"], "Microsoft.Network/virtualNetworks/subnets"),
    (&["addressPrefixes"], "Microsoft.Network/virtualNetworks/subnets"),
    (&["addressPrefix", "networkSecurityGroup"], "Microsoft.Network/virtualNetworks/subnets"),
    (&["addressPrefix", "privateEndpointNetworkPolicies"], "Microsoft.Network/virtualNetworks/subnets"),
    (&["gatewayUrl"], "Microsoft.ApiManagement/service"),
    (&["publisherEmail"], "Microsoft.ApiManagement/service"),
];

/// What one document answers.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) resources: Vec<Resource>,
    pub(super) findings: Vec<Finding>,
    /// How many values were left out that are no resources.
    left_out: usize,
}

impl Answer {
    /// Tells of a value that is no resource; of very many not of each.
    fn leave_out(&mut self, node: &Node) {
        self.left_out += 1;
        let message = match self.left_out {
            ..=MAX_LEFT_OUT => format!("{} that is no resource is left out", node.type_name()),
            TOO_MANY_LEFT_OUT => "from here on all that is no resource is left out".to_owned(),
            _ => return,
        };
        let mut finding = Finding::new(Code::UnknownReference, &node.origin(), message);
        finding.severity = crate::finding::Severity::Note;
        self.findings.push(finding);
    }

    /// Whether any of it is about a network.
    pub(super) fn is_of_a_network(&self) -> bool {
        self.resources.iter().any(|resource| super::azure::reads(&resource.kind))
    }
}

/// Whether a document is a resource, or a list that begins with one.
pub(super) fn is_resource_list(root: &Node) -> bool {
    match rows_of_table(root) {
        Some(list) => first_resource(&list, 0),
        None => first_resource(root, 0),
    }
}

/// The rows of Resource Graph's table form as objects:
/// `{"data": {"columns": [{"name": ..}], "rows": [[..]]}}`.
fn rows_of_table(root: &Node) -> Option<Node> {
    let data = root.get("data")?;
    let columns = data.get("columns")?.as_array()?;
    let names: Vec<Arc<str>> = columns
        .iter()
        .map(|column| Arc::from(column.get("name").and_then(Node::as_str).unwrap_or_default()))
        .collect();
    let row = |row: &Node| {
        let cells = names.iter().zip(row.items()).map(|(name, cell)| (Arc::clone(name), cell.clone()));
        Node::new(Kind::object(cells.collect()), row.place().clone())
    };
    let rows = data.get("rows")?.as_array()?.iter().map(row).collect();
    let rows = Node::new(Kind::array(rows), data.place().clone());
    let entry = |(key, value): &(Arc<str>, Node)| {
        let value = if key.eq_ignore_ascii_case("data") { rows.clone() } else { value.clone() };
        (Arc::clone(key), value)
    };
    let entries = root.entries().iter().map(entry).collect();
    Some(Node::new(Kind::object(entries), root.place().clone()))
}

fn first_resource(node: &Node, depth: usize) -> bool {
    match items(node) {
        Some(list) => depth < MAX_LISTS && list.iter().any(|item| first_resource(item, depth + 1)),
        None => kind_of(node).is_some(),
    }
}

/// Reads a document.
pub(super) fn read(root: &Node, file: &Arc<str>) -> Answer {
    let mut answer = Answer::default();
    let table = rows_of_table(root);
    let root = table.as_ref().unwrap_or(root);
    collect(root, file, 0, &mut answer);
    expanded(root, file, &mut answer);
    answer
}

/// Keys of references, the type of what they refer to, and the lists of which one shows that it was expanded.
const REFERENCES: [(&str, &str, &[&str]); 2] = [
    ("networkSecurityGroup", GROUP, &["securityRules", "defaultSecurityRules"]),
    ("routeTable", "Microsoft.Network/routeTables", &["routes"]),
];

/// What an answer shows in the place of a reference, as `az network vnet subnet show --expand
/// networkSecurityGroup` asks for: a resource like any other.
fn expanded(root: &Node, file: &Arc<str>, answer: &mut Answer) {
    let mut seen: HashSet<String> = answer.resources.iter().map(|resource| resource.id.key()).collect();
    let mut found = Vec::new();
    for (key, node) in root.under(&REFERENCES.map(|(key, ..)| key)) {
        let reference = REFERENCES.iter().find(|(of, ..)| of.eq_ignore_ascii_case(&key));
        let Some((_, kind, lists)) = reference.filter(|_| node.get("id").is_some()) else { continue };
        let inner = node.get("properties").unwrap_or(&node);
        if lists.iter().any(|list| inner.get(list).is_some_and(|list| !list.items().is_empty())) {
            found.push(resource(&node, (*kind).to_owned(), file));
        }
    }
    found.sort_by(|left, right| left.origin.cmp(&right.origin));
    answer.resources.extend(found.into_iter().filter(|resource| seen.insert(resource.id.key())));
}

/// The items of a list in any of its forms; `None` where it is no list.
fn items(node: &Node) -> Option<&[Node]> {
    if let Some(list) = node.as_array() {
        return Some(list);
    }
    if node.get("id").is_some() || node.get("type").is_some() {
        return None;
    }
    let list = |key: &str| node.get(key).and_then(Node::as_array);
    let is_graph = ["count", "totalRecords", "total_records"].iter().any(|key| node.get(key).is_some());
    list("value").or_else(|| list("data").filter(|_| is_graph))
}

fn collect(node: &Node, file: &Arc<str>, depth: usize, answer: &mut Answer) {
    let Some(list) = items(node) else {
        match kind_of(node) {
            // One more than is read shows that there are too many.
            Some(_) if answer.resources.len() > MAX_RESOURCES => {}
            Some(kind) => {
                answer.resources.push(resource(node, kind, file));
                children(node, file, depth, answer);
            }
            None if node.is_null() => {}
            None => answer.leave_out(node),
        }
        return;
    };
    more_to_come(node, answer);
    if depth >= MAX_LISTS {
        return;
    }
    let is_rule = |item: &Node| {
        kind_of(item)
            .is_some_and(|kind| [RULE, DEFAULT_RULE].iter().any(|rule| rule.eq_ignore_ascii_case(&kind)))
    };
    if !list.is_empty() && list.iter().all(is_rule) {
        answer.resources.extend(rule_list(node, list, file));
        return;
    }
    for item in list {
        collect(item, file, depth + 1, answer);
    }
}

/// Resources that an export writes below the one they belong to, as `resources`.
fn children(node: &Node, file: &Arc<str>, depth: usize, answer: &mut Answer) {
    if let Some(children) = node.get("resources").and_then(Node::as_array)
        && depth < MAX_LISTS
    {
        children.iter().for_each(|child| collect(child, file, depth + 1, answer));
    }
}

/// A list that is only a page of the whole: what is missing may matter.
pub(super) fn more_to_come(node: &Node, answer: &mut Answer) {
    for key in ["nextLink", "$skipToken", "skip_token", "skipToken", "resultTruncated"] {
        let Some(more) = node.get(key) else { continue };
        let text = more.as_str().unwrap_or_default();
        if more.as_bool() == Some(true) || !(text.is_empty() || text.eq_ignore_ascii_case("false")) {
            let message =
                format!("the list is not whole (`{key}` is set): more resources exist than stand here");
            answer.findings.push(
                Finding::new(Code::UnknownReference, &more.origin(), message)
                    .fix("fetch all pages, as az does by itself"),
            );
        }
    }
}

/// The type of a resource: as it says, else as its id says, else as its keys tell.
pub(super) fn kind_of(node: &Node) -> Option<String> {
    node.as_object()?;
    let said = node.get("type").and_then(Node::as_str).filter(|kind| is_type(kind));
    if let Some(kind) = said {
        return Some(kind.to_owned());
    }
    let id = node.get("id").and_then(Node::as_str).map(ResourceId::new);
    if let Some(kind) = id.and_then(|id| id.kind()).filter(|kind| is_type(kind)) {
        return Some(kind);
    }
    let inner = node.get("properties").filter(|inner| inner.as_object().is_some());
    let has = |key: &&str| node.get(key).is_some() || inner.is_some_and(|inner| inner.get(key).is_some());
    let shape = SHAPES.iter().find(|(keys, _)| keys.iter().all(has));
    shape.map(|(_, kind)| (*kind).to_owned())
}

fn is_type(text: &str) -> bool {
    text.split_once('/').is_some_and(|(provider, rest)| provider.contains('.') && !rest.is_empty())
}

pub(super) fn resource(node: &Node, kind: String, file: &Arc<str>) -> Resource {
    let written = node.get("id").and_then(Node::as_str).filter(|id| !id.trim().is_empty());
    let name = node.get("name").and_then(Node::as_str);
    let id = match written {
        Some(id) => of_its_type(ResourceId::new(id.trim()), &kind, name.unwrap_or_default()),
        None => made_up_id(&kind, name.unwrap_or("(no name)"), file),
    };
    let name = match node.get("name") {
        Some(name) => name.clone(),
        None => Node::new(Kind::string(id.name()), node.place().clone()),
    };
    let body = if says_nothing(node, &kind) { without_content(node, id.name()) } else { node.clone() };
    let (origin, document) = (node.origin(), node.origin().file);
    Resource { kind, id, name, body, exists: Fact::Known(true), existing: false, origin, document }
}

/// Types of which each answer shows content, and the keys of it that stand beside the name in az's form.
const CONTENT: &[(&str, &[&str])] = &[
    ("microsoft.network/networksecuritygroups", &["securityRules", "defaultSecurityRules"]),
    ("microsoft.network/virtualnetworks", &["addressSpace", "subnets"]),
    (
        "microsoft.network/virtualnetworks/subnets",
        &["addressPrefix", "addressPrefixes", "networkSecurityGroup"],
    ),
    ("microsoft.network/routetables", &["routes"]),
    ("microsoft.network/networkinterfaces", &["ipConfigurations"]),
    ("microsoft.network/privateendpoints", &["subnet"]),
    ("microsoft.network/virtualnetworkgateways", &["ipConfigurations", "gatewayType"]),
    ("microsoft.network/connections", &["virtualNetworkGateway1"]),
    ("microsoft.network/localnetworkgateways", &["localNetworkAddressSpace", "gatewayIpAddress", "fqdn"]),
    ("microsoft.network/loadbalancers", &["frontendIPConfigurations"]),
    (
        "microsoft.apimanagement/service",
        &["virtualNetworkType", "virtualNetworkConfiguration", "gatewayUrl", "publisherEmail"],
    ),
];

/// Whether an answer names a resource and does not show what it holds, as `az resource list` does, and rows of
/// Resource Graph with chosen columns.
fn says_nothing(node: &Node, kind: &str) -> bool {
    let keys = CONTENT.iter().find(|(of, _)| of.eq_ignore_ascii_case(kind)).map(|(_, keys)| keys);
    let shows = |key: &&str| node.get(key).is_some();
    node.get("properties").is_none_or(Node::is_null) && keys.is_some_and(|keys| !keys.iter().any(shows))
}

/// The same object, its properties not known.
fn without_content(node: &Node, name: &str) -> Node {
    let missing = format!("what `{name}` holds: this answer shows its name alone, without `properties`");
    let gap = Gap::new(missing).at(&node.origin());
    let properties = Node::new(Kind::unknown("properties", gap), node.place().clone());
    let kept = node.entries().iter().filter(|(key, _)| !key.eq_ignore_ascii_case("properties")).cloned();
    let entries = kept.chain([(Arc::from("properties"), properties)]).collect();
    Node::new(Kind::object(entries), node.place().clone())
}

/// The id of a child as type and full name make it, where the written one is of no type that fits: exports
/// leave segments of it out. Else nobody would know what the child belongs to.
fn of_its_type(id: ResourceId, kind: &str, name: &str) -> ResourceId {
    let fits = id.kind().is_none_or(|found| found.eq_ignore_ascii_case(kind));
    let Some((provider, types)) = kind.split_once('/').filter(|(_, types)| types.contains('/') && !fits)
    else {
        return id;
    };
    let (types, names): (Vec<&str>, Vec<&str>) = (types.split('/').collect(), name.split('/').collect());
    let Some(scope) = id.as_str().to_ascii_lowercase().rfind("/providers/") else { return id };
    if types.len() != names.len() || names.contains(&"") {
        return id;
    }
    let mut whole = format!("{}/providers/{provider}", &id.as_str()[..scope]);
    for (kind, name) in types.iter().zip(names) {
        whole.push_str(&format!("/{kind}/{name}"));
    }
    ResourceId::new(whole)
}

/// An id for a resource that shows none; what it stands in is named after the file.
fn made_up_id(kind: &str, name: &str, file: &Arc<str>) -> ResourceId {
    let file = file.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut segments = kind.split('/');
    let mut id = format!("/providers/{}", segments.next().unwrap_or_default());
    let types: Vec<&str> = segments.collect();
    for (index, kind) in types.iter().enumerate() {
        let name = if index + 1 == types.len() { name } else { file };
        id.push_str(&format!("/{kind}/{name}"));
    }
    ResourceId::new(id)
}

/// `az network nsg rule list`: all rules of a group, without the group.
fn rule_list(at: &Node, rules: &[Node], file: &Arc<str>) -> Vec<Resource> {
    let mut groups: Vec<(ResourceId, Vec<Node>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for rule in rules {
        let kind = kind_of(rule).unwrap_or_else(|| RULE.to_owned());
        let id = resource(rule, kind, file).id;
        let group = id.parent().unwrap_or_else(|| made_up_id(GROUP, "rules", file));
        let place = *places.entry(group.key()).or_insert_with(|| {
            groups.push((group, Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(rule.clone());
    }
    let made = groups.into_iter().map(|(id, members)| {
        let node = |kind| Node::new(kind, at.place().clone());
        let name = node(Kind::string(id.name()));
        let rules = node(Kind::array(members));
        let body =
            node(Kind::object(vec![(Arc::from("name"), name.clone()), (Arc::from("securityRules"), rules)]));
        Resource {
            kind: GROUP.to_owned(),
            id,
            name,
            body,
            exists: Fact::Known(true),
            existing: false,
            origin: at.origin(),
            document: at.origin().file,
        }
    });
    made.collect()
}
