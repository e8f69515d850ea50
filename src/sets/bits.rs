//! Sets of small numbers as rows of 64-bit words.

/// How many words hold so many bits; at least one, so that rows can be cut from one list.
#[inline]
pub(crate) fn words(bits: usize) -> usize {
    bits.div_ceil(64).max(1)
}

/// Whether the bit is set.
#[inline]
pub(crate) fn has(row: &[u64], bit: usize) -> bool {
    row[bit / 64] >> (bit % 64) & 1 != 0
}

/// Sets the bit.
#[inline]
pub(crate) fn set(row: &mut [u64], bit: usize) {
    row[bit / 64] |= 1 << (bit % 64);
}

/// Sets the bit where it is not set, and clears it where it is.
#[inline]
pub(crate) fn flip(row: &mut [u64], bit: usize) {
    row[bit / 64] ^= 1 << (bit % 64);
}

/// How many bits are set.
#[inline]
pub(crate) fn count(row: &[u64]) -> usize {
    row.iter().map(|word| word.count_ones() as usize).sum()
}

/// Of so many words all are looked at, which costs less than stopping early.
const AT_ONCE: usize = 16;

/// Whether both rows, which are of one length, have a bit in common.
#[inline]
pub(crate) fn meets(a: &[u64], b: &[u64]) -> bool {
    let b = &b[..a.len()];
    if a.len() > AT_ONCE {
        return a.chunks(AT_ONCE).zip(b.chunks(AT_ONCE)).any(|(a, b)| meet(a, b));
    }
    meet(a, b)
}

#[inline]
fn meet(a: &[u64], b: &[u64]) -> bool {
    let b = &b[..a.len()];
    let mut common = 0;
    for at in 0..a.len() {
        common |= a[at] & b[at];
    }
    common != 0
}

/// Whether every bit of `part` is one of `whole`; both are of one length.
#[inline]
pub(crate) fn holds(whole: &[u64], part: &[u64]) -> bool {
    let part = &part[..whole.len()];
    if whole.len() > AT_ONCE {
        return whole.chunks(AT_ONCE).zip(part.chunks(AT_ONCE)).all(|(whole, part)| hold(whole, part));
    }
    hold(whole, part)
}

#[inline]
fn hold(whole: &[u64], part: &[u64]) -> bool {
    let part = &part[..whole.len()];
    let mut outside = 0;
    for at in 0..whole.len() {
        outside |= part[at] & !whole[at];
    }
    outside == 0
}

/// The set bits, ascending.
#[inline]
pub(crate) fn ones(row: &[u64]) -> impl Iterator<Item = usize> + '_ {
    row.iter().enumerate().flat_map(|(at, word)| {
        let mut word = *word;
        std::iter::from_fn(move || {
            (word != 0).then(|| {
                let bit = word.trailing_zeros() as usize;
                word &= word - 1;
                at * 64 + bit
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn row(numbers: &BTreeSet<usize>) -> Vec<u64> {
        let mut row = vec![0; words(2000)];
        numbers.iter().for_each(|number| set(&mut row, *number));
        row
    }

    proptest! {
        #[test]
        fn rows_are_sets_of_numbers(a in proptest::collection::btree_set(0usize..2000, 0..20), b in proptest::collection::btree_set(0usize..2000, 0..20), one in 0usize..2000) {
            let (x, y) = (row(&a), row(&b));
            prop_assert_eq!(ones(&x).collect::<BTreeSet<_>>(), a.clone());
            prop_assert_eq!(count(&x), a.len());
            prop_assert_eq!(has(&x, one), a.contains(&one));
            prop_assert_eq!(meets(&x, &y), !a.is_disjoint(&b));
            prop_assert_eq!(holds(&x, &y), b.is_subset(&a));
            let mut flipped = x.clone();
            flip(&mut flipped, one);
            prop_assert_eq!(has(&flipped, one), !a.contains(&one));
        }
    }
}
