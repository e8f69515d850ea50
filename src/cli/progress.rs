//! How far a long question has come, as one line on a terminal.
//!
//! Only for people who wait: standard error must be a terminal, and nothing is shown in the first second. The line
//! is gone when the answer comes, and nothing of it is ever part of an answer. The only place that reads a clock.

use crate::sets::{Count, thousands};
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long nobody needs to be told, and how long a line stands before the next.
const PATIENCE: Duration = Duration::from_secs(1);
const STEP: Duration = Duration::from_millis(100);
/// How wide the bar is.
const WIDTH: usize = 30;

/// A line that shows how many of all are done.
pub(super) struct Progress {
    what: &'static str,
    state: Option<Mutex<State>>,
}

struct State {
    done: usize,
    next: Instant,
    shown: bool,
}

impl Progress {
    /// A line about `what`; none where nobody sees it or wants it.
    pub(super) fn new(what: &'static str, quiet: bool) -> Self {
        let wanted = !quiet && io::stderr().is_terminal();
        let state = State { done: 0, next: Instant::now() + PATIENCE, shown: false };
        Self { what, state: wanted.then(|| Mutex::new(state)) }
    }

    /// One more is done. What cannot be shown is not worth failing for.
    pub(super) fn one_of(&self, all: usize) {
        let Some(state) = &self.state else { return };
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.done += 1;
        let now = Instant::now();
        if now < state.next {
            return;
        }
        state.next = now + STEP;
        state.shown = true;
        let _ = write!(io::stderr(), "\r{}\x1b[K", line(self.what, state.done, all));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        let shown = self
            .state
            .as_mut()
            .is_some_and(|state| state.get_mut().unwrap_or_else(PoisonError::into_inner).shown);
        if shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// `[=========>                    ] 600 of 2,000 locations`.
fn line(what: &str, done: usize, all: usize) -> String {
    let full = (WIDTH * done.min(all)).checked_div(all).unwrap_or(WIDTH);
    let head = if full < WIDTH { ">" } else { "" };
    let bar = format!("{}{head}", "=".repeat(full));
    let number = |number: usize| thousands(&Count::from(number));
    format!("[{bar:WIDTH$}] {} of {} {what}", number(done), number(all))
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn the_bar_fills_from_none_to_all() {
        for (done, all, shown) in [
            (0, 2_000, "[>                             ] 0 of 2,000 locations"),
            (600, 2_000, "[=========>                    ] 600 of 2,000 locations"),
            (2_000, 2_000, "[==============================] 2,000 of 2,000 locations"),
            (0, 0, "[==============================] 0 of 0 locations"),
        ] {
            assert_eq!(line("locations", done, all), shown);
        }
    }
}
