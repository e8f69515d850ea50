//! Every rule set of API Management gets an answer of `check`: the templates as they are, and the cuts of Bicep and
//! Terraform source after they were turned into what az shows (the program does not read cuts).

use crate::{document, files, the};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

const SCOPE: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network";
const PLACE: [&str; 6] = ["--subnet", "apim-subnet", "--tier", "premium", "--region", "westeurope"];

/// Runs `check`; gives the status and the rows of weight that are not allowed, with the findings of near misses.
fn check(input: &str, options: &[&str]) -> (i32, Vec<String>) {
    let mut arguments = vec!["check", "--format", "json", input];
    arguments.extend(options);
    let (status, document) = document(&arguments);
    let instances = document["instances"].as_array().unwrap();
    assert!(!instances.is_empty(), "{arguments:?}");
    let text = |value: &Value, key: &str| value[key].as_str().unwrap().to_owned();
    let rows = instances.iter().flat_map(|instance| instance["flows"].as_array().unwrap());
    let mut told: Vec<String> = rows
        .filter(|row| row["severity"] == "error")
        .filter(|row| row["verdict"] != "allowed" && row["verdict"] != "not_applicable")
        .map(|row| format!("{} {}", text(row, "id"), text(row, "verdict")))
        .collect();
    let findings = document["findings"].as_array().unwrap().iter();
    told.extend(
        findings
            .filter(|finding| finding["code"] == "near-miss-port")
            .map(|finding| text(finding, "message")),
    );
    (status, told)
}

