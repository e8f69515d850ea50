//! A packet set as people write it, put as a question at an attachment point.
//!
//! In: `In Tcp Internet:* -> apim:22` with its names. Out: the exact packets that are asked about, and the
//! verdict of the whole. Shared by every command that takes a set.

use super::{Checkpoint, Part, share_verdict};
use crate::model::{Assumption, Direction, Gap, PortRange, Protocol, Verdict};
use crate::network::{AttachmentPoint, GroupMembers, NameError, Network};
use crate::rules::notation::AddressText;
use crate::rules::surroundings::UNSEEN_OWN;
use crate::rules::{PacketSetText, SideText};
use crate::sets::{AddressSet, PacketBox, PacketSet, PortSet, ProtocolSet};
use crate::tags::{SpecialTag, special};
use std::fmt;
use std::ops::Range;

/// A set of packets of one direction, as asked at one attachment point.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Question {
    /// The direction; traffic inside the subnet is asked in this one alone.
    pub direction: Direction,
    /// The packets that are meant whatever the input leaves open.
    pub packets: PacketSet,
    /// Packets that may be meant besides, as where the extent of `VirtualNetwork` is not known.
    pub doubtful: PacketSet,
    /// What would settle whether they are.
    pub gaps: Vec<Gap>,
    /// What the words of the question were taken to mean.
    pub assumptions: Vec<Assumption>,
}

/// Why a text cannot be put as a question at a place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum QuestionError {
    /// A name that stands for no addresses.
    Name(NameError),
    /// The set holds no packet. A side without addresses is never taken for every address.
    Empty {
        /// The set in canonical notation.
        text: String,
        /// Why it holds none.
        why: Emptiness,
    },
}

/// Why a set holds no packet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Emptiness {
    /// The source stands for no address here, as an application security group without members.
    Source(String),
    /// The destination does.
    Destination(String),
    /// One side is IPv4 and the other IPv6.
    Families,
}

impl QuestionError {
    /// The bytes of a text that asks it which are at fault, where they can be told.
    pub fn part_of(&self, text: &str) -> Option<Range<usize>> {
        let wanted = match self {
            Self::Name(error) => &error.found,
            Self::Empty { why: Emptiness::Source(side) | Emptiness::Destination(side), .. } => side,
            Self::Empty { .. } => return None,
        };
        let in_name = |c: char| c.is_alphanumeric() || "._-/".contains(c);
        let whole =
            |at: &usize| !text[..*at].ends_with(in_name) && !text[at + wanted.len()..].starts_with(in_name);
        let at = text.match_indices(wanted.as_str()).map(|(at, _)| at).find(whole)?;
        Some(at..at + wanted.len())
    }
}

impl fmt::Display for QuestionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(error) => error.fmt(f),
            Self::Empty { text, why } => {
                write!(f, "`{text}` holds no packet: ")?;
                match why {
                    Emptiness::Source(side) => write!(f, "its source `{side}` stands for no address here"),
                    Emptiness::Destination(side) => {
                        write!(f, "its destination `{side}` stands for no address here")
                    }
                    Emptiness::Families => f.write_str("its sides have no address family in common"),
                }
            }
        }
    }
}

impl std::error::Error for QuestionError {}

impl From<NameError> for QuestionError {
    fn from(error: NameError) -> Self {
        Self::Name(error)
    }
}

/// Addresses of a side: those that are meant, and those that may be besides.
struct Addresses {
    certain: AddressSet,
    possible: AddressSet,
    /// What would settle whether those are.
    gaps: Vec<Gap>,
}

/// A question by its sides, for commands that take them one by one.
#[derive(Clone, Debug)]
pub struct Sides<'a> {
    /// The direction.
    pub direction: Direction,
    /// The protocols.
    pub protocols: ProtocolSet,
    /// The side that opens the connection.
    pub source: End<'a>,
    /// The side that is asked.
    pub destination: End<'a>,
}

/// One side of a question.
#[derive(Clone, Debug)]
pub struct End<'a> {
    /// Whose addresses.
    pub addresses: Who<'a>,
    /// The ports.
    pub ports: PortSet,
}

