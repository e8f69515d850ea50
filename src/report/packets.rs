//! Sets of packets as few lines of text.
//!
//! Exact: a side is named by words and prefixes that stand for its very addresses ([`Vocabulary`]). Two
//! stand-ins of the engine have no address and are words: the own subnet when its prefix is not known, and the
//! Windows activation servers.
//!
//! | what | how |
//! | --- | --- |
//! | a set as boxes, side by side | [`Namer::boxes`] |
//! | a box as one line | [`BoxText::line`]: `Tcp ApiManagement except 163 prefixes:* -> apim:3443` |
//! | a side for programs | [`SideText::list`]: `["ApiManagement"]`, `["13.69.64.0/26", ...]` |

use super::phrases::{counted, number};
use crate::analyses::{FlowAnswer, InstanceAnswer};
use crate::flows::{FlowDirection, Need, Remote};
use crate::model::PortRange;
use crate::rules::notation::write_net;
use crate::rules::surroundings::{ACTIVATION_SERVER, UNSEEN_OWN};
use crate::sets::{AddressSet, Count, PacketBox, PacketSet, PortSet};
use crate::tags::vocabulary::{AddressName, Family, Item, Term};
use crate::tags::{SpecialTag, Vocabulary, special};
use std::collections::HashMap;

/// One box of a set, side by side.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct BoxText {
    /// `Tcp`, `Tcp,Udp` or `*`.
    pub(super) protocol: String,
    /// The side that opens the connection.
    pub(super) source: SideText,
    /// Ports and ranges.
    pub(super) source_ports: Vec<String>,
    /// The side that is asked.
    pub(super) destination: SideText,
    /// Ports and ranges.
    pub(super) destination_ports: Vec<String>,
    /// How many packets there are, of which more are told first.
    pub(super) size: Count,
}

/// The addresses of a side: their name, and the addresses themselves.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct SideText {
    name: AddressName,
    addresses: AddressSet,
}

/// The name of a set of addresses for people, with at most `most` prefixes of a kind.
pub(super) fn side_text(addresses: &AddressSet, words: &Vocabulary, most: usize) -> String {
    let name = words.name(addresses, Family::Both);
    SideText { name, addresses: addresses.clone() }.text(most)
}

/// The name of a set of addresses for programs.
pub(super) fn side_list(addresses: &AddressSet, words: &Vocabulary) -> Vec<String> {
    let name = words.name(addresses, Family::Both);
    SideText { name, addresses: addresses.clone() }.list(usize::MAX)
}

/// For programs a side of more prefixes is written as a word with exceptions, where it is most of one.
pub(super) const NETS_LISTED: usize = 1_000;

/// Names the sides of boxes; a set that occurs again has the name that it had.
pub(super) struct Namer<'a> {
    words: &'a Vocabulary,
    known: HashMap<(AddressSet, Family), AddressName>,
    /// What canonical forms may still cost.
    work: u64,
}

/// Words that the canonical forms of one answer look at, about half a second. Rules that people write need less than
/// a hundredth.
const CANONICAL: u64 = 1_000_000_000;

impl<'a> Namer<'a> {
    /// Names by these words.
    pub(super) fn new(words: &'a Vocabulary) -> Self {
        Self { words, known: HashMap::new(), work: CANONICAL }
    }

    /// The boxes of a set in their canonical order.
    ///
    /// A box of IPv4 and one of IPv6 that read the same are one; elsewhere a name that could mean both families
    /// leaves out the other one (`except ::/0`).
    pub(super) fn boxes(&mut self, packets: &PacketSet) -> Vec<BoxText> {
        let parts = self.canonical(packets);
        self.name_all(parts)
    }

    /// The canonical boxes of a set; where there are too many for that, those that it has, in order.
    fn canonical(&mut self, packets: &PacketSet) -> Vec<PacketBox> {
        packets.canonical_within(&mut self.work).unwrap_or_else(|| {
            let mut boxes = packets.boxes().to_vec();
            boxes.sort();
            boxes
        })
    }

