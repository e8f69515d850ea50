//! Sets of numbers as sorted disjoint intervals.
//!
//! The canonical form (sorted, no overlap, no two intervals that touch) makes equality structural. The
//! intervals sit behind an [`Arc`], since packet sets share the sides of their boxes many times over.

use super::Count;
use rustc_hash::FxHashSet;
use std::fmt::Debug;
use std::sync::Arc;

/// A number type that intervals can be made of.
pub trait Point: Copy + Ord + Debug + Send + Sync + 'static {
    /// The least value.
    const FIRST: Self;
    /// The greatest value.
    const LAST: Self;
    /// The next value; `None` after the last.
    fn next(self) -> Option<Self>;
    /// The value before; `None` before the first.
    fn previous(self) -> Option<Self>;
    /// How far `last`, which is no lower, lies behind `self`.
    fn distance_to(self, last: Self) -> u128;
    /// How many values lie from `self` to `last`, both included.
    fn count_to(self, last: Self) -> Count {
        Count::from(self.distance_to(last)) + 1u8
    }
}

macro_rules! point {
    ($($number:ty),+) => {$(
        impl Point for $number {
            const FIRST: Self = <$number>::MIN;
            const LAST: Self = <$number>::MAX;
            fn next(self) -> Option<Self> {
                self.checked_add(1)
            }
            fn previous(self) -> Option<Self> {
                self.checked_sub(1)
            }
            fn distance_to(self, last: Self) -> u128 {
                (last - self).into()
            }
        }
    )+};
}

point!(u16, u32, u128);

/// An interval with both ends included.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Interval<T> {
    /// The least member.
    pub first: T,
    /// The greatest member; never below `first`.
    pub last: T,
}

/// A set of numbers.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct IntervalSet<T> {
    intervals: Arc<Vec<Interval<T>>>,
}

impl<T: Point> Default for IntervalSet<T> {
    fn default() -> Self {
        Self::empty()
    }
}

impl<T: Point> IntervalSet<T> {
    /// The set without members.
    pub fn empty() -> Self {
        Self { intervals: Arc::new(Vec::new()) }
    }

    /// The set of all values.
    pub fn all() -> Self {
        Self::range(T::FIRST, T::LAST)
    }

    /// The values from `first` to `last`; empty when they run backwards.
    pub fn range(first: T, last: T) -> Self {
        let intervals = if first <= last { vec![Interval { first, last }] } else { Vec::new() };
        Self { intervals: Arc::new(intervals) }
    }

    /// The union of intervals in any order, overlapping or not; those that run backwards are empty.
    pub fn from_intervals(parts: impl IntoIterator<Item = (T, T)>) -> Self {
        let mut parts: Vec<Interval<T>> = parts
            .into_iter()
            .filter(|(first, last)| first <= last)
            .map(|(first, last)| Interval { first, last })
            .collect();
        parts.sort_unstable();
        let mut merged: Vec<Interval<T>> = Vec::with_capacity(parts.len());
        for part in parts {
            push_merging(&mut merged, part);
        }
        Self { intervals: Arc::new(merged) }
    }

    /// The union of intervals that follow on each other in order; those that touch are joined.
    pub(super) fn from_sorted(parts: impl IntoIterator<Item = Interval<T>>) -> Self {
        let mut merged: Vec<Interval<T>> = Vec::new();
        for part in parts {
            push_merging(&mut merged, part);
        }
        Self { intervals: Arc::new(merged) }
    }

    /// The intervals in order.
    pub fn intervals(&self) -> &[Interval<T>] {
        &self.intervals
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.intervals.is_empty()
    }

    /// Whether every value is a member.
    pub fn is_all(&self) -> bool {
        matches!(self.intervals[..], [Interval { first, last }] if first == T::FIRST && last == T::LAST)
    }

    /// Whether the value is a member. Logarithmic in the intervals.
    pub fn contains(&self, value: T) -> bool {
        let at = self.intervals.partition_point(|interval| interval.last < value);
        self.intervals.get(at).is_some_and(|interval| interval.first <= value)
    }

