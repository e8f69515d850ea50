//! Text of the `tags` commands.

use super::TextOptions;
use super::paint::{Cell, Columns, Hue, Paint, cell, plain};
use crate::report::phrases::{counted, number, wrapped};
use crate::sets::{AddressSet, Count, address_count, thousands};
use crate::tags::{Features, Share, TagAnswer, TagCounts, TagDiff, Versions, WhichRow};
use std::io::{self, Write};

/// Writes the text of `tags show`: every prefix, unless `quiet`.
///
/// # Errors
/// Those of the writer.
pub fn tags_show(
    answer: &TagAnswer,
    options: &TextOptions,
    tags_line: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = Paint(options.color);
    let counts = answer.counts.as_ref().map(size).unwrap_or_default();
    let source = if answer.special.is_some() { "computed by Azure" } else { tags_line };
    writeln!(out, "{}  {counts}  ({source})", paint.put(Hue::Head, &answer.name))?;
    if let Some(special) = answer.special {
        for line in wrapped(special.meaning(), super::WIDTH) {
            writeln!(out, "  {line}")?;
        }
    } else {
        writeln!(out, "  {}", usable(&answer.features))?;
    }
    if let (Some(base), Some(region)) = (&answer.base, &answer.region) {
        writeln!(out, "  the part of {base} in {region}")?;
    }
    if !options.quiet {
        for net in answer.addresses.iter().flat_map(AddressSet::to_nets) {
            writeln!(out, "  {net}")?;
        }
    }
    if !answer.regional.is_empty() {
        writeln!(out, "  {}:", counted(answer.regional.len(), "regional form", "regional forms"))?;
        let rows: Vec<Vec<Cell>> = answer
            .regional
            .iter()
            .map(|form| {
                let mark = match form.features.nsg() {
                    Some(false) => "not marked for NSGs (U28)",
                    _ => "",
                };
                vec![plain(&*form.name), plain(size(&form.counts)), cell(mark, Hue::Doubt)]
            })
            .collect();
        let columns = Columns::fit(&rows, 80);
        for row in &rows {
            writeln!(out, "    {}", columns.line(row, paint))?;
        }
    }
    if let Some(rest) = answer.in_no_region.as_ref().filter(|rest| !rest.is_empty()) {
        writeln!(out, "  {} in no regional form (S92)", families(&TagCounts::of(rest)))?;
    }
    Ok(())
}

/// Writes the text of `tags which`; `asked` is the address or prefix as typed.
///
/// # Errors
/// Those of the writer.
pub fn tags_which(
    asked: &str,
    rows: &[WhichRow],
    options: &TextOptions,
    tags_line: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = Paint(options.color);
    if rows.is_empty() {
        return writeln!(out, "no tag holds {asked} ({tags_line})");
    }
    writeln!(out, "{} in {} ({tags_line})", paint.put(Hue::Head, asked), counted(rows.len(), "tag", "tags"))?;
    let row = |row: &WhichRow| {
        let how = match row.share {
            Share::All => cell("all", Hue::Good),
            Share::Part => cell(format!("part: {}", address_count(&row.count)), Hue::Doubt),
        };
        vec![plain(&*row.name), how]
    };
    let rows: Vec<Vec<Cell>> = rows.iter().map(row).collect();
    let columns = Columns::fit(&rows, 80);
    for row in &rows {
        writeln!(out, "  {}", columns.line(row, paint))?;
    }
    Ok(())
}

/// Writes the text of `tags diff`: a line for each tag that differs, prefixes with `all` or `verbose`.
///
/// # Errors
/// Those of the writer.
pub fn tags_diff(diff: &TagDiff, options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(options.color);
    let none = AddressSet::empty();
    let whole = |mark, tags: &'_ [(String, AddressSet)]| -> Vec<(char, String, AddressSet)> {
        tags.iter().map(|(name, set)| (mark, name.clone(), set.clone())).collect()
    };
    let mut rows: Vec<(char, String, AddressSet, AddressSet)> = Vec::new();
    rows.extend(whole('+', &diff.added).into_iter().map(|(m, name, set)| (m, name, set, none.clone())));
    rows.extend(whole('-', &diff.removed).into_iter().map(|(m, name, set)| (m, name, none.clone(), set)));
    rows.extend(
        diff.changed
            .iter()
            .map(|change| ('~', change.name.clone(), change.added.clone(), change.removed.clone())),
    );
    if !options.quiet {
        for (mark, name, added, removed) in &rows {
            let hue = match mark {
                '+' => Hue::Good,
                '-' => Hue::Bad,
                _ => Hue::Doubt,
            };
            let sizes: Vec<String> = [("+", added), ("-", removed)]
                .iter()
                .filter(|(_, set)| !set.is_empty())
                .map(|(sign, set)| format!("{sign}{}", families(&TagCounts::of(set))))
                .collect();
            writeln!(out, "{} {name}  {}", paint.put(hue, &mark.to_string()), sizes.join("  "))?;
            if options.whole() {
                for (sign, set) in [('+', added), ('-', removed)] {
                    for net in set.to_nets() {
                        writeln!(out, "    {sign} {net}")?;
                    }
                }
            }
        }
    }
    writeln!(
        out,
        "{} added, {} removed, {} changed, from {} to {}.",
        counted(diff.added.len(), "tag", "tags"),
        number(diff.removed.len()),
        number(diff.changed.len()),
        version(&diff.old),
        version(&diff.new)
    )
}

fn version(versions: &Versions) -> String {
    let date = versions.date.as_ref().map(|date| format!(" of {date}")).unwrap_or_default();
    format!("{}{date}", crate::report::tags_line(versions))
}

/// `12 IPv4 prefixes, 2,009 addresses; 3 IPv6 prefixes`.
fn size(counts: &TagCounts) -> String {
    let mut words = format!(
        "{}, {}",
        counted(counts.v4_prefixes, "IPv4 prefix", "IPv4 prefixes"),
        address_count(&counts.v4_addresses)
    );
    if counts.v6_prefixes > 0 {
        words.push_str(&format!("; {}", counted(counts.v6_prefixes, "IPv6 prefix", "IPv6 prefixes")));
    }
    words
}

/// `2,009 IPv4 addresses`, `3 IPv6 prefixes`.
fn families(counts: &TagCounts) -> String {
    let mut words = Vec::new();
    if counts.v4_addresses > Count::from(0u8) {
        let one = counts.v4_addresses == Count::from(1u8);
        let noun = if one { "IPv4 address" } else { "IPv4 addresses" };
        words.push(format!("{} {noun}", thousands(&counts.v4_addresses)));
    }
    if counts.v6_prefixes > 0 {
        words.push(counted(counts.v6_prefixes, "IPv6 prefix", "IPv6 prefixes"));
    }
    words.join(" and ")
}

fn usable(features: &Features) -> String {
    match (features.nsg(), features.words()) {
        (Some(true), _) => "may be used in network security groups".to_owned(),
        (Some(false), _) => "not marked for use in network security groups (U28)".to_owned(),
        (None, _) => "the list does not say where it may be used".to_owned(),
    }
}
