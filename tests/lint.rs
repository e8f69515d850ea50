//! What `lint` says of rules, one line of text a rule: which do nothing, which change nothing, and why.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use flowcheck::analyses::lint::{Kind, LintAnswer, RuleStanding, standings, standings_within};
use flowcheck::finding::{Code, Severity};
use flowcheck::model::{Access, Direction, Fact, Gap, Origin, ResourceId, RulePriority};
use flowcheck::network::{Network, SecurityGroup, Subnet, VirtualNetwork};
use flowcheck::rules::{
    AddressTerm, Effort, Extent, Policy, Reading, Rule, RuleSet, Surroundings, Written, notation,
};
use flowcheck::sets::{AddressSet, PacketSet};
use flowcheck::tags::TagSnapshot;
use flowcheck::walk::{Checkpoint, Decider, beyond_rules};
use proptest::prelude::*;

fn origin(line: u32) -> Origin {
    Origin::new(&"main.json".into(), line, 1, "rule")
}

/// `Name: 110 In Allow ...`, one rule a line.
fn rules(text: &str) -> Vec<Rule> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .zip(10..)
        .map(|(line, number)| {
            let (name, rule) = line.split_once(": ").unwrap();
            notation::rule(name, rule, &origin(number)).unwrap()
        })
        .collect()
}

/// A group at subnets of networks with these address spaces; by itself where there are none.
fn network(rules: Vec<Rule>, spaces: &[&str]) -> Network {
    let group = ResourceId::new("/providers/Microsoft.Network/networkSecurityGroups/nsg");
    let nets = |text: &str| Fact::Known(text.split(' ').map(|net| net.parse().unwrap()).collect());
    let mut network = Network {
        security_groups: vec![SecurityGroup {
            id: group.clone(),
            rules: RuleSet::new(rules, &origin(1)),
            replaced: Vec::new(),
            subnets: Vec::new(),
            doubt: None,
            origin: origin(1),
        }]
        .into(),
        ..Network::default()
    };
    for (number, space) in spaces.iter().enumerate() {
        let id = ResourceId::new(format!("/providers/Microsoft.Network/virtualNetworks/vnet{number}"));
        network.virtual_networks.push(VirtualNetwork::new(id.clone(), nets(space), &origin(2)));
        network.subnets.push(Subnet {
            prefixes: nets(space.split(' ').next().unwrap()),
            security_group: Fact::Known(Some(group.clone())),
            ..Subnet::new(ResourceId::new(format!("{id}/subnets/app")), id, &origin(3))
        });
    }
    network
}

const HUB: &str = "10.0.0.0/16";

fn named(rules: &[Decider]) -> String {
    rules.iter().map(|rule| rule.rule.clone().unwrap()).collect::<Vec<_>>().join(",")
}

/// What is said of a rule, in one line.
fn words(standing: &RuleStanding) -> String {
    let RuleStanding { kind, cover, heirs, keep, left, access_differs, .. } = standing;
    let mut text = format!("{} {}", standing.rule.rule.clone().unwrap(), kind.as_str());
    if *kind == Kind::Shadowed {
        let access = match access_differs {
            Some(true) => " of other access",
            Some(false) => " of its access",
            None => "",
        };
        text += &format!(" by {}{access}", named(cover));
    }
    if kind.is_removable() && !heirs.is_empty() {
        text += &format!(" for {}", named(heirs));
    }
    if !keep.is_empty() {
        text += &format!(" if kept {}", named(keep));
    }
    if let Some(left) = left.as_ref().filter(|_| !kind.is_removable()) {
        text += &format!(", {left}");
    }
    if !standing.everywhere {
        text += &format!(" at {}", standing.places.join(","));
    }
    text
}

/// Holds the standings against lines; rules that are alive and whole are left out.
fn check_at(spaces: &[&str], text: &str, expected: &str) -> LintAnswer {
    let answer = standings(&network(rules(text), spaces), None, TagSnapshot::builtin());
    let whole = |standing: &&RuleStanding| {
        standing.kind == Kind::Alive && standing.left.is_none() && standing.everywhere
    };
    let found: Vec<String> = answer.rules.iter().filter(|standing| !whole(standing)).map(words).collect();
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(found, expected, "{text}");
    answer
}

fn check(text: &str, expected: &str) -> LintAnswer {
    check_at(&[HUB], text, expected)
}

