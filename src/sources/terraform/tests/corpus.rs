//! Public plans and states, where they lie beside the project: counts and joins that were checked by hand.

use crate::model::Fact;
use crate::sources::tests::corpus::folder;
use crate::sources::{Input, InputKind, ReadOptions, read_file};
use std::path::Path;

/// The input of the file whose name contains a text.
fn input(folder: &Path, kind: &str, part: &str) -> Input {
    let mut files = std::fs::read_dir(folder.join(kind)).unwrap().map(|entry| entry.unwrap().path());
    let file = files.find(|path| path.to_string_lossy().contains(part)).unwrap_or_else(|| panic!("{part}"));
    read_file(&file, &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// Networks, groups, their rules, subnets, subnets with a group that is known, instances, as one line.
fn counts(input: &Input) -> String {
    let network = &input.network;
    let rules: usize = network.security_groups.iter().map(|group| group.rules.custom().count()).sum();
    let joined = network.subnets.iter().filter(|subnet| match &subnet.security_group {
        Fact::Known(Some(id)) => network.security_group(id).is_some(),
        _ => false,
    });
    format!(
        "{} vnets {} nsgs {rules} rules {} subnets {} joined {} apim",
        network.virtual_networks.len(),
        network.security_groups.len(),
        network.subnets.len(),
        joined.count(),
        network.instances.len()
    )
}

#[test]
fn public_plans_and_states_are_read_whole() {
    let Some(folder) = folder() else { return };
    for (kind, part, expected) in [
        // 15 rules of their own, and three inline in each of the two groups of scale sets.
        ("tf-plan", "15-Azure-Application-Gateway", "1 vnets 7 nsgs 21 rules 5 subnets 5 joined 0 apim"),
        ("tf-plan", "14-Azure-Application-Gateway", "1 vnets 6 nsgs 18 rules 5 subnets 5 joined 0 apim"),
        ("tf-plan", "mage-ai", "1 vnets 2 nsgs 7 rules 2 subnets 2 joined 0 apim"),
        // The groups are those of interfaces.
        (
            "tf-plan",
            "terraform-master_application_gateway",
            "1 vnets 2 nsgs 2 rules 3 subnets 0 joined 0 apim",
        ),
        ("tf-plan", "prueba-devsu", "1 vnets 1 nsgs 5 rules 5 subnets 5 joined 1 apim"),
        ("tf-plan", "checkov", "0 vnets 2 nsgs 1 rules 0 subnets 0 joined 0 apim"),
        // The same without what comes later and without the configuration: nothing joins by reference.
        ("tf-plan-changes", "15-Azure", "1 vnets 7 nsgs 21 rules 5 subnets 0 joined 0 apim"),
        ("tf-plan-changes", "mage-ai", "1 vnets 2 nsgs 7 rules 2 subnets 0 joined 0 apim"),
        ("tf-plan-changes", "prueba-devsu", "1 vnets 1 nsgs 5 rules 5 subnets 0 joined 1 apim"),
        ("tf-state", "learn-terraform", "3 vnets 1 nsgs 3 rules 4 subnets 1 joined 0 apim"),
        ("tf-state", "terraform_stuff", "1 vnets 1 nsgs 1 rules 1 subnets 0 joined 0 apim"),
    ] {
        let input = input(&folder, kind, part);
        let kind = if kind == "tf-state" { InputKind::TerraformState } else { InputKind::TerraformPlan };
        assert_eq!((input.kind, &*counts(&input)), (kind, expected), "{part}");
    }
}

#[test]
fn the_public_instance_stands_in_its_subnet_behind_its_group() {
    let Some(folder) = folder() else { return };
    let input = input(&folder, "tf-plan", "prueba-devsu");
    let instance = &input.network.instances[0];
    let Fact::Known(Some(id)) = &instance.primary.subnet else { panic!("{:?}", instance.primary) };
    let subnet = input.network.subnet(id).unwrap();
    assert_eq!(
        (instance.name.as_str(), subnet.name().as_str()),
        ("devsu-ApiManagement", "devsu-Vnet/devsu-ApimSubnet")
    );
    let Fact::Known(Some(group)) = input.network.security_group_of(subnet) else { panic!() };
    assert_eq!((group.name(), group.rules.custom().count()), ("devsu-myNSG", 5));
    assert_eq!(subnet.origin.within.as_deref(), Some("azurerm_subnet.apim_subnet"));
}
