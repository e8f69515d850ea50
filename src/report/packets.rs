//! Sets of packets as few lines of text.
//!
//! Exact: a line holds prefixes and ports, or the name of a set that it equals. Two stand-ins of the
//! engine have no address and are printed by name: the own subnet when its prefix is not known, and the
//! Windows activation servers.

use super::phrases::number;
use crate::analyses::{FlowAnswer, InstanceAnswer};
use crate::flows::{FlowDirection, Need, Remote};
use crate::model::PortRange;
use crate::rules::surroundings::{ACTIVATION_SERVER, UNSEEN_OWN};
use crate::sets::{AddressSet, Count, PacketBox, PacketSet, PortSet};
use crate::tags::special;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr};

/// One box of a set, side by side.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct BoxText {
    /// `Tcp`, `Tcp,Udp` or `*`.
    pub(super) protocol: String,
    /// Prefixes, or a name.
    pub(super) source: Vec<String>,
    /// Ports and ranges.
    pub(super) source_ports: Vec<String>,
    /// Prefixes, or a name.
    pub(super) destination: Vec<String>,
    /// Ports and ranges.
    pub(super) destination_ports: Vec<String>,
}

/// What sets of one flow may be called instead of their prefixes.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// The own subnet, for its stand-in.
    subnet: String,
    /// The own subnet, when a side is the whole of it; `None` prints its prefixes.
    whole_own: Option<(String, Count)>,
    /// The other side, when a side is the whole of it: tags.
    whole_remote: Option<(Vec<String>, Count)>,
    inbound: bool,
    /// For people: a bare address without its length.
    bare: bool,
}

impl Names {
    /// The names of a flow at a location.
    pub(super) fn of(instance: &InstanceAnswer, flow: &FlowAnswer) -> Self {
        let remote = flow.share.as_ref().zip(remote_tags(flow));
        Self {
            subnet: instance.subnet.clone().unwrap_or_else(|| "subnet".to_owned()),
            whole_own: None,
            whole_remote: remote.map(|(share, tags)| (tags, share.remote.total.clone())),
            inbound: flow.row.direction == FlowDirection::In,
            bare: false,
        }
    }

    /// The same names, and the subnet's own where a side is the whole of it: for people, who know it.
    pub(super) fn with_own(mut self, flow: &FlowAnswer) -> Self {
        let own = flow.share.as_ref().and_then(|share| share.own.as_ref());
        let short = self.subnet.rsplit('/').next().unwrap_or_default().to_owned();
        self.whole_own = own.map(|own| (short, own.total.clone()));
        if matches!(flow.row.need, Need::Packets(need) if need.remote == Remote::Subnet) {
            self.whole_remote = self.whole_own.clone().map(|(name, total)| (vec![name], total));
        }
        self.bare = true;
        self
    }

    /// The boxes of a set in their canonical order.
    pub(super) fn boxes(&self, packets: &PacketSet) -> Vec<BoxText> {
        packets.canonical().iter().map(|part| self.one(part)).collect()
    }

    fn one(&self, part: &PacketBox) -> BoxText {
        BoxText {
            protocol: part.protocols.to_string(),
            source: self.side(&part.source, !self.inbound),
            source_ports: ports(&part.source_ports),
            destination: self.side(&part.destination, self.inbound),
            destination_ports: ports(&part.destination_ports),
        }
    }

    fn side(&self, addresses: &AddressSet, own: bool) -> Vec<String> {
        if own {
            if let Some((name, total)) = &self.whole_own
                && addresses.size() == *total
            {
                return vec![name.clone()];
            }
        } else if let Some((tags, total)) = &self.whole_remote
            && addresses.size() == *total
            && (tags != &["Internet"] || *addresses == internet_of_questions())
        {
            return tags.clone();
        }
        self.nets(addresses)
    }

    /// The fewest prefixes.
    fn nets(&self, addresses: &AddressSet) -> Vec<String> {
        // Only a set that holds the lowest address too means these addresses as such.
        let as_such = addresses.contains(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let one = |net: IpNet| match net.addr() {
            _ if net.prefix_len() < net.max_prefix_len() => net.to_string(),
            UNSEEN_OWN if !as_such => self.subnet.clone(),
            ACTIVATION_SERVER if !as_such => "AzurePlatformLKM".to_owned(),
            address if self.bare => address.to_string(),
            _ => net.to_string(),
        };
        addresses.to_nets().into_iter().map(one).collect()
    }
}

/// `Internet` as a question means it: without the addresses that only the platform uses.
fn internet_of_questions() -> AddressSet {
    let platform = special::platform_only();
    special::internet().only_v4().difference(&platform)
}

/// The tags that are the whole other side of a flow, as its text names them.
fn remote_tags(flow: &FlowAnswer) -> Option<Vec<String>> {
    let Need::Packets(need) = flow.row.need else { return None };
    let (source, destination) = flow.packets.split_once(" -> ")?;
    let name = match flow.row.direction {
        FlowDirection::In => source.splitn(3, ' ').nth(2)?,
        _ => destination.rsplit_once(':')?.0,
    };
    let by_tag = match need.remote {
        Remote::Tag { .. } => !name.ends_with(".REGION"),
        Remote::Internet | Remote::VirtualNetwork => true,
        Remote::Parameter { default: Some(default), .. } => default.to_string() == name,
        _ => false,
    };
    by_tag.then(|| name.split(',').map(str::to_owned).collect())
}

/// Ports as rules write them, one entry a range.
pub(super) fn ports(ports: &PortSet) -> Vec<String> {
    ports
        .intervals()
        .iter()
        .filter_map(|interval| PortRange::new(interval.first, interval.last))
        .map(|range| range.to_string())
        .collect()
}

impl BoxText {
    /// The box on one line, with at most `most` prefixes a side: `Tcp 13.69.64.0/26 -> apim:3443`.
    ///
    /// Source ports are those of clients in every flow, so they are left out.
    pub(super) fn line(&self, most: usize) -> String {
        // One more prefix takes no more room than saying so.
        let is_long = |nets: &[String]| nets.len().saturating_sub(1) > most;
        let side = |nets: &[String]| match nets.get(..most).filter(|_| is_long(nets)) {
            Some(first) => format!("{} and {} more prefixes", first.join(","), number(nets.len() - most)),
            None => nets.join(","),
        };
        let (source, destination) = (side(&self.source), side(&self.destination));
        let ports = self.destination_ports.join(",");
        match is_long(&self.destination) {
            true => format!("{} {source} -> {destination}, port {ports}", self.protocol),
            false => format!("{} {source} -> {destination}:{ports}", self.protocol),
        }
    }
}
