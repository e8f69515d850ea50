//! What the input leaves open stays open, and what it settles is answered: small templates with one doubt
//! each, the verdict of a packet or a flow, and what the answer lists.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use flowcheck::analyses::{CheckAnswer, CheckOptions, ask_packet, check};
use flowcheck::flows::{ParameterValues, Profile};
use flowcheck::model::{Packet, Verdict};
use flowcheck::network::{Network, PlaceHint};
use flowcheck::sources::{ReadOptions, read};
use flowcheck::tags::TagSnapshot;

/// A template: parameters, rules in the notation `NAME: 100 In Allow Tcp SOURCE:SPORT -> DESTINATION:PORT`
/// (one address and one port a side, as they would stand in the file), properties of the subnet, and further
/// resources.
#[derive(Clone, Copy, Default)]
struct Template<'a> {
    parameters: &'a str,
    rules: &'a [&'a str],
    subnet: &'a str,
    network: &'a str,
    instance: &'a str,
    more: &'a str,
    tier: Option<&'a str>,
}

fn rule(text: &str) -> String {
    let (name, rest) = text.split_once(": ").unwrap();
    let words: Vec<&str> = rest.split_whitespace().collect();
    let [priority, direction, access, protocol, source, "->", destination] = words[..] else {
        panic!("`{text}` is no rule of these tests");
    };
    let (source, source_port) = source.rsplit_once(':').unwrap();
    let (destination, port) = destination.rsplit_once(':').unwrap();
    let priority = if priority.starts_with('[') { format!("\"{priority}\"") } else { priority.to_owned() };
    let direction = if direction == "In" { "Inbound" } else { "Outbound" };
    let list = |value: &str| match value.split_once('|') {
        Some(_) => {
            format!("es\": [{}]", value.split('|').map(|v| format!("\"{v}\"")).collect::<Vec<_>>().join(","))
        }
        None => format!("\": \"{value}\""),
    };
    format!(
        "{{\"name\": \"{name}\", \"properties\": {{\"priority\": {priority}, \"direction\": \"{direction}\", \
         \"access\": \"{access}\", \"protocol\": \"{protocol}\", \"sourcePortRange\": \"{source_port}\", \
         \"destinationPortRange\": \"{port}\", \"sourceAddressPrefix{}, \"destinationAddressPrefix{}}}}}",
        list(source),
        list(destination)
    )
}

