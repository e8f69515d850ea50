//! The classifier gives what the plain walk gives: one packet and many, small rule sets with every oddity and
//! rule sets of thousands, whose rows have lanes and several summaries.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use flowcheck::model::{Access, Direction, Fact, Origin, Packet, Priority, Protocol, RulePriority, Switch};
use flowcheck::rules::classifier::Answer;
use flowcheck::rules::{
    AddressTerm, Classifier, Decision, Policy, Reading, Rule, RuleSet, Written, notation,
};
use flowcheck::strategies::Shown;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use support::{any_packet, any_rule, any_rules, surroundings};

/// Asks both ways, and many at once, and holds all against first match.
fn check(rules: &RuleSet, reading: &Reading, packets: &[Packet]) -> Result<usize, TestCaseError> {
    let mut settled = 0;
    for direction in Direction::ALL {
        let policy = Policy::compile(rules, *direction, &surroundings(), reading);
        let classifier = Classifier::new(&policy);
        let packets: Vec<Packet> =
            packets.iter().filter(|packet| packet.direction == *direction).copied().collect();
        let mut answers = Vec::new();
        classifier.answers(&packets, |answer| answers.push(answer));
        prop_assert_eq!(answers.len(), packets.len());
        for (packet, answer) in packets.iter().zip(answers) {
            let expected = policy.first_match(packet);
            prop_assert_eq!(&classifier.decision(packet), &expected, "{}", packet);
            settled += usize::from(matches!(answer, Answer::Settled { .. }));
            prop_assert_eq!(Decision::from(answer), expected, "{} among others", packet);
        }
    }
    Ok(settled)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn small_rule_sets(rules in any_rules(), packets in proptest::collection::vec(any_packet().prop_map(Shown::into_inner), 0..150)) {
        check(&rules, &Reading::DEFAULT, &packets)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Rows of several words, in which most words have a bit.
    #[test]
    fn hundreds_of_odd_rules(rules in proptest::collection::vec(any_rule(), 100..400), packets in proptest::collection::vec(any_packet().prop_map(Shown::into_inner), 100)) {
        check(&RuleSet::new(rules, &Origin::command_line("test")), &Reading::DEFAULT, &packets)?;
    }

}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]

    /// Rows with lanes and with more than one summary word.
    #[test]
    fn thousands_of_rules(seed in any::<u64>(), odd in proptest::collection::vec((any_rule(), any::<prop::sample::Index>()), 0..3)) {
        let mut spread = Spread(seed);
        let mut rules: Vec<Rule> = (0..6000).map(|number| spread.rule(number)).collect();
        let packets: Vec<Packet> = (0..120).filter_map(|_| spread.packet_near(&rules)).collect();
        let plain = RuleSet::new(rules.clone(), &Origin::command_line("test"));
        // One behind the other, and in groups of equal priority.
        let in_order = Reading::alternative(Switch::EQUAL_PRIORITY);
        let settled = check(&plain, &in_order, &packets)?;
        prop_assert_eq!(settled, packets.len());
        check(&plain, &Reading::DEFAULT, &packets)?;
        for (rule, at) in odd {
            rules.insert(at.index(rules.len()), rule);
        }
        let with_odd = RuleSet::new(rules, &Origin::command_line("test"));
        check(&with_odd, &in_order, &packets)?;
    }
}

/// A linear congruential generator, since strategies are slow at thousands of rules.
struct Spread(u64);

impl Spread {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.next(list.len() as u64) as usize]
    }

    fn net(&mut self) -> IpNet {
        if self.next(8) == 0 {
            let address = Ipv6Addr::from_bits(0xfd00_u128 << 112 | u128::from(self.next(1 << 24)) << 90);
            let length = self.pick(&[8, 24, 32, 48, 128]);
            return Ipv6Net::new(address, length).unwrap().trunc().into();
        }
        let address = Ipv4Addr::from_bits(self.pick(&[10, 13, 20]) << 24 | self.next(1 << 24) as u32);
        Ipv4Net::new(address, self.pick(&[12, 16, 20, 22, 24, 28, 32])).unwrap().trunc().into()
    }

    fn side(&mut self) -> AddressTerm {
        match self.next(7) {
            0 => AddressTerm::Any,
            _ => AddressTerm::Prefix { net: self.net(), host_bits: false },
        }
    }

    fn rule(&mut self, number: i64) -> Rule {
        let port = self.next(60_000);
        let (protocol, ports) = match self.next(6) {
            0 => (self.pick(&["*", "Tcp", "Icmp", "Esp"]), "*".to_owned()),
            1 => ("*", format!("{port}-{}", port + self.next(2000))),
            2 => ("Udp", format!("{port}")),
            _ => ("Tcp", self.pick(&["22", "80", "443", "3443", "8000-9000"]).to_owned()),
        };
        let access = self.pick(&["Allow", "Allow", "Deny"]);
        let direction = self.pick(&["In", "In", "Out"]);
        let text = format!("100 {direction} {access} {protocol} * -> *:{ports}");
        let mut rule = notation::rule("rule", &text, &Origin::command_line("test")).unwrap();
        rule.priority = RulePriority::Custom(Priority::custom(100 + number * 3996 / 6000).unwrap());
        rule.source.addresses = vec![Written::singular(self.side())];
        rule.destination.addresses = vec![Written::singular(self.side())];
        if self.next(20) == 0 {
            rule.access = Fact::Known(Access::Deny);
        }
        rule
    }

    fn address_near(&mut self, term: &AddressTerm) -> IpAddr {
        let net = match term {
            AddressTerm::Prefix { net, .. } => *net,
            _ => self.net(),
        };
        match (self.next(3), net) {
            (0, net) => net.network(),
            (1, net) => net.broadcast(),
            (_, IpNet::V4(net)) => Ipv4Addr::from_bits(net.broadcast().to_bits().wrapping_add(1)).into(),
            (_, IpNet::V6(net)) => Ipv6Addr::from_bits(net.broadcast().to_bits().wrapping_add(1)).into(),
        }
    }

    fn packet_near(&mut self, rules: &[Rule]) -> Option<Packet> {
        let rule = &rules[self.next(rules.len() as u64) as usize];
        let direction = *rule.direction.known()?;
        let source = self.address_near(&rule.source.addresses[0].value);
        let destination = self.address_near(&rule.destination.addresses[0].value);
        let protocol = self.pick(&[Protocol::TCP, Protocol::UDP, Protocol::ICMP, Protocol::ESP]);
        let port = self.pick(&[22, 80, 443, 3443, 8500]);
        Packet::new(direction, protocol, (source, 50_000), (destination, port)).ok()
    }
}
