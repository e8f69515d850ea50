//! `conform` as text and as JSON: a dump and an input that differ in every way that there is.

use crate::golden::{PLAIN, compare, tags};
use crate::schema::{head, valid};
use flowcheck::analyses::conform::ConformAnswer;
use flowcheck::analyses::{CheckOptions, conform};
use flowcheck::flows::{ParameterValues, Profile};
use flowcheck::network::PlaceHint;
use flowcheck::report::text::{self, TextOptions};
use flowcheck::report::{ConformHead, json};
use flowcheck::sources::{Input, ReadOptions, read};
use flowcheck::tags::TagSnapshot;

fn input(file: &str) -> Input {
    let path = format!("{}/tests/report/conform/{file}", env!("CARGO_MANIFEST_DIR"));
    read(std::fs::read(path).unwrap(), file, &ReadOptions::default()).unwrap()
}

fn answer() -> (ConformAnswer, ConformHead) {
    let dumps = ["rules.json", "routes.json", "status.json"].map(input);
    let dump = Input::join_all(dumps.into()).unwrap();
    let deployed = input("input.json");
    let options = CheckOptions {
        tags: TagSnapshot::builtin(),
        profile: Profile::newest(),
        parameters: &ParameterValues::default(),
        features: &[],
    };
    let answer = conform(&dump.network, &deployed.network, PlaceHint::default(), &options).unwrap();
    let findings = [&dump.findings[..], &deployed.findings[..]].concat();
    (answer, ConformHead { dump: "dumps".to_owned(), input: "input.json".to_owned(), findings })
}

fn text_of(options: &TextOptions) -> String {
    let (answer, about) = answer();
    let mut out = Vec::new();
    text::conform(&answer, &about, options, &tags(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn conform_reads_well() {
    compare("conform", text_of(&PLAIN).as_bytes());
    compare("conform-all", text_of(&TextOptions { all: true, ..PLAIN }).as_bytes());
    compare("conform-quiet", text_of(&TextOptions { quiet: true, ..PLAIN }).as_bytes());
}

#[test]
fn colours_of_conform_change_nothing_but_colours() {
    let colored = text_of(&TextOptions { color: true, all: true, ..PLAIN });
    let plain = text_of(&TextOptions { all: true, ..PLAIN });
    assert_ne!(colored, plain);
    assert_eq!(anstream::adapter::strip_str(&colored).to_string(), plain);
}

#[test]
fn conform_is_valid_and_names_both_places() {
    let (answer, about) = answer();
    let document = valid("conform", |out| json::conform(&answer, &about, &head(), out).unwrap());
    let differences = document["differences"].as_array().unwrap();
    let of = |kind: &str| differences.iter().find(|one| one["kind"] == kind).unwrap();
    let changed = of("changed-rule");
    assert_eq!(changed["fields"][0]["field"], "destination port");
    assert_eq!(changed["in_force"]["file"], "rules.json");
    assert_eq!(changed["input"]["file"], "input.json");
    for kind in ["missing-rule", "added-rule", "tag", "added-route", "changed-route", "fails-though-allowed"]
    {
        assert_eq!(of(kind)["kind"], kind);
    }
    assert_eq!(document["summary"]["differences"], differences.len());
    let empty = valid("conform", |out| {
        json::conform(&ConformAnswer::default(), &ConformHead::default(), &head(), out).unwrap();
    });
    assert_eq!(empty["differences"].as_array().unwrap().len(), 0);
}
