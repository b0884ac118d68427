//! Every path answers as libsecp256k1 does, for good signatures and every way to spoil one.
//!
//! The oracle here is written against the `secp256k1` crate alone and shares no code with the crate under
//! test but Keccak. `cargo test --release -- --ignored` runs 20,000 cases for each class and path.

use bandai_coin_core::dispatch::{Path, paths};
use bandai_coin_core::keccak::keccak256;
use bandai_coin_core::registry::Registry;
use bandai_coin_core::{sign, threads, verify};
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use secp256k1::{Message, Scalar, SecretKey};

const ORDER: [u8; 32] = bandai_coin_core::signature::ORDER;

/// A sequence of numbers that depends on the seed alone (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }
    fn word(&mut self) -> [u8; 32] {
        let mut out = [0; 32];
        out.as_chunks_mut::<8>().0.iter_mut().for_each(|chunk| *chunk = self.next().to_be_bytes());
        out
    }
    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

fn seed() -> u64 {
    let seed = std::env::var("BANDAI_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(|| {
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_nanos()
            as u64
    });
    println!("BANDAI_SEED={seed}");
    seed
}

fn oracle(digest: &[u8; 32], signature: &[u8; 65]) -> Option<[u8; 20]> {
    let id = match signature[64] {
        0 | 27 => RecoveryId::Zero,
        1 | 28 => RecoveryId::One,
        _ => return None,
    };
    let parsed = RecoverableSignature::from_compact(&signature[..64], id).ok()?;
    let mut normal = parsed.to_standard();
    normal.normalize_s();
    if normal != parsed.to_standard() {
        return None;
    }
    let key = parsed.recover_ecdsa(Message::from_digest(*digest)).ok()?;
    let hash = keccak256(&key.serialize_uncompressed()[1..]);
    Some(hash[12..].try_into().expect("20 bytes"))
}

#[derive(Clone)]
struct Row {
    digest: [u8; 32],
    signature: [u8; 65],
    signer: [u8; 20],
}

struct Keys {
    secrets: Vec<[u8; 32]>,
    public: Vec<u8>,
}

/// Ordinary keys, and keys near the generator: ±1, ±2, ±3, powers of two.
fn keys(random: &mut Random) -> Keys {
    let mut secrets: Vec<[u8; 32]> = (0..24).map(|_| random.word()).collect();
    for small in [1u8, 2, 3, 5] {
        let mut secret = [0; 32];
        secret[31] = small;
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
    let r: [u8; 32] = sign::public_keys(&one()).expect("one")[..32].try_into().expect("32");
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

fn one() -> [u8; 32] {
    let mut one = [0; 32];
    one[31] = 1;
    one
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

const CLASSES: [&str; 20] = [
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
        "high s twin" => {
            let s: [u8; 32] = row.signature[32..64].try_into().expect("32");
            let high = SecretKey::from_secret_bytes(s).expect("s").negate().to_secret_bytes();
            row.signature[32..64].copy_from_slice(&high);
            row.signature[64] = 55 - row.signature[64];
        }
        "r random" => row.signature[..32].copy_from_slice(&random.word()),
        "tiny r" => {
            row.signature[..31].fill(0);
            row.signature[31] = random.below(12) as u8;
            row.signature[64] = [0, 1, 2, 3, 27, 28, 29, 30][random.below(8)];
            if let (true, Some(signer)) = (random.below(2) == 0, oracle(&row.digest, &row.signature)) {
                row.signer = signer;
            }
        }
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

fn column<const W: usize>(rows: &[Row], of: impl Fn(&Row) -> [u8; W]) -> Vec<u8> {
    rows.iter().flat_map(of).collect()
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
        for tables in ["none", "narrow", "wide"] {
            let registry = Registry::new(1 << 30);
            if tables != "none" {
                verify::register(&registry, &keys.public, tables == "wide").expect("keys");
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

#[test]
fn a_key_earns_its_table_with_accepted_signatures_only_and_the_cap_holds() {
    let mut random = Random(seed());
    let keys = keys(&mut random);
    let registry = Registry::new(5 * bandai_coin_core::registry::table_bytes(5));
    let path = paths()[0];
    let send = |row: &Row| {
        verify::verify_with(&registry, path, &row.digest, &row.signature, &row.signer).expect("shapes")[0]
    };

    let row = good(&mut random, &keys);
    let bad = Row { digest: random.word(), ..row.clone() };
    for _ in 0..10 {
        assert!(!send(&bad));
    }
    assert_eq!((registry.figures().narrow, registry.figures().candidates), (0, 0));
    assert!(send(&row) && send(&row));
    assert_eq!((registry.figures().narrow, registry.figures().candidates), (0, 1));
    assert!(send(&row));
    assert_eq!((registry.figures().narrow, registry.figures().candidates), (1, 0));

    for _ in 0..200 {
        let row = good(&mut random, &keys);
        assert!(send(&row));
        let figures = registry.figures();
        assert!(figures.bytes <= figures.cap_bytes, "{figures:?}");
    }
    assert!(registry.figures().narrow >= 3);
}

#[test]
fn a_key_that_pays_often_gets_a_wide_table_while_half_of_the_cap_is_free() {
    let mut random = Random(seed());
    let keys = keys(&mut random);
    let registry = Registry::new(4 << 20);
    let row = good(&mut random, &keys);
    let rows: Vec<_> = (0..300).map(|_| row.clone()).collect();
    let (digests, signatures) = (column(&rows, |row| row.digest), column(&rows, |row| row.signature));
    let signers = column(&rows, |row| row.signer);

    for _ in 0..3 {
        let answer = verify::verify_with(&registry, Path::Portable, &digests, &signatures, &signers);
        assert!(answer.expect("shapes").into_iter().all(|valid| valid));
    }

    assert_eq!((registry.figures().narrow, registry.figures().wide), (0, 1));
}

#[test]
fn a_public_key_off_the_curve_is_refused_at_registration() {
    let registry = Registry::new(1 << 30);

    let answer = verify::register(&registry, &[7; 64], false);

    assert_eq!(answer, Err(bandai_coin_core::Malformed::PublicKey { row: 0 }));
    assert_eq!(registry.figures().narrow, 0);
}