#[test]
fn a_rule_for_a_service_is_needed_where_a_later_one_denies_it() {
    check(
        "A: 100 Out Allow * * -> AzurePlatformDNS\nB: 200 Out Deny * * -> AzurePlatformDNS",
        "B shadowed by A of other access",
    );
    check(
        "A: 100 Out Allow * * -> AzurePlatformDNS\nB: 200 Out Deny * * -> AzurePlatformIMDS",
        "A repeats-default",
    );
    check(
        "A: 100 Out Allow Udp * -> AzurePlatformDNS\nB: 200 Out Allow * * -> AzurePlatformDNS\nC: 300 Out Deny * * -> AzurePlatformDNS",
        "A redundant for B\nC shadowed by B of other access",
    );
}

#[test]
fn what_azure_settles_before_the_rules_counts_for_no_rule() {
    // UDP from source port 65330 is dropped (S18), and multicast.
    check(
        "A: 100 In Allow Udp *:0-65329,65331-65535 -> 10.0.1.0/24:53\nB: 200 In Deny Udp *:* -> 10.0.1.0/24:53",
        "B shadowed by A of other access",
    );
    check("A: 100 In Deny * * -> 224.0.0.0/4\nB: 200 In Allow Tcp * -> *:443", "A dead");
    let answer = check("A: 100 Out Deny Tcp * -> 168.63.129.16:53,80,81", "");
    let [rule] = &answer.rules[..] else { panic!("{:?}", answer.rules) };
    let share = rule.share.as_ref().unwrap();
    assert_eq!(share.decides, share.matches);
    assert!(rule.witness.unwrap().to_string().ends_with(" -> 168.63.129.16:81"), "{:?}", rule.witness);
    // Traffic to Azure's own services has no default rule behind it.
    check(
        "A: 100 Out Allow Tcp * -> 168.63.129.16:53,443",
        "A repeats-default for AllowVnetOutBound,AllowInternetOutBound",
    );
    // An example of a rule for a service is traffic to that service.
    let answer = check("A: 100 Out Deny * * -> AzurePlatformDNS", "");
    assert!(answer.rules[0].witness.unwrap().to_string().ends_with(" -> 168.63.129.16:53"));
}

#[test]
fn what_everything_behind_does_too_changes_nothing_whatever_is_missing() {
    check("A: 100 In Deny Tcp CorpNetSaw -> *:22\nB: 200 In Deny Tcp * -> *:22", "A redundant for B");
    check(
        "A: 100 In Allow Tcp 10.0.0.0/24 -> 10.0.1.0/24:443\nB: 200 In Allow Tcp CorpNetSaw -> *:443",
        "A redundant for B,AllowVnetInBound\nB unsettled",
    );
    // Only where the unknown rule matches does nothing change.
    check("A: 100 In Deny Tcp 10.0.0.0/24 -> *:443\nB: 200 In Deny Tcp CorpNetSaw -> *:443", "B unsettled");
}

fn severities(answer: &LintAnswer, code: Code) -> Vec<Severity> {
    let of_code = answer.findings.iter().filter(|found| found.finding.code == code);
    of_code.map(|found| found.finding.severity).collect()
}

#[test]
fn a_rule_behind_others_of_the_other_access_is_a_warning_and_of_its_own_a_note() {
    let answer = check(
        "A: 100 In Allow Tcp ApiManagement:* -> VirtualNetwork:3443
         D: 110 In Deny * Internet:* -> *:*
         Old: 120 In Allow Tcp ApiManagement.WestEurope:* -> VirtualNetwork:3443
         Web: 130 In Allow Tcp Internet:* -> VirtualNetwork:443",
        // The platform's own address lies in Internet too, and in the regional tag it does not.
        "D alive, more than 99 % of its packets
         Old shadowed by A of its access
         Web shadowed by D of other access",
    );
    assert_eq!(severities(&answer, Code::ShadowedRule), [Severity::Note, Severity::Warning]);
}

#[test]
fn the_smallest_set_of_earlier_rules_is_named() {
    check(
        "Low: 100 In Deny Tcp *:* -> *:0-1023
         High: 110 In Deny Tcp *:* -> *:1024-65535
         Both: 120 In Allow Tcp 192.0.2.0/24:* -> *:80,8080
         One: 130 In Deny Tcp 192.0.2.0/24:* -> *:80",
        "Both shadowed by Low,High of other access
         One shadowed by Low of its access",
    );
}

