//! The tags that Azure computes: never in a list, recognised without regard to case (S72 to S83, S93).

use crate::sets::AddressSet;
use ipnet::IpNet;
use std::fmt;
use std::net::Ipv4Addr;
use std::sync::OnceLock;

/// The address of Azure's platform services: DNS, DHCP, health probes, the guest agent (S83, S101).
pub const WIRE_SERVER: Ipv4Addr = Ipv4Addr::new(168, 63, 129, 16);

/// The address of the instance metadata service (S103).
pub const IMDS: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);

/// A tag whose addresses Azure computes.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum SpecialTag {
    /// What the subnet can reach privately; other for every subnet (S72, S73).
    VirtualNetwork,
    /// Public address space, Azure's included (S79).
    Internet,
    /// Where health probes come from (S83).
    AzureLoadBalancer,
    /// The platform's DNS; the only way to block it (S102).
    AzurePlatformDns,
    /// The instance metadata service; the only way to block it (S103).
    AzurePlatformImds,
    /// Windows activation; the only way to block it (S103).
    AzurePlatformLkm,
}

impl SpecialTag {
    /// Every computed tag.
    pub const ALL: &'static [Self] = &[
        Self::VirtualNetwork,
        Self::Internet,
        Self::AzureLoadBalancer,
        Self::AzurePlatformDns,
        Self::AzurePlatformImds,
        Self::AzurePlatformLkm,
    ];

    /// The tag of that name without regard to case (U2), and whether the name is a spelling of the
    /// classic deployment model, which Resource Manager refuses (S91 as amended in section 19).
    ///
    /// `INTERNET` is no classic spelling: Resource Manager accepts it.
    pub fn recognise(name: &str) -> Option<(Self, bool)> {
        let classic =
            [("VIRTUAL_NETWORK", Self::VirtualNetwork), ("AZURE_LOADBALANCER", Self::AzureLoadBalancer)];
        let plain = Self::ALL.iter().map(|tag| (tag.as_str(), *tag, false));
        plain
            .chain(classic.into_iter().map(|(text, tag)| (text, tag, true)))
            .find(|(text, ..)| text.eq_ignore_ascii_case(name))
            .map(|(_, tag, classic)| (tag, classic))
    }

    /// Azure's spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VirtualNetwork => "VirtualNetwork",
            Self::Internet => "Internet",
            Self::AzureLoadBalancer => "AzureLoadBalancer",
            Self::AzurePlatformDns => "AzurePlatformDNS",
            Self::AzurePlatformImds => "AzurePlatformIMDS",
            Self::AzurePlatformLkm => "AzurePlatformLKM",
        }
    }

    /// What it stands for, as a sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::VirtualNetwork => {
                "Computed for each subnet: the address space of its virtual network and of connected peers, \
                 prefixes behind gateways and of user-defined routes, and 168.63.129.16."
            }
            Self::Internet => {
                "Computed: all public addresses, Azure's own included, and 168.63.129.16; not the private and \
                 special-use ranges."
            }
            Self::AzureLoadBalancer => {
                "The platform addresses that health probes come from: 168.63.129.16 and \
                 fe80::1234:5678:9abc. Not the addresses of your load balancers."
            }
            Self::AzurePlatformDns => {
                "The platform's DNS at 168.63.129.16; only a deny rule with this tag blocks it."
            }
            Self::AzurePlatformImds => {
                "The instance metadata service at 169.254.169.254; only a deny rule with this tag blocks it."
            }
            Self::AzurePlatformLkm => {
                "Windows activation on TCP 1688; only a deny rule with this tag blocks it. Its addresses are \
                 not published."
            }
        }
    }

    /// The addresses, where they are the same for every subnet.
    ///
    /// `None` for `VirtualNetwork`, which differs by subnet (S73), and for `AzurePlatformLKM`, whose
    /// addresses no document states.
    pub fn fixed(self) -> Option<AddressSet> {
        match self {
            Self::Internet => Some(internet()),
            Self::AzureLoadBalancer => Some(load_balancer()),
            Self::AzurePlatformDns => Some(AddressSet::one(WIRE_SERVER.into())), // S102
            Self::AzurePlatformImds => Some(AddressSet::one(IMDS.into())),       // S103
            Self::VirtualNetwork | Self::AzurePlatformLkm => None,
        }
    }
}

impl fmt::Display for SpecialTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The special-use blocks that no recording of `Internet` holds (S80, S81).
const SPECIAL_USE: &str = "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 \
    192.0.2.0/24 192.168.0.0/16 198.18.0.0/15 224.0.0.0/3";

