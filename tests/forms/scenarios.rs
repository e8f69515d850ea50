//! Networks that scenarios write, and inputs that they change.

use super::same::azure;
use super::*;

/// What a scenario leaves out, and what it changes of what it was given.
#[test]
fn scenarios_state_each_side_of_a_peering() {
    let peerings = |items: &str| {
        let text = format!(
            "scenario: a\nnetwork:\n  vnets: {{ a: {{ prefixes: [10.0.0.0/16] }}, b: {{ prefixes: [10.1.0.0/16] }} }}\n  peerings: {items}\nexpect: [{{ finding: unknown-peer }}]\n"
        );
        let lines = facts(&scenario(&text));
        lines.iter().map(|line| line.trim_start_matches("peering ").to_owned()).collect::<Vec<_>>().join("; ")
    };
    for (items, expected) in [
        (
            "[[a, b]]",
            "a -> b access true forwarded true transit false remote false; b -> a access true forwarded true transit false remote false",
        ),
        (
            "[{ from: a, to: b, access: false, forwarded: false, gateway_transit: true, remote_gateways: true }]",
            "a -> b access false forwarded false transit true remote true; b -> a access false forwarded false transit false remote false",
        ),
        (
            "[{ from: a, to: b, one_way: true }]",
            "a -> b access true forwarded true transit false remote false",
        ),
        (
            "[{ from: a, to: b, gateway_transit: true }, { from: B, to: A, remote_gateways: true }]",
            "a -> b access true forwarded true transit true remote false; b -> a access true forwarded true transit false remote true",
        ),
        ("[{ from: a, to: 10.9.0.0/16 }]", "a -> 16 access true forwarded true transit false remote false"),
    ] {
        assert_eq!(peerings(items), expected, "{items}");
    }
}

#[test]
fn a_scenario_changes_what_its_input_holds() {
    let resources = azure(declared, nested);
    let base = input(&by_name(&template(&resources))).network;
    let text = r"scenario: a
input: main.json
network:
  asgs: { web: [10.1.2.9] }
  interfaces: { web-1: { address: [10.1.2.5, 10.1.2.6], public: false }, web-2: { subnet: web, asgs: [web] } }
  endpoints: { sql: { address: [10.1.4.5, 10.1.4.6] } }
  gateways: { hub: unknown, spoke: [172.16.0.0/12] }
  routes: { rt: { propagation: true, routes: {} } }
expect: [{ finding: unknown-peer }]
";
    let file = ScenarioFile::read(&"a.yaml".into(), text).unwrap();
    let changed = network(&file, base, TagSnapshot::builtin()).unwrap();
    let wanted = ["interface", "  ", "endpoint", "gateway", "group", "table"];
    let lines = facts(&changed);
    let lines: Vec<&str> = lines
        .iter()
        .map(String::as_str)
        .filter(|line| wanted.iter().any(|word| line.starts_with(word)))
        .collect();
    assert_eq!(
        lines.join("\n"),
        "interface firewall-1 nsg none forwards true
  10.0.0.68 in firewall groups [] public false
interface web-1 nsg nic-nsg forwards false
  10.1.2.5 in web groups [web] public false
  10.1.2.6 in web groups [web] public false
interface web-2 nsg none forwards false
  ? in web groups [web] public false
endpoint sql in private [10.1.4.5 10.1.4.6]
gateway in hub ?
gateway in spoke [172.16.0.0/12]
group web [10.1.2.5/32 10.1.2.6/32 10.1.2.9/32] possible [10.1.2.0/30 10.1.2.128/25 10.1.2.16/28 10.1.2.32/27 10.1.2.4/32 10.1.2.64/26 10.1.2.7/32 10.1.2.8/29]
table rt propagates true"
    );
    // The subnet still refers to the table.
    let apim = changed.subnets_named("apim")[0];
    assert!(changed.route_table_of(apim).known().is_some_and(Option::is_some));
}

/// The example of the page on scenario files.
#[test]
fn the_page_shows_a_whole_network() {
    let page = std::fs::read_to_string("docs/scenarios.md").unwrap();
    let (_, behind) = page.split_once("## Networks").unwrap();
    let (_, behind) = behind.split_once("```yaml\n").unwrap();
    let (example, _) = behind.split_once("```").unwrap();
    let network = scenario(&format!("scenario: a\n{example}expect: [{{ finding: unknown-peer }}]\n"));
    let counts = network.counts();
    assert_eq!((counts.interfaces, counts.private_endpoints, counts.gateways, counts.peerings), (2, 1, 1, 2));
    assert_eq!((counts.routes, counts.application_groups), (1, 1));
}
