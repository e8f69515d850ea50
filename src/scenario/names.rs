//! The names in expectations, every one looked up before anything is judged.
//!
//! A name that leads nowhere because what it names could not be read is no mistake of its own.

use super::by::{By, without_priority};
use super::expect::{Draft, Names, Question};
use super::fields::Spot;
use super::file::ScenarioFile;
use super::judge::Stage;
use super::mistake::{Mistake, Mistakes, Named};
use crate::model::{Direction, Origin, Region, pointed};
use crate::network::AttachmentPoint;
use crate::rules::notation::AddressText;
use crate::rules::{PacketSetText, SideText};
use crate::walk::question::{QuestionError, question};

impl Stage<'_> {
    /// Notes every name of an expectation that leads nowhere.
    pub(super) fn look_up(&self, draft: &Draft, file: &ScenarioFile, mistakes: &mut Mistakes) {
        let Draft { question, by, names: Names { subnet, location, at }, origin, asked, .. } = draft;
        if let Some(by) = by {
            let is_lost = mistakes.hide(Named::Rule, without_priority(&by.value));
            note(By::find(by, self.network).err(), is_lost, mistakes);
        }
        if let Some(at) = at {
            let names_instance = file
                .instance
                .as_ref()
                .and_then(|form| form.name.as_ref())
                .is_some_and(|name| name.value.eq_ignore_ascii_case(&at.value));
            let is_lost = names_instance || mistakes.hide(Named::Anything, &at.value);
            note(self.at(at).err(), is_lost, mistakes);
        }
        match question {
            Some(Question::Flow { id, .. }) => self.flow(id, origin, location.as_ref(), mistakes),
            Some(Question::Required { .. }) => self.location(origin, location.as_ref(), mistakes),
            Some(Question::Packet { packet, .. }) => {
                let point = self.point(asked, subnet.as_ref(), Some(packet.local()));
                place(point.err(), subnet.as_ref(), mistakes);
            }
            Some(Question::Set { set, .. }) => self.set(set, subnet.as_ref(), asked, mistakes),
            Some(Question::Path { set }) => {
                for side in [&set.source, &set.destination] {
                    let wrong = self.network.end(side, self.tags).err();
                    let is_lost = ["network", "input", "tags"].iter().any(|key| mistakes.touch(key));
                    note(wrong.map(|error| Mistake::new(asked, error.to_string())), is_lost, mistakes);
                }
            }
            Some(Question::Route { to, .. }) => {
                let any = SideText { addresses: vec![AddressText::Any], ports: None };
                let set = PacketSetText {
                    direction: Direction::Outbound,
                    protocol: None,
                    source: any,
                    destination: to.clone(),
                };
                self.set(&set, subnet.as_ref(), asked, mistakes);
            }
            Some(Question::Finding { .. }) => {}
            None => {
                if location.is_some() {
                    self.location(origin, location.as_ref(), mistakes);
                }
                if subnet.is_some() {
                    place(self.point(asked, subnet.as_ref(), None).err(), subnet.as_ref(), mistakes);
                }
            }
        }
    }

    fn flow(&self, id: &str, origin: &Origin, location: Option<&Spot<Region>>, mistakes: &mut Mistakes) {
        match self.instance(origin, location) {
            Ok(instance) if !instance.flows.iter().any(|flow| flow.row.id == id) => {
                let message = format!("the flow `{id}` is in no answer of this profile");
                note(Some(Mistake::new(origin, message)), mistakes.touch("profile"), mistakes);
            }
            Ok(_) => {}
            Err(_) => self.location(origin, location, mistakes),
        }
    }

    fn location(&self, origin: &Origin, location: Option<&Spot<Region>>, mistakes: &mut Mistakes) {
        let keys: &[&str] = match location {
            Some(_) if !self.answer.instances.is_empty() => &["input", "apim.locations", "apim.region"],
            _ => &["input", "apim"],
        };
        let is_lost = keys.iter().any(|key| mistakes.touch(key));
        note(self.instance(origin, location).err(), is_lost, mistakes);
    }

    fn set(
        &self,
        set: &PacketSetText,
        subnet: Option<&Spot<String>>,
        asked: &Origin,
        mistakes: &mut Mistakes,
    ) {
        let point = match self.point_of_set(asked, subnet, set) {
            Ok(point) => Some(point),
            Err(mistake) => {
                place(Some(mistake), subnet, mistakes);
                // The names of the set may still be wrong, wherever it is asked.
                let any = self.network.subnets.first().map(|subnet| Spot::new(subnet.name(), asked));
                any.and_then(|any| self.point(asked, Some(&any), None).ok())
            }
        };
        let Some(point) = point else { return };
        let Err(error) = question(self.network, &point, set) else { return };
        match error {
            QuestionError::Empty { .. } => {
                let is_lost = ["network", "input"].iter().any(|key| mistakes.touch(key));
                note(Some(Mistake::new(asked, error.to_string())), is_lost, mistakes);
            }
            QuestionError::Name(_) => self.terms(set, &point, asked, mistakes),
        }
    }

    /// Each name of a set asked on its own, so that one that is wrong does not cover another.
    fn terms(
        &self,
        set: &PacketSetText,
        point: &AttachmentPoint<'_>,
        asked: &Origin,
        mistakes: &mut Mistakes,
    ) {
        let any = || SideText { addresses: vec![AddressText::Any], ports: None };
        for term in set.source.addresses.iter().chain(&set.destination.addresses) {
            let side = SideText { addresses: vec![term.clone()], ports: None };
            let alone = PacketSetText { source: side, destination: any(), ..set.clone() };
            let Err(error @ QuestionError::Name(_)) = question(self.network, point, &alone) else { continue };
            let is_lost = match term {
                AddressText::Name(name) => mistakes.touch("tags") || mistakes.hide(Named::Subnet, name),
                AddressText::Subnet(name) => mistakes.hide(Named::Subnet, name),
                _ => mistakes.hide(Named::ApplicationGroup, ""),
            };
            let printed = set.to_string();
            let excerpt = error.part_of(&printed).map(|part| pointed(&printed, part));
            let mistake = Mistake { excerpt, ..Mistake::new(asked, error.to_string()) };
            note(Some(mistake), is_lost, mistakes);
        }
    }
}

/// A place that is not to be found: by the name of its subnet, or because nothing says where.
fn place(mistake: Option<Mistake>, subnet: Option<&Spot<String>>, mistakes: &mut Mistakes) {
    let is_lost = match subnet {
        Some(subnet) => mistakes.hide(Named::Subnet, &subnet.value),
        None => ["network", "input"].iter().any(|key| mistakes.touch(key)),
    };
    note(mistake, is_lost, mistakes);
}

fn note(mistake: Option<Mistake>, is_lost: bool, mistakes: &mut Mistakes) {
    if let (Some(mistake), false) = (mistake, is_lost) {
        mistakes.push(mistake);
    }
}
