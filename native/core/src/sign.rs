//! Signing and key derivation by libsecp256k1: reviewed and constant time, many keys over many threads.
//!
//! Nonces follow RFC 6979 (HMAC-SHA-256, no extra entropy), s is low, v is 27 or 28. Secrets are read
//! in place from the caller's column; no copy of one is made here.

use std::slice;
use std::sync::LazyLock;

use secp256k1::ffi;
use secp256k1::ffi::recovery as ffi_recovery;
use secp256k1::{All, Secp256k1};
use sha2::block_api::compress256;
use zeroize::Zeroize;

use crate::batch::{Malformed, rows, rows_exactly};
use crate::dispatch;
use crate::sponge;
use crate::threads;

/// The least number of signatures that is worth a thread of its own.
const LEAST: usize = 16;

type Compression = unsafe extern "C" fn(*mut u32, *const u8, usize);

unsafe extern "C" {
    /// In the library since 0.8; the crate has no name for it yet, and is pinned for the number in this one.
    #[link_name = "rustsecp256k1_v0_14_context_set_sha256_compression"]
    fn set_sha256_compression(context: *mut ffi::Context, compression: Compression);
}

/// SHA-256 with the processor's instructions for it where it has them: without, a nonce is a fifth of the cost of
/// a signature. The pointers are the library's: eight words of state, and so many blocks of 64 bytes.
unsafe extern "C" fn compress(state: *mut u32, blocks: *const u8, count: usize) {
    // SAFETY: as the caller promises; the two do not overlap.
    let (state, blocks) =
        unsafe { (&mut *state.cast::<[u32; 8]>(), slice::from_raw_parts(blocks.cast::<[u8; 64]>(), count)) };
    compress256(state, blocks);
}

/// A context with that compression, which the library tests against digests that it knows.
static PREPARED: LazyLock<Secp256k1<All>> = LazyLock::new(|| {
    let context = Secp256k1::new();
    // SAFETY: nobody else knows the context yet, and the function does what the library asks of it.
    unsafe { set_sha256_compression(context.ctx().as_ptr(), compress) };
    context
});

/// A context whose blinding was drawn afresh, against timing and power analysis.
fn blinded() -> Secp256k1<All> {
    let mut context = PREPARED.clone();
    let mut seed = [0u8; 32];
    getrandom::fill(&mut seed).expect("the system has no randomness");
    context.seeded_randomize(&seed);
    seed.zeroize();
    context
}

/// The signatures, N × 65, of digests N × 32 by secret keys N × 32.
pub fn sign(keys: &[u8], digests: &[u8]) -> Result<Vec<u8>, Malformed> {
    let keys = rows::<32>("keys", keys)?;
    let digests = rows_exactly::<32>("digests", digests, keys.len())?;
    let signed = threads::map(keys.len(), LEAST, |range| {
        let context = blinded();
        range.map(|row| sign_one(&context, &keys[row], &digests[row])).collect()
    });
    all_keys_good(signed).map(Vec::into_flattened)
}

/// The public keys, N × 64 (x ‖ y), of secret keys N × 32.
pub fn public_keys(keys: &[u8]) -> Result<Vec<u8>, Malformed> {
    let keys = rows::<32>("keys", keys)?;
    let made = threads::map(keys.len(), LEAST, |range| {
        let context = blinded();
        range.map(|row| public_key(&context, &keys[row])).collect()
    });
    all_keys_good(made).map(Vec::into_flattened)
}

/// The addresses, N × 20, of secret keys N × 32.
pub fn addresses(keys: &[u8]) -> Result<Vec<u8>, Malformed> {
    let public = public_keys(keys)?;
    let points: Vec<_> = public.as_chunks::<64>().0.iter().map(sponge::point_of).collect();
    Ok(dispatch::addresses(dispatch::path(), &points).into_flattened())
}

fn all_keys_good<T>(rows: Vec<Option<T>>) -> Result<Vec<T>, Malformed> {
    rows.into_iter().enumerate().map(|(row, made)| made.ok_or(Malformed::Key { row })).collect()
}

fn sign_one(context: &Secp256k1<All>, key: &[u8; 32], digest: &[u8; 32]) -> Option<[u8; 65]> {
    let mut signature = ffi_recovery::RecoverableSignature::new();
    // The crate's safe call re-blinds the context after every signature, which doubles its cost; here a
    // context is blinded once per thread and batch.
    // SAFETY: the context lives through the call and was made for signing; `signature` is the size the
    // library writes; key and digest are 32 readable bytes; the nonce function is the library's own and
    // takes a null argument.
    let made = unsafe {
        ffi_recovery::secp256k1_ecdsa_sign_recoverable(
            context.ctx().as_ptr(),
            &mut signature,
            digest.as_ptr(),
            key.as_ptr(),
            ffi::secp256k1_nonce_function_rfc6979,
            std::ptr::null(),
        )
    };
    (made == 1).then(|| serialize(context, &signature))
}

fn serialize(context: &Secp256k1<All>, signature: &ffi_recovery::RecoverableSignature) -> [u8; 65] {
    let mut out = [0u8; 65];
    let mut id = 0;
    // SAFETY: the library writes 64 bytes to `out`, which has 65, and one integer to `id`.
    let written = unsafe {
        ffi_recovery::secp256k1_ecdsa_recoverable_signature_serialize_compact(
            context.ctx().as_ptr(),
            out.as_mut_ptr(),
            &mut id,
            signature,
        )
    };
    // An id of 2 or 3 needs R.x ≥ n: no one can find such a nonce (2^-127).
    assert!(written == 1 && (id == 0 || id == 1), "libsecp256k1 made a signature outside the accept set");
    out[64] = if id == 1 { 28 } else { 27 };
    out
}

fn public_key(context: &Secp256k1<All>, key: &[u8; 32]) -> Option<[u8; 64]> {
    // SAFETY: `new` only fills the opaque struct with zeros, which the next call overwrites.
    let mut public = unsafe { ffi::PublicKey::new() };
    // SAFETY: as in `sign_one`.
    let made = unsafe { ffi::secp256k1_ec_pubkey_create(context.ctx().as_ptr(), &mut public, key.as_ptr()) };
    if made != 1 {
        return None;
    }
    let safe = secp256k1::PublicKey::from(public);
    let uncompressed = safe.serialize_uncompressed();
    uncompressed.last_chunk::<64>().copied()
}
