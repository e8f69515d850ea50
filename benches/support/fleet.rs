//! Many networks as `az` exports them: hubs, their spokes, and API Management in a part of the subnets.
//!
//! The same bytes for the same seed. Each network has five subnets and one instance on average; groups hold 40
//! rules, two or three groups a network, so that 2,000 networks have 10,000 subnets, 5,000 groups and 200,000
//! rules. A group stands at several subnets of its network. Some instances lack a rule or have a deny in the way,
//! as in life; the rest is as the documentation asks for it.

use serde_json::{Value, json};

/// How many networks share a hub, the hub among them.
const AROUND_A_HUB: usize = 40;
/// How many rules a group has.
const RULES: usize = 40;
/// What a file holds at most, so that it can be read.
const LARGEST: usize = 48 << 20;
const SUBNETS: [&str; 5] = ["apim", "apim-test", "app", "data", "endpoints"];
const REGIONS: [&str; 4] = ["westeurope", "northeurope", "germanywestcentral", "eastus"];
const TAGS: [&str; 8] = [
    "Storage",
    "Sql",
    "AzureMonitor",
    "AzureKeyVault",
    "EventHub",
    "ServiceBus",
    "AzureActiveDirectory",
    "AzureCloud",
];

/// Writes the exports one by one: `put` takes a file's name and its text.
pub(crate) fn write<E>(
    networks: usize,
    seed: u64,
    mut put: impl FnMut(&str, &str) -> Result<(), E>,
) -> Result<(), E> {
    let mut files = Files { put: &mut put };
    files.list("vnets", (0..networks).map(|at| network(at, networks)))?;
    let mut dice = Dice(seed);
    files.list("nsgs", (0..networks).flat_map(|at| groups(at, networks, &mut dice)))?;
    files.list("route-tables", (0..networks).filter_map(route_table))?;
    files.list("asgs", (0..networks).filter(|at| at % 2 == 1).map(application_group))?;
    files.list("nics", (0..networks).filter(|at| at % 2 == 1).map(interface))?;
    files.list("apim", (0..networks).flat_map(instances))
}

struct Files<'p, P> {
    put: &'p mut P,
}

impl<E, P: FnMut(&str, &str) -> Result<(), E>> Files<'_, P> {
    /// One list of `az`, in as many files as it takes.
    fn list(&mut self, name: &str, items: impl Iterator<Item = Value>) -> Result<(), E> {
        let (mut text, mut number) = (String::new(), 0);
        for item in items {
            text.push_str(if text.is_empty() { "[\n" } else { ",\n" });
            text.push_str(&serde_json::to_string_pretty(&item).unwrap_or_default());
            if text.len() > LARGEST {
                self.file(name, &mut number, &mut text)?;
            }
        }
        if text.is_empty() { Ok(()) } else { self.file(name, &mut number, &mut text) }
    }

    fn file(&mut self, name: &str, number: &mut usize, text: &mut String) -> Result<(), E> {
        text.push_str("\n]\n");
        let written = (self.put)(&format!("{name}-{number:02}.json"), text);
        *number += 1;
        text.clear();
        written
    }
}

/// Numbers that look like chance (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap_or(0)
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

fn resource_group(at: usize) -> String {
    format!("rg-net-{at:05}")
}

/// A resource's id in the resource group of its network.
fn id(at: usize, kind: &str, name: &str) -> String {
    let subscription = at / 200;
    format!(
        "/subscriptions/00000000-0000-4000-8000-{subscription:012}/resourceGroups/{}/providers/{kind}/{name}",
        resource_group(at)
    )
}

fn network_id(at: usize) -> String {
    id(at, "Microsoft.Network/virtualNetworks", &format!("vnet-{at:05}"))
}

fn subnet_id(at: usize, subnet: &str) -> String {
    format!("{}/subnets/{subnet}", network_id(at))
}

fn group_id(at: usize, name: &str) -> String {
    id(at, "Microsoft.Network/networkSecurityGroups", &format!("nsg-{name}-{at:05}"))
}

