//! The control of `packet --batch`: everything but the deciding, in the plainest code.

use flowcheck::model::{Direction, Packet, Protocol};
use std::hint::black_box;
use std::io::Write;
use std::net::IpAddr;
use std::path::Path;

/// Reads packets from a file whose columns are direction, protocol, source, port, destination, port; writes
/// its rows with the same five columns for every packet.
pub(crate) fn run(file: &Path, output: impl Write) -> Result<(), String> {
    let text = |error: csv::Error| error.to_string();
    let mut reader = csv::ReaderBuilder::new().buffer_capacity(1 << 18).from_path(file).map_err(text)?;
    let mut writer = csv::WriterBuilder::new().buffer_capacity(1 << 18).from_writer(output);
    let mut row = reader.byte_headers().map_err(text)?.clone();
    ["verdict", "layer", "nsg", "rule", "priority"].iter().for_each(|name| row.push_field(name.as_bytes()));
    writer.write_byte_record(&row).map_err(text)?;
    while reader.read_byte_record(&mut row).map_err(text)? {
        black_box(packet(&row).ok_or_else(|| format!("{row:?} is no packet"))?);
        ["allowed", "subnet-nsg", "nsg", "rule", "100"]
            .iter()
            .for_each(|field| row.push_field(field.as_bytes()));
        writer.write_byte_record(&row).map_err(text)?;
    }
    writer.flush().map_err(|error| error.to_string())
}

fn packet(row: &csv::ByteRecord) -> Option<Packet> {
    let text = |column: usize| row.get(column).and_then(|bytes| std::str::from_utf8(bytes).ok());
    let direction: Direction = text(0)?.parse().ok()?;
    let protocol: Protocol = text(1)?.parse().ok()?;
    let side =
        |address, port| Some((text(address)?.parse::<IpAddr>().ok()?, text(port)?.parse::<u16>().ok()?));
    Packet::new(direction, protocol, side(2, 3)?, side(4, 5)?).ok()
}