    /// How many members there are.
    pub fn size(&self) -> Count {
        // Disjoint intervals: all distances together are less than one number of the largest type, and so are
        // the intervals.
        let distances: u128 = self.intervals.iter().map(|part| part.first.distance_to(part.last)).sum();
        Count::from(distances) + self.intervals.len()
    }

    /// The least member.
    pub fn first(&self) -> Option<T> {
        self.intervals.first().map(|interval| interval.first)
    }

    /// Members of either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        if other.is_empty() || self.same(other) || self.is_all() {
            return self.clone();
        }
        if self.is_empty() || other.is_all() {
            return other.clone();
        }
        let mut merged = Vec::with_capacity(self.intervals.len() + other.intervals.len());
        let (mut left, mut right) = (self.intervals.iter().peekable(), other.intervals.iter().peekable());
        loop {
            let part = match (left.peek(), right.peek()) {
                (Some(a), Some(b)) if a.first <= b.first => left.next(),
                (_, Some(_)) => right.next(),
                (Some(_), None) => left.next(),
                (None, None) => break,
            };
            if let Some(part) = part {
                push_merging(&mut merged, *part);
            }
        }
        Self { intervals: Arc::new(merged) }
    }

    /// Members of any of the sets; as [`Self::union`] of all, sorted once.
    pub fn union_all<'s>(sets: impl IntoIterator<Item = &'s Self>) -> Self {
        let mut seen = FxHashSet::default();
        let mut distinct = sets.into_iter().filter(|set| !set.is_empty() && seen.insert(set.place()));
        let Some(first) = distinct.next() else { return Self::empty() };
        let Some(second) = distinct.next() else { return first.clone() };
        let mut parts: Vec<Interval<T>> = Vec::new();
        for set in [first, second].into_iter().chain(distinct) {
            parts.extend_from_slice(set.intervals());
        }
        // Stable on purpose: this sort merges runs, and each set is one.
        parts.sort_by_key(|part| part.first);
        Self::from_sorted(parts)
    }

    /// Members of both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        if self.same(other) || other.is_all() {
            return self.clone();
        }
        if self.is_all() {
            return other.clone();
        }
        let (small, large) =
            if self.intervals.len() <= other.intervals.len() { (self, other) } else { (other, self) };
        let mut common = Vec::new();
        let mut rest = &large.intervals[..];
        for part in small.intervals.iter() {
            rest = &rest[rest.partition_point(|interval| interval.last < part.first)..];
            for interval in rest.iter().take_while(|interval| interval.first <= part.last) {
                common.push(Interval {
                    first: part.first.max(interval.first),
                    last: part.last.min(interval.last),
                });
            }
        }
        Self { intervals: Arc::new(common) }
    }

    /// Members of this set that are not of the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        if self.is_empty() || other.is_empty() {
            return self.clone();
        }
        if self.same(other) || other.is_all() {
            return Self::empty();
        }
        let mut left = Vec::new();
        let mut rest = &other.intervals[..];
        for part in self.intervals.iter() {
            rest = &rest[rest.partition_point(|interval| interval.last < part.first)..];
            let mut first = Some(part.first);
            for hole in rest.iter().take_while(|hole| hole.first <= part.last) {
                if let (Some(start), Some(end)) = (first, hole.first.previous())
                    && start <= end
                {
                    left.push(Interval { first: start, last: end });
                }
                first = hole.last.next();
            }
            if let Some(start) = first.filter(|start| *start <= part.last) {
                left.push(Interval { first: start, last: part.last });
            }
        }
        Self { intervals: Arc::new(left) }
    }

    /// All values but the members.
    #[must_use]
    pub fn complement(&self) -> Self {
        Self::all().difference(self)
    }

    /// Whether every member is a member of the other set too.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.same(other)
            || self.intervals.iter().all(|part| {
                let at = other.intervals.partition_point(|interval| interval.last < part.first);
                other.intervals.get(at).is_some_and(|hull| hull.first <= part.first && part.last <= hull.last)
            })
    }

    /// Whether the two sets have a member in common.
    pub fn meets(&self, other: &Self) -> bool {
        let (small, large) =
            if self.intervals.len() <= other.intervals.len() { (self, other) } else { (other, self) };
        small.intervals.iter().any(|part| {
            let at = large.intervals.partition_point(|interval| interval.last < part.first);
            large.intervals.get(at).is_some_and(|interval| interval.first <= part.last)
        })
    }

    /// Whether both are one value in memory, which settles most comparisons without looking.
    fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.intervals, &other.intervals)
    }
}

