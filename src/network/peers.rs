//! Which other networks can be reached from one: peers, and sites behind gateways.
//!
//! One account of it for both that need it: what `VirtualNetwork` stands for (S72), and the routes that Azure
//! adds by itself (S120).

use super::{Network, Peering, VirtualNetwork, outside};
use crate::model::{Assumption, Fact, Gap, Origin, Switch};
use crate::sets::AddressSet;
use ipnet::IpNet;

/// The address space of one peer.
pub(super) struct PeerSpace<'n> {
    /// Its prefixes, where they are known.
    pub(super) prefixes: Fact<Vec<IpNet>>,
    /// Why it is not certain that the peering lets traffic through.
    pub(super) doubt: Option<Gap>,
    /// The peering.
    pub(super) peering: &'n Peering,
}

/// A peer of the network that a place is in.
#[derive(Clone, Debug)]
pub struct AttachedPeer<'n> {
    /// The peering, as the place's network has it.
    pub peering: &'n Peering,
    /// The peer's address space, as far as it is known.
    pub prefixes: AddressSet,
}

/// The sites behind a gateway.
pub(super) struct SiteSpace {
    /// Their prefixes; unknown where the gateway learns them.
    pub(super) prefixes: Fact<Vec<IpNet>>,
    /// Why it is not certain that there is such a gateway.
    pub(super) doubt: Option<Gap>,
    /// The gateway's place, or that of the peering to its network.
    pub(super) origin: Origin,
}

/// Other networks that one network reaches.
#[derive(Default)]
pub(super) struct Neighbours<'n> {
    pub(super) peers: Vec<PeerSpace<'n>>,
    pub(super) sites: Vec<SiteSpace>,
    pub(super) assumptions: Vec<Assumption>,
}

/// Whether a side of a peering may work by its state; where it says nothing that is taken for granted (U19).
fn is_connected(peering: &Peering) -> bool {
    let state = peering.state.known().and_then(Option::as_ref);
    state.is_none_or(|state| state.eq_ignore_ascii_case("Connected"))
}

/// Why it is not certain that a side of a peering lets through all that goes to the peer's address space.
fn doubt_of(peering: &Peering) -> Option<Gap> {
    let in_part = || {
        let gap = Gap::new(format!(
            "which subnets the peering `{}` joins: `peerCompleteVnets` is off (S77)",
            peering.name
        ));
        gap.at(&peering.origin)
    };
    let open = peering.access.gap().or(peering.state.gap()).or(peering.whole.gap());
    open.cloned().or_else(|| (peering.whole == Fact::Known(false)).then(in_part))
}

/// No document says whether a gateway is lent over a peering that lets nothing else through.
fn without_access(peering: &Peering) -> Gap {
    Gap::new(format!(
        "whether the peering `{}` leads to the other network's gateway while `allowVirtualNetworkAccess` is off (S77, S130)",
        peering.name
    ))
    .at(&peering.origin)
}

/// The peering that the other network has back: the one that names this network, else one that may.
fn way_back<'n>(all: &'n Network, network: &VirtualNetwork, peering: &Peering) -> Option<&'n Peering> {
    let remote = all.virtual_network(peering.remote.known()?)?;
    let names_it = |back: &&Peering| back.remote.known() == Some(&network.id);
    let may = |back: &&Peering| back.remote.known().is_none();
    remote.peerings.iter().find(names_it).or_else(|| remote.peerings.iter().find(may))
}

/// Whether a side of a peering has access off: then it is off both ways (S77 as amended).
fn has_access_off(all: &Network, network: &VirtualNetwork, peering: &Peering) -> bool {
    let is_off = |side: &Peering| side.access == Fact::Known(false);
    is_off(peering) || way_back(all, network, peering).is_some_and(is_off)
}

impl<'n> PeerSpace<'n> {
    pub(super) fn attached(&self) -> AttachedPeer<'n> {
        let prefixes = self.prefixes.known().into_iter().flatten().copied().collect();
        AttachedPeer { peering: self.peering, prefixes }
    }
}

impl<'n> Neighbours<'n> {
    /// The neighbours of a network: peers with access on (S77) and not their peers, and the sites behind its
    /// own gateway or, by `useRemoteGateways`, behind a peer's (S130).
    pub(super) fn of(all: &'n Network, network: &'n VirtualNetwork) -> Self {
        let mut found = Self::default();
        for peering in &network.peerings {
            let is_used =
                !has_access_off(all, network, peering) || peering.remote_gateways != Fact::Known(false);
            if is_used && is_connected(peering) && found.is_mutual(all, network, peering) {
                found.add_peer(all, network, peering);
                found.add_remote_gateway(all, network, peering);
            }
        }
        found.add_own_gateway(all, network);
        found.supplied(&all.peer_prefixes);
        found
    }

