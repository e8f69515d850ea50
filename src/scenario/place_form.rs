//! The parts of a scenario that say what stands where: `apim:` and `network:`.

use super::fields::{Fields, Spot, count, items, named, text, texts};
use super::mistake::{Mistakes, did_you_mean};
use super::yaml::Node;
use crate::flows::Feature;
use crate::model::{Mode, Origin, Platform, Region, Tier};
use crate::network::{NextHopType, RoutePrefix};
use crate::rules::{Rule, notation};
use ipnet::IpNet;
use std::net::IpAddr;

/// The instance as written; what is left out comes from the input or from the defaults.
#[derive(Clone, Debug)]
pub struct InstanceForm {
    /// Its name.
    pub name: Option<Spot<String>>,
    /// Its subnet by name.
    pub subnet: Option<Spot<String>>,
    /// How it stands in its network.
    pub mode: Option<Spot<Mode>>,
    /// Its tier.
    pub tier: Option<Spot<Tier>>,
    /// Its platform.
    pub platform: Option<Spot<Platform>>,
    /// Units of the primary location.
    pub units: Option<u32>,
    /// The primary region.
    pub region: Option<Spot<Region>>,
    /// Added locations, where they are written.
    pub locations: Option<Vec<LocationForm>>,
    /// Features that are on.
    pub features: Vec<Feature>,
    /// Where it stands.
    pub origin: Origin,
}

/// An added location.
#[derive(Clone, Debug)]
pub struct LocationForm {
    /// Its region.
    pub region: Spot<Region>,
    /// Its subnet by name.
    pub subnet: Option<Spot<String>>,
    /// Its units.
    pub units: Option<u32>,
}

/// The network as written, each part by name.
#[derive(Clone, Debug, Default)]
pub struct NetworkForm {
    /// Virtual networks.
    pub networks: Vec<Spot<VirtualNetworkForm>>,
    /// Security groups with their rules; names in the rules are not yet looked up.
    pub groups: Vec<Spot<(String, Vec<Rule>)>>,
    /// Route tables with their routes.
    pub route_tables: Vec<Spot<(String, Vec<RouteForm>)>>,
    /// Application security groups with their members' addresses.
    pub application_groups: Vec<Spot<(String, Vec<IpNet>)>>,
    /// Pairs of networks that are peered.
    pub peerings: Vec<Spot<(String, String)>>,
}

/// A virtual network.
#[derive(Clone, Debug)]
pub struct VirtualNetworkForm {
    /// Its name.
    pub name: String,
    /// Its address space, where it is written.
    pub prefixes: Option<Vec<IpNet>>,
    /// Its own DNS servers, where they are written.
    pub dns_servers: Option<Vec<IpAddr>>,
    /// Subnets.
    pub subnets: Vec<Spot<SubnetForm>>,
    /// Networks or prefixes that it is peered with.
    pub peerings: Vec<Spot<String>>,
}

