//! Every path answers as libsecp256k1 does, for good signatures and every way to spoil one.
//!
//! `cargo test --release -- --ignored` runs 20,000 cases for each class and path.

mod common;

use bandai_coin_core::dispatch::{Path, paths};
use bandai_coin_core::keccak::keccak256;
use bandai_coin_core::registry::Registry;
use bandai_coin_core::signature::ORDER;
use bandai_coin_core::{sign, threads, verify};
use common::{Random, Row, column, oracle, seed, small, twin};
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use secp256k1::{Message, Scalar, SecretKey};

struct Keys {
    secrets: Vec<[u8; 32]>,
    public: Vec<u8>,
}

/// Ordinary keys, and keys near the generator: ±1, ±2, ±3, powers of two.
fn keys(random: &mut Random) -> Keys {
    let mut secrets: Vec<[u8; 32]> = (0..24).map(|_| random.word()).collect();
    for number in [1u8, 2, 3, 5] {
        let secret = small(number);
        secrets.push(secret);
        secrets.push(SecretKey::from_secret_bytes(secret).expect("small").negate().to_secret_bytes());
    }
    for bit in [5usize, 8, 40, 128, 255] {
        let mut secret = [0; 32];
        secret[31 - bit / 8] = 1 << (bit % 8);
        secrets.push(secret);
    }
    let public = sign::public_keys(secrets.as_flattened()).expect("keys");
    Keys { secrets, public }
}

fn address(keys: &Keys, key: usize) -> [u8; 20] {
    keccak256(&keys.public[64 * key..64 * key + 64])[12..].try_into().expect("20 bytes")
}

fn good(random: &mut Random, keys: &Keys) -> Row {
    let key = random.below(keys.secrets.len());
    let digest = random.word();
    let signature = sign::sign(&keys.secrets[key], &digest).expect("key").try_into().expect("65");
    Row { digest, signature, signer: address(keys, key) }
}

fn scalar(bytes: [u8; 32]) -> Scalar {
    Scalar::from_be_bytes(bytes).expect("below the order")
}

/// A signature with the nonce 1 (so r is the generator's x) over the digest z = r·d: then (z/s)·G and
/// (r/s)·Q are the same point.
fn equal_halves(random: &mut Random, keys: &Keys) -> Row {
    let key = random.below(keys.secrets.len());
    let r: [u8; 32] = sign::public_keys(&small(1)).expect("one")[..32].try_into().expect("32");
    let d = SecretKey::from_secret_bytes(keys.secrets[key]).expect("key");
    let z = d.mul_tweak(&scalar(r)).expect("not zero");
    let s = z.add_tweak(&scalar(z.to_secret_bytes())).expect("not zero");
    let mut row = Row { digest: z.to_secret_bytes(), signature: [0; 65], signer: address(keys, key) };
    row.signature[..32].copy_from_slice(&r);
    row.signature[32..64].copy_from_slice(&s.to_secret_bytes());
    row.signature[64] = 27;
    if oracle(&row.digest, &row.signature).is_none() {
        row.signature[32..64].copy_from_slice(&s.negate().to_secret_bytes());
        row.signature[64] = 28;
    }
    row
}

/// z = −r·d: (z/s)·G + (r/s)·Q is the point at infinity for every s.
fn opposite_halves(random: &mut Random, keys: &Keys) -> Row {
    let mut row = good(random, keys);
    let key = (0..keys.secrets.len()).find(|&key| address(keys, key) == row.signer).expect("own key");
    let r: [u8; 32] = row.signature[..32].try_into().expect("32");
    let d = SecretKey::from_secret_bytes(keys.secrets[key]).expect("key");
    row.digest = d.mul_tweak(&scalar(r)).expect("not zero").negate().to_secret_bytes();
    row
}

