//! JSON documents, held against `docs/schema`. Schemas allow no other key and require every one, so that a
//! key added in code alone fails here.

use crate::golden::{outcomes, proofs, reach_answer};
use crate::networks::{HEALTHY, Setting, answer, answer_with, mistakes, network, with};
use flowcheck::analyses::ask_packet;
use flowcheck::flows::{Profile, ROWS};
use flowcheck::model::Assumption;
use flowcheck::report::explain::{explain, names};
use flowcheck::report::json::{self, Head};
use flowcheck::sets::AddressSet;
use flowcheck::tags::{TagDiff, TagSnapshot, Versions, diff};
use serde_json::Value;
use std::path::PathBuf;

pub(crate) fn head() -> Head {
    Head {
        service_tags: Some(Versions::of(TagSnapshot::builtin())),
        assumptions: vec![Assumption::new("the cloud is Public")],
    }
}

fn schema(command: &str) -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schema/{command}.schema.json"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Writes a document twice, holds it against its schema and returns it.
pub(crate) fn valid(command: &str, write: impl Fn(&mut Vec<u8>)) -> Value {
    let (mut out, mut again) = (Vec::new(), Vec::new());
    write(&mut out);
    write(&mut again);
    assert_eq!(out, again, "{command}: the same answer gives the same bytes");
    assert!(out.ends_with(b"\n}\n"), "{command}: pretty-printed, with a newline at the end");
    let value: Value = serde_json::from_slice(&out).unwrap();
    let validator = jsonschema::validator_for(&schema(command)).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(&value).map(|error| format!("{} {error}", error.instance_path())).collect();
    assert!(faults.is_empty(), "{command}: {}", faults.join("\n"));
    assert_eq!(value["schema"], format!("flowcheck/{command}/1"));
    let keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).take(4).collect();
    assert_eq!(keys, ["schema", "version", "service_tags", "assumptions"]);
    value
}

fn check(setting: &Setting) -> Value {
    let answer = answer(setting);
    valid("check", |out| json::check(&answer, &head(), out).unwrap())
}

fn flow<'a>(document: &'a Value, id: &str) -> &'a Value {
    let flows = document["instances"][0]["flows"].as_array().unwrap();
    flows.iter().find(|flow| flow["id"] == id).unwrap()
}

#[test]
fn check_is_valid_for_each_kind_of_mistake() {
    for (name, setting) in mistakes() {
        let document = check(&setting);
        let text = document.to_string();
        assert!(!text.contains("\"0.0.0.1") && !text.contains("\"0.0.0.2"), "{name}");
        let mut required = 0;
        for instance in document["instances"].as_array().unwrap() {
            let flows = instance["flows"].as_array().unwrap();
            assert_eq!(flows.len(), flowcheck::flows::ids().count(), "{name}: every flow is listed");
            required += flows.iter().filter(|flow| flow["required"] == true).count();
        }
        let counts = document["summary"].as_object().unwrap().values();
        let counted: u64 = counts.map(|number| number.as_u64().unwrap()).sum();
        assert_eq!(counted, required as u64, "{name}");
    }
}

#[test]
fn check_says_what_blocks_and_how_much() {
    let rules = with(HEALTHY, "AllowSql", "AllowSql: 110 Out Allow Tcp VirtualNetwork:* -> Sql:1443");
    let document = check(&Setting::rules(&rules));
    let sql = flow(&document, "sql-1433");
    assert_eq!(sql["verdict"], "blocked");
    assert_eq!(sql["share"]["remote"]["allowed"], 0);
    let part = &sql["parts"][0];
    assert_eq!(part["destination"], serde_json::json!(["Sql.WestEurope"]));
    assert_eq!(part["destination_ports"], serde_json::json!(["1433"]));
    assert_eq!(part["decider"]["rule"], "DenyAllOut");
    assert_eq!(part["decider"]["origin"]["line"], 70);
    assert_eq!(part["candidates"].as_array().unwrap().len(), 1);
    assert!(sql["witness"].as_str().unwrap().starts_with("Out Tcp 10.0.1.4:50000 -> "));
    assert_eq!(document["findings"][0]["code"], "near-miss-port");
}

