//! Rows of bits, one for each class of each field, all of one length in one list.
//!
//! A row says which rules may match, then where that differs which must, then which list of narrow rules
//! goes with it. Rows that are equal are one.

use super::fields::FIELDS;
use crate::sets::{Classes, Point, bits};
use rustc_hash::FxHashMap;

/// Rows while they are built: bits of one kind.
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
        (self.words.len() / self.width) as u32
    }

    /// Appends a row.
    pub(super) fn push(&mut self, row: &[u64]) {
        self.words.extend_from_slice(row);
    }

    fn row(&self, number: usize) -> &[u64] {
        &self.words[number * self.width..][..self.width]
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
        for row in rows.words.chunks_exact(self.width) {
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

/// The rows that packets are answered from.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    /// The words of what may match.
    width: usize,
    /// Where in a row what must match begins: behind what may, or with it where both are one.
    must: usize,
    /// The words of a row; the last of them is its list.
    stride: usize,
    words: Vec<u64>,
}

impl Rows {
    /// Rows for the drafts, which number alike; `must` is `None` where it is as `may`. Gives the row of each
    /// number too. `list` is what the last word of a row says.
    pub(super) fn new(may: &Draft, must: Option<&Draft>, list: impl Fn(u32) -> u64) -> (Self, Vec<u32>) {
        let width = may.width;
        let must_at = if must.is_some() { width } else { 0 };
        let mut rows = Self { width, must: must_at, stride: must_at + width + 1, words: Vec::new() };
        let mut known: FxHashMap<Vec<u64>, u32> = FxHashMap::default();
        let mut numbers = Vec::with_capacity(may.next_row() as usize);
        let mut row = Vec::with_capacity(rows.stride);
        for number in 0..may.next_row() {
            row.clear();
            row.extend_from_slice(may.row(number as usize));
            if let Some(must) = must {
                row.extend_from_slice(must.row(number as usize));
            }
            row.push(list(number));
            let same = known.get(&row).copied();
            numbers.push(same.unwrap_or_else(|| {
                let next = (rows.words.len() / rows.stride) as u32;
                rows.words.extend_from_slice(&row);
                known.insert(row.clone(), next);
                next
            }));
        }
        (rows, numbers)
    }

    /// The rows of one packet.
    #[inline]
    pub(super) fn pick(&self, rows: [u32; FIELDS]) -> Picked<'_> {
        let of = rows.map(|row| &self.words[row as usize * self.stride..][..self.stride]);
        Picked { width: self.width, must: self.must, rows: of }
    }

    /// Bytes on the heap.
    pub(super) fn size(&self) -> usize {
        self.words.len() * size_of::<u64>()
    }
}

/// One row of each field.
pub(super) struct Picked<'r> {
    width: usize,
    must: usize,
    rows: [&'r [u64]; FIELDS],
}

/// How many words are looked at without a question between them.
pub(super) const STRETCH: usize = 16;

impl Picked<'_> {
    /// The first place that may match.
    ///
    /// Rows of no more than a stretch, those of a group as Azure accepts it, are looked at whole: to leave at
    /// the first match costs more, since a processor cannot guess where that is.
    #[inline]
    pub(super) fn first(&self) -> Option<usize> {
        let may = self.rows.map(|row| &row[..self.width]);
        let mut from = 0;
        while from < self.width {
            let to = self.width.min(from + STRETCH);
            let (mut first, mut common) = (0, 0);
            for at in (from..to).rev() {
                let word = may.iter().fold(u64::MAX, |common, row| common & row[at]);
                (first, common) = if word == 0 { (first, common) } else { (at, word) };
            }
            if common != 0 {
                return Some(first * 64 + common.trailing_zeros() as usize);
            }
            from = to;
        }
        None
    }

    /// All places that may match.
    pub(super) fn may(&self) -> impl Iterator<Item = usize> + '_ {
        self.places(0)
    }

    /// All places that must match.
    pub(super) fn must(&self) -> impl Iterator<Item = usize> + '_ {
        self.places(self.must)
    }

    /// Whether a place that may match must.
    #[inline]
    pub(super) fn is_must(&self, place: usize) -> bool {
        self.must == 0 || self.common(self.must + place / 64) >> (place % 64) & 1 != 0
    }

    /// The word of each row that says which list goes with it.
    #[inline]
    pub(super) fn list(&self, field: usize) -> u64 {
        self.rows[field].last().copied().unwrap_or_default()
    }

    fn places(&self, start: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.width).flat_map(move |at| {
            let word = [self.common(start + at)];
            bits::ones(&word).map(|bit| at * 64 + bit).collect::<Vec<usize>>()
        })
    }

    #[inline]
    fn common(&self, at: usize) -> u64 {
        self.rows.iter().fold(u64::MAX, |common, row| common & row[at])
    }
}
