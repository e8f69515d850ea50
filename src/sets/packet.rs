//! Sets of packets as disjoint boxes.
//!
//! A box is a product of five sides. Two things keep boxes honest. A packet has both addresses of one
//! family, so a stored box holds addresses of one family only. A packet of a protocol without ports has
//! none, so a stored box holds either TCP and UDP alone, or protocols without ports with every port, which
//! then counts as one. ICMP of IPv6 is IcmpV6 (S19), so no packet is Icmp between IPv6 addresses.
//! [`PacketSet::product`] splits its arguments accordingly; the operations keep it.

use super::{AddressSet, Count, PortSet, ProtocolSet, meeting};
use crate::model::{Direction, Packet, Protocol};
use std::collections::BTreeMap;

/// A product of five sides. Directions are not part of it: a question asks one direction.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PacketBox {
    /// Protocols.
    pub protocols: ProtocolSet,
    /// Addresses of the side that opens the connection.
    pub source: AddressSet,
    /// Its ports.
    pub source_ports: PortSet,
    /// Addresses of the side that is asked.
    pub destination: AddressSet,
    /// Its ports.
    pub destination_ports: PortSet,
}

impl PacketBox {
    /// Whether there is a packet of both boxes. Cheap sides are looked at first.
    pub fn meets(&self, other: &Self) -> bool {
        !self.protocols.intersection(other.protocols).is_empty()
            && self.destination_ports.meets(&other.destination_ports)
            && self.source_ports.meets(&other.source_ports)
            && self.destination.meets(&other.destination)
            && self.source.meets(&other.source)
    }

    /// The packets of both boxes, or `None` when there are none. Cheap sides are looked at first.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let protocols = self.protocols.intersection(other.protocols);
        if protocols.is_empty() || !self.destination_ports.meets(&other.destination_ports) {
            return None;
        }
        let source_ports = self.source_ports.intersection(&other.source_ports);
        if source_ports.is_empty() {
            return None;
        }
        let source = self.source.intersection(&other.source);
        if source.is_empty() {
            return None;
        }
        let destination = self.destination.intersection(&other.destination);
        if destination.is_empty() {
            return None;
        }
        let destination_ports = self.destination_ports.intersection(&other.destination_ports);
        Some(Self { protocols, source, source_ports, destination, destination_ports })
    }

    /// Splits the box: what it has in common with the other is returned, and what it has not is appended to
    /// `rest` as disjoint boxes.
    ///
    /// Side by side: what differs in a side leaves with the sides before it cut to the common part.
    pub fn split(&self, other: &Self, rest: &mut Vec<Self>) -> Option<Self> {
        let Some(common) = self.intersection(other) else {
            rest.push(self.clone());
            return None;
        };
        let mut left = self.clone();
        macro_rules! peel {
            ($side:ident) => {
                let outside = left.$side.difference(&common.$side);
                if !outside.is_empty() {
                    rest.push(Self { $side: outside, ..left.clone() });
                }
                left.$side = common.$side.clone();
            };
        }
        let outside = left.protocols.difference(common.protocols);
        if !outside.is_empty() {
            rest.push(Self { protocols: outside, ..left.clone() });
        }
        left.protocols = common.protocols;
        peel!(destination_ports);
        peel!(source_ports);
        peel!(source);
        peel!(destination);
        Some(common)
    }

    /// Whether every packet of this box is in the other.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.protocols.difference(other.protocols).is_empty()
            && self.destination_ports.is_subset(&other.destination_ports)
            && self.source_ports.is_subset(&other.source_ports)
            && self.source.is_subset(&other.source)
            && self.destination.is_subset(&other.destination)
    }

    /// Whether the packet is in the box.
    pub fn contains(&self, packet: &Packet) -> bool {
        self.protocols.contains(packet.protocol)
            && self.source.contains(packet.source)
            && self.destination.contains(packet.destination)
            && (!packet.protocol.has_ports()
                || self.source_ports.contains(packet.source_port)
                    && self.destination_ports.contains(packet.destination_port))
    }

    /// The smallest box that holds both.
    #[must_use]
    pub fn hull(&self, other: &Self) -> Self {
        Self {
            protocols: self.protocols.union(other.protocols),
            source: self.source.union(&other.source),
            source_ports: self.source_ports.union(&other.source_ports),
            destination: self.destination.union(&other.destination),
            destination_ports: self.destination_ports.union(&other.destination_ports),
        }
    }

    fn size(&self) -> Count {
        let pairs = self.source.size() * self.destination.size() * self.protocols.size();
        if self.protocols.intersection(ProtocolSet::with_ports()).is_empty() {
            pairs
        } else {
            pairs * self.source_ports.size() * self.destination_ports.size()
        }
    }
}

/// An exact set of packets of one direction.
#[derive(Clone, Debug, Default)]
pub struct PacketSet {
    boxes: Vec<PacketBox>,
}

