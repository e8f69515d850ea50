//! Ends of a path: places of the input, or addresses outside it, by the words that people use for them.

use super::choice::some_of;
use super::peers::Neighbours;
use super::{AttachmentPoint, GroupMembers, Instance, NameError, Network, Subnet, outside};
use crate::model::{Fact, Gap, ResourceId};
use crate::rules::Surroundings;
use crate::rules::notation::{AddressText, SideText};
use crate::sets::AddressSet;
use crate::tags::{SpecialTag, TagKind, TagSnapshot, special};
use ipnet::IpNet;

/// One end of a path.
#[derive(Clone, Debug)]
pub struct End<'n> {
    /// What it is called: `hub-vnet/apim`, `Internet`, `10.0.2.4`.
    pub name: String,
    /// What it is.
    pub kind: EndKind,
    /// Its addresses.
    pub addresses: AddressSet,
    /// Where its layers are; `None` for what lies outside the input.
    pub place: Option<AttachmentPoint<'n>>,
    /// What is not settled about its addresses.
    pub doubt: Option<EndDoubt>,
}

/// An end of which some addresses only may be its own, as members of a group without a known address.
#[derive(Clone, Debug)]
pub struct EndDoubt {
    /// The addresses that certainly are.
    pub certain: AddressSet,
    /// What would settle the others.
    pub gap: Gap,
}

impl End<'_> {
    /// The addresses that certainly are its own.
    pub fn certain(&self) -> &AddressSet {
        self.doubt.as_ref().map_or(&self.addresses, |doubt| &doubt.certain)
    }
}

/// What an end is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EndKind {
    /// A subnet, or addresses in one.
    Subnet,
    /// A network interface.
    Interface,
    /// An API Management instance.
    Instance,
    /// A private endpoint.
    PrivateEndpoint,
    /// Sites behind the input's gateways.
    OnPremises,
    /// A tag, `Internet` among them.
    Tag,
    /// Addresses of nobody in the input.
    Addresses,
}

impl EndKind {
    /// The kind in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Subnet => "subnet",
            Self::Interface => "interface",
            Self::Instance => "instance",
            Self::PrivateEndpoint => "private endpoint",
            Self::OnPremises => "on-premises",
            Self::Tag => "tag",
            Self::Addresses => "addresses",
        }
    }
}

/// The word for sites behind gateways.
const ON_PREMISES: [&str; 2] = ["on-premises", "onpremises"];

impl Network {
    /// Looks up one end of a path. A tag wins over a subnet of the same name (`subnet:NAME` forces the subnet);
    /// then come subnets, interfaces, private endpoints, instances. Prefixes that lie in one subnet of the input
    /// are asked there.
    ///
    /// # Errors
    /// [`NameError`] for a word that stands for nothing, for a place whose prefix is not known, and for a list
    /// whose members lie in different places.
    pub fn end<'n>(&'n self, side: &SideText, tags: &'n TagSnapshot) -> Result<End<'n>, NameError> {
        let ends: Vec<End<'n>> =
            side.addresses.iter().map(|text| self.end_of(text, tags)).collect::<Result<_, _>>()?;
        let subnet_of = |end: &End<'_>| end.place.as_ref().map(|place| place.name.clone());
        let first_place = ends.first().and_then(subnet_of);
        if ends.iter().any(|end| subnet_of(end) != first_place) {
            let found = side.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            let reason = "lies in different places: ask one after the other".to_owned();
            return Err(NameError { found, reason, suggestions: Vec::new() });
        }
        let joined = ends.into_iter().reduce(|all, end| {
            let certain = all.certain().union(end.certain());
            End {
                name: format!("{},{}", all.name, end.name),
                addresses: all.addresses.union(&end.addresses),
                kind: if all.kind == end.kind { all.kind } else { EndKind::Addresses },
                doubt: all.doubt.or(end.doubt).map(|doubt| EndDoubt { certain, ..doubt }),
                place: all.place,
            }
        });
        joined.ok_or_else(|| NameError {
            found: String::new(),
            reason: "names nothing".to_owned(),
            suggestions: Vec::new(),
        })
    }

