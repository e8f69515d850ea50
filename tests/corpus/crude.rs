//! A second count of rules, by another JSON reader and in the crudest way: every object with an access, a
//! direction, and a priority or a protocol, wherever it stands. Each difference to what `inspect` counts has its
//! reason in a table; a difference without a reason fails, and so does a reason without its difference.

use crate::{File, files, inspected};
use jsonc_parser::errors::ParseError;
use jsonc_parser::{CollectOptions, ParseOptions, ast, parse_to_ast};
use serde_json::Value;

/// Part of a file's name, and what makes the raw count larger (or smaller) than ours, with the reason.
type Reasons = &'static [(&'static str, &'static [(i64, &'static str)])];

const DEFAULTS: &str = "default rules, six of each group, which Azure makes and nobody counts";
const INLINE: &str = "rules of groups written inside a subnet without an id: an unknown and a finding each";
const AGAIN: &str = "the same rules again, as changes";
const EXPRESSIONS: &str = "expressions that the rules are made of, in the configuration";
const CUT: &str = "refused: a cut of source text, no tool's own form";

const DIFFERENCES: Reasons = &[
    ("arm/bicep__src_Bicep.Decompiler", &[(2, INLINE)]),
    (
        "arm/checkov__tests_arm_checks_resource_example_VnetSingleDNSServer_fail3",
        &[(1, "written out beside an id, which names a group that is not there: an unknown")],
    ),
    ("arm/cloud-custodian__tools_c7n_azure", &[(6, DEFAULTS)]),
    (
        "bicep-compiled/bicep__src_Bicep.Core.Samples_Files_user_submitted_201_vnet-to-vnet-bgp",
        &[(8, INLINE)],
    ),
    (
        "bicep-symbolic/bicep-registry-modules__avm_res_network_network-manager",
        &[
            (3, "definitions of types of parameters"),
            (2, "parameters of a module, and what is given for them, in a loop over nothing"),
            (1, "an admin rule of a network manager, in a loop over nothing"),
        ],
    ),
    (
        "bicep-symbolic/bicep-registry-modules__avm_res_network_network-security-group",
        &[(1, "the definition of a parameter's type"), (1, "what a loop over nothing would make")],
    ),
    (
        "bicep-symbolic/bicep__src_Bicep.Core.Samples_Files_user_submitted_201_cloud-shell-vnet",
        &[(5, INLINE)],
    ),
    ("derived-apim-bicep/apim-managed-certs__main", &[(18, CUT)]),
    (
        "derived-apim-bicep/apim-managed-certs__template",
        &[(-1, "a rule whose cut name belongs to either of two groups stands in both, in doubt")],
    ),
    ("derived-apim-terraform/api-mgmt-v1-to-v2__tfvars_eu-west-migration", &[(5, CUT)]),
    ("derived-apim-terraform/api-mgmt-v1-to-v2__tfvars_eu-west.json", &[(4, CUT)]),
    ("derived-apim-terraform/apim-landing-zone-accelerator", &[(10, CUT)]),
    ("effective-nsg/azure-cli__src_azure-cli", &[(6, DEFAULTS)]),
    (
        "effective-nsg/azure-rest-api-specs",
        &[
            (1, "a default rule"),
            (1, "one rule in force, a default one"),
            (4, "the same answer again, under status 202"),
        ],
    ),
    (
        "effective-nsg/azure-xplat-cli",
        &[(6, DEFAULTS), (6, "the same again, as rules in force"), (2, "the platform's own default rules")],
    ),
    (
        "nsg-rest/azure-cli__src_azure-cli_azure_cli_command_modules_network_tests_latest_recordings_test_network_nsg_i7",
        &[(120, DEFAULTS)],
    ),
    (
        "nsg-rest/azure-cli__src_azure-cli_azure_cli_command_modules_network_tests_latest_recordings_test_network_nsg_i8",
        &[(6, DEFAULTS)],
    ),
    ("testManageVirtualNetwork_i10", &[(6, DEFAULTS)]),
    ("testManageNetworkSecurityGroup_i36", &[(12, DEFAULTS)]),
    ("nsg-rest/batfish__networks_cloud-azure_azure_configs_VM1-nsg", &[(6, DEFAULTS)]),
    ("nsg-rest/batfish__networks_cloud-azure_azure_configs_subnet-nsg", &[(6, DEFAULTS)]),
    ("nsg-rest/batfish__projects_batfish", &[(6, DEFAULTS)]),
    ("NetworkSecurityGroupTest.test_allow_multiple_ports", &[(12, DEFAULTS)]),
    ("NetworkSecurityGroupTest.test_deny_implicit", &[(18, DEFAULTS)]),
    ("NetworkSecurityGroupTest.test_icmp_protocol", &[(6, DEFAULTS)]),
    ("Tests_Resources.Template", &[(-2, "a loop makes three rules of one object")]),
    ("Tests_Resources.VirtualNetwork", &[(18, "default rules of the three of seven groups that show them")]),
    (
        "tf-plan/ZodiacAE__regoFiles_azurerm_application_~azure-terraform-main_15",
        &[(21, AGAIN), (5, EXPRESSIONS)],
    ),
    ("tf-plan/ZodiacAE__regoFiles_azurerm_application_~azurerm_application_gateway_mage-ai", &[(7, AGAIN)]),
    (
        "tf-plan/ZodiacAE__regoFiles_azurerm_application_~ers_azurerm_application_gateway_terraform-master",
        &[(2, AGAIN), (2, EXPRESSIONS)],
    ),
    (
        "tf-plan/ZodiacAE__regoFiles_azurerm_application_~ion_gateway_azure-terraform-main_14",
        &[(18, AGAIN), (5, EXPRESSIONS)],
    ),
    ("tf-plan/ZodiacAE__regoFiles_azurerm_application_~t_folders", &[(5, AGAIN), (5, EXPRESSIONS)]),
    ("tf-plan/checkov__tests_terraform", &[(1, AGAIN), (1, EXPRESSIONS)]),
    (
        "tf-state/terraform_stuff",
        &[(-1, "an old state writes a rule as `security_rule.0.access` and no object")],
    ),
];

