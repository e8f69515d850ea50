//! Dumps of what Azure says is in force, in all their forms.

use super::super::{InputKind, ReadOptions, read};
use super::{assert_lines, codes, input, summary};
use crate::network::effective::expansion;
use crate::network::{Network, PlaceHint};
use crate::rules::AddressTerm;
use crate::tags::TagSnapshot;
use proptest::prelude::*;

const GROUP: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network";

/// A rule of a dump; `more` are its expansions.
fn rule(name: &str, head: &str, source: &str, destination: &str, port: &str, more: &str) -> String {
    let [direction, priority, access, protocol] = head.split(' ').collect::<Vec<_>>()[..] else { panic!() };
    let addresses = |side: &str, text: &str| {
        let twice = if text == "0.0.0.0/0" { ", \"0.0.0.0/0\"" } else { "" };
        format!("\"{side}AddressPrefix\": \"{text}\", \"{side}AddressPrefixes\": [\"{text}\"{twice}]")
    };
    format!(
        "{{\"name\": \"{name}\", \"protocol\": \"{protocol}\", \"sourcePortRange\": \"0-65535\",
          \"sourcePortRanges\": [\"0-65535\"], \"destinationPortRange\": \"{port}\",
          \"destinationPortRanges\": [\"{port}\"], {}, {}, {more}\"access\": \"{access}\",
          \"priority\": {priority}, \"direction\": \"{direction}\"}}",
        addresses("source", source),
        addresses("destination", destination),
    )
}

/// A dump of one group at a subnet, with a rule for management and the default for the own network.
fn dump(association: &str, tag_map: &str) -> String {
    let own = "\"expandedSourceAddressPrefix\": [\"10.0.0.0/16\", \"168.63.129.16/32\"],
               \"expandedDestinationAddressPrefix\": [\"10.0.0.0/16\", \"168.63.129.16/32\"],";
    let management = "\"expandedSourceAddressPrefix\": [\"192.0.2.0/24\"],
                      \"expandedDestinationAddressPrefix\": [\"10.0.0.0/16\", \"168.63.129.16/32\"],";
    let rules = [
        rule(
            "securityRules/Mgmt",
            "Inbound 110 Allow Tcp",
            "ApiManagement",
            "VirtualNetwork",
            "3443-3443",
            management,
        ),
        rule("securityRules/Sql", "Outbound 120 Allow All", "0.0.0.0/0", "Sql", "1433-1433", ""),
        rule(
            "defaultSecurityRules/AllowVnetInBound",
            "Inbound 65000 Allow All",
            "VirtualNetwork",
            "VirtualNetwork",
            "0-65535",
            own,
        ),
        rule(
            "defaultSecurityRules/DenyAllInBound",
            "Inbound 65500 Deny All",
            "0.0.0.0/0",
            "0.0.0.0/0",
            "0-65535",
            "",
        ),
    ];
    format!(
        "{{\"networkSecurityGroup\": {{\"id\": \"{GROUP}/networkSecurityGroups/apim-nsg\"}},
           \"association\": {{{association}}}, \"effectiveSecurityRules\": [{}], \"tagMap\": {tag_map}}}",
        rules.join(",\n")
    )
}

fn subnet() -> String {
    format!("\"subnet\": {{\"id\": \"{GROUP}/virtualNetworks/hub/subnets/apim\"}}")
}

fn terms(network: &Network) -> Vec<String> {
    let rules = network.security_groups.iter().flat_map(|group| &group.rules.rules);
    let sides = rules.flat_map(|rule| [&rule.source, &rule.destination]);
    let found = sides.filter_map(|side| {
        let (tag, prefixes) = expansion(side)?;
        let nets: Vec<String> = prefixes.iter().map(ToString::to_string).collect();
        Some(format!("{tag}={}", nets.join(",")))
    });
    found.collect()
}

