//! A year of the town: 50,000 payments of 3,300 payers, from columns of words to verdicts.

use bandai_coin_core::registry::{DEFAULT_CAP_BYTES, Registry};
use bandai_coin_core::{digests, threads, verify};
use serde_json::{Value, json};

use crate::data::Rows;
use crate::measure::{Clock, middle, rounded, seconds, sorted};

const PAYMENTS: usize = 50_000;
const PAYERS: usize = 3_300;
/// from, to, value, validAfter, validBefore, nonce.
const WORDS: usize = 6;

/// Its seconds, medians of so many rounds, with no table held at the start.
pub fn measured(rounds: usize) -> Value {
    let columns: Vec<Vec<u8>> = (0..WORDS).map(column).collect();
    let views: Vec<&[u8]> = columns.iter().map(Vec::as_slice).collect();
    let digests = || digests::digests(&[0xd0; 32], &[0x7e; 32], &views).expect("columns of one length");
    let rows = Rows::over("year", digests().as_chunks::<32>().0.to_vec(), PAYERS);
    let run = || {
        let registry = Registry::new(DEFAULT_CAP_BYTES);
        let path = bandai_coin_core::dispatch::path();
        let answer = verify::verify_with(&registry, path, &digests(), &rows.signatures, &rows.signers);
        assert!(answer.expect("shapes").into_iter().all(|valid| valid));
    };
    let timed = |limit: usize| {
        threads::set_limit(limit);
        let times = (0..rounds).map(|_| seconds(Clock::Wall, &mut || run())).collect();
        threads::set_limit(1);
        rounded(middle(&sorted(times)))
    };
    json!({"payments": PAYMENTS, "payers": PAYERS, "s_one_thread": timed(1), "s_two_threads": timed(2)})
}

/// A column of words that differ.
fn column(word: usize) -> Vec<u8> {
    (0..PAYMENTS)
        .flat_map(|row| bandai_coin_core::keccak::keccak256(format!("{word} {row}").as_bytes()))
        .collect()
}
