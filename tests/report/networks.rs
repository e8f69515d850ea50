//! Small networks, as if they had been read from `main.json`: an instance in line 41, a subnet in line 20,
//! a group in line 50, one rule a line from 60 on.

use flowcheck::analyses::{CheckAnswer, CheckOptions, check};
use flowcheck::flows::{ParameterValues, Profile};
use flowcheck::model::{Fact, Gap, Mode, Origin, Platform, Region, ResourceId, Tier};
use flowcheck::network::{Instance, Location, Network, SecurityGroup, Subnet, VirtualNetwork};
use flowcheck::rules::{RuleSet, notation};
use flowcheck::tags::TagSnapshot;
use std::sync::Arc;

pub(crate) const HEALTHY: &str = "
    AllowClients: 100 In Allow Tcp Internet:* -> VirtualNetwork:80,443
    AllowManagement: 110 In Allow Tcp ApiManagement:* -> VirtualNetwork:3443
    AllowProbe: 120 In Allow Tcp AzureLoadBalancer:* -> VirtualNetwork:6390
    AllowTrafficManager: 130 In Allow Tcp AzureTrafficManager:* -> VirtualNetwork:443
    AllowStorage: 100 Out Allow Tcp VirtualNetwork:* -> Storage:443
    AllowSql: 110 Out Allow Tcp VirtualNetwork:* -> Sql:1433
    AllowVault: 120 Out Allow Tcp VirtualNetwork:* -> AzureKeyVault:443
    AllowMonitor: 130 Out Allow Tcp VirtualNetwork:* -> AzureMonitor:443,1886
    AllowCertificates: 140 Out Allow Tcp VirtualNetwork:* -> Internet:80
    DenyAllIn: 4096 In Deny * *:* -> *:*
    DenyAllOut: 4096 Out Deny * *:* -> *:*";

const PROVIDERS: &str = "/subscriptions/s/resourceGroups/g/providers";

/// How a test network differs from an external Premium instance behind a group.
pub(crate) struct Setting {
    pub(crate) rules: Option<String>,
    pub(crate) group: Fact<bool>,
    pub(crate) mode: Mode,
    pub(crate) prefix: bool,
    pub(crate) added: bool,
}

impl Setting {
    pub(crate) fn rules(rules: &str) -> Self {
        Self {
            rules: Some(rules.to_owned()),
            group: Fact::Known(true),
            mode: Mode::External,
            prefix: true,
            added: false,
        }
    }
}

/// A rule of the healthy set, by name, replaced.
pub(crate) fn with(rules: &str, name: &str, line: &str) -> String {
    let replaced = rules.lines().map(|old| if old.trim_start().starts_with(name) { line } else { old });
    replaced.collect::<Vec<_>>().join("\n")
}

fn at(line: u32, path: &str) -> Origin {
    let file: Arc<str> = "main.json".into();
    Origin::new(&file, line, 7, path)
}

fn id(kind: &str, name: &str) -> ResourceId {
    ResourceId::new(format!("{PROVIDERS}/Microsoft.{kind}/{name}"))
}

pub(crate) fn network(setting: &Setting) -> Network {
    let vnet = id("Network/virtualNetworks", "hub-vnet");
    let subnet = ResourceId::new(format!("{vnet}/subnets/apim"));
    let group = id("Network/networkSecurityGroups", "apim-nsg");
    let lines = setting.rules.iter().flat_map(|rules| rules.lines()).map(str::trim);
    let rules = lines.filter(|line| !line.is_empty()).enumerate().map(|(number, line)| {
        let (name, text) = line.split_once(": ").unwrap();
        let line = 60 + u32::try_from(number).unwrap();
        notation::rule(name, text, &at(line, &format!("resources[1].securityRules[{number}]"))).unwrap()
    });
    let rules: Vec<_> = rules.collect();
    let known = |prefix: &str| match setting.prefix {
        true => Fact::Known(vec![prefix.parse().unwrap()]),
        false => Fact::Unknown(Gap::new("the parameter `prefix`").supplied_by("--set prefix=VALUE")),
    };
    let added = setting.added.then(|| Location {
        region: Fact::Known(Region::new("northeurope")),
        subnet: Fact::Known(Some(subnet.clone())),
        units: Fact::Known(1),
        origin: at(47, "resources[2].properties.additionalLocations[0]"),
    });
    Network {
        virtual_networks: vec![VirtualNetwork::new(
            vnet.clone(),
            known("10.0.0.0/16"),
            &at(10, "resources[0]"),
        )]
        .into(),
        subnets: vec![Subnet {
            prefixes: known("10.0.1.0/24"),
            security_group: match &setting.group {
                Fact::Known(true) => Fact::Known(Some(group.clone())),
                Fact::Known(false) => Fact::Known(None),
                Fact::Unknown(gap) => Fact::Unknown(gap.clone()),
            },
            ..Subnet::new(subnet.clone(), vnet, &at(20, "resources[0].subnets[0]"))
        }]
        .into(),
        security_groups: setting
            .rules
            .iter()
            .map(|_| SecurityGroup {
                id: group.clone(),
                rules: RuleSet::new(rules.clone(), &at(50, "resources[1]")),
                replaced: Vec::new(),
                subnets: Vec::new(),
                doubt: None,
                origin: at(50, "resources[1]"),
            })
            .collect::<Vec<_>>()
            .into(),
        instances: vec![Instance {
            name: "apim-contoso".to_owned(),
            tier: Fact::Known(Tier::Premium),
            mode: Fact::Known(setting.mode),
            platform: Platform::Stv2,
            primary: Location {
                region: Fact::Known(Region::new("westeurope")),
                subnet: Fact::Known((setting.mode != Mode::None).then_some(subnet)),
                units: Fact::Known(2),
                origin: at(41, "resources[2]"),
            },
            added: added.into_iter().collect(),
            added_gap: None,
            features: Vec::new(),
            doubt: None,
            origin: at(41, "resources[2]"),
        }],
        ..Network::default()
    }
}

