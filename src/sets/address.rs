//! Sets of IPv4 and IPv6 addresses.

use super::{Count, Interval, IntervalSet, Point};
use ipnet::{IpNet, Ipv4Net, Ipv4Subnets, Ipv6Net, Ipv6Subnets};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A set of addresses of both families.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AddressSet {
    /// The IPv4 members, as numbers.
    pub v4: IntervalSet<u32>,
    /// The IPv6 members, as numbers.
    pub v6: IntervalSet<u128>,
}

impl AddressSet {
    /// No address.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Every address of both families.
    pub fn all() -> Self {
        Self { v4: IntervalSet::all(), v6: IntervalSet::all() }
    }

    /// Every IPv4 address.
    pub fn all_v4() -> Self {
        Self { v4: IntervalSet::all(), v6: IntervalSet::empty() }
    }

    /// Every IPv6 address.
    pub fn all_v6() -> Self {
        Self { v4: IntervalSet::empty(), v6: IntervalSet::all() }
    }

    /// One address.
    pub fn one(address: IpAddr) -> Self {
        Self::from_nets([IpNet::from(address)])
    }

    /// The union of prefixes; host bits are masked (U10).
    pub fn from_nets(nets: impl IntoIterator<Item = IpNet>) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for net in nets {
            match net {
                IpNet::V4(net) => v4.push((net.network().to_bits(), net.broadcast().to_bits())),
                IpNet::V6(net) => v6.push((net.network().to_bits(), net.broadcast().to_bits())),
            }
        }
        Self { v4: IntervalSet::from_intervals(v4), v6: IntervalSet::from_intervals(v6) }
    }

    /// The addresses from `first` to `last`, which are of one family; empty when they are not, or run
    /// backwards.
    pub fn range(first: IpAddr, last: IpAddr) -> Self {
        match (first, last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                Self { v4: IntervalSet::range(first.to_bits(), last.to_bits()), v6: IntervalSet::empty() }
            }
            (IpAddr::V6(first), IpAddr::V6(last)) => {
                Self { v4: IntervalSet::empty(), v6: IntervalSet::range(first.to_bits(), last.to_bits()) }
            }
            _ => Self::empty(),
        }
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Whether every address of both families is a member.
    pub fn is_all(&self) -> bool {
        self.v4.is_all() && self.v6.is_all()
    }

    /// Whether the address is a member.
    pub fn contains(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.v4.contains(address.to_bits()),
            IpAddr::V6(address) => self.v6.contains(address.to_bits()),
        }
    }

    /// How many addresses there are.
    pub fn size(&self) -> Count {
        self.v4.size() + self.v6.size()
    }

    /// The least member, IPv4 first.
    pub fn first(&self) -> Option<IpAddr> {
        let v4 = self.v4.first().map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits)));
        v4.or_else(|| self.v6.first().map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits))))
    }

    /// Members of either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self { v4: self.v4.union(&other.v4), v6: self.v6.union(&other.v6) }
    }

    /// Members of any of the sets.
    pub fn union_all<'s>(sets: impl IntoIterator<Item = &'s Self> + Clone) -> Self {
        Self {
            v4: IntervalSet::union_all(sets.clone().into_iter().map(|set| &set.v4)),
            v6: IntervalSet::union_all(sets.into_iter().map(|set| &set.v6)),
        }
    }

    /// Members of both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self { v4: self.v4.intersection(&other.v4), v6: self.v6.intersection(&other.v6) }
    }

    /// Members of this set that are not of the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self { v4: self.v4.difference(&other.v4), v6: self.v6.difference(&other.v6) }
    }

    /// All addresses but the members.
    #[must_use]
    pub fn complement(&self) -> Self {
        Self { v4: self.v4.complement(), v6: self.v6.complement() }
    }

    /// Whether every member is a member of the other set too.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.v4.is_subset(&other.v4) && self.v6.is_subset(&other.v6)
    }

    /// Whether the two sets have a member in common.
    pub fn meets(&self, other: &Self) -> bool {
        self.v4.meets(&other.v4) || self.v6.meets(&other.v6)
    }

    /// The IPv4 members alone.
    #[must_use]
    pub fn only_v4(&self) -> Self {
        Self { v4: self.v4.clone(), v6: IntervalSet::empty() }
    }

    /// The IPv6 members alone.
    #[must_use]
    pub fn only_v6(&self) -> Self {
        Self { v4: IntervalSet::empty(), v6: self.v6.clone() }
    }

    /// The fewest prefixes that hold exactly the members, in order, IPv4 first.
    pub fn to_nets(&self) -> Vec<IpNet> {
        self.nets().collect()
    }

    /// How many prefixes [`Self::nets`] gives.
    pub fn net_count(&self) -> usize {
        let v4 = |part: &Interval<u32>| count_of_range(part.first.into(), part.last.into());
        let v6 = |part: &Interval<u128>| count_of_range(part.first, part.last);
        self.v4.intervals().iter().map(v4).sum::<usize>() + self.v6.intervals().iter().map(v6).sum::<usize>()
    }

    /// How many prefixes the set takes without some addresses, where it takes `count` with them. Only intervals
    /// that the two have in common are looked at: a set is compared with many that touch little of it.
    pub fn net_count_without(&self, count: usize, gone: &Self) -> usize {
        let v4 = |part: &Interval<u32>| count_of_range(part.first.into(), part.last.into());
        let v6 = |part: &Interval<u128>| count_of_range(part.first, part.last);
        let (v4, v4_after) = touched(self.v4.intervals(), gone.v4.intervals(), v4);
        let (v6, v6_after) = touched(self.v6.intervals(), gone.v6.intervals(), v6);
        count + v4_after + v6_after - v4 - v6
    }

    /// As [`Self::to_nets`], one after the other.
    pub fn nets(&self) -> impl Iterator<Item = IpNet> + '_ {
        let v4 = self.v4.intervals().iter().flat_map(|interval| {
            let (first, last) = (Ipv4Addr::from_bits(interval.first), Ipv4Addr::from_bits(interval.last));
            Ipv4Subnets::new(first, last, 0).map(IpNet::V4)
        });
        let v6 = self.v6.intervals().iter().flat_map(|interval| {
            let (first, last) = (Ipv6Addr::from_bits(interval.first), Ipv6Addr::from_bits(interval.last));
            Ipv6Subnets::new(first, last, 0).map(IpNet::V6)
        });
        v4.chain(v6)
    }
}