#[test]
fn a_rule_that_matches_nothing_is_dead_and_not_shadowed() {
    let mut all = rules(
        "A: 100 In Deny * *:* -> *:*
         Families: 110 In Allow Tcp [2001:db8::/32]:* -> 10.0.1.0/24:443
         Backwards: 120 In Allow Tcp Internet:* -> 10.0.1.0/24:443",
    );
    all[2].destination.ports = vec![flowcheck::rules::Written::singular(flowcheck::rules::PortTerm::Never)];
    let answer = standings(&network(all, &[HUB]), None, TagSnapshot::builtin());
    let found: Vec<String> = answer.rules.iter().skip(1).map(words).collect();
    assert_eq!(found, ["Families dead", "Backwards dead"]);
    let told: Vec<&str> = answer.findings.iter().map(|found| &*found.finding.message).collect();
    assert!(told[0].ends_with("share no address family") && told[1].ends_with("runs backwards"), "{told:?}");
}

#[test]
fn rules_for_azures_own_services_count_by_their_tags_alone() {
    check(
        "Names: 100 Out Deny * *:* -> AzurePlatformDNS:*
         ByAddress: 110 Out Allow Udp *:* -> 168.63.129.16:53
         Again: 120 Out Allow Udp *:* -> AzurePlatformDNS:53
         Data: 130 Out Allow Tcp *:* -> AzurePlatformIMDS:80
         In: 140 In Allow Udp *:* -> AzurePlatformDNS:53",
        "ByAddress dead
         Again shadowed by Names of other access
         Data repeats-default
         In dead",
    );
}

#[test]
fn what_follows_decides_the_same() {
    check(
        "Narrow: 100 Out Allow Tcp VirtualNetwork:* -> Sql:1433
         Wide: 110 Out Allow Tcp VirtualNetwork:* -> Internet:1433
         D: 120 Out Deny * *:* -> *:*",
        "Narrow redundant for Wide
         Wide alive, all but 41,725 destination addresses
         D alive, more than 99 % of its packets",
    );
    // An exception stands between the two: without the narrow rule it would win.
    check(
        "Narrow: 100 Out Allow Tcp VirtualNetwork:* -> Sql:1433
         Between: 105 Out Deny Tcp *:* -> Sql.WestEurope:1433
         Wide: 110 Out Allow Tcp VirtualNetwork:* -> Internet:1433
         D: 120 Out Deny * *:* -> *:*",
        // Only sources outside the network are left to the exception, and the last rule denies those anyway.
        "Between redundant for D
         Wide alive, all but 41,725 destination addresses
         D alive, more than 99 % of its packets",
    );
}

#[test]
fn of_two_equal_rules_one_is_to_be_kept() {
    check(
        "A: 100 In Allow Tcp 192.0.2.0/24:* -> *:443
         B: 110 In Allow Tcp 192.0.2.0/24:* -> *:443",
        "A redundant for B if kept B
         B shadowed by A of its access",
    );
}

#[test]
fn what_the_defaults_do_anyway_is_said_to_repeat_them() {
    check(
        "Probe: 100 In Allow Tcp AzureLoadBalancer:* -> *:6390
         Inside: 100 Out Allow * VirtualNetwork:* -> VirtualNetwork:*
         Out: 110 Out Allow Tcp *:* -> Storage:443
         Rest: 4096 In Deny * Internet:* -> *:443",
        "Probe repeats-default for AllowVnetInBound,AllowAzureLoadBalancerInBound
         Inside repeats-default for AllowVnetOutBound
         Out repeats-default for AllowInternetOutBound",
    );
    // A rule that denies makes the allow rule before it count.
    check(
        "Out: 110 Out Allow Tcp VirtualNetwork:* -> 192.0.2.0/24:443
         Rest: 4096 Out Deny * *:* -> Internet:443",
        "",
    );
}