/// A subnet.
#[derive(Clone, Debug)]
pub struct SubnetForm {
    /// Its name.
    pub name: String,
    /// Its prefixes, where they are written.
    pub prefixes: Option<Vec<IpNet>>,
    /// Its security group by name.
    pub group: Option<Spot<String>>,
    /// Its route table by name.
    pub routes: Option<Spot<String>>,
    /// The services that it is delegated to, where they are written.
    pub delegations: Option<Vec<String>>,
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

pub(super) fn instance(node: &Node, mistakes: &mut Mistakes) -> Option<InstanceForm> {
    const KEYS: &[&str] =
        &["name", "subnet", "mode", "tier", "platform", "units", "region", "locations", "features"];
    let fields = Fields::of(node, "`apim`", KEYS, mistakes)?;
    let locations = fields.get("locations").map(|node| {
        let items = items(node, "locations, as in [{ region: northeurope, subnet: apim-north }]", mistakes);
        items.iter().filter_map(|item| location(item, mistakes)).collect()
    });
    let features = fields.get("features").map(|node| texts(node, "a feature", mistakes)).unwrap_or_default();
    Some(InstanceForm {
        name: fields.text("name", "a name", mistakes),
        subnet: fields.text("subnet", "a subnet's name", mistakes),
        mode: fields.word("mode", mistakes),
        tier: fields.word("tier", mistakes),
        platform: fields.word("platform", mistakes),
        units: fields.get("units").and_then(|node| count(node, "number of units", mistakes)),
        region: region(&fields, mistakes),
        locations,
        features: features
            .iter()
            .filter_map(|spot| mistakes.take(&spot.origin, Feature::named(&spot.value)))
            .collect(),
        origin: node.origin.clone(),
    })
}

fn region(fields: &Fields<'_>, mistakes: &mut Mistakes) -> Option<Spot<Region>> {
    let written = fields.text("region", "a region, as in westeurope", mistakes)?;
    Some(Spot { value: Region::new(&written.value), origin: written.origin })
}

fn location(node: &Node, mistakes: &mut Mistakes) -> Option<LocationForm> {
    let fields = Fields::of(node, "a location", &["region", "subnet", "units"], mistakes)?;
    let region = region(&fields, mistakes);
    if region.is_none() && fields.lacks("region", mistakes) {
        mistakes.add::<()>(fields.origin, "an added location needs a `region`");
    }
    let subnet = fields.text("subnet", "a subnet's name", mistakes);
    let units = fields.get("units").and_then(|node| count(node, "number of units", mistakes));
    Some(LocationForm { region: region?, subnet, units })
}

pub(super) fn network(node: &Node, mistakes: &mut Mistakes) -> Option<NetworkForm> {
    const KEYS: &[&str] = &["vnets", "nsgs", "routes", "peerings", "interfaces", "asgs", "endpoints"];
    let fields = Fields::of(node, "`network`", KEYS, mistakes)?;
    for key in ["interfaces", "endpoints"] {
        if let Some(origin) = fields.key(key) {
            mistakes.add::<()>(origin, format!("`{key}` cannot be evaluated yet: leave it out"));
        }
    }
    let of = |key: &str, what: &str, mistakes: &mut Mistakes| {
        fields.get(key).map(|node| named(node, what, true, mistakes)).unwrap_or_default()
    };
    let networks = of("vnets", "a virtual network", mistakes);
    let groups = of("nsgs", "a network security group", mistakes);
    let tables = of("routes", "a route table", mistakes);
    let application_groups = of("asgs", "an application security group", mistakes);
    let mut form = NetworkForm::default();
    for entry in networks {
        let network = virtual_network(&entry.key, &entry.value, mistakes);
        form.networks.extend(network.map(|network| Spot::new(network, &entry.origin)));
    }
    for entry in groups {
        let rules = named(
            &entry.value,
            "a rule, as in `AllowClients: 100 In Allow Tcp Internet:* -> *:443`",
            false,
            mistakes,
        );
        let rules = rules.iter().filter_map(|rule| {
            let written =
                text(&rule.value, "a rule, as in `100 In Allow Tcp Internet:* -> *:443`", mistakes)?;
            mistakes.notation(&written.origin, notation::rule(&rule.key, &written.value, &written.origin))
        });
        form.groups.push(Spot::new((entry.key.clone(), rules.collect()), &entry.origin));
    }
    for entry in tables {
        let routes = named(&entry.value, "a route", true, mistakes);
        let routes = routes.iter().filter_map(|route| self::route(&route.key, &route.value, mistakes));
        form.route_tables.push(Spot::new((entry.key.clone(), routes.collect()), &entry.origin));
    }
    for entry in application_groups {
        let members = prefixes(&entry.value, mistakes);
        form.application_groups.push(Spot::new((entry.key.clone(), members), &entry.origin));
    }
    if let Some(node) = fields.get("peerings") {
        const WHAT: &str = "pairs of networks, as in [[hub-vnet, spoke-vnet]]";
        for item in items(node, WHAT, mistakes) {
            match &texts(item, "a network's name", mistakes)[..] {
                [one, other] => {
                    let pair = (one.value.clone(), other.value.clone());
                    form.peerings.push(Spot::new(pair, &item.origin));
                }
                _ => mistakes.add(&item.origin, format!("expected {WHAT}")).unwrap_or_default(),
            }
        }
    }
    Some(form)
}

fn virtual_network(name: &str, node: &Node, mistakes: &mut Mistakes) -> Option<VirtualNetworkForm> {
    const KEYS: &[&str] = &["prefixes", "dns_servers", "subnets", "peerings"];
    let fields = Fields::of(node, "a virtual network", KEYS, mistakes)?;
    let subnets =
        fields.get("subnets").map(|node| named(node, "a subnet", true, mistakes)).unwrap_or_default();
    let servers = |node, mistakes: &mut Mistakes| {
        texts(node, "an address", mistakes)
            .iter()
            .filter_map(|spot| match spot.value.parse() {
                Ok(address) => Some(address),
                Err(_) => {
                    mistakes.add(&spot.origin, format!("`{}` is no address, as in 10.0.5.4", spot.value))
                }
            })
            .collect()
    };
    Some(VirtualNetworkForm {
        name: name.to_owned(),
        prefixes: fields.get("prefixes").map(|node| prefixes(node, mistakes)),
        dns_servers: fields.get("dns_servers").map(|node| servers(node, mistakes)),
        subnets: subnets
            .iter()
            .filter_map(|entry| Some(Spot::new(subnet(&entry.key, &entry.value, mistakes)?, &entry.origin)))
            .collect(),
        peerings: fields
            .get("peerings")
            .map(|node| texts(node, "a network's name or prefix", mistakes))
            .unwrap_or_default(),
    })
}

fn subnet(name: &str, node: &Node, mistakes: &mut Mistakes) -> Option<SubnetForm> {
    const KEYS: &[&str] = &["prefix", "prefixes", "nsg", "routes", "delegation"];
    let fields = Fields::of(node, "a subnet", KEYS, mistakes)?;
    if let (Some(_), Some(both)) = (fields.key("prefix"), fields.key("prefixes")) {
        mistakes.note::<()>(both, "`prefix` and `prefixes` both stand here: keep one");
    }
    let written = fields.get("prefix").or_else(|| fields.get("prefixes"));
    let delegations = fields.get("delegation").map(|node| {
        let services = texts(node, "a service, as in Microsoft.Web/serverFarms", mistakes);
        services.into_iter().map(|spot| spot.value).collect()
    });
    Some(SubnetForm {
        name: name.to_owned(),
        prefixes: written.map(|node| prefixes(node, mistakes)),
        group: fields.text("nsg", "a network security group's name", mistakes),
        routes: fields.text("routes", "a route table's name", mistakes),
        delegations,
    })
}

/// Prefixes or bare addresses; host bits are a mistake, since Azure refuses them (S34).
pub(super) fn prefixes(node: &Node, mistakes: &mut Mistakes) -> Vec<IpNet> {
    let one = |spot: Spot<String>, mistakes: &mut Mistakes| match net(&spot.value) {
        Some(net) if net == net.trunc() => Some(net),
        Some(net) => {
            mistakes.add(&spot.origin, format!("`{net}` has host bits set: write `{}`", net.trunc()))
        }
        None => mistakes.add(&spot.origin, format!("`{}` is no prefix, as in 10.0.0.0/16", spot.value)),
    };
    texts(node, "a prefix", mistakes).into_iter().filter_map(|spot| one(spot, mistakes)).collect()
}

pub(super) fn net(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

fn route(name: &str, node: &Node, mistakes: &mut Mistakes) -> Option<RouteForm> {
    const WHAT: &str = "a route, as in `0.0.0.0/0 -> VirtualAppliance 10.0.0.68`";
    let written = text(node, WHAT, mistakes)?;
    let origin = &written.origin;
    let wrong = |what: &str| format!("`{}`: {what}; expected {WHAT}", written.value);
    let Some((prefix, hop)) = written.value.split_once("->") else {
        return mistakes.add(origin, wrong("there is no arrow `->`"));
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
        let all: Vec<&str> =
            NextHopType::ALL.iter().filter(|hop| hop.can_be_written()).map(|hop| hop.as_str()).collect();
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
