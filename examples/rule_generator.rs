//! Our generator of rules always lets API Management's required flows through.
//!
//! A platform team has a little function that writes the group of a gateway's subnet from a few settings. The
//! property: whatever the settings, `check` finds every required flow allowed.
//!
//! `cargo run --example rule_generator` prints one group and its answer; `cargo test --example rule_generator`
//! tries the settings.

use flowcheck::analyses::{CheckOptions, InstanceAnswer, check};
use flowcheck::flows::{ParameterValues, Profile};
use flowcheck::ipnet::Ipv4Net;
use flowcheck::model::{Fact, Mode, Origin, Platform, Region, ResourceId, Tier, Verdict};
use flowcheck::network::{Instance, Location, Network, SecurityGroup, Subnet, VirtualNetwork};
use flowcheck::rules::{NotationError, RuleSet, notation};
use flowcheck::tags::TagSnapshot;

/// What the team says about a gateway.
#[derive(Clone, Debug)]
struct Settings {
    mode: Mode,
    tier: Tier,
    region: &'static str,
    subnet: Ipv4Net,
    /// The number of the first rule, and from one rule to the next.
    first_priority: u16,
    spacing: u16,
    /// Whether whatever is not needed is denied, the subnet's own neighbours included.
    closed: bool,
}

/// The generator: the rules of the gateway's group, by direction and name.
fn generate(settings: &Settings) -> Vec<(String, String)> {
    let subnet = settings.subnet;
    let clients = if settings.mode == Mode::External { "Internet" } else { "VirtualNetwork" };
    let inbound = [
        ("AllowClients", format!("Allow Tcp {clients}:* -> {subnet}:443")),
        ("AllowManagement", format!("Allow Tcp ApiManagement:* -> {subnet}:3443")),
        ("AllowProbes", format!("Allow Tcp AzureLoadBalancer:* -> {subnet}:6390-6391")),
    ];
    let outbound = [
        ("AllowStorage", format!("Allow Tcp {subnet}:* -> Storage:443")),
        ("AllowSql", format!("Allow Tcp {subnet}:* -> Sql:1433")),
        ("AllowKeyVault", format!("Allow Tcp {subnet}:* -> AzureKeyVault:443")),
        ("AllowMonitor", format!("Allow Tcp {subnet}:* -> AzureMonitor:443,1886")),
        ("AllowCertificateChecks", format!("Allow Tcp {subnet}:* -> Internet:80")),
    ];
    let mut rules = Vec::new();
    for (direction, allowed) in [("In", &inbound[..]), ("Out", &outbound[..])] {
        let mut priority = settings.first_priority;
        for (name, text) in allowed {
            rules.push(((*name).to_owned(), format!("{priority} {direction} {text}")));
            priority += settings.spacing;
        }
        if settings.closed {
            rules.push((format!("DenyAll{direction}"), format!("{priority} {direction} Deny * *:* -> *:*")));
        }
    }
    rules
}

/// The gateway in its subnet, with the generated group.
fn network(settings: &Settings) -> Result<Network, NotationError> {
    let origin = Origin::command_line("settings");
    let (group, hub, subnet) =
        (ResourceId::new("gateway-nsg"), ResourceId::new("hub-vnet"), ResourceId::new("gateway"));
    let rules = generate(settings);
    let rules = rules.iter().map(|(name, text)| notation::rule(name, text, &origin));
    let rules = RuleSet::new(rules.collect::<Result<_, _>>()?, &origin);
    Ok(Network {
        virtual_networks: vec![VirtualNetwork {
            id: hub.clone(),
            prefixes: Fact::Known(vec![settings.subnet.into()]),
            dns_servers: Fact::Known(Vec::new()),
            peerings: Vec::new(),
            origin: origin.clone(),
        }]
        .into(),
        subnets: vec![Subnet {
            prefixes: Fact::Known(vec![settings.subnet.into()]),
            security_group: Fact::Known(Some(group.clone())),
            ..Subnet::new(subnet.clone(), hub, &origin)
        }]
        .into(),
        security_groups: vec![SecurityGroup {
            id: group,
            rules,
            replaced: Vec::new(),
            subnets: Vec::new(),
            doubt: None,
            origin: origin.clone(),
        }]
        .into(),
        instances: vec![Instance {
            name: "gateway".to_owned(),
            tier: Fact::Known(settings.tier),
            mode: Fact::Known(settings.mode),
            platform: Platform::Stv2,
            primary: Location {
                region: Fact::Known(Region::new(settings.region)),
                subnet: Fact::Known(Some(subnet)),
                units: Fact::Known(1),
                origin: origin.clone(),
            },
            added: Vec::new(),
            added_gap: None,
            features: Vec::new(),
            doubt: None,
            origin: origin.clone(),
        }],
        ..Network::default()
    })
}

