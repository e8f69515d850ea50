//! Files that cannot be read, or only in part: what is told, where, and what to do.

use super::super::{InputKind, ReadOptions, read, read_file};
use super::{codes, input, summary, template};
use std::path::Path;

fn error(text: &str, file_name: &str) -> String {
    read(text.as_bytes(), file_name, &ReadOptions::default()).unwrap_err().to_string()
}

#[test]
fn a_file_of_another_kind_is_named_with_what_to_do() {
    for (file_name, text, says) in [
        (
            "a.json",
            "{\"planned_values\": {}, \"format_version\": \"1.2\"}",
            "a Terraform plan with no resources; give the plan or state of the configuration",
        ),
        (
            "a.json",
            "{\"planned_values\": {\"root_module\": {}}, \"format_version\": \"1.2\", \"resource_changes\": [{\"change\": {\"actions\": [\"delete\"]}}]}",
            "a Terraform plan that deletes 1 resource and keeps none",
        ),
        (
            "a.tfstate",
            "{\"version\": 4, \"terraform_version\": \"1\", \"resources\": []}",
            "a Terraform state with no resources",
        ),
        (
            "a.json",
            "{\"changeNumber\": 1, \"cloud\": \"Public\", \"values\": []}",
            "with `--service-tags FILE`",
        ),
        (
            "a.json",
            "{\"$schema\": \"x/deploymentParameters.json#\", \"parameters\": {}}",
            "with `--parameters FILE`",
        ),
        ("a.json", "{\"records\": [{\"category\": \"FlowLogFlowEvent\"}]}", "a flow log"),
        ("a.json", "{\"records\": [1]}\n{\"records\": [2]}", "a flow log"),
        (
            "a.json",
            "{\"error\": {\"code\": \"NotFound\", \"message\": \"m\"}}",
            "an error that Azure answered",
        ),
        ("a.json", "{\"schema\": \"flowcheck/check/1\"}", "a result of flowcheck"),
        ("a.yaml", "scenario: x\napim: {}\n", "run it with `flowcheck test FILE`"),
        ("main.bicep", "param x string\nresource n 'Microsoft.Network/n@1' = {", "az bicep build --file"),
        ("x.bicepparam", "using './main.bicep'\nparam x = 1", "az bicep build-params"),
        ("main.tf", "resource \"azurerm_subnet\" \"x\" {\n}", "terraform show -json PLAN > plan.json"),
        ("a.html", "<!DOCTYPE html><html>", "a web page"),
        ("a.txt", "Name    Location\n------  --------\nnsg     westeurope", "--output json"),
    ] {
        let error = error(text, file_name);
        assert!(error.contains(says), "{text}: {error}");
    }
}

#[test]
fn what_is_no_json_or_no_azure_says_so() {
    for (text, says) in [
        ("", "x.json:1:1: read an empty file"),
        ("   \n", "read an empty file"),
        ("{\"a\": [", "x.json:1:7: read `[`, expected the end of the object or array"),
        ("{\"resources\": [\n {\"type\": \"a\"\n", "is the file cut off?"),
        ("hello", "expected a JSON value"),
        ("{}", "an object without any key"),
        ("[]", "an empty list"),
        ("{\"value\": []}", "an empty list"),
        ("5", "an integer, expected an object or an array"),
        ("[1, 2]", "a list of 2 values, none of which is a resource of Azure"),
        ("{\"foo\": 1, \"bar\": 2}", "an object with the keys `foo`, `bar`, which is no known kind of file"),
        (
            "[{\"type\": \"Microsoft.Compute/virtualMachines\", \"name\": \"v\"}]",
            "the type `Microsoft.Compute/virtualMachines`",
        ),
        ("{\"securityRules\": [\n \"@{name=r}\"]}", "x.json:2:2: PowerShell cut off"),
    ] {
        let error = error(text, "x.json");
        assert!(error.contains(says), "{text}: {error}");
        assert!(error.starts_with("x.json"), "{error}");
    }
}

#[test]
fn a_path_that_is_no_file_says_so() {
    let read = |path: &str| read_file(Path::new(path), &ReadOptions::default()).unwrap_err().to_string();
    assert_eq!(read("no/such.json"), "no/such.json: there is no such file; is the path right?");
    assert_eq!(read("src"), "src: this is a directory; name a file in it");
}

