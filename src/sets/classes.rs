//! The values of one field, sorted into classes that none of some given sets tells apart.
//!
//! In: sets of one field, and the values that are asked about. Out: for each set the classes that it holds,
//! as bits; and back, the exact set that some classes make. Rules that name few different sets leave few
//! classes, however many prefixes the sets have, so that sets of classes are a handful of machine words.
//!
//! Cost: one sort of all interval ends (runs that are sorted already are merged), one sweep over them.

use super::{Distinct, Interval, IntervalSet, Point, bits};
use rustc_hash::FxHashMap;
use std::hash::Hash;

/// Values that belong to one class.
#[derive(Clone, Copy, Debug)]
struct Run<T> {
    values: Interval<T>,
    class: u32,
}

/// The classes of one field.
#[derive(Clone, Debug)]
pub(crate) struct Classes<T> {
    within: IntervalSet<T>,
    /// In order of their values; together they are `within`.
    runs: Vec<Run<T>>,
    /// The places of each class's runs, class by class, and where each class starts among them.
    by_class: Vec<u32>,
    starts: Vec<usize>,
    count: usize,
    /// For each set, one bit a class.
    members: Vec<u64>,
}

impl<T: Point> Classes<T> {
    /// Sorts the values of `within` by which of the sets hold them.
    pub(crate) fn new(within: &IntervalSet<T>, sets: &[IntervalSet<T>]) -> Self {
        let (runs, sweep) = Sweep::over(within, sets);
        Self::of_runs(within, runs, sweep.count(), sweep.members(sets.len()))
    }

    fn of_runs(within: &IntervalSet<T>, runs: Vec<Run<T>>, count: usize, members: Vec<u64>) -> Self {
        let (by_class, starts) = by_class(&runs, count);
        Self { within: within.clone(), runs, by_class, starts, count, members }
    }

    /// The classes of the sets of both, which sort the same values: first those of `self`, then of `other`.
    fn product(&self, other: &Self) -> Self {
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        let mut known: FxHashMap<(u32, u32), u32> = FxHashMap::default();
        let mut runs: Vec<Run<T>> = Vec::with_capacity(self.runs.len() + other.runs.len());
        let (mut left, mut right) = (self.runs.iter().peekable(), other.runs.iter().peekable());
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let pair = (a.class, b.class);
            let class = *known.entry(pair).or_insert_with(|| {
                pairs.push(pair);
                pairs.len() as u32 - 1
            });
            let last = a.values.last.min(b.values.last);
            runs.push(Run { values: Interval { first: a.values.first.max(b.values.first), last }, class });
            let (a_ends, b_ends) = (a.values.last == last, b.values.last == last);
            if a_ends {
                left.next();
            }
            if b_ends {
                right.next();
            }
        }
        let mut members = Vec::new();
        for (classes, of_pair) in [(self, 0), (other, 1)] {
            for set in classes.members.chunks_exact(bits::words(classes.count)) {
                let start = members.len();
                members.resize(start + bits::words(pairs.len()), 0);
                for (at, pair) in pairs.iter().enumerate() {
                    let class = if of_pair == 0 { pair.0 } else { pair.1 };
                    if bits::has(set, class as usize) {
                        bits::set(&mut members[start..], at);
                    }
                }
            }
        }
        Self::of_runs(&self.within, runs, pairs.len(), members)
    }

    /// The same classes with the sets in another order.
    fn in_order(mut self, places: impl Iterator<Item = usize>) -> Self {
        self.members = places.flat_map(|place| self.of(place).iter().copied()).collect();
        self
    }

    /// How many classes there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// The classes of a set, by its place among the sets given; one bit a class.
    pub(crate) fn of(&self, set: usize) -> &[u64] {
        let words = bits::words(self.count);
        &self.members[set * words..(set + 1) * words]
    }

    /// Runs of values of one class, in order, and the class of each; together they are what is asked.
    pub(crate) fn runs(&self) -> impl ExactSizeIterator<Item = (Interval<T>, u32)> + '_ {
        self.runs.iter().map(|run| (run.values, run.class))
    }

    /// The values of some classes.
    pub(crate) fn values(&self, classes: &[u64]) -> IntervalSet<T> {
        if bits::count(classes) == self.count {
            return self.within.clone();
        }
        let of_class = |class: usize| self.starts[class]..self.starts[class + 1];
        let chosen: usize = bits::ones(classes).map(|class| of_class(class).len()).sum();
        if chosen * 16 > self.runs.len() {
            let chosen = self.runs.iter().filter(|run| bits::has(classes, run.class as usize));
            return IntervalSet::from_sorted(chosen.map(|run| run.values));
        }
        // Few runs are put in order sooner than all are looked through.
        let mut places: Vec<u32> = Vec::with_capacity(chosen);
        bits::ones(classes).for_each(|class| places.extend(&self.by_class[of_class(class)]));
        places.sort_unstable();
        IntervalSet::from_sorted(places.into_iter().map(|place| self.runs[place as usize].values))
    }

    /// How many values each class has.
    pub(crate) fn sizes(&self) -> Vec<super::Count> {
        let mut sizes = vec![super::Count::ZERO; self.count];
        for run in &self.runs {
            sizes[run.class as usize] += run.values.first.count_to(run.values.last);
        }
        sizes
    }
}

