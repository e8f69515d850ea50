//! Rows of bits, one for each class of each field, all of one length in one list.

use super::fields::FIELDS;
use super::lanes::Lanes;
use crate::sets::{Classes, Point, bits};

/// Rows while they are built, without summaries.
pub(super) struct Draft {
    width: usize,
    words: Vec<u64>,
}

impl Draft {
    pub(super) fn new(width: usize) -> Self {
        Self { width, words: Vec::new() }
    }

    /// The number of the next row.
    pub(super) fn next_row(&self) -> u32 {
        // A row is at least a word, and rows fill memory long before their numbers run out.
        (self.words.len() / self.width.max(1)) as u32
    }

    /// Appends a row.
    pub(super) fn push(&mut self, row: &[u64]) {
        self.words.extend_from_slice(row);
    }

    /// Appends a row for each class, with the places whose set holds the class. `sides` are places with the
    /// numbers of their sets.
    pub(super) fn push_classes<T: Point>(
        &mut self,
        classes: &Classes<T>,
        sides: impl Iterator<Item = (usize, usize)>,
    ) {
        let width = self.width;
        let first = self.words.len();
        self.words.resize(first + classes.count() * width, 0);
        let rows = &mut self.words[first..];
        for (set, mask) in masks(sides).iter().enumerate() {
            if mask.is_empty() {
                continue;
            }
            for class in bits::ones(classes.of(set)) {
                let row = &mut rows[class * width..][..width];
                mask.iter().for_each(|(at, word)| row[*at] |= word);
            }
        }
    }

    /// The rows of classes, each cut to the places of `mask`.
    pub(super) fn push_masked(&mut self, rows: &Self, mask: &[u64]) {
        for row in rows.words.chunks_exact(self.width.max(1)) {
            self.words.extend(row.iter().zip(mask).map(|(row, mask)| row & mask));
        }
    }
}

/// For each set the places that name it, as words of a row that are not empty.
fn masks(sides: impl Iterator<Item = (usize, usize)>) -> Vec<Vec<(usize, u64)>> {
    let mut masks: Vec<Vec<(usize, u64)>> = Vec::new();
    for (place, set) in sides {
        if masks.len() <= set {
            masks.resize_with(set + 1, Vec::new);
        }
        let bit = 1 << (place % 64);
        match masks[set].last_mut() {
            Some((at, word)) if *at == place / 64 => *word |= bit,
            _ => masks[set].push((place / 64, bit)),
        }
    }
    masks
}

/// Rows, each with its summaries before its words.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    summaries: usize,
    stride: usize,
    words: Vec<u64>,
}

impl Rows {
    /// Adds the summaries.
    pub(super) fn new(draft: &Draft, lanes: &Lanes) -> Self {
        let summaries = lanes.summaries();
        let stride = summaries + draft.width;
        let mut words = vec![0; draft.next_row() as usize * stride];
        if draft.width > 0 {
            for (row, raw) in words.chunks_exact_mut(stride).zip(draft.words.chunks_exact(draft.width)) {
                row[summaries..].copy_from_slice(raw);
                let filled = raw.iter().enumerate().filter(|(_, word)| **word != 0);
                filled.for_each(|(at, _)| bits::set(row, at));
            }
        }
        Self { summaries, stride, words }
    }

    /// The rows of one packet.
    #[inline]
    pub(super) fn pick(&self, rows: [u32; FIELDS]) -> Picked<'_> {
        let stride = self.stride;
        Picked {
            summaries: self.summaries,
            rows: rows.map(|row| &self.words[row as usize * stride..][..stride]),
        }
    }

    /// Bytes on the heap.
    pub(super) fn size(&self) -> usize {
        self.words.len() * size_of::<u64>()
    }
}

/// One row of each field.
pub(super) struct Picked<'r> {
    summaries: usize,
    rows: [&'r [u64]; FIELDS],
}

impl Picked<'_> {
    /// Which of 64 words can have a bit in common.
    #[inline]
    pub(super) fn summary(&self, at: usize) -> u64 {
        self.rows.iter().fold(u64::MAX, |common, row| common & row[at])
    }

    /// The common bits of a word, by its place behind the summaries.
    #[inline]
    pub(super) fn word(&self, at: usize) -> u64 {
        self.summary(self.summaries + at)
    }

    /// Whether the bit of a place is in all rows.
    #[inline]
    pub(super) fn has(&self, place: usize) -> bool {
        self.word(place / 64) >> (place % 64) & 1 != 0
    }
}
