//! Scenario files: what a mistake says, and what a failed expectation shows.

#![allow(missing_docs, clippy::panic, clippy::unwrap_used, reason = "a test has no users")]

use flowcheck::model::{Fact, Region, Tier};
use flowcheck::network::{Instance, Location, Network};
use flowcheck::scenario::{Files, Loaded, Outcome, ScenarioFile, ScenarioInput, network, run};
use flowcheck::tags::TagSnapshot;
use proptest::prelude::*;
use std::path::Path;

/// One file in memory, and an input with a network of its own.
struct Memory<'a> {
    text: &'a [u8],
    input: Loaded,
}

impl Files for Memory<'_> {
    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        match path.extension() {
            Some(end) if end == "yaml" => Ok(self.text.to_vec()),
            _ => Err("no such file".to_owned()),
        }
    }

    fn load(&self, path: &Path, input: &ScenarioInput) -> Result<Loaded, String> {
        assert_eq!(input.parameters.is_some(), !input.set.is_empty(), "{input:?}");
        match path.file_name() {
            Some(name) if name == "main.json" => Ok(self.input.clone()),
            _ => Err("no such file".to_owned()),
        }
    }
}

fn outcome(text: &str) -> Outcome {
    outcome_with(text, Loaded::default())
}

fn outcome_with(text: &str, input: Loaded) -> Outcome {
    run(Path::new("a.yaml"), &Memory { text: text.as_bytes(), input }, TagSnapshot::builtin())
}

/// A scenario that can be asked, with places for other lines.
const WHOLE: &str = r#"scenario: A title
apim: { subnet: apim, mode: external, tier: premium, region: westeurope }
network:
  vnets:
    hub-vnet: { prefixes: [10.0.0.0/16], subnets: { apim: { prefix: 10.0.1.0/24, nsg: apim-nsg } } }
  nsgs:
    apim-nsg:
      AllowManagement: 110 In Allow Tcp ApiManagement:* -> VirtualNetwork:3443
      AllowSql: 100 Out Allow Tcp apim:* -> Sql:1443
      DenyAllOut: 4096 Out Deny * *:* -> *:*
tags: builtin
expect:
  - { flow: mgmt-3443, verdict: allowed }
"#;

/// Replaces one line of the whole scenario and looks for a mistake of that line.
#[track_caller]
fn line_says(old: &str, new: &str, says: &[&str]) {
    let line = WHOLE.lines().position(|line| line.contains(old)).unwrap() + 1;
    let outcome = outcome(&WHOLE.replacen(old, new, 1));
    assert!(!outcome.passed && outcome.expectations.is_empty(), "{outcome:?}");
    let found = outcome.mistakes.iter().any(|mistake| {
        mistake.origin.line as usize == line && says.iter().all(|says| mistake.message.contains(says))
    });
    assert!(found, "{new}: line {line} {says:?}: {:#?}", outcome.mistakes);
}

#[test]
fn the_whole_scenario_holds() {
    let outcome = outcome(WHOLE);
    assert!(outcome.passed, "{outcome:#?}");
    assert_eq!((outcome.file.as_str(), outcome.name.as_str()), ("a.yaml", "A title"));
}

#[test]
fn mistakes_of_the_head_name_the_line_and_what_would_be_accepted() {
    line_says("scenario: A title", "scenario: A: title", &["no YAML", "quote"]);
    line_says("scenario: A title", "scenari: A title", &["`scenari` is no key", "did you mean `scenario`?"]);
    line_says("scenario: A title", "nonsense: A title", &["`nonsense` is no key", "`expect`"]);
    line_says("scenario: A title", "scenario: [A, title]", &["a title", "a list", "quotes"]);
    line_says("scenario: A title", "scenario:", &["nothing stands behind `scenario`"]);
    line_says("tags: builtin", "tags: list.txt", &["`list.txt` cannot be read"]);
    line_says("tags: builtin", "profile: 2026-13", &["`2026-13`"]);
    line_says("tags: builtin", "profile: sed", &["`sed` is no profile", "seed"]);
    line_says("tags: builtin", "cloud: chna", &["`chna` is no cloud"]);
    line_says("tags: builtin", "cloud: china", &["China"]);
    line_says("tags: builtin", "params: { client_source: 1.2.3.4 }", &["did you mean `client_sources`?"]);
    line_says("tags: builtin", "params: { client_sources: 1.2.3.400 }", &["`1.2.3.400`"]);
    line_says(
        "tags: builtin",
        "params: { client_sources: 1.2.3.4,5.6.7.8 }",
        &["`5.6.7.8`", "quote the text"],
    );
    line_says("tags: builtin", "params: [a]", &["a map from the name", "a list"]);
    line_says("tags: builtin", "parameters: a.json", &["`parameters`", "`input` only"]);
    line_says("tags: builtin", "set: { a: 1 }", &["`set`", "`input` only"]);
    line_says("tags: builtin", "input: other.json", &["`other.json`: no such file"]);
    line_says("tags: builtin", "vnet_prefixes: [10.0.0.1/8]", &["host bits", "`10.0.0.0/8`"]);
    line_says(
        "tags: builtin",
        "properties: [every In Tcp * -> apim:22]",
        &["the text ends where `is allowed` or `is blocked`"],
    );
    line_says("tags: builtin", "scenario: Again", &["`scenario` stands twice", "line 1"]);
}