/// Many sets over all values of a field, sorted once: the classes of some of them within some values are read
/// off without sorting again.
///
/// Cost: that of [`Classes`] once; then, for each question, one pass over the runs within it.
#[derive(Clone, Debug)]
pub(crate) struct Atlas<T> {
    sets: Distinct<IntervalSet<T>, usize>,
    runs: Vec<Run<T>>,
    /// The sets of each class, one row of bits a class; bit 0 stands for all values.
    rows: Vec<u64>,
}

impl<T: Point + Hash> Atlas<T> {
    /// Sorts the sets.
    pub(crate) fn new<'s>(sets: impl Iterator<Item = &'s IntervalSet<T>>) -> Self {
        let mut distinct = Distinct::new();
        sets.for_each(|set| {
            distinct.number(set, set.place());
        });
        let (runs, sweep) = Sweep::over(&IntervalSet::all(), &distinct.sets);
        Self { sets: distinct, runs, rows: sweep.rows }
    }

    /// As [`Classes::new`]. Sets that the atlas does not have are sorted for themselves.
    pub(crate) fn classes(&self, within: &IntervalSet<T>, sets: &[IntervalSet<T>]) -> Classes<T> {
        let numbers: Vec<Option<usize>> = sets.iter().map(|set| self.sets.find(set, &set.place())).collect();
        // Equal sets have one number.
        let mut known: Vec<usize> = numbers.iter().filter_map(|number| *number).collect();
        known.sort_unstable();
        known.dedup();
        let others = sets.iter().zip(&numbers).filter(|(_, number)| number.is_none());
        let others: Vec<IntervalSet<T>> = others.map(|(set, _)| set.clone()).collect();
        let mut classes = self.narrowed(within, &known);
        if !others.is_empty() {
            classes = classes.product(&Classes::new(within, &others));
        }
        let mut next_other = known.len()..;
        let places = numbers.iter().filter_map(|number| match number {
            Some(number) => known.binary_search(number).ok(),
            None => next_other.next(),
        });
        classes.in_order(places)
    }

    /// The classes of some of the sets, each given once, within some values.
    fn narrowed(&self, within: &IntervalSet<T>, chosen: &[usize]) -> Classes<T> {
        let width = bits::words(self.sets.sets.len() + 1);
        let mut mask = vec![0; width];
        chosen.iter().for_each(|set| bits::set(&mut mask, set + 1));
        let row = |class: u32| {
            let row = self.rows[class as usize * width..][..width].iter().zip(&mask);
            row.map(|(sets, mask)| sets & mask)
        };
        let mut narrow: Vec<Option<u32>> = vec![None; self.rows.len() / width];
        let mut known: FxHashMap<Vec<u64>, u32> = FxHashMap::default();
        let mut first_of: Vec<u32> = Vec::new();
        let mut runs: Vec<Run<T>> = Vec::new();
        let mut rest = &self.runs[..];
        for part in within.intervals() {
            rest = &rest[rest.partition_point(|run| run.values.last < part.first)..];
            for run in rest.iter().take_while(|run| run.values.first <= part.last) {
                let class = *narrow[run.class as usize].get_or_insert_with(|| {
                    *known.entry(row(run.class).collect()).or_insert_with(|| {
                        first_of.push(run.class);
                        first_of.len() as u32 - 1
                    })
                });
                let first = run.values.first.max(part.first);
                let last = run.values.last.min(part.last);
                match runs.last_mut() {
                    Some(end) if end.class == class && end.values.last.next() == Some(first) => {
                        end.values.last = last;
                    }
                    _ => runs.push(Run { values: Interval { first, last }, class }),
                }
            }
        }
        let words = bits::words(first_of.len());
        let mut members = vec![0; words * chosen.len()];
        let mut places = vec![0; self.sets.sets.len()];
        chosen.iter().enumerate().for_each(|(place, set)| places[*set] = place);
        for (class, wide) in first_of.iter().enumerate() {
            let row: Vec<u64> = row(*wide).collect();
            for set in bits::ones(&row) {
                bits::set(&mut members[places[set - 1] * words..][..words], class);
            }
        }
        Classes::of_runs(within, runs, first_of.len(), members)
    }
}

