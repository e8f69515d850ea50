//! API Management instances and workspace gateways: tier, mode, locations and subnets.

use super::features::{self, Shown};
use super::twice::{Declared, Each, Pair, Second, sorted};
use super::{doubt, subnets, supplied};
use crate::finding::{Code, Finding};
use crate::model::{Fact, Gap, Mode, Platform, Tier};
use crate::network::{Instance, Location, mode_of};
use crate::sources::Resource;
use crate::sources::json::Node;
use crate::sources::values::{Faults, Value, direct, field, gap_of};

/// The resource type of an instance.
pub(super) const SERVICE: &str = "Microsoft.ApiManagement/service";
/// The resource type of a workspace gateway.
pub(super) const GATEWAY: &str = "Microsoft.ApiManagement/gateways";
const NETWORK_TYPES: [&str; 3] = ["External", "Internal", "None"];
const NETWORK: &str = "virtualNetworkConfiguration";

pub(super) fn read(resources: &[Resource], faults: &mut Faults) -> Vec<Instance> {
    let mut instances = Each::new();
    let shown = features::shown(resources);
    for resource in resources.iter().filter(|resource| !resource.existing) {
        let instance = if resource.kind.eq_ignore_ascii_case(SERVICE) {
            service(resource, &shown, faults)
        } else if resource.kind.eq_ignore_ascii_case(GATEWAY) {
            gateway(resource, faults)
        } else {
            continue;
        };
        let by = Declared::by(resource);
        let Some((instance, earlier, known)) = instances.add(&resource.id, &by, instance) else { continue };
        match Second::of(known, &by, "instance", &instance.name) {
            Second::Ignored => {}
            Second::Taken => {
                if !known.is_bare() {
                    tell_later(earlier, &instance, faults);
                }
                (*earlier, *known) = (instance, by);
            }
            Second::Weighed(mut pair) => {
                weigh(earlier, instance, &mut pair);
                *known = pair.finish(faults);
            }
        }
    }
    instances.into_items()
}

/// Of two declarations in one document the later one counts.
fn tell_later(earlier: &Instance, later: &Instance, faults: &mut Faults) {
    if summary(earlier) != summary(later) {
        let message = format!(
            "the instance `{}` is declared here and at {}, and the two differ; this one is taken",
            later.name, earlier.origin
        );
        let finding = Finding::new(Code::DuplicateResource, &later.origin, message);
        faults.findings.push(finding.about(&later.name));
    }
}

/// Two documents that declare one instance: what they do not both say is unknown.
fn weigh(first: &mut Instance, second: Instance, pair: &mut Pair) {
    let earlier = first.clone();
    first.tier = pair.weigh("the tier", earlier.tier, second.tier);
    first.mode = pair.weigh("the mode", earlier.mode, second.mode);
    let (one, other) = (earlier.primary, second.primary);
    first.primary.region = pair.weigh("the region", one.region, other.region);
    first.primary.subnet = pair.weigh("the subnet", one.subnet, other.subnet);
    first.primary.units = pair.weigh("the units", one.units, other.units);
    // A location that one of them lacks may be there or not.
    let [of_first, of_second] =
        [&earlier.added, &second.added].map(|added| sorted(added.iter().map(place).collect::<Vec<String>>()));
    first.added_gap = earlier.added_gap.or(second.added_gap);
    if of_first != of_second {
        first.added.retain(|location| of_second.contains(&place(location)));
        let gap = pair.differ("the added locations");
        first.added_gap = first.added_gap.take().or(Some(gap));
    }
    if second.platform == Platform::Stv1 {
        first.platform = Platform::Stv1;
    }
    let more = second.features.into_iter().filter(|feature| !earlier.features.contains(feature));
    first.features.extend(more);
    first.doubt = earlier.doubt.or(second.doubt);
}

/// A location, without where it is written.
fn place(location: &Location) -> String {
    let subnet = location.subnet.clone().map(|subnet| subnet.map(|id| id.key()));
    format!("{:?} {subnet:?} {:?}", location.region, location.units)
}

/// What matters when two declarations of one instance are compared.
fn summary(instance: &Instance) -> String {
    let added: Vec<String> = instance.added.iter().map(place).collect();
    format!("{:?} {:?} {} {added:?}", instance.tier, instance.mode, place(&instance.primary))
}

