//! Groups and their rules: what is in force, against what the input says.
//!
//! A group is found by its id, else by its name, else by a name with open parts that may be it. A rule is found
//! by name and direction, else by direction and priority. Default rules are the platform's on both sides.

use super::{ConformAnswer, FieldDifference, Kind};
use crate::finding::Severity;
use crate::model::{Fact, Gap, ResourceId};
use crate::network::effective::EffectiveGroup;
use crate::network::{Network, SecurityGroup, Subnet};
use crate::rules::{AddressTerm, PortTerm, ProtocolTerm, Rule, Side, Written};
use crate::sets::{AddressSet, PortSet};
use std::collections::BTreeSet;
use std::fmt::Display;

/// A group of the dump, its counterpart, and the subnet of the input where both are in force.
pub(super) struct Place<'n> {
    pub(super) in_force: &'n SecurityGroup,
    pub(super) subnet: Option<&'n Subnet>,
}

pub(super) fn compare<'n>(
    dump: &'n Network,
    input: &'n Network,
    named: Option<&'n Subnet>,
    named_group: Option<&'n SecurityGroup>,
    answer: &mut ConformAnswer,
) -> Vec<Place<'n>> {
    let mut places = Vec::new();
    let mut seen: BTreeSet<&ResourceId> = BTreeSet::new();
    for group in dump.security_groups.iter().filter(|group| dump.effective.shows(&group.id)) {
        let entries: Vec<&EffectiveGroup> =
            dump.effective.groups.iter().filter(|entry| entry.group == group.id).collect();
        let is_named = entries.iter().any(|entry| entry.named);
        let mut counterpart =
            named_group.or_else(|| is_named.then(|| counterpart(&group.id, input)).flatten());
        let mut subnet = named;
        for id in entries.iter().filter_map(|entry| entry.subnet.as_ref()) {
            let found = subnet_like(id, input);
            subnet = subnet.or(found);
            if let Some(found) = found.filter(|_| !is_named) {
                let theirs = input.security_group_of(found).known().copied().flatten();
                counterpart = counterpart.or(theirs);
            } else if let Some(found) = found {
                association(group, counterpart, found, input, answer);
            }
        }
        match counterpart {
            Some(theirs) => {
                seen.insert(&theirs.id);
                answer.compared.groups += 1;
                match (&group.doubt, &theirs.doubt) {
                    (Some(gap), _) | (_, Some(gap)) => answer.leaves_open(group.name(), gap.clone()),
                    (None, None) => rules(group, theirs, answer),
                }
                let attached = input.subnets_of(theirs);
                if let ([only], None) = (&attached[..], subnet) {
                    subnet = Some(only);
                }
            }
            None if !is_named => {
                let missing =
                    format!("which group of the input is `{}`, which the dump does not name", group.name());
                answer
                    .leaves_open(group.name(), Gap::new(missing).at(&group.origin).supplied_by("--nsg NAME"));
            }
            None => not_in_input(group, input, answer),
        }
        places.push(Place { in_force: group, subnet });
    }
    if !dump.effective.groups.is_empty() {
        answer.compared.not_shown =
            input.security_groups.iter().filter(|group| !seen.contains(&group.id)).count();
    }
    places
}

/// The one resource of the input that an id of the dump means.
fn like<'n, T>(id: &ResourceId, all: &'n [T], id_of: impl Fn(&T) -> &ResourceId) -> Option<&'n T> {
    let only = |wanted: &dyn Fn(&ResourceId) -> bool| {
        let mut found = all.iter().filter(|one| wanted(id_of(one)));
        found.next().filter(|_| found.next().is_none())
    };
    let names = |id: &ResourceId| id.names().join("/").to_lowercase();
    let open = |text: &str| ResourceId::new(text.to_owned());
    only(&|other| other == id).or_else(|| only(&|other| names(other) == names(id))).or_else(|| {
        only(&|other| other.as_str().contains("${") && open(&names(other)).may_be(&open(&names(id))))
    })
}

fn counterpart<'n>(id: &ResourceId, input: &'n Network) -> Option<&'n SecurityGroup> {
    like(id, &input.security_groups, |group| &group.id)
}

/// The subnet of the input that a subnet of the dump is.
pub(super) fn subnet_like<'n>(id: &ResourceId, input: &'n Network) -> Option<&'n Subnet> {
    like(id, &input.subnets, |subnet| &subnet.id)
}

fn not_in_input(group: &SecurityGroup, input: &Network, answer: &mut ConformAnswer) {
    let names: BTreeSet<&str> = input.security_groups.iter().map(SecurityGroup::name).collect();
    let some: Vec<&str> = names.iter().copied().take(5).collect();
    let has = match (names.len(), some.join(", ")) {
        (0, _) => "no group".to_owned(),
        (1..=5, some) => format!("only {some}"),
        (all, some) => format!("{some} and {} more", all - 5),
    };
    let message = format!("the group `{}` is in force, and the input has {has}", group.name());
    let difference = answer.differs(Kind::UnknownGroup, Severity::Error, group.name(), message);
    difference.in_force = Some(group.origin.clone());
    difference.hint =
        Some("is this the input of that network? --nsg NAME says which group of the input it is".to_owned());
}

