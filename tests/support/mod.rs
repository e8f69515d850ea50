//! The place that the integration tests stand at: a tag list, what the words of rules stand for there, the
//! words themselves, and packets at its landmarks. Rules, packets and edits are those of
//! `flowcheck::strategies`.

#![allow(unreachable_pub, dead_code, clippy::unwrap_used, reason = "helpers of tests fail the test")]

use flowcheck::model::{Gap, Origin, Packet, PortRange, ResourceId};
use flowcheck::rules::reference::Facts;
use flowcheck::rules::{Extent, Rule, RuleSet, Surroundings, notation};
use flowcheck::sets::AddressSet;
use flowcheck::strategies::{Shown, Words, packets_near, rule_as_written, rules, rules_as_written};
use flowcheck::tags::TagSnapshot;
use ipnet::IpNet;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A list whose tags overlap each other, the network and the private ranges on purpose.
const TAGS: &str = "# flowcheck service tags 1
# cloud: Public
# change number: 1
# date: 2025-01-01
Narrow|NSG||13.69.64.76 13.69.64.78/31
Wide|NSG||13.69.0.0/16 20.0.0.0/30 2603:1000::/40
Wide.WestEurope|-|westeurope|13.69.64.0/26
Within|NSG||10.0.1.4/30 10.0.0.128/25
";

pub fn tags() -> &'static TagSnapshot {
    static LIST: std::sync::OnceLock<TagSnapshot> = std::sync::OnceLock::new();
    LIST.get_or_init(|| TagSnapshot::parse(TAGS, "tags").unwrap())
}

pub fn nets(list: &str) -> Vec<IpNet> {
    list.split_whitespace().map(|net| net.parse().unwrap()).collect()
}

const NETWORK: &str = "10.0.0.0/16 20.0.0.0/31 fd00:1::/48 168.63.129.16/32";
const PERHAPS: &str = "192.168.0.0/16";
const GROUP: &str = "10.0.1.5/32 10.0.2.7/32";

/// IPv4 that is not Internet: special use, and what the system routes to nowhere (S80, S117).
pub const NOT_INTERNET: &str = "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 \
     192.0.2.0/24 192.168.0.0/16 198.18.0.0/15 224.0.0.0/3 20.35.252.0/22 23.103.0.0/18 25.4.0.0/14 25.33.0.0/16 \
     25.41.0.0/20 25.48.0.0/12 40.108.0.0/17 40.109.0.0/16 104.146.0.0/17 104.147.0.0/16 157.59.0.0/16";

/// One set of surroundings, as the fast evaluators take it.
pub fn surroundings() -> Surroundings<'static> {
    let certain: AddressSet = nets(NETWORK).into_iter().collect();
    let possible: AddressSet = nets(PERHAPS).into_iter().collect();
    let virtual_network = Extent {
        may: certain.union(&possible),
        must: certain,
        gaps: vec![Gap::new("the peer's address space")],
    };
    Surroundings {
        groups: BTreeMap::from([(ResourceId::new("app"), Extent::known(nets(GROUP).into_iter().collect()))])
            .into(),
        ..Surroundings::new(tags(), virtual_network)
    }
}

/// The same surroundings, as the reference evaluator takes them.
pub fn facts() -> Facts {
    let listed = tags().names().map(|name| {
        let addresses = tags().lookup(name).unwrap().addresses;
        (name.to_lowercase(), addresses.to_nets())
    });
    Facts {
        virtual_network: nets(NETWORK),
        virtual_network_perhaps: nets(PERHAPS),
        tags: listed.collect(),
        groups: BTreeMap::from([(ResourceId::new("app"), nets(GROUP))]),
    }
}

/// Words that cut into each other: prefixes that are equal, adjacent and within each other, in and out of
/// the tags and the network, and both families whole.
pub fn words() -> Words {
    Words::none()
        .tags([
            "VirtualNetwork",
            "Internet",
            "AzureLoadBalancer",
            "Narrow",
            "Wide",
            "Wide.WestEurope",
            "Within",
        ])
        .prefixes(nets(
            "10.0.1.0/24 10.0.1.0/25 10.0.0.0/16 13.69.64.76/32 13.69.64.0/24 0.0.0.0/0 128.0.0.0/1 \
             168.63.129.16/32 192.168.1.0/24 fd00:1::/64 2603:1000::/41 ::/0",
        ))
        .ports([80, 443, 1023, 50_000])
        .port_ranges([PortRange::new(1024, u16::MAX).unwrap(), PortRange::new(0, 79).unwrap()])
        .groups([ResourceId::new("app")])
}

/// Rule sets with every oddity, and some that Azure would take.
pub fn any_rules() -> BoxedStrategy<Shown<RuleSet>> {
    prop_oneof![3 => rules_as_written(&words(), 0..7), 1 => rules(&words(), 0..7)].boxed()
}

/// One rule with any oddity.
pub fn any_rule() -> BoxedStrategy<Rule> {
    rule_as_written(&words()).prop_map(Shown::into_inner).boxed()
}

/// What the place's own facts name, as rules to find edges by: the network, tags, groups and what the
/// documents leave out of Internet (S80, S117).
fn landmarks() -> RuleSet {
    let origin = Origin::command_line("landmarks");
    let facts = facts();
    let holes = nets(&format!("8.8.8.8/32 {NOT_INTERNET} 2000::/3 fe80::1234:5678:9abc/128"));
    let named = facts.tags.values().chain(facts.groups.values()).flatten();
    let all = holes.iter().chain(&facts.virtual_network).chain(&facts.virtual_network_perhaps).chain(named);
    let written = |net: &IpNet| match net {
        IpNet::V4(net) => format!(",{net}"),
        IpNet::V6(net) => format!(",[{net}]"),
    };
    let sides: String = all.map(written).collect();
    let ports = "80,443,1024-65535";
    let rule = |text: String| notation::rule("landmark", &text, &origin).unwrap();
    let sides = &sides[1..];
    RuleSet {
        rules: vec![
            rule(format!("100 In Allow * {sides}:{ports} -> {sides}:{ports}")),
            rule(format!("100 Out Allow * {sides}:{ports} -> {sides}:{ports}")),
        ],
    }
}

/// So many cases of a property; `PROPTEST_CASES` asks for more than its usual 256, and then for more here in
/// the same measure.
pub fn cases(usual: u32) -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    ProptestConfig { cases: (usual * config.cases).div_ceil(256), ..config }
}

/// Packets at the landmarks, whatever the rules are.
pub fn any_packet() -> BoxedStrategy<Shown<Packet>> {
    packets_near(&landmarks(), &surroundings())
}
