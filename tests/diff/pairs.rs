//! Pairs of small networks, and what differs between them.

use crate::networks::{answer, lines, network, options};
use flowcheck::analyses::diff::{Cause, DiffOptions, DiffSide, MatchedBy, diff};
use flowcheck::model::{Direction, ResourceId};
use flowcheck::rules::{AddressTerm, Written};
use flowcheck::sets::address_count;
use flowcheck::tags::TagSnapshot;

const HUB: &str = "vnet hub 10.0.0.0/16\nsubnet hub/apim 10.0.1.0/24 nsg=apim\nnsg apim\n";

/// Two sets of rules of one group at one subnet.
fn check(old: &str, new: &str, expected: &[&str]) {
    check_whole(&format!("{HUB}{old}"), &format!("{HUB}{new}"), expected);
}

fn check_whole(old: &str, new: &str, expected: &[&str]) {
    let answer = answer(old, new, &options()).unwrap();
    assert_eq!(lines(&answer), expected, "{old}\n---\n{new}");
    assert_eq!(answer.has_changed(), expected.iter().any(|line| !line.contains("unsettled")), "{old}\n{new}");
}

#[test]
fn a_new_rule_opens_what_it_allows() {
    check(
        "",
        "AllowSsh: 200 In Allow Tcp Internet:* -> *:22",
        &["hub/apim newly-allowed DenyAllInBound -> AllowSsh  In Tcp 8.8.8.8:50000 -> 10.0.1.4:22"],
    );
    check(
        "AllowWeb: 300 In Allow Tcp *:* -> *:80,443",
        "AllowWeb: 300 In Allow Tcp *:* -> *:443\nDenyWeb: 310 In Deny Tcp Internet:* -> *:80",
        &[
            "hub/apim newly-blocked AllowWeb -> DenyWeb  In Tcp 8.8.8.8:50000 -> 10.0.1.4:80",
            "hub/apim newly-blocked AllowWeb -> DenyAllInBound  In Tcp 0.0.0.0:50000 -> 10.0.1.4:80",
        ],
    );
}

#[test]
fn each_protocol_and_direction_counts() {
    check(
        "",
        "DenyOut: 200 Out Deny Udp *:* -> 10.0.2.0/24:53",
        &["hub/apim newly-blocked AllowVnetOutBound -> DenyOut  Out Udp 10.0.1.4:50000 -> 10.0.2.0:53"],
    );
    check(
        "",
        "AllowPing: 200 In Allow Icmp 192.0.2.0/24:* -> *:*",
        &["hub/apim newly-allowed DenyAllInBound -> AllowPing  In Icmp 192.0.2.0 -> 10.0.1.4"],
    );
    check("", "DenyGre: 200 In Deny * 192.0.2.7:* -> *:443", &[]);
}

#[test]
fn another_way_to_write_the_same_traffic_is_no_change() {
    let rules = "A: 100 In Allow Tcp 192.0.2.0/24:* -> *:443\nB: 110 In Deny Tcp *:* -> *:443\nC: 120 Out Deny Udp *:* -> *:53";
    for same in [
        "C: 120 Out Deny Udp *:* -> *:53\nB: 110 In Deny Tcp *:* -> *:443\nA: 100 In Allow Tcp 192.0.2.0/24:* -> *:443",
        "Other: 101 In Allow Tcp 192.0.2.0/24:* -> *:443\nB: 4000 In Deny Tcp *:* -> *:443\nC: 120 Out Deny Udp *:* -> *:53",
        "A: 100 In Allow Tcp 192.0.2.0/25:* -> *:443\nA2: 101 In Allow Tcp 192.0.2.128/25:* -> *:443\nB: 110 In Deny Tcp *:* -> *:443\nC: 120 Out Deny Udp *:* -> *:53",
        "A: 100 In Allow Tcp 192.0.2.128/25,192.0.2.0/25:* -> 10.0.0.0/16:443\nB: 110 In Deny Tcp *:* -> *:443\nC: 120 Out Deny Udp *:* -> *:53",
    ] {
        check(rules, same, &[]);
    }
    let addresses = TagSnapshot::builtin().lookup("ApiManagement").unwrap().addresses;
    let nets: Vec<String> = addresses
        .to_nets()
        .iter()
        .map(|net| if net.addr().is_ipv6() { format!("[{net}]") } else { net.to_string() })
        .collect();
    check(
        "A: 100 In Allow Tcp ApiManagement:* -> *:3443",
        &format!("A: 100 In Allow Tcp {}:* -> *:3443", nets.join(",")),
        &[],
    );
    check(
        "A: 100 In Allow Tcp VirtualNetwork:* -> *:443\nB: 110 In Deny Tcp *:* -> *:443",
        "A: 100 In Allow Tcp 10.0.0.0/16,168.63.129.16:* -> *:443\nB: 110 In Deny Tcp *:* -> *:443",
        &[],
    );
}

