//! The parts of a scenario's network that say where traffic goes: route tables, peerings and gateways.

use super::fields::{Fields, Spot, items, named, text, texts};
use super::mistake::{Mistakes, did_you_mean};
use super::place_form::{net, prefixes};
use super::yaml::{Entry, Node, Value};
use crate::model::Origin;
use crate::network::{NextHopType, RoutePrefix};
use ipnet::IpNet;
use std::net::IpAddr;

/// A route table.
#[derive(Clone, Debug)]
pub struct RouteTableForm {
    /// Its name.
    pub name: String,
    /// Its routes.
    pub routes: Vec<RouteForm>,
    /// Whether routes of gateways reach its subnets too.
    pub propagates: bool,
}

/// A user-defined route.
#[derive(Clone, Debug)]
pub struct RouteForm {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub prefix: RoutePrefix,
    /// Azure's word for the next hop.
    pub next_hop: NextHopType,
    /// The appliance's address.
    pub address: Option<IpAddr>,
    /// Where it stands.
    pub origin: Origin,
}

/// A peering, as one of the two networks has it.
#[derive(Clone, Debug)]
pub struct PeeringForm {
    /// The network that has it, by name.
    pub from: String,
    /// The other network by name, or its prefix.
    pub to: String,
    /// Whether traffic between the two flows.
    pub access: bool,
    /// Whether packets are taken that do not come from the other network itself.
    pub forwarded: bool,
    /// Whether the other network may use this one's gateway.
    pub gateway_transit: bool,
    /// Whether this network uses the other's gateway.
    pub remote_gateways: bool,
    /// Whether the other network has no peering back because of this one.
    pub one_way: bool,
}

impl PeeringForm {
    /// A peering as the short form means it.
    pub(super) fn new(from: &str, to: &str) -> Self {
        Self {
            from: from.to_owned(),
            to: to.to_owned(),
            access: true,
            forwarded: true,
            gateway_transit: false,
            remote_gateways: false,
            one_way: false,
        }
    }

    /// The one that the other network has because of this one: the ways of the gateways are not mirrored.
    pub(super) fn back(&self) -> Self {
        Self { access: self.access, forwarded: self.forwarded, ..Self::new(&self.to, &self.from) }
    }
}

/// A gateway to other sites.
#[derive(Clone, Debug)]
pub struct GatewayForm {
    /// The network that it stands in, by name.
    pub network: String,
    /// The prefixes of the other sites; none where they are said to be unknown.
    pub prefixes: Option<Vec<IpNet>>,
}

/// Route tables. One with `routes` is the long form, since a route is a text and never a map.
pub(super) fn route_tables(entries: &[Entry], mistakes: &mut Mistakes) -> Vec<Spot<RouteTableForm>> {
    let one = |entry: &Entry, mistakes: &mut Mistakes| {
        let is_long = |map: &[Entry]| {
            map.iter().any(|inner| inner.key == "routes" && !matches!(inner.value.value, Value::Text(_)))
        };
        let (routes, propagates) = match &entry.value.value {
            Value::Map(map) if is_long(map) => {
                let fields = Fields::of(&entry.value, "a route table", &["propagation", "routes"], mistakes)?;
                let propagates = fields.flag("propagation", mistakes).unwrap_or(true);
                (fields.get("routes"), propagates)
            }
            _ => (Some(&entry.value), true),
        };
        let routes = routes.map(|node| named(node, "a route", true, mistakes)).unwrap_or_default();
        let routes = routes.iter().filter_map(|route| self::route(&route.key, &route.value, mistakes));
        let table = RouteTableForm { name: entry.key.clone(), routes: routes.collect(), propagates };
        Some(Spot::new(table, &entry.origin))
    };
    entries.iter().filter_map(|entry| one(entry, mistakes)).collect()
}

