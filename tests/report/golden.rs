//! Text, compared whole with files under `tests/golden`.

use crate::networks::{HEALTHY, Setting, answer, mistakes, network, with};
use flowcheck::analyses::{Proof, Prover, ReachAnswer, ReachQuestion, ask_packet, reach};
use flowcheck::finding::Code;
use flowcheck::flows::Profile;
use flowcheck::model::{Direction, Fact, Gap, Origin, PortRange, Verdict};
use flowcheck::report::explain::explain;
use flowcheck::report::tags_line;
use flowcheck::report::text::{self, TextOptions};
use flowcheck::scenario::{Checked, Mistake, Outcome};
use flowcheck::sets::{AddressSet, Count, ProtocolSet};
use flowcheck::tags::{TagSnapshot, Versions};
use flowcheck::walk::{Checkpoint, Decider, share_verdict};
use std::path::PathBuf;

pub(crate) const PLAIN: TextOptions = TextOptions { color: false, all: false, quiet: false, verbose: false };

pub(crate) fn compare(name: &str, found: &[u8]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.txt"));
    let found = String::from_utf8(found.to_vec()).unwrap();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &found).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == found, "{name}: the text is now\n{found}\nand was\n{expected}");
}

pub(crate) fn tags() -> String {
    tags_line(&Versions::of(TagSnapshot::builtin()))
}

