//! All pairs of subnets for a port: who reaches whom.

use super::path::{PathQuestion, path_verdict};
use crate::model::{Assumption, Direction, Verdict};
use crate::network::{AttachmentPoint, Network};
use crate::sets::AddressSet;
use crate::tags::TagSnapshot;
use crate::walk::Checkpoint;
use rayon::prelude::*;
use std::fmt;

/// The verdicts of all pairs.
#[derive(Clone, Debug)]
pub struct MatrixAnswer {
    /// What was asked.
    pub question: PathQuestion,
    /// The subnets, in the order of the input.
    pub subnets: Vec<String>,
    /// For each source a row, for each destination a verdict; `None` where there is no packet to ask, as
    /// between families, or where a prefix is not known.
    pub verdicts: Vec<Vec<Option<Verdict>>>,
    /// What the answer rests on.
    pub assumptions: Vec<Assumption>,
}

/// More subnets than are asked at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TooManySubnets {
    /// How many there are.
    pub found: usize,
}

/// The most subnets of one matrix.
pub const MOST_SUBNETS: usize = 500;

impl fmt::Display for TooManySubnets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} subnets are more than a matrix of {MOST_SUBNETS}: ask pairs with `reach --from --to`",
            self.found
        )
    }
}

impl std::error::Error for TooManySubnets {}

/// Asks every subnet against every other, itself among them (S65). Each place is compiled once.
///
/// # Errors
/// [`TooManySubnets`] beyond [`MOST_SUBNETS`].
pub fn matrix(
    network: &Network,
    tags: &TagSnapshot,
    question: &PathQuestion,
) -> Result<MatrixAnswer, TooManySubnets> {
    if network.subnets.len() > MOST_SUBNETS {
        return Err(TooManySubnets { found: network.subnets.len() });
    }
    let points: Vec<AttachmentPoint<'_>> =
        network.subnets.iter().map(|subnet| network.at_subnet(subnet, tags)).collect();
    let ends: Vec<(Checkpoint<'_>, Checkpoint<'_>, AddressSet)> = points
        .par_iter()
        .map(|point| {
            let (inbound, outbound) = Checkpoint::both(point);
            (inbound, outbound, point.own.prefixes.iter().copied().collect())
        })
        .collect();
    let row = |(_, outbound, from): &(Checkpoint<'_>, Checkpoint<'_>, AddressSet)| {
        let verdict = |(inbound, _, to): &(Checkpoint<'_>, Checkpoint<'_>, AddressSet)| {
            path_verdict((outbound, from), (inbound, to), question).ok()
        };
        ends.iter().map(verdict).collect()
    };
    debug_assert!(ends.iter().all(|(inbound, ..)| inbound.direction == Direction::Inbound));
    let mut assumptions: Vec<Assumption> =
        points.iter().flat_map(|point| point.assumptions.iter().cloned()).collect();
    assumptions.sort();
    assumptions.dedup();
    Ok(MatrixAnswer {
        question: question.clone(),
        subnets: points.iter().map(|point| point.name.clone()).collect(),
        verdicts: ends.par_iter().map(row).collect(),
        assumptions,
    })
}