#[test]
fn mistakes_of_the_instance_name_the_line_and_what_would_be_accepted() {
    for (old, new, says) in [
        ("mode: external", "mode: extern", "did you mean `external`?"),
        ("tier: premium", "tier: premum", "did you mean `Premium`?"),
        ("tier: premium", "teir: premium", "did you mean `tier`?"),
        ("subnet: apim", "subnet: apin", "there is no subnet `apin`; did you mean `apim`?"),
        ("subnet: apim", "subnet: other", "there is `apim`"),
        ("region: westeurope", "region: westeurpe", "did you mean `westeurope`?"),
        ("region: westeurope", "platform: stv2", "`apim` needs `region` as well"),
        ("mode: external", "mode: none", "leave `subnet` out"),
        ("region: westeurope", "region: westeurope, units: 0", "`0` is no number of units"),
        ("region: westeurope", "region: westeurope, units: two", "`two` is no number of units"),
        ("region: westeurope", "region: westeurope, features: [rate-limits]", "did you mean `rate-limit`?"),
        ("region: westeurope", "region: westeurope, locations: [{ subnet: apim }]", "needs a `region`"),
        (
            "region: westeurope",
            "region: westeurope, locations: [{ region: northeurope }]",
            "needs a `subnet`",
        ),
        ("region: westeurope", "region: westeurope, locations: northeurope", "a list of locations"),
        ("region: westeurope", "region: westeurope, platform: stv3", "`stv3` is no platform"),
    ] {
        line_says(old, new, &[says]);
    }
    line_says(
        "apim: { subnet: apim, mode: external, tier: premium, region: westeurope }",
        "apim: main",
        &["a map of"],
    );
}

#[test]
fn mistakes_of_the_network_name_the_line_and_what_would_be_accepted() {
    for (old, new, says) in [
        ("  nsgs:", "  nsg:", "did you mean `nsgs`?"),
        ("prefix: 10.0.1.0/24", "prefix: 10.0.1.0/33", "`10.0.1.0/33` is no prefix"),
        ("prefix: 10.0.1.0/24", "prefix: 10.0.1.4/24", "write `10.0.1.0/24`"),
        ("prefix: 10.0.1.0/24", "prefix: 10.1.1.0/24", "outside its virtual network"),
        ("prefix: 10.0.1.0/24, ", "", "needs a `prefix`"),
        ("prefix: 10.0.1.0/24", "prefix: 10.0.1.0/24, prefixes: [10.0.2.0/24]", "keep one"),
        ("prefix: 10.0.1.0/24", "prefix: 10.0.1.0/24, routes: rt", "there is no route table `rt`"),
        ("prefixes: [10.0.0.0/16], ", "", "needs `prefixes`"),
        ("prefixes: [10.0.0.0/16], ", "prefixes: [10.0.0.0/16], dns_servers: [dns], ", "`dns` is no address"),
        (
            "prefixes: [10.0.0.0/16], ",
            "prefixes: [10.0.0.0/16], peerings: [hup-vnet], ",
            "did you mean `hub-vnet`?",
        ),
        ("nsg: apim-nsg", "nsg: apim-nsgs", "did you mean `apim-nsg`?"),
        ("AllowManagement: 110 In", "AllowManagement: 110 Into", "`Into`: expected a direction"),
        ("110 In Allow", "110 In Permit", "`Permit`: expected an access"),
        ("110 In Allow Tcp", "110 In Allow Tpc", "`Tpc`: expected a protocol"),
        ("VirtualNetwork:3443", "VirtualNetwork:https", "`https`: expected a port"),
        ("-> VirtualNetwork:3443", "VirtualNetwork:3443", "an arrow"),
        ("-> VirtualNetwork:3443", "-> subnet:apin:3443", "there is no subnet `apin`; did you mean `apim`?"),
        ("-> VirtualNetwork:3443", "-> asg:web:3443", "there is no application security group `web`"),
        ("110 In Allow Tcp ApiManagement:* -> VirtualNetwork:3443", "{ priority: 110 }", "expected a rule"),
        ("110 In Allow Tcp ApiManagement:* -> VirtualNetwork:3443", "", "quote the text before it"),
        ("      AllowSql: 100", "      AllowManagement: 100", "stands twice, first in line 8"),
        ("    apim-nsg:", "    apim/nsg:", "is no name for a network security group"),
        ("tags: builtin", "  interfaces: { vm: { address: 10.0.1.4 } }", "needs a `subnet`"),
        ("tags: builtin", "  interfaces: { vm: { subnet: apin } }", "did you mean `apim`?"),
        (
            "tags: builtin",
            "  interfaces: { vm: { subnet: apim, adress: 10.0.1.4 } }",
            "did you mean `address`?",
        ),
        ("tags: builtin", "  interfaces: { vm: { subnet: apim, address: here } }", "`here` is no address"),
        ("tags: builtin", "  interfaces: { vm: { subnet: apim, address: 10.0.2.4 } }", "outside its subnet"),
        ("tags: builtin", "  interfaces: { vm: { subnet: apim, nsg: apim-ns } }", "did you mean `apim-nsg`?"),
        ("tags: builtin", "  interfaces: { vm: { subnet: apim, asgs: [web] } }", "as in `web: []`"),
        (
            "tags: builtin",
            "  interfaces: { vm: { subnet: apim, public: yes } }",
            "neither `true` nor `false`",
        ),
        ("tags: builtin", "  interfaces: [vm]", "a map from the name to a network interface"),
        ("tags: builtin", "  endpoints: { sql: { address: 10.0.1.4 } }", "needs a `subnet`"),
        ("tags: builtin", "  endpoints: { sql: { subnet: apim, address: 10.0.2.4 } }", "outside its subnet"),
        ("tags: builtin", "  gateways: { hup-vnet: [10.9.0.0/16] }", "did you mean `hub-vnet`?"),
        ("tags: builtin", "  gateways: { hub-vnet: [10.9.0.0/33] }", "is no prefix"),
        ("tags: builtin", "  gateways: { hub-vnet: }", "write prefixes, or `unknown`"),
        ("tags: builtin", "  peerings: [[hub-vnet]]", "pairs of networks"),
        ("tags: builtin", "  peerings: [{ from: hub-vnet }]", "a peering needs `to`"),
        ("tags: builtin", "  peerings: [{ from: hub-vnet, to: hup-vnet }]", "did you mean `hub-vnet`?"),
        ("tags: builtin", "  peerings: [{ from: hub-vnet, to: 10.1.0.0/16, acces: true }]", "`access`?"),
        (
            "tags: builtin",
            "  routes: { rt: { propagation: false } }",
            "`{ propagation: false, routes: { .. } }`",
        ),
        (
            "tags: builtin",
            "  routes: { rt: { propagate: false, routes: {} } }",
            "did you mean `propagation`?",
        ),
        ("tags: builtin", "  routes: { rt: { propagation: off, routes: {} } }", "neither `true` nor `false`"),
        (
            "prefix: 10.0.1.0/24",
            "prefix: 10.0.1.0/24, private_endpoint_policies: On",
            "`On` is no private endpoint network policy",
        ),
        ("tags: builtin", "  asgs: { web: 10.0.1.0/33 }", "is no prefix"),
        ("tags: builtin", "  routes: { rt: { r: 0.0.0.0/0 VirtualAppliance } }", "there is no arrow"),
        (
            "tags: builtin",
            "  routes: { rt: { r: 0.0.0.0/0 -> VirtualAplliance } }",
            "did you mean `VirtualAppliance`?",
        ),
        (
            "tags: builtin",
            "  routes: { rt: { r: 0.0.0.0/0 -> VirtualAppliance } }",
            "needs the appliance's address",
        ),
        ("tags: builtin", "  routes: { rt: { r: 0.0.0.0/0 -> Internet 10.0.0.1 } }", "one word too many"),
        ("tags: builtin", "  routes: { rt: { r: 10.0.0.1/8 -> Internet } }", "write `10.0.0.0/8`"),
        ("tags: builtin", "  routes: { rt: { r: 10.0.0.300 -> Internet } }", "neither a prefix nor a tag"),
    ] {
        // Keys of `network` come right behind the rules.
        line_says(old, new, &[says]);
    }
}

