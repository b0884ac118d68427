//! What the curve arithmetic needs of a machine: field elements and scalars, so many lanes at a time.
//!
//! Two machines exist: [`crate::portable`], one lane of `u128` products, and [`crate::ifma`], eight lanes of
//! AVX-512 IFMA. Everything above is written once, over these traits, and so has the same structure on both.
//!
//! Numbers are five limbs of 52 bits. A field element is *tight* when its limbs are below 2^52 and its top one at most
//! 2^48 + 15: loading, products, `tight` and `times` give such, and on eight lanes `add` and `sub` too. What
//! `negated_where` gives is *loose*: limbs of at most half of [`BIAS`]. On one lane `add` and `sub` carry nothing: a
//! sum or a difference has limbs below 2^55.6 then and may be a factor, be subtracted from or be made tight, never
//! subtracted itself, lest a limb fall below zero. Factors are tight on eight lanes, whose multiplier ignores bits
//! above 52.

use crate::words::Words;

/// An affine point, x then y, four little-endian words each, both canonical: one cache line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C, align(64))]
pub struct Point(pub [u64; 8]);

/// Keccak states of up to eight lanes: `states[x + 5y][lane]`.
pub type States = [[u64; 8]; 25];

/// 8p limb by limb, with p = 2^256 − 2^32 − 977: two tight elements or a negated one can be taken from it.
/// `python3 -c "p=2**256-2**32-977; print([hex(8*(p>>52*i&2**52-1)) for i in range(5)])"`
pub const BIAS: [u64; 5] =
    [0x7ffff7ffffe178, 0x7ffffffffffff8, 0x7ffffffffffff8, 0x7ffffffffffff8, 0x7fffffffffff8];

/// p, limb by limb. `python3 -c "p=2**256-2**32-977; print([hex(p>>52*i&2**52-1) for i in range(5)])"`
pub const P: [u64; 5] = [0xffffefffffc2f, 0xfffffffffffff, 0xfffffffffffff, 0xfffffffffffff, 0xffffffffffff];

/// 2^256 − p: what a carry out of bit 256 is worth. `python3 -c "print(hex(2**32+977))"`
pub const FOLD: u64 = 0x1_0000_03d1;

/// The low 52 bits.
pub const M52: u64 = (1 << 52) - 1;
/// The low 48 bits.
pub const M48: u64 = (1 << 48) - 1;

/// The group order n, limb by limb. The numbers modulo n below are printed by
/// `python3 -c "n=2**256-432420386565659656852420866394968145599
/// for x in (n, 2*2**520%n, 2**260%n, 2*2**260%n, 2**780%n): print([hex(x>>52*i&2**52-1) for i in range(5)])"`
pub const N: [u64; 5] = [0x25e8cd0364141, 0xe6af48a03bbfd, 0xffffffebaaedc, 0xfffffffffffff, 0xffffffffffff];

/// −1/n modulo 2^52. `python3 -c "print(hex(-pow(n,-1,2**52)%2**52))"`
pub const N_NEGATED_INVERSE: u64 = 0xdff665588b13f;

/// 2·2^520 mod n: a Montgomery product with it doubles a number and brings it into Montgomery form.
pub const TWO_R2: [u64; 5] =
    [0xc30184d167646, 0x29fadc67c991d, 0xa0f8e772eb291, 0x8bcd2febc8b79, 0xce39ab038d37];

/// 2^260 mod n: one in Montgomery form.
pub const ONE_MONTGOMERY: [u64; 5] = [0xa1732fc9bebf0, 0x950b75fc4402d, 0x14551231, 0, 0];

/// 2·2^260 mod n: a Montgomery product with it doubles.
pub const TWO_MONTGOMERY: [u64; 5] = [0x42e65f937d7e0, 0x2a16ebf88805b, 0x28aa2463, 0, 0];

/// 2^780 mod n: a Montgomery product with it brings the inverse of a Montgomery form back into that form.
pub const R3: [u64; 5] = [0xbe9cdc2d4e06b, 0x48a4e46926404, 0xb2da6c80fe86a, 0xdb1b31347f1d0, 0xd800c18ef116];

