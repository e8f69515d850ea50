//! No change that a team can make to our landing zone's group opens port 22 from the Internet.
//!
//! The platform team owns priorities 100 to 999, application teams those from 1000 on. The property is about
//! every change that they could make there, and about every packet: sets answer, not samples.
//!
//! `cargo run --example landing_zone_changes` says what the group opens today;
//! `cargo test --example landing_zone_changes` tries the changes.

use flowcheck::ipnet::Ipv4Net;
use flowcheck::model::{Direction, Origin, Verdict};
use flowcheck::rules::{Extent, NotationError, Policy, Reading, RuleSet, Surroundings, notation};
use flowcheck::sets::{AddressSet, PacketBox, PacketSet, PortSet, ProtocolSet};
use flowcheck::tags::{SpecialTag, TagSnapshot};
use std::net::Ipv4Addr;

/// The group as the platform team hands it out, and two rules that a team has added.
const LANDING_ZONE: [(&str, &str); 5] = [
    ("DenyRemoteAdminFromInternet", "100 In Deny * Internet:* -> *:22,3389"),
    ("AllowManagement", "110 In Allow Tcp ApiManagement:* -> VirtualNetwork:3443"),
    ("AllowProbes", "120 In Allow Tcp AzureLoadBalancer:* -> VirtualNetwork:6390"),
    ("AllowWeb", "1000 In Allow Tcp Internet:* -> 10.20.1.0/24:443"),
    ("AllowJumpHost", "1010 In Allow Tcp 10.20.9.4:* -> 10.20.1.0/24:22"),
];

/// The landing zone's address space.
const NETWORK: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(10, 20, 0, 0), 16);

fn landing_zone() -> Result<RuleSet, NotationError> {
    let origin = Origin::command_line("landing zone");
    let rules = LANDING_ZONE.iter().map(|(name, text)| notation::rule(name, text, &origin));
    Ok(RuleSet::new(rules.collect::<Result<_, _>>()?, &origin))
}

/// What tags stand for in the landing zone's network.
fn place() -> Surroundings<'static> {
    Surroundings::new(TagSnapshot::builtin(), Extent::known(AddressSet::from_nets([NETWORK.into()])))
}

/// Everything from the Internet to port 22, whatever the destination and the source port.
fn ssh_from_internet() -> PacketSet {
    PacketSet::product(&PacketBox {
        protocols: ProtocolSet::with_ports(),
        source: SpecialTag::Internet.fixed().unwrap_or_default(),
        source_ports: PortSet::all(),
        destination: AddressSet::all(),
        destination_ports: PortSet::range(22, 22),
    })
}

/// The packets of a set that the rules let in, or may let in.
fn opened(rules: &RuleSet, asked: &PacketSet) -> PacketSet {
    let policy = Policy::compile(rules, Direction::Inbound, &place(), &Reading::DEFAULT);
    let parts = policy.partition(asked);
    let open = parts.iter().filter(|part| part.decision.verdict != Verdict::Blocked);
    open.fold(PacketSet::empty(), |all, part| all.union(&part.packets))
}

fn main() -> Result<(), NotationError> {
    let open = opened(&landing_zone()?, &ssh_from_internet());
    match open.witness(Direction::Inbound) {
        None => println!("port 22 is closed to the Internet, for every packet"),
        Some(packet) => println!("port 22 is open to the Internet, as to {packet}"),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowcheck::strategies::{Edits, Shown, Words};
    use proptest::prelude::*;

    /// Changes by application teams: with the words of the group and the usual ones, in their range.
    fn changes() -> Edits {
        let words = Words::default().and(&landing_zone().unwrap());
        Edits::changing(&words).within(1000..=4096).times(1..6)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn no_change_opens_22_from_the_internet(
            change in changes().of(Just(Shown(landing_zone().unwrap())), &place()),
        ) {
            let open = opened(&change.after, &ssh_from_internet());
            prop_assert!(open.is_empty(), "open: {}", open.witness(Direction::Inbound).unwrap());
        }
    }

    /// A property that cannot fail says nothing: without the guard, the changes do open the port.
    #[test]
    fn without_the_guard_a_change_opens_it() {
        let mut unguarded = landing_zone().unwrap();
        unguarded.rules.remove(0);
        let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
        let result = proptest::test_runner::TestRunner::new(config).run(
            &changes().of(Just(Shown(unguarded)), &place()),
            |change| {
                prop_assert!(opened(&change.after, &ssh_from_internet()).is_empty());
                Ok(())
            },
        );
        assert!(result.is_err());
    }
}
