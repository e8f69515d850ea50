//! Whole ways through small templates: what routes, peerings, overlapping networks and addresses that nobody has
//! written down do to them, and what the answer says would have to change.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use flowcheck::analyses::{PathAnswer, PathQuestion, next_hops_by, path};
use flowcheck::model::{Direction, Verdict};
use flowcheck::network::routing::RoutesInForce;
use flowcheck::network::{Network, PlaceHint};
use flowcheck::report::text::TextOptions;
use flowcheck::report::{json, text};
use flowcheck::rules::notation::{ports, protocols};
use flowcheck::sets::{AddressSet, PortSet};
use flowcheck::sources::{ReadOptions, read};
use flowcheck::tags::TagSnapshot;
use flowcheck::walk::Checkpoint;
use flowcheck::walk::question::question;

/// A template of these resources; a text with `p:NAME` in quotes is a parameter without a value.
fn network(resources: &[String]) -> Network {
    let text = format!(
        r#"{{ "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0", "parameters": {{ "open": {{ "type": "string" }} }},
        "resources": [{}] }}"#,
        resources.join(",")
    );
    let text = text.replace("\"p:open\"", "\"[parameters('open')]\"");
    read(text.as_bytes(), "main.json", &ReadOptions::default()).unwrap().network
}

fn resource(kind: &str, name: &str, properties: &str) -> String {
    format!(
        r#"{{ "type": "Microsoft.{kind}", "apiVersion": "2024-05-01", "name": "{name}", "location": "westeurope",
        "properties": {{ {properties} }} }}"#
    )
}

fn id(kind: &str, names: &str) -> String {
    let names: Vec<String> = names.split('/').map(|name| format!("'{name}'")).collect();
    format!(r#"{{ "id": "[resourceId('Microsoft.Network/{kind}', {})]" }}"#, names.join(", "))
}

/// A network: subnets as `name prefix`, those with a `*` before the name with the route table `rt`; peerings as
/// `name remote`, and further properties of a peering behind them.
fn vnet(name: &str, space: &str, subnets: &[&str], peerings: &[&str]) -> String {
    let subnet = |text: &&str| {
        let (name, prefix) = text.split_once(' ').unwrap();
        let table = match name.strip_prefix('*') {
            Some(_) => format!(r#", "routeTable": {}"#, id("routeTables", "rt")),
            None => String::new(),
        };
        let name = name.trim_start_matches('*');
        format!(r#"{{ "name": "{name}", "properties": {{ "addressPrefix": "{prefix}"{table} }} }}"#)
    };
    let peering = |text: &&str| {
        let mut words = text.splitn(3, ' ');
        let (name, remote) = (words.next().unwrap(), words.next().unwrap());
        let more = words.next().map(|more| format!(", {more}")).unwrap_or_default();
        let remote = id("virtualNetworks", remote);
        format!(
            r#"{{ "name": "{name}", "properties": {{ "allowVirtualNetworkAccess": true,
            "remoteVirtualNetwork": {remote}{more} }} }}"#
        )
    };
    let all = |texts: Vec<String>| texts.join(",");
    let properties = format!(
        r#""addressSpace": {{ "addressPrefixes": ["{space}"] }}, "subnets": [{}], "virtualNetworkPeerings": [{}]"#,
        all(subnets.iter().map(subnet).collect()),
        all(peerings.iter().map(peering).collect())
    );
    resource("Network/virtualNetworks", name, &properties)
}