/// Part of the name, options, status, and what is told.
type Case = (&'static str, &'static [&'static str], i32, &'static [&'static str]);

/// Where a certificate's hosts are is the user's to say; each file closes the rest of the Internet on port 80.
const CERTIFICATES: &[&str] = &["--param", "certificate_addresses=93.184.216.34"];

const TEMPLATES: &[Case] = &[
    ("external-vnet_azuredeploy_1157ae5", &[], 3, &["cert-http-80 unknown"]),
    ("external-vnet_azuredeploy_1157ae5", CERTIFICATES, 1, &["cert-http-80 blocked"]),
    ("external-vnet_azuredeploy_2b67693", &[], 3, &["cert-http-80 unknown"]),
    ("front-door-api-management", &[], 0, &[]),
    ("private-webapp-with-app-gateway-and-apim", &[], 0, &[]),
    ("create-with-internal-vnet-publicip", &[], 3, &["cert-http-80 unknown"]),
    ("create-with-internal-vnet-publicip", CERTIFICATES, 1, &["cert-http-80 blocked"]),
];

#[test]
fn every_template_with_an_instance_gets_an_answer() {
    let Some(files) = files() else { return };
    for (part, options, status, told) in TEMPLATES {
        let file = the(&files, "arm-apim", part);
        assert_eq!(
            check(file.path.to_str().unwrap(), options),
            (*status, told.iter().map(|&text| text.to_owned()).collect()),
            "{part}"
        );
    }
    let covered = |name: &str| TEMPLATES.iter().any(|(part, ..)| name.contains(part));
    let left: Vec<&str> = files
        .iter()
        .filter(|file| file.family == "arm-apim" && !covered(&file.name))
        .map(|file| &*file.name)
        .collect();
    assert_eq!(left, ["arm-apim/azure-apim__templates_network.json"], "which the next test asks");
}

#[test]
fn a_template_without_an_instance_gets_an_answer_with_hints() {
    let Some(files) = files() else { return };
    let input = the(&files, "arm-apim", "azure-apim__templates_network").path.to_str().unwrap();
    let values = the(&files, "arm-params", "dev.parameters").path.to_str().unwrap();
    for (options, status, told) in [
        // Only the application gateway's subnet is let in, and its prefix is an argument.
        (&["--mode", "external"][..], 3, &["client-https unknown"][..]),
        (
            &["--mode", "external", "--set", "appGatewaySubnetPrefix=10.0.2.0/24"],
            1,
            &["client-https blocked"],
        ),
        (&["--mode", "external", "--parameters", values], 1, &["client-https blocked"]),
        (&["--mode", "internal"], 0, &[]),
    ] {
        let options = [&PLACE[..], options].concat();
        assert_eq!(check(input, &options), (status, told.iter().map(|&text| text.to_owned()).collect()));
    }
}

/// A rule of any spelling as az shows it: everything beside the name, in camel case.
fn az_rule(rule: &Value) -> Value {
    let fields = rule.get("properties").unwrap_or(rule).as_object().unwrap();
    let camel = |key: &str| {
        let mut words = key.split('_');
        let first = words.next().unwrap_or_default().to_owned();
        words.fold(first, |text, word| text + &word[..1].to_uppercase() + &word[1..])
    };
    let mut shown: Map<String, Value> =
        fields.iter().map(|(key, value)| (camel(key), value.clone())).collect();
    shown.insert("name".to_owned(), rule["name"].clone());
    Value::Object(shown)
}

/// The rule list of a cut that lets management in, in an az file with a network and an instance.
fn az_form(cut: &Value) -> (usize, Value) {
    let lists = ["/rules", "/properties/securityRules", "/values/security_rule"];
    let resources = cut["resources"].as_array().unwrap().iter();
    let mut groups = resources.filter_map(|resource| {
        lists
            .iter()
            .find_map(|list| resource.pointer(list))
            .map(|list| list.as_array().unwrap().iter().map(az_rule).collect::<Vec<_>>())
    });
    let is_of_gateway =
        |rules: &Vec<Value>| rules.iter().any(|rule| rule["destinationPortRange"].as_str() == Some("3443"));
    let rules = groups.find(is_of_gateway).unwrap();
    let subnet = format!("{SCOPE}/virtualNetworks/hub/subnets/apim");
    let group = format!("{SCOPE}/networkSecurityGroups/apim-nsg");
    let count = rules.len();
    (
        count,
        json!([
            {"id": group, "name": "apim-nsg", "securityRules": rules},
            {"id": format!("{SCOPE}/virtualNetworks/hub"), "name": "hub",
             "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
             "subnets": [{"id": subnet, "name": "apim", "addressPrefix": "10.0.1.0/24", "delegations": [],
                "networkSecurityGroup": {"id": group}}]},
            {"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/apim", "name": "apim",
             "location": "West Europe", "sku": {"name": "Premium", "capacity": 1}, "virtualNetworkType": "External",
             "platformVersion": "stv2", "virtualNetworkConfiguration": {"subnetResourceId": subnet}}
        ]),
    )
}

/// Family, part of the name, how many rules the gateway's group has, options, status, what is told.
type Cut = (&'static str, &'static str, usize, &'static [&'static str], i32, &'static [&'static str]);

const CUTS: &[Cut] = &[
    // Traffic Manager alone is let in on 443, and where clients are is not said: some are enough.
    ("derived-apim-bicep", "apim-landing-zone-accelerator", 7, &[], 0, &[]),
    ("derived-apim-bicep", "apim-managed-certs__main", 18, CERTIFICATES, 1, &["cert-http-80 blocked"]),
    ("derived-apim-bicep", "apim-managed-certs__template", 18, CERTIFICATES, 1, &["cert-http-80 blocked"]),
    ("derived-apim-terraform", "eu-west-migration", 5, &[], 1, &["client-https blocked"]),
    ("derived-apim-terraform", "eu-west.json", 4, &[], 1, &["client-https blocked"]),
    (
        "derived-apim-terraform",
        "apim-landing-zone-accelerator",
        6,
        &[],
        1,
        &["client-https blocked", "`apim-azure-sql` allows Sql:1443; `sql-1433` needs Sql:1433"],
    ),
];

#[test]
fn cuts_of_source_turned_into_az_form_get_an_answer() {
    let Some(files) = files() else { return };
    for (index, (family, part, rules, options, status, told)) in CUTS.iter().enumerate() {
        let text = std::fs::read_to_string(&the(&files, family, part).path).unwrap();
        let (count, input) = az_form(&serde_json::from_str(&text).unwrap());
        assert_eq!(count, *rules, "{part}");
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("corpus-cut-{index}.json"));
        std::fs::write(&path, input.to_string()).unwrap();
        let expected: Vec<String> = told.iter().map(|&text| text.to_owned()).collect();
        assert_eq!(check(path.to_str().unwrap(), options), (*status, expected), "{part}");
    }
    let cuts = files.iter().filter(|file| file.family.starts_with("derived-")).count();
    assert_eq!(cuts, CUTS.len());
}
