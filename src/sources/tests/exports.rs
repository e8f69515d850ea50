//! Exports of resources as other tools write them, and lists that are not settled: nothing of them is lost
//! without a word.

use super::{assert_lines, codes, input, summary, template};

const SCOPE: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network";

fn unknowns(text: &str) -> Vec<String> {
    input(text).network.unknowns().iter().map(|gap| gap.missing().to_owned()).collect()
}

#[test]
fn resources_below_a_resource_are_read_as_their_own() {
    let text = format!(
        r#"[{{"ResourceId": "{SCOPE}/virtualNetworks/hub", "Id": "{SCOPE}/virtualNetworks/hub", "Name": "hub",
          "ResourceType": "Microsoft.Network/virtualNetworks", "Type": "Microsoft.Network/virtualNetworks",
          "Properties": {{"addressSpace": {{"addressPrefixes": ["10.0.0.0/16"]}}, "subnets": []}},
          "resources": [
            {{"Id": "{SCOPE}/virtualNetworks/hub/subnets/apim", "Name": "apim",
              "Type": "Microsoft.Network/virtualNetworks/subnets",
              "Properties": {{"addressPrefix": "10.0.1.0/24",
                "networkSecurityGroup": {{"id": "{SCOPE}/networkSecurityGroups/n"}}}},
              "resources": []}},
            {{"id": "{SCOPE}/virtualNetworks/hub/virtualNetworkPeerings/far", "name": "far",
              "type": "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
              "properties": {{"allowVirtualNetworkAccess": true, "remoteVirtualNetwork": {{"id": "{SCOPE}/virtualNetworks/far"}}}}}}]}}]"#
    );
    assert_lines(
        &summary(&input(&text).network),
        &[
            "vnet hub 10.0.0.0/16",
            "peering far -> far  true -",
            "subnet hub/apim 10.0.1.0/24 nsg n routes none",
        ],
    );
    assert_eq!(codes(&input(&text)), "");
}

#[test]
fn a_child_whose_id_leaves_segments_out_is_known_by_type_and_name() {
    let subnet = |id: &str, name: &str| {
        format!(
            r#"[{{"id": "{id}", "name": "{name}", "type": "Microsoft.Network/virtualNetworks/subnets",
            "properties": {{"addressPrefix": "10.0.1.0/24"}}}}]"#
        )
    };
    let short = format!("{SCOPE}/hub/subnets/apim");
    let read = input(&subnet(&short, "hub/apim"));
    assert_lines(&summary(&read.network), &["subnet hub/apim 10.0.1.0/24 nsg none routes none"]);
    assert_eq!(read.network.subnets[0].network.as_str(), format!("{SCOPE}/virtualNetworks/hub"));
    // Neither id nor name says which network it is in.
    let lost = input(&subnet(&short, "apim"));
    assert_eq!((summary(&lost.network).len(), &*codes(&lost)), (0, "unknown-reference"));
    assert!(lost.findings[0].message.contains("does not say what it belongs to"), "{:?}", lost.findings);
}

