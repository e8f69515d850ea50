//! Whole ways and matrices, for people and for programs.

use crate::golden::{PLAIN, compare, tags};
use crate::schema::{head, valid};
use flowcheck::analyses::{MatrixAnswer, PathAnswer, PathQuestion, matrix, path};
use flowcheck::network::Network;
use flowcheck::report::{json, text};
use flowcheck::rules::notation::{ports, protocols};
use flowcheck::sets::PortSet;
use flowcheck::sources::{ReadOptions, read};
use flowcheck::tags::TagSnapshot;

fn tunnel() -> Network {
    let template = include_bytes!("../../examples/tunnel/main.json");
    read(template, "main.json", &ReadOptions::default()).unwrap().network
}

fn question(port: &str) -> PathQuestion {
    PathQuestion {
        protocols: protocols("tcp").unwrap(),
        source_ports: PortSet::all(),
        ports: ports(port).unwrap(),
    }
}

fn ways() -> Vec<PathAnswer> {
    let network = tunnel();
    let end = |text: &str| network.end(&text.parse().unwrap(), TagSnapshot::builtin()).unwrap();
    [
        ("Internet", "apim", "443"),
        ("ApiManagement", "apim-contoso", "3443"),
        ("apim", "Internet", "80"),
        ("apim", "web", "443"),
        ("private", "web", "443"),
        ("apim", "orders-sql", "1433"),
        ("web", "172.20.1.1", "443"),
        ("firewall", "apim", "22"),
    ]
    .into_iter()
    .map(|(from, to, port)| path(&end(from), &end(to), &question(port)).unwrap())
    .collect()
}

fn pairs() -> MatrixAnswer {
    matrix(&tunnel(), TagSnapshot::builtin(), &question("443")).unwrap()
}

#[test]
fn ways_and_pairs_read_well() {
    let mut out = Vec::new();
    for answer in ways() {
        text::path(&answer, &[], &PLAIN, &tags(), &mut out).unwrap();
        out.push(b'\n');
    }
    text::matrix(&pairs(), &[], &PLAIN, &tags(), &mut out).unwrap();
    compare("path", &out);
}

#[test]
fn ways_and_pairs_are_valid() {
    for answer in ways() {
        let document = valid("path", |out| json::path(&answer, &head(), out).unwrap());
        let steps = document["steps"].as_array().unwrap();
        let obstacles = steps.iter().filter(|step| !step["change"].is_null()).count();
        assert_eq!(obstacles == 0, document["verdict"] == "allowed", "{}", document["to"]["name"]);
    }
    let document = valid("matrix", |out| json::matrix(&pairs(), &head(), out).unwrap());
    let size = document["subnets"].as_array().unwrap().len();
    assert!(document["verdicts"].as_array().unwrap().iter().all(|row| row.as_array().unwrap().len() == size));
}
