//! Exit statuses and what makes them.

use crate::analyses::lint::{Kind, LintAnswer};
use crate::analyses::{CheckAnswer, ConformAnswer};
use crate::finding::Severity;
use crate::model::Verdict;

/// The four exit statuses (design, section 6). There is no other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Exit {
    /// Fine, or answered.
    Fine = 0,
    /// A verdict or finding of the asked severity, an expectation that fails.
    Failed = 1,
    /// The question could not be asked.
    NotAsked = 2,
    /// Nothing of the asked severity is blocked, but an answer is unknown.
    Unknown = 3,
}

/// What unknown answers count as.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum UnknownAs {
    /// Status 3.
    Unknown,
    /// Status 0.
    Allowed,
    /// Status 1.
    Blocked,
}

/// How an answer becomes a status.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judgement {
    pub(super) fail_on: Severity,
    pub(super) unknown: UnknownAs,
    pub(super) exit_zero: bool,
}

impl Judgement {
    pub(super) fn of(&self, answer: &CheckAnswer) -> Exit {
        let flows = || answer.instances.iter().flat_map(|instance| &instance.flows);
        let weighs = |severity: Severity| severity >= self.fail_on;
        let lost = flows().any(|flow| {
            let blocked = matches!(flow.verdict, Verdict::Blocked | Verdict::Partial);
            (blocked || flow.certainly_lost) && weighs(flow.severity)
        });
        let found = answer.findings.iter().any(|finding| weighs(finding.severity));
        let open = flows().any(|flow| flow.verdict == Verdict::Unknown && weighs(flow.severity));
        self.exit(lost || found, open)
    }

    /// A rule of which it is not settled what it does might turn out to be shadowed, which is a warning.
    pub(super) fn of_lint(&self, answer: &LintAnswer) -> Exit {
        let found = answer.findings.iter().any(|found| found.finding.severity >= self.fail_on);
        let open = self.fail_on <= Severity::Warning && answer.count(Kind::Unsettled) > 0;
        self.exit(found, open)
    }

    /// A difference of the asked weight; else what could not be compared.
    pub(super) fn of_conform(&self, answer: &ConformAnswer) -> Exit {
        let found = answer.differences.iter().any(|one| one.severity >= self.fail_on);
        self.exit(found, !answer.open.is_empty())
    }

    fn exit(&self, failed: bool, open: bool) -> Exit {
        let exit = match (failed, open, self.unknown) {
            (true, ..) | (_, true, UnknownAs::Blocked) => Exit::Failed,
            (_, true, UnknownAs::Unknown) => Exit::Unknown,
            _ => Exit::Fine,
        };
        if self.exit_zero { Exit::Fine } else { exit }
    }
}