fn service(resource: &Resource, shown: &Shown, faults: &mut Faults) -> Instance {
    let (body, name) = (&resource.body, resource.id.name());
    let tier = tier(body, name, faults);
    let mode = mode(body, name, &tier, faults);
    let platform = faults.text(field(body, "platformVersion"), "platformVersion", name).is();
    let platform = match platform {
        Some((text, _)) if text.eq_ignore_ascii_case("stv1") => Platform::Stv1,
        _ => Platform::Stv2,
    };
    let primary = Location {
        region: region(body, name, faults),
        subnet: subnets::named(field(body, NETWORK), "subnetResourceId", name, faults),
        units: units(body, name, faults),
        origin: resource.origin.clone(),
    };
    let (added, added_gap) = added(body, name, faults);
    Instance {
        name: name.to_owned(),
        tier,
        mode,
        platform,
        primary,
        added,
        added_gap,
        features: features::of(resource, shown),
        doubt: doubt(resource, "instance"),
        origin: resource.origin.clone(),
    }
}

/// A workspace gateway, which is a resource of its own.
fn gateway(resource: &Resource, faults: &mut Faults) -> Instance {
    let (body, name) = (&resource.body, resource.id.name());
    let tier = Fact::Known(Tier::Workspace);
    let subnet = match field(body, "backend") {
        Value::Is(backend) => subnets::named(direct(backend, "subnet"), "id", name, faults),
        Value::Open(gap) => Fact::Unknown(gap),
        Value::Unset => Fact::Known(None),
    };
    let subnet = match subnet {
        Fact::Known(None) => subnets::named(field(body, NETWORK), "subnetResourceId", name, faults),
        subnet => subnet,
    };
    Instance {
        name: name.to_owned(),
        mode: mode(body, name, &tier, faults),
        tier,
        platform: Platform::Stv2,
        primary: Location {
            region: region(body, name, faults),
            subnet,
            units: units(body, name, faults),
            origin: resource.origin.clone(),
        },
        added: Vec::new(),
        added_gap: None,
        features: Vec::new(),
        doubt: doubt(resource, "workspace gateway"),
        origin: resource.origin.clone(),
    }
}

fn tier(body: &Node, name: &str, faults: &mut Faults) -> Fact<Tier> {
    const WORDS: [Tier; 8] = [
        Tier::Developer,
        Tier::Basic,
        Tier::Standard,
        Tier::Premium,
        Tier::BasicV2,
        Tier::StandardV2,
        Tier::PremiumV2,
        Tier::Consumption,
    ];
    const OPTION: &str = "--tier TIER";
    let found = match direct(body, "sku") {
        Value::Is(sku) if sku.as_object().is_some() => direct(sku, "name"),
        Value::Is(sku) if sku.gap().is_some() => Value::Open(gap_of(sku)),
        Value::Is(sku) => Value::Open(faults.wrong_type(sku, "sku", name, "an object with `name`")),
        Value::Open(gap) => Value::Open(gap),
        Value::Unset => Value::Unset,
    };
    match faults.text(found, "sku.name", name) {
        Value::Unset => {
            let gap = Gap::new(format!("the tier (`sku.name`) of `{name}`")).at(&body.origin());
            Fact::Unknown(gap.supplied_by(OPTION))
        }
        Value::Open(gap) => Fact::Unknown(supplied(gap, OPTION)),
        Value::Is((text, at)) => match WORDS.iter().find(|tier| tier.as_str().eq_ignore_ascii_case(text)) {
            Some(tier) => Fact::Known(*tier),
            None => {
                let words: Vec<&str> = WORDS.iter().map(|tier| tier.as_str()).collect();
                let message = format!("`{text}` of `{name}` is no tier: one of {}", words.join(", "));
                faults.note(Code::WordValue, at, name, message);
                let gap = Gap::new(format!("the tier of `{name}`, which is `{text}`")).at(&at.origin());
                Fact::Unknown(gap.supplied_by(OPTION))
            }
        },
    }
}

