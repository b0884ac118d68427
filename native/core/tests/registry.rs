//! Which keys hold a table: earned by accepted signatures, under a cap, and not to be taken by a flood of keys.

mod common;

use bandai_coin_core::dispatch::{narrow, paths};
use bandai_coin_core::keccak::keccak256;
use bandai_coin_core::registry::{EARNS_NARROW, EARNS_WIDE, Registry, table_bytes};
use bandai_coin_core::table::WIDE;
use bandai_coin_core::{Malformed, sign, verify};
use common::{Random, seed};

/// Columns of good signatures, so many by each of these keys.
struct Batch {
    digests: Vec<u8>,
    signatures: Vec<u8>,
    signers: Vec<u8>,
}

/// Bytes of the table that a key earns first.
fn narrow_bytes() -> usize {
    table_bytes(narrow(paths()[0]))
}

fn secrets(random: &mut Random, count: usize) -> Vec<[u8; 32]> {
    (0..count).map(|_| random.word()).collect()
}

fn signed(random: &mut Random, secrets: &[[u8; 32]], each: usize) -> Batch {
    let keys: Vec<_> = (0..each).flat_map(|_| secrets.iter().copied()).collect();
    let digests: Vec<_> = keys.iter().map(|_| random.word()).collect();
    let signatures = sign::sign(keys.as_flattened(), digests.as_flattened()).expect("good keys");
    let signers = sign::addresses(keys.as_flattened()).expect("good keys");
    Batch { digests: digests.into_flattened(), signatures, signers }
}

fn send(registry: &Registry, batch: &Batch) {
    let answer = verify::verify_with(registry, paths()[0], &batch.digests, &batch.signatures, &batch.signers);
    assert!(answer.expect("shapes").into_iter().all(|valid| valid));
}

fn held(registry: &Registry, secrets: &[[u8; 32]]) -> usize {
    let addresses = sign::addresses(secrets.as_flattened()).expect("good keys");
    addresses.as_chunks::<20>().0.iter().filter(|address| registry.holds(address)).count()
}

#[test]
fn a_key_earns_its_table_with_accepted_signatures_only() {
    let mut random = Random(seed());
    let registry = Registry::new(1 << 20);
    let key = secrets(&mut random, 1);
    let mut bad = signed(&mut random, &key, 4 * EARNS_NARROW as usize);
    bad.digests.rotate_left(32);

    let refused = verify::verify_with(&registry, paths()[0], &bad.digests, &bad.signatures, &bad.signers)
        .expect("shapes");

    assert!(refused.into_iter().all(|valid| !valid));
    assert_eq!((registry.figures().narrow, registry.figures().candidates), (0, 0));
    for _ in 1..EARNS_NARROW {
        send(&registry, &signed(&mut random, &key, 1));
    }
    assert_eq!((registry.figures().narrow, registry.figures().candidates), (0, 1));
    send(&registry, &signed(&mut random, &key, 1));
    assert_eq!((registry.figures().narrow, registry.figures().candidates), (1, 0));
}

#[test]
fn a_key_that_pays_often_gets_a_wide_table_while_half_of_the_cap_is_free() {
    let mut random = Random(seed());
    let registry = Registry::new(4 << 20);
    let batch = signed(&mut random, &secrets(&mut Random(1), 1), EARNS_WIDE as usize / 2);

    for _ in 0..3 {
        send(&registry, &batch);
    }

    assert_eq!((registry.figures().narrow, registry.figures().wide), (0, 1));
}

/// Residents that signed more than each key of a flood keep their tables, whoever registered them or not.
fn flood(fresh: usize, each: usize) {
    let mut random = Random(seed());
    let registry = Registry::new(40 * narrow_bytes());
    let (earned, registered) = (secrets(&mut random, 30), secrets(&mut random, 8));
    send(&registry, &signed(&mut random, &earned, each.max(EARNS_NARROW as usize) + 1));
    let public = sign::public_keys(registered.as_flattened()).expect("good keys");
    verify::register(&registry, paths()[0], &public, false).expect("good keys");

    for _ in 0..fresh.div_ceil(1000) {
        let keys = secrets(&mut random, fresh.min(1000));
        send(&registry, &signed(&mut random, &keys, each));
        let figures = registry.figures();
        assert!(figures.bytes <= figures.cap_bytes, "{figures:?}");
    }

    assert_eq!((held(&registry, &earned), held(&registry, &registered)), (30, 8));
}

#[test]
fn a_flood_of_fresh_keys_takes_no_table_of_residents_that_signed_more() {
    flood(200, EARNS_NARROW as usize + 4);
}

#[test]
#[ignore = "a minute; run by make test-all"]
fn a_flood_of_100_000_fresh_keys_takes_no_table_of_residents_that_signed_more() {
    flood(100_000, 3);
    flood(10_000, EARNS_NARROW as usize + 4);
}