#[test]
fn mistakes_of_an_expectation_name_the_line_and_what_would_be_accepted() {
    for (new, says) in [
        ("{ flow: mgmt-3433, verdict: allowed }", "did you mean `mgmt-3443`?"),
        ("{ flow: mgmt-3443, verdict: alowed }", "did you mean `allowed`?"),
        ("{ flow: mgmt-3443 }", "`verdict` is missing beside `flow`"),
        ("{ flow: mgmt-3443, verdict: allowed, severty: note }", "did you mean `severity`?"),
        ("{ flow: mgmt-3443, verdict: allowed, severity: eror }", "did you mean `error`?"),
        ("{ flow: mgmt-3443, verdict: allowed, by: AllowManagment }", "did you mean `AllowManagement`?"),
        (
            "{ flow: mgmt-3443, verdict: allowed, by: other/AllowManagement }",
            "there is no rule `other/AllowManagement`",
        ),
        ("{ flow: mgmt-3443, verdict: allowed, dead: lb-probe }", "there is no flow `lb-probe`"),
        ("{ flow: mgmt-3443, verdict: allowed, depends_on: U99 }", "`U99` is no switch"),
        ("{ flow: mgmt-3443, verdict: allowed, direction: out }", "goes only in"),
        (
            "{ flow: mgmt-3443, verdict: allowed, location: northeurope }",
            "there is no location `northeurope`",
        ),
        ("{ flow: mgmt-3443, verdict: allowed, at: AllowSql }", "`at` is no key of an expectation of `flow`"),
        (
            "{ flows: required, verdict: allowed, by: AllowSql }",
            "`by` is no key of an expectation of `flows`",
        ),
        ("{ flows: all, verdict: allowed }", "accepted is `required`"),
        ("{ flows: required, verdict: not_applicable }", "only a flow can be not applicable"),
        ("{ flw: mgmt-3443, verdict: allowed }", "did you mean `flow`?"),
        ("{ flow: mgmt-3443, packet: In Tcp 1.1.1.1 -> 10.0.1.5:1, verdict: allowed }", "one item for each"),
        ("{ packet: In Tcp 1.1.1.1 -> 10.0.1.5:80,443, verdict: allowed }", "quote the text"),
        ("{ packet: In Tcp 1.1.1.1 -> 10.0.1.5:1, verdict: partial }", "never partly allowed"),
        (
            "{ packet: In Tcp 1.1.1.1 -> 10.0.1.5, verdict: blocked }",
            "a colon and a port, as in 10.0.1.5:443",
        ),
        ("{ packet: In Tcp apim -> 10.0.1.5:1, verdict: blocked }", "`apim`: expected a source address"),
        ("{ packet: In Tcp 1.1.1.1 -> 10.0.1.5:1, subnet: apin, verdict: blocked }", "did you mean `apim`?"),
        ("{ every: 'In Tcp Internt:* -> apim:22', verdict: blocked }", "did you mean Internet"),
        ("{ every: 'In Tcp Internet:* -> apim:http', verdict: blocked }", "expected a port"),
        ("{ every: 'In Tcp [2001:db8::1]:* -> 10.0.1.5:22', verdict: blocked }", "holds no packet"),
        ("{ every: 'In Tcp asg:web:* -> apim:22', verdict: blocked }", "no application security group"),
        ("{ some: 'In Tcp Internet:* -> apim:22', verdict: partial }", "allowed or blocked"),
        ("{ no: 'In Tcp Internet:* -> apim:22', verdict: allowed, by: AllowSql }", "`by` is no key"),
        ("{ every: , verdict: blocked }", "nothing stands behind `every`"),
        ("{ finding: near-mis-port, at: AllowSql }", "did you mean `near-miss-port`?"),
        ("{ finding: near-miss-port, at: AllowSq }", "did you mean `AllowSql`?"),
        ("{ no_finding: near-miss-port, at: AllowSq }", "did you mean `AllowSql`?"),
        ("{ finding: near-miss-port, verdict: allowed }", "`verdict` is no key"),
        ("mgmt-3443", "an expectation asks one of"),
    ] {
        line_says("{ flow: mgmt-3443, verdict: allowed }", new, &[says]);
    }
}

