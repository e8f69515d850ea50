//! `lint` as text and as JSON: networks whose rules do nothing, change nothing, or are not settled.

use crate::golden::{PLAIN, compare, tags};
use crate::networks::{HEALTHY, Setting, mistakes, network, with};
use crate::schema::{head, valid};
use flowcheck::analyses::lint::{Kind, LintAnswer};
use flowcheck::analyses::{CheckOptions, lint};
use flowcheck::flows::{ParameterValues, Profile};
use flowcheck::report::json;
use flowcheck::report::text::{self, TextOptions};
use flowcheck::tags::TagSnapshot;

/// One rule of each kind.
const ODD: &str = "
    AllowManagement: 110 In Allow Tcp ApiManagement:* -> VirtualNetwork:3443
    AllowPartner: 115 In Allow Tcp [2001:db8::/32]:* -> VirtualNetwork:443
    DenyInternet: 120 In Deny * Internet:* -> *:0-3443
    OldManagement: 130 In Allow Tcp ApiManagement.WestEurope:* -> VirtualNetwork:3443
    AllowClients: 140 In Allow Tcp Internet:* -> VirtualNetwork:443
    AllowOffice: 150 In Allow Tcp 203.0.113.0/24:* -> VirtualNetwork:443,8443
    AllowProbe: 160 In Allow Tcp AzureLoadBalancer:* -> VirtualNetwork:6390
    AllowCorp: 170 In Allow Tcp CorpNetSaw:* -> VirtualNetwork:9000
    AllowSql: 110 Out Allow Tcp VirtualNetwork:* -> Sql.WestEurope:1433
    AllowCloud: 120 Out Allow Tcp VirtualNetwork:* -> AzureCloud:443,1433
    AllowHosts: 130 Out Allow Tcp VirtualNetwork:* -> Internet:80
    DenyAllOut: 4096 Out Deny * *:* -> *:*";

fn answer(setting: &Setting) -> LintAnswer {
    let options = CheckOptions {
        tags: TagSnapshot::builtin(),
        profile: Profile::newest(),
        parameters: &ParameterValues::default(),
        features: &[],
    };
    lint(&network(setting), None, &options)
}

fn text_of(answer: &LintAnswer, options: &TextOptions) -> String {
    let mut out = Vec::new();
    text::lint(answer, options, &tags(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn lint_reads_well() {
    let odd = answer(&Setting::rules(ODD));
    compare("lint", text_of(&odd, &PLAIN).as_bytes());
    compare("lint-all", text_of(&odd, &TextOptions { all: true, ..PLAIN }).as_bytes());
    compare("lint-verbose", text_of(&odd, &TextOptions { verbose: true, ..PLAIN }).as_bytes());
    compare("lint-quiet", text_of(&odd, &TextOptions { quiet: true, ..PLAIN }).as_bytes());
    let same =
        with(HEALTHY, "AllowVault", "AllowVault: 110 Out Deny Tcp VirtualNetwork:* -> AzureKeyVault:443");
    compare("lint-healthy", text_of(&answer(&Setting::rules(HEALTHY)), &PLAIN).as_bytes());
    compare("lint-same-priority", text_of(&answer(&Setting::rules(&same)), &PLAIN).as_bytes());
}

#[test]
fn colours_of_lint_change_nothing_but_colours() {
    let odd = answer(&Setting::rules(ODD));
    let colored = text_of(&odd, &TextOptions { color: true, ..PLAIN });
    assert_ne!(colored, text_of(&odd, &PLAIN));
    assert_eq!(anstream::adapter::strip_str(&colored).to_string(), text_of(&odd, &PLAIN));
}

#[test]
fn lint_is_valid_for_each_kind_of_mistake() {
    let odd = ("odd", Setting::rules(ODD));
    for (name, setting) in mistakes().into_iter().chain([odd]) {
        let answer = answer(&setting);
        let document = valid("lint", |out| json::lint(&answer, &head(), out).unwrap());
        let counts = document["summary"].as_object().unwrap();
        let kinds: u64 =
            Kind::ALL.iter().map(|kind| counts[&kind.as_str().replace('-', "_")].as_u64().unwrap()).sum();
        assert_eq!(counts["rules"].as_u64().unwrap(), kinds, "{name}: each rule is of one kind");
        assert!(!document["findings"].to_string().contains("over-exposure"), "{name}: that is `check`'s");
    }
}

#[test]
fn lint_names_the_facts_behind_a_finding() {
    let answer = answer(&Setting::rules(ODD));
    let document = valid("lint", |out| json::lint(&answer, &head(), out).unwrap());
    let findings = document["findings"].as_array().unwrap();
    let of = |code: &str| findings.iter().find(|finding| finding["code"] == code).unwrap();
    let shadowed = findings.iter().find(|finding| finding["subject"] == "AllowClients").unwrap();
    assert_eq!((&shadowed["code"], &shadowed["severity"]), (&"shadowed-rule".into(), &"warning".into()));
    let facts = &shadowed["standing"];
    assert_eq!(facts["cover"][0]["rule"], "DenyInternet");
    assert_eq!(facts["access_differs"], true);
    assert_eq!(facts["share"]["decides"], 0);
    assert_eq!(facts["places"], serde_json::json!(["hub-vnet/apim"]));
    let partly = &of("partly-shadowed-rule")["standing"];
    assert_eq!(partly["left"], "only port 8443");
    assert!(partly["witness"].as_str().unwrap().ends_with(":8443"));
    assert_eq!(of("redundant-rule")["standing"]["heirs"][0]["rule"], "AllowCloud");
    assert_eq!(of("unknown-tag")["standing"], serde_json::Value::Null);
}
