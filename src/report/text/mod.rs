//! Text for a person: at a terminal, or in the log of a failed deployment.
//!
//! Symbols are ASCII and say what the colours say. Widths come from the content; an id or a place is never
//! cut short. The line that sums up stands last.

mod check;
mod conform;
mod details;
mod diff;
mod explain;
mod findings;
mod flow_line;
mod flows;
mod inspect;
mod lint;
mod map;
mod matrix;
mod packet;
mod paint;
mod path;
mod prove;
mod reach;
mod route;
mod tags;
mod test;

pub use check::check;
pub use conform::conform;
pub use diff::{diff, diff_flows};
pub use explain::explain;
pub use flows::{flow, flows};
pub use inspect::inspect;
pub use lint::lint;
pub use map::map;
pub use matrix::matrix;
pub use packet::{packet, packets};
pub use path::path;
pub use prove::prove;
pub use reach::reach;
pub use route::route;
pub use tags::{tags_diff, tags_show, tags_which};
pub use test::test;

use crate::rules::{FieldOfRule, RuleOutcome};

/// How much is printed, and whether in colour.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct TextOptions {
    /// Colours, as escape codes that `anstream` removes where they do not belong.
    pub color: bool,
    /// Optional flows, flows of other instances, every part, every prefix.
    pub all: bool,
    /// Only what is not fine, and the summary.
    pub quiet: bool,
    /// What rows rest on, and every prefix.
    pub verbose: bool,
}

impl TextOptions {
    /// Whether lists are printed whole.
    fn whole(&self) -> bool {
        self.all || self.verbose
    }
}

/// Lines of text are broken at this width where they can be.
const WIDTH: usize = 110;

/// What came of holding a packet against a rule: `matches`, `may match`, `no: destination port`.
pub(super) fn outcome_of_rule(outcome: RuleOutcome) -> String {
    match outcome {
        RuleOutcome::Matches => "matches".to_owned(),
        RuleOutcome::MayMatch => "may match".to_owned(),
        RuleOutcome::Misses(field) => format!(
            "no: {}",
            match field {
                FieldOfRule::Protocol => "protocol",
                FieldOfRule::Source => "source",
                FieldOfRule::SourcePort => "source port",
                FieldOfRule::Destination => "destination",
                FieldOfRule::DestinationPort => "destination port",
            }
        ),
    }
}
