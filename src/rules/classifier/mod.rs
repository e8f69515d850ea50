//! Many packets against one policy: a table look-up for each field, then the first common bit.
//!
//! In: a [`Policy`], then packets of its direction. Out: for each packet the verdict and the rules that may
//! decide, as [`Policy::first_match`] gives them; where one rule settles it, without allocation ([`Answer`]).
//! Serves S1 to S9.
//!
//! The values of a field fall into classes that no rule tells apart. Each class has a *row*: one bit for
//! each rule that may match the values of the class. The intersection of a packet's rows is the rules that
//! may match the packet, and the first of them decides where it must match as well. Of thousands of rules,
//! most stand in short lists instead.
//!
//! | step | module | cost |
//! | --- | --- | --- |
//! | rules as entries: which distinct sets a rule names | `entries` | one pass over the rules |
//! | of large sets, lists of the narrow rules of a class | `narrow` | the rules of each class |
//! | a row for each class, numbered field by field | `draft` | classes times sets that hold them |
//! | the same, each row once | `rows` | one look-up a row |
//! | from a value to its row | `fields`, `addresses` | one or two reads, for addresses up to four |
//!
//! ```
//! use flowcheck::model::{Direction, Packet, Verdict};
//! use flowcheck::rules::{Classifier, Policy, Reading};
//! use flowcheck::sources::{ReadOptions, read};
//! use flowcheck::tags::TagSnapshot;
//!
//! let template = include_bytes!("../../../examples/external/main.json");
//! let network = read(template, "main.json", &ReadOptions::default())?.network;
//! let point = network.at_subnet(network.subnets_named("apim")[0], TagSnapshot::builtin());
//! let rules = &network.security_groups[0].rules;
//! let policy = Policy::compile(rules, Direction::Inbound, &point.surroundings, &Reading::DEFAULT);
//! // Built once; each packet is a few look-ups.
//! let classifier = Classifier::new(&policy);
//! let packet: Packet = "In Tcp 13.69.64.76 -> 10.0.1.5:3443".parse()?;
//! let decision = classifier.decision(&packet);
//! assert_eq!(decision.verdict, Verdict::Allowed);
//! assert_eq!(rules.rules[decision.candidates[0]].name, "AllowManagement");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Not here: the sweep that finds the classes (`sets::Classes`), what the platform exempts (`walk`).

mod addresses;
mod draft;
mod entries;
mod fields;
mod narrow;
mod rows;

use super::first_match::{Decision, decide};
use super::policy::Policy;
use crate::model::{Access, Packet};
use entries::Entries;
use fields::{DESTINATION, FIELDS, Fields, SOURCE};
use narrow::Narrow;
use rows::{Picked, Rows};

/// How many packets are looked up before the first of them is decided.
const BLOCK: usize = 64;

/// A policy compiled for one packet after the other.
#[derive(Clone, Debug)]
pub struct Classifier {
    /// By rank, which is the place in the order of evaluation.
    rules: Vec<Ruling>,
    fields: Fields,
    rows: Rows,
    /// The rank of the rule of each place in a row.
    ranks: Vec<u32>,
    narrow: Narrow,
}

/// What a rule does once it is found.
#[derive(Clone, Copy, Debug)]
struct Ruling {
    /// Its place in the rule set.
    index: usize,
    access: Option<Access>,
    /// The rank after the last rule of its group (S8).
    group_end: usize,
    /// What it does where no other rule of its group can say otherwise.
    alone: Option<Access>,
}

/// What a policy decides about one packet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// One rule decides, whatever is missing.
    Settled {
        /// Its place in the rule set.
        rule: usize,
        /// What it does.
        access: Access,
    },
    /// Anything else: several rules may decide, or none does for certain.
    Unsettled(Decision),
}

impl From<Answer> for Decision {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Settled { rule, access } => {
                Self { verdict: access.verdict(), candidates: vec![rule], cut_off: false }
            }
            Answer::Unsettled(decision) => decision,
        }
    }
}

