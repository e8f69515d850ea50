//! What the user says about the network because the input does not.

use super::{ChoiceError, Instance, Location, Network, Subnet, VirtualNetwork, mode_of};
use crate::model::{Assumption, Fact, Gap, Mode, Origin, Platform, Region, ResourceId, Tier};
use ipnet::IpNet;

/// Facts from the command line or a scenario.
#[derive(Clone, Debug, Default)]
pub struct Supplied {
    /// The subnet that the question is about.
    pub subnet: Option<String>,
    /// The security group that the question is about, where its subnet is not shown.
    pub group: Option<String>,
    /// Address space of virtual networks that the input does not show.
    pub vnet_prefixes: Vec<IpNet>,
    /// Prefixes of the subnet, where the input does not show them.
    pub subnet_prefixes: Vec<IpNet>,
    /// Address space of peers that the input does not show.
    pub peer_prefixes: Vec<IpNet>,
    /// How the instance stands in its network.
    pub mode: Option<Mode>,
    /// The instance's tier.
    pub tier: Option<Tier>,
    /// The primary location's region.
    pub region: Option<Region>,
}

impl Network {
    /// Adds prefixes that the input lacks: to networks and to the chosen subnet.
    ///
    /// # Errors
    /// [`ChoiceError`] when a name is unknown, or when the input states a prefix that was supplied.
    pub fn supply_prefixes(&mut self, supplied: &Supplied) -> Result<(), ChoiceError> {
        self.peer_prefixes.extend(&supplied.peer_prefixes);
        // A group alone is asked at a subnet that is not shown. Beside an instance it must be named: whether it
        // is attached to that instance's subnet is not for us to guess.
        if supplied.group.is_some() || self.subnets.is_empty() && self.instances.is_empty() {
            self.show_subnet_of_group(supplied)?;
        }
        if !supplied.vnet_prefixes.is_empty() {
            self.supply_networks(&supplied.vnet_prefixes)?;
        }
        if !supplied.subnet_prefixes.is_empty() {
            self.supply_subnet(supplied)?;
        }
        Ok(())
    }

    /// Takes the question to one subnet, and what was said of the instance there.
    ///
    /// With a subnet or a group named, only instances there are asked for; where there is none, one is
    /// taken to stand there. Without, an input that holds no instance is asked at its only subnet with a
    /// security group. Returns what was taken for granted.
    ///
    /// # Errors
    /// [`ChoiceError`] when a name is unknown or nothing tells which subnet is meant.
    pub fn supply_instance(&mut self, supplied: &Supplied) -> Result<Vec<Assumption>, ChoiceError> {
        let mut assumptions = Vec::new();
        if supplied.subnet.is_some() || supplied.group.is_some() || self.instances.is_empty() {
            let subnet = self.subnet_in_question(supplied)?.clone();
            self.instances.retain(|instance| stands_in(instance, &subnet.id));
            if self.instances.is_empty() {
                assumptions.push(Assumption::new(format!(
                    "an API Management instance stands in `{}`; the input shows none there",
                    subnet.name()
                )));
                self.instances.push(supposed_instance(&subnet));
            }
        }
        for instance in &mut self.instances {
            if let Some(tier) = supplied.tier {
                instance.tier = Fact::Known(tier);
            }
            if let Some(mode) = supplied.mode {
                instance.mode = Fact::Known(in_words_of(instance.tier.known().copied(), mode));
            }
            if let Some(region) = &supplied.region {
                instance.primary.region = Fact::Known(region.clone());
            }
        }
        Ok(assumptions)
    }

    fn subnet_in_question(&self, supplied: &Supplied) -> Result<&Subnet, ChoiceError> {
        if let Some(name) = &supplied.subnet {
            return self.only_subnet(name);
        }
        if let Some(name) = &supplied.group {
            let group = self.only_group(name)?;
            return match self.subnets_of(group)[..] {
                [subnet] => Ok(subnet),
                ref many => Err(ChoiceError {
                    reason: format!(
                        "`{name}` is attached to {} subnets: choose one with --subnet",
                        many.len()
                    ),
                    choices: many.iter().map(|subnet| subnet.name()).collect(),
                }),
            };
        }
        let guarded: Vec<&Subnet> = self
            .subnets
            .iter()
            .filter(|subnet| !matches!(self.security_group_of(subnet), Fact::Known(None)))
            .collect();
        match guarded[..] {
            [subnet] => Ok(subnet),
            _ => Err(ChoiceError {
                reason: "the input holds no API Management instance: name its subnet with --subnet, and say --mode, --tier and --region".to_owned(),
                choices: self.subnets.iter().map(Subnet::name).collect(),
            }),
        }
    }