impl PacketSet {
    /// No packet.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Every packet.
    pub fn all() -> Self {
        Self::product(&PacketBox {
            protocols: ProtocolSet::ALL,
            source: AddressSet::all(),
            source_ports: PortSet::all(),
            destination: AddressSet::all(),
            destination_ports: PortSet::all(),
        })
    }

    /// Every packet from some addresses to others.
    pub fn between(source: AddressSet, destination: AddressSet) -> Self {
        Self::product(&PacketBox {
            protocols: ProtocolSet::ALL,
            source,
            source_ports: PortSet::all(),
            destination,
            destination_ports: PortSet::all(),
        })
    }

    /// The packets whose fields lie in the sides of the box; ports count for TCP and UDP alone (S23).
    pub fn product(sides: &PacketBox) -> Self {
        let with_ports = ProtocolSet::with_ports();
        let mut boxes = Vec::new();
        for (source, destination) in [
            (sides.source.only_v4(), sides.destination.only_v4()),
            (sides.source.only_v6(), sides.destination.only_v6()),
        ] {
            if source.is_empty() || destination.is_empty() {
                continue;
            }
            let ported = sides.protocols.intersection(with_ports);
            if !ported.is_empty() && !sides.source_ports.is_empty() && !sides.destination_ports.is_empty() {
                boxes.push(PacketBox {
                    protocols: ported,
                    source: source.clone(),
                    source_ports: sides.source_ports.clone(),
                    destination: destination.clone(),
                    destination_ports: sides.destination_ports.clone(),
                });
            }
            let mut portless = sides.protocols.difference(with_ports);
            if source.v4.is_empty() {
                // S19: ICMP between IPv6 addresses is a protocol of its own, so no such packet is ICMP.
                portless = portless.difference(ProtocolSet::of([Protocol::ICMP]));
            }
            if !portless.is_empty() {
                boxes.push(PacketBox {
                    protocols: portless,
                    source,
                    source_ports: PortSet::all(),
                    destination,
                    destination_ports: PortSet::all(),
                });
            }
        }
        Self { boxes }
    }

    /// A set of boxes that a room of ours knows to be stored boxes and disjoint.
    pub(crate) fn from_disjoint(boxes: Vec<PacketBox>) -> Self {
        Self { boxes }
    }

    /// The boxes, for whoever puts equal sides in the place of others.
    pub(super) fn boxes_mut(&mut self) -> &mut [PacketBox] {
        &mut self.boxes
    }

    /// The disjoint boxes of the set, in no order that means anything.
    pub fn boxes(&self) -> &[PacketBox] {
        &self.boxes
    }

    /// Whether there is no packet.
    pub fn is_empty(&self) -> bool {
        self.boxes.is_empty()
    }

    /// Whether the packet is a member; its direction is not looked at.
    pub fn contains(&self, packet: &Packet) -> bool {
        self.boxes.iter().any(|part| part.contains(packet))
    }

    /// How many packets there are.
    pub fn size(&self) -> Count {
        self.boxes.iter().map(PacketBox::size).sum()
    }

