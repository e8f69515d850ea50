//! `conform` over the recorded dumps: against themselves, and against networks of our own that state the same, or
//! nearly the same.

use crate::{File, document, files, the};
use serde_json::{Value, json};
use std::path::PathBuf;

const SCOPE: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network";

/// A file of ours with a network of one subnet; each rule as `name priority direction access protocol source port`.
struct Stated {
    group: &'static str,
    rules: &'static [&'static str],
    space: &'static str,
    /// Prefix and appliance of the one route.
    route: Option<(&'static str, &'static str)>,
}

const PLAIN: Stated = Stated { group: "own-nsg", rules: &[], space: "10.0.0.0/16", route: None };

fn rule(text: &str) -> Value {
    let [name, priority, direction, access, protocol, source, port] = text.split(' ').collect::<Vec<_>>()[..]
    else {
        panic!("{text}")
    };
    json!({
        "name": name, "priority": priority.parse::<i64>().unwrap(), "direction": direction, "access": access,
        "protocol": protocol, "sourcePortRange": "*", "destinationPortRange": port,
        "sourceAddressPrefix": source, "destinationAddressPrefix": "*",
    })
}

impl Stated {
    /// Writes the network, with groups beside it that no subnet names.
    fn write(&self, name: &str, more: &[(&str, &[&str])]) -> String {
        let rules = |rules: &[&str]| rules.iter().map(|text| rule(text)).collect::<Vec<_>>();
        let group = |name: &str, list: &[&str]| json!({"id": format!("{SCOPE}/networkSecurityGroups/{name}"), "name": name, "securityRules": rules(list)});
        let route = |(prefix, appliance): &(&str, &str)| json!({"name": "own", "addressPrefix": prefix, "nextHopType": "VirtualAppliance", "nextHopIpAddress": appliance});
        let mut all = vec![
            group(self.group, self.rules),
            json!({"id": format!("{SCOPE}/virtualNetworks/vnet1"), "name": "vnet1",
                "addressSpace": {"addressPrefixes": [self.space]},
                "subnets": [{"id": format!("{SCOPE}/virtualNetworks/vnet1/subnets/subnet1"), "name": "subnet1",
                    "addressPrefix": self.space, "delegations": [],
                    "networkSecurityGroup": {"id": format!("{SCOPE}/networkSecurityGroups/{}", self.group)},
                    "routeTable": {"id": format!("{SCOPE}/routeTables/rt")}}]}),
            json!({"id": format!("{SCOPE}/routeTables/rt"), "name": "rt",
                "routes": self.route.iter().map(route).collect::<Vec<_>>()}),
        ];
        all.extend(more.iter().map(|(name, list)| group(name, list)));
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&path, json!(all).to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// Exit status, kinds of differences with weight and their subjects, how many points are open.
#[track_caller]
fn check(dump: &File, input: &str, options: &[&str], status: i32, differences: &[&str], open: usize) {
    let mut arguments = vec!["conform", "--format", "json", dump.path.to_str().unwrap(), input];
    arguments.extend(options);
    let (found, document) = document(&arguments);
    let with_weight: Vec<String> = document["differences"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["severity"] != "note")
        .map(|one| format!("{} {}", one["kind"].as_str().unwrap(), one["subject"].as_str().unwrap()))
        .collect();
    assert_eq!(with_weight, differences, "{}", dump.name);
    assert_eq!(document["open"].as_array().unwrap().len(), open, "{}: {}", dump.name, document["open"]);
    assert_eq!(found, status, "{}", dump.name);
}

#[test]
fn recorded_routes_are_those_of_a_network_without_routes_of_its_own() {
    let Some(files) = files() else { return };
    for part in ["nic_convenience", "effective-route-table_and", "blog", "find_by_default"] {
        let dump = the(&files, "effective-routes", part);
        check(dump, dump.path.to_str().unwrap(), &[], 0, &[], 0);
        check(dump, &PLAIN.write("corpus-plain.json", &[]), &[], 0, &[], 0);
        let forced = Stated { route: Some(("0.0.0.0/0", "10.0.9.4")), ..PLAIN };
        check(dump, &forced.write("corpus-forced.json", &[]), &[], 1, &["missing-route own"], 0);
    }
}

#[test]
fn recorded_default_rules_are_those_of_a_group_without_rules() {
    let Some(files) = files() else { return };
    let dump = the(&files, "effective-nsg", "nic_convenience");
    let itself = dump.path.to_str().unwrap();
    // A dump does not show the subnet that it is of.
    check(dump, itself, &[], 3, &[], 1);
    let own = ["--nsg", "own-nsg", "--subnet", "subnet1"];
    check(dump, &PLAIN.write("corpus-default.json", &[]), &own, 0, &[], 0);
    let other = Stated { space: "10.1.0.0/16", ..PLAIN };
    check(dump, &other.write("corpus-space.json", &[]), &own, 1, &["tag VirtualNetwork"], 0);
    let more = Stated { rules: &["Ssh 100 Inbound Allow Tcp * 22"], ..PLAIN };
    check(dump, &more.write("corpus-more.json", &[]), &own, 1, &["missing-rule Ssh"], 0);
    check(
        dump,
        &PLAIN.write("corpus-name.json", &[]),
        &["--subnet", "subnet1"],
        1,
        &["unknown-group conveniencevm1NSG"],
        0,
    );
}

#[test]
fn a_recorded_view_shows_the_rules_at_the_interface_and_at_the_subnet() {
    let Some(files) = files() else { return };
    let dump = the(&files, "effective-nsg", "SecurityGroupViewGet");
    check(dump, dump.path.to_str().unwrap(), &[], 0, &[], 0);
    let rdp: &[&str] = &["default-allow-rdp 1000 Inbound Allow Tcp * 3389"];
    let web = Stated { group: "AppNSG", rules: &["fe_rule 100 Inbound Allow Tcp 10.1.0.0/24 *"], ..PLAIN };
    check(dump, &web.write("corpus-view.json", &[("nsg1", rdp)]), &[], 0, &[], 0);
    let closed = Stated { rules: &["fe_rule 100 Inbound Deny Tcp 10.1.0.0/24 *"], ..web };
    check(dump, &closed.write("corpus-deny.json", &[("nsg1", rdp)]), &[], 1, &["changed-rule fe_rule"], 0);
    let moved: &[&str] = &["default-allow-rdp 1000 Inbound Allow Tcp * 3390"];
    check(
        dump,
        &web.write("corpus-port.json", &[("nsg1", moved)]),
        &[],
        1,
        &["changed-rule default-allow-rdp"],
        0,
    );
}

#[test]
fn a_recorded_view_of_a_group_without_rules_needs_its_name() {
    let Some(files) = files() else { return };
    let dump = the(&files, "effective-nsg", "get_vm_security_rules");
    check(dump, dump.path.to_str().unwrap(), &[], 3, &[], 1);
    let input = PLAIN.write("corpus-unnamed.json", &[]);
    check(dump, &input, &[], 3, &[], 1);
    check(dump, &input, &["--nsg", "own-nsg"], 0, &[], 0);
}