/// R.x = r + n is a point's x for r = 2, 4, 6 (and for no other r below 7), which v of 29 and 30 would say.
fn past_the_order(random: &mut Random, mut row: Row) -> Row {
    row.signature[..32].copy_from_slice(&small([2, 4, 6][random.below(3)]));
    let id = if random.below(2) == 0 { RecoveryId::Two } else { RecoveryId::Three };
    let parsed = RecoverableSignature::from_compact(&row.signature[..64], id).expect("in range");
    let key = parsed.recover_ecdsa(Message::from_digest(row.digest)).expect("such a point exists");
    row.signer = keccak256(&key.serialize_uncompressed()[1..])[12..].try_into().expect("20 bytes");
    let odd = u8::from(id == RecoveryId::Three);
    row.signature[64] = [29, 27, 2, 0][random.below(4)] + odd;
    row
}

/// What a signer can do that knows the kernel: R = u1·G + u2·Q for scalars of its own choice, here with long runs
/// of equal bits, so that many digits are equal and at their edges. Then r = R.x, s = r/u2, z = u1·s.
fn chosen_scalars(random: &mut Random, keys: &Keys) -> Row {
    let key = random.below(keys.secrets.len());
    let d = SecretKey::from_secret_bytes(keys.secrets[key]).expect("key");
    loop {
        let [u1, u2] =
            [0, 1].map(|_| SecretKey::from_secret_bytes(striped(random)).expect("below the order"));
        let Some(row) = common::signed_by_scalars(&d, &u1, &u2, address(keys, key)) else { continue };
        return row;
    }
}

/// A number whose bits come in a few runs, not zero and below the order.
fn striped(random: &mut Random) -> [u8; 32] {
    let mut number = [0u8; 32];
    for _ in 0..1 + random.below(4) {
        let (from, to) = (random.below(256), random.below(256));
        for bit in from.min(to)..=from.max(to) {
            number[31 - bit / 8] ^= 1 << (bit % 8);
        }
    }
    number[0] &= 0x7f;
    number[31] |= 1;
    number
}

const CLASSES: [&str; 22] = [
    "good",
    "r bit",
    "s bit",
    "v flipped",
    "v any",
    "digest bit",
    "signer bit",
    "r zero",
    "s zero",
    "r past order",
    "s past order",
    "high s twin",
    "r random",
    "tiny r",
    "r of a point past the order",
    "chosen scalars",
    "equal halves",
    "opposite halves",
    "digest zero",
    "digest past order",
    "other signer",
    "all random",
];

fn spoiled(class: &str, random: &mut Random, keys: &Keys) -> Row {
    let mut row = good(random, keys);
    match class {
        "good" => {}
        "r bit" => row.signature[random.below(32)] ^= 1 << random.below(8),
        "s bit" => row.signature[32 + random.below(32)] ^= 1 << random.below(8),
        "v flipped" => row.signature[64] = 55 - row.signature[64],
        "v any" => row.signature[64] = random.next() as u8,
        "digest bit" => row.digest[random.below(32)] ^= 1 << random.below(8),
        "signer bit" => row.signer[random.below(20)] ^= 1 << random.below(8),
        "r zero" => row.signature[..32].fill(0),
        "s zero" => row.signature[32..64].fill(0),
        "r past order" => past_order(random, &mut row.signature[..32]),
        "s past order" => past_order(random, &mut row.signature[32..64]),
        "high s twin" => row.signature = twin(&row.signature),
        "r random" => row.signature[..32].copy_from_slice(&random.word()),
        "tiny r" => {
            row.signature[..31].fill(0);
            row.signature[31] = random.below(12) as u8;
            row.signature[64] = [0, 1, 2, 3, 27, 28, 29, 30][random.below(8)];
            if let (true, Some(signer)) = (random.below(2) == 0, oracle(&row.digest, &row.signature)) {
                row.signer = signer;
            }
        }
        "r of a point past the order" => row = past_the_order(random, row),
        "chosen scalars" => row = chosen_scalars(random, keys),
        "equal halves" => row = equal_halves(random, keys),
        "opposite halves" => row = opposite_halves(random, keys),
        "digest zero" => special_digest(&mut row, [0; 32], keys),
        "digest past order" => {
            let mut digest = [0xff; 32];
            if random.below(2) == 0 {
                digest = ORDER;
                digest[31] ^= random.below(4) as u8;
            }
            special_digest(&mut row, digest, keys);
        }
        "other signer" => row.signer = good(random, keys).signer,
        _ => {
            row.signature[..32].copy_from_slice(&random.word());
            row.signature[32..64].copy_from_slice(&random.word());
            row.digest = random.word();
        }
    }
    row
}

