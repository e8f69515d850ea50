//! Public examples, where they lie beside the project.

use super::super::{Input, InputKind, ReadOptions, read_file};
use super::{summary, word};
use crate::model::Fact;
use std::path::{Path, PathBuf};

/// The folder of public examples; says so where it is absent.
pub(crate) fn folder() -> Option<PathBuf> {
    let shared = std::env::var_os("FLOWCHECK_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"));
    let folder = shared.join("data/corpus");
    if !folder.is_dir() {
        eprintln!("SKIPPED: no corpus; set FLOWCHECK_SHARED to the folder that holds data/corpus");
        return None;
    }
    Some(folder)
}

fn files(folder: &Path, kind: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder.join(kind)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{kind}");
    files
}

fn input(path: &Path) -> Input {
    read_file(path, &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_public_instance_joins_its_subnet_and_group() {
    let Some(folder) = folder() else { return };
    let unique = "${uniqueString(resourceGroup().id)}";
    let table = [
        (
            "external-vnet_azuredeploy_1157ae5",
            format!("apiservice{unique} Developer external ${{parameters('subnetName')}} x1"),
            (format!("apimnsg{unique}"), 15, "Management_endpoint_for_Azure_portal_and_Powershell", 117),
        ),
        (
            "external-vnet_azuredeploy_2b67693",
            format!("apiservice{unique} Developer external apim x1"),
            (format!("apimnsg{unique}"), 18, "Management_endpoint_for_Azure_portal_and_Powershell", 131),
        ),
        (
            "front-door-api-management",
            "${parameters('apimServiceName')} Developer external ApiManagementSubnet x1".to_owned(),
            (
                "FrontDoorApimSampleNsg".to_owned(),
                14,
                "ManagementEndpointForAzurePortalAndPowershellInbound",
                271,
            ),
        ),
        (
            "private-webapp-with-app-gateway-and-apim",
            format!("apim-{unique} Developer internal snet-{unique}-apim x1"),
            (format!("nsg-{unique}-apim"), 1, "apim-in", 502),
        ),
        (
            "create-with-internal-vnet-publicip",
            format!("apiservice{unique} Premium internal apim x2"),
            (format!("apimnsg{unique}"), 16, "Management_endpoint_for_Azure_portal_and_Powershell", 159),
        ),
    ];
    let mut seen = 0;
    for path in files(&folder, "arm-apim") {
        let network = input(&path).network;
        seen += network.instances.len();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Some((_, says, (group, count, rule, line))) = table.iter().find(|row| name.contains(row.0))
        else {
            assert!(network.instances.is_empty(), "{name}");
            continue;
        };
        let [instance] = &network.instances[..] else { panic!("{name}") };
        let Fact::Known(Some(subnet)) = &instance.primary.subnet else { panic!("{name}") };
        let (tier, mode, units) = (word(&instance.tier), word(&instance.mode), word(&instance.primary.units));
        assert_eq!(&format!("{} {tier} {mode} {} x{units}", instance.name, subnet.name()), says, "{name}");
        let subnet = network.subnet(subnet).unwrap_or_else(|| panic!("{name}: the subnet is not joined"));
        assert!(network.virtual_network(&subnet.network).is_some(), "{name}");
        let Fact::Known(Some(found)) = network.security_group_of(subnet) else { panic!("{name}") };
        assert_eq!((found.name(), found.rules.custom().count()), (&**group, *count), "{name}");
        let rule = found.rules.rules.iter().find(|found| found.name == *rule).unwrap();
        assert_eq!(rule.origin.line, *line, "{name}");
    }
    assert_eq!(seen, table.len());
}

#[test]
fn every_public_file_is_read_or_says_what_it_is() {
    let Some(folder) = folder() else { return };
    let print = std::env::var_os("FLOWCHECK_PRINT").is_some();
    let mut kinds: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    kinds.sort();
    for kind in kinds {
        for path in files(&folder, &kind) {
            let name = format!("{kind}/{}", path.file_name().unwrap().to_string_lossy());
            let read = read_file(&path, &ReadOptions::default());
            match (&*kind, &read) {
                ("arm" | "arm-apim" | "bicep-compiled" | "bicep-symbolic", Ok(input)) => {
                    assert_eq!(input.kind, InputKind::Template, "{name}");
                }
                ("nsg-rest", Ok(input)) => assert_eq!(input.kind, InputKind::AzureJson, "{name}"),
                ("arm" | "arm-apim" | "nsg-rest" | "bicep-compiled" | "bicep-symbolic", Err(error)) => {
                    panic!("{name}: {error}");
                }
                ("tf-plan" | "tf-plan-changes", Ok(input)) => {
                    assert_eq!(input.kind, InputKind::TerraformPlan, "{name}");
                }
                ("tf-state", Ok(input)) => assert_eq!(input.kind, InputKind::TerraformState, "{name}"),
                ("tf-plan" | "tf-plan-changes" | "tf-state", Err(error)) => panic!("{name}: {error}"),
                ("arm-params", Err(error)) => assert_eq!(error.looks_like, Some(InputKind::Parameters)),
                ("flow-nsg" | "flow-vnet", Err(error)) => {
                    assert_eq!(error.looks_like, Some(InputKind::FlowLog), "{name}");
                }
                _ => {}
            }
            if print {
                println!("== {name}");
                print_read(&read);
            }
        }
    }
}

fn print_read(read: &Result<Input, super::super::ReadError>) {
    match read {
        Ok(input) => {
            for line in summary(&input.network) {
                println!("   {line}");
            }
            for finding in &input.findings {
                println!("   ! {} {} {}", finding.origin.line, finding.code, finding.message);
            }
        }
        Err(error) => println!("   E {error}"),
    }
}

/// Checked by hand: a part of the file's name, groups, rules of them all with the defaults, prefixes that tags
/// stand for, associations.
#[test]
fn effective_rules_of_the_corpus_are_read_whole() {
    let Some(folder) = folder() else { return };
    let table = [
        // Six defaults; VirtualNetwork four times two prefixes, AzureLoadBalancer two, Internet 236.
        ("nic_convenience", (1, 6, 4 * 2 + 2 + 236, 1)),
        // Of the two groups one rule each is shown, and of the defaults one; the others are added.
        ("SecurityGroupViewGet", (2, 14, 0, 2)),
        ("get_vm_security_rules", (1, 6, 0, 1)),
    ];
    let files = files(&folder, "effective-nsg");
    assert_eq!(files.len(), table.len());
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (_, expected) = table.iter().find(|row| name.contains(row.0)).unwrap();
        let network = input(&path).network;
        let rules = || network.security_groups.iter().flat_map(|group| &group.rules.rules);
        let sides = rules().flat_map(|rule| [&rule.source, &rule.destination]);
        let prefixes: usize =
            sides.filter_map(crate::network::effective::expansion).map(|(_, nets)| nets.len()).sum();
        let found =
            (network.security_groups.len(), rules().count(), prefixes, network.effective.groups.len());
        assert_eq!(found, *expected, "{name}");
        assert!(rules().all(|rule| rule.priority.is_settled() && rule.doubt.is_none()), "{name}");
    }
}

/// Checked by hand: a part of the file's name, routes, and prefixes of all of them.
#[test]
fn effective_routes_of_the_corpus_are_read_whole() {
    let Some(folder) = folder() else { return };
    let table = [
        ("nic_convenience", (7, 7)),
        ("effective-route-table_and", (5, 5)),
        ("blog_service_endpoint", (9, 8 + 26)),
        ("find_by_default_routes", (5, 5)),
    ];
    let files = files(&folder, "effective-routes");
    assert_eq!(files.len(), table.len());
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (_, expected) = table.iter().find(|row| name.contains(row.0)).unwrap();
        let [dump] = &input(&path).network.effective.routes[..] else { panic!("{name}") };
        let prefixes: usize = dump.routes.iter().map(|route| route.prefixes.known().unwrap().len()).sum();
        assert_eq!((dump.routes.len(), prefixes), *expected, "{name}");
        assert!(dump.routes.iter().all(|route| route.is_from("Default") && route.is_active()), "{name}");
    }
}