    /// At most `most` boxes of a set, the largest first, and how many are left out, which cost no names.
    pub(super) fn largest(&mut self, packets: &PacketSet, most: usize) -> (Vec<BoxText>, usize) {
        let mut parts: Vec<(Count, PacketBox)> = self
            .canonical(packets)
            .into_iter()
            .map(|part| (PacketSet::product(&part).size(), part))
            .collect();
        // A stable sort: boxes of one size stay in their canonical order.
        parts.sort_by(|(a, _), (b, _)| b.cmp(a));
        let left_out = parts.len().saturating_sub(most);
        parts.truncate(most);
        let mut texts = self.name_all(parts.into_iter().map(|(_, part)| part).collect());
        texts.sort_by(|a, b| b.size.cmp(&a.size));
        (texts, left_out)
    }

    fn name_all(&mut self, parts: Vec<PacketBox>) -> Vec<BoxText> {
        let mut texts: Vec<(Family, BoxText)> = Vec::new();
        for part in parts {
            let family = if part.source.v4.is_empty() { Family::V6 } else { Family::V4 };
            let text = self.one(&part, family);
            let is_twin = |(of, known): &(Family, BoxText)| {
                *of != family && *of != Family::Both && self.is_twin(known, &text)
            };
            match texts.iter().position(is_twin) {
                Some(place) => {
                    let (of, known) = &mut texts[place];
                    *of = Family::Both;
                    known.size += &text.size;
                    known.source.addresses = known.source.addresses.union(&text.source.addresses);
                    known.destination.addresses =
                        known.destination.addresses.union(&text.destination.addresses);
                }
                None => texts.push((family, text)),
            }
        }
        texts.into_iter().map(|(family, text)| self.unmistakable(family, text)).collect()
    }

    fn one(&mut self, part: &PacketBox, family: Family) -> BoxText {
        BoxText {
            protocol: part.protocols.to_string(),
            source: self.side(&part.source, family),
            source_ports: ports(&part.source_ports),
            destination: self.side(&part.destination, family),
            destination_ports: ports(&part.destination_ports),
            size: PacketSet::product(part).size(),
        }
    }

    fn side(&mut self, addresses: &AddressSet, family: Family) -> SideText {
        let words = self.words;
        let name = self
            .known
            .entry((addresses.clone(), family))
            .or_insert_with(|| words.name(addresses, family))
            .clone();
        SideText { name, addresses: addresses.clone() }
    }

    /// Whether two boxes read the same, so that the names mean both.
    fn is_twin(&self, one: &BoxText, other: &BoxText) -> bool {
        let reads_the_same = one.protocol == other.protocol
            && one.source_ports == other.source_ports
            && one.destination_ports == other.destination_ports
            && one.source.name == other.source.name
            && one.destination.name == other.destination.name;
        reads_the_same && one.source.has_words_alone() && one.destination.has_words_alone()
    }

    /// The box with names that mean no packet of the other family.
    fn unmistakable(&mut self, family: Family, text: BoxText) -> BoxText {
        let could_mean_both = |side: &SideText| side.name.terms.iter().any(|term| self.is_of_both(term));
        if family == Family::Both || !could_mean_both(&text.source) || !could_mean_both(&text.destination) {
            return text;
        }
        BoxText { source: self.side(&text.source.addresses, Family::Both), ..text }
    }

    /// Whether a term has members of both families.
    fn is_of_both(&self, term: &Term) -> bool {
        let Term::Word { name, .. } = term else { return false };
        self.words.addresses(name).is_some_and(|all| !all.v4.is_empty() && !all.v6.is_empty())
    }
}

impl SideText {
    /// For programs: words and prefixes whose union is the side; the fewest prefixes where a word would need
    /// exceptions. A side of more than `most` prefixes keeps the exceptions: `Internet except (Sql,10.0.0.0/8)`.
    pub(super) fn list(&self, most: usize) -> Vec<String> {
        let has_exceptions = !self.name.terms.iter().all(Term::is_whole);
        if has_exceptions {
            let nets = self.addresses.to_nets();
            if nets.len() <= most {
                return nets.iter().map(ToString::to_string).collect();
            }
        }
        let text = |term: &Term| match term {
            Term::Word { name, except } if except.is_empty() => name.clone(),
            Term::Word { name, except } => {
                let except = except.iter().map(|item| match item {
                    Item::Word(name) => name.clone(),
                    Item::Net(net) => net.to_string(),
                });
                format!("{name} except ({})", except.collect::<Vec<_>>().join(","))
            }
            Term::Net(net) => net.to_string(),
        };
        self.name.terms.iter().map(text).collect()
    }

