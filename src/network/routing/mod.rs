//! Where traffic that leaves a place goes: the routes in force there, and the choice among them.
//!
//! In: a subnet with its route table, its network, peers, gateways and endpoints, or a dump of what Azure says
//! is in force. Out: [`RoutesInForce`], asked for one address or for a set, which it cuts exactly by next hop.
//!
//! | step | clauses | module |
//! | --- | --- | --- |
//! | Azure's own routes, with what people's routes take away from them | S117 to S120, S112, S113 | `gather` |
//! | people's routes; tags by their prefixes; appliances out of reach | S121 to S123, S146 | `gather` |
//! | the choice: longest prefix, then who made it | S115, S116, S112, S123 | `choice` |
//! | all addresses at once | | `flat` |
//!
//! A route that may be there, or whose prefix is not known, leaves the choice open between itself and what
//! would be taken without it; the answer lists all of them. The platform's own addresses are not routed by any
//! of this (S107): whoever asks leaves them out.
//!
//! Not here: what a next hop means for a packet (`walk`), rules (`rules`).

mod choice;
mod flat;
mod gather;

pub use choice::Choice;
pub(super) use gather::propagates;

use super::NextHopType;
use crate::model::{Assumption, Fact, Gap, Origin, words};
use crate::sets::AddressSet;
use flat::Flat;
use ipnet::IpNet;
use std::fmt;
use std::net::IpAddr;
use std::sync::OnceLock;

words! {
    /// Who made a route, in the order in which they win among equal prefixes (S115).
    RouteSource ("route source") {
        /// People.
        User = "User",
        /// A gateway, which learned it or was told.
        VirtualNetworkGateway = "VirtualNetworkGateway",
        /// Azure.
        Default = "Default",
    }
}

/// A route that takes part in the choice.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RouteEntry {
    /// Who made it.
    pub source: RouteSource,
    /// What it is for, as written: a prefix or a tag.
    pub prefix: String,
    /// Where it sends traffic.
    pub next_hop: Fact<NextHopType>,
    /// The appliance's addresses, named even where they are out of reach (S146); a dump may show several.
    pub addresses: Vec<IpAddr>,
    /// Why the appliance's address is not known.
    pub address_gap: Option<Gap>,
    /// Why nothing shows that it leads on: a route of people's to a gateway where there is none. One into the
    /// network itself has it for addresses that are not [near](RoutesInForce::near).
    pub dead_end: Option<Gap>,
    /// Its name; Azure's own have none.
    pub name: Option<String>,
    /// The name of its route table, for people's routes.
    pub table: Option<String>,
    /// Why it is not certain that it is there.
    pub doubt: Option<Gap>,
    /// Its place; for Azure's own that of what they come from.
    pub origin: Origin,
    /// Rank among people's routes of one prefix: lower wins (S123).
    tie: u8,
    /// The least length of a people's route that wins against it: only for private endpoints (S112).
    overridden_from: Option<Fact<u8>>,
}

impl fmt::Display for RouteEntry {
    /// The notation of routes: `0.0.0.0/0 -> VirtualAppliance 10.0.9.4`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> ", self.prefix)?;
        match &self.next_hop {
            Fact::Known(hop) => write!(f, "{hop}")?,
            Fact::Unknown(_) => f.write_str("?")?,
        }
        let addresses: Vec<String> = self.addresses.iter().map(ToString::to_string).collect();
        if addresses.is_empty() { Ok(()) } else { write!(f, " {}", addresses.join(", ")) }
    }
}

impl RouteEntry {
    /// A route of Azure's own.
    fn by_azure(prefix: impl fmt::Display, next_hop: NextHopType, origin: &Origin) -> Self {
        Self {
            source: RouteSource::Default,
            prefix: prefix.to_string(),
            next_hop: Fact::Known(next_hop),
            addresses: Vec::new(),
            address_gap: None,
            dead_end: None,
            name: None,
            table: None,
            doubt: None,
            origin: origin.clone(),
            tie: 0,
            overridden_from: None,
        }
    }

    /// Whether people wrote it for a service tag.
    pub fn is_for_tag(&self) -> bool {
        self.source == RouteSource::User && self.tie > 0
    }

    /// Whether two routes send traffic to the same place.
    pub fn same_way(&self, other: &Self) -> bool {
        self.next_hop.known().is_some()
            && self.next_hop == other.next_hop
            && self.addresses == other.addresses
    }
}

