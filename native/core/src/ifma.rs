//! The AVX-512 IFMA machine: eight lanes, five limbs of 52 bits, one vector for each limb.
//!
//! `vpmadd52luq` and `vpmadd52huq` multiply the low 52 bits of their operands and add the low or high half
//! of the product; bits above 52 are ignored, which is why factors are carried first.
//!
//! Soundness of the `unsafe` in this file: every intrinsic here needs avx512f, avx512dq, avx512vl or
//! avx512ifma and nothing else. The module is private to the crate, where only the functions of [`crate::dispatch`]
//! enter it, after the processor was asked, and one unit test, which asks [`available`] itself. Loads and stores go
//! through references to arrays of the size they touch.

use std::arch::x86_64::*;

use crate::avx512::{V, load, store};
use crate::vector::{
    BIAS, Digits, FOLD, Field, M48, M52, Machine, N, N_NEGATED_INVERSE, Point, Ring, States,
};
use crate::words::Words;

/// Eight field elements.
#[derive(Clone, Copy)]
pub struct Fe8([V; 5]);

/// Eight scalars modulo n.
#[derive(Clone, Copy)]
pub struct Sc8([V; 5]);

/// The machine of processors with AVX-512 IFMA.
pub struct Ifma;

/// Whether this processor has every instruction of this file.
pub fn available() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512ifma")
        && is_x86_feature_detected!("bmi2")
}

#[inline(always)]
fn set(x: u64) -> V {
    unsafe { _mm512_set1_epi64(x as i64) }
}
#[inline(always)]
fn add(a: V, b: V) -> V {
    unsafe { _mm512_add_epi64(a, b) }
}
#[inline(always)]
fn sub(a: V, b: V) -> V {
    unsafe { _mm512_sub_epi64(a, b) }
}
#[inline(always)]
fn and(a: V, b: V) -> V {
    unsafe { _mm512_and_si512(a, b) }
}
#[inline(always)]
fn or(a: V, b: V) -> V {
    unsafe { _mm512_or_si512(a, b) }
}
#[inline(always)]
fn shr<const S: u32>(a: V) -> V {
    unsafe { _mm512_srli_epi64::<S>(a) }
}
#[inline(always)]
fn shl<const S: u32>(a: V) -> V {
    unsafe { _mm512_slli_epi64::<S>(a) }
}
#[inline(always)]
fn lo(acc: V, a: V, b: V) -> V {
    unsafe { _mm512_madd52lo_epu64(acc, a, b) }
}
#[inline(always)]
fn hi(acc: V, a: V, b: V) -> V {
    unsafe { _mm512_madd52hi_epu64(acc, a, b) }
}
#[inline(always)]
fn blend(mask: u8, a: V, b: V) -> V {
    unsafe { _mm512_mask_blend_epi64(mask, a, b) }
}

#[inline(always)]
fn unpack(w: [V; 4]) -> [V; 5] {
    let m = set(M52);
    [
        and(w[0], m),
        and(or(shr::<52>(w[0]), shl::<12>(w[1])), m),
        and(or(shr::<40>(w[1]), shl::<24>(w[2])), m),
        and(or(shr::<28>(w[2]), shl::<36>(w[3])), m),
        shr::<16>(w[3]),
    ]
}

#[inline(always)]
fn pack(l: [V; 5]) -> [V; 4] {
    [
        or(l[0], shl::<52>(l[1])),
        or(shr::<12>(l[1]), shl::<40>(l[2])),
        or(shr::<24>(l[2]), shl::<28>(l[3])),
        or(shr::<36>(l[3]), shl::<16>(l[4])),
    ]
}

#[inline(always)]
fn words_of(w: [V; 4]) -> Words {
    let mut out = [[0; 8]; 4];
    for i in 0..4 {
        store(&mut out[i], w[i]);
    }
    out
}

/// Carries limbs below 2^63 into each other without folding.
#[inline(always)]
fn carry_plain(mut l: [V; 5]) -> [V; 5] {
    let m = set(M52);
    for i in 0..4 {
        l[i + 1] = add(l[i + 1], shr::<52>(l[i]));
        l[i] = and(l[i], m);
    }
    l
}