fn route(name: &str, node: &Node, mistakes: &mut Mistakes) -> Option<RouteForm> {
    const WHAT: &str = "a route, as in `0.0.0.0/0 -> VirtualAppliance 10.0.0.68`";
    let written = text(node, WHAT, mistakes)?;
    let origin = &written.origin;
    let wrong = |what: &str| format!("`{}`: {what}; expected {WHAT}", written.value);
    let Some((prefix, hop)) = written.value.split_once("->") else {
        let hint = match name {
            "propagation" => "; the long form is `{ propagation: false, routes: { .. } }`",
            _ => "",
        };
        return mistakes.add(origin, format!("{}{hint}", wrong("there is no arrow `->`")));
    };
    let prefix = prefix.trim();
    let is_name = prefix.starts_with(char::is_alphabetic)
        && prefix.chars().all(|c| c.is_alphanumeric() || "._-".contains(c));
    let prefix = match net(prefix) {
        Some(net) if net != net.trunc() => {
            return mistakes.add(origin, format!("`{net}` has host bits set: write `{}`", net.trunc()));
        }
        Some(net) => RoutePrefix::Net(net),
        None if is_name => RoutePrefix::Tag(prefix.to_owned()),
        None => return mistakes.add(origin, wrong(&format!("`{prefix}` is neither a prefix nor a tag"))),
    };
    let mut words = hop.split_whitespace();
    let word = words.next().unwrap_or_default();
    let Some(next_hop) = word.parse::<NextHopType>().ok().filter(|hop| hop.can_be_written()) else {
        let all = NextHopType::writable();
        let hint = did_you_mean(word, all.iter().copied());
        return mistakes.add(origin, format!("`{word}` is no next hop: one of {}{hint}", all.join(", ")));
    };
    let address = match (next_hop, words.next(), words.next()) {
        (NextHopType::VirtualAppliance, Some(text), None) => match text.parse() {
            Ok(address) => Some(address),
            Err(_) => return mistakes.add(origin, wrong(&format!("`{text}` is no address"))),
        },
        (NextHopType::VirtualAppliance, None, _) => {
            return mistakes.add(origin, wrong("VirtualAppliance needs the appliance's address"));
        }
        (_, None, _) => None,
        (_, Some(text), _) => return mistakes.add(origin, wrong(&format!("`{text}` is one word too many"))),
    };
    Some(RouteForm { name: name.to_owned(), prefix, next_hop, address, origin: origin.clone() })
}

/// Peerings: pairs, which are peered both ways, or maps with what is switched on.
pub(super) fn peerings(node: &Node, mistakes: &mut Mistakes) -> Vec<Spot<PeeringForm>> {
    const WHAT: &str = "pairs of networks, as in [[hub-vnet, spoke-vnet]]";
    let mut all = Vec::new();
    for item in items(node, WHAT, mistakes) {
        if let Value::Map(_) = item.value {
            all.extend(peering(item, mistakes).map(|form| Spot::new(form, &item.origin)));
            continue;
        }
        match &texts(item, "a network's name", mistakes)[..] {
            [one, other] => {
                all.push(Spot::new(PeeringForm::new(&one.value, &other.value), &item.origin));
            }
            _ => mistakes
                .add(&item.origin, format!("expected {WHAT}, or {{ from: hub-vnet, to: spoke-vnet, .. }}"))
                .unwrap_or_default(),
        }
    }
    all
}

fn peering(node: &Node, mistakes: &mut Mistakes) -> Option<PeeringForm> {
    const KEYS: &[&str] =
        &["from", "to", "access", "forwarded", "gateway_transit", "remote_gateways", "one_way"];
    let fields = Fields::of(node, "a peering", KEYS, mistakes)?;
    let from = fields.text("from", "a network's name", mistakes);
    let to = fields.text("to", "a network's name or prefix", mistakes);
    for key in ["from", "to"] {
        if fields.lacks(key, mistakes) {
            mistakes.add::<()>(fields.origin, format!("a peering needs `{key}`, a network's name"));
        }
    }
    let usual = PeeringForm::new("", "");
    let mut flag = |key: &str, usual: bool| fields.flag(key, mistakes).unwrap_or(usual);
    let (access, forwarded) = (flag("access", usual.access), flag("forwarded", usual.forwarded));
    let gateway_transit = flag("gateway_transit", usual.gateway_transit);
    let remote_gateways = flag("remote_gateways", usual.remote_gateways);
    let one_way = flag("one_way", usual.one_way);
    Some(PeeringForm {
        access,
        forwarded,
        gateway_transit,
        remote_gateways,
        one_way,
        ..PeeringForm::new(&from?.value, &to?.value)
    })
}

/// Gateways, by the network that each stands in.
pub(super) fn gateways(entries: &[Entry], mistakes: &mut Mistakes) -> Vec<Spot<GatewayForm>> {
    let one = |entry: &Entry, mistakes: &mut Mistakes| {
        let is_unknown =
            matches!(&entry.value.value, Value::Text(text) if text.eq_ignore_ascii_case("unknown"));
        if matches!(entry.value.value, Value::Nothing) {
            let message = format!("nothing stands behind `{}`: write prefixes, or `unknown`", entry.key);
            return mistakes.add(&entry.origin, message);
        }
        let prefixes = (!is_unknown).then(|| prefixes(&entry.value, mistakes));
        Some(Spot::new(GatewayForm { network: entry.key.clone(), prefixes }, &entry.origin))
    };
    entries.iter().filter_map(|entry| one(entry, mistakes)).collect()
}