/// Rule objects in a text of JSON, with comments and commas at the end, or of one JSON document a line.
fn rule_objects(text: &str) -> i64 {
    let text = text.trim_start_matches('\u{feff}');
    match rule_objects_of(text) {
        Ok(count) => count,
        Err(_) => text.lines().map(|line| rule_objects_of(line).unwrap()).sum(),
    }
}

fn rule_objects_of(text: &str) -> Result<i64, ParseError> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default())?;
    Ok(parsed.value.as_ref().map_or(0, count))
}

fn count(value: &ast::Value<'_>) -> i64 {
    match value {
        ast::Value::Object(object) => {
            let keys: Vec<&str> = object.properties.iter().map(|property| property.name.as_str()).collect();
            let has = |wanted: &str| keys.iter().any(|key| key.eq_ignore_ascii_case(wanted));
            let is_rule = has("access") && has("direction") && (has("priority") || has("protocol"));
            i64::from(is_rule) + object.properties.iter().map(|property| count(&property.value)).sum::<i64>()
        }
        ast::Value::Array(array) => array.elements.iter().map(count).sum(),
        _ => 0,
    }
}

/// Rules that `inspect` counts, of a network and of files that are no input.
fn counted(answer: &Result<Value, String>) -> i64 {
    let Ok(object) = answer else { return 0 };
    let of_network = object["counts"]["rules"].as_i64().unwrap_or(0);
    let others = object["other_counts"].as_array().unwrap().iter();
    let rule_objects: i64 = others
        .filter(|count| count["what"] == "rule objects")
        .map(|count| count["count"].as_i64().unwrap())
        .sum();
    of_network + rule_objects
}

fn reasons(file: &File) -> &'static [(i64, &'static str)] {
    let mut found = DIFFERENCES.iter().filter(|(part, _)| file.name.contains(part));
    let reasons = found.next().map_or(&[][..], |(_, reasons)| reasons);
    assert!(found.next().is_none(), "two rows of the table are about {}", file.name);
    reasons
}

#[test]
fn every_rule_object_is_read_or_there_is_a_reason() {
    let Some(files) = files() else { return };
    let mut wrong = Vec::new();
    let mut raw = 0;
    for (file, answer) in files.iter().zip(inspected(&files)) {
        let crude = rule_objects(&std::fs::read_to_string(&file.path).unwrap());
        raw += crude;
        let explained: i64 = reasons(file).iter().map(|(number, _)| number).sum();
        let differs = crude - counted(&answer);
        if differs != explained {
            wrong.push(format!("{}: differs by {differs}, and {explained} are explained", file.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(raw > 700, "the crude count finds little: {raw}");
    for (part, _) in DIFFERENCES {
        assert!(
            files.iter().any(|file| file.name.contains(part)),
            "the table explains {part}, which is nowhere"
        );
    }
}

#[test]
fn the_crude_count_finds_rules_in_every_spelling() {
    for (text, expected) in [
        (r#"{"a": [{"access": "Allow", "direction": "Inbound", "priority": 1}]}"#, 1),
        (
            r#"{"Access": "Allow", "Direction": "Inbound", "Protocol": "*", "x": {"access": 1, "direction": 2, "protocol": 3}}"#,
            2,
        ),
        (r#"{"access": "Allow", "direction": "Inbound"}"#, 0),
        ("{\"access\": 1, // why\n \"direction\": 2, \"priority\": 3,}", 1),
        (
            "\u{feff}{\"access\": 1, \"direction\": 2, \"priority\": 3}\n{\"access\": 1, \"direction\": 2, \"priority\": 3}\n",
            2,
        ),
    ] {
        assert_eq!(rule_objects(text), expected, "{text}");
    }
}
