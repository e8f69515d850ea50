//! How much work a question may be, in counted steps.
//!
//! Rules can be written whose parts no machine could hold, or not in the time that anyone waits. Each walk takes
//! what it does from an [`Effort`]; where that is spent, what is left is unknown, never wrong, and the answer
//! says so. Work is counted and never timed, so that the same input has the same answer everywhere.
//!
//! The budgets are many times what the largest group that Azure accepts needs when its rules are like those that
//! people write (`docs/engine.md` has the figures).

/// Pieces that one question is cut into.
const PIECES: u64 = 2_000_000;
/// Words and list entries that its walk looks at.
const WORK: u64 = 3_000_000_000;
/// Words of the parts that it keeps.
const KEPT: u64 = 32 << 20;
/// Rules that its parts name as candidates, over all parts of different candidates.
const NAMED: u64 = 500_000;

/// What a question may still cost.
#[derive(Clone, Debug)]
pub struct Effort {
    pieces: u64,
    work: u64,
    kept: u64,
    named: u64,
}

impl Effort {
    /// That of one question.
    pub fn question() -> Self {
        Self { pieces: PIECES, work: WORK, kept: KEPT, named: NAMED }
    }

    /// The share of one of so many questions that are asked together, where together they may take as much work as
    /// `times` single ones; never more than one question has.
    pub fn share(times: u64, many: usize) -> Self {
        let work = (WORK * times / (many as u64).max(1)).min(WORK);
        Self { work, ..Self::question() }
    }

    /// So many pieces and no other bound.
    #[cfg(test)]
    pub(super) const fn of_pieces(pieces: u64) -> Self {
        Self { pieces, work: u64::MAX, kept: u64::MAX, named: u64::MAX }
    }

    /// Whether nothing is left of it.
    pub fn is_spent(&self) -> bool {
        self.pieces == 0 || self.work == 0 || self.kept == 0 || self.named == 0
    }

    /// Takes one piece, and so much work; `false` where nothing was left.
    #[inline]
    pub(super) fn take_piece(&mut self, work: usize) -> bool {
        if self.is_spent() {
            return false;
        }
        self.pieces -= 1;
        self.take_work(work);
        true
    }

    /// Takes work: a word or so of memory each.
    #[inline]
    pub fn take_work(&mut self, work: usize) {
        self.work = self.work.saturating_sub(work as u64);
    }

    /// Takes the words of a part that is kept.
    #[inline]
    pub(super) fn keep(&mut self, words: usize) {
        self.kept = self.kept.saturating_sub(words as u64);
    }

    /// Takes the candidates of parts.
    #[inline]
    pub(super) fn name(&mut self, candidates: usize) {
        self.named = self.named.saturating_sub(candidates as u64);
    }

    /// The next question of the same effort: it shares the work alone, since pieces and parts of the last one are
    /// gone.
    pub(super) fn next_question(&mut self) {
        *self = Self { work: self.work, ..Self::question() };
    }
}