impl<T> IntervalSet<T> {
    /// Where the intervals lie in memory: equal for two sets that live only if they are one value. For looking
    /// up what is known of a set without reading it.
    pub(crate) fn place(&self) -> usize {
        Arc::as_ptr(&self.intervals).addr()
    }
}

/// Appends an interval that starts at or after all others, joining it to the last where they touch.
fn push_merging<T: Point>(merged: &mut Vec<Interval<T>>, part: Interval<T>) {
    match merged.last_mut() {
        Some(end) if end.last.next().is_none_or(|next| part.first <= next) => {
            end.last = end.last.max(part.last);
        }
        _ => merged.push(part),
    }
}

impl<T: Point> FromIterator<(T, T)> for IntervalSet<T> {
    fn from_iter<I: IntoIterator<Item = (T, T)>>(parts: I) -> Self {
        Self::from_intervals(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_set() -> impl Strategy<Value = IntervalSet<u16>> {
        // Ends of the range and neighbours are where interval code goes wrong.
        let end = prop_oneof![0u16..12, 65_524u16..=65_535, any::<u16>()];
        proptest::collection::vec((end.clone(), end), 0..6).prop_map(IntervalSet::from_intervals)
    }

    fn is_canonical(set: &IntervalSet<u16>) -> bool {
        set.intervals().iter().all(|interval| interval.first <= interval.last)
            && set
                .intervals()
                .windows(2)
                .all(|pair| pair[0].last.next().is_some_and(|next| next < pair[1].first))
    }

    proptest! {
        #[test]
        fn operations_are_those_of_sets(a in any_set(), b in any_set(), value in prop_oneof![0u16..14, 65_520u16..=65_535, any::<u16>()]) {
            let (in_a, in_b) = (a.contains(value), b.contains(value));
            for (set, expected) in [
                (a.union(&b), in_a || in_b),
                (a.intersection(&b), in_a && in_b),
                (a.difference(&b), in_a && !in_b),
                (a.complement(), !in_a),
            ] {
                prop_assert!(is_canonical(&set));
                prop_assert_eq!(set.contains(value), expected);
            }
        }

        #[test]
        fn laws_hold(a in any_set(), b in any_set(), c in any_set()) {
            prop_assert_eq!(a.union(&b).complement(), a.complement().intersection(&b.complement()));
            prop_assert_eq!(
                a.intersection(&b.union(&c)),
                a.intersection(&b).union(&a.intersection(&c))
            );
            prop_assert_eq!(a.difference(&b).union(&a.intersection(&b)), a.clone());
            prop_assert_eq!(a.is_subset(&b), a.difference(&b).is_empty());
            prop_assert_eq!(a.meets(&b), !a.intersection(&b).is_empty());
            prop_assert_eq!(a.size() + b.size(), a.union(&b).size() + a.intersection(&b).size());
            prop_assert_eq!(IntervalSet::union_all([&a, &b, &c, &a]), a.union(&b).union(&c));
        }
    }

    #[test]
    fn the_whole_range_of_the_largest_type_is_counted_exactly() {
        assert_eq!(IntervalSet::<u128>::all().size().to_string(), "340282366920938463463374607431768211456");
        assert!(IntervalSet::<u128>::all().complement().is_empty());
    }
}
