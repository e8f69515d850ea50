//! Which record of each flow an instance has, and why a flow is not one of its own.

use super::tables::ROWS;
use super::{Need, Profile, Row, Situation};
use crate::model::Mode;
use std::fmt::Display;

/// Whether a row applies to an instance.
///
/// Only tier, mode, platform, units, location and date rule a row out. One whose features are off applies
/// all the same; [`Row::severity`] makes it a note.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Applies {
    /// It does.
    Yes,
    /// It does not.
    No {
        /// Why, lower case, no full stop.
        reason: String,
    },
}

impl Applies {
    /// Whether it is `Yes`.
    pub fn is_yes(&self) -> bool {
        matches!(self, Self::Yes)
    }
}

/// A flow as one instance has it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Selected {
    /// The record that applies; where none does, the one that came closest.
    pub row: &'static Row,
    /// Whether it applies.
    pub applies: Applies,
}

/// Every flow of the catalogue, once and in its order, as the instance has it.
pub fn select(situation: &Situation, profile: Profile) -> Vec<Selected> {
    ROWS.chunk_by(|one, next| one.id == next.id)
        .filter_map(|records| {
            records
                .iter()
                .map(|row| (row.obstacle(situation, profile), row))
                .min_by_key(|(obstacle, _)| obstacle.as_ref().map(|(step, _)| std::cmp::Reverse(*step)))
        })
        .map(|(obstacle, row)| Selected { row, applies: applies(obstacle) })
        .collect()
}

impl Row {
    /// Whether the record applies to an instance in a profile.
    pub fn applies(&self, situation: &Situation, profile: Profile) -> Applies {
        applies(self.obstacle(situation, profile))
    }

    /// The first thing that rules the record out, with its place in the order of questions.
    fn obstacle(&self, situation: &Situation, profile: Profile) -> Option<(usize, String)> {
        let checks =
            [Self::tier, Self::mode, Self::platform, Self::location, Self::size, Self::period, Self::nothing];
        checks
            .iter()
            .enumerate()
            .find_map(|(step, check)| check(self, situation, profile).map(|reason| (step, reason)))
    }

    fn tier(&self, situation: &Situation, _: Profile) -> Option<String> {
        let tiers = self.condition.tiers;
        (!tiers.is_empty() && !tiers.contains(&situation.tier))
            .then(|| format!("only for the tiers {}; this instance is {}", list(tiers), situation.tier))
    }

    fn mode(&self, situation: &Situation, _: Profile) -> Option<String> {
        let modes = self.condition.modes;
        (!modes.is_empty() && !modes.contains(&situation.mode)).then(|| match situation.mode {
            Mode::None => "the instance is not in a virtual network".to_owned(),
            mode => format!("only in the modes {}; this instance is {mode}", list(modes)),
        })
    }

    fn platform(&self, situation: &Situation, _: Profile) -> Option<String> {
        self.condition.platform.filter(|platform| *platform != situation.platform).map(|platform| {
            format!("only on the platform {platform}; this instance is on {}", situation.platform)
        })
    }

    fn location(&self, situation: &Situation, _: Profile) -> Option<String> {
        self.condition
            .location
            .filter(|location| *location != situation.location)
            .map(|location| format!("only in {location} locations; this one is {}", situation.location))
    }

    fn size(&self, situation: &Situation, _: Profile) -> Option<String> {
        let short = |what, least: Option<u32>, has: Option<u32>| match (least, has) {
            (Some(least), Some(has)) if has < least => {
                Some(format!("needs at least {least} {what}; this location has {has}"))
            }
            _ => None,
        };
        short("units", self.condition.units_min, situation.units)
            .or_else(|| short("instances", self.condition.instances_min, situation.instances()))
    }

    fn period(&self, _: &Situation, profile: Profile) -> Option<String> {
        let date = profile.date();
        match (self.since, self.until) {
            (Some(since), _) if date < since => {
                Some(format!("counts from {since} on; the profile is of {date}"))
            }
            (_, Some(until)) if until <= date => {
                Some(format!("no longer counts from {until} on; the profile is of {date}"))
            }
            _ => None,
        }
    }

    fn nothing(&self, _: &Situation, _: Profile) -> Option<String> {
        match self.need {
            Need::Nothing { reason } => Some(reason.to_owned()),
            _ => None,
        }
    }
}

fn applies(obstacle: Option<(usize, String)>) -> Applies {
    obstacle.map_or(Applies::Yes, |(_, reason)| Applies::No { reason })
}

/// `A`, `A and B`, `A, B and C`.
fn list(words: &[impl Display]) -> String {
    match words {
        [] => String::new(),
        [one] => one.to_string(),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(ToString::to_string).collect();
            format!("{} and {last}", first.join(", "))
        }
    }
}