    fn add_peer(&mut self, all: &'n Network, network: &VirtualNetwork, peering: &'n Peering) {
        if has_access_off(all, network, peering) {
            return;
        }
        let prefixes = match (&peering.remote_prefixes, &peering.remote) {
            (Some(prefixes), _) => Fact::Known(prefixes.clone()),
            (None, Fact::Unknown(gap)) => Fact::Unknown(gap.clone()),
            (None, Fact::Known(id)) => match all.virtual_network(id) {
                Some(remote) => remote.prefixes.clone(),
                None => Fact::Unknown(outside("peered virtual network", "vnet", id).at(&peering.origin)),
            },
        };
        let back = way_back(all, network, peering);
        let doubt = doubt_of(peering).or_else(|| doubt_of(back?));
        self.peers.push(PeerSpace { prefixes, doubt, peering });
    }

    /// S77: a peering connects when both networks have one. Of a network that the input does not hold that is
    /// taken for granted; one that it holds without a peering back is not connected (U19).
    fn is_mutual(&mut self, all: &Network, network: &VirtualNetwork, peering: &Peering) -> bool {
        let remote = peering.remote.known().and_then(|id| all.virtual_network(id));
        match (remote, way_back(all, network, peering), &peering.state) {
            (_, Some(back), _) if !is_connected(back) => {
                self.assumptions.push(Assumption::of(Switch::PEERING_STATE));
                false
            }
            (_, _, Fact::Known(Some(_)) | Fact::Unknown(_)) | (_, Some(_), Fact::Known(None)) => true,
            (Some(_), None, Fact::Known(None)) => {
                self.assumptions.push(Assumption::of(Switch::PEERING_STATE));
                false
            }
            (None, None, Fact::Known(None)) => {
                self.assumptions.push(Assumption::new(format!(
                    "the peering `{}` is connected: the other network has one back",
                    peering.name
                )));
                true
            }
        }
    }

    fn add_own_gateway(&mut self, all: &Network, network: &VirtualNetwork) {
        let mut shown = false;
        for gateway in &all.gateways {
            let doubt = match &gateway.network {
                Fact::Known(id) if *id == network.id => None,
                Fact::Known(_) => continue,
                Fact::Unknown(gap) => Some(gap.clone()),
            };
            shown = true;
            let (prefixes, origin) = (gateway.prefixes.clone(), gateway.origin.clone());
            self.sites.push(SiteSpace { prefixes, doubt, origin });
        }
        let holds_gateways = |name: &str| name.eq_ignore_ascii_case("GatewaySubnet");
        let room = all.subnets_in(&network.id).find(|subnet| holds_gateways(subnet.id.name()));
        if let Some(room) = room.filter(|_| !shown) {
            let gap = Gap::new(format!(
                "the routes of the gateway that may stand in the `GatewaySubnet` of `{}`",
                network.id.name()
            ));
            self.unseen_site(gap.at(&room.origin), &room.origin, true);
        }
    }

    fn add_remote_gateway(&mut self, all: &Network, network: &VirtualNetwork, peering: &Peering) {
        let doubt = match &peering.remote_gateways {
            Fact::Known(false) => return,
            Fact::Known(true) => None,
            Fact::Unknown(gap) => Some(gap.clone()),
        };
        // S130: the other network must lend its gateway.
        let back = way_back(all, network, peering);
        if back.is_some_and(|back| back.gateway_transit == Fact::Known(false)) {
            return;
        }
        let doubt = doubt.or_else(|| back?.gateway_transit.gap().cloned());
        let open = |side: &Peering| side.access.gap().or(side.state.gap()).cloned();
        let doubt = doubt.or_else(|| open(peering)).or_else(|| open(back?));
        let doubt = doubt.or_else(|| has_access_off(all, network, peering).then(|| without_access(peering)));
        let remote = peering.remote.known();
        let there = all.gateways.iter().filter(|gateway| gateway.network.known() == remote);
        let known: Vec<_> = there.filter(|_| remote.is_some()).collect();
        if known.is_empty() {
            let gap = Gap::new(format!("the routes of the gateway behind the peering `{}`", peering.name));
            return self.unseen_site(gap.at(&peering.origin), &peering.origin, doubt.is_some());
        }
        for gateway in known {
            let (prefixes, origin) = (gateway.prefixes.clone(), gateway.origin.clone());
            self.sites.push(SiteSpace { prefixes, doubt: doubt.clone(), origin });
        }
    }

    fn unseen_site(&mut self, gap: Gap, origin: &Origin, in_doubt: bool) {
        let gap = gap.supplied_by("--peer-prefix PREFIX");
        self.sites.push(SiteSpace {
            doubt: in_doubt.then(|| gap.clone()),
            prefixes: Fact::Unknown(gap),
            origin: origin.clone(),
        });
    }

    /// What the user states takes the place of everything that is not shown.
    fn supplied(&mut self, prefixes: &[IpNet]) {
        if prefixes.is_empty() {
            return;
        }
        self.peers.retain(|peer| peer.prefixes.known().is_some());
        self.sites.retain(|site| site.prefixes.known().is_some());
        let origin = Origin::command_line("--peer-prefix");
        self.sites.push(SiteSpace { prefixes: Fact::Known(prefixes.to_vec()), doubt: None, origin });
    }
}