/// Whose addresses a side means.
#[derive(Clone, Copy, Debug)]
pub enum Who<'a> {
    /// The whole own subnet of the place, whether its prefix is known or not.
    Own,
    /// Every address there is, the platform's among them.
    Everyone,
    /// Words and prefixes, alternatives of one another.
    Named(&'a [AddressText]),
}

/// Puts a packet set as a question at an attachment point.
///
/// The own subnet's name stands for its addresses even where the prefix is not known. Words leave out
/// 168.63.129.16 and 169.254.169.254 (design, section 3).
///
/// # Errors
/// [`QuestionError`] for a name that stands for nothing here, and for a set without packets.
pub fn question(
    network: &Network,
    point: &AttachmentPoint<'_>,
    text: &PacketSetText,
) -> Result<Question, QuestionError> {
    fn end(side: &SideText) -> End<'_> {
        End { addresses: Who::Named(&side.addresses), ports: side.port_set() }
    }
    let sides = Sides {
        direction: text.direction,
        protocols: text.protocol.map_or(ProtocolSet::ALL, |protocol| ProtocolSet::of([protocol])),
        source: end(&text.source),
        destination: end(&text.destination),
    };
    question_of(network, point, &sides)
}

/// Puts a question that is given side by side; as [`question`].
///
/// # Errors
/// [`QuestionError`] for a name that stands for nothing here, and for a side or set without members.
pub fn question_of(
    network: &Network,
    point: &AttachmentPoint<'_>,
    sides: &Sides<'_>,
) -> Result<Question, QuestionError> {
    let source = end_addresses(network, point, &sides.source)?;
    let destination = end_addresses(network, point, &sides.destination)?;
    let product = |source: &AddressSet, destination: &AddressSet| {
        let of = |protocols, source, destination| {
            PacketSet::product(&PacketBox {
                protocols,
                source,
                source_ports: sides.source.ports.clone(),
                destination,
                destination_ports: sides.destination.ports.clone(),
            })
        };
        let v4 = of(sides.protocols, source.only_v4(), destination.only_v4());
        v4.union(&of(between_v6(sides.protocols), source.only_v6(), destination.only_v6()))
    };
    let packets = product(&source.certain, &destination.certain);
    let doubtful = product(&source.possible, &destination.possible).difference(&packets);
    if packets.is_empty() && doubtful.is_empty() {
        let why = match () {
            () if source.possible.is_empty() => Emptiness::Source(sides.source.words()),
            () if destination.possible.is_empty() => Emptiness::Destination(sides.destination.words()),
            () => Emptiness::Families,
        };
        return Err(QuestionError::Empty { text: sides.to_string(), why });
    }
    let mut gaps =
        if doubtful.is_empty() { Vec::new() } else { [&source.gaps[..], &destination.gaps].concat() };
    gaps.sort();
    gaps.dedup();
    let leaves_out = [(&sides.source, &source), (&sides.destination, &destination)];
    let leaves_out = leaves_out.iter().any(|(end, addresses)| match end.addresses {
        Who::Named(words) => {
            let has_all = special::platform_only().is_subset(&addresses.certain);
            words.iter().any(leaves_out_platform) && !has_all
        }
        _ => false,
    });
    let assumptions = leaves_out.then(|| {
        Assumption::new(
            "words of the question leave out 168.63.129.16 and 169.254.169.254, which only the platform uses",
        )
    });
    Ok(Question {
        direction: sides.direction,
        packets,
        doubtful,
        gaps,
        assumptions: assumptions.into_iter().collect(),
    })
}

impl fmt::Display for Sides<'_> {
    /// The packet set in its notation; `own-subnet` for the own one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { direction, protocols, source, destination } = self;
        write!(f, "{direction} {protocols} {source} -> {destination}")
    }
}

impl End<'_> {
    /// Whose addresses, as written.
    fn words(&self) -> String {
        let text = Self { ports: PortSet::all(), ..self.clone() }.to_string();
        text.trim_end_matches(":*").to_owned()
    }
}