/// The table `rt`, with routes as `name prefix hop [address]`.
fn table(routes: &[&str]) -> String {
    let route = |text: &&str| {
        let words: Vec<&str> = text.split(' ').collect();
        let address = words.get(3).map(|it| format!(r#", "nextHopIpAddress": "{it}""#)).unwrap_or_default();
        format!(
            r#"{{ "name": "{}", "properties": {{ "addressPrefix": "{}", "nextHopType": "{}"{address} }} }}"#,
            words[0], words[1], words[2]
        )
    };
    let routes: Vec<String> = routes.iter().map(route).collect();
    resource("Network/routeTables", "rt", &format!(r#""routes": [{}]"#, routes.join(",")))
}

/// An interface in a subnet; an address of `-` is one that Azure chooses. `more` are properties of the interface,
/// `groups` of its configuration.
fn interface(name: &str, subnet: &str, address: &str, groups: &str, more: &str) -> String {
    let fixed = match address {
        "-" => String::new(),
        _ => format!(r#", "privateIPAddress": "{address}", "privateIPAllocationMethod": "Static""#),
    };
    let subnet = id("virtualNetworks/subnets", subnet);
    let properties = format!(
        r#""ipConfigurations": [{{ "name": "c", "properties": {{ "subnet": {subnet}{fixed}{groups} }} }}]{more}"#
    );
    resource("Network/networkInterfaces", name, &properties)
}

fn group(name: &str, access: &str) -> String {
    let rule = format!(
        r#""securityRules": [{{ "name": "All", "properties": {{ "direction": "Inbound", "priority": 100,
        "access": "{access}", "protocol": "*", "sourceAddressPrefix": "*", "sourcePortRange": "*",
        "destinationAddressPrefix": "*", "destinationPortRange": "*" }} }}]"#
    );
    resource("Network/networkSecurityGroups", name, &rule)
}

fn ask(network: &Network, from: &str, to: &str) -> PathAnswer {
    let end = |text: &str| network.end(&text.parse().unwrap(), TagSnapshot::builtin()).unwrap();
    let question = PathQuestion {
        protocols: protocols("tcp").unwrap(),
        source_ports: PortSet::all(),
        ports: ports("443").unwrap(),
    };
    path(&end(from), &end(to), &question).unwrap()
}

fn not_asked(network: &Network, end: &str) -> String {
    network.end(&end.parse().unwrap(), TagSnapshot::builtin()).unwrap_err().to_string()
}

/// Holds a way against its verdict and against words of its obstacles, one for each in order.
#[track_caller]
fn check(network: &Network, from: &str, to: &str, verdict: Verdict, changes: &[&str]) -> PathAnswer {
    let answer = ask(network, from, to);
    assert_eq!(answer.verdict, verdict, "{from} to {to}: {:#?}", answer.steps);
    let told: Vec<&str> = answer.steps.iter().filter_map(|step| step.change.as_deref()).collect();
    assert_eq!(told.len(), changes.len(), "{from} to {to}: {told:#?}");
    for (told, words) in told.iter().zip(changes) {
        assert!(told.contains(words), "{from} to {to}: `{words}` is not in: {told}");
    }
    // What is not known shows the step that leaves it open, and what is missing.
    if verdict == Verdict::Unknown {
        assert!(answer.steps.iter().any(|step| step.verdict == Verdict::Unknown), "{from} to {to}");
        assert!(!answer.unknowns.is_empty());
    }
    answer
}

fn one_network(routes: &[&str]) -> Network {
    network(&[table(routes), vnet("v", "10.0.0.0/16", &["*a 10.0.1.0/24", "b 10.0.2.0/24"], &[])])
}