/// Private addresses, shared address space of carriers, and unique local IPv6.
const PRIVATE_USE: &str = "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 fc00::/7";

/// The system routes with next hop None: the set of 2022-05, with 172.16/12 and 127/8 (S117 as amended).
const NONE_ROUTES: &str = "10.0.0.0/8 20.35.252.0/22 23.103.0.0/18 25.4.0.0/14 25.33.0.0/16 25.41.0.0/20 \
    25.48.0.0/12 40.108.0.0/17 40.109.0.0/16 100.64.0.0/10 104.146.0.0/17 104.147.0.0/16 127.0.0.0/8 \
    157.59.0.0/16 172.16.0.0/12 192.168.0.0/16 198.18.0.0/15";

/// What the recording of 2017 leaves out beside the special-use blocks (section 19).
const HOLES_2017: &str = "25.0.0.0/8";

/// What the recording of 2020-12 leaves out beside the special-use blocks (S80): the exact complement
/// of its 236 prefixes, two of them None routes of that interface.
const HOLES_2020: &str = "13.96.0.0/13 20.128.0.0/16 20.130.0.0/16 20.144.0.0/14 20.176.0.0/13 21.0.0.0/8 \
    22.0.0.0/8 25.0.0.0/12 25.28.0.0/14 25.33.80.0/20 25.41.3.0/25 25.64.0.0/10 25.128.0.0/14 25.142.0.0/15 \
    25.144.0.0/12 25.160.0.0/11 25.192.0.0/11 25.224.0.0/12 25.244.0.0/14 25.248.0.0/15 25.250.0.0/18 \
    25.250.64.0/20 25.250.80.0/22 25.250.84.0/23 25.251.0.0/16 25.252.0.0/15 25.254.0.0/21 25.254.8.0/24 \
    25.254.16.0/20 25.254.64.0/18 25.254.128.0/17 25.255.0.0/16 40.66.128.0/17 52.132.0.0/14 52.145.0.0/16 \
    104.212.36.0/22 104.212.52.0/22 129.75.0.0/16 134.177.0.0/16 138.196.0.0/16 141.251.0.0/16 \
    146.147.0.0/16 192.32.0.0/16 192.100.102.0/23";

/// Reads a list of ours.
fn prefixes(list: &str) -> AddressSet {
    list.split(' ').filter(|text| !text.is_empty()).map(ours).collect()
}

/// Reads one prefix of ours.
fn ours(text: &str) -> IpNet {
    text.parse().expect("the constants of this file are prefixes, and a test reads them all")
}

/// The addresses of `AzureLoadBalancer`: where probes come from, one of each family (S83).
pub fn load_balancer() -> AddressSet {
    AddressSet::one(WIRE_SERVER.into()).union(&prefixes("fe80::1234:5678:9abc/128"))
}

/// The addresses that only the platform uses: a question's words leave them out (S100, S101, S107).
pub fn platform_only() -> AddressSet {
    AddressSet::one(WIRE_SERVER.into()).union(&AddressSet::one(IMDS.into()))
}

/// Address space for private use, which the Internet does not route.
pub fn private_use() -> AddressSet {
    prefixes(PRIVATE_USE)
}

/// The prefixes of [`private_use`].
pub fn private_use_nets() -> Vec<IpNet> {
    PRIVATE_USE.split(' ').map(ours).collect()
}

/// The prefixes of the system routes with next hop None, in order: 17, the set of 2022-05 with 172.16/12
/// and 127/8 (S117 as amended in section 19, U25).
pub fn system_none_routes() -> Vec<IpNet> {
    NONE_ROUTES.split(' ').filter(|text| !text.is_empty()).map(ours).collect()
}

/// Addresses that have a route to None by some recordings and not by others (U25): all of those prefixes but the
/// three that every recording has.
pub fn unsettled_none_routes() -> AddressSet {
    static UNSETTLED: OnceLock<AddressSet> = OnceLock::new();
    let settled = || prefixes("10.0.0.0/8 100.64.0.0/10 192.168.0.0/16");
    UNSETTLED.get_or_init(|| AddressSet::from_nets(system_none_routes()).difference(&settled())).clone()
}

/// The addresses of `Internet` (S81 as amended in section 19, U20).
///
/// IPv4 without the special-use blocks and without the None routes; IPv6 2000::/3. 168.63.129.16 is a
/// member, as in every recording. A public prefix of a virtual network stays a member too.
pub fn internet() -> AddressSet {
    static INTERNET: OnceLock<AddressSet> = OnceLock::new();
    INTERNET
        .get_or_init(|| {
            let v4 = reading(NONE_ROUTES);
            v4.union(&prefixes("2000::/3"))
        })
        .clone()
}