/// A third root of one in the field: (x, y) → (β·x, y) multiplies by λ, the root that [`crate::glv`] names.
/// `python3 -c "p=2**256-2**32-977; b=pow(2,(p-1)//3,p); print([hex(b>>52*i&2**52-1) for i in range(5)])"`
pub const BETA: [u64; 5] =
    [0x96c28719501ee, 0x7512f58995c13, 0xc3434e99cf049, 0x7106e64479ea, 0x7ae96a2b657c];

/// Field elements, `LANES` at a time. A mask has one bit for each lane.
pub trait Field: Copy {
    const LANES: usize;
    fn splat(limbs: [u64; 5]) -> Self;
    fn load(words: &Words) -> Self;
    /// Canonical words. Takes a tight element.
    fn words(self) -> Words;
    /// The limbs of a lane, and back: tight.
    fn lane(self, lane: usize) -> [u64; 5];
    fn from_lanes(lanes: &[[u64; 5]; 8]) -> Self;
    /// Products of factors; tight.
    fn mul(self, other: Self) -> Self;
    fn sqr(self) -> Self;
    /// self·b − c, tight; c may be loose.
    fn mul_sub(self, b: Self, c: Self) -> Self;
    /// self² − b − c, tight; b and c tight.
    fn sqr_sub2(self, b: Self, c: Self) -> Self;
    /// Both may be loose; the result may be a factor.
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn tight(self) -> Self;
    /// K times self, tight; self is tight and K one of 2, 3, 4, 8.
    fn times<const K: u64>(self) -> Self;
    fn negated_where(self, mask: u8) -> Self;
    fn one_where(self, mask: u8) -> Self;
    /// The lanes that are zero modulo p.
    fn zero_lanes(self) -> u8;
    /// A point for each lane; the y is negated (loose) where its bit in `signs` is set.
    fn gather(rows: &[&Point], signs: u8) -> (Self, Self);
    fn gather_x(rows: &[&Point]) -> Self;
}

/// Asks for the line of this point ahead of its use.
#[inline(always)]
pub fn prefetch(point: &Point) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        // SAFETY: every x86-64 has it, it never faults, and it names a live point.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(std::ptr::from_ref(point).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = point;
}

/// Scalars modulo n in Montgomery form with R = 2^260; every product is below 2n.
pub trait Ring: Copy {
    fn splat(limbs: [u64; 5]) -> Self;
    fn load(words: &Words) -> Self;
    fn montgomery(self, other: Self) -> Self;
    fn lane(self, lane: usize) -> [u64; 5];
    fn from_lanes(lanes: &[[u64; 5]; 8]) -> Self;
    /// self + offset modulo n, canonical; the offset is below n.
    fn words_plus(self, offset: [u64; 5]) -> Words;
}

/// A digit of each lane.
pub type Digits = [u16; 8];

/// One machine: its field, its scalars and its way to cut scalars into digits.
pub trait Machine {
    type Fe: Field + 'static;
    type Sc: Ring;
    /// Digit `position` of width `width` of each lane: the entry of a table, bit 15 its sign.
    fn digits(words: &Words, width: u32, position: u32) -> Digits;
    /// One Keccak-f[1600] permutation in each lane.
    fn permute(states: &mut States);
}

/// The digit of a scalar t, where Σ (2e − (2^w − 1))·2^(wj) over its base-2^w digits e is the multiple meant.
#[inline(always)]
pub fn digit(words: [u64; 4], width: u32, position: u32) -> u16 {
    let half = 1u64 << (width - 1);
    let (word, shift) = ((position * width / 64) as usize, position * width % 64);
    let above = if word < 3 { words[word + 1] } else { 0 };
    let e = (words[word] >> shift | (above << 1) << (63 - shift)) & (2 * half - 1);
    // e ≥ half stands for the odd number 2(e − half) + 1, the others for its negatives, mirrored.
    let negative = e < half;
    let index = if negative { half - 1 - e } else { e - half };
    // Tables hold the positions one after the other.
    (u64::from(position) * half + index) as u16 | u16::from(negative) << 15
}
