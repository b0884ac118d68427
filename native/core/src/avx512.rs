//! Vectors of eight words, and their way from and to memory.
//!
//! Soundness of the `unsafe` in this file: both intrinsics need avx512f, which the callers see to, and go through
//! references to arrays of the size they touch.

use std::arch::x86_64::*;

/// Eight words.
pub type V = __m512i;

#[inline(always)]
pub fn load(from: &[u64; 8]) -> V {
    unsafe { _mm512_loadu_si512(from.as_ptr().cast()) }
}

#[inline(always)]
pub fn store(to: &mut [u64; 8], v: V) {
    unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), v) }
}
