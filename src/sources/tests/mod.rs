//! Whole files to networks: what is read, what is told, what is refused.

pub(crate) mod corpus;
mod effective;
mod exports;
mod faults;
mod linked;
mod shapes;
mod twice;
mod what_if;

use super::{Input, ReadOptions, read};
use crate::model::{Fact, Gap};
use crate::network::{Location, Network};
use std::fmt::Display;

/// A fact in a word, the unknown as `?`.
fn word<T: Display>(fact: &Fact<T>) -> String {
    fact.known().map_or_else(|| "?".to_owned(), ToString::to_string)
}

/// A network, one line for each thing in it.
pub(super) fn summary(network: &Network) -> Vec<String> {
    let mut lines = Vec::new();
    let name = |fact: &Fact<Option<crate::model::ResourceId>>| match fact {
        Fact::Known(Some(id)) => id.name().to_owned(),
        Fact::Known(None) => "none".to_owned(),
        Fact::Unknown(_) => "?".to_owned(),
    };
    let nets = |fact: &Fact<Vec<ipnet::IpNet>>| match fact {
        Fact::Known(nets) => nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
        Fact::Unknown(_) => "?".to_owned(),
    };
    for vnet in &network.virtual_networks {
        lines.push(format!("vnet {} {}", vnet.id.name(), nets(&vnet.prefixes)));
        for peering in &vnet.peerings {
            let remote = peering.remote.known().map_or("?", |id| id.name());
            let known = peering.remote_prefixes.clone().unwrap_or_default();
            lines.push(format!(
                "peering {} -> {remote} {} {} {}",
                peering.name,
                nets(&Fact::Known(known)),
                word(&peering.access),
                peering.state.known().map_or("?", |state| state.as_deref().unwrap_or("-"))
            ));
        }
    }
    for subnet in &network.subnets {
        let group = name(&subnet.security_group);
        let routes = name(&subnet.route_table);
        lines.push(format!(
            "subnet {} {} nsg {group} routes {routes}",
            subnet.name(),
            nets(&subnet.prefixes)
        ));
    }
    for group in &network.security_groups {
        let doubt = group.doubt.as_ref().map_or(String::new(), |gap| format!(" ? {}", gap.missing()));
        lines.push(format!("nsg {}{doubt}", group.name()));
        for rule in group.rules.custom() {
            let doubt = if rule.doubt.is_some() { " ?" } else { "" };
            lines.push(format!("  {}: {rule}{doubt}", rule.name));
        }
    }
    for table in &network.route_tables {
        for route in &table.routes {
            let prefix = route.prefix.known().map_or_else(|| "?".to_owned(), |prefix| format!("{prefix:?}"));
            lines.push(format!(
                "route {}/{} {prefix} {}",
                table.id.name(),
                route.name,
                word(&route.next_hop)
            ));
        }
    }
    for instance in &network.instances {
        let place = |location: &Location| {
            let subnet = name(&location.subnet);
            format!("{} {subnet} x{}", word(&location.region), word(&location.units))
        };
        let added: String = instance.added.iter().map(|location| format!(" + {}", place(location))).collect();
        lines.push(format!(
            "apim {} {} {} {}{added}{}{}",
            instance.name,
            word(&instance.tier),
            word(&instance.mode),
            place(&instance.primary),
            instance.features.iter().map(|feature| format!(" {feature}")).collect::<String>(),
            if instance.doubt.is_some() { " ?" } else { "" },
        ));
    }
    lines
}

fn input(text: &str) -> Input {
    read(text.as_bytes(), "main.json", &ReadOptions::default()).unwrap()
}

/// A template around resources.
fn template(resources: &str) -> String {
    format!(
        "{{\"$schema\": \"https://x/deploymentTemplate.json#\", \"contentVersion\": \"1.0.0.0\", {resources}}}"
    )
}

fn codes(input: &Input) -> String {
    input.findings.iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>().join(" ")
}

/// Compares lines, so that a difference is seen whole.
fn assert_lines(found: &[String], expected: &[&str]) {
    assert_eq!(found.join("\n"), expected.join("\n"));
}

fn supply(gap: &Gap) -> &str {
    gap.supply().unwrap_or_default()
}
