//! From the fields of a packet to its rows.
//!
//! A port's class is read from a table of all ports, and with the protocol leads to a row; an address leads
//! to its row by itself.

use super::addresses::{AddressRows, Addresses};
use super::draft::{DraftRows, Half};
use super::entries::{Entries, FieldClasses};
use super::narrow::{Narrow, Side};
use super::rows::Rows;
use crate::model::Packet;
use crate::sets::{Classes, bits};
use std::ops::Range;

/// How many rows a packet has: service, source, destination, source port.
pub(super) const FIELDS: usize = 4;

/// The places of rows among those of a packet.
const SERVICE: usize = 0;
pub(super) const SOURCE: usize = 1;
pub(super) const DESTINATION: usize = 2;

/// The look-ups of a classifier.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    /// The service of each protocol; for TCP and UDP that of the first class of ports.
    services: Vec<u32>,
    destination_ports: Ports,
    source_ports: Ports,
    first_source_port: u32,
    no_source_port: u32,
    /// The row of each service, of each class of source ports, and for packets without ports.
    rows: Vec<u32>,
    source: Addresses,
    destination: Addresses,
}

impl Fields {
    /// The look-ups and the rows that they lead to. `placed` are the numbers of the entries in rows.
    pub(super) fn new(
        entries: &Entries,
        placed: &[usize],
        classes: &FieldClasses,
        narrow: &Narrow,
    ) -> (Self, Rows) {
        let words = bits::words(placed.len());
        let draft = |half| DraftRows::new(entries, placed, classes, half, words);
        let may = draft(Half::May);
        let must = (!entries.exact).then(|| draft(Half::Must).rows);
        let list = |row: u32| {
            let of = |side, classes: &Range<u32>| {
                classes.contains(&row).then(|| narrow.list(side, (row - classes.start) as usize))
            };
            of(Side::Source, &may.source[0]).or_else(|| of(Side::Destination, &may.destination[0]))
        };
        let (rows, numbers) = Rows::new(&may.rows, must.as_ref(), |row| list(row).unwrap_or_default());
        let of = |range: &Range<u32>| &numbers[range.start as usize..range.end as usize];
        let addressed = |[v4, v6]: &[Range<u32>; 2]| AddressRows { v4: of(v4), v6: of(v6) };
        let fields = Self {
            services: may.services,
            destination_ports: Ports::new(&classes.destination_ports),
            source_ports: Ports::new(&classes.source_ports),
            first_source_port: may.first_source_port,
            no_source_port: may.no_source_port,
            // Rows of addresses come last.
            rows: of(&(0..may.source[0].start)).to_vec(),
            source: Addresses::new(&classes.source, &addressed(&may.source)),
            destination: Addresses::new(&classes.destination, &addressed(&may.destination)),
        };
        (fields, rows)
    }

    /// The rows of a packet.
    #[inline]
    pub(super) fn rows(&self, packet: &Packet) -> [u32; FIELDS] {
        std::array::from_fn(|field| self.row(field, packet))
    }

    /// The rows of some packets, field by field, so that the tables of one field are at hand for all of them.
    #[inline]
    pub(super) fn rows_of_all<const N: usize>(&self, packets: &[Packet], rows: &mut [[u32; N]; FIELDS]) {
        for (field, rows) in rows.iter_mut().enumerate() {
            for (packet, row) in packets.iter().zip(rows) {
                *row = self.row(field, packet);
            }
        }
    }

    #[inline]
    fn row(&self, field: usize, packet: &Packet) -> u32 {
        match field {
            SERVICE => self.service(packet),
            SOURCE => self.source.row(packet.source),
            DESTINATION => self.destination.row(packet.destination),
            _ => self.source_port(packet),
        }
    }

    #[inline]
    fn service(&self, packet: &Packet) -> u32 {
        let first = self.services[usize::from(packet.protocol.0)];
        let class = if packet.protocol.has_ports() {
            self.destination_ports.class(packet.destination_port)
        } else {
            0
        };
        self.rows[(first + class) as usize]
    }

    #[inline]
    fn source_port(&self, packet: &Packet) -> u32 {
        let row = if packet.protocol.has_ports() {
            self.first_source_port + self.source_ports.class(packet.source_port)
        } else {
            self.no_source_port
        };
        self.rows[row as usize]
    }

    /// Bytes on the heap.
    pub(super) fn size(&self) -> usize {
        (self.services.len() + self.rows.len()) * size_of::<u32>()
            + (self.destination_ports.classes.len() + self.source_ports.classes.len()) * size_of::<u16>()
            + self.source.size()
            + self.destination.size()
    }
}

/// The class of each port.
#[derive(Clone, Debug)]
struct Ports {
    /// There are no more classes than ports, so that the last number fits.
    classes: Vec<u16>,
}

impl Ports {
    fn new(classes: &Classes<u16>) -> Self {
        let mut all = Vec::with_capacity(1 << 16);
        for (run, class) in classes.runs() {
            all.resize(usize::from(run.last) + 1, class as u16);
        }
        Self { classes: all }
    }

    #[inline]
    fn class(&self, port: u16) -> u32 {
        u32::from(self.classes[usize::from(port)])
    }
}
