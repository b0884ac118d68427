//! Times both sides of a case in turn, round by round, with cold caches.
//!
//! What runs on one thread is timed by that thread's processor time, so that neighbours that take the processor
//! away lengthen nothing; what runs on several is timed by the wall clock.

use std::hint::black_box;

use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

/// One comparison: each side is timed once a round.
pub struct Case<'a> {
    pub what: &'static str,
    /// Rows of a batch.
    pub n: usize,
    /// Rows of one run, in one batch or more; figures are for one row.
    pub rows: usize,
    pub peer_rows: usize,
    /// What is printed beside the figures: path, keys, bytes.
    pub facts: Value,
    pub goal: Option<Goal>,
    pub clock: Clock,
    pub ours: Box<dyn FnMut() + 'a>,
    pub peer: Box<dyn FnMut() + 'a>,
}

/// Which time passes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    Thread,
    Wall,
}

/// What the ratio must reach.
#[derive(Clone, Copy)]
pub enum Goal {
    /// Our rate over the peer's.
    AtLeast(f64),
    /// Our cost over the peer's.
    AtMost(f64),
}

/// Larger than any cache of the machines this runs on.
const COLD_BYTES: usize = 96 << 20;

/// Puts other memory into the caches.
struct Cold(Vec<u64>);

impl Cold {
    fn flush(&mut self) {
        for (i, word) in self.0.iter_mut().enumerate().step_by(8) {
            *word = word.wrapping_add(i as u64);
        }
        black_box(&self.0);
    }
}

/// The seconds that a run takes by this clock.
pub fn seconds(clock: Clock, run: &mut dyn FnMut()) -> f64 {
    let id = if clock == Clock::Thread { ClockId::ThreadCPUTime } else { ClockId::Monotonic };
    let now = || {
        let time = clock_gettime(id);
        time.tv_sec as f64 + 1e-9 * time.tv_nsec as f64
    };
    let start = now();
    run();
    now() - start
}

/// Runs all cases in every round, and returns the figures of each case.
pub fn interleaved(rounds: usize, mut cases: Vec<Case<'_>>) -> Vec<Value> {
    let mut cold = Cold(vec![1; COLD_BYTES / 8]);
    let mut times = vec![Vec::with_capacity(rounds); cases.len()];
    for _ in 0..rounds {
        for (case, times) in cases.iter_mut().zip(&mut times) {
            cold.flush();
            let peer = seconds(case.clock, &mut case.peer) / case.peer_rows as f64;
            cold.flush();
            let ours = seconds(case.clock, &mut case.ours) / case.rows as f64;
            times.push((ours, peer));
        }
    }
    cases.iter().zip(times).map(|(case, times)| case.figures(&times)).collect()
}

impl Case<'_> {
    fn figures(&self, times: &[(f64, f64)]) -> Value {
        let cheaper = matches!(self.goal, Some(Goal::AtMost(_)));
        let ratios = times.iter().map(|(ours, peer)| if cheaper { ours / peer } else { peer / ours });
        let ratio = sorted(ratios.collect());
        let median = middle(&ratio);
        let (goal, met) = match self.goal {
            Some(Goal::AtLeast(goal)) => (json!(format!(">= {goal}")), json!(median >= goal)),
            Some(Goal::AtMost(goal)) => (json!(format!("<= {goal}")), json!(median <= goal)),
            None => (Value::Null, Value::Null),
        };
        let ours = middle(&sorted(times.iter().map(|(ours, _)| *ours).collect()));
        let peer = middle(&sorted(times.iter().map(|(_, peer)| *peer).collect()));
        let mut row = json!({
            "what": self.what,
            "clock": if self.clock == Clock::Thread { "thread" } else { "wall" },
            "n": self.n,
            "ratio": rounded(median),
            "spread": [rounded(ratio[0]), rounded(ratio[ratio.len() - 1])],
            "goal": goal,
            "met": met,
            "us": rounded(1e6 * ours),
            "peer_us": rounded(1e6 * peer),
            "peer_per_s": (1.0 / peer).round(),
        });
        if let (Some(row), Some(facts)) = (row.as_object_mut(), self.facts.as_object()) {
            row.extend(facts.clone());
        }
        row
    }
}

pub fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

pub fn middle(sorted: &[f64]) -> f64 {
    (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2]) / 2.0
}

/// Four digits: more would be noise.
pub fn rounded(value: f64) -> f64 {
    let scale = 10f64.powi(3 - value.abs().log10().floor() as i32);
    (value * scale).round() / scale
}