fn table_id(at: usize) -> String {
    id(at, "Microsoft.Network/routeTables", &format!("rt-{at:05}"))
}

fn application_group_id(at: usize) -> String {
    id(at, "Microsoft.Network/applicationSecurityGroups", &format!("asg-app-{at:05}"))
}

fn hub_of(at: usize) -> usize {
    at - at % AROUND_A_HUB
}

fn region(at: usize) -> &'static str {
    REGIONS[at / AROUND_A_HUB % REGIONS.len()]
}

/// The first address of a network's /22.
fn base(at: usize) -> [u8; 4] {
    (0x0a00_0000 | (u32::try_from(at).unwrap_or(0) << 10)).to_be_bytes()
}

fn address(at: usize, offset: u32) -> String {
    std::net::Ipv4Addr::from(u32::from_be_bytes(base(at)) + offset).to_string()
}

fn subnet_prefix(at: usize, place: usize) -> String {
    format!("{}/26", address(at, 64 * u32::try_from(place).unwrap_or(0)))
}

/// The hub's appliance, in its last subnet.
fn appliance(at: usize) -> String {
    address(hub_of(at), 64 * 4 + 4)
}

fn has_table(at: usize) -> bool {
    at % 2 == 1
}

/// The group of a subnet; two of three networks leave their endpoints without one.
fn group_at(at: usize, subnet: &str) -> Option<&'static str> {
    match subnet {
        "apim" | "apim-test" => Some("apim"),
        "app" | "data" => Some("app"),
        _ => (at % 2 == 1).then_some("endpoints"),
    }
}

fn reference(id: &str, at: usize) -> Value {
    json!({"id": id, "resourceGroup": resource_group(at)})
}

/// An entry of `az network vnet list`.
fn network(at: usize, networks: usize) -> Value {
    let subnet = |(place, name): (usize, &&str)| {
        let group = group_at(at, name).map(|group| reference(&group_id(at, group), at));
        let table = has_table(at).then(|| reference(&table_id(at), at));
        json!({
            "addressPrefix": subnet_prefix(at, place), "delegations": [], "etag": "W/\"1\"",
            "id": subnet_id(at, name), "name": name, "networkSecurityGroup": group,
            "privateEndpointNetworkPolicies": "Disabled", "privateLinkServiceNetworkPolicies": "Enabled",
            "provisioningState": "Succeeded", "resourceGroup": resource_group(at), "routeTable": table,
            "type": "Microsoft.Network/virtualNetworks/subnets"
        })
    };
    let subnets: Vec<Value> = SUBNETS.iter().enumerate().map(subnet).collect();
    let hub = hub_of(at);
    let peers: Vec<usize> =
        if at == hub { (hub + 1..(hub + AROUND_A_HUB).min(networks)).collect() } else { vec![hub] };
    let peerings: Vec<Value> = peers.iter().map(|peer| peering(at, *peer)).collect();
    json!({
        "addressSpace": {"addressPrefixes": [format!("{}/22", address(at, 0))]},
        "enableDdosProtection": false, "etag": "W/\"1\"", "id": network_id(at), "location": region(at),
        "name": format!("vnet-{at:05}"), "provisioningState": "Succeeded",
        "resourceGroup": resource_group(at), "subnets": subnets,
        "type": "Microsoft.Network/virtualNetworks", "virtualNetworkPeerings": peerings
    })
}

fn peering(at: usize, peer: usize) -> Value {
    let name = format!("to-vnet-{peer:05}");
    let space = json!({"addressPrefixes": [format!("{}/22", address(peer, 0))]});
    json!({
        "allowForwardedTraffic": true, "allowGatewayTransit": false, "allowVirtualNetworkAccess": true,
        "etag": "W/\"1\"", "id": format!("{}/virtualNetworkPeerings/{name}", network_id(at)), "name": name,
        "peeringState": "Connected", "provisioningState": "Succeeded", "remoteAddressSpace": space,
        "remoteVirtualNetwork": reference(&network_id(peer), peer),
        "remoteVirtualNetworkAddressSpace": space, "resourceGroup": resource_group(at),
        "useRemoteGateways": false
    })
}