#[test]
fn a_dump_is_a_group_with_azures_own_meaning_of_tags() {
    let text = format!("{{\"value\": [{}]}}", dump(&subnet(), "null"));
    let input = input(&text);
    assert_eq!((input.kind, codes(&input)), (InputKind::EffectiveRules, String::new()));
    assert_lines(
        &summary(&input.network),
        &[
            "subnet hub/apim ? nsg apim-nsg routes none",
            "nsg apim-nsg",
            "  Mgmt: 110 In Allow Tcp ApiManagement:* -> VirtualNetwork:3443",
            "  Sql: 120 Out Allow * *:* -> Sql:1433",
        ],
    );
    let own = "VirtualNetwork=10.0.0.0/16,168.63.129.16/32";
    // The defaults that the dump lacks are added as they are written everywhere (S5).
    assert_eq!(terms(&input.network), ["ApiManagement=192.0.2.0/24", own, own, own]);
    let group = &input.network.security_groups[0];
    assert_eq!(group.rules.rules.len(), 8);
    assert!(matches!(group.rules.rules[1].destination.addresses[0].value, AddressTerm::Tag(_)));
    assert_eq!(group.rules.rules[0].origin.line, 2, "the place in the dump");
    assert_eq!(input.network.subnets[0].delegations.known(), None, "the dump does not say");
}

#[test]
fn forms_of_the_same_dump_are_the_same_network() {
    let one = dump(&subnet(), "null");
    let whole = summary(&input(&one).network);
    for text in [
        format!("[{one}]"),
        format!("{{\"value\": [{one}], \"nextLink\": null}}"),
        format!(
            "{{\"parameters\": {{\"a\": 1}}, \"responses\": {{\"200\": {{\"body\": {{\"value\": [{one}]}}}}}}}}"
        ),
        // 2017-06-01 has the singular fields alone.
        one.replace("AddressPrefixes\":", "Nothing\":").replace("PortRanges\":", "None\":"),
    ] {
        let again = summary(&input(&text).network);
        let star = |lines: &[String]| lines.join("\n").replace("0.0.0.0/0", "*");
        assert_eq!(star(&again), star(&whole), "{text}");
    }
}

#[test]
fn a_tag_map_speaks_where_the_rule_does_not() {
    let map = "{\"Sql\": [\"198.51.100.0/24\"], \"ApiManagement\": [\"203.0.113.0/24\"]}";
    let input = input(&dump(&subnet(), map));
    let found = terms(&input.network);
    assert!(found.contains(&"Sql=198.51.100.0/24".to_owned()), "{found:?}");
    assert!(
        found.contains(&"ApiManagement=192.0.2.0/24".to_owned()),
        "the rule's own list comes first: {found:?}"
    );
    assert_eq!(input.network.effective.groups[0].tags.len(), 2);
}

#[test]
fn a_lone_literal_is_not_every_address_of_both_families() {
    // S96: printed twice it was written `*`; printed once it may be the literal.
    let once = dump(&subnet(), "null").replace("[\"0.0.0.0/0\", \"0.0.0.0/0\"]", "[\"0.0.0.0/0\"]");
    let network = input(&once).network;
    assert_eq!(network.security_groups[0].rules.rules[1].source.to_string(), "0.0.0.0/0:*");
    let less = dump(&subnet(), "null").replace(
        "\"destinationAddressPrefix\": \"Sql\", \"destinationAddressPrefixes\": [\"Sql\"],",
        "\"destinationAddressPrefix\": \"0.0.0.0/0\", \"expandedDestinationAddressPrefix\": [\"8.0.0.0/8\"],",
    );
    assert!(
        terms(&input(&less).network).contains(&"Internet=8.0.0.0/8".to_owned()),
        "a tag printed as 0.0.0.0/0"
    );
}

#[test]
fn the_space_of_the_network_is_what_azure_says() {
    let network = input(&dump(&subnet(), "null")).network;
    let tags = TagSnapshot::builtin();
    let point = network.place_for(PlaceHint::default(), None, tags).unwrap();
    let extent = &point.surroundings.virtual_network;
    assert_eq!(extent.must, extent.may, "nothing is left open");
    assert!(
        extent.must.contains("10.0.255.1".parse().unwrap())
            && !extent.must.contains("10.1.0.1".parse().unwrap())
    );
    assert_eq!(
        network.security_groups[0].virtual_network_in_force().unwrap().size(),
        (65_536_u32 + 1).into()
    );
}

#[test]
fn admin_rules_are_kept_apart_and_stand_before_the_groups() {
    let manager = format!("\"networkManager\": {{\"id\": \"{GROUP}/networkManagers/avnm\"}}");
    let text = format!("[{}, {}]", dump(&subnet(), "null"), dump(&manager, "null"));
    let network = input(&text).network;
    assert_eq!(network.security_groups.len(), 1);
    assert_eq!(network.effective.admin[0].rules.rules.len(), 2);
    let point = network.place_for(PlaceHint::default(), None, TagSnapshot::builtin()).unwrap();
    assert_eq!(point.admin[0].manager.name(), "avnm");
}