#[test]
fn a_file_that_is_no_scenario_says_so() {
    for (text, says) in [
        ("", "the file is empty"),
        ("# nothing\n", "the file is empty"),
        ("- a\n", "expected a scenario"),
        ("scenario: a\n", "`expect` is missing"),
        ("scenario: a\nexpect: []\n", "`expect` is empty"),
        ("scenario: a\nproperties: []\n", "`properties` is empty"),
        ("scenario: a\nexpect:\n", "nothing stands behind `expect`"),
        (
            "scenario: a\nexpect: [{ flow: sql-1433, verdict: allowed }]\n",
            "neither a `network` nor an `input`",
        ),
        (
            "scenario: a\nnetwork: {}\nexpect: [{ flow: sql-1433, verdict: allowed }]\n",
            "there is no instance",
        ),
    ] {
        let outcome = outcome(text);
        let found = outcome.mistakes.iter().any(|mistake| mistake.message.contains(says));
        assert!(found, "{text:?} {says}: {:?}", outcome.mistakes);
    }
    let outcome = run(
        Path::new("a.yaml"),
        &Memory { text: b"a: 1\nb: \xff\n", input: Loaded::default() },
        TagSnapshot::builtin(),
    );
    assert_eq!(outcome.mistakes[0].to_string(), "a.yaml:2:4: the text is not UTF-8 here");
    let outcome =
        run(Path::new("gone.txt"), &Memory { text: b"", input: Loaded::default() }, TagSnapshot::builtin());
    assert_eq!(outcome.mistakes[0].to_string(), "gone.txt:1:1: cannot be read: no such file");
}

#[test]
fn one_run_shows_every_mistake_of_a_file_in_its_order() {
    let text = WHOLE
        .replace("tier: premium", "tier: premum")
        .replace("110 In Allow", "110 Into Allow")
        .replace("verdict: allowed", "verdict: alowed");
    let lines: Vec<u32> = outcome(&text).mistakes.iter().map(|mistake| mistake.origin.line).collect();
    assert_eq!(lines, [2, 8, 13]);
    let text = WHOLE.replace("nsg: apim-nsg", "nsg: other").replace("apim:* -> Sql", "subnet:other:* -> Sql");
    let lines: Vec<u32> = outcome(&text).mistakes.iter().map(|mistake| mistake.origin.line).collect();
    assert_eq!(lines, [5, 9]);
}

/// The places and texts of all mistakes of the whole scenario with some texts exchanged.
#[track_caller]
fn altered(changes: &[(&str, &str)]) -> Vec<String> {
    let mut text = WHOLE.to_owned();
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replacen(old, new, 1);
    }
    outcome(&text).mistakes.iter().map(ToString::to_string).collect()
}

/// Holds mistakes against the place and a part of the text of each.
#[track_caller]
fn are(found: &[String], wanted: &[(&str, &str)]) {
    assert_eq!(found.len(), wanted.len(), "{found:#?}");
    for (found, (place, says)) in found.iter().zip(wanted) {
        assert!(
            found.starts_with(&format!("a.yaml:{place}: ")) && found.contains(says),
            "{found}: {place} {says}"
        );
    }
}

#[test]
fn one_run_shows_mistakes_of_reading_building_and_looking_up() {
    let found = altered(&[
        ("region: westeurope", "region: westeurpe, features: [rate-limits]"),
        ("nsg: apim-nsg", "nsg: apim-ngs"),
        ("110 In Allow", "110 In Permit"),
        ("apim:* -> Sql", "subnet:apin:* -> Sql"),
        ("tags: builtin", "params: { client_source: 1.2.3.4 }"),
        (
            "- { flow: mgmt-3443, verdict: allowed }",
            "- { flow: mgmt-3443, verdict: alowed, by: DenyAlOut }\n  \
             - { every: 'In Tcp Internt:* -> apin:22', verdict: blocked }\n  \
             - { finding: near-miss-port, at: AllowSq }\n  \
             - { packet: 'In Tcp 1.1.1.1 -> 10.0.1.5:1', subnet: apin, verdict: blocked, by: DenyAlOut }\n  \
             - { flw: mgmt-3443, verdict: blockd, by: AlowSql }\n  \
             - { flow: mgmt-3433, verdict: allowed }",
        ),
    ]);
    let wanted = [
        ("2:62", "did you mean `westeurope`?"),
        ("2:84", "did you mean `rate-limit`?"),
        ("5:87", "did you mean `apim-nsg`?"),
        ("8:24", "`Permit`: expected an access"),
        ("9:17", "did you mean `apim`?"),
        ("11:11", "did you mean `client_sources`?"),
        ("13:33", "did you mean `allowed`?"),
        ("13:45", "did you mean `DenyAllOut`?"),
        ("14:14", "Internet"),
        ("14:14", "`apin`"),
        ("15:36", "did you mean `AllowSql`?"),
        ("16:55", "did you mean `apim`?"),
        ("16:83", "did you mean `DenyAllOut`?"),
        ("17:5", "did you mean `flow`?"),
        ("17:32", "did you mean `blocked`?"),
        ("17:44", "did you mean `AllowSql`?"),
        ("18:13", "did you mean `mgmt-3443`?"),
    ];
    let mut sorted = found.clone();
    sorted.sort_by_key(|text| {
        let mut numbers = text.split(':').skip(1).map(|number| number.parse::<u32>().unwrap_or_default());
        (numbers.next(), numbers.next())
    });
    assert_eq!(found, sorted, "mistakes stand in order of the file");
    are(&found, &wanted);
}