    /// For people, with at most `most` prefixes of a kind: `ApiManagement except 163 prefixes`.
    pub(super) fn text(&self, most: usize) -> String {
        let mut terms: Vec<String> = Vec::new();
        let mut nets: Vec<&ipnet::IpNet> = Vec::new();
        for term in &self.name.terms {
            match term {
                Term::Word { name, except } if except.is_empty() => terms.push(name.clone()),
                Term::Word { name, except } => {
                    terms.push(format!("{name} except {}", exceptions(except, most)));
                }
                Term::Net(net) => nets.push(net),
            }
        }
        // One more prefix takes no more room than saying so.
        let left_out = if nets.len().saturating_sub(1) > most { nets.len() - most } else { 0 };
        terms.extend(nets[..nets.len() - left_out].iter().map(|net| net_text(net)));
        match (terms.len(), left_out) {
            (_, 0) => terms.join(","),
            (0, _) => counted(left_out, "prefix", "prefixes"),
            _ => format!("{} and {} more prefixes", terms.join(","), number(left_out)),
        }
    }

    /// Whether the name is words alone, each whole.
    fn has_words_alone(&self) -> bool {
        self.name.terms.iter().all(|term| matches!(term, Term::Word { except, .. } if except.is_empty()))
    }
}

/// `Storage`, `(Storage,10.0.0.0/8)`, `163 prefixes`.
fn exceptions(items: &[Item], most: usize) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut nets: Vec<&ipnet::IpNet> = Vec::new();
    for item in items {
        match item {
            Item::Word(name) => texts.push(name.clone()),
            Item::Net(net) => nets.push(net),
        }
    }
    if nets.len() > most.saturating_add(1) {
        texts.push(counted(nets.len(), "prefix", "prefixes"));
    } else {
        texts.extend(nets.into_iter().map(net_text));
    }
    if texts.len() == 1 { texts.remove(0) } else { format!("({})", texts.join(",")) }
}

/// The prefix as it stands in a side.
fn net_text(net: &ipnet::IpNet) -> String {
    let mut text = String::new();
    // Writing to a text cannot fail.
    let _ = write_net(&mut text, net);
    text
}

/// The words for the sides of a flow of the catalogue.
pub(super) fn words_of_flow(instance: &InstanceAnswer, flow: &FlowAnswer) -> Vocabulary {
    let inbound = flow.row.direction == FlowDirection::In;
    let mut words = Vocabulary::default();
    let subnet = instance.subnet.clone().unwrap_or_else(|| "subnet".to_owned());
    words.add(subnet.clone(), AddressSet::one(UNSEEN_OWN));
    words.add(SpecialTag::AzurePlatformLkm.as_str(), AddressSet::one(ACTIVATION_SERVER));
    if let Some(tag) = remote_tag(flow) {
        // What a document calls Internet is less than the tag.
        let remote = if tag == "Internet" { internet_of_questions() } else { side_of(flow, inbound) };
        words.add(tag, remote);
    }
    words.extend(&instance.tags, |_, _| true);
    if flow.share.as_ref().is_some_and(|share| share.own.is_some()) {
        let short = subnet.rsplit('/').next().unwrap_or_default();
        words.add_local(short, side_of(flow, !inbound));
    }
    words
}

/// All addresses of one side of what a flow asks; its parts cover it.
fn side_of(flow: &FlowAnswer, source: bool) -> AddressSet {
    flow.parts.iter().fold(AddressSet::empty(), |all, part| {
        all.union(&if source { part.packets.sources() } else { part.packets.destinations() })
    })
}

/// `Internet` as a question means it: without the addresses that only the platform uses.
fn internet_of_questions() -> AddressSet {
    let platform = special::platform_only();
    special::internet().only_v4().difference(&platform)
}