#[test]
fn a_key_that_signs_more_displaces_the_least_recently_used_of_those_that_signed_less() {
    let mut random = Random(seed());
    let registry = Registry::new(2 * narrow_bytes());
    let few = EARNS_NARROW as usize;
    let [old, recent, newcomer] = [0, 1, 2].map(|_| secrets(&mut random, 1));
    for key in [&old, &recent] {
        send(&registry, &signed(&mut random, key, few));
    }
    send(&registry, &signed(&mut random, &recent, 1));

    send(&registry, &signed(&mut random, &newcomer, few));
    assert_eq!([&old, &recent, &newcomer].map(|key| held(&registry, key)), [1, 1, 0]);
    send(&registry, &signed(&mut random, &newcomer, few));

    assert_eq!([&old, &recent, &newcomer].map(|key| held(&registry, key)), [0, 1, 1]);
}

#[test]
fn a_key_that_left_makes_room_once_its_count_has_aged() {
    let mut random = Random(seed());
    let registry = Registry::new(narrow_bytes());
    let (gone, newcomer) = (secrets(&mut random, 1), secrets(&mut random, 1));
    send(&registry, &signed(&mut random, &gone, 4 * EARNS_NARROW as usize));

    send(&registry, &signed(&mut random, &newcomer, EARNS_NARROW as usize));
    assert_eq!((held(&registry, &gone), held(&registry, &newcomer)), (1, 0));
    (0..4).for_each(|_| registry.age(1));
    send(&registry, &signed(&mut random, &newcomer, EARNS_NARROW as usize));

    assert_eq!((held(&registry, &gone), held(&registry, &newcomer)), (0, 1));
}

#[test]
fn a_smaller_cap_drops_the_least_recently_used_at_once() {
    let mut random = Random(seed());
    let registry = Registry::new(1 << 30);
    let keys = secrets(&mut random, 20);
    let public = sign::public_keys(keys.as_flattened()).expect("good keys");
    verify::register(&registry, paths()[0], &public, false).expect("good keys");
    send(&registry, &signed(&mut random, &keys[..5], 1));

    registry.set_cap(6 * narrow_bytes());

    assert!(registry.figures().bytes <= registry.figures().cap_bytes);
    assert_eq!(held(&registry, &keys[..5]), 5);
}

#[test]
fn a_table_changes_no_verdict_on_the_signature_that_earns_it() {
    let mut random = Random(seed());
    let batch = signed(&mut random, &secrets(&mut Random(2), 3), 40);

    for path in paths() {
        let registry = Registry::new(1 << 20);
        for rows in [1usize, 7, 112] {
            let answer = verify::verify_with(
                &registry,
                path,
                &batch.digests[..32 * rows],
                &batch.signatures[..65 * rows],
                &batch.signers[..20 * rows],
            );
            assert!(answer.expect("shapes").into_iter().all(|valid| valid), "{path:?} {rows}");
        }
    }
}

#[test]
fn a_public_key_off_the_curve_is_refused_at_registration() {
    let registry = Registry::new(1 << 30);
    let good = sign::public_keys(&keccak256(b"a key")).expect("a key");

    let answer = verify::register(&registry, paths()[0], &[good, vec![7; 64]].concat(), false);

    assert_eq!(answer, Err(Malformed::PublicKey { row: 1 }));
    assert_eq!(registry.figures().narrow, 0);
}

#[test]
fn a_key_that_is_registered_again_keeps_its_wide_table_and_an_earned_one_is_protected_from_then_on() {
    let mut random = Random(seed());
    let registry = Registry::new(table_bytes(WIDE) + narrow_bytes());
    let (wide, earned, newcomer) =
        (secrets(&mut random, 1), secrets(&mut random, 1), secrets(&mut random, 1));
    let public = |keys: &[[u8; 32]]| sign::public_keys(keys.as_flattened()).expect("good keys");
    verify::register(&registry, paths()[0], &public(&wide), true).expect("good keys");
    send(&registry, &signed(&mut random, &earned, EARNS_NARROW as usize));

    verify::register(&registry, paths()[0], &public(&wide), false).expect("good keys");
    verify::register(&registry, paths()[0], &public(&earned), false).expect("good keys");
    send(&registry, &signed(&mut random, &newcomer, 4 * EARNS_NARROW as usize));

    assert_eq!((registry.figures().narrow, registry.figures().wide), (1, 1));
    assert_eq!([&wide, &earned, &newcomer].map(|key| held(&registry, key)), [1, 1, 0]);
}

#[test]
fn a_key_that_lost_its_table_goes_on_counting() {
    let mut random = Random(seed());
    let registry = Registry::new(narrow_bytes());
    let few = EARNS_NARROW as usize;
    let (first, second) = (secrets(&mut random, 1), secrets(&mut random, 1));
    send(&registry, &signed(&mut random, &first, few));
    send(&registry, &signed(&mut random, &second, 2 * few));
    assert_eq!([&first, &second].map(|key| held(&registry, key)), [0, 1]);

    // Twice and four times as many as a table costs: the next two occasions to ask for one.
    send(&registry, &signed(&mut random, &first, few));
    assert_eq!(held(&registry, &first), 0);
    send(&registry, &signed(&mut random, &first, 2 * few));

    assert_eq!([&first, &second].map(|key| held(&registry, key)), [1, 0]);
}
