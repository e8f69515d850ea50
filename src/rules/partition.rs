//! First-match evaluation of one policy for a whole set of packets.
//!
//! In: a [`Policy`] and a [`PacketSet`]. Out: disjoint parts that cover the set, each with its
//! [`Decision`]. Serves S1 to S9 and the three-valued walk of the design, section 3. Cost: rules times
//! pieces; a piece is cut only by rules that meet it.

use super::first_match::{Decision, decide};
use super::policy::{Policy, PolicyRule};
use crate::sets::{PacketBox, PacketSet};
use std::collections::BTreeMap;

/// Packets that one list of rules decides.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RulePart {
    /// The packets.
    pub packets: PacketSet,
    /// What is decided about each of them.
    pub decision: Decision,
}

/// Packets on their walk through the rules.
struct Piece {
    packets: PacketBox,
    /// Places in `Policy::rules` of the rules that may have matched so far.
    candidates: Vec<usize>,
    /// Whether a rule of the group at hand must match.
    settled: bool,
}

impl Policy {
    /// The parts of a set by decision; parts of one decision are one part. In order of the deciding rules.
    pub fn partition(&self, asked: &PacketSet) -> Vec<RulePart> {
        let mut closed: BTreeMap<(Vec<usize>, bool), Vec<PacketBox>> = BTreeMap::new();
        let mut open: Vec<Piece> = asked
            .boxes()
            .iter()
            .map(|packets| Piece { packets: packets.clone(), candidates: Vec::new(), settled: false })
            .collect();
        let mut place = 0;
        for group in self.rules.chunk_by(|a, b| a.order == b.order) {
            for rule in group {
                open = open.into_iter().flat_map(|piece| cut(piece, rule, place)).collect();
                place += 1;
            }
            let (settled, rest): (Vec<_>, Vec<_>) = open.into_iter().partition(|piece| piece.settled);
            for piece in settled {
                closed.entry((piece.candidates, true)).or_default().push(piece.packets);
            }
            open = rest;
            if open.is_empty() {
                break;
            }
        }
        for piece in open {
            closed.entry((piece.candidates, false)).or_default().push(piece.packets);
        }
        let part = |((candidates, settled), boxes): ((Vec<usize>, bool), Vec<PacketBox>)| {
            let rules = candidates.iter().map(|place| &self.rules[*place]);
            RulePart {
                packets: PacketSet::from_disjoint(boxes),
                decision: decide(rules.map(|rule| (rule.index, rule.access)), settled),
            }
        };
        closed.into_iter().map(part).collect()
    }
}

/// Cuts a piece into what the rule must match, what it may match, and the rest.
fn cut(piece: Piece, rule: &PolicyRule, place: usize) -> Vec<Piece> {
    let mut done = Vec::new();
    let mut rest = vec![piece.packets];
    let matched = |packets, settled| {
        let mut candidates = piece.candidates.clone();
        candidates.push(place);
        Piece { packets, candidates, settled: settled || piece.settled }
    };
    for pattern in &rule.patterns {
        let mut next = Vec::new();
        for packets in rest {
            let Some(may) = packets.split(&pattern.may, &mut next) else { continue };
            let mut doubtful = Vec::new();
            let must = match &pattern.must {
                Some(must) => may.split(must, &mut doubtful),
                None => {
                    doubtful.push(may);
                    None
                }
            };
            done.extend(doubtful.into_iter().map(|packets| matched(packets, false)));
            done.extend(must.map(|packets| matched(packets, true)));
        }
        rest = next;
    }
    done.extend(rest.into_iter().map(|packets| Piece {
        packets,
        candidates: piece.candidates.clone(),
        settled: piece.settled,
    }));
    done
}