/// The places of runs sorted by class, and where each class starts; one start more than there are classes.
fn by_class<T>(runs: &[Run<T>], count: usize) -> (Vec<u32>, Vec<usize>) {
    let mut starts = vec![0; count + 1];
    runs.iter().for_each(|run| starts[run.class as usize + 1] += 1);
    for class in 0..count {
        starts[class + 1] += starts[class];
    }
    let mut next = starts.clone();
    let mut places = vec![0; runs.len()];
    for (place, run) in (0..).zip(runs) {
        places[next[run.class as usize]] = place;
        next[run.class as usize] += 1;
    }
    (places, starts)
}

/// Where sets begin and where they have ended, in order: a value and the bit that flips there.
fn ends<T: Point>(within: &IntervalSet<T>, sets: &[IntervalSet<T>]) -> Vec<(T, u32)> {
    let intervals: usize = sets.iter().map(|set| set.intervals().len()).sum();
    let mut ends = Vec::with_capacity(2 * (intervals + within.intervals().len()));
    for (set, bit) in std::iter::once(within).chain(sets).zip(0..) {
        for interval in set.intervals() {
            ends.push((interval.first, bit));
            ends.extend(interval.last.next().map(|next| (next, bit)));
        }
    }
    // Stable on purpose: this sort merges runs, and each set is one. Which set's end comes first among those at
    // one value changes nothing.
    ends.sort_by_key(|(value, _)| *value);
    ends
}

/// The state of a sweep: the sets that hold the values at hand, and the classes met so far.
struct Sweep {
    now: Vec<u64>,
    /// The sum of the marks of the sets in `now`.
    mark: u64,
    /// The sets of each class, one row of bits a class.
    rows: Vec<u64>,
    known: FxHashMap<u64, Vec<u32>>,
}

impl Sweep {
    /// Runs of values of one class, in order, and the sweep that found them.
    fn over<T: Point>(within: &IntervalSet<T>, sets: &[IntervalSet<T>]) -> (Vec<Run<T>>, Self) {
        let mut sweep = Self::new(sets.len());
        let mut runs = Vec::new();
        let clipped: Vec<IntervalSet<T>> = sets.iter().map(|set| set.intersection(within)).collect();
        let ends = ends(within, &clipped);
        // Bit 0 is `within` itself, so that what no set holds is a class too.
        let mut at = 0;
        while let Some((first, _)) = ends.get(at) {
            while let Some((value, set)) = ends.get(at)
                && value == first
            {
                sweep.flip(*set);
                at += 1;
            }
            let last = ends.get(at).map_or(Some(T::LAST), |(next, _)| next.previous());
            if let (Some(class), Some(last)) = (sweep.class(), last) {
                runs.push(Run { values: Interval { first: *first, last }, class });
            }
        }
        (runs, sweep)
    }

