//! `flowcheck/tags-show/1`, `flowcheck/tags-which/1`, `flowcheck/tags-diff/1`.

use super::shapes::{Number, VersionsShape};
use super::{Head, write};
use crate::model::Region;
use crate::sets::AddressSet;
use crate::tags::{Features, Share, TagAnswer, TagCounts, TagDiff, WhichRow};
use serde::Serialize;
use std::io::{self, Write};

/// Writes the document of `tags show`.
///
/// # Errors
/// Those of the writer.
pub fn tags_show(answer: &TagAnswer, head: &Head, out: &mut dyn Write) -> io::Result<()> {
    let regional = answer.regional.iter().map(|form| RegionalShape {
        name: &form.name,
        region: form.region.as_ref().map(Region::as_str),
        features: words(&form.features),
        counts: CountsShape::of(&form.counts),
    });
    let body = ShowBody {
        tag: &answer.name,
        computed: answer.special.map(|special| special.meaning().to_owned()),
        base: answer.base.as_deref(),
        region: answer.region.as_ref().map(Region::as_str),
        features: words(&answer.features),
        counts: answer.counts.as_ref().map(CountsShape::of),
        prefixes: answer.addresses.as_ref().map(nets),
        regional: regional.collect(),
        in_no_region: answer.in_no_region.as_ref().map(nets),
    };
    write("tags-show", head, std::iter::empty(), body, out)
}

/// Writes the document of `tags which`; `asked` is the address or prefix as typed.
///
/// # Errors
/// Those of the writer.
pub fn tags_which(asked: &str, rows: &[WhichRow], head: &Head, out: &mut dyn Write) -> io::Result<()> {
    let rows = rows.iter().map(|row| WhichShape {
        name: &row.name,
        all: row.share == Share::All,
        addresses: Number(&row.count),
    });
    let body = WhichBody { asked, tags: rows.collect() };
    write("tags-which", head, std::iter::empty(), body, out)
}

/// Writes the document of `tags diff`; the head names the new list.
///
/// # Errors
/// Those of the writer.
pub fn tags_diff(diff: &TagDiff, head: &Head, out: &mut dyn Write) -> io::Result<()> {
    let whole = |tags: &'_ [(String, AddressSet)]| -> Vec<TagShape> {
        tags.iter().map(|(name, set)| TagShape { name: name.clone(), prefixes: nets(set) }).collect()
    };
    let changed = diff.changed.iter().map(|change| ChangeShape {
        name: &change.name,
        added: nets(&change.added),
        removed: nets(&change.removed),
    });
    let body = DiffBody {
        old: VersionsShape::of(&diff.old),
        new: VersionsShape::of(&diff.new),
        added: whole(&diff.added),
        removed: whole(&diff.removed),
        changed: changed.collect(),
    };
    write("tags-diff", head, std::iter::empty(), body, out)
}

fn nets(addresses: &AddressSet) -> Vec<String> {
    addresses.to_nets().iter().map(ToString::to_string).collect()
}

fn words(features: &Features) -> Option<Vec<String>> {
    features.words().map(<[String]>::to_vec)
}

#[derive(Serialize)]
struct ShowBody<'a> {
    tag: &'a str,
    computed: Option<String>,
    base: Option<&'a str>,
    region: Option<&'a str>,
    features: Option<Vec<String>>,
    counts: Option<CountsShape<'a>>,
    prefixes: Option<Vec<String>>,
    regional: Vec<RegionalShape<'a>>,
    in_no_region: Option<Vec<String>>,
}

#[derive(Serialize)]
struct CountsShape<'a> {
    v4_prefixes: usize,
    v6_prefixes: usize,
    v4_addresses: Number<'a>,
    v6_addresses: Number<'a>,
}

impl<'a> CountsShape<'a> {
    fn of(counts: &'a TagCounts) -> Self {
        Self {
            v4_prefixes: counts.v4_prefixes,
            v6_prefixes: counts.v6_prefixes,
            v4_addresses: Number(&counts.v4_addresses),
            v6_addresses: Number(&counts.v6_addresses),
        }
    }
}

#[derive(Serialize)]
struct RegionalShape<'a> {
    name: &'a str,
    region: Option<&'a str>,
    features: Option<Vec<String>>,
    counts: CountsShape<'a>,
}

#[derive(Serialize)]
struct WhichBody<'a> {
    asked: &'a str,
    tags: Vec<WhichShape<'a>>,
}

#[derive(Serialize)]
struct WhichShape<'a> {
    name: &'a str,
    all: bool,
    addresses: Number<'a>,
}

#[derive(Serialize)]
struct DiffBody<'a> {
    old: VersionsShape<'a>,
    new: VersionsShape<'a>,
    added: Vec<TagShape>,
    removed: Vec<TagShape>,
    changed: Vec<ChangeShape<'a>>,
}

#[derive(Serialize)]
struct TagShape {
    name: String,
    prefixes: Vec<String>,
}

#[derive(Serialize)]
struct ChangeShape<'a> {
    name: &'a str,
    added: Vec<String>,
    removed: Vec<String>,
}