/// Whether the input attaches the group to the subnet where it is in force.
fn association(
    group: &SecurityGroup,
    counterpart: Option<&SecurityGroup>,
    subnet: &Subnet,
    input: &Network,
    answer: &mut ConformAnswer,
) {
    let theirs = match input.security_group_of(subnet) {
        Fact::Known(theirs) => theirs,
        // A group that is known and whose rules are not is still known to be attached.
        Fact::Unknown(gap) => {
            let named = subnet.security_group.known().and_then(Option::as_ref);
            match named {
                Some(id) if like(&group.id, std::slice::from_ref(id), |id| id).is_some() => {}
                _ => answer.leaves_open(&subnet.name(), gap),
            }
            return;
        }
    };
    let is_same = theirs.is_some_and(|theirs| counterpart.is_some_and(|ours| ours.id == theirs.id));
    if is_same {
        return;
    }
    let name = subnet.name();
    let said = theirs.map_or("no group".to_owned(), |theirs| format!("`{}`", theirs.name()));
    let message = format!("`{}` is in force at `{name}`, where the input has {said}", group.name());
    let difference = answer.differs(Kind::OtherGroup, Severity::Error, &name, message);
    difference.in_force = Some(group.origin.clone());
    difference.input = Some(subnet.origin.clone());
}

fn rules(in_force: &SecurityGroup, input: &SecurityGroup, answer: &mut ConformAnswer) {
    let mut left: Vec<&Rule> = in_force.rules.custom().collect();
    let mut rest: Vec<&Rule> = Vec::new();
    answer.compared.rules += left.len();
    let named = |rule: &Rule, other: &Rule| {
        rule.name.eq_ignore_ascii_case(&other.name) && may_be_same(&rule.direction, &other.direction)
    };
    for rule in input.rules.custom() {
        match left.iter().position(|other| named(rule, other)) {
            Some(place) => fields(left.remove(place), rule, in_force, answer),
            None => rest.push(rule),
        }
    }
    for rule in rest {
        let same_place = |other: &&Rule| {
            other.priority == rule.priority
                && rule.direction.known().is_some()
                && other.direction == rule.direction
        };
        match left.iter().position(same_place) {
            Some(place) => fields(left.remove(place), rule, in_force, answer),
            None => missing(rule, in_force, answer),
        }
    }
    for rule in left {
        let message =
            format!("`{}` is in force in `{}` and not in the input: {rule}", rule.name, in_force.name());
        let difference = answer.differs(Kind::AddedRule, Severity::Error, &rule.name, message);
        difference.in_force = Some(rule.origin.clone());
        difference.input = Some(input.origin.clone());
        difference.hint = Some("add it to the input, or delete it in Azure".to_owned());
    }
}

fn may_be_same<T: PartialEq>(left: &Fact<T>, right: &Fact<T>) -> bool {
    match (left.known(), right.known()) {
        (Some(left), Some(right)) => left == right,
        _ => true,
    }
}

fn missing(rule: &Rule, in_force: &SecurityGroup, answer: &mut ConformAnswer) {
    if let Some(gap) = &rule.doubt {
        return answer.leaves_open(&rule.name, gap.clone());
    }
    answer.compared.rules += 1;
    let message = format!("`{}` is not in force in `{}`: {rule}", rule.name, in_force.name());
    let difference = answer.differs(Kind::MissingRule, Severity::Error, &rule.name, message);
    difference.in_force = Some(in_force.origin.clone());
    difference.input = Some(rule.origin.clone());
    difference.hint = Some("deploy the input, or look who deleted it".to_owned());
}

/// The fields of one rule on both sides.
fn fields(in_force: &Rule, input: &Rule, group: &SecurityGroup, answer: &mut ConformAnswer) {
    let mut found = Found::default();
    found.word(
        "name",
        in_force.name.to_lowercase() == input.name.to_lowercase(),
        &in_force.name,
        &input.name,
    );
    match input.priority.is_settled() {
        true => {
            found.word("priority", in_force.priority == input.priority, &in_force.priority, &input.priority);
        }
        false => found.gaps.push(Gap::new(format!("the priority of `{}`", input.name)).at(&input.origin)),
    }
    found.fact("direction", &in_force.direction, &input.direction);
    found.fact("access", &in_force.access, &input.access);
    match &input.protocol {
        ProtocolTerm::Unknown(gap) => found.gaps.push(gap.clone()),
        theirs => found.word("protocol", in_force.protocol == *theirs, &in_force.protocol, theirs),
    }
    for (field, ports, ours, theirs) in [
        ("source", "source port", &in_force.source, &input.source),
        ("destination", "destination port", &in_force.destination, &input.destination),
    ] {
        found.addresses(field, ours, theirs);
        found.ports(ports, ours, theirs);
    }
    for gap in found.gaps {
        answer.leaves_open(&input.name, gap);
    }
    if found.fields.is_empty() {
        return;
    }
    // A rule that may not be there may be one of several that take turns.
    if let Some(gap) = &input.doubt {
        return answer.leaves_open(&input.name, gap.clone());
    }
    let names: Vec<&str> = found.fields.iter().map(|field| field.field).collect();
    let message =
        format!("`{}` is in force in `{}` with another {}", input.name, group.name(), names.join(", "));
    let difference = answer.differs(Kind::ChangedRule, Severity::Error, &input.name, message);
    difference.fields = found.fields;
    difference.in_force = Some(in_force.origin.clone());
    difference.input = Some(input.origin.clone());
}

