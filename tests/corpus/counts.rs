//! What `inspect` counts in every file, against a table that people checked against the files.
//!
//! `checked` says what was counted by hand, from a listing of the file's resources; of unknowns only those that it
//! names. `UPDATE_CORPUS=1` writes the counts of rows that nobody checked; a row with something in `checked` is a
//! person's word and is changed by hand.

use crate::{File, files, inspected};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The columns before `checked`: what they hold and the count of `inspect` that they show.
const COUNTS: &[(&str, &str)] = &[
    ("vnets", "virtual_networks"),
    ("subnets", "subnets"),
    ("peerings", "peerings"),
    ("nsgs", "security_groups"),
    ("rules", "rules"),
    ("tables", "route_tables"),
    ("routes", "routes"),
    ("asgs", "application_groups"),
    ("instances", "instances"),
    ("in-force", "effective_routes"),
];

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/counts.tsv")
}

fn head() -> String {
    let counts: Vec<&str> = COUNTS.iter().map(|(column, _)| *column).collect();
    format!("file\tkind\t{}\tparameters\tunknowns\tother\tchecked", counts.join("\t"))
}

/// A row without its last column.
fn row(file: &File, answer: &Result<Value, String>) -> String {
    let object = match answer {
        Ok(object) => object,
        Err(reason) => {
            // The place is before the reason; it begins with the path, which is not the same everywhere.
            let reason = reason.strip_prefix(file.path.to_str().unwrap()).unwrap_or(reason);
            let dashes = vec!["-"; COUNTS.len() + 2].join("\t");
            return format!("{}\trefused\t{dashes}\t{}", file.name, reason.trim_start_matches(':'));
        }
    };
    let length = |key: &str| object[key].as_array().unwrap().len();
    let counts: Vec<String> = match &object["counts"] {
        Value::Null => vec!["-".to_owned(); COUNTS.len() + 2],
        counts => {
            let shown = COUNTS.iter().map(|(_, key)| counts[*key].as_u64().unwrap().to_string());
            shown.chain([length("missing").to_string(), length("unknowns").to_string()]).collect()
        }
    };
    let other = object["other_counts"].as_array().unwrap().iter();
    let other: Vec<String> =
        other.map(|count| format!("{} {}", count["count"], count["what"].as_str().unwrap())).collect();
    let other = if other.is_empty() { "-".to_owned() } else { other.join(", ") };
    format!("{}\t{}\t{}\t{other}", file.name, object["kind"].as_str().unwrap(), counts.join("\t"))
}

/// The table: counts and the word of who checked them, by file.
fn table() -> BTreeMap<String, (String, String)> {
    let text = std::fs::read_to_string(path()).unwrap_or_default();
    let mut lines = text.lines();
    assert_eq!(lines.next().unwrap_or(&head()), head());
    lines
        .map(|line| {
            let (counts, checked) = line.rsplit_once('\t').unwrap();
            let name = counts.split('\t').next().unwrap().to_owned();
            (name, (counts.to_owned(), checked.to_owned()))
        })
        .collect()
}

#[test]
fn every_file_holds_what_the_table_says() {
    let Some(files) = files() else { return };
    let table = table();
    let found: Vec<String> = files.iter().zip(inspected(&files)).map(|(file, one)| row(file, &one)).collect();
    if std::env::var_os("UPDATE_CORPUS").is_some() {
        let mut text = head() + "\n";
        for (file, found) in files.iter().zip(&found) {
            let (counts, checked) = match table.get(&file.name) {
                Some((counts, checked)) if !checked.is_empty() => (counts.as_str(), checked.as_str()),
                _ => (found.as_str(), ""),
            };
            text += &format!("{counts}\t{checked}\n");
        }
        std::fs::write(path(), text).unwrap();
        return;
    }
    let wrong: Vec<String> = files
        .iter()
        .zip(&found)
        .filter_map(|(file, found)| match table.get(&file.name) {
            Some((counts, _)) if counts == found => None,
            Some((counts, _)) => Some(format!("is\n  {found}\nand was\n  {counts}")),
            None => Some(format!("is not in the table:\n  {found}")),
        })
        .collect();
    assert!(wrong.is_empty(), "{}\n\n{}", head(), wrong.join("\n"));
    let names: BTreeSet<&str> = files.iter().map(|file| &*file.name).collect();
    let gone: Vec<&String> = table.keys().filter(|name| !names.contains(name.as_str())).collect();
    assert!(gone.is_empty(), "these are in the table and not in the folder: {gone:?}");
}

#[test]
fn people_checked_files_of_every_family() {
    let table = table();
    let family = |name: &String| name.split('/').next().unwrap().to_owned();
    let all: BTreeSet<String> = table.keys().map(family).collect();
    let checked: Vec<&String> =
        table.iter().filter(|(_, (_, checked))| !checked.is_empty()).map(|(name, _)| name).collect();
    let covered: BTreeSet<String> = checked.iter().map(|name| family(name)).collect();
    assert!(checked.len() >= 25, "{}", checked.len());
    assert_eq!(covered, all);
    assert_eq!(table.len(), 83);
}

/// Each refusal is of a file that no tool writes: its object has none of the keys of a known form.
#[test]
fn only_cuts_are_refused() {
    let Some(files) = files() else { return };
    let refused: Vec<(String, String)> = files
        .iter()
        .zip(inspected(&files))
        .filter_map(|(file, answer)| Some((file.name.clone(), answer.err()?)))
        .collect();
    assert_eq!(refused.len(), 4);
    for (name, reason) in refused {
        assert!(name.starts_with("derived-"), "{name}: {reason}");
        assert!(
            reason.contains("the keys `_derived`, `resources`, which is no known kind"),
            "{name}: {reason}"
        );
    }
}

/// The sums of every family, as `docs/inputs.md` shows them.
#[test]
fn the_page_of_inputs_shows_the_sums() {
    let mut sums: BTreeMap<String, [u64; 7]> = BTreeMap::new();
    for (name, (counts, _)) in table() {
        let cells: Vec<&str> = counts.split('\t').collect();
        let of = |column: &str| {
            let place = head().split('\t').position(|title| title == column).unwrap();
            cells[place].parse().unwrap_or(0)
        };
        let refused = u64::from(cells[1] == "refused");
        let routes = of("routes") + of("in-force");
        let row = [1, refused, of("nsgs"), of("rules"), of("subnets"), routes, of("unknowns")];
        let sum = sums.entry(name.split('/').next().unwrap().to_owned()).or_default();
        sum.iter_mut().zip(row).for_each(|(sum, one)| *sum += one);
    }
    let row = |(family, sum): (&String, &[u64; 7])| {
        let cells: Vec<String> = sum.iter().map(u64::to_string).collect();
        format!("| `{family}` | {} |\n", cells.join(" | "))
    };
    let rows: String = sums.iter().map(row).collect();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/inputs.md");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains(&rows), "docs/inputs.md should show\n{rows}");
}
