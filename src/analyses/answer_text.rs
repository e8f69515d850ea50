//! Short lists of addresses and ports inside messages.

use crate::flows::print_ports;
use crate::sets::{AddressSet, Count, PortSet, thousands};

/// The first few prefixes of a set, and how many more there are.
pub(super) fn net_list(addresses: &AddressSet, most: usize) -> String {
    let shown: Vec<String> = addresses.nets().take(most).map(|net| net.to_string()).collect();
    match addresses.net_count().saturating_sub(most) {
        0 => shown.join(", "),
        more => format!("{} and {} more prefixes", shown.join(", "), thousands(&Count::from(more))),
    }
}

/// `port 3443`, `ports 80,443`, `every port`.
pub(super) fn port_list(ports: &PortSet) -> String {
    match ports.intervals() {
        _ if ports.is_all() => "every port".to_owned(),
        [only] if only.first == only.last => format!("port {}", only.first),
        _ => format!("ports {}", print_ports(ports)),
    }
}