/// The tag that is the whole other side of a flow, as its text names it.
fn remote_tag(flow: &FlowAnswer) -> Option<String> {
    let Need::Packets(need) = flow.row.need else { return None };
    let (source, destination) = flow.packets.split_once(" -> ")?;
    let name = match flow.row.direction {
        FlowDirection::In => source.splitn(3, ' ').nth(2)?,
        _ => destination.rsplit_once(':')?.0,
    };
    let by_tag = match need.remote {
        Remote::Tag { .. } => !name.ends_with(".REGION"),
        Remote::Internet | Remote::VirtualNetwork => true,
        Remote::Parameter { default: Some(default), .. } => default.to_string() == name,
        _ => false,
    };
    by_tag.then(|| name.to_owned())
}

/// `80,443`, `1-9,11-21 and 40 more ranges`.
fn port_list(ports: &[String], most: usize) -> String {
    match ports.get(..most).filter(|_| ports.len() > most + 1) {
        Some(first) => format!("{} and {} more ranges", first.join(","), number(ports.len() - most)),
        None => ports.join(","),
    }
}

/// `Tcp,Udp`; what nearly all protocols leave out reads as it does for addresses: `* except (Udp,Gre)`.
fn protocol_text(protocol: &str) -> String {
    match protocol.strip_prefix("*-") {
        Some(names) if names.contains(',') => format!("* except ({names})"),
        Some(name) => format!("* except {name}"),
        None => protocol.to_owned(),
    }
}

/// Ports as rules write them, one entry a range.
pub(super) fn ports(ports: &PortSet) -> Vec<String> {
    ports
        .intervals()
        .iter()
        .filter_map(|interval| PortRange::new(interval.first, interval.last))
        .map(|range| range.to_string())
        .collect()
}

impl BoxText {
    /// The box on one line in the notation of packet sets, with at most `most` prefixes a side and as many
    /// ranges of ports and again as many.
    pub(super) fn line(&self, most: usize) -> String {
        let (source, destination) = (self.source.text(most), self.destination.text(most));
        let most = most.saturating_mul(2);
        let (from, to) = (port_list(&self.source_ports, most), port_list(&self.destination_ports, most));
        format!("{} {source}:{from} -> {destination}:{to}", protocol_text(&self.protocol))
    }