#[test]
fn check_prints_exact_prefixes_where_a_part_is_not_a_whole_tag() {
    let document = check(&mistakes().remove(2).1);
    let management = flow(&document, "mgmt-3443");
    let open =
        management["parts"].as_array().unwrap().iter().find(|part| part["verdict"] == "allowed").unwrap();
    assert_eq!(open["source"], serde_json::json!(["51.145.179.78/32"]));
    let parameters = [("client_sources", "203.0.113.0/24,198.51.100.7")];
    let answer = answer_with(&Setting::rules(HEALTHY), &parameters);
    let document = valid("check", |out| json::check(&answer, &head(), out).unwrap());
    let clients = &flow(&document, "client-https")["parts"][0];
    assert_eq!(clients["source"], serde_json::json!(["198.51.100.7/32", "203.0.113.0/24"]));
}

#[test]
fn an_unseen_subnet_is_printed_by_its_name() {
    let document = check(&Setting { prefix: false, ..Setting::rules(HEALTHY) });
    let sql = flow(&document, "sql-1433");
    assert_eq!(sql["parts"][0]["source"], serde_json::json!(["hub-vnet/apim"]));
    assert_eq!(sql["share"]["own"], Value::Null);
}

#[test]
fn a_key_that_the_schema_does_not_name_is_refused() {
    for command in [
        "check",
        "inspect",
        "lint",
        "conform",
        "packet",
        "prove",
        "reach",
        "test",
        "diff",
        "tags-show",
        "tags-which",
        "tags-diff",
        "flows",
        "explain",
        "map",
    ] {
        let schema = schema(command);
        closed(&schema, command);
        assert!(jsonschema::meta::is_valid(&schema), "{command}");
    }
}

/// Every object of a schema names all its keys, requires them and allows no other.
fn closed(schema: &Value, at: &str) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Object(properties)) = map.get("properties") {
                assert_eq!(map.get("additionalProperties"), Some(&Value::Bool(false)), "{at}");
                let required: Vec<&str> =
                    map["required"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
                let names: Vec<&str> = properties.keys().map(String::as_str).collect();
                assert_eq!(required, names, "{at}");
            }
            for (key, value) in map {
                closed(value, &format!("{at}/{key}"));
            }
        }
        Value::Array(items) => items.iter().for_each(|item| closed(item, at)),
        _ => {}
    }
}

#[test]
fn packet_is_valid_with_and_without_trace() {
    let mut answers = Vec::new();
    for (_, setting) in mistakes() {
        let network = network(&setting);
        let point = network.at_subnet(&network.subnets[0], TagSnapshot::builtin());
        for packet in [
            "In Tcp 51.145.179.78 -> 10.0.1.4:3443",
            "Out Udp 10.0.1.4 -> 168.63.129.16:53",
            "Out Tcp 10.0.1.4 -> 13.69.104.5:1433",
            "In Icmp [2001:db8::1] -> [fd00::5]",
        ] {
            answers.push(ask_packet(&point, &packet.parse().unwrap()));
        }
    }
    for trace in [false, true] {
        let document = valid("packet", |out| json::packet(&answers, trace, &head(), out).unwrap());
        assert_eq!(document["results"][0]["trace"].is_array(), trace);
        assert_eq!(document["results"][0]["decider"]["rule"], "AllowManagement");
    }
}