    /// Packets of either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut boxes = self.boxes.clone();
        boxes.extend(other.difference(self).boxes);
        Self { boxes }
    }

    /// Packets of both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let mut boxes = Vec::new();
        meeting::for_each(&self.boxes, &other.boxes, |part, places| {
            let cuts = places.iter().map(|place| &other.boxes[*place]);
            boxes.extend(cuts.filter_map(|cut| self.boxes[part].intersection(cut)));
        });
        Self { boxes }
    }

    /// Packets of this set that are not of the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let mut boxes = Vec::new();
        meeting::for_each(&self.boxes, &other.boxes, |part, places| {
            let mut left = vec![self.boxes[part].clone()];
            for cut in places.iter().map(|place| &other.boxes[*place]) {
                if left.iter().any(|piece| piece.meets(cut)) {
                    let mut rest = Vec::with_capacity(left.len());
                    left.iter().for_each(|piece| drop(piece.split(cut, &mut rest)));
                    left = rest;
                }
            }
            boxes.append(&mut left);
        });
        Self { boxes }
    }

    /// What sets of two lists have in common: the places of two sets, in order, with the packets of both, where there
    /// are any and the pair is `wanted`.
    pub fn common_parts(
        ones: &[&Self],
        others: &[&Self],
        wanted: impl Fn(usize, usize) -> bool,
    ) -> Vec<(usize, usize, Self)> {
        let ((owner, boxes), (other_owner, other_boxes)) = (with_owners(ones), with_owners(others));
        let mut common: BTreeMap<(usize, usize), Vec<PacketBox>> = BTreeMap::new();
        meeting::for_each(&boxes, &other_boxes, |part, places| {
            for place in places {
                let pair = (owner[part], other_owner[*place]);
                if wanted(pair.0, pair.1)
                    && let Some(packets) = boxes[part].intersection(other_boxes[*place])
                {
                    common.entry(pair).or_default().push(packets);
                }
            }
        });
        common.into_iter().map(|((one, other), boxes)| (one, other, Self { boxes })).collect()
    }

    /// Whether every packet is in the other set too.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.difference(other).is_empty()
    }

    /// All packets but the members.
    #[must_use]
    pub fn complement(&self) -> Self {
        Self::all().difference(self)
    }

    /// One packet of the set, the same for the same set in the same representation.
    ///
    /// Prefers TCP, the first address of each side, source port 50000 and the lowest destination port.
    pub fn witness(&self, direction: Direction) -> Option<Packet> {
        let part = self.boxes.iter().min_by_key(|part| {
            (
                part.protocols.example().map(|protocol| protocol.0 != 6),
                part.source.first(),
                part.destination.first(),
            )
        })?;
        let source_port = if part.source_ports.contains(Packet::DEFAULT_SOURCE_PORT) {
            Packet::DEFAULT_SOURCE_PORT
        } else {
            part.source_ports.first()?
        };
        let source = part.source.first()?;
        // Nobody talks to himself, where there is anyone else.
        let others = part.destination.difference(&AddressSet::one(source));
        let destination = others.first().or_else(|| part.destination.first())?;
        Packet::new(
            direction,
            part.protocols.example()?,
            (source, source_port),
            (destination, part.destination_ports.first()?),
        )
        .ok()
    }

    /// All source addresses of the set.
    pub fn sources(&self) -> AddressSet {
        AddressSet::union_all(self.boxes.iter().map(|part| &part.source))
    }

    /// All destination addresses of the set.
    pub fn destinations(&self) -> AddressSet {
        AddressSet::union_all(self.boxes.iter().map(|part| &part.destination))
    }

    /// The set as few boxes in one canonical form: equal sets give equal lists.
    ///
    /// Sides are taken in a fixed order (protocol, destination port, source, destination, source port);
    /// values of a side that leave the same rest are one group. A box may hold protocols with and without
    /// ports when every port is in it.
    pub fn canonical(&self) -> Vec<PacketBox> {
        let mut unbounded = u64::MAX;
        self.canonical_within(&mut unbounded).unwrap_or_default()
    }

    /// The same where it takes no more work than is left, in words of memory that it looks at; `None` otherwise. Of
    /// many random boxes no machine could hold the form.
    pub fn canonical_within(&self, work: &mut u64) -> Option<Vec<PacketBox>> {
        super::canonical::rows(&self.boxes, work)
    }
}