impl fmt::Display for End<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ranges = self.ports.intervals().iter();
        let ports = ranges.filter_map(|part| PortRange::new(part.first, part.last)).collect();
        let addresses = match self.addresses {
            Who::Named(addresses) => addresses.to_vec(),
            Who::Everyone => vec![AddressText::Any],
            Who::Own => vec![AddressText::Name("own-subnet".to_owned())],
        };
        SideText { addresses, ports: Some(ports) }.fmt(f)
    }
}

fn leaves_out_platform(word: &AddressText) -> bool {
    match word {
        AddressText::Any => true,
        AddressText::Name(name) => matches!(
            SpecialTag::recognise(name),
            Some((SpecialTag::Internet | SpecialTag::VirtualNetwork, _))
        ),
        _ => false,
    }
}

/// ICMP between IPv6 addresses is ICMPv6 (U4).
fn between_v6(protocols: ProtocolSet) -> ProtocolSet {
    match protocols.contains(Protocol::ICMP) {
        true => protocols.union(ProtocolSet::of([Protocol::ICMPV6])),
        false => protocols,
    }
}

fn end_addresses(
    network: &Network,
    point: &AttachmentPoint<'_>,
    end: &End<'_>,
) -> Result<Addresses, NameError> {
    let alone = |set: AddressSet| Addresses { certain: set.clone(), possible: set, gaps: Vec::new() };
    let texts = match end.addresses {
        Who::Named(texts) => texts,
        Who::Everyone => return Ok(alone(AddressSet::all())),
        Who::Own if point.own.known => return Ok(alone(point.own.prefixes.iter().copied().collect())),
        Who::Own => return Ok(alone(AddressSet::one(UNSEEN_OWN))),
    };
    let mut all = alone(AddressSet::empty());
    for text in texts {
        let (certain, possible) = if is_unseen_own(network, point, text) {
            let own = AddressSet::one(UNSEEN_OWN);
            (own.clone(), own)
        } else {
            let certain = network.addresses_of(text, &point.surroundings)?;
            let possible = match text {
                AddressText::Name(name) if is_virtual_network(name) => {
                    let platform = special::platform_only();
                    all.gaps.extend(point.surroundings.virtual_network.gaps.iter().cloned());
                    point.surroundings.virtual_network.may.difference(&platform)
                }
                // A member whose address is not known may be anywhere in its subnet.
                AddressText::Group(name) => {
                    let members = network.group_named(name).map(GroupMembers::extent).unwrap_or_default();
                    all.gaps.extend(members.gaps);
                    members.may
                }
                _ => certain.clone(),
            };
            (certain, possible)
        };
        all.certain = all.certain.union(&certain);
        all.possible = all.possible.union(&possible);
    }
    Ok(all)
}

fn is_virtual_network(name: &str) -> bool {
    matches!(SpecialTag::recognise(name), Some((SpecialTag::VirtualNetwork, false)))
}

/// Whether the text names the point's own subnet, whose prefix is not known.
fn is_unseen_own(network: &Network, point: &AttachmentPoint<'_>, text: &AddressText) -> bool {
    let (AddressText::Name(name) | AddressText::Subnet(name)) = text else { return false };
    let is_own = match (point.subnet, &network.subnets_named(name)[..]) {
        (Some(own), [named]) => own.id == named.id,
        _ => false,
    };
    is_own && !point.own.known
}

/// The exact parts of the answer to a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Of the packets that are meant whatever the input leaves open.
    pub certain: Vec<Part>,
    /// Of those that may be meant besides.
    pub doubtful: Vec<Part>,
}

impl Question {
    /// The exact parts of the answer, of what is certainly meant and of what may be meant besides.
    pub fn parts(&self, checkpoint: &Checkpoint<'_>) -> Asked {
        Asked { certain: checkpoint.ask(&self.packets), doubtful: checkpoint.ask(&self.doubtful) }
    }

    /// The exact parts of the answer, and its verdict by the share that gets through.
    pub fn ask(&self, checkpoint: &Checkpoint<'_>) -> (Verdict, Vec<Part>) {
        self.parts(checkpoint).whole()
    }
}

