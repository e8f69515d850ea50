//! The six default rules of every network security group (S10).

use super::{AddressTerm, PortTerm, ProtocolTerm, Rule, Side, Written};
use crate::model::{Access, Direction, Fact, Origin, PortRange, RulePriority};

/// Direction, priority, name, source, destination, access; ports and protocols are all `*`.
const DEFAULTS: [(Direction, u16, &str, &str, &str, Access); 6] = [
    (Direction::Inbound, 65_000, "AllowVnetInBound", "VirtualNetwork", "VirtualNetwork", Access::Allow),
    (Direction::Inbound, 65_001, "AllowAzureLoadBalancerInBound", "AzureLoadBalancer", "*", Access::Allow),
    (Direction::Inbound, 65_500, "DenyAllInBound", "*", "*", Access::Deny),
    (Direction::Outbound, 65_000, "AllowVnetOutBound", "VirtualNetwork", "VirtualNetwork", Access::Allow),
    (Direction::Outbound, 65_001, "AllowInternetOutBound", "*", "Internet", Access::Allow),
    (Direction::Outbound, 65_500, "DenyAllOutBound", "*", "*", Access::Deny),
];

/// The six rules in the REST spelling, said to come from the group's place (S10, S11).
pub fn rules(group: &Origin) -> Vec<Rule> {
    DEFAULTS
        .iter()
        .map(|(direction, priority, name, source, destination, access)| Rule {
            name: (*name).to_owned(),
            priority: RulePriority::Default(*priority),
            direction: Fact::Known(*direction),
            access: Fact::Known(*access),
            protocol: ProtocolTerm::Any,
            source: side(source),
            destination: side(destination),
            doubt: None,
            origin: group.clone(),
        })
        .collect()
}

/// Whether a name is that of a default rule, in any of the spellings that Azure prints (S11, S133).
pub fn is_default_name(name: &str) -> bool {
    DEFAULTS.iter().any(|(_, _, default, ..)| default.eq_ignore_ascii_case(name))
        || ["DefaultInboundDenyAll", "DefaultOutboundDenyAll"]
            .iter()
            .any(|platform| platform.eq_ignore_ascii_case(name))
}

fn side(address: &str) -> Side {
    let term = if address == "*" { AddressTerm::Any } else { AddressTerm::Tag(address.to_owned()) };
    Side {
        addresses: vec![Written::singular(term)],
        ports: vec![Written::singular(PortTerm::Range(PortRange::ALL))],
    }
}
