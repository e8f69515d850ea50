//! The one way to print each value.

use super::super::{AddressTerm, PortTerm, ProtocolTerm, Rule, Side};
use super::{AddressText, PacketSetText, SideText};
use ipnet::IpNet;
use std::fmt;

impl fmt::Display for PacketSetText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = self.protocol.map_or_else(|| "*".to_owned(), |protocol| protocol.to_string());
        write!(f, "{} {protocol} {} -> {}", self.direction, self.source, self.destination)
    }
}

impl fmt::Display for AddressText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Prefix(net, _) => write_net(f, net),
            Self::Name(name) => f.write_str(name),
            Self::Subnet(name) => write!(f, "subnet:{name}"),
            Self::Group(name) => write!(f, "asg:{name}"),
        }
    }
}

/// A prefix as it stands in a side: one address without its length, IPv6 in brackets.
pub fn write_net(f: &mut dyn fmt::Write, net: &IpNet) -> fmt::Result {
    let alone = net.prefix_len() == net.max_prefix_len();
    match (net, alone) {
        (IpNet::V4(net), true) => write!(f, "{}", net.addr()),
        (IpNet::V4(net), false) => write!(f, "{net}"),
        (IpNet::V6(net), true) => write!(f, "[{}]", net.addr()),
        (IpNet::V6(net), false) => write!(f, "[{net}]"),
    }
}

impl fmt::Display for SideText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_list(f, &self.addresses)?;
        match &self.ports {
            Some(ports) => {
                f.write_str(":")?;
                write_list(f, ports)
            }
            None => f.write_str(":*"),
        }
    }
}

fn write_list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: &[T]) -> fmt::Result {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            f.write_str(",")?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

impl fmt::Display for Rule {
    /// The rule in one line; what is not known is printed as `?`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = self.direction.known().map_or("?", |direction| direction.as_str());
        let access = self.access.known().map_or("?", |access| access.as_str());
        write!(f, "{} {direction} {access} {} ", self.priority, self.protocol)?;
        write!(f, "{} -> {}", self.source, self.destination)
    }
}

impl fmt::Display for ProtocolTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::One(protocol) => protocol.fmt(f),
            Self::Unknown(_) => f.write_str("?"),
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_list(f, &self.addresses.iter().map(|written| &written.value).collect::<Vec<_>>())?;
        f.write_str(":")?;
        write_list(f, &self.ports.iter().map(|written| &written.value).collect::<Vec<_>>())
    }
}

impl fmt::Display for AddressTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::LiteralAny => f.write_str("Any"),
            Self::Prefix { net, .. } => write_net(f, net),
            Self::DashRange { first, last } => write!(f, "{first}-{last}"),
            Self::Tag(name) | Self::Expanded { tag: name, .. } => f.write_str(name),
            Self::Group(id) => write!(f, "asg:{}", id.name()),
            Self::Unknown(_) => f.write_str("?"),
        }
    }
}

impl fmt::Display for PortTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Range(range) => range.fmt(f),
            Self::Never => f.write_str("none"),
            Self::Unknown(_) => f.write_str("?"),
        }
    }
}