/// The answer for the gateway: one instance, one location.
fn answer(settings: &Settings) -> Result<Vec<InstanceAnswer>, NotationError> {
    let options = CheckOptions {
        tags: TagSnapshot::builtin(),
        profile: Profile::newest(),
        parameters: &ParameterValues::default(),
        features: &[],
    };
    Ok(check(&network(settings)?, &options).instances)
}

fn main() -> Result<(), NotationError> {
    let settings = Settings {
        mode: Mode::Internal,
        tier: Tier::Premium,
        region: "westeurope",
        subnet: Ipv4Net::new_assert([10, 30, 1, 0].into(), 27),
        first_priority: 200,
        spacing: 10,
        closed: true,
    };
    for (name, rule) in generate(&settings) {
        println!("{name}: {rule}");
    }
    for instance in answer(&settings)? {
        let required: Vec<_> = instance.flows.iter().filter(|flow| flow.required).collect();
        let allowed = required.iter().filter(|flow| flow.verdict == Verdict::Allowed).count();
        println!("{allowed} of {} required flows allowed", required.len());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowcheck::strategies::Shown;
    use proptest::prelude::*;
    use proptest::sample::select;

    /// Everything that the form for a new gateway lets one enter.
    fn any_settings() -> impl Strategy<Value = Settings> {
        (
            select(vec![Mode::External, Mode::Internal]),
            select(vec![Tier::Developer, Tier::Premium]),
            select(vec!["westeurope", "northeurope", "eastus", "germanywestcentral", "japaneast"]),
            (any::<u16>(), 24u8..=28),
            100u16..=3_000,
            1u16..=100,
            any::<bool>(),
        )
            .prop_map(|(mode, tier, region, (net, length), first_priority, spacing, closed)| {
                let [second, third] = net.to_be_bytes();
                let subnet = Ipv4Net::new_assert([10, second, third, 0].into(), length);
                Settings { mode, tier, region, subnet, first_priority, spacing, closed }
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        #[test]
        fn required_flows_always_get_through(settings in any_settings()) {
            let rules = Shown(network(&settings).unwrap().security_groups[0].rules.clone());
            let instances = answer(&settings).unwrap();
            prop_assert_eq!(instances.len(), 1);
            prop_assert!(instances[0].flows.iter().filter(|flow| flow.required).count() >= 10);
            for flow in instances[0].flows.iter().filter(|flow| flow.required) {
                prop_assert_eq!(flow.verdict, Verdict::Allowed, "{} with {:?}", flow.row.id, rules);
            }
        }
    }

    /// A property that cannot fail says nothing: without its rule, the flow to SQL is found blocked.
    #[test]
    fn a_generator_that_forgets_sql_is_found_out() {
        let settings = Settings {
            mode: Mode::External,
            tier: Tier::Premium,
            region: "westeurope",
            subnet: Ipv4Net::new_assert([10, 0, 1, 0].into(), 24),
            first_priority: 100,
            spacing: 10,
            closed: true,
        };
        let mut network = network(&settings).unwrap();
        network.security_groups[0].rules.rules.retain(|rule| rule.name != "AllowSql");
        let options = CheckOptions {
            tags: TagSnapshot::builtin(),
            profile: Profile::newest(),
            parameters: &ParameterValues::default(),
            features: &[],
        };
        let answer = check(&network, &options);
        let blocked: Vec<&str> = answer.instances[0]
            .flows
            .iter()
            .filter(|flow| flow.required && flow.verdict != Verdict::Allowed)
            .map(|flow| flow.row.id)
            .collect();
        assert_eq!(blocked, ["sql-1433"]);
    }
}