#[test]
fn two_groups_of_one_dump_are_asked_one_by_one() {
    let nic = format!("\"networkInterface\": {{\"id\": \"{GROUP}/networkInterfaces/nic1\"}}");
    let other = dump(&nic, "null").replace("apim-nsg", "nic-nsg");
    let network = input(&format!("[{}, {other}]", dump(&subnet(), "null"))).network;
    let hint = PlaceHint { group: Some("nic-nsg"), subnet: None };
    let point = network.place_for(hint, None, TagSnapshot::builtin()).unwrap();
    let said: Vec<&str> = point.assumptions.iter().map(|assumption| &*assumption.text).collect();
    assert!(said.iter().any(|text| text.contains("`apim-nsg`, in force at `apim`")), "{said:?}");
}

#[test]
fn two_meanings_of_one_tag_leave_the_group_open() {
    let one = dump(&subnet(), "null");
    let other = one.replace("192.0.2.0/24", "192.0.3.0/24");
    let group = |text: &str| input(text).network.security_groups[0].doubt.clone();
    assert_eq!(group(&format!("[{one}, {one}]")), None);
    let doubt = group(&format!("[{one}, {other}]")).unwrap();
    assert!(doubt.missing().contains("two dumps differ"), "{doubt}");
}

#[test]
fn a_dump_joins_what_az_shows_of_its_subnet() {
    let subnet_id = format!("{GROUP}/virtualNetworks/hub/subnets/apim");
    let az = format!(
        "{{\"id\": \"{subnet_id}\", \"name\": \"apim\", \"addressPrefix\": \"10.0.1.0/24\",
           \"networkSecurityGroup\": {{\"id\": \"{GROUP}/networkSecurityGroups/apim-nsg\"}}, \"delegations\": []}}"
    );
    let joined = super::super::Input::join_all(vec![input(&az), input(&dump(&subnet(), "null"))]).unwrap();
    assert_eq!(codes(&joined), "");
    assert_eq!(summary(&joined.network)[0], "subnet hub/apim 10.0.1.0/24 nsg apim-nsg routes none");
    let other = az.replace("apim-nsg", "old-nsg");
    let joined = super::super::Input::join_all(vec![input(&other), input(&dump(&subnet(), "null"))]).unwrap();
    assert_eq!(codes(&joined), "duplicate-resource", "what is in force is taken, and said");
    assert!(summary(&joined.network)[0].contains("nsg apim-nsg"));
}

#[test]
fn the_older_view_is_read_with_its_two_groups() {
    let plain = |name: &str, group: &str| {
        format!(
            "{{\"name\": \"{name}\", \"id\": \"{GROUP}/networkSecurityGroups/{group}/securityRules/{name}\",
              \"properties\": {{\"protocol\": \"Tcp\", \"access\": \"Allow\", \"direction\": \"Inbound\",
              \"priority\": 100, \"sourcePortRange\": \"*\", \"destinationPortRange\": \"22\",
              \"sourceAddressPrefix\": \"ApiManagement\", \"destinationAddressPrefix\": \"*\"}}}}"
        )
    };
    let in_force = rule(
        "UserRule_Ssh",
        "Inbound 100 Allow Tcp",
        "ApiManagement",
        "0.0.0.0/0",
        "22-22",
        "\"expandedSourceAddressPrefix\": [\"192.0.2.0/24\"],",
    );
    let text = format!(
        "{{\"networkInterfaces\": [{{\"id\": \"{GROUP}/networkInterfaces/nic1\", \"securityRuleAssociations\": {{
           \"networkInterfaceAssociation\": {{\"id\": \"{GROUP}/networkInterfaces/nic1\", \"securityRules\": []}},
           \"subnetAssociation\": {{\"id\": \"{GROUP}/virtualNetworks/hub/subnets/apim\",
             \"securityRules\": [{}]}},
           \"defaultSecurityRules\": [], \"effectiveSecurityRules\": [{in_force}]}}}}]}}",
        plain("Ssh", "apim-nsg")
    );
    let input = input(&text);
    assert_lines(
        &summary(&input.network),
        &[
            "subnet hub/apim ? nsg apim-nsg routes none",
            "nsg group of nic1",
            "nsg apim-nsg",
            "  Ssh: 100 In Allow Tcp ApiManagement:* -> *:22",
        ],
    );
    assert_eq!(codes(&input), "unknown-reference");
    assert_eq!(terms(&input.network), ["ApiManagement=192.0.2.0/24"]);
}

