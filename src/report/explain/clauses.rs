//! Clauses of Azure's behaviour that answers cite, one or two sentences each.

/// The text of a clause; `None` where no answer cites it.
pub(super) fn text(number: u16) -> Option<&'static str> {
    CLAUSES.binary_search_by_key(&number, |(of, _)| *of).ok().map(|at| CLAUSES[at].1)
}

/// In order of their numbers.
const CLAUSES: &[(u16, &str)] = &[
    (1, "Only rules of the direction that is asked take part."),
    (
        2,
        "Rules are looked at in ascending order of priority; the first whose protocol, addresses and ports all match decides.",
    ),
    (
        3,
        "A rule is held against the first packet of a connection: its source is the side that opens the connection.",
    ),
    (4, "The two default rules that deny everything make sure that every packet meets a rule."),
    (5, "The six default rules stand in every group, whether or not the input lists them."),
    (
        8,
        "Two rules of one direction cannot have the same priority; the same number may serve once inbound and once outbound.",
    ),
    (
        9,
        "Custom priorities are whole numbers from 100 to 4096; the default rules stand at 65000, 65001 and 65500.",
    ),
    (10, "Six default rules are in every group. They cannot be removed, only overridden by lower numbers."),
    (13, "A rule's name has at most 80 characters and is unique in its group."),
    (16, "Words in rules are compared without regard to case. The documents are silent about it."),
    (17, "Protocol * matches TCP, UDP and ICMP; whether it matches other protocols is not documented."),
    (
        18,
        "GRE, IP-in-IP, multicast and broadcast are dropped whatever the rules say, and so are unicast DHCP and UDP with source port 65330.",
    ),
    (19, "Icmp is ICMP for IPv4 alone; ICMP for IPv6 cannot be filtered by rules."),
    (
        20,
        "A port is a number from 0 to 65535, a range with both ends included, or *. A list in one string is refused.",
    ),
    (22, "What Azure makes of blanks in a port text and of a range that runs backwards is not documented."),
    (23, "Ports count for TCP and UDP alone; a port in a rule does not make it match ICMP."),
    (
        24,
        "Whether a rule with a port matches ICMP is not documented; one measurement found the port compared with the ICMP type.",
    ),
    (25, "Whether a rule with a port matches ESP and AH is not documented."),
    (26, "The destination port is that of the resource behind a load balancer, not that of the front end."),
    (
        28,
        "A side of a rule is given by one prefix, a list of prefixes, or application security groups: by exactly one of them.",
    ),
    (30, "A list of prefixes holds addresses and prefixes only; a tag or * in it is refused."),
    (
        31,
        "A side has its singular or its plural field, not both; what the service makes of both is not documented.",
    ),
    (32, "* is every address. The portal shows it as Any; in a file that word is no address."),
    (33, "A bare address is a prefix of full length."),
    (34, "A prefix with host bits set has been refused by the service and accepted by the portal."),
    (35, "A range of addresses with a dash is no documented form."),
    (36, "A text that is no address and no tag makes its rule unknown, never a rule for everything."),
    (37, "A rule without an address on one side is incomplete, never a rule for everything."),
    (
        38,
        "A resource is named by its private address; a rule with its public address never matches its traffic.",
    ),
    (
        42,
        "Whether several application security groups may stand on one side is contradictory: ten are accepted.",
    ),
    (
        44,
        "Limits: 1,000 rules a group, 4,000 addresses and ranges a group on each side, 10 application security groups a rule.",
    ),
    (46, "An application security group stands for the private addresses of its members."),
    (48, "An application security group on the remote side stands for its members' addresses."),
    (51, "Inbound rules see the private address of the resource: they are looked at after translation."),
    (52, "Outbound rules see the private address of the resource: they are looked at before translation."),
    (55, "Under floating IP it is not documented which destination the rules see."),
    (58, "A subnet has one network security group or none; one group may serve many subnets."),
    (62, "Where no network security group is, everything is open."),
    (
        63,
        "A Standard public address or load balancer is closed from outside until a network security group allows the traffic.",
    ),
    (64, "Without a network security group, traffic to the private address from inside stays open."),
    (
        65,
        "Traffic inside a subnet passes its rules twice: outbound at the source, inbound at the destination.",
    ),
    (
        67,
        "Rules are stateful: replies of an allowed connection are not held against the rules of the other direction.",
    ),
    (70, "Whether ICMP, ESP and AH are stateful is not documented."),
    (
        72,
        "VirtualNetwork is computed for each subnet: the network's address space, its connected peers, prefixes behind gateways and of user-defined routes, and 168.63.129.16.",
    ),
    (
        73,
        "VirtualNetwork hangs on the route table of the subnet, so one group can give two answers on two subnets.",
    ),
    (74, "A route for 0.0.0.0/0 to an appliance or gateway makes VirtualNetwork every address there."),
    (75, "Which user-defined routes widen VirtualNetwork is not documented."),
    (76, "Whether service endpoints widen VirtualNetwork is not documented."),
    (
        77,
        "A peer's address space is in VirtualNetwork while access between the networks is allowed; the peers of a peer are not.",
    ),
    (79, "Internet is all public address space, Azure's own included."),
    (
        80,
        "Recorded effective rules show Internet as a fixed list of prefixes that leaves out private and special-use ranges.",
    ),
    (81, "Internet is read as public IPv4 space without the special-use blocks, and 2000::/3."),
    (82, "Whether Internet still matches what VirtualNetwork covers is not documented."),
    (
        83,
        "AzureLoadBalancer is where the platform's health probes come from, not the address of a load balancer of yours.",
    ),
    (
        86,
        "The documents say that AzureCloud has no IPv6; the published list gives it thousands of IPv6 prefixes.",
    ),
    (88, "A regional tag is a tag, a dot and a region without blanks, as in Storage.WestEurope."),
    (89, "Not every dot in a tag is a region: AzureFrontDoor.Backend is a tag of its own."),
    (91, "VIRTUAL_NETWORK and AZURE_LOADBALANCER are spellings of the classic deployment model."),
    (92, "A regional tag holds that region's addresses alone; some addresses of a tag lie in no region."),
    (93, "Computed and internal tags are not in the published list."),
    (94, "Each cloud has a list of its own; a list of another cloud gives wrong answers."),
    (
        96,
        "One rule cannot mix IPv4 and IPv6 prefixes; whether 0.0.0.0/0 in a custom rule means IPv6 too is not documented.",
    ),
    (
        100,
        "DHCP, DNS, metadata and health monitoring at 168.63.129.16 and 169.254.169.254 are not subject to rules, unless a rule names the tag made for them.",
    ),
    (101, "Outbound TCP 80 and 32526 to 168.63.129.16, the agent's channel, is never subject to rules."),
    (
        102,
        "DNS to 168.63.129.16 is blocked only by a rule whose destination is the tag AzurePlatformDNS; a rule for *, Internet or the address itself does not block it.",
    ),
    (
        103,
        "Metadata at 169.254.169.254 is blocked only by the tag AzurePlatformIMDS, Windows activation only by AzurePlatformLKM.",
    ),
    (
        105,
        "Among rules with a platform tag the priority decides, so an allow rule before the deny rule wins.",
    ),
    (
        106,
        "Health probes from 168.63.129.16 are subject to inbound rules: a deny rule that matches them makes them fail.",
    ),
    (107, "168.63.129.16 is not subject to user-defined routes."),
    (
        108,
        "TCP 25 may be blocked by the platform, depending on the kind of subscription, whatever the rules say.",
    ),
    (
        117,
        "Each subnet has system routes: its network's prefixes, 0.0.0.0/0 to Internet, and private ranges to None.",
    ),
    (
        131,
        "Security admin rules of Virtual Network Manager are looked at before every network security group.",
    ),
    (
        136,
        "How Azure's own diagnostics answers a set that a rule matches in part is not documented; here the set is split.",
    ),
    (138, "Of an inline rule and a child resource with one name, the last one deployed wins."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_are_in_order_and_sentences() {
        assert!(CLAUSES.is_sorted_by(|(a, _), (b, _)| a < b));
        assert!(CLAUSES.iter().all(|(_, text)| text.ends_with('.')));
        assert!(text(102).unwrap().contains("AzurePlatformDNS") && text(999).is_none());
    }
}
