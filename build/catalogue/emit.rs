//! Checked data as Rust source: constants that `src/flows/catalogue.rs` includes.

use super::parse::{self, Check, Ports, Remote};
use super::records::{Core, Record};
use super::{Data, date::Date};
use std::fmt::{Debug, Write};

/// The source text of every table.
///
/// # Errors
/// The first fault met; none is left once `check::faults` is empty.
pub(crate) fn source(data: &Data) -> Result<String, String> {
    let mut out =
        String::from("// Written by the build script from data/flows; change the data, not this.\n");
    let mut newest = Date::first_of("2025-04-17").map_err(|error| error.to_string())?;
    for text in data
        .entries
        .iter()
        .filter_map(|entry| entry.record.since.as_ref())
        .chain(data.sources.iter().flat_map(|source| &source.copies).map(|copy| &copy.date))
    {
        newest = newest.max(Date::first_of(text).map_err(|error| error.to_string())?);
    }
    let _ = writeln!(out, "pub(super) const NEWEST: Date = {};", date(newest));
    table(
        &mut out,
        "SOURCES",
        "Source",
        data.sources.iter().map(|source| {
            let copies = list(&source.copies, |copy| {
                format!(
                    "SourceCopy {{ date: {:?}, commit: {:?}, fork: {:?} }}",
                    copy.date, copy.commit, copy.fork
                )
            });
            Ok(format!(
                "Source {{ key: {:?}, title: {:?}, copies: {copies}, note: {:?} }}",
                source.key, source.title, source.note
            ))
        }),
    )?;
    table(
        &mut out,
        "DISPUTES",
        "Dispute",
        data.disputes.iter().map(|dispute| {
            Ok(format!(
                "Dispute {{ number: {}, matter: {:?}, says: {:?}, sources: &{:?}, reading: {:?} }}",
                parse::dispute(&dispute.id)?,
                dispute.matter,
                dispute.says,
                dispute.sources,
                dispute.reading
            ))
        }),
    )?;
    table(
        &mut out,
        "FEATURES",
        "FeatureInfo",
        data.features.iter().map(|feature| {
            Ok(format!(
                "FeatureInfo {{ name: {:?}, default: FeatureState::{:?}, what: {:?} }}",
                feature.name, feature.default, feature.what
            ))
        }),
    )?;
    let _ = writeln!(out, "pub(super) const FEATURE_COUNT: usize = {};", data.features.len());
    table(
        &mut out,
        "PARAMETERS",
        "Parameter",
        data.parameters.iter().map(|parameter| {
            Ok(format!("Parameter {{ name: {:?}, what: {:?} }}", parameter.name, parameter.what))
        }),
    )?;
    table(&mut out, "CONTROL_PLANE", "ControlPlane", data.control_plane.iter().map(|place| {
        let moved = match &place.moved {
            None => "None".to_owned(),
            Some(moved) => format!(
                "Some(Moved {{ date: {}, old: {}, new: {} }})",
                day(Some(&moved.date))?.ok_or("a date")?, address(&moved.old), address(&moved.new)
            ),
        };
        let short: String = place.region.split_whitespace().collect::<String>().to_lowercase();
        let cloud = match format!("{:?}", place.cloud).as_str() {
            "AzureGovernment" => "Government",
            "AzureChina" => "China",
            _ => "Public",
        };
        Ok(format!(
            "ControlPlane {{ cloud: Cloud::{cloud}, region: {short:?}, name: {:?}, addresses: {}, global: {}, moved: {moved}, note: {:?} }}",
            place.region, list(&place.addresses, |text| address(text)), place.global, place.note
        ))
    }))?;
    table(
        &mut out,
        "ROWS",
        "Row",
        data.entries.iter().map(|entry| {
            row(entry.catalogue, &entry.record, data).map_err(|fault| format!("{}: {fault}", entry.record.id))
        }),
    )?;
    Ok(out)
}

fn table(
    out: &mut String,
    name: &str,
    of: &str,
    items: impl Iterator<Item = Result<String, String>>,
) -> Result<(), String> {
    let _ = writeln!(out, "/// {}\npub static {name}: &[{of}] = &[", about(name));
    for item in items {
        let _ = writeln!(out, "    {},", item?);
    }
    let _ = writeln!(out, "];");
    Ok(())
}

/// What the table holds, for its documentation.
fn about(table: &str) -> &'static str {
    match table {
        "SOURCES" => "Every document that a row or a dispute rests on.",
        "DISPUTES" => "Every contradiction between documents, D1 first.",
        "FEATURES" => "Every feature that a flow may ask for, with its default.",
        "PARAMETERS" => "Every fact about the surroundings that the user may give by name.",
        "CONTROL_PLANE" => "Addresses of the control plane by region: the hard core of `mgmt-3443`.",
        _ => "Every record of the catalogue; records of one id stand together.",
    }
}

