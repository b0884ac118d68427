//! The rows of the comparison.

use bandai_coin_core::base::GENERATOR;
use bandai_coin_core::dispatch::{self, Path, narrow};
use bandai_coin_core::keccak::keccak256;
use bandai_coin_core::registry::{EARNS_NARROW, Registry, table_bytes};
use bandai_coin_core::table::WIDE;
use bandai_coin_core::{threads, verify};
use serde_json::{Value, json};

use crate::adversary;
use crate::data::Rows;
use crate::measure::{Case, Clock, Goal};
use crate::peer::Prepared;

/// Keys of the registered rows, and of the rows of keys that pay often.
const KEYS: usize = 1024;
const HOT_KEYS: usize = 256;
/// Keys of a full registry: as many as the default cap holds on eight lanes.
const FULL_KEYS: usize = 3800;
/// Rows the peer is timed on: its time a row does not depend on their number.
const PEER_ROWS: usize = 2048;
/// Rows of one run at least: smaller batches follow each other, each on other rows.
const RUN_ROWS: usize = 4096;

/// Everything that is made before the rounds begin.
pub struct Made {
    rows: Rows,
    hot: Rows,
    infinite_sums: Rows,
    lost_sums: Rows,
    fresh: Rows,
    /// Fresh keys of each round.
    newcomers: Vec<Rows>,
    of_rows: Prepared,
    of_hot: Prepared,
    of_infinite_sums: Prepared,
    of_lost_sums: Prepared,
    of_fresh: Prepared,
    narrow: Registry,
    portable: Registry,
    wide: Registry,
}

impl Made {
    pub fn new(rounds: usize) -> Self {
        let rows = Rows::good("registered", 65_536, KEYS);
        let hot = Rows::good("hot", 8192, HOT_KEYS);
        let infinite_sums = adversary::infinite_sums(PEER_ROWS, KEYS);
        let lost_sums = adversary::lost_sums(PEER_ROWS);
        let fresh = Rows::good("fresh", PEER_ROWS, PEER_ROWS / EARNS_NARROW as usize);
        let more_than_others = PEER_ROWS / (EARNS_NARROW as usize + 1);
        let newcomers = |round| Rows::good(&format!("newcomers {round}"), PEER_ROWS, more_than_others);
        Self {
            of_rows: Prepared::of(&rows, PEER_ROWS),
            of_hot: Prepared::of(&hot, PEER_ROWS),
            of_infinite_sums: Prepared::of(&infinite_sums, PEER_ROWS),
            of_lost_sums: Prepared::of(&lost_sums, PEER_ROWS),
            of_fresh: Prepared::of(&fresh, PEER_ROWS),
            narrow: registered(fastest(), &rows, false),
            portable: registered(Path::Portable, &rows, false),
            wide: registered(fastest(), &hot, true),
            rows,
            hot,
            infinite_sums,
            lost_sums,
            fresh,
            newcomers: (0..rounds).map(newcomers).collect(),
        }
    }
}

fn fastest() -> Path {
    dispatch::paths()[0]
}

/// A registry that holds these keys, with tables as this path makes them, and has no room for more or wider ones.
fn registered(path: Path, rows: &Rows, often: bool) -> Registry {
    let registry = Registry::new(rows.keys * table_bytes(if often { WIDE } else { narrow(path) }));
    verify::register(&registry, path, &rows.public_keys, often).expect("good keys");
    registry
}

/// Every case, in the order of the table of goals.
pub fn all(made: &Made) -> Vec<Case<'_>> {
    let fastest = fastest();
    let mut cases = Vec::new();
    for n in [1024, 8192, 65_536] {
        cases.push(verifying("verify", fastest, made, n, 14.0));
    }
    cases.push(verifying("verify", fastest, made, 64, 10.0));
    for n in [1024, 8192] {
        cases.push(hot(fastest, made, n));
    }
    for n in [1024, 8192] {
        cases.push(verifying("verify, portable", Path::Portable, made, n, 2.5));
    }
    for n in [1024, 8192] {
        cases.push(recovering(fastest, made, n));
    }
    cases.push(building(fastest, made));
    cases.push(building(Path::Portable, made));
    for path in [fastest, Path::Portable] {
        cases.extend(adversarial(path, made));
    }
    cases.push(two_threads(fastest, made));
    cases
}

