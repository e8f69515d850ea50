//! What is in force against an input: rules, tags, routes, an instance's own status.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use flowcheck::analyses::conform::{ConformAnswer, Kind};
use flowcheck::analyses::{CheckOptions, conform};
use flowcheck::flows::{ParameterValues, Profile};
use flowcheck::network::{Network, PlaceHint};
use flowcheck::sources::{ReadOptions, read};
use flowcheck::tags::TagSnapshot;
use serde_json::{Value, json};

const ROOT: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network";

fn network(document: &Value) -> Network {
    read(document.to_string().as_bytes(), "input.json", &ReadOptions::default()).unwrap().network
}

fn compare_at(dump: &Value, input: &Value, subnet: Option<&str>) -> ConformAnswer {
    let options = CheckOptions {
        tags: TagSnapshot::builtin(),
        profile: Profile::newest(),
        parameters: &ParameterValues::default(),
        features: &[],
    };
    let hint = PlaceHint { subnet, group: None };
    conform(&network(dump), &network(input), hint, &options).unwrap()
}

fn compare(dump: &Value, input: &Value) -> ConformAnswer {
    compare_at(dump, input, None)
}

/// `kind subject: field in force / field of the input`, one line a difference; open points behind.
fn lines(answer: &ConformAnswer) -> Vec<String> {
    let differences = answer.differences.iter().map(|one| {
        let fields: Vec<String> = one
            .fields
            .iter()
            .map(|field| format!(" {} {} / {}", field.field, field.in_force, field.input))
            .collect();
        format!("{} {}{}", one.kind.as_str(), one.subject, fields.join(";"))
    });
    let open = answer.open.iter().map(|one| format!("? {}: {}", one.subject, one.gap.missing()));
    differences.chain(open).collect()
}

/// A rule of az: `name priority direction access protocol source destination port`.
fn az_rule(text: &str) -> Value {
    let [name, priority, direction, access, protocol, source, destination, port] =
        text.split(' ').collect::<Vec<_>>()[..]
    else {
        panic!("{text}")
    };
    json!({
        "name": name, "priority": priority.parse::<i64>().unwrap(), "direction": direction, "access": access,
        "protocol": protocol, "sourcePortRange": "*", "destinationPortRange": port,
        "sourceAddressPrefix": source, "destinationAddressPrefix": destination,
    })
}

/// The same rule as Azure dumps it.
fn dumped(text: &str) -> Value {
    let mut rule = az_rule(text);
    let twice = |value: &Value| match value.as_str() {
        Some("*") => (json!("0.0.0.0/0"), json!(["0.0.0.0/0", "0.0.0.0/0"])),
        _ => (value.clone(), json!([value])),
    };
    for side in ["source", "destination"] {
        let (one, list) = twice(&rule[format!("{side}AddressPrefix")]);
        rule[format!("{side}AddressPrefix")] = one;
        rule[format!("{side}AddressPrefixes")] = list;
        let ports = match rule[format!("{side}PortRange")].as_str().unwrap() {
            "*" => "0-65535".to_owned(),
            port if port.contains('-') => port.to_owned(),
            port => format!("{port}-{port}"),
        };
        rule[format!("{side}PortRange")] = json!(ports);
    }
    if rule["protocol"] == "*" {
        rule["protocol"] = json!("All");
    }
    rule["name"] = json!(format!("securityRules/{}", rule["name"].as_str().unwrap()));
    rule
}

fn dump_of(rules: &[Value]) -> Value {
    json!({"value": [{
        "networkSecurityGroup": {"id": format!("{ROOT}/networkSecurityGroups/apim-nsg")},
        "association": {"subnet": {"id": format!("{ROOT}/virtualNetworks/hub/subnets/apim")}},
        "effectiveSecurityRules": rules,
    }]})
}

fn dump(rules: &[&str]) -> Value {
    dump_of(&rules.iter().map(|rule| dumped(rule)).collect::<Vec<_>>())
}