impl Asked {
    /// The verdict by the share that gets through, and all parts.
    ///
    /// Where it is not settled which packets are meant, the verdict is that of both readings, or unknown.
    pub fn whole(self) -> (Verdict, Vec<Part>) {
        let Self { certain: mut parts, doubtful } = self;
        let certain = (!parts.is_empty()).then(|| share_verdict(&parts));
        if doubtful.is_empty() {
            return (certain.unwrap_or(Verdict::Unknown), parts);
        }
        parts.extend(doubtful);
        let possible = share_verdict(&parts);
        (if certain == Some(possible) { possible } else { Verdict::Unknown }, parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Fact, Origin, ResourceId};
    use crate::network::{GroupMembers, Subnet, VirtualNetwork};
    use crate::tags::TagSnapshot;
    use std::sync::OnceLock;

    const VNET: &str = "/providers/Microsoft.Network/virtualNetworks/v";

    fn network(prefixes: Fact<Vec<ipnet::IpNet>>, own: Fact<Vec<ipnet::IpNet>>) -> Network {
        let origin = Origin::command_line("test");
        let subnet = |name: &str, prefixes| Subnet {
            prefixes,
            ..Subnet::new(ResourceId::new(format!("{VNET}/subnets/{name}")), ResourceId::new(VNET), &origin)
        };
        Network {
            virtual_networks: vec![VirtualNetwork::new(ResourceId::new(VNET), prefixes, &origin)].into(),
            subnets: vec![subnet("own", own), subnet("Sql", nets("10.0.4.0/24"))].into(),
            groups: std::collections::BTreeMap::from([(
                ResourceId::new("idle"),
                GroupMembers::known(Vec::new()),
            )])
            .into(),
            ..Network::default()
        }
    }

    fn nets(text: &str) -> Fact<Vec<ipnet::IpNet>> {
        Fact::Known(text.split(',').map(|net| net.parse().unwrap()).collect())
    }

    fn ask(network: &Network, text: &str) -> Result<Question, String> {
        static TAGS: OnceLock<TagSnapshot> = OnceLock::new();
        let tags = TAGS.get_or_init(|| {
            let head = "# flowcheck service tags 1\n# cloud: Public\n# change number: 1\n";
            TagSnapshot::parse(&format!("{head}EmptyTag|NSG||\nSql|NSG||203.0.113.0/24\n"), "list").unwrap()
        });
        let point = network.at_subnet(&network.subnets[0], tags);
        question(network, &point, &text.parse().unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn names_stand_for_their_addresses_and_words_leave_out_the_platform() {
        let network = network(nets("10.0.0.0/16"), nets("10.0.1.0/24"));
        for (text, packet, holds) in [
            ("In Tcp Internet:* -> own:22", "In Tcp 8.8.8.8 -> 10.0.1.0:22", true),
            ("In Tcp Internet:* -> own:22", "In Tcp 8.8.8.8 -> 10.0.2.5:22", false),
            ("In Tcp Internet:* -> own:22", "In Tcp 168.63.129.16 -> 10.0.1.5:22", false),
            ("In Tcp VirtualNetwork -> own:22", "In Tcp 10.0.9.9 -> 10.0.1.5:22", true),
            ("In Tcp VirtualNetwork -> own:22", "In Tcp 168.63.129.16 -> 10.0.1.5:22", false),
            ("In Tcp * -> own:22", "In Tcp 169.254.169.254 -> 10.0.1.5:22", false),
            ("In Tcp *,168.63.129.16 -> own:22", "In Tcp 168.63.129.16 -> 10.0.1.5:22", true),
            ("In Tcp AzureLoadBalancer -> own:22", "In Tcp 168.63.129.16 -> 10.0.1.5:22", true),
            ("In Tcp Sql -> own:22", "In Tcp 10.0.4.5 -> 10.0.1.5:22", false),
            ("In Tcp subnet:sql -> own:22", "In Tcp 10.0.4.5 -> 10.0.1.5:22", true),
            ("In Tcp v/sql -> own:22,80-90", "In Tcp 10.0.4.5 -> 10.0.1.5:85", true),
            ("In Tcp v/sql:1024-65535 -> own:22", "In Tcp 10.0.4.5:80 -> 10.0.1.5:22", false),
            ("In * 10.0.4.0/24 -> own", "In Icmp 10.0.4.5 -> 10.0.1.5", true),
        ] {
            let question = ask(&network, text).unwrap();
            assert_eq!(question.packets.contains(&packet.parse().unwrap()), holds, "{text}: {packet}");
            assert!(question.doubtful.is_empty(), "{text}");
            let leaves_out =
                ["Internet", "VirtualNetwork", "*,", "* ->"].iter().any(|word| text.contains(word));
            assert_eq!(!question.assumptions.is_empty(), leaves_out, "{text}");
        }
    }

    #[test]
    fn a_name_that_stands_for_nothing_and_a_set_without_packets_are_errors() {
        let network = network(nets("10.0.0.0/16"), nets("10.0.1.0/24"));
        for (text, says) in [
            ("In Tcp Internt -> own:22", "did you mean Internet"),
            ("In Tcp subnet:oown -> own:22", "`oown` is no subnet"),
            ("In Tcp asg:web -> own:22", "no application security group"),
            ("In Tcp VIRTUAL_NETWORK -> own:22", "neither a service tag nor a subnet"),
            ("In Tcp [2001:db8::/32] -> own:22", "holds no packet"),
            ("In Tcp EmptyTag -> own:22", "`EmptyTag` stands for no address"),
            ("In Tcp [2001:db8::/32] -> own:22", "holds no packet: its sides have no address family"),
            (
                "In Tcp own -> asg:idle:22",
                "holds no packet: its destination `asg:idle` stands for no address",
            ),
        ] {
            let error = ask(&network, text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn the_part_at_fault_is_found_as_a_whole_word() {
        let network = network(nets("10.0.0.0/16"), nets("10.0.1.0/24"));
        let point = network.at_subnet(&network.subnets[0], TagSnapshot::builtin());
        for (text, part) in [
            ("In Tcp owner,own -> own,owne:22", Some(7..12)),
            ("In Tcp own -> my-web,10.0.0.1,web:22", Some(14..20)),
            ("In Tcp own -> asg:idle:22", Some(14..22)),
            ("In Tcp [2001:db8::/32] -> own:22", None),
        ] {
            let error = question(&network, &point, &text.parse().unwrap()).unwrap_err();
            assert_eq!(error.part_of(text), part, "{text}: {error}");
        }
    }

    #[test]
    fn what_may_be_meant_besides_is_kept_apart() {
        let unknown = Fact::Unknown(Gap::new("the address space"));
        let network = network(unknown.clone(), nets("10.0.1.0/24"));
        let question = ask(&network, "In Tcp VirtualNetwork -> own:22").unwrap();
        let packet = "In Tcp 10.0.9.9 -> 10.0.1.5:22".parse().unwrap();
        assert!(!question.packets.contains(&packet) && question.doubtful.contains(&packet));
        assert_eq!(question.gaps.len(), 1);
        let point = network.at_subnet(&network.subnets[0], TagSnapshot::builtin());
        let checkpoint = Checkpoint::new(&point, Direction::Inbound);
        // Without a group the place is open to its own network, whose extent is not known.
        assert_eq!(question.ask(&checkpoint).0, Verdict::Unknown);
        assert_eq!(
            ask(&network, "In Tcp 10.0.1.0/24 -> own:22").unwrap().ask(&checkpoint).0,
            Verdict::Allowed
        );
    }

    #[test]
    fn the_own_subnet_is_asked_by_name_even_where_its_prefix_is_not_known() {
        let network = network(nets("10.0.0.0/16"), Fact::Unknown(Gap::new("the prefix")));
        let question = ask(&network, "In Tcp Internet -> own:22").unwrap();
        assert_eq!(question.packets.destinations(), AddressSet::one(UNSEEN_OWN));
        assert!(ask(&network, "In Tcp Internet -> v/own:22").is_ok());
    }
}
