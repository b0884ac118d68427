//! Batches of secp256k1 signatures, Keccak-256 and EIP-712 digests over contiguous bytes.
//!
//! It decides one thing: which signatures are valid, with one accept set for every path
//! ([`signature`]). It knows no amounts, no wallets and no Python. Every batch is a row of columns of
//! fixed width: digests N × 32, signatures N × 65 (r ‖ s ‖ v), addresses N × 20, keys N × 32.
//!
//! Kept: an answer never depends on the batch's size, its order, the number of threads or the path.
//! Standards: SEC 1 (ECDSA), RFC 6979, EIP-2 (low s), EIP-712, Keccak (the padding before FIPS 202).

// Limbs and lanes of several arrays run in step; an index says so more plainly than zipped iterators.
#![allow(clippy::needless_range_loop)]

#[cfg(test)]
mod arithmetic;
#[cfg(target_arch = "x86_64")]
pub(crate) mod avx512;
pub mod base;
pub mod batch;
pub mod chains;
pub mod curve;
pub mod digests;
pub mod dispatch;
pub mod eip712;
pub mod glv;
#[cfg(target_arch = "x86_64")]
pub(crate) mod ifma;
pub mod inverse;
pub mod keccak;
#[cfg(target_arch = "x86_64")]
pub(crate) mod keccak8;
pub mod kernel;
pub mod modinv;
pub mod pages;
pub mod portable;
pub mod recover;
pub mod reference;
pub mod registry;
pub mod shelf;
pub mod sign;
pub mod signature;
pub mod sponge;
pub mod sum;
pub mod table;
pub mod threads;
pub mod vector;
pub mod verify;
pub mod words;

pub use batch::Malformed;

/// 20 bytes: the tail of the Keccak-256 of a public key.
pub type Address = [u8; 20];
