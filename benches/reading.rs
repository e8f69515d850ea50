//! Times of reading: our whole read (recognise, parse, evaluate, build the network) beside what `serde_json` takes
//! to parse the same bytes into a value.
//!
//! `cargo bench --bench reading`. Takes the largest template of the public examples that `FLOWCHECK_SHARED`
//! points to, and says so where they are absent; a template and a plan of our own in any case.

#[path = "support/inputs.rs"]
mod inputs;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use flowcheck::sources::{InputKind, ReadOptions, kind_of, read};
use serde_json::Value;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

/// As large as the largest template of the public examples.
const TEMPLATE: usize = 360_000;
const PLAN: usize = 50 << 20;

fn reading(c: &mut Criterion) {
    if let Some((path, bytes)) = largest_template() {
        println!("largest public template: {}, {} bytes", path.display(), bytes.len());
        side_by_side(&mut c.benchmark_group("largest public template"), &bytes);
    }
    side_by_side(&mut c.benchmark_group("template of our own"), inputs::template(TEMPLATE, 0).as_bytes());
    let mut group = c.benchmark_group("plan of 50 MiB");
    group.sample_size(10);
    side_by_side(&mut group, inputs::plan(PLAN).as_bytes());
}

fn side_by_side(group: &mut BenchmarkGroup<'_, WallTime>, bytes: &[u8]) {
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("serde_json alone", |b| {
        b.iter_with_large_drop(|| serde_json::from_slice::<Value>(black_box(bytes)));
    });
    let options = ReadOptions::default();
    group.bench_function("whole read", |b| {
        b.iter_with_large_drop(|| read(black_box(bytes), "input.json", &options));
    });
}

/// The largest file of the public examples that is a template.
fn largest_template() -> Option<(PathBuf, Vec<u8>)> {
    let shared = std::env::var_os("FLOWCHECK_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"));
    let mut files = Vec::new();
    walk(&shared.join("data/corpus"), &mut files);
    if files.is_empty() {
        eprintln!("SKIPPED: no corpus; set FLOWCHECK_SHARED to the folder that holds data/corpus");
    }
    files.sort_by(|one, other| other.cmp(one));
    files.into_iter().find_map(|(_, path)| {
        let bytes = fs::read(&path).ok()?;
        (kind_of(&bytes, "input.json") == Some(InputKind::Template)).then_some((path, bytes))
    })
}

fn walk(folder: &Path, files: &mut Vec<(u64, PathBuf)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.metadata() {
            Ok(data) if data.is_dir() => walk(&entry.path(), files),
            Ok(data) => files.push((data.len(), entry.path())),
            Err(_) => {}
        }
    }
}

criterion_group!(benches, reading);
criterion_main!(benches);
