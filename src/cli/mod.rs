//! The command line: what was typed becomes a plan, the plan an answer, the answer bytes and an exit status.
//!
//! The only room besides the mouth of `sources` that reads files, and the only one that writes any.
//! Results go to standard output, everything else to standard error.

mod args;
mod batch;
mod bicep;
mod check;
mod conform;
mod diff;
mod exit;
mod files;
mod input;
mod inspect;
mod lint;
mod look_up;
mod map;
mod matrix;
mod output;
mod packet;
mod plan;
mod progress;
mod prove;
mod reach;
mod route;
mod tags;
mod test;

pub use exit::Exit;

use args::{Cli, Command};
use clap::Parser;
use std::ffi::OsString;
use std::fmt;
use std::io::Write;

/// Why a question could not be asked: one line or more for people. Exit status 2.
#[derive(Debug)]
struct CliError(String);

impl CliError {
    /// A mistake in what was typed, or a file that cannot be read or written.
    fn usage(text: String) -> Self {
        Self(text)
    }

    /// Any error that words itself.
    fn of(error: impl fmt::Display) -> Self {
        Self(error.to_string())
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Runs the program with its arguments, the program's name first, and returns the exit status.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, the rest is a question that could not be asked. A terminal that
            // is gone is told nothing.
            let _ = error.print();
            return if error.use_stderr() { Exit::NotAsked } else { Exit::Fine };
        }
    };
    let answered = match cli.command {
        Command::Check(args) => check::run(&args),
        Command::Conform(args) => conform::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Lint(args) => lint::run(&args),
        Command::Map(args) => map::run(&args),
        Command::Packet(args) => packet::run(&args),
        Command::Reach(args) => reach::run(&args),
        Command::Route(args) => route::run(&args),
        Command::Matrix(args) => matrix::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Prove(args) => prove::run(&args),
        Command::Flows(args) => look_up::flows(&args),
        Command::Tags(command) => tags::run(&command),
        Command::Explain(args) => look_up::explain(&args),
    };
    answered.unwrap_or_else(|error| {
        complain(&error);
        Exit::NotAsked
    })
}

/// Tells people something that is not the answer. A standard error that is gone is no reason to stop.
fn complain(text: &dyn fmt::Display) {
    let _ = writeln!(anstream::stderr(), "flowcheck: {text}");
}