/// How specific a route is where it covers an address.
///
/// Learned routes that are not shown have any length: whatever it is, one of them may be the longest.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
enum Length {
    Bits(u8),
    Any,
}

/// Addresses that a route covers.
#[derive(Clone, Copy, Debug)]
struct Cover {
    net: IpNet,
    length: Length,
    entry: usize,
}

/// The routes in force at one place.
#[derive(Clone, Debug, Default)]
pub struct RoutesInForce {
    entries: Vec<RouteEntry>,
    covers: Vec<Cover>,
    /// Routes that may be for any address.
    anywhere: Vec<usize>,
    /// The certain address space of the network and its peers.
    near: AddressSet,
    flat: OnceLock<Flat>,
    /// What was taken for granted about them.
    pub assumptions: Vec<Assumption>,
}

/// Addresses that go one way, and the routes that may be the one.
#[derive(Clone, Debug)]
pub struct RoutePart {
    /// The addresses.
    pub to: AddressSet,
    /// The routes.
    pub choice: Choice,
}

impl RoutesInForce {
    /// Every route, whether anything goes by it or not.
    pub fn entries(&self) -> &[RouteEntry] {
        &self.entries
    }

    /// The address space of the network and its peers, as far as it is certain.
    pub fn near(&self) -> &AddressSet {
        &self.near
    }

    /// The routes of a choice, the likeliest first.
    pub fn of(&self, choice: &Choice) -> impl Iterator<Item = &RouteEntry> {
        choice.candidates.iter().filter_map(|place| self.entries.get(*place))
    }

    /// Whether people wrote a default route of IPv4, to wherever (S104, S119).
    pub fn has_written_default(&self) -> bool {
        self.entries.iter().any(|entry| entry.source == RouteSource::User && entry.prefix == "0.0.0.0/0")
    }

    /// The exact parts of a set of addresses by the routes that they may go by, in order of the first address.
    /// Addresses that no route is for are left out: there are none where 0.0.0.0/0 and ::/0 have one.
    pub fn partition(&self, asked: &AddressSet) -> Vec<RoutePart> {
        self.flat().partition(asked)
    }

    /// The choice for one address; `None` where no route is for it.
    pub fn choose(&self, address: IpAddr) -> Option<&Choice> {
        self.flat().choose(address)
    }

    /// The choice for one address by looking at every route: the plainest way, which the other two are held
    /// against.
    pub fn choose_plainly(&self, address: IpAddr) -> Option<Choice> {
        let covers = self.covers.iter().filter(|cover| cover.net.contains(&address));
        let mut covers: Vec<(Length, usize)> = covers.map(|cover| (cover.length, cover.entry)).collect();
        (!covers.is_empty()).then(|| choice::choose(&self.entries, &mut covers, &self.anywhere))
    }

    fn flat(&self) -> &Flat {
        self.flat.get_or_init(|| Flat::new(&self.entries, &self.covers, &self.anywhere))
    }

    fn add(&mut self, entry: RouteEntry, nets: impl IntoIterator<Item = IpNet>) {
        let place = self.entries.len();
        let cover = |net: IpNet| Cover { net, length: Length::Bits(net.prefix_len()), entry: place };
        self.covers.extend(nets.into_iter().map(cover));
        self.entries.push(entry);
    }

    /// Adds a route for some one address of these.
    fn add_of_full_length(&mut self, entry: RouteEntry, within: impl IntoIterator<Item = IpNet>) {
        let place = self.entries.len();
        let cover = |net: IpNet| Cover { net, length: Length::Bits(net.max_prefix_len()), entry: place };
        self.covers.extend(within.into_iter().map(cover));
        self.entries.push(entry);
    }

    /// Adds a route that may be for any of these addresses, in prefixes of any length.
    fn add_of_any_length(&mut self, entry: RouteEntry, within: impl IntoIterator<Item = IpNet>) {
        let place = self.entries.len();
        let cover = |net| Cover { net, length: Length::Any, entry: place };
        self.covers.extend(within.into_iter().map(cover));
        self.entries.push(entry);
    }

    /// Adds a route of which it is not known what it is for.
    fn add_anywhere(&mut self, entry: RouteEntry) {
        self.anywhere.push(self.entries.len());
        self.entries.push(entry);
    }
}