/// The groups of one network, as `az network nsg list` has them.
fn groups(at: usize, networks: usize, dice: &mut Dice) -> Vec<Value> {
    let names = if at % 2 == 1 { &["apim", "app", "endpoints"][..] } else { &["apim", "app"][..] };
    names.iter().map(|name| group(at, name, networks, dice)).collect()
}

fn group(at: usize, name: &str, networks: usize, dice: &mut Dice) -> Value {
    let id = group_id(at, name);
    let mut rules = if name == "apim" { instance_rules(at, dice) } else { Vec::new() };
    for number in rules.len()..RULES {
        rules.push(other_rule(at, name, number, networks, dice));
    }
    let custom: Vec<Value> = rules.iter().map(|rule| rule.shown(at, &id, "securityRules")).collect();
    let defaults: Vec<Value> =
        default_rules().iter().map(|rule| rule.shown(at, &id, "defaultSecurityRules")).collect();
    let subnets: Vec<Value> = SUBNETS
        .iter()
        .filter(|subnet| group_at(at, subnet) == Some(name))
        .map(|subnet| reference(&subnet_id(at, subnet), at))
        .collect();
    json!({
        "defaultSecurityRules": defaults, "etag": "W/\"1\"", "id": id, "location": region(at),
        "name": format!("nsg-{name}-{at:05}"), "provisioningState": "Succeeded",
        "resourceGroup": resource_group(at), "securityRules": custom, "subnets": subnets,
        "type": "Microsoft.Network/networkSecurityGroups"
    })
}

/// A rule as people think of it.
struct Written {
    name: String,
    priority: usize,
    direction: &'static str,
    access: &'static str,
    protocol: &'static str,
    source: Vec<String>,
    destination: Vec<String>,
    ports: Vec<String>,
    application_group: Option<String>,
}

impl Written {
    fn shown(&self, at: usize, group: &str, list: &str) -> Value {
        let one = |words: &[String]| if let [word] = words { json!(word) } else { Value::Null };
        let many = |words: &[String]| if words.len() > 1 { json!(words) } else { json!([]) };
        let mut rule = json!({
            "access": self.access, "destinationAddressPrefix": one(&self.destination),
            "destinationAddressPrefixes": many(&self.destination), "destinationPortRange": one(&self.ports),
            "destinationPortRanges": many(&self.ports), "direction": self.direction, "etag": "W/\"1\"",
            "id": format!("{group}/{list}/{}", self.name), "name": self.name, "priority": self.priority,
            "protocol": self.protocol, "provisioningState": "Succeeded", "resourceGroup": resource_group(at),
            "sourceAddressPrefix": one(&self.source), "sourceAddressPrefixes": many(&self.source),
            "sourcePortRange": "*", "sourcePortRanges": [],
            "type": format!("Microsoft.Network/networkSecurityGroups/{list}")
        });
        if let Some(group) = &self.application_group {
            rule["sourceApplicationSecurityGroups"] = json!([reference(group, at)]);
        }
        rule
    }
}

/// `Inbound Allow Tcp ApiManagement VirtualNetwork 3443`.
fn rule(name: &str, priority: usize, text: &str) -> Written {
    let words: Vec<&'static str> =
        ["Inbound", "Outbound", "Allow", "Deny", "Tcp", "Udp", "*"].into_iter().collect();
    let known = |word: &str| words.iter().find(|one| **one == word).copied().unwrap_or("*");
    let parts: Vec<&str> = text.split_whitespace().collect();
    let list = |place: usize| -> Vec<String> {
        parts.get(place).map(|part| part.split(',').map(str::to_owned).collect()).unwrap_or_default()
    };
    Written {
        name: name.to_owned(),
        priority,
        direction: known(parts.first().unwrap_or(&"")),
        access: known(parts.get(1).unwrap_or(&"")),
        protocol: known(parts.get(2).unwrap_or(&"")),
        source: list(3),
        destination: list(4),
        ports: list(5),
        application_group: None,
    }
}