/// A group, its network with one subnet, a route table and an instance, as az shows them.
fn input(rules: &[&str]) -> Value {
    let rules: Vec<Value> = rules.iter().map(|rule| az_rule(rule)).collect();
    json!([
        {"id": format!("{ROOT}/networkSecurityGroups/apim-nsg"), "name": "apim-nsg", "securityRules": rules},
        {"id": format!("{ROOT}/virtualNetworks/hub"), "name": "hub",
         "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
         "subnets": [{"id": format!("{ROOT}/virtualNetworks/hub/subnets/apim"), "name": "apim",
            "addressPrefix": "10.0.1.0/24", "delegations": [],
            "networkSecurityGroup": {"id": format!("{ROOT}/networkSecurityGroups/apim-nsg")},
            "routeTable": {"id": format!("{ROOT}/routeTables/rt")}}]},
        {"id": format!("{ROOT}/routeTables/rt"), "name": "rt", "routes": [
            {"name": "to-firewall", "addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.9.4"}]},
        {"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/apim",
         "name": "apim", "location": "West Europe", "sku": {"name": "Premium", "capacity": 1},
         "virtualNetworkType": "External", "platformVersion": "stv2",
         "virtualNetworkConfiguration": {"subnetResourceId": format!("{ROOT}/virtualNetworks/hub/subnets/apim")}}
    ])
}

const MANAGEMENT: &str = "Mgmt 110 Inbound Allow Tcp ApiManagement VirtualNetwork 3443";
const SQL: &str = "Sql 110 Outbound Allow Tcp VirtualNetwork Sql 1433";
const DENY: &str = "DenyOut 4096 Outbound Deny * * * *";

#[test]
fn the_same_rules_are_no_difference() {
    let rules = [MANAGEMENT, SQL, DENY];
    let answer = compare(&dump(&rules), &input(&rules));
    assert_eq!(lines(&answer), [""; 0]);
    assert_eq!((answer.compared.groups, answer.compared.rules), (1, 3));
}

#[test]
fn rules_missing_added_and_changed_are_told_field_by_field() {
    for (in_force, says) in [
        (vec![MANAGEMENT, DENY], vec!["missing-rule Sql"]),
        (vec![MANAGEMENT, SQL, DENY, "Ssh 120 Inbound Allow Tcp Internet * 22"], vec!["added-rule Ssh"]),
        (
            vec![MANAGEMENT, "Sql 130 Outbound Allow Tcp VirtualNetwork Sql 1443", DENY],
            vec!["changed-rule Sql priority 130 / 110; destination port 1443 / 1433"],
        ),
        (
            vec![MANAGEMENT, "sql 110 Outbound Deny Udp 10.0.1.0/24 SQL 1433", DENY],
            vec![
                "changed-rule Sql access Deny / Allow; protocol Udp / Tcp; source 10.0.1.0/24 / VirtualNetwork",
            ],
        ),
        (
            // A rule that was given another name is the one at its place.
            vec![MANAGEMENT, "Database 110 Outbound Allow Tcp VirtualNetwork Sql 1433", DENY],
            vec!["changed-rule Sql name Database / Sql"],
        ),
    ] {
        assert_eq!(lines(&compare(&dump(&in_force), &input(&[MANAGEMENT, SQL, DENY]))), says);
    }
}

#[test]
fn another_way_to_write_the_same_is_the_same() {
    let one = |prefixes: &[&str], ports: &[&str]| {
        let mut rule = az_rule("Web 200 Inbound Allow Tcp x * y");
        rule["sourceAddressPrefix"] = json!("");
        rule["sourceAddressPrefixes"] = json!(prefixes);
        rule["destinationPortRange"] = json!("");
        rule["destinationPortRanges"] = json!(ports);
        rule
    };
    let mut theirs = input(&[]);
    theirs[0]["securityRules"] = json!([one(&["10.2.0.0/24", "10.2.1.0/24"], &["80-81", "443"])]);
    for (prefixes, ports, same) in [
        (vec!["10.2.0.0/23"], vec!["443-443", "80-81"], true),
        (vec!["10.2.0.0/23"], vec!["443-443", "80-80"], false),
        (vec!["10.2.0.0/22"], vec!["443-443", "80-81"], false),
    ] {
        let mut rule = one(&prefixes, &ports);
        rule["name"] = json!("securityRules/Web");
        rule["destinationAddressPrefix"] = json!("0.0.0.0/0");
        assert_eq!(lines(&compare(&dump_of(&[rule]), &theirs)).is_empty(), same, "{prefixes:?} {ports:?}");
    }
}

