//! Batches that the fuzzer writes, answered by every path and by libsecp256k1: they must agree row by row.
//!
//! An input is rows of 34 bytes: which key signs and what is done to its row, a second byte for that, and a word
//! of 32 bytes. Signatures cannot be guessed, so each row starts as a good one and the fuzzer spoils it.

#![no_main]

#[path = "../../core/tests/common/mod.rs"]
mod common;

use std::sync::LazyLock;

use bandai_coin_core::dispatch::{Path, narrow, paths};
use bandai_coin_core::keccak::keccak256;
use bandai_coin_core::registry::{Registry, table_bytes};
use bandai_coin_core::table::WIDE;
use bandai_coin_core::{digests, sign, verify};
use common::{Random, Row, column, infinite, oracle, twin};
use libfuzzer_sys::fuzz_target;
use secp256k1::SecretKey;
use sha3::{Digest, Keccak256};

const ROW_BYTES: usize = 34;
/// As many as fill a vector twice and leave some over.
const MOST_ROWS: usize = 19;

struct Town {
    secrets: Vec<[u8; 32]>,
    signers: Vec<[u8; 20]>,
    /// For each path: all keys with narrow tables, all with wide ones, and none.
    registries: Vec<(Path, [Registry; 3])>,
}

/// A registry that holds these keys and has room for nothing else, so that it stays as it is.
fn full(path: Path, public: &[u8], often: bool) -> Registry {
    let width = if often { WIDE } else { narrow(path) };
    let registry = Registry::new(public.len() / 64 * table_bytes(width));
    verify::register(&registry, path, public, often).expect("points");
    registry
}

/// Keys at the edges (±1, 2, powers of two) and others.
static TOWN: LazyLock<Town> = LazyLock::new(|| {
    let mut secrets = vec![[0; 32]; 4];
    (secrets[0][31], secrets[1][31], secrets[2][16], secrets[3][0]) = (1, 2, 1, 0x40);
    secrets.push(secret(secrets[0]).negate().to_secret_bytes());
    secrets.extend((0..3u8).map(|number| keccak256(&[number])));
    let public = sign::public_keys(secrets.as_flattened()).expect("keys");
    let signers = sign::addresses(secrets.as_flattened()).expect("keys").as_chunks::<20>().0.to_vec();
    let kinds = |path| [full(path, &public, false), full(path, &public, true), Registry::new(0)];
    let registries = paths().into_iter().map(|path| (path, kinds(path))).collect();
    Town { secrets, signers, registries }
});

fn secret(bytes: [u8; 32]) -> SecretKey {
    SecretKey::from_secret_bytes(bytes).expect("not zero and below the order")
}

/// The row that these bytes mean; `before` are the rows before it.
fn row(bytes: &[u8; ROW_BYTES], before: &[Row]) -> Row {
    let [first, second, ..] = *bytes;
    let word: [u8; 32] = bytes[2..].try_into().expect("32 bytes");
    let key = usize::from(first) % TOWN.secrets.len();
    let digest = if second & 1 == 0 { word } else { keccak256(&word) };
    let signature = sign::sign(&TOWN.secrets[key], &digest).expect("key").try_into().expect("65 bytes");
    let mut row = Row { digest, signature, signer: TOWN.signers[key] };
    let mix = |target: &mut [u8]| target.iter_mut().zip(word).for_each(|(byte, with)| *byte ^= with);
    match first / 8 {
        4 => mix(&mut row.signature[..32]),
        5 => mix(&mut row.signature[32..64]),
        6 => mix(&mut row.digest),
        7 => row.signature[64] = second,
        8 => row.signature[..32].copy_from_slice(&word),
        9 => row.signature[32..64].copy_from_slice(&word),
        10 => row.signature[usize::from(second) % 65] ^= word[0],
        11 => row.signer[usize::from(second) % 20] ^= word[0],
        12 => row.signer = TOWN.signers[usize::from(second) % TOWN.signers.len()],
        13 => row.signature = twin(&row.signature),
        14 => row.signature[..31].fill(0),
        15 => row.signature[64] = 55 - row.signature[64],
        16 => row.signer = oracle(&row.digest, &row.signature).unwrap_or_default(),
        17 => row = infinite(&mut Random(u64::from(second)), &secret(TOWN.secrets[key]), 1).remove(0),
        28..=31 => row = before.get(usize::from(second)).cloned().unwrap_or(row),
        _ => {}
    }
    row
}

fuzz_target!(|input: &[u8]| {
    let mut rows: Vec<Row> = Vec::new();
    for bytes in input.as_chunks::<ROW_BYTES>().0.iter().take(MOST_ROWS) {
        rows.push(row(bytes, &rows));
    }
    let (digests, signatures) = (column(&rows, |row| row.digest), column(&rows, |row| row.signature));
    let signers = column(&rows, |row| row.signer);
    let found: Vec<_> = rows.iter().map(|row| oracle(&row.digest, &row.signature)).collect();
    let valid: Vec<_> = rows.iter().zip(&found).map(|(row, found)| *found == Some(row.signer)).collect();
    for (path, registries) in &TOWN.registries {
        assert_eq!(verify::recover_with(*path, &digests, &signatures).expect("shapes"), found, "{path:?}");
        for registry in registries {
            let answer = verify::verify_with(registry, *path, &digests, &signatures, &signers);
            assert_eq!(answer.expect("shapes"), valid, "{path:?}");
        }
        let made = digests::digests_with(*path, &[7; 32], &[9; 32], &[&digests, &digests]).expect("shapes");
        let plain: Vec<u8> = rows.iter().flat_map(|row| typed(&row.digest)).collect();
        assert_eq!(made, plain, "{path:?}");
    }
});

/// The EIP-712 digest of a message whose two fields are this word.
fn typed(word: &[u8; 32]) -> [u8; 32] {
    let message = Keccak256::digest([&[9; 32], &word[..], &word[..]].concat());
    Keccak256::digest([&b"\x19\x01"[..], &[7; 32], &message].concat()).into()
}
