//! Networks from a few lines of text, and answers as lines of text.
//!
//! ```text
//! vnet hub 10.0.0.0/16 peer=10.9.0.0/16
//! subnet hub/apim 10.0.1.0/24 nsg=apim
//! nsg apim
//!   AllowSsh: 200 In Allow Tcp Internet:* -> *:22
//! ```
//!
//! A prefix `?` is not known; a group that no line describes is outside the input.

use flowcheck::analyses::diff::{DiffAnswer, DiffOptions, DiffSide, diff};
use flowcheck::model::{Direction, Fact, Gap, Origin, ResourceId};
use flowcheck::network::{Network, Peering, SecurityGroup, Subnet, VirtualNetwork};
use flowcheck::rules::{RuleSet, notation};
use flowcheck::tags::TagSnapshot;
use ipnet::IpNet;

fn id(kind: &str, name: &str) -> ResourceId {
    ResourceId::new(format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/{kind}/{name}"))
}

fn prefixes(text: &str) -> Fact<Vec<IpNet>> {
    match text {
        "?" => Fact::Unknown(Gap::new("the prefix")),
        _ => Fact::Known(text.split(',').map(|net| net.parse().unwrap()).collect()),
    }
}

/// The network that the lines describe; `file` is what places are named by.
pub(crate) fn network(file: &str, text: &str) -> Network {
    let mut network = Network::default();
    let mut rules: Vec<(String, Origin, Vec<flowcheck::rules::Rule>)> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let at = Origin::new(&file.into(), u32::try_from(number + 1).unwrap(), 1, "line");
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            [] => {}
            ["vnet", name, space, ref peers @ ..] => network.virtual_networks.push(VirtualNetwork {
                id: id("virtualNetworks", name),
                prefixes: prefixes(space),
                dns_servers: Fact::Known(Vec::new()),
                peerings: peers
                    .iter()
                    .map(|peer| peering(peer.strip_prefix("peer=").unwrap(), &at))
                    .collect(),
                origin: at,
            }),
            ["subnet", name, own, ref group @ ..] => {
                let (vnet, subnet) = name.split_once('/').unwrap();
                let vnet = id("virtualNetworks", vnet);
                let group = group.first().and_then(|group| group.strip_prefix("nsg="));
                network.subnets.push(Subnet {
                    prefixes: prefixes(own),
                    security_group: Fact::Known(group.map(|name| id("networkSecurityGroups", name))),
                    ..Subnet::new(ResourceId::new(format!("{vnet}/subnets/{subnet}")), vnet, &at)
                });
            }
            ["nsg", name] => rules.push((name.to_owned(), at, Vec::new())),
            _ => {
                let (name, text) = line.trim().split_once(": ").unwrap();
                rules.last_mut().unwrap().2.push(notation::rule(name, text, &at).unwrap());
            }
        }
    }
    let group = |(name, origin, rules): (String, Origin, _)| SecurityGroup {
        id: id("networkSecurityGroups", &name),
        rules: RuleSet::new(rules, &origin),
        replaced: Vec::new(),
        subnets: Vec::new(),
        doubt: None,
        origin,
    };
    network.security_groups = rules.into_iter().map(group).collect();
    network
}

fn peering(space: &str, origin: &Origin) -> Peering {
    Peering {
        remote_prefixes: prefixes(space).known().cloned(),
        state: Fact::Known(Some("Connected".to_owned())),
        ..Peering::new("to-peer", Fact::Known(id("virtualNetworks", "elsewhere")), origin)
    }
}

pub(crate) fn options() -> DiffOptions {
    DiffOptions { directions: Direction::ALL.to_vec(), ..DiffOptions::default() }
}

/// The difference of two networks under the embedded list of service tags.
pub(crate) fn answer(old: &str, new: &str, options: &DiffOptions) -> Result<DiffAnswer, String> {
    let tags = TagSnapshot::builtin();
    let (old, new) = ([network("old", old)], [network("new", new)]);
    let (old, new) = (DiffSide { networks: &old, tags }, DiffSide { networks: &new, tags });
    diff(&old, &new, options).map_err(|error| error.to_string())
}

/// The answer as one line a change: `apim newly-allowed DenyAllInBound -> AllowSsh  In Tcp ...`.
pub(crate) fn lines(answer: &DiffAnswer) -> Vec<String> {
    let mut lines = Vec::new();
    for place in &answer.places {
        for change in place.directions.iter().flat_map(|direction| &direction.changes) {
            let names = |outcome: &flowcheck::walk::Outcome| {
                let name = |decider: &flowcheck::walk::Decider| {
                    decider.rule.clone().unwrap_or_else(|| decider.layer.to_string())
                };
                outcome.candidates().iter().map(name).collect::<Vec<_>>().join("|")
            };
            let witness = change.witness.as_ref().unwrap();
            lines.push(format!(
                "{} {} {} -> {}  {witness}",
                place.new.name,
                change.kind.as_str(),
                names(&change.old),
                names(&change.new)
            ));
        }
    }
    lines.extend(answer.removed.iter().map(|side| format!("removed {}", side.name)));
    lines.extend(answer.added.iter().map(|side| format!("added {}", side.name)));
    lines
}