fn past_order(random: &mut Random, number: &mut [u8]) {
    number.copy_from_slice(&ORDER);
    if random.below(3) > 0 {
        number[16..].fill(0xff);
        number[31] = random.next() as u8;
    }
}

fn special_digest(row: &mut Row, digest: [u8; 32], keys: &Keys) {
    let key = (0..keys.secrets.len()).find(|&key| address(keys, key) == row.signer).expect("own key");
    row.digest = digest;
    row.signature = sign::sign(&keys.secrets[key], &digest).expect("key").try_into().expect("65");
}

/// Compares every path, with tables of both widths and with none, with the oracle.
fn compare(rows: &[Row], keys: &Keys, label: &str) {
    let digests = column(rows, |row| row.digest);
    let signatures = column(rows, |row| row.signature);
    let signers = column(rows, |row| row.signer);
    let recovered: Vec<_> = rows.iter().map(|row| oracle(&row.digest, &row.signature)).collect();
    let expected: Vec<_> =
        rows.iter().zip(&recovered).map(|(row, found)| *found == Some(row.signer)).collect();
    for path in paths() {
        let answer = verify::recover_with(path, &digests, &signatures).expect("shapes");
        assert_eq!(answer, recovered, "recover, {label}, {path:?}");
        // The reference path reads no table.
        let kinds = if path == Path::Reference { &["none"][..] } else { &["none", "narrow", "wide"] };
        for tables in kinds.iter().copied() {
            let registry = Registry::new(1 << 30);
            if tables != "none" {
                verify::register(&registry, path, &keys.public, tables == "wide").expect("keys");
            }
            let answer =
                verify::verify_with(&registry, path, &digests, &signatures, &signers).expect("shapes");
            if let Some(row) = (0..rows.len()).find(|&row| answer[row] != expected[row]) {
                panic!(
                    "{label}, {path:?}, {tables} tables, row {row}: {:?}, {:02x?}",
                    answer[row], rows[row].signature
                );
            }
        }
    }
}

fn all_classes(cases: usize) {
    let mut random = Random(seed());
    let keys = keys(&mut random);
    for class in CLASSES {
        let rows: Vec<_> = (0..cases).map(|_| spoiled(class, &mut random, &keys)).collect();
        compare(&rows, &keys, class);
    }
}

#[test]
fn every_path_answers_as_libsecp256k1_for_every_class() {
    all_classes(150);
}

#[test]
#[ignore = "minutes; run by make test-all"]
fn every_path_answers_as_libsecp256k1_for_20_000_cases_of_every_class() {
    all_classes(20_000);
}

#[test]
fn mixed_classes_answer_the_same_in_any_size_order_and_number_of_threads() {
    let mut random = Random(seed());
    let keys = keys(&mut random);
    let mut rows: Vec<_> =
        (0..700).map(|i| spoiled(CLASSES[i % CLASSES.len()], &mut random, &keys)).collect();
    for size in [1, 2, 7, 8, 9, 31, 32, 33, 63, 64, 65, 127, 700] {
        for i in (1..rows.len()).rev() {
            rows.swap(i, random.below(i + 1));
        }
        threads::set_limit(1 + size % 3);
        compare(&rows[..size], &keys, &format!("mixed {size}"));
    }
    threads::set_limit(0);
}

#[test]
fn duplicates_and_reused_nonces_are_judged_each_for_itself() {
    let mut random = Random(seed());
    let keys = keys(&mut random);
    let first = good(&mut random, &keys);
    let second = equal_halves(&mut random, &keys);
    let rows: Vec<_> = (0..130).map(|i| if i % 3 == 0 { second.clone() } else { first.clone() }).collect();

    compare(&rows, &keys, "duplicates");
}
