//! Splits the rows of a batch over threads; the answer is the same for every number of them.
//!
//! Threads are scoped to one call: nothing outlives it, so a process may fork between calls.

use std::num::NonZero;
use std::ops::Range;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Asked for once: the answer is read from files, which takes as long as a signature.
static PROCESSORS: LazyLock<usize> =
    LazyLock::new(|| thread::available_parallelism().map_or(1, NonZero::get));

static LIMIT: AtomicUsize = AtomicUsize::new(0);

/// How many threads a large batch may use; 0 means one for each processor.
pub fn set_limit(threads: usize) {
    LIMIT.store(threads, Ordering::Relaxed);
}

/// How many threads a large batch uses now.
pub fn limit() -> usize {
    match LIMIT.load(Ordering::Relaxed) {
        0 => *PROCESSORS,
        threads => threads,
    }
}

/// The rows 0..count, computed in runs of at least `least` rows, in order. A run for which the system has no thread
/// is computed by the caller's.
pub fn map<T, F>(count: usize, least: usize, work: F) -> Vec<T>
where
    T: Send,
    F: Fn(Range<usize>) -> Vec<T> + Sync,
{
    let parts = limit().min(count / least.max(1)).max(1);
    if parts == 1 {
        return work(0..count);
    }
    let size = count.div_ceil(parts);
    let run = |part: usize| work((part * size).min(count)..((part + 1) * size).min(count));
    thread::scope(|scope| {
        let run = &run;
        let start = |part| thread::Builder::new().spawn_scoped(scope, move || run(part)).ok();
        let others: Vec<_> = (1..parts).map(|part| (part, start(part))).collect();
        let mut rows = run(0);
        for (part, other) in others {
            rows.extend(match other {
                Some(other) => other.join().expect("a worker thread panicked"),
                None => run(part),
            });
        }
        rows
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_are_in_order_for_any_count() {
        for count in [0, 1, 2, 3, 7, 8, 9, 100, 1001] {
            assert_eq!(map(count, 1, |range| range.collect()), (0..count).collect::<Vec<_>>());
        }
    }
}