#[test]
fn a_list_of_subnets_that_is_not_settled_is_an_unknown() {
    let network = |subnets: &str| {
        template(&format!(
            "\"parameters\": {{\"more\": {{\"type\": \"array\"}}, \"one\": {{\"type\": \"object\"}}}}, \"resources\": [
              {{\"type\": \"Microsoft.Network/virtualNetworks\", \"name\": \"hub\", \"properties\": {{
                \"addressSpace\": {{\"addressPrefixes\": [\"10.0.0.0/16\"]}}, \"subnets\": {subnets}}}}}]"
        ))
    };
    let whole = "which subnets `hub` has: parameter `more` has no value";
    assert_eq!(unknowns(&network("\"[parameters('more')]\"")), [whole]);
    let known = r#"{"name": "apim", "properties": {"addressPrefix": "10.0.1.0/24"}}"#;
    let item = "which subnets `hub` has: parameter `one` has no value";
    assert_eq!(unknowns(&network(&format!("[{known}, \"[parameters('one')]\"]"))), [item]);
    assert_eq!(unknowns(&network(&format!("[{known}]"))), [""; 0]);
}

#[test]
fn a_subnet_whose_network_is_elsewhere_is_an_unknown() {
    let text = template(
        "\"resources\": [{\"type\": \"Microsoft.Network/virtualNetworks/subnets\", \"name\": \"hub/apim\",
          \"properties\": {\"addressPrefix\": \"10.0.1.0/24\"}}]",
    );
    assert_eq!(unknowns(&text), ["the virtual network `hub`, which is not in the input"]);
}

#[test]
fn what_stands_below_one_name_is_read() {
    let group = format!(r#"{{"id": "{SCOPE}/networkSecurityGroups/n", "name": "n", "securityRules": []}}"#);
    for text in [
        format!("{{\"NewNSG\": {group}}}"),
        format!("{{\"groups\": [{group}]}}"),
        format!("{{\"responses\": {{\"200\": {{\"body\": {{\"NewNSG\": {group}}}}}}}}}"),
        format!(
            "{{\"networkSecurityGroups\": [{{\"networkSecurityGroup\": {group}, \"effectiveSecurityRules\": []}}]}}"
        ),
    ] {
        assert_lines(&summary(&input(&text).network), &["nsg n"]);
    }
    let read =
        |text: &str| crate::sources::read(text.as_bytes(), "x.json", &crate::sources::ReadOptions::default());
    for text in [format!("{{\"a\": {group}, \"b\": 1}}"), "{\"a\": {\"b\": 1}}".to_owned()] {
        assert!(read(&text).unwrap_err().to_string().contains("no known kind of file"), "{text}");
    }
}

#[test]
fn a_route_in_force_may_have_one_prefix_as_a_text() {
    let text = r#"[{"source": "User", "state": "Active", "addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.9.4"}]"#;
    let network = input(text).network;
    let [dump] = &network.effective.routes[..] else { panic!("{:?}", network.effective) };
    let route = &dump.routes[0];
    assert_eq!(route.prefixes.known().unwrap()[0].to_string(), "0.0.0.0/0");
    assert_eq!(route.next_hop_addresses[0].to_string(), "10.0.9.4");
}

#[test]
fn what_an_answer_shows_in_the_place_of_a_reference_is_read() {
    let rule = r#"{"name": "Web", "properties": {"priority": 100, "direction": "Inbound", "access": "Allow",
        "protocol": "Tcp", "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "*",
        "destinationPortRange": "443"}}"#;
    let group = format!(
        r#"{{"id": "{SCOPE}/networkSecurityGroups/n", "properties": {{"securityRules": [{rule}]}}}}"#
    );
    let subnet = format!(
        r#"{{"id": "{SCOPE}/virtualNetworks/hub/subnets/apim", "name": "apim", "properties": {{
          "addressPrefix": "10.0.1.0/24", "networkSecurityGroup": {group},
          "routeTable": {{"id": "{SCOPE}/routeTables/rt", "properties": {{"routes": [{{"name": "out", "properties":
            {{"addressPrefix": "0.0.0.0/0", "nextHopType": "Internet"}}}}]}}}}}}}}"#
    );
    let expected = [
        "subnet hub/apim 10.0.1.0/24 nsg n routes rt",
        "nsg n",
        "  Web: 100 In Allow Tcp *:* -> *:443",
        "route rt/out Net(0.0.0.0/0) Internet",
    ];
    assert_lines(&summary(&input(&subnet).network), &expected);
    // The same group beside it is one group.
    let both = input(&format!("[{subnet}, {group}]"));
    assert_lines(&summary(&both.network), &expected);
    assert_eq!((both.resources.len(), &*codes(&both)), (3, ""));
    // A reference alone, with the empty lists that some tools print, is a group elsewhere.
    let alone = subnet.replace(rule, "").replace("\"routes\": [{", "\"other\": [{");
    assert_eq!(input(&alone).resources.len(), 1);
}
