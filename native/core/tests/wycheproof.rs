//! Wycheproof's vectors for secp256k1, in both forms of an ECDSA signature: DER and r ‖ s.
//!
//! They know no v, so each is offered with both. What they call valid is taken with exactly one v, unless its s
//! is high (then its twin is) or R.x ≥ n, which no v of ours says; what they call invalid is taken with none.

mod common;

use bandai_coin_core::dispatch::paths;
use bandai_coin_core::keccak::keccak256;
use bandai_coin_core::registry::Registry;
use bandai_coin_core::signature::HALF_ORDER;
use bandai_coin_core::verify::{register, verify_with};
use common::{Row, column, oracle};
use secp256k1::PublicKey;
use secp256k1::ecdsa::Signature;
use sha2::{Digest, Sha256, Sha512};
use sha3::Sha3_256;
use wycheproof::TestResult;
use wycheproof::ecdsa::{TestName, TestSet};

/// r ‖ s of a signature in these bytes, or None where the form or the range is wrong.
fn compact(bytes: &[u8], is_der: bool) -> Option<[u8; 64]> {
    if is_der {
        return Some(Signature::from_der(bytes).ok()?.serialize_compact());
    }
    bytes.try_into().ok()
}

/// The leftmost 256 bits of the hash.
fn digest(name: TestName, message: &[u8]) -> [u8; 32] {
    let hash = match name {
        TestName::EcdsaSecp256k1Sha512 | TestName::EcdsaSecp256k1Sha512P1363 => {
            Sha512::digest(message).to_vec()
        }
        TestName::EcdsaSecp256k1Sha3_256 => Sha3_256::digest(message).to_vec(),
        _ => Sha256::digest(message).to_vec(),
    };
    hash[..32].try_into().expect("32 bytes")
}

/// Both spellings of a signature, and of its twin with low s when it is high.
fn spellings(digest: [u8; 32], compact: [u8; 64], signer: [u8; 20]) -> Vec<Row> {
    let mut halves = vec![compact];
    if let Ok(mut parsed) = Signature::from_compact(&compact) {
        parsed.normalize_s();
        halves.push(parsed.serialize_compact());
    }
    let spell = |half: [u8; 64]| {
        [27, 28].map(|v| {
            let mut signature = [v; 65];
            signature[..64].copy_from_slice(&half);
            Row { digest, signature, signer }
        })
    };
    halves.into_iter().flat_map(spell).collect()
}

fn answers(rows: &[Row], key: &[u8], registers: bool) -> Vec<Vec<bool>> {
    let (digests, signatures) = (column(rows, |row| row.digest), column(rows, |row| row.signature));
    let signers = column(rows, |row| row.signer);
    let with = |path| {
        let registry = Registry::new(1 << 20);
        if registers {
            register(&registry, path, &key[1..], false).expect("a point");
        }
        verify_with(&registry, path, &digests, &signatures, &signers).expect("shapes")
    };
    paths().into_iter().map(with).collect()
}

#[test]
fn every_path_takes_what_wycheproof_calls_valid_and_nothing_else() {
    let mut seen = (0, 0);
    for name in [
        TestName::EcdsaSecp256k1Sha256,
        TestName::EcdsaSecp256k1Sha256P1363,
        TestName::EcdsaSecp256k1Sha256Bitcoin,
        TestName::EcdsaSecp256k1Sha512,
        TestName::EcdsaSecp256k1Sha512P1363,
        TestName::EcdsaSecp256k1Sha3_256,
    ] {
        let is_der =
            !matches!(name, TestName::EcdsaSecp256k1Sha256P1363 | TestName::EcdsaSecp256k1Sha512P1363);
        for group in TestSet::load(name).expect("vectors").test_groups {
            let key = PublicKey::from_slice(&group.key.key).expect("a point").serialize_uncompressed();
            let signer: [u8; 20] = keccak256(&key[1..])[12..].try_into().expect("20 bytes");
            for test in group.tests {
                let label = format!("{name:?} {} {}", test.tc_id, test.comment);
                let Some(compact) = compact(&test.sig, is_der) else {
                    assert_ne!(test.result, TestResult::Valid, "{label}");
                    continue;
                };
                let rows = spellings(digest(name, &test.msg), compact, signer);
                let expected: Vec<_> =
                    rows.iter().map(|row| oracle(&row.digest, &row.signature) == Some(signer)).collect();
                for registers in [false, true] {
                    assert!(
                        answers(&rows, &key, registers).iter().all(|answer| *answer == expected),
                        "{label}"
                    );
                }
                let is_low = compact[32..] <= HALF_ORDER[..];
                let taken =
                    expected.iter().skip(if is_low { 0 } else { 2 }).take(2).filter(|ok| **ok).count();
                match test.result {
                    // R.x = r + n, with an r too small to be that of an honest nonce.
                    TestResult::Valid if compact[..15] == [0; 15] => assert!(taken <= 1, "{label}"),
                    TestResult::Valid => assert_eq!(taken, 1, "{label}"),
                    // The Bitcoin set calls high s invalid; its twin is good.
                    _ if is_low => assert_eq!(taken, 0, "{label}"),
                    _ => assert!(!expected[0] && !expected[1], "{label}"),
                }
                seen = (seen.0 + 1, seen.1 + taken);
            }
        }
    }
    println!("{} signatures, {} of them taken", seen.0, seen.1);
    assert!(seen.0 > 1000 && seen.1 > 500, "{seen:?}");
}