fn check_text(setting: &Setting, options: &TextOptions) -> String {
    let mut out = Vec::new();
    text::check(&answer(setting), options, &tags(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn check_reads_well_for_each_kind_of_mistake() {
    for (name, setting) in mistakes() {
        compare(&format!("check-{name}"), check_text(&setting, &PLAIN).as_bytes());
    }
}

#[test]
fn check_tells_everything_on_demand_and_little_when_quiet() {
    let typing = Setting::rules(&with(
        HEALTHY,
        "AllowSql",
        "AllowSql: 110 Out Allow Tcp VirtualNetwork:* -> Sql:1443",
    ));
    let all = TextOptions { all: true, ..PLAIN };
    compare("check-typing-error-all", check_text(&typing, &all).as_bytes());
    let quiet = TextOptions { quiet: true, ..PLAIN };
    compare("check-typing-error-quiet", check_text(&typing, &quiet).as_bytes());
    let verbose = TextOptions { verbose: true, ..PLAIN };
    compare("check-typing-error-verbose", check_text(&typing, &verbose).as_bytes());
}

#[test]
fn a_slip_in_one_rule_is_told_once_for_all_locations() {
    let rules = with(HEALTHY, "AllowSql", "AllowSql: 110 Out Allow Tcp VirtualNetwork:* -> Sql:1443");
    let two = Setting { added: true, ..Setting::rules(&rules) };
    let text = check_text(&two, &PLAIN);
    assert_eq!(text.matches("x  sql-1433").count(), 2, "{text}");
    assert_eq!(text.matches("near-miss-port").count(), 1, "{text}");
    // Where no flow tells it, it stands among the findings.
    let quiet = check_text(&two, &TextOptions { quiet: true, ..PLAIN });
    assert_eq!(quiet.matches("near-miss-port").count(), 1, "{quiet}");
}

#[test]
fn a_parameter_is_offered_only_where_it_would_help() {
    let mut setting = Setting::rules(HEALTHY);
    setting.group = Fact::Unknown(Gap::new("which group is attached, which an expression without end says"));
    let text = check_text(&setting, &PLAIN);
    assert!(text.contains("hangs on (1)") && text.contains("crl-ocsp"), "{text}");
    assert!(!text.contains("supply it"), "{text}");
    let text = check_text(&Setting::rules(HEALTHY), &PLAIN);
    assert!(text.contains("supply it: --param NAME=ADDRESS for certificate_addresses, "), "{text}");
}

#[test]
fn a_healthy_instance_fits_a_screen_and_the_summary_is_last() {
    let text = check_text(&Setting::rules(HEALTHY), &PLAIN);
    assert!(text.lines().count() <= 40, "{text}");
    assert!(text.lines().last().unwrap().contains("required flows: "), "{text}");
    assert!(text.lines().last().unwrap().contains("(service tags "), "{text}");
}

#[test]
fn colours_change_nothing_but_colours() {
    for (name, setting) in mistakes() {
        let colored = check_text(&setting, &TextOptions { color: true, ..PLAIN });
        let stripped = anstream::adapter::strip_str(&colored).to_string();
        assert_eq!(stripped, check_text(&setting, &PLAIN), "{name}");
        assert_ne!(colored, stripped, "{name}");
    }
}

#[test]
fn no_stand_in_address_is_printed() {
    for (name, setting) in mistakes() {
        let text = check_text(&setting, &TextOptions { all: true, verbose: true, ..PLAIN });
        for stand_in in [" 0.0.0.1", ",0.0.0.1", " 0.0.0.2", ",0.0.0.2"] {
            assert!(!text.contains(stand_in), "{name}: {stand_in}");
        }
        assert!(text.lines().all(|line| line.trim_end() == line), "{name}");
    }
}

#[test]
fn packet_says_verdict_decider_and_trace() {
    let setting = Setting::rules(HEALTHY);
    let network = network(&setting);
    let point = network.at_subnet(&network.subnets[0], TagSnapshot::builtin());
    let mut out = Vec::new();
    for packet in [
        "In Tcp 51.145.179.78 -> 10.0.1.4:3443",
        "In Tcp 8.8.8.8 -> 10.0.1.4:22",
        "Out Udp 10.0.1.4 -> 168.63.129.16:53",
    ] {
        let answer = ask_packet(&point, &packet.parse().unwrap());
        text::packet(&answer, true, &PLAIN, &mut out).unwrap();
        text::packets(&[answer], &PLAIN, &mut out).unwrap();
    }
    let unknown = &mistakes()[9].1;
    let unknown = crate::networks::network(unknown);
    let point = unknown.at_subnet(&unknown.subnets[0], TagSnapshot::builtin());
    let answer = ask_packet(&point, &"In Tcp 8.8.8.8 -> 10.0.1.4:443".parse().unwrap());
    text::packet(&answer, true, &PLAIN, &mut out).unwrap();
    compare("packet", &out);
}

/// The answer to `In Tcp Internet 443`: direction, protocol, the other side where it is named, ports.
pub(crate) fn reach_answer(setting: &Setting, asked: &str) -> ReachAnswer {
    let network = network(setting);
    let point = network.at_subnet(&network.subnets[0], TagSnapshot::builtin());
    let words: Vec<&str> = asked.split(' ').collect();
    let direction: Direction = words[0].parse().unwrap();
    let protocols = match words[1] {
        "*" => ProtocolSet::ALL,
        name => ProtocolSet::of([name.parse().unwrap()]),
    };
    let remote = (words.len() > 3).then(|| words[2].parse().unwrap());
    let ports = words.get(2).map_or("*", |_| words[words.len() - 1]);
    let ports = ports.split(',').map(|text| text.parse::<PortRange>().unwrap());
    let (from, to) = if direction == Direction::Inbound { (remote, None) } else { (None, remote) };
    let ports = ports.map(|range| (range.low(), range.high())).collect();
    let question = ReachQuestion { direction, protocols, ports, from, to };
    reach(&network, &Checkpoint::new(&point, direction), &question).unwrap()
}

fn reach_text(setting: &Setting, asked: &str, options: &TextOptions, out: &mut Vec<u8>) {
    let answer = reach_answer(setting, asked);
    text::reach(&answer, &[], options, &tags(), out).unwrap();
    out.push(b'\n');
}

#[test]
fn reach_says_from_where_and_by_which_rule() {
    let mistakes = mistakes();
    let named = |name: &str| &mistakes.iter().find(|(known, _)| *known == name).unwrap().1;
    let healthy = Setting::rules(HEALTHY);
    let all = TextOptions { all: true, ..PLAIN };
    let mut out = Vec::new();
    for (setting, asked, options) in [
        (&healthy, "In Tcp 3443", &PLAIN),
        (&healthy, "In Tcp 80,443,3443", &PLAIN),
        (&healthy, "In Tcp 22", &PLAIN),
        (&healthy, "Out Tcp *", &all),
        (&healthy, "Out Udp AzureMonitor 443", &PLAIN),
        (&healthy, "In Icmp", &PLAIN),
        (named("management-in-part"), "In Tcp ApiManagement 3443", &PLAIN),
        (named("no-group"), "In Tcp 443", &PLAIN),
        (named("unknown-group"), "In Tcp 443", &PLAIN),
        (named("unknown-prefix"), "In Tcp 6390", &PLAIN),
        (named("unknown-tag"), "Out Tcp 1433", &PLAIN),
    ] {
        reach_text(setting, asked, options, &mut out);
    }
    compare("reach", &out);
}

/// The classes of a table cover every address, and what they say agrees with the parts.
#[test]
fn the_classes_of_reach_hold_every_address() {
    for (name, setting) in mistakes() {
        for asked in ["In Tcp 3443", "Out Tcp *", "In * *"] {
            let answer = reach_answer(&setting, asked);
            let covered = answer.rows.iter().fold(AddressSet::empty(), |all, row| all.union(&row.addresses));
            assert_eq!(covered, answer.remote, "{name}, {asked}");
            for row in &answer.rows {
                let cut = answer.parts_of(row, |_| true);
                assert!(cut.iter().all(|part| !part.packets.is_empty()), "{name}, {asked}, {:?}", row.class);
                let verdict = share_verdict(&cut);
                assert!(
                    [verdict, Verdict::Unknown].contains(&row.verdict),
                    "{name}, {asked}, {:?}",
                    row.class
                );
                let any_open = cut.iter().any(|part| part.verdict() == Verdict::Allowed);
                // What only stands for an address is not counted.
                assert!(
                    any_open || row.share.allowed == Count::from(0u8),
                    "{name}, {asked}, {:?}",
                    row.class
                );
                assert!(row.share.allowed <= row.share.total);
            }
        }
    }
}

/// Each witness has its verdict when it is asked alone.
#[test]
fn the_witnesses_of_reach_hold() {
    for (name, setting) in mistakes() {
        let network = network(&setting);
        let point = network.at_subnet(&network.subnets[0], TagSnapshot::builtin());
        for asked in ["In Tcp 3443", "In Tcp 80,443", "Out Tcp *", "Out Udp 53", "In * *", "Out * *"] {
            let answer = reach_answer(&setting, asked);
            for (witness, verdict) in [
                (&answer.allowed, Verdict::Allowed),
                (&answer.blocked, Verdict::Blocked),
                (&answer.unknown, Verdict::Unknown),
            ] {
                let Some(witness) = witness else {
                    assert!(answer.parts.iter().all(|part| part.verdict() != verdict), "{name}, {asked}");
                    continue;
                };
                let found = ask_packet(&point, &witness.packet).part.verdict();
                assert_eq!(found, verdict, "{name}, {asked}: {witness}");
            }
        }
    }
}

pub(crate) fn outcomes() -> Vec<Outcome> {
    let decider = Decider {
        layer: flowcheck::model::Layer::SubnetNsg,
        nsg: Some("apim-nsg".to_owned()),
        rule: Some("DenyAllOut".to_owned()),
        priority: Some(4096),
        access: Some(flowcheck::model::Access::Deny),
        origin: Origin::new(&"scenarios/a.yaml".into(), 14, 7, "network.nsgs.apim-nsg.DenyAllOut"),
    };
    let failing = Checked {
        line: 21,
        asked: "flow storage-443".to_owned(),
        passed: false,
        expected: "allowed by AllowStorage".to_owned(),
        actual: "blocked by DenyAllOut (4096)".to_owned(),
        decider: Some(decider),
        witness: Some("Out Tcp 10.0.1.4:50000 -> 13.69.40.16:443".to_owned()),
    };
    let passing = Checked {
        line: 20,
        asked: "flow mgmt-3443".to_owned(),
        passed: true,
        expected: "allowed".to_owned(),
        actual: "allowed".to_owned(),
        decider: None,
        witness: None,
    };
    let mistake = Mistake {
        origin: Origin::new(&"scenarios/c.yaml".into(), 3, 9, "apim.mode"),
        message: "`exernal` is no mode: did you mean `external`?".to_owned(),
        excerpt: None,
    };
    let pointed = Mistake {
        origin: Origin::new(&"scenarios/c.yaml".into(), 9, 5, "properties[0]"),
        message: "`Tpc`: expected protocol: Tcp, Udp; did you mean `Tcp`?".to_owned(),
        excerpt: Some("no In Tpc * -> *:22 is allowed\n      ^^^".to_owned()),
    };
    let outcome = |file: &str, name: &str, passed, expectations, mistakes| Outcome {
        file: file.to_owned(),
        name: name.to_owned(),
        passed,
        expectations,
        mistakes,
    };
    vec![
        outcome("scenarios/a.yaml", "Storage behind a deny", false, vec![passing.clone(), failing], vec![]),
        outcome("scenarios/b.yaml", "Management is open", true, vec![passing], vec![]),
        outcome("scenarios/c.yaml", "scenarios/c.yaml", false, vec![], vec![mistake, pointed]),
    ]
}

#[test]
fn test_names_what_failed_and_counts_last() {
    let mut out = Vec::new();
    text::test(&outcomes(), &TextOptions { verbose: true, ..PLAIN }, &mut out).unwrap();
    assert!(String::from_utf8_lossy(&out).ends_with("\n1 passed, 2 failed\n"));
    compare("test", &out);
}

#[test]
fn tags_are_shown_found_and_compared() {
    let list = TagSnapshot::builtin();
    let mut out = Vec::new();
    let quiet = TextOptions { quiet: true, ..PLAIN };
    for name in ["ApiManagement.WestEurope", "VirtualNetwork", "AzureFrontDoor.Backend", "EventHub"] {
        let options = if name == "EventHub" || name.starts_with("AzureFrontDoor") { &quiet } else { &PLAIN };
        text::tags_show(&list.show(name).unwrap(), options, &tags(), &mut out).unwrap();
    }
    for asked in ["51.145.179.78", "192.0.2.1"] {
        let rows = list.which(&AddressSet::one(asked.parse().unwrap()));
        text::tags_which(asked, &rows, &PLAIN, &tags(), &mut out).unwrap();
    }
    let diff = crate::schema::tag_diff();
    text::tags_diff(&diff, &TextOptions { all: true, ..PLAIN }, &mut out).unwrap();
    compare("tags", &out);
}

#[test]
fn flows_and_explanations_read_well() {
    let mut out = Vec::new();
    let rows: Vec<_> = flowcheck::flows::rows_at(Profile::newest()).collect();
    text::flows(&rows, Some(Profile::newest()), &PLAIN, &mut out).unwrap();
    compare("flows", &out);
    let mut out = Vec::new();
    for asked in [
        "mgmt-3443",
        "near-miss-port",
        "U7",
        "S102",
        "D18",
        "rate-limit",
        "client_sources",
        "Unable to activate API service",
    ] {
        text::explain(&explain(asked).unwrap(), &PLAIN, &mut out).unwrap();
        out.push(b'\n');
    }
    compare("explain", &out);
    assert!(text::flow("mgmt-343", &PLAIN, &mut Vec::new()).unwrap().is_err());
}

#[test]
fn every_code_that_a_mistake_shows_is_explained() {
    let found: Vec<Code> = mistakes()
        .iter()
        .flat_map(|(_, setting)| answer(setting).findings)
        .map(|finding| finding.code)
        .collect();
    assert!(found.contains(&Code::NearMissPort) && found.contains(&Code::MissingNsg));
    assert!(found.iter().all(|code| explain(code.as_str()).is_ok()));
}

/// One of each answer, with one decider and with many; at two places where `elsewhere`.
pub(crate) fn proofs(elsewhere: bool) -> Vec<Proof> {
    let prove = |setting: &Setting, property: &str| {
        let network = network(setting);
        let point = network.at_subnet(&network.subnets[0], TagSnapshot::builtin());
        Prover::new(&network, &point).prove(&property.parse().unwrap()).unwrap()
    };
    let (healthy, mistakes) = (Setting::rules(HEALTHY), mistakes());
    let (unknown_tag, unknown_group, unknown_prefix) = (&mistakes[4].1, &mistakes[9].1, &mistakes[10].1);
    let mut proofs: Vec<Proof> = [
        (&healthy, "every In Tcp Internet:* -> apim:22 is blocked"),
        (&healthy, "some In Tcp Internet:* -> apim:443 is allowed"),
        (&healthy, "every Out Tcp 10.0.1.5 -> Sql.WestEurope:1433 is allowed"),
        (&healthy, "no In Tcp 198.51.100.7 -> 10.0.1.5:22,80,443 is allowed"),
        (&healthy, "every In * * -> apim is blocked"),
        (&healthy, "some In Udp 10.0.1.5:50000 -> 10.0.1.6:53 is blocked"),
        (unknown_tag, "every Out Tcp apim -> Sql:1433 is blocked"),
        (unknown_group, "no In Tcp Internet -> apim:22 is allowed"),
        (unknown_prefix, "no In Tcp Internet -> apim:443 is allowed"),
    ]
    .map(|(setting, property)| prove(setting, property))
    .into();
    proofs[3].origin = Some(Origin::new(&"rules.txt".into(), 3, 1, ""));
    if elsewhere {
        proofs[1].place = "hub-vnet/backends".to_owned();
    }
    proofs
}

#[test]
fn prove_shows_the_answer_and_what_settles_it() {
    let mut out = Vec::new();
    text::prove(&proofs(true), &PLAIN, &tags(), &mut out).unwrap();
    out.extend(b"\n");
    text::prove(&proofs(false), &TextOptions { verbose: true, ..PLAIN }, &tags(), &mut out).unwrap();
    out.extend(b"\n");
    text::prove(&proofs(false), &TextOptions { quiet: true, ..PLAIN }, &tags(), &mut out).unwrap();
    compare("prove", &out);
}
