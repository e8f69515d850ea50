//! What must hold of the data beyond its form. Each fault names file, record and what to do.

use super::parse::{self, Remote};
use super::records::{Catalogue, Core, FlowDirection, Level, Quantifier, Record};
use super::{Data, Entry, date::Date};
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

/// Every fault of the data, in order of the files; empty when there is none.
pub(crate) fn faults(data: &Data) -> Vec<String> {
    let mut faults = Vec::new();
    let names = Names::of(data);
    for entry in &data.entries {
        let mut found = Vec::new();
        record(entry, &names, &mut found);
        let at = format!("data/flows/{}: record `{}`", entry.file, entry.record.id);
        faults.extend(found.into_iter().map(|fault| format!("{at}: {fault}")));
    }
    together(&data.entries, &mut faults);
    overlaps(&data.entries, &mut faults);
    rings(&data.entries, &mut faults);
    side_files(data, &names, &mut faults);
    faults
}

/// The names that a record may refer to.
struct Names<'a> {
    ids: BTreeMap<&'a str, Catalogue>,
    sources: BTreeSet<&'a str>,
    disputes: BTreeSet<&'a str>,
    features: BTreeSet<&'a str>,
    parameters: BTreeSet<&'a str>,
}

impl<'a> Names<'a> {
    fn of(data: &'a Data) -> Self {
        let mut ids = BTreeMap::new();
        for entry in &data.entries {
            ids.entry(entry.record.id.as_str()).or_insert(entry.catalogue);
        }
        Self {
            ids,
            sources: data.sources.iter().map(|source| source.key.as_str()).collect(),
            disputes: data.disputes.iter().map(|dispute| dispute.id.as_str()).collect(),
            features: data.features.iter().map(|feature| feature.name.as_str()).collect(),
            parameters: data.parameters.iter().map(|parameter| parameter.name.as_str()).collect(),
        }
    }
}

fn record(entry: &Entry, names: &Names<'_>, faults: &mut Vec<String>) {
    let record = &entry.record;
    if !parse::is_kebab(&record.id) {
        faults.push("the id is not kebab case: use small letters, digits and single hyphens".to_owned());
    }
    if names.ids.get(record.id.as_str()) != Some(&entry.catalogue) {
        faults.push("the id already belongs to another catalogue: choose another id".to_owned());
    }
    for (field, text) in [("purpose", &record.purpose), ("breaks", &record.breaks)] {
        if text.trim().is_empty() {
            faults.push(format!("`{field}` is empty: say it in a few words"));
        }
    }
    period(record, faults);
    known("flags", &record.flags, &names.features, "features.yaml", faults);
    known("sources", &record.sources, &names.sources, "sources.yaml", faults);
    known("dispute", record.dispute.as_slice(), &names.disputes, "disputes.yaml", faults);
    for id in record.depends_on.iter().chain(&record.depends_on_when_scaled) {
        if !names.ids.contains_key(id.as_str()) {
            faults.push(format!("`depends_on`: there is no flow `{id}`: correct the name or add the flow"));
        }
    }
    if record.otherwise.is_some() && (record.level != Level::RequiredIf || record.flags.is_empty()) {
        faults.push("`otherwise` goes with `level: required-if` and `flags` only: remove it".to_owned());
    }
    if record.units_min == Some(0) || record.instances_min == Some(0) {
        faults.push("`units_min` and `instances_min` start at 1: remove the zero".to_owned());
    }
    match (&record.remote, &record.check, &record.never) {
        (Some(_), None, None) => packets(record, names, faults),
        (None, Some(check), None) => {
            faults.extend(parse::check(check).err());
            no_packets(record, FlowDirection::None, faults);
        }
        (None, None, Some(reason)) => {
            if reason.trim().is_empty() {
                faults.push("`never` is empty: give the reason".to_owned());
            }
            no_packets(record, record.direction, faults);
        }
        _ => faults.push("give exactly one of `remote`, `check` and `never`".to_owned()),
    }
}

fn period(record: &Record, faults: &mut Vec<String>) {
    let mut day = |field: &str, text: &Option<String>| match text.as_deref().map(Date::first_of) {
        Some(Err(error)) => {
            faults.push(format!("`{field}`: {error}"));
            None
        }
        Some(Ok(date)) => Some(date),
        None => None,
    };
    let (since, until) = (day("since", &record.since), day("until", &record.until));
    if let (Some(since), Some(until)) = (since, until)
        && since >= until
    {
        faults.push(format!("`since` {since} is not before `until` {until}: exchange or correct them"));
    }
}

