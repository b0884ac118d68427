//! Batches that the fuzzer writes, answered by every path and by libsecp256k1: they must agree row by row.
//!
//! An input is rows of 34 bytes: which key signs and what is done to its row, a second byte for that, and a word
//! of 32 bytes. Signatures cannot be guessed, so each row starts as a good one and the fuzzer spoils it.

#![no_main]

use std::sync::LazyLock;

use bandai_coin_core::dispatch::{Path, paths};
use bandai_coin_core::keccak::keccak256;
use bandai_coin_core::registry::Registry;
use bandai_coin_core::{eip712, sign, verify};
use libfuzzer_sys::fuzz_target;
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use secp256k1::{Message, SecretKey};

const ROW_BYTES: usize = 34;
/// As many as fill a vector twice and leave some over.
const MOST_ROWS: usize = 19;

struct Town {
    secrets: Vec<[u8; 32]>,
    signers: Vec<[u8; 20]>,
    /// One whose keys are registered, one that has room for none.
    registries: [Registry; 2],
}

/// Keys at the edges (±1, 2, powers of two) and others; half of them with wide tables.
static TOWN: LazyLock<Town> = LazyLock::new(|| {
    let mut secrets = vec![[0; 32]; 4];
    (secrets[0][31], secrets[1][31], secrets[2][16], secrets[3][0]) = (1, 2, 1, 0x40);
    let one = SecretKey::from_secret_bytes(secrets[0]).expect("one");
    secrets.push(one.negate().to_secret_bytes());
    secrets.extend((0..3u8).map(|number| keccak256(&[number])));
    let public = sign::public_keys(secrets.as_flattened()).expect("keys");
    let signers = sign::addresses(secrets.as_flattened()).expect("keys").as_chunks::<20>().0.to_vec();
    let registries = [Registry::new(1 << 30), Registry::new(0)];
    let (wide, narrow) = public.split_at(4 * 64);
    verify::register(&registries[0], wide, true).expect("points");
    verify::register(&registries[0], narrow, false).expect("points");
    Town { secrets, signers, registries }
});

#[derive(Clone)]
struct Row {
    digest: [u8; 32],
    signature: [u8; 65],
    signer: [u8; 20],
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
        13 => {
            let twin = twin(&row.signature);
            row.signature[..64].copy_from_slice(&twin);
        }
        14 => row.signature[..31].fill(0),
        15 => row.signature[64] = 55 - row.signature[64],
        16 => row.signer = oracle(&row.digest, &row.signature).unwrap_or_default(),
        28..=31 => row = before.get(usize::from(second)).cloned().unwrap_or(row),
        _ => {}
    }
    row
}

/// r ‖ n − s.
fn twin(signature: &[u8; 65]) -> [u8; 64] {
    let mut out: [u8; 64] = signature[..64].try_into().expect("64 bytes");
    if let Ok(s) = SecretKey::from_secret_bytes(out[32..].try_into().expect("32 bytes")) {
        out[32..].copy_from_slice(&s.negate().to_secret_bytes());
    }
    out
}

/// What libsecp256k1 and the accept set say.
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
    keccak256(&key.serialize_uncompressed()[1..])[12..].try_into().ok()
}

fuzz_target!(|input: &[u8]| {
    let mut rows: Vec<Row> = Vec::new();
    for bytes in input.as_chunks::<ROW_BYTES>().0.iter().take(MOST_ROWS) {
        rows.push(row(bytes, &rows));
    }
    let digests: Vec<u8> = rows.iter().flat_map(|row| row.digest).collect();
    let signatures: Vec<u8> = rows.iter().flat_map(|row| row.signature).collect();
    let signers: Vec<u8> = rows.iter().flat_map(|row| row.signer).collect();
    let found: Vec<_> = rows.iter().map(|row| oracle(&row.digest, &row.signature)).collect();
    let valid: Vec<_> = rows.iter().zip(&found).map(|(row, found)| *found == Some(row.signer)).collect();
    for path in paths() {
        assert_eq!(verify::recover_with(path, &digests, &signatures).expect("shapes"), found, "{path:?}");
        for registry in &TOWN.registries {
            let answer = verify::verify_with(registry, path, &digests, &signatures, &signers);
            assert_eq!(answer.expect("shapes"), valid, "{path:?}");
        }
        let words = eip712::digests_with(path, &[7; 32], &[9; 32], &[&digests, &digests]).expect("shapes");
        let plain = eip712::digests_with(Path::Reference, &[7; 32], &[9; 32], &[&digests, &digests]);
        assert_eq!(words, plain.expect("shapes"), "{path:?}");
    }
});
