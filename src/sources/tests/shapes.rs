//! Templates, REST and az: the same resources in all their forms.

use super::super::{Input, InputKind, ReadOptions, read};
use super::{assert_lines, codes, input, summary, supply, template};
use crate::model::Fact;

const NSG: &str = "Microsoft.Network/networkSecurityGroups";
const GROUP: &str = "/subscriptions/s/resourceGroups/g/providers";

/// The fields of a rule as JSON.
fn rule(priority: u32, port: &str) -> String {
    format!(
        "\"protocol\": \"Tcp\", \"access\": \"Allow\", \"direction\": \"Inbound\", \"priority\": {priority}, \
         \"sourcePortRange\": \"*\", \"destinationPortRange\": \"{port}\", \
         \"sourceAddressPrefix\": \"ApiManagement\", \"destinationAddressPrefix\": \"VirtualNetwork\""
    )
}

/// A template with a group, a network and an instance, and more resources behind them.
fn usual(more: &str) -> String {
    let rule = rule(110, "3443");
    template(&format!(
        "\"resources\": [
  {{\"type\": \"{NSG}\", \"name\": \"apim-nsg\", \"location\": \"West Europe\",
    \"properties\": {{\"securityRules\": [{{\"name\": \"Mgmt\", \"properties\": {{{rule}}}}}]}}}},
  {{\"type\": \"Microsoft.Network/virtualNetworks\", \"name\": \"hub\", \"properties\": {{
    \"addressSpace\": {{\"addressPrefixes\": [\"10.0.0.0/16\"]}},
    \"dhcpOptions\": {{\"dnsServers\": [\"10.0.0.4\"]}},
    \"subnets\": [{{\"name\": \"apim\", \"properties\": {{\"addressPrefix\": \"10.0.1.0/24\",
      \"networkSecurityGroup\": {{\"id\": \"[resourceId('{NSG}', 'apim-nsg')]\"}}}}}}]}}}},
  {{\"type\": \"Microsoft.ApiManagement/service\", \"name\": \"contoso\", \"location\": \"westeurope\",
    \"sku\": {{\"name\": \"Premium\", \"capacity\": 2}}, \"properties\": {{\"virtualNetworkType\": \"External\",
    \"virtualNetworkConfiguration\": {{\"subnetResourceId\":
      \"[resourceId('Microsoft.Network/virtualNetworks/subnets', 'hub', 'apim')]\"}}}}}}{more}]"
    ))
}

#[test]
fn a_template_joins_instance_subnet_and_group() {
    let input = input(&usual(""));
    assert_lines(
        &summary(&input.network),
        &[
            "vnet hub 10.0.0.0/16",
            "subnet hub/apim 10.0.1.0/24 nsg apim-nsg routes none",
            "nsg apim-nsg",
            "  Mgmt: 110 In Allow Tcp ApiManagement:* -> VirtualNetwork:3443",
            "apim contoso Premium external westeurope apim x2",
        ],
    );
    assert_eq!((codes(&input), input.kind), (String::new(), InputKind::Template));
    let network = &input.network;
    let Fact::Known(Some(subnet)) = &network.instances[0].primary.subnet else { panic!() };
    let group = network.security_group_of(network.subnet(subnet).unwrap());
    assert_eq!(group.known().unwrap().unwrap().name(), "apim-nsg");
    assert_eq!(network.security_groups[0].rules.rules.len(), 7); // S5: one of its own and six defaults
    assert_eq!(network.security_groups[0].rules.rules[0].origin.line, 3);
    assert_eq!(network.regions.len(), 1);
    assert_eq!(network.virtual_networks[0].dns_servers.known().unwrap().len(), 1);
}

#[test]
fn child_rules_join_their_group_and_win_over_inline_ones() {
    let (same, other) = (rule(120, "443"), rule(130, "80"));
    let more = format!(
        ", {{\"type\": \"{NSG}/securityRules\", \"name\": \"apim-nsg/mgmt\", \"properties\": {{{same}}}}},
           {{\"type\": \"{NSG}/securityRules\", \"name\": \"apim-nsg/Other\", \"properties\": {{{other}}}}}"
    );
    let input = input(&usual(&more));
    let lines = summary(&input.network);
    assert_lines(
        &lines[2..5],
        &[
            "nsg apim-nsg",
            "  mgmt: 120 In Allow Tcp ApiManagement:* -> VirtualNetwork:443",
            "  Other: 130 In Allow Tcp ApiManagement:* -> VirtualNetwork:80",
        ],
    );
    assert_eq!(codes(&input), "same-rule-twice"); // U27
}

#[test]
fn what_may_not_be_deployed_is_in_doubt() {
    let fields = rule(120, "443");
    let text = template(&format!(
        "\"parameters\": {{\"on\": {{\"type\": \"bool\"}}}}, \"resources\": [
          {{\"type\": \"{NSG}\", \"name\": \"a\", \"condition\": \"[parameters('on')]\", \"properties\": {{}}}},
          {{\"type\": \"{NSG}\", \"name\": \"b\", \"properties\": {{}}}},
          {{\"type\": \"{NSG}/securityRules\", \"name\": \"b/r\", \"condition\": \"[parameters('on')]\", \"properties\": {{{fields}}}}},
          {{\"type\": \"Microsoft.Network/virtualNetworks/subnets\", \"name\": \"v/s\", \"condition\": \"[parameters('on')]\", \"properties\": {{\"addressPrefix\": \"10.0.0.0/24\"}}}},
          {{\"type\": \"Microsoft.ApiManagement/service\", \"name\": \"x\", \"condition\": \"[parameters('on')]\", \"sku\": {{\"name\": \"Basic\"}}}}]"
    ));
    let read_with = |set: &[(String, String)]| {
        let options = ReadOptions { set: set.to_vec(), ..ReadOptions::default() };
        read(text.as_bytes(), "main.json", &options).unwrap()
    };
    assert_lines(
        &summary(&read_with(&[]).network),
        &[
            "subnet v/s ? nsg ? routes ?",
            "nsg a ? whether the network security group `a` is deployed: parameter `on` has no value",
            "nsg b",
            "  r: 120 In Allow Tcp ApiManagement:* -> VirtualNetwork:443 ?",
            "apim x Basic none ? none x1 ?",
        ],
    );
    let off = read_with(&[("on".to_owned(), "false".to_owned())]);
    assert_eq!((summary(&off.network), off.dropped), (vec!["nsg b".to_owned()], 4));
}

#[test]
fn a_reference_that_leads_out_of_the_input_is_never_absent() {
    let group_of = |reference: &str| {
        let text = template(&format!(
            "\"parameters\": {{\"nsgId\": {{\"type\": \"string\"}}}}, \"resources\": [
            {{\"type\": \"Microsoft.Network/virtualNetworks/subnets\", \"name\": \"v/s\", \"properties\": {{
            \"addressPrefix\": \"10.0.0.0/24\", \"networkSecurityGroup\": {reference}}}}}]"
        ));
        let input = input(&text);
        let subnet = &input.network.subnets[0];
        match input.network.security_group_of(subnet) {
            Fact::Unknown(gap) => format!("{} ! {}", gap.missing(), supply(&gap)),
            Fact::Known(group) => format!("{:?}", group.map(|group| group.name().to_owned())),
        }
    };
    assert_eq!(group_of("null"), "None");
    assert_eq!(group_of("{}"), "None");
    assert_eq!(
        group_of(&format!("{{\"id\": \"{GROUP}/{NSG}/shared-nsg\"}}")),
        format!(
            "the network security group `shared-nsg`, which is not in the input ! \
             az network nsg show --ids {GROUP}/{NSG}/shared-nsg"
        )
    );
    assert_eq!(
        group_of(&format!("{{\"id\": \"[resourceId('net-rg', '{NSG}', 'shared-nsg')]\"}}")),
        "the network security group `shared-nsg`, which is not in the input ! \
         az network nsg show --resource-group net-rg --name shared-nsg"
    );
    assert_eq!(
        group_of("{\"id\": \"[parameters('nsgId')]\"}"),
        "parameter `nsgId` has no value ! --set nsgId=VALUE"
    );
    assert!(group_of("5").starts_with("the `networkSecurityGroup` of `s`, which is an integer"));
}

#[test]
fn a_group_that_only_child_rules_name_has_other_rules_too() {
    let fields = rule(120, "443");
    let text = template(&format!(
        "\"resources\": [{{\"type\": \"{NSG}/securityRules\", \"name\": \"shared/r\", \"properties\": {{{fields}}}}}]"
    ));
    let lines = summary(&input(&text).network);
    assert_eq!(lines[0], "nsg shared ? the network security group `shared`, which is not in the input");
}

#[test]
fn a_list_of_rules_that_is_not_settled_puts_the_group_in_doubt() {
    let text = template(&format!(
        "\"parameters\": {{\"rules\": {{\"type\": \"array\"}}}}, \"resources\": [
        {{\"type\": \"{NSG}\", \"name\": \"n\", \"properties\": {{\"securityRules\": \"[parameters('rules')]\"}}}}]"
    ));
    assert_eq!(summary(&input(&text).network), ["nsg n ? parameter `rules` has no value"]);
}

#[test]
fn what_only_the_deployment_settles_says_how_to_supply_it() {
    let text = template(
        "\"parameters\": {\"sku\": {\"type\": \"string\"}, \"added\": {\"type\": \"array\"}}, \"resources\": [
        {\"type\": \"Microsoft.ApiManagement/service\", \"name\": \"x\", \"location\": \"[resourceGroup().location]\",
         \"sku\": {\"name\": \"[parameters('sku')]\"}, \"properties\": {\"virtualNetworkType\": \"Internal\",
         \"additionalLocations\": \"[parameters('added')]\"}}]",
    );
    let input = input(&text);
    assert_lines(&summary(&input.network), &["apim x ? internal ? none x1"]);
    let instance = &input.network.instances[0];
    assert_eq!(instance.primary.region.gap().map(supply), Some("--region REGION"));
    assert_eq!(instance.tier.gap().map(supply), Some("--set sku=VALUE"));
    assert_eq!(instance.added_gap.as_ref().map(supply), Some("--set added=VALUE"));
    assert_eq!(input.missing.len(), 2);
}

#[test]
fn symbolic_names_and_existing_resources() {
    let text = template(&format!(
        "\"languageVersion\": \"2.0\", \"resources\": {{
        \"shared\": {{\"existing\": true, \"type\": \"{NSG}\", \"name\": \"shared\"}},
        \"subnet\": {{\"type\": \"Microsoft.Network/virtualNetworks/subnets\", \"name\": \"v/s\", \"properties\": {{
          \"addressPrefixes\": [\"10.0.0.0/24\", \"fd00::/64\"],
          \"networkSecurityGroup\": {{\"id\": \"[resourceId('{NSG}', 'shared')]\"}}}}}}}}"
    ));
    let input = input(&text);
    assert_lines(&summary(&input.network), &["subnet v/s 10.0.0.0/24,fd00::/64 nsg shared routes none"]);
    let gap = input.network.security_group_of(&input.network.subnets[0]);
    assert!(gap.gap().is_some_and(|gap| supply(gap).starts_with("az network nsg show")));
}

#[test]
fn a_subnet_of_its_own_wins_and_a_silent_one_leaves_the_group_open() {
    let own = |fields: &str| {
        let more = format!(
            ", {{\"type\": \"Microsoft.Network/virtualNetworks/subnets\", \"name\": \"hub/apim\", \"properties\": {{\"addressPrefix\": \"10.0.1.0/24\"{fields}}}}}"
        );
        let input = input(&usual(&more));
        (summary(&input.network)[1].clone(), codes(&input))
    };
    let nsg =
        |name: &str| format!(", \"networkSecurityGroup\": {{\"id\": \"[resourceId('{NSG}', '{name}')]\"}}");
    let line = |nsg: &str| format!("subnet hub/apim 10.0.1.0/24 nsg {nsg} routes none");
    assert_eq!(own(&nsg("apim-nsg")), (line("apim-nsg"), String::new()));
    assert_eq!(own(&nsg("other")), (line("other"), "duplicate-resource".to_owned()));
    assert_eq!(own(""), (line("?"), "duplicate-resource".to_owned()));
}

#[test]
fn routes_and_peerings_inline_and_as_resources() {
    let text = template(
        "\"resources\": [
        {\"type\": \"Microsoft.Network/routeTables\", \"name\": \"rt\", \"properties\": {\"routes\": [
          {\"name\": \"a\", \"properties\": {\"addressPrefix\": \"0.0.0.0/0\", \"nextHopType\": \"VirtualAppliance\", \"nextHopIpAddress\": \"10.0.0.4\"}}]}},
        {\"type\": \"Microsoft.Network/routeTables/routes\", \"name\": \"rt/b\", \"properties\": {\"addressPrefix\": \"ApiManagement\", \"nextHopType\": \"Internet\"}},
        {\"type\": \"Microsoft.Network/routeTables/routes\", \"name\": \"elsewhere/c\", \"properties\": {}},
        {\"type\": \"Microsoft.Network/virtualNetworks\", \"name\": \"v\", \"properties\": {\"addressSpace\": {\"addressPrefixes\": [\"10.0.0.1/16\"]}}},
        {\"type\": \"Microsoft.Network/virtualNetworks/virtualNetworkPeerings\", \"name\": \"v/p\", \"properties\": {
          \"allowVirtualNetworkAccess\": true, \"remoteVirtualNetwork\": {\"id\": \"[resourceId('Microsoft.Network/virtualNetworks', 'w')]\"},
          \"remoteAddressSpace\": {\"addressPrefixes\": [\"10.1.0.0/16\"]}}}]",
    );
    let input = input(&text);
    assert_lines(
        &summary(&input.network),
        &[
            "vnet v 10.0.0.0/16",
            "peering p -> w 10.1.0.0/16 true -",
            "route rt/a Net(0.0.0.0/0) VirtualAppliance",
            "route rt/b Tag(\"ApiManagement\") Internet",
        ],
    );
    assert_eq!(codes(&input), "unknown-reference host-bits");
}

#[test]
fn of_two_declarations_of_a_table_a_route_of_one_alone_is_open() {
    let table = |routes: &str| {
        format!(
            "{{\"type\": \"Microsoft.Network/routeTables\", \"name\": \"rt\", \"properties\": {{\"routes\": [{routes}]}}}}"
        )
    };
    let route = |name: &str, prefix: &str, hop: &str| {
        format!(
            "{{\"name\": \"{name}\", \"properties\": {{\"addressPrefix\": \"{prefix}\", \"nextHopType\": \"{hop}\"}}}}"
        )
    };
    let read = |first: &str, second: &str| {
        let input = input(&template(&format!("\"resources\": [{}, {}]", table(first), table(second))));
        (summary(&input.network).join("; "), codes(&input))
    };
    let (a, b) = (route("a", "20.0.0.0/8", "None"), route("b", "30.0.0.0/8", "Internet"));
    let [known_a, open_a] = ["None", "?"].map(|hop| format!("route rt/a Net(20.0.0.0/8) {hop}"));
    let [known_b, open_b] = ["Internet", "?"].map(|hop| format!("route rt/b Net(30.0.0.0/8) {hop}"));
    for (first, second, expected, found) in [
        (a.clone(), route("A", "20.0.0.0/8", "None"), known_a.clone(), ""),
        (a.clone(), b.clone(), format!("{open_a}; {open_b}"), "duplicate-resource"),
        (format!("{a}, {b}"), b.clone(), format!("{known_b}; {open_a}"), "duplicate-resource"),
        (a.clone(), format!("{b}, {a}"), format!("{known_a}; {open_b}"), "duplicate-resource"),
        (a, route("a", "20.0.0.0/8", "Internet"), format!("{open_a}; {open_a}"), "duplicate-resource"),
    ] {
        assert_eq!(read(&first, &second), (expected, found.to_owned()), "{first} and {second}");
    }
}

#[test]
fn instances_of_every_kind() {
    let service = |name: &str, sku: &str, network: &str| {
        format!(
            "{{\"type\": \"Microsoft.ApiManagement/service\", \"name\": \"{name}\", \"location\": \"westeurope\", \"sku\": {{{sku}}}, \"properties\": {{{network}}}}}"
        )
    };
    let list = [
        service("old", "\"name\": \"developer\"", "\"virtualNetworkType\": \"internal\", \"platformVersion\": \"stv1\""),
        service(
            "two",
            "\"name\": \"Premium\", \"capacity\": \"1\"",
            "\"virtualNetworkType\": \"External\", \"additionalLocations\": [{\"location\": \"North Europe\", \"sku\": {\"name\": \"Premium\", \"capacity\": 3}, \"virtualNetworkConfiguration\": {\"subnetResourceId\": \"/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n\"}}]",
        ),
        service("v2", "\"name\": \"PremiumV2\"", "\"virtualNetworkType\": \"Internal\""),
        service("odd", "\"name\": \"Isolated\"", "\"virtualNetworkType\": \"Sideways\""),
        service("none", "\"name\": \"Basic\"", "\"hostnameConfigurations\": [{\"keyVaultId\": \"https://v/s\"}, {\"certificateSource\": \"managed\"}]"),
        "{\"type\": \"Microsoft.ApiManagement/gateways\", \"name\": \"team\", \"location\": \"westeurope\", \"sku\": {\"name\": \"WorkspaceGatewayPremium\", \"capacity\": 1}, \"properties\": {\"virtualNetworkType\": \"Internal\", \"backend\": {\"subnet\": {\"id\": \"/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/ws\"}}}}".to_owned(),
        "{\"type\": \"Microsoft.ApiManagement/service/loggers\", \"name\": \"none/hub\", \"properties\": {\"loggerType\": \"azureEventHub\"}}".to_owned(),
    ];
    let input = input(&template(&format!("\"resources\": [{}]", list.join(", "))));
    assert_lines(
        &summary(&input.network),
        &[
            "apim old Developer internal westeurope none x1",
            "apim two Premium external westeurope none x1 + northeurope n x3",
            "apim v2 PremiumV2 injected westeurope none x1",
            "apim odd ? ? westeurope none x1",
            "apim none Basic none westeurope none x1 custom-domain-kv managed-cert eventhub-log",
            "apim team Workspace injected westeurope ws x1",
        ],
    );
    assert_eq!(codes(&input), "word-value word-value");
    assert_eq!(input.network.regions.len(), 2);
    assert_eq!(input.network.instances[0].platform, crate::model::Platform::Stv1);
    assert_eq!(input.network.instances[3].tier.gap().map(supply), Some("--tier TIER"));
}

/// The same group as REST and as az write it.
fn group(flat: bool) -> String {
    let fields = rule(110, "3443");
    let rule = if flat { fields } else { format!("\"properties\": {{{fields}}}") };
    let id = format!("{GROUP}/{NSG}/apim-nsg");
    let inner = format!(
        "\"securityRules\": [{{\"name\": \"Mgmt\", {rule}}}],
         \"defaultSecurityRules\": [],
         \"subnets\": [{{\"id\": \"{GROUP}/Microsoft.Network/virtualNetworks/hub/subnets/apim\"}}]"
    );
    let inner = if flat { inner } else { format!("\"properties\": {{{inner}}}") };
    format!("{{\"id\": \"{id}\", \"name\": \"apim-nsg\", \"location\": \"westeurope\", {inner}}}")
}

const VNET: &str = "{\"id\": \"/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/hub\",
    \"addressSpace\": {\"addressPrefixes\": [\"10.0.0.0/16\"]},
    \"subnets\": [{\"id\": \"/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/hub/subnets/apim\",
      \"name\": \"apim\", \"addressPrefix\": \"10.0.1.0/24\", \"networkSecurityGroup\": null}]}";

#[test]
fn az_and_rest_give_the_same_in_all_their_lists() {
    let expected = ["nsg apim-nsg", "  Mgmt: 110 In Allow Tcp ApiManagement:* -> VirtualNetwork:3443"];
    for flat in [true, false] {
        let one = group(flat);
        for text in [
            one.clone(),
            format!("[{one}]"),
            format!("{{\"value\": [{one}]}}"),
            format!("[[{one}], [null]]"),
            format!("{{\"count\": 1, \"data\": [{one}], \"skip_token\": null}}"),
            format!("\u{feff}{one}"),
            format!("{{- Finished ..{}", &one[1..]),
        ] {
            let input = input(&text);
            assert_lines(&summary(&input.network), &expected);
            assert_eq!((codes(&input), input.kind), (String::new(), InputKind::AzureJson), "{text}");
        }
    }
}

#[test]
fn a_group_beside_a_network_is_joined_by_its_back_reference() {
    for input in [
        input(&format!("[{}, {VNET}]", group(true))),
        Input::join_all(vec![input(&group(false)), input(VNET)]).unwrap(),
        Input::join_all(vec![input(VNET), input(&group(true))]).unwrap(),
    ] {
        let subnet = &input.network.subnets[0];
        let group = input.network.security_group_of(subnet); // S58
        assert_eq!(group.known().unwrap().unwrap().name(), "apim-nsg");
        assert_eq!(codes(&input), "");
    }
}

#[test]
fn lists_of_rules_are_a_group_and_one_rule_is_not() {
    let id = |name: &str| format!("\"id\": \"{GROUP}/{NSG}/apim-nsg/{name}\"");
    let custom = format!("{{{}, \"name\": \"Mgmt\", {}}}", id("securityRules/Mgmt"), rule(110, "3443"));
    let default = format!(
        "{{{}, \"name\": \"AllowVnetInBound\", {}}}",
        id("defaultSecurityRules/AllowVnetInBound"),
        rule(65_000, "1")
    );
    let list = input(&format!("[{custom}, {default}]"));
    assert_lines(
        &summary(&list.network),
        &["nsg apim-nsg", "  Mgmt: 110 In Allow Tcp ApiManagement:* -> VirtualNetwork:3443"],
    );
    let rules = &list.network.security_groups[0].rules.rules;
    assert_eq!(rules.len(), 7); // the default rule that is shown is used, five are added (S5)
    assert!(rules.iter().any(|rule| rule.is_default() && rule.to_string().ends_with(":1")));
    let alone = input(&custom);
    assert!(alone.network.security_groups[0].doubt.is_some());
}

#[test]
fn a_list_that_is_not_whole_says_so() {
    let one = group(false);
    let input = input(&format!("{{\"value\": [{one}], \"nextLink\": \"https://next\"}}"));
    assert_eq!(codes(&input), "unknown-reference");
}

#[test]
fn apim_show_and_an_interface_in_a_group() {
    let asg = format!("{GROUP}/Microsoft.Network/applicationSecurityGroups/Web");
    let nic = |name: &str, address: &str| {
        format!(
            "{{\"id\": \"{GROUP}/Microsoft.Network/networkInterfaces/{name}\", \"ipConfigurations\": [
            {{\"privateIPAddress\": {address}, \"applicationSecurityGroups\": [{{\"id\": \"{asg}\"}}]}}]}}"
        )
    };
    let apim = "{\"type\": \"Microsoft.ApiManagement/service\", \"name\": \"c\", \"location\": \"West Europe\",
        \"sku\": {\"name\": \"Premium\", \"capacity\": 1}, \"virtualNetworkType\": \"Internal\", \"additionalLocations\": null,
        \"virtualNetworkConfiguration\": {\"subnetResourceId\": \"/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/hub/subnets/apim\"}}";
    let group = format!("{{\"id\": \"{asg}\", \"name\": \"Web\"}}");
    let whole = input(&format!("[{apim}, {group}, {}]", nic("a", "\"10.0.0.9\"")));
    assert_lines(&summary(&whole.network), &["apim c Premium internal westeurope apim x1"]);
    let members = whole.network.groups.values().next().unwrap();
    assert_eq!((members.certain.len(), members.gap.is_some()), (1, false));
    // A member without an address leaves the others known; a group declared elsewhere is not known (S50).
    let open = input(&format!("[{group}, {}, {}]", nic("a", "\"10.0.0.9\""), nic("b", "null")));
    let members = open.network.groups.values().next().unwrap();
    assert_eq!((members.certain.len(), members.gap.is_some()), (1, true));
    assert!(input(&nic("a", "\"10.0.0.9\"")).network.groups.is_empty());
}

/// A group written out where its id belongs is neither that group nor none.
#[test]
fn a_group_without_an_id_is_not_settled() {
    let subnet = |group: &str| {
        template(&format!(
            "\"resources\": [{{\"type\": \"Microsoft.Network/virtualNetworks/subnets\", \"name\": \"v/s\",
               \"properties\": {{\"addressPrefix\": \"10.0.0.0/24\", \"networkSecurityGroup\": {group}}}}}]"
        ))
    };
    for (group, state, found) in [
        ("{\"properties\": {\"securityRules\": []}}", "?", "unknown-reference"),
        ("{\"id\": null}", "none", ""),
        ("{}", "none", ""),
        ("null", "none", ""),
    ] {
        let input = input(&subnet(group));
        assert_eq!(summary(&input.network)[0], format!("subnet v/s 10.0.0.0/24 nsg {state} routes none"));
        assert_eq!(codes(&input), found, "{group}");
    }
}

/// The line to edit of a rule that a loop makes: the element of the list, or the loop where the name is
/// worked out there.
#[test]
fn a_rule_of_a_loop_stands_in_the_element_that_it_is_made_of() {
    let text = |name: &str| {
        format!(
            r#"{{"contentVersion": "1.0.0.0", "parameters": {{"rules": {{"type": "array", "defaultValue": [
  {{"name": "a", "port": "443"}},
  {{"name": "b", "port": "80"}}]}}}},
"resources": [{{"type": "{NSG}", "name": "n", "properties": {{
  "copy": [{{"name": "securityRules", "count": "[length(parameters('rules'))]", "input":
    {{"name": "{name}", "properties": {{
      "priority": "[add(100, copyIndex('securityRules'))]", "direction": "Inbound", "access": "Allow",
      "protocol": "Tcp", "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "*",
      "destinationPortRange": "[parameters('rules')[copyIndex('securityRules')].port]"}}}}}}]}}}}]}}"#
        )
    };
    for (name, lines) in [
        ("[parameters('rules')[copyIndex('securityRules')].name]", [2, 3]),
        ("[format('r{0}', copyIndex('securityRules'))]", [6, 6]),
    ] {
        let input = input(&text(name));
        let rules = &input.network.security_groups[0].rules;
        let places: Vec<_> = rules.custom().map(|rule| &rule.origin).collect();
        assert_eq!(places.iter().map(|place| place.line).collect::<Vec<_>>(), lines, "{name}");
        assert!(places.iter().all(|place| place.within.as_deref() == Some("loop securityRules")), "{name}");
    }
}

/// `Get-AzVirtualNetwork | ConvertTo-Json`: a subnet's list under the singular name.
#[test]
fn powershell_writes_the_prefixes_of_a_subnet_as_a_list() {
    let subnet = |prefix: &str| {
        format!(
            r#"{{"Name": "v", "Type": "Microsoft.Network/virtualNetworks",
            "Id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v",
            "AddressSpace": {{"AddressPrefixes": ["10.0.0.0/16"]}}, "Subnets": [{{"Name": "s",
            "Id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/s",
            "AddressPrefix": {prefix}}}]}}"#
        )
    };
    for prefix in [r#"["10.0.1.0/24"]"#, r#""10.0.1.0/24""#] {
        let input = read(subnet(prefix).as_bytes(), "v.json", &ReadOptions::default()).unwrap();
        let said = format!("{:?} {:?}", input.network.subnets[0].prefixes, input.findings);
        assert!(said.contains("10.0.1.0/24") && said.ends_with("[]"), "{said}");
    }
}