#[test]
fn what_becomes_unknown_and_what_does_no_more() {
    let (known, unknown) =
        ("A: 100 In Allow Tcp 192.0.2.0/24:* -> *:443", "A: 100 In Allow Tcp Storag:* -> *:443");
    check(
        known,
        unknown,
        &[
            "hub/apim newly-unknown DenyAllInBound -> A|DenyAllInBound  In Tcp 8.8.8.8:50000 -> 10.0.1.4:443",
            "hub/apim newly-unknown A -> A|DenyAllInBound  In Tcp 192.0.2.0:50000 -> 10.0.1.4:443",
        ],
    );
    check(
        unknown,
        "",
        &[
            "hub/apim no-longer-unknown A|DenyAllInBound -> DenyAllInBound  In Tcp 8.8.8.8:50000 -> 10.0.1.4:443",
        ],
    );
}

#[test]
fn unknown_on_both_sides_is_equal_only_for_the_same_reason() {
    let one = "A: 100 In Allow Tcp Storag:* -> *:443";
    check(one, "Renamed: 150 In Allow Tcp Storag:* -> *:443", &[]);
    check(
        one,
        "A: 100 In Allow Tcp Sqll:* -> *:443",
        &["hub/apim unsettled A|DenyAllInBound -> A|DenyAllInBound  In Tcp 8.8.8.8:50000 -> 10.0.1.4:443"],
    );
}

#[test]
fn one_doubt_written_in_another_way_is_one_doubt() {
    check(
        "A: 100 In Allow Tcp Storag:* -> 10.0.1.0/24:80-89",
        "A: 100 In Allow Tcp Storag:* -> 10.0.1.128/25,10.0.1.0/25:85-89,80-84",
        &[],
    );
    check("A: 100 In Allow Esp *:* -> *:80-89", "A: 120 In Allow Esp *:* -> *:85-89,80-84", &[]);
}

#[test]
fn rules_that_come_to_share_a_priority_may_change() {
    let deny = |number: u16| {
        format!(
            "A: 100 In Allow Tcp Storag:* -> 10.0.1.0/24:443\nB: {number} In Deny Tcp *:* -> 10.0.1.0/24:443"
        )
    };
    check(&deny(200), &deny(300), &[]);
    check(&deny(200), &deny(100), &["hub/apim unsettled A|B -> A|B  In Tcp 8.8.8.8:50000 -> 10.0.1.4:443"]);
}

#[test]
fn groups_of_one_name_in_two_resource_groups_are_two() {
    let of = |resource_group: &str| {
        let mut network = network("x", &format!("{HUB}A: 100 In Allow Tcp 192.0.2.0/24:* -> *:443"));
        let web = format!(
            "/subscriptions/s/resourceGroups/{resource_group}/providers/Microsoft.Network/applicationSecurityGroups/web"
        );
        let group = AddressTerm::Group(ResourceId::new(web));
        network.security_groups[0].rules.rules[0].source.addresses = vec![Written::singular(group)];
        [network]
    };
    let tags = TagSnapshot::builtin();
    let (one, other) = (of("one"), of("other"));
    let between = |old, new| {
        let side = |networks| DiffSide { networks, tags };
        lines(&diff(&side(old), &side(new), &options()).unwrap()).len()
    };
    assert_eq!(between(&one, &one), 0);
    assert_eq!(between(&one, &other), 1);
}