fn mode(body: &Node, name: &str, tier: &Fact<Tier>, faults: &mut Faults) -> Fact<Mode> {
    const KEY: &str = "virtualNetworkType";
    const OPTION: &str = "--mode MODE";
    let network_type = match faults.text(field(body, KEY), KEY, name) {
        // Azure's default: not in a virtual network.
        Value::Unset => return Fact::Known(Mode::None),
        Value::Open(gap) => Err(gap),
        Value::Is((text, at)) => match NETWORK_TYPES.iter().find(|word| word.eq_ignore_ascii_case(text)) {
            Some(word) => Ok(*word),
            None => {
                let message =
                    format!("`{text}` of `{name}` is no `{KEY}`: one of {}", NETWORK_TYPES.join(", "));
                faults.note(Code::WordValue, at, name, message);
                Err(Gap::new(format!("the `{KEY}` of `{name}`, which is `{text}`")).at(&at.origin()))
            }
        },
    };
    match (network_type, tier) {
        (Ok("None"), _) => Fact::Known(Mode::None),
        (Ok(word), Fact::Known(tier)) => Fact::Known(mode_of(*tier, word)),
        // A tier that is not known is taken as Premium, here as everywhere.
        (Ok(word), Fact::Unknown(_)) => Fact::Known(mode_of(Tier::Premium, word)),
        // Some tiers have no place in a network, whatever is written.
        (Err(_), Fact::Known(tier))
            if NETWORK_TYPES.iter().all(|word| mode_of(*tier, word) == Mode::None) =>
        {
            Fact::Known(Mode::None)
        }
        (Err(gap), _) => Fact::Unknown(supplied(gap, OPTION)),
    }
}

fn units(body: &Node, name: &str, faults: &mut Faults) -> Fact<u32> {
    let found = match direct(body, "sku") {
        Value::Is(sku) if sku.gap().is_some() => return Fact::Unknown(gap_of(sku)),
        Value::Is(sku) => direct(sku, "capacity"),
        Value::Open(gap) => return Fact::Unknown(gap),
        Value::Unset => Value::Unset,
    };
    match faults.integer(found, "sku.capacity", name) {
        Value::Unset => Fact::Known(1),
        Value::Open(gap) => Fact::Unknown(gap),
        Value::Is(number) => match u32::try_from(number) {
            Ok(units) => Fact::Known(units),
            Err(_) => Fact::Unknown(Gap::new(format!("the units of `{name}`, which are {number}"))),
        },
    }
}

fn region(body: &Node, name: &str, faults: &mut Faults) -> Fact<crate::model::Region> {
    const OPTION: &str = "--region REGION";
    let missing = || Fact::Unknown(Gap::new(format!("the region of `{name}`")).supplied_by(OPTION));
    match faults.region(direct(body, "location"), name) {
        Value::Open(gap) => Fact::Unknown(supplied(gap, OPTION)),
        found => found.or(missing),
    }
}

/// Added locations, and why there may be others: a list that is not settled. Of an item that is not settled
/// nothing is known but that it is one.
fn added(body: &Node, name: &str, faults: &mut Faults) -> (Vec<Location>, Option<Gap>) {
    const KEY: &str = "additionalLocations";
    let unknown = |at: &Node, gap: &Gap| Location {
        region: Fact::Unknown(gap.clone()),
        subnet: Fact::Unknown(gap.clone()),
        units: Fact::Unknown(gap.clone()),
        origin: at.origin(),
    };
    match faults.list(field(body, KEY), KEY, name) {
        Value::Unset => (Vec::new(), None),
        Value::Open(gap) => (Vec::new(), Some(gap)),
        Value::Is((items, _)) => {
            let mut locations = Vec::with_capacity(items.len());
            for item in items {
                if item.as_object().is_none() {
                    let gap = match item.gap() {
                        Some(_) => gap_of(item),
                        None => faults.wrong_type(item, KEY, name, "objects with `location`"),
                    };
                    locations.push(unknown(item, &gap));
                    continue;
                }
                locations.push(Location {
                    region: region(item, name, faults),
                    subnet: subnets::named(direct(item, NETWORK), "subnetResourceId", name, faults),
                    units: units(item, name, faults),
                    origin: item.origin(),
                });
            }
            (locations, None)
        }
    }
}