fn default_rules() -> Vec<Written> {
    vec![
        rule("AllowVnetInBound", 65_000, "Inbound Allow * VirtualNetwork VirtualNetwork *"),
        rule("AllowAzureLoadBalancerInBound", 65_001, "Inbound Allow * AzureLoadBalancer * *"),
        rule("DenyAllInBound", 65_500, "Inbound Deny * * * *"),
        rule("AllowVnetOutBound", 65_000, "Outbound Allow * VirtualNetwork VirtualNetwork *"),
        rule("AllowInternetOutBound", 65_001, "Outbound Allow * * Internet *"),
        rule("DenyAllOutBound", 65_500, "Outbound Deny * * * *"),
    ]
}

/// What an instance needs; one group in eight lacks a rule, and one in eight denies what is needed.
fn instance_rules(at: usize, dice: &mut Dice) -> Vec<Written> {
    let mut rules = vec![
        rule("AllowClients", 110, "Inbound Allow Tcp Internet VirtualNetwork 80,443"),
        rule("AllowManagement", 115, "Inbound Allow Tcp ApiManagement VirtualNetwork 3443"),
        rule("AllowProbes", 120, "Inbound Allow Tcp AzureLoadBalancer VirtualNetwork 6390"),
        rule("AllowStorage", 100, "Outbound Allow Tcp VirtualNetwork Storage 443"),
        rule("AllowSql", 110, "Outbound Allow Tcp VirtualNetwork Sql 1433"),
        rule("AllowKeyVault", 120, "Outbound Allow Tcp VirtualNetwork AzureKeyVault 443"),
        rule("AllowMonitor", 130, "Outbound Allow Tcp VirtualNetwork AzureMonitor 443,1886"),
        rule("AllowCertificates", 140, "Outbound Allow Tcp VirtualNetwork Internet 80"),
        rule("DenyInternet", 4_000, "Outbound Deny * * Internet *"),
    ];
    match dice.below(8) {
        0 => {
            rules.remove(3 + dice.below(4));
        }
        1 => {
            let hub = format!("{}/22", address(hub_of(at), 0));
            rules.push(rule("DenyFromHub", 100, &format!("Inbound Deny * {hub} * *")));
        }
        _ => {}
    }
    rules
}

/// One of the many rules that have grown over the years.
fn other_rule(at: usize, group: &str, number: usize, networks: usize, dice: &mut Dice) -> Written {
    let inbound = dice.below(2) == 0;
    let allow = if dice.below(4) == 0 { "Deny" } else { "Allow" };
    let protocol = dice.of(&["Tcp", "Tcp", "Udp", "*"]);
    let port = 1_000 + dice.below(50_000);
    let ports = match dice.below(3) {
        0 => format!("{port}"),
        1 => format!("{port}-{}", port + dice.below(500)),
        _ => format!("22,{port},3389"),
    };
    let own = subnet_prefix(at, dice.below(SUBNETS.len()));
    let other = match dice.below(4) {
        0 => dice.of(&TAGS).to_owned(),
        1 => "VirtualNetwork".to_owned(),
        2 => format!("{}/22", address(dice.below(networks), 0)),
        _ => {
            let prefixes: Vec<String> =
                (0..3).map(|_| format!("{}/32", address(dice.below(networks), 70))).collect();
            prefixes.join(",")
        }
    };
    let text = match inbound {
        true => format!("Inbound {allow} {protocol} {other} {own} {ports}"),
        false => format!("Outbound {allow} {protocol} {own} {other} {ports}"),
    };
    let mut written = rule(&format!("Rule{number:02}"), 200 + 10 * number, &text);
    if group == "app" && at % 2 == 1 && inbound && dice.below(4) == 0 {
        written.source.clear();
        written.application_group = Some(application_group_id(at));
    }
    written
}

