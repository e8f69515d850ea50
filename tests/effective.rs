//! A rule set written as Azure dumps it and read back decides every packet as it did, with the expansions of
//! the dump and without a tag list that knows the tags (S139).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use flowcheck::analyses::conform::Kind;
use flowcheck::analyses::{CheckOptions, conform};
use flowcheck::flows::{ParameterValues, Profile};
use flowcheck::model::{Access, Direction, Origin, Packet, Priority, Protocol, ResourceId, RulePriority};
use flowcheck::network::{Network, PlaceHint, SecurityGroup};
use flowcheck::rules::surroundings::TagMeaning;
use flowcheck::rules::{
    AddressTerm, Extent, Policy, PortTerm, ProtocolTerm, Reading, Rule, RuleSet, Side, Surroundings, Written,
    reference,
};
use flowcheck::sets::{AddressSet, PacketBox, PacketSet, PortSet, ProtocolSet};
use flowcheck::sources::{ReadOptions, read};
use flowcheck::strategies::{Edits, Shown, Words, rules, with_packets};
use flowcheck::tags::TagSnapshot;
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{any_packet, cases, facts, nets, surroundings};

const GROUP: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/nsg";

/// The place of the others, its network settled: a dump leaves nothing open.
fn place() -> Surroundings<'static> {
    let place = surroundings();
    Surroundings { virtual_network: Extent::known(place.virtual_network.must.clone()), ..place }
}

/// What Azure prints for a side: `0.0.0.0/0` twice for `*`, a tag with what it stands for beside it.
fn side(side: &Side, name: &str, capital: &str, rule: &mut Value) {
    let ports: Vec<String> = side
        .ports
        .iter()
        .map(|written| match written.value {
            PortTerm::Range(range) => format!("{}-{}", range.low(), range.high()),
            _ => panic!("rules that Azure takes have ports"),
        })
        .collect();
    let (mut prefixes, mut expanded): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for written in &side.addresses {
        match &written.value {
            AddressTerm::Any => prefixes.extend(["0.0.0.0/0".to_owned(), "0.0.0.0/0".to_owned()]),
            // Printed twice, the literal would be `*`.
            AddressTerm::Prefix { net, .. } if prefixes.contains(&net.to_string()) => {}
            AddressTerm::Prefix { net, .. } => prefixes.push(net.to_string()),
            AddressTerm::Tag(tag) => {
                prefixes.push(tag.clone());
                let TagMeaning::Addresses(extent) = place().tag(tag, &Reading::DEFAULT) else { continue };
                expanded.extend(extent.must.to_nets().iter().map(ToString::to_string));
            }
            other => panic!("{other} is not in the words"),
        }
    }
    rule[format!("{name}PortRange")] = json!(ports[0]);
    rule[format!("{name}PortRanges")] = json!(ports);
    rule[format!("{name}AddressPrefix")] = json!(prefixes[0]);
    rule[format!("{name}AddressPrefixes")] = json!(prefixes);
    if !expanded.is_empty() {
        rule[format!("expanded{capital}AddressPrefix")] = json!(expanded);
    }
}

fn effective(rule: &Rule) -> Value {
    let list = if rule.is_default() { "defaultSecurityRules" } else { "securityRules" };
    let protocol = match &rule.protocol {
        ProtocolTerm::Any => "All".to_owned(),
        ProtocolTerm::One(protocol) => protocol.to_string(),
        ProtocolTerm::Unknown(_) => panic!("rules that Azure takes have a protocol"),
    };
    let mut value = json!({
        "name": format!("{list}/{}", rule.name),
        "protocol": protocol,
        "access": rule.access.known().unwrap().as_str(),
        "priority": rule.priority.order(),
        "direction": rule.direction.known().unwrap().azure(),
    });
    side(&rule.source, "source", "Source", &mut value);
    side(&rule.destination, "destination", "Destination", &mut value);
    value
}

fn dump(rules: &RuleSet) -> String {
    let rules: Vec<Value> = rules.rules.iter().map(effective).collect();
    json!({"value": [{
        "networkSecurityGroup": {"id": GROUP},
        "association": {"networkInterface": {"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkInterfaces/nic"}},
        "effectiveSecurityRules": rules,
        "tagMap": null,
    }]})
    .to_string()
}

/// The same words without application security groups, which a dump does not show.
fn plain_words() -> Words {
    let tags =
        ["VirtualNetwork", "Internet", "AzureLoadBalancer", "Narrow", "Wide", "Wide.WestEurope", "Within"];
    Words::none()
        .tags(tags)
        .prefixes(nets("10.0.1.0/24 10.0.0.0/16 13.69.64.76/32 0.0.0.0/0 128.0.0.0/1 fd00:1::/64 ::/0"))
        .ports([80, 443, 50_000])
}

fn any_case() -> impl Strategy<Value = (Shown<RuleSet>, Vec<Shown<Packet>>)> {
    let near = with_packets(rules(&plain_words(), 0..7), &place(), 1..=20);
    (near, proptest::collection::vec(any_packet(), 0..=10)).prop_map(|((rules, mut packets), others)| {
        packets.extend(others);
        (rules, packets)
    })
}

