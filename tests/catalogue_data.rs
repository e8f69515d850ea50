//! The build's own checks of `data/flows`: each kind of fault is found, and named with file, record and remedy.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../build/catalogue/mod.rs"]
mod build;

use build::check;

/// A data set of one file with these records, beside the smallest side files.
fn faults(records: &str) -> Vec<String> {
    let flows = format!("catalogue: classic-core\ntiers: [Premium]\nmodes: [external]\nflows:\n{records}");
    let side = [
        ("sources.yaml", "sources:\n  - { key: SEED, title: table, copies: [{ date: 2025-04-17 }] }\n"),
        ("disputes.yaml", "disputes:\n  - { id: D1, matter: m, says: s, sources: [SEED], reading: r }\n"),
        ("features.yaml", "features:\n  - { name: smtp, default: off, what: mail }\n"),
        ("parameters.yaml", "parameters:\n  - { name: vip, what: address }\n"),
    ];
    let mut files = vec![("core.yaml".to_owned(), flows)];
    files.extend(side.map(|(name, text)| (name.to_owned(), text.to_owned())));
    match build::read(&files) {
        Ok(data) => {
            let faults = check::faults(&data);
            if faults.is_empty() {
                build::emit::source(&data).unwrap();
            }
            faults
        }
        Err(faults) => faults,
    }
}

/// A record that is right, with some lines changed: `with` replaces the fields that it names.
fn record(id: &str, with: &str) -> String {
    let plain = "purpose: p\nbreaks: b\ndirection: out\nremote: Storage\nports: '443'\nprotocols: [Tcp]\n\
                 level: required\ndocs: table\nquantifier: all\nsources: [SEED]";
    let field = |line: &str| line.split(':').next().unwrap_or_default().to_owned();
    let replaced: Vec<String> = with.lines().map(field).collect();
    let kept = plain.lines().filter(|line| !replaced.contains(&field(line)));
    let changed = with.lines().filter(|line| !line.ends_with("REMOVED"));
    let lines: Vec<String> = kept.chain(changed).map(|line| format!("    {line}\n")).collect();
    format!("  - id: {id}\n{}", lines.concat())
}

/// The records have one fault, which says all of this.
fn fault(records: &str, says: &[&str]) {
    let found = faults(records);
    assert_eq!(found.len(), 1, "{found:#?}");
    for words in says {
        assert!(found[0].contains(words), "`{}` does not say `{words}`", found[0]);
    }
}

#[test]
fn a_right_record_has_no_fault() {
    assert_eq!(faults(&record("a-443", "")), Vec::<String>::new());
}

#[test]
fn a_fault_names_file_record_and_remedy() {
    for (with, says) in [
        ("remote: storage", "`storage` is no tag"),
        ("remote: Storage.{other}", "{own} or {primary}"),
        ("remote: Internet.{own}", "has no regions"),
        ("remote: $nobody", "`nobody` is not in parameters.yaml"),
        ("remote: $vip or $vip", "not another parameter"),
        ("remote: ''", "is no tag"),
        ("remote: REMOVED", "exactly one of `remote`, `check` and `never`"),
        ("check: nsg", "exactly one of"),
        ("ports: '0'", "from 1 to 65535"),
        ("ports: '70000'", "from 1 to 65535"),
        ("ports: '90-80'", "rising range"),
        ("ports: 80-90,85", "overlap"),
        ("ports: REMOVED", "`ports` is missing"),
        ("protocols: REMOVED", "`protocols` is missing"),
        ("quantifier: REMOVED", "`quantifier` is missing"),
        ("quantifier: par", "needs a remote that is a `$parameter`"),
        ("quantifier: reg", "needs a tag with `.{own}`"),
        ("core: control-plane", "goes with the remote ApiManagement only"),
        ("core: primary-region", "goes with `quantifier: reg` only"),
        ("direction: none", "in, out or inside"),
        ("default_rules: [65500]", "no default rule that allows"),
        ("since: 2025-13", "`2025-13` is no date"),
        ("since: 2025-02-29", "`2025-02-29` is no date"),
        ("until: soon", "`soon` is no date"),
        ("since: 2025-06\nuntil: 2025-06-01", "is not before"),
        ("flags: [smpt]", "`smpt` is not in features.yaml"),
        ("sources: [SED]", "`SED` is not in sources.yaml"),
        ("dispute: D2", "`D2` is not in disputes.yaml"),
        ("depends_on: [b-53]", "there is no flow `b-53`"),
        ("otherwise: disputed", "`otherwise` goes with"),
        ("units_min: 0", "remove the zero"),
        ("purpose: ''", "`purpose` is empty"),
    ] {
        fault(&record("a-443", with), &["data/flows/core.yaml: record `a-443`: ", says]);
    }
    fault(&record("A_443", ""), &["record `A_443`", "not kebab case"]);
}