/// A registry that is full of keys with just enough signatures for a table. They are names only: all have one table.
fn full_registry(path: Path) -> Registry {
    let registry = Registry::new(FULL_KEYS * table_bytes(narrow(path)));
    let of = |key: usize| {
        let hash = keccak256(&key.to_le_bytes());
        (*hash.first_chunk().expect("32 bytes have 20"), GENERATOR)
    };
    let accepted: Vec<_> = (0..FULL_KEYS * EARNS_NARROW as usize).map(|row| of(row % FULL_KEYS)).collect();
    registry.credit(path, &accepted);
    assert_eq!(registry.figures().narrow, FULL_KEYS);
    registry
}

fn facts(path: Path, keys: usize, width: Option<u32>) -> Value {
    json!({"path": path.name(), "keys": keys, "kb_per_key": width.map_or(0, table_bytes) as f64 / 1024.0})
}

fn check(registry: &Registry, path: Path, rows: &Rows, count: usize, batch: usize) {
    for first in (0..count).step_by(batch) {
        let valid = verdicts(registry, path, rows, first, batch);
        assert!(valid.into_iter().all(|valid| valid), "a good signature was refused");
    }
}

fn verdicts(registry: &Registry, path: Path, rows: &Rows, first: usize, count: usize) -> Vec<bool> {
    let (digests, signatures, signers) = rows.part(first, count);
    verify::verify_with(registry, path, digests, signatures, signers).expect("shapes")
}

fn verifying<'a>(what: &'static str, path: Path, made: &'a Made, n: usize, goal: f64) -> Case<'a> {
    let rows = n.max(RUN_ROWS);
    let registry = if path == Path::Portable { &made.portable } else { &made.narrow };
    Case {
        what,
        n,
        rows,
        peer_rows: PEER_ROWS,
        facts: facts(path, KEYS, Some(narrow(path))),
        goal: Some(Goal::AtLeast(goal)),
        clock: Clock::Thread,
        ours: Box::new(move || check(registry, path, &made.rows, rows, n)),
        peer: Box::new(|| assert_eq!(made.of_rows.verify(), PEER_ROWS)),
    }
}

fn hot(path: Path, made: &Made, n: usize) -> Case<'_> {
    let rows = n.max(RUN_ROWS);
    Case {
        what: "verify, hot keys",
        n,
        rows,
        peer_rows: PEER_ROWS,
        facts: facts(path, HOT_KEYS, Some(WIDE)),
        goal: Some(Goal::AtLeast(20.0)),
        clock: Clock::Thread,
        ours: Box::new(move || check(&made.wide, path, &made.hot, rows, n)),
        peer: Box::new(|| assert_eq!(made.of_hot.verify(), PEER_ROWS)),
    }
}

fn recovering(path: Path, made: &Made, n: usize) -> Case<'_> {
    let ours = move || {
        let (digests, signatures, signers) = made.rows.part(0, n);
        let found = verify::recover_with(path, digests, signatures).expect("shapes");
        let equal = |(found, signer): (&Option<[u8; 20]>, &[u8; 20])| found.as_ref() == Some(signer);
        assert!(found.iter().zip(signers.as_chunks::<20>().0).all(equal));
    };
    Case {
        what: "recover",
        n,
        rows: n,
        peer_rows: PEER_ROWS,
        facts: facts(path, KEYS, None),
        goal: Some(Goal::AtLeast(4.0)),
        clock: Clock::Thread,
        ours: Box::new(ours),
        peer: Box::new(|| assert_eq!(made.of_rows.recover(), PEER_ROWS)),
    }
}

