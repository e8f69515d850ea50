//! Sets of IP protocols.

use crate::model::Protocol;
use std::fmt;

/// A set of protocols by IANA number, as 256 bits.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ProtocolSet([u64; 4]);

impl ProtocolSet {
    /// No protocol.
    pub const EMPTY: Self = Self([0; 4]);
    /// Every protocol.
    pub const ALL: Self = Self([u64::MAX; 4]);

    /// TCP and UDP: the protocols whose packets carry ports (S23).
    pub fn with_ports() -> Self {
        Self::of([Protocol::TCP, Protocol::UDP])
    }

    /// The given protocols.
    pub fn of(protocols: impl IntoIterator<Item = Protocol>) -> Self {
        let mut set = Self::EMPTY;
        for Protocol(number) in protocols {
            set.0[usize::from(number) / 64] |= 1 << (number % 64);
        }
        set
    }

    /// Whether the protocol is a member.
    pub fn contains(self, Protocol(number): Protocol) -> bool {
        self.0[usize::from(number) / 64] & (1 << (number % 64)) != 0
    }

    /// Whether there is no member.
    pub fn is_empty(self) -> bool {
        self == Self::EMPTY
    }

    /// Whether every protocol is a member.
    pub fn is_all(self) -> bool {
        self == Self::ALL
    }

    /// Members of either set.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    /// Members of both sets.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    /// Members of this set that are not of the other.
    #[must_use]
    pub fn difference(self, other: Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }

    /// How many members there are.
    pub fn size(self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// The members, in order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = Protocol> {
        (0..=u8::MAX).map(Protocol).filter(move |protocol| self.contains(*protocol))
    }

    /// The member to show as an example: TCP, UDP or ICMP before the rest.
    pub fn example(self) -> Option<Protocol> {
        [Protocol::TCP, Protocol::UDP, Protocol::ICMP]
            .into_iter()
            .find(|protocol| self.contains(*protocol))
            .or_else(|| self.iter().next())
    }

    fn zip(self, other: Self, combine: impl Fn(u64, u64) -> u64) -> Self {
        let mut words = [0; 4];
        for (word, (a, b)) in words.iter_mut().zip(self.0.into_iter().zip(other.0)) {
            *word = combine(a, b);
        }
        Self(words)
    }
}

impl fmt::Display for ProtocolSet {
    /// `*` for every protocol, else the names with commas; a set of more than half is printed as what
    /// it leaves out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |set: Self| set.iter().map(|protocol| protocol.to_string()).collect::<Vec<_>>().join(",");
        if self.is_all() {
            f.pad("*")
        } else if self.size() > 128 {
            f.pad(&format!("*-{}", names(Self::ALL.difference(*self))))
        } else {
            f.pad(&names(*self))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_those_of_sets() {
        let ported = ProtocolSet::with_ports();
        let rest = ProtocolSet::ALL.difference(ported);
        assert_eq!(rest.size(), 254);
        assert!(rest.contains(Protocol::ESP) && !rest.contains(Protocol::UDP));
        assert!(rest.intersection(ported).is_empty());
        assert!(rest.union(ported).is_all());
        assert_eq!(ported.to_string(), "Tcp,Udp");
        assert_eq!(ProtocolSet::ALL.to_string(), "*");
        assert_eq!(rest.to_string(), "*-Tcp,Udp");
        assert_eq!(rest.example(), Some(Protocol::ICMP));
    }
}
