//! Whoever meets the number of a clause in the code, the documents or a scenario can ask what it says.

use flowcheck::report::explain::{Kind, explain};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every file of ours that people read, below a folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let kind = path.extension().and_then(|kind| kind.to_str());
        if path.is_dir() {
            files(&path, found);
        } else if matches!(kind, Some("rs" | "md" | "yaml")) {
            found.push(path);
        }
    }
}

/// `S72` as a number.
fn clause(word: &str) -> Option<u16> {
    word.strip_prefix('S').filter(|rest| rest.len() <= 3)?.parse().ok()
}

/// The clauses that a text names; of `S28 to S37` those between, too.
fn cited(text: &str) -> Vec<u16> {
    let words: Vec<&str> =
        text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut found: Vec<u16> = words.iter().filter_map(|word| clause(word)).collect();
    for window in words.windows(3) {
        if let [first, "to", last] = window
            && let (Some(first), Some(last)) = (clause(first), clause(last))
        {
            found.extend(first..=last);
        }
    }
    found
}

#[test]
fn every_clause_that_is_cited_is_explained() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = vec![root.join("README.md")];
    for folder in ["src", "build", "docs", "data/flows", "scenarios", "tests"] {
        files(&root.join(folder), &mut paths);
    }
    let mut citing: BTreeMap<u16, PathBuf> = BTreeMap::new();
    for path in paths {
        for number in cited(&fs::read_to_string(&path).unwrap()) {
            citing.entry(number).or_insert_with(|| path.clone());
        }
    }
    assert!(citing.len() > 90, "{} clauses are cited", citing.len());
    for (number, path) in citing {
        let found = explain(&format!("S{number}"));
        let found = found.unwrap_or_else(|_| panic!("{} cites S{number}", path.display()));
        assert_eq!(found[0].kind, Kind::Clause);
        assert!(!found[0].meaning.starts_with("Its text"), "{} cites S{number}", path.display());
    }
}