/// What differs between two prints of a rule.
#[derive(Default)]
struct Found {
    fields: Vec<FieldDifference>,
    gaps: Vec<Gap>,
}

impl Found {
    fn word(&mut self, field: &'static str, same: bool, in_force: &impl Display, input: &impl Display) {
        if !same {
            let (in_force, input) = (in_force.to_string(), input.to_string());
            self.fields.push(FieldDifference { field, in_force, input });
        }
    }

    fn fact<T: PartialEq + Display>(&mut self, field: &'static str, in_force: &Fact<T>, input: &Fact<T>) {
        match (in_force, input) {
            (Fact::Known(ours), Fact::Known(theirs)) => self.word(field, ours == theirs, ours, theirs),
            (Fact::Unknown(gap), _) | (_, Fact::Unknown(gap)) => self.gaps.push(gap.clone()),
        }
    }

    /// The same words, or the same addresses where all of them are prefixes. Members of an application security
    /// group may be printed as addresses, so a group leaves the field open.
    fn addresses(&mut self, field: &'static str, in_force: &Side, input: &Side) {
        if let Some(gap) = input.addresses.iter().chain(&in_force.addresses).find_map(gap_of) {
            self.gaps.push(gap);
            return;
        }
        let (ours, theirs) = (words(in_force), words(input));
        if ours == theirs {
            return;
        }
        let group = input.addresses.iter().find_map(|written| match &written.value {
            AddressTerm::Group(id) => Some(id),
            _ => None,
        });
        if let Some(id) = group {
            let missing = format!("the members of the application security group `{}`", id.name());
            self.gaps.push(Gap::new(missing));
            return;
        }
        if let (Some(ours), Some(theirs)) = (nets(in_force), nets(input))
            && ours == theirs
        {
            return;
        }
        self.word(field, false, &printed(in_force), &printed(input));
    }

    fn ports(&mut self, field: &'static str, in_force: &Side, input: &Side) {
        match (ports(in_force), ports(input)) {
            (Ok(ours), Ok(theirs)) if ours == theirs => {}
            (Ok(_), Ok(_)) => {
                let text = |side: &Side| {
                    let texts: Vec<String> =
                        side.ports.iter().map(|written| written.value.to_string()).collect();
                    texts.join(", ")
                };
                self.word(field, false, &text(in_force), &text(input));
            }
            (Err(gap), _) | (_, Err(gap)) => self.gaps.push(gap),
        }
    }
}

fn gap_of(written: &Written<AddressTerm>) -> Option<Gap> {
    match &written.value {
        AddressTerm::Unknown(gap) => Some(gap.clone()),
        _ => None,
    }
}

/// The addresses of a side as words. A dump prints `*` as the literal for every address of IPv4.
fn words(side: &Side) -> BTreeSet<String> {
    let word = |written: &Written<AddressTerm>| match &written.value {
        AddressTerm::Prefix { net, .. } if net.prefix_len() == 0 && net.addr().is_ipv4() => "*".to_owned(),
        AddressTerm::Group(id) => id.key(),
        term => term.to_string(),
    };
    let mut words: BTreeSet<String> = BTreeSet::new();
    for written in &side.addresses {
        // S88: the case of a tag's name does not matter.
        words.insert(word(written).to_lowercase());
    }
    words
}

fn printed(side: &Side) -> String {
    let texts: Vec<String> = side.addresses.iter().map(|written| written.value.to_string()).collect();
    texts.join(", ")
}

fn nets(side: &Side) -> Option<AddressSet> {
    let net = |written: &Written<AddressTerm>| match &written.value {
        AddressTerm::Prefix { net, .. } => Some(*net),
        _ => None,
    };
    side.addresses.iter().map(net).collect()
}

fn ports(side: &Side) -> Result<PortSet, Gap> {
    let mut ranges = Vec::new();
    for written in &side.ports {
        match &written.value {
            PortTerm::Range(range) => ranges.push((range.low(), range.high())),
            PortTerm::Never => {}
            PortTerm::Unknown(gap) => return Err(gap.clone()),
        }
    }
    Ok(PortSet::from_intervals(ranges))
}
