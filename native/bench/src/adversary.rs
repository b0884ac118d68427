//! Rows that someone makes who knows the kernels and chooses scalars to hit their exceptional cases.

use bandai_coin_core::keccak::keccak256;
use bandai_coin_core::sign;
use bandai_coin_core::signature::HALF_ORDER;
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use secp256k1::{Message, Scalar, SecretKey};

use crate::data::{Rows, secret};

/// Rows in which (z/s)·G and (r/s)·Q are the same point: the nonce is 1, so r is the generator's x, z = r·d and
/// s = 2z.
pub fn equal_halves(count: usize, keys: usize) -> Rows {
    let mut rows = Rows::good("equal halves", count, keys);
    let mut one = [0; 32];
    one[31] = 1;
    let generator = sign::public_keys(&one).expect("one is a key");
    let r: [u8; 32] = generator[..32].try_into().expect("32 bytes");
    for row in 0..count {
        let z = key(secret("equal halves", row % keys)).mul_tweak(&scalar(r)).expect("not zero");
        let twice = z.add_tweak(&Scalar::from(z)).expect("not zero");
        let is_low = twice.to_secret_bytes() <= HALF_ORDER;
        let (s, v) = if is_low { (twice, 27) } else { (twice.negate(), 28) };
        rows.write(row, z.to_secret_bytes(), r, s.to_secret_bytes(), v);
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