#[test]
fn what_is_left_of_a_rule_is_told_in_its_own_measure() {
    let answer = check(
        "Half: 100 In Deny * 192.0.2.0/25:* -> 10.0.0.0/8:*
         Host: 110 In Deny * 198.51.100.0/24:* -> 10.0.1.4/32:*
         Hosts: 200 In Allow Tcp 192.0.2.0/24:* -> 10.0.1.5/32:443
         Targets: 210 In Allow Tcp 198.51.100.7/32:* -> 10.0.1.4/31:443
         Most: 212 In Allow Tcp 198.51.100.9/32:* -> 10.0.1.0/24:443
         Ping: 215 In Deny Icmp 203.0.113.0/24:* -> *:*
         Kinds: 220 In Allow * 203.0.113.7/32:* -> 10.0.1.6/32:*
         Low: 230 In Deny Tcp 100.64.0.0/16:* -> *:0-1023
         Ports: 240 In Allow Tcp 100.64.0.0/24:* -> *:443,3443
         From: 250 In Allow Tcp 100.64.0.0/15:* -> *:443,4443",
        "Hosts partly-shadowed, 128 of 256 source addresses
         Targets partly-shadowed, 1 of 2 destination addresses
         Most partly-shadowed, all but 1 destination address
         Kinds partly-shadowed, only protocol *-Icmp
         Ports partly-shadowed, only port 3443
         From partly-shadowed, 75 % of its packets",
    );
    assert_eq!(severities(&answer, Code::PartlyShadowedRule), [Severity::Note; 6]);
    for standing in answer.rules.iter().filter(|standing| standing.kind == Kind::PartlyShadowed) {
        assert!(standing.witness.is_some(), "{}", standing.text);
    }
}

#[test]
fn exceptions_before_a_general_rule_are_no_remark() {
    let answer = check(
        "A: 100 In Allow Tcp 192.0.2.0/24:* -> 10.0.1.0/24:443
         D: 4096 In Deny * *:* -> *:*",
        "D alive, more than 99 % of its packets",
    );
    assert!(answer.findings.is_empty());
}

#[test]
fn nothing_is_said_that_hangs_on_an_unknown() {
    check(
        "A: 100 In Allow Tcp Nowhere:* -> *:443
         B: 110 In Allow Tcp Nowhere:* -> *:443
         D: 120 In Deny Tcp *:* -> *:443
         C: 130 In Allow Tcp Nowhere:* -> *:443",
        // What takes everything takes what is unknown too.
        "A unsettled
         B unsettled
         C shadowed by D of other access",
    );
    check(
        "D: 100 In Deny Tcp 192.0.2.7/32:* -> *:443
         A: 110 In Allow Tcp 192.0.2.7/31:* -> *:443
         B: 110 In Allow Tcp 192.0.2.6/31:* -> *:443
         C: 110 In Allow Tcp 192.0.2.7/32:* -> *:443",
        "A unsettled
         B unsettled
         C shadowed by D of other access",
    );
}

#[test]
fn address_space_that_is_not_shown_is_one_and_the_same_in_every_rule() {
    let text = "D: 100 In Deny Tcp VirtualNetwork:* -> *:22
         A: 110 In Allow Tcp VirtualNetwork:* -> VirtualNetwork:22
         Inside: 120 In Allow * VirtualNetwork:* -> VirtualNetwork:*
         Site: 130 In Allow Tcp 10.3.0.0/16:* -> *:22";
    // Whether the last one is left depends on the address space.
    check_at(
        &[],
        text,
        "A shadowed by D of other access
         Inside repeats-default for AllowVnetInBound
         Site unsettled",
    );
    check_at(
        &["10.0.0.0/16", "10.3.0.0/16"],
        text,
        "A shadowed by D of other access
         Inside repeats-default for AllowVnetInBound
         Site alive at vnet0/app
         Site shadowed by D of other access at vnet1/app",
    );
}

#[test]
fn what_holds_at_one_subnet_alone_is_told_with_its_name_and_as_a_note() {
    let text = "D: 100 In Deny Tcp VirtualNetwork:* -> *:22
         Site: 130 In Allow Tcp 10.3.0.0/16:* -> *:22";
    let answer =
        standings(&network(rules(text), &["10.0.0.0/16", "10.3.0.0/16"]), None, TagSnapshot::builtin());
    let [found] = &answer.findings[..] else { panic!("{:?}", answer.findings) };
    assert_eq!(found.finding.severity, Severity::Note);
    assert_eq!(
        found.finding.message,
        "at subnet `vnet1/app` `Site` (130) never allows: `D` (100) denies all of it before"
    );
    assert_eq!(found.finding.fix, None);
    assert_eq!((answer.count(Kind::Alive), answer.count(Kind::Shadowed)), (2, 0));
    let named = standings(
        &network(rules(text), &["10.0.0.0/16", "10.3.0.0/16"]),
        Some("vnet1/app"),
        TagSnapshot::builtin(),
    );
    assert_eq!(named.findings[0].finding.severity, Severity::Warning);
}