/// An entry of `az network route-table list`: everything to the hub's appliance but what must not go there.
fn route_table(at: usize) -> Option<Value> {
    let id = table_id(at);
    let route = |name: &str, prefix: &str, hop: &str| {
        let next = (hop == "VirtualAppliance").then(|| appliance(at));
        json!({
            "addressPrefix": prefix, "etag": "W/\"1\"", "hasBgpOverride": false,
            "id": format!("{id}/routes/{name}"), "name": name, "nextHopIpAddress": next, "nextHopType": hop,
            "provisioningState": "Succeeded", "resourceGroup": resource_group(at),
            "type": "Microsoft.Network/routeTables/routes"
        })
    };
    let mut routes = vec![
        route("default", "0.0.0.0/0", "VirtualAppliance"),
        route("management", "ApiManagement", "Internet"),
        route("office", "192.168.0.0/16", "VirtualAppliance"),
    ];
    if at % 4 == 1 {
        routes.push(route("storage", &format!("Storage.{}", region_tag(at)), "Internet"));
        routes.push(route("monitor", "AzureMonitor", "Internet"));
    }
    let subnets: Vec<Value> = SUBNETS.iter().map(|subnet| reference(&subnet_id(at, subnet), at)).collect();
    has_table(at).then(|| {
        json!({
            "disableBgpRoutePropagation": true, "etag": "W/\"1\"", "id": id, "location": region(at),
            "name": format!("rt-{at:05}"), "provisioningState": "Succeeded",
            "resourceGroup": resource_group(at), "routes": routes, "subnets": subnets,
            "type": "Microsoft.Network/routeTables"
        })
    })
}

fn region_tag(at: usize) -> &'static str {
    match region(at) {
        "westeurope" => "WestEurope",
        "northeurope" => "NorthEurope",
        "eastus" => "EastUS",
        _ => "GermanyWestCentral",
    }
}

fn application_group(at: usize) -> Value {
    json!({
        "etag": "W/\"1\"", "id": application_group_id(at), "location": region(at),
        "name": format!("asg-app-{at:05}"), "provisioningState": "Succeeded",
        "resourceGroup": resource_group(at), "type": "Microsoft.Network/applicationSecurityGroups"
    })
}

fn interface(at: usize) -> Value {
    let name = format!("nic-app-{at:05}");
    let id = id(at, "Microsoft.Network/networkInterfaces", &name);
    json!({
        "enableIPForwarding": false, "etag": "W/\"1\"", "id": id, "location": region(at), "name": name,
        "ipConfigurations": [{
            "applicationSecurityGroups": [reference(&application_group_id(at), at)],
            "id": format!("{id}/ipConfigurations/ipconfig1"), "name": "ipconfig1", "primary": true,
            "privateIPAddress": address(at, 64 * 2 + 10), "privateIPAllocationMethod": "Static",
            "provisioningState": "Succeeded", "resourceGroup": resource_group(at),
            "subnet": reference(&subnet_id(at, "app"), at)
        }],
        "networkSecurityGroup": null, "provisioningState": "Succeeded", "resourceGroup": resource_group(at),
        "type": "Microsoft.Network/networkInterfaces"
    })
}

/// None in every fourth network, two in every fourth.
fn instances(at: usize) -> Vec<Value> {
    let subnets: &[&str] = match at % 4 {
        0 => &[],
        3 => &["apim", "apim-test"],
        _ => &["apim"],
    };
    let one = |subnet: &&str| {
        let name = format!("{subnet}-{at:05}");
        let tier = if *subnet == "apim" { "Premium" } else { "Developer" };
        let kind = if at.is_multiple_of(3) { "External" } else { "Internal" };
        json!({
            "gatewayUrl": format!("https://{name}.azure-api.net"), "hostnameConfigurations": [],
            "id": id(at, "Microsoft.ApiManagement/service", &name), "location": region(at), "name": name,
            "platformVersion": "stv2", "provisioningState": "Succeeded", "publisherEmail": "team@contoso.example",
            "publisherName": "Contoso", "resourceGroup": resource_group(at),
            "sku": {"capacity": 1, "name": tier}, "type": "Microsoft.ApiManagement/service",
            "virtualNetworkConfiguration": {"subnetResourceId": subnet_id(at, subnet), "subnetname": subnet},
            "virtualNetworkType": kind
        })
    };
    subnets.iter().map(one).collect()
}