#[test]
fn what_the_input_leaves_open_is_no_difference() {
    let group = |more: Value| {
        let mut rule = az_rule("App 120 Inbound Allow Tcp x * 443");
        rule["sourceAddressPrefix"] = json!("");
        rule["sourceApplicationSecurityGroups"] = more;
        let mut input = input(&[]);
        input[0]["securityRules"] = json!([rule]);
        input
    };
    let asg = json!([{"id": format!("{ROOT}/applicationSecurityGroups/web")}]);
    let answer = compare(&dump(&["App 120 Inbound Allow Tcp 10.0.3.4/32 * 443"]), &group(asg));
    assert_eq!(lines(&answer), ["? App: the members of the application security group `web`"]);
    let template = json!({
        "$schema": "https://x/deploymentTemplate.json#", "contentVersion": "1.0.0.0",
        "parameters": {"port": {"type": "string"}},
        "resources": [{"type": "Microsoft.Network/networkSecurityGroups", "name": "apim-nsg", "properties": {
            "securityRules": [{"name": "Sql", "properties": {"priority": 110, "direction": "Outbound",
                "access": "Allow", "protocol": "Tcp", "sourceAddressPrefix": "VirtualNetwork",
                "destinationAddressPrefix": "Sql", "sourcePortRange": "*",
                "destinationPortRange": "[parameters('port')]"}}]}}]
    });
    let answer = compare(&dump(&[SQL]), &template);
    assert_eq!(answer.compared.groups, 1, "joined by name: a template has no whole ids");
    assert_eq!(answer.differences, []);
    assert_eq!(answer.open.len(), 1);
    assert!(answer.open[0].gap.missing().contains("port"), "{}", answer.open[0].gap);
}

#[test]
fn groups_of_other_names_and_on_other_subnets_are_told() {
    let mut other = input(&[SQL]);
    other[0]["id"] = json!(format!("{ROOT}/networkSecurityGroups/other"));
    other[0]["name"] = json!("other");
    let mut no_group = other.clone();
    other[1]["subnets"][0]["networkSecurityGroup"]["id"] = other[0]["id"].clone();
    assert_eq!(lines(&compare(&dump(&[SQL]), &other)), ["unknown-group apim-nsg", "other-group hub/apim"]);
    // The reference leads out of the input: the same id, so no contradiction.
    assert_eq!(lines(&compare(&dump(&[SQL]), &no_group)), ["unknown-group apim-nsg"]);
    no_group[1]["subnets"][0]["networkSecurityGroup"] = Value::Null;
    let answer = compare(&dump(&[SQL]), &no_group);
    assert_eq!(lines(&answer), ["unknown-group apim-nsg", "other-group hub/apim"]);
    assert_eq!(answer.compared.not_shown, 1);
}

#[test]
fn a_group_that_the_dump_does_not_name_is_the_one_of_its_subnet() {
    let view = |role: &str, id: &str| {
        json!({"networkInterfaces": [{"id": "nic", "securityRuleAssociations": {
            role: {"id": format!("{ROOT}/{id}"), "securityRules": []},
            "defaultSecurityRules": [], "effectiveSecurityRules": []}}]})
    };
    let at_subnet = view("subnetAssociation", "virtualNetworks/hub/subnets/apim");
    assert_eq!(lines(&compare(&at_subnet, &input(&[SQL]))), ["missing-rule Sql"]);
    assert_eq!(lines(&compare(&at_subnet, &input(&[]))), [""; 0]);
    let at_interface = compare(&view("networkInterfaceAssociation", "networkInterfaces/nic"), &input(&[SQL]));
    assert_eq!((at_interface.differences.len(), at_interface.open[0].gap.supply()), (0, Some("--nsg NAME")));
}

