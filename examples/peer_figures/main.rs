//! Figures beside other engines: times of the engine's parts on an input that those are given too.
//!
//! In: a folder with `rules.json` (rules in order, and the IPv4 prefixes of the tags that they name),
//! `packets.csv` and `expected.csv` (access and rule of each packet). Out: one line of JSON a figure; times in
//! milliseconds (`ms`) or in nanoseconds a packet (`ns`: median, best and worst of the repetitions). Answers
//! are held against `expected.csv` before anything is timed.
//!
//! ```text
//! peer_figures FOLDER                 figures of the classifier, of the plain walk and of whole sets
//! peer_figures --parse-only FILE.csv  the control of `packet --batch`: reads packets, decides nothing, writes
//!                                     the columns that a batch adds
//! ```

mod classify;
mod input;
mod parse_only;
mod sets;

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;
use std::{env, io};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["--parse-only", file] => parse_only::run(Path::new(file), io::stdout().lock()),
        [folder] => input::Input::read(Path::new(folder))
            .and_then(|input| classify::run(&input))
            .and_then(|()| sets::run(Path::new(folder)).map_err(|error| error.to_string())),
        _ => Err("expected FOLDER, or --parse-only FILE.csv".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the median time of a job in milliseconds, with what else there is to say.
fn print_job<T>(what: &str, repetitions: usize, mut job: impl FnMut() -> T, more: impl Fn(&T) -> String) {
    let mut times = Vec::new();
    let mut last = None;
    for _ in 0..repetitions.max(1) {
        let start = Instant::now();
        let result = job();
        times.push(start.elapsed().as_secs_f64() * 1e3);
        last = Some(result);
    }
    times.sort_by(f64::total_cmp);
    let more = last.map_or(String::new(), |result| more(&result));
    println!("{{\"what\": \"{what}\", \"ms\": {:.3}{more}}}", times[times.len() / 2]);
}

/// Prints the time of a job that handles many packets, a packet.
fn print_by_packet(what: &str, repetitions: usize, packets: usize, mut job: impl FnMut(), answer: &str) {
    let mut times = Vec::new();
    for _ in 0..repetitions.max(1) {
        let start = Instant::now();
        job();
        times.push(start.elapsed().as_secs_f64() * 1e9 / packets.max(1) as f64);
    }
    times.sort_by(f64::total_cmp);
    println!(
        "{{\"what\": \"{what}\", \"ns\": {:.2}, \"ns_best\": {:.2}, \"ns_worst\": {:.2}, \"answer\": \"{answer}\"}}",
        times[times.len() / 2],
        times[0],
        times[times.len() - 1],
    );
}
