//! What a row asks of the network: packets, or a property of the subnet.

use crate::model::words;
use crate::model::{PortRange, Protocol};
use std::fmt;

words! {
    /// Which way the connection of a flow is opened, seen from the API Management subnet.
    FlowDirection ("flow direction") {
        /// Towards the subnet.
        In = "in",
        /// From the subnet.
        Out = "out",
        /// Between instances of the subnet: checked outbound, then inbound (S65).
        Inside = "inside",
        /// The row has no packets.
        None = "none",
    }
}

/// What must be so.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Need {
    /// Packets must get through.
    Packets(Packets),
    /// The subnet must have a network security group.
    Nsg,
    /// The subnet must be delegated to this service, or to none.
    Delegation {
        /// Type of the service, as in `Microsoft.Web/serverFarms`.
        must_be: Option<&'static str>,
    },
    /// The subnet must be large enough.
    SubnetPrefix {
        /// The longest prefix length that will do.
        at_most: u8,
    },
    /// Nothing: the row exists to say why there is nothing to test.
    Nothing {
        /// Why.
        reason: &'static str,
    },
}

/// The packets of a flow: between the whole subnet and a remote side.
///
/// Source ports are those of clients, 1024 to 65535 (S27). IPv4 only: no document gives an IPv6 flow.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Packets {
    /// The other side.
    pub remote: Remote,
    /// Host names that the documents give inside the remote; `{name}` and `{region}` stand for the instance's.
    pub hosts: &'static [&'static str],
    /// Destination ports.
    pub ports: Ports,
    /// Protocols; empty where the parameter of the ports gives them.
    pub protocols: &'static [Protocol],
    /// How much of the remote must get through.
    pub quantifier: Quantifier,
    /// The part of the remote whose loss makes the flow blocked, whatever the rest does.
    pub core: Core,
    /// What the network security group sees; `None` where the flow is not of the API Management subnet.
    pub seen: Option<Seen>,
    /// The default rules that let it through when no custom rule interferes (S10).
    pub default_rules: &'static [u16],
    /// What it needs of the routes.
    pub route_class: Option<RouteClass>,
}

/// The other side of a flow.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Remote {
    /// The addresses of a service tag.
    Tag {
        /// Its name without a region; the one fixed regional tag (`Storage.WestUS`) has it in the name.
        name: &'static str,
        /// Which part of it.
        region: TagRegion,
    },
    /// The computed tag `Internet`.
    Internet,
    /// The computed tag `VirtualNetwork`.
    VirtualNetwork,
    /// The platform's load balancer, 168.63.129.16.
    LoadBalancer,
    /// The subnet itself.
    Subnet,
    /// Azure's own DNS server, 168.63.129.16, which is exempt from rules unless one names it (S102).
    AzureDns,
    /// What the user gives by name.
    Parameter {
        /// A name of [`super::PARAMETERS`].
        name: &'static str,
        /// What to test when the user gives nothing.
        default: Option<&'static Remote>,
    },
}

impl fmt::Display for Remote {
    /// The notation of the data files: `Storage.{own}`, `$client_sources or Internet`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag { name, region: TagRegion::Global } => f.write_str(name),
            Self::Tag { name, region } => write!(f, "{name}.{{{region}}}"),
            Self::Internet => f.write_str("Internet"),
            Self::VirtualNetwork => f.write_str("VirtualNetwork"),
            Self::LoadBalancer => f.write_str("AzureLoadBalancer"),
            Self::Subnet => f.write_str("subnet"),
            Self::AzureDns => f.write_str("AzureDns"),
            Self::Parameter { name, default: None } => write!(f, "${name}"),
            Self::Parameter { name, default: Some(default) } => write!(f, "${name} or {default}"),
        }
    }
}

words! {
    /// Which part of a tag is meant.
    TagRegion ("tag region") {
        /// The whole tag.
        Global = "global",
        /// The part of the location's own region.
        Own = "own",
        /// The part of the instance's primary region.
        Primary = "primary",
    }
}

/// Destination ports of a flow.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ports {
    /// These, rising and without overlap.
    Ranges(&'static [PortRange]),
    /// Those that the user gives with a parameter.
    Parameter(&'static str),
}

words! {
    /// How much of the remote set must get through.
    Quantifier ("quantifier") {
        /// All; some is partial, none is blocked.
        All = "all",
        /// Some is enough, and its share is told.
        Any = "any",
        /// As `all` over the parameter; without a value as `any` over its default.
        Par = "par",
        /// All of the own region's part, and of the primary's in an added region; the rest of the tag is a note.
        Reg = "reg",
        /// Host names: as `all` over addresses that the user gives; else some of the default is unknown.
        Fqdn = "fqdn",
    }
}

words! {
    /// The hard part of a remote set: its loss is `blocked`, the loss of the rest only `partial` and a warning.
    Core ("core") {
        /// There is none.
        None = "none",
        /// The control plane's addresses of the location; see [`super::control_plane()`].
        ControlPlane = "control-plane",
        /// The primary region's part of the tag (D9).
        PrimaryRegion = "primary-region",
    }
}

words! {
    /// What the network security group sees of a flow (S3).
    Seen ("view") {
        /// A public client and, translated, the address of an instance.
        P = "P",
        /// A private client and, translated, the address of an instance.
        V = "V",
        /// The platform's load balancer and the address of an instance.
        L = "L",
        /// An instance and the remote, before source translation.
        O = "O",
        /// Two instances of the subnet, twice.
        X = "X",
    }
}

words! {
    /// What a flow needs of the routes of the subnet.
    RouteClass ("route class") {
        /// The answer must go straight to Internet for every address of the control plane.
        R1 = "R1",
        /// The answer must go straight to Internet for every client.
        R2 = "R2",
        /// Under a forced default route: a service endpoint, else it depends on the appliance.
        R3 = "R3",
        /// May go by an appliance that lets it pass.
        R4 = "R4",
        /// Stays inside the subnet.
        R5 = "R5",
        /// Never subject to user routes (S107).
        R6 = "R6",
        /// The answer goes back the way the private client came.
        R7 = "R7",
        /// The DNS servers must be reachable.
        R8 = "R8",
    }
}