#[test]
fn the_order_of_changes_is_by_kind_and_then_the_largest_first() {
    check(
        "Old: 100 In Allow Tcp Internet:* -> *:8080",
        "One: 100 In Allow Tcp 192.0.2.1:* -> *:22\nMany: 110 In Allow Tcp 192.0.2.0/24:* -> *:23",
        &[
            "hub/apim newly-allowed DenyAllInBound -> Many  In Tcp 192.0.2.0:50000 -> 10.0.1.4:23",
            "hub/apim newly-allowed DenyAllInBound -> One  In Tcp 192.0.2.1:50000 -> 10.0.1.4:22",
            "hub/apim newly-blocked Old -> DenyAllInBound  In Tcp 8.8.8.8:50000 -> 10.0.1.4:8080",
        ],
    );
}

#[test]
fn parts_of_one_pair_of_deciders_are_one_change() {
    let old = format!("{HUB}Web: 100 In Allow Tcp 192.0.2.0/24,198.51.100.7:* -> *:80,443");
    let answer = answer(&old, HUB, &options()).unwrap();
    let change = answer.changes().next().unwrap();
    assert_eq!(answer.changes().count(), 1);
    assert_eq!(address_count(&change.remote), "257 addresses");
    // 257 sources, 65,536 of their ports, 256 own addresses, two ports.
    assert_eq!(change.size.to_string(), (257u64 * 65_536 * 256 * 2).to_string());
}

#[test]
fn an_association_that_vanishes_changes_the_traffic_of_the_subnet() {
    let bare = "vnet hub 10.0.0.0/16\nsubnet hub/apim 10.0.1.0/24\n";
    let group = "nsg apim\nDenyAll: 4096 In Deny * *:* -> *:*";
    let with = format!("vnet hub 10.0.0.0/16\nsubnet hub/apim 10.0.1.0/24 nsg=apim\n{group}");
    let answer = answer(&with, &format!("{bare}{group}"), &options()).unwrap();
    // The group that nothing uses any more is told by the subnet; it is neither added nor removed.
    assert!(answer.added.is_empty() && answer.removed.is_empty());
    assert!(matches!(answer.places[0].causes[..], [Cause::Group { .. }]), "{:?}", answer.places[0].causes);
    let lines = lines(&answer);
    assert_eq!(
        lines,
        [
            "hub/apim newly-allowed DenyAll -> no-nsg  In Tcp 10.0.0.0:50000 -> 10.0.1.4:443",
            "hub/apim newly-allowed DenyAllOutBound -> no-nsg  Out Tcp 10.0.1.4:50000 -> 0.0.0.0:443",
        ]
    );
}

#[test]
fn the_network_around_the_rules_is_a_cause() {
    let rules = "nsg apim\nA: 100 In Allow Tcp VirtualNetwork:* -> *:443\nB: 4096 In Deny * *:* -> *:*\n";
    let hub = |space: &str| format!("vnet hub {space}\nsubnet hub/apim 10.0.1.0/24 nsg=apim\n{rules}");
    let larger = answer(&hub("10.0.0.0/16"), &hub("10.0.0.0/15"), &options()).unwrap();
    assert!(matches!(
        &larger.places[0].causes[..],
        [Cause::AddressSpace { .. }, Cause::VirtualNetwork { gained, lost }] if !gained.is_empty() && lost.is_empty()
    ));
    assert_eq!(lines(&larger)[0], "hub/apim newly-allowed B -> A  In Tcp 10.1.0.0:50000 -> 10.0.1.4:443");
    let peered = answer(&hub("10.0.0.0/16"), &hub("10.0.0.0/16 peer=10.9.0.0/16"), &options()).unwrap();
    assert!(matches!(
        &peered.places[0].causes[..],
        [Cause::Peering { there: (false, true), .. }, Cause::VirtualNetwork { .. }]
    ));
    assert_eq!(lines(&peered)[0], "hub/apim newly-allowed B -> A  In Tcp 10.9.0.0:50000 -> 10.0.1.4:443");
}