#[test]
fn a_word_or_field_that_does_not_exist_is_a_fault_with_its_line() {
    for (with, says) in
        [("level: must", "must"), ("colour: red", "colour"), ("seen: Q", "Q"), ("nst_optional: x", "bool")]
    {
        fault(&record("a-443", with), &["data/flows/core.yaml: ", "line", says]);
    }
}

#[test]
fn a_row_without_packets_has_no_packet_fields() {
    let check = "remote: REMOVED\nports: REMOVED\nprotocols: REMOVED\nquantifier: REMOVED\ndirection: none\n";
    assert_eq!(faults(&record("a-nsg", &format!("{check}check: nsg"))), Vec::<String>::new());
    fault(&record("a-nsg", &format!("{check}check: nsgs")), &["`nsgs`", "write `nsg`"]);
    fault(&record("a-nsg", &format!("{check}check: subnet /99")), &["/1 to /32"]);
    fault(&record("a-nsg", &format!("{check}check: nsg\nseen: O")), &["remove them"]);
}

#[test]
fn records_of_one_id_hold_at_different_times_or_places() {
    let pair = |one: &str, other: &str| record("a-443", one) + &record("a-443", other);
    for (one, other) in [
        ("until: 2025-06", "since: 2025-06"),
        ("tiers: [Premium]", "tiers: [Developer]"),
        ("modes: [external]", "modes: [internal]"),
        ("platform: stv1", "platform: stv2"),
        ("location: primary", "location: added"),
    ] {
        assert_eq!(faults(&pair(one, other)), Vec::<String>::new(), "{one} {other}");
    }
    for (one, other) in [
        ("", ""),
        ("until: 2025-06-02", "since: 2025-06"),
        ("platform: stv1", ""),
        ("flags: [smtp]", ""),
        ("tiers: [Premium, Developer]", "tiers: [Developer]"),
    ] {
        fault(&pair(one, other), &["record `a-443`", "two records hold at once"]);
    }
    let apart = record("a-443", "until: 2025-06") + &record("b-443", "") + &record("a-443", "since: 2025-06");
    fault(&apart, &["record `a-443`", "stands apart"]);
}

#[test]
fn a_ring_of_dependencies_is_found_by_every_flow_on_it() {
    let ring = record("a-443", "depends_on: [b-443]")
        + &record("b-443", "depends_on_when_scaled: [c-443]")
        + &record("c-443", "depends_on: [a-443]")
        + &record("d-443", "depends_on: [a-443]");
    let found = faults(&ring);
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found.iter().all(|fault| fault.contains("depends on itself")));
    fault(&record("a-443", "depends_on: [a-443]"), &["flow `a-443` depends on itself"]);
}

#[test]
fn the_side_files_are_checked_too() {
    let side = |name: &str, text: &str| {
        let files = vec![(name.to_owned(), text.to_owned())];
        build::read(&files).map_or_else(|faults| faults, |data| check::faults(&data))
    };
    for (name, text, says) in [
        ("sources.yaml", "sources: [{ key: A, title: t, copies: [{ date: 1.4.2025 }] }]", "is no date"),
        ("sources.yaml", "sources: [{ key: A, title: t }, { key: A, title: u }]", "stands twice"),
        (
            "disputes.yaml",
            "disputes: [{ id: X1, matter: m, says: s, sources: [], reading: r }]",
            "write D and a number",
        ),
        (
            "control-plane.yaml",
            "locations: [{ cloud: Public, region: A, addresses: [1.2.3] }]",
            "no IPv4 address",
        ),
        ("control-plane.yaml", "locations: [{ cloud: Public, region: A, addresses: [] }]", "is empty"),
        (
            "control-plane.yaml",
            "locations: [{ cloud: Public, region: A, addresses: [1.2.3.4], moved: { date: 2023, old: 1.2.3.4, new: 1.2.3.5 } }]",
            "not in `addresses`",
        ),
        (
            "control-plane.yaml",
            "locations: [{ cloud: Public, region: A, addresses: [1.2.3.4] }, { cloud: Public, region: A, addresses: [1.2.3.4] }]",
            "stands twice",
        ),
    ] {
        let found = side(name, text);
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(
            found[0].starts_with(&format!("data/flows/{name}: ")) && found[0].contains(says),
            "{found:#?}"
        );
    }
}
