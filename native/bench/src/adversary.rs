//! Rows that someone makes who knows the kernels and chooses scalars to hit their exceptional cases.

use bandai_coin_core::keccak::keccak256;
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use secp256k1::{Message, Scalar, SecretKey};

use crate::common::{Random, Row, infinite};
use crate::data::{Rows, secret};

/// Rows in which (z/s)·G + (r/s)·Q is the point at infinity: none is valid, and the last addition cannot be made.
pub fn infinite_sums(count: usize, keys: usize) -> Rows {
    let mut rows = Rows::good("infinite sums", count, keys);
    let mut random = Random(1);
    for number in 0..keys {
        let of_key = infinite(&mut random, &key(secret("infinite sums", number)), count / keys);
        for (turn, Row { digest, signature, .. }) in of_key.into_iter().enumerate() {
            let [r, s] = [0, 32].map(|at| signature[at..at + 32].try_into().expect("32 bytes"));
            rows.write(turn * keys + number, digest, r, s, signature[64]);
        }
    }
    rows
}

/// Rows in which (s/r)·R and −(z/r)·G are the same point, z = −s·k: recovery's last addition loses its sum. Each
/// has a key of its own, the one that libsecp256k1 recovers.
pub fn lost_sums(count: usize) -> Rows {
    let mut rows = Rows::good("lost sums", count, 1);
    rows.public_keys.clear();
    rows.keys = count;
    for row in 0..count {
        let k = key(secret("nonce", row));
        let point = k.public_key().serialize_uncompressed();
        let r: [u8; 32] = point[1..33].try_into().expect("32 bytes");
        let mut s = [0; 32];
        s[28..].copy_from_slice(&(row as u32 + 1).to_be_bytes());
        let z = k.mul_tweak(&scalar(s)).expect("not zero").negate().to_secret_bytes();
        let id = if point[64] & 1 == 1 { RecoveryId::One } else { RecoveryId::Zero };
        rows.write(row, z, r, s, 27 + (point[64] & 1));
        let parsed =
            RecoverableSignature::from_compact(&rows.signatures[65 * row..][..64], id).expect("in range");
        let public = parsed.recover_ecdsa(Message::from_digest(z)).expect("a key").serialize_uncompressed();
        rows.public_keys.extend(&public[1..]);
        rows.signers[20 * row..][..20].copy_from_slice(&keccak256(&public[1..])[12..]);
    }
    rows
}

fn key(bytes: [u8; 32]) -> SecretKey {
    SecretKey::from_secret_bytes(bytes).expect("below the order")
}

fn scalar(bytes: [u8; 32]) -> Scalar {
    Scalar::from_be_bytes(bytes).expect("below the order")
}
