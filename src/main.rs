//! The program `flowcheck`: parses, runs, exits. All it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(flowcheck::cli::run(std::env::args_os()) as u8)
}