#[test]
fn tags_that_stand_for_other_addresses_are_counted_with_examples() {
    let mut rule = dumped(MANAGEMENT);
    let listed = TagSnapshot::builtin().lookup("ApiManagement").unwrap().addresses.only_v4();
    let mut nets: Vec<String> = listed.to_nets().iter().map(ToString::to_string).collect();
    rule["expandedSourceAddressPrefix"] = json!(nets);
    rule["expandedDestinationAddressPrefix"] = json!(["10.0.0.0/16", "168.63.129.16/32"]);
    let theirs = || {
        // Without the table, which leaves open what `VirtualNetwork` is.
        let mut input = input(&[MANAGEMENT]);
        input[1]["subnets"][0]["routeTable"] = Value::Null;
        input
    };
    let answer = compare(&dump_of(&[rule.clone()]), &theirs());
    assert_eq!(lines(&answer), [""; 0]);
    assert_eq!(answer.compared.tags, 2);

    nets.push("192.0.2.0/28".to_owned());
    rule["expandedSourceAddressPrefix"] = json!(nets[1..]);
    rule["expandedDestinationAddressPrefix"] = json!(["10.0.0.0/16", "10.7.0.0/24", "168.63.129.16/32"]);
    let answer = compare(&dump_of(&[rule]), &theirs());
    assert_eq!(lines(&answer), ["tag ApiManagement", "tag VirtualNetwork"]);
    let first = listed.to_nets()[0];
    let [management, own] = &answer.tags[..] else { panic!("{:?}", answer.tags) };
    assert_eq!((management.more.to_string(), management.less_examples[0]), ("16".to_owned(), first));
    assert_eq!((own.more.to_string(), own.less.to_string()), ("256".to_owned(), "0".to_owned()));
}

/// Routes in force: `source prefix next-hop address?`.
fn routes(routes: &[&str]) -> Value {
    let one = |text: &&str| {
        let words: Vec<&str> = text.split(' ').collect();
        json!({"name": null, "source": words[0], "state": "Active", "addressPrefix": [words[1]],
               "nextHopType": words[2], "nextHopIpAddress": words[3..]})
    };
    json!({"value": routes.iter().map(one).collect::<Vec<_>>()})
}

#[test]
fn routes_of_people_are_compared_and_the_others_explained() {
    const LOCAL: &str = "Default 10.0.0.0/16 VnetLocal";
    const FIREWALL: &str = "User 0.0.0.0/0 VirtualAppliance 10.0.9.4";
    for (in_force, says) in [
        (vec![LOCAL, FIREWALL], vec![]),
        (vec![LOCAL, "Default 0.0.0.0/0 Internet"], vec!["missing-route to-firewall"]),
        (vec![LOCAL, FIREWALL, "User 10.9.0.0/16 None"], vec!["added-route 10.9.0.0/16"]),
        (
            vec![LOCAL, "User 0.0.0.0/0 VirtualAppliance 10.0.9.5"],
            vec!["changed-route to-firewall next hop address 10.0.9.5 / 10.0.9.4"],
        ),
        // S146: the appliance is out of reach.
        (
            vec![LOCAL, "User 0.0.0.0/0 None 10.0.9.4"],
            vec!["changed-route to-firewall next hop None / VirtualAppliance"],
        ),
    ] {
        let answer = compare(&routes(&in_force), &input(&[]));
        assert_eq!(lines(&answer), says);
        assert_eq!(answer.compared.routes, in_force.len());
        assert!(
            answer.routes.iter().any(|one| one.next_hop == "VnetLocal"),
            "the platform's own are explained"
        );
    }
    let mut two = input(&[]);
    let mut second = two[1]["subnets"][0].clone();
    second["id"] = json!(format!("{ROOT}/virtualNetworks/hub/subnets/other"));
    second["routeTable"] = Value::Null;
    two[1]["subnets"].as_array_mut().unwrap().push(second);
    let answer = compare(&routes(&[FIREWALL]), &two);
    assert_eq!(answer.open[0].gap.supply(), Some("--subnet NAME"));
    assert_eq!(lines(&compare_at(&routes(&[FIREWALL]), &two, Some("hub/apim"))), [""; 0]);
    assert_eq!(lines(&compare_at(&routes(&[FIREWALL]), &two, Some("hub/other"))), ["added-route 0.0.0.0/0"]);
}