/// The boxes of sets, and for each the place of its set.
fn with_owners<'s>(sets: &[&'s PacketSet]) -> (Vec<usize>, Vec<&'s PacketBox>) {
    let boxes = |(place, set): (usize, &&'s PacketSet)| set.boxes.iter().map(move |one| (place, one));
    sets.iter().enumerate().flat_map(boxes).unzip()
}

impl PartialEq for PacketSet {
    fn eq(&self, other: &Self) -> bool {
        self.is_subset(other) && other.is_subset(self)
    }
}

impl Eq for PacketSet {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use std::net::IpAddr;

    fn any_address() -> impl Strategy<Value = IpAddr> {
        prop_oneof![
            (0u32..6).prop_map(|bits| IpAddr::V4(bits.into())),
            (0u128..4).prop_map(|bits| IpAddr::V6(bits.into())),
        ]
    }

    fn any_addresses() -> impl Strategy<Value = AddressSet> {
        prop_oneof![
            Just(AddressSet::all()),
            vec(any_address(), 1..4).prop_map(|list| list.into_iter().map(ipnet::IpNet::from).collect()),
        ]
    }

    fn any_ports() -> impl Strategy<Value = PortSet> {
        prop_oneof![
            Just(PortSet::all()),
            (0u16..5, 0u16..5).prop_map(|(a, b)| PortSet::range(a.min(b), a.max(b)))
        ]
    }

    fn any_protocols() -> impl Strategy<Value = ProtocolSet> {
        prop_oneof![
            Just(ProtocolSet::ALL),
            Just(ProtocolSet::of([Protocol::TCP])),
            Just(ProtocolSet::of([Protocol::ICMP, Protocol::UDP])),
            Just(ProtocolSet::of([Protocol::ICMP, Protocol(99)])),
        ]
    }

    fn any_set() -> impl Strategy<Value = PacketSet> {
        let product = (any_protocols(), any_addresses(), any_ports(), any_addresses(), any_ports()).prop_map(
            |(protocols, source, source_ports, destination, destination_ports)| {
                PacketSet::product(&PacketBox {
                    protocols,
                    source,
                    source_ports,
                    destination,
                    destination_ports,
                })
            },
        );
        vec(product, 0..4).prop_map(|sets| sets.iter().fold(PacketSet::empty(), |all, set| all.union(set)))
    }

    fn any_packet() -> impl Strategy<Value = Packet> {
        let protocol =
            prop_oneof![Just(Protocol::TCP), Just(Protocol::UDP), Just(Protocol::ICMP), Just(Protocol(99))];
        (protocol, any_address(), 0u16..6, any_address(), 0u16..6).prop_filter_map(
            "one family",
            |(protocol, source, sport, destination, dport)| {
                Packet::new(Direction::Inbound, protocol, (source, sport), (destination, dport)).ok()
            },
        )
    }

    fn canonical_set(set: &PacketSet) -> PacketSet {
        set.canonical().iter().fold(PacketSet::empty(), |all, row| all.union(&PacketSet::product(row)))
    }

    proptest! {
        #[test]
        fn operations_are_those_of_sets(a in any_set(), b in any_set(), packet in any_packet()) {
            let (in_a, in_b) = (a.contains(&packet), b.contains(&packet));
            prop_assert_eq!(a.union(&b).contains(&packet), in_a || in_b);
            prop_assert_eq!(a.intersection(&b).contains(&packet), in_a && in_b);
            prop_assert_eq!(a.difference(&b).contains(&packet), in_a && !in_b);
            prop_assert_eq!(a.complement().contains(&packet), !in_a);
        }

        #[test]
        fn laws_hold(a in any_set(), b in any_set(), c in any_set()) {
            prop_assert_eq!(a.union(&b).complement(), a.complement().intersection(&b.complement()));
            prop_assert_eq!(a.intersection(&b.union(&c)), a.intersection(&b).union(&a.intersection(&c)));
            prop_assert_eq!(a.size() + b.size(), a.union(&b).size() + a.intersection(&b).size());
            prop_assert_eq!(a.difference(&b).union(&a.intersection(&b)), a);
        }

        #[test]
        fn equal_sets_print_equal(a in any_set(), b in any_set()) {
            let (ab, ba) = (a.union(&b), b.union(&a));
            prop_assert_eq!(ab.canonical(), ba.canonical());
            prop_assert_eq!(canonical_set(&ab), ab);
        }

        #[test]
        fn a_canonical_form_takes_the_work_that_it_needs_or_is_none(a in any_set()) {
            let mut left = u64::MAX;
            let form = a.canonical_within(&mut left);
            let mut needed = u64::MAX - left;
            let mut too_little = needed.saturating_sub(1);
            prop_assert_eq!(a.canonical_within(&mut needed), form);
            prop_assert_eq!(needed, 0);
            prop_assert_eq!(a.canonical_within(&mut too_little).is_none(), !a.is_empty());
        }

        #[test]
        fn common_parts_are_the_intersections_of_pairs(ones in vec(any_set(), 0..4), others in vec(any_set(), 0..4)) {
            let wanted = |one: usize, other: usize| !(one + other).is_multiple_of(3);
            let found = PacketSet::common_parts(&Vec::from_iter(&ones), &Vec::from_iter(&others), wanted);
            let pairs = (0..ones.len()).flat_map(|one| (0..others.len()).map(move |other| (one, other)));
            let mut expected = Vec::new();
            for (one, other) in pairs.filter(|(one, other)| wanted(*one, *other)) {
                let common = ones[one].intersection(&others[other]);
                if !common.is_empty() {
                    expected.push((one, other, common));
                }
            }
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn a_witness_is_a_member(a in any_set()) {
            let witness = a.witness(Direction::Inbound);
            prop_assert_eq!(witness.is_none(), a.is_empty());
            prop_assert!(witness.is_none_or(|packet| a.contains(&packet)));
        }
    }

    #[test]
    fn no_packet_is_icmp_between_ipv6_addresses() {
        let icmp = |addresses: AddressSet| {
            PacketSet::product(&PacketBox {
                protocols: ProtocolSet::of([Protocol::ICMP]),
                source: addresses.clone(),
                source_ports: PortSet::all(),
                destination: addresses,
                destination_ports: PortSet::all(),
            })
        };
        assert!(icmp(AddressSet::all_v6()).is_empty());
        assert_eq!(icmp(AddressSet::all()), icmp(AddressSet::all_v4()));
    }

    #[test]
    fn a_packet_without_ports_counts_once() {
        let one = AddressSet::one("10.0.0.1".parse().unwrap());
        let set = PacketSet::product(&PacketBox {
            protocols: ProtocolSet::of([Protocol::TCP, Protocol::ICMP]),
            source: one.clone(),
            source_ports: PortSet::range(1, 2),
            destination: one,
            destination_ports: PortSet::range(80, 80),
        });
        assert_eq!(set.size().to_string(), "3");
    }
}