    /// A group whose subnet is not in the input gets one: the one it says it is attached to, else one
    /// without a name.
    fn show_subnet_of_group(&mut self, supplied: &Supplied) -> Result<(), ChoiceError> {
        let group = match (&supplied.group, &self.security_groups[..]) {
            (Some(name), _) => self.only_group(name)?,
            (None, [group]) => group,
            (None, _) => return Ok(()),
        };
        if !self.subnets_of(group).is_empty() {
            return Ok(());
        }
        let name = supplied.subnet.as_deref().unwrap_or("subnet");
        let unseen = self.unseen_subnets();
        let id = match (&group.subnets[..], &unseen[..]) {
            ([only], _) => only.clone(),
            // The subnet of an instance, which another deployment holds.
            (_, [only]) => only.clone(),
            _ => ResourceId::new(format!("/providers/Microsoft.Network/virtualNetworks/vnet/subnets/{name}")),
        };
        let gap = |what: &str, option: &str| {
            Gap::new(format!("{what}, which the input does not show")).supplied_by(option)
        };
        let network = id.parent().unwrap_or_else(|| id.clone());
        let (group, origin) = (group.id.clone(), group.origin.clone());
        self.subnets.push(Subnet {
            security_group: Fact::Known(Some(group)),
            prefixes: Fact::Unknown(gap("the prefix of the subnet", "--subnet-prefix PREFIX")),
            delegations: Fact::Unknown(gap(
                "the delegation of the subnet",
                "az network vnet subnet show --resource-group GROUP --vnet-name NETWORK --name SUBNET",
            )),
            ..Subnet::new(id, network.clone(), &origin)
        });
        if self.virtual_network(&network).is_none() {
            self.virtual_networks.push(VirtualNetwork {
                id: network,
                prefixes: Fact::Unknown(gap(
                    "the address space of the virtual network",
                    "--vnet-prefix PREFIX",
                )),
                dns_servers: Fact::Unknown(gap(
                    "the DNS servers of the virtual network",
                    "--param dns_servers=ADDRESS",
                )),
                peerings: Vec::new(),
                origin,
            });
        }
        Ok(())
    }

    /// Subnets that instances stand in and the input does not hold.
    fn unseen_subnets(&self) -> Vec<ResourceId> {
        let locations = self.instances.iter().flat_map(|instance| {
            std::iter::once(&instance.primary).chain(&instance.added).map(|location| &location.subnet)
        });
        let mut unseen: Vec<ResourceId> = locations
            .filter_map(|subnet| subnet.known()?.clone())
            .filter(|id| self.subnet(id).is_none())
            .collect();
        unseen.sort();
        unseen.dedup();
        unseen
    }

    fn supply_networks(&mut self, prefixes: &[IpNet]) -> Result<(), ChoiceError> {
        let known: Vec<ResourceId> = self.virtual_networks.iter().map(|network| network.id.clone()).collect();
        let lacking: Vec<(ResourceId, Origin)> = self
            .subnets
            .iter()
            .filter(|subnet| !known.contains(&subnet.network))
            .map(|subnet| (subnet.network.clone(), subnet.origin.clone()))
            .collect();
        let mut supplied = false;
        for network in &mut self.virtual_networks {
            if network.prefixes.known().is_none() {
                network.prefixes = Fact::Known(prefixes.to_vec());
                supplied = true;
            }
        }
        for (id, origin) in lacking {
            supplied = true;
            if self.virtual_network(&id).is_none() {
                self.virtual_networks.push(VirtualNetwork {
                    id,
                    prefixes: Fact::Known(prefixes.to_vec()),
                    dns_servers: Fact::Unknown(
                        Gap::new("the DNS servers of the virtual network, which the input does not show")
                            .supplied_by("--param dns_servers=ADDRESS"),
                    ),
                    peerings: Vec::new(),
                    origin,
                });
            }
        }
        if supplied { Ok(()) } else { Err(stated("--vnet-prefix", "every virtual network")) }
    }

    fn supply_subnet(&mut self, supplied: &Supplied) -> Result<(), ChoiceError> {
        let wanted = match &supplied.subnet {
            Some(name) => Some(self.only_subnet(name)?.id.clone()),
            None => None,
        };
        let mut done = false;
        for subnet in &mut self.subnets {
            let meant = wanted.as_ref().is_none_or(|id| *id == subnet.id);
            if meant && subnet.prefixes.known().is_none() {
                subnet.prefixes = Fact::Known(supplied.subnet_prefixes.clone());
                done = true;
            }
        }
        if done { Ok(()) } else { Err(stated("--subnet-prefix", "the subnet")) }
    }
}

/// `external` and `internal` are the words of the classic tiers; another tier takes them as its template does.
fn in_words_of(tier: Option<Tier>, mode: Mode) -> Mode {
    match (tier, mode) {
        (Some(tier), Mode::External | Mode::Internal) => mode_of(tier, mode.as_str()),
        _ => mode,
    }
}

/// A flag that would go unheard.
fn stated(option: &str, what: &str) -> ChoiceError {
    ChoiceError {
        reason: format!("{option} is not needed: the input states the prefixes of {what}"),
        choices: Vec::new(),
    }
}

fn stands_in(instance: &Instance, subnet: &ResourceId) -> bool {
    std::iter::once(&instance.primary)
        .chain(&instance.added)
        .any(|location| matches!(&location.subnet, Fact::Known(Some(id)) if id == subnet))
}

fn supposed_instance(subnet: &Subnet) -> Instance {
    let gap = |what: &str, option: &str| Gap::new(what).supplied_by(option);
    Instance {
        name: subnet.id.name().to_owned(),
        tier: Fact::Unknown(gap("the tier of the instance", "--tier TIER")),
        mode: Fact::Unknown(gap("the mode of the instance", "--mode MODE")),
        platform: Platform::Stv2,
        primary: Location {
            region: Fact::Unknown(gap("the region of the instance", "--region REGION")),
            subnet: Fact::Known(Some(subnet.id.clone())),
            units: Fact::Known(1),
            origin: subnet.origin.clone(),
        },
        added: Vec::new(),
        added_gap: None,
        features: Vec::new(),
        doubt: None,
        origin: subnet.origin.clone(),
    }
}
