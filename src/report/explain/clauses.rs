//! Clauses of Azure's behaviour that answers, code and documents cite, one or two sentences each.

/// The text of a clause; `None` where nothing cites it.
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
        "A rule is held against the first packet of a connection: whoever opens the connection is its source.",
    ),
    (4, "The two default rules that deny everything make sure that every packet meets a rule."),
    (5, "The six default rules stand in every group, whether or not the input lists them."),
    (
        6,
        "A rule matches only if its protocol and both addresses and ports match; within a list, one member is enough.",
    ),
    (7, "Where a rule stands in the file does not matter, only its priority does."),
    (8, "Two rules of one direction cannot have the same priority; an inbound and an outbound rule can."),
    (
        9,
        "Custom priorities are whole numbers from 100 to 4096; the default rules stand at 65000, 65001 and 65500.",
    ),
    (10, "Six default rules are in every group. They cannot be removed, only overridden by lower numbers."),
    (
        11,
        "The default rules are printed in several spellings, `AllowVNetInBound` and `DefaultInboundDenyAll` among them; they are told apart by direction and priority.",
    ),
    (12, "0.0.0.0/0 in a default rule means every address, those of IPv6 too; the latter is inferred."),
    (13, "A rule's name has at most 80 characters and is unique in its group."),
    (14, "A rule's description has at most 140 characters and no effect."),
    (15, "A rule's protocol is one of Tcp, Udp, Icmp, Esp, Ah and *."),
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
    (21, "The ports * and 0-65535 are the same."),
    (22, "What Azure makes of blanks in a port text and of a range that runs backwards is not documented."),
    (23, "Ports count for TCP and UDP alone; a port in a rule does not make it match ICMP."),
    (
        24,
        "Whether a rule with a port matches ICMP is not documented; one measurement found the port compared with the ICMP type.",
    ),
    (25, "Whether a rule with a port matches ESP and AH is not documented."),
    (26, "The destination port is that of the resource behind a load balancer, not that of the front end."),
    (
        27,
        "Clients send from changing ports, so a flow is asked from 1024 to 65535; a rule for few source ports splits it.",
    ),
    (
        28,
        "A side of a rule is given by one prefix, a list of prefixes, or application security groups: by exactly one of them.",
    ),
    (29, "The singular field of a side takes *, one address, one prefix or one service tag."),
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
        "Rules know a resource by the address it has inside its network; one that names its public address matches none of its traffic.",
    ),
    (39, "The plural fields of a rule take many ports, ranges and prefixes at once."),
    (40, "A side names one service tag at most."),
    (
        41,
        "The two sides of a rule may be of different kinds, such as a tag and an application security group.",
    ),
    (
        42,
        "Whether several application security groups may stand on one side is contradictory: ten are accepted.",
    ),
    (43, "Prefixes and application security groups cannot stand on one side of a rule together."),
    (
        44,
        "Limits: 1,000 rules a group, 4,000 addresses and ranges a group on each side, 10 application security groups a rule.",
    ),
    (
        45,
        "For the subnet of a private endpoint a rule may multiply out to 250,000 combinations of sources, destinations and ports; for other subnets no such limit is documented.",
    ),
    (46, "An application security group stands for the private addresses of its members."),
    (
        47,
        "A rule that names an application security group on the own side holds for the group's members only; a subnet's other machines never meet it.",
    ),
    (48, "An application security group on the remote side stands for its members' addresses."),
    (
        49,
        "The members of an application security group are all in one virtual network, as are two groups of one rule.",
    ),
    (50, "Where the members of an application security group cannot be seen, the answer is unknown."),
    (51, "Inbound rules see the private address of the resource: they are looked at after translation."),
    (52, "Outbound rules see the private address of the resource: they are looked at before translation."),
    (53, "Traffic through a load balancer arrives from the client's address, never from AzureLoadBalancer."),
    (
        54,
        "Towards an internal load balancer the client's rules see its front end, those of the back end the back end's own address and port.",
    ),
    (55, "Under floating IP it is not documented which destination the rules see."),
    (
        56,
        "Traffic from another resource in Azure by its public address comes from a public source, not from VirtualNetwork.",
    ),
    (57, "What an appliance forwards keeps its source and destination; every group on the way sees them."),
    (58, "A subnet has one network security group or none; one group may serve many subnets."),
    (59, "Inbound the subnet's group is asked first, then the interface's; outbound the other way round."),
    (60, "Every group on the way must allow; the first that denies ends it."),
    (61, "Which group is logged depends on the platform; the answer does not."),
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
        66,
        "An instance of API Management has only its subnet's group: there is no interface of the customer's.",
    ),
    (
        67,
        "Rules are stateful: replies of an allowed connection are not held against the rules of the other direction.",
    ),
    (68, "A deny in one direction does not stop replies to what was allowed in the other."),
    (69, "A change of rules touches new connections only."),
    (70, "Whether ICMP, ESP and AH are stateful is not documented."),
    (71, "A reply that leaves by another way can break a connection although every rule allows it."),
    (
        72,
        "VirtualNetwork is computed for each subnet: the network's address space, its connected peers, prefixes behind gateways and of user-defined routes, and 168.63.129.16.",
    ),
    (
        73,
        "VirtualNetwork hangs on the route table of the subnet, so one group can give two answers on two subnets.",
    ),
    (
        74,
        "Under a default route (0.0.0.0/0) that leads to an appliance or a gateway, VirtualNetwork is every address.",
    ),
    (75, "Which user-defined routes widen VirtualNetwork is not documented."),
    (76, "Whether service endpoints widen VirtualNetwork is not documented."),
    (
        77,
        "A peer's address space is in VirtualNetwork while access between the networks is allowed; the peers of a peer are not.",
    ),
    (
        78,
        "Effective rules have been recorded of a network 10.0.0.0/16 without peers and routes of its own: VirtualNetwork was that prefix and 168.63.129.16.",
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
        84,
        "AzureTrafficManager is where the probes of Traffic Manager come from; it has no regional forms and nothing to do with AzureLoadBalancer.",
    ),
    (
        85,
        "AzureCloud is Azure's public addresses, those of other customers included. It does not hold every other tag: part of Storage and of AzureActiveDirectory lies outside.",
    ),
    (
        86,
        "The documents say that AzureCloud has no IPv6; the published list gives it thousands of IPv6 prefixes.",
    ),
    (87, "The prefixes of AzureCloud leave out 168.63.129.16 and its neighbours."),
    (88, "A regional tag is a tag, a dot and a region without blanks, as in Storage.WestEurope."),
    (89, "Not every dot in a tag is a region: AzureFrontDoor.Backend is a tag of its own."),
    (90, "Some regions have another name in tags than elsewhere, as centralfrance for francecentral."),
    (91, "VIRTUAL_NETWORK and AZURE_LOADBALANCER are spellings of the classic deployment model."),
    (92, "A regional tag holds that region's addresses alone; some addresses of a tag lie in no region."),
    (93, "Computed and internal tags are not in the published list."),
    (94, "Each cloud has a list of its own; a list of another cloud gives wrong answers."),
    (
        95,
        "The direction that the documents give for a tag is advice: a rule that uses it the other way matches too.",
    ),
    (
        96,
        "One rule cannot mix IPv4 and IPv6 prefixes; whether 0.0.0.0/0 in a custom rule means IPv6 too is not documented.",
    ),
    (97, "A tag has addresses of both families, and a packet is held against those of its own."),
    (
        98,
        "Behind a load balancer for both families, IPv6 probes come from a link-local address, and work only under a network security group.",
    ),
    (99, "An IPv6 subnet has the length /64, and each interface keeps an address of IPv4."),
    (
        100,
        "Rules do not touch what the platform serves at 168.63.129.16 and 169.254.169.254 (DHCP, DNS, metadata, health monitoring), unless one names the tag made for the service.",
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
        104,
        "Windows activation loses its exemption under a route of one's own for 0.0.0.0/0, and is ordinary traffic to port 1688 then.",
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
        109,
        "Whether groups and routes of a private endpoint's subnet hold for traffic to the endpoint hangs on the subnet's `privateEndpointNetworkPolicies`.",
    ),
    (
        110,
        "On its way to a private endpoint, traffic meets the rules of the subnet that it leaves, with the endpoint's private address as destination; this is inferred.",
    ),
    (
        111,
        "At a private endpoint conditions on the source port are read as every port, and outbound rules mean nothing: it opens no connection.",
    ),
    (
        112,
        "A private endpoint has a route of its own, which only a narrow enough user route overrides, and only where its subnet lets route tables apply.",
    ),
    (
        113,
        "A service endpoint adds routes for the service's addresses at its subnet; a default route to an appliance does not catch them.",
    ),
    (114, "With a service endpoint the service sees the private address; rules do not change."),
    (115, "The longest prefix wins; among equal ones user routes, then those of gateways, then Azure's own."),
    (
        116,
        "Azure's routes for the network, its peers and service endpoints win against a gateway's route, even a longer one.",
    ),
    (
        117,
        "Each subnet has system routes: its network's prefixes, 0.0.0.0/0 to Internet, and private ranges to None.",
    ),
    (
        118,
        "A private prefix that the network itself has, or that lies in one of its own, has no route to nowhere.",
    ),
    (
        119,
        "A user route for 0.0.0.0/0 removes Azure's routes to nowhere: unknown private addresses go where it leads.",
    ),
    (120, "Peerings, gateways and endpoints add routes by themselves."),
    (
        121,
        "A user route leads to an appliance, a gateway, the network itself, the Internet or nowhere; peerings and endpoints cannot be written.",
    ),
    (122, "Next hop None drops the packet."),
    (
        123,
        "A route may have a service tag for its prefix, the computed ones apart; of equal prefixes, one written out comes before one of a tag.",
    ),
    (
        124,
        "An address of Azure's own with next hop Internet stays on Azure's network; for rules it is Internet all the same.",
    ),
    (
        125,
        "Under a default route to an appliance or a gateway, whoever comes straight from the Internet gets no reply.",
    ),
    (126, "A route table acts on what leaves its subnets, not on what comes in."),
    (127, "A route table that keeps out propagated routes keeps out all of a gateway's."),
    (128, "A route to the Internet alone does not make a private subnet reach it."),
    (129, "Rules see the real destination, never the next hop."),
    (130, "A peering may refuse forwarded packets, and lend or borrow a gateway."),
    (
        131,
        "Security admin rules of Virtual Network Manager are looked at before every network security group.",
    ),
    (
        132,
        "Azure's IP flow verify answers for one TCP or UDP packet at an interface: whether it passes, and which rule decides.",
    ),
    (
        133,
        "Azure's IP flow verify prints names of its own for default rules, such as `DefaultInboundDenyAll`.",
    ),
    (
        134,
        "Azure's diagnostics of a group go through the rules by priority up to the one that decides, and say for each which of its five fields match.",
    ),
    (
        135,
        "One rule has several names in Azure's outputs: with `securityRules/`, `UserRule_` or `DefaultRule_` in front, or bare.",
    ),
    (
        136,
        "How Azure's own diagnostics answers a set that a rule matches in part is not documented; here the set is split.",
    ),
    (
        137,
        "Effective rules exist for interfaces of running machines that have a group; an empty list means no group, not no rules.",
    ),
    (138, "Of an inline rule and a child resource with one name, the last one deployed wins."),
    (
        139,
        "Where effective rules of an interface were recorded, the addresses in them come before those of the tag list.",
    ),
    (
        140,
        "Terraform forbids rules inside a group beside rules that are resources of their own; where both are there, all are read, and what stays depends on the order of the apply.",
    ),
    (
        141,
        "Service endpoints in Terraform are names such as `Microsoft.Storage.Global`; they matter for routes, not for rules.",
    ),
    (142, "A log names the group that denied, or the last one that allowed."),
    (143, "Group logs leave out the subnets of API Management; logs of virtual networks have them."),
    (144, "Log lines from the Internet can name machines without a public address: nothing was delivered."),
    (
        145,
        "In a flow log the first address opens the connection, whichever way the line points; this is inferred.",
    ),
    (
        146,
        "A route to an appliance outside the network and its peers drops the traffic; no other route takes its place.",
    ),
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