#[test]
fn a_route_for_a_tag_is_found_by_its_name_where_the_dump_shows_addresses_alone() {
    let mut tagged = input(&[]);
    tagged[2]["routes"] =
        json!([{"name": "apim", "addressPrefix": "ApiManagement", "nextHopType": "Internet"}]);
    let route = |prefixes: &[&str], hop: &str| {
        json!({"name": "Apim", "source": "User", "state": "Active", "addressPrefix": prefixes,
            "nextHopType": hop, "nextHopIpAddress": []})
    };
    let both =
        json!({"value": [route(&["20.37.74.224/31"], "Internet"), route(&["13.64.39.16/32"], "Internet")]});
    assert_eq!(lines(&compare(&both, &tagged)), [""; 0]);
    let other = json!({"value": [route(&["20.37.74.224/31", "13.64.39.16/32"], "None")]});
    assert_eq!(lines(&compare(&other, &tagged)), ["changed-route apim next hop None / Internet"]);
}

fn status(kind: &str, status: &str, optional: bool) -> Value {
    json!([{"location": "West Europe", "networkStatus": {"dnsServers": [], "connectivityStatus": [
        {"name": "endpoint", "status": status, "resourceType": kind, "isOptional": optional, "error": ""}]}}])
}

#[test]
fn the_services_own_status_is_held_against_the_flows() {
    let mut open = input(&[]);
    open[1]["subnets"][0]["routeTable"] = Value::Null;
    let mut closed = open.clone();
    closed[0]["securityRules"] = json!([az_rule(DENY)]);
    for (kind, word, of_open, of_closed) in [
        ("SQLDatabase", "failure", vec!["fails-though-allowed sql-1433"], vec![]),
        ("SQLDatabase", "success", vec![], vec!["reaches-though-blocked sql-1433"]),
        ("BlobStorage", "failure", vec!["fails-though-allowed storage-443"], vec![]),
        (
            "ApiManagement Control Plane - inbound",
            "success",
            vec!["reaches-though-blocked mgmt-3443"],
            vec!["reaches-though-blocked mgmt-3443"],
        ),
        ("Metrics", "failure", vec!["fails-though-allowed monitor-1886"], vec![]),
        ("SomethingNew", "failure", vec![], vec![]),
    ] {
        let found = |input: &Value| lines(&compare(&status(kind, word, false), input));
        assert_eq!(found(&open), of_open, "{kind} {word}");
        assert_eq!(found(&closed), of_closed, "{kind} {word}, closed");
    }
    let waiting = compare(&status("SQLDatabase", "initializing", false), &open);
    assert_eq!((waiting.differences.len(), waiting.open.len()), (0, 1));
    let optional = compare(&status("SQLDatabase", "failure", true), &open);
    assert_eq!(optional.differences[0].kind, Kind::FailsThoughAllowed);
    assert_eq!(optional.differences[0].severity.as_str(), "warning");
    let mut elsewhere = status("SQLDatabase", "failure", false);
    elsewhere[0]["location"] = json!("East US");
    assert_eq!(compare(&elsewhere, &open).open.len(), 1, "a location that the input does not have");
}