/// `Internet` in IPv4 by one reading: all but the special-use blocks and its own holes.
fn reading(holes: &str) -> AddressSet {
    AddressSet::all_v4().difference(&prefixes(SPECIAL_USE)).difference(&prefixes(holes))
}

/// The addresses whose membership in `Internet` the recordings do not settle (U20).
///
/// Defined as those that lie in one of the following readings but not in all: the list of 2017 (without
/// 25/8), the list of 2020-12 (without the blocks of S80), the list of 2022-05 (without its None routes),
/// and [`internet`], which is that of 2022-05 too, since 172.16/12 and 127/8 are special-use in all.
/// The list of 2022-05 is known by its routes and its count alone: its 273 prefixes are more than these
/// readings make (151; 266 with the blocks of 2020), so it had holes that are not named here.
///
/// IPv4 only: no recording holds IPv6 (S80), so for that family there is one reading, S81.
pub fn unsettled_internet() -> AddressSet {
    static UNSETTLED: OnceLock<AddressSet> = OnceLock::new();
    UNSETTLED
        .get_or_init(|| {
            let readings = [HOLES_2017, HOLES_2020, NONE_ROUTES].map(reading);
            let some = readings.iter().fold(AddressSet::empty(), |union, list| union.union(list));
            readings.iter().fold(AddressSet::empty(), |union, list| union.union(&some.difference(list)))
        })
        .clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(set: &AddressSet, address: &str) -> bool {
        set.contains(address.parse().unwrap())
    }

    #[test]
    fn computed_tags_are_recognised_in_any_case() {
        for (name, expected) in [
            ("virtualnetwork", Some((SpecialTag::VirtualNetwork, false))),
            ("INTERNET", Some((SpecialTag::Internet, false))), // S91: just case
            ("AzureLoadbalancer", Some((SpecialTag::AzureLoadBalancer, false))),
            ("VIRTUAL_NETWORK", Some((SpecialTag::VirtualNetwork, true))),
            ("azure_loadbalancer", Some((SpecialTag::AzureLoadBalancer, true))),
            ("azureplatformdns", Some((SpecialTag::AzurePlatformDns, false))),
            ("AzurePlatformImds", Some((SpecialTag::AzurePlatformImds, false))),
            ("AzurePlatformLKM", Some((SpecialTag::AzurePlatformLkm, false))),
            ("VNet", None),
            ("Internet ", None),
            ("AzureCloud", None),
        ] {
            assert_eq!(SpecialTag::recognise(name), expected, "{name}");
        }
    }

    #[test]
    fn the_internet_is_public_space_and_the_wire_server() {
        let internet = internet();
        for inside in
            ["8.8.8.8", "168.63.129.16", "13.69.64.76", "25.0.0.1", "192.0.3.0", "223.255.255.255", "2603::1"]
        {
            assert!(holds(&internet, inside), "{inside}");
        }
        for outside in [
            "0.0.0.1",
            "10.1.2.3",
            "100.127.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.31.0.1",
            "192.0.2.9",
            "192.168.1.1",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255", // S80
            "20.35.252.1",
            "25.4.0.1",
            "40.109.1.1",
            "157.59.3.4", // section 19: the None routes
            "fd00::1",
            "fe80::1",
            "::1",
        ] {
            assert!(!holds(&internet, outside), "{outside}");
        }
        let none: AddressSet = system_none_routes().into_iter().collect();
        assert_eq!(system_none_routes().len(), 17);
        assert!(!none.meets(&internet));
        assert_eq!(load_balancer().to_nets().len(), 2);
    }

    #[test]
    fn the_recordings_of_the_internet_have_76_and_236_prefixes() {
        // Section 19: the published counts check that the holes are exactly the complement.
        assert_eq!(reading(HOLES_2017).to_nets().len(), 76);
        assert_eq!(reading(HOLES_2020).to_nets().len(), 236);
    }

    #[test]
    fn what_one_recording_holds_and_another_does_not_is_unsettled() {
        let unsettled = unsettled_internet();
        for address in ["25.0.0.1", "25.16.0.1", "13.96.0.1", "20.35.252.1", "157.59.0.1", "192.32.1.1"] {
            assert!(holds(&unsettled, address), "{address}");
        }
        // 25.4/14 and 25.33.80/20 are in no reading: settled, outside.
        for address in
            ["8.8.8.8", "10.0.0.1", "168.63.129.16", "172.16.0.1", "25.4.0.1", "25.33.80.1", "2603::1"]
        {
            assert!(!holds(&unsettled, address), "{address}");
        }
    }
}
