//! Writes the input of the batch figure in `docs/performance.md`: a group of 200 rules that name service tags,
//! and a million packets. The same bytes every time.
//!
//! `cargo run --release --example batch_input -- FOLDER`

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::{env, fs};

const TAGS: [&str; 12] = [
    "Storage",
    "Sql",
    "AzureKeyVault",
    "AzureMonitor",
    "ApiManagement",
    "EventHub",
    "AzureActiveDirectory",
    "AzureCloud",
    "AzureTrafficManager",
    "Storage.WestEurope",
    "Internet",
    "VirtualNetwork",
];
const PORTS: [&str; 6] = ["443", "80", "1433", "3443", "1000-2000", "8443"];

/// A linear congruential generator: enough for spread, and the same everywhere.
struct Spread(u64);

impl Spread {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.next(list.len() as u64) as usize]
    }
}

fn main() -> io::Result<()> {
    let folder = PathBuf::from(env::args().nth(1).unwrap_or_else(|| "target/batch".to_owned()));
    fs::create_dir_all(&folder)?;
    let mut spread = Spread(1);
    fs::write(folder.join("nsg.json"), group(&mut spread))?;
    let mut packets = BufWriter::new(fs::File::create(folder.join("packets.csv"))?);
    writeln!(packets, "direction,protocol,src,sport,dst,dport")?;
    for number in 0..1_000_000 {
        let remote = std::net::Ipv4Addr::from_bits(spread.next(1 << 32) as u32);
        let own = format!("10.0.1.{}", 4 + spread.next(250));
        let (client, port) =
            (1024 + spread.next(64_512), [443, 80, 1433, 3443, spread.next(65_536)][spread.next(5) as usize]);
        match number % 2 {
            0 => writeln!(packets, "In,Tcp,{remote},{client},{own},{port}")?,
            _ => writeln!(packets, "Out,Udp,{own},{client},{remote},{port}")?,
        }
    }
    packets.flush()
}

/// The group as `az network nsg show` prints it.
fn group(spread: &mut Spread) -> String {
    let mut rules = String::new();
    for number in 0..200 {
        let tag = spread.pick(&TAGS);
        let (direction, source, destination) = match number % 2 {
            0 => ("Inbound", tag, "VirtualNetwork"),
            _ => ("Outbound", "VirtualNetwork", tag),
        };
        let comma = if number == 0 { "" } else { "," };
        // Writing to a String cannot fail.
        let _ = write!(
            rules,
            "{comma}\n  {{\"name\": \"rule-{number}\", \"priority\": {}, \"direction\": \"{direction}\", \
             \"access\": \"{}\", \"protocol\": \"{}\", \"sourceAddressPrefix\": \"{source}\", \
             \"sourcePortRange\": \"*\", \"destinationAddressPrefix\": \"{destination}\", \
             \"destinationPortRange\": \"{}\"}}",
            100 + 10 * number,
            spread.pick(&["Allow", "Deny"]),
            spread.pick(&["Tcp", "Udp", "*"]),
            spread.pick(&PORTS),
        );
    }
    format!(
        "{{\"id\": \"/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/nsg\",\n\
         \"name\": \"nsg\", \"type\": \"Microsoft.Network/networkSecurityGroups\", \"location\": \"westeurope\",\n\
         \"securityRules\": [{rules}\n]}}\n"
    )
}
