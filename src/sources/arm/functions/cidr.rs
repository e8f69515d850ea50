//! Address blocks.

use super::{Args, Function, Outcome, text, value};
use crate::sources::json::Kind;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(super) const FUNCTIONS: &[Function] =
    &[value("parseCidr", 1..=1, parse), text("cidrSubnet", 3..=3, subnet), text("cidrHost", 2..=2, host)];

fn block(args: &Args<'_>) -> Result<IpNet, super::Bad> {
    let text = args.text(0)?;
    let block: IpNet = text.parse().map_err(|_| format!("`{text}` is no prefix such as 10.0.0.0/24"))?;
    Ok(block.trunc())
}

fn parse(args: &Args<'_>) -> Outcome {
    let block = block(args)?;
    let text = |text: String| args.node(Kind::string(text));
    let mut entries = vec![("network".into(), text(block.network().to_string()))];
    let narrow = block.max_prefix_len() - block.prefix_len() < 2;
    let (mut first, mut last) = (block.network(), block.broadcast());
    if let IpNet::V4(v4) = block {
        entries.push(("netmask".into(), text(v4.netmask().to_string())));
        entries.push(("broadcast".into(), text(v4.broadcast().to_string())));
        if !narrow {
            first = IpAddr::V4(Ipv4Addr::from_bits(u32::from(v4.network()) + 1));
            last = IpAddr::V4(Ipv4Addr::from_bits(u32::from(v4.broadcast()) - 1));
        }
    }
    entries.push(("firstUsable".into(), text(first.to_string())));
    entries.push(("lastUsable".into(), text(last.to_string())));
    entries.push(("cidr".into(), args.node(Kind::integer(i64::from(block.prefix_len())))));
    Ok(args.node(Kind::object(entries)))
}

fn subnet(args: &Args<'_>) -> Outcome {
    let block = block(args)?;
    let (length, index) = (args.integer(1)?, args.integer(2)?);
    let fits =
        u8::try_from(length).ok().filter(|n| (block.prefix_len()..=block.max_prefix_len()).contains(n));
    let Some(length) = fits else {
        return Err(format!("/{length} does not fit into {block}").into());
    };
    let bits = u32::from(length - block.prefix_len());
    let Some(index) = u128::try_from(index).ok().filter(|n| bits >= 64 || *n < 1 << bits) else {
        return Err(format!("{block} has no block {index} of /{length}").into());
    };
    let step = u32::from(block.max_prefix_len() - length);
    let offset = if step >= 128 { 0 } else { index << step };
    let made = match block {
        IpNet::V4(v4) => {
            let network = u128::from(u32::from(v4.network())) + offset;
            let network = u32::try_from(network).map_err(|_| format!("{block} has no block {index}"))?;
            Ipv4Net::new(Ipv4Addr::from_bits(network), length).map(IpNet::V4)
        }
        IpNet::V6(v6) => {
            Ipv6Net::new(Ipv6Addr::from_bits(u128::from(v6.network()) | offset), length).map(IpNet::V6)
        }
    };
    args.make_text(made.map_err(|_| format!("/{length} is no prefix length"))?.to_string())
}

/// The first host is the one behind the network's own address.
fn host(args: &Args<'_>) -> Outcome {
    let block = block(args)?;
    let index = args.integer(1)?;
    let wrong = || super::Bad::Words(format!("{block} has no host {index}"));
    let offset = u128::try_from(index).map_err(|_| wrong())? + 1;
    let address = match block.network() {
        IpAddr::V4(v4) => {
            let address = u32::try_from(u128::from(u32::from(v4)) + offset).map_err(|_| wrong())?;
            IpAddr::V4(Ipv4Addr::from_bits(address))
        }
        IpAddr::V6(v6) => {
            IpAddr::V6(Ipv6Addr::from_bits(u128::from(v6).checked_add(offset).ok_or_else(wrong)?))
        }
    };
    if !block.contains(&address) || (address == block.broadcast() && address.is_ipv4()) {
        return Err(wrong());
    }
    args.make_text(address.to_string())
}
