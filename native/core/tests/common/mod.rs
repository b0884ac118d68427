//! What the tests of signatures share: seeded numbers, rows, and the oracle. The oracle is written against the
//! `secp256k1` crate alone and shares no code with the crate under test but Keccak.

// Each test binary uses a part of it.
#![allow(dead_code)]

use bandai_coin_core::keccak::keccak256;
use bandai_coin_core::signature::{HALF_ORDER, ORDER};
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use secp256k1::{Message, PublicKey, Scalar, SecretKey};

/// A sequence of numbers that depends on the seed alone (splitmix64).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }
    pub fn word(&mut self) -> [u8; 32] {
        let mut out = [0; 32];
        out.as_chunks_mut::<8>().0.iter_mut().for_each(|chunk| *chunk = self.next().to_be_bytes());
        out
    }
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

pub fn seed() -> u64 {
    let seed = std::env::var("BANDAI_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(|| {
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_nanos()
            as u64
    });
    println!("BANDAI_SEED={seed}");
    seed
}

pub fn oracle(digest: &[u8; 32], signature: &[u8; 65]) -> Option<[u8; 20]> {
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
pub struct Row {
    pub digest: [u8; 32],
    pub signature: [u8; 65],
    pub signer: [u8; 20],
}

/// 1, 2, 3 and so on as a secret key.
pub fn small(number: u8) -> [u8; 32] {
    let mut secret = [0; 32];
    secret[31] = number;
    secret
}

pub fn column<const W: usize>(rows: &[Row], of: impl Fn(&Row) -> [u8; W]) -> Vec<u8> {
    rows.iter().flat_map(of).collect()
}

/// The signature that has R = u1·G + u2·Q by the key d of this address, or None when its s is high or R is unfit.
pub fn signed_by_scalars(d: &SecretKey, u1: &SecretKey, u2: &SecretKey, signer: [u8; 20]) -> Option<Row> {
    let scalar = |key: &SecretKey| Scalar::from(*key);
    let k = d.mul_tweak(&scalar(u2)).ok()?.add_tweak(&scalar(u1)).ok()?;
    let point = k.public_key().serialize_uncompressed();
    let r = SecretKey::from_secret_bytes(point[1..33].try_into().ok()?).ok()?;
    let s = r.mul_tweak(&scalar(&inverse(u2))).ok()?;
    let z = s.mul_tweak(&scalar(u1)).ok()?;
    let mut row = Row { digest: z.to_secret_bytes(), signature: [0; 65], signer };
    row.signature[..32].copy_from_slice(&r.to_secret_bytes());
    row.signature[32..64].copy_from_slice(&s.to_secret_bytes());
    row.signature[64] = 27 + (point[64] & 1);
    (s.to_secret_bytes() <= HALF_ORDER).then_some(row)
}

/// Rows by the key d whose sum (z/s)·G + (r/s)·Q is the point at infinity, whatever s is: r = −z/d. Each r is the x
/// of a point, so that libsecp256k1 has no short way to refuse it.
pub fn infinite(random: &mut Random, d: &SecretKey, count: usize) -> Vec<Row> {
    let public = d.public_key().serialize_uncompressed();
    let signer = keccak256(&public[1..])[12..].try_into().expect("20 bytes");
    let minus_inverse = Scalar::from(inverse(d).negate());
    let mut rows = Vec::with_capacity(count);
    while rows.len() < count {
        let digest = random.word();
        let z = SecretKey::from_secret_bytes(digest).expect("below the order");
        let r = z.mul_tweak(&minus_inverse).expect("not zero").to_secret_bytes();
        if PublicKey::from_slice(&[&[2], &r[..]].concat()).is_ok() {
            let mut signature = [27 + (random.next() & 1) as u8; 65];
            signature[..32].copy_from_slice(&r);
            signature[32..64].copy_from_slice(&random.word());
            signature[32] &= 0x3f;
            rows.push(Row { digest, signature, signer });
        }
    }
    rows
}

/// r ‖ n − s ‖ the other v: what libsecp256k1 recovers the same key from.
pub fn twin(signature: &[u8; 65]) -> [u8; 65] {
    let mut out = *signature;
    if let Ok(s) = SecretKey::from_secret_bytes(out[32..64].try_into().expect("32 bytes")) {
        out[32..64].copy_from_slice(&s.negate().to_secret_bytes());
    }
    out[64] = 55u8.wrapping_sub(out[64]);
    out
}

/// 1/a modulo the order, as a^(n − 2).
pub fn inverse(a: &SecretKey) -> SecretKey {
    let mut exponent = ORDER;
    exponent[31] -= 2;
    let mut power = SecretKey::from_secret_bytes(small(1)).expect("one");
    for byte in exponent {
        for bit in (0..8).rev() {
            power = power.mul_tweak(&Scalar::from(power)).expect("not zero");
            if byte >> bit & 1 == 1 {
                power = power.mul_tweak(&Scalar::from(*a)).expect("not zero");
            }
        }
    }
    power
}