#[test]
fn routes_and_status_are_read_with_what_they_say() {
    let route = |source: &str, prefix: &str, hop: &str, address: &str| {
        format!(
            "{{\"name\": null, \"source\": \"{source}\", \"state\": \"Active\", \"addressPrefix\": [\"{prefix}\"],
              \"nextHopType\": \"{hop}\", \"nextHopIpAddress\": [{address}]}}"
        )
    };
    let text = format!(
        "{{\"value\": [{}, {}]}}",
        route("Default", "10.0.0.0/16", "VnetLocal", ""),
        route("User", "0.0.0.0/0", "VirtualAppliance", "\"10.0.9.4\"")
    );
    let routes = input(&text);
    assert_eq!(routes.kind, InputKind::EffectiveRoutes);
    let [table] = &routes.network.effective.routes[..] else { panic!() };
    assert!(table.routes[1].is_from("user") && table.routes[1].is_active());
    assert_eq!(table.routes[1].next_hop_addresses, ["10.0.9.4".parse::<std::net::IpAddr>().unwrap()]);
    let entry = "{\"name\": \"db.example:1433\", \"status\": \"failure\", \"resourceType\": \"SQLDatabase\",
                  \"isOptional\": false, \"error\": \"timeout\"}";
    for text in [
        format!("{{\"dnsServers\": [], \"connectivityStatus\": [{entry}]}}"),
        format!(
            "[{{\"location\": \"West Europe\", \"networkStatus\": {{\"connectivityStatus\": [{entry}]}}}}]"
        ),
    ] {
        let input = input(&text);
        assert_eq!(input.kind, InputKind::NetworkStatus);
        let [status] = &input.network.effective.status[..] else { panic!() };
        assert_eq!(status.entries[0].resource_type, "SQLDatabase");
        assert_eq!(status.location.is_some(), text.contains("location"));
    }
}

#[test]
fn damage_to_a_dump_never_panics_and_never_reads_as_every_address() {
    let whole = format!("{{\"value\": [{}]}}", dump(&subnet(), "{\"Sql\": [\"10.0.0.0/8\"]}"));
    for (from, to) in [
        ("[\"192.0.2.0/24\"]", "[\"192.0.2.0/240\"]"),
        ("[\"192.0.2.0/24\"]", "7"),
        ("\"ApiManagement\"", "null"),
        ("\"3443-3443\"", "\"3443-\""),
        ("110", "\"x\""),
        ("\"id\"", "\"di\""),
    ] {
        let input = input(&whole.replace(from, to));
        let rules = &input.network.security_groups[0].rules;
        let is_any = |text: String| text.starts_with("*:");
        assert!(!is_any(rules.rules[0].source.to_string()), "{from} -> {to}");
    }
}

proptest! {
    #[test]
    fn no_cut_or_garbled_dump_makes_reading_panic(at in 0usize..4000, byte in any::<u8>(), cut in any::<bool>(), which in 0..4) {
        let text = match which {
            0 => format!("{{\"value\": [{}]}}", dump(&subnet(), "{\"Sql\": [\"10.0.0.0/8\"]}")),
            1 => "{\"value\": [{\"source\": \"User\", \"state\": \"Active\", \"addressPrefix\": [\"10.0.0.0/8\"],
                  \"nextHopType\": \"VirtualAppliance\", \"nextHopIpAddress\": [\"10.0.9.4\"]}]}".to_owned(),
            2 => "[{\"location\": \"x\", \"networkStatus\": {\"connectivityStatus\": [{\"name\": \"n\",
                  \"status\": \"failure\", \"isOptional\": true, \"resourceType\": \"t\"}]}}]".to_owned(),
            _ => format!(
                "{{\"changes\": [{{\"changeType\": \"Modify\", \"resourceId\": \"{GROUP}/networkSecurityGroups/n\",
                  \"before\": {{\"id\": \"{GROUP}/networkSecurityGroups/n\", \"properties\": {{\"securityRules\": []}}}},
                  \"after\": {{\"properties\": \"[x]\"}}}}], \"potentialChanges\": [{{}}]}}"
            ),
        };
        let mut bytes = text.into_bytes();
        let at = at % bytes.len();
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        let _ = read(&bytes, "dump.json", &ReadOptions::default());
        for kind in InputKind::ALL {
            let options = ReadOptions { as_kind: Some(*kind), ..ReadOptions::default() };
            let _ = read(&bytes, "dump.json", &options);
        }
    }
}
