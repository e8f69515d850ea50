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
/// Words and list entries that its walk looks at: about a second on one core of the machine of `docs/engine.md`, for
/// ten thousand rules of random prefixes. A thousand such rules cost less than a sixth.
const WORK: u64 = 1_000_000_000;
/// Words and list entries that all walks of `lint` or `diff` look at, whatever the inputs hold. With it `lint` of 280
/// groups of 900 random rules (63 MB) took 7.7 seconds on the two cores of that machine, 11.3 of processor time; 20
/// such groups, which need less than it, 4.5 and 7.8.
const TOGETHER: u64 = 7_000_000_000;
/// What a few rules never need, so that many groups of a few rules are looked at whole.
const SMALL: u64 = 2_000_000;
/// Words of the parts that it keeps.
const KEPT: u64 = 32 << 20;
/// Rules that its parts name as candidates, over all parts of different candidates.
const NAMED: u64 = 250_000;

/// What a question may still cost.
#[derive(Clone, Debug)]
pub struct Effort {
    pieces: u64,
    work: u64,
    kept: u64,
    named: u64,
}

/// How many words of parts may still be kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept(u64);

impl Effort {
    /// That of one question.
    pub fn question() -> Self {
        Self { pieces: PIECES, work: WORK, kept: KEPT, named: NAMED }
    }

    /// That of a command that looks at all rules of its input.
    pub fn together() -> Self {
        Self { work: TOGETHER, ..Self::question() }
    }

    /// A part of the work, as one of several asked after one another or beside one another has it.
    #[must_use]
    pub fn part(&self, of: usize, whole: usize) -> Self {
        let work = u128::from(self.work) * of as u128 / (whole as u128).max(1);
        Self { work: u64::try_from(work).unwrap_or(u64::MAX).min(self.work), ..self.clone() }
    }

    /// The part of one of several that are asked together, by its rules; what costs little anyway is not cut short.
    #[must_use]
    pub fn share(&self, of: usize, whole: usize) -> Self {
        let part = self.part(of, whole);
        Self { work: part.work.max(SMALL.min(self.work)), ..part }
    }

    /// No more than one question has.
    #[must_use]
    pub fn at_most_a_question(self) -> Self {
        Self { work: self.work.min(WORK), ..self }
    }

    /// Asks with one of so many equal parts of what is left; what it leaves stays for the others.
    pub fn with_part<T>(&mut self, parts: usize, ask: impl FnOnce(&mut Self) -> T) -> T {
        self.with_share(1, parts, ask)
    }

    /// The same with a share.
    pub fn with_share<T>(&mut self, of: usize, whole: usize, ask: impl FnOnce(&mut Self) -> T) -> T {
        let mut own = self.part(of, whole);
        let rest = self.work - own.work;
        let answer = ask(&mut own);
        self.work = rest + own.work;
        answer
    }

    /// Takes what a walk has left of half the work.
    pub(super) fn take_back_half(&mut self, half: &Self) {
        let rest = self.work - self.work / 2;
        *self = Self { work: rest + half.work, ..half.clone() };
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

    /// That of a question by the way, whose parts are gone when it is answered: work alone is shared. Whoever asks
    /// it takes what is left back with [`Self::take_back`].
    pub(super) fn aside(&self) -> Self {
        Self { work: self.work, ..Self::question() }
    }

    /// Takes back what a question by the way has left.
    pub(super) fn take_back(&mut self, aside: &Self) {
        self.work = aside.work;
    }

    /// That of a question whose parts are kept beside those of others; only so many more may be.
    pub(super) fn keeping(&self, kept: Kept) -> Self {
        Self { kept: kept.0, ..self.aside() }
    }

    /// How much more may be kept.
    pub(super) fn kept(&self) -> Kept {
        Kept(self.kept)
    }

    /// The next question of the same effort: it shares the work alone, since pieces and parts of the last one are
    /// gone.
    pub fn next_question(&mut self) {
        *self = Self { work: self.work, ..Self::question() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Direction, Origin};
    use crate::rules::{Extent, Policy, Reading, RuleSet, Surroundings, notation};
    use crate::sets::PacketSet;
    use crate::tags::TagSnapshot;

    /// Rules with one random prefix and port range a side; those from `refused` on have priorities that Azure
    /// refuses, so that they may match and never must.
    fn policy(count: u32, refused: u32) -> Policy {
        let origin = Origin::command_line("test");
        let mut state = 7_u32;
        let mut random = |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) % below
        };
        let rules = (0..count).map(|number| {
            let length = 8 + random(21);
            let net = (random(1 << 24) << 8) >> (32 - length) << (32 - length);
            let [a, b, c, d] = net.to_be_bytes();
            let access = if random(2) == 0 { "Allow" } else { "Deny" };
            let first = 1 + random(60_000);
            let priority = 100 + number + if number < refused { 0 } else { 5_000 };
            let last = first + random(5_000);
            let text = format!("{priority} In {access} Tcp {a}.{b}.{c}.{d}/{length} -> *:{first}-{last}");
            notation::rule(&format!("r{number}"), &text, &origin).unwrap()
        });
        let rules = RuleSet::new(rules.collect(), &origin);
        let place = Surroundings::new(TagSnapshot::builtin(), Extent::default());
        Policy::compile(&rules, Direction::Inbound, &place, &Reading::DEFAULT)
    }

    #[test]
    fn what_a_part_leaves_stays_for_the_others() {
        let mut effort = Effort { work: 100, ..Effort::question() };
        effort.with_part(4, |own| {
            assert_eq!(own.work, 25);
            own.take_work(10);
        });
        assert_eq!(effort.work, 90);
        effort.with_part(1, |own| own.take_work(1_000));
        assert!(effort.is_spent());
        let parts = [0, 1, 3].map(|of| Effort { work: 100, ..Effort::question() }.part(of, 3).work);
        assert_eq!(parts, [0, 33, 100]);
    }

    #[test]
    fn what_people_write_is_far_within() {
        let mut effort = Effort::question();
        let parts = policy(1_000, 1_000).partition_within(&PacketSet::all(), &mut effort);
        assert!(parts.iter().all(|part| !part.decision.cut_off));
        assert!(WORK - effort.work < WORK / 6, "{}", WORK - effort.work);
    }

    #[test]
    fn rules_that_only_may_match_are_cut_off_and_told() {
        let policy = policy(400, 0);
        let mut effort = Effort { work: 1_000_000, ..Effort::question() };
        let parts = policy.partition_within(&PacketSet::all(), &mut effort);
        assert!(effort.is_spent());
        assert!(parts.iter().any(|part| part.decision.cut_off && part.decision.candidates.is_empty()));
        let mut effort = Effort { work: 1_000_000, ..Effort::question() };
        let standings = policy.standings_within(&PacketSet::all(), Direction::Inbound, &mut effort);
        assert!(standings.iter().any(|standing| standing.open));
    }
}