pub(crate) fn answer(setting: &Setting) -> CheckAnswer {
    answer_with(setting, &[])
}

pub(crate) fn answer_with(setting: &Setting, parameters: &[(&str, &str)]) -> CheckAnswer {
    let mut values = ParameterValues::default();
    for (name, value) in parameters {
        values.add(name, value).unwrap();
    }
    let options = CheckOptions {
        tags: TagSnapshot::builtin(),
        profile: Profile::newest(),
        parameters: &values,
        features: &[],
    };
    check(&network(setting), &options)
}

/// Mistakes of each kind, by a name for files.
pub(crate) fn mistakes() -> Vec<(&'static str, Setting)> {
    let gap = Gap::new("the parameter `nsgId`, which has no value")
        .at(&at(52, "parameters.nsgId"))
        .supplied_by("--set nsgId=VALUE");
    let typing = with(HEALTHY, "AllowSql", "AllowSql: 110 Out Allow Tcp VirtualNetwork:* -> Sql:1443");
    let half = with(
        HEALTHY,
        "AllowManagement",
        "AllowManagement: 110 In Allow Tcp 51.145.179.78,52.236.186.80:* -> VirtualNetwork:3443",
    );
    let probe = with(HEALTHY, "AllowProbe", "DenyProbe: 120 In Deny Tcp AzureLoadBalancer:* -> *:*");
    let missing_tag = with(HEALTHY, "AllowSql", "AllowSql: 110 Out Allow Tcp VirtualNetwork:* -> Sqll:1433");
    let same =
        with(HEALTHY, "AllowVault", "AllowVault: 110 Out Deny Tcp VirtualNetwork:* -> AzureKeyVault:443");
    let open = with(HEALTHY, "AllowManagement", "AllowManagement: 110 In Allow Tcp *:* -> VirtualNetwork:*");
    let regional = with(
        HEALTHY,
        "AllowStorage",
        "AllowStorage: 100 Out Allow Tcp VirtualNetwork:* -> Storage.NorthEurope:443",
    );
    let listed = with(
        HEALTHY,
        "AllowManagement",
        "AllowManagement: 110 In Allow Tcp ApiManagement,203.0.113.5:* -> VirtualNetwork:3443",
    );
    vec![
        ("healthy", Setting::rules(HEALTHY)),
        ("typing-error", Setting::rules(&typing)),
        ("management-in-part", Setting::rules(&half)),
        ("dead-probe", Setting::rules(&probe)),
        ("unknown-tag", Setting::rules(&missing_tag)),
        ("same-priority", Setting::rules(&same)),
        ("over-exposed", Setting::rules(&open)),
        ("other-region", Setting::rules(&regional)),
        ("no-group", Setting { rules: None, group: Fact::Known(false), ..Setting::rules("") }),
        ("unknown-group", Setting { rules: None, group: Fact::Unknown(gap), ..Setting::rules("") }),
        ("unknown-prefix", Setting { prefix: false, ..Setting::rules(HEALTHY) }),
        ("tag-in-a-list", Setting::rules(&listed)),
        ("added-location", Setting { added: true, ..Setting::rules(HEALTHY) }),
        ("no-network", Setting { mode: Mode::None, ..Setting::rules(HEALTHY) }),
    ]
}
