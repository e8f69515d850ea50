//! Times of a piece of work: run several times, the median told.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Work that takes longer than this is not run again.
const LONG: Duration = Duration::from_millis(1500);
/// At most so many runs.
const RUNS: usize = 9;

/// The last result and the median time in milliseconds. The result of a run is dropped outside of the time.
pub(crate) fn median<T>(mut work: impl FnMut() -> T) -> (T, f64) {
    let begin = Instant::now();
    let mut times = Vec::with_capacity(RUNS);
    loop {
        let start = Instant::now();
        let result = black_box(work());
        times.push(start.elapsed().as_secs_f64() * 1e3);
        if times.len() == RUNS || begin.elapsed() > LONG {
            times.sort_by(f64::total_cmp);
            return (result, times[times.len() / 2]);
        }
    }
}
