//! Service tags: what the public list of 2025-11-10 says, and how lists are read, compared and searched.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]

mod compare;
mod public;
mod reading;

use flowcheck::sets::AddressSet;
use flowcheck::tags::{Tag, TagSnapshot};
use ipnet::IpNet;
use std::io::Write as _;
use std::net::IpAddr;
use std::path::PathBuf;

/// The embedded list.
fn list() -> &'static TagSnapshot {
    TagSnapshot::builtin()
}

fn tag(name: &str) -> Tag {
    list().lookup(name).unwrap_or_else(|| panic!("{name} is not in the list"))
}

fn set(text: &str) -> AddressSet {
    let net = |text: &str| match text.contains('/') {
        true => text.parse::<IpNet>().unwrap(),
        false => IpNet::from(text.parse::<IpAddr>().unwrap()),
    };
    text.split_whitespace().map(net).collect()
}

/// A file of Microsoft's beside the project; says so when it is not there.
fn shared(name: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("FLOWCHECK_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let path = folder.join("data/service-tags").join(name);
    let skip = |error: std::io::Error| {
        // Past the test harness, which swallows what a passing test prints.
        let _ = writeln!(std::io::stderr(), "SKIPPED a check: {}: {error}", path.display());
    };
    std::fs::read(&path).map_err(skip).ok()
}

const PUBLIC: &str = "ServiceTags_Public_cn376_20251110.json";
const OLDER: &str = "ServiceTags_Public_cn371_20251008.json";
const OLDEST: &str = "ServiceTags_Public_cn193_202203.json";
const GOVERNMENT: &str = "ServiceTags_AzureGovernment.json";