impl Classifier {
    /// Builds the tables of a policy.
    pub fn new(policy: &Policy) -> Self {
        let entries = Entries::new(&policy.rules);
        let classes = entries.classes();
        let (narrow, placed) = Narrow::new(&entries, &classes);
        let (fields, rows) = Fields::new(&entries, &placed, &classes, &narrow);
        // Ranks fit: there are fewer entries than bytes of input.
        let ranks = placed.iter().map(|number| entries.list[*number].rank as u32).collect();
        let mut rules: Vec<Ruling> = Vec::with_capacity(policy.rules.len());
        for group in policy.rules.chunk_by(|a, b| a.order == b.order) {
            let group_end = rules.len() + group.len();
            rules.extend(group.iter().map(|rule| Ruling {
                index: rule.index,
                access: rule.access,
                group_end,
                alone: if group.len() == 1 { rule.access } else { None },
            }));
        }
        Self { rules, fields, rows, ranks, narrow }
    }

    /// What the policy decides about a packet of its direction.
    pub fn decision(&self, packet: &Packet) -> Decision {
        self.answer(packet).into()
    }

    /// The same, without allocation where one rule settles it.
    pub fn answer(&self, packet: &Packet) -> Answer {
        self.answer_at(packet, self.fields.rows(packet))
    }

    /// The answers for many packets, one after the other, in their order.
    ///
    /// Faster than one call for each: all packets of a block are looked up, field by field, before the first
    /// is decided, so that waits for memory overlap.
    pub fn answers(&self, packets: &[Packet], mut each: impl FnMut(Answer)) {
        for block in packets.chunks(BLOCK) {
            let mut rows = [[0; BLOCK]; FIELDS];
            self.fields.rows_of_all(block, &mut rows);
            for (at, packet) in block.iter().enumerate() {
                each(self.answer_at(packet, std::array::from_fn(|field| rows[field][at])));
            }
        }
    }

    /// How many bytes the tables take.
    pub fn size(&self) -> usize {
        self.rules.len() * size_of::<Ruling>()
            + self.fields.size()
            + self.rows.size()
            + self.ranks.len() * size_of::<u32>()
            + self.narrow.size()
    }

    #[inline]
    fn answer_at(&self, packet: &Packet, rows: [u32; FIELDS]) -> Answer {
        let picked = self.rows.pick(rows);
        if let Some(rank) = self.certain(packet, &picked)
            && let Some(Ruling { index, alone: Some(access), .. }) = self.rules.get(rank)
        {
            return Answer::Settled { rule: *index, access: *access };
        }
        Answer::Unsettled(self.unsettled(packet, &picked))
    }

    /// The rank of the first rule that may match, where it must match as well.
    #[inline]
    fn certain(&self, packet: &Packet, picked: &Picked<'_>) -> Option<usize> {
        let place = picked.first();
        let rank = place.map_or(u32::MAX, |place| self.ranks[place]);
        if let Some(listed) = self.narrow.first(packet, lists(picked), rank) {
            return Some(listed as usize);
        }
        place.filter(|place| picked.is_must(*place)).map(|_| rank as usize)
    }

    /// Every rule that may match up to the end of the first group in which one must (S8).
    #[cold]
    fn unsettled(&self, packet: &Packet, picked: &Picked<'_>) -> Decision {
        let rank = |place: usize| self.ranks[place] as usize;
        // What is listed is certain.
        let listed = self.narrow.all(packet, lists(picked));
        let settling = picked.must().map(rank).chain(listed.iter().copied()).min();
        let end = settling.map_or(self.rules.len(), |rank| self.rules[rank].group_end);
        let mut ranks: Vec<usize> = picked.may().map(rank).chain(listed).filter(|rank| *rank < end).collect();
        ranks.sort_unstable();
        let candidates = ranks.into_iter().map(|rank| (self.rules[rank].index, self.rules[rank].access));
        decide(candidates, settling.is_some().into())
    }
}

/// The lists of a packet's addresses.
#[inline]
fn lists(picked: &Picked<'_>) -> [u64; 2] {
    [picked.list(SOURCE), picked.list(DESTINATION)]
}