/// How many prefixes those intervals of a set take that some numbers are taken from: before, and after.
fn touched<T: Point>(
    mut set: &[Interval<T>],
    mut gone: &[Interval<T>],
    nets: impl Fn(&Interval<T>) -> usize,
) -> (usize, usize) {
    let (mut before, mut after) = (0, 0);
    while let (Some(part), Some(hole)) = (set.first(), gone.first()) {
        if part.last < hole.first {
            set = &set[set.partition_point(|part| part.last < hole.first)..];
            continue;
        }
        if hole.last < part.first {
            gone = &gone[gone.partition_point(|hole| hole.last < part.first)..];
            continue;
        }
        before += nets(part);
        let mut next = Some(part.first);
        while let (Some(first), Some(hole)) = (next, gone.first())
            && hole.first <= part.last
        {
            if let Some(last) = hole.first.previous().filter(|last| first <= *last) {
                after += nets(&Interval { first, last });
            }
            next = hole.last.next().filter(|next| *next <= part.last);
            // A hole that goes on behind this interval may meet the next one.
            gone = if hole.last <= part.last { &gone[1..] } else { gone };
        }
        after += next.map_or(0, |first| nets(&Interval { first, last: part.last }));
        set = &set[1..];
    }
    (before, after)
}

/// How many prefixes a range of numbers takes.
///
/// Below the highest number that has as many zeros at its end as any in the range, blocks grow: one for each bit
/// of the distance to it. From there on they shrink: one for each bit of what is left.
fn count_of_range(first: u128, last: u128) -> usize {
    let Some(end) = last.checked_add(1) else {
        // All zeros at its end: there is nothing beyond.
        return if first == 0 { 1 } else { first.wrapping_neg().count_ones() as usize };
    };
    let middle = end >> (first ^ end).ilog2() << (first ^ end).ilog2();
    ((middle - first).count_ones() + (end - middle).count_ones()) as usize
}

impl FromIterator<IpNet> for AddressSet {
    fn from_iter<I: IntoIterator<Item = IpNet>>(nets: I) -> Self {
        Self::from_nets(nets)
    }
}

impl From<Ipv4Net> for AddressSet {
    fn from(net: Ipv4Net) -> Self {
        Self::from_nets([net.into()])
    }
}

impl From<Ipv6Net> for AddressSet {
    fn from(net: Ipv6Net) -> Self {
        Self::from_nets([net.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set(text: &str) -> AddressSet {
        text.split_whitespace().map(|net| net.parse::<IpNet>().unwrap()).collect()
    }

    fn print(set: &AddressSet) -> String {
        set.to_nets().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_set_prints_as_the_fewest_prefixes() {
        for (prefixes, printed) in [
            ("10.0.0.0/25 10.0.0.128/25", "10.0.0.0/24"),
            ("10.0.0.5/24", "10.0.0.0/24"),
            ("0.0.0.0/1 128.0.0.0/1", "0.0.0.0/0"),
            ("10.0.0.1/32 10.0.0.2/32 10.0.0.3/32", "10.0.0.1/32 10.0.0.2/31"),
            ("2001:db8::/33 2001:db8:8000::/33 10.0.0.0/8", "10.0.0.0/8 2001:db8::/32"),
            ("::/1 8000::/1", "::/0"),
        ] {
            assert_eq!(print(&set(prefixes)), printed);
        }
    }

    #[test]
    fn families_never_mix() {
        let v4 = set("0.0.0.0/0");
        assert!(!v4.contains("::1".parse().unwrap()));
        assert!(!v4.is_all());
        assert_eq!(v4.complement(), AddressSet::all_v6());
        assert_eq!(AddressSet::all().size().to_string(), "340282366920938463463374607436063178752");
    }

    proptest! {
        #[test]
        fn printing_and_reading_give_the_same_set(bits in proptest::collection::vec((any::<u32>(), 0u8..=32), 0..8)) {
            let set: AddressSet =
                bits.into_iter().map(|(bits, len)| IpNet::new(Ipv4Addr::from_bits(bits).into(), len).unwrap()).collect();
            prop_assert_eq!(AddressSet::from_nets(set.to_nets()), set.clone());
            prop_assert_eq!(set.net_count(), set.to_nets().len());
        }

        #[test]
        fn prefixes_of_a_range_are_counted_right_at_its_ends(ends in any::<(u8, u8)>(), high in any::<bool>()) {
            let (first, last) = (ends.0.min(ends.1), ends.0.max(ends.1));
            let number = |byte: u8| if high { u32::MAX - u32::from(u8::MAX - byte) } else { byte.into() };
            let set = AddressSet { v4: IntervalSet::range(number(first), number(last)), v6: IntervalSet::empty() };
            prop_assert_eq!(set.net_count(), set.to_nets().len());
            let wide = |byte: u8| if high { u128::MAX - u128::from(u8::MAX - byte) } else { byte.into() };
            let set = AddressSet { v4: IntervalSet::empty(), v6: IntervalSet::range(wide(first), wide(last)) };
            prop_assert_eq!(set.net_count(), set.to_nets().len());
        }
    }
}