fn known(field: &str, used: &[String], known: &BTreeSet<&str>, file: &str, faults: &mut Vec<String>) {
    for name in used {
        if !known.contains(name.as_str()) {
            faults.push(format!("`{field}`: `{name}` is not in {file}: correct the name or add it there"));
        }
    }
}

/// What a record with packets must say.
fn packets(record: &Record, names: &Names<'_>, faults: &mut Vec<String>) {
    let remote = match parse::remote(record.remote.as_deref().unwrap_or_default()) {
        Ok(remote) => remote,
        Err(fault) => return faults.push(fault),
    };
    let mut parameters = Vec::new();
    if let Remote::Parameter { name, .. } = &remote {
        parameters.push(name.clone());
    }
    match record.ports.as_deref().map(parse::ports) {
        None => faults.push("`ports` is missing".to_owned()),
        Some(Err(fault)) => faults.push(fault),
        Some(Ok(parse::Ports::Parameter(name))) => parameters.push(name),
        Some(Ok(parse::Ports::Ranges(_))) if record.protocols.is_empty() => {
            faults.push("`protocols` is missing: Tcp, Udp or both".to_owned());
        }
        Some(Ok(parse::Ports::Ranges(_))) => {}
    }
    known("remote or ports", &parameters, &names.parameters, "parameters.yaml", faults);
    let is_parameter = !parameters.is_empty();
    match record.quantifier {
        None => faults.push("`quantifier` is missing: all, any, par, reg or fqdn".to_owned()),
        Some(Quantifier::Par) if !is_parameter => {
            faults.push("`quantifier: par` needs a remote that is a `$parameter`".to_owned());
        }
        Some(Quantifier::Reg) if !has_own_region(&remote) => {
            faults.push("`quantifier: reg` needs a tag with `.{own}`".to_owned());
        }
        Some(_) => {}
    }
    if record.core == Some(Core::ControlPlane)
        && remote != (Remote::Tag { name: "ApiManagement".to_owned(), region: "Global" })
    {
        faults.push("`core: control-plane` goes with the remote ApiManagement only".to_owned());
    }
    if record.core == Some(Core::PrimaryRegion) && record.quantifier != Some(Quantifier::Reg) {
        faults.push("`core: primary-region` goes with `quantifier: reg` only".to_owned());
    }
    if record.direction == FlowDirection::None {
        faults.push("`direction: none` is for `check` only: in, out or inside".to_owned());
    }
    for rule in &record.default_rules {
        if !(65000..=65001).contains(rule) {
            faults.push(format!("`default_rules`: {rule} is no default rule that allows: 65000 or 65001"));
        }
    }
}

fn has_own_region(remote: &Remote) -> bool {
    match remote {
        Remote::Tag { region, .. } => *region == "Own",
        Remote::Parameter { default: Some(default), .. } => has_own_region(default),
        _ => false,
    }
}

/// A record without packets says nothing that only packets have.
fn no_packets(record: &Record, direction: FlowDirection, faults: &mut Vec<String>) {
    let has_more = record.ports.is_some()
        || !record.protocols.is_empty()
        || !record.hosts.is_empty()
        || record.quantifier.is_some()
        || record.core.is_some()
        || record.seen.is_some()
        || !record.default_rules.is_empty()
        || record.route.is_some();
    if has_more || record.direction != direction {
        faults.push(
            "a record with `check` or `never` has no ports, quantifier, route ...: remove them".to_owned(),
        );
    }
}

/// Records of one id stand together, so that they can be found as one slice.
fn together(entries: &[Entry], faults: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    let mut last = "";
    for entry in entries {
        let id = entry.record.id.as_str();
        if id != last && !seen.insert(id) {
            faults.push(format!(
                "data/flows/{}: record `{id}`: stands apart from the other records of its id: move it to them",
                entry.file
            ));
        }
        last = id;
    }
}

/// Records of one id never hold at once: for each date, tier, mode, platform and location there is at most one.
fn overlaps(entries: &[Entry], faults: &mut Vec<String>) {
    for (index, one) in entries.iter().enumerate() {
        for other in &entries[index + 1..] {
            if one.record.id == other.record.id && meet(&one.record, &other.record) {
                faults.push(format!(
                    "data/flows/{}: record `{}`: two records hold at once: part them by period, tiers, modes, platform or location",
                    other.file, other.record.id
                ));
            }
        }
    }
}

