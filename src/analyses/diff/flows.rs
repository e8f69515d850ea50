//! The required flows of two inputs compared: which verdict changes, and by whom.
//!
//! In: the answers of `check` for both. Out: the required flows whose verdict or open share differs, with the
//! packets whose verdict changes. Locations are matched by instance, kind and subnet; then by instance and kind;
//! then the only one of each input.

use super::compare::merged;
use super::{ChangeKind, FlowChange, FlowTurn, FlowsDiff, LocationDiff, LocationHead, TrafficChange};
use crate::analyses::{CheckAnswer, FlowAnswer, InstanceAnswer};
use crate::flows::FlowDirection;
use crate::model::{Direction, Verdict};
use crate::walk::{Change, Outcome};

/// Compares the required flows of two inputs.
pub fn diff_flows(old: &CheckAnswer, new: &CheckAnswer) -> FlowsDiff {
    let mut rest_old: Vec<&InstanceAnswer> = old.instances.iter().collect();
    let mut rest_new: Vec<&InstanceAnswer> = new.instances.iter().collect();
    let mut pairs: Vec<(&InstanceAnswer, &InstanceAnswer)> = Vec::new();
    let same_name = |a: &InstanceAnswer, b: &InstanceAnswer| {
        a.name.eq_ignore_ascii_case(&b.name) && a.location == b.location
    };
    let subnet = |one: &InstanceAnswer| one.subnet.as_ref().map(|name| name.to_lowercase());
    pair(&mut rest_old, &mut rest_new, &mut pairs, |a, b| same_name(a, b) && subnet(a) == subnet(b));
    pair(&mut rest_old, &mut rest_new, &mut pairs, same_name);
    if old.instances.len() == 1 && new.instances.len() == 1 {
        pair(&mut rest_old, &mut rest_new, &mut pairs, |_, _| true);
    }
    let at = |instance: &InstanceAnswer| new.instances.iter().position(|known| std::ptr::eq(known, instance));
    pairs.sort_by_key(|(_, new)| at(new));
    FlowsDiff {
        locations: pairs.into_iter().map(|(old, new)| location(old, new)).collect(),
        removed: rest_old.into_iter().map(head).collect(),
        added: rest_new.into_iter().map(head).collect(),
    }
}

fn pair<'a>(
    old: &mut Vec<&'a InstanceAnswer>,
    new: &mut Vec<&'a InstanceAnswer>,
    pairs: &mut Vec<(&'a InstanceAnswer, &'a InstanceAnswer)>,
    belong: impl Fn(&InstanceAnswer, &InstanceAnswer) -> bool,
) {
    old.retain(|before| match new.iter().position(|after| belong(before, after)) {
        Some(at) => {
            pairs.push((before, new.remove(at)));
            false
        }
        None => true,
    });
}

fn head(instance: &InstanceAnswer) -> LocationHead {
    LocationHead {
        name: instance.name.clone(),
        location: instance.location,
        subnet: instance.subnet.clone(),
        origin: instance.origin.clone(),
    }
}

fn location(old: &InstanceAnswer, new: &InstanceAnswer) -> LocationDiff {
    let mut flows = Vec::new();
    let (mut compared, mut unknown) = (0, 0);
    let mut assumptions = [&old.assumptions[..], &new.assumptions[..]].concat();
    for (before, after) in old.flows.iter().zip(&new.flows) {
        debug_assert_eq!(before.row.id, after.row.id);
        if !before.required && !after.required {
            continue;
        }
        compared += 1;
        match flow(before, after) {
            Some(change) => {
                assumptions.extend(before.assumptions.iter().chain(&after.assumptions).cloned());
                flows.push(change);
            }
            None if after.verdict == Verdict::Unknown => unknown += 1,
            None => {}
        }
    }
    assumptions.sort();
    assumptions.dedup();
    LocationDiff { old: head(old), new: head(new), compared, unknown, flows, assumptions }
}

fn flow(old: &FlowAnswer, new: &FlowAnswer) -> Option<FlowChange> {
    let changes = changes(old, new);
    let turn = turn(old, new, &changes)?;
    Some(FlowChange { turn, old: old.clone(), new: new.clone(), changes })
}

/// How a flow turns; `None` where nothing that counts does.
fn turn(old: &FlowAnswer, new: &FlowAnswer, changes: &[TrafficChange]) -> Option<FlowTurn> {
    let open = |verdict| match verdict {
        Verdict::Blocked => 0,
        Verdict::Partial => 1,
        _ => 2,
    };
    let has = |kind| changes.iter().any(|change| change.kind == kind);
    Some(match (old.required, new.required, old.verdict, new.verdict) {
        (false, true, ..) => FlowTurn::NewlyRequired,
        (true, false, ..) => FlowTurn::NoLongerRequired,
        (.., Verdict::Unknown, after) if after != Verdict::Unknown => FlowTurn::NoLongerUnknown,
        (.., before, Verdict::Unknown) if before != Verdict::Unknown => FlowTurn::NewlyUnknown,
        (.., before, after) if open(after) > open(before) => FlowTurn::Opened,
        (.., before, after) if open(after) < open(before) => FlowTurn::Closed,
        _ if has(ChangeKind::NewlyBlocked) => FlowTurn::Closed,
        _ if has(ChangeKind::NewlyAllowed) => FlowTurn::Opened,
        _ if has(ChangeKind::NewlyUnknown) => FlowTurn::NewlyUnknown,
        _ if has(ChangeKind::NoLongerUnknown) => FlowTurn::NoLongerUnknown,
        _ => return None,
    })
    .filter(|_| old.verdict != new.verdict || old.required != new.required || !changes.is_empty())
}

/// The packets of both flows whose verdict changes.
fn changes(old: &FlowAnswer, new: &FlowAnswer) -> Vec<TrafficChange> {
    let mut found = Vec::new();
    for before in &old.parts {
        for after in new.parts.iter().filter(|after| after.verdict() != before.verdict()) {
            let packets = before.packets.intersection(&after.packets);
            if !packets.is_empty() {
                let (old, new) = (before.outcome.clone(), after.outcome.clone());
                found.push(Change { packets, old, new });
            }
        }
    }
    let direction = match new.row.direction {
        FlowDirection::In => Direction::Inbound,
        _ => Direction::Outbound,
    };
    let own_name = [new, old].into_iter().find_map(|flow| flow.witness.as_ref()?.own_name.clone());
    merged(&found, direction, &|packets, old, new| {
        let of = stopped_in(new).or_else(|| stopped_in(old)).unwrap_or(direction);
        Some((packets.witness(of)?, own_name.clone()))
    })
}

/// The direction of the check that does not let packets through: traffic inside a subnet passes two (S65).
fn stopped_in(outcome: &Outcome) -> Option<Direction> {
    let stops = outcome.layers.iter().find(|step| step.verdict != Verdict::Allowed);
    stops.map(|step| step.direction)
}