#[test]
fn a_route_into_the_network_or_to_a_gateway_may_lead_nowhere() {
    let alone = one_network(&[
        "local 172.16.0.0/12 VnetLocal",
        "own 10.0.2.0/24 VnetLocal",
        "site 192.168.0.0/16 VirtualNetworkGateway",
    ]);
    check(&alone, "a", "b", Verdict::Allowed, &[]);
    let answer =
        check(&alone, "a", "172.16.5.5", Verdict::Unknown, &["`local` sends into `v` what it does not have"]);
    assert!(answer.unknowns[0].missing().contains("who has these addresses"));
    check(&alone, "a", "192.168.1.1", Verdict::Unknown, &["`site` needs a gateway in `v`"]);
    // A peer's addresses may be had by a route into the network; a peer may lend its gateway, or not (S130).
    for (lent, verdict) in [(true, Verdict::Allowed), (false, Verdict::Unknown)] {
        let joined = network(&[
            table(&["local 10.1.0.0/16 VnetLocal", "site 192.168.0.0/16 VirtualNetworkGateway"]),
            vnet("v", "10.0.0.0/16", &["*a 10.0.1.0/24"], &["v-h h \"useRemoteGateways\": true"]),
            vnet(
                "h",
                "10.1.0.0/16",
                &["c 10.1.1.0/24"],
                &[&format!("h-v v \"allowGatewayTransit\": {lent}")],
            ),
        ]);
        let open: &[&str] = if lent { &[] } else { &["`site` needs a gateway"] };
        check(&joined, "a", "192.168.1.1", verdict, open);
        check(&joined, "a", "c", Verdict::Allowed, &[]);
    }
    // A gateway that may stand in its subnet and is not shown.
    let perhaps = network(&[
        table(&["site 192.168.0.0/16 VirtualNetworkGateway"]),
        vnet("v", "10.0.0.0/16", &["*a 10.0.1.0/24", "GatewaySubnet 10.0.9.0/24"], &[]),
    ]);
    let open = "settle whether `v` has the gateway that `site` leads to (--peer-prefix PREFIX)";
    check(&perhaps, "a", "192.168.1.1", Verdict::Unknown, &[open]);
    // What came straight from the Internet has no way back by a gateway, whether there is one or not (S125).
    let forced = one_network(&["all 0.0.0.0/0 VirtualNetworkGateway"]);
    let answer = ask(&forced, "Internet", "a");
    let back = answer.steps.iter().find(|step| step.change.as_ref().is_some_and(|it| it.contains("reply")));
    assert_eq!(back.unwrap().verdict, Verdict::Blocked);
}

#[test]
fn advice_fits_what_the_route_does() {
    let far = one_network(&["far 0.0.0.0/0 VirtualAppliance 203.0.113.9"]);
    check(
        &far,
        "a",
        "8.8.8.8",
        Verdict::Blocked,
        &["`far` names the appliance 203.0.113.9, which no network"],
    );
    let gone = one_network(&["gone 10.0.2.0/24 None"]);
    check(&gone, "a", "b", Verdict::Blocked, &["`gone` drops it: take it away, or add a longer route"]);
    let open = one_network(&["fw 20.0.0.0/8 VirtualAppliance p:open"]);
    let answer = check(
        &open,
        "a",
        "20.1.1.1",
        Verdict::Unknown,
        &["settle which appliance `fw` leads to (--set open=VALUE)"],
    );
    assert!(answer.unknowns[0].missing().contains("parameter `open` has no value"));
    assert_eq!(answer.unknowns[0].supply(), Some("--set open=VALUE"));
    let what = one_network(&["what p:open None"]);
    check(
        &what,
        "a",
        "b",
        Verdict::Unknown,
        &["settle what `what` is for: it drops what it is for (--set open=VALUE)"],
    );
}