fn decides(rules: &RuleSet, place: &Surroundings<'_>, packet: &Packet) -> String {
    let policy = Policy::compile(rules, packet.direction, place, &Reading::DEFAULT);
    let decision = policy.first_match(packet);
    let names: Vec<&str> =
        decision.candidates.iter().map(|index| rules.rules[*index].name.as_str()).collect();
    format!("{} by {}", decision.verdict, names.join(", "))
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn a_dump_of_rules_decides_as_the_rules((rules, packets) in any_case()) {
        let input = read(dump(&rules).as_bytes(), "dump.json", &ReadOptions::default()).unwrap();
        prop_assert!(input.findings.iter().all(|finding| finding.code.as_str() != "wrong-type"));
        let [group] = &input.network.security_groups[..] else { panic!() };
        prop_assert_eq!(group.rules.rules.len(), rules.rules.len());
        let (known, knows_none) = (place(), Surroundings { tags: none(), ..place() });
        for packet in &packets {
            let expected = decides(&rules, &known, packet);
            prop_assert_eq!(&decides(&group.rules, &known, packet), &expected, "{}", **packet);
            prop_assert_eq!(&decides(&group.rules, &knows_none, packet), &expected, "{}", **packet);
            let (verdict, _) = reference::decide(&group.rules, packet, &facts());
            prop_assert!(expected.starts_with(&verdict.to_string()), "{}", **packet);
        }
    }
}

/// The rules as somebody's input, under the id of the dump's group.
fn input_of(rules: &RuleSet) -> Network {
    let group = SecurityGroup {
        id: ResourceId::new(GROUP),
        rules: rules.clone(),
        replaced: Vec::new(),
        subnets: Vec::new(),
        doubt: None,
        origin: Origin::command_line("input"),
    };
    Network { security_groups: vec![group].into(), ..Network::default() }
}

/// What `conform` says of the rules of a dump and an input; what tags stand for is not asked.
fn conforms(in_force: &RuleSet, input: &RuleSet) -> Vec<String> {
    let dump = read(dump(in_force).as_bytes(), "dump.json", &ReadOptions::default()).unwrap();
    let options = CheckOptions {
        tags: support::tags(),
        profile: Profile::newest(),
        parameters: &ParameterValues::default(),
        features: &[],
    };
    let answer = conform(&dump.network, &input_of(input), PlaceHint::default(), &options).unwrap();
    let found = answer.differences.iter().filter(|one| one.kind != Kind::Tag);
    let open = answer.open.iter().filter(|one| !one.subject.eq_ignore_ascii_case("VirtualNetwork"));
    found.map(|one| one.message.clone()).chain(open.map(|one| one.subject.clone())).collect()
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn a_dump_of_rules_conforms_to_the_rules(rules in rules(&plain_words(), 0..7)) {
        prop_assert_eq!(conforms(&rules, &rules), Vec::<String>::new());
    }

    #[test]
    fn what_an_edit_changes_is_told(edited in Edits::changing(&plain_words()).of(rules(&plain_words(), 1..7), &place())) {
        // For IPv6 the literal for every address of IPv4 is not `*`, and a dump prints both the same.
        let v4 = AddressSet::all_v4();
        let seen = PacketSet::product(&PacketBox {
            protocols: ProtocolSet::ALL,
            source: v4.clone(),
            source_ports: PortSet::all(),
            destination: v4,
            destination_ports: PortSet::all(),
        });
        let differ = Direction::ALL.iter().any(|direction| {
            let compile = |rules| Policy::compile(rules, *direction, &place(), &Reading::DEFAULT);
            !compile(&edited.before).difference(&compile(&edited.after), &seen).is_empty()
        });
        let told = conforms(&edited.after, &edited.before);
        prop_assert!(!differ || !told.is_empty());
    }
}

/// A tag list that knows no tag of the words.
fn none() -> &'static TagSnapshot {
    static LIST: std::sync::OnceLock<TagSnapshot> = std::sync::OnceLock::new();
    let text = "# flowcheck service tags 1\n# cloud: Public\n# change number: 2\n# date: 2025-01-02\nOther|NSG||8.8.8.0/24\n";
    LIST.get_or_init(|| TagSnapshot::parse(text, "none").unwrap())
}

/// The whole tag's meaning is Azure's, also where a list says something else.
#[test]
fn azures_word_outranks_the_list() {
    let origin = Origin::command_line("test");
    let rule = |term: AddressTerm| Rule {
        name: "r".to_owned(),
        priority: RulePriority::Custom(Priority::custom(100).unwrap()),
        direction: flowcheck::model::Fact::Known(Direction::Inbound),
        access: flowcheck::model::Fact::Known(Access::Allow),
        protocol: ProtocolTerm::One(Protocol::TCP),
        source: Side {
            addresses: vec![Written::singular(term)],
            ports: vec![Written::singular(PortTerm::Range(flowcheck::model::PortRange::ALL))],
        },
        destination: Side {
            addresses: vec![Written::singular(AddressTerm::Any)],
            ports: vec![Written::singular(PortTerm::Range(flowcheck::model::PortRange::ALL))],
        },
        doubt: None,
        origin: origin.clone(),
    };
    let expanded =
        AddressTerm::Expanded { tag: "Narrow".to_owned(), prefixes: nets("203.0.113.0/24").into() };
    assert_eq!(rule(expanded.clone()).to_string(), "100 In Allow Tcp Narrow:* -> *:*");
    let rules = RuleSet::new(vec![rule(expanded)], &origin);
    for (packet, expected) in [
        ("In Tcp 203.0.113.7 -> 10.0.1.5:443", "allowed by r"),
        ("In Tcp 13.69.64.76 -> 10.0.1.5:443", "blocked by DenyAllInBound"),
    ] {
        let packet: Packet = packet.parse().unwrap();
        assert_eq!(decides(&rules, &place(), &packet), expected);
        assert!(expected.starts_with(&reference::decide(&rules, &packet, &facts()).0.to_string()));
    }
}