fn row(catalogue: impl Debug, record: &Record, data: &Data) -> Result<String, String> {
    let need = match (&record.remote, &record.check, &record.never) {
        (Some(text), ..) => packets(record, &parse::remote(text)?)?,
        (_, Some(text), _) => match parse::check(text)? {
            Check::Nsg => "Need::Nsg".to_owned(),
            Check::Delegation(service) => format!("Need::Delegation {{ must_be: {service:?} }}"),
            Check::Subnet(length) => format!("Need::SubnetPrefix {{ at_most: {length} }}"),
        },
        (.., reason) => format!("Need::Nothing {{ reason: {:?} }}", reason.as_deref().unwrap_or_default()),
    };
    let mut flags = Vec::new();
    for flag in &record.flags {
        let index = data.features.iter().position(|feature| feature.name == *flag);
        flags.push(format!("Feature({})", index.ok_or_else(|| format!("unknown feature `{flag}`"))?));
    }
    let mut depends_on: Vec<String> = Vec::new();
    for (ids, several) in [(&record.depends_on, false), (&record.depends_on_when_scaled, true)] {
        depends_on.extend(
            ids.iter()
                .map(|id| format!("Dependency {{ id: {id:?}, only_with_several_instances: {several} }}")),
        );
    }
    let dispute = record.dispute.as_deref().map(parse::dispute).transpose()?;
    Ok(format!(
        "Row {{ id: {:?}, catalogue: Catalogue::{catalogue:?}, purpose: {:?}, breaks: {:?}, \
         direction: FlowDirection::{:?}, need: {need}, level: Level::{:?}, otherwise: {}, \
         documented: Documented::{:?}, nst_optional: {:?}, condition: Condition {{ tiers: {}, modes: {}, \
         platform: {}, units_min: {:?}, instances_min: {:?}, flags: &[{}], location: {} }}, \
         depends_on: &[{}], since: {}, until: {}, seed: {}, sources: &{:?}, dispute: {dispute:?}, note: {:?} }}",
        record.id,
        record.purpose,
        record.breaks,
        record.direction,
        record.level,
        option("Level", record.otherwise),
        record.docs,
        record.nst_optional,
        list(&record.tiers, |tier| format!("Tier::{tier:?}")),
        list(&record.modes, |mode| format!("Mode::{mode:?}")),
        option("Platform", record.platform),
        record.units_min,
        record.instances_min,
        flags.join(", "),
        option("LocationKind", record.location),
        depends_on.join(", "),
        day(record.since.as_deref())?.map_or("None".to_owned(), |day| format!("Some({day})")),
        day(record.until.as_deref())?.map_or("None".to_owned(), |day| format!("Some({day})")),
        record.seed,
        record.sources,
        record.note,
    ))
}

fn packets(record: &Record, other: &Remote) -> Result<String, String> {
    let ports = match parse::ports(record.ports.as_deref().unwrap_or_default())? {
        Ports::Parameter(name) => format!("Ports::Parameter({name:?})"),
        Ports::Ranges(ranges) => {
            format!("Ports::Ranges({})", list(&ranges, |(low, high)| format!("port_range({low}, {high})")))
        }
    };
    let quantifier = record.quantifier.ok_or("no quantifier")?;
    Ok(format!(
        "Need::Packets(Packets {{ remote: {}, hosts: &{:?}, ports: {ports}, protocols: {}, \
         quantifier: Quantifier::{quantifier:?}, core: Core::{:?}, seen: {}, default_rules: &{:?}, route_class: {} }})",
        remote(other),
        record.hosts,
        list(&record.protocols, |protocol| format!("Protocol::{}", format!("{protocol:?}").to_uppercase())),
        record.core.unwrap_or(Core::None),
        option("Seen", record.seen),
        record.default_rules,
        option("RouteClass", record.route),
    ))
}

fn remote(other: &Remote) -> String {
    match other {
        Remote::Tag { name, region } => {
            format!("Remote::Tag {{ name: {name:?}, region: TagRegion::{region} }}")
        }
        Remote::Parameter { name, default } => {
            let default = default.as_ref().map_or("None".to_owned(), |it| format!("Some(&{})", remote(it)));
            format!("Remote::Parameter {{ name: {name:?}, default: {default} }}")
        }
        plain => format!("Remote::{plain:?}"),
    }
}

fn option(of: &str, value: Option<impl Debug>) -> String {
    value.map_or("None".to_owned(), |value| format!("Some({of}::{value:?})"))
}

fn list<T>(items: &[T], show: impl Fn(&T) -> String) -> String {
    format!("&[{}]", items.iter().map(show).collect::<Vec<_>>().join(", "))
}

fn day(text: Option<&str>) -> Result<Option<String>, String> {
    text.map(|text| Date::first_of(text).map(date).map_err(|error| error.to_string())).transpose()
}

fn date(day: Date) -> String {
    let (year, month, day) = day.ymd();
    format!("date({year}, {month}, {day})")
}

fn address(text: &str) -> String {
    format!("Ipv4Addr::new({})", text.replace('.', ", "))
}