    fn new(sets: usize) -> Self {
        Self { now: vec![0; bits::words(sets + 1)], mark: 0, rows: Vec::new(), known: FxHashMap::default() }
    }

    fn flip(&mut self, set: u32) {
        bits::flip(&mut self.now, set as usize);
        self.mark ^= mark(set);
    }

    fn count(&self) -> usize {
        self.rows.len() / self.now.len()
    }

    /// The class of the values at hand; `None` outside of what is asked.
    fn class(&mut self) -> Option<u32> {
        if !bits::has(&self.now, 0) {
            return None;
        }
        let next = u32::try_from(self.count()).ok()?;
        let same_mark = self.known.entry(self.mark).or_default();
        let width = self.now.len();
        let row = |class: u32| &self.rows[class as usize * width..][..width];
        if let Some(class) = same_mark.iter().find(|class| row(**class) == self.now) {
            return Some(*class);
        }
        same_mark.push(next);
        self.rows.extend_from_slice(&self.now);
        Some(next)
    }

    /// The classes of each set, from the sets of each class.
    fn members(&self, sets: usize) -> Vec<u64> {
        let words = bits::words(self.count());
        let mut members = vec![0; words * sets];
        for (class, row) in self.rows.chunks_exact(self.now.len()).enumerate() {
            for set in bits::ones(row).filter(|set| *set > 0) {
                bits::set(&mut members[(set - 1) * words..][..words], class);
            }
        }
        members
    }
}

/// A number for each set whose sums hardly ever meet (splitmix64); the rows decide where they do.
fn mark(set: u32) -> u64 {
    let mut z = (u64::from(set) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_set() -> impl Strategy<Value = IntervalSet<u16>> {
        let end = prop_oneof![0u16..12, 65_524u16..=65_535];
        proptest::collection::vec((end.clone(), end), 0..4).prop_map(IntervalSet::from_intervals)
    }

    proptest! {
        #[test]
        fn classes_make_up_each_set_and_none_is_told_apart(
            within in any_set(),
            sets in proptest::collection::vec(any_set(), 0..70),
        ) {
            let classes = Classes::new(&within, &sets);
            for (place, set) in sets.iter().enumerate() {
                prop_assert_eq!(classes.values(classes.of(place)), set.intersection(&within));
            }
            let mut all = IntervalSet::empty();
            for class in 0..classes.count() {
                let mut one = vec![0; bits::words(classes.count())];
                bits::set(&mut one, class);
                let values = classes.values(&one);
                prop_assert!(!values.is_empty() && !values.meets(&all));
                prop_assert_eq!(&values.size(), &classes.sizes()[class]);
                prop_assert!(sets.iter().all(|set| values.is_subset(set) || !values.meets(set)));
                all = all.union(&values);
            }
            prop_assert_eq!(all, within);
        }

        #[test]
        fn an_atlas_gives_the_classes_of_any_of_its_sets_and_of_others(
            within in any_set(),
            sets in proptest::collection::vec((any_set(), any::<bool>(), any::<bool>()), 0..70),
        ) {
            let atlas = Atlas::new(sets.iter().filter(|(_, inside, _)| *inside).map(|(set, ..)| set));
            let asked = sets.iter().filter(|(_, _, asked)| *asked).map(|(set, ..)| set.clone());
            let asked: Vec<IntervalSet<u16>> = asked.collect();
            let (read, sorted) = (atlas.classes(&within, &asked), Classes::new(&within, &asked));
            prop_assert_eq!(read.count(), sorted.count());
            for place in 0..asked.len() {
                prop_assert_eq!(read.values(read.of(place)), sorted.values(sorted.of(place)));
            }
            for class in 0..read.count() {
                let mut one = vec![0; bits::words(read.count())];
                bits::set(&mut one, class);
                let values = read.values(&one);
                prop_assert!(asked.iter().all(|set| values.is_subset(set) || !values.meets(set)));
            }
        }
    }
}
