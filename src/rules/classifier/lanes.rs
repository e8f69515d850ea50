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
const ONE_LANE: usize = 256;

/// Places of entries, and back.
#[derive(Clone, Debug)]
pub(super) struct Lanes {
    /// For each word of a row the word after its lane.
    ends: Vec<u32>,
    /// The rank of the entry at each place; nothing stands where it is [`Self::NOBODY`].
    ranks: Vec<u32>,
    /// The place of each entry.
    places: Vec<u32>,
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
        let mut lanes = Self { ends: Vec::new(), ranks: Vec::new(), places: vec![0; entries.list.len()] };
        for members in &members {
            lanes.push(members, &entries.list);
        }
        lanes
    }

    /// Adds a lane that begins with a word of its own.
    fn push(&mut self, members: &[usize], entries: &[Entry]) {
        let end = self.words() + members.len().div_ceil(64);
        for number in members {
            // Ranks and places fit: there are fewer entries than bytes of input.
            self.places[*number] = self.ranks.len() as u32;
            self.ranks.push(entries[*number].rank as u32);
        }
        self.ranks.resize(end * 64, Self::NOBODY);
        self.ends.resize(end, end as u32);
    }

    /// The words of a row without its summaries.
    pub(super) fn words(&self) -> usize {
        self.ends.len()
    }

    /// The summary words of a row: one for 64 words.
    pub(super) fn summaries(&self) -> usize {
        self.words().div_ceil(64)
    }

    /// The place of an entry by its number.
    pub(super) fn place(&self, entry: usize) -> usize {
        self.places[entry] as usize
    }

    /// The first rule in order whose bit is in all rows: its rank and its place.
    ///
    /// Each lane is left at its first match, or at a word whose rules all stand behind the best so far.
    #[inline]
    pub(super) fn first(&self, rows: &Picked<'_>) -> Option<(usize, usize)> {
        let mut best = (Self::NOBODY, 0);
        let mut from = 0;
        for at in 0..self.summaries() {
            let mut filled = rows.summary(at) & bits_from(from, at);
            while filled != 0 {
                let word_at = at * 64 + filled.trailing_zeros() as usize;
                let word = rows.word(word_at);
                let done = if self.ranks[word_at * 64] > best.0 {
                    true
                } else if word != 0 {
                    let place = word_at * 64 + word.trailing_zeros() as usize;
                    best = best.min((self.ranks[place], place));
                    true
                } else {
                    false
                };
                if done {
                    from = self.ends[word_at] as usize;
                    filled &= bits_from(from, at);
                } else {
                    filled &= filled - 1;
                }
            }
        }
        (best.0 != Self::NOBODY).then_some((best.0 as usize, best.1))
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
        (self.ends.len() + self.ranks.len() + self.places.len()) * size_of::<u32>()
    }
}

/// The bits of the summary word at `at` that stand for word `from` and those after it.
#[inline]
fn bits_from(from: usize, at: usize) -> u64 {
    match from.saturating_sub(at * 64) {
        skipped @ 0..64 => u64::MAX << skipped,
        _ => 0,
    }
}

/// Whether a side holds more than a quarter of the classes of its field.
fn is_wide(classes: &AddressClasses, side: AddressSide) -> bool {
    let held = bits::count(classes.v4.of(side.v4)) + bits::count(classes.v6.of(side.v6));
    4 * held > classes.v4.count() + classes.v6.count()
}