    /// The same for a flow, whose source ports are always those of clients.
    pub(super) fn flow_line(&self, most: usize) -> String {
        let (source, destination) = (self.source.text(most), self.destination.text(most));
        let ports = self.destination_ports.join(",");
        match destination.contains(' ') {
            true => format!("{} {source} -> {destination}, port {ports}", self.protocol),
            false => format!("{} {source} -> {destination}:{ports}", self.protocol),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sets::ProtocolSet;
    use ipnet::IpNet;

    fn set(text: &str) -> AddressSet {
        text.split_whitespace().map(|net| net.parse::<IpNet>().unwrap()).collect()
    }

    fn words() -> Vocabulary {
        let mut words = Vocabulary::default();
        words.add_local("apim", set("10.0.1.0/24"));
        words.add("Internet", set("0.0.0.0/1 2000::/3"));
        words.add("Sql", set("20.0.0.0/32 20.0.0.2/32 20.0.0.4/32 20.0.0.6/32 2001:db8::/32"));
        words
    }

    fn tcp(source: &str, destination: &str, port: u16) -> PacketSet {
        PacketSet::product(&PacketBox {
            protocols: ProtocolSet::of([crate::model::Protocol::TCP]),
            source: set(source),
            source_ports: PortSet::all(),
            destination: set(destination),
            destination_ports: PortSet::range(port, port),
        })
    }

    fn boxes(packets: &PacketSet, words: &Vocabulary) -> Vec<BoxText> {
        Namer::new(words).boxes(packets)
    }

    fn lines(packets: &PacketSet) -> String {
        let boxes = boxes(packets, &words());
        boxes.iter().map(|text| text.line(2)).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn a_box_is_one_line_and_means_no_packet_of_the_other_family() {
        let sql = "20.0.0.0/32 20.0.0.2/32 20.0.0.4/32 20.0.0.6/32";
        let both = "0.0.0.0/1 2000::/3";
        for (packets, line) in [
            (tcp(sql, "10.0.1.0/24", 443), "Tcp Sql:* -> apim:443"),
            (tcp(sql, "10.0.1.0/25", 443), "Tcp Sql:* -> 10.0.1.0/25:443"),
            (tcp("20.0.0.0/31", "10.0.1.0/24", 80), "Tcp 20.0.0.0/31:* -> apim:80"),
            (
                tcp("30.0.0.0/8 40.0.0.0/8 50.0.0.0/8 60.0.0.0/8", "10.0.1.7/32", 80),
                "Tcp 30.0.0.0/8,40.0.0.0/8 and 2 more prefixes:* -> 10.0.1.7:80",
            ),
            // Both sides have words of both families.
            (tcp(both, both, 80), "Tcp Internet:* -> Internet:80"),
            (tcp("0.0.0.0/1", "0.0.0.0/1", 80), "Tcp 0.0.0.0/1:* -> Internet:80"),
            (tcp(sql, "0.0.0.0/1", 80), "Tcp Sql except [::/0]:* -> Internet:80"),
            (tcp("2001:db8::/32", "fd00::5/128", 80), "Tcp Sql:* -> [fd00::5]:80"),
        ] {
            assert_eq!(lines(&packets), line);
        }
    }

    #[test]
    fn boxes_that_are_too_many_for_one_form_are_told_as_they_are() {
        let words = words();
        let cut = tcp("20.0.0.0/32", "10.0.1.0/25", 80).union(&tcp("20.0.0.0/32", "10.0.1.128/25", 80));
        let told = |work: u64| {
            let mut namer = Namer { work, ..Namer::new(&words) };
            namer.boxes(&cut).iter().map(|text| text.line(2)).collect::<Vec<_>>()
        };
        assert_eq!(told(CANONICAL), ["Tcp 20.0.0.0:* -> apim:80"]);
        assert_eq!(told(0), ["Tcp 20.0.0.0:* -> 10.0.1.0/25:80", "Tcp 20.0.0.0:* -> 10.0.1.128/25:80"]);
    }

    #[test]
    fn most_protocols_are_named_by_those_that_are_left_out() {
        use crate::model::Protocol;
        let all_but = |left_out: &[Protocol]| {
            let protocols = ProtocolSet::ALL.difference(ProtocolSet::of(left_out.iter().copied()));
            let part = PacketBox {
                protocols,
                source: set("20.0.0.0/31"),
                source_ports: PortSet::all(),
                destination: set("10.0.1.0/24"),
                destination_ports: PortSet::all(),
            };
            lines(&PacketSet::product(&part))
        };
        assert_eq!(all_but(&[]), "* 20.0.0.0/31:* -> apim:*");
        assert_eq!(all_but(&[Protocol::UDP]), "* except Udp 20.0.0.0/31:* -> apim:*");
        assert_eq!(all_but(&[Protocol::UDP, Protocol(47)]), "* except (Udp,Gre) 20.0.0.0/31:* -> apim:*");
    }

    #[test]
    fn programs_get_words_or_prefixes_and_no_names_of_the_input() {
        let words = words().without_local();
        let of = |source: &str| {
            let boxes = boxes(&tcp(source, "10.0.1.0/24", 443), &words);
            (boxes[0].source.list(usize::MAX).join(" "), boxes[0].destination.list(usize::MAX).join(" "))
        };
        assert_eq!(of("0.0.0.0/1"), ("Internet".to_owned(), "10.0.1.0/24".to_owned()));
        assert_eq!(of("0.0.0.0/1 128.0.0.0/8").0, "Internet 128.0.0.0/8");
        assert_eq!(of("0.0.0.0/3 64.0.0.0/2").0, "0.0.0.0/3 64.0.0.0/2");
        assert_eq!(of("0.0.0.0/3 48.0.0.0/4 64.0.0.0/2").0, "0.0.0.0/3 48.0.0.0/4 64.0.0.0/2");
        let most = boxes(&tcp("0.0.0.0/3 48.0.0.0/4 64.0.0.0/2", "10.0.1.0/24", 443), &words);
        assert_eq!(most[0].source.list(2), ["Internet except (32.0.0.0/4)"]);
    }
}