    fn end_of<'n>(&'n self, text: &AddressText, tags: &'n TagSnapshot) -> Result<End<'n>, NameError> {
        match text {
            AddressText::Prefix(net, _) => self.end_of_prefix(*net, tags),
            AddressText::Subnet(name) => self.end_of_subnet(name, tags),
            AddressText::Name(name) => self.end_of_name(name, text, tags),
            AddressText::Any | AddressText::Group(_) => {
                let place = Surroundings::new(tags, crate::rules::Extent::default());
                let certain = self.addresses_of(text, &place)?;
                let group = match text {
                    AddressText::Group(name) => self.group_named(name).map(GroupMembers::extent),
                    _ => None,
                };
                let (addresses, gaps) =
                    group.map_or_else(|| (certain.clone(), Vec::new()), |group| (group.may, group.gaps));
                let doubt = gaps.into_iter().next().map(|gap| EndDoubt { certain, gap });
                self.must_be_one_place(&text.to_string(), &addresses).map_err(|error| match &doubt {
                    Some(EndDoubt { gap, .. }) => NameError {
                        reason: format!(
                            "has a member that may be anywhere: {} is not known, and it {}",
                            gap.missing(),
                            error.reason
                        ),
                        ..error
                    },
                    None => error,
                })?;
                let inside = self.subnets.iter().find(|subnet| holds(subnet, &addresses));
                let kind = if inside.is_some() { EndKind::Subnet } else { EndKind::Addresses };
                let place = inside.map(|subnet| self.at_subnet(subnet, tags));
                Ok(End { name: text.to_string(), kind, addresses, place, doubt })
            }
        }
    }

