//! Writes many networks as `az` exports them, for the figures under "Fleets" in `docs/performance.md`.
//!
//! `cargo run --release --example fleet -- FOLDER [--networks N] [--seed SEED]`
//!
//! 2,000 networks, which is the default, have 10,000 subnets, 5,000 network security groups with 200,000 rules, and
//! 2,000 API Management instances. The same arguments give the same bytes.

#[path = "../benches/support/fleet.rs"]
mod fleet;

use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let (mut folder, mut networks, mut seed) = (PathBuf::from("target/fleet"), 2_000, 1);
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || {
            let text = arguments.next().unwrap_or_default();
            text.parse::<u32>().map_err(|error| io::Error::other(format!("{argument} `{text}`: {error}")))
        };
        match &*argument {
            "--networks" => networks = number()?,
            "--seed" => seed = number()?,
            _ => folder = PathBuf::from(argument),
        }
    }
    fs::create_dir_all(&folder)?;
    let networks = usize::try_from(networks).map_err(io::Error::other)?;
    fleet::write(networks, u64::from(seed), |name, text| fs::write(folder.join(name), text))
}
