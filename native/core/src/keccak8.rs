//! Eight Keccak-f[1600] permutations side by side, one in each lane of AVX-512.
//!
//! One instruction does each rotation of θ and ρ, one each exclusive or of three, and one all of χ.
//!
//! Soundness of the `unsafe` in this file: every intrinsic here needs avx512f and nothing else, and the one
//! function is reached only through [`crate::ifma::Ifma`], see there. Loads and stores go through references
//! to arrays of the size they touch.

use std::arch::x86_64::*;

use crate::avx512::{V, load, store};
use crate::keccak::{ROTATION, ROUND};
use crate::vector::States;

/// Truth tables of `_mm512_ternarylogic_epi64`: a ⊕ b ⊕ c, and χ's a ⊕ (¬b ∧ c).
const XOR3: i32 = 0x96;
const CHI: i32 = 0xd2;

#[inline(always)]
fn logic<const TABLE: i32>(a: V, b: V, c: V) -> V {
    unsafe { _mm512_ternarylogic_epi64::<TABLE>(a, b, c) }
}

#[inline(always)]
fn rotate<const BITS: i32>(a: V) -> V {
    unsafe { _mm512_rol_epi64::<BITS>(a) }
}

/// ρ and π of the lanes `x + 5y` named, after θ's column parities were added.
macro_rules! rho_pi {
    ($a:ident, $left:ident, $right:ident, $b:ident: $($lane:literal)*) => {$(
        const { assert!($lane < 25) };
        $b[$lane / 5 + 5 * ((2 * ($lane % 5) + 3 * ($lane / 5)) % 5)] = rotate::<{ ROTATION[$lane] as i32 }>(
            logic::<XOR3>($a[$lane], $left[$lane % 5], $right[$lane % 5]),
        );
    )*};
}

/// Permutes the state in each lane.
#[inline(always)]
pub fn permute(states: &mut States) {
    let zero = unsafe { _mm512_setzero_si512() };
    let mut a = [zero; 25];
    for i in 0..25 {
        a[i] = load(&states[i]);
    }
    for constant in ROUND {
        let (mut left, mut right) = ([zero; 5], [zero; 5]);
        for x in 0..5 {
            let column = logic::<XOR3>(logic::<XOR3>(a[x], a[x + 5], a[x + 10]), a[x + 15], a[x + 20]);
            left[(x + 1) % 5] = column;
            right[(x + 4) % 5] = rotate::<1>(column);
        }
        let mut b = [zero; 25];
        rho_pi!(a, left, right, b: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24);
        for y in 0..5 {
            for x in 0..5 {
                a[x + 5 * y] = logic::<CHI>(b[x + 5 * y], b[(x + 1) % 5 + 5 * y], b[(x + 2) % 5 + 5 * y]);
            }
        }
        a[0] = unsafe { _mm512_xor_si512(a[0], _mm512_set1_epi64(constant as i64)) };
    }
    for i in 0..25 {
        store(&mut states[i], a[i]);
    }
}