/// A rule with a number that Azure refuses stands behind the default rules, and still before what Azure delivers
/// where no rule says otherwise.
#[test]
fn a_rule_behind_all_others_may_still_keep_azures_own_services_away() {
    let mut late = rules("Late: 100 In Allow * *:* -> *:*");
    let [rule, ..] = &mut late[..] else { panic!() };
    rule.direction = Fact::Known(Direction::Outbound);
    rule.access = Fact::Known(Access::Deny);
    rule.priority = RulePriority::OutOfRange(70_000);
    rule.destination.addresses = vec![Written::singular(AddressTerm::Unknown(Gap::new("the value")))];
    let answer = standings(&network(late, &["10.0.0.0/16"]), None, TagSnapshot::builtin());
    assert_eq!(answer.rules.iter().map(|one| one.kind).collect::<Vec<_>>(), [Kind::Unsettled]);
}

/// Both directions of what is in force at the only subnet, with and without a rule.
fn changes(network: &Network, without: &Network) -> bool {
    let tags = support::tags();
    let point = |network: &'static Network| network.at_subnet(&network.subnets[0], tags);
    let leak = |network: &Network| -> &'static Network { Box::leak(Box::new(network.clone())) };
    let (old, new) = (point(leak(network)), point(leak(without)));
    Direction::ALL.iter().any(|direction| {
        let old = Checkpoint::new(&old, *direction);
        !old.difference(&Checkpoint::new(&new, *direction), &PacketSet::all()).is_empty()
    })
}

fn without(network: &Network, name: &str) -> Network {
    let mut network = network.clone();
    network.security_groups[0].rules.rules.retain(|rule| rule.name != name);
    network
}

/// Rule sets whose rules have names of their own.
fn named_rules() -> impl Strategy<Value = Vec<Rule>> {
    support::any_rules().prop_map(|rules| {
        let mut rules: Vec<Rule> = rules.custom().cloned().collect();
        for (number, rule) in rules.iter_mut().enumerate() {
            rule.name = format!("r{number}");
        }
        rules
    })
}