fn building(path: Path, made: &Made) -> Case<'_> {
    let ours = move || assert_eq!(registered(path, &made.hot, false).figures().narrow, HOT_KEYS);
    Case {
        what: "build a key's table, in verifications",
        n: HOT_KEYS,
        rows: HOT_KEYS,
        peer_rows: PEER_ROWS,
        facts: facts(path, HOT_KEYS, Some(narrow(path))),
        goal: Some(Goal::AtMost(8.0)),
        clock: Clock::Thread,
        ours: Box::new(ours),
        peer: Box::new(|| assert_eq!(made.of_hot.verify(), PEER_ROWS)),
    }
}

/// What an attacker may send: infinite sums in registered keys' rows, sums that are lost in unknown keys' rows, fresh
/// keys that each sign just often enough for a table, and fresh keys that displace others' from a full registry.
fn adversarial(path: Path, made: &Made) -> [Case<'_>; 4] {
    let registry = registered(path, &made.infinite_sums, false);
    let full = full_registry(path);
    let mut newcomers = made.newcomers.iter();
    let case = |what, keys, width, ours, peer| Case {
        what,
        n: PEER_ROWS,
        rows: PEER_ROWS,
        peer_rows: PEER_ROWS,
        facts: facts(path, keys, width),
        goal: Some(Goal::AtMost(1.5)),
        clock: Clock::Thread,
        ours,
        peer,
    };
    [
        case(
            "adversarial: infinite sums, registered keys",
            KEYS,
            Some(narrow(path)),
            Box::new(move || {
                let valid = verdicts(&registry, path, &made.infinite_sums, 0, PEER_ROWS);
                assert!(!valid.contains(&true), "an infinite sum was taken");
            }),
            Box::new(|| assert_eq!(made.of_infinite_sums.verify(), 0)),
        ),
        case(
            "adversarial: lost sums, unknown keys",
            PEER_ROWS,
            None,
            Box::new(move || check(&Registry::new(0), path, &made.lost_sums, PEER_ROWS, PEER_ROWS)),
            Box::new(|| assert_eq!(made.of_lost_sums.recover(), PEER_ROWS)),
        ),
        case(
            "adversarial: fresh keys that earn a table each",
            made.fresh.keys,
            Some(narrow(path)),
            Box::new(move || {
                let registry = Registry::new(1 << 30);
                check(&registry, path, &made.fresh, PEER_ROWS, PEER_ROWS);
                assert_eq!(registry.figures().narrow, made.fresh.keys);
            }),
            Box::new(|| assert_eq!(made.of_fresh.recover(), PEER_ROWS)),
        ),
        case(
            "adversarial: fresh keys that displace others",
            FULL_KEYS,
            Some(narrow(path)),
            Box::new(move || {
                let rows = newcomers.next().expect("one for each round");
                check(&full, path, rows, PEER_ROWS, PEER_ROWS);
                assert!(rows.signers.as_chunks::<20>().0.iter().all(|signer| full.holds(signer)));
            }),
            Box::new(|| assert_eq!(made.of_fresh.recover(), PEER_ROWS)),
        ),
    ]
}

fn two_threads(path: Path, made: &Made) -> Case<'_> {
    const ROWS: usize = 16_384;
    let with = move |count: usize| {
        threads::set_limit(count);
        check(&made.narrow, path, &made.rows, ROWS, ROWS);
        threads::set_limit(1);
    };
    // The peer of two threads is one of ours.
    Case {
        what: "two threads over one",
        n: ROWS,
        rows: ROWS,
        peer_rows: ROWS,
        facts: facts(path, KEYS, Some(narrow(path))),
        goal: Some(Goal::AtLeast(1.7)),
        clock: Clock::Wall,
        ours: Box::new(move || with(2)),
        peer: Box::new(move || with(1)),
    }
}
