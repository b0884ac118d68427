//! Verification and recovery by libsecp256k1, one signature at a time: the oracle of every other path.

use secp256k1::Message;
use secp256k1::PublicKey;
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};

use crate::Address;
use crate::keccak::keccak256;
use crate::signature::Signature;
use crate::sponge;
use crate::vector::Point;

/// The address of a public key: the last 20 bytes of the Keccak-256 of x ‖ y.
pub fn address_of(key: &PublicKey) -> Address {
    let uncompressed = key.serialize_uncompressed();
    let hash = keccak256(&uncompressed[1..]);
    *hash.last_chunk().expect("32 bytes end in 20")
}

/// The public key that made the signature, or None when there is none in the accept set.
pub fn recover_key(digest: &[u8; 32], signature: &[u8; 65]) -> Option<PublicKey> {
    let signature = Signature::parse(signature)?;
    let id = if signature.y_is_odd { RecoveryId::One } else { RecoveryId::Zero };
    let recoverable = RecoverableSignature::from_compact(signature.compact, id).ok()?;
    recoverable.recover_ecdsa(Message::from_digest(*digest)).ok()
}

/// The address that made the signature, or None when there is none in the accept set.
pub fn recover(digest: &[u8; 32], signature: &[u8; 65]) -> Option<Address> {
    recover_key(digest, signature).map(|key| address_of(&key))
}

/// Whether the signature is in the accept set and was made by this address over this digest.
pub fn verify(digest: &[u8; 32], signature: &[u8; 65], signer: &Address) -> bool {
    recover(digest, signature).as_ref() == Some(signer)
}

/// The affine point of a public key.
pub fn point_of(key: &secp256k1::PublicKey) -> Point {
    let bytes = key.serialize_uncompressed();
    sponge::point_of(bytes.last_chunk().expect("65 bytes end in 64"))
}