#[test]
fn every_appliance_that_a_dump_names_is_shown() {
    let dump = r#"{ "value": [{ "name": "all", "source": "User", "state": "Active", "addressPrefix": ["0.0.0.0/0"],
        "nextHopType": "VirtualAppliance", "nextHopIpAddress": ["10.0.0.4", "10.0.0.5"] }] }"#;
    let network = read(dump.as_bytes(), "routes.json", &ReadOptions::default()).unwrap().network;
    let [dump] = &network.effective.routes[..] else { panic!("one dump") };
    let routes = RoutesInForce::of_dump(dump, TagSnapshot::builtin());
    let asked = AddressSet::one("8.8.8.8".parse().unwrap());
    let answer = next_hops_by(&routes, "the dump", &dump.origin, &asked);
    let (mut words, mut document) = (Vec::new(), Vec::new());
    text::route(&answer, "8.8.8.8", &[], &TextOptions::default(), "tags", &mut words).unwrap();
    json::route(&answer, "8.8.8.8", &json::Head::default(), &mut document).unwrap();
    let (words, document) = (String::from_utf8(words).unwrap(), String::from_utf8(document).unwrap());
    assert!(words.contains("VirtualAppliance 10.0.0.4, 10.0.0.5"), "{words}");
    let document: String = document.split_whitespace().collect();
    assert!(document.contains(r#""addresses":["10.0.0.4","10.0.0.5"]"#), "{document}");
}

#[test]
fn a_special_tag_is_no_route_prefix_and_no_list_would_help() {
    for tag in ["Internet", "VirtualNetwork", "AzureLoadBalancer"] {
        let answer = ask(&one_network(&[&format!("bad {tag} None")]), "a", "b");
        let gap = &answer.unknowns[0];
        assert!(
            gap.missing().contains(&format!("`{tag}` is no prefix that a route can have (S123)")),
            "{gap}"
        );
        assert_eq!(gap.supply(), None, "{tag}");
    }
    let answer = ask(&one_network(&["bad CorpNetSaw None"]), "a", "b");
    assert_eq!(answer.unknowns[0].supply(), Some("--service-tags FILE"));
}

#[test]
fn a_way_back_is_advised_that_a_table_can_hold() {
    let network = network(&[
        table(&["fw 0.0.0.0/0 VirtualAppliance 10.0.9.4"]),
        group("open", "Allow"),
        vnet("v", "10.0.0.0/16", &["*a 10.0.1.0/24"], &[]).replace(
            "\"routeTable\"",
            &format!("\"networkSecurityGroup\": {}, \"routeTable\"", id("networkSecurityGroups", "open")),
        ),
    ]);
    for (from, words) in [
        ("ApiManagement", "add the route `ApiManagement -> Internet` at v/a"),
        (
            "ApiManagement,Storage",
            "add the routes `ApiManagement -> Internet` and `Storage -> Internet` at v/a",
        ),
        ("Internet", "add a route `PREFIX -> Internet` for each client that must get in at v/a"),
        ("20.1.1.1", "add a route `20.1.1.1/32 -> Internet` at v/a"),
        ("AzureCloud", "no route can be for `AzureCloud`: add a route `PREFIX -> Internet` for its prefixes"),
    ] {
        let answer = check(&network, from, "a", Verdict::Blocked, &[words]);
        // How they come is taken for granted, and said.
        assert!(
            answer.assumptions.iter().any(|one| one.text.contains("come straight from the Internet")),
            "{from}"
        );
    }
    let answer = ask(&one_network(&[]), "Internet", "a");
    assert!(!answer.assumptions.iter().any(|one| one.text.contains("come straight")), "it changes nothing");
}

/// Two spokes of a hub, each with `allowForwardedTraffic` on its own side as given; the appliance is in the hub.
fn spokes(x: &str, y: &str) -> Network {
    network(&[
        table(&["all 10.0.0.0/8 VirtualAppliance 10.0.0.4"]),
        vnet("hub", "10.0.0.0/16", &["fw 10.0.0.0/24"], &["h-x x", "h-y y"]),
        vnet(
            "x",
            "10.1.0.0/16",
            &["*one 10.1.1.0/24"],
            &[&format!("x-h hub \"allowForwardedTraffic\": {x}")],
        ),
        vnet(
            "y",
            "10.2.0.0/16",
            &["*two 10.2.1.0/24"],
            &[&format!("y-h hub \"allowForwardedTraffic\": {y}")],
        ),
    ])
}

#[test]
fn what_an_appliance_forwards_over_a_peering_needs_leave() {
    let lets_pass = "what `all` leads to must let it pass";
    check(&spokes("true", "true"), "one", "two", Verdict::Unknown, &[lets_pass]);
    let there = "`allowForwardedTraffic` of the peering `y-h` of `y`";
    check(&spokes("true", "false"), "one", "two", Verdict::Unknown, &[lets_pass, there]);
    let back = "`allowForwardedTraffic` of the peering `x-h` of `x`";
    check(&spokes("false", "true"), "one", "two", Verdict::Unknown, &[lets_pass, back]);
    check(&spokes("false", "false"), "one", "two", Verdict::Unknown, &[lets_pass, there, back]);
    let open = ask(&spokes("\"p:open\"", "true"), "two", "one");
    assert!(open.unknowns.iter().any(|gap| gap.supply() == Some("--set open=VALUE")));
    // What comes from the hub itself is not forwarded: the reply by the appliance is not either.
    check(&spokes("false", "false"), "fw", "two", Verdict::Allowed, &[]);
    // Without a peering and without an appliance between them nobody knows who has the addresses.
    let apart = network(&[
        vnet("x", "10.1.0.0/16", &["one 10.1.1.0/24"], &[]),
        vnet("y", "10.2.0.0/16", &["two 10.2.1.0/24"], &[]),
    ]);
    let answer = ask(&apart, "one", "two");
    let told: Vec<_> = answer.steps.iter().filter_map(|step| step.change.as_deref()).collect();
    assert!(told.contains(&"peer `x` with `y`, each with the other"), "{told:?}");
}

#[test]
fn an_address_that_several_networks_use_needs_a_name() {
    let network = network(&[
        vnet("v", "10.0.0.0/16", &["a 10.0.1.0/24"], &[]),
        vnet("w", "10.0.0.0/16", &["c 10.0.1.0/24"], &[]),
    ]);
    let error = not_asked(&network, "10.0.1.4");
    assert!(error.contains("lies in several places, v/a and w/c: name the one that is meant"), "{error}");
    assert!(not_asked(&network, "10.0.0.0/16").contains("covers v/a and w/c"));
    assert_eq!(not_asked(&network, "*"), "`*` covers v/a and w/c: ask the subnets one after the other");
    let place = |local: &str| {
        let place =
            network.place_for(PlaceHint::default(), Some(local.parse().unwrap()), TagSnapshot::builtin());
        place.map(|place| place.name)
    };
    let error = place("10.0.1.4").unwrap_err().to_string();
    assert_eq!(error, "10.0.1.4 lies in several subnets: choose one: --subnet v/a, --subnet w/c");
}

#[test]
fn of_thousands_of_choices_twenty_are_told() {
    let subnets: Vec<String> = (0..250).map(|number| format!("s{number} 10.0.{number}.0/24")).collect();
    let subnets: Vec<&str> = subnets.iter().map(String::as_str).collect();
    let network = network(&[vnet("v", "10.0.0.0/16", &subnets, &[])]);
    let error = network.place_for(PlaceHint::default(), None, TagSnapshot::builtin()).unwrap_err();
    assert_eq!(error.choices.len(), 250);
    let text = error.to_string();
    assert!(text.ends_with("--subnet v/s19 and 230 more"), "{text}");
    assert!(not_asked(&network, "10.0.0.0/16").contains("v/s19 and 230 more"));
}

#[test]
fn an_instance_in_several_places_is_asked_place_by_place() {
    let location =
        |subnet: &str| format!(r#""virtualNetworkConfiguration": {{ "subnetResourceId": {subnet} }}"#);
    let subnet =
        |name: &str| format!(r#""[resourceId('Microsoft.Network/virtualNetworks/subnets', 'v', '{name}')]""#);
    let with = |added: &str| {
        let properties = format!(
            r#""virtualNetworkType": "External", {}, "additionalLocations": [{added}]"#,
            location(&subnet("a"))
        );
        let instance = resource("ApiManagement/service", "apim", &properties).replace(
            "\"location\": \"westeurope\",",
            "\"location\": \"westeurope\", \"sku\": { \"name\": \"Premium\", \"capacity\": 1 },",
        );
        network(&[vnet("v", "10.0.0.0/16", &["a 10.0.1.0/24", "b 10.0.2.0/24"], &[]), instance])
    };
    let added = |subnet: &str| format!(r#"{{ "location": "northeurope", {} }}"#, location(subnet));
    assert_eq!(ask(&with(""), "apim", "b").from.name, "apim (v/a)");
    let error = not_asked(&with(&added(&subnet("b"))), "apim");
    assert!(error.contains("stands in v/a and in v/b: ask one after the other"), "{error}");
    let error = not_asked(&with(&added("\"p:open\"")), "apim");
    assert!(error.contains("stands in v/a; where else is not known"), "{error}");
}

#[test]
fn an_address_that_one_interface_has_is_no_other_ones() {
    let with_group =
        |name: &str| format!(", \"networkSecurityGroup\": {}", id("networkSecurityGroups", name));
    let network = network(&[
        group("shut", "Deny"),
        group("open", "Allow"),
        vnet("v", "10.0.0.0/16", &["a 10.0.1.0/24", "b 10.0.2.0/24"], &[]),
        interface("unknown", "v/b", "-", "", &with_group("shut")),
        interface("twin", "v/b", "-", "", &with_group("shut")),
        interface("known", "v/b", "10.0.2.9", "", &with_group("open")),
        interface("bare", "v/b", "10.0.2.10", "", ""),
    ]);
    check(&network, "a", "10.0.2.9", Verdict::Allowed, &[]);
    check(&network, "a", "10.0.2.10", Verdict::Allowed, &[]);
    // Two of one group say it once.
    let answer = check(&network, "a", "10.0.2.20", Verdict::Unknown, &["settle what is missing"]);
    assert!(answer.unknowns.iter().any(|gap| gap.missing().contains("`unknown`")));
    let subnet = network.subnets_named("b")[0];
    let point = network.at_subnet(subnet, TagSnapshot::builtin());
    let packet = "In Tcp 10.0.1.4:50000 -> 10.0.2.20:443".parse().unwrap();
    let part = Checkpoint::new(&point, Direction::Inbound).ask_packet(&packet);
    let layers: Vec<String> =
        part.outcome.layers.iter().map(|step| format!("{} {}", step.layer, step.verdict)).collect();
    assert_eq!(layers, ["no-nsg allowed", "nic-nsg unknown"]);
}

/// S63, S64: who comes to an open front end, and who does not come by it.
#[test]
fn without_a_group_a_front_end_of_the_basic_sku_is_not_said_to_be_closed() {
    let public = format!(r#", "publicIPAddress": {}"#, id("publicIPAddresses", "ip"));
    let grouped = format!(r#", "networkSecurityGroup": {}"#, id("networkSecurityGroups", "closed"));
    let network = network(&[
        vnet("v", "10.0.0.0/16", &["a 10.0.1.0/24", "b 10.0.2.0/24"], &[]),
        resource("Network/publicIPAddresses", "ip", ""),
        group("closed", "Deny"),
        interface("basic", "v/a", "10.0.1.4", &public, ""),
        interface("plain", "v/a", "10.0.1.5", "", ""),
        interface("ruled", "v/a", "10.0.1.6", &public, &grouped),
        interface("anywhere", "v/b", "-", &public, ""),
        interface("fixed", "v/b", "10.0.2.5", "", ""),
    ]);
    for (source, destination, verdict) in [
        ("8.8.8.8", "10.0.1.4", Verdict::Unknown),
        ("8.8.8.8", "10.0.1.5", Verdict::Blocked),
        ("8.8.8.8", "10.0.1.6", Verdict::Blocked),
        ("192.168.7.7", "10.0.1.4", Verdict::Blocked),
        ("10.0.2.4", "10.0.1.4", Verdict::Allowed),
        ("8.8.8.8", "10.0.2.4", Verdict::Unknown),
        ("8.8.8.8", "10.0.2.5", Verdict::Blocked),
    ] {
        let name = if destination.starts_with("10.0.1.") { "a" } else { "b" };
        let point = network.at_subnet(network.subnets_named(name)[0], TagSnapshot::builtin());
        let packet = format!("In Tcp {source}:50000 -> {destination}:443").parse().unwrap();
        let part = Checkpoint::new(&point, Direction::Inbound).ask_packet(&packet);
        assert_eq!(part.verdict(), verdict, "{source} -> {destination}: {part:?}");
        let names_it =
            part.outcome.gaps.iter().any(|gap| gap.missing().contains("`ip` (no SKU, which is Basic)"));
        assert_eq!(names_it, verdict == Verdict::Unknown, "{part:?}");
    }
}

#[test]
fn a_group_whose_member_has_no_known_address_leaves_it_open() {
    let member = |name: &str, address: &str| {
        let groups =
            format!(r#", "applicationSecurityGroups": [{}]"#, id("applicationSecurityGroups", "app"));
        interface(name, "v/b", address, &groups, "")
    };
    let shut = |rule: &str| {
        let rule = group("nsg", "Deny").replace(
            r#""destinationAddressPrefix": "*""#,
            &format!(r#""destinationAddressPrefix": "{rule}""#),
        );
        let subnets = vnet("v", "10.0.0.0/16", &["a 10.0.1.0/24", "*b 10.0.2.0/24"], &[]);
        let attached = format!("\"networkSecurityGroup\": {}", id("networkSecurityGroups", "nsg"));
        let subnets = subnets.replace(&format!("\"routeTable\": {}", id("routeTables", "rt")), &attached);
        network(&[
            rule,
            subnets,
            resource("Network/applicationSecurityGroups", "app", ""),
            interface("other", "v/b", "10.0.2.9", "", ""),
            member("vm", "-"),
        ])
    };
    // Wherever the member is, it is the same.
    check(&shut("10.9.0.0/16"), "a", "asg:app", Verdict::Allowed, &[]);
    check(&shut("10.0.2.0/24"), "a", "asg:app", Verdict::Blocked, &["allow"]);
    // In one half of the subnet it is shut.
    let half = shut("10.0.2.0/25");
    let answer = ask(&half, "a", "asg:app");
    assert_eq!(answer.verdict, Verdict::Unknown);
    assert!(answer.unknowns[0].missing().contains("`vm`"), "{:?}", answer.unknowns);
    let members = half.group_named("app").unwrap().extent();
    assert!(members.must.is_empty() && !members.may.contains("10.0.2.9".parse().unwrap()));
    assert!(members.may.contains("10.0.2.10".parse().unwrap()));
    // The same asked of the place alone.
    let point = half.at_subnet(half.subnets_named("b")[0], TagSnapshot::builtin());
    let asked = question(&half, &point, &"In Tcp a:* -> asg:app:443".parse().unwrap()).unwrap();
    assert_eq!(asked.ask(&Checkpoint::new(&point, Direction::Inbound)).0, Verdict::Unknown);
    assert!(asked.gaps[0].missing().contains("`vm`"));
}

#[test]
fn a_private_endpoint_without_an_address_may_be_anywhere_in_its_subnet() {
    let endpoint = format!(r#""subnet": {}"#, id("virtualNetworks/subnets", "v/b"));
    let network = network(&[
        table(&["fw 10.0.2.0/24 VirtualAppliance 10.0.1.4"]),
        vnet("v", "10.0.0.0/16", &["*a 10.0.1.0/24", "b 10.0.2.0/24"], &[]),
        resource("Network/privateEndpoints", "sql", &endpoint),
        interface("vm", "v/b", "10.0.2.9", "", ""),
    ]);
    let hops = |to: &str| -> Vec<String> {
        let answer = ask(&network, "a", to);
        answer
            .way_there
            .iter()
            .flat_map(|part| &part.routes)
            .map(|route| route.next_hop.known().unwrap().to_string())
            .collect()
    };
    // S112: the endpoint's own address would not go by the appliance.
    assert_eq!(hops("10.0.2.20"), ["InterfaceEndpoint", "VirtualAppliance"]);
    assert_eq!(hops("10.0.2.9"), ["VirtualAppliance"]);
}

#[test]
fn peerings_of_some_subnets_or_of_an_unknown_state_are_not_certain() {
    let with = |more: &str| {
        network(&[
            vnet("v", "10.0.0.0/16", &["a 10.0.1.0/24"], &[&format!("v-w w{more}")]),
            vnet("w", "10.9.0.0/16", &["z 10.9.1.0/24"], &["w-v v"]),
        ])
    };
    assert_eq!(ask(&with(""), "a", "z").verdict, Verdict::Allowed);
    assert_eq!(
        ask(&with(" \"peerCompleteVnets\": true, \"peeringState\": \"Connected\""), "a", "z").verdict,
        Verdict::Allowed
    );
    for (more, missing) in [
        (" \"peerCompleteVnets\": false", "which subnets the peering `v-w` joins"),
        (" \"peerCompleteVnets\": \"p:open\"", "parameter `open` has no value"),
        (" \"peeringState\": \"p:open\"", "parameter `open` has no value"),
    ] {
        // Seen from either side.
        for (from, to) in [("a", "z"), ("z", "a")] {
            let answer = ask(&with(more), from, to);
            assert_eq!(answer.verdict, Verdict::Unknown, "{more}: {from} to {to}");
            assert!(answer.unknowns.iter().any(|gap| gap.missing().contains(missing)), "{more}");
        }
    }
}

/// S96: no rule combines the families, so the advice is a rule for each that is stopped.
#[test]
fn a_rule_that_is_advised_has_one_family() {
    let subnet = |name: &str, place: u8| {
        let group = id("networkSecurityGroups", "g");
        format!(
            r#"{{ "name": "{name}", "properties": {{ "networkSecurityGroup": {group},
            "addressPrefixes": ["10.0.{place}.0/24", "fd00:0:0:{place}::/64"] }} }}"#
        )
    };
    let properties = format!(
        r#""addressSpace": {{ "addressPrefixes": ["10.0.0.0/16", "fd00::/48"] }}, "subnets": [{}, {}]"#,
        subnet("a", 1),
        subnet("b", 2)
    );
    let dual = |source: &str| {
        let group = group("g", "Deny").replace(r#""sourceAddressPrefix": "*""#, source);
        network(&[group, resource("Network/virtualNetworks", "v", &properties)])
    };
    let both = "allow 10.0.1.0/24 -> 10.0.2.0/24:443 and fd00:0:0:1::/64 -> fd00:0:0:2::/64:443 before All (100) in g";
    check(&dual(r#""sourceAddressPrefix": "*""#), "a", "b", Verdict::Blocked, &[both]);
    let one = "allow 10.0.1.0/24 -> 10.0.2.0/24:443 before All (100) in g";
    let of_one_family = dual(r#""sourceAddressPrefix": "10.0.0.0/8""#);
    check(&of_one_family, "a", "b", Verdict::Partial, &[one]);
}

#[test]
fn a_route_that_drops_is_not_to_be_taken_away_where_nothing_else_leads_on() {
    let networks = |peerings: &[&str], back: &[&str]| {
        network(&[
            table(&["drop 10.1.0.0/16 None"]),
            vnet("v", "10.0.0.0/16", &["*a 10.0.1.0/24"], peerings),
            vnet("w", "10.1.0.0/16", &["b 10.1.1.0/24"], back),
        ])
    };
    let alone = ask(&networks(&[], &[]), "a", "b");
    let told: Vec<&str> = alone.steps.iter().filter_map(|step| step.change.as_deref()).collect();
    assert!(told[0].contains("drops it, and nothing else leads to 10.1.1.0/24"), "{told:#?}");
    let peered = networks(&["to-w w"], &["to-v v"]);
    check(&peered, "a", "b", Verdict::Blocked, &["`drop` drops it: take it away, or add a longer route"]);
}