#[test]
fn what_follows_from_a_mistake_is_no_mistake_of_its_own() {
    let asks = |item: &'static str| ("{ flow: mgmt-3443, verdict: allowed }", item);
    for (change, item, says) in [
        (("100 Out Allow", "100 Out Alow"), "{ flow: sql-1433, verdict: blocked, by: AllowSql }", "`Alow`"),
        (("100 Out Allow", "100 Out Alow"), "{ finding: near-miss-port, at: apim-nsg/AllowSql }", "`Alow`"),
        (("  nsgs:", "  nsgz:"), "{ flow: sql-1433, verdict: blocked, by: AllowSql }", "`nsgz`"),
        (
            ("apim: { prefix: 10.0.1.0/24, nsg: apim-nsg }", "apim: here"),
            "{ every: 'In Tcp Internet:* -> apim:22', verdict: blocked }",
            "expected a subnet",
        ),
        (
            ("prefix: 10.0.1.0/24", "prefix: 10.0.1.0/33"),
            "{ every: 'In Tcp Internet:* -> apim:22', verdict: blocked }",
            "is no prefix",
        ),
        (
            ("prefixes: [10.0.0.0/16]", "prefixes: [10.0.0.0/99]"),
            "{ packet: 'In Tcp 1.1.1.1 -> 10.0.1.5:1', verdict: blocked }",
            "is no prefix",
        ),
        (
            ("subnets:", "subnet:"),
            "{ packet: 'In Tcp 1.1.1.1 -> 10.0.1.5:1', subnet: apim, verdict: blocked }",
            "`subnets`",
        ),
        (("mode: external", "mode: extern"), "{ flow: mgmt-3443, verdict: allowed }", "`extern`"),
        (
            ("apim: { subnet", "apmi: { subnet"),
            "{ flow: mgmt-3443, verdict: allowed }",
            "did you mean `apim`?",
        ),
        (
            ("region: westeurope", "region: westeurope, locations: north"),
            "{ flow: mgmt-3443, location: northeurope, verdict: allowed }",
            "a list of locations",
        ),
        (
            ("region: westeurope", "region: westeurpe"),
            "{ flow: mgmt-3443, location: westeurope, verdict: allowed }",
            "`westeurpe`",
        ),
        (
            ("tags: builtin", "tags: list.txt"),
            "{ every: 'In Tcp NewTag:* -> apim:22', verdict: blocked }",
            "`list.txt`",
        ),
        (
            ("tags: builtin", "input: other.json"),
            "{ flow: sql-1433, verdict: blocked, by: OfTheInput }",
            "`other.json`",
        ),
        (
            ("tags: builtin", "input: other.json\nvnet_prefixes: 10.0.0.0/8"),
            "{ finding: near-miss-port, at: OfTheInput }",
            "`other.json`",
        ),
        (
            ("network:", "netwrk:"),
            "{ flow: mgmt-3443, verdict: allowed, by: AllowManagement }",
            "did you mean `network`?",
        ),
        (("scenario:", "scenari:"), "{ flow: mgmt-3443, verdict: allowed }", "`scenari`"),
        (("tags: builtin", ""), "{ flow: mgmt-3443, verdct: allowed }", "did you mean `verdict`?"),
    ] {
        let found = altered(&[asks(item), change]);
        assert!(found.len() == 1 && found[0].contains(says), "{change:?} {item}: {found:#?}");
    }
}

/// Runs the whole scenario with one other expectation.
fn expect(item: &str) -> flowcheck::scenario::Checked {
    let outcome = outcome(&WHOLE.replace("{ flow: mgmt-3443, verdict: allowed }", item));
    assert!(outcome.mistakes.is_empty(), "{:?}", outcome.mistakes);
    outcome.expectations[0].clone()
}

#[test]
fn a_failed_expectation_shows_line_answer_decider_and_a_witness() {
    let checked = expect("{ flow: sql-1433, verdict: allowed, by: AllowSql }");
    assert!(!checked.passed);
    assert_eq!((checked.line, checked.asked.as_str()), (13, "flow sql-1433"));
    assert_eq!(checked.expected, "allowed by AllowSql");
    assert_eq!(checked.actual, "blocked by DenyAllOut (4096)");
    let decider = checked.decider.unwrap();
    assert_eq!(decider.origin.to_string(), "a.yaml:10");
    assert_eq!(&*decider.origin.path, "network.nsgs.apim-nsg.DenyAllOut");
    let witness = checked.witness.unwrap();
    assert!(witness.starts_with("Out Tcp 10.0.1.4:50000 -> ") && witness.ends_with(":1433"), "{witness}");
}