#[test]
fn both_prefixes_of_a_subnet_that_moves_are_asked_for() {
    let moved = |own: &str| {
        format!(
            "vnet hub 10.0.0.0/16\nsubnet hub/apim {own} nsg=apim\nnsg apim\nA: 100 In Allow Tcp Internet:* -> 10.0.1.0/24:443"
        )
    };
    let answer = answer(&moved("10.0.1.0/24"), &moved("10.0.2.0/24"), &options()).unwrap();
    assert!(lines(&answer).is_empty());
    let own = answer.places[0].own.as_ref().unwrap();
    assert_eq!(address_count(&own.size()), "512 addresses");
    assert!(matches!(&answer.places[0].causes[..], [Cause::SubnetPrefix { .. }]));
}

#[test]
fn places_are_matched_by_id_then_by_name_then_as_the_only_ones() {
    let two = "vnet hub 10.0.0.0/16\nsubnet hub/a 10.0.1.0/24\nsubnet hub/b 10.0.2.0/24";
    for (old, new, matched, only) in [
        (two, "vnet hub 10.0.0.0/16\nsubnet HUB/B 10.0.2.0/24\nsubnet hub/A 10.0.1.0/24", "Id Id", ""),
        (
            two,
            "vnet hub 10.0.0.0/16\nsubnet hub/a 10.0.1.0/24\nsubnet hub/c 10.0.3.0/24",
            "Id",
            "removed hub/b,added hub/c",
        ),
        (two, "vnet other 10.0.0.0/16\nsubnet other/a 10.0.1.0/24", "Name", "removed hub/b"),
        (
            "vnet hub 10.0.0.0/16\nsubnet hub/a 10.0.1.0/24",
            "vnet other 10.0.0.0/16\nsubnet other/z 10.0.1.0/24",
            "OnlyOne",
            "",
        ),
        (
            // Which of the two it is cannot be told.
            "vnet x 10.0.0.0/16\nsubnet x/a 10.0.1.0/24\nvnet y 10.0.0.0/16\nsubnet y/a 10.0.1.0/24",
            "vnet z 10.0.0.0/16\nsubnet z/a 10.0.1.0/24",
            "",
            "removed x/a,removed y/a,added z/a",
        ),
        ("nsg one", "nsg two", "OnlyOne", ""),
        ("nsg one\nnsg two", "nsg three", "", "removed one,removed two,added three"),
        ("nsg one\nnsg two", "nsg TWO", "Id", "removed one"),
        (
            "nsg g",
            "vnet hub 10.0.0.0/16\nsubnet hub/a 10.0.1.0/24 nsg=g\nsubnet hub/b 10.0.2.0/24\nnsg g",
            "Attachment",
            "",
        ),
        ("vnet hub 10.0.0.0/16\nsubnet hub/a 10.0.1.0/24 nsg=g\nnsg g", "nsg other", "OnlyOne", ""),
    ] {
        let answer = answer(old, new, &options()).unwrap();
        let found: Vec<String> = answer.places.iter().map(|place| format!("{:?}", place.matched)).collect();
        assert_eq!(found.join(" "), matched, "{old}\n---\n{new}");
        assert_eq!(lines(&answer).join(","), only, "{old}\n---\n{new}");
    }
}

