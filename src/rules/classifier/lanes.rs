//! Where each entry stands in a row of bits.
//!
//! In order of evaluation alone, nearly every word of a row would have a bit of some rule that names any
//! source or any destination, and summaries would skip nothing. So the entries of large rule sets stand in
//! four *lanes*: by whether the source is wide, and whether the destination is. In the lane of narrow pairs a
//! row has a handful of bits, and two rows hardly a word in common. Within a lane the order is that of
//! evaluation, so its first common bit is its first match, and the first of the lanes' first matches decides.
//!
//! Small rule sets have one lane: their rows are a few words.

use super::entries::{AddressClasses, AddressSide, Entries, Entry, FieldClasses};
use super::rows::Picked;
use crate::sets::bits;

/// Rule sets of up to so many entries keep to one lane.
const ONE_LANE: usize = 2048;

/// Places of entries, and back.
#[derive(Clone, Debug)]
pub(super) struct Lanes {
    lanes: Vec<Lane>,
    /// The rank of the entry at each place; nothing stands where it is [`Self::NOBODY`].
    ranks: Vec<u32>,
    /// The place of each entry.
    places: Vec<u32>,
}

/// A part of a row.
#[derive(Clone, Copy, Debug)]
struct Lane {
    /// Its summary words, each of which says for 64 words whether they are empty.
    first_summary: usize,
    summaries: usize,
    /// Its words, counted without summaries.
    first_word: usize,
    words: usize,
}

impl Lanes {
    const NOBODY: u32 = u32::MAX;

    /// Gives each entry its place.
    pub(super) fn new(entries: &Entries, classes: &FieldClasses) -> Self {
        let mut members: [Vec<usize>; 4] = Default::default();
        let wide = |entry: &Entry| {
            let sides = &entry.addresses.may;
            usize::from(is_wide(&classes.source, sides.source))
                + 2 * usize::from(is_wide(&classes.destination, sides.destination))
        };
        for (number, entry) in entries.list.iter().enumerate() {
            let lane = if entries.list.len() > ONE_LANE { wide(entry) } else { 0 };
            members[lane].push(number);
        }
        let mut lanes = Self { lanes: Vec::new(), ranks: Vec::new(), places: vec![0; entries.list.len()] };
        for members in members.iter().filter(|members| !members.is_empty()) {
            lanes.push(members, &entries.list);
        }
        lanes
    }

    fn push(&mut self, members: &[usize], entries: &[Entry]) {
        let first_word = self.words();
        let words = bits::words(members.len());
        self.lanes.push(Lane {
            first_summary: self.summaries(),
            summaries: bits::words(words),
            first_word,
            words,
        });
        for number in members {
            // Ranks and places fit: there are fewer entries than bytes of input.
            self.places[*number] = self.ranks.len() as u32;
            self.ranks.push(entries[*number].rank as u32);
        }
        self.ranks.resize((first_word + words) * 64, Self::NOBODY);
    }

    /// The words of a row without its summaries.
    pub(super) fn words(&self) -> usize {
        self.lanes.last().map_or(0, |lane| lane.first_word + lane.words)
    }

    /// The summary words of a row.
    pub(super) fn summaries(&self) -> usize {
        self.lanes.last().map_or(0, |lane| lane.first_summary + lane.summaries)
    }

    /// The place of an entry by its number.
    pub(super) fn place(&self, entry: usize) -> usize {
        self.places[entry] as usize
    }

    /// Writes the summaries of a row whose other words are there.
    pub(super) fn summarise(&self, row: &mut [u64]) {
        let (summaries, words) = row.split_at_mut(self.summaries());
        for lane in &self.lanes {
            let summary = &mut summaries[lane.first_summary..][..lane.summaries];
            for (at, word) in words[lane.first_word..][..lane.words].iter().enumerate() {
                if *word != 0 {
                    bits::set(summary, at);
                }
            }
        }
    }

    /// The first rule in order whose bit is in all rows: its rank and its place.
    #[inline]
    pub(super) fn first(&self, rows: &Picked<'_>) -> Option<(usize, usize)> {
        let mut best = (Self::NOBODY, 0);
        for lane in &self.lanes {
            self.first_of_lane(lane, rows, &mut best);
        }
        (best.0 != Self::NOBODY).then_some((best.0 as usize, best.1))
    }

    #[inline]
    fn first_of_lane(&self, lane: &Lane, rows: &Picked<'_>, best: &mut (u32, usize)) {
        for at in 0..lane.summaries {
            let mut filled = rows.summary(lane.first_summary + at);
            while filled != 0 {
                let word_at = lane.first_word + at * 64 + filled.trailing_zeros() as usize;
                if self.ranks[word_at * 64] > best.0 {
                    return;
                }
                let word = rows.word(word_at);
                if word != 0 {
                    let place = word_at * 64 + word.trailing_zeros() as usize;
                    let rank = self.ranks[place];
                    if rank < best.0 {
                        *best = (rank, place);
                    }
                    return;
                }
                filled &= filled - 1;
            }
        }
    }

    /// The ranks of all rules whose bit is in all rows, in no order.
    pub(super) fn all<'a>(&'a self, rows: &'a Picked<'_>) -> impl Iterator<Item = usize> + 'a {
        (0..self.words()).flat_map(move |at| {
            let mut word = rows.word(at);
            std::iter::from_fn(move || {
                (word != 0).then(|| {
                    let place = at * 64 + word.trailing_zeros() as usize;
                    word &= word - 1;
                    self.ranks[place] as usize
                })
            })
        })
    }

    /// Bytes on the heap.
    pub(super) fn size(&self) -> usize {
        (self.ranks.len() + self.places.len()) * size_of::<u32>() + self.lanes.len() * size_of::<Lane>()
    }
}

/// Whether a side holds more than a quarter of the classes of its field.
fn is_wide(classes: &AddressClasses, side: AddressSide) -> bool {
    let held = bits::count(classes.v4.of(side.v4)) + bits::count(classes.v6.of(side.v6));
    4 * held > classes.v4.count() + classes.v6.count()
}