#[test]
fn each_statement_of_an_expectation_is_held_against_the_answer() {
    for (item, passes, expected, actual) in [
        (
            "{ flow: sql-1433, verdict: blocked, by: DenyAllOut }",
            true,
            "blocked by DenyAllOut",
            "blocked by DenyAllOut (4096)",
        ),
        (
            "{ flow: sql-1433, verdict: blocked, by: denyallout }",
            true,
            "blocked by denyallout",
            "blocked by DenyAllOut (4096)",
        ),
        (
            "{ flow: sql-1433, verdict: blocked, by: apim-nsg/DenyAllOut }",
            true,
            "blocked by apim-nsg/DenyAllOut",
            "blocked by DenyAllOut (4096)",
        ),
        (
            "{ flow: sql-1433, verdict: blocked, by: AllowSql }",
            false,
            "blocked by AllowSql",
            "blocked by DenyAllOut (4096)",
        ),
        (
            "{ flow: sql-1433, verdict: blocked, severity: note }",
            false,
            "blocked, severity note",
            "blocked by DenyAllOut (4096), severity error",
        ),
        (
            "{ flow: mgmt-3443, verdict: allowed, dead: lb-probe-6390 }",
            false,
            "allowed, dead without lb-probe-6390",
            "allowed by AllowManagement (110), not dead",
        ),
        (
            "{ flow: mgmt-3443, verdict: allowed, depends_on: U24 }",
            false,
            "allowed, resting on U24",
            "allowed by AllowManagement (110), resting on no switch",
        ),
        (
            "{ flow: v2i-keyvault, verdict: allowed }",
            false,
            "allowed",
            "not_applicable: only for the tiers PremiumV2; this instance is Premium",
        ),
        (
            "{ packet: 'In Tcp 1.1.1.1 -> 10.0.1.5:1', verdict: allowed }",
            false,
            "allowed",
            "blocked by DenyAllInBound (65500)",
        ),
        (
            "{ packet: 'Out Udp 10.0.1.5 -> 168.63.129.16:53', verdict: allowed, by: platform }",
            true,
            "allowed by platform",
            "allowed by platform",
        ),
        (
            "{ flow: sql-1433, verdict: blocked, by: DenyAllOut (4096) }",
            true,
            "blocked by DenyAllOut",
            "blocked by DenyAllOut (4096)",
        ),
        (
            "{ every: 'Out Tcp apim:* -> Sql:1443-1444', verdict: allowed }",
            false,
            "allowed",
            "partial, some blocked by DenyAllOut (4096)",
        ),
        (
            "{ every: 'Out Tcp apim:* -> Sql:1443-1444', verdict: blocked }",
            false,
            "blocked",
            "partial, some allowed by AllowSql (100)",
        ),
        (
            "{ every: 'Out Tcp apim:* -> Sql:1443-1444', verdict: partial, by: AllowSql }",
            true,
            "partial by AllowSql",
            "partial, some blocked by DenyAllOut (4096)",
        ),
        (
            "{ some: 'Out Tcp apim:* -> Sql:1443-1444', verdict: allowed, by: AllowSql }",
            true,
            "some packet allowed by AllowSql",
            "partial, some blocked by DenyAllOut (4096)",
        ),
        (
            "{ some: 'Out Tcp apim:* -> Sql:1444', verdict: allowed }",
            false,
            "some packet allowed",
            "blocked by DenyAllOut (4096)",
        ),
        (
            "{ no: 'Out Tcp apim:* -> Sql:1443-1444', verdict: allowed }",
            false,
            "no packet allowed",
            "partial, some allowed by AllowSql (100)",
        ),
        (
            "{ no: 'Out Tcp apim:* -> Sql:1443', verdict: blocked }",
            true,
            "no packet blocked",
            "allowed by AllowSql (100)",
        ),
        (
            "{ finding: near-miss-port, at: DenyAllOut }",
            false,
            "found",
            "not found; there is near-miss-port at AllowSql, a.yaml:9",
        ),
        (
            "{ finding: near-miss-port, at: apim-nsg/AllowSql }",
            true,
            "found",
            "found near-miss-port at AllowSql, a.yaml:9",
        ),
        ("{ no_finding: near-miss-port }", false, "not found", "found near-miss-port at AllowSql, a.yaml:9"),
        ("{ no_finding: missing-nsg, at: apim }", true, "not found", "not found"),
    ] {
        let checked = expect(item);
        assert_eq!(checked.passed, passes, "{item}: {checked:#?}");
        assert_eq!(checked.expected, expected, "{item}");
        assert!(checked.actual.starts_with(actual), "{item}: {}", checked.actual);
    }
}

#[test]
fn what_an_answer_says_decides_can_be_copied_into_by() {
    let open = WHOLE.replace(", nsg: apim-nsg", "");
    for (text, item, verdict) in [
        (WHOLE, "flow: sql-1433", "blocked"),
        (WHOLE, "packet: 'Out Udp 10.0.1.5 -> 168.63.129.16:53'", "allowed"),
        (WHOLE, "packet: 'In Tcp 1.1.1.1 -> 10.0.1.5:1'", "blocked"),
        (&open, "flow: mgmt-3443", "blocked"),
    ] {
        let ask = |by: &str| {
            let item = format!("{{ {item}, verdict: {verdict}{by} }}");
            outcome(&text.replace("{ flow: mgmt-3443, verdict: allowed }", &item))
        };
        let actual = ask("").expectations[0].actual.clone();
        let (_, by) = actual.split_once(" by ").unwrap();
        assert!(ask(&format!(", by: {by}")).passed, "{actual}");
    }
    let actual = outcome(&open).expectations[0].actual.clone();
    assert_eq!(actual, "blocked by no-nsg");
}

#[test]
fn words_of_a_question_leave_out_the_platform_addresses() {
    let text = WHOLE.replace(
        "AllowManagement: 110 In Allow Tcp ApiManagement:*",
        "Probe: 110 In Allow Tcp AzureLoadBalancer:*",
    );
    for (item, passes) in [
        ("{ every: 'In Tcp Internet:* -> apim:3443', verdict: blocked }", true),
        ("{ every: 'In Tcp Internet,168.63.129.16:* -> apim:3443', verdict: partial, by: Probe }", true),
        ("{ every: 'In Tcp AzureLoadBalancer:* -> apim:3443', verdict: allowed, by: Probe }", true),
        ("{ every: 'In Tcp *:* -> apim:3443', verdict: partial, by: Probe }", false),
    ] {
        let outcome = outcome(&text.replace("{ flow: mgmt-3443, verdict: allowed }", item));
        assert_eq!(outcome.passed, passes, "{item}: {outcome:#?}");
    }
}