/// Carries, after folding what passes bit 256. What passes is below 2^16, so its product with the
/// 33-bit FOLD is below 2^52 and one low half is all of it.
#[inline(always)]
fn carry(mut l: [V; 5]) -> [V; 5] {
    let top = shr::<48>(l[4]);
    l[4] = and(l[4], set(M48));
    l[0] = lo(l[0], top, set(FOLD));
    carry_plain(l)
}

/// Folds ten columns below 2^57 into a tight element: 2^260 ≡ 16·FOLD (37 bits).
///
/// What passes 52 bits of a high column is carried by an addition, so that each folds with one low and one high
/// product. Column 9 is the high half of the product of the top limbs and a carry, below 2^47: nothing passes it.
/// Its own high product folds onto column 5 and so a second time: `over` is below 2^32, and the high half of its
/// product, below 2^17, ends the chain.
#[inline(always)]
fn reduce(mut c: [V; 10]) -> Fe8 {
    let fold = set(FOLD << 4);
    for k in 5..9 {
        c[k + 1] = add(c[k + 1], shr::<52>(c[k]));
    }
    let over = hi(set(0), c[9], fold);
    c[0] = lo(lo(c[0], c[5], fold), over, fold);
    c[1] = hi(lo(c[1], c[6], fold), over, fold);
    for k in 2..5 {
        c[k] = lo(c[k], c[k + 5], fold);
    }
    for k in 1..5 {
        c[k] = hi(c[k], c[k + 4], fold);
    }
    Fe8(carry([c[0], c[1], c[2], c[3], c[4]]))
}

#[inline(always)]
fn product(a: &[V; 5], b: &[V; 5], start: [V; 5]) -> [V; 10] {
    let zero = set(0);
    let mut c = [start[0], start[1], start[2], start[3], start[4], zero, zero, zero, zero, zero];
    for i in 0..5 {
        for j in 0..5 {
            c[i + j] = lo(c[i + j], a[i], b[j]);
            c[i + j + 1] = hi(c[i + j + 1], a[i], b[j]);
        }
    }
    c
}

#[inline(always)]
fn square(a: &[V; 5], start: [V; 5]) -> [V; 10] {
    let zero = set(0);
    let mut c = [zero; 10];
    for i in 0..5 {
        for j in i + 1..5 {
            c[i + j] = lo(c[i + j], a[i], a[j]);
            c[i + j + 1] = hi(c[i + j + 1], a[i], a[j]);
        }
    }
    for column in &mut c {
        *column = add(*column, *column);
    }
    for i in 0..5 {
        c[i] = add(c[i], start[i]);
    }
    for i in 0..5 {
        c[2 * i] = lo(c[2 * i], a[i], a[i]);
        c[2 * i + 1] = hi(c[2 * i + 1], a[i], a[i]);
    }
    c
}

#[inline(always)]
fn splat(limbs: [u64; 5]) -> [V; 5] {
    [set(limbs[0]), set(limbs[1]), set(limbs[2]), set(limbs[3]), set(limbs[4])]
}

/// bias − a, uncarried.
#[inline(always)]
fn from_bias(a: &[V; 5]) -> [V; 5] {
    let mut out = splat(BIAS);
    for i in 0..5 {
        out[i] = sub(out[i], a[i]);
    }
    out
}