impl Template<'_> {
    fn network(&self) -> Network {
        let rules: Vec<String> = self.rules.iter().map(|text| rule(text)).collect();
        let text = format!(
            "{{\"$schema\": \"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#\",
            \"contentVersion\": \"1.0.0.0\", \"parameters\": {{{}}}, \"resources\": [
            {{\"type\": \"Microsoft.Network/networkSecurityGroups\", \"name\": \"nsg\", \"location\": \"westeurope\",
              \"properties\": {{\"securityRules\": [{}]}}}},
            {{\"type\": \"Microsoft.Network/virtualNetworks\", \"name\": \"vnet\", \"location\": \"westeurope\",
              \"properties\": {{\"addressSpace\": {{\"addressPrefixes\": [\"{}\"]}}, \"subnets\": [{{\"name\": \"apim\",
              \"properties\": {{{} \"addressPrefix\": \"{}\", \"networkSecurityGroup\":
              {{\"id\": \"[resourceId('Microsoft.Network/networkSecurityGroups', 'nsg')]\"}}}}}}]}}}},
            {{\"type\": \"Microsoft.ApiManagement/service\", \"name\": \"x\", \"location\": \"westeurope\",
              \"sku\": {{\"name\": \"{}\", \"capacity\": 2}}, \"properties\": {{\"virtualNetworkType\": \"External\", {}
              \"virtualNetworkConfiguration\": {{\"subnetResourceId\":
              \"[resourceId('Microsoft.Network/virtualNetworks/subnets', 'vnet', 'apim')]\"}}}}}} {}]}}",
            self.parameters,
            rules.join(","),
            if self.network.is_empty() { "10.0.0.0/16" } else { self.network },
            self.subnet,
            if self.network.is_empty() { "10.0.1.0/24".to_owned() } else { self.network.replace("0.0/16", "1.0/24") },
            self.tier.unwrap_or("Premium"),
            self.instance,
            self.more,
        );
        read(text.as_bytes(), "t.json", &ReadOptions::default()).unwrap().network
    }

    /// Verdict, deciders and listed switches of a packet, in one line.
    fn packet(&self, packet: &str) -> String {
        let network = self.network();
        let packet: Packet = packet.parse().unwrap();
        let hint = PlaceHint { subnet: Some("apim"), group: None };
        let point = network.place_for(hint, None, TagSnapshot::builtin()).unwrap();
        let answer = ask_packet(&point, &packet);
        let by: Vec<&str> =
            answer.part.outcome.candidates().iter().filter_map(|decider| decider.rule.as_deref()).collect();
        let switches = answer.assumptions.iter().filter_map(|assumption| assumption.switch);
        let switches: String = switches.map(|switch| format!(" {switch}")).collect();
        format!("{} {}{switches}", answer.part.verdict(), by.join(" "))
    }

    fn check(&self) -> CheckAnswer {
        let parameters = ParameterValues::default();
        let options = CheckOptions {
            tags: TagSnapshot::builtin(),
            profile: Profile::newest(),
            parameters: &parameters,
            features: &[],
        };
        check(&self.network(), &options)
    }

    fn flow(&self, id: &str) -> (Verdict, bool) {
        let answer = self.check();
        let flow = answer.instances[0].flows.iter().find(|flow| flow.row.id == id).unwrap();
        (flow.verdict, flow.certainly_lost)
    }
}

const P: &str = "\"p\": {\"type\": \"string\"}";
const N: &str = "\"n\": {\"type\": \"int\"}";

#[test]
fn a_child_rule_whose_group_hangs_on_a_parameter_may_belong_to_any() {
    let child = |name: &str| {
        format!(
            ", {{\"type\": \"Microsoft.Network/networkSecurityGroups/securityRules\", \"name\": \"{name}\",
            \"properties\": {{\"priority\": 150, \"direction\": \"Inbound\", \"access\": \"Deny\", \"protocol\": \"Tcp\",
            \"sourceAddressPrefix\": \"Internet\", \"sourcePortRange\": \"*\", \"destinationAddressPrefix\": \"*\",
            \"destinationPortRange\": \"443\"}}}}"
        )
    };
    for (name, answer) in [
        ("[concat(parameters('p'), '/child')]", "unknown child web"),
        ("nsg/child", "blocked child"),
        ("other/child", "allowed web"),
        ("[concat('app-', parameters('p'), '/child')]", "allowed web"),
    ] {
        let more = child(name);
        let template = Template {
            parameters: P,
            rules: &["web: 200 In Allow Tcp Internet:* -> *:443"],
            more: &more,
            ..Template::default()
        };
        assert_eq!(template.packet("In Tcp 8.8.8.8 -> 10.0.1.5:443"), answer, "{name}");
    }
}

#[test]
fn a_priority_without_a_value_stands_before_the_defaults() {
    let rules = ["a: [parameters('n')] In Allow Tcp Internet:* -> *:22", "b: 300 In Deny Tcp *:* -> *:23"];
    let template = Template { parameters: N, rules: &rules, ..Template::default() };
    assert_eq!(template.packet("In Tcp 8.8.8.8 -> 10.0.1.5:22"), "allowed a");
    assert_eq!(template.packet("In Tcp 8.8.8.8 -> 10.0.1.5:23"), "blocked b");
    let rules = [rules[0], "b: 300 In Deny Tcp *:* -> *:22"];
    let template = Template { parameters: N, rules: &rules, ..Template::default() };
    assert_eq!(template.packet("In Tcp 8.8.8.8 -> 10.0.1.5:22"), "unknown a b");
}

#[test]
fn a_destination_without_a_value_may_be_a_tag_of_the_platform() {
    for (access, answer) in [("Deny", "unknown d"), ("Allow", "allowed ")] {
        let rule = format!("d: 100 Out {access} * *:* -> [parameters('p')]:*");
        let template = Template { parameters: P, rules: &[&rule], ..Template::default() };
        assert_eq!(template.packet("Out Udp 10.0.1.5 -> 168.63.129.16:53"), answer, "{access}"); // S102
        assert_eq!(template.packet("Out Tcp 10.0.1.5 -> 168.63.129.16:80"), "allowed ", "{access}"); // S101
    }
}

#[test]
fn other_readings_are_listed_where_they_would_change_the_verdict() {
    let asg = ", {\"type\": \"Microsoft.Network/applicationSecurityGroups\", \"name\": \"a\", \"location\": \"westeurope\"},
        {\"type\": \"Microsoft.Network/networkInterfaces\", \"name\": \"i\", \"properties\": {\"ipConfigurations\": [{\"properties\": {
        \"privateIPAddress\": \"10.0.1.7\", \"applicationSecurityGroups\": [{\"id\":
        \"[resourceId('Microsoft.Network/applicationSecurityGroups', 'a')]\"}]}}]}},
        {\"type\": \"Microsoft.Network/networkSecurityGroups/securityRules\", \"name\": \"nsg/group\", \"properties\": {
        \"priority\": 100, \"direction\": \"Inbound\", \"access\": \"Deny\", \"protocol\": \"Tcp\", \"sourcePortRange\": \"*\",
        \"sourceApplicationSecurityGroups\": [{\"id\": \"[resourceId('Microsoft.Network/applicationSecurityGroups', 'a')]\"}],
        \"destinationAddressPrefix\": \"*\", \"destinationPortRange\": \"443\"}}";
    let twin = ", {\"type\": \"Microsoft.Network/networkSecurityGroups/securityRules\", \"name\": \"nsg/web\", \"properties\": {
        \"priority\": 200, \"direction\": \"Inbound\", \"access\": \"Deny\", \"protocol\": \"Tcp\", \"sourcePortRange\": \"*\",
        \"sourceAddressPrefix\": \"Internet\", \"destinationAddressPrefix\": \"*\", \"destinationPortRange\": \"443\"}}";
    let out = ["no: 100 Out Deny * *:* -> Internet:443", "yes: 110 Out Allow * *:* -> *:443"];
    let plain = Template::default();
    let cases: &[(Template<'_>, &str, &str)] = &[
        // U7: a tag in a list; the rule may be refused whole.
        (
            Template { rules: &["d: 100 In Deny Tcp 10.0.0.0/16|VirtualNetwork:* -> *:443"], ..plain },
            "In Tcp 10.0.0.9 -> 10.0.1.5:443",
            "blocked d U7",
        ),
        (
            Template { rules: &["d: 100 In Deny Tcp 10.9.0.0/16|VirtualNetwork:* -> *:443"], ..plain },
            "In Tcp 8.8.8.8 -> 10.0.1.5:443",
            "blocked DenyAllInBound",
        ),
        // U10: host bits, and a packet that is outside under every reading.
        (
            Template { rules: &["d: 100 In Deny Tcp 10.0.0.9/24:* -> *:443"], ..plain },
            "In Tcp 10.0.0.7 -> 10.0.1.5:443",
            "blocked d U10",
        ),
        (
            Template { rules: &["d: 100 In Deny Tcp 10.9.0.9/24:* -> *:443"], ..plain },
            "In Tcp 10.0.0.9 -> 10.0.1.5:443",
            "allowed AllowVnetInBound",
        ),
        // U13: the group is on the other side, and the resource is no member of it.
        (Template { more: asg, ..plain }, "In Tcp 10.0.1.7 -> 10.0.1.5:443", "blocked group U13"),
        (Template { more: asg, ..plain }, "In Tcp 10.0.1.7 -> 10.0.1.7:443", "blocked group"),
        // U20: a block that one recording of Internet holds and another does not.
        (Template { rules: &out, ..plain }, "Out Tcp 10.0.1.5 -> 13.96.0.1:443", "blocked no U20"),
        (Template { rules: &out, ..plain }, "Out Tcp 10.0.1.5 -> 8.8.8.8:443", "blocked no"),
        // U20 and U21: a public prefix of the network.
        (
            Template { rules: &["d: 100 In Deny * Internet:* -> *:443"], network: "20.50.0.0/16", ..plain },
            "In Tcp 20.50.0.9 -> 20.50.1.5:443",
            "blocked d U20 U21",
        ),
        // U27: an inline rule and a child of one name.
        (
            Template { rules: &["web: 200 In Allow Tcp Internet:* -> *:443"], more: twin, ..plain },
            "In Tcp 8.8.8.8 -> 10.0.1.5:443",
            "blocked web U27",
        ),
    ];
    for (template, packet, answer) in cases {
        assert_eq!(template.packet(packet), *answer, "{packet} {:?}", template.rules);
    }
}

#[test]
fn flows_are_settled_where_no_value_would_change_them_and_open_elsewhere() {
    let web = "web: 110 In Allow Tcp Internet:* -> *:443";
    let management = "m: 120 In Allow Tcp ApiManagement:* -> *:3443";
    let hosts =
        ["d: 100 Out Deny Tcp 10.0.1.0/25:* -> [parameters('p')]:80", "e: 101 Out Deny Tcp *:* -> Sql:80"];
    let cases: &[(&[&str], &str, Verdict, bool)] = &[
        // Some of the hosts may be open to everybody, or none: it hangs on the parameter.
        (&[hosts[0], hosts[1], web, management], "cert-http-80", Verdict::Unknown, false),
        // The control plane's core is blocked for half of the subnet whatever the parameter is.
        (
            &[web, "m: 120 In Allow Tcp [parameters('p')]:* -> 10.0.1.0/25:3443"],
            "mgmt-3443",
            Verdict::Blocked,
            false,
        ),
        // Half of the subnet is certainly cut off from the vault: nothing makes the flow whole.
        (
            &[
                web,
                management,
                "k: 100 Out Allow Tcp 10.0.1.0/25:* -> [parameters('p')]:443",
                "z: 200 Out Deny * *:* -> *:*",
            ],
            "keyvault-443",
            Verdict::Unknown,
            true,
        ),
    ];
    for (rules, id, verdict, lost) in cases {
        let template = Template { parameters: P, rules, ..Template::default() };
        assert_eq!(template.flow(id), (*verdict, *lost), "{id}");
    }
}

#[test]
fn added_locations_without_a_value_leave_open_what_only_several_regions_need() {
    let rules =
        ["m: 110 In Allow Tcp ApiManagement:* -> *:3443", "c: 111 In Allow Tcp 203.0.113.0/24:* -> *:443"];
    let template = Template {
        parameters: "\"b\": {\"type\": \"array\"}",
        rules: &rules,
        instance: "\"additionalLocations\": \"[parameters('b')]\",",
        ..Template::default()
    };
    assert_eq!(template.check().instances.len(), 1);
    assert_eq!(template.flow("tm-443").0, Verdict::Unknown);
    assert_eq!(template.flow("mgmt-3443").0, Verdict::Allowed);
}

#[test]
fn routes_that_are_not_shown_leave_the_answer_open() {
    for table in [
        "\"routeTable\": {\"id\": \"[resourceId('Microsoft.Network/routeTables', 'rt')]\"},",
        "\"routeTable\": {\"id\": \"[parameters('p')]\"},",
    ] {
        let template = Template { parameters: P, subnet: table, ..Template::default() };
        // A default route may widen VirtualNetwork, so the default rule may let anyone in (S74, T7).
        assert_eq!(
            template.packet("In Tcp 8.8.8.8 -> 10.0.1.5:3389"),
            "unknown AllowVnetInBound DenyAllInBound"
        );
    }
}

#[test]
fn a_tier_without_a_value_is_taken_as_premium_in_the_mode_that_is_written() {
    let template = Template { parameters: P, tier: Some("[parameters('p')]"), ..Template::default() };
    let answer = template.check();
    assert_eq!(answer.instances[0].mode.as_str(), "external");
    assert_eq!(template.flow("client-https").0, Verdict::Blocked);
}
