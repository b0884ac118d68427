//! Prints one JSON line: the core against libsecp256k1, in interleaved rounds on one thread, every answer
//! checked. `make bench-core` builds both and adds the rows of the Python calls.

mod adversary;
mod cases;
#[path = "../../core/tests/common/mod.rs"]
mod common;
mod data;
mod measure;
mod peer;
mod year;

use bandai_coin_core::threads;
use serde_json::json;

/// Rounds when none are asked for.
const ROUNDS: usize = 9;

fn main() {
    let rounds = std::env::args().nth(1).map_or(ROUNDS, |text| text.parse().expect("a number of rounds"));
    let only = std::env::args().nth(2).unwrap_or_default();
    threads::set_limit(1);
    let made = cases::Made::new(rounds);
    let chosen = cases::all(&made).into_iter().filter(|case| case.what.contains(&only)).collect();
    let rows = measure::interleaved(rounds, chosen);
    let year = year::measured(rounds);
    println!("{}", json!({"rounds": rounds, "peer": peer::NAME, "rows": rows, "year": year}));
}