/// Four words of eight rows, transposed: `HALF` 0 takes each point's x, 1 its y.
#[inline(always)]
fn transposed<const HALF: usize>(rows: &[&Point]) -> [V; 4] {
    let rows: &[&Point; 8] = rows.first_chunk().expect("eight rows");
    #[inline(always)]
    fn half<const HALF: usize>(row: &Point) -> __m256i {
        let words: &[u64; 4] =
            if HALF == 0 { row.0.first_chunk() } else { row.0.last_chunk() }.expect("8 words");
        unsafe { _mm256_loadu_si256(words.as_ptr().cast()) }
    }
    #[inline(always)]
    fn two<const HALF: usize>(a: &Point, b: &Point) -> V {
        unsafe { _mm512_inserti64x4::<1>(_mm512_castsi256_si512(half::<HALF>(a)), half::<HALF>(b)) }
    }
    let a = two::<HALF>(rows[0], rows[2]);
    let b = two::<HALF>(rows[1], rows[3]);
    let c = two::<HALF>(rows[4], rows[6]);
    let d = two::<HALF>(rows[5], rows[7]);
    unsafe {
        let (ab0, ab1) = (_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
        let (cd0, cd1) = (_mm512_unpacklo_epi64(c, d), _mm512_unpackhi_epi64(c, d));
        [
            _mm512_shuffle_i64x2::<0b10_00_10_00>(ab0, cd0),
            _mm512_shuffle_i64x2::<0b10_00_10_00>(ab1, cd1),
            _mm512_shuffle_i64x2::<0b11_01_11_01>(ab0, cd0),
            _mm512_shuffle_i64x2::<0b11_01_11_01>(ab1, cd1),
        ]
    }
}

impl Field for Fe8 {
    const LANES: usize = 8;

    #[inline(always)]
    fn splat(limbs: [u64; 5]) -> Self {
        Self(splat(limbs))
    }

    #[inline(always)]
    fn load(words: &Words) -> Self {
        Self(unpack([load(&words[0]), load(&words[1]), load(&words[2]), load(&words[3])]))
    }

    #[inline(always)]
    fn words(self) -> Words {
        words_of(pack(self.canonical()))
    }

    #[inline(always)]
    fn lane(self, lane: usize) -> [u64; 5] {
        lane_of(&self.0, lane)
    }

    #[inline(always)]
    fn from_lanes(lanes: &[[u64; 5]; 8]) -> Self {
        Self(of_lanes(lanes))
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        reduce(product(&self.0, &other.0, [set(0); 5]))
    }

    #[inline(always)]
    fn sqr(self) -> Self {
        reduce(square(&self.0, [set(0); 5]))
    }

    #[inline(always)]
    fn mul_sub(self, b: Self, c: Self) -> Self {
        reduce(product(&self.0, &b.0, from_bias(&c.0)))
    }

    #[inline(always)]
    fn sqr_sub2(self, b: Self, c: Self) -> Self {
        let mut start = from_bias(&b.0);
        for i in 0..5 {
            start[i] = sub(start[i], c.0[i]);
        }
        reduce(square(&self.0, start))
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        let mut out = self.0;
        for i in 0..5 {
            out[i] = add(out[i], other.0[i]);
        }
        Self(carry(out))
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        let mut out = from_bias(&other.0);
        for i in 0..5 {
            out[i] = add(out[i], self.0[i]);
        }
        Self(carry(out))
    }

    #[inline(always)]
    fn tight(self) -> Self {
        Self(carry(self.0))
    }

    #[inline(always)]
    fn times<const K: u64>(self) -> Self {
        let mut out = self.0;
        for limb in &mut out {
            *limb = match K {
                2 => shl::<1>(*limb),
                3 => add(*limb, shl::<1>(*limb)),
                4 => shl::<2>(*limb),
                8 => shl::<3>(*limb),
                _ => unreachable!("no formula needs it"),
            };
        }
        Self(carry(out))
    }

    #[inline(always)]
    fn negated_where(self, mask: u8) -> Self {
        let mut out = self.0;
        for i in 0..5 {
            out[i] = unsafe { _mm512_mask_sub_epi64(out[i], mask, set(BIAS[i] / 2), out[i]) };
        }
        Self(out)
    }

    #[inline(always)]
    fn one_where(self, mask: u8) -> Self {
        let mut out = self.0;
        for i in 0..5 {
            out[i] = blend(mask, out[i], set(u64::from(i == 0)));
        }
        Self(out)
    }

    #[inline(always)]
    fn zero_lanes(self) -> u8 {
        let l = self.canonical();
        let any = or(or(or(l[0], l[1]), or(l[2], l[3])), l[4]);
        unsafe { _mm512_testn_epi64_mask(any, any) }
    }

    #[inline(always)]
    fn gather(rows: &[&Point], signs: u8) -> (Self, Self) {
        let y = Self(unpack(transposed::<1>(rows))).negated_where(signs);
        (Self(unpack(transposed::<0>(rows))), y)
    }

    #[inline(always)]
    fn gather_x(rows: &[&Point]) -> Self {
        Self(unpack(transposed::<0>(rows)))
    }
}

#[inline(always)]
fn lane_of(limbs: &[V; 5], lane: usize) -> [u64; 5] {
    let mut out = [0; 5];
    for i in 0..5 {
        let mut row = [0; 8];
        store(&mut row, limbs[i]);
        out[i] = row[lane];
    }
    out
}

#[inline(always)]
fn of_lanes(lanes: &[[u64; 5]; 8]) -> [V; 5] {
    let mut limbs = [set(0); 5];
    for i in 0..5 {
        let mut row = [0; 8];
        for lane in 0..8 {
            row[lane] = lanes[lane][i];
        }
        limbs[i] = load(&row);
    }
    limbs
}

impl Fe8 {
    #[inline(always)]
    fn canonical(self) -> [V; 5] {
        let l = carry(self.0);
        // v ≥ p exactly when v + 2^256 − p passes bit 256.
        let over = carry_plain([add(l[0], set(FOLD)), l[1], l[2], l[3], l[4]]);
        let passes = unsafe { _mm512_test_epi64_mask(over[4], set(!M48)) };
        let mut out = l;
        for i in 0..4 {
            out[i] = blend(passes, l[i], over[i]);
        }
        out[4] = blend(passes, l[4], and(over[4], set(M48)));
        out
    }
}

impl Ring for Sc8 {
    #[inline(always)]
    fn splat(limbs: [u64; 5]) -> Self {
        Self(splat(limbs))
    }

    #[inline(always)]
    fn load(words: &Words) -> Self {
        Self(unpack([load(&words[0]), load(&words[1]), load(&words[2]), load(&words[3])]))
    }

    /// self·other / 2^260 mod n: each round adds the multiple of n that clears the lowest limb.
    #[inline(always)]
    fn montgomery(self, other: Self) -> Self {
        let mut c = product(&self.0, &other.0, [set(0); 5]);
        let (inverse, zero) = (set(N_NEGATED_INVERSE), set(0));
        for i in 0..5 {
            let m = lo(zero, c[i], inverse);
            for j in 0..5 {
                c[i + j] = lo(c[i + j], m, set(N[j]));
                c[i + j + 1] = hi(c[i + j + 1], m, set(N[j]));
            }
            c[i + 1] = add(c[i + 1], shr::<52>(c[i]));
        }
        Self(carry_plain([c[5], c[6], c[7], c[8], c[9]]))
    }

    #[inline(always)]
    fn lane(self, lane: usize) -> [u64; 5] {
        lane_of(&self.0, lane)
    }

    #[inline(always)]
    fn from_lanes(lanes: &[[u64; 5]; 8]) -> Self {
        Self(of_lanes(lanes))
    }

    #[inline(always)]
    fn words_plus(self, offset: [u64; 5]) -> Words {
        let mut l = self.0;
        for i in 0..5 {
            l[i] = add(l[i], set(offset[i]));
        }
        l = carry_plain(l);
        // Below 3n: n comes off at most twice. The borrow travels as the sign of each limb.
        for _ in 0..2 {
            let mut less = [set(0); 5];
            let mut borrow = set(0);
            for i in 0..5 {
                let t = sub(sub(l[i], set(N[i])), borrow);
                borrow = shr::<63>(t);
                less[i] = if i < 4 { and(t, set(M52)) } else { t };
            }
            let keep = unsafe { _mm512_test_epi64_mask(borrow, borrow) };
            for i in 0..5 {
                l[i] = blend(keep, less[i], l[i]);
            }
        }
        words_of(pack(l))
    }
}

impl Machine for Ifma {
    type Fe = Fe8;
    type Sc = Sc8;

    #[inline(always)]
    fn digits(words: &Words, width: u32, position: u32) -> Digits {
        let mut out = [0; 8];
        let half = 1u64 << (width - 1);
        let (word, shift) = ((position * width / 64) as usize, position * width % 64);
        let low = unsafe { _mm512_srl_epi64(load(&words[word]), _mm_cvtsi32_si128(shift as i32)) };
        let above = if word < 3 { load(&words[word + 1]) } else { set(0) };
        let above = unsafe { _mm512_sll_epi64(above, _mm_cvtsi32_si128(64 - shift as i32)) };
        let e = and(or(low, above), set(2 * half - 1));
        unsafe {
            let negative = _mm512_cmplt_epu64_mask(e, set(half));
            let index = _mm512_mask_sub_epi64(sub(e, set(half)), negative, set(half - 1), e);
            let entry = add(index, set(u64::from(position) * half));
            let signed = _mm512_mask_or_epi64(entry, negative, entry, set(1 << 15));
            _mm_storeu_si128(out.as_mut_ptr().cast(), _mm512_cvtepi64_epi16(signed));
        }
        out
    }

    #[inline(always)]
    fn permute(states: &mut States) {
        crate::keccak8::permute(states);
    }
}