#[test]
fn a_template_is_compared_with_an_export_by_names() {
    let mut old = network("old", HUB);
    let templated = |id: &ResourceId| {
        ResourceId::new(id.as_str().replace("/subscriptions/s", "/subscriptions/${subscription().id}"))
    };
    old.subnets[0].id = templated(&old.subnets[0].id);
    old.subnets[0].network = templated(&old.subnets[0].network);
    old.virtual_networks[0].id = templated(&old.virtual_networks[0].id);
    let (old, new) = ([old], [network("new", HUB)]);
    let tags = TagSnapshot::builtin();
    let answer =
        diff(&DiffSide { networks: &old, tags }, &DiffSide { networks: &new, tags }, &options()).unwrap();
    assert_eq!(answer.places[0].matched, MatchedBy::Name);
    assert!(answer.added.is_empty() && answer.removed.is_empty());
}

#[test]
fn a_group_that_is_shown_alone_is_asked_at_the_subnet_of_the_other_input() {
    let alone =
        "nsg apim\nA: 100 In Allow Tcp VirtualNetwork:* -> VirtualNetwork:443\nB: 4096 In Deny * *:* -> *:*";
    let attached = format!("{HUB}B: 4096 In Deny * *:* -> *:*");
    check_whole(alone, &attached, &["hub/apim newly-blocked A -> B  In Tcp 10.0.0.0:50000 -> 10.0.1.4:443"]);
}

#[test]
fn a_group_alone_on_both_sides_is_asked_for_every_own_address() {
    // The own side lies in VirtualNetwork, wherever it is.
    check_whole(
        "nsg apim\nA: 100 In Allow Tcp ApiManagement:* -> VirtualNetwork:3443",
        "nsg apim",
        &["apim newly-blocked A -> DenyAllInBound  In Tcp 4.198.207.152:50000 -> 10.0.0.4:3443"],
    );
    // Where its own address is named, that address and no other.
    check_whole(
        "nsg apim\nA: 100 In Allow Tcp Internet:* -> 10.7.7.0/24:443",
        "nsg apim",
        &["apim newly-blocked A -> DenyAllInBound  In Tcp 8.8.8.8:50000 -> 10.7.7.0:443"],
    );
    let narrow = DiffOptions { vnet_prefixes: vec!["10.0.0.0/16".parse().unwrap()], ..options() };
    let rule = "nsg apim\nA: 100 In Deny Tcp VirtualNetwork:* -> VirtualNetwork:443";
    let settled = answer(rule, "nsg apim", &narrow).unwrap();
    assert_eq!(
        lines(&settled),
        ["apim newly-allowed A -> AllowVnetInBound  In Tcp 10.0.0.0:50000 -> 10.0.0.4:443"]
    );
    let own = DiffOptions { subnet_prefixes: vec!["10.0.5.0/24".parse().unwrap()], ..narrow };
    let settled = answer(rule, "nsg apim", &own).unwrap();
    assert_eq!(
        lines(&settled),
        ["apim newly-allowed A -> AllowVnetInBound  In Tcp 10.0.0.0:50000 -> 10.0.5.0:443"]
    );
}

#[test]
fn a_group_outside_the_input_is_not_no_group() {
    let outside = "vnet hub 10.0.0.0/16\nsubnet hub/apim 10.0.1.0/24 nsg=lost";
    let none = "vnet hub 10.0.0.0/16\nsubnet hub/apim 10.0.1.0/24";
    check_whole(outside, outside, &[]);
    let answer = answer(outside, none, &options()).unwrap();
    assert!(lines(&answer).iter().all(|line| line.contains("no-longer-unknown")), "{:?}", lines(&answer));
    let other = "vnet hub 10.0.0.0/16\nsubnet hub/apim 10.0.1.0/24 nsg=other";
    let answer = crate::networks::answer(outside, other, &options()).unwrap();
    assert!(!answer.has_changed() && lines(&answer).iter().all(|line| line.contains("unsettled")));
    assert_eq!(lines(&answer).len(), 2, "{:?}", lines(&answer));
}