#[test]
fn an_answer_that_rests_on_an_undocumented_point_says_so() {
    let text = WHOLE
        .replace("AllowSql: 100 Out Allow Tcp apim:* -> Sql:1443", "Dns: 100 Out Allow * *:* -> AzurePlatformDNS:*")
        .replace("DenyAllOut: 4096 Out Deny * *:* -> *:*", "NoDns: 200 Out Deny * *:* -> AzurePlatformDNS:*")
        .replace(
            "{ flow: mgmt-3443, verdict: allowed }",
            "{ packet: 'Out Udp 10.0.1.5 -> 168.63.129.16:53', verdict: allowed, by: Dns, depends_on: U24 }\n  \
             - { flow: dns-53, verdict: allowed, by: Dns, depends_on: [U24] }",
        );
    let outcome = outcome(&text);
    assert!(outcome.passed, "{outcome:#?}");
}

#[test]
fn properties_are_expectations_too() {
    let text = WHOLE.replace("tags: builtin", "properties:\n  - every In Tcp Internet:* -> apim:22 is blocked\n  - no Out Tcp apim:* -> Sql:1433 is blocked");
    let outcome = outcome(&text);
    let passed: Vec<(u32, bool)> =
        outcome.expectations.iter().map(|checked| (checked.line, checked.passed)).collect();
    assert_eq!(passed, [(15, true), (12, true), (13, false)]);
}

#[test]
fn names_are_read_as_text() {
    let text = WHOLE.replace("AllowManagement", "No").replace("DenyAllOut:", "404:").replace(
        "{ flow: mgmt-3443, verdict: allowed }",
        "{ flow: mgmt-3443, verdict: allowed, by: No }\n  - { flow: sql-1433, verdict: blocked, by: 404 }",
    );
    let outcome = outcome(&text);
    assert!(outcome.passed, "{outcome:#?}");
}

#[test]
fn a_rule_may_name_a_subnet_an_asg_and_a_tag_wins_over_a_subnet() {
    let text = r#"scenario: Names in rules
network:
  vnets:
    hub-vnet:
      prefixes: [10.0.0.0/16]
      subnets:
        apim: { prefix: 10.0.1.0/24, nsg: apim-nsg }
        web: { prefixes: [10.0.2.0/25, 10.0.3.0/24] }
        Sql: { prefix: 10.0.4.0/24 }
  asgs: { workers: [10.0.9.7] }
  nsgs:
    apim-nsg:
      FromWeb: 100 In Allow Tcp web:* -> apim:80
      FromTag: 110 In Allow Tcp Sql:* -> apim:81
      FromSubnet: 120 In Allow Tcp subnet:Sql:* -> apim:82
      FromWorkers: 130 In Allow Tcp asg:workers:* -> apim:83
      Rest: 4096 In Deny * *:* -> *:*
expect:
  - { packet: "In Tcp 10.0.2.5 -> 10.0.1.5:80", verdict: allowed, by: FromWeb }
  - { packet: "In Tcp 10.0.3.5 -> 10.0.1.5:80", verdict: allowed, by: FromWeb }
  - { packet: "In Tcp 10.0.2.200 -> 10.0.1.5:80", verdict: blocked, by: Rest }
  - { packet: "In Tcp 10.0.4.5 -> 10.0.1.5:81", verdict: blocked, by: Rest }
  - { packet: "In Tcp 13.69.104.5 -> 10.0.1.5:81", verdict: allowed, by: FromTag }
  - { packet: "In Tcp 10.0.4.5 -> 10.0.1.5:82", verdict: allowed, by: FromSubnet }
  - { packet: "In Tcp 10.0.9.7 -> 10.0.1.5:83", verdict: allowed, by: FromWorkers }
  - { every: "In Tcp web:* -> apim:80", verdict: allowed }
  - { every: "In Tcp asg:workers:* -> apim:83", verdict: allowed }
  - { packet: "In Tcp 10.0.1.5 -> 10.0.2.5:80", subnet: web, verdict: allowed, by: no-nsg }
  - { every: "In Tcp 8.8.8.8:* -> web:80", verdict: blocked, by: no-nsg }
"#;
    let outcome = outcome(text);
    assert!(outcome.passed, "{outcome:#?}");
}

#[test]
fn peerings_and_routes_reach_the_network() {
    let text = r#"scenario: Peers
network:
  vnets:
    hub-vnet: { prefixes: [10.0.0.0/16], peerings: [10.5.0.0/16], subnets: { apim: { prefix: 10.0.1.0/24, nsg: n, routes: rt } } }
    spoke-vnet: { prefixes: [10.1.0.0/16] }
  peerings: [[hub-vnet, spoke-vnet]]
  routes: { rt: { away: "10.9.0.0/16 -> None", sql: "Sql -> Internet" } }
  nsgs: { n: {} }
expect:
  - { packet: "In Tcp 10.1.0.4 -> 10.0.1.5:80", verdict: allowed, by: AllowVnetInBound }
  - { packet: "In Tcp 10.5.0.4 -> 10.0.1.5:80", verdict: allowed, by: AllowVnetInBound }
  - { packet: "In Tcp 10.6.0.4 -> 10.0.1.5:80", verdict: blocked, by: DenyAllInBound }
"#;
    let outcome = outcome(text);
    assert!(outcome.passed, "{outcome:#?}");
    let file = ScenarioFile::read(&"a.yaml".into(), text).unwrap();
    let network = network(&file, Network::default(), TagSnapshot::builtin()).unwrap();
    assert_eq!(network.route_tables[0].routes.len(), 2);
    assert_eq!(network.route_tables[0].routes[0].origin.line, 7);
}

/// The network of the whole scenario, as an input would hold it.
fn input() -> Loaded {
    let file = ScenarioFile::read(&"main.json".into(), WHOLE).unwrap();
    Loaded {
        network: network(&file, Network::default(), TagSnapshot::builtin()).unwrap(),
        findings: Vec::new(),
    }
}

