//! Many packets against one policy: a table look-up for each field, then the first common bit.
//!
//! In: a [`Policy`], then packets of its direction. Out: for each packet the verdict and the rules that may
//! decide, as [`Policy::first_match`] gives them; where one rule settles it, without allocation ([`Answer`]).
//! Serves S1 to S9.
//!
//! The values of a field fall into classes that no rule tells apart. Each class has a *row*: one bit for
//! each rule that may match the values of the class. The intersection of a packet's rows is the rules that
//! may match the packet, and the first of them decides where it must match as well.
//!
//! | step | module | cost |
//! | --- | --- | --- |
//! | rules as entries: which distinct sets a rule names | `entries` | one pass over the rules |
//! | a place for each entry: rules in order, kept in lanes | `lanes` | one sort |
//! | a row for each class, and summaries that say which words of it are not empty | `rows` | classes times sets that hold them |
//! | from a value to its row | `fields` | one or two reads, for addresses a short search |
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

mod entries;
mod fields;
mod lanes;
mod rows;

use super::first_match::{Decision, decide};
use super::policy::Policy;
use crate::model::{Access, Packet};
use entries::Entries;
use fields::{FIELDS, Fields};
use lanes::Lanes;
use rows::{Picked, Rows};

/// How many packets are looked up before the first of them is decided.
const BLOCK: usize = 64;

/// A policy compiled for one packet after the other.
#[derive(Clone, Debug)]
pub struct Classifier {
    /// By rank, which is the place in the order of evaluation.
    rules: Vec<Ruling>,
    lanes: Lanes,
    fields: Fields,
    may: Rows,
    /// `None` where every rule must match whatever it may match: then `may` serves for both.
    must: Option<Rows>,
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
            Answer::Settled { rule, access } => Self { verdict: access.verdict(), candidates: vec![rule] },
            Answer::Unsettled(decision) => decision,
        }
    }
}

impl Classifier {
    /// Builds the tables of a policy.
    pub fn new(policy: &Policy) -> Self {
        let entries = Entries::new(&policy.rules);
        let classes = entries.classes();
        let lanes = Lanes::new(&entries, &classes);
        let (fields, may, must) = Fields::new(&entries, &classes, &lanes);
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
        Self { rules, lanes, fields, may, must }
    }

    /// What the policy decides about a packet of its direction.
    pub fn decision(&self, packet: &Packet) -> Decision {
        self.answer(packet).into()
    }

    /// The same, without allocation where one rule settles it.
    pub fn answer(&self, packet: &Packet) -> Answer {
        self.answer_at(self.fields.rows(packet))
    }

    /// The answers for many packets, one after the other, in their order.
    ///
    /// Faster than one call for each: all packets of a block are looked up before the first is decided, so
    /// that waits for memory overlap.
    pub fn answers(&self, packets: &[Packet], mut each: impl FnMut(Answer)) {
        for block in packets.chunks(BLOCK) {
            let mut rows = [[0; FIELDS]; BLOCK];
            for (packet, rows) in block.iter().zip(&mut rows) {
                *rows = self.fields.rows(packet);
            }
            for rows in &rows[..block.len()] {
                each(self.answer_at(*rows));
            }
        }
    }

    /// How many bytes the tables take.
    pub fn size(&self) -> usize {
        self.rules.len() * size_of::<Ruling>()
            + self.lanes.size()
            + self.fields.size()
            + self.may.size()
            + self.must.as_ref().map_or(0, Rows::size)
    }

    #[inline]
    fn answer_at(&self, rows: [u32; FIELDS]) -> Answer {
        let may = self.may.pick(rows);
        if let Some((rank, place)) = self.lanes.first(&may)
            && let Some(Ruling { index, alone: Some(access), .. }) = self.rules.get(rank)
            && self.must.as_ref().is_none_or(|must| must.pick(rows).has(place))
        {
            return Answer::Settled { rule: *index, access: *access };
        }
        Answer::Unsettled(self.unsettled(&may, rows))
    }

    /// Every rule that may match up to the end of the first group in which one must (S8).
    #[cold]
    fn unsettled(&self, may: &Picked<'_>, rows: [u32; FIELDS]) -> Decision {
        let settling = match &self.must {
            Some(must) => self.lanes.all(&must.pick(rows)).min(),
            None => self.lanes.all(may).min(),
        };
        let end = settling.map_or(self.rules.len(), |rank| self.rules[rank].group_end);
        let mut ranks: Vec<usize> = self.lanes.all(may).filter(|rank| *rank < end).collect();
        ranks.sort_unstable();
        let candidates = ranks.into_iter().map(|rank| (self.rules[rank].index, self.rules[rank].access));
        decide(candidates, settling.is_some())
    }
}