proptest! {
    #![proptest_config(support::cases(200))]

    /// Removing a rule that is said to be removable leaves every verdict as it is, through every layer.
    #[test]
    fn what_is_said_to_change_nothing_changes_nothing(rules in named_rules()) {
        let network = network(rules, &["10.0.0.0/16 20.0.0.0/31 fd00:1::/48"]);
        let answer = standings(&network, None, support::tags());
        for standing in answer.rules.iter().filter(|standing| standing.kind.is_removable()) {
            let name = standing.rule.rule.clone().unwrap();
            prop_assert!(!changes(&network, &without(&network, &name)), "{name}: {}", words(standing));
        }
    }

    /// All that is said to be removable and asks for nothing to be kept can go at once.
    #[test]
    fn what_asks_for_nothing_to_be_kept_can_go_together(rules in named_rules()) {
        let network = network(rules, &["10.0.0.0/16 20.0.0.0/31 fd00:1::/48"]);
        let answer = standings(&network, None, support::tags());
        let removable = answer.rules.iter().filter(|one| one.kind.is_removable() && one.keep.is_empty());
        let less = removable.fold(network.clone(), |less, one| without(&less, &one.rule.rule.clone().unwrap()));
        prop_assert!(!changes(&network, &less), "{:?}", answer.rules.iter().map(words).collect::<Vec<_>>());
    }

    /// Where nothing is unknown, a rule that is said to be alive is missed, and its example shows that it decides.
    #[test]
    fn what_is_said_to_be_alive_is_missed(rules in named_rules()) {
        let network = network(rules, &["10.0.0.0/16 20.0.0.0/31 fd00:1::/48"]);
        let answer = standings(&network, None, support::tags());
        let point = network.at_subnet(&network.subnets[0], support::tags());
        let group = &network.security_groups[0];
        let policy = |network: &Network, direction| {
            Policy::compile(&network.security_groups[0].rules, direction, &point.surroundings, &Reading::DEFAULT)
        };
        for standing in answer.rules.iter().filter(|one| matches!(one.kind, Kind::Alive | Kind::PartlyShadowed)) {
            let (name, direction) = (standing.rule.rule.clone().unwrap(), standing.direction.unwrap());
            let index = group.rules.rules.iter().position(|rule| rule.name == name).unwrap();
            let old = policy(&network, direction);
            let witness = standing.witness.unwrap();
            let decides = |policy: &Policy| policy.first_match(&witness).candidates.contains(&index);
            prop_assert!(decides(&old) || decides(&old.for_platform()), "{name}: {witness}");
            let settled = (0..group.rules.rules.len()).all(|at| old.gaps(at).is_empty() && old.for_platform().gaps(at).is_empty());
            let new = policy(&without(&network, &name), direction);
            let same = old.difference(&new, &PacketSet::all()).is_empty()
                && old.for_platform().difference(&new.for_platform(), &PacketSet::all()).is_empty();
            prop_assert!(!settled || !same, "{name}: {}", words(standing));
        }
    }

    /// What is said of a group by itself holds in whatever network it is used.
    #[test]
    fn what_is_said_without_the_network_holds_in_each(rules in named_rules(), space in proptest::sample::subsequence(vec!["10.0.1.0/24", "10.0.0.0/16", "192.168.1.0/24", "fd00:1::/64", "10.0.1.5/32"], 0..5)) {
        let network = network(rules, &[]);
        let answer = standings(&network, None, support::tags());
        let space: AddressSet = space.iter().map(|net| net.parse::<ipnet::IpNet>().unwrap()).chain(["168.63.129.16/32".parse().unwrap()]).collect();
        let place = Surroundings { virtual_network: Extent::known(space), ..support::surroundings() };
        let place = Surroundings { groups: Default::default(), ..place };
        let policies = |network: &Network, direction| {
            Policy::compile(&network.security_groups[0].rules, direction, &place, &Reading::DEFAULT)
        };
        for standing in answer.rules.iter().filter(|standing| standing.kind.is_removable()) {
            let name = standing.rule.rule.clone().unwrap();
            for direction in Direction::ALL {
                let (old, new) = (policies(&network, *direction), policies(&without(&network, &name), *direction));
                // Rules for ordinary traffic are not asked about what the platform settles.
                let asked = PacketSet::all().difference(&beyond_rules(*direction));
                let changed = old.difference(&new, &asked);
                prop_assert!(changed.is_empty(), "{name}: {}", words(standing));
            }
        }
    }
}

#[test]
fn a_share_that_is_too_small_leaves_rules_unsettled_and_says_so() {
    let text = "
        Wide: 100 In Allow Tcp 10.0.0.0/8 -> *:443
        Narrow: 110 In Allow Tcp 10.1.0.0/16 -> *:443
        Cut: 120 In Deny Tcp 10.0.0.0/7 -> *:400-500
        Web: 130 In Allow Tcp Internet -> VirtualNetwork:80
        Rest: 4000 In Deny * * -> *
        Out: 100 Out Deny * * -> Storage";
    let tags = TagSnapshot::builtin();
    for spaces in [&[][..], &["10.0.0.0/16"], &["10.0.0.0/16", "10.7.0.0/16"]] {
        let network = network(rules(text), spaces);
        let whole = standings(&network, None, tags);
        assert_eq!(whole.count(Kind::Unsettled), 0);
        let (mut answered, mut open) = (0, 0);
        for tens in 0..200 {
            let found = standings_within(&network, None, tags, &Effort::together().part(tens, 7_142_857));
            for standing in &found.rules {
                let same = whole.rules.iter().any(|known| {
                    let of = |one: &RuleStanding| {
                        (one.rule.clone(), one.kind, one.cover.clone(), one.left.clone())
                    };
                    of(known) == of(standing)
                });
                assert!(same || standing.kind == Kind::Unsettled, "{tens}: {standing:?}");
                answered += usize::from(same);
                open += usize::from(!same);
            }
            let noted = found.findings.iter().any(|one| one.finding.code == Code::TooManyRules);
            assert_eq!(noted, found.rules.iter().any(|one| one.kind == Kind::Unsettled), "{tens}");
        }
        assert!(answered > 0 && open > 0, "{answered} {open}");
    }
}