#[test]
fn the_question_can_be_narrowed() {
    let rules = "In: 100 In Allow Tcp Internet:* -> *:22\nOut: 100 Out Deny Tcp *:* -> *:22";
    let new = format!("{HUB}{rules}\nnsg lone\nX: 100 In Allow Tcp Internet:* -> *:22");
    let old = format!("{HUB}nsg lone\n");
    for (options, expected) in [
        (
            DiffOptions { directions: vec![Direction::Outbound], ..options() },
            &["AllowInternetOutBound -> Out"][..],
        ),
        (
            DiffOptions { subnet: Some("APIM".into()), ..options() },
            &["DenyAllInBound -> In", "-> Out", "-> Out"],
        ),
        (DiffOptions { group: Some("lone".into()), ..options() }, &["DenyAllInBound -> X"]),
        (
            DiffOptions { group: Some("apim".into()), directions: vec![Direction::Inbound], ..options() },
            &["-> In"],
        ),
    ] {
        let found = lines(&answer(&old, &new, &options).unwrap());
        assert!(found.len() >= expected.len(), "{found:?}");
        assert!(expected.iter().all(|part| found.iter().any(|line| line.contains(part))), "{found:?}");
    }
    for (options, says) in [
        (
            DiffOptions { subnet: Some("nope".into()), ..options() },
            "no subnet of either input is named `nope`; they have: hub/apim",
        ),
        (
            DiffOptions { group: Some("nope".into()), ..options() },
            "no network security group of either input is named `nope`; they have: apim, lone",
        ),
    ] {
        assert_eq!(answer(&old, &new, &options).unwrap_err(), says);
    }
    assert!(answer("", "", &options()).unwrap_err().starts_with("there is nothing to compare"));
}

#[test]
fn another_list_of_tags_changes_unchanged_rules() {
    let list = |number: u32, nets: &str| {
        let text = format!(
            "# flowcheck service tags 1\n# cloud: Public\n# change number: {number}\nSql|NSG||{nets}\n"
        );
        TagSnapshot::parse(&text, "list").unwrap()
    };
    let (old, new) = (list(1, "192.0.2.0/24 198.51.100.0/24"), list(2, "192.0.2.0/24 203.0.113.0/25"));
    let networks = [network(
        "main",
        &format!("{HUB}A: 100 Out Allow Tcp *:* -> Sql:1433\nB: 110 Out Deny * *:* -> *:*"),
    )];
    let answer = diff(
        &DiffSide { networks: &networks, tags: &old },
        &DiffSide { networks: &networks, tags: &new },
        &options(),
    )
    .unwrap();
    assert_eq!(
        lines(&answer),
        [
            "hub/apim newly-allowed B -> A  Out Tcp 10.0.1.4:50000 -> 203.0.113.0:1433",
            "hub/apim newly-blocked A -> B  Out Tcp 10.0.1.4:50000 -> 198.51.100.0:1433",
        ]
    );
    let [Cause::Tag { name, gained, lost }] = &answer.places[0].causes[..] else { panic!("{answer:?}") };
    assert_eq!((name.as_str(), gained.to_string(), lost.to_string()), ("Sql", "128".into(), "256".into()));
}

#[test]
fn undocumented_points_are_named_where_the_difference_hangs_on_them() {
    let switches = |old: &str, new: &str| {
        let answer = answer(&format!("{HUB}{old}"), &format!("{HUB}{new}"), &options()).unwrap();
        let found = answer.places[0].assumptions.iter().filter_map(|one| one.switch);
        found.map(|switch| switch.to_string()).collect::<Vec<_>>().join(" ")
    };
    let all = "B: 110 Out Deny * *:* -> *:*";
    assert_eq!(switches(all, all), "");
    // ESP and AH: both sides hang on it, in the same way.
    assert_eq!(switches(all, &format!("A: 100 Out Allow Tcp *:* -> 192.0.2.1:443\n{all}")), "");
    // The default rule for Internet is no more asked: its extent counts, and so do protocols without ports.
    assert_eq!(switches("", all), "U3 U20");
    assert_eq!(switches("", "A: 100 In Allow Tcp 192.0.2.9/24:* -> *:443"), "U10");
}