    fn end_of_name<'n>(
        &'n self,
        name: &str,
        text: &AddressText,
        tags: &'n TagSnapshot,
    ) -> Result<End<'n>, NameError> {
        let special = SpecialTag::recognise(name).map(|(special, _)| special);
        if ON_PREMISES.iter().any(|word| word.eq_ignore_ascii_case(name)) {
            return self.on_premises(name);
        }
        if special == Some(SpecialTag::VirtualNetwork) {
            let reason = "is another set at each place: name a subnet or a prefix".to_owned();
            return Err(NameError { found: name.to_owned(), reason, suggestions: Vec::new() });
        }
        if !matches!(tags.classify(name).kind, TagKind::Unknown) {
            let place = Surroundings::new(tags, crate::rules::Extent::default());
            let mut addresses = self.addresses_of(text, &place)?;
            if special == Some(SpecialTag::Internet) {
                addresses = addresses.difference(&special::unsettled_internet());
            }
            return Ok(End {
                name: name.to_owned(),
                kind: EndKind::Tag,
                addresses,
                place: None,
                doubt: None,
            });
        }
        if !self.subnets_named(name).is_empty() {
            return self.end_of_subnet(name, tags);
        }
        let is_it =
            |id: &ResourceId| id.name().eq_ignore_ascii_case(name) || id.as_str().eq_ignore_ascii_case(name);
        if let Some(interface) = self.interfaces.iter().find(|interface| is_it(&interface.id)) {
            let addresses = interface.configurations.iter().map(|one| (&one.subnet, &one.address));
            return self.end_of_addresses(name, EndKind::Interface, addresses, tags);
        }
        if let Some(endpoint) = self.private_endpoints.iter().find(|endpoint| is_it(&endpoint.id)) {
            let subnet = endpoint.subnet.clone().map(Some);
            let addresses: Vec<Fact<std::net::IpAddr>> = match &endpoint.addresses {
                Fact::Known(addresses) => addresses.iter().map(|address| Fact::Known(*address)).collect(),
                Fact::Unknown(gap) => vec![Fact::Unknown(gap.clone())],
            };
            let addresses = addresses.iter().map(|address| (&subnet, address));
            return self.end_of_addresses(name, EndKind::PrivateEndpoint, addresses, tags);
        }
        if let Some(instance) = self.instances.iter().find(|one| one.name.eq_ignore_ascii_case(name)) {
            return self.end_of_instance(name, instance, tags);
        }
        let place = Surroundings::new(tags, crate::rules::Extent::default());
        let mut error = match self.addresses_of(text, &place) {
            Err(error) => error,
            Ok(_) => NameError { found: name.to_owned(), reason: String::new(), suggestions: Vec::new() },
        };
        error.reason =
            "is no service tag, subnet, interface, private endpoint or instance of the input".to_owned();
        Err(error)
    }

    /// The subnet of an instance. One with several, or with locations that are not shown, is asked place by place.
    fn end_of_instance<'n>(
        &'n self,
        name: &str,
        instance: &Instance,
        tags: &'n TagSnapshot,
    ) -> Result<End<'n>, NameError> {
        let wrong = |reason: String| NameError { found: name.to_owned(), reason, suggestions: Vec::new() };
        let mut places: Vec<&ResourceId> = Vec::new();
        let mut missing: Vec<&Gap> = instance.added_gap.iter().collect();
        for location in std::iter::once(&instance.primary).chain(&instance.added) {
            match &location.subnet {
                Fact::Known(id) => places.extend(id),
                Fact::Unknown(gap) => missing.push(gap),
            }
        }
        places.dedup();
        let also = missing.first().map(|gap| format!("; where else is not known: {gap}")).unwrap_or_default();
        match places[..] {
            [] if also.is_empty() => Err(wrong("is an instance in no network".to_owned())),
            [] => Err(wrong(format!("is an instance whose subnet is not known: {}", missing[0]))),
            [only] if also.is_empty() => match self.subnet(only) {
                Some(subnet) => {
                    let end = self.end_of_subnet(subnet.id.as_str(), tags)?;
                    Ok(End { kind: EndKind::Instance, name: format!("{name} ({})", end.name), ..end })
                }
                None => {
                    let gap = outside("subnet", "vnet subnet", only).at(&instance.origin);
                    Err(wrong(format!("is an instance in {gap}")))
                }
            },
            _ => {
                let names: Vec<String> = places.iter().map(|id| id.names().join("/")).collect();
                Err(wrong(format!(
                    "is an instance that stands in {}{also}: ask one after the other",
                    names.join(" and in ")
                )))
            }
        }
    }

    fn end_of_subnet<'n>(&'n self, name: &str, tags: &'n TagSnapshot) -> Result<End<'n>, NameError> {
        let addresses = self.addresses_of(
            &AddressText::Subnet(name.to_owned()),
            &Surroundings::new(tags, crate::rules::Extent::default()),
        )?;
        let named = self.subnets_named(name);
        let place = named.first().map(|subnet| self.at_subnet(subnet, tags));
        let name = place.as_ref().map_or_else(|| name.to_owned(), |place| place.name.clone());
        Ok(End { name, kind: EndKind::Subnet, addresses, place, doubt: None })
    }

    /// Addresses that are named by a resource, which all lie in one subnet.
    fn end_of_addresses<'n, 'a>(
        &'n self,
        name: &str,
        kind: EndKind,
        addresses: impl Iterator<Item = (&'a Fact<Option<ResourceId>>, &'a Fact<std::net::IpAddr>)>,
        tags: &'n TagSnapshot,
    ) -> Result<End<'n>, NameError> {
        let wrong = |reason: String| NameError { found: name.to_owned(), reason, suggestions: Vec::new() };
        let mut all = AddressSet::empty();
        let mut place: Option<&Subnet> = None;
        for (subnet, address) in addresses {
            let address = match address {
                Fact::Known(address) => *address,
                Fact::Unknown(gap) => return Err(wrong(format!("has an address that is not known: {gap}"))),
            };
            let subnet = subnet.known().and_then(|id| self.subnet(id.as_ref()?));
            match (subnet, place) {
                (None, _) => return Err(wrong("stands in a subnet that the input does not show".to_owned())),
                (Some(one), Some(other)) if one.id != other.id => {
                    return Err(wrong("has addresses in several subnets: name one of them".to_owned()));
                }
                (Some(one), _) => place = Some(one),
            }
            all = all.union(&AddressSet::one(address));
        }
        let place = place.ok_or_else(|| wrong("has no address".to_owned()))?;
        let place = Some(self.at_subnet(place, tags));
        Ok(End { name: name.to_owned(), kind, addresses: all, place, doubt: None })
    }

    /// Addresses that only in part lie in a subnet, or in several, have no one place whose layers could be asked.
    fn must_be_one_place(&self, text: &str, addresses: &AddressSet) -> Result<(), NameError> {
        let touches = |subnet: &&Subnet| {
            let prefixes = subnet.prefixes.known().map(Vec::as_slice).unwrap_or_default();
            addresses.meets(&prefixes.iter().copied().collect())
        };
        let touched: Vec<&Subnet> = self.subnets.iter().filter(touches).collect();
        let in_each = touched.iter().all(|subnet| holds(subnet, addresses));
        if touched.is_empty() || touched.len() == 1 && in_each {
            return Ok(());
        }
        let names: Vec<String> = touched.into_iter().map(Subnet::name).collect();
        Err(NameError { found: text.to_owned(), reason: several(&names, in_each), suggestions: Vec::new() })
    }

    fn end_of_prefix<'n>(&'n self, net: IpNet, tags: &'n TagSnapshot) -> Result<End<'n>, NameError> {
        let addresses = AddressSet::from_nets([net]);
        self.must_be_one_place(&net.to_string(), &addresses)?;
        let subnet = self.subnets.iter().find(|subnet| holds(subnet, &addresses));
        let shown =
            if net.prefix_len() == net.max_prefix_len() { net.addr().to_string() } else { net.to_string() };
        Ok(End {
            name: match subnet {
                Some(subnet) => format!("{shown} in {}", subnet.name()),
                None => shown,
            },
            kind: if subnet.is_some() { EndKind::Subnet } else { EndKind::Addresses },
            addresses,
            place: subnet.map(|subnet| self.at_subnet(subnet, tags)),
            doubt: None,
        })
    }

    /// The prefixes of all sites behind gateways of the input.
    fn on_premises<'n>(&'n self, name: &str) -> Result<End<'n>, NameError> {
        let mut addresses = AddressSet::empty();
        let mut missing = None;
        for network in &self.virtual_networks {
            for site in Neighbours::of(self, network).sites {
                match site.prefixes {
                    Fact::Known(nets) => addresses = addresses.union(&nets.into_iter().collect()),
                    Fact::Unknown(gap) => missing = Some(gap),
                }
            }
        }
        match missing {
            None if !addresses.is_empty() => {
                let name = "on-premises".to_owned();
                Ok(End { name, kind: EndKind::OnPremises, addresses, place: None, doubt: None })
            }
            missing => Err(NameError {
                found: name.to_owned(),
                reason: match missing {
                    Some(gap) => format!("stands for addresses that are not shown: {gap}"),
                    None => {
                        "stands for nothing: the input has no gateway (--peer-prefix says what is behind it)"
                            .to_owned()
                    }
                },
                suggestions: Vec::new(),
            }),
        }
    }
}

/// What is wrong with addresses in several places: each has all of them, as where networks overlap, or a part.
fn several(names: &[String], in_each: bool) -> String {
    let shown = match names {
        [one, other] => format!("{one} and {other}"),
        all => some_of(all),
    };
    if in_each {
        format!("lies in several places, {shown}: name the one that is meant")
    } else {
        format!("covers {shown}: ask the subnets one after the other")
    }
}

fn holds(subnet: &Subnet, addresses: &AddressSet) -> bool {
    let prefixes = subnet.prefixes.known().map(Vec::as_slice).unwrap_or_default();
    !addresses.is_empty() && addresses.is_subset(&prefixes.iter().copied().collect())
}