#[test]
fn what_a_scenario_writes_wins_over_its_input() {
    let text = r#"scenario: On top of an input
input: main.json
apim: { tier: developer }
network:
  nsgs:
    apim-nsg:
      AllowSql: 100 Out Allow Tcp apim:* -> Sql:1433
expect:
  - { flow: sql-1433, verdict: allowed, by: AllowSql }
  - { flow: storage-443, verdict: blocked, by: DenyAllOut }
  - { flow: cache-internal, verdict: not_applicable }
"#;
    let passed = outcome_with(text, input());
    assert!(passed.passed, "{passed:#?}");
    let places: Vec<String> =
        passed.expectations.iter().filter_map(|it| Some(it.decider.as_ref()?.origin.to_string())).collect();
    assert_eq!(places, ["a.yaml:7", "main.json:10"]);

    let rest = "network:\n  vnets: { hub-vnet: { subnets: { other: { prefix: 10.0.7.0/24 }, apim: { nsg: apim-nsg } } } }\n";
    let more = text.replace("network:\n", rest);
    assert!(outcome_with(&more, input()).passed);
    let with_parameters =
        text.replace("input: main.json", "input: main.json\nparameters: p.json\nset: { a: 1 }");
    assert!(outcome_with(&with_parameters, input()).passed);
}

#[test]
fn with_several_instances_in_the_input_one_is_named() {
    let mut several = input();
    let second = Instance { name: "second".to_owned(), ..several.network.instances[0].clone() };
    several.network.instances.push(second);
    let text = "scenario: Several\ninput: main.json\nexpect: [{ flow: sql-1433, verdict: blocked }]\n";
    let unnamed = outcome_with(text, several.clone());
    assert!(unnamed.mistakes[0].message.contains("several instances, `apim` and `second`"), "{unnamed:?}");
    let named = text.replace("input: main.json", "input: main.json\napim: { name: second }");
    assert!(outcome_with(&named, several.clone()).passed);
    let other = text.replace("input: main.json", "input: main.json\napim: { name: third }");
    assert!(outcome_with(&other, several).mistakes[0].message.contains("`apim` and `second`"));
}

#[test]
fn what_the_input_lacks_is_supplied() {
    let mut lacking = input();
    let gap = flowcheck::model::Gap::new("a prefix");
    lacking.network.virtual_networks.clear();
    lacking.network.subnets[0].prefixes = Fact::Unknown(gap);
    let ask = "expect:\n  - { packet: 'In Tcp 10.0.9.9 -> 10.0.1.5:80', verdict: allowed, by: AllowVnetInBound }\n  - { packet: 'In Tcp 10.8.0.4 -> 10.0.1.5:80', verdict: allowed }\n";
    let text = format!("scenario: Lacking\ninput: main.json\n{ask}");
    assert!(!outcome_with(&text, lacking.clone()).passed);
    let supplied = format!(
        "vnet_prefixes: [10.0.0.0/16]\nsubnet_prefixes: 10.0.1.0/24\npeer_prefixes: [10.8.0.0/16]\n{text}"
    );
    let outcome = outcome_with(&supplied, lacking);
    assert!(outcome.passed, "{outcome:#?}");
}

#[test]
fn an_own_subnet_without_a_prefix_can_be_asked_by_name() {
    let mut lacking = input();
    lacking.network.subnets[0].prefixes = Fact::Unknown(flowcheck::model::Gap::new("a prefix"));
    let text = "scenario: Unseen\ninput: main.json\nexpect:\n  - { every: 'In Tcp Internet:* -> apim:22', verdict: allowed }\n";
    let outcome = outcome_with(text, lacking);
    let checked = &outcome.expectations[0];
    assert_eq!(checked.actual, "blocked by DenyAllInBound (65500)");
    assert!(checked.witness.as_ref().unwrap().ends_with("-> hub-vnet/apim:22"), "{checked:?}");
}

#[test]
fn an_added_location_is_asked_by_its_region() {
    let instance = |file: &ScenarioFile| {
        network(file, Network::default(), TagSnapshot::builtin()).unwrap().instances[0].clone()
    };
    let text = WHOLE.replace("region: westeurope", "region: West Europe, units: 2, features: [dev-portal], locations: [{ region: northeurope, subnet: hub-vnet/apim, units: 3 }]");
    let found = instance(&ScenarioFile::read(&"a.yaml".into(), &text).unwrap());
    let Instance { tier, primary, added, features, .. } = found;
    assert_eq!((tier, features), (Fact::Known(Tier::Premium), vec!["dev-portal".to_owned()]));
    let units = |location: &Location| (location.region.clone(), location.units.clone());
    assert_eq!(units(&primary), (Fact::Known(Region::new("westeurope")), Fact::Known(2)));
    assert_eq!(units(&added[0]), (Fact::Known(Region::new("northeurope")), Fact::Known(3)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// A file with slips of the pen never ends in a panic, and never without a reason.
    #[test]
    fn a_failed_file_has_a_reason(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), "[-:,{}\\[\\]*#&!\"'| \nA0é]{0,2}"), 1..4)
    ) {
        let mut text = WHOLE.to_owned();
        for (at, new) in edits {
            let mut at = at.index(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            let end = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
            text.replace_range(at..end, &new);
        }
        let outcome = outcome(&text);
        let failed = outcome.expectations.iter().any(|checked| !checked.passed);
        prop_assert_eq!(outcome.passed, outcome.mistakes.is_empty() && !failed, "{}\n{:?}", text, outcome);
        prop_assert!(!outcome.expectations.is_empty() || !outcome.mistakes.is_empty(), "{}\n{:?}", text, outcome);
    }
}