#[test]
fn the_user_can_say_what_a_file_is() {
    let bare = "{\"resources\": []}";
    assert!(error(bare, "x.json").contains("no known kind"));
    let options = ReadOptions { as_kind: Some(InputKind::Template), ..ReadOptions::default() };
    assert!(read(bare.as_bytes(), "x.json", &options).is_ok());
    let options = ReadOptions { as_kind: Some(InputKind::TerraformPlan), ..ReadOptions::default() };
    assert!(read(bare.as_bytes(), "x.json", &options).is_err());
}

#[test]
fn parameters_come_from_files_and_options() {
    let text = template(
        "\"parameters\": {\"name\": {\"type\": \"string\"}}, \"resources\": [
        {\"type\": \"Microsoft.Network/networkSecurityGroups\", \"name\": \"[parameters('name')]\", \"properties\": {}}]",
    );
    let names = |parameters: &[&str], set: &[(&str, &str)]| {
        let options = ReadOptions {
            parameters: parameters
                .iter()
                .map(|text| ("p.json".to_owned(), text.as_bytes().to_vec()))
                .collect(),
            set: set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            ..ReadOptions::default()
        };
        read(text.as_bytes(), "main.json", &options).map(|input| summary(&input.network).join(" "))
    };
    assert_eq!(names(&[], &[]).unwrap(), "nsg ${parameters('name')}");
    assert_eq!(names(&["{\"name\": {\"value\": \"a\"}}"], &[]).unwrap(), "nsg a");
    assert_eq!(names(&["{\"name\": {\"value\": \"a\"}}"], &[("name", "b")]).unwrap(), "nsg b");
    let printed =
        r#"{"parametersJson": "{\"parameters\": {\"name\": {\"value\": \"c\"}}}", "templateJson": "{}"}"#;
    assert_eq!(names(&[printed], &[]).unwrap(), "nsg c");
    assert!(names(&["{"], &[]).unwrap_err().to_string().starts_with("p.json:1:1"));
    assert!(names(&[&text], &[]).unwrap_err().to_string().contains("expected a parameter file"));
}

/// All faults of a file in one run, each with line and column, and the rest still read.
#[test]
fn every_fault_of_a_file_is_told_at_once() {
    let text = "{
  \"name\": \"n\", \"id\": \"/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/n\",
  \"securityRules\": [
    {\"name\": \"a\", \"protocol\": \"TCP\", \"access\": \"Allow\", \"direction\": \"Inbound\", \"priority\": 100,
     \"sourcePortRange\": \"*\", \"destinationPortRange\": \"80,443\",
     \"sourceAddressPrefix\": \"10.0.0.300\", \"destinationAddressPrefix\": \"10.0.0.4\"},
    {\"name\": \"b\", \"protocol\": \"Tcp\", \"access\": true, \"direction\": \"Sideways\", \"priority\": {},
     \"sourcePortRange\": \"9-1\", \"destinationPortRange\": \"http\", \"destinationAddressPrefix\": \"*\"},
    7
  ]
}";
    let input = input(text);
    let found: Vec<String> = input
        .findings
        .iter()
        .map(|finding| format!("{}:{} {}", finding.origin.line, finding.origin.column, finding.code))
        .collect();
    assert_eq!(
        found,
        [
            "4:31 letter-case",
            "5:54 comma-port",
            "6:29 address-text",
            "6:71 bare-address",
            "7:5 incomplete-rule",
            "7:48 wrong-type",
            "7:67 word-value",
            "7:91 wrong-type",
            "8:25 reversed-range",
            "8:56 port-text",
            "9:5 wrong-type",
        ]
    );
    assert_eq!(
        summary(&input.network),
        [
            "nsg n",
            "  a: 100 In Allow Tcp ?:* -> 10.0.0.4:?",
            "  b: ? ? ? Tcp ?:none -> *:?",
            "  (no name): ? ? ? ? ?:? -> ?:?",
        ]
    );
    let words = input.findings.iter().map(|finding| &finding.message);
    for message in words {
        assert!(!message.ends_with('.') && !message.starts_with(char::is_uppercase), "{message}");
    }
}

#[test]
fn properties_of_another_type_leave_nothing_known() {
    for text in [
        template(
            "\"resources\": [{\"type\": \"Microsoft.Network/networkSecurityGroups\", \"name\": \"n\", \"properties\": 5}]",
        ),
        "{\"type\": \"Microsoft.Network/networkSecurityGroups\", \"name\": \"n\", \"properties\": \"x\"}"
            .to_owned(),
    ] {
        let input = input(&text);
        assert_eq!(codes(&input), "wrong-type");
        assert!(input.network.security_groups[0].doubt.is_some());
    }
}

#[test]
fn a_key_that_is_there_twice_is_told() {
    assert_eq!(codes(&input("{\"securityRules\": [], \"name\": \"n\", \"name\": \"m\"}")), "duplicate-key");
}

mod random {
    use super::*;
    use proptest::prelude::*;

    /// Words that the readers look for, and others.
    fn key() -> impl Strategy<Value = String> {
        const KEYS: &[&str] = &[
            "properties",
            "securityRules",
            "defaultSecurityRules",
            "subnets",
            "id",
            "name",
            "type",
            "value",
            "resources",
            "addressSpace",
            "addressPrefixes",
            "addressPrefix",
            "networkSecurityGroup",
            "routeTable",
            "routes",
            "nextHopType",
            "priority",
            "direction",
            "access",
            "protocol",
            "sourcePortRange",
            "destinationPortRanges",
            "sourceAddressPrefix",
            "destinationAddressPrefixes",
            "sourceApplicationSecurityGroups",
            "sku",
            "capacity",
            "virtualNetworkType",
            "virtualNetworkConfiguration",
            "subnetResourceId",
            "additionalLocations",
            "location",
            "condition",
            "virtualNetworkPeerings",
            "remoteVirtualNetwork",
            "ipConfigurations",
            "delegations",
            "dhcpOptions",
        ];
        proptest::sample::select(KEYS).prop_map(str::to_owned)
    }

    fn leaf() -> impl Strategy<Value = String> {
        const LEAVES: &[&str] = &[
            "null",
            "true",
            "1",
            "-1",
            "1e400",
            "99999999999999999999",
            "\"\"",
            "\"*\"",
            "\"é/€\"",
            "\"Tcp\"",
            "\"80,443\"",
            "\"10.0.0.1/8\"",
            "\"::/0\"",
            "\"a-b\"",
            "\"[parameters('x')]\"",
            "\"[resourceGroup().id]\"",
            "\"Microsoft.Network/networkSecurityGroups\"",
            "\"Microsoft.Network/networkSecurityGroups/securityRules\"",
            "\"Microsoft.Network/virtualNetworks\"",
            "\"Microsoft.Network/virtualNetworks/subnets\"",
            "\"Microsoft.Network/routeTables/routes\"",
            "\"Microsoft.ApiManagement/service\"",
            "\"/providers/Microsoft.Network/virtualNetworks/v/subnets/s\"",
            "\"a/b\"",
            "\"${\"",
            "\"/\"",
            "[]",
            "{}",
        ];
        proptest::sample::select(LEAVES).prop_map(str::to_owned)
    }

    fn json() -> impl Strategy<Value = String> {
        leaf().prop_recursive(5, 60, 6, |inner| {
            let object = proptest::collection::vec((key(), inner.clone()), 0..6).prop_map(|entries| {
                let entries: Vec<String> =
                    entries.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
                format!("{{{}}}", entries.join(", "))
            });
            let array =
                proptest::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(", ")));
            prop_oneof![3 => object, 1 => array]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

        /// No JSON makes a reader panic, and what is read can be printed.
        #[test]
        fn no_json_makes_reading_panic(text in json()) {
            for kind in [None, Some(InputKind::Template), Some(InputKind::AzureJson)] {
                let options = ReadOptions { as_kind: kind, ..ReadOptions::default() };
                if let Ok(input) = read(text.as_bytes(), "x.json", &options) {
                    summary(&input.network);
                }
            }
        }

        /// As a resource of each type.
        #[test]
        fn no_properties_make_building_panic(text in json(), name in "[a-z/${}()' ]{0,8}") {
            for kind in ["networkSecurityGroups", "virtualNetworks", "routeTables", "networkInterfaces", "virtualNetworks/subnets"] {
                let resource = format!("{{\"type\": \"Microsoft.Network/{kind}\", \"name\": \"{name}\", \"properties\": {text}}}");
                let service = format!("{{\"type\": \"Microsoft.ApiManagement/service\", \"name\": \"{name}\", \"sku\": {text}, \"properties\": {text}}}");
                for text in [format!("[{resource}, {service}]"), template(&format!("\"resources\": [{resource}, {service}]"))] {
                    let read = read(text.as_bytes(), "x.json", &ReadOptions::default());
                    prop_assert!(read.is_ok(), "{:?}", read.err());
                }
            }
        }

        #[test]
        fn no_bytes_make_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = read(&bytes, "x", &ReadOptions::default());
        }
    }
}