#[test]
fn reach_is_valid_and_its_parts_are_whole() {
    for (name, setting) in mistakes() {
        for asked in ["In Tcp 3443", "In Tcp Internet 443", "Out Tcp *", "Out Icmp", "In * *"] {
            let answer = reach_answer(&setting, asked);
            let document = valid("reach", |out| json::reach(&answer, &head(), out).unwrap());
            let text = document.to_string();
            assert!(!text.contains("0.0.0.1/32") && !text.contains("0.0.0.2/32"), "{name}, {asked}");
            assert!(!document["parts"].as_array().unwrap().is_empty(), "{name}, {asked}");
        }
    }
    let document = {
        let answer = reach_answer(&mistakes().remove(2).1, "In Tcp ApiManagement 3443");
        valid("reach", |out| json::reach(&answer, &head(), out).unwrap())
    };
    assert_eq!(document["verdict"], "partial");
    assert_eq!(document["parts"][0]["source"], serde_json::json!(["51.145.179.78/32"]));
    assert_eq!(document["parts"][0]["destination"], serde_json::json!(["10.0.1.0/24"]));
    assert_eq!(document["parts"][1]["decider"]["rule"], "DenyAllIn");
    assert_eq!(document["witnesses"]["allowed"], "In Tcp 51.145.179.78:50000 -> 10.0.1.4:3443");
}

#[test]
fn test_is_valid() {
    let document = valid("test", |out| json::test(&outcomes(), &Head::default(), out).unwrap());
    assert_eq!((&document["passed"], &document["failed"]), (&1.into(), &2.into()));
    assert_eq!(document["service_tags"], Value::Null);
}

pub(crate) fn tag_diff() -> TagDiff {
    let list = |number: u32, lines: &str| {
        let text = format!("# flowcheck service tags 1\n# cloud: Public\n# change number: {number}\n{lines}");
        TagSnapshot::parse(&text, "list").unwrap()
    };
    let old = list(1, "Gone|NSG||192.0.2.0/24\nSql|NSG||198.51.100.0/24 2001:db8::/32\n");
    let new = list(2, "New|NSG||203.0.113.0/24\nSql|NSG||198.51.100.0/25 198.51.101.0/24 2001:db8::/32\n");
    diff(&old, &new, None).unwrap()
}

#[test]
fn tags_are_valid() {
    let list = TagSnapshot::builtin();
    for name in ["Sql", "ApiManagement.WestEurope", "AzureLoadBalancer", "VirtualNetwork"] {
        let answer = list.show(name).unwrap();
        valid("tags-show", |out| json::tags_show(&answer, &head(), out).unwrap());
    }
    for asked in ["51.145.179.78", "2603:1020:206:1::140", "192.0.2.1"] {
        let rows = list.which(&AddressSet::one(asked.parse().unwrap()));
        valid("tags-which", |out| json::tags_which(asked, &rows, &head(), out).unwrap());
    }
    let difference = tag_diff();
    let document = valid("tags-diff", |out| json::tags_diff(&difference, &head(), out).unwrap());
    assert_eq!(document["changed"][0]["removed"], serde_json::json!(["198.51.100.128/25"]));
}

#[test]
fn flows_are_valid_whole() {
    let rows: Vec<_> = ROWS.iter().collect();
    let profile = Some(Profile::newest());
    let document = valid("flows", |out| json::flows(&rows, profile, &Head::default(), out).unwrap());
    assert_eq!(document["flows"].as_array().unwrap().len(), ROWS.len());
}

#[test]
fn every_explanation_is_valid() {
    let symptoms = ["Failed to connect to management endpoint", "U7", "S102", "D18"];
    for name in names().chain(symptoms) {
        let found = explain(name).unwrap();
        valid("explain", |out| json::explain(name, &found, &Head::default(), out).unwrap());
    }
}

#[test]
fn prove_is_valid_for_each_answer() {
    let proofs = proofs(true);
    let document = valid("prove", |out| json::prove(&proofs, &head(), out).unwrap());
    assert_eq!(document["summary"], serde_json::json!({ "true": 4, "false": 3, "unknown": 2 }));
    let first = &document["results"][0];
    assert_eq!(first["answer"], "true");
    assert_eq!(first["evidence"][0]["decider"]["rule"], "DenyAllIn");
    assert_eq!(document["results"][3]["origin"]["line"], 3);
    assert_eq!(document["results"][3]["witness"]["verdict"], "allowed");
    assert!(!document["results"][7]["unknowns"].as_array().unwrap().is_empty());
}