fn meet(one: &Record, other: &Record) -> bool {
    fn common<T: PartialEq>(one: &[T], other: &[T]) -> bool {
        one.is_empty() || other.is_empty() || one.iter().any(|item| other.contains(item))
    }
    fn agree<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
        one.is_none() || other.is_none() || one == other
    }
    let day = |text: &Option<String>| text.as_deref().and_then(|text| Date::first_of(text).ok());
    let ends_before = |a: &Record, b: &Record| match (day(&a.until), day(&b.since)) {
        (Some(until), Some(since)) => until <= since,
        _ => false,
    };
    common(&one.tiers, &other.tiers)
        && common(&one.modes, &other.modes)
        && agree(&one.platform, &other.platform)
        && agree(&one.location, &other.location)
        && !ends_before(one, other)
        && !ends_before(other, one)
}

/// No flow depends on itself, by whatever way.
fn rings(entries: &[Entry], faults: &mut Vec<String>) {
    let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for entry in entries {
        let record = &entry.record;
        let on = record.depends_on.iter().chain(&record.depends_on_when_scaled).map(String::as_str);
        edges.entry(&record.id).or_default().extend(on);
    }
    for start in edges.keys() {
        let mut seen = BTreeSet::new();
        let mut open = vec![*start];
        while let Some(next) = open.pop() {
            for target in edges.get(next).into_iter().flatten() {
                if seen.insert(*target) {
                    open.push(target);
                }
            }
        }
        if seen.contains(start) {
            faults.push(format!("flow `{start}` depends on itself by way of `depends_on`: break the ring"));
        }
    }
}

fn side_files(data: &Data, names: &Names<'_>, faults: &mut Vec<String>) {
    let mut unique = |file: &str, all: Vec<&str>| {
        let mut seen = BTreeSet::new();
        for name in all {
            if !seen.insert(name) {
                faults.push(format!("data/flows/{file}: `{name}` stands twice: remove one"));
            }
        }
    };
    unique("sources.yaml", data.sources.iter().map(|source| source.key.as_str()).collect());
    unique("disputes.yaml", data.disputes.iter().map(|dispute| dispute.id.as_str()).collect());
    unique("features.yaml", data.features.iter().map(|feature| feature.name.as_str()).collect());
    unique("parameters.yaml", data.parameters.iter().map(|parameter| parameter.name.as_str()).collect());
    for source in &data.sources {
        for copy in &source.copies {
            if let Err(error) = Date::first_of(&copy.date) {
                faults.push(format!("data/flows/sources.yaml: source `{}`: {error}", source.key));
            }
        }
    }
    for dispute in &data.disputes {
        let at = format!("data/flows/disputes.yaml: dispute `{}`", dispute.id);
        let mut found: Vec<String> = parse::dispute(&dispute.id).err().into_iter().collect();
        known("sources", &dispute.sources, &names.sources, "sources.yaml", &mut found);
        faults.extend(found.into_iter().map(|fault| format!("{at}: {fault}")));
    }
    for place in &data.control_plane {
        let at = format!("data/flows/control-plane.yaml: region `{}`", place.region);
        if place.addresses.is_empty() {
            faults.push(format!("{at}: `addresses` is empty"));
        }
        for address in &place.addresses {
            if address.parse::<Ipv4Addr>().is_err() {
                faults.push(format!("{at}: `{address}` is no IPv4 address"));
            }
        }
        if let Some(moved) = &place.moved {
            if let Err(error) = Date::first_of(&moved.date) {
                faults.push(format!("{at}: `moved`: {error}"));
            }
            for address in [&moved.old, &moved.new] {
                if !place.addresses.contains(address) {
                    faults
                        .push(format!("{at}: `moved`: `{address}` is not in `addresses`: add or correct it"));
                }
            }
        }
    }
    let twice = data.control_plane.iter().enumerate().any(|(index, one)| {
        data.control_plane[index + 1..]
            .iter()
            .any(|other| (one.cloud, &one.region, one.global) == (other.cloud, &other.region, other.global))
    });
    if twice {
        faults.push("data/flows/control-plane.yaml: a region stands twice: join the two lines".to_owned());
    }
}
