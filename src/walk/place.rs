//! Which attachment point a question is asked at, when a network has several (design, section 6 `packet`).

use crate::model::Fact;
use crate::network::{AttachmentPoint, Network, Subnet};
use crate::tags::TagSnapshot;
use std::fmt;
use std::net::IpAddr;

/// Why it is not clear where a question is asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PlaceError {
    /// No subnet has the name.
    Unknown {
        /// The name as written.
        found: String,
        /// The subnets that there are.
        known: Vec<String>,
    },
    /// Several subnets have the name.
    Ambiguous {
        /// The name as written.
        found: String,
        /// The subnets of that name, with their networks.
        known: Vec<String>,
    },
    /// No name was given, and more than one subnet could be meant.
    Several {
        /// The subnets that could be meant.
        known: Vec<String>,
    },
    /// There is neither a subnet nor a security group.
    Nothing,
}

impl fmt::Display for PlaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { found, known } => {
                write!(f, "there is no subnet `{found}`")?;
                match &known[..] {
                    [] => Ok(()),
                    known => write!(f, ": there is {}", known.join(", ")),
                }
            }
            Self::Ambiguous { found, known } => {
                write!(f, "`{found}` names several subnets: write {}", known.join(" or "))
            }
            Self::Several { known } => {
                write!(f, "it is not clear where this is asked: name the subnet, one of {}", known.join(", "))
            }
            Self::Nothing => f.write_str("there is no subnet and no network security group to ask"),
        }
    }
}

impl std::error::Error for PlaceError {}

/// The attachment point of a question: the subnet that is named, else the only one with a security group,
/// else the one that holds the local address, else the only one at all.
///
/// A network that holds one security group and no subnet is asked at the group. The local address need not
/// lie in the subnet.
///
/// # Errors
/// [`PlaceError`] where none or more than one is left.
pub fn place<'n>(
    network: &'n Network,
    tags: &'n TagSnapshot,
    named: Option<&str>,
    local: Option<IpAddr>,
) -> Result<AttachmentPoint<'n>, PlaceError> {
    let names = |subnets: &[&Subnet]| subnets.iter().map(|subnet| subnet.name()).collect();
    let all: Vec<&Subnet> = network.subnets.iter().collect();
    if let Some(name) = named {
        return match network.subnets_named(name)[..] {
            [subnet] => Ok(network.at_subnet(subnet, tags)),
            [] => Err(PlaceError::Unknown { found: name.to_owned(), known: names(&all) }),
            ref several => Err(PlaceError::Ambiguous { found: name.to_owned(), known: names(several) }),
        };
    }
    let guarded = |subnet: &&&Subnet| !matches!(network.security_group_of(subnet), Fact::Known(None));
    let guarded: Vec<&&Subnet> = all.iter().filter(guarded).collect();
    if let [subnet] = guarded[..] {
        return Ok(network.at_subnet(subnet, tags));
    }
    let holds = |subnet: &&&Subnet| {
        let prefixes = subnet.prefixes.known().into_iter().flatten();
        local.is_some_and(|address| prefixes.into_iter().any(|net| net.contains(&address)))
    };
    let holders: Vec<&&Subnet> = all.iter().filter(holds).collect();
    match (&holders[..], &all[..], &network.security_groups[..]) {
        ([subnet], _, _) => Ok(network.at_subnet(subnet, tags)),
        (_, [subnet], _) => Ok(network.at_subnet(subnet, tags)),
        (_, [], [group]) => Ok(network.at_group(group, tags)),
        (_, [], []) => Err(PlaceError::Nothing),
        (_, [], groups) => {
            Err(PlaceError::Several { known: groups.iter().map(|group| group.name().to_owned()).collect() })
        }
        _ => Err(PlaceError::Several { known: names(&all) }),
    }
}
