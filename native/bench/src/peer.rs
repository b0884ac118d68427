//! The peer: libsecp256k1 as the `secp256k1` crate vendors it, one signature after the other on one thread.

use bandai_coin_core::keccak::keccak256;
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId, Signature};
use secp256k1::{Message, PublicKey};

use crate::data::Rows;

/// The vendored library's version, and how `make bench-core` builds it.
pub const NAME: &str = "libsecp256k1 0.8.0 (crate secp256k1 0.33.1), -O3 -march=native, one thread";

/// Rows with their keys parsed ahead, as a verifier that knows its keys would hold them.
pub struct Prepared {
    rows: Vec<(Message, [u8; 65], PublicKey, [u8; 20])>,
}

impl Prepared {
    /// The first `count` rows.
    pub fn of(rows: &Rows, count: usize) -> Self {
        let keys: Vec<_> = rows.public_keys.as_chunks::<64>().0.iter().map(parsed).collect();
        let (digests, signatures, signers) = rows.part(0, count);
        let columns = digests.as_chunks::<32>().0.iter().zip(signatures.as_chunks::<65>().0);
        let rows = columns
            .zip(signers.as_chunks::<20>().0)
            .enumerate()
            .map(|(row, ((digest, signature), signer))| {
                (Message::from_digest(*digest), *signature, keys[row % rows.keys], *signer)
            })
            .collect();
        Self { rows }
    }

    /// How many of the rows its verification takes; it does not look at v.
    pub fn verify(&self) -> usize {
        let good = |(digest, signature, key, _): &&(Message, [u8; 65], PublicKey, [u8; 20])| {
            Signature::from_compact(&signature[..64]).is_ok_and(|parsed| parsed.verify(*digest, key).is_ok())
        };
        self.rows.iter().filter(good).count()
    }

    /// How many of the rows its recovery gives the signer of.
    pub fn recover(&self) -> usize {
        let good = |(digest, signature, _, signer): &&(Message, [u8; 65], PublicKey, [u8; 20])| {
            let id = if signature[64] == 28 { RecoveryId::One } else { RecoveryId::Zero };
            let parsed = RecoverableSignature::from_compact(&signature[..64], id).expect("in range");
            parsed
                .recover_ecdsa(*digest)
                .is_ok_and(|key| keccak256(&key.serialize_uncompressed()[1..])[12..] == signer[..])
        };
        self.rows.iter().filter(good).count()
    }
}

fn parsed(bytes: &[u8; 64]) -> PublicKey {
    let mut sec1 = [4u8; 65];
    sec1[1..].copy_from_slice(bytes);
    PublicKey::from_slice(&sec1).expect("a point of the curve")
}
